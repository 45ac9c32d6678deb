/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The real descriptions against any answer: the first byte chooses a service,
 * each further line is an event, a status and a body, as in fuzz-job.c. */
#include "fuzz.h"
#include "job-world.h"

#include <string.h>

#define MAX_EVENTS 100

/* Whatever a service wants to have said, so that it takes the request. */
static const char parameters_text[]
    = "{\"sheet-id\":\"1\",\"cell-id\":\"2\",\"agent-id\":\"3\"}";

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static GPtrArray *
load_all (void)
{
  static GPtrArray *all;
  const char *folder = TEST_SOURCE_ROOT "/providers";
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GPtrArray) names = NULL;
  const char *name;

  if (all != NULL)
    return all;
  all = g_ptr_array_new ();
  names = g_ptr_array_new_with_free_func (g_free);
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
    g_autofree char *text = NULL;

    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    g_ptr_array_add (all,
                     genvid_provider_new (names->pdata[i], text, -1, NULL));
    g_assert_nonnull (all->pdata[i]);
  }
  g_assert_cmpuint (all->len, >, 10);
  return all;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_EVENTS);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (JsonNode) parameters = json_from_string (parameters_text, NULL);
  GPtrArray *all = load_all ();
  World world;

  if (size == 0)
    return 0;
  request->prompt = g_strdup ("x");
  if (!world_begin (&world, all->pdata[data[0] % all->len], request,
                    json_node_get_object (parameters))) {
    g_free (request->model);
    request->model = g_strdup ("m");
    if (!world_begin (&world, all->pdata[data[0] % all->len], request,
                      json_node_get_object (parameters)))
      return 0;
  }
  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    if (strlen (lines[i]) >= 2)
      world_live (&world, (uint8_t)lines[i][0], (uint8_t)lines[i][1],
                  lines[i] + 2);
  world_end (&world);
  return 0;
}
