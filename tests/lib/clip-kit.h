/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A clip over a file in memory, and waits in threads of their own. A thread is
 * known to sleep when its wish is seen, since that appears under the lock
 * which the sleep lets go. */

#include "byte-ranges.h"
#include "clip-private.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gio/gio.h>

#define MIB (G_GUINT64_CONSTANT (1) << 20)

/* A clip with a file that holds the byte OFFSET % 251 at each offset. */
typedef struct {
  GenvidClip *clip;
  int fd;
} Bench;

static inline Bench
bench_new (void)
{
  Bench bench = { .clip = genvid_clip_new ("cn8", NULL) };

  bench.fd = memfd_create ("clip", MFD_CLOEXEC);
  g_assert_cmpint (bench.fd, >=, 0);
  genvid_clip_set_file (bench.clip, dup (bench.fd), NULL);
  return bench;
}

static inline void
bench_clear (Bench *bench)
{
  genvid_clip_unref (bench->clip);
  close (bench->fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static inline guint8
make_byte (guint64 offset)
{
  return (guint8)(offset % 251);
}

static inline void
write_bytes (int fd, guint64 start, guint64 end)
{
  g_autofree guint8 *bytes = g_malloc (end - start);

  for (guint64 i = start; i < end; i++)
    bytes[i - start] = make_byte (i);
  g_assert_cmpint (pwrite (fd, bytes, end - start, (off_t)start), ==,
                   (gssize)(end - start));
}

static inline void
put (const Bench *bench, guint64 start, guint64 end)
{
  write_bytes (bench->fd, start, end);
  genvid_clip_add_bytes (bench->clip, start, end);
}

static inline guint
see (GenvidClip *clip)
{
  g_autoptr (GenvidClipStatus) snapshot = genvid_clip_snapshot (clip);

  return snapshot->serial;
}

/* One wait, in this thread or in one of its own. */
typedef struct {
  GenvidClipReader *reader;
  guint64 offset;
  gsize length;
  gboolean whole;
  guint seen;
  GenvidReadOutcome outcome;
  gsize available;
  GThread *thread;
} Wait;

static inline gpointer
run_wait (gpointer data)
{
  Wait *wait = data;

  wait->outcome
      = genvid_clip_reader_wait (wait->reader, wait->offset, wait->length,
                                 wait->whole, wait->seen, &wait->available);
  return NULL;
}

/* Returns when it sleeps. */
static inline Wait *
begin (GenvidClipReader *reader, guint64 offset, gsize length, gboolean whole)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->reader = reader;
  wait->offset = offset;
  wait->length = length;
  wait->whole = whole;
  wait->seen = see (reader->clip);
  wait->thread = g_thread_new ("wait", run_wait, wait);
  while (genvid_clip_get_wish (reader->clip, 0, 0) == GENVID_SIZE_UNKNOWN)
    g_thread_yield ();
  return wait;
}

static inline GenvidReadOutcome
finish (Wait *wait, gsize *available)
{
  g_thread_join (wait->thread);
  GenvidReadOutcome outcome = wait->outcome;
  if (available != NULL)
    *available = wait->available;
  g_free (wait);
  return outcome;
}

/* Of a wait that must not sleep. */
static inline GenvidReadOutcome
look (GenvidClipReader *reader, guint64 offset, gsize length, gboolean whole,
      gsize *available)
{
  gsize unused = 0;

  return genvid_clip_reader_wait (reader, offset, length, whole,
                                  see (reader->clip),
                                  available != NULL ? available : &unused);
}

/* DATA: the percentage. */
static inline void
set_progress (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->progress = GPOINTER_TO_INT (data);
  g_free (snapshot->note);
  snapshot->note = g_strdup ("a note");
  g_clear_pointer (&snapshot->details, json_object_unref);
  snapshot->details = json_object_new ();
  json_object_set_string_member (snapshot->details, "a", "b");
}
