/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What each answer of a service leads to, with the real worker: the outcome
 * of the run that meets it, of the next one at once, and of one that comes
 * later; how often the service was asked to sell, how often it sold, and what
 * the record says in between. One row an answer, one column a service. */

#include "money-kit.h"

#include <string.h>

#define LATER 61 /* seconds; what nothing was paid for rests for 60 */

/* Of a fault: the outcomes begin with these words. */
typedef struct {
  const char *first;
  guint submits, accepted; /* after it */
  const char *state;
  const char *second;
  const char *third;
  guint submits_at_end, accepted_at_end;
} Course;

typedef struct {
  const char *fault;
  Course courses[N_SERVICES]; /* as services; first NULL: not of this one */
} Row;

/* clang-format off */
#include "test-answers.inc"
/* clang-format on */

static void
assert_counts (Scene *scene, const char *fault, guint submits, guint accepted)
{
  guint asked = count_scope (scene, GENVID_SANDBOX_SUBMIT);
  guint sold = count_accepted (scene);

  if (asked != submits || sold != accepted)
    g_error ("%s, %s: %u submits and %u sold instead of %u and %u",
             scene->service->name, fault, asked, sold, submits, accepted);
}

static void
assert_word (Scene *scene, const char *fault, char *output, const char *word)
{
  g_autofree char *prefix = g_strconcat (word, " ", NULL);

  if (!g_str_has_prefix (output, prefix))
    g_error ("%s, %s: \"%s\" instead of \"%s\"", scene->service->name, fault,
             output, word);
  if (g_str_equal (word, "whole"))
    g_assert_nonnull (strstr (output, scene->clip_hash));
  g_free (output);
}

static void
run_course (const Service *service, const char *fault, const Course *course)
{
  g_autofree char *state = NULL;
  Scene scene;

  if (course->first == NULL)
    return;
  open_scene (&scene, service);
  set_variable (&scene, "CRASH_PATIENCE_MS", "1000");
  add_fault (&scene, fault);
  assert_word (&scene, fault, run_once (&scene), course->first);
  assert_counts (&scene, fault, course->submits, course->accepted);
  state = read_state (&scene);
  if (!g_str_equal (state, course->state))
    g_error ("%s, %s: the record says \"%s\"", service->name, fault, state);
  assert_no_secrets (&scene);
  /* The run skips its waits; the service, which counts its requests by the
   * minute, is to see them, too. */
  genvid_sandbox_advance (scene.sandbox, LATER);
  assert_word (&scene, fault, run_once (&scene), course->second);
  scene.clock += LATER;
  genvid_sandbox_advance (scene.sandbox, LATER);
  assert_word (&scene, fault, run_once (&scene), course->third);
  assert_counts (&scene, fault, course->submits_at_end,
                 course->accepted_at_end);
  assert_no_secrets (&scene);
  close_scene (&scene);
}

typedef struct {
  const Row *row;
  guint service;
} Lane;

static gpointer
run_lane (gpointer data)
{
  const Lane *lane = data;
  const Row *row = lane->row;

  run_course (&services[lane->service], row->fault,
              &row->courses[lane->service]);
  return NULL;
}

/* Three sandboxes and three stores know nothing of each other. */
static void
test_row (gconstpointer data)
{
  Lane lanes[N_SERVICES];
  GThread *threads[N_SERVICES];

  for (guint i = 0; i < N_SERVICES; i++) {
    lanes[i] = (Lane){ data, i };
    threads[i] = g_thread_new ("service", run_lane, &lanes[i]);
  }
  for (guint i = 0; i < N_SERVICES; i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/answers/%s", rows[i].fault);

    g_test_add_data_func (path, &rows[i], test_row);
  }
  return g_test_run ();
}
