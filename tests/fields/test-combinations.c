/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What does not go together, or is not to be had: refused before any network,
 * each with a sentence of its own that says what to do. */

#include "fields-kit.h"
#include "failure.h"

#include <gio/gio.h>

#include <string.h>

typedef struct {
  const char *provider;
  const char *members;
  const char *sentence;
  gboolean same; /* as the one before, said in another way */
} Case;

static const Case cases[] = {
  { "genpro", "sheet-id=1&cell-id=2&agent-id=3",
    "gen.pro's video_from_text needs a prompt; set prompt to "
    "what the clip should show" },
  { "genpro", "prompt=p&cell-id=2&agent-id=3",
    "gen.pro's video_from_text needs the option sheet-id or the "
    "variable GEN_SHEET_ID: the sheet that the generation belongs to" },
  { "genpro", "prompt=p&sheet-id=1&agent-id=3",
    "gen.pro's video_from_text needs the option cell-id or the "
    "variable GEN_CELL_ID: the sheet's cell that holds the clip" },
  { "genpro", "prompt=p&sheet-id=1&cell-id=2",
    "gen.pro's video_from_text needs the option agent-id or the "
    "variable GEN_AGENT_ID: the agent that owns the sheet" },
  { "genpro", "prompt=p&sheet-id=0&cell-id=2&agent-id=3",
    "option sheet-id must be a whole number of at least 1, not 0" },
  { "genpro", "prompt=p&sheet-id=1.5&cell-id=2&agent-id=3",
    "option sheet-id must be a whole number of at least 1, not 1.5" },
  { "genpro", "prompt=p&image=id:1&references=id:2",
    "gen.pro: image starts the clip from a picture, references builds it from "
    "ingredients; these are two different calls, so set only one of them" },
  { "genpro", "prompt=p&image=id:1&content_resource_vars=a",
    "gen.pro: image starts the clip from a picture, references builds it from "
    "ingredients; these are two different calls, so set only one of them",
    .same = TRUE },
  { "genpro", "prompt=p&image_var=a&references=id:2",
    "gen.pro: image starts the clip from a picture, references builds it from "
    "ingredients; these are two different calls, so set only one of them",
    .same = TRUE },
  { "genpro", "prompt=p&end-image=id:1&references=id:2",
    "gen.pro: end-image belongs to a clip that starts from a picture, "
    "references builds it from ingredients; these are two different calls, so "
    "set only one of them" },
  { "genpro", "prompt=p&image_tail_var=a&references=id:2",
    "gen.pro: end-image belongs to a clip that starts from a picture, "
    "references builds it from ingredients; these are two different calls, so "
    "set only one of them",
    .same = TRUE },
  { "genpro", "prompt=p&end-image=id:1",
    "gen.pro: end-image needs image: the clip goes from one to the other" },
  { "genpro", "prompt=p&image_tail_var=a",
    "gen.pro: end-image needs image: the clip goes from one to the other",
    .same = TRUE },
  { "genpro", "references=id:1",
    "gen.pro's video_from_ingredients needs a prompt; set prompt "
    "to what the clip should show" },
  { "genpro", "prompt=p&references=id:1&negative-prompt=n",
    "gen.pro's video_from_ingredients does not support negative-prompt "
    "(only video_from_image or video_from_text); leave "
    "negative-prompt unset" },
  { "genpro", "prompt=p&references=id:1&negative_prompt_var=n",
    "gen.pro's video_from_ingredients does not use the option "
    "negative_prompt_var" },
  { "genpro", "prompt=p&references=id:one",
    "references: an id of gen.pro must be a whole number, not \"one\"" },
  { "genpro", "prompt=p&seed=1",
    "gen.pro does not support seed; leave seed unset" },
  { "genpro", "prompt=p&style=anime",
    "gen.pro does not support style; leave style unset" },
  { "genpro", "prompt=p&resolution=720p",
    "gen.pro does not support resolution; leave resolution unset" },
  { "genpro", "prompt=p&aspect-ratio=4:3",
    "gen.pro's video_from_text supports aspect-ratio 16:9, 9:16 or "
    "1:1, not 4:3" },
  { "genpro", "prompt=p&options.aspect_ratio=1:1",
    "option aspect_ratio: gen.pro has it as the property "
    "aspect-ratio; set that instead" },
  { "aimlapi", "duration=5",
    "AI/ML API's pixverse-v5 needs a prompt; set prompt to what "
    "the clip should show" },
  { "aimlapi", "prompt=p&duration=8&resolution=1080p",
    "AI/ML API: 1080p is not available for 8 seconds; set duration=5 "
    "or a lower resolution" },
  { "aimlapi", "prompt=p&duration=6",
    "AI/ML API's pixverse-v5 supports duration 5 or 8, not 6" },
  { "aimlapi", "prompt=p&resolution=480p",
    "AI/ML API's pixverse-v5 supports resolution 360p, 540p, 720p or "
    "1080p, not 480p" },
  { "aimlapi", "prompt=p&aspect-ratio=21:9",
    "AI/ML API's pixverse-v5 supports aspect-ratio 16:9, 4:3, 1:1, "
    "3:4 or 9:16, not 21:9" },
  { "aimlapi", "prompt=p&style=noir",
    "AI/ML API's pixverse-v5 supports style anime, 3d_animation, "
    "clay, comic or cyberpunk, not noir" },
  { "aimlapi", "prompt=p&image=id:1",
    "AI/ML API does not support image; leave image unset" },
  { "aimlapi", "prompt=p&references=id:1",
    "AI/ML API does not support references; leave references unset" },
  { "aimlapi", "prompt=p&variables.a=b",
    "AI/ML API does not support variables; leave variables unset" },
  { "aimlapi", "prompt=p&lip_sync_tts_content=[1]",
    "option lip_sync_tts_content must be a string, not [1]" },
  { "cn8", "duration=4",
    "CN8 Gateway needs a prompt; set prompt to what the clip "
    "should show" },
  { "cn8", "prompt=p&duration=5",
    "CN8 Gateway supports duration 4 or 8, not 5" },
  { "cn8", "prompt=p&resolution=720p",
    "CN8 Gateway supports resolution 512p or 1080p, not 720p" },
  { "cn8", "prompt=p&aspect-ratio=1:1",
    "CN8 Gateway supports aspect-ratio 16:9 or 9:16, not 1:1" },
  { "cn8", "prompt=p&negative-prompt=n",
    "CN8 Gateway does not support negative-prompt; leave negative-prompt "
    "unset" },
  { "cn8", "prompt=p&seed=1",
    "CN8 Gateway does not support seed; leave seed unset" },
  { "cn8", "prompt=p&style=anime",
    "CN8 Gateway does not support style; leave style unset" },
  { "cn8", "prompt=p&image=id:1",
    "CN8 Gateway does not support image; leave image unset" },
  { "cn8", "prompt=p&end-image=id:1",
    "CN8 Gateway does not support end-image; leave end-image unset" },
};

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  g_autoptr (Kit) kit = kit_new (one->provider, NULL);
  g_autoptr (Outcome) outcome = kit_go (kit, one->members);

  g_assert_cmpstr (outcome->refusal, ==, one->sentence);
  g_assert_cmpint (outcome->reason, ==, GENVID_REASON_SETTINGS);
  g_assert_cmpuint (genvid_sandbox_count_requests (kit->sandbox,
                                                   GENVID_SANDBOX_ANY_SERVICE,
                                                   GENVID_SANDBOX_ANY_SCOPE),
                    ==, 0);
  g_assert_false (g_file_test (kit->store, G_FILE_TEST_EXISTS));
}

static void
test_sentences (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < i; j++)
      if (!cases[i].same && !cases[j].same)
        g_assert_cmpstr (cases[i].sentence, !=, cases[j].sentence);
}

int
main (int argc, char *argv[])
{
  kit_init (&argc, &argv);
  g_test_add_func ("/combinations/sentences", test_sentences);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path
        = g_strdup_printf ("/combinations/%u-%s", i, cases[i].provider);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  return g_test_run ();
}
