/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid-sandbox.h>
#include <gio/gio.h>

#include "fault-shim.h"

/* A soak is a row of worlds. A world is a sandbox, a few stores, and many
 * short lives of soak-child.c in them; all that befalls them is drawn from
 * the world's seed. At its end the faults are off, a last pass asks for every
 * clip once more, and what the service sold and what lies in the stores is
 * checked. All of it runs in one thread, with the default main context. */

#define SOAK_KEY    "sk-soak-" /* how every key begins */
#define SOAK_STORES 2
#define SOAK_MOST   2     /* pipelines of a life */
#define SOAK_USD    0.008 /* a credit of gen.pro */

typedef struct {
  const char *name;
  GenvidSandboxService service;
} SoakService;

/* How a pipeline ended, as its process said; word NULL: it was killed. */
typedef struct {
  char *word;
  char *id;
  guint64 bytes;
  char *sum;
  char *text;
} SoakResult;

/* One clip that is wanted, with a key of its own. */
typedef struct {
  guint number;
  guint store;
  const SoakService *service;
  char *prompt;
  char *key;
  gboolean may_resubmit;
  guint starts;
  guint resubmits;    /* starts with if-in-doubt=resubmit */
  guint sold_before;  /* before the last pass */
  guint paid_before;  /* of these: not refunded */
  SoakResult last;    /* of the last pass */
  SoakResult adopted; /* of a doubt that was closed after it */
} SoakRequest;

typedef struct _SoakWorld SoakWorld;

typedef struct {
  SoakWorld *world;
  guint number;
  guint requests[SOAK_MOST];
  guint n_requests;
  gboolean last; /* of the last pass */
  /* The plan. */
  gboolean pull;
  gboolean log;
  guint limit;     /* seconds; then it ends itself */
  int signal;      /* 0: none */
  guint signal_at; /* milliseconds, likewise below */
  guint stop_at;   /* 0: it is not frozen */
  guint stop_for;
  GPtrArray *faults; /* of the service, in the sandbox's words */
  char *disk;        /* SOAK_FAULT_PLAN */
  gboolean set_wall;
  gint64 wall_ahead; /* seconds */
  gboolean set_room;
  gint64 room;
  gboolean drop; /* connections, when it is started */
  char *option;  /* NAME=VALUE; NULL: none */
  gsize filler;  /* what makes the clips of this time others */
  guint pause;   /* before the next one */
  /* Its process. */
  GSubprocess *child;
  char *output; /* path */
  gboolean killed;
  guint timers[4];
  SoakResult results[SOAK_MOST];
  SoakResult *answer; /* of the last pass: gets its result; nullable */
} SoakLife;

struct _SoakWorld {
  guint64 seed;
  char *folder;
  GenvidSandbox *sandbox;
  FaultControl *control;
  double caps[SOAK_STORES]; /* what every process states as its budget */
  GPtrArray *requests;      /* SoakRequest */
  GPtrArray *lives;         /* SoakLife, the last pass's too */
  GPtrArray *findings;      /* text */
  GPtrArray *ledger;        /* the sandbox's, when all was over */
  GMainLoop *loop;
  guint n_running;
  guint bound; /* seconds that a process may take beyond its limit */
};

/* --- soak-plan.c --- */

void soak_plan_requests (SoakWorld *world);
/* What NUMBER is, whatever came of those before it. */
SoakLife *soak_plan_life (SoakWorld *world, guint number);
/* Nothing befalls it. ADOPT: this generation's id; NULL: none. */
SoakLife *soak_plan_last (SoakWorld *world, SoakRequest *request,
                          const char *adopt);
void soak_life_free (SoakLife *life);

/* --- soak-life.c --- */

/* Starts its process; the world's loop is quit whenever one ends. */
void soak_life_start (SoakLife *life);
void soak_result_clear (SoakResult *result);

/* --- soak-world.c --- */

SoakWorld *soak_world_new (guint64 seed);
/* At most LIVES lives, none begun after UNTIL (monotonic), and the last pass.
 */
void soak_world_run (SoakWorld *world, guint lives, gint64 until);
char *soak_world_get_store (SoakWorld *world, guint store);
SoakRequest *soak_world_get_request (SoakWorld *world, guint number);
void soak_world_find (SoakWorld *world, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
gint64 soak_world_get_struck (SoakWorld *world);
guint soak_world_count_charges (SoakWorld *world);
/* With KEEP the folder stays. */
void soak_world_free (SoakWorld *world, gboolean keep);

/* --- soak-check.c, soak-files.c: each adds to the findings --- */

void soak_check (SoakWorld *world);
void soak_check_files (SoakWorld *world);
/* TRUE: a small file of the request's store holds TEXT. */
gboolean soak_store_holds (SoakWorld *world, guint store, const char *text);
/* The last pass says so, and why. */
gboolean soak_is_in_doubt (const SoakRequest *request);
/* Of the request with this prompt; NULL: of none. */
SoakRequest *soak_find_request (SoakWorld *world, const char *prompt);
/* How many generations of REQUEST the service began and, in PAID, is paid
 * for. */
guint soak_count_sold (GPtrArray *ledger, const SoakRequest *request,
                       guint *paid);
/* The id of the newest one that is; NULL: there is none. */
const char *soak_find_paid (GPtrArray *ledger, const SoakRequest *request);
