/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The names of a request's fields, as descriptions, templates, conditions and
 * the canonical form write them. NULL-terminated, in the order of messages. */
extern const char *const genvid_request_fields[];

gboolean genvid_request_field_is_known (const char *name);
gboolean genvid_request_field_is_input (const char *name);
/* A description of before may have a parameter of this name. */
gboolean genvid_request_field_is_later (const char *name);

/* "-" and "_" are one character in names of options. */
gboolean genvid_request_field_name_equal (const char *a, const char *b);

/* Case does not matter, "*" stands for anything. */
gboolean genvid_request_field_match (const char *pattern, const char *text);

G_END_DECLS
