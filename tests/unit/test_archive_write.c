/* SPDX-License-Identifier: Apache-2.0 */
/* Archives written: what was read comes out as it was, to the byte; what was changed, and only that, is changed;
 * older layouts come out in today's.
 */
#include "pt2-tensor.h"
#include "suite.h"
#include "writer_help.h"
#include <fcntl.h>
#include <unistd.h>

/* ---- archives as they are ---- */

static guint identical;

/* The layout that PyTorch 2.9 and later write comes out as the very same file. */
static void
check_identity (const char *path, Pt2Archive *archive)
{
  if (pt2_archive_get_layout (archive) != PT2_ARCHIVE_LAYOUT_RAW || strstr (path, "torch-2.15.0") == NULL)
    return;
  g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_TODAY);
  g_autoptr (GBytes) bytes = bytes_of (writer);
  g_autofree char *want = NULL;
  gsize len;
  ck_assert (g_file_get_contents (path, &want, &len, NULL));
  ck_assert_msg (g_bytes_get_size (bytes) == len && memcmp (g_bytes_get_data (bytes, NULL), want, len) == 0, "%s",
                 path);
  identical++;
}

START_TEST (test_identity)
{
  foreach_archive (check_identity);
  ck_assert_uint_ge (identical, 40);
}
END_TEST

static void
check_kept (const char *path, Pt2Archive *archive)
{
  g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_AS_IT_IS);
  g_autoptr (Pt2Archive) again = written (writer);
  ck_assert_int_eq (pt2_archive_get_layout (archive), pt2_archive_get_layout (again));
  expect_same_records (archive, again, path);
}

START_TEST (test_kept)
{
  ck_assert_uint_ge (foreach_archive (check_kept), 100);
}
END_TEST

/* ---- lists of one's own ---- */

static Pt2ArchiveWriter *
new_writer (void)
{
  g_autoptr (GError) error = NULL;
  Pt2ArchiveWriter *writer = pt2_archive_writer_new ("m", &error);
  ck_assert_msg (writer != NULL, "%s", error != NULL ? error->message : "");
  return writer;
}

static void
expect_order (Pt2Archive *archive, const char *const *names)
{
  guint n;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  for (guint i = 0; i < n && names[i] != NULL; i++)
    ck_assert_str_eq (records[i].name, names[i]);
  ck_assert_ptr_null (names[n]);
}

START_TEST (test_new)
{
  static const char *const order[]
      = { "models/model.json",      "byteorder", "archive_format", "archive_version", ".data/version",
          ".data/serialization_id", NULL };
  g_autoptr (Pt2ArchiveWriter) writer = new_writer ();
  add_text (writer, "models/model.json", "{}");
  add_text (writer, "byteorder", "little");
  ck_assert_uint_eq (pt2_archive_writer_count (writer), 2);
  g_autoptr (Pt2Archive) archive = written (writer);
  expect_order (archive, order);
  expect_text (archive, "archive_format", "pt2");
  expect_text (archive, "archive_version", "0");
  expect_text (archive, ".data/version", "6\n");
  g_autoptr (GBytes) first = bytes_of (writer), second = bytes_of (writer);
  ck_assert (g_bytes_equal (first, second));
}
END_TEST

/* An archive that was changed gets an id of its own, the same for the same records; one that is given stays. */
START_TEST (test_serialization_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = open_corpus ("torch-2.15.0/mlp.pt2");
  g_autoptr (GBytes) old = pt2_archive_read (archive, ".data/serialization_id", &error);
  g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_TODAY);
  add_text (writer, "extra/note", "n");
  g_autoptr (Pt2Archive) again = written (writer), once_more = written (writer);
  expect_same_records (again, once_more, "the same list");
  g_autoptr (GBytes) new = pt2_archive_read (again, ".data/serialization_id", &error);
  ck_assert_uint_eq (g_bytes_get_size (new), 40);
  for (guint i = 0; i < 40; i++)
    ck_assert (g_ascii_isdigit (((const char *)g_bytes_get_data (new, NULL))[i]));
  ck_assert (!g_bytes_equal (old, new));
  g_autoptr (Pt2Source) given = text_source ("mine");
  ck_assert (pt2_archive_writer_replace (writer, ".data/serialization_id", given, &error));
  g_autoptr (Pt2Archive) third = written (writer);
  expect_text (third, ".data/serialization_id", "mine");
}
END_TEST

START_TEST (test_edit)
{
  static const char *const order[] = { "data/weights/weight_0",
                                       "data/weights/weight_x_weights_config.json",
                                       "data/weights/weight_1",
                                       "models/weight_x.json",
                                       "models/b/c.json",
                                       "extra/note",
                                       "other",
                                       "archive_format",
                                       "archive_version",
                                       ".data/version",
                                       "byteorder",
                                       ".data/serialization_id",
                                       NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = open_records (several);
  g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_TODAY);
  add_text (writer, "other", "o");
  add_text (writer, "extra/note", "n");
  add_text (writer, "data/weights/weight_1", "efgh");
  add_text (writer, "models/gone.json", "g");
  g_autoptr (Pt2Source) text = text_source ("SECOND");
  ck_assert (pt2_archive_writer_replace (writer, "models/b/c.json", text, &error));
  ck_assert (pt2_archive_writer_find (writer, "models/b/c.json") == text);
  ck_assert (pt2_archive_writer_remove (writer, "models/gone.json", &error));
  ck_assert_ptr_null (pt2_archive_writer_find (writer, "models/gone.json"));
  g_autoptr (Pt2Archive) again = written (writer);
  expect_order (again, order);
  expect_text (again, "models/b/c.json", "SECOND");
  expect_text (again, "models/weight_x.json", "first");
  /* A name that was taken out is free. */
  add_text (writer, "models/gone.json", "back");
  g_autoptr (Pt2Archive) third = written (writer);
  expect_text (third, "models/gone.json", "back");
}
END_TEST

static void
refuse (Pt2ArchiveWriter *writer, const char *name, Pt2ErrorCode code)
{
  GError *error = NULL;
  g_autoptr (Pt2Source) source = text_source ("x");
  ck_assert (!pt2_archive_writer_add (writer, name, source, &error));
  expect_error (error, code, name);
}

START_TEST (test_refused_names)
{
  g_autoptr (Pt2ArchiveWriter) writer = new_writer ();
  g_autoptr (Pt2Source) source = text_source ("x");
  GError *error = NULL;
  add_text (writer, "extra/a", "a");
  refuse (writer, "extra/a", PT2_ERROR_U008);
  refuse (writer, "Extra/A", PT2_ERROR_U008);
  refuse (writer, "../a", PT2_ERROR_Z011);
  refuse (writer, "", PT2_ERROR_Z011);
  refuse (writer, "folder/", PT2_ERROR_Z011);
  ck_assert (!pt2_archive_writer_replace (writer, "extra/A", source, &error));
  expect_error (error, PT2_ERROR_U005, "replace");
  error = NULL;
  ck_assert (!pt2_archive_writer_remove (writer, "none", &error));
  expect_error (error, PT2_ERROR_U005, "remove");
  static const char *const roots[] = { "", "a/b", "..", "x\ny" };
  for (size_t i = 0; i < G_N_ELEMENTS (roots); i++)
    {
      error = NULL;
      ck_assert_ptr_null (pt2_archive_writer_new (roots[i], &error));
      expect_error (error, PT2_ERROR_Z011, roots[i]);
    }
}
END_TEST

/* ---- sources ---- */

enum
{
  COUNTED = 1000000,
};

static gboolean
count_up (gpointer out, guint64 offset, gsize len, gpointer data, GError **error)
{
  for (gsize i = 0; i < len; i++)
    ((guint8 *)out)[i] = (guint8)((offset + i) * 7);
  return TRUE;
}

static gboolean
give_up (gpointer out, guint64 offset, gsize len, gpointer data, GError **error)
{
  memset (out, 0, len);
  if (offset == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "the source gave up");
  return FALSE;
}

static void
note_freed (gpointer data)
{
  ++*(int *)data;
}

START_TEST (test_function_source)
{
  int freed = 0;
  g_autoptr (GError) error = NULL;
  Pt2ArchiveWriter *writer = new_writer ();
  Pt2Source *source = pt2_source_new_func (COUNTED, count_up, &freed, note_freed);
  ck_assert (pt2_archive_writer_add (writer, "extra/f", source, &error));
  pt2_source_unref (source);
  g_autoptr (Pt2Archive) archive = written (writer);
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, "extra/f", &error);
  ck_assert_uint_eq (g_bytes_get_size (bytes), COUNTED);
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  for (guint i = 0; i < COUNTED; i++)
    ck_assert_uint_eq (data[i], (guint8)(i * 7));
  ck_assert_int_eq (freed, 0);
  pt2_archive_writer_unref (writer);
  ck_assert_int_eq (freed, 1);
}
END_TEST

/* Its own error comes through, whatever the domain. */
START_TEST (test_function_fails)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2ArchiveWriter) writer = new_writer ();
  g_autoptr (Pt2Source) source = pt2_source_new_func (COUNTED, give_up, NULL, NULL);
  ck_assert (pt2_archive_writer_add (writer, "extra/f", source, NULL));
  ck_assert_ptr_null (pt2_archive_writer_to_bytes (writer, &error));
  ck_assert (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_IO));
}
END_TEST

START_TEST (test_file_source)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = corpus_path ("torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Archive) whole = NULL;
  int fd = open (path, O_RDONLY);
  ck_assert_int_ge (fd, 0);
  off_t size = lseek (fd, 0, SEEK_END);
  g_autoptr (Pt2ArchiveWriter) writer = new_writer ();
  g_autoptr (Pt2Source) source = pt2_source_new_file (fd, 0, (guint64)size, &error);
  ck_assert_ptr_nonnull (source);
  GError *failed = NULL;
  ck_assert_ptr_null (pt2_source_new_file (fd, 1, (guint64)size, &failed));
  expect_error (failed, PT2_ERROR_F001, "range");
  failed = NULL;
  ck_assert_ptr_null (pt2_source_new_file (fd, G_MAXUINT64, 2, &failed));
  expect_error (failed, PT2_ERROR_F001, "range");
  close (fd);
  g_autoptr (Pt2Source) half = pt2_source_new_range (source, 1, (guint64)size - 1, &error);
  g_autoptr (Pt2Source) part = pt2_source_new_range (half, 1, 2, &error);
  failed = NULL;
  ck_assert_ptr_null (pt2_source_new_range (half, 1, (guint64)size - 1, &failed));
  expect_error (failed, PT2_ERROR_F001, "range");
  ck_assert (pt2_archive_writer_add (writer, "extra/part", part, &error));
  ck_assert (pt2_archive_writer_add (writer, "extra/inner.pt2", source, &error));
  g_autoptr (Pt2Archive) archive = written (writer);
  g_autoptr (GBytes) inner = pt2_archive_read (archive, "extra/inner.pt2", &error);
  ck_assert_ptr_nonnull (inner);
  whole = open_bytes (inner);
  expect_text (archive, "extra/part", "\x03\x04");
  ck_assert_int_eq (pt2_archive_get_layout (whole), PT2_ARCHIVE_LAYOUT_RAW);
}
END_TEST

/* A record is not copied blindly: a wrong CRC ends the writing. Deflated records come out stored. */
START_TEST (test_record_source)
{
  for (int damage = 0; damage < 2; damage++)
    {
      GError *error = NULL;
      ZipBuilder zip;
      zip_begin (&zip);
      zip_add (&zip, "r/models/m.json", "a text that is repeated, a text that is repeated", ZIP_DEFLATE);
      zip_add (&zip, "r/extra/a", "text", ZIP_TORCH);
      zip_add (&zip, "r/archive_format", "pt2", ZIP_TORCH);
      zip_add (&zip, "r/archive_version", "0", ZIP_TORCH);
      if (damage)
        zip_put (&zip, zip.data[1], 'T', 1);
      zip_finish (&zip, ZIP_WIDE);
      g_autoptr (Pt2Archive) archive = open_built (&zip, &error);
      g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_TODAY);
      g_autoptr (GBytes) bytes = pt2_archive_writer_to_bytes (writer, &error);
      if (damage)
        {
          ck_assert_str_eq (pt2_error_get_where (error), "extra/a");
          expect_error (error, PT2_ERROR_Z017, "damaged");
          continue;
        }
      g_autoptr (Pt2Archive) again = open_bytes (bytes);
      expect_same_records (archive, again, "deflated");
      ck_assert_str_eq (pt2_archive_find (again, "models/m.json")->method, "stored");
    }
}
END_TEST

/* ---- older layouts ---- */

static guint turned;

static void
check_tensor (Pt2Tensors *old, const Pt2Tensor *want, Pt2Tensors *new)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strndup (want->fqn.data, want->fqn.len);
  const Pt2Tensor *got = pt2_tensors_find (new, name);
  ck_assert_msg (got != NULL && got->fault == NULL, "%s", name);
  ck_assert_msg (got->role == want->role && got->requires_grad == want->requires_grad
                     && got->persistent == want->persistent && got->form == want->form,
                 "%s", name);
  ck_assert_str_eq (got->dtype, want->dtype);
  if (want->form != PT2_TENSOR_STRIDED)
    return;
  guint n_want, n_got;
  pt2_tensors_get_sharing (old, want, &n_want);
  pt2_tensors_get_sharing (new, got, &n_got);
  ck_assert_msg (n_want == n_got, "%s is shared by %u, not %u", name, n_got, n_want);
  ck_assert_uint_eq (got->storage_bytes, want->storage_bytes);
  ck_assert_mem_eq (got->shape, want->shape, want->n_dims * sizeof *want->shape);
  ck_assert_mem_eq (got->stride, want->stride, want->n_dims * sizeof *want->stride);
  g_autoptr (GBytes) a = pt2_tensor_get_bytes (old, want, &error), b = pt2_tensor_get_bytes (new, got, &error);
  ck_assert_msg (a != NULL && b != NULL && g_bytes_equal (a, b), "%s", name);
}

static void
check_turned (const char *path, Pt2Archive *archive)
{
  Pt2ArchiveLayout layout = pt2_archive_get_layout (archive);
  if (layout != PT2_ARCHIVE_LAYOUT_LEGACY && layout != PT2_ARCHIVE_LAYOUT_PICKLED)
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_TODAY, &error);
  if (writer == NULL)
    return; /* counted by the test */
  g_autoptr (Pt2Archive) again = written (writer);
  ck_assert_int_eq (pt2_archive_get_layout (again), PT2_ARCHIVE_LAYOUT_RAW);
  const char *const *models = pt2_archive_get_models (archive);
  for (guint i = 0; models[i] != NULL; i++)
    {
      guint n;
      g_autoptr (Pt2Tensors) old = pt2_tensors_new (archive, models[i], NULL, &error);
      g_autoptr (Pt2Tensors) new = pt2_tensors_new (again, models[i], NULL, &error);
      ck_assert_msg (old != NULL && new != NULL, "%s: %s", path, error != NULL ? error->message : "");
      ck_assert_msg (*pt2_tensors_get_faults (new) == NULL, "%s: %s", path, models[i]);
      const Pt2Tensor *items = pt2_tensors_get (old, &n);
      for (guint j = 0; j < n; j++)
        check_tensor (old, &items[j], new);
    }
  turned++;
}

START_TEST (test_turned)
{
  foreach_archive (check_turned);
  ck_assert_uint_ge (turned, 80);
}
END_TEST

START_TEST (test_turned_extra)
{
  g_autoptr (Pt2Archive) archive = open_corpus ("torch-2.1.2/extra_files.pt2");
  g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_TODAY);
  g_autoptr (Pt2Archive) again = written (writer);
  guint n, extras = 0;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  for (guint i = 0; i < n; i++)
    {
      if (strcmp (records[i].role, "extra") != 0)
        continue;
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_strconcat ("extra/", records[i].name + strlen ("extra_files/"), NULL);
      g_autoptr (GBytes) want = pt2_archive_read (archive, records[i].name, &error);
      g_autoptr (GBytes) got = pt2_archive_read (again, name, &error);
      ck_assert_msg (got != NULL && g_bytes_equal (want, got), "%s", name);
      extras++;
    }
  ck_assert_uint_ge (extras, 1);
}
END_TEST

/* A P1 archive of a real program whose weights are PICKLE. */
static Pt2Archive *
with_weights (const char *pickle, size_t len)
{
  ZipBuilder inner, zip;
  GError *error = NULL;
  g_autoptr (Pt2Archive) real = open_corpus ("torch-2.15.0/mlp.pt2");
  g_autoptr (GBytes) program = pt2_archive_read (real, "models/model.json", NULL);
  zip_begin (&inner);
  zip_add_len (&inner, "archive/data.pkl", strlen ("archive/data.pkl"), pickle, len, ZIP_TORCH);
  zip_add (&inner, "archive/version", "3\n", ZIP_TORCH);
  zip_finish (&inner, ZIP_WIDE);
  g_autoptr (GBytes) file = zip_take (&inner);
  zip_begin (&zip);
  zip_add_len (&zip, "r/models/m.json", strlen ("r/models/m.json"), g_bytes_get_data (program, NULL),
               g_bytes_get_size (program), ZIP_TORCH);
  zip_add_len (&zip, "r/data/weights/m.pt", strlen ("r/data/weights/m.pt"), g_bytes_get_data (file, NULL),
               g_bytes_get_size (file), ZIP_TORCH);
  zip_add (&zip, "r/data/constants/m.pt", "", ZIP_TORCH);
  zip_add (&zip, "r/archive_format", "pt2", ZIP_TORCH);
  zip_add (&zip, "r/archive_version", "0", ZIP_TORCH);
  zip_finish (&zip, ZIP_WIDE);
  Pt2Archive *archive = open_built (&zip, &error);
  ck_assert_ptr_nonnull (archive);
  ck_assert_int_eq (pt2_archive_get_layout (archive), PT2_ARCHIVE_LAYOUT_PICKLED);
  return archive;
}

/* The pickle inside a payload of ARCHIVE. (transfer full) */
static GBytes *
pickle_of (Pt2Archive *archive, const char *record)
{
  g_autoptr (Pt2Archive) nested = pt2_archive_open_nested (archive, pt2_archive_find (archive, record), NULL);
  ck_assert_ptr_nonnull (nested);
  return pt2_archive_read (nested, "data.pkl", NULL);
}

/* What is no tensor goes along as the opcodes that make it, a memo made anew, whatever the protocol; nothing is run. */
START_TEST (test_objects)
{
  static const struct
  {
    const char *name, *pickle, *want;
    size_t len, want_len;
  } cases[] = {
#define CASE(name, pickle, want) { name, pickle, want, sizeof (pickle) - 1, sizeof (want) - 1 }
    CASE ("a call",
          "\x80\x02}q\x00X\x03\x00\x00\x00objq\001cos\nsystem\nq\x02X\x02\x00\x00\x00lsq\x03\x85q\x04Rq\x05s.",
          "\x80\x02"
          "cos\nsystem\nq\x00X\x02\x00\x00\x00lsq\001\x85q\x02Rq\x03."),
    CASE ("a memo of another item",
          "\x80\x02}q\x00(X\001\x00\x00\x00"
          "aq\001]q\x02K\x07"
          "aX\x03\x00\x00\x00objq\x03h\x02\x85q\x04u.",
          "\x80\x02]q\x00K\x07"
          "a\x85q\001."),
    CASE ("a list that holds itself",
          "\x80\x02}q\x00X\x03\x00\x00\x00objq\001]q\x02h\x02"
          "as.",
          "\x80\x02]q\x00h\x00"
          "a."),
    CASE ("frames and short texts",
          "\x80\x04\x95\x12\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x03obj\x94\x8c\x02os\x94\x8c\x04name\x94\x93\x94s.",
          "\x80\x04\x8c\x02osq\x00\x8c\x04nameq\001\x93q\x02."),
#undef CASE
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Pt2Archive) archive = with_weights (cases[i].pickle, cases[i].len);
      g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_TODAY);
      g_autoptr (Pt2Archive) again = written (writer);
      g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (again, NULL, NULL, NULL);
      const Pt2Tensor *object = pt2_tensors_find (tensors, "obj");
      ck_assert_msg (object != NULL && object->fault == NULL && object->form == PT2_TENSOR_OBJECT, "%s", cases[i].name);
      g_autoptr (GBytes) got = pickle_of (again, object->record);
      g_autoptr (GBytes) want = g_bytes_new_static (cases[i].want, cases[i].want_len);
      ck_assert_msg (g_bytes_equal (got, want), "%s", cases[i].name);
    }
}
END_TEST

/* What cannot be cut out of its pickle is refused, and says why. */
START_TEST (test_no_place)
{
  static const struct
  {
    const char *pickle, *why;
    size_t len;
  } cases[] = {
#define CASE(pickle, why) { pickle, why, sizeof (pickle) - 1 }
    CASE ("\x80\x02}q\x00(X\001\x00\x00\x00"
          "aq\001]q\x02X\x03\x00\x00\x00objq\x03h\x02K\x07"
          "au.",
          "a value that is changed after it was made"),
    CASE ("\x80\x02}q\x00X\x03\x00\x00\x00objq\001K\x07"
          "2\x86s.",
          "an opcode that torch.save does not write"),
    CASE ("\x80\x02}q\x00X\x03\x00\x00\x00objq\001h\x00s.", "\"obj\" is pickled, and has a part that contains it"),
#undef CASE
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GError *error = NULL;
      g_autoptr (Pt2Archive) archive = with_weights (cases[i].pickle, cases[i].len);
      ck_assert_ptr_null (pt2_archive_writer_new_from_archive (archive, PT2_WRITER_TODAY, &error));
      expect_error (error, PT2_ERROR_R011, cases[i].why);
    }
}
END_TEST

/* A list that many values share is copied for each of them: not without end. */
START_TEST (test_shared)
{
  GError *error = NULL;
  static const char head[] = "\x80\x02}q\x00(X\x01\x00\x00\x00-](";
  GByteArray *pickle = g_byte_array_new ();
  g_byte_array_append (pickle, (const guint8 *)head, sizeof head - 1);
  for (int i = 0; i < 20000; i++)
    g_byte_array_append (pickle, (const guint8 *)"K\x07", 2);
  g_byte_array_append (pickle, (const guint8 *)"eq\x01", 3);
  for (int i = 0; i < 1000; i++)
    {
      char item[] = "X\x04\x00\x00\x00____h\x01";
      g_snprintf (item + 5, 5, "%04d", i);
      item[9] = 'h';
      g_byte_array_append (pickle, (const guint8 *)item, sizeof item - 1);
    }
  g_byte_array_append (pickle, (const guint8 *)"u.", 2);
  g_autoptr (Pt2Archive) archive = with_weights ((const char *)pickle->data, pickle->len);
  ck_assert_ptr_null (pt2_archive_writer_new_from_archive (archive, PT2_WRITER_TODAY, &error));
  expect_error (error, PT2_ERROR_L003, "pickled tensors in memory");
  g_byte_array_unref (pickle);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_identity, 1 },         { test_kept, 1 },           { test_new, 1 },
    { test_serialization_id, 1 }, { test_edit, 1 },           { test_refused_names, 1 },
    { test_function_source, 1 },  { test_function_fails, 1 }, { test_file_source, 1 },
    { test_record_source, 1 },    { test_turned, 1 },         { test_turned_extra, 1 },
    { test_objects, 1 },          { test_no_place, 1 },       { test_shared, 1 },
  };
  return RUN_SUITE ("archive_write", cases);
}
