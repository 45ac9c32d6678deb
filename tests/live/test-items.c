/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Items whole: every frame once, sound with its picture, one purchase each. */

#include "live-kit.h"

#define CUT "max-cost=5 transition=cut "

static void
test_every_frame (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  guint id;

  live_kit_serve (kit,
                  live_clip_make (&(LiveClip){ .frames = 50, .sound = 2 }));
  live_kit_play (kit);
  id = live_kit_append (kit, "a boat");
  live_kit_see (kit, "queued", id);
  live_kit_see (kit, "generating", id);
  live_kit_see (kit, "ready", id);
  live_kit_see (kit, "on-air", id);
  live_kit_see (kit, "finished", id);
  live_kit_wait_frames (kit, 5);
  live_kit_check (kit);
  live_kit_check_numbers (kit, 0, 49);
  g_assert_cmpuint (live_kit_count (kit, "repeated"), ==, 0);
  g_assert_cmpuint (live_kit_count (kit, "dropped"), ==, 0);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 1);
}

/* The click lies within 20 ms of the picture that it was made with. */
static void
test_sound_with_picture (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  gint64 picture = -1;
  gint64 click;

  live_kit_serve (kit,
                  live_clip_make (&(LiveClip){ .frames = 50, .sound = 2 }));
  live_kit_append (kit, "a boat");
  live_kit_play (kit);
  live_kit_see (kit, "finished", 0);
  for (guint i = 0; i < kit->output.numbers->len && picture < 0; i++)
    if (g_array_index (kit->output.numbers, int, i) == LIVE_CLIP_FLASH)
      picture = (gint64)i * 48000 / 25;
  g_assert_cmpint (picture, >, 0);
  g_assert_cmpuint (kit->output.clicks->len, ==, 1);
  click = g_array_index (kit->output.clicks, gint64, 0);
  g_assert_cmpint (ABS (click - picture), <, 48000 / 50);
}

/* Two items, then again the first: two purchases, and no slate between. */
static void
test_in_a_row (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT "prefetch=2", NULL);
  guint slates = 0;
  guint begin = 0;

  live_kit_serve (kit,
                  live_clip_make (&(LiveClip){ .frames = 40, .sound = 1 }));
  live_kit_append (kit, "a boat");
  live_kit_append (kit, "a plane");
  live_kit_append (kit, "a boat");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  live_kit_see (kit, "finished", 3);
  live_kit_wait_frames (kit, 5);
  live_kit_check (kit);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 2);
  while (g_array_index (kit->output.numbers, int, begin) < 0)
    begin++;
  for (guint i = 0; i < 120; i++)
    slates
        += g_array_index (kit->output.numbers, int, begin + i) != (int)i % 40;
  g_assert_cmpuint (slates, ==, 0);
}

int
main (int argc, char **argv)
{
  live_init (&argc, &argv);
  g_test_add_func ("/items/every-frame", test_every_frame);
  g_test_add_func ("/items/sound-with-picture", test_sound_with_picture);
  g_test_add_func ("/items/in-a-row", test_in_a_row);
  return g_test_run ();
}
