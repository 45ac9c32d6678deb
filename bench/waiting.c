/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What pipelines cost that wait: starts many, lets every submit be accepted and
 * every poll say that the clip is not ready, and prints, once all wait, what
 * each has taken since it was built. Where the service does not answer the
 * poll, a wait is an exchange that hangs. GET /wait/… is never answered, for
 * peers. */

#include <gio/gio.h>
#include <gst/gst.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LOOK_EVERY_MS 50
/* All have begun to wait, or something is wrong. */
#define START_SECONDS 120

typedef struct {
  guint n;
  gboolean hang;
  guint seconds;  /* of waiting, for the processor's share */
  char *pipeline; /* with {base} and {n} in it */
  char *print;    /* nullable: all */

  GSubprocess *service;
  GDataInputStream *lines;
  GPtrArray *pipelines;
  guint n_waiting; /* as the service says */
  gboolean gone;   /* the service is */
} Waiting;

/* --- The service, a process of its own: what it takes is not counted. --- */

typedef struct {
  gboolean hang;
  guint n_submits;
} Service;

static void answer_next (GDataInputStream *input);

static gboolean
close_stream (gpointer stream)
{
  g_object_unref (stream);
  return G_SOURCE_REMOVE;
}

static void
reply (GDataInputStream *input, const char *body)
{
  GIOStream *stream = g_object_get_data (G_OBJECT (input), "stream");
  g_autofree char *text
      = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                         "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                         strlen (body), body);

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), text,
                             strlen (text), NULL, NULL, NULL);
}

/* "POST …" is a submit, "GET /wait/…" a peer's, all else a poll; a body is
 * skipped with its length. */
static void
take_line (GObject *source, GAsyncResult *result, gpointer data)
{
  GDataInputStream *input = G_DATA_INPUT_STREAM (source);
  Service *service = g_object_get_data (source, "service");
  g_autofree char *line
      = g_data_input_stream_read_line_finish (input, result, NULL, NULL);
  gsize body = GPOINTER_TO_SIZE (g_object_get_data (source, "body"));
  gboolean submit = g_object_get_data (source, "submit") != NULL;
  gboolean peer = g_object_get_data (source, "peer") != NULL;

  if (line == NULL) {
    close_stream (input);
    return;
  }
  if (g_str_has_prefix (line, "POST "))
    g_object_set_data (source, "submit", input);
  else if (g_str_has_prefix (line, "GET /wait/"))
    g_object_set_data (source, "peer", input);
  else if (g_ascii_strncasecmp (line, "content-length:", 15) == 0)
    g_object_set_data (
        source, "body",
        GSIZE_TO_POINTER (g_ascii_strtoull (line + 15, NULL, 10)));
  else if (line[0] == '\0' || line[0] == '\r') {
    g_autofree char *text = g_strdup_printf (
        "{\"id\":\"clip-%u\",\"status\":\"queued\"}", service->n_submits);

    g_input_stream_skip (G_INPUT_STREAM (input), body, NULL, NULL);
    g_object_set_data (source, "body", NULL);
    g_object_set_data (source, "submit", NULL);
    if (submit || !(service->hang || peer))
      reply (input, text);
    if (submit || peer) {
      printf ("%u\n", ++service->n_submits);
      fflush (stdout);
    }
  }
  answer_next (input);
}

static void
answer_next (GDataInputStream *input)
{
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL,
                                       take_line, NULL);
}

static gboolean
serve (GSocketService *listener, GSocketConnection *connection, GObject *source,
       gpointer service)
{
  GDataInputStream *input = g_data_input_stream_new (
      g_io_stream_get_input_stream (G_IO_STREAM (connection)));

  g_data_input_stream_set_newline_type (input, G_DATA_STREAM_NEWLINE_TYPE_LF);
  g_object_set_data_full (G_OBJECT (input), "stream", g_object_ref (connection),
                          g_object_unref);
  g_object_set_data (G_OBJECT (input), "service", service);
  answer_next (input);
  return TRUE;
}

/* Ends with its standard input. */
static int
run_service (gboolean hang)
{
  g_autoptr (GSocketService) listener = g_socket_service_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Service service = { .hang = hang };
  guint16 port;

  g_socket_listener_set_backlog (G_SOCKET_LISTENER (listener), 1024);
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (listener),
                                              NULL, NULL);
  g_signal_connect (listener, "incoming", G_CALLBACK (serve), &service);
  printf ("%u\n", port);
  fflush (stdout);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}

/* --- What this process has. --- */

static guint
count_entries (const char *path, const char *name)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *entry;
  guint n = 0;

  while (folder != NULL && (entry = g_dir_read_name (folder)) != NULL) {
    g_autofree char *file = g_build_filename (path, entry, "comm", NULL);
    g_autofree char *text = NULL;

    if (name != NULL)
      g_file_get_contents (file, &text, NULL, NULL);
    n += name == NULL || (text != NULL && g_str_has_prefix (text, name));
  }
  return n;
}

/* KiB that no other process shares. */
static guint64
read_memory (void)
{
  g_autofree char *text = NULL;
  guint64 sum = 0;

  g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL);
  for (const char *line = text; line != NULL; line = strchr (line + 1, '\n'))
    if (g_str_has_prefix (line, "\nPrivate_"))
      sum += g_ascii_strtoull (strchr (line, ':') + 1, NULL, 10);
  return sum;
}

static double
read_cpu (void)
{
  struct rusage usage = { 0 };

  getrusage (RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* --- */

static char *
start_service (Waiting *waiting, const char *program)
{
  waiting->service = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE, NULL,
      program, "--serve", waiting->hang ? "--hang" : "--answer", NULL);
  waiting->lines = g_data_input_stream_new (
      g_subprocess_get_stdout_pipe (waiting->service));
  return g_data_input_stream_read_line (waiting->lines, NULL, NULL, NULL);
}

static char *
fill_in (const Waiting *waiting, const char *port, guint n)
{
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%s", port);
  g_autofree char *number = g_strdup_printf ("%u", n);
  GString *text = g_string_new (waiting->pipeline);

  g_string_replace (text, "{base}", base, 0);
  g_string_replace (text, "{n}", number, 0);
  return g_string_free (text, FALSE);
}

static gboolean
build (Waiting *waiting, const char *port)
{
  for (guint i = 0; i < waiting->n; i++) {
    g_autofree char *text = fill_in (waiting, port, i + 1);
    g_autoptr (GError) error = NULL;
    GstElement *pipeline = gst_parse_launch (text, &error);

    /* Of an unknown property, it tells and goes on. */
    if (error != NULL) {
      g_printerr ("%s\n", error->message);
      gst_clear_object (&pipeline);
      return FALSE;
    }
    if (!GST_IS_PIPELINE (pipeline)) {
      g_printerr ("%s is no pipeline\n", text);
      gst_object_unref (pipeline);
      return FALSE;
    }
    g_ptr_array_add (waiting->pipelines, pipeline);
    gst_element_set_state (pipeline, GST_STATE_READY);
  }
  return TRUE;
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
rest (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_timeout_add (LOOK_EVERY_MS, quit, loop);
  g_main_loop_run (loop);
}

/* All messages, as an application does. FALSE: one has failed. */
static gboolean
drain (Waiting *waiting)
{
  for (guint i = 0; i < waiting->pipelines->len; i++) {
    g_autoptr (GstBus) bus = gst_element_get_bus (waiting->pipelines->pdata[i]);
    GstMessage *message;

    while ((message = gst_bus_pop (bus)) != NULL) {
      g_autoptr (GError) error = NULL;

      if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
        gst_message_parse_error (message, &error, NULL);
      gst_message_unref (message);
      if (error != NULL) {
        g_printerr ("%s\n", error->message);
        return FALSE;
      }
    }
  }
  return TRUE;
}

static void
on_line (GObject *lines, GAsyncResult *result, gpointer data)
{
  Waiting *waiting = data;
  g_autofree char *line = g_data_input_stream_read_line_finish (
      G_DATA_INPUT_STREAM (lines), result, NULL, NULL);

  waiting->gone = line == NULL;
  if (line == NULL)
    return;
  waiting->n_waiting++;
  g_data_input_stream_read_line_async (waiting->lines, G_PRIORITY_DEFAULT, NULL,
                                       on_line, waiting);
}

static gboolean
await_all (Waiting *waiting)
{
  g_data_input_stream_read_line_async (waiting->lines, G_PRIORITY_DEFAULT, NULL,
                                       on_line, waiting);
  for (guint i = 0; waiting->n_waiting < waiting->n; i++) {
    rest ();
    if (!drain (waiting))
      return FALSE;
    if (!waiting->gone && i < START_SECONDS * 1000 / LOOK_EVERY_MS)
      continue;
    g_printerr ("%u of %u wait after %u s%s\n", waiting->n_waiting, waiting->n,
                i * LOOK_EVERY_MS / 1000,
                waiting->gone ? ", and the service has ended" : "");
    return FALSE;
  }
  /* The last ones write down their answer, and threads end. */
  for (guint i = 0; i < 3000 / LOOK_EVERY_MS; i++) {
    rest ();
    if (!drain (waiting))
      return FALSE;
  }
  return TRUE;
}

/* NAME VALUE, or the value alone if it is the one asked for. */
static void
print (const Waiting *waiting, const char *name, double value)
{
  if (waiting->print == NULL)
    g_print ("%s %.2f\n", name, value);
  else if (g_str_equal (waiting->print, name))
    g_print ("%.2f\n", value);
}

static gboolean
measure (Waiting *waiting)
{
  guint fds = count_entries ("/proc/self/fd", NULL);
  guint threads = count_entries ("/proc/self/task", NULL);
  guint64 memory = read_memory ();
  gint64 start = g_get_monotonic_time ();
  double cpu, seconds;

  for (guint i = 0; i < waiting->n; i++)
    gst_element_set_state (waiting->pipelines->pdata[i], GST_STATE_PLAYING);
  if (!await_all (waiting))
    return FALSE;
  seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  start = g_get_monotonic_time ();
  cpu = read_cpu ();
  while (g_get_monotonic_time () - start < waiting->seconds * G_USEC_PER_SEC) {
    for (guint i = 0; i < 20; i++)
      rest ();
    if (!drain (waiting))
      return FALSE;
  }
  cpu = (read_cpu () - cpu) * G_USEC_PER_SEC
        / (double)(g_get_monotonic_time () - start);
  print (waiting, "pipelines", waiting->n);
  print (waiting, "threads-before", threads);
  print (waiting, "threads", count_entries ("/proc/self/task", NULL));
  print (waiting, "threads-ours", count_entries ("/proc/self/task", "genvid-"));
  print (waiting, "descriptors-each",
         (double)(count_entries ("/proc/self/fd", NULL) - fds) / waiting->n);
  print (waiting, "KiB-each", (double)(read_memory () - memory) / waiting->n);
  print (waiting, "cpu-percent", cpu * 100);
  print (waiting, "start-seconds", seconds);
  return TRUE;
}

static void
free_pipeline (gpointer pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

int
main (int argc, char **argv)
{
  Waiting waiting = { .n = 500, .seconds = 20 };
  gboolean serves = FALSE, answers = FALSE;
  const GOptionEntry entries[] = {
    { "number", 0, 0, G_OPTION_ARG_INT, &waiting.n, "Of pipelines", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &waiting.seconds,
      "Of waiting, for the processor's share", "S" },
    { "hang", 0, 0, G_OPTION_ARG_NONE, &waiting.hang,
      "The service answers no poll", NULL },
    { "pipeline", 0, 0, G_OPTION_ARG_STRING, &waiting.pipeline,
      "Each, with {base} for the service and {n} for its number", "TEXT" },
    { "print", 0, 0, G_OPTION_ARG_STRING, &waiting.print,
      "This value only, such as KiB-each", "NAME" },
    { "serve", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &serves, NULL,
      NULL },
    { "answer", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &answers, NULL,
      NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autofree char *port = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return EXIT_FAILURE;
  }
  if (serves)
    return run_service (waiting.hang);
  if (waiting.pipeline == NULL) {
    g_printerr ("--pipeline is missing\n");
    return EXIT_FAILURE;
  }
  port = start_service (&waiting, argv[0]);
  gst_init (NULL, NULL);
  waiting.pipelines = g_ptr_array_new_with_free_func (free_pipeline);
  done = build (&waiting, port) && measure (&waiting);
  g_ptr_array_unref (waiting.pipelines);
  g_subprocess_force_exit (waiting.service);
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
