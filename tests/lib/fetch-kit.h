/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One request for a file, to its end. */

#include "http-client.h"
#include "io-loop.h"
#include "media-request.h"

#include "wire-kit.h"

static inline GenvidMediaRequestState
fetch_all (GenvidHttpClient *http, const char *url)
{
  GMainContext *context = genvid_http_client_get_context (http);
  GenvidIoLoop *loop = genvid_http_client_get_loop (http);
  const GenvidMediaRequestOptions options = { .link = url };
  guint8 block[16384];
  GenvidMediaRequestState state = GENVID_MEDIA_REQUEST_WAITING;
  GenvidMediaRequest *fetch;

  g_main_context_push_thread_default (context);
  fetch = genvid_media_request_new (http, &options);
  while (state < GENVID_MEDIA_REQUEST_ENDED) {
    if (!genvid_media_request_is_ready (fetch))
      genvid_io_loop_turn (loop, FOR_EVER);
    state = genvid_media_request_look (fetch);
    while (state == GENVID_MEDIA_REQUEST_BODY
           && genvid_media_request_read (fetch, block, sizeof block) > 0)
      continue;
  }
  genvid_media_request_cancel (fetch);
  genvid_media_request_free (fetch);
  g_main_context_pop_thread_default (context);
  return state;
}
