/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Seeks, in every phase of a job: what arrives is what filesrc gives of the
 * same bytes for the same seek, and nothing is bought for it. */

#include "stage.h"

#define PATIENCE 20000 /* ms */

typedef enum { READY, WAITING, DOWNLOADING, STORED } Phase;

static const char *const phase_names[]
    = { "ready", "waiting", "downloading", "stored" };

/* Positions in thousandths of the file. */
typedef struct {
  const char *name;
  GstSeekFlags flags;
  int start;
  int stop;    /* -1: the end */
  int further; /* a second seek right after it, to here; -1: none */
  gboolean backwards;
} ByteSeek;

static const ByteSeek byte_seeks[] = {
  { "flushing", GST_SEEK_FLAG_FLUSH, 400, -1, -1 },
  { "to-the-start", GST_SEEK_FLAG_FLUSH, 0, -1, -1 },
  { "twice", GST_SEEK_FLAG_FLUSH, 900, -1, 300 },
  { "to-the-end", GST_SEEK_FLAG_FLUSH, 1000, -1, -1 },
  { "past-the-end", GST_SEEK_FLAG_FLUSH, 1500, -1, -1 },
  { "stop", GST_SEEK_FLAG_FLUSH, 250, 750, -1 },
  { "stop-past-the-end", GST_SEEK_FLAG_FLUSH, 600, 2000, -1 },
  { "nothing-between", GST_SEEK_FLAG_FLUSH, 500, 500, -1 },
  { "backwards", GST_SEEK_FLAG_FLUSH, 100, 800, -1, TRUE },
};

/* What came since the last segment began, as text. */
typedef struct {
  GString *log;
  GChecksum *sum;
  guint64 first, next; /* of the bytes */
  guint64 previous;    /* begin of the last block */
  gboolean gap;
} Record;

static void
forget (Record *record)
{
  g_string_assign (record->log, "no segment");
  g_checksum_reset (record->sum);
  record->first = record->next = GST_BUFFER_OFFSET_NONE;
  record->gap = FALSE;
}

static void
begin (Record *record, GstEvent *event, guint64 size)
{
  const GstSegment *segment;

  forget (record);
  gst_event_parse_segment (event, &segment);
  g_string_printf (record->log, "%s at %g from %" G_GUINT64_FORMAT,
                   gst_format_get_name (segment->format), segment->rate,
                   segment->format == GST_FORMAT_BYTES
                       ? MIN (segment->start, size)
                       : segment->start);
}

static void
note_bytes (Record *record, GstBuffer *buffer)
{
  GstMapInfo map;

  if (record->first == GST_BUFFER_OFFSET_NONE)
    record->first = GST_BUFFER_OFFSET (buffer);
  else if (record->next != GST_BUFFER_OFFSET (buffer)
           && record->previous != GST_BUFFER_OFFSET_END (buffer))
    record->gap = TRUE;
  record->previous = GST_BUFFER_OFFSET (buffer);
  record->next = GST_BUFFER_OFFSET_END (buffer);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_checksum_update (record->sum, map.data, (gssize)map.size);
  gst_buffer_unmap (buffer, &map);
}

static void
note_frame (Record *record, GstBuffer *buffer)
{
  g_autofree char *sum = NULL;
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  g_string_append_printf (record->log, "\n%" G_GUINT64_FORMAT " %s",
                          GST_BUFFER_PTS (buffer), sum);
}

typedef struct {
  Stage *stage;
  GBytes *clip;
  char *path; /* the same bytes, for filesrc */
  Record record;
} Fixture;

static GstPadProbeReturn
probe (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Fixture *fixture = data;
  Record *record = &fixture->record;
  GstEvent *event;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) {
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

    if (g_str_has_prefix (record->log->str, "bytes"))
      note_bytes (record, buffer);
    else
      note_frame (record, buffer);
    return GST_PAD_PROBE_OK;
  }
  event = GST_PAD_PROBE_INFO_EVENT (info);
  /* A segment without a byte is never sent. */
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    forget (record);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    begin (record, event, g_bytes_get_size (fixture->clip));
  return GST_PAD_PROBE_OK;
}

static void
fixture_init (Fixture *fixture, gboolean index_last)
{
  GenvidSandboxOptions options = { .index_last = index_last };

  fixture->clip = stage_render (index_last);
  fixture->stage = stage_new (&options);
  fixture->path = g_build_filename (fixture->stage->store, "same.mp4", NULL);
  g_assert_true (g_file_set_contents (
      fixture->path, g_bytes_get_data (fixture->clip, NULL),
      (gssize)g_bytes_get_size (fixture->clip), NULL));
  fixture->record.log = g_string_new (NULL);
  fixture->record.sum = g_checksum_new (G_CHECKSUM_SHA256);
}

static void
fixture_clear (Fixture *fixture)
{
  stage_free (fixture->stage);
  g_bytes_unref (fixture->clip);
  g_free (fixture->path);
  g_string_free (fixture->record.log, TRUE);
  g_checksum_free (fixture->record.sum);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

/* REST ends in a sink named "out". */
static void
launch (Fixture *fixture, gboolean ours, const char *rest)
{
  g_autofree char *line
      = ours ? g_strdup_printf ("genvidsrc provider=genpro prompt=beach %s",
                                rest)
             : g_strdup_printf ("filesrc location=%s %s", fixture->path, rest);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;

  stage_launch (fixture->stage, line);
  forget (&fixture->record);
  sink = gst_bin_get_by_name (GST_BIN (fixture->stage->pipeline), "out");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad,
                     GST_PAD_PROBE_TYPE_BUFFER
                         | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
                         | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
                     probe, fixture, NULL);
}

static void
await_preroll (Fixture *fixture)
{
  gst_element_set_state (fixture->stage->pipeline, GST_STATE_PAUSED);
  gst_message_unref (stage_next (fixture->stage, GST_MESSAGE_ASYNC_DONE));
}

static gint64
place (Fixture *fixture, int thousandths)
{
  return (gint64)g_bytes_get_size (fixture->clip) * thousandths / 1000;
}

static void
seek_bytes (Fixture *fixture, const ByteSeek *seek)
{
  GstElement *pipeline = fixture->stage->pipeline;
  g_autoptr (GstElement) source
      = gst_bin_get_by_name (GST_BIN (pipeline), "in");

  for (int start = seek->start; start >= 0;
       start = start == seek->start ? seek->further : -1)
    g_assert_true (gst_element_seek (
        source, seek->backwards ? -1 : 1, GST_FORMAT_BYTES, seek->flags,
        GST_SEEK_TYPE_SET, place (fixture, start),
        seek->stop < 0 ? GST_SEEK_TYPE_NONE : GST_SEEK_TYPE_SET,
        seek->stop < 0 ? -1 : place (fixture, seek->stop)));
}

/* Brings the pipeline to where the job is in PHASE, seeks, lets the job go
 * on. */
static void
seek_in_phase (Fixture *fixture, const ByteSeek *seek, Phase phase)
{
  GenvidSandbox *sandbox = fixture->stage->sandbox;

  switch (phase) {
  case READY:
    gst_element_set_state (fixture->stage->pipeline, GST_STATE_READY);
    seek_bytes (fixture, seek);
    break;
  case WAITING:
    genvid_sandbox_hold (sandbox, GENVID_SANDBOX_GATE_POLL);
    gst_element_set_state (fixture->stage->pipeline, GST_STATE_PAUSED);
    g_assert_true (genvid_sandbox_wait_held (sandbox, GENVID_SANDBOX_GATE_POLL,
                                             1, PATIENCE));
    seek_bytes (fixture, seek);
    genvid_sandbox_release (sandbox, GENVID_SANDBOX_GATE_POLL);
    break;
  case DOWNLOADING:
    genvid_sandbox_hold_download (sandbox, 1000);
    await_preroll (fixture);
    seek_bytes (fixture, seek);
    genvid_sandbox_release (sandbox, GENVID_SANDBOX_GATE_DOWNLOAD);
    break;
  case STORED:
    await_preroll (fixture);
    seek_bytes (fixture, seek);
    break;
  }
}

/* The end of the log, and the log. */
static char *
finish (Fixture *fixture)
{
  Record *record = &fixture->record;

  stage_play (fixture->stage);
  if (g_str_has_prefix (record->log->str, "bytes"))
    g_string_append_printf (
        record->log, ": %" G_GINT64_FORMAT "–%" G_GINT64_FORMAT " %s%s",
        (gint64)record->first, (gint64)record->next,
        g_checksum_get_string (record->sum), record->gap ? " with a gap" : "");
  g_test_message ("%s", record->log->str);
  return g_strdup (record->log->str);
}

static void
assert_bought (Fixture *fixture, guint n)
{
  g_assert_cmpuint (stage_get_bought (fixture->stage), ==, n);
  g_assert_cmpuint (genvid_sandbox_count_requests (fixture->stage->sandbox,
                                                   GENVID_SANDBOX_ANY_SERVICE,
                                                   GENVID_SANDBOX_SUBMIT),
                    ==, n);
}

static void
buy (Fixture *fixture)
{
  launch (fixture, TRUE, "! fakesink name=out");
  stage_play (fixture->stage);
}

static void
compare_bytes (const ByteSeek *seek, Phase phase)
{
  const char *rest = "name=in blocksize=4096 ! fakesink name=out sync=false";
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *theirs = NULL;
  g_autofree char *ours = NULL;

  fixture_init (&fixture, FALSE);
  launch (&fixture, FALSE, rest);
  seek_in_phase (&fixture, seek, phase == READY ? READY : STORED);
  theirs = finish (&fixture);
  if (phase == STORED)
    buy (&fixture);
  launch (&fixture, TRUE, rest);
  seek_in_phase (&fixture, seek, phase);
  ours = finish (&fixture);
  g_assert_cmpstr (ours, ==, theirs);
  /* Whoever asks for no byte pays nothing. */
  assert_bought (&fixture, phase == READY && seek->start == seek->stop ? 0 : 1);
}

static void
test_bytes (gconstpointer data)
{
  Phase phase = (Phase)GPOINTER_TO_INT (data);

  for (guint i = 0; i < G_N_ELEMENTS (byte_seeks); i++) {
    g_test_message ("%s", byte_seeks[i].name);
    compare_bytes (&byte_seeks[i], phase);
  }
}

/* Times in milliseconds; the clip has a second. */
typedef struct {
  const char *name;
  double rate;
  GstSeekFlags flags;
  int start, stop;
  gboolean pulled; /* qtdemux 1.22 can it only by pulling, from filesrc too */
} TimeSeek;

#define FLUSH GST_SEEK_FLAG_FLUSH

static const TimeSeek time_seeks[] = {
  { "accurate", 1, FLUSH | GST_SEEK_FLAG_ACCURATE, 500, -1 },
  { "key-unit", 1, FLUSH | GST_SEEK_FLAG_KEY_UNIT, 700, -1 },
  { "stop", 1, FLUSH | GST_SEEK_FLAG_ACCURATE, 200, 600 },
  { "fast", 2, FLUSH, 100, -1 },
  { "past-the-end", 1, FLUSH, 5000, -1, TRUE },
  { "reverse", -1, FLUSH, 0, 900, TRUE },
  { "reverse-fast", -2, FLUSH, 200, -1, TRUE },
};

static char *
seek_time (Fixture *fixture, gboolean ours, const char *rest,
           const TimeSeek *seek)
{
  launch (fixture, ours, rest);
  await_preroll (fixture);
  g_assert_true (gst_element_seek (
      fixture->stage->pipeline, seek->rate, GST_FORMAT_TIME, seek->flags,
      GST_SEEK_TYPE_SET, seek->start * GST_MSECOND, GST_SEEK_TYPE_SET,
      seek->stop < 0 ? -1 : (gint64)(seek->stop * GST_MSECOND)));
  return finish (fixture);
}

static void
compare_frames (gboolean index_last, const char *rest, const TimeSeek *seek)
{
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *theirs = NULL;
  g_autofree char *fresh = NULL;
  g_autofree char *stored = NULL;

  g_test_message ("%s", seek->name);
  fixture_init (&fixture, index_last);
  theirs = seek_time (&fixture, FALSE, rest, seek);
  fresh = seek_time (&fixture, TRUE, rest, seek);
  stored = seek_time (&fixture, TRUE, rest, seek);
  g_assert_cmpstr (fresh, ==, theirs);
  g_assert_cmpstr (stored, ==, theirs);
  assert_bought (&fixture, 1);
}

static void
test_pulled (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (time_seeks); i++)
    compare_frames (GPOINTER_TO_INT (data),
                    "! qtdemux name=d d.video_0 ! fakesink name=out sync=false",
                    &time_seeks[i]);
}

static void
test_pushed (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (time_seeks); i++)
    if (!time_seeks[i].pulled)
      compare_frames (GPOINTER_TO_INT (data),
                      "name=pushed ! qtdemux name=d d.video_0 ! fakesink "
                      "name=out sync=false",
                      &time_seeks[i]);
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  for (Phase phase = READY; phase <= STORED; phase++) {
    g_autofree char *name
        = g_strconcat ("/seek/bytes/", phase_names[phase], NULL);

    g_test_add_data_func (name, GINT_TO_POINTER (phase), test_bytes);
  }
  g_test_add_data_func ("/seek/pulled/index-first", GINT_TO_POINTER (0),
                        test_pulled);
  g_test_add_data_func ("/seek/pulled/index-last", GINT_TO_POINTER (1),
                        test_pulled);
  g_test_add_data_func ("/seek/pushed/index-first", GINT_TO_POINTER (0),
                        test_pushed);
  g_test_add_data_func ("/seek/pushed/index-last", GINT_TO_POINTER (1),
                        test_pushed);
  return g_test_run ();
}
