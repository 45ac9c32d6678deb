/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "fake-service.h"

G_BEGIN_DECLS

/* What one service and genvidsrc say to each other, as README.md beside this
 * file explains: a file for each service, written from the service's page. */

/* One request that must come, and what answers it. */
typedef struct {
  char *name; /* "ready[2] poll": for messages */
  char *method;
  char *target;       /* path and query */
  JsonObject *send;   /* borrowed */
  JsonObject *answer; /* borrowed */
  gboolean hold;      /* the reply waits at the gate */
} Exchange;

/* The file of PROVIDER as a tree, with what stands for addresses and for the
 * clip replaced: pairs of a text and its replacement, NULL at the end. Aborts
 * with the reason if it cannot be read. Owned by the caller. */
JsonObject *transcript_load (const char *provider,
                             const char *const *replacements);
/* The exchanges that LIST names, one after the other; of Exchange. */
GPtrArray *transcript_expand (JsonObject *root, const char *scenario,
                              JsonArray *list);
/* As entries of SERVICE's script, each for one request. */
void transcript_play (GPtrArray *exchanges, FakeService *service, GBytes *clip);

/* The test fails, and goes on. */
#define transcript_complain(...)                                               \
  G_STMT_START                                                                 \
  {                                                                            \
    g_test_message (__VA_ARGS__);                                              \
    g_test_fail ();                                                            \
  }                                                                            \
  G_STMT_END

/* Reports, with transcript_complain, every request that is not as expected, is
 * missing or is one too many. HEADERS (nullable): what each has besides its
 * own. */
void transcript_check (GPtrArray *exchanges, JsonObject *headers,
                       FakeService *service);
/* NULL, or where and how ACTUAL is not EXPECTED, member for member; a string
 * "*" fits every string. Owned by the caller. */
char *transcript_differ (JsonNode *expected, JsonNode *actual,
                         const char *where);

G_END_DECLS
