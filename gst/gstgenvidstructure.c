/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GstStructure to JsonObject and back. It knows which types gst-launch may
 * guess wrong; the service's description has the names, types and ranges. */

#include "gstgenvidstructure.h"

#include <math.h>

#include "failure.h"

#include <json-glib/json-glib.h>

#define EXACT_DOUBLE 9007199254740992.0 /* 2^53 */
#define MAX_DEPTH    16

typedef struct {
  const char *name; /* the property */
  gboolean flat;
  GError **error;
} Conversion;

static JsonNode *convert (const Conversion *conversion, const GValue *value,
                          const char *path, guint depth);

G_GNUC_PRINTF (3, 4)
static JsonNode *
refuse (const Conversion *conversion, const char *path, const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list arguments;

  va_start (arguments, format);
  sentence = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (conversion->error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s: %s %s", conversion->name, path, sentence);

  return NULL;
}

static JsonNode *
refuse_type (const Conversion *conversion, const GValue *value,
             const char *path)
{
  g_autofree char *text = gst_value_serialize (value);

  return refuse (conversion, path,
                 "was read as a %s%s%s, a type that requests do not have. "
                 "Write it as a string: %s=(string)\"VALUE\".",
                 G_VALUE_TYPE_NAME (value), text != NULL ? ": " : "",
                 text != NULL ? text : "", path);
}

static JsonNode *
new_int (gint64 value)
{
  return json_node_init_int (json_node_alloc (), value);
}

static JsonNode *
convert_double (const Conversion *conversion, double value, const char *path)
{
  if (!isfinite (value))
    return refuse (conversion, path, "is not a finite number.");
  if (value == floor (value) && fabs (value) >= EXACT_DOUBLE)
    return refuse (conversion, path,
                   "is too large for a number and has lost digits. Write it "
                   "as a string: %s=(string)DIGITS.",
                   path);
  if (value == floor (value))
    return new_int ((gint64)value);

  return json_node_init_double (json_node_alloc (), value);
}

static JsonNode *
convert_string (const Conversion *conversion, const GValue *value,
                const char *path)
{
  const char *text = g_value_get_string (value);

  if (text == NULL)
    return refuse (conversion, path,
                   "has no value (null, and arrays of a list or a structure "
                   "beside something else, are not supported here). Leave it "
                   "out.");
  if (!g_utf8_validate (text, -1, NULL))
    return refuse (conversion, path, "is not valid UTF-8.");

  return json_node_init_string (json_node_alloc (), text);
}

static JsonNode *
convert_fraction (const GValue *value)
{
  g_autofree char *text
      = g_strdup_printf ("%d/%d", gst_value_get_fraction_numerator (value),
                         gst_value_get_fraction_denominator (value));

  return json_node_init_string (json_node_alloc (), text);
}

static JsonNode *
convert_unsigned (const Conversion *conversion, guint64 value, const char *path)
{
  if (value > G_MAXINT64)
    return refuse (conversion, path, "is too large.");
  return new_int ((gint64)value);
}

/* NULL without an error: not a number. */
static JsonNode *
convert_number (const Conversion *conversion, const GValue *value,
                const char *path)
{
  switch (G_VALUE_TYPE (value)) {
  case G_TYPE_INT:
    return new_int (g_value_get_int (value));
  case G_TYPE_LONG:
    return new_int (g_value_get_long (value));
  case G_TYPE_INT64:
    return new_int (g_value_get_int64 (value));
  case G_TYPE_UINT:
    return new_int (g_value_get_uint (value));
  case G_TYPE_ULONG:
    return convert_unsigned (conversion, g_value_get_ulong (value), path);
  case G_TYPE_UINT64:
    return convert_unsigned (conversion, g_value_get_uint64 (value), path);
  case G_TYPE_FLOAT:
    return convert_double (conversion, g_value_get_float (value), path);
  case G_TYPE_DOUBLE:
    return convert_double (conversion, g_value_get_double (value), path);
  default:
    return NULL;
  }
}

static JsonObject *
convert_structure (const Conversion *conversion, const GstStructure *structure,
                   const char *parent, guint depth)
{
  g_autoptr (JsonObject) object = json_object_new ();

  for (gint i = 0; i < gst_structure_n_fields (structure); i++) {
    const char *name = gst_structure_nth_field_name (structure, i);
    const GValue *value = gst_structure_get_value (structure, name);
    g_autofree char *path = parent[0] != '\0'
                                ? g_strjoin (".", parent, name, NULL)
                                : g_strdup (name);
    JsonNode *node = convert (conversion, value, path, depth);

    if (node == NULL)
      return NULL;
    json_object_set_member (object, name, node);
  }

  return g_steal_pointer (&object);
}

static JsonNode *
convert_items (const Conversion *conversion, const GValue *value,
               const char *parent, guint depth)
{
  gboolean list = GST_VALUE_HOLDS_LIST (value);
  guint n = list ? gst_value_list_get_size (value)
                 : gst_value_array_get_size (value);
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; i < n; i++) {
    const GValue *item = list ? gst_value_list_get_value (value, i)
                              : gst_value_array_get_value (value, i);
    g_autofree char *path = g_strdup_printf ("%s[%u]", parent, i);
    JsonNode *node = convert (conversion, item, path, depth);

    if (node == NULL)
      return NULL;
    json_array_add_element (array, node);
  }

  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
convert_nested (const Conversion *conversion, const GValue *value,
                const char *path, guint depth)
{
  g_autoptr (JsonObject) object = NULL;

  if (conversion->flat)
    return refuse (conversion, path,
                   "is not a single value. Each value here must be one "
                   "string, number or boolean.");
  if (depth >= MAX_DEPTH)
    return refuse (conversion, path, "is nested too deeply.");
  if (!GST_VALUE_HOLDS_STRUCTURE (value))
    return convert_items (conversion, value, path, depth + 1);
  if (gst_value_get_structure (value) == NULL)
    return refuse (conversion, path, "has no value. Leave it out.");

  object = convert_structure (conversion, gst_value_get_structure (value), path,
                              depth + 1);
  if (object == NULL)
    return NULL;

  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
convert (const Conversion *conversion, const GValue *value, const char *path,
         guint depth)
{
  GError *local = NULL;
  Conversion numbers = { conversion->name, conversion->flat, &local };
  JsonNode *node = convert_number (&numbers, value, path);

  if (node != NULL)
    return node;
  if (local != NULL) {
    g_propagate_error (conversion->error, local);
    return NULL;
  }
  if (G_VALUE_HOLDS_STRING (value))
    return convert_string (conversion, value, path);
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return json_node_init_boolean (json_node_alloc (),
                                   g_value_get_boolean (value));
  if (GST_VALUE_HOLDS_FRACTION (value))
    return convert_fraction (value);
  if (GST_VALUE_HOLDS_STRUCTURE (value) || GST_VALUE_HOLDS_ARRAY (value)
      || GST_VALUE_HOLDS_LIST (value))
    return convert_nested (conversion, value, path, depth);

  return refuse_type (conversion, value, path);
}

JsonObject *
gst_genvid_structure_to_json (const GstStructure *structure, const char *name,
                              gboolean flat, GError **error)
{
  const Conversion conversion = { name, flat, error };

  return convert_structure (&conversion, structure, "", 0);
}

char **
gst_genvid_array_to_strv (const GValue *array, const char *name, GError **error)
{
  const Conversion conversion = { name, FALSE, error };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < gst_value_array_get_size (array); i++) {
    const GValue *item = gst_value_array_get_value (array, i);
    g_autofree char *path = g_strdup_printf ("[%u]", i);
    g_autofree char *text = NULL;

    if (G_VALUE_HOLDS_INT (item) && g_value_get_int (item) > 0)
      text = g_strdup_printf ("id:%d", g_value_get_int (item));
    else if (G_VALUE_HOLDS_STRING (item))
      text = g_value_dup_string (item);
    if (text == NULL) {
      refuse (&conversion, path,
              "is not a path, an https URI or an id. Write it as a string: "
              "references=<\"id:501\",\"id:502\">.");
      return NULL;
    }
    g_strv_builder_add (builder, text);
  }

  return g_strv_builder_end (builder);
}

static void read_node (JsonNode *node, GValue *value);

/* What a structure cannot hold becomes a NULL string, which is an error on the
 * way back. */
static void
read_nothing (GValue *value)
{
  if (G_IS_VALUE (value))
    g_value_unset (value);
  g_value_init (value, G_TYPE_STRING);
}

/* Only GStreamer's own reader of text puts values of several types into one
 * array; its functions refuse to. Of scalars alone: its writer forgets the
 * types in an array that is nested in such a text. */
static void
read_mixed (JsonArray *array, GValue *value)
{
  g_autoptr (GString) text = g_string_new ("<");

  g_value_init (value, GST_TYPE_ARRAY);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    g_auto (GValue) item = G_VALUE_INIT;
    g_autofree char *part = NULL;

    if (!JSON_NODE_HOLDS_VALUE (node)) {
      read_nothing (value);
      return;
    }
    read_node (node, &item);
    part = gst_value_serialize (&item);
    g_string_append_printf (text, "%s(%s)%s", i > 0 ? ", " : "",
                            G_VALUE_TYPE_NAME (&item), part);
  }
  g_string_append_c (text, '>');
  if (!gst_value_deserialize (value, text->str))
    read_nothing (value);
}

static void
read_items (JsonArray *array, GValue *value)
{
  GType kind = G_TYPE_INVALID;

  g_value_init (value, GST_TYPE_ARRAY);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    GValue item = G_VALUE_INIT;

    read_node (json_array_get_element (array, i), &item);
    if (kind != G_TYPE_INVALID && G_VALUE_TYPE (&item) != kind) {
      g_value_unset (&item);
      g_value_unset (value);
      read_mixed (array, value);
      return;
    }
    kind = G_VALUE_TYPE (&item);
    gst_value_array_append_and_take_value (value, &item);
  }
}

static void
read_members (JsonObject *object, GstStructure *structure)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, &node)) {
    GValue value = G_VALUE_INIT;

    read_node (node, &value);
    gst_structure_take_value (structure, member, &value);
  }
}

static void
read_node (JsonNode *node, GValue *value)
{
  g_autoptr (GstStructure) structure = NULL;

  switch (json_node_get_node_type (node)) {
  case JSON_NODE_VALUE:
    json_node_get_value (node, value);
    break;
  case JSON_NODE_ARRAY:
    read_items (json_node_get_array (node), value);
    break;
  case JSON_NODE_OBJECT:
    structure = gst_structure_new_empty ("object");
    read_members (json_node_get_object (node), structure);
    g_value_init (value, GST_TYPE_STRUCTURE);
    gst_value_set_structure (value, structure);
    break;
  case JSON_NODE_NULL:
  default:
    read_nothing (value);
    break;
  }
}

GstStructure *
gst_genvid_structure_from_json (JsonObject *object, const char *name)
{
  GstStructure *structure = gst_structure_new_empty (name);

  read_members (object, structure);

  return structure;
}
