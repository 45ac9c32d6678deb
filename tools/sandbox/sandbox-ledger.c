/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox-private.h"

const char *
sandbox_currency (GenvidSandboxService service)
{
  return service == GENVID_SANDBOX_GENPRO ? "credits" : "USD";
}

void
genvid_sandbox_entry_free (GenvidSandboxEntry *entry)
{
  g_free (entry->id);
  g_free (entry->model);
  g_free (entry->prompt);
  g_free (entry->note);
  g_free (entry);
}

void
sandbox_ledger_add (GenvidSandbox *self, GenvidSandboxEvent event,
                    const SandboxJob *job)
{
  GenvidSandboxEntry *entry = g_new0 (GenvidSandboxEntry, 1);

  entry->event = event;
  entry->service = job->service;
  entry->time = sandbox_now (self);
  entry->id = g_strdup (job->id);
  entry->model = g_strdup (job->model);
  entry->prompt = g_strdup (job->prompt);
  if (event == GENVID_SANDBOX_CHARGED || event == GENVID_SANDBOX_REFUNDED)
    entry->amount = job->cost;
  entry->currency = sandbox_currency (job->service);
  entry->note = g_strdup (job->note);
  g_ptr_array_add (self->ledger, entry);
  g_cond_broadcast (&self->cond);
}

void
sandbox_ledger_refused (GenvidSandbox *self, const GenvidSandboxRequest *q,
                        guint status, const char *why)
{
  GenvidSandboxEntry *entry = g_new0 (GenvidSandboxEntry, 1);

  entry->event = GENVID_SANDBOX_REFUSED;
  entry->service = q->service;
  entry->time = sandbox_now (self);
  entry->currency = sandbox_currency (q->service);
  entry->status = status;
  entry->note = g_strdup_printf ("%s %s: %.200s", q->method, q->path, why);
  g_ptr_array_add (self->ledger, entry);
  g_cond_broadcast (&self->cond);
}
