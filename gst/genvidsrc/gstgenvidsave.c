/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bytes go to a file without a name that anybody looks for, which then gets
 * its name at once or not at all. */

#include "gstgenvidsave.h"

#include <genvid/genvid-messages.h>

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "durable-file.h"
#include "failure.h"
#include "gstgenvidfailure.h"
#include "user-file.h"

#define BLOCK (64 * 1024)

struct _GstGenvidSave {
  char *path; /* absolute */
  char *location;
  gboolean was_there;
  GError *error; /* nullable */
};

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "save-to: %s %s, so nothing was bought.", path, why);
  return FALSE;
}

/* Before anything is bought. Which bytes a clip of the same size has is seen
 * later. */
static gboolean
check (const char *path, const char *stored, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  GStatBuf there, clip;

  if (g_access (folder, W_OK | X_OK) != 0)
    return refuse (error, folder, "is not a folder that you can write to");
  if (g_lstat (path, &there) != 0)
    return TRUE;
  if (!S_ISREG (there.st_mode))
    return refuse (error, path, "exists and is not a file");
  if (stored == NULL || g_stat (stored, &clip) != 0
      || clip.st_size != there.st_size)
    return refuse (error, path, "exists and is not this clip");
  return TRUE;
}

GstGenvidSave *
gst_genvid_save_new (const char *path, const char *stored, GError **error)
{
  g_autoptr (GstGenvidSave) save = g_new0 (GstGenvidSave, 1);
  g_autofree char *expanded = genvid_user_path (path, "save-to", error);

  if (expanded == NULL)
    return NULL;
  save->path = g_canonicalize_filename (expanded, NULL);
  if (!check (save->path, stored, error))
    return NULL;
  return g_steal_pointer (&save);
}

void
gst_genvid_save_free (GstGenvidSave *save)
{
  if (save == NULL)
    return;
  g_free (save->path);
  g_free (save->location);
  g_clear_error (&save->error);
  g_free (save);
}

static gboolean
fail (GError **error, int code)
{
  g_set_error_literal (error, G_FILE_ERROR, (int)g_file_error_from_errno (code),
                       g_strerror (code));
  return FALSE;
}

static gboolean
is_same (int a, int b)
{
  g_autofree guint8 *blocks = g_malloc (2 * BLOCK);
  guint64 offset = 0;

  for (;;) {
    gsize n = genvid_durable_file_read_at (a, offset, blocks, BLOCK);

    if (genvid_durable_file_read_at (b, offset, blocks + BLOCK, BLOCK) != n
        || memcmp (blocks, blocks + BLOCK, n) != 0)
      return FALSE;
    if (n < BLOCK)
      return TRUE;
    offset += n;
  }
}

/* A file system that can share the blocks does; sendfile works everywhere. */
static gssize
copy_some (int in, int out)
{
  gssize n = copy_file_range (in, NULL, out, NULL, G_MAXINT32, 0);

  if (n > 0 || lseek (in, 0, SEEK_CUR) > 0)
    return n;
  return sendfile (out, in, NULL, G_MAXINT32);
}

static gboolean
copy_all (int in, int out, GError **error)
{
  gssize n;

  genvid_durable_file_block_signal ();
  do
    n = copy_some (in, out);
  while (n > 0 || (n < 0 && errno == EINTR));
  if (n < 0 || fsync (out) != 0)
    return fail (error, errno);
  return TRUE;
}

/* FALSE with errno; EEXIST: the name is taken. */
static gboolean
give_name (const char *temporary, const char *path)
{
  if (renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  /* Some network file systems cannot. */
  return link (temporary, path) == 0;
}

static gboolean
copy (GstGenvidSave *save, int in, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (save->path);
  g_autofree char *temporary
      = g_build_filename (folder, ".genvid-save-XXXXXX", NULL);
  int out = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0666);
  gboolean done;

  if (out < 0)
    return fail (error, errno);
  done = copy_all (in, out, error);
  if (close (out) != 0 && done)
    done = fail (error, errno);
  if (done && !give_name (temporary, save->path))
    done = fail (error, errno);
  g_unlink (temporary);
  return done;
}

static gboolean
save_clip (GstGenvidSave *save, GError **error)
{
  int in = g_open (save->location, O_RDONLY | O_CLOEXEC, 0);
  int there;
  gboolean done;

  if (in < 0)
    return fail (error, errno);
  there = g_open (save->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
  if (there < 0) {
    done = copy (save, in, error);
  } else {
    save->was_there = done = is_same (in, there);
    if (!done)
      fail (error, EEXIST);
    close (there);
  }
  close (in);
  return done;
}

void
gst_genvid_save_run (GstGenvidSave *save, const char *location)
{
  if (save->location != NULL)
    return;
  save->location = g_strdup (location);
  save_clip (save, &save->error);
}

static void
warn (const GstGenvidSave *save, GstBaseSrc *source)
{
  g_autofree char *text = NULL;

  if (g_error_matches (save->error, G_FILE_ERROR, G_FILE_ERROR_EXIST))
    text = g_strdup_printf (
        "%s is another file, which was left alone. The clip is in the store: "
        "%s",
        save->path, save->location);
  else
    text = g_strdup_printf (
        "The clip could not be saved as %s: %s. It is in the store: %s",
        save->path, save->error->message, save->location);
  gst_genvid_warning_post (text, GST_ELEMENT (source));
  g_message ("%s: %s", GST_OBJECT_NAME (source), text);
}

void
gst_genvid_save_report (const GstGenvidSave *save, GstBaseSrc *source)
{
  g_autofree char *text = NULL;

  if (save->error != NULL) {
    warn (save, source);
    return;
  }
  gst_element_post_message (
      GST_ELEMENT (source),
      gst_message_new_element (
          GST_OBJECT (source),
          gst_structure_new (GENVID_MESSAGE_SAVED, GENVID_FIELD_PATH,
                             G_TYPE_STRING, save->path, GENVID_FIELD_LOCATION,
                             G_TYPE_STRING, save->location, NULL)));
  text = g_strdup_printf (save->was_there ? "%s is this clip already."
                                          : "Saved as %s.",
                          save->path);
  gst_element_message_full (GST_ELEMENT (source), GST_MESSAGE_INFO,
                            GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                            g_strdup (text), g_strdup (text), __FILE__,
                            GST_FUNCTION, __LINE__);
}
