/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A job service that has every clip ready: a POST is accepted with an id of
 * its own, a GET says that it is completed and where. It speaks AI/ML API's
 * words on a port of 127.0.0.1. Whoever makes it runs the default main context,
 * which accepts; each connection is answered in a thread. */
typedef struct _ReadyService ReadyService;

/* RESULT: the URL of every clip. PORT: 0 is any that is free. */
ReadyService *ready_service_new (const char *result, guint16 port,
                                 GError **error);
void ready_service_free (ReadyService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReadyService, ready_service_free)

/* "http://127.0.0.1:PORT". Owned by the caller. */
char *ready_service_get_url (ReadyService *service);
/* When the first answer "completed" began to be sent, monotonic microseconds;
 * 0: none was. Any thread. */
gint64 ready_service_get_moment (ReadyService *service);

/* TEXT with every "{base}" replaced by the service's URL; SERVICE nullable.
 * Owned by the caller. */
char *ready_service_expand (ReadyService *service, const char *text);

G_END_DECLS
