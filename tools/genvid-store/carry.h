/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "failure.h"
#include "settings.h"

#include "tool.h"

typedef enum {
  CARRY_DONE,
  CARRY_FAILED,
  CARRY_STOPPED, /* by Ctrl-C or SIGTERM */
} CarryOutcome;

/* The result; everything but the outcome is nullable. */
typedef struct {
  CarryOutcome outcome;
  char *path; /* DONE */
  char *note; /* DONE: why it cost nothing */
  char *fingerprint;
  char *id;
  GenvidReason reason; /* FAILED */
  char *message;       /* FAILED: with its advice */
} Carried;

void carried_clear (Carried *carried);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Carried, carried_clear)

/* Generates or completes one clip, with its progress on stderr. Blocks. */
Carried carry (const GenvidSettings *settings);
