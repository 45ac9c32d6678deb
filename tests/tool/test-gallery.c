/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store gallery: what is in the page, what hostile texts become, and the
 * page in a real browser. */

#include "tool-kit.h"

#include <glib/gstdio.h>
#include <string.h>

#define MAX_TRIES 40
#define HOSTILE                                                                \
  "<script>document.title='robbed'</script>"                                   \
  "<img src=x onerror=\"document.title='robbed'\"> </article> & \"boat\""

static void
save_record (Kit *kit, const char *fingerprint, const char *prompt, double cost,
             const char *currency, gint64 wall)
{
  g_autoptr (GenvidRecord) record
      = kit_make_record (fingerprint, GENVID_STATE_DONE, 60);

  g_free (record->prompt);
  record->prompt = g_strdup (prompt);
  record->cost = cost;
  g_free (record->currency);
  record->currency = g_strdup (currency);
  record->ready = record->ended = wall;
  kit_save (kit, record);
}

/* In the zone that tool-kit.c gives the tool. */
static gint64
get_wall (int month, int day)
{
  g_autoptr (GDateTime) time = g_date_time_new_utc (2026, month, day, 12, 0, 0);

  return g_date_time_to_unix (time) * G_USEC_PER_SEC;
}

/* The page's path; the standard output says it too. */
static char *
make_page (Kit *kit)
{
  g_autofree char *path = g_build_filename (kit->folder, "page.html", NULL);
  g_autofree char *line = g_strdup_printf ("gallery --output %s", path);
  g_auto (Result) result = kit_run (kit, line);
  g_autofree char *said = g_strconcat (path, "\n", NULL);

  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==, said);
  return g_steal_pointer (&path);
}

static char *
read_page (Kit *kit)
{
  g_autofree char *path = make_page (kit);
  char *text = NULL;
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *at = text; (at = strstr (at, part)) != NULL; at++)
    n++;
  return n;
}

static void
test_empty (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store G_GNUC_UNUSED = kit_open_store (kit);
  g_autofree char *page = read_page (kit);

  assert_has (page, "<b id=\"shown\">0</b> of 0");
  g_assert_cmpuint (count (page, "<article>"), ==, 0);
  g_assert_null (strstr (page, "<svg"));
}

static void
test_cards (Kit *kit, gconstpointer data)
{
  g_autofree char *page = NULL;
  const char *first;
  const char *second;

  kit_save_done (kit, FINGERPRINT_A, 60);
  save_record (kit, FINGERPRINT_B, "a paper boat", 1.5, "USD", get_wall (3, 4));
  save_record (kit, FINGERPRINT_C, "a paper plane", 2.25, "USD",
               get_wall (3, 5));
  page = read_page (kit);

  g_assert_cmpuint (count (page, "<article>"), ==, 3);
  g_assert_cmpuint (count (page, "<video "), ==, 1);
  assert_has (page, "src=\"file:///");
  assert_has (page, "/clips/" FINGERPRINT_A "/clip.mp4\"");
  /* The newest first. */
  first = strstr (page, "a paper plane");
  second = strstr (page, "a paper boat");
  g_assert_true (first != NULL && first < second);
  /* A bar a day, and the sum. */
  assert_has (page, "<title>2026-03-04: $1.50</title>");
  assert_has (page, "<title>2026-03-05: $2.25</title>");
  g_assert_cmpuint (count (page, "<rect "), ==, 2);
  assert_has (page, "$3.75 in all");
}

/* Credits are dollars at the service's rate; what nobody knows is said. */
static void
test_money (Kit *kit, gconstpointer data)
{
  g_autofree char *page = NULL;

  save_record (kit, FINGERPRINT_A, "a", -1, NULL, get_wall (3, 4));
  save_record (kit, FINGERPRINT_B, "b", 3, "pearls", get_wall (3, 4));
  save_record (kit, FINGERPRINT_C, "c", 0.5, "USD", get_wall (3, 4));
  page = read_page (kit);
  assert_has (page, "$0.50 in all; of 2 the cost is not known");
}

static void
test_hostile (Kit *kit, gconstpointer data)
{
  g_autofree char *page = NULL;

  save_record (kit, FINGERPRINT_A, HOSTILE, 1, "<b>USD</b>", get_wall (3, 4));
  page = read_page (kit);
  g_assert_cmpuint (count (page, "<script>"), ==, 1);
  g_assert_null (strstr (page, "<img"));
  g_assert_null (strstr (page, "<b>USD"));
  g_assert_cmpuint (count (page, "</article>"), ==, 1);
  assert_has (page, "&lt;img src=x onerror=&quot;");
  assert_has (page, "default-src 'none'");
  assert_has (page, "script-src 'sha256-");
  /* Nothing is fetched from anywhere. */
  g_assert_null (strstr (page, "http://"));
  g_assert_null (strstr (page, "https://"));
}

/* What cannot be written leaves nothing behind. */
static void
test_nowhere (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store G_GNUC_UNUSED = kit_open_store (kit);
  g_auto (Result) result = kit_run (kit, "gallery --output /nowhere/page.html");

  g_assert_cmpint (result.status, ==, 1);
  assert_has (result.err, "Cannot write /nowhere/page.html");
  g_assert_cmpstr (result.out, ==, "");
}

/* --- in Chromium --- */

/* The document as the browser has it; PICTURE nullable: a screenshot. */
static char *
browse (Kit *kit, const char *page, const char *picture)
{
  g_autofree char *program = g_find_program_in_path ("chromium");
  g_autofree char *profile
      = g_strconcat ("--user-data-dir=", kit->folder, "/profile", NULL);
  g_autofree char *output
      = picture != NULL ? g_strconcat ("--screenshot=", picture, NULL) : NULL;
  g_autofree char *uri = g_strconcat ("file://", page, NULL);
  const char *arguments[] = { program,
                              "--headless=new",
                              "--no-sandbox",
                              profile,
                              "--disable-gpu",
                              "--timeout=10000",
                              uri,
                              "--window-size=1100,900",
                              "--disable-dev-shm-usage",
                              output != NULL ? output : "--dump-dom",
                              NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      arguments,
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
      &error);
  char *text = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  return text;
}

static void
test_browser (Kit *kit, gconstpointer data)
{
  g_autofree char *program = g_find_program_in_path ("chromium");
  g_autofree char *path = NULL;
  g_autofree char *filtered = NULL;
  g_autofree char *picture = NULL;
  g_autofree char *all = NULL;
  guint tries = 0;
  g_autofree char *some = NULL;
  g_autofree char *nothing = NULL;
  GStatBuf status;

  if (program == NULL) {
    g_test_skip ("there is no chromium");
    return;
  }
  kit_save_done (kit, FINGERPRINT_A, 60);
  save_record (kit, FINGERPRINT_B, HOSTILE, 1.5, "USD", get_wall (3, 4));
  save_record (kit, FINGERPRINT_C, "a plane", 2.25, "USD", get_wall (3, 5));
  path = make_page (kit);

  /* Its own script runs (a video that is seen loads), no other does. */
  /* The browser does not wait for the clip before it writes the page. */
  do {
    g_free (all);
    all = browse (kit, path, NULL);
  } while (strstr (all, "320 × 180") == NULL && ++tries < MAX_TRIES);
  assert_has (all, "<title>Generated clips</title>");
  assert_has (all, "preload=\"metadata\"");
  assert_has (all, "<b id=\"shown\">3</b>");
  /* The policy lets the clip in, and it can be decoded. */
  assert_has (all, "<dd class=\"length\">2.0 s, 320 × 180");
  g_assert_cmpuint (count (all, "<article"), ==, 3);
  g_assert_null (strstr (all, "robbed'</script>"));

  filtered = g_strconcat (path, "#BOAT%20script", NULL);
  some = browse (kit, filtered, NULL);
  assert_has (some, "<b id=\"shown\">1</b>");
  g_assert_cmpuint (count (some, "<article hidden"), ==, 2);

  picture = g_strconcat (path, ".png", NULL);
  nothing = browse (kit, path, picture);
  g_assert_cmpint (g_stat (picture, &status), ==, 0);
  g_assert_cmpint (status.st_size, >, 10000);
}

#define ADD(name, function)                                                    \
  g_test_add ("/gallery/" name, Kit, NULL, kit_set_up, function, kit_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("empty", test_empty);
  ADD ("cards", test_cards);
  ADD ("money", test_money);
  ADD ("hostile", test_hostile);
  ADD ("nowhere", test_nowhere);
  ADD ("browser", test_browser);
  return g_test_run ();
}
