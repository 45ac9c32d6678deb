/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the settings say may be trusted, and for which origin. */
#include "trust.h"

#include "failure.h"
#include "soup-library.h"
#include "url.h"
#include "user-file.h"

#include <gio/gio.h>

#include <sys/stat.h>
#include <unistd.h>

#define MAX_ANCHOR_BYTES ((gsize)16 * 1024 * 1024)

static char *
read_host (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  return uri ? g_ascii_strdown (g_uri_get_host (uri), -1) : NULL;
}

gboolean
genvid_trust_check_file (const char *ca_file, GError **error)
{
  int fd = genvid_user_file_open (
      ca_file, MAX_ANCHOR_BYTES,
      "Set ca-file to a file of PEM certificates of at most 16 MiB.", error);

  if (fd < 0)
    return FALSE;
  close (fd);
  return TRUE;
}

/* A connection that was trusted because of one file says nothing of another,
 * nor of what the file held before. */
static char *
name_trust (const GenvidTrust *trust, const char *path)
{
  g_autofree char *origin
      = trust->base_url ? genvid_url_origin (trust->base_url) : NULL;
  static gint n_unknown; /* atomic */
  struct stat info = { 0 };

  if (path && stat (path, &info) != 0)
    return g_strdup_printf ("%d", g_atomic_int_add (&n_unknown, 1));
  return g_strdup_printf ("%s\n%d\n%s\n%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                          " %" G_GINT64_FORMAT ".%09ld",
                          origin ? origin : "", trust->allow_private,
                          path ? path : "", (guint64)info.st_ino,
                          (guint64)info.st_size, (gint64)info.st_mtim.tv_sec,
                          info.st_mtim.tv_nsec);
}

gboolean
genvid_trust_init (GenvidTrust *trust, const char *base_url,
                   const char *ca_file, gboolean allow_private, GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;

  *trust = (GenvidTrust){ .allow_private = allow_private };
  trust->base_url = g_strdup (base_url);
  trust->base_host = base_url ? read_host (base_url) : NULL;
  if (ca_file) {
    g_autolist (GTlsCertificate) list = NULL;

    if (!genvid_trust_check_file (ca_file, error)) {
      genvid_trust_clear (trust);
      return FALSE;
    }
    path = g_canonicalize_filename (ca_file, NULL);
    /* Before it is read: a change in between makes another name. */
    name = name_trust (trust, path);
    list = g_tls_certificate_list_new_from_file (ca_file, &inner);
    if (list)
      trust->anchors = g_tls_file_database_new (path, &inner);
    if (!trust->anchors) {
      g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                   "No certificate can be read from ca-file \"%s\"%s%s. It "
                   "must be a file of PEM certificates.",
                   ca_file, inner ? ": " : "", inner ? inner->message : "");
      genvid_trust_clear (trust);
      return FALSE;
    }
  }
  trust->name
      = name != NULL ? g_steal_pointer (&name) : name_trust (trust, NULL);
  return TRUE;
}

void
genvid_trust_clear (GenvidTrust *trust)
{
  g_clear_pointer (&trust->base_url, g_free);
  g_clear_pointer (&trust->base_host, g_free);
  g_clear_pointer (&trust->name, g_free);
  g_clear_pointer (&trust->upload_origin, g_free);
  g_clear_object (&trust->anchors);
}

GTlsDatabase *
genvid_trust_get_anchors (const GenvidTrust *trust, const char *url)
{
  if (!trust->anchors || !trust->base_url)
    return NULL;
  return genvid_url_same_origin (url, trust->base_url) ? trust->anchors : NULL;
}
