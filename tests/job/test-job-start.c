/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a new start makes of each record, with each of the user's words. */
#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "provider.h"
#include "record.h"

static const Service replay
    = { .recovery = GENVID_RECOVERY_REPLAY, .cancel = TRUE, .billing = "no" };
static const Service lookup
    = { .recovery = GENVID_RECOVERY_LOOKUP, .billing = "no" };
static const Service none = { .recovery = GENVID_RECOVERY_NONE };
static const Service charges
    = { .recovery = GENVID_RECOVERY_NONE, .billing = "yes" };

static World *
make_failed (Service service)
{
  World *world = world_new (service);

  world_accept (world);
  world_poll (world, "{\"id\":\"7\",\"status\":\"failed\",\"code\":\"E5\","
                     "\"message\":\"out of memory\"}");
  return world;
}

static void
test_failed_unbilled (void)
{
  g_autoptr (World) world = make_failed (replay);
  const GenvidFailure *failure = world_fail (world, GENVID_REASON_FAILED);
  g_autofree char *message = g_strdup (failure->message);

  g_assert_cmpstr (failure->generation_id, ==, "7");
  g_assert_cmpstr (failure->service_code, ==, "E5");
  g_assert_nonnull (strstr (message, "out of memory"));
  g_assert_cmpint (failure->billed, ==, GENVID_BILLED_NO);
  g_assert_true (world->disk->frees);
  /* A player that starts again every second buys once a minute. */
  for (guint i = 0; i < 40; i++) {
    world_start (world);
    failure = world_fail (world, GENVID_REASON_FAILED);
    g_assert_cmpstr (failure->message, ==, message);
    g_assert_nonnull (strstr (failure->advice, " s."));
    if (world->now.wall - world->disk->ended > SECONDS (55))
      break;
  }
  g_assert_cmpuint (world->fresh, ==, 1);
  world_advance (world, SECONDS (60));
  world_start (world);
  g_assert_cmpuint (world->disk->n, ==, 2);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);
  g_assert_null (world->disk->id);
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  g_assert_cmpuint (world->fresh, ==, 2);
}

static void
test_failed_clock_back (void)
{
  g_autoptr (World) world = make_failed (replay);

  world->now.wall -= SECONDS (1000000);
  world_start (world);
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_cmpint (world->disk->ended, <=, world->now.wall);
  world->now.wall += SECONDS (61);
  world_submit (world);
}

static void
test_failed_billed (void)
{
  const Service services[] = { none, charges };

  for (guint i = 0; i < G_N_ELEMENTS (services); i++) {
    g_autoptr (World) world = make_failed (services[i]);

    g_assert_false (world->disk->frees);
    for (guint starts = 0; starts < 3; starts++) {
      const GenvidFailure *failure;

      world_advance (world, SECONDS (100000));
      world_start (world);
      failure = world_fail (world, GENVID_REASON_FAILED);
      g_assert_nonnull (strstr (failure->advice, "take=2"));
      g_assert_cmpstr (failure->generation_id, ==, "7");
    }
    world->options.resubmit = TRUE;
    world_start (world);
    world_fail (world, GENVID_REASON_FAILED);
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

static void
test_refused (void)
{
  g_autoptr (World) world = world_new (replay);

  world_accept (world);
  world_poll (world, "{\"id\":\"7\",\"status\":\"refused\"}");
  world_fail (world, GENVID_REASON_REFUSED);
  g_assert_true (world->disk->frees);
}

static void
test_resume (void)
{
  static const GenvidState states[]
      = { GENVID_STATE_QUEUED, GENVID_STATE_RUNNING, GENVID_STATE_DOWNLOADING };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_autoptr (World) world = world_new (none);

    world_accept (world);
    world_crash (world);
    world->disk->state = states[i];
    world_advance (world, SECONDS (1000000));
    world_start (world);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
    g_assert_cmpstr (world->step.exchange->url, ==, BASE_URL "/jobs/7");
    world_reply (world, 200,
                 "{\"id\":\"7\",\"status\":\"done\",\"url\":\"https://c/\"}");
    g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
    g_assert_cmpuint (world->submits, ==, 1);
  }
}

/* At each point where a process may die. */
static void
test_crash_in_submit (void)
{
  const Service services[] = { none, replay, lookup };

  for (guint i = 0; i < G_N_ELEMENTS (services); i++) {
    g_autoptr (World) world = world_new (services[i]);

    world_start (world);
    world_step (world);
    g_assert_true (world->step.fresh);
    /* Before the intent nothing was sent. */
    world_submit (world);
    /* A second step before the answer is the same exchange, not fresh. */
    world_step (world);
    g_assert_false (world->step.fresh);
    world_start (world);
    world_step (world);
    if (services[i].recovery == GENVID_RECOVERY_NONE)
      world_fail (world, GENVID_REASON_IN_DOUBT);
    else
      g_assert_false (world->step.fresh);
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

static void
test_resubmit (void)
{
  g_autoptr (World) world = world_new (none);

  world_submit (world);
  world_answer (world, GENVID_ANSWER_LOST);
  world_fail (world, GENVID_REASON_IN_DOUBT);
  world->options.resubmit = TRUE;
  world_start (world);
  g_assert_cmpuint (world->disk->n, ==, 2);
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  world_answer (world, GENVID_ANSWER_LOST);
  /* Once a start; the new doubt is another one. */
  world_fail (world, GENVID_REASON_IN_DOUBT);
  g_assert_cmpuint (world->fresh, ==, 2);
  /* And not as often as a player starts. */
  world_start (world);
  world_fail (world, GENVID_REASON_IN_DOUBT);
  g_assert_cmpuint (world->disk->n, ==, 2);
  world_advance (world, SECONDS (61));
  world_submit (world);
  g_assert_cmpuint (world->disk->n, ==, 3);
}

/* Of another machine, whose clock is minutes ahead or behind. */
static void
test_resubmit_elsewhere (void)
{
  static const gint64 ahead[] = { -540, 0, 540 };

  for (guint i = 0; i < G_N_ELEMENTS (ahead); i++) {
    g_autoptr (World) world = world_new (none);

    world->options.resubmit = TRUE;
    world_submit (world);
    world_answer (world, GENVID_ANSWER_LOST);
    world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
    world_answer (world, GENVID_ANSWER_LOST);
    world_fail (world, GENVID_REASON_IN_DOUBT);
    world->now.boot_id = "boot-2";
    world->now.wall += SECONDS (ahead[i]);
    world_start (world);
    world_fail (world, GENVID_REASON_IN_DOUBT);
    world->now.wall += SECONDS (1300);
    world_submit (world);
    g_assert_cmpuint (world->disk->n, ==, 3);
  }
}

static void
test_resubmit_asks_first (void)
{
  g_autoptr (World) world = world_new (replay);
  g_autofree char *first = NULL;

  world->options.resubmit = TRUE;
  world_submit (world);
  first = g_strdup (world->value);
  world_answer (world, GENVID_ANSWER_LOST);
  for (guint i = 0; i < 5; i++) {
    world_until_send (world, GENVID_EXCHANGE_SUBMIT);
    g_assert_false (world->step.fresh);
    g_assert_cmpstr (world->value, ==, first);
    world_answer (world, GENVID_ANSWER_LOST);
  }
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  g_assert_cmpstr (world->value, !=, first);
  g_assert_cmpuint (world->disk->n, ==, 2);
}

static void
test_adopt_fresh (void)
{
  g_autoptr (World) world = world_new (none);

  world->options.adopt = "a:b/c";
  world_start (world);
  g_assert_null (world->disk->id);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_cmpstr (world->step.exchange->url, ==, BASE_URL "/jobs/a%3Ab%2Fc");
  world_reply (world, 200, "{\"id\":\"a:b/c\",\"status\":\"running\"}");
  g_assert_cmpstr (world->disk->id, ==, "a:b/c");
  g_assert_true (world->disk->adopted);
  world_poll (world, "{\"status\":\"failed\"}");
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_cmpuint (world->submits, ==, 0);
}

static void
test_adopt_wrong_id (void)
{
  g_autoptr (World) world = world_new (none);

  world->options.adopt = "nonsense";
  world_start (world);
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_reply (world, 404, "{}");
  }
  world_fail (world, GENVID_REASON_NOT_FOUND);
  g_assert_cmpstr (world->step.failure->generation_id, ==, "nonsense");
  /* A slip of the pen leaves no mark. */
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);
  g_assert_null (world->disk->id);
  g_assert_cmpuint (world->submits, ==, 0);
}

static void
test_adopt_closes_doubt (void)
{
  const Service services[] = { none, replay, lookup };

  for (guint i = 0; i < G_N_ELEMENTS (services); i++) {
    g_autoptr (World) world = world_new (services[i]);

    world_submit (world);
    world->options.adopt = "9";
    world_start (world);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
    /* The doubt stands until the service knows the id. */
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_SUBMITTING);
    world_reply (world, 200, "{\"id\":\"9\",\"status\":\"running\"}");
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_RUNNING);
    g_assert_null (world->disk->failure);
    world->options.adopt = NULL;
    world_start (world);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
    g_assert_cmpstr (world->step.exchange->url, ==, BASE_URL "/jobs/9");
    g_assert_cmpuint (world->submits, ==, 1);
  }
}

static void
test_adopt_loses_nothing (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  world->options.adopt = "9";
  world_start (world);
  world_fail (world, GENVID_REASON_SETTINGS);
  g_assert_nonnull (strstr (world->step.failure->message, "7"));
  g_assert_cmpstr (world->disk->id, ==, "7");
  world->options.adopt = "7";
  world_start (world);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
}

static void
test_never_buy (void)
{
  g_autoptr (World) world = world_new (none);

  world->options.never_buy = TRUE;
  world_start (world);
  world_fail (world, GENVID_REASON_NOT_STORED);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);
  world->options.resubmit = TRUE;
  world_start (world);
  world_fail (world, GENVID_REASON_NOT_STORED);
  world->options.resubmit = FALSE;
  world->options.adopt = "9";
  world_start (world);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_cmpuint (world->submits, ==, 0);
}

static void
test_never_buy_resumes (void)
{
  g_autoptr (World) world = world_new (none);
  g_autoptr (World) failed = make_failed (replay);

  world_accept (world);
  world->options.never_buy = TRUE;
  world_start (world);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);

  failed->options.never_buy = TRUE;
  world_advance (failed, SECONDS (600));
  world_start (failed);
  world_fail (failed, GENVID_REASON_NOT_STORED);
  g_assert_cmpuint (failed->disk->n, ==, 1);
  g_assert_cmpint (failed->disk->state, ==, GENVID_STATE_FAILED);
}

static void
test_never_buy_doubt (void)
{
  static const struct {
    GenvidRecovery recovery;
    gboolean resubmit;
    GenvidReason reason;
  } rows[] = {
    { GENVID_RECOVERY_NONE, FALSE, GENVID_REASON_IN_DOUBT },
    { GENVID_RECOVERY_NONE, TRUE, GENVID_REASON_NOT_STORED },
    { GENVID_RECOVERY_REPLAY, FALSE, GENVID_REASON_NOT_STORED },
    { GENVID_RECOVERY_REPLAY, TRUE, GENVID_REASON_NOT_STORED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world
        = world_new ((Service){ .recovery = rows[i].recovery });

    world_submit (world);
    world->options.never_buy = TRUE;
    world->options.resubmit = rows[i].resubmit;
    world_start (world);
    world_fail (world, rows[i].reason);
    g_assert_cmpuint (world->submits, ==, 1);
    g_assert_cmpuint (world->disk->n, ==, 1);
  }
}

static void
test_never_buy_lookup (void)
{
  g_autoptr (World) world = world_new (lookup);

  world_submit (world);
  world->options.never_buy = TRUE;
  world_start (world);
  world_send (world, GENVID_EXCHANGE_LOOKUP, FALSE);
  g_assert_cmpuint (world->submits, ==, 1);
}

/* What another version of this program sent may have had another body, and
 * services refuse a value that comes back with another one. */
static void
test_replay_of_former_start (void)
{
  static const guint statuses[] = { 400, 402, 404, 409, 422 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    g_autoptr (World) world = world_new (replay);

    world_submit (world);
    world_start (world);
    for (guint tries = 0; tries < 9; tries++) {
      if (world_step (world)->kind != GENVID_STEP_SEND)
        break;
      world_reply (world, statuses[i], "{}");
      world_advance (world, SECONDS (60));
    }
    world_fail (world, GENVID_REASON_IN_DOUBT);
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

static void
test_abort (void)
{
  g_autoptr (World) world = world_new (none);
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_OVER_BUDGET, "too dear");

  world_start (world);
  world_step (world);
  genvid_job_abort (world->job, failure);
  world_fail (world, GENVID_REASON_OVER_BUDGET);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);

  world_accept (world);
  genvid_job_abort (world->job, failure);
  world_fail (world, GENVID_REASON_OVER_BUDGET);
  g_assert_cmpstr (world->step.failure->generation_id, ==, "7");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/start/failed-unbilled", test_failed_unbilled);
  g_test_add_func ("/job/start/failed-clock-back", test_failed_clock_back);
  g_test_add_func ("/job/start/failed-billed", test_failed_billed);
  g_test_add_func ("/job/start/refused", test_refused);
  g_test_add_func ("/job/start/resume", test_resume);
  g_test_add_func ("/job/start/crash-in-submit", test_crash_in_submit);
  g_test_add_func ("/job/start/resubmit", test_resubmit);
  g_test_add_func ("/job/start/resubmit-elsewhere", test_resubmit_elsewhere);
  g_test_add_func ("/job/start/resubmit-asks-first", test_resubmit_asks_first);
  g_test_add_func ("/job/start/adopt-fresh", test_adopt_fresh);
  g_test_add_func ("/job/start/adopt-wrong-id", test_adopt_wrong_id);
  g_test_add_func ("/job/start/adopt-closes-doubt", test_adopt_closes_doubt);
  g_test_add_func ("/job/start/adopt-loses-nothing", test_adopt_loses_nothing);
  g_test_add_func ("/job/start/never-buy", test_never_buy);
  g_test_add_func ("/job/start/never-buy-resumes", test_never_buy_resumes);
  g_test_add_func ("/job/start/never-buy-doubt", test_never_buy_doubt);
  g_test_add_func ("/job/start/never-buy-lookup", test_never_buy_lookup);
  g_test_add_func ("/job/start/replay-of-former", test_replay_of_former_start);
  g_test_add_func ("/job/start/abort", test_abort);
  return g_test_run ();
}
