/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An item: its purchase, its decoder, and what both say. */

#include "gstgenvidliveitem.h"

#include <genvid/genvid-live-messages.h>

GST_DEBUG_CATEGORY_EXTERN (gst_genvid_live_src_debug);
#define GST_CAT_DEFAULT gst_genvid_live_src_debug

/* What is decoded ahead, beside the transition. */
#define AHEAD (2 * GST_SECOND)

GstGenvidLiveItem *
gst_genvid_live_item_new (GstGenvidLiveEntry *entry, GMainContext *context,
                          void (*changed) (gpointer), gpointer data)
{
  GstGenvidLiveItem *item = g_new0 (GstGenvidLiveItem, 1);

  item->id = entry->id;
  item->entry = entry;
  item->context = context;
  item->changed = changed;
  item->data = data;
  item->cost = -1;
  item->duration = GST_CLOCK_TIME_NONE;
  item->begin = item->end = item->planned = GST_GENVID_LIVE_NO_FRAME;

  return item;
}

static void
end_purchase (GstGenvidLiveItem *item)
{
  if (item->purchase == NULL)
    return;
  g_source_destroy (item->purchase_watch);
  gst_element_set_state (item->purchase, GST_STATE_NULL);
  gst_clear_object (&item->purchase);
}

void
gst_genvid_live_item_free (GstGenvidLiveItem *item)
{
  end_purchase (item);
  g_clear_pointer (&item->decoder, gst_genvid_live_decoder_free);
  if (item->deck != NULL)
    gst_genvid_live_deck_give (item->deck);
  gst_genvid_live_entry_free (item->entry);
  g_free (item->currency);
  g_free (item->origin);
  g_free (item->status);
  g_clear_error (&item->error);
  g_clear_pointer (&item->details, gst_structure_free);
  g_free (item);
}

GstClockTime
gst_genvid_live_item_get_time (GstGenvidLiveItem *item, const char *field)
{
  const GValue *value = gst_structure_get_value (item->entry->fields, field);
  g_auto (GValue) time = G_VALUE_INIT;

  g_value_init (&time, G_TYPE_UINT64);
  if (value == NULL)
    return GST_CLOCK_TIME_NONE;
  if (G_VALUE_HOLDS_STRING (value)) {
    if (!gst_value_deserialize (&time, g_value_get_string (value)))
      return GST_CLOCK_TIME_NONE;
  } else if (!g_value_transform (value, &time)) {
    return GST_CLOCK_TIME_NONE;
  }

  return g_value_get_uint64 (&time);
}

const char *
gst_genvid_live_item_get_prompt (GstGenvidLiveItem *item)
{
  const char *text = gst_structure_get_string (item->entry->fields, "prompt");

  if (text == NULL)
    text = gst_structure_get_string (item->entry->fields, "uri");
  return text != NULL ? text : "";
}

/* --- what genvidsrc says --- */

static void
describe (GstGenvidLiveItem *item, const char *state, int progress,
          double elapsed)
{
  g_free (item->status);
  if (progress >= 0)
    item->status = g_strdup_printf ("%s, %d %%", state, progress);
  else if (elapsed >= 1)
    item->status = g_strdup_printf ("%s, %.0f s", state, elapsed);
  else
    item->status = g_strdup (state);
}

static void
read_generation (GstGenvidLiveItem *item, const GstStructure *fields)
{
  const char *state = gst_structure_get_string (fields, GENVID_FIELD_STATE);
  int progress = -1;
  double elapsed = 0;

  gst_structure_get_double (fields, GENVID_FIELD_COST, &item->cost);
  gst_structure_get_int (fields, GENVID_FIELD_PROGRESS, &progress);
  gst_structure_get_double (fields, GENVID_FIELD_ELAPSED, &elapsed);
  g_free (item->currency);
  item->currency
      = g_strdup (gst_structure_get_string (fields, GENVID_FIELD_CURRENCY));
  /* The decoder finds in the store what the purchase has put there. */
  if (g_strcmp0 (item->origin, GENVID_ORIGIN_NAME_BOUGHT) != 0) {
    g_free (item->origin);
    item->origin
        = g_strdup (gst_structure_get_string (fields, GENVID_FIELD_ORIGIN));
  }
  item->generating |= g_strcmp0 (state, GENVID_STATE_NAME_SUBMITTING) == 0
                      || g_strcmp0 (state, GENVID_STATE_NAME_QUEUED) == 0
                      || g_strcmp0 (state, GENVID_STATE_NAME_RUNNING) == 0;
  item->whole |= g_strcmp0 (state, GENVID_STATE_NAME_DONE) == 0;
  describe (item, state, progress, elapsed);
}

static void
read_message (GstMessage *message, gpointer data)
{
  GstGenvidLiveItem *item = data;

  if (gst_message_has_name (message, GENVID_MESSAGE_GENERATION))
    read_generation (item, gst_message_get_structure (message));
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    GST_WARNING ("item %u: %" GST_PTR_FORMAT, item->id, message);
}

/* --- the purchase --- */

static gboolean
handle_purchase (GstBus *bus, GstMessage *message, gpointer data)
{
  GstGenvidLiveItem *item = data;
  const GstStructure *details = NULL;

  read_message (message, item);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR && item->error == NULL) {
    gst_message_parse_error (message, &item->error, NULL);
    gst_message_parse_error_details (message, &details);
    item->details = details != NULL ? gst_structure_copy (details) : NULL;
  }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    item->whole |= item->error == NULL;
  item->changed (item->data);

  return G_SOURCE_CONTINUE;
}

void
gst_genvid_live_item_buy (GstGenvidLiveItem *item,
                          const GstGenvidLiveSettings *settings)
{
  GstElement *source = gst_genvid_live_settings_make_source (
      settings, item->entry->fields, FALSE, &item->error);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstBus) bus = NULL;

  item->phase = GST_GENVID_LIVE_BUYING;
  if (source == NULL || sink == NULL) {
    gst_clear_object (&sink);
    return;
  }
  g_object_set (sink, "sync", FALSE, "async", FALSE, "silent", TRUE,
                "enable-last-sample", FALSE, NULL);
  item->purchase = gst_pipeline_new ("genvid-live-purchase");
  gst_bin_add_many (GST_BIN (item->purchase), source, sink, NULL);
  gst_element_link (source, sink);
  bus = gst_element_get_bus (item->purchase);
  item->purchase_watch = gst_bus_create_watch (bus);
  g_source_set_callback (item->purchase_watch, G_SOURCE_FUNC (handle_purchase),
                         item, NULL);
  g_source_attach (item->purchase_watch, item->context);
  g_source_unref (item->purchase_watch);
  gst_element_set_state (item->purchase, GST_STATE_PLAYING);
}

/* --- the decoder --- */

static void
notify_changed (gpointer data)
{
  GstGenvidLiveItem *item = data;

  item->changed (item->data);
}

void
gst_genvid_live_item_decode (GstGenvidLiveItem *item,
                             const GstGenvidLiveSettings *settings,
                             GstGenvidLiveMixer *mixer)
{
  GstElement *source = gst_genvid_live_settings_make_source (
      settings, item->entry->fields, item->whole, &item->error);
  GstGenvidLiveDecoding decoding = {
    .video_caps = mixer->video_caps,
    .audio_caps = mixer->audio_caps,
    .fit = settings->fit,
    .ahead = AHEAD
             + (settings->transition == GST_GENVID_LIVE_TRANSITION_CUT
                    ? 0
                    : settings->transition_duration),
    .in = gst_genvid_live_item_get_time (item, "in"),
    .out = gst_genvid_live_item_get_time (item, "out"),
    .patient = !item->whole,
    .context = item->context,
    .changed = notify_changed,
    .message = read_message,
    .data = item,
  };

  item->phase = GST_GENVID_LIVE_DECODING;
  if (source != NULL)
    item->decoder = gst_genvid_live_decoder_new (source, &decoding);
}

static void
look_at_decoder (GstGenvidLiveItem *item)
{
  gst_genvid_live_decoder_look (item->decoder, &item->decoded);
  if (item->phase == GST_GENVID_LIVE_DECODING && item->decoded.ready) {
    item->phase = GST_GENVID_LIVE_READY;
    item->duration = gst_genvid_live_decoder_get_duration (item->decoder);
  }
  if (item->error == NULL && item->decoded.error != NULL) {
    item->error = g_error_copy (item->decoded.error);
    if (item->decoded.details != NULL)
      item->details = gst_structure_copy (item->decoded.details);
  }
}

void
gst_genvid_live_item_look (GstGenvidLiveItem *item)
{
  if (item->whole && item->phase == GST_GENVID_LIVE_BUYING)
    item->phase = GST_GENVID_LIVE_BOUGHT;
  if (item->whole || item->error != NULL)
    end_purchase (item);
  if (item->decoder != NULL)
    look_at_decoder (item);
}
