/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Safe and durable file calls for the store: every name is looked up in the
 * descriptor of its folder, and who owns and who may write what was found is
 * checked on the open descriptor, never on the name. It knows nothing of what
 * is in the files. */

#include "durable-file.h"

#include "failure.h"

#include <gio/gio.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_PREFIX    ".new-"
#define NAP                 (G_USEC_PER_SEC / 10)
#define OTHERS_MAY_WRITE    (S_IWGRP | S_IWOTH)
#define OTHERS_MAY_ANYTHING (S_IRWXG | S_IRWXO)

/* A name for a human; the descriptor remains what counts. */
static char *
describe_path (int folder, const char *name)
{
  g_autofree char *proc = g_strdup_printf ("/proc/self/fd/%d", folder);
  g_autofree char *path = g_file_read_link (proc, NULL);

  if (path == NULL)
    return g_strdup (name != NULL ? name : "the store");
  return name != NULL ? g_build_filename (path, name, NULL)
                      : g_steal_pointer (&path);
}

static gboolean
is_no_space (int code)
{
  return code == ENOSPC || code == EDQUOT || code == EROFS || code == EFBIG;
}

gboolean
genvid_durable_file_is_exhausted (int code)
{
  return code == EMFILE || code == ENFILE;
}

gboolean
genvid_durable_file_set_error (GError **error, int code, int folder,
                               const char *name)
{
  g_autofree char *path = describe_path (folder, name);

  if (code == EROFS)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE,
                 "%s cannot be written: it is on a read-only file system. "
                 "Choose another folder with the property store or "
                 "$GENVID_STORE.",
                 path);
  else if (is_no_space (code))
    g_set_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE,
                 "%s cannot be written: %s. Make room, or choose another "
                 "folder with the property store or $GENVID_STORE.",
                 path, g_strerror (code));
  else if (genvid_durable_file_is_exhausted (code))
    g_set_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE,
                 "%s cannot be opened: %s. Raise the limit with ulimit -n, or "
                 "run fewer clips at once.",
                 path, g_strerror (code));
  else if (code == ELOOP || code == ENOTDIR || code == EISDIR)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s is a symbolic link or not the kind of file that the store "
                 "keeps there; nothing was changed. Remove it, or choose "
                 "another folder with the property store or $GENVID_STORE.",
                 path);
  else if (code == EACCES || code == EPERM)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: %s. Fix its permissions, or choose another folder "
                 "with the property store or $GENVID_STORE.",
                 path, g_strerror (code));
  else if (code == ESHUTDOWN || code == ENOTCONN)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: %s. The file system of the store has shut this machine "
                 "out, or its client ended: mount it again.",
                 path, g_strerror (code));
  else
    g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code), "%s: %s",
                 path, g_strerror (code));
  return FALSE;
}

static gboolean
refuse (GError **error, int folder, const char *name, const char *why)
{
  g_autofree char *path = describe_path (folder, name);

  g_set_error (
      error, GENVID_ERROR, GENVID_REASON_SETTINGS,
      "%s %s. The clips you paid for are kept there, so no other user may own "
      "or write to it: fix that, or choose another folder with the "
      "property store or $GENVID_STORE.",
      path, why);
  return FALSE;
}

static gboolean
check_owner (int folder, const char *name, const struct stat *info,
             GError **error)
{
  if (info->st_uid != geteuid ())
    return refuse (error, folder, name, "belongs to another user");
  if (info->st_mode & OTHERS_MAY_WRITE)
    return refuse (error, folder, name, "can be written by other users");
  return TRUE;
}

gboolean
genvid_durable_file_check_folder (int folder, gboolean create, GError **error)
{
  struct stat info;

  if (fstat (folder, &info) != 0)
    return genvid_durable_file_set_error (error, errno, folder, NULL);
  if (!S_ISDIR (info.st_mode))
    return genvid_durable_file_set_error (error, ENOTDIR, folder, NULL);
  if (!check_owner (folder, NULL, &info, error))
    return FALSE;
  if (create && (info.st_mode & 0777) != S_IRWXU
      && fchmod (folder, S_IRWXU) != 0)
    return genvid_durable_file_set_error (error, errno, folder, NULL);
  return TRUE;
}

/* Where it is not supported, nothing is remembered for long either. */
void
genvid_durable_file_refresh (int folder, const char *name)
{
  struct statx info;

  statx (folder, name,
         AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC,
         STATX_BASIC_STATS, &info);
}

/* A network file system may remember that NAME, perhaps in a folder below, is
 * not there. TRUE: it may have forgotten. */
static gboolean
look_again (int folder, const char *name)
{
  g_autofree char *parent = NULL;

  if (errno != ENOENT)
    return FALSE;
  genvid_durable_file_refresh (folder, "");
  if (strchr (name, '/') == NULL)
    return TRUE;
  parent = g_path_get_dirname (name);
  genvid_durable_file_refresh (folder, parent);
  return TRUE;
}

static int
open_twice (int folder, const char *name, int flags)
{
  int fd = openat (folder, name, flags, S_IRUSR | S_IWUSR);

  if (fd < 0 && !(flags & O_CREAT) && look_again (folder, name))
    fd = openat (folder, name, flags, S_IRUSR | S_IWUSR);
  return fd;
}

/* It is open, and no longer there: its name was that of the file before it,
 * which another machine has replaced. */
static gboolean
is_outdated (int fd)
{
  struct stat info;

  genvid_durable_file_refresh (fd, "");
  return fstat (fd, &info) != 0 && (errno == ENOENT || errno == ESTALE);
}

gboolean
genvid_durable_file_nap (gint64 until)
{
  if (g_get_monotonic_time () >= until)
    return FALSE;
  g_usleep (NAP);
  return TRUE;
}

static int
open_present (int folder, const char *name, int flags)
{
  gint64 until = g_get_monotonic_time () + GENVID_DURABLE_MOMENT;
  int fd;

  while ((fd = open_twice (folder, name, flags)) >= 0 && is_outdated (fd)
         && genvid_durable_file_nap (until))
    close (fd);
  return fd;
}

int
genvid_durable_file_open_folder (int parent, const char *name, gboolean create,
                                 GError **error)
{
  gboolean made = create && mkdirat (parent, name, S_IRWXU) == 0;

  if (create && !made && errno != EEXIST) {
    genvid_durable_file_set_error (error, errno, parent, name);
    return -1;
  }
  if (made && !genvid_durable_file_sync_folder (parent, error))
    return -1;

  int fd = open_twice (parent, name,
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    if (create || errno != ENOENT)
      genvid_durable_file_set_error (error, errno, parent, name);
    return -1;
  }
  if (!genvid_durable_file_check_folder (fd, create, error)) {
    close (fd);
    return -1;
  }
  return fd;
}

static gboolean
check_file (int folder, const char *name, int fd, gboolean writing,
            GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    return genvid_durable_file_set_error (error, errno, folder, name);
  if (!S_ISREG (info.st_mode))
    return refuse (error, folder, name, "is not a regular file");
  if (!check_owner (folder, name, &info, error))
    return FALSE;
  if (writing && (info.st_mode & OTHERS_MAY_ANYTHING)
      && fchmod (fd, S_IRUSR | S_IWUSR) != 0)
    return genvid_durable_file_set_error (error, errno, folder, name);
  return TRUE;
}

int
genvid_durable_file_open (int folder, const char *name, int flags,
                          GError **error)
{
  /* O_NONBLOCK: a pipe in a file's place must not hold us. */
  int fd = open_present (folder, name,
                         flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  gboolean writing = (flags & O_ACCMODE) != O_RDONLY;

  if (fd < 0) {
    int code = errno == ENXIO ? ENOTDIR : errno;
    if (code == EEXIST)
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s already exists",
                   name);
    else if (code != ENOENT || (flags & O_CREAT))
      genvid_durable_file_set_error (error, code, folder, name);
    return -1;
  }
  if (!check_file (folder, name, fd, writing, error)) {
    close (fd);
    return -1;
  }
  return fd;
}

gboolean
genvid_durable_file_stat (int folder, const char *name, struct stat *info)
{
  return fstatat (folder, name, info, AT_SYMLINK_NOFOLLOW) == 0
         || (look_again (folder, name)
             && fstatat (folder, name, info, AT_SYMLINK_NOFOLLOW) == 0);
}

gboolean
genvid_durable_file_exists (int folder, const char *name)
{
  struct stat info;

  return genvid_durable_file_stat (folder, name, &info);
}

gboolean
genvid_durable_file_remove (int folder, const char *name, GError **error)
{
  if (unlinkat (folder, name, 0) == 0 || errno == ENOENT)
    return TRUE;
  return genvid_durable_file_set_error (error, errno, folder, name);
}

static char *
read_up_to (int fd, gsize max, gsize *length)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 block[16384];
  ssize_t got = 0;

  while ((got = TEMP_FAILURE_RETRY (read (fd, block, sizeof block))) > 0) {
    if (bytes->len + (gsize)got > max) {
      errno = EMSGSIZE;
      return NULL;
    }
    g_byte_array_append (bytes, block, (guint)got);
  }
  if (got < 0)
    return NULL;
  *length = bytes->len;
  g_byte_array_append (bytes, (const guint8 *)"", 1);
  return (char *)g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

char *
genvid_durable_file_read_known (int folder, const char *name, gsize max,
                                gsize *length, struct stat *info,
                                GError **error)
{
  gsize count = 0;
  char *text = NULL;
  int fd = genvid_durable_file_open (folder, name, O_RDONLY, error);
  if (fd < 0)
    return NULL;

  if (info == NULL || fstat (fd, info) == 0)
    text = read_up_to (fd, max, &count);
  int code = errno;
  close (fd);
  if (text == NULL)
    genvid_durable_file_set_error (error, code, folder, name);
  else if (length != NULL)
    *length = count;
  return text;
}

char *
genvid_durable_file_read (int folder, const char *name, gsize max,
                          gsize *length, GError **error)
{
  return genvid_durable_file_read_known (folder, name, max, length, NULL,
                                         error);
}

void
genvid_durable_file_block_signal (void)
{
  sigset_t limit;

  sigemptyset (&limit);
  sigaddset (&limit, SIGXFSZ);
  pthread_sigmask (SIG_BLOCK, &limit, NULL);
}

/* In a thread of the application: the signal of a write beyond its limit is
 * sent to the thread that writes, and would end the process. */
typedef struct {
  sigset_t limit;
  sigset_t before; /* the thread's mask */
  gboolean pending;
} Quiet;

static gboolean
is_pending (void)
{
  sigset_t pending;

  return sigpending (&pending) == 0 && sigismember (&pending, SIGXFSZ) == 1;
}

static void
quiet_init (Quiet *quiet)
{
  sigemptyset (&quiet->limit);
  sigaddset (&quiet->limit, SIGXFSZ);
  quiet->pending = is_pending ();
  pthread_sigmask (SIG_BLOCK, &quiet->limit, &quiet->before);
}

/* errno stays. */
static void
quiet_clear (Quiet *quiet)
{
  const struct timespec none = { 0 };
  int code = errno;

  /* One that was there before is not ours. */
  if (!quiet->pending && is_pending ())
    sigtimedwait (&quiet->limit, NULL, &none);
  pthread_sigmask (SIG_SETMASK, &quiet->before, NULL);
  errno = code;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Quiet, quiet_clear)

static gboolean
write_all (int fd, const char *text, gsize length)
{
  g_auto (Quiet) quiet;

  quiet_init (&quiet);
  while (length > 0) {
    ssize_t done = TEMP_FAILURE_RETRY (write (fd, text, length));
    if (done < 0)
      return FALSE;
    text += done;
    length -= (gsize)done;
  }
  return TRUE;
}

gboolean
genvid_durable_file_write (int fd, const char *text, gsize length,
                           GError **error)
{
  if (write_all (fd, text, length))
    return TRUE;
  return genvid_durable_file_set_error (error, errno, fd, NULL);
}

gsize
genvid_durable_file_read_at (int fd, guint64 offset, void *buffer, gsize length)
{
  gsize done = 0;

  while (done < length) {
    ssize_t got = TEMP_FAILURE_RETRY (pread (
        fd, (guint8 *)buffer + done, length - done, (off_t)(offset + done)));
    if (got == 0)
      errno = 0;
    if (got <= 0)
      break;
    done += (gsize)got;
  }
  return done;
}

gboolean
genvid_durable_file_write_at (int fd, guint64 offset, const void *data,
                              gsize length)
{
  gsize done = 0;

  while (done < length) {
    ssize_t n
        = TEMP_FAILURE_RETRY (pwrite (fd, (const guint8 *)data + done,
                                      length - done, (off_t)(offset + done)));
    if (n < 0)
      return FALSE;
    done += (gsize)n;
  }
  return TRUE;
}

gboolean
genvid_durable_file_sync_folder (int folder, GError **error)
{
  /* Some network file systems cannot; there the rename is all there is. */
  if (fsync (folder) == 0 || errno == EINVAL || errno == EROFS)
    return TRUE;
  return genvid_durable_file_set_error (error, errno, folder, NULL);
}

static gboolean
write_durably (int folder, const char *name, const char *text,
               struct stat *info, GError **error)
{
  int fd = genvid_durable_file_open (folder, name, O_WRONLY | O_CREAT | O_EXCL,
                                     error);
  if (fd < 0)
    return FALSE;

  gboolean written = write_all (fd, text, strlen (text)) && fsync (fd) == 0
                     && (info == NULL || fstat (fd, info) == 0);
  int code = errno;
  /* Network file systems report a full disk as late as here. */
  if (close (fd) != 0 && written) {
    code = errno;
    written = FALSE;
  }
  return written ? TRUE
                 : genvid_durable_file_set_error (error, code, folder, name);
}

gboolean
genvid_durable_file_replace (int folder, const char *name, const char *text,
                             GError **error)
{
  return genvid_durable_file_replace_known (folder, name, text, NULL, error);
}

gboolean
genvid_durable_file_replace_known (int folder, const char *name,
                                   const char *text, struct stat *info,
                                   GError **error)
{
  /* A name of its own: two writers, one of them thawed, never mix. */
  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *temporary = g_strconcat (TEMPORARY_PREFIX, unique, NULL);

  if (!write_durably (folder, temporary, text, info, error)) {
    unlinkat (folder, temporary, 0);
    return FALSE;
  }
  if (renameat (folder, temporary, folder, name) != 0) {
    genvid_durable_file_set_error (error, errno, folder, name);
    unlinkat (folder, temporary, 0);
    return FALSE;
  }
  return genvid_durable_file_sync_folder (folder, error);
}

void
genvid_durable_file_sweep (int folder)
{
  int fd = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  DIR *entries = fdopendir (fd);
  if (entries == NULL) {
    close (fd);
    return;
  }
  for (struct dirent *one; (one = readdir (entries)) != NULL;)
    if (g_str_has_prefix (one->d_name, TEMPORARY_PREFIX))
      unlinkat (folder, one->d_name, 0);
  closedir (entries);
}
