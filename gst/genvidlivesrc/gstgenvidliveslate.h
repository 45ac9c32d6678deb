/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidlivesettings.h"

G_BEGIN_DECLS

/* What is shown below all items: a card with text, or a picture or video file
 * without end. Black until it is there. For the control thread, which it never
 * holds up. */
typedef struct _GstGenvidLiveSlate GstGenvidLiveSlate;

/* SETTINGS are copied as far as they matter. CHANGED is called from any
 * thread, FAILED from the control thread, with a message for the user. */
typedef struct {
  GMainContext *context;
  void (*changed) (gpointer data);
  void (*failed) (const char *text, gpointer data);
  gpointer data;
} GstGenvidLiveSlateUser;

GstGenvidLiveSlate *gst_genvid_live_slate_new (
    GstGenvidLiveMixer *mixer, const GstGenvidLiveSettings *settings,
    const GstGenvidLiveSlateUser *user);
void gst_genvid_live_slate_free (GstGenvidLiveSlate *slate);

/* The card's text: what comes next, and how it goes. Nullable. */
void gst_genvid_live_slate_set_text (GstGenvidLiveSlate *slate,
                                     const char *title, const char *status);
/* Every few frames. */
void gst_genvid_live_slate_tick (GstGenvidLiveSlate *slate);

G_END_DECLS
