/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* JSON from untrusted sources. A strict RFC 8259 reader of our own builds the
 * tree: json-glib's parser crashes on deep nesting, turns long integers into -1
 * and fails a whole answer for half an emoji. */

#define GENVID_JSON_MAX_BYTES (1024 * 1024)
#define GENVID_JSON_MAX_DEPTH 64

/* Owned by the caller. NULL with GENVID_ERROR (bad-answer), which names the
 * byte offset: empty, not UTF-8, too large, too deep, not JSON, trailing
 * text. A lone surrogate and \u0000 become U+FFFD; a number that does not
 * fit becomes the string of its digits, so that no id is damaged. Of members
 * with the same name the last one counts. */
JsonNode *genvid_json_reader_parse (const char *data, gsize length,
                                    GError **error);

/* The same for what a person wrote: GENVID_ERROR (settings) names the line, and
 * the byte in it, both from 1; a name that is twice in one object is refused,
 * since nobody could tell which was meant. */
JsonNode *genvid_json_reader_parse_written (const char *data, gsize length,
                                            GError **error);

/* The same for what a service said: bytes that are not UTF-8, half a letter of
 * an echoed prompt, become U+FFFD. Never for a file of ours, where they are
 * damage. */
JsonNode *genvid_json_reader_parse_answer (const char *data, gsize length,
                                           GError **error);

/* ROOT as a text that genvid_json_reader_parse accepts: a file of ours must
 * be readable again. The members that OPTIONAL names (NULL-terminated) are
 * dropped from ROOT, in that order, until it is within the bounds. Owned by
 * the caller. */
char *genvid_json_reader_write (JsonObject *root, const char *const *optional);

G_END_DECLS
