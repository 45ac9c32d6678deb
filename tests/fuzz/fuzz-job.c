/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two bytes an event: what becomes of the step, and with which status; the
 * rest of a line is the body. Checked: a job ends or waits, never buys twice
 * under one number, never shows progress that falls. */
#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "job.h"
#include "media-outcome.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "request.h"

#include <stdint.h>

#define BASE       "https://api.example.com"
#define MAX_EVENTS 200

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char description[]
    = "{ \"genvid\": 1, \"name\": \"probe\", \"title\": \"Probe\","
      "  \"semantics\": 1, \"base-url\": { \"default\": \"" BASE "\" },"
      "  \"key\": { \"variables\": [\"PROBE_API_KEY\"] },"
      "  \"words\": { \"prompt\": { \"required\": true } },"
      "  \"submit\": { \"method\": \"POST\", \"url\": \"/jobs\","
      "    \"headers\": { \"Idempotency-Key\": \"${idempotency}\" },"
      "    \"body\": { \"prompt\": \"${prompt}\" } },"
      "  \"calls\": [{ \"name\": \"video\" }],"
      "  \"poll\": { \"method\": \"GET\", \"url\": \"/jobs/${id}\" },"
      "  \"cancel\": { \"method\": \"POST\", \"url\": \"/jobs/${id}/stop\" },"
      "  \"reply\": { \"id\": \"$.id\", \"status\": \"$.status\","
      "    \"states\": [ { \"in\": [\"r\"], \"is\": \"running\" },"
      "      { \"in\": [\"d\"], \"is\": \"succeeded\" },"
      "      { \"in\": [\"s\"], \"is\": \"cancelled\" },"
      "      { \"in\": [\"f\"], \"is\": \"failed\" } ],"
      "    \"link\": \"$.url\", \"message\": \"$.m\","
      "    \"progress\": { \"path\": \"$.p\" } },"
      "  \"failure-billing\": \"no\","
      "  \"recovery\": { \"kind\": \"replay\", \"window\": 72000 } }";

typedef struct {
  GenvidProvider *provider;
  GenvidJob *job;
  GenvidRecord *disk;
  GenvidNow now;
  guint bought; /* the last number that was sent fresh */
  int progress;
} World;

static void
restart (World *world)
{
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  GenvidJobOptions options = { .timeout = 60 };
  GenvidCall *call;

  request->prompt = g_strdup ("x");
  call = genvid_call_new (world->provider, request, NULL, NULL, NULL);
  g_assert_nonnull (call);
  genvid_call_bind (call, BASE, "k", NULL);
  genvid_job_free (world->job);
  world->job = genvid_job_new (call, world->disk, &options, &world->now);
  world->progress = -1;
}

static void
save (World *world)
{
  g_autofree char *text
      = genvid_record_to_text (genvid_job_get_record (world->job, NULL));

  genvid_record_free (world->disk);
  world->disk = genvid_record_from_text (text, -1, NULL);
  g_assert_nonnull (world->disk);
}

static void
answer (World *world, uint8_t status, const char *body)
{
  static const guint statuses[] = { 200, 201, 202, 302, 400, 401, 403,
                                    404, 408, 409, 422, 429, 500, 503 };
  g_autoptr (GenvidAnswer) answer = NULL;

  if (status < 64)
    answer = genvid_answer_new (
        (GenvidAnswerKind[]){ GENVID_ANSWER_UNSENT, GENVID_ANSWER_LOST,
                              GENVID_ANSWER_UNSAFE }[status % 3],
        "x");
  else
    answer = genvid_answer_new_reply (
        statuses[status % G_N_ELEMENTS (statuses)], body);
  genvid_job_feed (world->job, answer, &world->now);
}

static void
perform (World *world, const GenvidStep *step, uint8_t status, const char *body)
{
  GenvidMedia media = { .extension = "mp4" };
  switch (step->kind) {
  case GENVID_STEP_SEND:
    if (step->fresh) {
      g_assert_cmpuint (world->disk->n, >, world->bought);
      world->bought = world->disk->n;
      genvid_job_intended (world->job, &world->now);
      save (world);
    }
    answer (world, status, body);
    break;
  case GENVID_STEP_WAIT:
    g_assert_cmpint (step->until, >, world->now.boot);
    world->now.wall += step->until - world->now.boot;
    world->now.boot = step->until;
    break;
  case GENVID_STEP_DOWNLOAD:
    g_assert_nonnull (step->media);
    media.outcome = (GenvidMediaOutcome)(status % 4);
    media.size = status;
    genvid_job_feed_media (world->job, &media, &world->now);
    break;
  case GENVID_STEP_DONE:
  case GENVID_STEP_FAIL:
  default:
    world->now.wall += 61 * (gint64)G_USEC_PER_SEC;
    restart (world);
    break;
  }
}

static void
live (World *world, uint8_t event, uint8_t status, const char *body)
{
  GenvidStep step;
  int progress;

  if (event % 16 == 1)
    genvid_job_cancel (world->job);
  if (event % 16 == 2)
    restart (world);
  step = genvid_job_step (world->job, &world->now);
  save (world);
  perform (world, &step, status, body);
  save (world);
  progress = genvid_job_get_progress (world->job);
  g_assert_cmpint (progress, >=, world->progress);
  g_assert_cmpint (progress, <=, 100);
  world->progress = progress;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  World world = { .now = { 1700000000000000, 1000000, "b" } };
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_EVENTS);

  world.provider = genvid_provider_new ("probe.json", description, -1, NULL);
  g_assert_nonnull (world.provider);
  world.disk = genvid_record_new ("f", "probe");
  restart (&world);
  for (guint i = 0; lines[i] != NULL && i < MAX_EVENTS; i++) {
    if (strlen (lines[i]) >= 2)
      live (&world, (uint8_t)lines[i][0], (uint8_t)lines[i][1], lines[i] + 2);
  }
  genvid_job_free (world.job);
  genvid_record_free (world.disk);
  genvid_provider_unref (world.provider);
  return 0;
}
