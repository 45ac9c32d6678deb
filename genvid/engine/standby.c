/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Another worker's record and its growing file, as they are on disk. */

#include "standby.h"

#include "byte-ranges.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "moment.h"
#include "record.h"
#include "store-entry.h"
#include "store-holder.h"
#include "store-media.h"
#include "store-recovery.h"
#include "validator.h"

#include <unistd.h>

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
show_part (GenvidStandby *standby, int fd, const GenvidValidator *validator,
           const GenvidByteRanges *ranges)
{
  gboolean same = standby->part == validator->part;

  if (!same && standby->part != 0)
    genvid_clip_reset (standby->clip);
  standby->part = validator->part;
  /* It may become known late. */
  if (validator->size != GENVID_SIZE_UNKNOWN)
    genvid_clip_set_size (standby->clip, validator->size);
  if (!same) {
    genvid_clip_set_file (standby->clip, fd, ranges);
    return;
  }
  close (fd);
  add_ranges (standby->clip, ranges);
}

/* The map claims only what was synced, and is of this boot: the bytes are
 * there. */
static void
show_growth (GenvidStandby *standby)
{
  GenvidValidator validator = { 0 };
  g_autofree char *boot = NULL;
  g_autoptr (GenvidByteRanges) ranges = NULL;
  int fd;

  fd = genvid_store_entry_open_growing (standby->entry, &ranges, &validator,
                                        &boot, NULL);
  if (fd >= 0 && is_of_this_boot (boot))
    show_part (standby, fd, &validator, ranges);
  else if (fd >= 0)
    close (fd);
  genvid_validator_clear (&validator);
}

static void
show_record (GenvidStandby *standby, const GenvidRecord *record)
{
  g_auto (GenvidStoreHolder) holder
      = genvid_store_entry_get_holder (standby->entry);

  genvid_clip_publish_host (
      standby->clip,
      genvid_store_holder_is_elsewhere (&holder) ? holder.host : NULL);
  genvid_clip_publish_record (standby->clip, record, holder.progress,
                              GENVID_ORIGIN_SHARED, standby->started);
}

GenvidRecord *
genvid_standby_show (GenvidStandby *standby)
{
  g_autoptr (GenvidRecord) record
      = genvid_store_entry_load (standby->entry, NULL);

  if (record == NULL)
    return NULL;
  if (record->state == GENVID_STATE_DONE)
    return g_steal_pointer (&record);
  /* A failure is the holder's until the lock is ours and says the same, and so
   * is a cancel. */
  if (record->state != GENVID_STATE_FAILED
      && record->state != GENVID_STATE_CANCELLED
      && record->state != GENVID_STATE_IN_DOUBT)
    show_record (standby, record);
  if (record->state == GENVID_STATE_DOWNLOADING)
    show_growth (standby);
  return NULL;
}
