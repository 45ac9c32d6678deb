/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The name of a purchase against what is sent: two requests that a service gets
 * differently never have one name, or the clip of one is played for the other.
 * Every model of every service (tests/data/former-spellings.txt) with each word
 * and each option. */

#include "call-fixture.h"

#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "provider.h"
#include "request-uri.h"
#include "request.h"

#include <string.h>

#define LIST TEST_SOURCE_ROOT "/tests/data/former-spellings.txt"
#define LINK "https://a.example/"

static const char *const words[] = {
  "",
  "&seed=5",
  "&style=anime",
  "&negative-prompt=n",
  "&fps=24",
  "&audio=on",
  "&audio=off",
  "&duration=5",
  "&duration=10",
  "&duration=auto",
  "&resolution=720p",
  "&resolution=720P",
  "&resolution=4k",
  "&aspect-ratio=16:9",
  "&aspect-ratio=1:1",
  "&image=" LINK "i.png",
  "&image=id:7",
  "&end-image=" LINK "e.png",
  "&references=" LINK "1.png",
  "&references=" LINK "1.png," LINK "2.png",
  "&video=" LINK "v.mp4",
  "&audio-input=" LINK "s.mp3",
};

typedef struct {
  GenvidProvider *provider;
  GHashTable *sent; /* of what has a name: what is sent */
} Service;

static void
service_free (gpointer data)
{
  Service *service = data;

  genvid_provider_unref (service->provider);
  g_hash_table_unref (service->sent);
  g_free (service);
}

/* NULL: it needs a file first. */
static char *
make_sent (GenvidCall *call)
{
  g_autoptr (JsonNode) id = json_node_new (JSON_NODE_VALUE);
  g_autoptr (GenvidExchange) submit = NULL;
  gsize length;
  const char *body;

  json_node_set_string (id, "uploaded");
  genvid_call_bind (call, "https://gateway.example", "k-secret", "idem");
  genvid_call_set_nonce (call, "nonce");
  for (guint i = 0; i < genvid_call_get_n_uploads (call); i++)
    genvid_call_set_upload_id (call, i, id);
  submit = genvid_call_build_submit (call, NULL);
  if (submit == NULL || submit->body == NULL)
    return NULL;
  body = g_bytes_get_data (submit->body, &length);
  return g_strdup_printf ("%s %.*s", submit->url, (int)length, body);
}

/* The number of requests that are sent. */
static guint
check_request (Service *service, const GenvidRequest *request)
{
  g_autoptr (GenvidCall) call
      = genvid_call_new (service->provider, request, NULL, NULL, NULL);
  g_autofree char *sent = call != NULL ? make_sent (call) : NULL;
  char *name;
  const char *before;

  if (sent == NULL)
    return 0;
  name = fixture_form (call);
  before = g_hash_table_lookup (service->sent, name);
  if (before != NULL)
    g_assert_cmpstr (sent, ==, before);
  g_hash_table_replace (service->sent, name, g_steal_pointer (&sent));
  return 1;
}

static GenvidRequest *
make_request (const char *members, const char *more)
{
  g_autofree char *text
      = g_strconcat ("genvid://?prompt=p", members, more, NULL);
  g_autoptr (GenvidRequestUri) uri = genvid_request_uri_parse (text, NULL);

  /* A model's line may have the word. */
  return uri != NULL ? g_steal_pointer (&uri->request) : NULL;
}

static guint
check_option (Service *service, const char *members, const char *option,
              const char *value)
{
  g_autoptr (GenvidRequest) request = make_request (members, "");

  if (request->options == NULL)
    request->options = json_object_new ();
  json_object_set_string_member (request->options, option, value);
  return check_request (service, request);
}

static guint
check_model (Service *service, const char *members)
{
  GenvidProvider *provider = service->provider;
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    g_autoptr (GenvidRequest) request = make_request (members, words[i]);

    if (request != NULL)
      n += check_request (service, request);
  }
  for (guint i = 0; i < genvid_provider_get_n_parameters (provider); i++) {
    const GenvidOption *option = genvid_provider_get_parameter (provider, i);

    n += check_option (service, members, option->name, "5");
    n += check_option (service, members, option->name, "6");
    n += check_option (service, members, option->name, "true");
    n += check_option (service, members, option->name, "false");
  }
  return n;
}

static Service *
get_service (GHashTable *services, const char *name)
{
  Service *service = g_hash_table_lookup (services, name);

  if (service != NULL)
    return service;
  service = g_new0 (Service, 1);
  service->provider = fixture_provider (name);
  service->sent
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (services, g_strdup (name), service);
  return service;
}

static void
test_names (void)
{
  g_autoptr (GHashTable) services
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, service_free);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_file_get_contents (LIST, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) cells = g_strsplit (lines[i], "\t", 3);
    g_autofree char *members = NULL;

    if (g_strv_length (cells) < 3 || lines[i][0] == '#')
      continue;
    members = strcmp (cells[1], "-") != 0 ? g_strconcat ("&", cells[1], NULL)
                                          : g_strdup ("");
    n += check_model (get_service (services, cells[0]), members);
  }
  g_test_message ("%u requests are sent", n);
  g_assert_cmpuint (n, >, 4000);
  g_assert_cmpuint (g_hash_table_size (services), ==, 21);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names", test_names);
  return g_test_run ();
}
