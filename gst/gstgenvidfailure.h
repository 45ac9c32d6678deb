/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include "failure.h"

G_BEGIN_DECLS

/* A failure as one error message. No lock may be held: posting calls out. */

/* The message's text is what happened, its debug text what to do next, its
 * details the structure "genvid-error". */
void gst_genvid_failure_post (const GenvidFailure *failure,
                              GstElement *element);

/* The same as a warning, about settings that are no error. */
void gst_genvid_warning_post (const char *sentence, GstElement *element);

G_END_DECLS
