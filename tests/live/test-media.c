/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kinds of clips that services make, one after the other: each picture at
 * its place, and the sound with it. */

#include "live-kit.h"

#define CUT  "max-cost=5 transition=cut "
#define RATE 25
#define AAC  "audioconvert ! avenc_aac ! aacparse !"
/* A click lies within 20 ms of its picture, in AAC after the encoder's delay,
 * which GStreamer's muxer does not take away. */
#define NEAR  (48000 / 50)
#define DELAY 1024

typedef struct {
  const char *name;
  LiveClip clip;
  const char *decoder; /* NULL: that of H.264 */
} Kind;

static const Kind kinds[] = {
  { "25 frames a second", { .frames = 30, .sound = 1.2 } },
  { "24", { .frames = 30, .rate_n = 24, .sound = 1.25 } },
  { "30", { .frames = 30, .rate_n = 30, .sound = 1 } },
  { "29.97", { .frames = 30, .rate_n = 30000, .rate_d = 1001, .sound = 1 } },
  { "variable", { .frames = 30, .sound = 1.2, .variable = TRUE } },
  { "silent", { .frames = 30 } },
  { "sound that is longer", { .frames = 20, .sound = 1.2 } },
  { "AAC in MP4",
    { .frames = 30, .sound = 1.2, .muxer = "mp4mux", .voice = AAC } },
  { "fragments",
    { .frames = 30,
      .sound = 1.2,
      .muxer = "mp4mux fragment-duration=400",
      .voice = AAC } },
  { "VP9",
    { .frames = 30,
      .sound = 1.2,
      .encoder = "vp9enc deadline=1 cpu-used=8 ! vp9parse",
      .muxer = "mp4mux",
      .voice = AAC },
    "vp9dec" },
  { "HEVC",
    { .frames = 30,
      .sound = 1.2,
      .encoder = "x265enc speed-preset=ultrafast ! h265parse" },
    "avdec_h265" },
  { "AV1",
    { .frames = 30,
      .encoder = "av1enc cpu-used=8 ! av1parse",
      .muxer = "mp4mux" },
    "av1dec" },
};

typedef struct {
  const Kind *kind;
  guint id;
  guint64 begin, end; /* frames */
} Shown;

static gboolean
can_decode (const Kind *kind)
{
  const char *name = kind->decoder != NULL ? kind->decoder : "avdec_h264";
  g_autoptr (GstElementFactory) found = gst_element_factory_find (name);

  return found != NULL;
}

/* FALSE: an element that it needs is not installed. */
static gboolean
append (LiveKit *kit, const Kind *kind, Shown *shown)
{
  GBytes *clip = can_decode (kind) ? live_clip_make (&kind->clip) : NULL;

  if (clip == NULL) {
    g_test_message ("not tried: %s", kind->name);
    return FALSE;
  }
  live_kit_serve (kit, clip);
  shown->kind = kind;
  shown->id = live_kit_append (kit, kind->name);
  return TRUE;
}

static guint64
wait_frame (LiveKit *kit, const char *state, guint id)
{
  g_autoptr (GstMessage) message = live_kit_wait (kit, state, id);
  guint64 time = 0;

  gst_structure_get_uint64 (gst_message_get_structure (message), "running-time",
                            &time);
  return gst_util_uint64_scale_round (time, RATE, GST_SECOND);
}

static int
get_number (LiveKit *kit, guint64 frame)
{
  return g_array_index (kit->output.numbers, int, frame);
}

/* --- what must hold --- */

/* The number that belongs to a frame of the programme: the last one that is not
 * later, of those that the clip has. At half a frame each neighbour will do. */
static void
check_pictures (LiveKit *kit, const Shown *shown)
{
  const LiveClip *clip = &shown->kind->clip;
  int rate_n = clip->rate_n != 0 ? clip->rate_n : RATE;
  int rate_d = clip->rate_d != 0 ? clip->rate_d : 1;
  int slack = clip->rate_n != 0 || clip->variable ? 1 : 0;

  for (guint64 i = shown->begin; i < shown->end; i++) {
    int due
        = (int)((i - shown->begin) * (guint)rate_n / (guint)(RATE * rate_d));
    int number = get_number (kit, i);

    due = MIN (due, clip->frames - 1);
    g_assert_cmpint (number, >=, due - slack);
    g_assert_cmpint (number, <=, due + slack);
  }
}

static void
check_length (const Shown *shown)
{
  const LiveClip *clip = &shown->kind->clip;
  double rate
      = clip->rate_n != 0 ? (double)clip->rate_n / MAX (clip->rate_d, 1) : RATE;
  double seconds = MAX (clip->frames / rate, clip->sound);

  g_assert_cmpfloat_with_epsilon ((double)(shown->end - shown->begin) / RATE,
                                  seconds, 0.081);
}

/* The clicks are in the items' order, one for each that has sound. */
static void
check_sound (LiveKit *kit, const Shown *shown, guint *clicks)
{
  gint64 click, picture;
  guint64 frame = shown->begin;

  if (shown->kind->clip.sound <= 0)
    return;
  while (get_number (kit, frame) < LIVE_CLIP_FLASH && frame < shown->end)
    frame++;
  picture = (gint64)frame * 48000 / RATE;
  if (shown->kind->clip.voice != NULL)
    picture += DELAY;
  g_assert_cmpuint (*clicks, <, kit->output.clicks->len);
  click = g_array_index (kit->output.clicks, gint64, (*clicks)++);
  /* Where the rates differ the picture is shown at the next grid line. */
  g_assert_cmpint (click, <=, picture + NEAR);
  g_assert_cmpint (click, >=,
                   picture - NEAR
                       - (shown->kind->clip.rate_n != 0 ? 48000 / RATE : 0));
}

static void
test_kinds (void)
{
  GenvidSandboxOptions options = { 0 };
  g_autoptr (LiveKit) kit = live_kit_new (&options, CUT, NULL);
  Shown shown[G_N_ELEMENTS (kinds)] = { 0 };
  guint count = 0;
  guint clicks = 0;

  live_kit_play (kit);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (!append (kit, &kinds[i], &shown[count]))
      continue;
    shown[count].begin = wait_frame (kit, "on-air", shown[count].id);
    count++;
  }
  g_signal_emit_by_name (kit->live, "end");
  live_kit_wait_end (kit);
  live_kit_check (kit);
  for (guint i = 0; i < count; i++) {
    g_test_message ("%s", shown[i].kind->name);
    shown[i].end = shown[i].begin;
    while (shown[i].end < kit->output.numbers->len
           && get_number (kit, shown[i].end) >= 0
           && (i + 1 == count || shown[i].end < shown[i + 1].begin))
      shown[i].end++;
    check_length (&shown[i]);
    check_pictures (kit, &shown[i]);
    check_sound (kit, &shown[i], &clicks);
  }
  g_assert_cmpuint (clicks, ==, kit->output.clicks->len);
  g_assert_cmpuint (live_kit_count (kit, "repeated"), ==, 0);
  g_assert_cmpuint (live_kit_count (kit, "dropped"), ==, 0);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, count);
}

int
main (int argc, char **argv)
{
  live_init (&argc, &argv);
  g_test_add_func ("/media/kinds", test_kinds);
  return g_test_run ();
}
