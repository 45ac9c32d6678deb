/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "clip-status.h"

G_BEGIN_DECLS

/* The read-only properties, rendered from the status of the clip. */
typedef enum {
  GST_GENVID_REPORT_STATE,
  GST_GENVID_REPORT_ID,
  GST_GENVID_REPORT_PROGRESS,
  GST_GENVID_REPORT_COST,
  GST_GENVID_REPORT_CURRENCY,
  GST_GENVID_REPORT_LOCATION,
  GST_GENVID_REPORT_STATS,
  GST_GENVID_N_REPORTS,
} GstGenvidReport;

/* STATUS nullable: nothing was started yet. */
void gst_genvid_report_get (const GenvidClipStatus *status,
                            GstGenvidReport report, GValue *value);

/* Whether REPORT differs between OLD (nullable) and STATUS; never for the
 * statistics, which are not notified. */
gboolean gst_genvid_report_differs (const GenvidClipStatus *old,
                                    const GenvidClipStatus *status,
                                    GstGenvidReport report);

/* Puts the properties' descriptions into PROPERTIES, GST_GENVID_N_REPORTS of
 * them, in their order; the class takes them. Once, when the class is made. */
void gst_genvid_report_create_specs (GParamSpec **properties);
/* Emits notify of REPORT; no lock may be held. */
void gst_genvid_report_notify (GObject *object, GstGenvidReport report);

G_END_DECLS
