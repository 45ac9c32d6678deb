/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* On air from the first moment, without any item: the output's grid. */

#include "live-kit.h"

#define FIRST (200 * G_TIME_SPAN_MILLISECOND)

static void
test_at_once (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, "", NULL);

  live_kit_play (kit);
  live_kit_wait_frames (kit, 50);
  live_kit_check (kit);
  g_assert_cmpint (kit->output.first - kit->began, <, FIRST);
  g_assert_cmpint (kit->output.first_sound - kit->began, <, FIRST);
  g_assert_cmpuint (genvid_sandbox_count_requests (kit->sandbox,
                                                   GENVID_SANDBOX_ANY_SERVICE,
                                                   GENVID_SANDBOX_ANY_SCOPE),
                    ==, 0);
  live_kit_stop (kit, GST_STATE_NULL);
}

static void
test_latency (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, "", NULL);
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  GstClockTime least, most;
  gboolean live;

  g_assert_true (gst_element_query (kit->live, query));
  gst_query_parse_latency (query, &live, &least, &most);
  g_assert_true (live);
  g_assert_cmpuint (least, ==, 180 * GST_MSECOND);
  g_assert_cmpuint (most, ==, GST_CLOCK_TIME_NONE);
}

int
main (int argc, char **argv)
{
  live_init (&argc, &argv);
  g_test_add_func ("/slate/at-once", test_at_once);
  g_test_add_func ("/slate/latency", test_latency);
  return g_test_run ();
}
