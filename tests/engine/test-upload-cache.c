/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service has is not uploaded again, for as long as it has it. */

#include "call-build.h"
#include "call.h"
#include "clock.h"
#include "plan.h"
#include "settings.h"
#include "uploads.h"

#include "store-kit.h"

#include <json-glib/json-glib.h>

#include <glib/gstdio.h>

/* Runway says that it keeps a file for 24 hours; the description counts 23. */
#define LIFE (23 * 3600)

static gint64 wall = 1795000000;

GenvidNow __wrap_genvid_clock_now (void);

GenvidNow
__wrap_genvid_clock_now (void)
{
  return (GenvidNow){ wall * G_USEC_PER_SEC, 1000, "boot" };
}

/* What a call of a new run knows of its upload; owned by the caller. */
static char *
recall (const GenvidPlan *plan)
{
  g_autoptr (GenvidCall) call = genvid_plan_make_call (plan, NULL);
  JsonNode *id;

  g_assert_cmpuint (genvid_call_get_n_uploads (call), ==, 1);
  genvid_uploads_recall (plan, call);
  id = genvid_call_get_upload_id (call, 0);
  return id != NULL ? g_strdup (json_node_get_string (id)) : NULL;
}

static GenvidPlan *
make_plan (const char *folder, const char *provider, const char *model,
           gsize size)
{
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  g_autofree char *path = g_build_filename (folder, "a.png", NULL);
  g_autofree char *bytes = g_malloc0 (size);
  g_autoptr (GError) error = NULL;
  GenvidPlan *plan;

  memcpy (bytes, "\x89PNG\r\n\x1a\n", 8);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)size, NULL));
  settings->store = g_build_filename (folder, "store", NULL);
  settings->provider = g_strdup (provider);
  settings->api_key = g_strdup ("k");
  settings->request->model = g_strdup (model);
  settings->request->prompt = g_strdup ("a quiet lake");
  settings->request->image = genvid_input_parse (path, NULL);
  plan = genvid_plan_new (settings, NULL, &error);
  g_assert_no_error (error);
  return plan;
}

static void
remember (const GenvidPlan *plan, const char *text)
{
  g_autoptr (GenvidCall) call = genvid_plan_make_call (plan, NULL);
  g_autoptr (JsonNode) id = json_node_init_string (json_node_alloc (), text);

  genvid_call_set_upload_id (call, 0, id);
  genvid_uploads_remember (plan, call);
}

static void
assert_recalled (const GenvidPlan *plan, const char *text)
{
  g_autofree char *id = recall (plan);

  g_assert_cmpstr (id, ==, text);
}

static void
test_lasts (void)
{
  g_autofree char *folder = g_dir_make_tmp ("genvid-uploads-XXXXXX", NULL);
  g_autoptr (GenvidPlan) plan
      = make_plan (folder, "runway", "gen4_turbo", 3900001);

  assert_recalled (plan, NULL);
  remember (plan, "runway://one");
  assert_recalled (plan, "runway://one");
  wall += LIFE - 1;
  assert_recalled (plan, "runway://one");
  wall += 1;
  assert_recalled (plan, NULL);
  remember (plan, "runway://two");
  /* A clock that was set back says nothing of its age. */
  wall -= 10;
  assert_recalled (plan, NULL);
  wall += 10;
  assert_recalled (plan, "runway://two");
  folder_remove (folder);
}

/* Where the service keeps what it has, time does not matter. */
static void
test_stays (void)
{
  g_autofree char *folder = g_dir_make_tmp ("genvid-uploads-XXXXXX", NULL);
  g_autoptr (GenvidPlan) plan = make_plan (folder, "replicate", "a/b", 100);

  remember (plan, "https://replicate.example/f/1");
  wall += 100 * LIFE;
  assert_recalled (plan, "https://replicate.example/f/1");
  folder_remove (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upload-cache/lasts", test_lasts);
  g_test_add_func ("/upload-cache/stays", test_stays);
  return g_test_run ();
}
