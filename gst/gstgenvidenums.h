/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The element's enums for GObject; values are those of the layer below. */

#define GST_TYPE_GENVID_REUSE       (gst_genvid_reuse_get_type ())
#define GST_TYPE_GENVID_ON_STOP     (gst_genvid_on_stop_get_type ())
#define GST_TYPE_GENVID_IF_IN_DOUBT (gst_genvid_if_in_doubt_get_type ())
#define GST_TYPE_GENVID_STATE       (gst_genvid_state_get_type ())

GType gst_genvid_reuse_get_type (void);
GType gst_genvid_on_stop_get_type (void);
GType gst_genvid_if_in_doubt_get_type (void);
GType gst_genvid_state_get_type (void);

G_END_DECLS
