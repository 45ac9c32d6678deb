/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A service that lies, on two ports of loopback: its own and the one where
 * its clips lie. It has no thread: whoever waits in the engine's loop moves it
 * on (liar-time.h), so what happens between two lines of a test does not
 * depend on how fast a machine is. One thread at a time. */

/* Which of its answers is the lie. All others are honest. */
typedef enum {
  LIAR_SUBMIT,
  LIAR_POLL,
  LIAR_LINK,    /* the text of the link in an honest poll */
  LIAR_MEDIA,   /* whatever else is asked of the second port */
  LIAR_GREET,   /* said on every connection, before anybody asked */
  LIAR_PICTURE, /* of the request, on the second port */
  LIAR_UPLOAD,  /* of that picture, to the service */
  LIAR_CANCEL,  /* of what it says is running */
} LiarPlace;

typedef enum {
  LIAR_CLOSE = 1 << 0,   /* ends the connection behind the answer */
  LIAR_RESET = 1 << 1,   /* the same with a reset */
  LIAR_EARLY = 1 << 2,   /* answers as soon as the head is there, and ends */
  LIAR_FILES = 1 << 3,   /* the description whose clips lie at the service, and
                          * want the key; the media is the first port's */
  LIAR_TLS = 1 << 4,     /* https, with certificates that fit */
  LIAR_GENPRO = 1 << 5,  /* a service that takes a replay */
  LIAR_AIMLAPI = 1 << 6, /* and one that has a look-up */
  LIAR_INPUT = 1 << 7,   /* with a picture to upload; LIAR_GENPRO's */
  LIAR_RACE = 1 << 8,    /* its answer may be read before its end is seen: then
                          * "timed-out", and "whole" later */
} LiarFlags;

typedef struct {
  const char *name;
  LiarPlace place;
  /* Bytes to send, with these in it:
   *   $B $C      the first and the second port's root
   *   $D $E      the same roots under another name
   *   $K $H $R   the clip, its first half, the rest;
   *   $L $M      the lengths of $K and $H
   *   $S $Y      an honest receipt; the key
   *   $P         an honest poll's body; $Q its length; $G the receipt in gzip
   *   $Z         64 MiB of blanks in gzip, and the receipt behind them
   *   $<hex>     these bytes
   *   $*N(text)  the text N times, no bracket in it */
  const char *answer;
  guint flags;
  const char *filler; /* and this behind it without end */
  guint drip;         /* bytes a second; 0: all at once */
  guint times;        /* how often it lies; 0: always */
  const char *end;    /* of the first run: "whole" or the error's reason */
  const char *later;  /* of the next one, when all is honest; NULL: by rule */
  guint submits;      /* in the first run; 0: one */
  const char *pem;    /* of the first port; NULL: what fits */
} LiarRow;

typedef struct {
  guint port; /* 0: the service's, 1: the clips' */
  LiarPlace place;
  gboolean refused; /* it was no purchase, by the answer */
  char *head;
  char *method;
  char *target;
  gboolean has_key;
} LiarRequest;

typedef struct _Liar Liar;

Liar *liar_new (const LiarRow *row, const char *key);
void liar_free (Liar *liar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Liar, liar_free)

/* From now on it does one thing a turn: who leaves at a turn may leave between
 * any two things that it does. */
void liar_go_slowly (Liar *liar);
/* From now on it tells the truth. */
void liar_reform (Liar *liar);
const char *liar_get_url (Liar *liar);       /* of the service; borrowed */
const char *liar_get_clips_url (Liar *liar); /* borrowed */
GBytes *liar_get_clip (void);                /* borrowed */
GPtrArray *liar_get_requests (Liar *liar);   /* of LiarRequest; borrowed */
guint liar_count (Liar *liar, LiarPlace place);
/* What an account would be charged for: a replay is not another one. */
guint liar_count_charges (Liar *liar);
guint64 liar_get_sent (Liar *liar);     /* bytes of all answers */
gboolean liar_has_threads (Liar *liar); /* TLS makes its handshakes in some */

/* It could send more, and the reader, or the thread that writes for it, is
 * slower or has stopped: little time passes for a while. */
gboolean liar_awaits_reader (Liar *liar);

/* Takes and sends what can be at once. TRUE: something moved. */
gboolean liar_pump (Liar *liar);
/* A second passes for what drips. FALSE: nothing does. */
gboolean liar_tick (Liar *liar);

G_END_DECLS
