/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "provider-show.h"

#include <stdio.h>

#include "condition.h"
#include "description.h"
#include "json.h"
#include "request-fields.h"
#include "text.h"

#include <json-glib/json-glib.h>

/* The scalars of NODE, one or a list, with SEPARATOR between them. */
static char *
join (JsonObject *object, const char *name, const char *separator)
{
  g_autoptr (GList) nodes = genvid_description_list (object, name);
  GString *text = g_string_new (NULL);

  for (GList *l = nodes; l != NULL; l = l->next) {
    g_autofree char *one = genvid_json_scalar_text (l->data);

    g_string_append_printf (text, "%s%s", text->len > 0 ? separator : "",
                            one != NULL ? one : "…");
  }
  return g_string_free (text, FALSE);
}

/* "model=a,b", "image" for is set, "no image" for is not. */
static void
add_test (GString *text, JsonObject *tests, const char *name)
{
  JsonNode *test = json_object_get_member (tests, name);
  g_autofree char *values = NULL;

  if (text->len > 0)
    g_string_append_c (text, ' ');
  if (JSON_NODE_HOLDS_VALUE (test)
      && json_node_get_value_type (test) == G_TYPE_BOOLEAN) {
    g_string_append_printf (text, "%s%s",
                            json_node_get_boolean (test) ? "" : "no ", name);
    return;
  }
  values = join (tests, name, ",");
  g_string_append_printf (text, "%s=%s", name, values);
}

static void
add_condition (GString *text, JsonObject *rule, const char *name)
{
  g_autoptr (GList) choices = genvid_description_list (rule, name);

  for (GList *l = choices; l != NULL; l = l->next) {
    JsonObject *tests = json_node_get_object (l->data);
    g_autoptr (GList) names = json_object_get_members (tests);

    if (l != choices)
      g_string_append (text, " or");
    else if (g_str_equal (name, "unless"))
      g_string_append_printf (text, "%sunless", text->len > 0 ? " " : "");
    for (GList *n = names; n != NULL; n = n->next)
      add_test (text, tests, n->data);
  }
}

char *
provider_show_condition (JsonObject *rule)
{
  GString *text = g_string_new (NULL);

  add_condition (text, rule, "when");
  add_condition (text, rule, "unless");
  return g_string_free (text, FALSE);
}

/* One more part of a line; VALUE is nullable. */
static void
add (GString *text, const char *before, const char *value, const char *after)
{
  if (value == NULL || *value == '\0')
    return;
  if (text->len > 0)
    g_string_append (text, "; ");
  g_string_append_printf (text, "%s%s%s", before, value, after);
}

static char *
get_text (JsonObject *word, const char *name)
{
  return genvid_json_scalar_text (json_object_get_member (word, name));
}

static void
add_input (GString *text, JsonObject *word)
{
  static const char *const forms[] = { "file", "link", "id" };
  g_autoptr (GPtrArray) taken = g_ptr_array_new ();
  g_autofree char *list = NULL;
  g_autofree char *types = join (word, "types", ", ");
  g_autofree char *size = g_format_size_full (
      (guint64)genvid_json_int (word, "max-bytes", 0), G_FORMAT_SIZE_IEC_UNITS);

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (json_object_has_member (word, forms[i]))
      g_ptr_array_add (taken, (char *)forms[i]);
  if (taken->len == 0)
    return;
  g_ptr_array_add (taken, NULL);
  list = genvid_text_list ((const char *const *)taken->pdata);
  add (text, "", list, "");
  add (text, "", types, "");
  if (json_object_has_member (word, "max-bytes"))
    add (text, "at most ", size, "");
}

/* "5 or 8; default 5". */
static char *
describe_word (JsonObject *word)
{
  GString *text = g_string_new (NULL);
  g_autofree char *values = join (word, "values", ", ");
  g_autofree char *least = get_text (word, "min");
  g_autofree char *most = get_text (word, "max");
  g_autofree char *fallback = get_text (word, "default");

  if (genvid_json_bool (word, "required", FALSE))
    add (text, "", "required", "");
  add (text, "", values, "");
  add (text, "at least ", least, "");
  add (text, "at most ", most, "");
  if (genvid_json_bool (word, "auto", FALSE))
    add (text, "", "auto", "");
  add_input (text, word);
  add (text, "default ", fallback, "");
  return g_string_free (text, FALSE);
}

/* What CALL, or a model of its table, takes as NAME; NULL: it has no place for
 * it. */
static char *
describe_field (JsonObject *call, const char *name)
{
  JsonObject *word
      = genvid_json_object (genvid_json_object (call, "words"), name);
  g_autofree char *text = NULL;

  if (word == NULL || !genvid_description_takes (call, name))
    return NULL;
  text = describe_word (word);
  if (*text != '\0')
    return g_steal_pointer (&text);
  return g_strdup (g_str_equal (name, "audio") ? "on, off" : "any");
}

static void
print_words (JsonObject *call)
{
  for (guint i = 0; genvid_request_fields[i] != NULL; i++) {
    const char *name = genvid_request_fields[i];
    g_autofree char *text = describe_field (call, name);

    if (text != NULL)
      printf ("  %-15s %s\n", name, text);
  }
}

static void
print_prices (JsonObject *price)
{
  g_autoptr (GList) rows = genvid_description_list (price, "rows");
  const char *currency = genvid_json_string (price, "currency", "USD");
  g_autofree char *source = join (price, "source", " ");

  for (GList *l = rows; l != NULL; l = l->next) {
    JsonObject *row = json_node_get_object (l->data);
    g_autofree char *amount = get_text (row, "amount");
    g_autofree char *rate = get_text (row, "per-second");
    g_autofree char *when = provider_show_condition (row);
    g_autoptr (GString) cost = g_string_new (NULL);

    if (amount != NULL)
      g_string_append_printf (cost, "%s %s", amount, currency);
    if (rate != NULL)
      g_string_append_printf (cost, "%s%s %s a second",
                              cost->len > 0 ? " and " : "", rate, currency);
    printf ("  %-16s%s%s%s\n", "price", cost->str, *when != '\0' ? ": " : "",
            when);
  }
  if (rows != NULL)
    printf ("  %-16sread %s%s%s\n", "prices from",
            genvid_json_string (price, "dated", ""),
            *source != '\0' ? ", " : "", source);
}

/* What MODEL takes in another way than its call does. */
static void
print_model_words (JsonObject *call, JsonObject *model)
{
  g_autoptr (GString) without = g_string_new (NULL);

  for (guint i = 0; genvid_request_fields[i] != NULL; i++) {
    const char *name = genvid_request_fields[i];
    g_autofree char *usual = describe_field (call, name);
    g_autofree char *own = describe_field (model, name);

    if (own == NULL && usual != NULL)
      g_string_append_printf (without, "%s%s", without->len > 0 ? ", " : "",
                              name);
    else if (own != NULL && g_strcmp0 (own, usual) != 0)
      printf ("    %-15s %s\n", name, own);
  }
  if (without->len > 0)
    printf ("    %-16s%s\n", "not taken", without->str);
}

/* What the models of the table have of their own. */
static void
print_models (JsonObject *call)
{
  JsonObject *models = genvid_json_object (call, "models");
  JsonNode *all = json_object_get_member (call, "price");
  g_autoptr (GList) names
      = models != NULL ? json_object_get_members (models) : NULL;

  for (GList *l = names; l != NULL; l = l->next) {
    JsonObject *model = genvid_json_object (models, l->data);
    JsonNode *price = json_object_get_member (model, "price");

    printf ("  model %s\n", (char *)l->data);
    print_model_words (call, model);
    if (price != NULL && (all == NULL || !json_node_equal (price, all)))
      print_prices (json_node_get_object (price));
  }
}

static void
print_call (JsonObject *call)
{
  g_autofree char *when = provider_show_condition (call);
  g_autoptr (GList) rules = genvid_description_list (call, "forbid");

  printf ("\ncall %s%s%s\n", genvid_json_string (call, "name", ""),
          *when != '\0' ? ", for " : "", when);
  print_words (call);
  for (GList *l = rules; l != NULL; l = l->next)
    printf ("  %-16s%s\n", "refused",
            genvid_json_string (json_node_get_object (l->data), "say", ""));
  print_prices (genvid_json_object (call, "price"));
  print_models (call);
}

static void
print_parameters (JsonObject *root)
{
  JsonObject *parameters = genvid_json_object (root, "parameters");
  g_autoptr (GList) names
      = parameters != NULL ? json_object_get_members (parameters) : NULL;

  if (names != NULL)
    puts ("\noptions");
  for (GList *l = names; l != NULL; l = l->next)
    printf ("  %-15s %s\n", (char *)l->data,
            genvid_json_string (genvid_json_object (parameters, l->data),
                                "help", ""));
}

/* A row of a call's, or of a model of its table, could hold for MODEL. */
static gboolean
has_price (const GenvidProvider *provider, JsonNode *model)
{
  g_autoptr (JsonObject) values = json_object_new ();
  g_autofree char *name = genvid_json_scalar_text (model);

  json_object_set_member (values, "model", json_node_copy (model));
  for (guint i = 0; i < genvid_provider_get_n_calls (provider); i++) {
    JsonObject *call = genvid_provider_get_call (provider, i);
    JsonObject *own
        = genvid_json_object (genvid_json_object (call, "models"), name);
    g_autoptr (GList) rows = genvid_description_list (
        genvid_json_object (own != NULL ? own : call, "price"), "rows");

    if (!genvid_condition_holds (call, values, TRUE))
      continue;
    for (GList *l = rows; l != NULL; l = l->next)
      if (genvid_condition_holds (json_node_get_object (l->data), values, TRUE))
        return TRUE;
    /* The first that holds whatever else is set is the last one used. */
    if (genvid_condition_holds (call, values, FALSE))
      break;
  }
  return FALSE;
}

static void
print_known (const GenvidProvider *provider)
{
  JsonObject *call = genvid_provider_get_call (provider, 0);
  g_autoptr (GList) models = genvid_description_list (
      genvid_json_object (genvid_json_object (call, "words"), "model"),
      "known");
  guint n = 0;

  if (models == NULL)
    return;
  puts ("\nmodels; another one is sent as it is");
  for (GList *l = models; l != NULL; l = l->next) {
    g_autofree char *name = genvid_json_scalar_text (l->data);
    gboolean priced = has_price (provider, l->data);

    n += priced;
    printf ("  %s%s\n", name, priced ? "" : " (no price)");
  }
  printf ("%u of %u models %s a price\n", n, g_list_length (models),
          n == 1 ? "has" : "have");
}

void
provider_show (const GenvidProvider *provider, const char *key)
{
  JsonObject *root = genvid_provider_get_root (provider);
  JsonObject *price = genvid_json_object (root, "price");
  const char *page
      = genvid_json_string (genvid_json_object (root, "key"), "page", NULL);
  const char *say = genvid_json_string (price, "say", NULL);
  const char *base_url = genvid_provider_get_base_url (provider);

  printf ("%s: provider=%s\n", genvid_provider_get_title (provider),
          genvid_provider_get_name (provider));
  printf ("  %-16s%s%s%s\n", "key", key, page != NULL ? "; get one at " : "",
          page != NULL ? page : "");
  printf ("  %-16s%s\n", "address",
          base_url != NULL ? base_url : "set base-url");
  printf ("  %-16s%s\n", "cancel",
          genvid_provider_can_cancel (provider) ? "yes" : "no");
  if (say != NULL)
    printf ("  %-16s%s\n", "prices", say);
  print_known (provider);
  for (guint i = 0; i < genvid_provider_get_n_calls (provider); i++)
    print_call (genvid_provider_get_call (provider, i));
  print_parameters (root);
}
