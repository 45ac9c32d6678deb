/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which key is used: the property, the file, what the application handed
 * over, or the first variable of the description that is set. It is never
 * shown, and what is read of it is wiped.
 */

#include "api-key.h"

#include "provider-catalog.h"
#include "provider.h"
#include "settings.h"
#include "text.h"
#include "user-file.h"

#define KEY_MAX_BYTES ((gsize)64 * 1024)

static char *
read_key_file (const char *name, GError **error)
{
  g_autofree char *path = genvid_user_path (name, "api-key-file", error);
  g_autofree char *text = NULL;
  gsize length = 0;
  char *key;

  if (path != NULL)
    text = genvid_user_file_read (
        path, KEY_MAX_BYTES,
        "Set api-key-file to a file whose first line is the key.", &length,
        error);
  if (text == NULL)
    return NULL;
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *where = g_strdup_printf ("api-key-file \"%s\"", shown);
  text[strcspn (text, "\r\n")] = '\0';
  key = genvid_text_key (text, where, error);
  explicit_bzero (text, length);

  return key;
}

static char *
explain_missing_key (const GenvidProvider *provider)
{
  const char *const *names = genvid_provider_get_key_variables (provider);
  const char *first = names != NULL ? names[0] : NULL;

  return g_strdup_printf (
      "There is no key for %s. Set %s%s%sapi-key-file to a file whose first "
      "line is the key.",
      genvid_provider_get_title (provider),
      first != NULL ? "the environment variable " : "",
      first != NULL ? first : "", first != NULL ? ", or " : "");
}

gboolean
genvid_api_key_find (const GenvidSettings *settings,
                     const GenvidProvider *provider, char **key, char **missing,
                     GError **error)
{
  const char *name = genvid_provider_get_name (provider);
  const char *variable = NULL;
  const char *value = NULL;

  if (settings->api_key != NULL)
    *key = genvid_text_key (settings->api_key, "api-key", error);
  else if (settings->api_key_file != NULL)
    *key = read_key_file (settings->api_key_file, error);
  else if (settings->keys != NULL
           && (value = g_hash_table_lookup (settings->keys, name)) != NULL)
    *key = genvid_text_key (value, "The application's key", error);
  else if ((value = genvid_provider_catalog_find_key (provider, &variable))
           != NULL) {
    g_autofree char *where = g_strdup_printf ("$%s", variable);

    *key = genvid_text_key (value, where, error);
  } else {
    if (!genvid_provider_is_keyless (provider))
      *missing = explain_missing_key (provider);
    return TRUE;
  }
  return *key != NULL;
}
