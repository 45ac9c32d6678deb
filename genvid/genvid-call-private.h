/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-call.h>
#include <genvid/genvid-template.h>

G_BEGIN_DECLS

/* The parts of a call know each other by this header and nobody else does:
 * genvid-call.c chooses and prices, -options and -words check what was set,
 * -build writes exchanges, -read understands answers. */

/* One picture or asset, on its way into the body. */
typedef struct {
  const char *word;   /* static: "image" */
  GenvidInput *input; /* a copy */
  gboolean upload;
  char *path;     /* of the file to upload; nullable */
  char *sha256;   /* of its bytes; nullable */
  JsonNode *node; /* what the body gets; NULL until the upload is answered */
} GenvidSlot;

struct _GenvidCall {
  GenvidProvider *provider;
  JsonObject *spec;   /* the description's call, root's members included;
                       * borrowed from the provider */
  JsonObject *values; /* words and parameters, checked and spelled */
  JsonObject *given;  /* parameters that options set */
  JsonObject *extras; /* members for the body, as given */
  GPtrArray *slots;   /* of GenvidSlot */
  JsonObject *canonical;
  JsonObject *captures;
  char *model;
  char *base_url;
  char *key;
  char *idempotency;
};

/* "gen.pro's video_from_text", or the title where there is one call only.
 * Owned by the caller. */
char *genvid_call_describe (const GenvidCall *call);

gboolean genvid_call_refuse (GError **error, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/* Splits OPTIONS into parameters and extras; the rest of the parameters come
 * from ENVIRONMENT and from their defaults. Before a call is chosen. */
gboolean genvid_call_take_options (GenvidCall *call, JsonObject *options,
                                   JsonObject *environment, GError **error);
/* After a call is chosen: what it needs, and what it has no use for. */
gboolean genvid_call_check_options (GenvidCall *call, GPtrArray *warnings,
                                    GError **error);

/* Fills in defaults that are sent. WORDS of the root or of the call. */
void genvid_call_fill_defaults (GenvidCall *call, JsonObject *words);
/* VALUES, and the options that count as a word in the word's place. Owned by
 * the caller. */
JsonObject *genvid_call_get_facts (const GenvidCall *call, JsonObject *words);
/* After a call is chosen: what it does not have, needs, or has otherwise. */
gboolean genvid_call_check_words (GenvidCall *call, GPtrArray *warnings,
                                  GError **error);
/* The inputs, checked, as slots. */
gboolean genvid_call_take_inputs (GenvidCall *call,
                                  const GenvidRequest *request, GError **error);

GenvidSlot *genvid_call_get_slot (const GenvidCall *call, guint upload);
void genvid_slot_free (GenvidSlot *slot);

/* Everything a template of an exchange may use but the key. ID is nullable.
 * Owned by the caller. */
JsonObject *genvid_call_make_scope (GenvidCall *call, const char *id);

G_END_DECLS
