/* SPDX-License-Identifier: Apache-2.0 */
/* lib/exchange, uploads: what is announced, what arrives twice, late, wrong or not at all, and what gets a name. */
#include "exchange_help.h"
#include "uploads.h"
#include <unistd.h>

#define OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* NIST's example */

typedef struct
{
  Place place;
  Pt2ServerOptions options;
  Pt2Uploads *uploads;
} Server;

static Server
server_new (void)
{
  Server server = { .place = place_new (1 << 20) };
  pt2_server_options_init (&server.options);
  server.uploads = pt2_uploads_new (server.place.shelf, &server.options, NULL);
  ck_assert_ptr_nonnull (server.uploads);
  return server;
}

static void
restart (Server *server)
{
  pt2_uploads_free (server->uploads);
  server->uploads = pt2_uploads_new (server->place.shelf, &server->options, NULL);
  ck_assert_ptr_nonnull (server->uploads);
}

static void
server_clear (Server *server)
{
  pt2_uploads_free (server->uploads);
  place_clear (&server->place);
}

/* A file of the three bytes "abc". */
static const Pt2Upload of_abc
    = { .hash = (char *)OF_ABC, .name = (char *)"abc.pt2", .kind = PT2_EXCHANGE_STORE_KIND_FILE, .bytes = 3 };

static Pt2Upload *
begin (Server *server, const Pt2Upload *announced)
{
  g_autoptr (GError) error = NULL;
  Pt2Upload *upload = pt2_uploads_begin (server->uploads, announced, &error);
  ck_assert_msg (upload != NULL, "%s", error != NULL ? error->message : "");
  return upload;
}

static void
expect_refused (Server *server, const Pt2Upload *announced, Pt2ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_uploads_begin (server->uploads, announced, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s", error->message);
}

static void
add (Pt2Upload *upload, uint64_t offset, const char *text)
{
  ck_assert (pt2_upload_add (upload, offset, (Pt2String){ text, (uint32_t)strlen (text) }, NULL));
}

static void
expect_outside (Pt2Upload *upload, uint64_t offset, const char *text)
{
  g_autoptr (GError) error = NULL;
  uint64_t before = upload->offset;
  ck_assert (!pt2_upload_add (upload, offset, (Pt2String){ text, (uint32_t)strlen (text) }, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X011));
  ck_assert_uint_eq (upload->offset, before);
}

/* ---- what is announced ---- */

START_TEST (test_announcements)
{
  Server server = server_new ();
  Pt2Upload bad = of_abc;
  bad.name = (char *)"../escape";
  expect_refused (&server, &bad, PT2_ERROR_X015);
  bad.name = (char *)"";
  expect_refused (&server, &bad, PT2_ERROR_X015);
  bad = of_abc;
  bad.bytes = server.options.store_bytes + 1;
  expect_refused (&server, &bad, PT2_ERROR_X017);
  server.options.read_only = TRUE;
  restart (&server);
  expect_refused (&server, &of_abc, PT2_ERROR_X018);
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_uploads_find (server.uploads, "none", &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X013));
  server_clear (&server);
}
END_TEST

/* Whatever was announced otherwise is another upload. */
START_TEST (test_ids)
{
  Server server = server_new ();
  Pt2Upload others[] = { of_abc, of_abc, of_abc, of_abc, of_abc, of_abc };
  others[0].name = NULL;
  others[1].replace = true;
  others[2].base = (char *)"abc.pt2";
  others[3].kind = PT2_EXCHANGE_STORE_KIND_WEIGHTS;
  others[4].bytes = 4;
  others[5].record = (char *)"models/model.json";
  g_autoptr (Pt2Upload) first = begin (&server, &of_abc), same = begin (&server, &of_abc);
  ck_assert_ptr_eq (first, same);
  ck_assert_uint_eq (strlen (first->id), 64);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (Pt2Upload) other = begin (&server, &others[i]);
      ck_assert_str_ne (other->id, first->id);
    }
  server_clear (&server);
}
END_TEST

/* ---- pieces ---- */

START_TEST (test_pieces_in_order)
{
  Server server = server_new ();
  g_autoptr (Pt2Upload) upload = begin (&server, &of_abc);
  expect_outside (upload, 1, "b");
  expect_outside (upload, 0, "abcd");
  expect_outside (upload, G_MAXUINT64, "a");
  add (upload, 0, "");
  add (upload, 0, "ab");
  expect_outside (upload, 2, "cd");
  add (upload, 2, "c");
  ck_assert (pt2_upload_check_hash (server.uploads, upload, NULL));
  server_clear (&server);
}
END_TEST

/* A client whose connection broke sends the piece again, and does not know that it had arrived. */
START_TEST (test_pieces_that_come_twice)
{
  Server server = server_new ();
  g_autoptr (Pt2Upload) upload = begin (&server, &of_abc);
  add (upload, 0, "ab");
  add (upload, 0, "ab");
  ck_assert_uint_eq (upload->offset, 2);
  add (upload, 2, "c");
  add (upload, 2, "c"); /* the last one, too */
  add (upload, 0, "ab");
  ck_assert_uint_eq (upload->offset, 3);
  expect_outside (upload, 2, "cd");
  expect_outside (upload, 3, "d");
  ck_assert (pt2_upload_check_hash (server.uploads, upload, NULL));
  server_clear (&server);
}
END_TEST

START_TEST (test_goes_on_after_a_restart)
{
  Server server = server_new ();
  g_autofree char *id = NULL;
  {
    g_autoptr (Pt2Upload) upload = begin (&server, &of_abc);
    id = g_strdup (upload->id);
    add (upload, 0, "ab");
  }
  restart (&server);
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_uploads_find (server.uploads, id, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X013));
  g_autoptr (Pt2Upload) upload = begin (&server, &of_abc);
  ck_assert_str_eq (upload->id, id);
  ck_assert_uint_eq (upload->offset, 2);
  add (upload, 2, "c");
  ck_assert (pt2_upload_check_hash (server.uploads, upload, NULL));
  server_clear (&server);
}
END_TEST

/* What lies there for another reason: too much of it, or a link to somewhere else. */
START_TEST (test_parts_that_are_not_ours)
{
  Server server = server_new ();
  g_autofree char *path = NULL, *outside = g_build_filename (server.place.folder, "outside", NULL);
  {
    g_autoptr (Pt2Upload) upload = begin (&server, &of_abc);
    g_autofree char *file = pt2_upload_file (upload);
    path = pt2_uploads_path (server.uploads, file);
  }
  restart (&server);
  ck_assert (g_file_set_contents (path, "too long", -1, NULL));
  {
    g_autoptr (Pt2Upload) upload = begin (&server, &of_abc);
    ck_assert_uint_eq (upload->offset, 0);
  }
  restart (&server);
  put_file (&server.place, "outside", "precious", -1);
  ck_assert_int_eq (g_remove (path), 0);
  ck_assert_int_eq (symlink (outside, path), 0);
  expect_refused (&server, &of_abc, PT2_ERROR_F002);
  g_autofree char *data = NULL;
  ck_assert (g_file_get_contents (outside, &data, NULL, NULL));
  ck_assert_str_eq (data, "precious");
  server_clear (&server);
}
END_TEST

START_TEST (test_wrong_hash)
{
  Server server = server_new ();
  g_autoptr (GError) early = NULL, wrong = NULL;
  g_autoptr (Pt2Upload) upload = begin (&server, &of_abc);
  add (upload, 0, "ab");
  ck_assert (!pt2_upload_check_hash (server.uploads, upload, &early));
  ck_assert (g_error_matches (early, PT2_ERROR, PT2_ERROR_X014));
  add (upload, 2, "d"); /* that it was too early has lost nothing */
  ck_assert (!pt2_upload_check_hash (server.uploads, upload, &wrong));
  ck_assert (g_error_matches (wrong, PT2_ERROR, PT2_ERROR_X014));
  expect_outside (upload, 3, "");
  ck_assert_ptr_null (pt2_uploads_find (server.uploads, upload->id, NULL));
  g_autoptr (Pt2Upload) anew = begin (&server, &of_abc);
  ck_assert_uint_eq (anew->offset, 0);
  server_clear (&server);
}
END_TEST

/* ---- many ---- */

/* The one that was used least lately gives its open file up; what arrived of it is not lost. */
START_TEST (test_many_at_once)
{
  Server server = server_new ();
  Pt2Upload announced = of_abc;
  g_autofree char *first = NULL, *second = NULL;
  for (guint i = 0; i < 65; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      announced.name = name;
      g_autoptr (Pt2Upload) upload = begin (&server, &announced);
      add (upload, 0, "a");
      if (i < 2)
        *(i == 0 ? &first : &second) = g_strdup (upload->id);
      g_autoptr (Pt2Upload) used = pt2_uploads_find (server.uploads, first, NULL);
      ck_assert_ptr_nonnull (used);
    }
  ck_assert_ptr_null (pt2_uploads_find (server.uploads, second, NULL));
  announced.name = (char *)"n1";
  g_autoptr (Pt2Upload) again = begin (&server, &announced);
  ck_assert_uint_eq (again->offset, 1);
  server_clear (&server);
}
END_TEST

/* ---- names ---- */

static bool
publish (Server *server, const char *name, bool replace, bool *known, GError **error)
{
  Pt2Upload announced = of_abc;
  announced.name = (char *)name;
  announced.replace = replace;
  g_autoptr (Pt2Upload) upload = begin (server, &announced);
  bool there = upload->fd < 0;
  g_autofree char *file = there ? NULL : pt2_upload_file (upload);
  if (!there)
    add (upload, 0, "abc");
  bool fine = pt2_uploads_publish (server->uploads, file, OF_ABC, name, replace, known, error);
  pt2_uploads_forget (server->uploads, upload);
  return fine;
}

START_TEST (test_names)
{
  Server server = server_new ();
  g_autoptr (GError) error = NULL;
  bool known;
  ck_assert (publish (&server, "one", false, &known, NULL) && !known);
  ck_assert (publish (&server, "one", false, &known, NULL) && known);
  ck_assert (publish (&server, "two", false, &known, NULL) && !known);
  put_file (&server.place, "three", "other", -1);
  ck_assert (!publish (&server, "three", false, &known, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F003));
  ck_assert (publish (&server, "three", true, &known, NULL) && !known);
  g_autoptr (GPtrArray) names = pt2_shelf_names (server.place.shelf, NULL);
  ck_assert_uint_eq (names->len, 3);
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (Pt2Item) item = need_item (&server.place, names->pdata[i]);
      ck_assert_mem_eq (g_bytes_get_data (item->data, NULL), "abc", 3);
    }
  server_clear (&server);
}
END_TEST

/* A content that no name is left of is forgotten when the server starts. */
START_TEST (test_contents_without_names)
{
  Server server = server_new ();
  g_autofree char *path = g_build_filename (server.place.folder, "one", NULL);
  bool known;
  ck_assert (publish (&server, "one", false, &known, NULL));
  restart (&server);
  ck_assert_int_eq (faccessat (pt2_uploads_objects (server.uploads), OF_ABC, F_OK, 0), 0);
  ck_assert_int_eq (g_remove (path), 0);
  restart (&server);
  ck_assert_int_ne (faccessat (pt2_uploads_objects (server.uploads), OF_ABC, F_OK, 0), 0);
  server_clear (&server);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_announcements, 1 },
    { test_ids, 1 },
    { test_pieces_in_order, 1 },
    { test_pieces_that_come_twice, 1 },
    { test_goes_on_after_a_restart, 1 },
    { test_parts_that_are_not_ours, 1 },
    { test_wrong_hash, 1 },
    { test_many_at_once, 1 },
    { test_names, 1 },
    { test_contents_without_names, 1 },
  };
  return RUN_SUITE ("exchange_uploads", cases);
}
