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

/* What stands before the names of variables, and before those of options that
 * a property has as well. */
#define VARIABLES "variables."
#define OPTIONS   "options."

G_END_DECLS
