/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a service's own words come to: those for states that nobody knows are
 * shown, and a key among them goes nowhere. */

#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "log.h"
#include "media-outcome.h"
#include "provider.h"
#include "record.h"

#include <string.h>

#define KEY "KEY-OF-THE-USER"

static const Service none = { .recovery = GENVID_RECOVERY_NONE };

/* --- States. --- */

static void
poll (World *world, const char *body)
{
  world_poll (world, body);
}

static void
assert_note (World *world, const char *word)
{
  g_autofree char *note = genvid_job_get_note (world->job);

  if (word == NULL)
    g_assert_null (note);
  else
    g_assert_nonnull (strstr (note, word));
}

/* Shown with the first answer that has it, as long as it stands. */
static void
test_shown (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  assert_note (world, NULL);
  poll (world, "{\"status\":\"mulling\"}");
  assert_note (world, "\"mulling\"");
  poll (world, "{\"status\":\"\\u001b[1mpo" KEY "ing\"}");
  assert_note (world, "\"[1mpo***ing\"");
  poll (world, "{\"status\":\"running\"}");
  assert_note (world, NULL);
  poll (world, "{}");
  assert_note (world, NULL);
}

/* An envelope that praises itself gives no reason for a failure. */
static void
test_praise (void)
{
  static const struct {
    const char *body, *words;
  } rows[] = {
    { "{\"status\":\"failed\",\"code\":0,\"message\":\"Success\"}",
      "(HTTP 200)" },
    { "{\"status\":\"failed\",\"code\":200,\"message\":\"no ink\"}",
      "(HTTP 200: no ink)" },
    { "{\"status\":\"failed\",\"code\":7,\"message\":\"SUCCEED\"}",
      "(HTTP 200, 7)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new (none);

    world_accept (world);
    poll (world, rows[i].body);
    g_assert_nonnull (strstr (world_fail (world, GENVID_REASON_FAILED)->message,
                              rows[i].words));
  }
}

/* It goes on until the timeout, and the error has the word. */
static void
test_named_in_the_end (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world->options.timeout = 12;
  world_accept (world);
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_reply (world, 200, "{\"status\":\"lapsed\"}");
  }
  failure = world_fail (world, GENVID_REASON_TIMED_OUT);
  g_assert_nonnull (strstr (failure->message, "the service says \"lapsed\""));
  g_assert_null (strstr (failure->message, "continues at"));
  g_assert_true (failure->retryable);
  g_assert_false (world->disk->frees);
  /* And it is asked for again. */
  world_start (world);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_cmpuint (world->submits, ==, 1);
}

/* A lost last poll does not hide it. */
static void
test_named_after_loss (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world->options.timeout = 60;
  world_accept (world);
  poll (world, "{\"status\":\"lapsed\"}");
  world_until_send (world, GENVID_EXCHANGE_POLL);
  world_advance (world, SECONDS (60));
  world_answer (world, GENVID_ANSWER_LOST);
  world_until_send (world, GENVID_EXCHANGE_POLL);
  world_answer (world, GENVID_ANSWER_LOST);
  failure = world_fail (world, GENVID_REASON_TIMED_OUT);
  g_assert_nonnull (strstr (failure->message, "\"lapsed\""));
}

/* With the clip where it belongs it is fetched, but not as a draft. */
static void
test_link_at_the_deadline (void)
{
  const char *body = "{\"status\":\"served\",\"url\":\"https://c/x\"}";
  g_autoptr (World) world = world_new (none);

  world->options.timeout = 12;
  world_accept (world);
  poll (world, body);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
  while (world_step (world)->kind != GENVID_STEP_DOWNLOAD) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_reply (world, 200, body);
  }
  g_assert_cmpint (world->now.boot, >=, SECONDS (1012));
  g_assert_cmpstr (world->step.media->url, ==, "https://c/x");
}

/* --- The key. --- */

static void
assert_clean (World *world)
{
  g_autofree char *text = genvid_record_to_text (world->disk);

  g_assert_null (strstr (text, "KEY-OF-T"));
}

static void
assert_failure_clean (const GenvidFailure *failure)
{
  g_autofree char *text = genvid_failure_to_text (failure);

  g_assert_null (strstr (text, "KEY-OF-T"));
  g_assert_true (failure->service_code == NULL
                 || strstr (failure->service_code, "KEY-OF-T") == NULL);
  g_assert_true (failure->generation_id == NULL
                 || strstr (failure->generation_id, "KEY-OF-T") == NULL);
}

/* No id that can be polled without giving the key away: a doubt that says
 * so, and nothing is paid for again. */
static void
test_key_as_id (void)
{
  static const char *const ids[]
      = { KEY, "job-" KEY "-1", "KEY%2DOF%2DTHE%2DUSER", "S0VZLU9GLVRIRS1VU0VS",
          "4b45592d4f462d5448452d55534552" };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_autoptr (World) world = world_new (none);
    g_autofree char *body
        = g_strdup_printf ("{\"id\":\"%s\",\"status\":\"queued\"}", ids[i]);
    const GenvidFailure *failure;

    world_submit (world);
    world_reply (world, 201, body);
    failure = world_fail (world, GENVID_REASON_IN_DOUBT);
    g_assert_nonnull (
        strstr (failure->message, "the key where the id should be"));
    assert_failure_clean (failure);
    assert_clean (world);
    g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IN_DOUBT);
    world_start (world);
    world_fail (world, GENVID_REASON_IN_DOUBT);
    g_assert_cmpuint (world->submits, ==, 1);
  }
}

static void
test_key_as_adopted_id (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world->options.adopt = KEY;
  world_start (world);
  failure = world_fail (world, GENVID_REASON_SETTINGS);
  assert_failure_clean (failure);
  g_assert_nonnull (strstr (failure->message, "adopt is set to the API key"));
  assert_clean (world);
}

/* It would go into the URL of every poll, and to disk. */
static void
test_key_in_capture (void)
{
  Service service = none;
  g_autoptr (World) world = NULL;

  service.captured = TRUE;
  world = world_new (service);
  world_submit (world);
  world_reply (world, 200,
               "{\"id\":\"7\",\"poll_url\":\"" BASE_URL "/7?key=" KEY "\"}");
  while (world_step (world)->kind == GENVID_STEP_WAIT)
    world_advance (world, world->step.until - world->now.boot);
  assert_failure_clean (world_fail (world, GENVID_REASON_BAD_ANSWER));
  assert_clean (world);
  g_assert_cmpstr (world->disk->id, ==, "7");
}

/* Said by the network in place of the service. */
static void
test_key_in_network_error (void)
{
  g_autoptr (World) world = world_new (none);
  g_autoptr (GenvidAnswer) lost
      = genvid_answer_new (GENVID_ANSWER_LOST, "no route to " KEY ".example");

  world_submit (world);
  genvid_job_feed (world->job, lost, &world->now);
  world_save (world);
  assert_failure_clean (world_fail (world, GENVID_REASON_IN_DOUBT));
  assert_clean (world);
}

/* Of a link or a redirect that was refused. */
static void
test_key_in_media_failure (void)
{
  g_autoptr (World) world = world_new (none);
  g_autoptr (GenvidFailure) failure = genvid_failure_new (
      GENVID_REASON_UNSAFE_URL, "https://KEY%%2dOF-THE-USER.cdn is refused");
  const GenvidMedia media = { GENVID_MEDIA_REFUSED, failure, NULL, 0, 0 };

  failure->advice = g_strdup ("S0VZLU9GLVRIRS1VU0VS");
  failure->service_code = g_strdup (KEY);
  world_ready (world);
  genvid_job_feed_media (world->job, &media, &world->now);
  world_save (world);
  assert_failure_clean (world_fail (world, GENVID_REASON_UNSAFE_URL));
  g_assert_cmpstr (world->step.failure->advice, ==, "***");
  assert_clean (world);
}

/* Why a ready clip is waited for is told before the end. */
static void
test_key_in_media_note (void)
{
  g_autoptr (World) world = world_new (none);
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_NOT_FOUND, "No clip at " KEY ".");
  const GenvidMedia media = { GENVID_MEDIA_EXPIRED, failure, NULL, 0, 0 };

  world_ready (world);
  for (guint i = 0; i < 2; i++) {
    genvid_job_feed_media (world->job, &media, &world->now);
    world_poll (world, "{\"status\":\"done\",\"url\":\"https://c/x?s=1\"}");
    world_step (world);
  }
  assert_note (world, "No clip at ***.");
}

/* The service echoes what it was sent, in each of its own texts. */
static void
test_key_in_words (void)
{
  g_autoptr (World) world = world_new (none);

  world_submit (world);
  world_reply (world, 422,
               "{\"error\":{\"message\":\"Bearer KEY\\u002dOF-THE-USER\","
               "\"code\":\"" KEY "\"},\"code\":\"" KEY
               "\",\"message\":\"QmVhcmVyIEtFWS1PRi1USEUtVVNFUg==\"}");
  assert_failure_clean (world_fail (world, GENVID_REASON_REJECTED));
  g_assert_null (strstr (world->step.failure->message, "LU9GLVRIRS1V"));
  assert_clean (world);
}

/* --- The log. --- */

static GString *logged; /* what INFO said */

static gboolean
take_line (GenvidLogRoom room, GenvidLogLevel level, const char *message)
{
  g_assert_cmpint (room, ==, GENVID_LOG_JOB);
  if (message == NULL)
    return TRUE;
  g_assert_null (strstr (message, "KEY-OF-T"));
  if (level == GENVID_LOG_INFO)
    g_string_append_printf (logged, "%s\n", message);
  return TRUE;
}

/* Each change of state is one line, with the time and the cost. */
static void
test_logged (void)
{
  g_autoptr (World) world = world_new (none);

  logged = g_string_new (NULL);
  genvid_log_set_hook (take_line);
  world_ready (world);
  genvid_log_set_hook (NULL);
  g_test_message ("%s", logged->str);
  g_assert_nonnull (strstr (logged->str, ": idle -> submitting, 0.0 s, cost "
                                         "unknown\n"));
  g_assert_nonnull (strstr (logged->str, "generation 7: submitting -> queued, "
                                         "0.0 s, cost unknown\n"));
  g_assert_nonnull (
      strstr (logged->str, "generation 7: queued -> downloading, "));
  g_assert_nonnull (strstr (logged->str, " s, cost 1.50"));
  g_string_free (logged, TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/words/shown", test_shown);
  g_test_add_func ("/job/words/praise", test_praise);
  g_test_add_func ("/job/words/named-in-the-end", test_named_in_the_end);
  g_test_add_func ("/job/words/named-after-loss", test_named_after_loss);
  g_test_add_func ("/job/words/link-at-the-deadline",
                   test_link_at_the_deadline);
  g_test_add_func ("/job/words/key-as-id", test_key_as_id);
  g_test_add_func ("/job/words/key-as-adopted-id", test_key_as_adopted_id);
  g_test_add_func ("/job/words/key-in-capture", test_key_in_capture);
  g_test_add_func ("/job/words/key-in-network-error",
                   test_key_in_network_error);
  g_test_add_func ("/job/words/key-in-media-failure",
                   test_key_in_media_failure);
  g_test_add_func ("/job/words/key-in-media-note", test_key_in_media_note);
  g_test_add_func ("/job/words/key-in-words", test_key_in_words);
  g_test_add_func ("/job/words/logged", test_logged);
  return g_test_run ();
}
