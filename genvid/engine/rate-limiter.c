/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lock order: a share's disk, its file, then the limiter's mutex, which is
 * held for arithmetic only. Workers queue for the disk mutex, which has no
 * timeout, rather than for the lock of the file, which has one. */

#include "rate-limiter.h"

#include "moment.h"
#include "plan.h"
#include "provider.h"
#include "request-log.h"
#include "request-window.h"
#include "store.h"
#include "url.h"

/* A request whose answer takes longer was counted when it was sent. */
#define LONGEST_WAY (5 * (gint64)G_USEC_PER_SEC)

/* The requests that were made through one store. */
typedef struct {
  GMutex disk;
  GenvidRequestWindow window;  /* by all processes, as last read */
  GenvidRequestWindow unsaved; /* of them by this one, while the file was out of
                                * reach */
} Share;

/* One key at one origin. */
typedef struct {
  GHashTable *shares; /* path of a store → Share */
  GList *queue;       /* of turns that wait */
} Gate;

/* Never freed: a key is used until the process exits. */
static struct {
  GMutex mutex;
  GHashTable *gates; /* name → Gate */
} limiter;

struct _GenvidTurn {
  GenvidPlan *plan;
  char *origin;
  guint per_minute; /* 0: all below is unused */
  GenvidTurnWake wake;
  gpointer data;
  Gate *gate;
  Share *share;

  /* Under the mutex. */
  gboolean waits;
  gint64 since;
  gint64 due;

  gint64 taken; /* when; of the job's thread */
};

static const char *
get_key (const GenvidTurn *turn)
{
  return turn->plan->key != NULL ? turn->plan->key : "";
}

/* Under the mutex; takes NAME. */
static gpointer
find_or_make (GHashTable *table, char *name, gsize size)
{
  gpointer found = g_hash_table_lookup (table, name);

  if (found == NULL) {
    found = g_malloc0 (size);
    g_hash_table_insert (table, name, found);
    return found;
  }
  g_free (name);
  return found;
}

/* Under the mutex. */
static void
find_gate (GenvidTurn *turn)
{
  const char *path = genvid_store_get_path (turn->plan->store);
  g_autofree char *hash
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, get_key (turn), -1);

  if (limiter.gates == NULL)
    limiter.gates = g_hash_table_new (g_str_hash, g_str_equal);
  turn->gate = find_or_make (limiter.gates,
                             g_strdup_printf ("%s\n%s", turn->origin, hash),
                             sizeof (Gate));
  if (turn->gate->shares == NULL)
    turn->gate->shares = g_hash_table_new (g_str_hash, g_str_equal);
  turn->share
      = find_or_make (turn->gate->shares, g_strdup (path), sizeof (Share));
}

GenvidTurn *
genvid_turn_new (GenvidPlan *plan, GenvidTurnWake wake, gpointer data)
{
  GenvidTurn *turn = g_new0 (GenvidTurn, 1);

  turn->plan = genvid_plan_ref (plan);
  turn->origin = genvid_url_origin (plan->base_url);
  turn->per_minute = genvid_provider_get_requests_per_minute (plan->provider);
  turn->wake = wake;
  turn->data = data;
  if (turn->per_minute == 0)
    return turn;
  g_mutex_lock (&limiter.mutex);
  find_gate (turn);
  g_mutex_unlock (&limiter.mutex);
  return turn;
}

void
genvid_turn_free (GenvidTurn *turn)
{
  if (turn == NULL)
    return;
  genvid_turn_leave (turn);
  genvid_plan_unref (turn->plan);
  g_free (turn->origin);
  g_free (turn);
}

/* --- The queue; all under the mutex. --- */

static gboolean
goes_before (const GenvidTurn *one, const GenvidTurn *other, gint64 now)
{
  gboolean due = one->due <= now;

  if (due != (other->due <= now))
    return due;
  if (due)
    return one->due < other->due;
  return one->since < other->since;
}

static guint
count_before (const GenvidTurn *turn, gint64 now)
{
  guint n = 0;

  for (const GList *l = turn->gate->queue; l != NULL; l = l->next)
    if (l->data != turn && goes_before (l->data, turn, now))
      n++;
  return n;
}

/* When there is room for all who go before, and for this one. */
static gint64
find_room (const GenvidTurn *turn, gint64 now)
{
  GenvidRequestWindow all = { 0 };
  GHashTableIter iter;
  gpointer share;

  g_hash_table_iter_init (&iter, turn->gate->shares);
  while (g_hash_table_iter_next (&iter, NULL, &share))
    genvid_request_window_add_all (&all, &((Share *)share)->window);
  return genvid_request_window_find_room (&all, turn->per_minute,
                                          count_before (turn, now) + 1, now);
}

static void
leave_queue (GenvidTurn *turn)
{
  turn->waits = FALSE;
  turn->gate->queue = g_list_remove (turn->gate->queue, turn);
}

static void
wake_queue (Gate *gate)
{
  for (GList *l = gate->queue; l != NULL; l = l->next) {
    GenvidTurn *turn = l->data;

    turn->wake (turn->data);
  }
}

/* --- The count. --- */

/* Until end_count() the count is ours, and the mutex. */
static GenvidRequestLog *
begin_count (GenvidTurn *turn, const GenvidNow *now)
{
  Share *share = turn->share;
  GenvidRequestLog *file;
  GenvidRequestWindow theirs = { 0 };
  gboolean known;

  g_mutex_lock (&share->disk);
  file = genvid_request_log_open (turn->plan->store, turn->origin,
                                  get_key (turn));
  known = file != NULL && genvid_request_log_load (file, &theirs, now);
  g_mutex_lock (&limiter.mutex);
  if (known) {
    genvid_request_window_add_all (&theirs, &share->unsaved);
    share->window = theirs;
  }
  if (file != NULL)
    share->unsaved = (GenvidRequestWindow){ 0 };
  return file;
}

/* Takes FILE. */
static void
end_count (GenvidTurn *turn, GenvidRequestLog *file, const GenvidNow *now)
{
  Share *share = turn->share;
  GenvidRequestWindow ours = share->window;

  g_mutex_unlock (&limiter.mutex);
  if (file != NULL)
    genvid_request_log_save (file, &ours, now);
  genvid_request_log_free (file);
  g_mutex_unlock (&share->disk);
}

static void
count_one (GenvidTurn *turn, gboolean saved, gint64 time)
{
  genvid_request_window_add (&turn->share->window, time, 1);
  if (!saved)
    genvid_request_window_add (&turn->share->unsaved, time, 1);
}

static void
discount_one (GenvidTurn *turn, gboolean saved, gint64 time)
{
  genvid_request_window_remove (&turn->share->window, time);
  if (!saved)
    genvid_request_window_remove (&turn->share->unsaved, time);
}

gint64
genvid_turn_take (GenvidTurn *turn, gint64 since, gint64 due,
                  const GenvidNow *now)
{
  GenvidRequestLog *file;
  gint64 room;

  if (turn->per_minute == 0)
    return now->boot;
  g_mutex_lock (&limiter.mutex);
  if (!turn->waits)
    turn->gate->queue = g_list_prepend (turn->gate->queue, turn);
  turn->waits = TRUE;
  turn->since = since;
  turn->due = due;
  room = find_room (turn, now->boot);
  g_mutex_unlock (&limiter.mutex);
  if (room > now->boot)
    return room;

  file = begin_count (turn, now);
  room = find_room (turn, now->boot);
  if (room <= now->boot) {
    count_one (turn, file != NULL, now->boot);
    turn->taken = now->boot;
    leave_queue (turn);
  }
  end_count (turn, file, now);
  return room;
}

void
genvid_turn_leave (GenvidTurn *turn)
{
  g_mutex_lock (&limiter.mutex);
  if (turn->waits) {
    leave_queue (turn);
    wake_queue (turn->gate);
  }
  g_mutex_unlock (&limiter.mutex);
}

void
genvid_turn_force (GenvidTurn *turn, const GenvidNow *now)
{
  GenvidRequestLog *file;

  if (turn->per_minute == 0)
    return;
  file = begin_count (turn, now);
  count_one (turn, file != NULL, now->boot);
  turn->taken = now->boot;
  end_count (turn, file, now);
}

void
genvid_turn_settle (GenvidTurn *turn, gint64 sent, const GenvidNow *now)
{
  gint64 counted = MIN (now->boot, sent + LONGEST_WAY);
  GenvidRequestLog *file;

  if (turn->per_minute == 0
      || genvid_request_window_get_slot (counted)
             == genvid_request_window_get_slot (turn->taken))
    return;
  file = begin_count (turn, now);
  discount_one (turn, file != NULL, turn->taken);
  count_one (turn, file != NULL, counted);
  end_count (turn, file, now);
}

void
genvid_turn_give_back (GenvidTurn *turn, const GenvidNow *now)
{
  GenvidRequestLog *file;

  if (turn->per_minute == 0)
    return;
  file = begin_count (turn, now);
  discount_one (turn, file != NULL, turn->taken);
  wake_queue (turn->gate);
  end_count (turn, file, now);
}
