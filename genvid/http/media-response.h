/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "soup-library.h"

#include "failure.h"
#include "validator.h"

G_BEGIN_DECLS

/* The head of a response to a media request, as a value, and what it means for
 * the bytes already stored. Pure, apart from reading the SoupMessage. */
typedef struct {
  guint status;
  gboolean ranged; /* a valid Content-Range */
  guint64 start;   /* of the body within the file */
  guint64 end;     /* exclusive; GENVID_SIZE_UNKNOWN */
  guint64 total;   /* of the file; GENVID_SIZE_UNKNOWN */
  char *etag;      /* strong ones only; nullable */
  char *weak;      /* a weak one without its "W/"; nullable */
  char *last_modified;
  char *type;         /* media type, lower-case; nullable */
  char *location;     /* nullable */
  char *coding;       /* the Content-Encoding, if it is no "identity" */
  gboolean packed;    /* in a coding that cannot be decoded here */
  gboolean blind;     /* only the end of the connection ends the body */
  gboolean seekable;  /* "Accept-Ranges: bytes", or a Content-Range */
  gint64 retry_after; /* microseconds; -1 none */
} GenvidMediaResponse;

void genvid_media_response_init (GenvidMediaResponse *head,
                                 SoupMessage *message, gint64 wall);
void genvid_media_response_clear (GenvidMediaResponse *head);

/* The body is decoded as it arrives: size, ranges and validators belong to the
 * coded bytes, and do not count. */
void genvid_media_response_unpack (GenvidMediaResponse *head);

/* A redirect with a Location. */
gboolean genvid_media_response_is_redirect (const GenvidMediaResponse *head);
/* A refusal that may be none a little later, and asks to be left alone so
 * long. */
gboolean genvid_media_response_asks_to_wait (const GenvidMediaResponse *head);
/* Its Content-Type is HTML, XML or JSON. */
gboolean genvid_media_response_is_text (const GenvidMediaResponse *head);

/* Whether a later response can be proven to be of the same file. */
gboolean genvid_validator_can_prove (const GenvidValidator *known);
/* The value for If-Range; borrowed; NULL if there is no proof. */
const char *genvid_validator_get_if_range (const GenvidValidator *known);

typedef enum {
  GENVID_VERDICT_TAKE,     /* the body continues at head->start */
  GENVID_VERDICT_COMPARE,  /* from zero: it may be the same file, but only a
                            * comparison of the bytes can show it */
  GENVID_VERDICT_RENEW,    /* another file: drop the bytes, take this body */
  GENVID_VERDICT_DOUBT,    /* nothing proves this part: request all of it */
  GENVID_VERDICT_RESTART,  /* another file: drop the bytes, request again */
  GENVID_VERDICT_NO_RANGE, /* not the range that was requested */
  GENVID_VERDICT_WHOLE,    /* what is stored seems to be the whole file */
  GENVID_VERDICT_RETRY,
  GENVID_VERDICT_EXPIRED,   /* not there yet, or no longer there */
  GENVID_VERDICT_NOT_READY, /* by the description's word */
  GENVID_VERDICT_BROKEN,
  GENVID_VERDICT_REFUSE,
} GenvidVerdict;

/* KNOWN: the validator of the stored bytes; FROM: the first byte requested;
 * HELD: the end of what is stored, 0: nothing. FAILURE (owned by the caller) is
 * set for RETRY and all after it. */
GenvidVerdict genvid_media_response_classify (const GenvidMediaResponse *head,
                                              const GenvidValidator *known,
                                              guint64 from, guint64 held,
                                              guint64 max_size,
                                              GenvidFailure **failure);
/* The same for a second request beside the first: it must be the same file,
 * from FROM on. Where nothing can be proven, the first request compares. */
gboolean genvid_media_response_fits (const GenvidMediaResponse *head,
                                     const GenvidValidator *known,
                                     guint64 from);

G_END_DECLS
