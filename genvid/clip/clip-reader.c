/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whatever ends a wait is checked under the mutex that the wait sleeps on, so
 * that no stop or flush is missed between the check and the sleep. */

#include "clip-reader.h"

#include "byte-ranges.h"
#include "clip-private.h"
#include "clip.h"
#include "durable-file.h"
#include "failure.h"

#include <errno.h>

#include <gio/gio.h>

/* No download asks for bytes less far ahead. */
#define FAR_AHEAD (64 * 1024)

/* Not one of the outcomes: wait on. */
#define SLEEP ((GenvidReadOutcome)-1)

/* What a wait asks; ask.seen: of the snapshot. */
typedef struct {
  GenvidClipWait wait;
  gboolean whole;
  guint seen;
  guint epoch;
} Ask;

GenvidClipReader *
genvid_clip_add_reader (GenvidClip *clip)
{
  GenvidClipReader *reader = NULL;

  g_mutex_lock (&clip->mutex);
  if (clip->now->failure == NULL) {
    reader = g_new0 (GenvidClipReader, 1);
    reader->clip = genvid_clip_ref (clip);
    clip->readers = g_list_prepend (clip->readers, reader);
    clip->n_open++;
  }
  g_mutex_unlock (&clip->mutex);
  return reader;
}

gboolean
genvid_clip_reader_stop (GenvidClipReader *reader)
{
  GenvidClip *clip = reader->clip;

  g_mutex_lock (&clip->mutex);
  gboolean open = !reader->stopped;
  reader->stopped = TRUE;
  if (open)
    clip->n_open--;
  gboolean last = clip->n_open == 0;
  g_cond_broadcast (&clip->cond);
  if (open && last)
    genvid_clip_call_wake (clip);
  g_mutex_unlock (&clip->mutex);
  return last;
}

void
genvid_clip_reader_free (GenvidClipReader *reader)
{
  GenvidClip *clip = reader->clip;

  genvid_clip_reader_stop (reader);
  g_mutex_lock (&clip->mutex);
  clip->readers = g_list_remove (clip->readers, reader);
  g_mutex_unlock (&clip->mutex);
  g_free (reader);
  genvid_clip_unref (clip);
}

void
genvid_clip_reader_set_flushing (GenvidClipReader *reader, gboolean flushing)
{
  GenvidClip *clip = reader->clip;

  g_mutex_lock (&clip->mutex);
  reader->flushing = flushing;
  if (flushing) {
    /* A wait that runs has sampled it, and ends even if the flush does
     * before the wait wakes up. */
    reader->epoch++;
    g_cond_broadcast (&clip->cond);
  }
  g_mutex_unlock (&clip->mutex);
}

GenvidReadOutcome
genvid_clip_reader_check (GenvidClipReader *reader)
{
  GenvidReadOutcome outcome = GENVID_READ_DATA;

  g_mutex_lock (&reader->clip->mutex);
  if (reader->stopped)
    outcome = GENVID_READ_STOPPED;
  else if (reader->flushing)
    outcome = GENVID_READ_FLUSHING;
  g_mutex_unlock (&reader->clip->mutex);
  return outcome;
}

/* Under the mutex. The announced size may be wrong: when all bytes are there,
 * it takes a moment to check that they are a clip. While some are missing, a
 * parser that reads beyond the end need not wait for the download. */
static GenvidReadOutcome
check_end (GenvidClip *clip)
{
  if (clip->now->whole || clip->now->present < clip->now->size)
    return GENVID_READ_EOS;
  return clip->now->failure != NULL ? GENVID_READ_FAILED : SLEEP;
}

/* Under the mutex. */
static GenvidReadOutcome
check_bytes (GenvidClip *clip, const Ask *ask, gsize *available)
{
  guint64 present = genvid_clip_available (clip, ask->wait.offset);
  guint64 size = clip->now->size;
  gsize got = (gsize)MIN (present, ask->wait.length);

  if (ask->wait.offset >= size)
    return check_end (clip);
  gboolean enough = got == ask->wait.length
                    || (ask->whole ? got == size - ask->wait.offset : got > 0);
  if (enough) {
    *available = got;
    return GENVID_READ_DATA;
  }
  return clip->now->failure != NULL ? GENVID_READ_FAILED : SLEEP;
}

/* Under the mutex. */
static GenvidReadOutcome
check (const GenvidClipReader *reader, const Ask *ask, gsize *available)
{
  GenvidClip *clip = reader->clip;

  if (reader->stopped)
    return GENVID_READ_STOPPED;
  if (reader->flushing || reader->epoch != ask->epoch)
    return GENVID_READ_FLUSHING;
  if (clip->now->serial != ask->seen)
    return GENVID_READ_CHANGED;
  if (reader->lost)
    return GENVID_READ_FAILED;
  return check_bytes (clip, ask, available);
}

/* Under the mutex: the next bytes to come are not the ones wanted. */
static gboolean
is_wish (GenvidClip *clip, const GenvidClipWait *wait)
{
  guint64 missing = genvid_byte_ranges_next_gap (clip->ranges, wait->offset);

  return clip->file != NULL
         && (missing < clip->head || missing - clip->head >= FAR_AHEAD);
}

/* Under the mutex. */
static GenvidReadOutcome
sleep_until_ready (GenvidClipReader *reader, Ask *ask, gsize *available)
{
  GenvidClip *clip = reader->clip;
  GenvidReadOutcome outcome;

  g_queue_push_tail (&clip->waits, &ask->wait);
  if (is_wish (clip, &ask->wait))
    genvid_clip_call_wake (clip);
  while ((outcome = check (reader, ask, available)) == SLEEP)
    g_cond_wait (&clip->cond, &clip->mutex);
  g_queue_remove (&clip->waits, &ask->wait);
  return outcome;
}

GenvidReadOutcome
genvid_clip_reader_wait (GenvidClipReader *reader, guint64 offset, gsize length,
                         gboolean whole, guint seen, gsize *available)
{
  GenvidClip *clip = reader->clip;
  Ask ask = { .wait = { offset, length }, .whole = whole, .seen = seen };

  *available = 0;
  g_mutex_lock (&clip->mutex);
  ask.epoch = reader->epoch;
  GenvidReadOutcome outcome = check (reader, &ask, available);
  if (outcome == SLEEP)
    outcome = sleep_until_ready (reader, &ask, available);
  if (outcome == GENVID_READ_DATA)
    reader->took = TRUE;
  g_mutex_unlock (&clip->mutex);
  return outcome;
}

/* Under the mutex. */
static GenvidReadOutcome
check_finished (const GenvidClipReader *reader, guint seen, guint epoch)
{
  const GenvidClipStatus *now = reader->clip->now;

  if (reader->stopped)
    return GENVID_READ_STOPPED;
  if (reader->flushing || reader->epoch != epoch)
    return GENVID_READ_FLUSHING;
  if (now->serial != seen)
    return GENVID_READ_CHANGED;
  if ((now->state == GENVID_STATE_DONE && now->location != NULL)
      || now->failure != NULL || (!now->whole && now->present < now->size))
    return GENVID_READ_DATA;
  return SLEEP;
}

GenvidReadOutcome
genvid_clip_reader_wait_finished (GenvidClipReader *reader, guint seen)
{
  GenvidClip *clip = reader->clip;
  GenvidClipWait wait = { GENVID_SIZE_UNKNOWN, 0 };
  GenvidReadOutcome outcome;

  g_mutex_lock (&clip->mutex);
  guint epoch = reader->epoch;
  g_queue_push_tail (&clip->waits, &wait);
  while ((outcome = check_finished (reader, seen, epoch)) == SLEEP)
    g_cond_wait (&clip->cond, &clip->mutex);
  g_queue_remove (&clip->waits, &wait);
  g_mutex_unlock (&clip->mutex);
  return outcome;
}

void
genvid_clip_reader_set_watch (GenvidClipReader *reader, GenvidClipWatch watch,
                              gpointer data)
{
  g_mutex_lock (&reader->clip->mutex);
  reader->watch = watch;
  reader->watch_data = data;
  g_mutex_unlock (&reader->clip->mutex);
}

/* Under the mutex. */
static GenvidFailure *
make_lost (GenvidClip *clip)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_FAILED,
      "The media server now has a different file, and part of the first one "
      "was already played.");

  failure->advice = g_strdup ("Play it again: the new file is downloaded, and "
                              "nothing is bought.");
  failure->retryable = TRUE;
  failure->generation_id = g_strdup (clip->now->id);
  /* There is a file, so there was a generation. */
  failure->billed = GENVID_BILLED_YES;
  return failure;
}

GenvidFailure *
genvid_clip_reader_get_failure (GenvidClipReader *reader)
{
  GenvidClip *clip = reader->clip;
  GenvidFailure *failure = NULL;

  g_mutex_lock (&clip->mutex);
  if (reader->lost)
    failure = make_lost (clip);
  else if (clip->now->failure != NULL)
    failure = genvid_failure_copy (clip->now->failure);
  g_mutex_unlock (&clip->mutex);
  return failure;
}

/* A reference to the file that has [OFFSET, OFFSET + *LENGTH); NULL: the bytes
 * are no longer there. */
static GenvidClipFile *
get_file (GenvidClipReader *reader, guint64 offset, gsize *length,
          guint *resets)
{
  GenvidClip *clip = reader->clip;
  GenvidClipFile *file = NULL;

  g_mutex_lock (&clip->mutex);
  guint64 present = genvid_clip_available (clip, offset);
  if (!reader->lost && present > 0 && clip->file != NULL)
    file = genvid_clip_file_ref (clip->file);
  *length = (gsize)MIN (present, *length);
  *resets = clip->resets;
  g_mutex_unlock (&clip->mutex);
  return file;
}

static gboolean
was_reset (GenvidClip *clip, guint resets)
{
  g_mutex_lock (&clip->mutex);
  gboolean reset = clip->resets != resets;
  g_mutex_unlock (&clip->mutex);
  return reset;
}

static gboolean
read_all (int fd, guint64 offset, guint8 *buffer, gsize length, GError **error)
{
  int code;

  if (genvid_durable_file_read_at (fd, offset, buffer, length) == length)
    return TRUE;
  code = errno;
  g_set_error (error, G_IO_ERROR,
               (int)g_io_error_from_errno (code != 0 ? code : EIO),
               "The stored clip cannot be read: %s.",
               code != 0 ? g_strerror (code) : "the file became shorter");
  return FALSE;
}

gssize
genvid_clip_reader_read (GenvidClipReader *reader, guint64 offset,
                         guint8 *buffer, gsize length, GError **error)
{
  guint resets = 0;
  gsize wanted = MIN (length, (gsize)G_MAXSSIZE);
  GenvidClipFile *file = get_file (reader, offset, &wanted, &resets);
  gboolean done = file != NULL;

  if (file != NULL) {
    done = read_all (file->fd, offset, buffer, wanted, error);
    genvid_clip_file_unref (file);
    if (!done)
      return -1;
  }
  if (done && !was_reset (reader->clip, resets))
    return (gssize)wanted;

  g_mutex_lock (&reader->clip->mutex);
  g_autoptr (GenvidFailure) failure = make_lost (reader->clip);
  g_mutex_unlock (&reader->clip->mutex);
  g_autofree char *text = genvid_failure_to_text (failure);
  g_set_error_literal (error, GENVID_ERROR, (int)failure->reason, text);
  return -1;
}
