/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store gallery: the store as one page, for a browser. Prompts, names
 * and errors are strangers' texts: each goes through append_text, and the page
 * permits no script but its own, by its hash. */

#include "purchase.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "failure.h"
#include "provider-catalog.h"
#include "provider.h"
#include "record.h"
#include "store.h"
#include "text.h"

#include "gallery-days.h"

#define DEFAULT_FILE "genvid-gallery.html"
/* Digits of a fingerprint; the other commands accept them. */
#define SHORT_NAME 12

typedef struct {
  Spool *cards;
  Days *days;
  GHashTable *providers; /* by name; NULL values: none */
  guint count;
  guint unpriced; /* with a cost that is not known in dollars */
} Gallery;

/* --- cards --- */

static void
append_text (GString *html, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *escaped = g_markup_escape_text (valid, -1);

  g_string_append (html, escaped);
}

static void
append_fact (GString *html, const char *name, const char *value)
{
  if (value == NULL)
    return;
  g_string_append_printf (html, "<dt>%s</dt><dd>", name);
  append_text (html, value);
  g_string_append (html, "</dd>");
}

static void
append_media (GString *html, const Purchase *purchase)
{
  g_autofree char *uri = purchase->path != NULL
                             ? g_filename_to_uri (purchase->path, NULL, NULL)
                             : NULL;

  if (uri == NULL) {
    g_string_append_printf (
        html, "<p class=\"none\">%s</p>",
        purchase->record->state == GENVID_STATE_DONE
            ? "The file is lost; genvid-store fetch gets it again."
            : genvid_state_to_string (purchase->record->state));
    return;
  }
  g_string_append (html, "<video controls preload=\"none\" src=\"");
  append_text (html, uri);
  g_string_append (html, "\"></video>");
}

static const char *
describe_failure (const GenvidRecord *record)
{
  return record->failure != NULL ? record->failure->message : NULL;
}

static char *
make_card (const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;
  GString *html = g_string_new ("<article>");
  g_autofree char *time = tool_format_time (purchase->time);
  g_autofree char *cost = tool_format_cost (record->cost, record->currency);
  g_autofree char *name = g_strndup (record->fingerprint, SHORT_NAME);
  guint take = purchase_get_take (purchase);

  append_media (html, purchase);
  g_string_append (html, "<div><p class=\"prompt\" dir=\"auto\">");
  append_text (html, record->prompt != NULL ? record->prompt
                                            : "(the prompt is not known)");
  g_string_append (html, "</p><dl>");
  if (purchase->path != NULL)
    g_string_append (html, "<dt>length</dt><dd class=\"length\">-</dd>");
  append_fact (html, "bought", time);
  append_fact (html, "cost", cost);
  append_fact (html, "state", genvid_state_to_string (record->state));
  append_fact (html, "error", describe_failure (record));
  append_fact (html, "service", record->provider);
  append_fact (html, "model", record->model);
  if (take > 1)
    g_string_append_printf (html, "<dt>take</dt><dd>%u</dd>", take);
  append_fact (html, "name", name);
  g_string_append (html, "</dl></div></article>\n");
  return g_string_free (html, FALSE);
}

/* --- money --- */

static GenvidProvider *
find_provider (Gallery *gallery, const char *name)
{
  gpointer found = NULL;

  if (g_hash_table_lookup_extended (gallery->providers, name, NULL, &found))
    return found;
  found = genvid_provider_catalog_find (name, NULL);
  g_hash_table_insert (gallery->providers, g_strdup (name), found);
  return found;
}

/* What is not billed costs nothing, whatever the price was. */
static gboolean
is_paid (const GenvidRecord *record)
{
  if (record->adopted || record->state == GENVID_STATE_IDLE)
    return FALSE;
  return record->failure == NULL || record->failure->billed != GENVID_BILLED_NO;
}

static void
count_money (Gallery *gallery, const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;
  GenvidProvider *provider;
  double usd = -1;

  if (!is_paid (record))
    return;
  provider = find_provider (gallery, record->provider);
  if (record->cost >= 0 && g_strcmp0 (record->currency, "USD") == 0)
    usd = record->cost;
  else if (record->cost >= 0 && record->currency != NULL && provider != NULL)
    usd = genvid_provider_to_usd (provider, record->cost, record->currency);
  if (usd < 0)
    gallery->unpriced++;
  else
    days_add (gallery->days, purchase->time, usd);
}

static gboolean
add_purchase (Gallery *gallery, GenvidStore *store, const char *name,
              GError **error)
{
  g_autoptr (Purchase) purchase = purchase_load (store, name);
  g_autofree char *card = NULL;

  if (purchase == NULL || purchase->record == NULL)
    return TRUE;
  gallery->count++;
  count_money (gallery, purchase);
  card = make_card (purchase);
  /* The newest first. */
  return spool_add (gallery->cards, -purchase->time, card, strlen (card),
                    error);
}

/* --- the page --- */

static GBytes *
get_part (const char *name)
{
  g_autofree char *path = g_strconcat ("/genvid/gallery/", name, NULL);

  return g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

/* For the policy: 'sha256-…' of what is between the tags. */
static char *
hash_part (GBytes *part)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;
  g_autofree char *text = NULL;

  g_checksum_update (checksum, g_bytes_get_data (part, NULL),
                     g_bytes_get_size (part));
  g_checksum_get_digest (checksum, digest, &length);
  text = g_base64_encode (digest, length);
  return g_strdup_printf ("'sha256-%s'", text);
}

static void
write_head (FILE *file, GBytes *style, GBytes *script)
{
  g_autofree char *style_hash = hash_part (style);
  g_autofree char *script_hash = hash_part (script);

  fprintf (file,
           "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
           "<meta http-equiv=\"Content-Security-Policy\" content=\""
           "default-src 'none'; base-uri 'none'; form-action 'none'; "
           "media-src 'self' file:; style-src %s; script-src %s\">"
           "<meta name=\"referrer\" content=\"no-referrer\">"
           "<meta name=\"viewport\" content=\"width=device-width\">"
           "<title>Generated clips</title><style>%.*s</style></head>\n",
           style_hash, script_hash, (int)g_bytes_get_size (style),
           (const char *)g_bytes_get_data (style, NULL));
}

static void
write_money (FILE *file, const Gallery *gallery)
{
  g_autofree char *plot = days_draw (gallery->days);

  if (gallery->count == 0)
    return;
  fprintf (file, "<figure>%s<figcaption>$%.2f in all", plot != NULL ? plot : "",
           days_get_sum (gallery->days));
  if (gallery->unpriced > 0)
    fprintf (file, "; of %u the cost is not known", gallery->unpriced);
  fputs (
      ". Dollars by day, as the services state them.</figcaption></figure>\n",
      file);
}

static void
write_card (const char *text, gsize length, gpointer data)
{
  fwrite (text, 1, length, data);
}

static gboolean
write_page (FILE *file, const Gallery *gallery, const char *store,
            GError **error)
{
  g_autoptr (GBytes) style = get_part ("gallery.css");
  g_autoptr (GBytes) script = get_part ("gallery.js");
  g_autofree char *shown = g_filename_display_name (store);
  g_autoptr (GString) where = g_string_new (NULL);

  append_text (where, shown);
  write_head (file, style, script);
  fprintf (file,
           "<body><header><h1>Generated clips</h1><span><b id=\"shown\">%u</b> "
           "of %u in %s</span><input id=\"filter\" type=\"search\" "
           "placeholder=\"filter by text\" aria-label=\"filter by text\">"
           "</header>\n",
           gallery->count, gallery->count, where->str);
  write_money (file, gallery);
  fputs ("<main>\n", file);
  if (!spool_each (gallery->cards, write_card, file, error))
    return FALSE;
  fprintf (file, "</main><script>%.*s</script></body></html>\n",
           (int)g_bytes_get_size (script),
           (const char *)g_bytes_get_data (script, NULL));
  return TRUE;
}

static gboolean
fail (GError **error, const char *path)
{
  int code = errno;
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE,
               "Cannot write %s: %s.", shown, g_strerror (code));
  return FALSE;
}

/* For the user's eyes only, since prompts are in it; an older page stays until
 * the new one is whole. */
static gboolean
save (const Gallery *gallery, const char *store, const char *path,
      GError **error)
{
  g_autofree char *part = g_strconcat (path, ".XXXXXX", NULL);
  int fd = g_mkstemp_full (part, O_RDWR | O_CLOEXEC, 0600);
  FILE *file = fd >= 0 ? fdopen (fd, "w") : NULL;
  gboolean done;

  if (file == NULL)
    return fail (error, path);
  done = write_page (file, gallery, store, error);
  if (ferror (file) && done)
    done = fail (error, path);
  if (fclose (file) != 0 && done)
    done = fail (error, path);
  if (done && g_rename (part, path) != 0)
    done = fail (error, path);
  if (!done)
    g_unlink (part);
  return done;
}

/* --- the verb --- */

static void
unref_provider (gpointer data)
{
  if (data != NULL)
    genvid_provider_unref (data);
}

static gboolean
make_page (GenvidStore *store, const char *path, GError **error)
{
  g_autoptr (Spool) cards = spool_new (error);
  g_autoptr (Days) days = days_new ();
  g_autoptr (GHashTable) providers
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_provider);
  Gallery gallery = { .cards = cards, .days = days, .providers = providers };
  g_auto (GStrv) names = NULL;

  if (cards == NULL)
    return FALSE;
  names = purchases_list (store, error);
  if (names == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++)
    if (!add_purchase (&gallery, store, *name, error))
      return FALSE;
  return save (&gallery, genvid_store_get_path (store), path, error);
}

static gboolean
show (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *uri = g_file_get_uri (file);

  return g_app_info_launch_default_for_uri (uri, NULL, error);
}

static int
client (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  g_autofree char *output = NULL;
  gboolean opens = FALSE;
  GOptionEntry entries[]
      = { { "store", 0, 0, G_OPTION_ARG_FILENAME, &folder,
            "Store folder (default: $GENVID_STORE, else your own)", "DIR" },
          { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
            "The page (default: " DEFAULT_FILE " in this folder)", "FILE" },
          { "open", 0, 0, G_OPTION_ARG_NONE, &opens,
            "Open the page in the browser", NULL },
          { NULL } };
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GError) error = NULL;
  const char *path;
  int status;

  if (!tool_parse (&tool_gallery, entries, 0, &argc, &argv, &status))
    return status;
  path = output != NULL ? output : DEFAULT_FILE;
  store = tool_open_store (folder, TRUE, &error);
  if (store == NULL || !make_page (store, path, &error)
      || (opens && !show (path, &error)))
    return tool_complain ("%s", error->message);
  puts (path);
  return TOOL_OK;
}

const ToolVerb tool_gallery = {
  "gallery",
  "",
  "writes a page with all clips, for a browser",
  client,
};
