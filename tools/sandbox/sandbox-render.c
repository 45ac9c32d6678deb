/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job's clip: H.264 and AAC in MP4, by whatever encoders are there. */
#include "sandbox-private.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#define FPS           24
#define AUDIO_RATE    48000
#define AUDIO_SAMPLES 1024 /* of one AAC frame */
#define AUDIO_PRIMING 2    /* frames that an encoder may add */

static guint
even (double value)
{
  return (guint)(value / 2 + 0.5) * 2;
}

/* "720p" is the short side. */
static void
frame_size (const SandboxJob *job, guint *width, guint *height)
{
  guint side = (guint)g_ascii_strtoull (job->resolution, NULL, 10);
  double across = g_ascii_strtod (job->aspect, NULL);
  double down = g_ascii_strtod (strchr (job->aspect, ':') + 1, NULL);

  *width = even (across > down ? side * across / down : side);
  *height = even (across > down ? side : side * down / across);
}

static const char *
first_of (const char *const *launches)
{
  for (; *launches != NULL; launches++) {
    g_autofree char *name = g_strndup (*launches, strcspn (*launches, " "));
    g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);
    if (factory != NULL)
      return *launches;
  }
  return NULL;
}

static char *
launch_line (const SandboxClip *clip, guint width, guint height,
             const char *path, char **error)
{
  static const char *const videos[]
      = { "x264enc speed-preset=superfast bframes=0 key-int-max=24 quantizer=23"
          " pass=quant",
          "openh264enc bitrate=4000000 gop-size=24", "avenc_h264 ", NULL };
  static const char *const audios[]
      = { "avenc_aac", "voaacenc", "fdkaacenc", NULL };
  static const int tones[] = { 220, 247, 277, 330, 370, 440 };
  const char *video = first_of (videos);
  const char *audio = first_of (audios);

  if (video == NULL || audio == NULL) {
    *error = g_strdup_printf (
        "The sandbox cannot render: there is no %s",
        video == NULL ? "H.264 encoder (x264enc or openh264enc)"
                      : "AAC encoder (avenc_aac, voaacenc or fdkaacenc)");
    return NULL;
  }
  /* The tone ends a little before the picture, so that the picture alone
   * says how long the clip is. */
  return g_strdup_printf (
      "appsrc name=source format=time block=true max-bytes=%u "
      "caps=video/x-raw,format=I420,width=%u,height=%u,framerate=%d/1,"
      "pixel-aspect-ratio=1/1,interlace-mode=progressive,"
      "colorimetry=bt709 ! %s ! h264parse ! queue ! mux. "
      "audiotestsrc wave=sine freq=%d volume=0.1 samplesperbuffer=%d "
      "num-buffers=%d ! audio/x-raw,rate=%d,channels=2 ! audioconvert ! %s ! "
      "aacparse ! queue ! mux. "
      "mp4mux name=mux faststart=%s ! filesink location=%s",
      4 * width * height * 3 / 2, width, height, FPS, video,
      tones[g_str_hash (clip->job->prompt) % G_N_ELEMENTS (tones)],
      AUDIO_SAMPLES,
      (int)clip->seconds * AUDIO_RATE / AUDIO_SAMPLES - AUDIO_PRIMING,
      AUDIO_RATE, audio, clip->sandbox->options.index_last ? "false" : "true",
      path);
}

static SandboxPicture *
make_picture (const SandboxClip *clip, guint width, guint height)
{
  static const char *const services[] = { "gen.pro", "AI/ML API", "CN8" };
  const SandboxJob *job = clip->job;
  g_autofree char *info = g_strdup_printf (
      "%s · %s · %s · %ux%u · %u s · simulated", services[job->service],
      job->model, job->call, width, height, clip->seconds);
  g_autofree char *all = g_strdup_printf ("%s %s %" G_GINT64_FORMAT,
                                          job->prompt, job->model, job->seed);

  return sandbox_picture_new (width, height, job->prompt, info,
                              g_str_hash (all) * 2654435761u);
}

static gboolean
push_frames (SandboxClip *clip, GstElement *pipeline, guint width, guint height)
{
  g_autoptr (GstElement) source
      = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autoptr (SandboxPicture) picture = make_picture (clip, width, height);
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; i < clip->seconds * FPS && flow == GST_FLOW_OK; i++) {
    GstBuffer *buffer
        = gst_buffer_new_allocate (NULL, sandbox_picture_size (picture), NULL);
    GstMapInfo map;

    if (g_cancellable_is_cancelled (clip->sandbox->cancel)
        || !gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
      gst_buffer_unref (buffer);
      return FALSE;
    }
    sandbox_picture_draw (picture, map.data, i, FPS);
    gst_buffer_unmap (buffer, &map);
    GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (i, GST_SECOND, FPS);
    GST_BUFFER_DURATION (buffer)
        = gst_util_uint64_scale (i + 1, GST_SECOND, FPS)
          - GST_BUFFER_PTS (buffer);
    g_signal_emit_by_name (source, "push-buffer", buffer, &flow);
    gst_buffer_unref (buffer);
  }
  g_signal_emit_by_name (source, "end-of-stream", &flow);
  return TRUE;
}

static char *
run (SandboxClip *clip, GstElement *pipeline, guint width, guint height)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  gboolean pushed;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  pushed = push_frames (clip, pipeline, width, height);
  if (pushed)
    message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
                                          GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return NULL;
  if (message != NULL)
    gst_message_parse_error (message, &error, NULL);
  return g_strdup_printf ("The sandbox cannot render: %s",
                          error == NULL ? "interrupted" : error->message);
}

static char *
render_to (SandboxClip *clip, const char *path)
{
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *launch = NULL;
  char *problem = NULL;
  guint width, height;

  if (!gst_init_check (NULL, NULL, &error))
    return g_strdup (error->message);
  frame_size (clip->job, &width, &height);
  launch = launch_line (clip, width, height, path, &problem);
  if (launch == NULL)
    return problem;
  pipeline = gst_parse_launch_full (launch, NULL, GST_PARSE_FLAG_FATAL_ERRORS,
                                    &error);
  if (pipeline == NULL)
    return g_strdup_printf ("The sandbox cannot render: %s", error->message);
  return run (clip, pipeline, width, height);
}

static void
finish (SandboxClip *clip, GBytes *bytes, char *problem)
{
  SANDBOX_LOCK (clip->sandbox);

  clip->error = problem;
  if (bytes != NULL) {
    clip->bytes = bytes;
    clip->etag = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, bytes);
  }
  clip->done = TRUE;
  g_cond_broadcast (&clip->sandbox->cond);
  if (problem != NULL && !clip->sandbox->stopping)
    g_printerr ("%s\n", problem);
}

void
sandbox_clip_render (gpointer data, gpointer user_data)
{
  SandboxClip *clip = data;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  char *problem = NULL;
  char *contents = NULL;
  gsize size = 0;
  int fd = g_file_open_tmp ("genvid-sandbox-XXXXXX.mp4", &path, &error);

  if (fd < 0) {
    finish (clip, NULL, g_strdup (error->message));
    return;
  }
  g_close (fd, NULL);
  problem = render_to (clip, path);
  if (problem == NULL && !g_file_get_contents (path, &contents, &size, &error))
    problem = g_strdup (error->message);
  g_unlink (path);
  finish (clip, problem == NULL ? g_bytes_new_take (contents, size) : NULL,
          problem);
}

/* --- the cache
 * ----------------------------------------------------------------- */

static SandboxClip *
fixed_clip (GenvidSandbox *self)
{
  SandboxClip *clip = g_new0 (SandboxClip, 1);

  clip->sandbox = self;
  clip->done = TRUE;
  clip->bytes = g_bytes_ref (self->fixed_clip);
  clip->etag = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, clip->bytes);
  return clip;
}

SandboxClip *
sandbox_clip_for (GenvidSandbox *self, SandboxJob *job)
{
  guint cap = self->options.max_render_seconds;
  guint seconds = cap > 0 ? MIN (cap, job->seconds) : job->seconds;
  g_autofree char *name = NULL;
  SandboxClip *clip;

  if (self->fixed_clip != NULL)
    name = g_strdup_printf ("fixed %p", (void *)self->fixed_clip);
  else
    name = g_strdup_printf ("%d %s %s %s %s %u %" G_GINT64_FORMAT " %s",
                            job->service, job->call, job->model, job->aspect,
                            job->resolution, seconds, job->seed, job->prompt);
  clip = g_hash_table_lookup (self->clips, name);
  if (clip != NULL)
    return clip;
  if (self->fixed_clip != NULL) {
    clip = fixed_clip (self);
  } else {
    clip = g_new0 (SandboxClip, 1);
    clip->sandbox = self;
    clip->job = job;
    clip->seconds = seconds;
    g_thread_pool_push (self->renderers, clip, NULL);
  }
  g_hash_table_insert (self->clips, g_steal_pointer (&name), clip);
  return clip;
}

void
sandbox_clip_wait (GenvidSandbox *self, SandboxClip *clip)
{
  while (!clip->done && !self->stopping)
    g_cond_wait (&self->cond, &self->lock);
}

void
sandbox_clip_free (SandboxClip *clip)
{
  g_clear_pointer (&clip->bytes, g_bytes_unref);
  g_free (clip->etag);
  g_free (clip->error);
  g_free (clip);
}

/* --- AddressSanitizer --------------------------------------------------------
 */

/* Rendering leaves behind what fontconfig caches for a thread, and GLib's
 * first table of quarks, which GStreamer's registry outgrows. The stack of
 * the second is seen only by the slow unwinder. */
__attribute__ ((weak, visibility ("default"))) const char *
__asan_default_options (void);
__attribute__ ((weak, visibility ("default"))) const char *
__lsan_default_suppressions (void);

const char *
__asan_default_options (void)
{
  return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions (void)
{
  return "leak:libfontconfig\nleak:_dl_init\n";
}
