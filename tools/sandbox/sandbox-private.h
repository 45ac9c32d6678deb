/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the sandbox's own files share. Threads: one accepts for each port,
 * one serves each connection, a pool renders. Everything in the structs
 * below is guarded by GenvidSandbox.lock unless it says "constant". */
#pragma once

#include <json-glib/json-glib.h>

#include "genvid-sandbox.h"

/* A declaration: the sandbox is locked to the end of the block. */
#define SANDBOX_LOCK(self)                                                     \
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED                                \
      = g_mutex_locker_new (&(self)->lock)

#define SANDBOX_N_GATES    (GENVID_SANDBOX_GATE_HANG + 1)
#define SANDBOX_N_SERVICES 3

/* --- ports and connections ---------------------------------------------- */

typedef enum { PORT_API, PORT_CDN, PORT_MIRROR, N_PORTS } SandboxPortKind;

typedef struct {
  GenvidSandbox *sandbox;
  SandboxPortKind kind;
  GSocket *socket;
  GCancellable *cancel;
  GThread *thread;
  guint16 number;
  char *url;
} SandboxPort;

/* One accepted connection; used by its own thread only. */
typedef struct {
  GenvidSandbox *sandbox;
  SandboxPortKind kind;
  GSocket *socket;
  GIOStream *io;
  GByteArray *in; /* read, not yet used */
  guint64 number;
  guint served;
  gboolean dead;
} SandboxConn;

/* How a reply is damaged on the wire. */
typedef enum {
  SPOIL_NONE,
  SPOIL_DROP,      /* closed without a byte */
  SPOIL_DROP_HEAD, /* closed inside the headers */
  SPOIL_DROP_BODY, /* closed inside the body */
  SPOIL_HANG,      /* no byte, left open */
  SPOIL_HANG_BODY, /* headers and half the body, left open */
} SandboxSpoil;

typedef struct {
  guint status;
  const char *type; /* static */
  GString *headers; /* "Name: value\r\n" each */
  GString *body;
  SandboxSpoil spoil;
} SandboxReply;

void sandbox_conn_free (SandboxConn *conn);
gboolean sandbox_conn_read_head (SandboxConn *conn, GenvidSandboxRequest *q);
gboolean sandbox_conn_read_body (SandboxConn *conn, GenvidSandboxRequest *q);
gboolean sandbox_conn_write (SandboxConn *conn, const void *data, gsize size);
void sandbox_conn_reply (SandboxConn *conn, GenvidSandboxRequest *q,
                         SandboxReply *reply);
/* Closes without TLS's goodbye. */
void sandbox_conn_cut (SandboxConn *conn);

gboolean sandbox_port_open (SandboxPort *port, guint16 number, GError **error);
void sandbox_port_close (SandboxPort *port);
/* In a pool thread: serves the SandboxConn until it ends. */
void sandbox_connection_run (gpointer conn, gpointer self);

void sandbox_reply_init (SandboxReply *reply);
void sandbox_reply_clear (SandboxReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SandboxReply, sandbox_reply_clear)
void sandbox_reply_set (SandboxReply *reply, guint status, const char *type,
                        const char *body);
void sandbox_reply_header (SandboxReply *reply, const char *name,
                           const char *value);
void sandbox_reply_json (SandboxReply *reply, guint status, const char *format,
                         ...) G_GNUC_PRINTF (3, 4);
/* In the shape of the request's service. */
void sandbox_reply_error (SandboxReply *reply, const GenvidSandboxRequest *q,
                          guint status, const char *text);

/* --- the sandbox ---------------------------------------------------------- */

typedef struct {
  char *id;    /* constant */
  char *token; /* constant: the job's part of its clip's path */
  GenvidSandboxService service; /* constant, likewise to seed */
  char *call;
  char *model;
  char *prompt;
  char *aspect;
  char *resolution;
  char *request_id; /* X-Client-Request-Id, or NULL */
  char *note;       /* idempotency value, or NULL */
  guint seconds;
  gint64 seed;
  double cost;
  double accepted;   /* time */
  char *accepted_at; /* ISO 8601 */
  char *finished_at;
  guint polls;
  guint phase; /* SandboxPhase that is final, else 0 */
  char *reason;
  gboolean charged;
  gboolean refunded;
  struct _SandboxClip *clip;
  guint serial;  /* of the last URL given out */
  guint expired; /* URLs up to this serial are expired */
  guint backwards;
  gboolean odd;       /* its URLs are written in an unusual way */
  guint clip_version; /* part of the ETag */
} SandboxJob;

typedef struct _SandboxClip {
  GenvidSandbox *sandbox;
  SandboxJob *job; /* constant: the first that asked for it */
  guint seconds;   /* constant */
  gboolean done;
  GBytes *bytes; /* constant once done; NULL: failed */
  char *etag;
  char *error;
} SandboxClip;

typedef enum {
  PHASE_QUEUED,
  PHASE_RUNNING,
  PHASE_DONE,
  PHASE_FAILED,
  PHASE_STOPPED,
} SandboxPhase;

typedef struct {
  const GenvidSandboxFault *fault;
  char *arg;
  int left; /* -1: for ever */
  guint skip;
} SandboxActive;

struct _GenvidSandbox {
  GenvidSandboxOptions options; /* constant, strings owned */
  GTlsCertificate *certificate; /* constant */
  SandboxPort ports[N_PORTS];
  GCancellable *cancel; /* constant: everything ends */
  GThreadPool *connections;
  GThreadPool *renderers;

  GMutex lock;
  GCond cond; /* any change that somebody may wait for */
  gboolean stopping;
  GHashTable *conns; /* SandboxConn set, not owned */
  double advanced;
  guint64 rate;

  gboolean held[SANDBOX_N_GATES];
  guint at_gate[SANDBOX_N_GATES];
  guint gate_epoch[SANDBOX_N_GATES];
  guint64 hold_at;

  GPtrArray *requests; /* GenvidSandboxRequest */
  guint leaks;
  GPtrArray *ledger; /* GenvidSandboxEntry */
  GPtrArray *active; /* SandboxActive */
  GHashTable *hits;  /* static name -> count */

  GPtrArray *jobs;   /* SandboxJob */
  GHashTable *clips; /* parameters -> SandboxClip */
  GBytes *fixed_clip;
  guint64 next_id;
  GHashTable *replays;   /* key + idempotency key -> SandboxReplay */
  GHashTable *resources; /* id as text, set */
  GPtrArray *uploads;
  GQueue cn8_times; /* of double*, the last minute's requests */
  GQueue logs_times;
};

double sandbox_now (GenvidSandbox *self);
char *sandbox_date (GenvidSandbox *self, double ahead);

/* Waits at a held gate; FALSE when the sandbox ends. Takes the lock. */
gboolean sandbox_pass_gate (GenvidSandbox *self, GenvidSandboxGate gate);

/* TRUE while at most `limit` calls came within a minute; counts this one. */
gboolean sandbox_within_limit (GenvidSandbox *self, GQueue *times, guint limit);

/* --- faults: take the lock ----------------------------------------------- */

/* TRUE when the fault of this name strikes now; arg (nullable) gets a copy
 * of its argument, "" when none was given. */
gboolean sandbox_fault (GenvidSandbox *self, const char *name, char **arg);

/* The same with the lock held. */
gboolean sandbox_fault_locked (GenvidSandbox *self, const char *name);

/* Whether it may still strike. Call with the lock held. */
gboolean sandbox_fault_pending (GenvidSandbox *self, const char *name);

/* Faults of the scope that answer instead of the service. */
gboolean sandbox_fault_instead (GenvidSandbox *self,
                                const GenvidSandboxRequest *q,
                                SandboxReply *reply);
/* Faults that damage the reply of a service which did its part. */
void sandbox_fault_spoil (GenvidSandbox *self, const GenvidSandboxRequest *q,
                          SandboxReply *reply);

/* Copies value and unused text into the reply. */
void sandbox_retry_after (GenvidSandbox *self, SandboxReply *reply,
                          const char *kind, const char *arg);

/* --- ledger: call with the lock held ---------------------------------------
 */

const char *sandbox_currency (GenvidSandboxService service);
void sandbox_ledger_add (GenvidSandbox *self, GenvidSandboxEvent event,
                         const SandboxJob *job);
void sandbox_ledger_refused (GenvidSandbox *self, const GenvidSandboxRequest *q,
                             guint status, const char *why);
void sandbox_request_set_status (GenvidSandbox *self,
                                 const GenvidSandboxRequest *q, guint status);

/* --- jobs: call with the lock held -----------------------------------------
 */

SandboxJob *sandbox_job_new (GenvidSandboxService service);
void sandbox_job_free (SandboxJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SandboxJob, sandbox_job_free)

/* Takes the job over: dates it, charges it, starts its clip. */
void sandbox_job_accept (GenvidSandbox *self, SandboxJob *job);
SandboxJob *sandbox_job_find (GenvidSandbox *self, GenvidSandboxService service,
                              const char *id);

/* Where it stands now, charges and refunds booked. `polled`: this is a poll
 * and counts. May wait for the rendering. */
SandboxPhase sandbox_job_phase (GenvidSandbox *self, SandboxJob *job,
                                gboolean polled);
void sandbox_job_end (GenvidSandbox *self, SandboxJob *job, SandboxPhase phase,
                      const char *reason);
/* A fresh URL of its clip. */
char *sandbox_job_url (GenvidSandbox *self, SandboxJob *job);
char *sandbox_job_query (const SandboxJob *job, guint serial);

/* The phase that a poll shows, with all faults on it, and the word for it
 * when a fault has another (free it). Call without the lock. */
SandboxPhase sandbox_job_polled (GenvidSandbox *self, SandboxJob *job,
                                 char **word);

/* --- clips ------------------------------------------------------------------
 */

/* Lock held. */
SandboxClip *sandbox_clip_for (GenvidSandbox *self, SandboxJob *job);
void sandbox_clip_wait (GenvidSandbox *self, SandboxClip *clip);
void sandbox_clip_free (SandboxClip *clip);

/* In a pool thread, no lock. */
void sandbox_clip_render (gpointer clip, gpointer self);

/* --- checks -----------------------------------------------------------------
 */

typedef enum {
  FIELD_STRING,
  FIELD_INTEGER,
  FIELD_ID,      /* string or integer */
  FIELD_IDS,     /* array of them, not empty */
  FIELD_STRINGS, /* array of strings, not empty */
  FIELD_OBJECT,
} SandboxFieldType;

typedef struct {
  const char *name;
  SandboxFieldType type;
  gboolean required;
  const char *const *values; /* the enumeration, or NULL */
  const char *instead;       /* a member that makes up for a missing one */
} SandboxField;

/* The first problem as "data.duration: expected …, received …", or NULL. */
char *sandbox_check_members (JsonObject *object, const char *path,
                             const SandboxField *fields);

/* The request's body as an object by RFC 8259, no member twice; else NULL,
 * *status and *problem. Free with json_object_unref(). */
JsonObject *sandbox_check_body (const GenvidSandboxRequest *q, guint *status,
                                char **problem);

/* NULL: well-formed; else what is wrong. */
char *sandbox_json_check (const char *text, gsize size);
/* With its quotes; free with g_free(). */
char *sandbox_json_quote (const char *text);

/* The key in `header` behind `prefix`; the problem or NULL when accepted. */
const char *sandbox_check_key (GenvidSandbox *self,
                               const GenvidSandboxRequest *q,
                               const char *header, const char *prefix);

/* Decoded name, value, name, value …; NULL and *problem when malformed or,
 * with `allowed`, when a name is unknown. */
GPtrArray *sandbox_check_query (const GenvidSandboxRequest *q,
                                const char *const *allowed, char **problem);
const char *sandbox_query_get (GPtrArray *query, const char *name);

gboolean sandbox_is_positive (const char *text);

/* --- services ----------------------------------------------------------------
 */

/* TRUE when the path is this service's; sets service and scope. */
gboolean sandbox_genpro_route (GenvidSandboxRequest *q);
gboolean sandbox_aimlapi_route (GenvidSandboxRequest *q);
gboolean sandbox_cn8_route (GenvidSandboxRequest *q);

void sandbox_genpro_serve (GenvidSandbox *self, const GenvidSandboxRequest *q,
                           SandboxReply *reply);
void sandbox_genpro_poll (GenvidSandbox *self, const GenvidSandboxRequest *q,
                          SandboxReply *reply);
void sandbox_genpro_stop (GenvidSandbox *self, const GenvidSandboxRequest *q,
                          SandboxReply *reply);
void sandbox_genpro_upload (GenvidSandbox *self, const GenvidSandboxRequest *q,
                            SandboxReply *reply);
void sandbox_genpro_error (SandboxReply *reply, guint status, const char *code,
                           const char *text);
void sandbox_aimlapi_serve (GenvidSandbox *self, const GenvidSandboxRequest *q,
                            SandboxReply *reply);
void sandbox_aimlapi_logs (GenvidSandbox *self, const GenvidSandboxRequest *q,
                           SandboxReply *reply);
void sandbox_aimlapi_error (SandboxReply *reply, const GenvidSandboxRequest *q,
                            guint status, const char *text);
void sandbox_cn8_serve (GenvidSandbox *self, const GenvidSandboxRequest *q,
                        SandboxReply *reply);

void sandbox_cdn_serve (SandboxConn *conn, GenvidSandboxRequest *q);

/* --- pictures
 * ------------------------------------------------------------------ */

typedef struct _SandboxPicture SandboxPicture;

/* Draws frames of one clip as I420; of one thread. */
SandboxPicture *sandbox_picture_new (guint width, guint height,
                                     const char *prompt, const char *info,
                                     guint32 hash);
void sandbox_picture_free (SandboxPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SandboxPicture, sandbox_picture_free)
gsize sandbox_picture_size (const SandboxPicture *picture);
void sandbox_picture_draw (SandboxPicture *picture, guint8 *pixels, guint frame,
                           guint fps);
