/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A network file system that loses the lock of a purchase, at every moment
 * when its holder asks for it: from then on nothing is sent or written over,
 * and the next run pays nothing again. And one that refuses the ledger's for a
 * while: no line is missing in the end. */

#include "client-kit.h"

#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "settings.h"

#include <gio/gio.h>

#include <stdarg.h>

#include "fake-service.h"

#define SUBMIT "/v1/proxy/media-video-from-text"
#define SIZE   20000
/* For the first record, the intent, the record of it and the submit it is asked
 * for; then for the record with the id. */
#define AFTER_SUBMIT 4

static struct {
  GMutex mutex;
  FakeService *service;
  const char *record; /* path of job.json */
  int code;           /* what a lost lock answers; 0: none is lost */
  guint after;        /* so many times it is still ours */
  guint asked;
  gboolean lost;
  guint submits; /* when it was lost */
  char *text;    /* of the record then; nullable */
  guint refused; /* so many times the ledger's is, after the submit */
} loss;

int __real_fcntl (int fd, int command, ...);
int __real_fcntl64 (int fd, int command, ...);
int __wrap_fcntl (int fd, int command, ...);
int __wrap_fcntl64 (int fd, int command, ...);

static gboolean
is_of_purchase (int fd)
{
  g_autofree char *proc = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (proc, NULL);
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;

  return folder != NULL && g_str_has_suffix (folder, "/locks")
         && !g_str_has_suffix (path, "/ledger") && strstr (path, ".") == NULL;
}

static gboolean
is_of_ledger (int fd)
{
  g_autofree char *proc = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (proc, NULL);

  return path != NULL && g_str_has_suffix (path, "/locks/ledger");
}

static gboolean
refuse_ledger (int fd, int command)
{
  if (command != F_OFD_SETLK || loss.refused == 0 || !is_of_ledger (fd)
      || fake_service_count (loss.service, "POST", NULL) == 0)
    return FALSE;
  loss.refused--;
  return TRUE;
}

/* 0: it is granted. */
static int
lose (int fd, int command, const struct flock *request)
{
  int code = 0;

  if (refuse_ledger (fd, command))
    return EIO;
  if (command != F_OFD_SETLK || request->l_type != F_WRLCK
      || !is_of_purchase (fd))
    return 0;
  g_mutex_lock (&loss.mutex);
  if (loss.code != 0 && !loss.lost && loss.asked++ > loss.after) {
    loss.lost = TRUE;
    loss.submits = fake_service_count (loss.service, "POST", NULL);
    g_file_get_contents (loss.record, &loss.text, NULL, NULL);
    code = loss.code;
  }
  g_mutex_unlock (&loss.mutex);
  return code;
}

#define WRAP(fcntl)                                                            \
  int __wrap_##fcntl (int fd, int command, ...)                                \
  {                                                                            \
    va_list more;                                                              \
    va_start (more, command);                                                  \
    void *request = va_arg (more, void *);                                     \
    va_end (more);                                                             \
    int code = lose (fd, command, request);                                    \
    if (code == 0)                                                             \
      return __real_##fcntl (fd, command, request);                            \
    errno = code;                                                              \
    return -1;                                                                 \
  }
WRAP (fcntl)
WRAP (fcntl64)

static void
stop_losing (void)
{
  g_mutex_lock (&loss.mutex);
  loss.code = 0;
  g_mutex_unlock (&loss.mutex);
}

/* With the lock lost after it was asked for AFTER times, if CODE is not 0.
 * Owned by the caller: how it ended. */
static GenvidClipStatus *
run (const Kit *kit, FakeService *service, int code, guint after)
{
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) run = NULL;
  g_autofree char *record = NULL;
  GenvidClipStatus *last = NULL;
  GenvidReadOutcome outcome;
  gsize available;

  settings->provider = g_strdup ("cn8");
  settings->api_key = g_strdup ("sk-lost");
  settings->base_url = g_strdup (fake_service_get_url (service));
  settings->store = g_strdup (kit->path);
  settings->request->prompt = g_strdup ("a lake");
  run = genvid_client_open (settings, NULL, &error);
  g_assert_no_error (error);
  record = g_build_filename (kit->path, "clips",
                             genvid_client_get_fingerprint (run), "job.json",
                             NULL);
  g_clear_pointer (&loss.text, g_free);
  loss.service = service;
  loss.record = record;
  loss.after = after;
  loss.asked = 0;
  loss.lost = FALSE;
  loss.code = code;
  do {
    guint seen = last != NULL ? last->serial : 0;

    outcome = genvid_client_wait (run, 0, SIZE, TRUE, seen, &available);
    g_clear_pointer (&last, genvid_clip_status_free);
    last = genvid_client_snapshot (run);
  } while (outcome == GENVID_READ_CHANGED);
  genvid_client_close (run);
  stop_losing ();
  await_worker (kit, run);
  if (loss.lost) {
    g_autofree char *text = NULL;

    g_file_get_contents (record, &text, NULL, NULL);
    g_assert_cmpstr (text, ==, loss.text);
  }
  return last;
}

/* Its answers are of one job, which is ready. */
static FakeService *
serve_job (void)
{
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 1);
  const FakeReply script[] = {
    { "GET", "/clip.mp4", .bytes = clip, .flags = FAKE_RANGE },
  };
  FakeService *service = FAKE_SERVICE (script);
  g_autofree char *body
      = g_strdup_printf ("{\"job\":{\"id\":\"7\",\"status\":\"completed\"},"
                         "\"id\":\"7\",\"status\":\"completed\","
                         "\"result_data\":{\"video_url\":\"%s/clip.mp4\"}}",
                         fake_service_get_url (service));

  fake_service_add (service, &(FakeReply){ "POST", SUBMIT, .body = body });
  fake_service_add (service, &(FakeReply){ "GET", NULL, .body = body });
  return service;
}

static void
lose_once (int code, guint after)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (FakeService) service = serve_job ();
  g_autoptr (GenvidClipStatus) end = NULL;
  g_autoptr (GenvidClipStatus) again = NULL;

  end = run (&kit, service, code, after);
  g_assert_true (loss.lost);
  g_test_message ("lost after %u: %u submits: %s", after, loss.submits,
                  end->failure != NULL ? end->failure->message : "none");
  g_assert_nonnull (end->failure);
  g_assert_cmpint (end->failure->reason, ==, GENVID_REASON_BUSY);
  g_assert_nonnull (strstr (end->failure->message, "lock"));
  g_assert_cmpuint (fake_service_count (service, "POST", NULL), ==,
                    loss.submits);
  g_assert_cmpuint (loss.submits, ==, after == AFTER_SUBMIT);
  if (after != AFTER_SUBMIT)
    return;

  /* What was paid for is found again. */
  g_assert_cmpstr (end->failure->generation_id, ==, "7");
  again = run (&kit, service, 0, 0);
  g_assert_null (again->failure);
  g_assert_cmpuint (again->present, ==, SIZE);
  g_assert_cmpuint (fake_service_count (service, "POST", NULL), ==, 1);
}

static void
test_every_moment (gconstpointer code)
{
  for (guint after = 0; after <= AFTER_SUBMIT; after++)
    lose_once (GPOINTER_TO_INT (code), after);
}

/* A machine that died with the ledger's lock keeps it for a while. */
static void
test_ledger (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (FakeService) service = serve_job ();
  g_autoptr (GenvidClipStatus) end = NULL;
  g_autofree char *path = g_build_filename (kit.path, "ledger.jsonl", NULL);
  g_autofree char *ledger = NULL;

  loss.refused = 1;
  end = run (&kit, service, 0, 0);
  g_assert_null (end->failure);
  g_assert_cmpuint (loss.refused, ==, 0);
  g_assert_true (g_file_get_contents (path, &ledger, NULL, NULL));
  const char *accept = strstr (ledger, "\"event\":\"accept\"");
  const char *finish = strstr (ledger, "\"event\":\"finish\"");
  g_assert_nonnull (accept);
  g_assert_nonnull (finish);
  g_assert_true (accept < finish);
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *path;
    int code;
  } rows[] = { { "/lost-lock/taken", EAGAIN },
               { "/lost-lock/io", EIO },
               { "/lost-lock/bad", EBADFD },
               { "/lost-lock/stale", ESTALE } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_test_add_data_func (rows[i].path, GINT_TO_POINTER (rows[i].code),
                          test_every_moment);
  g_test_add_func ("/lost-lock/ledger", test_ledger);
  return g_test_run ();
}
