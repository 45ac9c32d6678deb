/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool-kit.h"
#include "folder-kit.h"
#include "clock.h"
#include "record.h"
#include "store-entry.h"
#include "store.h"

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const Service services[3] = {
  { "genpro", GENVID_SANDBOX_GENPRO,
    "'genvid://genpro?prompt=a kite&model=veo_3&duration=8'" },
  { "aimlapi", GENVID_SANDBOX_AIMLAPI,
    "'genvid://aimlapi?prompt=a kite&duration=5&resolution=720p'" },
  { "cn8", GENVID_SANDBOX_CN8, "'genvid://cn8?prompt=a kite'" },
};

static char **
make_environment (const Kit *kit)
{
  const char *base = genvid_sandbox_base_url (kit->sandbox);
  const char *const set[][2] = {
    { "GENVID_STORE", kit->store },
    { "HOME", kit->folder },
    { "XDG_DATA_HOME", kit->folder },
    { "GEN_API_KEY", "gen-key-of-a-test" },
    { "AIML_API_KEY", "aiml-key-of-test" },
    { "CN8_API_KEY", "cn8-key-of-test" },
    { "GEN_BASE_URL", base },
    { "AIML_BASE_URL", base },
    { "CN8_BASE_URL", base },
    { "GEN_SHEET_ID", "101" },
    { "GEN_CELL_ID", "3100" },
    { "GEN_AGENT_ID", "42" },
    { "TZ", "UTC" },
  };
  const char *const unset[]
      = { "GENVID_PROVIDER", "GENVID_BASE_URL", "GENVID_MAX_COST",
          "GENVID_BUDGET", "GENVID_REUSE" };
  char **environment = g_get_environ ();

  for (guint i = 0; i < G_N_ELEMENTS (set); i++)
    environment = g_environ_setenv (environment, set[i][0], set[i][1], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (unset); i++)
    environment = g_environ_unsetenv (environment, unset[i]);
  return environment;
}

void
kit_set_up (Kit *kit, gconstpointer data)
{
  GenvidSandboxOptions options
      = { .clip_path = TEST_CLIP, .ready_after_polls = 1 };
  g_autoptr (GError) error = NULL;

  kit->sandbox = genvid_sandbox_new (&options, &error);
  g_assert_no_error (error);
  kit->folder = g_dir_make_tmp ("genvid-tool-XXXXXX", &error);
  g_assert_no_error (error);
  kit->store = g_build_filename (kit->folder, "store", NULL);
  g_assert_true (g_file_get_contents (TEST_CLIP, (char **)&kit->clip,
                                      &kit->clip_length, NULL));
  kit->environment = make_environment (kit);
}

void
kit_tear_down (Kit *kit, gconstpointer data)
{
  g_assert_cmpuint (genvid_sandbox_leaks (kit->sandbox), ==, 0);
  genvid_sandbox_free (kit->sandbox);
  folder_remove (kit->folder);
  g_strfreev (kit->environment);
  g_free (kit->folder);
  g_free (kit->store);
  g_free (kit->clip);
}

void
result_clear (Result *result)
{
  g_clear_pointer (&result->out, g_free);
  g_clear_pointer (&result->err, g_free);
}

GSubprocess *
kit_start (Kit *kit, const char *line)
{
  g_autofree char *whole = g_strconcat (TOOL " ", line, NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *tool;

  g_assert_true (g_shell_parse_argv (whole, NULL, &arguments, &error));
  g_assert_no_error (error);
  g_subprocess_launcher_set_environ (launcher, kit->environment);
  tool = g_subprocess_launcher_spawnv (launcher, (const char *const *)arguments,
                                       &error);
  g_assert_no_error (error);
  return tool;
}

void
kit_wait_for (GSubprocess *tool, const char *part)
{
  GInputStream *err = g_subprocess_get_stderr_pipe (tool);
  g_autoptr (GString) text = g_string_new (NULL);
  char c;

  while (strstr (text->str, part) == NULL) {
    if (g_input_stream_read (err, &c, 1, NULL, NULL) != 1)
      g_error ("\"%s\" is not in \"%s\"", part, text->str);
    g_string_append_c (text, c);
  }
}

Result
kit_wait (GSubprocess *tool)
{
  g_autoptr (GError) error = NULL;
  Result result = { -1, NULL, NULL };

  g_subprocess_communicate_utf8 (tool, NULL, NULL, &result.out, &result.err,
                                 &error);
  g_assert_no_error (error);
  if (g_subprocess_get_if_exited (tool))
    result.status = g_subprocess_get_exit_status (tool);
  g_test_message ("status %d\n%s%s", result.status, result.out, result.err);
  return result;
}

Result
kit_run (Kit *kit, const char *line)
{
  g_autoptr (GSubprocess) tool = kit_start (kit, line);

  g_test_message ("genvid-store %.1000s", line);
  return kit_wait (tool);
}

guint
kit_count_requests (Kit *kit)
{
  g_autoptr (GPtrArray) requests = genvid_sandbox_requests (kit->sandbox);

  return requests->len;
}

guint
kit_count_accepted (Kit *kit)
{
  return genvid_sandbox_count (kit->sandbox, GENVID_SANDBOX_ANY_SERVICE,
                               GENVID_SANDBOX_ACCEPTED);
}

char *
kit_find_id (Kit *kit)
{
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (kit->sandbox);

  for (guint i = ledger->len; i > 0; i--) {
    const GenvidSandboxEntry *entry = g_ptr_array_index (ledger, i - 1);

    if (entry->event == GENVID_SANDBOX_ACCEPTED)
      return g_strdup (entry->id);
  }
  return NULL;
}

void
kit_assert_clip (Kit *kit, const Result *result)
{
  g_autofree char *path = g_strdup (result->out);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_cmpint (result->status, ==, 0);
  g_assert_true (g_str_has_suffix (path, "\n"));
  path[strlen (path) - 1] = '\0';
  g_assert_null (strchr (path, '\n'));
  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (data, length, kit->clip, kit->clip_length);
}

char *
kit_get_fingerprint (Kit *kit)
{
  g_autoptr (GenvidStore) store = kit_open_store (kit);
  g_auto (GStrv) names = genvid_store_list (store, NULL);

  g_assert_cmpuint (g_strv_length (names), ==, 1);
  return g_strdup (names[0]);
}

JsonNode *
kit_parse (const Result *result)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (result->out, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

GenvidStore *
kit_open_store (Kit *kit)
{
  g_autoptr (GError) error = NULL;
  GenvidStore *store = genvid_store_open (kit->store, FALSE, &error);

  g_assert_no_error (error);
  return store;
}

char *
kit_path (Kit *kit, const char *fingerprint, const char *name)
{
  return g_build_filename (kit->store, "clips", fingerprint, name, NULL);
}

void
kit_write (Kit *kit, const char *fingerprint, const char *name,
           const char *text)
{
  g_autofree char *path = kit_path (kit, fingerprint, name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT,
                            0600, &error);
  g_assert_no_error (error);
}

void
kit_save (Kit *kit, const GenvidRecord *record)
{
  g_autoptr (GenvidStore) store = kit_open_store (kit);
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (store, record->fingerprint);
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  g_assert_true (genvid_store_entry_save (entry, record, &error));
  g_assert_no_error (error);
}

GenvidRecord *
kit_make_record (const char *fingerprint, GenvidState state, gint64 ended)
{
  GenvidRecord *record = genvid_record_new (fingerprint, "cn8");

  record->state = state;
  record->prompt = g_strdup ("a kite");
  if (state >= GENVID_STATE_QUEUED && state <= GENVID_STATE_DONE)
    record->id = g_strdup ("job-1");
  record->ended = genvid_clock_now ().wall - ended * G_USEC_PER_SEC;
  return record;
}

void
kit_save_done (Kit *kit, const char *fingerprint, gint64 ended)
{
  g_autoptr (GenvidRecord) record
      = kit_make_record (fingerprint, GENVID_STATE_DONE, ended);
  g_autofree char *path = kit_path (kit, fingerprint, "clip.mp4");
  g_autoptr (GError) error = NULL;

  record->media_extension = g_strdup ("mp4");
  record->media_size = kit->clip_length;
  kit_save (kit, record);
  g_file_set_contents_full (path, (const char *)kit->clip,
                            (gssize)kit->clip_length,
                            G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
}

gboolean
kit_has (Kit *kit, const char *fingerprint)
{
  g_autofree char *path = kit_path (kit, fingerprint, NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
describe_tree (const char *path, GString *text)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  g_string_append_printf (text, "%s %o %ld %ld.%ld\n", path, info.st_mode,
                          (long)info.st_size, (long)info.st_ctim.tv_sec,
                          info.st_ctim.tv_nsec);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    describe_tree (g_ptr_array_index (names, i), text);
}

char *
kit_describe_tree (Kit *kit)
{
  GString *text = g_string_new (NULL);

  describe_tree (kit->store, text);
  return g_string_free (text, FALSE);
}
