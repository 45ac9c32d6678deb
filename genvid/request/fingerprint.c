/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name of a purchase. What is hashed is written by our own writer, with
 * members in order, under a version of its own: not one byte of it may change
 * without a reason that is worth buying every clip again. */
#include "fingerprint.h"

#include "json.h"

#include <json-glib/json-glib.h>

#define FORM_VERSION 1

char *
genvid_fingerprint (const char *provider, const char *origin, const char *call,
                    gint64 semantics, guint take, JsonObject *canonical)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GString) text = g_string_new (NULL);
  JsonObject *object = json_object_new ();

  json_node_take_object (root, object);
  json_object_set_int_member (object, "genvid-fingerprint", FORM_VERSION);
  json_object_set_string_member (object, "provider", provider);
  json_object_set_string_member (object, "origin", origin);
  json_object_set_string_member (object, "call", call);
  json_object_set_int_member (object, "semantics", semantics);
  json_object_set_int_member (object, "take", take);
  json_object_set_object_member (object, "request",
                                 json_object_ref (canonical));
  genvid_json_write (text, root, TRUE);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str,
                                        text->len);
}

char *
genvid_fingerprint_idempotency (const char *fingerprint, guint n)
{
  g_autofree char *text
      = g_strdup_printf ("genvid-purchase-1:%s:%u", fingerprint, n);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}
