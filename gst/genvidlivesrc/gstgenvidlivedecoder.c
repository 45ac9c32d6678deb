/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* source ! decodebin, behind each stream a converter to the programme's caps
 * and a queue that holds what is decoded ahead. */

#include "gstgenvidlivedecoder.h"

GST_DEBUG_CATEGORY_EXTERN (gst_genvid_live_src_debug);
#define GST_CAT_DEFAULT gst_genvid_live_src_debug

/* A clip that has no picture after this time has none. */
#define PATIENCE_SECONDS 20
/* Streams that lie far apart in the file cannot all be decoded ahead; after
 * this time it is enough what there is. */
#define FILL_SECONDS 4
/* Sound that ends this much later than the picture is the encoder's padding. */
#define PADDING (90 * GST_MSECOND)

typedef struct {
  GstGenvidLiveDecoder *decoder;
  gboolean video;
  gboolean there;
  GstSegment segment;
  GstClockTime first; /* running times of the pipeline */
  GstClockTime head;
  gboolean ended;
} Stream;

struct _GstGenvidLiveDecoder {
  GstGenvidLiveDecoding decoding;
  GstElement *pipeline;
  GSource *bus_watch;
  GSource *deadline;
  gboolean sought;
  gboolean prerolled;
  gboolean filled; /* as far as it goes */
  GError *error;
  GstStructure *details;

  GMutex lock; /* for what follows; nothing else is locked under it */
  Stream streams[2];
  GstGenvidLiveDeck *deck;   /* where it is pushed to */
  GstGenvidLiveMixer *slate; /* or there */
  guint64 slate_begin;
};

static Stream *
get_stream (GstGenvidLiveDecoder *decoder, gboolean video)
{
  return &decoder->streams[video ? 0 : 1];
}

/* The clip begins with its first picture, else with its first sound. */
static GstClockTime
get_origin (GstGenvidLiveDecoder *decoder)
{
  Stream *video = get_stream (decoder, TRUE);

  return video->there ? video->first : get_stream (decoder, FALSE)->first;
}

/* --- into the queues --- */

static void
note_buffer (Stream *stream, GstBuffer *buffer)
{
  GstClockTime time = gst_segment_to_running_time (
      &stream->segment, GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  GstClockTime end = time;

  if (!GST_CLOCK_TIME_IS_VALID (time))
    return;
  if (GST_BUFFER_DURATION_IS_VALID (buffer))
    end += GST_BUFFER_DURATION (buffer);
  if (!GST_CLOCK_TIME_IS_VALID (stream->first))
    stream->first = time;
  stream->head = MAX (stream->head, end);
}

static void
note_event (Stream *stream, GstEvent *event)
{
  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_SEGMENT:
    gst_event_copy_segment (event, &stream->segment);
    break;
  case GST_EVENT_FLUSH_STOP:
    stream->first = GST_CLOCK_TIME_NONE;
    stream->head = 0;
    stream->ended = FALSE;
    break;
  case GST_EVENT_EOS:
    stream->ended = TRUE;
    break;
  default:
    break;
  }
}

static GstPadProbeReturn
note (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Stream *stream = data;
  GstGenvidLiveDecoder *decoder = stream->decoder;
  GstClockTime before;
  gboolean important;

  g_mutex_lock (&decoder->lock);
  before = stream->head;
  important = (info->type & GST_PAD_PROBE_TYPE_BUFFER) == 0;
  if (important)
    note_event (stream, GST_PAD_PROBE_INFO_EVENT (info));
  else
    note_buffer (stream, GST_PAD_PROBE_INFO_BUFFER (info));
  important |= before / GST_SECOND != stream->head / GST_SECOND;
  g_mutex_unlock (&decoder->lock);
  if (important)
    decoder->decoding.changed (decoder->decoding.data);

  return GST_PAD_PROBE_OK;
}

/* --- out of the queues --- */

/* Takes BUFFER. */
static void
push_slate (GstGenvidLiveMixer *mixer, guint64 begin, guint64 index,
            GstBuffer *buffer)
{
  const GstGenvidLiveGrid *grid = &mixer->grid;
  GstBuffer *moved = gst_buffer_make_writable (buffer);

  GST_BUFFER_PTS (moved) = gst_genvid_live_grid_get_time (grid, begin + index);
  GST_BUFFER_DTS (moved) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (moved)
      = gst_genvid_live_grid_get_time (grid, begin + index + 1)
        - GST_BUFFER_PTS (moved);
  gst_genvid_live_feed_push (&mixer->slate, moved);
}

/* FALSE: it is before the clip's begin. */
static gboolean
get_clip_time (GstPad *pad, GstBuffer *buffer, GstClockTime origin,
               GstClockTime *time)
{
  g_autoptr (GstEvent) event
      = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;

  if (event == NULL)
    return FALSE;
  gst_event_parse_segment (event, &segment);
  *time = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
                                       GST_BUFFER_PTS (buffer));
  if (!GST_CLOCK_TIME_IS_VALID (*time) || *time < origin)
    return FALSE;
  *time -= origin;
  return TRUE;
}

/* TRUE: BUFFER was taken. FALSE: there is nowhere to push it yet. */
static gboolean
hand_over (Stream *stream, GstPad *pad, GstBuffer *buffer)
{
  GstGenvidLiveDecoder *decoder = stream->decoder;
  GstGenvidLiveDeck *deck;
  GstGenvidLiveMixer *slate;
  GstClockTime origin, time;

  g_mutex_lock (&decoder->lock);
  deck = decoder->deck;
  slate = decoder->slate;
  origin = get_origin (decoder);
  g_mutex_unlock (&decoder->lock);
  if (deck == NULL && slate == NULL)
    return FALSE;

  if (!get_clip_time (pad, buffer, origin, &time))
    gst_buffer_unref (buffer);
  else if (slate != NULL)
    push_slate (slate, decoder->slate_begin,
                gst_genvid_live_grid_get_nearest (&slate->grid, time), buffer);
  else if (stream->video)
    gst_genvid_live_deck_push_video (
        deck, buffer,
        gst_genvid_live_grid_get_nearest (&deck->mixer->grid, time));
  else
    gst_genvid_live_deck_push_audio (deck, buffer, time);
  return TRUE;
}

/* The buffer that the sink prerolled with. */
static void
render (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  if (!hand_over (data, pad, gst_buffer_ref (buffer)))
    gst_buffer_unref (buffer);
}

/* All others are taken before the sink holds them: a decoder's pool throws away
 * a buffer whose memory somebody else has, and a picture of its own for each
 * frame costs as much as a copy. */
static GstPadProbeReturn
take (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return hand_over (data, pad, GST_PAD_PROBE_INFO_BUFFER (info))
             ? GST_PAD_PROBE_HANDLED
             : GST_PAD_PROBE_OK;
}

/* The last picture is out; it may stand while the sound goes on. */
static GstPadProbeReturn
note_last (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Stream *stream = data;
  GstGenvidLiveDecoder *decoder = stream->decoder;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_EOS)
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&decoder->lock);
  if (decoder->deck != NULL && stream->video)
    g_atomic_int_set (&decoder->deck->pictured, FALSE);
  g_mutex_unlock (&decoder->lock);

  return GST_PAD_PROBE_OK;
}

/* --- the chain of a stream --- */

static GstElement *
describe_chain (GstGenvidLiveDecoder *decoder, gboolean video)
{
  const GstGenvidLiveDecoding *decoding = &decoder->decoding;
  g_autofree char *text = NULL;
  GstVideoInfo info;

  if (!video)
    return gst_parse_bin_from_description (
        "audioconvert ! audioresample ! capsfilter name=filter ! queue "
        "name=queue ! fakesink name=sink",
        FALSE, NULL);
  gst_video_info_from_caps (&info, decoding->video_caps);
  if (decoding->fit == GST_GENVID_LIVE_FIT_CROP)
    text = g_strdup_printf ("aspectratiocrop aspect-ratio=%d/%d !",
                            info.width * info.par_n, info.height * info.par_d);

  g_autofree char *line = g_strdup_printf (
      "videorate skip-to-first=true ! %s videoconvertscale add-borders=%s ! "
      "capsfilter name=filter ! queue name=queue ! fakesink name=sink",
      text != NULL ? text : "",
      decoding->fit == GST_GENVID_LIVE_FIT_LETTERBOX ? "true" : "false");

  return gst_parse_bin_from_description (line, FALSE, NULL);
}

static void
set_up_queue (GstGenvidLiveDecoder *decoder, GstElement *chain, Stream *stream)
{
  g_autoptr (GstElement) queue = gst_bin_get_by_name (GST_BIN (chain), "queue");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (queue, "sink");

  g_object_set (queue, "max-size-buffers", 0, "max-size-bytes", 0,
                "max-size-time", decoder->decoding.ahead, "silent", TRUE, NULL);
  gst_pad_add_probe (pad,
                     GST_PAD_PROBE_TYPE_BUFFER
                         | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
                         | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
                     note, stream, NULL);
}

static void
set_up_sink (GstGenvidLiveDecoder *decoder, GstElement *chain, Stream *stream)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (chain), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "sync", FALSE, "qos", FALSE, "enable-last-sample", FALSE,
                "signal-handoffs", TRUE, "silent", TRUE, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (render), stream);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, take, stream, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note_last,
                     stream, NULL);
}

/* From decodebin's streaming thread, in the clip's own pipeline. */
static void
add_chain (GstGenvidLiveDecoder *decoder, GstPad *pad, Stream *stream)
{
  GstElement *chain = describe_chain (decoder, stream->video);
  g_autoptr (GstElement) filter = NULL;
  g_autoptr (GstPad) inlet = NULL;
  GstPad *ghost;

  g_return_if_fail (chain != NULL);
  filter = gst_bin_get_by_name (GST_BIN (chain), "filter");
  g_object_set (filter, "caps",
                stream->video ? decoder->decoding.video_caps
                              : decoder->decoding.audio_caps,
                NULL);
  set_up_queue (decoder, chain, stream);
  set_up_sink (decoder, chain, stream);
  inlet = gst_bin_find_unlinked_pad (GST_BIN (chain), GST_PAD_SINK);
  ghost = gst_ghost_pad_new ("sink", inlet);
  gst_element_add_pad (chain, ghost);
  gst_bin_add (GST_BIN (decoder->pipeline), chain);
  gst_element_sync_state_with_parent (chain);
  if (gst_pad_link (pad, ghost) != GST_PAD_LINK_OK)
    GST_WARNING_OBJECT (pad, "cannot be converted");
}

static void
pad_added (GstElement *decodebin, GstPad *pad, gpointer data)
{
  GstGenvidLiveDecoder *decoder = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const char *name = "";
  Stream *stream;
  gboolean wanted = FALSE;

  if (caps != NULL && gst_caps_get_size (caps) > 0)
    name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  stream = get_stream (decoder, g_str_has_prefix (name, "video/"));
  if (!stream->video
      && (!g_str_has_prefix (name, "audio/")
          || decoder->decoding.audio_caps == NULL))
    return;

  g_mutex_lock (&decoder->lock);
  wanted = !stream->there;
  stream->there = TRUE;
  g_mutex_unlock (&decoder->lock);
  if (wanted)
    add_chain (decoder, pad, stream);
}

/* --- the bus --- */

static void
fail (GstGenvidLiveDecoder *decoder, GstMessage *message)
{
  const GstStructure *details = NULL;

  if (decoder->error != NULL)
    return;
  gst_message_parse_error (message, &decoder->error, NULL);
  gst_message_parse_error_details (message, &details);
  if (details != NULL)
    decoder->details = gst_structure_copy (details);
}

static void
seek (GstGenvidLiveDecoder *decoder, GstSeekFlags flags)
{
  const GstGenvidLiveDecoding *decoding = &decoder->decoding;
  GstClockTime in = GST_CLOCK_TIME_IS_VALID (decoding->in) ? decoding->in : 0;

  gst_element_seek (
      decoder->pipeline, 1, GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, in,
      GST_CLOCK_TIME_IS_VALID (decoding->out) ? GST_SEEK_TYPE_SET
                                              : GST_SEEK_TYPE_NONE,
      decoding->out);
}

/* Whether the clip must be sought before it can be played. */
static gboolean
needs_seek (GstGenvidLiveDecoder *decoder)
{
  const GstGenvidLiveDecoding *decoding = &decoder->decoding;

  return decoding->loop || GST_CLOCK_TIME_IS_VALID (decoding->in)
         || GST_CLOCK_TIME_IS_VALID (decoding->out);
}

static gboolean
give_up (gpointer data)
{
  GstGenvidLiveDecoder *decoder = data;

  decoder->deadline = NULL;
  decoder->filled = TRUE;
  if (!decoder->prerolled && decoder->error == NULL)
    decoder->error = g_error_new (
        GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
        "The clip could not be decoded within %d seconds.", PATIENCE_SECONDS);
  decoder->decoding.changed (decoder->decoding.data);

  return G_SOURCE_REMOVE;
}

static void
set_deadline (GstGenvidLiveDecoder *decoder, guint seconds)
{
  g_clear_pointer (&decoder->deadline, g_source_destroy);
  decoder->deadline = g_timeout_source_new_seconds (seconds);
  g_source_set_callback (decoder->deadline, give_up, decoder, NULL);
  g_source_attach (decoder->deadline, decoder->decoding.context);
  g_source_unref (decoder->deadline);
}

static void
preroll (GstGenvidLiveDecoder *decoder)
{
  if (!decoder->sought && needs_seek (decoder)) {
    decoder->sought = TRUE;
    seek (decoder, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE
                       | (decoder->decoding.loop ? GST_SEEK_FLAG_SEGMENT : 0));
    return;
  }
  decoder->prerolled = TRUE;
  set_deadline (decoder, FILL_SECONDS);
}

static gboolean
handle (GstBus *bus, GstMessage *message, gpointer data)
{
  GstGenvidLiveDecoder *decoder = data;

  switch (GST_MESSAGE_TYPE (message)) {
  case GST_MESSAGE_ERROR:
    fail (decoder, message);
    break;
  case GST_MESSAGE_ASYNC_DONE:
    preroll (decoder);
    break;
  case GST_MESSAGE_SEGMENT_DONE:
    if (decoder->decoding.loop)
      seek (decoder, GST_SEEK_FLAG_SEGMENT);
    break;
  default:
    break;
  }
  if (decoder->decoding.message != NULL)
    decoder->decoding.message (message, decoder->decoding.data);
  decoder->decoding.changed (decoder->decoding.data);

  return G_SOURCE_CONTINUE;
}

/* --- its life --- */

static void
set_up_streams (GstGenvidLiveDecoder *decoder)
{
  for (guint i = 0; i < G_N_ELEMENTS (decoder->streams); i++) {
    Stream *stream = &decoder->streams[i];

    stream->decoder = decoder;
    stream->video = i == 0;
    stream->first = GST_CLOCK_TIME_NONE;
    gst_segment_init (&stream->segment, GST_FORMAT_TIME);
  }
}

static void
watch_bus (GstGenvidLiveDecoder *decoder)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (decoder->pipeline);

  decoder->bus_watch = gst_bus_create_watch (bus);
  g_source_set_callback (decoder->bus_watch, G_SOURCE_FUNC (handle), decoder,
                         NULL);
  g_source_attach (decoder->bus_watch, decoder->decoding.context);
  g_source_unref (decoder->bus_watch);
}

GstGenvidLiveDecoder *
gst_genvid_live_decoder_new (GstElement *source,
                             const GstGenvidLiveDecoding *decoding)
{
  GstGenvidLiveDecoder *decoder = g_new0 (GstGenvidLiveDecoder, 1);
  GstElement *decodebin = gst_element_factory_make ("decodebin", NULL);

  g_mutex_init (&decoder->lock);
  decoder->decoding = *decoding;
  gst_caps_ref (decoding->video_caps);
  if (decoding->audio_caps != NULL)
    gst_caps_ref (decoding->audio_caps);
  set_up_streams (decoder);
  decoder->pipeline = gst_pipeline_new ("genvid-live-clip");
  watch_bus (decoder);
  if (!decoding->patient)
    set_deadline (decoder, PATIENCE_SECONDS);
  if (decodebin == NULL) {
    decoder->error = g_error_new (GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                                  "There is no element decodebin. Install "
                                  "GStreamer's base plugins.");
    gst_object_unref (gst_object_ref_sink (source));
    return decoder;
  }
  g_signal_connect (decodebin, "pad-added", G_CALLBACK (pad_added), decoder);
  gst_bin_add_many (GST_BIN (decoder->pipeline), source, decodebin, NULL);
  gst_element_link (source, decodebin);
  gst_element_set_state (decoder->pipeline, GST_STATE_PAUSED);

  return decoder;
}

void
gst_genvid_live_decoder_free (GstGenvidLiveDecoder *decoder)
{
  GstGenvidLiveDeck *deck;

  g_source_destroy (decoder->bus_watch);
  g_clear_pointer (&decoder->deadline, g_source_destroy);
  g_mutex_lock (&decoder->lock);
  deck = g_steal_pointer (&decoder->deck);
  if (decoder->slate != NULL)
    gst_genvid_live_feed_stop (&decoder->slate->slate);
  g_mutex_unlock (&decoder->lock);
  if (deck != NULL)
    gst_genvid_live_deck_stop (deck);
  gst_element_set_state (decoder->pipeline, GST_STATE_NULL);
  gst_object_unref (decoder->pipeline);
  if (decoder->slate != NULL)
    gst_genvid_live_feed_restart (&decoder->slate->slate,
                                  decoder->slate->video_caps);
  gst_caps_unref (decoder->decoding.video_caps);
  gst_clear_caps (&decoder->decoding.audio_caps);
  g_clear_error (&decoder->error);
  g_clear_pointer (&decoder->details, gst_structure_free);
  g_mutex_clear (&decoder->lock);
  g_free (decoder);
}

/* The end, when all of it is decoded or nothing more will be. */
static GstClockTime
get_end (GstGenvidLiveDecoder *decoder)
{
  Stream *video = get_stream (decoder, TRUE);
  Stream *audio = get_stream (decoder, FALSE);

  if (video->head == 0 || audio->head > video->head + PADDING)
    return audio->head;
  return video->head;
}

static void
measure (GstGenvidLiveDecoder *decoder, GstGenvidLiveDecoded *decoded)
{
  GstClockTime origin = get_origin (decoder);
  GstClockTime least = GST_CLOCK_TIME_NONE;
  gboolean begun = TRUE;

  decoded->ended = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (decoder->streams); i++) {
    Stream *stream = &decoder->streams[i];

    if (!stream->there)
      continue;
    decoded->ended &= stream->ended;
    begun &= stream->ended || GST_CLOCK_TIME_IS_VALID (stream->first);
    if (stream->ended)
      continue;
    least = MIN (least, stream->head);
  }
  decoded->ended |= decoder->error != NULL;
  decoded->head = decoded->ended ? get_end (decoder) : least;
  if (GST_CLOCK_TIME_IS_VALID (origin) && decoded->head > origin)
    decoded->head -= origin;
  else
    decoded->head = 0;
  decoded->ready
      = decoder->prerolled && begun && decoded->head > 0
        && (decoded->ended || decoder->filled || decoder->decoding.loop
            || decoded->head >= decoder->decoding.ahead * 3 / 4);
}

void
gst_genvid_live_decoder_look (GstGenvidLiveDecoder *decoder,
                              GstGenvidLiveDecoded *decoded)
{
  memset (decoded, 0, sizeof *decoded);
  g_mutex_lock (&decoder->lock);
  measure (decoder, decoded);
  decoded->has_video
      = GST_CLOCK_TIME_IS_VALID (get_stream (decoder, TRUE)->first);
  decoded->has_audio
      = GST_CLOCK_TIME_IS_VALID (get_stream (decoder, FALSE)->first);
  g_mutex_unlock (&decoder->lock);
  decoded->error = decoder->error;
  decoded->details = decoder->details;
}

GstClockTime
gst_genvid_live_decoder_get_duration (GstGenvidLiveDecoder *decoder)
{
  const GstGenvidLiveDecoding *decoding = &decoder->decoding;
  GstClockTime in = GST_CLOCK_TIME_IS_VALID (decoding->in) ? decoding->in : 0;
  gint64 end;

  if (!gst_element_query_duration (decoder->pipeline, GST_FORMAT_TIME, &end)
      || end < 0)
    return GST_CLOCK_TIME_NONE;
  if (GST_CLOCK_TIME_IS_VALID (decoding->out))
    end = MIN ((GstClockTime)end, decoding->out);

  return (GstClockTime)end > in ? end - in : 0;
}

void
gst_genvid_live_decoder_start (GstGenvidLiveDecoder *decoder,
                               GstGenvidLiveDeck *deck)
{
  g_mutex_lock (&decoder->lock);
  decoder->deck = deck;
  g_atomic_int_set (&deck->pictured, GST_CLOCK_TIME_IS_VALID (
                                         get_stream (decoder, TRUE)->first));
  g_mutex_unlock (&decoder->lock);
  gst_element_set_state (decoder->pipeline, GST_STATE_PLAYING);
}

void
gst_genvid_live_decoder_start_feed (GstGenvidLiveDecoder *decoder,
                                    GstGenvidLiveMixer *mixer, guint64 begin)
{
  g_mutex_lock (&decoder->lock);
  decoder->slate = mixer;
  decoder->slate_begin = begin;
  g_mutex_unlock (&decoder->lock);
  gst_element_set_state (decoder->pipeline, GST_STATE_PLAYING);
}
