/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GstBaseSrc's virtual methods on one side, a client of the engine on the
 * other. It waits and copies bytes; it knows no service and no purchase. */

/**
 * SECTION:element-genvidsrc
 * @title: genvidsrc
 * @short_description: buys an AI-generated video and streams the file
 *
 * Submits a video generation to a paid service when the first byte is needed,
 * waits for it, and streams the file byte for byte. The clip is kept in a
 * store: the same request plays again without a key, a network or a payment.
 *
 * ## Example launch lines
 *
 * |[
 * gst-launch-1.0 genvidsrc provider=aimlapi prompt="a drone shot over a beach"
 * \ ! decodebin ! videoconvert ! autovideosink
 * ]| Buys a clip with the key in $AIML_API_KEY and shows it. If the clip was
 * bought before, it plays from the store.
 *
 * |[
 * gst-launch-1.0 genvidsrc provider=aimlapi prompt="rain on glass" max-cost=1 \
 *   ! filesink location=rain.mp4
 * ]| Saves the file as the service made it, if it costs at most one dollar.
 *
 * |[
 * gst-launch-1.0 genvidsrc provider=aimlapi prompt="rain on glass" reuse=only \
 *   ! filesink location=rain.mp4
 * ]| Saves the same clip from the store, and fails if it is not there.
 *
 * ## Messages
 *
 * `genvid-messages.h` has all names.
 *
 * * Progress messages with the code `generate`: START when a purchase or an
 *   upload begins, CONTINUE on changes, COMPLETE when the first bytes of the
 *   clip are there. The field `percent` (int) is 0 to 100.
 * * Element messages `genvid-generation`: one on each change, with `state`,
 *   `provider`, `model`, `generation-id`, `progress`, `elapsed`, `cost`,
 *   `currency`, `billed`, `location` and `origin`.
 * * Exactly one error for a failure, with the details `genvid-error`: `reason`,
 *   `http-status`, `service-code`, `generation-id`, `retryable`, `billed`.
 * * Buffering messages in download mode, while the line is too slow for the
 *   clip and a sink waits for the clock: less than 100 until the rest comes in
 *   time, then 100. An application pauses meanwhile, unless its pipeline is
 *   live.
 * * An info message when a clip comes from the store, and one tag message for
 *   each clip, with the prompt as its title.
 *
 * Since: 0.1
 */

#include "gstgenvidsrc.h"

#include <genvid/genvid-messages.h>
#include <stdlib.h>

#include "gstgenvidfailure.h"
#include "gstgenvidlog.h"
#include "gstgenvidproperties.h"
#include "gstgenvidreporter.h"
#include "byte-ranges.h"
#include "client.h"
#include "clip-status.h"
#include "failure.h"
#include "settings.h"

#define GST_CAT_DEFAULT gst_genvid_src_debug

#define BLOCKSIZE (256 * 1024)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE_WITH_CODE (GstGenvidSrc, gst_genvid_src, GST_TYPE_BASE_SRC,
                         G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER,
                                                gst_genvid_src_init_uri_handler)
                             G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET,
                                                    gst_genvid_src_init_preset)
                                 GST_DEBUG_CATEGORY_INIT (gst_genvid_src_debug,
                                                          "genvidsrc", 0,
                                                          "genvidsrc element"))

/* The debug log, and the exit handler that waits for the response to a submit
 * or a cancel before the process ends. FALSE: there can be none. */
static gboolean
init_process (void)
{
  static gsize result = 0; /* 1: ready, 2: failed */

  if (g_once_init_enter (&result)) {
    gst_genvid_log_init ();
    /* GStreamer never unloads a plugin, so the handler stays callable. */
    g_once_init_leave (&result, atexit (genvid_client_quit) == 0 ? 1 : 2);
  }
  return result == 1;
}

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (genvidsrc, GENVID_ELEMENT, GST_RANK_NONE,
                                       GST_TYPE_GENVID_SRC,
                                       if (!init_process ()) return FALSE)

/* --- start and stop --- */

/* When a demuxer's attempt to pull fails, the state change falls back to push
 * mode and starts the element a second time, which fails for the same reason.
 * TRUE: this is the second time. */
static gboolean
is_repeated (GstGenvidSrc *self)
{
  gboolean changing;
  gboolean repeated;

  GST_OBJECT_LOCK (self);
  changing = GST_STATE_NEXT (self) == GST_STATE_PAUSED;
  repeated = changing && self->refused;
  self->refused = !changing;
  self->echo = TRUE;
  GST_OBJECT_UNLOCK (self);

  return repeated;
}

static void
refuse (GstGenvidSrc *self, const GError *error)
{
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new_from_error (error, GENVID_REASON_SETTINGS);

  /* Nothing was sent. */
  failure->billed = GENVID_BILLED_NO;
  GST_INFO_OBJECT (self, "not started: %s",
                   genvid_reason_to_string (failure->reason));
  if (!is_repeated (self))
    gst_genvid_failure_post (failure, GST_ELEMENT (self));
}

/* Before READY is left, either way: no message of the last play follows. */
static void
forget_left (GstGenvidSrc *self, gboolean for_good)
{
  g_autoptr (GstGenvidPlay) play = NULL;

  GST_OBJECT_LOCK (self);
  if (self->left != NULL)
    play = gst_genvid_play_ref (self->left);
  if (for_good)
    g_clear_pointer (&self->left, gst_genvid_play_unref);
  GST_OBJECT_UNLOCK (self);
  if (play == NULL)
    return;
  gst_genvid_play_close (play);
  gst_genvid_reporter_remove (play);
}

/* FALSE with ERROR. *SAVE stays NULL if save-to is not set. */
static gboolean
open_save (const GenvidSettings *wanted, GenvidClient *client,
           GstGenvidSave **save, GError **error)
{
  g_autoptr (GenvidClipStatus) status = NULL;

  if (wanted->save_to == NULL)
    return TRUE;
  status = genvid_client_snapshot (client);
  *save = gst_genvid_save_new (wanted->save_to, status->location, error);
  return *save != NULL;
}

static gboolean
gst_genvid_src_start (GstBaseSrc *base)
{
  GstGenvidSrc *self = GST_GENVID_SRC (base);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidSettings) wanted = NULL;
  g_autoptr (GPtrArray) warnings = NULL;
  g_autoptr (GenvidClient) client = NULL;
  GstGenvidSave *save = NULL;
  GstGenvidPlay *play;

  GST_OBJECT_LOCK (self);
  wanted = gst_genvid_settings_convert (&self->settings, &error);
  GST_OBJECT_UNLOCK (self);

  if (wanted != NULL && gst_genvid_src_hand_over (self, wanted, &error))
    client = genvid_client_open (wanted, &warnings, &error);
  if (client == NULL || !open_save (wanted, client, &save, &error)) {
    refuse (self, error);
    return FALSE;
  }
  for (guint i = 0; warnings != NULL && i < warnings->len; i++)
    gst_genvid_warning_post (warnings->pdata[i], GST_ELEMENT (self));

  GST_INFO_OBJECT (self, "started, clip %s",
                   genvid_client_get_fingerprint (client));
  forget_left (self, TRUE);
  play = gst_genvid_play_new (g_steal_pointer (&client),
                              wanted->request->prompt, save);
  gst_genvid_reporter_add (play, base);
  GST_OBJECT_LOCK (self);
  self->refused = self->echo = FALSE;
  self->play = play;
  g_clear_pointer (&self->last, genvid_clip_status_free);
  GST_OBJECT_UNLOCK (self);

  return TRUE;
}

/* The error that follows a failed create(), from the same thread. */
static gboolean
is_echo_of_create (GstGenvidSrc *self, GstMessage *message)
{
  g_autoptr (GstGenvidPlay) play = gst_genvid_src_get_play (self);
  const GstStructure *details = NULL;

  gst_message_parse_error_details (message, &details);
  return play != NULL && play->failed && details != NULL
         && gst_structure_has_field (details, "flow-return");
}

static gboolean
is_echo (GstGenvidSrc *self, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  gboolean echo;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return FALSE;
  gst_message_parse_error (message, &error, NULL);
  if (g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED))
    return is_echo_of_create (self, message);
  if (!g_error_matches (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE))
    return FALSE;

  GST_OBJECT_LOCK (self);
  echo = self->echo;
  self->echo = FALSE;
  GST_OBJECT_UNLOCK (self);

  return echo;
}

/* GstBaseSrc posts an error of its own after every failed start() and
 * create(). It says nothing new, so it is dropped. */
static gboolean
gst_genvid_src_post_message (GstElement *element, GstMessage *message)
{
  if (is_echo (GST_GENVID_SRC (element), message)) {
    gst_message_unref (message);
    return TRUE;
  }
  return GST_ELEMENT_CLASS (gst_genvid_src_parent_class)
      ->post_message (element, message);
}

/* The end of the task, then what becomes of the cancel. */
static void
end_play (GstGenvidSrc *self, GstGenvidPlay *play)
{
  GstGenvidLeaving leaving = !play->cancels ? GST_GENVID_LEAVING_KEEPS
                             : genvid_client_can_cancel (play->client)
                                 ? GST_GENVID_LEAVING_CANCELS
                                 : GST_GENVID_LEAVING_CANNOT_CANCEL;

  gst_genvid_progress_cancel (&play->progress, GST_BASE_SRC (self), leaving,
                              genvid_client_get_fingerprint (play->client));
  if (play->cancels)
    gst_genvid_play_part (play);
}

static gboolean
is_running (const GenvidClipStatus *status)
{
  return status->failure == NULL && !status->whole
         && status->state != GENVID_STATE_DONE
         && status->state != GENVID_STATE_IDLE;
}

static GstStateChangeReturn
gst_genvid_src_change_state (GstElement *element, GstStateChange change)
{
  g_autoptr (GstGenvidPlay) play
      = gst_genvid_src_get_play (GST_GENVID_SRC (element));

  if (change == GST_STATE_CHANGE_READY_TO_NULL)
    forget_left (GST_GENVID_SRC (element), FALSE);
  if (play != NULL
      && (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING
          || change == GST_STATE_CHANGE_PLAYING_TO_PAUSED))
    gst_genvid_play_set_running (play,
                                 change == GST_STATE_CHANGE_PAUSED_TO_PLAYING);
  return GST_ELEMENT_CLASS (gst_genvid_src_parent_class)
      ->change_state (element, change);
}

/* In pull mode a create() may still be running; it holds the play and finds it
 * stopped. */
static gboolean
gst_genvid_src_stop (GstBaseSrc *base)
{
  GstGenvidSrc *self = GST_GENVID_SRC (base);
  g_autoptr (GstGenvidPlay) play = gst_genvid_src_get_play (self);
  g_autoptr (GenvidClipStatus) snapshot = NULL;

  if (play == NULL)
    return TRUE;

  snapshot = genvid_client_snapshot (play->client);
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->play, gst_genvid_play_unref);
  play->cancels = self->settings.wanted->on_stop == GENVID_ON_STOP_CANCEL
                  && is_running (snapshot);
  if (play->cancels)
    self->left = gst_genvid_play_ref (play);
  self->last = g_steal_pointer (&snapshot);
  GST_OBJECT_UNLOCK (self);

  gst_genvid_reporter_end_buffering (play);
  if (!play->cancels)
    gst_genvid_reporter_remove (play);
  if (gst_genvid_play_stop (play))
    end_play (self, play);
  GST_INFO_OBJECT (self, "stopped");

  return TRUE;
}

static gboolean
gst_genvid_src_unlock (GstBaseSrc *base)
{
  g_autoptr (GstGenvidPlay) play
      = gst_genvid_src_get_play (GST_GENVID_SRC (base));

  if (play != NULL)
    gst_genvid_play_unlock (play);
  return TRUE;
}

static gboolean
gst_genvid_src_unlock_stop (GstBaseSrc *base)
{
  g_autoptr (GstGenvidPlay) play
      = gst_genvid_src_get_play (GST_GENVID_SRC (base));

  if (play != NULL)
    gst_genvid_play_unlock_stop (play);
  return TRUE;
}

/* --- bytes --- */

/* A flush or a stop that came before create() was entered is known to the pad
 * only; one that comes later is known to the gate. */
static gboolean
is_flushing (GstBaseSrc *base)
{
  GstPad *pad = GST_BASE_SRC_PAD (base);
  gboolean flushing;

  GST_OBJECT_LOCK (pad);
  flushing = GST_PAD_IS_FLUSHING (pad);
  GST_OBJECT_UNLOCK (pad);

  return flushing;
}

/* A sink does not report data that it did not get, and gst-launch then exits
 * with 0; it prints warnings to the standard output, or not at all. */
static void
warn_of_early_end (GstGenvidSrc *self, GstGenvidPlay *play)
{
  const char *text
      = "The stream was ended before the whole clip was downloaded. The "
        "purchase continues at the service and is kept: run the same command "
        "again to get the clip without paying again.";

  if (play->warned)
    return;
  play->warned = TRUE;
  GST_OBJECT_LOCK (self);
  if (self->settings.wanted->on_stop == GENVID_ON_STOP_CANCEL)
    text = "The stream was ended before the whole clip was downloaded. "
           "Because of on-stop=cancel, the generation is cancelled at the "
           "service.";
  GST_OBJECT_UNLOCK (self);
  gst_genvid_warning_post (text, GST_ELEMENT (self));
  g_message ("%s: %s", GST_OBJECT_NAME (self), text);
}

/* Nobody waits for the clip any more, and gst-launch does not exit while a
 * progress task is open. */
static void
end_early (GstGenvidSrc *self, GstGenvidPlay *play)
{
  warn_of_early_end (self, play);
  if (!gst_genvid_play_begin_report (play, GST_GENVID_TURN_STOP))
    return;
  gst_genvid_progress_cancel (&play->progress, GST_BASE_SRC (self),
                              GST_GENVID_LEAVING_KEEPS,
                              genvid_client_get_fingerprint (play->client));
  gst_genvid_play_end_report (play);
}

static GstFlowReturn
gst_genvid_src_create (GstBaseSrc *base, guint64 offset, guint length,
                       GstBuffer **buffer)
{
  GstGenvidSrc *self = GST_GENVID_SRC (base);
  g_autoptr (GstGenvidPlay) play = gst_genvid_src_get_play (self);
  GstFlowReturn result = GST_FLOW_FLUSHING;
  guint64 next = offset;

  if (play == NULL || !gst_genvid_play_enter (play, offset))
    return GST_FLOW_FLUSHING;

  GST_LOG_OBJECT (self, "create: offset %" G_GUINT64_FORMAT ", %u bytes",
                  offset, length);
  if (!is_flushing (base))
    result = gst_genvid_src_fetch (self, play, offset, length, buffer);
  if (result == GST_FLOW_FLUSHING && g_atomic_int_get (&play->ended))
    end_early (self, play);
  if (result == GST_FLOW_OK)
    next += gst_buffer_get_size (*buffer);
  if (gst_genvid_play_leave (play, next))
    end_play (self, play);
  GST_LOG_OBJECT (self, "create: offset %" G_GUINT64_FORMAT " gives %s", offset,
                  gst_flow_get_name (result));
  return result;
}

/* From the application. */
static gboolean
gst_genvid_src_send_event (GstElement *element, GstEvent *event)
{
  if (!gst_genvid_src_admit (GST_GENVID_SRC (element), event)) {
    gst_event_unref (event);
    return FALSE;
  }
  return GST_ELEMENT_CLASS (gst_genvid_src_parent_class)
      ->send_event (element, event);
}

/* From downstream. */
static gboolean
gst_genvid_src_event (GstBaseSrc *base, GstEvent *event)
{
  return gst_genvid_src_admit (GST_GENVID_SRC (base), event)
         && GST_BASE_SRC_CLASS (gst_genvid_src_parent_class)
                ->event (base, event);
}

static gboolean
gst_genvid_src_get_size (GstBaseSrc *base, guint64 *size)
{
  g_autoptr (GstGenvidPlay) play
      = gst_genvid_src_get_play (GST_GENVID_SRC (base));

  *size = play != NULL ? genvid_client_get_size (play->client)
                       : GENVID_SIZE_UNKNOWN;
  return *size != GENVID_SIZE_UNKNOWN;
}

static gboolean
gst_genvid_src_is_seekable (GstBaseSrc *base)
{
  return TRUE;
}

/* Each create() says where it reads, so there is nothing to do. */
static gboolean
gst_genvid_src_do_seek (GstBaseSrc *base, GstSegment *segment)
{
  return TRUE;
}

static gboolean
gst_genvid_src_query (GstBaseSrc *base, GstQuery *question)
{
  gboolean answered;

  if (gst_genvid_src_answer (GST_GENVID_SRC (base), question, &answered))
    return answered;
  return GST_BASE_SRC_CLASS (gst_genvid_src_parent_class)
      ->query (base, question);
}

/* --- class --- */

static void
gst_genvid_src_finalize (GObject *object)
{
  GstGenvidSrc *self = GST_GENVID_SRC (object);

  g_clear_pointer (&self->play, gst_genvid_play_unref);
  g_clear_pointer (&self->left, gst_genvid_play_unref);
  g_clear_pointer (&self->last, genvid_clip_status_free);
  gst_genvid_settings_clear (&self->settings);
  G_OBJECT_CLASS (gst_genvid_src_parent_class)->finalize (object);
}

static void
gst_genvid_src_init (GstGenvidSrc *self)
{
  GstBaseSrc *base = GST_BASE_SRC (self);

  gst_genvid_settings_init (&self->settings);
  gst_base_src_set_format (base, GST_FORMAT_BYTES);
  gst_base_src_set_blocksize (base, BLOCKSIZE);
  /* The end is where the clip says it is, which may be known late. */
  gst_base_src_set_automatic_eos (base, FALSE);
}

static void
gst_genvid_src_class_init (GstGenvidSrcClass *klass)
{
  GstElementClass *element = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base = GST_BASE_SRC_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_genvid_src_finalize;
  gst_genvid_src_install_properties (G_OBJECT_CLASS (klass));
  element->post_message = GST_DEBUG_FUNCPTR (gst_genvid_src_post_message);
  element->change_state = GST_DEBUG_FUNCPTR (gst_genvid_src_change_state);
  element->send_event = GST_DEBUG_FUNCPTR (gst_genvid_src_send_event);

  gst_element_class_add_static_pad_template (element, &src_template);
  gst_element_class_set_static_metadata (
      element, "Generated video source", "Source/Network",
      "Buys an AI-generated video from a paid service and streams the file. "
      "URIs: genvid://PROVIDER?prompt=TEXT&model=NAME, or for GES "
      "genvid://PROVIDER/prompt=TEXT&model=NAME",
      "The genvid authors");

  base->start = GST_DEBUG_FUNCPTR (gst_genvid_src_start);
  base->stop = GST_DEBUG_FUNCPTR (gst_genvid_src_stop);
  base->unlock = GST_DEBUG_FUNCPTR (gst_genvid_src_unlock);
  base->unlock_stop = GST_DEBUG_FUNCPTR (gst_genvid_src_unlock_stop);
  base->create = GST_DEBUG_FUNCPTR (gst_genvid_src_create);
  base->get_size = GST_DEBUG_FUNCPTR (gst_genvid_src_get_size);
  base->is_seekable = GST_DEBUG_FUNCPTR (gst_genvid_src_is_seekable);
  base->do_seek = GST_DEBUG_FUNCPTR (gst_genvid_src_do_seek);
  base->query = GST_DEBUG_FUNCPTR (gst_genvid_src_query);
  base->event = GST_DEBUG_FUNCPTR (gst_genvid_src_event);
}
