/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many at once: processes that ask for the same clip in the same moment, one
 * that dies with others waiting, one that is frozen while another takes over,
 * and two that race for the last dollar. */

#include "money-kit.h"

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

#define MANY 8

static void
assert_child_whole (Scene *scene, GSubprocess *child)
{
  Death end = wait_for (child);

  g_assert_false (end.killed);
  assert_whole (scene, end.output, "by nobody");
  g_free (end.output);
}

static void
test_same_moment (gconstpointer data)
{
  GSubprocess *children[MANY];
  Scene scene;

  open_scene (&scene, data);
  for (guint i = 0; i < MANY; i++)
    children[i] = launch (&scene, NULL, NULL);
  for (guint i = 0; i < MANY; i++) {
    assert_child_whole (&scene, children[i]);
    g_object_unref (children[i]);
  }
  close_scene (&scene);
}

/* Three clips, each wanted by three processes. */
static void
test_several_requests (gconstpointer data)
{
  GSubprocess *children[9];
  Scene scene;

  open_scene (&scene, data);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++) {
    g_autofree char *prompt = g_strdup_printf ("clip %u", i % 3);

    children[i] = launch (&scene, "CRASH_PROMPT", prompt);
  }
  for (guint i = 0; i < G_N_ELEMENTS (children); i++) {
    Death end = wait_for (children[i]);

    g_assert_true (g_str_has_prefix (end.output, "whole "));
    g_free (end.output);
    g_object_unref (children[i]);
  }
  g_assert_cmpuint (count_accepted (&scene), ==, 3);
  close_scene (&scene);
}

static void
test_holder_dies (gconstpointer data)
{
  g_autoptr (GSubprocess) holder = NULL;
  g_autoptr (GSubprocess) second = NULL;
  g_autoptr (GSubprocess) third = NULL;
  Scene scene;
  Death end;

  open_scene (&scene, data);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_POLL);
  holder = launch (&scene, NULL, NULL);
  g_assert_true (genvid_sandbox_wait_held (scene.sandbox,
                                           GENVID_SANDBOX_GATE_POLL, 1, 60000));
  second = launch (&scene, NULL, NULL);
  third = launch (&scene, NULL, NULL);
  g_subprocess_force_exit (holder);
  end = wait_for (holder);
  g_assert_true (end.killed);
  g_free (end.output);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_POLL);
  assert_child_whole (&scene, second);
  assert_child_whole (&scene, third);
  close_scene (&scene);
}

static void
remove_locks (Scene *scene)
{
  g_autofree char *folder = g_build_filename (scene->store, "locks", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_assert_cmpint (g_remove (path), ==, 0);
  }
}

/* One of them has it, or the second could not know and said so: then the
 * first, who finds that, does not send what it intended. */
static void
assert_overtaken (Scene *scene, const char *second, const char *first)
{
  if (g_str_has_prefix (second, "failed in-doubt ")) {
    g_assert_true (g_str_has_prefix (first, "failed busy "));
    g_assert_cmpuint (count_accepted (scene), ==, 0);
    return;
  }
  g_assert_cmpuint (count_accepted (scene), ==, 1);
  g_assert_true (g_str_has_prefix (second, "whole ")
                 || g_str_has_prefix (first, "whole "));
}

/* The first is frozen, and its lock is lost, as a network file system may
 * lose it: the second takes over. Then the first wakes up. */
static void
freeze (const Service *service, const char *point)
{
  g_autoptr (GSubprocess) first = NULL;
  Scene scene;
  Death second, end;

  open_scene (&scene, service);
  first = launch (&scene, "GENVID_FREEZE_AT", point);
  wait_until_stopped (first);
  remove_locks (&scene);
  second = run (&scene, NULL, NULL);
  g_subprocess_send_signal (first, SIGCONT);
  end = wait_for (first);
  g_test_message ("%s: the second: %s; the first: %s", point, second.output,
                  end.output);
  assert_overtaken (&scene, second.output, end.output);
  g_free (second.output);
  g_free (end.output);
  close_scene (&scene);
}

static void
test_frozen_before_intent (gconstpointer data)
{
  freeze (data, "before intent");
}

static void
test_frozen_after_intent (gconstpointer data)
{
  freeze (data, "after intent");
}

/* What the first was told last, nothing bought, is not true any more when it
 * wakes up: another made the same submit a purchase. */
static void
test_frozen_with_refusal (gconstpointer data)
{
  g_autoptr (GSubprocess) first = NULL;
  Scene scene;
  Death end;

  open_scene (&scene, data);
  add_fault (&scene, "submit-401@1");
  first = launch (&scene, "GENVID_FREEZE_AT", "after the reply");
  wait_until_stopped (first);
  remove_locks (&scene);
  assert_output (&scene, run_once (&scene), "whole ");
  g_subprocess_send_signal (first, SIGCONT);
  end = wait_for (first);
  assert_output (&scene, end.output, "failed unauthorized ");
  assert_output (&scene, run_once (&scene), "whole ");
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* Those who wait learn that it failed; they are starts, but not each of them
 * may buy. */
static void
test_waiters_of_failure (gconstpointer data)
{
  GSubprocess *children[6];
  Scene scene;

  open_scene (&scene, data);
  add_fault (&scene, "poll-failed@0");
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    children[i] = launch (&scene, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++) {
    Death end = wait_for (children[i]);

    assert_output (&scene, end.output, "failed failed ");
    g_object_unref (children[i]);
  }
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

/* The holder forked, and is killed; the forked process lives on. */
static void
test_holder_forked (gconstpointer data)
{
  g_autoptr (GSubprocess) holder = NULL;
  Scene scene;
  Death end;

  open_scene (&scene, data);
  genvid_sandbox_hold (scene.sandbox, GENVID_SANDBOX_GATE_POLL);
  holder = launch (&scene, "CRASH_FORK_AT", "before sending");
  g_assert_true (genvid_sandbox_wait_held (scene.sandbox,
                                           GENVID_SANDBOX_GATE_POLL, 1, 60000));
  g_subprocess_force_exit (holder);
  end = wait_for (holder);
  g_assert_true (end.killed);
  g_free (end.output);
  genvid_sandbox_release (scene.sandbox, GENVID_SANDBOX_GATE_POLL);
  end = run (&scene, NULL, NULL);
  assert_whole (&scene, end.output, "by its holder, that had forked");
  g_free (end.output);
  close_scene (&scene);
}

/* The forked process leaves at once, and disturbs nobody. */
static void
test_forked_leaves (gconstpointer data)
{
  Scene scene;
  Death end;

  open_scene (&scene, data);
  set_variable (&scene, "CRASH_FORK_LEAVES", "yes");
  end = run (&scene, "CRASH_FORK_AT", "after the reply");
  assert_whole (&scene, end.output, "by nobody");
  g_free (end.output);
  close_scene (&scene);
}

/* CN8 costs six dollars: seven pay for one of two different clips. */
static void
test_last_dollar (gconstpointer data)
{
  static const char *const prompts[] = { "one", "another", "a third" };
  GSubprocess *children[G_N_ELEMENTS (prompts)];
  guint n_whole = 0;
  Scene scene;

  open_scene (&scene, data);
  g_setenv ("CRASH_BUDGET", "7", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++)
    children[i] = launch (&scene, "CRASH_PROMPT", prompts[i]);
  g_unsetenv ("CRASH_BUDGET");
  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++) {
    Death end = wait_for (children[i]);

    if (g_str_has_prefix (end.output, "whole "))
      n_whole++;
    else
      g_assert_true (g_str_has_prefix (end.output, "failed over-budget "));
    g_free (end.output);
    g_object_unref (children[i]);
  }
  g_assert_cmpuint (n_whole, ==, 1);
  g_assert_cmpuint (count_accepted (&scene), ==, 1);
  close_scene (&scene);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < N_SERVICES; i++) {
    add_test (&services[i], "race/same-moment", test_same_moment);
    add_test (&services[i], "race/several-requests", test_several_requests);
    add_test (&services[i], "race/holder-dies", test_holder_dies);
    add_test (&services[i], "race/frozen-before-intent",
              test_frozen_before_intent);
    add_test (&services[i], "race/frozen-after-intent",
              test_frozen_after_intent);
  }
  add_test (&services[0], "race/frozen-with-refusal", test_frozen_with_refusal);
  add_test (&services[1], "race/waiters-of-failure", test_waiters_of_failure);
  add_test (&services[2], "race/holder-forked", test_holder_forked);
  add_test (&services[1], "race/forked-leaves", test_forked_leaves);
  add_test (&services[2], "race/last-dollar", test_last_dollar);
  return g_test_run ();
}
