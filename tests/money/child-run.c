/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the child of a money test does: one run of one client, as its variables
 * (CRASH_…) say. Prints "whole PATH SHA256", "closed ID" or "failed REASON
 * MESSAGE", and then "clock SECONDS". */

#include "crash-child.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"
#include "request.h"
#include "settings.h"

#include <gio/gio.h>

static double
get_amount (const char *variable)
{
  const char *text = g_getenv (variable);

  return text != NULL ? g_ascii_strtod (text, NULL) : -1;
}

static const char *
get_text (const char *variable, const char *otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? text : otherwise;
}

static GenvidSettings *
make_settings (void)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->budget = get_amount ("CRASH_BUDGET");
  settings->max_cost = get_amount ("CRASH_MAX_COST");
  settings->request->prompt
      = g_strdup (get_text ("CRASH_PROMPT", "a clip that survives"));
  settings->store = g_strdup (g_getenv ("CRASH_STORE"));
  settings->provider = g_strdup (g_getenv ("CRASH_PROVIDER"));
  settings->base_url = g_strdup (g_getenv ("CRASH_BASE_URL"));
  settings->api_key = g_strdup (get_text ("CRASH_KEY", "sk-crash-test-key"));
  settings->adopt = g_strdup (g_getenv ("CRASH_ADOPT"));
  settings->poll_interval = 1;
  /* Waits are skipped, so the deadline would be there before a reader that is
   * to leave has run at all on a busy machine. */
  if (g_getenv ("CRASH_CLOSE_AT") != NULL
      || g_getenv ("CRASH_CLOSE_AT_POLL") != NULL)
    settings->timeout = 100 * 1000 * 1000;
  if (g_getenv ("CRASH_IMAGE") != NULL)
    settings->request->image
        = genvid_input_parse (g_getenv ("CRASH_IMAGE"), NULL);
  if (g_getenv ("CRASH_RESUBMIT") != NULL)
    settings->if_in_doubt = GENVID_IF_IN_DOUBT_RESUBMIT;
  if (g_getenv ("CRASH_ONLY") != NULL)
    settings->reuse = GENVID_REUSE_ONLY;
  if (g_getenv ("CRASH_CANCEL") != NULL)
    settings->on_stop = GENVID_ON_STOP_CANCEL;
  return settings;
}

/* GLib reports that memory is out wherever it was, under its own locks too,
 * and its writer takes those locks again where the character set is not UTF-8:
 * the process would wait for itself. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields,
           gpointer data)
{
  if (level & G_LOG_LEVEL_ERROR)
    abort ();
  return g_log_writer_default (level, fields, n_fields, data);
}

/* What a process may map beyond what it has now; it leaves no core. */
static void
limit_memory (void)
{
  gint64 kib = child_get_number ("CRASH_MEMORY", -1);
  struct rlimit limit = { 0, 0 };
  g_autofree char *text = NULL;

  if (kib < 0 || !g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    return;
  g_log_set_writer_func (write_log, NULL, NULL);
  setrlimit (RLIMIT_CORE, &limit);
  limit.rlim_cur = g_ascii_strtoull (text, NULL, 10) * (guint64)getpagesize ()
                   + (guint64)kib * 1024;
  limit.rlim_max = limit.rlim_cur;
  setrlimit (RLIMIT_AS, &limit);
}

/* A disk that is full beyond so many bytes a file. */
static void
limit_files (void)
{
  gint64 bytes = child_get_number ("CRASH_FILE_BYTES", -1);
  struct rlimit limit = { (rlim_t)bytes, (rlim_t)bytes };

  if (bytes < 0)
    return;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static int
report_failure (const GenvidFailure *failure)
{
  printf ("failed %s %s %s", genvid_reason_to_string (failure->reason),
          failure->message, failure->advice != NULL ? failure->advice : "");
  return 2;
}

static int
report_whole (const GenvidClipStatus *snapshot)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  g_autofree char *hash = NULL;
  gsize length;

  if (!g_file_get_contents (snapshot->location, &data, &length, &error)) {
    printf ("failed file %s", error->message);
    return 3;
  }
  hash
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *)data, length);
  printf ("whole %s %s", snapshot->location, hash);
  return 0;
}

/* A reader need not see each state that the worker passes. */
static gboolean
has_reached (const GenvidClipStatus *snapshot, const char *state)
{
  gboolean known = FALSE;
  GenvidState wanted;

  if (state == NULL)
    return FALSE;
  wanted = genvid_state_from_string (state, &known);
  g_assert_true (known);
  return snapshot->state >= wanted
         && snapshot->state <= GENVID_STATE_DOWNLOADING;
}

static gboolean
may_close (const GenvidClipStatus *snapshot)
{
  gint64 polls = child_get_number ("CRASH_CLOSE_AT_POLL", 0);

  if (polls > 0)
    return snapshot->polls >= polls;
  return has_reached (snapshot, g_getenv ("CRASH_CLOSE_AT"));
}

static int
follow (GenvidClient *run)
{
  guint seen = 0;
  gsize available;

  for (;;) {
    GenvidReadOutcome outcome
        = genvid_client_wait (run, 0, G_MAXINT32, TRUE, seen, &available);
    g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (run);

    seen = snapshot->serial;
    if (snapshot->whole && snapshot->location != NULL)
      return report_whole (snapshot);
    if (snapshot->failure != NULL)
      return report_failure (snapshot->failure);
    if (outcome == GENVID_READ_CHANGED && may_close (snapshot)) {
      printf ("closed %s", snapshot->id != NULL ? snapshot->id : "-");
      return 0;
    }
  }
}

static void
end (GenvidClient *run)
{
  gint64 before = g_get_monotonic_time ();

  genvid_client_close (run);
  genvid_client_quit ();
  /* 3 s for money in transfer, and what it takes to write that down. */
  if (g_get_monotonic_time () - before > 4 * G_USEC_PER_SEC)
    printf (" and left too late");
}

int
main (void)
{
  g_autoptr (GenvidSettings) settings = make_settings ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) run = NULL;
  int status = 4;

  limit_files ();
  limit_memory ();
  run = genvid_client_open (settings, NULL, &error);
  if (run == NULL) {
    printf ("failed open %s %s",
            error->domain == GENVID_ERROR
                ? genvid_reason_to_string ((GenvidReason)error->code)
                : "other",
            error->message);
  } else {
    status = follow (run);
    fflush (stdout);
    end (run);
  }
  child_print_clock ();
  return status;
}
