/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call-private.h"
#include "call.h"
#include "request.h"

G_BEGIN_DECLS

/* Fills in defaults that are sent. WORDS of the root or of the call. */
void genvid_call_fill_defaults (GenvidCall *call, JsonObject *words);
/* VALUES, and the options that count as a word in the word's place. Owned by
 * the caller. */
JsonObject *genvid_call_get_facts (const GenvidCall *call, JsonObject *words);
/* After a call is chosen: what it does not have, needs, or has otherwise. */
gboolean genvid_call_check_words (GenvidCall *call, GPtrArray *warnings,
                                  GError **error);
/* The inputs of REQUEST against what the chosen call takes. After the words
 * are checked. GENVID_ERROR (settings): a form that it does not take, too
 * many, too large, of another type. */
gboolean genvid_call_take_inputs (GenvidCall *call,
                                  const GenvidRequest *request, GError **error);

G_END_DECLS
