/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of past generations of this kind, in log-seconds. */
typedef struct {
  double mean;     /* mean of log seconds */
  double variance; /* of log seconds */
  double weight;   /* runs behind it; 0 = nothing known */
} GenvidTimeEstimate;

G_END_DECLS
