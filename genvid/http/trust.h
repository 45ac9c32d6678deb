/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is trusted: a value, made once and never changed. */
typedef struct {
  char *base_url;      /* the only origin that sees a key */
  char *upload_origin; /* but for uploads; nullable */
  char *base_host;
  gboolean allow_private;
  GTlsDatabase *anchors; /* for that origin, besides the system's; nullable */
  char *name;            /* the same for two that may share a kept connection */
} GenvidTrust;

/* CA_FILE can be read as a file. GENVID_ERROR (settings, no-space). */
gboolean genvid_trust_check_file (const char *ca_file, GError **error);
/* GENVID_ERROR (settings) if CA_FILE (nullable) holds no certificate. */
gboolean genvid_trust_init (GenvidTrust *trust, const char *base_url,
                            const char *ca_file, gboolean allow_private,
                            GError **error);
void genvid_trust_clear (GenvidTrust *trust);
/* The anchors for URL; NULL unless it is of the base origin. Borrowed. */
GTlsDatabase *genvid_trust_get_anchors (const GenvidTrust *trust,
                                        const char *url);

G_END_DECLS
