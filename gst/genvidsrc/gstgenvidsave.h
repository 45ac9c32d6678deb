/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasesrc.h>

G_BEGIN_DECLS

/* The copy of a finished clip where save-to wants it. A copy and not a hard
 * link: whoever writes into the file would write into the store. Used by one
 * thread at a time. */
typedef struct _GstGenvidSave GstGenvidSave;

/* PATH as the user gave it. STORED: the clip's file, if it is in the store
 * already; nullable. NULL with GENVID_ERROR (settings): there is no such
 * folder, or another file has the name. */
GstGenvidSave *gst_genvid_save_new (const char *path, const char *stored,
                                    GError **error);
void gst_genvid_save_free (GstGenvidSave *save);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstGenvidSave, gst_genvid_save_free)

/* Copies LOCATION, unless that was done before. Blocks on the disks; never
 * replaces a file, and never leaves half of one under the name. */
void gst_genvid_save_run (GstGenvidSave *save, const char *location);
/* What became of it, on the bus. No lock may be held. */
void gst_genvid_save_report (const GstGenvidSave *save, GstBaseSrc *source);

G_END_DECLS
