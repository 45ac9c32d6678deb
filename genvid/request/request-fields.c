/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A request seen as a set of named values, which is how descriptions speak of
 * it. Nothing here knows a service. */
#include "request-fields.h"

#include <glib.h>

#include <string.h>

/* Those from LATER on came after the first descriptions. */
#define LATER "audio", "fps", "video", "audio-input"

const char *const genvid_request_fields[]
    = { "prompt",     "negative-prompt", "model", "style", "aspect-ratio",
        "resolution", "duration",        "seed",  "image", "end-image",
        "references", "variables",       LATER,   NULL };

gboolean
genvid_request_field_is_later (const char *name)
{
  const char *const later[] = { LATER, NULL };

  return g_strv_contains (later, name);
}

gboolean
genvid_request_field_is_known (const char *name)
{
  return g_strv_contains (genvid_request_fields, name);
}

gboolean
genvid_request_field_is_input (const char *name)
{
  const char *const inputs[]
      = { "image", "end-image", "references", "video", "audio-input", NULL };

  return g_strv_contains (inputs, name);
}

gboolean
genvid_request_field_name_equal (const char *a, const char *b)
{
  for (; *a && *b; a++, b++)
    if (*a != *b && !(strchr ("-_", *a) && strchr ("-_", *b)))
      return FALSE;
  return *a == *b;
}

gboolean
genvid_request_field_match (const char *pattern, const char *text)
{
  g_autofree char *pattern_lower = g_ascii_strdown (pattern, -1);
  g_autofree char *text_lower = g_ascii_strdown (text, -1);

  return g_pattern_match_simple (pattern_lower, text_lower);
}
