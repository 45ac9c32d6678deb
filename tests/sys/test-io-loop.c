/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The end of a loop: what is pending in it comes first. */

#include "io-loop.h"

typedef struct {
  guint n;
  guint left; /* G_MAXUINT: it is always ready */
} Busy;

static gboolean
work (gpointer data)
{
  Busy *busy = data;

  busy->n++;
  return busy->left == G_MAXUINT || --busy->left > 0;
}

static void
free_busy_loop (Busy *busy)
{
  g_autoptr (GError) error = NULL;
  GenvidIoLoop *loop = genvid_io_loop_new (&error);
  GMainContext *context;
  GSource *source = g_idle_source_new ();

  g_assert_no_error (error);
  context = g_main_context_ref (genvid_io_loop_get_context (loop));
  g_source_set_callback (source, work, busy, NULL);
  g_source_attach (source, context);
  genvid_io_loop_free (loop);
  /* What the loop left to a source that does not end. */
  if (!g_source_is_destroyed (source))
    g_main_context_unref (context);
  g_source_destroy (source);
  g_source_unref (source);
  g_main_context_unref (context);
}

static void
test_pending (void)
{
  Busy busy = { .left = 20 };

  free_busy_loop (&busy);
  g_assert_cmpuint (busy.n, ==, 20);
}

static void
test_always_ready (void)
{
  Busy busy = { .left = G_MAXUINT };

  free_busy_loop (&busy);
  g_assert_cmpuint (busy.n, >, 20);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loop/pending", test_pending);
  g_test_add_func ("/loop/always-ready", test_always_ready);
  return g_test_run ();
}
