/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "request.h"

G_BEGIN_DECLS

/* genvid://PROVIDER?name=value&… and, for programs that reject "?",
 * genvid://PROVIDER/name=value&… . The host may be empty. Raw spaces, raw
 * UTF-8 and a stray % are taken literally; +  stays a plus. A URI says what
 * to make, never where keys go, what is trusted or which files are read or
 * written. */
typedef struct {
  char *provider; /* NULL where the host is empty */
  GenvidRequest *request;
  gboolean reuse_only;
  double max_cost; /* -1 = unset */
} GenvidRequestUri;

/* Members: the request's words; references=id:501,id:502 (a comma inside one
 * is %2C); variables.NAME=VALUE; take, reuse=only, max-cost. Every other name
 * is an option of the service (options.NAME, where a word has the name too).
 * In our own names "_" is "-" and case does not matter.
 * The value of an option or a variable is JSON where the text is what JSON
 * would write (101, true, "101" in quotes, [1,2]), else a string.
 *
 * NULL with GENVID_ERROR (settings) that names the member and says where it
 * belongs: api-key*, base-url, auth-*, ca-file, store, allow-private, adopt,
 * if-in-doubt, budget, on-stop, max-size, timeout, poll-interval, provider,
 * options, local image paths, a member given twice, a take above 9. */
GenvidRequestUri *genvid_request_uri_parse (const char *text, GError **error);
void genvid_request_uri_free (GenvidRequestUri *uri);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRequestUri, genvid_request_uri_free)

/* A valid URI in query form that parses to the same values; NULL where the
 * request has something that no URI may say (a local image, a setting, a take
 * above 9, a service's name that is no host, options whose names differ by case
 * or "-" and "_" alone, what genvid_request_check refuses). Members in a fixed
 * order, so equal requests give equal text. Owned by the caller. */
char *genvid_request_uri_to_text (const GenvidRequestUri *uri);

/* Where a member belongs that no URI may have, as "set …"; NULL for a member
 * that it may have. *PATTERN (nullable): which one it is, without a word of
 * the stranger's. */
const char *genvid_request_uri_refusal (const char *name, const char **pattern);
/* Appends, borrowed, every name that could be meant: what a URI may have, and
 * what it may not. */
void genvid_request_uri_list_names (GPtrArray *names);
/* TEXT as an error may show it: clean and short. Owned by the caller. */
char *genvid_request_uri_show (const char *text);

G_END_DECLS
