/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tables for people, JSON for programs. Texts of services and of others pass
 * through here on their way to a terminal, so control characters end here. */

#include "rows.h"
#include "tool.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "text.h"

#include <json-glib/json-glib.h>

struct _ToolTable {
  char **titles;
  guint n;       /* columns */
  guint *widths; /* of the rows so far */
  gboolean begun;
  Rows *rows; /* their cells, a NUL behind each */
};

static void write_node (GString *out, JsonNode *node, guint depth);

static void
start_line (GString *out, guint depth)
{
  g_string_append_printf (out, "\n%*s", (int)(2 * depth), "");
}

static void
write_name (GString *out, const char *name)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), name);
  g_autofree char *text = genvid_json_to_text (node);

  g_string_append_printf (out, "%s: ", text);
}

static void
write_object (GString *out, JsonObject *object, guint depth)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;
  gboolean first = TRUE;

  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member)) {
    if (!first)
      g_string_append_c (out, ',');
    first = FALSE;
    start_line (out, depth + 1);
    write_name (out, name);
    write_node (out, member, depth + 1);
  }
  if (!first)
    start_line (out, depth);
  g_string_append_c (out, '}');
}

static void
write_array (GString *out, JsonArray *array, guint depth)
{
  guint n = json_array_get_length (array);

  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    start_line (out, depth + 1);
    write_node (out, json_array_get_element (array, i), depth + 1);
  }
  if (n > 0)
    start_line (out, depth);
  g_string_append_c (out, ']');
}

static void
write_node (GString *out, JsonNode *node, guint depth)
{
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    write_object (out, json_node_get_object (node), depth);
    return;
  }
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    write_array (out, json_node_get_array (node), depth);
    return;
  }
  text = genvid_json_to_text (node);
  g_string_append (out, text);
}

char *
tool_json_to_text (JsonNode *node, guint depth)
{
  GString *out = g_string_new (NULL);

  write_node (out, node, depth);
  return g_string_free (out, FALSE);
}

void
tool_print_json (JsonNode *node)
{
  g_autofree char *text = tool_json_to_text (node, 0);

  puts (text);
}

void
tool_print_json_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  tool_print_json (node);
}

void
tool_set_time (JsonObject *object, const char *name, gint64 wall)
{
  g_autoptr (GDateTime) time
      = wall > 0 ? g_date_time_new_from_unix_utc (wall / G_USEC_PER_SEC) : NULL;
  g_autofree char *text
      = time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;

  tool_set_text (object, name, text);
}

void
tool_set_text (JsonObject *object, const char *name, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  if (valid != NULL)
    json_object_set_string_member (object, name, valid);
  else
    json_object_set_null_member (object, name);
}

char *
tool_format_time (gint64 wall)
{
  g_autoptr (GDateTime) time
      = wall > 0 ? g_date_time_new_from_unix_local (wall / G_USEC_PER_SEC)
                 : NULL;
  char *text
      = time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M") : NULL;

  return text != NULL ? text : g_strdup ("-");
}

char *
tool_format_cost (double amount, const char *currency)
{
  if (amount < 0 || !isfinite (amount))
    return g_strdup ("-");
  return g_strdup_printf ("%.2f%s%s", amount, currency != NULL ? " " : "",
                          currency != NULL ? currency : "");
}

char *
tool_format_size (guint64 bytes)
{
  return g_format_size (bytes);
}

static guint
get_width (const char *text)
{
  guint width = 0;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c)) {
    gunichar letter = g_utf8_get_char (c);

    if (!g_unichar_iszerowidth (letter))
      width += g_unichar_iswide (letter) ? 2 : 1;
  }
  return width;
}

char *
tool_format_line (const char *text, guint columns)
{
  g_autofree char *clean
      = text != NULL ? genvid_text_clean (text, -1, NULL) : NULL;
  const char *end;
  guint width = 0;

  if (clean == NULL)
    return g_strdup ("-");
  if (get_width (clean) <= columns)
    return g_steal_pointer (&clean);
  for (end = clean; *end != '\0'; end = g_utf8_next_char (end)) {
    width += g_unichar_iswide (g_utf8_get_char (end)) ? 2 : 1;
    if (width > columns - 1)
      break;
  }
  *(char *)end = '\0';
  return g_strconcat (g_strchomp (clean), "…", NULL);
}

static void
print_cell (const ToolTable *table, guint column, const char *text)
{
  guint width = get_width (text);
  guint padding = column + 1 < table->n
                      ? MAX (table->widths[column], width) - width + 2
                      : 0;

  printf ("%s%*s", text, (int)padding, "");
}

static void
print_titles (ToolTable *table)
{
  if (table->begun)
    return;
  table->begun = TRUE;
  for (guint i = 0; i < table->n; i++)
    print_cell (table, i, table->titles[i]);
  putchar ('\n');
}

static void
print_row (const char *text, gsize length, gpointer data)
{
  ToolTable *table = data;

  print_titles (table);
  for (guint i = 0; i < table->n; i++) {
    print_cell (table, i, text);
    text += strlen (text) + 1;
  }
  putchar ('\n');
}

ToolTable *
tool_table_new (const char *const *titles)
{
  ToolTable *table = g_new0 (ToolTable, 1);

  table->titles = g_strdupv ((char **)titles);
  table->n = g_strv_length (table->titles);
  table->widths = g_new0 (guint, table->n);
  table->rows = rows_new (print_row, table);
  for (guint i = 0; i < table->n; i++)
    table->widths[i] = get_width (titles[i]);
  return table;
}

void
tool_table_free (ToolTable *table)
{
  g_strfreev (table->titles);
  g_free (table->widths);
  rows_free (table->rows);
  g_free (table);
}

void
tool_table_add (ToolTable *table, gint64 time, char **cells)
{
  g_autoptr (GString) row = g_string_new (NULL);

  g_return_if_fail (g_strv_length (cells) == table->n);
  for (guint i = 0; i < table->n; i++) {
    if (!table->begun)
      table->widths[i] = MAX (table->widths[i], get_width (cells[i]));
    g_string_append_len (row, cells[i], (gssize)strlen (cells[i]) + 1);
  }
  rows_add (table->rows, time, row->str, row->len);
}

void
tool_table_end (ToolTable *table)
{
  rows_end (table->rows);
  print_titles (table);
}
