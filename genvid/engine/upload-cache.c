/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which pictures a service has already. The store remembers each under the URL
 * of the upload and the hash of its bytes; the value is the id as JSON, since
 * services care whether it is a number or a string. */

#include "upload-cache.h"

#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "json-reader.h"
#include "json.h"
#include "plan.h"
#include "store.h"

#include <json-glib/json-glib.h>

static char *
name_upload (GenvidCall *call, guint index)
{
  g_autoptr (GenvidExchange) exchange
      = genvid_call_build_upload (call, index, NULL);

  /* NULL for a link that is not fetched yet. */
  if (exchange == NULL)
    return NULL;
  return g_strdup_printf ("%s\n%s", exchange->url,
                          genvid_exchange_get_file (exchange, 0)->sha256);
}

void
genvid_upload_cache_recall_one (const GenvidPlan *plan, GenvidCall *call,
                                guint index)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) id = NULL;

  if (genvid_call_get_upload_id (call, index) == NULL)
    name = name_upload (call, index);
  if (name != NULL)
    text = genvid_store_recall (plan->store, "uploads", name);
  if (text != NULL)
    id = genvid_json_reader_parse (text, strlen (text), NULL);
  if (id != NULL)
    genvid_call_set_upload_id (call, index, id);
}

void
genvid_upload_cache_recall (const GenvidPlan *plan, GenvidCall *call)
{
  for (guint i = 0; i < genvid_call_get_n_uploads (call); i++)
    genvid_upload_cache_recall_one (plan, call, i);
}

void
genvid_upload_cache_remember (const GenvidPlan *plan, GenvidCall *call)
{
  for (guint i = 0; i < genvid_call_get_n_uploads (call); i++) {
    JsonNode *id = genvid_call_get_upload_id (call, i);
    g_autofree char *name = NULL;
    g_autofree char *text = NULL;

    if (id == NULL)
      continue;
    name = name_upload (call, i);
    text = genvid_json_to_text (id);
    /* At worst the picture is uploaded again. */
    if (name != NULL)
      genvid_store_remember (plan->store, "uploads", name, text, NULL);
  }
}

void
genvid_upload_cache_forget (const GenvidPlan *plan, GenvidCall *call)
{
  for (guint i = 0; i < genvid_call_get_n_uploads (call); i++) {
    g_autofree char *name = name_upload (call, i);

    if (name != NULL)
      genvid_store_remember (plan->store, "uploads", name, "", NULL);
  }
}
