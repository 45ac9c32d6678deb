/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes a store as years of use leave it: CLIPS finished purchases with their
 * locks, and a ledger of LINES lines, of which the last day has a hundredth. It
 * writes with the store's own writers, but syncs nothing: a million purchases
 * would take a day. The clips are copies of one file. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "ledger-line.h"
#include "ledger.h"
#include "record.h"
#include "store.h"

#include <glib.h>

#define DAY       (24 * 3600 * (gint64)G_USEC_PER_SEC)
#define AGE       (100 * DAY)
#define BOOT_ID   "00000000-0000-0000-0000-000000000000"
#define PRICE     0.25
#define CLIP_SIZE 4096

static void
write_file (const char *folder, const char *name, const char *text,
            gsize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0 || write (fd, text, length) != (ssize_t)length || close (fd) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
}

/* As old as the purchase: NOW is days later. */
static GenvidNow
find_moment (const GenvidNow *now, guint number, guint of)
{
  GenvidNow then = *now;

  then.wall -= AGE - (gint64)((double)AGE * number / of);
  then.boot = 0;
  then.boot_id = BOOT_ID;
  return then;
}

static char *
name_purchase (guint number)
{
  g_autofree char *text = g_strdup_printf ("purchase %u", number);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static void
write_purchase (const char *store, guint number, const GenvidNow *then)
{
  static const char media[CLIP_SIZE] = { 0 };
  g_autofree char *name = name_purchase (number);
  g_autofree char *mark = g_strconcat (name, ".user-0", NULL);
  g_autofree char *locks = g_build_filename (store, "locks", NULL);
  g_autofree char *folder = g_build_filename (store, "clips", name, NULL);
  g_autoptr (GenvidRecord) record = genvid_record_new (name, "aimlapi");
  g_autofree char *text = NULL;

  record->n = 1;
  record->state = GENVID_STATE_DONE;
  record->prompt = g_strdup_printf ("a beach, number %u", number);
  record->model = g_strdup ("pixverse/v5/text-to-video");
  record->id = g_strdup_printf ("id-%u", number);
  record->intended.wall = then->wall;
  record->ready = record->ended = then->wall + 60 * G_USEC_PER_SEC;
  record->media_extension = g_strdup ("mp4");
  record->media_size = CLIP_SIZE;
  text = genvid_record_to_text (record);
  if (mkdir (folder, 0700) != 0)
    g_error ("%s: %s", folder, g_strerror (errno));
  write_file (folder, "intent-1", text, strlen (text));
  write_file (folder, "job.json", text, strlen (text));
  write_file (folder, "clip.mp4", media, sizeof media);
  write_file (locks, name, "", 0);
  write_file (locks, mark, "", 0);
}

static void
write_ledger (const char *store, guint lines, const GenvidNow *now)
{
  static const GenvidLedgerEvent events[]
      = { GENVID_LEDGER_RESERVE, GENVID_LEDGER_SUBMIT, GENVID_LEDGER_ACCEPT,
          GENVID_LEDGER_FINISH };
  g_autofree char *path = g_build_filename (store, GENVID_LEDGER_NAME, NULL);
  FILE *file = fopen (path, "ae");

  if (file == NULL || chmod (path, 0600) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
  for (guint i = 0; i < lines; i++) {
    guint number = i / G_N_ELEMENTS (events);
    g_autofree char *name = name_purchase (number);
    g_autofree char *id = g_strdup_printf ("id-%u", number);
    GenvidLedgerLine line = { .provider = "aimlapi",
                              .model = "pixverse/v5/text-to-video",
                              .fingerprint = name,
                              .n = 1,
                              .id = i % 4 > 1 ? id : NULL,
                              .amount = PRICE,
                              .currency = "USD",
                              .billed = GENVID_BILLED_UNKNOWN };
    GenvidNow then = find_moment (now, i, lines);
    g_autofree char *text = genvid_ledger_write_line (
        &line, events[i % G_N_ELEMENTS (events)], &then);

    fprintf (file, "%s\n", text);
  }
  if (fclose (file) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
}

int
main (int argc, char **argv)
{
  GenvidNow now = genvid_clock_now ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStore) store = NULL;
  guint clips;

  if (argc != 4) {
    g_printerr ("usage: %s STORE CLIPS LINES\n", argv[0]);
    return EXIT_FAILURE;
  }
  store = genvid_store_open (argv[1], FALSE, &error);
  if (store == NULL)
    g_error ("%s", error->message);
  clips = (guint)atoi (argv[2]);
  for (guint i = 0; i < clips; i++) {
    GenvidNow then = find_moment (&now, i, clips);

    write_purchase (genvid_store_get_path (store), i, &then);
  }
  write_ledger (genvid_store_get_path (store), (guint)atoi (argv[3]), &now);
  return EXIT_SUCCESS;
}
