/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/io/genvid-head.h>
#include <genvid/io/genvid-transport.h>

/* One request for a file, or a part of it, redirects followed by our own
 * verdict. Never with a key. Nothing here blocks: turn the transport's loop,
 * then look. */
typedef struct _GenvidFetch GenvidFetch;

typedef struct {
  const char *link; /* judged already */
  gboolean ranged;  /* with a Range at all */
  guint64 from;
  guint64 end;          /* exclusive; GENVID_SIZE_UNKNOWN: open */
  const char *if_range; /* nullable */
} GenvidFetchOptions;

GenvidFetch *genvid_fetch_new (GenvidTransport *transport,
                               const GenvidFetchOptions *options);
void genvid_fetch_free (GenvidFetch *fetch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidFetch, genvid_fetch_free)

typedef enum {
  GENVID_FETCH_WAITING, /* no head yet */
  GENVID_FETCH_BODY,    /* the head is there */
  GENVID_FETCH_ENDED,   /* the body is over, by HTTP's word */
  GENVID_FETCH_FAILED,  /* see the error */
} GenvidFetchState;

/* After every turn; follows redirects. */
GenvidFetchState genvid_fetch_look (GenvidFetch *fetch);
/* There is something to do without a turn. */
gboolean genvid_fetch_is_ready (GenvidFetch *fetch);
/* What was cancelled is not quite gone yet. */
gboolean genvid_fetch_is_pending (GenvidFetch *fetch);
void genvid_fetch_cancel (GenvidFetch *fetch);
/* From BODY on; borrowed. */
const GenvidHead *genvid_fetch_get_head (GenvidFetch *fetch);
gsize genvid_fetch_read (GenvidFetch *fetch, guint8 *buffer, gsize length);
/* Borrowed. GENVID_ERROR (unsafe-url): a place we do not go to, or a server
 * that we do not believe; anything else is the network's. */
const GError *genvid_fetch_get_error (GenvidFetch *fetch);
