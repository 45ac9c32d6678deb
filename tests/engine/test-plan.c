/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is refused before any network, and in which words; which setting wins
 * over which. */

#include "call-build.h"
#include "folder-kit.h"
#include "exchange.h"
#include "failure.h"
#include "plan.h"
#include "text.h"
#include "provider-catalog.h"
#include "provider.h"
#include "settings.h"

#include <gio/gio.h>

#include <glib/gstdio.h>

static const char *const variables[] = {
  "GENVID_PROVIDER", "GENVID_BASE_URL",      "GENVID_MAX_COST", "GENVID_BUDGET",
  "GENVID_REUSE",    "GENVID_PROVIDER_PATH", "GEN_API_KEY",     "GEN_BASE_URL",
  "GEN_SHEET_ID",    "GEN_CELL_ID",          "GEN_AGENT_ID",    "AIML_API_KEY",
  "AIMLAPI_API_KEY", "AIML_BASE_URL",        "CN8_API_KEY",     "CN8_BASE_URL",
};

typedef struct {
  char *folder;
  GenvidSettings *settings;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  f->folder = g_dir_make_tmp ("genvid-plan-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
  f->settings = genvid_settings_new ();
  f->settings->store = g_build_filename (f->folder, "store", NULL);
  f->settings->request->prompt = g_strdup ("a quiet lake");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  genvid_settings_free (f->settings);
  folder_remove (f->folder);
  g_free (f->folder);
}

static void
set (char **member, const char *value)
{
  g_free (*member);
  *member = g_strdup (value);
}

static GenvidPlan *
make (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  GenvidPlan *plan = genvid_plan_new (f->settings, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (plan);
  return plan;
}

static void
assert_refused (Fixture *f, GenvidReason reason, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidPlan) plan = genvid_plan_new (f->settings, NULL, &error);

  g_assert_null (plan);
  g_assert_error (error, GENVID_ERROR, (int)reason);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in \"%s\"", words, error->message);
}

static void
assert_not_for_sale (Fixture *f, GenvidReason reason, const char *words)
{
  g_autoptr (GenvidPlan) plan = make (f);
  g_autoptr (GError) error = NULL;

  g_assert_false (genvid_plan_may_buy (plan, &error));
  g_assert_error (error, GENVID_ERROR, (int)reason);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in \"%s\"", words, error->message);
}

static void
use_cn8 (Fixture *f)
{
  set (&f->settings->provider, "cn8");
  set (&f->settings->api_key, "a-key");
  set (&f->settings->base_url, "https://gateway.example");
}

/* TEXT in a file, as the option of ComfyUI's that is an object. */
static void
set_workflow (Fixture *f, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename (f->folder, file, NULL);
  JsonObject *options = json_object_new ();

  if (text != NULL)
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  json_object_set_string_member (options, "workflow", path);
  g_clear_pointer (&f->settings->request->options, json_object_unref);
  f->settings->request->options = options;
}

#define TITLED "\"_meta\":{\"title\":\"prompt\"}"

/* What is in the file counts, not where it is nor how it is spaced. */
static void
test_workflow (Fixture *f, gconstpointer data)
{
  g_autoptr (GenvidPlan) one = NULL;
  g_autoptr (GenvidPlan) same = NULL;
  g_autoptr (GenvidPlan) inside = NULL;
  g_autoptr (GenvidPlan) other = NULL;

  set (&f->settings->provider, "comfy-classic");
  set_workflow (f, "a.json",
                "{\"1\":{\"inputs\":{\"text\":\"x\"}," TITLED "}}");
  one = make (f);
  set_workflow (f, "b.json",
                " {\"1\":{" TITLED ",\n \"inputs\":{\"text\":\"x\"}}}\n");
  same = make (f);
  json_object_set_string_member (f->settings->request->options, "workflow",
                                 " {\"1\":{\"inputs\":{\"text\":\"x\"}," TITLED
                                 "}}");
  inside = make (f);
  set_workflow (f, "a.json",
                "{\"1\":{\"inputs\":{\"text\":\"x\",\"s\":1}," TITLED "}}");
  other = make (f);
  g_assert_cmpstr (one->fingerprint, ==, same->fingerprint);
  g_assert_cmpstr (one->fingerprint, ==, inside->fingerprint);
  g_assert_cmpstr (one->fingerprint, !=, other->fingerprint);
}

static void
test_bad_workflow (Fixture *f, gconstpointer data)
{
  set (&f->settings->provider, "comfy-classic");
  set_workflow (f, "none.json", NULL);
  assert_refused (f, GENVID_REASON_SETTINGS, "It must hold an object of JSON");
  set_workflow (f, "a.json", "{\"1\":");
  assert_refused (f, GENVID_REASON_SETTINGS, "option workflow: ");
  set_workflow (f, "a.json", "[1]");
  assert_refused (f, GENVID_REASON_SETTINGS,
                  "workflow must be a JSON object, or the path of a file");
  set_workflow (f, "a.json", "{\"nodes\":[],\"links\":[]}");
  assert_refused (f, GENVID_REASON_SETTINGS, "export it for the API");
  /* A playlist says what to make, not which files are read. */
  set_workflow (f, "a.json",
                "{\"1\":{\"inputs\":{\"text\":\"x\"}," TITLED "}}");
  f->settings->options_from_uri = f->settings->from_uri = TRUE;
  assert_refused (f, GENVID_REASON_SETTINGS, "may not set workflow");
}

static void
test_no_provider (Fixture *f, gconstpointer data)
{
  assert_refused (f, GENVID_REASON_SETTINGS, "$AIML_API_KEY");
}

static void
test_two_keys (Fixture *f, gconstpointer data)
{
  g_setenv ("GEN_API_KEY", "one", TRUE);
  g_setenv ("AIML_API_KEY", "two", TRUE);
  assert_refused (f, GENVID_REASON_SETTINGS, "does not guess");
}

static void
test_one_key (Fixture *f, gconstpointer data)
{
  g_autoptr (GenvidPlan) plan = NULL;

  g_setenv ("AIMLAPI_API_KEY", "second-choice", TRUE);
  plan = make (f);
  g_assert_cmpstr (genvid_provider_get_name (plan->provider), ==, "aimlapi");
  g_assert_cmpstr (plan->key, ==, "second-choice");
}

static void
test_key_order (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "key", NULL);
  g_autoptr (GenvidPlan) plan = NULL;

  g_setenv ("AIML_API_KEY", "from-variable", TRUE);
  plan = make (f);
  g_assert_cmpstr (plan->key, ==, "from-variable");

  g_assert_true (
      g_file_set_contents (path, "  from-file \nsecond line\n", -1, NULL));
  set (&f->settings->api_key_file, path);
  g_clear_pointer (&plan, genvid_plan_unref);
  set (&f->settings->provider, "aimlapi");
  plan = make (f);
  g_assert_cmpstr (plan->key, ==, "from-file");

  set (&f->settings->api_key, "from-property");
  g_clear_pointer (&plan, genvid_plan_unref);
  plan = make (f);
  g_assert_cmpstr (plan->key, ==, "from-property");
  g_assert_null (plan->settings->api_key);
}

static void
test_bad_key_files (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "key", NULL);

  use_cn8 (f);
  set (&f->settings->api_key, NULL);
  set (&f->settings->api_key_file, path);
  assert_refused (f, GENVID_REASON_SETTINGS, "does not exist");
  g_assert_true (g_file_set_contents (path, "\n\n", -1, NULL));
  assert_refused (f, GENVID_REASON_SETTINGS, "api-key-file");
}

static void
test_unknown_provider (Fixture *f, gconstpointer data)
{
  g_auto (GStrv) names = genvid_provider_catalog_list ();
  g_autofree char *list = genvid_text_list ((const char *const *)names);

  g_assert_nonnull (strstr (list, "aimlapi, "));
  g_assert_nonnull (strstr (list, "genpro"));
  set (&f->settings->provider, "nosuch");
  assert_refused (f, GENVID_REASON_SETTINGS, list);
}

static void
test_no_base_url (Fixture *f, gconstpointer data)
{
  use_cn8 (f);
  set (&f->settings->base_url, NULL);
  assert_refused (f, GENVID_REASON_SETTINGS, "$CN8_BASE_URL");
}

static void
test_base_url_order (Fixture *f, gconstpointer data)
{
  g_autoptr (GenvidPlan) plan = NULL;

  use_cn8 (f);
  set (&f->settings->base_url, NULL);
  g_setenv ("CN8_BASE_URL", "https://own.example/", TRUE);
  g_setenv ("GENVID_BASE_URL", "https://general.example", TRUE);
  plan = make (f);
  g_assert_cmpstr (plan->base_url, ==, "https://own.example");

  g_setenv ("GENVID_PROVIDER", "cn8", TRUE);
  g_clear_pointer (&plan, genvid_plan_unref);
  plan = make (f);
  g_assert_cmpstr (plan->base_url, ==, "https://general.example");

  set (&f->settings->base_url, "https://property.example");
  g_clear_pointer (&plan, genvid_plan_unref);
  plan = make (f);
  g_assert_cmpstr (plan->base_url, ==, "https://property.example");
}

static void
test_no_key (Fixture *f, gconstpointer data)
{
  use_cn8 (f);
  set (&f->settings->api_key, NULL);
  assert_not_for_sale (f, GENVID_REASON_UNAUTHORIZED, "CN8_API_KEY");
}

static void
test_no_prompt (Fixture *f, gconstpointer data)
{
  use_cn8 (f);
  set (&f->settings->request->prompt, NULL);
  assert_refused (f, GENVID_REASON_SETTINGS, "prompt");
}

static void
test_max_cost (Fixture *f, gconstpointer data)
{
  g_autoptr (GenvidPlan) plan = NULL;

  use_cn8 (f);
  f->settings->request->duration = 8;
  f->settings->max_cost = 11.99;
  assert_not_for_sale (f, GENVID_REASON_OVER_BUDGET, "$12.00");
  f->settings->max_cost = 12;
  plan = make (f);
  g_assert_true (genvid_plan_may_buy (plan, NULL));
}

static void
test_default_price (Fixture *f, gconstpointer data)
{
  use_cn8 (f);
  f->settings->max_cost = 5.99;
  assert_not_for_sale (f, GENVID_REASON_OVER_BUDGET, "$6.00");
}

static void
test_ceiling_holds (Fixture *f, gconstpointer data)
{
  use_cn8 (f);
  f->settings->max_cost = 100;
  g_setenv ("GENVID_MAX_COST", "1", TRUE);
  assert_not_for_sale (f, GENVID_REASON_OVER_BUDGET, "at most $1.00");
}

static void
test_bad_ceiling (Fixture *f, gconstpointer data)
{
  use_cn8 (f);
  g_setenv ("GENVID_BUDGET", "ten", TRUE);
  assert_refused (f, GENVID_REASON_SETTINGS, "GENVID_BUDGET");
}

static void
test_reuse_only (Fixture *f, gconstpointer data)
{
  use_cn8 (f);
  g_setenv ("GENVID_REUSE", "only", TRUE);
  assert_not_for_sale (f, GENVID_REASON_NOT_STORED, "GENVID_REUSE");
  g_unsetenv ("GENVID_REUSE");
  f->settings->reuse = GENVID_REUSE_ONLY;
  assert_not_for_sale (f, GENVID_REASON_NOT_STORED, "reuse=auto");
}

static void
test_uri_needs_cap (Fixture *f, gconstpointer data)
{
  g_autoptr (GenvidPlan) plan = NULL;

  use_cn8 (f);
  f->settings->from_uri = TRUE;
  f->settings->uri_max_cost = 50; /* a URI cannot give itself leave */
  assert_not_for_sale (f, GENVID_REASON_NOT_STORED, "max-cost");
  g_setenv ("GENVID_BUDGET", "20", TRUE);
  plan = make (f);
  g_assert_true (genvid_plan_may_buy (plan, NULL));
  f->settings->uri_max_cost = 1; /* but it may tighten */
  assert_not_for_sale (f, GENVID_REASON_OVER_BUDGET, "$1.00");
}

static char *
get_fingerprint (Fixture *f)
{
  g_autoptr (GenvidPlan) plan = make (f);

  return g_strdup (plan->fingerprint);
}

static void
set_option (Fixture *f, const char *name, int value)
{
  g_clear_pointer (&f->settings->request->options, json_object_unref);
  f->settings->request->options = json_object_new ();
  json_object_set_int_member (f->settings->request->options, name, value);
}

/* However it is spelled, it is the same clip, from a URI or not; what nobody
 * knows is for the property alone. */
static void
test_uri_options (Fixture *f, gconstpointer data)
{
  g_autofree char *plain = NULL;
  g_autofree char *from_uri = NULL;
  g_autofree char *spelled = NULL;

  set (&f->settings->provider, "genpro");
  set (&f->settings->api_key, "a-key");
  set (&f->settings->request->model, "veo_3");
  g_setenv ("GEN_CELL_ID", "3100", TRUE);
  g_setenv ("GEN_AGENT_ID", "42", TRUE);
  set_option (f, "sheet-id", 101);
  plain = get_fingerprint (f);
  f->settings->options_from_uri = TRUE;
  from_uri = get_fingerprint (f);
  set_option (f, "Sheet_ID", 101);
  spelled = get_fingerprint (f);
  g_assert_cmpstr (from_uri, ==, plain);
  g_assert_cmpstr (spelled, ==, plain);

  set_option (f, "sheetid", 101);
  assert_refused (f, GENVID_REASON_SETTINGS, "the nearest is sheet-id");
  set_option (f, "durations", 8);
  assert_refused (f, GENVID_REASON_SETTINGS, "the nearest is duration.");
  assert_refused (f, GENVID_REASON_SETTINGS, "with the property options");
  set_option (f, "budgets", 8);
  assert_refused (f, GENVID_REASON_SETTINGS, "set the property budget");
}

/* Of a size that its service passed on before its models' sizes were listed. */
static void
check_former (Fixture *f, const char *former)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidPlan) plan = genvid_plan_new (f->settings, NULL, &error);
  g_autofree char *listed = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (plan->former, ==, former);
  set (&f->settings->request->resolution, "720p");
  listed = get_fingerprint (f);
  g_assert_cmpstr (plan->fingerprint, ==, listed);
}

/* What was bought under one spelling is asked for under the name that it had;
 * today it is one purchase. */
static void
test_listed_spelling (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *provider, *model, *former;
  } rows[] = {
    { "openrouter", "alibaba/wan-2.7",
      "c27015cfbe5db36d3ea974b8b40a5af04d41f856ba6b4e35a0e579c7fd43bb9e" },
    { "openrouter", "google/veo-3.1-lite",
      "9f0af525ccfa8c064c10e7e59f48f21c7f1582b9529cf2721956638a53ee2b59" },
    { "comfy-router", "byteplus/dreamina-seedance-2-5-260628",
      "ed5d730ba86c647f78b919203c6b634028c68c46bcf2f723ace26123a36c70b9" },
  };

  set (&f->settings->api_key, "a-key");
  set (&f->settings->request->prompt, "x");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    set (&f->settings->provider, rows[i].provider);
    set (&f->settings->request->model, rows[i].model);
    set (&f->settings->request->resolution, "720P");
    check_former (f, rows[i].former);
    set (&f->settings->request->resolution, "540P");
    assert_refused (f, GENVID_REASON_SETTINGS, "supports resolution");
  }
}

static void
test_bad_duration (Fixture *f, gconstpointer data)
{
  use_cn8 (f);
  f->settings->request->duration = 7;
  assert_refused (f, GENVID_REASON_SETTINGS, "4");
}

static void
test_fingerprint_is_of_the_request (Fixture *f, gconstpointer data)
{
  g_autoptr (GenvidPlan) first = NULL;
  g_autoptr (GenvidPlan) same = NULL;
  g_autoptr (GenvidPlan) other = NULL;

  use_cn8 (f);
  first = make (f);
  set (&f->settings->api_key, "another-key");
  f->settings->timeout = 17;
  same = make (f);
  f->settings->request->take = 2;
  other = make (f);
  g_assert_cmpstr (first->fingerprint, ==, same->fingerprint);
  g_assert_cmpstr (first->fingerprint, !=, other->fingerprint);
}

/* A description of a user's with a setting under a name of its own. */
static const char described[]
    = "{\"genvid\":1,\"name\":\"toy\",\"title\":\"Toy\","
      "\"semantics\":1,\"base-url\":{\"default\":\"https://toy.example\"},"
      "\"key\":{\"variables\":[\"TOY_API_KEY\"]},"
      "\"headers\":{\"X-Tenant\":\"${tenant-header}\","
      "\"${auth-header}\":\"${key}\"},"
      "\"parameters\":{\"tenant-header\":{\"type\":\"string\","
      "\"setting\":true,\"help\":\"whose key it is\"},"
      "\"auth-header\":{\"type\":\"string\",\"setting\":true,"
      "\"default\":\"X-Key\",\"help\":\"where the key goes\"}},"
      "\"words\":{\"prompt\":{\"required\":true}},"
      "\"submit\":{\"url\":\"/v1\",\"body\":{\"p\":\"${prompt}\"}},"
      "\"calls\":[{\"name\":\"text\"}],"
      "\"poll\":{\"url\":\"/v1/${id}\"},"
      "\"reply\":{\"id\":\"$.id\",\"status\":\"$.s\","
      "\"states\":[{\"in\":[\"x\"],\"is\":\"succeeded\"}],"
      "\"link\":\"$.u\"}}";

static void
write_toy (Fixture *f, const char *text)
{
  g_autofree char *file = g_build_filename (f->folder, "toy.json", NULL);

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

/* Its description is TEXT, in a folder of the user's. */
static void
choose_toy (Fixture *f, const char *text)
{
  write_toy (f, text);
  g_setenv ("GENVID_PROVIDER_PATH", f->folder, TRUE);
  set (&f->settings->provider, "toy");
}

static void
test_uri_settings (Fixture *f, gconstpointer data)
{
  g_autoptr (GenvidPlan) plan = NULL;

  choose_toy (f, described);
  set (&f->settings->api_key, "a-key");
  f->settings->from_uri = f->settings->options_from_uri = TRUE;
  f->settings->request->options = json_object_new ();
  json_object_set_string_member (f->settings->request->options, "Tenant_header",
                                 "evil");
  assert_refused (f, GENVID_REASON_SETTINGS,
                  "A genvid: URI may not set tenant-header");
  /* The application may. */
  f->settings->options_from_uri = FALSE;
  json_object_remove_member (f->settings->request->options, "Tenant_header");
  json_object_set_string_member (f->settings->request->options, "tenant_header",
                                 "mine");
  plan = make (f);
}

/* A server of one's own: without a key, and without a header for it. */
static void
test_keyless (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (described);
  g_autoptr (GenvidPlan) plan = NULL;
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidExchange) exchange = NULL;

  g_assert_cmpuint (g_string_replace (text, "\"variables\":",
                                      "\"optional\":true,\"variables\":", 1),
                    ==, 1);
  choose_toy (f, text->str);
  plan = make (f);
  g_assert_null (plan->key);
  g_assert_true (genvid_plan_may_buy (plan, NULL));
  call = genvid_plan_make_call (plan, NULL);
  exchange = genvid_call_build_submit (call, NULL);
  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (exchange->headers, i);

    g_assert_false (header->secret);
  }
  /* Where the key is not optional, nothing is bought. */
  write_toy (f, described);
  assert_not_for_sale (f, GENVID_REASON_UNAUTHORIZED, "There is no key");
}

/* The plan is the one that was checked and priced, whatever becomes of the file
 * while its generation waits. */
static void
test_changed_description (Fixture *f, gconstpointer data)
{
  g_autoptr (GenvidPlan) plan = NULL;

  choose_toy (f, described);
  set (&f->settings->api_key, "a-key");
  plan = make (f);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GenvidCall) call = genvid_plan_make_call (plan, NULL);
    g_autoptr (GenvidExchange) exchange = genvid_call_build_submit (call, NULL);

    g_assert_cmpstr (exchange->url, ==, "https://toy.example/v1");
    write_toy (f, "{}");
  }
}

#define ADD(name, function)                                                    \
  g_test_add ("/plan/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("no-provider", test_no_provider);
  ADD ("two-keys", test_two_keys);
  ADD ("one-key", test_one_key);
  ADD ("key-order", test_key_order);
  ADD ("bad-key-files", test_bad_key_files);
  ADD ("unknown-provider", test_unknown_provider);
  ADD ("no-base-url", test_no_base_url);
  ADD ("base-url-order", test_base_url_order);
  ADD ("no-key", test_no_key);
  ADD ("keyless", test_keyless);
  ADD ("no-prompt", test_no_prompt);
  ADD ("workflow", test_workflow);
  ADD ("bad-workflow", test_bad_workflow);
  ADD ("max-cost", test_max_cost);
  ADD ("default-price", test_default_price);
  ADD ("ceiling-holds", test_ceiling_holds);
  ADD ("bad-ceiling", test_bad_ceiling);
  ADD ("reuse-only", test_reuse_only);
  ADD ("uri-needs-cap", test_uri_needs_cap);
  ADD ("uri-settings", test_uri_settings);
  ADD ("changed-description", test_changed_description);
  ADD ("uri-options", test_uri_options);
  ADD ("bad-duration", test_bad_duration);
  ADD ("fingerprint", test_fingerprint_is_of_the_request);
  ADD ("listed-spelling", test_listed_spelling);
  return g_test_run ();
}
