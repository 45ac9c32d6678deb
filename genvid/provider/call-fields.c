/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request's words against what a call has: the wrong ones are refused in
 * a sentence that lists the right ones. A model is the exception, since
 * services add models faster than descriptions are written. */
#include "call-fields.h"

#include "call-private.h"
#include "call.h"
#include "description.h"
#include "failure.h"
#include "json.h"
#include "provider.h"
#include "request-fields.h"
#include "request.h"
#include "text.h"

#include <json-glib/json-glib.h>

char *
genvid_call_describe (const GenvidCall *call)
{
  const char *title = genvid_provider_get_title (call->provider);

  if (genvid_provider_get_n_calls (call->provider) < 2 || !call->spec)
    return g_strdup (title);
  return g_strdup_printf ("%s's %s", title,
                          genvid_json_string (call->spec, "name", ""));
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

/* " (a, b have it)", for a word that only other calls have. */
static char *
list_takers (const GenvidCall *call, const char *word)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *list = NULL;
  guint n = genvid_provider_get_n_calls (call->provider);

  for (guint i = 0; i < n; i++) {
    JsonObject *spec = genvid_provider_get_call (call->provider, i);

    if (genvid_description_takes (spec, word))
      g_ptr_array_add (names, (gpointer)genvid_json_string (spec, "name", ""));
  }
  if (names->len == 0)
    return g_strdup ("");
  g_ptr_array_add (names, NULL);
  list = genvid_text_list ((const char *const *)names->pdata);
  return g_strdup_printf (" (only %s)", list);
}

static gboolean
refuse_word (GenvidCall *call, const char *name, GError **error)
{
  g_autofree char *takers = list_takers (call, name);
  g_autofree char *whose
      = *takers ? genvid_call_describe (call)
                : g_strdup (genvid_provider_get_title (call->provider));

  return genvid_error_refuse (error, "%s does not support %s%s; leave %s unset",
                              whose, name, takers, name);
}

static gboolean
refuse_missing (GenvidCall *call, const char *name, JsonObject *word,
                GError **error)
{
  const char *option = genvid_json_string (word, "or-option", NULL);
  g_autofree char *whose = genvid_call_describe (call);

  if (g_str_equal (name, "prompt"))
    return genvid_error_refuse (
        error, "%s needs a prompt; set prompt to what the clip should show",
        whose);
  return genvid_error_refuse (error, "%s needs %s; set it%s%s", whose, name,
                              option ? ", or the option " : "",
                              option ? option : "");
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
    json_object_set_member (call->values, name, json_node_copy (one));
    return TRUE;
  }
  list = list_values (values);
  whose = genvid_call_describe (call);
  return genvid_error_refuse (error, "%s supports %s %s, not %s", whose, name,
                              list, text);
}

static gboolean
check_range (GenvidCall *call, const char *name, JsonObject *word,
             GError **error)
{
  gint64 minimum = genvid_json_int (word, "min", G_MININT64);
  gint64 maximum = genvid_json_int (word, "max", G_MAXINT64);
  gint64 value = genvid_json_int (call->values, name, minimum);
  g_autofree char *whose = genvid_call_describe (call);

  if (value < minimum)
    return genvid_error_refuse (error,
                                "%s supports %s of at least %" G_GINT64_FORMAT
                                ", not %" G_GINT64_FORMAT,
                                whose, name, minimum, value);
  if (value > maximum)
    return genvid_error_refuse (error,
                                "%s supports %s of at most %" G_GINT64_FORMAT
                                ", not %" G_GINT64_FORMAT,
                                whose, name, maximum, value);
  return TRUE;
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

  if (!json_object_has_member (call->values, name)) {
    if (taken && genvid_json_bool (word, "required", FALSE)
        && !json_object_has_member (call->values, option))
      return refuse_missing (call, name, word, error);
    return TRUE;
  }
  if (!taken)
    return refuse_word (call, name, error);
  if (values && !check_listed (call, name, values, error))
    return FALSE;
  if (known)
    check_known (call, known, warnings);
  return genvid_request_field_is_input (name)
         || check_range (call, name, word, error);
}

gboolean
genvid_call_check_words (GenvidCall *call, GPtrArray *warnings, GError **error)
{
  for (guint i = 0; genvid_request_fields[i]; i++)
    if (!check_word (call, genvid_request_fields[i], warnings, error))
      return FALSE;
  return TRUE;
}
