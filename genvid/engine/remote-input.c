/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One fetch, in constant memory, from a link to a file. Unlike the download of
 * a clip it is not resumed and not kept: an input is small and costs nothing to
 * fetch again. */
#include "remote-input.h"

#include "byte-ranges.h"
#include "clock.h"
#include "container.h"
#include "durable-file.h"
#include "failure.h"
#include "file-hash.h"
#include "http-client.h"
#include "io-loop.h"
#include "media-type.h"
#include "media-request.h"
#include "media-response.h"
#include "media-stream.h"
#include "store-entry.h"
#include "trust.h"
#include "url.h"

#include <unistd.h>

#define PATIENCE    (600 * (gint64)G_USEC_PER_SEC)
#define STALL       (30 * (gint64)G_USEC_PER_SEC)
#define STALL_BYTES 1024
#define MAX_SNIFF   4096

struct _GenvidRemoteInput {
  GenvidFile file; /* its path is nullable */
};

typedef struct {
  GenvidIoLoop *loop;
  const char *link;
  guint64 max;
  const char *type; /* MIME */
  GenvidMediaStream stream;
  GChecksum *checksum;
  int fd;
  gboolean whole;
  GenvidFailure *failure;
} Fetch;

void
genvid_remote_input_free (GenvidRemoteInput *input)
{
  if (input == NULL)
    return;
  if (input->file.path != NULL)
    unlink (input->file.path);
  genvid_file_clear (&input->file);
  g_free (input);
}

const GenvidFile *
genvid_remote_input_get_file (const GenvidRemoteInput *input)
{
  return &input->file;
}

static GenvidFailure *
make_failure (const char *link, GenvidReason reason, const char *what)
{
  g_autofree char *shown = genvid_url_display (link);
  GenvidFailure *failure = genvid_failure_new (
      reason,
      "The input \"%.200s\" could not be fetched: %s. Nothing was bought.",
      shown, what);

  failure->billed = GENVID_BILLED_NO;
  failure->retryable = reason == GENVID_REASON_UNREACHABLE;
  if (reason == GENVID_REASON_SETTINGS || reason == GENVID_REASON_NOT_MEDIA)
    failure->advice = g_strdup ("Set a link that anyone can open, or a local "
                                "file.");
  if (reason == GENVID_REASON_UNREACHABLE)
    failure->advice = g_strdup ("Check the network and the link, then run it "
                                "again.");
  return failure;
}

static void
fail (Fetch *fetch, GenvidReason reason, const char *what)
{
  if (fetch->failure == NULL)
    fetch->failure = make_failure (fetch->link, reason, what);
}

static void
fail_with_error (Fetch *fetch, const GError *error, GenvidReason fallback)
{
  if (error->domain != GENVID_ERROR) {
    fail (fetch, fallback, error->message);
    return;
  }
  fetch->failure = genvid_failure_new_from_error (error, fallback);
  fetch->failure->billed = GENVID_BILLED_NO;
}

static void
fail_too_large (Fetch *fetch)
{
  g_autofree char *most = genvid_media_type_format_size (fetch->max);
  g_autofree char *what = g_strdup_printf ("it is larger than %s", most);

  fail (fetch, GENVID_REASON_SETTINGS, what);
}

static void
judge_status (Fetch *fetch, guint status)
{
  g_autofree char *what
      = g_strdup_printf ("its server responded with HTTP %u", status);
  gboolean passing
      = status >= 500 || status == 408 || status == 425 || status == 429;

  if (status == 200 || status == 203)
    return;
  fail (fetch, passing ? GENVID_REASON_UNREACHABLE : GENVID_REASON_SETTINGS,
        what);
  fetch->failure->http_status = status;
}

static void
judge_head (Fetch *fetch)
{
  const GenvidMediaResponse *head
      = genvid_media_request_get_head (fetch->stream.fetch);

  judge_status (fetch, head->status);
  if (fetch->failure != NULL)
    return;
  if (genvid_media_response_is_text (head))
    fail (fetch, GENVID_REASON_NOT_MEDIA, "it is text, not a picture");
  else if (head->packed)
    fail (fetch, GENVID_REASON_NOT_MEDIA, "its server sent it compressed");
  else if (head->total != GENVID_SIZE_UNKNOWN && head->total > fetch->max)
    fail_too_large (fetch);
  fetch->stream.judged = TRUE;
}

/* FALSE: more bytes are needed first, or it failed. */
static gboolean
sniff (Fetch *fetch, gboolean end)
{
  const GenvidMediaStream *stream = &fetch->stream;
  GenvidContainer kind;

  if (stream->offset > 0)
    return TRUE;
  end = end || stream->held >= MAX_SNIFF;
  kind = genvid_container_sniff (stream->block, stream->held, end);
  if (kind == GENVID_CONTAINER_UNDECIDED)
    return end;
  if (kind == GENVID_CONTAINER_TEXT)
    fail (fetch, GENVID_REASON_NOT_MEDIA, "it is text, not a picture");
  else if (kind == GENVID_CONTAINER_EMPTY)
    fail (fetch, GENVID_REASON_NOT_MEDIA, "it is empty");
  fetch->type = genvid_media_type_sniff (stream->block, stream->held);
  return fetch->failure == NULL;
}

static void
take (Fetch *fetch)
{
  GenvidMediaStream *stream = &fetch->stream;
  g_autoptr (GError) error = NULL;

  if (stream->offset + stream->held > fetch->max) {
    fail_too_large (fetch);
    return;
  }
  if (!genvid_durable_file_write (fetch->fd, (const char *)stream->block,
                                  stream->held, &error)) {
    fail_with_error (fetch, error, GENVID_REASON_NO_SPACE);
    return;
  }
  g_checksum_update (fetch->checksum, stream->block, (gssize)stream->held);
  genvid_media_stream_advance (stream);
}

static void
read_body (Fetch *fetch)
{
  GenvidMediaStream *stream = &fetch->stream;
  guint64 total = genvid_media_request_get_head (stream->fetch)->total;
  gboolean ended;

  genvid_media_stream_read (stream);
  ended
      = genvid_media_request_look (stream->fetch) == GENVID_MEDIA_REQUEST_ENDED;
  if (!sniff (fetch, ended))
    return;
  take (fetch);
  if (!ended || fetch->failure != NULL)
    return;
  fetch->whole = total == GENVID_SIZE_UNKNOWN || total == stream->offset;
  if (!fetch->whole)
    fail (fetch, GENVID_REASON_UNREACHABLE, "it arrived incomplete");
}

static void
serve (Fetch *fetch)
{
  GenvidMediaRequest *wire = fetch->stream.fetch;

  switch (genvid_media_request_look (wire)) {
  case GENVID_MEDIA_REQUEST_WAITING:
    return;
  case GENVID_MEDIA_REQUEST_FAILED:
    fail_with_error (fetch, genvid_media_request_get_error (wire),
                     GENVID_REASON_UNREACHABLE);
    return;
  case GENVID_MEDIA_REQUEST_BODY:
  case GENVID_MEDIA_REQUEST_ENDED:
  default:
    break;
  }
  if (!fetch->stream.judged)
    judge_head (fetch);
  if (fetch->failure == NULL)
    read_body (fetch);
}

static void
bring (Fetch *fetch)
{
  gint64 deadline = genvid_clock_now ().boot + PATIENCE;

  while (!fetch->whole && fetch->failure == NULL) {
    gint64 moment = MIN (fetch->stream.since + STALL, deadline);

    if (genvid_media_request_is_ready (fetch->stream.fetch))
      genvid_io_loop_glance (fetch->loop);
    else
      genvid_io_loop_turn (fetch->loop, moment);
    if (genvid_io_loop_is_aborted (fetch->loop)) {
      fail (fetch, GENVID_REASON_UNREACHABLE, "the process is exiting");
      return;
    }
    serve (fetch);
    moment = genvid_clock_now ().boot;
    if (!fetch->whole
        && (moment >= deadline
            || genvid_media_stream_is_stalled (&fetch->stream, moment, STALL,
                                               STALL_BYTES)))
      fail (fetch, GENVID_REASON_UNREACHABLE, "its server is too slow");
  }
}

static gboolean
is_pending (gpointer data)
{
  return genvid_media_request_is_pending (data);
}

static void
client (Fetch *fetch, GenvidHttpClient *http, const char *link)
{
  GMainContext *context = genvid_http_client_get_context (http);
  GenvidMediaRequestOptions options = { .link = link };

  fetch->loop = genvid_http_client_get_loop (http);
  g_main_context_push_thread_default (context);
  genvid_media_stream_start (&fetch->stream, http, &options,
                             genvid_clock_now ().boot);
  bring (fetch);
  genvid_media_request_cancel (fetch->stream.fetch);
  genvid_io_loop_settle (fetch->loop, is_pending, fetch->stream.fetch);
  genvid_media_stream_clear (&fetch->stream);
  g_main_context_pop_thread_default (context);
}

GenvidRemoteInput *
genvid_remote_input_fetch (GenvidHttpClient *http, GenvidStoreEntry *entry,
                           const char *link, guint64 max,
                           GenvidFailure **failure)
{
  const GenvidTrust *trust = genvid_http_client_get_trust (http);
  g_autoptr (GenvidRemoteInput) input = g_new0 (GenvidRemoteInput, 1);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *judged = NULL;
  g_autoptr (GError) error = NULL;
  Fetch fetch = { .link = link, .checksum = checksum, .fd = -1 };

  fetch.max
      = max > 0 ? MIN (max, GENVID_IMAGE_MAX_BYTES) : GENVID_IMAGE_MAX_BYTES;

  judged = genvid_url_check_result (link, NULL, trust->base_url,
                                    trust->allow_private, &error);
  if (judged != NULL)
    fetch.fd
        = genvid_store_entry_open_scratch (entry, &input->file.path, &error);
  if (fetch.fd < 0) {
    fail_with_error (&fetch, error, GENVID_REASON_NO_SPACE);
    *failure = fetch.failure;
    return NULL;
  }
  client (&fetch, http, judged);
  close (fetch.fd);
  *failure = fetch.failure;
  if (fetch.failure != NULL)
    return NULL;
  input->file.sha256 = g_strdup (g_checksum_get_string (checksum));
  input->file.size = fetch.stream.offset;
  input->file.type = fetch.type;
  return g_steal_pointer (&input);
}
