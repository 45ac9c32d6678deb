/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A child that plays clips of CN8's: the test's program again, which finds the
 * fake service and the store in its environment. */

#include "store-kit.h"

#include "fake-service.h"
#include "settings.h"

#include <signal.h>
#include <sys/prctl.h>

G_BEGIN_DECLS

/* In the child. Each NUMBER has an allowance of its own. */
static inline GenvidSettings *
child_make_settings (guint number)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->provider = g_strdup ("cn8");
  settings->api_key = g_strdup_printf ("key-%u", number);
  settings->base_url = g_strdup (g_getenv ("CHILD_URL"));
  settings->store = g_strdup (g_getenv ("CHILD_STORE"));
  settings->request->prompt = g_strdup_printf ("kite %u", number);
  settings->allow_private = TRUE;
  settings->poll_interval = 1;
  return settings;
}

/* A parent that fails leaves no child behind that keeps its output open. */
static inline void
child_die_with_parent (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* In the parent. PART is $CHILD; *LINES is what the child prints. */
static inline GSubprocess *
child_launch (GSubprocessLauncher *launcher, const char *program,
              const char *part, const Kit *kit, FakeService *service,
              GDataInputStream **lines)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *child;

  g_subprocess_launcher_setenv (launcher, "CHILD", part, TRUE);
  g_subprocess_launcher_setenv (launcher, "CHILD_STORE", kit->path, TRUE);
  g_subprocess_launcher_setenv (launcher, "CHILD_URL",
                                fake_service_get_url (service), TRUE);
  g_subprocess_launcher_set_child_setup (launcher, child_die_with_parent, NULL,
                                         NULL);
  child = g_subprocess_launcher_spawn (launcher, &error, program, NULL);
  g_assert_no_error (error);
  *lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  return child;
}

G_END_DECLS
