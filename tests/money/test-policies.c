/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Users of one clip in one process who are not of one mind: what one of them
 * may not do, or wishes, is not done to the others. The worker is the real
 * one; time that it would only wait is skipped. */

#include "money-kit.h"

#include <string.h>

#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clock.h"
#include "failure.h"
#include "scheduler.h"
#include "ledger.h"
#include "moment.h"
#include "request-log.h"
#include "request-window.h"
#include "settings.h"
#include "store.h"

static GMutex clock_mutex;
static gint64 skipped;

GenvidNow __real_genvid_clock_now (void);
GenvidNow __wrap_genvid_clock_now (void);
GenvidNow
__wrap_genvid_clock_now (void)
{
  GenvidNow now = __real_genvid_clock_now ();

  g_mutex_lock (&clock_mutex);
  now.wall += skipped;
  now.boot += skipped;
  g_mutex_unlock (&clock_mutex);
  return now;
}

GenvidPark __real_genvid_park_until (GenvidPlace *place, gint64 until);
GenvidPark __wrap_genvid_park_until (GenvidPlace *place, gint64 until);
GenvidPark
__wrap_genvid_park_until (GenvidPlace *place, gint64 until)
{
  gint64 wait = until - __wrap_genvid_clock_now ().boot;

  if (wait <= G_USEC_PER_SEC / 4)
    return __real_genvid_park_until (place,
                                     __real_genvid_clock_now ().boot + wait);
  g_mutex_lock (&clock_mutex);
  skipped += wait;
  g_mutex_unlock (&clock_mutex);
  return __real_genvid_park_until (place, 0);
}

/* --- Users. --- */

typedef struct {
  GenvidClient *run;
  GThread *thread;
} User;

static GenvidSettings *
make_settings (Scene *scene)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->request->prompt = g_strdup ("a clip for all of them");
  settings->store = g_strdup (scene->store);
  settings->provider = g_strdup (scene->service->name);
  settings->base_url = g_strdup (genvid_sandbox_base_url (scene->sandbox));
  settings->api_key = g_strdup ("sk-crash-good-key");
  settings->poll_interval = 1;
  return settings;
}

/* "whole", or why not; owned by the caller. */
static gpointer
watch (gpointer data)
{
  GenvidClient *run = data;
  guint seen = 0;
  gsize available;

  for (;;) {
    GenvidReadOutcome outcome
        = genvid_client_wait (run, 0, G_MAXINT32, TRUE, seen, &available);
    g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (run);

    seen = snapshot->serial;
    if (snapshot->whole && snapshot->location != NULL)
      return g_strdup ("whole");
    if (snapshot->failure != NULL)
      return g_strdup (genvid_reason_to_string (snapshot->failure->reason));
    if (outcome == GENVID_READ_STOPPED)
      return g_strdup ("stopped");
  }
}

/* Takes ORDER. */
static User
begin (GenvidSettings *settings)
{
  g_autoptr (GError) error = NULL;
  User user = { 0 };

  user.run = genvid_client_open (settings, NULL, &error);
  g_assert_no_error (error);
  genvid_settings_free (settings);
  user.thread = g_thread_new ("user", watch, user.run);
  return user;
}

/* Waits for what it has to say. */
static void
end (User *user, const char *expected)
{
  g_autofree char *word = g_thread_join (user->thread);

  g_assert_cmpstr (word, ==, expected);
  genvid_client_close (user->run);
  genvid_client_unref (user->run);
}

static void
leave (User *user)
{
  genvid_client_close (user->run);
  end (user, "stopped");
}

static void
wait_held (Scene *scene, GenvidSandboxGate gate)
{
  g_assert_true (genvid_sandbox_wait_held (scene->sandbox, gate, 1, 60000));
}

/* Until the service has answered one more poll and another one is held. */
static void
let_one_poll_pass (Scene *scene)
{
  guint polls = count_scope (scene, GENVID_SANDBOX_POLL);

  genvid_sandbox_release (scene->sandbox, GENVID_SANDBOX_GATE_POLL);
  g_assert_true (genvid_sandbox_wait_requests (
      scene->sandbox, GENVID_SANDBOX_POLL, polls + 2, 60000));
}

/* --- Tests. --- */

/* One that may spend wishes to cancel when it goes; one that may not waits. */
static void
test_only_is_a_user (gconstpointer data)
{
  Scene scene;
  GenvidSettings *settings;
  User buyer, reader;

  open_scene (&scene, data);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_POLL);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  settings = make_settings (&scene);
  settings->on_stop = GENVID_ON_STOP_CANCEL;
  buyer = begin (settings);
  wait_held (&scene, GENVID_SANDBOX_GATE_POLL);
  settings = make_settings (&scene);
  settings->reuse = GENVID_REUSE_ONLY;
  reader = begin (settings);
  leave (&buyer);
  let_one_poll_pass (&scene);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  end (&reader, "whole");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_CANCEL), ==, 0);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* A wish of one who went is void once another came, also when that one goes
 * later and wishes nothing. */
static void
test_wish_is_void (gconstpointer data)
{
  Scene scene;
  GenvidSettings *settings;
  User first, second, third;

  open_scene (&scene, data);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_POLL);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  settings = make_settings (&scene);
  settings->on_stop = GENVID_ON_STOP_CANCEL;
  first = begin (settings);
  wait_held (&scene, GENVID_SANDBOX_GATE_POLL);
  leave (&first);
  second = begin (make_settings (&scene));
  leave (&second);
  let_one_poll_pass (&scene);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  third = begin (make_settings (&scene));
  end (&third, "whole");
  g_assert_cmpuint (count_scope (&scene, GENVID_SANDBOX_CANCEL), ==, 0);
  close_scene (&scene);
}

/* A wrong key fails alone. */
static void
test_keys_share_no_fate (gconstpointer data)
{
  GenvidSandboxOptions options = { .clip_path = TEST_CLIP,
                                   .ready_after_polls = 1,
                                   .key = "sk-crash-good-key" };
  Scene scene;
  GenvidSettings *settings;
  User wrong, right;

  open_scene (&scene, data);
  genvid_sandbox_free (scene.sandbox);
  scene.sandbox = genvid_sandbox_new (&options, NULL);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  settings = make_settings (&scene);
  g_free (settings->api_key);
  settings->api_key = g_strdup ("sk-crash-wrong-key");
  wrong = begin (settings);
  wait_held (&scene, GENVID_SANDBOX_GATE_SUBMIT);
  right = begin (make_settings (&scene));
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  end (&wrong, "unauthorized");
  end (&right, "whole");
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

static User
begin_resubmit (Scene *scene)
{
  GenvidSettings *settings = make_settings (scene);

  settings->if_in_doubt = GENVID_IF_IN_DOUBT_RESUBMIT;
  return begin (settings);
}

/* Each of them may pay for a doubt; the second finds a young one and rests. */
static void
test_doubts_rest (gconstpointer data)
{
  Scene scene;
  GenvidSettings *settings;
  User first, second;

  open_scene (&scene, data);
  add_fault (&scene, "submit-lost-after@0");
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  first = begin_resubmit (&scene);
  wait_held (&scene, GENVID_SANDBOX_GATE_SUBMIT);
  settings = make_settings (&scene);
  settings->if_in_doubt = GENVID_IF_IN_DOUBT_RESUBMIT;
  settings->max_cost = 10; /* another limit, another generation */
  second = begin (settings);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_SUBMIT);
  end (&first, "in-doubt");
  end (&second, "in-doubt");
  g_assert_cmpuint (count_accepted (&scene), ==, 2);
  close_scene (&scene);
}

static void
append (GenvidStore *store, GenvidLedgerEvent event, double amount)
{
  GenvidLedgerLine line = { .event = event,
                            .provider = "cn8",
                            .fingerprint = "00ff",
                            .n = 1,
                            .amount = amount,
                            .currency = "USD" };
  GenvidNow now = genvid_clock_now ();

  g_assert_true (genvid_ledger_append (store, &line, &now, NULL));
}

static double
sum (GenvidStore *store)
{
  GenvidNow now = genvid_clock_now ();

  return genvid_ledger_sum (store, &now, NULL);
}

/* A cost of 0 while it runs is no word on the price. */
static void
test_early_cost (gconstpointer data)
{
  g_autoptr (GenvidStore) store = NULL;
  Scene scene;

  open_scene (&scene, data);
  store = genvid_store_open (scene.store, FALSE, NULL);
  append (store, GENVID_LEDGER_RESERVE, 6);
  append (store, GENVID_LEDGER_SUBMIT, 6);
  append (store, GENVID_LEDGER_ACCEPT, 0);
  g_assert_cmpfloat (sum (store), ==, 6);
  append (store, GENVID_LEDGER_ACCEPT, 7);
  g_assert_cmpfloat (sum (store), ==, 7);
  append (store, GENVID_LEDGER_FINISH, 5);
  g_assert_cmpfloat (sum (store), ==, 5);
  close_scene (&scene);
}

/* What never left this machine takes nothing of the key's requests a minute. */
static void
test_unsent_is_not_counted (gconstpointer data)
{
  const char *nobody = "http://127.0.0.1:9";
  g_autoptr (GenvidRequestLog) log = NULL;
  g_autoptr (GenvidStore) store = NULL;
  GenvidRequestWindow window = { 0 };
  GenvidSettings *settings;
  GenvidNow now;
  Scene scene;
  User user;

  open_scene (&scene, data);
  settings = make_settings (&scene);
  g_free (settings->base_url);
  settings->base_url = g_strdup (nobody);
  user = begin (settings);
  end (&user, "unreachable");
  store = genvid_store_open (scene.store, FALSE, NULL);
  now = genvid_clock_now ();
  log = genvid_request_log_open (store, nobody, "sk-crash-good-key");
  g_assert_nonnull (log);
  genvid_request_log_load (log, &window, &now);
  g_assert_cmpuint (genvid_request_window_count (&window, now.boot), ==, 0);
  close_scene (&scene);
}

int
main (int argc, char *argv[])
{
  int status;

  g_setenv ("GEN_SHEET_ID", "101", TRUE);
  g_setenv ("GEN_CELL_ID", "3100", TRUE);
  g_setenv ("GEN_AGENT_ID", "42", TRUE);
  g_test_init (&argc, &argv, NULL);
  add_test (&services[0], "policies/only-is-a-user", test_only_is_a_user);
  add_test (&services[0], "policies/wish-is-void", test_wish_is_void);
  for (guint i = 0; i < N_SERVICES; i++)
    add_test (&services[i], "policies/keys-share-no-fate",
              test_keys_share_no_fate);
  add_test (&services[2], "policies/doubts-rest", test_doubts_rest);
  add_test (&services[2], "policies/early-cost", test_early_cost);
  add_test (&services[2], "policies/unsent-is-not-counted",
            test_unsent_is_not_counted);
  status = g_test_run ();
  genvid_client_quit ();
  return status;
}
