/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libgenvid in C: a prefetch of an application's own source in front of the
 * simulated services, and the inline readers on messages of every kind. */

#include <genvid/genvid.h>

#include "stage.h"

typedef struct {
  GMainLoop *loop;
  char *path;
  GError *error;
} Outcome;

static void
finish (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  outcome->path = genvid_prefetch_run_finish (GENVID_PREFETCH (source), result,
                                              &outcome->error);
  g_main_loop_quit (outcome->loop);
}

static char *
run (GenvidPrefetch *prefetch, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Outcome outcome = { .loop = loop };

  genvid_prefetch_run_async (prefetch, cancellable, finish, &outcome);
  g_main_loop_run (loop);
  if (outcome.error != NULL)
    g_propagate_error (error, outcome.error);
  return outcome.path;
}

static GstElement *
make_source (Stage *stage)
{
  GstElement *source = gst_element_factory_make (GENVID_ELEMENT, NULL);

  g_assert_nonnull (source);
  g_object_set (source, "provider", "cn8", "prompt", "a beach", "duration", 4u,
                "base-url", genvid_sandbox_base_url (stage->sandbox), "store",
                stage->store, "poll-interval", 1u, NULL);
  return source;
}

static void
test_prefetch (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_autoptr (GenvidPrefetch) prefetch
      = genvid_prefetch_new_for_source (make_source (stage));
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GstContext) context = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  GenvidState state = GENVID_STATE_IDLE;
  g_autoptr (GError) error = NULL;
  int percent = 0;

  g_hash_table_insert (keys, (gpointer) "cn8", (gpointer) "library-key");
  context = genvid_context_for_keys (keys);
  genvid_prefetch_set_context (prefetch, context);

  /* Nothing begins. */
  g_cancellable_cancel (cancelled);
  g_assert_null (run (prefetch, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* Twice, bought once; the second time from the store. */
  for (guint i = 0; i < 2; i++) {
    g_autofree char *path = run (prefetch, NULL, &error);

    g_assert_no_error (error);
    g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
    g_object_get (prefetch, "state", &state, "percent", &percent, NULL);
    g_assert_cmpint (state, ==, GENVID_STATE_DONE);
    g_assert_cmpint (percent, ==, 100);
  }
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

/* How many names of this kind the header has. */
static guint
count_names (const char *prefix)
{
  const char *path = TEST_SOURCE_ROOT "/include/genvid/genvid-messages.h";
  g_autofree char *define = g_strconcat ("\n#define ", prefix, NULL);
  g_autofree char *text = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (const char *at = text; (at = strstr (at, define)) != NULL; at++)
    n++;
  return n;
}

/* Every string that the element can say has a value of the enum. */
static void
check_nicks (GType type, const char *prefix, const char *const *names)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  guint n = 0;

  g_assert_cmpuint (klass->n_values, ==, count_names (prefix));

  for (; names[n] != NULL; n++)
    g_assert_nonnull (g_enum_get_value_by_nick (klass, names[n]));
  g_assert_cmpuint (klass->n_values, ==, n);
}

static void
test_enums (void)
{
  static const char *const states[]
      = { GENVID_STATE_NAME_IDLE,        GENVID_STATE_NAME_SUBMITTING,
          GENVID_STATE_NAME_QUEUED,      GENVID_STATE_NAME_RUNNING,
          GENVID_STATE_NAME_DOWNLOADING, GENVID_STATE_NAME_DONE,
          GENVID_STATE_NAME_FAILED,      GENVID_STATE_NAME_CANCELLED,
          GENVID_STATE_NAME_IN_DOUBT,    NULL };
  static const char *const billed[]
      = { GENVID_BILLED_NAME_UNKNOWN, GENVID_BILLED_NAME_NO,
          GENVID_BILLED_NAME_YES, NULL };
  static const char *const origins[]
      = { GENVID_ORIGIN_NAME_BOUGHT, GENVID_ORIGIN_NAME_SHARED,
          GENVID_ORIGIN_NAME_STORED, NULL };
  static const char *const reasons[] = { GENVID_REASON_NAME_SETTINGS,
                                         GENVID_REASON_NAME_UNAUTHORIZED,
                                         GENVID_REASON_NAME_QUOTA,
                                         GENVID_REASON_NAME_REJECTED,
                                         GENVID_REASON_NAME_REFUSED,
                                         GENVID_REASON_NAME_FAILED,
                                         GENVID_REASON_NAME_NOT_FOUND,
                                         GENVID_REASON_NAME_BUSY,
                                         GENVID_REASON_NAME_UNREACHABLE,
                                         GENVID_REASON_NAME_TIMED_OUT,
                                         GENVID_REASON_NAME_BAD_ANSWER,
                                         GENVID_REASON_NAME_IN_DOUBT,
                                         GENVID_REASON_NAME_OVER_BUDGET,
                                         GENVID_REASON_NAME_NOT_STORED,
                                         GENVID_REASON_NAME_TOO_LARGE,
                                         GENVID_REASON_NAME_UNSAFE_URL,
                                         GENVID_REASON_NAME_NOT_MEDIA,
                                         GENVID_REASON_NAME_NO_SPACE,
                                         NULL };

  check_nicks (GENVID_TYPE_STATE, "GENVID_STATE_NAME_", states);
  check_nicks (GENVID_TYPE_BILLED, "GENVID_BILLED_NAME_", billed);
  check_nicks (GENVID_TYPE_ORIGIN, "GENVID_ORIGIN_NAME_", origins);
  check_nicks (GENVID_TYPE_ERROR, "GENVID_REASON_NAME_", reasons);
}

static void
test_readers (void)
{
  g_autoptr (GstMessage) other = gst_message_new_eos (NULL);
  g_autoptr (GstMessage) short_one = gst_message_new_element (
      NULL, gst_structure_new (GENVID_MESSAGE_GENERATION, GENVID_FIELD_STATE,
                               G_TYPE_STRING, "running", NULL));
  g_autoptr (GstMessage) progress = gst_message_new_progress (
      NULL, GST_PROGRESS_TYPE_CONTINUE, GENVID_PROGRESS_CODE, "running");
  g_autoptr (GstMessage) foreign = gst_message_new_progress (
      NULL, GST_PROGRESS_TYPE_CONTINUE, "connect", "connecting");
  g_autoptr (GError) error
      = g_error_new_literal (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "x");
  g_autoptr (GstMessage) plain = gst_message_new_error (NULL, error, NULL);
  g_autoptr (GstMessage) ours = gst_message_new_error_with_details (
      NULL, error, NULL,
      gst_structure_new (GENVID_DETAILS_ERROR, GENVID_FIELD_REASON,
                         G_TYPE_STRING, "busy", GENVID_FIELD_HTTP_STATUS,
                         G_TYPE_UINT, 503u, GENVID_FIELD_RETRYABLE,
                         G_TYPE_BOOLEAN, TRUE, NULL));
  GenvidGeneration generation;
  GenvidWait wait;
  GenvidErrorDetails details;

  g_assert_false (genvid_message_read_generation (other, &generation));
  g_assert_true (genvid_message_read_generation (short_one, &generation));
  g_assert_cmpstr (generation.state, ==, "running");
  g_assert_cmpint (generation.progress, ==, -1);
  g_assert_cmpfloat (generation.cost, ==, -1);
  g_assert_null (generation.location);

  g_assert_false (genvid_message_read_wait (other, &wait));
  g_assert_false (genvid_message_read_wait (foreign, &wait));
  gst_structure_set (gst_message_writable_structure (progress),
                     GENVID_PROGRESS_PERCENT, G_TYPE_INT, 42, NULL);
  g_assert_true (genvid_message_read_wait (progress, &wait));
  g_assert_cmpint (wait.percent, ==, 42);
  g_assert_cmpstr (wait.text, ==, "running");
  g_free (wait.text);

  g_assert_false (genvid_message_read_error (plain, &details));
  g_assert_true (genvid_message_read_error (ours, &details));
  g_assert_cmpstr (details.reason, ==, "busy");
  g_assert_cmpuint (details.http_status, ==, 503);
  g_assert_true (details.retryable);
  g_assert_null (details.generation_id);
}

int
main (int argc, char *argv[])
{
  stage_init (&argc, &argv);
  g_test_add_func ("/library/prefetch", test_prefetch);
  g_test_add_func ("/library/enums", test_enums);
  g_test_add_func ("/library/readers", test_readers);
  return g_test_run ();
}
