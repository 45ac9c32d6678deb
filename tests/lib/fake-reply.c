/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A scripted reply on the wire: ranges, framing, and where it breaks off. */
#include "fake-private.h"

#include <stdio.h>
#include <string.h>

#define CHUNK 4096

/* What of an entry's body a request gets. */
typedef struct {
  guint status;
  GBytes *body; /* owned */
  char *range;  /* Content-Range; nullable */
} Part;

static void
part_clear (Part *part)
{
  g_clear_pointer (&part->body, g_bytes_unref);
  g_clear_pointer (&part->range, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Part, part_clear)

/* The value of a header of the script's; NULL if it has none. */
static char *
find_header (const FakeReply *reply, const char *name)
{
  g_auto (GStrv) lines
      = g_strsplit (reply->headers ? reply->headers : "", "\n", -1);
  gsize length = strlen (name);

  for (guint i = 0; lines[i]; i++)
    if (!g_ascii_strncasecmp (lines[i], name, length)
        && lines[i][length] == ':')
      return g_strstrip (g_strdup (lines[i] + length + 1));
  return NULL;
}

/* If-Range is absent, or names what is served. */
static gboolean
is_same (const FakeReply *reply, const FakeRequest *request)
{
  const char *want = fake_request_get_header (request, "if-range");
  g_autofree char *etag = find_header (reply, "ETag");
  g_autofree char *modified = find_header (reply, "Last-Modified");

  return !want || !g_strcmp0 (want, etag) || !g_strcmp0 (want, modified);
}

static void
cut_range (Part *part, const char *range)
{
  g_autoptr (GBytes) whole = g_steal_pointer (&part->body);
  guint64 size = g_bytes_get_size (whole), start = 0, end = 0;
  int n = sscanf (range, "bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                  &start, &end);

  if (n < 1 || start >= size) {
    part->status = 416;
    part->range = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, size);
    part->body = g_bytes_new_static ("", 0);
    return;
  }
  end = n == 2 ? MIN (end, size - 1) : size - 1;
  part->status = 206;
  part->range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT
                                 "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                                 start, end, size);
  part->body = g_bytes_new_from_bytes (whole, start, end - start + 1);
}

static void
choose_part (Part *part, const FakeReply *reply, const FakeRequest *request)
{
  const char *range = fake_request_get_header (request, "range");

  part->status = reply->status ? reply->status : 200;
  part->body = reply->bytes
                   ? g_bytes_ref (reply->bytes)
                   : g_bytes_new (reply->body ? reply->body : "",
                                  reply->body ? strlen (reply->body) : 0);
  if ((reply->flags & FAKE_RANGE) && range && is_same (reply, request))
    cut_range (part, range);
  if (!reply->range)
    return;
  g_free (part->range);
  part->range = g_strdup (reply->range);
  part->status = 206;
}

static gboolean
send_head (FakeConnection *connection, const FakeReply *reply, const Part *part)
{
  g_autoptr (GString) head = g_string_new (NULL);
  g_auto (GStrv) lines
      = g_strsplit (reply->headers ? reply->headers : "", "\n", -1);
  guint flags = reply->flags;

  g_string_printf (head, "HTTP/1.1 %u Scripted\r\n", part->status);
  for (guint i = 0; lines[i]; i++)
    if (*lines[i])
      g_string_append_printf (head, "%s\r\n", lines[i]);
  if (part->range)
    g_string_append_printf (head, "Content-Range: %s\r\n", part->range);
  if (flags & FAKE_CHUNKED)
    g_string_append (head, "Transfer-Encoding: chunked\r\n");
  else if (!(flags & FAKE_NO_LENGTH))
    g_string_append_printf (head, "Content-Length: %" G_GINT64_FORMAT "\r\n",
                            (gint64)g_bytes_get_size (part->body) + reply->lie);
  if (flags & (FAKE_CLOSE | FAKE_NO_LENGTH))
    g_string_append (head, "Connection: close\r\n");
  g_string_append (head, "\r\n");
  if (flags & FAKE_DROP_HEAD)
    g_string_truncate (head, head->len / 2);
  return fake_connection_write (connection, head->str, head->len)
         && !(flags & FAKE_DROP_HEAD);
}

static gboolean
send_chunk (FakeConnection *connection, const guint8 *data, gsize length)
{
  g_autofree char *size = g_strdup_printf ("%zx\r\n", length);

  return fake_connection_write (connection, size, strlen (size))
         && fake_connection_write (connection, data, length)
         && fake_connection_write (connection, "\r\n", 2);
}

static gboolean
send_bytes (FakeConnection *connection, guint flags, const guint8 *data,
            gsize length)
{
  gsize step = length;
  gsize n;

  if (flags & FAKE_DRIBBLE)
    step = 1;
  else if (flags & FAKE_CHUNKED)
    step = CHUNK;
  for (gsize done = 0; done < length; done += n) {
    n = MIN (step, length - done);
    if (flags & FAKE_CHUNKED
            ? !send_chunk (connection, data + done, n)
            : !fake_connection_write (connection, data + done, n))
      return FALSE;
  }
  return TRUE;
}

static gboolean
send_body (FakeConnection *connection, const FakeReply *reply, GBytes *body)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (body, &length);
  guint flags = reply->flags;
  gsize first = length;

  if (flags & (FAKE_CUT | FAKE_HOLD_BODY))
    first = MIN (reply->cut, length);
  if (!send_bytes (connection, flags, data, first))
    return FALSE;
  if ((flags & FAKE_HOLD_BODY)
      && !fake_service_pass (connection->service, reply->gate))
    return FALSE;
  if (flags & FAKE_CUT)
    return FALSE;
  if (first < length
      && !send_bytes (connection, flags, data + first, length - first))
    return FALSE;
  return !(flags & FAKE_CHUNKED)
         || fake_connection_write (connection, "0\r\n\r\n", 5);
}

gboolean
fake_reply_send (FakeConnection *connection, const FakeReply *reply,
                 const FakeRequest *request)
{
  g_auto (Part) part = { 0 };

  if ((reply->flags & FAKE_HOLD)
      && !fake_service_pass (connection->service, reply->gate))
    return FALSE;
  if (reply->flags & FAKE_DROP)
    return FALSE;
  choose_part (&part, reply, request);
  if (!(reply->flags & FAKE_RAW) && !send_head (connection, reply, &part))
    return FALSE;
  if (part.status == 204 || part.status == 304
      || !strcmp (request->method, "HEAD"))
    return TRUE;
  if (!send_body (connection, reply, part.body))
    return FALSE;
  return !(reply->flags & (FAKE_CLOSE | FAKE_NO_LENGTH));
}
