/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the verbs of genvid-store share. One thread, but for the wait of a
 * fetch. */

#include <json-glib/json-glib.h>

#include "store.h"

/* Exit statuses; docs/genvid-store.md promises them. */
enum {
  TOOL_OK = 0,
  TOOL_PROBLEM = 1,       /* something is wrong, or failed */
  TOOL_USAGE = 2,         /* the command line makes no sense */
  TOOL_INTERRUPTED = 130, /* Ctrl-C; what was begun can be continued */
};

typedef struct {
  const char *name;
  const char *arguments; /* what follows "[OPTION…]"; for the help */
  const char *summary;
  int (*run) (int argc, char **argv); /* argv[0] is the verb */
} ToolVerb;

extern const ToolVerb tool_list;
extern const ToolVerb tool_verify;
extern const ToolVerb tool_fetch;
extern const ToolVerb tool_gallery;
extern const ToolVerb tool_quote;
extern const ToolVerb tool_prune;
extern const ToolVerb tool_providers;
extern const ToolVerb tool_watch;

/* Parses ENTRIES and takes at most MAX further arguments (left in argv from
 * index 1 on, *ARGC counts them and argv[0]). FALSE: exit with *STATUS; the
 * error was printed. */
gboolean tool_parse (const ToolVerb *verb, const GOptionEntry *entries,
                     guint max, int *argc, char ***argv, int *status);
/* "genvid-store: MESSAGE" on stderr, with the verb's usage; TOOL_USAGE. */
int tool_misuse (const ToolVerb *verb, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
/* "genvid-store: MESSAGE" on stderr; TOOL_PROBLEM. */
int tool_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* PATH nullable: $GENVID_STORE, else the user's default. */
GenvidStore *tool_open_store (const char *path, gboolean read_only,
                              GError **error);
/* The path that open would take for PATH; NULL: the default. Borrowed. */
const char *tool_find_store (const char *path);

/* An amount of US dollars, not negative. TEXT nullable: *AMOUNT stays. */
gboolean tool_parse_amount (const char *text, double *amount);
/* "500M", "2G", "1024": powers of 1024. */
gboolean tool_parse_size (const char *text, guint64 *bytes);
/* "90s", "12h", "30d", "2w": microseconds; a unit is needed. */
gboolean tool_parse_age (const char *text, gint64 *age);

/* --- Output. --- */

/* A tree, indented as at DEPTH of another. Owned by the caller. */
char *tool_json_to_text (JsonNode *node, guint depth);
/* A tree on stdout, indented, with a newline. */
void tool_print_json (JsonNode *node);
/* Takes OBJECT. */
void tool_print_json_object (JsonObject *object);
/* "2026-05-03T10:00:00.000Z" from microseconds; absent for 0. */
void tool_set_time (JsonObject *object, const char *name, gint64 wall);
/* The member, or null where VALUE is NULL, so that every row has it. */
void tool_set_text (JsonObject *object, const char *name, const char *value);
/* "2026-05-03 10:00" in local time, "-" for 0. Owned by the caller. */
char *tool_format_time (gint64 wall);
/* "3.50 USD", "-". Owned by the caller. */
char *tool_format_cost (double amount, const char *currency);
/* "12.3 MB". Owned by the caller. */
char *tool_format_size (guint64 bytes);
/* A line for a terminal: no control characters, at most COLUMNS wide. Owned by
 * the caller. */
char *tool_format_line (const char *text, guint columns);

/* A table on stdout: rows of cells, aligned, the oldest first; the last column
 * is as long as it is. A long one begins before its last row is known, as in
 * rows.h, with columns as wide as the first rows need. */
typedef struct _ToolTable ToolTable;
ToolTable *tool_table_new (const char *const *titles);
/* As many texts as there are titles. */
void tool_table_add (ToolTable *table, gint64 time, char **cells);
/* No more rows; without one, the titles alone. */
void tool_table_end (ToolTable *table);
void tool_table_free (ToolTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolTable, tool_table_free)
