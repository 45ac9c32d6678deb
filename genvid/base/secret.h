/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TEXT with *** for SECRET (nullable: nothing is hidden), as it is and as
 * services, proxies and libraries repeat it: in another case, percent-encoded
 * once or more often, with backslashes as in JSON, as HTML entities, in hex,
 * in base64 of either alphabet at any place of what was encoded. Half of it,
 * as a cut leaves it, is hidden as well, from eight characters on. Owned by
 * the caller. */
char *genvid_secret_hide (const char *text, const char *secret);

/* TEXT has the whole of SECRET in it, in one of these spellings. A secret of
 * less than eight characters would be found by chance: TEXT must equal it.
 * Both nullable. */
gboolean genvid_secret_is_in (const char *text, const char *secret);

G_END_DECLS
