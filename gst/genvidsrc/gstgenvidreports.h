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

G_END_DECLS
