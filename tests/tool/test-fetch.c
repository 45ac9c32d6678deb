/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store fetch against the services: what it buys, what it never buys,
 * and that what another process began is brought to its end. The service's
 * own ledger is the judge. */

#include "tool-kit.h"
#include "record.h"
#include "store.h"

#include <gio/gio.h>

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

static const Service *const genpro = &services[0];
static const Service *const cn8 = &services[2];

static char *
make_line (const Service *service, const char *options)
{
  return g_strconcat ("fetch ", service->uri, " --poll-interval 1 ", options,
                      NULL);
}

static Result
fetch (Kit *kit, const Service *service, const char *options)
{
  g_autofree char *line = make_line (service, options);

  return kit_run (kit, line);
}

static Result
fetch_known (Kit *kit, const char *fingerprint, const char *options)
{
  g_autofree char *line = g_strconcat ("fetch ", fingerprint,
                                       " --poll-interval 1 ", options, NULL);

  return kit_run (kit, line);
}

/* What another shell has not set must not matter. */
static void
forget_parameters (Kit *kit)
{
  const char *const names[]
      = { "GEN_SHEET_ID", "GEN_CELL_ID",   "GEN_AGENT_ID",
          "GEN_BASE_URL", "AIML_BASE_URL", "CN8_BASE_URL" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    kit->environment = g_environ_unsetenv (kit->environment, names[i]);
}

static void
test_under_cap (Kit *kit, gconstpointer data)
{
  const Service *service = data;
  g_auto (Result) first = fetch (kit, service, "--max-cost 20");
  guint requests = kit_count_requests (kit);
  g_auto (Result) second = fetch (kit, service, "--max-cost 20");

  kit_assert_clip (kit, &first);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
  kit_assert_clip (kit, &second);
  assert_has (second.err, "From the store");
  g_assert_cmpuint (kit_count_requests (kit), ==, requests);
}

/* A download that goes on is told; one that is over at once may not be. */
static void
test_downloading (Kit *kit, gconstpointer data)
{
  g_autofree char *line = make_line (data, "--max-cost 20");
  g_autoptr (GSubprocess) tool = NULL;
  g_auto (Result) rest = { 0 };

  genvid_sandbox_hold_download (kit->sandbox, 5000);
  tool = kit_start (kit, line);
  kit_wait_for (tool, ": downloading (");
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_DOWNLOAD);
  rest = kit_wait (tool);
  kit_assert_clip (kit, &rest);
}

static void
assert_refused (Kit *kit, const Result *result, const char *why)
{
  g_assert_cmpint (result->status, ==, 1);
  g_assert_cmpstr (result->out, ==, "");
  assert_has (result->err, why);
  g_assert_cmpuint (kit_count_requests (kit), ==, 0);
}

static void
test_no_cap (Kit *kit, gconstpointer data)
{
  g_auto (Result) none = fetch (kit, cn8, "");
  g_auto (Result) low = fetch (kit, cn8, "--max-cost 5.99");
  g_auto (Result) spent = fetch (kit, cn8, "--budget 1");

  assert_refused (kit, &none, "max-cost");
  assert_refused (kit, &low, "$6.00");
  assert_refused (kit, &spent, "budget");
}

static void
test_no_key (Kit *kit, gconstpointer data)
{
  kit->environment = g_environ_unsetenv (kit->environment, "CN8_API_KEY");
  {
    g_auto (Result) result = fetch (kit, cn8, "--max-cost 10");

    assert_refused (kit, &result, "CN8_API_KEY");
  }
}

/* The tool is on its way and has polled. */
static GSubprocess *
start_and_hold (Kit *kit, const Service *service)
{
  g_autofree char *line = make_line (service, "--max-cost 20");
  GSubprocess *tool;

  genvid_sandbox_hold (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  tool = kit_start (kit, line);
  g_assert_true (genvid_sandbox_wait_requests (kit->sandbox,
                                               GENVID_SANDBOX_POLL, 1, 60000));
  return tool;
}

static void
kill_tool (GSubprocess *tool)
{
  g_auto (Result) result = { 0 };

  g_subprocess_force_exit (tool);
  result = kit_wait (tool);
  g_assert_cmpint (result.status, ==, -1);
}

static void
test_killed (Kit *kit, gconstpointer data)
{
  g_autoptr (GSubprocess) tool = start_and_hold (kit, data);
  g_autofree char *fingerprint = NULL;
  g_auto (Result) result = { 0 };

  kill_tool (tool);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  fingerprint = kit_get_fingerprint (kit);
  fingerprint[9] = '\0';
  forget_parameters (kit);
  result = fetch_known (kit, fingerprint, "");
  kit_assert_clip (kit, &result);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
}

static void
test_all (Kit *kit, gconstpointer data)
{
  g_auto (Result) done = fetch (kit, cn8, "--max-cost 20");
  g_autofree char *line = make_line (genpro, "--max-cost 20");
  g_autoptr (GSubprocess) tool = NULL;
  g_auto (Result) all = { 0 };
  g_auto (Result) again = { 0 };

  kit_assert_clip (kit, &done);
  genvid_sandbox_hold_download (kit->sandbox, 5000);
  tool = kit_start (kit, line);
  g_assert_true (genvid_sandbox_wait_held (
      kit->sandbox, GENVID_SANDBOX_GATE_DOWNLOAD, 1, 60000));
  kill_tool (tool);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_DOWNLOAD);
  forget_parameters (kit);
  all = kit_run (kit, "fetch --all --poll-interval 1");
  kit_assert_clip (kit, &all);
  g_assert_cmpstr (all.out, !=, done.out);
  again = kit_run (kit, "fetch --all");
  g_assert_cmpint (again.status, ==, 0);
  g_assert_cmpstr (again.out, ==, "");
  g_assert_cmpuint (kit_count_accepted (kit), ==, 2);
}

static void
test_interrupted (Kit *kit, gconstpointer data)
{
  g_autoptr (GSubprocess) tool = start_and_hold (kit, cn8);
  g_autofree char *fingerprint = kit_get_fingerprint (kit);
  g_autofree char *command
      = g_strdup_printf ("genvid-store fetch %s\n", fingerprint);
  g_auto (Result) stopped = { 0 };
  g_auto (Result) result = { 0 };

  g_subprocess_send_signal (tool, SIGINT);
  stopped = kit_wait (tool);
  g_assert_cmpint (stopped.status, ==, 130);
  g_assert_cmpstr (stopped.out, ==, "");
  assert_has (stopped.err, command);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  result = fetch_known (kit, fingerprint, "");
  kit_assert_clip (kit, &result);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
}

/* A store that went away while its clip was made says nothing of the money. */
static void
test_store_lost (Kit *kit, gconstpointer data)
{
  g_autoptr (GSubprocess) tool = start_and_hold (kit, cn8);
  g_autofree char *elsewhere = g_strconcat (kit->store, "-elsewhere", NULL);
  g_auto (Result) result = { 0 };

  g_assert_cmpint (g_rename (kit->store, elsewhere), ==, 0);
  g_subprocess_send_signal (tool, SIGINT);
  result = kit_wait (tool);
  g_assert_cmpint (result.status, ==, 130);
  g_assert_null (strstr (result.err, "Nothing was bought"));
  assert_has (result.err, "The store cannot be read now");
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
}

static void
lose_a_submit (Kit *kit)
{
  g_auto (Result) lost = { 0 };

  g_assert_true (
      genvid_sandbox_add_fault (kit->sandbox, "submit-lost-after", NULL));
  lost = fetch (kit, cn8, "--max-cost 20");
  g_assert_cmpint (lost.status, ==, 1);
  assert_has (lost.err, "--adopt ID");
  g_assert_cmpuint (
      genvid_sandbox_fault_hits (kit->sandbox, "submit-lost-after"), ==, 1);
}

static void
test_doubt_adopted (Kit *kit, gconstpointer data)
{
  g_autofree char *fingerprint = NULL;
  g_autofree char *id = NULL;
  g_autofree char *adopt = NULL;
  g_auto (Result) again = { 0 };
  g_auto (Result) adopted = { 0 };

  lose_a_submit (kit);
  fingerprint = kit_get_fingerprint (kit);
  again = fetch_known (kit, fingerprint, "");
  g_assert_cmpint (again.status, ==, 1);
  assert_has (again.err, "--adopt ID");
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
  id = kit_find_id (kit);
  adopt = g_strconcat ("--adopt ", id, NULL);
  adopted = fetch_known (kit, fingerprint, adopt);
  kit_assert_clip (kit, &adopted);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
}

static void
test_doubt_resubmitted (Kit *kit, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  lose_a_submit (kit);
  result = fetch (kit, cn8, "--max-cost 20 --if-in-doubt resubmit");
  kit_assert_clip (kit, &result);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 2);
}

/* The file is gone, or is shorter than it was: the same generation's, anew. */
static void
test_lost_clip (Kit *kit, gconstpointer data)
{
  g_auto (Result) first = fetch (kit, cn8, "--max-cost 20");
  g_autofree char *fingerprint = kit_get_fingerprint (kit);
  g_autofree char *path = kit_path (kit, fingerprint, "clip.mp4");
  g_auto (Result) second = { 0 };
  g_auto (Result) third = { 0 };

  kit_assert_clip (kit, &first);
  g_assert_cmpint (g_remove (path), ==, 0);
  second = fetch_known (kit, fingerprint, "");
  kit_assert_clip (kit, &second);
  g_assert_true (g_file_set_contents (path, "cut", 3, NULL));
  third = kit_run (kit, "fetch --all --poll-interval 1");
  kit_assert_clip (kit, &third);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
}

static void
test_never_buys (Kit *kit, gconstpointer data)
{
  const GenvidState states[]
      = { GENVID_STATE_IDLE, GENVID_STATE_FAILED, GENVID_STATE_CANCELLED };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_autoptr (GenvidRecord) record
        = kit_make_record (FINGERPRINT_A, states[i], 3600);
    g_auto (Result) result = { 0 };

    record->frees = TRUE;
    record->base_url = g_strdup (genvid_sandbox_base_url (kit->sandbox));
    record->request = json_object_new ();
    json_object_set_string_member (record->request, "prompt", "a kite");
    kit_save (kit, record);
    result = fetch_known (kit, FINGERPRINT_A, "");
    assert_refused (kit, &result, "");
  }
}

static void
test_names (Kit *kit, gconstpointer data)
{
  g_auto (Result) both = { 0 };
  g_auto (Result) none = { 0 };
  g_auto (Result) one = { 0 };

  kit_save_done (kit, FINGERPRINT_A, 10);
  kit_save_done (kit, FINGERPRINT_B, 10);
  both = kit_run (kit, "fetch a");
  g_assert_cmpint (both.status, ==, 1);
  assert_has (both.err, "More than one");
  none = kit_run (kit, "fetch b");
  g_assert_cmpint (none.status, ==, 1);
  one = kit_run (kit, "fetch a2");
  kit_assert_clip (kit, &one);
  assert_has (one.out, FINGERPRINT_B);
  g_assert_cmpuint (kit_count_requests (kit), ==, 0);
}

static void
test_usage (Kit *kit, gconstpointer data)
{
  const char *const lines[]
      = { "fetch",
          "fetch --all a1",
          "fetch xyz",
          "fetch a1 b2 --adopt 7",
          "fetch a1 'genvid://cn8?prompt=x' --max-cost 3",
          "fetch a1 --max-cost 3",
          "fetch --all --adopt 7",
          "fetch a1 --if-in-doubt resubmit",
          "fetch 'genvid://cn8?prompt=x' --if-in-doubt perhaps",
          "fetch 'genvid://cn8?prompt=x' --max-cost much",
          "fetch --nonsense",
          "fetch --Max-Costs=3 'genvid://cn8?prompt=x'",
          "prune",
          "prune --keep 1G --older 3d",
          "prune --keep some",
          "prune --older 3",
          "list --nonsense",
          "verify more",
          "quote",
          "frobnicate",
          "" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_auto (Result) result = kit_run (kit, lines[i]);

    g_assert_cmpint (result.status, ==, 2);
    g_assert_cmpstr (result.out, ==, "");
    g_assert_cmpstr (result.err, !=, "");
  }
  g_assert_false (g_file_test (kit->store, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (kit_count_requests (kit), ==, 0);
}

/* A slip of the pen must not buy another clip than the one that was meant. */
static void
check_slip (Kit *kit, const char *member, const char *says)
{
  const char *const lines[]
      = { "fetch 'genvid://cn8?prompt=x&%s' --max-cost 10",
          "quote 'genvid://cn8?prompt=x&%s'" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    GString *line = g_string_new (lines[i]);
    g_auto (Result) result = { 0 };

    g_string_replace (line, "%s", member, 1);
    result = kit_run (kit, line->str);
    g_assert_cmpint (result.status, ==, 1);
    assert_has (result.err, says);
    g_string_free (line, TRUE);
  }
}

static void
test_slips (Kit *kit, gconstpointer data)
{
  g_auto (Result) blank = { 0 };
  g_auto (Result) slip = { 0 };
  g_auto (Result) dear = { 0 };

  check_slip (kit, "durations=8", "the nearest is duration.");
  check_slip (kit, "extra=1", "with the property options");
  check_slip (kit, "Store=/tmp", "set the property store");
  check_slip (kit, "model=!", "model is \"!\"");
  blank = kit_run (kit, "fetch 'genvid://cn8?prompt=!%20?' --max-cost 10");
  g_assert_cmpint (blank.status, ==, 1);
  assert_has (blank.err, "prompt is \"! ?\"");
  slip = kit_run (kit, "fetch --Max_Costs=3 'genvid://cn8?prompt=x'");
  assert_has (slip.err, "the nearest is --max-cost");
  dear = kit_run (kit, "fetch --Max_Cost=0.5 'genvid://cn8?prompt=x'");
  g_assert_cmpint (dear.status, ==, 1);
  assert_has (dear.err, "at most $0.50 is allowed");
  g_clear_pointer (&dear.err, g_free);
  g_clear_pointer (&dear.out, g_free);
  dear
      = kit_run (kit, "fetch 'genvid://cn8?prompt=x&max_cost=0.5' --budget 20");
  assert_has (dear.err, "at most $0.50 is allowed");
  g_assert_cmpuint (kit_count_requests (kit), ==, 0);
}

static void
add (const char *name, const Service *service,
     void (*test) (Kit *kit, gconstpointer data))
{
  g_autofree char *path
      = service != NULL ? g_strdup_printf ("/fetch/%s/%s", name, service->name)
                        : g_strdup_printf ("/fetch/%s", name);

  g_test_add (path, Kit, service, kit_set_up, test, kit_tear_down);
}

/* No name makes a line that a budget cannot read. */
static void
test_long_model (Kit *kit, gconstpointer data)
{
  g_autofree char *model = g_strnfill (70000, 'm');
  g_autofree char *line
      = g_strdup_printf ("fetch 'genvid://cn8?prompt=a kite&model=%s' "
                         "--budget 10 --poll-interval 1",
                         model);
  g_auto (Result) refused = kit_run (kit, line);

  g_assert_cmpint (refused.status, ==, 1);
  assert_has (refused.err, "model is longer than 512 bytes");
  g_assert_cmpuint (kit_count_accepted (kit), ==, 0);
}

/* A line that may hide a purchase stops what has a limit, and nothing else. */
static void
test_damaged_ledger (Kit *kit, gconstpointer data)
{
  static const char fetch[]
      = "fetch 'genvid://cn8?prompt=a kite' --poll-interval 1";
  g_autofree char *path = g_build_filename (kit->store, "ledger.jsonl", NULL);
  g_autofree char *limited = g_strconcat (fetch, " --budget 10", NULL);
  g_autofree char *unlimited = g_strconcat (fetch, " --max-cost 9", NULL);

  genvid_store_unref (kit_open_store (kit));
  g_assert_true (g_file_set_contents_full (
      path, "paid\n", -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  g_auto (Result) refused = kit_run (kit, limited);
  g_assert_cmpint (refused.status, ==, 1);
  assert_has (refused.err, "Line 1 of ");
  g_assert_cmpuint (kit_count_accepted (kit), ==, 0);
  g_auto (Result) fetched = kit_run (kit, unlimited);
  g_assert_cmpint (fetched.status, ==, 0);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (services); i++) {
    add ("under-cap", &services[i], test_under_cap);
    add ("downloading", &services[i], test_downloading);
    add ("killed", &services[i], test_killed);
  }
  add ("no-cap", NULL, test_no_cap);
  add ("no-key", NULL, test_no_key);
  add ("all", NULL, test_all);
  add ("interrupted", NULL, test_interrupted);
  add ("store-lost", NULL, test_store_lost);
  add ("doubt-adopted", NULL, test_doubt_adopted);
  add ("doubt-resubmitted", NULL, test_doubt_resubmitted);
  add ("lost-clip", NULL, test_lost_clip);
  add ("never-buys", NULL, test_never_buys);
  add ("names", NULL, test_names);
  add ("slips", NULL, test_slips);
  add ("usage", NULL, test_usage);
  add ("long-model", NULL, test_long_model);
  add ("damaged-ledger", NULL, test_damaged_ledger);
  return g_test_run ();
}
