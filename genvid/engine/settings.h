/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "request.h"

G_BEGIN_DECLS

typedef enum { GENVID_REUSE_AUTO, GENVID_REUSE_ONLY } GenvidReuse;
typedef enum { GENVID_ON_STOP_KEEP, GENVID_ON_STOP_CANCEL } GenvidOnStop;
typedef enum {
  GENVID_IF_IN_DOUBT_FAIL,
  GENVID_IF_IN_DOUBT_RESUBMIT
} GenvidIfInDoubt;

/* What the user set; NULL, 0 and -1 mean unset. genvid_client_open fills in
 * from the environment. */
typedef struct {
  GenvidRequest *request;
  char *provider;
  char *api_key;    /* wiped when freed */
  GHashTable *keys; /* nullable; counted: service to key, from the
                     * application; after api_key and api_key_file, before the
                     * environment. It does not change */
  char *api_key_file;
  char *base_url;
  char *ca_file;
  char *adopt;
  char *save_to; /* the element's */
  char *store;
  GenvidReuse reuse;
  GenvidOnStop on_stop;
  GenvidIfInDoubt if_in_doubt;
  double max_cost; /* USD; -1 = no limit */
  double budget;
  guint64 max_size;
  guint timeout;
  guint poll_interval;
  gboolean allow_private;
  gboolean from_uri; /* a stranger may have written it: it buys only within
                      * a limit, and else acts as reuse=only */
  gboolean options_from_uri; /* so may the request's options: only declared
                              * ones, and none that says where a key goes */
  double uri_max_cost;       /* -1 = no limit; it can only lower max_cost */
  char *fingerprint; /* nullable: continues this purchase in the store, even if
                      * its request would have another fingerprint today; only
                      * with reuse=only. Local files are not hashed again, and
                      * parameters other than settings are not read from the
                      * environment */
} GenvidSettings;

GenvidSettings *genvid_settings_new (void);
GenvidSettings *genvid_settings_copy (const GenvidSettings *settings);
void genvid_settings_free (GenvidSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidSettings, genvid_settings_free)

G_END_DECLS
