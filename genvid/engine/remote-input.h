/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"
#include "http-client.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* An input that a request names by a link and that its service wants as an
 * upload: the bytes behind the link, in a private file of the entry that goes
 * away with this value. */
typedef struct _GenvidRemoteInput GenvidRemoteInput;

/* Fetches LINK in TRANSPORT's thread, and blocks there until it is whole, an
 * abort, or the end of patience. The rules are those of a result's link:
 * https (or the base-url's own scheme and host), no private address unless
 * allowed, redirects by verdict, never a key. NULL with FAILURE (owned by the
 * caller; billed: no): unsafe-url; settings for what the link's server will
 * not give or what is larger than GENVID_IMAGE_MAX_BYTES; unreachable;
 * not-media for a web page or nothing; no-space. ENTRY: its lock is held. */
GenvidRemoteInput *genvid_remote_input_fetch (GenvidHttpClient *http,
                                              GenvidStoreEntry *entry,
                                              const char *link,
                                              GenvidFailure **failure);
/* Removes the file. */
void genvid_remote_input_free (GenvidRemoteInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRemoteInput, genvid_remote_input_free)

/* Both borrowed. The hash is lower-case hex, of the bytes as they came. */
const char *genvid_remote_input_get_path (const GenvidRemoteInput *input);
const char *genvid_remote_input_get_sha256 (const GenvidRemoteInput *input);

G_END_DECLS
