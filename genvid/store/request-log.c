/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One small file a key and origin, which is its own lock: it is written in
 * place and never removed. */

#include "request-log.h"

#include "durable-file.h"
#include "log.h"
#include "moment.h"
#include "ofd-lock.h"
#include "request-window.h"
#include "store-private.h"
#include "store.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER    "pace"
#define MAX_BYTES 16384
#define PATIENCE  (G_USEC_PER_SEC / 2)
/* A boot clock never was at 2 us, which is what former versions read here. */
#define VERSION      "2"
#define FORMER_BURST 10
#define MAX_COUNT    100000

struct _GenvidRequestLog {
  int folder;
  char *name;
  GenvidOfdLock *lock;
};

GenvidRequestLog *
genvid_request_log_open (GenvidStore *store, const char *origin,
                         const char *key)
{
  g_autoptr (GenvidRequestLog) allowance = NULL;

  if (!genvid_store_check_writable (store, NULL))
    return NULL;
  allowance = g_new0 (GenvidRequestLog, 1);
  /* Keyed with the key: who does not know it learns nothing of it. */
  allowance->name = g_compute_hmac_for_string (
      G_CHECKSUM_SHA256, (const guint8 *)key, strlen (key), origin, -1);
  allowance->folder
      = genvid_durable_file_open_folder (store->root, FOLDER, TRUE, NULL);
  if (allowance->folder >= 0)
    allowance->lock = genvid_ofd_lock_wait (allowance->folder, allowance->name,
                                            PATIENCE, NULL);
  return allowance->lock != NULL ? g_steal_pointer (&allowance) : NULL;
}

void
genvid_request_log_free (GenvidRequestLog *allowance)
{
  if (allowance == NULL)
    return;
  genvid_ofd_lock_free (allowance->lock);
  if (allowance->folder >= 0)
    close (allowance->folder);
  g_free (allowance->name);
  g_free (allowance);
}

/* Grains since boot and how many requests, as "SLOT:N SLOT:N ...". */
static gboolean
parse_marks (const char *text, GenvidRequestWindow *window,
             const GenvidNow *now)
{
  gint64 latest
      = genvid_request_window_get_slot (now->boot + GENVID_REQUEST_WINDOW_SPAN);
  char *end = (char *)text;

  while (*end == ' ') {
    gint64 slot = g_ascii_strtoll (end + 1, &end, 10);
    guint64 n = *end == ':' ? g_ascii_strtoull (end + 1, &end, 10) : 0;

    if (n == 0)
      return FALSE;
    /* NOW may be of before the wait for the file, so that others asked later;
     * but not by much. */
    if (slot >= 0 && slot <= latest)
      genvid_request_window_add (window, slot * GENVID_REQUEST_WINDOW_GRAIN,
                                 (guint)MIN (n, MAX_COUNT));
  }
  return *end == '\n';
}

/* "FILLED TOKENS", as former versions wrote it: what was gone of a bucket of
 * ten tokens is taken for as many requests at that time. */
static gboolean
parse_bucket (const char *text, GenvidRequestWindow *window,
              const GenvidNow *now)
{
  char *end = NULL;
  gint64 filled = g_ascii_strtoll (text, &end, 10);
  double gone;

  if (*end != ' ')
    return FALSE;
  gone = FORMER_BURST - g_ascii_strtod (end, &end);
  if (*end != '\n' || !isfinite (gone) || filled < 0 || filled > now->boot)
    return FALSE;
  if (gone >= 1)
    genvid_request_window_add (window, filled, (guint)MIN (gone, MAX_COUNT));
  return TRUE;
}

/* "BOOT-ID VERSION MARKS". FALSE: nothing is known, or of another boot: before
 * that of this machine, or of another machine, whose clock says nothing. */
static gboolean
parse (const char *text, GenvidRequestWindow *window, const GenvidNow *now)
{
  gsize length = strlen (now->boot_id);

  if (strncmp (text, now->boot_id, length) != 0 || text[length] != ' ')
    return FALSE;
  text += length + 1;
  if (strncmp (text, VERSION " ", strlen (VERSION " ")) == 0)
    return parse_marks (text + strlen (VERSION), window, now);
  return parse_bucket (text, window, now);
}

gboolean
genvid_request_log_load (GenvidRequestLog *allowance,
                         GenvidRequestWindow *window, const GenvidNow *now)
{
  g_autofree char *text = genvid_durable_file_read (
      allowance->folder, allowance->name, MAX_BYTES, NULL, NULL);
  GenvidRequestWindow theirs = { 0 };

  if (text == NULL || !parse (text, &theirs, now))
    return FALSE;
  *window = theirs;
  return TRUE;
}

static char *
write_marks (const GenvidRequestWindow *window, const GenvidNow *now)
{
  GString *text = g_string_new (now->boot_id);
  gint64 oldest
      = now->boot - GENVID_REQUEST_WINDOW_SPAN - GENVID_REQUEST_WINDOW_GRAIN;

  g_string_append (text, " " VERSION);
  for (guint i = 0; i < GENVID_REQUEST_WINDOW_SLOTS; i++) {
    const GenvidWindowMark *mark = &window->marks[i];

    if (mark->n > 0 && mark->slot * GENVID_REQUEST_WINDOW_GRAIN >= oldest)
      g_string_append_printf (text, " %" G_GINT64_FORMAT ":%u", mark->slot,
                              mark->n);
  }
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

void
genvid_request_log_save (GenvidRequestLog *allowance,
                         const GenvidRequestWindow *window,
                         const GenvidNow *now)
{
  g_autofree char *text = write_marks (window, now);
  gsize length = strlen (text);
  int fd = genvid_durable_file_open (allowance->folder, allowance->name,
                                     O_WRONLY, NULL);

  if (fd < 0)
    return;
  /* Not emptied first: some file systems then flush it to the disk. */
  if (!genvid_durable_file_write (fd, text, length, NULL)
      || ftruncate (fd, (off_t)length) != 0)
    genvid_log (GENVID_LOG_STORE, GENVID_LOG_LOG,
                "the times of our requests were not saved for other "
                "processes");
  close (fd);
}
