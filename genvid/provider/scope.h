/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a template may use. All borrowed. VALUES: name → node; a missing member
 * is unset. TABLES (nullable): name → object. INPUTS (nullable): the name of an
 * input → {"is": "file" | "link" | "id", "type": MIME, "like": MIME}, of
 * "references" a list of them; "type" only where it is known, "like" what it
 * counts as. */
typedef struct {
  JsonObject *values;
  JsonObject *tables;
  JsonObject *inputs;
} GenvidScope;

G_END_DECLS
