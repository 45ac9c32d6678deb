/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake-service.h"

/* An entry of the script, owned. */
typedef struct {
  FakeReply reply; /* strings and bytes are ours */
  guint left;      /* of times */
} FakeEntry;

typedef struct {
  char *name;
  gboolean open;
  guint arrived;
} FakeGate;

struct _FakeService {
  GSocket *socket;
  GTlsCertificate *certificate; /* nullable */
  GCancellable *cancel;
  GThread *thread;
  guint16 port;
  char *url;

  GMutex lock; /* guards what follows */
  GCond cond;
  gboolean ending;
  GPtrArray *entries;  /* of FakeEntry */
  GPtrArray *gates;    /* of FakeGate */
  GPtrArray *requests; /* of FakeRequest */
  GPtrArray *threads;  /* of GThread, joined at the end */
  guint n_connections;
  guint n_open;
  char *alpn;
};

/* One connection, served by a thread of its own. */
typedef struct {
  FakeService *service;
  GSocketConnection *socket;
  GIOStream *stream;
  GByteArray *buffer; /* read, but not used yet */
  guint number;
} FakeConnection;

/* The thread's function; takes DATA, a FakeConnection. */
gpointer fake_connection_serve (gpointer data);
gboolean fake_connection_write (FakeConnection *connection, const void *data,
                                gsize length);
void fake_connection_reset (FakeConnection *connection);

/* The entry that answers; counted down. Borrowed. */
const FakeReply *fake_service_choose (FakeService *service,
                                      const FakeRequest *request);
/* Takes REQUEST. */
void fake_service_record (FakeService *service, FakeRequest *request);
/* FALSE: the service ends. */
gboolean fake_service_pass (FakeService *service, const char *gate);

/* FALSE: the connection is over. */
gboolean fake_reply_send (FakeConnection *connection, const FakeReply *reply,
                          const FakeRequest *request);
gboolean fake_path_fits (const char *pattern, const char *path);
