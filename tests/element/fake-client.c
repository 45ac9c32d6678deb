/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The contract of client.h without services, files or threads: state that
 * a test moves by hand, and waits that it can see. */

#include "fake-client.h"
#include "byte-ranges.h"
#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"
#include "settings.h"

#include <gio/gio.h>

struct _GenvidClient {
  gint count;
  GenvidClipStatus *snapshot;
  GenvidByteRanges *ranges;
  gboolean ordered;
  gboolean closed;
  gboolean flushing;
  gboolean broken;
  gboolean lost;
  guint epoch;
  GenvidClipWatch watch;
  gpointer watch_data;
};

static struct {
  GMutex mutex;
  GCond cond;
  GenvidReason reason;
  char *message;
  char *warning;
  guint opened;
  guint ordered;
  GenvidSettings *settings;
  GenvidClient *run; /* the last one */
  gsize media;
  gboolean stored;
  gboolean no_cancel;
  FakeHook hook;
  gpointer hook_data;
  guint waits;
  guint sleeping;
  guint64 want_offset;
  gsize want_length;
  gboolean want_whole;
} fake;

void
fake_reset (void)
{
  g_mutex_lock (&fake.mutex);
  g_clear_pointer (&fake.message, g_free);
  g_clear_pointer (&fake.warning, g_free);
  g_clear_pointer (&fake.settings, genvid_settings_free);
  g_clear_pointer (&fake.run, genvid_client_unref);
  fake.reason = GENVID_REASON_NONE;
  fake.opened = fake.ordered = fake.waits = 0;
  fake.media = 0;
  fake.stored = fake.no_cancel = FALSE;
  fake.hook = NULL;
  g_mutex_unlock (&fake.mutex);
}

void
fake_refuse (GenvidReason reason, const char *message)
{
  fake.reason = reason;
  g_free (fake.message);
  fake.message = g_strdup (message);
}

void
fake_warn (const char *sentence)
{
  g_free (fake.warning);
  fake.warning = g_strdup (sentence);
}

guint
fake_get_opened (void)
{
  return fake.opened;
}

guint
fake_get_ordered (void)
{
  guint ordered;

  g_mutex_lock (&fake.mutex);
  ordered = fake.ordered;
  g_mutex_unlock (&fake.mutex);

  return ordered;
}

const GenvidSettings *
fake_get_order (void)
{
  return fake.settings;
}

/* Under the mutex. */
static void
changed (void)
{
  fake.run->snapshot->serial++;
  fake.sleeping = 0;
  g_cond_broadcast (&fake.cond);
  if (fake.run->watch != NULL)
    fake.run->watch (fake.run->watch_data);
}

void
fake_update (FakeChange change, gpointer data)
{
  g_mutex_lock (&fake.mutex);
  change (fake.run->snapshot, data);
  changed ();
  g_mutex_unlock (&fake.mutex);
}

void
fake_set_state (GenvidState state, int progress)
{
  g_mutex_lock (&fake.mutex);
  fake.run->snapshot->state = state;
  fake.run->snapshot->progress = progress;
  changed ();
  g_mutex_unlock (&fake.mutex);
}

void
fake_set_size (guint64 size)
{
  g_mutex_lock (&fake.mutex);
  fake.run->snapshot->size = size;
  changed ();
  g_mutex_unlock (&fake.mutex);
}

void
fake_add (guint64 start, guint64 end)
{
  g_mutex_lock (&fake.mutex);
  genvid_byte_ranges_add (fake.run->ranges, start, end);
  fake.run->snapshot->present = genvid_byte_ranges_get_total (fake.run->ranges);
  fake.sleeping = 0;
  g_cond_broadcast (&fake.cond);
  g_mutex_unlock (&fake.mutex);
}

/* Under the mutex. */
static void
finish (GenvidClient *run)
{
  genvid_byte_ranges_add (run->ranges, 0, fake.media);
  run->snapshot->present = run->snapshot->size = fake.media;
  run->snapshot->whole = TRUE;
  run->snapshot->state = GENVID_STATE_DONE;
  run->snapshot->progress = 100;
  g_free (run->snapshot->location);
  run->snapshot->location = g_strdup ("/store/clip.mp4");
}

void
fake_finish (void)
{
  g_mutex_lock (&fake.mutex);
  finish (fake.run);
  changed ();
  g_mutex_unlock (&fake.mutex);
}

void
fake_fail (const GenvidFailure *failure)
{
  g_mutex_lock (&fake.mutex);
  if (failure != NULL) {
    fake.run->snapshot->state = GENVID_STATE_FAILED;
    fake.run->snapshot->failure = genvid_failure_copy (failure);
  }
  fake.run->lost = TRUE;
  changed ();
  g_mutex_unlock (&fake.mutex);
}

void
fake_break_reads (void)
{
  fake.run->broken = TRUE;
}

gboolean
fake_is_closed (void)
{
  gboolean closed;

  g_mutex_lock (&fake.mutex);
  closed = fake.run->closed;
  g_mutex_unlock (&fake.mutex);

  return closed;
}

void
fake_set_media (gsize size)
{
  fake.media = size;
}

guint8
fake_get_byte (guint64 offset)
{
  return (offset * 31 + offset / 251) & 0xff;
}

void
fake_set_stored (gboolean stored)
{
  fake.stored = stored;
}

void
fake_set_no_cancel (void)
{
  fake.no_cancel = TRUE;
}

void
fake_set_hook (FakeHook hook, gpointer data)
{
  g_mutex_lock (&fake.mutex);
  fake.hook = hook;
  fake.hook_data = data;
  fake.waits = 0;
  g_mutex_unlock (&fake.mutex);
}

void
fake_until_waiting (void)
{
  g_mutex_lock (&fake.mutex);
  while (fake.sleeping == 0)
    g_cond_wait (&fake.cond, &fake.mutex);
  g_mutex_unlock (&fake.mutex);
}

void
fake_reach (GenvidState state, int progress)
{
  fake_set_state (state, progress);
  fake_until_waiting ();
}

void
fake_get_want (guint64 *offset, gsize *length, gboolean *whole)
{
  g_mutex_lock (&fake.mutex);
  *offset = fake.want_offset;
  *length = fake.want_length;
  *whole = fake.want_whole;
  g_mutex_unlock (&fake.mutex);
}

/* --- client.h --- */

GenvidClient *
genvid_client_open (const GenvidSettings *settings, GPtrArray **warnings,
                    GError **error)
{
  GenvidClient *run;

  if (fake.warning != NULL) {
    *warnings = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (*warnings, g_strdup (fake.warning));
  }
  if (fake.message != NULL) {
    g_set_error_literal (error, GENVID_ERROR, fake.reason, fake.message);
    return NULL;
  }

  run = g_new0 (GenvidClient, 1);
  run->count = 1;
  run->ranges = genvid_byte_ranges_new ();
  run->snapshot = g_new0 (GenvidClipStatus, 1);
  run->snapshot->serial = 1;
  run->snapshot->provider = g_strdup ("fake");
  run->snapshot->model = g_strdup ("model-1");
  run->snapshot->progress = run->snapshot->queue_position = -1;
  run->snapshot->uploading = -1;
  run->snapshot->cost = -1;
  run->snapshot->size = GENVID_SIZE_UNKNOWN;

  g_mutex_lock (&fake.mutex);
  if (fake.stored) {
    run->snapshot->origin = GENVID_ORIGIN_STORED;
    run->snapshot->note = g_strdup ("From the store.");
    finish (run);
  }
  fake.opened++;
  g_clear_pointer (&fake.settings, genvid_settings_free);
  fake.settings = genvid_settings_copy (settings);
  if (fake.run != NULL)
    genvid_client_unref (fake.run);
  fake.run = genvid_client_ref (run);
  g_mutex_unlock (&fake.mutex);

  return run;
}

GenvidClient *
genvid_client_ref (GenvidClient *run)
{
  g_atomic_int_inc (&run->count);
  return run;
}

void
genvid_client_unref (GenvidClient *run)
{
  if (run == NULL || !g_atomic_int_dec_and_test (&run->count))
    return;
  genvid_clip_status_free (run->snapshot);
  genvid_byte_ranges_free (run->ranges);
  g_free (run);
}

void
genvid_client_close (GenvidClient *run)
{
  g_mutex_lock (&fake.mutex);
  run->closed = TRUE;
  fake.sleeping = 0;
  g_cond_broadcast (&fake.cond);
  g_mutex_unlock (&fake.mutex);
}

void
genvid_client_set_flushing (GenvidClient *run, gboolean flushing)
{
  g_mutex_lock (&fake.mutex);
  run->flushing = flushing;
  if (flushing)
    run->epoch++;
  fake.sleeping = 0;
  g_cond_broadcast (&fake.cond);
  g_mutex_unlock (&fake.mutex);
}

/* Under the mutex. TRUE: *OUTCOME ends the wait. */
static gboolean
judge (GenvidClient *run, guint seen, gsize *available,
       GenvidReadOutcome *outcome)
{
  const GenvidClipStatus *snapshot = run->snapshot;
  guint64 offset = fake.want_offset;
  gsize wanted = fake.want_length;
  guint64 there = genvid_byte_ranges_available (run->ranges, offset);

  if (snapshot->serial != seen) {
    *outcome = GENVID_READ_CHANGED;
    return TRUE;
  }
  if (snapshot->whole && offset < snapshot->size)
    wanted = MIN (wanted, snapshot->size - offset);
  *available = MIN (there, wanted);
  *outcome = GENVID_READ_DATA;
  if (*available >= (fake.want_whole ? wanted : 1))
    return TRUE;
  *outcome = GENVID_READ_EOS;
  if (snapshot->whole && offset >= snapshot->size)
    return TRUE;
  *outcome = GENVID_READ_FAILED;
  return run->lost;
}

/* Under the mutex. */
static GenvidReadOutcome
sleep_until_judged (GenvidClient *run, guint seen, gsize *available)
{
  guint epoch = run->epoch;
  GenvidReadOutcome outcome;

  for (;;) {
    if (run->closed)
      return GENVID_READ_STOPPED;
    if (run->flushing || run->epoch != epoch)
      return GENVID_READ_FLUSHING;
    if (!run->ordered)
      fake.ordered++;
    run->ordered = TRUE;
    if (judge (run, seen, available, &outcome))
      return outcome;
    fake.sleeping++;
    g_cond_broadcast (&fake.cond);
    g_cond_wait (&fake.cond, &fake.mutex);
  }
}

GenvidReadOutcome
genvid_client_wait (GenvidClient *run, guint64 offset, gsize length,
                    gboolean whole, guint seen, gsize *available)
{
  GenvidReadOutcome outcome;
  FakeHook hook;
  gpointer data;
  guint n;

  g_mutex_lock (&fake.mutex);
  hook = fake.hook;
  data = fake.hook_data;
  n = ++fake.waits;
  g_mutex_unlock (&fake.mutex);
  if (hook != NULL)
    hook (n, data);

  g_mutex_lock (&fake.mutex);
  fake.want_offset = offset;
  fake.want_length = length;
  fake.want_whole = whole;
  outcome = sleep_until_judged (run, seen, available);
  g_mutex_unlock (&fake.mutex);

  return outcome;
}

void
genvid_client_watch (GenvidClient *run, GenvidClipWatch watch, gpointer data)
{
  g_mutex_lock (&fake.mutex);
  run->watch = watch;
  run->watch_data = data;
  g_mutex_unlock (&fake.mutex);
}

/* Under the mutex. */
static gboolean
is_unfinished (const GenvidClient *run)
{
  const GenvidClipStatus *now = run->snapshot;

  return (now->whole || now->present >= now->size)
         && now->state != GENVID_STATE_DONE && now->failure == NULL;
}

GenvidReadOutcome
genvid_client_wait_finished (GenvidClient *run, guint seen)
{
  GenvidReadOutcome outcome = GENVID_READ_DATA;
  guint epoch;

  g_mutex_lock (&fake.mutex);
  epoch = run->epoch;
  while (!run->closed && !run->flushing && run->epoch == epoch
         && run->snapshot->serial == seen && is_unfinished (run)) {
    fake.sleeping++;
    g_cond_broadcast (&fake.cond);
    g_cond_wait (&fake.cond, &fake.mutex);
  }
  if (run->closed)
    outcome = GENVID_READ_STOPPED;
  else if (run->flushing || run->epoch != epoch)
    outcome = GENVID_READ_FLUSHING;
  else if (run->snapshot->serial != seen)
    outcome = GENVID_READ_CHANGED;
  g_mutex_unlock (&fake.mutex);

  return outcome;
}

gssize
genvid_client_read (GenvidClient *run, guint64 offset, guint8 *buffer,
                    gsize length, GError **error)
{
  if (run->broken) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                         "The disk is gone.");
    return -1;
  }
  for (gsize i = 0; i < length; i++)
    buffer[i] = fake_get_byte (offset + i);
  return length;
}

GenvidClipStatus *
genvid_client_snapshot (GenvidClient *run)
{
  GenvidClipStatus *snapshot;

  g_mutex_lock (&fake.mutex);
  snapshot = genvid_clip_status_copy (run->snapshot);
  g_mutex_unlock (&fake.mutex);

  return snapshot;
}

guint
genvid_client_get_serial (GenvidClient *run)
{
  guint serial;

  g_mutex_lock (&fake.mutex);
  serial = run->snapshot->serial;
  g_mutex_unlock (&fake.mutex);

  return serial;
}

gboolean
genvid_client_is_arriving (GenvidClient *run)
{
  gboolean arriving;

  g_mutex_lock (&fake.mutex);
  arriving = genvid_clip_status_is_arriving (run->snapshot);
  g_mutex_unlock (&fake.mutex);

  return arriving;
}

guint64
genvid_client_get_size (GenvidClient *run)
{
  guint64 size;

  g_mutex_lock (&fake.mutex);
  size = run->snapshot->size;
  g_mutex_unlock (&fake.mutex);

  return size;
}

GenvidByteRanges *
genvid_client_get_ranges (GenvidClient *run)
{
  GenvidByteRanges *ranges;

  g_mutex_lock (&fake.mutex);
  ranges = genvid_byte_ranges_copy (run->ranges);
  g_mutex_unlock (&fake.mutex);

  return ranges;
}

GenvidFailure *
genvid_client_get_failure (GenvidClient *run)
{
  GenvidFailure *failure = NULL;

  g_mutex_lock (&fake.mutex);
  if (run->snapshot->failure != NULL)
    failure = genvid_failure_copy (run->snapshot->failure);
  else if (run->lost)
    failure = genvid_failure_new (GENVID_REASON_BAD_ANSWER, "Exchanged.");
  g_mutex_unlock (&fake.mutex);

  return failure;
}

gboolean
genvid_client_can_cancel (GenvidClient *run)
{
  return !fake.no_cancel;
}

const char *
genvid_client_get_fingerprint (GenvidClient *run)
{
  return "0123456789abcdef";
}

void
genvid_client_quit (void)
{
}
