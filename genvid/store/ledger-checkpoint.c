/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the ledger came to up to a byte of it, so that a start reads what
 * followed and not what was. A ledger without one, or with one that does not
 * fit, is read from its beginning; who knows no checkpoints appends as ever. */

#include "ledger-checkpoint.h"

#include "durable-file.h"
#include "json-reader.h"
#include "json.h"
#include "ledger-spending.h"
#include "ledger.h"
#include "log.h"
#include "moment.h"
#include "store-private.h"
#include "store.h"

#include <json-glib/json-glib.h>

#include <sys/stat.h>
#include <unistd.h>

#define NAME    "ledger.sum"
#define VERSION 1
/* The last bytes before the offset, by which a ledger is known again. */
#define TAIL 4096

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

  if (genvid_json_int (root, "version", 0) != VERSION || size <= 0
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
  genvid_ledger_spending_add (spending, spent);
  return TRUE;
}

GenvidLedgerSpending *
genvid_ledger_checkpoint_load (GenvidStore *store, int fd, const GenvidNow *now)
{
  gsize length = 0;
  g_autofree char *text = genvid_durable_file_read (
      store->root, NAME, GENVID_JSON_MAX_BYTES, &length, NULL);
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

static JsonObject *
describe (const GenvidSpent *spent)
{
  JsonObject *one = json_object_new ();

  if (*spent->fingerprint != '\0')
    json_object_set_string_member (one, "fingerprint", spent->fingerprint);
  json_object_set_int_member (one, "n", spent->n);
  json_object_set_int_member (one, "wall", spent->wall);
  json_object_set_int_member (one, "boot", spent->boot);
  genvid_json_set (one, "boot-id", spent->boot_id);
  json_object_set_boolean_member (one, "reserved", spent->reserved);
  json_object_set_boolean_member (one, "committed", spent->committed);
  json_object_set_boolean_member (one, "adopted", spent->adopted);
  json_object_set_boolean_member (one, "apart", spent->apart);
  if (spent->usd >= 0)
    json_object_set_double_member (one, "usd", spent->usd);
  return one;
}

static gint
compare_touches (gconstpointer a, gconstpointer b)
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
      g_hash_table_get_values (spending->purchases), compare_touches);
  JsonArray *array = json_array_new ();

  for (GList *l = all; l != NULL; l = l->next)
    json_array_add_object_element (array, describe (l->data));
  return array;
}

void
genvid_ledger_checkpoint_save (GenvidStore *store, int fd,
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
  json_object_set_int_member (root, "version", VERSION);
  json_object_set_int_member (root, "wall", now->wall);
  json_object_set_int_member (root, "inode", (gint64)info.st_ino);
  json_object_set_int_member (root, "size", spending->offset);
  json_object_set_int_member (root, "lines", (gint64)spending->lines);
  json_object_set_string_member (root, "tail", tail);
  json_object_set_array_member (root, "purchases", describe_all (spending));
  g_autofree char *text = genvid_json_to_text (node);
  if (!genvid_durable_file_replace (store->root, NAME, text, &error))
    genvid_log (GENVID_LOG_STORE, GENVID_LOG_LOG,
                "ledger: no checkpoint written: %s", error->message);
}
