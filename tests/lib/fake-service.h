/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A scripted HTTP/1.1 server for tests, on 127.0.0.1 and a port of its own,
 * in threads of its own. A script says how each request is answered, down to
 * the byte at which the line goes dead; every request is kept, so that a test
 * can assert what the server saw. It never sleeps: where a test needs an
 * order of events it uses a gate.
 *
 *   static const FakeReply script[] = {
 *     { "POST", "/v1/jobs", 201, NULL, "{\"id\":7}" },
 *     { "GET", "/v1/jobs/7", 200, NULL, "{\"status\":\"running\"}",
 *       .times = 2 },
 *     { "GET", "/v1/jobs/7", 200, NULL, "{\"status\":\"done\"}" },
 *     { "GET", "/clip.mp4", .bytes = clip, .flags = FAKE_RANGE },
 *   };
 *   g_autoptr (FakeService) service = FAKE_SERVICE (script);
 *   ... fake_service_get_url (service) ...
 *   g_assert_cmpuint (fake_service_count (service, "POST", "/v1/jobs"), ==, 1);
 *
 * The first entry that fits a request and is not used up answers it; none:
 * 599, which no test should accept. All functions may be called from any
 * thread. */
typedef struct _FakeService FakeService;

typedef enum {
  /* Honours Range and If-Range (against the entry's own ETag and
   * Last-Modified headers): 206 with Content-Range, or 416. */
  FAKE_RANGE = 1 << 0,
  /* No Content-Length; the end of the connection ends the body. */
  FAKE_NO_LENGTH = 1 << 1,
  /* Transfer-Encoding: chunked. */
  FAKE_CHUNKED = 1 << 2,
  /* The connection ends after "cut" bytes of the body. */
  FAKE_CUT = 1 << 3,
  /* The connection ends before the first byte of a reply. */
  FAKE_DROP = 1 << 4,
  /* The connection ends in the middle of the reply's headers. */
  FAKE_DROP_HEAD = 1 << 5,
  /* The connection ends before the request's body was read. */
  FAKE_DROP_BODY = 1 << 6,
  /* Wherever it ends, it ends with a TCP reset. */
  FAKE_RESET = 1 << 7,
  /* "Connection: close", and it is closed after the reply. */
  FAKE_CLOSE = 1 << 8,
  /* Waits at the gate before the first byte of the reply. */
  FAKE_HOLD = 1 << 9,
  /* Waits at the gate after "cut" bytes of the body, then goes on. */
  FAKE_HOLD_BODY = 1 << 10,
  /* BODY or BYTES is the whole reply, head and all. */
  FAKE_RAW = 1 << 11,
  /* One byte of the body a write. */
  FAKE_DRIBBLE = 1 << 12,
  /* Answers only requests with a Range header. */
  FAKE_IF_RANGED = 1 << 16,
} FakeFlags;

typedef struct {
  const char *method;  /* NULL: any */
  const char *path;    /* without the query; a last '*' fits any ending;
                        * NULL: any */
  guint status;        /* 0: 200 */
  const char *headers; /* lines "Name: value", each ended with \n; nullable */
  const char *body;    /* text; nullable */
  GBytes *bytes;       /* instead of body; nullable; a reference is taken */
  guint flags;
  guint64 cut;       /* see the flags; of the bytes this reply sends */
  guint times;       /* how many requests it answers; 0: any number */
  const char *gate;  /* its name; NULL: "gate" */
  const char *range; /* the Content-Range to claim, whatever was asked;
                      * makes it a 206; nullable */
  gint64 lie;        /* added to the Content-Length */
} FakeReply;

/* What came in. Immutable. */
typedef struct {
  char *method;
  char *target;        /* path and query, as sent */
  char *path;          /* without the query */
  GHashTable *headers; /* lower-case name → value, joined with ", " */
  GBytes *body;        /* what was read of it */
  gboolean complete;   /* all of it */
  guint connection;    /* from 1, in the order of acceptance */
} FakeRequest;

/* The strings of SCRIPT are copied. */
FakeService *fake_service_new (const FakeReply *script, gsize n);
#define FAKE_SERVICE(script) fake_service_new ((script), G_N_ELEMENTS (script))
/* The same over TLS, with certificate and key from PEM_FILE
 * (tests/data/tls/server.pem is for localhost and 127.0.0.1, signed by
 * ca.pem there; wrong.pem is for another host, expired.pem out of date). */
FakeService *fake_service_new_tls (const FakeReply *script, gsize n,
                                   const char *pem_file);
/* Ends all connections and threads, held ones too. */
void fake_service_free (FakeService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeService, fake_service_free)

/* One more entry, after the others. */
void fake_service_add (FakeService *service, const FakeReply *reply);

/* "http://127.0.0.1:PORT", "https://localhost:PORT" for TLS; borrowed. */
const char *fake_service_get_url (FakeService *service);
guint16 fake_service_get_port (FakeService *service);
/* The root and PATH; owned by the caller. */
char *fake_service_make_url (FakeService *service, const char *path);

/* --- Gates. Closed until opened, each by its name (NULL: "gate"). --- */

/* Lets all through that wait, and all that come. */
void fake_service_open (FakeService *service, const char *gate);
/* Blocks until N requests in all have come to the gate. */
void fake_service_await_held (FakeService *service, const char *gate, guint n);
/* Blocks until N requests were recorded. */
void fake_service_await_requests (FakeService *service, guint n);
/* Blocks until no connection is open. */
void fake_service_await_closed (FakeService *service);

/* --- What it saw. --- */

guint fake_service_get_n_requests (FakeService *service);
/* Borrowed from the service. */
const FakeRequest *fake_service_get_request (FakeService *service, guint index);
/* NULL if absent; NAME in any case. */
const char *fake_request_get_header (const FakeRequest *request,
                                     const char *name);
/* METHOD and PATH nullable: any; PATH may end in '*'. */
guint fake_service_count (FakeService *service, const char *method,
                          const char *path);
guint fake_service_get_n_connections (FakeService *service); /* ever */
/* The client's ALPN offer was http/1.1 and nothing else; TLS only. */
const char *fake_service_get_alpn (FakeService *service);

/* --- Things to serve. --- */

/* SIZE bytes (at least 1024) that are an MP4 by its top-level boxes: ftyp,
 * moov and mdat, or with INDEX_LAST ftyp, mdat and moov. Every 4 bytes of the
 * mdat differ by SEED and offset, so that a splice shows. No decoder takes
 * it. */
GBytes *fake_clip_new (gsize size, gboolean index_last, guint32 seed);

G_END_DECLS
