/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "request-uri.h"

G_BEGIN_DECLS

/* A valid URI in query form that parses to the same values; NULL where the
 * request has something that no URI may say (a local image, a setting, a take
 * above 9). Owned by the
 * caller. Members in a fixed order, so equal requests give equal text. */
char *genvid_request_uri_to_text (const GenvidRequestUri *uri);

G_END_DECLS
