/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox-private.h"

#include <unistd.h>

#define RENDER_THREADS 2

static void
free_active (gpointer data)
{
  SandboxActive *active = data;

  g_free (active->arg);
  g_free (active);
}

/* Ids of processes have 22 bits at most, and 127.0.0.0/8 is all loopback. */
static char *
own_address (void)
{
  guint id = (guint)getpid ();

  return g_strdup_printf ("127.%u.%u.%u", id >> 16 & 0xff, id >> 8 & 0xff,
                          id & 0xff);
}

static void
copy_options (GenvidSandbox *self, const GenvidSandboxOptions *options)
{
  GenvidSandboxOptions *own = &self->options;

  if (options != NULL)
    *own = *options;
  own->clip_path = g_strdup (own->clip_path);
  if (own->host != NULL || own->tls_certificate != NULL)
    own->host = g_strdup (own->host != NULL ? own->host : "127.0.0.1");
  else
    own->host = own_address ();
  own->tls_certificate = g_strdup (own->tls_certificate);
  own->tls_key = g_strdup (own->tls_key);
  own->key = g_strdup (own->key);
  own->cn8_prefix = g_strdup (own->cn8_prefix != NULL   ? own->cn8_prefix
                              : own->cn8_header != NULL ? ""
                                                        : "Bearer ");
  own->cn8_header
      = g_strdup (own->cn8_header == NULL ? "Authorization" : own->cn8_header);
  if (own->cn8_requests_per_minute == 0)
    own->cn8_requests_per_minute = 60;
  self->rate = own->rate;
  self->held[GENVID_SANDBOX_GATE_HANG] = TRUE;
  if (own->hold_at > 0)
    genvid_sandbox_hold_download (self, own->hold_at);
  self->next_id = own->first_id;
  if (self->next_id == 0)
    self->next_id = (guint64)g_random_int_range (1000000, G_MAXINT32 / 2);
}

static void
make_tables (GenvidSandbox *self)
{
  static const char *const known[] = { "image_res_123", "501", "502" };

  self->cancel = g_cancellable_new ();
  self->conns = g_hash_table_new (NULL, NULL);
  self->requests = g_ptr_array_new_with_free_func (
      (GDestroyNotify)genvid_sandbox_request_free);
  self->ledger = g_ptr_array_new_with_free_func (
      (GDestroyNotify)genvid_sandbox_entry_free);
  self->active = g_ptr_array_new_with_free_func (free_active);
  self->hits = g_hash_table_new (g_str_hash, g_str_equal);
  self->jobs
      = g_ptr_array_new_with_free_func ((GDestroyNotify)sandbox_job_free);
  self->clips = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify)sandbox_clip_free);
  self->replays
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->resources
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_hash_table_add (self->resources, g_strdup (known[i]));
  self->uploads = g_ptr_array_new_with_free_func (
      (GDestroyNotify)genvid_sandbox_upload_free);
  g_queue_init (&self->cn8_times);
  g_queue_init (&self->logs_times);
  self->connections
      = g_thread_pool_new (sandbox_connection_run, self, -1, FALSE, NULL);
  self->renderers = g_thread_pool_new (sandbox_clip_render, self,
                                       RENDER_THREADS, FALSE, NULL);
}

static gboolean
load_files (GenvidSandbox *self, GError **error)
{
  const GenvidSandboxOptions *o = &self->options;
  g_autoptr (GMappedFile) clip = NULL;

  if (o->clip_path != NULL) {
    clip = g_mapped_file_new (o->clip_path, FALSE, error);
    if (clip == NULL)
      return FALSE;
    self->fixed_clip = g_mapped_file_get_bytes (clip);
  }
  if (o->tls_certificate == NULL || o->tls_key == NULL)
    return TRUE;
  self->certificate = g_tls_certificate_new_from_files (o->tls_certificate,
                                                        o->tls_key, error);
  return self->certificate != NULL;
}

GenvidSandbox *
genvid_sandbox_new (const GenvidSandboxOptions *options, GError **error)
{
  g_autoptr (GenvidSandbox) self = g_new0 (GenvidSandbox, 1);
  guint wanted[N_PORTS] = { 0 };

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  copy_options (self, options);
  make_tables (self);
  if (!load_files (self, error))
    return NULL;
  wanted[PORT_API] = self->options.api_port;
  wanted[PORT_CDN] = self->options.cdn_port;
  for (guint i = 0; i < N_PORTS; i++) {
    self->ports[i].sandbox = self;
    self->ports[i].kind = (SandboxPortKind)i;
    if (!sandbox_port_open (&self->ports[i], (guint16)wanted[i], error))
      return NULL;
  }
  return g_steal_pointer (&self);
}

static void
stop (GenvidSandbox *self)
{
  for (guint i = 0; i < N_PORTS; i++)
    sandbox_port_close (&self->ports[i]);
  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  g_cancellable_cancel (self->cancel);
  genvid_sandbox_drop_connections (self);
  g_thread_pool_free (self->connections, FALSE, TRUE);
  g_thread_pool_free (self->renderers, FALSE, TRUE);
}

static void
free_options (GenvidSandboxOptions *own)
{
  g_free ((char *)own->clip_path);
  g_free ((char *)own->host);
  g_free ((char *)own->tls_certificate);
  g_free ((char *)own->tls_key);
  g_free ((char *)own->key);
  g_free ((char *)own->cn8_header);
  g_free ((char *)own->cn8_prefix);
}

void
genvid_sandbox_free (GenvidSandbox *self)
{
  if (self == NULL)
    return;
  stop (self);
  for (guint i = 0; i < N_PORTS; i++)
    g_free (self->ports[i].url);
  g_hash_table_unref (self->conns);
  g_ptr_array_unref (self->requests);
  g_ptr_array_unref (self->ledger);
  g_ptr_array_unref (self->active);
  g_hash_table_unref (self->hits);
  g_hash_table_unref (self->clips);
  g_ptr_array_unref (self->jobs);
  g_hash_table_unref (self->replays);
  g_hash_table_unref (self->resources);
  g_ptr_array_unref (self->uploads);
  g_queue_clear_full (&self->cn8_times, g_free);
  g_queue_clear_full (&self->logs_times, g_free);
  g_clear_pointer (&self->fixed_clip, g_bytes_unref);
  g_clear_object (&self->certificate);
  g_clear_object (&self->cancel);
  free_options (&self->options);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  g_free (self);
}
