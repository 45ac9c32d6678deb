/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip-reader.h"
#include "clip.h"
#include "plan.h"

G_BEGIN_DECLS

/* One running job a store and fingerprint in this process: who asks for the
 * same clip shares it. The only mutable global of the library. Thread-safe;
 * an entry is counted. */
typedef struct _GenvidGeneration GenvidGeneration;

/* Joins what runs, or makes a new, idle one. SHARED (out): it was there. */
GenvidGeneration *genvid_generations_join (GenvidPlan *plan, gboolean *shared);
GenvidGeneration *genvid_generation_ref (GenvidGeneration *generation);
void genvid_generation_unref (GenvidGeneration *generation);
GenvidClip *genvid_generation_get_clip (GenvidGeneration *generation);

/* For who has what the clip needs and no worker is called for: the caller is
 * now the clip's only writer, and no order starts one. FALSE: a worker was
 * ordered already, and is. */
gboolean genvid_generation_claim (GenvidGeneration *generation);
/* Starts the worker for READER, unless one was started, or READER is stopped.
 * A thread that cannot be made fails the clip. */
void genvid_generation_start (GenvidGeneration *generation, GenvidPlan *plan,
                              GenvidClipReader *reader);
/* A user leaves: stops READER. CANCEL: its on-stop, which counts if no reader
 * is left. */
void genvid_generation_leave (GenvidGeneration *generation,
                              GenvidClipReader *reader, gboolean cancel);

/* Waits for the end of every worker: 3 s for one that is paying, 0.5 s for
 * the others. */
void genvid_generations_quit (void);

G_END_DECLS
