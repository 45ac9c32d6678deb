/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "plan.h"

G_BEGIN_DECLS

/* The key, or the sentence that is to be said where one is needed: no key is
 * no error yet, since a finished clip plays without one. */
gboolean genvid_plan_resolve_key (GenvidPlan *plan, GError **error);

G_END_DECLS
