/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One allowance for all who use a store: two stores opened apart stand for
 * two processes, whose clocks the test sets. */

#include "store-kit.h"

#include <genvid/io/genvid-allowance.h>

#define ORIGIN     "https://gateway.example"
#define KEY        "s3cr3t-key"
#define PER_MINUTE 60
#define BURST      10

static GenvidNow
at (gint64 seconds, const char *boot_id)
{
  return (GenvidNow){ .boot = seconds * G_USEC_PER_SEC, .boot_id = boot_id };
}

/* What a process that has used nothing itself finds left, and with USED more
 * gone leaves. */
static double
use (GenvidStore *store, const char *key, guint used, const GenvidNow *now)
{
  g_autoptr (GenvidAllowance) allowance
      = genvid_allowance_open (store, ORIGIN, key);
  GenvidBucket bucket;
  double left;

  g_assert_nonnull (allowance);
  genvid_bucket_init (&bucket, PER_MINUTE, BURST, now->boot);
  genvid_allowance_apply (allowance, &bucket, now);
  left = bucket.tokens;
  for (guint i = 0; i < used; i++)
    genvid_bucket_charge (&bucket, now->boot);
  genvid_allowance_save (allowance, &bucket, now);
  return left;
}

static void
test_shared (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStore) other = genvid_store_open (kit.path, FALSE, NULL);
  GenvidNow now = at (1000, "boot-1");
  GenvidNow soon = at (1006, "boot-1");
  GenvidNow later = at (1100, "boot-1");
  GenvidNow next = at (3, "boot-2");

  g_assert_cmpfloat (use (kit.store, KEY, 8, &now), ==, BURST);
  g_assert_cmpfloat (use (other, KEY, 5, &now), ==, 2);
  g_assert_cmpfloat (use (kit.store, KEY, 0, &now), ==, -3);
  g_assert_cmpfloat_with_epsilon (use (kit.store, KEY, 0, &soon), 2, 1e-6);
  g_assert_cmpfloat (use (other, KEY, 10, &later), ==, BURST);
  /* Another boot was more than a minute ago. */
  g_assert_cmpfloat (use (kit.store, KEY, 0, &next), ==, BURST);
}

static void
test_each_key (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidNow now = at (1000, "boot");

  use (kit.store, KEY, BURST, &now);
  g_assert_cmpfloat (use (kit.store, "another", 0, &now), ==, BURST);
  g_assert_cmpfloat (use (kit.store, KEY, 0, &now), ==, 0);
}

/* The only file of STORE/pace; owned by the caller. */
static char *
find_file (const Kit *kit)
{
  g_autofree char *folder = g_build_filename (kit->path, "pace", NULL);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  char *path;

  g_assert_nonnull (files);
  path = g_build_filename (folder, g_dir_read_name (files), NULL);
  g_assert_null (g_dir_read_name (files));
  return path;
}

static void
test_damaged (void)
{
  /* All of this very moment, so that nothing has been filled up since. */
  const char *const texts[] = {
    "",
    "boot",
    "boot 1000000000",
    "boot x 3\n",
    "boot 1000000000 x\n",
    "boot 1000000000 nan\n",
    "boot 1000000000 -inf\n",
    "boot 1000000000 3",
    "other 1000000000 3\n",
    "bootboot 1000000000 3\n",
    "\xff\xfe",
  };
  g_auto (Kit) kit = kit_new ();
  GenvidNow now = at (1000, "boot");
  g_autofree char *path = NULL;

  use (kit.store, KEY, 9, &now);
  path = find_file (&kit);
  g_assert_null (strstr (path, KEY));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
    g_assert_cmpfloat (use (kit.store, KEY, 0, &now), ==, BURST);
  }
  /* A debt beyond what could ever be made is no reason to wait for ever. */
  g_assert_true (
      g_file_set_contents (path, "boot 1000000000 -1e9\n", -1, NULL));
  g_assert_cmpfloat (use (kit.store, KEY, 0, &now), ==, -PER_MINUTE);
}

static void
test_out_of_reach (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStore) reader = NULL;
  g_autoptr (GenvidAllowance) held = NULL;

  held = genvid_allowance_open (kit.store, ORIGIN, KEY);
  g_assert_nonnull (held);
  g_assert_null (genvid_allowance_open (kit.store, ORIGIN, KEY));
  g_clear_pointer (&held, genvid_allowance_free);
  held = genvid_allowance_open (kit.store, ORIGIN, KEY);
  g_assert_nonnull (held);
  reader = genvid_store_open (kit.path, TRUE, NULL);
  g_assert_nonnull (reader);
  g_assert_null (genvid_allowance_open (reader, ORIGIN, "another"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/allowance/shared", test_shared);
  g_test_add_func ("/allowance/each-key", test_each_key);
  g_test_add_func ("/allowance/damaged", test_damaged);
  g_test_add_func ("/allowance/out-of-reach", test_out_of_reach);
  return g_test_run ();
}
