/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many jobs of one key against a service that allows 60 requests a minute and
 * counts them itself, on a clock of the test. Another process is its file in
 * the store. */

#include "store-kit.h"

#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "moment.h"
#include "plan-record.h"
#include "plan.h"
#include "rate-limiter.h"
#include "record.h"
#include "request-log.h"
#include "request-window.h"
#include "settings.h"

#define SECONDS(n) ((gint64)((double)(n)*G_USEC_PER_SEC))
#define TICK       (G_USEC_PER_SEC / 50)
#define MAX_JOBS   120
#define MAX_TIMES  4000
#define ALLOWED    60

typedef struct {
  guint jobs;
  guint timeout; /* seconds; 0: the description's */
  guint interval;
  gint64 ready; /* after the submit */
  gint64 delay; /* from leaving here to being counted there */
} Plot;

typedef struct {
  GenvidJob *job;
  GenvidTurn *turn;
  gint64 look;    /* at the line again */
  gint64 ready;   /* 0: not submitted */
  gint64 counted; /* a request is on its way, and counts then */
  gint64 sent;
  gint64 delivered, failed; /* when */
  gboolean waits;           /* in the line */
  GenvidReason reason;
  char *message;
} Client;

typedef struct {
  const Plot *plot;
  GenvidNow now;
  gint64 begin;
  Client clients[MAX_JOBS];
  gint64 times[MAX_TIMES]; /* as the service counted */
  guint n_times;
  guint wakes;
} World;

static GenvidPlan *
make_plan (const Kit *kit, const char *key)
{
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  g_autoptr (GError) error = NULL;
  GenvidPlan *plan;

  settings->provider = g_strdup ("cn8");
  settings->api_key = g_strdup (key);
  settings->base_url = g_strdup ("http://127.0.0.1:9"); /* nobody is there */
  settings->store = g_strdup (kit->path);
  settings->request->prompt = g_strdup ("a lake");
  plan = genvid_plan_new (settings, NULL, &error);
  g_assert_no_error (error);
  return plan;
}

static void
wake (gpointer data)
{
  Client *client = data;

  client->look = 0;
}

static void
open_client (World *world, Client *client, GenvidPlan *plan)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidCall) call = genvid_plan_make_call (plan, &error);
  g_autoptr (GenvidRecord) record = NULL;
  GenvidJobOptions options = { .timeout = world->plot->timeout,
                               .poll_interval = world->plot->interval };

  g_assert_no_error (error);
  record = genvid_plan_make_record (plan, call, NULL);
  client->turn = genvid_turn_new (plan, wake, client);
  client->job
      = genvid_job_new (g_steal_pointer (&call), record, &options, &world->now);
}

static void
close_client (Client *client)
{
  genvid_turn_free (client->turn);
  genvid_job_free (client->job);
  g_free (client->message);
}

/* The service's word at the moment that it counts the request. */
static void
answer (World *world, Client *client, GenvidExchangeKind kind)
{
  g_autoptr (GenvidAnswer) reply = NULL;
  gboolean ready = client->ready > 0 && client->ready <= world->now.boot;

  g_assert_cmpuint (world->n_times, <, MAX_TIMES);
  world->times[world->n_times++] = world->now.boot;
  if (kind == GENVID_EXCHANGE_SUBMIT) {
    client->ready = world->now.boot + world->plot->ready;
    ready = FALSE;
  }
  reply = genvid_answer_new_reply (
      200, ready ? "{\"id\":\"7\",\"status\":\"completed\",\"result_data\":"
                   "{\"video_url\":\"https://cdn.example/7.mp4\"}}"
                 : "{\"job\":{\"id\":\"7\",\"status\":\"queued\"}}");
  genvid_job_feed (client->job, reply, &world->now);
  genvid_turn_settle (client->turn, client->sent, &world->now);
  client->counted = 0;
}

/* As the worker does. */
static void
ask (World *world, Client *client, const GenvidStep *step)
{
  gint64 boot = world->now.boot;
  gint64 room
      = genvid_turn_take (client->turn, step->since, step->due, &world->now);

  if (room > boot) {
    client->look = genvid_step_look_again (step, room, boot);
    if (client->look > 0)
      return;
    genvid_turn_leave (client->turn);
    genvid_job_feed_no_turn (client->job, &world->now);
    return;
  }
  if (step->fresh)
    genvid_job_intended (client->job, &world->now);
  client->sent = boot;
  client->counted = boot + world->plot->delay;
}

static void
advance (World *world, Client *client)
{
  gint64 boot = world->now.boot;
  GenvidStep step;

  if (client->delivered > 0 || client->failed > 0 || boot < client->look
      || boot < client->counted)
    return;
  step = genvid_job_step (client->job, &world->now);
  if (client->counted > 0)
    answer (world, client, step.exchange->kind);
  else if (step.kind == GENVID_STEP_SEND)
    ask (world, client, &step);
  else if (step.kind == GENVID_STEP_WAIT)
    client->look = step.until;
  else if (step.kind == GENVID_STEP_DOWNLOAD)
    client->delivered = boot;
  else {
    g_assert_cmpint (step.kind, ==, GENVID_STEP_FAIL);
    client->failed = boot;
    client->reason = step.failure->reason;
    client->message = g_strdup (step.failure->message);
  }
}

static void
check_minutes (const World *world)
{
  for (guint first = 0, last = 0; last < world->n_times; last++) {
    while (world->times[last] - world->times[first] > SECONDS (60))
      first++;
    g_assert_cmpuint (last - first + 1, <=, ALLOWED);
  }
}

/* Plays PLOT to its end; the world is to be cleared. */
static void
play (World *world, const Plot *plot, const Kit *kit)
{
  /* What was asked with one key stays in memory. */
  g_autofree char *key = g_strdup_printf ("%s %p", g_test_get_path (), plot);
  g_autoptr (GenvidPlan) plan = make_plan (kit, key);
  guint open = plot->jobs;

  *world = (World){ .plot = plot };
  world->begin = SECONDS (1000);
  world->now = (GenvidNow){ SECONDS (1700000000), world->begin, "boot" };
  for (guint i = 0; i < plot->jobs; i++)
    open_client (world, &world->clients[i], plan);
  while (open > 0) {
    open = 0;
    for (guint i = 0; i < plot->jobs; i++) {
      advance (world, &world->clients[i]);
      open += world->clients[i].delivered == 0 && world->clients[i].failed == 0;
    }
    world->now.boot += TICK;
    world->now.wall += TICK;
  }
  check_minutes (world);
}

static void
world_clear (World *world)
{
  for (guint i = 0; i < world->plot->jobs; i++)
    close_client (&world->clients[i]);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_clear)

/* How many were delivered, none later than LATEST after the begin. */
static guint
count_delivered (const World *world, gint64 latest)
{
  guint n = 0;

  for (guint i = 0; i < world->plot->jobs; i++) {
    gint64 delivered = world->clients[i].delivered;

    n += delivered > 0;
    g_assert_cmpint (delivered, <=, world->begin + latest);
  }
  return n;
}

/* Forty submits leave twenty questions in this minute. */
static void
test_forty (void)
{
  static const Plot plot = { .jobs = 40, .timeout = 12, .interval = 1 };
  g_auto (Kit) kit = kit_new ();
  g_autoptr (World) world = g_new0 (World, 1);

  play (world, &plot, &kit);
  g_assert_cmpuint (count_delivered (world, SECONDS (3)), ==, 20);
  for (guint i = 0; i < plot.jobs; i++) {
    const Client *client = &world->clients[i];

    if (client->failed == 0)
      continue;
    g_assert_cmpint (client->reason, ==, GENVID_REASON_TIMED_OUT);
    g_assert_nonnull (strstr (client->message, "used up"));
    g_assert_cmpint (client->failed, >=, world->begin + SECONDS (12));
    g_assert_cmpint (client->failed, <=, world->begin + SECONDS (17.5));
  }
}

/* The first questions come too early; the last ones are asked. */
static void
test_thirty (void)
{
  static const Plot plots[] = {
    { .jobs = 30, .timeout = 60, .ready = SECONDS (20) },
    { .jobs = 30, .timeout = 60, .interval = 1, .ready = SECONDS (20) },
    { .jobs = 30,
      .timeout = 60,
      .ready = SECONDS (20),
      .delay = SECONDS (1.5) },
    { .jobs = 30, .timeout = 60, .interval = 15, .ready = SECONDS (59) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (plots); i++) {
    g_auto (Kit) kit = kit_new ();
    g_autoptr (World) world = g_new0 (World, 1);

    play (world, &plots[i], &kit);
    g_assert_cmpuint (count_delivered (world, SECONDS (69)), ==, 30);
  }
}

static void
test_sixty (void)
{
  static const Plot plots[] = {
    { .jobs = 60, .ready = SECONDS (30) },
    { .jobs = 60, .ready = SECONDS (30), .delay = SECONDS (1) },
    { .jobs = 60, .interval = 1, .ready = SECONDS (30) },
    { .jobs = 60, .interval = 1, .ready = SECONDS (65) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (plots); i++) {
    g_auto (Kit) kit = kit_new ();
    g_autoptr (World) world = g_new0 (World, 1);

    play (world, &plots[i], &kit);
    g_assert_cmpuint (count_delivered (world, SECONDS (150)), ==, 60);
  }
}

/* More submits than a minute allows: they wait in the same line. */
static void
test_hundred (void)
{
  static const Plot plot = { .jobs = 100, .ready = SECONDS (5) };
  g_auto (Kit) kit = kit_new ();
  g_autoptr (World) world = g_new0 (World, 1);

  play (world, &plot, &kit);
  g_assert_cmpuint (count_delivered (world, SECONDS (250)), ==, 100);
}

/* All are asked as often as each other, and all that is allowed is asked. */
static void
test_fair (void)
{
  static const Plot plot
      = { .jobs = 45, .timeout = 600, .interval = 1, .ready = SECONDS (1e6) };
  g_auto (Kit) kit = kit_new ();
  g_autoptr (World) world = g_new0 (World, 1);

  play (world, &plot, &kit);
  g_assert_cmpuint (count_delivered (world, 0), ==, 0);
  g_assert_cmpuint (world->n_times, >=, 60 * 10);
  for (guint i = 0; i < plot.jobs; i++)
    g_assert_cmpint (world->clients[i].failed, <=,
                     world->begin + SECONDS (606));
}

/* --- The line and the file. --- */

static GenvidNow
at (double seconds)
{
  return (GenvidNow){ .boot = SECONDS (seconds), .boot_id = "boot" };
}

static void
count_wake (gpointer data)
{
  ++*(guint *)data;
}

static void
test_line (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidPlan) plan = make_plan (&kit, g_test_get_path ());
  GenvidTurn *turns[4];
  GenvidNow now = at (1000), later = at (1061);
  guint wakes = 0;

  for (guint i = 0; i < 4; i++)
    turns[i] = genvid_turn_new (plan, count_wake, &wakes);
  for (guint i = 0; i < ALLOWED - 2; i++)
    genvid_turn_force (turns[0], &now);
  /* Two may ask, whoever asks first. */
  g_assert_cmpint (genvid_turn_take (turns[0], 9, G_MAXINT64, &now), <=,
                   now.boot);
  g_assert_cmpint (genvid_turn_take (turns[0], 8, G_MAXINT64, &now), <=,
                   now.boot);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (genvid_turn_take (turns[i], 8 - i, G_MAXINT64, &now), >,
                     now.boot + SECONDS (59));
  for (guint i = 0; i < ALLOWED - 2; i++)
    genvid_turn_force (turns[0], &later);
  /* Two may, and two have waited for longer: but one of those left. */
  g_assert_cmpint (genvid_turn_take (turns[1], 7, G_MAXINT64, &later), >,
                   later.boot);
  genvid_turn_leave (turns[2]);
  g_assert_cmpuint (wakes, ==, 3);
  g_assert_cmpint (genvid_turn_take (turns[0], 8, G_MAXINT64, &later), >,
                   later.boot);
  g_assert_cmpint (genvid_turn_take (turns[1], 7, G_MAXINT64, &later), <=,
                   later.boot);
  /* Whoever has no other chance goes first. */
  g_assert_cmpint (genvid_turn_take (turns[2], 100, later.boot, &later), <=,
                   later.boot);
  g_assert_cmpint (genvid_turn_take (turns[3], 5, G_MAXINT64, &later), >,
                   later.boot);
  /* What was taken and is not used is another's. */
  genvid_turn_give_back (turns[2], &later);
  g_assert_cmpuint (wakes, ==, 5);
  g_assert_cmpint (genvid_turn_take (turns[3], 5, G_MAXINT64, &later), <=,
                   later.boot);
  for (guint i = 0; i < 4; i++)
    genvid_turn_free (turns[i]);
}

/* What another process finds, after which it asks USED times. */
static guint
ask_elsewhere (const Kit *kit, guint used, const GenvidNow *now)
{
  g_autoptr (GenvidRequestLog) file = genvid_request_log_open (
      kit->store, "http://127.0.0.1:9", g_test_get_path ());
  GenvidRequestWindow window = { 0 };
  guint found;

  g_assert_nonnull (file);
  genvid_request_log_load (file, &window, now);
  found = genvid_request_window_count (&window, now->boot);
  genvid_request_window_add (&window, now->boot, used);
  genvid_request_log_save (file, &window, now);
  return found;
}

static void
test_other_process (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidPlan) plan = make_plan (&kit, g_test_get_path ());
  guint wakes = 0;
  g_autoptr (GenvidTurn) turn = genvid_turn_new (plan, count_wake, &wakes);
  GenvidNow now = at (1000), later = at (1002);

  g_assert_cmpuint (ask_elsewhere (&kit, 58, &now), ==, 0);
  g_assert_cmpint (genvid_turn_take (turn, 1, G_MAXINT64, &now), <=, now.boot);
  genvid_turn_settle (turn, now.boot, &later);
  g_assert_cmpuint (ask_elsewhere (&kit, 1, &later), ==, 59);
  g_assert_cmpint (genvid_turn_take (turn, 1, G_MAXINT64, &later), >,
                   later.boot);
  /* The one that took two seconds counts for two seconds more. */
  later = at (1061);
  g_assert_cmpuint (ask_elsewhere (&kit, 0, &later), ==, 2);
}

/* Who waited for the file has an older time than who was before it. */
static void
test_late (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidPlan) plan = make_plan (&kit, g_test_get_path ());
  guint wakes = 0;
  g_autoptr (GenvidTurn) turn = genvid_turn_new (plan, count_wake, &wakes);
  GenvidNow now = at (1000), later = at (1003);

  genvid_turn_force (turn, &later);
  g_assert_cmpuint (ask_elsewhere (&kit, 5, &later), ==, 1);
  g_assert_cmpint (genvid_turn_take (turn, 1, G_MAXINT64, &now), <=, now.boot);
  g_assert_cmpuint (ask_elsewhere (&kit, 0, &later), ==, 7);
}

/* A holder of the file that stands still is not waited for, and what was asked
 * meanwhile is told later. */
static void
test_frozen_process (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidPlan) plan = make_plan (&kit, g_test_get_path ());
  guint wakes = 0;
  g_autoptr (GenvidTurn) turn = genvid_turn_new (plan, count_wake, &wakes);
  GenvidNow now = at (1000);
  GenvidRequestLog *held;

  ask_elsewhere (&kit, 7, &now);
  held = genvid_request_log_open (kit.store, "http://127.0.0.1:9",
                                  g_test_get_path ());
  g_assert_cmpint (genvid_turn_take (turn, 1, G_MAXINT64, &now), <=, now.boot);
  genvid_request_log_free (held);
  g_assert_cmpuint (ask_elsewhere (&kit, 0, &now), ==, 7);
  g_assert_cmpint (genvid_turn_take (turn, 1, G_MAXINT64, &now), <=, now.boot);
  g_assert_cmpuint (ask_elsewhere (&kit, 0, &now), ==, 9);
}

/* Elements with stores of their own share the key's allowance, too. */
static void
test_two_stores (void)
{
  g_auto (Kit) one = kit_new ();
  g_auto (Kit) two = kit_new ();
  g_autoptr (GenvidPlan) plan = make_plan (&one, g_test_get_path ());
  g_autoptr (GenvidPlan) other = make_plan (&two, g_test_get_path ());
  guint wakes = 0;
  g_autoptr (GenvidTurn) turn = genvid_turn_new (plan, count_wake, &wakes);
  g_autoptr (GenvidTurn) rival = genvid_turn_new (other, count_wake, &wakes);
  GenvidNow now = at (1000);

  for (guint i = 0; i < ALLOWED / 2; i++) {
    genvid_turn_force (turn, &now);
    genvid_turn_force (rival, &now);
  }
  g_assert_cmpint (genvid_turn_take (turn, 1, G_MAXINT64, &now), >, now.boot);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-limiter/forty", test_forty);
  g_test_add_func ("/rate-limiter/thirty", test_thirty);
  g_test_add_func ("/rate-limiter/sixty", test_sixty);
  g_test_add_func ("/rate-limiter/hundred", test_hundred);
  g_test_add_func ("/rate-limiter/fair", test_fair);
  g_test_add_func ("/rate-limiter/line", test_line);
  g_test_add_func ("/rate-limiter/other-process", test_other_process);
  g_test_add_func ("/rate-limiter/late", test_late);
  g_test_add_func ("/rate-limiter/frozen-process", test_frozen_process);
  g_test_add_func ("/rate-limiter/two-stores", test_two_stores);
  return g_test_run ();
}
