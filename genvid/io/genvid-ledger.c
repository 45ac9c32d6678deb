/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The money that was spent, line by line, and whether there may be more of
 * it. It never decides what a purchase is or whether it may be made again:
 * that is the record's and the job's; it only counts. */

#include <genvid/io/genvid-ledger.h>

#include <genvid/io/genvid-file.h>
#include <genvid/io/genvid-store-private.h>

#include <genvid/genvid-document.h>
#include <genvid/genvid-failure.h>
#include <genvid/genvid-json.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEDGER_NAME    "ledger.jsonl"
#define PATIENCE       (10 * G_USEC_PER_SEC)
#define WINDOW         (G_GINT64_CONSTANT (24) * 60 * 60 * G_USEC_PER_SEC)
#define LINE_MAX_BYTES (64 * 1024)
/* Sums of decimal amounts in binary; far below a cent. */
#define ROUNDING 1e-6

static const char *const event_names[] = {
  [GENVID_LEDGER_RESERVE] = "reserve", [GENVID_LEDGER_SUBMIT] = "submit",
  [GENVID_LEDGER_ACCEPT] = "accept",   [GENVID_LEDGER_DOUBT] = "doubt",
  [GENVID_LEDGER_FINISH] = "finish",   [GENVID_LEDGER_FAIL] = "fail",
  [GENVID_LEDGER_CANCEL] = "cancel",   [GENVID_LEDGER_RESUBMIT] = "resubmit",
  [GENVID_LEDGER_ADOPT] = "adopt",
};

typedef struct {
  char *fingerprint;
  guint n;
  gint64 wall; /* of the reserve, else of the first line */
  gint64 boot;
  char *boot_id; /* nullable */
  gboolean reserved;
  gboolean committed; /* a line tells that it was sent */
  gboolean adopted;
  double usd; /* -1 unknown */
} Purchase;

static void
free_purchase (gpointer data)
{
  Purchase *purchase = data;

  g_free (purchase->fingerprint);
  g_free (purchase->boot_id);
  g_free (purchase);
}

static char *
name_purchase (const char *fingerprint, guint n)
{
  return g_strdup_printf ("%s/" GENVID_STORE_INTENT_PREFIX "%u", fingerprint,
                          n);
}

static double
to_usd (double amount, const char *currency)
{
  if (!isfinite (amount) || amount < 0)
    return -1;
  if (g_strcmp0 (currency, "credits") == 0)
    return amount * GENVID_LEDGER_USD_PER_CREDIT;
  return amount;
}

static gboolean
find_event (const char *name, GenvidLedgerEvent *event)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (event_names); i++)
    if (strcmp (name, event_names[i]) == 0) {
      *event = (GenvidLedgerEvent)i;
      return TRUE;
    }
  return FALSE;
}

static char *
write_line (const GenvidLedgerLine *line, GenvidLedgerEvent event,
            const GenvidNow *now)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *time = genvid_store_format_time (now->wall);
  JsonObject *root = json_object_new ();

  json_node_take_object (node, root);
  json_object_set_string_member (root, "time", time);
  json_object_set_string_member (root, "event", event_names[event]);
  genvid_json_set (root, "provider", line->provider);
  genvid_json_set (root, "model", line->model);
  genvid_json_set (root, "fingerprint", line->fingerprint);
  json_object_set_int_member (root, "n", line->n);
  genvid_json_set (root, "id", line->id);
  if (isfinite (line->amount) && line->amount >= 0) {
    json_object_set_double_member (root, "amount", line->amount);
    genvid_json_set (root, "currency", line->currency);
  }
  if (line->billed != GENVID_BILLED_UNKNOWN)
    json_object_set_string_member (root, "billed",
                                   genvid_billed_to_string (line->billed));
  json_object_set_string_member (root, "boot-id", now->boot_id);
  json_object_set_int_member (root, "boot", now->boot);
  return genvid_json_to_text (node);
}

/* The last line of a process that was killed, or whose disk was full. */
static gboolean
ends_torn (int fd, off_t size)
{
  char last = '\n';

  return size > 0 && pread (fd, &last, 1, size - 1) == 1 && last != '\n';
}

static gboolean
append_text (GenvidStore *store, int fd, const char *text, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    return genvid_file_set_error (error, errno, store->root, LEDGER_NAME);
  g_autofree char *line = g_strconcat (ends_torn (fd, info.st_size) ? "\n" : "",
                                       text, "\n", NULL);
  gboolean written = genvid_file_write (fd, line, strlen (line), error);
  if (written && fsync (fd) != 0)
    written = genvid_file_set_error (error, errno, store->root, LEDGER_NAME);
  if (written)
    return info.st_size > 0 || genvid_file_sync_folder (store->root, error);

  /* Half a line would be taken for a torn one later; that is all. */
  if (ftruncate (fd, info.st_size) != 0)
    g_debug ("half a line stays in %s", LEDGER_NAME);
  return FALSE;
}

/* Under the lock. */
static gboolean
append_line (GenvidStore *store, const GenvidLedgerLine *line,
             GenvidLedgerEvent event, const GenvidNow *now, GError **error)
{
  g_autofree char *text = write_line (line, event, now);
  int fd = genvid_file_open (store->root, LEDGER_NAME,
                             O_RDWR | O_APPEND | O_CREAT, error);
  if (fd < 0)
    return FALSE;
  gboolean appended = append_text (store, fd, text, error);
  close (fd);
  return appended;
}

static GenvidLock *
take_lock (GenvidStore *store, GError **error)
{
  if (!genvid_store_check_writable (store, error))
    return NULL;
  return genvid_lock_wait (store->locks, GENVID_STORE_LEDGER_LOCK, PATIENCE,
                           error);
}

gboolean
genvid_ledger_append (GenvidStore *store, const GenvidLedgerLine *line,
                      const GenvidNow *now, GError **error)
{
  g_autoptr (GenvidLock) lock = take_lock (store, error);

  return lock != NULL && append_line (store, line, line->event, now, error);
}

static Purchase *
find_purchase (GHashTable *purchases, const char *fingerprint, guint n)
{
  g_autofree char *name = name_purchase (fingerprint, n);
  Purchase *purchase = g_hash_table_lookup (purchases, name);

  if (purchase != NULL)
    return purchase;
  purchase = g_new0 (Purchase, 1);
  purchase->fingerprint = g_strdup (fingerprint);
  purchase->n = n;
  purchase->usd = -1;
  g_hash_table_insert (purchases, g_steal_pointer (&name), purchase);
  return purchase;
}

static void
set_moment (Purchase *purchase, JsonObject *line)
{
  purchase->wall
      = genvid_store_parse_time (genvid_json_string (line, "time", NULL));
  purchase->boot = genvid_json_int (line, "boot", 0);
  g_free (purchase->boot_id);
  purchase->boot_id = g_strdup (genvid_json_string (line, "boot-id", NULL));
}

static void
apply_event (Purchase *purchase, GenvidLedgerEvent event, double usd,
             GenvidBilled billed)
{
  switch (event) {
  case GENVID_LEDGER_RESERVE:
    purchase->reserved = TRUE;
    purchase->usd = usd;
    return;
  case GENVID_LEDGER_RESUBMIT:
    return;
  case GENVID_LEDGER_ADOPT:
    purchase->adopted = TRUE;
    return;
  case GENVID_LEDGER_SUBMIT:
  case GENVID_LEDGER_DOUBT:
    purchase->committed = TRUE;
    if (purchase->usd < 0)
      purchase->usd = usd;
    return;
  case GENVID_LEDGER_ACCEPT:
    /* A service may say 0 while it works. */
    purchase->committed = TRUE;
    purchase->usd = MAX (purchase->usd, usd);
    return;
  default:
    purchase->committed = TRUE;
    if (billed == GENVID_BILLED_NO)
      purchase->usd = 0;
    else if (usd >= 0)
      purchase->usd = usd;
  }
}

static void
apply_line (GHashTable *purchases, const char *text, gsize length)
{
  GenvidLedgerEvent event;
  g_autoptr (JsonNode) node = length <= LINE_MAX_BYTES
                                  ? genvid_document_parse (text, length, NULL)
                                  : NULL;
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;

  JsonObject *line = json_node_get_object (node);
  const char *fingerprint = genvid_json_string (line, "fingerprint", NULL);
  gint64 n = genvid_json_int (line, "n", 0);
  if (!genvid_store_is_name (fingerprint) || n < 1 || n > G_MAXINT
      || !find_event (genvid_json_string (line, "event", NULL), &event))
    return;

  Purchase *purchase = find_purchase (purchases, fingerprint, (guint)n);
  if (event == GENVID_LEDGER_RESERVE || purchase->wall == 0)
    set_moment (purchase, line);
  const char *billed = genvid_json_string (line, "billed", NULL);
  apply_event (purchase, event,
               to_usd (genvid_json_double (line, "amount", -1),
                       genvid_json_string (line, "currency", NULL)),
               genvid_billed_from_string (billed));
}

static gboolean
read_lines (int fd, GHashTable *purchases)
{
  FILE *file = fdopen (fd, "re");
  char *text = NULL;
  size_t space = 0;
  ssize_t length = 0;

  if (file == NULL) {
    close (fd);
    return FALSE;
  }
  while ((length = getline (&text, &space, file)) > 0)
    apply_line (purchases, text, (gsize)length);
  gboolean complete = !ferror (file);
  free (text);
  fclose (file);
  return complete;
}

/* Name → Purchase; NULL with error. */
static GHashTable *
read_purchases (GenvidStore *store, GError **error)
{
  g_autoptr (GHashTable) purchases
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_purchase);
  g_autoptr (GError) problem = NULL;
  int fd = genvid_file_open (store->root, LEDGER_NAME, O_RDONLY, &problem);

  if (fd < 0 && problem == NULL)
    return g_steal_pointer (&purchases);
  if (fd < 0) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return NULL;
  }
  errno = 0;
  if (read_lines (fd, purchases))
    return g_steal_pointer (&purchases);
  genvid_file_set_error (error, errno != 0 ? errno : EIO, store->root,
                         LEDGER_NAME);
  return NULL;
}

/* Within one boot the wall clock may be set as one likes. */
static gboolean
is_recent (const Purchase *purchase, const GenvidNow *now)
{
  gint64 age = g_strcmp0 (purchase->boot_id, now->boot_id) == 0
                   ? now->boot - purchase->boot
                   : now->wall - purchase->wall;

  return age < WINDOW;
}

static gboolean
has_intent (GenvidStore *store, const Purchase *purchase)
{
  g_autofree char *name = name_purchase (purchase->fingerprint, purchase->n);

  return genvid_file_exists (store->clips, name);
}

static gboolean
is_void (GenvidStore *store, const Purchase *purchase)
{
  if (!purchase->reserved)
    return purchase->adopted || !purchase->committed;
  return !purchase->committed && !has_intent (store, purchase)
         && !genvid_lock_is_taken (store->locks, purchase->fingerprint);
}

static gboolean
is_same (const Purchase *purchase, const GenvidLedgerLine *line)
{
  return line != NULL && purchase->n == line->n
         && g_strcmp0 (purchase->fingerprint, line->fingerprint) == 0;
}

/* Without what LINE (nullable) replaces; -1 with error. */
static double
sum_up (GenvidStore *store, const GenvidLedgerLine *line, const GenvidNow *now,
        GError **error)
{
  g_autoptr (GHashTable) purchases = read_purchases (store, error);
  GHashTableIter iter;
  gpointer value;
  double sum = 0;

  if (purchases == NULL)
    return -1;
  g_hash_table_iter_init (&iter, purchases);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Purchase *purchase = value;
    gboolean replaced = is_same (purchase, line) && !purchase->committed
                        && !has_intent (store, purchase);
    if (purchase->usd > 0 && !replaced && is_recent (purchase, now)
        && !is_void (store, purchase))
      sum += purchase->usd;
  }
  return sum;
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
  double usd = to_usd (line->amount, line->currency);

  if (usd < 0) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
                         "The price of this clip is not known, so no budget "
                         "can hold for it. Nothing was bought. Unset budget "
                         "and $GENVID_BUDGET to buy it without a limit.");
    return FALSE;
  }
  double sum = sum_up (store, line, now, error);
  if (sum < 0)
    return FALSE;
  if (sum + usd <= budget + ROUNDING)
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
               "This clip costs $%.2f, and of the budget of $%.2f for 24 "
               "hours $%.2f are spent or spoken for. Nothing was bought. "
               "Raise budget (and $GENVID_BUDGET), or try again later.",
               usd, budget, sum);
  return FALSE;
}

gboolean
genvid_ledger_reserve (GenvidStore *store, const GenvidLedgerLine *line,
                       double budget, const GenvidNow *now, GError **error)
{
  g_autoptr (GenvidLock) lock = take_lock (store, error);

  if (lock == NULL)
    return FALSE;
  if (budget >= 0 && !check_budget (store, line, budget, now, error))
    return FALSE;
  return append_line (store, line, GENVID_LEDGER_RESERVE, now, error);
}
