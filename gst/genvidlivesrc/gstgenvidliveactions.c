/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The action signals. Any thread: they change the playlist and wake the control
 * thread. */

#include "gstgenvidliveactions.h"

static void
wake (GstGenvidLiveSrc *self)
{
  g_mutex_lock (&self->lock);
  if (self->programme != NULL)
    gst_genvid_live_programme_wake (self->programme);
  g_mutex_unlock (&self->lock);
}

static guint
append_structure (GstGenvidLiveSrc *self, guint before, GstStructure *fields)
{
  guint id = gst_genvid_live_playlist_add (&self->playlist, before, fields);

  wake (self);
  return id;
}

static guint
append (GstGenvidLiveSrc *self, const char *text)
{
  g_return_val_if_fail (text != NULL, 0);

  return append_structure (self, 0, gst_genvid_live_playlist_parse (text));
}

static guint
insert (GstGenvidLiveSrc *self, guint before, const char *text)
{
  g_return_val_if_fail (text != NULL, 0);

  return append_structure (self, before, gst_genvid_live_playlist_parse (text));
}

static guint
append_item (GstGenvidLiveSrc *self, const GstStructure *fields)
{
  g_return_val_if_fail (fields != NULL, 0);

  return append_structure (self, 0, gst_structure_copy (fields));
}

static gboolean
take_away (GstGenvidLiveSrc *self, guint id)
{
  gboolean found = gst_genvid_live_playlist_remove (&self->playlist, id);

  wake (self);
  return found;
}

static void
skip (GstGenvidLiveSrc *self)
{
  gst_genvid_live_playlist_skip (&self->playlist);
  wake (self);
}

static void
clear (GstGenvidLiveSrc *self)
{
  gst_genvid_live_playlist_clear (&self->playlist);
  wake (self);
}

static void
end (GstGenvidLiveSrc *self)
{
  gst_genvid_live_playlist_end (&self->playlist);
  wake (self);
}

#define MAX_ARGUMENTS 2

static const struct {
  const char *name;
  GCallback handler;
  GType result;
  guint count;
  GType arguments[MAX_ARGUMENTS]; /* 0: a structure */
} actions[N_ACTIONS] = {
  [ACTION_APPEND]
  = { "append", G_CALLBACK (append), G_TYPE_UINT, 1, { G_TYPE_STRING } },
  [ACTION_INSERT] = { "insert",
                      G_CALLBACK (insert),
                      G_TYPE_UINT,
                      2,
                      { G_TYPE_UINT, G_TYPE_STRING } },
  [ACTION_APPEND_ITEM]
  = { "append-item", G_CALLBACK (append_item), G_TYPE_UINT, 1, { 0 } },
  [ACTION_REMOVE]
  = { "remove", G_CALLBACK (take_away), G_TYPE_BOOLEAN, 1, { G_TYPE_UINT } },
  [ACTION_SKIP] = { "skip", G_CALLBACK (skip), G_TYPE_NONE },
  [ACTION_CLEAR] = { "clear", G_CALLBACK (clear), G_TYPE_NONE },
  [ACTION_END] = { "end", G_CALLBACK (end), G_TYPE_NONE },
};

void
gst_genvid_live_src_install_actions (GstElementClass *klass)
{
  for (guint i = 0; i < N_ACTIONS; i++) {
    GType types[MAX_ARGUMENTS];

    for (guint j = 0; j < actions[i].count; j++)
      types[j] = actions[i].arguments[j] != 0 ? actions[i].arguments[j]
                                              : GST_TYPE_STRUCTURE;
    g_signal_newv (actions[i].name, G_TYPE_FROM_CLASS (klass),
                   G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
                   g_cclosure_new (actions[i].handler, NULL, NULL), NULL, NULL,
                   NULL, actions[i].result, actions[i].count, types);
  }
}
