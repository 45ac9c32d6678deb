/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store providers: which services there are, what each can do, and what
 * is wrong with a description. It opens no socket and no store. */

#include "tool.h"

#include <stdio.h>
#include <string.h>

#include "description.h"
#include "json.h"
#include "provider-catalog.h"
#include "provider-show.h"
#include "provider.h"
#include "request-fields.h"
#include "user-file.h"

#include <json-glib/json-glib.h>

#define MAX_BYTES (256 * 1024)

/* Some call, or a model of its table, does. */
static gboolean
takes (const GenvidProvider *provider, const char *word)
{
  for (guint i = 0; i < genvid_provider_get_n_calls (provider); i++) {
    JsonObject *call = genvid_provider_get_call (provider, i);
    JsonObject *models = genvid_json_object (call, "models");
    g_autoptr (GList) each = models ? json_object_get_values (models) : NULL;

    if (genvid_description_takes (call, word))
      return TRUE;
    for (GList *l = each; l != NULL; l = l->next)
      if (genvid_description_takes (json_node_get_object (l->data), word))
        return TRUE;
  }
  return FALSE;
}

static JsonArray *
list_words (const GenvidProvider *provider)
{
  JsonArray *words = json_array_new ();

  for (guint i = 0; genvid_request_fields[i] != NULL; i++)
    if (takes (provider, genvid_request_fields[i]))
      json_array_add_string_element (words, genvid_request_fields[i]);
  return words;
}

static JsonArray *
list_keys (const GenvidProvider *provider)
{
  const char *const *names = genvid_provider_get_key_variables (provider);
  JsonArray *keys = json_array_new ();

  for (; names != NULL && *names != NULL; names++)
    json_array_add_string_element (keys, *names);
  return keys;
}

static const char *
name_recovery (const GenvidProvider *provider)
{
  static const char *const names[] = {
    [GENVID_RECOVERY_NONE] = "none",
    [GENVID_RECOVERY_REPLAY] = "replay",
    [GENVID_RECOVERY_LOOKUP] = "lookup",
  };

  return names[genvid_provider_get_recovery (provider)];
}

/* A price without rows only says where to look. */
static gboolean
has_member (JsonObject *call, const char *name)
{
  return json_object_has_member (call, name)
         && (!g_str_equal (name, "price")
             || genvid_json_array (genvid_json_object (call, name), "rows")
                    != NULL);
}

static gboolean
any_model_has (JsonObject *call, const char *name)
{
  JsonObject *models = genvid_json_object (call, "models");
  g_autoptr (GList) each = models ? json_object_get_values (models) : NULL;

  for (GList *l = each; l != NULL; l = l->next)
    if (has_member (json_node_get_object (l->data), name))
      return TRUE;
  return FALSE;
}

/* Any call, or a model of one, has a price. */
static gboolean
has_prices (const GenvidProvider *provider)
{
  for (guint i = 0; i < genvid_provider_get_n_calls (provider); i++)
    if (has_member (genvid_provider_get_call (provider, i), "price")
        || any_model_has (genvid_provider_get_call (provider, i), "price"))
      return TRUE;
  return FALSE;
}

static JsonObject *
describe (const GenvidProvider *provider)
{
  JsonObject *object = json_object_new ();

  tool_set_text (object, "name", genvid_provider_get_name (provider));
  tool_set_text (object, "title", genvid_provider_get_title (provider));
  tool_set_text (object, "base-url", genvid_provider_get_base_url (provider));
  json_object_set_array_member (object, "key-variables", list_keys (provider));
  json_object_set_boolean_member (
      object, "key-set",
      genvid_provider_catalog_find_key (provider, NULL) != NULL);
  json_object_set_array_member (object, "words", list_words (provider));
  json_object_set_boolean_member (object, "cancel",
                                  genvid_provider_can_cancel (provider));
  tool_set_text (object, "lost-reply", name_recovery (provider));
  json_object_set_boolean_member (object, "price", has_prices (provider));
  tool_set_text (
      object, "key-page",
      genvid_json_string (
          genvid_json_object (genvid_provider_get_root (provider), "key"),
          "page", NULL));
  return object;
}

static char *
join (JsonArray *array, const char *separator)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree char *one
        = genvid_json_scalar_text (json_array_get_element (array, i));

    g_string_append_printf (text, "%s%s", i > 0 ? separator : "",
                            one != NULL ? one : "");
  }
  return g_string_free (text, FALSE);
}

static char *
describe_key (JsonObject *object)
{
  JsonArray *keys = genvid_json_array (object, "key-variables");
  gboolean set = genvid_json_bool (object, "key-set", FALSE);

  if (json_array_get_length (keys) == 0)
    return g_strdup ("not needed");
  return g_strdup_printf ("%s %s", set ? "set:" : "unset:",
                          json_array_get_string_element (keys, 0));
}

static void
print_table (JsonArray *services)
{
  static const char *const titles[]
      = { "SERVICE", "KEY", "CANCEL", "LOST REPLY", "PRICE", "WORDS", NULL };
  g_autoptr (ToolTable) table = tool_table_new (titles);

  for (guint i = 0; i < json_array_get_length (services); i++) {
    JsonObject *object = json_array_get_object_element (services, i);
    g_autofree char *key = describe_key (object);
    g_autofree char *words = join (genvid_json_array (object, "words"), " ");
    char *cells[] = {
      (char *)genvid_json_string (object, "name", ""),
      key,
      (char *)(genvid_json_bool (object, "cancel", FALSE) ? "yes" : "no"),
      (char *)genvid_json_string (object, "lost-reply", ""),
      (char *)(genvid_json_bool (object, "price", FALSE) ? "known" : "unknown"),
      words,
      NULL
    };

    tool_table_add (table, i, cells);
  }
  tool_table_end (table);
}

static int
list_services (gboolean json)
{
  g_auto (GStrv) names = genvid_provider_catalog_list ();
  JsonArray *services = json_array_new ();
  g_autoptr (JsonNode) root
      = json_node_init_array (json_node_alloc (), services);
  int status = TOOL_OK;

  json_array_unref (services);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr (GError) problem = NULL;
    g_autoptr (GenvidProvider) provider
        = genvid_provider_catalog_find (names[i], &problem);

    if (provider == NULL)
      status = tool_complain ("%s", problem->message);
    else
      json_array_add_object_element (services, describe (provider));
  }
  if (json)
    tool_print_json (root);
  else
    print_table (services);
  return status;
}

/* What is told of a call: its own values, as the description spells them. */
static JsonObject *
describe_call (JsonObject *call)
{
  static const char *const members[]
      = { "name", "when", "unless", "words", "price", "times", "forbid" };
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (call, members[i]))
      json_object_set_member (
          object, members[i],
          json_node_copy (json_object_get_member (call, members[i])));
  return object;
}

static int
show (const char *name, gboolean json)
{
  static const char *const members[]
      = { "parameters", "credit", "failure-billing", "limits" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidProvider) provider
      = genvid_provider_catalog_find (name, &error);
  JsonArray *calls = json_array_new ();
  JsonObject *root, *object;

  if (provider == NULL) {
    json_array_unref (calls);
    return tool_complain ("%s", error->message);
  }
  root = genvid_provider_get_root (provider);
  object = describe (provider);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (root, members[i]))
      json_object_set_member (
          object, members[i],
          json_node_copy (json_object_get_member (root, members[i])));
  for (guint i = 0; i < genvid_provider_get_n_calls (provider); i++)
    json_array_add_object_element (
        calls, describe_call (genvid_provider_get_call (provider, i)));
  json_object_set_array_member (object, "calls", calls);
  if (!json) {
    g_autofree char *key = describe_key (object);

    provider_show (provider, key);
    json_object_unref (object);
    return TOOL_OK;
  }
  tool_print_json_object (object);
  return TOOL_OK;
}

/* A state rule (or one of RULES) leads to END. */
static gboolean
leads_to (JsonArray *rules, const char *end)
{
  for (guint i = 0; rules != NULL && i < json_array_get_length (rules); i++)
    if (g_strcmp0 (genvid_json_string (json_array_get_object_element (rules, i),
                                       "is", NULL),
                   end)
        == 0)
      return TRUE;
  return FALSE;
}

/* What a check has found, printed at its end. */
static void warn (JsonArray *warnings, const char *call, const char *format,
                  ...) G_GNUC_PRINTF (3, 4);

static void
warn (JsonArray *warnings, const char *call, const char *format, ...)
{
  JsonObject *warning = json_object_new ();
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  json_object_set_string_member (warning, "call", call);
  json_object_set_string_member (warning, "text", text);
  json_array_add_object_element (warnings, warning);
}

/* Only what can be cancelled here is cancelled, and a server of one's own,
 * which wants no key, moderates nothing. */
static gboolean
could_end (JsonObject *call, const char *end)
{
  if (g_str_equal (end, "cancelled"))
    return json_object_has_member (call, "cancel");
  return !g_str_equal (end, "refused")
         || !genvid_json_bool (genvid_json_object (call, "key"), "optional",
                               FALSE);
}

static void
warn_call (JsonArray *warnings, JsonObject *call)
{
  static const char *const ends[][2] = {
    { "succeeded", "a clip that is ready is fetched at the timeout only" },
    { "failed", "a generation that fails is polled until the timeout" },
    { "refused", "a moderated request is reported as failed" },
    { "cancelled", "a cancelled generation is polled until the timeout" },
  };
  static const char *const wanted[][2] = {
    { "cancel", "on-stop=cancel cannot stop a generation" },
    { "price", "a request under max-cost or a budget is refused" },
    { "times", "the first generations are polled every 5 seconds" },
  };
  JsonObject *reply = genvid_json_object (call, "reply");
  JsonObject *result
      = genvid_json_object (genvid_json_object (call, "result"), "reply");
  const char *name = genvid_json_string (call, "name", "");

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
    if (!could_end (call, ends[i][0])
        || leads_to (genvid_json_array (reply, "states"), ends[i][0])
        || leads_to (genvid_json_array (result, "states"), ends[i][0])
        || leads_to (genvid_json_array (call, "errors"), ends[i][0]))
      continue;
    warn (warnings, name, "no rule leads to \"%s\": %s", ends[i][0],
          ends[i][1]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    if (has_member (call, wanted[i][0]))
      continue;
    warn (warnings, name, "no \"%s\"%s: %s", wanted[i][0],
          any_model_has (call, wanted[i][0]) ? " for some models" : "",
          wanted[i][1]);
  }
  if (!json_object_has_member (reply, "message"))
    warn (warnings, name, "no \"reply.message\": an error has no reason");
}

/* What several calls have in common is said once: "text, image: no price". */
static char *
list_calls (JsonArray *warnings, const char *text, guint *first)
{
  GString *calls = g_string_new (NULL);

  *first = G_MAXUINT;
  for (guint i = 0; i < json_array_get_length (warnings); i++) {
    JsonObject *warning = json_array_get_object_element (warnings, i);

    if (!g_str_equal (genvid_json_string (warning, "text", ""), text))
      continue;
    *first = MIN (*first, i);
    g_string_append_printf (calls, "%s%s", calls->len > 0 ? ", " : "",
                            genvid_json_string (warning, "call", ""));
  }
  return g_string_free (calls, FALSE);
}

static void
print_warnings (const char *file, JsonArray *warnings)
{
  guint n = 0, first;

  for (guint i = 0; i < json_array_get_length (warnings); i++) {
    const char *text = genvid_json_string (
        json_array_get_object_element (warnings, i), "text", "");
    g_autofree char *calls = list_calls (warnings, text, &first);

    if (first != i)
      continue;
    n++;
    printf ("%s: %s%s%s\n", file, calls, *calls != '\0' ? ": " : "", text);
  }
  printf ("%s: valid; %u warning%s\n", file, n, n == 1 ? "" : "s");
}

/* ERROR is nullable. */
static void
print_check (const char *file, const GError *error, JsonArray *warnings)
{
  JsonObject *object = json_object_new ();

  tool_set_text (object, "file", file);
  json_object_set_boolean_member (object, "valid", error == NULL);
  tool_set_text (object, "error", error != NULL ? error->message : NULL);
  json_object_set_array_member (object, "warnings", json_array_ref (warnings));
  tool_print_json_object (object);
}

/* What a file of the user's own may do, and where it is found. */
static gboolean
check_own (JsonArray *warnings, const GenvidProvider *provider,
           const char *file, GError **error)
{
  const char *name = genvid_provider_get_name (provider);
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *wanted = g_strdup_printf ("%s.json", name);

  if (!g_str_equal (base, wanted))
    warn (warnings, "", "it is found only as a file named %s", wanted);
  return genvid_provider_index_find (name) != NULL
         || genvid_provider_catalog_check (provider, file, error);
}

/* Warnings are no problem: what they say may be the service's own fault. */
static int
check (const char *file, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GenvidProvider) provider = NULL;
  g_autoptr (JsonArray) warnings = json_array_new ();
  gsize length;

  text = genvid_user_file_read (file, MAX_BYTES, "It must describe a service.",
                                &length, &error);
  if (text != NULL)
    provider = genvid_provider_new (file, text, (gssize)length, &error);
  for (guint i = 0;
       provider != NULL && i < genvid_provider_get_n_calls (provider); i++)
    warn_call (warnings, genvid_provider_get_call (provider, i));
  if (provider != NULL)
    check_own (warnings, provider, file, &error);
  if (json)
    print_check (file, error, warnings);
  else if (error != NULL)
    tool_complain ("%s", error->message);
  else
    print_warnings (file, warnings);
  return error != NULL ? TOOL_PROBLEM : TOOL_OK;
}

static int
run (int argc, char **argv)
{
  gboolean json = FALSE;
  GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
          { NULL } };
  int status;

  if (!tool_parse (&tool_providers, entries, 2, &argc, &argv, &status))
    return status;
  if (argc == 2 && g_str_equal (argv[1], "list"))
    return list_services (json);
  if (argc == 3 && g_str_equal (argv[1], "show"))
    return show (argv[2], json);
  if (argc == 3 && g_str_equal (argv[1], "check"))
    return check (argv[2], json);
  return tool_misuse (&tool_providers, "give list, show NAME or check FILE.");
}

const ToolVerb tool_providers = {
  "providers",
  "list|show NAME|check FILE",
  "lists the services, shows one, or checks a description",
  run,
};
