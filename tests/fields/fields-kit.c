/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of the fields share: an order in one line, its outcome, and
 * what the service saw of it. */

#include "fields-kit.h"

#include "folder-kit.h"

#include <glib/gstdio.h>
#include <string.h>

#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "json.h"
#include "record.h"
#include "request-uri.h"
#include "request.h"
#include "settings.h"

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include "fields-clock.h"

/* The run that is watched from its worker's waits. */
static GMutex mutex;
static GenvidClient *watched;
static GString *states;

static void
note_state (void)
{
  g_autoptr (GenvidClipStatus) snapshot = NULL;
  const char *name;

  g_mutex_lock (&mutex);
  if (watched != NULL) {
    snapshot = genvid_client_snapshot (watched);
    name = genvid_state_to_string (snapshot->state);
    if (!g_str_has_suffix (states->str, name))
      g_string_append_printf (states, "%s%s", states->len > 0 ? " " : "", name);
  }
  g_mutex_unlock (&mutex);
}

/* One run at a time. */
static void
watch (GenvidClient *run)
{
  g_mutex_lock (&mutex);
  if (watched == NULL) {
    watched = run;
    states = g_string_new (NULL);
  }
  g_mutex_unlock (&mutex);
}

/* NULL for a run that was not watched. */
static char *
unwatch (GenvidClient *run)
{
  char *text = NULL;

  note_state ();
  g_mutex_lock (&mutex);
  if (watched == run) {
    watched = NULL;
    text = g_string_free (g_steal_pointer (&states), FALSE);
  }
  g_mutex_unlock (&mutex);
  return text;
}

void
kit_init (int *argc, char ***argv)
{
  static const char *const ours[]
      = { "GENVID_PROVIDER",     "GENVID_BASE_URL", "GENVID_STORE",
          "GENVID_REUSE",        "GENVID_MAX_COST", "GENVID_BUDGET",
          "GEN_API_KEY",         "AIML_API_KEY",    "AIMLAPI_API_KEY",
          "CN8_API_KEY",         "GEN_BASE_URL",    "AIML_BASE_URL",
          "CN8_BASE_URL",        "GEN_SHEET_ID",    "GEN_CELL_ID",
          "GEN_AGENT_ID",        "CN8_AUTH_HEADER", "CN8_AUTH_PREFIX",
          "GENVID_PROVIDER_PATH" };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    g_unsetenv (ours[i]);
  /* No description of the one who runs the tests. */
  g_setenv ("XDG_DATA_HOME", "/nonexistent", TRUE);
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  g_test_init (argc, argv, NULL);
  clock_observe (note_state);
}

Kit *
kit_new (const char *provider, const GenvidSandboxOptions *options)
{
  GenvidSandboxOptions own
      = options != NULL ? *options : (GenvidSandboxOptions){ 0 };
  g_autoptr (GError) error = NULL;
  Kit *kit = g_new0 (Kit, 1);

  if (own.clip_path == NULL)
    own.clip_path = TEST_SOURCE_ROOT "/tests/data/index-first.mp4";
  /* Where a test's own server of pictures is: plain http is taken from the
   * service's host alone. */
  if (own.host == NULL)
    own.host = "127.0.0.1";
  if (own.first_id == 0)
    own.first_id = 9020;
  if (own.ready_after_polls == 0 && own.gen_seconds == 0)
    own.ready_after_polls = 2;
  kit->provider = g_strdup (provider);
  kit->sandbox = genvid_sandbox_new (&own, &error);
  g_assert_no_error (error);
  kit->folder = g_dir_make_tmp ("genvid-fields-XXXXXX", &error);
  g_assert_no_error (error);
  kit->store = g_build_filename (kit->folder, "store", NULL);
  clock_follow (kit->sandbox);
  return kit;
}

void
kit_free (Kit *kit)
{
  g_assert_cmpuint (genvid_sandbox_leaks (kit->sandbox), ==, 0);
  clock_follow (NULL);
  genvid_sandbox_free (kit->sandbox);
  folder_remove (kit->folder);
  g_free (kit->provider);
  g_free (kit->folder);
  g_free (kit->store);
  g_free (kit);
}

void
kit_fault (Kit *kit, const char *spec)
{
  g_autoptr (GError) error = NULL;

  genvid_sandbox_add_fault (kit->sandbox, spec, &error);
  g_assert_no_error (error);
}

char *
kit_file (Kit *kit, const char *name, GBytes *bytes)
{
  char *path = g_build_filename (kit->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                       (gssize)g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  return path;
}

GenvidInput *
kit_input (const char *text)
{
  g_autoptr (GError) error = NULL;
  GenvidInput *input = genvid_input_parse (text, &error);

  g_assert_no_error (error);
  return input;
}

GenvidSettings *
kit_order (Kit *kit, const char *members)
{
  gboolean placed = strstr (members, "cell-id=") != NULL
                    || strstr (members, "sheet-id=") != NULL
                    || !g_str_equal (kit->provider, "genpro");
  g_autofree char *text
      = g_strconcat ("genvid://?", placed ? "" : KIT_PLACE, members, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidRequestUri) uri = genvid_request_uri_parse (text, &error);
  GenvidSettings *settings = genvid_settings_new ();

  g_assert_no_error (error);
  genvid_request_free (settings->request);
  settings->request = g_steal_pointer (&uri->request);
  settings->provider = g_strdup (kit->provider);
  settings->base_url = g_strdup (genvid_sandbox_base_url (kit->sandbox));
  settings->api_key = g_strdup (KIT_KEY);
  settings->store = g_strdup (kit->store);
  return settings;
}

static gboolean
is_over (const GenvidClipStatus *snapshot, GenvidReadOutcome outcome)
{
  if (snapshot->failure != NULL)
    return TRUE;
  g_assert_cmpint (outcome, !=, GENVID_READ_STOPPED);
  /* The bytes may be whole before the record that says so is. */
  return snapshot->state == GENVID_STATE_DONE && snapshot->location != NULL;
}

static GenvidClipStatus *
follow (GenvidClient *run)
{
  guint seen = 0;
  gsize available;

  for (;;) {
    GenvidReadOutcome outcome
        = genvid_client_wait (run, 0, G_MAXSSIZE, TRUE, seen, &available);
    g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (run);

    if (is_over (snapshot, outcome))
      return g_steal_pointer (&snapshot);
    seen = snapshot->serial;
    g_thread_yield ();
  }
}

Outcome *
kit_run (GenvidSettings *settings)
{
  Outcome *outcome = g_new0 (Outcome, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) run = genvid_client_open (settings, NULL, &error);

  genvid_settings_free (settings);
  if (run == NULL) {
    g_assert_true (error->domain == GENVID_ERROR);
    outcome->refusal = g_strdup (error->message);
    outcome->reason = (GenvidReason)error->code;
    return outcome;
  }
  outcome->fingerprint = g_strdup (genvid_client_get_fingerprint (run));
  watch (run);
  outcome->snapshot = follow (run);
  outcome->states = unwatch (run);
  if (outcome->snapshot->failure != NULL)
    outcome->reason = outcome->snapshot->failure->reason;
  genvid_client_close (run);
  return outcome;
}

void
outcome_free (Outcome *outcome)
{
  g_free (outcome->fingerprint);
  g_free (outcome->refusal);
  g_free (outcome->states);
  genvid_clip_status_free (outcome->snapshot);
  g_free (outcome);
}

Outcome *
kit_go (Kit *kit, const char *members)
{
  return kit_run (kit_order (kit, members));
}

void
kit_assert_done (Kit *kit, const Outcome *outcome)
{
  g_autoptr (GBytes) clip = NULL;
  g_autofree char *data = NULL;
  gsize length, size;
  const char *bytes;

  g_assert_cmpstr (outcome->refusal, ==, NULL);
  if (outcome->snapshot->failure != NULL)
    g_error ("%s", outcome->snapshot->failure->message);
  clip = genvid_sandbox_clip (kit->sandbox, outcome->snapshot->id);
  bytes = g_bytes_get_data (clip, &size);
  g_assert_true (
      g_file_get_contents (outcome->snapshot->location, &data, &length, NULL));
  g_assert_cmpmem (data, length, bytes, size);
}

Outcome *
kit_done (Kit *kit, const char *members)
{
  Outcome *outcome = kit_go (kit, members);

  kit_assert_done (kit, outcome);
  return outcome;
}

Kit *
kit_played (const char *provider, const char *members)
{
  Kit *kit = kit_new (provider, NULL);

  outcome_free (kit_done (kit, members));
  return kit;
}

static gpointer
copy_request (gconstpointer source, gpointer unused)
{
  const GenvidSandboxRequest *request = source;
  GenvidSandboxRequest *copy = g_memdup2 (request, sizeof *request);

  copy->method = g_strdup (request->method);
  copy->path = g_strdup (request->path);
  copy->query = g_strdup (request->query);
  copy->headers = g_strdupv (request->headers);
  copy->body = request->body != NULL ? g_bytes_ref (request->body) : NULL;
  return copy;
}

void
kit_assert_states (const char *provider, const char *const (*rows)[2], guint n)
{
  for (guint i = 0; i < n; i++) {
    GenvidSandboxOptions options = { .ready_after_polls = 1 };
    g_autoptr (Kit) kit = kit_new (provider, &options);
    g_auto (GStrv) faults = g_strsplit (rows[i][0], " ", -1);
    g_autoptr (Outcome) outcome = NULL;

    for (guint j = 0; faults[j] != NULL; j++)
      kit_fault (kit, faults[j]);
    outcome = kit_go (kit, "prompt=p");
    g_test_message ("%s: %s", rows[i][0], outcome->states);
    g_assert_cmpstr (outcome->states, ==, rows[i][1]);
  }
}

GenvidSandboxRequest *
kit_request (Kit *kit, GenvidSandboxScope scope, guint n)
{
  g_autoptr (GPtrArray) requests = genvid_sandbox_requests (kit->sandbox);

  for (guint i = 0; i < requests->len; i++) {
    const GenvidSandboxRequest *request = g_ptr_array_index (requests, i);

    if (request->scope == scope && n-- == 0)
      return copy_request (request, NULL);
  }
  g_assert_not_reached ();
}

char *
kit_body (Kit *kit)
{
  guint n = genvid_sandbox_count_requests (
      kit->sandbox, GENVID_SANDBOX_ANY_SERVICE, GENVID_SANDBOX_SUBMIT);
  g_autoptr (GenvidSandboxRequest) request
      = kit_request (kit, GENVID_SANDBOX_SUBMIT, n - 1);
  gsize size;
  const char *data = g_bytes_get_data (request->body, &size);

  g_assert_cmpstr (genvid_sandbox_request_header (request, "Content-Type"), ==,
                   "application/json");
  return g_strndup (data, size);
}

char *
outcome_detail (const Outcome *outcome, const char *name)
{
  JsonObject *details = outcome->snapshot->details;

  if (details == NULL || !json_object_has_member (details, name))
    return NULL;
  return genvid_json_to_text (json_object_get_member (details, name));
}

char *
kit_sent (Kit *kit, const char *members)
{
  outcome_free (kit_done (kit, members));
  return kit_body (kit);
}
