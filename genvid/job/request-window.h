/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The requests of the last minute, to a quarter of a second: what a service
 * counts that allows so many a minute. A value; the caller guards it. Times
 * are microseconds of one clock, from 0. */

#define GENVID_REQUEST_WINDOW_SPAN  (60 * (gint64)G_USEC_PER_SEC)
#define GENVID_REQUEST_WINDOW_GRAIN ((gint64)G_USEC_PER_SEC / 4)
#define GENVID_REQUEST_WINDOW_SLOTS 256 /* more than a minute of them */

typedef struct {
  gint64 slot; /* the time in grains */
  guint n;
} GenvidWindowMark;

typedef struct {
  GenvidWindowMark marks[GENVID_REQUEST_WINDOW_SLOTS]; /* all 0: no request */
} GenvidRequestWindow;

gint64 genvid_request_window_get_slot (gint64 time);
/* N more requests at TIME. */
void genvid_request_window_add (GenvidRequestWindow *window, gint64 time,
                                guint n);
/* One request at TIME was none. */
void genvid_request_window_remove (GenvidRequestWindow *window, gint64 time);
/* All of OTHER, too. */
void genvid_request_window_add_all (GenvidRequestWindow *window,
                                    const GenvidRequestWindow *other);
/* How many count at NOW. */
guint genvid_request_window_count (const GenvidRequestWindow *window,
                                   gint64 now);
/* The first time, NOW or later, at which N more stay within LIMIT, if nobody
 * else asks. N beyond LIMIT: a minute from now at least. */
gint64 genvid_request_window_find_room (const GenvidRequestWindow *window,
                                        guint limit, guint n, gint64 now);

G_END_DECLS
