/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks of a TLS peer beyond those of GLib: extra anchors, no old protocol,
 * no certificate of another purpose. */
#include "tls-peer.h"

#include "certificate.h"
#include "soup-library.h"

#include <gio/gio.h>

/* The fault that the user can do most about comes first. */
static const char *
describe_distrust (GTlsCertificateFlags errors, gboolean anchored)
{
  if (errors & G_TLS_CERTIFICATE_EXPIRED)
    return "The server's certificate has expired, by this machine's clock.";
  if (errors & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return "The server's certificate is not valid yet, by this machine's "
           "clock.";
  if (errors & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return "The server's certificate is for another host.";
  if (errors & G_TLS_CERTIFICATE_REVOKED)
    return "The server's certificate was revoked.";
  if (errors != G_TLS_CERTIFICATE_UNKNOWN_CA)
    return "The server's certificate is not trusted.";
  if (anchored)
    return "The server's certificate is signed neither by an authority of this "
           "system nor by one in ca-file.";
  return "The server's certificate is signed by an authority that this system "
         "does not trust. Add it to the system's, or, for the server of the "
         "base-url, set ca-file to it.";
}

const char *
genvid_tls_peer_find_distrust (SoupMessage *message,
                               GTlsCertificate *certificate,
                               GTlsCertificateFlags errors,
                               GTlsDatabase *anchors)
{
  GUri *uri = soup_message_get_uri (message);
  g_autoptr (GSocketConnectable) identity
      = g_network_address_new (g_uri_get_host (uri), 443);

  if (anchors != NULL && errors == G_TLS_CERTIFICATE_UNKNOWN_CA)
    errors = g_tls_database_verify_chain (
        anchors, certificate, G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
        identity, NULL, G_TLS_DATABASE_VERIFY_NONE, NULL, NULL);
  return errors == 0 ? NULL : describe_distrust (errors, anchors != NULL);
}

/* GLib's GnuTLS backend takes a purpose and ignores it, for the system's
 * anchors, too. */
static gboolean
is_server (GTlsCertificate *chain)
{
  for (; chain; chain = g_tls_certificate_get_issuer (chain)) {
    g_autoptr (GByteArray) der = NULL;

    g_object_get (chain, "certificate", &der, NULL);
    if (!der || !genvid_certificate_serves (der->data, der->len))
      return FALSE;
  }
  return TRUE;
}

const char *
genvid_tls_peer_find_fault (SoupMessage *message)
{
  GTlsCertificate *chain = soup_message_get_tls_peer_certificate (message);
  GTlsProtocolVersion version = soup_message_get_tls_protocol_version (message);

  if (!chain)
    return NULL;
  if (version >= G_TLS_PROTOCOL_VERSION_SSL_3_0
      && version < G_TLS_PROTOCOL_VERSION_TLS_1_2)
    return "The server does not support TLS 1.2.";
  return is_server (chain)
             ? NULL
             : "The server's certificate is not valid for servers.";
}
