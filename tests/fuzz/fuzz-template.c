/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A skeleton that passes the check can be filled with anything: it gives a
 * tree or an error, and no value in it becomes a template. */
#include "fuzz.h"

#include "json-reader.h"
#include "template.h"

#include <json-glib/json-glib.h>

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char values_text[]
      = "{\"a\":\"${b}\",\"b\":7,\"c\":1.5,\"d\":[1,\"x\"],\"e\":{\"k\":true}}";
  static const char tables_text[] = "{\"t\":{\"7\":\"seven\",\"x\":{}}}";
  g_autoptr (JsonNode) tree
      = genvid_json_reader_parse ((const char *)data, size, NULL);
  g_autoptr (JsonNode) values
      = genvid_json_reader_parse (values_text, strlen (values_text), NULL);
  g_autoptr (JsonNode) tables
      = genvid_json_reader_parse (tables_text, strlen (tables_text), NULL);
  const GenvidScope scope
      = { json_node_get_object (values), json_node_get_object (tables) };
  g_autoptr (JsonNode) filled = NULL;
  g_autoptr (GError) error = NULL;

  if (!tree || !genvid_template_check (tree, NULL, scope.tables, "x", NULL))
    return 0;
  filled = genvid_template_fill (tree, &scope, &error);
  g_assert_true (!filled || !error);
  return 0;
}
