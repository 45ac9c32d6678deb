/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Enums as GObject types; the middle column is what gst-inspect prints. */

#include "gstgenvidliveenums.h"

static const GEnumValue state_values[] = {
  { GST_GENVID_LIVE_STATE_SLATE, "No item is on air", "slate" },
  { GST_GENVID_LIVE_STATE_ON_AIR, "An item is on air", "on-air" },
  { 0, NULL, NULL },
};

static const GEnumValue transition_values[] = {
  { GST_GENVID_LIVE_TRANSITION_CUT, "From one frame to the next", "cut" },
  { GST_GENVID_LIVE_TRANSITION_CROSSFADE, "Picture and sound fade",
    "crossfade" },
  { 0, NULL, NULL },
};

static const GEnumValue start_values[] = {
  { GST_GENVID_LIVE_START_WHOLE, "When its clip is whole in the store",
    "whole" },
  { GST_GENVID_LIVE_START_EARLY, "As soon as its clip can be played", "early" },
  { 0, NULL, NULL },
};

static const GEnumValue fit_values[] = {
  { GST_GENVID_LIVE_FIT_LETTERBOX, "All of the picture, with black borders",
    "letterbox" },
  { GST_GENVID_LIVE_FIT_CROP, "Cut off what does not fit", "crop" },
  { GST_GENVID_LIVE_FIT_STRETCH, "Distort the picture", "stretch" },
  { 0, NULL, NULL },
};

static const GEnumValue when_empty_values[] = {
  { GST_GENVID_LIVE_WHEN_EMPTY_SLATE, "Show the slate", "slate" },
  { GST_GENVID_LIVE_WHEN_EMPTY_HOLD, "Hold the last picture", "hold" },
  { GST_GENVID_LIVE_WHEN_EMPTY_LOOP, "Play the playlist again", "loop" },
  { 0, NULL, NULL },
};

static GType
register_enum (const char *name, const GEnumValue *values)
{
  GType type = g_enum_register_static (name, values);

  gst_type_mark_as_plugin_api (type, 0);
  return type;
}

#define DEFINE_ENUM(function, name, values)                                    \
  GType function (void)                                                        \
  {                                                                            \
    static gsize type = 0;                                                     \
                                                                               \
    if (g_once_init_enter (&type))                                             \
      g_once_init_leave (&type, register_enum (name, values));                 \
    return type;                                                               \
  }

DEFINE_ENUM (gst_genvid_live_state_get_type, "GstGenvidLiveState", state_values)
DEFINE_ENUM (gst_genvid_live_transition_get_type, "GstGenvidLiveTransition",
             transition_values)
DEFINE_ENUM (gst_genvid_live_start_get_type, "GstGenvidLiveStart", start_values)
DEFINE_ENUM (gst_genvid_live_fit_get_type, "GstGenvidLiveFit", fit_values)
DEFINE_ENUM (gst_genvid_live_when_empty_get_type, "GstGenvidLiveWhenEmpty",
             when_empty_values)
