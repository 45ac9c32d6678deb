/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox-private.h"

#include <stdlib.h>
#include <string.h>

/* What a fault does when the service's code does not ask for it by name. */
typedef enum {
  BY_NAME, /* nothing here */
  INSTEAD, /* an error in the service's shape; nothing is begun */
  AFTER,   /* the same, but the service has acted */
  RAW,     /* after it acted: another reply */
  SPOIL,   /* after it acted: damage on the wire */
  INSERT,  /* after it acted: text behind the first brace of the JSON */
} Action;

typedef struct {
  Action action;
  guint status;     /* 0: the usual one; SPOIL: a SandboxSpoil */
  const char *text; /* of the error, the body, or the insert */
  const char *retry_after;
} Effect;

#define ANY      GENVID_SANDBOX_ANY_SCOPE
#define SUBMIT   GENVID_SANDBOX_SUBMIT
#define POLL     GENVID_SANDBOX_POLL
#define DOWNLOAD GENVID_SANDBOX_DOWNLOAD
#define UPLOAD   GENVID_SANDBOX_UPLOAD
#define CANCEL   GENVID_SANDBOX_CANCEL
#define LOOKUP   GENVID_SANDBOX_LOOKUP

#define HTML   "<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>\n"
#define BUSY   "Too many requests, please slow down"
#define OUT    "Service temporarily unavailable"
#define BROKEN "Internal server error"

static const GenvidSandboxFault table[] = {
#define FAULT(name, scope, argument, times, help, ...)                         \
  { name, scope, argument, times, help },
#include "sandbox-faults.inc"
#undef FAULT
};

static const Effect effects[] = {
#define FAULT(name, scope, argument, times, help, ...) { __VA_ARGS__ },
#include "sandbox-faults.inc"
#undef FAULT
};

const GenvidSandboxFault *
genvid_sandbox_faults (guint *n_faults)
{
  *n_faults = G_N_ELEMENTS (table);
  return table;
}

char *
genvid_sandbox_describe_faults (void)
{
  static const char *const scopes[]
      = { "submit", "poll", "download", "upload", "cancel", "lookup", "other" };
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    const GenvidSandboxFault *f = &table[i];
    g_autofree char *times = f->times == 0 ? g_strdup ("always")
                                           : g_strdup_printf ("%d×", f->times);
    g_autofree char *name
        = f->argument == NULL ? g_strdup (f->name)
                              : g_strdup_printf ("%s=%s", f->name, f->argument);
    g_string_append_printf (out, "%-9s %-32s %-7s %s\n",
                            f->scope == ANY ? "connect" : scopes[f->scope],
                            name, times, f->help);
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static const GenvidSandboxFault *
find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].name, name))
      return &table[i];
  return NULL;
}

/* Cuts "@12" or "+3" off the end of the spec. */
static gboolean
cut_number (char *spec, char mark, int *number)
{
  char *at = strrchr (spec, mark);

  if (at == NULL || at[1] == '\0'
      || strspn (at + 1, "0123456789") != strlen (at + 1))
    return FALSE;
  *number = atoi (at + 1);
  *at = '\0';
  return TRUE;
}

gboolean
genvid_sandbox_add_fault (GenvidSandbox *self, const char *spec, GError **error)
{
  g_autofree char *name = g_strdup (spec);
  g_autoptr (GMutexLocker) locker = NULL;
  const GenvidSandboxFault *fault;
  SandboxActive *active;
  char *arg;
  int times = -1, skip = 0;

  cut_number (name, '+', &skip);
  cut_number (name, '@', &times);
  arg = strchr (name, '=');
  if (arg != NULL)
    *arg++ = '\0';
  fault = find (name);
  if (fault == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "there is no fault named \"%s\"; --list-faults prints "
                 "them",
                 name);
    return FALSE;
  }
  if (times < 0)
    times = fault->argument == NULL && arg != NULL ? atoi (arg) : fault->times;
  active = g_new0 (SandboxActive, 1);
  active->fault = fault;
  active->arg = g_strdup (fault->argument == NULL || arg == NULL ? "" : arg);
  active->left = times == 0 ? -1 : times;
  active->skip = (guint)skip;
  locker = g_mutex_locker_new (&self->lock);
  g_ptr_array_add (self->active, active);
  return TRUE;
}

void
genvid_sandbox_clear_faults (GenvidSandbox *self)
{
  SANDBOX_LOCK (self);

  g_ptr_array_set_size (self->active, 0);
}

guint
genvid_sandbox_fault_hits (GenvidSandbox *self, const char *name)
{
  SANDBOX_LOCK (self);

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->hits, name));
}

static gboolean
strike (GenvidSandbox *self, const GenvidSandboxFault *fault, char **arg)
{
  for (guint i = 0; i < self->active->len; i++) {
    SandboxActive *active = self->active->pdata[i];
    guint hits;

    if (active->fault != fault || active->left == 0)
      continue;
    if (active->skip > 0) {
      active->skip--;
      return FALSE;
    }
    if (active->left > 0)
      active->left--;
    hits = GPOINTER_TO_UINT (g_hash_table_lookup (self->hits, fault->name));
    g_hash_table_insert (self->hits, (gpointer)fault->name,
                         GUINT_TO_POINTER (hits + 1));
    if (arg != NULL)
      *arg = g_strdup (active->arg);
    return TRUE;
  }
  return FALSE;
}

gboolean
sandbox_fault_locked (GenvidSandbox *self, const char *name)
{
  return strike (self, find (name), NULL);
}

gboolean
sandbox_fault (GenvidSandbox *self, const char *name, char **arg)
{
  SANDBOX_LOCK (self);
  const GenvidSandboxFault *fault = find (name);

  g_assert (fault != NULL);
  return strike (self, fault, arg);
}

gboolean
sandbox_fault_pending (GenvidSandbox *self, const char *name)
{
  for (guint i = 0; i < self->active->len; i++) {
    SandboxActive *active = self->active->pdata[i];
    if (active->left != 0 && g_str_equal (active->fault->name, name))
      return TRUE;
  }
  return FALSE;
}

void
sandbox_retry_after (GenvidSandbox *self, SandboxReply *reply, const char *kind,
                     const char *arg)
{
  double seconds = arg[0] == '\0' ? 1 : g_ascii_strtod (arg, NULL);
  g_autofree char *value = NULL;

  if (kind == NULL)
    return;
  if (g_str_equal (kind, "seconds"))
    value = g_strdup_printf ("%d", (int)seconds);
  else if (g_str_equal (kind, "date"))
    value = sandbox_date (self, seconds);
  else
    value = g_strdup (kind);
  sandbox_reply_header (reply, "Retry-After", value);
}

static void
apply (GenvidSandbox *self, const GenvidSandboxRequest *q, SandboxReply *reply,
       guint i, const char *arg)
{
  const Effect *effect = &effects[i];
  gboolean words = g_strcmp0 (table[i].argument, "TEXT") == 0 && arg[0];

  sandbox_reply_error (reply, q, effect->status, words ? arg : effect->text);
  sandbox_retry_after (self, reply, effect->retry_after, arg);
}

static gboolean
strikes_at (GenvidSandbox *self, const GenvidSandboxRequest *q, guint i,
            char **arg)
{
  SANDBOX_LOCK (self);

  return table[i].scope == q->scope && strike (self, &table[i], arg);
}

gboolean
sandbox_fault_instead (GenvidSandbox *self, const GenvidSandboxRequest *q,
                       SandboxReply *reply)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *arg = NULL;

    if (effects[i].action != INSTEAD || !strikes_at (self, q, i, &arg))
      continue;
    apply (self, q, reply, i, arg);
    return TRUE;
  }
  return FALSE;
}

static void
insert (SandboxReply *reply, const char *text, gsize filling)
{
  g_autofree char *fill = NULL;
  g_autofree char *all = NULL;

  fill = g_strnfill (filling, 'x');
  all = g_strconcat (text, fill, filling > 0 ? "\"," : "", NULL);
  g_string_insert (reply->body, MIN (1, (gssize)reply->body->len), all);
}

static void
spoil (GenvidSandbox *self, const GenvidSandboxRequest *q, SandboxReply *reply,
       guint i, const char *arg)
{
  const Effect *effect = &effects[i];

  switch (effect->action) {
  case AFTER:
    apply (self, q, reply, i, arg);
    break;
  case RAW:
    sandbox_reply_set (reply, effect->status ? effect->status : reply->status,
                       effect->text[0] == '<' ? "text/html; charset=utf-8"
                                              : "application/json",
                       effect->text);
    break;
  case SPOIL:
    reply->spoil = (SandboxSpoil)effect->status;
    break;
  case INSERT:
    insert (reply, effect->text, effect->status);
    break;
  default:
    break;
  }
}

/* The bodies too odd for the table. */
static void
spoil_by_name (GenvidSandbox *self, const GenvidSandboxRequest *q,
               SandboxReply *reply)
{
  g_autofree char *location = NULL;
  g_autofree char *deep = NULL;
  g_autofree char *seconds = NULL;
  const char *scope = q->scope == SUBMIT ? "submit" : "poll";
  g_autofree char *cut = g_strconcat (scope, "-malformed", NULL);
  g_autofree char *redirect = g_strconcat (scope, "-redirect-origin", NULL);

  if (q->scope != SUBMIT && q->scope != POLL)
    return;
  if (sandbox_fault (self, cut, NULL))
    g_string_truncate (reply->body, reply->body->len / 2);
  if (q->scope == POLL && sandbox_fault (self, "poll-retry-after", &seconds))
    sandbox_retry_after (self, reply, "seconds", seconds);
  if (q->scope == POLL && sandbox_fault (self, "poll-deep", NULL)) {
    deep = g_strnfill (80 * 1024, '[');
    g_string_assign (reply->body, deep);
  }
  if (!sandbox_fault (self, redirect, NULL))
    return;
  location = g_strconcat (genvid_sandbox_mirror_url (self), q->path, NULL);
  sandbox_reply_set (reply, 307, "text/plain", "");
  sandbox_reply_header (reply, "Location", location);
}

void
sandbox_fault_spoil (GenvidSandbox *self, const GenvidSandboxRequest *q,
                     SandboxReply *reply)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *arg = NULL;

    if (effects[i].action == BY_NAME || effects[i].action == INSTEAD
        || !strikes_at (self, q, i, &arg))
      continue;
    spoil (self, q, reply, i, arg);
  }
  spoil_by_name (self, q, reply);
}
