/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the shipped descriptions say of their services, and the parts of the
 * vocabulary that none of the three needs. */
#include "call-fixture.h"

#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "json.h"
#include "provider.h"
#include "reply.h"
#include "request.h"

#include <string.h>

static void
check_numbers (const char *name, guint timeout, guint per_minute,
               GenvidRecovery recovery, gboolean can_cancel)
{
  g_autoptr (GenvidProvider) provider = fixture_provider (name);

  g_assert_cmpstr (genvid_provider_get_name (provider), ==, name);
  g_assert_cmpint (genvid_provider_get_semantics (provider), ==, 1);
  g_assert_cmpuint (genvid_provider_get_timeout (provider), ==, timeout);
  g_assert_cmpuint (genvid_provider_get_requests_per_minute (provider), ==,
                    per_minute);
  g_assert_cmpint (genvid_provider_get_recovery (provider), ==, recovery);
  g_assert_cmpint (genvid_provider_can_cancel (provider), ==, can_cancel);
  g_assert_cmpint (genvid_provider_get_failure_billing (provider), ==,
                   GENVID_BILLED_NO);
  g_assert_false (genvid_provider_retries_503 (provider));
}

static void
test_shipped (void)
{
  g_autoptr (GenvidProvider) genpro = fixture_provider ("genpro");

  check_numbers ("genpro", 900, 0, GENVID_RECOVERY_REPLAY, TRUE);
  check_numbers ("aimlapi", 1000, 0, GENVID_RECOVERY_LOOKUP, FALSE);
  check_numbers ("cn8", 660, 60, GENVID_RECOVERY_NONE, FALSE);
  g_assert_cmpint (genvid_provider_get_replay_window (genpro), ==,
                   20 * G_TIME_SPAN_HOUR);
}

static void
check_roots (const char *name, const char *base, const char *variable,
             const char *keys, const char *title)
{
  g_autoptr (GenvidProvider) provider = fixture_provider (name);
  g_autofree char *joined
      = g_strjoinv (",", (char **)genvid_provider_get_key_variables (provider));

  g_assert_cmpstr (genvid_provider_get_base_url (provider), ==, base);
  g_assert_cmpstr (genvid_provider_get_base_url_variable (provider), ==,
                   variable);
  g_assert_cmpstr (joined, ==, keys);
  g_assert_cmpstr (genvid_provider_get_title (provider), ==, title);
}

static void
test_roots (void)
{
  check_roots ("genpro", "https://api.gen.pro", "GEN_BASE_URL", "GEN_API_KEY",
               "gen.pro");
  check_roots ("aimlapi", "https://api.aimlapi.com", "AIML_BASE_URL",
               "AIML_API_KEY,AIMLAPI_API_KEY", "AI/ML API");
  check_roots ("cn8", NULL, "CN8_BASE_URL", "CN8_API_KEY", "CN8 Gateway");
}

static void
test_parameters (void)
{
  g_autoptr (GenvidProvider) genpro = fixture_provider ("genpro");
  g_autoptr (GenvidProvider) cn8 = fixture_provider ("cn8");
  const GenvidOption *sheet
      = genvid_provider_find_parameter (genpro, "sheet_id");
  const GenvidOption *header
      = genvid_provider_find_parameter (cn8, "auth-header");

  g_assert_cmpstr (sheet->name, ==, "sheet-id");
  g_assert_cmpint (sheet->type, ==, GENVID_OPTION_INTEGER);
  g_assert_cmpint (sheet->minimum, ==, 1);
  g_assert_cmpstr (sheet->variable, ==, "GEN_SHEET_ID");
  g_assert_true (sheet->required);
  g_assert_false (sheet->setting);
  g_assert_true (header->setting);
  g_assert_cmpstr (header->variable, ==, "CN8_AUTH_HEADER");
  g_assert_cmpstr (json_node_get_string (header->fallback), ==,
                   "Authorization");
  g_assert_null (genvid_provider_find_parameter (genpro, "sheet"));
  g_assert_cmpuint (genvid_provider_get_n_parameters (cn8), ==, 2);
  g_assert_nonnull (genvid_provider_get_parameter (cn8, 1)->help);
}

static void
test_references (void)
{
  GenvidProvider *provider = fixture_provider ("cn8");

  g_assert_true (genvid_provider_ref (provider) == provider);
  genvid_provider_unref (provider);
  g_assert_cmpstr (genvid_provider_get_name (provider), ==, "cn8");
  genvid_provider_unref (provider);
  genvid_provider_unref (NULL);
}

/* A made-up service with everything that the shipped ones do without. */
static const char toy[]
    = "{\"genvid\":1,\"name\":\"toy\",\"title\":\"Toy\",\"semantics\":3,"
      "\"base-url\":{\"default\":\"https://toy.example\"},"
      "\"key\":{\"variables\":[\"TOY_API_KEY\"]},"
      "\"headers\":{\"Authorization\":\"Key ${key}\"},"
      "\"parameters\":{\"hd\":{\"type\":\"boolean\",\"help\":\"h\"},"
      "\"scale\":{\"type\":\"number\",\"help\":\"h\",\"default\":0.1},"
      "\"mode\":{\"type\":\"string\",\"values\":[\"Fast\",\"Good\"],"
      "\"help\":\"h\"}},"
      "\"words\":{\"prompt\":{\"required\":true},\"model\":{},"
      "\"seed\":{\"min\":1,\"max\":9},\"duration\":{\"max\":10},"
      "\"image\":{\"link\":\"url\"}},"
      "\"submit\":{\"method\":\"PUT\",\"url\":\"/v1/${model|default:base}\","
      "\"body\":{\"p\":\"${prompt}\",\"seed\":\"${seed}\","
      "\"t\":\"${duration}\",\"hd\":\"${hd}\",\"scale\":\"${scale}\","
      "\"mode\":\"${mode}\",\"frames\":[{\"$if\":\"image\","
      "\"role\":\"first\",\"url\":\"${image}\"}]}},"
      "\"calls\":[{\"name\":\"c\"}],"
      "\"poll\":{\"url\":\"${status_url|raw}\"},"
      "\"cancel\":{\"method\":\"DELETE\",\"url\":\"/v1/${id}\","
      "\"headers\":{\"authorization\":\"Token ${key}\"}},"
      "\"reply\":{\"id\":\"$.id\",\"status\":\"$.state\","
      "\"states\":[{\"http\":[202],\"is\":\"running\"},"
      "{\"path\":\"$.error\",\"exists\":true,\"is\":\"failed\"},"
      "{\"path\":\"$.done\",\"in\":[true],\"is\":\"succeeded\"},"
      "{\"exists\":false,\"is\":\"queued\"}],"
      "\"link\":\"$.out[-1]\",\"progress\":{\"path\":\"$.part\","
      "\"scale\":1},\"created\":\"$.at\","
      "\"captures\":{\"status_url\":\"$.follow\"}},"
      "\"price\":{\"currency\":\"USD\",\"dated\":\"2026-01-01\",\"rows\":["
      "{\"when\":{\"model\":\"pro*\",\"duration\":5},\"amount\":9},"
      "{\"when\":{\"model\":\"pro*\"},\"amount\":1,\"per-second\":0.5},"
      "{\"when\":{\"model\":\"base\"},\"amount\":2}]},"
      "\"failure-billing\":\"unknown\",\"retry-503\":true}";

static GenvidCall *
toy_call (const char *members)
{
  GError *error = NULL;
  g_autoptr (GenvidProvider) provider
      = genvid_provider_new ("toy.json", toy, -1, &error);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  GenvidCall *call;

  g_assert_no_error (error);
  call = genvid_call_new (provider, request, NULL, NULL, &error);
  g_assert_no_error (error);
  genvid_call_bind (call, "https://toy.example", "k", NULL);
  return call;
}

static void
test_toy_body (void)
{
  g_autoptr (GenvidCall) call
      = toy_call ("prompt=p&seed=3&duration=7&hd=true&mode=fast&"
                  "image=https://x.example/a.png");
  g_autoptr (GenvidCall) bare = toy_call ("prompt=p&scale=\"2.5\"");
  g_autofree char *a = fixture_body (call);
  g_autofree char *b = fixture_body (bare);
  g_autoptr (GenvidExchange) exchange = genvid_call_build_submit (call, NULL);

  g_assert_cmpstr (a, ==,
                   "{\"p\":\"p\",\"seed\":3,\"t\":7,\"hd\":true,\"scale\":0.1,"
                   "\"mode\":\"Fast\",\"frames\":[{\"role\":\"first\","
                   "\"url\":\"https://x.example/a.png\"}]}");
  g_assert_cmpstr (b, ==, "{\"p\":\"p\",\"scale\":2.5}");
  g_assert_cmpstr (exchange->method, ==, "PUT");
  g_assert_cmpstr (exchange->url, ==, "https://toy.example/v1/base");
}

static void
check_toy_refused (const char *members, const char *message)
{
  g_autoptr (GenvidProvider) provider
      = genvid_provider_new ("toy.json", toy, -1, NULL);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_call_new (provider, request, NULL, NULL, &error));
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_toy_refused (void)
{
  check_toy_refused ("prompt=p&seed=0", "Toy supports seed from 1 to 9, not 0");
  check_toy_refused ("prompt=p&duration=11",
                     "Toy supports duration of at most 10, not 11");
  check_toy_refused ("prompt=p&hd=2", "option hd must be true or false, not "
                                      "2");
  check_toy_refused ("prompt=p&scale=x",
                     "option scale must be a number, not \"x\"");
  check_toy_refused ("prompt=p&mode=slow",
                     "option mode must be Fast or Good, not \"slow\"");
  check_toy_refused ("prompt=p&image=id:5", "Toy takes image as an https link");
  check_toy_refused ("prompt=p&other=1",
                     "option other: Toy takes only the options in its "
                     "description");
}

static void
check_toy_reply (guint status, const char *body, GenvidPhase phase,
                 int progress)
{
  g_autoptr (GenvidCall) call = toy_call ("prompt=p");
  g_autoptr (GenvidReply) reading
      = fixture_read (call, GENVID_EXCHANGE_POLL, status, body);

  g_assert_cmpint (reading->phase, ==, phase);
  g_assert_cmpint (reading->progress, ==, progress);
}

static void
test_toy_reply (void)
{
  check_toy_reply (202, "", GENVID_PHASE_RUNNING, -1);
  check_toy_reply (202, "{\"part\":0.419}", GENVID_PHASE_RUNNING, 41);
  check_toy_reply (200, "{\"part\":\"7\"}", GENVID_PHASE_QUEUED, 100);
  check_toy_reply (200, "{\"part\":-1,\"state\":\"x\"}", GENVID_PHASE_UNKNOWN,
                   0);
  check_toy_reply (200, "{\"done\":true,\"part\":\"half\"}",
                   GENVID_PHASE_SUCCEEDED, -1);
  check_toy_reply (200, "{\"done\":true,\"error\":{}}", GENVID_PHASE_FAILED,
                   -1);
}

/* A poll address out of an answer: followed where the key may go, and only
 * there; and known again after a restart. */
static void
test_toy_captures (void)
{
  g_autoptr (GenvidCall) call = toy_call ("prompt=p");
  g_autoptr (GenvidCall) later = toy_call ("prompt=p");
  g_autoptr (GenvidReply) reading = fixture_read (
      call, GENVID_EXCHANGE_SUBMIT, 200,
      "{\"id\":5,\"follow\":\"https://toy.example/q/5?a=b\",\"at\":1700000000,"
      "\"out\":[\"a\",\"b\"]}");
  g_autoptr (GenvidExchange) poll = NULL;
  g_autoptr (GenvidExchange) cancel
      = genvid_call_build_cancel (call, "5", NULL);
  g_autoptr (GError) error = NULL;
  const char *moved = "{\"follow\":\"https://other.example/q\"}";

  g_assert_cmpstr (genvid_json_string (reading->captures, "status_url", NULL),
                   ==, "https://toy.example/q/5?a=b");
  g_assert_cmpstr (reading->link, ==, "https://toy.example/b");
  g_assert_cmpint (reading->created_us, ==,
                   G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC);
  g_assert_null (genvid_call_build_poll (later, "5", NULL));
  genvid_call_set_captures (later, genvid_call_get_captures (call));
  poll = genvid_call_build_poll (later, "5", NULL);
  g_assert_cmpstr (poll->url, ==, "https://toy.example/q/5?a=b");
  g_assert_cmpstr (fixture_header (poll, "authorization"), ==, "Key k");
  g_assert_cmpstr (cancel->method, ==, "DELETE");
  g_assert_cmpuint (cancel->headers->len, ==, 1);
  g_assert_cmpstr (fixture_header (cancel, "authorization"), ==, "Token k");
  genvid_reply_free (fixture_read (later, GENVID_EXCHANGE_POLL, 200, moved));
  g_assert_null (genvid_call_build_poll (later, "5", &error));
  g_assert_cmpstr (
      error->message, ==,
      "A response points to another host, which must not get the key");
}

static void
check_toy_price (const char *members, double expected)
{
  g_autoptr (GenvidCall) call = toy_call (members);
  const char *currency = NULL;
  double amount = -1;

  g_assert_cmpint (genvid_call_get_price (call, &amount, &currency), ==,
                   expected >= 0);
  g_assert_cmpfloat (amount, ==, expected);
}

static void
test_toy_price (void)
{
  check_toy_price ("prompt=p&model=pro-1&duration=5", 9);
  check_toy_price ("prompt=p&model=pro-1&duration=4", 3);
  /* Not said how long, or by which model: the dearest it can become. */
  check_toy_price ("prompt=p&model=pro-1", 9);
  check_toy_price ("prompt=p&duration=10", 6);
  check_toy_price ("prompt=p&model=base", 2);
  check_toy_price ("prompt=p&model=other", -1);
}

static void
test_toy_billing (void)
{
  g_autoptr (GenvidProvider) provider
      = genvid_provider_new ("toy.json", toy, -1, NULL);

  g_assert_cmpint (genvid_provider_get_failure_billing (provider), ==,
                   GENVID_BILLED_UNKNOWN);
  g_assert_true (genvid_provider_retries_503 (provider));
  g_assert_cmpint (genvid_provider_get_semantics (provider), ==, 3);
  g_assert_cmpuint (genvid_provider_get_timeout (provider), ==, 900);
  g_assert_null (genvid_provider_get_base_url_variable (provider));
}

/* A call needs the description no more, and the same bytes make the same one
 * again. */
static void
test_dropped (void)
{
  g_autoptr (GenvidProvider) first
      = genvid_provider_new ("toy.json", toy, -1, NULL);
  g_autoptr (GenvidProvider) again = NULL;
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GenvidCall) call = NULL, other = NULL;
  g_autoptr (GenvidExchange) exchange = NULL, same = NULL;

  request->prompt = g_strdup ("p");
  call = genvid_call_new (first, request, NULL, NULL, NULL);
  genvid_provider_drop_description (first);
  g_assert_null (genvid_provider_get_root (first));
  again = genvid_provider_load_again (first, NULL);
  other = genvid_call_new (again, request, NULL, NULL, NULL);
  genvid_call_bind (call, "https://toy.example", "k", NULL);
  genvid_call_bind (other, "https://toy.example", "k", NULL);
  exchange = genvid_call_build_submit (call, NULL);
  same = genvid_call_build_submit (other, NULL);
  g_assert_cmpstr (exchange->url, ==, same->url);
  g_assert_true (g_bytes_equal (exchange->body, same->body));
  g_assert_cmpstr (genvid_provider_get_title (first), ==,
                   genvid_provider_get_title (again));
  g_assert_cmpuint (genvid_provider_get_n_calls (first), ==,
                    genvid_provider_get_n_calls (again));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider/shipped", test_shipped);
  g_test_add_func ("/provider/roots", test_roots);
  g_test_add_func ("/provider/parameters", test_parameters);
  g_test_add_func ("/provider/references", test_references);
  g_test_add_func ("/provider/toy/body", test_toy_body);
  g_test_add_func ("/provider/toy/refused", test_toy_refused);
  g_test_add_func ("/provider/toy/reply", test_toy_reply);
  g_test_add_func ("/provider/toy/captures", test_toy_captures);
  g_test_add_func ("/provider/toy/price", test_toy_price);
  g_test_add_func ("/provider/toy/billing", test_toy_billing);
  g_test_add_func ("/provider/toy/dropped", test_dropped);
  return g_test_run ();
}
