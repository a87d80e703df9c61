/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between the tensors of two programs, and between the other records of two archives.
 *
 * Tensors are matched by name. What counts is what a program is given: type, shape, whether gradients flow, and the
 * elements in row-major order; not how they lie in the archive. Elements are compared byte by byte where they lie;
 * nothing is hashed but what differs. Nothing is executed: objects are compared as bytes.
 *
 * Thread rule: the lists do not change once they are made: any number of threads may read them.
 * Since: 1.0
 */
#pragma once

#include "pt2-diff.h"
#include "pt2-tensor.h"

G_BEGIN_DECLS

#define PT2_STEP_BUCKETS 65

/**
 * Pt2TensorDistance: how far the elements of two tensors are apart.
 * @known: both were compared as numbers; complex ones as their parts
 * @count: numbers compared
 * @different: of these, how many are not the same
 * @old_nan: how many are no number in the old tensor
 * @new_nan: the same in the new one
 * @most: greatest absolute difference of two numbers
 * @most_relative: greatest difference divided by the greater of the two magnitudes
 * @has_steps: the types are the same, so that steps can be counted
 * @steps: by size, how many pairs are so many representable values apart ("units in the last place" of floating-point
 *   types): [0] none, [1] one, [2] 2 or 3, [k] 2^(k-1) to 2^k - 1; pairs with a NaN are in none
 *
 * Since: 1.0
 */
typedef struct
{
  gboolean known;
  guint64 count, different, old_nan, new_nan;
  double most, most_relative;
  gboolean has_steps;
  guint64 steps[PT2_STEP_BUCKETS];
} Pt2TensorDistance;

/**
 * Pt2TensorChange:
 * @kind: %PT2_DIFF_CHANGED, %PT2_DIFF_ADDED or %PT2_DIFF_REMOVED
 * @old_tensor: (nullable): in the old program
 * @new_tensor: (nullable): in the new one
 * @described: what is said of it differs: role, form, type, shape, device, gradients
 * @elements: the elements differ
 * @old_hash: SHA-256 of the old elements, if @old_hashed
 * @new_hash: SHA-256 of the new elements, if @new_hashed
 * @distance: if values were asked for
 * @error: (nullable): why elements could not be compared
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2DiffKind kind;
  const Pt2Tensor *old_tensor, *new_tensor;
  gboolean described, elements;
  gboolean old_hashed, new_hashed;
  guint8 old_hash[PT2_SHA256_BYTES], new_hash[PT2_SHA256_BYTES];
  Pt2TensorDistance distance;
  GError *error;
} Pt2TensorChange;

/**
 * pt2_diff_tensors:
 * @ignore: %PT2_DIFF_IGNORE_DEVICE: devices do not count
 * @values: also says how far elements are apart
 * @n: (out): how many
 * @progress: (nullable) (scope call): called in this thread with the bytes that are done
 *
 * Reads the elements of what both have.
 * Returns: (transfer full) (array length=n): free with pt2_tensor_changes_free(); lives no longer than the tensors;
 *   %NULL with F006 if @progress stopped it, L001, or L003 as by pt2_tensors_check_cost()
 * Since: 1.0
 */
PT2_API Pt2TensorChange *pt2_diff_tensors (Pt2Tensors *old_tensors, Pt2Tensors *new_tensors, guint ignore,
                                           gboolean values, guint *n, Pt2ProgressFunc progress, gpointer data,
                                           GError **error);
PT2_API void pt2_tensor_changes_free (Pt2TensorChange *changes, guint n);

/**
 * Pt2RecordChange:
 * @kind: %PT2_DIFF_CHANGED, %PT2_DIFF_ADDED or %PT2_DIFF_REMOVED
 * @old_record: (nullable): in the old archive
 * @new_record: (nullable): in the new one
 * @error: (nullable): why they could not be compared
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2DiffKind kind;
  const Pt2Record *old_record, *new_record;
  GError *error;
} Pt2RecordChange;

/**
 * pt2_diff_records:
 * @old_program: (nullable): the record of the program that is compared elsewhere; not compared here
 * @new_program: (nullable): the same in the new archive
 * @n: (out): how many
 *
 * Records that hold no weights, constants or lists of them, byte by byte: extra files, sample inputs, other programs,
 * native code, version records. An extra file and sample inputs are matched whatever the layouts of the archives call
 * them; records that only say which layout it is count between equal layouts. The serialization id, which PyTorch makes
 * of everything else, is left out.
 * Returns: (transfer full) (array length=n): free with pt2_record_changes_free(); lives no longer than the archives;
 *   %NULL with L001
 * Since: 1.0
 */
PT2_API Pt2RecordChange *pt2_diff_records (Pt2Archive *old_archive, const Pt2Record *old_program,
                                           Pt2Archive *new_archive, const Pt2Record *new_program, guint *n,
                                           GError **error);
PT2_API void pt2_record_changes_free (Pt2RecordChange *changes, guint n);

G_END_DECLS
