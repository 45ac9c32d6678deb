/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox-fixture.h"

#include <stdlib.h>
#include <string.h>

const char *const genpro_text
    = "{\n"
      "\"generation_type\": \"video_from_text\",\n"
      "\"data\": {\n"
      "\"prompt\": \"A drone shot flying over a tropical beach at golden "
      "hour, waves gently crashing on white sand, cinematic 4K\",\n"
      "\"negative_prompt\": \"text, watermark, blurry, low quality\",\n"
      "\"model\": \"veo_3\",\n"
      "\"aspect_ratio\": \"16:9\",\n"
      "\"duration\": 10\n"
      "}\n"
      "}";
const char *const genpro_image
    = "{\n"
      "\"generation_type\": \"video_from_image\",\n"
      "\"data\": {\n"
      "\"image_resource_id\": \"image_res_123\",\n"
      "\"prompt\": \"Camera slowly zooms in while the product rotates, soft "
      "studio lighting\",\n"
      "\"negative_prompt\": \"blurry, distorted, text overlay\",\n"
      "\"model\": \"kling_2_6\",\n"
      "\"aspect_ratio\": \"9:16\",\n"
      "\"duration\": 5\n"
      "}\n"
      "}";
const char *const genpro_ingredients
    = "{\n"
      "\"generation_type\": \"video_from_ingredients\",\n"
      "\"data\": {\n"
      "\"prompt\": \"A dynamic product showcase video featuring the uploaded "
      "product image, camera orbiting around it with particle effects and "
      "dramatic lighting\",\n"
      "\"model\": \"pika\",\n"
      "\"asset_resource_ids\": [501, 502],\n"
      "\"aspect_ratio\": \"16:9\",\n"
      "\"duration\": 5\n"
      "}\n"
      "}";
const char *const aimlapi_text
    = "{\"model\":\"pixverse/v5/text-to-video\",\"prompt\":\"A menacing evil "
      "dragon appears in a distance above the tallest mountain, then rushes "
      "toward the camera with its jaws open, revealing massive fangs. We see "
      "it's coming.\",\"aspect_ratio\":\"16:9\",\"resolution\":\"1080p\","
      "\"duration\":5}";
const char *const cn8_text
    = "{\n"
      "  \"prompt\": \"A cinematic shot of a serene mountain lake at sunset, "
      "gentle ripples on the water, soft mist rising\",\n"
      "  \"model\": \"veo (Audio)\",\n"
      "  \"resolution\": \"1080P\",\n"
      "  \"duration\": \"4s\",\n"
      "  \"aspect_ratio\": \"16:9\"\n"
      "}";

/* 300 000 bytes that differ everywhere: enough for ranges. */
static GBytes *
make_clip (void)
{
  gsize size = 300000;
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8)((i * 2654435761u) >> 13);
  return g_bytes_new_take (data, size);
}

void
fixture_set_up (Fixture *fixture, const GenvidSandboxOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) clip = make_clip ();

  fixture->sandbox = genvid_sandbox_new (options, &error);
  g_assert_no_error (error);
  if (options == NULL || options->clip_path == NULL)
    genvid_sandbox_set_clip (fixture->sandbox, clip);
  fixture->session = soup_session_new ();
  soup_session_remove_feature_by_type (fixture->session,
                                       SOUP_TYPE_CONTENT_DECODER);
}

void
fixture_clear (Fixture *fixture)
{
  g_clear_object (&fixture->session);
  g_clear_pointer (&fixture->sandbox, genvid_sandbox_free);
}

void
answer_free (Answer *answer)
{
  g_clear_pointer (&answer->body, g_bytes_unref);
  g_clear_pointer (&answer->json, json_node_unref);
  g_clear_pointer (&answer->headers, soup_message_headers_unref);
  g_free (answer);
}

static void
add_headers (SoupMessage *message, const char *headers)
{
  g_auto (GStrv) lines = g_strsplit (headers == NULL ? "" : headers, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
    char *value = strstr (lines[i], ": ");
    *value = '\0';
    soup_message_headers_append (soup_message_get_request_headers (message),
                                 lines[i], value + 2);
  }
}

Answer *
ask (Fixture *fixture, const char *method, const char *url, const char *headers,
     const char *type, const char *body)
{
  g_autofree char *whole
      = url[0] == '/' ? g_strconcat (genvid_sandbox_base_url (fixture->sandbox),
                                     url, NULL)
                      : g_strdup (url);
  g_autoptr (SoupMessage) message = soup_message_new (method, whole);
  g_autoptr (GBytes) bytes = NULL;
  Answer *answer = g_new0 (Answer, 1);

  /* On a kept connection libsoup sends a lost GET again by itself. */
  soup_message_set_flags (
      message, SOUP_MESSAGE_NO_REDIRECT
                   | (fixture->reuse ? 0 : SOUP_MESSAGE_NEW_CONNECTION));
  add_headers (message, headers);
  if (body != NULL) {
    bytes = g_bytes_new (body, strlen (body));
    soup_message_set_request_body_from_bytes (message, type, bytes);
  }
  answer->body
      = soup_session_send_and_read (fixture->session, message, NULL, NULL);
  answer->headers
      = soup_message_headers_ref (soup_message_get_response_headers (message));
  if (answer->body == NULL)
    return answer;
  answer->status = soup_message_get_status (message);
  bytes = g_bytes_new_from_bytes (answer->body, 0,
                                  g_bytes_get_size (answer->body));
  if (g_bytes_get_size (bytes) > 0 && g_bytes_get_size (bytes) < 65536) {
    g_autofree char *text
        = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    answer->json = text[0] == '{' ? json_from_string (text, NULL) : NULL;
  }
  return answer;
}

static const char *
key_header (GenvidSandboxService service)
{
  return service == GENVID_SANDBOX_GENPRO ? "X-API-Key: your-api-key"
                                          : "Authorization: Bearer a-key";
}

Answer *
submit (Fixture *fixture, GenvidSandboxService service, const char *body)
{
  static const char *const paths[]
      = { GENPRO_SUBMIT, AIMLAPI_PATH, CN8_SUBMIT };

  return ask (fixture, "POST", paths[service], key_header (service),
              "application/json", body);
}

Answer *
poll_job (Fixture *fixture, GenvidSandboxService service, const char *id)
{
  static const char *const prefixes[]
      = { "/v1/generations/", AIMLAPI_PATH "?generation_id=", "/v2/jobs/" };
  g_autofree char *escaped = g_uri_escape_string (id, NULL, FALSE);
  g_autofree char *path = g_strconcat (prefixes[service], escaped, NULL);

  return ask (fixture, "GET", path, key_header (service), NULL, NULL);
}

Answer *
get (Fixture *fixture, const char *url, const char *headers)
{
  return ask (fixture, "GET", url, headers, NULL, NULL);
}

static JsonNode *
node_at (JsonNode *node, const char *path)
{
  g_auto (GStrv) steps = g_strsplit (path, ".", -1);

  for (guint i = 0; steps[i] != NULL && node != NULL; i++) {
    if (JSON_NODE_HOLDS_OBJECT (node))
      node = json_object_get_member (json_node_get_object (node), steps[i]);
    else if (JSON_NODE_HOLDS_ARRAY (node)
             && (guint)atoi (steps[i])
                    < json_array_get_length (json_node_get_array (node)))
      node = json_array_get_element (json_node_get_array (node),
                                     (guint)atoi (steps[i]));
    else
      node = NULL;
  }
  return node;
}

char *
member (const Answer *answer, const char *path)
{
  JsonNode *node = answer->json == NULL ? NULL : node_at (answer->json, path);

  return node == NULL ? g_strdup ("") : json_to_string (node, FALSE);
}

char *
id_of (GenvidSandboxService service, const Answer *answer)
{
  static const char *const paths[] = { "generation_id", "id", "job.id" };
  g_autofree char *text = member (answer, paths[service]);

  if (text[0] != '"')
    return g_steal_pointer (&text);
  return g_strndup (text + 1, strlen (text) - 2);
}

char *
url_of (GenvidSandboxService service, const Answer *answer)
{
  static const char *const paths[]
      = { "output_resources.0.url", "video.url", "result_data.video_url" };
  JsonNode *node
      = answer->json == NULL ? NULL : node_at (answer->json, paths[service]);

  return node == NULL ? NULL : g_strdup (json_node_get_string (node));
}

char *
finished_url (Fixture *fixture, GenvidSandboxService service)
{
  const char *const bodies[] = { genpro_text, aimlapi_text, cn8_text };
  g_autoptr (Answer) begun = submit (fixture, service, bodies[service]);
  g_autofree char *id = id_of (service, begun);
  g_autoptr (Answer) polled = poll_job (fixture, service, id);
  char *url = url_of (service, polled);

  g_assert_nonnull (url);
  return url;
}

void
add_fault (Fixture *fixture, const char *spec)
{
  g_autoptr (GError) error = NULL;

  genvid_sandbox_add_fault (fixture->sandbox, spec, &error);
  g_assert_no_error (error);
}
