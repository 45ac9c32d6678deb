/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"
#include "exchange.h"
#include "request.h"

G_BEGIN_DECLS

/* The pictures, clips and sounds of a request, on their way into it: as an id
 * or a link, as the id of an upload, or with their own bytes. */

/* The inputs of REQUEST against what the chosen call takes. After the words
 * are checked. GENVID_ERROR (settings): a form that it does not take, too
 * many, too large, of another type. */
gboolean genvid_call_take_inputs (GenvidCall *call,
                                  const GenvidRequest *request, GError **error);

/* Inputs to be uploaded before the submit: index 0 … n-1, each a local file,
 * or a link that has to be fetched to one first. */
guint genvid_call_get_n_uploads (const GenvidCall *call);
const GenvidInput *genvid_call_get_upload (const GenvidCall *call, guint index);
/* Where a link's bytes are now; before its upload is built. GENVID_ERROR
 * (settings): the call does not take such a file. */
gboolean genvid_call_set_upload_file (GenvidCall *call, guint index,
                                      const GenvidFile *file, GError **error);
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

G_END_DECLS
