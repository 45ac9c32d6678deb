/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a media server responded, and whether its bytes may be added to those
 * already stored. The rule is proof, not likelihood: a strong ETag, or the date
 * and the size; else the whole file is downloaded again and compared. */
#include "media-response.h"

#include "byte-ranges.h"
#include "exchange.h"
#include "failure.h"
#include "soup-library.h"
#include "validator.h"

#include <string.h>

/* A number without sign or blanks; moves TEXT on. */
static gboolean
read_number (const char **text, guint64 *number)
{
  char *end;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  *number = g_ascii_strtoull (*text, &end, 10);
  *text = end;
  return *number < G_MAXINT64;
}

/* "bytes 0-99/100", "bytes 0-99/ *", "bytes * /100" (RFC 9110, 14.4). */
static void
read_range (GenvidMediaResponse *head, const char *text)
{
  guint64 last = 0;
  gboolean sized;

  if (!text || g_ascii_strncasecmp (text, "bytes", 5))
    return;
  text += 5;
  text += strspn (text, " \t=");
  if (*text == '*') {
    text += 1;
  } else {
    if (!read_number (&text, &head->start) || *text++ != '-'
        || !read_number (&text, &last) || last < head->start)
      return;
    head->end = last + 1;
    head->ranged = TRUE;
  }
  sized = text[0] == '/' && text[1] != '*';
  text += 1;
  if (sized && !read_number (&text, &head->total))
    head->ranged = FALSE;
  if (head->ranged && head->total < head->end)
    head->ranged = FALSE;
}

static char *
copy_header (SoupMessageHeaders *headers, const char *name)
{
  const char *value = soup_message_headers_get_one (headers, name);

  return value && *value ? g_strdup (value) : NULL;
}

static gint64
read_retry_after (SoupMessageHeaders *headers, gint64 wall)
{
  const char *const names[] = { "retry-after", "retry-after-ms" };
  g_autoptr (GenvidAnswer) answer
      = genvid_answer_new (GENVID_ANSWER_REPLY, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    const char *value = soup_message_headers_get_one (headers, names[i]);

    if (value)
      g_hash_table_insert (answer->headers, g_strdup (names[i]),
                           g_strdup (value));
  }
  return genvid_answer_get_retry_after (answer, wall);
}

static void
read_framing (GenvidMediaResponse *head, SoupMessageHeaders *headers)
{
  SoupEncoding encoding = soup_message_headers_get_encoding (headers);
  guint64 length = GENVID_SIZE_UNKNOWN;

  head->blind = encoding == SOUP_ENCODING_EOF;
  if (encoding == SOUP_ENCODING_CONTENT_LENGTH)
    length = soup_message_headers_get_content_length (headers);
  if (head->status == SOUP_STATUS_PARTIAL_CONTENT
      || head->status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE)
    read_range (head, soup_message_headers_get_one (headers, "Content-Range"));
  else
    head->total = length;
  /* Two different lengths: neither can be trusted. */
  if (head->ranged && length != GENVID_SIZE_UNKNOWN
      && length != head->end - head->start)
    head->ranged = FALSE;
}

/* A weak tag is no proof, but it may show that the file has changed. */
static void
read_etag (GenvidMediaResponse *head, SoupMessageHeaders *headers)
{
  g_autofree char *etag = copy_header (headers, "ETag");

  if (etag && etag[0] == '"')
    head->etag = g_steal_pointer (&etag);
  else if (etag && g_str_has_prefix (etag, "W/\""))
    head->weak = g_strdup (etag + 2);
}

void
genvid_media_response_init (GenvidMediaResponse *head, SoupMessage *message,
                            gint64 wall)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  g_autofree char *coding = copy_header (headers, "Content-Encoding");
  const char *type = soup_message_headers_get_content_type (headers, NULL);
  const char *units = soup_message_headers_get_one (headers, "Accept-Ranges");

  *head = (GenvidMediaResponse){ .end = GENVID_SIZE_UNKNOWN,
                                 .total = GENVID_SIZE_UNKNOWN };
  head->status = soup_message_get_status (message);
  read_framing (head, headers);
  read_etag (head, headers);
  head->last_modified = copy_header (headers, "Last-Modified");
  head->type = type ? g_ascii_strdown (type, -1) : NULL;
  head->location = copy_header (headers, "Location");
  if (coding && g_ascii_strcasecmp (coding, "identity"))
    head->coding = g_steal_pointer (&coding);
  head->seekable
      = head->ranged || (units && !g_ascii_strcasecmp (units, "bytes"));
  head->retry_after = read_retry_after (headers, wall);
}

void
genvid_media_response_clear (GenvidMediaResponse *head)
{
  g_clear_pointer (&head->etag, g_free);
  g_clear_pointer (&head->weak, g_free);
  g_clear_pointer (&head->last_modified, g_free);
  g_clear_pointer (&head->type, g_free);
  g_clear_pointer (&head->location, g_free);
  g_clear_pointer (&head->coding, g_free);
}

void
genvid_media_response_unpack (GenvidMediaResponse *head)
{
  gboolean whole = head->status != SOUP_STATUS_PARTIAL_CONTENT
                   || (head->ranged && head->end == head->total);

  g_clear_pointer (&head->etag, g_free);
  g_clear_pointer (&head->weak, g_free);
  g_clear_pointer (&head->last_modified, g_free);
  head->end = head->total = GENVID_SIZE_UNKNOWN;
  /* A part of it is of no use: it is asked for without Range. */
  if (whole)
    head->status = SOUP_STATUS_OK;
  /* Its end is known by its own word. */
  head->ranged = head->seekable = head->blind = FALSE;
}

gboolean
genvid_media_response_is_redirect (const GenvidMediaResponse *head)
{
  switch (head->status) {
  case 301:
  case 302:
  case 303:
  case 307:
  case 308:
    return head->location != NULL;
  default:
    return FALSE;
  }
}

gboolean
genvid_media_response_asks_to_wait (const GenvidMediaResponse *head)
{
  return head->retry_after > 0 || head->status == 425 || head->status == 429;
}

gboolean
genvid_media_response_is_text (const GenvidMediaResponse *head)
{
  const char *const types[]
      = { "text/html", "application/json", "application/xhtml+xml",
          "application/xml", "text/xml" };

  for (gsize i = 0; head->type && i < G_N_ELEMENTS (types); i++)
    if (!strcmp (head->type, types[i]))
      return TRUE;
  return FALSE;
}

gboolean
genvid_validator_can_prove (const GenvidValidator *known)
{
  return known->etag
         || (known->last_modified && known->size != GENVID_SIZE_UNKNOWN);
}

const char *
genvid_validator_get_if_range (const GenvidValidator *known)
{
  if (known->etag)
    return known->etag;
  return genvid_validator_can_prove (known) ? known->last_modified : NULL;
}

static gboolean
differ (const char *a, const char *b)
{
  return a && b && strcmp (a, b) != 0;
}

static gboolean
sizes_differ (const GenvidMediaResponse *head, const GenvidValidator *known)
{
  return head->total != known->size && head->total != GENVID_SIZE_UNKNOWN
         && known->size != GENVID_SIZE_UNKNOWN;
}

/* Its headers say that it is another file. */
static gboolean
is_changed (const GenvidMediaResponse *head, const GenvidValidator *known)
{
  if (differ (head->etag, known->etag) || differ (head->weak, known->etag)
      || sizes_differ (head, known))
    return TRUE;
  if (head->etag && known->etag)
    return FALSE;
  return differ (head->last_modified, known->last_modified);
}

/* A 206 to an If-Range may leave out the date, which it has proven by its
 * status; never the tag (RFC 9110, 15.3.7). */
static gboolean
is_proven (const GenvidMediaResponse *head, const GenvidValidator *known)
{
  gboolean partial = head->status == 206;

  if (is_changed (head, known))
    return FALSE;
  if (known->etag && head->etag)
    return TRUE;
  if (known->size == GENVID_SIZE_UNKNOWN || head->total != known->size
      || !known->last_modified)
    return FALSE;
  return head->last_modified || (partial && !known->etag);
}

static GenvidFailure *
fail (const GenvidMediaResponse *head, GenvidReason reason, const char *what)
{
  GenvidFailure *failure = genvid_failure_new (reason, "%s", what);

  failure->http_status = head->status;
  failure->retryable
      = reason == GENVID_REASON_BUSY || reason == GENVID_REASON_UNREACHABLE;
  return failure;
}

/* NULL where the body may be looked at. */
static GenvidFailure *
refuse_body (const GenvidMediaResponse *head, guint64 max_size)
{
  if (head->packed)
    return fail (head, GENVID_REASON_NOT_MEDIA,
                 "The media server compressed the clip in a way that was not "
                 "requested and is not supported here.");
  if (head->total != GENVID_SIZE_UNKNOWN && head->total > max_size)
    return fail (head, GENVID_REASON_TOO_LARGE,
                 "The clip is larger than max-size allows.");
  return NULL;
}

static GenvidVerdict
judge_partial (const GenvidMediaResponse *head, const GenvidValidator *known,
               guint64 from, guint64 held)
{
  if (!head->ranged || head->start != from)
    return GENVID_VERDICT_NO_RANGE;
  if (head->total < held)
    return GENVID_VERDICT_RESTART;
  if (held == 0 || is_proven (head, known))
    return GENVID_VERDICT_TAKE;
  if (is_changed (head, known))
    return GENVID_VERDICT_RESTART;
  return from == 0 ? GENVID_VERDICT_COMPARE : GENVID_VERDICT_DOUBT;
}

static GenvidVerdict
judge_whole (const GenvidMediaResponse *head, const GenvidValidator *known,
             guint64 held)
{
  if (head->total < held)
    return GENVID_VERDICT_RENEW;
  if (held == 0 || is_proven (head, known))
    return GENVID_VERDICT_TAKE;
  return is_changed (head, known) ? GENVID_VERDICT_RENEW
                                  : GENVID_VERDICT_COMPARE;
}

/* 416: nothing is behind what is there. A server that gave parts without a
 * total may say so without one, too. */
static gboolean
is_at_end (const GenvidMediaResponse *head, const GenvidValidator *known,
           guint64 from)
{
  if (from == 0 || !genvid_validator_can_prove (known))
    return FALSE;
  return head->total == from
         || (head->total == GENVID_SIZE_UNKNOWN
             && known->size == GENVID_SIZE_UNKNOWN);
}

static GenvidFailure *
fail_with_status (const GenvidMediaResponse *head, GenvidReason reason,
                  const char *what)
{
  g_autofree char *text = g_strdup_printf ("%s (HTTP %u).", what, head->status);

  return fail (head, reason, text);
}

/* What is not there now may be there in a minute, by this link or another;
 * only a 3xx that leads nowhere never is. */
static GenvidVerdict
judge_error (const GenvidMediaResponse *head, GenvidFailure **failure)
{
  GenvidVerdict verdict = GENVID_VERDICT_RETRY;
  GenvidReason reason = GENVID_REASON_BUSY;
  const char *what = "The media server is busy";

  switch (head->status) {
  case 202:
  case 409:
  case 423:
  case 425:
  case 429:
  case 503:
    break;
  default:
    if (head->status >= 500 || head->status == 408) {
      reason = GENVID_REASON_UNREACHABLE;
      what = "The media server failed";
    } else if (head->status >= 400) {
      verdict = GENVID_VERDICT_EXPIRED;
      reason = GENVID_REASON_NOT_FOUND;
      what = "The service links to the clip, but the media server does not "
             "deliver it";
    } else if (head->status >= 200 && head->status < 300) {
      reason = GENVID_REASON_NOT_MEDIA;
      what = "The media server sent no file";
    } else {
      verdict = GENVID_VERDICT_BROKEN;
      reason = GENVID_REASON_BAD_ANSWER;
      what = "The media server sent an invalid response";
    }
  }
  *failure = fail_with_status (head, reason, what);
  (*failure)->retryable = verdict == GENVID_VERDICT_RETRY;
  return verdict;
}

GenvidVerdict
genvid_media_response_classify (const GenvidMediaResponse *head,
                                const GenvidValidator *known, guint64 from,
                                guint64 held, guint64 max_size,
                                GenvidFailure **failure)
{
  if (head->status == 416)
    return is_at_end (head, known, from) ? GENVID_VERDICT_WHOLE
                                         : GENVID_VERDICT_NO_RANGE;
  if (head->status != 200 && head->status != 203 && head->status != 206)
    return judge_error (head, failure);
  if (head->total == 0) {
    *failure = fail (head, GENVID_REASON_NOT_MEDIA,
                     "The media server sent an empty file.");
    return GENVID_VERDICT_EXPIRED;
  }
  *failure = refuse_body (head, max_size);
  if (*failure)
    return GENVID_VERDICT_REFUSE;
  if (head->status == 206)
    return judge_partial (head, known, from, held);
  return judge_whole (head, known, held);
}

gboolean
genvid_media_response_fits (const GenvidMediaResponse *head,
                            const GenvidValidator *known, guint64 from)
{
  if (head->status != 206 || !head->ranged || head->start != from)
    return FALSE;
  if (head->total != known->size && head->total != GENVID_SIZE_UNKNOWN)
    return FALSE;
  return genvid_validator_can_prove (known) ? is_proven (head, known)
                                            : !is_changed (head, known);
}
