/* SPDX-License-Identifier: Apache-2.0 */
/* lib/compare: tensors and records of two archives, and how far numbers are apart. */
#include "corpus.h"
#include "pt2-diff-tensors.h"
#include "suite.h"
#include "tensor_distance.h"
#include <math.h>

/* ---- numbers ---- */

static Pt2TensorDistance
apart (const char *dtype, const void *old, const void *new, guint64 n)
{
  Pt2TensorDistance distance;
  ck_assert (pt2_tensor_distance (dtype, old, dtype, new, n, &distance));
  ck_assert (distance.known && distance.has_steps);
  return distance;
}

START_TEST (floats_apart)
{
  const float old[] = { 1, 0, NAN, NAN, INFINITY, 1, -1e-45f, 2 };
  const float new[] = { 1, -0.0f, NAN, 1, INFINITY, nextafterf (1, 2), 1e-45f, 4 };
  Pt2TensorDistance d = apart ("float32", old, new, 8);
  ck_assert_uint_eq (d.count, 8);
  ck_assert_uint_eq (d.different, 4);
  ck_assert_uint_eq (d.old_nan, 2);
  ck_assert_uint_eq (d.new_nan, 1);
  ck_assert_double_eq (d.most, 2);
  ck_assert_double_eq (d.most_relative, 2);
  ck_assert_uint_eq (d.steps[0], 3);  /* 1, both zeros, infinity */
  ck_assert_uint_eq (d.steps[1], 1);  /* the next float */
  ck_assert_uint_eq (d.steps[2], 1);  /* across zero: two */
  ck_assert_uint_eq (d.steps[24], 1); /* 2^23 floats from 2 to 4 */
  const float infinite[] = { INFINITY }, one[] = { 1 };
  d = apart ("float32", infinite, one, 1);
  ck_assert (isinf (d.most) && isinf (d.most_relative));
}
END_TEST

START_TEST (integers_apart)
{
  const gint64 old[] = { G_MININT64, -1, 5 }, new[] = { G_MAXINT64, 1, 5 };
  Pt2TensorDistance d = apart ("int64", old, new, 3);
  ck_assert_uint_eq (d.different, 2);
  ck_assert_uint_eq (d.steps[64], 1); /* 2^64 - 1 */
  ck_assert_uint_eq (d.steps[2], 1);
  const guint8 bytes[] = { 0, 255 }, others[] = { 255, 254 };
  d = apart ("uint8", bytes, others, 2);
  ck_assert_double_eq (d.most, 255);
  ck_assert_uint_eq (d.steps[8], 1);
  ck_assert_uint_eq (d.steps[1], 1);
}
END_TEST

START_TEST (other_types_apart)
{
  const guint16 halves[] = { 0x3c00, 0x8000 }, others[] = { 0x3c01, 0x0000 };
  Pt2TensorDistance d = apart ("float16", halves, others, 2);
  ck_assert_uint_eq (d.steps[1], 1);
  ck_assert_uint_eq (d.steps[0], 1);
  const guint8 exponents[] = { 127 }, doubled[] = { 129 };
  d = apart ("float8_e8m0fnu", exponents, doubled, 1);
  ck_assert_double_eq (d.most, 3);
  ck_assert_uint_eq (d.steps[2], 1);
  const float parts[] = { 1, 2 }, changed[] = { 1, 3 };
  d = apart ("complex64", parts, changed, 1);
  ck_assert_uint_eq (d.count, 2);
  ck_assert_uint_eq (d.different, 1);
  const guint16 bfloats[] = { 0x3f80 };
  const float singles[] = { 1.5f };
  ck_assert (pt2_tensor_distance ("bfloat16", (const guint8 *)bfloats, "float32", (const guint8 *)singles, 1, &d));
  ck_assert (!d.has_steps && d.most == 0.5);
  ck_assert (!pt2_tensor_distance ("complex64", (const guint8 *)parts, "float32", (const guint8 *)singles, 1, &d));
  ck_assert (!pt2_tensor_distance ("quint8", (const guint8 *)parts, "quint8", (const guint8 *)parts, 1, &d));
  ck_assert (!pt2_tensor_distance (NULL, NULL, NULL, NULL, 0, &d));
}
END_TEST

/* ---- archives ---- */

static Pt2Archive *
corpus_archive (const char *name)
{
  g_autofree char *path = corpus_path (name);
  Pt2Archive *archive = pt2_archive_new_from_file (path, NULL, NULL);
  ck_assert_ptr_nonnull (archive);
  return archive;
}

static Pt2TensorChange *
compare (Pt2Tensors *old, Pt2Tensors *new, guint *n)
{
  GError *error = NULL;
  Pt2TensorChange *changes = pt2_diff_tensors (old, new, 0, TRUE, n, NULL, NULL, &error);
  ck_assert_msg (changes != NULL, "%s", error != NULL ? error->message : "");
  return changes;
}

/* The same weights in two layouts; other weights of the same names. */
START_TEST (tensors_of_archives)
{
  g_autoptr (Pt2Archive) old = corpus_archive ("torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Archive) trained = corpus_archive ("torch-2.15.0/mlp_train.pt2");
  g_autoptr (Pt2Archive) other = corpus_archive ("torch-2.15.0/convnet.pt2");
  g_autoptr (Pt2Tensors) a = pt2_tensors_new (old, NULL, NULL, NULL), b = pt2_tensors_new (trained, NULL, NULL, NULL);
  g_autoptr (Pt2Tensors) c = pt2_tensors_new (other, NULL, NULL, NULL);
  guint n, n_old, n_new;
  Pt2TensorChange *changes = compare (a, a, &n);
  ck_assert_uint_eq (n, 0);
  pt2_tensor_changes_free (changes, n);
  changes = compare (a, c, &n);
  pt2_tensors_get (a, &n_old);
  pt2_tensors_get (c, &n_new);
  ck_assert_uint_eq (n, n_old + n_new);
  for (guint i = 0; i < n; i++)
    ck_assert_int_eq (changes[i].kind, changes[i].new_tensor == NULL ? PT2_DIFF_REMOVED : PT2_DIFF_ADDED);
  pt2_tensor_changes_free (changes, n);
  changes = compare (a, b, &n);
  for (guint i = 0; i < n; i++)
    ck_assert (changes[i].old_hashed == changes[i].elements && changes[i].error == NULL);
  pt2_tensor_changes_free (changes, n);
}
END_TEST

static gboolean
stop (guint64 done, guint64 total, gpointer data)
{
  return FALSE;
}

START_TEST (progress_can_stop)
{
  g_autoptr (Pt2Archive) archive = corpus_archive ("torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;
  guint n;
  ck_assert_ptr_null (pt2_diff_tensors (tensors, tensors, 0, FALSE, &n, stop, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F006));
}
END_TEST

START_TEST (records_of_archives)
{
  g_autoptr (Pt2Archive) old = corpus_archive ("torch-2.15.0/extra_files.pt2");
  g_autoptr (Pt2Archive) legacy = corpus_archive ("torch-2.7.1/no_sample_inputs.pt2");
  const Pt2Record *program = pt2_archive_choose_model (old, NULL, NULL);
  const Pt2Record *old_program = pt2_archive_choose_model (legacy, NULL, NULL);
  guint n;
  Pt2RecordChange *changes = pt2_diff_records (old, program, old, program, &n, NULL);
  ck_assert_uint_eq (n, 0);
  pt2_record_changes_free (changes, n);
  changes = pt2_diff_records (legacy, old_program, old, program, &n, NULL);
  ck_assert_ptr_nonnull (changes);
  ck_assert_uint_gt (n, 0);
  for (guint i = 0; i < n; i++)
    {
      const Pt2Record *record = changes[i].new_record != NULL ? changes[i].new_record : changes[i].old_record;
      ck_assert_str_ne (record->role, "version");
      ck_assert_str_ne (record->role, "format");
    }
  pt2_record_changes_free (changes, n);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { floats_apart, 1 },        { integers_apart, 1 },    { other_types_apart, 1 },
                             { tensors_of_archives, 1 }, { progress_can_stop, 1 }, { records_of_archives, 1 } };
  return RUN_SUITE ("diff_tensors", cases);
}
