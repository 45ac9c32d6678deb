/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a clip costs, by the figures of the services' own pages: a cap and a
 * budget are judged by it, so it may be too high, never too low. */

#include "call-fixture.h"

#include "call.h"
#include "provider.h"
#include "request.h"

typedef struct {
  const char *members;
  double price; /* -1: none is known */
} Price;

static void
check_prices (const char *name, const Price *prices, gsize n)
{
  g_autoptr (GenvidProvider) provider = fixture_provider (name);

  for (gsize i = 0; i < n; i++) {
    g_autoptr (GenvidRequest) request = fixture_request (prices[i].members);
    const char *currency = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (GenvidCall) call
        = genvid_call_new (provider, request, NULL, NULL, &error);
    double amount = -1;

    g_assert_no_error (error);
    if (!genvid_call_get_price (call, &amount, &currency))
      amount = -1;
    if (ABS (amount - prices[i].price) > 1e-9) {
      g_test_message ("%s %s costs %g, not %g", name, prices[i].members, amount,
                      prices[i].price);
      g_test_fail ();
    }
  }
}

#define A "https://a.example/a.png"

/* $0.231 a second of 1280x720 are 21,600 tokens at $10.7 a million; the largest
 * picture of 720p, 1112x834, has 0.6 % more, and a clip of 4 seconds has 97
 * frames: 1112 * 834 * 97 / 1024 * 10.7 / 10^6 is 0.94. A reference may be a
 * video, whose length counts as well. */
static void
test_ark (void)
{
  static const Price prices[] = {
    { "prompt=p&duration=4&resolution=480p", 0.4345 },
    { "prompt=p&duration=4", 0.9401 },
    { "prompt=p", 1.1727 },
    { "prompt=p&duration=30&resolution=1080p", 17.1929 },
    { "prompt=p&duration=4&references=https://a.example/a.mp4", -1 },
  };

  check_prices ("ark", prices, G_N_ELEMENTS (prices));
}

/* An input may raise the price, or leave it open. */
static void
test_inputs (void)
{
  static const Price kling[] = {
    { "prompt=p&model=kling-3.0-omni&resolution=720p&duration=5&audio=off",
      0.42 },
    { "prompt=p&model=kling-3.0-omni&resolution=720p&duration=5&audio=off"
      "&references=" A,
      0.63 },
  };
  static const Price router[] = {
    { "prompt=p&model=minimax/minimax-h3&resolution=768p&duration=5",
      5 * 27.1557 },
    { "prompt=p&model=minimax/minimax-h3&resolution=768p&duration=5"
      "&references=" A,
      -1 },
  };
  static const Price openrouter[] = {
    { "prompt=p&model=alibaba/wan-2.6&resolution=720p&duration=5"
      "&references=" A,
      -1 },
  };

  static const Price runway[] = {
    { "prompt=p&model=seedance2_mini&duration=5", 80 },
    { "prompt=p&model=seedance2_mini&duration=5&references=" A, -1 },
    { "prompt=p&model=seedance2&duration=5&references=" A, -1 },
  };
  static const Price wavespeed[] = {
    { "prompt=p&resolution=720p&duration=5", 0.5 },
    { "prompt=p&model=alibaba/wan-3.0/reference-to-video&resolution=720p"
      "&duration=5&references=" A,
      -1 },
  };

  check_prices ("runway", runway, G_N_ELEMENTS (runway));
  check_prices ("wavespeed", wavespeed, G_N_ELEMENTS (wavespeed));
  check_prices ("kling", kling, G_N_ELEMENTS (kling));
  check_prices ("comfy-router", router, G_N_ELEMENTS (router));
  check_prices ("openrouter", openrouter, G_N_ELEMENTS (openrouter));
}

/* "roughly $0.26" for 5 seconds of Seedance 1.5 at 720p with sound: the tokens
 * of the largest picture of the size, and of one frame more. */
static const Price fal_prices[] = {
  { "prompt=p&model=fal-ai/veo3.1/lite&duration=4", 0.2 },
  { "prompt=p&model=fal-ai/veo3.1/lite&duration=4&audio=off", 0.12 },
  { "prompt=p&model=fal-ai/veo3.1/lite&duration=4&resolution=1080p", 0.32 },
  { "prompt=p&model=fal-ai/veo3/fast&duration=4", 0.6 },
  { "prompt=p&model=fal-ai/kling-video/v3/standard/text-to-video", 0.63 },
  { "prompt=p&model=fal-ai/kling-video/v3/standard/text-to-video"
    "&duration=15&audio=off",
    1.26 },
  { "prompt=p&model=fal-ai/kling-video/v3/pro/image-to-video"
    "&image=" A "&duration=5",
    0.84 },
  { "prompt=p&model=fal-ai/kling-video/v3/pro/text-to-video", 0.84 },
  { "prompt=p&model=fal-ai/kling-video/v3/standard/image-to-video"
    "&image=" A,
    -1 },
  { "prompt=p&model=fal-ai/kling-video/o3/4k/text-to-video&duration=5", 2.1 },
  { "prompt=p&model=fal-ai/kling-video/v2.1/standard/image-to-video"
    "&image=" A "&duration=10",
    0.56 },
  { "prompt=p&model=fal-ai/veo3.1/reference-to-video&references=" A
    "&audio=off",
    1.6 },
  { "prompt=p&model=fal-ai/kling-video/v2.6/pro/image-to-video"
    "&image=" A "&duration=10",
    1.4 },
  { "prompt=p&model=fal-ai/bytedance/seedance/v1.5/pro/text-to-video",
    0.26305 },
  { "prompt=p&model=fal-ai/bytedance/seedance/v1.5/pro/text-to-video"
    "&audio=off&resolution=480p&duration=4",
    0.04884 },
  { "prompt=p&model=fal-ai/bytedance/seedance/v1/pro/image-to-video"
    "&image=" A,
    0.6252 },
  { "prompt=p&model=fal-ai/bytedance/seedance/v1/pro/text-to-video", -1 },
  { "prompt=p&model=bytedance/seedance-2.0/text-to-video&duration=4"
    "&resolution=720p",
    1.2303 },
  { "prompt=p&model=bytedance/seedance-2.0/text-to-video&duration=4"
    "&resolution=4k",
    -1 },
  { "prompt=p&model=fal-ai/wan/v2.7/image-to-video&duration=4", 0.6 },
  { "prompt=p&model=fal-ai/wan/v2.7/image-to-video&duration=4"
    "&resolution=720p",
    0.4 },
  { "prompt=p&model=xai/grok-imagine-video/v1.5/image-to-video"
    "&image=" A "&duration=5&resolution=720p",
    0.71 },
  { "prompt=p&model=xai/grok-imagine-video/reference-to-video&duration=6"
    "&resolution=480p&references=" A,
    0.314 },
  { "prompt=p&model=alibaba/happy-horse/text-to-video&duration=5"
    "&resolution=1080p",
    1.4 },
  { "prompt=p&model=fal-ai/pixverse/v6/text-to-video&duration=5"
    "&resolution=720p&audio=off",
    0.225 },
  { "prompt=p&model=fal-ai/pixverse/v6/text-to-video&resolution=720p", -1 },
  { "prompt=p&model=fal-ai/vidu/q3/text-to-video&duration=4"
    "&resolution=1080p",
    0.616 },
};

static void
test_fal (void)
{
  check_prices ("fal", fal_prices, G_N_ELEMENTS (fal_prices));
}

/* A price of one model says nothing about another. */
static void
test_unknown_model (void)
{
  static const char *const names[]
      = { "aimlapi", "ark",        "comfy-router", "dashscope",
          "fal",     "gemini",     "kling",        "luma",
          "minimax", "openrouter", "pixverse",     "replicate",
          "runway",  "together",   "wavespeed",    "xai" };
  static const Price prices[]
      = { { "prompt=p&model=acme/unknown-9&duration=5", -1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    check_prices (names[i], prices, G_N_ELEMENTS (prices));
}

/* Whatever a member that no description knows does to the price. */
static void
test_extras (void)
{
  g_autoptr (GenvidProvider) provider = fixture_provider ("fal");
  g_autoptr (GenvidRequest) request
      = fixture_request ("prompt=p&model=fal-ai/veo3.1/lite&duration=4");
  const char *currency = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidCall) call = NULL;
  double amount = 0;

  g_assert_null (request->options);
  request->options = json_object_new ();
  json_object_set_int_member (request->options, "samples", 4);
  call = genvid_call_new (provider, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (genvid_call_get_price (call, &amount, &currency));
  g_assert_cmpstr (
      genvid_call_get_price_advice (call), ==,
      "It is not known how the option samples changes the price. fal lists the "
      "price of each model on its page, https://fal.ai/models/MODEL.");
}

/* 10 seconds are 50.64 credits at 480p with sound, by the page's own table,
 * which does not count the last frame. */
static void
test_comfy_router (void)
{
  static const Price prices[] = {
    { "prompt=p&model=byteplus/seedance-1-5-pro-251215&resolution=480p"
      "&duration=10",
      51.083 },
    { "prompt=p&model=byteplus/seedance-1-5-pro-251215&resolution=480p"
      "&duration=10&audio=off",
      25.547 },
    { "prompt=p&model=byteplus/seedance-1-0-pro-fast-251015&resolution=1080p"
      "&duration=10",
      103.821 },
    { "prompt=p&model=byteplus/seedance-1-0-pro-250528&resolution=1080p"
      "&duration=10",
      259.557 },
    { "prompt=p&model=kling/kling-v2-6", 73.9 },
    { "prompt=p&model=kling/kling-v2-6&audio=on&duration=10", 295.4 },
    { "prompt=p&model=kling/kling-3.0-turbo&resolution=1080p", 147.7 },
    { "prompt=p&model=fal/h3-max", -1 },
  };

  check_prices ("comfy-router", prices, G_N_ELEMENTS (prices));
}

/* In Singapore; other regions cost less. */
static void
test_dashscope (void)
{
  static const Price prices[] = {
    { "prompt=p&model=wan2.7-t2v&resolution=720p&duration=5", 0.5 },
    { "prompt=p&model=wan2.7-t2v&duration=5", 0.75 },
    { "prompt=p&model=wan2.5-t2v-preview&resolution=480p&duration=5", 0.25 },
    { "prompt=p&model=wan2.2-t2v-plus&resolution=1080p", 0.5 },
    { "prompt=p&model=wan2.6-i2v&duration=10&image=" A, 1.5 },
    { "prompt=p&model=wan2.6-i2v-flash&duration=10&resolution=720p&image=" A,
      0.5 },
    { "prompt=p&model=wan2.6-i2v-flash&duration=10&resolution=720p&audio=off"
      "&image=" A,
      0.25 },
    { "prompt=p&model=wan2.7-i2v&duration=4&resolution=720p"
      "&video=https://a.example/a.mp4",
      -1 },
    { "prompt=p&model=wan2.7-r2v&duration=4&references=" A, -1 },
  };

  check_prices ("dashscope", prices, G_N_ELEMENTS (prices));
}

/* A price for one video, of the length that the model's table has. */
static void
test_together (void)
{
  static const Price prices[] = {
    { "prompt=p&model=google/veo-3.0", 1.6 },
    { "prompt=p&model=google/veo-3.0&audio=on", -1 },
    { "prompt=p&model=google/veo-3.0&duration=4", -1 },
    { "prompt=p&model=google/veo-3.0-fast-audio&duration=8", 1.2 },
    { "prompt=p&model=kwaivgI/kling-2.1-master", 0.92 },
    { "prompt=p&model=kwaivgI/kling-2.1-master&duration=10", -1 },
    { "prompt=p&model=vidu/vidu-q1&steps=50", -1 },
    { "prompt=p&model=minimax/video-01-director", 0.28 },
    { "prompt=p&model=minimax/hailuo-02", -1 },
  };

  check_prices ("together", prices, G_N_ELEMENTS (prices));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prices/ark", test_ark);
  g_test_add_func ("/prices/comfy-router", test_comfy_router);
  g_test_add_func ("/prices/dashscope", test_dashscope);
  g_test_add_func ("/prices/extras", test_extras);
  g_test_add_func ("/prices/unknown-model", test_unknown_model);
  g_test_add_func ("/prices/fal", test_fal);
  g_test_add_func ("/prices/inputs", test_inputs);
  g_test_add_func ("/prices/together", test_together);
  return g_test_run ();
}
