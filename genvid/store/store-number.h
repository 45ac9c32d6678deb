/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "store.h"

G_BEGIN_DECLS

/* STORE/numbers/<hash>: the last purchase number of a fingerprint whose entry
 * was removed. A number is never used twice: a service may still know the
 * idempotency value that was made of it. Any thread. */

/* Durable; never lowers it. */
gboolean genvid_number_keep (GenvidStore *store, const char *fingerprint,
                             guint n, GError **error);
/* N: 0 where none is kept. FALSE with error: it cannot be read. */
gboolean genvid_number_recall (GenvidStore *store, const char *fingerprint,
                               guint *n, GError **error);

G_END_DECLS
