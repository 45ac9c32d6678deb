/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values. If one of these changes, every clip that users own would be
 * bought again: raise "semantics" or the form's version on purpose, or put
 * the code back. */
#include "call-fixture.h"

#include "call.h"
#include "fingerprint.h"
#include "provider.h"

#include <json-glib/json-glib.h>

#include <string.h>

static char *
take_fingerprint (const char *provider, const char *members, guint take)
{
  g_autoptr (GenvidCall) call = fixture_call (provider, members);
  GenvidProvider *service = genvid_call_get_provider (call);
  const char *base = genvid_provider_get_base_url (service);

  return genvid_fingerprint (genvid_provider_get_name (service),
                             base ? base : "https://gateway.example",
                             genvid_call_get_name (call),
                             genvid_provider_get_semantics (service), take,
                             genvid_call_get_canonical (call));
}

static void
check (const char *provider, const char *members, const char *golden)
{
  g_autofree char *fingerprint = take_fingerprint (provider, members, 1);

  g_assert_cmpstr (fingerprint, ==, golden);
}

static void
test_golden (void)
{
  check ("genpro", FIXTURE_PLACE "prompt=a drone shot",
         "bdc5dee9eaa13f6b50ca863f3460542021be4a910acfa42dc86bdff3a5681258");
  check ("genpro",
         FIXTURE_PLACE "prompt=a drone shot&negative-prompt=text&model=veo_3&"
                       "aspect-ratio=16:9&duration=10&variables.brand=Acme",
         "9c007d2f8252046f75cdb25fc9d4e01a7edd0b280f24eb4031dc773cbb874cee");
  check ("genpro",
         FIXTURE_PLACE "image=id:image_res_123&prompt=zoom&camera=left",
         "c87cb998d29a59adf14d01e91138f8c054880fbf833add6e48db1a7f5aeade90");
  check ("genpro", FIXTURE_PLACE "prompt=p&references=id:501,id:502",
         "d95f0476456c6ad72424adb7a793b2d5a891d2250bb979545e11137354f0b45b");
  check ("aimlapi", "prompt=a dragon&resolution=1080p&duration=5&seed=7",
         "ccd19f131ea1d28ccdf74574d85b2b1b3ec0b480d68d6394c09d84bb1fb29369");
  check ("cn8", "prompt=a lake",
         "932a4770c4febf74da1cf1c26c90fd1cae36d92d11a3d64eeeec0c101c036742");
  check ("cn8", "prompt=“a lake” 🌊\n&duration=8&resolution=512p",
         "08e2126e3967ebe68e781e847aee11d8649f7f5e2ce32dee1040fefbeb15b372");
}

/* Made by a version that had no word audio, fps, video or audio-input. Two of
 * the services have a parameter fps since then. */
static void
test_former (void)
{
  check ("openai-videos", "prompt=p&fps=24&duration=8",
         "0a0a6f2bab8261971556d500bd7d2de17ef93495876e89f3806cd39ab2b802a9");
  check ("openai-videos", "prompt=p&options.fps=24&size=1280x720",
         "438e4f81e8bce4873acec5eaf7e11fd72bbbfff6f61d0ee7ff8a1392c36ca5fd");
  check ("together", "prompt=p&model=google/veo-3.0&fps=24&generate_audio=true",
         "f0f4e07d955c62603ef47e18721736ac503f76c2605d2366b08f4d52775ac889");
  check ("together", "prompt=p&generate_audio=false",
         "b6732b3baa9c27c7cffe6ad08fd213a11f4e571cd88e9d447f4918c12623f4f0");
  check ("ark", "prompt=p&duration=5&generate_audio=false",
         "48983440a35ec08a3085aab3a82cba2155f6366eb44614fd6aad0eb089160afa");
  check ("wavespeed", "prompt=p&model=alibaba/wan-3&enable_audio=true",
         "a63e7735e874fcd12a7348f2ec508654de89e315b25b95a9f38f680ebc174447");
  check ("wavespeed", "prompt=p&generate_audio=false",
         "c3aba6f8616f7e71b78d792847eff19613de4f19e350e507ecffa8151828bca7");
  check ("xai", "prompt=p&generate_audio=false&duration=6",
         "785c1dadb6a17561cb5f39d966cddc49447a7118a656577fb5692100452dbf2b");
  check ("luma", "prompt=p&duration=5&loop=true",
         "e05e441c162a4e07818d5138fa660e1a9d676f0bdd3ae9f5a269ae6856f854c4");
  check ("openrouter", "prompt=p&model=x/y&seed=3",
         "c0baa1259550a4b92b777b25a158787a21c0b776506ff35742185352bb5c03bb");
  check ("comfy", "prompt=p&resolution=720p&duration=5",
         "98f8aa25856b0c22697c7d1b3ac311265f4db37206938044ce88dace01f13c15");
  check ("comfy-classic", "prompt=p&seed=1",
         "83df293af01a56926dc70982269b4217be78ee606f7535000c9a949cfaa1c551");
  check ("comfy-router", "prompt=p&model=byteplus/seedance-2-5",
         "2455620766550f43033ad6c2e46ac262445d062ec7330cf5a5bfb65893f2fc5e");
  check ("aimlapi", "prompt=p&duration=8&style=anime",
         "74e48b00eca832c604cff0260e990dd809697528e9ed5cc71082a07a1f35379d");
}

/* Made while a service's sizes were passed on, before they were listed: a size
 * in the service's own case keeps the name of its purchase. */
static void
test_passed_on (void)
{
  check ("dashscope", "prompt=p&model=wan2.7-t2v&resolution=720P&duration=5",
         "08418b83cb72327c0042b4ce48642c0f1d58e6c5a4a9dffd637dce55060e0a70");
  check ("dashscope",
         "prompt=p&model=wan2.6-i2v&resolution=1080P&image=https://e.com/a.png",
         "55b99942ca5bfed6818e769a1a502a3e9a43e171549fb296892c655de34ba893");
  check ("dashscope", "prompt=p&model=happyhorse-1.0-t2v&resolution=720P",
         "654cd013077407732a4b5aa26dc9f93640e90f502b0d5d519adf6882e2f65776");
  check ("wavespeed",
         "prompt=p&model=luma/ray-3.2/text-to-video&resolution=720P",
         "05336c373ec8c098d0900a0676d36ac7b3354a8a0d92b105378c2c9e5608fd63");
  check ("wavespeed",
         "prompt=p&model=alibaba/wan-2.6/text-to-video&resolution=1080P",
         "7cf6324b8d491b43059e85b7a285463adf1f5b6189d9d70955fae451c46be34a");
  check ("comfy-router", "prompt=p&model=kling/kling-v3&duration=5",
         "a6c16e2711f241704a2993aee4a8ea8252fb650fba20172bf2d0f607c3341dff");
  check ("together",
         "prompt=p&model=google/veo-3.0&resolution=1080P&aspect-ratio=16:9",
         "b364fccaca5f1a2ccb7bffa1a911e335844cfb23084f3b6368fad50ef12d4859");
}

/* The same wish in another spelling is the same purchase. */
static void
check_same (const char *provider, const char *a, const char *b, gboolean same)
{
  g_autofree char *first = take_fingerprint (provider, a, 1);
  g_autofree char *second = take_fingerprint (provider, b, 1);

  g_assert_cmpint (g_str_equal (first, second), ==, same);
}

static void
test_spellings (void)
{
  check_same ("cn8", "prompt=p&resolution=1080p", "resolution=1080P&prompt=p",
              TRUE);
  check_same ("genpro", FIXTURE_PLACE "prompt=p",
              "agent-id=\"42\"&cell_id=3100&sheet-id=101&prompt=p", TRUE);
  check_same ("aimlapi", "prompt=p", "prompt=p&model=pixverse/v5/text-to-video",
              TRUE);
  check_same ("cn8", "prompt=p", "prompt=p&duration=4", FALSE);
  check_same ("cn8", "prompt=p", "prompt=p ", FALSE);
  check_same ("genpro", FIXTURE_PLACE "prompt=p",
              "sheet-id=102&cell-id=3100&agent-id=42&prompt=p", FALSE);
  check_same ("genpro", FIXTURE_PLACE "image=id:a",
              FIXTURE_PLACE "end-image=id:a&image=id:a", FALSE);
  check_same ("together", "prompt=p&fps=24", "prompt=p&options.fps=24", TRUE);
  check_same ("together", "prompt=p&audio=auto", "prompt=p", TRUE);
  check_same ("cn8", "prompt=p&duration=4", "prompt=p&duration=4.0", TRUE);
  check_same ("cn8", "prompt=p&x=1", "prompt=p&x=\"1\"", FALSE);
  check_same ("cn8", "prompt=p&x=1", "prompt=p&x=1.0", FALSE);
}

static void
test_parts (void)
{
  g_autoptr (JsonObject) canonical = json_object_new ();
  g_autofree char *base = NULL;
  const struct {
    const char *provider, *origin, *call;
    gint64 semantics;
    guint take;
  } others[] = {
    { "b", "https://o", "c", 1, 1 }, { "a", "https://p", "c", 1, 1 },
    { "a", "https://o", "d", 1, 1 }, { "a", "https://o", "c", 2, 1 },
    { "a", "https://o", "c", 1, 2 },
  };

  json_object_set_string_member (canonical, "prompt", "p");
  base = genvid_fingerprint ("a", "https://o", "c", 1, 1, canonical);
  g_assert_cmpuint (strlen (base), ==, 64);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autofree char *other = genvid_fingerprint (
        others[i].provider, others[i].origin, others[i].call,
        others[i].semantics, others[i].take, canonical);

    g_assert_cmpstr (other, !=, base);
  }
}

static void
test_order (void)
{
  g_autoptr (JsonNode) a
      = fixture_parse ("{\"b\":{\"y\":1,\"x\":[1,2.5,true,null]},\"a\":\"s\"}");
  g_autoptr (JsonNode) b
      = fixture_parse ("{\"a\":\"s\",\"b\":{\"x\":[1,2.5,true,null],\"y\":1}}");
  g_autofree char *first
      = genvid_fingerprint ("p", "o", "c", 1, 1, json_node_get_object (a));
  g_autofree char *second
      = genvid_fingerprint ("p", "o", "c", 1, 1, json_node_get_object (b));

  g_assert_cmpstr (first, ==, second);
}

static void
test_idempotency (void)
{
  g_autofree char *one = genvid_fingerprint_idempotency ("abc", 1);
  g_autofree char *two = genvid_fingerprint_idempotency ("abc", 2);

  g_assert_cmpstr (
      one, ==,
      "a9916e14f659467318b70bdff9bbdc38f174993c44a51e7b10cf01934577d7f2");
  g_assert_cmpstr (
      two, ==,
      "68d83ee07010ed7d6e64d00ea6262d3563be205e1bdd18ae5eeb3438e7c01d9a");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fingerprint/golden", test_golden);
  g_test_add_func ("/fingerprint/former", test_former);
  g_test_add_func ("/fingerprint/passed-on", test_passed_on);
  g_test_add_func ("/fingerprint/spellings", test_spellings);
  g_test_add_func ("/fingerprint/parts", test_parts);
  g_test_add_func ("/fingerprint/order", test_order);
  g_test_add_func ("/fingerprint/idempotency", test_idempotency);
  return g_test_run ();
}
