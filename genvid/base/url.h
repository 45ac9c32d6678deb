/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where a request may go. Every URL that came out of a response is
 * untrusted; these are the checks that need no socket. */

/* "https://host:port" in lower case, default ports left out; NULL if URL is
 * no absolute http(s) URL. Owned by the caller. */
char *genvid_url_origin (const char *url);
gboolean genvid_url_same_origin (const char *a, const char *b);

/* May a key go to URL when the service's root is BASE_URL? Same origin only. */
gboolean genvid_url_may_carry_key (const char *url, const char *base_url);

/* May a secret go to URL, given who could listen? Yes for https, for http to
 * loopback, and with ALLOW_PRIVATE for http to what may be in a private
 * network: a name may be, and its addresses are checked when it is resolved. */
gboolean genvid_url_may_be_plain (const char *url, gboolean allow_private);

/* A root given by the user: https, or http on a loopback host; no user info,
 * query or fragment. The result has no trailing slash; owned by the caller.
 * http to another host that may be in a private network is allowed with
 * ALLOW_PRIVATE. */
char *genvid_url_check_base (const char *url, gboolean allow_private,
                             GError **error);

/* A result URL: https, or the base-url's own scheme and host; no user info,
 * no other scheme. REFERENCE resolves a relative one. On success the absolute
 * URL, byte for byte as given where it was absolute (a raw space or UTF-8
 * letter, which no request line carries, is percent-encoded). The port may
 * differ from the base-url's. GENVID_ERROR (unsafe-url) says what is wrong
 * without showing the query. */
char *genvid_url_check_result (const char *url, const char *reference,
                               const char *base_url, gboolean allow_private,
                               GError **error);

/* A redirect of a download: HOP is 1 for the first and at most 5; never https
 * → http; from another host never to another port of the base-url's; else as
 * a result. */
char *genvid_url_check_redirect (const char *location, const char *from,
                                 const char *base_url, guint hop,
                                 gboolean allow_private, GError **error);

/* URL without user info, query and fragment: what may be shown. Takes any
 * text; NULL for NULL. Owned by the caller. */
char *genvid_url_display (const char *url);

G_END_DECLS
