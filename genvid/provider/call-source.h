/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"
#include "exchange.h"
#include "reply.h"

G_BEGIN_DECLS

/* One answer while it is read, and what a description's paths and rules find
 * in it. For the files that read answers and nobody else. All borrowed. */
typedef struct {
  GenvidCall *call;
  GenvidExchangeKind kind;
  const GenvidAnswer *answer;
  JsonNode *root;   /* NULL where the body is no JSON */
  JsonObject *spec; /* what the description says of such a reply */
  GenvidReply *reply;
  JsonObject *state; /* the rule that gave the phase; nullable */
} GenvidCallSource;

/* HTTP 2xx. */
gboolean genvid_call_source_is_success (const GenvidCallSource *source);
/* What the path TEXT finds; owned by the caller; nullable. */
JsonNode *genvid_call_source_find (const GenvidCallSource *source,
                                   const char *text);
/* Of the path or paths that are OWNER's KEY, the first that finds a plain
 * value with something in it; owned by the caller; nullable. */
JsonNode *genvid_call_source_find_first (const GenvidCallSource *source,
                                         JsonObject *owner, const char *key);
/* The same of the reply's KEY, as text. */
char *genvid_call_source_find_text (const GenvidCallSource *source,
                                    const char *key);

/* RULE's "http" lists the answer's status, or RULE has none. */
gboolean genvid_call_source_lists_status (const GenvidCallSource *source,
                                          JsonObject *rule);
/* RULE's KEY lists TEXT (nullable), whatever its case; "*" in a value stands
 * for anything. */
gboolean genvid_call_source_lists (JsonObject *rule, const char *key,
                                   const char *text);
/* All that RULE tests holds: "http", "in", "not-in", "exists", "all". STATUS:
 * what a test without a path looks at; nullable. WORD (inout, owned): what a
 * list of values was compared with. */
gboolean genvid_call_source_holds (const GenvidCallSource *source,
                                   JsonObject *rule, const char *status,
                                   char **word);

/* The first of the description's candidates that says something, cleaned; owned
 * by the caller; nullable. */
char *genvid_call_source_find_message (const GenvidCallSource *source);

G_END_DECLS
