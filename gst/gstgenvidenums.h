/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The element's enums for GObject. Their values are those of the engine:
 * GenvidReuse, GenvidOnStop, GenvidIfInDoubt, GenvidState. */

/**
 * GstGenvidReuse:
 * @GENVID_REUSE_AUTO: use the stored clip or the running job of the same
 *   request, else buy
 * @GENVID_REUSE_ONLY: never buy; fail if the clip is not in the store
 *
 * Whether genvidsrc may buy a clip.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_REUSE (gst_genvid_reuse_get_type ())
GType gst_genvid_reuse_get_type (void);

/**
 * GstGenvidOnStop:
 * @GENVID_ON_STOP_KEEP: let it finish and keep the clip in the store
 * @GENVID_ON_STOP_CANCEL: cancel it at the service, if the service supports
 *   it
 *
 * What happens to a running generation at a stop.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_ON_STOP (gst_genvid_on_stop_get_type ())
GType gst_genvid_on_stop_get_type (void);

/**
 * GstGenvidIfInDoubt:
 * @GENVID_IF_IN_DOUBT_FAIL: fail with advice
 * @GENVID_IF_IN_DOUBT_RESUBMIT: buy again, at the risk of paying twice
 *
 * What to do if nobody knows whether a submit was billed.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_IF_IN_DOUBT (gst_genvid_if_in_doubt_get_type ())
GType gst_genvid_if_in_doubt_get_type (void);

/**
 * GstGenvidAudio:
 * @GENVID_AUDIO_AUTO: as the service does by itself
 * @GENVID_AUDIO_ON: with sound
 * @GENVID_AUDIO_OFF: without sound
 *
 * Whether a video has sound.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_AUDIO (gst_genvid_audio_get_type ())
GType gst_genvid_audio_get_type (void);

/**
 * GstGenvidState:
 * @GENVID_STATE_IDLE: nothing has been bought yet
 * @GENVID_STATE_SUBMITTING: the request is being sent
 * @GENVID_STATE_QUEUED: the service has accepted the request
 * @GENVID_STATE_RUNNING: the service is generating the video
 * @GENVID_STATE_DOWNLOADING: the clip is being downloaded
 * @GENVID_STATE_DONE: the clip is complete and in the store
 * @GENVID_STATE_FAILED: the generation failed
 * @GENVID_STATE_CANCELLED: the generation was cancelled
 * @GENVID_STATE_IN_DOUBT: nobody knows whether the clip was bought
 *
 * The state of a generation.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_STATE (gst_genvid_state_get_type ())
GType gst_genvid_state_get_type (void);

G_END_DECLS
