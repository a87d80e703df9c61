/* SPDX-License-Identifier: Apache-2.0 */
/* lib/exchange, address: what is an address, and which sockets are opened. */
#include "address.h"
#include "exchange_help.h"
#include <sys/stat.h>
#include <unistd.h>

/* ---- parsing ---- */

typedef struct
{
  const char *text;
  Pt2AddressKind kind;
  const char *path, *host, *port;
} Understood;

static const Understood understood[] = {
  { "./socket", PT2_ADDRESS_UNIX, "./socket", "", "" },
  { "/a/b c", PT2_ADDRESS_UNIX, "/a/b c", "", "" },
  { "unix:plain", PT2_ADDRESS_UNIX, "plain", "", "" },
  { "unix:/a:80", PT2_ADDRESS_UNIX, "/a:80", "", "" },
  { "http://host", PT2_ADDRESS_UNIX, "http://host", "", "" }, /* a path like any other */
  { "tcp:127.0.0.1:0", PT2_ADDRESS_TCP, NULL, "127.0.0.1", "0" },
  { "tcp:localhost:65535", PT2_ADDRESS_TCP, NULL, "localhost", "65535" },
  { "tcp:[::1]:80", PT2_ADDRESS_TCP, NULL, "::1", "80" },
  { "tcp:::1:80", PT2_ADDRESS_TCP, NULL, "::1", "80" },
  { "tls:example.org:9443", PT2_ADDRESS_TLS, NULL, "example.org", "9443" },
};

START_TEST (test_understood)
{
  const Understood *want = &understood[_i];
  Pt2Address address;
  ck_assert (pt2_address_parse (&address, want->text, NULL));
  ck_assert_int_eq (address.kind, want->kind);
  ck_assert_pstr_eq (address.path, want->path);
  ck_assert_str_eq (address.host, want->host);
  ck_assert_str_eq (address.port, want->port);
  pt2_address_clear (&address);
  ck_assert_ptr_null (address.path);
}
END_TEST

static const char *const refused[] = {
  "",          "socket",         "unix:",       "tcp:",      "tcp::80",   "tcp:host",
  "tcp:host:", "tcp:host:x",     "tcp:h:65536", "tcp:h:-1",  "tcp:h:+80", "tcp:h: 80",
  "tcp:h:80 ", "tcp:h:99999999", "tls:",        "tls:[]:80", "TCP:h:80",  "tcp:[]:80",
};

START_TEST (test_refused)
{
  Pt2Address address;
  g_autoptr (GError) error = NULL;
  ck_assert_msg (!pt2_address_parse (&address, refused[_i], &error), "\"%s\"", refused[_i]);
  ck_assert_msg (g_error_matches (error, PT2_ERROR, PT2_ERROR_X009), "%s", refused[_i]);
  pt2_address_clear (&address);
}
END_TEST

/* What is too long for a structure of fixed size, and just not. */
START_TEST (test_lengths)
{
  g_autofree char *path107 = g_strnfill (107, '/'), *path108 = g_strnfill (108, '/'), *host = g_strnfill (255, 'h');
  g_autofree char *fits = g_strdup_printf ("tcp:%s:1", host), *longer = g_strdup_printf ("tcp:h%s:1", host);
  const char *const texts[] = { path107, path108, fits, longer };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      Pt2Address address;
      ck_assert_int_eq (pt2_address_parse (&address, texts[i], NULL), i % 2 == 0);
      pt2_address_clear (&address);
    }
}
END_TEST

/* ---- sockets ---- */

static int
listen_to (const char *text, char **bound, GError **error)
{
  Pt2Address address;
  ck_assert (pt2_address_parse (&address, text, NULL));
  int fd = pt2_address_listen (&address, bound, error);
  pt2_address_clear (&address);
  return fd;
}

static int
connect_to (const char *text, GError **error)
{
  Pt2Address address;
  ck_assert (pt2_address_parse (&address, text, NULL));
  int fd = pt2_address_connect (&address, 1000, error);
  pt2_address_clear (&address);
  return fd;
}

static void
expect_not_listening (const char *text)
{
  g_autoptr (GError) error = NULL;
  char *bound = NULL;
  ck_assert_int_lt (listen_to (text, &bound, &error), 0);
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X008));
  ck_assert_ptr_null (bound);
}

START_TEST (test_unix)
{
  Place place = place_new (0);
  g_autofree char *path = g_build_filename (place.folder, "socket", NULL), *bound = NULL, *again = NULL;
  struct stat info;
  int server = listen_to (path, &bound, NULL);
  ck_assert_int_ge (server, 0);
  ck_assert (g_str_has_prefix (bound, "unix:/") && g_str_has_suffix (bound, path));
  ck_assert_int_eq (stat (path, &info), 0);
  ck_assert_int_eq (info.st_mode & 0777, 0600);
  int client = connect_to (bound, NULL);
  ck_assert_int_ge (client, 0);
  close (client);
  expect_not_listening (path); /* somebody listens there */
  close (server);
  server = listen_to (path, &again, NULL); /* left over by one that is gone */
  ck_assert_int_ge (server, 0);
  close (server);
  place_clear (&place);
}
END_TEST

START_TEST (test_what_is_no_socket_is_kept)
{
  Place place = place_new (0);
  g_autofree char *path = g_build_filename (place.folder, "model.pt2", NULL), *data = NULL;
  put_file (&place, "model.pt2", "precious", -1);
  expect_not_listening (path);
  ck_assert (g_file_get_contents (path, &data, NULL, NULL));
  ck_assert_str_eq (data, "precious");
  ck_assert_int_lt (connect_to (path, NULL), 0);
  place_clear (&place);
}
END_TEST

START_TEST (test_tcp)
{
  g_autofree char *bound = NULL;
  int server = listen_to ("tcp:127.0.0.1:0", &bound, NULL);
  ck_assert_int_ge (server, 0);
  ck_assert (g_str_has_prefix (bound, "tcp:127.0.0.1:") && !g_str_has_suffix (bound, ":0"));
  int client = connect_to (bound, NULL);
  ck_assert_int_ge (client, 0);
  close (client);
  close (server);
  g_autoptr (GError) error = NULL;
  ck_assert_int_lt (connect_to (bound, &error), 0);
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X008));
}
END_TEST

/* Without TLS nothing leaves this machine, in either direction. */
START_TEST (test_tcp_stays_here)
{
  static const char *const away[] = { "tcp:0.0.0.0:0", "tcp:192.0.2.1:9", "tcp:[::]:0" };
  for (guint i = 0; i < G_N_ELEMENTS (away); i++)
    {
      g_autoptr (GError) listening = NULL, connecting = NULL;
      g_autofree char *bound = NULL;
      ck_assert_int_lt (listen_to (away[i], &bound, &listening), 0);
      ck_assert (g_error_matches (listening, PT2_ERROR, PT2_ERROR_X009));
      ck_assert_int_lt (connect_to (away[i], &connecting), 0);
      ck_assert (g_error_matches (connecting, PT2_ERROR, PT2_ERROR_X009));
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_understood, G_N_ELEMENTS (understood) },
    { test_refused, G_N_ELEMENTS (refused) },
    { test_lengths, 1 },
    { test_unix, 1 },
    { test_what_is_no_socket_is_kept, 1 },
    { test_tcp, 1 },
    { test_tcp_stays_here, 1 },
  };
  return RUN_SUITE ("exchange_address", cases);
}
