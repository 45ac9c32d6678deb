/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A run in this process and the tool in another on one clip: who counts as a
 * user, and what the tool continues that this process began. */

#include "tool-kit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "request.h"
#include "settings.h"
#include "store-entry.h"
#include "store-users.h"
#include "store.h"

#include <gio/gio.h>

typedef struct {
  GenvidClient *run;
  GThread *thread;
} Player;

static gpointer
play (gpointer data)
{
  GenvidReadOutcome outcome = GENVID_READ_CHANGED;
  gsize available;

  while (outcome == GENVID_READ_CHANGED) {
    g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (data);

    outcome = genvid_client_wait (data, 0, G_MAXSSIZE, TRUE, snapshot->serial,
                                  &available);
  }
  return NULL;
}

static GenvidSettings *
make_order (Kit *kit)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->store = g_strdup (kit->store);
  settings->provider = g_strdup ("genpro");
  settings->base_url = g_strdup (genvid_sandbox_base_url (kit->sandbox));
  settings->api_key = g_strdup ("gen-key-of-a-test");
  settings->poll_interval = 1;
  settings->request->prompt = g_strdup ("a kite");
  settings->request->options = json_object_new ();
  json_object_set_int_member (settings->request->options, "sheet-id", 101);
  json_object_set_int_member (settings->request->options, "cell-id", 3100);
  json_object_set_int_member (settings->request->options, "agent-id", 42);
  return settings;
}

/* It has polled, and the service goes on until it is released. */
static Player
start_player (Kit *kit, const GenvidSettings *settings)
{
  g_autoptr (GError) error = NULL;
  Player player = { genvid_client_open (settings, NULL, &error), NULL };

  g_assert_no_error (error);
  genvid_sandbox_hold (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  player.thread = g_thread_new ("player", play, player.run);
  g_assert_true (genvid_sandbox_wait_requests (kit->sandbox,
                                               GENVID_SANDBOX_POLL, 1, 60000));
  return player;
}

static void
stop_player (Player *player)
{
  genvid_client_close (player->run);
  g_thread_join (player->thread);
  genvid_client_unref (player->run);
}

/* The first line says that it waits, and so that it has its mark. */
static void
read_line (GSubprocess *tool)
{
  g_autoptr (GDataInputStream) stream
      = g_data_input_stream_new (g_subprocess_get_stderr_pipe (tool));
  g_autofree char *line = NULL;

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (stream),
                                               FALSE);
  line = g_data_input_stream_read_line (stream, NULL, NULL, NULL);
  g_assert_nonnull (line);
  g_assert_true (g_str_has_prefix (line, "genpro: "));
}

static char *
make_fetch (Kit *kit)
{
  g_autofree char *fingerprint = kit_get_fingerprint (kit);

  return g_strdup_printf ("fetch %s --poll-interval 1", fingerprint);
}

static guint
count_cancels (Kit *kit)
{
  return genvid_sandbox_count_requests (
      kit->sandbox, GENVID_SANDBOX_ANY_SERVICE, GENVID_SANDBOX_CANCEL);
}

/* on-stop=cancel is the last user's word, and the tool still waits. */
static void
test_no_cancel (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidSettings) settings = make_order (kit);
  g_autofree char *line = NULL;
  g_autoptr (GSubprocess) tool = NULL;
  g_auto (Result) result = { 0 };
  Player player;

  settings->on_stop = GENVID_ON_STOP_CANCEL;
  player = start_player (kit, settings);
  line = make_fetch (kit);
  tool = kit_start (kit, line);
  read_line (tool);
  stop_player (&player);
  g_assert_true (genvid_sandbox_wait_requests (
      kit->sandbox, GENVID_SANDBOX_POLL,
      genvid_sandbox_count_requests (kit->sandbox, GENVID_SANDBOX_ANY_SERVICE,
                                     GENVID_SANDBOX_POLL)
          + 1,
      60000));
  g_assert_cmpuint (count_cancels (kit), ==, 0);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  result = kit_wait (tool);
  kit_assert_clip (kit, &result);
  g_assert_cmpuint (count_cancels (kit), ==, 0);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
}

static void
test_cancel_alone (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidSettings) settings = make_order (kit);
  Player player;

  settings->on_stop = GENVID_ON_STOP_CANCEL;
  player = start_player (kit, settings);
  stop_player (&player);
  g_assert_true (genvid_sandbox_wait_requests (
      kit->sandbox, GENVID_SANDBOX_CANCEL, 1, 60000));
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
}

static void
test_marks (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store = kit_open_store (kit);
  g_autoptr (GenvidStoreEntry) one
      = genvid_store_get_entry (store, FINGERPRINT_A);
  g_autoptr (GenvidStoreEntry) two
      = genvid_store_get_entry (store, FINGERPRINT_A);
  int status = -1;
  pid_t child;

  g_assert_cmpint (genvid_store_entry_get_last_use (one), ==, 0);
  genvid_store_entry_use (one);
  genvid_store_entry_use (two);
  g_assert_true (genvid_store_entry_is_used (one));
  g_assert_cmpint (genvid_store_entry_get_last_use (one), >, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (genvid_store_entry_is_used (one) ? 7 : 8);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (WEXITSTATUS (status), ==, 7);
  genvid_store_entry_leave (one);
  g_assert_true (genvid_store_entry_is_used (one));
  genvid_store_entry_leave (two);
  g_assert_false (genvid_store_entry_is_used (one));
  g_assert_false (genvid_store_entry_is_taken (one));
  g_assert_true (genvid_store_entry_try_lock (two, NULL));
  g_assert_true (genvid_store_entry_is_taken (one));
}

/* The 33rd is a user like any other, only nobody can see it. */
static void
test_many_marks (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store = kit_open_store (kit);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (
      (GDestroyNotify)genvid_store_entry_free);

  for (guint i = 0; i < 33; i++) {
    GenvidStoreEntry *entry = genvid_store_get_entry (store, FINGERPRINT_A);

    genvid_store_entry_use (entry);
    g_ptr_array_add (entries, entry);
  }
  g_ptr_array_set_size (entries, 1);
  g_assert_true (genvid_store_entry_is_used (g_ptr_array_index (entries, 0)));
  genvid_store_entry_leave (g_ptr_array_index (entries, 0));
  g_assert_false (genvid_store_entry_is_used (g_ptr_array_index (entries, 0)));
}

/* The picture is gone, and its clip is not. The last test: a process that has
 * quit starts no job any more. */
static void
test_picture_gone (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidSettings) settings = make_order (kit);
  g_autofree char *path = g_build_filename (kit->folder, "kite.png", NULL);
  g_autofree char *line = NULL;
  g_auto (Result) result = { 0 };
  Player player;

  g_assert_true (g_file_set_contents (path, "\211PNG\r\n\032\nrest", -1, NULL));
  settings->request->image = genvid_input_parse (path, NULL);
  player = start_player (kit, settings);
  stop_player (&player);
  genvid_client_quit ();
  g_assert_cmpint (g_remove (path), ==, 0);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  line = make_fetch (kit);
  result = kit_run (kit, line);
  kit_assert_clip (kit, &result);
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
}

#define ADD(name, function)                                                    \
  g_test_add ("/shared/" name, Kit, NULL, kit_set_up, function, kit_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-marks", test_marks);
  ADD ("b-many-marks", test_many_marks);
  ADD ("c-no-cancel", test_no_cancel);
  ADD ("d-cancel-alone", test_cancel_alone);
  ADD ("e-picture-gone", test_picture_gone);
  return g_test_run ();
}
