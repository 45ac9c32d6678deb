/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "provider.h"

G_BEGIN_DECLS

/* Which services are known: the built-in descriptions, then the folders of
 * $GENVID_PROVIDER_PATH (colon-separated), then "providers" in the user's
 * data folder genvid. A folder of the variable may shadow a built-in by name;
 * the data folder may not. Descriptions of both may read only variables named
 * *_API_KEY or *_API_TOKEN, and none that a built-in of another origin uses.
 * Reads small files. Any thread; nothing is cached. */

/* GENVID_ERROR (settings): an unknown name lists the known ones; a broken
 * description is named with file and place. */
GenvidProvider *genvid_provider_catalog_find (const char *name, GError **error);

/* Names, sorted; NULL-terminated; owned by the caller. */
char **genvid_provider_catalog_list (void);

/* May PROVIDER, read from FILE, come from outside the plugin? GENVID_ERROR
 * (settings) says which variable it must not read. */
gboolean genvid_provider_catalog_check (const GenvidProvider *provider,
                                        const char *file, GError **error);

/* The one service whose key is in the environment. NULL with GENVID_ERROR
 * (settings) if there is none, or more than one. */
GenvidProvider *genvid_provider_catalog_find_by_key (GError **error);

/* The first of the description's key variables that is set, and its value
 * (borrowed from the environment); NULL if none is. */
const char *genvid_provider_catalog_find_key (const GenvidProvider *provider,
                                              const char **variable);

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

/* NULL: no description of that name ships. */
const GenvidProviderIndexRow *genvid_provider_index_find (const char *name);

G_END_DECLS
