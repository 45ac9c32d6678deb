/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "plan.h"

G_BEGIN_DECLS

/* The same picture is uploaded once: what a service answered as its id is
 * remembered in the store, per service, root, parameters and content. */

/* Gives CALL the ids that are known and that it has not yet. */
void genvid_upload_cache_recall (const GenvidPlan *plan, GenvidCall *call);
void genvid_upload_cache_recall_one (const GenvidPlan *plan, GenvidCall *call,
                                     guint index);
/* Remembers those that CALL has by now. */
void genvid_upload_cache_remember (const GenvidPlan *plan, GenvidCall *call);
/* The service did not take the request that named them: upload anew. */
void genvid_upload_cache_forget (const GenvidPlan *plan, GenvidCall *call);

G_END_DECLS
