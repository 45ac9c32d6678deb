/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two bytes an event: what becomes of the step, and with which status; the
 * rest of a line is the body. Checked: a job ends or waits, never buys twice
 * under one number, never shows progress that falls. */
#include "fuzz.h"
#include "job-world.h"

#define BASE       "https://api.example.com"
#define MAX_EVENTS 200

static const char description[]
    = "{ \"genvid\": 1, \"name\": \"probe\", \"title\": \"Probe\","
      "  \"semantics\": 1, \"base-url\": { \"default\": \"" BASE "\" },"
      "  \"key\": { \"variables\": [\"PROBE_API_KEY\"] },"
      "  \"words\": { \"prompt\": { \"required\": true } },"
      "  \"submit\": { \"method\": \"POST\", \"url\": \"/jobs\","
      "    \"headers\": { \"Idempotency-Key\": \"${idempotency}\" },"
      "    \"body\": { \"prompt\": \"${prompt}\" } },"
      "  \"calls\": [{ \"name\": \"video\" }],"
      "  \"poll\": { \"method\": \"GET\", \"url\": \"/jobs/${id}\" },"
      "  \"cancel\": { \"method\": \"POST\", \"url\": \"/jobs/${id}/stop\" },"
      "  \"reply\": { \"id\": \"$.id\", \"status\": \"$.status\","
      "    \"states\": [ { \"in\": [\"r\"], \"is\": \"running\" },"
      "      { \"in\": [\"d\"], \"is\": \"succeeded\" },"
      "      { \"in\": [\"s\"], \"is\": \"cancelled\" },"
      "      { \"in\": [\"f\"], \"is\": \"failed\" } ],"
      "    \"link\": \"$.url\", \"message\": \"$.m\","
      "    \"progress\": { \"path\": \"$.p\" } },"
      "  \"failure-billing\": \"no\","
      "  \"recovery\": { \"kind\": \"replay\", \"window\": 72000 } }";

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GenvidProvider) provider
      = genvid_provider_new ("probe.json", description, -1, NULL);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_EVENTS);
  World world;

  g_assert_nonnull (provider);
  request->prompt = g_strdup ("x");
  g_assert_true (world_begin (&world, provider, request, NULL));
  for (guint i = 0; lines[i] != NULL && i < MAX_EVENTS; i++) {
    if (strlen (lines[i]) >= 2)
      world_live (&world, (uint8_t)lines[i][0], (uint8_t)lines[i][1],
                  lines[i] + 2);
  }
  world_end (&world);
  return 0;
}
