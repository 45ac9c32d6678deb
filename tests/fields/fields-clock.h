/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "genvid-sandbox.h"

/* The sandbox whose clock goes with the workers'; NULL: none. */
void clock_follow (GenvidSandbox *sandbox);
/* So many workers run at once; 1 at first. Time stands still while one of
 * them is busy. _leave: one of them is through. */
void clock_set_workers (guint n);
void clock_leave (void);
/* Called in a worker's thread before each of its waits. */
void clock_observe (void (*function) (void));
