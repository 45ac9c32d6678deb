/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A line of a given speed to a server on this machine, which all connections
 * share as they share a line to a home: a server's own limit is one a
 * connection, and gives a second of it away at once. What a client sends is
 * small, and not slowed. Prints the port of 127.0.0.1 where it listens. */

#include <glib.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_PAIRS 64
#define HELD      16384
#define PACKET    1448
#define TICK_MS   1
/* What may leave at once after a pause. */
#define BURST_US 4000

typedef struct {
  int client;
  int server;
  guint8 held[HELD];
  gsize begin, end; /* of what is held and not sent on */
  gboolean over;    /* the server has closed */
} Pair;

typedef struct {
  int listener;
  struct sockaddr_in target;
  double per_us; /* bytes */
  double tokens; /* bytes */
  gint64 filled; /* monotonic */
  guint turn;    /* who may send first */
  guint n;
  Pair *pairs[MAX_PAIRS];
} Line;

static void
drop (Line *line, guint index)
{
  Pair *pair = line->pairs[index];

  close (pair->client);
  close (pair->server);
  g_free (pair);
  line->pairs[index] = line->pairs[--line->n];
}

static void
admit (Line *line)
{
  int client = accept (line->listener, NULL, NULL);
  int server = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1;
  int small = 4 * HELD;

  if (client < 0 || server < 0 || line->n == MAX_PAIRS
      || connect (server, (struct sockaddr *)&line->target, sizeof line->target)
             != 0) {
    close (client);
    close (server);
    return;
  }
  setsockopt (client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt (client, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  Pair *pair = g_new0 (Pair, 1);
  pair->client = client;
  pair->server = server;
  line->pairs[line->n++] = pair;
}

/* FALSE: the client is gone. */
static gboolean
carry_request (Pair *pair)
{
  guint8 data[4096];
  ssize_t got = recv (pair->client, data, sizeof data, MSG_DONTWAIT);

  if (got < 0)
    return errno == EAGAIN || errno == EINTR;
  return got > 0 && send (pair->server, data, (gsize)got, MSG_NOSIGNAL) == got;
}

static void
take_reply (Pair *pair)
{
  ssize_t got = recv (pair->server, pair->held, HELD, MSG_DONTWAIT);

  if (got > 0) {
    pair->begin = 0;
    pair->end = (gsize)got;
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    pair->over = TRUE;
  }
}

/* One packet; how much of it the client took, or -1. */
static ssize_t
send_packet (Pair *pair)
{
  gsize length = MIN (pair->end - pair->begin, PACKET);
  ssize_t sent = send (pair->client, pair->held + pair->begin, length,
                       MSG_DONTWAIT | MSG_NOSIGNAL);

  if (sent < 0)
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
  pair->begin += (gsize)sent;
  return sent;
}

static void
fill (Line *line)
{
  gint64 now = g_get_monotonic_time ();

  line->tokens += (double)(now - line->filled) * line->per_us;
  line->tokens = MIN (line->tokens, line->per_us * BURST_US + PACKET);
  line->filled = now;
}

/* In turns of one packet, while the line has room and somebody takes. */
static void
spend (Line *line)
{
  guint idle = 0;

  while (line->n > 0 && idle < line->n && line->tokens >= PACKET) {
    guint index = line->turn++ % line->n;
    Pair *pair = line->pairs[index];

    if (pair->begin == pair->end && !pair->over)
      take_reply (pair);
    gboolean empty = pair->begin == pair->end;
    ssize_t sent = empty ? 0 : send_packet (pair);
    if (sent < 0 || (empty && pair->over)) {
      drop (line, index);
      continue;
    }
    line->tokens -= (double)sent;
    idle = sent > 0 ? 0 : idle + 1;
  }
}

static void
turn (Line *line)
{
  struct pollfd fds[MAX_PAIRS + 1] = { { line->listener, POLLIN, 0 } };
  guint n = line->n;

  for (guint i = 0; i < n; i++)
    fds[i + 1] = (struct pollfd){ line->pairs[i]->client, POLLIN, 0 };
  if (poll (fds, n + 1, n > 0 ? TICK_MS : -1) < 0)
    return;
  for (guint i = n; i-- > 0;)
    if (fds[i + 1].revents != 0 && !carry_request (line->pairs[i]))
      drop (line, i);
  if (fds[0].revents & POLLIN)
    admit (line);
  fill (line);
  spend (line);
}

static gboolean
listen_somewhere (Line *line)
{
  struct sockaddr_in here = { .sin_family = AF_INET };
  socklen_t length = sizeof here;

  here.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  line->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (line->listener < 0
      || bind (line->listener, (struct sockaddr *)&here, sizeof here) != 0
      || listen (line->listener, MAX_PAIRS) != 0
      || getsockname (line->listener, (struct sockaddr *)&here, &length) != 0)
    return FALSE;
  g_print ("%u\n", ntohs (here.sin_port));
  return TRUE;
}

int
main (int argc, char **argv)
{
  Line line = { .filled = g_get_monotonic_time () };

  if (argc != 3) {
    g_printerr ("usage: %s PORT BITS-PER-SECOND\n", argv[0]);
    return EXIT_FAILURE;
  }
  line.target.sin_family = AF_INET;
  line.target.sin_port = htons ((guint16)atoi (argv[1]));
  line.target.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  line.per_us = g_ascii_strtod (argv[2], NULL) / 8 / G_USEC_PER_SEC;
  if (line.per_us <= 0 || !listen_somewhere (&line)) {
    g_printerr ("no line: %s\n", g_strerror (errno));
    return EXIT_FAILURE;
  }
  for (;;)
    turn (&line);
}
