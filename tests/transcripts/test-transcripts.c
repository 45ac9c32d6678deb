/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One service's transcript, played over real HTTP: each scenario is a server
 * of its own with its media on another port, a store of its own, and a clock
 * that does not wait. */

#include <gio/gio.h>
#include <string.h>

#include "client.h"
#include "folder-kit.h"
#include "fields-clock.h"
#include "fields-kit.h"
#include "json.h"
#include "fingerprint.h"
#include "log.h"
#include "plan.h"
#include "play.h"
#include "provider-catalog.h"
#include "settings.h"
#include "store-entry.h"
#include "store-recovery.h"
#include "store.h"
#include "transcript.h"
#include "clock.h"

#define CLIP TEST_SOURCE_ROOT "/tests/data/index-first.mp4"

static const char *service_name;

typedef struct {
  FakeService *api, *media;
  GPtrArray *exchanges, *downloads;
  JsonObject *root, *scenario; /* the scenario is borrowed */
  GBytes *clip;
  char *folder;
  char *key;
} Stage;

static GBytes *
read_clip (void)
{
  char *data;
  gsize length;

  g_assert_true (g_file_get_contents (CLIP, &data, &length, NULL));
  return g_bytes_new_take (data, length);
}

/* The first 32 digits as RFC 9562 has it: version 8, variant a. */
static char *
make_uuid (const char *digits)
{
  return g_strdup_printf ("%.8s-%.4s-8%.3s-a%.3s-%.12s", digits, digits + 8,
                          digits + 13, digits + 17, digits + 20);
}

/* VALUE: of the purchase's idempotency, 64 digits; nullable. */
static JsonObject *
load (Stage *stage, const char *value)
{
  gsize size;
  const guchar *data = g_bytes_get_data (stage->clip, &size);
  g_autofree char *base64 = g_base64_encode (data, size);
  g_autofree char *uuid = value != NULL ? make_uuid (value) : NULL;
  const char *const replacements[] = {
    "${api}",
    fake_service_get_url (stage->api),
    "${media}",
    fake_service_get_url (stage->media),
    "${files}",
    stage->folder,
    "${clip}",
    base64,
    value != NULL ? "${idempotency}" : NULL,
    value,
    "${uuid}",
    uuid,
    NULL,
  };

  return transcript_load (service_name, replacements);
}

static JsonObject *
find_scenario (JsonObject *root, const char *name)
{
  JsonArray *all = genvid_json_array (root, "scenarios");

  for (guint i = 0; i < json_array_get_length (all); i++) {
    JsonObject *scenario = json_array_get_object_element (all, i);

    if (g_str_equal (genvid_json_string (scenario, "name", ""), name))
      return scenario;
  }
  g_assert_not_reached ();
}

/* What the scenario has, else what the file has. */
static JsonNode *
get_member (Stage *stage, const char *name)
{
  JsonNode *own = json_object_get_member (stage->scenario, name);

  return own != NULL ? own : json_object_get_member (stage->root, name);
}

static GenvidSettings *make_settings (Stage *stage);

/* Owned by the caller; NULL where the request is refused. */
static char *
make_idempotency (Stage *stage)
{
  g_autoptr (GenvidSettings) settings = make_settings (stage);
  g_autoptr (GenvidPlan) plan = genvid_plan_new_quote (settings, NULL, NULL);

  return plan != NULL ? genvid_fingerprint_idempotency (plan->fingerprint, 1)
                      : NULL;
}

/* Base64, or an object with it and the size that zeros fill it up to. */
static GByteArray *
decode_file (JsonObject *files, const char *name)
{
  JsonObject *padded = genvid_json_object (files, name);
  const char *base64 = padded != NULL
                           ? genvid_json_string (padded, "base64", "")
                           : genvid_json_string (files, name, "");
  gsize length;
  guchar *data = g_base64_decode (base64, &length);
  GByteArray *bytes = g_byte_array_new_take (data, length);
  guint size = (guint)genvid_json_int (padded, "size", (gint64)length);

  g_byte_array_set_size (bytes, size);
  memset (bytes->data + length, 0, size - length);
  return bytes;
}

static void
write_files (Stage *stage)
{
  JsonObject *files = genvid_json_object (stage->root, "files");
  g_autoptr (GList) names
      = files != NULL ? json_object_get_members (files) : NULL;

  for (GList *l = names; l != NULL; l = l->next) {
    g_autofree char *path = g_build_filename (stage->folder, l->data, NULL);
    g_autoptr (GByteArray) bytes = decode_file (files, l->data);

    g_assert_true (g_file_set_contents (path, (char *)bytes->data,
                                        (gssize)bytes->len, NULL));
  }
}

static JsonArray *
list_downloads (Stage *stage)
{
  JsonNode *node = get_member (stage, "media");
  gboolean leaves = genvid_json_bool (stage->scenario, "cancel", FALSE);
  const char *ends = genvid_json_string (stage->scenario, "ends",
                                         leaves ? "cancelled" : "done");
  g_autoptr (JsonNode) usual
      = json_from_string ("[{\"send\":{\"to\":\"GET /clip.mp4\"},"
                          "\"answer\":{\"clip\":true}}]",
                          NULL);

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node)
      && (json_object_has_member (stage->scenario, "media")
          || g_str_equal (ends, "done")))
    return json_array_ref (json_node_get_array (node));
  return g_str_equal (ends, "done") ? json_node_dup_array (usual)
                                    : json_array_new ();
}

static Stage *
stage_new (const char *name)
{
  g_autoptr (JsonArray) downloads = NULL;
  g_autofree char *value = NULL;
  Stage *stage = g_new0 (Stage, 1);

  stage->api = fake_service_new (NULL, 0);
  stage->media = fake_service_new (NULL, 0);
  stage->clip = read_clip ();
  stage->folder = g_dir_make_tmp ("genvid-transcript-XXXXXX", NULL);
  stage->root = load (stage, NULL);
  stage->scenario = find_scenario (stage->root, name);
  stage->key = g_strdup (genvid_json_string (stage->root, "key", NULL));
  write_files (stage);
  value = make_idempotency (stage);
  json_object_unref (stage->root);
  stage->root = load (stage, value);
  stage->scenario = find_scenario (stage->root, name);
  downloads = list_downloads (stage);
  stage->exchanges = transcript_expand (
      stage->root, name, genvid_json_array (stage->scenario, "exchanges"));
  stage->downloads = transcript_expand (stage->root, name, downloads);
  /* The exchanges and the downloads live in these. */
  json_object_set_array_member (stage->scenario, "media",
                                g_steal_pointer (&downloads));
  transcript_play (stage->exchanges, stage->api, stage->clip);
  transcript_play (stage->downloads, stage->media, stage->clip);
  return stage;
}

static void
stage_free (Stage *stage)
{
  fake_service_free (stage->api);
  fake_service_free (stage->media);
  g_ptr_array_unref (stage->exchanges);
  g_ptr_array_unref (stage->downloads);
  json_object_unref (stage->root);
  g_bytes_unref (stage->clip);
  folder_remove (stage->folder);
  g_free (stage->folder);
  g_free (stage->key);
  g_free (stage);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

/* As the properties of the element are: an input is a text. */
static GenvidRequest *
make_request (JsonObject *words)
{
  static const char *const inputs[]
      = { "image", "end-image", "video", "audio-input", "references", NULL };
  static const char *const kinds[] = { "id", "file", "link" };
  g_autoptr (JsonObject) copy = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (words);
  g_autoptr (GError) error = NULL;
  GenvidRequest *request;

  for (GList *l = names; l != NULL; l = l->next) {
    JsonNode *node = json_object_get_member (words, l->data);
    JsonArray *list = JSON_NODE_HOLDS_ARRAY (node)
                          ? json_array_ref (json_node_get_array (node))
                          : json_array_new ();
    JsonArray *parsed = json_array_new ();

    if (!g_strv_contains (inputs, l->data)) {
      json_object_set_member (copy, l->data, json_node_copy (node));
      json_array_unref (list);
      json_array_unref (parsed);
      continue;
    }
    if (JSON_NODE_HOLDS_VALUE (node))
      json_array_add_element (list, json_node_copy (node));
    for (guint i = 0; i < json_array_get_length (list); i++) {
      g_autoptr (GenvidInput) input
          = kit_input (json_array_get_string_element (list, i));
      JsonObject *object = json_object_new ();

      genvid_json_set (object, kinds[input->kind], input->value);
      json_array_add_object_element (parsed, object);
    }
    if (JSON_NODE_HOLDS_VALUE (node)) {
      json_object_set_member (
          copy, l->data, json_node_copy (json_array_get_element (parsed, 0)));
      json_array_unref (parsed);
    } else
      json_object_set_array_member (copy, l->data, parsed);
    json_array_unref (list);
  }
  request = genvid_request_from_json (copy, &error);
  g_assert_no_error (error);
  return request;
}

static GenvidSettings *
make_settings (Stage *stage)
{
  GenvidSettings *settings = genvid_settings_new ();
  JsonNode *words = get_member (stage, "request");
  JsonObject *set = genvid_json_object (stage->scenario, "settings");

  genvid_request_free (settings->request);
  settings->request = make_request (json_node_get_object (words));
  settings->provider
      = g_strdup (genvid_json_string (stage->root, "provider", service_name));
  settings->base_url = g_strdup (fake_service_get_url (stage->api));
  settings->api_key = g_strdup (stage->key);
  settings->store = g_build_filename (stage->folder, "store", NULL);
  settings->adopt = g_strdup (genvid_json_string (set, "adopt", NULL));
  settings->max_cost = genvid_json_double (set, "max-cost", -1);
  settings->timeout = (guint)genvid_json_int (set, "timeout", 0);
  if (genvid_json_bool (stage->scenario, "cancel", FALSE))
    settings->on_stop = GENVID_ON_STOP_CANCEL;
  return settings;
}

static gpointer
wait_until_stopped (gpointer data)
{
  GenvidClient *client = data;
  GenvidReadOutcome outcome = GENVID_READ_CHANGED;
  gsize available;

  while (outcome == GENVID_READ_CHANGED) {
    g_autoptr (GenvidClipStatus) status = genvid_client_snapshot (client);

    outcome = genvid_client_wait (client, 0, G_MAXSSIZE, TRUE, status->serial,
                                  &available);
  }
  return NULL;
}

/* Leaves while the held exchange is on its way. Returns the clip's name when
 * all that is expected has come and the worker is through; owned by the
 * caller. */
static char *
leave (Stage *stage)
{
  g_autoptr (GenvidSettings) settings = make_settings (stage);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) client = genvid_client_open (settings, NULL, &error);
  GThread *thread;

  g_assert_no_error (error);
  thread = g_thread_new ("wait", wait_until_stopped, client);
  fake_service_await_held (stage->api, NULL, 1);
  genvid_client_close (client);
  g_thread_join (thread);
  fake_service_open (stage->api, NULL);
  fake_service_await_requests (stage->api, stage->exchanges->len);
  fake_service_await_closed (stage->api);
  return g_strdup (genvid_client_get_fingerprint (client));
}

static void
check_text (Stage *stage, const char *name, const char *found)
{
  const char *wanted = genvid_json_string (stage->scenario, name, NULL);

  if (wanted != NULL && g_strcmp0 (wanted, found) != 0)
    transcript_complain ("%s is \"%s\", not \"%s\"", name,
                         found != NULL ? found : "(none)", wanted);
}

static void
check_says (Stage *stage, const char *found)
{
  const char *wanted = genvid_json_string (stage->scenario, "says", NULL);

  if (wanted != NULL && (found == NULL || strstr (found, wanted) == NULL))
    transcript_complain ("\"%s\" does not say \"%s\"",
                         found != NULL ? found : "", wanted);
}

static void
check_bytes (Stage *stage, const GenvidClipStatus *status)
{
  g_autofree char *data = NULL;
  gsize length, size;
  const char *bytes = g_bytes_get_data (stage->clip, &size);

  if (status->location == NULL
      || !g_file_get_contents (status->location, &data, &length, NULL)
      || length != size || memcmp (data, bytes, size) != 0)
    transcript_complain ("the clip is not the service's, byte for byte");
}

static void
check_details (Stage *stage, const Outcome *outcome)
{
  JsonObject *details = genvid_json_object (stage->scenario, "details");
  g_autoptr (GList) names
      = details != NULL ? json_object_get_members (details) : NULL;

  for (GList *l = names; l != NULL; l = l->next) {
    g_autofree char *found = outcome_detail (outcome, l->data);
    g_autofree char *wanted
        = genvid_json_to_text (json_object_get_member (details, l->data));

    if (g_strcmp0 (found, wanted) != 0)
      transcript_complain ("detail %s is %s, not %s", (char *)l->data,
                           found != NULL ? found : "(none)", wanted);
  }
}

static void
check_status (Stage *stage, const Outcome *outcome)
{
  const GenvidClipStatus *status = outcome->snapshot;
  double cost = genvid_json_double (stage->scenario, "cost", -1);

  check_text (stage, "states", outcome->states);
  check_text (stage, "id", status->id);
  if (json_object_has_member (stage->scenario, "cost")
      && ABS (status->cost - cost) > 1e-9)
    transcript_complain ("the cost is %g, not %g", status->cost, cost);
  check_text (stage, "currency", status->currency);
  check_details (stage, outcome);
  if (status->failure == NULL) {
    check_bytes (stage, status);
    return;
  }
  check_says (stage, status->failure->message);
  check_text (stage, "code", status->failure->service_code);
  check_text (stage, "billed",
              genvid_billed_to_string (status->failure->billed));
}

static void
check_outcome (Stage *stage, const Outcome *outcome)
{
  const char *wanted = genvid_json_string (stage->scenario, "ends", "done");
  const char *found = outcome->reason == GENVID_REASON_NONE
                          ? "done"
                          : genvid_reason_to_string (outcome->reason);

  if (!g_str_equal (wanted, found))
    transcript_complain ("it ends as %s, not as %s: %s", found, wanted,
                         outcome->refusal != NULL ? outcome->refusal
                         : outcome->snapshot->failure != NULL
                             ? outcome->snapshot->failure->message
                             : "");
  if (outcome->refusal != NULL)
    check_says (stage, outcome->refusal);
  else
    check_status (stage, outcome);
}

/* What the purchase's record says when all is over. */
static void
check_record (Stage *stage, const char *fingerprint)
{
  g_autofree char *path = g_build_filename (stage->folder, "store", NULL);
  const char *wanted = genvid_json_string (stage->scenario, "record", NULL);
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autofree char *found = NULL;

  if (wanted == NULL)
    return;
  store = genvid_store_open (path, FALSE, NULL);
  g_assert_nonnull (store);
  entry = genvid_store_get_entry (store, fingerprint);
  record = genvid_store_entry_load (entry, NULL);
  found = record == NULL
              ? g_strdup ("(none)")
              : g_strdup_printf (
                  "%s %s", genvid_state_to_string (record->state),
                  record->failure != NULL
                      ? genvid_billed_to_string (record->failure->billed)
                      : "-");
  check_text (stage, "record", found);
}

/* No stranger sees the key, in whatever header or address. */
static void
check_strangers (Stage *stage)
{
  JsonObject *headers = genvid_json_object (stage->root, "headers");
  g_autoptr (GList) names
      = headers != NULL ? json_object_get_members (headers) : NULL;

  for (guint i = 0; i < fake_service_get_n_requests (stage->media); i++) {
    const FakeRequest *request = fake_service_get_request (stage->media, i);
    GHashTableIter iter;
    gpointer name, value;

    g_assert_null (stage->key != NULL ? strstr (request->target, stage->key)
                                      : NULL);
    g_hash_table_iter_init (&iter, request->headers);
    while (g_hash_table_iter_next (&iter, &name, &value))
      if (stage->key != NULL && strstr (value, stage->key) != NULL)
        transcript_complain ("another origin gets the key, in %s",
                             (char *)name);
    for (GList *l = names; l != NULL; l = l->next)
      if (!g_str_equal (l->data, "Accept")
          && fake_request_get_header (request, l->data) != NULL)
        transcript_complain ("another origin gets the header %s",
                             (char *)l->data);
  }
}

/* To the end; the clip's name, owned by the caller, NULL if it was refused. */
static char *
stay (Stage *stage)
{
  g_autoptr (Outcome) outcome = kit_run (make_settings (stage));

  check_outcome (stage, outcome);
  return g_strdup (outcome->fingerprint);
}

static void
check_requests (Stage *stage)
{
  transcript_check (stage->exchanges,
                    genvid_json_object (stage->root, "headers"), stage->api);
  transcript_check (stage->downloads, NULL, stage->media);
  check_strangers (stage);
}

static void
test_scenario (gconstpointer data)
{
  g_autoptr (Stage) stage = stage_new (data);
  gboolean leaves = genvid_json_bool (stage->scenario, "cancel", FALSE);
  gint64 before = genvid_clock_now ().boot;
  gint64 least
      = genvid_json_int (stage->scenario, "seconds", 0) * G_USEC_PER_SEC;
  g_autofree char *fingerprint = leaves ? leave (stage) : stay (stage);

  if (fingerprint != NULL)
    check_record (stage, fingerprint);
  check_requests (stage);
  if (genvid_clock_now ().boot - before < least)
    transcript_complain ("it took less than the %d seconds that it must wait",
                         (int)(least / G_USEC_PER_SEC));
}

/* The first scenario once more, through the element and a decoder. */
static void
test_decode (gconstpointer data)
{
  g_autoptr (Stage) stage = stage_new (data);
  g_autoptr (JsonObject) properties = json_object_new ();
  JsonObject *words = json_node_get_object (get_member (stage, "request"));
  g_autoptr (GList) names = json_object_get_members (words);
  g_autofree char *store = g_build_filename (stage->folder, "store", NULL);
  guint n;

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_member (
        properties, l->data,
        json_node_copy (json_object_get_member (words, l->data)));
  genvid_json_set (properties, "provider", service_name);
  genvid_json_set (properties, "api-key", stage->key);
  genvid_json_set (properties, "base-url", fake_service_get_url (stage->api));
  genvid_json_set (properties, "store", store);
  n = play_element (properties);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (n, ==, play_file (CLIP));
  check_requests (stage);
}

#ifdef GENVID_PLUGIN_DIR
/* The variable that the description reads the key from first; owned by the
 * caller. */
static char *
find_key_variable (void)
{
  g_autofree char *path
      = g_strdup_printf (TEST_SOURCE_ROOT "/providers/%s.json", service_name);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root;

  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  root = json_node_get_object (json_parser_get_root (parser));
  return g_strdup (json_array_get_string_element (
      genvid_json_array (genvid_json_object (root, "key"), "variables"), 0));
}

static GSubprocessLauncher *
make_launcher (Stage *stage)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autofree char *variable = find_key_variable ();
  g_autofree char *store = g_build_filename (stage->folder, "store", NULL);
  const char *const pairs[] = {
    "GST_PLUGIN_PATH_1_0",
    GENVID_PLUGIN_DIR,
    "GST_REGISTRY",
    GENVID_PLUGIN_DIR "/examples.bin",
    "SINK",
    "fakesink",
    "GENVID_PROVIDER",
    service_name,
    "GENVID_BASE_URL",
    fake_service_get_url (stage->api),
    "GENVID_STORE",
    store,
    variable,
    stage->key,
    NULL,
  };

  for (guint i = 0; pairs[i] != NULL && pairs[i + 1] != NULL; i += 2)
    g_subprocess_launcher_setenv (launcher, pairs[i], pairs[i + 1], TRUE);
  return launcher;
}

/* What a user types, in a process of its own and by the real clock: the same
 * requests. */
static void
test_example (gconstpointer data)
{
  g_autoptr (Stage) stage = stage_new (data);
  g_autoptr (GSubprocessLauncher) launcher = make_launcher (stage);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_launcher_spawn (
      launcher, &error, TEST_SOURCE_ROOT "/examples/services.sh", service_name,
      "poll-interval=1", NULL);
  g_autofree char *said = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_successful (process))
    transcript_complain ("%s", said);
  check_requests (stage);
}
#endif

/* Every service has each of these, or says why not. */
static void
test_complete (void)
{
  static const char *const wanted[]
      = { "ready",        "failed",       "moderated", "out-of-credit",
          "rate-limited", "expired-link", "cancelled" };
  static const char *const none[] = { NULL };
  g_autoptr (JsonObject) root = transcript_load (service_name, none);
  JsonObject *without = genvid_json_object (root, "without");
  JsonArray *all = genvid_json_array (root, "scenarios");

  g_assert_nonnull (genvid_json_array (root, "pages"));
  g_assert_nonnull (genvid_json_string (root, "read", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    gboolean found = genvid_json_string (without, wanted[i], NULL) != NULL;

    for (guint j = 0; j < json_array_get_length (all); j++)
      found = found
              || g_str_equal (
                  genvid_json_string (json_array_get_object_element (all, j),
                                      "name", ""),
                  wanted[i]);
    if (!found)
      transcript_complain ("there is no scenario \"%s\", and \"without\" does "
                           "not say why",
                           wanted[i]);
  }
}

static void
add_scenarios (void)
{
  static const char *const none[] = { NULL };
  g_autoptr (JsonObject) root = transcript_load (service_name, none);
  JsonArray *all = genvid_json_array (root, "scenarios");

  for (guint i = 0; i < json_array_get_length (all); i++) {
    JsonObject *scenario = json_array_get_object_element (all, i);
    const char *name
        = g_intern_string (genvid_json_string (scenario, "name", "unnamed"));
    g_autofree char *path
        = g_strdup_printf ("/transcripts/%s/%s", service_name, name);

    g_test_add_data_func (path, name, test_scenario);
    if (genvid_json_bool (scenario, "decode", g_str_equal (name, "ready"))) {
      g_autofree char *played = g_strconcat (path, "/decoded", NULL);

      g_test_add_data_func (played, name, test_decode);
    }
  }
}

/* A failure is explained by what was done. */
static gboolean
print_log (GenvidLogRoom room, GenvidLogLevel level, const char *text)
{
  if (text != NULL)
    g_test_message ("%s", text);
  return TRUE;
}

static void
add_example (void)
{
#ifdef GENVID_PLUGIN_DIR
  g_autofree char *path
      = g_strdup_printf ("/transcripts/%s/example", service_name);

  g_test_add_data_func (path, "ready", test_example);
#endif
}

int
main (int argc, char *argv[])
{
  kit_init (&argc, &argv);
  g_assert_cmpint (argc, ==, 2);
  service_name = argv[1];
  genvid_log_set_hook (print_log);
  g_test_add_func ("/transcripts/complete", test_complete);
  add_scenarios ();
  add_example ();
  return g_test_run ();
}
