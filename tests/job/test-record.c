/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "failure.h"
#include "record.h"

#include <json-glib/json-glib.h>

#define BASE_POLL "https://api.example.com/poll/9?a=b"
#define HEAD      "\"version\":1,\"fingerprint\":\"f\",\"provider\":\"p\""

static void
test_states (void)
{
  gboolean known = FALSE;

  for (int i = GENVID_STATE_IDLE; i <= GENVID_STATE_IN_DOUBT; i++) {
    const char *name = genvid_state_to_string ((GenvidState)i);

    g_assert_cmpint (genvid_state_from_string (name, &known), ==, i);
    g_assert_true (known);
  }
  g_assert_cmpstr (genvid_state_to_string (GENVID_STATE_IN_DOUBT), ==,
                   "in-doubt");
  g_assert_cmpstr (genvid_state_to_string ((GenvidState)99), ==, "idle");
  genvid_state_from_string ("sleeping", &known);
  g_assert_false (known);
  genvid_state_from_string (NULL, &known);
  g_assert_false (known);
}

static JsonObject *
make_object (const char *name, const char *value)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, name, value);
  return object;
}

static GenvidRecord *
make_full (void)
{
  GenvidRecord *record = genvid_record_new ("abc", "genpro");

  record->call = g_strdup ("video_from_text");
  record->model = g_strdup ("veo_3");
  record->prompt = g_strdup ("a \"drone\"\n\360\237\230\200 ${x} {{y}}");
  record->n = 3;
  record->state = GENVID_STATE_FAILED;
  record->id = g_strdup ("1fe4:pixverse/v5/+=");
  record->captures = make_object ("poll", BASE_POLL);
  record->uploads = json_array_new ();
  json_array_add_int_element (record->uploads, 4821);
  json_array_add_string_element (record->uploads, "4822");
  record->intended.wall = 1700000000000001;
  record->intended.boot = 77;
  record->intended.boot_id = g_strdup ("boot-1");
  record->ready = 1700000001000000;
  record->ended = 1700000002000000;
  record->failure = genvid_failure_new (GENVID_REASON_FAILED, "%s", "no");
  record->failure->advice = g_strdup ("try");
  record->failure->http_status = 200;
  record->failure->service_code = g_strdup ("E1");
  record->failure->generation_id = g_strdup ("9");
  record->failure->retryable = TRUE;
  record->failure->billed = GENVID_BILLED_NO;
  record->frees = record->cancel = record->adopted = TRUE;
  record->cost = 6.25;
  record->currency = g_strdup ("USD");
  record->key_hash = g_strdup ("AA:BB");
  record->media_extension = g_strdup ("mp4");
  record->media_size = 123456789012;
  record->details = make_object ("type", "Video");
  return record;
}

static void
assert_equal (const GenvidRecord *a, const GenvidRecord *b)
{
  g_assert_cmpstr (a->fingerprint, ==, b->fingerprint);
  g_assert_cmpstr (a->provider, ==, b->provider);
  g_assert_cmpstr (a->call, ==, b->call);
  g_assert_cmpstr (a->model, ==, b->model);
  g_assert_cmpstr (a->prompt, ==, b->prompt);
  g_assert_cmpuint (a->n, ==, b->n);
  g_assert_cmpint (a->state, ==, b->state);
  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpint (a->intended.wall, ==, b->intended.wall);
  g_assert_cmpint (a->intended.boot, ==, b->intended.boot);
  g_assert_cmpstr (a->intended.boot_id, ==, b->intended.boot_id);
  g_assert_cmpint (a->ready, ==, b->ready);
  g_assert_cmpint (a->ended, ==, b->ended);
  g_assert_cmpint (a->frees, ==, b->frees);
  g_assert_cmpint (a->cancel, ==, b->cancel);
  g_assert_cmpint (a->adopted, ==, b->adopted);
  g_assert_cmpfloat (a->cost, ==, b->cost);
  g_assert_cmpstr (a->currency, ==, b->currency);
  g_assert_cmpstr (a->key_hash, ==, b->key_hash);
  g_assert_cmpstr (a->media_extension, ==, b->media_extension);
  g_assert_cmpuint (a->media_size, ==, b->media_size);
}

static void
assert_full (const GenvidRecord *a, const GenvidRecord *b)
{
  assert_equal (a, b);
  g_assert_cmpstr (json_object_get_string_member (b->captures, "poll"), ==,
                   BASE_POLL);
  g_assert_cmpint (json_array_get_int_element (b->uploads, 0), ==, 4821);
  g_assert_cmpstr (json_array_get_string_element (b->uploads, 1), ==, "4822");
  g_assert_cmpint (b->failure->reason, ==, GENVID_REASON_FAILED);
  g_assert_cmpstr (b->failure->message, ==, "no");
  g_assert_cmpstr (b->failure->advice, ==, "try");
  g_assert_cmpuint (b->failure->http_status, ==, 200);
  g_assert_cmpstr (b->failure->service_code, ==, "E1");
  g_assert_cmpstr (b->failure->generation_id, ==, "9");
  g_assert_true (b->failure->retryable);
  g_assert_cmpint (b->failure->billed, ==, GENVID_BILLED_NO);
}

static void
test_round_trip (void)
{
  g_autoptr (GenvidRecord) record = make_full ();
  g_autoptr (GenvidRecord) copy = genvid_record_copy (record);
  g_autofree char *text = genvid_record_to_text (record);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidRecord) read = genvid_record_from_text (text, -1, &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (text, "}\n"));
  assert_full (record, copy);
  assert_full (record, read);
  again = genvid_record_to_text (read);
  g_assert_cmpstr (text, ==, again);
}

static void
test_fresh (void)
{
  g_autoptr (GenvidRecord) record = genvid_record_new ("abc", "cn8");
  g_autofree char *text = genvid_record_to_text (record);
  g_autoptr (GenvidRecord) read = genvid_record_from_text (text, -1, NULL);

  g_assert_nonnull (read);
  assert_equal (record, read);
  g_assert_cmpuint (read->n, ==, 1);
  g_assert_cmpfloat (read->cost, ==, -1);
  g_assert_null (read->intended.boot_id);
  g_assert_null (read->failure);
}

static void
test_no_signed_url (void)
{
  g_autoptr (GenvidRecord) record = make_full ();
  g_autofree char *text = NULL;

  json_object_set_string_member (record->details, "thumbnail-url",
                                 "https://cdn.example.net/t.png?sig=SECRET");
  text = genvid_record_to_text (record);
  g_assert_null (strstr (text, "SECRET"));
  g_assert_nonnull (strstr (text, "cdn.example.net"));
}

static void
test_never_too_long (void)
{
  g_autoptr (GenvidRecord) record = make_full ();
  g_autoptr (GenvidRecord) read = NULL;
  g_autofree char *text = NULL;
  g_autofree char *big = g_strnfill (3 * 1024 * 1024, '\001');

  g_free (record->prompt);
  record->prompt = g_strdup (big);
  json_object_set_string_member (record->captures, "poll", big);
  g_free (record->failure->message);
  record->failure->message = g_strdup (big);
  text = genvid_record_to_text (record);
  read = genvid_record_from_text (text, -1, NULL);
  g_assert_nonnull (read);
  g_assert_cmpstr (read->id, ==, record->id);
  g_assert_null (read->captures);
  g_assert_cmpuint (strlen (read->prompt), ==, 16384);
}

/* A request of a quarter of a MiB, one number a line in the pretty text. */
static void
test_many_numbers (void)
{
  g_autoptr (GenvidRecord) record = genvid_record_new ("abc", "genpro");
  g_autoptr (GenvidRecord) read = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  JsonArray *numbers = json_array_new ();

  for (guint i = 0; i < 128 * 1024; i++)
    json_array_add_int_element (numbers, 1);
  record->request = json_object_new ();
  json_object_set_array_member (record->request, "options", numbers);
  record->state = GENVID_STATE_QUEUED;
  record->id = g_strdup ("paid");
  text = genvid_record_to_text (record);
  read = genvid_record_from_text (text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->id, ==, "paid");
}

/* json-glib writes 5e+21.0, which is no number: the id was lost by it. */
static void
test_odd_numbers (void)
{
  static const double numbers[] = { 5e21, 1e308, 5e-324, -0.0, 1e16, 0.1 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (GenvidRecord) record = make_full ();
    g_autoptr (GenvidRecord) read = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *text = NULL;

    record->cost = ABS (numbers[i]);
    json_object_set_double_member (record->details, "units", numbers[i]);
    json_object_set_double_member (record->captures, "units", numbers[i]);
    text = genvid_record_to_text (record);
    read = genvid_record_from_text (text, -1, &error);
    g_assert_no_error (error);
    assert_equal (record, read);
    g_assert_cmpfloat (json_object_get_double_member (read->details, "units"),
                       ==, numbers[i]);
    g_assert_cmpfloat (json_object_get_double_member (read->captures, "units"),
                       ==, numbers[i]);
  }
}

/* From a header, whose bytes may be anything. */
static void
test_bad_bytes (void)
{
  g_autoptr (GenvidRecord) record = make_full ();
  g_autoptr (GenvidRecord) read = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  json_object_set_string_member (record->captures, "poll", "a\xff");
  json_array_add_string_element (record->uploads, "\xfe");
  json_object_set_string_member (record->details, "type", "\xc3");
  text = genvid_record_to_text (record);
  read = genvid_record_from_text (text, -1, &error);
  g_assert_no_error (error);
  assert_equal (record, read);
}

static void
test_torn (void)
{
  g_autoptr (GenvidRecord) record = make_full ();
  g_autofree char *text = genvid_record_to_text (record);
  gssize end = (gssize)strlen (text) - 2;

  for (gssize length = 0; length < end; length++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (genvid_record_from_text (text, length, &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER);
  }
}

static void
test_damaged (void)
{
  static const char *const texts[] = {
    "",
    " ",
    "null",
    "[]",
    "{}",
    "\"x\"",
    "{" HEAD "}",
    "{" HEAD ",\"n\":1}",
    "{" HEAD ",\"n\":1,\"state\":\"sleeping\"}",
    "{" HEAD ",\"n\":1,\"state\":7}",
    "{" HEAD ",\"n\":0,\"state\":\"idle\"}",
    "{" HEAD ",\"n\":-1,\"state\":\"idle\"}",
    "{" HEAD ",\"n\":99999999999,\"state\":\"idle\"}",
    "{" HEAD ",\"n\":\"1\",\"state\":\"idle\"}",
    "{" HEAD ",\"n\":1,\"state\":\"running\"}",
    "{" HEAD ",\"n\":1,\"state\":\"queued\",\"id\":\"\"}",
    "{" HEAD ",\"n\":1,\"state\":\"queued\",\"id\":7}",
    "{" HEAD ",\"n\":1,\"state\":\"idle\",\"intended\":7}",
    "{" HEAD ",\"n\":1,\"state\":\"idle\"} x",
    "{\"version\":1,\"provider\":\"p\",\"n\":1,\"state\":\"idle\"}",
    "{\"version\":1,\"fingerprint\":\"f\",\"n\":1,\"state\":\"idle\"}",
    "{\"version\":0,\"fingerprint\":\"f\",\"provider\":\"p\"}",
    "{\"fingerprint\":\"f\",\"provider\":\"p\",\"n\":1,\"state\":\"idle\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GenvidRecord) record
        = genvid_record_from_text (texts[i], -1, &error);

    if (record != NULL)
      g_error ("accepted: %s", texts[i]);
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER);
  }
  g_assert_null (genvid_record_from_text (NULL, -1, NULL));
}

static void
test_binary (void)
{
  g_autofree char *deep = g_strnfill (80000, '[');
  g_autofree char *huge = g_strnfill (3 * 1024 * 1024, ' ');
  const char nul[] = "{" HEAD ",\"n\":1,\"state\":\"idle\"}\0";
  char zeros[512] = { 0 };

  g_assert_null (genvid_record_from_text (deep, -1, NULL));
  g_assert_null (genvid_record_from_text (huge, -1, NULL));
  g_assert_null (genvid_record_from_text (zeros, sizeof zeros, NULL));
  g_assert_null (genvid_record_from_text (nul, sizeof nul - 1, NULL));
  g_assert_null (genvid_record_from_text ("\377\376", 2, NULL));
}

static void
test_future (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_record_from_text ("{\"version\":2,\"what\":\"ever\"}",
                                          -1, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_nonnull (strstr (error->message, "version 2"));
  g_assert_nonnull (strstr (error->message, "Update genvid"));
}

static void
test_tolerant (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidRecord) record = genvid_record_from_text (
      "{" HEAD ",\"n\":2,\"state\":\"failed\",\"model\":5,\"cost\":\"x\","
      "\"frees\":\"yes\",\"colour\":\"red\",\"captures\":[],\"uploads\":{},"
      "\"failure\":{\"reason\":\"gone\",\"http-status\":-7},"
      "\"media-size\":-1}",
      -1, &error);

  g_assert_no_error (error);
  g_assert_null (record->model);
  g_assert_null (record->captures);
  g_assert_null (record->uploads);
  g_assert_cmpfloat (record->cost, ==, -1);
  g_assert_cmpuint (record->media_size, ==, 0);
  /* What is not clearly free is not. */
  g_assert_false (record->frees);
  g_assert_cmpint (record->failure->reason, ==, GENVID_REASON_FAILED);
  g_assert_cmpuint (record->failure->http_status, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/states", test_states);
  g_test_add_func ("/record/round-trip", test_round_trip);
  g_test_add_func ("/record/fresh", test_fresh);
  g_test_add_func ("/record/no-signed-url", test_no_signed_url);
  g_test_add_func ("/record/never-too-long", test_never_too_long);
  g_test_add_func ("/record/many-numbers", test_many_numbers);
  g_test_add_func ("/record/odd-numbers", test_odd_numbers);
  g_test_add_func ("/record/bad-bytes", test_bad_bytes);
  g_test_add_func ("/record/torn", test_torn);
  g_test_add_func ("/record/damaged", test_damaged);
  g_test_add_func ("/record/binary", test_binary);
  g_test_add_func ("/record/future", test_future);
  g_test_add_func ("/record/tolerant", test_tolerant);
  return g_test_run ();
}
