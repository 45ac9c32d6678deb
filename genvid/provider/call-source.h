/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"
#include "exchange.h"
#include "reply.h"

G_BEGIN_DECLS

/* One answer while it is read. */
typedef struct {
  GenvidCall *call;
  GenvidExchangeKind kind;
  const GenvidAnswer *answer;
  JsonNode *root;   /* NULL where the body is no JSON */
  JsonObject *spec; /* the description's reply */
  GenvidReply *reading;
  JsonObject *state; /* the rule that gave the phase; nullable */
} GenvidCallSource;

/* What one path finds; NULL if nothing. Owned by the caller. */
JsonNode *genvid_call_source_find (const GenvidCallSource *source,
                                   const char *text);
/* The first of OWNER's candidates under KEY that is a plain value with
 * something in it. Owned by the caller. */
JsonNode *genvid_call_source_find_first (const GenvidCallSource *source,
                                         JsonObject *owner, const char *key);
/* The same of the reply's candidates, as text; shown: fit for a human. */
char *genvid_call_source_find_text (const GenvidCallSource *source,
                                    const char *key);
char *genvid_call_source_find_shown (const GenvidCallSource *source,
                                     const char *key);

/* OWNER's "id" into the reading; of an upload into its captures too. One with
 * the key in it is none, and the reading's message says so. */
void genvid_call_source_read_id (GenvidCallSource *source, JsonObject *owner);

/* Is TEXT one of VALUES (scalar nodes), whatever its case? */
gboolean genvid_call_source_list_has (GList *values, const char *text);
/* Does the rule's "http" list this status? Yes where it has none. */
gboolean genvid_call_source_lists_status (JsonObject *rule, guint status);

G_END_DECLS
