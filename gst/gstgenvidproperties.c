/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The element's public face: names, types, defaults and the sentences that
 * gst-inspect prints. Values are kept as they were given; what they mean for
 * a service is decided at start. */

#include "gstgenvidenums.h"
#include "gstgenvidproperties.h"
#include "clip-status.h"
#include "record.h"
#include "settings.h"

#define INPUT                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define FALLBACK (INPUT | GST_PARAM_DOC_SHOW_DEFAULT)
#define SECRET                                                                 \
  (G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define REPORT (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

#define DEFAULT_MAX_SIZE (G_GUINT64_CONSTANT (2) * 1024 * 1024 * 1024)

typedef struct {
  guint id;
  GParamFlags flags;
  const char *name;
  const char *nick;
  const char *blurb;
} Text;

static const Text texts[] = {
  { PROP_PROVIDER, FALLBACK, "provider", "Provider",
    "Name of the service, such as genpro, aimlapi or cn8. Unset: "
    "$GENVID_PROVIDER, else the one service whose key is in the environment." },
  { PROP_API_KEY, SECRET, "api-key", "API key",
    "Key of the service; can be set but never read. Unset: api-key-file, else "
    "the service's own variable, such as $GEN_API_KEY, $AIML_API_KEY or "
    "$CN8_API_KEY. Prefer those: a key on a command line can be seen." },
  { PROP_API_KEY_FILE, INPUT, "api-key-file", "API key file",
    "Regular file whose first line is the key." },
  { PROP_BASE_URL, FALLBACK, "base-url", "Base URL",
    "Root of the service, without a version. Unset: $GENVID_BASE_URL where "
    "$GENVID_PROVIDER names this service, else the service's own variable, "
    "such as $GEN_BASE_URL, $AIML_BASE_URL or $CN8_BASE_URL, else its public "
    "host; cn8 has none." },
  { PROP_CA_FILE, INPUT, "ca-file", "CA file",
    "PEM file of certificates to trust for the base-url, besides the "
    "system's." },
  { PROP_PROMPT, INPUT, "prompt", "Prompt", "What the video shows." },
  { PROP_NEGATIVE_PROMPT, INPUT, "negative-prompt", "Negative prompt",
    "What the video must not show, for services that take it." },
  { PROP_MODEL, INPUT, "model", "Model",
    "Model, in the service's words. Unset: the service's default." },
  { PROP_STYLE, INPUT, "style", "Style",
    "Style, in the service's words, for services that take it." },
  { PROP_ASPECT_RATIO, INPUT, "aspect-ratio", "Aspect ratio",
    "Width to height of the picture, such as 16:9. Unset: the service's "
    "default." },
  { PROP_RESOLUTION, INPUT, "resolution", "Resolution",
    "Lines of the picture, such as 720p or 1080p. Unset: the service's "
    "default." },
  { PROP_IMAGE, INPUT, "image", "Image",
    "First frame: a path, a https URI, or id:VALUE for an image that the "
    "service knows." },
  { PROP_END_IMAGE, INPUT, "end-image", "End image",
    "Last frame, written as image is." },
  { PROP_ADOPT, INPUT, "adopt", "Adopt",
    "Id of an existing generation to wait for and play; nothing is "
    "submitted." },
  { PROP_STORE, FALLBACK, "store", "Store",
    "Folder that remembers what was paid for, prompts included. Unset: "
    "$GENVID_STORE, else genvid in the user's data folder. A leading ~ is "
    "the user's home." },
};

static void
install_texts (GObjectClass *klass)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    const Text *text = &texts[i];

    g_object_class_install_property (
        klass, text->id,
        g_param_spec_string (text->name, text->nick, text->blurb, NULL,
                             text->flags));
  }
}

static void
install_request (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_DURATION,
      g_param_spec_uint ("duration", "Duration",
                         "Length of the video in whole seconds; 0 is the "
                         "service's default.",
                         0, G_MAXUINT, 0, INPUT));
  g_object_class_install_property (
      klass, PROP_SEED,
      g_param_spec_int64 ("seed", "Seed",
                          "Seed of the generation, for services that take "
                          "it; -1 is none.",
                          -1, G_MAXINT64, -1, INPUT));
  /* Without an element type, so that GObject does not turn what is no string
   * into nothing before we can name it. */
  g_object_class_install_property (
      klass, PROP_REFERENCES,
      gst_param_spec_array ("references", "References",
                            "Assets to make the video from: strings, each "
                            "written as image is, such as "
                            "<\"id:501\",\"id:502\">.",
                            NULL, INPUT));
  g_object_class_install_property (
      klass, PROP_VARIABLES,
      g_param_spec_boxed ("variables", "Variables",
                          "Values for the {{NAME}}s in the prompt: a "
                          "structure of any name, such as "
                          "\"v,place=(string)beach\".",
                          GST_TYPE_STRUCTURE, INPUT));
  g_object_class_install_property (
      klass, PROP_OPTIONS,
      g_param_spec_boxed ("options", "Options",
                          "Parameters of the service and further members of "
                          "its request: a structure of any name, such as "
                          "\"genpro,sheet-id=(string)101\". Digits may be "
                          "given as a string, which keeps all of them.",
                          GST_TYPE_STRUCTURE, INPUT));
  g_object_class_install_property (
      klass, PROP_TAKE,
      g_param_spec_uint ("take", "Take",
                         "Number of the purchase: the same words with "
                         "another number are bought again.",
                         1, G_MAXUINT, 1, INPUT));
}

static void
install_money (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_REUSE,
      g_param_spec_enum ("reuse", "Reuse",
                         "Whether anything may be bought. $GENVID_REUSE=only "
                         "is a ceiling that this cannot loosen.",
                         GST_TYPE_GENVID_REUSE, GENVID_REUSE_AUTO, FALLBACK));
  g_object_class_install_property (
      klass, PROP_ON_STOP,
      g_param_spec_enum ("on-stop", "On stop",
                         "What happens to a running job when its last user "
                         "stops.",
                         GST_TYPE_GENVID_ON_STOP, GENVID_ON_STOP_KEEP, INPUT));
  g_object_class_install_property (
      klass, PROP_IF_IN_DOUBT,
      g_param_spec_enum ("if-in-doubt", "If in doubt",
                         "What to do at start when it cannot be known "
                         "whether an earlier request was bought.",
                         GST_TYPE_GENVID_IF_IN_DOUBT, GENVID_IF_IN_DOUBT_FAIL,
                         INPUT));
  g_object_class_install_property (
      klass, PROP_MAX_COST,
      g_param_spec_double ("max-cost", "Maximum cost",
                           "Refuse a clip that costs more, in USD; -1 is no "
                           "limit. $GENVID_MAX_COST is a ceiling that this "
                           "cannot loosen.",
                           -1, G_MAXDOUBLE, -1, FALLBACK));
  g_object_class_install_property (
      klass, PROP_BUDGET,
      g_param_spec_double ("budget", "Budget",
                           "Refuse a clip that would bring the store's last "
                           "24 hours above this, in USD; -1 is no limit. "
                           "$GENVID_BUDGET is a ceiling that this cannot "
                           "loosen.",
                           -1, G_MAXDOUBLE, -1, FALLBACK));
}

static void
install_limits (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_MAX_SIZE,
      g_param_spec_uint64 ("max-size", "Maximum size",
                           "Largest clip that is accepted, in bytes.", 1,
                           G_MAXINT64, DEFAULT_MAX_SIZE, INPUT));
  g_object_class_install_property (
      klass, PROP_TIMEOUT,
      g_param_spec_uint ("timeout", "Timeout",
                         "Seconds for the generation, from submit to ready; "
                         "0 is the service's usual limit. A job beyond it "
                         "is kept and the next start goes on waiting.",
                         0, G_MAXUINT, 0, INPUT));
  g_object_class_install_property (
      klass, PROP_POLL_INTERVAL,
      g_param_spec_uint ("poll-interval", "Poll interval",
                         "Seconds between two questions whether it is ready; "
                         "0 adapts to what was learned.",
                         0, G_MAXUINT, 0, INPUT));
  g_object_class_install_property (
      klass, PROP_ALLOW_PRIVATE,
      g_param_spec_boolean ("allow-private", "Allow private",
                            "Whether the clip may be fetched from private "
                            "addresses; the base-url's own host always may.",
                            FALSE, INPUT));
}

static void
install_reports (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_REPORTS + GST_GENVID_REPORT_STATE,
      g_param_spec_enum ("generation-state", "Generation state",
                         "Where the generation is.", GST_TYPE_GENVID_STATE,
                         GENVID_STATE_IDLE, REPORT));
  g_object_class_install_property (
      klass, PROP_REPORTS + GST_GENVID_REPORT_ID,
      g_param_spec_string ("generation-id", "Generation id",
                           "The service's id of the generation, once it is "
                           "known.",
                           NULL, REPORT));
  g_object_class_install_property (
      klass, PROP_REPORTS + GST_GENVID_REPORT_PROGRESS,
      g_param_spec_int ("progress", "Progress",
                        "Progress of the generation in per cent; -1 is "
                        "unknown.",
                        -1, 100, -1, REPORT));
  g_object_class_install_property (
      klass, PROP_REPORTS + GST_GENVID_REPORT_COST,
      g_param_spec_double ("cost", "Cost",
                           "What the service says it cost, in the currency "
                           "that the message genvid-generation names; -1 is "
                           "unknown.",
                           -1, G_MAXDOUBLE, -1, REPORT));
  g_object_class_install_property (
      klass, PROP_REPORTS + GST_GENVID_REPORT_LOCATION,
      g_param_spec_string ("location", "Location",
                           "Path of the finished clip in the store.", NULL,
                           REPORT));
  g_object_class_install_property (
      klass, PROP_REPORTS + GST_GENVID_REPORT_STATS,
      g_param_spec_boxed ("stats", "Statistics",
                          "A structure genvid-stats of counts, times in "
                          "seconds and sizes in bytes.",
                          GST_TYPE_STRUCTURE, REPORT));
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
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
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstGenvidSrc *self = GST_GENVID_SRC (object);

  if (id == PROP_0 || id > PROP_REPORTS + GST_GENVID_REPORT_STATS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  } else if (id >= PROP_REPORTS) {
    g_autoptr (GenvidClipStatus) snapshot = gst_genvid_src_snapshot (self);

    gst_genvid_progress_get (snapshot, id - PROP_REPORTS, value);
  } else {
    GST_OBJECT_LOCK (self);
    gst_genvid_settings_get_value (&self->settings, id, value);
    GST_OBJECT_UNLOCK (self);
  }
}

void
gst_genvid_src_install_properties (GObjectClass *klass)
{
  klass->set_property = set_property;
  klass->get_property = get_property;
  install_texts (klass);
  install_request (klass);
  install_money (klass);
  install_limits (klass);
  install_reports (klass);
}
