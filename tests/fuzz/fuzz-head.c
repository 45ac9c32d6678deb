/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A head as libsoup reads it, and what is made of it for bytes that are there:
 * the bytes of a part are where they are claimed to be, within the file and
 * within what was allowed. */
#define GENVID_SOUP_BY_NAME
#include <libsoup/soup.h>

#include "byte-ranges.h"
#include "exchange.h"
#include "fuzz.h"
#include "media-response.h"
#include "soup-library.h"

#define MAX_SIZE (G_GUINT64_CONSTANT (1) << 31)
#define WALL     G_GINT64_CONSTANT (1700000000000000)

static const GenvidValidator validators[] = {
  { .size = GENVID_SIZE_UNKNOWN },
  { .etag = (char *)"\"one\"", .size = 1000 },
  { .last_modified = (char *)"Sat, 21 Nov 2026 10:00:00 GMT", .size = 1000 },
};

static void
judge (const GenvidMediaResponse *head, const GenvidValidator *known,
       guint64 from, guint64 held)
{
  g_autoptr (GenvidFailure) failure = NULL;
  GenvidVerdict verdict = genvid_media_response_classify (
      head, known, from, held, MAX_SIZE, &failure);

  g_assert_true ((verdict >= GENVID_VERDICT_RETRY) == (failure != NULL));
  if (verdict == GENVID_VERDICT_TAKE || verdict == GENVID_VERDICT_COMPARE) {
    g_assert_true (head->total == GENVID_SIZE_UNKNOWN
                   || head->total <= MAX_SIZE);
    g_assert_true (head->status != 206 || head->start == from);
  }
  if (head->status == 206 && head->ranged) {
    g_assert_cmpuint (head->start, <=, head->end);
    g_assert_cmpuint (head->end, <=, head->total);
  }
  genvid_media_response_fits (head, known, from);
}

static void
read_answer (SoupMessageHeaders *headers)
{
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (200, "");
  const char *value = soup_message_headers_get_one (headers, "Retry-After");
  gint64 wait;

  if (value != NULL)
    g_hash_table_insert (answer->headers, g_strdup ("retry-after"),
                         g_strdup (value));
  wait = genvid_answer_get_retry_after (answer, WALL);
  g_assert_cmpint (wait, >=, -1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (SoupMessage) message = soup_message_new ("GET", "http://x/");
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  SoupHTTPVersion version;
  GenvidMediaResponse head;
  guint status = 0;
  char *reason = NULL;

  g_assert_true (genvid_soup_library_open (NULL));
  if (size > G_MAXINT16
      || !soup_headers_parse_response ((const char *)data, (int)size, headers,
                                       &version, &status, &reason))
    return 0;
  g_free (reason);
  read_answer (headers);
  genvid_media_response_init (&head, message, WALL);
  /* Only libsoup's own I/O can put it into the message. */
  head.status = status;
  g_assert_cmpint (head.retry_after, >=, -1);
  for (guint i = 0; i < G_N_ELEMENTS (validators); i++) {
    judge (&head, &validators[i], 0, 0);
    judge (&head, &validators[i], 0, 500);
    judge (&head, &validators[i], 500, 500);
  }
  genvid_media_response_clear (&head);
  return 0;
}
