/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tutorial of docs/providers.md, letter by letter: its description is cut
 * out of the page, put where the page says, and does what the page says. */

#include "fields-kit.h"

#include "folder-kit.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fake-service.h"
#include "settings.h"

#include <gio/gio.h>

#define HEADING   "## A service in 25 lines"
#define MAX_LINES 25

static char *
read_section (void)
{
  g_autofree char *text = NULL;
  const char *start, *end;

  g_assert_true (g_file_get_contents (TEST_SOURCE_ROOT "/docs/providers.md",
                                      &text, NULL, NULL));
  start = strstr (text, "\n" HEADING "\n");
  g_assert_nonnull (start);
  end = strstr (start + 2, "\n## ");
  g_assert_nonnull (end);
  return g_strndup (start, (gsize)(end - start));
}

/* The first block of LANGUAGE; owned by the caller. */
static char *
cut_block (const char *section, const char *language)
{
  g_autofree char *mark = g_strdup_printf ("\n```%s\n", language);
  const char *start = strstr (section, mark);
  const char *end;

  g_assert_nonnull (start);
  start += strlen (mark);
  end = strstr (start, "\n```");
  g_assert_nonnull (end);
  return g_strndup (start, (gsize)(end + 1 - start));
}

static void
put (const char *folder)
{
  g_autofree char *section = read_section ();
  g_autofree char *text = cut_block (section, "json");
  g_autofree char *path = g_build_filename (folder, "toy.json", NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_nonnull (strstr (section, "`toy.json`"));
  g_assert_cmpuint (g_strv_length (lines) - 1, <=, MAX_LINES);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* The properties of the page's gst-launch line, as an order. */
static GenvidSettings *
order_as_printed (Kit *kit, FakeService *service, const char *more)
{
  g_autofree char *section = read_section ();
  g_autofree char *line = cut_block (section, "sh");
  GenvidSettings *settings = genvid_settings_new ();

  g_assert_nonnull (strstr (line, "genvidsrc provider=toy "
                                  "prompt=\"a red kite\" duration=8"));
  settings->provider = g_strdup ("toy");
  settings->request->prompt = g_strdup ("a red kite");
  settings->request->duration = more == NULL ? 8 : 5;
  settings->base_url = g_strdup (fake_service_get_url (service));
  settings->store = g_strdup (kit->store);
  return settings;
}

static FakeService *
serve (GBytes *clip)
{
  const FakeReply script[] = {
    { "POST", "/v1/clips", 201, NULL,
      "{\"id\":\"k 7\",\"state\":\"waiting\"}" },
    { "GET", "/v1/clips/k%207", 200, NULL, "{\"state\":\"busy\"}", .times = 1 },
    { "GET", "/clip.mp4", .bytes = clip },
  };
  FakeService *service = FAKE_SERVICE (script);
  g_autofree char *link = fake_service_make_url (service, "/clip.mp4");
  g_autofree char *ready = g_strdup_printf (
      "{\"state\":\"ready\",\"files\":[{\"url\":\"%s\"}]}", link);

  fake_service_add (service,
                    &(FakeReply){ "GET", "/v1/clips/k%207", 200, NULL, ready });
  return service;
}

static void
check_run (Kit *kit)
{
  g_autoptr (GBytes) clip = fake_clip_new (4096, FALSE, 3);
  g_autoptr (FakeService) service = serve (clip);
  g_autofree char *section = read_section ();
  const FakeRequest *submit;
  g_autoptr (Outcome) outcome = NULL;
  g_autofree char *body = NULL;
  g_autofree char *quoted = NULL;
  g_autofree char *data = NULL;
  gsize length, size;
  const char *bytes;

  outcome = kit_run (order_as_printed (kit, service, NULL));
  g_assert_cmpstr (outcome->refusal, ==, NULL);
  g_assert_null (outcome->snapshot->failure);
  submit = fake_service_get_request (service, 0);
  bytes = g_bytes_get_data (submit->body, &size);
  body = g_strndup (bytes, size);
  /* What the page says is sent is what is sent. */
  g_assert_cmpstr (body, ==, "{\"prompt\":\"a red kite\",\"seconds\":\"8s\"}");
  quoted = g_strdup_printf ("sends `%s`", body);
  g_assert_nonnull (strstr (section, quoted));
  g_assert_cmpstr (fake_request_get_header (submit, "authorization"), ==,
                   "Bearer toy-key");
  g_assert_cmpstr (outcome->states, ==, "queued running done");
  g_assert_true (
      g_file_get_contents (outcome->snapshot->location, &data, &length, NULL));
  bytes = g_bytes_get_data (clip, &size);
  g_assert_cmpmem (data, length, bytes, size);
}

static void
check_refusal (Kit *kit)
{
  g_autoptr (GBytes) clip = fake_clip_new (4096, FALSE, 3);
  g_autoptr (FakeService) service = serve (clip);
  g_autofree char *section = read_section ();
  g_autoptr (Outcome) refused
      = kit_run (order_as_printed (kit, service, "duration=5"));
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", refused->refusal);

  g_assert_cmpstr (refused->refusal, ==, "Toy supports duration 4 or 8, not 5");
  g_assert_nonnull (strstr (section, "`duration=5`"));
  g_assert_nonnull (strstr (section, quoted));
  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 0);
}

static void
test_path (void)
{
  g_autoptr (Kit) kit = kit_new ("toy", NULL);
  g_autofree char *folder = g_build_filename (kit->folder, "services", NULL);

  put (folder);
  g_setenv ("GENVID_PROVIDER_PATH", folder, TRUE);
  check_run (kit);
  check_refusal (kit);
  g_unsetenv ("GENVID_PROVIDER_PATH");
}

static void
test_data_folder (void)
{
  g_autoptr (Kit) kit = kit_new ("toy", NULL);
  g_autofree char *folder
      = g_build_filename (g_get_user_data_dir (), "genvid", "providers", NULL);

  g_assert_true (g_str_has_prefix (folder, g_get_tmp_dir ()));
  put (folder);
  check_run (kit);
}

int
main (int argc, char *argv[])
{
  g_autofree char *home = g_dir_make_tmp ("genvid-tutorial-XXXXXX", NULL);
  int status;

  g_assert_nonnull (home);
  kit_init (&argc, &argv);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("TOY_API_KEY", "toy-key", TRUE);
  g_test_add_func ("/tutorial/path", test_path);
  g_test_add_func ("/tutorial/data-folder", test_data_folder);
  status = g_test_run ();
  folder_remove (home);
  return status;
}
