/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clip in base64 within a JSON answer, in any pieces, before and behind other
 * members; and what is no such thing. */
#include "failure.h"
#include "inline-media.h"
#include "json-reader.h"

#include <json-glib/json-glib.h>

#include <string.h>

#define PATH "$.outputs[?type==\"video\"].data"

/* Begins as an MP4 does; SIZE has a different end modulo 3 each time. */
static GBytes *
make_clip (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8)(i * 7 + i / 251);
  memcpy (data,
          "\0\0\0\x20"
          "ftypisom",
          12);
  return g_bytes_new_take (data, size);
}

static char *
encode (GBytes *clip)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (clip, &length);

  return g_base64_encode (data, length);
}

static char *
replace (const char *text, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, -1);

  return g_strjoinv (to, parts);
}

/* All that PIECE bytes at a time decode to; NULL with an error. */
static GBytes *
decode (const char *path, const char *text, gsize step, GError **error)
{
  g_autoptr (GenvidInlineMedia) media = genvid_inline_media_new (path);
  g_autoptr (GByteArray) made = g_byte_array_new ();
  gsize length = strlen (text);
  GError *problem = NULL;
  guint8 buffer[100];

  for (gsize at = 0; at < length && problem == NULL; at += step) {
    GenvidPiece piece = { (const guint8 *)text + at, MIN (step, length - at) };
    gsize n;

    do {
      n = genvid_inline_media_decode (media, &piece, buffer, sizeof buffer,
                                      &problem);
      g_byte_array_append (made, buffer, n);
    } while (problem == NULL && (n > 0 || piece.length > 0));
  }
  if (problem == NULL)
    genvid_inline_media_finish (media, &problem);
  if (problem == NULL)
    return g_byte_array_free_to_bytes (g_steal_pointer (&made));
  g_propagate_error (error, problem);
  return NULL;
}

static void
check (const char *text, GBytes *clip)
{
  static const gsize steps[] = { 1, 3, 1000, 1 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) made = decode (PATH, text, steps[i], &error);

    g_assert_no_error (error);
    g_assert_true (g_bytes_equal (made, clip));
  }
}

static void
check_refused (const char *path, const char *text, GenvidReason reason)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (decode (path, text, 1000, &error));
  g_assert_error (error, GENVID_ERROR, (int)reason);
}

static void
test_forms (void)
{
  for (gsize size = 3000; size < 3003; size++) {
    g_autoptr (GBytes) clip = make_clip (size);
    g_autofree char *plain = encode (clip);
    g_autofree char *slashed = replace (plain, "/", "\\/");
    g_autofree char *plus = replace (slashed, "+", "\\u002b");
    g_autofree char *escaped = replace (plus, "=", "\\u003D");
    g_autofree char *minus = replace (plain, "+", "-");
    g_autofree char *safe = replace (minus, "/", "_");
    g_autofree char *a = g_strdup_printf (
        "{\"status\":\"completed\",\"outputs\":[{\"type\":\"text\","
        "\"data\":\"x\"},{\"data\":\"%s\",\"type\":\"video\"}]}",
        plain);
    g_autofree char *b = g_strdup_printf (
        "{\"outputs\":[{\"type\":\"video\",\"data\":\"%s\"}],\"s\":1}",
        escaped);
    g_autofree char *c
        = g_strdup_printf ("{\"outputs\":[{\"type\":\"video\",\"data\":"
                           "\"data:video/mp4;base64,%s\"}]}",
                           safe);

    check (a, clip);
    check (b, clip);
    check (c, clip);
  }
}

/* A long prompt and a picture come before it; the picture is none. */
static void
test_others (void)
{
  g_autoptr (GBytes) clip = make_clip (5000);
  g_autofree char *video = encode (clip);
  g_autofree char *prompt = g_strnfill (5000, 'p');
  g_autofree guint8 *picture = g_malloc0 (4000);
  g_autofree char *png = NULL;
  g_autofree char *text = NULL;

  memcpy (picture, "\x89PNG\r\n\x1a\n", 8);
  png = g_base64_encode (picture, 4000);
  text = g_strdup_printf (
      "{\"prompt\":\"%s é\\\"\",\"outputs\":[{\"type\":\"image\",\"data\":"
      "\"%s\"},{\"type\":\"video\",\"data\":\"%s\"}]}",
      prompt, png, video);
  check (text, clip);
}

static void
test_refusals (void)
{
  g_autoptr (GBytes) clip = make_clip (5000);
  g_autofree char *video = encode (clip);
  g_autofree char *broken = replace (video, video + strlen (video) - 8, "%%%%");
  g_autofree char *good = g_strdup_printf (
      "{\"outputs\":[{\"type\":\"video\",\"data\":\"%s\"}]}", video);
  g_autofree char *bad = g_strdup_printf (
      "{\"outputs\":[{\"type\":\"video\",\"data\":\"%s\"}]}", broken);
  g_autofree char *elsewhere
      = g_strdup_printf ("{\"thumbnail\":\"%s\",\"outputs\":[{\"type\":"
                         "\"video\",\"data\":\"\"}]}",
                         video);
  g_autofree char *cut = g_strndup (good, strlen (good) - 3);
  g_autofree char *many = g_strnfill (GENVID_JSON_MAX_BYTES + 2, ' ');

  check_refused (PATH, bad, GENVID_REASON_NOT_MEDIA);
  check_refused (PATH, elsewhere, GENVID_REASON_NOT_MEDIA);
  check_refused ("$.outputs[0].other", good, GENVID_REASON_NOT_MEDIA);
  check_refused (PATH, "{\"outputs\":[]}", GENVID_REASON_NOT_MEDIA);
  check_refused (PATH,
                 "{\"outputs\":[{\"type\":\"video\",\"data\":"
                 "\"a\\u00011\"}]}",
                 GENVID_REASON_NOT_MEDIA);
  check_refused (PATH, cut, GENVID_REASON_BAD_ANSWER);
  check_refused (PATH, many, GENVID_REASON_BAD_ANSWER);
}

/* What is kept of an answer that is read for its other members. */
static void
test_kept (void)
{
  g_autofree char *media = g_strnfill (3000000, 'A');
  g_autofree char *text = g_strdup_printf (
      "{\"data\":\"%s\",\"status\":\"completed\",\"é\":\"%s\\\\\"}", media,
      "short");
  g_autoptr (GenvidInlineMedia) reader = genvid_inline_media_new (NULL);
  g_autoptr (GByteArray) kept = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;

  g_assert_true (genvid_inline_media_keep (
      reader, (GenvidPiece){ (const guint8 *)text, strlen (text) }));
  kept = genvid_inline_media_take_text (reader);
  g_assert_cmpuint (kept->len, <, 2000);
  root = genvid_json_reader_parse ((const char *)kept->data, kept->len, NULL);
  object = json_node_get_object (root);
  g_assert_cmpuint (strlen (json_object_get_string_member (object, "data")), ==,
                    GENVID_INLINE_LONG);
  g_assert_cmpstr (json_object_get_string_member (object, "status"), ==,
                   "completed");
  g_assert_cmpstr (json_object_get_string_member (object, "é"), ==, "short\\");
}

/* No escape and no letter is cut in two, wherever the bound is. */
static void
test_cuts (void)
{
  for (gsize pad = GENVID_INLINE_LONG - 14; pad < GENVID_INLINE_LONG + 3;
       pad++) {
    g_autofree char *front = g_strnfill (pad, 'p');
    g_autofree char *text
        = g_strdup_printf ("[\"%s\\u00e9é\\\"\\\\ 🌊 and more\",7]", front);
    g_autoptr (GenvidInlineMedia) reader = genvid_inline_media_new (NULL);
    g_autoptr (GByteArray) kept = NULL;
    g_autoptr (JsonNode) root = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_true (genvid_inline_media_keep (
        reader, (GenvidPiece){ (const guint8 *)text, strlen (text) }));
    kept = genvid_inline_media_take_text (reader);
    root = genvid_json_reader_parse ((const char *)kept->data, kept->len,
                                     &error);
    g_assert_no_error (error);
    g_assert_cmpint (json_array_get_int_element (json_node_get_array (root), 1),
                     ==, 7);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inline-media/forms", test_forms);
  g_test_add_func ("/inline-media/others", test_others);
  g_test_add_func ("/inline-media/refusals", test_refusals);
  g_test_add_func ("/inline-media/kept", test_kept);
  g_test_add_func ("/inline-media/cuts", test_cuts);
  return g_test_run ();
}
