/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A short soak, and a check of its checks: a world of few lives is clean,
 * though its disk was bad; then one lie after the other is put into what was
 * seen of it, and each is found. */

#include "soak.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define SEED  20261127
#define LIVES 15

static SoakWorld *world;

static char *
join_findings (void)
{
  g_ptr_array_add (world->findings, NULL);
  return g_strjoinv ("\n", (char **)world->findings->pdata);
}

static void
assert_clean (void)
{
  g_ptr_array_set_size (world->findings, 0);
  soak_check (world);
  if (world->findings->len > 0)
    g_error ("findings: %s", join_findings ());
}

/* Each finding begins with KIND, and there is one. */
static void
assert_found (const char *kind)
{
  g_ptr_array_set_size (world->findings, 0);
  soak_check (world);
  if (world->findings->len == 0)
    g_error ("a forged %s was not found", kind);
  for (guint i = 0; i < world->findings->len; i++)
    if (g_str_has_prefix (world->findings->pdata[i], kind))
      return;
  g_error ("a forged %s was taken for: %s", kind, join_findings ());
}

static void
test_lives (void)
{
  soak_world_run (world, LIVES, G_MAXINT64);
  if (world->findings->len > 0)
    g_error ("findings: %s", join_findings ());
  assert_clean ();
  g_assert_cmpint (soak_world_get_struck (world), >, 0);
  g_assert_cmpuint (soak_world_count_charges (world), >, 0);
}

/* The first request that was delivered. */
static SoakRequest *
find_whole (void)
{
  for (guint i = 0; i < world->requests->len; i++) {
    SoakRequest *request = g_ptr_array_index (world->requests, i);

    if (g_strcmp0 (request->last.word, "whole") == 0 && request->resubmits == 0)
      return request;
  }
  g_error ("nothing was delivered");
}

static GenvidSandboxEntry *
find_entry (GenvidSandboxEvent event)
{
  SoakRequest *request = find_whole ();

  for (guint i = 0; i < world->ledger->len; i++) {
    GenvidSandboxEntry *entry = g_ptr_array_index (world->ledger, i);

    if (entry->event == event && g_str_equal (entry->prompt, request->prompt)
        && g_strcmp0 (entry->id, request->last.id) == 0)
      return entry;
  }
  g_error ("the ledger has no such entry");
}

static void
test_charge (void)
{
  GenvidSandboxEntry *entry = find_entry (GENVID_SANDBOX_CHARGED);
  GenvidSandboxEntry forged = *entry;

  g_ptr_array_add (world->ledger, &forged);
  assert_found ("charge: ");
  g_ptr_array_steal_index (world->ledger, world->ledger->len - 1);
  assert_clean ();
}

static void
test_budget (void)
{
  GenvidSandboxEntry *entry = find_entry (GENVID_SANDBOX_CHARGED);
  double amount = entry->amount;

  entry->amount = 100000;
  assert_found ("budget: ");
  entry->amount = amount;
  assert_clean ();
}

static void
test_byte (void)
{
  SoakRequest *request = find_whole ();

  request->last.sum[0] ^= 1;
  assert_found ("byte: ");
  request->last.sum[0] ^= 1;
  request->last.bytes--;
  assert_found ("byte: ");
  request->last.bytes++;
  assert_clean ();
}

static char *
get_path (const char *name)
{
  g_autofree char *store = soak_world_get_store (world, find_whole ()->store);

  return g_build_filename (store, name, NULL);
}

static void
forge_file (const char *name, const char *text, const char *kind)
{
  g_autofree char *path = get_path (name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  assert_found (kind);
  g_assert_cmpint (remove (path), ==, 0);
  assert_clean ();
}

static void
test_files (void)
{
  forge_file ("clip.mp4", "no clip", "byte: ");
  forge_file ("leak", "Bearer " SOAK_KEY "1", "secret: ");
  forge_file ("leak", "?X-Amz-Signature=1", "secret: ");
  forge_file ("leak", "Basic c2stc29hay0w", "secret: ");
}

/* The service tells an id that is in no file, and then also was polled. */
static void
test_id (void)
{
  GenvidSandboxEntry *entry = find_entry (GENVID_SANDBOX_CHARGED);
  SoakRequest *request = find_whole ();
  g_autofree char *id = entry->id;

  entry->id = g_strdup ("lost");
  assert_found ("id: ");
  g_free (entry->id);
  entry->id = g_steal_pointer (&id);
  assert_clean ();
  g_assert_nonnull (request->last.id);
}

static void
test_last (void)
{
  SoakRequest *request = find_whole ();
  SoakResult whole = request->last;
  guint sold = request->sold_before, paid = request->paid_before;
  char word[] = "failed";

  /* Not delivered, though paid. */
  request->sold_before = 1;
  request->paid_before = 1;
  assert_clean ();
  request->last.word = word;
  assert_found ("last: ");
  request->last = whole;
  /* Bought again. */
  request->sold_before = 0;
  assert_found ("last: ");
  request->sold_before = sold;
  request->paid_before = paid;
  assert_clean ();
}

/* --- A process that goes wrong by itself. --- */

static void
live (SoakLife *life, const char *expected)
{
  SoakWorld *other = life->world;

  g_ptr_array_add (other->lives, life);
  soak_life_start (life);
  while (other->n_running > 0)
    g_main_loop_run (other->loop);
  g_assert_cmpuint (other->findings->len, ==, 1);
  g_assert_nonnull (strstr (other->findings->pdata[0], expected));
  soak_world_free (other, FALSE);
}

static SoakLife *
plan_other (void)
{
  SoakWorld *other = soak_world_new (SEED + 1);

  return soak_plan_last (other, soak_world_get_request (other, 0), NULL);
}

static void
test_hang (void)
{
  SoakLife *life = plan_other ();

  life->limit = 1;
  life->world->bound = 1;
  life->stop_at = 1;
  life->stop_for = G_MAXINT32;
  live (life, " hangs: ");
}

static void
test_crash (void)
{
  SoakLife *life = plan_other ();

  life->signal = SIGABRT;
  life->signal_at = 1;
  live (life, " died of signal 6");
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  world = soak_world_new (SEED);
  g_test_add_func ("/soak/lives", test_lives);
  g_test_add_func ("/soak/forged-charge", test_charge);
  g_test_add_func ("/soak/forged-budget", test_budget);
  g_test_add_func ("/soak/forged-byte", test_byte);
  g_test_add_func ("/soak/forged-files", test_files);
  g_test_add_func ("/soak/forged-id", test_id);
  g_test_add_func ("/soak/forged-last", test_last);
  g_test_add_func ("/soak/forged-hang", test_hang);
  g_test_add_func ("/soak/forged-crash", test_crash);
  status = g_test_run ();
  soak_world_free (world, FALSE);
  return status;
}
