/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the library logs, for the tests that read it. */

#include "log.h"

#include <string.h>

typedef struct {
  GenvidLogRoom room;
  GenvidLogLevel level;
  char *text;
} LogLine;

static GMutex log_mutex;
static GArray *log_lines; /* of LogLine */

static inline gboolean
log_take (GenvidLogRoom room, GenvidLogLevel level, const char *message)
{
  LogLine line = { room, level, g_strdup (message) };

  if (message == NULL)
    return TRUE;
  g_mutex_lock (&log_mutex);
  g_array_append_val (log_lines, line);
  g_mutex_unlock (&log_mutex);
  return TRUE;
}

/* Every line of every level from here on. */
static inline void
log_watch (void)
{
  log_lines = g_array_new (FALSE, FALSE, sizeof (LogLine));
  genvid_log_set_hook (log_take);
}

static inline void
log_clear (void)
{
  genvid_log_set_hook (NULL);
  for (guint i = 0; i < log_lines->len; i++)
    g_free (g_array_index (log_lines, LogLine, i).text);
  g_clear_pointer (&log_lines, g_array_unref);
}

/* How many lines match PATTERN, whose * is any text. */
static inline guint
log_count (GenvidLogRoom room, GenvidLogLevel level, const char *pattern)
{
  guint n = 0;

  for (guint i = 0; i < log_lines->len; i++) {
    const LogLine *line = &g_array_index (log_lines, LogLine, i);

    n += line->room == room && line->level == level
         && g_pattern_match_simple (pattern, line->text);
  }
  return n;
}

/* There is one line that matches PATTERN, and no more. */
static inline void
log_assert (GenvidLogRoom room, GenvidLogLevel level, const char *pattern)
{
  guint n = log_count (room, level, pattern);

  for (guint i = 0; n != 1 && i < log_lines->len; i++)
    g_test_message ("%s", g_array_index (log_lines, LogLine, i).text);
  g_test_message ("one line like: %s", pattern);
  g_assert_cmpuint (n, ==, 1);
}

/* No line of any level has TEXT in it. */
static inline void
log_assert_never (const char *text)
{
  for (guint i = 0; i < log_lines->len; i++)
    g_assert_null (strstr (g_array_index (log_lines, LogLine, i).text, text));
}
