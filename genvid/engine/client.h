/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "settings.h"

G_BEGIN_DECLS

/* One consumer of one clip, from start to stop: all that an element, or any
 * other application, needs of the engine. Counted; thread-safe. */
typedef struct _GenvidClient GenvidClient;

/* Checks all that can be checked without network: provider, key, base-url,
 * request, limits, images, store. It buys nothing and starts no thread. A
 * finished clip needs no key. WARNINGS (out, nullable): sentences. NULL with
 * GENVID_ERROR. */
GenvidClient *genvid_client_open (const GenvidSettings *settings,
                                  GPtrArray **warnings, GError **error);
GenvidClient *genvid_client_ref (GenvidClient *client);
void genvid_client_unref (GenvidClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidClient, genvid_client_unref)

/* Ends this use; idempotent. Any thread; never blocks on the network. Every
 * wait ends with STOPPED and buys nothing. If this was the last client,
 * on-stop decides what happens to the generation. */
void genvid_client_close (GenvidClient *client);
void genvid_client_set_flushing (GenvidClient *client, gboolean flushing);

/* As genvid_clip_reader_wait. The first call starts the generation, unless
 * another client has. */
GenvidReadOutcome genvid_client_wait (GenvidClient *client, guint64 offset,
                                      gsize length, gboolean whole, guint seen,
                                      gsize *available);
/* As genvid_clip_reader_wait_finished. */
GenvidReadOutcome genvid_client_wait_finished (GenvidClient *client,
                                               guint seen);
/* As genvid_clip_reader_set_watch. */
void genvid_client_watch (GenvidClient *client, GenvidClipWatch watch,
                          gpointer data);
gssize genvid_client_read (GenvidClient *client, guint64 offset, guint8 *buffer,
                           gsize length, GError **error);

/* Why a wait returned FAILED; owned by the caller; NULL if nothing failed. */
GenvidFailure *genvid_client_get_failure (GenvidClient *client);

/* These never block. */
GenvidClipStatus *genvid_client_snapshot (GenvidClient *client);
/* As genvid_clip_get_serial and genvid_clip_is_arriving. */
guint genvid_client_get_serial (GenvidClient *client);
gboolean genvid_client_is_arriving (GenvidClient *client);
guint64 genvid_client_get_size (GenvidClient *client);
GenvidByteRanges *genvid_client_get_ranges (GenvidClient *client);
/* Whether the service has a cancel, for on-stop. */
gboolean genvid_client_can_cancel (GenvidClient *client);
/* The name of the clip in the store; borrowed. */
const char *genvid_client_get_fingerprint (GenvidClient *client);

/* When the process exits: waits up to 3 s for a submit or a cancel that is in
 * transfer, 0.5 s for everything else. For an atexit hook; may be called
 * twice. */
void genvid_client_quit (void);

G_END_DECLS
