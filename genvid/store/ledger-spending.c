/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the ledger's lines come to: purchases, and their sum within a day. It
 * stays small however long the ledger is, and where it gives up something for
 * that, it counts too much and never too little. */
#include "ledger-spending.h"

#include "durable-file.h"
#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "ledger-line.h"
#include "log.h"
#include "moment.h"
#include "ofd-lock.h"
#include "store-private.h"
#include "store.h"

#include <json-glib/json-glib.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOT (G_GINT64_CONSTANT (5 * 60) * G_USEC_PER_SEC)
/* By name; whatever a line may still say something new of. */
#define KEPT               256
#define LARGE              (8 * KEPT)
#define CHECKPOINT_NAME    "ledger.sum"
#define CHECKPOINT_VERSION 1
/* The last bytes before the offset, by which a ledger is known again. */
#define TAIL 4096

static void
free_spent (gpointer data)
{
  GenvidSpent *spent = data;

  g_free (spent->fingerprint);
  g_free (spent->boot_id);
  g_free (spent);
}

GenvidLedgerSpending *
genvid_ledger_spending_new (void)
{
  GenvidLedgerSpending *spending = g_new0 (GenvidLedgerSpending, 1);

  spending->purchases
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_spent);
  return spending;
}

void
genvid_ledger_spending_free (GenvidLedgerSpending *spending)
{
  if (spending == NULL)
    return;
  g_hash_table_unref (spending->purchases);
  g_free (spending);
}

/* Its intent's path below clips/, too. */
static char *
name_purchase (const char *fingerprint, guint n)
{
  return g_strdup_printf ("%s/" GENVID_STORE_INTENT_PREFIX "%u", fingerprint,
                          n);
}

static gboolean
is_slot (const GenvidSpent *spent)
{
  return *spent->fingerprint == '\0';
}

static void
set_apart (GenvidLedgerSpending *spending, GenvidSpent *spent)
{
  spent->apart = TRUE;
  g_hash_table_replace (
      spending->purchases,
      g_strdup_printf ("apart/%" G_GUINT64_FORMAT, ++spending->touch), spent);
}

/* Takes SPENT. */
static void
add_spent (GenvidLedgerSpending *spending, GenvidSpent *spent)
{
  g_autofree char *name = name_purchase (spent->fingerprint, spent->n);

  spent->touch = ++spending->touch;
  if (spent->apart)
    set_apart (spending, spent);
  else
    g_hash_table_replace (spending->purchases, g_steal_pointer (&name), spent);
}

/* A number is bought under once, so who reserves it again found nothing of
 * what was sent under it: the clip was removed, and is paid for once more. */
static GenvidSpent *
find_purchase (GenvidLedgerSpending *spending, const GenvidLedgerNews *news)
{
  g_autofree char *name = name_purchase (news->fingerprint, news->n);
  GenvidSpent *spent = g_hash_table_lookup (spending->purchases, name);
  gpointer key = NULL;

  if (spent != NULL && spent->committed && spent->reserved
      && news->event == GENVID_LEDGER_RESERVE) {
    g_hash_table_steal_extended (spending->purchases, name, &key, NULL);
    g_free (key);
    set_apart (spending, spent);
    spent = NULL;
  }
  if (spent == NULL) {
    spent = g_new0 (GenvidSpent, 1);
    spent->fingerprint = g_strdup (news->fingerprint);
    spent->n = news->n;
    spent->usd = -1;
    g_hash_table_replace (spending->purchases, g_steal_pointer (&name), spent);
  }
  spent->touch = ++spending->touch;
  return spent;
}

static void
set_moment (GenvidSpent *spent, gint64 wall, gint64 boot, const char *boot_id)
{
  spent->wall = wall;
  spent->boot = boot;
  g_free (spent->boot_id);
  spent->boot_id = g_strdup (boot_id);
}

void
genvid_ledger_spending_apply (GenvidLedgerSpending *spending,
                              const GenvidLedgerNews *news)
{
  GenvidSpent *spent = find_purchase (spending, news);

  if (news->event == GENVID_LEDGER_RESERVE || spent->wall == 0)
    set_moment (spent, news->wall, news->boot, news->boot_id);
  switch (news->event) {
  case GENVID_LEDGER_RESERVE:
    spent->reserved = TRUE;
    spent->usd = news->usd;
    return;
  case GENVID_LEDGER_RESUBMIT:
    return;
  case GENVID_LEDGER_ADOPT:
    spent->adopted = TRUE;
    return;
  case GENVID_LEDGER_SUBMIT:
  case GENVID_LEDGER_DOUBT:
    spent->committed = TRUE;
    if (spent->usd < 0)
      spent->usd = news->usd;
    return;
  case GENVID_LEDGER_ACCEPT:
    /* A service may say 0 while it works. */
    spent->committed = TRUE;
    spent->usd = MAX (spent->usd, news->usd);
    return;
  default:
    spent->committed = TRUE;
    if (news->billed == GENVID_BILLED_NO)
      spent->usd = 0;
    else if (news->usd >= 0)
      spent->usd = news->usd;
  }
}

/* Within one boot the wall clock may be set as one likes. */
static gint64
get_age (gint64 wall, gint64 boot, const char *boot_id, const GenvidNow *now)
{
  return g_strcmp0 (boot_id, now->boot_id) == 0 ? now->boot - boot
                                                : now->wall - wall;
}

gboolean
genvid_ledger_spending_is_late (gint64 wall, gint64 boot, const char *boot_id,
                                const GenvidNow *now)
{
  return get_age (wall, boot, boot_id, now) < GENVID_LEDGER_LATE;
}

static gboolean
is_recent (const GenvidSpent *spent, const GenvidNow *now)
{
  return get_age (spent->wall, spent->boot, spent->boot_id, now)
         < GENVID_LEDGER_WINDOW;
}

/* It was made, or was made and then removed with its clip. */
static gboolean
has_intent (GenvidStore *store, const GenvidSpent *spent)
{
  g_autofree char *name = name_purchase (spent->fingerprint, spent->n);
  guint number = 0;

  return genvid_durable_file_exists (store->clips, name)
         || !genvid_store_recall_number (store, spent->fingerprint, &number,
                                         NULL)
         || number >= spent->n;
}

static gboolean
is_void (GenvidStore *store, const GenvidSpent *spent)
{
  if (!spent->reserved)
    return spent->adopted || !spent->committed;
  return !spent->committed && !has_intent (store, spent)
         && !genvid_ofd_lock_is_taken (store->locks, spent->fingerprint);
}

static gboolean
is_replaced (GenvidStore *store, const GenvidSpent *spent,
             const GenvidLedgerLine *line)
{
  return line != NULL && spent->n == line->n
         && g_strcmp0 (spent->fingerprint, line->fingerprint) == 0
         && !spent->committed && !has_intent (store, spent);
}

double
genvid_ledger_spending_sum (const GenvidLedgerSpending *spending,
                            GenvidStore *store, const GenvidLedgerLine *line,
                            const GenvidNow *now)
{
  GHashTableIter iter;
  gpointer value;
  double sum = 0;

  g_hash_table_iter_init (&iter, spending->purchases);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const GenvidSpent *spent = value;

    if (spent->usd > 0 && is_recent (spent, now)
        && !is_replaced (store, spent, line) && !is_void (store, spent))
      sum += spent->usd;
  }
  return sum;
}

gboolean
genvid_ledger_spending_is_large (const GenvidLedgerSpending *spending)
{
  return g_hash_table_size (spending->purchases) > LARGE;
}

/* --- Folding. --- */

/* The slot that SPENT belongs to, in the clock that tells its age. One of the
 * future counts as now, so all of those share the last one. */
static char *
name_slot (const GenvidSpent *spent, const GenvidNow *now)
{
  gboolean same = g_strcmp0 (spent->boot_id, now->boot_id) == 0;
  gint64 moment = same ? MIN (spent->boot, now->boot + GENVID_LEDGER_MARGIN)
                       : MIN (spent->wall, now->wall + GENVID_LEDGER_MARGIN);

  return g_strdup_printf ("%s %" G_GINT64_FORMAT, same ? "boot" : "wall",
                          moment / SLOT);
}

/* As young as the youngest in it. */
static void
add_to_slot (GHashTable *slots, const GenvidSpent *spent, const GenvidNow *now)
{
  gboolean same = g_strcmp0 (spent->boot_id, now->boot_id) == 0;
  g_autofree char *name = name_slot (spent, now);
  GenvidSpent *slot = g_hash_table_lookup (slots, name);

  if (slot == NULL) {
    slot = g_new0 (GenvidSpent, 1);
    slot->fingerprint = g_strdup ("");
    slot->reserved = slot->committed = slot->apart = TRUE;
    slot->boot_id = same ? g_strdup (spent->boot_id) : NULL;
    g_hash_table_insert (slots, g_steal_pointer (&name), slot);
  }
  slot->wall = MAX (slot->wall, spent->wall);
  slot->boot = same ? MAX (slot->boot, spent->boot) : 0;
  slot->usd += spent->usd;
}

static gint
compare_touches (gconstpointer a, gconstpointer b)
{
  guint64 first = (*(const GenvidSpent *const *)a)->touch;
  guint64 second = (*(const GenvidSpent *const *)b)->touch;

  return first < second ? 1 : first > second ? -1 : 0;
}

/* The touch from which on a purchase keeps its name. */
static guint64
find_limit (GHashTable *purchases)
{
  g_autoptr (GPtrArray) named = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, purchases);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!is_slot (value))
      g_ptr_array_add (named, value);
  if (named->len <= KEPT)
    return 0;
  g_ptr_array_sort (named, compare_touches);
  return ((const GenvidSpent *)g_ptr_array_index (named, KEPT - 1))->touch;
}

void
genvid_ledger_spending_fold (GenvidLedgerSpending *spending, GenvidStore *store,
                             const GenvidNow *now)
{
  g_autoptr (GHashTable) slots
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint64 limit = find_limit (spending->purchases);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, spending->purchases);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const GenvidSpent *spent = value;

    if (!is_slot (spent) && spent->touch >= limit)
      continue;
    if (spent->usd > 0
        && genvid_ledger_spending_is_late (spent->wall, spent->boot,
                                           spent->boot_id, now)
        && !is_void (store, spent))
      add_to_slot (slots, spent, now);
    g_hash_table_iter_remove (&iter);
  }
  g_hash_table_iter_init (&iter, slots);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    add_spent (spending, value);
}

/* --- The checkpoint: what the ledger came to up to a byte of it, so that a
 * start reads only what follows. --- */

/* NULL: it cannot be read, or ends no line there. */
static char *
hash_tail (int fd, gint64 offset)
{
  guchar tail[TAIL];
  gsize length = (gsize)MIN (offset, (gint64)sizeof tail);

  if (length == 0
      || pread (fd, tail, length, offset - (gint64)length) != (ssize_t)length
      || tail[length - 1] != '\n')
    return NULL;
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, tail, length);
}

static gboolean
is_of (JsonObject *root, int fd, const GenvidNow *now)
{
  gint64 size = genvid_json_int (root, "size", -1);
  struct stat info;

  if (genvid_json_int (root, "version", 0) != CHECKPOINT_VERSION || size <= 0
      || fstat (fd, &info) != 0 || info.st_size < size
      || (gint64)info.st_ino != genvid_json_int (root, "inode", -1)
      || now->wall + GENVID_LEDGER_MARGIN
             < genvid_json_int (root, "wall", G_MAXINT64))
    return FALSE;
  g_autofree char *tail = hash_tail (fd, size);
  return tail != NULL
         && g_strcmp0 (tail, genvid_json_string (root, "tail", NULL)) == 0;
}

static gboolean
load_one (GenvidLedgerSpending *spending, JsonNode *node)
{
  JsonObject *one
      = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *fingerprint = genvid_json_string (one, "fingerprint", "");
  gint64 n = genvid_json_int (one, "n", -1);

  if (one == NULL || n < 0 || n > G_MAXINT
      || (*fingerprint != '\0' && !genvid_store_is_name (fingerprint)))
    return FALSE;
  GenvidSpent *spent = g_new0 (GenvidSpent, 1);
  spent->fingerprint = g_strdup (fingerprint);
  spent->n = (guint)n;
  spent->wall = genvid_json_int (one, "wall", 0);
  spent->boot = genvid_json_int (one, "boot", 0);
  spent->boot_id = g_strdup (genvid_json_string (one, "boot-id", NULL));
  spent->reserved = genvid_json_bool (one, "reserved", FALSE);
  spent->committed = genvid_json_bool (one, "committed", FALSE);
  spent->adopted = genvid_json_bool (one, "adopted", FALSE);
  spent->apart = genvid_json_bool (one, "apart", FALSE);
  spent->usd = genvid_json_double (one, "usd", -1);
  add_spent (spending, spent);
  return TRUE;
}

GenvidLedgerSpending *
genvid_ledger_spending_load (GenvidStore *store, int fd, const GenvidNow *now)
{
  gsize length = 0;
  g_autofree char *text = genvid_durable_file_read (
      store->root, CHECKPOINT_NAME, GENVID_JSON_MAX_BYTES, &length, NULL);
  g_autoptr (JsonNode) node
      = text != NULL ? genvid_json_reader_parse (text, length, NULL) : NULL;
  JsonObject *root = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
                         ? json_node_get_object (node)
                         : NULL;
  JsonArray *all = genvid_json_array (root, "purchases");

  if (all == NULL || !is_of (root, fd, now))
    return NULL;
  g_autoptr (GenvidLedgerSpending) spending = genvid_ledger_spending_new ();
  for (guint i = 0; i < json_array_get_length (all); i++)
    if (!load_one (spending, json_array_get_element (all, i)))
      return NULL;
  spending->offset = genvid_json_int (root, "size", 0);
  spending->lines = (guint64)genvid_json_int (root, "lines", 0);
  spending->resumed = TRUE;
  return g_steal_pointer (&spending);
}

static void
set_if (JsonObject *one, const char *name, gboolean value)
{
  if (value)
    json_object_set_boolean_member (one, name, TRUE);
}

/* Nothing that load_one () takes a missing member for: every purchase reads
 * all of them, twice. */
static JsonObject *
describe (const GenvidSpent *spent)
{
  JsonObject *one = json_object_new ();

  if (*spent->fingerprint != '\0')
    json_object_set_string_member (one, "fingerprint", spent->fingerprint);
  json_object_set_int_member (one, "n", spent->n);
  json_object_set_int_member (one, "wall", spent->wall);
  if (spent->boot != 0)
    json_object_set_int_member (one, "boot", spent->boot);
  genvid_json_set (one, "boot-id", spent->boot_id);
  set_if (one, "reserved", spent->reserved);
  set_if (one, "committed", spent->committed);
  set_if (one, "adopted", spent->adopted);
  set_if (one, "apart", spent->apart);
  if (spent->usd >= 0)
    json_object_set_double_member (one, "usd", spent->usd);
  return one;
}

static gint
is_touched_later (gconstpointer a, gconstpointer b)
{
  guint64 first = ((const GenvidSpent *)a)->touch;
  guint64 second = ((const GenvidSpent *)b)->touch;

  return first < second ? -1 : first > second;
}

/* In the order in which they were spoken of. */
static JsonArray *
describe_all (const GenvidLedgerSpending *spending)
{
  g_autoptr (GList) all = g_list_sort (
      g_hash_table_get_values (spending->purchases), is_touched_later);
  JsonArray *array = json_array_new ();

  for (GList *l = all; l != NULL; l = l->next)
    json_array_add_object_element (array, describe (l->data));
  return array;
}

void
genvid_ledger_spending_save (GenvidStore *store, int fd,
                             const GenvidLedgerSpending *spending,
                             const GenvidNow *now)
{
  g_autofree char *tail = hash_tail (fd, spending->offset);
  g_autoptr (GError) error = NULL;
  struct stat info;

  /* It must not outlive what it speaks of. */
  if (tail == NULL || fstat (fd, &info) != 0 || fsync (fd) != 0)
    return;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  json_node_take_object (node, root);
  json_object_set_int_member (root, "version", CHECKPOINT_VERSION);
  json_object_set_int_member (root, "wall", now->wall);
  json_object_set_int_member (root, "inode", (gint64)info.st_ino);
  json_object_set_int_member (root, "size", spending->offset);
  json_object_set_int_member (root, "lines", (gint64)spending->lines);
  json_object_set_string_member (root, "tail", tail);
  json_object_set_array_member (root, "purchases", describe_all (spending));
  g_autofree char *text = genvid_json_to_text (node);
  if (!genvid_durable_file_replace (store->root, CHECKPOINT_NAME, text, &error))
    genvid_log (GENVID_LOG_STORE, GENVID_LOG_LOG,
                "ledger: no checkpoint written: %s", error->message);
}
