/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* on-stop=cancel at gen.pro: what is sent when the last user goes, and what
 * comes of it. */

#include "fields-kit.h"

#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"
#include "settings.h"
#include "store-entry.h"
#include "store-recovery.h"
#include "store.h"

#define PATIENCE 60000

static gpointer
wait_until_stopped (gpointer data)
{
  GenvidClient *run = data;
  GenvidReadOutcome outcome = GENVID_READ_CHANGED;
  gsize available;

  while (outcome == GENVID_READ_CHANGED) {
    g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (run);

    outcome = genvid_client_wait (run, 0, G_MAXSSIZE, TRUE, snapshot->serial,
                                  &available);
  }
  g_assert_cmpint (outcome, ==, GENVID_READ_STOPPED);
  return NULL;
}

/* A run that leaves while the service works on it, with a poll in transfer.
 * Its fingerprint, owned by the caller. */
static char *
run_and_leave (Kit *kit, GenvidOnStop on_stop)
{
  g_autoptr (GenvidSettings) settings = kit_order (kit, "prompt=p");
  g_autoptr (GenvidClient) run = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  settings->on_stop = on_stop;
  genvid_sandbox_hold (kit->sandbox, GENVID_SANDBOX_GATE_POLL);
  run = genvid_client_open (settings, NULL, &error);
  g_assert_no_error (error);
  thread = g_thread_new ("wait", wait_until_stopped, run);
  g_assert_true (genvid_sandbox_wait_held (
      kit->sandbox, GENVID_SANDBOX_GATE_POLL, 1, PATIENCE));
  genvid_client_close (run);
  g_thread_join (thread);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_POLL);
  return g_strdup (genvid_client_get_fingerprint (run));
}

/* To the end of the worker, spending nothing. */
static Outcome *
look_again (Kit *kit)
{
  GenvidSettings *settings = kit_order (kit, "prompt=p");

  settings->reuse = GENVID_REUSE_ONLY;
  return kit_run (settings);
}

static GenvidRecord *
load_record (Kit *kit, const char *fingerprint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStore) store = genvid_store_open (kit->store, FALSE, &error);
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (store, fingerprint);

  g_assert_no_error (error);
  return genvid_store_entry_load (entry, NULL);
}

static guint
count (Kit *kit, GenvidSandboxEvent event)
{
  return genvid_sandbox_count (kit->sandbox, GENVID_SANDBOX_GENPRO, event);
}

static void
test_cancel (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autofree char *fingerprint = run_and_leave (kit, GENVID_ON_STOP_CANCEL);
  g_autoptr (GenvidSandboxRequest) request = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (Outcome) after = NULL;

  g_assert_true (genvid_sandbox_wait_count (kit->sandbox, GENVID_SANDBOX_GENPRO,
                                            GENVID_SANDBOX_REFUNDED, 1,
                                            PATIENCE));
  request = kit_request (kit, GENVID_SANDBOX_CANCEL, 0);
  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpstr (request->path, ==, "/v1/generations/9020/stop");
  g_assert_cmpstr (genvid_sandbox_request_header (request, "X-API-Key"), ==,
                   KIT_KEY);
  after = look_again (kit);
  g_assert_cmpint (after->reason, !=, GENVID_REASON_NONE);
  record = load_record (kit, fingerprint);
  g_assert_cmpint (record->state, ==, GENVID_STATE_CANCELLED);
  g_assert_cmpint (record->failure->billed, ==, GENVID_BILLED_NO);
  g_assert_true (record->frees);
  g_assert_cmpfloat (genvid_sandbox_spent (kit->sandbox, GENVID_SANDBOX_GENPRO),
                     ==, 0);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_ACCEPTED), ==, 1);
}

/* Refused, so it is paid for: then the clip is wanted. */
static void
test_refused (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autofree char *fingerprint = NULL;
  g_autoptr (Outcome) after = NULL;

  kit_fault (kit, "cancel-422");
  fingerprint = run_and_leave (kit, GENVID_ON_STOP_CANCEL);
  g_assert_true (genvid_sandbox_wait_requests (
      kit->sandbox, GENVID_SANDBOX_CANCEL, 1, PATIENCE));
  after = look_again (kit);
  kit_assert_done (kit, after);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_REFUNDED), ==, 0);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_ACCEPTED), ==, 1);
}

static void
test_keep (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autofree char *fingerprint = run_and_leave (kit, GENVID_ON_STOP_KEEP);
  g_autoptr (Outcome) after = look_again (kit);

  g_assert_cmpstr (after->fingerprint, ==, fingerprint);
  kit_assert_done (kit, after);
  g_assert_cmpuint (genvid_sandbox_count_requests (kit->sandbox,
                                                   GENVID_SANDBOX_GENPRO,
                                                   GENVID_SANDBOX_CANCEL),
                    ==, 0);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_ACCEPTED), ==, 1);
}

int
main (int argc, char *argv[])
{
  kit_init (&argc, &argv);
  g_test_add_func ("/stop/cancel", test_cancel);
  g_test_add_func ("/stop/refused", test_refused);
  g_test_add_func ("/stop/keep", test_keep);
  return g_test_run ();
}
