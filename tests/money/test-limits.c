/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is refused before anything is paid, and in which words: stores that
 * cannot keep what is bought, and limits of money; and what the ledger says of
 * a purchase. */

#include "money-kit.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* A store that cannot be trusted costs nothing but an error. */
static void
assert_refused (Scene *scene, const char *prefix, const char *word)
{
  char *output = run_once (scene);

  if (strstr (output, word) == NULL)
    g_error ("no \"%s\" in \"%s\"", word, output);
  assert_output (scene, output, prefix);
  g_assert_cmpuint (count_scope (scene, GENVID_SANDBOX_SUBMIT), ==, 0);
  g_assert_cmpuint (count_scope (scene, GENVID_SANDBOX_UPLOAD), ==, 0);
}

static void
test_unwritable (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  set_variable (&scene, "CRASH_STORE", "/proc/genvid");
  assert_refused (&scene, "failed open ", "/proc/genvid");
  close_scene (&scene);
}

/* Root may give it away; nobody else can, but has what is root's. */
static void
test_foreign (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  if (geteuid () == 0)
    g_assert_cmpint (chown (scene.store, 65534, 65534), ==, 0);
  else
    set_variable (&scene, "CRASH_STORE", "/");
  assert_refused (&scene, "failed open settings ", "another user");
  close_scene (&scene);
}

static void
test_open_to_others (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  g_assert_cmpint (g_chmod (scene.store, 0777), ==, 0);
  assert_refused (&scene, "failed open settings ", "other users");
  close_scene (&scene);
}

static void
test_future (gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  Scene scene;

  open_scene (&scene, data);
  path = g_build_filename (scene.store, "version", NULL);
  g_assert_true (g_file_set_contents_full (
      path, "7\n", -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  assert_refused (&scene, "failed open settings ", "newer");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "7\n");
  close_scene (&scene);
}

/* No room for a clip; and none for a record, however small. */
static void
test_full (gconstpointer data)
{
  static const char *const limits[] = { "1000000", "2000", "0" };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
    Scene scene;

    open_scene (&scene, data);
    set_variable (&scene, "CRASH_FILE_BYTES", limits[i]);
    assert_refused (&scene, "failed ", "Make room");
    set_variable (&scene, "CRASH_FILE_BYTES", NULL);
    assert_output (&scene, run_once (&scene), "whole ");
    g_assert_cmpuint (count_accepted (&scene), ==, 1);
    close_scene (&scene);
  }
}

/* The disk is full when the clip comes: it waits at the service. */
static void
test_full_later (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  add_fault (&scene, "poll-401@3");
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  set_variable (&scene, "CRASH_FILE_BYTES", "8000");
  assert_output (&scene, run_once (&scene), "failed no-space ");
  set_variable (&scene, "CRASH_FILE_BYTES", NULL);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* What settles a doubt could buy, so it is under the limits of today. */
static void
test_replay_beyond_cap (gconstpointer data)
{
  g_autoptr (GSubprocess) child = NULL;
  Scene scene;
  Death end;

  open_scene (&scene, data);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  child = launch (&scene, NULL, NULL);
  g_assert_true (genvid_sandbox_wait_held (
      scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT, 1, 60000));
  g_subprocess_force_exit (child);
  end = wait_for (child);
  g_free (end.output);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  set_variable (&scene, "CRASH_MAX_COST", "0.01");
  assert_output (&scene, run_once (&scene), "failed over-budget ");
  set_variable (&scene, "CRASH_MAX_COST", NULL);
  set_variable (&scene, "CRASH_BUDGET", "0.01");
  assert_output (&scene, run_once (&scene), "failed over-budget ");
  set_variable (&scene, "CRASH_BUDGET", NULL);
  set_variable (&scene, "CRASH_ONLY", "yes");
  assert_output (&scene, run_once (&scene), "failed not-stored ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_SUBMIT), ==, 1);
  set_variable (&scene, "CRASH_ONLY", NULL);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* CN8 costs six dollars. What runs and what is in doubt counts, and what
 * failed for nothing does not. */
static void
test_budget (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  set_variable (&scene, "CRASH_BUDGET", "13");
  add_fault (&scene, "poll-failed@1");
  assert_output (&scene, run_once (&scene), "failed failed ");
  genvid_sandbox_clear_faults (scene.sandbox);
  set_variable (&scene, "CRASH_PROMPT", "one that runs");
  add_fault (&scene, "poll-401@3");
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  set_variable (&scene, "CRASH_PROMPT", "one in doubt");
  add_fault (&scene, "submit-lost-after@1");
  assert_output (&scene, run_once (&scene), "failed in-doubt ");
  set_variable (&scene, "CRASH_PROMPT", "one too much");
  assert_output (&scene, run_once (&scene), "failed over-budget ");
  g_assert_cmpuint (count_accepted (&scene), ==, 3);
  /* What is bought already is nobody's limit. */
  set_variable (&scene, "CRASH_PROMPT", "one that runs");
  assert_output (&scene, run_once (&scene), "whole ");
  set_variable (&scene, "CRASH_PROMPT", "one too much");
  assert_output (&scene, run_once (&scene), "failed over-budget ");
  scene.clock += 24 * 60 * 60;
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 4);
  close_scene (&scene);
}

/* --- The ledger. --- */

static char *
read_events (Scene *scene)
{
  g_autofree char *path = g_build_filename (scene->store, "ledger.jsonl", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GString *events = g_string_new (NULL);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
    const char *event = strstr (lines[i], "\"event\":\"");
    const char *n = strstr (lines[i], "\"n\":");

    g_assert_nonnull (event);
    g_assert_nonnull (n);
    event += strlen ("\"event\":\"");
    g_string_append_printf (events, "%.*s%d ", (int)strcspn (event, "\""),
                            event, atoi (n + strlen ("\"n\":")));
  }
  return g_string_free (events, FALSE);
}

typedef struct {
  const char *fault; /* nullable */
  const char *variable;
  const char *events;
} Story;

static void
test_ledger (gconstpointer data)
{
  static const Story stories[] = {
    { NULL, NULL, "reserve1 submit1 accept1 finish1 " },
    { "submit-400@1", NULL, "reserve1 submit1 fail1 " },
    { "poll-failed@1", NULL, "reserve1 submit1 accept1 fail1 " },
    { "submit-lost-after@1", NULL, "reserve1 submit1 doubt1 " },
    { "submit-lost-after@1", "CRASH_RESUBMIT",
      "reserve1 submit1 doubt1 reserve2 resubmit2 submit2 accept2 finish2 " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (stories); i++) {
    g_autofree char *events = NULL;
    Scene scene;

    open_scene (&scene, data);
    if (stories[i].fault != NULL)
      add_fault (&scene, stories[i].fault);
    if (stories[i].variable != NULL)
      set_variable (&scene, stories[i].variable, "yes");
    g_free (run_once (&scene));
    events = read_events (&scene);
    g_assert_cmpstr (events, ==, stories[i].events);
    close_scene (&scene);
  }
}

/* Paid for in a later start: the doubt was told before. */
static void
test_ledger_of_later_resubmit (gconstpointer data)
{
  g_autofree char *events = NULL;
  Scene scene;

  open_scene (&scene, data);
  add_fault (&scene, "submit-lost-after@1");
  assert_output (&scene, run_once (&scene), "failed in-doubt ");
  set_variable (&scene, "CRASH_RESUBMIT", "yes");
  assert_output (&scene, run_once (&scene), "whole ");
  events = read_events (&scene);
  g_assert_cmpstr (events, ==,
                   "reserve1 submit1 doubt1 reserve2 resubmit2 submit2 "
                   "accept2 finish2 ");
  close_scene (&scene);
}

int
main (int argc, char *argv[])
{
  const Service *genpro = &services[0];
  const Service *cn8 = &services[2];

  g_test_init (&argc, &argv, NULL);
  add_test (genpro, "limits/unwritable", test_unwritable);
  add_test (genpro, "limits/foreign", test_foreign);
  add_test (genpro, "limits/open-to-others", test_open_to_others);
  add_test (genpro, "limits/future", test_future);
  add_test (genpro, "limits/replay-beyond-cap", test_replay_beyond_cap);
  add_test (cn8, "limits/full", test_full);
  add_test (cn8, "limits/full-later", test_full_later);
  add_test (cn8, "limits/budget", test_budget);
  add_test (cn8, "limits/ledger", test_ledger);
  add_test (cn8, "limits/ledger-of-later-resubmit",
            test_ledger_of_later_resubmit);
  return g_test_run ();
}
