/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Polls. */
#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "provider.h"
#include "record.h"

static const Service none = { .recovery = GENVID_RECOVERY_NONE };

#define RUNNING "{\"id\":\"7\",\"status\":\"running\"}"
#define DONE    "{\"id\":\"7\",\"status\":\"done\",\"url\":\"https://c/x?s=1\"}"

static void
test_failed_polls (void)
{
  static const struct {
    guint status;
    const char *body;
  } rows[] = {
    { 0, NULL },
    { 500, "{}" },
    { 502, "<html>" },
    { 503, "" },
    { 429, "{}" },
    { 408, "{}" },
    { 409, "{}" },
    { 423, "{}" },
    { 425, "{}" },
    { 200, "" },
    { 200, "<html>" },
    { 200, "{\"id\":" },
    { 304, "" },
    { 200, "{}" },
    { 200, "{\"status\":\"dreaming\"}" },
    { 200, "{\"status\":7}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new (none);

    world_accept (world);
    for (guint times = 0; times < 6; times++) {
      world_until_send (world, GENVID_EXCHANGE_POLL);
      if (rows[i].status == 0)
        world_answer (world, times % 2 == 0 ? GENVID_ANSWER_LOST
                                            : GENVID_ANSWER_UNSENT);
      else
        world_reply (world, rows[i].status, rows[i].body);
      world_wait (world, 1, 60);
    }
    world_poll (world, DONE);
    g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  }
}

static void
test_not_found (void)
{
  g_autoptr (World) world = world_new (none);
  gint64 begin;

  world_accept (world);
  for (guint i = 0; i < 3; i++) {
    world_until_send (world, GENVID_EXCHANGE_POLL);
    world_reply (world, 404, "{}");
  }
  world_poll (world, RUNNING);
  begin = world->now.boot;
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_reply (world, 404, "{}");
  }
  g_assert_cmpint (world->now.boot - begin, <=, SECONDS (120));
  world_fail (world, GENVID_REASON_NOT_FOUND);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_RUNNING);
  g_assert_cmpstr (world->disk->id, ==, "7");
}

static void
test_unsafe_polls (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  for (guint i = 0; i < 3; i++) {
    world_until_send (world, GENVID_EXCHANGE_POLL);
    world_answer (world, GENVID_ANSWER_UNSAFE);
  }
  world_fail (world, GENVID_REASON_UNREACHABLE);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
}

static void
test_timeout (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;
  gint64 deadline;
  guint polls = 0;

  world->options.timeout = 120;
  world_accept (world);
  deadline = world->now.boot + SECONDS (120);
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT) {
      g_assert_cmpint (world->step.until, <=, deadline);
      world_advance (world, world->step.until - world->now.boot);
      continue;
    }
    g_assert_cmpint (world->step.until, <=, deadline + SECONDS (5));
    polls++;
    world_reply (world, 200, RUNNING);
  }
  /* The last look was at the deadline itself. */
  g_assert_cmpint (world->now.boot, ==, deadline);
  g_assert_cmpuint (polls, <=, 120);
  failure = world_fail (world, GENVID_REASON_TIMED_OUT);
  g_assert_true (failure->retryable);
  g_assert_nonnull (strstr (failure->message, "7"));
  g_assert_nonnull (strstr (failure->message, "continues at"));
  g_assert_nonnull (strstr (failure->advice, "buys nothing"));
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_RUNNING);
  /* A resumed job has a deadline of its own and looks at once. */
  world_advance (world, SECONDS (100000));
  world_start (world);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200, RUNNING);
  world_wait (world, 1, 15);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
}

static void
test_default_timeout (void)
{
  g_autoptr (World) world = world_new (none);
  gint64 begin;

  world_accept (world);
  begin = world->now.boot;
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_answer (world, GENVID_ANSWER_LOST);
  }
  g_assert_cmpint (world->now.boot - begin, ==, SECONDS (600));
  world_fail (world, GENVID_REASON_TIMED_OUT);
}

static void
test_gaps (void)
{
  g_autoptr (World) world = world_new (none);

  world->options.poll_interval = 3;
  world_accept (world);
  world_wait (world, 3, 3);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200, RUNNING);
  world_wait (world, 3, 3);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply_later (world, 200, "20");
  world_wait (world, 20, 20);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply_later (world, 429, "100000");
  world_wait (world, 60, 60);
}

static void
test_progress (void)
{
  static const int given[] = { 5, 40, 30, 101, -7, 60 };
  static const int shown[] = { 5, 40, 40, 100, 100, 100 };
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  g_assert_cmpint (genvid_job_get_progress (world->job), ==, -1);
  for (guint i = 0; i < G_N_ELEMENTS (given); i++) {
    g_autofree char *body = g_strdup_printf (
        "{\"id\":\"7\",\"status\":\"running\",\"progress\":%d}", given[i]);

    world_poll (world, body);
    g_assert_cmpint (genvid_job_get_progress (world->job), ==, shown[i]);
  }
}

static void
test_quiet_record (void)
{
  g_autoptr (World) world = world_new (none);
  guint saves;

  world_accept (world);
  world_poll (world, RUNNING);
  saves = world->saves;
  for (guint i = 0; i < 5; i++) {
    world_poll (world, RUNNING);
  }
  g_assert_cmpuint (world->saves, ==, saves);
}

static void
test_no_link (void)
{
  g_autoptr (World) world = world_new (none);
  gint64 begin;
  guint polls = 0;

  world_accept (world);
  world_poll (world, "{\"id\":\"7\",\"status\":\"done\"}");
  world_wait (world, 1, 3);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);

  world->options.timeout = 20;
  world_start (world);
  begin = world->now.boot;
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT) {
      world_advance (world, world->step.until - world->now.boot);
      continue;
    }
    g_assert_cmpuint (++polls, <, 30);
    world_reply (world, 200, "{\"id\":\"7\",\"status\":\"done\"}");
    g_autofree char *note = genvid_job_get_note (world->job);
    g_assert_true (polls < 2 || note != NULL);
  }
  g_assert_cmpint (world->now.boot - begin, ==, SECONDS (180));
  world_fail (world, GENVID_REASON_BAD_ANSWER);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_DOWNLOADING);
}

static void
test_cancelled_there (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  world_poll (world, "{\"id\":\"7\",\"status\":\"stopped\"}");
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_CANCELLED);
  g_assert_false (world->disk->frees);
  /* Nobody said that it cost nothing: the id is asked again. */
  world_advance (world, SECONDS (600));
  world_start (world);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_cmpuint (world->fresh, ==, 1);
}

/* Timestamps that say 222 s of what took three. */
static void
test_duration_is_bounded (void)
{
  g_autoptr (World) world = world_new (none);
  gint64 accepted;
  double seconds = 0;

  world_accept (world);
  accepted = world->now.boot;
  world_poll (world, "{\"status\":\"done\",\"url\":\"https://c/\","
                     "\"created\":\"2026-01-01T00:00:00Z\","
                     "\"completed\":\"2026-01-01T00:03:42Z\"}");
  g_assert_true (genvid_job_take_duration (world->job, &seconds));
  g_assert_cmpfloat (seconds, >, 0);
  g_assert_cmpfloat (seconds * G_USEC_PER_SEC, <=,
                     world->now.boot - accepted + G_USEC_PER_SEC);
}

static void
test_one_currency (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  world_poll (world, "{\"status\":\"running\",\"credits\":630000}");
  world_until_send (world, GENVID_EXCHANGE_POLL);
  g_assert_cmpfloat (world->disk->cost, ==, 0.315);
  g_assert_cmpstr (world->disk->currency, ==, "USD");
  world_reply (world, 200,
               "{\"status\":\"done\",\"url\":\"https://c/\","
               "\"cost\":0.315,\"credits\":630000}");
  world_step (world);
  g_assert_cmpfloat (world->disk->cost, ==, 0.315);
  g_assert_cmpstr (world->disk->currency, ==, "USD");
}

static void
test_duration (void)
{
  g_autoptr (World) timed = world_new (none);
  g_autoptr (World) told = world_new (none);
  g_autoptr (World) resumed = world_new (none);
  double seconds = 0;

  timed->options.poll_interval = 10;
  world_accept (timed);
  g_assert_false (genvid_job_take_duration (timed->job, &seconds));
  for (guint i = 0; i < 4; i++) {
    world_poll (timed, i < 3 ? RUNNING : DONE);
  }
  g_assert_true (genvid_job_take_duration (timed->job, &seconds));
  g_assert_cmpfloat_with_epsilon (seconds, 35, 0.1);
  g_assert_false (genvid_job_take_duration (timed->job, &seconds));

  world_accept (told);
  world_advance (told, SECONDS (80));
  world_poll (told, "{\"status\":\"done\",\"url\":\"https://c/\","
                    "\"created\":\"2026-01-01T00:00:00Z\","
                    "\"completed\":\"2026-01-01T00:01:14Z\"}");
  g_assert_true (genvid_job_take_duration (told->job, &seconds));
  g_assert_cmpfloat_with_epsilon (seconds, 74, 0.001);

  world_accept (resumed);
  world_advance (resumed, SECONDS (5000));
  world_start (resumed);
  world_send (resumed, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (resumed, 200, DONE);
  g_assert_false (genvid_job_take_duration (resumed->job, &seconds));
}

static void
test_foreign_poll (void)
{
  Service service = none;
  g_autoptr (World) world = NULL;

  service.captured = TRUE;
  world = world_new (service);
  world_submit (world);
  world_reply (world, 200,
               "{\"id\":\"7\",\"poll_url\":\"https://evil.example/7\"}");
  while (world_step (world)->kind == GENVID_STEP_WAIT)
    world_advance (world, world->step.until - world->now.boot);
  world_fail (world, GENVID_REASON_BAD_ANSWER);
  g_assert_cmpstr (world->disk->id, ==, "7");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/poll/failed", test_failed_polls);
  g_test_add_func ("/job/poll/not-found", test_not_found);
  g_test_add_func ("/job/poll/unsafe", test_unsafe_polls);
  g_test_add_func ("/job/poll/timeout", test_timeout);
  g_test_add_func ("/job/poll/default-timeout", test_default_timeout);
  g_test_add_func ("/job/poll/gaps", test_gaps);
  g_test_add_func ("/job/poll/progress", test_progress);
  g_test_add_func ("/job/poll/quiet-record", test_quiet_record);
  g_test_add_func ("/job/poll/no-link", test_no_link);
  g_test_add_func ("/job/poll/cancelled-there", test_cancelled_there);
  g_test_add_func ("/job/poll/foreign", test_foreign_poll);
  g_test_add_func ("/job/poll/duration", test_duration);
  g_test_add_func ("/job/poll/duration/bounded", test_duration_is_bounded);
  g_test_add_func ("/job/poll/one-currency", test_one_currency);
  return g_test_run ();
}
