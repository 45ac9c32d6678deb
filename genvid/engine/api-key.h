/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "provider.h"
#include "settings.h"

G_BEGIN_DECLS

/* Sets KEY (free it with genvid_text_free_secret), or where no key is set and
 * the service needs one, MISSING: the sentence to show when one is needed. That
 * is no error yet, since a finished clip plays without a key. */
gboolean genvid_api_key_find (const GenvidSettings *settings,
                              const GenvidProvider *provider, char **key,
                              char **missing, GError **error);

G_END_DECLS
