/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* No turn waits longer than a moment: for other threads (the disk, TLS).
 * What the loop would have waited for beyond that is a jump of the clock; but
 * not while a worker runs in another thread, or is about to. */
#include "liar-time.h"

#include "clock.h"
#include "http-hub.h"
#include "io-loop.h"
#include "moment.h"
#include "scheduler.h"

#define GRACE        1000
#define THREAD_GRACE 20000
#define FIRST_JUMP   (50 * (gint64)1000)
#define LAST_JUMP    (8 * (gint64)G_USEC_PER_SEC)

GenvidNow __real_genvid_clock_now (void);
GenvidNow __wrap_genvid_clock_now (void);
gboolean __real_genvid_io_loop_turn (GenvidIoLoop *loop, gint64 until);
gboolean __wrap_genvid_io_loop_turn (GenvidIoLoop *loop, gint64 until);
void __real_genvid_io_loop_settle (GenvidIoLoop *loop,
                                   gboolean (*pending) (gpointer),
                                   gpointer data);
void __wrap_genvid_io_loop_settle (GenvidIoLoop *loop,
                                   gboolean (*pending) (gpointer),
                                   gpointer data);

gint64 __real_genvid_io_loop_get_time (void);
gint64 __wrap_genvid_io_loop_get_time (void);
gboolean __real_genvid_place_new (const GenvidPlaceClass *klass, gpointer data,
                                  GenvidPlace **place, GError **error);
gboolean __wrap_genvid_place_new (const GenvidPlaceClass *klass, gpointer data,
                                  GenvidPlace **place, GError **error);
void __real_genvid_place_wake (GenvidPlace *place);
void __wrap_genvid_place_wake (GenvidPlace *place);
void __real_genvid_http_hub_send (GenvidHttpHub *hub,
                                  const GenvidHttpHubRequest *request,
                                  GenvidHttpHubDone done, gpointer data);
void __wrap_genvid_http_hub_send (GenvidHttpHub *hub,
                                  const GenvidHttpHubRequest *request,
                                  GenvidHttpHubDone done, gpointer data);

static GMutex mutex; /* guards what follows */
static Liar *attended;
static gint64 skipped, jump = FIRST_JUMP;
static gint64 since;
static guint64 turns;
static gboolean settling;
static guint64 call_at;
static void (*called) (gpointer);
static gpointer call_data;

GenvidNow
__wrap_genvid_clock_now (void)
{
  GenvidNow now = __real_genvid_clock_now ();

  g_mutex_lock (&mutex);
  if (!settling) {
    now.wall += skipped;
    now.boot += skipped;
  }
  g_mutex_unlock (&mutex);
  return now;
}

static void
pass_time (gint64 most)
{
  gboolean drips;

  g_mutex_lock (&mutex);
  drips = attended != NULL && liar_tick (attended);
  skipped += drips ? G_USEC_PER_SEC : CLAMP (most, 0, jump);
  jump = MIN (jump * 4, LAST_JUMP);
  g_mutex_unlock (&mutex);
}

/* Microseconds that the turn may wait. */
static gint64
pump (void)
{
  gint64 grace = GRACE;
  void (*call) (gpointer) = NULL;

  g_mutex_lock (&mutex);
  if (attended != NULL && ++turns == call_at)
    call = called;
  if (attended != NULL && liar_pump (attended))
    jump = FIRST_JUMP;
  if (attended != NULL
      && (liar_has_threads (attended) || liar_awaits_reader (attended)))
    grace = THREAD_GRACE;
  g_mutex_unlock (&mutex);
  if (call != NULL)
    call (call_data);
  return grace;
}

/* --- The one worker: whether time may pass for it. --- */

typedef enum { READY, RUNNING, PARKED, AWAITING } Way;

/* As the scheduler has it, under the mutex; in line for a transfer is READY. */
static Way way;
static gboolean woken;
static gboolean answered;
static gint64 parked_until;
static const GenvidPlaceClass *worker_class;
static GenvidHttpHubDone worker_done;
static __thread gboolean inside; /* of the worker */

gint64
__wrap_genvid_io_loop_get_time (void)
{
  return __wrap_genvid_clock_now ().boot;
}

static const GenvidPlaceClass *
get_class (void)
{
  const GenvidPlaceClass *klass;

  g_mutex_lock (&mutex);
  klass = worker_class;
  g_mutex_unlock (&mutex);
  return klass;
}

static GenvidPark
run (gpointer data, gboolean transfer)
{
  GenvidPark how;

  g_mutex_lock (&mutex);
  way = RUNNING;
  g_mutex_unlock (&mutex);
  inside = TRUE;
  how = get_class ()->run (data, transfer);
  inside = FALSE;
  g_mutex_lock (&mutex);
  way = READY;
  if (how.kind == GENVID_PARK_ANSWER && !answered) {
    way = AWAITING;
  } else if (how.kind == GENVID_PARK_TIME && !woken) {
    way = PARKED;
    parked_until = how.until;
  }
  if (how.kind != GENVID_PARK_ANSWER)
    woken = FALSE;
  g_mutex_unlock (&mutex);
  return how;
}

static void
end (gpointer data)
{
  get_class ()->ended (data);
}

gboolean
__wrap_genvid_place_new (const GenvidPlaceClass *klass, gpointer data,
                         GenvidPlace **place, GError **error)
{
  static const GenvidPlaceClass own = { .run = run, .ended = end };

  g_mutex_lock (&mutex);
  worker_class = klass;
  way = READY;
  woken = FALSE;
  g_mutex_unlock (&mutex);
  return __real_genvid_place_new (&own, data, place, error);
}

void
__wrap_genvid_place_wake (GenvidPlace *place)
{
  g_mutex_lock (&mutex);
  woken = woken || way == RUNNING || way == AWAITING;
  if (way == PARKED)
    way = READY;
  g_mutex_unlock (&mutex);
  __real_genvid_place_wake (place);
}

static void
note_answer (gpointer data, GenvidAnswer *answer)
{
  g_mutex_lock (&mutex);
  answered = TRUE;
  if (way == AWAITING)
    way = READY;
  g_mutex_unlock (&mutex);
  worker_done (data, answer);
}

void
__wrap_genvid_http_hub_send (GenvidHttpHub *hub,
                             const GenvidHttpHubRequest *request,
                             GenvidHttpHubDone done, gpointer data)
{
  g_mutex_lock (&mutex);
  worker_done = done;
  answered = FALSE;
  g_mutex_unlock (&mutex);
  __real_genvid_http_hub_send (hub, request, note_answer, data);
}

static gboolean
is_busy (gint64 now)
{
  gboolean busy;

  g_mutex_lock (&mutex);
  if (way == PARKED && now >= parked_until)
    way = READY;
  busy = way <= RUNNING && !inside;
  g_mutex_unlock (&mutex);
  return busy;
}

gboolean
__wrap_genvid_io_loop_turn (GenvidIoLoop *loop, gint64 until)
{
  gint64 now = __wrap_genvid_clock_now ().boot;
  gint64 grace;

  if (now >= until)
    return __real_genvid_io_loop_turn (loop, 1);
  if (is_busy (now)) {
    __real_genvid_io_loop_turn (loop, __real_genvid_clock_now ().boot + GRACE);
    return TRUE;
  }
  grace = pump ();
  if (__real_genvid_io_loop_turn (loop,
                                  __real_genvid_clock_now ().boot + grace))
    return TRUE;
  pass_time (until - now);
  return !genvid_io_loop_is_aborted (loop)
         && __wrap_genvid_clock_now ().boot < until;
}

/* It has a bound of its own, which must be met in earnest. */
void
__wrap_genvid_io_loop_settle (GenvidIoLoop *loop,
                              gboolean (*pending) (gpointer), gpointer data)
{
  g_mutex_lock (&mutex);
  settling = TRUE;
  g_mutex_unlock (&mutex);
  __real_genvid_io_loop_settle (loop, pending, data);
  g_mutex_lock (&mutex);
  settling = FALSE;
  g_mutex_unlock (&mutex);
}

void
liar_time_attend (Liar *liar)
{
  g_mutex_lock (&mutex);
  attended = liar;
  if (liar != NULL) {
    since = skipped;
    turns = 0;
    jump = FIRST_JUMP;
  }
  g_mutex_unlock (&mutex);
}

gint64
liar_time_get_skipped (void)
{
  gint64 us;

  g_mutex_lock (&mutex);
  us = skipped - since;
  g_mutex_unlock (&mutex);
  return us;
}

guint64
liar_time_get_turns (void)
{
  guint64 n;

  g_mutex_lock (&mutex);
  n = turns;
  g_mutex_unlock (&mutex);
  return n;
}

void
liar_time_skip (gint64 us)
{
  g_mutex_lock (&mutex);
  skipped += us;
  g_mutex_unlock (&mutex);
}

void
liar_time_call_at (guint64 n, void (*call) (gpointer), gpointer data)
{
  g_mutex_lock (&mutex);
  call_at = n;
  called = call;
  call_data = data;
  g_mutex_unlock (&mutex);
}
