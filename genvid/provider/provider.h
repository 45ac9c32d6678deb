/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "failure.h"
#include "option.h"

G_BEGIN_DECLS

/* How one service spells a request and its replies: a value made from a JSON
 * description, whose vocabulary is closed and documented in docs/providers.md.
 */

typedef struct _GenvidProvider GenvidProvider; /* counted */

/* FILE is named in errors only. TEXT is the description; it is kept. NULL with
 * GENVID_ERROR (settings) such as
 * "cn8.json: submit.body.duration: unknown filter "itn"". */
GenvidProvider *genvid_provider_new (const char *file, const char *text,
                                     gssize length, GError **error);
GenvidProvider *genvid_provider_new_from_bytes (const char *file, GBytes *text,
                                                GError **error);
GenvidProvider *genvid_provider_ref (GenvidProvider *provider);
void genvid_provider_unref (GenvidProvider *provider);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidProvider, genvid_provider_unref)

/* The same once more, from the same bytes. Only this one has its description
 * where PROVIDER has let go of it. */
GenvidProvider *genvid_provider_load_again (const GenvidProvider *provider,
                                            GError **error);
/* Frees the description's tree, which is large. After that, no function may be
 * called of which this header says that it needs the description. Must be
 * called before other threads see PROVIDER; from then on it is immutable. */
void genvid_provider_drop_description (GenvidProvider *provider);

const char *genvid_provider_get_name (const GenvidProvider *provider);
const char *genvid_provider_get_title (const GenvidProvider *provider);
gint64 genvid_provider_get_semantics (const GenvidProvider *provider);
/* No exchange sends that parameter, but some call depends on it. Needs the
 * description. */
gboolean genvid_provider_only_chooses (const GenvidProvider *provider,
                                       const char *parameter);
/* The description says to which origins, beside its own, its key belongs. */
gboolean genvid_provider_lists_origins (const GenvidProvider *provider);
/* Where uploads go and take the key to, if that is another host of the
 * service's; NULL: to BASE_URL, as everything does where that is not the
 * description's own. Borrowed. */
const char *genvid_provider_get_upload_origin (const GenvidProvider *provider,
                                               const char *base_url);
/* Names of variables to look for the key in, in this order. */
const char *const *genvid_provider_get_key_variables (
    const GenvidProvider *provider);
/* Requests may be sent without a key: it is a server of the user's own. */
gboolean genvid_provider_is_keyless (const GenvidProvider *provider);
/* NULL where the service has no public host. */
const char *genvid_provider_get_base_url (const GenvidProvider *provider);
const char *genvid_provider_get_base_url_variable (
    const GenvidProvider *provider);
guint genvid_provider_get_n_parameters (const GenvidProvider *provider);
const GenvidOption *genvid_provider_get_parameter (
    const GenvidProvider *provider, guint index);
/* "-" and "_" are one character in the name; NULL if there is none. */
const GenvidOption *genvid_provider_find_parameter (
    const GenvidProvider *provider, const char *name);
/* Seconds for a generation, from submit to ready. */
guint genvid_provider_get_timeout (const GenvidProvider *provider);
/* Seconds to keep trying, at least, to download a clip that is ready. */
guint genvid_provider_get_patience (const GenvidProvider *provider);
/* Requests a minute per key, polls included; 0 = no limit known. */
guint genvid_provider_get_requests_per_minute (const GenvidProvider *provider);

typedef enum {
  GENVID_RECOVERY_NONE,
  GENVID_RECOVERY_REPLAY, /* the same submit with the same key is one charge
                           */
  GENVID_RECOVERY_LOOKUP, /* the service can be asked for our request id */
} GenvidRecovery;
GenvidRecovery genvid_provider_get_recovery (const GenvidProvider *provider);
/* How long a replay is safe; microseconds. */
gint64 genvid_provider_get_replay_window (const GenvidProvider *provider);
gboolean genvid_provider_can_cancel (const GenvidProvider *provider);
/* What a failed (or refused) generation costs, as the description says.
 */
GenvidBilled genvid_provider_get_failure_billing (
    const GenvidProvider *provider);
/* A 503 on a submit means that nothing was bought, as the description says. */
gboolean genvid_provider_retries_503 (const GenvidProvider *provider);
/* AMOUNT of CURRENCY ("USD", or "credits" at the description's dated rate) in
 * US dollars; -1 if AMOUNT is negative or the currency has no rate. */
double genvid_provider_to_usd (const GenvidProvider *provider, double amount,
                               const char *currency);
/* AMOUNT of the currency FROM in the currency TO, both nullable; -1 if there
 * is no rate. */
double genvid_provider_convert (const GenvidProvider *provider, double amount,
                                const char *from, const char *to);

guint genvid_provider_get_n_calls (const GenvidProvider *provider);
/* The description as it was loaded; borrowed, never to be changed. NULL once
 * it was dropped. */
JsonObject *genvid_provider_get_root (const GenvidProvider *provider);
/* The calls in the order in which they are tried, each with the root's
 * members under its own; borrowed. Needs the description. */
JsonObject *genvid_provider_get_call (const GenvidProvider *provider,
                                      guint index);
/* The first whose conditions hold for FACTS, what a request sets; borrowed.
 * NULL: none's do. */
JsonObject *genvid_provider_find_call (const GenvidProvider *provider,
                                       JsonObject *facts);
/* Of the models that the description names, one with which all of FACTS would
 * be taken: that whose name is most like LIKE (nullable). Borrowed; NULL: none.
 */
const char *genvid_provider_find_model (const GenvidProvider *provider,
                                        JsonObject *facts, const char *like);

/* Does the model, besides what is set, decide between the calls? */
gboolean genvid_provider_is_chosen_by_model (const GenvidProvider *provider);

/* Does MODEL's name begin with the name of CALL: "pixverse-v5"? */
gboolean genvid_provider_names_model (JsonObject *call, const char *model);
/* Has the call WORD of which CALL, a model's own, is made? */
gboolean genvid_provider_takes (const GenvidProvider *provider,
                                JsonObject *call, const char *word);

G_END_DECLS
