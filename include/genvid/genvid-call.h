/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-exchange.h>
#include <genvid/genvid-provider.h>
#include <genvid/genvid-reading.h>

G_BEGIN_DECLS

/* One request in one service's words: the variant chosen, every value checked
 * and spelled, ready to be rendered into exchanges and to read answers. An
 * immutable value but for what uploads and answers capture. Not thread-safe;
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
/* Price of this clip before it is made. FALSE where the description has none.
 * CURRENCY: interned. */
gboolean genvid_call_get_price (const GenvidCall *call, double *amount,
                                const char **currency);

/* Inputs to be uploaded before the submit: index 0 … n-1, each a local file,
 * or a link that has to be fetched to one first. */
guint genvid_call_get_n_uploads (const GenvidCall *call);
const GenvidInput *genvid_call_get_upload (const GenvidCall *call, guint index);
/* Where a link's bytes are now; before its upload is built. */
void genvid_call_set_upload_file (GenvidCall *call, guint index,
                                  const char *path, const char *sha256);
/* The node the service answered as that upload's id; copied. */
void genvid_call_set_upload_id (GenvidCall *call, guint index, JsonNode *id);

/* That node, borrowed; NULL until it is known. */
JsonNode *genvid_call_get_upload_id (const GenvidCall *call, guint index);

/* What the exchanges need besides: set before the first is built. BASE_URL
 * without a trailing slash. IDEMPOTENCY: the value derived from the purchase.
 * NULL leaves what was bound before; without a key (a preview) the header
 * that carries it is left out. */
void genvid_call_bind (GenvidCall *call, const char *base_url, const char *key,
                       const char *idempotency);

/* Each is owned by the caller; NULL with GENVID_ERROR where it cannot be
 * built. A poll, look-up or cancel may use what a reading captured. */
GenvidExchange *genvid_call_build_upload (GenvidCall *call, guint index,
                                          GError **error);
GenvidExchange *genvid_call_build_submit (GenvidCall *call, GError **error);
GenvidExchange *genvid_call_build_poll (GenvidCall *call, const char *id,
                                        GError **error);
GenvidExchange *genvid_call_build_lookup (GenvidCall *call, GError **error);
GenvidExchange *genvid_call_build_cancel (GenvidCall *call, const char *id,
                                          GError **error);

/* The answer in our words. An upload's id is also in its captures, as "id"
 * with the JSON type that the service gave it. A look-up's reading has an id
 * if the row was found. NULL with GENVID_ERROR (bad-answer) for a 2xx
 * that is no JSON, too large or broken (but for a submit whose headers name
 * the id), and with GENVID_ERROR (unreachable) for what is no reply; an HTTP
 * error always gives a reading (its body may be anything). Captures are taken
 * over into the call. An id or a capture that has the key in it is none, since
 * both go into URLs and files; of an id the reading's message says so. */
GenvidReading *genvid_call_read (GenvidCall *call, GenvidExchangeKind kind,
                                 const GenvidAnswer *answer, GError **error);

/* The key it was bound to; nullable, borrowed. For nothing but finding it in
 * what must not hold it. */
const char *genvid_call_get_key (const GenvidCall *call);

/* The captures as JSON, to be stored and given back after a restart. */
JsonObject *genvid_call_get_captures (GenvidCall *call);
void genvid_call_set_captures (GenvidCall *call, JsonObject *captures);

G_END_DECLS
