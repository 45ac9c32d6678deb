/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job-fixture.h"
#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "request.h"

#include <json-glib/json-glib.h>

static const char description[]
    = "{ \"genvid\": 1, \"name\": \"probe\", \"title\": \"Probe\","
      "  \"semantics\": 1,"
      "  \"base-url\": { \"default\": \"" BASE_URL "\" },"
      "  \"key\": { \"variables\": [\"PROBE_API_KEY\"] },"
      "  \"headers\": { \"Authorization\": \"Bearer ${key}\" },"
      "  \"words\": { \"prompt\": { \"required\": true }%s },"
      "  \"submit\": { \"method\": \"POST\", \"url\": \"/jobs\","
      "    \"headers\": { \"Idempotency-Key\": \"${idempotency}\" },"
      "    \"body\": { \"prompt\": \"${prompt}\"%s } },%s"
      "  \"calls\": [{ \"name\": \"video\" }],"
      "  \"poll\": { \"method\": \"GET\", \"url\": \"%s\" },%s%s"
      "  \"reply\": { \"id\": \"$.id\", \"status\": \"$.status\","
      "    \"states\": ["
      "      { \"in\": [\"queued\"], \"is\": \"queued\" },"
      "      { \"in\": [\"running\"], \"is\": \"running\" },"
      "      { \"in\": [\"done\"], \"is\": \"succeeded\" },"
      "      { \"in\": [\"failed\"], \"is\": \"failed\" },"
      "      { \"in\": [\"refused\"], \"is\": \"refused\" },"
      "      { \"in\": [\"stopped\"], \"is\": \"cancelled\" } ],"
      "    \"link\": \"$.url\", \"message\": \"$.message\","
      "    \"code\": \"$.code\", \"progress\": { \"path\": \"$.progress\" },"
      "    \"cost\": [{ \"path\": \"$.cost\", \"currency\": \"USD\" },"
      "      { \"path\": \"$.credits\", \"currency\": \"credits\" }],"
      "    \"created\": \"$.created\", \"completed\": \"$.completed\"%s },"
      "  \"credit\": { \"usd\": 0.0000005, \"dated\": \"2026-08-21\" },"
      "  \"failure-billing\": \"%s\", \"retry-503\": %s,"
      "  \"limits\": { \"timeout\": 600, \"patience\": %u },"
      "  \"recovery\": { \"kind\": \"%s\"%s } }";

#define IMAGE_WORD ", \"image\": { \"file\": \"upload\" }"
#define UPLOAD                                                                 \
  " \"upload\": { \"method\": \"POST\", \"url\": \"/files\","                  \
  " \"part\": \"file\", \"id\": \"$.file\" },"
#define LOOKUP                                                                 \
  " \"lookup\": { \"method\": \"GET\", \"url\": \"/log\","                     \
  " \"rows\": \"$.rows\", \"match\": \"$.value\","                             \
  " \"value\": \"${idempotency}\", \"id\": \"$.id\" },"
#define CANCEL                                                                 \
  " \"cancel\": { \"method\": \"POST\", \"url\": \"/jobs/${id}/stop\","        \
  " \"billed\": \"no\" },"

/* MEMBERS is nullable. */
static char *
merge (const char *text, const char *members)
{
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  g_autoptr (JsonNode) over
      = json_from_string (members != NULL ? members : "{}", NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, json_node_get_object (over));
  while (json_object_iter_next (&iter, &name, &node)) {
    JsonObject *object = json_node_get_object (root);
    JsonNode *old = json_object_get_member (object, name);
    JsonObjectIter inner;

    if (old == NULL || !JSON_NODE_HOLDS_OBJECT (old)
        || !JSON_NODE_HOLDS_OBJECT (node)) {
      json_object_set_member (object, name, json_node_copy (node));
      continue;
    }
    json_object_iter_init (&inner, json_node_get_object (node));
    while (json_object_iter_next (&inner, &name, &node))
      if (JSON_NODE_HOLDS_NULL (node))
        json_object_remove_member (json_node_get_object (old), name);
      else
        json_object_set_member (json_node_get_object (old), name,
                                json_node_copy (node));
  }
  return json_to_string (root, FALSE);
}

static GenvidProvider *
make_provider (const Service *service)
{
  static const char *const kinds[] = {
    [GENVID_RECOVERY_NONE] = "none",
    [GENVID_RECOVERY_REPLAY] = "replay",
    [GENVID_RECOVERY_LOOKUP] = "lookup",
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (
      description, service->upload ? IMAGE_WORD : "",
      service->upload ? ", \"image\": \"${image}\"" : "",
      service->upload ? UPLOAD : "",
      service->captured ? "${poll_url|raw}" : "/jobs/${id}",
      service->recovery == GENVID_RECOVERY_LOOKUP ? LOOKUP : "",
      service->cancel ? CANCEL : "",
      service->captured ? ", \"captures\": { \"poll_url\": \"$.poll_url\" }"
                        : "",
      service->billing != NULL ? service->billing : "unknown",
      service->retry_503 ? "true" : "false",
      service->patience > 0 ? service->patience : 180, kinds[service->recovery],
      service->recovery == GENVID_RECOVERY_REPLAY ? ", \"window\": 72000" : "");
  g_autofree char *merged = merge (text, service->members);
  GenvidProvider *provider
      = genvid_provider_new ("probe.json", merged, -1, &error);

  g_assert_no_error (error);
  return provider;
}

static GenvidCall *
make_call (const World *world)
{
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GError) error = NULL;
  GenvidCall *call;

  request->prompt = g_strdup ("a drone shot");
  if (world->service.upload) {
    request->image = genvid_input_parse ("/pictures/a.png", NULL);
    request->image->sha256 = g_strdup (FINGERPRINT);
    request->image->type = "image/png";
  }
  call = genvid_call_new (world->provider, request, NULL, NULL, &error);
  g_assert_no_error (error);
  genvid_call_bind (call, BASE_URL, "KEY-OF-THE-USER", NULL);
  if (world->recalled != 0) {
    g_autoptr (JsonNode) id = json_node_new (JSON_NODE_VALUE);

    json_node_set_int (id, world->recalled);
    genvid_call_set_upload_id (call, 0, id);
  }
  return call;
}

void
world_reset (World *world)
{
  world_crash (world);
  genvid_record_free (world->disk);
  world->disk = genvid_record_new (FINGERPRINT, "probe");
  world->now = (GenvidNow){ WALL_START, SECONDS (1000), "boot-1" };
  world->options = (GenvidJobOptions){ 0 };
  world->fresh = world->submits = world->saves = 0;
  g_clear_pointer (&world->value, g_free);
}

World *
world_new (Service service)
{
  World *world = g_new0 (World, 1);

  world->service = service;
  world->provider = make_provider (&service);
  world_reset (world);
  return world;
}

void
world_crash (World *world)
{
  g_clear_pointer (&world->job, genvid_job_free);
}

void
world_free (World *world)
{
  world_crash (world);
  genvid_record_free (world->disk);
  genvid_provider_unref (world->provider);
  g_free (world->value);
  g_free (world);
}

void
world_save (World *world)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const GenvidRecord *record;
  guint serial;

  record = genvid_job_get_record (world->job, &serial);
  if (serial == world->serial)
    return;
  world->serial = serial;
  world->saves++;
  text = genvid_record_to_text (record);
  genvid_record_free (world->disk);
  world->disk = genvid_record_from_text (text, -1, &error);
  g_assert_no_error (error);
}

void
world_start (World *world)
{
  world_crash (world);
  world->serial = 0;
  world->job = genvid_job_new (make_call (world), world->disk, &world->options,
                               &world->now);
  world_save (world);
}

void
world_advance (World *world, gint64 microseconds)
{
  world->now.wall += microseconds;
  world->now.boot += microseconds;
}

static void
check_keys (const GenvidExchange *exchange)
{
  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (exchange->headers, i);

    if (strstr (header->value, "KEY-OF-THE-USER") == NULL)
      continue;
    g_assert_true (header->secret);
    g_assert_true (g_str_has_prefix (exchange->url, BASE_URL "/"));
  }
  g_assert_null (strstr (exchange->url, "KEY-OF-THE-USER"));
}

GenvidStep *
world_step (World *world)
{
  world->step = genvid_job_step (world->job, &world->now);
  world_save (world);
  if (world->step.kind == GENVID_STEP_SEND) {
    check_keys (world->step.exchange);
    g_assert_cmpint (world->step.until, >, world->now.boot);
  }
  if (world->step.kind == GENVID_STEP_WAIT)
    g_assert_cmpint (world->step.until, >, world->now.boot);
  return &world->step;
}

void
world_note_value (World *world)
{
  const GenvidExchange *exchange = world->step.exchange;

  world->submits++;
  g_clear_pointer (&world->value, g_free);
  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (exchange->headers, i);

    if (strcmp (header->name, "Idempotency-Key") == 0)
      world->value = g_strdup (header->value);
  }
}

static void
note_submit (World *world)
{
  world_note_value (world);
  if (!world->step.fresh)
    return;
  world->fresh++;
  genvid_job_intended (world->job, &world->now);
  world_save (world);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_SUBMITTING);
}

void
world_send (World *world, GenvidExchangeKind kind, gboolean fresh)
{
  world_step (world);
  g_assert_cmpint (world->step.kind, ==, GENVID_STEP_SEND);
  g_assert_cmpint (world->step.exchange->kind, ==, kind);
  g_assert_cmpint (world->step.fresh, ==, fresh);
  if (kind == GENVID_EXCHANGE_SUBMIT)
    note_submit (world);
}

void
world_wait (World *world, double minimum, double maximum)
{
  double gap;

  world_step (world);
  g_assert_cmpint (world->step.kind, ==, GENVID_STEP_WAIT);
  gap = (double)(world->step.until - world->now.boot) / G_USEC_PER_SEC;
  g_assert_cmpfloat (gap, >=, minimum);
  g_assert_cmpfloat (gap, <=, maximum);
  world_advance (world, world->step.until - world->now.boot);
}

void
world_until_send (World *world, GenvidExchangeKind kind)
{
  while (world_step (world)->kind == GENVID_STEP_WAIT)
    world_advance (world, world->step.until - world->now.boot);
  g_assert_cmpint (world->step.kind, ==, GENVID_STEP_SEND);
  g_assert_cmpint (world->step.exchange->kind, ==, kind);
  if (kind == GENVID_EXCHANGE_SUBMIT)
    note_submit (world);
}

const GenvidFailure *
world_fail (World *world, GenvidReason reason)
{
  guint serial;

  for (guint i = 0; i < 3; i++) {
    world_step (world);
    g_assert_cmpint (world->step.kind, ==, GENVID_STEP_FAIL);
    if (world->step.failure->reason != reason)
      g_error ("%s, not %s: %s",
               genvid_reason_to_string (world->step.failure->reason),
               genvid_reason_to_string (reason), world->step.failure->message);
    world_advance (world, SECONDS (1));
  }
  world_reply (world, 200, "{\"id\":\"8\",\"status\":\"done\"}");
  genvid_job_cancel (world->job);
  genvid_job_get_record (world->job, &serial);
  g_assert_cmpuint (serial, ==, world->serial);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_FAIL);
  return world->step.failure;
}

void
world_feed (World *world, GenvidAnswer *answer)
{
  genvid_job_feed (world->job, answer, &world->now);
  genvid_answer_free (answer);
  world_save (world);
}

void
world_reply (World *world, guint status, const char *body)
{
  world_feed (world, genvid_answer_new_reply (status, body));
}

void
world_reply_later (World *world, guint status, const char *retry_after)
{
  GenvidAnswer *answer = genvid_answer_new_reply (status, "{}");

  g_hash_table_insert (answer->headers, g_strdup ("retry-after"),
                       g_strdup (retry_after));
  world_feed (world, answer);
}

void
world_answer (World *world, GenvidAnswerKind kind)
{
  world_feed (world, genvid_answer_new (kind, "the line is dead"));
}

void
world_submit (World *world)
{
  world_start (world);
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
}

void
world_poll (World *world, const char *body)
{
  world_until_send (world, GENVID_EXCHANGE_POLL);
  world_reply (world, 200, body);
}

void
world_cancel (World *world)
{
  genvid_job_cancel (world->job);
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
}

void
world_accept (World *world)
{
  world_submit (world);
  world_reply (world, 201, "{\"id\":\"7\",\"status\":\"queued\"}");
  g_assert_cmpstr (world->disk->id, ==, "7");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
}

void
world_ready (World *world)
{
  world_accept (world);
  world_until_send (world, GENVID_EXCHANGE_POLL);
  world_reply (world, 200,
               "{\"id\":\"7\",\"status\":\"done\",\"cost\":1.5,"
               "\"url\":\"https://cdn.example.net/c.mp4?sig=1\"}");
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
}
