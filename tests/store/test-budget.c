/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who may spend how much, and who gets the last dollar. */

#include "ledger-kit.h"
#include "failure.h"
#include "ledger.h"
#include "store-entry.h"

#include <sys/resource.h>
#include <sys/wait.h>

static void
test_budget (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;
  g_autoptr (GenvidStoreEntry) holder = kit_lock_entry (&kit);

  g_assert_true (genvid_store_entry_is_locked (holder));
  g_assert_false (reserve (&kit, &line, 2.49));
  g_assert_false (reserve (&kit, &line, 0));
  g_assert_null (read_ledger (&kit));
  g_assert_true (reserve (&kit, &line, 2.5));
  /* Killed and started again: its own void reserve is not in its way. */
  g_assert_true (reserve (&kit, &line, 2.5));
  intend (&kit, FINGERPRINT, 1);
  line.n = 2;
  g_assert_false (reserve (&kit, &line, 4.99));
  g_assert_true (reserve (&kit, &line, 5.0));
  intend (&kit, FINGERPRINT, 2);

  line.n = 3;
  line.amount = -1;
  g_assert_false (reserve (&kit, &line, 1000));
  g_assert_true (reserve (&kit, &line, -1));
  line.amount = 1000;
  g_assert_true (reserve (&kit, &line, -1));
}

/* Ten dimes are a dollar. */
static void
test_dimes (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  line.amount = 0.1;
  for (line.n = 1; line.n <= 10; line.n++) {
    g_assert_true (reserve (&kit, &line, 1.0));
    intend (&kit, FINGERPRINT, line.n);
  }
  g_assert_false (reserve (&kit, &line, 1.0));
}

static int
append_to_full_disk (const Kit *kit)
{
  struct rlimit none = { 0, 0 };
  g_autoptr (GError) error = NULL;

  if (setrlimit (RLIMIT_FSIZE, &none) != 0)
    return 1;
  if (genvid_ledger_reserve (kit->store, &blank, -1, &kit_now, &error))
    return 2;
  return g_error_matches (error, GENVID_ERROR, GENVID_REASON_NO_SPACE) ? 0 : 3;
}

static void
test_full_disk (void)
{
  g_auto (Kit) kit = kit_new ();
  int status = 0;

  append (&kit, blank, GENVID_LEDGER_SUBMIT);
  g_autofree char *before = read_ledger (&kit);
  pid_t pid = fork ();
  if (pid == 0)
    _exit (append_to_full_disk (&kit));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_autofree char *text = read_ledger (&kit);
  g_assert_cmpstr (text, ==, before);
}

/* N processes and a budget for one of them; each has its own request, holds
 * its lock, and goes on to its intent. */
#define RACERS 8

static int
spend (const Kit *kit, guint number, int start)
{
  g_autofree char *fingerprint = g_strdup_printf ("a%u", number);
  GenvidStoreEntry *entry = genvid_store_get_entry (kit->store, fingerprint);
  GenvidLedgerLine line = blank;
  char word = 0;

  line.fingerprint = fingerprint;
  if (!genvid_store_entry_try_lock (entry, NULL))
    return 2;
  if (read (start, &word, 1) != 0)
    return 3;
  if (!genvid_ledger_reserve (kit->store, &line, 4.0, &kit_now, NULL))
    return 1;
  return genvid_store_entry_intend (entry, 1, &kit_now, NULL) ? 0 : 4;
}

static void
test_last_dollar (void)
{
  g_auto (Kit) kit = kit_new ();
  pid_t pids[RACERS];
  int start[2];
  guint winners = 0;

  g_assert_cmpint (pipe2 (start, O_CLOEXEC), ==, 0);
  for (guint i = 0; i < RACERS; i++) {
    pids[i] = fork ();
    if (pids[i] == 0) {
      close (start[1]);
      _exit (spend (&kit, i, start[0]));
    }
  }
  close (start[0]);
  /* All at once: the end of the pipe. */
  close (start[1]);
  for (guint i = 0; i < RACERS; i++) {
    int status = 0;
    g_assert_cmpint (waitpid (pids[i], &status, 0), ==, pids[i]);
    g_assert_true (WIFEXITED (status));
    g_assert_cmpint (WEXITSTATUS (status), <=, 1);
    winners += WEXITSTATUS (status) == 0;
  }
  g_assert_cmpuint (winners, ==, 1);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 2.5, EPSILON);
}

/* Lines of many writers never mix. */
static gpointer
append_many (gpointer data)
{
  const Kit *kit = data;

  for (guint i = 0; i < 20; i++)
    append (kit, blank, GENVID_LEDGER_SUBMIT);
  return NULL;
}

static void
test_many_writers (void)
{
  g_auto (Kit) kit = kit_new ();
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("writer", append_many, &kit);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_autofree char *text = read_ledger (&kit);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 81);
  for (guint i = 0; i < 80; i++)
    g_assert_cmpstr (lines[i], ==, lines[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/budget/budget", test_budget);
  g_test_add_func ("/budget/dimes", test_dimes);
  g_test_add_func ("/budget/full-disk", test_full_disk);
  g_test_add_func ("/budget/last-dollar", test_last_dollar);
  g_test_add_func ("/budget/many-writers", test_many_writers);
  return g_test_run ();
}
