/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one place where a record becomes a snapshot. */

#include "clip-publish.h"

#include "byte-ranges.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "record.h"

typedef struct {
  const GenvidRecord *record;
  const char *note;
  int progress;
  GenvidOrigin origin;
  gint64 started;
  GenvidCount count;
} Change;

static void
replace (char **text, const char *value)
{
  if (g_strcmp0 (*text, value) == 0)
    return;
  g_free (*text);
  *text = g_strdup (value);
}

static void
apply_record (GenvidClipStatus *snapshot, gpointer data)
{
  const Change *change = data;
  const GenvidRecord *record = change->record;

  snapshot->state = record->state;
  if (record->model != NULL)
    replace (&snapshot->model, record->model);
  replace (&snapshot->id, record->id);
  replace (&snapshot->currency, record->currency);
  snapshot->progress = change->progress;
  snapshot->cost = record->cost;
  snapshot->origin = change->origin;
  snapshot->bought = record->intended.wall;
  snapshot->billed = record->failure != NULL ? record->failure->billed
                     : record->state == GENVID_STATE_DONE
                         ? GENVID_BILLED_YES
                         : GENVID_BILLED_UNKNOWN;
  if (change->started != 0)
    snapshot->started = change->started;
  g_clear_pointer (&snapshot->details, json_object_unref);
  if (record->details != NULL)
    snapshot->details = json_object_ref (record->details);
}

void
genvid_clip_publish_record (GenvidClip *clip, const GenvidRecord *record,
                            int progress, GenvidOrigin origin, gint64 started)
{
  Change change = {
    .record = record, .progress = progress, .origin = origin, .started = started
  };

  genvid_clip_update (clip, apply_record, &change);
}

static void
apply_note (GenvidClipStatus *snapshot, gpointer data)
{
  const Change *change = data;

  replace (&snapshot->note, change->note);
}

void
genvid_clip_publish_note (GenvidClip *clip, const char *note)
{
  Change change = { .note = note };

  genvid_clip_update (clip, apply_note, &change);
}

static char *
describe_stored (const GenvidRecord *record)
{
  g_autoptr (GDateTime) bought = NULL;
  g_autofree char *when = NULL;
  const char *provider = record->provider;

  if (record->intended.wall > 0)
    bought = g_date_time_new_from_unix_local (record->intended.wall
                                              / G_USEC_PER_SEC);
  if (bought != NULL)
    when = g_date_time_format (bought, "%Y-%m-%d %H:%M");
  if (when == NULL)
    when = g_strdup ("earlier");

  if (record->cost >= 0 && record->currency != NULL)
    return g_strdup_printf ("From the store: bought %s at %s for %.2f %s. "
                            "Playing it costs nothing; a higher take buys "
                            "another.",
                            when, provider, record->cost, record->currency);
  return g_strdup_printf ("From the store: bought %s at %s. Playing it costs "
                          "nothing; a higher take buys another.",
                          when, provider);
}

void
genvid_clip_publish_stored (GenvidClip *clip, const GenvidRecord *record,
                            int fd, const char *location, GenvidOrigin origin)
{
  g_autoptr (GenvidByteRanges) all = genvid_byte_ranges_new ();
  g_autofree char *note = NULL;

  genvid_byte_ranges_add (all, 0, record->media_size);
  genvid_clip_publish_record (clip, record, 100, origin, 0);
  if (origin == GENVID_ORIGIN_STORED) {
    note = describe_stored (record);
    genvid_clip_publish_note (clip, note);
  }
  genvid_clip_set_size (clip, record->media_size);
  genvid_clip_set_file (clip, fd, all);
  genvid_clip_finish (clip, record->media_size, location);
}

static void
apply_count (GenvidClipStatus *snapshot, gpointer data)
{
  const Change *change = data;

  if (change->count == GENVID_COUNT_SUBMITS)
    snapshot->submits++;
  else if (change->count == GENVID_COUNT_POLLS)
    snapshot->polls++;
  else
    snapshot->uploads++;
}

void
genvid_clip_publish_count (GenvidClip *clip, GenvidCount count)
{
  Change change = { .count = count };

  genvid_clip_update (clip, apply_count, &change);
}

static void
apply_upload (GenvidClipStatus *snapshot, gpointer data)
{
  const Change *change = data;

  snapshot->uploading = change->progress;
}

void
genvid_clip_publish_upload (GenvidClip *clip, int percent)
{
  Change change = { .progress = percent };

  genvid_clip_update (clip, apply_upload, &change);
}
