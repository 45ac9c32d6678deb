/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Polls that the service answers with no news of the generation. */
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
reply_to_polls (World *world, guint status, const char *body, guint times)
{
  for (guint i = 0; i < times; i++) {
    world_until_send (world, GENVID_EXCHANGE_POLL);
    world_reply (world, status, body);
  }
}

static void
test_key_refused (void)
{
  static const guint statuses[] = { 401, 403 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    g_autoptr (World) world = world_new (none);
    const GenvidFailure *failure;

    world_accept (world);
    reply_to_polls (world, statuses[i], "{\"message\":\"bad key\"}", 3);
    failure = world_fail (world, GENVID_REASON_UNAUTHORIZED);
    g_assert_cmpuint (failure->http_status, ==, statuses[i]);
    g_assert_cmpstr (failure->generation_id, ==, "7");
    g_assert_nonnull (strstr (failure->advice, "Set a key"));
    g_assert_nonnull (strstr (failure->advice, "continues"));
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
    world_start (world);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  }
}

/* A challenge page, or a server that knows nothing of the key yet. */
static void
test_key_refused_at_times (void)
{
  static const struct {
    guint status;
    const char *body;
  } between[] = { { 200, RUNNING }, { 503, "" }, { 400, "{}" } };
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (between); i++) {
    reply_to_polls (world, 401, "{}", 1);
    reply_to_polls (world, 403, "<html>Checking your browser</html>", 1);
    reply_to_polls (world, between[i / 2].status, between[i / 2].body, 1);
  }
  reply_to_polls (world, 200, DONE, 1);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
}

/* With a deadline too near for three, the last one counts. */
static void
test_key_refused_at_the_end (void)
{
  g_autoptr (World) world = world_new (none);

  world->options.timeout = 5;
  world->options.poll_interval = 5;
  world_accept (world);
  reply_to_polls (world, 401, "{}", 1);
  world_fail (world, GENVID_REASON_UNAUTHORIZED);
}

/* So does an empty account, which ends no run earlier. */
static void
test_no_credit_at_the_end (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world->options.timeout = 5;
  world->options.poll_interval = 5;
  world_accept (world);
  reply_to_polls (world, 402, "{\"message\":\"no credit\"}", 1);
  failure = world_fail (world, GENVID_REASON_TIMED_OUT);
  g_assert_nonnull (strstr (failure->message, "no credit"));
  g_assert_nonnull (strstr (failure->advice, "Add credit"));
}

/* The same refusal each time is no news: it is told, and ends the run. */
static void
test_polls_rejected (void)
{
  static const struct {
    guint status;
    const char *body;
    GenvidReason reason;
  } rows[] = {
    { 400, "{\"message\":\"no such field\"}", GENVID_REASON_REJECTED },
    { 422, "{\"message\":\"no such field\"}", GENVID_REASON_REJECTED },
    { 402, "{\"message\":\"no credit\"}", GENVID_REASON_QUOTA },
    { 302, "", GENVID_REASON_REJECTED },
    { 405, "[]", GENVID_REASON_REJECTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new (none);
    const GenvidFailure *failure;
    guint polls = 0;
    gint64 begin;

    world->options.poll_interval = 1;
    world_accept (world);
    begin = world->now.boot;
    while (world_step (world)->kind != GENVID_STEP_FAIL) {
      if (world->step.kind == GENVID_STEP_WAIT) {
        world_advance (world, world->step.until - world->now.boot);
        continue;
      }
      polls++;
      world_reply (world, rows[i].status, rows[i].body);
    }
    g_assert_cmpuint (polls, >=, 5);
    g_assert_cmpint (world->now.boot - begin, >=, SECONDS (30));
    g_assert_cmpint (world->now.boot - begin, <=, SECONDS (60));
    failure = world_fail (world, rows[i].reason);
    g_assert_cmpuint (failure->http_status, ==, rows[i].status);
    g_assert_nonnull (strstr (failure->advice, "buys nothing"));
    g_assert_cmpint (strstr (failure->advice, "Add credit") != NULL, ==,
                     rows[i].reason == GENVID_REASON_QUOTA);
    if (strstr (rows[i].body, "no ") != NULL)
      g_assert_nonnull (strstr (failure->message, ": no "));
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
    g_assert_cmpstr (world->disk->id, ==, "7");
    world_start (world);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  }
}

static void
test_rejected_for_a_while (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  for (guint i = 0; i < 5; i++) {
    reply_to_polls (world, 400, "{}", 4);
    reply_to_polls (world, i % 2 == 0 ? 500 : 200, RUNNING, 1);
  }
  reply_to_polls (world, 200, DONE, 1);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
}

static void
reply_too_long (World *world)
{
  GenvidAnswer *answer = genvid_answer_new_reply (200, "{\"status\":\"do");

  answer->truncated = TRUE;
  world_until_send (world, GENVID_EXCHANGE_POLL);
  world_feed (world, answer);
}

static void
test_too_long (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world_accept (world);
  reply_too_long (world);
  reply_too_long (world);
  reply_to_polls (world, 200, RUNNING, 1);
  for (guint i = 0; i < 3; i++)
    reply_too_long (world);
  failure = world_fail (world, GENVID_REASON_BAD_ANSWER);
  g_assert_nonnull (strstr (failure->message, "1 MiB"));
  g_assert_nonnull (strstr (failure->advice, "at the service"));
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_RUNNING);
  g_assert_cmpstr (world->disk->id, ==, "7");
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

static void
test_note (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  reply_to_polls (world, 200, RUNNING, 1);
  reply_to_polls (world, 503, "{}", 1);
  check_note (world, NULL);
  reply_to_polls (world, 400, "{\"message\":\"no such field\"}", 1);
  check_note (world, "HTTP 400: no such field");
  reply_to_polls (world, 400, "{\"message\":\"no such field\"}", 1);
  check_note (world, "HTTP 400: no such field");
  reply_to_polls (world, 401, "{}", 1);
  check_note (world, "HTTP 401");
  reply_to_polls (world, 404, "{}", 1);
  check_note (world, "HTTP 404");
  reply_too_long (world);
  check_note (world, "1 MiB");
  reply_to_polls (world, 200, RUNNING, 1);
  check_note (world, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/poll/key-refused", test_key_refused);
  g_test_add_func ("/job/poll/key-refused-at-times", test_key_refused_at_times);
  g_test_add_func ("/job/poll/key-refused-at-the-end",
                   test_key_refused_at_the_end);
  g_test_add_func ("/job/poll/no-credit-at-the-end", test_no_credit_at_the_end);
  g_test_add_func ("/job/poll/rejected", test_polls_rejected);
  g_test_add_func ("/job/poll/rejected-for-a-while", test_rejected_for_a_while);
  g_test_add_func ("/job/poll/too-long", test_too_long);
  g_test_add_func ("/job/poll/note", test_note);
  return g_test_run ();
}
