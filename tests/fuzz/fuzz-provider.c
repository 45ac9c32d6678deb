/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A description is refused, or it can be used: a request is checked, a submit
 * is built, and its own text is read as an answer. */
#include "fuzz.h"

#include "call-build.h"
#include "call-parse.h"
#include "call.h"
#include "exchange.h"
#include "provider.h"
#include "reply.h"
#include "request.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GenvidProvider) provider
      = genvid_provider_new ("x.json", (const char *)data, size, NULL);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (200, "");
  g_autoptr (GenvidCall) call = NULL;
  double seconds, spread;

  if (!provider)
    return 0;
  request->prompt = g_strdup ("p");
  call = genvid_call_new (provider, request, NULL, NULL, NULL);
  if (!call)
    return 0;
  genvid_call_get_typical_time (call, &seconds, &spread);
  g_assert_cmpfloat (seconds, <=, 86400);
  genvid_call_bind (call, "https://x.example", "k", "i");
  g_bytes_unref (answer->body);
  answer->body = g_bytes_new (data, size);
  for (int kind = GENVID_EXCHANGE_SUBMIT; kind <= GENVID_EXCHANGE_CANCEL;
       kind++)
    genvid_reply_free (genvid_call_read (call, kind, answer, NULL));
  genvid_exchange_free (genvid_call_build_submit (call, NULL));
  genvid_exchange_free (genvid_call_build_poll (call, "7", NULL));
  return 0;
}
