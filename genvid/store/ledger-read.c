/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the ledger's bytes to what they come to: lines of bounded length, one
 * after the other, from the checkpoint on. */

#include "ledger-read.h"

#include "clock.h"
#include "durable-file.h"
#include "json-reader.h"
#include "ledger-checkpoint.h"
#include "ledger-line.h"
#include "ledger-spending.h"
#include "ledger.h"
#include "moment.h"
#include "store-private.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK          (64 * 1024)
#define LINE_MAX_BYTES GENVID_JSON_MAX_BYTES
#define NEAR           (1024 * 1024)
/* So much behind a checkpoint is worth a new one. */
#define WORTH_A_CHECKPOINT (64 * 1024)

typedef struct {
  GenvidStore *store;
  const GenvidNow *now;
  GenvidLedgerSpending *spending;
  GString *line;
  gboolean overlong;
  gint64 position;       /* behind the last byte that was looked at */
  gint64 near;           /* from here on, every line is read */
  const char *day;       /* the time of a line that is too old to count */
  GenvidLedgerTell tell; /* of each damaged line; nullable */
  gpointer data;
  guint64 doubtful; /* the line that is to be dated by the next; 0: none */
} Reading;

/* What is damaged is older than the line after it, so once that one is a day
 * old, it hides nothing of the last day. */
static void
date_damage (Reading *reading, const GenvidLedgerNews *news)
{
  if (reading->doubtful != 0 && reading->spending->damaged == 0
      && genvid_ledger_spending_is_late (news->wall, news->boot, news->boot_id,
                                         reading->now))
    reading->spending->damaged = reading->doubtful;
  reading->doubtful = 0;
}

/* By its date alone, which every version writes first and in one form; in
 * this boot the wall clock is no proof. Near the end, lines may tell the age of
 * what later ones speak of. */
static gboolean
is_long_past (const Reading *reading)
{
  const GString *line = reading->line;
  gsize begin = strlen (GENVID_LEDGER_BEGINNING);
  gsize length = strlen (reading->day);

  return reading->tell == NULL && reading->position < reading->near
         && line->len > begin + length
         && memcmp (line->str, GENVID_LEDGER_BEGINNING, begin) == 0
         && line->str[begin + length] == '"'
         && memcmp (line->str + begin, reading->day, length) < 0
         && strstr (line->str, reading->now->boot_id) == NULL;
}

static void
tell_damage (Reading *reading, guint64 number)
{
  if (reading->doubtful == 0)
    reading->doubtful = number;
  if (reading->tell != NULL)
    reading->tell (number, reading->data);
}

static void
read_line (Reading *reading)
{
  GenvidLedgerSpending *spending = reading->spending;
  GenvidLedgerNews news;
  GenvidLedgerText kind = GENVID_LEDGER_TEXT_DAMAGED;

  if (is_long_past (reading)) {
    reading->doubtful = 0;
    return;
  }
  if (!reading->overlong)
    kind = genvid_ledger_read_line (reading->line->str, reading->line->len,
                                    &news);
  if (kind == GENVID_LEDGER_TEXT_LINE) {
    date_damage (reading, &news);
    genvid_ledger_spending_apply (spending, &news);
    genvid_ledger_news_clear (&news);
  } else if (kind == GENVID_LEDGER_TEXT_DAMAGED) {
    tell_damage (reading, spending->lines + 1);
  }
  if (genvid_ledger_spending_is_large (spending))
    genvid_ledger_spending_fold (spending, reading->store, reading->now);
}

static void
add_bytes (Reading *reading, const char *bytes, gsize length)
{
  if (reading->line->len + length > LINE_MAX_BYTES)
    reading->overlong = TRUE;
  else
    g_string_append_len (reading->line, bytes, (gssize)length);
}

static void
read_block (Reading *reading, const char *bytes, gsize length)
{
  GenvidLedgerSpending *spending = reading->spending;

  while (length > 0) {
    const char *end = memchr (bytes, '\n', length);
    gsize part = end != NULL ? (gsize)(end - bytes) : length;

    add_bytes (reading, bytes, part);
    reading->position += (gint64)part;
    if (end == NULL)
      return;
    read_line (reading);
    spending->lines++;
    spending->offset = ++reading->position;
    g_string_truncate (reading->line, 0);
    reading->overlong = FALSE;
    bytes += part + 1;
    length -= part + 1;
  }
}

static gboolean
read_blocks (Reading *reading, int fd)
{
  g_autofree char *block = g_malloc (BLOCK);
  ssize_t got;

  while (
      (got = TEMP_FAILURE_RETRY (pread (fd, block, BLOCK, reading->position)))
      > 0) {
    read_block (reading, block, (gsize)got);
    reading->spending->scanned += (guint64)got;
  }
  return got == 0;
}

/* From the end of what SPENDING knows. The rest without a newline may be whole
 * all the same. It is in the sum, but in no checkpoint: more of it may come. */
static gboolean
read_all (Reading *reading, int fd)
{
  GenvidLedgerSpending *spending = reading->spending;
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *day
      = genvid_clock_format_time (reading->now->wall - GENVID_LEDGER_LATE);
  struct stat info;

  if (fstat (fd, &info) != 0)
    return FALSE;
  reading->near = info.st_size - NEAR;
  reading->position = spending->offset;
  reading->day = day;
  reading->line = line;
  if (!read_blocks (reading, fd))
    return FALSE;
  if (line->len > 0 || reading->overlong)
    read_line (reading);
  if (spending->damaged == 0)
    spending->damaged = reading->doubtful;
  return TRUE;
}

static gboolean
is_worth_a_checkpoint (const GenvidLedgerSpending *spending, int fd)
{
  struct stat info;

  return spending->damaged == 0 && spending->scanned >= WORTH_A_CHECKPOINT
         && fstat (fd, &info) == 0 && info.st_size == spending->offset;
}

GenvidLedgerSpending *
genvid_ledger_read (GenvidStore *store, gboolean locked, const GenvidNow *now,
                    GError **error)
{
  g_autoptr (GenvidLedgerSpending) spending = NULL;
  g_autoptr (GError) problem = NULL;
  int fd = genvid_durable_file_open (store->root, GENVID_LEDGER_NAME, O_RDONLY,
                                     &problem);

  if (problem != NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return NULL;
  }
  if (fd < 0)
    return genvid_ledger_spending_new ();
  spending = genvid_ledger_checkpoint_load (store, fd, now);
  if (spending == NULL)
    spending = genvid_ledger_spending_new ();
  Reading reading = { .store = store, .now = now, .spending = spending };
  gboolean complete = read_all (&reading, fd);
  int code = errno;
  if (complete && locked && is_worth_a_checkpoint (spending, fd)) {
    genvid_ledger_spending_fold (spending, store, now);
    genvid_ledger_checkpoint_save (store, fd, spending, now);
  }
  close (fd);
  if (complete)
    return g_steal_pointer (&spending);
  genvid_durable_file_set_error (error, code, store->root, GENVID_LEDGER_NAME);
  return NULL;
}

gboolean
genvid_ledger_check (GenvidStore *store, GenvidLedgerTell tell, gpointer data,
                     GError **error)
{
  g_autoptr (GenvidLedgerSpending) spending = genvid_ledger_spending_new ();
  g_autoptr (GError) problem = NULL;
  GenvidNow now = genvid_clock_now ();
  Reading reading = { .store = store,
                      .now = &now,
                      .spending = spending,
                      .tell = tell,
                      .data = data };
  int fd = genvid_durable_file_open (store->root, GENVID_LEDGER_NAME, O_RDONLY,
                                     &problem);

  if (problem != NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  if (fd < 0)
    return TRUE;
  gboolean complete = read_all (&reading, fd);
  int code = errno;
  close (fd);
  return complete
         || genvid_durable_file_set_error (error, code, store->root,
                                           GENVID_LEDGER_NAME);
}
