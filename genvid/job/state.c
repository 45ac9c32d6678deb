/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of the states, as job.json and applications know them. */
#include "state.h"

static const char *const state_names[] = {
  [GENVID_STATE_IDLE] = "idle",
  [GENVID_STATE_SUBMITTING] = "submitting",
  [GENVID_STATE_QUEUED] = "queued",
  [GENVID_STATE_RUNNING] = "running",
  [GENVID_STATE_DOWNLOADING] = "downloading",
  [GENVID_STATE_DONE] = "done",
  [GENVID_STATE_FAILED] = "failed",
  [GENVID_STATE_CANCELLED] = "cancelled",
  [GENVID_STATE_IN_DOUBT] = "in-doubt",
};

const char *
genvid_state_to_string (GenvidState state)
{
  if ((guint)state >= G_N_ELEMENTS (state_names))
    return "idle";
  return state_names[state];
}

GenvidState
genvid_state_from_string (const char *name, gboolean *known)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (state_names); i++) {
    if (g_strcmp0 (name, state_names[i]) == 0)
      break;
  }
  if (known != NULL)
    *known = i < G_N_ELEMENTS (state_names);
  return i < G_N_ELEMENTS (state_names) ? (GenvidState)i : GENVID_STATE_IDLE;
}

const char *
genvid_cancel_to_string (GenvidCancel cancel)
{
  static const char *const names[] = {
    [GENVID_CANCEL_NONE] = "none",
    [GENVID_CANCEL_ASKED] = "asked",
    [GENVID_CANCEL_CANCELLED] = "cancelled",
    [GENVID_CANCEL_REFUSED] = "refused",
    [GENVID_CANCEL_NOT_OFFERED] = "not-offered",
    [GENVID_CANCEL_TOO_LATE] = "too-late",
    [GENVID_CANCEL_UNKNOWN] = "unknown",
  };

  return names[(guint)cancel < G_N_ELEMENTS (names) ? cancel : 0];
}
