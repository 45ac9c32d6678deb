/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bytes are written as those of a download are. There is no second request
 * that could go on with them, so what is not whole is worth nothing. */
#include "reply-clip.h"

#include "clip.h"
#include "failure.h"
#include "http-client.h"
#include "media-type.h"
#include "part-writer.h"
#include "store-entry.h"

typedef struct {
  const GenvidReplyClip *reply;
  GenvidPartWriter *writer; /* NULL until there is a clip */
  guint64 written;
} Sink;

static gboolean
check_size (const Sink *sink, guint64 size, GError **error)
{
  g_autofree char *most = NULL;

  if (size == GENVID_SIZE_UNKNOWN || size <= sink->reply->max_size)
    return TRUE;
  most = genvid_media_type_format_size (sink->reply->max_size);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_TOO_LARGE,
               "the clip is larger than max-size, which is %s", most);
  return FALSE;
}

/* What an earlier reply left is no beginning of this one. */
static gboolean
begin (gpointer data, guint64 size, GError **error)
{
  Sink *sink = data;

  sink->writer
      = genvid_part_writer_new (sink->reply->clip, sink->reply->entry, error);
  if (sink->writer == NULL || !genvid_part_writer_reset (sink->writer, error)
      || !check_size (sink, size, error))
    return FALSE;
  genvid_part_writer_describe (sink->writer, NULL, NULL, size);
  return TRUE;
}

static gboolean
write_bytes (gpointer data, const guint8 *bytes, gsize length, GError **error)
{
  Sink *sink = data;
  guint64 offset = sink->written;
  gsize fresh;

  sink->written += length;
  return check_size (sink, sink->written, error)
         && genvid_part_writer_write (sink->writer, offset, bytes, length,
                                      &fresh, error);
}

/* Nothing can be done with a part of it, here or at the next start. */
static void
drop (Sink *sink)
{
  if (sink->writer != NULL)
    genvid_part_writer_reset (sink->writer, NULL);
}

GenvidAnswer *
genvid_reply_clip_send (const GenvidReplyClip *reply,
                        const GenvidExchange *exchange, gint64 until,
                        char **extension)
{
  Sink sink = { .reply = reply };
  const GenvidHttpSink target = { begin, write_bytes, &sink };
  g_autoptr (GError) error = NULL;
  GenvidAnswer *answer;

  genvid_http_client_set_sink (reply->http, &target);
  answer = genvid_http_client_send (reply->http, exchange, until,
                                    reply->progress, reply->data);
  genvid_http_client_set_sink (reply->http, NULL);
  if (answer->kind == GENVID_ANSWER_REPLY && sink.writer != NULL
      && !genvid_part_writer_finish (sink.writer, sink.written, extension,
                                     &error)) {
    answer->kind = GENVID_ANSWER_LOST;
    g_free (answer->error);
    answer->error = g_strdup (error->message);
  }
  if (answer->kind != GENVID_ANSWER_REPLY)
    drop (&sink);
  genvid_part_writer_free (sink.writer);
  return answer;
}
