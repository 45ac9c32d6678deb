/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* gen.pro: POST /v1/content_resources, multipart with one picture. */
#include "sandbox-private.h"

#include <string.h>

#define PART "content_resource[file]"

typedef struct {
  char *file_name;
  char *type;
  GBytes *bytes;
} Part;

static void
part_clear (Part *part)
{
  g_free (part->file_name);
  g_free (part->type);
  g_clear_pointer (&part->bytes, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Part, part_clear)

static char *
boundary_of (const GenvidSandboxRequest *q)
{
  const char *type = genvid_sandbox_request_header (q, "Content-Type");
  const char *at;
  char *boundary;

  if (type == NULL
      || g_ascii_strncasecmp (type, "multipart/form-data;", 20) != 0)
    return NULL;
  at = strstr (type, "boundary=");
  if (at == NULL)
    return NULL;
  boundary = g_strdup (at + strlen ("boundary="));
  boundary[strcspn (boundary, ";")] = '\0';
  if (boundary[0] == '"') {
    boundary[strcspn (boundary + 1, "\"") + 1] = '\0';
    memmove (boundary, boundary + 1, strlen (boundary));
  }
  return boundary;
}

static char *
parameter (const char *disposition, const char *name)
{
  g_autofree char *mark = g_strdup_printf ("; %s=\"", name);
  const char *at = strstr (disposition, mark);

  if (at == NULL)
    return NULL;
  at += strlen (mark);
  return g_strndup (at, strcspn (at, "\""));
}

static const char *
parse_head (const char *head, Part *part)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
  g_autofree char *name = NULL;

  for (guint i = 0; lines[i] != NULL; i++) {
    char *value = strchr (lines[i], ':');
    if (value == NULL)
      continue;
    *value++ = '\0';
    value += strspn (value, " \t");
    if (g_ascii_strcasecmp (lines[i], "Content-Type") == 0)
      part->type = g_strdup (value);
    if (g_ascii_strcasecmp (lines[i], "Content-Disposition") != 0)
      continue;
    if (!g_str_has_prefix (value, "form-data"))
      return "the part is not form-data";
    name = parameter (value, "name");
    part->file_name = parameter (value, "filename");
  }
  if (g_strcmp0 (name, PART) != 0)
    return "the part must be named " PART;
  if (part->file_name == NULL || part->file_name[0] == '\0')
    return "the part has no file name";
  if (strchr (part->file_name, '/') != NULL)
    return "the file name holds a path";
  if (part->type == NULL || !g_str_has_prefix (part->type, "image/"))
    return "the part's Content-Type is not an image's";
  return NULL;
}

/* Exactly one part. NULL or the problem. */
static const char *
parse (const GenvidSandboxRequest *q, const char *boundary, Part *part)
{
  g_autofree char *open = g_strdup_printf ("--%s\r\n", boundary);
  g_autofree char *close = g_strdup_printf ("\r\n--%s--", boundary);
  g_autofree char *head = NULL;
  gsize size = 0;
  const char *data = q->body == NULL ? NULL : g_bytes_get_data (q->body, &size);
  const char *body, *end, *problem;

  if (data == NULL || size < strlen (open)
      || strncmp (data, open, strlen (open)) != 0)
    return "the body does not begin with its boundary";
  data += strlen (open);
  size -= strlen (open);
  body = memmem (data, size, "\r\n\r\n", 4);
  if (body == NULL)
    return "the part has no headers";
  head = g_strndup (data, (gsize)(body - data));
  body += 4;
  end = memmem (body, size - (gsize)(body - data), close, strlen (close));
  if (end == NULL)
    return "the body does not end with its boundary";
  problem = parse_head (head, part);
  if (problem != NULL)
    return problem;
  if (end == body)
    return "the picture is empty";
  if (memmem (body, (gsize)(end - body), open, strlen (open)) != NULL)
    return "there is more than one part";
  part->bytes = g_bytes_new_from_bytes (
      q->body, (gsize)(body - (const char *)g_bytes_get_data (q->body, NULL)),
      (gsize)(end - body));
  return NULL;
}

void
genvid_sandbox_upload_free (GenvidSandboxUpload *upload)
{
  g_free (upload->agent);
  g_free (upload->file_name);
  g_free (upload->content_type);
  g_bytes_unref (upload->bytes);
  g_free (upload->sha256);
  g_free (upload);
}

static gpointer
copy_upload (gconstpointer source, gpointer unused)
{
  const GenvidSandboxUpload *upload = source;
  GenvidSandboxUpload *copy = g_memdup2 (upload, sizeof *upload);

  copy->agent = g_strdup (upload->agent);
  copy->file_name = g_strdup (upload->file_name);
  copy->content_type = g_strdup (upload->content_type);
  copy->bytes = g_bytes_ref (upload->bytes);
  copy->sha256 = g_strdup (upload->sha256);
  return copy;
}

GPtrArray *
genvid_sandbox_uploads (GenvidSandbox *self)
{
  SANDBOX_LOCK (self);
  GPtrArray *copy = g_ptr_array_copy (self->uploads, copy_upload, NULL);

  g_ptr_array_set_free_func (copy, (GDestroyNotify)genvid_sandbox_upload_free);
  return copy;
}

static void
keep (GenvidSandbox *self, Part *part, const char *agent, SandboxReply *reply)
{
  gboolean text_id = sandbox_fault (self, "upload-string-id", NULL);
  g_autofree char *name = sandbox_json_quote (part->file_name);
  g_autofree char *type = sandbox_json_quote (part->type);
  SANDBOX_LOCK (self);
  GenvidSandboxUpload *upload = g_new0 (GenvidSandboxUpload, 1);
  const char *mark = text_id ? "\"" : "";

  upload->id = self->next_id++;
  upload->agent = g_strdup (agent);
  upload->file_name = g_strdup (part->file_name);
  upload->content_type = g_strdup (part->type);
  upload->bytes = g_bytes_ref (part->bytes);
  upload->sha256
      = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, part->bytes);
  g_ptr_array_add (self->uploads, upload);
  g_hash_table_add (self->resources,
                    g_strdup_printf ("%" G_GUINT64_FORMAT, upload->id));
  sandbox_reply_json (
      reply, 201,
      "{\"content_resource\":{\"id\":%s%" G_GUINT64_FORMAT
      "%s,\"url\":\"%s/uploads/%" G_GUINT64_FORMAT
      "\",\"thumbnail_url\":null,\"file_name\":%s,\"content_type\":%s},"
      "\"generator\":null}",
      mark, upload->id, mark, genvid_sandbox_cdn_url (self), upload->id, name,
      type);
}

void
sandbox_genpro_upload (GenvidSandbox *self, const GenvidSandboxRequest *q,
                       SandboxReply *reply)
{
  static const char *const allowed[] = { "agent_id", NULL };
  g_autofree char *problem = NULL;
  g_autoptr (GPtrArray) query = sandbox_check_query (q, allowed, &problem);
  g_autofree char *boundary = boundary_of (q);
  g_auto (Part) part = { 0 };
  const char *agent
      = query == NULL ? NULL : sandbox_query_get (query, "agent_id");
  const char *wrong;

  if (!g_str_equal (q->method, "POST")) {
    sandbox_genpro_error (reply, 405, NULL, "POST is expected");
    return;
  }
  if (!sandbox_is_positive (agent)) {
    sandbox_genpro_error (reply, 422, "agent_not_found",
                          "agent_id must be an agent's id");
    return;
  }
  wrong = boundary == NULL ? "Content-Type must be multipart/form-data"
                           : parse (q, boundary, &part);
  if (wrong != NULL) {
    sandbox_genpro_error (reply, 422, "content_resource_creation_failed",
                          wrong);
    return;
  }
  if (!sandbox_fault_instead (self, q, reply))
    keep (self, &part, agent, reply);
}
