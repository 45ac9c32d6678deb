/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where descriptions come from. A stranger's description must not get another
 * service's key, so one from outside the plugin may read only variables that
 * are named like keys and belong to no built-in of another origin. What ships
 * is known by an index, which is there even if a description cannot be read. */

#include "provider-catalog.h"

#include "failure.h"
#include "provider.h"
#include "text.h"
#include "url.h"
#include "user-file.h"

#include <gio/gio.h>
#include <sys/stat.h>

/* The linker drops a static library's constructors, so the resource is looked
 * up by name. */
GResource *genvid_resources_get_resource (void);

#define RESOURCE_FOLDER       "/genvid/providers"
#define MAX_DESCRIPTION_BYTES (256 * 1024)

static gboolean
is_name (const char *name)
{
  if (name[0] == '\0' || strlen (name) > 64)
    return FALSE;

  return strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-_")
         == strlen (name);
}

/* GLib registers it at the first lookup; a second thread that looks meanwhile
 * would not find it. */
static GResource *
get_resource (void)
{
  GResource *resource;

  while ((resource = genvid_resources_get_resource ()) == NULL)
    g_thread_yield ();
  return resource;
}

static GenvidProvider *
load_builtin (const char *name, GError **error)
{
  g_autofree char *file = g_strdup_printf ("%s.json", name);
  g_autofree char *path = g_strdup_printf (RESOURCE_FOLDER "/%s", file);
  g_autoptr (GBytes) bytes = NULL;

  bytes = g_resource_lookup_data (get_resource (), path,
                                  G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  return bytes != NULL ? genvid_provider_new_from_bytes (file, bytes, error)
                       : NULL;
}

static char **
list_builtins (void)
{
  return g_resource_enumerate_children (get_resource (), RESOURCE_FOLDER,
                                        G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

/* Keys. */

static gboolean
is_origin_of (const GenvidProviderIndexRow *row, const char *base_url)
{
  for (guint i = 0; base_url != NULL && row->origins[i] != NULL; i++)
    if (genvid_url_same_origin (row->origins[i], base_url))
      return TRUE;
  return FALSE;
}

/* Whose is it? */
typedef enum { NOBODYS, OF_THIS_ORIGIN, OF_ANOTHER_ORIGIN } Ownership;

/* The key of a built-in goes to the origins of those that use it, and nowhere
 * else. */
static Ownership
find_owner (const char *variable, const char *base_url)
{
  Ownership owner = NOBODYS;

  for (const GenvidProviderIndexRow *row = genvid_provider_index;
       row->name != NULL; row++) {
    if (!g_strv_contains (row->variables, variable))
      continue;
    if (is_origin_of (row, base_url))
      return OF_THIS_ORIGIN;
    owner = OF_ANOTHER_ORIGIN;
  }
  return owner;
}

/* Usual names of keys that are not named like keys, and whose they are. */
static gboolean
is_usual (const char *variable, const char *base_url)
{
  static const struct {
    const char *variable, *domain;
  } usual[] = {
    { "HF_TOKEN", "huggingface.co" },
    { "RUNWAYML_API_SECRET", "runwayml.com" },
  };
  g_autoptr (GUri) uri = base_url != NULL
                             ? g_uri_parse (base_url, G_URI_FLAGS_NONE, NULL)
                             : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (host == NULL || g_strcmp0 (g_uri_get_scheme (uri), "https") != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++) {
    g_autofree char *below = g_strconcat (".", usual[i].domain, NULL);

    if (g_str_equal (usual[i].variable, variable)
        && (g_str_equal (host, usual[i].domain)
            || g_str_has_suffix (host, below)))
      return TRUE;
  }
  return FALSE;
}

static gboolean
check_variable (const GenvidProvider *provider, const char *file,
                const char *variable, GError **error)
{
  const char *base_url = genvid_provider_get_base_url (provider);
  Ownership owner = find_owner (variable, base_url);

  if (owner == OF_ANOTHER_ORIGIN) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: %s is the key of a built-in service with another "
                 "host. Use a variable of this service's own.",
                 file, variable);
    return FALSE;
  }
  if (owner == OF_THIS_ORIGIN || is_usual (variable, base_url)
      || g_str_has_suffix (variable, "_API_KEY")
      || g_str_has_suffix (variable, "_API_TOKEN"))
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s: a description from outside the plugin may read only "
               "variables named *_API_KEY or *_API_TOKEN, or the usual one of "
               "its host, not %s.",
               file, variable);
  return FALSE;
}

/* "GENVID_TOY_": no other program keeps anything in such variables. */
static char *
get_plain_prefix (const GenvidProvider *provider)
{
  g_autofree char *upper
      = g_ascii_strup (genvid_provider_get_name (provider), -1);

  return g_strdup_printf ("GENVID_%s_", g_strdelimit (upper, "-", '_'));
}

/* What a parameter is set to is kept with the clip; a key is not. */
static gboolean
check_parameter (const GenvidProvider *provider, const char *file,
                 const GenvidOption *parameter, GError **error)
{
  const char *variable = parameter->variable;
  g_autofree char *plain = get_plain_prefix (provider);

  if (variable == NULL || g_str_has_prefix (variable, plain))
    return TRUE;
  if (find_owner (variable, NULL) != NOBODYS) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: %s is the key of a built-in service, and no parameter.",
                 file, variable);
    return FALSE;
  }
  if (parameter->setting)
    return check_variable (provider, file, variable, error);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s: parameters.%s: a description from outside the plugin may "
               "read only variables named %s* into a parameter, not %s.",
               file, parameter->name, plain, variable);
  return FALSE;
}

gboolean
genvid_provider_catalog_check (const GenvidProvider *provider, const char *file,
                               GError **error)
{
  const char *const *keys = genvid_provider_get_key_variables (provider);
  const char *base = genvid_provider_get_base_url_variable (provider);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    if (!check_variable (provider, file, keys[i], error))
      return FALSE;
  if (base != NULL) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: base-url.variable: only a built-in may read %s; use "
                 "the base-url property.",
                 file, base);
    return FALSE;
  }
  for (guint i = 0; i < genvid_provider_get_n_parameters (provider); i++)
    if (!check_parameter (provider, file,
                          genvid_provider_get_parameter (provider, i), error))
      return FALSE;
  if (!genvid_provider_lists_origins (provider))
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s: key.origins: only a built-in says where its key belongs.",
               file);
  return FALSE;
}

static gboolean
is_trusted_file (const char *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) == 0 && S_ISREG (info.st_mode)
      && (info.st_mode & S_IWOTH) == 0 && info.st_size <= MAX_DESCRIPTION_BYTES)
    return TRUE;

  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s must be a regular file of at most %d bytes that other "
               "users cannot write to.",
               path, MAX_DESCRIPTION_BYTES);
  return FALSE;
}

/* NULL without error: the folder has no such description. */
static GenvidProvider *
load_from_folder (const char *folder, const char *name, GError **error)
{
  g_autofree char *file = g_strdup_printf ("%s.json", name);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GenvidProvider) provider = NULL;
  char *text;
  gsize length;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  if (!is_trusted_file (path, error))
    return NULL;
  text = genvid_user_file_read (path, MAX_DESCRIPTION_BYTES,
                                "It must describe a service.", &length, error);
  if (text == NULL)
    return NULL;
  bytes = g_bytes_new_take (text, length);
  provider = genvid_provider_new_from_bytes (path, bytes, error);
  if (provider == NULL)
    return NULL;
  if (strcmp (genvid_provider_get_name (provider), name) != 0) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: name: \"%s\" must be the file's name, \"%s\".", path,
                 genvid_provider_get_name (provider), name);
    return NULL;
  }
  if (!genvid_provider_catalog_check (provider, path, error))
    return NULL;
  return g_steal_pointer (&provider);
}

static char **
list_path_folders (void)
{
  const char *path = g_getenv ("GENVID_PROVIDER_PATH");
  char **folders;

  if (path == NULL || path[0] == '\0')
    return g_new0 (char *, 1);
  folders = g_strsplit (path, G_SEARCHPATH_SEPARATOR_S, -1);
  for (guint i = 0; folders[i] != NULL; i++) {
    char *whole = genvid_user_path (folders[i], "folder", NULL);

    if (whole == NULL)
      continue;
    g_free (folders[i]);
    folders[i] = whole;
  }
  return folders;
}

static char *
get_data_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "genvid", "providers", NULL);
}

static void
add_names (GPtrArray *names, const char *file)
{
  g_autofree char *name = NULL;

  if (!g_str_has_suffix (file, ".json"))
    return;
  name = g_strndup (file, strlen (file) - 5);
  if (!is_name (name)
      || g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    return;
  g_ptr_array_add (names, g_steal_pointer (&name));
}

static void
add_folder (GPtrArray *names, const char *folder)
{
  g_autoptr (GDir) dir = NULL;
  const char *file;

  if (folder[0] == '\0')
    return;
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    add_names (names, file);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char **
genvid_provider_catalog_list (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_auto (GStrv) builtins = list_builtins ();
  g_auto (GStrv) folders = list_path_folders ();
  g_autofree char *data = get_data_folder ();

  for (guint i = 0; builtins != NULL && builtins[i] != NULL; i++)
    add_names (names, builtins[i]);
  for (guint i = 0; folders[i] != NULL; i++)
    add_folder (names, folders[i]);
  add_folder (names, data);
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);

  return (char **)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* By trust: folders that the variable names, what ships, the data folder. */
static GenvidProvider *
load (const char *name, GError **error)
{
  g_auto (GStrv) folders = list_path_folders ();
  g_autofree char *data = get_data_folder ();
  g_autoptr (GError) local = NULL;
  GenvidProvider *provider = NULL;

  for (guint i = 0; folders[i] != NULL; i++) {
    if (folders[i][0] != '\0')
      provider = load_from_folder (folders[i], name, &local);
    if (provider != NULL || local != NULL)
      break;
  }
  if (provider == NULL && local == NULL)
    provider = load_builtin (name, &local);
  if (provider == NULL && local == NULL)
    provider = load_from_folder (data, name, &local);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return provider;
}

GenvidProvider *
genvid_provider_catalog_find (const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *list = NULL;
  g_autofree char *shown = NULL;
  GenvidProvider *provider = NULL;

  if (is_name (name))
    provider = load (name, &local);
  if (provider != NULL)
    return provider;
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }

  names = genvid_provider_catalog_list ();
  list = genvid_text_list ((const char *const *)names);
  shown = genvid_text_clean (name, -1, NULL);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "There is no service \"%s\". Set provider to %s, or put a "
               "description of it into a folder of $GENVID_PROVIDER_PATH.",
               shown != NULL ? shown : "", list);
  return NULL;
}

static const char *
find_set (const char *const *variables)
{
  for (guint i = 0; variables != NULL && variables[i] != NULL; i++) {
    const char *value = g_getenv (variables[i]);

    if (value != NULL && value[0] != '\0')
      return variables[i];
  }
  return NULL;
}

const char *
genvid_provider_catalog_find_key (const GenvidProvider *provider,
                                  const char **variable)
{
  const char *set = find_set (genvid_provider_get_key_variables (provider));

  if (set != NULL && variable != NULL)
    *variable = set;
  return set != NULL ? g_getenv (set) : NULL;
}

/* --- By the keys in the environment. --- */

/* What there is to choose from. */
typedef struct {
  GString *every; /* each service with its variable */
  GString *keyed; /* those whose key is there, as commands */
  char *first;    /* the first of them */
  guint n;        /* how many they are */
} Choices;

static void
choices_clear (Choices *choices)
{
  g_string_free (choices->every, TRUE);
  g_string_free (choices->keyed, TRUE);
  g_free (choices->first);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choices, choices_clear)

static void
add_choice (Choices *choices, const char *name, const char *const *variables)
{
  const char *set = find_set (variables);

  if (variables == NULL || variables[0] == NULL)
    return;
  g_string_append_printf (choices->every, "%sprovider=%s with $%s",
                          choices->every->len > 0 ? ", " : "", name,
                          variables[0]);
  if (set == NULL)
    return;
  g_string_append_printf (choices->keyed,
                          "%s\"export GENVID_PROVIDER=%s\" ($%s is set)",
                          choices->n > 0 ? ", " : "", name, set);
  if (choices->n++ == 0)
    choices->first = g_strdup (name);
}

const GenvidProviderIndexRow *
genvid_provider_index_find (const char *name)
{
  const GenvidProviderIndexRow *row = genvid_provider_index;

  while (row->name != NULL && strcmp (row->name, name) != 0)
    row++;
  return row->name != NULL ? row : NULL;
}

static gboolean
is_shadowed (const char *name)
{
  g_auto (GStrv) folders = list_path_folders ();
  g_autofree char *file = g_strdup_printf ("%s.json", name);

  for (guint i = 0; folders[i] != NULL; i++) {
    g_autofree char *path = g_build_filename (folders[i], file, NULL);

    if (folders[i][0] != '\0' && g_file_test (path, G_FILE_TEST_EXISTS))
      return TRUE;
  }
  return FALSE;
}

/* A shipped one is not read for this. One that cannot be read may be the one
 * that is meant. */
static gboolean
add_service (Choices *choices, const char *name, GError **error)
{
  const GenvidProviderIndexRow *row = genvid_provider_index_find (name);
  g_autoptr (GenvidProvider) provider = NULL;

  if (row != NULL && !is_shadowed (name)) {
    add_choice (choices, name, row->variables);
    return TRUE;
  }
  provider = genvid_provider_catalog_find (name, error);
  if (provider == NULL) {
    g_prefix_error (error, "No service is chosen, and a description cannot be "
                           "used. Mend it, or set provider. ");
    return FALSE;
  }
  add_choice (choices, name, genvid_provider_get_key_variables (provider));
  return TRUE;
}

GenvidProvider *
genvid_provider_catalog_find_by_key (GError **error)
{
  g_auto (GStrv) names = genvid_provider_catalog_list ();
  g_auto (Choices) choices
      = { .every = g_string_new (NULL), .keyed = g_string_new (NULL) };

  for (guint i = 0; names[i] != NULL; i++)
    if (!add_service (&choices, names[i], error))
      return NULL;
  if (choices.n == 1)
    return genvid_provider_catalog_find (choices.first, error);

  if (choices.n > 1)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "There are keys for several services in the environment, and "
                 "genvidsrc does not guess which one to use. Choose one with "
                 "provider=NAME, or for all programs: %s.",
                 choices.keyed->str);
  else
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "No service is chosen and no key is in the environment. "
                 "Set one of: %s.",
                 choices.every->str);
  return NULL;
}
