/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request as a value, the little that holds for every service, and the
 * JSON in which a request is kept beside what it bought. That JSON is neither
 * a service's body nor the form that is hashed: it may change without anything
 * being bought again. No file is read here. */
#include "request.h"

#include "failure.h"
#include "json.h"
#include "text.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* Of a text without a word, in characters. */
#define MAX_SHOWN 20

static GenvidInput *
new_input (GenvidInputKind kind, char *value)
{
  GenvidInput *input = g_new0 (GenvidInput, 1);

  input->kind = kind;
  input->value = value;
  return input;
}

static gboolean
has_scheme (const char *text, const char *scheme)
{
  return g_ascii_strncasecmp (text, scheme, strlen (scheme)) == 0;
}

static GenvidInput *
parse_link (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, NULL);

  if (uri && g_uri_get_host (uri) && *g_uri_get_host (uri)
      && !g_uri_get_userinfo (uri))
    return new_input (GENVID_INPUT_LINK, g_strdup (text));
  genvid_error_refuse (error,
                       "An input's https link needs a host and no user name: "
                       "write https://HOST/PATH");
  return NULL;
}

static GenvidInput *
parse_file_uri (const char *text, GError **error)
{
  g_autofree char *host = NULL;
  g_autofree char *path = g_filename_from_uri (text, &host, NULL);

  if (path && (!host || g_str_equal (host, "localhost")))
    return new_input (GENVID_INPUT_FILE, g_steal_pointer (&path));
  genvid_error_refuse (error, "\"%.60s\" is not the URI of a local file", text);
  return NULL;
}

GenvidInput *
genvid_input_parse (const char *text, GError **error)
{
  if (!text || !*text || g_str_equal (text, "id:")) {
    genvid_error_refuse (
        error, "An input is empty: write id:VALUE, an https link or the "
               "path of a file");
    return NULL;
  }
  if (!g_utf8_validate (text, -1, NULL)) {
    genvid_error_refuse (error, "An input is not valid UTF-8");
    return NULL;
  }
  if (g_str_has_prefix (text, "id:"))
    return new_input (GENVID_INPUT_ID, g_strdup (text + strlen ("id:")));
  if (has_scheme (text, "https://"))
    return parse_link (text, error);
  if (has_scheme (text, "file:"))
    return parse_file_uri (text, error);
  if (!has_scheme (text, "data:") && !strstr (text, "://"))
    return new_input (GENVID_INPUT_FILE, g_strdup (text));
  genvid_error_refuse (
      error,
      "An input must be id:VALUE, an https link or the path of a file, "
      "not \"%.60s\"",
      text);
  return NULL;
}

GenvidInput *
genvid_input_copy (const GenvidInput *input)
{
  GenvidInput *copy;

  if (!input)
    return NULL;
  copy = new_input (input->kind, g_strdup (input->value));
  copy->sha256 = g_strdup (input->sha256);
  copy->size = input->size;
  copy->type = input->type;
  return copy;
}

void
genvid_input_free (GenvidInput *input)
{
  if (!input)
    return;
  g_free (input->value);
  g_free (input->sha256);
  g_free (input);
}

/* The fields that are texts, and those that are one input. */

typedef struct {
  const char *name;
  gsize offset;
} Place;

#define AT(name, member)                                                       \
  {                                                                            \
    name, G_STRUCT_OFFSET (GenvidRequest, member)                              \
  }

static const Place text_places[] = {
  AT ("prompt", prompt),
  AT ("negative-prompt", negative_prompt),
  AT ("model", model),
  AT ("style", style),
  AT ("aspect-ratio", aspect_ratio),
  AT ("resolution", resolution),
};

static const Place input_places[] = {
  AT ("image", image),
  AT ("end-image", end_image),
  AT ("video", video),
  AT ("audio-input", audio_input),
};

static char **
get_text (const GenvidRequest *request, guint index)
{
  return G_STRUCT_MEMBER_P (request, text_places[index].offset);
}

static GenvidInput **
get_input (const GenvidRequest *request, guint index)
{
  return G_STRUCT_MEMBER_P (request, input_places[index].offset);
}

char **
genvid_request_find_text (GenvidRequest *request, const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (text_places); i++)
    if (g_str_equal (text_places[i].name, word))
      return get_text (request, i);
  return NULL;
}

GenvidInput **
genvid_request_find_input (GenvidRequest *request, const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (input_places); i++)
    if (g_str_equal (input_places[i].name, word))
      return get_input (request, i);
  return NULL;
}

/* Audio and duration. */

/* NULL for auto. */
static const char *
audio_to_string (GenvidAudio audio)
{
  static const char *const names[]
      = { [GENVID_AUDIO_ON] = "on", [GENVID_AUDIO_OFF] = "off" };

  return names[audio];
}

gboolean
genvid_audio_parse (const char *text, GenvidAudio *audio)
{
  static const struct {
    const char *text;
    GenvidAudio audio;
  } names[] = {
    { "auto", GENVID_AUDIO_AUTO }, { "on", GENVID_AUDIO_ON },
    { "off", GENVID_AUDIO_OFF },   { "true", GENVID_AUDIO_ON },
    { "false", GENVID_AUDIO_OFF }, { "1", GENVID_AUDIO_ON },
    { "0", GENVID_AUDIO_OFF },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (g_ascii_strcasecmp (names[i].text, text) != 0)
      continue;
    *audio = names[i].audio;
    return TRUE;
  }
  return FALSE;
}

/* To milliseconds, so that 4.1 is one number however it was computed. */
static gboolean
round_duration (double given, double *duration)
{
  if (!(given >= 0.001 && given <= G_MAXUINT))
    return FALSE;
  *duration = (double)(gint64)(given * 1000 + 0.5) / 1000;
  return TRUE;
}

/* Whole seconds stay integers, since they are part of what is hashed. */
static JsonNode *
write_duration (double duration)
{
  JsonNode *node = json_node_alloc ();

  if (!round_duration (duration, &duration))
    return json_node_init_string (node, "auto");
  if (duration == (double)(gint64)duration)
    return json_node_init_int (node, (gint64)duration);
  return json_node_init_double (node, duration);
}

gboolean
genvid_duration_parse (const char *text, double *duration)
{
  char *end = NULL;
  double number;

  if (g_str_equal (text, "auto")) {
    *duration = GENVID_DURATION_AUTO;
    return TRUE;
  }
  number = g_ascii_strtod (text, &end);
  return *text && !*end && !text[strspn (text, "0123456789.")]
         && round_duration (number, duration);
}

GenvidRequest *
genvid_request_new (void)
{
  GenvidRequest *request = g_new0 (GenvidRequest, 1);

  request->seed = -1;
  request->take = 1;
  request->references
      = g_ptr_array_new_with_free_func ((GDestroyNotify)genvid_input_free);
  return request;
}

static JsonObject *
copy_object (JsonObject *object)
{
  return object ? genvid_json_copy_whole_object (object) : NULL;
}

GenvidRequest *
genvid_request_copy (const GenvidRequest *request)
{
  GenvidRequest *copy = genvid_request_new ();

  for (guint i = 0; i < G_N_ELEMENTS (text_places); i++)
    *get_text (copy, i) = g_strdup (*get_text (request, i));
  for (guint i = 0; i < G_N_ELEMENTS (input_places); i++)
    *get_input (copy, i) = genvid_input_copy (*get_input (request, i));
  copy->duration = request->duration;
  copy->seed = request->seed;
  copy->audio = request->audio;
  copy->fps = request->fps;
  for (guint i = 0; i < request->references->len; i++)
    g_ptr_array_add (copy->references, genvid_input_copy (g_ptr_array_index (
                                           request->references, i)));
  copy->variables = copy_object (request->variables);
  copy->options = copy_object (request->options);
  copy->take = request->take;
  return copy;
}

void
genvid_request_free (GenvidRequest *request)
{
  if (!request)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (text_places); i++)
    g_free (*get_text (request, i));
  for (guint i = 0; i < G_N_ELEMENTS (input_places); i++)
    genvid_input_free (*get_input (request, i));
  g_ptr_array_unref (request->references);
  g_clear_pointer (&request->variables, json_object_unref);
  g_clear_pointer (&request->options, json_object_unref);
  g_free (request);
}

static void
set_value (JsonObject *values, const char *name, const char *text)
{
  if (text && *text)
    json_object_set_string_member (values, name, text);
}

static void
set_references (JsonObject *values, const GPtrArray *references)
{
  JsonArray *array;

  if (references->len == 0)
    return;
  array = json_array_new ();
  for (guint i = 0; i < references->len; i++) {
    const GenvidInput *input = g_ptr_array_index (references, i);

    json_array_add_string_element (array, input->value);
  }
  json_object_set_array_member (values, "references", array);
}

static void
set_numbers (JsonObject *object, const GenvidRequest *request)
{
  if (request->duration != 0)
    json_object_set_member (object, "duration",
                            write_duration (request->duration));
  if (request->seed >= 0)
    json_object_set_int_member (object, "seed", request->seed);
  genvid_json_set (object, "audio", audio_to_string (request->audio));
  if (request->fps > 0)
    json_object_set_int_member (object, "fps", request->fps);
}

JsonObject *
genvid_request_to_values (const GenvidRequest *request)
{
  JsonObject *values = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (text_places); i++)
    set_value (values, text_places[i].name, *get_text (request, i));
  set_numbers (values, request);
  for (guint i = 0; i < G_N_ELEMENTS (input_places); i++) {
    const GenvidInput *input = *get_input (request, i);

    set_value (values, input_places[i].name, input ? input->value : NULL);
  }
  set_references (values, request->references);
  if (request->variables && json_object_get_size (request->variables) > 0)
    json_object_set_object_member (values, "variables",
                                   json_object_ref (request->variables));
  return values;
}

GPtrArray *
genvid_request_get_inputs (const GenvidRequest *request, const char *word)
{
  GPtrArray *inputs = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (input_places); i++)
    if (g_str_equal (input_places[i].name, word) && *get_input (request, i))
      g_ptr_array_add (inputs, *get_input (request, i));
  for (guint i = 0;
       g_str_equal (word, "references") && i < request->references->len; i++)
    g_ptr_array_add (inputs, g_ptr_array_index (request->references, i));
  return inputs;
}

static gboolean
check_texts (const GenvidRequest *request, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (text_places); i++) {
    const char *text = *get_text (request, i);

    if (text && !g_utf8_validate (text, -1, NULL))
      return genvid_error_refuse (error, "%s is not valid UTF-8",
                                  text_places[i].name);
  }
  return TRUE;
}

static gboolean
is_ratio (const char *text)
{
  gsize width = strspn (text, "0123456789");
  gsize height;

  if (width < 1 || width > 5 || text[width] != ':' || *text == '0')
    return FALSE;
  height = strspn (text + width + 1, "0123456789");
  return height >= 1 && height <= 5 && text[width + 1] != '0'
         && !text[width + 1 + height];
}

gboolean
genvid_aspect_ratio_is_open (const char *text)
{
  return g_ascii_strcasecmp (text, "auto") == 0
         || g_ascii_strcasecmp (text, "adaptive") == 0;
}

static gboolean
is_resolution (const char *text)
{
  gsize digits = strspn (text, "0123456789");

  return digits >= 1 && digits <= 5 && *text != '0' && text[digits]
         && strchr ("pPkK", text[digits]) && !text[digits + 1];
}

static gboolean
check_variables (JsonObject *variables, GError **error)
{
  g_autoptr (GList) names
      = variables ? json_object_get_members (variables) : NULL;

  for (GList *l = names; l; l = l->next)
    if (!JSON_NODE_HOLDS_VALUE (json_object_get_member (variables, l->data)))
      return genvid_error_refuse (
          error, "variables: %s must be a string, a number or a boolean",
          (char *)l->data);
  return TRUE;
}

static gboolean
check_length (const char *name, const char *text, GError **error)
{
  if (text == NULL || strlen (text) <= GENVID_NAME_MAX)
    return TRUE;
  return genvid_error_refuse (
      error,
      "%s is longer than %d bytes, so it cannot be a name that a service "
      "knows: write it as the service does",
      name, GENVID_NAME_MAX);
}

static gboolean
check_input (const char *name, const GenvidInput *input, GError **error)
{
  return input == NULL || input->kind != GENVID_INPUT_ID
         || check_length (name, input->value, error);
}

gboolean
genvid_request_check_lengths (const GenvidRequest *request, GError **error)
{
  if (!check_length ("model", request->model, error)
      || !check_length ("style", request->style, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (input_places); i++)
    if (!check_input (input_places[i].name, *get_input (request, i), error))
      return FALSE;
  for (guint i = 0; i < request->references->len; i++)
    if (!check_input ("references", g_ptr_array_index (request->references, i),
                      error))
      return FALSE;
  return TRUE;
}

gboolean
genvid_request_check_size (const char *name, const char *text, GError **error)
{
  if (g_str_equal (name, "aspect-ratio") && !is_ratio (text)
      && !genvid_aspect_ratio_is_open (text))
    return genvid_error_refuse (
        error, "aspect-ratio must look like 16:9, not \"%s\"", text);
  if (g_str_equal (name, "resolution") && !is_resolution (text))
    return genvid_error_refuse (
        error, "resolution must look like 720p, not \"%s\"", text);
  return TRUE;
}

gboolean
genvid_request_check (const GenvidRequest *request, GError **error)
{
  const char *ratio = request->aspect_ratio;
  const char *resolution = request->resolution;

  if (!check_texts (request, error)
      || !check_variables (request->variables, error))
    return FALSE;
  if (ratio && *ratio
      && !genvid_request_check_size ("aspect-ratio", ratio, error))
    return FALSE;
  if (resolution && *resolution
      && !genvid_request_check_size ("resolution", resolution, error))
    return FALSE;
  if (request->seed < -1)
    return genvid_error_refuse (error,
                                "seed must be 0 or more, or -1 for none");
  if (request->take < 1)
    return genvid_error_refuse (error, "take must be 1 or more");
  if (request->duration != 0 && request->duration != GENVID_DURATION_AUTO
      && !round_duration (request->duration, &(double){ 0 }))
    return genvid_error_refuse (
        error, "duration must be a number of seconds above 0, or auto");
  return TRUE;
}

/* Is there anything to make? A shell that expands to nothing leaves a "!" or a
 * blank where a text should be, and services make a clip of that for the same
 * price. */

/* Letters and symbols by their category that show nothing. */
static gboolean
is_blank (gunichar c)
{
  return c == 0x115f || c == 0x1160 || c == 0x2800 || c == 0x3164 || c == 0xffa0
         || c == 0xfffc || c == 0xfffd;
}

/* Emoji are symbols; those that are newer than GLib are not assigned yet, and
 * the last two make one of what stands before them. */
static gboolean
is_word (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  if (is_blank (c))
    return FALSE;
  return g_unichar_isalnum (c) || type == G_UNICODE_OTHER_SYMBOL
         || type == G_UNICODE_UNASSIGNED || type == G_UNICODE_PRIVATE_USE
         || c == 0xfe0f || c == 0x20e3;
}

static gboolean
has_word (const char *text)
{
  for (const char *p = text; *p; p = g_utf8_next_char (p))
    if (is_word (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

static gboolean
refuse_wordless (const char *name, const char *text, GError **error)
{
  g_autofree char *clean = genvid_text_clean (text, -1, NULL);
  g_autofree char *shown = g_utf8_substring (
      clean ? clean : "", 0,
      MIN (g_utf8_strlen (clean ? clean : "", -1), MAX_SHOWN));

  return genvid_error_refuse (
      error,
      "%s is \"%s\", which has no letter, digit or emoji. Nothing was bought. "
      "Set it to words, or leave it unset; after an empty value, "
      "gst-launch-1.0 takes the next argument instead, even a !.",
      name, shown);
}

gboolean
genvid_request_check_words (const GenvidRequest *request, GError **error)
{
  const struct {
    const char *name;
    const char *text;
  } texts[] = {
    { "prompt", request->prompt },
    { "negative-prompt", request->negative_prompt },
    { "model", request->model },
    { "style", request->style },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i].text && *texts[i].text && !has_word (texts[i].text))
      return refuse_wordless (texts[i].name, texts[i].text, error);
  return TRUE;
}

/* As JSON. */

static const char *const kinds[] = { [GENVID_INPUT_ID] = "id",
                                     [GENVID_INPUT_FILE] = "file",
                                     [GENVID_INPUT_LINK] = "link" };

static void
set_text (JsonObject *object, const char *name, const char *value)
{
  g_autofree char *valid = NULL;

  if (!value)
    return;
  valid = g_utf8_make_valid (value, -1);
  json_object_set_string_member (object, name, valid);
}

static JsonObject *
write_input (const GenvidInput *input)
{
  JsonObject *object = json_object_new ();

  set_text (object, kinds[input->kind], input->value);
  set_text (object, "sha256", input->sha256);
  return object;
}

static void
write_inputs (JsonObject *object, const GenvidRequest *request)
{
  JsonArray *references;

  for (guint i = 0; i < G_N_ELEMENTS (input_places); i++)
    if (*get_input (request, i))
      json_object_set_object_member (object, input_places[i].name,
                                     write_input (*get_input (request, i)));
  if (request->references->len == 0)
    return;
  references = json_array_new ();
  for (guint i = 0; i < request->references->len; i++)
    json_array_add_object_element (
        references, write_input (g_ptr_array_index (request->references, i)));
  json_object_set_array_member (object, "references", references);
}

JsonObject *
genvid_request_to_json (const GenvidRequest *request)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (text_places); i++)
    set_text (object, text_places[i].name, *get_text (request, i));
  set_numbers (object, request);
  write_inputs (object, request);
  if (request->variables)
    json_object_set_object_member (
        object, "variables", genvid_json_copy_object (request->variables));
  if (request->options)
    json_object_set_object_member (object, "options",
                                   genvid_json_copy_object (request->options));
  json_object_set_int_member (object, "take", request->take);
  return object;
}

static gboolean
refuse_kept (GError **error, const char *name)
{
  g_set_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
               "The stored request is damaged: its %s is not valid.", name);
  return FALSE;
}

static gboolean
read_text (JsonObject *object, const char *name, char **text, GError **error)
{
  *text = g_strdup (genvid_json_string (object, name, NULL));
  return *text || !json_object_has_member (object, name)
         || refuse_kept (error, name);
}

static gboolean
read_number (JsonObject *object, const char *name, gint64 minimum,
             gint64 maximum, gint64 *number, GError **error)
{
  if (!json_object_has_member (object, name))
    return TRUE;
  *number = genvid_json_int (object, name, G_MININT64);
  return (*number >= minimum && *number <= maximum)
         || refuse_kept (error, name);
}

static GenvidInput *
read_input (JsonObject *object, const char *name, GError **error)
{
  g_autoptr (GenvidInput) input = g_new0 (GenvidInput, 1);

  for (guint i = 0; i < G_N_ELEMENTS (kinds) && !input->value; i++) {
    input->kind = i;
    input->value = g_strdup (genvid_json_string (object, kinds[i], NULL));
  }
  if (input->value && *input->value
      && read_text (object, "sha256", &input->sha256, NULL))
    return g_steal_pointer (&input);
  refuse_kept (error, name);
  return NULL;
}

static gboolean
read_picture (JsonObject *object, const char *name, GenvidInput **input,
              GError **error)
{
  if (!json_object_has_member (object, name))
    return TRUE;
  *input = read_input (genvid_json_object (object, name), name, error);
  return *input != NULL;
}

static gboolean
read_references (JsonObject *object, GPtrArray *references, GError **error)
{
  JsonArray *array = genvid_json_array (object, "references");

  if (!array)
    return !json_object_has_member (object, "references")
           || refuse_kept (error, "references");
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    GenvidInput *input = NULL;

    if (!JSON_NODE_HOLDS_OBJECT (node))
      return refuse_kept (error, "references");
    input = read_input (json_node_get_object (node), "references", error);
    if (!input)
      return FALSE;
    g_ptr_array_add (references, input);
  }
  return TRUE;
}

static gboolean
read_object (JsonObject *object, const char *name, JsonObject **member,
             GError **error)
{
  JsonObject *found = genvid_json_object (object, name);

  if (!found)
    return !json_object_has_member (object, name) || refuse_kept (error, name);
  *member = genvid_json_copy_object (found);
  return TRUE;
}

/* Whole seconds, a number with a fraction, or "auto". */
static gboolean
read_duration (JsonObject *object, double *duration, GError **error)
{
  double number = genvid_json_double (object, "duration", -1);

  if (!json_object_has_member (object, "duration") || number == 0)
    return TRUE;
  if (g_str_equal (genvid_json_string (object, "duration", ""), "auto")) {
    *duration = GENVID_DURATION_AUTO;
    return TRUE;
  }
  return round_duration (number, duration) || refuse_kept (error, "duration");
}

static gboolean
read_audio (JsonObject *object, GenvidAudio *audio, GError **error)
{
  const char *text = genvid_json_string (object, "audio", "");

  return !json_object_has_member (object, "audio")
         || genvid_audio_parse (text, audio) || refuse_kept (error, "audio");
}

static gboolean
read_numbers (JsonObject *object, GenvidRequest *request, GError **error)
{
  gint64 fps = 0, take = 1;

  if (!read_duration (object, &request->duration, error)
      || !read_audio (object, &request->audio, error)
      || !read_number (object, "fps", 0, G_MAXUINT, &fps, error)
      || !read_number (object, "take", 1, G_MAXUINT, &take, error)
      || !read_number (object, "seed", -1, G_MAXINT64, &request->seed, error))
    return FALSE;
  request->fps = (guint)fps;
  request->take = (guint)take;
  return TRUE;
}

static gboolean
read_places (JsonObject *object, GenvidRequest *request, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (text_places); i++)
    if (!read_text (object, text_places[i].name, get_text (request, i), error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (input_places); i++)
    if (!read_picture (object, input_places[i].name, get_input (request, i),
                       error))
      return FALSE;
  return TRUE;
}

GenvidRequest *
genvid_request_from_json (JsonObject *object, GError **error)
{
  g_autoptr (GenvidRequest) request = genvid_request_new ();

  if (!read_places (object, request, error)
      || !read_numbers (object, request, error)
      || !read_references (object, request->references, error)
      || !read_object (object, "variables", &request->variables, error)
      || !read_object (object, "options", &request->options, error))
    return NULL;
  return g_steal_pointer (&request);
}
