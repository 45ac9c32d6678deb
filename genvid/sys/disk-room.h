/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"

G_BEGIN_DECLS

/* The blocks of a file that grows. */

/* By its own word the file system has space for BYTES more. */
gboolean genvid_disk_room_is_left (int fd, guint64 bytes);
/* Takes those of [start, end) now. 0, or the errno of a disk that is full; a
 * file system that cannot promise room is asked for none. */
int genvid_disk_room_take (int fd, guint64 start, guint64 end);
/* Gives back what is not in RANGES, and ends the file with them. */
void genvid_disk_room_give_back (int fd, const GenvidByteRanges *ranges);

G_END_DECLS
