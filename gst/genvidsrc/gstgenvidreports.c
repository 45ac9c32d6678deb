/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The read-only properties: the status of the clip as GValues. */

#include "gstgenvidreports.h"

#include <genvid/genvid-messages.h>

#include "byte-ranges.h"
#include "gstgenvidenums.h"
#include "gstgenvidstructure.h"
#include "text.h"

#define REPORT (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static GParamSpec *specs[GST_GENVID_N_REPORTS];

/* Texts of the service: cleaned again, because every DOT dump has the property.
 */
static GstStructure *
list_details (JsonObject *details)
{
  g_autoptr (JsonObject) clean = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, details);
  while (json_object_iter_next (&iter, &name, &node)) {
    g_autofree char *text = NULL;

    if (json_node_get_value_type (node) != G_TYPE_STRING) {
      json_object_set_member (clean, name, json_node_copy (node));
      continue;
    }
    text = genvid_text_clean (json_node_get_string (node), -1, NULL);
    json_object_set_string_member (clean, name, text != NULL ? text : "");
  }

  return gst_genvid_structure_from_json (clean, GENVID_STATS_DETAILS);
}

static GstStructure *
list_stats (const GenvidClipStatus *status)
{
  GstStructure *stats = gst_structure_new (
      GENVID_STATS, GENVID_STATS_SUBMITS, G_TYPE_UINT, status->submits,
      GENVID_STATS_POLLS, G_TYPE_UINT, status->polls, GENVID_STATS_UPLOADS,
      G_TYPE_UINT, status->uploads, GENVID_STATS_CONNECTIONS, G_TYPE_UINT,
      status->connections, GENVID_STATS_RESUMES, G_TYPE_UINT, status->resumes,
      GENVID_STATS_ELAPSED, G_TYPE_DOUBLE,
      status->whole || status->failure != NULL
          ? 0
          : genvid_clip_status_get_elapsed (status),
      GENVID_STATS_PRESENT, G_TYPE_UINT64, status->present, GENVID_STATS_WHOLE,
      G_TYPE_BOOLEAN, status->whole, GENVID_STATS_INDEX_LAST, G_TYPE_BOOLEAN,
      status->index_last, NULL);
  g_autoptr (GstStructure) details = NULL;

  if (status->size != GENVID_SIZE_UNKNOWN)
    gst_structure_set (stats, GENVID_STATS_SIZE, G_TYPE_UINT64, status->size,
                       NULL);
  if (status->bought > 0)
    gst_structure_set (stats, GENVID_STATS_BOUGHT, G_TYPE_INT64,
                       status->bought / G_USEC_PER_SEC, NULL);
  if (status->uploading >= 0)
    gst_structure_set (stats, GENVID_STATS_UPLOADING, G_TYPE_INT,
                       status->uploading, NULL);
  if (status->note != NULL)
    gst_structure_set (stats, GENVID_STATS_NOTE, G_TYPE_STRING, status->note,
                       NULL);
  if (status->details != NULL) {
    details = list_details (status->details);
    gst_structure_set (stats, GENVID_STATS_DETAILS, GST_TYPE_STRUCTURE, details,
                       NULL);
  }

  return stats;
}

void
gst_genvid_report_get (const GenvidClipStatus *status, GstGenvidReport report,
                       GValue *value)
{
  switch (report) {
  case GST_GENVID_REPORT_STATE:
    g_value_set_enum (value,
                      status != NULL ? (gint)status->state : GENVID_STATE_IDLE);
    break;
  case GST_GENVID_REPORT_ID:
    g_value_set_string (value, status != NULL ? status->id : NULL);
    break;
  case GST_GENVID_REPORT_PROGRESS:
    g_value_set_int (value, status != NULL ? status->progress : -1);
    break;
  case GST_GENVID_REPORT_COST:
    g_value_set_double (value, status != NULL ? status->cost : -1);
    break;
  case GST_GENVID_REPORT_CURRENCY:
    g_value_set_string (value, status != NULL ? status->currency : NULL);
    break;
  case GST_GENVID_REPORT_LOCATION:
    g_value_set_string (value, status != NULL ? status->location : NULL);
    break;
  case GST_GENVID_REPORT_STATS:
    g_value_take_boxed (value, status != NULL ? list_stats (status) : NULL);
    break;
  case GST_GENVID_N_REPORTS:
    break;
  }
}

gboolean
gst_genvid_report_differs (const GenvidClipStatus *old,
                           const GenvidClipStatus *status,
                           GstGenvidReport report)
{
  switch (report) {
  case GST_GENVID_REPORT_STATE:
    return old == NULL || old->state != status->state;
  case GST_GENVID_REPORT_ID:
    return g_strcmp0 (old != NULL ? old->id : NULL, status->id) != 0;
  case GST_GENVID_REPORT_PROGRESS:
    return (old != NULL ? old->progress : -1) != status->progress;
  case GST_GENVID_REPORT_COST:
    return (old != NULL ? old->cost : -1) != status->cost;
  case GST_GENVID_REPORT_CURRENCY:
    return g_strcmp0 (old != NULL ? old->currency : NULL, status->currency)
           != 0;
  case GST_GENVID_REPORT_LOCATION:
    return g_strcmp0 (old != NULL ? old->location : NULL, status->location)
           != 0;
  case GST_GENVID_REPORT_STATS:
  case GST_GENVID_N_REPORTS:
    return FALSE;
  }
  return FALSE;
}

void
gst_genvid_report_create_specs (GParamSpec **properties)
{
  specs[GST_GENVID_REPORT_STATE] = g_param_spec_enum (
      "generation-state", "Generation state", "State of the generation.",
      GST_TYPE_GENVID_STATE, GENVID_STATE_IDLE, REPORT);
  specs[GST_GENVID_REPORT_ID] = g_param_spec_string (
      "generation-id", "Generation id",
      "The service's id of the generation, once it is known.", NULL, REPORT);
  specs[GST_GENVID_REPORT_PROGRESS] = g_param_spec_int (
      "progress", "Progress",
      "Progress of the generation in percent; -1 is unknown.", -1, 100, -1,
      REPORT);
  specs[GST_GENVID_REPORT_COST] = g_param_spec_double (
      "cost", "Cost",
      "Price that the service states, in the unit that cost-currency names; "
      "-1 is unknown.",
      -1, G_MAXDOUBLE, -1, REPORT);
  specs[GST_GENVID_REPORT_CURRENCY] = g_param_spec_string (
      "cost-currency", "Currency of the cost",
      "Unit of cost, such as USD or credits.", NULL, REPORT);
  specs[GST_GENVID_REPORT_LOCATION] = g_param_spec_string (
      "location", "Location", "Path of the finished clip in the store.", NULL,
      REPORT);
  specs[GST_GENVID_REPORT_STATS] = g_param_spec_boxed (
      "stats", "Statistics",
      "Structure genvid-stats with counts, times in seconds and sizes in "
      "bytes.",
      GST_TYPE_STRUCTURE, REPORT);
  memcpy (properties, specs, sizeof specs);
}

void
gst_genvid_report_notify (GObject *object, GstGenvidReport report)
{
  g_object_notify_by_pspec (object, specs[report]);
}
