/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a service saw, against what its transcript says. */

#include "transcript.h"

#include <string.h>

#include "json.h"

static gboolean
is_anything (JsonNode *expected, JsonNode *actual)
{
  return JSON_NODE_HOLDS_VALUE (expected)
         && json_node_get_value_type (expected) == G_TYPE_STRING
         && g_str_equal (json_node_get_string (expected), "*")
         && JSON_NODE_HOLDS_VALUE (actual)
         && json_node_get_value_type (actual) == G_TYPE_STRING
         && *json_node_get_string (actual) != '\0';
}

static char *
differ_objects (JsonObject *expected, JsonObject *actual, const char *where)
{
  g_autoptr (GList) wanted = json_object_get_members (expected);
  g_autoptr (GList) found = json_object_get_members (actual);

  for (GList *l = found; l != NULL; l = l->next)
    if (!json_object_has_member (expected, l->data))
      return g_strdup_printf ("%s.%s must not be there", where,
                              (char *)l->data);
  for (GList *l = wanted; l != NULL; l = l->next) {
    g_autofree char *below = g_strdup_printf ("%s.%s", where, (char *)l->data);
    char *text;

    if (!json_object_has_member (actual, l->data))
      return g_strdup_printf ("%s is missing", below);
    text = transcript_differ (json_object_get_member (expected, l->data),
                              json_object_get_member (actual, l->data), below);
    if (text != NULL)
      return text;
  }
  return NULL;
}

static char *
differ_arrays (JsonArray *expected, JsonArray *actual, const char *where)
{
  if (json_array_get_length (expected) != json_array_get_length (actual))
    return g_strdup_printf ("%s has %u elements, not %u", where,
                            json_array_get_length (actual),
                            json_array_get_length (expected));
  for (guint i = 0; i < json_array_get_length (expected); i++) {
    g_autofree char *below = g_strdup_printf ("%s[%u]", where, i);
    char *text = transcript_differ (json_array_get_element (expected, i),
                                    json_array_get_element (actual, i), below);

    if (text != NULL)
      return text;
  }
  return NULL;
}

char *
transcript_differ (JsonNode *expected, JsonNode *actual, const char *where)
{
  g_autofree char *wanted = genvid_json_to_text (expected);
  g_autofree char *found = genvid_json_to_text (actual);

  if (is_anything (expected, actual))
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (expected) && JSON_NODE_HOLDS_OBJECT (actual))
    return differ_objects (json_node_get_object (expected),
                           json_node_get_object (actual), where);
  if (JSON_NODE_HOLDS_ARRAY (expected) && JSON_NODE_HOLDS_ARRAY (actual))
    return differ_arrays (json_node_get_array (expected),
                          json_node_get_array (actual), where);
  if (g_str_equal (wanted, found))
    return NULL;
  return g_strdup_printf ("%s is %s, not %s", where, found, wanted);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The query's order says nothing. */
static char *
sort_target (const char *target)
{
  gsize path = strcspn (target, "?");
  g_auto (GStrv) members
      = g_strsplit (target + path + (target[path] == '?'), "&", -1);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  g_autofree char *query = NULL;

  for (guint i = 0; members[i] != NULL; i++)
    g_ptr_array_add (sorted, members[i]);
  g_ptr_array_sort (sorted, compare_texts);
  g_ptr_array_add (sorted, NULL);
  query = g_strjoinv ("&", (char **)sorted->pdata);
  return g_strdup_printf ("%.*s?%s", (int)path, target, query);
}

static void
check_header (const Exchange *exchange, const FakeRequest *request,
              const char *name, JsonNode *expected)
{
  const char *found = fake_request_get_header (request, name);
  const char *wanted = JSON_NODE_HOLDS_VALUE (expected)
                           ? json_node_get_string (expected)
                           : NULL;

  if (wanted != NULL && found != NULL
      && (g_str_equal (wanted, "*") || g_str_equal (wanted, "**")))
    return;
  if (g_strcmp0 (found, wanted) != 0)
    transcript_complain ("%s: header %s is \"%s\", not \"%s\"", exchange->name,
                         name, found != NULL ? found : "(none)",
                         wanted != NULL ? wanted : "(none)");
}

static void
check_headers (const Exchange *exchange, const FakeRequest *request,
               JsonObject *headers, JsonObject *except)
{
  g_autoptr (GList) names
      = headers != NULL ? json_object_get_members (headers) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    if (except == NULL || !json_object_has_member (except, l->data))
      check_header (exchange, request, l->data,
                    json_object_get_member (headers, l->data));
}

static char *
copy_body (const FakeRequest *request)
{
  gsize size;
  const char *data = g_bytes_get_data (request->body, &size);

  return g_strndup (data != NULL ? data : "", size);
}

static void
check_json (const Exchange *exchange, const FakeRequest *request,
            JsonNode *expected)
{
  const char *type = fake_request_get_header (request, "content-type");
  g_autofree char *text = copy_body (request);
  g_autoptr (JsonNode) actual = json_from_string (text, NULL);
  g_autofree char *complaint
      = actual != NULL ? transcript_differ (expected, actual, "$")
                       : g_strdup_printf ("\"%s\" is not JSON", text);

  if (type == NULL || !g_str_has_prefix (type, "application/json"))
    transcript_complain ("%s: Content-Type is \"%s\"", exchange->name,
                         type != NULL ? type : "(none)");
  if (complaint != NULL)
    transcript_complain ("%s: %s", exchange->name, complaint);
}

/* The hash of its bytes. */
static char *
describe_part (JsonObject *part)
{
  const char *base64 = genvid_json_string (part, "base64", NULL);
  const char *sum = genvid_json_string (part, "sha256", NULL);
  g_autofree char *text = g_strdup (genvid_json_string (part, "text", ""));
  gsize length = strlen (text);

  if (sum != NULL)
    return g_strdup (sum);
  if (base64 != NULL) {
    g_free (text);
    text = (char *)g_base64_decode (base64, &length);
  }
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *)text,
                                      length);
}

static void
add_part (GPtrArray *parts, const char *part, gsize length)
{
  const char *end = memmem (part, length, "\r\n\r\n", 4);
  g_autofree char *head = NULL;
  g_autofree char *sum = NULL;
  const char *name, *type;

  if (end == NULL)
    return;
  head = g_strndup (part, end - part);
  name = strstr (head, " name=\"");
  type = strstr (head, "Content-Type: ");
  sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *)end + 4,
                                     length - (end + 4 - part));
  g_ptr_array_add (
      parts,
      g_strdup_printf ("%.*s %s %.*s%s",
                       name != NULL ? (int)strcspn (name + 7, "\"") : 0,
                       name != NULL ? name + 7 : "",
                       strstr (head, "filename=\"") != NULL ? "file" : "text",
                       type != NULL ? (int)strcspn (type + 14, "\r") : 0,
                       type != NULL ? type + 14 : "", sum));
}

/* Of char *, sorted. */
static GPtrArray *
split_parts (const FakeRequest *request)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);
  const char *type = fake_request_get_header (request, "content-type");
  const char *mark = type != NULL ? strstr (type, "boundary=") : NULL;
  g_autofree char *boundary = NULL;
  gsize size;
  const char *data = g_bytes_get_data (request->body, &size);
  const char *end = data + size;
  const char *next;

  if (mark == NULL || !g_str_has_prefix (type, "multipart/form-data"))
    return parts;
  boundary = g_strdup_printf ("--%s", mark + strlen ("boundary="));
  g_strdelimit (boundary, "\"", ' ');
  g_strstrip (boundary);
  while (data != NULL
         && (data = memmem (data, end - data, boundary, strlen (boundary)))) {
    data += strlen (boundary);
    next = memmem (data, end - data, boundary, strlen (boundary));
    if (next != NULL)
      add_part (parts, data, next - 2 - data);
  }
  g_ptr_array_sort (parts, compare_texts);
  return parts;
}

static void
check_parts (const Exchange *exchange, const FakeRequest *request,
             JsonArray *expected)
{
  g_autoptr (GPtrArray) found = split_parts (request);
  g_autoptr (GPtrArray) wanted = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *body = copy_body (request);

  for (guint i = 0; i < json_array_get_length (expected); i++) {
    JsonObject *part = json_array_get_object_element (expected, i);
    g_autofree char *sum = describe_part (part);

    g_ptr_array_add (
        wanted, g_strdup_printf (
                    "%s %s %s%s", genvid_json_string (part, "name", ""),
                    json_object_has_member (part, "text") ? "text" : "file",
                    genvid_json_string (part, "type", ""), sum));
  }
  g_ptr_array_sort (wanted, compare_texts);
  if (found->len != wanted->len)
    transcript_complain ("%s: %u parts, not %u, in %s", exchange->name,
                         found->len, wanted->len, body);
  for (guint i = 0; i < MIN (found->len, wanted->len); i++)
    if (!g_str_equal (found->pdata[i], wanted->pdata[i]))
      transcript_complain ("%s: part \"%s\", not \"%s\", in %s", exchange->name,
                           (char *)found->pdata[i], (char *)wanted->pdata[i],
                           body);
}

/* The whole body is one file. */
static void
check_bytes (const Exchange *exchange, const FakeRequest *request,
             JsonObject *expected)
{
  const char *type = fake_request_get_header (request, "content-type");
  g_autofree char *wanted = describe_part (expected);
  g_autofree char *found
      = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, request->body);

  if (g_strcmp0 (type, genvid_json_string (expected, "type", NULL)) != 0)
    transcript_complain ("%s: Content-Type is \"%s\"", exchange->name,
                         type != NULL ? type : "(none)");
  if (!g_str_equal (wanted, found))
    transcript_complain ("%s: another body", exchange->name);
}

static void
check_body (const Exchange *exchange, const FakeRequest *request)
{
  JsonNode *json = json_object_get_member (exchange->send, "json");
  JsonArray *parts = genvid_json_array (exchange->send, "parts");
  JsonObject *bytes = genvid_json_object (exchange->send, "bytes");

  if (json != NULL)
    check_json (exchange, request, json);
  else if (parts != NULL)
    check_parts (exchange, request, parts);
  else if (bytes != NULL)
    check_bytes (exchange, request, bytes);
  else if (g_bytes_get_size (request->body) > 0)
    transcript_complain ("%s: there must not be a body", exchange->name);
}

static void
check_request (const Exchange *exchange, const FakeRequest *request,
               JsonObject *headers)
{
  JsonObject *own = genvid_json_object (exchange->send, "headers");
  g_autofree char *wanted = sort_target (exchange->target);
  g_autofree char *found = sort_target (request->target);

  if (!g_str_equal (exchange->method, request->method)
      || !g_str_equal (wanted, found)) {
    transcript_complain ("%s: %s %s came, not %s %s", exchange->name,
                         request->method, request->target, exchange->method,
                         exchange->target);
    return;
  }
  check_headers (exchange, request, headers, own);
  check_headers (exchange, request, own, NULL);
  check_body (exchange, request);
}

/* A header "**" has another value in each request. */
static void
check_fresh (JsonObject *headers, FakeService *service)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) names
      = headers != NULL ? json_object_get_members (headers) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    for (guint i = 0; i < fake_service_get_n_requests (service); i++) {
      const FakeRequest *request = fake_service_get_request (service, i);
      const char *found = fake_request_get_header (request, l->data);
      const char *wanted = genvid_json_string (headers, l->data, NULL);

      if (found != NULL && g_strcmp0 (wanted, "**") == 0
          && !g_hash_table_add (seen, (gpointer)found))
        transcript_complain ("header %s is \"%s\" twice", (char *)l->data,
                             found);
    }
}

void
transcript_check (GPtrArray *exchanges, JsonObject *headers,
                  FakeService *service)
{
  guint n = fake_service_get_n_requests (service);

  check_fresh (headers, service);
  for (guint i = 0; i < MIN (n, exchanges->len); i++)
    check_request (exchanges->pdata[i], fake_service_get_request (service, i),
                   headers);
  for (guint i = n; i < exchanges->len; i++)
    transcript_complain ("%s: did not come",
                         ((Exchange *)exchanges->pdata[i])->name);
  for (guint i = exchanges->len; i < n; i++)
    transcript_complain ("%s %s came, and nothing more was expected",
                         fake_service_get_request (service, i)->method,
                         fake_service_get_request (service, i)->target);
}
