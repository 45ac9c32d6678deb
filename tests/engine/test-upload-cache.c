/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service has is not uploaded again, for as long as it has it. */

#include "call-build.h"
#include "call.h"
#include "clock.h"
#include "exchange.h"
#include "job.h"
#include "plan-record.h"
#include "plan.h"
#include "record.h"
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

static void
write_picture (const char *path, gsize size)
{
  g_autofree char *bytes = g_malloc0 (size);

  memcpy (bytes, "\x89PNG\r\n\x1a\n", 8);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)size, NULL));
}

static GenvidSettings *
make_settings (const char *folder, const char *provider, const char *model)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->store = g_build_filename (folder, "store", NULL);
  settings->provider = g_strdup (provider);
  settings->api_key = g_strdup ("k");
  settings->request->model = g_strdup (model);
  settings->request->prompt = g_strdup ("a quiet lake");
  return settings;
}

static GenvidPlan *
open_plan (const GenvidSettings *settings)
{
  g_autoptr (GError) error = NULL;
  GenvidPlan *plan = genvid_plan_new (settings, NULL, &error);

  g_assert_no_error (error);
  return plan;
}

static GenvidPlan *
make_plan (const char *folder, const char *provider, const char *model,
           gsize size)
{
  g_autoptr (GenvidSettings) settings = make_settings (folder, provider, model);
  g_autofree char *path = g_build_filename (folder, "a.png", NULL);

  write_picture (path, size);
  settings->request->image = genvid_input_parse (path, NULL);
  return open_plan (settings);
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

static void
add_reference (GenvidSettings *settings, const char *text)
{
  g_ptr_array_add (settings->request->references,
                   genvid_input_parse (text, NULL));
}

/* The same picture twice, then a link that must be fetched first: the second
 * is passed over within a step, and the link's turn is told before it. */
static void
test_same_twice (void)
{
  g_autofree char *folder = g_dir_make_tmp ("genvid-uploads-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.png", NULL);
  g_autoptr (GenvidPlan) plan = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GenvidJob) job = NULL;
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (
      200, "{\"ErrCode\":0,\"Resp\":{\"img_id\":7}}");
  g_autoptr (GenvidSettings) settings
      = make_settings (folder, "pixverse", "v5");
  GenvidJobOptions options = { 0 };
  GenvidNow now = genvid_clock_now ();
  GenvidCall *call; /* the job's */
  guint index = 0;

  write_picture (path, 100);
  add_reference (settings, path);
  add_reference (settings, path);
  add_reference (settings, "https://pictures.example/b.png");
  plan = open_plan (settings);
  call = genvid_plan_make_call (plan, NULL);
  g_assert_cmpuint (genvid_call_get_n_uploads (call), ==, 3);
  record = genvid_plan_make_record (plan, call, NULL);
  job = genvid_job_new (call, record, &options, &now);
  g_assert_cmpint (genvid_job_step (job, &now).kind, ==, GENVID_STEP_SEND);
  genvid_job_feed (job, answer, &now);
  g_assert_true (genvid_job_get_upload (job, &index));
  g_assert_cmpuint (index, ==, 1);
  genvid_uploads_remember (plan, call);
  genvid_uploads_recall (plan, call);
  g_assert_true (genvid_job_get_upload (job, &index));
  g_assert_cmpuint (index, ==, 2);
  g_assert_false (genvid_job_is_submitting (job));
  genvid_call_set_upload_id (call, 2, genvid_call_get_upload_id (call, 0));
  g_assert_false (genvid_job_get_upload (job, &index));
  g_assert_true (genvid_job_is_submitting (job));
  folder_remove (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upload-cache/lasts", test_lasts);
  g_test_add_func ("/upload-cache/stays", test_stays);
  g_test_add_func ("/upload-cache/same-twice", test_same_twice);
  return g_test_run ();
}
