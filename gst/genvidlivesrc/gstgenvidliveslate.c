/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The slate. A card is drawn once by a small pipeline in a thread of its own,
 * as Pango takes its time, and then shown again by the compositor, which costs
 * nothing. */

#include "gstgenvidliveslate.h"

GST_DEBUG_CATEGORY_EXTERN (gst_genvid_live_src_debug);
#define GST_CAT_DEFAULT gst_genvid_live_src_debug

#define CARD_COLOR "0xff1b2430"
#define MAX_TITLE  160 /* characters */
#define LEAD       3   /* frames */

/* It outlives the slate if the element is stopped meanwhile. */
typedef struct {
  gatomicrefcount references;
  char *text; /* Pango's markup */
  GstCaps *caps;

  GMutex lock;     /* for what follows */
  GstBuffer *card; /* nullable */
  gboolean done;
} Drawing;

struct _GstGenvidLiveSlate {
  GstGenvidLiveMixer *mixer;
  GstGenvidLiveSlateUser user;
  GstCaps *caps;
  GstGenvidLiveFit fit;

  /* A file. */
  char *location;
  GstGenvidLiveDecoder *decoder;
  gboolean started;
  gboolean failed;

  /* A card. */
  gboolean with_text;
  char *wanted; /* Pango's markup */
  char *drawn;
  Drawing *drawing; /* nullable */
  GstBuffer *card;  /* to be shown; nullable */
  guint64 shown_at; /* the frame of the last card */
};

/* --- the card --- */

static void
unref_drawing (Drawing *drawing)
{
  if (!g_atomic_ref_count_dec (&drawing->references))
    return;
  g_free (drawing->text);
  gst_caps_unref (drawing->caps);
  gst_clear_buffer (&drawing->card);
  g_mutex_clear (&drawing->lock);
  g_free (drawing);
}

/* Without textoverlay the card is plain. */
static GstElement *
make_pipeline (void)
{
  const char *background
      = "videotestsrc num-buffers=1 pattern=solid-color "
        "foreground-color=" CARD_COLOR " ! capsfilter name=filter ! ";
  const char *overlay
      = "textoverlay name=text halignment=center valignment=center "
        "line-alignment=center wrap-mode=word font-desc=\"Sans 26\" ! ";
  const char *end = "fakesink name=sink sync=false";
  g_autofree char *line = NULL;
  GstElement *made;

  line = g_strconcat (background, "videoconvert ! ", overlay,
                      "videoconvert ! capsfilter name=format ! ", end, NULL);
  made = gst_parse_launch (line, NULL);
  if (made != NULL)
    return made;
  g_free (line);
  line = g_strconcat (background, "videoconvert ! capsfilter name=format ! ",
                      end, NULL);

  return gst_parse_launch (line, NULL);
}

static void
configure (GstElement *pipeline, Drawing *drawing)
{
  GstBin *bin = GST_BIN (pipeline);
  g_autoptr (GstElement) filter = gst_bin_get_by_name (bin, "filter");
  g_autoptr (GstElement) format = gst_bin_get_by_name (bin, "format");
  g_autoptr (GstElement) text = gst_bin_get_by_name (bin, "text");
  g_autoptr (GstCaps) size = NULL;
  GstVideoInfo info;

  gst_video_info_from_caps (&info, drawing->caps);
  size = gst_caps_new_simple ("video/x-raw", "width", G_TYPE_INT, info.width,
                              "height", G_TYPE_INT, info.height, "framerate",
                              GST_TYPE_FRACTION, info.fps_n, info.fps_d, NULL);
  g_object_set (filter, "caps", size, NULL);
  g_object_set (format, "caps", drawing->caps, NULL);
  if (text != NULL)
    g_object_set (text, "text", drawing->text, NULL);
}

/* NULL: it cannot be drawn. */
static GstBuffer *
play (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstElement) sink
      = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstSample) sample = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    g_object_get (sink, "last-sample", &sample, NULL);
  else
    GST_WARNING ("the slate cannot be drawn: %" GST_PTR_FORMAT, message);
  gst_element_set_state (pipeline, GST_STATE_NULL);

  return sample != NULL ? gst_buffer_ref (gst_sample_get_buffer (sample))
                        : NULL;
}

static gpointer
run (gpointer data)
{
  Drawing *drawing = data;
  g_autoptr (GstElement) pipeline = make_pipeline ();
  GstBuffer *card = NULL;

  if (pipeline != NULL) {
    configure (pipeline, drawing);
    card = play (pipeline);
  }
  g_mutex_lock (&drawing->lock);
  drawing->card = card;
  drawing->done = TRUE;
  g_mutex_unlock (&drawing->lock);
  unref_drawing (drawing);

  return NULL;
}

static void
draw (GstGenvidLiveSlate *slate)
{
  Drawing *drawing = g_new0 (Drawing, 1);

  g_free (slate->drawn);
  slate->drawn = g_strdup (slate->wanted);
  g_atomic_ref_count_init (&drawing->references);
  g_atomic_ref_count_inc (&drawing->references);
  g_mutex_init (&drawing->lock);
  drawing->text = g_strdup (slate->wanted);
  drawing->caps = gst_caps_ref (slate->caps);
  slate->drawing = drawing;
  g_thread_unref (g_thread_new ("genvid-card", run, drawing));
}

static void
take_card (GstGenvidLiveSlate *slate)
{
  gboolean done;

  if (slate->drawing == NULL)
    return;
  g_mutex_lock (&slate->drawing->lock);
  done = slate->drawing->done;
  if (slate->drawing->card != NULL)
    gst_buffer_replace (&slate->card, slate->drawing->card);
  g_mutex_unlock (&slate->drawing->lock);
  if (done)
    g_clear_pointer (&slate->drawing, unref_drawing);
}

static char *
mark_up (const char *title, const char *status)
{
  g_autofree char *shown = NULL;
  g_autofree char *valid = NULL;

  if (title == NULL)
    return g_strdup ("");
  valid = g_utf8_make_valid (title, -1);
  if (g_utf8_strlen (valid, -1) > MAX_TITLE) {
    g_autofree char *begin = g_utf8_substring (valid, 0, MAX_TITLE - 1);

    shown = g_strconcat (begin, "…", NULL);
  } else {
    shown = g_strdup (valid);
  }
  if (status == NULL)
    return g_markup_printf_escaped ("%s", shown);
  return g_markup_printf_escaped ("%s\n<span size=\"60%%\" "
                                  "alpha=\"70%%\">%s</span>",
                                  shown, status);
}

void
gst_genvid_live_slate_set_text (GstGenvidLiveSlate *slate, const char *title,
                                const char *status)
{
  if (slate->location != NULL || !slate->with_text)
    return;
  g_free (slate->wanted);
  slate->wanted = mark_up (title, status);
}

/* A push could wait if the last card had not been taken, for example while the
 * pipeline is paused. */
static void
show_card (GstGenvidLiveSlate *slate)
{
  const GstGenvidLiveGrid *grid = &slate->mixer->grid;
  guint64 position = gst_genvid_live_mixer_get_position (slate->mixer);
  guint64 frame = position + LEAD;
  GstBuffer *buffer;

  if (slate->card == NULL
      || (slate->shown_at != 0 && position <= slate->shown_at))
    return;
  buffer = gst_buffer_copy (slate->card);
  GST_BUFFER_PTS (buffer) = gst_genvid_live_grid_get_time (grid, frame);
  GST_BUFFER_DURATION (buffer) = gst_genvid_live_grid_get_time (grid, frame + 1)
                                 - GST_BUFFER_PTS (buffer);
  slate->shown_at = frame;
  gst_buffer_replace (&slate->card, NULL);
  gst_genvid_live_feed_push (&slate->mixer->slate, buffer);
}

/* --- the file --- */

static void
open_file (GstGenvidLiveSlate *slate)
{
  GstElement *source = gst_element_factory_make ("filesrc", NULL);
  GstGenvidLiveDecoding decoding = {
    .video_caps = slate->caps,
    .fit = slate->fit,
    .ahead = GST_SECOND,
    .in = GST_CLOCK_TIME_NONE,
    .out = GST_CLOCK_TIME_NONE,
    .loop = TRUE,
    .context = slate->user.context,
    .changed = slate->user.changed,
    .data = slate->user.data,
  };

  g_return_if_fail (source != NULL);
  g_object_set (source, "location", slate->location, NULL);
  slate->decoder = gst_genvid_live_decoder_new (source, &decoding);
}

static void
tick_file (GstGenvidLiveSlate *slate)
{
  GstGenvidLiveDecoded decoded;

  if (slate->failed)
    return;
  gst_genvid_live_decoder_look (slate->decoder, &decoded);
  if (decoded.error != NULL) {
    g_autofree char *text
        = g_strdup_printf ("The slate %s cannot be shown: %s", slate->location,
                           decoded.error->message);

    slate->failed = TRUE;
    slate->user.failed (text, slate->user.data);
  } else if (decoded.ready && !slate->started) {
    slate->started = TRUE;
    gst_genvid_live_decoder_start_feed (
        slate->decoder, slate->mixer,
        gst_genvid_live_mixer_get_position (slate->mixer) + LEAD);
  }
}

/* --- its life --- */

void
gst_genvid_live_slate_tick (GstGenvidLiveSlate *slate)
{
  if (slate->location != NULL) {
    tick_file (slate);
    return;
  }
  take_card (slate);
  if (slate->drawing == NULL && g_strcmp0 (slate->wanted, slate->drawn) != 0)
    draw (slate);
  show_card (slate);
}

GstGenvidLiveSlate *
gst_genvid_live_slate_new (GstGenvidLiveMixer *mixer,
                           const GstGenvidLiveSettings *settings,
                           const GstGenvidLiveSlateUser *user)
{
  GstGenvidLiveSlate *slate = g_new0 (GstGenvidLiveSlate, 1);

  slate->mixer = mixer;
  slate->user = *user;
  slate->caps = gst_caps_ref (mixer->video_caps);
  slate->fit = settings->fit;
  slate->with_text = settings->slate_text;
  slate->location = g_strdup (settings->slate);
  slate->wanted = g_strdup ("");
  if (slate->location != NULL)
    open_file (slate);

  return slate;
}

void
gst_genvid_live_slate_free (GstGenvidLiveSlate *slate)
{
  g_clear_pointer (&slate->drawing, unref_drawing);
  g_clear_pointer (&slate->decoder, gst_genvid_live_decoder_free);
  gst_clear_buffer (&slate->card);
  gst_caps_unref (slate->caps);
  g_free (slate->location);
  g_free (slate->wanted);
  g_free (slate->drawn);
  g_free (slate);
}
