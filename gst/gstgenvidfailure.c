/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reasons become error domains and codes, and a failure becomes one error
 * message with details that a program can act on. The text comes from where the
 * failure was detected. */

#include "gstgenvidfailure.h"
#include "failure.h"

#include <genvid/genvid-messages.h>

/* Instead of __FILE__, which has the build machine's folders in it. */
#define FILE_NAME "gstgenvidfailure.c"

typedef struct {
  gboolean stream; /* GST_STREAM_ERROR instead of GST_RESOURCE_ERROR */
  int code;
} Meaning;

static const Meaning meanings[] = {
  [GENVID_REASON_NONE] = { FALSE, GST_RESOURCE_ERROR_FAILED },
  [GENVID_REASON_SETTINGS] = { FALSE, GST_RESOURCE_ERROR_SETTINGS },
  [GENVID_REASON_UNAUTHORIZED] = { FALSE, GST_RESOURCE_ERROR_NOT_AUTHORIZED },
  [GENVID_REASON_QUOTA] = { FALSE, GST_RESOURCE_ERROR_NOT_AUTHORIZED },
  [GENVID_REASON_REJECTED] = { FALSE, GST_RESOURCE_ERROR_SETTINGS },
  [GENVID_REASON_REFUSED] = { FALSE, GST_RESOURCE_ERROR_FAILED },
  [GENVID_REASON_FAILED] = { FALSE, GST_RESOURCE_ERROR_FAILED },
  [GENVID_REASON_NOT_FOUND] = { FALSE, GST_RESOURCE_ERROR_NOT_FOUND },
  [GENVID_REASON_BUSY] = { FALSE, GST_RESOURCE_ERROR_BUSY },
  [GENVID_REASON_UNREACHABLE] = { FALSE, GST_RESOURCE_ERROR_OPEN_READ },
  [GENVID_REASON_TIMED_OUT] = { FALSE, GST_RESOURCE_ERROR_READ },
  [GENVID_REASON_BAD_ANSWER] = { FALSE, GST_RESOURCE_ERROR_READ },
  [GENVID_REASON_IN_DOUBT] = { FALSE, GST_RESOURCE_ERROR_FAILED },
  [GENVID_REASON_OVER_BUDGET] = { FALSE, GST_RESOURCE_ERROR_SETTINGS },
  [GENVID_REASON_NOT_STORED] = { FALSE, GST_RESOURCE_ERROR_NOT_FOUND },
  [GENVID_REASON_TOO_LARGE] = { FALSE, GST_RESOURCE_ERROR_READ },
  [GENVID_REASON_UNSAFE_URL] = { FALSE, GST_RESOURCE_ERROR_OPEN_READ },
  [GENVID_REASON_NOT_MEDIA] = { TRUE, GST_STREAM_ERROR_WRONG_TYPE },
  [GENVID_REASON_NO_SPACE] = { FALSE, GST_RESOURCE_ERROR_NO_SPACE_LEFT },
};

/* The error domain and code of a reason. */
static GQuark
get_error (GenvidReason reason, int *code)
{
  Meaning meaning = meanings[GENVID_REASON_NONE];

  if ((guint)reason < G_N_ELEMENTS (meanings))
    meaning = meanings[reason];
  *code = meaning.code;

  return meaning.stream ? GST_STREAM_ERROR : GST_RESOURCE_ERROR;
}

static GstStructure *
describe (const GenvidFailure *failure)
{
  return gst_structure_new (
      GENVID_DETAILS_ERROR, GENVID_FIELD_REASON, G_TYPE_STRING,
      genvid_reason_to_string (failure->reason), GENVID_FIELD_HTTP_STATUS,
      G_TYPE_UINT, failure->http_status, GENVID_FIELD_SERVICE_CODE,
      G_TYPE_STRING, failure->service_code, GENVID_FIELD_GENERATION_ID,
      G_TYPE_STRING, failure->generation_id, GENVID_FIELD_RETRYABLE,
      G_TYPE_BOOLEAN, failure->retryable, GENVID_FIELD_BILLED, G_TYPE_STRING,
      genvid_billed_to_string (failure->billed), NULL);
}

/* For a reader who sees only this part: first what to do, then the facts. */
static char *
explain (const GenvidFailure *failure)
{
  GString *text = g_string_new (failure->advice);

  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append_printf (text, "reason %s, billed: %s%s",
                          genvid_reason_to_string (failure->reason),
                          genvid_billed_to_string (failure->billed),
                          failure->retryable ? ", can be retried" : "");
  if (failure->http_status != 0)
    g_string_append_printf (text, ", HTTP status %u", failure->http_status);
  if (failure->service_code != NULL)
    g_string_append_printf (text, ", service code %s", failure->service_code);
  if (failure->generation_id != NULL)
    g_string_append_printf (text, ", generation %s", failure->generation_id);

  return g_string_free (text, FALSE);
}

void
gst_genvid_failure_post (const GenvidFailure *failure, GstElement *element)
{
  int code;
  GQuark domain = get_error (failure->reason, &code);

  gst_element_message_full_with_details (
      element, GST_MESSAGE_ERROR, domain, code, g_strdup (failure->message),
      explain (failure), FILE_NAME, GST_FUNCTION, __LINE__, describe (failure));
}

void
gst_genvid_warning_post (const char *sentence, GstElement *element)
{
  const GenvidFailure nothing = { .reason = GENVID_REASON_NONE };

  gst_element_message_full_with_details (
      element, GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, g_strdup (sentence), NULL, FILE_NAME,
      GST_FUNCTION, __LINE__, describe (&nothing));
}
