/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store fetch: buys or completes clips without a pipeline. A URI may
 * come from a stranger, so it buys only under a limit, as in the element; a
 * fingerprint names a purchase that exists, so it never buys. */

#include "clip-run.h"
#include "purchase.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "failure.h"
#include "record.h"
#include "request-uri.h"
#include "request.h"
#include "settings.h"
#include "store.h"

typedef struct {
  char *folder;
  gboolean all;
  char *max_cost;
  char *budget;
  char *adopt;
  char *if_in_doubt;
  char *api_key_file;
  char *ca_file;
  gboolean allow_private;
  int poll_interval;
  int timeout;
} Arguments;

static void
clear_arguments (Arguments *a)
{
  g_free (a->folder);
  g_free (a->max_cost);
  g_free (a->budget);
  g_free (a->adopt);
  g_free (a->if_in_doubt);
  g_free (a->api_key_file);
  g_free (a->ca_file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arguments, clear_arguments)

static gboolean
is_uri (const char *what)
{
  return g_str_has_prefix (what, "genvid:");
}

/* WHAT: URIs and fingerprints. NULL: they can be taken together. */
static const char *
find_fault (const Arguments *a, char *const *what)
{
  gboolean stored = a->all;

  if ((*what == NULL) == !a->all)
    return a->all ? "--all takes no argument."
                  : "give genvid: URIs, fingerprints or --all.";
  if (a->adopt != NULL && (a->all || what[1] != NULL))
    return "--adopt is for one clip.";
  for (guint i = 0; what[i] != NULL; i++) {
    if (!is_uri (what[i]) && !purchase_is_prefix (what[i]))
      return "an argument is not a genvid: URI or the beginning of a "
             "fingerprint (hexadecimal digits).";
    stored |= !is_uri (what[i]);
  }
  if (stored && (a->max_cost != NULL || a->budget != NULL))
    return "--max-cost and --budget need a URI. A fingerprint and --all "
           "never buy.";
  if (stored && a->if_in_doubt != NULL)
    return "--if-in-doubt=resubmit needs a URI, because it buys. A "
           "fingerprint and --all never buy.";
  if (a->if_in_doubt != NULL && strcmp (a->if_in_doubt, "resubmit") != 0
      && strcmp (a->if_in_doubt, "fail") != 0)
    return "--if-in-doubt must be fail or resubmit.";
  if (a->poll_interval < 0 || a->timeout < 0)
    return "--poll-interval and --timeout must be seconds, 0 or more.";
  return NULL;
}

/* Everything but the request. */
static gboolean
fill_settings (const Arguments *a, GenvidSettings *settings)
{
  settings->store = g_strdup (tool_find_store (a->folder));
  settings->adopt = g_strdup (a->adopt);
  settings->api_key_file = g_strdup (a->api_key_file);
  settings->ca_file = g_strdup (a->ca_file);
  settings->allow_private = a->allow_private;
  settings->poll_interval = (guint)a->poll_interval;
  settings->timeout = (guint)a->timeout;
  if (g_strcmp0 (a->if_in_doubt, "resubmit") == 0)
    settings->if_in_doubt = GENVID_IF_IN_DOUBT_RESUBMIT;
  return tool_parse_amount (a->max_cost, &settings->max_cost)
         && tool_parse_amount (a->budget, &settings->budget);
}

/* The command that continues, ready to paste. */
static char *
make_command (const Arguments *a, const char *fingerprint)
{
  g_autofree char *folder
      = a->folder != NULL ? g_shell_quote (a->folder) : NULL;

  return g_strconcat ("genvid-store fetch ", fingerprint,
                      folder != NULL ? " --store " : "",
                      folder != NULL ? folder : "", NULL);
}

/* The advice depends on what the store knows by now. SAID (nullable): the error
 * that is printed above it. */
static void
print_advice (const Arguments *a, const char *fingerprint, const char *said)
{
  g_autoptr (GenvidStore) store = tool_open_store (a->folder, TRUE, NULL);
  g_autoptr (Purchase) purchase
      = store != NULL ? purchase_load (store, fingerprint) : NULL;
  g_autofree char *command = make_command (a, fingerprint);

  if (said != NULL && strstr (said, "Nothing was bought.") != NULL)
    return;
  if (purchase == NULL || purchase->error != NULL)
    fprintf (stderr,
             "The store cannot be read now, so it does not tell whether this "
             "was bought. When it can be read again:\n  %s\n",
             command);
  else if (purchase->record == NULL
           || purchase->record->state == GENVID_STATE_IDLE)
    fprintf (stderr, "Nothing was bought.\n");
  else if (purchase_is_doubtful (purchase))
    fprintf (stderr,
             "Nobody knows whether it was bought. If your account at the "
             "service shows an id for it:\n  %s --adopt ID\n",
             command);
  else if (purchase_is_unfinished (purchase))
    fprintf (stderr, "Nothing is lost. To continue:\n  %s\n", command);
}

static int
report (const Arguments *a, const ClipResult *result)
{
  if (result->outcome == CLIP_RUN_DONE) {
    if (result->note != NULL)
      fprintf (stderr, "%s\n", result->note);
    puts (result->path);
    fflush (stdout);
    return TOOL_OK;
  }
  if (result->outcome == CLIP_RUN_NOT_BEGUN)
    return TOOL_PROBLEM;
  if (result->outcome == CLIP_RUN_STOPPED) {
    fprintf (stderr, "Stopped.\n");
    /* A submit in transfer is waited for first. */
    genvid_client_quit ();
  } else {
    tool_complain ("%s", result->message);
  }
  if (result->fingerprint != NULL)
    print_advice (a, result->fingerprint, result->message);
  return result->outcome == CLIP_RUN_STOPPED ? TOOL_INTERRUPTED : TOOL_PROBLEM;
}

/* NULL: *STATUS, and the error was printed. */
static GenvidSettings *
read_uri (const Arguments *a, const char *text, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidRequestUri) uri = genvid_request_uri_parse (text, &error);
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();

  if (uri == NULL) {
    *status = tool_complain ("%s", error->message);
    return NULL;
  }
  if (!fill_settings (a, settings)) {
    *status = tool_misuse (&tool_fetch, "--max-cost and --budget must be "
                                        "amounts in US dollars, such as 2.50.");
    return NULL;
  }
  genvid_request_free (settings->request);
  settings->request = g_steal_pointer (&uri->request);
  settings->provider = g_steal_pointer (&uri->provider);
  settings->uri_max_cost = uri->max_cost;
  settings->from_uri = settings->options_from_uri = TRUE;
  if (uri->reuse_only)
    settings->reuse = GENVID_REUSE_ONLY;
  return g_steal_pointer (&settings);
}

static GenvidSettings *
make_settings (const Arguments *a, const GenvidRecord *record, GError **error)
{
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  GenvidRequest *request;

  if (record->request == NULL) {
    g_set_error_literal (
        error, GENVID_ERROR, GENVID_REASON_SETTINGS,
        "The store does not have the request of this purchase. "
        "To continue it, use the same settings or the same "
        "URI again.");
    return NULL;
  }
  request = genvid_request_from_json (record->request, error);
  if (request == NULL)
    return NULL;
  genvid_request_free (settings->request);
  settings->request = request;
  settings->provider = g_strdup (record->provider);
  settings->base_url = g_strdup (record->base_url);
  settings->fingerprint = g_strdup (record->fingerprint);
  settings->reuse = GENVID_REUSE_ONLY;
  fill_settings (a, settings);
  return g_steal_pointer (&settings);
}

/* A clip to be fetched, or one that is there. */
typedef struct {
  GenvidSettings *settings;
  char *path; /* it is there; SETTINGS is NULL */
  ClipResult result;
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;

  g_clear_pointer (&order->settings, genvid_settings_free);
  g_free (order->path);
  clip_result_clear (&order->result);
  g_free (order);
}

static Order *
add_order (GPtrArray *orders)
{
  Order *order = g_new0 (Order, 1);

  g_ptr_array_add (orders, order);
  return order;
}

static int
add_known (GPtrArray *orders, const Arguments *a, const Purchase *purchase)
{
  const char *fingerprint = purchase_get_fingerprint (purchase);
  const GenvidRecord *record = purchase->record;
  g_autoptr (GError) error = NULL;
  GenvidSettings *settings;

  if (record == NULL)
    return tool_complain ("%.12s: %s", fingerprint,
                          purchase->error != NULL
                              ? purchase->error->message
                              : "Nothing is known about it.");
  if (purchase->path != NULL) {
    add_order (orders)->path = g_strdup (purchase->path);
    return TOOL_OK;
  }
  settings = make_settings (a, record, &error);
  if (settings == NULL)
    return tool_complain ("%.12s: %s", fingerprint, error->message);
  add_order (orders)->settings = settings;
  return TOOL_OK;
}

static int
add_all (GPtrArray *orders, const Arguments *a)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStore) store = tool_open_store (a->folder, TRUE, &error);
  g_autoptr (GPtrArray) purchases
      = store != NULL ? purchases_load (store, &error) : NULL;
  int status = TOOL_OK;

  if (purchases == NULL)
    return tool_complain ("%s", error->message);
  for (guint i = 0; i < purchases->len; i++) {
    const Purchase *purchase = g_ptr_array_index (purchases, i);

    if ((purchase->error != NULL || purchase_is_unfinished (purchase))
        && add_known (orders, a, purchase) != TOOL_OK)
      status = TOOL_PROBLEM;
  }
  return status;
}

static int
add_stored (GPtrArray *orders, const Arguments *a, const char *prefix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStore) store = tool_open_store (a->folder, TRUE, &error);
  g_autoptr (Purchase) purchase
      = store != NULL ? purchase_find (store, prefix, &error) : NULL;

  if (purchase == NULL)
    return tool_complain ("%s", error->message);
  return add_known (orders, a, purchase);
}

/* One that cannot be read ends it: then nothing is begun. */
static int
add_each (GPtrArray *orders, const Arguments *a, char *const *what)
{
  int status = TOOL_OK;

  for (guint i = 0; what[i] != NULL && status == TOOL_OK; i++)
    if (!is_uri (what[i])) {
      status = add_stored (orders, a, what[i]);
    } else {
      GenvidSettings *settings = read_uri (a, what[i], &status);
      if (settings != NULL)
        add_order (orders)->settings = settings;
    }
  return status;
}

static int
report_each (const Arguments *a, GPtrArray *orders)
{
  int status = TOOL_OK;

  for (guint i = 0; i < orders->len; i++) {
    Order *order = orders->pdata[i];
    int one = TOOL_OK;

    if (order->path != NULL)
      puts (order->path);
    else
      one = report (a, &order->result);
    status = MAX (status, one);
  }
  fflush (stdout);
  return status;
}

static int
fetch_each (const Arguments *a, GPtrArray *orders)
{
  g_autofree GenvidSettings **settings
      = g_new0 (GenvidSettings *, orders->len + 1);
  g_autofree ClipResult *results = g_new0 (ClipResult, orders->len + 1);
  guint n = 0;

  for (guint i = 0; i < orders->len; i++) {
    Order *order = orders->pdata[i];
    if (order->settings != NULL)
      settings[n++] = order->settings;
  }
  clip_run (settings, results, n, !a->all);
  n = 0;
  for (guint i = 0; i < orders->len; i++) {
    Order *order = orders->pdata[i];
    if (order->settings != NULL)
      order->result = results[n++];
  }
  return report_each (a, orders);
}

static int
client (int argc, char **argv)
{
  g_auto (Arguments) a = { 0 };
  GOptionEntry entries[]
      = { { "store", 0, 0, G_OPTION_ARG_FILENAME, &a.folder,
            "Store folder (default: $GENVID_STORE, else your own)", "DIR" },
          { "all", 0, 0, G_OPTION_ARG_NONE, &a.all,
            "Every clip that is bought and not downloaded yet", NULL },
          { "max-cost", 0, 0, G_OPTION_ARG_STRING, &a.max_cost,
            "Do not buy a clip that costs more than this", "USD" },
          { "budget", 0, 0, G_OPTION_ARG_STRING, &a.budget,
            "Do not spend more than this within 24 hours", "USD" },
          { "adopt", 0, 0, G_OPTION_ARG_STRING, &a.adopt,
            "Buy nothing; use the generation with this id", "ID" },
          { "if-in-doubt", 0, 0, G_OPTION_ARG_STRING, &a.if_in_doubt,
            "fail (default), or resubmit: risk paying twice", "WHAT" },
          { "poll-interval", 0, 0, G_OPTION_ARG_INT, &a.poll_interval,
            "Time between two status requests (default: adaptive)", "SECONDS" },
          { "timeout", 0, 0, G_OPTION_ARG_INT, &a.timeout,
            "Longest time to wait for a generation", "SECONDS" },
          { "api-key-file", 0, 0, G_OPTION_ARG_FILENAME, &a.api_key_file,
            "File whose first line is the API key (default: the service's "
            "variable)",
            "FILE" },
          { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &a.ca_file,
            "PEM file of additional certificates to trust for the service",
            "FILE" },
          { "allow-private", 0, 0, G_OPTION_ARG_NONE, &a.allow_private,
            "Allow downloads from private addresses", NULL },
          { NULL } };
  g_autoptr (GPtrArray) orders = g_ptr_array_new_with_free_func (order_free);
  const char *fault;
  int status, fetched;

  if (!tool_parse (&tool_fetch, entries, G_MAXINT, &argc, &argv, &status))
    return status;
  fault = find_fault (&a, argv + 1);
  if (fault != NULL)
    return tool_misuse (&tool_fetch, "%s", fault);
  if (a.all)
    status = add_all (orders, &a);
  else if ((status = add_each (orders, &a, argv + 1)) != TOOL_OK)
    return status;
  fetched = fetch_each (&a, orders);
  return fetched != TOOL_OK ? fetched : status;
}

const ToolVerb tool_fetch = {
  "fetch",
  "URI…|FINGERPRINT…|--all",
  "buys or completes clips and prints their paths",
  client,
};
