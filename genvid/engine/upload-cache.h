/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "plan.h"

G_BEGIN_DECLS

/* The same picture is uploaded once: the store remembers the id that a service
 * gave it, per URL of the upload and content. */

/* Gives CALL the remembered ids that it lacks. */
void genvid_upload_cache_recall (const GenvidPlan *plan, GenvidCall *call);
void genvid_upload_cache_recall_one (const GenvidPlan *plan, GenvidCall *call,
                                     guint index);
/* Remembers the ids that CALL has. */
void genvid_upload_cache_remember (const GenvidPlan *plan, GenvidCall *call);
/* The service rejected a request with these ids: upload again next time. */
void genvid_upload_cache_forget (const GenvidPlan *plan, GenvidCall *call);

G_END_DECLS
