/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "clip-status.h"
#include "failure.h"
#include "record.h"
#include "settings.h"

G_BEGIN_DECLS

/* A stand-in for client.c: a clip whose every step is a call of the test,
 * so that no test needs a clock. Linked in its place. Any thread. */

/* Forgets everything; before each test. */
void fake_reset (void);

/* The next genvid_client_open fails with this reason, or succeeds with this
 * warning. */
void fake_refuse (GenvidReason reason, const char *message);
void fake_warn (const char *sentence);

/* Runs opened, and clips ordered, which is what costs money. */
guint fake_get_opened (void);
guint fake_get_ordered (void);
/* What the last run was opened with; valid until the next. */
const GenvidSettings *fake_get_order (void);

/* All below are about the run that was opened last. */
typedef void (*FakeChange) (GenvidClipStatus *snapshot, gpointer data);
void fake_update (FakeChange change, gpointer data);
void fake_set_state (GenvidState state, int progress);
void fake_set_size (guint64 size);
void fake_add (guint64 start, guint64 end);
void fake_finish (void);
/* NULL: the reader alone is over, as when the file was exchanged. */
void fake_fail (const GenvidFailure *failure);
/* Reads of the bytes fail from now on. */
void fake_break_reads (void);
gboolean fake_is_closed (void);

/* The bytes of every clip: deterministic, SIZE of them. */
void fake_set_media (gsize size);
guint8 fake_get_byte (guint64 offset);

/* Every later run is a finished clip from the store. */
void fake_set_stored (gboolean stored);

/* The service has no cancel. */
void fake_set_no_cancel (void);

/* Called at the entry of each wait, before any lock and before the wait looks
 * at anything: the gap in which threads overtake each other. */
typedef void (*FakeHook) (guint n_waits, gpointer data);
void fake_set_hook (FakeHook hook, gpointer data);

/* Returns when somebody sleeps in a wait (and was not woken since). */
void fake_until_waiting (void);
/* fake_set_state, then that. */
void fake_reach (GenvidState state, int progress);
/* What the last sleeping wait was for. */
void fake_get_want (guint64 *offset, gsize *length, gboolean *whole);

G_END_DECLS
