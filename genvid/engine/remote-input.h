/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"
#include "http-client.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* The bytes behind a link that a request names as an input, for a service that
 * wants an upload: in a private file of the entry, removed with this value. */
typedef struct _GenvidRemoteInput GenvidRemoteInput;

/* Fetches LINK in the thread of HTTP, and blocks until all of it is there, an
 * abort or a timeout. The rules are those for a clip's link: https (or the
 * base-url's own scheme and host), no private address unless allowed, every
 * redirect checked, never a key. NULL with FAILURE (owned by the caller;
 * billed: no): unsafe-url; settings if the server refuses it or it is larger
 * than GENVID_IMAGE_MAX_BYTES; unreachable; not-media for a web page or an
 * empty reply; no-space. The lock of ENTRY must be held. */
GenvidRemoteInput *genvid_remote_input_fetch (GenvidHttpClient *http,
                                              GenvidStoreEntry *entry,
                                              const char *link,
                                              GenvidFailure **failure);
/* Removes the file. */
void genvid_remote_input_free (GenvidRemoteInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRemoteInput, genvid_remote_input_free)

/* Both borrowed. The hash is lower-case hex, of the bytes as received. */
const char *genvid_remote_input_get_path (const GenvidRemoteInput *input);
const char *genvid_remote_input_get_sha256 (const GenvidRemoteInput *input);

G_END_DECLS
