/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inputs that must be at the service before the submit. */
#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "provider.h"
#include "record.h"

static const Service replay
    = { .recovery = GENVID_RECOVERY_REPLAY, .cancel = TRUE, .billing = "no" };
static const Service none = { .recovery = GENVID_RECOVERY_NONE };

static void
test_uploads (void)
{
  Service service = replay;
  g_autoptr (World) world = NULL;
  g_autofree char *body = NULL;

  service.upload = TRUE;
  world = world_new (service);
  world_start (world);
  world_send (world, GENVID_EXCHANGE_UPLOAD, FALSE);
  g_assert_cmpstr (genvid_exchange_get_file (world->step.exchange, 0)->path, ==,
                   "/pictures/a.png");
  world_answer (world, GENVID_ANSWER_LOST);
  world_wait (world, 1, 1);
  world_send (world, GENVID_EXCHANGE_UPLOAD, FALSE);
  world_reply (world, 201, "{\"file\":4821}");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  body = g_strndup (g_bytes_get_data (world->step.exchange->body, NULL),
                    g_bytes_get_size (world->step.exchange->body));
  g_assert_nonnull (strstr (body, "4821"));
  g_assert_null (strstr (body, "\"4821\""));
  /* A replay by another process sends the same bytes. */
  world_start (world);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  g_assert_cmpmem (body, strlen (body),
                   g_bytes_get_data (world->step.exchange->body, NULL),
                   g_bytes_get_size (world->step.exchange->body));
  g_assert_cmpuint (world->fresh, ==, 1);
}

/* With other ids the body would differ, and a refusal of that would prove
 * nothing. */
static void
test_uploads_lost (void)
{
  Service service = replay;
  g_autoptr (World) world = NULL;

  service.upload = TRUE;
  world = world_new (service);
  world_start (world);
  world_send (world, GENVID_EXCHANGE_UPLOAD, FALSE);
  world_reply (world, 201, "{\"file\":4821}");
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  world_crash (world);
  g_clear_pointer (&world->disk->uploads, json_array_unref);
  world_start (world);
  world_fail (world, GENVID_REASON_IN_DOUBT);
}

static void
test_upload_fails (void)
{
  static const struct {
    guint status;
    GenvidReason reason;
  } rows[] = {
    { 0, GENVID_REASON_UNREACHABLE },    { 200, GENVID_REASON_BAD_ANSWER },
    { 401, GENVID_REASON_UNAUTHORIZED }, { 413, GENVID_REASON_REJECTED },
    { 429, GENVID_REASON_BUSY },         { 500, GENVID_REASON_BUSY },
    { 503, GENVID_REASON_BUSY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Service service = none;
    g_autoptr (World) world = NULL;
    guint sends = 0;

    service.upload = TRUE;
    world = world_new (service);
    world_start (world);
    while (world_step (world)->kind != GENVID_STEP_FAIL) {
      if (world->step.kind == GENVID_STEP_WAIT) {
        world_advance (world, world->step.until - world->now.boot);
        continue;
      }
      g_assert_cmpint (world->step.exchange->kind, ==, GENVID_EXCHANGE_UPLOAD);
      g_assert_cmpuint (++sends, <, 10);
      if (rows[i].status == 0)
        world_answer (world, GENVID_ANSWER_LOST);
      else
        world_reply (world, rows[i].status, "{}");
    }
    world_fail (world, rows[i].reason);
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);
    g_assert_cmpint (world->step.failure->billed, ==, GENVID_BILLED_NO);
  }
}

/* Waiting fills no account: a 429 that means so ends at once, for nothing. */
static void
test_upload_out_of_credit (void)
{
  g_autoptr (World) world = world_new (
      (Service){ .upload = TRUE,
                 .members = "{ \"errors\": [{ \"http\": [429], \"code\": "
                            "[\"no_funds\"], \"is\": \"quota\" }] }" });

  world_start (world);
  world_send (world, GENVID_EXCHANGE_UPLOAD, FALSE);
  world_reply (world, 429, "{\"code\":\"no_funds\",\"message\":\"Pay\"}");
  g_assert_nonnull (
      strstr (world_fail (world, GENVID_REASON_QUOTA)->message, "Pay"));
  g_assert_cmpint (world->step.failure->billed, ==, GENVID_BILLED_NO);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);
  g_assert_cmpuint (world->submits, ==, 0);
}

/* What the store remembers is not uploaded again, and is written down. */
static void
test_upload_recalled (void)
{
  Service service = replay;
  g_autoptr (World) world = NULL;

  service.upload = TRUE;
  world = world_new (service);
  world->recalled = 4821;
  world_start (world);
  g_assert_cmpint (json_array_get_int_element (world->disk->uploads, 0), ==,
                   4821);
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  /* Another memory by now: the replay still sends what was sent. */
  world->recalled = 9999;
  world_start (world);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  g_assert_nonnull (g_strstr_len (
      g_bytes_get_data (world->step.exchange->body, NULL),
      (gssize)g_bytes_get_size (world->step.exchange->body), "4821"));
  /* Without the note, no memory can tell what was sent. */
  world_crash (world);
  g_clear_pointer (&world->disk->uploads, json_array_unref);
  world_start (world);
  world_fail (world, GENVID_REASON_IN_DOUBT);
}

/* Where the bytes go is asked first. */
#define THEN                                                                   \
  "{ \"upload\": { \"part\": null, \"lasts\": 60,"                             \
  " \"body\": { \"name\": \"${file-name}\", \"hash\": \"${file-hash}\" },"     \
  " \"then\": { \"url\": \"$.at\", \"fields\": \"$.fields\","                  \
  " \"part\": \"file\", \"headers\": { \"X-Type\": \"${file-type}\" } } } }"
#define GRANT                                                                  \
  "{\"file\":4821,\"at\":\"https://bucket.example.net/?s=1\","                 \
  "\"fields\":{\"policy\":\"a\\\"b\",\"n\":7}}"

static gboolean
has_text (const GenvidExchange *exchange, const char *needle)
{
  gsize length = 0;
  const char *text = exchange->body != NULL
                         ? g_bytes_get_data (exchange->body, &length)
                         : NULL;

  return text != NULL && g_strstr_len (text, (gssize)length, needle) != NULL;
}

static void
check_secrets (const GenvidExchange *exchange, gboolean wanted)
{
  gboolean found = FALSE;

  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (exchange->headers, i);

    found |= header->secret || strstr (header->value, "KEY-OF-THE-USER");
  }
  g_assert_cmpint (found, ==, wanted);
}

/* The fields as they were given, and the file last. */
static void
check_granted (const GenvidExchange *exchange)
{
  static const char *const names[] = { "policy", "n", "file" };

  g_assert_cmpstr (exchange->url, ==, "https://bucket.example.net/?s=1");
  g_assert_cmpstr (exchange->method, ==, "POST");
  g_assert_cmpstr (exchange->content_type, ==, "multipart/form-data");
  g_assert_cmpuint (exchange->parts->len, ==, 3);
  for (guint i = 0; i < 3; i++) {
    const GenvidBodyPart *part = g_ptr_array_index (exchange->parts, i);

    g_assert_cmpstr (part->name, ==, names[i]);
  }
  check_secrets (exchange, FALSE);
}

static Service
granted (void)
{
  Service service = none;

  service.upload = TRUE;
  service.members = THEN;
  return service;
}

static void
test_granted (void)
{
  g_autoptr (World) world = world_new (granted ());

  world_start (world);
  world_send (world, GENVID_EXCHANGE_GRANT, FALSE);
  g_assert_true (has_text (world->step.exchange, "image.png"));
  g_assert_true (has_text (world->step.exchange, FINGERPRINT));
  check_secrets (world->step.exchange, TRUE);
  world_reply (world, 200, GRANT);
  world_send (world, GENVID_EXCHANGE_UPLOAD, FALSE);
  check_granted (world->step.exchange);
  world_reply (world, 204, "");
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  g_assert_true (has_text (world->step.exchange, "4821"));
}

/* An address may be good for one use: each attempt asks for its own, and the
 * attempts are counted together. */
static void
test_granted_again (void)
{
  g_autoptr (World) world = world_new (granted ());
  guint grants = 0;

  world_start (world);
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT) {
      world_advance (world, world->step.until - world->now.boot);
      continue;
    }
    if (world->step.exchange->kind == GENVID_EXCHANGE_GRANT) {
      g_assert_cmpuint (++grants, <, 10);
      world_reply (world, 200, GRANT);
    } else {
      check_granted (world->step.exchange);
      world_answer (world, GENVID_ANSWER_LOST);
    }
  }
  g_assert_cmpuint (grants, >, 1);
  world_fail (world, GENVID_REASON_UNREACHABLE);
  g_assert_cmpint (world->step.failure->billed, ==, GENVID_BILLED_NO);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);
  g_assert_cmpuint (world->submits, ==, 0);
}

/* Another process knows nothing of the address, and asks again. */
static void
test_granted_crash (void)
{
  g_autoptr (World) world = world_new (granted ());

  world_start (world);
  world_send (world, GENVID_EXCHANGE_GRANT, FALSE);
  world_reply (world, 200, GRANT);
  world_send (world, GENVID_EXCHANGE_UPLOAD, FALSE);
  world_crash (world);
  world_start (world);
  world_send (world, GENVID_EXCHANGE_GRANT, FALSE);
}

/* None is an address: one that is missing, that comes without its fields or
 * without the name of what is uploaded, or in which the key is. */
static void
test_granted_nothing (void)
{
  static const char *const answers[] = {
    "{}",
    "{\"file\":4821,\"fields\":{}}",
    "{\"file\":4821,\"at\":\"https://b.example.net/\"}",
    "{\"file\":4821,\"at\":\"https://b.example.net/\",\"fields\":[1]}",
    "{\"at\":\"https://b.example.net/\",\"fields\":{}}",
    "{\"file\":1,\"at\":\"https://b.example.net/KEY-OF-THE-USER\","
    "\"fields\":{}}",
    "{\"file\":1,\"at\":\"https://b.example.net/\","
    "\"fields\":{\"k\":\"KEY-OF-THE-USER\"}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    g_autoptr (World) world = world_new (granted ());

    world_start (world);
    while (world_step (world)->kind != GENVID_STEP_FAIL) {
      if (world->step.kind == GENVID_STEP_WAIT) {
        world_advance (world, world->step.until - world->now.boot);
        continue;
      }
      g_assert_cmpint (world->step.exchange->kind, ==, GENVID_EXCHANGE_GRANT);
      world_reply (world, 200, answers[i]);
    }
    world_fail (world, GENVID_REASON_BAD_ANSWER);
    g_assert_cmpuint (world->submits, ==, 0);
  }
}

/* Bytes as the body, and an id that only the second answer has. */
static void
test_granted_raw (void)
{
  Service service = granted ();
  g_autoptr (World) world = NULL;

  service.members = "{ \"upload\": { \"part\": null, \"id\": null,"
                    " \"then\": { \"url\": \"$.at\","
                    " \"id\": \"$.uri\" } } }";
  world = world_new (service);
  world_start (world);
  world_send (world, GENVID_EXCHANGE_GRANT, FALSE);
  world_reply (world, 200, "{\"at\":\"https://b.example.net/put\"}");
  world_send (world, GENVID_EXCHANGE_UPLOAD, FALSE);
  g_assert_cmpstr (world->step.exchange->method, ==, "PUT");
  g_assert_cmpstr (world->step.exchange->content_type, ==, "image/png");
  check_secrets (world->step.exchange, FALSE);
  world_reply (world, 200, "{\"uri\":\"files/9\"}");
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  g_assert_true (has_text (world->step.exchange, "files/9"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/upload/all", test_uploads);
  g_test_add_func ("/job/upload/all-lost", test_uploads_lost);
  g_test_add_func ("/job/upload/fails", test_upload_fails);
  g_test_add_func ("/job/upload/out-of-credit", test_upload_out_of_credit);
  g_test_add_func ("/job/upload/recalled", test_upload_recalled);
  g_test_add_func ("/job/upload/granted", test_granted);
  g_test_add_func ("/job/upload/granted-again", test_granted_again);
  g_test_add_func ("/job/upload/granted-crash", test_granted_crash);
  g_test_add_func ("/job/upload/granted-nothing", test_granted_nothing);
  g_test_add_func ("/job/upload/granted-raw", test_granted_raw);
  return g_test_run ();
}
