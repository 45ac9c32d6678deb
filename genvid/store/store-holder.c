/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "HOST PID PROGRESS" in the file of an entry's lock. It is for those who wait
 * and decides nothing: the lock does. */

#include "store-holder.h"

#include "durable-file.h"
#include "ofd-lock.h"
#include "store-private.h"

#include <string.h>
#include <unistd.h>

#define MAX_BYTES 256
#define MAX_HOST  64

void
genvid_store_entry_tell (GenvidStoreEntry *entry, int progress)
{
  if (!genvid_store_entry_is_locked (entry)
      || (entry->told && entry->progress == progress))
    return;
  g_autofree char *text = g_strdup_printf (
      "%.*s %d %d\n", MAX_HOST, g_get_host_name (), (int)getpid (), progress);
  genvid_ofd_lock_write (entry->lock, text);
  entry->told = TRUE;
  entry->progress = progress;
}

/* It is shown as it is. */
static gboolean
is_host (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("-._", text[i]) == NULL)
      return FALSE;
  return length > 0 && length <= MAX_HOST;
}

GenvidStoreHolder
genvid_store_entry_get_holder (GenvidStoreEntry *entry)
{
  GenvidStoreHolder holder = { .progress = -1 };
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  gint64 progress;

  if (entry->store->locks >= 0)
    text = genvid_durable_file_read (entry->store->locks, entry->fingerprint,
                                     MAX_BYTES, NULL, NULL);
  words = g_strsplit (text != NULL ? g_strchomp (text) : "", " ", -1);
  if (g_strv_length (words) != 3 || !is_host (words[0]))
    return holder;
  holder.host = g_strdup (words[0]);
  holder.pid = g_ascii_strtoll (words[1], NULL, 10);
  progress = g_ascii_strtoll (words[2], NULL, 10);
  if (progress >= 0 && progress <= 100)
    holder.progress = (int)progress;
  return holder;
}

gboolean
genvid_store_holder_is_elsewhere (const GenvidStoreHolder *holder)
{
  return holder->host != NULL
         && strncmp (holder->host, g_get_host_name (), MAX_HOST) != 0;
}

void
genvid_store_holder_clear (GenvidStoreHolder *holder)
{
  g_clear_pointer (&holder->host, g_free);
}
