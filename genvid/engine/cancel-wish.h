/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "job.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* The last client's wish to cancel the generation at the service: set in any
 * thread, and handed to the job, once, by the worker's. */
typedef struct {
  gint set;     /* atomic: the job has not got it yet */
  gint owed;    /* atomic: the job has, and the service has not */
  gint refused; /* atomic: the service takes no cancel */
} GenvidCancelWish;

void genvid_cancel_wish_init (GenvidCancelWish *wish, gboolean can_cancel);

/* Any thread. */
void genvid_cancel_wish_set (GenvidCancelWish *wish, gboolean set);
gboolean genvid_cancel_wish_is_set (GenvidCancelWish *wish);
/* The service may still have to be asked. */
gboolean genvid_cancel_wish_is_pending (GenvidCancelWish *wish);

/* The worker's thread, before each step: hands the wish to JOB unless someone
 * uses the clip, and withdraws it from JOB if someone does since. */
void genvid_cancel_wish_take (GenvidCancelWish *wish, GenvidJob *job,
                              GenvidClip *clip, GenvidStoreEntry *entry);

G_END_DECLS
