/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests are written as members of a URI, the shortest form there is. */
#include "call-fixture.h"

#include "call-build.h"
#include "call-parse.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "provider.h"
#include "reply.h"
#include "request-uri.h"
#include "request.h"

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include <string.h>

static char *
read_file (const char *folder, const char *name, gsize *length)
{
  g_autofree char *path
      = g_strdup_printf ("%s/%s/%s.json", TEST_SOURCE_ROOT, folder, name);
  char *text = NULL;
  GError *error = NULL;

  g_file_get_contents (path, &text, length, &error);
  g_assert_no_error (error);
  return text;
}

GenvidProvider *
fixture_provider (const char *name)
{
  gsize length;
  g_autofree char *text = read_file ("providers", name, &length);
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  GError *error = NULL;
  GenvidProvider *provider = genvid_provider_new (file, text, length, &error);

  g_assert_no_error (error);
  return provider;
}

char **
fixture_services (void)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder
      = g_dir_open (TEST_SOURCE_ROOT "/providers", 0, &error);
  const char *file;

  g_assert_no_error (error);
  while ((file = g_dir_read_name (folder)) != NULL) {
    g_autofree char *name = g_strndup (file, strcspn (file, "."));

    if (g_str_has_suffix (file, ".json"))
      g_strv_builder_add (names, name);
  }
  return g_strv_builder_end (names);
}

char *
fixture_form (GenvidCall *call)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  GString *form = g_string_new (genvid_call_get_name (call));

  json_node_set_object (node, genvid_call_get_canonical (call));
  genvid_json_write (form, node, TRUE);
  return g_string_free (form, FALSE);
}

JsonNode *
fixture_parse (const char *json)
{
  GError *error = NULL;
  JsonNode *node = genvid_json_reader_parse (json, strlen (json), &error);

  g_assert_no_error (error);
  return node;
}

JsonObject *
fixture_document (const char *name)
{
  gsize length;
  g_autofree char *text = read_file ("tests/data/documents", name, &length);
  g_autoptr (JsonNode) root = fixture_parse (text);

  return json_node_dup_object (root);
}

JsonObject *
fixture_toy (void)
{
  gsize length;
  g_autofree char *text
      = read_file ("tests/data/descriptions", "good", &length);
  g_autoptr (JsonNode) root = fixture_parse (text);

  return json_node_dup_object (root);
}

GenvidRequest *
fixture_request (const char *members)
{
  g_autofree char *text = g_strconcat ("genvid://?", members, NULL);
  GError *error = NULL;
  g_autoptr (GenvidRequestUri) uri = genvid_request_uri_parse (text, &error);

  g_assert_no_error (error);
  return genvid_request_copy (uri->request);
}

GenvidCall *
fixture_call_request (const char *name, const GenvidRequest *request)
{
  g_autoptr (GenvidProvider) provider = fixture_provider (name);
  const char *base = genvid_provider_get_base_url (provider);
  GError *error = NULL;
  GenvidCall *call = genvid_call_new (provider, request, NULL, NULL, &error);

  g_assert_no_error (error);
  genvid_call_bind (call, base ? base : "https://gateway.example", "k-secret",
                    "idem");
  return call;
}

GenvidCall *
fixture_call (const char *name, const char *members)
{
  g_autoptr (GenvidRequest) request = fixture_request (members);

  return fixture_call_request (name, request);
}

void
fixture_refused (const char *name, const char *members, const char *message)
{
  g_autoptr (GenvidProvider) provider = fixture_provider (name);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_call_new (provider, request, NULL, NULL, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_cmpstr (error->message, ==, message);
}

void
fixture_warned (const char *name, const char *members, const char *message)
{
  g_autoptr (GenvidProvider) provider = fixture_provider (name);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autoptr (GPtrArray) warnings = NULL;
  GError *error = NULL;
  g_autoptr (GenvidCall) call
      = genvid_call_new (provider, request, NULL, &warnings, &error);

  g_assert_no_error (error);
  g_assert_nonnull (call);
  g_assert_cmpuint (warnings->len, ==, message ? 1 : 0);
  if (message)
    g_assert_cmpstr (g_ptr_array_index (warnings, 0), ==, message);
}

char *
fixture_body (GenvidCall *call)
{
  GError *error = NULL;
  g_autoptr (GenvidExchange) exchange = genvid_call_build_submit (call, &error);
  gsize length;
  const char *body;

  g_assert_no_error (error);
  g_assert_cmpstr (exchange->content_type, ==, "application/json");
  body = g_bytes_get_data (exchange->body, &length);
  return g_strndup (body, length);
}

const char *
fixture_header (const GenvidExchange *exchange, const char *name)
{
  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (exchange->headers, i);

    if (g_ascii_strcasecmp (header->name, name) == 0)
      return header->value;
  }
  return NULL;
}

GenvidReply *
fixture_read (GenvidCall *call, GenvidExchangeKind kind, guint status,
              const char *body)
{
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (status, body);
  GError *error = NULL;
  GenvidReply *reading = genvid_call_read (call, kind, answer, &error);

  g_assert_no_error (error);
  return reading;
}
