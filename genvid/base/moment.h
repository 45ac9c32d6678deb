/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The day's clocks of two machines, or of two boots of one, may differ by so
 * much. */
#define GENVID_CLOCK_SKEW (10 * 60 * (gint64)G_USEC_PER_SEC)

/* Two clocks, and which boot the second belongs to. Microseconds. */
typedef struct {
  gint64 wall;         /* since the epoch */
  gint64 boot;         /* CLOCK_BOOTTIME */
  const char *boot_id; /* borrowed; never NULL */
} GenvidNow;

typedef struct {
  gint64 wall;
  gint64 boot;
  char *boot_id;
} GenvidMoment; /* a GenvidNow that is kept; boot_id NULL: never */

G_END_DECLS
