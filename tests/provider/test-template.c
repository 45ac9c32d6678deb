/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two rules of a skeleton, the filters, and that no value is ever looked
 * at again. */
#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "template.h"

#include <json-glib/json-glib.h>

#include <string.h>

static JsonNode *
parse (const char *text)
{
  GError *error = NULL;
  JsonNode *node = genvid_json_reader_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return node;
}

static const char values_text[]
    = "{\"n\":7,\"d\":8.0,\"f\":1.5,\"s\":\"05\",\"b\":true,\"t\":\"Text\","
      "\"list\":[1,\"x\"],\"o\":{\"k\":1},\"null\":null,\"neg\":\"-3\"}";
static const char tables_text[]
    = "{\"size\":{\"1080p\":\"1080P\",\"Text\":{\"any\":1},\"7\":70}}";

/* EXPECTED: JSON, NULL where all of it is dropped. */
static void
check_fill (const char *skeleton, const char *expected)
{
  g_autoptr (JsonNode) values = parse (values_text);
  g_autoptr (JsonNode) tables = parse (tables_text);
  g_autoptr (JsonNode) tree = parse (skeleton);
  const GenvidScope scope
      = { json_node_get_object (values), json_node_get_object (tables) };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) filled = genvid_template_fill (tree, &scope, &error);
  g_autofree char *text = filled ? genvid_json_to_text (filled) : NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
check_fails (const char *skeleton, const char *message)
{
  g_autoptr (JsonNode) values = parse (values_text);
  g_autoptr (JsonNode) tree = parse (skeleton);
  const GenvidScope scope = { json_node_get_object (values), NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_template_fill (tree, &scope, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_typed_leaf (void)
{
  check_fill ("\"${n}\"", "7");
  check_fill ("\"${f}\"", "1.5");
  check_fill ("\"${b}\"", "true");
  check_fill ("\"${list}\"", "[1,\"x\"]");
  check_fill ("\"${o}\"", "{\"k\":1}");
  check_fill ("\"n=${n}, b=${b}\"", "\"n=7, b=true\"");
  check_fill ("{\"a\":[null,1,\"${n}\",{}]}", "{\"a\":[null,1,7,{}]}");
}

static void
test_dropped (void)
{
  check_fill ("{\"a\":\"${n}\",\"b\":\"${unset}\"}", "{\"a\":7}");
  check_fill ("{\"a\":\"${n}\",\"b\":\"${null}\"}", "{\"a\":7}");
  check_fill ("{\"a\":\"x ${unset}\",\"b\":1}", "{\"b\":1}");
  check_fill ("[1,\"${unset}\",2]", "[1,2]");
  check_fill ("{\"a\":{\"b\":{\"c\":\"${unset}\"}},\"d\":1}", "{\"d\":1}");
  check_fill ("{\"a\":[\"${unset}\"]}", NULL);
  check_fill ("{\"a\":{}}", "{\"a\":{}}");
}

static void
test_if (void)
{
  check_fill ("{\"x\":{\"$if\":\"n\",\"v\":1}}", "{\"x\":{\"v\":1}}");
  check_fill ("{\"x\":{\"$if\":\"unset\",\"v\":1},\"y\":2}", "{\"y\":2}");
  check_fill ("[{\"$if\":[\"n\",\"b\"],\"v\":1}]", "[{\"v\":1}]");
  check_fill ("[{\"$if\":[\"n\",\"unset\"],\"v\":1},3]", "[3]");
}

static void
test_filters (void)
{
  check_fill ("\"${s|int}\"", "5");
  check_fill ("\"${neg|int}\"", "-3");
  check_fill ("\"${d|int}\"", "8");
  check_fill ("\"${n|str}\"", "\"7\"");
  check_fill ("\"${n|fmt:%ds}\"", "\"7s\"");
  check_fill ("\"${s|fmt:%ds}\"", "\"5s\"");
  check_fill ("\"${t|fmt:<%s>}\"", "\"<Text>\"");
  check_fill ("\"${t|upper}\"", "\"TEXT\"");
  check_fill ("\"${t|lower}\"", "\"text\"");
  check_fill ("\"${unset|default:a/b/c|head:2}\"", "\"a/b\"");
  check_fill ("\"${unset|default:a/b/c|head:9}\"", "\"a/b/c\"");
  check_fill ("\"${unset|default:/b|head:1}\"", "\"\"");
  check_fill ("\"${unset|head:1}\"", NULL);
  check_fill ("\"${unset|default:x y}\"", "\"x y\"");
  check_fill ("\"${n|default:x}\"", "7");
  check_fill ("\"${unset|default:9|int}\"", "9");
  check_fill ("\"${unset|fmt:%ds}\"", NULL);
}

static void
test_map (void)
{
  check_fill ("\"${unset|default:1080p|map:size}\"", "\"1080P\"");
  check_fill ("\"${unset|default:1080P|map:size}\"", "\"1080P\"");
  check_fill ("\"${unset|default:360p|map:size}\"", "\"360p\"");
  check_fill ("\"${n|map:size}\"", "70");
  check_fill ("\"${n|map:size|fmt:%ds}\"", "\"70s\"");
}

static void
test_misfits (void)
{
  check_fails ("\"${f|int}\"", "f: \"1.5\" is not a whole number");
  check_fails ("\"${t|int}\"", "t: \"Text\" is not a whole number");
  check_fails ("\"${b|int}\"", "b: \"true\" is not a whole number");
  check_fails ("\"${t|fmt:%ds}\"", "t: \"Text\" is not a whole number");
  check_fails ("\"${o|str}\"", "o: str needs a plain value");
  check_fails ("\"${o|head:1}\"", "o: head needs a plain value");
  check_fails ("\"x ${list}\"", "list is not a plain value");
  check_fails ("{\"a\":[\"${f|int}\"]}", "f: \"1.5\" is not a whole number");
}

/* Whatever a prompt holds, the body holds, and nothing in it is a template. */
static void
test_hostile_values (void)
{
  const char *const prompts[] = { "she said \"hi\" \\ and left",
                                  "two\nlines\tand\r\x01\x1f controls",
                                  "emoji 🌊 é \u202e",
                                  "${n} and ${unset} and ${",
                                  "{{brand}} }}{{",
                                  "$if",
                                  "%d %s %n",
                                  "</script>",
                                  "\",\"model\":\"other" };
  g_autoptr (JsonNode) tree
      = parse ("{\"p\":\"${p}\",\"q\":\"<${p}>\",\"m\":\"${p|map:none}\"}");

  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++) {
    g_autoptr (JsonObject) values = json_object_new ();
    g_autoptr (JsonNode) filled = NULL;
    g_autoptr (JsonNode) again = NULL;
    g_autofree char *text = NULL;
    g_autofree char *framed = g_strdup_printf ("<%s>", prompts[i]);
    const GenvidScope scope = { values, NULL };

    json_object_set_string_member (values, "p", prompts[i]);
    json_object_set_string_member (values, "n", "WRONG");
    filled = genvid_template_fill (tree, &scope, NULL);
    text = genvid_json_to_text (filled);
    again = parse (text);
    g_assert_cmpuint (json_object_get_size (json_node_get_object (again)), ==,
                      3);
    g_assert_cmpstr (
        genvid_json_string (json_node_get_object (again), "p", NULL), ==,
        prompts[i]);
    g_assert_cmpstr (
        genvid_json_string (json_node_get_object (again), "q", NULL), ==,
        framed);
  }
}

static void
check_url (const char *template, const char *id, const char *expected)
{
  g_autoptr (JsonObject) values = json_object_new ();
  const GenvidScope scope = { values, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  genvid_json_set (values, "id", id);
  text = genvid_template_text (template, &scope, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_url (void)
{
  check_url ("/v2/jobs/${id}", "a-b_c.d~e", "/v2/jobs/a-b_c.d~e");
  check_url ("/g/${id}/stop", "1fe4:pixverse/v5+x=?#&%",
             "/g/1fe4%3Apixverse%2Fv5%2Bx%3D%3F%23%26%25/stop");
  check_url ("/g/${id}", "é 🌊", "/g/%C3%A9%20%F0%9F%8C%8A");
  check_url ("/${id|raw}/x", "models/veo/operations/1",
             "/models/veo/operations/1/x");
  check_url ("/g/${id}", NULL, NULL);
}

static void
test_url_refused (void)
{
  const char *const ids[] = { "", ".", ".." };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_autoptr (JsonObject) values = json_object_new ();
    const GenvidScope scope = { values, NULL };
    g_autoptr (GError) error = NULL;

    genvid_json_set (values, "id", ids[i]);
    g_assert_null (genvid_template_text ("/j/${id}", &scope, TRUE, &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  }
}

static void
check_bad (const char *skeleton, const char *message)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (JsonNode) tables = parse (tables_text);
  g_autoptr (JsonNode) tree = parse (skeleton);
  g_autoptr (GError) error = NULL;
  gboolean good;

  g_hash_table_add (names, (gpointer) "n");
  good = genvid_template_check (tree, names, json_node_get_object (tables),
                                "submit.body", &error);
  g_assert_cmpstr (error ? error->message : NULL, ==, message);
  g_assert_cmpint (good, ==, message == NULL);
}

static void
test_check (void)
{
  check_bad ("{\"a\":[\"${n|int|fmt:%ds|map:size|default:x|str|raw}\",1]}",
             NULL);
  check_bad ("{\"a\":{\"$if\":[\"n\"],\"b\":1}}", NULL);
  check_bad ("{\"data\":{\"duration\":\"${n|itn}\"}}",
             "submit.body.data.duration: unknown filter \"itn\"");
  check_bad ("{\"a\":[1,\"x ${m}\"]}",
             "submit.body.a[1]: unknown variable \"m\"");
  check_bad ("\"${n|map:sizes}\"", "submit.body: unknown table \"sizes\"");
  check_bad ("\"${n|fmt:s}\"",
             "submit.body: a single %d or %s is expected in \"fmt:s\"");
  check_bad ("\"${n|fmt:%d%s}\"",
             "submit.body: a single %d or %s is expected in \"fmt:%d%s\"");
  check_bad ("\"${n|fmt:%n}\"",
             "submit.body: a single %d or %s is expected in \"fmt:%n\"");
  check_bad ("\"${n|head:2}\"", NULL);
  check_bad ("\"${n|head:0}\"",
             "submit.body: a digit from 1 is expected in \"head:0\"");
  check_bad ("\"${n|head:}\"",
             "submit.body: a digit from 1 is expected in \"head:\"");
  check_bad ("\"${n|head:12}\"",
             "submit.body: a digit from 1 is expected in \"head:12\"");
  check_bad ("\"${n\"", "submit.body: \"${n\" has no closing brace");
  check_bad ("\"${}\"", "submit.body: \"${}\" names no variable");
  check_bad ("\"${a b}\"", "submit.body: \"${a b}\" names no variable");
  check_bad ("{\"$when\":1}", "submit.body: unknown instruction \"$when\"");
  check_bad ("{\"$if\":1}", "submit.body: names are expected in \"$if\"");
  check_bad ("{\"$if\":\"m\"}", "submit.body: unknown variable \"m\"");
}

#define GRAPH                                                                  \
  "{\"1\":{\"inputs\":{\"text\":\"old\",\"clip\":[\"2\",0]},\"_meta\":{"       \
  "\"title\":"                                                                 \
  "\"Prompt\"}},\"2\":{\"inputs\":{\"seed\":1}},\"3\":\"odd\","                \
  "\"4\":{\"_meta\":{\"title\":\"prompt\"}}}"

/* FILL into the graph, with "s" and "n" set and "u" unset. */
static void
check_graph (const char *fill, const char *expected, const char *refusal)
{
  g_autofree char *members
      = g_strdup_printf ("{\"g\":%s,\"s\":\"${n} x\",\"n\":7}", GRAPH);
  g_autofree char *skeleton
      = g_strdup_printf ("{\"$graph\":\"g\",\"$fill\":%s}", fill);
  g_autoptr (JsonNode) values = parse (members);
  g_autoptr (JsonNode) tree = parse (skeleton);
  const GenvidScope scope = { json_node_get_object (values), NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) filled = genvid_template_fill (tree, &scope, &error);
  g_autofree char *text = filled ? genvid_json_to_text (filled) : NULL;
  g_autofree char *after = genvid_json_to_text (values);
  g_autoptr (JsonNode) again = parse (members);
  g_autofree char *before = genvid_json_to_text (again);

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpstr (error ? error->message : NULL, ==, refusal);
  /* The user's own graph is as it was, for the next request. */
  g_assert_cmpstr (after, ==, before);
}

static void
test_graph (void)
{
  check_graph (
      "{\"prompt\":{\"text\":\"${s}\",\"value\":\"${s}\"},"
      "\"seed\":{\"seed\":\"${u}\"}}",
      "{\"1\":{\"inputs\":{\"text\":\"${n} x\",\"clip\":[\"2\",0]},"
      "\"_meta\":{\"title\":\"Prompt\"}},\"2\":{\"inputs\":{\"seed\":1}},"
      "\"3\":\"odd\",\"4\":{\"_meta\":{\"title\":\"prompt\"}}}",
      NULL);
  /* Node 2 has the input and not the title, node 1 the other way round. */
  check_graph (
      "{\"seed\":{\"seed\":\"${n}\",\"noise\":\"${n}\"}}", NULL,
      "g: it has no node with the title \"seed\" and the input seed or "
      "noise; give a node this title in the graph's editor and export "
      "it for the API");
  check_graph (
      "{\"prompt\":{\"seed\":\"${n}\"}}", NULL,
      "g: it has no node with the title \"prompt\" and the input seed; "
      "give a node this title in the graph's editor and export it for "
      "the API");
}

/* A title with a number takes one reference each; the inputs it has decide what
 * a node does with it. */
static void
test_numbered_titles (void)
{
  static const char skeleton[]
      = "{\"$graph\":\"g\",\"$fill\":{\"ref ${item-number}\":{"
        "\"$each\":\"references\",\"image\":\"${item}\","
        "\"file\":\"${item}\"}}}";
  g_autoptr (JsonNode) tree = parse (skeleton);
  g_autoptr (JsonNode) values = parse (
      "{\"references\":[\"a\",\"b\"],\"g\":{"
      "\"1\":{\"inputs\":{\"file\":0},\"_meta\":{\"title\":\"Ref 2\"}},"
      "\"2\":{\"inputs\":{\"image\":0},\"_meta\":{\"title\":\"ref 1\"}},"
      "\"3\":{\"inputs\":{\"image\":0},\"_meta\":{\"title\":\"ref\"}}}}");
  const GenvidScope scope = { json_node_get_object (values), NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) filled = genvid_template_fill (tree, &scope, &error);
  g_autofree char *text = filled ? genvid_json_to_text (filled) : NULL;
  g_autoptr (JsonNode) third = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (
      text, ==,
      "{\"1\":{\"inputs\":{\"file\":\"b\"},\"_meta\":{\"title\":\"Ref 2\"}},"
      "\"2\":{\"inputs\":{\"image\":\"a\"},\"_meta\":{\"title\":\"ref 1\"}},"
      "\"3\":{\"inputs\":{\"image\":0},\"_meta\":{\"title\":\"ref\"}}}");
  json_array_add_string_element (
      json_object_get_array_member (scope.values, "references"), "c");
  third = genvid_template_fill (tree, &scope, &error);
  g_assert_null (third);
  g_assert_cmpstr (error->message, ==,
                   "g: it has no node with the title \"ref 3\" and the input "
                   "image or file; give a node this title in the graph's "
                   "editor and export it for the API");
}

static void
test_numbered_titles_checked (void)
{
  check_bad ("{\"$graph\":\"n\",\"$fill\":{\"a ${item-number}\":{"
             "\"$each\":\"references\",\"x\":\"${item}\"}}}",
             NULL);
  check_bad ("{\"$graph\":\"n\",\"$fill\":{\"a\":{\"$each\":"
             "\"references\",\"x\":\"${item}\"}}}",
             "submit.body: a title has \"${item-number}\" where its inputs "
             "have an \"$each\", and only there");
  check_bad ("{\"$graph\":\"n\",\"$fill\":{\"a ${item-number}\":{"
             "\"x\":\"${n}\"}}}",
             "submit.body: a title has \"${item-number}\" where its inputs "
             "have an \"$each\", and only there");
  check_bad ("{\"$graph\":\"n\",\"$fill\":{\"a ${item-number}${m}\":{"
             "\"$each\":\"references\",\"x\":\"${item}\"}}}",
             "submit.body: unknown variable \"m\"");
  check_bad ("[\"${item-number}\"]",
             "submit.body[0]: unknown variable \"item-number\"");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/template/typed-leaf", test_typed_leaf);
  g_test_add_func ("/template/dropped", test_dropped);
  g_test_add_func ("/template/if", test_if);
  g_test_add_func ("/template/filters", test_filters);
  g_test_add_func ("/template/map", test_map);
  g_test_add_func ("/template/misfits", test_misfits);
  g_test_add_func ("/template/hostile-values", test_hostile_values);
  g_test_add_func ("/template/url", test_url);
  g_test_add_func ("/template/url-refused", test_url_refused);
  g_test_add_func ("/template/check", test_check);
  g_test_add_func ("/template/graph", test_graph);
  g_test_add_func ("/template/numbered-titles", test_numbered_titles);
  g_test_add_func ("/template/numbered-titles-checked",
                   test_numbered_titles_checked);
  return g_test_run ();
}
