/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidliveenums.h"

G_BEGIN_DECLS

/* What the application has set: a value. */
typedef struct {
  GstStructure *defaults; /* nullable */
  double max_cost;
  double budget;
  int reuse; /* GenvidReuse */
  char *api_key_file;
  char *store;
  GstCaps *video_caps;
  GstCaps *audio_caps;
  char *slate;
  gboolean slate_text;
  GstGenvidLiveTransition transition;
  GstClockTime transition_duration;
  GstGenvidLiveStart start;
  GstGenvidLiveFit fit;
  GstGenvidLiveWhenEmpty when_empty;
  guint prefetch;
  GList *contexts; /* GstContext: the element's own; in a copy only */
} GstGenvidLiveSettings;

void gst_genvid_live_settings_init (GstGenvidLiveSettings *settings);
void gst_genvid_live_settings_clear (GstGenvidLiveSettings *settings);
/* COPY is not initialised before. */
void gst_genvid_live_settings_copy (const GstGenvidLiveSettings *settings,
                                    GstGenvidLiveSettings *copy);

/* What the mixers make: raw, fixed, with every field that a caps event could
 * add later. NULL: CAPS are not raw video or audio. Owned by the caller. */
GstCaps *gst_genvid_live_settings_fix_video (GstCaps *caps);
GstCaps *gst_genvid_live_settings_fix_audio (GstCaps *caps);

/* A genvidsrc for an item: SETTINGS, then ITEM's own fields. A field "uri" is a
 * genvid: URI, with its rules. ONLY: from the store. Floating; NULL with an
 * error of GST_RESOURCE_ERROR_SETTINGS that names the field. */
GstElement *gst_genvid_live_settings_make_source (
    const GstGenvidLiveSettings *settings, const GstStructure *item,
    gboolean only, GError **error);

G_END_DECLS
