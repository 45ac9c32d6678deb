/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "clip-status.h"
#include "failure.h"
#include "request.h"
#include "settings.h"

#include "genvid-sandbox.h"

G_BEGIN_DECLS

/* Orders carried out in front of the simulated services, in no time: what a
 * worker would only wait moves its clock on instead, and the sandbox's clock
 * with it. */

#define KIT_KEY "sk-fields-0123456789"
/* What gen.pro always needs; kit_order adds it where no sheet or cell is set.
 */
#define KIT_PLACE "sheet-id=101&cell-id=3100&agent-id=42&"

/* Instead of g_test_init: a clean environment, no proxy. */
void kit_init (int *argc, char ***argv);

typedef struct {
  GenvidSandbox *sandbox;
  char *provider;
  char *folder; /* the store, and whatever a test puts beside it */
  char *store;
} Kit;

/* OPTIONS nullable; a clip of the tests' is served unless they name one, and
 * ids begin at 9020. */
Kit *kit_new (const char *provider, const GenvidSandboxOptions *options);
void kit_free (Kit *kit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Kit, kit_free)
void kit_fault (Kit *kit, const char *spec);
/* BYTES as a file beside the store; the path is owned by the caller. */
char *kit_file (Kit *kit, const char *name, GBytes *bytes);

/* MEMBERS as in a genvid: URI, but it does not count as one. */
GenvidSettings *kit_order (Kit *kit, const char *members);
GenvidInput *kit_input (const char *text);

typedef struct {
  char *fingerprint;
  char *refusal;              /* what a run said before it began; nullable */
  GenvidReason reason;        /* of the refusal or of the failure */
  GenvidClipStatus *snapshot; /* NULL with a refusal */
  char *states;               /* between waits: "queued running done" */
} Outcome;

/* Takes ORDER; to the end, good or bad. */
Outcome *kit_run (GenvidSettings *settings);
void outcome_free (Outcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outcome, outcome_free)
/* Runs MEMBERS. _done asserts that the clip came and is the service's file,
 * and so do _played, for a kit of its own, and _sent, which
 * returns the body of the submit. */
Outcome *kit_go (Kit *kit, const char *members);
Outcome *kit_done (Kit *kit, const char *members);
Kit *kit_played (const char *provider, const char *members);
char *kit_sent (Kit *kit, const char *members);
void kit_assert_done (Kit *kit, const Outcome *outcome);
/* Rows of faults and of the states that a run shows with them. */
void kit_assert_states (const char *provider, const char *const (*rows)[2],
                        guint n);

/* The Nth (from 0) request of SCOPE; asserted to be there. */
GenvidSandboxRequest *kit_request (Kit *kit, GenvidSandboxScope scope, guint n);
/* The body of the last submit; owned by the caller. */
char *kit_body (Kit *kit);
/* A member of the details as JSON text; NULL if it is not there. */
char *outcome_detail (const Outcome *outcome, const char *name);

/* Rows of the tables in docs/providers.md. */
typedef struct _Row Row;
struct _Row {
  const char *section; /* heading of the table */
  const char *name;    /* first cell, without backticks */
  void (*test) (const Row *row);
  const char *given; /* for the test */
  const char *expected;
};

/* One test a row, and one that the tables of these sections have these rows
 * and no others. PREFIX: "/fields/cn8". */
void kit_add_rows (const char *prefix, const Row *rows, guint n);
/* The second and the third cell of ROW in the document. */
char *kit_row_text (const Row *row);
/* The document's row says why it is not ours. */
void kit_not_ours (const Row *row);

G_END_DECLS
