/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One write and one wake-up a block, and no sync in between. Every few MiB a
 * thread makes the bytes so far durable, and only then lists them in the map;
 * at most one such thread runs. */
#include "part-writer.h"

#include "byte-ranges.h"
#include "clip.h"
#include "clock.h"
#include "disk-room.h"
#include "durable-file.h"
#include "failure.h"
#include "store-entry.h"
#include "store-media.h"
#include "validator.h"

#include <gio/gio.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MIN_SYNC (G_GUINT64_CONSTANT (1) << 20)
#define MAX_SYNC (G_GUINT64_CONSTANT (16) << 20)
/* How far the part's room goes ahead of its bytes. */
#define MIN_ROOM (G_GUINT64_CONSTANT (1) << 20)
#define MAX_ROOM (G_GUINT64_CONSTANT (16) << 20)
/* On a slow line MAX_SYNC is minutes. */
#define SYNC_EVERY (4 * G_USEC_PER_SEC)

/* A syncing thread's own data. Nobody else uses the entry until the thread is
 * joined. */
typedef struct {
  GenvidStoreEntry *entry;
  int fd;
  GenvidByteRanges *ranges;
  GenvidValidator validator;
  int code;      /* errno of the sync; read after the join */
  gboolean good; /* and the map is written */
  int done;      /* atomic */
} Sync;

struct _GenvidPartWriter {
  GenvidClip *clip;
  GenvidStoreEntry *entry;
  int fd;
  GenvidByteRanges *ranges;
  GenvidValidator validator;
  guint64 checked;  /* the size that there is space for */
  guint64 reserved; /* up to here there is room in the part */
  guint64 unsynced; /* bytes since the last sync began */
  gint64 synced_at; /* boot clock: when it began */
  int broken;       /* errno: bytes were lost on their way to the disk */
  GThread *thread;  /* NULL: no sync runs */
  Sync sync;
};

static gboolean
set_error (GError **error, int code, const char *what)
{
  /* A limit on file sizes is treated as a full disk. */
  int kind = code == EFBIG || code == EDQUOT ? ENOSPC : code;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (kind),
               "The clip cannot be %s: %s.", what, g_strerror (code));
  return FALSE;
}

static gpointer
run_sync (gpointer data)
{
  Sync *sync = data;

  sync->code = fdatasync (sync->fd) == 0 ? 0 : errno;
  /* Without the map, a later process must download these bytes again; nothing
   * else is lost. */
  sync->good = sync->code == 0
               && genvid_store_entry_save_map (
                   sync->entry, sync->fd, sync->ranges, &sync->validator, NULL);
  g_atomic_int_set (&sync->done, TRUE);
  return NULL;
}

static void
join_sync (GenvidPartWriter *writer)
{
  if (!writer->thread)
    return;
  g_thread_join (g_steal_pointer (&writer->thread));
  if (writer->sync.code != 0)
    writer->broken = writer->sync.code;
  if (!writer->sync.good)
    writer->unsynced = MAX (writer->unsynced, 1);
}

/* The kernel reports a lost write once and then calls the pages clean, so a
 * second sync would succeed. Therefore one failure ends this part; its map
 * lists what was durable before. */
static gboolean
check_disk (GenvidPartWriter *writer, GError **error)
{
  if (writer->thread && g_atomic_int_get (&writer->sync.done))
    join_sync (writer);
  return writer->broken == 0
         || set_error (error, writer->broken, "saved to the disk");
}

static void
copy_validator (GenvidValidator *to, const GenvidValidator *from)
{
  *to = *from;
  to->etag = g_strdup (from->etag);
  to->last_modified = g_strdup (from->last_modified);
}

static void
start_sync (GenvidPartWriter *writer)
{
  Sync *sync = &writer->sync;

  if (writer->thread && !g_atomic_int_get (&sync->done))
    return;
  join_sync (writer);
  if (writer->broken != 0)
    return;
  genvid_validator_clear (&sync->validator);
  g_clear_pointer (&sync->ranges, genvid_byte_ranges_free);
  sync->entry = writer->entry;
  sync->fd = writer->fd;
  sync->ranges = genvid_byte_ranges_copy (writer->ranges);
  copy_validator (&sync->validator, &writer->validator);
  sync->done = FALSE;
  writer->thread = g_thread_try_new ("genvid-sync", run_sync, sync, NULL);
  if (writer->thread)
    writer->unsynced = 0;
}

/* Small steps at first, so that other processes soon see something. */
static void
sync_if_due (GenvidPartWriter *writer, gsize written)
{
  guint64 total = genvid_byte_ranges_get_total (writer->ranges);
  gint64 now = genvid_clock_now ().boot;

  writer->unsynced += written;
  if (writer->synced_at == 0)
    writer->synced_at = now;
  if (writer->unsynced >= CLAMP (total / 2, MIN_SYNC, MAX_SYNC)
      || (writer->unsynced > 0 && now - writer->synced_at >= SYNC_EVERY)) {
    start_sync (writer);
    writer->synced_at = now;
  }
}

/* Opens the part and hands it to the clip, with the bytes that are there. */
static gboolean
open_file (GenvidPartWriter *writer, GError **error)
{
  int fd = genvid_store_entry_open_part (writer->entry, error);

  if (fd < 0)
    return FALSE;
  if (writer->fd >= 0)
    close (writer->fd);
  writer->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  if (writer->fd < 0)
    set_error (error, errno, "written");
  genvid_clip_set_file (writer->clip, fd, writer->ranges);
  return writer->fd >= 0;
}

/* What an earlier run left, if it can be used. */
static gboolean
recall (GenvidPartWriter *writer, GError **error)
{
  writer->ranges = genvid_store_entry_load_map (writer->entry,
                                                &writer->validator, NULL, NULL);
  if (!writer->ranges) {
    writer->ranges = genvid_byte_ranges_new ();
    genvid_validator_clear (&writer->validator);
    return genvid_store_entry_drop_map (writer->entry, error);
  }
  /* Before any reader gets a byte of it. */
  if (genvid_part_writer_is_whole (writer)
      && !genvid_store_entry_check_part (writer->entry,
                                         writer->validator.size)) {
    genvid_byte_ranges_clear (writer->ranges);
    genvid_validator_clear (&writer->validator);
    return genvid_store_entry_reset_part (writer->entry, error);
  }
  if (genvid_part_writer_is_empty (writer))
    genvid_validator_clear (&writer->validator);
  return TRUE;
}

GenvidPartWriter *
genvid_part_writer_new (GenvidClip *clip, GenvidStoreEntry *entry,
                        GError **error)
{
  g_autoptr (GenvidPartWriter) writer = g_new0 (GenvidPartWriter, 1);

  writer->clip = genvid_clip_ref (clip);
  writer->entry = entry;
  writer->fd = -1;
  if (!recall (writer, error))
    return NULL;
  if (writer->validator.size != GENVID_SIZE_UNKNOWN)
    genvid_clip_set_size (clip, writer->validator.size);
  if (!open_file (writer, error))
    return NULL;
  return g_steal_pointer (&writer);
}

void
genvid_part_writer_free (GenvidPartWriter *writer)
{
  if (!writer)
    return;
  join_sync (writer);
  g_clear_pointer (&writer->sync.ranges, genvid_byte_ranges_free);
  genvid_validator_clear (&writer->sync.validator);
  if (writer->fd >= 0)
    close (writer->fd);
  genvid_byte_ranges_free (writer->ranges);
  genvid_validator_clear (&writer->validator);
  genvid_clip_unref (writer->clip);
  g_free (writer);
}

const GenvidByteRanges *
genvid_part_writer_get_ranges (GenvidPartWriter *writer)
{
  return writer->ranges;
}

const GenvidValidator *
genvid_part_writer_get_validator (GenvidPartWriter *writer)
{
  return &writer->validator;
}

gboolean
genvid_part_writer_is_empty (GenvidPartWriter *writer)
{
  return genvid_byte_ranges_get_n (writer->ranges) == 0;
}

gboolean
genvid_part_writer_is_whole (GenvidPartWriter *writer)
{
  guint64 size = writer->validator.size;

  return size != GENVID_SIZE_UNKNOWN && size > 0
         && genvid_byte_ranges_contains (writer->ranges, 0, size);
}

/* All of a known size must fit, but only a little more than what is there is
 * reserved: a server may announce more than it sends. */
static gboolean
make_room (GenvidPartWriter *writer, guint64 start, guint64 end, GError **error)
{
  guint64 size = writer->validator.size;
  guint64 total = genvid_byte_ranges_get_total (writer->ranges);
  int code;

  if (size == GENVID_SIZE_UNKNOWN)
    return TRUE;
  if (size != writer->checked
      && !genvid_disk_room_is_left (writer->fd, size - MIN (size, total)))
    return set_error (error, ENOSPC, "stored");
  writer->checked = size;
  /* Bytes far ahead get blocks of their own. */
  if (end <= writer->reserved
      || start > MAX (writer->reserved,
                      genvid_byte_ranges_next_gap (writer->ranges, 0)))
    return TRUE;
  end = MIN (size, end + CLAMP (total, MIN_ROOM, MAX_ROOM));
  code = genvid_disk_room_take (writer->fd, start, end);
  if (code != 0)
    return set_error (error, code, "stored");
  writer->reserved = end;
  return TRUE;
}

void
genvid_part_writer_describe (GenvidPartWriter *writer, const char *etag,
                             const char *last_modified, guint64 size)
{
  GenvidValidator *known = &writer->validator;

  /* A response without bytes proves nothing. */
  if (genvid_part_writer_is_empty (writer))
    genvid_validator_clear (known);
  if (etag && !known->etag)
    known->etag = g_strdup (etag);
  if (last_modified && !known->last_modified)
    known->last_modified = g_strdup (last_modified);
  if (size != GENVID_SIZE_UNKNOWN)
    known->size = size;
  genvid_clip_set_size (writer->clip, known->size);
}

void
genvid_part_writer_describe_anew (GenvidPartWriter *writer, const char *etag,
                                  const char *last_modified, guint64 size)
{
  genvid_validator_clear (&writer->validator);
  genvid_part_writer_describe (writer, etag, last_modified, size);
}

void
genvid_part_writer_forget_proof (GenvidPartWriter *writer)
{
  g_clear_pointer (&writer->validator.etag, g_free);
  g_clear_pointer (&writer->validator.last_modified, g_free);
}

guint64
genvid_part_writer_get_end (GenvidPartWriter *writer)
{
  return genvid_byte_ranges_get_end (writer->ranges);
}

gboolean
genvid_part_writer_write (GenvidPartWriter *writer, guint64 offset,
                          const guint8 *data, gsize length, gsize *fresh,
                          GError **error)
{
  guint64 end = offset + length;
  guint64 at = offset;

  *fresh = 0;
  if (!check_disk (writer, error) || !make_room (writer, at, end, error))
    return FALSE;
  while ((at = genvid_byte_ranges_next_gap (writer->ranges, at)) < end) {
    guint64 stop
        = MIN (end, genvid_byte_ranges_next_present (writer->ranges, at));

    if (!genvid_durable_file_write_at (writer->fd, at, data + (at - offset),
                                       stop - at))
      return set_error (error, errno, "written");
    genvid_byte_ranges_add (writer->ranges, at, stop);
    genvid_clip_add_bytes (writer->clip, at, stop);
    *fresh += stop - at;
    at = stop;
  }
  sync_if_due (writer, *fresh);
  return TRUE;
}

gboolean
genvid_part_writer_compare (GenvidPartWriter *writer, guint64 offset,
                            const guint8 *data, gsize length, gboolean *same,
                            GError **error)
{
  g_autofree guint8 *held = NULL;
  guint64 end = offset + length;
  guint64 at = offset;

  *same = TRUE;
  while (*same
         && (at = genvid_byte_ranges_next_present (writer->ranges, at)) < end) {
    gsize n = (gsize)MIN (end - at,
                          genvid_byte_ranges_available (writer->ranges, at));

    if (!held)
      held = g_malloc (length);
    if (genvid_durable_file_read_at (writer->fd, at, held, n) != n)
      return set_error (error, errno != 0 ? errno : EIO, "read");
    *same = !memcmp (held, data + (at - offset), n);
    at += n;
  }
  return TRUE;
}

gsize
genvid_part_writer_peek (GenvidPartWriter *writer, guint8 *buffer, gsize length)
{
  gsize n
      = (gsize)MIN (length, genvid_byte_ranges_available (writer->ranges, 0));

  return genvid_durable_file_read_at (writer->fd, 0, buffer, n) == n ? n : 0;
}

gboolean
genvid_part_writer_reset (GenvidPartWriter *writer, GError **error)
{
  join_sync (writer);
  genvid_byte_ranges_clear (writer->ranges);
  genvid_validator_clear (&writer->validator);
  writer->unsynced = writer->reserved = writer->checked = 0;
  genvid_clip_reset (writer->clip);
  return genvid_store_entry_reset_part (writer->entry, error)
         && open_file (writer, error);
}

gboolean
genvid_part_writer_save (GenvidPartWriter *writer, GError **error)
{
  join_sync (writer);
  if (!check_disk (writer, error))
    return FALSE;
  if (genvid_part_writer_is_empty (writer) || writer->unsynced == 0)
    return TRUE;
  if (fdatasync (writer->fd) < 0) {
    writer->broken = errno;
    return check_disk (writer, error);
  }
  writer->unsynced = 0;
  return genvid_store_entry_save_map (writer->entry, writer->fd, writer->ranges,
                                      &writer->validator, error);
}

void
genvid_part_writer_leave (GenvidPartWriter *writer)
{
  genvid_part_writer_save (writer, NULL);
  genvid_disk_room_give_back (writer->fd, writer->ranges);
  writer->reserved = 0;
}

gboolean
genvid_part_writer_finish (GenvidPartWriter *writer, guint64 size,
                           char **extension, GError **error)
{
  g_autofree char *location = NULL;
  g_autoptr (GError) problem = NULL;

  join_sync (writer);
  if (!check_disk (writer, error))
    return FALSE;
  if (!genvid_store_entry_finish (writer->entry, writer->fd, size, extension,
                                  &location, &problem)) {
    /* Whatever else it was, bytes that were not synced stay unclaimed. */
    if (!g_error_matches (problem, GENVID_ERROR, GENVID_REASON_NOT_MEDIA))
      writer->broken = EIO;
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  genvid_clip_finish (writer->clip, size, location);
  return TRUE;
}
