/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bad disk and a day's clock that jumps, for any program: preloaded, it
 * stands before libc and lets calls for files of one folder fail by a plan,
 * see fault-shim.h. Calls for other files, and all without a plan, go through
 * as they are. It uses nothing but libc, so that it can stand before anything.
 */

#include "fault-shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static const char *const kinds[] = { FAULT_KINDS };

static FaultControl *control;
static const char *store;
static size_t store_length;
static uint64_t seed;
static int rates[N_FAULT_KINDS]; /* of 1000 */
static uint64_t from;            /* the first call that may fail */
static int64_t most;             /* that many fail; 0: no end */
static _Atomic uint64_t calls;
static _Atomic int64_t strikes;

/* The next definition of this name, behind the shim. */
#define REAL(name) ((__typeof__ (&name))find (#name))

static void *
find (const char *name)
{
  void *symbol = dlsym (RTLD_NEXT, name);

  if (symbol == NULL)
    abort ();
  return symbol;
}

static int
read_member (const char *plan, const char *name)
{
  char member[32];
  const char *found;

  snprintf (member, sizeof member, " %s=", name);
  found = strstr (plan, member);
  return found != NULL ? atoi (found + strlen (member)) : 0;
}

static void
read_plan (const char *plan)
{
  seed = strtoull (plan, NULL, 10);
  from = (uint64_t)read_member (plan, "from");
  most = read_member (plan, "most");
  for (int i = 0; i < N_FAULT_KINDS; i++)
    rates[i] = read_member (plan, kinds[i]);
}

__attribute__ ((constructor)) static void
begin (void)
{
  const char *path = getenv ("SOAK_FAULT_CONTROL");
  const char *plan = getenv ("SOAK_FAULT_PLAN");
  int fd = path != NULL ? REAL (open64) (path, O_RDWR | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return;
  map = mmap (NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  if (map == MAP_FAILED)
    return;
  if (plan != NULL)
    read_plan (plan);
  store = getenv ("SOAK_FAULT_STORE");
  store_length = store != NULL ? strlen (store) : 0;
  control = map;
}

/* --- Which calls, and when. --- */

static bool
is_path_ours (const char *path)
{
  return store_length > 0 && strncmp (path, store, store_length) == 0
         && (path[store_length] == '/' || path[store_length] == '\0');
}

static bool
is_ours (int fd)
{
  char link[32], path[PATH_MAX];
  int code = errno;
  ssize_t length;

  if (control == NULL || store_length == 0)
    return false;
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, path, sizeof path - 1);
  errno = code;
  if (length < 0)
    return false;
  path[length] = '\0';
  return is_path_ours (path);
}

static bool
is_name_ours (int folder, const char *name)
{
  return name[0] == '/' ? control != NULL && is_path_ours (name)
                        : is_ours (folder);
}

/* splitmix64 of the call's number. */
static uint64_t
draw (void)
{
  uint64_t x = seed + ++calls * 0x9e3779b97f4a7c15ULL;

  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/* A number for what goes wrong, or 0. */
static uint64_t
strike (FaultKind kind)
{
  uint64_t number = draw ();

  if (calls <= from || (int)(number % 1000) >= rates[kind])
    return 0;
  if (++strikes > most && most > 0)
    return 0;
  control->struck[kind]++;
  return number / 1000 | 1;
}

static int
fail (uint64_t number)
{
  static const int codes[] = { EIO, ENOSPC, EDQUOT };

  errno = codes[(number >> 8) % 3];
  return -1;
}

static int
fill_disk (FaultKind kind)
{
  control->struck[kind]++;
  errno = seed % 2 == 0 ? ENOSPC : EDQUOT;
  return -1;
}

/* How many of COUNT bytes the disk takes; -1 and errno: it fails. */
static ssize_t
take_bytes (int fd, size_t count)
{
  uint64_t number;
  int64_t room;

  if (!is_ours (fd) || count == 0)
    return (ssize_t)count;
  number = strike (FAULT_WRITE);
  if (number != 0 && count > 1 && (number >> 16) % 4 == 0)
    return 1 + (ssize_t)((number >> 20) % (count - 1));
  if (number != 0)
    return fail (number);
  room = control->room;
  if (room < 0)
    return (ssize_t)count;
  if (room == 0)
    return fill_disk (FAULT_WRITE);
  if ((int64_t)count > room)
    count = (size_t)room;
  control->room -= (int64_t)count;
  return (ssize_t)count;
}

/* 0, or -1 with errno. */
static int
refuse (FaultKind kind, int fd)
{
  uint64_t number = is_ours (fd) ? strike (kind) : 0;

  return number != 0 ? fail (number) : 0;
}

/* --- Calls that write. --- */

ssize_t
write (int fd, const void *data, size_t count)
{
  ssize_t taken = take_bytes (fd, count);

  return taken < 0 ? -1 : REAL (write) (fd, data, (size_t)taken);
}

ssize_t
pwrite (int fd, const void *data, size_t count, off_t offset)
{
  ssize_t taken = take_bytes (fd, count);

  return taken < 0 ? -1 : REAL (pwrite) (fd, data, (size_t)taken, offset);
}

ssize_t
pwrite64 (int fd, const void *data, size_t count, off64_t offset)
{
  ssize_t taken = take_bytes (fd, count);

  return taken < 0 ? -1 : REAL (pwrite64) (fd, data, (size_t)taken, offset);
}

int
fsync (int fd)
{
  return refuse (FAULT_SYNC, fd) < 0 ? -1 : REAL (fsync) (fd);
}

int
fdatasync (int fd)
{
  return refuse (FAULT_SYNC, fd) < 0 ? -1 : REAL (fdatasync) (fd);
}

int
ftruncate (int fd, off_t length)
{
  return refuse (FAULT_TRUNCATE, fd) < 0 ? -1 : REAL (ftruncate) (fd, length);
}

int
ftruncate64 (int fd, off64_t length)
{
  return refuse (FAULT_TRUNCATE, fd) < 0 ? -1 : REAL (ftruncate64) (fd, length);
}

static int
refuse_room (int fd, int64_t length)
{
  int64_t room = control != NULL ? (int64_t)control->room : -1;

  if (refuse (FAULT_ALLOCATE, fd) < 0)
    return -1;
  return room >= 0 && length > room && is_ours (fd) ? fill_disk (FAULT_ALLOCATE)
                                                    : 0;
}

int
fallocate (int fd, int mode, off_t offset, off_t length)
{
  return refuse_room (fd, length) < 0
             ? -1
             : REAL (fallocate) (fd, mode, offset, length);
}

int
fallocate64 (int fd, int mode, off64_t offset, off64_t length)
{
  return refuse_room (fd, length) < 0
             ? -1
             : REAL (fallocate64) (fd, mode, offset, length);
}

/* --- Calls that name. --- */

static int
refuse_rename (int folder, const char *name)
{
  uint64_t number = is_name_ours (folder, name) ? strike (FAULT_RENAME) : 0;

  return number != 0 ? fail (number) : 0;
}

int
rename (const char *old, const char *new)
{
  return refuse_rename (AT_FDCWD, new) < 0 ? -1 : REAL (rename) (old, new);
}

int
renameat (int old_folder, const char *old, int folder, const char *new)
{
  return refuse_rename (folder, new) < 0
             ? -1
             : REAL (renameat) (old_folder, old, folder, new);
}

int
renameat2 (int old_folder, const char *old, int folder, const char *new,
           unsigned int flags)
{
  return refuse_rename (folder, new) < 0
             ? -1
             : REAL (renameat2) (old_folder, old, folder, new, flags);
}

static int
refuse_open (int folder, const char *name, int flags)
{
  uint64_t number = is_name_ours (folder, name) ? strike (FAULT_OPEN) : 0;

  if (number == 0)
    return 0;
  if (flags & O_CREAT)
    return fail (number);
  errno = (number >> 8) % 2 == 0 ? EIO : ENFILE;
  return -1;
}

static mode_t
read_mode (int flags, va_list arguments)
{
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg (arguments, mode_t) : 0;
}

#define OPEN_BODY(call)                                                        \
  va_list arguments;                                                           \
  mode_t mode;                                                                 \
                                                                               \
  va_start (arguments, flags);                                                 \
  mode = read_mode (flags, arguments);                                         \
  va_end (arguments);                                                          \
  return refuse_open (folder, name, flags) < 0 ? -1 : call

int
openat (int folder, const char *name, int flags, ...)
{
  OPEN_BODY (REAL (openat) (folder, name, flags, mode));
}

int
openat64 (int folder, const char *name, int flags, ...)
{
  OPEN_BODY (REAL (openat64) (folder, name, flags, mode));
}

int
open (const char *name, int flags, ...)
{
  int folder = AT_FDCWD;

  OPEN_BODY (REAL (open) (name, flags, mode));
}

int
open64 (const char *name, int flags, ...)
{
  int folder = AT_FDCWD;

  OPEN_BODY (REAL (open64) (name, flags, mode));
}

/* --- The day's clock. --- */

static int64_t
get_ahead (void)
{
  return control != NULL ? (int64_t)control->wall_ahead : 0;
}

int
clock_gettime (clockid_t id, struct timespec *time)
{
  int status = REAL (clock_gettime) (id, time);
  int64_t nanoseconds;

  if (status != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
    return status;
  nanoseconds = time->tv_sec * SECOND + time->tv_nsec + get_ahead ();
  time->tv_sec = nanoseconds / SECOND;
  time->tv_nsec = nanoseconds % SECOND;
  return 0;
}

int
gettimeofday (struct timeval *restrict time, void *restrict zone)
{
  int status = REAL (gettimeofday) (time, zone);
  struct timespec exact;

  if (status != 0 || clock_gettime (CLOCK_REALTIME, &exact) != 0)
    return status;
  time->tv_sec = exact.tv_sec;
  time->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t
time (time_t *result)
{
  struct timespec exact = { 0 };

  clock_gettime (CLOCK_REALTIME, &exact);
  if (result != NULL)
    *result = exact.tv_sec;
  return exact.tv_sec;
}
