/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One mutex guards who waits for what; nothing is called back under it. Lock
 * order: whatever the callers hold, then that mutex, then the hub's. */

#include "scheduler.h"

#include "durable-file.h"
#include "exchange.h"
#include "http-hub.h"
#include "io-loop.h"
#include "log.h"
#include "reserve.h"

#include <pthread.h>
#include <unistd.h>

/* Threads of a crew that are enough while work goes on. Where none of them has
 * come back for a while, all may hang, on a disk or on a server, and half as
 * many more are let pass them, again and again; where some have, but a transfer
 * still waits, one more. */
#define CREW       8
#define MOST       512
#define PASS_AFTER (G_USEC_PER_SEC / 4)
/* Waits of at least that long end together with others'. */
#define PATIENT G_USEC_PER_SEC
#define GRAIN   (G_USEC_PER_SEC / 20)
/* A thread without work ends after that long. */
#define IDLE (G_USEC_PER_SEC / 2)

typedef enum { RUNNING, READY, PARKED, AWAITING, IN_LINE } State;

/* Threads of one kind, and who waits for one of them. */
typedef struct {
  const char *name;
  gboolean transfer;
  GCond work;
  GQueue urgent; /* of GenvidPlace */
  GQueue line;   /* of GenvidPlace, by number */
  guint n, max;
  guint n_idle;    /* nobody has called them */
  guint n_called;  /* they were idle, and have not looked yet */
  guint n_to_wake; /* of those called, once the mutex is free */
  gint64 pass_at;  /* boot clock: when more may start; 0: nobody waits */
  gboolean moved;  /* one has come back since somebody waits */
} Crew;

struct _GenvidPlace {
  const GenvidPlaceClass *klass;
  gpointer data;
  pid_t process; /* of its threads */

  /* Under the mutex. */
  State state;
  gboolean woken;
  gint64 until;         /* PARKED */
  GSequenceIter *timer; /* PARKED */
  GList link;           /* READY, IN_LINE */
  guint64 number;       /* its number in the line for a transfer; 0: none */
  gboolean urgent;      /* money hangs on the answer */
  gboolean answered;
  GenvidAnswer *answer; /* nullable */
};

/* One thread with a clock and all connections; a new one for whoever comes
 * after the last worker has ended. */
typedef struct {
  GenvidIoLoop *loop;
  GenvidHttpHub *hub;
  gint64 next; /* when it looks again */
} Clock;

static struct {
  GMutex mutex;
  GCond ended; /* a clock */
  guint n_places;
  Clock *clock;      /* NULL: none runs */
  guint n_clocks;    /* with those that are about to end */
  GSequence *timers; /* of GenvidPlace, by moment */
  guint64 n_lined_up;
  Crew runners, transfers;
} all = {
  .runners = { .name = "genvid-worker", .max = CREW },
  .transfers = { .name = "genvid-load", .transfer = TRUE, .max = CREW },
};

static gboolean
is_foreign (const GenvidPlace *place)
{
  return place->process != getpid ();
}

/* --- A child has none of the threads: it begins anew, and leaves its parent's
 * workers alone. --- */

static void
before_fork (void)
{
  g_mutex_lock (&all.mutex);
}

static void
after_fork_in_parent (void)
{
  g_mutex_unlock (&all.mutex);
}

static void
disband (Crew *crew)
{
  g_queue_init (&crew->urgent);
  g_queue_init (&crew->line);
  g_cond_init (&crew->work);
  crew->n = crew->n_idle = crew->n_called = crew->n_to_wake = 0;
  crew->max = CREW;
  crew->pass_at = 0;
}

static void
after_fork_in_child (void)
{
  all.n_places = all.n_clocks = 0;
  all.clock = NULL;
  all.timers = NULL;
  disband (&all.runners);
  disband (&all.transfers);
  g_cond_init (&all.ended);
  g_mutex_unlock (&all.mutex);
}

void
genvid_scheduler_watch_forks (void)
{
  static gsize ready = 0;

  if (!g_once_init_enter (&ready))
    return;
  pthread_atfork (before_fork, after_fork_in_parent, after_fork_in_child);
  g_once_init_leave (&ready, 1);
}

/* --- Who runs next; all under the mutex. --- */

static gpointer run_crew (gpointer data);

static gboolean
start_thread (const char *name, GThreadFunc function, gpointer data)
{
  GThread *thread = g_thread_try_new (name, function, data, NULL);

  if (thread != NULL)
    g_thread_unref (thread);
  return thread != NULL;
}

/* The clock looks again then, if not before. */
static void
look_at (gint64 moment)
{
  if (all.clock == NULL || all.clock->next <= moment)
    return;
  all.clock->next = moment;
  genvid_io_loop_wake (all.clock->loop);
}

static guint
count_waiting (const Crew *crew)
{
  return crew->urgent.length + crew->line.length;
}

static void
wake (Crew *crew, guint n)
{
  for (guint i = 0; i < n; i++)
    g_cond_signal (&crew->work);
}

/* Who is woken earlier would wait for the mutex. */
static void
unlock (void)
{
  guint n_runners = all.runners.n_to_wake;
  guint n_transfers = all.transfers.n_to_wake;

  all.runners.n_to_wake = all.transfers.n_to_wake = 0;
  g_mutex_unlock (&all.mutex);
  wake (&all.runners, n_runners);
  wake (&all.transfers, n_transfers);
}

/* A thread for each that waits, as far as it goes. */
static void
call_up (Crew *crew)
{
  guint n_waiting = count_waiting (crew);
  guint n_left = n_waiting - MIN (n_waiting, crew->n_called);
  guint n_idle = MIN (n_left, crew->n_idle);

  crew->n_idle -= n_idle;
  crew->n_called += n_idle;
  crew->n_to_wake += n_idle;
  n_left -= n_idle;
  while (n_left > 0 && crew->n < crew->max
         && start_thread (crew->name, run_crew, crew)) {
    crew->n++;
    n_left--;
  }
  if (n_left == 0)
    return;
  if (crew->pass_at == 0) {
    crew->pass_at = genvid_io_loop_get_time () + PASS_AFTER;
    crew->moved = FALSE;
  }
  look_at (crew->n > 0 ? crew->pass_at : 0);
}

/* Somebody has waited for a while. */
static void
let_pass (Crew *crew, gint64 now)
{
  guint more = crew->moved ? (guint)crew->transfer : crew->max / 2;

  if (crew->pass_at == 0 || now < crew->pass_at)
    return;
  crew->pass_at = 0;
  if (crew->n >= crew->max && count_waiting (crew) > 0)
    crew->max = MIN (crew->max + more, MOST);
  call_up (crew);
}

static void
make_ready (GenvidPlace *place)
{
  place->state = READY;
  place->link.data = place;
  g_queue_push_tail_link (
      place->urgent ? &all.runners.urgent : &all.runners.line, &place->link);
  place->urgent = FALSE;
  call_up (&all.runners);
}

/* Who was woken in the line keeps its place there. */
static void
line_up (GenvidPlace *place)
{
  GList *before = all.transfers.line.head;

  if (place->number == 0)
    place->number = ++all.n_lined_up;
  place->state = IN_LINE;
  place->link.data = place;
  while (before != NULL
         && ((GenvidPlace *)before->data)->number < place->number)
    before = before->next;
  g_queue_insert_before_link (&all.transfers.line, before, &place->link);
  call_up (&all.transfers);
}

static int
compare_moments (gconstpointer a, gconstpointer b, gpointer data)
{
  const GenvidPlace *one = a, *other = b;

  return (one->until > other->until) - (one->until < other->until);
}

static gint64
round_up (gint64 moment)
{
  return moment < G_MAXINT64 - GRAIN
                 && moment - genvid_io_loop_get_time () >= PATIENT
             ? (moment + GRAIN - 1) / GRAIN * GRAIN
             : moment;
}

static void
set_timer (GenvidPlace *place, gint64 until)
{
  if (all.timers == NULL)
    all.timers = g_sequence_new (NULL);
  place->state = PARKED;
  place->until = until;
  place->timer
      = g_sequence_insert_sorted (all.timers, place, compare_moments, NULL);
  look_at (until);
}

static void
ring (GenvidPlace *place)
{
  g_sequence_remove (g_steal_pointer (&place->timer));
  make_ready (place);
}

static void
park (GenvidPlace *place, const GenvidPark *how)
{
  gboolean woken = place->woken;

  if (how->kind == GENVID_PARK_ANSWER) {
    if (place->answered)
      make_ready (place);
    else
      place->state = AWAITING;
    return;
  }
  place->woken = FALSE;
  if (woken)
    make_ready (place);
  else if (how->kind == GENVID_PARK_TRANSFER)
    line_up (place);
  else
    set_timer (place, round_up (how->until));
}

/* Releases the mutex meanwhile. */
static void
run (GenvidPlace *place, gboolean transfer)
{
  GenvidPark how;

  place->state = RUNNING;
  unlock ();
  how = place->klass->run (place->data, transfer);
  g_mutex_lock (&all.mutex);
  if (how.kind != GENVID_PARK_END) {
    park (place, &how);
    return;
  }
  unlock ();
  place->klass->ended (place->data);
  g_free (place);
  g_mutex_lock (&all.mutex);
  if (--all.n_places == 0)
    look_at (0);
}

/* --- Threads. --- */

static gboolean
run_next (Crew *crew)
{
  GList *link = g_queue_pop_head_link (&crew->urgent);
  GenvidPlace *place;

  if (link == NULL)
    link = g_queue_pop_head_link (&crew->line);
  if (link == NULL)
    return FALSE;
  place = link->data;
  if (crew->transfer)
    place->number = 0;
  run (place, crew->transfer);
  crew->moved = TRUE;
  if (crew->transfer)
    crew->max = MAX (crew->max - 1, CREW);
  return TRUE;
}

static gboolean
await_work (Crew *crew)
{
  gint64 until = g_get_monotonic_time () + IDLE;
  gboolean called;

  wake (&all.runners, all.runners.n_to_wake);
  wake (&all.transfers, all.transfers.n_to_wake);
  all.runners.n_to_wake = all.transfers.n_to_wake = 0;
  crew->n_idle++;
  while (crew->n_called == 0
         && g_cond_wait_until (&crew->work, &all.mutex, until))
    continue;
  called = crew->n_called > 0;
  /* Not before: who runs others must not go because of those that hang. */
  if (!called)
    crew->max = MAX (crew->max - 1, CREW);
  if (called)
    crew->n_called--;
  else
    crew->n_idle--;
  return called || count_waiting (crew) > 0;
}

static gpointer
run_crew (gpointer data)
{
  Crew *crew = data;

  genvid_durable_file_block_signal ();
  g_mutex_lock (&all.mutex);
  while (crew->n <= crew->max && (run_next (crew) || await_work (crew)))
    continue;
  crew->n--;
  call_up (crew);
  unlock ();
  return NULL;
}

/* The place whose moment comes first; nullable. */
static GenvidPlace *
get_first (void)
{
  return all.timers != NULL && !g_sequence_is_empty (all.timers)
             ? g_sequence_get (g_sequence_get_begin_iter (all.timers))
             : NULL;
}

static void
ring_timers (gint64 now)
{
  GenvidPlace *first;

  while ((first = get_first ()) != NULL && first->until <= now)
    ring (first);
}

/* Where no runner can be started, the clock runs them itself. */
static void
help_out (void)
{
  call_up (&all.runners);
  if (all.runners.n == 0)
    run_next (&all.runners);
}

static gint64
find_next (gint64 next)
{
  const GenvidPlace *first = get_first ();

  if (first != NULL)
    next = MIN (next, first->until);
  if (all.runners.pass_at != 0)
    next = MIN (next, all.runners.pass_at);
  if (all.transfers.pass_at != 0)
    next = MIN (next, all.transfers.pass_at);
  if (count_waiting (&all.runners) > 0 && all.runners.n == 0)
    next = 0;
  return next;
}

/* NEXT: when it must be called again. FALSE: the last worker has ended. */
static gboolean
tick (Clock *clock, gint64 *next)
{
  gint64 hub = genvid_http_hub_serve (clock->hub);
  gint64 now = genvid_io_loop_get_time ();
  gboolean wanted;

  g_mutex_lock (&all.mutex);
  ring_timers (now);
  let_pass (&all.runners, now);
  let_pass (&all.transfers, now);
  help_out ();
  *next = clock->next = find_next (hub);
  wanted = all.n_places > 0;
  if (!wanted)
    all.clock = NULL;
  unlock ();
  return wanted;
}

static gpointer
run_clock (gpointer data)
{
  Clock *clock = data;
  GMainContext *context = genvid_io_loop_get_context (clock->loop);
  gint64 next;

  genvid_durable_file_block_signal ();
  g_main_context_push_thread_default (context);
  while (tick (clock, &next))
    if (!genvid_io_loop_turn (clock->loop, next))
      genvid_io_loop_glance (clock->loop);
  genvid_http_hub_free (clock->hub);
  g_main_context_pop_thread_default (context);
  genvid_io_loop_free (clock->loop);
  g_free (clock);
  g_mutex_lock (&all.mutex);
  all.n_clocks--;
  g_cond_broadcast (&all.ended);
  unlock ();
  return NULL;
}

/* Under the mutex. */
static gboolean
start_clock (GError **error)
{
  GenvidIoLoop *loop = genvid_io_loop_new (error);
  Clock *clock;

  if (loop == NULL)
    return FALSE;
  clock = g_new0 (Clock, 1);
  clock->loop = loop;
  clock->hub = genvid_http_hub_new (loop);
  if (start_thread ("genvid-clock", run_clock, clock)) {
    all.clock = clock;
    all.n_clocks++;
    return TRUE;
  }
  genvid_http_hub_free (clock->hub);
  genvid_io_loop_free (loop);
  g_free (clock);
  return genvid_reserve_refuse_thread (error);
}

/* --- */

gboolean
genvid_place_new (const GenvidPlaceClass *klass, gpointer data,
                  GenvidPlace **place, GError **error)
{
  GenvidPlace *mine = g_new0 (GenvidPlace, 1);
  gboolean started;

  mine->klass = klass;
  mine->data = data;
  mine->process = getpid ();
  genvid_scheduler_watch_forks ();
  g_mutex_lock (&all.mutex);
  started = all.clock != NULL || start_clock (error);
  if (started) {
    all.n_places++;
    *place = mine;
    make_ready (mine);
  } else {
    g_free (mine);
  }
  unlock ();
  return started;
}

void
genvid_place_wake (GenvidPlace *place)
{
  if (is_foreign (place))
    return;
  g_mutex_lock (&all.mutex);
  if (place->state == PARKED) {
    ring (place);
  } else if (place->state == IN_LINE) {
    g_queue_unlink (&all.transfers.line, &place->link);
    make_ready (place);
  } else if (place->state != READY) {
    place->woken = TRUE;
  }
  unlock ();
}

void
genvid_place_abort (GenvidPlace *place)
{
  if (is_foreign (place))
    return;
  genvid_place_wake (place);
  g_mutex_lock (&all.mutex);
  if (all.clock != NULL)
    genvid_http_hub_abort (all.clock->hub, place);
  unlock ();
}

GenvidPark
genvid_park_until (GenvidPlace *place, gint64 until)
{
  return (GenvidPark){ GENVID_PARK_TIME, until };
}

static void
take_answer (gpointer data, GenvidAnswer *answer)
{
  GenvidPlace *place = data;

  g_mutex_lock (&all.mutex);
  place->answer = answer;
  place->answered = TRUE;
  if (place->state == AWAITING)
    make_ready (place);
  unlock ();
}

GenvidPark
genvid_park_send (GenvidPlace *place, const GenvidHttpHubRequest *request)
{
  const GenvidExchange *exchange = request->exchange;

  g_mutex_lock (&all.mutex);
  place->answered = FALSE;
  place->urgent = exchange->kind == GENVID_EXCHANGE_SUBMIT
                  || exchange->kind == GENVID_EXCHANGE_CANCEL;
  genvid_http_hub_send (all.clock->hub, request, take_answer, place);
  unlock ();
  return (GenvidPark){ .kind = GENVID_PARK_ANSWER };
}

GenvidAnswer *
genvid_place_take_answer (GenvidPlace *place)
{
  return g_steal_pointer (&place->answer);
}

void
genvid_scheduler_await_end (gint64 until)
{
  g_mutex_lock (&all.mutex);
  while (all.n_clocks > 0 && g_cond_wait_until (&all.ended, &all.mutex, until))
    continue;
  unlock ();
}
