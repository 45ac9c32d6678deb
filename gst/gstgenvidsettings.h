/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include "settings.h"

G_BEGIN_DECLS

/* What the application and a URI have set, as it was given: a value. Nothing
 * is judged before it becomes an order, so that no mistake in a property is
 * lost. */
typedef struct {
  GenvidSettings *wanted; /* all that needs no conversion */
  char *image;
  char *end_image;
  GValue references;       /* GST_TYPE_ARRAY */
  GstStructure *variables; /* nullable */
  GstStructure *options;   /* nullable */
  gboolean provider_by_uri;
  gboolean reuse_only_by_uri;
} GstGenvidSettings;

void gst_genvid_settings_init (GstGenvidSettings *settings);
void gst_genvid_settings_clear (GstGenvidSettings *settings);

/* Owned by the caller; NULL with GENVID_ERROR (settings) for a value that
 * cannot be part of a request. */
GenvidSettings *gst_genvid_settings_to_order (const GstGenvidSettings *settings,
                                              GError **error);

/* Replaces the whole request by what TEXT says; where keys go, what is
 * trusted and what may be spent stays. FALSE with GENVID_ERROR (settings),
 * and nothing changed. */
gboolean gst_genvid_settings_set_uri (GstGenvidSettings *settings,
                                      const char *text, GError **error);

/* A valid URI that says the same, or NULL: nothing to say, or something that
 * no URI may say. Owned by the caller. */
char *gst_genvid_settings_to_uri (const GstGenvidSettings *settings);

G_END_DECLS
