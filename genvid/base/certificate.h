/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* May the X.509 certificate DER be in the chain of a TLS server? TRUE where
 * it has no extended key usage, or one that names servers or anything; FALSE
 * too for what cannot be read. */
gboolean genvid_certificate_serves (const guint8 *der, gsize length);

G_END_DECLS
