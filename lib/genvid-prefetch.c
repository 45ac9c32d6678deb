/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A genvidsrc with nothing behind it, and its messages as properties. It buys
 * nothing itself: all money goes the one way through the element, so that an
 * application's players and this share one purchase. */

#include <genvid/genvid-prefetch.h>

#include <genvid/genvid-enum-types.h>
#include <genvid/genvid-readers.h>

struct _GenvidPrefetch {
  GObject parent;

  char *uri;          /* nullable: SOURCE is the application's own */
  GstElement *source; /* nullable until the first run */
  GList *contexts;

  GTask *run; /* NULL: not running */
  GstElement *pipeline;
  GSource *watch;
  GSource *cancel;
  GError *error; /* of this run */

  GenvidState state;
  int percent;
  double elapsed;
  double expected;
  char *text;
  double cost;
  char *currency;
  GenvidBilled billed;
  GenvidOrigin origin;
  char *location;
};

G_DEFINE_TYPE (GenvidPrefetch, genvid_prefetch, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_URI,
  PROP_STATE,
  PROP_PERCENT,
  PROP_ELAPSED,
  PROP_EXPECTED,
  PROP_TEXT,
  PROP_COST,
  PROP_CURRENCY,
  PROP_BILLED,
  PROP_ORIGIN,
  PROP_LOCATION,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

/* --- what the messages say --- */

/* The value of the nick TEXT; 0 if it is from a newer element. */
static int
read_nick (GType type, const char *text)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *value
      = text != NULL ? g_enum_get_value_by_nick (klass, text) : NULL;

  return value != NULL ? value->value : 0;
}

static void
set_int (GenvidPrefetch *self, int *field, int value, guint id)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

static void
set_double (GenvidPrefetch *self, double *field, double value, guint id)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

static void
set_string (GenvidPrefetch *self, char **field, const char *value, guint id)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

static void
read_generation (GenvidPrefetch *self, const GenvidGeneration *generation)
{
  set_double (self, &self->elapsed, generation->elapsed, PROP_ELAPSED);
  set_double (self, &self->expected, generation->expected, PROP_EXPECTED);
  set_double (self, &self->cost, generation->cost, PROP_COST);
  set_string (self, &self->currency, generation->currency, PROP_CURRENCY);
  set_string (self, &self->location, generation->location, PROP_LOCATION);
  set_int (self, (int *)&self->billed,
           read_nick (GENVID_TYPE_BILLED, generation->billed), PROP_BILLED);
  set_int (self, (int *)&self->origin,
           read_nick (GENVID_TYPE_ORIGIN, generation->origin), PROP_ORIGIN);
  set_int (self, (int *)&self->state,
           read_nick (GENVID_TYPE_STATE, generation->state), PROP_STATE);
}

static void
read_error (GenvidPrefetch *self, GstMessage *message)
{
  GenvidErrorDetails details;
  g_autoptr (GError) error = NULL;

  if (self->error != NULL)
    return;
  gst_message_parse_error (message, &error, NULL);
  if (genvid_message_read_error (message, &details))
    self->error = g_error_new_literal (
        GENVID_ERROR, read_nick (GENVID_TYPE_ERROR, details.reason),
        error->message);
  else
    self->error = g_steal_pointer (&error);
}

/* --- a run --- */

/* Nothing of it is left when the callback is called, which may start the
 * next. */
static void
end (GenvidPrefetch *self)
{
  g_autoptr (GTask) run = g_steal_pointer (&self->run);

  g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
  if (self->cancel != NULL)
    g_source_destroy (self->cancel);
  g_clear_pointer (&self->cancel, g_source_unref);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self->pipeline), self->source);
  gst_clear_object (&self->pipeline);

  if (self->error == NULL && self->location == NULL)
    self->error = g_error_new_literal (
        GST_CORE_ERROR, GST_CORE_ERROR_FAILED,
        "The stream ended before the clip was complete. Run it again: what was "
        "bought is kept.");
  if (self->error != NULL) {
    g_task_return_error (run, g_steal_pointer (&self->error));
    return;
  }
  set_int (self, &self->percent, 100, PROP_PERCENT);
  g_task_return_pointer (run, g_strdup (self->location), g_free);
}

static gboolean
handle_message (GstBus *bus, GstMessage *message, gpointer data)
{
  g_autoptr (GenvidPrefetch) self = g_object_ref (data);
  GenvidGeneration generation;
  GenvidWait wait;

  if (genvid_message_read_generation (message, &generation)) {
    read_generation (self, &generation);
  } else if (genvid_message_read_wait (message, &wait)) {
    set_int (self, &self->percent, MAX (self->percent, wait.percent),
             PROP_PERCENT);
    set_string (self, &self->text, wait.text, PROP_TEXT);
    g_free (wait.text);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    read_error (self, message);
    end (self);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    end (self);
  }
  return self->run != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
handle_cancel (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GenvidPrefetch) self = g_object_ref (data);

  if (self->error == NULL)
    g_cancellable_set_error_if_cancelled (cancellable, &self->error);
  end (self);
  return G_SOURCE_REMOVE;
}

static GstElement *
make_source (const char *uri, GError **error)
{
  g_autoptr (GstElement) source
      = gst_element_factory_make (GENVID_ELEMENT, NULL);

  if (source == NULL) {
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                         "There is no element genvidsrc. Install "
                         "GStreamer's plugin genvid, or set GST_PLUGIN_PATH.");
    return NULL;
  }
  gst_object_ref_sink (source);
  if (!gst_uri_handler_set_uri (GST_URI_HANDLER (source), uri, error))
    return NULL;
  return g_steal_pointer (&source);
}

static gboolean
make_pipeline (GenvidPrefetch *self, GError **error)
{
  GstElement *sink;

  if (self->source == NULL)
    self->source = make_source (self->uri, error);
  if (self->source == NULL)
    return FALSE;
  sink = gst_element_factory_make ("fakesink", NULL);
  if (sink == NULL) {
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                         "There is no element fakesink. Install GStreamer's "
                         "core elements.");
    return FALSE;
  }
  g_object_set (sink, "sync", FALSE, "enable-last-sample", FALSE, NULL);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_bin_add_many (GST_BIN (self->pipeline), self->source, sink, NULL);
  gst_element_link (self->source, sink);
  for (const GList *item = self->contexts; item != NULL; item = item->next)
    gst_element_set_context (self->pipeline, item->data);
  return TRUE;
}

static void
forget_last (GenvidPrefetch *self)
{
  const GenvidGeneration none = { .cost = -1, .state = "idle" };

  read_generation (self, &none);
  set_string (self, &self->text, NULL, PROP_TEXT);
  set_int (self, &self->percent, 0, PROP_PERCENT);
}

static void
begin (GenvidPrefetch *self, GCancellable *cancellable)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  self->watch = gst_bus_create_watch (bus);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (handle_message), self,
                         NULL);
  g_source_attach (self->watch, context);
  if (cancellable != NULL) {
    self->cancel = g_cancellable_source_new (cancellable);
    g_source_set_callback (self->cancel, G_SOURCE_FUNC (handle_cancel), self,
                           NULL);
    g_source_attach (self->cancel, context);
  }
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

void
genvid_prefetch_run_async (GenvidPrefetch *self, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) run = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  g_return_if_fail (GENVID_IS_PREFETCH (self));
  g_task_set_source_tag (run, genvid_prefetch_run_async);
  if (self->run != NULL) {
    g_task_return_new_error (run, G_IO_ERROR, G_IO_ERROR_PENDING,
                             "This prefetch is running already.");
    return;
  }
  if (g_task_return_error_if_cancelled (run))
    return;
  forget_last (self);
  if (!make_pipeline (self, &error)) {
    g_task_return_error (run, error);
    return;
  }
  /* The task holds a reference to this object until it has returned. */
  self->run = g_steal_pointer (&run);
  begin (self, cancellable);
}

char *
genvid_prefetch_run_finish (GenvidPrefetch *self, GAsyncResult *result,
                            GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
genvid_prefetch_set_context (GenvidPrefetch *self, GstContext *context)
{
  g_return_if_fail (GENVID_IS_PREFETCH (self));
  g_return_if_fail (GST_IS_CONTEXT (context));

  self->contexts = g_list_append (self->contexts, gst_context_ref (context));
}

/* --- the object --- */

GenvidPrefetch *
genvid_prefetch_new (const char *uri)
{
  return g_object_new (GENVID_TYPE_PREFETCH, "uri", uri, NULL);
}

GenvidPrefetch *
genvid_prefetch_new_for_source (GstElement *source)
{
  GenvidPrefetch *self = g_object_new (GENVID_TYPE_PREFETCH, NULL);

  self->source = gst_object_ref_sink (source);
  return self;
}

static void
genvid_prefetch_finalize (GObject *object)
{
  GenvidPrefetch *self = GENVID_PREFETCH (object);

  g_list_free_full (self->contexts, (GDestroyNotify)gst_context_unref);
  gst_clear_object (&self->source);
  g_free (self->uri);
  g_free (self->text);
  g_free (self->currency);
  g_free (self->location);
  G_OBJECT_CLASS (genvid_prefetch_parent_class)->finalize (object);
}

static void
genvid_prefetch_set_property (GObject *object, guint id, const GValue *value,
                              GParamSpec *pspec)
{
  if (id == PROP_URI)
    GENVID_PREFETCH (object)->uri = g_value_dup_string (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
genvid_prefetch_get_property (GObject *object, guint id, GValue *value,
                              GParamSpec *pspec)
{
  GenvidPrefetch *self = GENVID_PREFETCH (object);
  const struct {
    const char *text;
    double number;
    int integer;
  } fields[N_PROPERTIES] = {
    [PROP_URI] = { .text = self->uri },
    [PROP_STATE] = { .integer = self->state },
    [PROP_PERCENT] = { .integer = self->percent },
    [PROP_ELAPSED] = { .number = self->elapsed },
    [PROP_EXPECTED] = { .number = self->expected },
    [PROP_TEXT] = { .text = self->text },
    [PROP_COST] = { .number = self->cost },
    [PROP_CURRENCY] = { .text = self->currency },
    [PROP_BILLED] = { .integer = self->billed },
    [PROP_ORIGIN] = { .integer = self->origin },
    [PROP_LOCATION] = { .text = self->location },
  };

  if (id == PROP_0 || id >= N_PROPERTIES)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, fields[id].text);
  else if (G_VALUE_HOLDS_DOUBLE (value))
    g_value_set_double (value, fields[id].number);
  else if (G_VALUE_HOLDS_INT (value))
    g_value_set_int (value, fields[id].integer);
  else
    g_value_set_enum (value, fields[id].integer);
}

static void
create_text (guint id, const char *name, const char *blurb, GParamFlags flags)
{
  properties[id] = g_param_spec_string (name, NULL, blurb, NULL,
                                        flags | G_PARAM_STATIC_STRINGS
                                            | G_PARAM_EXPLICIT_NOTIFY);
}

static void
create_number (guint id, const char *name, const char *blurb, double unknown)
{
  properties[id] = g_param_spec_double (
      name, NULL, blurb, unknown, G_MAXDOUBLE, unknown,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
create_choice (guint id, const char *name, const char *blurb, GType type)
{
  properties[id] = g_param_spec_enum (name, NULL, blurb, type, 0,
                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS
                                          | G_PARAM_EXPLICIT_NOTIFY);
}

static void
genvid_prefetch_class_init (GenvidPrefetchClass *klass)
{
  GObjectClass *object = G_OBJECT_CLASS (klass);

  if (!gst_is_initialized ())
    gst_init (NULL, NULL);
  object->finalize = genvid_prefetch_finalize;
  object->set_property = genvid_prefetch_set_property;
  object->get_property = genvid_prefetch_get_property;
  create_text (PROP_URI, "uri", "A genvid: URI.",
               G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY);
  create_choice (PROP_STATE, "state", "How far the generation is.",
                 GENVID_TYPE_STATE);
  properties[PROP_PERCENT] = g_param_spec_int (
      "percent", NULL, "The service's figure, or an estimate.", 0, 100, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  create_number (PROP_ELAPSED, "elapsed", "Seconds since the submit.", 0);
  create_number (PROP_EXPECTED, "expected",
                 "Seconds in all, an estimate; 0 is unknown.", 0);
  create_text (PROP_TEXT, "text", "What is waited for.", G_PARAM_READABLE);
  create_number (PROP_COST, "cost", "The price; -1 is unknown.", -1);
  create_text (PROP_CURRENCY, "currency", "The currency of the cost.",
               G_PARAM_READABLE);
  create_choice (PROP_BILLED, "billed", "Whether the service billed it.",
                 GENVID_TYPE_BILLED);
  create_choice (PROP_ORIGIN, "origin", "Where the clip comes from.",
                 GENVID_TYPE_ORIGIN);
  create_text (PROP_LOCATION, "location", "The path of the whole clip.",
               G_PARAM_READABLE);
  g_object_class_install_properties (object, N_PROPERTIES, properties);
}

static void
genvid_prefetch_init (GenvidPrefetch *self)
{
  self->cost = -1;
}
