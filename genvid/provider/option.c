/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options of a service, declared with type and range. They arrive from a
 * GstStructure, an URI or the environment, all of which damage or lose types;
 * here they become what the service wants, or are refused by name. */
#include "option.h"

#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "text.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

static const char *const type_names[] = {
  [GENVID_OPTION_INTEGER] = "integer", [GENVID_OPTION_STRING] = "string",
  [GENVID_OPTION_BOOLEAN] = "boolean", [GENVID_OPTION_NUMBER] = "number",
  [GENVID_OPTION_LIST] = "list",       [GENVID_OPTION_JSON] = "json",
};

static GenvidOptionType
read_type (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++)
    if (g_str_equal (type_names[i], name))
      return i;
  return GENVID_OPTION_STRING;
}

static char **
read_values (JsonArray *array)
{
  GStrvBuilder *builder;
  char **values;

  if (!array)
    return NULL;
  builder = g_strv_builder_new ();
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_strv_builder_add (builder, json_array_get_string_element (array, i));
  values = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return values;
}

void
genvid_option_free (GenvidOption *parameter)
{
  if (!parameter)
    return;
  g_free (parameter->name);
  g_strfreev (parameter->values);
  g_free (parameter->variable);
  g_clear_pointer (&parameter->fallback, json_node_unref);
  g_free (parameter->help);
  g_free (parameter);
}

GenvidOption *
genvid_option_new (const char *name, JsonObject *object, GError **error)
{
  GenvidOption *parameter = g_new0 (GenvidOption, 1);
  JsonNode *fallback = json_object_get_member (object, "default");

  parameter->name = g_strdup (name);
  parameter->type = read_type (genvid_json_string (object, "type", ""));
  parameter->minimum = genvid_json_int (object, "min", G_MININT64);
  parameter->maximum = genvid_json_int (object, "max", G_MAXINT64);
  parameter->values = read_values (genvid_json_array (object, "values"));
  parameter->variable
      = g_strdup (genvid_json_string (object, "variable", NULL));
  parameter->required = genvid_json_bool (object, "required", FALSE);
  parameter->setting = genvid_json_bool (object, "setting", FALSE);
  parameter->help = g_strdup (genvid_json_string (object, "help", NULL));
  if (fallback)
    parameter->fallback = genvid_option_convert (parameter, fallback, error);
  if (!fallback || parameter->fallback)
    return parameter;
  genvid_option_free (parameter);
  return NULL;
}

/* "a whole number from 1 to 9" */
static char *
describe (const GenvidOption *parameter)
{
  gboolean from = parameter->minimum > G_MININT64;
  gboolean to = parameter->maximum < G_MAXINT64;
  g_autofree char *low
      = g_strdup_printf ("%s%" G_GINT64_FORMAT, to ? " from " : " of at least ",
                         parameter->minimum);
  g_autofree char *high
      = g_strdup_printf (" to %" G_GINT64_FORMAT, parameter->maximum);

  switch (parameter->type) {
  case GENVID_OPTION_INTEGER:
    return g_strconcat ("a whole number", from ? low : "", to ? high : "",
                        NULL);
  case GENVID_OPTION_BOOLEAN:
    return g_strdup ("true or false");
  case GENVID_OPTION_NUMBER:
    return g_strdup ("a number");
  case GENVID_OPTION_LIST:
    return g_strdup ("a list of strings, or one string with commas");
  case GENVID_OPTION_JSON:
    return g_strdup ("a JSON object, or the path of a file of one");
  case GENVID_OPTION_STRING:
  default:
    if (parameter->values)
      return genvid_text_list ((const char *const *)parameter->values);
    return g_strdup ("a string");
  }
}

static JsonNode *
convert_integer (const GenvidOption *parameter, JsonNode *given,
                 const char *text)
{
  gint64 integer = 0;
  double number;

  if (json_node_get_value_type (given) == G_TYPE_BOOLEAN)
    return NULL;
  if (json_node_get_value_type (given) == G_TYPE_DOUBLE) {
    number = json_node_get_double (given);
    if (number != floor (number) || fabs (number) >= 9007199254740992.0)
      return NULL;
    integer = (gint64)number;
  } else if (!g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64,
                                        &integer, NULL)) {
    return NULL;
  }
  if (integer < parameter->minimum || integer > parameter->maximum)
    return NULL;
  return json_node_init_int (json_node_alloc (), integer);
}

static JsonNode *
convert_string (const GenvidOption *parameter, const char *text)
{
  if (!parameter->values)
    return json_node_init_string (json_node_alloc (), text);
  for (guint i = 0; parameter->values[i]; i++)
    if (g_ascii_strcasecmp (parameter->values[i], text) == 0)
      return json_node_init_string (json_node_alloc (), parameter->values[i]);
  return NULL;
}

static JsonNode *
convert_boolean (const char *text)
{
  if (!g_str_equal (text, "true") && !g_str_equal (text, "false"))
    return NULL;
  return json_node_init_boolean (json_node_alloc (),
                                 g_str_equal (text, "true"));
}

static JsonNode *
convert_number (JsonNode *given)
{
  double number;

  if (!genvid_json_scalar_number (given, &number))
    return NULL;
  return json_node_init_double (json_node_alloc (), number);
}

static JsonNode *
convert_scalar (const GenvidOption *parameter, JsonNode *given)
{
  g_autofree char *text = genvid_json_scalar_text (given);

  if (!text)
    return NULL;
  switch (parameter->type) {
  case GENVID_OPTION_INTEGER:
    return convert_integer (parameter, given, text);
  case GENVID_OPTION_BOOLEAN:
    return convert_boolean (text);
  case GENVID_OPTION_NUMBER:
    return convert_number (given);
  case GENVID_OPTION_STRING:
  case GENVID_OPTION_LIST:
  case GENVID_OPTION_JSON:
  default:
    return convert_string (parameter, text);
  }
}

static gboolean
add_text (JsonArray *array, const char *text)
{
  if (!text || !*text)
    return FALSE;
  json_array_add_string_element (array, text);
  return TRUE;
}

static JsonNode *
convert_list (JsonNode *given)
{
  g_autoptr (JsonArray) array = json_array_new ();
  gboolean good = TRUE;

  if (JSON_NODE_HOLDS_ARRAY (given)) {
    JsonArray *items = json_node_get_array (given);

    for (guint i = 0; i < json_array_get_length (items); i++) {
      g_autofree char *text
          = genvid_json_scalar_text (json_array_get_element (items, i));

      good = good && add_text (array, text);
    }
  } else {
    g_autofree char *text = genvid_json_scalar_text (given);
    g_auto (GStrv) items = g_strsplit (text ? text : "", ",", -1);

    for (guint i = 0; items[i]; i++)
      good = good && add_text (array, g_strstrip (items[i]));
  }
  if (!good || json_array_get_length (array) == 0)
    return NULL;
  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
convert_json (JsonNode *given)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (JSON_NODE_HOLDS_OBJECT (given))
    return json_node_copy (given);
  text = genvid_json_scalar_text (given);
  if (text)
    node = genvid_json_reader_parse (text, strlen (text), NULL);
  return node && JSON_NODE_HOLDS_OBJECT (node) ? g_steal_pointer (&node) : NULL;
}

JsonNode *
genvid_option_convert (const GenvidOption *parameter, JsonNode *given,
                       GError **error)
{
  g_autofree char *expected = NULL;
  g_autofree char *text = NULL;
  JsonNode *node;

  if (parameter->type == GENVID_OPTION_LIST)
    node = convert_list (given);
  else if (parameter->type == GENVID_OPTION_JSON)
    node = convert_json (given);
  else
    node = convert_scalar (parameter, given);
  if (node)
    return node;
  expected = describe (parameter);
  text = genvid_json_to_text (given);
  genvid_error_refuse (error, "%s must be %s, not %.100s", parameter->name,
                       expected, text);
  return NULL;
}
