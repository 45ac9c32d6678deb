/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A request as JSON in our words, to be kept beside what it bought, and back.
 * It is neither a service's body nor the form that is hashed: what is written
 * here may change its looks without anything being bought again. */
#include "request-json.h"

#include "failure.h"
#include "json.h"
#include "request.h"

#include <json-glib/json-glib.h>

static const char *const kinds[] = { [GENVID_INPUT_ID] = "id",
                                     [GENVID_INPUT_FILE] = "file",
                                     [GENVID_INPUT_LINK] = "link" };

static void
set_text (JsonObject *object, const char *name, const char *value)
{
  g_autofree char *valid = NULL;

  if (!value)
    return;
  valid = g_utf8_make_valid (value, -1);
  json_object_set_string_member (object, name, valid);
}

static JsonObject *
write_input (const GenvidInput *input)
{
  JsonObject *object = json_object_new ();

  set_text (object, kinds[input->kind], input->value);
  set_text (object, "sha256", input->sha256);
  return object;
}

static void
write_inputs (JsonObject *object, const GenvidRequest *request)
{
  JsonArray *references;

  if (request->image)
    json_object_set_object_member (object, "image",
                                   write_input (request->image));
  if (request->end_image)
    json_object_set_object_member (object, "end-image",
                                   write_input (request->end_image));
  if (request->references->len == 0)
    return;
  references = json_array_new ();
  for (guint i = 0; i < request->references->len; i++)
    json_array_add_object_element (
        references, write_input (g_ptr_array_index (request->references, i)));
  json_object_set_array_member (object, "references", references);
}

JsonObject *
genvid_request_to_json (const GenvidRequest *request)
{
  JsonObject *object = json_object_new ();

  set_text (object, "prompt", request->prompt);
  set_text (object, "negative-prompt", request->negative_prompt);
  set_text (object, "model", request->model);
  set_text (object, "style", request->style);
  set_text (object, "aspect-ratio", request->aspect_ratio);
  set_text (object, "resolution", request->resolution);
  if (request->duration > 0)
    json_object_set_int_member (object, "duration", request->duration);
  if (request->seed >= 0)
    json_object_set_int_member (object, "seed", request->seed);
  write_inputs (object, request);
  if (request->variables)
    json_object_set_object_member (
        object, "variables", genvid_json_copy_object (request->variables));
  if (request->options)
    json_object_set_object_member (object, "options",
                                   genvid_json_copy_object (request->options));
  json_object_set_int_member (object, "take", request->take);
  return object;
}

static gboolean
refuse (GError **error, const char *name)
{
  g_set_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
               "The request that was kept is damaged: its %s is not what it "
               "should be.",
               name);
  return FALSE;
}

static gboolean
read_text (JsonObject *object, const char *name, char **text, GError **error)
{
  *text = g_strdup (genvid_json_string (object, name, NULL));
  return *text || !json_object_has_member (object, name)
         || refuse (error, name);
}

static gboolean
read_number (JsonObject *object, const char *name, gint64 minimum,
             gint64 maximum, gint64 *number, GError **error)
{
  if (!json_object_has_member (object, name))
    return TRUE;
  *number = genvid_json_int (object, name, G_MININT64);
  return (*number >= minimum && *number <= maximum) || refuse (error, name);
}

static GenvidInput *
read_input (JsonObject *object, const char *name, GError **error)
{
  g_autoptr (GenvidInput) input = g_new0 (GenvidInput, 1);

  for (guint i = 0; i < G_N_ELEMENTS (kinds) && !input->value; i++) {
    input->kind = i;
    input->value = g_strdup (genvid_json_string (object, kinds[i], NULL));
  }
  if (input->value && *input->value
      && read_text (object, "sha256", &input->sha256, NULL))
    return g_steal_pointer (&input);
  refuse (error, name);
  return NULL;
}

static gboolean
read_picture (JsonObject *object, const char *name, GenvidInput **input,
              GError **error)
{
  if (!json_object_has_member (object, name))
    return TRUE;
  *input = read_input (genvid_json_object (object, name), name, error);
  return *input != NULL;
}

static gboolean
read_references (JsonObject *object, GPtrArray *references, GError **error)
{
  JsonArray *array = genvid_json_array (object, "references");

  if (!array)
    return !json_object_has_member (object, "references")
           || refuse (error, "references");
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    GenvidInput *input = NULL;

    if (!JSON_NODE_HOLDS_OBJECT (node))
      return refuse (error, "references");
    input = read_input (json_node_get_object (node), "references", error);
    if (!input)
      return FALSE;
    g_ptr_array_add (references, input);
  }
  return TRUE;
}

static gboolean
read_object (JsonObject *object, const char *name, JsonObject **member,
             GError **error)
{
  JsonObject *found = genvid_json_object (object, name);

  if (!found)
    return !json_object_has_member (object, name) || refuse (error, name);
  *member = genvid_json_copy_object (found);
  return TRUE;
}

static gboolean
read_numbers (JsonObject *object, GenvidRequest *request, GError **error)
{
  gint64 duration = 0, take = 1;

  if (!read_number (object, "duration", 0, G_MAXUINT, &duration, error)
      || !read_number (object, "take", 1, G_MAXUINT, &take, error)
      || !read_number (object, "seed", -1, G_MAXINT64, &request->seed, error))
    return FALSE;
  request->duration = (guint)duration;
  request->take = (guint)take;
  return TRUE;
}

GenvidRequest *
genvid_request_from_json (JsonObject *object, GError **error)
{
  g_autoptr (GenvidRequest) request = genvid_request_new ();

  if (!read_text (object, "prompt", &request->prompt, error)
      || !read_text (object, "negative-prompt", &request->negative_prompt,
                     error)
      || !read_text (object, "model", &request->model, error)
      || !read_text (object, "style", &request->style, error)
      || !read_text (object, "aspect-ratio", &request->aspect_ratio, error)
      || !read_text (object, "resolution", &request->resolution, error)
      || !read_numbers (object, request, error)
      || !read_picture (object, "image", &request->image, error)
      || !read_picture (object, "end-image", &request->end_image, error)
      || !read_references (object, request->references, error)
      || !read_object (object, "variables", &request->variables, error)
      || !read_object (object, "options", &request->options, error))
    return NULL;
  return g_steal_pointer (&request);
}
