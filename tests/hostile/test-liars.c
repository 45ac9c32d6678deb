/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole generations against a service that lies, a row a lie (liar-*.inc).
 * Whatever it says: the run ends within the clock and the memory that it has,
 * with the clip or with one error that gives its reason; nothing is submitted
 * twice; the key goes nowhere else; and when the service is honest again, what
 * was bought is there. */
#include "liar-time.h"
#include "client-kit.h"

#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "settings.h"

#include <ftw.h>
#include <gio/gio.h>

#include <stdio.h>

#define MINUTE (60 * (gint64)G_USEC_PER_SEC)
/* Of the clock that jumps. The longest timeout of a description is an hour. */
#define MAX_TIME  (90 * MINUTE)
#define MAX_TURNS 200000
/* What both sides may take beyond what they had: sockets, the service's own
 * blocks, and a document of 1 MiB as JSON. */
#define MAX_MEMORY (G_GUINT64_CONSTANT (48) << 20)
#define MAX_TEXT   2000
#define MAX_SIZE   (G_GUINT64_CONSTANT (8) << 20)

#include "liar-submit.inc"

#include "liar-poll.inc"

#include "liar-media.inc"

#include "liar-link.inc"

#include "liar-tls.inc"

#include "liar-upload.inc"

#include "liar-cancel.inc"

typedef struct {
  const LiarRow *row;
  char *key;
  guint64 leave_at; /* the turn; 0: it stays to the end */
  gboolean cancel;  /* does it say so when it leaves? */
  guint faults;     /* of the row */
} Case;

static guint cases;

static void blame (Case *here, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
blame (Case *here, const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("# %s: %s\n", here->row->name, text);
  here->faults++;
}

/* --- Memory. --- */

static guint64
read_peak (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, "VmHWM:");
  return line != NULL ? g_ascii_strtoull (line + 6, NULL, 10) * 1024 : 0;
}

/* Sets the peak back to what is used now. */
static guint64
begin_peak (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");

  g_assert_nonnull (file);
  fputs ("5", file);
  fclose (file);
  return read_peak ();
}

/* --- A run. --- */

static const char *
get_provider (const LiarRow *row)
{
  return row->flags & LIAR_FILES                   ? "openai-videos"
         : row->flags & (LIAR_GENPRO | LIAR_INPUT) ? "genpro"
         : row->flags & LIAR_AIMLAPI               ? "aimlapi"
                                                   : "cn8";
}

static GenvidInput *
make_picture (Liar *liar)
{
  GenvidInput *input = g_new0 (GenvidInput, 1);

  input->kind = GENVID_INPUT_LINK;
  input->value = g_strconcat (liar_get_clips_url (liar), "/a.png", NULL);
  return input;
}

static GenvidSettings *
make_settings (const Case *here, const Kit *kit, Liar *liar)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->provider = g_strdup (get_provider (here->row));
  settings->api_key = g_strdup (here->key);
  settings->base_url = g_strdup (liar_get_url (liar));
  settings->store = g_strdup (kit->path);
  if (here->cancel)
    settings->on_stop = GENVID_ON_STOP_CANCEL;
  settings->max_size = MAX_SIZE;
  settings->request->prompt = g_strdup ("a lake");
  if (here->row->flags & (LIAR_AIMLAPI | LIAR_FILES))
    settings->request->model = g_strdup ("m");
  if (here->row->flags & LIAR_INPUT)
    settings->request->image = make_picture (liar);
  if (here->row->flags & LIAR_TLS)
    settings->ca_file = g_strdup (TEST_SOURCE_ROOT "/tests/data/tls/ca.pem");
  return settings;
}

static void
check_text (Case *here, const GenvidFailure *failure)
{
  g_autofree char *text = genvid_failure_to_text (failure);

  if (*text == '\0' || strlen (text) > MAX_TEXT
      || !g_utf8_validate (text, -1, NULL))
    blame (here, "an error of %" G_GSIZE_FORMAT " bytes", strlen (text));
  if (strstr (text, here->key) != NULL || strstr (text, "Signature=s3") != NULL)
    blame (here, "the error tells a secret: %s", text);
}

static void
leave (gpointer data)
{
  genvid_client_close (data);
}

/* To its end; the result is "whole", a reason, or "left". */
static const char *
play (Case *here, const Kit *kit, Liar *liar)
{
  g_autoptr (GenvidSettings) settings = make_settings (here, kit, liar);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) client = NULL;
  g_autoptr (GenvidClipStatus) last = NULL;
  GenvidReadOutcome outcome;
  gsize available;

  liar_time_attend (liar);
  client = genvid_client_open (settings, NULL, &error);
  g_assert_no_error (error);
  liar_time_call_at (here->leave_at, leave, client);
  do {
    guint seen = last != NULL ? last->serial : 0;

    outcome
        = genvid_client_wait (client, 0, G_MAXINT32, TRUE, seen, &available);
    g_clear_pointer (&last, genvid_clip_status_free);
    last = genvid_client_snapshot (client);
  } while (outcome != GENVID_READ_STOPPED && last->failure == NULL
           && !(last->whole && last->location != NULL));
  genvid_client_close (client);
  await_worker (kit, client);
  liar_time_attend (NULL);
  if (outcome == GENVID_READ_STOPPED)
    return "left";
  if (last->failure != NULL)
    check_text (here, last->failure);
  return last->failure != NULL ? genvid_reason_to_string (last->failure->reason)
                               : "whole";
}

/* --- What must hold. --- */

static void
check_bounds (Case *here, Liar *liar, guint64 before)
{
  guint64 peak = read_peak ();

  if (liar_time_get_skipped () > MAX_TIME)
    blame (here, "it took %" G_GINT64_FORMAT " minutes",
           liar_time_get_skipped () / MINUTE);
  if (liar_time_get_turns () > MAX_TURNS)
    blame (here, "it took %" G_GUINT64_FORMAT " turns", liar_time_get_turns ());
#ifdef __SANITIZE_ADDRESS__
  peak = 0;
#endif
  /* A sanitizer's own memory counts too. */
  if (g_getenv ("TSAN_OPTIONS") != NULL)
    peak = 0;
  if (peak > before + MAX_MEMORY)
    blame (here,
           "it took %" G_GUINT64_FORMAT " KiB, of %" G_GUINT64_FORMAT " sent",
           (peak - before) / 1024, liar_get_sent (liar) / 1024);
}

/* To the service's calls, and to clips only where its description says that
 * they lie behind the key. */
static void
check_key (Case *here, Liar *liar)
{
  GPtrArray *requests = liar_get_requests (liar);

  for (guint i = 0; i < requests->len; i++) {
    const LiarRequest *request = g_ptr_array_index (requests, i);

    if (strstr (request->head, "\nX: y") != NULL)
      blame (here, "an answer's line is in a request's head");
    if (request->has_key
        && (request->port != 0 || strstr (request->target, ".mp4") != NULL))
      blame (here, "the key went to %s %s", request->method, request->target);
  }
}

static gboolean
holds_secret (const char *path, const char *secret)
{
  g_autofree char *text = NULL;
  gsize length;

  return g_file_get_contents (path, &text, &length, NULL)
         && memmem (text, length, secret, strlen (secret)) != NULL;
}

static Case *searching;

static int
search_one (const char *path, const struct stat *info, int flag,
            struct FTW *walk)
{
  if (flag == FTW_F && holds_secret (path, searching->key))
    blame (searching, "the key is in %s", path);
  return 0;
}

static void
check_store (Case *here, const Kit *kit)
{
  searching = here;
  nftw (kit->path, search_one, 16, FTW_PHYS);
}

static void
check_clip (Case *here, const Kit *kit, const char *end)
{
  g_autofree char *command = g_build_filename (kit->path, "clips", NULL);
  g_autoptr (GDir) dir = g_dir_open (command, 0, NULL);
  const char *name;
  gboolean found = FALSE;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (command, name, "clip.mp4", NULL);
    g_autofree char *text = NULL;
    gsize length, size;
    const char *clip = g_bytes_get_data (liar_get_clip (), &size);

    if (!g_file_get_contents (path, &text, &length, NULL))
      continue;
    found = TRUE;
    if (length < size || memcmp (text, clip, size) != 0)
      blame (here, "the clip in the store has other bytes");
  }
  if (found != (strcmp (end, "whole") == 0))
    blame (here, found ? "a clip is in the store" : "no clip is in the store");
}

/* Free again after a refusal, at most. */
static const char *
get_later (const LiarRow *row)
{
  if (row->later != NULL)
    return row->later;
  return strcmp (row->end, "in-doubt") == 0 ? "in-doubt" : "whole";
}

static void
run_row (Case *here, Liar *liar, const Kit *kit)
{
  const LiarRow *row = here->row;
  guint64 before = begin_peak ();
  const char *end = play (here, kit, liar);
  guint submits = liar_count (liar, LIAR_SUBMIT);
  guint wanted = row->submits == NONE ? 0 : row->submits > 0 ? row->submits : 1;
  gboolean raced = (row->flags & LIAR_RACE) && strcmp (end, "timed-out") == 0;
  const char *then = raced ? "whole" : get_later (row);
  const char *later;

  check_bounds (here, liar, before);
  if (!raced && strcmp (end, row->end) != 0)
    blame (here, "it ended with %s, not with %s", end, row->end);
  if (submits != wanted)
    blame (here, "%u submits, not %u", submits, wanted);
  check_key (here, liar);
  check_clip (here, kit, end);
  liar_reform (liar);
  liar_time_skip (2 * MINUTE);
  later = play (here, kit, liar);
  if (strcmp (later, then) != 0)
    blame (here, "the next run ended with %s, not with %s", later, then);
  /* Only what failed by the service's word may be asked for again. */
  if (row->place != LIAR_SUBMIT && submits > 0 && strcmp (end, "failed") != 0
      && liar_count (liar, LIAR_SUBMIT) != submits)
    blame (here, "the next run bought again");
  if (strcmp (later, "in-doubt") == 0 && !(row->flags & LIAR_GENPRO)
      && liar_count (liar, LIAR_SUBMIT) != submits)
    blame (here, "the next run bought in doubt");
  check_key (here, liar);
  check_clip (here, kit, later);
  check_store (here, kit);
}

static gboolean
test_row (const LiarRow *row)
{
  g_autofree char *key = g_strdup_printf ("sk-liar-%08u-good", cases++);
  Case here = { .row = row, .key = key };
  g_autoptr (Liar) liar = liar_new (row, key);
  g_auto (Kit) kit = kit_new ();

  run_row (&here, liar, &kit);
  return here.faults == 0;
}

static void
test_rows (const LiarRow *rows, gsize n)
{
  const char *only = g_getenv ("LIAR_ROW");
  guint bad = 0;

  for (gsize i = 0; i < n; i++)
    if (only == NULL || strstr (rows[i].name, only) != NULL)
      bad += !test_row (&rows[i]);
  g_assert_cmpuint (bad, ==, 0);
}

/* --- Somebody leaves in the middle. --- */

/* A run that is left at one turn, and the next one against the honest service.
 * FALSE: it had ended before. */
static gboolean
leave_row (const LiarRow *row, guint64 turn, gboolean cancel, guint *bad)
{
  g_autofree char *key = g_strdup_printf ("sk-liar-%08u-good", cases++);
  Case here = { .row = row, .key = key, .leave_at = turn, .cancel = cancel };
  g_autoptr (Liar) liar = liar_new (row, key);
  g_auto (Kit) kit = kit_new ();
  /* What was answered is known; what was not, may be a doubt. */
  gboolean certain = row->place != LIAR_SUBMIT && row->place != LIAR_GREET;
  guint64 before = begin_peak ();
  const char *first, *later;
  guint charges;

  liar_go_slowly (liar);
  first = play (&here, &kit, liar);
  check_bounds (&here, liar, before);
  charges = liar_count_charges (liar);
  here.leave_at = 0;
  here.cancel = FALSE;
  liar_reform (liar);
  liar_time_skip (2 * MINUTE);
  later = play (&here, &kit, liar);
  if (strcmp (later, "whole") != 0
      && (certain || strcmp (later, "in-doubt") != 0))
    blame (&here, "it ended with %s", later);
  /* What failed by the service's word may be asked for again. */
  if (strcmp (row->end, "failed") != 0
      && liar_count_charges (liar) > MAX (charges, 1))
    blame (&here, "it bought again");
  check_key (&here, liar);
  check_clip (&here, &kit, later);
  check_store (&here, &kit);
  if (here.faults > 0)
    g_printerr ("# that was of one who left at turn %" G_GUINT64_FORMAT "%s\n",
                turn, cancel ? ", to cancel" : "");
  *bad += here.faults > 0;
  return strcmp (first, "left") == 0;
}

/* The turns at which a row is left: one near the start, another for another
 * row; with LIAR_LEAVE each, and from the 32nd on in steps that grow. */
static guint
leave_rows (const LiarRow *rows, gsize n, guint *bad)
{
  const char *only = g_getenv ("LIAR_ROW");
  gboolean all = g_getenv ("LIAR_LEAVE") != NULL;
  guint left = 0;

  for (gsize i = 0; i < n; i++) {
    guint64 turn = all ? 1 : 1 + i * 7 % 19;
    guint step = 1;

    if (only != NULL && strstr (rows[i].name, only) == NULL)
      continue;
    for (; step > 0; turn += step) {
      gboolean keeps = leave_row (&rows[i], turn, i % 2 == 0, bad);

      left += keeps;
      if (all)
        left += keeps = leave_row (&rows[i], turn, i % 2 != 0, bad) || keeps;
      step = !all || !keeps ? 0 : turn < 32 ? 1 : (guint)(turn / 3);
    }
  }
  return left;
}

/* At any point of any exchange. Whoever leaves, and whatever is answered: what
 * was paid for once is there, and is not paid for again. */
static void
test_leave (void)
{
  static const struct {
    const LiarRow *rows;
    gsize n;
  } tables[] = { { submit_rows, G_N_ELEMENTS (submit_rows) },
                 { poll_rows, G_N_ELEMENTS (poll_rows) },
                 { media_rows, G_N_ELEMENTS (media_rows) },
                 { link_rows, G_N_ELEMENTS (link_rows) },
                 { upload_rows, G_N_ELEMENTS (upload_rows) },
                 { cancel_rows, G_N_ELEMENTS (cancel_rows) } };
  gboolean some = g_getenv ("LIAR_ROW") != NULL;
  guint bad = 0;

  for (gsize t = 0; t < G_N_ELEMENTS (tables); t++) {
    guint left = leave_rows (tables[t].rows, tables[t].n, &bad);

    g_print ("# table %" G_GSIZE_FORMAT ": left %u times\n", t, left);
    g_assert_true (some || left > tables[t].n / 2);
  }
  g_assert_cmpuint (bad, ==, 0);
}

/* The clips' port has its certificate from the tests' anchors too, and they are
 * this machine's for as long as the test runs. */
static void
trust_all (void)
{
  g_autoptr (GTlsDatabase) anchors = g_tls_file_database_new (
      TEST_SOURCE_ROOT "/tests/data/tls/ca.pem", NULL);

  g_assert_nonnull (anchors);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), anchors);
}

#define TEST(rows)                                                             \
  static void test_##rows (void)                                               \
  {                                                                            \
    test_rows (rows, G_N_ELEMENTS (rows));                                     \
  }

TEST (submit_rows)
TEST (poll_rows)
TEST (media_rows)
TEST (link_rows)
TEST (tls_rows)
TEST (upload_rows)

int
main (int argc, char **argv)
{
  int status;

  g_unsetenv ("G_MESSAGES_DEBUG");
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  g_setenv ("GEN_SHEET_ID", "1", TRUE);
  g_setenv ("GEN_CELL_ID", "2", TRUE);
  g_setenv ("GEN_AGENT_ID", "3", TRUE);
  /* Nothing here is about disks. */
  if (g_access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  trust_all ();
  g_test_add_func ("/liar/submit", test_submit_rows);
  g_test_add_func ("/liar/poll", test_poll_rows);
  g_test_add_func ("/liar/media", test_media_rows);
  g_test_add_func ("/liar/link", test_link_rows);
  g_test_add_func ("/liar/tls", test_tls_rows);
  g_test_add_func ("/liar/upload", test_upload_rows);
  g_test_add_func ("/liar/leave", test_leave);
  status = g_test_run ();
  g_print ("# %u rows\n", cases);
  genvid_client_quit ();
  return status;
}
