/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "call.h"
#include "exchange.h"
#include "provider.h"
#include "reply.h"
#include "request.h"

#include <json-glib/json-glib.h>

/* A request for one of the shipped services, made and asked in one line. */

/* The shipped description; owned by the caller. */
GenvidProvider *fixture_provider (const char *name);
/* The names of all that are shipped; owned by the caller. */
char **fixture_services (void);
/* tests/data/documents/NAME.json; owned by the caller. */
JsonObject *fixture_document (const char *name);
/* tests/data/descriptions/good.json; owned by the caller. */
JsonObject *fixture_toy (void);
JsonNode *fixture_parse (const char *json);

/* "prompt=x&duration=5&sheet-id=101", the members of a genvid: URI. */
GenvidRequest *fixture_request (const char *members);

/* The call, or the refusal of it. Bound to the service's root (CN8's is
 * https://gateway.example), the key "k-secret" and the value "idem". */
GenvidCall *fixture_call (const char *provider, const char *members);
GenvidCall *fixture_call_request (const char *provider,
                                  const GenvidRequest *request);
void fixture_refused (const char *provider, const char *members,
                      const char *message);
/* The only warning, or none. */
void fixture_warned (const char *provider, const char *members,
                     const char *message);

/* What the name of its purchase is made from, as text; owned by the caller. */
char *fixture_form (GenvidCall *call);
/* The submit's body, compact. */
char *fixture_body (GenvidCall *call);
/* The header's value; NULL if there is none. */
const char *fixture_header (const GenvidExchange *exchange, const char *name);
GenvidReply *fixture_read (GenvidCall *call, GenvidExchangeKind kind,
                           guint status, const char *body);

/* What gen.pro always needs. */
#define FIXTURE_PLACE "sheet-id=101&cell-id=3100&agent-id=42&"
