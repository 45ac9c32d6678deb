/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request's words against what a call has: the wrong ones are refused in
 * a sentence that lists the right ones. A model is the exception, since
 * services add models faster than descriptions are written. */
#include "call-fields.h"

#include "call-build.h"
#include "call-private.h"
#include "call.h"
#include "description.h"
#include "exchange.h"
#include "failure.h"
#include "json.h"
#include "media-type.h"
#include "provider.h"
#include "request-fields.h"
#include "request.h"
#include "template.h"
#include "text.h"

#include <json-glib/json-glib.h>

gboolean
genvid_call_forgive (const GenvidCall *call, GError **error)
{
  if (call->bought)
    g_clear_error (error);
  return call->bought;
}

const char *
genvid_call_find_model (const GenvidCall *call, JsonObject *spec)
{
  JsonObject *word
      = genvid_json_object (genvid_json_object (spec, "words"), "model");

  return genvid_json_string (call->values, "model",
                             genvid_json_string (word, "default", NULL));
}

static char *
describe_by_call (const GenvidCall *call)
{
  const char *title = genvid_provider_get_title (call->provider);

  if (genvid_provider_get_n_calls (call->provider) < 2 || !call->spec)
    return g_strdup (title);
  return g_strdup_printf ("%s's %s", title,
                          genvid_json_string (call->spec, "name", ""));
}

char *
genvid_call_describe (const GenvidCall *call)
{
  const char *title = genvid_provider_get_title (call->provider);
  const char *model
      = call->spec ? genvid_call_find_model (call, call->spec) : NULL;

  if (model
      && (call->of_model
          || (genvid_provider_is_chosen_by_model (call->provider)
              && !genvid_provider_names_model (call->spec, model))))
    return g_strdup_printf ("%s's %s", title, model);
  return describe_by_call (call);
}

void
genvid_call_fill_defaults (GenvidCall *call, JsonObject *words)
{
  for (guint i = 0; genvid_request_fields[i]; i++) {
    JsonObject *word = genvid_json_object (words, genvid_request_fields[i]);

    if (genvid_json_bool (word, "send-default", FALSE)
        && !json_object_has_member (call->values, genvid_request_fields[i]))
      json_object_set_member (
          call->values, genvid_request_fields[i],
          json_node_copy (json_object_get_member (word, "default")));
  }
}

JsonObject *
genvid_call_get_facts (const GenvidCall *call, JsonObject *words)
{
  JsonObject *facts = genvid_json_copy_object (call->values);

  for (guint i = 0; genvid_request_fields[i]; i++) {
    JsonObject *word = genvid_json_object (words, genvid_request_fields[i]);
    const char *option = genvid_json_string (word, "or-option", NULL);
    JsonNode *value
        = option ? json_object_get_member (call->values, option) : NULL;

    if (value && !json_object_has_member (facts, genvid_request_fields[i]))
      json_object_set_member (facts, genvid_request_fields[i],
                              json_node_copy (value));
  }
  return facts;
}

/* " (only a or b)", for a word that only other calls have. Where the word
 * itself chooses the call, its name tells nobody what to change. */
static char *
list_takers (const GenvidCall *call, const char *word)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *list = NULL;
  guint n = genvid_provider_get_n_calls (call->provider);

  for (guint i = 0; i < n; i++) {
    JsonObject *spec = genvid_provider_get_call (call->provider, i);

    if (genvid_description_takes (spec, word)
        && !genvid_description_tests (spec, word))
      g_ptr_array_add (names, (gpointer)genvid_json_string (spec, "name", ""));
  }
  if (names->len == 0)
    return g_strdup ("");
  g_ptr_array_add (names, NULL);
  list = genvid_text_list ((const char *const *)names->pdata);
  return g_strdup_printf (" (only %s)", list);
}

/* "; of the inputs it takes image and references", for an input, else "". */
static char *
list_inputs (const GenvidCall *call, const char *word)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *list = NULL;

  for (guint i = 0; genvid_request_fields[i] != NULL; i++)
    if (genvid_request_field_is_input (genvid_request_fields[i])
        && genvid_description_takes (call->spec, genvid_request_fields[i]))
      g_ptr_array_add (names, (gpointer)genvid_request_fields[i]);
  if (!genvid_request_field_is_input (word) || names->len == 0)
    return g_strdup ("");
  g_ptr_array_add (names, NULL);
  list = genvid_text_list ((const char *const *)names->pdata);
  return g_strdup_printf ("; of the inputs it takes only %s", list);
}

/* The documents' own calls, which are named after their model, say it shorter.
 */
static const char *
find_other (const GenvidCall *call)
{
  const char *own = genvid_call_find_model (call, call->spec);
  g_autoptr (JsonObject) facts
      = genvid_call_get_facts (call, genvid_json_object (call->spec, "words"));

  return own && genvid_provider_names_model (call->spec, own)
             ? NULL
             : genvid_provider_find_model (call->provider, facts, own);
}

static gboolean
refuse_word (GenvidCall *call, const char *name, GError **error)
{
  const char *title = genvid_provider_get_title (call->provider);
  const char *other = find_other (call);
  const char *model
      = other || genvid_provider_takes (call->provider, call->spec, name)
            ? genvid_call_find_model (call, call->spec)
            : NULL;
  g_autofree char *set
      = other ? g_strconcat (", or set another model, such as model=", other,
                             NULL)
              : g_strdup ("");
  g_autofree char *takers = model ? g_strdup ("") : list_takers (call, name);
  g_autofree char *inputs = list_inputs (call, name);
  g_autofree char *whose = model     ? g_strconcat (title, "'s ", model, NULL)
                           : *takers ? describe_by_call (call)
                                     : g_strdup (title);

  return genvid_error_refuse (error,
                              "%s does not support %s%s; leave %s unset%s%s",
                              whose, name, takers, name, set, inputs);
}

static char *
list_values (JsonArray *values)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < json_array_get_length (values); i++)
    g_ptr_array_add (
        texts, genvid_json_scalar_text (json_array_get_element (values, i)));
  g_ptr_array_add (texts, NULL);
  return genvid_text_list ((const char *const *)texts->pdata);
}

static gboolean
refuse_missing (GenvidCall *call, const char *name, JsonObject *word,
                GError **error)
{
  const char *option = genvid_json_string (word, "or-option", NULL);
  JsonArray *known = genvid_json_array (word, "known");
  g_autofree char *whose = genvid_call_describe (call);
  g_autofree char *list = NULL;

  if (g_str_equal (name, "prompt"))
    return genvid_error_refuse (
        error, "%s needs a prompt; set prompt to what the clip should show",
        whose);
  if (known != NULL)
    list = list_values (known);
  return genvid_error_refuse (
      error, "%s needs %s; set it%s%s%s%s", whose, name,
      list != NULL ? ", for example to " : "", list != NULL ? list : "",
      option ? ", or the option " : "", option ? option : "");
}

/* One of the listed ones, whose spelling it takes on. */
static gboolean
check_listed (GenvidCall *call, const char *name, JsonArray *values,
              GError **error)
{
  JsonNode *value = json_object_get_member (call->values, name);
  g_autofree char *text = genvid_json_scalar_text (value);
  g_autofree char *list = NULL;
  g_autofree char *whose = NULL;

  for (guint i = 0; i < json_array_get_length (values); i++) {
    JsonNode *one = json_array_get_element (values, i);
    g_autofree char *allowed = genvid_json_scalar_text (one);

    if (g_ascii_strcasecmp (allowed, text) != 0)
      continue;
    if (strcmp (allowed, text) != 0)
      json_object_set_string_member (call->spelled, name, text);
    json_object_set_member (call->values, name, json_node_copy (one));
    return TRUE;
  }
  list = list_values (values);
  whose = genvid_call_describe (call);
  return genvid_error_refuse (error, "%s supports %s %s, not %s", whose, name,
                              list, text);
}

/* With both bounds, where the word has them: one try is then enough. */
static gboolean
refuse_range (GenvidCall *call, const char *name, JsonObject *word,
              const char *bound, GError **error)
{
  g_autofree char *whose = genvid_call_describe (call);
  g_autofree char *least
      = genvid_json_scalar_text (json_object_get_member (word, "min"));
  g_autofree char *most
      = genvid_json_scalar_text (json_object_get_member (word, "max"));
  g_autofree char *value
      = genvid_json_scalar_text (json_object_get_member (call->values, name));

  if (least != NULL && most != NULL)
    return genvid_error_refuse (error, "%s supports %s from %s to %s, not %s",
                                whose, name, least, most, value);
  return genvid_error_refuse (error, "%s supports %s of at %s %s, not %s",
                              whose, name,
                              g_str_equal (bound, "min") ? "least" : "most",
                              least != NULL ? least : most, value);
}

static gboolean
check_range (GenvidCall *call, const char *name, JsonObject *word,
             GError **error)
{
  gint64 minimum = genvid_json_int (word, "min", G_MININT64);
  gint64 maximum = genvid_json_int (word, "max", G_MAXINT64);
  gint64 value = genvid_json_int (call->values, name, minimum);

  if (value < minimum)
    return refuse_range (call, name, word, "min", error);
  if (value > maximum)
    return refuse_range (call, name, word, "max", error);
  return TRUE;
}

/* A length may have a fraction, and may be left to the service, where the
 * description says so. */
static gboolean
check_length (GenvidCall *call, JsonObject *word, GError **error)
{
  g_autofree char *whose = genvid_call_describe (call);
  double step = genvid_json_double (word, "step", 1);
  double seconds = genvid_json_double (call->values, "duration", -1);
  double steps = seconds / step;
  g_autofree char *given = genvid_json_scalar_text (
      json_object_get_member (call->values, "duration"));
  g_autofree char *steps_of = NULL;

  if (seconds < genvid_json_double (word, "min", seconds))
    return refuse_range (call, "duration", word, "min", error);
  if (seconds > genvid_json_double (word, "max", seconds))
    return refuse_range (call, "duration", word, "max", error);
  if (ABS (steps - (double)(gint64)(steps + 0.5)) < 1e-6)
    return TRUE;
  if (step == 1)
    return genvid_error_refuse (
        error, "%s supports duration in whole seconds, not %s", whose, given);
  steps_of = genvid_json_scalar_text (json_object_get_member (word, "step"));
  return genvid_error_refuse (
      error, "%s supports duration in steps of %s seconds, not %s", whose,
      steps_of, given);
}

static gboolean
check_duration (GenvidCall *call, JsonObject *word, GError **error)
{
  g_autofree char *whose = genvid_call_describe (call);
  JsonArray *values = genvid_json_array (word, "values");

  if (genvid_json_string (call->values, "duration", NULL))
    return genvid_json_bool (word, "auto", FALSE)
           || genvid_error_refuse (
               error,
               "%s does not choose the duration by itself; set it to a number "
               "of seconds, or leave it unset",
               whose);
  return values ? check_listed (call, "duration", values, error)
                : check_length (call, word, error);
}

static void
check_known (GenvidCall *call, JsonArray *known, GPtrArray *warnings)
{
  const char *model = genvid_json_string (call->values, "model", NULL);
  g_autofree char *whose = genvid_call_describe (call);
  g_autofree char *list = list_values (known);

  for (guint i = 0; i < json_array_get_length (known); i++)
    if (g_str_equal (json_array_get_string_element (known, i), model))
      return;
  g_ptr_array_add (
      warnings,
      g_strdup_printf ("model \"%s\" is sent as it is; the description "
                       "of %s knows %s",
                       model, whose, list));
}

/* A service without a list of ratios is not known to choose one. */
static gboolean
check_unlisted (GenvidCall *call, const char *name, GError **error)
{
  g_autofree char *text
      = genvid_json_scalar_text (json_object_get_member (call->values, name));
  g_autofree char *whose = NULL;

  if (!g_str_equal (name, "aspect-ratio") || text == NULL
      || !genvid_aspect_ratio_is_open (text))
    return TRUE;
  whose = genvid_call_describe (call);
  return genvid_error_refuse (error,
                              "%s does not choose the aspect-ratio by itself; "
                              "set it to one like 16:9, or leave it unset",
                              whose);
}

static gboolean
check_word (GenvidCall *call, const char *name, GPtrArray *warnings,
            GError **error)
{
  JsonObject *word
      = genvid_json_object (genvid_json_object (call->spec, "words"), name);
  JsonArray *values = genvid_json_array (word, "values");
  JsonArray *known = genvid_json_array (word, "known");
  const char *option = genvid_json_string (word, "or-option", "");
  gboolean taken = genvid_description_takes (call->spec, name);

  if (genvid_description_has_parameter (call->spec, name))
    return TRUE;
  if (!json_object_has_member (call->values, name)) {
    if (taken && genvid_json_bool (word, "required", FALSE)
        && !json_object_has_member (call->values, option))
      return refuse_missing (call, name, word, error);
    return TRUE;
  }
  if (!taken)
    return refuse_word (call, name, error);
  if (g_str_equal (name, "duration"))
    return check_duration (call, word, error);
  if (values != NULL ? !check_listed (call, name, values, error)
                     : !check_unlisted (call, name, error))
    return FALSE;
  if (known && !call->listed)
    check_known (call, known, warnings);
  return genvid_request_field_is_input (name)
         || check_range (call, name, word, error);
}

gboolean
genvid_call_check_words (GenvidCall *call, GPtrArray *warnings, GError **error)
{
  for (guint i = 0; genvid_request_fields[i]; i++)
    if (!check_word (call, genvid_request_fields[i], warnings, error)
        && !genvid_call_forgive (call, error))
      return FALSE;
  return TRUE;
}

/* Inputs: each goes into the body as it is, or with its bytes, or is uploaded
 * first. What a file is, is told from outside. */

void
genvid_slot_free (GenvidSlot *slot)
{
  if (!slot)
    return;
  genvid_input_free (slot->input);
  genvid_file_clear (&slot->file);
  g_clear_pointer (&slot->node, json_node_unref);
  g_free (slot);
}

/* What an input of this word is where nothing else says so. */
static const char *
get_usual_type (const char *word)
{
  if (g_str_equal (word, "video"))
    return "video/mp4";
  return g_str_equal (word, "audio-input") ? "audio/mpeg" : "image/png";
}

const char *
genvid_slot_get_type (const GenvidSlot *slot)
{
  if (slot->file.type || slot->input->kind != GENVID_INPUT_LINK)
    return slot->file.type;
  return genvid_media_type_of_link (slot->input->value);
}

gboolean
genvid_slot_match (const GenvidSlot *slot, const char *pattern)
{
  const char *type = genvid_slot_get_type (slot);

  if (!type || g_str_equal (type, GENVID_MEDIA_TYPE_UNKNOWN))
    type = get_usual_type (slot->word);
  return genvid_media_type_match (pattern, type);
}

/* Refusals. */

static gboolean
refuse_form (GenvidCall *call, const GenvidSlot *slot, GError **error)
{
  g_autofree char *whose = genvid_call_describe (call);
  g_autofree char *list = NULL;
  const char *ways[4] = { NULL };
  guint n = 0;

  if (json_object_has_member (slot->spec, "id"))
    ways[n++] = "as id:VALUE";
  if (json_object_has_member (slot->spec, "file"))
    ways[n++] = "as a file";
  if (json_object_has_member (slot->spec, "link"))
    ways[n++] = "as an https link";
  list = genvid_text_list (ways);
  return genvid_error_refuse (error, "%s takes %s %s", whose, slot->word, list);
}

static gboolean
refuse_type (const GenvidCall *call, const GenvidSlot *slot, GList *types,
             GError **error)
{
  g_autofree char *whose = genvid_call_describe (call);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *list = NULL;
  const char *type = genvid_slot_get_type (slot);

  for (GList *l = types; l; l = l->next)
    g_ptr_array_add (names, (gpointer)json_node_get_string (l->data));
  g_ptr_array_add (names, NULL);
  list = genvid_text_list ((const char *const *)names->pdata);
  return genvid_error_refuse (error, "%s takes %s of type %s, not %s", whose,
                              slot->word, list,
                              type ? type : "a type that is not known");
}

static gboolean
check_type (const GenvidCall *call, const GenvidSlot *slot, GError **error)
{
  g_autoptr (GList) types = genvid_description_list (slot->spec, "types");

  /* What a link is, its server says, and its name only suggests. */
  if (!types || !slot->file.type)
    return TRUE;
  for (GList *l = types; l; l = l->next) {
    const char *type = json_node_get_string (l->data);

    /* What nobody here knows may be a new kind of picture. */
    if (strchr (type, '*') ? genvid_slot_match (slot, type)
                           : genvid_media_type_match (type, slot->file.type))
      return TRUE;
  }
  return refuse_type (call, slot, types, error);
}

/* What is in the submit itself may have a limit of its own. */
static guint64
get_max (const GenvidSlot *slot)
{
  gint64 max = genvid_json_int (slot->spec, "max-bytes", 0);

  return (guint64)(slot->way ? genvid_json_int (slot->spec, "inline-bytes", max)
                             : max);
}

/* A file that is too large for the submit is uploaded before it. */
static gboolean
is_too_large (const GenvidSlot *slot)
{
  gint64 most = genvid_json_int (slot->spec, "inline-bytes", 0);

  return most > 0 && slot->input->size > (guint64)most;
}

static gboolean
check_size (const GenvidCall *call, const GenvidSlot *slot, GError **error)
{
  guint64 max = get_max (slot);
  g_autofree char *whose = genvid_call_describe (call);
  g_autofree char *allowed = genvid_media_type_format_size (max);

  if (max == 0 || slot->file.size <= max)
    return TRUE;
  return genvid_error_refuse (
      error,
      "%s takes %s of at most %s, not of %" G_GUINT64_FORMAT " bytes; set a "
      "smaller one",
      whose, slot->word, allowed, slot->file.size);
}

static gboolean
set_file (GenvidCall *call, GenvidSlot *slot, const GenvidFile *file,
          GError **error)
{
  genvid_file_set (&slot->file, file);
  return check_size (call, slot, error) && check_type (call, slot, error);
}

/* Taking them. */

/* Its JSON type is the description's word: some services have numbers. */
static gboolean
resolve_id (GenvidCall *call, GenvidSlot *slot, GError **error)
{
  const char *type = genvid_json_string (slot->spec, "id", NULL);
  gint64 number;

  if (!type)
    return refuse_form (call, slot, error);
  if (g_str_equal (type, "string")) {
    slot->node = json_node_init_string (json_node_alloc (), slot->input->value);
    return TRUE;
  }
  if (!g_ascii_string_to_signed (slot->input->value, 10, 0, G_MAXINT64, &number,
                                 NULL))
    return genvid_error_refuse (
        error, "%s: an id of %s must be a whole number, not \"%s\"", slot->word,
        genvid_provider_get_title (call->provider), slot->input->value);
  slot->node = json_node_init_int (json_node_alloc (), number);
  return TRUE;
}

static void
set_way (GenvidSlot *slot, const char *way)
{
  slot->upload = g_str_equal (way, "upload");
  if (!slot->upload)
    slot->way = g_intern_string (way);
}

static gboolean
resolve_file (GenvidCall *call, GenvidSlot *slot, GError **error)
{
  const GenvidInput *input = slot->input;
  const char *way = genvid_json_string (slot->spec, "file", NULL);
  const GenvidFile file
      = { input->value, input->sha256, input->type, input->size };

  if (!way)
    return refuse_form (call, slot, error);
  set_way (slot, is_too_large (slot) ? "upload" : way);
  if (!set_file (call, slot, &file, error))
    return FALSE;
  if (!input->sha256 && !call->rough)
    return genvid_error_refuse (error, "%s: %s has not been read", slot->word,
                                input->value);
  return TRUE;
}

static gboolean
resolve_link (GenvidCall *call, GenvidSlot *slot, GError **error)
{
  const char *way = genvid_json_string (slot->spec, "link", NULL);

  if (!way)
    return refuse_form (call, slot, error);
  if (g_str_equal (way, "url"))
    slot->node = json_node_init_string (json_node_alloc (), slot->input->value);
  else
    set_way (slot, way);
  return TRUE;
}

static gboolean
take_input (GenvidCall *call, const char *name, const GenvidInput *input,
            GError **error)
{
  GenvidSlot *slot = g_new0 (GenvidSlot, 1);

  slot->word = name;
  slot->spec
      = genvid_json_object (genvid_json_object (call->spec, "words"), name);
  slot->input = genvid_input_copy (input);
  g_ptr_array_add (call->slots, slot);
  if (input->kind == GENVID_INPUT_ID)
    return resolve_id (call, slot, error);
  if (input->kind == GENVID_INPUT_FILE)
    return resolve_file (call, slot, error);
  return resolve_link (call, slot, error);
}

static gboolean
check_number (GenvidCall *call, const char *name, guint n, GError **error)
{
  JsonObject *word
      = genvid_json_object (genvid_json_object (call->spec, "words"), name);
  gint64 least = genvid_json_int (word, "min", 0);
  gint64 most = genvid_json_int (word, "max", G_MAXINT64);
  g_autofree char *whose = genvid_call_describe (call);

  if (n > 0 && n < least)
    return genvid_error_refuse (
        error, "%s needs at least %" G_GINT64_FORMAT " %s, not %u", whose,
        least, name, n);
  if (n > most)
    return genvid_error_refuse (
        error, "%s takes at most %" G_GINT64_FORMAT " %s, not %u", whose, most,
        name, n);
  return TRUE;
}

/* Every reference is in one of the lists that are made of them. */
static gboolean
check_lists (GenvidCall *call, GError **error)
{
  g_autoptr (GPtrArray) patterns = g_ptr_array_new ();
  g_autoptr (JsonObject) facts = genvid_json_copy_object (call->values);
  g_autofree char *whose = genvid_call_describe (call);
  g_autofree char *list = NULL;

  for (guint i = 0; i < call->slots->len; i++)
    json_object_set_boolean_member (
        facts, ((GenvidSlot *)g_ptr_array_index (call->slots, i))->word, TRUE);
  genvid_template_collect_types (json_object_get_member (call->spec, "submit"),
                                 facts, patterns);
  g_ptr_array_add (patterns, NULL);
  list = genvid_text_list ((const char *const *)patterns->pdata);
  for (guint i = 0; i < call->slots->len; i++) {
    const GenvidSlot *slot = g_ptr_array_index (call->slots, i);
    gboolean listed = patterns->len == 1;

    if (!g_str_equal (slot->word, "references"))
      continue;
    for (guint j = 0; j + 1 < patterns->len && !listed; j++)
      listed = genvid_slot_match (slot, g_ptr_array_index (patterns, j));
    if (!listed)
      return genvid_error_refuse (error, "%s takes references of type %s",
                                  whose, list);
  }
  return TRUE;
}

gboolean
genvid_call_take_inputs (GenvidCall *call, const GenvidRequest *request,
                         GError **error)
{
  for (guint i = 0; genvid_request_fields[i]; i++) {
    const char *name = genvid_request_fields[i];
    g_autoptr (GPtrArray) inputs = NULL;

    if (!genvid_request_field_is_input (name)
        || genvid_description_has_parameter (call->spec, name)
        || (call->bought && !genvid_description_takes (call->spec, name)))
      continue;
    inputs = genvid_request_get_inputs (request, name);
    if (!check_number (call, name, inputs->len, error)
        && !genvid_call_forgive (call, error))
      return FALSE;
    for (guint j = 0; j < inputs->len; j++)
      if (!take_input (call, name, g_ptr_array_index (inputs, j), error)
          && !genvid_call_forgive (call, error))
        return FALSE;
    json_object_remove_member (call->values, name);
  }
  return check_lists (call, error) || genvid_call_forgive (call, error);
}

/* The two kinds that need bytes, each counted by itself. */

GenvidSlot *
genvid_call_get_slot (const GenvidCall *call, gboolean upload, guint index)
{
  for (guint i = 0; i < call->slots->len; i++) {
    GenvidSlot *slot = g_ptr_array_index (call->slots, i);

    if ((upload ? slot->upload : slot->way != NULL) && index-- == 0)
      return slot;
  }
  return NULL;
}

static guint
count_slots (const GenvidCall *call, gboolean upload)
{
  guint n = 0;

  while (genvid_call_get_slot (call, upload, n))
    n++;
  return n;
}

guint
genvid_call_get_n_uploads (const GenvidCall *call)
{
  return count_slots (call, TRUE);
}

guint
genvid_call_get_n_inlines (const GenvidCall *call)
{
  return count_slots (call, FALSE);
}

const GenvidInput *
genvid_call_get_upload (const GenvidCall *call, guint index)
{
  const GenvidSlot *slot = genvid_call_get_slot (call, TRUE, index);

  return slot ? slot->input : NULL;
}

const GenvidInput *
genvid_call_get_inline (const GenvidCall *call, guint index)
{
  const GenvidSlot *slot = genvid_call_get_slot (call, FALSE, index);

  return slot ? slot->input : NULL;
}

gboolean
genvid_call_set_upload_file (GenvidCall *call, guint index,
                             const GenvidFile *file, GError **error)
{
  return set_file (call, genvid_call_get_slot (call, TRUE, index), file, error);
}

gboolean
genvid_call_set_inline_file (GenvidCall *call, guint index,
                             const GenvidFile *file, GError **error)
{
  return set_file (call, genvid_call_get_slot (call, FALSE, index), file,
                   error);
}

const GenvidFile *
genvid_call_get_inline_file (const GenvidCall *call, guint index)
{
  const GenvidSlot *slot = genvid_call_get_slot (call, FALSE, index);

  return slot && slot->file.path ? &slot->file : NULL;
}

guint64
genvid_call_get_upload_max (const GenvidCall *call, guint index)
{
  return get_max (genvid_call_get_slot (call, TRUE, index));
}

guint64
genvid_call_get_inline_max (const GenvidCall *call, guint index)
{
  return get_max (genvid_call_get_slot (call, FALSE, index));
}

void
genvid_call_set_upload_id (GenvidCall *call, guint index, JsonNode *id)
{
  GenvidSlot *slot = genvid_call_get_slot (call, TRUE, index);

  g_return_if_fail (slot != NULL);
  g_clear_pointer (&slot->node, json_node_unref);
  slot->node = json_node_copy (id);
}

JsonNode *
genvid_call_get_upload_id (const GenvidCall *call, guint index)
{
  const GenvidSlot *slot = genvid_call_get_slot (call, TRUE, index);

  return slot ? slot->node : NULL;
}
