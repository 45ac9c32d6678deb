/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Leaving while money is in transfer, and the wish to cancel: what a service
 * makes of it, that it outlives the process that could not send it until
 * somebody asks for the clip again, that it is not sent while others use the
 * clip, and that no exit waits for long. */

#include "money-kit.h"

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

/* The user is gone as soon as the generation is in STATE; the rest of the
 * process goes with him. */
static void
run_until (Scene *scene, const char *state)
{
  char *output;

  set_variable (scene, "CRASH_CLOSE_AT", state);
  output = run_once (scene);
  set_variable (scene, "CRASH_CLOSE_AT", NULL);
  g_assert_null (strstr (output, "too late"));
  assert_output (scene, output, "closed ");
}

static guint
count_cancels (Scene *scene)
{
  return count_scope (scene, GENVID_SANDBOX_CANCEL);
}

static gboolean
has_wish (Scene *scene)
{
  g_autofree char *text = read_entry (scene, "job.json");

  return text != NULL && strstr (text, "\"cancel\":true") != NULL;
}

/* --- Leaving. --- */

typedef struct {
  const char *state;
  GenvidSandboxGate gate;
} Moment;

static void
test_leave (gconstpointer data)
{
  static const Moment moments[] = {
    { "submitting", GENVID_SANDBOX_GATE_SUBMIT },
    { "queued", GENVID_SANDBOX_GATE_POLL },
    { "downloading", GENVID_SANDBOX_GATE_DOWNLOAD },
  };

  for (guint i = 0; i < G_N_ELEMENTS (moments); i++) {
    g_autofree char *id = NULL;
    Scene scene;
    char *output;

    open_scene (&scene, data);
    if (moments[i].gate == GENVID_SANDBOX_GATE_DOWNLOAD)
      genvid_sandbox_hold_download (scene.sandbox, 5000);
    else
      genvid_sandbox_hold (scene.sandbox, moments[i].gate);
    run_until (&scene, moments[i].state);
    genvid_sandbox_release (scene.sandbox, moments[i].gate);
    output = run_once (&scene);
    if (i == 0 && scene.service->recovery == NOTHING) {
      assert_output (&scene, output, "failed in-doubt ");
      id = find_accepted_id (&scene);
      set_variable (&scene, "CRASH_ADOPT", id);
      output = run_once (&scene);
    }
    assert_output (&scene, output, "whole ");
    g_assert_cmpuint (count_accepted (&scene), ==, 1);
    close_scene (&scene);
  }
}

/* --- The service's answer to a cancel. --- */

typedef struct {
  const char *fault;
  const char *next; /* run */
  guint refunds;
} Answer;

static void
test_answers (gconstpointer data)
{
  static const Answer answers[] = {
    { NULL, "failed failed ", 1 },
    { "cancel-422", "whole ", 0 },
    { "cancel-404", "whole ", 0 },
    { "cancel-500", "failed failed ", 1 },
    { "cancel-ignored", "whole ", 0 },
    { "cancel-lost", "failed failed ", 1 },
    { "cancel-hang", "failed failed ", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    const Answer *answer = &answers[i];
    Scene scene;

    open_scene (&scene, data);
    genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
    if (answer->fault != NULL)
      add_fault (&scene, answer->fault);
    set_variable (&scene, "CRASH_CANCEL", "yes");
    run_until (&scene, "queued");
    set_variable (&scene, "CRASH_CANCEL", NULL);
    genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
    assert_output (&scene, run_once (&scene), answer->next);
    g_assert_cmpuint (count_cancels (&scene), >=, 1);
    g_assert_cmpuint (genvid_sandbox_count (scene.sandbox,
                                            scene.service->service,
                                            GENVID_SANDBOX_REFUNDED),
                      ==, answer->refunds);
    g_assert_cmpuint (count_accepted (&scene), ==, 1);
    /* A refund frees it, and a minute later it is made anew. */
    scene.clock += 61;
    assert_output (&scene, run_once (&scene), "whole ");
    g_assert_cmpuint (count_accepted (&scene), ==, 1 + answer->refunds);
    close_scene (&scene);
  }
}

/* Where there is no such call the generation is kept. */
static void
test_no_cancel (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  set_variable (&scene, "CRASH_CANCEL", "yes");
  run_until (&scene, "queued");
  set_variable (&scene, "CRASH_CANCEL", NULL);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_cancels (&scene), ==, 0);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* --- A wish that could not leave. --- */

/* A poll is on the wire when the process ends. */
static void
leave_wish (Scene *scene)
{
  genvid_sandbox_hold (scene->sandbox, GENVID_SANDBOX_GATE_POLL);
  genvid_sandbox_hold (scene->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  set_variable (scene, "CRASH_CANCEL", "yes");
  set_variable (scene, "CRASH_CLOSE_AT_POLL", "1");
  run_until (scene, NULL);
  set_variable (scene, "CRASH_CLOSE_AT_POLL", NULL);
  set_variable (scene, "CRASH_CANCEL", NULL);
  genvid_sandbox_release (scene->sandbox, GENVID_SANDBOX_GATE_POLL);
  g_assert_true (has_wish (scene));
  g_assert_cmpuint (count_cancels (scene), ==, 0);
}

/* Whoever asks again wants the clip, which is paid for. */
static void
test_wish (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  leave_wish (&scene);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_cancels (&scene), ==, 0);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  g_assert_false (has_wish (&scene));
  close_scene (&scene);
}

/* It is not another key's to send. */
static void
test_wish_of_other_key (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  leave_wish (&scene);
  set_variable (&scene, "CRASH_KEY", "sk-crash-other-key");
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  g_assert_cmpuint (count_cancels (&scene), ==, 0);
  g_assert_true (has_wish (&scene));
  close_scene (&scene);
}

/* Another process waits for the same clip, and stands still: it uses it. */
static void
test_used_elsewhere (gconstpointer data)
{
  g_autoptr (GSubprocess) first = NULL;
  g_autoptr (GSubprocess) second = NULL;
  Scene scene;
  Death end;

  open_scene (&scene, data);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_POLL);
  set_variable (&scene, "CRASH_CANCEL", "yes");
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  first = launch (&scene, "CRASH_CLOSE_AT_POLL", "2");
  g_assert_true (genvid_sandbox_wait_held (scene.sandbox,
                                           GENVID_SANDBOX_GATE_POLL, 1, 60000));
  second = launch (&scene, "GENVID_FREEZE_AT", "between polls");
  wait_until_stopped (second);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_POLL);
  end = wait_for (first);
  assert_output (&scene, end.output, "closed ");
  g_assert_cmpuint (count_cancels (&scene), ==, 0);
  g_assert_false (has_wish (&scene));
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  g_subprocess_send_signal (second, SIGCONT);
  end = wait_for (second);
  assert_whole (&scene, end.output, "by its own user");
  g_free (end.output);
  g_assert_cmpuint (count_cancels (&scene), ==, 0);
  close_scene (&scene);
}

int
main (int argc, char *argv[])
{
  const Service *genpro = &services[0];

  g_test_init (&argc, &argv, NULL);
  add_test (genpro, "cancel/leave", test_leave);
  add_test (&services[2], "cancel/leave", test_leave);
  add_test (genpro, "cancel/answers", test_answers);
  add_test (&services[1], "cancel/none", test_no_cancel);
  add_test (&services[2], "cancel/none", test_no_cancel);
  add_test (genpro, "cancel/wish", test_wish);
  add_test (genpro, "cancel/wish-of-other-key", test_wish_of_other_key);
  add_test (genpro, "cancel/used-elsewhere", test_used_elsewhere);
  return g_test_run ();
}
