/* SPDX-License-Identifier: Apache-2.0 */
/* A pickle or torch.save file from anyone: read with small limits, walked over, its storages read, and listed. What is
 * read is listed without a fault too, holds to its own bounds, and gives the same values again. */
#include "pt2-pickle.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
must (bool holds, const char *what)
{
  if (holds)
    return;
  fprintf (stderr, "fuzz_pickle: %s\n", what);
  abort ();
}

static void
check_tensor (const Pt2PickleTensor *tensor)
{
  guint64 reach = (guint64)tensor->storage_offset, numel = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    {
      must (tensor->sizes[i] >= 0, "a negative size");
      numel *= (guint64)tensor->sizes[i];
      if (tensor->strides != NULL && tensor->sizes[i] > 0)
        reach += (guint64)(tensor->sizes[i] - 1) * (guint64)tensor->strides[i];
    }
  must (tensor->n_dims == 0 || tensor->numel == 0 || numel == tensor->numel, "another number of elements");
  if (tensor->storage != NULL && tensor->numel > 0)
    must (reach / tensor->dtype->per_byte * tensor->dtype->bytes < tensor->storage->bytes,
          "a view outside its storage");
}

/* Sees each value once, and its id below the number of values. */
typedef struct
{
  Pt2Pickle *pickle;
  guint8 *seen;
  guint64 bytes;
} Walk;

static void
check_value (const Pt2PickleValue *value, gpointer data)
{
  Walk *walk = data;
  must (value->id < pt2_pickle_get_n_values (walk->pickle) && !walk->seen[value->id], "an id twice or too large");
  walk->seen[value->id] = 1;
  if (value->kind == PT2_PICKLE_TENSOR)
    check_tensor (value->tensor);
  if (value->kind == PT2_PICKLE_TEXT || value->kind == PT2_PICKLE_BYTES)
    for (guint64 i = 0; i < value->text.len; i++)
      walk->bytes += (guint8)value->text.data[i];
}

static guint64
walk_over (Pt2Pickle *pickle)
{
  guint n;
  Walk walk = { pickle, g_new0 (guint8, (gsize)pt2_pickle_get_n_values (pickle) + 1), 0 };
  must (pt2_pickle_foreach (pickle, NULL, check_value, &walk, NULL), "a walk fails");
  g_free (walk.seen);
  const Pt2PickleStorage *const *storages = pt2_pickle_get_storages (pickle, &n);
  for (guint i = 0; i < n; i++)
    {
      must (storages[i]->index == i, "a storage out of order");
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = pt2_pickle_read_storage (pickle, storages[i], &error);
      must ((bytes == NULL) == (error != NULL), "neither bytes nor an error, or both");
      must (bytes == NULL || g_bytes_get_size (bytes) == storages[i]->bytes, "another size than the storage says");
    }
  g_autoptr (GError) error = NULL;
  must (pt2_pickle_check_tree (pickle, NULL, &error) == (error == NULL), "neither a tree nor an error, or both");
  return walk.bytes;
}

typedef struct
{
  guint64 next; /* where the next opcode must stand */
  guint pickle;
} Order;

static void
check_opcode (const Pt2PickleOpcode *opcode, gpointer data)
{
  Order *order = data;
  must (opcode->offset == order->next, "opcodes with a gap between them");
  must (g_utf8_validate (opcode->argument, -1, NULL) && strlen (opcode->argument) < 512, "an argument not for people");
  order->next += opcode->bytes;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 64 << 20;
  limits.inflated_size = 4 << 20;
  limits.records = 1000;
  g_autoptr (GError) error = NULL, fault = NULL, other = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Pickle) pickle = pt2_pickle_new_from_bytes (bytes, &limits, &error);
  must ((pickle == NULL) == (error != NULL), "neither a pickle nor an error, or both");
  Order order = { 0, 0 };
  g_autoptr (Pt2Pickle) listing = pt2_pickle_list (bytes, &limits, check_opcode, &order, &fault, &other);
  must ((listing == NULL) == (other != NULL), "neither a listing nor an error, or both");
  if (pickle == NULL)
    return 0;
  must (listing != NULL && fault == NULL, "what can be read cannot be listed");
  must (pt2_pickle_get_n_values (pickle) == pt2_pickle_get_n_values (listing), "other values when listed");
  g_autoptr (Pt2Pickle) again = pt2_pickle_new_from_bytes (bytes, &limits, NULL);
  must (again != NULL && walk_over (pickle) == walk_over (again), "reads differently the second time");
  return 0;
}
