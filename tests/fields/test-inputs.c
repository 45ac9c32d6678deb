/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pictures on their way to gen.pro: the bytes, the ids, and how often. */

#include "fields-kit.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fake-service.h"
#include "client.h"
#include "clip-status.h"
#include "failure.h"
#include "request.h"
#include "settings.h"

#define MEDIUM (200 * 1000)
#define LARGE  (5 * 1024 * 1024 + 3)

static GBytes *
make_picture (gsize size, guint seed)
{
  guint8 *data = g_malloc0 (size);

  memcpy (data, "\x89PNG\r\n\x1a\n", 8);
  for (gsize i = 8; i < size; i++)
    data[i] = (guint8)(i * 31 + i / 4093 + seed);
  return g_bytes_new_take (data, size);
}

static guint
count (Kit *kit, GenvidSandboxScope scope)
{
  return genvid_sandbox_count_requests (kit->sandbox,
                                        GENVID_SANDBOX_ANY_SERVICE, scope);
}

static guint
count_bought (Kit *kit)
{
  return genvid_sandbox_count (kit->sandbox, GENVID_SANDBOX_GENPRO,
                               GENVID_SANDBOX_ACCEPTED);
}

static void
assert_body (Kit *kit, const char *expected)
{
  g_autofree char *body = kit_body (kit);

  g_assert_cmpstr (body, ==, expected);
}

static void
assert_uploaded (Kit *kit, guint n, GBytes *picture)
{
  g_autoptr (GPtrArray) uploads = genvid_sandbox_uploads (kit->sandbox);
  const GenvidSandboxUpload *upload = g_ptr_array_index (uploads, n);
  g_autofree char *hash
      = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, picture);

  g_assert_true (g_bytes_equal (upload->bytes, picture));
  g_assert_cmpstr (upload->sha256, ==, hash);
  g_assert_cmpstr (upload->file_name, ==, "image.png");
  g_assert_cmpstr (upload->content_type, ==, "image/png");
}

static GenvidSettings *
order_image (Kit *kit, const char *members, const char *path)
{
  GenvidSettings *settings = kit_order (kit, members);

  settings->request->image = kit_input (path);
  return settings;
}

static void
test_file (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (LARGE, 0);
  g_autofree char *path = kit_file (kit, "me on holiday.png", picture);
  g_autoptr (Outcome) outcome = kit_run (order_image (kit, "prompt=p", path));
  g_autoptr (GenvidSandboxRequest) upload = NULL;

  kit_assert_done (kit, outcome);
  upload = kit_request (kit, GENVID_SANDBOX_UPLOAD, 0);
  g_assert_cmpstr (upload->method, ==, "POST");
  g_assert_cmpstr (upload->path, ==, "/v1/content_resources");
  g_assert_cmpstr (upload->query, ==, "agent_id=42");
  g_assert_cmpstr (genvid_sandbox_request_header (upload, "X-API-Key"), ==,
                   KIT_KEY);
  g_assert_null (genvid_sandbox_request_header (upload, "Idempotency-Key"));
  assert_uploaded (kit, 0, picture);
  assert_body (kit, "{\"generation_type\":\"video_from_image\",\"data\":{"
                    "\"image_resource_id\":9020,\"prompt\":\"p\"}}");
  g_assert_cmpuint (outcome->snapshot->uploads, ==, 1);
}

/* The id goes back with the JSON type that it came with. */
static void
test_string_id (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (MEDIUM, 0);
  g_autofree char *path = kit_file (kit, "a.png", picture);
  g_autoptr (Outcome) outcome = NULL;

  kit_fault (kit, "upload-string-id");
  outcome = kit_run (order_image (kit, "prompt=p", path));
  kit_assert_done (kit, outcome);
  assert_body (kit, "{\"generation_type\":\"video_from_image\",\"data\":{"
                    "\"image_resource_id\":\"9020\",\"prompt\":\"p\"}}");
}

/* Once an agent, whatever its name is and whatever it is used for. */
static void
test_once (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (MEDIUM, 0);
  g_autofree char *path = kit_file (kit, "a.png", picture);
  g_autofree char *copy = kit_file (kit, "b.png", picture);
  GenvidSettings *settings = kit_order (kit, "prompt=three");
  g_autoptr (Outcome) first = kit_run (order_image (kit, "prompt=one", path));
  g_autoptr (Outcome) second = kit_run (order_image (kit, "prompt=two", copy));
  g_autoptr (Outcome) third = NULL;
  g_autoptr (Outcome) other = NULL;

  kit_assert_done (kit, first);
  kit_assert_done (kit, second);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_UPLOAD), ==, 1);
  assert_body (kit, "{\"generation_type\":\"video_from_image\",\"data\":{"
                    "\"image_resource_id\":9020,\"prompt\":\"two\"}}");
  g_ptr_array_add (settings->request->references, kit_input (path));
  third = kit_run (settings);
  kit_assert_done (kit, third);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_UPLOAD), ==, 1);
  other = kit_run (order_image (
      kit, "prompt=one&sheet-id=101&cell-id=3100&agent-id=43", path));
  kit_assert_done (kit, other);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_UPLOAD), ==, 2);
}

static void
test_end_image (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) first = make_picture (MEDIUM, 0);
  g_autoptr (GBytes) last = make_picture (MEDIUM, 7);
  g_autofree char *a = kit_file (kit, "a.png", first);
  g_autofree char *b = kit_file (kit, "b.png", last);
  GenvidSettings *settings = order_image (kit, "prompt=p", a);
  g_autoptr (Outcome) outcome = NULL;

  settings->request->end_image = kit_input (b);
  outcome = kit_run (settings);
  kit_assert_done (kit, outcome);
  assert_uploaded (kit, 0, first);
  assert_uploaded (kit, 1, last);
  assert_body (kit, "{\"generation_type\":\"video_from_image\",\"data\":{"
                    "\"image_resource_id\":9020,"
                    "\"image_tail_resource_id\":9021,\"prompt\":\"p\"}}");
}

/* Ids and files mixed, in their order; the same picture twice is one. */
static void
test_references (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (MEDIUM, 0);
  g_autofree char *path = kit_file (kit, "a.png", picture);
  GenvidSettings *settings = kit_order (kit, "prompt=p");
  g_autoptr (Outcome) outcome = NULL;
  const char *const inputs[] = { path, "id:502", path };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    g_ptr_array_add (settings->request->references, kit_input (inputs[i]));
  outcome = kit_run (settings);
  kit_assert_done (kit, outcome);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_UPLOAD), ==, 1);
  assert_body (kit,
               "{\"generation_type\":\"video_from_ingredients\",\"data\":{"
               "\"prompt\":\"p\",\"asset_resource_ids\":[9020,502,9020]}}");
}

/* Links. The sandbox's own host may give them over http. */

static GenvidSettings *
order_link (Kit *kit, const char *members, FakeService *pictures,
            const char *path)
{
  GenvidSettings *settings = kit_order (kit, members);

  settings->request->image = g_new0 (GenvidInput, 1);
  settings->request->image->kind = GENVID_INPUT_LINK;
  settings->request->image->value = fake_service_make_url (pictures, path);
  return settings;
}

/* Nothing but what belongs to a purchase. */
static void
assert_tidy (Kit *kit, const Outcome *outcome)
{
  g_autofree char *folder
      = g_build_filename (kit->store, "clips", outcome->fingerprint, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_assert_cmpint (name[0], !=, '.');
}

static void
test_link (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (LARGE, 0);
  const FakeReply script[] = { { "GET", "/a.png", .bytes = picture },
                               { "GET", "/moved", 302, "Location: /a.png\n" } };
  g_autoptr (FakeService) pictures = FAKE_SERVICE (script);
  g_autoptr (Outcome) first
      = kit_run (order_link (kit, "prompt=one", pictures, "/a.png?sig=1"));
  g_autoptr (Outcome) second = NULL;
  const FakeRequest *request;

  kit_assert_done (kit, first);
  assert_uploaded (kit, 0, picture);
  assert_body (kit, "{\"generation_type\":\"video_from_image\",\"data\":{"
                    "\"image_resource_id\":9020,\"prompt\":\"one\"}}");
  request = fake_service_get_request (pictures, 0);
  g_assert_null (fake_request_get_header (request, "x-api-key"));
  assert_tidy (kit, first);
  /* The same picture behind another link is at the service already. */
  second = kit_run (order_link (kit, "prompt=two", pictures, "/moved"));
  kit_assert_done (kit, second);
  g_assert_cmpuint (fake_service_get_n_requests (pictures), ==, 3);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_UPLOAD), ==, 1);
  assert_body (kit, "{\"generation_type\":\"video_from_image\",\"data\":{"
                    "\"image_resource_id\":9020,\"prompt\":\"two\"}}");
  assert_tidy (kit, second);
}

/* Nothing is bought with a picture that is not there, and the next start
 * finds the way free. */
static void
test_link_fails (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (MEDIUM, 0);
  const FakeReply script[] = {
    { "GET", "/a.png", 404, .times = 1 },
    { "GET", "/a.png", 503, .times = 1 },
    { "GET", "/a.png", 200, "Content-Type: text/html\n", "<html>", .times = 1 },
    { "GET", "/a.png", .bytes = picture },
  };
  static const GenvidReason reasons[]
      = { GENVID_REASON_SETTINGS, GENVID_REASON_UNREACHABLE,
          GENVID_REASON_NOT_MEDIA };
  g_autoptr (FakeService) pictures = FAKE_SERVICE (script);
  g_autoptr (Outcome) outcome = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++) {
    g_autoptr (Outcome) failed
        = kit_run (order_link (kit, "prompt=p", pictures, "/a.png"));

    g_assert_cmpint (failed->reason, ==, reasons[i]);
    g_assert_cmpint (failed->snapshot->failure->billed, ==, GENVID_BILLED_NO);
    g_assert_cmpuint (count (kit, GENVID_SANDBOX_ANY_SCOPE), ==, 0);
    assert_tidy (kit, failed);
  }
  outcome = kit_run (order_link (kit, "prompt=p", pictures, "/a.png"));
  kit_assert_done (kit, outcome);
  g_assert_cmpuint (count_bought (kit), ==, 1);
}

/* What is stored or under way needs no picture any more. */
static void
test_link_not_needed (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (MEDIUM, 0);
  const FakeReply script[]
      = { { "GET", "/a.png", .bytes = picture, .times = 1 } };
  g_autoptr (FakeService) pictures = FAKE_SERVICE (script);
  GenvidSettings *settings = order_link (kit, "prompt=p", pictures, "/a.png");
  g_autoptr (Outcome) late = NULL;
  g_autoptr (Outcome) first = NULL;
  g_autoptr (Outcome) again = NULL;

  settings->timeout = 1;
  kit_fault (kit, "poll-never");
  late = kit_run (settings);
  g_assert_cmpint (late->reason, ==, GENVID_REASON_TIMED_OUT);
  genvid_sandbox_clear_faults (kit->sandbox);
  first = kit_run (order_link (kit, "prompt=p", pictures, "/a.png"));
  kit_assert_done (kit, first);
  again = kit_run (order_link (kit, "prompt=p", pictures, "/a.png"));
  kit_assert_done (kit, again);
  g_assert_cmpuint (fake_service_get_n_requests (pictures), ==, 1);
  g_assert_cmpuint (count_bought (kit), ==, 1);
}

/* Uploads that fail. */

static void
test_upload_fails (void)
{
  static const struct {
    const char *fault;
    GenvidReason reason;
    const char *words;
  } cases[] = {
    { "upload-401", GENVID_REASON_UNAUTHORIZED, "Invalid API key" },
    { "upload-422=too many legs", GENVID_REASON_REJECTED, "too many legs" },
    { "upload-500@0", GENVID_REASON_BUSY, "Nothing was bought" },
    { "upload-lost@0", GENVID_REASON_UNREACHABLE, "Nothing was bought" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Kit) kit = kit_new ("genpro", NULL);
    g_autoptr (GBytes) picture = make_picture (MEDIUM, 0);
    g_autofree char *path = kit_file (kit, "a.png", picture);
    g_autoptr (Outcome) outcome = NULL;

    kit_fault (kit, cases[i].fault);
    outcome = kit_run (order_image (kit, "prompt=p", path));
    g_test_message ("%s", outcome->snapshot->failure->message);
    g_assert_cmpint (outcome->reason, ==, cases[i].reason);
    g_assert_nonnull (
        strstr (outcome->snapshot->failure->message, cases[i].words));
    g_assert_cmpuint (count (kit, GENVID_SANDBOX_SUBMIT), ==, 0);
  }
}

static void
test_upload_again (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (MEDIUM, 0);
  g_autofree char *path = kit_file (kit, "a.png", picture);
  g_autoptr (Outcome) outcome = NULL;

  kit_fault (kit, "upload-lost");
  kit_fault (kit, "upload-429=1+1");
  outcome = kit_run (order_image (kit, "prompt=p", path));
  kit_assert_done (kit, outcome);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_UPLOAD), >=, 2);
  g_assert_cmpuint (count_bought (kit), ==, 1);
}

/* The service may have dropped what is remembered here. */
static void
test_forgotten (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (MEDIUM, 0);
  g_autofree char *path = kit_file (kit, "a.png", picture);
  g_autoptr (Outcome) first = kit_run (order_image (kit, "prompt=one", path));
  g_autoptr (Outcome) rejected = NULL;
  g_autoptr (Outcome) again = NULL;

  kit_assert_done (kit, first);
  kit_fault (kit, "submit-400=image_resource_id: not found@1");
  rejected = kit_run (order_image (kit, "prompt=two", path));
  g_assert_cmpint (rejected->reason, ==, GENVID_REASON_REJECTED);
  again = kit_run (order_image (kit, "prompt=two", path));
  kit_assert_done (kit, again);
  g_assert_cmpuint (count (kit, GENVID_SANDBOX_UPLOAD), ==, 2);
}

static void
test_progress (void)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (GBytes) picture = make_picture (LARGE, 0);
  g_autofree char *path = kit_file (kit, "a.png", picture);
  GThread *thread;
  g_autoptr (Outcome) outcome = NULL;
  g_autoptr (GenvidSettings) same = NULL;
  g_autoptr (GenvidClient) run = NULL;
  g_autoptr (GenvidClipStatus) snapshot = NULL;

  genvid_sandbox_hold (kit->sandbox, GENVID_SANDBOX_GATE_UPLOAD);
  same = order_image (kit, "prompt=p", path);
  thread
      = g_thread_new ("run", (GThreadFunc)kit_run, genvid_settings_copy (same));
  g_assert_true (genvid_sandbox_wait_held (
      kit->sandbox, GENVID_SANDBOX_GATE_UPLOAD, 1, 60000));
  run = genvid_client_open (same, NULL, NULL);
  snapshot = genvid_client_snapshot (run);
  g_assert_cmpint (snapshot->uploading, ==, 100);
  g_assert_cmpint (snapshot->progress, ==, -1);
  genvid_client_close (run);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_UPLOAD);
  outcome = g_thread_join (thread);
  kit_assert_done (kit, outcome);
  g_assert_cmpint (outcome->snapshot->uploading, ==, -1);
}

int
main (int argc, char *argv[])
{
  kit_init (&argc, &argv);
  g_test_add_func ("/inputs/file", test_file);
  g_test_add_func ("/inputs/string-id", test_string_id);
  g_test_add_func ("/inputs/once", test_once);
  g_test_add_func ("/inputs/end-image", test_end_image);
  g_test_add_func ("/inputs/references", test_references);
  g_test_add_func ("/inputs/link", test_link);
  g_test_add_func ("/inputs/link-fails", test_link_fails);
  g_test_add_func ("/inputs/link-not-needed", test_link_not_needed);
  g_test_add_func ("/inputs/upload-fails", test_upload_fails);
  g_test_add_func ("/inputs/upload-again", test_upload_again);
  g_test_add_func ("/inputs/forgotten", test_forgotten);
  g_test_add_func ("/inputs/progress", test_progress);
  return g_test_run ();
}
