/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chunked bodies, in every way they can arrive and end. */
#include "chunked-decoder.h"

#include <string.h>

/* In pieces of STEP bytes; what came out is appended to OUT. */
static GenvidChunkedDecoder
decode (const char *text, gsize step, GString *out)
{
  GenvidChunkedDecoder chunks = { 0 };
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i += step) {
    gsize n = MIN (step, length - i);
    g_autofree guint8 *piece = g_memdup2 (text + i, n);

    n = genvid_chunked_decoder_decode (&chunks, piece, n);
    g_string_append_len (out, (char *)piece, n);
  }
  return chunks;
}

static void
test_whole (void)
{
  const char *const texts[] = {
    "5\r\nHello\r\n6\r\n world\r\n0\r\n\r\n",
    "5\nHello\n6\n world\n0\n\n",
    "05;a=\"b\"\r\nHello\r\n6 \r\n world\r\n000\r\nX-T: 1\r\nY: 2\r\n\r\n",
    "b\r\nHello world\r\n0;last\r\n\r\nnot ours",
    "B\r\nHello world\r\n0\r\n\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize step = 1; step <= strlen (texts[i]); step++) {
      g_autoptr (GString) out = g_string_new (NULL);
      GenvidChunkedDecoder chunks = decode (texts[i], step, out);

      g_assert_cmpstr (out->str, ==, "Hello world");
      g_assert_true (chunks.ended);
      g_assert_false (chunks.broken);
    }
}

/* Wherever it is cut, it has not ended. */
static void
test_cut (void)
{
  const char *text = "5\r\nHello\r\n6\r\n world\r\n0\r\nX: 1\r\n\r\n";

  for (gsize length = 0; length < strlen (text); length++) {
    g_autofree char *cut = g_strndup (text, length);
    g_autoptr (GString) out = g_string_new (NULL);
    GenvidChunkedDecoder chunks = decode (cut, 3, out);

    g_assert_false (chunks.ended);
    g_assert_false (chunks.broken);
    g_assert_true (g_str_has_prefix ("Hello world", out->str));
  }
}

static void
test_broken (void)
{
  const char *const texts[] = {
    "Hello",
    "-1\r\n",
    "\r\n",
    ";x\r\n",
    "5\r\nHelloworld",
    "5\r\nHello\rX",
    "1000000000000000\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GString) out = g_string_new (NULL);
    GenvidChunkedDecoder chunks = decode (texts[i], 4, out);

    g_assert_true (chunks.broken);
    g_assert_false (chunks.ended);
  }
}

/* Framing without payload, for ever. */
static void
test_endless (void)
{
  const char *const texts[][2] = {
    { "5;", "a" },
    { "0\r\n", "X: 1\r\n" },
    { "0\r\n", "\r" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GString) text = g_string_new (texts[i][0]);
    g_autoptr (GString) out = g_string_new (NULL);

    while (text->len < 20000)
      g_string_append (text, texts[i][1]);
    g_assert_true (decode (text->str, 1000, out).broken);
    g_assert_cmpuint (out->len, ==, 0);
  }
}

/* A byte of payload pays for a few bytes of framing, not for any number. */
static void
test_costly (void)
{
  g_autoptr (GString) small = g_string_new (NULL);
  g_autoptr (GString) large = g_string_new (NULL);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < 10000; i++)
    g_string_append (small, "1;a=b\r\nx\r\n");
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (large, "1;%0100d\r\nx\r\n", 0);
  g_assert_false (decode (small->str, 1000, out).broken);
  g_assert_cmpuint (out->len, ==, 10000);
  g_string_truncate (out, 0);
  g_assert_true (decode (large->str, 1000, out).broken);
  g_assert_cmpuint (out->len, <, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chunks/whole", test_whole);
  g_test_add_func ("/chunks/cut", test_cut);
  g_test_add_func ("/chunks/broken", test_broken);
  g_test_add_func ("/chunks/endless", test_endless);
  g_test_add_func ("/chunks/costly", test_costly);
  return g_test_run ();
}
