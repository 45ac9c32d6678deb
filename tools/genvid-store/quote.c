/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store quote: what a URI would send and cost. It needs no key, opens
 * no socket and makes no folder. */

#include "purchase.h"

#include <stdio.h>
#include <string.h>

#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "fingerprint.h"
#include "json-reader.h"
#include "media-type.h"
#include "plan.h"
#include "record.h"
#include "request-uri.h"
#include "request.h"
#include "settings.h"
#include "store.h"
#include "url.h"

#include <json-glib/json-glib.h>

typedef struct {
  GenvidPlan *plan;
  GenvidExchange *exchange;
  guint n_uploads;
  Purchase *stored; /* nullable */
} Quote;

static void
clear_quote (Quote *quote)
{
  genvid_plan_unref (quote->plan);
  g_clear_pointer (&quote->exchange, genvid_exchange_free);
  g_clear_pointer (&quote->stored, purchase_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Quote, clear_quote)

static GenvidPlan *
make_plan (const char *text, GError **error)
{
  g_autoptr (GenvidRequestUri) uri = genvid_request_uri_parse (text, error);
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  g_autoptr (GPtrArray) warnings = NULL;
  GenvidPlan *plan;

  if (uri == NULL)
    return NULL;
  genvid_request_free (settings->request);
  settings->request = g_steal_pointer (&uri->request);
  settings->provider = g_steal_pointer (&uri->provider);
  settings->from_uri = settings->options_from_uri = TRUE;
  if (!genvid_request_check_words (settings->request, error))
    return NULL;
  plan = genvid_plan_new_quote (settings, &warnings, error);
  for (guint i = 0; warnings != NULL && i < warnings->len; i++)
    tool_complain ("%s", (char *)g_ptr_array_index (warnings, i));
  return plan;
}

/* The ids of uploads are the service's to give; each stands for itself. */
static void
stand_in_for_uploads (GenvidCall *call, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *text = g_strdup_printf ("<id of upload %u>", i + 1);
    g_autoptr (JsonNode) node
        = json_node_init_string (json_node_alloc (), text);

    genvid_call_set_upload_id (call, i, node);
  }
}

/* Nothing is fetched for a quote; each link stands for its bytes. */
static gboolean
stand_in_for_links (GenvidCall *call, GError **error)
{
  for (guint i = 0; i < genvid_call_get_n_inlines (call); i++) {
    const GenvidInput *input = genvid_call_get_inline (call, i);
    g_autofree char *shown = genvid_url_display (input->value);
    char sha256[] = "";
    const GenvidFile file
        = { shown, sha256, genvid_media_type_of_link (input->value) };

    if (input->kind == GENVID_INPUT_LINK
        && !genvid_call_set_inline_file (call, i, &file, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
build (Quote *quote, GError **error)
{
  g_autoptr (GenvidCall) call = genvid_plan_make_call (quote->plan, error);
  g_autofree char *idempotency = NULL;
  guint n = 1;

  if (call == NULL)
    return FALSE;
  if (quote->stored != NULL && quote->stored->record != NULL)
    n = quote->stored->record->n;
  idempotency = genvid_fingerprint_idempotency (quote->plan->fingerprint, n);
  genvid_call_bind (call, NULL, NULL, idempotency);
  genvid_call_set_nonce (call, idempotency);
  quote->n_uploads = genvid_call_get_n_uploads (call);
  stand_in_for_uploads (call, quote->n_uploads);
  if (!stand_in_for_links (call, error))
    return FALSE;
  quote->exchange = genvid_call_build_submit (call, error);
  return quote->exchange != NULL;
}

/* No store is no error here: then nothing is stored. */
static gboolean
look_up (Quote *quote, const char *folder, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GenvidStore) store = tool_open_store (folder, TRUE, &problem);
  gboolean found;

  if (store != NULL) {
    if (quote->plan->former != NULL
        && !genvid_plan_find_purchase (quote->plan, store, &found, error))
      return FALSE;
    quote->stored = purchase_load (store, quote->plan->fingerprint);
    return TRUE;
  }
  if (g_error_matches (problem, GENVID_ERROR, GENVID_REASON_NOT_STORED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static const GenvidRecord *
get_record (const Quote *quote)
{
  return quote->stored != NULL ? quote->stored->record : NULL;
}

/* "<a.png, 1234 bytes>"; what is in it may stand in a JSON string. */
static char *
describe_file (const GenvidFile *file)
{
  g_autofree char *name = strstr (file->path, "://") != NULL
                              ? g_strdup (file->path)
                              : g_path_get_basename (file->path);
  g_autofree char *shown = g_utf8_make_valid (name, -1);

  for (char *p = shown; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p) || *p == '"' || *p == '\\')
      *p = '_';
  if (file->size == 0)
    return g_strdup_printf ("<%s>", shown);
  return g_strdup_printf ("<%s, %" G_GUINT64_FORMAT " bytes>", shown,
                          file->size);
}

static char *
describe_part (const GenvidBodyPart *part)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < part->pieces->len; i++) {
    const GenvidBodyPiece *piece = g_ptr_array_index (part->pieces, i);
    g_autofree char *file
        = piece->text == NULL ? describe_file (&piece->file) : NULL;
    gsize length = 0;

    if (file != NULL)
      g_string_append (text, file);
    else
      g_string_append_len (text, g_bytes_get_data (piece->text, &length),
                           (gssize)g_bytes_get_size (piece->text));
  }
  return g_string_free (text, FALSE);
}

/* The fields of a form; those of one name are a list. */
static JsonNode *
describe_form (const GPtrArray *parts)
{
  JsonObject *form = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  for (guint i = 0; i < parts->len; i++) {
    const GenvidBodyPart *part = g_ptr_array_index (parts, i);
    g_autofree char *text = describe_part (part);
    JsonNode *before = json_object_get_member (form, part->name);

    if (before == NULL) {
      json_object_set_string_member (form, part->name, text);
      continue;
    }
    if (!JSON_NODE_HOLDS_ARRAY (before)) {
      JsonArray *list = json_array_new ();

      json_array_add_element (list, json_node_copy (before));
      json_object_set_array_member (form, part->name, list);
    }
    json_array_add_string_element (
        json_object_get_array_member (form, part->name), text);
  }
  json_node_take_object (node, form);
  return node;
}

static JsonNode *
describe_parts (const GPtrArray *parts)
{
  const GenvidBodyPart *first = g_ptr_array_index (parts, 0);
  g_autofree char *text = describe_part (first);

  if (first->name != NULL)
    return describe_form (parts);
  return genvid_json_reader_parse (text, strlen (text), NULL);
}

/* NULL: there is none. */
static JsonNode *
read_body (const Quote *quote)
{
  GBytes *body = quote->exchange->body;
  gsize length;
  const char *text;

  if (quote->exchange->parts != NULL)
    return describe_parts (quote->exchange->parts);
  if (body == NULL)
    return NULL;
  text = g_bytes_get_data (body, &length);
  return genvid_json_reader_parse (text, length, NULL);
}

static double
get_usd (const Quote *quote)
{
  return genvid_plan_to_usd (quote->plan, quote->plan->price,
                             quote->plan->currency);
}

static char *
describe_price (const Quote *quote)
{
  const GenvidPlan *plan = quote->plan;
  g_autofree char *price = tool_format_cost (plan->price, plan->currency);
  g_autofree char *about = NULL;
  double usd = get_usd (quote);

  if (plan->price < 0)
    return g_strdup_printf (
        "unknown; with a limit set, the clip is not bought%s%s",
        *plan->price_note != '\0' ? ". " : "", plan->price_note);
  about = usd < 0 || g_strcmp0 (plan->currency, "USD") == 0
              ? g_strdup ("")
              : g_strdup_printf (" (about %.2f USD)", usd);
  return g_strconcat (price, about, plan->price_note != NULL ? ", read " : NULL,
                      plan->price_note, NULL);
}

static char *
describe_stored (const Quote *quote)
{
  const GenvidRecord *record = get_record (quote);

  if (record == NULL)
    return g_strdup ("no");
  if (quote->stored->path != NULL)
    return g_strdup_printf ("yes: %s", quote->stored->path);
  return g_strdup_printf ("no clip yet; its record says %s",
                          genvid_state_to_string (record->state));
}

static void
print_headers (const GenvidExchange *exchange)
{
  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (exchange->headers, i);

    if (!header->secret)
      printf ("%s: %s\n", header->name, header->value);
  }
  if (exchange->content_type != NULL)
    printf ("Content-Type: %s\n", exchange->content_type);
}

static void
print_text (const Quote *quote)
{
  g_autoptr (JsonNode) body = read_body (quote);
  g_autofree char *price = describe_price (quote);
  g_autofree char *stored = describe_stored (quote);

  printf ("%s %s\n", quote->exchange->method, quote->exchange->url);
  print_headers (quote->exchange);
  putchar ('\n');
  if (body != NULL)
    tool_print_json (body);
  printf ("\nprice:       %s\n", price);
  if (quote->n_uploads > 0)
    printf ("uploads:     %u, before the submit\n", quote->n_uploads);
  printf ("fingerprint: %s\n", quote->plan->fingerprint);
  printf ("stored:      %s\n", stored);
}

static JsonObject *
describe_headers (const GenvidExchange *exchange)
{
  JsonObject *headers = json_object_new ();

  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (exchange->headers, i);

    if (!header->secret)
      tool_set_text (headers, header->name, header->value);
  }
  if (exchange->content_type != NULL)
    tool_set_text (headers, "Content-Type", exchange->content_type);
  return headers;
}

static void
set_amount (JsonObject *object, const char *name, double amount)
{
  if (amount >= 0)
    json_object_set_double_member (object, name, amount);
  else
    json_object_set_null_member (object, name);
}

static void
print_json (const Quote *quote)
{
  const GenvidRecord *record = get_record (quote);
  JsonObject *object = json_object_new ();
  JsonNode *body = read_body (quote);

  tool_set_text (object, "method", quote->exchange->method);
  tool_set_text (object, "url", quote->exchange->url);
  json_object_set_object_member (object, "headers",
                                 describe_headers (quote->exchange));
  if (body != NULL)
    json_object_set_member (object, "body", body);
  json_object_set_int_member (object, "uploads", quote->n_uploads);
  set_amount (object, "price", quote->plan->price);
  tool_set_text (object, "currency", quote->plan->currency);
  set_amount (object, "usd", get_usd (quote));
  tool_set_text (object, "price-note", quote->plan->price_note);
  tool_set_text (object, "fingerprint", quote->plan->fingerprint);
  tool_set_text (object, "state",
                 record != NULL ? genvid_state_to_string (record->state)
                                : NULL);
  tool_set_text (object, "path",
                 quote->stored != NULL ? quote->stored->path : NULL);
  tool_print_json_object (object);
}

static int
client (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  gboolean json = FALSE;
  GOptionEntry entries[]
      = { { "store", 0, 0, G_OPTION_ARG_FILENAME, &folder,
            "Store folder (default: $GENVID_STORE, else your own)", "DIR" },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object",
            NULL },
          { NULL } };
  g_auto (Quote) quote = { 0 };
  g_autoptr (GError) error = NULL;
  int status;

  if (!tool_parse (&tool_quote, entries, 1, &argc, &argv, &status))
    return status;
  if (argc < 2)
    return tool_misuse (&tool_quote, "give a genvid: URI.");
  quote.plan = make_plan (argv[1], &error);
  if (quote.plan == NULL || !look_up (&quote, folder, &error)
      || !build (&quote, &error))
    return tool_complain ("%s", error->message);
  if (json)
    print_json (&quote);
  else
    print_text (&quote);
  return TOOL_OK;
}

const ToolVerb tool_quote = {
  "quote",
  "URI",
  "prints what a URI would send and cost, without sending it",
  client,
};
