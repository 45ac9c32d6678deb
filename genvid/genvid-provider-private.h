/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-provider.h>

G_BEGIN_DECLS

/* The description as it was loaded; borrowed, never to be changed. */
JsonObject *genvid_provider_get_root (const GenvidProvider *provider);
/* The calls in the order in which they are tried, each with the root's
 * members under its own; borrowed. */
guint genvid_provider_get_n_calls (const GenvidProvider *provider);
JsonObject *genvid_provider_get_call (const GenvidProvider *provider,
                                      guint index);

/* A declared parameter from its description. Owned by the caller. */
GenvidParameter *genvid_parameter_new (const char *name, JsonObject *object,
                                       GError **error);
void genvid_parameter_free (GenvidParameter *parameter);

/* GIVEN as the parameter's own type; digit strings are integers. NULL with
 * GENVID_ERROR (settings) that says what is expected. Owned by the caller. */
JsonNode *genvid_parameter_convert (const GenvidParameter *parameter,
                                    JsonNode *given, GError **error);

G_END_DECLS
