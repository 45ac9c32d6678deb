/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only place that opens files a user names. The callers interpret what is
 * in them. */

#include "user-file.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
genvid_user_path (const char *path, const char *property, GError **error)
{
  if (path[0] != '~')
    return g_strdup (path);
  if (path[1] == '\0' || path[1] == '/')
    return g_strconcat (g_get_home_dir (), path + 1, NULL);

  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s \"%.200s\" is in another user's home. Write the whole path, "
               "or begin it with ./ if its name begins with ~.",
               property, shown);
  return NULL;
}

static int
refuse (GError **error, const char *path, const char *what, const char *advice)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The file \"%s\" %s. %s", shown, what, advice);
  return -1;
}

static int
refuse_code (GError **error, const char *path, int code, const char *advice)
{
  g_autofree char *what
      = g_strdup_printf ("cannot be read: %s", g_strerror (code));

  refuse (error, path, code == ENOENT ? "does not exist" : what, advice);
  if (error != NULL && (code == EMFILE || code == ENFILE))
    (*error)->code = GENVID_REASON_NO_SPACE;
  return -1;
}

int
genvid_user_file_open (const char *path, gsize max, const char *advice,
                       GError **error)
{
  struct stat info;
  const char *what = NULL;

  /* Before it is opened, too: some devices act upon that. */
  if (stat (path, &info) == 0 && !S_ISREG (info.st_mode))
    return refuse (error, path, "is not a regular file", advice);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    return refuse_code (error, path, errno, advice);
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    what = "is not a regular file";
  else if ((guint64)info.st_size > max)
    what = "is too large";
  if (what == NULL)
    return fd;
  close (fd);
  return refuse (error, path, what, advice);
}

/* How much there is, at most LENGTH; -1: errno. */
static gssize
read_up_to (int fd, char *buffer, gsize length)
{
  gsize done = 0;
  gssize got = 1;

  while (done < length && got > 0) {
    got = TEMP_FAILURE_RETRY (read (fd, buffer + done, length - done));
    done += (gsize)MAX (got, 0);
  }
  return got < 0 ? -1 : (gssize)done;
}

char *
genvid_user_file_read (const char *path, gsize max, const char *advice,
                       gsize *length, GError **error)
{
  int fd = genvid_user_file_open (path, max, advice, error);
  if (fd < 0)
    return NULL;

  g_autofree char *text = g_malloc (max + 1);
  /* It may have grown. */
  gssize got = read_up_to (fd, text, max + 1);
  int code = errno;
  close (fd);
  if (got < 0)
    refuse_code (error, path, code, advice);
  else if ((gsize)got > max)
    refuse (error, path, "is too large", advice);
  if (got < 0 || (gsize)got > max)
    return NULL;
  text[got] = '\0';
  *length = (gsize)got;
  return g_steal_pointer (&text);
}
