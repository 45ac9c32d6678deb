/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A path: $.a.b[0].c, [-1] for the last, [?key=="value"] for the first
 * element whose member is that string (compared without regard to case), [*]
 * for any element or member, .${id} for the member that is named by an id, and
 * ["a name"] for one with other characters; and the pseudo-paths header:NAME
 * and http, which call-source.c resolves itself. */
typedef struct _GenvidJsonPath GenvidJsonPath;
GenvidJsonPath *genvid_json_path_new (const char *text, GError **error);
void genvid_json_path_free (GenvidJsonPath *path);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidJsonPath, genvid_json_path_free)

/* What ${id} stands for; NULL: nothing, and the path finds nothing. */
void genvid_json_path_bind_id (GenvidJsonPath *path, const char *id);

/* Borrowed from ROOT; NULL where there is nothing, or the value is null. Of
 * several elements or members that fit, the first in which the rest of the path
 * finds something. */
JsonNode *genvid_json_path_get (const GenvidJsonPath *path, JsonNode *root);
const char *genvid_json_path_get_text (const GenvidJsonPath *path);

G_END_DECLS
