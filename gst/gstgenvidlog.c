/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The engine's messages in GStreamer's debug log, one category for each room.
 * An element has its own category, such as genvidsrc. */

#include "gstgenvidlog.h"

#include "log.h"

static const struct {
  const char *name, *description;
} rooms[GENVID_LOG_N_ROOMS] = {
  [GENVID_LOG_JOB] = { "genvid-job", "states of a generation" },
  [GENVID_LOG_HTTP] = { "genvid-http", "requests and responses" },
  [GENVID_LOG_STORE] = { "genvid-store", "records, locks and the ledger" },
  [GENVID_LOG_CLIP] = { "genvid-clip", "downloads and their readers" },
  [GENVID_LOG_ENGINE] = { "genvid-engine", "settings, plans and workers" },
};

static const GstDebugLevel levels[] = {
  [GENVID_LOG_INFO] = GST_LEVEL_INFO,
  [GENVID_LOG_DEBUG] = GST_LEVEL_DEBUG,
  [GENVID_LOG_LOG] = GST_LEVEL_LOG,
};

static GstDebugCategory *categories[GENVID_LOG_N_ROOMS];

static gboolean
pass_on (GenvidLogRoom room, GenvidLogLevel level, const char *message)
{
  GstDebugCategory *category = categories[room];

  if (levels[level] > gst_debug_category_get_threshold (category))
    return FALSE;
  if (message != NULL)
    gst_debug_log (category, levels[level], rooms[room].name, "", 0, NULL, "%s",
                   message);
  return TRUE;
}

void
gst_genvid_log_init (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (categories); i++)
    GST_DEBUG_CATEGORY_INIT (categories[i], rooms[i].name, 0,
                             rooms[i].description);
  genvid_log_set_hook (pass_on);
}
