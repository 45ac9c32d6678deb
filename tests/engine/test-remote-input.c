/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inputs behind links: what is believed, what is refused, and that nothing of
 * either is left behind. */
#include "store-kit.h"

#include "wire-kit.h"

#include "failure.h"
#include "file-hash.h"
#include "http-client.h"
#include "remote-input.h"
#include "store-entry.h"

#include <gio/gio.h>

#define PICTURE_SIZE (300 * 1024 + 5)

static GBytes *
make_picture (gsize size)
{
  guint8 *data = g_malloc0 (size);

  memcpy (data, "\x89PNG\r\n\x1a\n", 8);
  for (gsize i = 8; i < size; i++)
    data[i] = (guint8)(i * 31 + i / 4093);
  return g_bytes_new_take (data, size);
}

typedef struct {
  Kit kit;
  FakeService *service;
  GenvidHttpClient *http;
  GenvidStoreEntry *entry;
  GenvidFailure *failure;
} Scene;

static void
open_scene (Scene *scene, const FakeReply *script, gsize n,
            const char *base_url)
{
  scene->kit = kit_new ();
  scene->service = fake_service_new (script, n);
  scene->http = make_transport (
      base_url != NULL ? base_url : fake_service_get_url (scene->service),
      NULL);
  scene->entry = kit_lock_entry (&scene->kit);
}

static void
close_scene (Scene *scene)
{
  g_autofree char *folder = kit_path (&scene->kit, ".");

  g_assert_cmpuint (folder_count (folder), ==, 0);
  genvid_failure_free (scene->failure);
  genvid_http_client_free (scene->http);
  genvid_store_entry_free (scene->entry);
  fake_service_free (scene->service);
  kit_clear (&scene->kit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, close_scene)

static GenvidRemoteInput *
fetch (Scene *scene, const char *path)
{
  g_autofree char *link = fake_service_make_url (scene->service, path);

  return genvid_remote_input_fetch (scene->http, scene->entry, link, 0,
                                    &scene->failure);
}

static void
assert_picture (const GenvidRemoteInput *input, GBytes *picture)
{
  g_autofree char *hash
      = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, picture);
  const char *path = genvid_remote_input_get_file (input)->path;
  g_autofree char *data = NULL;
  gsize length, size;
  const guint8 *bytes = g_bytes_get_data (picture, &size);

  g_assert_cmpstr (genvid_remote_input_get_file (input)->sha256, ==, hash);
  g_assert_cmpuint (kit_get_mode (path), ==, 0600);
  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  g_assert_cmpmem (data, length, bytes, size);
}

static void
test_whole (void)
{
  static const guint framing[] = { 0, FAKE_CHUNKED, FAKE_NO_LENGTH };
  g_autoptr (GBytes) picture = make_picture (PICTURE_SIZE);

  for (guint i = 0; i < G_N_ELEMENTS (framing); i++) {
    const FakeReply script[]
        = { { "GET", "/a.png", .bytes = picture, .flags = framing[i] } };
    g_auto (Scene) scene = { 0 };
    g_autoptr (GenvidRemoteInput) input = NULL;
    g_autofree char *path = NULL;

    open_scene (&scene, script, 1, NULL);
    input = fetch (&scene, "/a.png?signature=x%2Fy");
    g_assert_null (scene.failure);
    assert_picture (input, picture);
    path = g_strdup (genvid_remote_input_get_file (input)->path);
    g_clear_pointer (&input, genvid_remote_input_free);
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 1);
    g_assert_cmpstr (fake_service_get_request (scene.service, 0)->target, ==,
                     "/a.png?signature=x%2Fy");
  }
}

/* Whatever the service wants its key in, this is no request to the service.
 */
static void
test_no_key (void)
{
  static const char *const allowed[]
      = { "host", "user-agent", "accept", "accept-encoding", "connection" };
  g_autoptr (GBytes) picture = make_picture (4000);
  const FakeReply script[] = {
    { "GET", "/first", 302, "Location: /second\n" },
    { "GET", "/second", .bytes = picture },
  };
  g_auto (Scene) scene = { 0 };
  g_autoptr (GenvidRemoteInput) input = NULL;

  open_scene (&scene, script, 2, NULL);
  input = fetch (&scene, "/first");
  assert_picture (input, picture);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 2);
  for (guint i = 0; i < 2; i++) {
    const FakeRequest *request = fake_service_get_request (scene.service, i);
    guint known = 0;

    for (guint j = 0; j < G_N_ELEMENTS (allowed); j++)
      known += fake_request_get_header (request, allowed[j]) != NULL;
    g_assert_cmpuint (g_hash_table_size (request->headers), ==, known);
  }
}

typedef struct {
  const char *name;
  FakeReply reply;
  GenvidReason reason;
  guint status;
  const char *words;
} Refusal;

static const Refusal refusals[] = {
  { "missing", { .status = 404 }, GENVID_REASON_SETTINGS, 404, "HTTP 404" },
  { "forbidden", { .status = 403 }, GENVID_REASON_SETTINGS, 403, "HTTP 403" },
  { "partial",
    { .status = 206, .body = "x" },
    GENVID_REASON_SETTINGS,
    206,
    "HTTP 206" },
  { "nowhere", { .status = 302 }, GENVID_REASON_SETTINGS, 302, "HTTP 302" },
  { "busy", { .status = 429 }, GENVID_REASON_UNREACHABLE, 429, "HTTP 429" },
  { "broken", { .status = 503 }, GENVID_REASON_UNREACHABLE, 503, "HTTP 503" },
  { "page",
    { .headers = "Content-Type: text/html\n", .body = "\x89PNG\r\n\x1a\n...." },
    GENVID_REASON_NOT_MEDIA,
    0,
    "it is text" },
  { "text",
    { .headers = "Content-Type: image/png\n", .body = "{\"error\":\"gone\"}" },
    GENVID_REASON_NOT_MEDIA,
    0,
    "it is text" },
  { "empty", { .body = "" }, GENVID_REASON_NOT_MEDIA, 0, "is empty" },
  { "compressed",
    { .headers = "Content-Encoding: gzip\n",
      .body = "\x28\xb5\x2f\xfd$..........." },
    GENVID_REASON_NOT_MEDIA,
    0,
    "compressed" },
  { "announced-large",
    { .body = "\x89PNG", .lie = GENVID_IMAGE_MAX_BYTES },
    GENVID_REASON_SETTINGS,
    0,
    "64 MiB" },
  { "cut",
    { .body = "\x89PNG\r\n\x1a\n and more", .flags = FAKE_CUT, .cut = 9 },
    GENVID_REASON_UNREACHABLE,
    0,
    "Nothing was bought" },
  { "dropped",
    { .flags = FAKE_DROP },
    GENVID_REASON_UNREACHABLE,
    0,
    "Nothing was bought" },
  { "to-private",
    { .status = 302, .headers = "Location: https://10.0.0.1/a.png\n" },
    GENVID_REASON_UNSAFE_URL,
    0,
    "private address" },
  { "to-file",
    { .status = 302, .headers = "Location: file:///etc/passwd\n" },
    GENVID_REASON_UNSAFE_URL,
    0,
    "not an https URL" },
  { "to-itself",
    { .status = 302, .headers = "Location: /a.png\n" },
    GENVID_REASON_UNSAFE_URL,
    0,
    "too many redirects" },
};

static void
test_refused (gconstpointer data)
{
  const Refusal *refusal = data;
  g_auto (Scene) scene = { 0 };

  open_scene (&scene, &refusal->reply, 1, NULL);
  g_assert_null (fetch (&scene, "/a.png?secret=1"));
  g_test_message ("%s", scene.failure->message);
  g_assert_cmpstr (genvid_reason_to_string (scene.failure->reason), ==,
                   genvid_reason_to_string (refusal->reason));
  g_assert_cmpuint (scene.failure->http_status, ==, refusal->status);
  g_assert_cmpint (scene.failure->billed, ==, GENVID_BILLED_NO);
  g_assert_nonnull (strstr (scene.failure->message, refusal->words));
  g_assert_null (strstr (scene.failure->message, "secret"));
  g_assert_cmpint (scene.failure->retryable, ==,
                   refusal->reason == GENVID_REASON_UNREACHABLE);
}

/* A server that announces nothing is believed up to the limit. */
static void
test_endless (void)
{
  g_autoptr (GBytes) picture = make_picture (GENVID_IMAGE_MAX_BYTES + 1);
  const FakeReply script[]
      = { { "GET", "/a.png", .bytes = picture, .flags = FAKE_NO_LENGTH } };
  g_auto (Scene) scene = { 0 };

  open_scene (&scene, script, 1, NULL);
  g_assert_null (fetch (&scene, "/a.png"));
  g_assert_cmpint (scene.failure->reason, ==, GENVID_REASON_SETTINGS);
  g_assert_nonnull (strstr (scene.failure->message, "64 MiB"));
}

/* A stranger's link is not a way into this machine or its network. */
static void
test_private (void)
{
  static const char *const hosts[]
      = { "127.0.0.1", "localhost", "[::1]", "10.1.2.3" };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++) {
    const FakeReply script[] = { { NULL, NULL, 200, .body = "x" } };
    g_auto (Scene) scene = { 0 };
    g_autofree char *link = NULL;

    open_scene (&scene, script, 1, "https://api.example.com");
    link = g_strdup_printf ("https://%s:%u/a.png", hosts[i],
                            fake_service_get_port (scene.service));
    g_assert_null (genvid_remote_input_fetch (scene.http, scene.entry, link, 0,
                                              &scene.failure));
    g_assert_cmpint (scene.failure->reason, ==, GENVID_REASON_UNSAFE_URL);
    g_assert_cmpint (scene.failure->billed, ==, GENVID_BILLED_NO);
    g_assert_cmpuint (fake_service_get_n_connections (scene.service), ==, 0);
  }
}

/* Without TLS only the service's own host may give it. */
static void
test_plain_http (void)
{
  g_auto (Scene) scene = { 0 };
  const FakeReply script[] = { { NULL, NULL, 200, .body = "x" } };

  open_scene (&scene, script, 1, NULL);
  g_assert_null (genvid_remote_input_fetch (scene.http, scene.entry,
                                            "http://pictures.example/a.png", 0,
                                            &scene.failure));
  g_assert_cmpint (scene.failure->reason, ==, GENVID_REASON_UNSAFE_URL);
}

static gpointer
abort_when_held (gpointer data)
{
  Scene *scene = data;

  fake_service_await_held (scene->service, NULL, 1);
  genvid_http_client_abort (scene->http);
  return NULL;
}

static void
test_aborted (void)
{
  g_autoptr (GBytes) picture = make_picture (20000);
  const FakeReply script[] = { { "GET", "/a.png", .bytes = picture,
                                 .flags = FAKE_HOLD_BODY, .cut = 5000 } };
  g_auto (Scene) scene = { 0 };
  g_autoptr (GThread) thread = NULL;

  open_scene (&scene, script, 1, NULL);
  thread = g_thread_new ("abort", abort_when_held, &scene);
  g_assert_null (fetch (&scene, "/a.png"));
  g_thread_join (g_steal_pointer (&thread));
  g_assert_cmpint (scene.failure->reason, ==, GENVID_REASON_UNREACHABLE);
}

/* What a killed process left goes when the next one has the lock. */
static void
test_left_behind (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autofree char *path = NULL;
  int fd = genvid_store_entry_open_scratch (entry, &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  genvid_store_entry_unlock (entry);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (genvid_store_entry_try_lock (entry, NULL));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

int
main (int argc, char *argv[])
{
  wire_init (&argc, &argv);
  g_test_add_func ("/link-input/whole", test_whole);
  g_test_add_func ("/link-input/no-key", test_no_key);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++) {
    g_autofree char *path
        = g_strconcat ("/link-input/refused/", refusals[i].name, NULL);

    g_test_add_data_func (path, &refusals[i], test_refused);
  }
  g_test_add_func ("/link-input/endless", test_endless);
  g_test_add_func ("/link-input/private", test_private);
  g_test_add_func ("/link-input/plain-http", test_plain_http);
  g_test_add_func ("/link-input/aborted", test_aborted);
  g_test_add_func ("/link-input/left-behind", test_left_behind);
  return g_test_run ();
}
