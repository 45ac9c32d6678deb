/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidliveitem.h"
#include "gstgenvidliveslate.h"

G_BEGIN_DECLS

/* The director: a thread of its own, with a main context of its own, that buys
 * ahead, decodes ahead, and decides what is on air from which frame on. The
 * application's main loop is not needed. It runs between start and stop. */
typedef struct _GstGenvidLiveProgramme GstGenvidLiveProgramme;

/* Counts of a run, for the property stats. */
typedef struct {
  guint made;
  guint failed;
  double spent; /* what services said about what was bought */
} GstGenvidLiveResults;

typedef struct {
  GstElement *element; /* posts the messages; borrowed */
  GstGenvidLivePlaylist *playlist;
  GstGenvidLiveMixer *mixer;
  /* A copy of the settings as they are now; any thread. */
  void (*get_settings) (GstElement *element, GstGenvidLiveSettings *copy);
  /* The state or the item on air is another; control thread. */
  void (*changed) (GstElement *element, guint current);
} GstGenvidLiveSetting;

GstGenvidLiveProgramme *gst_genvid_live_programme_start (
    const GstGenvidLiveSetting *setting);
/* Waits for the thread, which ends all items. */
void gst_genvid_live_programme_stop (GstGenvidLiveProgramme *programme);

/* Look again; any thread. */
void gst_genvid_live_programme_wake (GstGenvidLiveProgramme *programme);
void gst_genvid_live_programme_count (GstGenvidLiveProgramme *programme,
                                      GstGenvidLiveResults *results);
/* Added to running times of the programme, it gives those of the pipeline. Any
 * thread. */
void gst_genvid_live_programme_set_shift (GstGenvidLiveProgramme *programme,
                                          GstClockTime shift);

G_END_DECLS
