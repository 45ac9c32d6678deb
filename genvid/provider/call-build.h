/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"
#include "exchange.h"
#include "reply.h"
#include "request.h"

G_BEGIN_DECLS

/* Inputs to be uploaded before the submit: index 0 … n-1, each a local file,
 * or a link that has to be fetched to one first. */
guint genvid_call_get_n_uploads (const GenvidCall *call);
const GenvidInput *genvid_call_get_upload (const GenvidCall *call, guint index);
/* Where a link's bytes are now; before its upload is built. GENVID_ERROR
 * (settings): the call does not take such a file. */
gboolean genvid_call_set_upload_file (GenvidCall *call, guint index,
                                      const GenvidFile *file, GError **error);
/* What names that upload for a store that remembers its id: its address and its
 * bytes. Owned by the caller; NULL while it is a link. */
char *genvid_call_name_upload (GenvidCall *call, guint index);
/* How long a service keeps what was uploaded, in seconds; 0: not known. */
guint genvid_call_get_upload_life (const GenvidCall *call);
/* The next upload is the second of two exchanges: the first was answered, and
 * GRANT is what its reply captured ("url", perhaps "fields" and "id"); copied.
 * NULL: it begins anew. */
void genvid_call_set_grant (GenvidCall *call, JsonObject *grant);
gboolean genvid_call_has_grant (const GenvidCall *call);
/* The node that the service returned as that upload's id; copied. */
void genvid_call_set_upload_id (GenvidCall *call, guint index, JsonNode *id);
/* That node, borrowed; NULL until it is known. */
JsonNode *genvid_call_get_upload_id (const GenvidCall *call, guint index);
/* The largest file that the call takes there; 0: no limit of the service's. */
guint64 genvid_call_get_upload_max (const GenvidCall *call, guint index);

/* Inputs whose bytes are in the submit itself, likewise. */
guint genvid_call_get_n_inlines (const GenvidCall *call);
const GenvidInput *genvid_call_get_inline (const GenvidCall *call, guint index);
gboolean genvid_call_set_inline_file (GenvidCall *call, guint index,
                                      const GenvidFile *file, GError **error);
/* NULL: it is a link that is not fetched yet. Borrowed. */
const GenvidFile *genvid_call_get_inline_file (const GenvidCall *call,
                                               guint index);
guint64 genvid_call_get_inline_max (const GenvidCall *call, guint index);

/* What the exchanges need besides: set before the first is built. BASE_URL
 * without a trailing slash. IDEMPOTENCY: the value derived from the purchase.
 * NULL leaves what was bound before; without a key (a preview) the header
 * that carries it is left out. */
void genvid_call_bind (GenvidCall *call, const char *base_url, const char *key,
                       const char *idempotency);

/* Would the submit's address, query and body be built? Nothing has to be bound,
 * fetched or uploaded yet. */
gboolean genvid_call_rehearse (GenvidCall *call, GError **error);

/* Each is owned by the caller; NULL with GENVID_ERROR where it cannot be
 * built. A poll, lookup or cancel may use what a reply captured. */
/* A grant where the bytes go somewhere else, until the call has one. */
GenvidExchange *genvid_call_build_upload (GenvidCall *call, guint index,
                                          GError **error);
GenvidExchange *genvid_call_build_submit (GenvidCall *call, GError **error);
GenvidExchange *genvid_call_build_poll (GenvidCall *call, const char *id,
                                        GError **error);
/* Where the media is, of a generation that is ready; only where the
 * description has such an exchange. */
GenvidExchange *genvid_call_build_result (GenvidCall *call, const char *id,
                                          GError **error);
/* The description says that a cancelled generation costs nothing. */
gboolean genvid_call_is_cancel_free (const GenvidCall *call);
/* A generation in PHASE may be cancelled; unknown: without a look at it, as a
 * cancel that comes too late does no harm. */
gboolean genvid_call_may_cancel (const GenvidCall *call, GenvidPhase phase);
gboolean genvid_call_has_result (const GenvidCall *call);
/* The media itself: LINK (nullable), else the address that the description
 * builds. With the key's header only where the description says so and the
 * address is of the base-url's origin. */
GenvidExchange *genvid_call_build_media (GenvidCall *call, const char *id,
                                         const char *link, GError **error);
GenvidExchange *genvid_call_build_lookup (GenvidCall *call, GError **error);
GenvidExchange *genvid_call_build_cancel (GenvidCall *call, const char *id,
                                          GError **error);

/* The captures as JSON, to be stored and given back after a restart. */
JsonObject *genvid_call_get_captures (GenvidCall *call);
void genvid_call_set_captures (GenvidCall *call, JsonObject *captures);

G_END_DECLS
