/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "soup-library.h"

#include "trust.h"

G_BEGIN_DECLS

/* A libsoup session for URL's origin that follows no redirect, decodes nothing,
 * keeps no cookies and asks nobody for a password. It connects to public
 * addresses only, unless the host is the base URL's or private addresses are
 * allowed; over plain http to private ones only. For one thread, whose default
 * context it uses. */
SoupSession *genvid_session_new (const GenvidTrust *trust, const char *url);

/* A message for URL, whose path and query are sent byte for byte. NULL if it is
 * not an absolute http(s) URL or does not fit in a request line. */
SoupMessage *genvid_session_make_message (const char *method, const char *url);

G_END_DECLS
