/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Plays pipelines side by side to their ends and, where a genvidsrc is among
 * them, until its clip is durable under its name. Prints the seconds since the
 * service said ready, or since the start. What it costs is measured from
 * outside, as for every other program. */

#include "ready-service.h"

#include <gst/gst.h>
#include <stdlib.h>

#define LOOK_EVERY_MS 1

typedef struct {
  GMainLoop *loop;
  GPtrArray *pipelines; /* of GstElement */
  guint playing;        /* not at their end yet */
  int status;
} Play;

static void
give_up (Play *play, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;

  gst_message_parse_error (message, &error, &debug);
  g_printerr ("%s: %s (%s)\n", GST_OBJECT_NAME (message->src), error->message,
              debug != NULL ? debug : "");
  play->status = EXIT_FAILURE;
  g_main_loop_quit (play->loop);
}

/* A source that is no genvidsrc has nothing to make durable. */
static gboolean
is_stored (GstElement *source)
{
  g_auto (GValue) state = G_VALUE_INIT;
  const GEnumValue *value;
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (source),
                                                   "generation-state");

  if (spec == NULL)
    return TRUE;
  g_value_init (&state, spec->value_type);
  g_object_get_property (G_OBJECT (source), "generation-state", &state);
  value = g_enum_get_value (G_PARAM_SPEC_ENUM (spec)->enum_class,
                            g_value_get_enum (&state));
  return g_strcmp0 (value->value_nick, "done") == 0;
}

static gboolean
are_stored (GstElement *pipeline)
{
  g_autoptr (GstIterator) sources
      = gst_bin_iterate_sources (GST_BIN (pipeline));
  g_auto (GValue) item = G_VALUE_INIT;
  gboolean stored = TRUE;

  while (gst_iterator_next (sources, &item) == GST_ITERATOR_OK) {
    stored = stored && is_stored (g_value_get_object (&item));
    g_value_reset (&item);
  }
  return stored;
}

/* The element has no reader any more, so it tells nobody; hence the looking. */
static gboolean
look (gpointer data)
{
  Play *play = data;

  for (guint i = 0; i < play->pipelines->len; i++)
    if (!are_stored (play->pipelines->pdata[i]))
      return G_SOURCE_CONTINUE;
  g_main_loop_quit (play->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
hear (GstBus *bus, GstMessage *message, gpointer data)
{
  Play *play = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    give_up (play, message);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS && --play->playing == 0
      && look (play))
    g_timeout_add (LOOK_EVERY_MS, look, play);
  return G_SOURCE_CONTINUE;
}

static void
free_pipeline (gpointer pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static gboolean
add_pipeline (Play *play, const char *text, GError **error)
{
  GstElement *pipeline
      = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  g_autoptr (GstBus) bus = NULL;

  if (pipeline == NULL)
    return FALSE;
  g_ptr_array_add (play->pipelines, pipeline);
  play->playing++;
  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, hear, play);
  return TRUE;
}

static void
run (Play *play, ReadyService *service)
{
  gint64 start = g_get_monotonic_time ();
  gint64 end;

  for (guint i = 0; i < play->pipelines->len; i++)
    gst_element_set_state (play->pipelines->pdata[i], GST_STATE_PLAYING);
  g_main_loop_run (play->loop);
  end = g_get_monotonic_time ();
  if (service != NULL && ready_service_get_moment (service) > 0)
    start = ready_service_get_moment (service);
  if (play->status == EXIT_SUCCESS)
    g_print ("%.6f\n", (double)(end - start) / G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_autofree char *result = NULL;
  g_auto (GStrv) texts = NULL;
  int port = 0;
  const GOptionEntry entries[] = {
    { "result", 0, 0, G_OPTION_ARG_STRING, &result,
      "Answer {base} with a service whose clips are at URL", "URL" },
    { "port", 0, 0, G_OPTION_ARG_INT, &port, "The service's", "PORT" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &texts, NULL,
      "PIPELINE…" },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (ReadyService) service = NULL;
  g_autoptr (GError) error = NULL;
  Play play = { .status = EXIT_SUCCESS };

  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_add_group (options, gst_init_get_option_group ());
  if (!g_option_context_parse (options, &argc, &argv, &error)
      || (result != NULL
          && (service = ready_service_new (result, (guint16)port, &error))
                 == NULL)) {
    g_printerr ("%s\n", error->message);
    return EXIT_FAILURE;
  }
  play.loop = g_main_loop_new (NULL, FALSE);
  play.pipelines = g_ptr_array_new_with_free_func (free_pipeline);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++) {
    g_autofree char *text = ready_service_expand (service, texts[i]);

    if (!add_pipeline (&play, text, &error)) {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  }
  if (play.playing > 0)
    run (&play, service);
  g_ptr_array_unref (play.pipelines);
  g_main_loop_unref (play.loop);
  return play.status;
}
