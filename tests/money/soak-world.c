/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A world: its sandbox and folder, its lives one after the other and beside
 * each other, and the last pass. */

#include "soak.h"

#include "folder-kit.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define LANES       8       /* processes beside each other */
#define BOUND       40      /* seconds, on a busy machine */
#define GENERATION  1.0     /* seconds */
#define RATE        1000000 /* bytes a second of a download */
#define NANOSECONDS 1000000000LL

char *
soak_world_get_store (SoakWorld *world, guint store)
{
  return g_strdup_printf ("%s/stores/%u", world->folder, store);
}

SoakRequest *
soak_world_get_request (SoakWorld *world, guint number)
{
  return g_ptr_array_index (world->requests, number);
}

void
soak_world_find (SoakWorld *world, const char *format, ...)
{
  va_list arguments;
  char *text;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (world->findings, text);
}

gint64
soak_world_get_struck (SoakWorld *world)
{
  gint64 sum = 0;

  for (guint i = 0; i < N_FAULT_KINDS; i++)
    sum += world->control->struck[i];
  return sum;
}

guint
soak_world_count_charges (SoakWorld *world)
{
  return genvid_sandbox_count (world->sandbox, GENVID_SANDBOX_ANY_SERVICE,
                               GENVID_SANDBOX_CHARGED);
}

static void
free_request (gpointer data)
{
  SoakRequest *request = data;

  soak_result_clear (&request->last);
  soak_result_clear (&request->adopted);
  g_free (request->prompt);
  g_free (request->key);
  g_free (request);
}

static FaultControl *
map_control (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "control", NULL);
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  FaultControl *control;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof *control), ==, 0);
  control
      = mmap (NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (control != MAP_FAILED);
  close (fd);
  control->room = -1;
  return control;
}

/* A seed has its place, so that it is as bad again when it is repeated. */
static char *
choose_place (guint64 seed)
{
  const char *places = g_getenv ("SOAK_PLACES");
  g_auto (GStrv) all = g_strsplit (places != NULL ? places : "", ":", -1);
  guint n = g_strv_length (all);

  return g_strdup (n > 0 ? all[seed % n] : g_get_tmp_dir ());
}

static char *
make_folder (guint64 seed)
{
  g_autofree char *place = choose_place (seed);
  g_autofree char *folder
      = g_build_filename (place, "genvid-soak-XXXXXX", NULL);
  g_autofree char *stores = NULL;
  g_autofree char *output = NULL;
  char *real;

  g_assert_nonnull (g_mkdtemp (folder));
  /* The shim sees paths as the kernel tells them. */
  real = realpath (folder, NULL);
  stores = g_build_filename (real, "stores", NULL);
  output = g_build_filename (real, "output", NULL);
  g_assert_cmpint (g_mkdir (stores, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  return real;
}

SoakWorld *
soak_world_new (guint64 seed)
{
  const GenvidSandboxOptions options = { .clip_path = SOAK_CLIP,
                                         .gen_seconds = GENERATION,
                                         .rate = RATE,
                                         .cn8_requests_per_minute = G_MAXINT };
  SoakWorld *world = g_new0 (SoakWorld, 1);
  g_autoptr (GError) error = NULL;

  world->seed = seed;
  world->bound = BOUND;
  world->folder = make_folder (seed);
  world->control = map_control (world->folder);
  world->sandbox = genvid_sandbox_new (&options, &error);
  g_assert_no_error (error);
  world->requests = g_ptr_array_new_with_free_func (free_request);
  world->lives
      = g_ptr_array_new_with_free_func ((GDestroyNotify)soak_life_free);
  world->findings = g_ptr_array_new_with_free_func (g_free);
  world->loop = g_main_loop_new (NULL, FALSE);
  soak_plan_requests (world);
  return world;
}

void
soak_world_free (SoakWorld *world, gboolean keep)
{
  genvid_sandbox_free (world->sandbox);
  munmap (world->control, sizeof *world->control);
  if (!keep)
    folder_remove (world->folder);
  g_ptr_array_unref (world->lives);
  g_ptr_array_unref (world->requests);
  g_ptr_array_unref (world->findings);
  g_clear_pointer (&world->ledger, g_ptr_array_unref);
  g_main_loop_unref (world->loop);
  g_free (world->folder);
  g_free (world);
}

/* --- Time passes. --- */

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/* Until so long has passed, whatever ends meanwhile. */
static void
pass_time (SoakWorld *world, guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + (gint64)milliseconds * 1000;

  for (gint64 left = milliseconds; left > 0;
       left = (until - g_get_monotonic_time ()) / 1000) {
    guint source = g_timeout_add ((guint)left, quit, world->loop);

    g_main_loop_run (world->loop);
    if (g_main_context_find_source_by_id (NULL, source) != NULL)
      g_source_remove (source);
  }
}

static void
wait_for_lane (SoakWorld *world, guint most)
{
  while (world->n_running > most)
    g_main_loop_run (world->loop);
}

/* --- Lives. --- */

static guint32
read_size (const char *box)
{
  guint32 size;

  memcpy (&size, box, sizeof size);
  return GUINT32_FROM_BE (size);
}

/* The clip with so many random bytes more in its last box, the media. */
static void
set_clip (SoakWorld *world, const SoakLife *life)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (life->number);
  gsize length, box = 0;
  char *data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint32 size;

  g_assert_true (g_file_get_contents (SOAK_CLIP, &data, &length, NULL));
  while (box + read_size (data + box) < length)
    box += read_size (data + box);
  size = GUINT32_TO_BE (read_size (data + box) + (guint32)life->filler);
  memcpy (data + box, &size, sizeof size);
  data = g_realloc (data, length + life->filler);
  for (gsize i = 0; i < life->filler; i++)
    data[length + i] = (char)g_rand_int (rand);
  bytes = g_bytes_new_take (data, length + life->filler);
  genvid_sandbox_set_clip (world->sandbox, bytes);
}

static void
befall (SoakLife *life)
{
  SoakWorld *world = life->world;

  set_clip (world, life);
  for (guint i = 0; i < life->faults->len; i++) {
    g_autoptr (GError) error = NULL;

    genvid_sandbox_add_fault (world->sandbox, life->faults->pdata[i], &error);
    g_assert_no_error (error);
  }
  if (life->set_wall)
    world->control->wall_ahead = life->wall_ahead * NANOSECONDS;
  if (life->set_room)
    world->control->room = life->room;
  if (life->drop)
    genvid_sandbox_drop_connections (world->sandbox);
}

static void
begin (SoakWorld *world, SoakLife *life)
{
  g_ptr_array_add (world->lives, life);
  befall (life);
  soak_life_start (life);
}

/* --- The last pass: nothing goes wrong any more. --- */

static void
make_peace (SoakWorld *world)
{
  genvid_sandbox_clear_faults (world->sandbox);
  genvid_sandbox_release (world->sandbox, GENVID_SANDBOX_GATE_HANG);
  world->control->wall_ahead = 0;
  world->control->room = -1;
}

static void
note_sales (SoakWorld *world)
{
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (world->sandbox);

  for (guint i = 0; i < world->requests->len; i++) {
    SoakRequest *request = g_ptr_array_index (world->requests, i);

    request->sold_before
        = soak_count_sold (ledger, request, &request->paid_before);
  }
}

/* Asks for REQUEST once more; the result is RESULT's when it is over. */
static void
ask (SoakWorld *world, SoakRequest *request, SoakResult *result,
     const char *adopt)
{
  SoakLife *life;

  wait_for_lane (world, LANES - 1);
  life = soak_plan_last (world, request, adopt);
  life->answer = result;
  begin (world, life);
}

/* A file that the media server calls another by now fails for who played a
 * part of the first, and is there at the next start. */
static gboolean
was_lost (const SoakResult *result)
{
  return g_strcmp0 (result->word, "failed") == 0 && result->bytes > 0
         && g_str_has_prefix (result->text, "failed ");
}

static void
ask_last (SoakWorld *world)
{
  for (guint i = 0; i < world->requests->len; i++) {
    SoakRequest *request = g_ptr_array_index (world->requests, i);

    if (request->starts > 0)
      ask (world, request, &request->last, NULL);
  }
  wait_for_lane (world, 0);
  for (guint i = 0; i < world->requests->len; i++) {
    SoakRequest *request = g_ptr_array_index (world->requests, i);

    if (was_lost (&request->last))
      ask (world, request, &request->last, NULL);
  }
  wait_for_lane (world, 0);
}

/* The user looks into the account, and tells which one it was. */
static void
adopt_doubts (SoakWorld *world)
{
  for (guint i = 0; i < world->requests->len; i++) {
    SoakRequest *request = g_ptr_array_index (world->requests, i);
    const char *id = soak_is_in_doubt (request)
                         ? soak_find_paid (world->ledger, request)
                         : NULL;

    if (id != NULL)
      ask (world, request, &request->adopted, id);
  }
  wait_for_lane (world, 0);
}

void
soak_world_run (SoakWorld *world, guint lives, gint64 until)
{
  for (guint i = 0; i < lives && g_get_monotonic_time () < until; i++) {
    SoakLife *life;

    wait_for_lane (world, LANES - 1);
    life = soak_plan_life (world, i);
    begin (world, life);
    pass_time (world, life->pause);
  }
  wait_for_lane (world, 0);
  make_peace (world);
  note_sales (world);
  ask_last (world);
  world->ledger = genvid_sandbox_ledger (world->sandbox);
  adopt_doubts (world);
  g_ptr_array_unref (world->ledger);
  world->ledger = genvid_sandbox_ledger (world->sandbox);
}
