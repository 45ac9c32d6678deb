/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"

G_BEGIN_DECLS

/* The blocks of a file that grows. */

/* The file system reports space for BYTES more. */
gboolean genvid_disk_room_is_left (int fd, guint64 bytes);
/* Allocates [start, end) now. 0, or the errno of a full disk; 0 also where the
 * file system cannot allocate ahead. */
int genvid_disk_room_take (int fd, guint64 start, guint64 end);
/* Frees what is not in RANGES, and truncates the file to their end. */
void genvid_disk_room_give_back (int fd, const GenvidByteRanges *ranges);

G_END_DECLS
