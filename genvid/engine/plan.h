/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"
#include "provider.h"
#include "record.h"
#include "request.h"
#include "settings.h"
#include "store.h"

G_BEGIN_DECLS

/* An order with everything resolved that can be resolved without network:
 * environment, key, root, hashes, limits, fingerprint, store. Immutable once
 * made; counted, for threads to share. */
typedef struct {
  GenvidSettings *settings; /* a copy; its api_key is not used any more */
  GenvidProvider *provider;
  GenvidRequest *request; /* with the hashes of local files */
  JsonObject *parameters; /* declared ones from the environment; nullable */
  char *base_url;
  char *key;     /* nullable: then only what is stored can be read */
  char *keyless; /* the error to give where a key is needed; with key NULL */
  GenvidStore *store;
  char *fingerprint;
  char *model;            /* nullable */
  gboolean never_buy;     /* reuse=only, from wherever */
  char *never_buy_reason; /* a sentence that says how to allow it */
  double max_cost;        /* USD; -1 = no cap */
  double budget;          /* USD; -1 = no limit */
  double price;           /* -1 unknown */
  const char *currency;   /* interned; nullable */
} GenvidPlan;

/* GENVID_ERROR; WARNINGS (out, nullable): sentences. Reads small files: the
 * key, descriptions, and whole local images for their hashes. */
GenvidPlan *genvid_plan_new (const GenvidSettings *settings,
                             GPtrArray **warnings, GError **error);
/* The same for a quotation: touches no store, so the plan has none, and is for
 * genvid_plan_make_call and its prices only. */
GenvidPlan *genvid_plan_new_quote (const GenvidSettings *settings,
                                   GPtrArray **warnings, GError **error);
GenvidPlan *genvid_plan_ref (GenvidPlan *plan);
void genvid_plan_unref (GenvidPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidPlan, genvid_plan_unref)

/* A call of its own for one worker; bound to root and key. */
GenvidCall *genvid_plan_make_call (const GenvidPlan *plan, GError **error);

/* May this clip be bought at all: not under reuse=only, and its price within
 * max-cost. (The budget is the ledger's.) GENVID_ERROR (not-stored,
 * over-budget, unauthorized without a key). */
gboolean genvid_plan_may_buy (const GenvidPlan *plan, GError **error);

/* AMOUNT in US dollars at the description's dated rate; -1 if AMOUNT is
 * unknown or has no rate. */
double genvid_plan_to_usd (const GenvidPlan *plan, double amount,
                           const char *currency);

G_END_DECLS
