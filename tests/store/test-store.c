/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store's folder: private, ours, of a version we know, and never
 * somewhere else through a link. */

#include "store-kit.h"

#include "clock.h"
#include "durable-file.h"
#include "failure.h"
#include "key-hash.h"
#include "moment.h"
#include "record.h"
#include "store-entry.h"
#include "store-removal.h"
#include "store-media.h"
#include "store-recovery.h"
#include "store.h"

#include <gio/gio.h>

static void
assert_mode (const Kit *kit, const char *name, guint mode)
{
  g_autofree char *path = g_build_filename (kit->path, name, NULL);

  g_assert_cmphex (kit_get_mode (path), ==, mode);
}

static void
refuse_open (const Kit *kit, gboolean read_only, GenvidReason reason,
             const char *word)
{
  g_autoptr (GError) error = NULL;
  GenvidStore *store = genvid_store_open (kit->path, read_only, &error);

  g_assert_null (store);
  g_assert_error (error, GENVID_ERROR, (int)reason);
  g_assert_nonnull (strstr (error->message, word));
}

static void
reopen (Kit *kit)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&kit->store, genvid_store_unref);
  kit->store = genvid_store_open (kit->path, FALSE, &error);
  g_assert_no_error (error);
}

static void
test_create (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *version = g_build_filename (kit.path, "version", NULL);
  g_autofree char *text = NULL;

  assert_mode (&kit, "", 0700);
  assert_mode (&kit, "locks", 0700);
  assert_mode (&kit, "clips", 0700);
  assert_mode (&kit, "version", 0600);
  g_assert_true (g_file_get_contents (version, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "1\n");
  g_assert_cmpuint (folder_count (kit.path), ==, 4); /* and probe */
}

static void
test_deep_path (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = g_build_filename (kit.folder, "a", "b", "c", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStore) store = genvid_store_open (path, FALSE, &error);

  g_assert_no_error (error);
  g_assert_nonnull (store);
  g_assert_cmphex (kit_get_mode (path), ==, 0700);
}

static void
test_path_is_a_file (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = g_build_filename (kit.path, "version", NULL);
  g_autofree char *below = g_build_filename (path, "x", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_store_open (path, FALSE, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_null (genvid_store_open (below, FALSE, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_null (genvid_store_open ("", FALSE, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
}

/* Two spellings of one folder are one, and the user's own link is followed. */
static void
test_canonical (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *link = g_build_filename (kit.folder, "link", NULL);
  g_autofree char *spelled
      = g_build_filename (kit.folder, "link", "..", "store", ".", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (kit.path, link), ==, 0);
  g_autoptr (GenvidStore) linked = genvid_store_open (link, FALSE, &error);
  g_assert_no_error (error);
  g_autoptr (GenvidStore) dotted = genvid_store_open (spelled, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (genvid_store_get_path (linked), ==,
                   genvid_store_get_path (kit.store));
  g_assert_cmpstr (genvid_store_get_path (dotted), ==,
                   genvid_store_get_path (kit.store));
}

static void
test_modes (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *clips = g_build_filename (kit.path, "clips", NULL);

  g_assert_cmpint (g_chmod (kit.path, 0755), ==, 0);
  g_assert_cmpint (g_chmod (clips, 0755), ==, 0);
  reopen (&kit);
  assert_mode (&kit, "", 0700);
  assert_mode (&kit, "clips", 0700);

  g_assert_cmpint (g_chmod (clips, 0770), ==, 0);
  refuse_open (&kit, FALSE, GENVID_REASON_SETTINGS, "other users");
  g_assert_cmpint (g_chmod (clips, 0700), ==, 0);
  g_assert_cmpint (g_chmod (kit.path, 0707), ==, 0);
  refuse_open (&kit, FALSE, GENVID_REASON_SETTINGS, "other users");
  refuse_open (&kit, TRUE, GENVID_REASON_SETTINGS, "other users");
  assert_mode (&kit, "", 0707);
}

static void
test_owner (void)
{
  g_auto (Kit) kit = kit_new ();

  if (geteuid () != 0) {
    g_test_skip ("only root can give a folder away");
    return;
  }
  g_assert_cmpint (chown (kit.path, 12345, 12345), ==, 0);
  refuse_open (&kit, FALSE, GENVID_REASON_SETTINGS, "another user");
  refuse_open (&kit, TRUE, GENVID_REASON_SETTINGS, "another user");
}

static void
test_future (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *version = g_build_filename (kit.path, "version", NULL);
  g_autofree char *locks = g_build_filename (kit.path, "locks", NULL);

  g_assert_true (g_file_set_contents (version, "2\n", -1, NULL));
  g_assert_cmpint (g_rmdir (locks), ==, 0);
  g_assert_cmpint (g_chmod (kit.path, 0755), ==, 0);
  refuse_open (&kit, FALSE, GENVID_REASON_SETTINGS, "newer");
  refuse_open (&kit, TRUE, GENVID_REASON_SETTINGS, "newer");
  /* Nothing was touched. */
  assert_mode (&kit, "", 0755);
  g_assert_false (g_file_test (locks, G_FILE_TEST_EXISTS));
}

static void
test_odd_version (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *version = g_build_filename (kit.path, "version", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (version, "", 0, NULL));
  reopen (&kit);
  g_assert_true (g_file_get_contents (version, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "1\n");
  g_assert_true (g_file_set_contents (version, "one\n", -1, NULL));
  refuse_open (&kit, FALSE, GENVID_REASON_SETTINGS, "newer");
}

static void
test_read_only (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *absent = g_build_filename (kit.folder, "absent", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStore) store = genvid_store_open (kit.path, TRUE, &error);

  g_assert_no_error (error);
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (store, FINGERPRINT);
  g_autoptr (GenvidRecord) record
      = kit_make_record (1, GENVID_STATE_QUEUED, "id");
  g_assert_null (genvid_store_entry_load (entry, &error));
  g_assert_no_error (error);
  g_assert_false (genvid_store_entry_save (entry, record, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_false (genvid_store_entry_try_lock (entry, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_false (genvid_store_remember (store, "timing", "a", "b", &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_false (kit_has (&kit, ""));

  g_assert_null (genvid_store_open (absent, TRUE, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED);
  g_assert_false (g_file_test (absent, G_FILE_TEST_EXISTS));
}

/* Replaces NAME in the store by a link to a file of somebody. */
static char *
plant_link (const Kit *kit, const char *name)
{
  g_autofree char *path = g_build_filename (kit->path, name, NULL);
  char *victim = g_build_filename (kit->folder, "victim", NULL);

  g_assert_true (g_file_set_contents (victim, "precious", -1, NULL));
  g_assert_cmpint (g_chmod (victim, 0644), ==, 0);
  g_unlink (path);
  g_rmdir (path);
  g_assert_cmpint (symlink (victim, path), ==, 0);
  return victim;
}

static void
assert_precious (const char *victim)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (victim, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "precious");
  g_assert_cmphex (kit_get_mode (victim), ==, 0644);
}

/* Who opens a store again takes no more descriptors, whatever it calls it; one
 * who only looks has its own. */
static void
test_shared (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *other = g_build_filename (kit.path, "..", "store", NULL);
  guint before = folder_count ("/proc/self/fd");
  g_autoptr (GError) error = NULL;
  GenvidStore *again = genvid_store_open (other, FALSE, &error);
  GenvidStore *looker;

  g_assert_no_error (error);
  g_assert_true (again == kit.store);
  g_assert_cmpuint (folder_count ("/proc/self/fd"), ==, before);
  looker = genvid_store_open (kit.path, TRUE, &error);
  g_assert_no_error (error);
  g_assert_true (looker != kit.store);
  genvid_store_unref (looker);
  genvid_store_unref (again);
  g_assert_cmpuint (folder_count ("/proc/self/fd"), ==, before);
  /* The last one closes it. */
  g_clear_pointer (&kit.store, genvid_store_unref);
  g_assert_cmpuint (folder_count ("/proc/self/fd"), <, before);
  kit.store = genvid_store_open (kit.path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (folder_count ("/proc/self/fd"), ==, before);
}

/* A store that was made anew in the place of one that is still open. */
static void
test_replaced (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *aside = g_build_filename (kit.folder, "aside", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStore) fresh = NULL;
  g_autoptr (GenvidStore) again = NULL;

  g_assert_true (
      genvid_store_remember (kit.store, "numbers", "one", "1", &error));
  g_assert_cmpint (g_rename (kit.path, aside), ==, 0);
  fresh = genvid_store_open (kit.path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (fresh != kit.store);
  g_assert_null (genvid_store_recall (fresh, "numbers", "one"));
  again = genvid_store_open (kit.path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (again == fresh);
}

static void
test_linked_folders (void)
{
  static const char *const names[] = { "locks", "clips", "version" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_auto (Kit) kit = kit_new ();
    g_autofree char *victim = plant_link (&kit, names[i]);
    refuse_open (&kit, FALSE, GENVID_REASON_SETTINGS, "symbolic link");
    assert_precious (victim);
  }
}

static void
test_linked_entry (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *elsewhere = g_build_filename (kit.folder, "away", NULL);
  g_autofree char *path
      = g_build_filename (kit.path, "clips", FINGERPRINT, NULL);
  g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);
  g_autoptr (GenvidRecord) record
      = kit_make_record (1, GENVID_STATE_QUEUED, "id");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (elsewhere, 0700), ==, 0);
  g_assert_cmpint (symlink (elsewhere, path), ==, 0);
  g_assert_false (genvid_store_entry_save (entry, record, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_null (genvid_store_entry_load (entry, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_false (genvid_store_entry_intend (entry, 1, &kit_now, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_cmpuint (folder_count (elsewhere), ==, 0);
}

static void
test_linked_files (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GError) error = NULL;

  kit_save (entry, 1, GENVID_STATE_QUEUED, "id");
  g_autofree char *victim = plant_link (&kit, "clips/" FINGERPRINT "/job.json");
  g_assert_null (genvid_store_entry_load (entry, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  /* A rename replaces the link, not what it points to. */
  kit_save (entry, 1, GENVID_STATE_QUEUED, "id");
  assert_precious (victim);

  g_free (plant_link (&kit, "clips/" FINGERPRINT "/clip.part"));
  g_assert_cmpint (genvid_store_entry_open_part (entry, &error), ==, -1);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_free (plant_link (&kit, "clips/" FINGERPRINT "/intent-1"));
  g_assert_false (genvid_store_entry_intend (entry, 1, &kit_now, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_free (plant_link (&kit, "locks/" FINGERPRINT "2"));
  g_autoptr (GenvidStoreEntry) other
      = genvid_store_get_entry (kit.store, FINGERPRINT "2");
  g_assert_false (genvid_store_entry_try_lock (other, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  assert_precious (victim);
}

/* A pipe in a file's place neither blocks nor is believed. */
static void
test_pipe (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autofree char *path = kit_path (&kit, "job.json");
  g_autofree char *part = kit_path (&kit, "clip.part");
  g_autoptr (GError) error = NULL;

  kit_write (&kit, "x", "", 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_cmpint (mkfifo (part, 0600), ==, 0);
  g_assert_null (genvid_store_entry_load (entry, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_cmpint (genvid_store_entry_open_part (entry, &error), ==, -1);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
}

static void
test_names (void)
{
  static const char *const bad[]
      = { "", ".", "..", "../x", "a/b", "ledger", "a b", ".new-x" };
  g_auto (Kit) kit = kit_new ();
  g_autofree char *endless = g_strnfill (129, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (genvid_store_get_entry (kit.store, bad[i]));
  g_assert_null (genvid_store_get_entry (kit.store, NULL));
  g_assert_null (genvid_store_get_entry (kit.store, endless));
}

static void
test_list_and_remove (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) none = genvid_store_list (kit.store, &error);

  g_assert_cmpuint (g_strv_length (none), ==, 0);
  kit_save (entry, 1, GENVID_STATE_QUEUED, "id");
  g_assert_true (genvid_store_entry_intend (entry, 1, &kit_now, &error));
  g_auto (GStrv) one = genvid_store_list (kit.store, &error);
  g_assert_cmpuint (g_strv_length (one), ==, 1);
  g_assert_cmpstr (one[0], ==, FINGERPRINT);
  g_assert_cmpuint (genvid_store_entry_get_usage (entry), >, 0);

  g_assert_true (genvid_store_entry_remove (entry, &error));
  g_assert_no_error (error);
  g_autofree char *clips = g_build_filename (kit.path, "clips", NULL);
  g_assert_cmpuint (folder_count (clips), ==, 0);
  g_assert_null (genvid_store_entry_load (entry, &error));
  g_assert_no_error (error);
  /* The lock outlives what it protected, and the entry can begin anew. */
  g_assert_true (genvid_store_entry_is_locked (entry));
  kit_save (entry, 1, GENVID_STATE_QUEUED, "id-2");
  g_autoptr (GenvidRecord) record = genvid_store_entry_load (entry, &error);
  g_assert_cmpstr (record->id, ==, "id-2");
}

static void
test_remember (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_store_recall (kit.store, "timing", "../../x"));
  g_assert_true (genvid_store_remember (kit.store, "timing", "../../x",
                                        "4.2 0.1 3", &error));
  g_assert_true (
      genvid_store_remember (kit.store, "timing", "../../x", "5", &error));
  g_assert_no_error (error);
  g_autofree char *text = genvid_store_recall (kit.store, "timing", "../../x");
  g_assert_cmpstr (text, ==, "5");
  g_assert_null (genvid_store_recall (kit.store, "uploads", "../../x"));
  g_autofree char *timing = g_build_filename (kit.path, "timing", NULL);
  g_assert_cmpuint (folder_count (timing), ==, 1);
  assert_mode (&kit, "timing", 0700);
}

static void
test_key (void)
{
  g_autofree char *one = genvid_key_hash ("gen_pat_secret");
  g_autofree char *two = genvid_key_hash ("gen_pat_secret");

  g_assert_cmpstr (one, !=, two);
  g_assert_null (strstr (one, "secret"));
  g_assert_cmpuint (strlen (one), ==, 32 + 1 + 64);
  g_assert_true (genvid_key_matches (one, "gen_pat_secret"));
  g_assert_true (genvid_key_matches (two, "gen_pat_secret"));
  g_assert_false (genvid_key_matches (one, "gen_pat_secret2"));
  g_assert_false (genvid_key_matches (one, ""));
  g_assert_false (genvid_key_matches (one, NULL));
  g_assert_false (genvid_key_matches (NULL, "gen_pat_secret"));
  g_assert_false (genvid_key_matches ("", "gen_pat_secret"));
  g_assert_false (genvid_key_matches ("abc:", ""));
  one[10] = one[10] == 'a' ? 'b' : 'a';
  g_assert_false (genvid_key_matches (one, "gen_pat_secret"));
}

/* A JSON Web Token; the signature is nobody's. */
static char *
make_token (const char *claims)
{
  static const char head[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
  g_autofree char *first
      = g_base64_encode ((const guchar *)head, strlen (head));
  g_autofree char *second
      = g_base64_encode ((const guchar *)claims, strlen (claims));
  char *token = g_strdup_printf ("%s.%s.c2ln", first, second);

  for (char *byte = token; *byte != '\0'; byte++)
    if (*byte == '+' || *byte == '/')
      *byte = *byte == '+' ? '-' : '_';
  return token;
}

/* A token is made anew every half an hour, and is its issuer's all the time. */
static void
test_renewed_token (void)
{
  const struct {
    const char *claims;
    gboolean same;
  } rows[] = {
    { "{\"iss\":\"ak?1>\",\"exp\":1800003600,\"nbf\":1800001795}", TRUE },
    { "{\"iss\":\"ak?1>\",\"iat\":7,\"exp\":9}", TRUE },
    { "{\"iss\":\"ak?1>\",\"jti\":\"x\",\"exp\":9}", FALSE },
    { "{\"iss\":\"ak?1>\"}", TRUE },
    { "{\"iss\":\"ak?2>\",\"exp\":1800000000,\"nbf\":1799998195}", FALSE },
    { "{\"iss\":\"ak?1>\",\"sub\":\"b\",\"exp\":1800000000}", FALSE },
    { "{\"exp\":1800000000}", FALSE },
    { "[\"iss\"]", FALSE },
    { "{\"iss\":", FALSE },
  };
  g_autofree char *token = make_token (
      "{\"iss\":\"ak?1>\",\"exp\":1800000000,\"nbf\":1799998195}");
  g_autofree char *times = make_token ("{\"exp\":1800000000}");
  g_autofree char *other_times = make_token ("{\"exp\":1800000001}");
  g_autofree char *hash = genvid_key_hash (token);
  g_autofree char *times_hash = genvid_key_hash (times);

  g_assert_true (genvid_key_matches (hash, token));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *other = make_token (rows[i].claims);
    g_autofree char *other_hash = genvid_key_hash (other);

    g_assert_true (genvid_key_matches (other_hash, other));
    g_assert_cmpint (genvid_key_matches (hash, other), ==, rows[i].same);
    g_assert_cmpint (genvid_key_matches (other_hash, token), ==, rows[i].same);
  }
  g_assert_true (genvid_key_matches (times_hash, times));
  g_assert_false (genvid_key_matches (times_hash, other_times));
}

/* What an earlier version kept of a token. */
static void
test_token_of_before (void)
{
  g_autofree char *token = make_token ("{\"iss\":\"ak\",\"exp\":1}");
  g_autofree char *hash = g_compute_hmac_for_string (
      G_CHECKSUM_SHA256, (const guchar *)"5a17", 4, token, -1);
  g_autofree char *kept = g_strconcat ("5a17:", hash, NULL);
  g_autofree char *renewed = make_token ("{\"iss\":\"ak\",\"exp\":2}");

  g_assert_true (genvid_key_matches (kept, token));
  g_assert_false (genvid_key_matches (kept, renewed));
}

/* The reason a user sees, for what a system call says. */
static void
test_reasons (void)
{
  static const struct {
    int code;
    GenvidReason reason;
  } rows[] = {
    { ENOSPC, GENVID_REASON_NO_SPACE }, { EDQUOT, GENVID_REASON_NO_SPACE },
    { EROFS, GENVID_REASON_NO_SPACE },  { EFBIG, GENVID_REASON_NO_SPACE },
    { EACCES, GENVID_REASON_SETTINGS }, { EPERM, GENVID_REASON_SETTINGS },
    { ELOOP, GENVID_REASON_SETTINGS },
  };
  g_auto (Kit) kit = kit_new ();
  int folder = open (kit.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (genvid_durable_file_set_error (&error, rows[i].code, folder,
                                                   "job.json"));
    g_assert_error (error, GENVID_ERROR, (int)rows[i].reason);
    g_assert_nonnull (strstr (error->message, "/store/job.json"));
    g_assert_nonnull (strstr (error->message, "GENVID_STORE"));
  }
  close (folder);
}

/* A shared store that shut this machine out is whole: nobody need make room. */
static void
test_shut_out (void)
{
  static const int codes[] = { ESHUTDOWN, ENOTCONN };
  g_auto (Kit) kit = kit_new ();
  int folder = open (kit.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (
        genvid_durable_file_set_error (&error, codes[i], folder, NULL));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
    g_assert_nonnull (strstr (error->message, "mount it again"));
  }
  close (folder);
}

static void
test_clocks (void)
{
  GenvidNow one = genvid_clock_now ();
  GenvidNow two = genvid_clock_now ();

  g_assert_cmpint (one.boot, >, 0);
  g_assert_cmpint (two.boot, >=, one.boot);
  g_assert_cmpint (one.wall, >, G_GINT64_CONSTANT (1700000000000000));
  g_assert_cmpstr (one.boot_id, ==, two.boot_id);
  g_assert_cmpuint (strlen (one.boot_id), ==, 36);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/create", test_create);
  g_test_add_func ("/store/deep-path", test_deep_path);
  g_test_add_func ("/store/path-is-a-file", test_path_is_a_file);
  g_test_add_func ("/store/canonical", test_canonical);
  g_test_add_func ("/store/modes", test_modes);
  g_test_add_func ("/store/owner", test_owner);
  g_test_add_func ("/store/future", test_future);
  g_test_add_func ("/store/odd-version", test_odd_version);
  g_test_add_func ("/store/read-only", test_read_only);
  g_test_add_func ("/store/shared", test_shared);
  g_test_add_func ("/store/replaced", test_replaced);
  g_test_add_func ("/store/linked-folders", test_linked_folders);
  g_test_add_func ("/store/linked-entry", test_linked_entry);
  g_test_add_func ("/store/linked-files", test_linked_files);
  g_test_add_func ("/store/pipe", test_pipe);
  g_test_add_func ("/store/names", test_names);
  g_test_add_func ("/store/list-and-remove", test_list_and_remove);
  g_test_add_func ("/store/remember", test_remember);
  g_test_add_func ("/store/key", test_key);
  g_test_add_func ("/store/key/renewed-token", test_renewed_token);
  g_test_add_func ("/store/key/token-of-before", test_token_of_before);
  g_test_add_func ("/store/reasons", test_reasons);
  g_test_add_func ("/store/shut-out", test_shut_out);
  g_test_add_func ("/store/clocks", test_clocks);
  return g_test_run ();
}
