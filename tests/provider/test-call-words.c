/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words audio, fps, video, audio-input and a duration that is no whole
 * number: how a description takes them, and what becomes of them where one is
 * older than they are. */
#include "call-fixture.h"

#include "call-build.h"
#include "failure.h"
#include "json.h"
#include "request.h"

#include <string.h>

#define HEAD                                                                   \
  "{\"genvid\":1,\"name\":\"toy\",\"title\":\"Toy\",\"semantics\":1,"          \
  "\"base-url\":{\"default\":\"https://toy.example\"},"                        \
  "\"key\":{\"variables\":[\"TOY_API_KEY\"]},"                                 \
  "\"poll\":{\"url\":\"/v1/${id}\"},\"reply\":{\"id\":\"$.id\","               \
  "\"status\":\"$.s\",\"states\":[{\"in\":[\"ok\"],\"is\":\"succeeded\"}],"    \
  "\"link\":\"$.url\"},\"calls\":[{\"name\":\"any\"}],"

#define NEW                                                                    \
  HEAD "\"tables\":{\"switch\":{\"on\":true,\"off\":false},"                   \
       "\"length\":{\"auto\":-1}},"                                            \
       "\"words\":{\"prompt\":{},\"audio\":{},\"fps\":{\"min\":8,\"max\":60}," \
       "\"duration\":{\"min\":1,\"max\":10,\"step\":0.5,\"auto\":true},"       \
       "\"video\":{\"link\":\"url\",\"file\":\"data-uri\"},"                   \
       "\"audio-input\":{\"id\":\"string\",\"link\":\"url\"}},"                \
       "\"price\":{\"currency\":\"USD\",\"dated\":\"2026-11\",\"rows\":["      \
       "{\"when\":{\"audio\":\"off\"},\"per-second\":1},"                      \
       "{\"per-second\":2}]},"                                                 \
       "\"submit\":{\"url\":\"/v1\",\"body\":{\"p\":\"${prompt}\","            \
       "\"sound\":\"${audio|map:switch}\",\"rate\":\"${fps}\","                \
       "\"length\":\"${duration|map:length}\",\"video\":\"${video}\","         \
       "\"voice\":\"${audio-input}\"}}}"

/* Of a time without these words. */
#define OLD                                                                    \
  HEAD "\"words\":{\"prompt\":{}},\"parameters\":{"                            \
       "\"fps\":{\"type\":\"integer\",\"min\":8,\"help\":\"f\"},"              \
       "\"audio\":{\"type\":\"boolean\",\"default\":true,\"help\":\"a\"},"     \
       "\"video\":{\"type\":\"string\",\"help\":\"v\"}},"                      \
       "\"submit\":{\"url\":\"/v1\",\"body\":{\"p\":\"${prompt}\","            \
       "\"audio\":\"${audio}\",\"fps\":\"${fps}\",\"video\":\"${video}\"}}}"

/* Its sizes and styles are listed. */
#define LISTED                                                                 \
  HEAD "\"words\":{\"prompt\":{},\"resolution\":{\"values\":[\"720p\",\"4K\"]" \
       "},"                                                                    \
       "\"style\":{\"values\":[\"anime\"]}},"                                  \
       "\"price\":{\"currency\":\"USD\",\"dated\":\"2026-11\",\"rows\":["      \
       "{\"when\":{\"resolution\":\"720p\"},\"amount\":1},{\"amount\":2}]},"   \
       "\"submit\":{\"url\":\"/v1\",\"body\":{\"size\":\"${resolution}\","     \
       "\"style\":\"${style}\",\"text\":\"${prompt}\"}}}"

static GenvidProvider *
make_provider (const char *text)
{
  g_autoptr (GError) error = NULL;
  GenvidProvider *provider = genvid_provider_new ("toy.json", text, -1, &error);

  g_assert_no_error (error);
  return provider;
}

static GenvidCall *
make_call (const char *text, const char *members)
{
  g_autoptr (GenvidProvider) provider = make_provider (text);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autoptr (GError) error = NULL;
  GenvidCall *call = genvid_call_new (provider, request, NULL, NULL, &error);

  g_assert_no_error (error);
  genvid_call_bind (call, "https://toy.example", "k", "idem");
  return call;
}

static guint
count_warnings (const char *text, const char *members)
{
  g_autoptr (GenvidProvider) provider = make_provider (text);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autoptr (GPtrArray) warnings = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidCall) call
      = genvid_call_new (provider, request, NULL, &warnings, &error);

  g_assert_no_error (error);
  g_assert_nonnull (call);
  return warnings->len;
}

static void
check_body (const char *text, const char *members, const char *body)
{
  g_autoptr (GenvidCall) call = make_call (text, members);
  g_autofree char *sent = fixture_body (call);

  g_assert_cmpstr (sent, ==, body);
}

static void
check_form (JsonObject *object, const char *wanted)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GString) form = g_string_new (NULL);

  json_node_set_object (node, object);
  genvid_json_write (form, node, TRUE);
  g_assert_cmpstr (form->str, ==, wanted);
}

static void
check_canonical (const char *text, const char *members, const char *wanted)
{
  g_autoptr (GenvidCall) call = make_call (text, members);

  check_form (genvid_call_get_canonical (call), wanted);
}

static void
check_former (const char *text, const char *members, const char *wanted)
{
  g_autoptr (GenvidCall) call = make_call (text, members);

  if (wanted == NULL)
    g_assert_null (genvid_call_get_former (call));
  else
    check_form (genvid_call_get_former (call), wanted);
}

static void
check_refused (const char *text, const char *members, const char *message)
{
  g_autoptr (GenvidProvider) provider = make_provider (text);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_call_new (provider, request, NULL, NULL, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_cmpstr (error->message, ==, message);
}

static void
check_price_at (const char *text, const char *members, double wanted)
{
  g_autoptr (GenvidCall) call = make_call (text, members);
  const char *currency;
  double amount;

  g_assert_true (genvid_call_get_price (call, &amount, &currency));
  g_assert_cmpfloat (amount, ==, wanted);
}

static void
check_price (const char *members, double wanted)
{
  check_price_at (NEW, members, wanted);
}

/* However it is spelled, it is one purchase; under the user's spelling it may
 * have been bought before there was a list. */
static void
test_spelling (void)
{
  check_canonical (LISTED, "prompt=p&resolution=720P&style=ANIME",
                   "{\"prompt\":\"p\",\"resolution\":\"720p\","
                   "\"style\":\"anime\"}");
  check_former (LISTED, "prompt=p&resolution=720P&style=anime",
                "{\"prompt\":\"p\",\"resolution\":\"720P\","
                "\"style\":\"anime\"}");
  check_canonical (LISTED, "prompt=p&resolution=4k",
                   "{\"prompt\":\"p\",\"resolution\":\"4K\"}");
  check_former (LISTED, "prompt=p&resolution=4k",
                "{\"prompt\":\"p\",\"resolution\":\"4k\"}");
  check_former (LISTED, "prompt=p&resolution=4K&style=anime", NULL);
  check_body (LISTED, "prompt=p&resolution=720P&style=ANIME",
              "{\"size\":\"720p\",\"style\":\"anime\",\"text\":\"p\"}");
  check_body (LISTED, "prompt=p&resolution=4k",
              "{\"size\":\"4K\",\"text\":\"p\"}");
  check_price_at (LISTED, "prompt=p&resolution=720P", 1);
  check_price_at (LISTED, "prompt=p&resolution=4k", 2);
  check_refused (LISTED, "prompt=p&resolution=540P",
                 "Toy supports resolution 720p or 4K, not 540P");
}

static void
test_bodies (void)
{
  check_body (NEW, "prompt=p", "{\"p\":\"p\"}");
  check_body (NEW, "prompt=p&audio=auto", "{\"p\":\"p\"}");
  check_body (NEW, "prompt=p&audio=off&fps=24",
              "{\"p\":\"p\",\"sound\":false,\"rate\":24}");
  check_body (NEW, "prompt=p&audio=on&duration=4.5",
              "{\"p\":\"p\",\"sound\":true,\"length\":4.5}");
  check_body (NEW, "prompt=p&duration=auto", "{\"p\":\"p\",\"length\":-1}");
  check_body (NEW, "video=https://h.example/a.mp4&audio-input=id:7",
              "{\"video\":\"https://h.example/a.mp4\",\"voice\":\"7\"}");
}

static void
test_canonical (void)
{
  check_canonical (NEW, "prompt=p&audio=auto", "{\"prompt\":\"p\"}");
  check_canonical (NEW,
                   "prompt=p&audio=off&fps=24&duration=4.5&"
                   "video=https://h.example/a.mp4&audio-input=id:7",
                   "{\"audio\":\"off\",\"audio-input\":{\"id\":\"7\"},"
                   "\"duration\":4.5,\"fps\":24,\"prompt\":\"p\","
                   "\"video\":{\"link\":\"https://h.example/a.mp4\"}}");
  check_canonical (NEW, "prompt=p&duration=auto",
                   "{\"duration\":\"auto\",\"prompt\":\"p\"}");
}

static void
test_refusals (void)
{
  check_refused (NEW, "duration=4.3",
                 "Toy supports duration in steps of 0.5 seconds, not 4.3");
  check_refused (NEW, "duration=0.5",
                 "Toy supports duration from 1 to 10, not 0.5");
  check_refused (NEW, "duration=10.5",
                 "Toy supports duration from 1 to 10, not 10.5");
  check_refused (NEW, "fps=61", "Toy supports fps from 8 to 60, not 61");
  check_refused (NEW, "video=id:4",
                 "Toy takes video as a file or as an https link");
  check_refused (OLD, "prompt=p&audio-input=id:3",
                 "Toy does not support audio-input; leave audio-input unset");
}

/* A service that only has whole seconds, or a list. */
static void
test_whole_seconds (void)
{
#define WHOLE(word)                                                            \
  HEAD "\"words\":{\"duration\":" word "},\"submit\":{\"url\":\"/v1\","        \
       "\"body\":{\"d\":\"${duration}\"}}}"
  check_body (WHOLE ("{}"), "duration=3", "{\"d\":3}");
  check_refused (WHOLE ("{}"), "duration=3.5",
                 "Toy supports duration in whole seconds, not 3.5");
  check_refused (WHOLE ("{}"), "duration=auto",
                 "Toy does not choose the duration by itself; set it to a "
                 "number of seconds, or leave it unset");
  check_body (WHOLE ("{\"values\":[4,5.5]}"), "duration=5.5", "{\"d\":5.5}");
  check_refused (WHOLE ("{\"values\":[4,5.5]}"), "duration=4.5",
                 "Toy supports duration 4 or 5.5, not 4.5");
}

/* A ratio that the service chooses, where its list has a word for that. */
static void
test_open_ratio (void)
{
#define RATIO(word)                                                            \
  HEAD "\"words\":{\"aspect-ratio\":" word "},\"submit\":{\"url\":\"/v1\","    \
       "\"body\":{\"r\":\"${aspect-ratio}\"}}}"
  check_body (RATIO ("{\"values\":[\"16:9\",\"auto\"]}"), "aspect-ratio=AUTO",
              "{\"r\":\"auto\"}");
  check_body (RATIO ("{\"values\":[\"16:9\",\"adaptive\"]}"),
              "aspect-ratio=adaptive", "{\"r\":\"adaptive\"}");
  check_body (RATIO ("{}"), "aspect-ratio=21:9", "{\"r\":\"21:9\"}");
  check_refused (RATIO ("{\"values\":[\"16:9\",\"auto\"]}"),
                 "aspect-ratio=adaptive",
                 "Toy supports aspect-ratio 16:9 or auto, not adaptive");
  check_refused (RATIO ("{}"), "aspect-ratio=auto",
                 "Toy does not choose the aspect-ratio by itself; set it to "
                 "one like 16:9, or leave it unset");
}

static void
check_reachable (const char *file, const char *word, JsonObject *words)
{
  JsonArray *values
      = genvid_json_array (genvid_json_object (words, word), "values");

  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++) {
    g_autoptr (GenvidRequest) request = genvid_request_new ();
    g_autoptr (GError) error = NULL;

    *genvid_request_find_text (request, word)
        = g_strdup (json_array_get_string_element (values, i));
    if (!genvid_request_check (request, &error)) {
      g_test_message ("%s: %s", file, error->message);
      g_test_fail ();
    }
  }
}

static void
check_lists (const char *file, JsonNode *node, guint *found)
{
  g_autoptr (GList) members = NULL;
  JsonObject *object;

  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; i < json_array_get_length (array); i++)
      check_lists (file, json_array_get_element (array, i), found);
  }
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;
  object = json_node_get_object (node);
  if (genvid_json_object (object, "words") != NULL) {
    JsonObject *words = genvid_json_object (object, "words");

    check_reachable (file, "aspect-ratio", words);
    check_reachable (file, "resolution", words);
    (*found)++;
  }
  members = json_object_get_members (object);
  for (GList *l = members; l != NULL; l = l->next)
    check_lists (file, json_object_get_member (object, l->data), found);
}

/* What a shipped description lists can be asked for. */
static void
test_reachable (void)
{
  g_auto (GStrv) services = fixture_services ();
  guint found = 0;

  for (guint i = 0; services[i] != NULL; i++) {
    g_autofree char *path
        = g_strdup_printf (TEST_SOURCE_ROOT "/providers/%s.json", services[i]);
    g_autoptr (JsonParser) parser = json_parser_new ();

    g_assert_true (json_parser_load_from_file (parser, path, NULL));
    check_lists (services[i], json_parser_get_root (parser), &found);
  }
  g_assert_cmpuint (found, >, 21);
}

/* A length that the service chooses costs as much as the longest. */
static void
test_prices (void)
{
  check_price ("prompt=p&audio=off&duration=4.5", 4.5);
  check_price ("prompt=p&duration=4.5", 9);
  check_price ("prompt=p&duration=auto", 20);
}

/* The body, and what is hashed, are what the parameter made them. */
static void
test_older (void)
{
  check_body (OLD, "prompt=p", "{\"p\":\"p\",\"audio\":true}");
  check_body (OLD, "prompt=p&fps=24&audio=false&video=https://h.example/a",
              "{\"p\":\"p\",\"audio\":false,\"fps\":24,"
              "\"video\":\"https://h.example/a\"}");
  check_canonical (OLD, "prompt=p&fps=24&audio=off",
                   "{\"parameters\":{\"audio\":false,\"fps\":24},"
                   "\"prompt\":\"p\"}");
  check_canonical (OLD, "prompt=p&options.fps=24&options.audio=false",
                   "{\"parameters\":{\"audio\":false,\"fps\":24},"
                   "\"prompt\":\"p\"}");
  /* As a store has it: the word, and the option that it was. */
  check_canonical (OLD, "prompt=p&fps=24&options.fps=24",
                   "{\"parameters\":{\"audio\":true,\"fps\":24},"
                   "\"prompt\":\"p\"}");
  check_refused (OLD, "prompt=p&fps=24&options.fps=25",
                 "option fps is given twice");
  check_refused (OLD, "prompt=p&fps=4",
                 "option fps must be a whole number of at least 8, not 4");
  check_refused (OLD, "prompt=p&video=id:7",
                 "Toy takes video as an https link");
}

/* Media inside the answer: from the poll's own address, if it has no link. */
static void
test_inline (void)
{
#define INLINE                                                                 \
  HEAD "\"words\":{\"prompt\":{}},\"submit\":{\"url\":\"/v1\",\"body\":{"      \
       "\"p\":\"${prompt}\"}},\"download\":{\"url\":\"/v1/${id}\","            \
       "\"base64\":\"$.o[0].data\"}}"
  g_autoptr (GenvidCall) call = make_call (INLINE, "prompt=p");
  g_autoptr (GenvidExchange) poll = genvid_call_build_poll (call, "7", NULL);
  g_autoptr (GenvidExchange) submit = genvid_call_build_submit (call, NULL);
  g_autoptr (GenvidExchange) built
      = genvid_call_build_media (call, "7", NULL, NULL);
  g_autoptr (GenvidExchange) linked
      = genvid_call_build_media (call, "7", "https://cdn.example/a", NULL);
  g_autoptr (GenvidCall) other = make_call (NEW, "prompt=p");
  g_autoptr (GenvidExchange) plain = genvid_call_build_poll (other, "7", NULL);

  g_assert_true (poll->cut);
  g_assert_false (submit->cut);
  g_assert_false (plain->cut);
  g_assert_cmpstr (built->url, ==, "https://toy.example/v1/7");
  g_assert_cmpstr (built->inline_path, ==, "$.o[0].data");
  g_assert_null (linked->inline_path);
}

/* What each model has of its own, without a call of its own. */
#define MODELS                                                                 \
  HEAD "\"words\":{\"prompt\":{},\"model\":{\"default\":\"a/one\"},"           \
       "\"duration\":{\"max\":10},\"end-image\":{\"link\":\"url\"}},"          \
       "\"submit\":{\"url\":\"/v1/${model|default:a%2Fone}\",\"body\":{"       \
       "\"p\":\"${prompt}\",\"input\":{\"seconds\":\"${duration}\","           \
       "\"tail\":\"${end-image}\"}}},"                                         \
       "\"models\":{\"b/two*\":{\"words\":{\"duration\":{\"values\":[4,8]}},"  \
       "\"submit\":{\"with\":{\"input\":{\"tail\":null,\"last\":"              \
       "\"${end-image}\",\"seconds\":\"${duration|fmt:%ds}\"}}}},"             \
       "\"c/three\":{\"takes\":[\"prompt\",\"model\"],\"submit\":{\"body\":{"  \
       "\"text\":\"${prompt}\"}},\"price\":{\"currency\":\"USD\","             \
       "\"dated\":\"2026-11\",\"rows\":[{\"amount\":2}]}}}}"

/* A refused word comes with a model that takes the whole request, and whose
 * name is most like the one that does not. */
#define OTHERS                                                                 \
  HEAD "\"words\":{\"prompt\":{},\"model\":{\"default\":\"x/text\","           \
       "\"known\":[\"x/text\",\"y/clip\",\"x/clip\",\"x/long\"]},"             \
       "\"seed\":{},\"image\":{\"link\":\"url\"}},\"submit\":{"                \
       "\"url\":\"/v1\",\"body\":{\"p\":\"${prompt}\","                        \
       "\"m\":\"${model}\",\"s\":\"${seed}\",\"i\":\"${image}\"}},"            \
       "\"models\":{\"*/clip\":{\"words\":{\"image\":{\"link\":\"url\","       \
       "\"required\":true}}},\"x/text\":{\"takes\":[\"prompt\",\"model\"],"    \
       "\"submit\":{\"with\":{\"s\":null,\"i\":null}}},"                       \
       "\"x/long\":{\"takes\":[\"prompt\",\"model\",\"seed\"],"                \
       "\"submit\":{\"with\":{\"i\":null}}}}}"

static void
test_other_model (void)
{
  check_refused (OTHERS, "prompt=p&image=https://h.example/a.png",
                 "Toy's x/text does not support image; leave image unset, or "
                 "set another model, such as model=x/clip");
  check_refused (OTHERS, "prompt=p&seed=5",
                 "Toy's x/text does not support seed; leave seed unset, or "
                 "set another model, such as model=x/long");
  check_refused (OTHERS,
                 "prompt=p&model=x/long&image=https://h.example/a.png&seed=2",
                 "Toy's x/long does not support image; leave image unset, or "
                 "set another model, such as model=x/clip");
}

static void
test_models (void)
{
  g_autoptr (GenvidCall) three = make_call (MODELS, "prompt=p&model=c/three");
  const char *currency;
  double amount;

  check_body (MODELS, "prompt=p&duration=5&end-image=https://h.example/a.png",
              "{\"p\":\"p\",\"input\":{\"seconds\":5,"
              "\"tail\":\"https://h.example/a.png\"}}");
  check_body (MODELS,
              "prompt=p&model=b/two-fast&duration=8&"
              "end-image=https://h.example/a.png",
              "{\"p\":\"p\",\"input\":{\"seconds\":\"8s\","
              "\"last\":\"https://h.example/a.png\"}}");
  check_refused (MODELS, "prompt=p&model=b/two&duration=5",
                 "Toy's b/two supports duration 4 or 8, not 5");
  check_body (MODELS, "prompt=p&model=c/three", "{\"text\":\"p\"}");
  check_refused (MODELS, "prompt=p&model=c/three&duration=5",
                 "Toy's c/three does not support duration; leave duration "
                 "unset");
  g_assert_cmpstr (genvid_call_get_name (three), ==, "any");
  g_assert_true (genvid_call_get_price (three, &amount, &currency));
  g_assert_cmpfloat (amount, ==, 2);
}

/* A model with a table of its own is known, without being listed twice; one
 * that only a pattern fits is not. */
static void
test_known_models (void)
{
  static const struct {
    const char *model;
    gboolean known;
  } rows[] = {
    { "c/three", TRUE },    { "d/four", TRUE },  { "b/two-x", FALSE },
    { "c/three-x", FALSE }, { "e/five", FALSE },
  };
  g_auto (GStrv) parts = g_strsplit (MODELS, "\"default\":\"a/one\"", 2);
  g_autofree char *description = g_strjoin (
      "\"default\":\"a/one\",\"known\":[\"d/four\"]", parts[0], parts[1], NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *members
        = g_strdup_printf ("prompt=p&model=%s", rows[i].model);

    g_assert_cmpint (count_warnings (description, members), ==,
                     rows[i].known ? 0 : 1);
  }
}

/* A parameter, and a word, that only choose a call. */
#define CHOOSING                                                               \
  "{\"genvid\":1,\"name\":\"toy\",\"title\":\"Toy\",\"semantics\":1,"          \
  "\"base-url\":{\"default\":\"https://toy.example\"},"                        \
  "\"key\":{\"variables\":[\"TOY_API_KEY\"]},"                                 \
  "\"poll\":{\"url\":\"/v1/${id}\"},\"reply\":{\"id\":\"$.id\","               \
  "\"status\":\"$.s\",\"states\":[{\"in\":[\"ok\"],\"is\":\"succeeded\"}],"    \
  "\"link\":\"$.url\"},\"parameters\":{\"dialect\":{\"type\":\"string\","      \
  "\"values\":[\"old\",\"new\"],\"help\":\"d\"}},"                             \
  "\"words\":{\"prompt\":{},\"resolution\":{}},\"submit\":{\"url\":\"/v1\","   \
  "\"body\":{\"p\":\"${prompt}\",\"r\":\"${resolution}\"}},\"calls\":["        \
  "{\"name\":\"old\",\"when\":{\"dialect\":\"old\"},\"submit\":{\"body\":{"    \
  "\"text\":\"${prompt}\",\"r\":\"${resolution}\"}}},"                         \
  "{\"name\":\"high\",\"when\":{\"resolution\":\"1080p\"},\"submit\":{"        \
  "\"body\":{\"p\":\"${prompt}\",\"hd\":true}}},{\"name\":\"new\"}]}"

static void
test_choosing (void)
{
  check_body (CHOOSING, "prompt=p", "{\"p\":\"p\"}");
  check_body (CHOOSING, "prompt=p&dialect=old", "{\"text\":\"p\"}");
  check_body (CHOOSING, "prompt=p&dialect=new", "{\"p\":\"p\"}");
  check_body (CHOOSING, "prompt=p&resolution=1080p",
              "{\"p\":\"p\",\"hd\":true}");
  /* What chose is in the call's name. */
  check_canonical (CHOOSING, "prompt=p&dialect=old", "{\"prompt\":\"p\"}");
}

#define YOUNGER                                                                \
  HEAD "\"tables\":{\"switch\":{\"on\":true,\"off\":false}},\"words\":{"       \
       "\"prompt\":{},\"audio\":{}},\"submit\":{\"url\":\"/v1\","              \
       "\"extra\":\"$\",\"body\":{\"p\":\"${prompt}\","                        \
       "\"sound\":\"${audio|map:switch}\"}}}"

/* What was sent as an option before the description had the word is sent so
 * still, and is the same request, which was bought. */
static void
test_younger (void)
{
  check_body (YOUNGER, "prompt=p&sound=false", "{\"p\":\"p\",\"sound\":false}");
  check_canonical (YOUNGER, "prompt=p&sound=false",
                   "{\"options\":{\"sound\":false},\"prompt\":\"p\"}");
  check_body (YOUNGER, "prompt=p&audio=off", "{\"p\":\"p\",\"sound\":false}");
  check_refused (YOUNGER, "prompt=p&audio=on&sound=false",
                 "option sound: Toy has it as the property audio; set that "
                 "instead");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/bodies", test_bodies);
  g_test_add_func ("/words/spelling", test_spelling);
  g_test_add_func ("/words/canonical", test_canonical);
  g_test_add_func ("/words/refusals", test_refusals);
  g_test_add_func ("/words/whole-seconds", test_whole_seconds);
  g_test_add_func ("/words/open-ratio", test_open_ratio);
  g_test_add_func ("/words/prices", test_prices);
  g_test_add_func ("/words/reachable", test_reachable);
  g_test_add_func ("/words/inline", test_inline);
  g_test_add_func ("/words/models", test_models);
  g_test_add_func ("/words/other-model", test_other_model);
  g_test_add_func ("/words/known-models", test_known_models);
  g_test_add_func ("/words/younger", test_younger);
  g_test_add_func ("/words/choosing", test_choosing);
  g_test_add_func ("/words/older", test_older);
  return g_test_run ();
}
