/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * SECTION:genvid-messages
 * @title: Messages
 * @short_description: names in the messages and properties of genvidsrc
 *
 * What genvidsrc posts on the bus, for applications: names only. A program may
 * include this file or write the names itself; there is nothing to link.
 *
 * |[
 * const GstStructure *s = gst_message_get_structure (message);
 *
 * if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
 *     && gst_structure_has_name (s, GENVID_MESSAGE_GENERATION))
 *   state = gst_structure_get_string (s, GENVID_FIELD_STATE);
 * ]|
 *
 * Messages come from the streaming thread, from a thread that all elements of
 * the process share, or, the last one, from the thread that stops the element;
 * never from two at a time. "done" is posted before the end of the stream, and
 * also while the pipeline is paused or blocked.
 *
 * Since: 0.1
 */

/**
 * GENVID_PROTOCOL:
 *
 * The URI protocol of the element.
 *
 * Since: 0.1
 */
#define GENVID_PROTOCOL "genvid"

/**
 * GENVID_ELEMENT:
 *
 * The factory name of the element.
 *
 * Since: 0.1
 */
#define GENVID_ELEMENT "genvidsrc"

/* --- Progress messages --- */

/**
 * GENVID_PROGRESS_CODE:
 *
 * The code of the progress messages; one task for each play. START is posted
 * when an input is sent to the service, a clip is bought, or the element waits
 * for another user's purchase; CONTINUE on each change and at least every
 * second. The last one is
 * COMPLETE (the first bytes of the clip are there; the download may continue),
 * CANCELED (stopped) or ERROR (after the error message). A stored clip posts
 * none. The text includes the percentage.
 *
 * Since: 0.1
 */
#define GENVID_PROGRESS_CODE "generate"

/**
 * GENVID_PROGRESS_PERCENT:
 *
 * A field of the progress messages (int): 0 to 100. The service's figure, or an
 * estimate from the time that has passed. It never goes back, and is 100 only
 * in COMPLETE.
 *
 * Since: 0.1
 */
#define GENVID_PROGRESS_PERCENT "percent"

/* --- The element message and its fields --- */

/**
 * GENVID_MESSAGE_GENERATION:
 *
 * The name of the element message. It is posted whenever one of its fields
 * other than elapsed changes.
 *
 * Since: 0.1
 */
#define GENVID_MESSAGE_GENERATION "genvid-generation"

/**
 * GENVID_FIELD_STATE:
 *
 * A string: one of GENVID_STATE_NAME_…, which are also the nicks of the
 * property generation-state.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_STATE "state"

/**
 * GENVID_FIELD_PROVIDER:
 *
 * A string: the service, such as "genpro".
 *
 * Since: 0.1
 */
#define GENVID_FIELD_PROVIDER "provider"

/**
 * GENVID_FIELD_MODEL:
 *
 * A string or %NULL: the model, by the service's name for it.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_MODEL "model"

/**
 * GENVID_FIELD_GENERATION_ID:
 *
 * A string or %NULL: the service's id of the generation, which the property
 * adopt takes. Also a field of GENVID_DETAILS_ERROR.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_GENERATION_ID "generation-id"

/**
 * GENVID_FIELD_PROGRESS:
 *
 * An int: the progress of the generation in percent; -1 is unknown.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_PROGRESS "progress"

/**
 * GENVID_FIELD_ELAPSED:
 *
 * A double: seconds since the submit, or since this process resumed the job; 0
 * before.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_ELAPSED "elapsed"

/**
 * GENVID_FIELD_CANCEL:
 *
 * A string: what became of on-stop=cancel. "none", "asked" (the answer is still
 * to come), "cancelled" (the field billed says whether it cost anything),
 * "refused", "not-offered" (the service has no cancel), "too-late" (the clip
 * was ready) or "unknown" (no answer). It is told after the stop, while the
 * element is in READY; in NULL nothing is posted, but the property
 * generation-state is still up to date.
 *
 * Since: 0.2
 */
#define GENVID_FIELD_CANCEL "cancel"

/**
 * GENVID_FIELD_EXPECTED:
 *
 * A double: an estimate of the seconds from submit to ready, from earlier
 * generations of the same kind; 0 is unknown. Also a field of the progress
 * messages.
 *
 * Since: 0.2
 */
#define GENVID_FIELD_EXPECTED "expected"

/**
 * GENVID_FIELD_QUEUE_POSITION:
 *
 * An int: how many generations the service will begin before this one; 0 is the
 * next one, -1 is unknown. Also a field of the progress messages, where it is
 * known.
 *
 * Since: 0.2
 */
#define GENVID_FIELD_QUEUE_POSITION "queue-position"

/**
 * GENVID_FIELD_COST:
 *
 * A double: the price that the service states; -1 is unknown.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_COST "cost"

/**
 * GENVID_FIELD_CURRENCY:
 *
 * A string or %NULL: the currency of the cost, such as "USD" or "credits".
 *
 * Since: 0.1
 */
#define GENVID_FIELD_CURRENCY "currency"

/**
 * GENVID_FIELD_BILLED:
 *
 * A string: one of GENVID_BILLED_NAME_…. Also a field of GENVID_DETAILS_ERROR.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_BILLED "billed"

/**
 * GENVID_FIELD_LOCATION:
 *
 * A string or %NULL: the path of the finished file.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_LOCATION "location"

/**
 * GENVID_FIELD_ORIGIN:
 *
 * A string: one of GENVID_ORIGIN_NAME_….
 *
 * Since: 0.1
 */
#define GENVID_FIELD_ORIGIN "origin"

/* --- The message about save-to --- */

/**
 * GENVID_MESSAGE_SAVED:
 *
 * The name of the element message that says that the clip was saved where the
 * property save-to wants it: the file is complete. It has the fields path and
 * location. It comes before the end of the stream, and also while the pipeline
 * is paused or blocked. If the clip cannot be saved, a warning says why.
 *
 * Since: 0.2
 */
#define GENVID_MESSAGE_SAVED "genvid-saved"

/**
 * GENVID_FIELD_PATH:
 *
 * A string: the absolute path of the file.
 *
 * Since: 0.2
 */
#define GENVID_FIELD_PATH "path"

/* --- Values of the field state --- */

/**
 * GENVID_STATE_NAME_IDLE:
 *
 * Nothing has been bought yet.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_IDLE "idle"

/**
 * GENVID_STATE_NAME_SUBMITTING:
 *
 * The request is being sent.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_SUBMITTING "submitting"

/**
 * GENVID_STATE_NAME_QUEUED:
 *
 * The service has accepted the request.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_QUEUED "queued"

/**
 * GENVID_STATE_NAME_RUNNING:
 *
 * The service is generating the video.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_RUNNING "running"

/**
 * GENVID_STATE_NAME_DOWNLOADING:
 *
 * The clip is being downloaded.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_DOWNLOADING "downloading"

/**
 * GENVID_STATE_NAME_DONE:
 *
 * The clip is complete and in the store.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_DONE "done"

/**
 * GENVID_STATE_NAME_FAILED:
 *
 * The generation failed; the error message says why.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_FAILED "failed"

/**
 * GENVID_STATE_NAME_CANCELLED:
 *
 * The generation was cancelled.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_CANCELLED "cancelled"

/**
 * GENVID_STATE_NAME_IN_DOUBT:
 *
 * Nobody knows whether the clip was bought.
 *
 * Since: 0.1
 */
#define GENVID_STATE_NAME_IN_DOUBT "in-doubt"

/* --- Values of the field origin --- */

/**
 * GENVID_ORIGIN_NAME_BOUGHT:
 *
 * This element bought the clip.
 *
 * Since: 0.1
 */
#define GENVID_ORIGIN_NAME_BOUGHT "bought"

/**
 * GENVID_ORIGIN_NAME_SHARED:
 *
 * Another element or process is buying the clip.
 *
 * Since: 0.1
 */
#define GENVID_ORIGIN_NAME_SHARED "shared"

/**
 * GENVID_ORIGIN_NAME_STORED:
 *
 * The clip was bought earlier and is in the store.
 *
 * Since: 0.1
 */
#define GENVID_ORIGIN_NAME_STORED "stored"

/* --- Values of the field billed --- */

/**
 * GENVID_BILLED_NAME_UNKNOWN:
 *
 * Nobody knows whether the service billed the generation.
 *
 * Since: 0.1
 */
#define GENVID_BILLED_NAME_UNKNOWN "unknown"

/**
 * GENVID_BILLED_NAME_NO:
 *
 * The service did not bill the generation.
 *
 * Since: 0.1
 */
#define GENVID_BILLED_NAME_NO "no"

/**
 * GENVID_BILLED_NAME_YES:
 *
 * The service billed the generation.
 *
 * Since: 0.1
 */
#define GENVID_BILLED_NAME_YES "yes"

/* --- Errors and warnings --- */

/**
 * GENVID_DETAILS_ERROR:
 *
 * The name of the details of an error message, as
 * gst_message_parse_error_details() returns them. There is exactly one error
 * message for a failure. Warnings about settings have these details, too.
 *
 * Since: 0.1
 */
#define GENVID_DETAILS_ERROR "genvid-error"

/**
 * GENVID_FIELD_REASON:
 *
 * A string: one of GENVID_REASON_NAME_…; "none" in a warning.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_REASON "reason"

/**
 * GENVID_FIELD_HTTP_STATUS:
 *
 * A uint: the status of the HTTP response that caused the error; 0 is none.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_HTTP_STATUS "http-status"

/**
 * GENVID_FIELD_SERVICE_CODE:
 *
 * A string or %NULL: the service's own error code.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_SERVICE_CODE "service-code"

/**
 * GENVID_FIELD_RETRYABLE:
 *
 * A boolean: the same settings may succeed later, without paying twice.
 *
 * Since: 0.1
 */
#define GENVID_FIELD_RETRYABLE "retryable"

/* --- Values of the field reason --- */

/**
 * GENVID_REASON_NAME_SETTINGS:
 *
 * A property or a setting is wrong; nothing was sent.
 * %GST_RESOURCE_ERROR_SETTINGS.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_SETTINGS "settings"

/**
 * GENVID_REASON_NAME_UNAUTHORIZED:
 *
 * The API key is missing, wrong or not permitted.
 * %GST_RESOURCE_ERROR_NOT_AUTHORIZED.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_UNAUTHORIZED "unauthorized"

/**
 * GENVID_REASON_NAME_QUOTA:
 *
 * The account has no credit left. %GST_RESOURCE_ERROR_NOT_AUTHORIZED.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_QUOTA "quota"

/**
 * GENVID_REASON_NAME_REJECTED:
 *
 * The service rejected the request. %GST_RESOURCE_ERROR_SETTINGS.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_REJECTED "rejected"

/**
 * GENVID_REASON_NAME_REFUSED:
 *
 * The service's moderation refused the request. %GST_RESOURCE_ERROR_FAILED.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_REFUSED "refused"

/**
 * GENVID_REASON_NAME_FAILED:
 *
 * The generation failed. %GST_RESOURCE_ERROR_FAILED.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_FAILED "failed"

/**
 * GENVID_REASON_NAME_NOT_FOUND:
 *
 * The service does not know the generation. %GST_RESOURCE_ERROR_NOT_FOUND.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_NOT_FOUND "not-found"

/**
 * GENVID_REASON_NAME_BUSY:
 *
 * The service was overloaded until the last retry. %GST_RESOURCE_ERROR_BUSY.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_BUSY "busy"

/**
 * GENVID_REASON_NAME_UNREACHABLE:
 *
 * Name resolution, connection or TLS failed. %GST_RESOURCE_ERROR_OPEN_READ.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_UNREACHABLE "unreachable"

/**
 * GENVID_REASON_NAME_TIMED_OUT:
 *
 * The clip was not ready before the timeout; the next start continues to wait
 * for it. %GST_RESOURCE_ERROR_READ.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_TIMED_OUT "timed-out"

/**
 * GENVID_REASON_NAME_BAD_ANSWER:
 *
 * A response of the service could not be understood. %GST_RESOURCE_ERROR_READ.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_BAD_ANSWER "bad-answer"

/**
 * GENVID_REASON_NAME_IN_DOUBT:
 *
 * Nobody knows whether the clip was bought. %GST_RESOURCE_ERROR_FAILED.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_IN_DOUBT "in-doubt"

/**
 * GENVID_REASON_NAME_OVER_BUDGET:
 *
 * The clip would exceed max-cost or budget. %GST_RESOURCE_ERROR_SETTINGS.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_OVER_BUDGET "over-budget"

/**
 * GENVID_REASON_NAME_NOT_STORED:
 *
 * Because of reuse=only nothing may be bought, and the clip is not in the
 * store. %GST_RESOURCE_ERROR_NOT_FOUND.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_NOT_STORED "not-stored"

/**
 * GENVID_REASON_NAME_TOO_LARGE:
 *
 * The clip exceeds max-size. %GST_RESOURCE_ERROR_READ.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_TOO_LARGE "too-large"

/**
 * GENVID_REASON_NAME_UNSAFE_URL:
 *
 * The service gave a URL that must not be opened.
 * %GST_RESOURCE_ERROR_OPEN_READ.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_UNSAFE_URL "unsafe-url"

/**
 * GENVID_REASON_NAME_NOT_MEDIA:
 *
 * The file is not a video. %GST_STREAM_ERROR_WRONG_TYPE.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_NOT_MEDIA "not-media"

/**
 * GENVID_REASON_NAME_NO_SPACE:
 *
 * The store has no space left. %GST_RESOURCE_ERROR_NO_SPACE_LEFT.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_NO_SPACE "no-space"

/* --- The property stats --- */

/**
 * GENVID_STATS:
 *
 * The name of the structure. Its counts are those of this process for this
 * clip.
 *
 * Since: 0.1
 */
#define GENVID_STATS "genvid-stats"

/**
 * GENVID_STATS_SUBMITS:
 *
 * A uint: submits sent.
 *
 * Since: 0.1
 */
#define GENVID_STATS_SUBMITS "submits"

/**
 * GENVID_STATS_POLLS:
 *
 * A uint: status requests sent.
 *
 * Since: 0.1
 */
#define GENVID_STATS_POLLS "polls"

/**
 * GENVID_STATS_UPLOADS:
 *
 * A uint: inputs sent.
 *
 * Since: 0.1
 */
#define GENVID_STATS_UPLOADS "uploads"

/**
 * GENVID_STATS_UPLOADING:
 *
 * An int: percent of the input that is being sent; absent if there is none.
 *
 * Since: 0.1
 */
#define GENVID_STATS_UPLOADING "uploading"

/**
 * GENVID_STATS_CONNECTIONS:
 *
 * A uint: connections of the download.
 *
 * Since: 0.1
 */
#define GENVID_STATS_CONNECTIONS "connections"

/**
 * GENVID_STATS_RESUMES:
 *
 * A uint: how often the download was resumed.
 *
 * Since: 0.1
 */
#define GENVID_STATS_RESUMES "resumes"

/**
 * GENVID_STATS_ELAPSED:
 *
 * A double: as GENVID_FIELD_ELAPSED.
 *
 * Since: 0.1
 */
#define GENVID_STATS_ELAPSED "elapsed"

/**
 * GENVID_STATS_PRESENT:
 *
 * A uint64: bytes downloaded.
 *
 * Since: 0.1
 */
#define GENVID_STATS_PRESENT "present"

/**
 * GENVID_STATS_SIZE:
 *
 * A uint64: the size of the file; absent while unknown.
 *
 * Since: 0.1
 */
#define GENVID_STATS_SIZE "size"

/**
 * GENVID_STATS_WHOLE:
 *
 * A boolean: all bytes are there.
 *
 * Since: 0.1
 */
#define GENVID_STATS_WHOLE "whole"

/**
 * GENVID_STATS_INDEX_LAST:
 *
 * A boolean: an MP4 file with its index (moov) after its media (mdat).
 *
 * Since: 0.1
 */
#define GENVID_STATS_INDEX_LAST "index-last"

/**
 * GENVID_STATS_BOUGHT:
 *
 * An int64: the Unix time of the purchase of a stored clip; absent for a new
 * one.
 *
 * Since: 0.1
 */
#define GENVID_STATS_BOUGHT "bought"

/**
 * GENVID_STATS_NOTE:
 *
 * A string: a note for the user; absent if there is none.
 *
 * Since: 0.1
 */
#define GENVID_STATS_NOTE "note"

/**
 * GENVID_STATS_DETAILS:
 *
 * A structure: what else the service said about the result; absent if there is
 * nothing.
 *
 * Since: 0.1
 */
#define GENVID_STATS_DETAILS "details"

/* --- Tags --- */

/**
 * GENVID_KEYWORD:
 *
 * The keywords tag. There is one tag message for each clip: its title (or its
 * comment, if the prompt is long) is the prompt, its encoder the service and
 * the model.
 *
 * Since: 0.1
 */
#define GENVID_KEYWORD "AI-generated"
