/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of a shipped description without reading it; written by
 * tools/index-providers when genvidsrc is built. Sorted by name. */
typedef struct {
  const char *name;
  const char *const *variables; /* of the key; NULL-terminated */
  const char *const *origins;   /* where the key belongs; NULL-terminated; none:
                                 * only the user knows the host */
} GenvidProviderIndexRow;

/* Ends with a row without a name. */
extern const GenvidProviderIndexRow genvid_provider_index[];

G_END_DECLS
