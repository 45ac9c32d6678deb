/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip-reader.h"
#include "clip.h"
#include "plan.h"

G_BEGIN_DECLS

/* What all clients of this process share that want the same clip, under the
 * same limits, from the same store: the clip, and the worker that fills it.
 * Counted; thread-safe. */
typedef struct _GenvidGeneration GenvidGeneration;

/* Joins the one that exists, or makes a new one, without a worker. SHARED
 * (out): it existed. */
GenvidGeneration *genvid_generation_join (GenvidPlan *plan, gboolean *shared);
void genvid_generation_unref (GenvidGeneration *generation);
GenvidClip *genvid_generation_get_clip (GenvidGeneration *generation);

/* For a caller that has the whole clip: TRUE if it is now the clip's only
 * writer, and no worker will be started. FALSE: the clip has a writer. */
gboolean genvid_generation_become_writer (GenvidGeneration *generation);
/* Starts the worker, unless the clip has a writer or READER is stopped. If no
 * thread can be started, the clip fails. */
void genvid_generation_start (GenvidGeneration *generation, GenvidPlan *plan,
                              GenvidClipReader *reader);
/* Each client, from its start to its end: other processes see that someone uses
 * the clip. May wait for a small file at the beginning. */
void genvid_generation_begin_use (GenvidGeneration *generation);
void genvid_generation_end_use (GenvidGeneration *generation);
/* A client leaves: stops READER. CANCEL: its on-stop, which counts if no
 * reader is left. */
void genvid_generation_leave (GenvidGeneration *generation,
                              GenvidClipReader *reader, gboolean cancel);

/* Waits until every worker has ended: 3 s for one that is paying, 0.5 s for
 * the others. None starts any more. */
void genvid_generation_quit_all (void);

G_END_DECLS
