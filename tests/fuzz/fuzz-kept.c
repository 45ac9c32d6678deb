/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A record with anything in it is written so that it is read again, with the
 * id, the number and the state that money depends on. Lines: the id, prompt,
 * model, error, JSON of details and captures. */
#include "failure.h"
#include "fuzz.h"
#include "json-reader.h"
#include "record.h"

#include <json-glib/json-glib.h>

#include <string.h>

#define LINES 6

static JsonObject *
read_object (const char *text)
{
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse_answer (text, strlen (text), NULL);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node)
             ? json_object_ref (json_node_get_object (node))
             : NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) lines = g_strsplit (valid, "\n", LINES);
  g_autoptr (GenvidRecord) record = genvid_record_new ("00ff", "cn8");
  g_autoptr (GenvidRecord) again = NULL;
  g_autofree char *written = NULL;

  if (g_strv_length (lines) < LINES || *lines[0] == '\0')
    return 0;
  record->n = 1 + (guint)size;
  record->state = GENVID_STATE_RUNNING;
  record->id
      = g_utf8_substring (lines[0], 0, MIN (g_utf8_strlen (lines[0], -1), 50));
  record->prompt = g_strdup (lines[1]);
  record->model = g_strdup (lines[2]);
  record->failure = genvid_failure_new (GENVID_REASON_REJECTED, "%s", lines[3]);
  record->details = read_object (lines[4]);
  record->captures = read_object (lines[5]);
  written = genvid_record_to_text (record);
  again = genvid_record_from_text (written, -1, NULL);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->n, ==, record->n);
  g_assert_cmpint (again->state, ==, record->state);
  g_assert_cmpstr (again->id, ==, record->id);
  return 0;
}
