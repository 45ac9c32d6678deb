/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the map may claim when a disk or another process stands in the way. */

#include "store-kit.h"

#include "byte-ranges.h"
#include "clip.h"
#include "part-writer.h"
#include "store-entry.h"
#include "store-media.h"
#include "validator.h"

#include <gio/gio.h>

#include <sys/syscall.h>

#include "fake-service.h"

#define SIZE (3 * 1024 * 1024)

static gint fail_syncs; /* atomic: how many of the next ones */
static gint failed;     /* atomic: how many have */

int fdatasync (int fd); /* in the place of the C library's */
int
fdatasync (int fd)
{
  if (g_atomic_int_get (&fail_syncs) == 0)
    return (int)syscall (SYS_fdatasync, fd);
  g_atomic_int_dec_and_test (&fail_syncs);
  g_atomic_int_inc (&failed);
  errno = EIO;
  return -1;
}

typedef struct {
  Kit kit;
  GenvidStoreEntry *entry;
  GenvidClip *clip;
  GenvidPartWriter *writer;
  GBytes *bytes;
} Scene;

static void
open_intake (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  scene->clip = genvid_clip_new ("test", NULL);
  scene->writer = genvid_part_writer_new (scene->clip, scene->entry, &error);
  g_assert_no_error (error);
}

static void
close_intake (Scene *scene)
{
  g_clear_pointer (&scene->writer, genvid_part_writer_free);
  g_clear_pointer (&scene->clip, genvid_clip_unref);
}

static void
scene_init (Scene *scene)
{
  scene->kit = kit_new ();
  scene->entry = kit_lock_entry (&scene->kit);
  scene->bytes = fake_clip_new (SIZE, FALSE, 1);
  fail_syncs = failed = 0;
  open_intake (scene);
  genvid_part_writer_describe (scene->writer, "\"one\"", NULL, SIZE);
}

static void
scene_clear (Scene *scene)
{
  close_intake (scene);
  genvid_store_entry_free (scene->entry);
  g_bytes_unref (scene->bytes);
  kit_clear (&scene->kit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static gboolean
put (Scene *scene, guint64 start, guint64 end, GError **error)
{
  const guint8 *bytes = g_bytes_get_data (scene->bytes, NULL);
  gsize fresh;

  return genvid_part_writer_write (scene->writer, start, bytes + start,
                                   end - start, &fresh, error);
}

/* What a later process would find; owned by the caller. */
static char *
load_map (Scene *scene)
{
  GenvidValidator validator;
  g_autoptr (GenvidByteRanges) ranges
      = genvid_store_entry_load_map (scene->entry, &validator, NULL, NULL);

  genvid_validator_clear (&validator);
  return ranges != NULL ? genvid_byte_ranges_to_text (ranges) : NULL;
}

/* The kernel tells of a lost write once, and is content from then on. */
static void
test_lost_write (void)
{
  g_auto (Scene) scene = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *map = NULL;
  guint64 at = 2 << 20;

  scene_init (&scene);
  g_atomic_int_set (&fail_syncs, 1);
  g_assert_true (put (&scene, 0, at, &error)); /* begins a sync behind it */
  while (g_atomic_int_get (&failed) == 0)
    g_thread_yield ();
  while (put (&scene, at, at + 10, &error))
    at += 10;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (genvid_part_writer_save (scene.writer, &error));
  g_clear_error (&error);
  g_assert_false (genvid_part_writer_finish (scene.writer, SIZE, NULL, &error));
  g_assert_null (map = load_map (&scene));
  g_assert_false (kit_has (&scene.kit, "clip.mp4"));

  /* The next one writes it all again, and may then claim it. */
  close_intake (&scene);
  g_clear_error (&error);
  open_intake (&scene);
  g_assert_true (genvid_part_writer_is_empty (scene.writer));
  genvid_part_writer_describe (scene.writer, "\"one\"", NULL, SIZE);
  g_assert_true (put (&scene, 0, SIZE, &error));
  g_assert_true (genvid_part_writer_finish (scene.writer, SIZE, NULL, &error));
  g_assert_no_error (error);
}

static void
test_lost_last_write (void)
{
  g_auto (Scene) scene = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  scene_init (&scene);
  g_assert_true (put (&scene, 0, SIZE - 1000, &error));
  g_assert_true (genvid_part_writer_save (scene.writer, &error));
  before = load_map (&scene);
  g_assert_nonnull (before);
  g_assert_true (put (&scene, SIZE - 1000, SIZE, &error));
  g_atomic_int_set (&fail_syncs, 1);
  g_assert_false (genvid_part_writer_finish (scene.writer, SIZE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (genvid_part_writer_save (scene.writer, &error));
  after = load_map (&scene);
  g_assert_cmpstr (after, ==, before);
  g_assert_false (kit_has (&scene.kit, "clip.mp4"));
}

/* A killed process left a map and no part, and the next part may have the
 * inode of the last. */
static void
test_map_without_part (void)
{
  g_auto (Scene) scene = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *part = NULL;

  scene_init (&scene);
  part = kit_path (&scene.kit, "clip.part");
  g_assert_true (put (&scene, 0, 1000, &error));
  g_assert_true (genvid_part_writer_save (scene.writer, &error));
  close_intake (&scene);
  g_assert_cmpint (g_remove (part), ==, 0);
  open_intake (&scene);
  g_assert_true (genvid_part_writer_is_empty (scene.writer));
  g_assert_false (kit_has (&scene.kit, "clip.map"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/intake/lost-write", test_lost_write);
  g_test_add_func ("/intake/lost-last-write", test_lost_last_write);
  g_test_add_func ("/intake/map-without-part", test_map_without_part);
  return g_test_run ();
}
