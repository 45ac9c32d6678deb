/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A body as a list of segments, each a text or a file, read one after the
 * other. libsoup reads it in a thread of its own, so what the transport asks
 * meanwhile is atomic. Rejected: SoupMultipart, which keeps every part in
 * memory. */
#include "streamed-body.h"

#include "exchange.h"
#include "failure.h"
#include "file-hash.h"

#include <gio/gio.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A multiple of 3, so that base64 has no rest between two blocks. */
#define BLOCK (48 * 1024)

typedef struct {
  GBytes *text; /* NULL: a file */
  char *path;
  char *sha256; /* nullable */
  guint64 size;
  gboolean base64;
} Segment;

struct _GenvidStreamedBody {
  GInputStream parent_instance;
  GArray *segments;
  char *content_type;
  guint64 length;
  int changed; /* atomic */

  /* Where the reading is. */
  guint index;
  guint64 read;        /* of the segment */
  int fd;              /* of its file; -1: not open */
  GChecksum *checksum; /* of its file */
  GByteArray *held;    /* read, but not handed out */
  gsize given;         /* of that */
};

G_DEFINE_FINAL_TYPE (GenvidStreamedBody, genvid_streamed_body,
                     G_TYPE_INPUT_STREAM)

static void
clear_segment (gpointer data)
{
  Segment *segment = data;

  g_clear_pointer (&segment->text, g_bytes_unref);
  g_free (segment->path);
  g_free (segment->sha256);
}

static Segment *
get_segment (GenvidStreamedBody *body)
{
  return &g_array_index (body->segments, Segment, body->index);
}

static gboolean
fail_changed (GenvidStreamedBody *body, GError **error)
{
  g_atomic_int_set (&body->changed, TRUE);
  g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                       "The file changed after it was first read.");
  return FALSE;
}

static void
close_file (GenvidStreamedBody *body)
{
  if (body->fd >= 0)
    close (body->fd);
  body->fd = -1;
}

static gboolean
open_file (GenvidStreamedBody *body, const Segment *segment, GError **error)
{
  guint64 size = 0;

  body->fd = genvid_image_open (segment->path, "the input", &size, NULL);
  if (body->fd < 0 || size != segment->size)
    return fail_changed (body, error);
  g_checksum_reset (body->checksum);
  return TRUE;
}

/* With its last byte: nothing must follow, and the sum must be right. */
static gboolean
judge_file (GenvidStreamedBody *body, const Segment *segment)
{
  guint8 more;

  if (TEMP_FAILURE_RETRY (read (body->fd, &more, 1)) != 0)
    return FALSE;
  return segment->sha256 == NULL
         || g_ascii_strcasecmp (segment->sha256,
                                g_checksum_get_string (body->checksum))
                == 0;
}

/* The next block of the file, whole but for the last one. */
static gssize
read_block (int fd, guint8 *block, gsize wanted)
{
  gsize done = 0;
  gssize n = 1;

  while (done < wanted && n > 0) {
    n = TEMP_FAILURE_RETRY (read (fd, block + done, wanted - done));
    done += (gsize)MAX (n, 0);
  }
  return n < 0 ? -1 : (gssize)done;
}

static void
hold (GenvidStreamedBody *body, const guint8 *block, gsize length,
      gboolean base64)
{
  g_autofree char *text = base64 ? g_base64_encode (block, length) : NULL;

  g_byte_array_set_size (body->held, 0);
  body->given = 0;
  if (text != NULL)
    g_byte_array_append (body->held, (const guint8 *)text, strlen (text));
  else
    g_byte_array_append (body->held, block, length);
}

static gboolean
fill_from_file (GenvidStreamedBody *body, const Segment *segment,
                GError **error)
{
  g_autofree guint8 *block = g_malloc (BLOCK);
  gsize wanted = MIN (BLOCK, segment->size - body->read);
  gssize n;

  if (body->fd < 0 && !open_file (body, segment, error))
    return FALSE;
  n = read_block (body->fd, block, wanted);
  if (n < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 "The file cannot be read: %s.", g_strerror (errno));
    return FALSE;
  }
  g_checksum_update (body->checksum, block, n);
  body->read += (gsize)n;
  if ((gsize)n < wanted
      || (body->read == segment->size && !judge_file (body, segment)))
    return fail_changed (body, error);
  hold (body, block, n, segment->base64);
  return TRUE;
}

/* TRUE: there is something to hand out, or the body is at its end. */
static gboolean
fill (GenvidStreamedBody *body, GError **error)
{
  while (body->given == body->held->len && body->index < body->segments->len) {
    Segment *segment = get_segment (body);

    if (body->read == segment->size) {
      close_file (body);
      body->index++;
      body->read = 0;
    } else if (segment->text != NULL) {
      hold (body, g_bytes_get_data (segment->text, NULL), segment->size, FALSE);
      body->read = segment->size;
    } else if (!fill_from_file (body, segment, error)) {
      return FALSE;
    }
  }
  return TRUE;
}

static gssize
genvid_streamed_body_read (GInputStream *stream, void *buffer, gsize count,
                           GCancellable *cancellable, GError **error)
{
  GenvidStreamedBody *body = GENVID_STREAMED_BODY (stream);
  gsize n;

  if (g_atomic_int_get (&body->changed))
    return fail_changed (body, error) ? 0 : -1;
  if (!fill (body, error))
    return -1;
  n = MIN (count, body->held->len - body->given);
  memcpy (buffer, body->held->data + body->given, n);
  body->given += n;
  return (gssize)n;
}

static void
genvid_streamed_body_finalize (GObject *object)
{
  GenvidStreamedBody *body = GENVID_STREAMED_BODY (object);

  close_file (body);
  g_array_unref (body->segments);
  g_free (body->content_type);
  g_checksum_free (body->checksum);
  g_byte_array_unref (body->held);
  G_OBJECT_CLASS (genvid_streamed_body_parent_class)->finalize (object);
}

static void
genvid_streamed_body_class_init (GenvidStreamedBodyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = genvid_streamed_body_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = genvid_streamed_body_read;
}

static void
genvid_streamed_body_init (GenvidStreamedBody *body)
{
  body->fd = -1;
  body->segments = g_array_new (FALSE, TRUE, sizeof (Segment));
  g_array_set_clear_func (body->segments, clear_segment);
  body->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  body->held = g_byte_array_new ();
}

/* Making it. */

static void
add_text (GenvidStreamedBody *body, GBytes *text)
{
  Segment segment
      = { .text = g_bytes_ref (text), .size = g_bytes_get_size (text) };

  body->length += segment.size;
  g_array_append_val (body->segments, segment);
}

static void
add_line (GenvidStreamedBody *body, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  add_text (body, bytes);
}

/* A submit that goes out with another file than the one that was meant would
 * have to be stopped half-way, and would leave a doubt behind. */
static gboolean
check_hash (const GenvidBodyPiece *piece, GError **error)
{
  g_autofree char *sha256
      = genvid_file_hash (piece->file.path, "the input", error);

  if (sha256 == NULL)
    return FALSE;
  if (piece->file.sha256 == NULL
      || g_ascii_strcasecmp (piece->file.sha256, sha256) == 0)
    return TRUE;
  return genvid_error_refuse (error,
                              "The file \"%s\" changed after it was first read",
                              piece->file.path);
}

static gboolean
add_file (GenvidStreamedBody *body, const GenvidBodyPiece *piece,
          gboolean check, GError **error)
{
  Segment segment = { .base64 = piece->base64 };
  int fd
      = genvid_image_open (piece->file.path, "the input", &segment.size, error);

  if (fd < 0)
    return FALSE;
  close (fd);
  if (check && !check_hash (piece, error))
    return FALSE;
  segment.path = g_strdup (piece->file.path);
  segment.sha256 = g_strdup (piece->file.sha256);
  body->length += segment.base64 ? (segment.size + 2) / 3 * 4 : segment.size;
  g_array_append_val (body->segments, segment);
  return TRUE;
}

/* RFC 7578 quotes like HTML forms do. */
static char *
quote_name (const char *name)
{
  GString *text = g_string_new (name);

  g_string_replace (text, "\"", "%22", 0);
  g_string_replace (text, "\r", "%0D", 0);
  g_string_replace (text, "\n", "%0A", 0);
  return g_string_free (text, FALSE);
}

static void
add_head (GenvidStreamedBody *body, const GenvidBodyPart *part,
          const char *boundary)
{
  g_autoptr (GString) head = g_string_new (NULL);
  g_autofree char *name = quote_name (part->name);

  g_string_printf (head, "--%s\r\nContent-Disposition: form-data; name=\"%s\"",
                   boundary, name);
  if (part->file_name != NULL)
    g_string_append_printf (head, "; filename=\"%s\"", part->file_name);
  if (part->type != NULL)
    g_string_append_printf (head, "\r\nContent-Type: %s", part->type);
  g_string_append (head, "\r\n\r\n");
  add_line (body, head->str);
}

static gboolean
add_pieces (GenvidStreamedBody *body, const GenvidBodyPart *part,
            gboolean check, GError **error)
{
  for (guint i = 0; i < part->pieces->len; i++) {
    const GenvidBodyPiece *piece = g_ptr_array_index (part->pieces, i);

    if (piece->text != NULL)
      add_text (body, piece->text);
    else if (!add_file (body, piece, check, error))
      return FALSE;
  }
  return TRUE;
}

static void
hash_text (GChecksum *checksum, const char *text)
{
  g_checksum_update (checksum, (const guchar *)(text != NULL ? text : ""), -1);
  g_checksum_update (checksum, (const guchar *)"", 1);
}

static void
hash_part (GChecksum *checksum, const GenvidBodyPart *part)
{
  hash_text (checksum, part->name);
  for (guint i = 0; i < part->pieces->len; i++) {
    const GenvidBodyPiece *piece = g_ptr_array_index (part->pieces, i);
    gsize length = 0;
    const guchar *data
        = piece->text != NULL ? g_bytes_get_data (piece->text, &length) : NULL;

    hash_text (checksum, piece->file.sha256);
    if (length > 0)
      g_checksum_update (checksum, data, (gssize)length);
  }
}

/* The same body has the same boundary, as a replay needs it; and no part can
 * hold the hash of itself. */
static char *
make_boundary (const GenvidExchange *exchange)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < exchange->parts->len; i++)
    hash_part (checksum, g_ptr_array_index (exchange->parts, i));
  return g_strdup_printf ("genvid-%.40s", g_checksum_get_string (checksum));
}

static gboolean
add_form (GenvidStreamedBody *body, const GenvidExchange *exchange,
          gboolean check, GError **error)
{
  g_autofree char *boundary = make_boundary (exchange);
  g_autofree char *end = g_strdup_printf ("--%s--\r\n", boundary);

  for (guint i = 0; i < exchange->parts->len; i++) {
    const GenvidBodyPart *part = g_ptr_array_index (exchange->parts, i);

    add_head (body, part, boundary);
    if (!add_pieces (body, part, check, error))
      return FALSE;
    add_line (body, "\r\n");
  }
  add_line (body, end);
  body->content_type
      = g_strdup_printf ("%s; boundary=%s", exchange->content_type, boundary);
  return TRUE;
}

GenvidStreamedBody *
genvid_streamed_body_new (const GenvidExchange *exchange, GError **error)
{
  g_autoptr (GenvidStreamedBody) body
      = g_object_new (GENVID_TYPE_STREAMED_BODY, NULL);
  const GenvidBodyPart *first = g_ptr_array_index (exchange->parts, 0);
  gboolean check = exchange->kind == GENVID_EXCHANGE_SUBMIT;
  gboolean good;

  if (first->name != NULL) {
    good = add_form (body, exchange, check, error);
  } else {
    good = add_pieces (body, first, check, error);
    body->content_type = g_strdup (exchange->content_type);
  }
  return good ? g_steal_pointer (&body) : NULL;
}

guint64
genvid_streamed_body_get_length (GenvidStreamedBody *body)
{
  return body->length;
}

const char *
genvid_streamed_body_get_content_type (GenvidStreamedBody *body)
{
  return body->content_type;
}

gboolean
genvid_streamed_body_has_changed (GenvidStreamedBody *body)
{
  return g_atomic_int_get (&body->changed);
}
