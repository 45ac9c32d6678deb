/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an earlier version named its purchases
 * (tests/data/former-spellings.txt): every model of every service, with the
 * values of its words in both cases. A fingerprint under which the store is not
 * asked is a clip that its owner buys again. */

#include "call-fixture.h"

#include "call.h"
#include "failure.h"
#include "fingerprint.h"
#include "provider.h"
#include "request.h"

#include <string.h>

#define LIST TEST_SOURCE_ROOT "/tests/data/former-spellings.txt"

typedef struct {
  GenvidProvider *provider;
  const char *name;
  const char *members; /* those that every cell of the line has */
} Line;

/* NULL: it is refused. */
static GenvidCall *
make_call (const Line *line, const char *more)
{
  g_autofree char *members
      = g_strconcat ("prompt=p", line->members, more, NULL);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autoptr (GError) error = NULL;
  GenvidCall *call
      = genvid_call_new (line->provider, request, NULL, NULL, &error);

  if (call == NULL)
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  return call;
}

/* CANONICAL (nullable) has the fingerprint that begins with these DIGITS. */
static gboolean
is_named (const Line *line, const GenvidCall *call, JsonObject *canonical,
          const char *digits)
{
  const char *base = genvid_provider_get_base_url (line->provider);
  g_autofree char *fingerprint = NULL;

  if (canonical == NULL)
    return FALSE;
  fingerprint = genvid_fingerprint (
      line->name, base != NULL ? base : "https://gateway.example",
      genvid_call_get_name (call),
      genvid_provider_get_semantics (line->provider), 1, canonical);
  return g_str_has_prefix (fingerprint, digits);
}

/* The store is asked for DIGITS, under one of the two names. CALL: nullable. */
static void
check_name (const Line *line, const GenvidCall *call, const char *more,
            const char *digits)
{
  if (call != NULL
      && (is_named (line, call, genvid_call_get_canonical (call), digits)
          || is_named (line, call, genvid_call_get_former (call), digits)))
    return;
  g_test_message ("%s prompt=p%s%s: an earlier version named it %s, for which "
                  "the store is not asked, so its clip is bought again",
                  line->name, line->members, more, digits);
  g_test_fail ();
}

/* Values that a service has no more may be refused, in both cases then. */
static void
check_value (const Line *line, const char *value, const char *lower,
             const char *upper)
{
  const char *equals = strchr (value, '=');
  g_autofree char *capitals = g_ascii_strup (equals, -1);
  g_autofree char *small = g_strconcat ("&", value, NULL);
  g_autofree char *large
      = g_strdup_printf ("&%.*s%s", (int)(equals - value), value, capitals);
  g_autoptr (GenvidCall) call = make_call (line, small);
  g_autoptr (GenvidCall) other = make_call (line, large);

  if (call == NULL && other == NULL)
    return;
  check_name (line, call, small, lower);
  check_name (line, other, large, upper);
}

/* FALSE: the service needs more by now, and refuses it. */
static gboolean
check_plain (const Line *line, const char *wanted)
{
  g_autoptr (GenvidCall) call = make_call (line, "");

  if (call != NULL)
    check_name (line, call, "", wanted);
  return call != NULL;
}

static gboolean
check_cell (const Line *line, const char *cell)
{
  g_auto (GStrv) parts = g_strsplit (cell, " ", 3);

  g_assert_cmpuint (g_strv_length (parts), >=, 2);
  if (strcmp (parts[0], "=") == 0)
    return check_plain (line, parts[1]);
  check_value (line, parts[0], parts[1],
               parts[2] != NULL ? parts[2] : parts[1]);
  return TRUE;
}

static gboolean
check_line (const char *text, GHashTable *providers)
{
  g_auto (GStrv) cells = g_strsplit (text, "\t", -1);
  g_autofree char *members = NULL;
  Line line = { 0 };
  gboolean taken = TRUE;

  g_assert_cmpuint (g_strv_length (cells), >=, 3);
  members = strcmp (cells[1], "-") != 0 ? g_strconcat ("&", cells[1], NULL)
                                        : g_strdup ("");
  line.name = cells[0];
  line.members = members;
  line.provider = g_hash_table_lookup (providers, cells[0]);
  if (line.provider == NULL) {
    line.provider = fixture_provider (cells[0]);
    g_hash_table_insert (providers, g_strdup (cells[0]), line.provider);
  }
  for (guint i = 2; cells[i] != NULL; i++)
    taken = check_cell (&line, cells[i]) && taken;
  return taken;
}

static void
test_former (void)
{
  g_autoptr (GHashTable) providers = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify)genvid_provider_unref);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_file_get_contents (LIST, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (lines[i][0] == '#' || lines[i][0] == '\0')
      continue;
    if (check_line (lines[i], providers))
      n++;
  }
  g_assert_cmpuint (n, >, 300);
  /* Each service that is shipped was there. */
  g_assert_cmpuint (g_hash_table_size (providers), ==, 21);
}

/* The service gets the spelling that it documents. */
static void
test_wire (void)
{
  static const char *const rows[][2] = {
    { "fal", "prompt=p&resolution=720P" },
    { "replicate", "prompt=p&resolution=720P" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GenvidCall) call = fixture_call (rows[i][0], rows[i][1]);
    g_autofree char *body = fixture_body (call);

    g_assert_nonnull (strstr (body, "\"resolution\":\"720p\""));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/former-spelling/fingerprints", test_former);
  g_test_add_func ("/former-spelling/wire", test_wire);
  return g_test_run ();
}
