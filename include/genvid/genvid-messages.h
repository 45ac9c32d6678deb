/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What genvidsrc says on the bus, for applications: names only. Nothing here
 * links to anything; a program may include this file, or spell the names out.
 *
 * An application follows a generation like this:
 *
 *   const GstStructure *s = gst_message_get_structure (message);
 *   if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
 *       && gst_structure_has_name (s, GENVID_MESSAGE_GENERATION))
 *     state = gst_structure_get_string (s, GENVID_FIELD_STATE);
 *
 * Messages come from the element's streaming thread (the last one of a
 * stopped run possibly from the thread that stops it). While the queues
 * behind the element are full no data is asked for and no message is posted;
 * the properties and the BUFFERING query are always up to date.
 */

/* The URI protocol and the element. */
#define GENVID_PROTOCOL "genvid"
#define GENVID_ELEMENT  "genvidsrc"

/* --- PROGRESS messages -------------------------------------------------
 * One a run, of this code: START when an input is sent to the service,
 * something is bought or another user's purchase is waited for, CONTINUE on
 * changes, and then one of COMPLETE (the first bytes of the clip are there; the
 * download may go on), CANCELED (stopped) and ERROR (after the error message).
 * A clip from the store posts none of them. The text has the percentage; so has
 * the structure's field "percent" (int, 0 to 100; 0 while unknown). */
#define GENVID_PROGRESS_CODE    "generate"
#define GENVID_PROGRESS_PERCENT "percent"

/* --- Element message "genvid-generation" -------------------------------
 * One on every change of one of its fields, elapsed aside. */
#define GENVID_MESSAGE_GENERATION "genvid-generation"

/* string: one of GENVID_STATE_NAME_*, also the nick of the property
 * generation-state. */
#define GENVID_FIELD_STATE "state"
/* string: the service, "genpro". */
#define GENVID_FIELD_PROVIDER "provider"
/* string or NULL: the model, in the service's words. */
#define GENVID_FIELD_MODEL "model"
/* string or NULL: the service's id of the generation; property adopt takes
 * it. Also a field of GENVID_DETAILS_ERROR. */
#define GENVID_FIELD_GENERATION_ID "generation-id"
/* int: per cent of the generation, 0 to 100, -1 unknown. */
#define GENVID_FIELD_PROGRESS "progress"
/* double: seconds since the submit, or since this run resumed it; 0 before.
 */
#define GENVID_FIELD_ELAPSED "elapsed"
/* double: what the service says it cost, -1 unknown. */
#define GENVID_FIELD_COST "cost"
/* string or NULL: "USD", "credits". */
#define GENVID_FIELD_CURRENCY "currency"
/* string: one of GENVID_BILLED_NAME_*. Also a field of the error. */
#define GENVID_FIELD_BILLED "billed"
/* string or NULL: path of the finished file. */
#define GENVID_FIELD_LOCATION "location"
/* string: one of GENVID_ORIGIN_NAME_*. */
#define GENVID_FIELD_ORIGIN "origin"

/* Values of "state". */
#define GENVID_STATE_NAME_IDLE        "idle"        /* nothing bought yet */
#define GENVID_STATE_NAME_SUBMITTING  "submitting"  /* being bought */
#define GENVID_STATE_NAME_QUEUED      "queued"      /* accepted, waiting */
#define GENVID_STATE_NAME_RUNNING     "running"     /* being made */
#define GENVID_STATE_NAME_DOWNLOADING "downloading" /* made, arriving */
#define GENVID_STATE_NAME_DONE        "done"        /* whole, in the store */
#define GENVID_STATE_NAME_FAILED      "failed"      /* see the error */
#define GENVID_STATE_NAME_CANCELLED   "cancelled"
#define GENVID_STATE_NAME_IN_DOUBT    "in-doubt" /* nobody can tell */

/* Values of "origin". */
#define GENVID_ORIGIN_NAME_BOUGHT "bought" /* by this run */
#define GENVID_ORIGIN_NAME_SHARED "shared" /* another user's, in the making */
#define GENVID_ORIGIN_NAME_STORED "stored" /* was paid for earlier */

/* Values of "billed". */
#define GENVID_BILLED_NAME_UNKNOWN "unknown"
#define GENVID_BILLED_NAME_NO      "no"
#define GENVID_BILLED_NAME_YES     "yes"

/* --- Errors and warnings -----------------------------------------------
 * Exactly one error a failure. Its details (gst_message_parse_error_details)
 * are a structure of this name; warnings about settings have it too. */
#define GENVID_DETAILS_ERROR "genvid-error"

/* string: one of GENVID_REASON_NAME_*; "none" in a warning. */
#define GENVID_FIELD_REASON "reason"
/* uint: of the answer behind it, 0 for none. */
#define GENVID_FIELD_HTTP_STATUS "http-status"
/* string or NULL: the service's own code. */
#define GENVID_FIELD_SERVICE_CODE "service-code"
/* boolean: the same settings may succeed later, without paying twice. */
#define GENVID_FIELD_RETRYABLE "retryable"

/* Values of "reason", with the error they come as. */
/* RESOURCE/SETTINGS: refused by us before any network. */
#define GENVID_REASON_NAME_SETTINGS "settings"
/* RESOURCE/NOT_AUTHORIZED: the key is missing, wrong or not allowed. */
#define GENVID_REASON_NAME_UNAUTHORIZED "unauthorized"
/* RESOURCE/NOT_AUTHORIZED: out of credit at the service. */
#define GENVID_REASON_NAME_QUOTA "quota"
/* RESOURCE/SETTINGS: the service did not take the request. */
#define GENVID_REASON_NAME_REJECTED "rejected"
/* RESOURCE/FAILED: moderation. */
#define GENVID_REASON_NAME_REFUSED "refused"
/* RESOURCE/FAILED: the generation failed. */
#define GENVID_REASON_NAME_FAILED "failed"
/* RESOURCE/NOT_FOUND: the service does not know the generation. */
#define GENVID_REASON_NAME_NOT_FOUND "not-found"
/* RESOURCE/BUSY: the service had no room to the end of our patience. */
#define GENVID_REASON_NAME_BUSY "busy"
/* RESOURCE/OPEN_READ: name, connection, TLS. */
#define GENVID_REASON_NAME_UNREACHABLE "unreachable"
/* RESOURCE/READ: not ready by the deadline; the next run goes on waiting. */
#define GENVID_REASON_NAME_TIMED_OUT "timed-out"
/* RESOURCE/READ: an answer that makes no sense. */
#define GENVID_REASON_NAME_BAD_ANSWER "bad-answer"
/* RESOURCE/FAILED: perhaps bought; nobody can tell. */
#define GENVID_REASON_NAME_IN_DOUBT "in-doubt"
/* RESOURCE/SETTINGS: max-cost or budget. */
#define GENVID_REASON_NAME_OVER_BUDGET "over-budget"
/* RESOURCE/NOT_FOUND: reuse=only, and the store does not have it. */
#define GENVID_REASON_NAME_NOT_STORED "not-stored"
/* RESOURCE/READ: beyond max-size. */
#define GENVID_REASON_NAME_TOO_LARGE "too-large"
/* RESOURCE/OPEN_READ: the service sent us where we do not go. */
#define GENVID_REASON_NAME_UNSAFE_URL "unsafe-url"
/* STREAM/WRONG_TYPE: no media where the clip should be. */
#define GENVID_REASON_NAME_NOT_MEDIA "not-media"
/* RESOURCE/NO_SPACE_LEFT: the store cannot hold it. */
#define GENVID_REASON_NAME_NO_SPACE "no-space"

/* --- Property "stats" --------------------------------------------------
 * A structure of this name. Counts are of this process and clip. */
#define GENVID_STATS         "genvid-stats"
#define GENVID_STATS_SUBMITS "submits" /* uint */
#define GENVID_STATS_POLLS   "polls"   /* uint */
#define GENVID_STATS_UPLOADS "uploads" /* uint */
/* int: per cent of an input on its way to the service; absent: none is. */
#define GENVID_STATS_UPLOADING   "uploading"
#define GENVID_STATS_CONNECTIONS "connections" /* uint: of the download */
#define GENVID_STATS_RESUMES     "resumes"     /* uint: of the download */
#define GENVID_STATS_ELAPSED     "elapsed"     /* double: as the message's */
#define GENVID_STATS_PRESENT     "present"     /* uint64: bytes there */
#define GENVID_STATS_SIZE        "size"        /* uint64; absent: unknown */
#define GENVID_STATS_WHOLE       "whole"       /* boolean: all bytes there */
#define GENVID_STATS_INDEX_LAST  "index-last"  /* boolean: mdat before moov */
#define GENVID_STATS_BOUGHT      "bought" /* int64: Unix time; absent: now */
#define GENVID_STATS_NOTE        "note"   /* string; absent: none */
/* structure; absent: none. What else the service said of the result. */
#define GENVID_STATS_DETAILS "details"

/* --- Tags --------------------------------------------------------------
 * One TAG message a clip: title (or comment, when long) is the prompt,
 * encoder the service and the model, and keywords has this word. */
#define GENVID_KEYWORD "AI-generated"
