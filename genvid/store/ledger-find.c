/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The second place where an id is kept: the ledger's lines of one purchase,
 * for when its record is lost. It counts no money. */

#include "ledger-find.h"

#include "clock.h"
#include "durable-file.h"
#include "json-reader.h"
#include "json.h"
#include "ledger.h"
#include "store-private.h"
#include "store.h"

#include <json-glib/json-glib.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEDGER_NAME "ledger.jsonl"

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
read_line (const Search *search, const char *text, gsize length)
{
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

static void
read_lines (const Search *search, FILE *file)
{
  char *text = NULL;
  size_t space = 0;
  ssize_t length;

  while ((length = getline (&text, &space, file)) > 0)
    read_line (search, text, (gsize)length);
  free (text);
}

gboolean
genvid_ledger_find (GenvidStore *store, const char *fingerprint, guint n,
                    GenvidLedgerTrace *trace)
{
  const Search search = { fingerprint, n, trace };
  int fd = genvid_durable_file_open (store->root, LEDGER_NAME, O_RDONLY, NULL);
  FILE *file = fd >= 0 ? fdopen (fd, "re") : NULL;

  *trace = (GenvidLedgerTrace){ 0 };
  if (file != NULL) {
    read_lines (&search, file);
    fclose (file);
  } else if (fd >= 0) {
    close (fd);
  }
  if (trace->id != NULL)
    return TRUE;
  genvid_ledger_trace_clear (trace);
  return FALSE;
}
