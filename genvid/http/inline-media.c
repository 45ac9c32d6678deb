/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clip in base64 within a JSON text. Which string it is, the path can tell
 * only at the end, and the bytes are wanted at once; so the first long string
 * that begins like a clip is decoded, and at the end the path must lead to that
 * very string. Rejected: keeping the whole answer, or asking for it twice. */
#include "inline-media.h"

#include "container.h"
#include "failure.h"
#include "json-path.h"
#include "json-reader.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* Stands behind the beginning of a cut string, with its number. No text that
 * JSON allows unescaped has it. */
#define MARK "\\u0001"

typedef enum {
  OUTSIDE,
  INSIDE,  /* a string */
  ESCAPE,  /* behind its backslash */
  UNICODE, /* in the digits of \uXXXX */
} Where;

struct _GenvidInlineMedia {
  char *path; /* nullable */
  GByteArray *text;
  Where where;
  guint digits;     /* still to come */
  gunichar unicode; /* so far */
  gsize length;     /* of this string, so far */
  gboolean cut;     /* it is longer than may be kept */
  guint n_cut;      /* strings that were */
  GString *head;    /* its beginning, without escapes, until it is cut */
  guint found;      /* the number of the string that is the clip; 0: none yet */
  gboolean ended;   /* that string has */
  gboolean padded;  /* "=" came */
  guint32 bits;
  guint n_bits;
  GByteArray *made; /* decoded and not handed out yet */
  GError *error;
};

GenvidInlineMedia *
genvid_inline_media_new (const char *path)
{
  GenvidInlineMedia *media = g_new0 (GenvidInlineMedia, 1);

  media->path = g_strdup (path);
  media->text = g_byte_array_new ();
  media->made = g_byte_array_new ();
  media->head = g_string_new (NULL);
  return media;
}

void
genvid_inline_media_free (GenvidInlineMedia *media)
{
  if (media == NULL)
    return;
  g_free (media->path);
  g_byte_array_unref (media->text);
  g_byte_array_unref (media->made);
  g_string_free (media->head, TRUE);
  g_clear_error (&media->error);
  g_free (media);
}

/* --- Base64. --- */

static int
read_digit (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '+' || c == '-')
    return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

/* FALSE: C is none of it. */
static gboolean
decode_one (GenvidInlineMedia *media, char c)
{
  int digit = read_digit (c);
  guint8 byte;

  if (c == '=' || g_ascii_isspace (c)) {
    media->padded |= c == '=';
    return TRUE;
  }
  if (digit < 0 || media->padded)
    return FALSE;
  media->bits = media->bits << 6 | (guint)digit;
  media->n_bits += 6;
  if (media->n_bits < 8)
    return TRUE;
  media->n_bits -= 8;
  byte = (guint8)(media->bits >> media->n_bits);
  g_byte_array_append (media->made, &byte, 1);
  return TRUE;
}

static void
decode_text (GenvidInlineMedia *media, const char *text, gsize length)
{
  for (gsize i = 0; i < length && media->error == NULL; i++)
    if (!decode_one (media, text[i]))
      g_set_error (&media->error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA,
                   "The clip in the answer is not valid base64.");
}

/* Of "data:video/mp4;base64,AAAA" what is behind the comma. */
static const char *
skip_type (const GString *head)
{
  const char *comma = NULL;

  if (g_str_has_prefix (head->str, "data:"))
    comma = strchr (head->str, ',');
  return comma != NULL ? comma + 1 : head->str;
}

static gboolean
is_clip (const GByteArray *bytes)
{
  GenvidContainer kind = genvid_container_sniff (bytes->data, bytes->len, TRUE);

  return kind == GENVID_CONTAINER_MP4 || kind == GENVID_CONTAINER_WEBM;
}

/* A string has turned out to be long. */
static void
judge_string (GenvidInlineMedia *media)
{
  const char *text = skip_type (media->head);

  media->padded = FALSE;
  media->bits = media->n_bits = 0;
  decode_text (media, text, strlen (text));
  if (media->error == NULL && is_clip (media->made)) {
    media->found = media->n_cut;
    return;
  }
  g_clear_error (&media->error);
  g_byte_array_set_size (media->made, 0);
}

/* --- The text. --- */

static void
keep (GenvidInlineMedia *media, const char *text, gsize length)
{
  if (media->text->len + length > GENVID_JSON_MAX_BYTES) {
    if (media->error == NULL)
      g_set_error (&media->error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
                   "The answer is too long, even without the clip in it.");
    return;
  }
  g_byte_array_append (media->text, (const guint8 *)text, length);
}

static gboolean
is_decoded (const GenvidInlineMedia *media)
{
  return media->cut && media->found == media->n_cut && !media->ended;
}

/* One character of a string, without its escape. */
static void
take_character (GenvidInlineMedia *media, gunichar c)
{
  if (!media->cut)
    g_string_append_unichar (media->head, c);
  else if (is_decoded (media))
    decode_text (media, &(char){ c < 0x80 ? (char)c : '\1' }, 1);
}

static void
cut_string (GenvidInlineMedia *media)
{
  g_autofree char *mark = NULL;

  media->cut = TRUE;
  media->n_cut++;
  if (media->path == NULL)
    return;
  mark = g_strdup_printf (MARK "%u", media->n_cut);
  keep (media, mark, strlen (mark));
  if (media->found == 0)
    judge_string (media);
}

static void
end_string (GenvidInlineMedia *media)
{
  media->where = OUTSIDE;
  if (is_decoded (media))
    media->ended = TRUE;
  media->cut = FALSE;
}

static void
begin_string (GenvidInlineMedia *media)
{
  media->where = INSIDE;
  media->length = 0;
  g_string_truncate (media->head, 0);
}

static void
take_escape (GenvidInlineMedia *media, char c)
{
  media->where = INSIDE;
  if (c == 'u') {
    media->where = UNICODE;
    media->digits = 4;
    media->unicode = 0;
  } else if (c == 'n' || c == 'r' || c == 't') {
    take_character (media, ' ');
  } else {
    take_character (media, (gunichar)(guchar)c);
  }
}

static void
take_unicode (GenvidInlineMedia *media, char c)
{
  media->unicode = media->unicode << 4 | (g_ascii_xdigit_value (c) & 0xf);
  if (--media->digits > 0)
    return;
  media->where = INSIDE;
  take_character (media, g_unichar_validate (media->unicode) ? media->unicode
                                                             : 0xfffd);
}

/* Between two characters. */
static gboolean
may_cut (const GenvidInlineMedia *media, char c)
{
  return !media->cut && media->where == INSIDE
         && media->length >= GENVID_INLINE_LONG && ((guchar)c & 0xc0) != 0x80;
}

static void
take_byte (GenvidInlineMedia *media, char c)
{
  if (media->where == OUTSIDE) {
    keep (media, &c, 1);
    if (c == '"')
      begin_string (media);
    return;
  }
  if (may_cut (media, c) && c != '"')
    cut_string (media);
  if (!media->cut || (c == '"' && media->where == INSIDE))
    keep (media, &c, 1);
  media->length++;
  if (media->where == ESCAPE)
    take_escape (media, c);
  else if (media->where == UNICODE)
    take_unicode (media, c);
  else if (c == '"')
    end_string (media);
  else if (c == '\\')
    media->where = ESCAPE;
  else
    take_character (media, (guchar)c < 0x80 ? (gunichar)c : 0xfffd);
}

/* --- From outside. --- */

static gsize
hand_out (GenvidInlineMedia *media, guint8 *buffer, gsize room)
{
  gsize n = MIN (room, media->made->len);

  if (n == 0)
    return 0;
  memcpy (buffer, media->made->data, n);
  g_byte_array_remove_range (media->made, 0, n);
  return n;
}

gsize
genvid_inline_media_decode (GenvidInlineMedia *media, GenvidPiece *piece,
                            guint8 *buffer, gsize room, GError **error)
{
  while (piece->length > 0 && media->made->len < room && media->error == NULL) {
    take_byte (media, (char)*piece->data);
    piece->data++;
    piece->length--;
  }
  if (media->error != NULL) {
    g_propagate_error (error, g_steal_pointer (&media->error));
    return 0;
  }
  return hand_out (media, buffer, room);
}

gboolean
genvid_inline_media_keep (GenvidInlineMedia *media, GenvidPiece piece)
{
  for (gsize i = 0; i < piece.length && media->error == NULL; i++)
    take_byte (media, (char)piece.data[i]);
  return media->error == NULL;
}

GByteArray *
genvid_inline_media_take_text (GenvidInlineMedia *media)
{
  GByteArray *text = media->text;

  media->text = g_byte_array_new ();
  return text;
}

/* The number of the cut string at the path; 0: there is none. */
static guint
find_number (const GenvidInlineMedia *media, JsonNode *root, GError **error)
{
  g_autoptr (GenvidJsonPath) path = genvid_json_path_new (media->path, error);
  JsonNode *node = path != NULL ? genvid_json_path_get (path, root) : NULL;
  const char *text = NULL;
  const char *mark;

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    text = json_node_get_string (node);
  mark = text != NULL ? strrchr (text, '\1') : NULL;
  return mark != NULL ? (guint)g_ascii_strtoull (mark + 1, NULL, 10) : 0;
}

gboolean
genvid_inline_media_finish (GenvidInlineMedia *media, GError **error)
{
  g_autoptr (JsonNode) root = genvid_json_reader_parse (
      (const char *)media->text->data, media->text->len, error);

  if (root == NULL)
    return FALSE;
  if (media->found != 0 && find_number (media, root, NULL) == media->found)
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA,
               "The answer has no clip at %s.", media->path);
  return FALSE;
}
