/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "record.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* A standby shows in CLIP what another worker, in this process or another,
 * makes of the same generation while it holds the lock of ENTRY. */
typedef struct {
  GenvidStoreEntry *entry;
  GenvidClip *clip;
  gint64 started; /* boot clock */
  guint64 part;   /* 0, then of the file that is shown */
} GenvidStandby;

/* Reads the record and the growing file again. The record of a clip that is
 * finished, to be freed by the caller; else NULL. */
GenvidRecord *genvid_standby_show (GenvidStandby *standby);

G_END_DECLS
