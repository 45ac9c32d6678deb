/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was read is valid: written out, it is read again as the same. */
#include "fuzz.h"

#include "json-reader.h"
#include "json.h"

#include <json-glib/json-glib.h>

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse ((const char *)data, size, NULL);
  g_autoptr (JsonNode) again = NULL;
  g_autofree char *text = NULL;

  if (!node)
    return 0;
  text = genvid_json_to_text (node);
  /* Escapes may make it longer than the bound. */
  if (strlen (text) > GENVID_JSON_MAX_BYTES)
    return 0;
  again = genvid_json_reader_parse (text, strlen (text), NULL);
  g_assert_true (again && json_node_equal (node, again));
  return 0;
}
