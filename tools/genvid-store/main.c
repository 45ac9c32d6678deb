/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store: purchases without a pipeline. This file finds the verb; each
 * verb has a file of its own. Nothing here knows a service or HTTP. */

#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "client.h"

#include "tool.h"

static const ToolVerb *const verbs[]
    = { &tool_list,  &tool_verify,  &tool_fetch,     &tool_quote,
        &tool_prune, &tool_gallery, &tool_providers, &tool_watch };

static void
print_help (FILE *out)
{
  fputs ("Usage: genvid-store VERB [OPTION…]\n\n"
         "Manages the clips that genvidsrc bought.\n\nVerbs:\n",
         out);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    fprintf (out, "  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
  fputs (
      "\nEach verb takes --store DIR (default: $GENVID_STORE, else the folder "
      "genvid in\nyour data folder). genvid-store VERB --help lists its "
      "options.\n\n"
      "Exit status: 0 success, 1 a problem or a failure, 2 a wrong command "
      "line,\n130 interrupted.\n",
      out);
}

static const ToolVerb *
find_verb (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i]->name, name) == 0)
      return verbs[i];
  return NULL;
}

static int
refuse (const char *word)
{
  fprintf (stderr,
           "genvid-store: \"%s\" is not a verb or an option. The verbs are "
           "list, verify, fetch, quote, prune, gallery, providers and watch; "
           "the options are --help and --version.\n",
           word);
  return TOOL_USAGE;
}

/* Output that cannot be written is a failure. */
static int
finish (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  return status == TOOL_OK ? tool_complain ("cannot write the output.")
                           : status;
}

int
main (int argc, char **argv)
{
  const ToolVerb *verb;
  int status;

  if (argc < 2) {
    print_help (stderr);
    return TOOL_USAGE;
  }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0) {
    print_help (stdout);
    return finish (TOOL_OK);
  }
  if (strcmp (argv[1], "--version") == 0) {
    puts ("genvid-store " GENVID_VERSION);
    return finish (TOOL_OK);
  }
  verb = find_verb (argv[1]);
  if (verb == NULL)
    return refuse (argv[1]);

  status = verb->run (argc - 1, argv + 1);
  genvid_client_quit ();
  return finish (status);
}
