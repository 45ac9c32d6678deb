/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verdicts on URLs, no socket. The parser that judges is the one that the
 * transport fetches with (GUri, the same flags), and what two parsers may
 * read differently (a backslash, a control character, an encoded or a
 * non-ASCII host, a zone) is refused before either sees it. */
#include "url.h"

#include "failure.h"
#include "ip-address.h"
#include "text.h"

#include <string.h>

#define MAX_HOPS   5
#define MAX_LENGTH 16384
#define MAX_HOST   253
#define MAX_SCHEME 16

#define URI_FLAGS                                                              \
  (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH                         \
   | G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_FRAGMENT                  \
   | G_URI_FLAGS_SCHEME_NORMALIZE)

static const char *const default_ports[][2] = {
  { "http", ":80" },
  { "https", ":443" },
};

/* Where the authority is in an absolute or network-path URL. */
static const char *
find_authority (const char *url, gsize *length)
{
  const char *start = strstr (url, "//");

  if (start == NULL || (start != url && start[-1] != ':')
      || strcspn (url, "/?#") < (gsize)(start - url))
    return NULL;
  start += 2;
  *length = strcspn (start, "/?#");
  return start;
}

/* NULL, or what makes the text no URL that everybody reads alike. */
static const char *
find_fault (const char *url)
{
  gsize length = 0, i;
  const char *authority, *c;

  if (url == NULL || *url == '\0')
    return "it is empty";
  if (*url == ' ')
    return "it begins with a space";
  if (strlen (url) > MAX_LENGTH)
    return "it is too long";
  for (c = url; *c != '\0'; c++) {
    if (g_ascii_iscntrl (*c) || *c == '\\')
      return "it contains a control character or a backslash";
  }
  authority = find_authority (url, &length);
  if (authority == NULL)
    return NULL;
  if (memchr (authority, '@', length) != NULL)
    return "it contains a user name";
  for (i = 0; i < length; i++) {
    if (!g_ascii_isalnum (authority[i])
        && strchr (".-_:[]", authority[i]) == NULL)
      return "its host contains an invalid character";
  }
  return NULL;
}

/* NULL unless URL is an absolute http(s) URL with a host. */
static GUri *
parse_url (const char *url)
{
  g_autoptr (GUri) uri = NULL;
  const char *scheme, *host;
  gsize length = 0;

  if (find_fault (url) != NULL || find_authority (url, &length) == NULL)
    return NULL;
  uri = g_uri_parse (url, URI_FLAGS, NULL);
  if (uri == NULL)
    return NULL;
  scheme = g_uri_get_scheme (uri);
  host = g_uri_get_host (uri);
  if (strcmp (scheme, "https") != 0 && strcmp (scheme, "http") != 0)
    return NULL;
  if (host == NULL || *host == '\0' || g_uri_get_port (uri) == 0)
    return NULL;
  return g_steal_pointer (&uri);
}

char *
genvid_url_origin (const char *url)
{
  g_autoptr (GUri) uri = parse_url (url);
  g_autofree char *host = NULL;
  g_autofree char *port = NULL;
  const char *scheme;
  gboolean v6;
  guint i;

  if (uri == NULL)
    return NULL;
  scheme = g_uri_get_scheme (uri);
  host = g_ascii_strdown (g_uri_get_host (uri), -1);
  v6 = strchr (host, ':') != NULL;
  if (g_uri_get_port (uri) > 0)
    port = g_strdup_printf (":%d", g_uri_get_port (uri));
  for (i = 0; i < G_N_ELEMENTS (default_ports); i++) {
    if (strcmp (scheme, default_ports[i][0]) == 0
        && g_strcmp0 (port, default_ports[i][1]) == 0)
      g_clear_pointer (&port, g_free);
  }
  return g_strdup_printf ("%s://%s%s%s%s", scheme, v6 ? "[" : "", host,
                          v6 ? "]" : "", port != NULL ? port : "");
}

gboolean
genvid_url_same_origin (const char *a, const char *b)
{
  g_autofree char *first = genvid_url_origin (a);
  g_autofree char *second = genvid_url_origin (b);

  return first != NULL && g_strcmp0 (first, second) == 0;
}

gboolean
genvid_url_may_carry_key (const char *url, const char *base_url)
{
  return genvid_url_same_origin (url, base_url);
}

char *
genvid_url_display (const char *url)
{
  g_autofree char *shown = NULL;
  const char *authority, *at;
  GString *text;
  gsize length = 0;

  if (url == NULL)
    return NULL;
  shown = g_strndup (url, MIN (strcspn (url, "?#"), MAX_LENGTH));
  text = g_string_new (shown);
  authority = find_authority (shown, &length);
  if (authority != NULL) {
    at = g_strrstr_len (authority, (gssize)length, "@");
    if (at != NULL)
      g_string_erase (text, authority - shown, at + 1 - authority);
  }
  g_strdelimit (text->str, "\r\n\t\v\f\b\a\033\177", ' ');
  return g_string_free (text, FALSE);
}

/* Only scheme and host of an untrusted URL, since a key may be in any other
 * part of it. Of a setting, what was set. */
static char *
name_refused (GenvidReason reason, const char *url)
{
  g_autofree char *scheme = url != NULL ? g_uri_parse_scheme (url) : NULL;
  const char *authority, *host;
  gsize length = 0;

  if (reason == GENVID_REASON_SETTINGS)
    return genvid_url_display (url);
  if (scheme != NULL && strlen (scheme) > MAX_SCHEME)
    g_clear_pointer (&scheme, g_free);
  authority = url != NULL ? find_authority (url, &length) : NULL;
  if (authority == NULL)
    return scheme != NULL ? g_strdup_printf ("%s:", scheme) : g_strdup ("");
  host = g_strrstr_len (authority, (gssize)length, "@");
  host = host != NULL ? host + 1 : authority;
  length -= (gsize)(host - authority);
  return g_strdup_printf ("%s%s//%.*s", scheme != NULL ? scheme : "",
                          scheme != NULL ? ":" : "",
                          (int)MIN (length, MAX_HOST), host);
}

static void
refuse (GError **error, GenvidReason reason, const char *url, const char *what)
{
  g_autofree char *shown = name_refused (reason, url);
  g_autofree char *clean = genvid_text_clean (shown, -1, NULL);

  if (clean == NULL)
    g_set_error (error, GENVID_ERROR, reason, "A URL is refused: %s.", what);
  else
    g_set_error (error, GENVID_ERROR, reason, "The URL \"%s\" is refused: %s.",
                 clean, what);
}

gboolean
genvid_url_may_be_plain (const char *url, gboolean allow_private)
{
  g_autoptr (GUri) uri = parse_url (url);
  const char *host;

  if (uri == NULL)
    return FALSE;
  host = g_uri_get_host (uri);
  if (strcmp (g_uri_get_scheme (uri), "https") == 0
      || genvid_ip_address_host_is_loopback (host))
    return TRUE;
  return allow_private
         && (genvid_ip_address_host_is_private (host)
             || !g_hostname_is_ip_address (host));
}

static const char *
judge_base (const char *url, gboolean allow_private)
{
  g_autoptr (GUri) uri = parse_url (url);

  if (find_fault (url) != NULL)
    return find_fault (url);
  if (uri == NULL)
    return "a base URL looks like https://api.example.com";
  if (strpbrk (url, "?#") != NULL)
    return "a base URL has no query and no fragment";
  if (strchr (url, ' ') != NULL || !g_str_is_ascii (url))
    return "it contains a space or a character that must be percent-encoded";
  if (genvid_url_may_be_plain (url, allow_private))
    return NULL;
  return "a key must not travel over plain http; use https, or "
         "allow-private for a server in your own network";
}

char *
genvid_url_check_base (const char *url, gboolean allow_private, GError **error)
{
  const char *what = judge_base (url, allow_private);
  gsize length;

  if (what != NULL) {
    refuse (error, GENVID_REASON_SETTINGS, url, what);
    return NULL;
  }
  length = strlen (url);
  while (length > 0 && url[length - 1] == '/')
    length--;
  return g_strndup (url, length);
}

/* Signed URLs stay byte for byte; what no request line can carry (a raw
 * space, a raw UTF-8 letter, a percent sign that begins no escape) is encoded,
 * and nothing else. */
static char *
encode_rest (const char *url)
{
  GString *text = g_string_new (NULL);

  for (; *url != '\0'; url++) {
    gboolean stray
        = *url == '%'
          && !(g_ascii_isxdigit (url[1]) && g_ascii_isxdigit (url[2]));

    if (*url == ' ' || stray || (*url & 0x80) != 0)
      g_string_append_printf (text, "%%%02X", (guint8)*url);
    else
      g_string_append_c (text, *url);
  }
  return g_string_free (text, FALSE);
}

static char *
resolve (const char *url, const char *reference)
{
  g_autofree char *encoded = encode_rest (url);
  g_autofree char *scheme = g_uri_parse_scheme (url);

  if (scheme != NULL)
    return g_steal_pointer (&encoded);
  if (reference == NULL)
    return NULL;
  return g_uri_resolve_relative (reference, encoded, G_URI_FLAGS_ENCODED, NULL);
}

/* NULL where URL may be fetched. */
static const char *
judge_result (const char *url, const char *base_url, gboolean allow_private)
{
  g_autoptr (GUri) uri = parse_url (url);
  g_autoptr (GUri) base = base_url != NULL ? parse_url (base_url) : NULL;
  gboolean at_home;
  gboolean plain;

  if (find_fault (url) != NULL)
    return find_fault (url);
  if (uri == NULL)
    return "it is not an https URL";
  at_home = base != NULL
            && g_ascii_strcasecmp (g_uri_get_host (uri), g_uri_get_host (base))
                   == 0;
  plain = base != NULL && strcmp (g_uri_get_scheme (base), "http") == 0;
  if (strcmp (g_uri_get_scheme (uri), "https") != 0 && !(at_home && plain))
    return plain ? "it is http, and its host is not the base-url's"
                 : "it is http, not https";
  if (!at_home && !allow_private
      && genvid_ip_address_host_is_private (g_uri_get_host (uri)))
    return "its host is a private address; allow-private permits that";
  return NULL;
}

char *
genvid_url_check_result (const char *url, const char *reference,
                         const char *base_url, gboolean allow_private,
                         GError **error)
{
  g_autofree char *absolute = NULL;
  const char *what = find_fault (url);

  if (what == NULL) {
    absolute = resolve (url, reference);
    what = absolute == NULL ? "it cannot be resolved"
                            : judge_result (absolute, base_url, allow_private);
  }
  if (what != NULL) {
    refuse (error, GENVID_REASON_UNSAFE_URL, url, what);
    return NULL;
  }
  return g_steal_pointer (&absolute);
}

static gboolean
same_host (const char *a, const char *b)
{
  g_autoptr (GUri) first = parse_url (a);
  g_autoptr (GUri) second = parse_url (b);

  return first != NULL && second != NULL
         && g_ascii_strcasecmp (g_uri_get_host (first), g_uri_get_host (second))
                == 0;
}

char *
genvid_url_check_redirect (const char *location, const char *from,
                           const char *base_url, guint hop,
                           gboolean allow_private, GError **error)
{
  g_autofree char *next = NULL;
  gboolean from_http
      = from != NULL && g_ascii_strncasecmp (from, "http:", 5) == 0;

  if (hop > MAX_HOPS) {
    refuse (error, GENVID_REASON_UNSAFE_URL, location,
            "there were too many redirects");
    return NULL;
  }
  next = genvid_url_check_result (location, from, base_url, allow_private,
                                  error);
  if (next == NULL)
    return NULL;
  if (!from_http && g_ascii_strncasecmp (next, "https:", 6) != 0) {
    refuse (error, GENVID_REASON_UNSAFE_URL, next,
            "a redirect must not lead from https to http");
    return NULL;
  }
  if (same_host (next, base_url) && !same_host (from, base_url)
      && !genvid_url_same_origin (next, base_url)) {
    refuse (error, GENVID_REASON_UNSAFE_URL, next,
            "a redirect from another host must not lead to another port of the "
            "service's host");
    return NULL;
  }
  return g_steal_pointer (&next);
}
