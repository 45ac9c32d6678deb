/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked for in other threads waits in the inbox until the hub's own
 * takes it, with the wishes to abort in their order. */
#include "http-hub.h"

#include "exchange.h"
#include "http-send.h"
#include "io-loop.h"
#include "reserve.h"
#include "trust.h"

/* When to look for a descriptor again that somebody else must close first. */
#define LOOK_AGAIN (G_USEC_PER_SEC / 4)
/* As many sessions, each with a connection, are kept: more would lie idle. */
#define MAX_KEPT 16

/* One that is kept. */
typedef struct {
  SoupSession *session;
  char *name; /* of its trust */
} Home;

typedef struct {
  GenvidHttpHubRequest request; /* no exchange: abort DATA's */
  GenvidHttpHubDone done;
  gpointer data;

  /* The hub's thread only. */
  GenvidHttpSend *send; /* NULL: it waits for descriptors */
  SoupSession *home;    /* nullable; lent, with its connection */
  char *name;           /* of its trust */
  gboolean changed;
  const char *why; /* it is given up */
} Entry;

struct _GenvidHttpHub {
  GenvidIoLoop *loop;
  GMutex mutex;
  GQueue inbox; /* of Entry; under the mutex */

  GPtrArray *homes;   /* of Home, the oldest first */
  GPtrArray *entries; /* in the order they came */
  GPtrArray *ending;  /* of Entry: they were told, and are not over yet */
};

static void
home_free (Home *home)
{
  soup_session_abort (home->session);
  g_object_unref (home->session);
  g_free (home->name);
  g_free (home);
}

GenvidHttpHub *
genvid_http_hub_new (GenvidIoLoop *loop)
{
  GenvidHttpHub *hub = g_new0 (GenvidHttpHub, 1);

  hub->loop = loop;
  g_mutex_init (&hub->mutex);
  g_queue_init (&hub->inbox);
  hub->homes = g_ptr_array_new_with_free_func ((GDestroyNotify)home_free);
  hub->entries = g_ptr_array_new ();
  hub->ending = g_ptr_array_new ();
  return hub;
}

static void
push (GenvidHttpHub *hub, const Entry *entry)
{
  g_mutex_lock (&hub->mutex);
  g_queue_push_tail (&hub->inbox, g_memdup2 (entry, sizeof *entry));
  g_mutex_unlock (&hub->mutex);
  genvid_io_loop_wake (hub->loop);
}

void
genvid_http_hub_send (GenvidHttpHub *hub, const GenvidHttpHubRequest *request,
                      GenvidHttpHubDone done, gpointer data)
{
  push (hub, &(Entry){ .request = *request, .done = done, .data = data });
}

void
genvid_http_hub_abort (GenvidHttpHub *hub, gpointer data)
{
  push (hub, &(Entry){ .data = data });
}

/* --- The hub's thread. --- */

static void
abort_entry (GenvidHttpHub *hub, gconstpointer data)
{
  for (guint i = 0; i < hub->entries->len; i++) {
    Entry *entry = hub->entries->pdata[i];

    if (entry->data == data)
      entry->why = "stopped because the process is exiting";
  }
}

static void
take_inbox (GenvidHttpHub *hub)
{
  Entry *entry;

  g_mutex_lock (&hub->mutex);
  while ((entry = g_queue_pop_head (&hub->inbox)) != NULL) {
    if (entry->request.exchange != NULL) {
      g_ptr_array_add (hub->entries, entry);
      continue;
    }
    abort_entry (hub, entry->data);
    g_free (entry);
  }
  g_mutex_unlock (&hub->mutex);
}

static void
note_change (gpointer data)
{
  ((Entry *)data)->changed = TRUE;
}

/* Each session is lent to one exchange at a time, so that what happens to its
 * connection, or to the proxy's, concerns no other. NULL: a new one. */
static SoupSession *
borrow (GenvidHttpHub *hub, const char *name)
{
  /* That of last time: the others may lie idle until they are closed. */
  for (guint i = hub->homes->len; i > 0; i--) {
    Home *home = hub->homes->pdata[i - 1];
    SoupSession *session = home->session;

    if (!g_str_equal (home->name, name))
      continue;
    g_ptr_array_steal_index (hub->homes, i - 1);
    g_free (home->name);
    g_free (home);
    return session;
  }
  return NULL;
}

/* Takes what ENTRY has borrowed, or made. The oldest goes, whose service may
 * not be asked again. */
static void
give_back (GenvidHttpHub *hub, Entry *entry)
{
  Home *home;

  if (entry->home == NULL)
    return;
  if (hub->homes->len == MAX_KEPT)
    g_ptr_array_remove_index (hub->homes, 0);
  home = g_new (Home, 1);
  *home = (Home){ g_steal_pointer (&entry->home),
                  g_steal_pointer (&entry->name) };
  g_ptr_array_add (hub->homes, home);
}

static void
start (GenvidHttpHub *hub, Entry *entry)
{
  /* A submit's connection is always a new one. */
  gboolean apart = entry->request.exchange->kind == GENVID_EXCHANGE_SUBMIT;
  GenvidHttpSendOptions options = { .trust = entry->request.trust,
                                    .home = &entry->home,
                                    .exchange = entry->request.exchange,
                                    .apart = apart,
                                    .notify = note_change,
                                    .notify_data = entry };

  entry->name = g_strdup (entry->request.trust->name);
  if (!apart)
    entry->home = borrow (hub, entry->name);
  entry->send = genvid_http_send_new (&options);
  entry->changed = TRUE;
}

/* Owned by the caller. NULL: it is not over. */
static GenvidAnswer *
look (Entry *entry, gint64 now)
{
  if (entry->changed && genvid_http_send_look (entry->send))
    return genvid_http_send_get_answer (entry->send, NULL);
  entry->changed = FALSE;
  entry->request.until
      = genvid_http_send_extend (entry->send, entry->request.until);
  /* From here on it is one connection, which is open. */
  if (genvid_http_send_has_begun (entry->send))
    g_clear_pointer (&entry->request.reserve, genvid_reserve_free);
  if (entry->why == NULL && now >= entry->request.until)
    entry->why = "no complete response in time";
  return entry->why != NULL
             ? genvid_http_send_get_answer (entry->send, entry->why)
             : NULL;
}

/* The same for one that waits for descriptors. LACKING: those before it do. */
static GenvidAnswer *
try_to_start (GenvidHttpHub *hub, Entry *entry, gboolean *lacking, gint64 now)
{
  g_autoptr (GError) error = NULL;

  if (entry->why != NULL)
    return genvid_answer_new (GENVID_ANSWER_UNSENT, entry->why);
  if (entry->request.reserve == NULL && !*lacking)
    entry->request.reserve
        = genvid_reserve_take (GENVID_RESERVE_EXCHANGE, &error);
  if (entry->request.reserve != NULL) {
    start (hub, entry);
    return look (entry, now);
  }
  *lacking = TRUE;
  if (now < entry->request.until)
    return NULL;
  return genvid_answer_new (GENVID_ANSWER_UNSENT,
                            error != NULL ? error->message
                                          : "too many files are open");
}

/* Takes ENTRY, which was told. */
static void
dismiss (GenvidHttpHub *hub, Entry *entry)
{
  genvid_http_send_free (entry->send);
  genvid_reserve_free (entry->request.reserve);
  give_back (hub, entry);
  g_free (entry->name);
  g_free (entry);
}

/* Takes ENTRY. */
static void
end (GenvidHttpHub *hub, Entry *entry, GenvidAnswer *answer)
{
  g_clear_pointer (&entry->request.reserve, genvid_reserve_free);
  if (entry->send != NULL)
    genvid_http_send_stop (entry->send);
  g_ptr_array_add (hub->ending, entry);
  /* The exchange may be gone afterwards, and what it was sent with. */
  entry->done (entry->data, answer);
}

static void
reap (GenvidHttpHub *hub)
{
  for (guint i = hub->ending->len; i > 0; i--) {
    Entry *entry = hub->ending->pdata[i - 1];

    if (entry->send != NULL && genvid_http_send_is_pending (entry->send))
      continue;
    g_ptr_array_remove_index_fast (hub->ending, i - 1);
    dismiss (hub, entry);
  }
}

gint64
genvid_http_hub_serve (GenvidHttpHub *hub)
{
  gint64 now = genvid_io_loop_get_time ();
  gint64 next = G_MAXINT64;
  gboolean lacking = FALSE;
  guint n = 0;

  take_inbox (hub);
  for (guint i = 0; i < hub->entries->len; i++) {
    Entry *entry = hub->entries->pdata[i];
    GenvidAnswer *answer = entry->send != NULL
                               ? look (entry, now)
                               : try_to_start (hub, entry, &lacking, now);

    if (answer != NULL) {
      end (hub, entry, answer);
      continue;
    }
    next = MIN (next, entry->request.until);
    hub->entries->pdata[n++] = entry;
  }
  g_ptr_array_set_size (hub->entries, (int)n);
  reap (hub);
  return lacking ? MIN (next, now + LOOK_AGAIN) : next;
}

static gboolean
is_pending (gpointer data)
{
  GenvidHttpHub *hub = data;

  reap (hub);
  return hub->ending->len > 0;
}

void
genvid_http_hub_free (GenvidHttpHub *hub)
{
  take_inbox (hub);
  for (guint i = 0; i < hub->entries->len; i++) {
    Entry *entry = hub->entries->pdata[i];

    if (entry->send != NULL)
      genvid_http_send_stop (entry->send);
    g_ptr_array_add (hub->ending, entry);
  }
  genvid_io_loop_settle (hub->loop, is_pending, hub);
  for (guint i = 0; i < hub->ending->len; i++)
    dismiss (hub, hub->ending->pdata[i]);
  g_ptr_array_unref (hub->ending);
  g_ptr_array_unref (hub->entries);
  g_ptr_array_unref (hub->homes);
  g_mutex_clear (&hub->mutex);
  g_free (hub);
}
