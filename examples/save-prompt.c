/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A small application: save-prompt PROMPT FILE buys a video and saves it. It
 * shows how to use the messages of genvidsrc: follow a generation with
 * "genvid-generation", and handle a failure by the reason in "genvid-error",
 * not by its text.
 *
 * Service, key and limits come from the environment (GENVID_PROVIDER,
 * GEN_API_KEY, GENVID_MAX_COST …), so nothing secret is on the command line.
 *
 *   cc save-prompt.c -o save-prompt -I../include \
 *     $(pkg-config --cflags --libs gstreamer-1.0)
 *
 * The readers are inline functions: no library of ours is linked.
 *   genvid-sandbox -- ./save-prompt "a drone shot" clip.mp4
 */
#include <genvid/genvid-readers.h>
#include <gst/gst.h>

/* One message for each change. */
static void
show_generation (const GenvidGeneration *generation)
{
  g_print ("%s (%s)", generation->state, generation->origin);
  if (generation->generation_id != NULL)
    g_print (", generation %s", generation->generation_id);
  /* Known once the service has stated it, often only at the end. */
  if (generation->cost >= 0)
    g_print (", cost %.2f %s", generation->cost, generation->currency);
  g_print ("\n");
}

/* At least one each second while there is something to wait for. */
static void
show_wait (GenvidWait *wait)
{
  g_print ("%3d %%  %s\n", wait->percent, wait->text);
  g_free (wait->text);
}

/* How a program can react; the text is for people. */
static const char *
advise (const char *reason, gboolean retryable)
{
  if (g_strcmp0 (reason, GENVID_REASON_NAME_IN_DOUBT) == 0)
    return "do not buy again until the user has checked the account";
  if (g_strcmp0 (reason, GENVID_REASON_NAME_UNAUTHORIZED) == 0)
    return "ask the user for a key";
  if (g_strcmp0 (reason, GENVID_REASON_NAME_QUOTA) == 0)
    return "ask the user to buy credit";
  if (g_strcmp0 (reason, GENVID_REASON_NAME_REFUSED) == 0)
    return "ask the user for another prompt";
  if (retryable)
    return "start again later; what was paid for is kept";
  return "show the error text";
}

/* Each failure of genvidsrc posts exactly one error with these details. An
 * error of another element (such as a full disk at filesink) has none. */
static void
show_error (GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  GenvidErrorDetails details;

  gst_message_parse_error (message, &error, NULL);
  g_printerr ("%s\n", error->message);
  if (genvid_message_read_error (message, &details))
    g_printerr ("reason: %s; billed: %s; an application would: %s\n",
                details.reason, details.billed,
                advise (details.reason, details.retryable));
}

/* Waits for the end of the stream (TRUE) or an error. */
static gboolean
watch (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  for (;;) {
    g_autoptr (GstMessage) message
        = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE);
    GenvidGeneration generation;
    GenvidWait wait;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
      return TRUE;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      show_error (message);
      return FALSE;
    }
    if (genvid_message_read_generation (message, &generation))
      show_generation (&generation);
    else if (genvid_message_read_wait (message, &wait))
      show_wait (&wait);
  }
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  if (argc != 3) {
    g_printerr ("usage: save-prompt PROMPT FILE\n");
    return 2;
  }

  g_autoptr (GstElement) pipeline = gst_pipeline_new (NULL);
  GstElement *source = gst_element_factory_make (GENVID_ELEMENT, NULL);
  GstElement *sink = gst_element_factory_make ("filesink", NULL);
  if (source == NULL) {
    g_printerr ("The element genvidsrc is missing. Is GST_PLUGIN_PATH set?\n");
    gst_clear_object (&sink);
    return 1;
  }

  /* As a property, a prompt needs no quoting. */
  g_object_set (source, "prompt", argv[1], NULL);
  g_object_set (sink, "location", argv[2], NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, sink, NULL);
  gst_element_link (source, sink);

  /* Returns at once; the streaming thread makes the purchase. */
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gboolean saved = watch (pipeline);
  /* A purchase is kept: the same prompt continues it the next time. */
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (saved)
    g_print ("saved %s\n", argv[2]);
  return saved ? 0 : 1;
}
