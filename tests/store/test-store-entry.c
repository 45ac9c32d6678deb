/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known of a purchase after every kind of crash: never as nothing
 * what may have been paid for. */

#include "store-kit.h"

#include "durable-file.h"
#include "failure.h"
#include "moment.h"
#include "record.h"
#include "store-entry.h"
#include "store-media.h"
#include "store-recovery.h"

#include <gio/gio.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void
test_nothing (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);

  g_assert_null (kit_load (entry));
  g_assert_false (kit_has (&kit, ""));
}

static void
test_save (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autofree char *folder = kit_path (&kit, "");
  g_autofree char *path = kit_path (&kit, "job.json");

  kit_save (entry, 1, GENVID_STATE_QUEUED, "old");
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  kit_save (entry, 1, GENVID_STATE_RUNNING, "new");
  g_assert_cmphex (kit_get_mode (path), ==, 0600);
  g_assert_cmphex (kit_get_mode (folder), ==, 0700);
  g_assert_cmpuint (folder_count (folder), ==, 1);

  g_autoptr (GenvidStoreEntry) other = kit_get_entry (&kit);
  g_autoptr (GenvidRecord) record = kit_load (other);
  g_assert_cmpint (record->state, ==, GENVID_STATE_RUNNING);
  g_assert_cmpstr (record->id, ==, "new");
  g_assert_cmpstr (record->prompt, ==, "a kite");
}

/* What a killed save leaves is not taken for anything, and goes. */
static void
test_leftover (void)
{
  g_auto (Kit) kit = kit_new ();

  kit_write (&kit, ".new-0000", "{\"version\":", -1);
  g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);
  g_assert_null (kit_load (entry));
  g_assert_true (kit_has (&kit, ".new-0000"));
  g_assert_true (genvid_store_entry_try_lock (entry, NULL));
  g_assert_false (kit_has (&kit, ".new-0000"));
}

static void
test_intent_once (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) one = kit_get_entry (&kit);
  g_autoptr (GenvidStoreEntry) two = kit_get_entry (&kit);
  g_autofree char *path = kit_path (&kit, "intent-1");
  g_autoptr (GError) error = NULL;
  GenvidNow later = kit_now;

  kit_intend (one, 1);
  g_assert_cmphex (kit_get_mode (path), ==, 0600);
  g_autofree char *before = kit_read (&kit, "intent-1", NULL);
  later.wall += G_USEC_PER_SEC;
  g_assert_false (genvid_store_entry_intend (two, 1, &later, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_autofree char *after = kit_read (&kit, "intent-1", NULL);
  g_assert_cmpstr (before, ==, after);
  g_assert_nonnull (strstr (before, "\"boot-id\":\"boot-a\""));
  g_assert_nonnull (strstr (before, "\"process\":"));
  g_assert_nonnull (strstr (before, "\"time\":\"2026-01-01T09:00:00.000Z\""));
}

/* Killed between the intent and the first record. */
static void
test_intent_alone (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) plan = kit_make_record (1, GENVID_STATE_IDLE, NULL);

  plan->call = g_strdup ("video_from_text");
  plan->model = g_strdup ("m-1");
  plan->key_hash = g_strdup ("aa:bb");
  plan->base_url = g_strdup ("https://api.example");
  plan->request = json_object_new ();
  json_object_set_string_member (plan->request, "prompt", "a kite");
  genvid_store_entry_describe (entry, plan);
  kit_intend (entry, 1);

  g_autoptr (GenvidStoreEntry) next = kit_get_entry (&kit);
  g_autoptr (GenvidRecord) record = kit_load (next);
  kit_assert_submitting (record, 1);
  kit_assert_moment (record);
  g_assert_cmpstr (record->provider, ==, "cn8");
  g_assert_cmpstr (record->call, ==, "video_from_text");
  g_assert_cmpstr (record->model, ==, "m-1");
  g_assert_cmpstr (record->prompt, ==, "a kite");
  g_assert_cmpstr (record->key_hash, ==, "aa:bb");
  g_assert_cmpstr (record->fingerprint, ==, FINGERPRINT);
  g_assert_cmpstr (record->base_url, ==, "https://api.example");
  g_assert_cmpstr (json_object_get_string_member (record->request, "prompt"),
                   ==, "a kite");
}

/* Killed after a record that knew of no purchase. */
static void
test_intent_after_idle (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) idle = kit_make_record (1, GENVID_STATE_IDLE, NULL);

  idle->cancel = TRUE;
  idle->key_hash = g_strdup ("aa:bb");
  g_assert_true (genvid_store_entry_save (entry, idle, NULL));
  kit_intend (entry, 1);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  kit_assert_submitting (record, 1);
  kit_assert_moment (record);
  g_assert_true (record->cancel);
  g_assert_cmpstr (record->key_hash, ==, "aa:bb");
}

/* Killed between the second intent and its record: what the first purchase
 * came to must not stand for the second. */
static void
test_intent_after_failure (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) failed
      = kit_make_record (1, GENVID_STATE_FAILED, "id-1");

  failed->failure = genvid_failure_new (GENVID_REASON_FAILED, "It failed.");
  failed->frees = TRUE;
  kit_intend (entry, 1);
  g_assert_true (genvid_store_entry_save (entry, failed, NULL));
  g_autoptr (GenvidRecord) before = kit_load (entry);
  g_assert_cmpint (before->state, ==, GENVID_STATE_FAILED);
  kit_intend (entry, 2);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  kit_assert_submitting (record, 2);
  kit_assert_moment (record);
  g_assert_cmpstr (record->provider, ==, "cn8");
}

/* Whatever was asked for, its intent is read again: with its moment and its
 * key it can be replayed and is not another's. */
static void
test_wide_intent (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) plan = kit_make_record (1, GENVID_STATE_IDLE, NULL);
  g_autofree char *controls = g_strnfill (2 * 1024 * 1024, 1);

  plan->key_hash = g_strdup ("aa:bb");
  plan->request = json_object_new ();
  for (guint i = 0; i < 9000; i++) {
    g_autofree char *name = g_strdup_printf ("v%u", i);

    json_object_set_int_member (plan->request, name, 1);
  }
  g_free (plan->prompt);
  plan->prompt = g_strdup (controls);
  genvid_store_entry_describe (entry, plan);
  kit_intend (entry, 1);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  kit_assert_submitting (record, 1);
  kit_assert_moment (record);
  g_assert_cmpstr (record->key_hash, ==, "aa:bb");
}

static void
test_many_intents (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);

  for (guint n = 1; n <= 12; n++)
    kit_intend (entry, n);
  kit_write (&kit, "intent-99x", "", 0);
  kit_write (&kit, "intent-", "", 0);
  kit_write (&kit, "intent-0", "", 0);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  kit_assert_submitting (record, 12);
}

/* A holder that was frozen past another's take-over. */
static void
test_frozen_holder (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) frozen = kit_get_entry (&kit);
  g_autoptr (GenvidStoreEntry) other = kit_get_entry (&kit);
  g_autoptr (GError) error = NULL;

  kit_intend (frozen, 1);
  kit_save (frozen, 1, GENVID_STATE_SUBMITTING, NULL);
  kit_intend (other, 2);
  kit_save (other, 2, GENVID_STATE_QUEUED, "paid");

  g_autoptr (GenvidRecord) old
      = kit_make_record (1, GENVID_STATE_IN_DOUBT, NULL);
  g_assert_false (genvid_store_entry_save (frozen, old, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (genvid_store_entry_intend (frozen, 2, &kit_now, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_autoptr (GenvidRecord) record = kit_load (frozen);
  g_assert_cmpstr (record->id, ==, "paid");
}

/* Killed between the rename of the clip and the record of it. */
static void
test_clip_ahead (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autofree char *location = NULL;

  kit_intend (entry, 1);
  kit_save (entry, 1, GENVID_STATE_DOWNLOADING, "id");
  kit_write (&kit, "clip.part", "half", -1);
  g_autoptr (GenvidRecord) before = kit_load (entry);
  g_assert_cmpint (before->state, ==, GENVID_STATE_DOWNLOADING);

  kit_write (&kit, "clip.mp4", kit_mp4, KIT_MP4_SIZE);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  g_assert_cmpint (record->state, ==, GENVID_STATE_DONE);
  g_assert_cmpstr (record->id, ==, "id");
  g_assert_cmpstr (record->media_extension, ==, "mp4");
  g_assert_cmpuint (record->media_size, ==, KIT_MP4_SIZE);
  g_assert_cmpint (record->ended, >, 0);
  int fd = genvid_store_entry_open_clip (entry, record, &location, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_true (g_str_has_suffix (location, "/" FINGERPRINT "/clip.mp4"));
}

/* What is whole is served even when all that told of it is gone. */
static void
test_clip_alone (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);

  kit_write (&kit, "clip.mp4", kit_mp4, KIT_MP4_SIZE);
  kit_write (&kit, "job.json", "", 0);
  g_autoptr (GenvidRecord) adopted = kit_load (entry);
  g_assert_cmpint (adopted->state, ==, GENVID_STATE_DONE);
  g_assert_cmpuint (adopted->media_size, ==, KIT_MP4_SIZE);

  kit_intend (entry, 1);
  g_autoptr (GenvidRecord) bought = kit_load (entry);
  g_assert_cmpint (bought->state, ==, GENVID_STATE_DONE);
  g_assert_cmpuint (bought->n, ==, 1);
  g_assert_cmpuint (bought->media_size, ==, KIT_MP4_SIZE);
}

/* A clip of an earlier purchase does not speak for a failed later one. */
static void
test_clip_of_another_state (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);

  kit_write (&kit, "clip.mp4", kit_mp4, KIT_MP4_SIZE);
  kit_intend (entry, 1);
  kit_save (entry, 1, GENVID_STATE_IN_DOUBT, NULL);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  g_assert_cmpint (record->state, ==, GENVID_STATE_IN_DOUBT);
}

static void
test_space (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autofree char *folder = kit_path (&kit, "");
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_store_entry_check_space (entry, 0, &error));
  g_assert_true (genvid_store_entry_check_space (entry, 1024 * 1024, &error));
  g_assert_no_error (error);
  g_assert_false (genvid_store_entry_check_space (entry, G_MAXUINT64, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE);
  g_clear_error (&error);
  g_assert_false (
      genvid_store_entry_check_space (entry, G_MAXINT64 / 2, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE);
  g_assert_cmpuint (folder_count (folder), ==, 0);
}

/* What a disk that is full at this very moment does to each write: told by
 * its reason, and nothing half-made is left. 0: as it should be. */
static int
write_to_full_disk (const Kit *kit)
{
  struct rlimit none = { 0, 0 };
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (kit);
  g_autoptr (GenvidRecord) record
      = kit_make_record (1, GENVID_STATE_RUNNING, "new");
  g_autoptr (GError) space = NULL;
  g_autoptr (GError) save = NULL;
  g_autoptr (GError) intent = NULL;

  genvid_durable_file_block_signal ();
  if (setrlimit (RLIMIT_FSIZE, &none) != 0)
    return 1;
  if (genvid_store_entry_check_space (entry, 4096, &space)
      || !g_error_matches (space, GENVID_ERROR, GENVID_REASON_NO_SPACE))
    return 2;
  if (genvid_store_entry_save (entry, record, &save)
      || !g_error_matches (save, GENVID_ERROR, GENVID_REASON_NO_SPACE))
    return 3;
  if (genvid_store_entry_intend (entry, 2, &kit_now, &intent)
      || !g_error_matches (intent, GENVID_ERROR, GENVID_REASON_NO_SPACE))
    return 4;
  return 0;
}

static void
test_full_disk (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autofree char *folder = kit_path (&kit, "");
  int status = 0;

  kit_intend (entry, 1);
  kit_save (entry, 1, GENVID_STATE_QUEUED, "old");
  genvid_store_entry_unlock (entry);
  pid_t child = fork ();
  if (child == 0)
    _exit (write_to_full_disk (&kit));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  g_assert_cmpstr (record->id, ==, "old");
  g_assert_cmpuint (folder_count (folder), ==, 2);
}

/* No descriptor is left, so the folder cannot be read: that is no sign of
 * another process. */
static void
test_no_descriptor (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) next
      = kit_make_record (1, GENVID_STATE_RUNNING, "paid");
  g_autoptr (GError) error = NULL;
  struct rlimit limit, none;

  kit_save (entry, 1, GENVID_STATE_QUEUED, "paid");
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  none = limit;
  none.rlim_cur = 0;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  gboolean saved = genvid_store_entry_save (entry, next, &error);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_false (saved);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE);
  g_assert_true (genvid_store_entry_save (entry, next, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/entry/nothing", test_nothing);
  g_test_add_func ("/entry/save", test_save);
  g_test_add_func ("/entry/leftover", test_leftover);
  g_test_add_func ("/entry/intent-once", test_intent_once);
  g_test_add_func ("/entry/intent-alone", test_intent_alone);
  g_test_add_func ("/entry/intent-after-idle", test_intent_after_idle);
  g_test_add_func ("/entry/intent-after-failure", test_intent_after_failure);
  g_test_add_func ("/entry/many-intents", test_many_intents);
  g_test_add_func ("/entry/frozen-holder", test_frozen_holder);
  g_test_add_func ("/entry/wide-intent", test_wide_intent);
  g_test_add_func ("/entry/clip-ahead", test_clip_ahead);
  g_test_add_func ("/entry/clip-alone", test_clip_alone);
  g_test_add_func ("/entry/clip-of-another-state", test_clip_of_another_state);
  g_test_add_func ("/entry/space", test_space);
  g_test_add_func ("/entry/full-disk", test_full_disk);
  g_test_add_func ("/entry/no-descriptor", test_no_descriptor);
  return g_test_run ();
}
