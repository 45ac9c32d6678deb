/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Places that run as often as they like while others hang, as on a disk that
 * stands still: as many as there are threads at first, and more. */

#include "io-loop.h"
#include "scheduler.h"

/* Where threads that hang cost the others theirs, a few run in a second, and
 * this many do not end in the time of a test. */
#define RUNS    6000
#define WORKERS 20
#define PAUSE   (2 * G_TIME_SPAN_MILLISECOND)

typedef struct {
  GMutex mutex;
  GCond changed;
  gboolean open; /* what hangs may go on */
  guint n_hung, n_ended, runs;
} World;

typedef struct {
  World *world;
  gboolean hangs;
  GenvidPlace *place;
} Worker;

static GenvidPark
hang (World *world)
{
  g_mutex_lock (&world->mutex);
  world->n_hung++;
  g_cond_broadcast (&world->changed);
  while (!world->open)
    g_cond_wait (&world->changed, &world->mutex);
  g_mutex_unlock (&world->mutex);
  return (GenvidPark){ .kind = GENVID_PARK_END };
}

static GenvidPark
run (gpointer data, gboolean transfer)
{
  Worker *worker = data;
  World *world = worker->world;
  gboolean over;

  g_assert_false (transfer);
  if (worker->hangs)
    return hang (world);
  g_mutex_lock (&world->mutex);
  over = ++world->runs >= RUNS;
  g_mutex_unlock (&world->mutex);
  if (over)
    return (GenvidPark){ .kind = GENVID_PARK_END };
  return genvid_park_until (worker->place, genvid_io_loop_get_time () + PAUSE);
}

static void
end (gpointer data)
{
  World *world = ((Worker *)data)->world;

  g_mutex_lock (&world->mutex);
  world->n_ended++;
  g_cond_broadcast (&world->changed);
  g_mutex_unlock (&world->mutex);
}

static void
await (World *world, guint *count, guint least)
{
  g_mutex_lock (&world->mutex);
  while (*count < least)
    g_cond_wait (&world->changed, &world->mutex);
  g_mutex_unlock (&world->mutex);
}

static void
start (World *world, Worker *workers, guint n, gboolean hangs)
{
  static const GenvidPlaceClass klass = { .run = run, .ended = end };

  for (guint i = 0; i < n; i++) {
    workers[i] = (Worker){ .world = world, .hangs = hangs };
    g_assert_true (
        genvid_place_new (&klass, &workers[i], &workers[i].place, NULL));
  }
}

static void
test_hanging (gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  g_autofree Worker *hung = g_new0 (Worker, n + 1);
  Worker workers[WORKERS];
  World world = { 0 };

  g_mutex_init (&world.mutex);
  g_cond_init (&world.changed);
  start (&world, hung, n, TRUE);
  await (&world, &world.n_hung, n);
  start (&world, workers, WORKERS, FALSE);
  await (&world, &world.n_ended, WORKERS);
  g_mutex_lock (&world.mutex);
  world.open = TRUE;
  g_cond_broadcast (&world.changed);
  g_mutex_unlock (&world.mutex);
  await (&world, &world.n_ended, WORKERS + n);
  g_mutex_clear (&world.mutex);
  g_cond_clear (&world.changed);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/scheduler/none-hangs", NULL, test_hanging);
  g_test_add_data_func ("/scheduler/eight-hang", GUINT_TO_POINTER (8),
                        test_hanging);
  g_test_add_data_func ("/scheduler/twenty-hang", GUINT_TO_POINTER (20),
                        test_hanging);
  return g_test_run ();
}
