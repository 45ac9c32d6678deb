/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "genvid-sandbox.h"
#include "live-clip.h"

G_BEGIN_DECLS

/* A genvidlivesrc as applications load it, in front of the simulated services,
 * with its output watched frame by frame and sample by sample. */

typedef struct {
  /* Faults of the output. */
  guint gaps;     /* a frame or a block of samples not at its place */
  guint disconts; /* beside the first buffer of a pad */
  guint caps;     /* caps events */
  guint segments;
  gint64 first;       /* the monotonic times of the first frame, */
  gint64 first_sound; /* and of the first sample */
  guint frames;
  guint64 samples;
  gboolean ended[2];
  GArray *numbers; /* of int: the number in each frame, -1: none */
  GArray *lumas;   /* of guint8: the first pixel of each */
  GArray *clicks;  /* of gint64: the first loud sample of each */
} LiveOutput;

typedef struct {
  GenvidSandbox *sandbox; /* nullable */
  char *store;
  GstElement *pipeline;
  GstElement *live;
  GstBus *bus;
  gint64 began;   /* monotonic time of PLAYING */
  gboolean ended; /* an EOS was on the bus */

  GMutex lock;
  GCond cond;
  LiveOutput output;
} LiveKit;

/* Instead of g_test_init and gst_init. */
void live_init (int *argc, char ***argv);

/* PROPERTIES as for gst-launch, beside what leads to the sandbox; SINKS
 * nullable: the branches behind l.video and l.audio. OPTIONS nullable. */
LiveKit *live_kit_new (const GenvidSandboxOptions *options,
                       const char *properties, const char *sinks);
/* In front of simulated services that somebody else runs. */
LiveKit *live_kit_new_at (const char *url, const char *properties,
                          const char *sinks);
void live_kit_free (LiveKit *kit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveKit, live_kit_free)

/* CLIP is what the services make from now on; taken. */
void live_kit_serve (LiveKit *kit, GBytes *clip);
void live_kit_play (LiveKit *kit);
/* Waits for COUNT more frames to leave. */
void live_kit_wait_frames (LiveKit *kit, guint count);
/* Waits for the message genvid-live with this state; ID 0: of any item. */
GstMessage *live_kit_wait (LiveKit *kit, const char *state, guint id);
/* The same and drops it. */
void live_kit_see (LiveKit *kit, const char *state, guint id);
/* Waits for EOS. */
void live_kit_wait_end (LiveKit *kit);
/* Within 200 ms. */
void live_kit_stop (LiveKit *kit, GstState state);

guint live_kit_append (LiveKit *kit, const char *text);
guint live_kit_get_bought (LiveKit *kit);
/* One of stats. */
guint live_kit_count (LiveKit *kit, const char *name);

/* What must hold for every output. */
void live_kit_check (LiveKit *kit);
/* That the numbers from FIRST to LAST are in the output once each, in
 * order. */
void live_kit_check_numbers (LiveKit *kit, int first, int last);
/* Forgets the frames so far. */
void live_kit_forget (LiveKit *kit);

G_END_DECLS
