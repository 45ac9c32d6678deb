/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The simulated services and the clips that they make, in a process of their
 * own: what the programme's process has is then the programme's alone. One
 * thread only. */

typedef struct _SoakService SoakService;

/* Forks, so that there must be no other thread yet. Does not fail. */
SoakService *soak_service_new (void);
void soak_service_free (SoakService *service);

const char *soak_service_get_url (SoakService *service);
/* Kinds of clips: from 0 to their number. */
guint soak_service_get_n_kinds (void);
const char *soak_service_get_kind (guint kind);

/* KIND is what the services make from now on. */
void soak_service_serve (SoakService *service, guint kind);
/* They refuse the next generation. */
void soak_service_refuse (SoakService *service);
/* No generation ends until release. */
void soak_service_hold (SoakService *service);
void soak_service_release (SoakService *service);
/* How many generations they were asked and paid for. */
guint soak_service_count (SoakService *service);

G_END_DECLS
