/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The element's properties: names, types, defaults and the sentences that
 * gst-inspect prints. The header has the longer descriptions. */

#include "gstgenvidproperties.h"

#include "gstgenvidenums.h"
#include "gstgenvidsrc.h"
#include "request.h"

#define INPUT                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define FALLBACK (INPUT | GST_PARAM_DOC_SHOW_DEFAULT)
#define SECRET                                                                 \
  (G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

#define DEFAULT_MAX_SIZE (G_GUINT64_CONSTANT (2) * 1024 * 1024 * 1024)

static GParamSpec *properties[N_PROPERTIES];

typedef struct {
  guint id;
  GParamFlags flags;
  const char *name;
  const char *nick;
  const char *blurb;
} Text;

static const Text texts[] = {
  { PROP_PROVIDER, FALLBACK, "provider", "Provider",
    "Service that generates the video, such as genpro, aimlapi or cn8. Unset: "
    "$GENVID_PROVIDER, else the only service whose key is in the "
    "environment." },
  { PROP_API_KEY, SECRET, "api-key", "API key",
    "API key of the service; it can be set but not read. Unset: api-key-file, "
    "else the service's own variable, such as $GEN_API_KEY, $AIML_API_KEY or "
    "$CN8_API_KEY. Prefer those: other users can see a key on a command "
    "line." },
  { PROP_API_KEY_FILE, INPUT, "api-key-file", "API key file",
    "Path of a regular file whose first line is the API key." },
  { PROP_BASE_URL, FALLBACK, "base-url", "Base URL",
    "Root URL of the service, without an API version. Unset: $GENVID_BASE_URL "
    "if $GENVID_PROVIDER names this service, else the service's own variable, "
    "such as $GEN_BASE_URL, $AIML_BASE_URL or $CN8_BASE_URL, else its public "
    "host; cn8 has none." },
  { PROP_CA_FILE, INPUT, "ca-file", "CA file",
    "PEM file of certificates to trust for base-url, in addition to the "
    "system's." },
  { PROP_PROMPT, INPUT, "prompt", "Prompt", "What the video shows." },
  { PROP_NEGATIVE_PROMPT, INPUT, "negative-prompt", "Negative prompt",
    "What the video must not show, if the service supports it." },
  { PROP_MODEL, INPUT, "model", "Model",
    "Model, by the service's name for it. Unset: the service's default." },
  { PROP_STYLE, INPUT, "style", "Style",
    "Style, by the service's name for it, if the service supports it." },
  { PROP_ASPECT_RATIO, INPUT, "aspect-ratio", "Aspect ratio",
    "Aspect ratio of the video, such as 16:9. Unset: the service's default." },
  { PROP_RESOLUTION, INPUT, "resolution", "Resolution",
    "Height of the video in lines, such as 720p or 1080p. Unset: the "
    "service's default." },
  { PROP_IMAGE, INPUT, "image", "Image",
    "First frame: a path, an https URI, or id:VALUE for an image that is "
    "already at the service." },
  { PROP_END_IMAGE, INPUT, "end-image", "End image",
    "Last frame, in the same forms as image." },
  { PROP_VIDEO, INPUT, "video", "Video",
    "Video to extend or to edit, in the same forms as image, if the service "
    "supports it." },
  { PROP_AUDIO_INPUT, INPUT, "audio-input", "Audio input",
    "Sound that the video is made for, in the same forms as image, if the "
    "service supports it." },
  { PROP_ADOPT, INPUT, "adopt", "Adopt",
    "Id of an existing generation to wait for and play; nothing is "
    "submitted, and no prompt is needed." },
  { PROP_SAVE_TO, INPUT, "save-to", "Save to",
    "File to copy the finished clip to, whatever is played of it. It must not "
    "exist, unless it is this clip." },
  { PROP_STORE, FALLBACK, "store", "Store",
    "Folder that keeps the clips and the records of purchases, prompts "
    "included. Unset: $GENVID_STORE, else genvid in the user's data folder. A "
    "leading ~ is the user's home." },
};

static void
create_texts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[texts[i].id] = g_param_spec_string (
        texts[i].name, texts[i].nick, texts[i].blurb, NULL, texts[i].flags);
}

static void
create_request (void)
{
  properties[PROP_DURATION] = g_param_spec_uint (
      "duration", "Duration",
      "Length of the video in whole seconds; 0 is the service's default.", 0,
      G_MAXUINT, 0, INPUT);
  properties[PROP_EXACT_DURATION] = g_param_spec_double (
      "exact-duration", "Exact duration",
      "Length of the video in seconds with a fraction, instead of duration, if "
      "the service supports it; -1 lets the service choose, 0 is unset.",
      -1, G_MAXINT32, 0, INPUT);
  properties[PROP_AUDIO]
      = g_param_spec_enum ("audio", "Audio",
                           "Whether the video has sound, if the service can be "
                           "asked.",
                           GST_TYPE_GENVID_AUDIO, GENVID_AUDIO_AUTO, INPUT);
  properties[PROP_FPS] = g_param_spec_uint (
      "fps", "Frames per second",
      "Frames per second of the video, if the service supports it; 0 is the "
      "service's default.",
      0, G_MAXINT32, 0, INPUT);
  properties[PROP_SEED] = g_param_spec_int64 (
      "seed", "Seed",
      "Seed of the generation, if the service supports it; -1 sends none.", -1,
      G_MAXINT64, -1, INPUT);
  /* Without an element type: GObject would turn a value that is no string into
   * an empty one before an error can name it. */
  properties[PROP_REFERENCES] = gst_param_spec_array (
      "references", "References",
      "Assets to make the video from: an array of strings, each in the same "
      "forms as image, such as <\"id:501\",\"id:502\">.",
      NULL, INPUT);
  properties[PROP_VARIABLES] = g_param_spec_boxed (
      "variables", "Variables",
      "Values of the {{NAME}} placeholders in the prompt: a structure of any "
      "name, such as \"v,place=(string)beach\".",
      GST_TYPE_STRUCTURE, INPUT);
  properties[PROP_OPTIONS] = g_param_spec_boxed (
      "options", "Options",
      "Parameters of the service, and members to add to its request: a "
      "structure of any name, such as \"genpro,sheet-id=(string)101\". Write "
      "long numbers as strings, which keep every digit.",
      GST_TYPE_STRUCTURE, INPUT);
  properties[PROP_TAKE] = g_param_spec_uint (
      "take", "Take",
      "Number of the purchase: the same request with another number is bought "
      "again.",
      1, G_MAXUINT, 1, INPUT);
}

static void
create_money (void)
{
  properties[PROP_REUSE] = g_param_spec_enum (
      "reuse", "Reuse",
      "Whether anything may be bought. $GENVID_REUSE=only overrides this "
      "property.",
      GST_TYPE_GENVID_REUSE, GENVID_REUSE_AUTO, FALLBACK);
  properties[PROP_ON_STOP] = g_param_spec_enum (
      "on-stop", "On stop",
      "What happens to a running generation when its last user stops.",
      GST_TYPE_GENVID_ON_STOP, GENVID_ON_STOP_KEEP, INPUT);
  properties[PROP_IF_IN_DOUBT] = g_param_spec_enum (
      "if-in-doubt", "If in doubt",
      "What to do at the start if nobody knows whether an earlier submit was "
      "billed.",
      GST_TYPE_GENVID_IF_IN_DOUBT, GENVID_IF_IN_DOUBT_FAIL, INPUT);
  properties[PROP_MAX_COST] = g_param_spec_double (
      "max-cost", "Maximum cost",
      "Reject a clip that costs more than this, in USD; -1 is no limit. It "
      "cannot exceed $GENVID_MAX_COST.",
      -1, G_MAXDOUBLE, -1, FALLBACK);
  properties[PROP_BUDGET] = g_param_spec_double (
      "budget", "Budget",
      "Reject a clip that would raise the store's spending of the last 24 "
      "hours above this, in USD; -1 is no limit. It cannot exceed "
      "$GENVID_BUDGET.",
      -1, G_MAXDOUBLE, -1, FALLBACK);
}

static void
create_limits (void)
{
  properties[PROP_MAX_SIZE] = g_param_spec_uint64 (
      "max-size", "Maximum size", "Largest clip to accept, in bytes.", 1,
      G_MAXINT64, DEFAULT_MAX_SIZE, INPUT);
  properties[PROP_TIMEOUT] = g_param_spec_uint (
      "timeout", "Timeout",
      "Seconds that the generation may take, from submit to ready; 0 is the "
      "service's usual limit. After the timeout the job is kept, and the next "
      "start continues to wait for it.",
      0, G_MAXUINT, 0, INPUT);
  properties[PROP_POLL_INTERVAL] = g_param_spec_uint (
      "poll-interval", "Poll interval",
      "Seconds between two status requests; 0 adapts to earlier generations.",
      0, G_MAXUINT, 0, INPUT);
  properties[PROP_ALLOW_PRIVATE] = g_param_spec_boolean (
      "allow-private", "Allow private",
      "Whether the clip may be downloaded from private addresses. The host of "
      "base-url is always allowed.",
      FALSE, INPUT);
}

static void
gst_genvid_src_set_property (GObject *object, guint id, const GValue *value,
                             GParamSpec *pspec)
{
  GstGenvidSrc *self = GST_GENVID_SRC (object);
  gboolean busy;

  if (id == PROP_0 || id >= PROP_REPORTS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  busy = gst_genvid_src_is_busy (self);
  if (!busy)
    gst_genvid_settings_set_value (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);

  if (busy)
    g_warning ("Changing the property %s of genvidsrc while it plays is not "
               "supported; set it to READY first.",
               pspec->name);
}

static void
gst_genvid_src_get_property (GObject *object, guint id, GValue *value,
                             GParamSpec *pspec)
{
  GstGenvidSrc *self = GST_GENVID_SRC (object);

  if (id == PROP_0 || id >= N_PROPERTIES) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  } else if (id >= PROP_REPORTS) {
    g_autoptr (GenvidClipStatus) status = gst_genvid_src_snapshot (self);

    gst_genvid_report_get (status, id - PROP_REPORTS, value);
  } else {
    GST_OBJECT_LOCK (self);
    gst_genvid_settings_get_value (&self->settings, id, value);
    GST_OBJECT_UNLOCK (self);
  }
}

void
gst_genvid_src_install_properties (GObjectClass *klass)
{
  klass->set_property = gst_genvid_src_set_property;
  klass->get_property = gst_genvid_src_get_property;
  create_texts ();
  create_request ();
  create_money ();
  create_limits ();
  gst_genvid_report_create_specs (properties + PROP_REPORTS);
  g_object_class_install_properties (klass, N_PROPERTIES, properties);
}

GParamSpec *
gst_genvid_src_get_param_spec (guint id)
{
  return properties[id];
}
