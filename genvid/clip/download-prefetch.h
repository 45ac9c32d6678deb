/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "download-private.h"

G_BEGIN_DECLS

/* download-prefetch.c: starts the second request where a reader's wish is, and
 * brings it on. */
void genvid_download_prefetch_tend (GenvidDownload *download, gint64 now);
void genvid_download_prefetch_serve (GenvidDownload *download);
/* It brings nothing: ends it, and after some times for good. */
void genvid_download_prefetch_fail (GenvidDownload *download);

G_END_DECLS
