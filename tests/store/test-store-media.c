/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The part, its map and the whole clip: which bytes are real, and of which
 * file. */

#include "store-kit.h"

#include "byte-ranges.h"
#include "clock.h"
#include "failure.h"
#include "record.h"
#include "store-entry.h"
#include "store-media.h"
#include "validator.h"

static void
put_part (GenvidStoreEntry *entry, const char *bytes, gsize length)
{
  g_autoptr (GError) error = NULL;
  int fd = genvid_store_entry_open_part (entry, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (fd, 0), ==, 0);
  g_assert_cmpint (pwrite (fd, bytes, length, 0), ==, (gssize)length);
  close (fd);
}

static void
save_map (GenvidStoreEntry *entry, guint64 start, guint64 end,
          const GenvidValidator *validator)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_byte_ranges_new ();
  g_autoptr (GError) error = NULL;

  int part = genvid_store_entry_open_part (entry, &error);

  g_assert_no_error (error);
  genvid_byte_ranges_add (ranges, start, end);
  g_assert_true (
      genvid_store_entry_save_map (entry, part, ranges, validator, &error));
  g_assert_no_error (error);
  close (part);
}

/* With the part as it is there. */
static gboolean
finish (GenvidStoreEntry *entry, guint64 size, char **extension,
        char **location, GError **error)
{
  int part = genvid_store_entry_open_part (entry, NULL);
  gboolean done = genvid_store_entry_finish (entry, part, size, extension,
                                             location, error);

  close (part);
  return done;
}

/* As text; NULL: nothing usable. Owned by the caller. */
static char *
load_map (GenvidStoreEntry *entry)
{
  GenvidValidator validator;
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidByteRanges) ranges
      = genvid_store_entry_load_map (entry, &validator, NULL, &error);

  g_assert_no_error (error);
  genvid_validator_clear (&validator);
  return ranges != NULL ? genvid_byte_ranges_to_text (ranges) : NULL;
}

static void
test_map (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  GenvidValidator told = { .etag = (char *)"\"abc\"",
                           .last_modified = (char *)"Thu, 01 Jan 2026",
                           .size = 500 };
  GenvidValidator found;
  g_autofree char *boot = NULL;
  g_autofree char *part = kit_path (&kit, "clip.part");
  g_autoptr (GError) error = NULL;

  g_assert_null (load_map (entry));
  put_part (entry, "0123456789", 10);
  g_assert_cmphex (kit_get_mode (part), ==, 0600);
  g_assert_null (load_map (entry));
  save_map (entry, 2, 8, &told);
  g_autoptr (GenvidByteRanges) ranges
      = genvid_store_entry_load_map (entry, &found, &boot, &error);
  g_assert_no_error (error);
  g_autofree char *text = genvid_byte_ranges_to_text (ranges);
  g_assert_cmpstr (text, ==, "2-7");
  g_assert_cmpstr (found.etag, ==, "\"abc\"");
  g_assert_cmpstr (found.last_modified, ==, "Thu, 01 Jan 2026");
  g_assert_cmpuint (found.size, ==, 500);
  g_assert_cmpuint (found.part, !=, 0);
  g_assert_cmpstr (boot, ==, genvid_clock_now ().boot_id);
  genvid_validator_clear (&found);
  g_assert_cmpuint (found.size, ==, GENVID_SIZE_UNKNOWN);
}

static void
test_weak_map (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  GenvidValidator told
      = { .etag = (char *)"W/\"abc\"", .size = GENVID_SIZE_UNKNOWN };
  GenvidValidator found;

  put_part (entry, "0123456789", 10);
  save_map (entry, 0, 10, &told);
  g_autoptr (GenvidByteRanges) ranges
      = genvid_store_entry_load_map (entry, &found, NULL, NULL);
  g_assert_nonnull (ranges);
  g_assert_null (found.etag);
  g_assert_null (found.last_modified);
  g_assert_cmpuint (found.size, ==, GENVID_SIZE_UNKNOWN);
  genvid_validator_clear (&found);
}

static void
test_lying_map (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  GenvidValidator told = { .size = 100 };
  GenvidValidator small = { .size = 5 };
  static const char *const torn[] = { "", "{", "{\"version\":1}", "[1]",
                                      "{\"version\":1,\"ranges\":\"x\"}" };

  put_part (entry, "0123456789", 10);
  save_map (entry, 0, 11, &told);
  g_assert_null (load_map (entry));
  save_map (entry, 0, 10, &small);
  g_assert_null (load_map (entry));
  save_map (entry, 0, 10, &told);
  g_autofree char *good = load_map (entry);
  g_assert_cmpstr (good, ==, "0-9");

  for (guint i = 0; i < G_N_ELEMENTS (torn); i++) {
    kit_write (&kit, "clip.map", torn[i], -1);
    g_assert_null (load_map (entry));
  }
}

/* A map whose part was replaced says nothing of the new one. */
static void
test_map_of_another_part (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  GenvidValidator told = { .size = 10 };
  g_autofree char *path = kit_path (&kit, "clip.part");
  g_autofree char *other = kit_path (&kit, "other");

  put_part (entry, "0123456789", 10);
  save_map (entry, 0, 10, &told);
  kit_write (&kit, "other", "abcdefghij", 10);
  g_assert_cmpint (g_rename (other, path), ==, 0);
  g_assert_null (load_map (entry));
}

static void
test_reset (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  GenvidValidator told = { .size = 10 };
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_store_entry_reset_part (entry, &error));
  put_part (entry, "0123456789", 10);
  save_map (entry, 0, 10, &told);
  g_assert_true (genvid_store_entry_reset_part (entry, &error));
  g_assert_no_error (error);
  g_assert_false (kit_has (&kit, "clip.part"));
  g_assert_false (kit_has (&kit, "clip.map"));
  int fd = genvid_store_entry_open_part (entry, &error);
  g_assert_cmpint (lseek (fd, 0, SEEK_END), ==, 0);
  close (fd);
}

/* One that only follows makes nothing and writes nothing. */
static void
test_follow (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) follower = kit_get_entry (&kit);
  GenvidValidator told = { .size = 20 };
  GenvidValidator found;
  GenvidByteRanges *ranges = NULL;
  char *boot = NULL;
  char bytes[10];
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (genvid_store_entry_open_part (follower, &error), ==, -1);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED);
  g_clear_error (&error);
  g_assert_false (kit_has (&kit, "clip.part"));
  g_assert_cmpint (genvid_store_entry_open_growing (follower, &ranges, &found,
                                                    &boot, &error),
                   ==, -1);
  g_assert_no_error (error);

  g_autoptr (GenvidStoreEntry) holder = kit_lock_entry (&kit);
  put_part (holder, "0123456789", 10);
  save_map (holder, 0, 10, &told);
  int fd = genvid_store_entry_open_growing (follower, &ranges, &found, &boot,
                                            &error);
  g_assert_no_error (error);
  g_assert_cmpint (pread (fd, bytes, 10, 0), ==, 10);
  g_assert_cmpmem (bytes, 10, "0123456789", 10);
  g_assert_cmpint (pwrite (fd, "x", 1, 0), ==, -1);
  g_assert_cmpuint (genvid_byte_ranges_get_total (ranges), ==, 10);
  g_clear_pointer (&ranges, genvid_byte_ranges_free);
  g_clear_pointer (&boot, g_free);

  /* The holder starts again: the open file's number is no other's. */
  g_assert_true (genvid_store_entry_reset_part (holder, &error));
  put_part (holder, "abcdefghij", 10);
  save_map (holder, 0, 10, &told);
  guint64 first = found.part;
  genvid_validator_clear (&found);
  ranges = genvid_store_entry_load_map (follower, &found, NULL, &error);
  g_assert_nonnull (ranges);
  g_assert_cmpuint (found.part, !=, first);
  genvid_byte_ranges_free (ranges);
  genvid_validator_clear (&found);
  close (fd);
}

static void
test_finish (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) record
      = kit_make_record (1, GENVID_STATE_DONE, "id");
  GenvidValidator told = { .size = KIT_MP4_SIZE };
  g_autofree char *found = NULL;
  g_autoptr (GError) error = NULL;

  put_part (entry, kit_mp4, KIT_MP4_SIZE);
  save_map (entry, 0, KIT_MP4_SIZE, &told);
  /* Room that was reserved and not needed. */
  int part = genvid_store_entry_open_part (entry, NULL);
  g_assert_cmpint (ftruncate (part, 100000), ==, 0);
  close (part);
  g_assert_true (
      finish (entry, KIT_MP4_SIZE, &record->media_extension, &found, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (record->media_extension, ==, "mp4");
  g_assert_false (kit_has (&kit, "clip.part"));
  g_assert_false (kit_has (&kit, "clip.map"));
  gsize length = 0;
  g_autofree char *bytes = kit_read (&kit, "clip.mp4", &length);
  g_assert_cmpmem (bytes, length, kit_mp4, KIT_MP4_SIZE);

  record->media_size = KIT_MP4_SIZE;
  g_autofree char *location = NULL;
  int fd = genvid_store_entry_open_clip (entry, record, &location, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pwrite (fd, "x", 1, 0), ==, -1);
  close (fd);
  g_assert_cmpstr (location, ==, found);
  g_assert_true (genvid_store_entry_check_clip (entry, record, &error));
}

/* A process was frozen, lost its lock and wakes up: the part that it wrote is
 * not the one that another has made since. */
static void
test_replaced (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidByteRanges) ranges = genvid_byte_ranges_new ();
  GenvidValidator told = { .size = KIT_MP4_SIZE };
  g_autoptr (GError) error = NULL;
  int part;

  put_part (entry, kit_mp4, KIT_MP4_SIZE);
  part = genvid_store_entry_open_part (entry, NULL);
  g_assert_true (genvid_store_entry_reset_part (entry, &error));
  g_assert_false (genvid_store_entry_finish (entry, part, KIT_MP4_SIZE, NULL,
                                             NULL, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_BUSY);
  g_clear_error (&error);

  put_part (entry, "other", 5);
  genvid_byte_ranges_add (ranges, 0, KIT_MP4_SIZE);
  g_assert_false (
      genvid_store_entry_save_map (entry, part, ranges, &told, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_BUSY);
  g_assert_false (kit_has (&kit, "clip.map"));
  g_clear_error (&error);
  g_assert_false (genvid_store_entry_finish (entry, part, KIT_MP4_SIZE, NULL,
                                             NULL, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_BUSY);
  g_assert_false (kit_has (&kit, "clip.mp4"));
  close (part);
}

static void
test_drop_map (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  GenvidValidator told = { .size = 10 };
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_store_entry_drop_map (entry, &error));
  put_part (entry, "0123456789", 10);
  save_map (entry, 0, 10, &told);
  g_assert_true (genvid_store_entry_drop_map (entry, &error));
  g_assert_no_error (error);
  g_assert_false (kit_has (&kit, "clip.map"));
  g_assert_true (kit_has (&kit, "clip.part"));
}

static void
test_finish_bad (void)
{
  static const char zeros[64] = { 0 };
  static const char webm[] = "\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x8fshort";
  g_autofree char *tail = g_malloc0 (KIT_MP4_SIZE);
  struct {
    const char *bytes;
    gsize length;
    guint64 size;
  } rows[] = {
    { "<html>Gone</html>", 17, 17 },
    { "{\"error\":1}", 11, 11 },
    { "", 0, 0 },
    { zeros, 64, 64 },
    { kit_mp4, KIT_MP4_SIZE, KIT_MP4_SIZE + 1 },
    { kit_mp4, KIT_MP4_SIZE - 1, KIT_MP4_SIZE - 1 },
    { kit_mp4, 28, 28 },
    { tail, KIT_MP4_SIZE, KIT_MP4_SIZE },
    { webm, sizeof webm - 1, sizeof webm - 1 },
  };

  memcpy (tail, kit_mp4, 16);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Kit) kit = kit_new ();
    g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
    g_autoptr (GError) error = NULL;
    GenvidValidator told = { .size = rows[i].length };
    char *extension = NULL;

    put_part (entry, rows[i].bytes, rows[i].length);
    save_map (entry, 0, rows[i].length, &told);
    g_assert_false (finish (entry, rows[i].size, &extension, NULL, &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA);
    g_assert_null (extension);
    gsize length = 0;
    g_autofree char *bytes = kit_read (&kit, "clip.part", &length);
    g_assert_cmpmem (bytes, length, rows[i].bytes, rows[i].length);
    g_assert_true (kit_has (&kit, "clip.map"));
  }
}

static void
refuse_clip (GenvidStoreEntry *entry, const GenvidRecord *record)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (genvid_store_entry_open_clip (entry, record, NULL, &error),
                   ==, -1);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED);
}

static void
test_gone (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) record
      = kit_make_record (1, GENVID_STATE_DONE, "id");
  g_autoptr (GError) error = NULL;

  refuse_clip (entry, record);
  record->media_extension = g_strdup ("mp4");
  record->media_size = KIT_MP4_SIZE;
  refuse_clip (entry, record);
  kit_write (&kit, "clip.mp4", kit_mp4, KIT_MP4_SIZE - 1);
  refuse_clip (entry, record);
  kit_write (&kit, "clip.mp4", "", 0);
  record->media_size = 0;
  refuse_clip (entry, record);
  /* The record may have been written by anybody. */
  g_free (record->media_extension);
  record->media_extension = g_strdup ("../job.json");
  refuse_clip (entry, record);

  /* Right in length, and zeros. */
  g_autofree char *zeros = g_malloc0 (KIT_MP4_SIZE);
  kit_write (&kit, "clip.mp4", zeros, KIT_MP4_SIZE);
  g_free (record->media_extension);
  record->media_extension = g_strdup ("mp4");
  record->media_size = KIT_MP4_SIZE;
  g_assert_false (genvid_store_entry_check_clip (entry, record, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/part/map", test_map);
  g_test_add_func ("/part/weak-map", test_weak_map);
  g_test_add_func ("/part/lying-map", test_lying_map);
  g_test_add_func ("/part/map-of-another-part", test_map_of_another_part);
  g_test_add_func ("/part/reset", test_reset);
  g_test_add_func ("/part/follow", test_follow);
  g_test_add_func ("/part/finish", test_finish);
  g_test_add_func ("/part/replaced", test_replaced);
  g_test_add_func ("/part/drop-map", test_drop_map);
  g_test_add_func ("/part/finish-bad", test_finish_bad);
  g_test_add_func ("/part/gone", test_gone);
  return g_test_run ();
}
