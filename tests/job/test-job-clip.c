/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Services whose answer to the submit is the clip: nothing is polled, and what
 * breaks off is paid for and gone. */
#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "media-outcome.h"
#include "record.h"

#define MEDIA "{ \"submit\": { \"media\": true } }"

static const GenvidMedia media
    = { .outcome = GENVID_MEDIA_COMPLETE, .extension = "mp4", .size = 700 };

static void
feed_clip (World *world)
{
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (200, "");

  answer->media = media.size;
  genvid_job_feed_clip (world->job, answer, &media, &world->now);
  world_save (world);
}

static void
lose_clip (World *world)
{
  GenvidAnswer *answer = genvid_answer_new (GENVID_ANSWER_LOST, "cut");

  answer->media = 300;
  world_feed (world, answer);
}

static void
test_whole (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = MEDIA });
  double seconds;

  world_submit (world);
  g_assert_true (world->step.exchange->media);
  /* It takes as long as the generation. */
  g_assert_cmpint (world->step.until - world->now.boot, ==, SECONDS (600));
  world_advance (world, SECONDS (500));
  feed_clip (world);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DONE);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_DONE);
  g_assert_cmpint (world->disk->ready, !=, 0);
  g_assert_cmpuint (world->disk->media_size, ==, 700);
  g_assert_null (world->disk->id);
  g_assert_false (world->disk->frees);
  g_assert_true (genvid_job_take_duration (world->job, &seconds));
  g_assert_cmpfloat (seconds, ==, 500);
  world_start (world);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DONE);
  g_assert_cmpuint (world->submits, ==, 1);
}

/* Bought, and not bought again but knowingly. */
static void
test_broken (void)
{
  g_autoptr (World) world = world_new (
      (Service){ .billing = "no", .retry_503 = TRUE, .members = MEDIA });

  world_submit (world);
  lose_clip (world);
  for (guint start = 0; start < 3; start++) {
    const GenvidFailure *failure = world_fail (world, GENVID_REASON_IN_DOUBT);

    g_assert_cmpint (failure->billed, ==, GENVID_BILLED_YES);
    g_assert_nonnull (strstr (failure->message, "did not come whole"));
    g_assert_nonnull (strstr (failure->advice, "if-in-doubt=resubmit"));
    g_assert_null (strstr (failure->advice, "adopt"));
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IN_DOUBT);
    world_advance (world, SECONDS (3600));
    world_start (world);
  }
  g_assert_cmpuint (world->submits, ==, 1);
  world->options.resubmit = TRUE;
  world_submit (world);
  g_assert_cmpuint (world->disk->n, ==, 2);
  feed_clip (world);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DONE);
  g_assert_null (world->disk->failure);
  g_assert_cmpuint (world->submits, ==, 2);
}

/* A process that ends while it arrives leaves an ordinary doubt. */
static void
test_crash (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = MEDIA });

  world_submit (world);
  world_crash (world);
  world_start (world);
  world_fail (world, GENVID_REASON_IN_DOUBT);
  g_assert_cmpuint (world->submits, ==, 1);
}

/* A service that replays gives it once more. */
static void
test_replayed (void)
{
  g_autoptr (World) world = world_new (
      (Service){ .recovery = GENVID_RECOVERY_REPLAY, .members = MEDIA });
  g_autofree char *value = NULL;

  world_submit (world);
  value = g_strdup (world->value);
  lose_clip (world);
  world_wait (world, 1, 1);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  g_assert_cmpstr (world->value, ==, value);
  feed_clip (world);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DONE);
  g_assert_cmpuint (world->fresh, ==, 1);
}

/* An answer that is no clip is an answer like any. */
static void
test_accepted (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = MEDIA });

  world_submit (world);
  world_reply (world, 200, "{\"id\":\"j1\",\"status\":\"queued\"}");
  world_until_send (world, GENVID_EXCHANGE_POLL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/clip/whole", test_whole);
  g_test_add_func ("/job/clip/broken", test_broken);
  g_test_add_func ("/job/clip/crash", test_crash);
  g_test_add_func ("/job/clip/replayed", test_replayed);
  g_test_add_func ("/job/clip/accepted", test_accepted);
  return g_test_run ();
}
