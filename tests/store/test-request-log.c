/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One allowance for all who use a store: two stores opened apart stand for
 * two processes, whose clocks the test sets. */

#include "store-kit.h"

#include "moment.h"
#include "request-log.h"
#include "request-window.h"
#include "store.h"

#include <gio/gio.h>

#define ORIGIN "https://gateway.example"
#define KEY    "s3cr3t-key"
static GenvidNow
at (gint64 seconds, const char *boot_id)
{
  return (GenvidNow){ .boot = seconds * G_USEC_PER_SEC, .boot_id = boot_id };
}

/* What a process that knows nothing finds, after which it asks USED times. */
static guint
use (GenvidStore *store, const char *key, guint used, const GenvidNow *now)
{
  g_autoptr (GenvidRequestLog) allowance
      = genvid_request_log_open (store, ORIGIN, key);
  GenvidRequestWindow window = { 0 };
  guint found;

  g_assert_nonnull (allowance);
  genvid_request_log_load (allowance, &window, now);
  found = genvid_request_window_count (&window, now->boot);
  if (used > 0)
    genvid_request_window_add (&window, now->boot, used);
  genvid_request_log_save (allowance, &window, now);
  return found;
}

static void
test_shared (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStore) other = genvid_store_open (kit.path, FALSE, NULL);
  GenvidNow now = at (1000, "boot-1");
  GenvidNow soon = at (1006, "boot-1");
  GenvidNow later = at (1061, "boot-1");
  GenvidNow next = at (3, "boot-2");

  g_assert_cmpuint (use (kit.store, KEY, 8, &now), ==, 0);
  g_assert_cmpuint (use (other, KEY, 5, &now), ==, 8);
  g_assert_cmpuint (use (kit.store, KEY, 2, &soon), ==, 13);
  g_assert_cmpuint (use (other, KEY, 0, &soon), ==, 15);
  g_assert_cmpuint (use (other, KEY, 10, &later), ==, 2);
  /* Another boot, of this machine or of another, may be a moment ago. */
  g_assert_cmpuint (use (kit.store, KEY, 0, &next), ==, 12);
  next.boot += 61 * (gint64)G_USEC_PER_SEC;
  g_assert_cmpuint (use (kit.store, KEY, 0, &next), ==, 0);
}

/* Their clocks have nothing in common, and one is minutes ahead. */
static void
test_machines (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStore) other = genvid_store_open (kit.path, FALSE, NULL);
  GenvidNow one = at (1000, "boot-1");
  GenvidNow two = at (5, "boot-2");

  two.wall = 540 * (gint64)G_USEC_PER_SEC;
  g_assert_cmpuint (use (kit.store, KEY, 8, &one), ==, 0);
  g_assert_cmpuint (use (other, KEY, 5, &two), ==, 8);
  g_assert_cmpuint (use (other, KEY, 1, &two), ==, 13);
  g_assert_cmpuint (use (kit.store, KEY, 2, &one), ==, 14);
  /* Seen before, so known to be a minute old. */
  one.boot += 61 * (gint64)G_USEC_PER_SEC;
  two.boot += 61 * (gint64)G_USEC_PER_SEC;
  g_assert_cmpuint (use (kit.store, KEY, 3, &one), ==, 0);
  /* Its own view is as old; what is new since is what the other one asked. */
  g_assert_cmpuint (use (other, KEY, 0, &two), ==, 3);
  /* Days later, nothing of it counts. */
  two.wall += 86400 * (gint64)G_USEC_PER_SEC;
  two.boot_id = "boot-3";
  g_assert_cmpuint (use (other, KEY, 0, &two), ==, 0);
}

static void
test_each_key (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidNow now = at (1000, "boot");

  use (kit.store, KEY, 10, &now);
  g_assert_cmpuint (use (kit.store, "another", 0, &now), ==, 0);
  g_assert_cmpuint (use (kit.store, KEY, 0, &now), ==, 10);
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

typedef struct {
  const char *text;
  guint found;
} Row;

static void
check_rows (const Row *rows, gsize n)
{
  g_auto (Kit) kit = kit_new ();
  GenvidNow now = at (1000, "boot");
  g_autofree char *path = NULL;

  use (kit.store, KEY, 9, &now);
  path = find_file (&kit);
  g_assert_null (strstr (path, KEY));
  for (gsize i = 0; i < n; i++) {
    g_test_message ("row %" G_GSIZE_FORMAT, i);
    g_assert_true (g_file_set_contents (path, rows[i].text, -1, NULL));
    g_assert_cmpuint (use (kit.store, KEY, 0, &now), ==, rows[i].found);
  }
}

static void
test_damaged (void)
{
  static const Row rows[] = {
    { "boot 2 3990:4 3991:1\n", 5 },
    { "boot 2\n", 0 },
    { "", 0 },
    { "boot", 0 },
    { "boot 2", 0 },
    { "boot 2 3990", 0 },
    { "boot 2 3990:4", 0 },
    { "boot 2 3990:x\n", 0 },
    { "boot 2 3990:-1\n", 100000 },
    { "boot 2 -3990:4\n", 0 },
    { "boot 2 4500:4\n", 0 },
    { "boot 2 9999999999999999999999:4\n", 0 },
    { "boot 3 3990:4\n", 0 },
    { "boot 3 7 0 3990:4\n", 4 },
    { "boot 3 7 0\n", 0 },
    { "boot 3 7 0 3990:x\n", 0 },
    { "other 3 7 0 12:3 13:1\nboot 3 6 0 3990:2\n", 3 },
    { "other 3 7 0 12:3 13:1\nboot 3 1 0 3990:2\n", 6 },
    { "other 3 7 0 12:3 13:1\n", 4 },
    { "other 3 7 700000000 12:3 13:1\n", 0 },
    { "boot 4 7 0 3990:4\n", 0 },
    { "other 2 3990:4\n", 0 },
    { "bootboot 2 3990:4\n", 0 },
    { "\xff\xfe", 0 },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

/* A bucket of ten, filled up at 1000 s. */
static void
test_former (void)
{
  static const Row rows[] = {
    { "boot 1000000000 10\n", 0 },
    { "boot 1000000000 7.5\n", 2 },
    { "boot 1000000000 -50\n", 60 },
    { "boot 900000000 -50\n", 0 },
    { "boot 1000000001 3\n", 0 },
    { "boot 1000000000\n", 0 },
    { "boot x 3\n", 0 },
    { "boot 1000000000 x\n", 0 },
    { "boot 1000000000 nan\n", 0 },
    { "boot 1000000000 -inf\n", 0 },
    { "boot 1000000000 3", 0 },
    { "other 1000000000 3\n", 0 },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_out_of_reach (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStore) reader = NULL;
  g_autoptr (GenvidRequestLog) held = NULL;

  held = genvid_request_log_open (kit.store, ORIGIN, KEY);
  g_assert_nonnull (held);
  g_assert_null (genvid_request_log_open (kit.store, ORIGIN, KEY));
  g_clear_pointer (&held, genvid_request_log_free);
  held = genvid_request_log_open (kit.store, ORIGIN, KEY);
  g_assert_nonnull (held);
  reader = genvid_store_open (kit.path, TRUE, NULL);
  g_assert_nonnull (reader);
  g_assert_null (genvid_request_log_open (reader, ORIGIN, "another"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/allowance/shared", test_shared);
  g_test_add_func ("/allowance/machines", test_machines);
  g_test_add_func ("/allowance/each-key", test_each_key);
  g_test_add_func ("/allowance/damaged", test_damaged);
  g_test_add_func ("/allowance/former", test_former);
  g_test_add_func ("/allowance/out-of-reach", test_out_of_reach);
  return g_test_run ();
}
