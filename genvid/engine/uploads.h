/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "http-client.h"
#include "job.h"
#include "plan.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* The inputs that a service wants uploaded before the submit, or with it. The
 * job says which is next and what its answer means. The worker's thread only.
 */
typedef struct _GenvidUploads GenvidUploads;

/* All arguments are borrowed and must outlive it. */
GenvidUploads *genvid_uploads_new (GenvidPlan *plan, GenvidCall *call,
                                   GenvidJob *job, GenvidStoreEntry *entry,
                                   GenvidClip *clip);
void genvid_uploads_free (GenvidUploads *uploads); /* NULL is fine */

/* Before each step: the next upload, or an input of the submit that is next, is
 * behind a link and is not fetched yet. One after the other.
 * A fetched file that is no longer needed is removed. */
gboolean genvid_uploads_lack_file (GenvidUploads *uploads);
/* Fetches it, or fails; owned by the caller. */
GenvidFailure *genvid_uploads_fetch_file (GenvidUploads *uploads,
                                          GenvidHttpClient *http);

/* A GenvidHttpProgress; DATA is a GenvidUploads. */
void genvid_uploads_show_progress (guint64 sent, guint64 total, gpointer data);
/* The upload was answered. */
void genvid_uploads_end (GenvidUploads *uploads);

/* The same picture is uploaded once: the store remembers the id that a service
 * gave it, per URL of the upload and content. Gives CALL the remembered ids
 * that it lacks. */
void genvid_uploads_recall (const GenvidPlan *plan, GenvidCall *call);
/* What CALL has got since. */
void genvid_uploads_remember (const GenvidPlan *plan, GenvidCall *call);
/* The service rejected a request with these ids: upload again next time. */
void genvid_uploads_forget (const GenvidPlan *plan, GenvidCall *call);

G_END_DECLS
