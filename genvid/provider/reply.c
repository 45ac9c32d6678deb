/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The empty answer and its end. How an answer is read is the call's part. */
#include "reply.h"

static const char *const phase_names[] = {
  [GENVID_PHASE_UNKNOWN] = "unknown",
  [GENVID_PHASE_MISSING] = "missing",
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
  GenvidReply *reply = g_new0 (GenvidReply, 1);

  reply->progress = -1;
  reply->queue = -1;
  reply->poll_after = -1;
  reply->estimate = -1;
  reply->cost = -1;
  reply->captures = json_object_new ();
  reply->details = json_object_new ();
  return reply;
}

void
genvid_reply_free (GenvidReply *reply)
{
  if (!reply)
    return;
  g_free (reply->word);
  g_free (reply->id);
  g_free (reply->link);
  g_free (reply->message);
  g_free (reply->code);
  g_free (reply->currency);
  g_free (reply->main_currency);
  json_object_unref (reply->captures);
  json_object_unref (reply->details);
  g_free (reply);
}
