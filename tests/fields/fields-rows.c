/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tables of docs/providers.md, read so that a row without a test, and a
 * test without its row, fail. */

#include "fields-kit.h"

#include <string.h>

typedef struct {
  const Row *rows;
  guint n;
} Tables;

static char *
read_document (void)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (TEST_SOURCE_ROOT "/docs/providers.md", &text, NULL,
                       &error);
  g_assert_no_error (error);
  return text;
}

static char *
clean_cell (const char *cell)
{
  GString *text = g_string_new (cell);
  char *done;

  g_string_replace (text, "`", "", 0);
  done = g_string_free (text, FALSE);
  return g_strstrip (done);
}

/* Calls VISIT with the cells of each row below the heading SECTION. */
static void
visit_rows (const char *section, void (*visit) (char **cells, gpointer data),
            gpointer data)
{
  g_autofree char *text = read_document ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean inside = FALSE;

  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) cells = NULL;
    g_autofree char *heading = NULL;

    if (g_str_has_prefix (lines[i], "### ")) {
      heading = clean_cell (lines[i] + 4);
      inside = g_str_equal (heading, section);
    }
    if (!inside || lines[i][0] != '|' || g_str_has_prefix (lines[i], "| ---")
        || g_str_has_prefix (lines[i], "| field "))
      continue;
    cells = g_strsplit (lines[i], "|", -1);
    g_assert_cmpuint (g_strv_length (cells), ==, 5);
    visit (cells + 1, data);
  }
}

static void
add_name (char **cells, gpointer data)
{
  g_ptr_array_add (data, clean_cell (cells[0]));
}

static gboolean
is_first (const Row *rows, guint at)
{
  for (guint i = 0; i < at; i++)
    if (g_str_equal (rows[i].section, rows[at].section))
      return FALSE;
  return TRUE;
}

static void
check_section (const Tables *tables, const char *section)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  guint found;

  visit_rows (section, add_name, names);
  g_assert_cmpuint (names->len, >, 0);
  for (guint i = 0; i < tables->n; i++) {
    if (!g_str_equal (tables->rows[i].section, section))
      continue;
    if (g_ptr_array_find_with_equal_func (names, tables->rows[i].name,
                                          g_str_equal, &found))
      g_ptr_array_remove_index (names, found);
    else
      g_error ("\"%s\" of %s is tested and not documented (or twice)",
               tables->rows[i].name, section);
  }
  if (names->len > 0)
    g_error ("\"%s\" of %s is documented and not tested",
             (char *)g_ptr_array_index (names, 0), section);
}

static void
test_complete (gconstpointer data)
{
  const Tables *tables = data;

  for (guint i = 0; i < tables->n; i++)
    if (is_first (tables->rows, i))
      check_section (tables, tables->rows[i].section);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;

  row->test (row);
}

void
kit_add_rows (const char *prefix, const Row *rows, guint n)
{
  g_autofree char *complete = g_strconcat (prefix, "/every-row", NULL);
  Tables *tables = g_new (Tables, 1);

  *tables = (Tables){ rows, n };
  g_test_add_data_func_full (complete, tables, test_complete, g_free);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdelimit (g_strdup (rows[i].name), "/ ", '-');
    g_autofree char *path = g_strdup_printf ("%s/%u-%s", prefix, i, name);

    g_test_add_data_func (path, &rows[i], test_row);
  }
}

typedef struct {
  const char *name;
  char *text;
} Wanted;

static void
find_text (char **cells, gpointer data)
{
  Wanted *wanted = data;
  g_autofree char *name = clean_cell (cells[0]);

  if (g_str_equal (name, wanted->name) && wanted->text == NULL)
    wanted->text = g_strconcat (cells[1], "|", cells[2], NULL);
}

char *
kit_row_text (const Row *row)
{
  Wanted wanted = { row->name, NULL };

  visit_rows (row->section, find_text, &wanted);
  g_assert_nonnull (wanted.text);
  return wanted.text;
}

void
kit_not_ours (const Row *row)
{
  g_autofree char *text = kit_row_text (row);

  g_assert_nonnull (strstr (text, "| not ours: "));
}
