/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* list, verify and quote: what they print, and that they leave all as it was.
 */

#include "tool-kit.h"
#include "record.h"
#include "store-entry.h"
#include "store.h"

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utime.h>

static const char *
get_text (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, NULL);
}

static void
save_state (Kit *kit, const char *fingerprint, GenvidState state)
{
  g_autoptr (GenvidRecord) record = kit_make_record (fingerprint, state, 7200);

  kit_save (kit, record);
}

static void
test_list (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidRecord) record
      = kit_make_record (FINGERPRINT_A, GENVID_STATE_RUNNING, 0);
  g_autoptr (JsonNode) node = NULL;
  g_auto (Result) table = { 0 };
  g_auto (Result) json = { 0 };
  JsonArray *array;
  JsonObject *first;

  kit_save_done (kit, FINGERPRINT_B, 10);
  record->intended.wall = G_USEC_PER_SEC;
  record->intended.boot_id = g_strdup ("boot");
  g_free (record->prompt);
  record->prompt = g_strdup ("a prompt \033[31m of more than forty characters, "
                             "told in full");
  record->request = json_object_new ();
  json_object_set_int_member (record->request, "take", 3);
  kit_save (kit, record);

  table = kit_run (kit, "list");
  g_assert_cmpint (table.status, ==, 0);
  g_assert_null (strchr (table.out, '\033'));
  assert_has (table.out, "1970-01-01 00:00");
  assert_has (table.out, "a20000000000 ");
  assert_has (table.out, "clip.mp4");
  g_assert_null (strstr (table.out, "told in full"));

  json = kit_run (kit, "list --json");
  g_assert_cmpint (json.status, ==, 0);
  node = kit_parse (&json);
  array = json_node_get_array (node);
  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  first = json_array_get_object_element (array, 0);
  g_assert_cmpstr (get_text (first, "fingerprint"), ==, FINGERPRINT_A);
  g_assert_cmpstr (get_text (first, "state"), ==, "running");
  g_assert_cmpstr (get_text (first, "id"), ==, "job-1");
  g_assert_cmpstr (get_text (first, "bought"), ==, "1970-01-01T00:00:01Z");
  g_assert_cmpstr (get_text (first, "prompt"), ==, record->prompt);
  g_assert_cmpint (json_object_get_int_member (first, "take"), ==, 3);
  g_assert_true (json_object_get_null_member (first, "path"));
  g_assert_false (json_object_get_boolean_member (first, "working"));
}

/* More purchases than a process may have files open, in order of time. */
static void
test_list_many (Kit *kit, gconstpointer data)
{
  struct rlimit limit = { 0 };
  struct rlimit few = { 0 };

  for (guint i = 0; i < 150; i++) {
    g_autofree char *fingerprint = g_strdup_printf ("%064x", i);

    kit_save_done (kit, fingerprint, 7200 - ((i * 37) % 150));
  }
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  few = limit;
  few.rlim_cur = 100;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
  g_auto (Result) listed = kit_run (kit, "list --json");
  g_auto (Result) table = kit_run (kit, "list");
  g_auto (Result) verified = kit_run (kit, "verify");
  g_auto (Result) pruned = kit_run (kit, "prune --keep 0");
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  g_assert_cmpint (listed.status, ==, 0);
  g_assert_cmpint (table.status, ==, 0);
  g_assert_cmpint (verified.status, ==, 0);
  g_assert_cmpint (pruned.status, ==, 0);
  assert_has (pruned.out, "150 removed");
  g_autoptr (JsonNode) node = kit_parse (&listed);
  JsonArray *array = json_node_get_array (node);
  g_assert_cmpuint (json_array_get_length (array), ==, 150);
  for (guint i = 1; i < 150; i++)
    g_assert_cmpstr (
        get_text (json_array_get_object_element (array, i - 1), "ended"), <=,
        get_text (json_array_get_object_element (array, i), "ended"));
  g_auto (GStrv) rows = g_strsplit (table.out, "\n", -1);
  g_assert_cmpuint (g_strv_length (rows), ==, 152);
}

#define LONG    300
#define UNKNOWN 30 /* to the ledger */

/* It begins with the youngest name. */
static void
write_ledger (Kit *kit)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *path = g_build_filename (kit->store, "ledger.jsonl", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = LONG; i-- > UNKNOWN;)
    for (guint line = 0; line < 2; line++)
      g_string_append_printf (text,
                              "{\"time\":\"2026-01-01T00:00:00.000Z\","
                              "\"event\":\"submit\",\"provider\":"
                              "\"\\\"fingerprint\\\":\\\"\","
                              "\"fingerprint\":\"%064x\",\"n\":1}\n",
                              i);
  g_file_set_contents_full (path, text->str, (gssize)text->len,
                            G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

static void
save_named (Kit *kit, guint number, GenvidState state)
{
  g_autofree char *fingerprint = g_strdup_printf ("%064x", number);
  g_autoptr (GenvidRecord) record
      = kit_make_record (fingerprint, state, 7200 + number);

  kit_save (kit, record);
}

/* FIRST was read of it already. */
static char *
read_rest (GSubprocess *tool, const char *first, gsize length)
{
  g_autoptr (GOutputStream) all = g_memory_output_stream_new_resizable ();

  g_output_stream_write_all (all, first, length, NULL, NULL, NULL);
  g_output_stream_splice (all, g_subprocess_get_stdout_pipe (tool),
                          G_OUTPUT_STREAM_SPLICE_NONE, NULL, NULL);
  g_output_stream_write_all (all, "", 1, NULL, NULL, NULL);
  g_output_stream_close (all, NULL, NULL);
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (all));
}

static void
assert_order (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  JsonArray *array = json_node_get_array (node);

  g_assert_cmpuint (json_array_get_length (array), ==, LONG);
  for (guint i = 0; i < LONG; i++) {
    guint number = i < LONG - UNKNOWN ? LONG - 1 - i : i - (LONG - UNKNOWN);
    g_autofree char *name = g_strdup_printf ("%064x", number);

    g_assert_cmpstr (
        get_text (json_array_get_object_element (array, i), "fingerprint"), ==,
        name);
  }
}

/* The first is shown before the last is read: that one changes meanwhile,
 * while the pipe is full. */
static void
test_list_long (Kit *kit, gconstpointer data)
{
  g_autoptr (GSubprocess) tool = NULL;
  g_autofree char *text = NULL;
  char block[4096];
  gsize got = 0;

  for (guint i = 0; i < LONG; i++)
    save_named (kit, i, GENVID_STATE_FAILED);
  write_ledger (kit);
  tool = kit_start (kit, "list --json");
  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (tool),
                                          block, sizeof block, &got, NULL,
                                          NULL));
  save_named (kit, UNKNOWN - 1, GENVID_STATE_RUNNING);
  text = read_rest (tool, block, got);
  assert_order (text);
  assert_has (text, "\"running\"");
}

static void
test_list_working (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_auto (Result) result = { 0 };

  save_state (kit, FINGERPRINT_A, GENVID_STATE_RUNNING);
  store = kit_open_store (kit);
  entry = genvid_store_get_entry (store, FINGERPRINT_A);
  g_assert_true (genvid_store_entry_try_lock (entry, NULL));
  result = kit_run (kit, "list");
  assert_has (result.out, "running *");
}

/* Refused by every verb, and not a bit of it changed. */
static void
test_future (Kit *kit, gconstpointer data)
{
  const char *const lines[] = { "list",
                                "verify",
                                "fetch --all",
                                "fetch a1",
                                "prune --keep 0",
                                "prune --older 0s",
                                "quote 'genvid://cn8?prompt=x'",
                                "fetch 'genvid://cn8?prompt=x' --max-cost 10" };
  g_autofree char *version = g_build_filename (kit->store, "version", NULL);
  g_autofree char *before = NULL;

  kit_save_done (kit, FINGERPRINT_A, 7200);
  g_assert_true (g_file_set_contents (version, "2\n", -1, NULL));
  before = kit_describe_tree (kit);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_auto (Result) result = kit_run (kit, lines[i]);
    g_autofree char *after = kit_describe_tree (kit);

    g_assert_cmpint (result.status, ==, 1);
    assert_has (result.err, "newer");
    g_assert_cmpstr (before, ==, after);
  }
  g_assert_cmpuint (kit_count_requests (kit), ==, 0);
}

static void
test_no_store (Kit *kit, gconstpointer data)
{
  const char *const lines[]
      = { "list", "verify", "fetch --all", "fetch a1", "prune --keep 0" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_auto (Result) result = kit_run (kit, lines[i]);

    g_assert_cmpint (result.status, ==, 1);
    assert_has (result.err, "no store");
    g_assert_false (g_file_test (kit->store, G_FILE_TEST_EXISTS));
  }
}

static void
test_quote (Kit *kit, gconstpointer data)
{
  g_auto (Result) text = { 0 };
  g_auto (Result) json = { 0 };
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root;
  JsonObject *body;

  kit->environment = g_environ_unsetenv (kit->environment, "GEN_API_KEY");
  text = kit_run (kit, "quote 'genvid://genpro?prompt=a kite&model=veo_3"
                       "&duration=8'");
  g_assert_cmpint (text.status, ==, 0);
  assert_has (text.out, "\n    \"prompt\": \"a kite\",\n");
  assert_has (text.out, "480.00 credits (about 3.84 USD)");
  assert_has (text.out, "Idempotency-Key: ");
  assert_has (text.out, "stored:      no\n");

  json = kit_run (kit, "quote --json 'genvid://genpro?prompt=a kite&model=veo_3"
                       "&duration=8'");
  node = kit_parse (&json);
  root = json_node_get_object (node);
  body = json_object_get_object_member (root, "body");
  g_assert_cmpstr (get_text (body, "generation_type"), ==, "video_from_text");
  g_assert_cmpfloat (json_object_get_double_member (root, "usd"), ==, 3.84);
  g_assert_cmpuint (strlen (get_text (root, "fingerprint")), ==, 64);
  g_assert_cmpuint (kit_count_requests (kit), ==, 0);
  g_assert_false (g_file_test (kit->store, G_FILE_TEST_EXISTS));
}

/* What is quoted is what is sent, and the key is in neither output. */
static void
test_quote_is_sent (Kit *kit, gconstpointer data)
{
  const Service *service = data;
  g_autofree char *quote = g_strconcat ("quote --json ", service->uri, NULL);
  g_autofree char *fetch = g_strconcat (
      "fetch ", service->uri, " --max-cost 20 --poll-interval 1", NULL);
  g_auto (Result) quoted = kit_run (kit, quote);
  g_auto (Result) fetched = kit_run (kit, fetch);
  g_auto (Result) stored = kit_run (kit, quote);
  g_autoptr (GPtrArray) requests = genvid_sandbox_requests (kit->sandbox);
  const GenvidSandboxRequest *submit = g_ptr_array_index (requests, 0);
  g_autoptr (JsonNode) before = kit_parse (&quoted);
  g_autoptr (JsonNode) after = kit_parse (&stored);
  g_autoptr (JsonNode) sent = NULL;
  gsize length;
  const char *text = g_bytes_get_data (submit->body, &length);
  g_autofree char *body = g_strndup (text, length);

  kit_assert_clip (kit, &fetched);
  sent = json_from_string (body, NULL);
  g_assert_true (json_node_equal (
      sent, json_object_get_member (json_node_get_object (before), "body")));
  g_assert_null (strstr (quoted.out, "-of-"));
  g_assert_cmpstr (get_text (json_node_get_object (after), "state"), ==,
                   "done");
  assert_has (fetched.out,
              get_text (json_node_get_object (after), "fingerprint"));
}

static void
assert_finding (Kit *kit, const char *kind, const char *path)
{
  g_autofree char *before = kit_describe_tree (kit);
  g_auto (Result) result = kit_run (kit, "verify --json");
  g_autofree char *after = kit_describe_tree (kit);
  g_autoptr (JsonNode) node = kit_parse (&result);
  JsonArray *findings
      = json_object_get_array_member (json_node_get_object (node), "findings");
  JsonObject *finding;

  g_assert_cmpint (result.status, ==, 1);
  g_assert_cmpuint (json_array_get_length (findings), ==, 1);
  finding = json_array_get_object_element (findings, 0);
  g_assert_cmpstr (get_text (finding, "kind"), ==, kind);
  assert_has (get_text (finding, "path"), path);
  g_assert_cmpstr (before, ==, after);
}

static void
assert_healthy (Kit *kit)
{
  g_auto (Result) result = kit_run (kit, "verify");

  g_assert_cmpint (result.status, ==, 0);
}

static void
test_verify_healthy (Kit *kit, gconstpointer data)
{
  g_auto (Result) fetched
      = kit_run (kit, "fetch 'genvid://cn8?prompt=a kite' --max-cost 9 "
                      "--poll-interval 1");
  g_auto (Result) result = { 0 };

  kit_assert_clip (kit, &fetched);
  save_state (kit, FINGERPRINT_A, GENVID_STATE_RUNNING);
  save_state (kit, FINGERPRINT_B, GENVID_STATE_FAILED);
  result = kit_run (kit, "verify");
  g_assert_cmpint (result.status, ==, 0);
  assert_has (result.out, "1 complete clips, 1 unfinished, 0 problems");
  assert_has (result.out, "fetch --all");
}

static void
test_verify_clip (Kit *kit, gconstpointer data)
{
  g_autofree char *path = kit_path (kit, FINGERPRINT_A, "clip.mp4");
  g_autofree char *zeros = g_malloc0 (kit->clip_length);

  kit_save_done (kit, FINGERPRINT_A, 10);
  assert_healthy (kit);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_true (g_file_set_contents_full (
      path, (const char *)kit->clip, (gssize)kit->clip_length - 1,
      G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  assert_finding (kit, "clip", FINGERPRINT_A);
  g_assert_true (
      g_file_set_contents_full (path, zeros, (gssize)kit->clip_length,
                                G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  assert_finding (kit, "clip", FINGERPRINT_A);
  g_assert_cmpint (g_remove (path), ==, 0);
  assert_finding (kit, "clip", FINGERPRINT_A);
}

static void
test_verify_torn (Kit *kit, gconstpointer data)
{
  kit_save_done (kit, FINGERPRINT_A, 10);
  kit_write (kit, FINGERPRINT_A, "job.json", "{\"version\":1,\"fing");
  assert_finding (kit, "torn", "job.json");
}

static void
test_verify_doubt (Kit *kit, gconstpointer data)
{
  save_state (kit, FINGERPRINT_A, GENVID_STATE_IN_DOUBT);
  assert_finding (kit, "doubt", FINGERPRINT_A);
  save_state (kit, FINGERPRINT_A, GENVID_STATE_IDLE);
  assert_healthy (kit);
  kit_write (kit, FINGERPRINT_A, "intent-1", "{\"version\":1,\"n\":1}");
  assert_finding (kit, "doubt", FINGERPRINT_A);
}

static void
test_verify_part (Kit *kit, gconstpointer data)
{
  save_state (kit, FINGERPRINT_A, GENVID_STATE_DOWNLOADING);
  kit_write (kit, FINGERPRINT_A, "clip.part", "bytes");
  assert_healthy (kit);
  save_state (kit, FINGERPRINT_A, GENVID_STATE_FAILED);
  assert_finding (kit, "leftover", "clip.part");
}

static void
test_verify_temporary (Kit *kit, gconstpointer data)
{
  g_autofree char *path = g_build_filename (kit->store, ".new-x", NULL);
  struct utimbuf long_ago = { 1, 1 };

  kit_save_done (kit, FINGERPRINT_A, 10);
  kit_write (kit, FINGERPRINT_A, ".new-y", "");
  assert_finding (kit, "leftover", FINGERPRINT_A);
  {
    g_autofree char *inner = kit_path (kit, FINGERPRINT_A, ".new-y");

    g_assert_cmpint (g_remove (inner), ==, 0);
  }
  g_assert_true (g_file_set_contents_full (
      path, "", 0, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  assert_healthy (kit); /* somebody may be about to rename it */
  g_assert_cmpint (utime (path, &long_ago), ==, 0);
  assert_finding (kit, "leftover", ".new-x");
}

static void
test_verify_modes (Kit *kit, gconstpointer data)
{
  g_autofree char *record = kit_path (kit, FINGERPRINT_A, "job.json");
  g_auto (Result) result = { 0 };

  kit_save_done (kit, FINGERPRINT_A, 10);
  g_assert_cmpint (g_chmod (record, 0644), ==, 0);
  assert_finding (kit, "permissions", "job.json");
  g_assert_cmpint (g_chmod (record, 0600), ==, 0);
  g_assert_cmpint (g_chmod (kit->store, 0755), ==, 0);
  assert_finding (kit, "permissions", kit->store);
  g_assert_cmpint (g_chmod (kit->store, 0777), ==, 0);
  result = kit_run (kit, "verify");
  g_assert_cmpint (result.status, ==, 1);
  assert_has (result.err, "other users");
  g_assert_cmpint (g_chmod (kit->store, 0700), ==, 0);
}

static void
test_verify_ledger (Kit *kit, gconstpointer data)
{
  g_autofree char *path = g_build_filename (kit->store, "ledger.jsonl", NULL);

  kit_save_done (kit, FINGERPRINT_A, 10);
  g_assert_true (g_file_set_contents_full (path, "{\"time\":\"2026-0\n{}\n", -1,
                                           G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                           NULL));
  assert_finding (kit, "ledger", "ledger.jsonl");
}

#define ADD(name, function)                                                    \
  g_test_add ("/verbs/" name, Kit, NULL, kit_set_up, function, kit_tear_down)

/* Every service that ships, and a description with a place in its error. */
static void
test_providers (Kit *kit, gconstpointer data)
{
  g_auto (Result) table = kit_run (kit, "providers list");
  g_auto (Result) list = kit_run (kit, "providers list --json");
  g_auto (Result) shown = kit_run (kit, "providers show genpro --json");
  g_auto (Result) unknown = kit_run (kit, "providers show nosuch");
  g_auto (Result) misused = kit_run (kit, "providers shwo genpro");
  g_autofree char *path = g_build_filename (kit->folder, "bad.json", NULL);
  g_autofree char *line = g_strdup_printf ("providers check '%s'", path);
  g_auto (Result) bad = { 0 };
  g_auto (Result) good
      = kit_run (kit, "providers check '" TEST_DESCRIPTION "'");
  g_autoptr (JsonNode) all = kit_parse (&list);
  g_autoptr (JsonNode) service = kit_parse (&shown);

  g_assert_cmpint (table.status, ==, 0);
  assert_has (table.out, "set: GEN_API_KEY");
  g_assert_cmpint (list.status, ==, 0);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (all)), >=, 3);
  assert_has (list.out, "\"name\": \"replicate\"");
  assert_has (list.out, "\"AIML_API_KEY\"");
  g_assert_true (json_object_get_boolean_member (json_node_get_object (service),
                                                 "key-set"));
  assert_has (shown.out, "veo_3_fast");
  assert_has (shown.out, "2026-05-03");
  g_assert_cmpint (unknown.status, ==, 1);
  assert_has (unknown.err, "There is no service \"nosuch\"");
  g_assert_cmpint (misused.status, ==, 2);
  g_assert_true (
      g_file_set_contents (path, "{\"genvid\":1,\"nmae\":1}", -1, NULL));
  bad = kit_run (kit, line);
  g_assert_cmpint (bad.status, ==, 1);
  assert_has (bad.err, "bad.json: nmae: unknown key; the nearest is \"name\"");
  g_assert_cmpint (good.status, ==, 0);
  assert_has (good.out, "no \"cancel\"");
  assert_has (good.out, "valid; ");
}

/* What would be refused where it is used is refused here, and a file that is
 * not found under its name is told of. */
static void
test_providers_own (Kit *kit, gconstpointer data)
{
  g_autofree char *path = g_build_filename (kit->folder, "draft.json", NULL);
  g_autofree char *line = g_strdup_printf ("providers check '%s'", path);
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = NULL;
  g_autofree char *foreign = NULL;
  g_auto (Result) good = { 0 }, bad = { 0 };

  g_assert_true (g_file_get_contents (TEST_DESCRIPTION, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  good = kit_run (kit, line);
  g_assert_cmpint (good.status, ==, 0);
  assert_has (good.out, "draft.json: it is found only as a file named ");
  parts = g_strsplit (text, "\"aimlapi\"", 2);
  g_assert_nonnull (parts[1]);
  foreign = g_strconcat (parts[0], "\"mine\"", parts[1], NULL);
  g_assert_true (g_file_set_contents (path, foreign, -1, NULL));
  bad = kit_run (kit, line);
  g_assert_cmpint (bad.status, ==, 1);
  assert_has (bad.err, "base-url.variable: only a built-in may read ");
}

/* For a reader: what to set the key to, the values and the prices with their
 * source, and which models have one. */
static void
test_providers_show (Kit *kit, gconstpointer data)
{
  g_auto (Result) shown = kit_run (kit, "providers show fal");
  g_auto (Result) options = kit_run (kit, "providers show openai-videos");

  g_assert_cmpint (shown.status, ==, 0);
  assert_has (shown.out, "fal: provider=fal\n");
  assert_has (shown.out, "FAL_KEY; get one at https://");
  assert_has (shown.out, "fal lists the price of each model on its page, ");
  assert_has (shown.out, "0.35 USD a second: model=fal-ai/veo3.1/fast/* ");
  assert_has (shown.out, "read 2026-");
  assert_has (shown.out, "24 of 29 models have a price");
  assert_has (shown.out, "call veo-frames, for model=");
  /* A name that is longer than its column. */
  assert_has (options.out, "num_inference_steps steps of the sampler");
}

/* What a model alone has is listed and shown, and so is what it lacks. */
static void
test_providers_models (Kit *kit, gconstpointer data)
{
  g_auto (Result) shown = kit_run (kit, "providers show replicate");
  g_auto (Result) list = kit_run (kit, "providers show replicate --json");
  g_auto (Result) none = kit_run (kit, "providers show cn8 --json");

  assert_has (shown.out, "  model google/veo-3\n"
                         "    aspect-ratio    16:9, 9:16\n"
                         "    resolution      720p, 1080p\n"
                         "    duration        4, 6, 8\n"
                         "    audio           on, off\n"
                         "    not taken       end-image, references\n");
  assert_has (list.out, "\"audio\"");
  g_assert_null (strstr (none.out, "\"audio\""));
}

/* A price may be a model's own: the service has one, and other models lack it.
 */
static void
test_providers_model_price (Kit *kit, gconstpointer data)
{
  static const char text[]
      = "{\"genvid\":1,\"name\":\"toy\",\"title\":\"Toy\",\"semantics\":1,"
        "\"base-url\":{\"default\":\"https://toy.example\"},"
        "\"key\":{\"variables\":[\"TOY_API_KEY\"]},"
        "\"headers\":{\"X-Key\":\"${key}\"},"
        "\"words\":{\"prompt\":{},\"model\":{}},"
        "\"submit\":{\"url\":\"/v1\",\"body\":{\"prompt\":\"${prompt}\","
        "\"model\":\"${model}\"}},\"calls\":[{\"name\":\"text\"}],"
        "\"models\":{\"one\":{\"price\":{\"currency\":\"USD\","
        "\"dated\":\"2026-11-29\",\"rows\":[{\"amount\":1}]}}},"
        "\"poll\":{\"url\":\"/v1/${id}\"},"
        "\"reply\":{\"id\":\"$.id\",\"link\":\"$.url\","
        "\"states\":[{\"path\":\"$.url\",\"exists\":true,"
        "\"is\":\"succeeded\"}]}}";
  g_autofree char *folder
      = g_build_filename (kit->folder, "genvid", "providers", NULL);
  g_autofree char *path = g_build_filename (folder, "toy.json", NULL);
  g_autofree char *line = g_strdup_printf ("providers check '%s'", path);
  g_auto (Result) checked = { 0 };
  g_auto (Result) shown = { 0 };
  g_autoptr (JsonNode) service = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  checked = kit_run (kit, line);
  g_assert_cmpint (checked.status, ==, 0);
  assert_has (checked.out, "no \"price\" for some models: ");
  assert_has (checked.out, "no \"times\": ");
  shown = kit_run (kit, "providers show toy --json");
  service = kit_parse (&shown);
  g_assert_true (
      json_object_get_boolean_member (json_node_get_object (service), "price"));
}

/* As text and as JSON alike: what is wrong, or what is missing. */
static void
test_providers_check_json (Kit *kit, gconstpointer data)
{
  g_autofree char *path = g_build_filename (kit->folder, "bad.json", NULL);
  g_autofree char *line = g_strdup_printf ("providers check --json '%s'", path);
  g_auto (Result) good
      = kit_run (kit, "providers check --json '" TEST_DESCRIPTION "'");
  g_auto (Result) bad = { 0 };
  g_autoptr (JsonNode) valid = kit_parse (&good);
  g_autoptr (JsonNode) invalid = NULL;
  JsonObject *object = json_node_get_object (valid);
  JsonArray *warnings = json_object_get_array_member (object, "warnings");
  JsonObject *first = json_array_get_object_element (warnings, 0);

  g_assert_cmpint (good.status, ==, 0);
  g_assert_cmpstr (json_object_get_string_member (object, "file"), ==,
                   TEST_DESCRIPTION);
  g_assert_true (json_object_get_boolean_member (object, "valid"));
  g_assert_true (json_object_get_null_member (object, "error"));
  g_assert_cmpuint (json_array_get_length (warnings), >=, 1);
  g_assert_cmpstr (json_object_get_string_member (first, "call"), ==,
                   "pixverse-v5");
  g_assert_nonnull (json_object_get_string_member (first, "text"));
  g_assert_true (
      g_file_set_contents (path, "{\"genvid\":1,\"nmae\":1}", -1, NULL));
  bad = kit_run (kit, line);
  invalid = kit_parse (&bad);
  object = json_node_get_object (invalid);
  g_assert_cmpint (bad.status, ==, 1);
  g_assert_false (json_object_get_boolean_member (object, "valid"));
  g_assert_nonnull (strstr (json_object_get_string_member (object, "error"),
                            "nmae: unknown key; the nearest is \"name\""));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (services); i++) {
    g_autofree char *path
        = g_strconcat ("/verbs/quote-is-sent/", services[i].name, NULL);

    g_test_add (path, Kit, &services[i], kit_set_up, test_quote_is_sent,
                kit_tear_down);
  }
  ADD ("list", test_list);
  ADD ("list-many", test_list_many);
  ADD ("providers", test_providers);
  ADD ("list-long", test_list_long);
  ADD ("providers-own", test_providers_own);
  ADD ("providers-show", test_providers_show);
  ADD ("providers-models", test_providers_models);
  ADD ("providers-model-price", test_providers_model_price);
  ADD ("providers-check-json", test_providers_check_json);
  ADD ("list-working", test_list_working);
  ADD ("future", test_future);
  ADD ("no-store", test_no_store);
  ADD ("quote", test_quote);
  ADD ("verify-healthy", test_verify_healthy);
  ADD ("verify-clip", test_verify_clip);
  ADD ("verify-torn", test_verify_torn);
  ADD ("verify-doubt", test_verify_doubt);
  ADD ("verify-part", test_verify_part);
  ADD ("verify-temporary", test_verify_temporary);
  ADD ("verify-modes", test_verify_modes);
  ADD ("verify-ledger", test_verify_ledger);
  return g_test_run ();
}
