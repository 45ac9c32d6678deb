/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The worker's two looks at time, caught by the linker (--wrap), so that the
 * library holds no test code: a wait is a step of the clock. */

#include "fields-clock.h"

#include "moment.h"
#include "scheduler.h"

#define LONG_WAIT (24 * 3600 * (gint64)G_USEC_PER_SEC)

/* The one clock of this program. It moves when all workers wait, to where the
 * first of them wants it. */
static GMutex mutex;
static gint64 skipped;
static GenvidSandbox *followed;
static GHashTable *moments; /* GenvidPlace → gint64: what it waits for */
static guint n_workers = 1;
static void (*observer) (void);

GenvidNow __real_genvid_clock_now (void);
GenvidNow __wrap_genvid_clock_now (void);
GenvidPark __real_genvid_park_until (GenvidPlace *place, gint64 until);
GenvidPark __wrap_genvid_park_until (GenvidPlace *place, gint64 until);
void __real_genvid_place_wake (GenvidPlace *place);
void __wrap_genvid_place_wake (GenvidPlace *place);

GenvidNow
__wrap_genvid_clock_now (void)
{
  GenvidNow now = __real_genvid_clock_now ();

  g_mutex_lock (&mutex);
  now.wall += skipped;
  now.boot += skipped;
  g_mutex_unlock (&mutex);
  return now;
}

/* Under the mutex. */
static gint64
get_left (gint64 until)
{
  return until - __real_genvid_clock_now ().boot - skipped;
}

/* Under the mutex: those whose moment has come go on. */
static void
ring (void)
{
  GHashTableIter iter;
  gpointer place, moment;

  g_hash_table_iter_init (&iter, moments);
  while (g_hash_table_iter_next (&iter, &place, &moment))
    if (get_left (*(gint64 *)moment) <= 0) {
      g_hash_table_iter_remove (&iter);
      __real_genvid_place_wake (place);
    }
}

/* Under the mutex. */
static void
move_on (void)
{
  gint64 first = G_MAXINT64;
  GHashTableIter iter;
  gpointer moment;
  gint64 left;

  if (moments == NULL || g_hash_table_size (moments) < MAX (n_workers, 1))
    return;
  g_hash_table_iter_init (&iter, moments);
  while (g_hash_table_iter_next (&iter, NULL, &moment))
    first = MIN (first, *(gint64 *)moment);
  left = get_left (first);
  if (left > 0) {
    skipped += left;
    if (followed != NULL)
      genvid_sandbox_advance (followed, left / (double)G_USEC_PER_SEC);
  }
  ring ();
}

/* It is woken when the clock is there, and not before. */
GenvidPark
__wrap_genvid_park_until (GenvidPlace *place, gint64 until)
{
  gint64 left;

  if (observer != NULL)
    observer ();
  g_mutex_lock (&mutex);
  if (moments == NULL)
    moments = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  left = get_left (until);
  if (left > 0 && left < LONG_WAIT) {
    g_hash_table_insert (moments, place, g_memdup2 (&until, sizeof until));
    move_on ();
  }
  g_mutex_unlock (&mutex);
  return __real_genvid_park_until (place, left > 0 ? G_MAXINT64 : 0);
}

void
__wrap_genvid_place_wake (GenvidPlace *place)
{
  gboolean asleep;

  g_mutex_lock (&mutex);
  asleep = moments != NULL && g_hash_table_contains (moments, place);
  g_mutex_unlock (&mutex);
  if (!asleep)
    __real_genvid_place_wake (place);
}

void
clock_follow (GenvidSandbox *sandbox)
{
  g_mutex_lock (&mutex);
  followed = sandbox;
  g_mutex_unlock (&mutex);
}

void
clock_set_workers (guint n)
{
  g_mutex_lock (&mutex);
  n_workers = n;
  g_mutex_unlock (&mutex);
}

void
clock_leave (void)
{
  g_mutex_lock (&mutex);
  n_workers--;
  move_on ();
  g_mutex_unlock (&mutex);
}

void
clock_observe (void (*function) (void))
{
  observer = function;
}
