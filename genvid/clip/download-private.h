/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "download.h"
#include "failure.h"
#include "http-client.h"
#include "io-loop.h"
#include "media-outcome.h"
#include "media-response.h"
#include "media-stream.h"
#include "part-writer.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* How patient a download is. Microseconds. */
typedef struct {
  gint64 stall; /* fewer than stall_bytes within this: a cut */
  guint64 stall_bytes;
  guint attempts;  /* in a row without a new byte */
  gint64 patience; /* without a new byte */
  gint64 backoff;  /* before the third attempt; doubles, up to 15 times it */
  gint64 window;   /* fewer new bytes than window_bytes within this: the end */
  guint64 window_bytes;
} GenvidDownloadTuning;

/* genvid_download_run with another patience; for tests. */
GenvidMediaOutcome genvid_download_run_tuned (
    GenvidHttpClient *http, const GenvidDownloadOptions *options,
    const GenvidDownloadTuning *tuning, GenvidClip *clip,
    GenvidStoreEntry *entry, GenvidDownloadResult *result);

/* The state that the files of the download share. */
typedef struct {
  GenvidHttpClient *http;
  GenvidIoLoop *loop;
  const GenvidDownloadOptions *options;
  const GenvidDownloadTuning *tuning;
  GenvidClip *clip;
  GenvidPartWriter *writer;
  char *link;              /* where to ask; judged */
  gboolean upgraded;       /* it is the https form of an http link */
  GenvidMediaStream main;  /* from the first missing byte on */
  GenvidMediaStream ahead; /* where a reader waits */
  guint ahead_failures;
  gboolean arrived;  /* a body of the file was seen in this run */
  gboolean seekable; /* the server gives parts */
  gboolean plain;    /* ask without Range next time */
  gboolean probing;  /* and at once, because one with Range was refused */
  gboolean unranged; /* that helped: never ask with Range again */
  gboolean ranged;   /* the main request was for a part */
  gboolean doubted;  /* nothing proves what is there, whatever is known */
  gboolean compares; /* what the main request brings again must be equal */
  gboolean renews;   /* it brings another file, if it is media */
  guint attempts;    /* begun without a new byte since */
  guint slow;        /* begun without much that is new since */
  guint64 news;      /* new bytes since that count began */
  guint64 reached;   /* how far the main request ever came */
  gint64 since;      /* boot clock: when enough had come last */
  guint64 received;  /* new bytes since then */
  guint resets;
  gint64 last_byte; /* boot clock */
  gint64 retry_at;  /* boot clock */
  gboolean over;
  GenvidMediaOutcome outcome;
  GenvidDownloadResult *result;
} GenvidDownload;

/* Ends it. Takes FAILURE (nullable). */
void genvid_download_end (GenvidDownload *download, GenvidMediaOutcome outcome,
                          GenvidFailure *failure);
/* Ends it because the disk, or the store, says so. */
void genvid_download_end_with_error (GenvidDownload *download,
                                     const GError *error);
/* The main request's answer is of the file from head->start on. COMPARE: it
 * may be, and begins at zero. */
void genvid_download_take_head (GenvidDownload *download,
                                const GenvidMediaResponse *head,
                                gboolean compare);

G_END_DECLS
