/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "genvid-sandbox.h"

G_BEGIN_DECLS

/* A pipeline with the plugin as applications load it, in front of the
 * simulated services, with a store of its own. One pipeline at a time. */
typedef struct {
  GenvidSandbox *sandbox;
  char *store;
  char *options;   /* as a structure's text; what genpro needs */
  gboolean capped; /* elements get a budget */
  gboolean bare;   /* nothing is set on elements */
  GstElement *pipeline;
  GstBus *bus;
  gint frames; /* atomic: buffers into sinks named "video" */
} Stage;

/* The key that every element gets. */
#define STAGE_KEY "s3cr3t-key-of-the-stage"

/* Instead of g_test_init and gst_init: a clean environment.
 */
void stage_init (int *argc, char ***argv);

/* A folder that is gone when the process ends; owned by the caller. */
char *stage_make_folder (void);

/* OPTIONS nullable. Without a clip of their own all stages serve one of about
 * a second, rendered once. */
Stage *stage_new (const GenvidSandboxOptions *options);
void stage_free (Stage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

/* The rendered clip, index first or last. Kept; owned by the caller. */
GBytes *stage_render (gboolean index_last);

/* A pipeline as for gst-launch; every genvidsrc in it, now or later, gets the
 * sandbox's address, key and store; a source named "pushed" is never pulled
 * from.
 * Ends the one before. */
void stage_launch (Stage *stage, const char *description);
/* The one genvidsrc; borrowed, floating at most while the pipeline lives. */
GstElement *stage_get_source (Stage *stage);
void stage_fault (Stage *stage, const char *spec);

/* Plays to the end; no error may come. */
void stage_play (Stage *stage);
/* The next message of these types, within a generous limit. */
GstMessage *stage_next (Stage *stage, GstMessageType types);
/* Asserts that it takes less than 100 ms. */
void stage_stop (Stage *stage, GstState state);

/* Purchases that the sandbox has begun, all services. */
guint stage_get_bought (Stage *stage);

G_END_DECLS
