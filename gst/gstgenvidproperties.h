/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidsrc.h"

G_BEGIN_DECLS

/* The element's properties by number. */
enum {
  PROP_0,
  PROP_PROVIDER,
  PROP_API_KEY,
  PROP_API_KEY_FILE,
  PROP_BASE_URL,
  PROP_CA_FILE,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_MODEL,
  PROP_STYLE,
  PROP_ASPECT_RATIO,
  PROP_RESOLUTION,
  PROP_DURATION,
  PROP_SEED,
  PROP_IMAGE,
  PROP_END_IMAGE,
  PROP_REFERENCES,
  PROP_VARIABLES,
  PROP_OPTIONS,
  PROP_TAKE,
  PROP_ADOPT,
  PROP_STORE,
  PROP_REUSE,
  PROP_ON_STOP,
  PROP_IF_IN_DOUBT,
  PROP_MAX_COST,
  PROP_BUDGET,
  PROP_MAX_SIZE,
  PROP_TIMEOUT,
  PROP_POLL_INTERVAL,
  PROP_ALLOW_PRIVATE,
  PROP_REPORTS, /* read-only ones follow, in the order of the reports */
};

/* The object lock must be held; ID is below PROP_REPORTS. */
void gst_genvid_settings_set_value (GstGenvidSettings *settings, guint id,
                                    const GValue *value);
void gst_genvid_settings_get_value (GstGenvidSettings *settings, guint id,
                                    GValue *value);

G_END_DECLS
