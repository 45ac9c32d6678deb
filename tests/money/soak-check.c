/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What must hold when a world is over, judged by what the service sold and
 * what the processes took, not by what the library says of itself. */

#include "soak.h"

#include <string.h>

SoakRequest *
soak_find_request (SoakWorld *world, const char *prompt)
{
  for (guint i = 0; i < world->requests->len; i++) {
    SoakRequest *request = g_ptr_array_index (world->requests, i);

    if (g_strcmp0 (request->prompt, prompt) == 0)
      return request;
  }
  return NULL;
}

gboolean
soak_is_in_doubt (const SoakRequest *request)
{
  return g_strcmp0 (request->last.word, "failed") == 0
         && g_str_has_prefix (request->last.text, "in-doubt ")
         && strlen (request->last.text) > strlen ("in-doubt ");
}

static gboolean
is_of (const GenvidSandboxEntry *entry, GenvidSandboxEvent event,
       const SoakRequest *request)
{
  return entry->event == event && entry->prompt != NULL
         && g_str_equal (entry->prompt, request->prompt);
}

/* CN8 books a generation when it is done, the others when it begins. */
static int
count_paid (const GenvidSandboxEntry *entry, const SoakRequest *request)
{
  return is_of (entry, GENVID_SANDBOX_CHARGED, request)
         - is_of (entry, GENVID_SANDBOX_REFUNDED, request);
}

guint
soak_count_sold (GPtrArray *ledger, const SoakRequest *request, guint *paid)
{
  guint sold = 0;
  int sum = 0;

  for (guint i = 0; i < ledger->len; i++) {
    sold += is_of (ledger->pdata[i], GENVID_SANDBOX_ACCEPTED, request);
    sum += count_paid (ledger->pdata[i], request);
  }
  *paid = (guint)MAX (sum, 0);
  return sold;
}

const char *
soak_find_paid (GPtrArray *ledger, const SoakRequest *request)
{
  const char *id = NULL;

  for (guint i = 0; i < ledger->len; i++) {
    const GenvidSandboxEntry *entry = g_ptr_array_index (ledger, i);

    if (is_of (entry, GENVID_SANDBOX_CHARGED, request))
      id = entry->id;
    else if (is_of (entry, GENVID_SANDBOX_REFUNDED, request)
             && g_strcmp0 (entry->id, id) == 0)
      id = NULL;
  }
  return id;
}

/* --- Charges. --- */

/* At no moment more is paid for than the one clip and one for each start that
 * was allowed to buy again in doubt. */
static void
check_request (SoakWorld *world, SoakRequest *request)
{
  int paid = 0;

  for (guint i = 0; i < world->ledger->len; i++) {
    paid += count_paid (world->ledger->pdata[i], request);
    if (paid <= 1 + (int)request->resubmits)
      continue;
    soak_world_find (world,
                     "charge: “%s” at %s is paid %d times, with %u starts that "
                     "might buy again",
                     request->prompt, request->service->name, paid,
                     request->resubmits);
    return;
  }
}

/* A purchase's own value is sold once. */
static void
check_values (SoakWorld *world)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < world->ledger->len; i++) {
    GenvidSandboxEntry *entry = g_ptr_array_index (world->ledger, i);

    if (entry->event != GENVID_SANDBOX_ACCEPTED || entry->note == NULL)
      continue;
    if (!g_hash_table_add (seen, entry->note))
      soak_world_find (world, "charge: purchase %s was sold twice",
                       entry->note);
  }
}

static double
get_dollars (const GenvidSandboxEntry *entry)
{
  double sign = entry->event == GENVID_SANDBOX_CHARGED    ? 1
                : entry->event == GENVID_SANDBOX_REFUNDED ? -1
                                                          : 0;

  return sign * entry->amount
         * (entry->service == GENVID_SANDBOX_GENPRO ? SOAK_USD : 1);
}

static void
check_budgets (SoakWorld *world)
{
  double spent[SOAK_STORES] = { 0 };

  for (guint i = 0; i < world->ledger->len; i++) {
    GenvidSandboxEntry *entry = g_ptr_array_index (world->ledger, i);
    SoakRequest *request = soak_find_request (world, entry->prompt);

    if (request == NULL)
      continue;
    spent[request->store] += get_dollars (entry);
    if (spent[request->store] <= world->caps[request->store] + 0.001)
      continue;
    soak_world_find (world, "budget: store %u spent $%.2f under budget=%.2f",
                     request->store, spent[request->store],
                     world->caps[request->store]);
    return;
  }
}

/* --- Clips. --- */

static gboolean
begins_with (GBytes *clip, const SoakResult *result)
{
  g_autofree char *sum = NULL;
  gsize length;
  const guint8 *data = g_bytes_get_data (clip, &length);

  if (result->bytes > length
      || (result->bytes < length && g_str_equal (result->word, "whole")))
    return FALSE;
  sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, result->bytes);
  return g_str_equal (sum, result->sum);
}

/* What was taken is what the service made for this request, to the byte. */
static gboolean
is_made_for (SoakWorld *world, const SoakRequest *request,
             const SoakResult *result)
{
  for (guint i = 0; i < world->ledger->len; i++) {
    GenvidSandboxEntry *entry = g_ptr_array_index (world->ledger, i);
    g_autoptr (GBytes) clip = NULL;

    if (!is_of (entry, GENVID_SANDBOX_ACCEPTED, request)
        || (result->id != NULL && !g_str_equal (result->id, entry->id)))
      continue;
    clip = genvid_sandbox_clip (world->sandbox, entry->id);
    if (clip != NULL && begins_with (clip, result))
      return TRUE;
  }
  return FALSE;
}

static void
check_result (SoakWorld *world, const SoakRequest *request,
              const SoakResult *result, const char *where)
{
  if (result->word == NULL
      || (result->bytes == 0 && !g_str_equal (result->word, "whole")))
    return;
  if (!is_made_for (world, request, result))
    soak_world_find (world,
                     "byte: %s took %" G_GUINT64_FORMAT " bytes (%s) of “%s”, "
                     "generation %s, that the service never made",
                     where, result->bytes, result->word, request->prompt,
                     result->id != NULL ? result->id : "unknown");
}

static void
check_clips (SoakWorld *world)
{
  for (guint i = 0; i < world->lives->len; i++) {
    SoakLife *life = g_ptr_array_index (world->lives, i);
    g_autofree char *where = g_strdup_printf ("life %u", life->number);

    for (guint n = 0; n < life->n_requests; n++)
      check_result (world, soak_world_get_request (world, life->requests[n]),
                    &life->results[n], where);
  }
  for (guint i = 0; i < world->requests->len; i++) {
    SoakRequest *request = g_ptr_array_index (world->requests, i);

    check_result (world, request, &request->last, "the last pass");
    check_result (world, request, &request->adopted, "the adoption");
  }
}

/* --- Ids. --- */

/* Someone asked for the id: so it had been told, and was on disk. */
static gboolean
was_asked_for (GPtrArray *asked, const char *id)
{
  for (guint i = 0; i < asked->len; i++) {
    const GenvidSandboxRequest *request = g_ptr_array_index (asked, i);
    const char *query = request->query != NULL ? request->query : "";

    if (request->scope == GENVID_SANDBOX_POLL
        && (strstr (request->path, id) != NULL || strstr (query, id) != NULL))
      return TRUE;
  }
  return FALSE;
}

static void
check_id (SoakWorld *world, GPtrArray *asked, const char *id,
          SoakRequest *request)
{
  /* What follows a colon may be written in more than one way. */
  g_autofree char *core = g_strndup (id, strcspn (id, ":"));
  gboolean known = was_asked_for (asked, core);

  if (soak_store_holds (world, request->store, core)
      || g_strcmp0 (request->last.id, id) == 0)
    return;
  if (!known && (soak_is_in_doubt (request) || request->resubmits > 0))
    return;
  soak_world_find (world,
                   "id: generation %s of “%s” at %s is nowhere in its store%s; "
                   "the last pass says %s %s",
                   id, request->prompt, request->service->name,
                   known ? ", though its state was asked for" : "",
                   request->last.word != NULL ? request->last.word : "nothing",
                   request->last.text != NULL ? request->last.text : "");
}

static void
check_ids (SoakWorld *world)
{
  g_autoptr (GPtrArray) asked = genvid_sandbox_requests (world->sandbox);

  for (guint i = 0; i < world->ledger->len; i++) {
    GenvidSandboxEntry *entry = g_ptr_array_index (world->ledger, i);
    SoakRequest *request = entry->event == GENVID_SANDBOX_CHARGED
                               ? soak_find_request (world, entry->prompt)
                               : NULL;

    if (request != NULL)
      check_id (world, asked, entry->id, request);
  }
}

/* --- The last pass. --- */

static void
check_last (SoakWorld *world, SoakRequest *request)
{
  const SoakResult *last = &request->last;
  gboolean whole = g_strcmp0 (last->word, "whole") == 0;
  /* Beyond those that were given up for others in doubt. */
  gboolean owed = request->paid_before > request->resubmits;
  guint paid, sold;

  if (request->starts == 0)
    return;
  sold = soak_count_sold (world->ledger, request, &paid);
  if (owed && sold > request->sold_before)
    soak_world_find (world, "last: “%s” was paid and is bought again",
                     request->prompt);
  if (request->adopted.word != NULL
      && !g_str_equal (request->adopted.word, "whole"))
    soak_world_find (world, "last: “%s” at %s was not adopted: %s %s",
                     request->prompt, request->service->name,
                     request->adopted.word, request->adopted.text);
  if (whole || soak_is_in_doubt (request))
    return;
  /* What nobody paid for may end in any other way that is said. */
  if (!owed && g_strcmp0 (last->word, "failed") == 0)
    return;
  soak_world_find (world, "last: “%s” at %s is not delivered: %s %s",
                   request->prompt, request->service->name,
                   last->word != NULL ? last->word : "nothing",
                   last->text != NULL ? last->text : "");
}

void
soak_check (SoakWorld *world)
{
  check_values (world);
  check_budgets (world);
  for (guint i = 0; i < world->requests->len; i++) {
    check_request (world, g_ptr_array_index (world->requests, i));
    check_last (world, g_ptr_array_index (world->requests, i));
  }
  check_clips (world);
  check_ids (world);
  soak_check_files (world);
}
