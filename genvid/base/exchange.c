/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions and answers as plain data, and the one header every service
 * shares: how long to stay away. Sending is the transport's part, meaning the
 * call's. */
#include "exchange.h"

#include <stdio.h>
#include <string.h>

/* No wish of a server is longer; it also keeps the sums far from overflow. */
#define MAX_RETRY_SECONDS (366 * 24 * 3600.0)

static void
free_header (gpointer data)
{
  GenvidHeader *header = data;

  if (header->secret && header->value)
    explicit_bzero (header->value, strlen (header->value));
  g_free (header->name);
  g_free (header->value);
  g_free (header);
}

GenvidExchange *
genvid_exchange_new (GenvidExchangeKind kind, const char *method,
                     const char *url)
{
  GenvidExchange *exchange = g_new0 (GenvidExchange, 1);

  exchange->kind = kind;
  exchange->method = g_intern_string (method);
  exchange->url = g_strdup (url);
  exchange->headers = g_ptr_array_new_with_free_func (free_header);
  return exchange;
}

void
genvid_exchange_add_header (GenvidExchange *exchange, const char *name,
                            const char *value, gboolean secret)
{
  GenvidHeader *header = g_new0 (GenvidHeader, 1);

  header->name = g_strdup (name);
  header->value = g_strdup (value);
  header->secret = secret;
  g_ptr_array_add (exchange->headers, header);
}

void
genvid_file_clear (GenvidFile *file)
{
  g_clear_pointer (&file->path, g_free);
  g_clear_pointer (&file->sha256, g_free);
}

const char *
genvid_exchange_kind_to_string (GenvidExchangeKind kind)
{
  static const char *const kinds[] = {
    [GENVID_EXCHANGE_SUBMIT] = "submit", [GENVID_EXCHANGE_GRANT] = "grant",
    [GENVID_EXCHANGE_UPLOAD] = "upload", [GENVID_EXCHANGE_POLL] = "poll",
    [GENVID_EXCHANGE_LOOKUP] = "lookup", [GENVID_EXCHANGE_CANCEL] = "cancel",
    [GENVID_EXCHANGE_RESULT] = "result", [GENVID_EXCHANGE_MEDIA] = "media",
  };

  return kinds[kind];
}

void
genvid_file_set (GenvidFile *into, const GenvidFile *file)
{
  GenvidFile copy = *file;

  copy.path = g_strdup (file->path);
  copy.sha256 = g_strdup (file->sha256);
  genvid_file_clear (into);
  *into = copy;
}

static void
free_piece (gpointer data)
{
  GenvidBodyPiece *piece = data;

  g_clear_pointer (&piece->text, g_bytes_unref);
  genvid_file_clear (&piece->file);
  g_free (piece);
}

static void
free_part (gpointer data)
{
  GenvidBodyPart *part = data;

  g_free (part->name);
  g_free (part->file_name);
  g_free (part->type);
  g_ptr_array_unref (part->pieces);
  g_free (part);
}

GenvidBodyPart *
genvid_exchange_add_part (GenvidExchange *exchange, const char *name)
{
  GenvidBodyPart *part = g_new0 (GenvidBodyPart, 1);

  if (exchange->parts == NULL)
    exchange->parts = g_ptr_array_new_with_free_func (free_part);
  part->name = g_strdup (name);
  part->pieces = g_ptr_array_new_with_free_func (free_piece);
  g_ptr_array_add (exchange->parts, part);
  return part;
}

void
genvid_body_part_add_text (GenvidBodyPart *part, const char *text, gsize length)
{
  GenvidBodyPiece *piece;

  if (length == 0)
    return;
  piece = g_new0 (GenvidBodyPiece, 1);
  piece->text = g_bytes_new (text, length);
  g_ptr_array_add (part->pieces, piece);
}

GenvidBodyPiece *
genvid_body_part_add_file (GenvidBodyPart *part, const GenvidFile *file)
{
  GenvidBodyPiece *piece = g_new0 (GenvidBodyPiece, 1);

  genvid_file_set (&piece->file, file);
  g_ptr_array_add (part->pieces, piece);
  return piece;
}

static const GenvidFile *
get_file_of_part (const GenvidBodyPart *part, guint *index)
{
  for (guint i = 0; i < part->pieces->len; i++) {
    const GenvidBodyPiece *piece = g_ptr_array_index (part->pieces, i);

    if (piece->text == NULL && (*index)-- == 0)
      return &piece->file;
  }
  return NULL;
}

const GenvidFile *
genvid_exchange_get_file (const GenvidExchange *exchange, guint index)
{
  const GenvidFile *file = NULL;

  for (guint i = 0;
       exchange->parts != NULL && file == NULL && i < exchange->parts->len; i++)
    file = get_file_of_part (g_ptr_array_index (exchange->parts, i), &index);
  return file;
}

void
genvid_exchange_free (GenvidExchange *exchange)
{
  if (!exchange)
    return;
  g_free (exchange->url);
  g_free (exchange->pending);
  g_free (exchange->inline_path);
  g_ptr_array_unref (exchange->headers);
  g_clear_pointer (&exchange->body, g_bytes_unref);
  g_free (exchange->content_type);
  g_clear_pointer (&exchange->parts, g_ptr_array_unref);
  g_free (exchange);
}

GenvidAnswer *
genvid_answer_new (GenvidAnswerKind kind, const char *error)
{
  GenvidAnswer *answer = g_new0 (GenvidAnswer, 1);

  answer->kind = kind;
  answer->headers
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  answer->body = g_bytes_new_static ("", 0);
  answer->error = g_strdup (error);
  return answer;
}

GenvidAnswer *
genvid_answer_new_reply (guint status, const char *body)
{
  GenvidAnswer *answer = genvid_answer_new (GENVID_ANSWER_REPLY, NULL);

  answer->status = status;
  if (body) {
    g_bytes_unref (answer->body);
    answer->body = g_bytes_new (body, strlen (body));
  }
  return answer;
}

const char *
genvid_answer_get_header (const GenvidAnswer *answer, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_hash_table_lookup (answer->headers, lower);
}

void
genvid_answer_free (GenvidAnswer *answer)
{
  if (!answer)
    return;
  g_hash_table_unref (answer->headers);
  g_bytes_unref (answer->body);
  g_free (answer->error);
  g_free (answer);
}

static guint
read_month (const char *name)
{
  const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    if (g_ascii_strcasecmp (months[i], name) == 0)
      return i + 1;
  return 0;
}

/* The three forms of RFC 9110, 5.6.7; the weekday is not looked at. */
static gboolean
read_http_date (const char *text, gint64 *seconds)
{
  char month[4] = "";
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  const char *comma = strchr (text, ',');
  g_autoptr (GDateTime) moment = NULL;
  int n;

  if (!comma)
    n = sscanf (text, "%*3s %3[A-Za-z] %2d %2d:%2d:%2d %4d", month, &day, &hour,
                &minute, &second, &year);
  else
    n = sscanf (comma + 1, " %2d%*1[- ]%3[A-Za-z]%*1[- ]%4d %2d:%2d:%2d", &day,
                month, &year, &hour, &minute, &second);
  if (n != 6)
    return FALSE;
  if (year < 100)
    year += year < 70 ? 2000 : 1900;
  moment = g_date_time_new_utc (year, read_month (month), day, hour, minute,
                                MIN (second, 59));
  if (!moment)
    return FALSE;
  *seconds = g_date_time_to_unix (moment);
  return TRUE;
}

/* Digits with an optional fraction; nothing else is a delay. */
static gboolean
read_delay (const char *text, double *delay)
{
  gsize length = strspn (text, "0123456789.");

  if (!g_ascii_isdigit (*text) || text[length + strspn (text + length, " \t")])
    return FALSE;
  *delay = g_ascii_strtod (text, NULL);
  return TRUE;
}

gint64
genvid_answer_get_retry_after (const GenvidAnswer *answer, gint64 wall)
{
  const char *text = genvid_answer_get_header (answer, "retry-after-ms");
  double delay;
  gint64 moment;

  if (text && read_delay (text, &delay))
    return MIN (delay / 1000, MAX_RETRY_SECONDS) * G_USEC_PER_SEC;
  text = genvid_answer_get_header (answer, "retry-after");
  if (!text)
    return -1;
  if (read_delay (text, &delay))
    return MIN (delay, MAX_RETRY_SECONDS) * G_USEC_PER_SEC;
  if (!read_http_date (text, &moment))
    return -1;
  delay = (double)moment - (double)wall / G_USEC_PER_SEC;
  return CLAMP (delay, 0, MAX_RETRY_SECONDS) * G_USEC_PER_SEC;
}
