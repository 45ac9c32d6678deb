/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Command lines: options, sizes, ages and amounts, and errors in them. */

#include "tool.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "store.h"

static GOptionContext *
make_context (const ToolVerb *verb, const GOptionEntry *entries)
{
  GOptionContext *context = g_option_context_new (verb->arguments);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, verb->summary);
  g_option_context_set_help_enabled (context, FALSE);
  return context;
}

/* The help without GOption's own "--help" group. */
static char *
make_help (const ToolVerb *verb, GOptionContext *context)
{
  g_autofree char *before = g_strdup (g_get_prgname ());
  g_autofree char *name = g_strconcat ("genvid-store ", verb->name, NULL);
  char *help;

  g_set_prgname (name);
  g_option_context_set_help_enabled (context, TRUE);
  help = g_option_context_get_help (context, TRUE, NULL);
  g_set_prgname (before != NULL ? before : "genvid-store");
  return help;
}

static gboolean
wants_help (int argc, char **argv)
{
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0)
      return TRUE;
  return FALSE;
}

static const char *
find_option (const GOptionEntry *entries, const char *name)
{
  g_autofree char *folded = genvid_name_fold (name);

  for (guint i = 0; entries[i].long_name != NULL; i++)
    if (strcmp (entries[i].long_name, folded) == 0)
      return entries[i].long_name;
  return NULL;
}

/* Options as they are known, however they are written; what is given as a
 * value of its own is not touched unless it is one. Returns the first that is
 * not known; owned by the caller, nullable. */
static char *
spell_options (const GOptionEntry *entries, int argc, char **argv)
{
  char *unknown = NULL;

  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++) {
    g_autofree char *name = NULL;
    const char *known;

    if (!g_str_has_prefix (argv[i], "--"))
      continue;
    name = g_strndup (argv[i] + 2, strcspn (argv[i] + 2, "="));
    known = find_option (entries, name);
    if (known != NULL)
      memcpy (argv[i] + 2, known, strlen (known));
    else if (unknown == NULL)
      unknown = g_steal_pointer (&name);
  }
  return unknown;
}

static const char *
find_nearest (const GOptionEntry *entries, const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; entries[i].long_name != NULL; i++)
    g_ptr_array_add (names, (gpointer)entries[i].long_name);
  g_ptr_array_add (names, NULL);
  return genvid_name_nearest (name, (const char *const *)names->pdata);
}

static int
refuse (const ToolVerb *verb, GOptionContext *context, const char *message)
{
  g_autofree char *help = make_help (verb, context);

  fprintf (stderr, "genvid-store %s: %s\n\n%s", verb->name, message, help);
  return TOOL_USAGE;
}

static int
refuse_options (const ToolVerb *verb, GOptionContext *context,
                const GOptionEntry *entries, const char *unknown,
                const GError *error)
{
  g_autofree char *message = NULL;

  if (unknown == NULL
      || !g_error_matches (error, G_OPTION_ERROR,
                           G_OPTION_ERROR_UNKNOWN_OPTION))
    return refuse (verb, context, error->message);
  message = g_strdup_printf ("%s; the nearest is --%s", error->message,
                             find_nearest (entries, unknown));
  return refuse (verb, context, message);
}

gboolean
tool_parse (const ToolVerb *verb, const GOptionEntry *entries, guint max,
            int *argc, char ***argv, int *status)
{
  g_autoptr (GOptionContext) context = make_context (verb, entries);
  g_autofree char *unknown = spell_options (entries, *argc, *argv);
  g_autoptr (GError) error = NULL;

  if (wants_help (*argc, *argv)) {
    g_autofree char *help = make_help (verb, context);

    fputs (help, stdout);
    *status = TOOL_OK;
    return FALSE;
  }
  if (!g_option_context_parse (context, argc, argv, &error)) {
    *status = refuse_options (verb, context, entries, unknown, error);
    return FALSE;
  }
  if (*argc > 1 && strcmp ((*argv)[1], "--") == 0) {
    (*argv)[1] = (*argv)[0];
    (*argv)++;
    (*argc)--;
  }
  if (*argc - 1 > (int)max) {
    *status = refuse (verb, context, "there are too many arguments.");
    return FALSE;
  }
  return TRUE;
}

int
tool_misuse (const ToolVerb *verb, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr,
           "genvid-store %s: %s\nUsage: genvid-store %s [OPTION…] %s\n"
           "genvid-store %s --help lists the options.\n",
           verb->name, message, verb->name, verb->arguments, verb->name);
  return TOOL_USAGE;
}

int
tool_complain (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "genvid-store: %s\n", message);
  return TOOL_PROBLEM;
}

const char *
tool_find_store (const char *path)
{
  if (path == NULL)
    path = g_getenv ("GENVID_STORE");
  return path != NULL && path[0] != '\0' ? path : NULL;
}

GenvidStore *
tool_open_store (const char *path, gboolean read_only, GError **error)
{
  return genvid_store_open (tool_find_store (path), read_only, error);
}

gboolean
tool_parse_amount (const char *text, double *amount)
{
  char *end = NULL;
  double value;

  if (text == NULL)
    return TRUE;
  value = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (value) || value < 0)
    return FALSE;
  *amount = value;
  return TRUE;
}

/* A whole number and the text behind it. */
static gboolean
split_number (const char *text, guint64 *number, const char **unit)
{
  g_autofree char *digits = g_strndup (text, strspn (text, "0123456789"));

  *unit = text + strlen (digits);
  return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, number, NULL);
}

gboolean
tool_parse_size (const char *text, guint64 *bytes)
{
  static const char units[] = "KMGT";
  const char *unit;
  const char *known;
  guint64 number;
  guint shift;

  if (!split_number (text, &number, &unit))
    return FALSE;
  known = *unit != '\0' ? strchr (units, g_ascii_toupper (*unit)) : NULL;
  if (*unit != '\0' && (known == NULL || unit[1] != '\0'))
    return FALSE;
  shift = known != NULL ? 10 * (guint)(known - units + 1) : 0;
  if (number > G_MAXUINT64 >> shift)
    return FALSE;
  *bytes = number << shift;
  return TRUE;
}

gboolean
tool_parse_age (const char *text, gint64 *age)
{
  static const struct {
    const char *name;
    gint64 seconds;
  } units[] = { { "s", 1 },
                { "m", 60 },
                { "h", 3600 },
                { "d", 24 * 3600 },
                { "w", 7 * 24 * 3600 } };
  const char *unit;
  guint64 number;

  if (!split_number (text, &number, &unit))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++) {
    gint64 one = units[i].seconds * G_USEC_PER_SEC;

    if (strcmp (units[i].name, unit) != 0)
      continue;
    if (number > (guint64)(G_MAXINT64 / one))
      return FALSE;
    *age = (gint64)number * one;
    return TRUE;
  }
  return FALSE;
}
