/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waiting for the store's lock while another worker, in this process or
 * another, has it: its record and its growing file are shown as they come, and
 * its work is taken over when it goes. */

#include "worker-standby.h"

#include "byte-ranges.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "failure.h"
#include "http-client.h"
#include "moment.h"
#include "record.h"
#include "store-entry.h"
#include "store-media.h"
#include "store-recovery.h"
#include "validator.h"
#include "worker-private.h"
#include "worker.h"

#include <unistd.h>

#define LOOK_AGAIN (G_USEC_PER_SEC / 4)

/* Which part is served; 0: none yet. */
typedef struct {
  guint64 part;
} Growth;

static gboolean
is_of_this_boot (const char *boot)
{
  GenvidNow now = genvid_clock_now ();

  return boot != NULL && strcmp (boot, now.boot_id) == 0;
}

static void
add_ranges (GenvidClip *clip, const GenvidByteRanges *ranges)
{
  for (guint i = 0; i < genvid_byte_ranges_get_n (ranges); i++) {
    GenvidByteRange range = genvid_byte_ranges_get (ranges, i);

    genvid_clip_add_bytes (clip, range.start, range.end);
  }
}

/* Takes FD. Bytes of two files are never mixed: another part is another
 * file. */
static void
show_part (GenvidWorker *worker, Growth *growth, int fd,
           const GenvidValidator *validator, const GenvidByteRanges *ranges)
{
  gboolean same = growth->part == validator->part;

  if (!same && growth->part != 0)
    genvid_clip_reset (worker->clip);
  growth->part = validator->part;
  /* It may become known late. */
  if (validator->size != GENVID_SIZE_UNKNOWN)
    genvid_clip_set_size (worker->clip, validator->size);
  if (!same) {
    genvid_clip_set_file (worker->clip, fd, ranges);
    return;
  }
  close (fd);
  add_ranges (worker->clip, ranges);
}

/* The map claims only what was synced, and is of this boot: the bytes are
 * there. */
static void
show_growth (GenvidWorker *worker, Growth *growth)
{
  GenvidValidator validator = { 0 };
  g_autofree char *boot = NULL;
  g_autoptr (GenvidByteRanges) ranges = NULL;
  int fd;

  fd = genvid_store_entry_open_growing (worker->entry, &ranges, &validator,
                                        &boot, NULL);
  if (fd >= 0 && is_of_this_boot (boot))
    show_part (worker, growth, fd, &validator, ranges);
  else if (fd >= 0)
    close (fd);
  genvid_validator_clear (&validator);
}

/* TRUE: the clip is whole and served. */
static gboolean
show_progress (GenvidWorker *worker, Growth *growth)
{
  g_autoptr (GenvidRecord) record
      = genvid_store_entry_load (worker->entry, NULL);

  if (record == NULL)
    return FALSE;
  if (record->state == GENVID_STATE_DONE)
    return genvid_worker_publish_stored (worker, record, GENVID_ORIGIN_SHARED,
                                         NULL);
  /* A failure is the holder's until the lock is ours and says the same. */
  if (record->state != GENVID_STATE_FAILED
      && record->state != GENVID_STATE_IN_DOUBT)
    genvid_clip_publish_record (worker->clip, record, -1, GENVID_ORIGIN_SHARED,
                                worker->started);
  if (record->state == GENVID_STATE_DOWNLOADING)
    show_growth (worker, growth);
  return FALSE;
}

GenvidStandby
genvid_worker_stand_by (GenvidWorker *worker, GenvidFailure **failure)
{
  Growth growth = { 0 };
  g_autoptr (GError) error = NULL;

  while (!genvid_store_entry_try_lock (worker->entry, &error)) {
    if (error != NULL) {
      *failure = genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);
      return GENVID_STANDBY_FAILED;
    }
    if (show_progress (worker, &growth))
      return GENVID_STANDBY_SERVED;
    if (genvid_worker_is_unwanted (worker)) {
      *failure = genvid_failure_new (
          GENVID_REASON_FAILED, "Stopped while another process has it made.");
      return GENVID_STANDBY_FAILED;
    }
    genvid_http_client_wait (worker->http,
                             genvid_clock_now ().boot + LOOK_AGAIN);
  }
  return GENVID_STANDBY_OURS;
}
