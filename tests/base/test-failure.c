/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reasons have stable names; a failure carries its words unchanged. */
#include "failure.h"

#include <gio/gio.h>

static void
test_names (void)
{
  const char *const names[]
      = { "settings",    "unauthorized", "quota",      "rejected",
          "refused",     "failed",       "not-found",  "busy",
          "unreachable", "timed-out",    "bad-answer", "in-doubt",
          "over-budget", "not-stored",   "too-large",  "unsafe-url",
          "not-media",   "no-space" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    GenvidReason reason = genvid_reason_from_string (names[i]);

    g_assert_cmpint (reason, ==, (int)i + 1);
    g_assert_cmpstr (genvid_reason_to_string (reason), ==, names[i]);
  }
  g_assert_cmpint (genvid_reason_from_string (NULL), ==, GENVID_REASON_NONE);
  g_assert_cmpint (genvid_reason_from_string ("x"), ==, GENVID_REASON_NONE);
  g_assert_cmpstr (genvid_reason_to_string (999), ==, "none");
}

static void
test_billed (void)
{
  for (int i = GENVID_BILLED_UNKNOWN; i <= GENVID_BILLED_YES; i++)
    g_assert_cmpint (genvid_billed_from_string (genvid_billed_to_string (i)),
                     ==, i);
  g_assert_cmpint (genvid_billed_from_string (NULL), ==, GENVID_BILLED_UNKNOWN);
}

static void
test_from_error (void)
{
  g_autoptr (GError) ours
      = g_error_new_literal (GENVID_ERROR, GENVID_REASON_QUOTA, "no credit");
  g_autoptr (GError) full
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
  g_autoptr (GError) file
      = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full");
  g_autoptr (GError) other
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "100% slow");
  g_autoptr (GenvidFailure) a
      = genvid_failure_new_from_error (ours, GENVID_REASON_FAILED);
  g_autoptr (GenvidFailure) b
      = genvid_failure_new_from_error (full, GENVID_REASON_FAILED);
  g_autoptr (GenvidFailure) c
      = genvid_failure_new_from_error (file, GENVID_REASON_FAILED);
  g_autoptr (GenvidFailure) d
      = genvid_failure_new_from_error (other, GENVID_REASON_UNREACHABLE);

  g_assert_cmpint (a->reason, ==, GENVID_REASON_QUOTA);
  g_assert_cmpint (b->reason, ==, GENVID_REASON_NO_SPACE);
  g_assert_cmpint (c->reason, ==, GENVID_REASON_NO_SPACE);
  g_assert_cmpint (d->reason, ==, GENVID_REASON_UNREACHABLE);
  g_assert_cmpstr (d->message, ==, "100% slow");
}

static void
test_copy (void)
{
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_FAILED, "clip %d", 7);
  g_autoptr (GenvidFailure) copy = NULL;

  failure->advice = g_strdup ("Try take=2.");
  failure->service_code = g_strdup ("E1");
  failure->generation_id = g_strdup ("9020");
  failure->http_status = 500;
  failure->billed = GENVID_BILLED_NO;
  copy = genvid_failure_copy (failure);
  g_assert_cmpstr (copy->message, ==, "clip 7");
  g_assert_cmpstr (copy->service_code, ==, "E1");
  g_assert_cmpstr (copy->generation_id, ==, "9020");
  g_assert_cmpuint (copy->http_status, ==, 500);
  g_assert_cmpint (copy->billed, ==, GENVID_BILLED_NO);
  g_assert_true (copy->message != failure->message);
  g_assert_null (genvid_failure_copy (NULL));
}

static void
check_text (const char *message, const char *advice, const char *expected)
{
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_FAILED, "%s", message);
  g_autofree char *text = NULL;

  failure->advice = g_strdup (advice);
  text = genvid_failure_to_text (failure);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_text (void)
{
  check_text ("It broke", "Try again.", "It broke. Try again.");
  check_text ("It broke.", "Try again.", "It broke. Try again.");
  check_text ("It broke", NULL, "It broke");
  check_text ("", "Try again.", "Try again.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/failure/names", test_names);
  g_test_add_func ("/failure/billed", test_billed);
  g_test_add_func ("/failure/from-error", test_from_error);
  g_test_add_func ("/failure/copy", test_copy);
  g_test_add_func ("/failure/text", test_text);
  return g_test_run ();
}
