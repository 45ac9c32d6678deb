/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A request seen as a set of named values, which is how descriptions speak of
 * it. Nothing here knows a service. */
#include "request-fields.h"

#include "request.h"

#include <json-glib/json-glib.h>

#include <string.h>

const char *const genvid_words[]
    = { "prompt",     "negative-prompt", "model", "style", "aspect-ratio",
        "resolution", "duration",        "seed",  "image", "end-image",
        "references", "variables",       NULL };

gboolean
genvid_request_field_is_known (const char *name)
{
  return g_strv_contains (genvid_words, name);
}

gboolean
genvid_request_field_is_input (const char *name)
{
  const char *const inputs[] = { "image", "end-image", "references", NULL };

  return g_strv_contains (inputs, name);
}

static void
set_text (JsonObject *values, const char *name, const char *text)
{
  if (text && *text)
    json_object_set_string_member (values, name, text);
}

static void
set_references (JsonObject *values, const GPtrArray *references)
{
  JsonArray *array;

  if (references->len == 0)
    return;
  array = json_array_new ();
  for (guint i = 0; i < references->len; i++) {
    const GenvidInput *input = g_ptr_array_index (references, i);

    json_array_add_string_element (array, input->value);
  }
  json_object_set_array_member (values, "references", array);
}

JsonObject *
genvid_request_to_values (const GenvidRequest *request)
{
  JsonObject *values = json_object_new ();

  set_text (values, "prompt", request->prompt);
  set_text (values, "negative-prompt", request->negative_prompt);
  set_text (values, "model", request->model);
  set_text (values, "style", request->style);
  set_text (values, "aspect-ratio", request->aspect_ratio);
  set_text (values, "resolution", request->resolution);
  if (request->duration > 0)
    json_object_set_int_member (values, "duration", request->duration);
  if (request->seed >= 0)
    json_object_set_int_member (values, "seed", request->seed);
  if (request->image)
    set_text (values, "image", request->image->value);
  if (request->end_image)
    set_text (values, "end-image", request->end_image->value);
  set_references (values, request->references);
  if (request->variables && json_object_get_size (request->variables) > 0)
    json_object_set_object_member (values, "variables",
                                   json_object_ref (request->variables));
  return values;
}

GPtrArray *
genvid_request_get_inputs (const GenvidRequest *request, const char *word)
{
  GPtrArray *inputs = g_ptr_array_new ();

  if (g_str_equal (word, "image") && request->image)
    g_ptr_array_add (inputs, request->image);
  if (g_str_equal (word, "end-image") && request->end_image)
    g_ptr_array_add (inputs, request->end_image);
  for (guint i = 0;
       g_str_equal (word, "references") && i < request->references->len; i++)
    g_ptr_array_add (inputs, g_ptr_array_index (request->references, i));
  return inputs;
}

gboolean
genvid_request_field_name_equal (const char *a, const char *b)
{
  for (; *a && *b; a++, b++)
    if (*a != *b && !(strchr ("-_", *a) && strchr ("-_", *b)))
      return FALSE;
  return *a == *b;
}

gboolean
genvid_request_field_match (const char *pattern, const char *text)
{
  g_autofree char *pattern_lower = g_ascii_strdown (pattern, -1);
  g_autofree char *text_lower = g_ascii_strdown (text, -1);

  return g_pattern_match_simple (pattern_lower, text_lower);
}
