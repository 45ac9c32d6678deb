/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "failure.h"
#include "url.h"

#define BASE "https://api.example.com"
#define HERE "http://127.0.0.1:8080"

static void
test_origin (void)
{
  static const char *const rows[][2] = {
    { "https://API.Example.com/v1?x#y", "https://api.example.com" },
    { "https://api.example.com:443", "https://api.example.com" },
    { "http://api.example.com:80/", "http://api.example.com" },
    { "http://api.example.com:443", "http://api.example.com:443" },
    { "https://api.example.com:8443/a", "https://api.example.com:8443" },
    { "HTTPS://h", "https://h" },
    { "https://[::1]:8080/", "https://[::1]:8080" },
    { "https://example.com.", "https://example.com." },
    { "ftp://example.com", NULL },
    { "file:///etc/passwd", NULL },
    { "https:", NULL },
    { "https:example.com", NULL },
    { "https:/example.com", NULL },
    { "https:///path", NULL },
    { "//example.com", NULL },
    { "example.com", NULL },
    { "https://user@example.com", NULL },
    { "https://exa mple.com", NULL },
    { "https://example.com\\@evil.com", NULL },
    { "https://%65xample.com", NULL },
    { "https://ex\303\244mple.com", NULL },
    { "https://example.com:0", NULL },
    { "https://example.com:99999", NULL },
    { "https://example.com\t.evil.com", NULL },
    { "javascript://example.com/%0aalert(1)", NULL },
    { "", NULL },
    { NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *origin = genvid_url_origin (rows[i][0]);

    g_assert_cmpstr (origin, ==, rows[i][1]);
  }
}

static void
test_keys (void)
{
  static const char *const home[] = {
    BASE,
    BASE "/v1/x?y",
    "https://API.example.com:443/",
    "HTTPS://api.example.com",
  };
  static const char *const foreign[] = {
    "http://api.example.com",
    "https://api.example.com:8443",
    "https://example.com",
    "https://cdn.api.example.com",
    "https://api.example.com.evil.com",
    "https://api.example.com.",
    "https://api.example.com@evil.com",
    "https://evil.com/https://api.example.com",
    "https://api.example.com%2eevil.com",
    "https://api.example.com\\.evil.com",
    "//api.example.com",
    "",
    NULL,
  };

  for (guint i = 0; i < G_N_ELEMENTS (home); i++)
    g_assert_true (genvid_url_may_carry_key (home[i], BASE "/v1"));
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++) {
    g_assert_false (genvid_url_may_carry_key (foreign[i], BASE));
    g_assert_false (genvid_url_same_origin (BASE, foreign[i]));
  }
  g_assert_false (genvid_url_same_origin (NULL, NULL));
  g_assert_false (genvid_url_same_origin ("x", "x"));
}

typedef struct {
  const char *url;
  gboolean allow_private;
  const char *result; /* NULL: refused */
} BaseRow;

static void
test_base (void)
{
  static const BaseRow rows[] = {
    { "https://api.gen.pro", FALSE, "https://api.gen.pro" },
    { "https://api.gen.pro/", FALSE, "https://api.gen.pro" },
    { "https://host/prefix//", FALSE, "https://host/prefix" },
    { "https://10.0.0.1:8443", FALSE, "https://10.0.0.1:8443" },
    { "http://127.0.0.1:8080", FALSE, "http://127.0.0.1:8080" },
    { "http://localhost:8080/", FALSE, "http://localhost:8080" },
    { "http://[::1]:9", FALSE, "http://[::1]:9" },
    { "http://api.gen.pro", FALSE, NULL },
    { "http://10.0.0.1", FALSE, NULL },
    { "http://10.0.0.1", TRUE, "http://10.0.0.1" },
    { "http://gpu-box:8000", TRUE, "http://gpu-box:8000" },
    { "http://gpu.example.com", TRUE, "http://gpu.example.com" },
    { "http://[fd00::1]", TRUE, "http://[fd00::1]" },
    { "http://8.8.8.8", TRUE, NULL },
    { "http://[2606:4700::1]", TRUE, NULL },
    { "https://u:p@api.gen.pro", TRUE, NULL },
    { "https://api.gen.pro?x=1", TRUE, NULL },
    { "https://api.gen.pro#x", TRUE, NULL },
    { "https://api.gen.pro/a b", TRUE, NULL },
    { "api.gen.pro", TRUE, NULL },
    { "ftp://api.gen.pro", TRUE, NULL },
    { "file:///tmp", TRUE, NULL },
    { "", TRUE, NULL },
    { NULL, TRUE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *result
        = genvid_url_check_base (rows[i].url, rows[i].allow_private, &error);

    g_assert_cmpstr (result, ==, rows[i].result);
    if (rows[i].result == NULL) {
      g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
      g_assert_null (strstr (error->message, "u:p"));
      g_assert_null (strstr (error->message, "x=1"));
    }
  }
}

static void
test_result_kept (void)
{
  static const char *const urls[] = {
    "https://cdn.example.net/a/b.mp4",
    "https://cdn.example.net/a%2Fb/%7e/~/c.mp4?X-Sig=a%2bB%2F+/=&e=1#frag",
    "https://CDN.Example.net:8443/A?",
    "https://cdn.example.net/a/../b/./c.mp4",
    "https://cdn.example.net/%e4%bd%a0?%7A=&&=",
    "https://cdn.example.net/a?u=http://10.0.0.1/&x=user@host",
    "https://8.8.8.8/x",
    "https://[2606:4700:4700::1111]/x",
    "HTTPS://cdn.example.net/x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *result
        = genvid_url_check_result (urls[i], NULL, BASE, FALSE, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (result, ==, urls[i]);
  }
}

static const char *const refused[] = {
  "http://cdn.example.net/a.mp4?SECRET",
  "http://api.example.com/a.mp4?SECRET",
  "https://user@cdn.example.net/?SECRET",
  "https://user:pw@cdn.example.net/?SECRET",
  "https://@cdn.example.net/?SECRET",
  "file:///etc/passwd?SECRET",
  "ftp://cdn.example.net/a?SECRET",
  "data:video/mp4;base64,AAAA?SECRET",
  "javascript:alert(1)?SECRET",
  "gopher://cdn/?SECRET",
  "blob:https://cdn.example.net/x?SECRET",
  "https:cdn.example.net/x?SECRET",
  "https:/cdn.example.net/x?SECRET",
  "https:///cdn.example.net/x?SECRET",
  "https://127.0.0.1/x?SECRET",
  "https://localhost/x?SECRET",
  "https://localhost./x?SECRET",
  "https://127.1/x?SECRET",
  "https://2130706433/x?SECRET",
  "https://017700000001/x?SECRET",
  "https://0x7f000001/x?SECRET",
  "https://0x7f.1/x?SECRET",
  "https://10.0.0.1/x?SECRET",
  "https://10.0.0.1./x?SECRET",
  "https://169.254.169.254/latest?SECRET",
  "https://[::1]/x?SECRET",
  "https://[::ffff:127.0.0.1]/x?SECRET",
  "https://[::ffff:7f00:1]/x?SECRET",
  "https://[fe80::1%25eth0]/x?SECRET",
  "https://[64:ff9b::7f00:1]/x?SECRET",
  "https://[2002:7f00:1::]/x?SECRET",
  "https://%31%32%37.0.0.1/x?SECRET",
  "https://127%2e0.0.1/x?SECRET",
  "https://\357\274\221\357\274\222\357\274\227.0.0.1/x?SECRET",
  "https://cdn.example.net\\@127.0.0.1/x?SECRET",
  "https:\\\\127.0.0.1\\x?SECRET",
  "https://cdn.example.net/x\r\nHost: y?SECRET",
  "https://cdn.example.net/x\ty?SECRET",
  "https://cdn.example.net/\177?SECRET",
  " https://cdn.example.net/x?SECRET",
  "https://cdn .example.net/x?SECRET",
  "https://cdn.example.net:0/x?SECRET",
  "https://cdn.example.net:66666/x?SECRET",
  "https://1.2.3.4.5/x?SECRET",
  "",
  NULL,
};

/* A key may stand in a path, too. */
static void
check_path_hidden (const char *url)
{
  g_auto (GStrv) parts = g_strsplit (url != NULL ? url : "", "?", 2);
  g_autofree char *other = g_strjoinv ("/", parts);
  g_autoptr (GError) error = NULL;
  g_autofree char *result
      = genvid_url_check_result (other, NULL, BASE, FALSE, &error);

  g_assert_null (result);
  g_assert_null (strstr (error->message, "SECRET"));
}

static void
test_refused_name (void)
{
  static const char *const rows[][2] = {
    { "http://u:p@cdn.example.net/KEY/a?b", "\"http://cdn.example.net\"" },
    { "https://10.0.0.1:81/KEY", "\"https://10.0.0.1:81\"" },
    { "file:///KEY", "\"file://\"" },
    { "data:KEY", "\"data:\"" },
    { "KEY-of-forty-letters-is-no-scheme-of-a-link:x", "A URL is refused" },
    { "/KEY", "A URL is refused" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *result
        = genvid_url_check_result (rows[i][0], NULL, BASE, FALSE, &error);

    g_assert_null (result);
    g_assert_nonnull (strstr (error->message, rows[i][1]));
    g_assert_null (strstr (error->message, "KEY"));
  }
}

static void
test_result_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *result
        = genvid_url_check_result (refused[i], NULL, BASE, FALSE, &error);

    if (result != NULL)
      g_error ("%s passes", refused[i]);
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL);
    g_assert_null (strstr (error->message, "SECRET"));
    g_assert_null (strstr (error->message, "pw@"));
    check_path_hidden (refused[i]);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
}

static void
check_result (const char *url, const char *reference, const char *base,
              gboolean allow_private, const char *expected)
{
  g_autofree char *result
      = genvid_url_check_result (url, reference, base, allow_private, NULL);

  g_assert_cmpstr (result, ==, expected);
}

static void
test_result_home (void)
{
  check_result ("http://127.0.0.1:9000/c.mp4", NULL, HERE, FALSE,
                "http://127.0.0.1:9000/c.mp4");
  check_result ("https://127.0.0.1:9000/c.mp4", NULL, HERE, FALSE,
                "https://127.0.0.1:9000/c.mp4");
  check_result ("http://127.0.0.2/c.mp4", NULL, HERE, FALSE, NULL);
  check_result ("https://127.0.0.2/c.mp4", NULL, HERE, FALSE, NULL);
  check_result ("https://127.0.0.2/c.mp4", NULL, HERE, TRUE,
                "https://127.0.0.2/c.mp4");
  check_result ("http://cdn.example.net/c.mp4", NULL, HERE, TRUE, NULL);
  check_result ("https://10.0.0.1/c", NULL, "https://10.0.0.1", FALSE,
                "https://10.0.0.1/c");
  check_result ("https://cdn.example.net/c", NULL, NULL, FALSE,
                "https://cdn.example.net/c");
}

static void
test_result_fault (void)
{
  const struct {
    const char *base;
    const char *said;
  } rows[] = { { HERE, "its host is not the base-url's" },
               { BASE, "it is http, not https" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (genvid_url_check_result ("http://10.0.0.7/c.mp4", NULL,
                                            rows[i].base, TRUE, &error));
    g_assert_nonnull (strstr (error->message, rows[i].said));
  }
}

static void
test_result_relative (void)
{
  const char *from = BASE "/v1/jobs/7?x=1";

  check_result ("/files/a%2Fb.mp4?s=%2B", from, BASE, FALSE,
                BASE "/files/a%2Fb.mp4?s=%2B");
  check_result ("c.mp4", from, BASE, FALSE, BASE "/v1/jobs/c.mp4");
  check_result ("//cdn.example.net/c", from, BASE, FALSE,
                "https://cdn.example.net/c");
  check_result ("//127.0.0.1/c", from, BASE, FALSE, NULL);
  check_result ("//u@cdn.example.net/c", from, BASE, FALSE, NULL);
  check_result ("/c.mp4", NULL, BASE, FALSE, NULL);
  check_result (" https://cdn.example.net/c.mp4", from, BASE, FALSE, NULL);
  check_result ("https://cdn.example.net/100%/%zz/%4?a=5%", NULL, BASE, FALSE,
                "https://cdn.example.net/100%25/%25zz/%254?a=5%25");
  check_result ("https://cdn.example.net/a b/\303\244.mp4?q=%20", NULL, BASE,
                FALSE, "https://cdn.example.net/a%20b/%C3%A4.mp4?q=%20");
}

static void
check_redirect (const char *location, const char *from, const char *base,
                guint hop, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *next
      = genvid_url_check_redirect (location, from, base, hop, FALSE, &error);

  g_assert_cmpstr (next, ==, expected);
  if (expected == NULL)
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL);
}

static void
test_redirect (void)
{
  const char *from = "https://cdn.example.net/a/b?c";

  check_redirect ("https://s3.example.org/x?sig=1", from, BASE, 1,
                  "https://s3.example.org/x?sig=1");
  check_redirect ("../x", from, BASE, 5, "https://cdn.example.net/x");
  check_redirect ("../x", from, BASE, 6, NULL);
  check_redirect ("http://cdn.example.net/x", from, BASE, 1, NULL);
  check_redirect ("http://api.example.com/x", from, BASE, 1, NULL);
  check_redirect ("https://10.0.0.1/x", from, BASE, 1, NULL);
  check_redirect ("file:///etc/passwd", from, BASE, 1, NULL);
  check_redirect ("", from, BASE, 1, NULL);
  check_redirect (NULL, from, BASE, 1, NULL);
  /* The user's own server may stay on plain http, nobody may lead there. */
  check_redirect ("/y", HERE "/x", HERE, 1, HERE "/y");
  check_redirect (HERE "/y", from, HERE, 1, NULL);
  check_redirect ("https://cdn.example.net/y", HERE "/x", HERE, 1,
                  "https://cdn.example.net/y");
  /* Another port of its host is the service's to send us to, no stranger's. */
  check_redirect (BASE ":8443/y", BASE "/x", BASE, 1, BASE ":8443/y");
  check_redirect (BASE ":8443/y", BASE ":8444/x", BASE, 1, BASE ":8443/y");
  check_redirect (BASE "/y", from, BASE, 1, BASE "/y");
  check_redirect (BASE ":443/y", from, BASE, 1, BASE ":443/y");
  check_redirect (BASE ":8443/y", from, BASE, 1, NULL);
  check_redirect ("https://API.example.com:8443/y", from, BASE, 1, NULL);
  check_redirect ("https://10.0.0.1:9/y", from, "https://10.0.0.1", 1, NULL);
  check_redirect (BASE ":8443/y", NULL, BASE, 1, NULL);
}

static void
test_display (void)
{
  static const char *const rows[][2] = {
    { "https://cdn.example.net/a?sig=1#f", "https://cdn.example.net/a" },
    { "https://u:p@cdn.example.net/a?b", "https://cdn.example.net/a" },
    { "https://u:p@x@cdn/a", "https://cdn/a" },
    { "https://cdn/a@b", "https://cdn/a@b" },
    { "not a url?x", "not a url" },
    { "https://cdn/a\r\nb", "https://cdn/a  b" },
    { "", "" },
    { NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *shown = genvid_url_display (rows[i][0]);

    g_assert_cmpstr (shown, ==, rows[i][1]);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/origin", test_origin);
  g_test_add_func ("/link/keys", test_keys);
  g_test_add_func ("/link/base", test_base);
  g_test_add_func ("/link/result/kept", test_result_kept);
  g_test_add_func ("/link/result/refused", test_result_refused);
  g_test_add_func ("/link/result/home", test_result_home);
  g_test_add_func ("/link/result/fault", test_result_fault);
  g_test_add_func ("/link/result/relative", test_result_relative);
  g_test_add_func ("/link/redirect", test_redirect);
  g_test_add_func ("/link/refused-name", test_refused_name);
  g_test_add_func ("/link/display", test_display);
  return g_test_run ();
}
