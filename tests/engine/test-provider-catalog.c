/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where descriptions come from, and what one that came from outside of the
 * plugin may not do. Each case runs in folders of its own. */
#include "failure.h"
#include "folder-kit.h"
#include "provider-catalog.h"
#include "text.h"
#include "provider.h"

#include <gio/gio.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* Of whatever service: who runs this may have keys. */
static gboolean
is_ours (const char *variable)
{
  return g_str_has_prefix (variable, "GENVID_")
         || g_str_has_suffix (variable, "_KEY")
         || g_str_has_suffix (variable, "_TOKEN")
         || g_str_has_suffix (variable, "_SECRET")
         || g_str_has_suffix (variable, "_BASE_URL");
}

typedef struct {
  char *path; /* a folder of $GENVID_PROVIDER_PATH */
  char *data; /* the folder of the user's data */
} Folders;

static void
set_up (Folders *folders, gconstpointer unused)
{
  g_auto (GStrv) variables = g_listenv ();

  for (guint i = 0; variables[i] != NULL; i++)
    if (is_ours (variables[i]))
      g_unsetenv (variables[i]);
  folders->path = g_dir_make_tmp ("genvid-catalog-XXXXXX", NULL);
  g_assert_nonnull (folders->path);
  folders->data
      = g_build_filename (g_get_user_data_dir (), "genvid", "providers", NULL);
  g_assert_true (g_str_has_prefix (folders->data, g_get_tmp_dir ()));
  g_assert_cmpint (g_mkdir_with_parents (folders->data, 0700), ==, 0);
  g_setenv ("GENVID_PROVIDER_PATH", folders->path, TRUE);
}

static void
tear_down (Folders *folders, gconstpointer unused)
{
  folder_remove (folders->path);
  folder_remove (folders->data);
  g_free (folders->path);
  g_free (folders->data);
}

/* A whole description, but for what a case is about. */
typedef struct {
  const char *name;
  const char *base; /* NULL: "default": "https://toy.example" */
  const char *key;  /* NULL: TOY_API_KEY */
  const char *more; /* members at the top; nullable */
  const char *body; /* members of the body; nullable */
} Sketch;

static char *
describe (const Sketch *sketch)
{
  return g_strdup_printf (
      "{ \"genvid\": 1, \"name\": \"%s\", \"title\": \"A toy\","
      "  \"semantics\": 1, \"base-url\": { %s },"
      "  \"key\": { \"variables\": [\"%s\"] }, %s"
      "  \"headers\": { \"X-Key\": \"${key}\" },"
      "  \"words\": { \"prompt\": {} },"
      "  \"submit\": { \"url\": \"/v1\", \"body\": {"
      "    %s \"prompt\": \"${prompt}\" } },"
      "  \"calls\": [{ \"name\": \"text\" }],"
      "  \"poll\": { \"url\": \"/v1/${id}\" },"
      "  \"reply\": { \"id\": \"$.id\", \"status\": \"$.s\","
      "    \"states\": [{ \"in\": [\"x\"], \"is\": \"succeeded\" }],"
      "    \"link\": \"$.u\" } }",
      sketch->name,
      sketch->base != NULL ? sketch->base
                           : "\"default\": \"https://toy.example\"",
      sketch->key != NULL ? sketch->key : "TOY_API_KEY",
      sketch->more != NULL ? sketch->more : "",
      sketch->body != NULL ? sketch->body : "");
}

/* The file's path; owned by the caller. */
static char *
put (const char *folder, const char *file, const char *text)
{
  char *path = g_build_filename (folder, file, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static char *
put_sketch (const char *folder, const Sketch *sketch)
{
  g_autofree char *text = describe (sketch);
  g_autofree char *file = g_strconcat (sketch->name, ".json", NULL);

  return put (folder, file, text);
}

static void
add (const char *folder, const Sketch *sketch)
{
  g_free (put_sketch (folder, sketch));
}

static void
assert_found (const char *name, const char *title)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidProvider) provider
      = genvid_provider_catalog_find (name, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (genvid_provider_get_title (provider), ==, title);
}

static void
assert_refused (const char *name, const char *path, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidProvider) provider
      = genvid_provider_catalog_find (name, &error);

  g_assert_null (provider);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
  if (path != NULL)
    g_assert_true (g_str_has_prefix (error->message, path));
}

static void
test_builtins (Folders *folders, gconstpointer unused)
{
  g_auto (GStrv) names = genvid_provider_catalog_list ();
  const char *const expected[] = { "aimlapi", "cn8", "genpro", "replicate" };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_true (g_strv_contains ((const char *const *)names, expected[i]));
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GenvidProvider) provider
        = genvid_provider_catalog_find (names[i], &error);

    g_assert_no_error (error);
    g_assert_nonnull (provider);
  }
  assert_found ("genpro", "gen.pro");
}

static void
test_added (Folders *folders, gconstpointer unused)
{
  g_auto (GStrv) before = genvid_provider_catalog_list ();
  g_auto (GStrv) names = NULL;

  add (folders->path, &(Sketch){ "toy" });
  add (folders->data, &(Sketch){ "game" });
  g_free (put (folders->data, "README.txt", "not one"));
  g_free (put (folders->data, "Not A Name.json", "{}"));
  names = genvid_provider_catalog_list ();
  g_assert_cmpuint (g_strv_length (names), ==, g_strv_length (before) + 2);
  for (guint i = 1; names[i] != NULL; i++)
    g_assert_cmpstr (names[i - 1], <, names[i]);
  assert_found ("toy", "A toy");
  assert_found ("game", "A toy");
}

/* The first folder of the variable that has it wins; empty ones are none. */
static void
test_path_order (Folders *folders, gconstpointer unused)
{
  g_autofree char *second = g_dir_make_tmp ("genvid-catalog-XXXXXX", NULL);
  g_autofree char *list
      = g_strdup_printf (":%s::%s:/nowhere/at/all", second, folders->path);
  g_autofree char *text
      = describe (&(Sketch){ "toy", .more = "\"retry-503\": true," });
  g_autoptr (GenvidProvider) provider = NULL;

  add (folders->path, &(Sketch){ "toy" });
  g_free (put (second, "toy.json", text));
  g_setenv ("GENVID_PROVIDER_PATH", list, TRUE);
  provider = genvid_provider_catalog_find ("toy", NULL);
  g_assert_true (genvid_provider_retries_503 (provider));
  folder_remove (second);
}

static void
test_unknown (Folders *folders, gconstpointer unused)
{
  g_auto (GStrv) names = NULL;
  g_autofree char *list = NULL;

  add (folders->path, &(Sketch){ "toy" });
  names = genvid_provider_catalog_list ();
  g_assert_true (g_strv_contains ((const char *const *)names, "toy"));
  list = genvid_text_list ((const char *const *)names);
  assert_refused ("nobody", NULL, list);
  assert_refused ("../../etc/passwd", NULL, "There is no service");
  assert_refused ("", NULL, "There is no service");
}

/* A folder that the user names may shadow what ships; what lies in the data
 * folder may not. */
static void
test_shadow (Folders *folders, gconstpointer unused)
{
  add (folders->data, &(Sketch){ "genpro" });
  assert_found ("genpro", "gen.pro");
  add (folders->path, &(Sketch){ "genpro" });
  assert_found ("genpro", "A toy");
}

static void
test_variables (Folders *folders, gconstpointer unused)
{
  static const char *const fine[] = { "TOY_API_KEY", "TOY_API_TOKEN" };
  static const char *const foul[]
      = { "HOME", "AWS_SECRET_ACCESS_KEY", "TOY_API_KEYS", "API_KEY" };
  g_autofree char *path = g_build_filename (folders->path, "toy.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (fine); i++) {
    add (folders->path, &(Sketch){ "toy", .key = fine[i] });
    assert_found ("toy", "A toy");
  }
  for (guint i = 0; i < G_N_ELEMENTS (foul); i++) {
    add (folders->path, &(Sketch){ "toy", .key = foul[i] });
    assert_refused ("toy", path, foul[i]);
  }
}

#define SETTING(variable)                                                      \
  "\"cancel\": { \"url\": \"/v1/${id}\", \"headers\": {"                       \
  "  \"X-App\": \"${x}\" } },"                                                 \
  "\"parameters\": { \"x\": { \"type\": \"string\", \"setting\": true,"        \
  "\"variable\": \"" variable "\", \"help\": \"x\" } },"

/* A parameter is a way to read a variable, too. */
static void
test_parameter_variables (Folders *folders, gconstpointer unused)
{
  Sketch sketch = { "toy", .body = "\"x\": \"${x}\"," };
  g_autofree char *path = NULL;

  sketch.more = "\"parameters\": { \"x\": { \"type\": \"string\","
                "\"variable\": \"HOME\", \"help\": \"x\" } },";
  path = put_sketch (folders->path, &sketch);
  assert_refused ("toy", path, "not HOME");
  sketch.more = "\"parameters\": { \"x\": { \"type\": \"string\","
                "\"variable\": \"GENVID_TOY_X\", \"help\": \"x\" } },";
  add (folders->path, &sketch);
  assert_found ("toy", "A toy");
  sketch.more = "\"parameters\": { \"x\": { \"type\": \"string\","
                "\"variable\": \"TOY_API_KEY\", \"help\": \"x\" } },";
  add (folders->path, &sketch);
  assert_refused ("toy", path, "TOY_API_KEY is named like a key");
}

/* A setting is not kept with the clip. What ships keeps its keys, even from a
 * setting on the key's own host. */
static void
test_setting_variables (Folders *folders, gconstpointer unused)
{
  Sketch sketch = { "toy", .body = "", .more = SETTING ("X_API_KEY") };
  g_autofree char *path = NULL;

  path = put_sketch (folders->path, &sketch);
  assert_found ("toy", "A toy");
  sketch.more = SETTING ("HOME");
  add (folders->path, &sketch);
  assert_refused ("toy", path, "not HOME");
  sketch.more = SETTING ("GEN_API_KEY");
  add (folders->path, &sketch);
  assert_refused ("toy", path, "GEN_API_KEY is the key of a built-in");
  sketch.base = "\"default\": \"https://api.gen.pro\"";
  add (folders->path, &sketch);
  assert_refused ("toy", path, "and no parameter");
}

/* The key of one that ships goes where that one's goes, or nowhere. */
static void
test_keys_of_builtins (Folders *folders, gconstpointer unused)
{
  static const char *const elsewhere[]
      = { "GEN_API_KEY", "AIML_API_KEY", "AIMLAPI_API_KEY", "CN8_API_KEY" };
  Sketch sketch = { "toy" };
  g_autofree char *path = g_build_filename (folders->path, "toy.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++) {
    sketch.key = elsewhere[i];
    add (folders->path, &sketch);
    assert_refused ("toy", path, "another host");
  }
  /* Nor with a host that only the run would tell. */
  sketch.key = "GEN_API_KEY";
  sketch.base = "\"required\": true";
  add (folders->path, &sketch);
  assert_refused ("toy", path, "another host");
  sketch.base = "\"default\": \"https://api.gen.pro.evil.example\"";
  add (folders->path, &sketch);
  assert_refused ("toy", path, "another host");
  sketch.base = "\"default\": \"https://API.gen.pro:443\"";
  add (folders->path, &sketch);
  assert_found ("toy", "A toy");
}

/* The index says the same as the descriptions, and knows every one. */
static void
test_index (Folders *folders, gconstpointer unused)
{
  guint n = 0;

  for (const GenvidProviderIndexRow *row = genvid_provider_index;
       row->name != NULL; row++, n++) {
    g_autoptr (GenvidProvider) provider
        = genvid_provider_catalog_find (row->name, NULL);
    const char *const *keys = genvid_provider_get_key_variables (provider);
    const char *base = genvid_provider_get_base_url (provider);

    g_assert_true (g_strv_equal (keys, row->variables));
    g_assert_true (base == NULL || g_strv_contains (row->origins, base));
  }
  g_auto (GStrv) names = genvid_provider_catalog_list ();
  g_assert_cmpuint (g_strv_length (names), ==, n);
}

/* A usual name of a key, on its own host. */
static void
test_usual_keys (Folders *folders, gconstpointer unused)
{
  static const struct {
    const char *key, *base, *refusal;
  } cases[] = {
    { "FAL_KEY", "https://queue.fal.run", NULL },
    { "FAL_KEY", "https://queue.fal.run.evil.example", "another host" },
    { "FAL_KEY", "http://queue.fal.run", "another host" },
    { "FAL_KEY", "https://fal.run", "another host" },
    { "ARK_API_KEY", "https://ark.cn-beijing.volces.com", NULL },
    { "ARK_API_KEY", "https://ark.cn-beijing.volces.com:8443", "another host" },
    { "HF_TOKEN", "https://router.huggingface.co", NULL },
    { "HF_TOKEN", "https://nothuggingface.co", "not HF_TOKEN" },
    { "HF_TOKEN", "https://huggingface.co.evil.example", "not HF_TOKEN" },
    { "HF_TOKEN", "http://huggingface.co", "not HF_TOKEN" },
    { "GITHUB_TOKEN", "https://huggingface.co", "not GITHUB_TOKEN" },
  };
  g_autofree char *path = g_build_filename (folders->path, "toy.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *base
        = g_strdup_printf ("\"default\": \"%s\"", cases[i].base);

    add (folders->path, &(Sketch){ "toy", .base = base, .key = cases[i].key });
    if (cases[i].refusal == NULL)
      assert_found ("toy", "A toy");
    else
      assert_refused ("toy", path, cases[i].refusal);
  }
}

/* What comes from outside cannot say where a shipped key may go. */
static void
test_origins (Folders *folders, gconstpointer unused)
{
  g_autofree char *text = describe (&(Sketch){ "toy" });
  g_auto (GStrv) parts = g_strsplit (text, "[\"TOY_API_KEY\"]", 2);
  g_autofree char *own
      = g_strjoin ("[\"TOY_API_KEY\"], \"origins\": [\"https://b.example\"]",
                   parts[0], parts[1], NULL);
  g_autofree char *path = put (folders->path, "toy.json", own);

  assert_refused ("toy", path, "only a built-in");
}

static void
test_base_variable (Folders *folders, gconstpointer unused)
{
  g_autofree char *path = put_sketch (
      folders->path,
      &(Sketch){ "toy", .base = "\"default\": \"https://toy.example\","
                                "\"variable\": \"TOY_BASE_URL\"" });

  assert_refused ("toy", path, "base-url.variable");
}

static void
test_broken (Folders *folders, gconstpointer unused)
{
  g_autofree char *text = describe (&(Sketch){ "toy", .more = "\"odd\": 1," });
  g_autofree char *other = describe (&(Sketch){ "other" });
  g_autofree char *path = put (folders->path, "toy.json", text);
  g_autofree char *data = NULL;

  assert_refused ("toy", path, "toy.json: odd");
  g_free (put (folders->path, "toy.json", "{ \"genvid\": 1,"));
  assert_refused ("toy", path, "toy.json");
  g_free (put (folders->path, "toy.json", other));
  assert_refused ("toy", path, "must be the file's name");
  /* A broken one hides nothing and is not passed over. */
  g_free (put (folders->path, "cn8.json", "{}"));
  assert_refused ("cn8", NULL, "cn8.json");
  data = put (folders->data, "game.json", "[]");
  assert_refused ("game", data, "game.json");
  /* The others are found none the less. */
  assert_found ("aimlapi", "AI/ML API");
}

static void
test_files (Folders *folders, gconstpointer unused)
{
  g_autofree char *path = put_sketch (folders->path, &(Sketch){ "toy" });
  g_autofree char *large = g_strnfill (300 * 1024, ' ');

  g_assert_cmpint (g_chmod (path, 0666), ==, 0);
  assert_refused ("toy", path, "other users cannot write to");
  g_free (put (folders->path, "toy.json", large));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  assert_refused ("toy", path, "at most");
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  assert_refused ("toy", path, "must be a regular file");
  g_rmdir (path);
}

/* A key of an added service chooses it, as that of a shipped one does. */
static void
test_by_key (Folders *folders, gconstpointer unused)
{
  g_autoptr (GenvidProvider) provider = NULL;
  g_autoptr (GError) error = NULL;

  add (folders->path, &(Sketch){ "toy" });
  g_setenv ("TOY_API_KEY", "k", TRUE);
  provider = genvid_provider_catalog_find_by_key (NULL);
  g_assert_cmpstr (genvid_provider_get_name (provider), ==, "toy");
  g_setenv ("CN8_API_KEY", "k", TRUE);
  g_assert_null (genvid_provider_catalog_find_by_key (&error));
  g_assert_nonnull (strstr (error->message,
                            "\"export GENVID_PROVIDER=cn8\" ($CN8_API_KEY is "
                            "set), \"export GENVID_PROVIDER=toy\" "
                            "($TOY_API_KEY is set)."));
  g_clear_error (&error);
  g_unsetenv ("CN8_API_KEY");
  g_unsetenv ("TOY_API_KEY");
  g_assert_null (genvid_provider_catalog_find_by_key (&error));
  g_assert_nonnull (strstr (error->message, "provider=toy with $TOY_API_KEY"));
}

/* A description that cannot be read may be the one that is meant. */
static void
test_by_key_broken (Folders *folders, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = put (folders->path, "broken.json", "{");
  g_autoptr (GenvidProvider) provider = NULL;

  g_setenv ("CN8_API_KEY", "k", TRUE);
  g_assert_null (genvid_provider_catalog_find_by_key (&error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "Mend it, or set provider"));
  g_remove (path);
  provider = genvid_provider_catalog_find_by_key (NULL);
  g_assert_cmpstr (genvid_provider_get_name (provider), ==, "cn8");
}

/* A name that ships, from a folder of the user's: that one's key counts. */
static void
test_by_key_shadowed (Folders *folders, gconstpointer unused)
{
  g_autoptr (GenvidProvider) provider = NULL;

  add (folders->path, &(Sketch){ "genpro" });
  g_setenv ("TOY_API_KEY", "k", TRUE);
  provider = genvid_provider_catalog_find_by_key (NULL);
  g_assert_cmpstr (genvid_provider_get_title (provider), ==, "A toy");
}

#define TOGETHER 8

static gint arrived; /* atomic */

static gpointer
find_one (gpointer unused)
{
  g_autoptr (GenvidProvider) provider = NULL;

  g_atomic_int_inc (&arrived);
  while (g_atomic_int_get (&arrived) < TOGETHER)
    g_thread_yield ();
  provider = genvid_provider_catalog_find ("cn8", NULL);
  g_assert_nonnull (provider);
  return NULL;
}

/* Many elements start at once, and nobody has looked before. */
static void
test_together (void)
{
  GThread *threads[TOGETHER];

  if (!g_test_subprocess ()) {
    for (guint i = 0; i < 40; i++) {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
    }
    return;
  }
  for (guint i = 0; i < TOGETHER; i++)
    threads[i] = g_thread_new ("user", find_one, NULL);
  for (guint i = 0; i < TOGETHER; i++)
    g_thread_join (threads[i]);
}

#define ADD(name, function)                                                    \
  g_test_add ("/catalog/" name, Folders, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_autofree char *home = g_dir_make_tmp ("genvid-catalog-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (home, "genvid", NULL);
  int status;

  /* Before anybody looks where the user's data is. */
  g_assert_nonnull (home);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("builtins", test_builtins);
  ADD ("added", test_added);
  ADD ("path-order", test_path_order);
  ADD ("unknown", test_unknown);
  ADD ("shadow", test_shadow);
  ADD ("variables", test_variables);
  ADD ("parameter-variables", test_parameter_variables);
  ADD ("setting-variables", test_setting_variables);
  ADD ("keys-of-builtins", test_keys_of_builtins);
  ADD ("index", test_index);
  ADD ("usual-keys", test_usual_keys);
  ADD ("origins", test_origins);
  ADD ("base-variable", test_base_variable);
  ADD ("broken", test_broken);
  ADD ("files", test_files);
  ADD ("by-key", test_by_key);
  ADD ("by-key-broken", test_by_key_broken);
  ADD ("by-key-shadowed", test_by_key_shadowed);
  g_test_add_func ("/catalog/together", test_together);
  status = g_test_run ();
  g_rmdir (folder);
  g_rmdir (home);
  return status;
}
