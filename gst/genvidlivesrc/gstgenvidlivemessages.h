/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidliveitem.h"

G_BEGIN_DECLS

/* The element messages genvid-live, and the warning about an item that failed.
 * No lock may be held: posting calls out. */

/* STATE is one of GENVID_LIVE_NAME_…; TIME a running time of the pipeline. */
void gst_genvid_live_message_post (GstElement *element,
                                   const GstGenvidLiveItem *item,
                                   const char *state, GstClockTime time);
/* The message "failed", and the warning before it. */
void gst_genvid_live_message_post_failure (GstElement *element,
                                           const GstGenvidLiveItem *item,
                                           GstClockTime time);
/* For an entry that is no item yet. */
void gst_genvid_live_message_post_queued (GstElement *element,
                                          GstGenvidLiveEntry *entry,
                                          GstClockTime time);

G_END_DECLS
