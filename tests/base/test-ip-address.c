/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ip-address.h"

#include <arpa/inet.h>

static const char *const private_addresses[] = {
  "0.0.0.0",
  "0.255.1.2",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.1",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.7",
  "203.0.113.9",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::7f00:1",
  "::ffff:127.0.0.1",
  "::ffff:10.1.2.3",
  "::ffff:0:192.168.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:0:4136:e378:8000:63bf:80ff:fffe",
  "2001:db8::1",
  "2002:7f00:1::",
  "2002:c0a8:101::5",
  "2606:4700::5efe:a00:1",
  "2606:4700::200:5efe:c0a8:1",
  "3fff:123::1",
  "5f00::1",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "febf::1",
  "fec0::1",
  "ff02::1",
};

static const char *const public_addresses[] = {
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.1",
  "169.253.255.255",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
  "2001:4860:4860::8888",
  "2002:808:808::1",
  "2606:4700:4700::1111",
  "2606:4700::5efe:808:808",
  "2a00:1450:4001::200e",
};

static gboolean
is_private (const char *text)
{
  guint8 bytes[16] = { 0 };
  int family = strchr (text, ':') != NULL ? AF_INET6 : AF_INET;

  g_assert_cmpint (inet_pton (family, text, bytes), ==, 1);
  return genvid_ip_address_is_private (bytes, family == AF_INET ? 4 : 16);
}

static void
test_addresses (void)
{
  guint8 bytes[20] = { 8, 8, 8, 8 };

  for (guint i = 0; i < G_N_ELEMENTS (private_addresses); i++) {
    if (!is_private (private_addresses[i]))
      g_error ("%s passes as public", private_addresses[i]);
    g_assert_true (genvid_ip_address_host_is_private (private_addresses[i]));
  }
  for (guint i = 0; i < G_N_ELEMENTS (public_addresses); i++) {
    if (is_private (public_addresses[i]))
      g_error ("%s passes as private", public_addresses[i]);
    g_assert_false (genvid_ip_address_host_is_private (public_addresses[i]));
  }
  g_assert_true (genvid_ip_address_is_private (bytes, 0));
  g_assert_true (genvid_ip_address_is_private (bytes, 5));
  g_assert_true (genvid_ip_address_is_private (bytes, 20));
  g_assert_true (genvid_ip_address_is_private (NULL, 4));
}

static void
test_private_hosts (void)
{
  static const char *const hosts[] = {
    "",
    ".",
    "localhost",
    "LocalHost",
    "localhost.",
    "api.localhost",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7F.1",
    "0177.0.0.1",
    "0x7f.0x0.0x0.0x1",
    "0",
    "0x",
    "10.1",
    "192.168.257",
    "0xa9fea9fe",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[fe80::1%eth0]",
    "fe80::1%25eth0",
    /* No address and no name: nobody may guess. */
    "1.2.3.4.5",
    "256.1.1.1",
    "4294967296",
    "1..2",
    "127.0.0.08",
    "%31%32%37.0.0.1",
    "[::1",
    "::g",
    "0x100000000",
    "99999999999999999999999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++) {
    if (!genvid_ip_address_host_is_private (hosts[i]))
      g_error ("\"%s\" passes as public", hosts[i]);
  }
  g_assert_true (genvid_ip_address_host_is_private (NULL));
}

static void
test_public_hosts (void)
{
  static const char *const hosts[] = {
    "api.gen.pro",
    "localhost.example.com",
    "8.8.8.8",
    "134744072",
    "0x08080808",
    "8.8.2056",
    "[2606:4700:4700::1111]",
    "cdn1.x",
    "10.example.com",
    "a.0x7g",
    "example.com.",
    "127.0.0.1.nip.io",
  };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++) {
    if (genvid_ip_address_host_is_private (hosts[i]))
      g_error ("\"%s\" passes as private", hosts[i]);
  }
}

static void
test_internal (void)
{
  static const char *const here[] = {
    "localhost",          "printer",     "PRINTER.", "printer.local",
    "nas.lan.",           "db.internal", "10.0.0.1", "a.b.HOME.arpa",
    "[fd00::1]",          "0x7f.1",      "",         "metadata.google.internal",
    "router.localdomain",
  };
  static const char *const elsewhere[] = {
    "example.com", "local.example.com", "internal.net", "8.8.8.8",
    "mylocal.de",  "xlan.org",          "arpa.net",     "[2606:4700::1]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (here); i++)
    g_assert_true (genvid_ip_address_host_is_internal (here[i]));
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    g_assert_false (genvid_ip_address_host_is_internal (elsewhere[i]));
  g_assert_true (genvid_ip_address_host_is_internal (NULL));
}

static void
test_loopback (void)
{
  static const char *const here[] = {
    "localhost", "LOCALHOST.", "127.0.0.1",          "127.1",
    "[::1]",     "::1",        "[::ffff:127.0.0.1]", "sandbox.localhost",
  };
  static const char *const elsewhere[] = {
    "",
    "0.0.0.0",
    "10.0.0.1",
    "example.com",
    "[fe80::1]",
    "localhost.com",
    "::",
    "128.0.0.1",
    "127.0.0.256",
  };

  for (guint i = 0; i < G_N_ELEMENTS (here); i++)
    g_assert_true (genvid_ip_address_host_is_loopback (here[i]));
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    g_assert_false (genvid_ip_address_host_is_loopback (elsewhere[i]));
  g_assert_false (genvid_ip_address_host_is_loopback (NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/bytes", test_addresses);
  g_test_add_func ("/address/private-hosts", test_private_hosts);
  g_test_add_func ("/address/public-hosts", test_public_hosts);
  g_test_add_func ("/address/internal-hosts", test_internal);
  g_test_add_func ("/address/loopback", test_loopback);
  return g_test_run ();
}
