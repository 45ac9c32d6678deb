/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The worker's side of a clip, and its status. Waiting and reading are in
 * clip-reader.c. No bytes are kept here: they are in the store's file. */

#include "clip.h"

#include "byte-ranges.h"
#include "clip-private.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "container.h"
#include "durable-file.h"
#include "failure.h"
#include "record.h"

#include <sys/stat.h>
#include <unistd.h>

#define BOX_HEADER_BYTES 16
/* The movie header is the first box of an index. */
#define INDEX_BEGIN_BYTES 1024

static GenvidClipFile *
make_file (int fd)
{
  GenvidClipFile *file = g_new0 (GenvidClipFile, 1);
  struct stat info;

  g_atomic_ref_count_init (&file->references);
  file->fd = fd;
  if (fstat (fd, &info) == 0) {
    file->device = info.st_dev;
    file->inode = info.st_ino;
  }
  return file;
}

GenvidClipFile *
genvid_clip_file_ref (GenvidClipFile *file)
{
  g_atomic_ref_count_inc (&file->references);
  return file;
}

void
genvid_clip_file_unref (GenvidClipFile *file)
{
  if (!g_atomic_ref_count_dec (&file->references))
    return;
  close (file->fd);
  g_free (file);
}

GenvidClip *
genvid_clip_new (const char *provider, const char *model)
{
  GenvidClip *clip = g_new0 (GenvidClip, 1);

  g_atomic_ref_count_init (&clip->references);
  g_mutex_init (&clip->mutex);
  g_cond_init (&clip->cond);
  clip->now = g_new0 (GenvidClipStatus, 1);
  clip->now->provider = g_strdup (provider);
  clip->now->model = g_strdup (model);
  clip->now->progress = clip->now->queue_position = -1;
  clip->now->uploading = -1;
  clip->now->cost = -1;
  clip->now->size = GENVID_SIZE_UNKNOWN;
  /* 0 is what a reader that has reported nothing yet has seen. */
  clip->now->serial = 1;
  clip->ranges = genvid_byte_ranges_new ();
  clip->written = genvid_byte_ranges_new ();
  genvid_boxes_init (&clip->boxes);
  g_queue_init (&clip->waits);
  return clip;
}

GenvidClip *
genvid_clip_ref (GenvidClip *clip)
{
  g_atomic_ref_count_inc (&clip->references);
  return clip;
}

void
genvid_clip_unref (GenvidClip *clip)
{
  if (!g_atomic_ref_count_dec (&clip->references))
    return;
  g_clear_pointer (&clip->file, genvid_clip_file_unref);
  genvid_clip_status_free (clip->now);
  genvid_byte_ranges_free (clip->ranges);
  genvid_byte_ranges_free (clip->written);
  g_mutex_clear (&clip->mutex);
  g_cond_clear (&clip->cond);
  g_free (clip);
}

GenvidClipStatus *
genvid_clip_snapshot (GenvidClip *clip)
{
  g_mutex_lock (&clip->mutex);
  GenvidClipStatus *copy = genvid_clip_status_copy (clip->now);
  g_mutex_unlock (&clip->mutex);
  return copy;
}

guint
genvid_clip_get_serial (GenvidClip *clip)
{
  g_mutex_lock (&clip->mutex);
  guint serial = clip->now->serial;
  g_mutex_unlock (&clip->mutex);
  return serial;
}

gboolean
genvid_clip_is_arriving (GenvidClip *clip)
{
  g_mutex_lock (&clip->mutex);
  gboolean arriving = genvid_clip_status_is_arriving (clip->now);
  g_mutex_unlock (&clip->mutex);
  return arriving;
}

guint64
genvid_clip_get_size (GenvidClip *clip)
{
  g_mutex_lock (&clip->mutex);
  guint64 size = clip->now->size;
  g_mutex_unlock (&clip->mutex);
  return size;
}

gboolean
genvid_clip_is_whole (GenvidClip *clip)
{
  g_mutex_lock (&clip->mutex);
  gboolean whole = clip->now->whole;
  g_mutex_unlock (&clip->mutex);
  return whole;
}

GenvidByteRanges *
genvid_clip_get_ranges (GenvidClip *clip)
{
  g_mutex_lock (&clip->mutex);
  GenvidByteRanges *copy = genvid_byte_ranges_copy (clip->ranges);
  g_mutex_unlock (&clip->mutex);
  return copy;
}

guint
genvid_clip_get_n_readers (GenvidClip *clip)
{
  g_mutex_lock (&clip->mutex);
  guint n = clip->n_open;
  g_mutex_unlock (&clip->mutex);
  return n;
}

guint64
genvid_clip_available (GenvidClip *clip, guint64 offset)
{
  guint64 present = genvid_byte_ranges_available (clip->ranges, offset);
  guint64 size = clip->now->size;

  if (offset >= size)
    return 0;
  return MIN (present, size - offset);
}

/* Under the mutex. */
static void
wake_readers (GenvidClip *clip)
{
  if (!g_queue_is_empty (&clip->waits))
    g_cond_broadcast (&clip->cond);
}

static void
bump (GenvidClip *clip)
{
  clip->now->serial++;
  wake_readers (clip);
  for (GList *one = clip->readers; one != NULL; one = one->next) {
    const GenvidClipReader *reader = one->data;
    if (reader->watch != NULL)
      reader->watch (reader->watch_data);
  }
}

void
genvid_clip_update (GenvidClip *clip, GenvidClipChange change, gpointer data)
{
  g_mutex_lock (&clip->mutex);
  g_autoptr (GenvidClipStatus) before = genvid_clip_status_copy (clip->now);
  change (clip->now, data);
  genvid_clip_status_own_details (clip->now);
  clip->now->serial = before->serial;
  if (!genvid_clip_status_equal (before, clip->now))
    bump (clip);
  g_mutex_unlock (&clip->mutex);
}

/* --- The status of the generation. --- */

typedef struct {
  const GenvidRecord *record;
  const char *note;
  int progress;
  GenvidOrigin origin;
  gint64 started;
  GenvidCount count;
} Change;

static void
replace (char **text, const char *value)
{
  if (g_strcmp0 (*text, value) == 0)
    return;
  g_free (*text);
  *text = g_strdup (value);
}

static GenvidCancel
get_cancel (const GenvidRecord *record)
{
  if (record->outcome == GENVID_CANCEL_NONE)
    return GENVID_CANCEL_NONE;
  if (record->state == GENVID_STATE_CANCELLED)
    return GENVID_CANCEL_CANCELLED;
  if (record->outcome == GENVID_CANCEL_ASKED
      && (record->state == GENVID_STATE_DOWNLOADING
          || record->state == GENVID_STATE_DONE))
    return GENVID_CANCEL_TOO_LATE;
  return record->outcome;
}

static void
apply_record (GenvidClipStatus *snapshot, gpointer data)
{
  const Change *change = data;
  const GenvidRecord *record = change->record;

  snapshot->state = record->state;
  if (record->model != NULL)
    replace (&snapshot->model, record->model);
  replace (&snapshot->id, record->id);
  replace (&snapshot->currency, record->currency);
  snapshot->progress = change->progress;
  snapshot->cancel = get_cancel (record);
  snapshot->cost = record->cost;
  snapshot->origin = change->origin;
  if (change->origin != GENVID_ORIGIN_SHARED)
    g_clear_pointer (&snapshot->host, g_free);
  snapshot->bought = record->intended.wall;
  snapshot->billed = record->failure != NULL ? record->failure->billed
                     : record->state == GENVID_STATE_DONE
                         ? GENVID_BILLED_YES
                         : GENVID_BILLED_UNKNOWN;
  if (change->started != 0)
    snapshot->started = change->started;
  g_clear_pointer (&snapshot->details, json_object_unref);
  if (record->details != NULL)
    snapshot->details = json_object_ref (record->details);
}

void
genvid_clip_publish_record (GenvidClip *clip, const GenvidRecord *record,
                            int progress, GenvidOrigin origin, gint64 started)
{
  Change change = {
    .record = record, .progress = progress, .origin = origin, .started = started
  };

  genvid_clip_update (clip, apply_record, &change);
}

static void
apply_queue (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->queue_position = GPOINTER_TO_INT (data);
}

void
genvid_clip_publish_queue (GenvidClip *clip, int position)
{
  genvid_clip_update (clip, apply_queue, GINT_TO_POINTER (position));
}

static void
apply_host (GenvidClipStatus *snapshot, gpointer data)
{
  replace (&snapshot->host, data);
}

void
genvid_clip_publish_host (GenvidClip *clip, const char *host)
{
  genvid_clip_update (clip, apply_host, (gpointer)host);
}

static void
apply_note (GenvidClipStatus *snapshot, gpointer data)
{
  const Change *change = data;

  replace (&snapshot->note, change->note);
}

void
genvid_clip_publish_note (GenvidClip *clip, const char *note)
{
  Change change = { .note = note };

  genvid_clip_update (clip, apply_note, &change);
}

static char *
describe_stored (const GenvidRecord *record)
{
  g_autoptr (GDateTime) bought = NULL;
  g_autofree char *when = NULL;
  const char *provider = record->provider;

  if (record->intended.wall > 0)
    bought = g_date_time_new_from_unix_local (record->intended.wall
                                              / G_USEC_PER_SEC);
  if (bought != NULL)
    when = g_date_time_format (bought, "%Y-%m-%d %H:%M");
  if (when == NULL)
    when = g_strdup ("earlier");

  if (record->cost >= 0 && record->currency != NULL)
    return g_strdup_printf ("From the store: bought %s from %s for %.2f %s. "
                            "Playing it costs nothing; a higher take buys "
                            "another.",
                            when, provider, record->cost, record->currency);
  return g_strdup_printf ("From the store: bought %s from %s. Playing it costs "
                          "nothing; a higher take buys another.",
                          when, provider);
}

void
genvid_clip_publish_stored (GenvidClip *clip, const GenvidRecord *record,
                            int fd, const char *location, GenvidOrigin origin)
{
  g_autoptr (GenvidByteRanges) all = genvid_byte_ranges_new ();
  g_autofree char *note = NULL;

  genvid_byte_ranges_add (all, 0, record->media_size);
  genvid_clip_publish_record (clip, record, 100, origin, 0);
  if (origin == GENVID_ORIGIN_STORED) {
    note = describe_stored (record);
    genvid_clip_publish_note (clip, note);
  }
  genvid_clip_set_size (clip, record->media_size);
  genvid_clip_set_file (clip, fd, all);
  genvid_clip_finish (clip, record->media_size, location);
}

static void
apply_count (GenvidClipStatus *snapshot, gpointer data)
{
  const Change *change = data;

  if (change->count == GENVID_COUNT_SUBMITS)
    snapshot->submits++;
  else if (change->count == GENVID_COUNT_POLLS)
    snapshot->polls++;
  else
    snapshot->uploads++;
}

void
genvid_clip_publish_count (GenvidClip *clip, GenvidCount count)
{
  Change change = { .count = count };

  genvid_clip_update (clip, apply_count, &change);
}

static void
apply_upload (GenvidClipStatus *snapshot, gpointer data)
{
  const Change *change = data;

  snapshot->uploading = change->progress;
}

void
genvid_clip_publish_upload (GenvidClip *clip, int percent)
{
  Change change = { .progress = percent };

  genvid_clip_update (clip, apply_upload, &change);
}

/* --- Where the index is, known before any reader gets a byte; how long the
 * clip plays, known when the index is there. --- */

typedef struct {
  gboolean last;
  double duration;
} Index;

/* What is there of LENGTH bytes from OFFSET on. Only the worker changes the
 * file, the size and its own ranges, so it may read them without the lock. */
static gsize
peek (GenvidClip *clip, const GenvidClipFile *file, guint64 offset,
      guint8 *bytes, gsize length)
{
  guint64 present = genvid_byte_ranges_available (clip->written, offset);

  length = (gsize)MIN (present, length);
  if (length == 0 || file == NULL)
    return 0;
  return genvid_durable_file_read_at (file->fd, offset, bytes, length);
}

static void
walk_boxes (GenvidClip *clip, const GenvidClipFile *file)
{
  guint8 header[BOX_HEADER_BYTES];

  while (!clip->boxes.moov && !clip->boxes.broken) {
    gsize got = peek (clip, file, clip->boxes.offset, header, sizeof header);

    clip->index = clip->boxes.offset;
    if (got == 0
        || !genvid_boxes_feed (&clip->boxes, header, got, clip->now->size)
        || clip->boxes.offset == clip->index)
      break;
  }
}

/* Forgets the file that it looked at. */
static void
begin_index (GenvidClip *clip)
{
  genvid_boxes_init (&clip->boxes);
  clip->duration = 0;
  clip->timed = FALSE;
}

static Index
look_at_index (GenvidClip *clip, const GenvidClipFile *file)
{
  guint8 begin[INDEX_BEGIN_BYTES];

  walk_boxes (clip, file);
  if (clip->boxes.moov && !clip->timed) {
    gsize got = peek (clip, file, clip->index, begin, sizeof begin);

    clip->duration = genvid_boxes_read_duration (begin, got);
    clip->timed = clip->duration > 0 || got == sizeof begin;
  }
  return (Index){ clip->boxes.index_last, clip->duration };
}

/* --- Bytes. --- */

static void
copy_ranges (GenvidByteRanges **target, const GenvidByteRanges *ranges)
{
  genvid_byte_ranges_free (*target);
  *target = ranges != NULL ? genvid_byte_ranges_copy (ranges)
                           : genvid_byte_ranges_new ();
}

/* Under the mutex. */
static void
set_index (GenvidClip *clip, const Index *index)
{
  if (clip->now->index_last == index->last
      && clip->now->duration == index->duration)
    return;
  clip->now->index_last = index->last;
  clip->now->duration = index->duration;
  bump (clip);
}

/* Under the mutex: what readers got may be of another file. */
static void
lose_readers (GenvidClip *clip)
{
  clip->resets++;
  for (GList *one = clip->readers; one != NULL; one = one->next) {
    GenvidClipReader *reader = one->data;
    reader->lost = reader->lost || reader->took;
  }
}

static gboolean
contains_all (const GenvidByteRanges *ranges, const GenvidByteRanges *parts)
{
  for (guint i = 0; i < genvid_byte_ranges_get_n (parts); i++) {
    GenvidByteRange part = genvid_byte_ranges_get (parts, i);
    if (!genvid_byte_ranges_contains (ranges, part.start, part.end))
      return FALSE;
  }
  return TRUE;
}

/* Another process that downloads may begin another file, also in the place of
 * its first one, between two looks of this one. */
static gboolean
continues (GenvidClip *clip, const GenvidClipFile *file)
{
  if (clip->file == NULL || genvid_byte_ranges_get_n (clip->ranges) == 0)
    return TRUE;
  return clip->file->device == file->device && clip->file->inode == file->inode
         && contains_all (clip->written, clip->ranges);
}

void
genvid_clip_set_file (GenvidClip *clip, int fd, const GenvidByteRanges *ranges)
{
  GenvidClipFile *file = make_file (fd);

  copy_ranges (&clip->written, ranges);
  begin_index (clip);
  Index index = look_at_index (clip, file);

  g_mutex_lock (&clip->mutex);
  if (!continues (clip, file))
    lose_readers (clip);
  GenvidClipFile *old = g_steal_pointer (&clip->file);
  clip->file = file;
  copy_ranges (&clip->ranges, ranges);
  clip->now->present = genvid_byte_ranges_get_total (clip->ranges);
  clip->head = genvid_byte_ranges_next_gap (clip->ranges, 0);
  set_index (clip, &index);
  wake_readers (clip);
  g_mutex_unlock (&clip->mutex);
  if (old != NULL)
    genvid_clip_file_unref (old);
}

void
genvid_clip_set_size (GenvidClip *clip, guint64 size)
{
  g_mutex_lock (&clip->mutex);
  if (clip->now->size != size) {
    clip->now->size = size;
    bump (clip);
  }
  g_mutex_unlock (&clip->mutex);
}

void
genvid_clip_add_bytes (GenvidClip *clip, guint64 start, guint64 end)
{
  if (end <= start)
    return;
  genvid_byte_ranges_add (clip->written, start, end);
  /* First: whoever gets these bytes must know where the index is. */
  Index index = look_at_index (clip, clip->file);

  g_mutex_lock (&clip->mutex);
  genvid_byte_ranges_add (clip->ranges, start, end);
  clip->now->present = genvid_byte_ranges_get_total (clip->ranges);
  clip->head = end;
  set_index (clip, &index);
  wake_readers (clip);
  g_mutex_unlock (&clip->mutex);
}

void
genvid_clip_reset (GenvidClip *clip)
{
  genvid_byte_ranges_clear (clip->written);
  begin_index (clip);

  g_mutex_lock (&clip->mutex);
  genvid_byte_ranges_clear (clip->ranges);
  clip->head = 0;
  clip->now->present = 0;
  clip->now->size = GENVID_SIZE_UNKNOWN;
  clip->now->whole = FALSE;
  clip->now->index_last = FALSE;
  clip->now->duration = 0;
  lose_readers (clip);
  bump (clip);
  g_mutex_unlock (&clip->mutex);
}

void
genvid_clip_finish (GenvidClip *clip, guint64 size, const char *location)
{
  genvid_byte_ranges_clear (clip->written);
  genvid_byte_ranges_add (clip->written, 0, size);

  g_mutex_lock (&clip->mutex);
  genvid_byte_ranges_clear (clip->ranges);
  genvid_byte_ranges_add (clip->ranges, 0, size);
  clip->now->present = size;
  clip->now->size = size;
  clip->now->whole = TRUE;
  g_free (clip->now->location);
  clip->now->location = g_strdup (location);
  bump (clip);
  g_mutex_unlock (&clip->mutex);
}

gboolean
genvid_clip_fail (GenvidClip *clip, const GenvidFailure *failure,
                  gboolean if_unread)
{
  gboolean fails;

  g_mutex_lock (&clip->mutex);
  fails = !if_unread || clip->n_open == 0;
  if (fails) {
    genvid_failure_free (clip->now->failure);
    clip->now->failure = genvid_failure_copy (failure);
    bump (clip);
  }
  g_mutex_unlock (&clip->mutex);
  return fails;
}

guint64
genvid_clip_get_wish (GenvidClip *clip, guint64 from, guint64 far)
{
  guint64 wish = GENVID_SIZE_UNKNOWN;

  g_mutex_lock (&clip->mutex);
  guint64 reach = from + genvid_byte_ranges_available (clip->ranges, from);
  for (GList *one = clip->waits.head; one != NULL; one = one->next) {
    const GenvidClipWait *wait = one->data;
    guint64 missing = genvid_byte_ranges_next_gap (clip->ranges, wait->offset);
    if (missing < clip->now->size && missing >= reach
        && missing - reach >= far) {
      wish = missing;
      break;
    }
  }
  g_mutex_unlock (&clip->mutex);
  return wish;
}

/* --- Waking the worker. --- */

void
genvid_clip_call_wake (GenvidClip *clip)
{
  GenvidClipWake wake = clip->wake;
  gpointer data = clip->wake_data;

  if (wake == NULL)
    return;
  clip->wakes_running++;
  g_mutex_unlock (&clip->mutex);
  wake (data);
  g_mutex_lock (&clip->mutex);
  if (--clip->wakes_running == 0)
    g_cond_broadcast (&clip->cond);
}

void
genvid_clip_set_wake (GenvidClip *clip, GenvidClipWake wake, gpointer data)
{
  g_mutex_lock (&clip->mutex);
  clip->wake = wake;
  clip->wake_data = data;
  /* What DATA points to may be freed by the caller now. */
  while (clip->wakes_running > 0)
    g_cond_wait (&clip->cond, &clip->mutex);
  g_mutex_unlock (&clip->mutex);
}
