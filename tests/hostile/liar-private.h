/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "liar.h"

#define LIAR_PORTS 2

/* A connection. */
typedef struct {
  guint port;
  GSocket *socket;
  GIOStream *stream;
  GByteArray *in;
  GByteArray *out; /* sent up to DONE */
  gsize done;
  const char *filler; /* nullable */
  guint drip;
  guint flags; /* of its last answer */
  gboolean answered;
  gboolean ended;
  gboolean blocked; /* the last write took nothing */
} LiarLine;

struct _Liar {
  const LiarRow *row;
  char *key;
  gboolean honest;
  gboolean slow;
  guint lies; /* told so far */
  GSocket *ports[LIAR_PORTS];
  guint16 numbers[LIAR_PORTS];
  char *urls[LIAR_PORTS];
  char *others[LIAR_PORTS]; /* by another name of the host */
  GPtrArray *lines;
  GPtrArray *requests;
  guint patience; /* turns that a blocked line is waited for */
  guint64 sent;
};

/* Takes a request that has come, notes it, and puts its answer into the
 * line. FALSE: there is none. */
gboolean liar_answer (Liar *liar, LiarLine *line);
/* A header's value; owned by the caller, NULL: there is none. */
char *liar_get_header (const char *head, const char *name);
/* Adds TEXT, with what a row may have in it. */
void liar_expand (Liar *liar, GByteArray *out, const char *text);
/* Puts the row's answer into it. */
void liar_answer_lie (Liar *liar, LiarLine *line);
