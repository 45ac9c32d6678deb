/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plot of the gallery: one bar a day, drawn here, so that the page needs no
 * script for it. */

#include "gallery-days.h"

#include <string.h>

#define MOST   60
#define WIDTH  36 /* of a day */
#define HEIGHT 120
#define FOOT   34

struct _Days {
  GHashTable *sums; /* "2026-05-03" to double */
  double sum;
};

Days *
days_new (void)
{
  Days *days = g_new0 (Days, 1);

  days->sums = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return days;
}

void
days_free (Days *days)
{
  g_hash_table_unref (days->sums);
  g_free (days);
}

void
days_add (Days *days, gint64 wall, double usd)
{
  g_autoptr (GDateTime) time
      = wall > 0 ? g_date_time_new_from_unix_local (wall / G_USEC_PER_SEC)
                 : NULL;
  g_autofree char *day = NULL;
  double *sum;

  days->sum += usd;
  if (time == NULL)
    return;
  day = g_date_time_format (time, "%Y-%m-%d");
  sum = g_hash_table_lookup (days->sums, day);
  if (sum == NULL) {
    sum = g_new0 (double, 1);
    g_hash_table_insert (days->sums, g_steal_pointer (&day), sum);
  }
  *sum += usd;
}

double
days_get_sum (const Days *days)
{
  return days->sum;
}

static void
draw_day (GString *svg, guint index, const char *day, double usd, double most)
{
  double height = most > 0 ? usd / most * (HEIGHT - 20) : 0;
  guint x = index * WIDTH;
  char tall[G_ASCII_DTOSTR_BUF_SIZE];
  char top[G_ASCII_DTOSTR_BUF_SIZE];
  char label[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (tall, sizeof tall, "%.1f", height);
  g_ascii_formatd (top, sizeof top, "%.1f", HEIGHT - height);
  g_ascii_formatd (label, sizeof label, "%.2f", HEIGHT - height - 4);
  g_string_append_printf (
      svg,
      "<g><title>%s: $%.2f</title><rect x=\"%u\" y=\"%s\" width=\"%u\" "
      "height=\"%s\"/><text x=\"%u\" y=\"%s\" text-anchor=\"middle\">%.*f"
      "</text><text x=\"%u\" y=\"%u\" text-anchor=\"middle\">%s</text></g>",
      day, usd, x + 3, top, WIDTH - 6, tall, x + WIDTH / 2, label,
      usd < 10 ? 2 : 0, usd, x + WIDTH / 2, HEIGHT + 14,
      day + strlen ("2026-"));
}

static int
compare_days (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char *
days_draw (const Days *days)
{
  guint n;
  g_autofree char **names
      = (char **)g_hash_table_get_keys_as_array (days->sums, &n);
  GString *svg = g_string_new (NULL);
  double most = 0;
  guint first;

  qsort (names, n, sizeof *names, compare_days);
  first = n > MOST ? n - MOST : 0;
  for (guint i = first; i < n; i++)
    most = MAX (most, *(double *)g_hash_table_lookup (days->sums, names[i]));
  if (most <= 0)
    return g_string_free (svg, TRUE);

  g_string_append_printf (svg,
                          "<svg role=\"img\" width=\"%u\" height=\"%u\">"
                          "<line x1=\"0\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>",
                          (n - first) * WIDTH, HEIGHT + FOOT, HEIGHT,
                          (n - first) * WIDTH, HEIGHT);
  for (guint i = first; i < n; i++)
    draw_day (svg, i - first, names[i],
              *(double *)g_hash_table_lookup (days->sums, names[i]), most);
  g_string_append (svg, "</svg>");
  return g_string_free (svg, FALSE);
}
