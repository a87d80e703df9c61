/* SPDX-License-Identifier: Apache-2.0 */
#include "content_program.h"
#include "program.h"
#include "pt2-content-id.h"
#include "pt2-strip.h"
#include "sort.h"
#include "text.h"
#include <string.h>

/* A tensor of the tree. */
typedef struct
{
  Pt2String fqn;
  uint8_t digest[PT2_SHA256_LEN];
} Leaf;

typedef struct
{
  Leaf *leaves;
  uint32_t n;
  uint32_t n_unread;
} Tree;

static bool
no_memory (GError **error)
{
  return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
}

typedef struct
{
  const void *data;
  size_t len;
} Piece;

static bool
hash_pieces (const Piece *pieces, size_t n, uint8_t digest[PT2_SHA256_LEN])
{
  Pt2Sha256 hash;
  if (!pt2_sha256_begin (&hash))
    return false;
  for (size_t i = 0; i < n; i++)
    pt2_sha256_add (&hash, pieces[i].data, pieces[i].len);
  pt2_sha256_end (&hash, digest);
  return true;
}

/* ---- the program ---- */

/* Of majors 1 to 7, which are no structs: their text without debug text. */
static bool
hash_text (Pt2Program *program, const Pt2Limits *limits, uint8_t digest[PT2_SHA256_LEN], GError **error)
{
  g_autoptr (Pt2Program) bare = pt2_program_strip (program, PT2_STRIP_ALL_DEBUG, limits, NULL, error);
  if (bare == NULL)
    return false;
  const Piece pieces[]
      = { { "pt2h1 program\n", 14 }, { g_bytes_get_data (bare->bytes, NULL), g_bytes_get_size (bare->bytes) } };
  return hash_pieces (pieces, G_N_ELEMENTS (pieces), digest) || no_memory (error);
}

static bool
hash_program (Pt2Program *program, const Pt2Limits *limits, uint8_t digest[PT2_SHA256_LEN], GError **error)
{
  return pt2_program_get_exported_program (program) != NULL ? content_program (program, limits, digest, error)
                                                            : hash_text (program, limits, digest, error);
}

/* ---- tensors ---- */

/* TYPE: as it counts, with the shape. ELEMENTS: their hash; NULL if they cannot be had. */
static bool
add_leaf (Tree *tree, Pt2String fqn, Pt2String type, const uint8_t *elements, GError **error)
{
  Leaf *leaf = &tree->leaves[tree->n++];
  leaf->fqn = fqn;
  tree->n_unread += elements == NULL;
  const Piece pieces[] = { { "pt2h1 tensor\n", 13 },
                           { fqn.data, fqn.len },
                           { "", 1 },
                           { type.data, type.len },
                           { "", 1 },
                           { elements, elements != NULL ? PT2_SHA256_LEN : 0 } };
  return hash_pieces (pieces, G_N_ELEMENTS (pieces), leaf->digest) || no_memory (error);
}

static GString *
type_text (const char *dtype, const gint64 *shape, guint n_dims)
{
  GString *type = g_string_new (dtype);
  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (type, i == 0 ? " %" G_GINT64_FORMAT : ",%" G_GINT64_FORMAT, shape[i]);
  return type;
}

static bool
add_shaped_leaf (Tree *tree, Pt2String fqn, const char *dtype, const gint64 *shape, guint n_dims,
                 const uint8_t *elements, GError **error)
{
  g_autoptr (GString) type = type_text (dtype, shape, n_dims);
  return add_leaf (tree, fqn, (Pt2String){ type->str, (uint32_t)type->len }, elements, error);
}

static bool
make_room (Tree *tree, size_t n, GError **error)
{
  tree->leaves = n < UINT32_MAX ? g_try_new (Leaf, n + 1) : NULL;
  return tree->leaves != NULL || no_memory (error);
}

static bool
add_tensors (Tree *tree, Pt2Tensors *tensors, guint n_threads, GError **error)
{
  guint n;
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  const GError *const *faults = pt2_tensors_get_faults (tensors);
  if (*faults != NULL)
    {
      g_propagate_error (error, g_error_copy (*faults));
      return false;
    }
  Pt2TensorHash *hashes
      = make_room (tree, n, error) ? pt2_tensors_sha256 (tensors, n_threads, NULL, NULL, error) : NULL;
  bool fine = hashes != NULL;
  for (guint i = 0; fine && i < n; i++)
    {
      const Pt2Tensor *item = &items[i];
      const GError *fault = item->fault != NULL ? item->fault : hashes[i].error;
      if (fault != NULL)
        fine = (g_propagate_error (error, g_error_copy (fault)), false);
      else if (item->form != PT2_TENSOR_OBJECT && item->form != PT2_TENSOR_ABSENT && item->dtype != NULL)
        fine = add_shaped_leaf (tree, item->fqn, item->dtype, item->shape, item->n_dims,
                                hashes[i].known ? hashes[i].digest : NULL, error);
    }
  if (hashes != NULL)
    pt2_tensor_hashes_free (tensors, hashes);
  return fine;
}

/* What the metadata says of tensors under names that no tensor of the file has: which of the file it is, if weights are
 * tied, or what there was of it. */
typedef struct
{
  Pt2Safetensors *file;
  Pt2String *names, *values;
  guint n;
} Entries;

static void
count_entry (Pt2String key, Pt2String value, gpointer data)
{
  ++*(guint *)data;
}

static void
take_entry (Pt2String key, Pt2String value, gpointer data)
{
  Entries *entries = data;
  g_autofree char *name = g_strndup (key.data, key.len);
  if (pt2_safetensors_find (entries->file, name) != NULL)
    return;
  entries->names[entries->n] = key;
  entries->values[entries->n++] = value;
}

static const char left_out[] = "pt2h1 tensor ";

static bool
read_digest (const char *text, uint8_t digest[PT2_SHA256_LEN])
{
  for (int i = 0; i < PT2_SHA256_LEN; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = high >= 0 ? g_ascii_xdigit_value (text[2 * i + 1]) : -1;
      if (low < 0)
        return false;
      digest[i] = (uint8_t)(high << 4 | low);
    }
  return true;
}

/* What pt2_content_id_name_left_out() wrote. */
static bool
add_left_out (Tree *tree, Pt2String fqn, Pt2String value, GError **error)
{
  const uint32_t before = sizeof left_out - 1, behind = 2 * PT2_SHA256_LEN + 1;
  uint8_t digest[PT2_SHA256_LEN];
  if (value.len < before || memcmp (value.data, left_out, before) != 0)
    return true;
  Pt2String type = { value.data + before, value.len - before };
  bool known = type.len > behind && type.data[type.len - behind] == ' '
               && read_digest (type.data + type.len - behind + 1, digest);
  type.len -= known ? behind : 0;
  return add_leaf (tree, fqn, type, known ? digest : NULL, error);
}

static bool
add_item (Tree *tree, Pt2Safetensors *file, const Pt2SafetensorsItem *item, Pt2String fqn, GError **error)
{
  uint8_t digest[PT2_SHA256_LEN];
  g_autoptr (GBytes) bytes = pt2_safetensors_get_bytes (file, item);
  const Piece piece = { g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes) };
  if (!hash_pieces (&piece, 1, digest))
    return no_memory (error);
  return add_shaped_leaf (tree, fqn, item->dtype != NULL ? item->dtype : item->type, item->shape, item->n_dims, digest,
                          error);
}

static bool
add_entry (Tree *tree, const Entries *entries, guint i, GError **error)
{
  g_autofree char *other = g_strndup (entries->values[i].data, entries->values[i].len);
  const Pt2SafetensorsItem *tied = pt2_safetensors_find (entries->file, other);
  return tied != NULL ? add_item (tree, entries->file, tied, entries->names[i], error)
                      : add_left_out (tree, entries->names[i], entries->values[i], error);
}

static bool
add_safetensors (Tree *tree, Pt2Safetensors *file, GError **error)
{
  guint n, n_entries = 0;
  const Pt2SafetensorsItem *items = pt2_safetensors_get (file, &n);
  pt2_safetensors_foreach_metadata (file, count_entry, &n_entries);
  g_autofree Pt2String *names = g_try_new (Pt2String, (gsize)n_entries + 1);
  g_autofree Pt2String *values = g_try_new (Pt2String, (gsize)n_entries + 1);
  Entries entries = { file, names, values, 0 };
  if (names == NULL || values == NULL)
    return no_memory (error);
  if (!make_room (tree, (size_t)n + n_entries, error))
    return false;
  pt2_safetensors_foreach_metadata (file, take_entry, &entries);
  for (guint i = 0; i < n; i++)
    if (!add_item (tree, file, &items[i], items[i].name, error))
      return false;
  for (guint i = 0; i < entries.n; i++)
    if (!add_entry (tree, &entries, i, error))
      return false;
  return true;
}

/* What becomes of a tensor that safetensors cannot hold: its type, and the hash of its elements if there is one. */
static void
name_left_out (Pt2SafetensorsWriter *writer, Pt2Tensors *tensors, const Pt2Tensor *item)
{
  guint8 digest[PT2_SHA256_BYTES];
  g_autoptr (GString) value = type_text (item->dtype, item->shape, item->n_dims);
  g_autofree char *name = g_strndup (item->fqn.data, item->fqn.len);
  g_string_prepend (value, left_out);
  if (pt2_tensor_sha256 (tensors, item, digest, NULL))
    for (guint i = 0; i < PT2_SHA256_BYTES; i++)
      g_string_append_printf (value, i == 0 ? " %02x" : "%02x", digest[i]);
  if (g_utf8_validate (name, -1, NULL))
    pt2_safetensors_writer_set_metadata (writer, name, value->str);
}

void
pt2_content_id_name_left_out (Pt2SafetensorsWriter *writer, Pt2Tensors *tensors)
{
  guint n;
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  const Pt2SafetensorsFate *fates = pt2_safetensors_writer_get_fates (writer);
  for (guint i = 0; i < n; i++)
    if (fates[i].kept_as == NULL && items[i].form != PT2_TENSOR_OBJECT && items[i].form != PT2_TENSOR_ABSENT
        && items[i].dtype != NULL)
      name_left_out (writer, tensors, &items[i]);
}

/* ---- the tree ---- */

static int
by_name (uint32_t a, uint32_t b, const void *data)
{
  const Leaf *one = (const Leaf *)data + a, *two = (const Leaf *)data + b;
  int order = pt2_text_compare (one->fqn, two->fqn);
  return order != 0 ? order : memcmp (one->digest, two->digest, PT2_SHA256_LEN);
}

/* Two hashes become one, row by row; the last of an odd row goes up as it is. */
static bool
hash_rows (uint8_t (*row)[PT2_SHA256_LEN], uint32_t n)
{
  for (; n > 1; n = (n + 1) / 2)
    for (uint32_t i = 0; i < n; i += 2)
      {
        const Piece pieces[]
            = { { "pt2h1 pair\n", 11 }, { row[i], PT2_SHA256_LEN }, { row[MIN (i + 1, n - 1)], PT2_SHA256_LEN } };
        if (i + 1 == n)
          memmove (row[i / 2], row[i], PT2_SHA256_LEN);
        else if (!hash_pieces (pieces, G_N_ELEMENTS (pieces), row[i / 2]))
          return false;
      }
  return true;
}

static bool
hash_tree (const Tree *tree, Pt2ContentFunc func, gpointer data, uint8_t digest[PT2_SHA256_LEN], GError **error)
{
  const Piece empty = { "pt2h1 empty\n", 12 };
  if (tree->n == 0)
    return hash_pieces (&empty, 1, digest) || no_memory (error);
  g_autofree uint32_t *order = g_try_new (uint32_t, tree->n);
  g_autofree uint8_t (*row)[PT2_SHA256_LEN] = g_try_malloc_n (tree->n, sizeof *row);
  if (order == NULL || row == NULL)
    return no_memory (error);
  for (uint32_t i = 0; i < tree->n; i++)
    order[i] = i;
  pt2_sort (order, tree->n, by_name, tree->leaves);
  for (uint32_t i = 0; i < tree->n; i++)
    {
      const Leaf *leaf = &tree->leaves[order[i]];
      memcpy (row[i], leaf->digest, PT2_SHA256_LEN);
      if (func != NULL)
        func (leaf->fqn, leaf->digest, data);
    }
  if (!hash_rows (row, tree->n))
    return no_memory (error);
  memcpy (digest, row[0], PT2_SHA256_LEN);
  return true;
}

gboolean
pt2_content_id (Pt2Program *program, Pt2Tensors *tensors, Pt2Safetensors *weights, guint n_threads,
                const Pt2Limits *limits, Pt2ContentFunc func, gpointer data, Pt2ContentId *id, GError **error)
{
  Tree tree = { 0 };
  bool fine = hash_program (program, limits, id->graph, error);
  if (fine && weights != NULL)
    fine = add_safetensors (&tree, weights, error);
  else if (fine && tensors != NULL)
    fine = add_tensors (&tree, tensors, n_threads, error);
  fine = fine && hash_tree (&tree, func, data, id->weights, error);
  const Piece pieces[] = { { "pt2h1 content\n", 14 }, { id->graph, PT2_SHA256_LEN }, { id->weights, PT2_SHA256_LEN } };
  if (fine && !hash_pieces (pieces, G_N_ELEMENTS (pieces), id->content))
    fine = no_memory (error);
  id->n_tensors = tree.n;
  id->n_unread = tree.n_unread;
  g_free (tree.leaves);
  return fine;
}
