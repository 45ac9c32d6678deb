/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text from a service for a human: valid UTF-8, control characters gone, cut
 * at 400 characters, every occurrence of a secret replaced by "***", queries
 * of URLs cut. SECRET is nullable. NULL for NULL or nothing left. Owned by
 * the caller. */
char *genvid_text_clean (const char *text, gssize length, const char *secret);

/* A line of a key file or a variable: surrounding blanks removed. NULL with
 * GENVID_ERROR (settings) if it is empty or has characters that cannot travel
 * in a header; the error never shows it. Owned by the caller. */
char *genvid_text_key (const char *text, const char *where, GError **error);

/* Overwrites and frees. */
void genvid_text_free_secret (char *text);

/* "a, b or c". Owned by the caller. */
char *genvid_text_list (const char *const *items);

G_END_DECLS
