/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Rows on their way to somebody who reads them while more are found. The first
 * ROWS_KEPT wait for each other and go by time; later ones go as they come. So
 * a short list is sorted, and a long one needs neither memory nor patience. */
#define ROWS_KEPT 256

/* LENGTH bytes, which may hold NULs. */
typedef void (*RowsVisit) (const char *text, gsize length, gpointer data);

typedef struct _Rows Rows;
Rows *rows_new (RowsVisit visit, gpointer data);
void rows_free (Rows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rows, rows_free)

void rows_add (Rows *rows, gint64 time, const char *text, gsize length);
/* There are no more: those that wait go. */
void rows_end (Rows *rows);

G_END_DECLS
