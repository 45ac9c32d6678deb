/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rows.h"

typedef struct {
  gint64 time;
  GBytes *text;
} Row;

struct _Rows {
  RowsVisit visit;
  gpointer data;
  GArray *kept; /* of Row; NULL: they have gone */
};

static void
clear_row (gpointer row)
{
  g_bytes_unref (((Row *)row)->text);
}

Rows *
rows_new (RowsVisit visit, gpointer data)
{
  Rows *rows = g_new0 (Rows, 1);

  rows->visit = visit;
  rows->data = data;
  rows->kept = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_clear_func (rows->kept, clear_row);
  return rows;
}

void
rows_free (Rows *rows)
{
  g_clear_pointer (&rows->kept, g_array_unref);
  g_free (rows);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 first = ((const Row *)a)->time;
  gint64 second = ((const Row *)b)->time;

  return first < second ? -1 : first > second;
}

/* Of the same time, as they were added: the sort is stable. */
void
rows_end (Rows *rows)
{
  if (rows->kept == NULL)
    return;
  g_array_sort (rows->kept, compare_times);
  for (guint i = 0; i < rows->kept->len; i++) {
    GBytes *text = g_array_index (rows->kept, Row, i).text;
    gsize length;
    const char *bytes = g_bytes_get_data (text, &length);

    rows->visit (bytes, length, rows->data);
  }
  g_clear_pointer (&rows->kept, g_array_unref);
}

void
rows_add (Rows *rows, gint64 time, const char *text, gsize length)
{
  Row row = { .time = time };

  if (rows->kept == NULL) {
    rows->visit (text, length, rows->data);
    return;
  }
  row.text = g_bytes_new (text, length);
  g_array_append_val (rows->kept, row);
  if (rows->kept->len == ROWS_KEPT)
    rows_end (rows);
}
