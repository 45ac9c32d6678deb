/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What outlives an entry: how often its clip was bought. */

#include "store-number.h"

#include "durable-file.h"
#include "failure.h"
#include "store-private.h"
#include "store.h"

#include <string.h>
#include <unistd.h>

#define FOLDER     "numbers"
#define MAX_BYTES  32
#define MAX_NUMBER 1000000

gboolean
genvid_number_recall (GenvidStore *store, const char *fingerprint, guint *n,
                      GError **error)
{
  g_autofree char *name
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, fingerprint, -1);
  g_autoptr (GError) problem = NULL;
  guint64 number = 0;
  int folder
      = genvid_durable_file_open_folder (store->root, FOLDER, FALSE, &problem);
  g_autofree char *text
      = folder >= 0
            ? genvid_durable_file_read (folder, name, MAX_BYTES, NULL, &problem)
            : NULL;

  if (folder >= 0)
    close (folder);
  *n = 0;
  if (problem != NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  if (text == NULL)
    return TRUE;
  if (g_ascii_string_to_unsigned (g_strstrip (text), 10, 1, MAX_NUMBER, &number,
                                  NULL)) {
    *n = (guint)number;
    return TRUE;
  }
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s/" FOLDER "/%s is damaged: it tells how often this clip was "
               "bought before it was removed. Nothing was bought. Delete the "
               "file to begin to count anew, or set take to the next number.",
               store->path, name);
  return FALSE;
}

gboolean
genvid_number_keep (GenvidStore *store, const char *fingerprint, guint n,
                    GError **error)
{
  g_autofree char *text = g_strdup_printf ("%u\n", n);
  guint kept = 0;

  if (!genvid_number_recall (store, fingerprint, &kept, error))
    return FALSE;
  return kept >= n
         || genvid_store_remember (store, FOLDER, fingerprint, text, error);
}
