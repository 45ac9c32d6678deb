/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "http-client.h"
#include "media-response.h"

G_BEGIN_DECLS

/* One request for a file or a part of it; redirects are checked and followed
 * here. Nothing here blocks: turn the client's loop, then look. */
typedef struct _GenvidMediaRequest GenvidMediaRequest;

typedef struct {
  const char *link; /* checked already */
  /* Of GenvidHeader, sent to the base-url's origin only: the first redirect to
   * another one drops them for good. Must live as long as the request;
   * nullable. */
  const GPtrArray *headers;
  gboolean ranged; /* send a Range header */
  guint64 from;
  guint64 end;          /* exclusive; GENVID_SIZE_UNKNOWN: open */
  const char *if_range; /* nullable */
  /* Where in a JSON answer the clip is, in base64; nullable. Such an answer has
   * no parts. Must live as long as the request. */
  const char *inline_path;
} GenvidMediaRequestOptions;

GenvidMediaRequest *genvid_media_request_new (
    GenvidHttpClient *http, const GenvidMediaRequestOptions *options);
void genvid_media_request_free (GenvidMediaRequest *fetch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidMediaRequest, genvid_media_request_free)

typedef enum {
  GENVID_MEDIA_REQUEST_WAITING, /* no head yet */
  GENVID_MEDIA_REQUEST_BODY,    /* the head is there */
  GENVID_MEDIA_REQUEST_ENDED,   /* the body is complete, by HTTP's framing */
  GENVID_MEDIA_REQUEST_FAILED,  /* see the error */
} GenvidMediaRequestState;

/* After every turn; follows redirects. */
GenvidMediaRequestState genvid_media_request_look (GenvidMediaRequest *fetch);
/* There is something to do without turning the loop. */
gboolean genvid_media_request_is_ready (GenvidMediaRequest *fetch);
/* A cancelled request has not finished yet. */
gboolean genvid_media_request_is_pending (GenvidMediaRequest *fetch);
void genvid_media_request_cancel (GenvidMediaRequest *fetch);
/* From BODY on; borrowed. */
const GenvidMediaResponse *genvid_media_request_get_head (
    GenvidMediaRequest *fetch);
gsize genvid_media_request_read (GenvidMediaRequest *fetch, guint8 *buffer,
                                 gsize length);
/* Borrowed. GENVID_ERROR (unsafe-url): the address or the server is not
 * trusted; anything else is a network error. */
const GError *genvid_media_request_get_error (GenvidMediaRequest *fetch);

G_END_DECLS
