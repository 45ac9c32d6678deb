/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-template.h>

G_BEGIN_DECLS

typedef struct {
  char *name;
  char **filters;
} GenvidPlaceholder;

/* TEXT points at "${" and is moved behind "}". */
gboolean genvid_placeholder_read (const char **text,
                                  GenvidPlaceholder *placeholder,
                                  GError **error);
void genvid_placeholder_clear (GenvidPlaceholder *placeholder);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GenvidPlaceholder, genvid_placeholder_clear)

/* Adds the names of all variables in a (checked) skeleton to NAMES, a set of
 * owned strings. */
void genvid_template_collect (JsonNode *skeleton, GHashTable *names);

G_END_DECLS
