/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "plan.h"
#include "record.h"

G_BEGIN_DECLS

/* The record to store for this plan: a copy of RECORD, or a new one if it is
 * NULL, with the request and the base-url added if it has none. It has no
 * parameter that says where a key goes, and no query of a link. Owned by the
 * caller. */
GenvidRecord *genvid_plan_make_record (const GenvidPlan *plan,
                                       const GenvidCall *call,
                                       const GenvidRecord *record);

G_END_DECLS
