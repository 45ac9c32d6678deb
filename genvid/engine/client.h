/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "settings.h"

G_BEGIN_DECLS

/* One use of one clip, from start to stop: all that an element, or any other
 * consumer, needs to know of the layer below. */

typedef struct _GenvidClient GenvidClient; /* counted; thread-safe */

/* Checks everything that can be checked without network: provider, key,
 * base-url, request, caps, images, store. Buys nothing, starts nothing. A
 * finished clip needs no key. WARNINGS (out, nullable): sentences.
 * GENVID_ERROR otherwise. */
GenvidClient *genvid_client_open (const GenvidSettings *settings,
                                  GPtrArray **warnings, GError **error);
GenvidClient *genvid_client_ref (GenvidClient *client);
void genvid_client_unref (GenvidClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidClient, genvid_client_unref)

/* Any thread, never blocks on the network: this use is over. A wait that runs
 * or comes ends with STOPPED and buys nothing. What happens to the job when
 * this was its last user is on-stop's business. Idempotent. */
void genvid_client_close (GenvidClient *client);
void genvid_client_set_flushing (GenvidClient *client, gboolean flushing);

/* As genvid_clip_reader_wait; the first call orders the clip: joins the running
 * job of the same request, or starts one. */
GenvidReadOutcome genvid_client_wait (GenvidClient *client, guint64 offset,
                                      gsize length, gboolean whole, guint seen,
                                      gsize *available);
gssize genvid_client_read (GenvidClient *client, guint64 offset, guint8 *buffer,
                           gsize length, GError **error);

/* Why a wait said FAILED; owned by the caller; NULL if nothing failed. */
GenvidFailure *genvid_client_get_failure (GenvidClient *client);

/* Never block. */
GenvidClipStatus *genvid_client_snapshot (GenvidClient *client);
guint64 genvid_client_get_size (GenvidClient *client);
GenvidByteRanges *genvid_client_get_ranges (GenvidClient *client);
/* One sentence each, for a log or a message; owned by the caller: how to
 * fetch the clip of a stopped run; what a stored clip is. */
const char *genvid_client_get_fingerprint (GenvidClient *client);

/* At exit of the process: gives a submit or a cancel in transfer up to 3 s, all
 * else 0.5 s, then lets go. Called by an atexit hook; safe to call twice. */
void genvid_client_quit (void);

G_END_DECLS
