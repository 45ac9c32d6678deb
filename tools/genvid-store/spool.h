/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Texts by time, kept on disk until they are shown. */
typedef struct _Spool Spool;

Spool *spool_new (GError **error);
void spool_free (Spool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Spool, spool_free)

/* LENGTH bytes, which may hold NULs. */
gboolean spool_add (Spool *spool, gint64 time, const char *text, gsize length,
                    GError **error);

/* The oldest first; of the same time, as they were added. TEXT is not
 * terminated. */
typedef void (*SpoolVisit) (const char *text, gsize length, gpointer data);
gboolean spool_each (Spool *spool, SpoolVisit visit, gpointer data,
                     GError **error);
