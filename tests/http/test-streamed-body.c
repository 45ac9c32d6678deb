/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Uploads: the bytes on the wire, and a request that must never be complete
 * when the file is not the one that was meant. */
#include "wire-kit.h"
#include "exchange.h"
#include "http-client.h"

#include <gio/gio.h>

#include <glib/gstdio.h>
#include <sys/stat.h>

typedef struct {
  char *folder;
  char *path;
  GBytes *bytes;
  char *sha256;
} Picture;

static void
picture_init (Picture *picture, gsize size)
{
  g_autofree guint8 *data = g_malloc0 (size);

  memcpy (data, "\x89PNG\r\n\x1a\n", 8);
  for (gsize i = 8; i < size; i++)
    data[i] = i * 31 + i / 4093;
  picture->folder = g_dir_make_tmp ("genvid-test-XXXXXX", NULL);
  picture->path = g_build_filename (picture->folder, "holiday of me", NULL);
  picture->bytes = g_bytes_new (data, size);
  picture->sha256
      = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, picture->bytes);
  g_assert_true (g_file_set_contents (picture->path, (char *)data, size, NULL));
}

static void
picture_clear (Picture *picture)
{
  g_remove (picture->path);
  g_rmdir (picture->folder);
  g_free (picture->folder);
  g_free (picture->path);
  g_bytes_unref (picture->bytes);
  g_free (picture->sha256);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Picture, picture_clear)

static void
add_picture (GenvidExchange *exchange, const char *name, const Picture *picture)
{
  GenvidBodyPart *part = genvid_exchange_add_part (exchange, name);
  const GenvidFile file = { picture->path, picture->sha256 };

  part->file_name = g_strdup ("image.png");
  part->type = g_strdup ("image/png");
  genvid_body_part_add_file (part, &file);
  exchange->content_type = g_strdup ("multipart/form-data");
}

static GenvidExchange *
make_upload (FakeService *service, const Picture *picture)
{
  g_autofree char *url = fake_service_make_url (service, "/up?agent_id=7");
  GenvidExchange *exchange
      = genvid_exchange_new (GENVID_EXCHANGE_UPLOAD, "POST", url);

  add_picture (exchange, "content_resource[file]", picture);
  return exchange;
}

static void
note_progress (guint64 sent, guint64 total, gpointer data)
{
  guint64 *seen = data;

  g_assert_cmpuint (sent, >, seen[0]);
  g_assert_cmpuint (sent, <=, total);
  seen[0] = sent;
  seen[1] = total;
}

static void
test_upload (void)
{
  const FakeReply script[] = { { "POST", "/up", 201, NULL, "{\"id\":5}" } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_auto (Picture) picture = { 0 };
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autoptr (GenvidAnswer) answer = NULL;
  g_autoptr (GString) expected = g_string_new (NULL);
  const FakeRequest *request;
  const char *type;
  guint64 seen[2] = { 0 };

  picture_init (&picture, 3 * 1024 * 1024 + 5);
  exchange = make_upload (service, &picture);
  answer
      = genvid_http_client_send (http, exchange, FOR_EVER, note_progress, seen);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
  assert_body (answer, "{\"id\":5}");
  request = fake_service_get_request (service, 0);
  g_assert_true (request->complete);
  type = fake_request_get_header (request, "content-type");
  g_assert_true (g_str_has_prefix (type, "multipart/form-data; boundary="));
  type += strlen ("multipart/form-data; boundary=");
  g_string_printf (expected,
                   "--%s\r\nContent-Disposition: form-data; "
                   "name=\"content_resource[file]\"; filename=\"image.png\"\r\n"
                   "Content-Type: image/png\r\n\r\n",
                   type);
  g_string_append_len (expected, g_bytes_get_data (picture.bytes, NULL),
                       g_bytes_get_size (picture.bytes));
  g_string_append_printf (expected, "\r\n--%s--\r\n", type);
  g_assert_cmpmem (g_bytes_get_data (request->body, NULL),
                   g_bytes_get_size (request->body), expected->str,
                   expected->len);
  g_assert_cmpuint (seen[0], ==, expected->len);
  g_assert_cmpuint (seen[1], ==, expected->len);
}

static void
test_upload_changed (void)
{
  const FakeReply script[] = { { "POST", "/up", 201 } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_auto (Picture) picture = { 0 };
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autoptr (GenvidAnswer) answer = NULL;

  picture_init (&picture, 100000);
  picture.sha256[0] = picture.sha256[0] == 'a' ? 'b' : 'a';
  exchange = make_upload (service, &picture);
  answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSAFE);
  fake_service_await_closed (service);
  for (guint i = 0; i < fake_service_get_n_requests (service); i++)
    g_assert_false (fake_service_get_request (service, i)->complete);
}

static void
test_upload_no_file (void)
{
  g_autoptr (FakeService) service = fake_service_new (NULL, 0);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_auto (Picture) picture = { 0 };
  g_autoptr (GenvidExchange) exchange = NULL;

  picture_init (&picture, 100);
  exchange = make_upload (service, &picture);
  g_remove (picture.path);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GenvidAnswer) answer
        = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);

    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSAFE);
    if (i == 0) /* nobody writes into it: an open must not wait */
      g_assert_cmpint (mkfifo (picture.path, 0600), ==, 0);
  }
  g_assert_cmpuint (fake_service_get_n_connections (service), ==, 0);
}

static void
test_upload_lost (void)
{
  const FakeReply script[]
      = { { "POST", "/up", .flags = FAKE_DROP_BODY | FAKE_RESET } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_auto (Picture) picture = { 0 };
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autoptr (GenvidAnswer) answer = NULL;

  picture_init (&picture, 8 * 1024 * 1024);
  exchange = make_upload (service, &picture);
  answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_LOST);
  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 1);
}

/* JSON with a file in base64 in it, and nothing of a submit whose file is not
 * the one that was meant. */
static void
test_submit (void)
{
  const FakeReply script[] = { { "POST", "/v1", 200, NULL, "{}" } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autofree char *url = fake_service_make_url (service, "/v1");
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_auto (Picture) picture = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *expected = NULL;

  picture_init (&picture, 200 * 1024 + 1);
  text = g_base64_encode (g_bytes_get_data (picture.bytes, NULL),
                          g_bytes_get_size (picture.bytes));
  expected = g_strdup_printf ("{\"i\":\"%s\"}", text);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GenvidExchange) exchange
        = genvid_exchange_new (GENVID_EXCHANGE_SUBMIT, "POST", url);
    GenvidBodyPart *part = genvid_exchange_add_part (exchange, NULL);
    const GenvidFile file = { picture.path, picture.sha256 };
    g_autoptr (GenvidAnswer) answer = NULL;
    const FakeRequest *request;

    genvid_body_part_add_text (part, "{\"i\":\"", 6);
    genvid_body_part_add_file (part, &file)->base64 = TRUE;
    genvid_body_part_add_text (part, "\"}", 2);
    exchange->content_type = g_strdup ("application/json");
    answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
    g_assert_cmpint (answer->kind, ==,
                     i == 0 ? GENVID_ANSWER_REPLY : GENVID_ANSWER_UNSAFE);
    g_assert_cmpuint (fake_service_get_n_connections (service), ==, 1);
    request = fake_service_get_request (service, 0);
    g_assert_cmpstr (fake_request_get_header (request, "content-type"), ==,
                     "application/json");
    g_assert_cmpmem (g_bytes_get_data (request->body, NULL),
                     g_bytes_get_size (request->body), expected,
                     strlen (expected));
    picture.sha256[0] = picture.sha256[0] == 'a' ? 'b' : 'a';
  }
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/upload/whole", test_upload);
  g_test_add_func ("/upload/changed", test_upload_changed);
  g_test_add_func ("/upload/no-file", test_upload_no_file);
  g_test_add_func ("/upload/lost", test_upload_lost);
  g_test_add_func ("/upload/submit", test_submit);
  return g_test_run ();
}
