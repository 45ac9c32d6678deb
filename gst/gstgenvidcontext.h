/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Asks for a context of genvid-context.h, unless ELEMENT has it: the elements
 * downstream, then by a message the bins and the application, who set it before
 * this returns. A reference; NULL: nobody has it. No lock may be held. */
GstContext *gst_genvid_context_get (GstElement *element, const char *type);

G_END_DECLS
