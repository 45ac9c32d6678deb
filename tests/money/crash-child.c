/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A process that has one clip made and may be killed on the way: it runs the
 * real worker, and ends itself with SIGKILL at the point that
 * GENVID_CRASH_AT numbers, or stops at the point that GENVID_FREEZE_AT names.
 * The points are around every call that makes
 * something durable or sends something, caught by the linker (--wrap), so the
 * library holds no test code. Time that the worker would only wait is skipped.
 *
 * Prints "point N NAME" when it dies, else "whole PATH SHA256" or
 * "failed REASON MESSAGE". */

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <genvid/io/genvid-run.h>
#include <genvid/io/genvid-store.h>
#include <genvid/io/genvid-transport.h>

static int point;
static gint64 skipped;

static void
pass (const char *name)
{
  const char *at = g_getenv ("GENVID_CRASH_AT");
  const char *frozen = g_getenv ("GENVID_FREEZE_AT");

  point++;
  if (g_strcmp0 (frozen, name) == 0)
    raise (SIGSTOP);
  if (at == NULL || atoi (at) != point)
    return;
  printf ("point %d %s\n", point, name);
  fflush (stdout);
  kill (getpid (), SIGKILL);
}

GenvidNow __real_genvid_now (void);
GenvidNow __wrap_genvid_now (void);
GenvidNow
__wrap_genvid_now (void)
{
  GenvidNow now = __real_genvid_now ();

  now.wall += skipped;
  now.boot += skipped;
  return now;
}

void __wrap_genvid_transport_wait (GenvidTransport *transport, gint64 until);
void
__wrap_genvid_transport_wait (GenvidTransport *transport, gint64 until)
{
  gint64 now = __wrap_genvid_now ().boot;

  pass ("between polls");
  if (until > now)
    skipped += until - now;
}

gboolean __real_genvid_entry_intend (GenvidEntry *entry, guint n,
                                     const GenvidNow *now, GError **error);
gboolean __wrap_genvid_entry_intend (GenvidEntry *entry, guint n,
                                     const GenvidNow *now, GError **error);
gboolean
__wrap_genvid_entry_intend (GenvidEntry *entry, guint n, const GenvidNow *now,
                            GError **error)
{
  gboolean made;

  pass ("before intent");
  made = __real_genvid_entry_intend (entry, n, now, error);
  pass ("after intent");
  return made;
}

gboolean __real_genvid_entry_save (GenvidEntry *entry,
                                   const GenvidRecord *record, GError **error);
gboolean __wrap_genvid_entry_save (GenvidEntry *entry,
                                   const GenvidRecord *record, GError **error);
gboolean
__wrap_genvid_entry_save (GenvidEntry *entry, const GenvidRecord *record,
                          GError **error)
{
  g_autofree char *name
      = g_strdup_printf ("saving %s", genvid_state_to_string (record->state));
  gboolean saved;

  pass (name);
  saved = __real_genvid_entry_save (entry, record, error);
  pass (name);
  return saved;
}

GenvidAnswer *__real_genvid_transport_send (GenvidTransport *transport,
                                            const GenvidExchange *exchange,
                                            gint64 until,
                                            GenvidTransportProgress progress,
                                            gpointer data);
GenvidAnswer *__wrap_genvid_transport_send (GenvidTransport *transport,
                                            const GenvidExchange *exchange,
                                            gint64 until,
                                            GenvidTransportProgress progress,
                                            gpointer data);
GenvidAnswer *
__wrap_genvid_transport_send (GenvidTransport *transport,
                              const GenvidExchange *exchange, gint64 until,
                              GenvidTransportProgress progress, gpointer data)
{
  GenvidAnswer *answer;

  pass ("before sending");
  answer = __real_genvid_transport_send (transport, exchange, until, progress,
                                         data);
  pass ("after the reply");
  return answer;
}

gboolean __real_genvid_entry_save_map (GenvidEntry *entry,
                                       const GenvidRanges *ranges,
                                       const GenvidValidator *validator,
                                       GError **error);
gboolean __wrap_genvid_entry_save_map (GenvidEntry *entry,
                                       const GenvidRanges *ranges,
                                       const GenvidValidator *validator,
                                       GError **error);
gboolean
__wrap_genvid_entry_save_map (GenvidEntry *entry, const GenvidRanges *ranges,
                              const GenvidValidator *validator, GError **error)
{
  gboolean saved;

  pass ("before the map");
  saved = __real_genvid_entry_save_map (entry, ranges, validator, error);
  pass ("after the map");
  return saved;
}

gboolean __real_genvid_entry_finish (GenvidEntry *entry, guint64 size,
                                     char **extension, char **location,
                                     GError **error);
gboolean __wrap_genvid_entry_finish (GenvidEntry *entry, guint64 size,
                                     char **extension, char **location,
                                     GError **error);
gboolean
__wrap_genvid_entry_finish (GenvidEntry *entry, guint64 size, char **extension,
                            char **location, GError **error)
{
  gboolean finished;

  pass ("before the rename");
  finished
      = __real_genvid_entry_finish (entry, size, extension, location, error);
  pass ("after the rename");
  return finished;
}

static GenvidOrder *
make_order (void)
{
  GenvidOrder *order = genvid_order_new ();
  const char *prompt = g_getenv ("CRASH_PROMPT");
  const char *budget = g_getenv ("CRASH_BUDGET");

  if (budget != NULL)
    order->budget = g_ascii_strtod (budget, NULL);
  order->request->prompt
      = g_strdup (prompt != NULL ? prompt : "a clip that survives");
  order->store = g_strdup (g_getenv ("CRASH_STORE"));
  order->provider = g_strdup (g_getenv ("CRASH_PROVIDER"));
  order->base_url = g_strdup (g_getenv ("CRASH_BASE_URL"));
  order->api_key = g_strdup ("sk-crash-test-key");
  order->adopt = g_strdup (g_getenv ("CRASH_ADOPT"));
  order->poll_interval = 1;
  if (g_getenv ("CRASH_RESUBMIT") != NULL)
    order->if_in_doubt = GENVID_IF_IN_DOUBT_RESUBMIT;
  return order;
}

static int
report_failure (const GenvidFailure *failure)
{
  printf ("failed %s %s\n", genvid_reason_to_string (failure->reason),
          failure->message);
  return 2;
}

static int
report_whole (const GenvidSnapshot *snapshot)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  g_autofree char *hash = NULL;
  gsize length;

  if (!g_file_get_contents (snapshot->location, &data, &length, &error)) {
    printf ("failed file %s\n", error->message);
    return 3;
  }
  hash
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *)data, length);
  printf ("whole %s %s\n", snapshot->location, hash);
  return 0;
}

static int
follow (GenvidRun *run)
{
  guint seen = 0;
  gsize available;

  for (;;) {
    GenvidReadOutcome outcome
        = genvid_run_wait (run, 0, G_MAXINT32, TRUE, seen, &available);
    g_autoptr (GenvidSnapshot) snapshot = genvid_run_snapshot (run);

    seen = snapshot->serial;
    if (snapshot->whole && snapshot->location != NULL)
      return report_whole (snapshot);
    if (outcome == GENVID_READ_FAILED && snapshot->failure != NULL)
      return report_failure (snapshot->failure);
  }
}

int
main (void)
{
  g_autoptr (GenvidOrder) order = make_order ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidRun) run = genvid_run_open (order, NULL, &error);
  int status;

  if (run == NULL) {
    printf ("failed settings %s\n", error->message);
    return 4;
  }
  status = follow (run);
  genvid_run_close (run);
  genvid_run_quit ();
  return status;
}
