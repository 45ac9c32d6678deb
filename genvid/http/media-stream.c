/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bookkeeping of one request. The download decides what to do with its
 * bytes. */
#include "media-stream.h"

#include "http-client.h"
#include "media-request.h"

/* A player waits for the first bytes; for later ones, a few milliseconds do
 * not matter. */
#define PROMPT (G_GUINT64_CONSTANT (1) << 20)
/* A read of less is hardly worth its write and its wake-up; one of more may
 * have filled the window of TCP, so that the sender had to wait. */
#define LITTLE        (24 * 1024)
#define MUCH          (48 * 1024)
#define PAUSE_STEP_US 250
#define MAX_PAUSE_US  4000
/* More is worth a request on every line. */
#define MAX_DISTANCE (G_GUINT64_CONSTANT (1) << 20)
/* Servers that are near may still be slow to open a file. */
#define MIN_ROUND_TRIP (50 * G_TIME_SPAN_MILLISECOND)

void
genvid_media_stream_start (GenvidMediaStream *stream, GenvidHttpClient *http,
                           const GenvidMediaRequestOptions *options, gint64 now)
{
  genvid_media_stream_stop (stream);
  stream->fetch = genvid_media_request_new (http, options);
  stream->offset = options->ranged ? options->from : 0;
  stream->held = 0;
  stream->judged = FALSE;
  stream->started = stream->since = now;
  stream->answered = 0;
  stream->received = stream->total = 0;
  stream->pause = stream->next_read = 0;
  if (!stream->block)
    stream->block = g_malloc (GENVID_MEDIA_STREAM_BLOCK);
}

void
genvid_media_stream_answer (GenvidMediaStream *stream, gint64 now)
{
  if (stream->answered == 0)
    stream->answered = now;
}

void
genvid_media_stream_stop (GenvidMediaStream *stream)
{
  g_clear_pointer (&stream->fetch, genvid_media_request_free);
}

void
genvid_media_stream_clear (GenvidMediaStream *stream)
{
  genvid_media_stream_stop (stream);
  g_clear_pointer (&stream->block, g_free);
}

gboolean
genvid_media_stream_is_ready (const GenvidMediaStream *stream, gint64 now)
{
  return stream->fetch && now >= stream->next_read
         && genvid_media_request_is_ready (stream->fetch);
}

gint64
genvid_media_stream_get_moment (const GenvidMediaStream *stream, gint64 us)
{
  if (genvid_media_request_is_ready (stream->fetch))
    return MIN (stream->next_read, stream->since + us);
  return stream->since + us;
}

gsize
genvid_media_stream_read (GenvidMediaStream *stream)
{
  gsize n
      = genvid_media_request_read (stream->fetch, stream->block + stream->held,
                                   GENVID_MEDIA_STREAM_BLOCK - stream->held);

  stream->held += n;
  stream->received += n;
  stream->total += n;
  return n;
}

void
genvid_media_stream_set_pace (GenvidMediaStream *stream, gsize n, gint64 now)
{
  if (n >= MUCH)
    stream->pause /= 2;
  else if (n > 0 && n < LITTLE)
    stream->pause = MIN (stream->pause + PAUSE_STEP_US, MAX_PAUSE_US);
  if (stream->pause < PAUSE_STEP_US)
    stream->pause = 0;
  if (n > 0 && stream->total >= PROMPT)
    stream->next_read = now + stream->pause;
}

gsize
genvid_media_stream_read_in_pace (GenvidMediaStream *stream, gint64 now)
{
  gsize n;

  if (now < stream->next_read)
    return 0;
  n = genvid_media_stream_read (stream);
  genvid_media_stream_set_pace (stream, n, now);
  return n;
}

/* Of a new connection, by the one that STREAM needed. */
static gint64
get_round_trip (const GenvidMediaStream *stream)
{
  return MAX (stream->answered - stream->started, MIN_ROUND_TRIP);
}

guint64
genvid_media_stream_get_distance (const GenvidMediaStream *stream, gint64 now)
{
  gint64 elapsed = MAX (now - stream->answered, 1);
  double in_round_trip;

  if (stream->answered == 0)
    return MAX_DISTANCE;
  in_round_trip = (double)stream->total * get_round_trip (stream) / elapsed;
  return (guint64)MIN (GENVID_MEDIA_STREAM_NEAR + in_round_trip, MAX_DISTANCE);
}

gint64
genvid_media_stream_get_overtaken (const GenvidMediaStream *stream,
                                   guint64 distance)
{
  if (stream->answered == 0 || distance <= GENVID_MEDIA_STREAM_NEAR)
    return G_MAXINT64;
  return stream->answered + 1
         + (gint64)((double)stream->total * get_round_trip (stream)
                    / (distance - GENVID_MEDIA_STREAM_NEAR));
}

void
genvid_media_stream_advance (GenvidMediaStream *stream)
{
  stream->offset += stream->held;
  stream->held = 0;
}

gboolean
genvid_media_stream_is_stalled (GenvidMediaStream *stream, gint64 now,
                                gint64 us, guint64 bytes)
{
  if (!stream->fetch)
    return FALSE;
  if (stream->received >= bytes) {
    stream->since = now;
    stream->received = 0;
  }
  return now - stream->since >= us;
}
