/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who holds a purchase's lock, and how far it is, for those who wait. */

#include "store-kit.h"

#include "store-entry.h"
#include "store-holder.h"
#include "store.h"

#include <unistd.h>

static void
assert_held (const Kit *kit, guint n)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) held = genvid_store_list_held (kit->store, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (held), ==, n);
}

static void
test_told (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) ours = genvid_store_get_entry (kit.store, "aa");
  g_autoptr (GenvidStoreEntry) theirs
      = genvid_store_get_entry (kit.store, "aa");
  g_autoptr (GError) error = NULL;

  assert_held (&kit, 0);
  g_assert_true (genvid_store_entry_try_lock (ours, &error));
  genvid_store_entry_tell (ours, 40);
  assert_held (&kit, 1);
  genvid_store_entry_tell (theirs, 90); /* without the lock: nothing */
  {
    g_auto (GenvidStoreHolder) holder = genvid_store_entry_get_holder (theirs);

    g_assert_cmpstr (holder.host, ==, g_get_host_name ());
    g_assert_cmpint (holder.pid, ==, getpid ());
    g_assert_cmpint (holder.progress, ==, 40);
    g_assert_false (genvid_store_holder_is_elsewhere (&holder));
  }
  genvid_store_entry_unlock (ours);
  assert_held (&kit, 0);
}

/* What another machine, or a stranger, left in the file. */
static void
test_read (void)
{
  static const struct {
    const char *text;
    const char *host;
    int progress;
  } rows[] = {
    { "render-07 31 7\n", "render-07", 7 },
    { "render-07 31 -1\n", "render-07", -1 },
    { "render-07 31 400\n", "render-07", -1 },
    { "render-07 31\n", NULL, -1 },
    { "ren\033[Hder 31 7\n", NULL, -1 },
    { "", NULL, -1 },
  };
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = genvid_store_get_entry (kit.store, "aa");
  g_autofree char *path = g_build_filename (kit.path, "locks", "aa", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_assert_true (g_file_set_contents (path, rows[i].text, -1, NULL));
    g_auto (GenvidStoreHolder) holder = genvid_store_entry_get_holder (entry);

    g_assert_cmpstr (holder.host, ==, rows[i].host);
    g_assert_cmpint (holder.progress, ==, rows[i].progress);
    g_assert_true (genvid_store_holder_is_elsewhere (&holder)
                   == (rows[i].host != NULL));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/holder/told", test_told);
  g_test_add_func ("/holder/read", test_read);
  return g_test_run ();
}
