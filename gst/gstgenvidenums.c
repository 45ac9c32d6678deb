/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Enums as GObject types. gst-inspect prints the middle column, so it is a
 * phrase for users; they write the nick. */

#include "gstgenvidenums.h"

#include <genvid/genvid-messages.h>
#include "record.h"
#include "request.h"
#include "settings.h"

static const GEnumValue reuse_values[] = {
  { GENVID_REUSE_AUTO,
    "Use the stored clip or the running job of the same request, else buy",
    "auto" },
  { GENVID_REUSE_ONLY, "Never buy; fail if the clip is not in the store",
    "only" },
  { 0, NULL, NULL },
};

static const GEnumValue on_stop_values[] = {
  { GENVID_ON_STOP_KEEP,
    "Let the generation finish and keep the clip in the store", "keep" },
  { GENVID_ON_STOP_CANCEL,
    "Cancel it at the service, if the service supports it", "cancel" },
  { 0, NULL, NULL },
};

static const GEnumValue if_in_doubt_values[] = {
  { GENVID_IF_IN_DOUBT_FAIL, "Fail with advice", "fail" },
  { GENVID_IF_IN_DOUBT_RESUBMIT, "Buy again, at the risk of paying twice",
    "resubmit" },
  { 0, NULL, NULL },
};

static const GEnumValue audio_values[] = {
  { GENVID_AUDIO_AUTO, "As the service does by itself", "auto" },
  { GENVID_AUDIO_ON, "With sound", "on" },
  { GENVID_AUDIO_OFF, "Without sound", "off" },
  { 0, NULL, NULL },
};

static const GEnumValue state_values[] = {
  { GENVID_STATE_IDLE, "Nothing has been bought yet", GENVID_STATE_NAME_IDLE },
  { GENVID_STATE_SUBMITTING, "The request is being sent",
    GENVID_STATE_NAME_SUBMITTING },
  { GENVID_STATE_QUEUED, "The service has accepted the request",
    GENVID_STATE_NAME_QUEUED },
  { GENVID_STATE_RUNNING, "The service is generating the video",
    GENVID_STATE_NAME_RUNNING },
  { GENVID_STATE_DOWNLOADING, "The clip is being downloaded",
    GENVID_STATE_NAME_DOWNLOADING },
  { GENVID_STATE_DONE, "The clip is complete and in the store",
    GENVID_STATE_NAME_DONE },
  { GENVID_STATE_FAILED, "The generation failed", GENVID_STATE_NAME_FAILED },
  { GENVID_STATE_CANCELLED, "The generation was cancelled",
    GENVID_STATE_NAME_CANCELLED },
  { GENVID_STATE_IN_DOUBT, "Nobody knows whether it was bought",
    GENVID_STATE_NAME_IN_DOUBT },
  { 0, NULL, NULL },
};

/* Both plugins may have this code; the class that asks first registers. All
 * ask while a class is made, which GObject does for one at a time. */
static GType
register_enum (const char *name, const GEnumValue *values)
{
  GType type = g_type_from_name (name);

  if (type != 0)
    return type;
  type = g_enum_register_static (name, values);
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

DEFINE_ENUM (gst_genvid_reuse_get_type, "GstGenvidReuse", reuse_values)
DEFINE_ENUM (gst_genvid_on_stop_get_type, "GstGenvidOnStop", on_stop_values)
DEFINE_ENUM (gst_genvid_if_in_doubt_get_type, "GstGenvidIfInDoubt",
             if_in_doubt_values)
DEFINE_ENUM (gst_genvid_audio_get_type, "GstGenvidAudio", audio_values)
DEFINE_ENUM (gst_genvid_state_get_type, "GstGenvidState", state_values)
