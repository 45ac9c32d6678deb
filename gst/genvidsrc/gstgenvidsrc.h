/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasesrc.h>

#include "gstgenvidplay.h"
#include "gstgenvidsettings.h"
#include "clip-status.h"

G_BEGIN_DECLS

/* "genvidsrc" */
GST_DEBUG_CATEGORY_EXTERN (gst_genvid_src_debug);

#define GST_TYPE_GENVID_SRC (gst_genvid_src_get_type ())
G_DECLARE_FINAL_TYPE (GstGenvidSrc, gst_genvid_src, GST, GENVID_SRC, GstBaseSrc)
GST_ELEMENT_REGISTER_DECLARE (genvidsrc)

struct _GstGenvidSrc {
  GstBaseSrc parent;

  /* All under the object lock, which is never held across a call that posts,
   * waits or opens anything. */
  GstGenvidSettings settings;
  GstGenvidPlay *play;    /* from start() to stop(); else NULL */
  GenvidClipStatus *last; /* what the last play came to; nullable */
  gboolean refused;       /* a start outside our state change was */
  gboolean echo; /* GstBaseSrc's error for a refused start is to come */
};

/* gstgenvidsrc.c. A reference, or NULL when nothing plays. */
GstGenvidPlay *gst_genvid_src_get_play (GstGenvidSrc *self);
/* The state of the clip now, or as it was when it was stopped; nullable.
 * Owned by the caller. Never blocks. */
GenvidClipStatus *gst_genvid_src_snapshot (GstGenvidSrc *self);
/* Whether inputs may not change now. The object lock must be held. */
gboolean gst_genvid_src_is_busy (GstGenvidSrc *self);

/* gstgenvidfetch.c. What create() returns; streaming thread. */
GstFlowReturn gst_genvid_src_fetch (GstGenvidSrc *self, GstGenvidPlay *play,
                                    guint64 offset, guint length,
                                    GstBuffer **buffer);

/* gstgenvidevents.c. Any thread, before the parent class gets EVENT; FALSE: it
 * must not. */
gboolean gst_genvid_src_admit (GstGenvidSrc *self, GstEvent *event);

/* gstgenvidpreset.c */
void gst_genvid_src_init_preset (gpointer iface, gpointer data);

/* gstgenvidquery.c. FALSE: not ours, ask the parent class; else *ANSWERED is
 * the result. */
gboolean gst_genvid_src_answer (GstGenvidSrc *self, GstQuery *query,
                                gboolean *answered);

/* gstgenviduri.c */
void gst_genvid_src_init_uri_handler (gpointer iface, gpointer data);
/* Owned by the caller; nullable. */
char *gst_genvid_src_get_uri (GstGenvidSrc *self);

G_END_DECLS
