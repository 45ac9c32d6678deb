/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A path into a tree: members, elements, and one filter. A description's paths
 * are checked when it is loaded, so a typing error is found before anything is
 * paid, and parsed again for each reply. No slice: no service has needed one.
 */
#include "json-path.h"

#include "failure.h"
#include "json.h"

#include <json-glib/json-glib.h>

#include <string.h>

#define NAME_CHARACTERS                                                        \
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

#define ID ".${id}"

typedef struct {
  char *name;     /* a member, or of a filter the member that is compared */
  char *value;    /* of a filter; else NULL */
  gboolean any;   /* any element or member */
  gboolean is_id; /* the name is the id's */
  int index;      /* of an element, where name is NULL; negative from the end */
} Part;

struct _GenvidJsonPath {
  char *text;
  GPtrArray *parts; /* of Part; NULL for a pseudo-path */
};

static void
free_part (gpointer data)
{
  Part *part = data;

  g_free (part->name);
  g_free (part->value);
  g_free (part);
}

static Part *
add_part (GenvidJsonPath *path)
{
  Part *part = g_new0 (Part, 1);

  g_ptr_array_add (path->parts, part);
  return part;
}

/* ".name" or ".${id}" */
static gboolean
read_name (GenvidJsonPath *path, const char **text)
{
  gsize length = strspn (*text + 1, NAME_CHARACTERS);

  if (g_str_has_prefix (*text, ID)) {
    Part *part = add_part (path);

    part->is_id = TRUE;
    part->name = g_strdup ("");
    *text += strlen (ID);
    return TRUE;
  }
  if (length == 0)
    return FALSE;
  add_part (path)->name = g_strndup (*text + 1, length);
  *text += 1 + length;
  return TRUE;
}

/* "[?key=="value"]" */
static gboolean
read_filter (GenvidJsonPath *path, const char **text)
{
  const char *key = *text + 2;
  gsize length = strspn (key, NAME_CHARACTERS);
  const char *value = key + length + 3;
  const char *end;
  Part *part;

  if (length == 0 || strncmp (key + length, "==\"", 3) != 0)
    return FALSE;
  end = strstr (value, "\"]");
  if (!end)
    return FALSE;
  part = add_part (path);
  part->name = g_strndup (key, length);
  part->value = g_strndup (value, end - value);
  *text = end + 2;
  return TRUE;
}

/* "[*]" */
static gboolean
read_any (GenvidJsonPath *path, const char **text)
{
  add_part (path)->any = TRUE;
  *text += strlen ("[*]");
  return TRUE;
}

/* "[\"a name\"]" */
static gboolean
read_quoted (GenvidJsonPath *path, const char **text)
{
  const char *name = *text + 2;
  const char *end = strstr (name, "\"]");

  if (!end || end == name)
    return FALSE;
  add_part (path)->name = g_strndup (name, end - name);
  *text = end + 2;
  return TRUE;
}

/* "[0]" or "[-1]" */
static gboolean
read_index (GenvidJsonPath *path, const char **text)
{
  const char *digits = *text + 1 + ((*text)[1] == '-');
  gsize length = strspn (digits, "0123456789");

  if (length == 0 || length > 6 || digits[length] != ']')
    return FALSE;
  add_part (path)->index = atoi (*text + 1);
  *text = digits + length + 1;
  return TRUE;
}

static gboolean
read_parts (GenvidJsonPath *path, const char *text)
{
  while (*text) {
    gboolean good = FALSE;

    if (*text == '.')
      good = read_name (path, &text);
    else if (g_str_has_prefix (text, "[?"))
      good = read_filter (path, &text);
    else if (g_str_has_prefix (text, "[*]"))
      good = read_any (path, &text);
    else if (g_str_has_prefix (text, "[\""))
      good = read_quoted (path, &text);
    else if (*text == '[')
      good = read_index (path, &text);
    if (!good)
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_pseudo (const char *text)
{
  const char *name = text + strlen ("header:");

  if (g_str_equal (text, "http"))
    return TRUE;
  return g_str_has_prefix (text, "header:") && *name
         && !name[strspn (name, NAME_CHARACTERS)];
}

GenvidJsonPath *
genvid_json_path_new (const char *text, GError **error)
{
  g_autoptr (GenvidJsonPath) path = g_new0 (GenvidJsonPath, 1);

  path->text = g_strdup (text);
  if (is_pseudo (text))
    return g_steal_pointer (&path);
  path->parts = g_ptr_array_new_with_free_func (free_part);
  if (*text == '$' && read_parts (path, text + 1))
    return g_steal_pointer (&path);
  genvid_error_refuse (error,
                       "\"%s\" is not a path; a path looks like $.a.b[0].c, "
                       "$.list[?key==\"value\"].c, $.list[*].c, $.${id}, "
                       "header:NAME or http",
                       text);
  return NULL;
}

void
genvid_json_path_free (GenvidJsonPath *path)
{
  if (!path)
    return;
  g_clear_pointer (&path->parts, g_ptr_array_unref);
  g_free (path->text);
  g_free (path);
}

const char *
genvid_json_path_get_text (const GenvidJsonPath *path)
{
  return path->text;
}

void
genvid_json_path_bind_id (GenvidJsonPath *path, const char *id)
{
  for (guint i = 0; path->parts && i < path->parts->len; i++) {
    Part *part = g_ptr_array_index (path->parts, i);

    if (!part->is_id)
      continue;
    g_free (part->name);
    part->name = g_strdup (id ? id : "");
  }
}

static JsonNode *
find_element (const Part *part, JsonArray *array)
{
  int length = json_array_get_length (array);
  int index = part->index < 0 ? length + part->index : part->index;

  return index >= 0 && index < length ? json_array_get_element (array, index)
                                      : NULL;
}

static gboolean
matches (const Part *part, JsonNode *element)
{
  g_autofree char *text = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (element))
    return FALSE;
  text = genvid_json_scalar_text (
      json_object_get_member (json_node_get_object (element), part->name));
  return text && g_ascii_strcasecmp (text, part->value) == 0;
}

static JsonNode *
follow (const Part *part, JsonNode *node)
{
  if (part->is_id && !*part->name)
    return NULL;
  if (part->name)
    return JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (
               json_node_get_object (node), part->name)
                                         : NULL;
  return JSON_NODE_HOLDS_ARRAY (node)
             ? find_element (part, json_node_get_array (node))
             : NULL;
}

static gboolean
is_blank (JsonNode *node)
{
  g_autofree char *text = genvid_json_scalar_text (node);

  return text && !*g_strchug (text);
}

static JsonNode *walk (const GenvidJsonPath *path, guint from, JsonNode *node);

/* The elements, or the members' values; owned by the caller. */
static GList *
list_inside (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_elements (json_node_get_array (node));
  return JSON_NODE_HOLDS_OBJECT (node)
             ? json_object_get_values (json_node_get_object (node))
             : NULL;
}

/* Where the rest of the path says nothing of one element, the next one that
 * fits may. A filter looks at elements only. */
static JsonNode *
walk_matching (const GenvidJsonPath *path, guint from, JsonNode *node)
{
  const Part *part = g_ptr_array_index (path->parts, from);
  g_autoptr (GList) inside
      = part->any || JSON_NODE_HOLDS_ARRAY (node) ? list_inside (node) : NULL;
  JsonNode *first = NULL;

  for (GList *l = inside; l; l = l->next) {
    JsonNode *found = part->any || matches (part, l->data)
                          ? walk (path, from + 1, l->data)
                          : NULL;

    if (found && !is_blank (found))
      return found;
    first = first ? first : found;
  }
  return first;
}

/* As deep as the path has filters and any-steps, and never into a place
 * twice. */
static JsonNode *
walk (const GenvidJsonPath *path, guint from, JsonNode *node)
{
  for (guint i = from; node && i < path->parts->len; i++) {
    const Part *part = g_ptr_array_index (path->parts, i);

    if (part->value || part->any)
      return walk_matching (path, i, node);
    node = follow (part, node);
  }
  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

JsonNode *
genvid_json_path_get (const GenvidJsonPath *path, JsonNode *root)
{
  return path->parts ? walk (path, 0, root) : NULL;
}
