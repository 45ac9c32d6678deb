/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members are read only as what they are, and written without surprise. */
#include "json-reader.h"
#include "json.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

static JsonNode *
parse (const char *text)
{
  GError *error = NULL;
  JsonNode *node = genvid_json_reader_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return node;
}

static void
test_getters (void)
{
  g_autoptr (JsonNode) root
      = parse ("{\"s\":\"x\",\"i\":7,\"d\":1.5,\"b\":true,\"o\":{},\"a\":[],"
               "\"n\":null}");
  JsonObject *object = json_node_get_object (root);

  g_assert_cmpstr (genvid_json_string (object, "s", "f"), ==, "x");
  g_assert_cmpstr (genvid_json_string (object, "i", "f"), ==, "f");
  g_assert_cmpstr (genvid_json_string (object, "n", "f"), ==, "f");
  g_assert_cmpstr (genvid_json_string (NULL, "s", "f"), ==, "f");
  g_assert_cmpint (genvid_json_int (object, "i", -1), ==, 7);
  g_assert_cmpint (genvid_json_int (object, "d", -1), ==, -1);
  g_assert_cmpfloat (genvid_json_double (object, "d", -1), ==, 1.5);
  g_assert_cmpfloat (genvid_json_double (object, "i", -1), ==, 7);
  g_assert_cmpfloat (genvid_json_double (object, "s", -1), ==, -1);
  g_assert_true (genvid_json_bool (object, "b", FALSE));
  g_assert_false (genvid_json_bool (object, "i", FALSE));
  g_assert_nonnull (genvid_json_object (object, "o"));
  g_assert_null (genvid_json_object (object, "a"));
  g_assert_nonnull (genvid_json_array (object, "a"));
  g_assert_null (genvid_json_array (object, "missing"));
}

static void
test_set (void)
{
  g_autoptr (JsonObject) object = json_object_new ();

  genvid_json_set (object, "a", "x");
  genvid_json_set (object, "b", NULL);
  g_assert_cmpuint (json_object_get_size (object), ==, 1);
}

static void
check_text (const char *json, const char *expected)
{
  g_autoptr (JsonNode) node = parse (json);
  g_autofree char *text = genvid_json_scalar_text (node);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_scalar_text (void)
{
  check_text ("\"a b\"", "a b");
  check_text ("9223372036854775807", "9223372036854775807");
  check_text ("0.1", "0.1");
  check_text ("4.0", "4");
  check_text ("1e300", "1e+300");
  check_text ("0.30000000000000004", "0.30000000000000004");
  check_text ("false", "false");
  check_text ("null", NULL);
  check_text ("[1]", NULL);
}

static void
check_number (const char *json, gboolean good, double expected)
{
  g_autoptr (JsonNode) node = parse (json);
  double number = 0;

  g_assert_cmpint (genvid_json_scalar_number (node, &number), ==, good);
  if (good)
    g_assert_cmpfloat (number, ==, expected);
}

static void
test_scalar_number (void)
{
  check_number ("5", TRUE, 5);
  check_number ("5.0", TRUE, 5);
  check_number ("\"4.5\"", TRUE, 4.5);
  check_number ("\"-1e3\"", TRUE, -1000);
  check_number ("\"\"", FALSE, 0);
  check_number ("\" 5\"", FALSE, 0);
  check_number ("\"5 credits\"", FALSE, 0);
  check_number ("\"nan\"", FALSE, 0);
  check_number ("\"inf\"", FALSE, 0);
  check_number ("\"0x10\"", FALSE, 0);
  check_number ("\"1e999\"", FALSE, 0);
  check_number ("true", FALSE, 0);
  check_number ("null", FALSE, 0);
  check_number ("{}", FALSE, 0);
}

static void
check_round (const char *json)
{
  g_autoptr (JsonNode) node = parse (json);
  g_autofree char *text = genvid_json_to_text (node);

  g_assert_cmpstr (text, ==, json);
}

static void
test_to_text (void)
{
  check_round ("{\"b\":1,\"a\":[true,null,0.1,4.0,-7,{}]}");
  check_round (
      "\"quote \\\" back \\\\ line \\n tab \\t cr \\r \\u0001 / é 🌊\"");
}

/* What is written is read as the same, member for member. */
static void
check_same (JsonNode *node)
{
  g_autofree char *text = genvid_json_to_text (node);
  g_autoptr (JsonNode) again = parse (text);

  g_assert_true (json_node_equal (node, again));
}

static void
check_written (double number)
{
  g_autoptr (JsonNode) node
      = json_node_init_double (json_node_alloc (), number);
  g_autofree char *text = genvid_json_to_text (node);
  g_autoptr (JsonNode) again = parse (text);
  double read = json_node_get_double (again);

  g_assert_cmpint (json_node_get_value_type (again), ==, G_TYPE_DOUBLE);
  g_assert_cmpmem (&read, sizeof read, &number, sizeof number);
  check_same (node);
}

static void
test_doubles (void)
{
  static const double numbers[] = {
    0.0,
    -0.0,
    1.0,
    -4.0,
    0.1,
    5e21,
    5e-21,
    1e15,
    1e16,
    1e17,
    1e22,
    1e308,
    1.7976931348623157e308,
    2.2250738585072014e-308,
    2.2250738585072009e-308,
    5e-324,
    -5e-324,
    9007199254740993.0,
    9223372036854775808.0,
    0.30000000000000004,
    1.2345678901234567e-7,
    1234567890123456.7,
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (9);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    check_written (numbers[i]);
  for (guint i = 0; i < 20000; i++) {
    guint64 bits = (guint64)g_rand_int (random) << 32 | g_rand_int (random);
    double number;

    memcpy (&number, &bits, sizeof number);
    if (isfinite (number))
      check_written (number);
  }
}

static void
test_no_number (void)
{
  static const double numbers[] = { INFINITY, -INFINITY, NAN };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (JsonNode) node
        = json_node_init_double (json_node_alloc (), numbers[i]);
    g_autofree char *text = genvid_json_to_text (node);

    g_assert_cmpstr (text, ==, "null");
  }
}

static void
test_integers (void)
{
  static const gint64 numbers[]
      = { 0, -1, G_MAXINT64, G_MININT64, G_MAXINT32, 9007199254740993 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (JsonNode) node
        = json_node_init_int (json_node_alloc (), numbers[i]);

    check_same (node);
  }
}

/* As an answer may hold them. */
static void
test_numbers_of_answers (void)
{
  static const char *const texts[] = {
    "5e21",
    "5E+21",
    "-0",
    "-0.0",
    "1e400",
    "-1e400",
    "1e-400",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.1e1",
    "4.000",
    "1e0",
    "100000e-5",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (JsonNode) node = parse (texts[i]);

    check_same (node);
  }
}

static void
check_string (const char *text)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), text);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  check_same (node);
  /* And as a name. */
  json_object_set_string_member (object, text, text);
  json_node_set_object (root, object);
  check_same (root);
}

static void
test_strings (void)
{
  g_autofree char *controls = g_strnfill (400000, 1);
  g_autofree char *letters = g_strnfill (1000000 / 2, 'x');

  for (gunichar c = 1; c < 0x11000; c++) {
    char text[8] = { 0 };

    if (c >= 0xd800 && c <= 0xdfff)
      continue;
    g_unichar_to_utf8 (c, text);
    check_string (text);
  }
  check_string ("");
  check_string ("\\u0041 \\\" </script> \x7f \u2028\u2029 \U0010ffff");
  check_string (letters);
  controls[1000] = '\0';
  check_string (controls);
}

/* Never written as it is, since it would not be read. */
static void
test_bad_bytes (void)
{
  static const char *const texts[]
      = { "\xff", "a\x80z", "\xed\xa0\x80", "\xc0\xaf", "cut \xe2\x82" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (JsonNode) node
        = json_node_init_string (json_node_alloc (), texts[i]);
    g_autofree char *text = genvid_json_to_text (node);
    g_autofree char *valid = g_utf8_make_valid (texts[i], -1);
    g_autoptr (JsonNode) again = parse (text);

    g_assert_cmpstr (json_node_get_string (again), ==, valid);
  }
}

static void
test_depth (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < GENVID_JSON_MAX_DEPTH; i++)
    g_string_append (text, i % 2 ? "[" : "{\"a\":");
  g_string_append (text, "1");
  for (guint i = GENVID_JSON_MAX_DEPTH; i-- > 0;)
    g_string_append_c (text, i % 2 ? ']' : '}');
  check_round (text->str);
  g_string_free (text, TRUE);
}

static void
test_keep (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  GString *text = g_string_new ("x");

  for (guint i = 0; i < 10000; i++)
    g_string_append (text, "é");
  genvid_json_keep (object, "long", text->str);
  genvid_json_keep (object, "bad", "\xff");
  genvid_json_keep (object, "none", NULL);
  g_assert_cmpuint (json_object_get_size (object), ==, 2);
  g_assert_cmpuint (strlen (genvid_json_string (object, "long", "")), ==,
                    16383);
  g_assert_true (
      g_utf8_validate (genvid_json_string (object, "long", ""), -1, NULL));
  g_assert_cmpstr (genvid_json_string (object, "bad", ""), ==, "�");
  g_string_free (text, TRUE);
}

static void
check_document (JsonObject *root, gboolean kept)
{
  static const char *const optional[] = { "comment", "more", NULL };
  g_autofree char *text = genvid_json_reader_write (root, optional);
  g_autoptr (JsonNode) node = parse (text);
  JsonObject *read = json_node_get_object (node);

  g_assert_cmpint (json_object_has_member (read, "comment"), ==, kept);
  g_assert_cmpstr (genvid_json_string (read, "id", NULL), ==, "paid");
  g_assert_cmpstr (genvid_json_string (read, "more", NULL), ==, "x");
}

static JsonObject *
make_document (void)
{
  JsonObject *root = json_object_new ();

  json_object_set_string_member (root, "id", "paid");
  json_object_set_string_member (root, "more", "x");
  json_object_set_string_member (root, "comment", "y");
  return root;
}

/* Too long, too deep, too wide: the comment goes, and nothing else. */
static void
test_document_bounds (void)
{
  g_autoptr (JsonObject) root = make_document ();
  g_autofree char *controls = g_strnfill (200000, 1);
  JsonObject *wide = json_object_new ();
  JsonNode *deep = json_node_init_int (json_node_alloc (), 1);

  check_document (root, TRUE);
  json_object_set_string_member (root, "comment", controls);
  check_document (root, FALSE);
  for (guint i = 0; i < GENVID_JSON_MAX_DEPTH; i++) {
    JsonArray *array = json_array_new ();

    json_array_add_element (array, deep);
    deep = json_node_init_array (json_node_alloc (), array);
    json_array_unref (array);
  }
  json_object_set_member (root, "comment", deep);
  check_document (root, FALSE);
  for (guint i = 0; i < 9000; i++) {
    g_autofree char *name = g_strdup_printf ("%u", i);

    json_object_set_int_member (wide, name, i);
  }
  json_object_set_object_member (root, "comment", wide);
  check_document (root, FALSE);
}

/* Nothing of the copy is the original's. */
static void
test_copy_whole (void)
{
  static const char text[]
      = "{\"b\":[1,-2.5,true,null,\"é\",{\"x\":[]}],\"a\":{}}";
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_autoptr (JsonNode) copy = genvid_json_copy_whole (node);
  g_autofree char *written = NULL;
  JsonArray *first, *other;

  first = genvid_json_array (json_node_get_object (node), "b");
  other = genvid_json_array (json_node_get_object (copy), "b");
  g_assert_true (first != other);
  g_assert_true (json_array_get_element (first, 4)
                 != json_array_get_element (other, 4));
  g_clear_pointer (&node, json_node_unref);
  written = genvid_json_to_text (copy);
  g_assert_cmpstr (written, ==, text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/getters", test_getters);
  g_test_add_func ("/json/set", test_set);
  g_test_add_func ("/json/scalar-text", test_scalar_text);
  g_test_add_func ("/json/scalar-number", test_scalar_number);
  g_test_add_func ("/json/to-text", test_to_text);
  g_test_add_func ("/json/doubles", test_doubles);
  g_test_add_func ("/json/no-number", test_no_number);
  g_test_add_func ("/json/integers", test_integers);
  g_test_add_func ("/json/numbers-of-answers", test_numbers_of_answers);
  g_test_add_func ("/json/strings", test_strings);
  g_test_add_func ("/json/bad-bytes", test_bad_bytes);
  g_test_add_func ("/json/depth", test_depth);
  g_test_add_func ("/json/keep", test_keep);
  g_test_add_func ("/json/document-bounds", test_document_bounds);
  g_test_add_func ("/json/copy-whole", test_copy_whole);
  return g_test_run ();
}
