/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum {
  GENVID_OPTION_INTEGER,
  GENVID_OPTION_STRING,
  GENVID_OPTION_BOOLEAN,
  GENVID_OPTION_NUMBER,
  GENVID_OPTION_LIST, /* of strings; also one string with commas */
  GENVID_OPTION_JSON, /* an object; also its text */
} GenvidOptionType;

/* A declared parameter: one of the options, typed and ranged. Parameters
 * marked as settings (auth-header…) say where a key goes; a URI may not carry
 * them. */
typedef struct {
  char *name; /* "sheet-id" */
  GenvidOptionType type;
  gint64 minimum, maximum; /* INTEGER */
  char **values;           /* STRING: the allowed ones; nullable = any */
  char *variable;          /* environment variable; nullable */
  JsonNode *fallback;      /* default; nullable */
  gboolean required;
  gboolean setting;
  char *help;
} GenvidOption;

/* A declared parameter from its description. Owned by the caller. */
GenvidOption *genvid_option_new (const char *name, JsonObject *object,
                                 GError **error);
void genvid_option_free (GenvidOption *parameter);

/* GIVEN as the parameter's own type; digit strings are integers. NULL with
 * GENVID_ERROR (settings) that says what is expected. Owned by the caller. */
JsonNode *genvid_option_convert (const GenvidOption *parameter, JsonNode *given,
                                 GError **error);

G_END_DECLS
