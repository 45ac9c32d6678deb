/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "download-retry.h"
#include "download.h"
#include "http-client.h"
#include "io-loop.h"
#include "media-outcome.h"
#include "media-stream.h"
#include "part-writer.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* genvid_download_run with another patience; for tests. */
GenvidMediaOutcome genvid_download_run_tuned (
    GenvidHttpClient *http, const GenvidDownloadOptions *options,
    const GenvidDownloadTuning *tuning, GenvidClip *clip,
    GenvidStoreEntry *entry, GenvidDownloadResult *result);

/* Where the main request stands. */
typedef enum {
  GENVID_DOWNLOAD_PAUSED,     /* there is none; the next one at retry.at */
  GENVID_DOWNLOAD_ASKED_ALL,  /* no response yet */
  GENVID_DOWNLOAD_ASKED_PART, /* the same, with a Range */
  GENVID_DOWNLOAD_RENEW,      /* the response is another file: what is there
                               * goes when the new bytes are media */
  GENVID_DOWNLOAD_COMPARE,    /* what is there must come again, equal */
  GENVID_DOWNLOAD_TAKE,
  GENVID_DOWNLOAD_OVER, /* outcome and result say how */
} GenvidDownloadState;

/* Whether the next request asks for a part. */
typedef enum {
  GENVID_RANGE_ASK,
  GENVID_RANGE_SKIP,  /* not the next one */
  GENVID_RANGE_PROBE, /* the same, because one with a Range was refused */
  GENVID_RANGE_NEVER, /* that helped */
} GenvidRangeUse;

/* Written by download.c alone; the others read it and return a verdict. */
typedef struct {
  GenvidHttpClient *http;
  GenvidIoLoop *loop;
  const GenvidDownloadOptions *options;
  GenvidClip *clip;
  GenvidPartWriter *writer;
  char *link;      /* where to ask; checked */
  gboolean guess;  /* it is our https form of an http link, not proven yet */
  gint64 begun_at; /* boot clock */
  GenvidDownloadState state;
  GenvidRangeUse range;
  GenvidMediaStream main; /* from the first missing byte on */
  gboolean doubted;       /* nothing proves what is there */
  guint64 reached;        /* how far the main request ever came */
  guint resets;
  GenvidDownloadRetry retry;
  GenvidMediaStream prefetch; /* where a reader waits */
  gboolean seekable;          /* the server gives parts */
  guint prefetch_failures;
  GenvidMediaOutcome outcome;
  GenvidDownloadResult *result;
} GenvidDownload;

G_END_DECLS
