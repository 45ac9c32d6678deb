/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-schedule.h>
#include <genvid/io/genvid-store.h>

G_BEGIN_DECLS

/* STORE/pace/<name>: how many requests a key may still make at an origin, as
 * all processes that share the store have left it. While one is open, the
 * others wait. It is no matter of money and not durable: what is lost is the
 * memory of a minute. */
typedef struct _GenvidAllowance GenvidAllowance;

/* Any thread; may wait half a second for another process. The file's name
 * tells neither KEY nor ORIGIN. NULL: it cannot be had now (a store for
 * reading, a holder that is frozen); each process then counts for itself. */
GenvidAllowance *genvid_allowance_open (GenvidStore *store, const char *origin,
                                        const char *key);
/* Takes from BUCKET what others have used up. NOW: of genvid_now. */
void genvid_allowance_apply (GenvidAllowance *allowance, GenvidBucket *bucket,
                             const GenvidNow *now);
/* Leaves BUCKET for the others. A failure is no reason to bother anyone. */
void genvid_allowance_save (GenvidAllowance *allowance,
                            const GenvidBucket *bucket, const GenvidNow *now);
void genvid_allowance_free (GenvidAllowance *allowance); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidAllowance, genvid_allowance_free)

G_END_DECLS
