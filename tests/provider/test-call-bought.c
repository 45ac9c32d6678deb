/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was bought under an earlier description: every service of today still
 * polls it, whatever its request has, and sends it to nobody. */

#include "call-fixture.h"

#include "call-build.h"
#include "call-parse.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "json.h"
#include "provider.h"
#include "reply.h"
#include "request.h"

#include <string.h>

#define LINK "https://a.example/"

/* What no service has, and what few have at once. */
static const char *const requests[] = {
  "",
  "prompt=p&resolution=99999p&aspect-ratio=77:3&duration=999&seed=5&style=x",
  "prompt=p&model=no-such-model&negative-prompt=n&fps=7&audio=on&duration=auto",
  "prompt=p&image=" LINK "i.png&end-image=" LINK "e.gif&video=" LINK
  "v.mp4&audio-input=" LINK "s.mp3&references=" LINK "1.png," LINK "2.mp4",
  "prompt=p&image=id:1&end-image=id:2&references=id:1,id:2,id:3,id:4,id:5,id:6",
  "prompt=p&option-of-nobody=1&resolution=1p",
};

static void
check_sent (GenvidExchange *exchange)
{
  if (exchange != NULL)
    g_assert_nonnull (exchange->url);
  genvid_exchange_free (exchange);
}

static void
check_call (GenvidCall *call)
{
  g_autoptr (GenvidExchange) poll = NULL;
  g_autoptr (GenvidExchange) submit = NULL;
  g_autoptr (GenvidReply) reading = NULL;
  g_autoptr (GError) error = NULL;

  genvid_call_bind (call, "https://gateway.example", "k-secret", "idem");
  poll = genvid_call_build_poll (call, "id-1", &error);
  /* Some addresses are in the answer to the submit, which is in the record. */
  if (poll == NULL)
    g_assert_nonnull (strstr (error->message, "is not known yet"));
  g_clear_error (&error);
  reading = fixture_read (call, GENVID_EXCHANGE_POLL, 200, "{}");
  g_assert_nonnull (reading);
  check_sent (genvid_call_build_cancel (call, "id-1", NULL));
  check_sent (genvid_call_build_lookup (call, NULL));
  if (genvid_call_has_result (call))
    check_sent (genvid_call_build_result (call, "id-1", NULL));
  check_sent (genvid_call_build_media (call, "id-1", LINK "clip.mp4", NULL));
  submit = genvid_call_build_submit (call, &error);
  g_assert_null (submit);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
}

/* The number of those that are refused by now, and yet are fetched. */
static guint
check_service (const char *name)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_autoptr (GenvidProvider) provider = fixture_provider (name);
    g_autoptr (GenvidRequest) request = fixture_request (requests[i]);
    g_autoptr (GenvidCall) call = NULL;
    g_autoptr (GError) error = NULL;

    n += !genvid_call_check (provider, request, NULL, NULL);
    call = genvid_call_new_bought (provider, request, NULL, &error);
    if (call != NULL)
      check_call (call);
    else
      g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  }
  return n;
}

static void
test_bought (void)
{
  g_auto (GStrv) services = fixture_services ();

  for (guint i = 0; services[i] != NULL; i++)
    g_assert_cmpuint (check_service (services[i]), >=, 2);
  g_assert_cmpuint (g_strv_length (services), >=, 20);
}

/* A request with an option more that is refused: NULL if it is not. */
static char *
make_refused_form (GenvidProvider *provider, const char *option)
{
  g_autoptr (GenvidRequest) request = fixture_request ("prompt=p");
  g_autoptr (GenvidCall) call = NULL;

  request->options = json_object_new ();
  json_object_set_string_member (request->options, option, "5");
  if (genvid_call_check (provider, request, NULL, NULL))
    return NULL;
  call = genvid_call_new_bought (provider, request, NULL, NULL);
  return call != NULL ? fixture_form (call) : NULL;
}

static guint
check_options (const char *name)
{
  g_autoptr (GenvidProvider) provider = fixture_provider (name);
  g_autoptr (GenvidRequest) request = fixture_request ("prompt=p");
  g_autoptr (GenvidCall) call
      = genvid_call_new (provider, request, NULL, NULL, NULL);
  g_autofree char *plain = call != NULL ? fixture_form (call) : NULL;
  guint n = 0;

  for (guint i = 0; i < genvid_provider_get_n_parameters (provider); i++) {
    const GenvidOption *option = genvid_provider_get_parameter (provider, i);
    g_autofree char *form = make_refused_form (provider, option->name);

    if (form == NULL)
      continue;
    g_assert_cmpstr (form, !=, plain);
    n++;
  }
  return n;
}

/* What is refused for an option that the call does not have is no other's
 * purchase: its clip would be played in place of the refusal. */
static void
test_options (void)
{
  g_auto (GStrv) services = fixture_services ();
  guint n = 0;

  for (guint i = 0; services[i] != NULL; i++)
    n += check_options (services[i]);
  g_assert_cmpuint (n, >=, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/bought", test_bought);
  g_test_add_func ("/call/bought/options", test_options);
  return g_test_run ();
}
