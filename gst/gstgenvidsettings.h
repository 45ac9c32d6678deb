/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include "settings.h"

G_BEGIN_DECLS

/* What the application and a URI have set, exactly as given: a value. It is
 * checked at start, so that every mistake in a property is reported. */
typedef struct {
  GenvidSettings *wanted; /* what needs no conversion */
  char *image;
  char *end_image;
  char *video;
  char *audio_input;
  guint duration;          /* whole seconds */
  double exact_duration;   /* 0: DURATION counts */
  GValue references;       /* GST_TYPE_ARRAY */
  GstStructure *variables; /* nullable */
  GstStructure *options;   /* nullable */
  gboolean provider_by_uri;
  gboolean reuse_only_by_uri;
} GstGenvidSettings;

void gst_genvid_settings_init (GstGenvidSettings *settings);
void gst_genvid_settings_clear (GstGenvidSettings *settings);

/* For the engine. Owned by the caller; NULL with GENVID_ERROR (settings) for a
 * value that cannot be part of a request. */
GenvidSettings *gst_genvid_settings_convert (const GstGenvidSettings *settings,
                                             GError **error);

/* Replaces the whole request by that of the URI TEXT; keys, hosts, trust and
 * limits stay. FALSE with GENVID_ERROR (settings), and nothing has changed. */
gboolean gst_genvid_settings_set_uri (GstGenvidSettings *settings,
                                      const char *text, GError **error);

/* The URI of the same request. NULL: there is no prompt, or a value that a URI
 * may not have. Owned by the caller. */
char *gst_genvid_settings_to_uri (const GstGenvidSettings *settings);

G_END_DECLS
