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

/* Settings with everything resolved that can be resolved without network:
 * environment, key, base-url, hashes, limits, fingerprint, store. Never changes
 * once made; counted, so threads can share it. */
typedef struct {
  GenvidSettings *settings; /* a copy without its api_key */
  GenvidProvider *provider; /* without its description */
  GenvidRequest *request;   /* with the hashes of local files */
  JsonObject *parameters;   /* declared ones, from the environment; nullable */
  char *base_url;
  char *key;     /* nullable */
  char *keyless; /* the error where a key is needed and there is none: then only
                  * a stored clip can be played; else NULL */
  char *refused; /* why nothing like it is bought any more, though a clip that
                  * was can be played; else NULL */
  GenvidStore *store;
  char *fingerprint;
  char *former; /* the name under which an earlier version may have bought it;
                 * nullable */
  char *model;  /* nullable */
  gboolean never_buy;     /* reuse=only, whatever set it */
  char *never_buy_reason; /* a sentence: why, and how to allow it */
  double max_cost;        /* USD; -1 = no limit */
  double budget;          /* USD; -1 = no limit */
  double typical;         /* seconds; see genvid_call_get_typical_time */
  double spread;
  double price;         /* -1 unknown */
  const char *currency; /* interned; nullable */
  char *price_note;     /* where the price is from (nullable); if it is unknown,
                         * what to do about it, "" where nothing is known */
} GenvidPlan;

/* GENVID_ERROR; WARNINGS (out, nullable): sentences. Reads small files: the
 * key, descriptions, and whole local images for their hashes. */
GenvidPlan *genvid_plan_new (const GenvidSettings *settings,
                             GPtrArray **warnings, GError **error);
/* The same for a quote: opens no store, so the plan has none, and is good only
 * for genvid_plan_make_call and its price. */
GenvidPlan *genvid_plan_new_quote (const GenvidSettings *settings,
                                   GPtrArray **warnings, GError **error);
GenvidPlan *genvid_plan_ref (GenvidPlan *plan);
void genvid_plan_unref (GenvidPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidPlan, genvid_plan_unref)

/* A plan that is not shared yet takes on the name under which STORE has its
 * clip, or something else that may have been paid for. FOUND: there is a record
 * of it. FALSE with error: the store cannot tell. */
gboolean genvid_plan_find_purchase (GenvidPlan *plan, GenvidStore *store,
                                    gboolean *found, GError **error);

/* A new call for one worker, bound to base-url and key. */
GenvidCall *genvid_plan_make_call (const GenvidPlan *plan, GError **error);

/* FALSE with GENVID_ERROR (settings): the service does not take it. */
gboolean genvid_plan_check_request (const GenvidPlan *plan, GError **error);
/* The clip may be bought: the service takes it, not under reuse=only, with a
 * key, and at a price within max-cost and within the whole budget. (What of the
 * budget is spent, the ledger checks.) GENVID_ERROR (settings, not-stored,
 * over-budget, unauthorized). */
gboolean genvid_plan_may_buy (const GenvidPlan *plan, GError **error);

/* AMOUNT in US dollars, at the rate that the description states; -1 if AMOUNT
 * is unknown or there is no rate. */
double genvid_plan_to_usd (const GenvidPlan *plan, double amount,
                           const char *currency);

G_END_DECLS
