/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The empty answer and its end. How an answer is read is the call's part. */
#include "reply.h"

static const char *const phase_names[] = {
  [GENVID_PHASE_UNKNOWN] = "unknown",
  [GENVID_PHASE_QUEUED] = "queued",
  [GENVID_PHASE_RUNNING] = "running",
  [GENVID_PHASE_SUCCEEDED] = "succeeded",
  [GENVID_PHASE_FAILED] = "failed",
  [GENVID_PHASE_REFUSED] = "refused",
  [GENVID_PHASE_CANCELLED] = "cancelled",
};

const char *
genvid_phase_to_string (GenvidPhase phase)
{
  if ((guint)phase >= G_N_ELEMENTS (phase_names))
    return phase_names[GENVID_PHASE_UNKNOWN];
  return phase_names[phase];
}

GenvidPhase
genvid_phase_from_string (const char *name)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (phase_names); i++)
    if (g_str_equal (phase_names[i], name))
      return i;
  return GENVID_PHASE_UNKNOWN;
}

GenvidReply *
genvid_reply_new (void)
{
  GenvidReply *reading = g_new0 (GenvidReply, 1);

  reading->progress = -1;
  reading->cost = -1;
  reading->captures = json_object_new ();
  reading->details = json_object_new ();
  return reading;
}

void
genvid_reply_free (GenvidReply *reading)
{
  if (!reading)
    return;
  g_free (reading->word);
  g_free (reading->id);
  g_free (reading->link);
  g_free (reading->message);
  g_free (reading->code);
  g_free (reading->currency);
  json_object_unref (reading->captures);
  json_object_unref (reading->details);
  g_free (reading);
}
