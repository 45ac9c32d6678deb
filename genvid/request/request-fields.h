/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "request.h"

G_BEGIN_DECLS

/* The request's words as names: what descriptions, templates, conditions and
 * the canonical form call them. NULL-terminated, in the order of messages. */
extern const char *const genvid_words[];

gboolean genvid_request_field_is_known (const char *name);
gboolean genvid_request_field_is_input (const char *name);

/* The words that are set, each with its value; an input is its own text.
 * Owned by the caller. */
JsonObject *genvid_request_to_values (const GenvidRequest *request);

/* The inputs of one word: borrowed, in a new array. */
GPtrArray *genvid_request_get_inputs (const GenvidRequest *request,
                                      const char *word);

/* "-" and "_" are one character in names of options. */
gboolean genvid_request_field_name_equal (const char *a, const char *b);

/* Case does not matter, "*" stands for anything. */
gboolean genvid_request_field_match (const char *pattern, const char *text);

G_END_DECLS
