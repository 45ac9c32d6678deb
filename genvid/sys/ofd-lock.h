/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An exclusive lock on a file that is never removed. It belongs to an open
 * file description: it excludes other processes and other holders in this
 * one, and ends with the process. A forked child closes its copies, so a
 * child that lives on never keeps a dead parent's lock. Any thread. */
typedef struct _GenvidOfdLock GenvidOfdLock;

/* NAME in FOLDER, made if missing. NULL without error: someone holds it. */
GenvidOfdLock *genvid_ofd_lock_try (int folder, const char *name,
                                    GError **error);
/* The same, but waits; GENVID_ERROR (busy) after PATIENCE microseconds. */
GenvidOfdLock *genvid_ofd_lock_wait (int folder, const char *name,
                                     gint64 patience, GError **error);
/* Releases it. NULL is fine. In a forked child: only frees. */
void genvid_ofd_lock_free (GenvidOfdLock *lock);
/* The same, and leaves the file's time as now; any disk that this waits for
 * is waited for in a thread of its own. */
void genvid_ofd_lock_free_stamped (GenvidOfdLock *lock);
/* Sets the file's time. */
gboolean genvid_ofd_lock_stamp (GenvidOfdLock *lock);
/* FALSE in a forked child. */
gboolean genvid_ofd_lock_is_held (GenvidOfdLock *lock);

/* Someone (also this process) holds NAME now, or it cannot be looked at. Makes
 * nothing. */
gboolean genvid_ofd_lock_is_taken (int folder, const char *name);
/* Another process than this one does. (What else in this process is linked
 * with a copy of this library counts as another.) */
gboolean genvid_ofd_lock_is_taken_elsewhere (int folder, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidOfdLock, genvid_ofd_lock_free)

G_END_DECLS
