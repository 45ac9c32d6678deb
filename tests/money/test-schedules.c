/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Random lives of a purchase with the real worker, the real store and a
 * service that fails at will: processes killed anywhere, records torn, files
 * emptied, clocks set. What is counted is what the service sold. Each life is
 * made from a number, which a failure names; GENVID_MONEY_SEED and
 * GENVID_MONEY_SCHEDULES choose others and more. */

#include "money-kit.h"

#include <stdarg.h>
#include <string.h>

#define SEED      20261121
#define SCHEDULES 200
#define LANES     2

typedef struct {
  Scene scene;
  GRand *rand;
  guint64 number;
  guint resubmits; /* starts that were allowed one */
  GString *story;
} Life;

static gboolean
chance (Life *life, int percent)
{
  return g_rand_int_range (life->rand, 0, 100) < percent;
}

static guint
pick (Life *life, guint n)
{
  return (guint)g_rand_int_range (life->rand, 0, (gint32)n);
}

static void fail (Life *life, const char *format, ...)
    G_GNUC_PRINTF (2, 3) G_GNUC_NORETURN;
static void
fail (Life *life, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_error ("GENVID_MONEY_SEED=%" G_GUINT64_FORMAT
           " GENVID_MONEY_SCHEDULES=1: %s\n%s",
           life->number, text, life->story->str);
}

/* --- What befalls a start. --- */

static void
add_faults (Life *life)
{
  static const char *const faults[] = {
    "submit-lost-after@1",  "submit-lost-before@1", "submit-lost-body@1",
    "submit-500@1",         "submit-500-before@1",  "submit-408@1",
    "submit-502@1",         "submit-no-id@1",       "submit-malformed@1",
    "submit-429@2",         "submit-503@1",         "submit-401@1",
    "submit-400@1",         "submit-quota@1",       "submit-hang@1",
    "submit-409@2",         "connect-closed@1",     "poll-500@2",
    "poll-401@3",           "poll-404@2",           "poll-html@1",
    "poll-failed@1",        "poll-refused@1",       "poll-lost@1",
    "poll-no-url@1",        "poll-unknown@1",       "lookup-500@1",
    "lookup-empty@2",       "lookup-lost@1",        "download-cut@1",
    "download-html@1",      "download-expired@1",   "download-404@1",
    "download-no-range@1",  "download-short@1",     "download-etag-change@1",
    "download-wrong-range", "reused-closed@1",      "poll-hang@1",
  };

  for (guint n = pick (life, 4); n > 0; n--) {
    const char *fault = faults[pick (life, G_N_ELEMENTS (faults))];
    g_autofree char *spec
        = g_strdup_printf ("%s+%u", fault, chance (life, 30) ? 1 : 0);

    g_string_append_printf (life->story, " %s", spec);
    add_fault (&life->scene, spec);
  }
}

static void
set_clocks (Life *life)
{
  static const gint64 gaps[] = { 0, 0, 1, 30, 61, 3600, 71000, 73000, 90000 };
  static const char *const walls[] = { "-200000", "-500", "500", "200000" };
  gint64 gap = gaps[pick (life, G_N_ELEMENTS (gaps))];
  const char *wall
      = chance (life, 15) ? walls[pick (life, G_N_ELEMENTS (walls))] : NULL;
  const char *boot = chance (life, 10) ? "another-boot" : NULL;

  life->scene.clock += gap;
  set_variable (&life->scene, "CRASH_WALL", wall);
  set_variable (&life->scene, "CRASH_BOOT_ID", boot);
  g_string_append_printf (life->story, " +%ds wall %s %s", (int)gap,
                          wall != NULL ? wall : "as it is",
                          boot != NULL ? boot : "");
}

static void
cut (Life *life, const char *path, gboolean to_nothing)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  if (path == NULL || !g_file_get_contents (path, &text, &length, NULL)
      || length == 0)
    return;
  if (!to_nothing)
    length = (gsize)g_rand_int_range (life->rand, 0, (gint32)length);
  else
    length = 0;
  g_string_append_printf (life->story, " cut %s to %d", strrchr (path, '/') + 1,
                          (int)length);
  g_assert_true (g_file_set_contents_full (
      path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

static void
damage (Life *life)
{
  static const char *const names[]
      = { "job.json", "job.json", "clip.map", "clip.part", "clip.mp4" };
  g_autofree char *ledger
      = g_build_filename (life->scene.store, "ledger.jsonl", NULL);
  g_autofree char *folder = find_entry (&life->scene);
  const char *name = names[pick (life, G_N_ELEMENTS (names))];
  g_autofree char *path
      = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;

  if (chance (life, 15))
    cut (life, path, chance (life, 40));
  if (chance (life, 15))
    cut (life, ledger, chance (life, 20));
}

/* --- What the service sold. --- */

/* A purchase's own value was sold once, whatever happened. */
static void
check_values (Life *life)
{
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (life->scene.sandbox);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < ledger->len; i++) {
    const GenvidSandboxEntry *entry = g_ptr_array_index (ledger, i);

    if (entry->event == GENVID_SANDBOX_ACCEPTED && entry->note != NULL
        && !g_hash_table_add (seen, entry->note))
      fail (life, "one purchase was sold twice");
  }
}

static void
check_money (Life *life)
{
  GenvidSandbox *sandbox = life->scene.sandbox;
  guint freed = genvid_sandbox_fault_hits (sandbox, "poll-failed")
                + genvid_sandbox_fault_hits (sandbox, "poll-refused");
  guint allowed = 1 + freed + life->resubmits;
  guint sold = count_accepted (&life->scene);

  if (sold > allowed)
    fail (life, "%u sold instead of %u at most", sold, allowed);
  check_values (life);
  assert_no_secrets (&life->scene);
}

/* --- A life. --- */

static void
start (Life *life, gboolean killed)
{
  g_autofree char *at = g_strdup_printf ("%u", 1 + pick (life, 40));
  Death death = run (&life->scene, killed ? "GENVID_CRASH_AT" : NULL, at);

  g_string_append_printf (life->story, "\n  -> %.160s\n", death.output);
  g_free (death.output);
  check_money (life);
}

static void
set_resubmit (Life *life, gboolean on)
{
  set_variable (&life->scene, "CRASH_RESUBMIT", on ? "yes" : NULL);
  life->resubmits += on;
}

/* Nothing fails any more: it ends well, or a doubt is said, which the user
 * then closes. */
static void
end_well (Life *life)
{
  char *output = NULL;

  genvid_sandbox_clear_faults (life->scene.sandbox);
  set_variable (&life->scene, "CRASH_WALL", NULL);
  set_variable (&life->scene, "CRASH_BOOT_ID", NULL);
  set_resubmit (life, FALSE);
  for (guint i = 0; i < 8; i++) {
    g_autofree char *id = NULL;

    life->scene.clock += 61;
    g_free (output);
    output = run_once (&life->scene);
    g_string_append_printf (life->story, "  => %.160s\n", output);
    set_variable (&life->scene, "CRASH_ADOPT", NULL);
    check_money (life);
    if (g_str_has_prefix (output, "whole "))
      break;
    id = find_accepted_id (&life->scene);
    if (!g_str_has_prefix (output, "failed in-doubt "))
      continue;
    if (id != NULL)
      set_variable (&life->scene, "CRASH_ADOPT", id);
    else
      set_resubmit (life, TRUE);
  }
  if (!g_str_has_prefix (output, "whole ")
      || strstr (output, life->scene.clip_hash) == NULL)
    fail (life, "it did not end well: %s", output);
  g_free (output);
}

static void
live (const Service *service, guint64 number)
{
  Life life = { .number = number };

  life.rand = g_rand_new_with_seed ((guint32)number);
  life.story = g_string_new (service->name);
  open_scene (&life.scene, service);
  life.scene.life = number;
  set_variable (&life.scene, "CRASH_PATIENCE_MS", "200");
  for (guint starts = 1 + pick (&life, 4); starts > 0; starts--) {
    damage (&life);
    set_clocks (&life);
    set_resubmit (&life, chance (&life, 8));
    add_faults (&life);
    start (&life, chance (&life, 60));
  }
  end_well (&life);
  close_scene (&life.scene);
  g_string_free (life.story, TRUE);
  g_rand_free (life.rand);
}

static guint64
get_number (const char *variable, guint64 otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static gpointer
run_lane (gpointer data)
{
  guint64 seed = get_number ("GENVID_MONEY_SEED", SEED);
  guint64 n = get_number ("GENVID_MONEY_SCHEDULES", SCHEDULES);

  for (guint64 i = GPOINTER_TO_UINT (data); i < n; i += LANES)
    live (&services[(seed + i) % N_SERVICES], seed + i);
  return NULL;
}

static void
test_lives (void)
{
  GThread *lanes[LANES];

  for (guint i = 0; i < LANES; i++)
    lanes[i] = g_thread_new ("lane", run_lane, GUINT_TO_POINTER (i));
  for (guint i = 0; i < LANES; i++)
    g_thread_join (lanes[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/schedules/lives", test_lives);
  return g_test_run ();
}
