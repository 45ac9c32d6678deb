/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where descriptions come from. A stranger's description must not get another
 * service's key, so one from outside the plugin may read only variables that
 * are named like keys and that no built-in uses. */

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
  gsize length;
  const char *text;

  bytes = g_resource_lookup_data (get_resource (), path,
                                  G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  if (bytes == NULL)
    return NULL;

  text = g_bytes_get_data (bytes, &length);
  return genvid_provider_new (file, text, length, error);
}

static char **
list_builtins (void)
{
  return g_resource_enumerate_children (get_resource (), RESOURCE_FOLDER,
                                        G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

static gboolean
uses_variable (const GenvidProvider *provider, const char *variable)
{
  const char *const *names = genvid_provider_get_key_variables (provider);

  return names != NULL && g_strv_contains (names, variable);
}

/* The key of a built-in goes to that built-in's origin and nowhere else. */
static gboolean
belongs_to_other_origin (const char *variable, const char *base_url)
{
  g_auto (GStrv) files = list_builtins ();

  for (guint i = 0; files != NULL && files[i] != NULL; i++) {
    g_autofree char *name = g_strndup (files[i], strlen (files[i]) - 5);
    g_autoptr (GenvidProvider) builtin = load_builtin (name, NULL);
    const char *own;

    if (builtin == NULL || !uses_variable (builtin, variable))
      continue;
    own = genvid_provider_get_base_url (builtin);
    if (own == NULL || base_url == NULL
        || !genvid_url_same_origin (own, base_url))
      return TRUE;
  }
  return FALSE;
}

static gboolean
check_variable (const GenvidProvider *provider, const char *file,
                const char *variable, GError **error)
{
  const char *base_url = genvid_provider_get_base_url (provider);

  if (!g_str_has_suffix (variable, "_API_KEY")
      && !g_str_has_suffix (variable, "_API_TOKEN")) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: a description from outside the plugin may read only "
                 "variables named *_API_KEY or *_API_TOKEN, not %s.",
                 file, variable);
    return FALSE;
  }
  if (belongs_to_other_origin (variable, base_url)) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: %s is the key of a built-in service with another "
                 "host. Use a variable of this service's own.",
                 file, variable);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_foreign (const GenvidProvider *provider, const char *file, GError **error)
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
  for (guint i = 0; i < genvid_provider_get_n_parameters (provider); i++) {
    const GenvidOption *parameter = genvid_provider_get_parameter (provider, i);

    if (parameter->variable != NULL
        && !check_variable (provider, file, parameter->variable, error))
      return FALSE;
  }
  return TRUE;
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
  g_autofree char *text = NULL;
  g_autoptr (GenvidProvider) provider = NULL;
  gsize length;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  if (!is_trusted_file (path, error))
    return NULL;
  text = genvid_user_file_read (path, MAX_DESCRIPTION_BYTES,
                                "It must describe a service.", &length, error);
  if (text == NULL)
    return NULL;
  provider = genvid_provider_new (path, text, length, error);
  if (provider == NULL)
    return NULL;
  if (strcmp (genvid_provider_get_name (provider), name) != 0) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "%s: name: \"%s\" must be the file's name, \"%s\".", path,
                 genvid_provider_get_name (provider), name);
    return NULL;
  }
  if (!check_foreign (provider, path, error))
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

const char *
genvid_provider_catalog_find_key (const GenvidProvider *provider,
                                  const char **variable)
{
  const char *const *names = genvid_provider_get_key_variables (provider);

  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    const char *value = g_getenv (names[i]);

    if (value == NULL || value[0] == '\0')
      continue;
    if (variable != NULL)
      *variable = names[i];
    return value;
  }
  return NULL;
}

static char *
describe_choices (char **names)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr (GenvidProvider) provider
        = genvid_provider_catalog_find (names[i], NULL);
    const char *const *keys = NULL;

    if (provider != NULL)
      keys = genvid_provider_get_key_variables (provider);
    if (keys != NULL && keys[0] != NULL)
      g_string_append_printf (text, "%sprovider=%s with $%s",
                              text->len > 0 ? ", " : "", names[i], keys[0]);
  }
  return g_string_free (text, FALSE);
}

GenvidProvider *
genvid_provider_catalog_find_by_key (GError **error)
{
  g_auto (GStrv) names = genvid_provider_catalog_list ();
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GenvidProvider) first = NULL;
  g_autofree char *list = NULL;
  g_autofree char *choices = NULL;

  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr (GenvidProvider) provider
        = genvid_provider_catalog_find (names[i], NULL);

    if (provider == NULL
        || genvid_provider_catalog_find_key (provider, NULL) == NULL)
      continue;
    if (first == NULL)
      first = genvid_provider_ref (provider);
    g_ptr_array_add (found, g_strdup (names[i]));
  }
  if (found->len == 1)
    return g_steal_pointer (&first);

  g_ptr_array_add (found, NULL);
  list = genvid_text_list ((const char *const *)found->pdata);
  choices = describe_choices (names);
  if (first != NULL)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "There are keys for several services in the environment, and "
                 "genvidsrc does not guess which one to use. Set provider "
                 "(or $GENVID_PROVIDER) to %s.",
                 list);
  else
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "No service is chosen and no key is in the environment. "
                 "Set one of: %s.",
                 choices);
  return NULL;
}
