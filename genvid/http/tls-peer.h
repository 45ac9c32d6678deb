/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "soup-library.h"

G_BEGIN_DECLS

/* NULL: CERTIFICATE, in which the system found ERRORS, is signed by one of
 * ANCHORS (nullable) for the host of MESSAGE, and otherwise valid. Else a
 * sentence that says what is wrong with it. */
const char *genvid_tls_peer_find_distrust (SoupMessage *message,
                                           GTlsCertificate *certificate,
                                           GTlsCertificateFlags errors,
                                           GTlsDatabase *anchors);
/* NULL, or why MESSAGE must not be sent over its TLS connection although the
 * handshake succeeded. */
const char *genvid_tls_peer_find_fault (SoupMessage *message);

G_END_DECLS
