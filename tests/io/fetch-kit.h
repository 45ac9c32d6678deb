/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One request for a file, to its end. */

#include <genvid/io/genvid-fetch.h>
#include <genvid/io/genvid-transport-private.h>

#include "wire-kit.h"

static inline GenvidFetchState
fetch_all (GenvidTransport *transport, const char *url)
{
  GMainContext *context = genvid_transport_get_context (transport);
  GenvidLoop *loop = genvid_transport_get_loop (transport);
  const GenvidFetchOptions options = { .link = url };
  guint8 block[16384];
  GenvidFetchState state = GENVID_FETCH_WAITING;
  GenvidFetch *fetch;

  g_main_context_push_thread_default (context);
  fetch = genvid_fetch_new (transport, &options);
  while (state < GENVID_FETCH_ENDED) {
    if (!genvid_fetch_is_ready (fetch))
      genvid_loop_turn (loop, FOR_EVER);
    state = genvid_fetch_look (fetch);
    while (state == GENVID_FETCH_BODY
           && genvid_fetch_read (fetch, block, sizeof block) > 0)
      continue;
  }
  genvid_fetch_cancel (fetch);
  genvid_fetch_free (fetch);
  g_main_context_pop_thread_default (context);
  return state;
}
