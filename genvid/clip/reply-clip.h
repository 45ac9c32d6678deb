/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "exchange.h"
#include "http-client.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* A clip that is the reply to a submit: nothing but this one transfer has it.
 * All borrowed. PROGRESS (nullable), with DATA: as of genvid_http_client_send.
 */
typedef struct {
  GenvidHttpClient *http;
  GenvidClip *clip;
  GenvidStoreEntry *entry;
  guint64 max_size;
  GenvidHttpProgress progress;
  gpointer data;
} GenvidReplyClip;

/* As genvid_http_client_send; but a reply that may be a clip (media) and is one
 * goes into the store and to the clip's readers as it arrives. EXTENSION (out):
 * set, to be freed by the caller, when all of it is durable and in its place:
 * then the answer is a reply whose media is its size. What broke off, is no
 * clip, is larger than max_size or finds no room is LOST, and its bytes are
 * dropped. */
GenvidAnswer *genvid_reply_clip_send (const GenvidReplyClip *reply,
                                      const GenvidExchange *exchange,
                                      gint64 until, char **extension);

G_END_DECLS
