/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/io/genvid-download.h>
#include <genvid/io/genvid-intake.h>
#include <genvid/io/genvid-strand.h>
#include <genvid/io/genvid-transport-private.h>

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
    GenvidTransport *transport, const GenvidDownloadOptions *options,
    const GenvidDownloadTuning *tuning, GenvidClip *clip, GenvidEntry *entry,
    GenvidDownloadResult *result);

/* The state that the files of the download share. */
typedef struct {
  GenvidTransport *transport;
  GenvidLoop *loop;
  const GenvidDownloadOptions *options;
  const GenvidDownloadTuning *tuning;
  GenvidClip *clip;
  GenvidIntake *intake;
  char *link;         /* where to ask; judged */
  gboolean upgraded;  /* it is the https form of an http link */
  GenvidStrand main;  /* from the first missing byte on */
  GenvidStrand ahead; /* where a reader waits */
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
                                const GenvidHead *head, gboolean compare);

/* genvid-body.c: what came in. */

/* Reads on from the main request, whose head is good. */
void genvid_body_read (GenvidDownload *download);
/* Writes what STRAND holds. FALSE: it was for nothing, and the strand or the
 * download is over. */
gboolean genvid_body_take (GenvidDownload *download, GenvidStrand *strand);
/* SIZE bytes are there without a gap, and by all we know they are the file.
 * BLIND: we know it from the end of an answer only. */
void genvid_body_complete (GenvidDownload *download, guint64 size,
                           gboolean blind);

/* genvid-attempt.c: the main request, again and again. */

void genvid_attempt_start (GenvidDownload *download, gint64 now);
/* Sets the time of the next one: the less the last ones brought, the later. */
void genvid_attempt_pace (GenvidDownload *download, gint64 retry_after);
/* So many bytes came that nobody had, or that were compared for the first
 * time. */
void genvid_attempt_progress (GenvidDownload *download, guint64 news,
                              gint64 now);
/* Ends the download that is too slow to come to an end. */
void genvid_attempt_check_rate (GenvidDownload *download, gint64 now);
/* The main request is answered with HEAD: what that says of Range. TRUE: it is
 * refused, and asked once more at once, without. */
gboolean genvid_attempt_drop_range (GenvidDownload *download,
                                    const GenvidHead *head);
/* The main request's answer brings a file. */
void genvid_attempt_keep_range (GenvidDownload *download);
/* It failed: stops it, and sets the time of the next one, or ends the
 * download. Takes FAILURE, what it will have been if it was the last. */
void genvid_attempt_fail (GenvidDownload *download, GenvidFailure *failure,
                          gint64 retry_after);
/* The same, for a line that broke. */
void genvid_attempt_cut (GenvidDownload *download, const char *what);
/* Forgets the bytes that are there, if any. FALSE: the download is over. */
gboolean genvid_attempt_reset (GenvidDownload *download);
/* What came is no part of the file that the bytes there are of: forgets them
 * and begins again. */
void genvid_attempt_change (GenvidDownload *download);
/* Ends the download of an http link that has no https form. */
void genvid_attempt_refuse_http (GenvidDownload *download);

/* genvid-ahead.c: starts the second request where a reader's wish is, and
 * brings it on. */
void genvid_ahead_tend (GenvidDownload *download, gint64 now);
void genvid_ahead_serve (GenvidDownload *download);
/* It brings nothing: ends it, and after some times for good. */
void genvid_ahead_fail (GenvidDownload *download);
