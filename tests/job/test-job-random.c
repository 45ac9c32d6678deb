/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random lives: a service that loses, garbles and refuses at will but does
 * not lie about money, processes that die between any two steps, clocks that
 * jump. What is counted is what the service charged, not what the job says. */
#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "media-outcome.h"
#include "provider.h"

#define LIVES         20000
#define MAX_PURCHASES 16
#define MAX_STEPS     3000

/* Services that refuse in a 200, or a value that comes again. */
#define REFUSES_IN_200                                                         \
  "{ \"submit\": { \"refused\": ["                                             \
  "    { \"path\": \"$.ret\", \"in\": [1] },"                                  \
  "    { \"path\": \"$.ret\", \"in\": [2], \"is\": \"busy\" } ] } }"
#define REFUSES_DUPLICATES                                                     \
  "{ \"recovery\": { \"kind\": \"replay\", \"duplicate\": { \"http\": [422],"  \
  "    \"code\": [\"reused\"] } }, \"lookup\": { \"url\": \"/log\","           \
  "  \"rows\": \"$.rows\", \"match\": \"$.value\","                            \
  "  \"value\": \"${idempotency}\", \"id\": \"$.id\" } }"

typedef struct {
  char *value; /* idempotency */
  guint id;
  gboolean charged;
} Purchase;

typedef struct {
  World *world;
  Purchase purchases[MAX_PURCHASES];
  guint n_purchases;
  guint allowed;        /* charges that nobody may complain about */
  gboolean resubmitted; /* in this start */
  int progress;
} Life;

static gboolean
chance (int percent)
{
  return g_test_rand_int_range (0, 100) < percent;
}

static Purchase *
find_purchase (Life *life, const char *value)
{
  for (guint i = 0; i < life->n_purchases; i++) {
    if (g_strcmp0 (life->purchases[i].value, value) == 0)
      return &life->purchases[i];
  }
  return NULL;
}

static guint
count_charges (const Life *life)
{
  guint n = 0;

  for (guint i = 0; i < life->n_purchases; i++)
    n += life->purchases[i].charged;
  return n;
}

static Purchase *
charge (Life *life)
{
  Purchase *purchase;

  g_assert_cmpuint (life->n_purchases, <, MAX_PURCHASES);
  purchase = &life->purchases[life->n_purchases++];
  purchase->value = g_strdup (life->world->value);
  purchase->id = life->n_purchases;
  purchase->charged = TRUE;
  return purchase;
}

static void
noise (World *world)
{
  static const struct {
    guint status;
    const char *body;
  } rows[] = {
    { 500, "{}" },   { 502, "<html>" },          { 408, "" },
    { 200, "" },     { 200, "{\"status\":1}" },  { 201, "{\"id\":" },
    { 200, "null" }, { 504, "{\"id\":\"99\"}" },
  };
  guint i = (guint)g_test_rand_int_range (0, G_N_ELEMENTS (rows) + 2);

  if (i < G_N_ELEMENTS (rows))
    world_reply (world, rows[i].status, rows[i].body);
  else
    world_answer (world, GENVID_ANSWER_LOST);
}

static void
reply_id (World *world, const Purchase *purchase)
{
  static const char *const words[] = { "queued", "running", "done", "odd" };
  g_autofree char *body = g_strdup_printf (
      "{\"id\":\"%u\",\"status\":\"%s\",\"progress\":%d}", purchase->id,
      words[g_test_rand_int_range (0, 4)], g_test_rand_int_range (-9, 120));

  world_reply (world, 200, body);
}

static gboolean
is_like (const World *world, const char *members)
{
  return g_strcmp0 (world->service.members, members) == 0;
}

static void
refuse_in_200 (World *world)
{
  world_reply (world, 200, chance (70) ? "{\"ret\":1}" : "{\"ret\":2}");
}

/* A value that was charged is answered as the first time, or not at all, or it
 * is refused as one that was used. What proves that a first submit took
 * nothing proves nothing here. */
static void
serve_replay (World *world, const Purchase *purchase)
{
  static const guint others[] = { 409, 429, 400, 402, 404, 422 };

  if (chance (50) && is_like (world, REFUSES_DUPLICATES))
    world_reply (world, 422, "{\"code\":\"reused\"}");
  else if (chance (50) && !is_like (world, REFUSES_DUPLICATES))
    reply_id (world, purchase);
  else if (chance (20) && is_like (world, REFUSES_IN_200))
    refuse_in_200 (world);
  else if (chance (50))
    world_reply (world, others[g_test_rand_int_range (0, 6)], "{}");
  else if (chance (30))
    world_answer (world, GENVID_ANSWER_UNSENT);
  else
    noise (world);
}

static void
serve_submit (Life *life)
{
  static const guint refusals[]
      = { 400, 401, 402, 403, 404, 413, 422, 429, 301 };
  World *world = life->world;
  Purchase *known = find_purchase (life, world->value);

  if (known != NULL && world->service.recovery == GENVID_RECOVERY_REPLAY) {
    serve_replay (world, known);
    return;
  }
  if (chance (10))
    world_answer (world, GENVID_ANSWER_UNSENT);
  else if (chance (3))
    world_answer (world, GENVID_ANSWER_UNSAFE);
  else if (chance (15) && is_like (world, REFUSES_IN_200))
    refuse_in_200 (world);
  else if (chance (15))
    world_reply (world, refusals[g_test_rand_int_range (0, 9)], "{}");
  else if (world->service.retry_503 && chance (5))
    world_reply (world, 503, "{}");
  else if (chance (15))
    noise (world);
  else if (chance (70))
    reply_id (world, charge (life));
  else if (chance (50)) {
    charge (life);
    noise (world);
  } else {
    charge (life);
    world_crash (world);
  }
}

static void
serve_lookup (Life *life)
{
  World *world = life->world;
  const Purchase *purchase = find_purchase (life, world->value);
  g_autofree char *body = NULL;

  if (purchase == NULL || chance (50)) {
    if (chance (50))
      noise (world);
    else
      world_reply (world, 200, "{\"rows\":[]}");
    return;
  }
  body = g_strdup_printf ("{\"rows\":[{\"id\":\"%u\",\"value\":\"%s\"}]}",
                          purchase->id, purchase->value);
  world_reply (world, 200, body);
}

static Purchase *
find_polled (Life *life)
{
  const char *url = life->world->step.exchange->url;
  const char *id = strstr (url, "/jobs/") + strlen ("/jobs/");
  guint64 number = g_ascii_strtoull (id, NULL, 10);

  if (number == 0 || number > life->n_purchases)
    return NULL;
  return &life->purchases[number - 1];
}

/* Failed and refused cost nothing where the description says so, a stop
 * where the service has one that is free. */
static void
serve_poll (Life *life)
{
  World *world = life->world;
  gboolean free_failures = g_strcmp0 (world->service.billing, "no") == 0;
  Purchase *purchase = find_polled (life);

  if (purchase == NULL)
    world_reply (world, 404, "{}");
  else if (chance (25))
    noise (world);
  else if (chance (6))
    world_reply (world, chance (50) ? 404 : 401, "{}");
  else if (chance (10)) {
    purchase->charged = purchase->charged && !free_failures;
    world_reply (world, 200,
                 chance (50) ? "{\"status\":\"failed\"}"
                             : "{\"status\":\"refused\"}");
  } else if (chance (4)) {
    purchase->charged = purchase->charged && !world->service.cancel;
    world_reply (world, 200, "{\"status\":\"stopped\"}");
  } else if (chance (8))
    world_reply (world, 200, "{\"status\":\"done\",\"url\":\"https://c/\"}");
  else
    reply_id (world, purchase);
}

static void
serve_cancel (Life *life)
{
  World *world = life->world;
  Purchase *purchase = find_polled (life);

  if (purchase == NULL || chance (30))
    world_reply (world, 422, "{}");
  else if (chance (40))
    noise (world);
  else {
    purchase->charged = FALSE;
    world_reply (world, 200, "{\"status\":\"stopped\"}");
  }
}

static void
serve (Life *life)
{
  World *world = life->world;
  const GenvidExchange *exchange = world->step.exchange;

  world_advance (world, g_test_rand_int_range (0, 3000000));
  switch (exchange->kind) {
  case GENVID_EXCHANGE_SUBMIT:
    serve_submit (life);
    break;
  case GENVID_EXCHANGE_UPLOAD:
    if (chance (70))
      world_reply (world, 200, "{\"file\":\"f1\"}");
    else
      noise (world);
    break;
  case GENVID_EXCHANGE_LOOKUP:
    serve_lookup (life);
    break;
  case GENVID_EXCHANGE_CANCEL:
    serve_cancel (life);
    break;
  case GENVID_EXCHANGE_POLL:
  default:
    serve_poll (life);
    break;
  }
}

static void
serve_media (Life *life)
{
  static const GenvidMediaOutcome outcomes[]
      = { GENVID_MEDIA_COMPLETE, GENVID_MEDIA_COMPLETE, GENVID_MEDIA_EXPIRED,
          GENVID_MEDIA_EXPIRED, GENVID_MEDIA_BROKEN };
  World *world = life->world;
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_BUSY, "busy");
  GenvidMedia media = {
    .outcome = outcomes[g_test_rand_int_range (0, 5)],
    .failure = g_test_rand_bit () ? failure : NULL,
    .extension = "mp4",
    .size = (guint64)g_test_rand_int_range (0, 9) << 15,
    .retry_after = g_test_rand_int_range (-1, 100) * G_USEC_PER_SEC,
  };

  failure->retryable = g_test_rand_bit ();
  genvid_job_feed_media (world->job, &media, &world->now);
  world_save (world);
}

/* A fresh submit must be one that nobody may complain about. */
static void
check_fresh (Life *life, guint n_before)
{
  World *world = life->world;

  if (!world->step.fresh)
    return;
  genvid_job_intended (world->job, &world->now);
  world_save (world);
  g_assert_cmpuint (world->disk->n, ==, n_before);
  if (count_charges (life) < life->allowed)
    return;
  g_assert_true (world->options.resubmit);
  g_assert_false (life->resubmitted);
  life->resubmitted = TRUE;
  life->allowed++;
}

static void
perform_send (Life *life)
{
  World *world = life->world;
  const GenvidExchange *exchange = world->step.exchange;

  if (chance (5)) {
    genvid_job_withdraw (world->job);
    return;
  }
  if (chance (1)) {
    genvid_job_feed_no_turn (world->job, &world->now);
    return;
  }
  if (exchange->kind == GENVID_EXCHANGE_SUBMIT) {
    g_assert_false (world->options.never_buy);
    g_assert_null (world->options.adopt);
    world_note_value (world);
    check_fresh (life, world->disk->n);
  }
  serve (life);
}

static void
check_end (World *world)
{
  static const GenvidMedia expired = { GENVID_MEDIA_EXPIRED };
  GenvidStep first = world->step;

  for (guint i = 0; i < 3; i++) {
    world_advance (world, SECONDS (100));
    world_reply (world, 200, "{\"id\":\"5\",\"status\":\"queued\"}");
    genvid_job_feed_media (world->job, &expired, &world->now);
    genvid_job_cancel (world->job);
    world_step (world);
    g_assert_cmpint (world->step.kind, ==, first.kind);
    g_assert_true (world->step.failure == first.failure);
  }
}

static void
abort_job (World *world)
{
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_UNREACHABLE, "the program ends");

  genvid_job_abort (world->job, failure);
}

/* FALSE: this start is over. */
static gboolean
go_on (Life *life)
{
  World *world = life->world;
  int progress = genvid_job_get_progress (world->job);

  g_assert_cmpint (progress, >=, life->progress);
  life->progress = progress;
  if (chance (2))
    genvid_job_cancel (world->job);
  if (chance (1))
    abort_job (world);
  world_save (world);
  switch (world_step (world)->kind) {
  case GENVID_STEP_SEND:
    perform_send (life);
    break;
  case GENVID_STEP_WAIT:
    g_assert_cmpint (world->step.until - world->now.boot, <=, SECONDS (60));
    world_advance (world, world->step.until - world->now.boot);
    break;
  case GENVID_STEP_DOWNLOAD:
    serve_media (life);
    break;
  case GENVID_STEP_DONE:
  case GENVID_STEP_FAIL:
  default:
    check_end (world);
    return FALSE;
  }
  g_assert_cmpuint (count_charges (life), <=, life->allowed);
  return world->job != NULL && !chance (4);
}

/* Whoever adopts names the right purchase, or one that does not exist. */
static void
choose_adoption (Life *life)
{
  static const char *const ids[]
      = { "77", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
  guint last = MIN (life->n_purchases, G_N_ELEMENTS (ids) - 1);

  if (chance (6))
    life->world->options.adopt = ids[chance (70) ? last : 0];
}

static void
choose_options (World *world)
{
  world->options = (GenvidJobOptions){ 0 };
  world->options.timeout = (guint)g_test_rand_int_range (20, 200);
  world->options.poll_interval = (guint)g_test_rand_int_range (0, 12);
  world->options.resubmit = chance (8);
  world->options.never_buy = chance (8);
}

static void
pass_time (World *world)
{
  static const gint64 gaps[] = { 0, 1, 30, 61, 3600, 71000, 73000, 900000 };

  world_advance (world, SECONDS (gaps[g_test_rand_int_range (0, 8)]));
  if (chance (10))
    world->now.wall -= SECONDS (g_test_rand_int_range (0, 200000));
  if (chance (10)) {
    world->now.boot_id = chance (50) ? "boot-2" : "boot-1";
    world->now.boot = SECONDS (g_test_rand_int_range (0, 3000));
  }
}

static void
live (World *world)
{
  Life life = { .world = world, .allowed = 1 };
  int starts = g_test_rand_int_range (1, 7);

  world_reset (world);
  for (int i = 0; i < starts; i++) {
    guint steps = 0;

    choose_options (world);
    choose_adoption (&life);
    life.resubmitted = FALSE;
    life.progress = -1;
    world_start (world);
    while (go_on (&life))
      g_assert_cmpuint (++steps, <, MAX_STEPS);
    world_crash (world);
    pass_time (world);
  }
  for (guint i = 0; i < life.n_purchases; i++)
    g_free (life.purchases[i].value);
}

static void
test_lives (void)
{
  static const char *const billings[] = { "no", "yes", NULL };
  static const char *const members[]
      = { NULL, REFUSES_IN_200, REFUSES_DUPLICATES };
  const int n_services = 3 * 3 * 8 * 3;
  g_autoptr (GPtrArray) worlds
      = g_ptr_array_new_with_free_func ((GDestroyNotify)world_free);

  for (int i = 0; i < n_services; i++) {
    Service service = { .recovery = (GenvidRecovery)(i % 3),
                        .billing = billings[i / 3 % 3],
                        .cancel = (i / 9 & 1) != 0,
                        .upload = (i / 9 & 2) != 0,
                        .retry_503 = (i / 9 & 4) != 0,
                        .members = members[i / 72] };

    if (service.members == members[2])
      service.recovery = GENVID_RECOVERY_REPLAY;

    g_ptr_array_add (worlds, world_new (service));
  }
  for (int i = 0; i < LIVES; i++)
    live (g_ptr_array_index (worlds, (guint)(i % n_services)));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/random/lives", test_lives);
  return g_test_run ();
}
