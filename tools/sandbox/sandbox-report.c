/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a test or a reader asks: the ledger, its sums, a clip. */
#include "sandbox-private.h"

static const char *const service_names[]
    = { "genpro", "aimlapi", "cn8", "none" };
static const char *const event_names[]
    = { "accepted", "charged", "refunded", "replayed", "refused" };

/* CN8 charges when a generation completes, polled or not; what a fault will
 * do to the next poll is not forestalled. */
static void
ripen (GenvidSandbox *self)
{
  if (sandbox_fault_pending (self, "poll-never")
      || sandbox_fault_pending (self, "poll-failed")
      || sandbox_fault_pending (self, "poll-refused"))
    return;
  for (guint i = 0; i < self->jobs->len; i++) {
    SandboxJob *job = self->jobs->pdata[i];
    if (job->service == GENVID_SANDBOX_CN8 && job->phase == 0
        && job->clip->done)
      sandbox_job_phase (self, job, FALSE);
  }
}

static gpointer
copy_entry (gconstpointer source, gpointer unused)
{
  const GenvidSandboxEntry *entry = source;
  GenvidSandboxEntry *copy = g_memdup2 (entry, sizeof *entry);

  copy->id = g_strdup (entry->id);
  copy->model = g_strdup (entry->model);
  copy->prompt = g_strdup (entry->prompt);
  copy->note = g_strdup (entry->note);
  return copy;
}

GPtrArray *
genvid_sandbox_ledger (GenvidSandbox *self)
{
  SANDBOX_LOCK (self);
  GPtrArray *copy;

  ripen (self);
  copy = g_ptr_array_copy (self->ledger, copy_entry, NULL);
  g_ptr_array_set_free_func (copy, (GDestroyNotify)genvid_sandbox_entry_free);
  return copy;
}

static guint
count (GPtrArray *ledger, GenvidSandboxService service,
       GenvidSandboxEvent event, double *amount)
{
  guint n = 0;

  for (guint i = 0; i < ledger->len; i++) {
    GenvidSandboxEntry *entry = ledger->pdata[i];
    if ((service != GENVID_SANDBOX_ANY_SERVICE && entry->service != service)
        || entry->event != event)
      continue;
    n++;
    if (amount != NULL)
      *amount += entry->amount;
  }
  return n;
}

guint
genvid_sandbox_count (GenvidSandbox *self, GenvidSandboxService service,
                      GenvidSandboxEvent event)
{
  SANDBOX_LOCK (self);

  ripen (self);
  return count (self->ledger, service, event, NULL);
}

gboolean
genvid_sandbox_wait_count (GenvidSandbox *self, GenvidSandboxService service,
                           GenvidSandboxEvent event, guint n, guint timeout_ms)
{
  SANDBOX_LOCK (self);
  gint64 end = g_get_monotonic_time () + (gint64)timeout_ms * 1000;

  for (;;) {
    ripen (self);
    if (count (self->ledger, service, event, NULL) >= n)
      return TRUE;
    if (!g_cond_wait_until (&self->cond, &self->lock, end))
      return FALSE;
  }
}

double
genvid_sandbox_spent (GenvidSandbox *self, GenvidSandboxService service)
{
  SANDBOX_LOCK (self);
  double charged = 0, refunded = 0;

  ripen (self);
  count (self->ledger, service, GENVID_SANDBOX_CHARGED, &charged);
  count (self->ledger, service, GENVID_SANDBOX_REFUNDED, &refunded);
  return charged - refunded;
}

static void
add_string (GString *out, const char *name, const char *value)
{
  g_autofree char *quoted = NULL;

  if (value == NULL)
    return;
  quoted = sandbox_json_quote (value);
  g_string_append_printf (out, ",\"%s\":%s", name, quoted);
}

char *
genvid_sandbox_ledger_json (GenvidSandbox *self)
{
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (self);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < ledger->len; i++) {
    GenvidSandboxEntry *entry = ledger->pdata[i];
    char amount[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf (out, "{\"event\":\"%s\",\"service\":\"%s\"",
                            event_names[entry->event],
                            service_names[entry->service]);
    add_string (out, "id", entry->id);
    add_string (out, "model", entry->model);
    if (entry->status != 0)
      g_string_append_printf (out, ",\"status\":%u", entry->status);
    g_ascii_formatd (amount, sizeof amount, "%.4f", entry->amount);
    g_string_append_printf (out, ",\"amount\":%s", amount);
    add_string (out, "currency", entry->currency);
    add_string (out, "note", entry->note);
    g_string_append (out, "}\n");
  }
  return g_string_free (out, FALSE);
}

char *
genvid_sandbox_ledger_table (GenvidSandbox *self)
{
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (self);
  GString *out = g_string_new (
      "service   accepted  charged      amount  refunded      amount  "
      "replayed  refused\n");

  for (guint i = 0; i < SANDBOX_N_SERVICES; i++) {
    GenvidSandboxService service = (GenvidSandboxService)i;
    double paid = 0, back = 0;
    guint charged = count (ledger, service, GENVID_SANDBOX_CHARGED, &paid);
    guint refunded = count (ledger, service, GENVID_SANDBOX_REFUNDED, &back);
    g_string_append_printf (
        out, "%-9s %8u %8u %11.2f %9u %11.2f %9u %8u  %s\n", service_names[i],
        count (ledger, service, GENVID_SANDBOX_ACCEPTED, NULL), charged, paid,
        refunded, back, count (ledger, service, GENVID_SANDBOX_REPLAYED, NULL),
        count (ledger, service, GENVID_SANDBOX_REFUSED, NULL),
        sandbox_currency (service));
  }
  return g_string_free (out, FALSE);
}

GBytes *
genvid_sandbox_clip (GenvidSandbox *self, const char *id)
{
  SANDBOX_LOCK (self);
  SandboxJob *job = NULL;

  for (guint i = 0; job == NULL && i < SANDBOX_N_SERVICES; i++)
    job = sandbox_job_find (self, (GenvidSandboxService)i, id);
  if (job == NULL)
    return NULL;
  sandbox_clip_wait (self, job->clip);
  return job->clip->bytes == NULL ? NULL : g_bytes_ref (job->clip->bytes);
}
