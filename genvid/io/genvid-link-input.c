/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One fetch, in constant memory, from a link to a file. It is no download:
 * nothing is resumed, nothing is kept and nobody waits for its first bytes,
 * since an input is small and costs nothing to fetch again. */
#include <genvid/io/genvid-link-input.h>

#include <unistd.h>

#include <genvid/genvid-container.h>
#include <genvid/genvid-link.h>
#include <genvid/io/genvid-clip.h>
#include <genvid/io/genvid-file.h>
#include <genvid/io/genvid-image.h>
#include <genvid/io/genvid-strand.h>
#include <genvid/io/genvid-transport-private.h>

#define PATIENCE    (600 * (gint64)G_USEC_PER_SEC)
#define STALL       (30 * (gint64)G_USEC_PER_SEC)
#define STALL_BYTES 1024
#define MAX_SNIFF   4096

struct _GenvidLinkInput {
  char *path; /* nullable */
  char *sha256;
};

typedef struct {
  GenvidLoop *loop;
  const char *link;
  GenvidStrand strand;
  GChecksum *checksum;
  int fd;
  gboolean whole;
  GenvidFailure *failure;
} Fetch;

void
genvid_link_input_free (GenvidLinkInput *input)
{
  if (input == NULL)
    return;
  if (input->path != NULL)
    unlink (input->path);
  g_free (input->path);
  g_free (input->sha256);
  g_free (input);
}

const char *
genvid_link_input_get_path (const GenvidLinkInput *input)
{
  return input->path;
}

const char *
genvid_link_input_get_sha256 (const GenvidLinkInput *input)
{
  return input->sha256;
}

static GenvidFailure *
make_failure (const char *link, GenvidReason reason, const char *what)
{
  g_autofree char *shown = genvid_link_display (link);
  GenvidFailure *failure = genvid_failure_new (
      reason,
      "The input \"%.200s\" could not be fetched: %s; nothing was bought",
      shown, what);

  failure->billed = GENVID_BILLED_NO;
  failure->retryable = reason == GENVID_REASON_UNREACHABLE;
  if (reason == GENVID_REASON_SETTINGS || reason == GENVID_REASON_NOT_MEDIA)
    failure->advice = g_strdup ("Set a link that everybody can open, or a "
                                "local file.");
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
judge_status (Fetch *fetch, guint status)
{
  g_autofree char *what
      = g_strdup_printf ("its server answered with HTTP %u", status);
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
  const GenvidHead *head = genvid_fetch_get_head (fetch->strand.fetch);

  judge_status (fetch, head->status);
  if (fetch->failure != NULL)
    return;
  if (genvid_head_is_text (head))
    fail (fetch, GENVID_REASON_NOT_MEDIA, "it is a text, not a picture");
  else if (head->packed)
    fail (fetch, GENVID_REASON_NOT_MEDIA, "it came compressed");
  else if (head->total != GENVID_SIZE_UNKNOWN
           && head->total > GENVID_IMAGE_MAX_BYTES)
    fail (fetch, GENVID_REASON_SETTINGS, "it is larger than 64 MiB");
  fetch->strand.judged = TRUE;
}

/* FALSE: the first bytes wait for more, or it failed. */
static gboolean
sniff (Fetch *fetch, gboolean end)
{
  const GenvidStrand *strand = &fetch->strand;
  GenvidContainer kind;

  if (strand->offset > 0)
    return TRUE;
  end = end || strand->held >= MAX_SNIFF;
  kind = genvid_container_sniff (strand->block, strand->held, end);
  if (kind == GENVID_CONTAINER_UNDECIDED)
    return end;
  if (kind == GENVID_CONTAINER_TEXT)
    fail (fetch, GENVID_REASON_NOT_MEDIA, "it is a text, not a picture");
  else if (kind == GENVID_CONTAINER_EMPTY)
    fail (fetch, GENVID_REASON_NOT_MEDIA, "it is empty");
  return fetch->failure == NULL;
}

static void
take (Fetch *fetch)
{
  GenvidStrand *strand = &fetch->strand;
  g_autoptr (GError) error = NULL;

  if (strand->offset + strand->held > GENVID_IMAGE_MAX_BYTES) {
    fail (fetch, GENVID_REASON_SETTINGS, "it is larger than 64 MiB");
    return;
  }
  if (!genvid_file_write (fetch->fd, (const char *)strand->block, strand->held,
                          &error)) {
    fail_with_error (fetch, error, GENVID_REASON_NO_SPACE);
    return;
  }
  g_checksum_update (fetch->checksum, strand->block, (gssize)strand->held);
  genvid_strand_advance (strand);
}

static void
read_body (Fetch *fetch)
{
  GenvidStrand *strand = &fetch->strand;
  guint64 total = genvid_fetch_get_head (strand->fetch)->total;
  gboolean ended;

  genvid_strand_read (strand);
  ended = genvid_fetch_look (strand->fetch) == GENVID_FETCH_ENDED;
  if (!sniff (fetch, ended))
    return;
  take (fetch);
  if (!ended || fetch->failure != NULL)
    return;
  fetch->whole = total == GENVID_SIZE_UNKNOWN || total == strand->offset;
  if (!fetch->whole)
    fail (fetch, GENVID_REASON_UNREACHABLE, "it came cut");
}

static void
serve (Fetch *fetch)
{
  GenvidFetch *wire = fetch->strand.fetch;

  switch (genvid_fetch_look (wire)) {
  case GENVID_FETCH_WAITING:
    return;
  case GENVID_FETCH_FAILED:
    fail_with_error (fetch, genvid_fetch_get_error (wire),
                     GENVID_REASON_UNREACHABLE);
    return;
  case GENVID_FETCH_BODY:
  case GENVID_FETCH_ENDED:
  default:
    break;
  }
  if (!fetch->strand.judged)
    judge_head (fetch);
  if (fetch->failure == NULL)
    read_body (fetch);
}

static void
bring (Fetch *fetch)
{
  gint64 deadline = genvid_now ().boot + PATIENCE;

  while (!fetch->whole && fetch->failure == NULL) {
    gint64 moment = MIN (fetch->strand.since + STALL, deadline);

    if (genvid_fetch_is_ready (fetch->strand.fetch))
      genvid_loop_glance (fetch->loop);
    else
      genvid_loop_turn (fetch->loop, moment);
    if (genvid_loop_is_aborted (fetch->loop)) {
      fail (fetch, GENVID_REASON_UNREACHABLE, "the process ends");
      return;
    }
    serve (fetch);
    moment = genvid_now ().boot;
    if (!fetch->whole
        && (moment >= deadline
            || genvid_strand_is_stalled (&fetch->strand, moment, STALL,
                                         STALL_BYTES)))
      fail (fetch, GENVID_REASON_UNREACHABLE, "its server is too slow");
  }
}

static gboolean
is_pending (gpointer data)
{
  return genvid_fetch_is_pending (data);
}

static void
run (Fetch *fetch, GenvidTransport *transport, const char *link)
{
  GMainContext *context = genvid_transport_get_context (transport);
  GenvidFetchOptions options = { .link = link };

  fetch->loop = genvid_transport_get_loop (transport);
  g_main_context_push_thread_default (context);
  genvid_strand_start (&fetch->strand, transport, &options, genvid_now ().boot);
  bring (fetch);
  genvid_fetch_cancel (fetch->strand.fetch);
  genvid_loop_settle (fetch->loop, is_pending, fetch->strand.fetch);
  genvid_strand_clear (&fetch->strand);
  g_main_context_pop_thread_default (context);
}

GenvidLinkInput *
genvid_link_input_fetch (GenvidTransport *transport, GenvidEntry *entry,
                         const char *link, GenvidFailure **failure)
{
  const GenvidTrust *trust = genvid_transport_get_trust (transport);
  g_autoptr (GenvidLinkInput) input = g_new0 (GenvidLinkInput, 1);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *judged = NULL;
  g_autoptr (GError) error = NULL;
  Fetch fetch = { .link = link, .checksum = checksum, .fd = -1 };

  judged = genvid_link_check_result (link, NULL, trust->base_url,
                                     trust->allow_private, &error);
  if (judged != NULL && genvid_transport_make_room (transport, &error))
    fetch.fd = genvid_entry_open_scratch (entry, &input->path, &error);
  if (fetch.fd < 0) {
    fail_with_error (&fetch, error, GENVID_REASON_NO_SPACE);
    *failure = fetch.failure;
    return NULL;
  }
  run (&fetch, transport, judged);
  close (fetch.fd);
  *failure = fetch.failure;
  if (fetch.failure != NULL)
    return NULL;
  input->sha256 = g_strdup (g_checksum_get_string (checksum));
  return g_steal_pointer (&input);
}
