/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What is wanted, in our words: a value. Which service makes it, with which
 * key and under which limits is not part of it. */

/* A picture or another asset: an id the service knows already, a local file,
 * or an https link. */
typedef enum {
  GENVID_INPUT_ID,
  GENVID_INPUT_FILE,
  GENVID_INPUT_LINK,
} GenvidInputKind;

typedef struct {
  GenvidInputKind kind;
  char *value;      /* the id without "id:", the path, or the link */
  char *sha256;     /* lower-case hex of a local file's bytes; set by whoever
                     * reads the file, before the fingerprint; else NULL */
  guint64 size;     /* of a local file; 0: not looked at */
  const char *type; /* its MIME type, static; nullable */
} GenvidInput;

/* TEXT is "id:VALUE", "https://…", "file://…" or a path.  NULL with
 * GENVID_ERROR (settings) for an empty text or another scheme. */
GenvidInput *genvid_input_parse (const char *text, GError **error);
GenvidInput *genvid_input_copy (const GenvidInput *input);
void genvid_input_free (GenvidInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidInput, genvid_input_free)

/* Is there to be sound? Unset: as the service does. */
typedef enum {
  GENVID_AUDIO_AUTO,
  GENVID_AUDIO_ON,
  GENVID_AUDIO_OFF,
} GenvidAudio;

/* Duration: as long as the service thinks right. */
#define GENVID_DURATION_AUTO (-1.0)

typedef struct {
  char *prompt;
  char *negative_prompt;
  char *model;
  char *style;
  char *aspect_ratio;
  char *resolution;
  double duration; /* seconds; 0 = unset; or GENVID_DURATION_AUTO */
  gint64 seed;     /* -1 = unset */
  GenvidAudio audio;
  guint fps; /* 0 = unset */
  GenvidInput *image;
  GenvidInput *end_image;
  GenvidInput *video;       /* to extend or to edit */
  GenvidInput *audio_input; /* sound that the clip is made for */
  GPtrArray *references;    /* of GenvidInput; never NULL */
  JsonObject *variables;    /* name → scalar; nullable */
  JsonObject *options;      /* parameters of the service and extra body members,
                             * as given; nullable */
  guint take;               /* 1, 2, … */
} GenvidRequest;

GenvidRequest *genvid_request_new (void);
/* Shares nothing with REQUEST, so another thread may free it. */
GenvidRequest *genvid_request_copy (const GenvidRequest *request);
void genvid_request_free (GenvidRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRequest, genvid_request_free)

/* The fields that are set, each with its value; an input is its own text. The
 * names are those of request-fields.h. Owned by the caller. */
JsonObject *genvid_request_to_values (const GenvidRequest *request);
/* FALSE: TEXT is none of auto, on and off. What switches are called elsewhere
 * (true, false, 1, 0) is taken, too. */
gboolean genvid_audio_parse (const char *text, GenvidAudio *audio);
/* Seconds from 0.001, rounded to milliseconds, or "auto". */
gboolean genvid_duration_parse (const char *text, double *duration);

/* Where the field WORD of REQUEST lies; NULL: it is no text (no single
 * input). */
char **genvid_request_find_text (GenvidRequest *request, const char *word);
GenvidInput **genvid_request_find_input (GenvidRequest *request,
                                         const char *word);
/* The inputs of one field: borrowed, in a new array. */
GPtrArray *genvid_request_get_inputs (const GenvidRequest *request,
                                      const char *word);

/* auto or adaptive, in any case: the service chooses. Only a list of the
 * service says that it has such a word. */
gboolean genvid_aspect_ratio_is_open (const char *text);

/* May TEXT be the aspect-ratio or the resolution? Another NAME takes any. */
gboolean genvid_request_check_size (const char *name, const char *text,
                                    GError **error);

/* Checks what every service needs: valid UTF-8, an aspect-ratio like 16:9 or
 * one that is open, a resolution like 720p, take ≥ 1. */
gboolean genvid_request_check (const GenvidRequest *request, GError **error);
/* Bounds of what is a name at a service; of a request that is bought, not of
 * one that was. In bytes. */
#define GENVID_NAME_MAX 512
gboolean genvid_request_check_lengths (const GenvidRequest *request,
                                       GError **error);
/* Whether prompt, negative-prompt, model and style, where set, have a word in
 * them: a letter or digit of any script, or an emoji. Asked before something
 * is bought, not of what was bought. */
gboolean genvid_request_check_words (const GenvidRequest *request,
                                     GError **error);

/* The request as JSON in our words, nothing left out and nothing hidden; what
 * is unset is absent. An input is {"id" | "file" | "link": VALUE, "sha256":
 * HEX}; a path that is not UTF-8 is made so. Owned by the caller. */
JsonObject *genvid_request_to_json (const GenvidRequest *request);
/* NULL with GENVID_ERROR (bad-answer) that names the damaged member; an
 * unknown one is ignored. Owned by the caller. */
GenvidRequest *genvid_request_from_json (JsonObject *object, GError **error);

G_END_DECLS
