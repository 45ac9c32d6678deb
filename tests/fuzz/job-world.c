/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job-world.h"

#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "media-outcome.h"

#define BASE "https://api.example.com"

static void
restart (World *world)
{
  GenvidJobOptions options = { .timeout = 60 };
  GenvidCall *call = genvid_call_new (world->provider, world->request,
                                      world->parameters, NULL, NULL);

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

void
world_live (World *world, uint8_t event, uint8_t status, const char *body)
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

gboolean
world_begin (World *world, GenvidProvider *provider,
             const GenvidRequest *request, JsonObject *parameters)
{
  *world = (World){ .provider = provider,
                    .request = request,
                    .parameters = parameters,
                    .now = { 1700000000000000, 1000000, "b" } };
  if (!genvid_call_check (provider, request, parameters, NULL))
    return FALSE;
  world->disk = genvid_record_new ("f", genvid_provider_get_name (provider));
  restart (world);
  return TRUE;
}

void
world_end (World *world)
{
  genvid_job_free (world->job);
  genvid_record_free (world->disk);
}
