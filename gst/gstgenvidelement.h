/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What every element of the plugin needs before its first use. Each calls it
 * when it is registered, as a program that links the plugin statically may
 * register one element alone. Any number of times, any thread; FALSE: the
 * element must not be registered. */
gboolean gst_genvid_element_init (void);

G_END_DECLS
