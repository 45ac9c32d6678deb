/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The worker's two looks at time, caught by the linker (--wrap), so that the
 * library holds no test code: a wait is a step of the clock. */

#include "fields-clock.h"

#include "http-client.h"
#include "moment.h"

#define LONG_WAIT (24 * 3600 * (gint64)G_USEC_PER_SEC)

/* The one clock of this program. It moves when all workers wait, to where the
 * first of them wants it. */
static GMutex mutex;
static GCond cond;
static gint64 skipped;
static GenvidSandbox *followed;
static GList *moments; /* of gint64: what the waiting ones wait for */
static guint n_workers = 1;
static void (*observer) (void);

GenvidNow __real_genvid_clock_now (void);
GenvidNow __wrap_genvid_clock_now (void);
void __real_genvid_http_client_wait (GenvidHttpClient *http, gint64 until);
void __wrap_genvid_http_client_wait (GenvidHttpClient *http, gint64 until);

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

/* Under the mutex. */
static void
move_on (void)
{
  gint64 first = G_MAXINT64;
  gint64 left;

  if (g_list_length (moments) < n_workers)
    return;
  for (GList *l = moments; l != NULL; l = l->next)
    first = MIN (first, *(gint64 *)l->data);
  left = get_left (first);
  if (left > 0) {
    skipped += left;
    if (followed != NULL)
      genvid_sandbox_advance (followed, left / (double)G_USEC_PER_SEC);
  }
  g_cond_broadcast (&cond);
}

void
__wrap_genvid_http_client_wait (GenvidHttpClient *http, gint64 until)
{
  GList own = { &until, NULL, NULL };
  gint64 left;

  if (observer != NULL)
    observer ();
  g_mutex_lock (&mutex);
  left = get_left (until);
  if (left < LONG_WAIT) {
    moments = g_list_concat (&own, moments);
    move_on ();
    while (get_left (until) > 0)
      g_cond_wait (&cond, &mutex);
    moments = g_list_remove_link (moments, &own);
  }
  g_mutex_unlock (&mutex);
  if (left >= LONG_WAIT)
    __real_genvid_http_client_wait (http, until);
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
  if (moments != NULL)
    move_on ();
  g_mutex_unlock (&mutex);
}

void
clock_observe (void (*function) (void))
{
  observer = function;
}
