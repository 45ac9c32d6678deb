/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What gst-inspect shows of the plugins, as JSON in the form of GStreamer's
 * docs/plugins/gst_plugins_cache.json: elements, pads, properties, signals and
 * enums, but of each type only what is its own. */

#include <gst/gst.h>
#include <json-glib/json-glib.h>

GST_PLUGIN_STATIC_DECLARE (genvid);
GST_PLUGIN_STATIC_DECLARE (genvidlive);

/* Enums of ours that a plugin's properties use, by the name of the type. */
static GHashTable *enums;

static void
set (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
}

/* Names, sorted, of anything that has them. */
static JsonArray *
take_names (GPtrArray *names)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < names->len; i++)
    json_array_add_string_element (array, names->pdata[i]);
  g_ptr_array_unref (names);
  return array;
}

static JsonArray *
list_hierarchy (GType type)
{
  GPtrArray *names = g_ptr_array_new ();

  for (; type != 0; type = g_type_parent (type))
    g_ptr_array_add (names, (gpointer)g_type_name (type));
  return take_names (names);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static JsonArray *
list_interfaces (GType type)
{
  GPtrArray *names = g_ptr_array_new ();
  g_autofree GType *types = g_type_interfaces (type, NULL);

  for (guint i = 0; types[i] != 0; i++)
    g_ptr_array_add (names, (gpointer)g_type_name (types[i]));
  g_ptr_array_sort (names, compare_names);
  return take_names (names);
}

/* --- pads --- */

static JsonObject *
describe_pads (GstElementFactory *factory)
{
  static const char *const directions[] = { "unknown", "src", "sink" };
  static const char *const presences[] = { "always", "sometimes", "request" };
  JsonObject *pads = json_object_new ();
  const GList *item = gst_element_factory_get_static_pad_templates (factory);

  for (; item != NULL; item = item->next) {
    const GstStaticPadTemplate *template = item->data;
    JsonObject *pad = json_object_new ();

    set (pad, "caps", template->static_caps.string);
    set (pad, "direction", directions[template->direction]);
    set (pad, "presence", presences[template->presence]);
    json_object_set_object_member (pads, template->name_template, pad);
  }
  return pads;
}

/* --- properties --- */

static void
note_enum (GType type)
{
  g_autoptr (GEnumClass) klass = NULL;
  JsonObject *kind;
  JsonArray *values;

  if (!G_TYPE_IS_ENUM (type) || strstr (g_type_name (type), "Genvid") == NULL
      || g_hash_table_contains (enums, g_type_name (type)))
    return;

  klass = g_type_class_ref (type);
  kind = json_object_new ();
  values = json_array_new ();
  for (guint i = 0; i < klass->n_values; i++) {
    JsonObject *value = json_object_new ();

    set (value, "desc", klass->values[i].value_name);
    set (value, "name", klass->values[i].value_nick);
    json_object_set_int_member (value, "value", klass->values[i].value);
    json_array_add_object_element (values, value);
  }
  set (kind, "kind", "enum");
  json_object_set_array_member (kind, "values", values);
  g_hash_table_insert (enums, (gpointer)g_type_name (type), kind);
}

static void
describe_default (JsonObject *property, GParamSpec *spec)
{
  const GValue *value = g_param_spec_get_default_value (spec);
  g_autofree char *text = NULL;

  if (G_VALUE_HOLDS_STRING (value))
    text = g_strdup (g_value_get_string (value));
  else if (G_VALUE_HOLDS_ENUM (value))
    text = g_strdup (g_enum_get_value (g_type_class_peek (G_VALUE_TYPE (value)),
                                       g_value_get_enum (value))
                         ->value_nick);
  else if (!G_VALUE_HOLDS_BOXED (value) || g_value_get_boxed (value) != NULL)
    text = gst_value_serialize (value);
  set (property, "default", text != NULL ? text : "NULL");
}

static void
set_range (JsonObject *property, GValue *least, GValue *most)
{
  g_autofree char *min = gst_value_serialize (least);
  g_autofree char *max = gst_value_serialize (most);

  set (property, "min", min);
  set (property, "max", max);
  g_value_unset (least);
  g_value_unset (most);
}

#define RANGE(KIND, kind, TYPE)                                                \
  if (G_IS_PARAM_SPEC_##KIND (spec)) {                                         \
    g_value_init (&least, TYPE);                                               \
    g_value_init (&most, TYPE);                                                \
    g_value_set_##kind (&least, G_PARAM_SPEC_##KIND (spec)->minimum);          \
    g_value_set_##kind (&most, G_PARAM_SPEC_##KIND (spec)->maximum);           \
    set_range (property, &least, &most);                                       \
  }

static void
describe_range (JsonObject *property, GParamSpec *spec)
{
  GValue least = G_VALUE_INIT;
  GValue most = G_VALUE_INIT;

  RANGE (INT, int, G_TYPE_INT)
  RANGE (UINT, uint, G_TYPE_UINT)
  RANGE (INT64, int64, G_TYPE_INT64)
  RANGE (UINT64, uint64, G_TYPE_UINT64)
  RANGE (DOUBLE, double, G_TYPE_DOUBLE)
}

static const char *
get_mutable (const GParamSpec *spec)
{
  return spec->flags & GST_PARAM_MUTABLE_PLAYING  ? "playing"
         : spec->flags & GST_PARAM_MUTABLE_PAUSED ? "paused"
         : spec->flags & GST_PARAM_MUTABLE_READY  ? "ready"
                                                  : "null";
}

static JsonObject *
describe_property (GParamSpec *spec)
{
  JsonObject *property = json_object_new ();
  gboolean controls = (spec->flags & GST_PARAM_CONTROLLABLE) != 0;

  note_enum (spec->value_type);
  set (property, "blurb", g_param_spec_get_blurb (spec));
  json_object_set_boolean_member (
      property, "conditionally-available",
      (spec->flags & GST_PARAM_CONDITIONALLY_AVAILABLE) != 0);
  json_object_set_boolean_member (property, "construct",
                                  (spec->flags & G_PARAM_CONSTRUCT) != 0);
  json_object_set_boolean_member (property, "construct-only",
                                  (spec->flags & G_PARAM_CONSTRUCT_ONLY) != 0);
  json_object_set_boolean_member (property, "controllable", controls);
  describe_default (property, spec);
  describe_range (property, spec);
  set (property, "mutable", get_mutable (spec));
  json_object_set_boolean_member (property, "readable",
                                  (spec->flags & G_PARAM_READABLE) != 0);
  set (property, "type", g_type_name (spec->value_type));
  json_object_set_boolean_member (property, "writable",
                                  (spec->flags & G_PARAM_WRITABLE) != 0);
  return property;
}

static int
compare_specs (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(GParamSpec *const *)a)->name,
                 (*(GParamSpec *const *)b)->name);
}

static JsonObject *
describe_properties (GType type)
{
  JsonObject *properties = json_object_new ();
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  guint n;
  g_autofree GParamSpec **specs
      = g_object_class_list_properties (G_OBJECT_CLASS (klass), &n);

  qsort (specs, n, sizeof *specs, compare_specs);
  for (guint i = 0; i < n; i++)
    if (specs[i]->owner_type == type)
      json_object_set_object_member (properties, specs[i]->name,
                                     describe_property (specs[i]));
  return properties;
}

/* --- signals --- */

static JsonObject *
describe_signal (guint id)
{
  JsonObject *signal = json_object_new ();
  JsonArray *arguments = json_array_new ();
  GSignalQuery query;

  g_signal_query (id, &query);
  json_object_set_boolean_member (signal, "action",
                                  (query.signal_flags & G_SIGNAL_ACTION) != 0);
  for (guint i = 0; i < query.n_params; i++) {
    g_autofree char *name = g_strdup_printf ("arg%u", i);
    JsonObject *argument = json_object_new ();

    set (argument, "name", name);
    set (argument, "type", g_type_name (query.param_types[i]));
    json_array_add_object_element (arguments, argument);
  }
  json_object_set_array_member (signal, "args", arguments);
  set (signal, "return-type", g_type_name (query.return_type));
  set (signal, "when",
       query.signal_flags & G_SIGNAL_RUN_FIRST  ? "first"
       : query.signal_flags & G_SIGNAL_RUN_LAST ? "last"
                                                : "cleanup");
  return signal;
}

static JsonObject *
describe_signals (GType type)
{
  JsonObject *signals = json_object_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  guint n;
  g_autofree guint *ids = g_signal_list_ids (type, &n);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (names, (gpointer)g_signal_name (ids[i]));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    json_object_set_object_member (
        signals, names->pdata[i],
        describe_signal (g_signal_lookup (names->pdata[i], type)));
  return signals;
}

/* --- the plugins --- */

static JsonObject *
describe_element (GstElementFactory *factory)
{
  JsonObject *element = json_object_new ();
  g_autoptr (GstElement) made
      = gst_object_ref_sink (gst_element_factory_create (factory, NULL));
  GType type = G_OBJECT_TYPE (made);
  guint rank = gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (factory));
  g_autofree char *number = g_strdup_printf ("%u", rank);

  set (element, "author",
       gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_AUTHOR));
  set (element, "description",
       gst_element_factory_get_metadata (factory,
                                         GST_ELEMENT_METADATA_DESCRIPTION));
  json_object_set_array_member (element, "hierarchy", list_hierarchy (type));
  json_object_set_array_member (element, "interfaces", list_interfaces (type));
  set (element, "klass",
       gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_KLASS));
  set (element, "long-name",
       gst_element_factory_get_metadata (factory,
                                         GST_ELEMENT_METADATA_LONGNAME));
  json_object_set_object_member (element, "pad-templates",
                                 describe_pads (factory));
  json_object_set_object_member (element, "properties",
                                 describe_properties (type));
  set (element, "rank", rank == GST_RANK_NONE ? "none" : number);
  json_object_set_object_member (element, "signals", describe_signals (type));
  return element;
}

static JsonObject *
describe_elements (const char *plugin)
{
  JsonObject *elements = json_object_new ();
  GList *features
      = gst_registry_get_feature_list_by_plugin (gst_registry_get (), plugin);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (const GList *item = features; item != NULL; item = item->next)
    if (GST_IS_ELEMENT_FACTORY (item->data))
      g_ptr_array_add (names, GST_OBJECT_NAME (item->data));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autoptr (GstElementFactory) factory
        = gst_element_factory_find (names->pdata[i]);

    json_object_set_object_member (elements, names->pdata[i],
                                   describe_element (factory));
  }
  gst_plugin_feature_list_free (features);
  return elements;
}

static JsonObject *
list_enums (void)
{
  JsonObject *types = json_object_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, enums);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    json_object_set_object_member (
        types, names->pdata[i],
        json_object_ref (g_hash_table_lookup (enums, names->pdata[i])));
  return types;
}

/* Without what differs between builds: version, package and origin. */
static JsonObject *
describe_plugin (const char *name)
{
  g_autoptr (GstPlugin) plugin
      = gst_registry_find_plugin (gst_registry_get (), name);
  g_autofree char *file = g_strconcat ("gst", name, NULL);
  JsonObject *object = json_object_new ();

  enums = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                 (GDestroyNotify)json_object_unref);
  set (object, "description", gst_plugin_get_description (plugin));
  json_object_set_object_member (object, "elements", describe_elements (name));
  set (object, "filename", file);
  set (object, "license", gst_plugin_get_license (plugin));
  json_object_set_object_member (object, "other-types", list_enums ());
  set (object, "source", gst_plugin_get_source (plugin));
  json_object_set_object_member (object, "tracers", json_object_new ());
  g_clear_pointer (&enums, g_hash_table_unref);
  return object;
}

static char *
describe_plugins (void)
{
  static const char *const names[] = { "genvid", "genvidlive" };
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *plugins = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    json_object_set_object_member (plugins, names[i],
                                   describe_plugin (names[i]));
  json_node_take_object (root, plugins);
  return json_to_string (root, TRUE);
}

/* The first line that is not in the file says enough. */
static int
check (const char *path, const char *text)
{
  g_autofree char *kept = NULL;
  g_auto (GStrv) old = NULL;
  g_auto (GStrv) new = g_strsplit (text, "\n", -1);
  guint line = 0;

  g_file_get_contents (path, &kept, NULL, NULL);
  if (g_strcmp0 (kept, text) == 0)
    return 0;

  old = g_strsplit (kept != NULL ? kept : "", "\n", -1);
  while (old[line] != NULL && g_strcmp0 (old[line], new[line]) == 0)
    line++;
  g_printerr ("%s:%u: the plugins differ from it:\n-%s\n+%s\n"
              "If this change of the public face is meant, run "
              "\"ninja -C BUILD plugin-cache\" and commit the file "
              "with it.\n",
              path, line + 1, old[line] != NULL ? old[line] : "",
              new[line] != NULL ? new[line] : "");
  return 1;
}

int
main (int argc, char *argv[])
{
  gboolean writes = argc == 3 && g_str_equal (argv[1], "--write");
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  g_autofree char *text = NULL;

  if (!writes && !(argc == 3 && g_str_equal (argv[1], "--check"))) {
    g_printerr ("usage: plugin-cache --check|--write FILE\n");
    return 2;
  }
  gst_init (NULL, NULL);
  GST_PLUGIN_STATIC_REGISTER (genvid);
  GST_PLUGIN_STATIC_REGISTER (genvidlive);
  body = describe_plugins ();
  text = g_strconcat (body, "\n", NULL);
  if (!writes)
    return check (argv[2], text);
  if (g_file_set_contents (argv[2], text, -1, &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
