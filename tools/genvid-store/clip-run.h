/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "failure.h"
#include "settings.h"

#include "tool.h"

typedef enum {
  CLIP_RUN_DONE,
  CLIP_RUN_FAILED,
  CLIP_RUN_STOPPED, /* by Ctrl-C or SIGTERM */
  CLIP_RUN_NOT_BEGUN,
} ClipOutcome;

/* The result; everything but the outcome is nullable. */
typedef struct {
  ClipOutcome outcome;
  char *path; /* DONE */
  char *note; /* DONE: why it cost nothing */
  char *fingerprint;
  char *id;
  GenvidReason reason; /* FAILED */
  char *message;       /* FAILED: with its advice */
} ClipResult;

void clip_result_clear (ClipResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ClipResult, clip_result_clear)

/* Generates or completes N clips, a few at a time and begun in their order,
 * with their progress on stderr. Blocks until each has ended. TOGETHER: if the
 * settings of one are refused, none is begun. The caller clears RESULTS. */
void clip_run (GenvidSettings *const *settings, ClipResult *results, guint n,
               gboolean together);
