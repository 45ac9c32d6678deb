/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of money share. */

#include "money-kit.h"

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

const Service services[N_SERVICES] = {
  { "genpro", GENVID_SANDBOX_GENPRO, REPLAY },
  { "aimlapi", GENVID_SANDBOX_AIMLAPI, LOOKUP },
  { "cn8", GENVID_SANDBOX_CN8, NOTHING },
};

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  g_remove (path);
}

void
open_scene (Scene *scene, const Service *service)
{
  GenvidSandboxOptions options
      = { .clip_path = TEST_CLIP, .ready_after_polls = 1 };
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize length;

  scene->service = service;
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
  remove_tree (scene->store);
  g_free (scene->store);
  g_free (scene->clip_hash);
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
  if (name != NULL)
    g_subprocess_launcher_setenv (launcher, name, value, TRUE);
  child = g_subprocess_launcher_spawn (launcher, &error, CRASH_CHILD, NULL);
  g_assert_no_error (error);
  return child;
}

Death
wait_for (GSubprocess *child)
{
  g_autoptr (GError) error = NULL;
  Death death = { FALSE, NULL, "nowhere" };

  g_subprocess_communicate_utf8 (child, NULL, NULL, &death.output, NULL,
                                 &error);
  g_assert_no_error (error);
  death.killed = g_subprocess_get_if_signaled (child);
  if (death.killed)
    g_assert_cmpint (g_subprocess_get_term_sig (child), ==, SIGKILL);
  g_strchomp (death.output);
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

  return wait_for (child);
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
