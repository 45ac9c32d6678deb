/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The three services of genvidsrc, simulated on loopback.
 *
 * A sandbox is a set of small HTTP/1.1 servers with threads of their own:
 * the API port (gen.pro, AI/ML API and CN8 told apart by path), a CDN port
 * which serves the clips, and a mirror port that only redirects lead to. It
 * is written from the services' documents and knows nothing of the client.
 *
 * It is strict: an unknown member, a wrong type, a missing header or a key
 * sent to the wrong port is refused in the service's own words.
 *
 * Every function may be called from any thread, except that
 * genvid_sandbox_free() must be the last call. Nothing here needs a main
 * loop. Times are seconds of the sandbox's own clock, which is the machine's
 * monotonic clock plus what genvid_sandbox_advance() added.
 */
#pragma once

#include <gio/gio.h>

typedef struct _GenvidSandbox GenvidSandbox;

typedef enum {
  GENVID_SANDBOX_ANY_SERVICE = -1,
  GENVID_SANDBOX_GENPRO,
  GENVID_SANDBOX_AIMLAPI,
  GENVID_SANDBOX_CN8,
  GENVID_SANDBOX_NO_SERVICE,
} GenvidSandboxService;

/* What a request is for. */
typedef enum {
  GENVID_SANDBOX_ANY_SCOPE = -1,
  GENVID_SANDBOX_SUBMIT,
  GENVID_SANDBOX_POLL,
  GENVID_SANDBOX_DOWNLOAD,
  GENVID_SANDBOX_UPLOAD,
  GENVID_SANDBOX_CANCEL,
  GENVID_SANDBOX_LOOKUP,
  GENVID_SANDBOX_OTHER,
} GenvidSandboxScope;

/* Zero everywhere is a good default. Strings are copied. */
typedef struct {
  guint api_port; /* 0: a free one, likewise below */
  guint cdn_port;

  /* When a generation is finished. ready_after_polls wins when it is set:
   * so many polls find it unfinished, the next one finds it finished. Else
   * gen_seconds after the submit; 0 is "at the first poll". */
  double gen_seconds;
  guint ready_after_polls;

  /* What is served. Without a file each job's clip is rendered. */
  const char *clip_path;
  gboolean index_last;      /* rendered clips: moov after mdat */
  gboolean chunked;         /* no Content-Length */
  guint64 rate;             /* bytes a second of each download, 0: no limit */
  guint64 hold_at;          /* as genvid_sandbox_hold_download(), 0: no hold */
  guint max_render_seconds; /* cap on rendered length, 0: as asked */

  /* The IPv4 address of the loopback that it listens on; NULL: 127.0.0.1 with
   * TLS, else one that no other process listens on, so that a client of a
   * server that is gone never comes here. */
  const char *host;

  /* PEM files; both set: all ports speak TLS only. */
  const char *tls_certificate;
  const char *tls_key;

  /* The one key that is accepted; NULL: any that looks like one. */
  const char *key;

  /* CN8's documents do not name the header; NULL: "Authorization" and
   * "Bearer " (the prefix may be ""). */
  const char *cn8_header;
  const char *cn8_prefix;
  guint cn8_requests_per_minute; /* 0: the documented 60 */

  double lookup_lag; /* seconds until AI/ML API's log shows a submit */

  guint64 first_id; /* gen.pro's next generation id, 0: a random one, so
                     * that two sandboxes never share ids in one store */
  gboolean verbose; /* one line a request on stderr */
} GenvidSandboxOptions;

/* Listens when it returns. NULL and an error when a port is
 * taken or a file cannot be read. options may be NULL. */
GenvidSandbox *genvid_sandbox_new (const GenvidSandboxOptions *options,
                                   GError **error);

/* Drops all connections, ends and joins all threads. NULL is allowed. */
void genvid_sandbox_free (GenvidSandbox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidSandbox, genvid_sandbox_free)

/* "http://HOST:PORT", no slash at the end; valid until free. The key
 * belongs to the first only. */
const char *genvid_sandbox_base_url (GenvidSandbox *self);
const char *genvid_sandbox_cdn_url (GenvidSandbox *self);
const char *genvid_sandbox_mirror_url (GenvidSandbox *self);

/* --- faults ----------------------------------------------------------- */

typedef struct {
  const char *name;
  GenvidSandboxScope scope; /* ANY: connections */
  const char *argument;     /* what =ARG means, NULL: none but a count */
  int times;                /* default count, 0: every time */
  const char *help;         /* a sentence */
} GenvidSandboxFault;

/* The table; static data. */
const GenvidSandboxFault *genvid_sandbox_faults (guint *n_faults);

/* The table as text, a line a fault; free with g_free(). */
char *genvid_sandbox_describe_faults (void);

/* spec is NAME[=ARG][@TIMES][+SKIP]: hit TIMES times (0: always) after
 * SKIP requests of its kind went by unharmed. A fault without an argument
 * of its own takes NAME=TIMES. FALSE and an error for an unknown name. */
gboolean genvid_sandbox_add_fault (GenvidSandbox *self, const char *spec,
                                   GError **error);
void genvid_sandbox_clear_faults (GenvidSandbox *self);

/* How often the fault of this name has struck; survives the clearing. */
guint genvid_sandbox_fault_hits (GenvidSandbox *self, const char *name);

/* --- time and gates --------------------------------------------------- */

/* Moves the sandbox's clock forward: generations ripen, limits refill,
 * Idempotency-Keys are forgotten after 24 h. */
void genvid_sandbox_advance (GenvidSandbox *self, double seconds);

/* A gate keeps back the reply to a request that was read and acted upon
 * (GENERATION: keeps every generation unfinished; HANG: where the faults
 * named *-hang and *-stall wait). HANG is held from the start. */
typedef enum {
  GENVID_SANDBOX_GATE_SUBMIT,
  GENVID_SANDBOX_GATE_POLL,
  GENVID_SANDBOX_GATE_DOWNLOAD, /* set by genvid_sandbox_hold_download() */
  GENVID_SANDBOX_GATE_UPLOAD,
  GENVID_SANDBOX_GATE_CANCEL,
  GENVID_SANDBOX_GATE_LOOKUP,
  GENVID_SANDBOX_GATE_GENERATION,
  GENVID_SANDBOX_GATE_HANG,
} GenvidSandboxGate;

void genvid_sandbox_hold (GenvidSandbox *self, GenvidSandboxGate gate);

/* Downloads stop before the file's byte `offset` (not the reply's): a reply
 * that starts behind it is not held. */
void genvid_sandbox_hold_download (GenvidSandbox *self, guint64 offset);

void genvid_sandbox_release (GenvidSandbox *self, GenvidSandboxGate gate);

/* Waits until at least n requests stand at the gate; FALSE after
 * timeout_ms. Not for GENERATION. */
gboolean genvid_sandbox_wait_held (GenvidSandbox *self, GenvidSandboxGate gate,
                                   guint n, guint timeout_ms);

/* --- what was received ------------------------------------------------ */

typedef struct {
  guint64 number;     /* 1, 2, 3 … in order of arrival */
  guint64 connection; /* the same number: the same connection */
  GenvidSandboxService service;
  GenvidSandboxScope scope;
  gboolean cdn; /* came to the CDN or the mirror port */
  char *method;
  char *path;     /* as sent, still encoded */
  char *query;    /* as sent, without '?'; NULL: none */
  char **headers; /* "Name: value", as sent */
  GBytes *body;   /* NULL: none, or not read */
  guint status;   /* of the reply; 0: none yet, or the connection was cut */
  guint64 sent;   /* downloads: bytes of the clip written so far */
  double time;    /* sandbox's clock */
} GenvidSandboxRequest;

void genvid_sandbox_request_free (GenvidSandboxRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidSandboxRequest,
                               genvid_sandbox_request_free)

/* Value of the first header of that name (case-blind), or NULL. */
const char *genvid_sandbox_request_header (const GenvidSandboxRequest *request,
                                           const char *name);

/* Copies of GenvidSandboxRequest; free with g_ptr_array_unref(). */
GPtrArray *genvid_sandbox_requests (GenvidSandbox *self);
guint genvid_sandbox_count_requests (GenvidSandbox *self,
                                     GenvidSandboxService service,
                                     GenvidSandboxScope scope);

/* Waits until n requests of the scope have arrived; FALSE after
 * timeout_ms. */
gboolean genvid_sandbox_wait_requests (GenvidSandbox *self,
                                       GenvidSandboxScope scope, guint n,
                                       guint timeout_ms);

/* Requests that brought a key header to the CDN or mirror port. */
guint genvid_sandbox_leaks (GenvidSandbox *self);

/* --- money ------------------------------------------------------------ */

typedef enum {
  GENVID_SANDBOX_ACCEPTED, /* a generation was begun */
  GENVID_SANDBOX_CHARGED,  /* CN8: when it completes; others: at once */
  GENVID_SANDBOX_REFUNDED, /* stopped or failed */
  GENVID_SANDBOX_REPLAYED, /* same Idempotency-Key: nothing new begun */
  GENVID_SANDBOX_REFUSED,  /* any request that got 4xx or 5xx */
} GenvidSandboxEvent;

typedef struct {
  GenvidSandboxEvent event;
  GenvidSandboxService service;
  double time;
  char *id;             /* of the generation; NULL when refused */
  char *model;          /* NULL when unknown */
  char *prompt;         /* likewise */
  double amount;        /* charged or refunded */
  const char *currency; /* "credits" or "USD" */
  guint status;         /* refused: the HTTP status */
  char *note;           /* refused: why; else the idempotency value */
} GenvidSandboxEntry;

void genvid_sandbox_entry_free (GenvidSandboxEntry *entry);

/* Copies of GenvidSandboxEntry in order; free with g_ptr_array_unref(). */
GPtrArray *genvid_sandbox_ledger (GenvidSandbox *self);
guint genvid_sandbox_count (GenvidSandbox *self, GenvidSandboxService service,
                            GenvidSandboxEvent event);

/* Waits until there are n such events; FALSE after timeout_ms. */
gboolean genvid_sandbox_wait_count (GenvidSandbox *self,
                                    GenvidSandboxService service,
                                    GenvidSandboxEvent event, guint n,
                                    guint timeout_ms);

/* Charges less refunds, in the service's currency. */
double genvid_sandbox_spent (GenvidSandbox *self, GenvidSandboxService service);

/* One JSON object a line / a table for people; free with g_free(). */
char *genvid_sandbox_ledger_json (GenvidSandbox *self);
char *genvid_sandbox_ledger_table (GenvidSandbox *self);

/* --- content ---------------------------------------------------------- */

/* Serves these bytes for every job submitted from now on. */
void genvid_sandbox_set_clip (GenvidSandbox *self, GBytes *clip);
void genvid_sandbox_set_rate (GenvidSandbox *self, guint64 bytes_per_second);

/* The bytes that the generation's URL serves (waits for the rendering), or
 * NULL for an unknown id or a failed rendering. */
GBytes *genvid_sandbox_clip (GenvidSandbox *self, const char *id);

typedef struct {
  guint64 id;
  char *agent;
  char *file_name;
  char *content_type;
  GBytes *bytes;
  char *sha256;
} GenvidSandboxUpload;

void genvid_sandbox_upload_free (GenvidSandboxUpload *upload);

/* Copies of GenvidSandboxUpload; free with g_ptr_array_unref(). */
GPtrArray *genvid_sandbox_uploads (GenvidSandbox *self);

/* Makes a gen.pro content resource id known, besides uploaded ones and the
 * documents' examples (image_res_123, 501, 502). */
void genvid_sandbox_add_resource (GenvidSandbox *self, const char *id);

/* --- connections ------------------------------------------------------ */

/* FALSE: the API port refuses connections; TRUE: the same port again. */
gboolean genvid_sandbox_set_listening (GenvidSandbox *self, gboolean listening,
                                       GError **error);

/* Closes every open connection, idle ones too. */
void genvid_sandbox_drop_connections (GenvidSandbox *self);
