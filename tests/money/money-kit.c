/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of money share. */

#include "money-kit.h"

#include "folder-kit.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

const Service services[N_SERVICES] = {
  { "genpro", GENVID_SANDBOX_GENPRO, REPLAY },
  { "aimlapi", GENVID_SANDBOX_AIMLAPI, LOOKUP },
  { "cn8", GENVID_SANDBOX_CN8, NOTHING },
};

void
open_scene (Scene *scene, const Service *service)
{
  GenvidSandboxOptions options
      = { .clip_path = TEST_CLIP, .ready_after_polls = 1 };
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize length;

  *scene = (Scene){ .service = service };
  scene->variables
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  scene->sandbox = genvid_sandbox_new (&options, &error);
  g_assert_no_error (error);
  scene->store = g_dir_make_tmp ("genvid-crash-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (TEST_CLIP, &data, &length, NULL));
  scene->clip_hash
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *)data, length);
}

void
close_scene (Scene *scene)
{
  genvid_sandbox_free (scene->sandbox);
  folder_remove (scene->store);
  g_free (scene->store);
  g_free (scene->clip_hash);
  g_hash_table_unref (scene->variables);
}

void
set_variable (Scene *scene, const char *name, const char *value)
{
  if (value != NULL)
    g_hash_table_replace (scene->variables, g_strdup (name), g_strdup (value));
  else
    g_hash_table_remove (scene->variables, name);
}

static void
set_environment (Scene *scene, GSubprocessLauncher *launcher)
{
  g_autofree char *clock = g_strdup_printf ("%" G_GINT64_FORMAT, scene->clock);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, scene->variables);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_subprocess_launcher_setenv (launcher, name, value, TRUE);
  g_subprocess_launcher_setenv (launcher, "CRASH_CLOCK", clock, TRUE);
}

GSubprocess *
launch (Scene *scene, const char *name, const char *value)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *child;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_setenv (launcher, "CRASH_STORE", scene->store, TRUE);
  g_subprocess_launcher_setenv (launcher, "CRASH_PROVIDER",
                                scene->service->name, TRUE);
  g_subprocess_launcher_setenv (launcher, "CRASH_BASE_URL",
                                genvid_sandbox_base_url (scene->sandbox), TRUE);
  g_subprocess_launcher_setenv (launcher, "GEN_SHEET_ID", "101", TRUE);
  g_subprocess_launcher_setenv (launcher, "GEN_CELL_ID", "3100", TRUE);
  g_subprocess_launcher_setenv (launcher, "GEN_AGENT_ID", "42", TRUE);
  set_environment (scene, launcher);
  if (name != NULL)
    g_subprocess_launcher_setenv (launcher, name, value, TRUE);
  child = g_subprocess_launcher_spawn (launcher, &error, CRASH_CHILD, NULL);
  g_assert_no_error (error);
  return child;
}

/* The last line, which is taken off. */
static gint64
take_clock (char *output)
{
  char *line = g_strrstr (output, "\nclock ");

  if (line == NULL)
    return -1;
  *line = '\0';
  return g_ascii_strtoll (line + strlen ("\nclock "), NULL, 10);
}

Death
wait_for (GSubprocess *child)
{
  g_autoptr (GError) error = NULL;
  Death death = { .point = "nowhere", .clock = -1 };

  g_subprocess_communicate_utf8 (child, NULL, NULL, &death.output, NULL,
                                 &error);
  g_assert_no_error (error);
  death.killed = g_subprocess_get_if_signaled (child);
  if (death.killed)
    death.signal = g_subprocess_get_term_sig (child);
  g_strchomp (death.output);
  death.clock = take_clock (death.output);
  /* The reader may have had the whole clip while the worker still wrote. */
  death.point = "after the clip was whole";
  if (g_str_has_prefix (death.output, "point "))
    death.point = strchr (death.output + 6, ' ');
  return death;
}

Death
run (Scene *scene, const char *name, const char *value)
{
  g_autoptr (GSubprocess) child = launch (scene, name, value);
  Death death = wait_for (child);

  if (death.killed && death.signal != SIGKILL)
    g_error ("%s, life %" G_GUINT64_FORMAT ": a child died of signal %d",
             scene->service->name, scene->life, death.signal);
  scene->clock = MAX (scene->clock, death.clock);
  return death;
}

char *
run_once (Scene *scene)
{
  Death death = run (scene, NULL, NULL);

  g_assert_false (death.killed);
  return death.output;
}

void
assert_output (Scene *scene, char *output, const char *prefix)
{
  if (!g_str_has_prefix (output, prefix))
    g_error ("%s: expected \"%s\", got \"%s\"", scene->service->name, prefix,
             output);
  g_free (output);
}

void
add_fault (Scene *scene, const char *fault)
{
  g_autoptr (GError) error = NULL;

  genvid_sandbox_add_fault (scene->sandbox, fault, &error);
  g_assert_no_error (error);
}

char *
find_accepted_id (Scene *scene)
{
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (scene->sandbox);
  char *id = NULL;

  for (guint i = 0; i < ledger->len; i++) {
    const GenvidSandboxEntry *entry = g_ptr_array_index (ledger, i);

    if (entry->event != GENVID_SANDBOX_ACCEPTED)
      continue;
    g_free (id);
    id = g_strdup (entry->id);
  }
  return id;
}

char *
find_entry (Scene *scene)
{
  g_autofree char *clips = g_build_filename (scene->store, "clips", NULL);
  g_autoptr (GDir) dir = g_dir_open (clips, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;

  return name != NULL ? g_build_filename (clips, name, NULL) : NULL;
}

char *
read_entry (Scene *scene, const char *name)
{
  g_autofree char *folder = find_entry (scene);
  g_autofree char *path = NULL;
  char *text = NULL;

  if (folder == NULL)
    return NULL;
  path = g_build_filename (folder, name, NULL);
  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

char *
read_state (Scene *scene)
{
  g_autofree char *text = read_entry (scene, "job.json");
  const char *member = "\"state\":\"";
  const char *state = text != NULL ? strstr (text, member) : NULL;

  if (state == NULL)
    return g_strdup ("");
  state += strlen (member);
  return g_strndup (state, strcspn (state, "\""));
}

static void
assert_clean (const char *path)
{
  g_autofree char *data = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &data, &length, NULL))
    return;
  for (gsize i = 0; i < length; i++)
    if (data[i] == '\0')
      data[i] = ' ';
  if (strstr (data, "sk-crash") != NULL
      || strstr (data, "X-Amz-Signature") != NULL)
    g_error ("a secret is in %s: %s", path, data);
}

static void
assert_clean_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (dir == NULL)
    assert_clean (path);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    assert_clean_tree (child);
  }
}

void
assert_no_secrets (Scene *scene)
{
  assert_clean_tree (scene->store);
  g_assert_cmpuint (genvid_sandbox_leaks (scene->sandbox), ==, 0);
}

guint
count_scope (Scene *scene, GenvidSandboxScope scope)
{
  return genvid_sandbox_count_requests (scene->sandbox, scene->service->service,
                                        scope);
}

static GPid
get_pid (GSubprocess *child)
{
  return atoi (g_subprocess_get_identifier (child));
}

/* GSubprocess reaps only ends; a stop is seen in the process table. */
void
wait_until_stopped (GSubprocess *child)
{
  siginfo_t info;

  g_assert_cmpint (waitid (P_PID, get_pid (child), &info, WSTOPPED | WNOWAIT),
                   ==, 0);
  g_assert_cmpint (info.si_code, ==, CLD_STOPPED);
}

guint
count_accepted (Scene *scene)
{
  return genvid_sandbox_count (scene->sandbox, scene->service->service,
                               GENVID_SANDBOX_ACCEPTED);
}

void
assert_whole (Scene *scene, const char *output, const char *where)
{
  if (!g_str_has_prefix (output, "whole ")
      || strstr (output, scene->clip_hash) == NULL)
    g_error ("%s, killed %s: %s", scene->service->name, where, output);
  if (count_accepted (scene) != 1)
    g_error ("%s, killed %s: %u charges", scene->service->name, where,
             count_accepted (scene));
}

void
add_test (const Service *service, const char *name, GTestDataFunc test)
{
  g_autofree char *path = g_strdup_printf ("/%s/%s", service->name, name);

  g_test_add_data_func (path, service, test);
}
