/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

/* Files of the store, relative to the descriptor of a folder: no symbolic
 * link is followed, other users' files are refused, and what is written is
 * durable when the call returns. Any thread. Errors are GENVID_ERROR where a
 * user can act on them (no-space, settings), else G_IO_ERROR; each names the
 * file. */

/* A network file system can hide for less than a moment what another machine
 * replaces. Who waits for it lists no folder, which can prolong it.
 */
#define GENVID_DURABLE_MOMENT (3 * (gint64)G_USEC_PER_SEC)
/* Waits a little. FALSE, at once: UNTIL, of the monotonic clock, is past. */
gboolean genvid_durable_file_nap (gint64 until);

/* Always FALSE. CODE: an errno. NAME: in FOLDER; nullable, the folder. */
gboolean genvid_durable_file_set_error (GError **error, int code, int folder,
                                        const char *name);

/* CODE, an errno, says that the process or the system has no descriptors
 * left. */
gboolean genvid_durable_file_is_exhausted (int code);

/* A folder that only we own and may write, as a descriptor. CREATE: makes it if
 * it is missing, and makes it private. Without CREATE, -1 without error:
 * missing. */
int genvid_durable_file_open_folder (int parent, const char *name,
                                     gboolean create, GError **error);
/* The same checks for a descriptor that is open. */
gboolean genvid_durable_file_check_folder (int folder, gboolean create,
                                           GError **error);
/* FLAGS as for open(2). A regular file that is ours, 0600 when it is made or
 * opened for writing. Without O_CREAT, -1 without error: missing. */
int genvid_durable_file_open (int folder, const char *name, int flags,
                              GError **error);
/* What fstat and a read know of NAME in FOLDER ("": of FOLDER itself, any open
 * descriptor) is the server's word again, not what a network file system
 * remembers. Opening a file does the same; and what is missing is looked for
 * once more after its folder was asked, by all functions here. */
void genvid_durable_file_refresh (int folder, const char *name);
gboolean genvid_durable_file_exists (int folder, const char *name);
/* INFO: of the name itself, not of what a link points to. FALSE with errno. */
gboolean genvid_durable_file_stat (int folder, const char *name,
                                   struct stat *info);
/* Missing is not an error. */
gboolean genvid_durable_file_remove (int folder, const char *name,
                                     GError **error);

/* The whole of a small file, with a nul behind it; owned by the caller. NULL
 * without error: missing. G_IO_ERROR_MESSAGE_TOO_LARGE beyond MAX bytes. */
char *genvid_durable_file_read (int folder, const char *name, gsize max,
                                gsize *length, GError **error);
/* The same; INFO (nullable): of the very file that was read, whatever its name
 * shows meanwhile. */
char *genvid_durable_file_read_known (int folder, const char *name, gsize max,
                                      gsize *length, struct stat *info,
                                      GError **error);
/* From now on in this thread, a write beyond RLIMIT_FSIZE is an error (EFBIG)
 * and does not kill the process. The functions below do not need it. */
void genvid_durable_file_block_signal (void);
/* Writes all of TEXT at the descriptor's position; not yet durable. */
gboolean genvid_durable_file_write (int fd, const char *text, gsize length,
                                    GError **error);
/* From OFFSET on, whatever the kernel does at a time. How many bytes; where
 * they are fewer, errno says why: 0 is the end of the file. */
gsize genvid_durable_file_read_at (int fd, guint64 offset, void *buffer,
                                   gsize length);
/* All of it, from OFFSET on; not yet durable. FALSE: errno says why. */
gboolean genvid_durable_file_write_at (int fd, guint64 offset, const void *data,
                                       gsize length);
/* Temporary file, fsync, rename, fsync of the folder. */
gboolean genvid_durable_file_replace (int folder, const char *name,
                                      const char *text, GError **error);
/* The same; INFO (nullable): of the very file that was written. */
gboolean genvid_durable_file_replace_known (int folder, const char *name,
                                            const char *text, struct stat *info,
                                            GError **error);
/* Removes what a killed genvid_durable_file_replace left behind. The caller
 * must have the folder to itself. */
void genvid_durable_file_sweep (int folder);
gboolean genvid_durable_file_sync_folder (int folder, GError **error);

G_END_DECLS
