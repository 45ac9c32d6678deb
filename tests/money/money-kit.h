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
} Scene;

typedef struct {
  gboolean killed;
  char *output;
  const char *point; /* where it died */
} Death;

void open_scene (Scene *scene, const Service *service);
void close_scene (Scene *scene);

/* NAME (nullable): one more variable of the child, with VALUE. */
GSubprocess *launch (Scene *scene, const char *name, const char *value);
/* Output to be freed. */
Death wait_for (GSubprocess *child);
Death run (Scene *scene, const char *name, const char *value);

guint count_accepted (Scene *scene);
/* OUTPUT says whole, and the clip is the service's file; one purchase. */
void assert_whole (Scene *scene, const char *output, const char *where);
void add_test (const Service *service, const char *name, GTestDataFunc test);
