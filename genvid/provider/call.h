/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "provider.h"
#include "request.h"

G_BEGIN_DECLS

/* One request in one service's words: the variant chosen, every value checked
 * and spelled, ready to be rendered into exchanges and to read responses. An
 * immutable value but for what uploads and responses capture. Not thread-safe;
 * one job owns it. */
typedef struct _GenvidCall GenvidCall;

/* PARAMETERS: name → value for the declared parameters that options did not
 * set, from the environment (strings; nullable). Refuses with GENVID_ERROR
 * (settings), in one sentence that lists what is possible: a missing prompt,
 * a parameter that is missing, mistyped or out of range, a duration,
 * resolution, aspect ratio or style that the service does not have, a field
 * that this call does not have, a wrong combination. A model that the
 * description does not know is a warning. WARNINGS (out, nullable): strings.
 */
GenvidCall *genvid_call_new (GenvidProvider *provider,
                             const GenvidRequest *request,
                             JsonObject *parameters, GPtrArray **warnings,
                             GError **error);
/* The same for a generation that was bought before, perhaps under an earlier
 * description: what today's would refuse is no reason not to fetch it. Never to
 * be submitted. */
GenvidCall *genvid_call_new_bought (GenvidProvider *provider,
                                    const GenvidRequest *request,
                                    JsonObject *parameters, GError **error);
/* Whether genvid_call_new would take it, as far as that can be told before the
 * local files are hashed. */
gboolean genvid_call_check (GenvidProvider *provider,
                            const GenvidRequest *request,
                            JsonObject *parameters, GError **error);
void genvid_call_free (GenvidCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidCall, genvid_call_free)

GenvidProvider *genvid_call_get_provider (GenvidCall *call);
/* The variant's name: "video_from_text". */
const char *genvid_call_get_name (const GenvidCall *call);
/* The model as it will be billed: the one asked for, else the documented
 * default; NULL where the service leaves it to the account. */
const char *genvid_call_get_model (const GenvidCall *call);
/* The resolved request: our words, sorted and typed, documented defaults not
 * filled in. Borrowed. Input of the fingerprint; no key in it. */
JsonObject *genvid_call_get_canonical (const GenvidCall *call);
/* The same with the words as the user spelled them, where the description lists
 * another spelling: what it was under one without that list. Borrowed; NULL:
 * they are spelled as listed. */
JsonObject *genvid_call_get_former (const GenvidCall *call);
/* Price of this clip before it is made. FALSE where the description has none.
 * CURRENCY: interned. */
gboolean genvid_call_get_price (const GenvidCall *call, double *amount,
                                const char **currency);
/* What to set so that it has a price, and where the service lists its prices:
 * sentences, "" where the description says nothing, or it has one. Borrowed. */
const char *genvid_call_get_price_advice (const GenvidCall *call);
/* "2026-11-28, https://…": when and where the price was read; NULL where the
 * description does not say. Borrowed. */
const char *genvid_call_get_price_source (const GenvidCall *call);

/* How long such a generation usually takes, from submit to ready. FALSE, and
 * both 0, where the description does not say. SPREAD: two thirds of the runs
 * take between SECONDS / SPREAD and SECONDS * SPREAD; 0 where it is not known.
 */
gboolean genvid_call_get_typical_time (const GenvidCall *call, double *seconds,
                                       double *spread);

/* The key it was bound to; nullable, borrowed. Only for finding it where it
 * must not be. */
const char *genvid_call_get_key (const GenvidCall *call);

/* What the next exchange has as "nonce": 64 hex digits of its own, for services
 * that want a number that no request had before. */
void genvid_call_set_nonce (GenvidCall *call, const char *nonce);

G_END_DECLS
