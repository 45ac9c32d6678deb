/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The live element: its pads, states, clock and events. What it shows is the
 * programme's business, how it leaves the mixer's. */

/**
 * SECTION:element-genvidlivesrc
 * @title: genvidlivesrc
 * @short_description: a live programme of AI-generated clips
 *
 * A live source of video and audio that never stops. It shows a slate while
 * clips are being generated, brings each in with every frame and its sound,
 * fades from one to the next, and goes back to the slate whatever a service
 * does. Each item is a purchase of genvidsrc, within the same limits.
 *
 * ## Example launch lines
 *
 * |[
 * gst-launch-1.0 genvidlivesrc name=l max-cost=5 \
 *   prompts="<\"a paper boat\",\"a paper plane\">" \
 *   defaults="genvid,provider=(string)genpro,model=(string)veo_3_fast" \
 *   l.video ! queue ! videoconvert ! autovideosink \
 *   l.audio ! queue ! audioconvert ! autoaudiosink
 * ]| Shows two generated clips, each as soon as it is there.
 *
 * |[
 * gst-launch-1.0 genvidlivesrc name=l when-empty=loop reuse=only \
 *   prompts="<\"a paper boat\",\"a paper plane\">" \
 *   l.video ! queue ! videoconvert ! x264enc tune=zerolatency ! mux. \
 *   l.audio ! queue ! audioconvert ! avenc_aac ! mux. \
 *   mpegtsmux name=mux ! srtsink uri=srt://:7001
 * ]| Plays stored clips in a loop for everybody who connects; it buys nothing.
 *
 * ## Messages
 *
 * `genvid-live-messages.h` has all names.
 *
 * * Element messages `genvid-live`: one on each step of an item, with `state`
 *   (queued, generating, ready, on-air, finished, failed), `id`, `prompt`,
 *   `running-time`, `duration`, `cost`, `currency` and `origin`.
 * * A warning for an item that failed, with the details `genvid-error`. The
 *   failure of an item is never an error of the element.
 *
 * Since: 0.1
 */

#include "gstgenvidlivesrc.h"

#include <genvid/genvid-context.h>
#include <genvid/genvid-live-messages.h>

#include "gstgenvidcontext.h"
#include "gstgenvidliveactions.h"
#include "gstgenvidliveproperties.h"

GST_DEBUG_CATEGORY (gst_genvid_live_src_debug);
#define GST_CAT_DEFAULT gst_genvid_live_src_debug

/* A start or a resume that comes this late goes on from now. */
#define TOLERANCE (200 * GST_MSECOND)

static GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE (
    "video", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw"));
static GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE (
    "audio", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("audio/x-raw"));

G_DEFINE_TYPE_WITH_CODE (GstGenvidLiveSrc, gst_genvid_live_src, GST_TYPE_BIN,
                         GST_DEBUG_CATEGORY_INIT (gst_genvid_live_src_debug,
                                                  "genvidlivesrc", 0,
                                                  "genvidlivesrc element"))
GST_ELEMENT_REGISTER_DEFINE (genvidlivesrc, GENVID_LIVE_ELEMENT, GST_RANK_NONE,
                             GST_TYPE_GENVID_LIVE_SRC)

static void
get_settings (GstElement *element, GstGenvidLiveSettings *copy)
{
  GstGenvidLiveSrc *self = GST_GENVID_LIVE_SRC (element);

  GST_OBJECT_LOCK (self);
  gst_genvid_live_settings_copy (&self->settings, copy);
  GST_OBJECT_UNLOCK (self);
  copy->contexts = gst_element_get_contexts (element);
}

/* --- queries and events --- */

static GstCaps *
get_caps (GstGenvidLiveSrc *self, GstPad *pad)
{
  GstGenvidLiveSettings settings;
  GstCaps *caps;

  get_settings (GST_ELEMENT (self), &settings);
  caps = pad == self->video
             ? gst_genvid_live_settings_fix_video (settings.video_caps)
             : gst_genvid_live_settings_fix_audio (settings.audio_caps);
  gst_genvid_live_settings_clear (&settings);

  return caps != NULL ? caps : gst_pad_get_pad_template_caps (pad);
}

static void
answer_caps (GstGenvidLiveSrc *self, GstPad *pad, GstQuery *query)
{
  g_autoptr (GstCaps) caps = get_caps (self, pad);
  GstCaps *filter;

  gst_query_parse_caps (query, &filter);
  if (filter != NULL) {
    GstCaps *both
        = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);

    gst_caps_unref (caps);
    caps = both;
  }
  gst_query_set_caps_result (query, caps);
}

/* The same at all times, whether the mixers are there or not. */
static void
answer_latency (GstGenvidLiveSrc *self, GstQuery *query)
{
  g_autoptr (GstCaps) caps = get_caps (self, self->video);
  GstGenvidLiveGrid grid = { 25, 1 };
  GstVideoInfo info;

  if (gst_caps_is_fixed (caps) && gst_video_info_from_caps (&info, caps)) {
    grid.rate_n = info.fps_n;
    grid.rate_d = info.fps_d;
  }
  gst_query_set_latency (query, TRUE, gst_genvid_live_mixer_get_latency (&grid),
                         GST_CLOCK_TIME_NONE);
}

static gboolean
answer_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstGenvidLiveSrc *self = GST_GENVID_LIVE_SRC (parent);
  GstFormat format;

  switch (GST_QUERY_TYPE (query)) {
  case GST_QUERY_LATENCY:
    answer_latency (self, query);
    return TRUE;
  case GST_QUERY_CAPS:
    answer_caps (self, pad, query);
    return TRUE;
  case GST_QUERY_SEEKING:
    gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
    gst_query_set_seeking (query, format, FALSE, 0, -1);
    return TRUE;
  case GST_QUERY_DURATION:
    return FALSE;
  default:
    return gst_pad_query_default (pad, parent, query);
  }
}

/* A live stream cannot be sought or flushed, and does not skip frames because
 * one sink is late. */
static gboolean
answer_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_SEEK:
  case GST_EVENT_QOS:
  case GST_EVENT_FLUSH_START:
  case GST_EVENT_FLUSH_STOP:
    gst_event_unref (event);
    return FALSE;
  default:
    return gst_pad_event_default (pad, parent, event);
  }
}

/* GstBin asks sinks, and has none here. */
static gboolean
gst_genvid_live_src_query (GstElement *element, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return GST_ELEMENT_CLASS (gst_genvid_live_src_parent_class)
        ->query (element, query);
  answer_latency (GST_GENVID_LIVE_SRC (element), query);
  return TRUE;
}

/* An EOS ends the stream at once; seeks and flushes are ignored. */
static gboolean
gst_genvid_live_src_send_event (GstElement *element, GstEvent *event)
{
  GstGenvidLiveSrc *self = GST_GENVID_LIVE_SRC (element);
  gboolean done = FALSE;

  g_mutex_lock (&self->lock);
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && self->mixer != NULL) {
    gst_genvid_live_mixer_end (
        self->mixer, gst_genvid_live_mixer_get_position (self->mixer));
    done = TRUE;
  }
  g_mutex_unlock (&self->lock);
  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_EOS:
  case GST_EVENT_SEEK:
  case GST_EVENT_FLUSH_START:
  case GST_EVENT_FLUSH_STOP:
    gst_event_unref (event);
    return done;
  default:
    return GST_ELEMENT_CLASS (gst_genvid_live_src_parent_class)
        ->send_event (element, event);
  }
}

/* --- states --- */

static gboolean
refuse (GstGenvidLiveSrc *self, const char *text)
{
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", text), (NULL));
  return FALSE;
}

static GstGenvidLiveMixer *
make_mixer (GstGenvidLiveSrc *self)
{
  GstGenvidLiveSettings settings;
  g_autoptr (GstCaps) video = NULL;
  g_autoptr (GstCaps) audio = NULL;
  GstGenvidLiveMixer *mixer = NULL;

  get_settings (GST_ELEMENT (self), &settings);
  video = gst_genvid_live_settings_fix_video (settings.video_caps);
  audio = gst_genvid_live_settings_fix_audio (settings.audio_caps);
  gst_genvid_live_settings_clear (&settings);
  if (video == NULL)
    refuse (self, "The property video-caps must be raw, progressive video at "
                  "a fixed frame rate.");
  else if (audio == NULL)
    refuse (self, "The property audio-caps must be raw, interleaved audio.");
  else
    mixer = gst_genvid_live_mixer_new (GST_BIN (self), video, audio);
  if (mixer == NULL && video != NULL && audio != NULL)
    refuse (self, "The elements compositor and audiomixer are needed. Install "
                  "GStreamer's base plugins.");

  return mixer;
}

static void
set_targets (GstGenvidLiveSrc *self, GstGenvidLiveMixer *mixer)
{
  g_autoptr (GstPad) video = NULL;
  g_autoptr (GstPad) audio = NULL;

  if (mixer != NULL) {
    video = gst_genvid_live_mixer_get_pad (mixer, TRUE);
    audio = gst_genvid_live_mixer_get_pad (mixer, FALSE);
  }
  gst_ghost_pad_set_target (GST_GHOST_PAD (self->video), video);
  gst_ghost_pad_set_target (GST_GHOST_PAD (self->audio), audio);
}

static void
lock_mixers (GstGenvidLiveMixer *mixer, gboolean locked)
{
  gst_element_set_locked_state (mixer->video, locked);
  gst_element_set_locked_state (mixer->audio, locked);
}

/* Until PLAYING there is no base time, by which the mixers could run. */
/* For the items, which are in pipelines of their own. */
static void
ask (GstElement *element, const char *type)
{
  g_autoptr (GstContext) context = gst_genvid_context_get (element, type);

  GST_DEBUG_OBJECT (element, "%s: %s", type,
                    context != NULL ? "handed over" : "not there");
}

static gboolean
begin (GstGenvidLiveSrc *self)
{
  GstGenvidLiveMixer *mixer = make_mixer (self);
  GstGenvidLiveSetting setting = {
    .element = GST_ELEMENT (self),
    .playlist = &self->playlist,
    .mixer = mixer,
    .get_settings = get_settings,
    .changed = gst_genvid_live_src_notify,
  };

  if (mixer == NULL)
    return FALSE;
  ask (GST_ELEMENT (self), GENVID_CONTEXT_SETTINGS);
  ask (GST_ELEMENT (self), GENVID_CONTEXT_CREDENTIALS);
  lock_mixers (mixer, TRUE);
  set_targets (self, mixer);
  self->shift = 0;
  self->base = GST_CLOCK_TIME_NONE;
  gst_pad_set_offset (self->video, 0);
  gst_pad_set_offset (self->audio, 0);
  gst_genvid_live_playlist_restart (&self->playlist);

  g_mutex_lock (&self->lock);
  self->mixer = mixer;
  memset (&self->counts, 0, sizeof self->counts);
  memset (&self->results, 0, sizeof self->results);
  self->programme = gst_genvid_live_programme_start (&setting);
  g_mutex_unlock (&self->lock);

  return TRUE;
}

/* The control thread ends first; it may post messages until then. */
static void
end_programme (GstGenvidLiveSrc *self)
{
  GstGenvidLiveProgramme *programme;

  g_mutex_lock (&self->lock);
  programme = g_steal_pointer (&self->programme);
  if (programme != NULL)
    gst_genvid_live_programme_count (programme, &self->results);
  g_mutex_unlock (&self->lock);
  if (programme != NULL)
    gst_genvid_live_programme_stop (programme);
}

static void
end_mixer (GstGenvidLiveSrc *self)
{
  GstGenvidLiveMixer *mixer;

  g_mutex_lock (&self->lock);
  mixer = g_steal_pointer (&self->mixer);
  if (mixer != NULL)
    gst_genvid_live_mixer_count (mixer, &self->counts);
  g_mutex_unlock (&self->lock);
  if (mixer == NULL)
    return;
  set_targets (self, NULL);
  gst_genvid_live_mixer_free (mixer);
  gst_genvid_live_src_notify (GST_ELEMENT (self), 0);
}

/* The mixers begin at running time 0 and never skip. When the pipeline's is far
 * ahead of theirs, because this element came later or was paused alone, theirs
 * is shifted by whole frames. */
static void
set_base_time (GstGenvidLiveSrc *self)
{
  GstElement *element = GST_ELEMENT (self);
  const GstGenvidLiveGrid *grid = &self->mixer->grid;
  g_autoptr (GstClock) clock = gst_element_get_clock (element);
  GstClockTime base = gst_element_get_base_time (element);
  GstClockTime now, position;

  if (clock == NULL)
    return;
  if (base == self->base) /* not set anew since the last time */
    base -= self->shift;
  now = gst_clock_get_time (clock);
  position = self->shift
             + gst_genvid_live_grid_get_time (
                 grid, gst_genvid_live_mixer_get_position (self->mixer));
  if (now > base + position + TOLERANCE)
    self->shift += gst_genvid_live_grid_get_time (
        grid, gst_genvid_live_grid_get_frame (grid, now - base - position));

  self->base = base + self->shift;
  gst_element_set_base_time (element, self->base);
  gst_pad_set_offset (self->video, self->shift);
  gst_pad_set_offset (self->audio, self->shift);
  gst_genvid_live_programme_set_shift (self->programme, self->shift);
  GST_INFO_OBJECT (self, "frame 0 is at %" GST_TIME_FORMAT,
                   GST_TIME_ARGS (self->shift));
}

static GstStateChangeReturn
gst_genvid_live_src_change_state (GstElement *element,
                                  GstStateChange transition)
{
  GstGenvidLiveSrc *self = GST_GENVID_LIVE_SRC (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !begin (self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING) {
    set_base_time (self);
    lock_mixers (self->mixer, FALSE);
  }
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_genvid_live_mixer_shut (self->mixer);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    end_programme (self);

  result = GST_ELEMENT_CLASS (gst_genvid_live_src_parent_class)
               ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (result == GST_STATE_CHANGE_FAILURE
          && transition == GST_STATE_CHANGE_READY_TO_PAUSED)) {
    end_programme (self);
    end_mixer (self);
  }
  if (result == GST_STATE_CHANGE_FAILURE)
    return result;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING) {
    gst_genvid_live_mixer_begin (self->mixer);
    gst_genvid_live_mixer_release (self->mixer);
  }
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    return GST_STATE_CHANGE_NO_PREROLL;

  return result;
}

/* --- class --- */

static void
gst_genvid_live_src_finalize (GObject *object)
{
  GstGenvidLiveSrc *self = GST_GENVID_LIVE_SRC (object);

  gst_genvid_live_playlist_clear_all (&self->playlist);
  gst_genvid_live_settings_clear (&self->settings);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_genvid_live_src_parent_class)->finalize (object);
}

static GstPad *
add_pad (GstGenvidLiveSrc *self, GstStaticPadTemplate *model)
{
  g_autoptr (GstPadTemplate) template = gst_static_pad_template_get (model);
  GstPad *pad = gst_ghost_pad_new_no_target_from_template (
      template->name_template, template);

  gst_pad_set_query_function (pad, answer_query);
  gst_pad_set_event_function (pad, answer_event);
  gst_element_add_pad (GST_ELEMENT (self), pad);

  return pad;
}

static void
gst_genvid_live_src_init (GstGenvidLiveSrc *self)
{
  g_mutex_init (&self->lock);
  gst_genvid_live_settings_init (&self->settings);
  gst_genvid_live_playlist_init (&self->playlist);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE
                                 | GST_ELEMENT_FLAG_REQUIRE_CLOCK);
  gst_bin_set_suppressed_flags (GST_BIN (self), GST_ELEMENT_FLAG_SOURCE
                                                    | GST_ELEMENT_FLAG_SINK);
  self->video = add_pad (self, &video_template);
  self->audio = add_pad (self, &audio_template);
}

static void
gst_genvid_live_src_class_init (GstGenvidLiveSrcClass *klass)
{
  GstElementClass *element = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_genvid_live_src_finalize;
  gst_genvid_live_src_install_properties (G_OBJECT_CLASS (klass));
  gst_genvid_live_src_install_actions (element);
  element->change_state = GST_DEBUG_FUNCPTR (gst_genvid_live_src_change_state);
  element->query = GST_DEBUG_FUNCPTR (gst_genvid_live_src_query);
  element->send_event = GST_DEBUG_FUNCPTR (gst_genvid_live_src_send_event);

  gst_element_class_add_static_pad_template (element, &video_template);
  gst_element_class_add_static_pad_template (element, &audio_template);
  gst_element_class_set_static_metadata (
      element, "Live programme of generated video", "Source/Audio/Video",
      "Shows AI-generated clips as they become ready, and a slate meanwhile; "
      "it "
      "never stops",
      "The genvid authors");
}
