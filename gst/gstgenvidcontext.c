/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How an element comes to the contexts of its application. */

#include "gstgenvidcontext.h"

/* TRUE: go on with the next pad. */
static gboolean
query_peer (GstElement *element, GstPad *pad, gpointer data)
{
  g_autoptr (GstQuery) query = gst_query_new_context (data);
  GstContext *context = NULL;

  if (!gst_pad_peer_query (pad, query))
    return TRUE;
  gst_query_parse_context (query, &context);
  if (context != NULL)
    gst_element_set_context (element, context);
  return context == NULL;
}

GstContext *
gst_genvid_context_get (GstElement *element, const char *type)
{
  GstContext *context = gst_element_get_context (element, type);

  if (context != NULL)
    return context;
  gst_element_foreach_src_pad (element, query_peer, (gpointer)type);
  context = gst_element_get_context (element, type);
  if (context != NULL)
    return context;
  gst_element_post_message (
      element, gst_message_new_need_context (GST_OBJECT (element), type));
  return gst_element_get_context (element, type);
}
