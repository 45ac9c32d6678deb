/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "http-hub.h"

G_BEGIN_DECLS

/* Runs all workers of this process on a few threads. A worker is run until it
 * has to wait; then it parks, and holds no thread until what it waits for has
 * come. One thread has the clock and all exchanges; a few run the workers that
 * can go on; those that transfer a file get a thread each, up to a bound, and
 * wait in line beyond it. Threads start when they are needed and end when they
 * are not. */

/* One worker's place in it. */
typedef struct _GenvidPlace GenvidPlace;

/* What a worker that parks waits for. */
typedef enum {
  GENVID_PARK_TIME,     /* a moment, or a wake */
  GENVID_PARK_ANSWER,   /* the answer to what was sent */
  GENVID_PARK_TRANSFER, /* a thread that may wait for a file, or a wake */
  GENVID_PARK_END,      /* nothing: it has ended */
} GenvidParkKind;

typedef struct {
  GenvidParkKind kind;
  gint64 until; /* TIME: boot clock */
} GenvidPark;

typedef struct {
  /* Goes on until it has to wait. Never called twice at a time, though in
   * different threads. TRANSFER: it may wait for a file. */
  GenvidPark (*run) (gpointer data, gboolean transfer);
  /* The last call, holding no lock: frees DATA. */
  void (*ended) (gpointer data);
} GenvidPlaceClass;

/* Runs DATA soon, in another thread; PLACE is set before. FALSE with
 * GENVID_ERROR (no-space) if no thread can be started. */
gboolean genvid_place_new (const GenvidPlaceClass *klass, gpointer data,
                           GenvidPlace **place, GError **error);

/* Any thread, until it has ended: ends the current wait, or else the next one;
 * not that for an answer. */
void genvid_place_wake (GenvidPlace *place);
/* Any thread, until it has ended: an exchange ends as if its deadline had
 * come. */
void genvid_place_abort (GenvidPlace *place);

/* --- While it runs. --- */

/* Waits until UNTIL (boot clock), or for a wake. */
GenvidPark genvid_park_until (GenvidPlace *place, gint64 until);
/* Performs REQUEST while PLACE is parked; what is borrowed by it is so until it
 * runs again. */
GenvidPark genvid_park_send (GenvidPlace *place,
                             const GenvidHttpHubRequest *request);
/* What came of it. Never NULL after such a park; owned by the caller. */
GenvidAnswer *genvid_place_take_answer (GenvidPlace *place);

/* --- When the process forks or exits. --- */

/* A child of this process leaves its parent's workers alone, and may have its
 * own. Call it before whatever is locked above this is watched. */
void genvid_scheduler_watch_forks (void);

/* Waits until the threads that have a clock and connections have ended, which
 * they do after the last worker; gives up at UNTIL (monotonic clock). */
void genvid_scheduler_await_end (gint64 until);

G_END_DECLS
