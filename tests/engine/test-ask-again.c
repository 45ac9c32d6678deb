/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The last user leaves, and somebody asks for the same clip again while the
 * worker is about to end because of that, or in another process after that:
 * whoever asks gets the clip, bought once. */

#include "client-kit.h"
#include "worker-kit.h"

#include "failure.h"
#include "standby.h"

/* When the next user comes: while the record of the run that nobody wants says
 * so, just before its failure is set, or just after. */
typedef enum { NEVER, SAVING, BEFORE, AFTER } Moment;

static struct {
  GMutex mutex;
  GCond cond;
  Moment moment;
  const GenvidSettings *settings;
  GenvidClient *next; /* nullable: has not come */
  guint n_told;       /* that it is cancelled, while somebody reads */
} door;

gboolean __real_genvid_clip_fail (GenvidClip *clip,
                                  const GenvidFailure *failure,
                                  gboolean if_unread);
gboolean __wrap_genvid_clip_fail (GenvidClip *clip,
                                  const GenvidFailure *failure,
                                  gboolean if_unread);

gboolean __real_genvid_store_entry_save (GenvidStoreEntry *entry,
                                         const GenvidRecord *record,
                                         GError **error);
gboolean __wrap_genvid_store_entry_save (GenvidStoreEntry *entry,
                                         const GenvidRecord *record,
                                         GError **error);
void __real_genvid_clip_publish_record (GenvidClip *clip,
                                        const GenvidRecord *record,
                                        int progress, GenvidOrigin origin,
                                        gint64 started);
void __wrap_genvid_clip_publish_record (GenvidClip *clip,
                                        const GenvidRecord *record,
                                        int progress, GenvidOrigin origin,
                                        gint64 started);

static void
come (Moment moment)
{
  g_autoptr (GError) error = NULL;

  if (door.moment != moment)
    return;
  door.moment = NEVER;
  g_mutex_lock (&door.mutex);
  door.next = genvid_client_open (door.settings, NULL, &error);
  g_assert_no_error (error);
  g_cond_signal (&door.cond);
  g_mutex_unlock (&door.mutex);
}

gboolean
__wrap_genvid_store_entry_save (GenvidStoreEntry *entry,
                                const GenvidRecord *record, GError **error)
{
  gboolean saved = __real_genvid_store_entry_save (entry, record, error);

  if (record->state == GENVID_STATE_CANCELLED)
    come (SAVING);
  return saved;
}

void
__wrap_genvid_clip_publish_record (GenvidClip *clip, const GenvidRecord *record,
                                   int progress, GenvidOrigin origin,
                                   gint64 started)
{
  if (record->state == GENVID_STATE_CANCELLED
      && genvid_clip_get_n_readers (clip) > 0)
    door.n_told++;
  __real_genvid_clip_publish_record (clip, record, progress, origin, started);
}

gboolean
__wrap_genvid_clip_fail (GenvidClip *clip, const GenvidFailure *failure,
                         gboolean if_unread)
{
  gboolean fails;

  come (BEFORE);
  fails = __real_genvid_clip_fail (clip, failure, if_unread);
  come (AFTER);
  return fails;
}

static GenvidClient *
await_next (void)
{
  GenvidClient *next;

  g_mutex_lock (&door.mutex);
  while (door.next == NULL)
    g_cond_wait (&door.cond, &door.mutex);
  next = g_steal_pointer (&door.next);
  g_mutex_unlock (&door.mutex);
  return next;
}

static void
begin (Scene *scene, const char *provider, FakeService *service)
{
  scene_open (scene, provider, service);
  scene_add_clip (scene);
}

/* Starts its generation. */
static void
ask (GenvidClient *client)
{
  gsize available;

  genvid_client_wait (client, 0, 1, FALSE, G_MAXUINT, &available);
}

/* Takes CLIENT. */
static void
assert_whole (Scene *scene, GenvidClient *client, guint n_submits)
{
  g_autoptr (GenvidClipStatus) last = NULL;
  gsize available;

  do {
    guint seen = last != NULL ? last->serial : 0;

    genvid_client_wait (client, 0, G_MAXINT32, TRUE, seen, &available);
    g_clear_pointer (&last, genvid_clip_status_free);
    last = genvid_client_snapshot (client);
  } while (last->failure == NULL && !(last->whole && last->location != NULL));
  g_assert_cmpstr (last->failure != NULL ? last->failure->message : NULL, ==,
                   NULL);
  genvid_client_close (client);
  await_worker (&scene->kit, client);
  genvid_client_unref (client);
  g_assert_cmpuint (fake_service_count (scene->service, "POST", NULL), ==,
                    n_submits);
}

/* A submit that was not taken waits to be sent again, and is cancelled. */
static void
test_cancelled (gconstpointer data)
{
  static const FakeReply script[] = {
    { "POST", NULL, 429, "Retry-After: 60\n", "{}", .times = 1 },
    { "POST", NULL, 200, NULL, SCENE_RECEIPT },
  };
  g_auto (Scene) scene;
  g_autoptr (GenvidClient) first = NULL;

  begin (&scene, "cn8", FAKE_SERVICE (script));
  scene.settings->on_stop = GENVID_ON_STOP_CANCEL;
  first = genvid_client_open (scene.settings, NULL, NULL);
  door.settings = scene.settings;
  door.moment = GPOINTER_TO_INT (data);
  ask (first);
  fake_service_await_requests (scene.service, 1);
  genvid_client_close (first);
  assert_whole (&scene, await_next (), 2);
  g_assert_cmpuint (door.n_told, ==, 0);
}

/* Another process makes the clip, and whoever waits for it goes. */
static void
test_stood_by (gconstpointer data)
{
  static const FakeReply script[]
      = { { "POST", NULL, 200, NULL, SCENE_RECEIPT } };
  g_auto (Scene) scene;
  g_autoptr (GenvidClient) first = NULL;
  GenvidClient *next;
  g_autoptr (GenvidStoreEntry) other = NULL;

  begin (&scene, "cn8", FAKE_SERVICE (script));
  first = genvid_client_open (scene.settings, NULL, NULL);
  other = scene_lock_entry (&scene);
  door.settings = scene.settings;
  door.moment = GPOINTER_TO_INT (data);
  ask (first);
  genvid_client_close (first);
  next = await_next ();
  g_clear_pointer (&other, genvid_store_entry_free);
  assert_whole (&scene, next, 1);
}

/* Nor is what another process has called off told as the end. */
static void
test_told (void)
{
  static const FakeReply script[]
      = { { "POST", NULL, 200, NULL, SCENE_RECEIPT } };
  g_auto (Scene) scene;
  g_autoptr (GenvidStoreEntry) other = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GenvidClip) clip = genvid_clip_new ("cn8", NULL);
  g_autoptr (GError) error = NULL;
  GenvidClipReader *reader = genvid_clip_add_reader (clip);
  GenvidStandby standby = { .clip = clip };

  begin (&scene, "cn8", FAKE_SERVICE (script));
  other = scene_lock_entry (&scene);
  record
      = genvid_record_new (genvid_store_entry_get_fingerprint (other), "cn8");
  record->n = 1;
  record->state = GENVID_STATE_CANCELLED;
  g_assert_true (genvid_store_entry_save (other, record, &error));
  standby.entry = other;
  g_assert_null (genvid_standby_show (&standby));
  g_assert_cmpuint (door.n_told, ==, 0);
  genvid_clip_reader_free (reader);
}

/* --- A wish that a process left behind. --- */

/* Who asks again wants the clip that is paid for. */
static void
test_wish (void)
{
  static const FakeReply script[] = {
    { "POST", "/v1/generations/7/stop", 200, NULL, "{\"status\":\"stopped\"}" },
  };
  g_auto (Scene) scene;

  begin (&scene, "genpro", FAKE_SERVICE (script));
  scene_store (&scene, GENVID_STATE_QUEUED, "7", TRUE);
  assert_whole (&scene, genvid_client_open (scene.settings, NULL, NULL), 0);
}

/* A wish that came while a submit was in doubt does not outlive the word of who
 * pays for the doubt. */
static void
test_wish_in_doubt (void)
{
  static const FakeReply script[]
      = { { "POST", NULL, 200, NULL, SCENE_RECEIPT } };
  g_auto (Scene) scene;

  begin (&scene, "cn8", FAKE_SERVICE (script));
  scene_store (&scene, GENVID_STATE_SUBMITTING, NULL, TRUE);
  scene.settings->if_in_doubt = GENVID_IF_IN_DOUBT_RESUBMIT;
  assert_whole (&scene, genvid_client_open (scene.settings, NULL, NULL), 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/again/cancelled/saving", GINT_TO_POINTER (SAVING),
                        test_cancelled);
  g_test_add_data_func ("/again/cancelled/before", GINT_TO_POINTER (BEFORE),
                        test_cancelled);
  g_test_add_data_func ("/again/cancelled/after", GINT_TO_POINTER (AFTER),
                        test_cancelled);
  g_test_add_data_func ("/again/stood-by/before", GINT_TO_POINTER (BEFORE),
                        test_stood_by);
  g_test_add_data_func ("/again/stood-by/after", GINT_TO_POINTER (AFTER),
                        test_stood_by);
  g_test_add_func ("/again/told", test_told);
  g_test_add_func ("/again/wish", test_wish);
  g_test_add_func ("/again/wish-in-doubt", test_wish_in_doubt);
  return g_test_run ();
}
