/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a world holds and what befalls each life in it, drawn from the seed
 * and the life's number alone, so that a seed tells the same story again
 * however the machine runs it. */

#include "soak.h"

#include <signal.h>

#define EACH  4  /* requests of a service in a store */
#define CROWD 4  /* lives that may want the same */
#define START 25 /* calls of a disk until the first question, about */
#define WHOLE 90 /* and until the clip is there */

static const SoakService services[] = {
  { "genpro", GENVID_SANDBOX_GENPRO },
  { "aimlapi", GENVID_SANDBOX_AIMLAPI },
  { "cn8", GENVID_SANDBOX_CN8 },
};

/* Those after which the service's own word is to be believed are not here. */
static const char *const faults[] = {
  "submit-lost-after@1",
  "submit-lost-before@1",
  "submit-lost-body@1",
  "submit-lost-headers@1",
  "submit-500@1",
  "submit-500-before@1",
  "submit-408@1",
  "submit-502@1",
  "submit-504@1",
  "submit-no-id@1",
  "submit-malformed@1",
  "submit-html@1",
  "submit-empty@1",
  "submit-huge@1",
  "submit-surrogate@1",
  "submit-429@2",
  "submit-503@1",
  "submit-401@1",
  "submit-400@1",
  "submit-quota@1",
  "submit-hang@1",
  "submit-hang-body@1",
  "submit-409@2",
  "submit-key-echo@1",
  "connect-closed@1",
  "reused-closed@1",
  "poll-500@2",
  "poll-401@1",
  "poll-404@2",
  "poll-html@1",
  "poll-failed@1",
  "poll-refused@1",
  "poll-lost@1",
  "poll-lost-body@1",
  "poll-no-url@1",
  "poll-unknown@1",
  "poll-hang@1",
  "poll-429@1",
  "poll-huge@1",
  "poll-deep@1",
  "poll-malformed@1",
  "poll-backwards@2",
  "lookup-500@1",
  "lookup-empty@2",
  "lookup-lost@1",
  "download-cut@2",
  "download-html@1",
  "download-expired@1",
  "download-404@1",
  "download-no-range@2",
  "download-short@1",
  "download-long@1",
  "download-stall@1",
  "download-etag-change@1",
  "download-weak-etag@2",
  "download-no-etag@2",
  "download-wrong-range@1",
  "download-chunked@2",
  "download-json@1",
  "download-416@1",
  "download-500@2",
  "download-redirect@1",
  "download-close@1",
  "cancel-422@1",
  "cancel-500@1",
  "cancel-lost@1",
  "cancel-hang@1",
};

static const char *const disks[] = {
  "write=15 sync=15 rename=15 open=5 truncate=15 allocate=15",
  "write=60 sync=40",
  "write=200",
  "sync=250",
  "rename=250",
  "open=40",
  "open=150",
  "truncate=300 allocate=300",
  "write=100 sync=100 rename=100 open=30 truncate=100 allocate=100",
};

/* A single call that fails, whatever it is. */
#define ONCE                                                                   \
  "most=1 write=1000 sync=1000 rename=1000 open=1000 truncate=1000 "           \
  "allocate=1000"

static const char *const options[]
    = { "reuse=only", "on-stop=cancel", "on-stop=cancel", "timeout=2" };

static gint64 const jumps[]
    = { 0, 0, 1, -1, 70, -70, 4000, -4000, 75000, -75000, 900000, -900000 };

static gboolean
chance (GRand *rand, int percent)
{
  return g_rand_int_range (rand, 0, 100) < percent;
}

static guint
pick (GRand *rand, guint n)
{
  return (guint)g_rand_int_range (rand, 0, (gint32)n);
}

static guint
between (GRand *rand, guint low, guint high)
{
  return low + pick (rand, high - low + 1);
}

static GRand *
make_rand (SoakWorld *world, guint number)
{
  const guint32 words[]
      = { (guint32)world->seed, (guint32)(world->seed >> 32), number };

  return g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
}

static void
add_request (SoakWorld *world, guint store, const SoakService *service)
{
  SoakRequest *request = g_new0 (SoakRequest, 1);
  guint number = world->requests->len;

  request->number = number;
  request->store = store;
  request->service = service;
  request->prompt = g_strdup_printf ("soak clip %u", number);
  request->key
      = g_strdup_printf (SOAK_KEY "%08x%04u", (guint)world->seed, number);
  request->may_resubmit = number % 6 == 5;
  g_ptr_array_add (world->requests, request);
}

void
soak_plan_requests (SoakWorld *world)
{
  for (guint store = 0; store < SOAK_STORES; store++)
    for (guint i = 0; i < EACH * G_N_ELEMENTS (services); i++)
      add_request (world, store, &services[i % G_N_ELEMENTS (services)]);
  /* Room for all in the first store, not in the others. */
  for (guint store = 0; store < SOAK_STORES; store++)
    world->caps[store] = store == 0 ? 60 : 20;
}

static void
plan_option (SoakLife *life, GRand *rand)
{
  SoakRequest *request
      = soak_world_get_request (life->world, life->requests[0]);

  if (life->n_requests == 1 && request->may_resubmit && chance (rand, 40)) {
    life->option = g_strdup ("if-in-doubt=resubmit");
    request->resubmits++;
  } else if (chance (rand, 15)) {
    life->option = g_strdup (options[pick (rand, G_N_ELEMENTS (options))]);
  }
}

static void
plan_end (SoakLife *life, GRand *rand)
{
  static const int signals[] = { SIGKILL, SIGKILL, SIGKILL, SIGTERM };

  life->limit = between (rand, 4, 10);
  if (chance (rand, 55)) {
    life->signal = signals[pick (rand, G_N_ELEMENTS (signals))];
    life->signal_at
        = between (rand, 30, chance (rand, 60) ? 1200 : 1000 * life->limit);
  }
  if (chance (rand, 15)) {
    life->stop_at = between (rand, 30, 2000);
    life->stop_for = between (rand, 50, 2500);
  }
}

static void
plan_machine (SoakLife *life, GRand *rand)
{
  guint32 seed = g_rand_int (rand);
  guint from = pick (rand, chance (rand, 60) ? START : WHOLE);
  const char *rates = disks[pick (rand, G_N_ELEMENTS (disks))];

  if (chance (rand, 60))
    rates = ONCE;
  if (chance (rand, 40))
    rates = "";
  life->disk = g_strdup_printf ("%u from=%u %s", seed, from, rates);
  life->set_wall = chance (rand, 20);
  life->wall_ahead = jumps[pick (rand, G_N_ELEMENTS (jumps))];
  life->set_room = chance (rand, 40);
  life->room = chance (rand, 80) ? -1 : (gint64)pick (rand, 400000);
}

SoakLife *
soak_plan_life (SoakWorld *world, guint number)
{
  g_autoptr (GRand) rand = make_rand (world, number);
  g_autoptr (GRand) crowd = make_rand (world, G_MAXUINT - number / CROWD);
  SoakLife *life = g_new0 (SoakLife, 1);
  guint n = world->requests->len;

  life->world = world;
  life->number = number;
  life->faults = g_ptr_array_new_with_free_func (g_free);
  life->n_requests = chance (rand, 25) ? 2 : 1;
  for (guint i = 0; i < life->n_requests; i++)
    life->requests[i] = pick (rand, n);
  /* Half of them go where their neighbours go, in the same moment. */
  if (chance (rand, 50))
    life->requests[0] = pick (crowd, n);
  life->pull = chance (rand, 40);
  life->log = chance (rand, 20);
  for (guint i = chance (rand, 60) ? between (rand, 1, 2) : 0; i > 0; i--)
    g_ptr_array_add (life->faults,
                     g_strdup (faults[pick (rand, G_N_ELEMENTS (faults))]));
  plan_end (life, rand);
  plan_machine (life, rand);
  plan_option (life, rand);
  life->drop = chance (rand, 5);
  life->filler = between (rand, 1, chance (rand, 50) ? 5000 : 1500000);
  life->pause = between (rand, 0, 300);
  for (guint i = 0; i < life->n_requests; i++)
    soak_world_get_request (world, life->requests[i])->starts++;
  return life;
}

SoakLife *
soak_plan_last (SoakWorld *world, SoakRequest *request, const char *adopt)
{
  SoakLife *life = g_new0 (SoakLife, 1);

  life->world = world;
  life->number = world->lives->len;
  life->faults = g_ptr_array_new_with_free_func (g_free);
  life->n_requests = 1;
  life->requests[0] = request->number;
  life->last = TRUE;
  life->limit = 60;
  life->disk = g_strdup ("0");
  life->option = adopt != NULL ? g_strconcat ("adopt=", adopt, NULL) : NULL;
  life->filler = 1;
  return life;
}

void
soak_life_free (SoakLife *life)
{
  for (guint i = 0; i < SOAK_MOST; i++)
    soak_result_clear (&life->results[i]);
  g_clear_object (&life->child);
  g_ptr_array_unref (life->faults);
  g_free (life->disk);
  g_free (life->option);
  g_free (life->output);
  g_free (life);
}
