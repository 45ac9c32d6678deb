/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One small file a key and origin, which is its own lock: it is written in
 * place and never removed. */

#include <genvid/io/genvid-allowance.h>

#include <genvid/io/genvid-file.h>
#include <genvid/io/genvid-store-private.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER    "pace"
#define MAX_BYTES 256
#define PATIENCE  (G_USEC_PER_SEC / 2)

struct _GenvidAllowance {
  int folder;
  char *name;
  GenvidLock *lock;
};

GenvidAllowance *
genvid_allowance_open (GenvidStore *store, const char *origin, const char *key)
{
  g_autoptr (GenvidAllowance) allowance = NULL;

  if (!genvid_store_check_writable (store, NULL))
    return NULL;
  allowance = g_new0 (GenvidAllowance, 1);
  /* Keyed with the key: who does not know it learns nothing of it. */
  allowance->name = g_compute_hmac_for_string (
      G_CHECKSUM_SHA256, (const guint8 *)key, strlen (key), origin, -1);
  allowance->folder = genvid_file_open_folder (store->root, FOLDER, TRUE, NULL);
  if (allowance->folder >= 0)
    allowance->lock
        = genvid_lock_wait (allowance->folder, allowance->name, PATIENCE, NULL);
  return allowance->lock != NULL ? g_steal_pointer (&allowance) : NULL;
}

void
genvid_allowance_free (GenvidAllowance *allowance)
{
  if (allowance == NULL)
    return;
  genvid_lock_free (allowance->lock);
  if (allowance->folder >= 0)
    close (allowance->folder);
  g_free (allowance->name);
  g_free (allowance);
}

/* "BOOT-ID FILLED TOKENS". FALSE: nothing is known, or of another boot: before
 * that of this machine, or of another machine, whose clock says nothing. */
static gboolean
parse (const char *text, GenvidBucket *bucket, const GenvidNow *now)
{
  gsize length = strlen (now->boot_id);
  char *end = NULL;

  if (strncmp (text, now->boot_id, length) != 0 || text[length] != ' ')
    return FALSE;
  bucket->filled = g_ascii_strtoll (text + length, &end, 10);
  if (*end != ' ')
    return FALSE;
  bucket->tokens = g_ascii_strtod (end, &end);
  return *end == '\n' && isfinite (bucket->tokens);
}

void
genvid_allowance_apply (GenvidAllowance *allowance, GenvidBucket *bucket,
                        const GenvidNow *now)
{
  g_autofree char *text = genvid_file_read (allowance->folder, allowance->name,
                                            MAX_BYTES, NULL, NULL);
  GenvidBucket theirs = *bucket;

  if (text != NULL && parse (text, &theirs, now))
    genvid_bucket_join (bucket, &theirs, now->boot);
}

void
genvid_allowance_save (GenvidAllowance *allowance, const GenvidBucket *bucket,
                       const GenvidNow *now)
{
  char tokens[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *text = g_strdup_printf (
      "%s %" G_GINT64_FORMAT " %s\n", now->boot_id, bucket->filled,
      g_ascii_dtostr (tokens, sizeof tokens, bucket->tokens));
  int fd = genvid_file_open (allowance->folder, allowance->name,
                             O_WRONLY | O_TRUNC, NULL);

  if (fd < 0)
    return;
  genvid_file_write (fd, text, strlen (text), NULL);
  close (fd);
}
