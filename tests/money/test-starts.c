/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the next start makes of what it finds: players that start in loops,
 * another key, damaged and missing files, clocks that were set. */

#include "money-kit.h"

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

#define OTHER_KEY "sk-crash-other-key"

/* --- Loops. --- */

/* Started every second for 130 seconds: one purchase, and one a minute, by the
 * children's clock, which goes on while they run. FREE: more than that. */
static void
loop (const Service *service, const char *fault, const char *variable,
      guint free)
{
  gint64 start = g_get_monotonic_time ();
  gint64 seconds;
  Scene scene;

  open_scene (&scene, service);
  add_fault (&scene, fault);
  set_variable (&scene, variable, "yes");
  for (guint second = 0; second < 130; second++) {
    char *output = run_once (&scene);

    assert_output (&scene, output, "failed ");
    scene.clock++;
  }
  seconds = scene.clock + (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  if (count_accepted (&scene) > 1 + free + (seconds + 1) / 60)
    g_error ("%s, %s: %u purchases in %" G_GINT64_FORMAT " s", service->name,
             fault, count_accepted (&scene), seconds);
  close_scene (&scene);
}

static void
test_loop_failed (gconstpointer data)
{
  loop (data, "poll-failed@0", "CRASH_NOTHING", 0);
}

/* The first doubt is paid for at once. */
static void
test_loop_resubmit (gconstpointer data)
{
  loop (data, "submit-lost-after@0", "CRASH_RESUBMIT", 1);
}

/* --- Killed with a submit on the wire. --- */

static void
kill_in_submit (Scene *scene)
{
  g_autoptr (GSubprocess) child = NULL;
  Death end;

  genvid_sandbox_hold (scene->sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  child = launch (scene, NULL, NULL);
  g_assert_true (genvid_sandbox_wait_held (
      scene->sandbox, GENVID_SANDBOX_GATE_SUBMIT, 1, 60000));
  g_subprocess_force_exit (child);
  end = wait_for (child);
  g_assert_true (end.killed);
  g_free (end.output);
  genvid_sandbox_release (scene->sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  g_assert_cmpuint (count_accepted (scene), ==, 1);
}

/* Whatever a replay is refused with: the purchase was made, and the next
 * start that gets through finds it. */
static void
test_refused_replay (gconstpointer data)
{
  static const char *const faults[]
      = { "submit-400@1", "submit-quota@1", "submit-401@1", "submit-409@9" };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    Scene scene;

    open_scene (&scene, data);
    kill_in_submit (&scene);
    add_fault (&scene, faults[i]);
    assert_output (&scene, run_once (&scene), "failed in-doubt ");
    genvid_sandbox_clear_faults (scene.sandbox);
    assert_output (&scene, run_once (&scene), "whole ");
    g_assert_cmpuint (count_accepted (&scene), ==, 1);
    close_scene (&scene);
  }
}

/* Credit that is gone has gone for this: the same in one process. */
static void
test_quota_after_loss (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  add_fault (&scene, "submit-lost-after@1");
  add_fault (&scene, "submit-quota@1+1");
  assert_output (&scene, run_once (&scene), "failed in-doubt ");
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

static void
run_at (Scene *scene, const char *variable, const char *value,
        const char *prefix, guint submits)
{
  set_variable (scene, variable, value);
  assert_output (scene, run_once (scene), prefix);
  g_assert_cmpuint (count_scope (scene, GENVID_SANDBOX_SUBMIT), ==, submits);
  set_variable (scene, variable, NULL);
}

/* A replay needs a clock that it can trust: not before the intent, not after
 * 20 hours of either clock. */
static void
test_replay_clock (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  kill_in_submit (&scene);
  run_at (&scene, "CRASH_WALL", "-3600", "failed in-doubt ", 1);
  run_at (&scene, "CRASH_WALL", "75600", "failed in-doubt ", 1);
  run_at (&scene, "CRASH_WALL", "0", "whole ", 2);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* The wall clock was set back by a day in between: boottime knows. */
static void
test_replay_boot_clock (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  kill_in_submit (&scene);
  scene.clock += 75600;
  run_at (&scene, "CRASH_WALL", "-75600", "failed in-doubt ", 1);
  close_scene (&scene);
}

/* --- Clocks. --- */

/* What ended in a future that was taken back rests from now on, not until
 * that future comes. */
static void
test_clock_back (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  add_fault (&scene, "poll-failed@1");
  assert_output (&scene, run_once (&scene), "failed failed ");
  set_variable (&scene, "CRASH_WALL", "-864000");
  assert_output (&scene, run_once (&scene), "failed failed ");
  scene.clock += 61;
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 2);
  close_scene (&scene);
}

/* --- Keys. --- */

/* The first poll of a run is refused, so that a purchase is left under way. */
static void
leave_under_way (Scene *scene)
{
  add_fault (scene, "poll-401@3");
  assert_output (scene, run_once (scene), "failed unauthorized ");
}

static void
test_other_key (gconstpointer data)
{
  g_autofree char *state = NULL;
  Scene scene;
  guint polls;

  open_scene (&scene, data);
  leave_under_way (&scene);
  polls = count_scope (&scene, GENVID_SANDBOX_POLL);
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_POLL), ==, polls);
  state = read_state (&scene);
  g_assert_cmpstr (state, ==, "queued");
  set_variable (&scene, "CRASH_KEY", NULL);
  assert_output (&scene, run_once (&scene), "whole ");
  /* What is finished is anybody's. */
  polls = count_scope (&scene, GENVID_SANDBOX_POLL);
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_POLL), ==, polls);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  assert_no_secrets (&scene);
  close_scene (&scene);
}

/* A key was replaced while a generation ran: with its id the new one goes on,
 * and from then on it is that one's. */
static void
test_renewed_key (gconstpointer data)
{
  g_autofree char *id = NULL;
  Scene scene;

  open_scene (&scene, data);
  leave_under_way (&scene);
  id = find_accepted_id (&scene);
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  set_variable (&scene, "CRASH_ADOPT", "not-the-id");
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  set_variable (&scene, "CRASH_ADOPT", id);
  add_fault (&scene, "poll-401@3");
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  set_variable (&scene, "CRASH_ADOPT", NULL);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  assert_no_secrets (&scene);
  close_scene (&scene);
}

/* A doubt stays its key's until the service knows the id that the other one
 * brings: before that it could be replayed, and bought again. */
static void
test_renewed_key_in_doubt (gconstpointer data)
{
  g_autofree char *id = NULL;
  Scene scene;

  open_scene (&scene, data);
  kill_in_submit (&scene);
  id = find_accepted_id (&scene);
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  set_variable (&scene, "CRASH_ADOPT", "999999");
  assert_output (&scene, run_once (&scene), "failed not-found ");
  set_variable (&scene, "CRASH_ADOPT", NULL);
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_SUBMIT), ==, 1);
  set_variable (&scene, "CRASH_ADOPT", id);
  assert_output (&scene, run_once (&scene), "whole ");
  set_variable (&scene, "CRASH_ADOPT", NULL);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_SUBMIT), ==, 1);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* A doubt of one key is not settled, nor paid for, with another. */
static void
test_other_key_in_doubt (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  kill_in_submit (&scene);
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  set_variable (&scene, "CRASH_RESUBMIT", "yes");
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_SUBMIT), ==, 1);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* What one key bought failed and cost nothing; another key buys anew, and then
 * it is that one's. */
static void
test_next_purchase_of_other_key (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  add_fault (&scene, "poll-failed@1");
  assert_output (&scene, run_once (&scene), "failed failed ");
  genvid_sandbox_clear_faults (scene.sandbox);
  scene.clock += 61;
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  leave_under_way (&scene);
  g_assert_cmpuint (count_accepted (&scene), ==, 2);
  set_variable (&scene, "CRASH_KEY", NULL);
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 2);
  close_scene (&scene);
}

/* Cancelled, and nobody knows whether it was billed: polled again, but only
 * by its own key. */
static void
test_other_key_of_cancelled (gconstpointer data)
{
  Scene scene;
  guint polls;

  open_scene (&scene, data);
  add_fault (&scene, "poll-done-word=cancelled");
  assert_output (&scene, run_once (&scene), "failed failed ");
  polls = count_scope (&scene, GENVID_SANDBOX_POLL);
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_POLL), ==, polls);
  set_variable (&scene, "CRASH_KEY", NULL);
  assert_output (&scene, run_once (&scene), "failed failed ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_POLL), >, polls);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* --- Files. --- */

static void
remove_file (Scene *scene, const char *name)
{
  g_autofree char *folder = find_entry (scene);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
cut_file (Scene *scene, const char *name, gssize length)
{
  g_autofree char *folder = find_entry (scene);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_file_set_contents_full (
      path, text, length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

/* The clip is gone: fetched again from the same generation. */
static void
test_lost_clip (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  assert_output (&scene, run_once (&scene), "whole ");
  remove_file (&scene, "clip.mp4");
  assert_output (&scene, run_once (&scene), "whole ");
  cut_file (&scene, "clip.mp4", 1000);
  assert_output (&scene, run_once (&scene), "whole ");
  cut_file (&scene, "clip.mp4", 0);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_SUBMIT), ==, 1);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* The record is gone or torn: the clip speaks for itself. */
static void
test_lost_record (gconstpointer data)
{
  Scene scene;
  guint polls;

  open_scene (&scene, data);
  assert_output (&scene, run_once (&scene), "whole ");
  polls = count_scope (&scene, GENVID_SANDBOX_POLL);
  cut_file (&scene, "job.json", 100);
  assert_output (&scene, run_once (&scene), "whole ");
  cut_file (&scene, "job.json", 0);
  assert_output (&scene, run_once (&scene), "whole ");
  remove_file (&scene, "job.json");
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_POLL), ==, polls);
  /* Cut as well, it says nothing; but the ledger has the id. */
  cut_file (&scene, "clip.mp4", 20000);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_POLL), >, polls);
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_SUBMIT), ==, 1);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* Paid for and under way, and then its record is no JSON any more: the id is
 * taken from the ledger, and polled by its own key only. */
static void
test_damaged_record (gconstpointer data)
{
  Scene scene;
  guint polls;

  open_scene (&scene, data);
  leave_under_way (&scene);
  cut_file (&scene, "job.json", 100);
  polls = count_scope (&scene, GENVID_SANDBOX_POLL);
  set_variable (&scene, "CRASH_KEY", OTHER_KEY);
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_POLL), ==, polls);
  set_variable (&scene, "CRASH_KEY", NULL);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_SUBMIT), ==, 1);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  assert_no_secrets (&scene);
  close_scene (&scene);
}

/* Neither: then it is said that the record is damaged, and nothing is paid. */
static void
test_damaged_record_alone (gconstpointer data)
{
  g_autofree char *output = NULL;
  g_autofree char *ledger = NULL;
  Scene scene;

  open_scene (&scene, data);
  leave_under_way (&scene);
  cut_file (&scene, "job.json", 100);
  ledger = g_build_filename (scene.store, "ledger.jsonl", NULL);
  g_assert_cmpint (g_remove (ledger), ==, 0);
  for (guint i = 0; i < 2; i++) {
    g_free (output);
    output = run_once (&scene);
    g_assert_true (g_str_has_prefix (output, "failed in-doubt "));
    g_assert_nonnull (strstr (output, "record of this purchase is damaged"));
  }
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_SUBMIT), ==, 1);
  close_scene (&scene);
}

/* An adopted generation has no intent; the ledger tells of it. */
static void
test_torn_adoption (gconstpointer data)
{
  g_autofree char *elsewhere
      = g_dir_make_tmp ("genvid-crash-elsewhere-XXXXXX", NULL);
  g_autofree char *id = NULL;
  Scene scene;

  open_scene (&scene, data);
  set_variable (&scene, "CRASH_STORE", elsewhere);
  leave_under_way (&scene);
  set_variable (&scene, "CRASH_STORE", NULL);
  id = find_accepted_id (&scene);
  add_fault (&scene, "poll-401@3+1");
  set_variable (&scene, "CRASH_ADOPT", id);
  assert_output (&scene, run_once (&scene), "failed unauthorized ");
  set_variable (&scene, "CRASH_ADOPT", NULL);
  cut_file (&scene, "job.json", 60);
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  g_free (scene.store);
  scene.store = g_strdup (elsewhere);
  close_scene (&scene);
}

int
main (int argc, char *argv[])
{
  const Service *genpro = &services[0];
  const Service *aimlapi = &services[1];
  const Service *cn8 = &services[2];

  g_test_init (&argc, &argv, NULL);
  add_test (genpro, "starts/loop-failed", test_loop_failed);
  add_test (cn8, "starts/loop-failed", test_loop_failed);
  add_test (cn8, "starts/loop-resubmit", test_loop_resubmit);
  add_test (genpro, "starts/refused-replay", test_refused_replay);
  add_test (genpro, "starts/quota-after-loss", test_quota_after_loss);
  add_test (genpro, "starts/replay-clock", test_replay_clock);
  add_test (genpro, "starts/replay-boot-clock", test_replay_boot_clock);
  add_test (aimlapi, "starts/clock-back", test_clock_back);
  add_test (cn8, "starts/damaged-record-alone", test_damaged_record_alone);
  add_test (cn8, "starts/other-key-of-cancelled", test_other_key_of_cancelled);
  for (guint i = 0; i < N_SERVICES; i++) {
    add_test (&services[i], "starts/other-key", test_other_key);
    add_test (&services[i], "starts/renewed-key", test_renewed_key);
    add_test (&services[i], "starts/renewed-key-in-doubt",
              test_renewed_key_in_doubt);
    add_test (&services[i], "starts/other-key-in-doubt",
              test_other_key_in_doubt);
    add_test (&services[i], "starts/next-purchase-of-other-key",
              test_next_purchase_of_other_key);
    add_test (&services[i], "starts/lost-clip", test_lost_clip);
    add_test (&services[i], "starts/lost-record", test_lost_record);
    add_test (&services[i], "starts/damaged-record", test_damaged_record);
    add_test (&services[i], "starts/torn-adoption", test_torn_adoption);
  }
  return g_test_run ();
}
