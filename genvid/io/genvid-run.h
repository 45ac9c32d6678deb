/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-request.h>
#include <genvid/io/genvid-clip.h>

G_BEGIN_DECLS

/* One use of one clip, from start to stop: all that an element, or any other
 * consumer, needs to know of the layer below. */

typedef enum { GENVID_REUSE_AUTO, GENVID_REUSE_ONLY } GenvidReuse;
typedef enum { GENVID_ON_STOP_KEEP, GENVID_ON_STOP_CANCEL } GenvidOnStop;
typedef enum {
  GENVID_IF_IN_DOUBT_FAIL,
  GENVID_IF_IN_DOUBT_RESUBMIT
} GenvidIfInDoubt;

/* What the user set; NULL, 0 and -1 mean unset. The environment fills in, in
 * genvid_run_open. */
typedef struct {
  GenvidRequest *request;
  char *provider;
  char *api_key; /* wiped when freed */
  char *api_key_file;
  char *base_url;
  char *ca_file;
  char *adopt;
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
  gboolean from_uri; /* a stranger may have written it: spends only under a
                      * cap, else as reuse=only */
  gboolean options_from_uri; /* so are the request's options: only declared
                              * ones, and none says where a key goes */
  double uri_max_cost;       /* -1; may only tighten */
  char *fingerprint; /* of a purchase in the store that this order goes on
                      * with, whatever its request would be called today;
                      * only with reuse=only. Hashes of local files are
                      * taken as they are, and parameters but settings are
                      * not read from the environment. Nullable */
} GenvidOrder;

GenvidOrder *genvid_order_new (void);
GenvidOrder *genvid_order_copy (const GenvidOrder *order);
void genvid_order_free (GenvidOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidOrder, genvid_order_free)

typedef struct _GenvidRun GenvidRun; /* counted; thread-safe */

/* Checks everything that can be checked without network: provider, key,
 * base-url, request, caps, images, store. Buys nothing, starts nothing. A
 * finished clip needs no key. WARNINGS (out, nullable): sentences.
 * GENVID_ERROR otherwise. */
GenvidRun *genvid_run_open (const GenvidOrder *order, GPtrArray **warnings,
                            GError **error);
GenvidRun *genvid_run_ref (GenvidRun *run);
void genvid_run_unref (GenvidRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRun, genvid_run_unref)

/* Any thread, never blocks on the network: this use is over. A wait that runs
 * or comes ends with STOPPED and buys nothing. What happens to the job when
 * this was its last user is on-stop's business. Idempotent. */
void genvid_run_close (GenvidRun *run);
void genvid_run_set_flushing (GenvidRun *run, gboolean flushing);

/* As genvid_reader_wait; the first call orders the clip: joins the running
 * job of the same request, or starts one. */
GenvidReadOutcome genvid_run_wait (GenvidRun *run, guint64 offset, gsize length,
                                   gboolean whole, guint seen,
                                   gsize *available);
gssize genvid_run_read (GenvidRun *run, guint64 offset, guint8 *buffer,
                        gsize length, GError **error);

/* Why a wait said FAILED; owned by the caller; NULL if nothing failed. */
GenvidFailure *genvid_run_get_failure (GenvidRun *run);

/* Never block. */
GenvidSnapshot *genvid_run_snapshot (GenvidRun *run);
guint64 genvid_run_get_size (GenvidRun *run);
GenvidRanges *genvid_run_get_ranges (GenvidRun *run);
/* One sentence each, for a log or a message; owned by the caller: how to
 * fetch the clip of a stopped run; what a stored clip is. */
const char *genvid_run_get_fingerprint (GenvidRun *run);

/* At exit of the process: gives a submit or a cancel in flight up to 3 s, all
 * else 0.5 s, then lets go. Called by an atexit hook; safe to call twice. */
void genvid_run_quit (void);

G_END_DECLS
