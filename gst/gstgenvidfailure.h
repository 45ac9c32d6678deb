/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include "failure.h"

G_BEGIN_DECLS

/* A failure as the one error message that GStreamer applications expect. No
 * lock may be held: posting calls out. */

/* Posts the error: text is what happened, debug is what to do next, details
 * are "genvid-error". */
void gst_genvid_failure_post (const GenvidFailure *failure,
                              GstElement *element);

/* The same for a sentence about settings that does not stop us. */
void gst_genvid_warning_post (const char *sentence, GstElement *element);

/* The domain and code of a reason. */
GQuark gst_genvid_reason_get_error (GenvidReason reason, int *code);

G_END_DECLS
