/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ports, the connections and the requests; what is answered is in
 * liar-answer.c. */
#include "liar-private.h"

#include <string.h>
#include <sys/socket.h>

#define PATIENCE 30 /* turns */
#define BLOCK    65536

static void
free_request (gpointer data)
{
  LiarRequest *request = data;

  g_free (request->head);
  g_free (request->method);
  g_free (request->target);
  g_free (request);
}

static void
free_line (gpointer data)
{
  LiarLine *line = data;

  g_clear_object (&line->stream);
  g_clear_object (&line->socket);
  g_byte_array_unref (line->in);
  g_byte_array_unref (line->out);
  g_free (line);
}

static GSocket *
open_port (guint16 *number)
{
  g_autoptr (GInetAddress) loopback
      = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) local = NULL;
  GSocket *socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, 0, NULL);

  g_assert_true (g_socket_bind (socket, any, TRUE, NULL));
  g_assert_true (g_socket_listen (socket, NULL));
  g_socket_set_blocking (socket, FALSE);
  local = g_socket_get_local_address (socket, NULL);
  *number = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  return socket;
}

Liar *
liar_new (const LiarRow *row, const char *key)
{
  Liar *liar = g_new0 (Liar, 1);
  const char *scheme = row->flags & LIAR_TLS ? "https" : "http";
  const char *host = row->flags & LIAR_TLS ? "localhost" : "127.0.0.1";

  liar->row = row;
  liar->key = g_strdup (key);
  liar->lines = g_ptr_array_new_with_free_func (free_line);
  liar->requests = g_ptr_array_new_with_free_func (free_request);
  for (guint i = 0; i < LIAR_PORTS; i++) {
    liar->ports[i] = open_port (&liar->numbers[i]);
    liar->urls[i]
        = g_strdup_printf ("%s://%s:%u", scheme, host, liar->numbers[i]);
    liar->others[i] = g_strdup_printf (
        "%s://%s:%u", scheme, row->flags & LIAR_TLS ? "127.0.0.1" : "localhost",
        liar->numbers[i]);
  }
  return liar;
}

void
liar_free (Liar *liar)
{
  g_ptr_array_unref (liar->lines);
  g_ptr_array_unref (liar->requests);
  for (guint i = 0; i < LIAR_PORTS; i++) {
    g_object_unref (liar->ports[i]);
    g_free (liar->urls[i]);
    g_free (liar->others[i]);
  }
  g_free (liar->key);
  g_free (liar);
}

void
liar_go_slowly (Liar *liar)
{
  liar->slow = TRUE;
}

void
liar_reform (Liar *liar)
{
  liar->honest = TRUE;
}

const char *
liar_get_url (Liar *liar)
{
  return liar->urls[0];
}

const char *
liar_get_clips_url (Liar *liar)
{
  return liar->urls[1];
}

GPtrArray *
liar_get_requests (Liar *liar)
{
  return liar->requests;
}

guint
liar_count (Liar *liar, LiarPlace place)
{
  guint n = 0;

  for (guint i = 0; i < liar->requests->len; i++)
    n += ((LiarRequest *)liar->requests->pdata[i])->place == place;
  return n;
}

guint
liar_count_charges (Liar *liar)
{
  g_autoptr (GHashTable) names
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < liar->requests->len; i++) {
    const LiarRequest *request = g_ptr_array_index (liar->requests, i);
    char *name = liar_get_header (request->head, "Idempotency-Key");

    if (name == NULL)
      name = g_strdup_printf ("%u", i);
    if (request->place == LIAR_SUBMIT && !request->refused)
      g_hash_table_add (names, name);
    else
      g_free (name);
  }
  return g_hash_table_size (names);
}

guint64
liar_get_sent (Liar *liar)
{
  return liar->sent;
}

gboolean
liar_has_threads (Liar *liar)
{
  return (liar->row->flags & LIAR_TLS) != 0;
}

/* --- Lines. --- */

static void
end_line (LiarLine *line)
{
  if (line->flags & LIAR_RESET) {
    const struct linger hard = { 1, 0 };

    setsockopt (g_socket_get_fd (line->socket), SOL_SOCKET, SO_LINGER, &hard,
                sizeof hard);
  }
  g_socket_close (line->socket, NULL);
  g_clear_object (&line->stream);
  line->ended = TRUE;
}

static void
wrap_in_tls (Liar *liar, LiarLine *line)
{
  const char *file = line->port == 0 && liar->row->pem != NULL && !liar->honest
                         ? liar->row->pem
                         : "server.pem";
  g_autofree char *path
      = g_build_filename (TEST_SOURCE_ROOT, "tests/data/tls", file, NULL);
  g_autoptr (GTlsCertificate) certificate
      = g_tls_certificate_new_from_file (path, NULL);
  GIOStream *tls;

  g_assert_nonnull (certificate);
  tls = g_tls_server_connection_new (line->stream, certificate, NULL);
  g_object_unref (line->stream);
  line->stream = tls;
}

static gboolean
accept_line (Liar *liar, guint port)
{
  GSocket *socket = g_socket_accept (liar->ports[port], NULL, NULL);
  LiarLine *line;
  gboolean greets = liar->row->place == LIAR_GREET && !liar->honest;

  if (socket == NULL)
    return FALSE;
  g_socket_set_blocking (socket, FALSE);
  line = g_new0 (LiarLine, 1);
  line->port = port;
  line->socket = socket;
  line->stream
      = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  line->in = g_byte_array_new ();
  line->out = g_byte_array_new ();
  g_ptr_array_add (liar->lines, line);
  if ((liar->row->flags & LIAR_TLS) && !greets)
    wrap_in_tls (liar, line);
  if (greets)
    liar_answer_lie (liar, line);
  return TRUE;
}

/* TRUE: something moved. */
static gboolean
read_line (LiarLine *line)
{
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (line->stream));
  g_autoptr (GError) error = NULL;
  guint8 block[16384];
  gssize n = g_pollable_input_stream_read_nonblocking (
      input, block, sizeof block, NULL, &error);

  if (n > 0)
    g_byte_array_append (line->in, block, (guint)n);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    end_line (line);
  return n > 0;
}

/* What drips waits for its tick. */
static gboolean
send_some (Liar *liar, LiarLine *line, gsize most)
{
  GPollableOutputStream *output
      = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (line->stream));
  g_autoptr (GError) error = NULL;
  gsize length = MIN (line->out->len - line->done, most);
  gssize n;

  if (length == 0)
    return FALSE;
  n = g_pollable_output_stream_write_nonblocking (
      output, line->out->data + line->done, length, NULL, &error);
  line->blocked = n <= 0;
  if (n > 0) {
    line->done += (gsize)n;
    liar->sent += (guint64)n;
    return TRUE;
  }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    end_line (line);
  return FALSE;
}

static void
refill (Liar *liar, LiarLine *line)
{
  if (line->done < line->out->len)
    return;
  g_byte_array_set_size (line->out, 0);
  line->done = 0;
  while (line->filler != NULL && line->out->len < BLOCK)
    g_byte_array_append (line->out, (const guint8 *)line->filler,
                         (guint)strlen (line->filler));
  if (line->filler == NULL && (line->flags & (LIAR_CLOSE | LIAR_RESET)))
    end_line (line);
}

static gboolean
move_line (Liar *liar, LiarLine *line)
{
  gboolean moved = FALSE;

  if (!line->ended)
    moved = read_line (line);
  if (moved && liar->slow)
    return !line->ended;
  if (!line->ended && line->done == line->out->len && line->filler == NULL
      && !(line->flags & (LIAR_CLOSE | LIAR_RESET)))
    moved = liar_answer (liar, line) || moved;
  if (moved && liar->slow)
    return TRUE;
  if (!line->ended && line->drip == 0)
    moved = send_some (liar, line, G_MAXSIZE) || moved;
  if (!line->ended && line->answered)
    refill (liar, line);
  return moved && !line->ended;
}

gboolean
liar_awaits_reader (Liar *liar)
{
  if (liar->patience == 0 || liar_has_threads (liar))
    return FALSE;
  for (guint n = 0; n < liar->lines->len; n++) {
    LiarLine *line = g_ptr_array_index (liar->lines, n);

    if (line->blocked && !line->ended)
      return TRUE;
  }
  return FALSE;
}

gboolean
liar_pump (Liar *liar)
{
  gboolean moved = TRUE, any = FALSE;

  /* A reader who takes all of it has had enough for one turn. */
  for (guint i = 0; moved && i < (liar->slow ? 1 : 32); i++) {
    moved = FALSE;
    for (guint port = 0; port < LIAR_PORTS; port++)
      moved = accept_line (liar, port) || moved;
    for (guint n = 0; n < liar->lines->len; n++)
      moved = move_line (liar, liar->lines->pdata[n]) || moved;
    for (guint n = liar->lines->len; n > 0; n--)
      if (((LiarLine *)liar->lines->pdata[n - 1])->ended)
        g_ptr_array_remove_index (liar->lines, n - 1);
    any = any || moved;
  }
  if (any)
    liar->patience = PATIENCE;
  else if (liar->patience > 0)
    liar->patience--;
  return any || liar_awaits_reader (liar);
}

gboolean
liar_tick (Liar *liar)
{
  gboolean drips = FALSE;

  for (guint n = 0; n < liar->lines->len; n++) {
    LiarLine *line = g_ptr_array_index (liar->lines, n);

    if (line->drip > 0 && !line->ended)
      drips = send_some (liar, line, line->drip) || drips;
  }
  return drips;
}
