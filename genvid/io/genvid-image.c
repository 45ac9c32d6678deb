/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bytes of a local file count, not its name: the hash goes into the
 * fingerprint, and an upload must send exactly what was hashed. */

#include <genvid/io/genvid-image.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <genvid/genvid-failure.h>

static char *
refuse (GError **error, const char *path, const char *property,
        const char *what)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The file \"%s\" %s. Set %s to a picture of at most %d MiB.",
               shown, what, property,
               (int)(GENVID_IMAGE_MAX_BYTES / (1024 * 1024)));
  return NULL;
}

static gboolean
hash_descriptor (int fd, GChecksum *checksum)
{
  g_autofree guint8 *block = g_malloc (64 * 1024);
  guint64 total = 0;

  for (;;) {
    gssize got = read (fd, block, 64 * 1024);

    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return got == 0;
    total += got;
    if (total > GENVID_IMAGE_MAX_BYTES)
      return FALSE;
    g_checksum_update (checksum, block, got);
  }
}

char *
genvid_image_hash (const char *path, const char *property, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  struct stat info;
  gboolean hashed;
  int fd;

  /* Without O_NONBLOCK a FIFO would hold the application's thread. */
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return refuse (error, path, property,
                   errno == ENOENT ? "does not exist" : "cannot be opened");
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode)) {
    close (fd);
    return refuse (error, path, property, "is not a regular file");
  }
  if (info.st_size == 0 || (guint64)info.st_size > GENVID_IMAGE_MAX_BYTES) {
    close (fd);
    return refuse (error, path, property,
                   info.st_size == 0 ? "is empty" : "is too large");
  }
  hashed = hash_descriptor (fd, checksum);
  close (fd);
  if (!hashed)
    return refuse (error, path, property, "cannot be read");

  return g_strdup (g_checksum_get_string (checksum));
}
