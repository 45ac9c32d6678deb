/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inputs in their three kinds, copies that own everything, and the little
 * that is checked for every service. */
#include "failure.h"
#include "json.h"
#include "request.h"

static void
check_input (const char *text, GenvidInputKind kind, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidInput) input = genvid_input_parse (text, &error);

  g_assert_no_error (error);
  g_assert_cmpint (input->kind, ==, kind);
  g_assert_cmpstr (input->value, ==, value);
  g_assert_null (input->sha256);
}

static void
test_inputs (void)
{
  check_input ("id:image_res_123", GENVID_INPUT_ID, "image_res_123");
  check_input ("id:1:2/3", GENVID_INPUT_ID, "1:2/3");
  check_input ("https://x.example/a b.png?c=d", GENVID_INPUT_LINK,
               "https://x.example/a b.png?c=d");
  check_input ("HTTPS://x.example/a", GENVID_INPUT_LINK, "HTTPS://x.example/a");
  check_input ("file:///pictures/a%20b.png", GENVID_INPUT_FILE,
               "/pictures/a b.png");
  check_input ("/pictures/a.png", GENVID_INPUT_FILE, "/pictures/a.png");
  check_input ("a.png", GENVID_INPUT_FILE, "a.png");
  check_input ("odd:name.png", GENVID_INPUT_FILE, "odd:name.png");
}

static void
test_bad_inputs (void)
{
  const char *const bad[] = { "",
                              "id:",
                              "http://x.example/a.png",
                              "ftp://x/a",
                              "data:image/png;base64,AAAA",
                              "https://",
                              "https:///a",
                              "https://u:p@x.example/a",
                              "file://other.host/a",
                              "a\xff.png" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (genvid_input_parse (bad[i], &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  }
  g_assert_null (genvid_input_parse (NULL, NULL));
}

static GenvidRequest *
make_full (void)
{
  GenvidRequest *request = genvid_request_new ();

  request->prompt = g_strdup ("p");
  request->negative_prompt = g_strdup ("n");
  request->model = g_strdup ("m");
  request->style = g_strdup ("s");
  request->aspect_ratio = g_strdup ("16:9");
  request->resolution = g_strdup ("720p");
  request->duration = 5;
  request->seed = 0;
  request->audio = GENVID_AUDIO_OFF;
  request->fps = 24;
  request->video = genvid_input_parse ("https://h.example/a.mp4", NULL);
  request->audio_input = genvid_input_parse ("id:7", NULL);
  request->image = genvid_input_parse ("a.png", NULL);
  request->image->sha256 = g_strdup ("00");
  request->end_image = genvid_input_parse ("id:2", NULL);
  g_ptr_array_add (request->references, genvid_input_parse ("id:3", NULL));
  request->variables = json_object_new ();
  json_object_set_string_member (request->variables, "brand", "Acme");
  request->options = json_object_new ();
  json_object_set_int_member (request->options, "sheet-id", 101);
  request->take = 2;
  return request;
}

static void
test_copy (void)
{
  GenvidRequest *request = make_full ();
  g_autoptr (GenvidRequest) copy = genvid_request_copy (request);
  const GenvidInput *reference;

  /* Nor what json-glib counts without atomics. */
  g_assert_true (genvid_json_string (copy->variables, "brand", NULL)
                 != genvid_json_string (request->variables, "brand", NULL));
  json_object_set_int_member (request->options, "later", 1);
  genvid_request_free (request);
  g_assert_cmpstr (copy->prompt, ==, "p");
  g_assert_cmpstr (copy->negative_prompt, ==, "n");
  g_assert_cmpstr (copy->model, ==, "m");
  g_assert_cmpstr (copy->style, ==, "s");
  g_assert_cmpstr (copy->aspect_ratio, ==, "16:9");
  g_assert_cmpstr (copy->resolution, ==, "720p");
  g_assert_cmpfloat (copy->duration, ==, 5);
  g_assert_cmpint (copy->seed, ==, 0);
  g_assert_cmpint (copy->audio, ==, GENVID_AUDIO_OFF);
  g_assert_cmpuint (copy->fps, ==, 24);
  g_assert_cmpstr (copy->video->value, ==, "https://h.example/a.mp4");
  g_assert_cmpstr (copy->audio_input->value, ==, "7");
  g_assert_cmpstr (copy->image->sha256, ==, "00");
  g_assert_cmpstr (copy->end_image->value, ==, "2");
  reference = g_ptr_array_index (copy->references, 0);
  g_assert_cmpstr (reference->value, ==, "3");
  g_assert_cmpstr (genvid_json_string (copy->variables, "brand", NULL), ==,
                   "Acme");
  g_assert_cmpuint (json_object_get_size (copy->options), ==, 1);
  g_assert_cmpuint (copy->take, ==, 2);
}

/* As a store keeps it, and reads it again. */
static void
check_kept (double duration, const char *text)
{
  g_autoptr (GenvidRequest) request = make_full ();
  g_autoptr (GenvidRequest) again = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (JsonObject) values = NULL;
  g_autofree char *kept = NULL;

  request->duration = duration;
  object = genvid_request_to_json (request);
  kept = genvid_json_scalar_text (json_object_get_member (object, "duration"));
  g_assert_cmpstr (kept, ==, text);
  again = genvid_request_from_json (object, NULL);
  g_assert_nonnull (again);
  g_assert_cmpint (again->audio, ==, GENVID_AUDIO_OFF);
  g_assert_cmpuint (again->fps, ==, 24);
  g_assert_cmpstr (again->video->value, ==, "https://h.example/a.mp4");
  g_assert_cmpstr (again->audio_input->value, ==, "7");
  values = genvid_request_to_values (again);
  g_assert_cmpstr (genvid_json_string (values, "audio", NULL), ==, "off");
  g_free (kept);
  kept = genvid_json_scalar_text (json_object_get_member (values, "duration"));
  g_assert_cmpstr (kept, ==, text);
}

static void
test_kept (void)
{
  check_kept (5, "5");
  check_kept (4.5, "4.5");
  check_kept (1.3 * 3, "3.9");
  check_kept (GENVID_DURATION_AUTO, "auto");
}

static void
test_fresh (void)
{
  g_autoptr (GenvidRequest) request = genvid_request_new ();

  g_assert_cmpint (request->seed, ==, -1);
  g_assert_cmpuint (request->take, ==, 1);
  g_assert_cmpuint (request->references->len, ==, 0);
  g_assert_true (genvid_request_check (request, NULL));
}

static void
check_bad (GenvidRequest *request, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (genvid_request_check (request, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_cmpstr (error->message, ==, message);
  genvid_request_free (request);
}

static void
test_check (void)
{
  GenvidRequest *request = make_full ();

  g_assert_true (genvid_request_check (request, NULL));
  request->take = 0;
  check_bad (request, "take must be 1 or more");
  request = make_full ();
  request->seed = -2;
  check_bad (request, "seed must be 0 or more, or -1 for none");
  request = make_full ();
  g_free (request->prompt);
  request->prompt = g_strdup ("\xff");
  check_bad (request, "prompt is not valid UTF-8");
  request = make_full ();
  json_object_set_array_member (request->variables, "a", json_array_new ());
  check_bad (request, "variables: a must be a string, a number or a boolean");
}

static void
check_shape (const char *ratio, const char *resolution, gboolean good)
{
  g_autoptr (GenvidRequest) request = genvid_request_new ();

  request->aspect_ratio = g_strdup (ratio);
  request->resolution = g_strdup (resolution);
  g_assert_cmpint (genvid_request_check (request, NULL), ==, good);
}

static void
test_shapes (void)
{
  const char *const ratios[] = { "16/9", "16:", ":9",   "16:9:1", "0:9",
                                 "16:0", "x:y", "16x9", " 16:9",  "1.85:1" };
  const char *const resolutions[]
      = { "720", "p", "720px", "0p", "HD", "1280x720", "-720p", "720 p" };

  check_shape ("1:1", NULL, TRUE);
  check_shape ("21:9", "4K", TRUE);
  check_shape ("", "", TRUE);
  check_shape (NULL, "1080P", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (ratios); i++)
    check_shape (ratios[i], NULL, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (resolutions); i++)
    check_shape (NULL, resolutions[i], FALSE);
}

/* Whether it is worth money. */
static void
check_word (const char *text, gboolean good)
{
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  char **places[] = { &request->prompt, &request->negative_prompt,
                      &request->model, &request->style };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autoptr (GError) error = NULL;

    *places[i] = g_strdup (text);
    g_assert_cmpint (genvid_request_check_words (request, &error), ==, good);
    if (!good)
      g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
    g_clear_pointer (places[i], g_free);
  }
}

static void
test_words (void)
{
  const char *const words[] = { "a",
                                "7",
                                "\303\251",
                                "\347\214\253",
                                "\330\250",
                                "!?a",
                                "\360\237\214\212",
                                "\342\230\272",
                                "\342\200\274\357\270\217",
                                "{{x}}",
                                "\340\244\225",
                                "",
                                NULL };
  const char *const none[] = { "!",
                               " ",
                               "\t\n ",
                               "...",
                               "?!-_/\\\"'`~^|<>=+$&%#@*()[]{},;:",
                               "\302\240",         /* no-break space */
                               "\343\200\200",     /* ideographic space */
                               "\342\200\213",     /* zero width space */
                               "\343\200\202",     /* ideographic full stop */
                               "\342\200\246",     /* ellipsis */
                               "\302\241\302\277", /* inverted marks */
                               "\343\205\244",     /* Hangul filler */
                               "\342\240\200" };   /* blank Braille */

  for (guint i = 0; words[i]; i++)
    check_word (words[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    check_word (none[i], FALSE);
}

/* What is written down with money has bounds. */
static void
test_lengths (void)
{
  g_autofree char *longest = g_strnfill (GENVID_NAME_MAX, 'm');
  g_autofree char *longer = g_strnfill (GENVID_NAME_MAX + 1, 'm');
  g_autofree char *id = g_strconcat ("id:", longer, NULL);
  g_autofree char *path = g_strconcat ("/", longer, NULL);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GError) error = NULL;

  request->prompt = g_strdup (longer);
  request->model = g_strdup (longest);
  request->style = g_strdup (longest);
  request->image = genvid_input_parse (path, NULL);
  g_assert_true (genvid_request_check_lengths (request, &error));
  g_assert_no_error (error);
  g_ptr_array_add (request->references, genvid_input_parse (id, NULL));
  g_assert_false (genvid_request_check_lengths (request, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_ptr_array_set_size (request->references, 0);
  g_free (request->model);
  request->model = g_strdup (longer);
  g_assert_false (genvid_request_check_lengths (request, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_nonnull (strstr (error->message, "model is longer"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/request/inputs", test_inputs);
  g_test_add_func ("/request/bad-inputs", test_bad_inputs);
  g_test_add_func ("/request/copy", test_copy);
  g_test_add_func ("/request/kept", test_kept);
  g_test_add_func ("/request/fresh", test_fresh);
  g_test_add_func ("/request/check", test_check);
  g_test_add_func ("/request/shapes", test_shapes);
  g_test_add_func ("/request/words", test_words);
  g_test_add_func ("/request/lengths", test_lengths);
  return g_test_run ();
}
