/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A clip's bytes on their way, with all that may go wrong. */
#pragma once

#include "sandbox-private.h"

typedef struct {
  GBytes *bytes; /* the whole file */
  guint status;  /* 200 or 206 */
  guint64 first; /* of the file */
  guint64 end;
  char *etag;           /* NULL: none */
  const char *modified; /* NULL: none; static */
  gboolean ranges;      /* Accept-Ranges */
  gboolean head_only;
  gboolean chunked;
  gboolean close; /* neither length nor chunks */
  gboolean gzip;  /* the header only: the bytes are none */
  gboolean hang;  /* before the first byte */
  gboolean stall; /* half-way */
  int lie;        /* added to Content-Length */
  guint64 cut;    /* the connection goes after so many bytes of the body */
} SandboxSend;

void sandbox_send_clear (SandboxSend *send);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SandboxSend, sandbox_send_clear)

void sandbox_send (SandboxConn *conn, const GenvidSandboxRequest *q,
                   const SandboxSend *send);
