/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvidlivesrc's properties. */

#include "gstgenvidliveproperties.h"

#include <genvid/genvid-live-messages.h>

#include "gstgenvidenums.h"
#include "settings.h"

#define ANY_TIME                                                               \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)
#define BEFORE                                                                 \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define REPORT (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

#define MAX_TRANSITION (5 * GST_SECOND)
#define MAX_PREFETCH   100

static GParamSpec *properties[N_PROPERTIES];

static void
create_money (void)
{
  properties[PROP_MAX_COST] = g_param_spec_double (
      "max-cost", "Maximum cost",
      "Reject an item that costs more than this, in USD; -1 is no limit.", -1,
      G_MAXDOUBLE, -1, ANY_TIME);
  properties[PROP_BUDGET] = g_param_spec_double (
      "budget", "Budget",
      "Reject an item that would raise the store's spending of the last 24 "
      "hours above this, in USD; -1 is no limit.",
      -1, G_MAXDOUBLE, -1, ANY_TIME);
  properties[PROP_REUSE]
      = g_param_spec_enum ("reuse", "Reuse", "Whether anything may be bought.",
                           GST_TYPE_GENVID_REUSE, GENVID_REUSE_AUTO, ANY_TIME);
  properties[PROP_API_KEY_FILE] = g_param_spec_string (
      "api-key-file", "API key file",
      "Path of a regular file whose first line is the API key. Unset: the "
      "service's own variable, such as $GEN_API_KEY.",
      NULL, ANY_TIME);
  properties[PROP_STORE] = g_param_spec_string (
      "store", "Store",
      "Folder that keeps the clips and the records of purchases. Unset: "
      "$GENVID_STORE, else genvid in the user's data folder.",
      NULL, ANY_TIME);
}

static void
create_playlist (void)
{
  properties[PROP_PROMPTS] = gst_param_spec_array (
      "prompts", "Prompts",
      "The playlist: an array of prompts and genvid: URIs, such as "
      "<\"a paper boat\",\"a paper plane\">. Setting it replaces what waits.",
      NULL, ANY_TIME);
  properties[PROP_DEFAULTS] = g_param_spec_boxed (
      "defaults", "Defaults",
      "Properties of genvidsrc for each item: a structure of any name, such "
      "as \"genvid,provider=(string)genpro,model=(string)veo_3_fast\".",
      GST_TYPE_STRUCTURE, ANY_TIME);
  properties[PROP_START] = g_param_spec_enum (
      "start", "Start", "When an item may go on air.",
      GST_TYPE_GENVID_LIVE_START, GST_GENVID_LIVE_START_WHOLE, ANY_TIME);
  properties[PROP_WHEN_EMPTY] = g_param_spec_enum (
      "when-empty", "When empty", "What follows the last item.",
      GST_TYPE_GENVID_LIVE_WHEN_EMPTY, GST_GENVID_LIVE_WHEN_EMPTY_SLATE,
      ANY_TIME);
  properties[PROP_PREFETCH] = g_param_spec_uint (
      "prefetch", "Prefetch",
      "How many items are generated ahead of the one on air.", 0, MAX_PREFETCH,
      1, ANY_TIME);
}

static void
create_output (void)
{
  properties[PROP_VIDEO_CAPS] = g_param_spec_boxed (
      "video-caps", "Video caps",
      "Caps of the video pad: raw, progressive, at a fixed rate.",
      GST_TYPE_CAPS, BEFORE);
  properties[PROP_AUDIO_CAPS] = g_param_spec_boxed (
      "audio-caps", "Audio caps", "Caps of the audio pad: raw, interleaved.",
      GST_TYPE_CAPS, BEFORE);
  properties[PROP_SLATE] = g_param_spec_string (
      "slate", "Slate",
      "Path of a picture or video to show while nothing is on air. Unset: a "
      "plain card.",
      NULL, BEFORE);
  properties[PROP_SLATE_TEXT] = g_param_spec_boolean (
      "slate-text", "Slate text",
      "Whether the plain card shows the prompt of the next item and how far "
      "it is.",
      TRUE, BEFORE);
  properties[PROP_TRANSITION] = g_param_spec_enum (
      "transition", "Transition",
      "How items and the slate follow each other, sound along.",
      GST_TYPE_GENVID_LIVE_TRANSITION, GST_GENVID_LIVE_TRANSITION_CROSSFADE,
      ANY_TIME);
  properties[PROP_TRANSITION_DURATION] = g_param_spec_uint64 (
      "transition-duration", "Transition duration",
      "Nanoseconds that a crossfade takes; at most half of a clip.", 0,
      MAX_TRANSITION, 500 * GST_MSECOND, ANY_TIME);
  properties[PROP_FIT] = g_param_spec_enum (
      "fit", "Fit", "How a clip of another aspect ratio is shown.",
      GST_TYPE_GENVID_LIVE_FIT, GST_GENVID_LIVE_FIT_LETTERBOX, ANY_TIME);
}

static void
create_reports (void)
{
  properties[PROP_STATE] = g_param_spec_enum (
      "state", "State", "Whether an item is on air.",
      GST_TYPE_GENVID_LIVE_STATE, GST_GENVID_LIVE_STATE_SLATE, REPORT);
  properties[PROP_CURRENT] = g_param_spec_uint (
      "current", "Current", "Id of the item on air; 0 is none.", 0, G_MAXUINT,
      0, REPORT);
  properties[PROP_QUEUED] = g_param_spec_uint (
      "queued", "Queued", "How many items wait.", 0, G_MAXUINT, 0, REPORT);
  properties[PROP_STATS] = g_param_spec_boxed (
      "stats", "Statistics",
      "Structure genvid-live-stats with counts since the start.",
      GST_TYPE_STRUCTURE, REPORT);
}

/* --- values --- */

static void
set_string (char **field, const GValue *value)
{
  g_free (*field);
  *field = g_value_dup_string (value);
}

static void
set_caps (GstCaps **field, const GValue *value)
{
  const GstCaps *caps = gst_value_get_caps (value);

  if (caps == NULL)
    return;
  gst_caps_unref (*field);
  *field = gst_caps_copy (caps);
}

static gboolean
set_money (GstGenvidLiveSettings *settings, guint id, const GValue *value)
{
  switch (id) {
  case PROP_MAX_COST:
    settings->max_cost = g_value_get_double (value);
    return TRUE;
  case PROP_BUDGET:
    settings->budget = g_value_get_double (value);
    return TRUE;
  case PROP_REUSE:
    settings->reuse = g_value_get_enum (value);
    return TRUE;
  case PROP_API_KEY_FILE:
    set_string (&settings->api_key_file, value);
    return TRUE;
  case PROP_STORE:
    set_string (&settings->store, value);
    return TRUE;
  default:
    return FALSE;
  }
}

static gboolean
set_output (GstGenvidLiveSettings *settings, guint id, const GValue *value)
{
  switch (id) {
  case PROP_VIDEO_CAPS:
    set_caps (&settings->video_caps, value);
    return TRUE;
  case PROP_AUDIO_CAPS:
    set_caps (&settings->audio_caps, value);
    return TRUE;
  case PROP_SLATE:
    set_string (&settings->slate, value);
    return TRUE;
  case PROP_SLATE_TEXT:
    settings->slate_text = g_value_get_boolean (value);
    return TRUE;
  case PROP_TRANSITION:
    settings->transition = g_value_get_enum (value);
    return TRUE;
  case PROP_TRANSITION_DURATION:
    settings->transition_duration = g_value_get_uint64 (value);
    return TRUE;
  case PROP_FIT:
    settings->fit = g_value_get_enum (value);
    return TRUE;
  default:
    return FALSE;
  }
}

static gboolean
set_playlist (GstGenvidLiveSettings *settings, guint id, const GValue *value)
{
  switch (id) {
  case PROP_DEFAULTS:
    g_clear_pointer (&settings->defaults, gst_structure_free);
    settings->defaults = g_value_dup_boxed (value);
    return TRUE;
  case PROP_START:
    settings->start = g_value_get_enum (value);
    return TRUE;
  case PROP_WHEN_EMPTY:
    settings->when_empty = g_value_get_enum (value);
    return TRUE;
  case PROP_PREFETCH:
    settings->prefetch = g_value_get_uint (value);
    return TRUE;
  default:
    return FALSE;
  }
}

static void
gst_genvid_live_src_set_property (GObject *object, guint id,
                                  const GValue *value, GParamSpec *pspec)
{
  GstGenvidLiveSrc *self = GST_GENVID_LIVE_SRC (object);
  gboolean known;

  if (id == PROP_PROMPTS) {
    gst_genvid_live_playlist_set (&self->playlist, value);
    return;
  }
  GST_OBJECT_LOCK (self);
  known = set_money (&self->settings, id, value)
          || set_output (&self->settings, id, value)
          || set_playlist (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static gboolean
get_money (const GstGenvidLiveSettings *settings, guint id, GValue *value)
{
  switch (id) {
  case PROP_MAX_COST:
    g_value_set_double (value, settings->max_cost);
    return TRUE;
  case PROP_BUDGET:
    g_value_set_double (value, settings->budget);
    return TRUE;
  case PROP_REUSE:
    g_value_set_enum (value, settings->reuse);
    return TRUE;
  case PROP_API_KEY_FILE:
    g_value_set_string (value, settings->api_key_file);
    return TRUE;
  case PROP_STORE:
    g_value_set_string (value, settings->store);
    return TRUE;
  default:
    return FALSE;
  }
}

static gboolean
get_output (const GstGenvidLiveSettings *settings, guint id, GValue *value)
{
  switch (id) {
  case PROP_VIDEO_CAPS:
    gst_value_set_caps (value, settings->video_caps);
    return TRUE;
  case PROP_AUDIO_CAPS:
    gst_value_set_caps (value, settings->audio_caps);
    return TRUE;
  case PROP_SLATE:
    g_value_set_string (value, settings->slate);
    return TRUE;
  case PROP_SLATE_TEXT:
    g_value_set_boolean (value, settings->slate_text);
    return TRUE;
  case PROP_TRANSITION:
    g_value_set_enum (value, settings->transition);
    return TRUE;
  case PROP_TRANSITION_DURATION:
    g_value_set_uint64 (value, settings->transition_duration);
    return TRUE;
  case PROP_FIT:
    g_value_set_enum (value, settings->fit);
    return TRUE;
  default:
    return FALSE;
  }
}

static gboolean
get_playlist (const GstGenvidLiveSettings *settings, guint id, GValue *value)
{
  switch (id) {
  case PROP_DEFAULTS:
    g_value_set_boxed (value, settings->defaults);
    return TRUE;
  case PROP_START:
    g_value_set_enum (value, settings->start);
    return TRUE;
  case PROP_WHEN_EMPTY:
    g_value_set_enum (value, settings->when_empty);
    return TRUE;
  case PROP_PREFETCH:
    g_value_set_uint (value, settings->prefetch);
    return TRUE;
  default:
    return FALSE;
  }
}

/* Owned by the caller. */
static GstStructure *
count (GstGenvidLiveSrc *self)
{
  GstGenvidLiveCounts counts;
  GstGenvidLiveResults results;

  g_mutex_lock (&self->lock);
  if (self->mixer != NULL)
    gst_genvid_live_mixer_count (self->mixer, &self->counts);
  if (self->programme != NULL)
    gst_genvid_live_programme_count (self->programme, &self->results);
  counts = self->counts;
  results = self->results;
  g_mutex_unlock (&self->lock);

  return gst_structure_new (
      GENVID_LIVE_STATS, GENVID_LIVE_STATS_FRAMES, G_TYPE_UINT64, counts.frames,
      GENVID_LIVE_STATS_SAMPLES, G_TYPE_UINT64, counts.samples,
      GENVID_LIVE_STATS_REPEATED, G_TYPE_UINT, counts.repeated,
      GENVID_LIVE_STATS_DROPPED, G_TYPE_UINT, counts.dropped,
      GENVID_LIVE_STATS_LATE, G_TYPE_UINT, counts.late, GENVID_LIVE_STATS_MADE,
      G_TYPE_UINT, results.made, GENVID_LIVE_STATS_FAILED, G_TYPE_UINT,
      results.failed, GENVID_LIVE_STATS_SPENT, G_TYPE_DOUBLE, results.spent,
      NULL);
}

/* TRUE: it was a report. The object lock is not held. */
static gboolean
get_report (GstGenvidLiveSrc *self, guint id, GValue *value)
{
  guint current;

  GST_OBJECT_LOCK (self);
  current = self->current;
  GST_OBJECT_UNLOCK (self);
  switch (id) {
  case PROP_STATE:
    g_value_set_enum (value, current != 0 ? GST_GENVID_LIVE_STATE_ON_AIR
                                          : GST_GENVID_LIVE_STATE_SLATE);
    return TRUE;
  case PROP_CURRENT:
    g_value_set_uint (value, current);
    return TRUE;
  case PROP_QUEUED:
    g_value_set_uint (value,
                      gst_genvid_live_playlist_get_length (&self->playlist));
    return TRUE;
  case PROP_STATS:
    g_value_take_boxed (value, count (self));
    return TRUE;
  case PROP_PROMPTS:
    gst_genvid_live_playlist_get (&self->playlist, value);
    return TRUE;
  default:
    return FALSE;
  }
}

static void
gst_genvid_live_src_get_property (GObject *object, guint id, GValue *value,
                                  GParamSpec *pspec)
{
  GstGenvidLiveSrc *self = GST_GENVID_LIVE_SRC (object);
  gboolean known;

  if (get_report (self, id, value))
    return;
  GST_OBJECT_LOCK (self);
  known = get_money (&self->settings, id, value)
          || get_output (&self->settings, id, value)
          || get_playlist (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

void
gst_genvid_live_src_install_properties (GObjectClass *klass)
{
  klass->set_property = gst_genvid_live_src_set_property;
  klass->get_property = gst_genvid_live_src_get_property;
  create_playlist ();
  create_money ();
  create_output ();
  create_reports ();
  g_object_class_install_properties (klass, N_PROPERTIES, properties);
}

void
gst_genvid_live_src_notify (GstElement *element, guint current)
{
  GstGenvidLiveSrc *self = GST_GENVID_LIVE_SRC (element);
  guint former;

  GST_OBJECT_LOCK (self);
  former = self->current;
  self->current = current;
  GST_OBJECT_UNLOCK (self);
  if (former == current)
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CURRENT]);
  if ((former != 0) != (current != 0))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}
