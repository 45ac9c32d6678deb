/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A process that has one clip made and may be killed on the way: it runs the
 * real worker, and ends itself with SIGKILL at the point that
 * GENVID_CRASH_AT numbers, or stops at the point that GENVID_FREEZE_AT names.
 * The points are around every call that makes
 * something durable or sends something, caught by the linker (--wrap), so the
 * library holds no test code. Time that the worker would only wait is skipped.
 *
 * What it is to do is said by variables, see child-run.c. */

#include "crash-child.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byte-ranges.h"
#include "client.h"
#include "exchange.h"
#include "http-client.h"
#include "moment.h"
#include "purchase.h"
#include "record.h"
#include "scheduler.h"
#include "store-entry.h"
#include "worker-private.h"
#include "validator.h"

#define FORKED_LIFE 20 /* seconds, if nobody ends it before */

static int point;
static gint64 skipped;

gint64
child_get_number (const char *variable, gint64 otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : otherwise;
}

void
child_print_clock (void)
{
  gint64 clock = skipped / G_USEC_PER_SEC + child_get_number ("CRASH_CLOCK", 0);

  printf ("\nclock %" G_GINT64_FORMAT "\n", clock);
  fflush (stdout);
}

/* A child of this process that outlives it, and one that leaves by the door
 * while its parent's worker runs. */
static void
fork_at (const char *name)
{
  gint64 before = g_get_monotonic_time ();
  int status = 0;
  pid_t pid;

  if (g_strcmp0 (g_getenv ("CRASH_FORK_AT"), name) != 0)
    return;
  g_unsetenv ("CRASH_FORK_AT");
  pid = fork ();
  if (pid == 0) {
    close (STDOUT_FILENO);
    alarm (FORKED_LIFE);
    if (g_getenv ("CRASH_FORK_LEAVES") == NULL)
      pause ();
    genvid_client_quit ();
    _exit (0);
  }
  if (g_getenv ("CRASH_FORK_LEAVES") == NULL)
    return;
  waitpid (pid, &status, 0);
  if (!WIFEXITED (status)
      || g_get_monotonic_time () - before > G_USEC_PER_SEC / 4) {
    printf ("failed fork the forked child hung\n");
    fflush (stdout);
    _exit (5);
  }
}

static void
pass (const char *name)
{
  const char *at = g_getenv ("GENVID_CRASH_AT");
  const char *frozen = g_getenv ("GENVID_FREEZE_AT");

  point++;
  fork_at (name);
  if (g_strcmp0 (frozen, name) == 0)
    raise (SIGSTOP);
  if (at == NULL || atoi (at) != point)
    return;
  printf ("point %d %s", point, name);
  child_print_clock ();
  kill (getpid (), SIGKILL);
}

GenvidNow __real_genvid_clock_now (void);
GenvidNow __wrap_genvid_clock_now (void);
GenvidNow
__wrap_genvid_clock_now (void)
{
  GenvidNow now = __real_genvid_clock_now ();
  gint64 ahead = skipped + child_get_number ("CRASH_CLOCK", 0) * G_USEC_PER_SEC;
  const char *boot_id = g_getenv ("CRASH_BOOT_ID");

  now.wall += ahead + child_get_number ("CRASH_WALL", 0) * G_USEC_PER_SEC;
  now.boot += ahead;
  if (boot_id != NULL)
    now.boot_id = boot_id;
  return now;
}

/* Who waits for another process lives in its time; the others skip. */
GenvidPark __real_genvid_park_until (GenvidPlace *place, gint64 until);
GenvidPark __wrap_genvid_park_until (GenvidPlace *place, gint64 until);
GenvidPark
__wrap_genvid_park_until (GenvidPlace *place, gint64 until)
{
  gint64 wait = until - __wrap_genvid_clock_now ().boot;

  pass ("between polls");
  if (wait <= G_USEC_PER_SEC / 4)
    return __real_genvid_park_until (place,
                                     __real_genvid_clock_now ().boot + wait);
  skipped += wait;
  return __real_genvid_park_until (place, 0);
}

gboolean __real_genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                                           const GenvidNow *now,
                                           GError **error);
gboolean __wrap_genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                                           const GenvidNow *now,
                                           GError **error);
gboolean
__wrap_genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                                  const GenvidNow *now, GError **error)
{
  gboolean made;

  pass ("before intent");
  made = __real_genvid_store_entry_intend (entry, n, now, error);
  pass ("after intent");
  return made;
}

gboolean __real_genvid_store_entry_save (GenvidStoreEntry *entry,
                                         const GenvidRecord *record,
                                         GError **error);
gboolean __wrap_genvid_store_entry_save (GenvidStoreEntry *entry,
                                         const GenvidRecord *record,
                                         GError **error);
gboolean
__wrap_genvid_store_entry_save (GenvidStoreEntry *entry,
                                const GenvidRecord *record, GError **error)
{
  g_autofree char *name
      = g_strdup_printf ("saving %s", genvid_state_to_string (record->state));
  gboolean saved;

  pass (name);
  saved = __real_genvid_store_entry_save (entry, record, error);
  pass (name);
  return saved;
}

GenvidPark __real_genvid_park_send (GenvidPlace *place,
                                    const GenvidHttpHubRequest *request);
GenvidPark __wrap_genvid_park_send (GenvidPlace *place,
                                    const GenvidHttpHubRequest *request);
GenvidPark
__wrap_genvid_park_send (GenvidPlace *place,
                         const GenvidHttpHubRequest *request)
{
  GenvidHttpHubRequest soon = *request;
  gint64 left = request->until - __wrap_genvid_clock_now ().boot;
  gint64 patience = child_get_number ("CRASH_PATIENCE_MS", 60000) * 1000;
  GenvidPark park;

  pass ("before sending");
  soon.until = __real_genvid_clock_now ().boot + MIN (left, patience);
  park = __real_genvid_park_send (place, &soon);
  pass ("while sending");
  return park;
}

/* It has no thread that may wait for a file; then it has one. */
gboolean __real_genvid_worker_park_for_transfer (GenvidWorker *worker);
gboolean __wrap_genvid_worker_park_for_transfer (GenvidWorker *worker);
gboolean
__wrap_genvid_worker_park_for_transfer (GenvidWorker *worker)
{
  pass ("in line for a transfer");
  return __real_genvid_worker_park_for_transfer (worker);
}

GenvidHttpClient *__real_genvid_http_client_new (
    const GenvidHttpClientOptions *options, GError **error);
GenvidHttpClient *__wrap_genvid_http_client_new (
    const GenvidHttpClientOptions *options, GError **error);
GenvidHttpClient *
__wrap_genvid_http_client_new (const GenvidHttpClientOptions *options,
                               GError **error)
{
  pass ("before a transfer");
  return __real_genvid_http_client_new (options, error);
}

/* The last look before money moves. */
GenvidFailure *__real_genvid_purchase_prove_lock (GenvidPurchase *purchase);
GenvidFailure *__wrap_genvid_purchase_prove_lock (GenvidPurchase *purchase);
GenvidFailure *
__wrap_genvid_purchase_prove_lock (GenvidPurchase *purchase)
{
  pass ("between intent and sending");
  return __real_genvid_purchase_prove_lock (purchase);
}

/* With files. */
GenvidAnswer *__real_genvid_http_client_send (GenvidHttpClient *http,
                                              const GenvidExchange *exchange,
                                              gint64 until,
                                              GenvidHttpProgress progress,
                                              gpointer data);
GenvidAnswer *__wrap_genvid_http_client_send (GenvidHttpClient *http,
                                              const GenvidExchange *exchange,
                                              gint64 until,
                                              GenvidHttpProgress progress,
                                              gpointer data);
GenvidAnswer *
__wrap_genvid_http_client_send (GenvidHttpClient *http,
                                const GenvidExchange *exchange, gint64 until,
                                GenvidHttpProgress progress, gpointer data)
{
  GenvidAnswer *answer;
  gint64 left = until - __wrap_genvid_clock_now ().boot;

  pass ("before sending");
  until = __real_genvid_clock_now ().boot + left;
  answer
      = __real_genvid_http_client_send (http, exchange, until, progress, data);
  pass ("after the reply");
  return answer;
}

GenvidAnswer *__real_genvid_place_take_answer (GenvidPlace *place);
GenvidAnswer *__wrap_genvid_place_take_answer (GenvidPlace *place);
GenvidAnswer *
__wrap_genvid_place_take_answer (GenvidPlace *place)
{
  pass ("after the reply");
  return __real_genvid_place_take_answer (place);
}

gboolean __real_genvid_store_entry_save_map (GenvidStoreEntry *entry, int part,
                                             const GenvidByteRanges *ranges,
                                             const GenvidValidator *validator,
                                             GError **error);
gboolean __wrap_genvid_store_entry_save_map (GenvidStoreEntry *entry, int part,
                                             const GenvidByteRanges *ranges,
                                             const GenvidValidator *validator,
                                             GError **error);
gboolean
__wrap_genvid_store_entry_save_map (GenvidStoreEntry *entry, int part,
                                    const GenvidByteRanges *ranges,
                                    const GenvidValidator *validator,
                                    GError **error)
{
  gboolean saved;

  pass ("before the map");
  saved = __real_genvid_store_entry_save_map (entry, part, ranges, validator,
                                              error);
  pass ("after the map");
  return saved;
}

gboolean __real_genvid_store_entry_finish (GenvidStoreEntry *entry, int part,
                                           guint64 size, char **extension,
                                           char **location, GError **error);
gboolean __wrap_genvid_store_entry_finish (GenvidStoreEntry *entry, int part,
                                           guint64 size, char **extension,
                                           char **location, GError **error);
gboolean
__wrap_genvid_store_entry_finish (GenvidStoreEntry *entry, int part,
                                  guint64 size, char **extension,
                                  char **location, GError **error)
{
  gboolean finished;

  pass ("before the rename");
  finished = __real_genvid_store_entry_finish (entry, part, size, extension,
                                               location, error);
  pass ("after the rename");
  return finished;
}
