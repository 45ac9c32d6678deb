/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "plan.h"
#include "record.h"

G_BEGIN_DECLS

/* What the store is to keep of this plan: a copy of RECORD, or a new one where
 * it is NULL, with what was asked for and where if that is not in it yet. No
 * parameter that says where a key goes, no query of a link. Owned by the
 * caller. */
GenvidRecord *genvid_plan_make_record (const GenvidPlan *plan,
                                       const GenvidCall *call,
                                       const GenvidRecord *record);

G_END_DECLS
