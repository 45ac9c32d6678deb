/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define GENVID_SOUP_BY_NAME
#include "soup-library.h"

#include "failure.h"

#include <dlfcn.h>
#include <gmodule.h>

#define SOUP_2 "libsoup-2.4.so.1"
#define SOUP_3 "libsoup-3.0.so.0"

GenvidSoupLibrary genvid_soup;

static const struct {
  const char *name;
  gsize offset;
} functions[] = {
#define ENTRY(name) { #name, G_STRUCT_OFFSET (GenvidSoupLibrary, name) },
  GENVID_SOUP_FUNCTIONS (ENTRY)
#undef ENTRY
};

static gboolean
is_loaded (const char *library)
{
  void *handle = dlopen (library, RTLD_LAZY | RTLD_NOLOAD);

  if (handle != NULL)
    dlclose (handle);
  return handle != NULL;
}

/* Also as a part of the program, or under another name. */
static gboolean
is_soup_2_here (void)
{
  return is_loaded (SOUP_2) || dlsym (RTLD_DEFAULT, "soup_uri_new") != NULL
         || (!is_loaded (SOUP_3) && g_type_from_name ("SoupSession") != 0);
}

static gboolean
resolve (GModule *library, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++) {
    gpointer found = NULL;

    if (!g_module_symbol (library, functions[i].name, &found)) {
      g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                   "The installed libsoup 3 has no function %s. Install "
                   "libsoup 3.2 or newer.",
                   functions[i].name);
      return FALSE;
    }
    G_STRUCT_MEMBER (gpointer, &genvid_soup, functions[i].offset) = found;
  }
  return TRUE;
}

/* It stays open: its types cannot be unregistered. By GModule, since libsoup's
 * constructor takes GModule's lock: with dlopen() alone the loader's lock would
 * be held before it, and GStreamer, which loads a plugin at the same time,
 * holds them the other way round. */
static gboolean
open_once (GError **error)
{
  GModule *library;

  if (is_soup_2_here ()) {
    g_set_error_literal (
        error, GENVID_ERROR, GENVID_REASON_SETTINGS,
        "This application uses libsoup 2.4, and genvidsrc needs libsoup 3; "
        "one process cannot have both. Only clips that are in the store play "
        "here. Get the clip with genvid-store fetch first, or use an "
        "application without libsoup 2.4.");
    return FALSE;
  }
  library = g_module_open (SOUP_3, G_MODULE_BIND_LOCAL);
  if (library != NULL) {
    g_module_make_resident (library);
    return resolve (library, error);
  }
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "libsoup 3 cannot be loaded, and without it nothing can be "
               "downloaded: %s. Install it (Debian: libsoup-3.0-0).",
               g_module_error ());
  return FALSE;
}

gboolean
genvid_soup_library_open (GError **error)
{
  static GMutex mutex;
  static gboolean open;
  gboolean usable;

  g_mutex_lock (&mutex);
  open = open || open_once (error);
  usable = open;
  g_mutex_unlock (&mutex);
  return usable;
}
