/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <genvid-sandbox.h>

/* A sandbox, an empty store and children of crash-child.c that have a clip
 * made in it. */

typedef enum { REPLAY, LOOKUP, NOTHING } Recovery;

typedef struct {
  const char *name;
  GenvidSandboxService service;
  Recovery recovery; /* of a lost reply */
} Service;

#define N_SERVICES 3
extern const Service services[N_SERVICES];

typedef struct {
  const Service *service;
  GenvidSandbox *sandbox;
  char *store;
  char *clip_hash;
  GHashTable *variables; /* of every child */
  gint64 clock;          /* seconds that the children are ahead of the day */
  guint64 life;          /* what it is made from, where it is random */
} Scene;

typedef struct {
  gboolean killed;
  int signal; /* by which; SIGKILL: by itself, or by the test */
  char *output;
  const char *point; /* where it died */
  gint64 clock;      /* then; -1 unknown */
} Death;

void open_scene (Scene *scene, const Service *service);
void close_scene (Scene *scene);

/* A variable of every child from now on; VALUE NULL: no more. */
void set_variable (Scene *scene, const char *name, const char *value);
/* NAME (nullable): one more variable of the child, with VALUE. */
GSubprocess *launch (Scene *scene, const char *name, const char *value);
/* Output to be freed. */
Death wait_for (GSubprocess *child);
/* At its freezing point. */
void wait_until_stopped (GSubprocess *child);
/* Both, and the scene's clock is the child's. */
Death run (Scene *scene, const char *name, const char *value);
/* The same with the scene's variables; the output, to be freed. */
char *run_once (Scene *scene);
/* The output begins with PREFIX; frees it. */
void assert_output (Scene *scene, char *output, const char *prefix);

guint count_accepted (Scene *scene);
guint count_scope (Scene *scene, GenvidSandboxScope scope);
/* FAULT in the sandbox's words. */
void add_fault (Scene *scene, const char *fault);
/* Of the last generation that was begun; NULL: none. */
char *find_accepted_id (Scene *scene);
/* The only purchase's folder in the store, and a file of it; NULL: none. */
char *find_entry (Scene *scene);
char *read_entry (Scene *scene, const char *name);
/* Of job.json; "" if there is none. Owned by the caller. */
char *read_state (Scene *scene);
/* Neither the key nor a link's signature is in any file of the store. */
void assert_no_secrets (Scene *scene);
/* OUTPUT says whole, and the clip is the service's file; one purchase. */
void assert_whole (Scene *scene, const char *output, const char *where);
void add_test (const Service *service, const char *name, GTestDataFunc test);
