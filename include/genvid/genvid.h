/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* All of it. Only genvid-types.h, genvid-enum-types.h and genvid-prefetch.h
 * need the library genvid-1.0. */

#include <genvid/genvid-context.h>
#include <genvid/genvid-enum-types.h>
#include <genvid/genvid-live-messages.h>
#include <genvid/genvid-messages.h>
#include <genvid/genvid-prefetch.h>
#include <genvid/genvid-readers.h>
#include <genvid/genvid-types.h>
