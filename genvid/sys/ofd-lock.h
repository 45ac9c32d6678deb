/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An exclusive lock on a file that its holder alone removes. It belongs to an
 * open file description: it excludes other processes and other holders in this
 * one, and ends with the process. A forked child closes its copies, so it
 * never keeps a dead parent's lock. Any thread. */
typedef struct _GenvidOfdLock GenvidOfdLock;

/* NAME in FOLDER, made if missing. NULL without error: someone holds it. */
GenvidOfdLock *genvid_ofd_lock_try (int folder, const char *name,
                                    GError **error);
/* The same, but waits; GENVID_ERROR (busy) after PATIENCE microseconds. */
GenvidOfdLock *genvid_ofd_lock_wait (int folder, const char *name,
                                     gint64 patience, GError **error);
/* The same of a file that is appended to, by the descriptor that is locked:
 * NFSv4 then refuses what its holder writes once the server has given the lock
 * to another (nfs(5), RFC 8881 9.5), and does not write it over the other's. */
GenvidOfdLock *genvid_ofd_lock_wait_appending (int folder, const char *name,
                                               gint64 patience, GError **error);
/* The lock's own, as long as it is held. -1: in a forked child. */
int genvid_ofd_lock_get_fd (GenvidOfdLock *lock);
/* Releases it. NULL is fine. In a forked child: only frees. */
void genvid_ofd_lock_free (GenvidOfdLock *lock);
/* The same, and sets the file's time to now, in a thread of its own, since the
 * disk may be slow. */
void genvid_ofd_lock_free_stamped (GenvidOfdLock *lock);
/* Sets the file's time to now. */
gboolean genvid_ofd_lock_stamp (GenvidOfdLock *lock);
/* Leaves TEXT in the file, for who looks at it meanwhile. It is no part of the
 * lock: a text stays when its writer is gone. */
void genvid_ofd_lock_write (GenvidOfdLock *lock, const char *text);
/* FALSE in a forked child, and once a renewal has failed. */
gboolean genvid_ofd_lock_is_held (GenvidOfdLock *lock);
/* Asks the file system again for the lock of NAME in FOLDER, as it was taken. A
 * network file system can lose it without a word. GENVID_ERROR (busy): it is
 * not known to be ours, and never will be again. */
gboolean genvid_ofd_lock_renew (GenvidOfdLock *lock, int folder,
                                const char *name, GError **error);

/* Removes the file of NAME in FOLDER, as it was taken; the lock is held no
 * more. FALSE with error: it was not ours, or could not be removed. Who waited
 * for it makes the file anew. */
gboolean genvid_ofd_lock_remove (GenvidOfdLock *lock, int folder,
                                 const char *name, GError **error);

/* Someone (maybe this process) holds NAME now, or it cannot be checked. Creates
 * nothing. */
gboolean genvid_ofd_lock_is_taken (int folder, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidOfdLock, genvid_ofd_lock_free)

G_END_DECLS
