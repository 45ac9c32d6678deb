/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A log of request times, and not a token bucket: a bucket with a burst lets
 * through either more than the limit in some minute, or less than the limit
 * in every other one. */
#include "request-window.h"

static GenvidWindowMark *
find_mark (GenvidRequestWindow *window, gint64 slot)
{
  return &window->marks[(guint64)slot % GENVID_REQUEST_WINDOW_SLOTS];
}

/* The whole slot must be a minute ago: where in it the request was made is
 * not known. */
static gint64
find_end (gint64 slot)
{
  return (slot + 1) * GENVID_REQUEST_WINDOW_GRAIN + GENVID_REQUEST_WINDOW_SPAN;
}

gint64
genvid_request_window_get_slot (gint64 time)
{
  return time / GENVID_REQUEST_WINDOW_GRAIN;
}

void
genvid_request_window_add (GenvidRequestWindow *window, gint64 time, guint n)
{
  gint64 slot = genvid_request_window_get_slot (time);
  GenvidWindowMark *mark = find_mark (window, slot);

  /* Of more than a minute later, it is as good. */
  if (mark->slot < slot)
    *mark = (GenvidWindowMark){ slot, 0 };
  mark->n += n;
}

void
genvid_request_window_remove (GenvidRequestWindow *window, gint64 time)
{
  gint64 slot = genvid_request_window_get_slot (time);
  GenvidWindowMark *mark = find_mark (window, slot);

  if (mark->slot == slot && mark->n > 0)
    mark->n--;
}

void
genvid_request_window_add_all (GenvidRequestWindow *window,
                               const GenvidRequestWindow *other)
{
  for (guint i = 0; i < GENVID_REQUEST_WINDOW_SLOTS; i++) {
    const GenvidWindowMark *mark = &other->marks[i];

    if (mark->n > 0)
      genvid_request_window_add (
          window, mark->slot * GENVID_REQUEST_WINDOW_GRAIN, mark->n);
  }
}

guint
genvid_request_window_count (const GenvidRequestWindow *window, gint64 now)
{
  guint count = 0;

  for (guint i = 0; i < GENVID_REQUEST_WINDOW_SLOTS; i++)
    if (find_end (window->marks[i].slot) > now)
      count += window->marks[i].n;
  return count;
}

gint64
genvid_request_window_find_room (const GenvidRequestWindow *window, guint limit,
                                 guint n, gint64 now)
{
  guint count = genvid_request_window_count (window, now);
  gint64 slot
      = genvid_request_window_get_slot (now) - GENVID_REQUEST_WINDOW_SLOTS + 1;

  if (n > limit)
    return now + GENVID_REQUEST_WINDOW_SPAN;
  if (count + n <= limit)
    return now;
  for (guint i = 0; i < GENVID_REQUEST_WINDOW_SLOTS; i++, slot++) {
    const GenvidWindowMark *mark
        = &window->marks[(guint64)slot % GENVID_REQUEST_WINDOW_SLOTS];

    if (mark->slot != slot || find_end (slot) <= now)
      continue;
    count -= mark->n;
    if (count + n <= limit)
      return find_end (slot);
  }
  return now + GENVID_REQUEST_WINDOW_SPAN;
}
