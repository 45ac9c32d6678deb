/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which pictures a service has already. The store remembers each under the URL
 * of the upload and the hash of its bytes; the value is the id as JSON, since
 * services care whether it is a number or a string; where the service forgets
 * it, with the time until which it is good. */

#include "upload-cache.h"

#include "call-build.h"
#include "call.h"
#include "clock.h"
#include "json-reader.h"
#include "json.h"
#include "plan.h"
#include "store.h"

#include <json-glib/json-glib.h>

/* What is kept of an id that the service forgets: the id, and until when. */
static char *
write_entry (JsonNode *id, guint life)
{
  g_autoptr (JsonObject) entry = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (life == 0)
    return genvid_json_to_text (id);
  entry = json_object_new ();
  json_object_set_member (entry, "id", json_node_copy (id));
  json_object_set_int_member (entry, "until",
                              genvid_clock_now ().wall / G_USEC_PER_SEC + life);
  node = json_node_init_object (json_node_alloc (), entry);
  return genvid_json_to_text (node);
}

/* NULL: there is none, or none that is still good. A clock that was set back
 * makes none younger. */
static JsonNode *
read_entry (const char *text, guint life)
{
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse (text, strlen (text), NULL);
  gint64 now = genvid_clock_now ().wall / G_USEC_PER_SEC;
  JsonObject *entry;
  gint64 until;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return life == 0 ? g_steal_pointer (&node) : NULL;
  entry = json_node_get_object (node);
  until = genvid_json_int (entry, "until", 0);
  if (now >= until || until - now > life
      || !json_object_has_member (entry, "id"))
    return NULL;
  return json_node_copy (json_object_get_member (entry, "id"));
}

void
genvid_upload_cache_recall_one (const GenvidPlan *plan, GenvidCall *call,
                                guint index)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) id = NULL;

  if (genvid_call_get_upload_id (call, index) == NULL)
    name = genvid_call_name_upload (call, index);
  if (name != NULL)
    text = genvid_store_recall (plan->store, "uploads", name);
  if (text != NULL)
    id = read_entry (text, genvid_call_get_upload_life (call));
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
    name = genvid_call_name_upload (call, i);
    text = write_entry (id, genvid_call_get_upload_life (call));
    /* At worst the picture is uploaded again. */
    if (name != NULL)
      genvid_store_remember (plan->store, "uploads", name, text, NULL);
  }
}

void
genvid_upload_cache_forget (const GenvidPlan *plan, GenvidCall *call)
{
  for (guint i = 0; i < genvid_call_get_n_uploads (call); i++) {
    g_autofree char *name = genvid_call_name_upload (call, i);

    if (name != NULL)
      genvid_store_remember (plan->store, "uploads", name, "", NULL);
  }
}
