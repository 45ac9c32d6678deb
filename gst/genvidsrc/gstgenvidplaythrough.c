/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The arithmetic of buffering. Bytes are spread evenly over the clip's time,
 * because nothing but its length is read from its index. */

#include "gstgenvidplaythrough.h"

#define US ((double)G_USEC_PER_SEC)

/* The rate is the mean of all that arrived, and later of about this much. */
#define MEMORY (3 * G_USEC_PER_SEC)
/* Nothing is said of a line that was watched for less. */
#define FIRST_LOOK (G_USEC_PER_SEC / 2)
#define STANDSTILL (G_USEC_PER_SEC / 4) /* but of one that stands still */
#define SHORTEST   (G_USEC_PER_SEC / 10)
/* So much less than the rate promises is counted on: bytes are not spread so
 * evenly, and sound does not lie beside its picture. */
#define SAFETY   0.9
#define SAFETY_S 0.6
/* Who plays already is stopped only when it is nearly out of bytes, and when it
 * will not do by more than a little. */
#define PATIENCE     1.1
#define PATIENCE_S   0.2
#define LITTLE_S     0.1
#define NEARLY_OUT_S 1.0
/* An index is no larger. */
#define INDEX_PART 0.1
/* A reader is not further ahead of what is shown. */
#define MAX_LEAD_S 5.0

static void
begin (GstGenvidPlaythrough *self, guint64 present, gint64 now)
{
  self->begun = TRUE;
  self->present = present;
  self->measured = now;
  self->since = 0;
  self->rate = 0;
}

/* The first bytes that arrive start the watch, or that none do. */
static void
await_bytes (GstGenvidPlaythrough *self, guint64 present, gint64 now)
{
  if (present > self->present) {
    begin (self, present, now);
    self->since = now;
  } else if (present > 0 && now - self->measured >= FIRST_LOOK) {
    self->since = self->measured;
  }
}

static void
measure (GstGenvidPlaythrough *self, guint64 present, gint64 now)
{
  gint64 elapsed = now - self->measured;
  gint64 age;
  double rate;

  if (!self->begun || present < self->present || self->present == 0) {
    gboolean first = self->begun && present > 0 && self->present == 0;

    begin (self, present, now);
    self->since = first ? now : 0;
    return;
  }
  if (self->since == 0) {
    await_bytes (self, present, now);
    return;
  }
  if (elapsed < SHORTEST)
    return;
  age = MIN (now - self->since, MEMORY);
  rate = (double)(present - self->present) * US / (double)elapsed;
  self->rate += (rate - self->rate) * (double)MIN (elapsed, age) / (double)age;
  self->measured = now;
  self->present = present;
}

/* Seconds to play for who reads on at the position. */
static double
get_reader_left (const GstGenvidSupply *supply)
{
  guint64 left = supply->size - MIN (supply->position, supply->size);

  return supply->duration * (double)left / (double)supply->size;
}

/* Seconds to play for who watches. The reader is ahead of that, and may go to
 * the index at the end first. */
static double
get_left (GstGenvidPlaythrough *self, const GstGenvidSupply *supply)
{
  double reader = get_reader_left (supply);
  double left = self->left - (supply->played - self->played);

  if (supply->jumps != self->jumps || reader > left) {
    self->jumps = supply->jumps;
    self->left = left = reader;
    self->played = supply->played;
  }
  return MIN (left, reader + MAX_LEAD_S);
}

/* Before the first picture, who is at the end looks at what is there. */
static gboolean
is_reading_index (const GstGenvidSupply *supply)
{
  return supply->played <= 0
         && get_reader_left (supply)
                < MIN (NEARLY_OUT_S, supply->duration * INDEX_PART);
}

/* Who reads behind a gap shares the line with the request that fills it. */
static double
get_missing (const GstGenvidSupply *supply)
{
  return (double)supply->after + (double)MIN (supply->before, supply->after);
}

static gboolean
is_nearly_out (const GstGenvidSupply *supply)
{
  return (double)supply->ready * supply->duration
         < NEARLY_OUT_S * (double)supply->size;
}

static gboolean
is_short (const GstGenvidPlaythrough *self, const GstGenvidSupply *supply,
          double left, gint64 now)
{
  double missing = get_missing (supply);
  gint64 enough = self->rate > 0 ? FIRST_LOOK : STANDSTILL;

  if (self->since == 0 || now - self->since < enough || missing <= 0)
    return FALSE;
  if (supply->played <= 0)
    return missing > self->rate * (left + LITTLE_S);
  return is_nearly_out (supply)
         && missing > self->rate * (left * PATIENCE + PATIENCE_S);
}

/* Bytes that must still come before it can play. */
static double
get_lack (const GstGenvidPlaythrough *self, const GstGenvidSupply *supply,
          double left)
{
  return get_missing (supply) - self->rate * MAX (left * SAFETY - SAFETY_S, 0);
}

int
gst_genvid_playthrough_update (GstGenvidPlaythrough *self,
                               const GstGenvidSupply *supply, gint64 now)
{
  double left, lack;

  measure (self, supply->present, now);
  if (supply->duration <= 0 || supply->size == 0
      || supply->present >= supply->size) {
    self->low = FALSE;
    return 100;
  }
  left = get_left (self, supply);
  if (is_reading_index (supply))
    return self->low ? self->percent : 100;
  lack = get_lack (self, supply, left);
  if (!self->low && is_short (self, supply, left, now)) {
    self->low = TRUE;
    self->lack = MAX (lack, 1);
    self->percent = 0;
  }
  self->low = self->low && lack > 0;
  if (!self->low)
    return 100;
  self->percent
      = MAX (self->percent, CLAMP (100 * (1 - lack / self->lack), 0, 99));
  return self->percent;
}

/* Milliseconds for BYTES; -1: nobody knows. */
static gint64
get_time (const GstGenvidPlaythrough *self, double bytes)
{
  double time = self->rate > 0 ? bytes * 1000 / self->rate : -1;

  return time < G_MAXINT ? (gint64)time : -1;
}

GstGenvidPlaythroughStats
gst_genvid_playthrough_get_stats (const GstGenvidPlaythrough *self,
                                  const GstGenvidSupply *supply)
{
  GstGenvidPlaythrough copy = *self;
  double lack = get_lack (self, supply, get_left (&copy, supply));

  return (GstGenvidPlaythroughStats){
    .in = (int)MIN (self->rate, G_MAXINT),
    .out = supply->duration > 0
               ? (int)MIN (supply->size / supply->duration, G_MAXINT)
               : -1,
    .wait = self->low ? get_time (self, lack) : 0,
    .whole = get_time (self, (double)(supply->size - supply->present)),
  };
}
