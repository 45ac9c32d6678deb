/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A download from the scripted server into a store in a folder of its own,
 * with a patience that fits a test. */

#include "clip-status.h"
#include "folder-kit.h"
#include "clip.h"
#include "download-private.h"
#include "download.h"
#include "failure.h"
#include "http-client.h"
#include "media-outcome.h"
#include "store-entry.h"
#include "store.h"

#include <gio/gio.h>

#include "wire-kit.h"

#include <glib/gstdio.h>

#define FINGERPRINT                                                            \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ETAG "ETag: \"one\"\n"
#define DATE "Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT\n"
#define SIZE (3 * 1024 * 1024 + 7)
#define CUT  (1024 * 1024 + 100)

typedef struct {
  FakeService *service;
  GenvidHttpClient *http;
  char *folder;
  GenvidStore *store;
  GenvidStoreEntry *entry;
  GenvidClip *clip;
  GBytes *bytes;
  GenvidDownloadTuning tuning;
  GenvidDownloadOptions options;
  GenvidDownloadResult result;
} Bench;

static inline void
wake (gpointer data)
{
  genvid_http_client_wake (data);
}

/* What a process has; the store stays when it goes. */
static inline void
open_process (Bench *bench, const char *ca_file)
{
  GenvidHttpClientOptions options
      = { .base_url = fake_service_get_url (bench->service),
          .ca_file = ca_file };
  g_autoptr (GError) error = NULL;

  bench->http = genvid_http_client_new (&options, &error);
  g_assert_no_error (error);
  bench->store = genvid_store_open (bench->folder, FALSE, &error);
  g_assert_no_error (error);
  bench->entry = genvid_store_get_entry (bench->store, FINGERPRINT);
  g_assert_true (genvid_store_entry_try_lock (bench->entry, &error));
  g_assert_no_error (error);
  bench->clip = genvid_clip_new ("test", NULL);
  genvid_clip_set_wake (bench->clip, wake, bench->http);
}

static inline void
close_process (Bench *bench)
{
  genvid_clip_set_wake (bench->clip, NULL, NULL);
  g_clear_pointer (&bench->clip, genvid_clip_unref);
  g_clear_pointer (&bench->entry, genvid_store_entry_free);
  g_clear_pointer (&bench->store, genvid_store_unref);
  g_clear_pointer (&bench->http, genvid_http_client_free);
  g_clear_pointer (&bench->result.extension, g_free);
  g_clear_pointer (&bench->result.failure, genvid_failure_free);
}

static inline void
bench_init (Bench *bench, const FakeReply *script, gsize n)
{
  *bench = (Bench){ 0 };
  bench->service = fake_service_new (script, n);
  bench->folder = g_dir_make_tmp ("genvid-test-XXXXXX", NULL);
  bench->bytes = fake_clip_new (SIZE, FALSE, 1);
  bench->tuning = (GenvidDownloadTuning){ .stall = 60 * G_USEC_PER_SEC,
                                          .stall_bytes = 1024,
                                          .attempts = 5,
                                          .patience = G_MAXINT64 / 4,
                                          .window = G_MAXINT64 / 4 };
  bench->options = (GenvidDownloadOptions){
    .base_url = fake_service_get_url (bench->service),
    .max_size = G_GUINT64_CONSTANT (1) << 31,
  };
  open_process (bench, NULL);
}

/* Its script is still empty. */
static inline Bench
bench_new (void)
{
  Bench bench;

  bench_init (&bench, NULL, 0);
  return bench;
}

static inline void
bench_clear (Bench *bench)
{
  close_process (bench);
  fake_service_free (bench->service);
  g_bytes_unref (bench->bytes);
  folder_remove (bench->folder);
  g_free (bench->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

/* An entry of the script that serves the bench's clip. */
static inline void
serve (Bench *bench, FakeReply reply)
{
  if (!reply.path)
    reply.path = "/clip.mp4";
  if (!reply.bytes && !reply.body)
    reply.bytes = bench->bytes;
  fake_service_add (bench->service, &reply);
}

static inline GenvidMediaOutcome
run (Bench *bench, const char *path)
{
  g_autofree char *link = fake_service_make_url (bench->service, path);

  g_clear_pointer (&bench->result.extension, g_free);
  g_clear_pointer (&bench->result.failure, genvid_failure_free);
  bench->options.link = link;
  return genvid_download_run_tuned (bench->http, &bench->options,
                                    &bench->tuning, bench->clip, bench->entry,
                                    &bench->result);
}

static inline void
assert_refused (Bench *bench, GenvidMediaOutcome outcome,
                GenvidMediaOutcome expected, GenvidReason reason)
{
  g_assert_cmpint (outcome, ==, expected);
  g_assert_nonnull (bench->result.failure);
  g_test_message ("%s", bench->result.failure->message);
  g_assert_cmpstr (genvid_reason_to_string (bench->result.failure->reason), ==,
                   genvid_reason_to_string (reason));
}

static inline void
assert_complete (Bench *bench, GenvidMediaOutcome outcome, GBytes *bytes)
{
  g_autoptr (GenvidClipStatus) now = genvid_clip_snapshot (bench->clip);
  g_autofree char *text = NULL;
  gsize length = 0;

  if (bench->result.failure)
    g_test_message ("%s", bench->result.failure->message);
  g_assert_cmpint (outcome, ==, GENVID_MEDIA_COMPLETE);
  g_assert_null (bench->result.failure);
  g_assert_cmpstr (bench->result.extension, ==, "mp4");
  g_assert_cmpuint (bench->result.size, ==, g_bytes_get_size (bytes));
  g_assert_true (now->whole);
  g_assert_cmpuint (now->size, ==, g_bytes_get_size (bytes));
  g_assert_true (g_file_get_contents (now->location, &text, &length, NULL));
  g_assert_cmpuint (length, ==, g_bytes_get_size (bytes));
  g_assert_true (!memcmp (text, g_bytes_get_data (bytes, NULL), length));
}

/* One run brings the clip, with that many requests in all. */
static inline void
assert_brought (Bench *bench, guint n_requests)
{
  assert_complete (bench, run (bench, "/clip.mp4"), bench->bytes);
  g_assert_cmpuint (fake_service_get_n_requests (bench->service), ==,
                    n_requests);
}

static inline void
assert_no_clip (Bench *bench, GenvidMediaOutcome expected, GenvidReason reason)
{
  assert_refused (bench, run (bench, "/clip.mp4"), expected, reason);
}

static inline const char *
get_sent (Bench *bench, guint index, const char *name)
{
  return fake_request_get_header (
      fake_service_get_request (bench->service, index), name);
}
