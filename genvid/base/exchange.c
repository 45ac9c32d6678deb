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
genvid_exchange_free (GenvidExchange *exchange)
{
  if (!exchange)
    return;
  g_free (exchange->url);
  g_free (exchange->pending);
  g_ptr_array_unref (exchange->headers);
  g_clear_pointer (&exchange->body, g_bytes_unref);
  g_free (exchange->content_type);
  g_free (exchange->file_part);
  g_free (exchange->file_path);
  g_free (exchange->file_sha256);
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
