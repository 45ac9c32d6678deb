/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What is trusted: a value, made once and never changed. */
typedef struct {
  char *base_url; /* the only origin that sees a key */
  char *base_host;
  gboolean allow_private;
  GTlsDatabase *anchors; /* for that origin, besides the system's; nullable */
} GenvidTrust;

/* A file that may hold certificates. GENVID_ERROR (settings, no-space). */
gboolean genvid_session_check_anchors (const char *ca_file, GError **error);
/* GENVID_ERROR (settings) if CA_FILE (nullable) holds no certificate. */
gboolean genvid_trust_init (GenvidTrust *trust, const char *base_url,
                            const char *ca_file, gboolean allow_private,
                            GError **error);
void genvid_trust_clear (GenvidTrust *trust);
/* The anchors for URL: NULL but for the base origin. Borrowed. */
GTlsDatabase *genvid_trust_get_anchors (const GenvidTrust *trust,
                                        const char *url);

/* A libsoup session for URL's origin that follows nothing, decodes nothing,
 * remembers nothing and asks nobody for a password. It connects to public
 * addresses only, but where the host is the base's own or private ones are
 * allowed; over plain http to private ones only. Of one thread, whose default
 * context it takes. */
SoupSession *genvid_session_new (const GenvidTrust *trust, const char *url);

/* A message for URL, whose path and query travel byte for byte. NULL if it is
 * no absolute http(s) URL or cannot stand in a request line. */
SoupMessage *genvid_session_make_message (const char *method, const char *url);

G_END_DECLS
