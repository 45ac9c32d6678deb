/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store fetch of several clips at once. The service's own ledger is the
 * judge. */

#include "tool-kit.h"

#include <signal.h>
#include <string.h>

#define KITE "'genvid://cn8?prompt=a kite' "
#define BOAT "'genvid://cn8?prompt=a boat' "
#define TREE "'genvid://cn8?prompt=a tree' "

static char **
get_paths (const Result *result, guint n)
{
  char **paths = g_strsplit (result->out, "\n", -1);

  g_assert_cmpuint (g_strv_length (paths), ==, n + 1);
  g_assert_cmpstr (paths[n], ==, "");
  for (guint i = 0; i < n; i++)
    g_assert_true (g_file_test (paths[i], G_FILE_TEST_IS_REGULAR));
  return paths;
}

/* No clip is ready before both are submitted, and one that is named twice is
 * bought once. */
static void
test_at_once (Kit *kit, gconstpointer data)
{
  g_autoptr (GSubprocess) tool = NULL;
  g_auto (GStrv) paths = NULL;
  g_auto (Result) result = { 0 };

  genvid_sandbox_hold (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  tool = kit_start (kit,
                    "fetch " KITE BOAT KITE "--max-cost 20 --poll-interval 1");
  g_assert_true (genvid_sandbox_wait_requests (
      kit->sandbox, GENVID_SANDBOX_SUBMIT, 2, 60000));
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  result = kit_wait (tool);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 2);
  paths = get_paths (&result, 3);
  g_assert_cmpstr (paths[0], ==, paths[2]);
  g_assert_cmpstr (paths[0], !=, paths[1]);
  assert_has (result.err, "[2/3] cn8");
}

/* Each costs 6 USD. */
static void
test_budget (Kit *kit, gconstpointer data)
{
  g_auto (Result) result
      = kit_run (kit, "fetch " KITE BOAT TREE "--budget 13 --poll-interval 1");
  g_auto (GStrv) paths = get_paths (&result, 2);

  g_assert_nonnull (paths);
  g_assert_cmpint (result.status, ==, 1);
  assert_has (result.err, "budget");
  g_assert_cmpuint (kit_count_accepted (kit), ==, 2);
}

static void
test_one_refused (Kit *kit, gconstpointer data)
{
  g_assert_true (
      genvid_sandbox_add_fault (kit->sandbox, "submit-400=no@1", NULL));
  g_auto (Result) result = kit_run (kit, "fetch " KITE BOAT TREE
                                         "--max-cost 20 --poll-interval 1");
  g_auto (GStrv) paths = get_paths (&result, 2);

  g_assert_nonnull (paths);
  g_assert_cmpint (result.status, ==, 1);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 2);
}

/* What cannot be read is told before anything is bought. */
static void
test_one_wrong (Kit *kit, gconstpointer data)
{
  g_auto (Result) result
      = kit_run (kit, "fetch " KITE "'genvid://cn8?prompt=a boat&wind=strong' "
                      "--max-cost 20");
  g_auto (Result) unknown = kit_run (kit, "fetch a1b2c3d4 a1b2c3d5");

  g_assert_cmpint (result.status, ==, 1);
  assert_has (result.err, "wind");
  g_assert_cmpint (unknown.status, ==, 1);
  g_assert_cmpstr (unknown.out, ==, "");
  g_assert_cmpuint (kit_count_requests (kit), ==, 0);
}

static void
test_interrupted (Kit *kit, gconstpointer data)
{
  g_autoptr (GSubprocess) tool = NULL;
  g_auto (Result) stopped = { 0 };
  g_auto (Result) rest = { 0 };
  g_auto (GStrv) paths = NULL;

  genvid_sandbox_hold (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  tool = kit_start (kit, "fetch " KITE BOAT "--max-cost 20 --poll-interval 1");
  g_assert_true (genvid_sandbox_wait_requests (kit->sandbox,
                                               GENVID_SANDBOX_POLL, 2, 60000));
  g_subprocess_send_signal (tool, SIGINT);
  stopped = kit_wait (tool);
  g_assert_cmpint (stopped.status, ==, 130);
  g_assert_cmpstr (stopped.out, ==, "");
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  rest = kit_run (kit, "fetch --all --poll-interval 1");
  g_assert_cmpint (rest.status, ==, 0);
  paths = get_paths (&rest, 2);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 2);
}

static void
add (const char *path, void (*test) (Kit *kit, gconstpointer data))
{
  g_test_add (path, Kit, NULL, kit_set_up, test, kit_tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("/fetch-many/at-once", test_at_once);
  add ("/fetch-many/budget", test_budget);
  add ("/fetch-many/one-refused", test_one_refused);
  add ("/fetch-many/one-wrong", test_one_wrong);
  add ("/fetch-many/interrupted", test_interrupted);
  return g_test_run ();
}
