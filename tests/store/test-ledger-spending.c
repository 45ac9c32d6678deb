/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sum of a long ledger: where it begins to read, that it is the same as
 * from the first line, and that it believes no checkpoint of another ledger. */

#include "ledger-kit.h"

#include "failure.h"
#include "ledger-line.h"
#include "ledger-spending.h"
#include "ledger.h"
#include "moment.h"

#include <gio/gio.h>

#define WORTH (64 * 1024)

static char *
checkpoint_path (const Kit *kit)
{
  return g_build_filename (kit->path, "ledger.sum", NULL);
}

static char *
read_checkpoint (const Kit *kit)
{
  g_autofree char *path = checkpoint_path (kit);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* In place: the file stays the same one. */
static void
rewrite (const char *path, const char *text, gsize length)
{
  int fd = open (path, O_WRONLY | O_TRUNC | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, text, length), ==, (gssize)length);
  close (fd);
}

static void
drop_checkpoint (const Kit *kit)
{
  g_autofree char *path = checkpoint_path (kit);

  g_unlink (path);
}

/* As a start under a budget does, so that a checkpoint may be written. */
static GenvidLedgerSpending *
read_locked (const Kit *kit, const GenvidNow *now)
{
  g_autoptr (GError) error = NULL;
  GenvidLedgerSpending *spending
      = genvid_ledger_read (kit->store, TRUE, now, &error);

  g_assert_no_error (error);
  return spending;
}

static guint64
count_scanned (const Kit *kit, const GenvidNow *now)
{
  g_autoptr (GenvidLedgerSpending) spending = read_locked (kit, now);

  return spending->scanned;
}

static guint64
get_length (const Kit *kit)
{
  g_autofree char *text = read_ledger (kit);

  return strlen (text);
}

/* N purchases that are sent, a second apart, from the moment FROM on. */
static void
spend (const Kit *kit, guint first, guint n, const GenvidNow *from)
{
  g_autofree char *before = read_ledger (kit);
  g_autoptr (GString) text = g_string_new (before);

  for (guint i = 0; i < n; i++) {
    g_autofree char *fingerprint = g_strdup_printf ("b%u", first + i);
    GenvidLedgerLine line = blank;
    GenvidNow now = *from;

    now.wall += (gint64)i * G_USEC_PER_SEC;
    now.boot += (gint64)i * G_USEC_PER_SEC;
    line.fingerprint = fingerprint;
    line.amount = 1;
    for (guint j = 0; j < 2; j++) {
      g_autofree char *one = genvid_ledger_write_line (
          &line, j == 0 ? GENVID_LEDGER_RESERVE : GENVID_LEDGER_SUBMIT, &now);

      g_string_append_printf (text, "%s\n", one);
    }
  }
  write_ledger (kit, text->str, -1);
}

static void
test_checkpoint (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidNow later = after (HOUR);
  guint64 length;

  spend (&kit, 0, 400, &kit_now);
  length = get_length (&kit);
  g_assert_cmpuint (length, >, WORTH);
  g_assert_cmpuint (count_scanned (&kit, &later), ==, length);
  /* All of it is in the checkpoint; and a start adds two lines to read. */
  g_assert_cmpuint (count_scanned (&kit, &later), ==, 0);
  g_assert_cmpfloat_with_epsilon (sum_at (&kit, &later), 400, EPSILON);
  append_at (&kit, blank, GENVID_LEDGER_SUBMIT, &later);
  g_assert_cmpuint (count_scanned (&kit, &later), ==,
                    get_length (&kit) - length);
  g_assert_cmpfloat_with_epsilon (sum_at (&kit, &later), 402.5, EPSILON);
}

/* The budget's own way in writes it, and needs nothing more. */
static void
test_reserve (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = checkpoint_path (&kit);

  spend (&kit, 0, 400, &kit_now);
  g_assert_false (reserve (&kit, &blank, 402.4));
  g_assert_cmphex (kit_get_mode (path), ==, 0600);
  g_assert_true (reserve (&kit, &blank, 402.5));
  g_assert_cmpuint (count_scanned (&kit, &kit_now), <, 1024);
}

/* Many more than are kept by name: never less than there is, and more only by
 * what is up to five minutes older than a day. */
static void
test_many (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidNow from = after (-2 * HOUR);
  GenvidNow end = after (22 * HOUR + 1000 * G_USEC_PER_SEC);

  spend (&kit, 0, 6000, &from);
  {
    g_autoptr (GenvidLedgerSpending) spending = read_locked (&kit, &kit_now);

    g_assert_cmpuint (g_hash_table_size (spending->purchases), <, 700);
  }
  g_assert_cmpuint (count_scanned (&kit, &kit_now), ==, 0);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 6000, EPSILON);
  /* 1,000 and one of them have turned a day old. */
  g_assert_cmpfloat (sum_at (&kit, &end), >=, 4999 - EPSILON);
  g_assert_cmpfloat (sum_at (&kit, &end), <=, 4999 + 300 + EPSILON);
  end = after (24 * HOUR);
  g_assert_cmpfloat (sum_at (&kit, &end), ==, 0);
}

/* Reads all of it again, and finds what it says. */
static void
assert_read_anew (const Kit *kit, double expected)
{
  guint64 length = get_length (kit);

  g_assert_cmpuint (count_scanned (kit, &kit_now), ==, length);
  g_assert_cmpfloat_with_epsilon (sum (kit), expected, EPSILON);
}

static void
test_another_ledger (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = ledger_path (&kit);

  spend (&kit, 0, 400, &kit_now);
  g_autofree char *first = read_ledger (&kit);
  g_assert_cmpuint (count_scanned (&kit, &kit_now), >, 0);

  /* A line is gone, in the same file. */
  g_auto (GStrv) parts = g_strsplit (first, "\n", 3);
  gsize line = strlen (parts[0]) + 1;
  rewrite (path, parts[2], strlen (parts[2]));
  assert_read_anew (&kit, 399);
  /* As long, another file. */
  write_ledger (&kit, first, -1);
  count_scanned (&kit, &kit_now);
  g_autofree char *dear = g_strdup (first);
  char *amount = strstr (dear, "\"amount\":1.0");
  amount[strlen ("\"amount\":")] = '7';
  write_ledger (&kit, dear, -1);
  assert_read_anew (&kit, 406);
  /* The same file, and its end was rewritten. */
  g_autofree char *end = g_strdup (dear);
  amount = g_strrstr (end, "\"boot\":");
  amount[strlen ("\"boot\":")] = '1';
  rewrite (path, end, strlen (end));
  assert_read_anew (&kit, 406);
  /* Cut short. */
  g_assert_cmpint (truncate (path, (off_t)(2 * line)), ==, 0);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 7, EPSILON);
  /* Gone: it forgets, as ever. */
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpfloat (sum (&kit), ==, 0);
}

static void
test_damaged_checkpoint (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = checkpoint_path (&kit);

  spend (&kit, 0, 400, &kit_now);
  count_scanned (&kit, &kit_now);
  g_autofree char *text = read_checkpoint (&kit);
  gsize length = strlen (text);
  for (gsize cut = 0; cut < length; cut += length / 7) {
    rewrite (path, text, cut);
    assert_read_anew (&kit, 400);
  }
  g_assert_cmpuint (count_scanned (&kit, &kit_now), ==, 0);
}

/* A checkpoint once named each member, also of what is false. */
static void
test_former_checkpoint (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = checkpoint_path (&kit);

  spend (&kit, 0, 400, &kit_now);
  count_scanned (&kit, &kit_now);
  g_autofree char *text = read_checkpoint (&kit);
  g_autoptr (GString) former = g_string_new (text);
  g_assert_cmpuint (
      g_string_replace (former, ",\"usd\"", ",\"adopted\":false,\"usd\"", 0), >,
      256);
  rewrite (path, former->str, former->len);
  g_assert_cmpuint (count_scanned (&kit, &kit_now), ==, 0);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 400, EPSILON);
}

/* A clock that was wrong when the checkpoint was made hides nothing once it is
 * right again. */
static void
test_clock (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidNow wrong = after_reboot (3000 * HOUR);
  GenvidNow right = after_reboot (HOUR);

  spend (&kit, 0, 1000, &kit_now);
  g_assert_cmpfloat (sum_at (&kit, &wrong), ==, 0);
  g_assert_cmpuint (count_scanned (&kit, &wrong), >, 0);
  g_assert_cmpuint (count_scanned (&kit, &wrong), ==, 0);
  g_assert_cmpfloat_with_epsilon (sum_at (&kit, &right), 1000, EPSILON);
}

/* What is damaged stays in sight as long as it counts. */
static void
test_no_checkpoint_over_damage (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = checkpoint_path (&kit);

  spend (&kit, 0, 400, &kit_now);
  g_autofree char *good = read_ledger (&kit);
  g_autofree char *bad = g_strconcat ("paid\n", good, NULL);
  write_ledger (&kit, bad, -1);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GenvidLedgerSpending) spending = read_locked (&kit, &kit_now);

    g_assert_cmpuint (spending->damaged, ==, 1);
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  }
  write_ledger (&kit, good, -1);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 400, EPSILON);
}

/* Any course of purchases: the same sum with a checkpoint somewhere in it. */
static void
test_any_course (void)
{
  for (guint round = 0; round < 30; round++) {
    g_auto (Kit) kit = kit_new ();
    GenvidNow now = kit_now;

    spend (&kit, 1000, 200, &kit_now);
    for (guint i = 0; i < 60; i++) {
      g_autofree char *fingerprint
          = g_strdup_printf ("c%d", g_test_rand_int_range (0, 6));
      GenvidLedgerLine line = blank;

      line.fingerprint = fingerprint;
      line.n = (guint)g_test_rand_int_range (1, 3);
      line.amount = g_test_rand_int_range (-1, 4);
      line.billed = (GenvidBilled)g_test_rand_int_range (0, 3);
      now.wall += HOUR / 2;
      now.boot += HOUR / 2;
      if (g_test_rand_int_range (0, 20) == 0)
        now.boot_id
            = now.boot_id == kit_now.boot_id ? "boot-b" : kit_now.boot_id;
      append_at (&kit, line, (GenvidLedgerEvent)g_test_rand_int_range (0, 9),
                 &now);
      if (i == 20)
        count_scanned (&kit, &now);
    }
    double resumed = sum_at (&kit, &now);
    drop_checkpoint (&kit);
    g_assert_cmpfloat_with_epsilon (sum_at (&kit, &now), resumed, EPSILON);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spending/checkpoint", test_checkpoint);
  g_test_add_func ("/spending/reserve", test_reserve);
  g_test_add_func ("/spending/many", test_many);
  g_test_add_func ("/spending/another-ledger", test_another_ledger);
  g_test_add_func ("/spending/damaged-checkpoint", test_damaged_checkpoint);
  g_test_add_func ("/spending/former-checkpoint", test_former_checkpoint);
  g_test_add_func ("/spending/clock", test_clock);
  g_test_add_func ("/spending/no-checkpoint-over-damage",
                   test_no_checkpoint_over_damage);
  g_test_add_func ("/spending/any-course", test_any_course);
  return g_test_run ();
}
