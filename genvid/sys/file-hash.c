/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bytes of a local file count, not its name: the hash goes into the
 * fingerprint, and an upload must send exactly what was hashed. */

#include "file-hash.h"

#include "failure.h"
#include "media-type.h"
#include "user-file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK (64 * 1024)

int
genvid_image_open (const char *path, const char *property, guint64 *size,
                   GError **error)
{
  g_autofree char *advice
      = g_strdup_printf ("Set %s to a picture of at most %d MiB.", property,
                         (int)(GENVID_IMAGE_MAX_BYTES / (1024 * 1024)));
  int fd = genvid_user_file_open (path, GENVID_IMAGE_MAX_BYTES, advice, error);
  struct stat info = { 0 };

  if (fd < 0)
    return -1;
  if (fstat (fd, &info) == 0 && info.st_size > 0) {
    *size = (guint64)info.st_size;
    return fd;
  }
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The file \"%s\" is empty. %s", shown, advice);
  close (fd);
  return -1;
}

gboolean
genvid_image_look (const char *path, const char *property, guint64 *size,
                   const char **type, GError **error)
{
  guint8 head[GENVID_MEDIA_TYPE_HEAD];
  int fd = genvid_image_open (path, property, size, error);
  gssize n;

  if (fd < 0)
    return FALSE;
  n = TEMP_FAILURE_RETRY (pread (fd, head, sizeof head, 0));
  close (fd);
  *type = genvid_media_type_sniff (head, (gsize)MAX (n, 0));
  return TRUE;
}

static gboolean
hash_descriptor (int fd, GChecksum *checksum)
{
  g_autofree guint8 *block = g_malloc (BLOCK);
  guint64 total = 0;
  gssize got;

  while ((got = TEMP_FAILURE_RETRY (read (fd, block, BLOCK))) > 0) {
    total += (guint64)got;
    if (total > GENVID_IMAGE_MAX_BYTES)
      return FALSE;
    g_checksum_update (checksum, block, got);
  }
  return got == 0;
}

char *
genvid_file_hash (const char *path, const char *property, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint64 size = 0;
  int fd = genvid_image_open (path, property, &size, error);
  if (fd < 0)
    return NULL;

  gboolean hashed = hash_descriptor (fd, checksum);
  close (fd);
  if (hashed)
    return g_strdup (g_checksum_get_string (checksum));
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The file \"%s\" cannot be read. Set %s to a picture.", shown,
               property);
  return NULL;
}
