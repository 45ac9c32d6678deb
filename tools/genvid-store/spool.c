/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sorts texts in an unnamed file: a store may have more purchases than fit into
 * memory at once. */

#include "spool.h"

#include <errno.h>
#include <stdio.h>

#include <gio/gio.h>

typedef struct {
  gint64 time;
  gint64 offset;
  gsize length;
} Place;

struct _Spool {
  FILE *file;
  GArray *places;
  gint64 end;
};

static gboolean
complain (GError **error)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code),
               "Cannot use a temporary file: %s. Free some space in its "
               "folder, or set TMPDIR to another folder.",
               g_strerror (code));
  return FALSE;
}

Spool *
spool_new (GError **error)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("genvid-store-XXXXXX", &path, error);
  Spool *spool;

  if (fd < 0)
    return NULL;
  remove (path);
  spool = g_new0 (Spool, 1);
  spool->file = fdopen (fd, "w+");
  spool->places = g_array_new (FALSE, FALSE, sizeof (Place));
  return spool;
}

void
spool_free (Spool *spool)
{
  fclose (spool->file);
  g_array_unref (spool->places);
  g_free (spool);
}

gboolean
spool_add (Spool *spool, gint64 time, const char *text, gsize length,
           GError **error)
{
  Place place = { time, spool->end, length };

  if (fwrite (text, 1, length, spool->file) != length)
    return complain (error);
  spool->end += (gint64)length;
  g_array_append_val (spool->places, place);
  return TRUE;
}

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *first = a;
  const Place *second = b;

  if (first->time != second->time)
    return first->time < second->time ? -1 : 1;
  return first->offset < second->offset ? -1 : first->offset > second->offset;
}

gboolean
spool_each (Spool *spool, SpoolVisit visit, gpointer data, GError **error)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();

  g_array_sort (spool->places, compare_places);
  for (guint i = 0; i < spool->places->len; i++) {
    const Place *place = &g_array_index (spool->places, Place, i);

    g_byte_array_set_size (text, (guint)place->length);
    if (fseeko (spool->file, place->offset, SEEK_SET) != 0
        || fread (text->data, 1, place->length, spool->file) != place->length)
      return complain (error);
    visit ((const char *)text->data, place->length, data);
  }
  return TRUE;
}
