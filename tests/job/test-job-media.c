/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clip is ready, and its media server gives it, late or never. */
#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "media-outcome.h"
#include "provider.h"
#include "record.h"

#define DONE "{\"id\":\"7\",\"status\":\"done\",\"url\":\"https://c/x?s=1\"}"

static const Service replay
    = { .recovery = GENVID_RECOVERY_REPLAY, .cancel = TRUE, .billing = "no" };
static const Service none = { .recovery = GENVID_RECOVERY_NONE };

typedef struct {
  GenvidMediaOutcome outcome;
  GenvidReason reason;
  guint status;
  gboolean retryable;
} Trouble;

static const Trouble missing
    = { GENVID_MEDIA_EXPIRED, GENVID_REASON_NOT_FOUND, 404, FALSE };
static const Trouble page
    = { GENVID_MEDIA_EXPIRED, GENVID_REASON_NOT_MEDIA, 0, TRUE };
static const Trouble busy
    = { GENVID_MEDIA_BROKEN, GENVID_REASON_BUSY, 503, TRUE };
static const Trouble gone
    = { GENVID_MEDIA_EXPIRED, GENVID_REASON_NOT_FOUND, 410, FALSE };

static void
feed (World *world, const Trouble *trouble, guint64 size, gint64 retry_after)
{
  g_autoptr (GenvidFailure) failure = genvid_failure_new (
      trouble->reason, "No clip here (HTTP %u).", trouble->status);
  GenvidMedia media = {
    trouble->outcome, failure, NULL, size, SECONDS (retry_after),
  };

  failure->http_status = trouble->status;
  failure->retryable = trouble->retryable;
  genvid_job_feed_media (world->job, &media, &world->now);
  world_save (world);
}

/* The same every time, until it fails. Returns how many downloads there
 * were. */
static guint
repeat (World *world, const Trouble *trouble, guint64 step)
{
  guint n = 0;

  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_DOWNLOAD)
      feed (world, trouble, step * ++n, -1);
    else if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_reply (world, 200, DONE);
  }
  return n;
}

static void
check_note (World *world, const char *words)
{
  g_autofree char *note = genvid_job_get_note (world->job);

  if (words == NULL)
    g_assert_null (note);
  else
    g_assert_nonnull (strstr (note, words));
}

/* A link that works in two and a half minutes is none to give up. */
static void
test_late (void)
{
  static const Trouble *const troubles[] = { &missing, &page, &busy };

  for (guint i = 0; i < G_N_ELEMENTS (troubles); i++) {
    g_autoptr (World) world = world_new (none);
    GenvidMedia whole = { GENVID_MEDIA_COMPLETE, NULL, "mp4", 99 };
    gint64 begin;

    world->options.timeout = 20;
    world_ready (world);
    begin = world->now.boot;
    g_assert_false (world->step.again);
    while (world->now.boot - begin < SECONDS (150)) {
      feed (world, troubles[i], 0, -1);
      world_poll (world, DONE);
      g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
      g_assert_cmpstr (world->step.media->url, ==, "https://c/x?s=1");
      g_assert_true (world->step.again);
    }
    check_note (world, "No clip");
    genvid_job_feed_media (world->job, &whole, &world->now);
    world_save (world);
    g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DONE);
    check_note (world, NULL);
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

/* Growing gaps of 1 to 15 s, and one poll each. */
static void
test_gaps (void)
{
  static const double gaps[] = { 1, 2, 4, 8, 15, 15, 15 };
  g_autoptr (World) world = world_new (none);

  world_ready (world);
  for (guint i = 0; i < G_N_ELEMENTS (gaps); i++) {
    feed (world, &missing, 0, -1);
    world_wait (world, gaps[i], gaps[i]);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
    world_reply (world, 200, DONE);
    g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  }
}

/* What the media server asks for counts, within reason. */
static void
test_retry_after (void)
{
  static const gint64 rows[][2] = { { 20, 20 }, { 0, 2 }, { 9999, 60 } };
  g_autoptr (World) world = world_new (none);

  world_ready (world);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    feed (world, &busy, 0, rows[i][0]);
    world_wait (world, (double)rows[i][1], (double)rows[i][1]);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
    world_reply (world, 200, DONE);
    g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  }
}

/* It ends at the deadline, and not before three minutes; what the media server
 * said last is the error, and nothing is lost. */
static void
test_never (void)
{
  static const struct {
    const Trouble *trouble;
    guint timeout;
    gint64 lasts;
  } rows[] = {
    { &missing, 20, 180 },
    { &busy, 20, 180 },
    { &page, 20, 180 },
    { &missing, 400, 0 },
    /* the deadline's */ { &page, 400, 180 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new (none);
    gint64 begin, deadline;
    guint n;

    world->options.timeout = rows[i].timeout;
    world_ready (world);
    begin = world->now.boot;
    deadline = world->job != NULL ? SECONDS (rows[i].timeout) : 0;
    n = repeat (world, rows[i].trouble, 0);
    if (rows[i].lasts > 0)
      g_assert_cmpint (world->now.boot - begin, >=, SECONDS (180));
    else
      g_assert_cmpint (world->now.boot - begin, >=, deadline - SECONDS (60));
    if (rows[i].lasts > 0)
      g_assert_cmpint (world->now.boot - begin, <=, SECONDS (195));
    g_assert_cmpuint (n, >=, 12);
    g_assert_cmpuint (n, <=, 40);
    world_fail (world, rows[i].trouble->reason);
    g_assert_true (world->step.failure->retryable);
    g_assert_cmpuint (world->step.failure->http_status, ==,
                      rows[i].trouble->status);
    g_assert_cmpstr (world->step.failure->generation_id, ==, "7");
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_DOWNLOADING);
    world_start (world);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  }
}

static void
test_patience (void)
{
  Service hasty = { .recovery = GENVID_RECOVERY_NONE, .patience = 5 };
  g_autoptr (World) world = world_new (hasty);
  gint64 begin;

  world->options.timeout = 1;
  world_ready (world);
  begin = world->now.boot;
  repeat (world, &missing, 0);
  g_assert_cmpint (world->now.boot - begin, ==, SECONDS (5));
  world_fail (world, GENVID_REASON_NOT_FOUND);
}

/* The service cannot be asked any more, but why there is no clip is known. */
static void
test_no_polls (void)
{
  g_autoptr (World) world = world_new (none);

  world->options.timeout = 20;
  world_ready (world);
  feed (world, &missing, 0, -1);
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_answer (world, GENVID_ANSWER_LOST);
  }
  world_fail (world, GENVID_REASON_NOT_FOUND);
}

static void
test_gone (void)
{
  g_autoptr (World) world = world_new (none);

  world_ready (world);
  g_assert_cmpuint (repeat (world, &gone, 0), ==, 4);
  world_fail (world, GENVID_REASON_NOT_FOUND);
}

/* Links that bring some and expire are asked for anew, but not for ever; a
 * few bytes are none. */
static void
test_expired_with_bytes (void)
{
  static const guint64 steps[] = { 100000, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_autoptr (World) world = world_new (none);
    gint64 begin;
    guint links;

    world->options.timeout = 20;
    world_ready (world);
    begin = world->now.boot;
    links = repeat (world, &missing, steps[i]);
    g_assert_cmpuint (links, >, 4);
    g_assert_cmpuint (links, <, 40);
    g_assert_cmpint (world->now.boot - begin, <=, SECONDS (200));
    g_assert_true (i == 1 || world->now.boot == begin);
  }
}

static void
test_stopped (void)
{
  static const GenvidMediaOutcome outcomes[]
      = { GENVID_MEDIA_BROKEN, GENVID_MEDIA_REFUSED };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++) {
    g_autoptr (World) world = world_new (none);
    Trouble trouble = { outcomes[i], GENVID_REASON_NOT_MEDIA, 0, FALSE };

    world_ready (world);
    feed (world, &trouble, 0, -1);
    world_fail (world, GENVID_REASON_NOT_MEDIA);
    g_assert_cmpstr (world->step.failure->generation_id, ==, "7");
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_DOWNLOADING);
    world_start (world);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  }
}

/* "Failed" after "done" is not free by a general word. */
static void
test_failed_after_ready (void)
{
  g_autoptr (World) world = world_new (replay);

  world_ready (world);
  feed (world, &missing, 0, -1);
  world_poll (world, "{\"id\":\"7\",\"status\":\"failed\"}");
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_false (world->disk->frees);
}

/* To cancel what is ready can only lose it. */
static void
test_cancel (void)
{
  g_autoptr (World) world = world_new (replay);

  world_ready (world);
  feed (world, &missing, 0, -1);
  genvid_job_cancel (world->job);
  world_until_send (world, GENVID_EXCHANGE_POLL);
  g_assert_false (world->disk->cancel);
  world_reply (world, 200, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/media/late", test_late);
  g_test_add_func ("/job/media/gaps", test_gaps);
  g_test_add_func ("/job/media/retry-after", test_retry_after);
  g_test_add_func ("/job/media/never", test_never);
  g_test_add_func ("/job/media/patience", test_patience);
  g_test_add_func ("/job/media/no-polls", test_no_polls);
  g_test_add_func ("/job/media/gone", test_gone);
  g_test_add_func ("/job/media/expired-with-bytes", test_expired_with_bytes);
  g_test_add_func ("/job/media/stopped", test_stopped);
  g_test_add_func ("/job/media/failed-after-ready", test_failed_after_ready);
  g_test_add_func ("/job/media/cancel", test_cancel);
  return g_test_run ();
}
