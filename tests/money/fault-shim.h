/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* What the shim and who preloads it share: a file of this struct, mapped by
 * every process of a soak, and three variables of a process:
 *
 *   SOAK_FAULT_CONTROL  the path of that file
 *   SOAK_FAULT_STORE    calls for paths below this one may fail
 *   SOAK_FAULT_PLAN     "SEED from=N most=N KIND=RATE …": of the calls after
 *                       the first N, RATE of 1000 of a kind fail, until MOST
 *                       failed
 */

#define FAULT_KINDS "write", "sync", "rename", "open", "truncate", "allocate"

typedef enum {
  FAULT_WRITE,
  FAULT_SYNC,
  FAULT_RENAME,
  FAULT_OPEN,
  FAULT_TRUNCATE,
  FAULT_ALLOCATE,
  N_FAULT_KINDS,
} FaultKind;

typedef struct {
  _Atomic int64_t wall_ahead; /* nanoseconds, of the day's clock only */
  _Atomic int64_t room;       /* bytes until the disk is full; -1: no end */
  _Atomic int64_t struck[N_FAULT_KINDS];
} FaultControl;
