/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"
#include "status.h"
#include "tensor_distance.h"
#include <string.h>

typedef struct
{
  Pt2Tensors *sides[2];
  guint ignore;
  gboolean values;
  Pt2TensorChange *changes;
  guint n, room;
  Pt2ProgressFunc progress;
  gpointer data;
  guint64 done, total;
} Work;

static bool
fail_memory (GError **error)
{
  return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
}

static Pt2TensorChange *
new_change (Work *work, Pt2DiffKind kind, const Pt2Tensor *old, const Pt2Tensor *new, GError **error)
{
  if (work->n == work->room)
    {
      guint room = MAX (16, work->room * 2);
      Pt2TensorChange *grown = work->room < G_MAXUINT / 4 ? g_try_renew (Pt2TensorChange, work->changes, room) : NULL;
      if (grown == NULL)
        {
          fail_memory (error);
          return NULL;
        }
      work->changes = grown;
      work->room = room;
    }
  Pt2TensorChange *change = &work->changes[work->n++];
  *change = (Pt2TensorChange){ .kind = kind, .old_tensor = old, .new_tensor = new };
  return change;
}

/* ---- what is said of a tensor ---- */

static bool
same_shape (const Pt2Tensor *a, const Pt2Tensor *b)
{
  if (a->n_dims != b->n_dims || (a->shape == NULL) != (b->shape == NULL))
    return false;
  return a->shape == NULL || a->n_dims == 0 || memcmp (a->shape, b->shape, a->n_dims * sizeof *a->shape) == 0;
}

static bool
same_description (const Work *work, const Pt2Tensor *a, const Pt2Tensor *b)
{
  return a->role == b->role && a->form == b->form && a->requires_grad == b->requires_grad
         && a->persistent == b->persistent && g_strcmp0 (a->dtype, b->dtype) == 0 && same_shape (a, b)
         && g_strcmp0 (a->class_name, b->class_name) == 0 && g_strcmp0 (a->layout, b->layout) == 0
         && ((work->ignore & PT2_DIFF_IGNORE_DEVICE) != 0 || g_strcmp0 (a->device, b->device) == 0);
}

/* ---- what a tensor holds ---- */

/* Its elements; of what is no tensor the bytes that the archive holds. */
static GBytes *
content_of (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error)
{
  if (tensor->form == PT2_TENSOR_STRIDED)
    return pt2_tensor_get_bytes (tensors, tensor, error);
  return pt2_tensor_get_storage (tensors, tensor, error);
}

/* Has it no elements in the archive by its own word? */
static bool
is_hollow (const Pt2Tensor *tensor)
{
  return tensor->form == PT2_TENSOR_ABSENT;
}

static void
hash_content (Work *work, Pt2TensorChange *change)
{
  if (change->old_tensor != NULL && change->old_tensor->form == PT2_TENSOR_STRIDED)
    change->old_hashed = pt2_tensor_sha256 (work->sides[0], change->old_tensor, change->old_hash, NULL);
  if (change->new_tensor != NULL && change->new_tensor->form == PT2_TENSOR_STRIDED)
    change->new_hashed = pt2_tensor_sha256 (work->sides[1], change->new_tensor, change->new_hash, NULL);
}

static void
measure (Work *work, Pt2TensorChange *change, GBytes *old, GBytes *new)
{
  const Pt2Tensor *a = change->old_tensor, *b = change->new_tensor;
  if (work->values && a->form == PT2_TENSOR_STRIDED && b->form == PT2_TENSOR_STRIDED && same_shape (a, b))
    pt2_tensor_distance (a->dtype, g_bytes_get_data (old, NULL), b->dtype, g_bytes_get_data (new, NULL), a->numel,
                         &change->distance);
}

/* What both hold. Adds a change if anything differs. */
static bool
compare_pair (Work *work, const Pt2Tensor *old, const Pt2Tensor *new, GError **error)
{
  bool described = !same_description (work, old, new), elements = false;
  g_autoptr (GError) fault = NULL;
  g_autoptr (GBytes) a = NULL, b = NULL;
  if (!is_hollow (old) && !is_hollow (new))
    {
      a = content_of (work->sides[0], old, &fault);
      b = a != NULL ? content_of (work->sides[1], new, &fault) : NULL;
      elements = b != NULL && !g_bytes_equal (a, b);
    }
  if (!described && !elements && fault == NULL)
    return true;
  Pt2TensorChange *change = new_change (work, PT2_DIFF_CHANGED, old, new, error);
  if (change == NULL)
    return false;
  change->described = described;
  change->elements = elements;
  change->error = g_steal_pointer (&fault);
  if (elements)
    {
      hash_content (work, change);
      measure (work, change, a, b);
    }
  return true;
}

static bool
show_progress (Work *work, const Pt2Tensor *tensor, GError **error)
{
  work->done += tensor->nbytes;
  if (work->progress == NULL || work->progress (work->done, work->total, work->data))
    return true;
  return pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "");
}

static bool
compare_all (Work *work, GError **error)
{
  guint n_old, n_new;
  const Pt2Tensor *old = pt2_tensors_get (work->sides[0], &n_old), *new = pt2_tensors_get (work->sides[1], &n_new);
  for (guint i = 0; i < n_old; i++)
    {
      g_autofree char *name = g_strndup (old[i].fqn.data, old[i].fqn.len);
      const Pt2Tensor *other = pt2_tensors_find (work->sides[1], name);
      if (other == NULL ? new_change (work, PT2_DIFF_REMOVED, &old[i], NULL, error) == NULL
                        : !compare_pair (work, &old[i], other, error))
        return false;
      if (!show_progress (work, &old[i], error))
        return false;
    }
  for (guint j = 0; j < n_new; j++)
    {
      g_autofree char *name = g_strndup (new[j].fqn.data, new[j].fqn.len);
      if (pt2_tensors_find (work->sides[0], name) == NULL
          && new_change (work, PT2_DIFF_ADDED, NULL, &new[j], error) == NULL)
        return false;
    }
  return true;
}

Pt2TensorChange *
pt2_diff_tensors (Pt2Tensors *old_tensors, Pt2Tensors *new_tensors, guint ignore, gboolean values, guint *n,
                  Pt2ProgressFunc progress, gpointer data, GError **error)
{
  guint64 old_bytes;
  Work work = {
    .sides = { old_tensors, new_tensors }, .ignore = ignore, .values = values, .progress = progress, .data = data
  };
  *n = 0;
  if (!pt2_tensors_check_cost (old_tensors, &old_bytes, error) || !pt2_tensors_check_cost (new_tensors, NULL, error))
    return NULL;
  work.total = old_bytes;
  work.changes = g_try_new0 (Pt2TensorChange, 16);
  work.room = 16;
  if (work.changes == NULL ? !fail_memory (error) : !compare_all (&work, error))
    {
      pt2_tensor_changes_free (work.changes, work.n);
      return NULL;
    }
  *n = work.n;
  return work.changes;
}

void
pt2_tensor_changes_free (Pt2TensorChange *changes, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_error (&changes[i].error);
  g_free (changes);
}
