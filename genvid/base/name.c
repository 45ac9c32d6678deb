/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which known name an unknown one was meant to be. */
#include "name.h"

#include <string.h>

/* Longer than any name that is known; a stranger's may be of any length. */
#define MAX_NAME 64

char *
genvid_name_fold (const char *name)
{
  return g_strdelimit (g_ascii_strdown (name, -1), "_", '-');
}

/* Optimal string alignment; only the last three rows are needed. */
static guint
measure (const char *a, const char *b)
{
  guint rows[3][MAX_NAME + 1];
  gsize width = strlen (b);

  for (gsize j = 0; j <= width; j++)
    rows[0][j] = j;
  for (gsize i = 1; i <= strlen (a); i++) {
    guint *row = rows[i % 3];
    const guint *above = rows[(i - 1) % 3];
    const guint *before = rows[(i + 1) % 3];

    row[0] = i;
    for (gsize j = 1; j <= width; j++) {
      row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = MIN (row[j], MIN (above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = MIN (row[j], before[j - 2] + 1);
    }
  }
  return rows[strlen (a) % 3][width];
}

static char *
prepare (const char *name)
{
  g_autofree char *folded = genvid_name_fold (name);

  return g_strndup (folded, MAX_NAME);
}

const char *
genvid_name_nearest (const char *name, const char *const *names)
{
  g_autofree char *wanted = prepare (name);
  const char *nearest = names[0];
  guint least = G_MAXUINT;

  for (gsize i = 0; names[i]; i++) {
    g_autofree char *known = prepare (names[i]);
    guint distance = measure (wanted, known);

    if (distance >= least)
      continue;
    least = distance;
    nearest = names[i];
  }
  return nearest;
}
