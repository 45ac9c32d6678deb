/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTP/1.1 by hand: faults need every byte under control, and a server that
 * shares no code with the client's library cannot share its mistakes. */
#include "sandbox-private.h"

#include <string.h>

#define MAX_HEAD (64 * 1024)
#define MAX_BODY (512 * 1024 * 1024)

void
sandbox_conn_free (SandboxConn *conn)
{
  g_io_stream_close (conn->io, NULL, NULL);
  g_object_unref (conn->io);
  g_object_unref (conn->socket);
  g_byte_array_unref (conn->in);
  g_free (conn);
}

void
sandbox_conn_cut (SandboxConn *conn)
{
  conn->dead = TRUE;
  g_socket_shutdown (conn->socket, TRUE, TRUE, NULL);
}

gboolean
sandbox_conn_write (SandboxConn *conn, const void *data, gsize size)
{
  GOutputStream *out = g_io_stream_get_output_stream (conn->io);

  if (!conn->dead
      && !g_output_stream_write_all (out, data, size, NULL,
                                     conn->sandbox->cancel, NULL))
    conn->dead = TRUE;
  return !conn->dead;
}

static gboolean
read_more (SandboxConn *conn)
{
  guint8 buffer[16 * 1024];
  GInputStream *in = g_io_stream_get_input_stream (conn->io);
  gssize n = g_input_stream_read (in, buffer, sizeof buffer,
                                  conn->sandbox->cancel, NULL);

  if (n <= 0) {
    conn->dead = TRUE;
    return FALSE;
  }
  g_byte_array_append (conn->in, buffer, (guint)n);
  return TRUE;
}

/* Takes everything up to the delimiter, which is consumed, not returned. */
static char *
read_until (SandboxConn *conn, const char *delimiter)
{
  gsize length = strlen (delimiter);

  for (;;) {
    guint8 *at = conn->in->len == 0 ? NULL
                                    : memmem (conn->in->data, conn->in->len,
                                              delimiter, length);
    if (at != NULL) {
      gsize size = (gsize)(at - conn->in->data);
      char *text = g_strndup ((const char *)conn->in->data, size);
      g_byte_array_remove_range (conn->in, 0, (guint)(size + length));
      return text;
    }
    if (conn->in->len > MAX_HEAD || !read_more (conn))
      return NULL;
  }
}

static GBytes *
read_exactly (SandboxConn *conn, guint64 size)
{
  GBytes *bytes;

  while (conn->in->len < size)
    if (!read_more (conn))
      return NULL;
  bytes = g_bytes_new (conn->in->data, (gsize)size);
  g_byte_array_remove_range (conn->in, 0, (guint)size);
  return bytes;
}

static gboolean
parse_request_line (GenvidSandboxRequest *q, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  char *mark;

  if (g_strv_length (words) != 3 || words[1][0] != '/'
      || !g_str_has_prefix (words[2], "HTTP/1."))
    return FALSE;
  q->method = g_strdup (words[0]);
  q->path = g_strdup (words[1]);
  mark = strchr (q->path, '?');
  if (mark == NULL)
    return TRUE;
  q->query = g_strdup (mark + 1);
  *mark = '\0';
  return TRUE;
}

gboolean
sandbox_conn_read_head (SandboxConn *conn, GenvidSandboxRequest *q)
{
  g_autofree char *head = read_until (conn, "\r\n\r\n");
  g_auto (GStrv) lines = NULL;

  if (head == NULL)
    return FALSE;
  lines = g_strsplit (head, "\r\n", -1);
  if (lines[0] == NULL || !parse_request_line (q, lines[0])) {
    conn->dead = TRUE;
    return FALSE;
  }
  q->headers = g_strdupv (lines + 1);
  q->connection = conn->number;
  q->cdn = conn->kind != PORT_API;
  return TRUE;
}

static gboolean
read_chunked (SandboxConn *conn, GenvidSandboxRequest *q)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  for (;;) {
    g_autofree char *line = read_until (conn, "\r\n");
    g_autoptr (GBytes) chunk = NULL;
    guint64 size;

    if (line == NULL)
      return FALSE;
    size = g_ascii_strtoull (line, NULL, 16);
    if (size > MAX_BODY)
      return FALSE;
    chunk = read_exactly (conn, size + 2);
    if (chunk == NULL)
      return FALSE;
    if (size == 0)
      break;
    g_byte_array_append (body, g_bytes_get_data (chunk, NULL), (guint)size);
  }
  q->body = g_byte_array_free_to_bytes (g_steal_pointer (&body));
  return TRUE;
}

gboolean
sandbox_conn_read_body (SandboxConn *conn, GenvidSandboxRequest *q)
{
  static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  const char *length = genvid_sandbox_request_header (q, "Content-Length");
  const char *coding = genvid_sandbox_request_header (q, "Transfer-Encoding");
  const char *expect = genvid_sandbox_request_header (q, "Expect");
  guint64 size = 0;

  if (length == NULL && coding == NULL)
    return TRUE;
  if (expect != NULL && !sandbox_conn_write (conn, go_on, strlen (go_on)))
    return FALSE;
  if (coding != NULL)
    return length == NULL && read_chunked (conn, q);
  if (!g_ascii_string_to_unsigned (length, 10, 0, MAX_BODY, &size, NULL))
    return FALSE;
  q->body = read_exactly (conn, size);
  return q->body != NULL;
}

/* --- replies -------------------------------------------------------------- */

void
sandbox_reply_init (SandboxReply *reply)
{
  reply->status = 0;
  reply->type = "application/json";
  reply->headers = g_string_new (NULL);
  reply->body = g_string_new (NULL);
  reply->spoil = SPOIL_NONE;
}

void
sandbox_reply_clear (SandboxReply *reply)
{
  if (reply->headers != NULL)
    g_string_free (reply->headers, TRUE);
  if (reply->body != NULL)
    g_string_free (reply->body, TRUE);
}

void
sandbox_reply_set (SandboxReply *reply, guint status, const char *type,
                   const char *body)
{
  reply->status = status;
  reply->type = type;
  g_string_assign (reply->body, body);
}

void
sandbox_reply_header (SandboxReply *reply, const char *name, const char *value)
{
  g_string_append_printf (reply->headers, "%s: %s\r\n", name, value);
}

void
sandbox_reply_json (SandboxReply *reply, guint status, const char *format, ...)
{
  va_list args;

  reply->status = status;
  reply->type = "application/json";
  va_start (args, format);
  g_string_vprintf (reply->body, format, args);
  va_end (args);
}

static const char *
phrase (guint status)
{
  static const struct {
    guint status;
    const char *text;
  } table[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 206, "Partial Content" },
    { 302, "Found" },
    { 307, "Temporary Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 409, "Conflict" },
    { 416, "Range Not Satisfiable" },
    { 422, "Unprocessable" },
    { 429, "Too Many Requests" },
    { 500, "Internal Server Error" },
    { 503, "Service Unavailable" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].status == status)
      return table[i].text;
  return "Status";
}

void
sandbox_conn_reply (SandboxConn *conn, GenvidSandboxRequest *q,
                    SandboxReply *reply)
{
  g_autofree char *date = sandbox_date (conn->sandbox, 0);
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean head_only = g_str_equal (q->method, "HEAD");
  gsize head, size;

  g_string_printf (out,
                   "HTTP/1.1 %u %s\r\nDate: %s\r\n"
                   "Content-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT
                   "\r\n%s\r\n",
                   reply->status, phrase (reply->status), date, reply->type,
                   reply->body->len, reply->headers->str);
  head = size = out->len;
  if (!head_only) {
    g_string_append_len (out, reply->body->str, (gssize)reply->body->len);
    size = out->len;
  }
  if (reply->spoil == SPOIL_DROP || reply->spoil == SPOIL_HANG)
    size = 0;
  else if (reply->spoil == SPOIL_DROP_HEAD)
    size = head / 2;
  else if (reply->spoil != SPOIL_NONE)
    size = head + (size - head) / 2;

  sandbox_conn_write (conn, out->str, size);
  if (reply->spoil == SPOIL_HANG || reply->spoil == SPOIL_HANG_BODY)
    sandbox_pass_gate (conn->sandbox, GENVID_SANDBOX_GATE_HANG);
  if (reply->spoil != SPOIL_NONE)
    sandbox_conn_cut (conn);
}
