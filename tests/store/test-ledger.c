/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was spent, whatever a crash or a clock did. */

#include "ledger-kit.h"
#include "failure.h"
#include "ledger.h"
#include "moment.h"
#include "store-entry.h"

static void
test_lines (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;
  g_autofree char *path = ledger_path (&kit);

  append (&kit, line, GENVID_LEDGER_RESERVE);
  line.id = "gen-1";
  line.amount = -1;
  line.model = NULL;
  line.billed = GENVID_BILLED_NO;
  append (&kit, line, GENVID_LEDGER_FAIL);
  g_autofree char *text = read_ledger (&kit);
  g_assert_cmpstr (
      text, ==,
      "{\"time\":\"2026-01-01T09:00:00.000Z\",\"event\":\"reserve\","
      "\"provider\":\"cn8\",\"model\":\"m-1\",\"fingerprint\":\"00ff\","
      "\"n\":1,\"amount\":2.5,\"currency\":\"USD\",\"boot-id\":\"boot-a\","
      "\"boot\":36000000000}\n"
      "{\"time\":\"2026-01-01T09:00:00.000Z\",\"event\":\"fail\","
      "\"provider\":\"cn8\",\"fingerprint\":\"00ff\",\"n\":1,"
      "\"id\":\"gen-1\",\"billed\":\"no\",\"boot-id\":\"boot-a\","
      "\"boot\":36000000000}\n");
  g_assert_cmphex (kit_get_mode (path), ==, 0600);
}

static void
test_empty (void)
{
  g_auto (Kit) kit = kit_new ();

  g_assert_cmpfloat (sum (&kit), ==, 0);
  write_ledger (&kit, "", 0);
  g_assert_cmpfloat (sum (&kit), ==, 0);
  append (&kit, blank, GENVID_LEDGER_SUBMIT);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
}

/* A reserve counts with its intent, or while somebody may be about to make
 * it; else it is void. */
static void
test_void (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) holder = kit_get_entry (&kit);

  append (&kit, blank, GENVID_LEDGER_RESERVE);
  g_assert_cmpfloat (sum (&kit), ==, 0);
  g_assert_true (genvid_store_entry_try_lock (holder, NULL));
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
  genvid_store_entry_unlock (holder);
  g_assert_cmpfloat (sum (&kit), ==, 0);
  intend (&kit, FINGERPRINT, 2);
  g_assert_cmpfloat (sum (&kit), ==, 0);
  intend (&kit, FINGERPRINT, 1);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
}

/* Each purchase counts once, as it is known last. */
static void
test_course (void)
{
  static const struct {
    GenvidLedgerEvent event;
    double amount;
    GenvidBilled billed;
    double sum;
  } rows[] = {
    { GENVID_LEDGER_RESERVE, 2.5, GENVID_BILLED_UNKNOWN, 2.5 },
    { GENVID_LEDGER_SUBMIT, -1, GENVID_BILLED_UNKNOWN, 2.5 },
    { GENVID_LEDGER_DOUBT, 0.5, GENVID_BILLED_UNKNOWN, 2.5 },
    { GENVID_LEDGER_ADOPT, -1, GENVID_BILLED_UNKNOWN, 2.5 },
    { GENVID_LEDGER_ACCEPT, -1, GENVID_BILLED_UNKNOWN, 2.5 },
    { GENVID_LEDGER_FINISH, 2.25, GENVID_BILLED_YES, 2.25 },
    { GENVID_LEDGER_FAIL, -1, GENVID_BILLED_UNKNOWN, 2.25 },
    { GENVID_LEDGER_CANCEL, -1, GENVID_BILLED_YES, 2.25 },
    { GENVID_LEDGER_CANCEL, 1.0, GENVID_BILLED_YES, 1.0 },
    { GENVID_LEDGER_FAIL, 2.5, GENVID_BILLED_NO, 0 },
  };
  g_auto (Kit) kit = kit_new ();

  intend (&kit, FINGERPRINT, 1);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GenvidLedgerLine line = blank;
    line.amount = rows[i].amount;
    line.billed = rows[i].billed;
    append (&kit, line, rows[i].event);
    g_assert_cmpfloat_with_epsilon (sum (&kit), rows[i].sum, EPSILON);
  }
}

static void
test_purchases (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  intend (&kit, FINGERPRINT, 1);
  append (&kit, line, GENVID_LEDGER_RESERVE);
  append (&kit, line, GENVID_LEDGER_DOUBT);
  line.n = 2;
  append (&kit, line, GENVID_LEDGER_RESERVE);
  append (&kit, line, GENVID_LEDGER_RESUBMIT);
  /* Killed before the second intent: only the doubt counts. */
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
  intend (&kit, FINGERPRINT, 2);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 5.0, EPSILON);
  line.fingerprint = "aa";
  line.amount = 150;
  line.currency = "credits";
  append (&kit, line, GENVID_LEDGER_SUBMIT);
  g_assert_cmpfloat_with_epsilon (
      sum (&kit), 5.0 + 150 * GENVID_LEDGER_USD_PER_CREDIT, EPSILON);
}

/* Somebody else's purchase, of which only the clip is ours. */
static void
test_adopted (void)
{
  g_auto (Kit) kit = kit_new ();

  append (&kit, blank, GENVID_LEDGER_ADOPT);
  append (&kit, blank, GENVID_LEDGER_FINISH);
  g_assert_cmpfloat (sum (&kit), ==, 0);
}

static void
test_window (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidNow young = after (24 * HOUR - 1);
  GenvidNow old = after (24 * HOUR);
  GenvidNow young_rebooted = after_reboot (24 * HOUR - 1);
  GenvidNow old_rebooted = after_reboot (24 * HOUR);

  intend (&kit, FINGERPRINT, 1);
  append (&kit, blank, GENVID_LEDGER_RESERVE);
  /* What comes later does not make it younger. */
  append_at (&kit, blank, GENVID_LEDGER_FINISH, &young);
  g_assert_cmpfloat_with_epsilon (sum_at (&kit, &young), 2.5, EPSILON);
  g_assert_cmpfloat (sum_at (&kit, &old), ==, 0);
  g_assert_cmpfloat_with_epsilon (sum_at (&kit, &young_rebooted), 2.5, EPSILON);
  g_assert_cmpfloat (sum_at (&kit, &old_rebooted), ==, 0);
}

/* Setting the clock neither hides nor keeps spending, as far as one can
 * tell. */
static void
test_clock (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidNow forward = kit_now;
  GenvidNow back = kit_now;
  GenvidNow aged = after (25 * HOUR);
  GenvidNow back_rebooted = after_reboot (-3000 * HOUR);

  intend (&kit, FINGERPRINT, 1);
  append (&kit, blank, GENVID_LEDGER_RESERVE);
  forward.wall += 3000 * HOUR;
  back.wall -= 3000 * HOUR;
  g_assert_cmpfloat_with_epsilon (sum_at (&kit, &forward), 2.5, EPSILON);
  g_assert_cmpfloat_with_epsilon (sum_at (&kit, &back), 2.5, EPSILON);
  aged.wall -= 3000 * HOUR;
  g_assert_cmpfloat (sum_at (&kit, &aged), ==, 0);
  /* Dated in the future, of another boot: now. */
  g_assert_cmpfloat_with_epsilon (sum_at (&kit, &back_rebooted), 2.5, EPSILON);

  /* A line of a far future hides nothing of before. */
  GenvidLedgerLine line = blank;
  line.fingerprint = "aa";
  append_at (&kit, line, GENVID_LEDGER_SUBMIT, &forward);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 5.0, EPSILON);
}

static void
test_torn (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  append (&kit, line, GENVID_LEDGER_SUBMIT);
  g_autofree char *whole = read_ledger (&kit);
  g_autofree char *torn = g_strconcat (whole, "{\"time\":\"2026-01-0", NULL);
  write_ledger (&kit, torn, -1);
  line.fingerprint = "aa";
  append (&kit, line, GENVID_LEDGER_SUBMIT);
  g_autofree char *text = read_ledger (&kit);
  g_assert_true (g_str_has_prefix (text, torn));
  g_assert_cmpint (text[strlen (torn)], ==, '\n');
  g_assert_cmpint (text[strlen (torn) + 1], ==, '{');
  g_assert_cmpfloat_with_epsilon (sum (&kit), 5.0, EPSILON);
}

/* Neither zero nor anything else is known of it, so nothing more is bought. */
static void
assert_refused (const Kit *kit, const char *sentence)
{
  GenvidLedgerLine line = blank;
  g_autoptr (GError) error = NULL;

  line.fingerprint = "ff";
  g_assert_false (
      genvid_ledger_reserve (kit->store, &line, 1000, &kit_now, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET);
  g_assert_nonnull (strstr (error->message, sentence));
  g_assert_nonnull (strstr (error->message, "ledger.jsonl"));
  g_assert_nonnull (strstr (error->message, "or delete it"));
}

#define WHEN "{\"time\":\"2026-01-01T09:00:00.000Z\","

static void
test_damaged (void)
{
  g_autofree char *nested = g_strnfill (80000, '[');
  g_autofree char *letters = g_strnfill (2 * 1024 * 1024, 'x');
  g_autofree char *overlong
      = g_strconcat (WHEN "\"model\":\"", letters, "\"}", NULL);
  const char *const lines[] = {
    "[]",
    "null",
    "{}",
    "paid",
    nested,
    overlong,
    WHEN "\"event\":\"submit\"}",
    WHEN "\"event\":\"submit\",\"fingerprint\":\"../a\",\"n\":1,\"amount\":9}",
    WHEN "\"event\":\"submit\",\"fingerprint\":\"a\",\"n\":-1,\"amount\":9}",
    WHEN "\"event\":\"submit\",\"fingerprint\":\"a\",\"n\":1,\"amount\":\"9\"}",
    WHEN "\"event\":\"submit\",\"fingerprint\":\"a\",\"n\":1,\"amount\":-9}",
    WHEN "\"event\":\"submit\",\"fingerprint\":\"a\",\"n\":1,"
         "\"amount\":5e+21.0}",
    "{\"time\":\"never\",\"event\":\"submit\",\"fingerprint\":\"a\",\"n\":1,"
    "\"amount\":9}",
    WHEN "\"event\":\"sub\1mit",
    "\xff\xfe{",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_auto (Kit) kit = kit_new ();
    GenvidLedgerLine line = blank;
    g_autofree char *text = g_strconcat (lines[i], "\n", NULL);
    GenvidNow next = after (24 * HOUR);
    GenvidNow later = after (49 * HOUR);

    append (&kit, blank, GENVID_LEDGER_SUBMIT);
    g_autofree char *before = read_ledger (&kit);
    g_autofree char *all = g_strconcat (before, text, NULL);
    write_ledger (&kit, all, -1);
    assert_refused (&kit, "Line 2 of ");
    /* Without a limit there is nothing to add up. */
    g_assert_true (reserve (&kit, &blank, -1));
    assert_refused (&kit, "Line 2 of ");

    /* It is older than what follows, so a day later it hides nothing. */
    line.fingerprint = "aa";
    append_at (&kit, line, GENVID_LEDGER_SUBMIT, &next);
    g_assert_cmpfloat_with_epsilon (sum_at (&kit, &later), 0, EPSILON);
  }
}

/* No purchase: blank lines, and the word of a later version. */
static void
test_void_lines (void)
{
  g_auto (Kit) kit = kit_new ();

  write_ledger (&kit,
                "\n\r\n  \n" WHEN "\"event\":\"steal\",\"fingerprint\":\"a\","
                "\"n\":1,\"amount\":9}\n",
                -1);
  append (&kit, blank, GENVID_LEDGER_SUBMIT);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
}

/* Whatever the prefix and the zeros that a killed process or a power cut left
 * of a line, it was not durable, so nothing followed from it; and no purchase
 * after it is hindered or forgotten. */
static void
test_every_torn_line (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  line.model = "br{ace\\ \"quo}te";
  append (&kit, line, GENVID_LEDGER_SUBMIT);
  g_autofree char *whole = read_ledger (&kit);
  for (gsize cut = 1; cut < strlen (whole) - 2; cut++) {
    for (guint zeros = 0; zeros < 3; zeros += 2) {
      g_autoptr (GString) text = g_string_new_len (whole, (gssize)cut);

      g_string_append_len (text, "\0\0", zeros);
      write_ledger (&kit, text->str, (gssize)text->len);
      g_assert_cmpfloat (sum (&kit), ==, 0);
      line.fingerprint = "aa";
      append (&kit, line, GENVID_LEDGER_SUBMIT);
      g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
    }
  }
}

/* Whatever things are called, a money event can be read back. */
static void
test_long_names (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *letters = g_strnfill (70000, 'm');
  g_autofree char *umlauts = g_strdup ("\xc3\xa4");
  GenvidLedgerLine line = blank;

  while (strlen (umlauts) < 70000) {
    char *twice = g_strconcat (umlauts, umlauts, NULL);
    g_free (umlauts);
    umlauts = twice;
  }
  line.model = letters;
  line.provider = umlauts;
  line.id = letters;
  intend (&kit, FINGERPRINT, 1);
  append (&kit, line, GENVID_LEDGER_RESERVE);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
  g_autofree char *text = read_ledger (&kit);
  g_assert_cmpuint (strlen (text), <, 4096);
  /* Half an id would be asked for by who takes it for a whole one. */
  g_assert_null (strstr (text, "\"id\":"));
  g_assert_nonnull (strstr (text, "\"id-begins\":\"mmm"));

  /* One that a former version wrote in full. */
  line.fingerprint = "aa";
  g_autofree char *old
      = g_strdup_printf ("%s" WHEN "\"event\":\"submit\",\"model\":\"%s\","
                         "\"fingerprint\":\"aa\",\"n\":1,\"amount\":4}\n",
                         text, letters);
  write_ledger (&kit, old, -1);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 6.5, EPSILON);
}

/* What was sent and is sent again under its number: the clip was removed in
 * between. */
static void
test_bought_again (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GError) error = NULL;
  guint n = 0;

  append (&kit, blank, GENVID_LEDGER_RESERVE);
  g_assert_true (
      genvid_ledger_find_number (kit.store, FINGERPRINT, &kit_now, &n, &error));
  g_assert_cmpuint (n, ==, 0);
  append (&kit, blank, GENVID_LEDGER_SUBMIT);
  append (&kit, blank, GENVID_LEDGER_FINISH);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
  g_assert_true (
      genvid_ledger_find_number (kit.store, FINGERPRINT, &kit_now, &n, &error));
  g_assert_cmpuint (n, ==, 1);
  for (guint i = 2; i <= 4; i++) {
    append (&kit, blank, GENVID_LEDGER_RESERVE);
    append (&kit, blank, GENVID_LEDGER_SUBMIT);
    g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5 * i, EPSILON);
  }
}

/* A purchase whose reserve was torn still counts. */
static void
test_lost_reserve (void)
{
  g_auto (Kit) kit = kit_new ();

  write_ledger (&kit, "{\"time\":\"2026-01-01T0\n", -1);
  append (&kit, blank, GENVID_LEDGER_FINISH);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger/lines", test_lines);
  g_test_add_func ("/ledger/empty", test_empty);
  g_test_add_func ("/ledger/void", test_void);
  g_test_add_func ("/ledger/course", test_course);
  g_test_add_func ("/ledger/purchases", test_purchases);
  g_test_add_func ("/ledger/adopted", test_adopted);
  g_test_add_func ("/ledger/window", test_window);
  g_test_add_func ("/ledger/clock", test_clock);
  g_test_add_func ("/ledger/torn", test_torn);
  g_test_add_func ("/ledger/damaged", test_damaged);
  g_test_add_func ("/ledger/lost-reserve", test_lost_reserve);
  g_test_add_func ("/ledger/void-lines", test_void_lines);
  g_test_add_func ("/ledger/every-torn-line", test_every_torn_line);
  g_test_add_func ("/ledger/long-names", test_long_names);
  g_test_add_func ("/ledger/bought-again", test_bought_again);
  return g_test_run ();
}
