/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The money that was spent, line by line, and whether more may be spent. It
 * never decides what a purchase is or whether it may be repeated: the record
 * and the job do; it only counts. */
#include "ledger.h"

#include "clock.h"
#include "durable-file.h"
#include "failure.h"
#include "file-system.h"
#include "json-reader.h"
#include "json.h"
#include "ledger-line.h"
#include "ledger-spending.h"
#include "log.h"
#include "moment.h"
#include "ofd-lock.h"
#include "store-private.h"
#include "store.h"

#include <json-glib/json-glib.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE (10 * G_USEC_PER_SEC)
/* As in a record. */
#define MAX_NUMBER 1000000
/* Sums of decimal amounts in binary; far below a cent. */
#define ROUNDING       1e-6
#define BLOCK          (64 * 1024)
#define LINE_MAX_BYTES GENVID_JSON_MAX_BYTES
#define NEAR           (1024 * 1024)
/* So much behind a checkpoint is worth a new one. */
#define WORTH_A_CHECKPOINT (64 * 1024)

/* --- Appending. --- */

/* The last line of a process that was killed, or whose disk was full. */
static gboolean
ends_torn (int fd, off_t size)
{
  char last = '\n';

  return size > 0 && pread (fd, &last, 1, size - 1) == 1 && last != '\n';
}

static gboolean
write_line (GenvidStore *store, int fd, const char *text, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    return genvid_durable_file_set_error (error, errno, store->root,
                                          GENVID_LEDGER_NAME);
  g_autofree char *line = g_strconcat (ends_torn (fd, info.st_size) ? "\n" : "",
                                       text, "\n", NULL);
  gboolean written = genvid_durable_file_write (fd, line, strlen (line), error);
  if (written && fsync (fd) != 0)
    written = genvid_durable_file_set_error (error, errno, store->root,
                                             GENVID_LEDGER_NAME);
  /* Half a line stays: it is torn, so it counts for nothing, and to cut it off
   * could cut another machine's lines behind it. */
  return written
         && (info.st_size > 0
             || genvid_durable_file_sync_folder (store->root, error));
}

static void
log_line (const GenvidLedgerLine *line, GenvidLedgerEvent event)
{
  g_autofree char *amount
      = line->amount >= 0
            ? g_strdup_printf (" %.4g %.16s", line->amount,
                               line->currency != NULL ? line->currency : "USD")
            : g_strdup ("");

  genvid_log (GENVID_LOG_STORE, GENVID_LOG_DEBUG, "%.12s/%u: ledger: %s%s",
              line->fingerprint, line->n, genvid_ledger_event_to_string (event),
              amount);
}

/* The file is locked, too, by the descriptor that writes: a machine that was
 * cut off meanwhile would else write over what others have appended. */
static gboolean
append_text (GenvidStore *store, const char *text, GError **error)
{
  g_autoptr (GenvidOfdLock) lock = genvid_ofd_lock_wait_appending (
      store->root, GENVID_LEDGER_NAME, PATIENCE, error);

  return lock != NULL
         && write_line (store, genvid_ofd_lock_get_fd (lock), text, error);
}

/* Under the lock. */
static gboolean
append_line (GenvidStore *store, const GenvidLedgerLine *line,
             GenvidLedgerEvent event, const GenvidNow *now, GError **error)
{
  g_autofree char *text = genvid_ledger_write_line (line, event, now);

  if (!append_text (store, text, error))
    return FALSE;
  log_line (line, event);
  return TRUE;
}

static GenvidOfdLock *
take_lock (GenvidStore *store, GError **error)
{
  if (!genvid_store_check_writable (store, error))
    return NULL;
  return genvid_ofd_lock_wait (store->locks, GENVID_STORE_LEDGER_LOCK, PATIENCE,
                               error);
}

gboolean
genvid_ledger_append (GenvidStore *store, const GenvidLedgerLine *line,
                      const GenvidNow *now, GError **error)
{
  g_autoptr (GenvidOfdLock) lock = take_lock (store, error);

  return lock != NULL && append_line (store, line, line->event, now, error);
}

/* --- Reading: lines of bounded length, from the checkpoint on. --- */

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
read_one (Reading *reading)
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
    read_one (reading);
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
    read_one (reading);
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

/* The client of a network file system may go on showing what was there a second
 * ago, whatever it is asked (GlusterFS's md-cache and quick-read do), until it
 * writes to the file itself: the first byte, as it is, or where there seems to
 * be none a blank line, which is void. */
static gboolean
look_anew (GenvidStore *store, GError **error)
{
  char first;
  int fd = genvid_durable_file_open (store->root, GENVID_LEDGER_NAME,
                                     O_RDWR | O_CREAT, error);
  if (fd < 0)
    return FALSE;
  ssize_t got = pread (fd, &first, 1, 0);
  gboolean done = got == 0 || (got == 1 && pwrite (fd, &first, 1, 0) == 1);
  if (!done)
    genvid_durable_file_set_error (error, errno, store->root,
                                   GENVID_LEDGER_NAME);
  close (fd);
  return done && (got == 1 || append_text (store, "", error));
}

GenvidLedgerSpending *
genvid_ledger_read (GenvidStore *store, gboolean locked, const GenvidNow *now,
                    GError **error)
{
  if (locked && genvid_file_system_is_shared (store->root)
      && !look_anew (store, error))
    return NULL;

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
  spending = genvid_ledger_spending_load (store, fd, now);
  if (spending == NULL)
    spending = genvid_ledger_spending_new ();
  Reading reading = { .store = store, .now = now, .spending = spending };
  gboolean complete = read_all (&reading, fd);
  int code = errno;
  if (complete && locked && is_worth_a_checkpoint (spending, fd)) {
    genvid_ledger_spending_fold (spending, store, now);
    genvid_ledger_spending_save (store, fd, spending, now);
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

/* --- The budget. --- */

/* A line that cannot be read may hide a purchase. */
static gboolean
check_damage (GenvidStore *store, const GenvidLedgerSpending *spending,
              GError **error)
{
  if (spending->damaged == 0)
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
               "Line %" G_GUINT64_FORMAT " of %s/" GENVID_LEDGER_NAME
               " cannot be read, so what was spent in the last 24 hours is "
               "not known. Nothing was bought. Fix the line or delete it, "
               "or unset budget and $GENVID_BUDGET to buy without a limit.",
               spending->damaged, store->path);
  return FALSE;
}

/* Without what LINE (nullable) replaces; -1 with error. */
static double
sum_up (GenvidStore *store, const GenvidLedgerLine *line, const GenvidNow *now,
        GError **error)
{
  g_autoptr (GenvidLedgerSpending) spending
      = genvid_ledger_read (store, line != NULL, now, error);

  if (spending == NULL || !check_damage (store, spending, error))
    return -1;
  return genvid_ledger_spending_sum (spending, store, line, now);
}

double
genvid_ledger_sum (GenvidStore *store, const GenvidNow *now, GError **error)
{
  return sum_up (store, NULL, now, error);
}

static gboolean
check_budget (GenvidStore *store, const GenvidLedgerLine *line, double budget,
              const GenvidNow *now, GError **error)
{
  double usd = genvid_ledger_to_usd (line->amount, line->currency);

  if (usd < 0) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
                         "The price of this clip is not known, so no budget "
                         "can cover it. Nothing was bought. Unset budget "
                         "and $GENVID_BUDGET to buy it without a limit.");
    return FALSE;
  }
  double sum = sum_up (store, line, now, error);
  if (sum < 0)
    return FALSE;
  if (sum + usd <= budget + ROUNDING)
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
               "This clip costs $%.2f, and $%.2f of the budget of $%.2f for 24 "
               "hours is already spent or reserved. Nothing was bought. "
               "Raise budget (and $GENVID_BUDGET), or try again later.",
               usd, sum, budget);
  return FALSE;
}

gboolean
genvid_ledger_reserve (GenvidStore *store, const GenvidLedgerLine *line,
                       double budget, const GenvidNow *now, GError **error)
{
  g_autoptr (GenvidOfdLock) lock = take_lock (store, error);

  if (lock == NULL)
    return FALSE;
  if (budget >= 0 && !check_budget (store, line, budget, now, error))
    return FALSE;
  return append_line (store, line, GENVID_LEDGER_RESERVE, now, error);
}

gboolean
genvid_ledger_find_number (GenvidStore *store, const char *fingerprint,
                           const GenvidNow *now, guint *n, GError **error)
{
  GHashTableIter iter;
  gpointer value;

  *n = 0;
  if (!genvid_durable_file_exists (store->root, GENVID_LEDGER_NAME))
    return TRUE;
  g_autoptr (GenvidOfdLock) lock = take_lock (store, error);
  if (lock == NULL)
    return FALSE;
  g_autoptr (GenvidLedgerSpending) spending
      = genvid_ledger_read (store, TRUE, now, error);
  if (spending == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, spending->purchases);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const GenvidSpent *spent = value;

    if (spent->committed && spent->n < MAX_NUMBER
        && strcmp (spent->fingerprint, fingerprint) == 0)
      *n = MAX (*n, spent->n);
  }
  return TRUE;
}

/* --- The second place where an id is kept, for when its record is lost. --- */

typedef struct {
  const char *fingerprint;
  guint n; /* 0: any */
  GenvidLedgerTrace *trace;
} Search;

void
genvid_ledger_trace_clear (GenvidLedgerTrace *trace)
{
  g_free (trace->id);
  g_free (trace->provider);
  g_free (trace->model);
  *trace = (GenvidLedgerTrace){ 0 };
}

static void
set_id (GenvidLedgerTrace *trace, JsonObject *line, gboolean adopted)
{
  const char *id = genvid_json_string (line, "id", NULL);

  if (id == NULL || *id == '\0')
    return;
  genvid_ledger_trace_clear (trace);
  trace->n = (guint)genvid_json_int (line, "n", 0);
  trace->id = g_strdup (id);
  trace->provider = g_strdup (genvid_json_string (line, "provider", NULL));
  trace->model = g_strdup (genvid_json_string (line, "model", NULL));
  trace->adopted = adopted;
}

/* A reserve or a submit begins a purchase: what an earlier one of the same
 * number came to (its clip was removed since) is not its id. */
static void
follow_line (GenvidLedgerTrace *trace, JsonObject *line)
{
  const char *event = genvid_json_string (line, "event", "");

  if (strcmp (event, "reserve") == 0 || strcmp (event, "submit") == 0)
    genvid_ledger_trace_clear (trace);
  else if (strcmp (event, "accept") == 0)
    set_id (trace, line, FALSE);
  else if (strcmp (event, "adopt") == 0)
    set_id (trace, line, TRUE);
  else if (strcmp (event, "finish") == 0)
    trace->ready
        = genvid_clock_parse_time (genvid_json_string (line, "time", NULL));
}

static void
search_line (const char *text, gsize length, gpointer data)
{
  const Search *search = data;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *line;
  gint64 n;

  /* Before it is parsed: nearly all are of others. */
  if (strstr (text, search->fingerprint) == NULL)
    return;
  node = genvid_json_reader_parse (text, length, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  line = json_node_get_object (node);
  n = genvid_json_int (line, "n", 0);
  if (n < 1 || n > G_MAXINT || (search->n != 0 && n != search->n)
      || g_strcmp0 (genvid_json_string (line, "fingerprint", NULL),
                    search->fingerprint)
             != 0)
    return;
  follow_line (search->trace, line);
}

typedef void (*Visit) (const char *text, gsize length, gpointer data);

static void
visit_lines (GenvidStore *store, Visit visit, gpointer data)
{
  int fd = genvid_durable_file_open (store->root, GENVID_LEDGER_NAME, O_RDONLY,
                                     NULL);
  FILE *file = fd >= 0 ? fdopen (fd, "re") : NULL;
  char *text = NULL;
  size_t space = 0;
  ssize_t length;

  if (file == NULL && fd >= 0)
    close (fd);
  if (file == NULL)
    return;
  while ((length = getline (&text, &space, file)) > 0)
    visit (text, (gsize)length, data);
  free (text);
  fclose (file);
}

gboolean
genvid_ledger_find (GenvidStore *store, const char *fingerprint, guint n,
                    GenvidLedgerTrace *trace)
{
  Search search = { fingerprint, n, trace };

  *trace = (GenvidLedgerTrace){ 0 };
  visit_lines (store, search_line, &search);
  if (trace->id != NULL)
    return TRUE;
  genvid_ledger_trace_clear (trace);
  return FALSE;
}

/* --- The order in which things were bought. --- */

#define FINGERPRINT_MEMBER "\"fingerprint\":\""

typedef struct {
  GenvidLedgerVisit visit;
  gpointer data;
} Visitor;

/* By the spelling of our own lines: inside a text of one, these quotes would
 * be escaped. */
static void
visit_fingerprint (const char *text, gsize length, gpointer data)
{
  const Visitor *visitor = data;
  const char *begin = strstr (text, FINGERPRINT_MEMBER);
  const char *end;

  if (begin == NULL)
    return;
  begin += strlen (FINGERPRINT_MEMBER);
  end = strchr (begin, '"');
  if (end == NULL)
    return;
  g_autofree char *fingerprint = g_strndup (begin, (gsize)(end - begin));

  visitor->visit (fingerprint, visitor->data);
}

void
genvid_ledger_visit (GenvidStore *store, GenvidLedgerVisit visit, gpointer data)
{
  Visitor visitor = { visit, data };

  visit_lines (store, visit_fingerprint, &visitor);
}
