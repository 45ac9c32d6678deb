/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "failure.h"
#include "http-client.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* The bytes behind a link that a request names as an input, for a service that
 * wants an upload: in a private file of the entry, removed with this value. */
typedef struct _GenvidRemoteInput GenvidRemoteInput;

/* Fetches LINK, of at most MAX bytes (0: GENVID_IMAGE_MAX_BYTES, which is the
 * most there is), in the thread of HTTP, and blocks until all of it is there,
 * an abort or a timeout. The rules are those for a clip's link: https (or the
 * base-url's own scheme and host), no private address unless allowed, every
 * redirect checked, never a key. NULL with FAILURE (owned by the caller;
 * billed: no): unsafe-url; settings if the server refuses it or it is too
 * large; unreachable; not-media for a web page or an
 * empty reply; no-space. The lock of ENTRY must be held. */
GenvidRemoteInput *genvid_remote_input_fetch (GenvidHttpClient *http,
                                              GenvidStoreEntry *entry,
                                              const char *link, guint64 max,
                                              GenvidFailure **failure);
/* Removes the file. */
void genvid_remote_input_free (GenvidRemoteInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRemoteInput, genvid_remote_input_free)

/* Borrowed. The hash is of the bytes as received. */
const GenvidFile *genvid_remote_input_get_file (const GenvidRemoteInput *input);

G_END_DECLS
