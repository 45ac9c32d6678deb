/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A line asks, a line answers. */

#include "soak-service.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "genvid-sandbox.h"
#include "live-clip.h"

#define LINE 64 /* bytes */

struct _SoakService {
  pid_t child;
  FILE *out;
  FILE *in;
  char url[LINE];
};

typedef struct {
  const char *name;
  LiveClip clip;
  gboolean damaged;
} Kind;

#define VP9       "vp9enc deadline=1 cpu-used=8 ! vp9parse"
#define HEVC      "x265enc speed-preset=ultrafast ! h265parse"
#define AV1       "av1enc cpu-used=8 ! av1parse"
#define FRAGMENTS "mp4mux fragment-duration=400"
#define AAC       "audioconvert ! avenc_aac ! aacparse !"

static const Kind kinds[] = {
  { "wide",
    { .width = 640,
      .height = 360,
      .frames = 100,
      .sound = 4,
      .muxer = "mp4mux",
      .voice = AAC } },
  { "tall", { .width = 360, .height = 640, .frames = 75 } },
  { "24",
    { .width = 640, .height = 360, .rate_n = 24, .frames = 96, .sound = 4 } },
  { "30",
    { .width = 640,
      .height = 360,
      .rate_n = 30,
      .frames = 90,
      .sound = 3,
      .muxer = "mp4mux",
      .voice = AAC } },
  { "29.97",
    { .width = 480,
      .height = 480,
      .rate_n = 30000,
      .rate_d = 1001,
      .frames = 90,
      .sound = 3 } },
  { "variable",
    { .width = 640,
      .height = 360,
      .frames = 90,
      .sound = 3.6,
      .variable = TRUE } },
  { "short", { .width = 640, .height = 360, .frames = 15, .sound = 0.6 } },
  { "vp9",
    { .width = 320,
      .height = 180,
      .frames = 75,
      .sound = 3,
      .encoder = VP9,
      .muxer = "mp4mux",
      .voice = AAC } },
  { "hevc",
    { .width = 320,
      .height = 180,
      .frames = 75,
      .sound = 3,
      .encoder = HEVC } },
  { "av1",
    { .width = 160,
      .height = 96,
      .frames = 50,
      .encoder = AV1,
      .muxer = "mp4mux" } },
  { "fragments",
    { .width = 640,
      .height = 360,
      .frames = 100,
      .sound = 4,
      .muxer = FRAGMENTS,
      .voice = AAC } },
  { "damaged",
    { .width = 640, .height = 360, .frames = 100, .sound = 4 },
    TRUE },
  { "sound", { .sound = 3 } },
  { "long-sound", { .width = 640, .height = 360, .frames = 40, .sound = 4 } },
};

/* --- the child --- */

static GBytes *
make_clip (const Kind *kind)
{
  g_autoptr (GBytes) whole = live_clip_make (&kind->clip);

  if (whole == NULL) {
    printf ("no clips of the kind %s: an element is missing\n", kind->name);
    fflush (stdout);
    return live_clip_make (&kinds[0].clip);
  }
  return kind->damaged ? live_clip_damage (whole) : g_bytes_ref (whole);
}

static guint
obey (GenvidSandbox *sandbox, GBytes **clips, const char *line)
{
  if (g_ascii_isdigit (line[0]))
    genvid_sandbox_set_clip (sandbox,
                             clips[atoi (line) % G_N_ELEMENTS (kinds)]);
  else if (line[0] == 'r')
    genvid_sandbox_add_fault (sandbox, "poll-refused@1", NULL);
  else if (line[0] == 'h')
    genvid_sandbox_hold (sandbox, GENVID_SANDBOX_GATE_GENERATION);
  else if (line[0] == 'g')
    genvid_sandbox_release (sandbox, GENVID_SANDBOX_GATE_GENERATION);
  return genvid_sandbox_count (sandbox, GENVID_SANDBOX_ANY_SERVICE,
                               GENVID_SANDBOX_ACCEPTED);
}

static void
serve (FILE *in, FILE *out)
{
  GenvidSandboxOptions options = { .gen_seconds = 2 };
  GBytes *clips[G_N_ELEMENTS (kinds)];
  g_autoptr (GenvidSandbox) sandbox = NULL;
  char line[LINE];

  gst_init (NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    clips[i] = make_clip (&kinds[i]);
  sandbox = genvid_sandbox_new (&options, NULL);
  g_assert_nonnull (sandbox);
  fprintf (out, "%s\n", genvid_sandbox_base_url (sandbox));
  fflush (out);
  while (fgets (line, sizeof line, in) != NULL) {
    fprintf (out, "%u\n", obey (sandbox, clips, line));
    fflush (out);
  }
  genvid_sandbox_release (sandbox, GENVID_SANDBOX_GATE_GENERATION);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_bytes_unref (clips[i]);
}

/* --- the parent --- */

static void
read_line (SoakService *service, char *line)
{
  if (fgets (line, LINE, service->in) == NULL) {
    fprintf (stderr, "soak-live: the simulated services are gone\n");
    exit (2);
  }
  g_strchomp (line);
}

static guint
ask (SoakService *service, const char *line)
{
  char answer[LINE];

  fprintf (service->out, "%s\n", line);
  fflush (service->out);
  read_line (service, answer);
  return (guint)atoi (answer);
}

SoakService *
soak_service_new (void)
{
  SoakService *service = g_new0 (SoakService, 1);
  int there[2], back[2];

  g_assert_cmpint (pipe (there), ==, 0);
  g_assert_cmpint (pipe (back), ==, 0);
  fflush (stdout);
  service->child = fork ();
  g_assert_cmpint (service->child, >=, 0);
  if (service->child == 0) {
    close (there[1]);
    close (back[0]);
    serve (fdopen (there[0], "r"), fdopen (back[1], "w"));
    exit (0);
  }
  close (there[0]);
  close (back[1]);
  service->out = fdopen (there[1], "w");
  service->in = fdopen (back[0], "r");
  read_line (service, service->url);

  return service;
}

void
soak_service_free (SoakService *service)
{
  fclose (service->out);
  fclose (service->in);
  waitpid (service->child, NULL, 0);
  g_free (service);
}

const char *
soak_service_get_url (SoakService *service)
{
  return service->url;
}

guint
soak_service_get_n_kinds (void)
{
  return G_N_ELEMENTS (kinds);
}

const char *
soak_service_get_kind (guint kind)
{
  return kinds[kind].name;
}

void
soak_service_serve (SoakService *service, guint kind)
{
  char line[LINE];

  g_snprintf (line, sizeof line, "%u", kind);
  ask (service, line);
}

void
soak_service_refuse (SoakService *service)
{
  ask (service, "refuse");
}

void
soak_service_hold (SoakService *service)
{
  ask (service, "hold");
}

void
soak_service_release (SoakService *service)
{
  ask (service, "go");
}

guint
soak_service_count (SoakService *service)
{
  return ask (service, "count");
}
