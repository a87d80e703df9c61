/* SPDX-License-Identifier: Apache-2.0 */
/* The zip writer: what it writes to the byte, and that the reader, with all its audits, takes it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "zip_write.h"
#include "suite.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static Pt2Status status;
static Pt2Sink sink;
static Pt2ZipWriter writer;

static void
must (bool fine)
{
  ck_assert_msg (fine, "%s %s", pt2_error_code_id (status.code), status.detail);
}

static void
begin_in_memory (void)
{
  status = (Pt2Status)PT2_STATUS_INIT;
  pt2_sink_to_memory (&sink);
  pt2_zip_writer_init (&writer, &sink);
}

static void
begin_in_file (int fd)
{
  status = (Pt2Status)PT2_STATUS_INIT;
  must (pt2_sink_to_fd (&sink, fd, &status));
  pt2_zip_writer_init (&writer, &sink);
}

static void
add (const char *name, const void *data, size_t len)
{
  must (pt2_zip_writer_begin (&writer, name, strlen (name), len, &status));
  must (pt2_zip_writer_put (&writer, data, len, &status));
  must (pt2_zip_writer_end (&writer, &status));
}

static GBytes *
finish_in_memory (void)
{
  must (pt2_zip_writer_finish (&writer, &status));
  pt2_zip_writer_clear (&writer);
  return pt2_sink_take (&sink);
}

static void
finish_in_file (void)
{
  must (pt2_zip_writer_finish (&writer, &status));
  pt2_zip_writer_clear (&writer);
  pt2_sink_clear (&sink);
}

static GBytes *
map (int fd)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (fd, FALSE, NULL);
  ck_assert_ptr_nonnull (file);
  return g_mapped_file_get_bytes (file);
}

/* Opens BYTES, audits every record, and finds no byte that belongs to none. */
static void
open_sound (Pt2Zip *zip, GBytes *bytes)
{
  Pt2ZipGap *gaps = NULL;
  uint32_t n_gaps = 1;
  must (pt2_zip_open (zip, bytes, NULL, &status));
  must (pt2_zip_audit (zip, &gaps, &n_gaps, &status));
  ck_assert_uint_eq (n_gaps, 0);
  g_free (gaps);
}

static void
expect_record (const Pt2Zip *zip, const char *name, const void *data, size_t len)
{
  const Pt2ZipEntry *entry = pt2_zip_find (zip, name, strlen (name));
  Pt2ZipPlace place = { 0 };
  ck_assert_msg (entry != NULL, "no %s", name);
  must (pt2_zip_place (zip, entry, &place, &status));
  ck_assert_uint_eq (place.data % 64, 0);
  g_autoptr (GBytes) bytes = pt2_zip_read (zip, entry, &status);
  must (bytes != NULL);
  ck_assert_uint_eq (g_bytes_get_size (bytes), len);
  ck_assert_mem_eq (len > 0 ? g_bytes_get_data (bytes, NULL) : "", data, len);
  ck_assert_uint_eq (entry->crc32, crc32_z (0, data, len));
}

START_TEST (test_layout)
{
  /* Every byte of an archive with one record of three bytes. */
  static const uint8_t want[]
      = {
          'P',  'K', 3,   4,   0,    0,    8,    8,    0,   0,   0,   0,   0,    0,   0,    0,   0,    0,    0,
          0,    0,   0,   0,   0,    0,    0,                       /* local header */
          3,    0,   31,  0,   'r',  '/',  'a',  'F',  'B', 27,  0, /* lengths, name, padding */
          'Z',  'Z', 'Z', 'Z', 'Z',  'Z',  'Z',  'Z',  'Z', 'Z', 'Z', 'Z', 'Z',  'Z', 'Z',  'Z', 'Z',  'Z',  'Z',
          'Z',  'Z', 'Z', 'Z', 'Z',  'Z',  'Z',  'Z',  'x', 'y', 'z',                          /* at 64 */
          'P',  'K', 7,   8,   0x67, 0xba, 0x8e, 0xeb, 3,   0,   0,   0,   3,    0,   0,    0, /* descriptor */
          'P',  'K', 1,   2,   0,    0,    0,    0,    8,   8,   0,   0,   0,    0,   0,    0,   0x67, 0xba, 0x8e,
          0xeb, 3,   0,   0,   0,    3,    0,    0,    0,   3,   0,   0,   0,    0,   0,    0,   0,    0,    0,
          0,    0,   0,   0,   0,    0,    0,    0,    'r', '/', 'a', /* directory at 83 */
          'P',  'K', 6,   6,   44,   0,    0,    0,    0,   0,   0,   0,   0x1e, 3,   0x2d, 0,   0,    0,    0,
          0,    0,   0,   0,   0,    1,    0,    0,    0,   0,   0,   0,   0,    1,   0,    0,   0,    0,    0,
          0,    0,   49,  0,   0,    0,    0,    0,    0,   0,   83,  0,   0,    0,   0,    0,   0,    0, /* zip64 end
                                                                                                             at 132 */
          'P',  'K', 6,   7,   0,    0,    0,    0,    132, 0,   0,   0,   0,    0,   0,    0,   1,    0,    0,
          0, /* locator
              */
          'P',  'K', 5,   6,   0,    0,    0,    0,    1,   0,   1,   0,   49,   0,   0,    0,   83,   0,    0,
          0,    0,   0,
        };
  begin_in_memory ();
  add ("r/a", "xyz", 3);
  g_autoptr (GBytes) bytes = finish_in_memory ();
  ck_assert_uint_eq (g_bytes_get_size (bytes), sizeof want);
  ck_assert_mem_eq (g_bytes_get_data (bytes, NULL), want, sizeof want);
}
END_TEST

/* Name lengths and sizes around every alignment; the same in a file, in memory, twice. */
START_TEST (test_reader_takes_it)
{
  char name[160], data[400];
  GBytes *made[2];
  memset (data, 'd', sizeof data);
  for (int round = 0; round < 2; round++)
    {
      begin_in_memory ();
      for (int i = 0; i < 130; i++)
        {
          g_snprintf (name, sizeof name, "root/%0*d", i % 70 + 3, i);
          add (name, data, (size_t)(i * 3));
        }
      made[round] = finish_in_memory ();
    }
  ck_assert (g_bytes_equal (made[0], made[1]));
  Pt2Zip zip;
  open_sound (&zip, made[0]);
  must (pt2_zip_crosscheck (&zip, &status));
  for (int i = 0; i < 130; i++)
    {
      g_snprintf (name, sizeof name, "root/%0*d", i % 70 + 3, i);
      expect_record (&zip, name, data, (size_t)(i * 3));
    }
  pt2_zip_clear (&zip);
  g_bytes_unref (made[0]);
  g_bytes_unref (made[1]);
}
END_TEST

/* As PyTorch 2.15 combines the CRCs of these three; records without bytes do not count. */
START_TEST (test_chain)
{
  begin_in_memory ();
  add ("t/a", "abc", 3);
  add ("t/none", "", 0);
  add ("t/version", "3\n", 2);
  add ("t/byteorder", "little", 6);
  ck_assert_uint_eq (writer.crc_chain, UINT64_C (14758568705537));
  pt2_zip_writer_clear (&writer);
  pt2_sink_clear (&sink);
}
END_TEST

START_TEST (test_names)
{
  static const char *const bad[] = { "", "/a", "a/", "a//b", "../a", "a/./b", "a\\b", "c:x", "a\nb", "\xff" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      Pt2Status one = PT2_STATUS_INIT;
      ck_assert (!pt2_zip_check_name (bad[i], strlen (bad[i]), &one));
      ck_assert_int_eq (one.code, PT2_ERROR_Z011);
    }
  Pt2Status one = PT2_STATUS_INIT;
  ck_assert (pt2_zip_check_name ("r/ä", strlen ("r/ä"), &one));
  g_autofree char *a = pt2_zip_fold_name ("R/Ä", strlen ("R/Ä")), *b = pt2_zip_fold_name ("r/ä", strlen ("r/ä"));
  ck_assert_str_eq (a, b);
  g_autofree char *c = pt2_zip_fold_name ("Data/X", 6);
  ck_assert_str_eq (c, "data/x");
  begin_in_memory ();
  g_autofree char *large = g_strnfill (65536, 'n');
  ck_assert (!pt2_zip_writer_begin (&writer, large, 65536, 0, &status));
  ck_assert_int_eq (status.code, PT2_ERROR_Z021);
  pt2_sink_clear (&sink);
}
END_TEST

START_TEST (test_too_much)
{
  begin_in_memory ();
  must (pt2_zip_writer_begin (&writer, "r/a", 3, 0, &status));
  must (pt2_zip_writer_put (&writer, "x", 1, &status));
  ck_assert (!pt2_zip_writer_end (&writer, &status));
  ck_assert_int_eq (status.code, PT2_ERROR_Z020);
  pt2_zip_writer_clear (&writer);
  pt2_sink_clear (&sink);
}
END_TEST

/* ---- ranges of files ---- */

static int
new_file (void)
{
  g_autofree char *name = g_build_filename (g_get_tmp_dir (), "pt2-test-XXXXXX", NULL);
  int fd = g_mkstemp (name);
  ck_assert_int_ge (fd, 0);
  unlink (name);
  return fd;
}

static guint64
blocks (int fd)
{
  struct stat info;
  ck_assert_int_eq (fstat (fd, &info), 0);
  return (guint64)info.st_blocks * 512;
}

static void
copy_record (const char *name, int from, uint64_t at, uint64_t len)
{
  must (pt2_zip_writer_begin (&writer, name, strlen (name), len, &status));
  must (pt2_zip_writer_copy (&writer, from, at, len, &status));
  must (pt2_zip_writer_end (&writer, &status));
}

/* Data, a hole, data: what comes out is the same, and the hole is still one. Offsets that no block begins at. */
START_TEST (test_copy)
{
  enum
  {
    SIZE = 40 << 20,
  };
  int from = new_file (), to = new_file ();
  g_autofree char *noise = g_malloc (6 << 20);
  for (size_t i = 0; i < 6 << 20; i++)
    noise[i] = (char)g_random_int ();
  ck_assert_int_eq (pwrite (from, noise, 6 << 20, 1 << 20), 6 << 20);
  ck_assert_int_eq (pwrite (from, noise, 1 << 20, SIZE - (1 << 20)), 1 << 20);
  static const uint64_t ranges[][2] = { { 0, SIZE }, { 1, 100 }, { 12345, 70000 }, { 3 << 20, SIZE - (5 << 20) } };
  char name[16];
  begin_in_file (to);
  for (size_t i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_snprintf (name, sizeof name, "r/%zu", i);
      copy_record (name, from, ranges[i][0], ranges[i][1]);
    }
  finish_in_file ();
  ck_assert_uint_lt (blocks (to), 20 << 20);
  g_autoptr (GBytes) source = map (from);
  g_autoptr (GBytes) bytes = map (to);
  Pt2Zip zip;
  open_sound (&zip, bytes);
  for (size_t i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_snprintf (name, sizeof name, "r/%zu", i);
      expect_record (&zip, name, (const char *)g_bytes_get_data (source, NULL) + ranges[i][0], ranges[i][1]);
    }
  pt2_zip_clear (&zip);
  close (from);
  close (to);
}
END_TEST

START_TEST (test_shrunk_source)
{
  static const uint64_t lengths[] = { 1000, 1 << 20, 9 << 20 };
  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      int from = new_file (), to = new_file ();
      ck_assert_int_eq (ftruncate (from, (off_t)lengths[i] - 1), 0);
      begin_in_file (to);
      must (pt2_zip_writer_begin (&writer, "r/a", 3, lengths[i], &status));
      ck_assert (!pt2_zip_writer_copy (&writer, from, 0, lengths[i], &status));
      ck_assert_int_eq (status.code, PT2_ERROR_F005);
      pt2_zip_writer_clear (&writer);
      pt2_sink_clear (&sink);
      close (from);
      close (to);
    }
}
END_TEST

/* ---- zip64 ---- */

/* A record of more than 4 GiB, and one behind it: sizes and offsets that need a zip64 field. Sparse, so quick. */
START_TEST (test_large)
{
  const uint64_t large = (UINT64_C (4) << 30) + 12345;
  int from = new_file (), to = new_file ();
  ck_assert_int_eq (ftruncate (from, (off_t)large), 0);
  ck_assert_int_eq (pwrite (from, "end", 3, (off_t)large - 3), 3);
  begin_in_file (to);
  add ("r/first", "1", 1);
  copy_record ("r/large", from, 0, large);
  add ("r/last", "last", 4);
  add ("r/none", "", 0);
  finish_in_file ();
  ck_assert_uint_lt (blocks (to), 1 << 20);
  g_autoptr (GBytes) bytes = map (to);
  Pt2Zip zip;
  open_sound (&zip, bytes);
  const Pt2ZipEntry *entry = pt2_zip_find (&zip, "r/large", 7);
  ck_assert_ptr_nonnull (entry);
  ck_assert_uint_eq (entry->bytes, large);
  /* Of 4 GiB of zeros, 12,342 more and "end"; by another way than the writer's. */
  uint32_t zeros = (uint32_t)crc32_combine (0, 0, 0);
  static const Bytef block[65536];
  for (uint64_t done = 0; done < (64 << 20); done += sizeof block)
    zeros = (uint32_t)crc32_z (zeros, block, sizeof block);
  uint32_t crc = 0;
  for (int i = 0; i < 64; i++)
    crc = (uint32_t)crc32_combine (crc, zeros, 64 << 20);
  crc = (uint32_t)crc32_z (crc, block, 12342);
  crc = (uint32_t)crc32_z (crc, (const Bytef *)"end", 3);
  ck_assert_uint_eq (entry->crc32, crc);
  expect_record (&zip, "r/first", "1", 1);
  expect_record (&zip, "r/last", "last", 4);
  expect_record (&zip, "r/none", "", 0);
  pt2_zip_clear (&zip);
  close (from);
  close (to);
}
END_TEST

START_TEST (test_many)
{
  char name[32];
  begin_in_memory ();
  for (int i = 0; i < 70000; i++)
    {
      g_snprintf (name, sizeof name, "r/%d", i);
      add (name, name, strlen (name));
    }
  g_autoptr (GBytes) bytes = finish_in_memory ();
  Pt2Zip zip;
  open_sound (&zip, bytes);
  ck_assert_uint_eq (zip.n_entries, 70000);
  expect_record (&zip, "r/69999", "r/69999", 7);
  pt2_zip_clear (&zip);
}
END_TEST

/* ---- how far, and stopping ---- */

static gboolean
stop_late (guint64 done, guint64 total, gpointer data)
{
  guint *calls = data;
  ck_assert_uint_le (done, total);
  return ++*calls < 3;
}

START_TEST (test_stop)
{
  guint calls = 0;
  g_autofree char *data = g_malloc0 (64 << 20);
  begin_in_memory ();
  pt2_sink_watch (&sink, stop_late, &calls, 64 << 20);
  must (pt2_zip_writer_begin (&writer, "r/a", 3, 64 << 20, &status));
  ck_assert (!pt2_zip_writer_put (&writer, data, 64 << 20, &status));
  ck_assert_int_eq (status.code, PT2_ERROR_F006);
  ck_assert_uint_eq (calls, 3);
  ck_assert_uint_le (sink.offset, 32 << 20);
  pt2_zip_writer_clear (&writer);
  pt2_sink_clear (&sink);
}
END_TEST

/* A pipe takes all that a file does. */
START_TEST (test_stream)
{
  int ends[2];
  g_autofree char *zeros = g_malloc0 (200000);
  ck_assert_int_eq (pipe (ends), 0);
  pid_t child = fork ();
  if (child == 0)
    {
      begin_in_file (ends[1]);
      add ("r/a", zeros, 200000);
      finish_in_file ();
      _exit (0);
    }
  close (ends[1]);
  g_autoptr (GByteArray) got = g_byte_array_new ();
  guint8 piece[4096];
  for (ssize_t n; (n = read (ends[0], piece, sizeof piece)) > 0;)
    g_byte_array_append (got, piece, (guint)n);
  close (ends[0]);
  begin_in_memory ();
  add ("r/a", zeros, 200000);
  g_autoptr (GBytes) want = finish_in_memory ();
  ck_assert_uint_eq (got->len, g_bytes_get_size (want));
  ck_assert_mem_eq (got->data, g_bytes_get_data (want, NULL), got->len);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_layout, 1 }, { test_reader_takes_it, 1 }, { test_chain, 1 }, { test_names, 1 }, { test_too_much, 1 },
    { test_copy, 1 },   { test_shrunk_source, 1 },   { test_large, 1 }, { test_many, 1 },  { test_stop, 1 },
    { test_stream, 1 },
  };
  return RUN_SUITE ("zip_write", cases);
}
