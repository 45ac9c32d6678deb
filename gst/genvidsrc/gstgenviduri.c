/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GstURIHandler: genvid: URIs to settings and back. The parser decides what a
 * URI may say. */

#include <genvid/genvid-messages.h>

#include "gstgenvidsrc.h"

static GstURIType
gst_genvid_src_uri_get_type (GType type)
{
  return GST_URI_SRC;
}

static const gchar *const *
gst_genvid_src_uri_get_protocols (GType type)
{
  static const gchar *const protocols[] = { GENVID_PROTOCOL, NULL };

  return protocols;
}

char *
gst_genvid_src_get_uri (GstGenvidSrc *self)
{
  char *uri;

  GST_OBJECT_LOCK (self);
  uri = gst_genvid_settings_to_uri (&self->settings);
  GST_OBJECT_UNLOCK (self);

  return uri;
}

static gchar *
gst_genvid_src_uri_get_uri (GstURIHandler *handler)
{
  return gst_genvid_src_get_uri (GST_GENVID_SRC (handler));
}

static gboolean
gst_genvid_src_uri_set_uri (GstURIHandler *handler, const gchar *uri,
                            GError **error)
{
  GstGenvidSrc *self = GST_GENVID_SRC (handler);
  g_autoptr (GError) refusal = NULL;
  gboolean busy;
  gboolean done = FALSE;

  GST_OBJECT_LOCK (self);
  busy = gst_genvid_src_is_busy (self);
  if (!busy)
    done = gst_genvid_settings_set_uri (&self->settings, uri, &refusal);
  GST_OBJECT_UNLOCK (self);

  if (busy)
    g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
                         "The URI of genvidsrc cannot change while it "
                         "plays. Set it to READY first.");
  else if (!done)
    g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI,
                         refusal->message);
  return done;
}

void
gst_genvid_src_init_uri_handler (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = gst_genvid_src_uri_get_type;
  handler->get_protocols = gst_genvid_src_uri_get_protocols;
  handler->get_uri = gst_genvid_src_uri_get_uri;
  handler->set_uri = gst_genvid_src_uri_set_uri;
}
