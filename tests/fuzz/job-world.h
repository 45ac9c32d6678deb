/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "request.h"

#include <json-glib/json-glib.h>

#include <stdint.h>

/* A job and its record, moved on event by event, for the fuzz targets. Each
 * event asserts what must hold of any: a job ends or waits, a number is bought
 * once, progress never falls, and the record is readable. */
typedef struct {
  GenvidProvider *provider;
  const GenvidRequest *request;
  JsonObject *parameters; /* nullable */
  GenvidJob *job;
  GenvidRecord *disk;
  GenvidNow now;
  guint bought; /* the last number that was sent fresh */
  int progress;
} World;

/* Borrows all of them. FALSE: PROVIDER does not take REQUEST. */
gboolean world_begin (World *world, GenvidProvider *provider,
                      const GenvidRequest *request, JsonObject *parameters);
/* EVENT: 1 cancels and 2 restarts it first. STATUS: what becomes of its step,
 * below 64 no answer. */
void world_live (World *world, uint8_t event, uint8_t status, const char *body);
void world_end (World *world);
