/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"
#include "exchange.h"
#include "provider.h"
#include "request.h"

G_BEGIN_DECLS

/* The parts of a call know each other by this header and nobody else does:
 * call.c chooses and prices, -options and -fields check what was set, -build
 * writes exchanges, -parse reads responses. */

/* One picture or asset, on its way into the body. */
typedef struct {
  const char *word;   /* static: "image" */
  JsonObject *spec;   /* the description of the word; borrowed from the call */
  GenvidInput *input; /* a copy */
  gboolean upload;
  const char *way; /* how its bytes are in the submit: "data-uri", "base64",
                    * "part"; NULL: they are not. Interned */
  GenvidFile file; /* its path is NULL: not a file, or not yet */
  JsonNode *node;  /* what the body gets; NULL until the upload is answered, and
                    * where WAY says it */
} GenvidSlot;

void genvid_slot_free (GenvidSlot *slot);
/* Its MIME type; NULL where nobody knows. */
const char *genvid_slot_get_type (const GenvidSlot *slot);
/* Does PATTERN ("image/png", or a type with "*") fit? What is not known counts
 * as what is usual for the word. */
gboolean genvid_slot_match (const GenvidSlot *slot, const char *pattern);

struct _GenvidCall {
  GenvidProvider *provider;
  JsonObject *spec; /* the description's call, root's members included:
                     * borrowed from the provider while the call is made,
                     * then a copy without what only the making needs */
  gboolean made;
  JsonObject *values;  /* words and parameters, checked and spelled */
  JsonObject *spelled; /* words as the user spelled them, where the description
                        * lists another spelling */
  JsonObject *given;   /* parameters that options set */
  JsonObject *extras;  /* members for the body, as given */
  GPtrArray *slots;    /* of GenvidSlot */
  JsonObject *canonical;
  JsonObject *former; /* nullable */
  JsonObject *captures;
  JsonObject *grant; /* where the next upload's bytes go; nullable */
  gboolean of_model; /* spec is a model's own, out of its call's table */
  gboolean listed;   /* the description has a table for this very model */
  gboolean rough;    /* local files are not hashed yet; only for checks */
  gboolean bought;   /* what it has is not refused any more */
  char *model;
  double price;         /* -1: not known */
  const char *currency; /* interned; NULL without a price */
  char *price_source;   /* nullable */
  char *price_advice;   /* "" with a price */
  double typical, spread;
  char *base_url;
  char *key;
  char *idempotency;
  char *nonce; /* nullable */
  char *id;    /* of the generation that was asked about last; nullable */
};

/* The input number INDEX of those that are uploaded, or of those whose bytes
 * are in the submit; nullable. */
GenvidSlot *genvid_call_get_slot (const GenvidCall *call, gboolean upload,
                                  guint index);

/* Clears the refusal in ERROR (nullable). FALSE: it counts. */
gboolean genvid_call_forgive (const GenvidCall *call, GError **error);

/* "fal's fal-ai/veo3.1", where the model has a table of its own or decides
 * between the calls, else
 * "gen.pro's video_from_text", or the title where there is one call only. Owned
 * by the caller. */
char *genvid_call_describe (const GenvidCall *call);
/* The model that is set, else the default of SPEC; nullable. */
const char *genvid_call_find_model (const GenvidCall *call, JsonObject *spec);

/* The words and parameters, those that are unset at their defaults: what a
 * price depends on. Owned by the caller. */
JsonObject *genvid_call_make_priced (const GenvidCall *call);

/* Everything a template of an exchange may use but the key. ID is nullable.
 * Owned by the caller. */
JsonObject *genvid_call_make_scope (GenvidCall *call, const char *id);

G_END_DECLS
