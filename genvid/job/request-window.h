/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The requests of the last minute, to a quarter of a second, as
 * a service counts them that limits requests a minute. A value; the caller
 * locks it. Times are microseconds of one clock, from 0. */

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
/* Takes back one request at TIME. */
void genvid_request_window_remove (GenvidRequestWindow *window, gint64 time);
/* Adds all of OTHER. */
void genvid_request_window_add_all (GenvidRequestWindow *window,
                                    const GenvidRequestWindow *other);
/* How many requests count at NOW. */
guint genvid_request_window_count (const GenvidRequestWindow *window,
                                   gint64 now);
/* The first time, NOW or later, at which N more stay within LIMIT, if there
 * are no others. N beyond LIMIT: a minute from now at least. */
gint64 genvid_request_window_find_room (const GenvidRequestWindow *window,
                                        guint limit, guint n, gint64 now);

G_END_DECLS
