/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages about items. */

#include "gstgenvidlivemessages.h"

#include <genvid/genvid-live-messages.h>

/* Instead of __FILE__, which has the build machine's folders in it. */
#define FILE_NAME "gstgenvidlivemessages.c"

#define MAX_PROMPT 80 /* characters */

static GstStructure *
list (const GstGenvidLiveItem *item, const char *state, GstClockTime time)
{
  return gst_structure_new (
      GENVID_MESSAGE_LIVE, GENVID_FIELD_STATE, G_TYPE_STRING, state,
      GENVID_LIVE_FIELD_ID, G_TYPE_UINT, item->id, GENVID_LIVE_FIELD_PROMPT,
      G_TYPE_STRING,
      gst_genvid_live_item_get_prompt ((GstGenvidLiveItem *)item),
      GENVID_LIVE_FIELD_RUNNING_TIME, G_TYPE_UINT64, time,
      GENVID_LIVE_FIELD_DURATION, G_TYPE_UINT64, item->duration,
      GENVID_FIELD_COST, G_TYPE_DOUBLE, item->cost, GENVID_FIELD_CURRENCY,
      G_TYPE_STRING, item->currency, GENVID_FIELD_ORIGIN, G_TYPE_STRING,
      item->origin, NULL);
}

static void
post (GstElement *element, GstStructure *fields)
{
  gst_element_post_message (
      element, gst_message_new_element (GST_OBJECT (element), fields));
}

void
gst_genvid_live_message_post (GstElement *element,
                              const GstGenvidLiveItem *item, const char *state,
                              GstClockTime time)
{
  post (element, list (item, state, time));
}

void
gst_genvid_live_message_post_queued (GstElement *element,
                                     GstGenvidLiveEntry *entry,
                                     GstClockTime time)
{
  GstGenvidLiveItem item = {
    .id = entry->id, .entry = entry, .cost = -1, .duration = GST_CLOCK_TIME_NONE
  };

  post (element, list (&item, GENVID_LIVE_NAME_QUEUED, time));
}

/* The details of genvidsrc's error, else what they would be. */
static GstStructure *
get_details (const GstGenvidLiveItem *item)
{
  const char *reason = GENVID_REASON_NAME_NOT_MEDIA;
  const char *billed = GENVID_BILLED_NAME_UNKNOWN;

  if (item->details != NULL
      && gst_structure_has_name (item->details, GENVID_DETAILS_ERROR))
    return gst_structure_copy (item->details);
  if (item->late)
    reason = GENVID_REASON_NAME_LATE;
  else if (g_error_matches (item->error, GST_RESOURCE_ERROR,
                            GST_RESOURCE_ERROR_SETTINGS)
           || item->error->domain == GST_URI_ERROR) {
    reason = GENVID_REASON_NAME_SETTINGS;
    billed = GENVID_BILLED_NAME_NO;
  }
  return gst_structure_new (
      GENVID_DETAILS_ERROR, GENVID_FIELD_REASON, G_TYPE_STRING, reason,
      GENVID_FIELD_HTTP_STATUS, G_TYPE_UINT, 0, GENVID_FIELD_SERVICE_CODE,
      G_TYPE_STRING, NULL, GENVID_FIELD_GENERATION_ID, G_TYPE_STRING, NULL,
      GENVID_FIELD_RETRYABLE, G_TYPE_BOOLEAN, item->late, GENVID_FIELD_BILLED,
      G_TYPE_STRING, billed, NULL);
}

static gboolean
copy_field (GQuark name, const GValue *value, gpointer data)
{
  gst_structure_id_set_value (data, name, value);
  return TRUE;
}

static char *
shorten (const char *prompt)
{
  g_autofree char *valid = g_utf8_make_valid (prompt, -1);

  if (g_utf8_strlen (valid, -1) <= MAX_PROMPT)
    return g_steal_pointer (&valid);
  return g_utf8_substring (valid, 0, MAX_PROMPT);
}

void
gst_genvid_live_message_post_failure (GstElement *element,
                                      const GstGenvidLiveItem *item,
                                      GstClockTime time)
{
  GstStructure *details = get_details (item);
  GstStructure *fields = list (item, GENVID_LIVE_NAME_FAILED, time);
  g_autofree char *prompt
      = shorten (gst_genvid_live_item_get_prompt ((GstGenvidLiveItem *)item));

  gst_structure_foreach (details, copy_field, fields);
  gst_element_message_full_with_details (
      element, GST_MESSAGE_WARNING, item->error->domain, item->error->code,
      g_strdup_printf ("Item %u (\"%s\") was not shown to its end: %s",
                       item->id, prompt, item->error->message),
      NULL, FILE_NAME, GST_FUNCTION, __LINE__, details);
  post (element, fields);
}
