/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A store that the first version left behind (tests/data/former-store): a clip
 * that is finished, a generation that was running when its process was killed,
 * and a submit in doubt. None of them may be bought again. */

#include "store-kit.h"

#include "call-build.h"
#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "ledger.h"
#include "plan.h"
#include "purchase.h"
#include "settings.h"
#include "store-recovery.h"

#include <glib/gstdio.h>

#define FIRST_VERSION "\"version\" : 1,"
#define LATER_VERSION "\"version\" : 99,"
#define DATA          TEST_SOURCE_ROOT "/tests/data"
/* An hour after the last line of the ledger: 2026-11-28, 01:35 UTC. */
#define LATER (G_GINT64_CONSTANT (1795829700) * G_USEC_PER_SEC)

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (from, &text, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (to, text, (gssize)length, G_FILE_SET_CONTENTS_NONE,
                            0600, &error);
  g_assert_no_error (error);
}

/* Of a purchase in FOLDER; the data has none. */
static void
add_clip (const char *folder)
{
  g_autofree char *clip = g_build_filename (folder, "clip.mp4", NULL);

  copy_file (DATA "/index-first.mp4", clip);
}

/* Private, as a store is, whatever the checkout made of it. */
static void
copy_folder (const char *from, const char *to)
{
  g_autoptr (GDir) folder = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_nonnull (folder);
  g_assert_cmpint (g_mkdir_with_parents (to, 0700), ==, 0);
  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *source = g_build_filename (from, name, NULL);
    g_autofree char *target = g_build_filename (to, name, NULL);

    if (g_file_test (source, G_FILE_TEST_IS_DIR))
      copy_folder (source, target);
    else
      copy_file (source, target);
  }
}

static GenvidSettings *
make_settings (const char *path, const char *prompt)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->request->prompt = g_strdup (prompt);
  settings->provider = g_strdup ("cn8");
  /* Part of the fingerprint; nobody is asked. */
  settings->base_url = g_strdup ("http://127.0.0.1:18111");
  settings->store = g_strdup (path);
  return settings;
}

/* Checks that PROMPT is still the purchase it was, and returns its record. */
static GenvidRecord *
load (const char *path, const char *prompt, char **folder)
{
  g_autoptr (GenvidSettings) settings = make_settings (path, prompt);
  g_autoptr (GenvidPlan) plan = NULL;
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_autoptr (GError) error = NULL;
  GenvidRecord *record;

  settings->api_key = g_strdup ("golden-key");
  plan = genvid_plan_new (settings, NULL, &error);
  g_assert_no_error (error);
  entry = genvid_store_get_entry (plan->store, plan->fingerprint);
  record = genvid_store_entry_load (entry, &error);
  g_assert_no_error (error);
  g_assert_nonnull (record);
  g_assert_true (genvid_purchase_exists (record));
  g_assert_cmpuint (record->n, ==, 1);
  if (folder != NULL)
    *folder = g_build_filename (path, "clips", plan->fingerprint, NULL);
  return record;
}

static void
check_playing (const GenvidSettings *settings)
{
  g_autoptr (GenvidClient) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;
  g_autofree guint8 *bytes = NULL;
  gsize length, available = 0;
  GenvidReadOutcome outcome;

  g_file_get_contents (DATA "/index-first.mp4", &expected, &length, &error);
  g_assert_no_error (error);
  client = genvid_client_open (settings, NULL, &error); /* without a key */
  g_assert_no_error (error);
  do {
    g_autoptr (GenvidClipStatus) status = genvid_client_snapshot (client);

    outcome = genvid_client_wait (client, 0, length, TRUE, status->serial,
                                  &available);
  } while (outcome == GENVID_READ_CHANGED);
  g_assert_cmpint (outcome, ==, GENVID_READ_DATA);
  g_assert_cmpuint (available, ==, length);
  bytes = g_malloc (length);
  g_assert_cmpint (genvid_client_read (client, 0, bytes, length, &error), ==,
                   length);
  g_assert_cmpmem (bytes, length, expected, length);
  genvid_client_close (client);
}

static void
test_former (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = g_build_filename (kit.folder, "former", NULL);
  g_autofree char *folder = NULL;
  g_autoptr (GenvidRecord) done = NULL;
  g_autoptr (GenvidRecord) running = NULL;
  g_autoptr (GenvidRecord) doubt = NULL;
  g_autoptr (GenvidSettings) settings = NULL;
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GError) error = NULL;
  const GenvidNow later = { LATER, 1, "another boot" };

  copy_folder (DATA "/former-store", path);
  done = load (path, "a paper boat, done", &folder);
  g_assert_cmpint (done->state, ==, GENVID_STATE_DONE);
  add_clip (folder);
  settings = make_settings (path, "a paper boat, done");
  check_playing (settings);

  running = load (path, "a paper boat, running", NULL);
  g_assert_cmpstr (running->id, ==, "job-running");
  g_assert_cmpint (running->state, !=, GENVID_STATE_DONE);
  doubt = load (path, "a paper boat, in doubt", NULL);
  g_assert_null (doubt->id);
  g_assert_nonnull (doubt->failure);
  g_assert_cmpint (doubt->failure->reason, ==, GENVID_REASON_IN_DOUBT);

  store = genvid_store_open (path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (genvid_ledger_sum (store, &later, &error), ==, 18);
  g_assert_no_error (error);
}

/* In a record of FOLDER, which has FROM once. */
static void
edit_record (const char *folder, const char *from, const char *to)
{
  g_autofree char *file = g_build_filename (folder, "job.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GString) record = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (file, &text, NULL, &error);
  g_assert_no_error (error);
  record = g_string_new (text);
  g_assert_cmpuint (g_string_replace (record, from, to, 0), ==, 1);
  g_file_set_contents_full (file, record->str, (gssize)record->len,
                            G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

/* The purchase in FOLDER, as if it had been made for FINGERPRINT. Returns its
 * new folder. */
static char *
rename_purchase (const char *path, const char *folder, const char *fingerprint)
{
  g_autofree char *former = g_path_get_basename (folder);
  char *target = g_build_filename (path, "clips", fingerprint, NULL);

  g_assert_cmpint (g_rename (folder, target), ==, 0);
  edit_record (target, former, fingerprint);
  return target;
}

/* Of make_refused's request. */
#define REFUSED                                                                \
  "f96f2a1d021233da762ef97188f4f910"                                           \
  "bbc867531321ce140601e68b79731852"

static GenvidSettings *
make_refused (const char *path)
{
  GenvidSettings *settings = make_settings (path, "a paper boat, running");

  settings->api_key = g_strdup ("golden-key");
  settings->request->resolution = g_strdup ("540p");
  settings->request->aspect_ratio = g_strdup ("7:3");
  return settings;
}

static void
check_refused (const GenvidSettings *settings, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) client = genvid_client_open (settings, NULL, &error);

  g_assert_null (client);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_nonnull (strstr (error->message, why));
}

static void
check_fetched (const GenvidSettings *settings)
{
  g_autoptr (GenvidPlan) plan = NULL;
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidExchange) poll = NULL;
  g_autoptr (GenvidExchange) submit = NULL;
  g_autoptr (GError) error = NULL;

  plan = genvid_plan_new (settings, NULL, &error);
  g_assert_no_error (error);
  call = genvid_plan_make_call (plan, &error);
  g_assert_no_error (error);
  poll = genvid_call_build_poll (call, "job-running", &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (poll->url, "job-running"));
  submit = genvid_call_build_submit (call, &error);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_null (submit);
  g_clear_error (&error);
  g_assert_false (genvid_plan_may_buy (plan, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
}

/* A request that a later description refuses is not bought, but what was bought
 * is fetched and played. */
static void
test_refused (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = g_build_filename (kit.folder, "former", NULL);
  g_autofree char *folder = NULL;
  g_autofree char *renamed = NULL;
  g_autoptr (GenvidSettings) settings = make_refused (path);
  g_autoptr (GenvidSettings) fetching = make_refused (path);
  g_autoptr (GenvidRecord) done = NULL;

  copy_folder (DATA "/former-store", path);
  check_refused (settings, "7:3");
  fetching->fingerprint = g_strnfill (64, 'a');
  fetching->reuse = GENVID_REUSE_ONLY;
  check_fetched (fetching);

  done = load (path, "a paper boat, done", &folder);
  add_clip (folder);
  renamed = rename_purchase (path, folder, REFUSED);
  check_playing (settings);
  /* What was paid for comes before what may be. */
  edit_record (renamed, FIRST_VERSION, LATER_VERSION);
  check_refused (settings, "newer genvid");
}

static GenvidSettings *
make_spelled (const char *path, const char *resolution)
{
  GenvidSettings *settings = make_settings (path, "a paper boat");

  g_free (settings->provider);
  settings->provider = g_strdup ("fal");
  settings->api_key = g_strdup ("golden-key");
  settings->request->model = g_strdup ("fal-ai/veo3.1/fast");
  settings->request->resolution = g_strdup (resolution);
  return settings;
}

static void
check_name (const GenvidSettings *settings, const char *fingerprint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidPlan) plan = genvid_plan_new (settings, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (plan->fingerprint, ==, fingerprint);
}

/* Sizes were not listed once, and what was bought as 720P was named so. It is
 * asked for before 720p is bought, which both are now. */
static void
test_spelling (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = g_build_filename (kit.folder, "former", NULL);
  g_autofree char *folder = NULL, *other = NULL, *renamed = NULL;
  g_autoptr (GenvidSettings) small = make_spelled (path, "720p");
  g_autoptr (GenvidSettings) large = make_spelled (path, "720P");
  g_autoptr (GenvidPlan) plan = NULL;
  g_autoptr (GenvidPlan) fresh = NULL;
  g_autoptr (GenvidRecord) done = NULL;
  g_autoptr (GenvidRecord) running = NULL;
  g_autoptr (GError) error = NULL;

  copy_folder (DATA "/former-store", path);
  done = load (path, "a paper boat, done", &folder);
  running = load (path, "a paper boat, running", &other);
  plan = genvid_plan_new (small, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (plan->former);
  fresh = genvid_plan_new (large, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fresh->fingerprint, ==, plan->fingerprint);
  g_assert_nonnull (fresh->former);

  add_clip (folder);
  renamed = rename_purchase (path, folder, fresh->former);
  check_name (large, fresh->former);
  check_playing (large);
  check_name (small, plan->fingerprint);

  /* Nothing is bought while it cannot be told. */
  edit_record (renamed, FIRST_VERSION, LATER_VERSION);
  check_refused (large, "newer genvid");
  edit_record (renamed, LATER_VERSION, FIRST_VERSION);
  /* What has failed for nothing is bought under today's name. */
  edit_record (renamed, "\"state\" : \"done\"", "\"state\" : \"failed\"");
  check_name (large, fresh->former);
  edit_record (renamed, "\"frees\" : false", "\"frees\" : true");
  check_name (large, plan->fingerprint);
  edit_record (renamed, "\"frees\" : true", "\"frees\" : false");
  g_free (rename_purchase (path, other, plan->fingerprint));
  check_name (large, plan->fingerprint);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/former-store", test_former);
  g_test_add_func ("/former-store/refused", test_refused);
  g_test_add_func ("/former-store/spelling", test_spelling);
  return g_test_run ();
}
