/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "exchange.h"
#include "reply.h"

G_BEGIN_DECLS

/* The response in our words. An upload's id is also in its captures, as "id"
 * with the JSON type that the service gave it. A lookup's reply has an id
 * if the row was found. NULL with GENVID_ERROR (bad-answer) for a 2xx
 * that is no JSON, too large or broken (but for a submit whose headers name
 * the id), and with GENVID_ERROR (unreachable) for what is no reply; an HTTP
 * error always gives a reply (its body may be anything). Captures are copied
 * into the call. An id or a capture that has the key in it is dropped, since
 * both go into URLs and files; for an id the reply's message says so. */
GenvidReply *genvid_call_read (GenvidCall *call, GenvidExchangeKind kind,
                               const GenvidAnswer *answer, GError **error);

G_END_DECLS
