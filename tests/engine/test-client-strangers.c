/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole runs against a service that says odd things: the key is in no text and
 * no file afterwards, and what was paid for is found again. */

#include "client-kit.h"

#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "settings.h"

#include <ftw.h>
#include <gio/gio.h>

#include "fake-service.h"

#define KEY    "sk-stranger-0123456789"
#define SUBMIT "/v1/proxy/media-video-from-text"
#define SIZE   20000
#define READY(url)                                                             \
  "{\"job\":{\"id\":\"job-7\",\"status\":\"completed\"},"                      \
  "\"units_consumed\":5e21,\"result_data\":{\"video_url\":\"" url "\"}}"

typedef struct {
  GenvidReadOutcome outcome;
  GenvidClipStatus *last;
} End;

static void
end_clear (End *end)
{
  g_clear_pointer (&end->last, genvid_clip_status_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (End, end_clear)

static End
run (const Kit *kit, FakeService *service)
{
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) run = NULL;
  End end = { .last = NULL };
  gsize available;

  settings->provider = g_strdup ("cn8");
  settings->api_key = g_strdup (KEY);
  settings->base_url = g_strdup (fake_service_get_url (service));
  settings->store = g_strdup (kit->path);
  settings->request->prompt = g_strdup ("a lake");
  run = genvid_client_open (settings, NULL, &error);
  g_assert_no_error (error);
  do {
    guint seen = end.last != NULL ? end.last->serial : 0;

    end.outcome = genvid_client_wait (run, 0, SIZE, TRUE, seen, &available);
    end_clear (&end);
    end.last = genvid_client_snapshot (run);
  } while (end.outcome == GENVID_READ_CHANGED);
  genvid_client_close (run);
  await_worker (kit, run);
  return end;
}

static const char *wanted;
static char *found; /* the file that has it */

static int
search_one (const char *path, const struct stat *info, int flag,
            struct FTW *walk)
{
  g_autofree char *text = NULL;

  if (flag == FTW_F && g_file_get_contents (path, &text, NULL, NULL)
      && strstr (text, wanted) != NULL) {
    g_free (found);
    found = g_strdup (path);
  }
  return 0;
}

/* A file of the store with TEXT in it; NULL: none. Owned by the caller. */
static char *
search (const Kit *kit, const char *text)
{
  wanted = text;
  found = NULL;
  nftw (kit->path, search_one, 16, FTW_PHYS);
  return g_steal_pointer (&found);
}

static void
assert_clean (const Kit *kit, const End *end)
{
  g_autofree char *text = genvid_failure_to_text (end->last->failure);

  g_assert_null (search (kit, KEY));
  g_assert_null (strstr (text, KEY));
  g_assert_null (strstr (text, "0123456789"));
  g_assert_true (end->last->id == NULL || strstr (end->last->id, KEY) == NULL);
}

static void
test_key_in_link (void)
{
  static const FakeReply script[] = {
    { "POST", SUBMIT, 202, NULL, READY ("ftp://cdn.example/" KEY "/x.mp4") },
  };
  g_auto (Kit) kit = kit_new ();
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_auto (End) end = run (&kit, service);

  g_assert_cmpint (end.outcome, ==, GENVID_READ_FAILED);
  g_assert_cmpint (end.last->failure->reason, ==, GENVID_REASON_UNSAFE_URL);
  g_assert_nonnull (
      strstr (end.last->failure->message, "\"ftp://cdn.example\""));
  assert_clean (&kit, &end);
}

static void
test_key_in_redirect (void)
{
  static const FakeReply script[] = {
    { "POST", SUBMIT, 202, NULL, READY ("/clip.mp4") },
    { "GET", "/clip.mp4", 302, "Location: ftp://cdn.example/" KEY "\n" },
  };
  g_auto (Kit) kit = kit_new ();
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_auto (End) end = run (&kit, service);

  g_assert_cmpint (end.outcome, ==, GENVID_READ_FAILED);
  g_assert_cmpint (end.last->failure->reason, ==, GENVID_REASON_UNSAFE_URL);
  assert_clean (&kit, &end);
}

static void
test_key_as_id (void)
{
  static const FakeReply script[] = {
    { "POST", SUBMIT, 202, NULL,
      "{\"job\":{\"id\":\"" KEY "\",\"status\":\"queued\"}}" },
  };
  g_auto (Kit) kit = kit_new ();
  g_autoptr (FakeService) service = FAKE_SERVICE (script);

  for (guint i = 0; i < 2; i++) {
    g_auto (End) end = run (&kit, service);

    g_assert_cmpint (end.outcome, ==, GENVID_READ_FAILED);
    g_assert_cmpint (end.last->failure->reason, ==, GENVID_REASON_IN_DOUBT);
    g_assert_nonnull (
        strstr (end.last->failure->message, "the key where the id should be"));
    assert_clean (&kit, &end);
  }
  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 1);
}

/* The record keeps an odd number and is read again; and were it lost, the
 * ledger has the id: it is polled, and nothing is submitted. */
static void
test_odd_number (gconstpointer damage)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 7);
  const FakeReply script[] = {
    { "POST", SUBMIT, 202, NULL, READY ("ftp://cdn.example/x.mp4") },
    { "GET", "/v2/jobs/job-7", 200, NULL, READY ("/clip.mp4") },
    { "GET", "/clip.mp4", .bytes = clip, .flags = FAKE_RANGE },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_auto (End) first = run (&kit, service);
  g_autofree char *path = search (&kit, "\"units-consumed\":5e+21");

  g_assert_cmpint (first.outcome, ==, GENVID_READ_FAILED);
  g_assert_nonnull (path);
  g_assert_true (g_str_has_suffix (path, "/job.json"));
  if (damage != NULL)
    g_assert_true (g_file_set_contents_full (
        path, damage, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  g_auto (End) second = run (&kit, service);
  g_assert_cmpint (second.outcome, ==, GENVID_READ_DATA);
  g_assert_cmpstr (second.last->id, ==, "job-7");
  g_assert_cmpuint (fake_service_count (service, "POST", NULL), ==, 1);
  g_assert_cmpuint (fake_service_count (service, "GET", "/v2/jobs/job-7"), ==,
                    1);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run-strangers/key-in-link", test_key_in_link);
  g_test_add_func ("/run-strangers/key-in-redirect", test_key_in_redirect);
  g_test_add_func ("/run-strangers/key-as-id", test_key_as_id);
  g_test_add_data_func ("/run-strangers/odd-number", NULL, test_odd_number);
  g_test_add_data_func ("/run-strangers/odd-number-damaged",
                        "{\"details\":{\"units-consumed\":5e+21.0}}",
                        test_odd_number);
  status = g_test_run ();
  genvid_client_quit ();
  return status;
}
