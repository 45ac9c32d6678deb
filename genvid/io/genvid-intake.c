/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One pwrite a block, one wake-up a block, and never a sync on the way. Every
 * few MiB a thread is started that makes the bytes so far durable and then,
 * only then, claims them in the map; the next one waits until it is through.
 * It does not know where bytes come from. */
#include <genvid/genvid-failure.h>
#include <genvid/io/genvid-intake.h>
#include <genvid/io/genvid-room.h>

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

/* What a syncing thread needs, all of its own. The entry is lent to it: nobody
 * else uses it before the thread is joined. */
typedef struct {
  GenvidEntry *entry;
  int fd;
  GenvidRanges *ranges;
  GenvidValidator validator;
  int code;      /* errno of the sync; read after the join */
  gboolean good; /* and the map is written */
  int done;      /* atomic */
} Sync;

struct _GenvidIntake {
  GenvidClip *clip;
  GenvidEntry *entry;
  int fd;
  GenvidRanges *ranges;
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
  /* A limit on files is as hard as a full disk, and as curable. */
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
  /* A map that cannot be written costs nothing but what a later process
   * would not have had to fetch again. */
  sync->good = sync->code == 0
               && genvid_entry_save_map (sync->entry, sync->fd, sync->ranges,
                                         &sync->validator, NULL);
  g_atomic_int_set (&sync->done, TRUE);
  return NULL;
}

static void
join_sync (GenvidIntake *intake)
{
  if (!intake->thread)
    return;
  g_thread_join (g_steal_pointer (&intake->thread));
  if (intake->sync.code != 0)
    intake->broken = intake->sync.code;
  if (!intake->sync.good)
    intake->unsynced = MAX (intake->unsynced, 1);
}

/* The kernel tells of a lost write once, to one of those who ask, and calls
 * the pages clean then: whoever asks again is told that all is well. So one
 * failure is the end of this part, whose map claims what was safe before. */
static gboolean
check_disk (GenvidIntake *intake, GError **error)
{
  if (intake->thread && g_atomic_int_get (&intake->sync.done))
    join_sync (intake);
  return intake->broken == 0
         || set_error (error, intake->broken, "made durable");
}

static void
copy_validator (GenvidValidator *to, const GenvidValidator *from)
{
  *to = *from;
  to->etag = g_strdup (from->etag);
  to->last_modified = g_strdup (from->last_modified);
}

static void
start_sync (GenvidIntake *intake)
{
  Sync *sync = &intake->sync;

  if (intake->thread && !g_atomic_int_get (&sync->done))
    return;
  join_sync (intake);
  if (intake->broken != 0)
    return;
  genvid_validator_clear (&sync->validator);
  g_clear_pointer (&sync->ranges, genvid_ranges_free);
  sync->entry = intake->entry;
  sync->fd = intake->fd;
  sync->ranges = genvid_ranges_copy (intake->ranges);
  copy_validator (&sync->validator, &intake->validator);
  sync->done = FALSE;
  intake->thread = g_thread_try_new ("genvid-sync", run_sync, sync, NULL);
  if (intake->thread)
    intake->unsynced = 0;
}

/* Small steps at first, so that other processes soon see something. */
static void
sync_if_due (GenvidIntake *intake, gsize written)
{
  guint64 total = genvid_ranges_get_total (intake->ranges);
  gint64 now = genvid_now ().boot;

  intake->unsynced += written;
  if (intake->synced_at == 0)
    intake->synced_at = now;
  if (intake->unsynced >= CLAMP (total / 2, MIN_SYNC, MAX_SYNC)
      || (intake->unsynced > 0 && now - intake->synced_at >= SYNC_EVERY)) {
    start_sync (intake);
    intake->synced_at = now;
  }
}

/* Opens the part and hands it to the clip, with the bytes that are there. */
static gboolean
open_file (GenvidIntake *intake, GError **error)
{
  int fd = genvid_entry_open_part (intake->entry, error);

  if (fd < 0)
    return FALSE;
  if (intake->fd >= 0)
    close (intake->fd);
  intake->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  if (intake->fd < 0)
    set_error (error, errno, "written");
  genvid_clip_set_file (intake->clip, fd, intake->ranges);
  return intake->fd >= 0;
}

/* What a former run left, if it is any good. */
static gboolean
recall (GenvidIntake *intake, GError **error)
{
  intake->ranges
      = genvid_entry_load_map (intake->entry, &intake->validator, NULL, NULL);
  if (!intake->ranges) {
    intake->ranges = genvid_ranges_new ();
    genvid_validator_clear (&intake->validator);
    return genvid_entry_drop_map (intake->entry, error);
  }
  /* Before any reader is given a byte of it. */
  if (genvid_intake_is_whole (intake)
      && !genvid_entry_check_part (intake->entry, intake->validator.size)) {
    genvid_ranges_clear (intake->ranges);
    genvid_validator_clear (&intake->validator);
    return genvid_entry_reset_part (intake->entry, error);
  }
  if (genvid_intake_is_empty (intake))
    genvid_validator_clear (&intake->validator);
  return TRUE;
}

GenvidIntake *
genvid_intake_new (GenvidClip *clip, GenvidEntry *entry, GError **error)
{
  g_autoptr (GenvidIntake) intake = g_new0 (GenvidIntake, 1);

  intake->clip = genvid_clip_ref (clip);
  intake->entry = entry;
  intake->fd = -1;
  if (!recall (intake, error))
    return NULL;
  if (intake->validator.size != GENVID_SIZE_UNKNOWN)
    genvid_clip_set_size (clip, intake->validator.size);
  if (!open_file (intake, error))
    return NULL;
  return g_steal_pointer (&intake);
}

void
genvid_intake_free (GenvidIntake *intake)
{
  if (!intake)
    return;
  join_sync (intake);
  g_clear_pointer (&intake->sync.ranges, genvid_ranges_free);
  genvid_validator_clear (&intake->sync.validator);
  if (intake->fd >= 0)
    close (intake->fd);
  genvid_ranges_free (intake->ranges);
  genvid_validator_clear (&intake->validator);
  genvid_clip_unref (intake->clip);
  g_free (intake);
}

const GenvidRanges *
genvid_intake_get_ranges (GenvidIntake *intake)
{
  return intake->ranges;
}

const GenvidValidator *
genvid_intake_get_validator (GenvidIntake *intake)
{
  return &intake->validator;
}

gboolean
genvid_intake_is_empty (GenvidIntake *intake)
{
  return genvid_ranges_get_n (intake->ranges) == 0;
}

gboolean
genvid_intake_is_whole (GenvidIntake *intake)
{
  guint64 size = intake->validator.size;

  return size != GENVID_SIZE_UNKNOWN && size > 0
         && genvid_ranges_contains (intake->ranges, 0, size);
}

/* All of a known size must fit, but only a little more than what is there is
 * taken: what a server announces may never come. */
static gboolean
make_room (GenvidIntake *intake, guint64 start, guint64 end, GError **error)
{
  guint64 size = intake->validator.size;
  guint64 total = genvid_ranges_get_total (intake->ranges);
  int code;

  if (size == GENVID_SIZE_UNKNOWN)
    return TRUE;
  if (size != intake->checked
      && !genvid_room_is_left (intake->fd, size - MIN (size, total)))
    return set_error (error, ENOSPC, "stored");
  intake->checked = size;
  /* What lies far ahead takes its own blocks. */
  if (end <= intake->reserved
      || start > MAX (intake->reserved,
                      genvid_ranges_next_gap (intake->ranges, 0)))
    return TRUE;
  end = MIN (size, end + CLAMP (total, MIN_ROOM, MAX_ROOM));
  code = genvid_room_take (intake->fd, start, end);
  if (code != 0)
    return set_error (error, code, "stored");
  intake->reserved = end;
  return TRUE;
}

void
genvid_intake_describe (GenvidIntake *intake, const char *etag,
                        const char *last_modified, guint64 size)
{
  GenvidValidator *known = &intake->validator;

  /* What an answer said that brought no bytes binds nobody. */
  if (genvid_intake_is_empty (intake))
    genvid_validator_clear (known);
  if (etag && !known->etag)
    known->etag = g_strdup (etag);
  if (last_modified && !known->last_modified)
    known->last_modified = g_strdup (last_modified);
  if (size != GENVID_SIZE_UNKNOWN)
    known->size = size;
  genvid_clip_set_size (intake->clip, known->size);
}

void
genvid_intake_describe_anew (GenvidIntake *intake, const char *etag,
                             const char *last_modified, guint64 size)
{
  genvid_validator_clear (&intake->validator);
  genvid_intake_describe (intake, etag, last_modified, size);
}

void
genvid_intake_forget_proof (GenvidIntake *intake)
{
  g_clear_pointer (&intake->validator.etag, g_free);
  g_clear_pointer (&intake->validator.last_modified, g_free);
}

guint64
genvid_intake_get_end (GenvidIntake *intake)
{
  return genvid_ranges_get_end (intake->ranges);
}

static gboolean
write_all (GenvidIntake *intake, guint64 offset, const guint8 *data,
           gsize length, GError **error)
{
  gsize done = 0;

  while (done < length) {
    gssize n = pwrite (intake->fd, data + done, length - done,
                       (off_t)(offset + done));

    if (n < 0 && errno != EINTR)
      return set_error (error, errno, "written");
    done += MAX (n, 0);
  }
  return TRUE;
}

gboolean
genvid_intake_write (GenvidIntake *intake, guint64 offset, const guint8 *data,
                     gsize length, gsize *fresh, GError **error)
{
  guint64 end = offset + length;
  guint64 at = offset;

  *fresh = 0;
  if (!check_disk (intake, error) || !make_room (intake, at, end, error))
    return FALSE;
  while ((at = genvid_ranges_next_gap (intake->ranges, at)) < end) {
    guint64 stop = MIN (end, genvid_ranges_next_present (intake->ranges, at));

    if (!write_all (intake, at, data + (at - offset), stop - at, error))
      return FALSE;
    genvid_ranges_add (intake->ranges, at, stop);
    genvid_clip_add_bytes (intake->clip, at, stop);
    *fresh += stop - at;
    at = stop;
  }
  sync_if_due (intake, *fresh);
  return TRUE;
}

static gboolean
read_all (GenvidIntake *intake, guint64 offset, guint8 *buffer, gsize length,
          GError **error)
{
  gsize done = 0;

  while (done < length) {
    gssize n = pread (intake->fd, buffer + done, length - done,
                      (off_t)(offset + done));

    if (n == 0 || (n < 0 && errno != EINTR))
      return set_error (error, n < 0 ? errno : EIO, "read");
    done += MAX (n, 0);
  }
  return TRUE;
}

gboolean
genvid_intake_compare (GenvidIntake *intake, guint64 offset, const guint8 *data,
                       gsize length, gboolean *same, GError **error)
{
  g_autofree guint8 *held = NULL;
  guint64 end = offset + length;
  guint64 at = offset;

  *same = TRUE;
  while (*same
         && (at = genvid_ranges_next_present (intake->ranges, at)) < end) {
    gsize n
        = (gsize)MIN (end - at, genvid_ranges_available (intake->ranges, at));

    if (!held)
      held = g_malloc (length);
    if (!read_all (intake, at, held, n, error))
      return FALSE;
    *same = !memcmp (held, data + (at - offset), n);
    at += n;
  }
  return TRUE;
}

gsize
genvid_intake_peek (GenvidIntake *intake, guint8 *buffer, gsize length)
{
  gsize n = (gsize)MIN (length, genvid_ranges_available (intake->ranges, 0));

  return read_all (intake, 0, buffer, n, NULL) ? n : 0;
}

gboolean
genvid_intake_reset (GenvidIntake *intake, GError **error)
{
  join_sync (intake);
  genvid_ranges_clear (intake->ranges);
  genvid_validator_clear (&intake->validator);
  intake->unsynced = intake->reserved = intake->checked = 0;
  genvid_clip_reset (intake->clip);
  return genvid_entry_reset_part (intake->entry, error)
         && open_file (intake, error);
}

gboolean
genvid_intake_save (GenvidIntake *intake, GError **error)
{
  join_sync (intake);
  if (!check_disk (intake, error))
    return FALSE;
  if (genvid_intake_is_empty (intake) || intake->unsynced == 0)
    return TRUE;
  if (fdatasync (intake->fd) < 0) {
    intake->broken = errno;
    return check_disk (intake, error);
  }
  intake->unsynced = 0;
  return genvid_entry_save_map (intake->entry, intake->fd, intake->ranges,
                                &intake->validator, error);
}

void
genvid_intake_leave (GenvidIntake *intake)
{
  genvid_intake_save (intake, NULL);
  genvid_room_give_back (intake->fd, intake->ranges);
  intake->reserved = 0;
}

gboolean
genvid_intake_finish (GenvidIntake *intake, guint64 size, char **extension,
                      GError **error)
{
  g_autofree char *location = NULL;
  g_autoptr (GError) problem = NULL;

  join_sync (intake);
  if (!check_disk (intake, error))
    return FALSE;
  if (!genvid_entry_finish (intake->entry, intake->fd, size, extension,
                            &location, &problem)) {
    /* Whatever else it was, bytes that were not synced stay unclaimed. */
    if (!g_error_matches (problem, GENVID_ERROR, GENVID_REASON_NOT_MEDIA))
      intake->broken = EIO;
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  genvid_clip_finish (intake->clip, size, location);
  return TRUE;
}
