/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each row of what an answer to a submit means. */
#include "job-fixture.h"

#include "exchange.h"
#include "failure.h"
#include "fingerprint.h"
#include "job.h"
#include "media-outcome.h"
#include "provider.h"
#include "record.h"

static const Service replay
    = { .recovery = GENVID_RECOVERY_REPLAY, .cancel = TRUE, .billing = "no" };
static const Service lookup
    = { .recovery = GENVID_RECOVERY_LOOKUP, .billing = "no" };
static const Service none = { .recovery = GENVID_RECOVERY_NONE };

static void
test_whole (void)
{
  static const GenvidMedia whole = { GENVID_MEDIA_COMPLETE, NULL, "mp4", 1234 };
  g_autoptr (World) world = world_new (replay);
  g_autofree char *value = genvid_fingerprint_idempotency (FINGERPRINT, 1);

  world_accept (world);
  g_assert_cmpstr (world->value, ==, value);
  world_wait (world, 5, 45);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200,
               "{\"id\":\"7\",\"status\":\"running\",\"progress\":40}");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_RUNNING);
  g_assert_cmpint (genvid_job_get_progress (world->job), ==, 40);
  world_wait (world, 1, 15);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200,
               "{\"id\":\"7\",\"status\":\"done\",\"cost\":\"1.5\",\"url\":"
               "\"https://cdn.example.net/c.mp4?sig=a%2Fb\"}");
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_cmpstr (world->step.media->url, ==,
                   "https://cdn.example.net/c.mp4?sig=a%2Fb");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_DOWNLOADING);
  g_assert_cmpfloat (world->disk->cost, ==, 1.5);
  g_assert_cmpint (world->disk->ready, ==, world->now.wall);
  genvid_job_feed_media (world->job, &whole, &world->now);
  world_save (world);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DONE);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_DONE);
  g_assert_cmpstr (world->disk->media_extension, ==, "mp4");
  g_assert_cmpuint (world->disk->media_size, ==, 1234);
  g_assert_cmpuint (world->fresh, ==, 1);
  world_start (world);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DONE);
}

static void
test_names (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  g_assert_cmpstr (world->disk->call, ==, "video");
  g_assert_cmpstr (world->disk->prompt, ==, "a drone shot");
  genvid_job_set_key_hash (world->job, "AA:BB");
  world_save (world);
  g_assert_cmpstr (world->disk->key_hash, ==, "AA:BB");
}

static void
test_unsent (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world_submit (world);
  for (guint i = 0; i < 3; i++) {
    world_answer (world, GENVID_ANSWER_UNSENT);
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_SUBMITTING);
    world_wait (world, 1 << i, 1 << i);
    world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  }
  world_answer (world, GENVID_ANSWER_UNSENT);
  failure = world_fail (world, GENVID_REASON_UNREACHABLE);
  g_assert_true (failure->retryable);
  g_assert_cmpint (failure->billed, ==, GENVID_BILLED_NO);
  g_assert_nonnull (strstr (failure->message, "the line is dead"));
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_FAILED);
  g_assert_true (world->disk->frees);
  g_assert_cmpuint (world->fresh, ==, 1);
  /* Nothing was bought: a new start may try at once, as purchase 2. */
  world_submit (world);
  g_assert_cmpuint (world->disk->n, ==, 2);
}

static void
test_unsafe (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world_submit (world);
  world_answer (world, GENVID_ANSWER_UNSAFE);
  failure = world_fail (world, GENVID_REASON_UNREACHABLE);
  g_assert_null (strstr (failure->advice, "network"));
  g_assert_true (world->disk->frees);
}

static void
test_busy (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world_submit (world);
  world_reply_later (world, 429, "7");
  world_wait (world, 7, 7);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply_later (world, 429, "99999");
  world_wait (world, 60, 60);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply_later (world, 429, "Tue, 14 Nov 2023 22:14:40 GMT");
  world_wait (world, 13, 13);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply_later (world, 429, "0");
  world_wait (world, 1, 1);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply_later (world, 429, "soon");
  failure = world_fail (world, GENVID_REASON_BUSY);
  g_assert_true (failure->retryable);
  g_assert_cmpuint (failure->http_status, ==, 429);
  g_assert_true (world->disk->frees);
  g_assert_cmpuint (world->fresh, ==, 1);
}

static void
test_busy_503 (void)
{
  Service service = none;
  g_autoptr (World) gives = NULL;
  g_autoptr (World) takes = world_new (none);

  service.retry_503 = TRUE;
  gives = world_new (service);
  world_submit (gives);
  world_reply (gives, 503, "{}");
  world_wait (gives, 2, 2);
  world_send (gives, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply (gives, 200, "{\"id\":\"7\"}");
  g_assert_cmpstr (gives->disk->id, ==, "7");

  world_submit (takes);
  world_reply (takes, 503, "{}");
  world_fail (takes, GENVID_REASON_IN_DOUBT);
}

typedef struct {
  guint status;
  const char *body;
  GenvidReason reason;
} Row;

static void
test_rejected (void)
{
  static const Row rows[] = {
    { 400, "{\"message\":\"no such ratio\",\"code\":\"bad_ratio\"}",
      GENVID_REASON_REJECTED },
    { 401, "{}", GENVID_REASON_UNAUTHORIZED },
    { 402, "{}", GENVID_REASON_QUOTA },
    { 403, "<html>", GENVID_REASON_UNAUTHORIZED },
    { 404, "", GENVID_REASON_REJECTED },
    { 409, "{}", GENVID_REASON_REJECTED },
    { 413, "{}", GENVID_REASON_REJECTED },
    { 422, "[]", GENVID_REASON_REJECTED },
    { 301, "", GENVID_REASON_REJECTED },
    { 307, "", GENVID_REASON_REJECTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new (none);
    const GenvidFailure *failure;

    world_submit (world);
    world_reply (world, rows[i].status, rows[i].body);
    failure = world_fail (world, rows[i].reason);
    g_assert_cmpuint (failure->http_status, ==, rows[i].status);
    g_assert_cmpint (failure->billed, ==, GENVID_BILLED_NO);
    if (i == 0) {
      g_assert_cmpstr (failure->service_code, ==, "bad_ratio");
      g_assert_nonnull (strstr (failure->message, "no such ratio"));
    }
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_FAILED);
    g_assert_true (world->disk->frees);
    world_submit (world);
    g_assert_cmpuint (world->disk->n, ==, 2);
    g_assert_cmpuint (world->fresh, ==, 2);
  }
}

static const Row doubtful[] = {
  { 0, NULL, 0 }, /* lost */
  { 408, "{}", 0 },
  { 500, "{}", 0 },
  { 502, "<html>", 0 },
  { 503, "{}", 0 },
  { 504, "", 0 },
  { 200, "", 0 },
  { 200, "<html>", 0 },
  { 201, "{\"id\":", 0 },
  { 201, "{}", 0 },
  { 200, "{\"id\":\"\"}", 0 },
  { 200, "{\"status\":\"queued\"}", 0 },
  { 200, "{\"status\":\"failed\",\"message\":\"no\"}", 0 },
  { 202, "[]", 0 },
  { 100, "", 0 },
};

static void
give (World *world, const Row *row)
{
  if (row->status == 0)
    world_answer (world, GENVID_ANSWER_LOST);
  else
    world_reply (world, row->status, row->body);
}

static void
test_doubt_none (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (doubtful); i++) {
    g_autoptr (World) world = world_new (none);
    g_autofree char *words = NULL;
    const GenvidFailure *failure;

    world_submit (world);
    give (world, &doubtful[i]);
    failure = world_fail (world, GENVID_REASON_IN_DOUBT);
    g_assert_nonnull (strstr (failure->advice, "account"));
    g_assert_nonnull (strstr (failure->advice, "adopt"));
    g_assert_nonnull (strstr (failure->advice, "if-in-doubt=resubmit"));
    g_assert_cmpint (failure->billed, ==, GENVID_BILLED_UNKNOWN);
    g_assert_false (failure->retryable);
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IN_DOUBT);
    g_assert_false (world->disk->frees);
    words = genvid_failure_to_text (failure);
    /* For ever the same, however long it takes. */
    for (guint starts = 0; starts < 3; starts++) {
      g_autofree char *again = NULL;

      world_advance (world, SECONDS (90000));
      world_start (world);
      again
          = genvid_failure_to_text (world_fail (world, GENVID_REASON_IN_DOUBT));
      g_assert_cmpstr (again, ==, words);
    }
    g_assert_cmpuint (world->submits, ==, 1);
  }
}

static void
test_doubt_replay (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (doubtful); i++) {
    g_autoptr (World) world = world_new (replay);
    g_autofree char *value = NULL;

    world_submit (world);
    value = g_strdup (world->value);
    give (world, &doubtful[i]);
    world_wait (world, 1, 1);
    world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
    g_assert_cmpstr (world->value, ==, value);
    give (world, &doubtful[(i + 1) % G_N_ELEMENTS (doubtful)]);
    world_wait (world, 2, 2);
    world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
    world_reply (world, 201, "{\"id\":\"7\",\"status\":\"queued\"}");
    g_assert_cmpstr (world->disk->id, ==, "7");
    g_assert_null (world->disk->failure);
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
    g_assert_cmpuint (world->fresh, ==, 1);
    g_assert_cmpstr (world->value, ==, value);
  }
}

static void
test_doubt_replay_bounded (void)
{
  g_autoptr (World) world = world_new (replay);

  world_submit (world);
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_answer (world, GENVID_ANSWER_LOST);
    g_assert_cmpint (world->now.boot, <, SECONDS (1200));
  }
  world_fail (world, GENVID_REASON_IN_DOUBT);
  g_assert_true (world->step.failure->retryable);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IN_DOUBT);
  /* A restart asks again, with the same value, and finds it. */
  world_start (world);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply (world, 201, "{\"id\":\"7\",\"status\":\"queued\"}");
  g_assert_cmpstr (world->disk->id, ==, "7");
  g_assert_cmpuint (world->disk->n, ==, 1);
  g_assert_cmpuint (world->fresh, ==, 1);
}

/* What refuses the second time may have sold the first time. */
static void
test_replay_answers (void)
{
  static const guint statuses[]
      = { 302, 400, 401, 402, 403, 404, 405, 410, 422 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    g_autoptr (World) world = world_new (replay);

    world_submit (world);
    world_answer (world, GENVID_ANSWER_LOST);
    world_until_send (world, GENVID_EXCHANGE_SUBMIT);
    world_reply (world, statuses[i], "{}");
    world_fail (world, GENVID_REASON_IN_DOUBT);
    g_assert_cmpuint (world->step.failure->http_status, ==, statuses[i]);
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IN_DOUBT);
    g_assert_false (world->disk->frees);
    world_start (world);
    world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  }
}

static void
test_replay_unsent_is_no_proof (void)
{
  g_autoptr (World) world = world_new (replay);

  world_submit (world);
  world_answer (world, GENVID_ANSWER_LOST);
  for (guint i = 0; i < 5; i++) {
    world_until_send (world, GENVID_EXCHANGE_SUBMIT);
    if (i % 2 == 0)
      world_answer (world, GENVID_ANSWER_UNSENT);
    else
      world_reply_later (world, 429, "3");
  }
  world_fail (world, GENVID_REASON_IN_DOUBT);
  g_assert_false (world->disk->frees);
}

static void
test_replay_conflict (void)
{
  g_autoptr (World) world = world_new (replay);

  world_submit (world);
  world_reply (world, 409, "{}");
  world_wait (world, 1, 1);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply_later (world, 409, "9");
  world_wait (world, 9, 9);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply (world, 200, "{\"id\":\"7\"}");
  g_assert_cmpstr (world->disk->id, ==, "7");
}

typedef struct {
  gint64 wall, boot; /* seconds since the intent */
  const char *boot_id;
  gboolean allowed;
} Window;

static void
test_replay_window (void)
{
  static const Window rows[] = {
    { 10, 10, "boot-1", TRUE },        { 71999, 71999, "boot-1", TRUE },
    { 72000, 71999, "boot-1", FALSE }, { 10, 72000, "boot-1", FALSE },
    { -1, 10, "boot-1", FALSE },       { 10, -1, "boot-1", FALSE },
    { 10, -500, "boot-2", TRUE },      { 10, 90000, "boot-2", TRUE },
    { 71399, 10, "boot-2", TRUE },     { 71400, 10, "boot-2", FALSE },
    { -5, 10, "boot-2", TRUE },        { -600, 10, "boot-2", TRUE },
    { -601, 10, "boot-2", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new (replay);

    world_submit (world);
    world_crash (world);
    world->now.wall += SECONDS (rows[i].wall);
    world->now.boot += SECONDS (rows[i].boot);
    world->now.boot_id = rows[i].boot_id;
    world_start (world);
    if (rows[i].allowed)
      world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
    else
      world_fail (world, GENVID_REASON_IN_DOUBT);
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

static void
test_doubt_lookup (void)
{
  g_autoptr (World) world = world_new (lookup);
  g_autofree char *found = NULL;
  gint64 begin;

  world_submit (world);
  world_answer (world, GENVID_ANSWER_LOST);
  begin = world->now.boot;
  world_send (world, GENVID_EXCHANGE_LOOKUP, FALSE);
  world_reply (world, 200, "{\"rows\":[{\"id\":\"9\",\"value\":\"other\"}]}");
  world_wait (world, 2, 2);
  world_send (world, GENVID_EXCHANGE_LOOKUP, FALSE);
  world_reply (world, 500, "{}");
  world_wait (world, 4, 4);
  world_send (world, GENVID_EXCHANGE_LOOKUP, FALSE);
  world_answer (world, GENVID_ANSWER_LOST);
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_reply (world, 200, "{\"rows\":[]}");
  }
  g_assert_cmpint (world->now.boot - begin, <=, SECONDS (20));
  world_fail (world, GENVID_REASON_IN_DOUBT);
  /* A restart asks again. */
  world_start (world);
  world_send (world, GENVID_EXCHANGE_LOOKUP, FALSE);
  found = g_strdup_printf ("{\"rows\":[{\"id\":\"a:b/c\",\"value\":\"%s\"}]}",
                           world->value);
  world_reply (world, 200, found);
  g_assert_cmpstr (world->disk->id, ==, "a:b/c");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_nonnull (strstr (world->step.exchange->url, "a%3Ab%2Fc"));
  g_assert_cmpuint (world->submits, ==, 1);
}

static void
test_terminal_reply (void)
{
  g_autoptr (World) done = world_new (none);
  g_autoptr (World) failed = world_new (lookup);

  world_submit (done);
  world_reply (done, 200,
               "{\"id\":\"7\",\"status\":\"done\",\"url\":\"https://c/x\"}");
  g_assert_cmpint (world_step (done)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_cmpstr (done->disk->id, ==, "7");

  world_submit (failed);
  world_reply (failed, 200, "{\"id\":\"7\",\"status\":\"failed\"}");
  world_fail (failed, GENVID_REASON_FAILED);
  g_assert_true (failed->disk->frees);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/whole", test_whole);
  g_test_add_func ("/job/names", test_names);
  g_test_add_func ("/job/submit/unsent", test_unsent);
  g_test_add_func ("/job/submit/unsafe", test_unsafe);
  g_test_add_func ("/job/submit/busy", test_busy);
  g_test_add_func ("/job/submit/busy-503", test_busy_503);
  g_test_add_func ("/job/submit/rejected", test_rejected);
  g_test_add_func ("/job/submit/terminal-reply", test_terminal_reply);
  g_test_add_func ("/job/doubt/none", test_doubt_none);
  g_test_add_func ("/job/doubt/replay", test_doubt_replay);
  g_test_add_func ("/job/doubt/replay-bounded", test_doubt_replay_bounded);
  g_test_add_func ("/job/doubt/replay-answers", test_replay_answers);
  g_test_add_func ("/job/doubt/replay-unsent", test_replay_unsent_is_no_proof);
  g_test_add_func ("/job/doubt/replay-conflict", test_replay_conflict);
  g_test_add_func ("/job/doubt/replay-window", test_replay_window);
  g_test_add_func ("/job/doubt/lookup", test_doubt_lookup);
  return g_test_run ();
}
