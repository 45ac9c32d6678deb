/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidreports.h"
#include "gstgenvidsettings.h"

G_BEGIN_DECLS

/* The element's properties by number: first those that can be set, then the
 * read-only ones in the order of GstGenvidReport. */
enum {
  PROP_0,
  /**
   * GstGenvidSrc:provider:
   *
   * The service that generates the video: genpro, aimlapi, cn8 or the name
   * of a description of your own. Unset: $GENVID_PROVIDER, else the only
   * service whose key is in the environment.
   *
   * Since: 0.1
   */
  PROP_PROVIDER,
  /**
   * GstGenvidSrc:api-key:
   *
   * The API key of the service. It can be set but not read, so that no dump
   * of the pipeline shows it. Unset: #GstGenvidSrc:api-key-file, else the
   * service's own environment variable.
   *
   * Since: 0.1
   */
  PROP_API_KEY,
  /**
   * GstGenvidSrc:api-key-file:
   *
   * A regular file whose first line is the API key.
   *
   * Since: 0.1
   */
  PROP_API_KEY_FILE,
  /**
   * GstGenvidSrc:base-url:
   *
   * The root URL of the service, without an API version. The key is sent to
   * this host, so a genvid: URI cannot set it.
   *
   * Since: 0.1
   */
  PROP_BASE_URL,
  /**
   * GstGenvidSrc:ca-file:
   *
   * A PEM file of certificates to trust for #GstGenvidSrc:base-url, in
   * addition to the system's.
   *
   * Since: 0.1
   */
  PROP_CA_FILE,
  /**
   * GstGenvidSrc:prompt:
   *
   * What the video shows. A prompt without a letter, a digit or an emoji is
   * an error, not a purchase.
   *
   * Since: 0.1
   */
  PROP_PROMPT,
  /**
   * GstGenvidSrc:negative-prompt:
   *
   * What the video must not show, if the service supports it.
   *
   * Since: 0.1
   */
  PROP_NEGATIVE_PROMPT,
  /**
   * GstGenvidSrc:model:
   *
   * The model, by the service's name for it.
   *
   * Since: 0.1
   */
  PROP_MODEL,
  /**
   * GstGenvidSrc:style:
   *
   * The style, by the service's name for it, if the service supports it.
   *
   * Since: 0.1
   */
  PROP_STYLE,
  /**
   * GstGenvidSrc:aspect-ratio:
   *
   * The aspect ratio of the video, such as 16:9.
   *
   * Since: 0.1
   */
  PROP_ASPECT_RATIO,
  /**
   * GstGenvidSrc:resolution:
   *
   * The height of the video in lines, such as 720p.
   *
   * Since: 0.1
   */
  PROP_RESOLUTION,
  /**
   * GstGenvidSrc:duration:
   *
   * The length of the video in whole seconds; 0 is the service's default.
   *
   * Since: 0.1
   */
  PROP_DURATION,
  /**
   * GstGenvidSrc:exact-duration:
   *
   * The length of the video in seconds with a fraction, for services that take
   * one; it then counts instead of #GstGenvidSrc:duration. -1 leaves the length
   * to the service, such as that of the sound it is made for. 0 is unset.
   *
   * Since: 0.1
   */
  PROP_EXACT_DURATION,
  /**
   * GstGenvidSrc:audio:
   *
   * Whether the service makes sound, if it can be asked. Some services refuse
   * or charge more for sound that nobody wants; off asks for none.
   *
   * Since: 0.1
   */
  PROP_AUDIO,
  /**
   * GstGenvidSrc:fps:
   *
   * The frames a second, if the service supports it; 0 is its default.
   *
   * Since: 0.1
   */
  PROP_FPS,
  /**
   * GstGenvidSrc:seed:
   *
   * The seed of the generation, if the service supports it; -1 sends none.
   *
   * Since: 0.1
   */
  PROP_SEED,
  /**
   * GstGenvidSrc:image:
   *
   * The first frame: a path, an https: or file: URI, or id:VALUE for an
   * image that is already at the service.
   *
   * Since: 0.1
   */
  PROP_IMAGE,
  /**
   * GstGenvidSrc:end-image:
   *
   * The last frame, in the same forms as #GstGenvidSrc:image.
   *
   * Since: 0.1
   */
  PROP_END_IMAGE,
  /**
   * GstGenvidSrc:video:
   *
   * A video to extend or to edit, in the same forms as #GstGenvidSrc:image.
   *
   * Since: 0.1
   */
  PROP_VIDEO,
  /**
   * GstGenvidSrc:audio-input:
   *
   * A sound that the video is made for, such as speech for its lips, in the
   * same forms as #GstGenvidSrc:image.
   *
   * Since: 0.1
   */
  PROP_AUDIO_INPUT,
  /**
   * GstGenvidSrc:references:
   *
   * Assets that the video is made from: an array of strings, each in the
   * same forms as #GstGenvidSrc:image.
   *
   * Since: 0.1
   */
  PROP_REFERENCES,
  /**
   * GstGenvidSrc:variables:
   *
   * The values of the {{NAME}} placeholders in the prompt: a structure of
   * any name.
   *
   * Since: 0.1
   */
  PROP_VARIABLES,
  /**
   * GstGenvidSrc:options:
   *
   * Parameters of the service, and members to add to its request: a
   * structure of any name. Write long ids as strings, which keep every
   * digit.
   *
   * Since: 0.1
   */
  PROP_OPTIONS,
  /**
   * GstGenvidSrc:take:
   *
   * The number of the purchase. The same request with another number is
   * bought again; with the same number it is not.
   *
   * Since: 0.1
   */
  PROP_TAKE,
  /**
   * GstGenvidSrc:adopt:
   *
   * The id of an existing generation to wait for and play. Nothing is
   * submitted.
   *
   * Since: 0.1
   */
  PROP_ADOPT,
  /**
   * GstGenvidSrc:save-to:
   *
   * A file that the finished clip is copied to, whatever is played of it. An
   * existing file is never replaced: that is an error before anything is
   * bought, unless it is this clip. The message %GENVID_MESSAGE_SAVED says when
   * the file is there; the stream does not end before.
   *
   * Since: 0.2
   */
  PROP_SAVE_TO,
  /**
   * GstGenvidSrc:store:
   *
   * The folder that keeps the clips, the records of purchases and the
   * ledger. It contains prompts in plain text.
   *
   * Since: 0.1
   */
  PROP_STORE,
  /**
   * GstGenvidSrc:reuse:
   *
   * Whether anything may be bought. The environment variable
   * GENVID_REUSE=only cannot be overridden.
   *
   * Since: 0.1
   */
  PROP_REUSE,
  /**
   * GstGenvidSrc:on-stop:
   *
   * What happens to a running generation when its last user stops.
   *
   * Since: 0.1
   */
  PROP_ON_STOP,
  /**
   * GstGenvidSrc:if-in-doubt:
   *
   * What to do at the start if an earlier submit got no response, so that
   * nobody knows whether it was billed.
   *
   * Since: 0.1
   */
  PROP_IF_IN_DOUBT,
  /**
   * GstGenvidSrc:max-cost:
   *
   * The highest price of one clip, in USD; -1 is no limit. The environment
   * variable GENVID_MAX_COST cannot be exceeded.
   *
   * Since: 0.1
   */
  PROP_MAX_COST,
  /**
   * GstGenvidSrc:budget:
   *
   * The highest total that the store may spend in 24 hours, in USD; -1 is no
   * limit. The environment variable GENVID_BUDGET cannot be exceeded.
   *
   * Since: 0.1
   */
  PROP_BUDGET,
  /**
   * GstGenvidSrc:max-size:
   *
   * The largest clip that is accepted, in bytes.
   *
   * Since: 0.1
   */
  PROP_MAX_SIZE,
  /**
   * GstGenvidSrc:timeout:
   *
   * How long the generation may take, in seconds; 0 is the service's usual
   * limit. After the timeout the job is kept, and the next start continues
   * to wait for it.
   *
   * Since: 0.1
   */
  PROP_TIMEOUT,
  /**
   * GstGenvidSrc:poll-interval:
   *
   * The seconds between two status requests; 0 adapts to earlier
   * generations.
   *
   * Since: 0.1
   */
  PROP_POLL_INTERVAL,
  /**
   * GstGenvidSrc:allow-private:
   *
   * Whether the clip may be downloaded from private addresses. The host of
   * #GstGenvidSrc:base-url is always allowed.
   *
   * Since: 0.1
   */
  PROP_ALLOW_PRIVATE,
  PROP_REPORTS,
  /**
   * GstGenvidSrc:generation-state:
   *
   * The state of the generation. Notified on each change.
   *
   * Since: 0.1
   */
  PROP_STATE_REPORT = PROP_REPORTS + GST_GENVID_REPORT_STATE,
  /**
   * GstGenvidSrc:generation-id:
   *
   * The service's id of the generation, once it is known. Notified on each
   * change.
   *
   * Since: 0.1
   */
  PROP_ID_REPORT = PROP_REPORTS + GST_GENVID_REPORT_ID,
  /**
   * GstGenvidSrc:progress:
   *
   * The progress of the generation in percent; -1 is unknown. Notified on
   * each change.
   *
   * Since: 0.1
   */
  PROP_PROGRESS_REPORT = PROP_REPORTS + GST_GENVID_REPORT_PROGRESS,
  /**
   * GstGenvidSrc:cost:
   *
   * The price that the service states, in the unit that
   * #GstGenvidSrc:cost-currency names; -1 is unknown. Notified on each change.
   *
   * Since: 0.1
   */
  PROP_COST_REPORT = PROP_REPORTS + GST_GENVID_REPORT_COST,
  /**
   * GstGenvidSrc:cost-currency:
   *
   * The unit of #GstGenvidSrc:cost, such as USD or credits. Notified on each
   * change, before #GstGenvidSrc:cost or after it.
   *
   * Since: 0.2
   */
  PROP_CURRENCY_REPORT = PROP_REPORTS + GST_GENVID_REPORT_CURRENCY,
  /**
   * GstGenvidSrc:location:
   *
   * The path of the finished clip in the store. Notified on each change.
   *
   * Since: 0.1
   */
  PROP_LOCATION_REPORT = PROP_REPORTS + GST_GENVID_REPORT_LOCATION,
  /**
   * GstGenvidSrc:stats:
   *
   * A structure genvid-stats with counts, times in seconds and sizes in
   * bytes. genvid-messages.h lists its fields.
   *
   * Since: 0.1
   */
  PROP_STATS_REPORT = PROP_REPORTS + GST_GENVID_REPORT_STATS,
  N_PROPERTIES,
};

/* gstgenvidproperties.c */
void gst_genvid_src_install_properties (GObjectClass *klass);
/* Borrowed. */
GParamSpec *gst_genvid_src_get_param_spec (guint id);

/* gstgenvidvalues.c. The object lock must be held; ID is between PROP_0 and
 * PROP_REPORTS. */
void gst_genvid_settings_set_value (GstGenvidSettings *settings, guint id,
                                    const GValue *value);
void gst_genvid_settings_get_value (const GstGenvidSettings *settings, guint id,
                                    GValue *value);

G_END_DECLS
