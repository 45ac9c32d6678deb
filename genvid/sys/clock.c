/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The clocks of this machine, and times as the store writes them. The pure
 * core takes a GenvidNow as a parameter and never reads a clock. */

#include "clock.h"

#include "moment.h"

#include <gio/gio.h>

#include <string.h>
#include <time.h>

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

static gint64
read_clock (clockid_t clock)
{
  struct timespec now = { 0 };

  clock_gettime (clock, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static const char *
get_boot_id (void)
{
  static const char *boot_id = NULL;

  if (!g_once_init_enter (&boot_id))
    return boot_id;
  char *text = NULL;
  g_file_get_contents (BOOT_ID_PATH, &text, NULL, NULL);
  if (text == NULL || *g_strstrip (text) == '\0') {
    /* Unknown: then no other process is ever taken to be of this boot. */
    g_free (text);
    text = g_uuid_string_random ();
  }
  g_once_init_leave (&boot_id, text);
  return boot_id;
}

GenvidNow
genvid_clock_now (void)
{
  return (GenvidNow){ .wall = read_clock (CLOCK_REALTIME),
                      .boot = read_clock (CLOCK_BOOTTIME),
                      .boot_id = get_boot_id () };
}

char *
genvid_clock_format_time (gint64 wall)
{
  g_autoptr (GDateTime) whole
      = g_date_time_new_from_unix_utc (wall / G_USEC_PER_SEC);

  if (whole == NULL)
    return g_strdup ("1970-01-01T00:00:00.000Z");
  g_autofree char *text = g_date_time_format (whole, "%Y-%m-%dT%H:%M:%S");
  return g_strdup_printf ("%s.%03dZ", text,
                          (int)(wall % G_USEC_PER_SEC / 1000));
}

gint64
genvid_clock_parse_time (const char *text)
{
  g_autoptr (GDateTime) time
      = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  if (time == NULL)
    return 0;
  return g_date_time_to_unix (time) * G_USEC_PER_SEC
         + g_date_time_get_microsecond (time);
}
