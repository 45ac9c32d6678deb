/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A line of the ledger as a text. What is written here can be read here,
 * whatever the service or the user called things: that is what a sum of money
 * stands on. */

#include "ledger-line.h"

#include "clock.h"
#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "moment.h"
#include "store-private.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

static const char *const event_names[] = {
  [GENVID_LEDGER_RESERVE] = "reserve", [GENVID_LEDGER_SUBMIT] = "submit",
  [GENVID_LEDGER_ACCEPT] = "accept",   [GENVID_LEDGER_DOUBT] = "doubt",
  [GENVID_LEDGER_FINISH] = "finish",   [GENVID_LEDGER_FAIL] = "fail",
  [GENVID_LEDGER_CANCEL] = "cancel",   [GENVID_LEDGER_RESUBMIT] = "resubmit",
  [GENVID_LEDGER_ADOPT] = "adopt",
};

double
genvid_ledger_to_usd (double amount, const char *currency)
{
  if (!isfinite (amount) || amount < 0)
    return -1;
  if (g_strcmp0 (currency, "credits") == 0)
    return amount * GENVID_LEDGER_USD_PER_CREDIT;
  return amount;
}

const char *
genvid_ledger_event_to_string (GenvidLedgerEvent event)
{
  return event_names[event];
}

static gboolean
find_event (const char *name, GenvidLedgerEvent *event)
{
  for (guint i = 0; i < G_N_ELEMENTS (event_names); i++)
    if (strcmp (name, event_names[i]) == 0) {
      *event = (GenvidLedgerEvent)i;
      return TRUE;
    }
  return FALSE;
}

/* TRUE: it was cut. */
static gboolean
set_text (JsonObject *root, const char *name, const char *value)
{
  gsize length = value != NULL ? strlen (value) : 0;
  gsize kept = MIN (length, GENVID_LEDGER_TEXT_MAX);

  if (value == NULL)
    return FALSE;
  while (kept < length && kept > 0 && ((guchar)value[kept] & 0xc0) == 0x80)
    kept--;
  g_autofree char *text = g_utf8_make_valid (value, (gssize)kept);
  json_object_set_string_member (root, name, text);
  return kept < length;
}

/* Half an id is none, and must not be taken for one: job.json has all of it. */
static void
set_id (JsonObject *root, const char *id)
{
  if (id != NULL && strlen (id) > GENVID_LEDGER_TEXT_MAX)
    set_text (root, "id-begins", id);
  else
    set_text (root, "id", id);
}

char *
genvid_ledger_write_line (const GenvidLedgerLine *line, GenvidLedgerEvent event,
                          const GenvidNow *now)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *time = genvid_clock_format_time (now->wall);
  JsonObject *root = json_object_new ();

  json_node_take_object (node, root);
  json_object_set_string_member (root, "time", time);
  json_object_set_string_member (root, "event", event_names[event]);
  set_text (root, "provider", line->provider);
  set_text (root, "model", line->model);
  set_text (root, "fingerprint", line->fingerprint);
  json_object_set_int_member (root, "n", line->n);
  set_id (root, line->id);
  if (isfinite (line->amount) && line->amount >= 0) {
    json_object_set_double_member (root, "amount", line->amount);
    set_text (root, "currency", line->currency);
  }
  if (line->billed != GENVID_BILLED_UNKNOWN)
    json_object_set_string_member (root, "billed",
                                   genvid_billed_to_string (line->billed));
  set_text (root, "boot-id", now->boot_id);
  json_object_set_int_member (root, "boot", now->boot);
  return genvid_json_to_text (node);
}

/* An append that never ended: its writer was killed, or its disk was full, so
 * nothing was done that had to wait for it. A line that was whole once has its
 * brace, and is damage. Zeros are what a power cut may leave of one. */
static gboolean
is_torn (const char *text, gsize length)
{
  gboolean quoted = FALSE;
  guint depth = 0;

  while (length > 0 && text[length - 1] == '\0')
    length--;
  if (strncmp (text, GENVID_LEDGER_BEGINNING,
               MIN (length, strlen (GENVID_LEDGER_BEGINNING)))
      != 0)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if ((guchar)text[i] < 0x20)
      return FALSE;
    if (quoted && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && text[i] == '{')
      depth++;
    else if (!quoted && text[i] == '}')
      depth--;
    if (depth == 0)
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_amount (JsonObject *root, double *usd)
{
  const char *currency = genvid_json_string (root, "currency", NULL);

  *usd = -1;
  if (!json_object_has_member (root, "amount"))
    return TRUE;
  *usd = genvid_ledger_to_usd (genvid_json_double (root, "amount", -1),
                               currency);
  return *usd >= 0;
}

static GenvidLedgerText
read_news (JsonObject *root, GenvidLedgerNews *news)
{
  const char *event = genvid_json_string (root, "event", NULL);
  const char *billed = genvid_json_string (root, "billed", NULL);
  gint64 n = genvid_json_int (root, "n", 0);

  news->fingerprint = genvid_json_string (root, "fingerprint", NULL);
  news->wall
      = genvid_clock_parse_time (genvid_json_string (root, "time", NULL));
  if (event == NULL || !genvid_store_is_name (news->fingerprint) || n < 1
      || n > G_MAXINT || news->wall <= 0 || !read_amount (root, &news->usd))
    return GENVID_LEDGER_TEXT_DAMAGED;
  if (!find_event (event, &news->event))
    return GENVID_LEDGER_TEXT_VOID;
  news->n = (guint)n;
  news->boot = genvid_json_int (root, "boot", 0);
  news->boot_id = genvid_json_string (root, "boot-id", NULL);
  news->billed = genvid_billed_from_string (billed);
  return GENVID_LEDGER_TEXT_LINE;
}

GenvidLedgerText
genvid_ledger_read_line (const char *text, gsize length, GenvidLedgerNews *news)
{
  GenvidLedgerText kind = GENVID_LEDGER_TEXT_DAMAGED;

  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  if (length == 0)
    return GENVID_LEDGER_TEXT_VOID;
  g_autoptr (JsonNode) node = genvid_json_reader_parse (text, length, NULL);
  if (node == NULL)
    return is_torn (text, length) ? GENVID_LEDGER_TEXT_VOID
                                  : GENVID_LEDGER_TEXT_DAMAGED;
  *news = (GenvidLedgerNews){ 0 };
  if (JSON_NODE_HOLDS_OBJECT (node))
    kind = read_news (json_node_get_object (node), news);
  if (kind == GENVID_LEDGER_TEXT_LINE)
    news->node = g_steal_pointer (&node);
  return kind;
}

void
genvid_ledger_news_clear (GenvidLedgerNews *news)
{
  g_clear_pointer (&news->node, json_node_unref);
}
