/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"
#include "exchange.h"

G_BEGIN_DECLS

/* An exchange in the making; for call-build.c and call-body.c. */
typedef struct {
  GenvidCall *call;
  GenvidExchangeKind kind;
  JsonObject *spec; /* the description's exchange */
  JsonObject *scope;
  JsonObject *inputs; /* what the inputs in it are */
  const char *mark;   /* begins what stands for the bytes of a file */
} GenvidCallDraft;

/* Adds NODE as WORD; the references are a list. Takes NODE over. */
void genvid_call_body_add_input (JsonObject *scope, const char *word,
                                 JsonNode *node);
/* A field of a form with the bytes of FILE. */
void genvid_call_body_add_file (GenvidExchange *exchange, const char *name,
                                const GenvidFile *file);
/* The body that the exchange's description has, if any. GENVID_ERROR
 * (settings): a value does not fit. */
gboolean genvid_call_body_add (GenvidCallDraft *draft, GenvidExchange *exchange,
                               GError **error);

G_END_DECLS
