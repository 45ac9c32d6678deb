/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that a user names: only regular ones of a sane size are read, whatever
 * they are for; "~" is the user's home. And writes of ours never end the
 * process. */

#include "store-kit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "failure.h"
#include "plan.h"
#include "request.h"
#include "settings.h"
#include "store.h"
#include "streamed-body.h"
#include "user-file.h"

#include <gio/gio.h>

#define HUGE_SIZE (G_GINT64_CONSTANT (3) * 1024 * 1024 * 1024)

typedef enum { AS_KEY, AS_ANCHORS, AS_IMAGE, AS_DESCRIPTION, N_USES } Use;

static GenvidSettings *
make_settings (const Kit *kit)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->provider = g_strdup ("cn8");
  settings->base_url = g_strdup ("http://127.0.0.1:9"); /* nobody is there */
  settings->store = g_strdup (kit->path);
  settings->request->prompt = g_strdup ("a kite");
  return settings;
}

static void
name_file (GenvidSettings *settings, const char *path, Use use)
{
  if (use != AS_KEY)
    settings->api_key = g_strdup ("k");
  if (use == AS_KEY)
    settings->api_key_file = g_strdup (path);
  else if (use == AS_ANCHORS)
    settings->ca_file = g_strdup (path);
  else if (use == AS_IMAGE)
    settings->request->image = genvid_input_parse (path, NULL);
}

static void
assert_refused (const GenvidSettings *settings, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidPlan) plan = genvid_plan_new (settings, NULL, &error);

  g_assert_null (plan);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

/* Nobody writes into the pipe, and a device never ends: a read would not come
 * back, or fill the memory. */
static void
refuse_everywhere (const Kit *kit, const char *path, const char *words)
{
  g_autofree char *folder = g_build_filename (kit->folder, "d", NULL);
  g_autofree char *link = g_build_filename (folder, "toy.json", NULL);
  g_autoptr (GError) error = NULL;

  for (Use use = AS_KEY; use < AS_DESCRIPTION; use++) {
    g_autoptr (GenvidSettings) settings = make_settings (kit);

    name_file (settings, path, use);
    assert_refused (settings, words);
  }
  g_autoptr (GenvidSettings) settings = make_settings (kit);
  g_autoptr (GenvidExchange) exchange = genvid_exchange_new (
      GENVID_EXCHANGE_UPLOAD, "POST", "https://toy.example/");
  const GenvidFile file = { (char *)path };
  genvid_body_part_add_file (genvid_exchange_add_part (exchange, "image"),
                             &file);
  g_autoptr (GenvidStreamedBody) upload
      = genvid_streamed_body_new (exchange, &error);

  g_assert_null (upload);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_mkdir (folder, 0700);
  g_assert_cmpint (symlink (path, link), ==, 0);
  g_setenv ("GENVID_PROVIDER_PATH", folder, TRUE);
  g_free (settings->provider);
  settings->provider = g_strdup ("toy");
  assert_refused (settings, "must be a regular file");
  g_unsetenv ("GENVID_PROVIDER_PATH");
  g_assert_cmpint (unlink (link), ==, 0);
}

static void
test_kinds (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *fifo = g_build_filename (kit.folder, "fifo", NULL);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  refuse_everywhere (&kit, fifo, "is not a regular file");
  refuse_everywhere (&kit, "/dev/zero", "is not a regular file");
  refuse_everywhere (&kit, kit.folder, "is not a regular file");
}

static void
test_huge (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = g_build_filename (kit.folder, "huge", NULL);
  struct rusage before, after;
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, HUGE_SIZE), ==, 0);
  close (fd);
  getrusage (RUSAGE_SELF, &before);
  refuse_everywhere (&kit, path, "is too large");
  getrusage (RUSAGE_SELF, &after);
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, 64 * 1024);
}

/* A file that has grown since it was looked at. */
static void
test_bounds (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *path = g_build_filename (kit.folder, "file", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  g_assert_true (g_file_set_contents (path, "12345", 5, NULL));
  text = genvid_user_file_read (path, 5, "Do so.", &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, ==, 5);
  g_assert_cmpstr (text, ==, "12345");
  g_assert_null (genvid_user_file_read (path, 4, "Do so.", &length, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_true (g_str_has_suffix (error->message, "is too large. Do so."));
  g_clear_error (&error);
  /* Tells no size, and has bytes. */
  g_assert_null (
      genvid_user_file_read ("/proc/self/maps", 10, "Do so.", &length, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
}

/* --- Homes. --- */

static void
test_home (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *home = g_build_filename (g_get_home_dir (), "k", NULL);
  g_autofree char *store = g_build_filename (g_get_home_dir (), "clips", NULL);
  g_autofree char *real = NULL;
  g_autoptr (GenvidSettings) settings = make_settings (&kit);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (home, "a-key\n", -1, &error));
  settings->api_key_file = g_strdup ("~/k");
  g_free (settings->store);
  settings->store = g_strdup ("~/clips");
  g_autoptr (GenvidPlan) plan = genvid_plan_new (settings, NULL, &error);
  g_assert_no_error (error);
  real = realpath (store, NULL);
  g_assert_cmpstr (genvid_store_get_path (plan->store), ==, real);
  g_assert_cmpstr (plan->key, ==, "a-key");
  g_assert_false (g_file_test ("~", G_FILE_TEST_EXISTS));

  for (Use use = AS_KEY; use < AS_DESCRIPTION; use++) {
    g_autoptr (GenvidSettings) other = make_settings (&kit);

    name_file (other, "~somebody/file", use);
    assert_refused (other, "another user's home");
  }
  g_free (settings->store);
  settings->store = g_strdup ("~somebody");
  assert_refused (settings, "another user's home");
  g_free (settings->store);
  settings->store = NULL;
  g_setenv ("GENVID_STORE", "~/clips", TRUE);
  g_autoptr (GenvidPlan) again = genvid_plan_new (settings, NULL, &error);
  g_unsetenv ("GENVID_STORE");
  g_assert_no_error (error);
  g_assert_cmpstr (genvid_store_get_path (again->store), ==, real);
}

/* What was bought into a folder named "~" is not bought again elsewhere. */
static void
test_former_store (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *before = g_get_current_dir ();
  g_autoptr (GenvidSettings) settings = make_settings (&kit);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chdir (kit.folder), ==, 0);
  genvid_store_unref (genvid_store_open ("./~/old", FALSE, &error));
  g_assert_no_error (error);
  g_free (settings->store);
  settings->store = g_strdup ("~/old");
  settings->api_key = g_strdup ("k");
  assert_refused (settings, "earlier version");
  g_assert_cmpint (g_chdir (before), ==, 0);
}

/* --- The limit on files. --- */

static int
write_beyond (const Kit *kit)
{
  struct rlimit none = { 0, 0 };
  g_autoptr (GError) error = NULL;
  sigset_t pending;

  if (setrlimit (RLIMIT_FSIZE, &none) != 0)
    return 1;
  if (genvid_store_remember (kit->store, "timing", "x", "text", &error)
      || !g_error_matches (error, GENVID_ERROR, GENVID_REASON_NO_SPACE))
    return 2;
  /* And nothing is left behind that would end it later. */
  return sigpending (&pending) == 0 && !sigismember (&pending, SIGXFSZ) ? 0 : 3;
}

static void
test_write_beyond (void)
{
  g_auto (Kit) kit = kit_new ();
  int status = 0;
  pid_t pid = fork ();

  if (pid == 0)
    _exit (write_beyond (&kit));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

/* The application's own writes still are its own business. */
static int
keep_signal (const Kit *kit)
{
  struct rlimit none = { 0, 0 };
  int fd = open (kit->folder, O_TMPFILE | O_RDWR, 0600);

  if (setrlimit (RLIMIT_FSIZE, &none) != 0)
    return 1;
  genvid_store_remember (kit->store, "timing", "x", "text", NULL);
  return write (fd, "x", 1) < 0 ? 2 : 3;
}

static void
test_own_signal (void)
{
  g_auto (Kit) kit = kit_new ();
  int status = 0;
  pid_t pid = fork ();

  if (pid == 0)
    _exit (keep_signal (&kit));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGXFSZ);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("genvid-home-XXXXXX", NULL);
  int status;

  /* Before anybody asks for it. */
  g_setenv ("HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/user-file/kinds", test_kinds);
  g_test_add_func ("/user-file/huge", test_huge);
  g_test_add_func ("/user-file/bounds", test_bounds);
  g_test_add_func ("/user-file/home", test_home);
  g_test_add_func ("/user-file/former-store", test_former_store);
  g_test_add_func ("/user-file/write-beyond", test_write_beyond);
  g_test_add_func ("/user-file/own-signal", test_own_signal);
  status = g_test_run ();
  folder_remove (home);
  return status;
}
