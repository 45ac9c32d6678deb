/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/io/genvid-clip.h>
#include <genvid/io/genvid-plan.h>

G_BEGIN_DECLS

/* One running job a store and fingerprint in this process: who asks for the
 * same clip shares it. The only mutable global of the library. Thread-safe;
 * an entry is counted. */
typedef struct _GenvidActivity GenvidActivity;

/* Joins what runs, or makes a new, idle one. SHARED (out): it was there. */
GenvidActivity *genvid_registry_join (GenvidPlan *plan, gboolean *shared);
GenvidActivity *genvid_activity_ref (GenvidActivity *activity);
void genvid_activity_unref (GenvidActivity *activity);
GenvidClip *genvid_activity_get_clip (GenvidActivity *activity);

/* For who has what the clip needs and no worker is called for: the caller is
 * now the clip's only writer, and no order starts one. FALSE: a worker was
 * ordered already, and is. */
gboolean genvid_activity_claim (GenvidActivity *activity);
/* Starts the worker for READER, unless one was started, or READER is stopped.
 * A thread that cannot be made fails the clip. */
void genvid_activity_order (GenvidActivity *activity, GenvidPlan *plan,
                            GenvidReader *reader);
/* A user leaves: stops READER. CANCEL: its on-stop, which counts if no reader
 * is left. */
void genvid_activity_leave (GenvidActivity *activity, GenvidReader *reader,
                            gboolean cancel);

/* Waits for the end of every worker: 3 s for one that is paying, 0.5 s for
 * the others. */
void genvid_registry_quit (void);

G_END_DECLS
