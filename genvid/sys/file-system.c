/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a folder lies on, by the kernel's own list of mounts. A lock that is
 * granted does not tell whether another machine sees it; a mount's options do.
 * Sources: nfs(5), mount.cifs(8), sshfs(1), statfs(2), proc(5). */

#include "file-system.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define MOUNTS "/proc/self/mountinfo"
/* Of statfs(2); linux/magic.h lacks them. */
#define LUSTRE_MAGIC 0x0bd00bd0
#define GFS2_MAGIC   0x01161970

gboolean
genvid_file_system_is_shared (int fd)
{
  struct statfs info;

  if (fstatfs (fd, &info) != 0)
    return TRUE;
  switch ((guint32)info.f_type) {
  case NFS_SUPER_MAGIC:
  case CEPH_SUPER_MAGIC:
  case SMB_SUPER_MAGIC:
  case SMB2_SUPER_MAGIC:
  case CIFS_SUPER_MAGIC:
  case FUSE_SUPER_MAGIC:
  case V9FS_MAGIC:
  case AFS_FS_MAGIC:
  case AFS_SUPER_MAGIC:
  case CODA_SUPER_MAGIC:
  case OCFS2_SUPER_MAGIC:
  case LUSTRE_MAGIC:
  case GFS2_MAGIC:
    return TRUE;
  default:
    return FALSE;
  }
}

/* "36 35 98:0 /root /mnt rw,noatime master:1 - ext4 /dev/sda rw,discard" */
static gboolean
parse_mount (const char *line, const char *device, GenvidFileSystem *system)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint n = g_strv_length (words);

  if (n < 10 || strcmp (words[2], device) != 0)
    return FALSE;
  for (guint i = 6; i + 3 < n; i++)
    if (strcmp (words[i], "-") == 0) {
      system->type = g_strdup (words[i + 1]);
      system->source = g_strcompress (words[i + 2]);
      system->options = g_strjoin (",", words[5], words[i + 3], NULL);
      return TRUE;
    }
  return FALSE;
}

void
genvid_file_system_find (int fd, GenvidFileSystem *system)
{
  g_autofree char *text = NULL;
  g_autofree char *device = NULL;
  g_auto (GStrv) lines = NULL;
  struct stat info;

  *system = (GenvidFileSystem){ 0 };
  if (fstat (fd, &info) == 0
      && g_file_get_contents (MOUNTS, &text, NULL, NULL)) {
    device
        = g_strdup_printf ("%u:%u", major (info.st_dev), minor (info.st_dev));
    lines = g_strsplit (text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++)
      if (parse_mount (lines[i], device, system))
        return;
  }
  system->type = g_strdup ("unknown");
  system->source = g_strdup ("");
  system->options = g_strdup ("");
}

void
genvid_file_system_clear (GenvidFileSystem *system)
{
  g_free (system->type);
  g_free (system->source);
  g_free (system->options);
  *system = (GenvidFileSystem){ 0 };
}

const char *
genvid_file_system_explain_locks (const GenvidFileSystem *system)
{
  static const struct {
    const char *type;   /* its beginning */
    const char *option; /* nullable: whatever it is mounted with */
    const char *why;
  } rows[] = {
    { "nfs", "nolock", "it is mounted with the option nolock" },
    { "nfs", "local_lock=all", "it is mounted with local_lock=all" },
    { "nfs", "local_lock=posix", "it is mounted with local_lock=posix" },
    { "cifs", "nobrl", "it is mounted with the option nobrl" },
    { "smb3", "nobrl", "it is mounted with the option nobrl" },
    { "ocfs2", "localflocks", "it is mounted with the option localflocks" },
    { "lustre", "localflock", "it is mounted with the option localflock" },
    { "fuse.sshfs", NULL, "sshfs keeps them on one machine" },
    { "fuse.rclone", NULL, "rclone keeps them on one machine" },
    { "fuse.s3fs", NULL, "s3fs keeps them on one machine" },
    { "fuse.gcsfuse", NULL, "gcsfuse keeps them on one machine" },
  };
  g_auto (GStrv) options = g_strsplit (system->options, ",", -1);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_has_prefix (system->type, rows[i].type)
        && (rows[i].option == NULL
            || g_strv_contains ((const char *const *)options, rows[i].option)))
      return rows[i].why;
  return NULL;
}
