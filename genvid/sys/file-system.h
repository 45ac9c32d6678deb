/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What kind of file system a folder is on. Any thread. */

typedef struct {
  char *type;    /* as /proc/self/mountinfo says it: "ext4", "nfs4",
                  * "fuse.glusterfs"; "unknown" */
  char *source;  /* what is mounted: a device, "server:/export" */
  char *options; /* of the mount and of the file system, with commas */
} GenvidFileSystem;

/* Other machines may see the same files. */
gboolean genvid_file_system_is_shared (int fd);
/* Always sets all of it. */
void genvid_file_system_find (int fd, GenvidFileSystem *system);
void genvid_file_system_clear (GenvidFileSystem *system);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GenvidFileSystem, genvid_file_system_clear)

/* Why its locks keep out no other machine, as the end of a sentence; NULL: as
 * far as its type and its options tell, they do. A constant. */
const char *genvid_file_system_explain_locks (const GenvidFileSystem *system);

G_END_DECLS
