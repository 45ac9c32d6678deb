/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The states of a generation, for applications too (property
 * generation-state). */
typedef enum {
  GENVID_STATE_IDLE,        /* nothing bought yet */
  GENVID_STATE_SUBMITTING,  /* an intent is on disk; no id yet */
  GENVID_STATE_QUEUED,      /* accepted; the id is on disk */
  GENVID_STATE_RUNNING,     /* the service works on it */
  GENVID_STATE_DOWNLOADING, /* ready at the service; bytes are coming */
  GENVID_STATE_DONE,        /* the clip is whole and in the store */
  GENVID_STATE_FAILED,      /* at the service or here: see failure */
  GENVID_STATE_CANCELLED,
  GENVID_STATE_IN_DOUBT, /* may be bought; the id is not known */
} GenvidState;

const char *genvid_state_to_string (GenvidState state); /* "in-doubt" */
/* KNOWN (out, nullable): FALSE where NAME is none; then it is IDLE. */
GenvidState genvid_state_from_string (const char *name, gboolean *known);

/* What became of the wish to cancel, in this run. */
typedef enum {
  GENVID_CANCEL_NONE,        /* nobody wished it */
  GENVID_CANCEL_ASKED,       /* the service is asked, or will be */
  GENVID_CANCEL_CANCELLED,   /* by the service, or before anything was bought */
  GENVID_CANCEL_REFUSED,     /* by the service */
  GENVID_CANCEL_NOT_OFFERED, /* the service has no cancel */
  GENVID_CANCEL_TOO_LATE,    /* the clip was ready */
  GENVID_CANCEL_UNKNOWN,     /* the service did not answer */
} GenvidCancel;

const char *genvid_cancel_to_string (GenvidCancel cancel); /* "not-offered" */

G_END_DECLS
