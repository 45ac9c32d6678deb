/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A store in a folder of its own, for the tests of the store's nouns. */

#include "folder-kit.h"
#include "moment.h"
#include "record.h"
#include "store-entry.h"
#include "store-recovery.h"
#include "store.h"

#include <gio/gio.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FINGERPRINT "00ff"

typedef struct {
  char *folder; /* everything is in it */
  char *path;   /* the store's */
  GenvidStore *store;
} Kit;

static inline Kit
kit_new (void)
{
  g_autoptr (GError) error = NULL;
  Kit kit = { 0 };

  kit.folder = g_dir_make_tmp ("genvid-test-XXXXXX", &error);
  g_assert_no_error (error);
  kit.path = g_build_filename (kit.folder, "store", NULL);
  kit.store = genvid_store_open (kit.path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (kit.store);
  return kit;
}

static inline void
kit_clear (Kit *kit)
{
  g_clear_pointer (&kit->store, genvid_store_unref);
  folder_remove (kit->folder);
  g_assert_false (g_file_test (kit->folder, G_FILE_TEST_EXISTS));
  g_free (kit->folder);
  g_free (kit->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Kit, kit_clear)

/* A path in the entry's folder; owned by the caller. */
static inline char *
kit_path (const Kit *kit, const char *name)
{
  return g_build_filename (kit->path, "clips", FINGERPRINT, name, NULL);
}

static inline void
kit_write (const Kit *kit, const char *name, const char *bytes, gssize length)
{
  g_autofree char *path = kit_path (kit, name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents_full (path, bytes, length, G_FILE_SET_CONTENTS_CONSISTENT,
                            0600, &error);
  g_assert_no_error (error);
}

static inline char *
kit_read (const Kit *kit, const char *name, gsize *length)
{
  g_autofree char *path = kit_path (kit, name);
  char *text = NULL;

  g_file_get_contents (path, &text, length, NULL);
  return text;
}

static inline gboolean
kit_has (const Kit *kit, const char *name)
{
  g_autofree char *path = kit_path (kit, name);

  return g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
}

static inline guint
kit_get_mode (const char *path)
{
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static inline GenvidStoreEntry *
kit_get_entry (const Kit *kit)
{
  GenvidStoreEntry *entry = genvid_store_get_entry (kit->store, FINGERPRINT);

  g_assert_nonnull (entry);
  return entry;
}

static inline GenvidStoreEntry *
kit_lock_entry (const Kit *kit)
{
  g_autoptr (GError) error = NULL;
  GenvidStoreEntry *entry = kit_get_entry (kit);

  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  g_assert_no_error (error);
  return entry;
}

static inline GenvidRecord *
kit_make_record (guint n, GenvidState state, const char *id)
{
  GenvidRecord *record = genvid_record_new (FINGERPRINT, "cn8");

  record->n = n;
  record->state = state;
  record->id = g_strdup (id);
  record->prompt = g_strdup ("a kite");
  return record;
}

static inline void
kit_save (GenvidStoreEntry *entry, guint n, GenvidState state, const char *id)
{
  g_autoptr (GenvidRecord) record = kit_make_record (n, state, id);
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_store_entry_save (entry, record, &error));
  g_assert_no_error (error);
}

/* 09:00 of a day, and a boot of 10 hours before. */
static const GenvidNow kit_now = {
  .wall = G_GINT64_CONSTANT (1767258000) * G_USEC_PER_SEC,
  .boot = G_GINT64_CONSTANT (36000) * G_USEC_PER_SEC,
  .boot_id = "boot-a",
};

/* What is known of the purchase; nullable. */
static inline GenvidRecord *
kit_load (GenvidStoreEntry *entry)
{
  g_autoptr (GError) error = NULL;
  GenvidRecord *record = genvid_store_entry_load (entry, &error);

  g_assert_no_error (error);
  return record;
}

static inline void
kit_intend (GenvidStoreEntry *entry, guint n)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_store_entry_intend (entry, n, &kit_now, &error));
  g_assert_no_error (error);
}

/* Purchase N may have been submitted, and nothing frees it. */
static inline void
kit_assert_begun (const GenvidRecord *record, guint n)
{
  g_assert_nonnull (record);
  g_assert_cmpint (record->state, ==, GENVID_STATE_SUBMITTING);
  g_assert_cmpuint (record->n, ==, n);
  g_assert_null (record->id);
  g_assert_false (record->frees);
}

static inline void
kit_assert_submitting (const GenvidRecord *record, guint n)
{
  kit_assert_begun (record, n);
  g_assert_null (record->failure);
}

static inline void
kit_assert_moment (const GenvidRecord *record)
{
  g_assert_cmpint (record->intended.wall, ==, kit_now.wall);
  g_assert_cmpint (record->intended.boot, ==, kit_now.boot);
  g_assert_cmpstr (record->intended.boot_id, ==, kit_now.boot_id);
}

/* The smallest that passes for a whole MP4. */
static const char kit_mp4[] = "\0\0\0\x10"
                              "ftypisom\0\0\0\0"
                              "\0\0\0\x0c"
                              "moovMOOV"
                              "\0\0\0\x0c"
                              "mdatMDAT";
#define KIT_MP4_SIZE (sizeof kit_mp4 - 1)
