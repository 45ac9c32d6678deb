/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasesrc.h>

#include "gstgenvidplay.h"
#include "gstgenvidsettings.h"
#include "clip-status.h"

G_BEGIN_DECLS

/* The category genvidsrc. */
GST_DEBUG_CATEGORY_EXTERN (gst_genvid_src_debug);

#define GST_TYPE_GENVID_SRC (gst_genvid_src_get_type ())
G_DECLARE_FINAL_TYPE (GstGenvidSrc, gst_genvid_src, GST, GENVID_SRC, GstBaseSrc)
GST_ELEMENT_REGISTER_DECLARE (genvidsrc)

/**
 * GstGenvidSrc:
 *
 * The opaque structure of the element.
 *
 * Since: 0.1
 */
struct _GstGenvidSrc {
  GstBaseSrc parent;

  /* All under the object lock, which is never held during a call that posts,
   * waits or opens anything. */
  GstGenvidSettings settings;
  GstGenvidPlay *play;    /* from start() to stop(); else NULL */
  GenvidClipStatus *last; /* status at the end of the last play; nullable */
  GstGenvidPlay *left;    /* the last play while its cancel is pending */
  gboolean refused;       /* a start outside a state change has failed */
  gboolean echo;          /* GstBaseSrc will post an error for a failed start */
};

/* gstgenvidinstance.c. A reference; NULL while stopped. */
GstGenvidPlay *gst_genvid_src_get_play (GstGenvidSrc *self);
/* The status of the clip now, or at the last stop; nullable. Owned by the
 * caller. Never blocks. */
GenvidClipStatus *gst_genvid_src_snapshot (GstGenvidSrc *self);
/* Whether properties must not change now. The object lock must be held. */
gboolean gst_genvid_src_is_busy (GstGenvidSrc *self);

/* gstgenvidfetch.c. The body of create(); streaming thread. */
GstFlowReturn gst_genvid_src_fetch (GstGenvidSrc *self, GstGenvidPlay *play,
                                    guint64 offset, guint length,
                                    GstBuffer **buffer);

/* gstgenvidevents.c. Any thread, before the parent class gets EVENT. FALSE:
 * the parent class must not get it. */
gboolean gst_genvid_src_admit (GstGenvidSrc *self, GstEvent *event);

/* gstgenvidhandover.c. Adds what the application's contexts say to WANTED. It
 * posts, so no lock may be held. FALSE with GENVID_ERROR (settings). */
gboolean gst_genvid_src_hand_over (GstGenvidSrc *self, GenvidSettings *wanted,
                                   GError **error);

/* gstgenvidpreset.c */
void gst_genvid_src_init_preset (gpointer iface, gpointer data);

/* gstgenvidquery.c. FALSE: the parent class must answer; else *ANSWERED is the
 * result. */
gboolean gst_genvid_src_answer (GstGenvidSrc *self, GstQuery *query,
                                gboolean *answered);

/* gstgenviduri.c */
void gst_genvid_src_init_uri_handler (gpointer iface, gpointer data);
/* Owned by the caller; nullable. */
char *gst_genvid_src_get_uri (GstGenvidSrc *self);

G_END_DECLS
