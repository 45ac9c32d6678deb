/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The private main context of a worker thread. Its deadline is a timerfd:
 * GLib's timeout sources count the monotonic clock, which stands still while
 * the machine sleeps, and a deadline must not. */
#include "io-loop.h"

#include "clock.h"
#include "failure.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_US (G_USEC_PER_SEC / 5)

/* What ends at all has ended by then. */
#define LAST_TURNS 1000

struct _GenvidIoLoop {
  GMainContext *context;
  GSource *source;
  int timer;
  gint64 armed;     /* what the timer is set to; -1: nothing */
  gboolean expired; /* the armed moment has come */
  int aborted;      /* atomic */
  gboolean unsettled;
};

static gboolean
note_expiry (int fd, GIOCondition condition, gpointer data)
{
  GenvidIoLoop *loop = data;
  guint64 count;

  if (read (fd, &count, sizeof count) == sizeof count)
    loop->expired = TRUE;
  return G_SOURCE_CONTINUE;
}

/* GLib ends the process where its context gets no descriptor, so it is found
 * out first. */
static gboolean
is_context_possible (void)
{
  int probe = eventfd (0, EFD_CLOEXEC);

  if (probe >= 0)
    close (probe);
  return probe >= 0;
}

GenvidIoLoop *
genvid_io_loop_new (GError **error)
{
  int timer = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  GenvidIoLoop *loop;

  if (timer < 0 || !is_context_possible ()) {
    g_set_error (
        error, GENVID_ERROR, GENVID_REASON_NO_SPACE,
        "No timer can be created: %s. Nothing was sent. Raise the limit "
        "with ulimit -n, or run fewer clips at once.",
        g_strerror (errno));
    if (timer >= 0)
      close (timer);
    return NULL;
  }
  loop = g_new0 (GenvidIoLoop, 1);
  loop->context = g_main_context_new ();
  loop->timer = timer;
  loop->armed = -1;
  loop->source = g_unix_fd_source_new (loop->timer, G_IO_IN);
  g_source_set_callback (loop->source, G_SOURCE_FUNC (note_expiry), loop, NULL);
  g_source_attach (loop->source, loop->context);
  return loop;
}

void
genvid_io_loop_free (GenvidIoLoop *loop)
{
  guint n = 0;

  if (!loop)
    return;
  g_main_context_push_thread_default (loop->context);
  while (n < LAST_TURNS && g_main_context_iteration (loop->context, FALSE))
    n++;
  g_main_context_pop_thread_default (loop->context);
  loop->unsettled = loop->unsettled || n == LAST_TURNS;
  g_source_destroy (loop->source);
  g_source_unref (loop->source);
  /* What is still pending in it would be torn down where it is no longer the
   * thread's own context, and libsoup aborts the process for that. Its few
   * bytes stay. */
  if (!loop->unsettled)
    g_main_context_unref (loop->context);
  close (loop->timer);
  g_free (loop);
}

GMainContext *
genvid_io_loop_get_context (GenvidIoLoop *loop)
{
  return loop->context;
}

gint64
genvid_io_loop_get_time (void)
{
  struct timespec now = { 0 };

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

void
genvid_io_loop_wake (GenvidIoLoop *loop)
{
  g_main_context_wakeup (loop->context);
}

void
genvid_io_loop_abort (GenvidIoLoop *loop)
{
  g_atomic_int_set (&loop->aborted, TRUE);
  genvid_io_loop_wake (loop);
}

gboolean
genvid_io_loop_is_aborted (GenvidIoLoop *loop)
{
  return g_atomic_int_get (&loop->aborted);
}

/* What cannot be waited for has come. An absolute time in the past fires at
 * once, so nobody need ask the clock. */
static void
arm (GenvidIoLoop *loop, gint64 until)
{
  struct itimerspec at = { 0 };

  if (loop->armed == until)
    return;
  until = MAX (until, 1);
  at.it_value.tv_sec = until / G_USEC_PER_SEC;
  at.it_value.tv_nsec = until % G_USEC_PER_SEC * 1000;
  loop->armed = until;
  loop->expired
      = timerfd_settime (loop->timer, TFD_TIMER_ABSTIME, &at, NULL) < 0;
}

gboolean
genvid_io_loop_turn (GenvidIoLoop *loop, gint64 until)
{
  arm (loop, until);
  if (genvid_io_loop_is_aborted (loop) || loop->expired)
    return FALSE;
  g_main_context_iteration (loop->context, TRUE);
  return !loop->expired && !genvid_io_loop_is_aborted (loop);
}

void
genvid_io_loop_glance (GenvidIoLoop *loop)
{
  g_main_context_iteration (loop->context, FALSE);
}

void
genvid_io_loop_settle (GenvidIoLoop *loop, gboolean (*pending) (gpointer),
                       gpointer data)
{
  if (!pending (data))
    return;
  arm (loop, genvid_clock_now ().boot + SETTLE_US);
  while (pending (data) && !loop->expired)
    g_main_context_iteration (loop->context, TRUE);
  loop->unsettled = loop->unsettled || pending (data);
}
