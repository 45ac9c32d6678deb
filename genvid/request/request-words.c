/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether there is anything to be made from the texts of a request. A shell
 * that expands to nothing leaves a "!" or a blank where a text should be, and
 * services make a clip of that, for the same price. */
#include "request-words.h"

#include "failure.h"
#include "request.h"
#include "text.h"

#define MAX_SHOWN 20 /* characters */

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
refuse (const char *name, const char *text, GError **error)
{
  g_autofree char *clean = genvid_text_clean (text, -1, NULL);
  g_autofree char *shown = g_utf8_substring (
      clean ? clean : "", 0,
      MIN (g_utf8_strlen (clean ? clean : "", -1), MAX_SHOWN));

  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s is \"%s\", without a letter, a digit or an emoji. Nothing "
               "was bought. Set it to words, or leave it unset; where the "
               "value is empty, gst-launch-1.0 takes what follows, even a !.",
               name, shown);
  return FALSE;
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
      return refuse (texts[i].name, texts[i].text, error);
  return TRUE;
}
