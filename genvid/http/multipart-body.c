/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A multipart body as a stream: prologue, file, epilogue. Constant memory
 * whatever the file's size. The name on the wire is neutral, since a path may
 * tell more than its owner wants. libsoup reads it in a thread of its own, so
 * what the transport asks meanwhile is atomic. */
#include "multipart-body.h"

#include "failure.h"
#include "file-hash.h"

#include <gio/gio.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _GenvidMultipartBody {
  GInputStream parent_instance;
  int fd;
  guint64 size; /* of the file */
  guint64 read; /* of the file, so far */
  GString *prologue;
  GString *epilogue;
  gsize prologue_read;
  gsize epilogue_read;
  char *content_type;
  char *sha256;
  GChecksum *checksum; /* NULL once judged */
  int changed;         /* atomic */
};

G_DEFINE_FINAL_TYPE (GenvidMultipartBody, genvid_multipart_body,
                     G_TYPE_INPUT_STREAM)

typedef struct {
  const char *magic;
  gsize length;
  gsize offset;
  const char *extension;
  const char *type;
} Kind;

static const Kind kinds[] = {
  { "\x89PNG\r\n\x1a\n", 8, 0, "png", "image/png" },
  { "\xff\xd8\xff", 3, 0, "jpg", "image/jpeg" },
  { "GIF8", 4, 0, "gif", "image/gif" },
  { "WEBP", 4, 8, "webp", "image/webp" },
  { "ftypavif", 8, 4, "avif", "image/avif" },
  { "ftypheic", 8, 4, "heic", "image/heic" },
  { "BM", 2, 0, "bmp", "image/bmp" },
};
static const Kind unknown = { "", 0, 0, "bin", "application/octet-stream" };

static const Kind *
find_kind (const guint8 *head, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    const Kind *kind = &kinds[i];

    if (kind->offset + kind->length <= length
        && !memcmp (head + kind->offset, kind->magic, kind->length))
      return kind;
  }
  return &unknown;
}

static gsize
take_text (GString *text, gsize *taken, guint8 *buffer, gsize count)
{
  gsize n = MIN (count, text->len - *taken);

  memcpy (buffer, text->str + *taken, n);
  *taken += n;
  return n;
}

static gssize
fail_changed (GenvidMultipartBody *upload, GError **error)
{
  g_atomic_int_set (&upload->changed, TRUE);
  g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                       "The file changed after it was first read.");
  return -1;
}

static gssize
read_file (GenvidMultipartBody *upload, guint8 *buffer, gsize count,
           GError **error)
{
  gssize n;

  count = MIN (count, upload->size - upload->read);
  do
    n = read (upload->fd, buffer, count);
  while (n < 0 && errno == EINTR);
  if (n < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 "The file cannot be read: %s.", g_strerror (errno));
    return -1;
  }
  if (n == 0)
    return fail_changed (upload, error);
  g_checksum_update (upload->checksum, buffer, n);
  upload->read += n;
  return n;
}

/* After the last byte: nothing must follow, and the sum must be right. */
static gboolean
judge_file (GenvidMultipartBody *upload)
{
  g_autoptr (GChecksum) checksum = g_steal_pointer (&upload->checksum);
  guint8 more;

  if (read (upload->fd, &more, 1) != 0)
    return FALSE;
  return !upload->sha256
         || !g_ascii_strcasecmp (upload->sha256,
                                 g_checksum_get_string (checksum));
}

static gssize
upload_read (GInputStream *stream, void *buffer, gsize count,
             GCancellable *cancellable, GError **error)
{
  GenvidMultipartBody *upload = GENVID_MULTIPART_BODY (stream);

  if (upload->prologue_read < upload->prologue->len)
    return take_text (upload->prologue, &upload->prologue_read, buffer, count);
  if (g_atomic_int_get (&upload->changed))
    return fail_changed (upload, error);
  if (upload->read < upload->size)
    return read_file (upload, buffer, count, error);
  if (upload->checksum && !judge_file (upload))
    return fail_changed (upload, error);
  return take_text (upload->epilogue, &upload->epilogue_read, buffer, count);
}

static void
genvid_multipart_body_finalize (GObject *object)
{
  GenvidMultipartBody *upload = GENVID_MULTIPART_BODY (object);

  if (upload->fd >= 0)
    close (upload->fd);
  g_string_free (upload->prologue, TRUE);
  g_string_free (upload->epilogue, TRUE);
  g_free (upload->content_type);
  g_free (upload->sha256);
  g_clear_pointer (&upload->checksum, g_checksum_free);
  G_OBJECT_CLASS (genvid_multipart_body_parent_class)->finalize (object);
}

static void
genvid_multipart_body_class_init (GenvidMultipartBodyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = genvid_multipart_body_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = upload_read;
}

static void
genvid_multipart_body_init (GenvidMultipartBody *upload)
{
  upload->fd = -1;
  upload->prologue = g_string_new (NULL);
  upload->epilogue = g_string_new (NULL);
  upload->checksum = g_checksum_new (G_CHECKSUM_SHA256);
}

/* RFC 7578 quotes like HTML forms do. */
static char *
quote_part (const char *part)
{
  GString *text = g_string_new (part);

  g_string_replace (text, "\"", "%22", 0);
  g_string_replace (text, "\r", "%0D", 0);
  g_string_replace (text, "\n", "%0A", 0);
  return g_string_free (text, FALSE);
}

GenvidMultipartBody *
genvid_multipart_body_new (const char *part, const char *path,
                           const char *sha256, GError **error)
{
  g_autoptr (GenvidMultipartBody) upload
      = g_object_new (GENVID_TYPE_MULTIPART_BODY, NULL);
  g_autofree char *boundary = g_uuid_string_random ();
  g_autofree char *name = quote_part (part);
  guint8 head[16];
  const Kind *kind;
  gssize n;

  upload->fd = genvid_image_open (path, "the input", &upload->size, error);
  if (upload->fd < 0)
    return NULL;
  n = pread (upload->fd, head, sizeof head, 0);
  kind = find_kind (head, MAX (n, 0));
  upload->sha256 = g_strdup (sha256);
  upload->content_type
      = g_strdup_printf ("multipart/form-data; boundary=%s", boundary);
  g_string_printf (upload->prologue,
                   "--%s\r\nContent-Disposition: form-data; name=\"%s\"; "
                   "filename=\"%s.%s\"\r\nContent-Type: %s\r\n\r\n",
                   boundary, name, kind == &unknown ? "file" : "image",
                   kind->extension, kind->type);
  g_string_printf (upload->epilogue, "\r\n--%s--\r\n", boundary);
  return g_steal_pointer (&upload);
}

guint64
genvid_multipart_body_get_length (GenvidMultipartBody *upload)
{
  return upload->prologue->len + upload->size + upload->epilogue->len;
}

const char *
genvid_multipart_body_get_content_type (GenvidMultipartBody *upload)
{
  return upload->content_type;
}

gboolean
genvid_multipart_body_has_changed (GenvidMultipartBody *upload)
{
  return g_atomic_int_get (&upload->changed);
}
