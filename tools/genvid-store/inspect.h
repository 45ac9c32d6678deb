/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "purchase.h"
#include "store-probe.h"
#include "store.h"

/* The findings of verify. Looking changes nothing. */
typedef struct {
  const char *kind;  /* "permissions", "leftover", "torn", "clip", "doubt",
                      * "ledger", "unknown", "unreadable"; a constant */
  char *path;        /* absolute */
  char *fingerprint; /* nullable: of no purchase */
  char *message;
} Finding;

void finding_free (Finding *finding);

typedef struct {
  GPtrArray *findings; /* of Finding */
  const char *root;    /* the store's path */
  GenvidFileSystem system;
  const char *locks; /* why its locks keep out no other machine; nullable */
  guint clips;       /* whole and right */
  guint unfinished;  /* resumable, and nothing wrong with them */
} Inspection;

/* FINGERPRINT nullable; NAME nullable, relative to the store. */
void inspection_add (Inspection *inspection, const char *kind,
                     const char *fingerprint, const char *name,
                     const char *message);
/* inspect-tree.c: permissions, and files that do not belong to STORE. */
void inspect_tree (Inspection *inspection);
/* Lines that cannot be read. */
void inspect_ledger (Inspection *inspection, GenvidStore *store);
/* verify.c's own per purchase is beside it. */
void inspect_purchase (Inspection *inspection, const Purchase *purchase);
