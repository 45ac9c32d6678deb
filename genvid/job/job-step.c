/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a job wants done, as a value. */
#include "job-step.h"

/* Before it is due the line may still get shorter. */
gint64
genvid_step_look_again (const GenvidStep *step, gint64 room, gint64 boot)
{
  if (boot < step->due)
    return MIN (room, step->due);
  if (boot >= step->turn_by || room > step->turn_by)
    return 0;
  return room;
}
