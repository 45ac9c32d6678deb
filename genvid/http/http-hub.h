/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "io-loop.h"
#include "reserve.h"
#include "trust.h"

G_BEGIN_DECLS

/* The exchanges of all jobs of a process, side by side on the loop of one
 * thread: one that hangs holds a connection, and delays no other. Those to the
 * same base URL share connections. Made, turned and freed in one thread. */
typedef struct _GenvidHttpHub GenvidHttpHub;

GenvidHttpHub *genvid_http_hub_new (GenvidIoLoop *loop);
/* Whatever is in progress is given up, without an answer. */
void genvid_http_hub_free (GenvidHttpHub *hub);

/* After each turn of the loop: starts, reads, ends. Returns when it must be
 * called again at the latest (boot clock). */
gint64 genvid_http_hub_serve (GenvidHttpHub *hub);

/* Called in the hub's thread, holding no lock; takes ANSWER. */
typedef void (*GenvidHttpHubDone) (gpointer data, GenvidAnswer *answer);

/* TRUST and EXCHANGE are borrowed. */
typedef struct {
  const GenvidTrust *trust;
  const GenvidExchange *exchange;
  gint64 until; /* boot clock: it is given up */
  /* Its descriptors, at least GENVID_RESERVE_EXCHANGE; taken. NULL: it waits
   * until there are some, in the order of those that do. */
  GenvidReserve *reserve;
} GenvidHttpHubRequest;

/* Any thread. Performs REQUEST as a GenvidHttpSend. DONE is called once. */
void genvid_http_hub_send (GenvidHttpHub *hub,
                           const GenvidHttpHubRequest *request,
                           GenvidHttpHubDone done, gpointer data);
/* Any thread: stops what was sent with DATA as if its deadline had come. For
 * process exit. */
void genvid_http_hub_abort (GenvidHttpHub *hub, gpointer data);

G_END_DECLS
