/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A sandbox, a store of its own, and the built genvid-store between them. */

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include <genvid-sandbox.h>

#include "record.h"
#include "store.h"

typedef struct {
  const char *name;
  GenvidSandboxService service;
  const char *uri;
} Service;

extern const Service services[3]; /* genpro, aimlapi, cn8 */

typedef struct {
  GenvidSandbox *sandbox;
  char *folder; /* everything is in it */
  char *store;
  char **environment; /* of the tool */
  guint8 *clip;
  gsize clip_length;
} Kit;

/* What a run of the tool left. */
typedef struct {
  int status; /* exit status; -1: killed */
  char *out;
  char *err;
} Result;

void kit_set_up (Kit *kit, gconstpointer data);
void kit_tear_down (Kit *kit, gconstpointer data);
void result_clear (Result *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

/* Arguments as a shell would split them. */
GSubprocess *kit_start (Kit *kit, const char *line);
/* Until it has written PART to stderr, all of which up to there is taken. */
void kit_wait_for (GSubprocess *tool, const char *part);
Result kit_wait (GSubprocess *tool);
Result kit_run (Kit *kit, const char *line);

/* Requests of any kind, downloads too. */
guint kit_count_requests (Kit *kit);
guint kit_count_accepted (Kit *kit);
/* The last id that a service gave. Owned by the caller. */
char *kit_find_id (Kit *kit);
/* OUT is one path, and the file there is the service's. */
void kit_assert_clip (Kit *kit, const Result *result);
/* The only fingerprint in the store. Owned by the caller. */
char *kit_get_fingerprint (Kit *kit);
JsonNode *kit_parse (const Result *result);

GenvidStore *kit_open_store (Kit *kit);
/* A path below the store's clips/FINGERPRINT. Owned by the caller. */
char *kit_path (Kit *kit, const char *fingerprint, const char *name);
void kit_write (Kit *kit, const char *fingerprint, const char *name,
                const char *text);
/* A record in the store, made as the library makes it. ENDED: seconds ago. */
void kit_save (Kit *kit, const GenvidRecord *record);
GenvidRecord *kit_make_record (const char *fingerprint, GenvidState state,
                               gint64 ended);
/* A record that is done, with the clip beside it. */
void kit_save_done (Kit *kit, const char *fingerprint, gint64 ended);
gboolean kit_has (Kit *kit, const char *fingerprint);
/* What is below the store: names, sizes, modes and times of change. Owned by
 * the caller. */
char *kit_describe_tree (Kit *kit);

#define FINGERPRINT_A                                                          \
  "a1000000000000000000000000000000000000000000000000000000000000aa"
#define FINGERPRINT_B                                                          \
  "a2000000000000000000000000000000000000000000000000000000000000bb"
#define FINGERPRINT_C                                                          \
  "c3000000000000000000000000000000000000000000000000000000000000cc"

#define assert_has(text, part)                                                 \
  G_STMT_START                                                                 \
  {                                                                            \
    if (strstr (text, part) == NULL)                                           \
      g_error ("\"%s\" is not in \"%s\"", part, text);                         \
  }                                                                            \
  G_STMT_END
