/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fallocate, not posix_fallocate: where a file system has no such call, glibc
 * would write into every block, which is slower than the download. */
#include "disk-room.h"

#include "byte-ranges.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int
allocate (int fd, int mode, guint64 start, guint64 end)
{
  int done;

  do
    done = fallocate (fd, mode, (off_t)start, (off_t)(end - start));
  while (done < 0 && errno == EINTR);
  return done < 0 ? errno : 0;
}

gboolean
genvid_disk_room_is_left (int fd, guint64 bytes)
{
  struct statvfs info;

  /* Some network file systems tell nothing. */
  return fstatvfs (fd, &info) != 0 || info.f_blocks == 0
         || info.f_bavail > bytes / info.f_frsize;
}

int
genvid_disk_room_take (int fd, guint64 start, guint64 end)
{
  int code = allocate (fd, 0, start, end);

  return code == ENOSPC || code == EFBIG || code == EDQUOT ? code : 0;
}

void
genvid_disk_room_give_back (int fd, const GenvidByteRanges *ranges)
{
  guint64 end = genvid_byte_ranges_get_end (ranges);
  guint64 gap = genvid_byte_ranges_next_gap (ranges, 0);
  struct stat info;

  if (fstat (fd, &info) == 0 && (guint64)info.st_size > end
      && ftruncate (fd, (off_t)end) != 0)
    return;
  while (gap < end) {
    guint64 next = genvid_byte_ranges_next_present (ranges, gap);

    if (allocate (fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, gap, next)
        != 0)
      return;
    gap = genvid_byte_ranges_next_gap (ranges, next);
  }
}
