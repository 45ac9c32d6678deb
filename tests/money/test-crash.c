/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The crash matrix: for each service, a child is killed at point 1, then at
 * point 2, and so on until one lives to the end. After each death a second
 * child starts with the same request. The service's own payment ledger must
 * show one charge at most, and the clip must be the service's file byte for
 * byte, except where a service has no way to tell: then it is in doubt, one
 * charge at most, and adopting the id delivers the clip. */

#include "money-kit.h"

#include <string.h>

#define MAX_POINTS 120

/* In doubt: asked again it says the same and buys nothing. The id, which the
 * user finds in the account, closes it; where there is none, only the user
 * can know, and says so. */
static void
assert_doubt (Scene *scene, const char *where)
{
  Death again = run (scene, NULL, NULL);
  g_autofree char *id = find_accepted_id (scene);

  g_assert_true (g_str_has_prefix (again.output, "failed in-doubt "));
  g_assert_cmpuint (count_accepted (scene), <=, 1);
  g_free (again.output);
  if (id != NULL)
    again = run (scene, "CRASH_ADOPT", id);
  else
    again = run (scene, "CRASH_RESUBMIT", "yes");
  assert_whole (scene, again.output, where);
  g_free (again.output);
  /* And from then on it is a clip like any other. */
  again = run (scene, NULL, NULL);
  assert_whole (scene, again.output, where);
  g_free (again.output);
}

/* From the intent until the id is on disk. A service that shows what it took
 * cannot show what never reached it, and that is no proof. */
static gboolean
may_be_in_doubt (Scene *scene, const char *where)
{
  if (scene->service->recovery == REPLAY)
    return FALSE;
  if (scene->service->recovery == LOOKUP && count_accepted (scene) > 0)
    return FALSE;
  return strstr (where, "intent") != NULL
         || strstr (where, "submitting") != NULL
         || strstr (where, "sending") != NULL || strstr (where, "reply") != NULL
         || strstr (where, "queued") != NULL;
}

static void
restart (Scene *scene, const char *where)
{
  Death second = run (scene, NULL, NULL);

  g_assert_false (second.killed);
  if (may_be_in_doubt (scene, where)
      && g_str_has_prefix (second.output, "failed in-doubt "))
    assert_doubt (scene, where);
  else
    assert_whole (scene, second.output, where);
  g_free (second.output);
  g_assert_cmpuint (genvid_sandbox_leaks (scene->sandbox), ==, 0);
}

/* FALSE: the child lived, so there are no more points. */
static gboolean
crash_at (const Service *service, int number)
{
  g_autofree char *at = g_strdup_printf ("%d", number);
  Scene scene;
  Death first;

  open_scene (&scene, service);
  first = run (&scene, "GENVID_CRASH_AT", at);
  if (first.killed) {
    g_test_message ("%s %d:%s", service->name, number, first.point);
    restart (&scene, first.point);
  } else {
    assert_whole (&scene, first.output, "not at all");
  }
  g_free (first.output);
  close_scene (&scene);
  return first.killed;
}

static void
test_points (gconstpointer data)
{
  const Service *service = data;
  int number = 1;

  while (crash_at (service, number))
    g_assert_cmpint (++number, <, MAX_POINTS);
  /* Intent, two saves, submit, polls, the park for a transfer, the map and the
   * rename are in it. */
  g_assert_cmpint (number, >, 15);
}

/* The sandbox has read the request and acted upon it; the reply is held. */
static void
test_killed_before_reply (gconstpointer data)
{
  const Service *service = data;
  Scene scene;
  g_autoptr (GSubprocess) child = NULL;
  Death first;

  open_scene (&scene, service);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  child = launch (&scene, NULL, NULL);
  g_assert_true (genvid_sandbox_wait_held (
      scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT, 1, 60000));
  g_subprocess_force_exit (child);
  first = wait_for (child);
  g_assert_true (first.killed);
  g_free (first.output);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  restart (&scene, "before the reply");
  close_scene (&scene);
}

static void
test_killed_mid_download (gconstpointer data)
{
  const Service *service = data;
  Scene scene;
  g_autoptr (GSubprocess) child = NULL;
  Death first;

  open_scene (&scene, service);
  genvid_sandbox_hold_download (scene.sandbox, 5000);
  child = launch (&scene, NULL, NULL);
  g_assert_true (genvid_sandbox_wait_held (
      scene.sandbox, GENVID_SANDBOX_GATE_DOWNLOAD, 1, 60000));
  g_subprocess_force_exit (child);
  first = wait_for (child);
  g_assert_true (first.killed);
  g_free (first.output);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_DOWNLOAD);
  restart (&scene, "in the download");
  close_scene (&scene);
}

/* The reply is cut in its middle, and then the process dies. */
static void
test_cut_reply (gconstpointer data)
{
  const Service *service = data;
  Scene scene;
  Death first;

  open_scene (&scene, service);
  g_assert_true (
      genvid_sandbox_add_fault (scene.sandbox, "submit-lost-body", NULL));
  first = run (&scene, NULL, NULL);
  if (service->recovery != NOTHING) {
    assert_whole (&scene, first.output, "not at all");
  } else {
    g_assert_true (g_str_has_prefix (first.output, "failed in-doubt "));
    assert_doubt (&scene, "reply cut");
  }
  g_free (first.output);
  close_scene (&scene);
}

/* The user pays for a doubt, and the process is killed on the way: without a
 * second intent it is the doubt again, and another key's business it never
 * is. FALSE: it lived. */
static gboolean
crash_resubmit_at (const Service *service, int number)
{
  g_autofree char *at = g_strdup_printf ("%d", number);
  Scene scene;
  Death death;
  char *output;

  open_scene (&scene, service);
  add_fault (&scene, "submit-lost-after@1");
  assert_output (&scene, run_once (&scene), "failed in-doubt ");
  set_variable (&scene, "CRASH_RESUBMIT", "yes");
  death = run (&scene, "GENVID_CRASH_AT", at);
  set_variable (&scene, "CRASH_RESUBMIT", NULL);
  if (death.killed) {
    output = run_once (&scene);
    if (!g_str_has_prefix (output, "whole "))
      g_assert_true (g_str_has_prefix (output, "failed in-doubt "));
    g_free (output);
  } else {
    assert_output (&scene, g_strdup (death.output), "whole ");
  }
  if (death.killed && count_accepted (&scene) == 1) {
    set_variable (&scene, "CRASH_KEY", "sk-crash-other-key");
    assert_output (&scene, run_once (&scene), "failed unauthorized ");
  }
  g_assert_cmpuint (count_accepted (&scene), <=, 2);
  g_free (death.output);
  close_scene (&scene);
  return death.killed;
}

static void
test_resubmit_points (gconstpointer data)
{
  int number = 1;

  while (crash_resubmit_at (data, number))
    g_assert_cmpint (++number, <, MAX_POINTS);
  g_assert_cmpint (number, >, 12);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (services); i++) {
    add_test (&services[i], "crash/points", test_points);
    if (services[i].recovery == NOTHING)
      add_test (&services[i], "crash/resubmit-points", test_resubmit_points);
    add_test (&services[i], "crash/before-reply", test_killed_before_reply);
    add_test (&services[i], "crash/mid-download", test_killed_mid_download);
    add_test (&services[i], "crash/cut-reply", test_cut_reply);
  }
  return g_test_run ();
}
