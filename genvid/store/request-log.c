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
#define MAX_BYTES (256 * 1024)
#define PATIENCE  (G_USEC_PER_SEC / 2)
/* A boot clock never was at 3 us, which is what former versions read here. */
#define VERSION      "3"
#define ONE_BOOT     "2"
#define FORMER_BURST 10
#define MAX_COUNT    100000
#define MAX_MACHINES 64
/* What a clock that differs as much calls a minute ago. */
#define MAX_AGE (GENVID_CLOCK_SKEW + GENVID_REQUEST_WINDOW_SPAN)

struct _GenvidRequestLog {
  int folder;
  char *name;
  GenvidOfdLock *lock;
  guint64 total;     /* requests that were ever counted here, by all machines */
  guint loaded;      /* of them in the window that was loaded */
  GPtrArray *others; /* the lines of the other machines, the last first */
};

GenvidRequestLog *
genvid_request_log_open (GenvidStore *store, const char *origin,
                         const char *key)
{
  g_autoptr (GenvidRequestLog) allowance = NULL;

  if (!genvid_store_check_writable (store, NULL))
    return NULL;
  allowance = g_new0 (GenvidRequestLog, 1);
  allowance->others = g_ptr_array_new_with_free_func (g_free);
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
  g_ptr_array_unref (allowance->others);
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
  return *end == '\n' || *end == '\0';
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

/* "BOOT-ID 2 MARKS", or a bucket, of a former version. FALSE: nothing is known,
 * or of another boot, whose clock says nothing. */
static gboolean
parse_former (const char *text, GenvidRequestWindow *window,
              const GenvidNow *now)
{
  gsize length = strlen (now->boot_id);
  const char *end = strchr (text, '\n');

  if (end == NULL || strncmp (text, now->boot_id, length) != 0
      || text[length] != ' ')
    return FALSE;
  text += length + 1;
  if (strncmp (text, ONE_BOOT " ", strlen (ONE_BOOT " ")) == 0)
    return parse_marks (text + strlen (ONE_BOOT), window, now);
  return parse_bucket (text, window, now);
}

/* "BOOT-ID 3 TOTAL WALL MARKS": what the machine knew when it wrote last. */
typedef struct {
  gboolean ours;
  guint64 total;
  gint64 wall;
  const char *marks;
} Line;

static gboolean
parse_line (const char *text, const GenvidNow *now, Line *line)
{
  const char *version = strchr (text, ' ');
  char *end;

  if (version == NULL
      || strncmp (version, " " VERSION " ", strlen (" " VERSION " ")) != 0)
    return FALSE;
  line->ours = (gsize)(version - text) == strlen (now->boot_id)
               && g_str_has_prefix (text, now->boot_id);
  line->total = g_ascii_strtoull (version + strlen (" " VERSION " "), &end, 10);
  if (*end != ' ')
    return FALSE;
  line->wall = g_ascii_strtoll (end + 1, &end, 10);
  line->marks = end;
  return *end == ' ' || *end == '\0';
}

/* How many of the requests in LINE, of another machine, may be of the last
 * minute: as its clock says nothing here, all that it had made in a minute. */
static guint
count_recent (const Line *line, const GenvidNow *now)
{
  const GenvidNow then = { .boot = G_MAXINT64 / 2, .boot_id = now->boot_id };
  GenvidRequestWindow window = { 0 };
  guint n = 0;

  if (ABS (now->wall - line->wall) > MAX_AGE
      || !parse_marks (line->marks, &window, &then))
    return 0;
  for (guint i = 0; i < GENVID_REQUEST_WINDOW_SLOTS; i++)
    n += window.marks[i].n;
  return n;
}

/* The machine that wrote last has counted all; what it has beyond our own line
 * was asked since that was written, at the latest now. */
static gboolean
parse (GenvidRequestLog *allowance, char *const *lines,
       GenvidRequestWindow *window, const GenvidNow *now)
{
  Line last, line;
  guint64 known = 0;
  guint more;

  if (!parse_line (lines[0], now, &last))
    return FALSE;
  for (guint i = 0; lines[i] != NULL; i++) {
    if (*lines[i] == '\0' || !parse_line (lines[i], now, &line))
      continue;
    if (!line.ours && ABS (now->wall - line.wall) <= MAX_AGE)
      g_ptr_array_add (allowance->others, g_strdup (lines[i]));
    if (line.ours && !parse_marks (line.marks, window, now))
      return FALSE;
    if (line.ours)
      known = line.total;
  }
  allowance->total = last.total;
  if (last.ours || last.total <= known)
    return TRUE;
  more = (guint)MIN (last.total - known, count_recent (&last, now));
  if (more > 0)
    genvid_request_window_add (window, now->boot, more);
  return TRUE;
}

gboolean
genvid_request_log_load (GenvidRequestLog *allowance,
                         GenvidRequestWindow *window, const GenvidNow *now)
{
  g_autofree char *text = genvid_durable_file_read (
      allowance->folder, allowance->name, MAX_BYTES, NULL, NULL);
  GenvidRequestWindow theirs = { 0 };
  g_auto (GStrv) lines = NULL;

  if (text == NULL || strchr (text, '\n') == NULL)
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  if (!parse (allowance, lines, &theirs, now)
      && !parse_former (text, &theirs, now))
    return FALSE;
  *window = theirs;
  allowance->loaded = genvid_request_window_count (window, now->boot);
  return TRUE;
}

/* The total with what was added to WINDOW since it was loaded. */
static guint64
add_up (const GenvidRequestLog *allowance, const GenvidRequestWindow *window,
        const GenvidNow *now)
{
  guint all = genvid_request_window_count (window, now->boot);

  if (all >= allowance->loaded)
    return allowance->total + (all - allowance->loaded);
  return allowance->total
         - MIN (allowance->total, (guint64)(allowance->loaded - all));
}

static char *
write_marks (const GenvidRequestLog *allowance,
             const GenvidRequestWindow *window, const GenvidNow *now)
{
  GString *text = g_string_new (now->boot_id);
  gint64 oldest
      = now->boot - GENVID_REQUEST_WINDOW_SPAN - GENVID_REQUEST_WINDOW_GRAIN;

  g_string_append_printf (
      text, " " VERSION " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT,
      add_up (allowance, window, now), now->wall);
  for (guint i = 0; i < GENVID_REQUEST_WINDOW_SLOTS; i++) {
    const GenvidWindowMark *mark = &window->marks[i];

    if (mark->n > 0 && mark->slot * GENVID_REQUEST_WINDOW_GRAIN >= oldest)
      g_string_append_printf (text, " %" G_GINT64_FORMAT ":%u", mark->slot,
                              mark->n);
  }
  g_string_append_c (text, '\n');
  for (guint i = 0; i < MIN (allowance->others->len, MAX_MACHINES - 1); i++)
    g_string_append_printf (text, "%s\n",
                            (char *)g_ptr_array_index (allowance->others, i));
  return g_string_free (text, FALSE);
}

void
genvid_request_log_save (GenvidRequestLog *allowance,
                         const GenvidRequestWindow *window,
                         const GenvidNow *now)
{
  g_autofree char *text = write_marks (allowance, window, now);
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
