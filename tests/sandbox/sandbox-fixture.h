/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A sandbox and a plain libsoup client to talk to it. */
#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "genvid-sandbox.h"

#define GENPRO_SUBMIT                                                          \
  "/v1/autocontentengine/101/cells/3100/generate?agent_id=42"
#define AIMLAPI_PATH "/v2/video/generations"
#define CN8_SUBMIT   "/v1/proxy/media-video-from-text"

extern const char *const genpro_text; /* the documents' bodies */
extern const char *const genpro_image;
extern const char *const genpro_ingredients;
extern const char *const aimlapi_text;
extern const char *const cn8_text;

typedef struct {
  GenvidSandbox *sandbox;
  SoupSession *session;
  gboolean reuse; /* of connections */
} Fixture;

/* What came back; status 0: the connection broke. */
typedef struct {
  guint status;
  GBytes *body;
  JsonNode *json; /* NULL: none */
  SoupMessageHeaders *headers;
} Answer;

void fixture_set_up (Fixture *fixture, const GenvidSandboxOptions *options);
void fixture_clear (Fixture *fixture);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

void answer_free (Answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

/* headers: "Name: value" lines, may be NULL. url: absolute, or a path at the
 * API port. */
Answer *ask (Fixture *fixture, const char *method, const char *url,
             const char *headers, const char *type, const char *body);

/* With each service's key. */
Answer *submit (Fixture *fixture, GenvidSandboxService service,
                const char *body);
Answer *poll_job (Fixture *fixture, GenvidSandboxService service,
                  const char *id);
Answer *get (Fixture *fixture, const char *url, const char *headers);

/* The generation's id in a submit's answer; free with g_free(). */
char *id_of (GenvidSandboxService service, const Answer *answer);
/* The result URL in a poll's answer, or NULL. */
char *url_of (GenvidSandboxService service, const Answer *answer);

/* Submits the document's body, polls once; the URL. */
char *finished_url (Fixture *fixture, GenvidSandboxService service);

void add_fault (Fixture *fixture, const char *spec);

/* The member at a path like "error.detail.0.msg" as JSON text, or "". */
char *member (const Answer *answer, const char *path);
#define assert_member(answer, path, expected)                                  \
  G_STMT_START                                                                 \
  {                                                                            \
    g_autofree char *got_ = member (answer, path);                             \
    g_assert_cmpstr (got_, ==, expected);                                      \
  }                                                                            \
  G_STMT_END

void add_submit_tests (void);
void add_poll_tests (void);
void add_cdn_tests (void);
void add_fault_tests (void);
