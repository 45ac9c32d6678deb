/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "request.h"

G_BEGIN_DECLS

/* Whether prompt, negative-prompt, model and style have a word in them, where
 * they are set: a letter or digit of any script, or an emoji. To be asked
 * before something is bought, not of what was bought. */
gboolean genvid_request_check_words (const GenvidRequest *request,
                                     GError **error);

G_END_DECLS
