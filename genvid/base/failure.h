/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What went wrong, in the words a caller can act on. One value a failure,
 * made where it is understood and carried unchanged to the application. */

typedef enum {
  GENVID_REASON_NONE,
  GENVID_REASON_SETTINGS,     /* refused by us, before any request */
  GENVID_REASON_UNAUTHORIZED, /* the key is missing, wrong or not allowed */
  GENVID_REASON_QUOTA,        /* out of credit at the service */
  GENVID_REASON_REJECTED,     /* the service did not take the request */
  GENVID_REASON_REFUSED,      /* moderation */
  GENVID_REASON_FAILED,       /* the generation itself failed */
  GENVID_REASON_NOT_FOUND,    /* the service does not know the id */
  GENVID_REASON_BUSY,         /* 429 or 503 until we gave up */
  GENVID_REASON_UNREACHABLE,  /* DNS, connect, TLS, a dead connection */
  GENVID_REASON_TIMED_OUT,    /* not ready by the deadline; resumable */
  GENVID_REASON_BAD_ANSWER,   /* a response that makes no sense */
  GENVID_REASON_IN_DOUBT,     /* may be bought; there is no way to know */
  GENVID_REASON_OVER_BUDGET,  /* a money limit of ours */
  GENVID_REASON_NOT_STORED,   /* reuse=only and nothing to reuse */
  GENVID_REASON_TOO_LARGE,    /* media beyond max-size */
  GENVID_REASON_UNSAFE_URL,   /* an untrusted URL that we do not follow */
  GENVID_REASON_NOT_MEDIA,    /* HTML, JSON or nothing where a clip should be */
  GENVID_REASON_NO_SPACE,     /* the store cannot hold it */
} GenvidReason;

typedef enum {
  GENVID_BILLED_UNKNOWN,
  GENVID_BILLED_NO,
  GENVID_BILLED_YES,
} GenvidBilled;

typedef struct {
  GenvidReason reason;
  char *message;       /* one or two sentences; the service's words included */
  char *advice;        /* what to do next; nullable */
  guint http_status;   /* 0 where there was no HTTP response */
  char *service_code;  /* the service's own code; nullable */
  char *generation_id; /* nullable */
  gboolean retryable;  /* the same run may succeed later, unpaid */
  GenvidBilled billed;
} GenvidFailure;

/* A GError of this domain has a GenvidReason as its code; the message ends
 * with the advice. Everything that refuses settings uses it. */
#define GENVID_ERROR (genvid_error_quark ())
GQuark genvid_error_quark (void);
/* Set GENVID_ERROR (settings) and return FALSE. WHERE, unless it is empty, goes
 * before the text: the place in a description, "poll.url". */
gboolean genvid_error_refuse (GError **error, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
gboolean genvid_error_refuse_at (GError **error, const char *where,
                                 const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Its name: "settings", "in-doubt"… Never NULL. */
const char *genvid_reason_to_string (GenvidReason reason);
/* GENVID_REASON_NONE for an unknown name or NULL. */
GenvidReason genvid_reason_from_string (const char *name);
/* What to do next where nothing more specific is known; NULL where only the
 * message can say. */
const char *genvid_reason_get_advice (GenvidReason reason);
const char *genvid_billed_to_string (GenvidBilled billed);
GenvidBilled genvid_billed_from_string (const char *name);

/* Owned by the caller. MESSAGE is printf-like. */
GenvidFailure *genvid_failure_new (GenvidReason reason, const char *message,
                                   ...) G_GNUC_PRINTF (2, 3);
/* From any GError: one of GENVID_ERROR keeps its reason; G_IO_ERROR_NO_SPACE
 * is no-space; all others are FALLBACK. */
GenvidFailure *genvid_failure_new_from_error (const GError *error,
                                              GenvidReason fallback);
GenvidFailure *genvid_failure_copy (const GenvidFailure *failure);
/* Takes SECRET out of all its texts, see genvid_secret_hide. Both nullable. */
void genvid_failure_hide (GenvidFailure *failure, const char *secret);
void genvid_failure_free (GenvidFailure *failure);
/* Message and advice as one text; owned by the caller. */
char *genvid_failure_to_text (const GenvidFailure *failure);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidFailure, genvid_failure_free)

G_END_DECLS
