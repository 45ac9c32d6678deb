/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every broken description of tests/data/descriptions is refused in the words
 * of the text beside it, which name the file and the place. */
#include "failure.h"
#include "provider.h"

#include <gio/gio.h>

#include <string.h>

static GPtrArray *
list_files (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".json"))
      g_ptr_array_add (names, g_strdup (name));
  return names;
}

static char *
read_file (const char *folder, const char *name, gsize *length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, length, NULL);
  return text;
}

static void
check (const char *folder, const char *name)
{
  gsize length = 0;
  g_autofree char *text = read_file (folder, name, &length);
  g_autofree char *stem = g_strndup (name, strlen (name) - strlen (".json"));
  g_autofree char *wanted_name = g_strconcat (stem, ".txt", NULL);
  g_autofree char *wanted = read_file (folder, wanted_name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidProvider) provider
      = genvid_provider_new (name, text, length, &error);

  if (!wanted) {
    g_assert_no_error (error);
    g_assert_nonnull (provider);
    return;
  }
  if (provider)
    g_error ("%s was accepted", name);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_cmpstr (error->message, ==, g_strchomp (wanted));
}

static void
test_corpus (void)
{
  g_autofree char *folder
      = g_build_filename (TEST_SOURCE_ROOT, "tests/data/descriptions", NULL);
  g_autoptr (GPtrArray) names = list_files (folder);

  g_assert_cmpuint (names->len, >, 60);
  for (guint i = 0; i < names->len; i++)
    check (folder, g_ptr_array_index (names, i));
}

static void
test_shipped (void)
{
  const char *const names[] = { "genpro.json", "aimlapi.json", "cn8.json" };
  g_autofree char *folder
      = g_build_filename (TEST_SOURCE_ROOT, "providers", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    check (folder, names[i]);
}

/* The tutorial's description is the manual's own text. */
static void
test_tutorial (void)
{
  g_autofree char *folder = g_build_filename (TEST_SOURCE_ROOT, "docs", NULL);
  g_autofree char *text = read_file (folder, "providers.md", NULL);
  g_auto (GStrv) chapters
      = g_strsplit (text, "\n## A service in 25 lines\n", 2);
  g_auto (GStrv) blocks = g_strsplit (chapters[1], "```", 3);
  const char *block = blocks[1] + strlen ("json\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidProvider) provider
      = genvid_provider_new ("toy.json", block, -1, &error);
  guint lines = 0;

  g_assert_no_error (error);
  g_assert_cmpstr (genvid_provider_get_name (provider), ==, "toy");
  for (const char *p = block; *p; p++)
    lines += *p == '\n';
  g_assert_cmpuint (lines, <=, 25);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/description/corpus", test_corpus);
  g_test_add_func ("/description/shipped", test_shipped);
  g_test_add_func ("/description/tutorial", test_tutorial);
  return g_test_run ();
}
