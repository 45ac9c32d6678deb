/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A port on loopback that keeps no rules: it reads a head, writes what it was
 * told to, and counts how much of it was taken. One connection at a time. */

#include <gio/gio.h>

#include <string.h>

/* Whoever reads all of this has no bound. */
#define RAW_MAX (G_GUINT64_CONSTANT (64) << 20)
/* What two sockets and a reader that has stopped may hold. */
#define RAW_HELD (G_GUINT64_CONSTANT (24) << 20)

typedef struct {
  const char *start;  /* the answer to a head; NULL: none, see target */
  const char *filler; /* and this behind it without end; nullable */
  guint16 target;     /* joins the connection with this port of loopback */
  guint16 port;
  GSocketListener *listener;
  GCancellable *cancel;
  GThread *thread;
  GPtrArray *heads; /* what came, in order; once it was closed */
  guint64 written;
} Raw;

static inline char *
raw_read_head (GSocket *socket)
{
  GString *head = g_string_new (NULL);
  char block[1024];
  gssize n = 1;

  /* SOCKS begins with its number, and has no end to wait for. */
  while (n > 0 && !strstr (head->str, "\r\n\r\n")
         && !(head->len > 0 && head->str[0] < ' ')) {
    n = g_socket_receive (socket, block, sizeof block, NULL, NULL);
    if (n > 0)
      g_string_append_len (head, block, n);
  }
  return g_string_free (head, FALSE);
}

static inline gboolean
raw_write (Raw *raw, GSocket *socket, const char *text, gsize length)
{
  while (length > 0) {
    gssize n = g_socket_send (socket, text, length, NULL, NULL);

    if (n <= 0)
      return FALSE;
    raw->written += n;
    text += n;
    length -= n;
  }
  return TRUE;
}

static inline void
raw_fill (Raw *raw, GSocket *socket)
{
  g_autoptr (GString) block = g_string_new (NULL);
  gboolean taken = raw_write (raw, socket, raw->start, strlen (raw->start));

  while (raw->filler && block->len < 65536)
    g_string_append (block, raw->filler);
  while (taken && raw->filler && raw->written < RAW_MAX)
    taken = raw_write (raw, socket, block->str, block->len);
}

static inline gboolean
raw_move (Raw *raw, GSocket *from, GSocket *to)
{
  char block[16384];
  gssize n = g_socket_receive (from, block, sizeof block, NULL, NULL);

  return n > 0 && raw_write (raw, to, block, n);
}

static inline void
raw_join (Raw *raw, GSocket *socket)
{
  static const char yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) there = NULL;
  GPollFD fds[2] = { { .events = G_IO_IN }, { .events = G_IO_IN } };
  gboolean open;

  g_socket_client_set_enable_proxy (client, FALSE);
  there = g_socket_client_connect_to_host (client, "127.0.0.1", raw->target,
                                           NULL, NULL);
  g_assert_nonnull (there);
  fds[0].fd = g_socket_get_fd (socket);
  fds[1].fd = g_socket_get_fd (g_socket_connection_get_socket (there));
  open = raw_write (raw, socket, yes, strlen (yes));
  while (open && g_poll (fds, 2, -1) > 0) {
    GSocket *other = g_socket_connection_get_socket (there);

    if (fds[0].revents)
      open = raw_move (raw, socket, other);
    if (open && fds[1].revents)
      open = raw_move (raw, other, socket);
  }
}

static inline gpointer
raw_run (gpointer data)
{
  Raw *raw = data;
  GSocketConnection *next;

  while ((next = g_socket_listener_accept (raw->listener, NULL, raw->cancel,
                                           NULL))) {
    g_autoptr (GSocketConnection) connection = next;
    GSocket *socket = g_socket_connection_get_socket (connection);

    g_ptr_array_add (raw->heads, raw_read_head (socket));
    if (raw->start)
      raw_fill (raw, socket);
    else if (raw->target)
      raw_join (raw, socket);
  }
  return NULL;
}

static inline void
raw_open (Raw *raw)
{
  g_autoptr (GInetAddress) loopback
      = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) local = NULL;

  raw->listener = g_socket_listener_new ();
  raw->cancel = g_cancellable_new ();
  raw->heads = g_ptr_array_new_with_free_func (g_free);
  g_assert_true (g_socket_listener_add_address (
      raw->listener, any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
      &local, NULL));
  raw->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  raw->thread = g_thread_new ("raw", raw_run, raw);
}

/* Waits for the end of the connection that is there. */
static inline void
raw_close (Raw *raw)
{
  g_cancellable_cancel (raw->cancel);
  g_thread_join (g_steal_pointer (&raw->thread));
  g_clear_object (&raw->listener);
  g_clear_object (&raw->cancel);
}

static inline void
raw_clear (Raw *raw)
{
  if (raw->thread)
    raw_close (raw);
  g_clear_pointer (&raw->heads, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)
