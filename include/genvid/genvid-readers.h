/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include <genvid/genvid-messages.h>

G_BEGIN_DECLS

/**
 * SECTION:genvid-readers
 * @title: Readers
 * @short_description: a message's fields as a struct
 *
 * Inline functions, for C: there is nothing to link. Each says whether the
 * message is what it reads, and fills in the struct; strings belong to the
 * message. A field that an older element does not post has the value that
 * means "unknown".
 *
 * |[
 * GenvidGeneration generation;
 *
 * if (genvid_message_read_generation (message, &generation))
 *   g_print ("%s, %.0f s\n", generation.state, generation.elapsed);
 * ]|
 *
 * Since: 0.2
 */

/**
 * GenvidGeneration: (skip)
 *
 * The fields of GENVID_MESSAGE_GENERATION.
 *
 * Since: 0.2
 */
typedef struct {
  const char *state;
  const char *provider;
  const char *model;         /* nullable */
  const char *generation_id; /* nullable */
  int progress;              /* percent; -1: unknown */
  double elapsed;            /* seconds */
  double expected;           /* seconds in all; 0: unknown */
  double cost;               /* -1: unknown */
  const char *currency;      /* nullable */
  const char *billed;
  const char *cancel;   /* nullable */
  const char *location; /* nullable: until the clip is whole */
  const char *origin;
} GenvidGeneration;

/* (skip) Any thread. FALSE: another message. */
static inline gboolean
genvid_message_read_generation (GstMessage *message,
                                GenvidGeneration *generation)
{
  const GstStructure *fields = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT || fields == NULL
      || !gst_structure_has_name (fields, GENVID_MESSAGE_GENERATION))
    return FALSE;
  generation->state = gst_structure_get_string (fields, GENVID_FIELD_STATE);
  generation->provider
      = gst_structure_get_string (fields, GENVID_FIELD_PROVIDER);
  generation->model = gst_structure_get_string (fields, GENVID_FIELD_MODEL);
  generation->generation_id
      = gst_structure_get_string (fields, GENVID_FIELD_GENERATION_ID);
  if (!gst_structure_get_int (fields, GENVID_FIELD_PROGRESS,
                              &generation->progress))
    generation->progress = -1;
  if (!gst_structure_get_double (fields, GENVID_FIELD_ELAPSED,
                                 &generation->elapsed))
    generation->elapsed = 0;
  if (!gst_structure_get_double (fields, GENVID_FIELD_EXPECTED,
                                 &generation->expected))
    generation->expected = 0;
  if (!gst_structure_get_double (fields, GENVID_FIELD_COST, &generation->cost))
    generation->cost = -1;
  generation->currency
      = gst_structure_get_string (fields, GENVID_FIELD_CURRENCY);
  generation->billed = gst_structure_get_string (fields, GENVID_FIELD_BILLED);
  generation->cancel = gst_structure_get_string (fields, GENVID_FIELD_CANCEL);
  generation->location
      = gst_structure_get_string (fields, GENVID_FIELD_LOCATION);
  generation->origin = gst_structure_get_string (fields, GENVID_FIELD_ORIGIN);
  return TRUE;
}

/**
 * GenvidWait: (skip)
 *
 * A progress message of the element.
 *
 * Since: 0.2
 */
typedef struct {
  GstProgressType type;
  char *text;      /* for people; free it with g_free */
  int percent;     /* never goes back */
  double expected; /* seconds in all; 0: unknown */
} GenvidWait;

/* (skip) Any thread. FALSE: another message; free nothing. */
static inline gboolean
genvid_message_read_wait (GstMessage *message, GenvidWait *wait)
{
  const GstStructure *fields = gst_message_get_structure (message);
  char *code = NULL;
  gboolean ours;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_PROGRESS)
    return FALSE;
  wait->text = NULL;
  gst_message_parse_progress (message, &wait->type, &code, &wait->text);
  ours = g_strcmp0 (code, GENVID_PROGRESS_CODE) == 0
         && gst_structure_get_int (fields, GENVID_PROGRESS_PERCENT,
                                   &wait->percent);
  g_free (code);
  if (!ours)
    g_clear_pointer (&wait->text, g_free);
  if (!ours
      || !gst_structure_get_double (fields, GENVID_FIELD_EXPECTED,
                                    &wait->expected))
    wait->expected = 0;
  return ours;
}

/**
 * GenvidErrorDetails: (skip)
 *
 * The fields of GENVID_DETAILS_ERROR.
 *
 * Since: 0.2
 */
typedef struct {
  const char *reason;
  guint http_status;         /* 0: none */
  const char *service_code;  /* nullable */
  const char *generation_id; /* nullable */
  gboolean retryable;
  const char *billed;
} GenvidErrorDetails;

/* (skip) Any thread. FALSE: not an error, or the error of another element. */
static inline gboolean
genvid_message_read_error (GstMessage *message, GenvidErrorDetails *details)
{
  const GstStructure *fields = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return FALSE;
  gst_message_parse_error_details (message, &fields);
  if (fields == NULL || !gst_structure_has_name (fields, GENVID_DETAILS_ERROR))
    return FALSE;
  details->reason = gst_structure_get_string (fields, GENVID_FIELD_REASON);
  if (!gst_structure_get_uint (fields, GENVID_FIELD_HTTP_STATUS,
                               &details->http_status))
    details->http_status = 0;
  details->service_code
      = gst_structure_get_string (fields, GENVID_FIELD_SERVICE_CODE);
  details->generation_id
      = gst_structure_get_string (fields, GENVID_FIELD_GENERATION_ID);
  if (!gst_structure_get_boolean (fields, GENVID_FIELD_RETRYABLE,
                                  &details->retryable))
    details->retryable = FALSE;
  details->billed = gst_structure_get_string (fields, GENVID_FIELD_BILLED);
  return TRUE;
}

G_END_DECLS
