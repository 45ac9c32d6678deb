/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is answered: the honest service's few calls, and the row's lie where
 * it belongs. */
#include "liar-private.h"

#include "fake-service.h"

#include <stdio.h>
#include <string.h>

#define CLIP_SIZE 300000
#define BLANKS    (64 << 20)
#define PICTURE                                                                \
  "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 16\r\n\r\n"   \
  "$<89504e470d0a1a0a>$*8(x)"

GBytes *
liar_get_clip (void)
{
  static GBytes *clip;

  if (clip == NULL)
    clip = fake_clip_new (CLIP_SIZE, FALSE, 3);
  return clip;
}

static void
add_text (GByteArray *out, const char *text)
{
  g_byte_array_append (out, (const guint8 *)text, (guint)strlen (text));
}

static void
add_clip (GByteArray *out, gsize from, gsize end)
{
  const guint8 *data = g_bytes_get_data (liar_get_clip (), NULL);

  g_byte_array_append (out, data + from, (guint)(end - from));
}

/* --- Honest bodies. --- */

static char *
get_link (Liar *liar)
{
  const LiarRow *row = liar->row;

  if (row->place == LIAR_LINK && !liar->honest
      && (row->times == 0 || liar->lies < row->times)) {
    GByteArray *text = g_byte_array_new ();

    liar->lies++;
    liar_expand (liar, text, row->answer);
    g_byte_array_append (text, (const guint8 *)"", 1);
    return (char *)g_byte_array_free (text, FALSE);
  }
  return g_strconcat (liar->urls[1], "/clip.mp4", NULL);
}

/* What must be cancelled is running, until all is honest. */
static gboolean
is_running (Liar *liar)
{
  return liar->row->place == LIAR_CANCEL && !liar->honest;
}

static char *
make_poll (Liar *liar)
{
  g_autofree char *link = get_link (liar);

  if (liar->row->flags & LIAR_FILES)
    return g_strdup ("{\"id\":\"job-7\",\"status\":\"completed\"}");
  if (liar->row->flags & LIAR_GENPRO)
    return g_strdup_printf ("{\"id\":\"job-7\",\"status\":\"%s\","
                            "\"output_resources\":[{\"object_type\":\"video\","
                            "\"url\":\"%s\"}]}",
                            is_running (liar) ? "processing" : "completed",
                            link);
  if (liar->row->flags & LIAR_AIMLAPI)
    return g_strdup_printf ("{\"id\":\"job-7\",\"status\":\"completed\","
                            "\"video\":{\"url\":\"%s\"}}",
                            link);
  return g_strdup_printf (
      "{\"job\":{\"id\":\"job-7\",\"status\":\"completed\"},"
      "\"result_data\":{\"video_url\":\"%s\"}}",
      link);
}

static const char *
get_receipt (Liar *liar)
{
  if (liar->row->flags & LIAR_GENPRO)
    return "{\"generation_id\":\"job-7\",\"status\":\"pending\"}";
  if (liar->row->flags & (LIAR_FILES | LIAR_AIMLAPI))
    return "{\"id\":\"job-7\",\"status\":\"queued\"}";
  return "{\"job\":{\"id\":\"job-7\",\"status\":\"queued\"}}";
}

static GBytes *
pack (const char *text, gsize n_blanks)
{
  static const char blanks[] = "                                ";
  g_autoptr (GConverter) zlib
      = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream
      = g_converter_output_stream_new (memory, zlib);

  for (gsize n = 0; n < n_blanks; n += sizeof blanks - 1)
    g_output_stream_write_all (stream, blanks, sizeof blanks - 1, NULL, NULL,
                               NULL);
  g_output_stream_write_all (stream, text, strlen (text), NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (
      G_MEMORY_OUTPUT_STREAM (memory));
}

/* --- The row's text. --- */

static void
add_word (Liar *liar, GByteArray *out, char word)
{
  gsize size = g_bytes_get_size (liar_get_clip ());
  g_autofree char *poll = NULL;
  g_autofree char *number = NULL;
  g_autoptr (GBytes) packed = NULL;

  switch (word) {
  case 'B':
  case 'C':
    add_text (out, liar->urls[word - 'B']);
    break;
  case 'D':
  case 'E':
    add_text (out, liar->others[word - 'D']);
    break;
  case 'K':
    add_clip (out, 0, size);
    break;
  case 'H':
    add_clip (out, 0, size / 2);
    break;
  case 'R':
    add_clip (out, size / 2, size);
    break;
  case 'L':
  case 'M':
    number
        = g_strdup_printf ("%" G_GSIZE_FORMAT, word == 'L' ? size : size / 2);
    add_text (out, number);
    break;
  case 'P':
    poll = make_poll (liar);
    add_text (out, poll);
    break;
  case 'Y':
    add_text (out, liar->key);
    break;
  case 'S':
    add_text (out, get_receipt (liar));
    break;
  case 'Q':
    poll = make_poll (liar);
    number = g_strdup_printf ("%" G_GSIZE_FORMAT, strlen (poll));
    add_text (out, number);
    break;
  case 'G':
  case 'Z':
    packed = pack (get_receipt (liar), word == 'Z' ? BLANKS : 0);
    g_byte_array_append (out, g_bytes_get_data (packed, NULL),
                         (guint)g_bytes_get_size (packed));
    break;
  default:
    g_error ("$%c means nothing", word);
  }
}

static const char *
add_hex (GByteArray *out, const char *text)
{
  while (*text != '>') {
    guint8 byte = (guint8)(g_ascii_xdigit_value (text[0]) * 16
                           + g_ascii_xdigit_value (text[1]));

    g_byte_array_append (out, &byte, 1);
    text += 2;
  }
  return text + 1;
}

static const char *
add_again (Liar *liar, GByteArray *out, const char *text)
{
  char *open;
  guint64 n = g_ascii_strtoull (text, &open, 10);
  gsize length = strcspn (open, ")") - 1;
  g_autofree char *piece = g_strndup (open + 1, length);
  g_autoptr (GByteArray) once = g_byte_array_new ();

  liar_expand (liar, once, piece);
  while (n-- > 0)
    g_byte_array_append (out, once->data, once->len);
  return open + length + 2;
}

void
liar_expand (Liar *liar, GByteArray *out, const char *text)
{
  while (*text != '\0') {
    gsize length = strcspn (text, "$");

    g_byte_array_append (out, (const guint8 *)text, (guint)length);
    text += length;
    if (*text == '\0')
      return;
    if (text[1] == '<') {
      text = add_hex (out, text + 2);
    } else if (text[1] == '*') {
      text = add_again (liar, out, text + 2);
    } else {
      add_word (liar, out, text[1]);
      text += 2;
    }
  }
}

void
liar_answer_lie (Liar *liar, LiarLine *line)
{
  const LiarRow *row = liar->row;

  liar->lies++;
  liar_expand (liar, line->out, row->answer);
  line->filler = row->filler;
  line->drip = row->drip;
  line->flags = row->flags;
  line->answered = TRUE;
}

/* --- Requests. --- */

char *
liar_get_header (const char *head, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);

  for (guint i = 1; lines[i] != NULL; i++) {
    gsize length = strlen (name);

    if (g_ascii_strncasecmp (lines[i], name, length) == 0
        && lines[i][length] == ':')
      return g_strdup (g_strstrip (lines[i] + length + 1));
  }
  return NULL;
}

static void
send_clip (LiarLine *line, const LiarRequest *request)
{
  gsize size = g_bytes_get_size (liar_get_clip ());
  g_autofree char *range = liar_get_header (request->head, "Range");
  guint64 from = 0, end = size;
  g_autofree char *head = NULL;

  if (range != NULL
      && sscanf (range, "bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, &from,
                 &end)
             == 2)
    end = MIN (end + 1, size);
  if (from >= size)
    head = g_strdup ("HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n");
  else
    head = g_strdup_printf (
        "HTTP/1.1 %s\r\nContent-Type: video/mp4\r\nETag: \"one\"\r\n"
        "Content-Range: bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT
        "/%" G_GSIZE_FORMAT "\r\nContent-Length: %" G_GUINT64_FORMAT "\r\n\r\n",
        range != NULL ? "206 Part" : "200 OK", from, end - 1, size, end - from);
  if (range == NULL && from < size) {
    char *line_start = strstr (head, "Content-Range");
    char *line_end = strstr (line_start, "\r\n") + 2;

    memmove (line_start, line_end, strlen (line_end) + 1);
  }
  add_text (line->out, head);
  if (from < size)
    add_clip (line->out, from, end);
}

static void
send_json (LiarLine *line, guint status, const char *body)
{
  g_autofree char *text
      = g_strdup_printf ("HTTP/1.1 %u X\r\nContent-Type: application/json\r\n"
                         "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                         status, strlen (body), body);

  add_text (line->out, text);
}

static LiarPlace
find_place (const LiarRequest *request)
{
  if (strstr (request->target, ".png") != NULL)
    return LIAR_PICTURE;
  if (g_str_has_prefix (request->target, "/v1/content_resources"))
    return LIAR_UPLOAD;
  if (g_str_has_suffix (request->target, "/stop"))
    return LIAR_CANCEL;
  if (request->port == 1 || strstr (request->target, ".mp4") != NULL
      || g_str_has_suffix (request->target, "/content"))
    return LIAR_MEDIA;
  return strcmp (request->method, "POST") == 0 ? LIAR_SUBMIT : LIAR_POLL;
}

static void
answer_honestly (Liar *liar, LiarLine *line, const LiarRequest *request)
{
  g_autofree char *body = NULL;

  line->filler = NULL;
  line->drip = 0;
  line->flags = 0;
  line->answered = TRUE;
  if (request->place == LIAR_MEDIA) {
    send_clip (line, request);
  } else if (request->place == LIAR_PICTURE) {
    liar_expand (liar, line->out, PICTURE);
  } else if (request->place == LIAR_UPLOAD) {
    send_json (line, 201, "{\"id\":\"picture-7\"}");
  } else if (request->place == LIAR_CANCEL) {
    send_json (line, 422, "{\"error\":\"job_cannot_be_stopped\"}");
  } else if (request->place == LIAR_SUBMIT) {
    send_json (line, 201, get_receipt (liar));
  } else if (g_str_has_prefix (request->target, "/v2/logs")) {
    send_json (line, 200, "{\"data\":[]}");
  } else {
    body = make_poll (liar);
    send_json (line, 200, body);
  }
}

/* The row says what the answer means. */
static gboolean
is_refusal (const char *end)
{
  static const char *const refusals[] = { "rejected", "unauthorized", "busy" };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (strcmp (end, refusals[i]) == 0)
      return TRUE;
  return FALSE;
}

static LiarRequest *
note_request (Liar *liar, LiarLine *line, gsize length)
{
  LiarRequest *request = g_new0 (LiarRequest, 1);
  g_auto (GStrv) words = NULL;

  request->port = line->port;
  request->head = g_strndup ((const char *)line->in->data, length);
  words = g_strsplit (request->head, " ", 3);
  request->method = g_strdup (words[0]);
  request->target
      = g_strdup (words[0] != NULL && words[1] != NULL ? words[1] : "");
  request->place = find_place (request);
  request->has_key = strstr (request->head, liar->key) != NULL;
  g_ptr_array_add (liar->requests, request);
  return request;
}

static gboolean
is_lied_to (Liar *liar, const LiarRequest *request)
{
  const LiarRow *row = liar->row;

  return !liar->honest && row->place == request->place
         && row->place != LIAR_LINK && row->place != LIAR_GREET
         && !g_str_has_prefix (request->target, "/v2/logs")
         && (row->times == 0 || liar->lies < row->times);
}

gboolean
liar_answer (Liar *liar, LiarLine *line)
{
  const guint8 *data = line->in->data;
  const guint8 *end
      = data != NULL ? memmem (data, line->in->len, "\r\n\r\n", 4) : NULL;
  g_autofree char *head = NULL;
  g_autofree char *length = NULL;
  gboolean early = !liar->honest && (liar->row->flags & LIAR_EARLY);
  LiarRequest *request;
  gsize whole;

  if (end == NULL)
    return FALSE;
  head = g_strndup ((const char *)data, (gsize)(end - data));
  length = liar_get_header (head, "Content-Length");
  whole = (gsize)(end - data) + 4
          + (length != NULL ? g_ascii_strtoull (length, NULL, 10) : 0);
  if (line->in->len < whole && !early)
    return FALSE;
  request = note_request (liar, line, (gsize)(end - data));
  g_byte_array_remove_range (line->in, 0, MIN (line->in->len, (guint)whole));
  if (is_lied_to (liar, request)) {
    liar_answer_lie (liar, line);
    request->refused = is_refusal (liar->row->end);
  } else {
    answer_honestly (liar, line, request);
  }
  return TRUE;
}
