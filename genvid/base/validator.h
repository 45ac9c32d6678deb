/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What proves that a later response is of the same file (RFC 9110 8.8). A
 * value; texts are nullable. */
typedef struct {
  char *etag; /* strong ones only */
  char *last_modified;
  guint64 size; /* GENVID_SIZE_UNKNOWN */
  guint64 part; /* out: inode of the clip.part that the map speaks of */
} GenvidValidator;

G_END_DECLS
