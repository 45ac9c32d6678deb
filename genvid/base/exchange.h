/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One HTTP request and its outcome as plain data: built and read by the pure
 * rooms, performed by the room http. */

typedef enum {
  GENVID_EXCHANGE_SUBMIT, /* charges; new connection, never re-sent by itself
                           */
  GENVID_EXCHANGE_GRANT,  /* asks where a file may be uploaded */
  GENVID_EXCHANGE_UPLOAD, /* new connection, never re-sent by itself */
  GENVID_EXCHANGE_POLL,
  GENVID_EXCHANGE_LOOKUP,
  GENVID_EXCHANGE_CANCEL,
  GENVID_EXCHANGE_RESULT, /* of a generation that is ready: where the media is
                           */
  GENVID_EXCHANGE_MEDIA,  /* the media itself, see GenvidMediaRequest */
} GenvidExchangeKind;

typedef struct {
  char *name;
  char *value;
  gboolean secret; /* carries the key: base origin only, never logged */
} GenvidHeader;

/* A local file that is sent. */
typedef struct {
  char *path;
  char *sha256;     /* the bytes sent must hash to this; NULL: any */
  const char *type; /* MIME, static; nullable */
  guint64 size;     /* as it was seen last; 0: not known */
} GenvidFile;

/* A stretch of a body: text, or a file that is streamed from disk. */
typedef struct {
  GBytes *text; /* NULL: a file */
  GenvidFile file;
  gboolean base64; /* the file is sent in base64 */
} GenvidBodyPiece;

/* A body with files in it. */
typedef struct {
  char *name;        /* of a form's field; NULL: the whole body */
  char *file_name;   /* of a form's file; nullable */
  char *type;        /* MIME; nullable */
  GPtrArray *pieces; /* of GenvidBodyPiece */
} GenvidBodyPart;

typedef struct {
  GenvidExchangeKind kind;
  guint *pending;     /* of the media: statuses of "not ready yet", with a zero
                       * at their end; nullable */
  char *inline_path;  /* of the media: where in a JSON answer it is, in base64;
                       * nullable */
  gboolean media;     /* of a submit: its reply may be the clip itself */
  gboolean cut;       /* of a reply that may have the media in it: long strings
                       * are cut, so that the rest is within bounds */
  const char *method; /* interned */
  char *url;          /* absolute, already encoded, sent byte for byte */
  GPtrArray *headers; /* of GenvidHeader */
  GBytes *body;       /* nullable */
  char *content_type; /* of the body; nullable; of a form without boundary */
  /* Instead of a body, of GenvidBodyPart: the fields of a multipart/form-data
   * form, or one part without a name. NULL: there is no file in it. */
  GPtrArray *parts;
} GenvidExchange;

/* "submit", as the log shows it. */
const char *genvid_exchange_kind_to_string (GenvidExchangeKind kind);

/* INTO may hold another file before. */
void genvid_file_set (GenvidFile *into, const GenvidFile *file);
void genvid_file_clear (GenvidFile *file);

GenvidExchange *genvid_exchange_new (GenvidExchangeKind kind,
                                     const char *method, const char *url);
void genvid_exchange_add_header (GenvidExchange *exchange, const char *name,
                                 const char *value, gboolean secret);
/* Adds a part, and pieces to it; borrowed. NAME is nullable. */
GenvidBodyPart *genvid_exchange_add_part (GenvidExchange *exchange,
                                          const char *name);
void genvid_body_part_add_text (GenvidBodyPart *part, const char *text,
                                gsize length);
GenvidBodyPiece *genvid_body_part_add_file (GenvidBodyPart *part,
                                            const GenvidFile *file);
/* The files of its body, in their order: borrowed; NULL after the last. */
const GenvidFile *genvid_exchange_get_file (const GenvidExchange *exchange,
                                            guint index);
void genvid_exchange_free (GenvidExchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidExchange, genvid_exchange_free)

/* The outcome. The first three differ in what may have been bought. */
typedef enum {
  GENVID_ANSWER_UNSENT, /* not one byte of the request was written */
  GENVID_ANSWER_LOST,   /* written at least in part; no complete reply */
  GENVID_ANSWER_REPLY,  /* a complete HTTP reply */
  GENVID_ANSWER_UNSAFE, /* we refused to send it there (address, TLS, file
                         * changed); nothing was written */
} GenvidAnswerKind;

typedef struct {
  GenvidAnswerKind kind;
  guint status;        /* HTTP, for a reply */
  GHashTable *headers; /* lower-case name → value; never NULL */
  GBytes *body;        /* at most GENVID_JSON_MAX_BYTES; never NULL */
  gboolean truncated;  /* the body was longer than that */
  char *error;         /* what the network said; for the other kinds */
  guint64 media;       /* bytes of a body that was a clip and is not in here; of
                        * a reply all, of what was lost those that came */
} GenvidAnswer;

GenvidAnswer *genvid_answer_new (GenvidAnswerKind kind, const char *error);
/* For tests and the fuzzers. BODY is nul-terminated text. */
GenvidAnswer *genvid_answer_new_reply (guint status, const char *body);
const char *genvid_answer_get_header (const GenvidAnswer *answer,
                                      const char *name);
void genvid_answer_free (GenvidAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidAnswer, genvid_answer_free)

/* Retry-After in both forms, or retry-after-ms; microseconds, -1 if absent or
 * not understood. WALL is the time now, microseconds since the epoch. */
gint64 genvid_answer_get_retry_after (const GenvidAnswer *answer, gint64 wall);

G_END_DECLS
