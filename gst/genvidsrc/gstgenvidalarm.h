/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A call at a moment. One thread for the process makes the calls of all alarms,
 * one after the other. It begins with the first that is set and ends with the
 * last alarm. */
typedef struct {
  void (*call) (gpointer owner); /* no lock held */
  GDestroyNotify unref;          /* of the owner */
  gpointer owner;                /* a g_atomic_rc_box, held during a call */
  gint64 due;           /* monotonic, the alarms' own; G_MAXINT64: not set */
  GSequenceIter *place; /* the alarms' own; NULL: not added */
} GstGenvidAlarm;

/* From here to remove, ALARM is borrowed. Without memory for the thread there
 * are no calls. */
void gst_genvid_alarm_add (GstGenvidAlarm *alarm);
/* No call begins after it; one may still run. May be repeated. */
void gst_genvid_alarm_remove (GstGenvidAlarm *alarm);

/* Any thread, at any time: a call at MOMENT, or up to 50 ms after one that is
 * still to come, if none is set for an earlier one. Takes no lock but the
 * alarms' own, under which nothing else is taken. */
void gst_genvid_alarm_set (GstGenvidAlarm *alarm, gint64 moment);

/* Is this the thread of the calls? */
gboolean gst_genvid_alarm_is_calling (void);

G_END_DECLS
