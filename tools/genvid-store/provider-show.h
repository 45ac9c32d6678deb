/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "provider.h"

/* What one service takes and costs, for a reader, on stdout: its calls with
 * the values of each word, the models, the prices with their source. KEY:
 * "set: NAME_API_KEY". */
void provider_show (const GenvidProvider *provider, const char *key);

/* "model=a,b duration=8": what a rule's "when" and "unless" ask for, "" where
 * it has neither. Owned by the caller. */
char *provider_show_condition (JsonObject *rule);
