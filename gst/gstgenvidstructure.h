/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* GStreamer's values as JSON and back. gst-launch guesses the type of a value,
 * and a wrong guess can damage it silently. Such a value is an error that names
 * it and says how to write it.
 *
 *   string, boolean, integer   as they are
 *   double                     an integer where it is whole and below 2^53
 *   fraction                   the string "16/9"
 *   structure                  an object; its name is ignored
 *   array, list                an array
 *   all others                 GENVID_ERROR (settings)
 */

/* NAME is the property, for the error. FLAT: scalars only. Owned by the
 * caller. */
JsonObject *gst_genvid_structure_to_json (const GstStructure *structure,
                                          const char *name, gboolean flat,
                                          GError **error);

/* A structure NAME with the members of OBJECT, lists and objects included. What
 * was null is an error in to_json. Owned by the caller. */
GstStructure *gst_genvid_structure_from_json (JsonObject *object,
                                              const char *name);

/* The strings of a GstValueArray, in the forms that the property image takes;
 * an integer is an id at the service. Owned by the caller. */
char **gst_genvid_array_to_strv (const GValue *array, const char *name,
                                 GError **error);

G_END_DECLS
