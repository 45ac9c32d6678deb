/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A genvidsrc on a bench: with a bus, and with a peer that is pushed to or a
 * pad that is pulled from. */
typedef struct {
  GstElement *element;
  GstElement *pipeline; /* NULL in pull mode */
  GstBus *bus;
  GstPad *pad;       /* the element's */
  guint64 received;  /* bytes in push mode; read it when nothing runs */
  gboolean damaged;  /* a byte or an offset was not what it should be */
  GPtrArray *events; /* of downstream events in push mode */
} Bench;

/* gst_init and the registration of the element; instead of g_test_init. */
void bench_init (int *argc, char ***argv);

/* In READY. PROMPT is set. */
Bench *bench_new_push (void);
Bench *bench_new_pull (void);
void bench_free (Bench *bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bench, bench_free)

/* Starts; in push mode without waiting for the first buffer. */
void bench_start (Bench *bench);
/* To READY or NULL; asserts that it takes less than 100 ms. */
void bench_stop (Bench *bench, GstState state);

/* Pull mode: one getrange in a thread of its own. */
typedef struct _BenchPull BenchPull;
BenchPull *bench_pull (Bench *bench, guint64 offset, guint length);
/* Starts, and returns when such a getrange waits. */
BenchPull *bench_start_pull (Bench *bench, guint64 offset, guint length);
/* Joins it; BUFFER nullable. */
GstFlowReturn bench_pull_end (BenchPull *pull, GstBuffer **buffer);

/* The next message of these types; waits for it. */
GstMessage *bench_next (Bench *bench, GstMessageType types);
/* The messages of these types that are there now, as text: "START 0 text",
 * "error settings: text", "info: text", "state=done", one a line. Owned by the
 * caller. */
char *bench_log (Bench *bench, GstMessageType types);
G_END_DECLS
