/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How inputs reach a service: as data URI, in base64, as a field of a form, as
 * objects of a list; and what is refused before anything is sent. */
#include "call-fixture.h"

#include "call-build.h"
#include "failure.h"
#include "request.h"

#include <string.h>

#define HEAD                                                                   \
  "{\"genvid\":1,\"name\":\"toy\",\"title\":\"Toy\",\"semantics\":1,"          \
  "\"base-url\":{\"default\":\"https://toy.example\"},"                        \
  "\"key\":{\"variables\":[\"TOY_API_KEY\"]},"                                 \
  "\"poll\":{\"url\":\"/v1/${id}\"},\"reply\":{\"id\":\"$.id\","               \
  "\"status\":\"$.s\",\"states\":[{\"in\":[\"ok\"],\"is\":\"succeeded\"}],"    \
  "\"link\":\"$.url\"},\"calls\":[{\"name\":\"any\"}],"

static GenvidProvider *
make_provider (const char *rest)
{
  g_autofree char *text = g_strconcat (HEAD, rest, "}", NULL);
  g_autoptr (GError) error = NULL;
  GenvidProvider *provider = genvid_provider_new ("toy.json", text, -1, &error);

  g_assert_no_error (error);
  return provider;
}

static void
assert_no_provider (const char *rest, const char *words)
{
  g_autofree char *text = g_strconcat (HEAD, rest, "}", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_provider_new ("toy.json", text, -1, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static GenvidInput *
make_file (const char *path, guint64 size, const char *type)
{
  GenvidInput *input = genvid_input_parse (path, NULL);

  input->sha256 = g_strnfill (64, 'a');
  input->size = size;
  input->type = type;
  return input;
}

static GenvidCall *
make_call (GenvidProvider *provider, const GenvidRequest *request,
           GError **error)
{
  GenvidCall *call = genvid_call_new (provider, request, NULL, NULL, error);

  if (call)
    genvid_call_bind (call, "https://toy.example", "k-secret", "idem");
  return call;
}

static void
assert_refused (GenvidProvider *provider, const GenvidRequest *request,
                const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (make_call (provider, request, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_cmpstr (error->message, ==, message);
}

/* The text with <PATH> for the bytes of files, and ~ before base64. */
static char *
show_part (const GenvidBodyPart *part)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < part->pieces->len; i++) {
    const GenvidBodyPiece *piece = g_ptr_array_index (part->pieces, i);

    if (piece->text)
      g_string_append_len (text, g_bytes_get_data (piece->text, NULL),
                           g_bytes_get_size (piece->text));
    else
      g_string_append_printf (text, "%s<%s>", piece->base64 ? "~" : "",
                              piece->file.path);
  }
  return g_string_free (text, FALSE);
}

#define INLINE                                                                 \
  "\"words\":{\"prompt\":{},\"image\":{\"file\":\"data-uri\","                 \
  "\"link\":\"url\",\"max-bytes\":1048576,\"types\":[\"image/png\","           \
  "\"image/jpeg\"]},\"end-image\":{\"file\":\"base64\",\"link\":\"base64\"}}," \
  "\"submit\":{\"url\":\"/v1\",\"body\":{\"prompt\":\"${prompt}\","            \
  "\"first\":{\"uri\":\"${image}\",\"type\":\"${image|type}\"},"               \
  "\"last\":{\"data\":\"${end-image|only:file}\","                             \
  "\"mime\":\"${end-image|type}\"}}}"

static void
test_inline (void)
{
  g_autoptr (GenvidProvider) provider = make_provider (INLINE);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autofree char *body = NULL;

  request->prompt = g_strdup ("x");
  request->image = make_file ("a.png", 100, "image/png");
  request->end_image = make_file ("b.jpg", 200, "image/jpeg");
  call = make_call (provider, request, NULL);
  exchange = genvid_call_build_submit (call, NULL);
  g_assert_cmpstr (exchange->content_type, ==, "application/json");
  g_assert_null (exchange->body);
  g_assert_cmpuint (exchange->parts->len, ==, 1);
  body = show_part (g_ptr_array_index (exchange->parts, 0));
  g_assert_cmpstr (body, ==,
                   "{\"prompt\":\"x\",\"first\":{\"uri\":"
                   "\"data:image/png;base64,~<a.png>\",\"type\":\"image/png\"},"
                   "\"last\":{\"data\":\"~<b.jpg>\",\"mime\":\"image/jpeg\"}}");
}

/* A link is sent as it is, or waits for its bytes. */
static void
test_links (void)
{
  g_autoptr (GenvidProvider) provider = make_provider (INLINE);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  char path[] = "copy", sha256[] = "bb";
  const GenvidFile file = { path, sha256, "image/webp", 7 };

  request->image = genvid_input_parse ("https://x.example/a.gif?b=c", NULL);
  request->end_image = genvid_input_parse ("https://x.example/b", NULL);
  call = make_call (provider, request, NULL);
  g_assert_cmpuint (genvid_call_get_n_inlines (call), ==, 1);
  g_assert_null (genvid_call_build_submit (call, &error));
  g_assert_cmpstr (error->message, ==, "end-image has not been fetched yet");
  g_assert_true (genvid_call_set_inline_file (call, 0, &file, NULL));
  exchange = genvid_call_build_submit (call, NULL);
  body = show_part (g_ptr_array_index (exchange->parts, 0));
  g_assert_cmpstr (body, ==,
                   "{\"first\":{\"uri\":\"https://x.example/a.gif?b=c\","
                   "\"type\":\"image/gif\"},"
                   "\"last\":{\"data\":\"~<copy>\",\"mime\":\"image/webp\"}}");
}

/* Too large, or of another type: before it is hashed. */
static void
test_limits (void)
{
  g_autoptr (GenvidProvider) provider = make_provider (INLINE);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GError) error = NULL;

  request->image = make_file ("a.png", 1048577, "image/png");
  g_clear_pointer (&request->image->sha256, g_free);
  g_assert_false (genvid_call_check (provider, request, NULL, &error));
  g_assert_cmpstr (error->message, ==,
                   "Toy takes image of at most 1 MiB, not of 1048577 bytes; "
                   "set a smaller one");
  request->image->size = 1048576;
  g_assert_true (genvid_call_check (provider, request, NULL, NULL));
  assert_refused (provider, request, "image: a.png has not been read");
  request->image->sha256 = g_strnfill (64, 'a');
  request->image->type = "image/gif";
  assert_refused (provider, request,
                  "Toy takes image of type image/png or image/jpeg, not "
                  "image/gif");
}

#define LIST                                                                   \
  "\"words\":{\"prompt\":{},\"references\":{\"id\":\"string\","                \
  "\"file\":\"data-uri\",\"link\":\"url\",\"max\":3}},"                        \
  "\"submit\":{\"url\":\"/v1\",\"body\":{\"content\":["                        \
  "{\"type\":\"text\",\"text\":\"${prompt}\",\"$if\":\"prompt\"},"             \
  "{\"$each\":\"references\",\"$type\":\"image/*\",\"type\":\"image_url\","    \
  "\"url\":\"${item}\",\"role\":\"reference_image\"},"                         \
  "{\"$each\":\"references\",\"$type\":\"video/*\",\"type\":\"video_url\","    \
  "\"url\":\"${item}\"}]}}"

static void
test_each (void)
{
  g_autoptr (GenvidProvider) provider = make_provider (LIST);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autofree char *body = NULL;

  g_ptr_array_add (request->references, make_file ("m.mp4", 9, "video/mp4"));
  g_ptr_array_add (request->references, make_file ("a.png", 9, "image/png"));
  g_ptr_array_add (request->references,
                   genvid_input_parse ("https://x.example/b", NULL));
  call = make_call (provider, request, NULL);
  exchange = genvid_call_build_submit (call, NULL);
  body = show_part (g_ptr_array_index (exchange->parts, 0));
  g_assert_cmpstr (
      body, ==,
      "{\"content\":[{\"type\":\"image_url\","
      "\"url\":\"data:image/png;base64,~<a.png>\","
      "\"role\":\"reference_image\"},{\"type\":\"image_url\","
      "\"url\":\"https://x.example/b\",\"role\":\"reference_image\"},"
      "{\"type\":\"video_url\",\"url\":\"data:video/mp4;base64,~<m.mp4>\"}]}");
  g_ptr_array_add (request->references, make_file ("s.wav", 9, "audio/wav"));
  assert_refused (provider, request, "Toy takes at most 3 references, not 4");
  g_ptr_array_remove_index (request->references, 0);
  assert_refused (provider, request,
                  "Toy takes references of type image/* or video/*");
}

#define FORM                                                                   \
  "\"words\":{\"prompt\":{},\"duration\":{},\"image\":{\"file\":\"part\","     \
  "\"link\":\"part\"},\"references\":{\"file\":\"part\"}},"                    \
  "\"submit\":{\"url\":\"/v1\",\"extra\":\"$\",\"form\":{"                     \
  "\"prompt\":\"${prompt}\",\"seconds\":\"${duration}\","                      \
  "\"input_reference\":\"${image}\",\"more\":\"${references}\","               \
  "\"extra_params\":{\"a\":[1,\"${duration}\"]}}}"

static void
test_form (void)
{
  static const char *const wanted[] = { "prompt (null) x \"y\"",
                                        "seconds (null) 5",
                                        "input_reference image.png <a.png>",
                                        "more video.mp4 <m.mp4>",
                                        "more image.jpg <b.jpg>",
                                        "extra_params (null) {\"a\":[1,5]}",
                                        "lora (null) z" };
  g_autoptr (GenvidProvider) provider = make_provider (FORM);
  g_autoptr (GenvidRequest) request = genvid_request_new ();
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidExchange) exchange = NULL;

  request->prompt = g_strdup ("x \"y\"");
  request->duration = 5;
  request->image = make_file ("a.png", 100, "image/png");
  g_ptr_array_add (request->references, make_file ("m.mp4", 9, "video/mp4"));
  g_ptr_array_add (request->references, make_file ("b.jpg", 9, "image/jpeg"));
  request->options = json_object_new ();
  json_object_set_string_member (request->options, "lora", "z");
  call = make_call (provider, request, NULL);
  exchange = genvid_call_build_submit (call, NULL);
  g_assert_cmpstr (exchange->content_type, ==, "multipart/form-data");
  g_assert_cmpuint (exchange->parts->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < exchange->parts->len; i++) {
    const GenvidBodyPart *part = g_ptr_array_index (exchange->parts, i);
    g_autofree char *text = show_part (part);
    g_autofree char *line
        = g_strdup_printf ("%s %s %s", part->name,
                           part->file_name ? part->file_name : "(null)", text);

    g_assert_cmpstr (line, ==, wanted[i]);
  }
}

static void
test_strict (void)
{
  assert_no_provider (
      "\"words\":{\"image\":{\"file\":\"part\"}},\"submit\":{\"url\":\"/v1\","
      "\"body\":{\"i\":\"${image}\"}}",
      "a \"part\" needs a \"form\"");
  assert_no_provider ("\"words\":{\"prompt\":{}},\"submit\":{\"url\":\"/v1\","
                      "\"form\":{\"i\":\"${prompt}\"},\"body\":{}}",
                      "submit has a \"body\" or a \"form\"");
  assert_no_provider (
      "\"words\":{\"image\":{\"file\":\"base64\"}},\"submit\":{\"url\":\"/v1\","
      "\"body\":{\"i\":\"${image|upper}\"}}",
      "an input cannot have the filter \"upper\"");
  assert_no_provider ("\"words\":{\"prompt\":{}},\"submit\":{\"url\":\"/v1\","
                      "\"body\":{\"i\":\"${prompt|type}\"}}",
                      "\"type\" can only be asked of an input");
  assert_no_provider ("\"words\":{\"prompt\":{}},\"submit\":{\"url\":\"/v1\","
                      "\"body\":{\"p\":\"${prompt}\",\"i\":\"${item}\"}}",
                      "unknown variable \"item\"");
  assert_no_provider (
      "\"words\":{\"prompt\":{\"types\":[\"a\"]}},\"submit\":{\"url\":\"/v1\","
      "\"body\":{\"p\":\"${prompt}\"}}",
      "only an input has id, file and link");
}

#define CALCULATED                                                             \
  "\"tables\":{\"sizes\":{\"16:9+720p\":\"1280x720\","                         \
  "\"9:16+720p\":\"720x1280\"}},\"parameters\":{\"fps\":{"                     \
  "\"type\":\"integer\",\"help\":\"h\"}},"                                     \
  "\"words\":{\"model\":{},\"prompt\":{},\"duration\":{},\"aspect-ratio\":{"   \
  "\"default\":\"16:9\",\"send-default\":true},\"resolution\":{}},"            \
  "\"submit\":{\"url\":\"/v1/${model|path}\",\"body\":{"                       \
  "\"size\":\"${aspect-ratio+resolution|in:sizes}\","                          \
  "\"frames\":\"${duration|times:fps|plus:1|int}\","                           \
  "\"hd\":{\"$if\":{\"resolution\":\"720p\"},\"$value\":[\"a\",0],"            \
  "\"$else\":false},\"prompt\":\"${prompt}\"}}"

static void
test_calculated (void)
{
  g_autoptr (GenvidProvider) provider = make_provider (CALCULATED);
  g_autoptr (GenvidRequest) request
      = fixture_request ("model=a/b c/d&resolution=720p&duration=4&fps=24");
  g_autoptr (GenvidCall) call = make_call (provider, request, NULL);
  g_autoptr (GenvidExchange) exchange = genvid_call_build_submit (call, NULL);
  g_autofree char *body = fixture_body (call);

  g_assert_cmpstr (exchange->url, ==, "https://toy.example/v1/a/b%20c/d");
  g_assert_cmpstr (body, ==,
                   "{\"size\":\"1280x720\",\"frames\":97,\"hd\":[\"a\",0]}");
  g_free (request->resolution);
  request->resolution = g_strdup ("4k");
  assert_refused (provider, request,
                  "aspect-ratio+resolution: only 16:9+720p or 9:16+720p can "
                  "be set, not 16:9+4k");
  g_free (request->resolution);
  request->resolution = NULL;
  g_free (request->model);
  request->model = g_strdup ("a/../b");
  assert_refused (provider, request, "model cannot be part of a URL as it is");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call-inputs/inline", test_inline);
  g_test_add_func ("/call-inputs/links", test_links);
  g_test_add_func ("/call-inputs/limits", test_limits);
  g_test_add_func ("/call-inputs/each", test_each);
  g_test_add_func ("/call-inputs/form", test_form);
  g_test_add_func ("/call-inputs/strict", test_strict);
  g_test_add_func ("/call-inputs/calculated", test_calculated);
  return g_test_run ();
}
