/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "transcript.h"

#include <string.h>

#include "json.h"

static void
free_exchange (gpointer data)
{
  Exchange *exchange = data;

  g_free (exchange->name);
  g_free (exchange->method);
  g_free (exchange->target);
  g_free (exchange);
}

JsonObject *
transcript_load (const char *provider, const char *const *replacements)
{
  g_autofree char *path = g_strdup_printf (
      TEST_SOURCE_ROOT "/tests/transcripts/%s.json", provider);
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL;
  GString *text;

  g_file_get_contents (path, &file, NULL, &error);
  g_assert_no_error (error);
  text = g_string_new (file);
  for (; replacements[0] != NULL; replacements += 2)
    g_string_replace (text, replacements[0], replacements[1], 0);
  root = json_from_string (text->str, &error);
  g_string_free (text, TRUE);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    g_error ("%s: %s", path, error != NULL ? error->message : "no object");
  return json_node_dup_object (root);
}

/* An exchange of the table by its name. */
static JsonObject *
find_exchange (JsonObject *root, const char *name)
{
  JsonObject *found
      = genvid_json_object (genvid_json_object (root, "exchanges"), name);

  if (found == NULL)
    g_error ("no exchange is named \"%s\"", name);
  return found;
}

static Exchange *
make_exchange (JsonObject *used, JsonObject *own, const char *name)
{
  Exchange *exchange = g_new0 (Exchange, 1);
  g_auto (GStrv) words = NULL;
  const char *to;

  exchange->name = g_strdup (name);
  exchange->send = genvid_json_object (own, "send");
  if (exchange->send == NULL)
    exchange->send = genvid_json_object (used, "send");
  exchange->answer = genvid_json_object (own, "answer");
  if (exchange->answer == NULL)
    exchange->answer = genvid_json_object (used, "answer");
  if (exchange->send == NULL || exchange->answer == NULL)
    g_error ("%s: an exchange has \"send\" and \"answer\"", name);
  to = genvid_json_string (exchange->send, "to", "");
  words = g_strsplit (to, " ", 2);
  if (g_strv_length (words) != 2)
    g_error ("%s: send.to must be like \"GET /path\", not \"%s\"", name, to);
  exchange->method = g_strdup (words[0]);
  exchange->target = g_strdup (words[1]);
  exchange->hold = genvid_json_bool (own, "hold", FALSE);
  return exchange;
}

static void
add_item (GPtrArray *exchanges, JsonObject *root, const char *scenario,
          JsonNode *item)
{
  JsonObject *own
      = JSON_NODE_HOLDS_OBJECT (item) ? json_node_get_object (item) : NULL;
  const char *use = own == NULL ? json_node_get_string (item)
                                : genvid_json_string (own, "use", NULL);
  gint64 times = genvid_json_int (own, "times", 1);

  for (gint64 i = 0; i < times; i++) {
    g_autofree char *name = g_strdup_printf (
        "%s[%u] %s", scenario, exchanges->len, use != NULL ? use : "");

    g_ptr_array_add (
        exchanges,
        make_exchange (use != NULL ? find_exchange (root, use) : NULL, own,
                       name));
  }
}

GPtrArray *
transcript_expand (JsonObject *root, const char *scenario, JsonArray *list)
{
  GPtrArray *exchanges = g_ptr_array_new_with_free_func (free_exchange);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    add_item (exchanges, root, scenario, json_array_get_element (list, i));
  return exchanges;
}

static char *
make_headers (JsonObject *answer)
{
  JsonObject *headers = genvid_json_object (answer, "headers");
  g_autoptr (GList) names
      = headers != NULL ? json_object_get_members (headers) : NULL;
  GString *text = g_string_new (NULL);

  if (json_object_has_member (answer, "json"))
    g_string_append (text, "Content-Type: application/json\n");
  for (GList *l = names; l != NULL; l = l->next)
    g_string_append_printf (text, "%s: %s\n", (char *)l->data,
                            genvid_json_string (headers, l->data, ""));
  return g_string_free (text, FALSE);
}

static void
add_reply (const Exchange *exchange, FakeService *service, GBytes *clip)
{
  JsonObject *answer = exchange->answer;
  JsonNode *json = json_object_get_member (answer, "json");
  g_autofree char *path
      = g_strndup (exchange->target, strcspn (exchange->target, "?"));
  g_autofree char *headers = make_headers (answer);
  g_autofree char *body
      = json != NULL ? genvid_json_to_text (json)
                     : g_strdup (genvid_json_string (answer, "text", NULL));
  FakeReply reply = {
    exchange->method, path, (guint)genvid_json_int (answer, "status", 200),
    headers,          body, .times = 1
  };

  if (genvid_json_bool (answer, "clip", FALSE)) {
    reply.bytes = clip;
    reply.flags |= FAKE_RANGE;
  }
  reply.cut = (guint64)genvid_json_int (answer, "cut", 0);
  if (reply.cut > 0)
    reply.flags |= FAKE_CUT;
  if (genvid_json_bool (answer, "lost", FALSE))
    reply.flags |= FAKE_DROP;
  if (exchange->hold)
    reply.flags |= FAKE_HOLD;
  fake_service_add (service, &reply);
}

void
transcript_play (GPtrArray *exchanges, FakeService *service, GBytes *clip)
{
  for (guint i = 0; i < exchanges->len; i++)
    add_reply (exchanges->pdata[i], service, clip);
}
