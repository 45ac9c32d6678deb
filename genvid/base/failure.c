/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Failures as values, and their names for applications and for the store.
 * What a service's answer means is decided where it is read, not here. */
#include "failure.h"

#include "secret.h"

/* gio's own numbers, so that the core needs no gio. */
#define IO_ERROR_DOMAIN              "g-io-error-quark"
#define IO_ERROR_NO_SPACE            12
#define IO_ERROR_TOO_MANY_OPEN_FILES 31

static const char *const reason_names[] = {
  [GENVID_REASON_NONE] = "none",
  [GENVID_REASON_SETTINGS] = "settings",
  [GENVID_REASON_UNAUTHORIZED] = "unauthorized",
  [GENVID_REASON_QUOTA] = "quota",
  [GENVID_REASON_REJECTED] = "rejected",
  [GENVID_REASON_REFUSED] = "refused",
  [GENVID_REASON_FAILED] = "failed",
  [GENVID_REASON_NOT_FOUND] = "not-found",
  [GENVID_REASON_BUSY] = "busy",
  [GENVID_REASON_UNREACHABLE] = "unreachable",
  [GENVID_REASON_TIMED_OUT] = "timed-out",
  [GENVID_REASON_BAD_ANSWER] = "bad-answer",
  [GENVID_REASON_IN_DOUBT] = "in-doubt",
  [GENVID_REASON_OVER_BUDGET] = "over-budget",
  [GENVID_REASON_NOT_STORED] = "not-stored",
  [GENVID_REASON_TOO_LARGE] = "too-large",
  [GENVID_REASON_UNSAFE_URL] = "unsafe-url",
  [GENVID_REASON_NOT_MEDIA] = "not-media",
  [GENVID_REASON_NO_SPACE] = "no-space",
};

static const char *const billed_names[] = {
  [GENVID_BILLED_UNKNOWN] = "unknown",
  [GENVID_BILLED_NO] = "no",
  [GENVID_BILLED_YES] = "yes",
};

GQuark
genvid_error_quark (void)
{
  return g_quark_from_static_string ("genvid-error-quark");
}

gboolean
genvid_error_refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error,
                     g_error_new_valist (GENVID_ERROR, GENVID_REASON_SETTINGS,
                                         format, arguments));
  va_end (arguments);
  return FALSE;
}

gboolean
genvid_error_refuse_at (GError **error, const char *where, const char *format,
                        ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return genvid_error_refuse (error, "%s%s%s", where,
                              *where != '\0' ? ": " : "", text);
}

const char *
genvid_reason_to_string (GenvidReason reason)
{
  if ((guint)reason >= G_N_ELEMENTS (reason_names))
    return reason_names[GENVID_REASON_NONE];
  return reason_names[reason];
}

GenvidReason
genvid_reason_from_string (const char *name)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (reason_names); i++)
    if (g_str_equal (reason_names[i], name))
      return i;
  return GENVID_REASON_NONE;
}

const char *
genvid_billed_to_string (GenvidBilled billed)
{
  if ((guint)billed >= G_N_ELEMENTS (billed_names))
    return billed_names[GENVID_BILLED_UNKNOWN];
  return billed_names[billed];
}

GenvidBilled
genvid_billed_from_string (const char *name)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (billed_names); i++)
    if (g_str_equal (billed_names[i], name))
      return i;
  return GENVID_BILLED_UNKNOWN;
}

GenvidFailure *
genvid_failure_new (GenvidReason reason, const char *message, ...)
{
  GenvidFailure *failure = g_new0 (GenvidFailure, 1);
  va_list arguments;

  va_start (arguments, message);
  failure->reason = reason;
  failure->message = g_strdup_vprintf (message, arguments);
  va_end (arguments);
  return failure;
}

static GenvidReason
read_reason (const GError *error, GenvidReason fallback)
{
  if (error->domain == GENVID_ERROR)
    return error->code > 0 && error->code < (int)G_N_ELEMENTS (reason_names)
               ? (GenvidReason)error->code
               : fallback;
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC)
      || g_error_matches (error, g_quark_from_static_string (IO_ERROR_DOMAIN),
                          IO_ERROR_NO_SPACE)
      || g_error_matches (error, g_quark_from_static_string (IO_ERROR_DOMAIN),
                          IO_ERROR_TOO_MANY_OPEN_FILES)
      || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_MFILE)
      || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NFILE))
    return GENVID_REASON_NO_SPACE;
  return fallback;
}

GenvidFailure *
genvid_failure_new_from_error (const GError *error, GenvidReason fallback)
{
  if (!error)
    return genvid_failure_new (fallback, "Unknown error");
  return genvid_failure_new (read_reason (error, fallback), "%s",
                             error->message);
}

const char *
genvid_reason_get_advice (GenvidReason reason)
{
  switch (reason) {
  case GENVID_REASON_UNAUTHORIZED:
    return "Check the key, and that it may use this service.";
  case GENVID_REASON_QUOTA:
    return "Add credit to the account at the service, then run it again.";
  case GENVID_REASON_REJECTED:
    return "Change what the service objects to, then run it again.";
  case GENVID_REASON_REFUSED:
    return "Change the prompt or the inputs, then run it again.";
  case GENVID_REASON_NOT_FOUND:
    return "Check the id and the key it was made with.";
  case GENVID_REASON_BUSY:
    return "Run it again later.";
  case GENVID_REASON_UNREACHABLE:
    return "Check the network and the base-url, then run it again.";
  case GENVID_REASON_TIMED_OUT:
    return "Run it again: it resumes where it stopped.";
  case GENVID_REASON_BAD_ANSWER:
    return "Run it again; if it fails again, check the base-url.";
  case GENVID_REASON_NO_SPACE:
    return "Make room, then run it again.";
  default:
    return NULL;
  }
}

GenvidFailure *
genvid_failure_copy (const GenvidFailure *failure)
{
  GenvidFailure *copy;

  if (!failure)
    return NULL;
  copy = g_memdup2 (failure, sizeof *failure);
  copy->message = g_strdup (failure->message);
  copy->advice = g_strdup (failure->advice);
  copy->service_code = g_strdup (failure->service_code);
  copy->generation_id = g_strdup (failure->generation_id);
  return copy;
}

static void
hide (char **text, const char *secret)
{
  char *shown = genvid_secret_hide (*text, secret);

  g_free (*text);
  *text = shown;
}

void
genvid_failure_hide (GenvidFailure *failure, const char *secret)
{
  if (!failure)
    return;
  hide (&failure->message, secret);
  hide (&failure->advice, secret);
  hide (&failure->service_code, secret);
  hide (&failure->generation_id, secret);
}

void
genvid_failure_free (GenvidFailure *failure)
{
  if (!failure)
    return;
  g_free (failure->message);
  g_free (failure->advice);
  g_free (failure->service_code);
  g_free (failure->generation_id);
  g_free (failure);
}

/* A sentence that ends in no mark gets a full stop before the next begins. */
static gboolean
ends_sentence (const char *text)
{
  gsize length = strlen (text);

  return length == 0 || strchr (".!?:", text[length - 1]);
}

char *
genvid_failure_to_text (const GenvidFailure *failure)
{
  const char *message = failure->message ? failure->message : "";

  if (!failure->advice || !*failure->advice)
    return g_strdup (message);
  if (!*message)
    return g_strdup (failure->advice);
  return g_strconcat (message, ends_sentence (message) ? " " : ". ",
                      failure->advice, NULL);
}
