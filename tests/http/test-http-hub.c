/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Exchanges of many jobs side by side: one that hangs delays no other, what is
 * kept is bounded, and a submit has a connection of its own. */
#include "exchange.h"
#include "http-hub.h"
#include "io-loop.h"
#include "reserve.h"
#include "soup-library.h"
#include "trust.h"

#include "wire-kit.h"

#include <sys/resource.h>

/* As many connections are kept as the hub says. */
#define KEPT 16
#define MANY 20
/* Descriptors, where a test takes all that there are: some machines allow a
 * million. */
#define FEW 512

typedef struct {
  FakeService *service;
  GenvidIoLoop *loop;
  GenvidHttpHub *hub;
  GenvidTrust trust;
  guint n_answers;
} Scene;

/* One exchange, and what came of it. */
typedef struct {
  Scene *scene;
  GenvidExchange *exchange;
  GenvidAnswer *answer;
} Job;

static Scene *
scene_new (const FakeReply *script, gsize n)
{
  Scene *scene = g_new0 (Scene, 1);
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_soup_library_open (&error));
  scene->service = fake_service_new (script, n);
  g_assert_true (genvid_trust_init (&scene->trust,
                                    fake_service_get_url (scene->service), NULL,
                                    TRUE, &error));
  scene->loop = genvid_io_loop_new (&error);
  g_assert_no_error (error);
  g_main_context_push_thread_default (genvid_io_loop_get_context (scene->loop));
  scene->hub = genvid_http_hub_new (scene->loop);
  return scene;
}

static void
scene_free (Scene *scene)
{
  genvid_http_hub_free (scene->hub);
  g_main_context_pop_thread_default (genvid_io_loop_get_context (scene->loop));
  genvid_io_loop_free (scene->loop);
  genvid_trust_clear (&scene->trust);
  fake_service_free (scene->service);
  g_free (scene);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scene, scene_free)

static void
take_answer (gpointer data, GenvidAnswer *answer)
{
  Job *job = data;

  g_assert_null (job->answer);
  job->answer = answer;
  job->scene->n_answers++;
}

/* Takes RESERVE. */
static Job *
send_as (Scene *scene, GenvidExchangeKind kind, const char *path, gint64 until,
         GenvidReserve *reserve)
{
  Job *job = g_new0 (Job, 1);

  job->scene = scene;
  job->exchange
      = make_exchange (scene->service, kind,
                       kind == GENVID_EXCHANGE_SUBMIT ? "POST" : "GET", path);
  genvid_http_hub_send (
      scene->hub,
      &(GenvidHttpHubRequest){ &scene->trust, job->exchange, until, reserve },
      take_answer, job);
  return job;
}

static Job *
send (Scene *scene, GenvidExchangeKind kind, const char *path, gint64 until)
{
  return send_as (scene, kind, path, until, NULL);
}

static void
job_free (Job *job)
{
  genvid_answer_free (job->answer);
  genvid_exchange_free (job->exchange);
  g_free (job);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static void
turn_once (Scene *scene, gint64 *next)
{
  if (!genvid_io_loop_turn (scene->loop, *next))
    genvid_io_loop_glance (scene->loop);
  *next = genvid_http_hub_serve (scene->hub);
}

/* Until N answers have come in all. */
static void
turn (Scene *scene, guint n)
{
  gint64 next = genvid_http_hub_serve (scene->hub);

  while (scene->n_answers < n)
    turn_once (scene, &next);
}

/* Whichever others come first. */
static void
turn_until_answered (Scene *scene, const Job *job)
{
  gint64 next = genvid_http_hub_serve (scene->hub);

  while (job->answer == NULL)
    turn_once (scene, &next);
}

static GPtrArray *
send_many (Scene *scene, guint n, const char *path)
{
  GPtrArray *jobs = g_ptr_array_new_with_free_func ((GDestroyNotify)job_free);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (jobs, send (scene, GENVID_EXCHANGE_POLL, path, FOR_EVER));
  return jobs;
}

static void
test_kept (void)
{
  const FakeReply script[] = { { "GET", "/", .body = "yes" } };
  g_autoptr (Scene) scene = scene_new (script, G_N_ELEMENTS (script));
  g_autoptr (GPtrArray) first = send_many (scene, MANY, "/");
  g_autoptr (GPtrArray) second = NULL;

  turn (scene, MANY);
  g_assert_cmpuint (fake_service_get_n_connections (scene->service), ==, MANY);
  /* All start before one of them ends. */
  second = send_many (scene, MANY, "/");
  turn (scene, 2 * MANY);
  for (guint i = 0; i < MANY; i++)
    assert_body (((Job *)first->pdata[i])->answer, "yes");
  for (guint i = 0; i < MANY; i++)
    assert_body (((Job *)second->pdata[i])->answer, "yes");
  g_assert_cmpuint (fake_service_get_n_connections (scene->service), ==,
                    2 * MANY - KEPT);
}

static void
test_one_by_one (void)
{
  const FakeReply script[] = { { "GET", "/", .body = "yes" } };
  g_autoptr (Scene) scene = scene_new (script, G_N_ELEMENTS (script));

  for (guint i = 1; i <= MANY; i++) {
    g_autoptr (Job) job = send (scene, GENVID_EXCHANGE_POLL, "/", FOR_EVER);

    turn (scene, i);
    assert_body (job->answer, "yes");
  }
  g_assert_cmpuint (fake_service_get_n_connections (scene->service), ==, 1);
}

/* The services of before keep none from a later one. */
static void
test_later_service (void)
{
  const FakeReply script[] = { { "GET", "/", .body = "yes" } };
  g_autoptr (Scene) scene = scene_new (script, G_N_ELEMENTS (script));
  g_autoptr (GPtrArray) before = send_many (scene, KEPT, "/");

  turn (scene, before->len);
  genvid_trust_clear (&scene->trust);
  /* Another trust counts as another service. */
  g_assert_true (genvid_trust_init (
      &scene->trust, fake_service_get_url (scene->service), NULL, FALSE, NULL));
  for (guint i = 1; i <= 2; i++) {
    g_autoptr (Job) job = send (scene, GENVID_EXCHANGE_POLL, "/", FOR_EVER);

    turn (scene, KEPT + i);
    assert_body (job->answer, "yes");
  }
  g_assert_cmpuint (fake_service_get_n_connections (scene->service), ==,
                    KEPT + 1);
}

/* It is never sent on a connection that may be dead, and leaves none behind. */
static void
test_submits (void)
{
  const FakeReply script[] = {
    { "POST", "/", .body = "bought" },
    { "GET", "/", .body = "yes" },
  };
  g_autoptr (Scene) scene = scene_new (script, G_N_ELEMENTS (script));
  const GenvidExchangeKind kinds[]
      = { GENVID_EXCHANGE_POLL, GENVID_EXCHANGE_SUBMIT, GENVID_EXCHANGE_SUBMIT,
          GENVID_EXCHANGE_POLL };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (Job) job = send (scene, kinds[i], "/", FOR_EVER);

    turn (scene, i + 1);
    g_assert_cmpuint (job->answer->status, ==, 200);
  }
  g_assert_cmpuint (fake_service_get_n_connections (scene->service), ==, 3);
  g_assert_cmpuint (fake_service_get_request (scene->service, 3)->connection,
                    ==, 1);
}

static void
test_hanging (void)
{
  const FakeReply script[] = {
    { "GET", "/hang", .body = "late", .flags = FAKE_HOLD },
    { "GET", "/", .body = "yes" },
  };
  g_autoptr (Scene) scene = scene_new (script, G_N_ELEMENTS (script));
  g_autoptr (GPtrArray) hanging = send_many (scene, MANY, "/hang");
  g_autoptr (Job) quick = NULL;

  genvid_http_hub_serve (scene->hub);
  quick = send (scene, GENVID_EXCHANGE_POLL, "/", FOR_EVER);
  turn (scene, 1);
  assert_body (quick->answer, "yes");
  fake_service_open (scene->service, NULL);
  turn (scene, MANY + 1);
  for (guint i = 0; i < MANY; i++)
    assert_body (((Job *)hanging->pdata[i])->answer, "late");
}

/* What was sent may have been bought; what was not cannot. */
static void
test_deadlines (void)
{
  const FakeReply script[] = {
    { "POST", "/", .body = "bought", .flags = FAKE_HOLD },
    { "GET", "/", .body = "yes" },
  };
  g_autoptr (Scene) scene = scene_new (script, G_N_ELEMENTS (script));
  g_autoptr (Job) late = NULL;
  g_autoptr (Job) sent = send (scene, GENVID_EXCHANGE_SUBMIT, "/", FOR_EVER);
  g_autoptr (Job) poll = NULL;

  late = send (scene, GENVID_EXCHANGE_SUBMIT, "/",
               genvid_io_loop_get_time () - 1);
  turn (scene, 1);
  g_assert_cmpint (late->answer->kind, ==, GENVID_ANSWER_UNSENT);
  poll = send (scene, GENVID_EXCHANGE_POLL, "/", FOR_EVER);
  turn (scene, 2);
  assert_body (poll->answer, "yes");
  fake_service_await_held (scene->service, NULL, 1);
  genvid_http_hub_abort (scene->hub, sent);
  turn (scene, 3);
  g_assert_cmpint (sent->answer->kind, ==, GENVID_ANSWER_LOST);
  g_assert_cmpuint (fake_service_count (scene->service, "POST", NULL), ==, 1);
}

/* All that came in on the connections to PORT. */
static gsize
count_bytes (GSocket *port)
{
  char block[1024];
  gsize n = 0;
  gssize some;

  g_socket_set_blocking (port, FALSE);
  for (;;) {
    g_autoptr (GSocket) line = g_socket_accept (port, NULL, NULL);

    if (line == NULL)
      return n;
    while ((some = g_socket_receive (line, block, sizeof block, NULL, NULL))
           > 0)
      n += (gsize)some;
  }
}

/* A submit to a server that says nothing, given up after N turns of the loop.
 * TRUE: it may have been sent. */
static gboolean
give_up (guint n)
{
  const FakeReply script[] = { { "POST", "/", .body = "bought" } };
  g_autoptr (GSocket) port = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback
      = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autofree char *url = NULL;
  g_autoptr (Job) job = g_new0 (Job, 1);
  gboolean unsent;

  g_assert_true (g_socket_bind (port, any, TRUE, NULL)
                 && g_socket_listen (port, NULL));
  bound = g_socket_get_local_address (port, NULL);
  url = g_strdup_printf (
      "http://127.0.0.1:%u/",
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  {
    g_autoptr (Scene) scene = scene_new (script, G_N_ELEMENTS (script));

    job->scene = scene;
    job->exchange = genvid_exchange_new (GENVID_EXCHANGE_SUBMIT, "POST", url);
    job->exchange->body = g_bytes_new_static ("{}", 2);
    job->exchange->content_type = g_strdup ("application/json");
    genvid_http_hub_send (
        scene->hub,
        &(GenvidHttpHubRequest){ &scene->trust, job->exchange, FOR_EVER, NULL },
        take_answer, job);
    genvid_http_hub_serve (scene->hub);
    for (guint i = 0; i < n; i++) {
      genvid_io_loop_turn (scene->loop, FOR_EVER);
      genvid_http_hub_serve (scene->hub);
    }
    genvid_http_hub_abort (scene->hub, job);
    turn (scene, 1);
  }
  unsent = job->answer->kind == GENVID_ANSWER_UNSENT;
  g_assert_true (unsent || job->answer->kind == GENVID_ANSWER_LOST);
  if (unsent)
    g_assert_cmpuint (count_bytes (port), ==, 0);
  return !unsent;
}

/* Whenever it is given up: of what is said to be unsent, not a byte came. */
static void
test_unsent (void)
{
  guint n = 0;

  while (!give_up (n))
    n++;
  g_test_message ("sent at turn %u", n);
  g_assert_cmpuint (n, >, 1);
}

static void
allow_descriptors (rlim_t n, rlim_t *before)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  *before = limit.rlim_cur;
  limit.rlim_cur = MIN (n, limit.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

/* One that brings its descriptors does not wait behind those that lack them. */
static void
test_reserve (void)
{
  const FakeReply script[] = { { "POST", "/", .body = "bought" } };
  g_autoptr (Scene) scene = scene_new (script, G_N_ELEMENTS (script));
  g_autoptr (GPtrArray) lent
      = g_ptr_array_new_with_free_func ((GDestroyNotify)genvid_reserve_free);
  g_autoptr (Job) last = NULL;
  g_autoptr (Job) first = NULL;
  GenvidReserve *own, *one;
  rlim_t before;

  allow_descriptors (FEW, &before);
  own = genvid_reserve_take (GENVID_RESERVE_EXCHANGE, NULL);
  g_assert_nonnull (own);
  while ((one = genvid_reserve_take (GENVID_RESERVE_EXCHANGE, NULL)) != NULL)
    g_ptr_array_add (lent, one);
  last = send (scene, GENVID_EXCHANGE_SUBMIT, "/", FOR_EVER);
  first = send_as (scene, GENVID_EXCHANGE_SUBMIT, "/", FOR_EVER, own);
  /* What it brought is given back once it is sent, so the other may have its
   * answer before it. */
  turn_until_answered (scene, first);
  assert_body (first->answer, "bought");
  g_ptr_array_set_size (lent, 0);
  turn (scene, 2);
  assert_body (last->answer, "bought");
  allow_descriptors (before, &before);
}

int
main (int argc, char *argv[])
{
  wire_init (&argc, &argv);
  g_test_add_func ("/hub/kept", test_kept);
  g_test_add_func ("/hub/one-by-one", test_one_by_one);
  g_test_add_func ("/hub/later-service", test_later_service);
  g_test_add_func ("/hub/submits", test_submits);
  g_test_add_func ("/hub/hanging", test_hanging);
  g_test_add_func ("/hub/deadlines", test_deadlines);
  g_test_add_func ("/hub/unsent", test_unsent);
  g_test_add_func ("/hub/reserve", test_reserve);
  return g_test_run ();
}
