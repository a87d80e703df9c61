/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the header of a safetensors file and holds it against all that the format demands: its size, JSON without a
 * name twice, for each tensor a known type, a shape and a range of that many bytes, and ranges that cover the rest of
 * the file without gaps. Never reads an element.
 */
#include "json_tree.h"
#include "safetensors_private.h"
#include "sort.h"
#include "text.h"
#include <string.h>

struct _Pt2Safetensors
{
  gatomicrefcount references;
  GBytes *bytes;
  Pt2Arena arena; /* the header's tree, items, shapes */
  Pt2SafetensorsItem *items;
  uint32_t n;
  Pt2TextIndex index;
  const Pt2JsonNode *metadata; /* NULL: none */
};

G_DEFINE_BOXED_TYPE (Pt2Safetensors, pt2_safetensors, pt2_safetensors_ref, pt2_safetensors_unref)

Pt2Safetensors *
pt2_safetensors_ref (Pt2Safetensors *file)
{
  g_atomic_ref_count_inc (&file->references);
  return file;
}

void
pt2_safetensors_unref (Pt2Safetensors *file)
{
  if (file == NULL || !g_atomic_ref_count_dec (&file->references))
    return;
  pt2_text_index_clear (&file->index);
  pt2_arena_clear (&file->arena);
  g_bytes_unref (file->bytes);
  g_free (file);
}

/* ---- one tensor ---- */

static void *
take_memory (Pt2Safetensors *file, size_t n, size_t size, Pt2Status *status)
{
  void *p = n <= SIZE_MAX / size ? pt2_arena_alloc (&file->arena, n * size) : NULL;
  if (p == NULL)
    pt2_status_fail (status, file->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET,
                     "the list of tensors");
  return p;
}

static bool
fail_member (Pt2Status *status, const char *member, const char *what)
{
  pt2_status_fail (status, PT2_ERROR_W019, PT2_NO_OFFSET, "%s", what);
  pt2_status_prepend_field (status, member, strlen (member));
  return false;
}

static bool
read_type (const Pt2JsonNode *entry, Pt2SafetensorsItem *item, guint *bits, Pt2Status *status)
{
  const Pt2JsonNode *node = pt2_json_get (entry, "dtype");
  char shown[64];
  if (node == NULL || node->kind != PT2_JSON_STRING)
    return fail_member (status, "dtype", "not a text");
  guint row = pt2_safetensors_type_by_name (node->text);
  if (row == pt2_safetensors_n_types)
    {
      pt2_status_fail (status, PT2_ERROR_W023, PT2_NO_OFFSET, "\"%s\"",
                       pt2_text_escape (node->text.data, node->text.len, shown, sizeof shown));
      pt2_status_prepend_field (status, "dtype", strlen ("dtype"));
      return false;
    }
  item->type = pt2_safetensors_types[row].name;
  item->dtype = pt2_safetensors_types[row].dtype;
  *bits = pt2_safetensors_types[row].bits;
  return true;
}

static bool
read_shape (Pt2Safetensors *file, const Pt2JsonNode *entry, Pt2SafetensorsItem *item, Pt2Status *status)
{
  const Pt2JsonNode *node = pt2_json_get (entry, "shape");
  if (node == NULL || node->kind != PT2_JSON_ARRAY)
    return fail_member (status, "shape", "not a list");
  gint64 *shape = take_memory (file, (size_t)node->len + 1, sizeof *shape, status);
  if (shape == NULL)
    return false;
  for (uint32_t i = 0; i < node->len; i++)
    if (!pt2_json_integer (pt2_json_item (node, i), &shape[i]) || shape[i] < 0)
      return fail_member (status, "shape", "not a list of integers from 0 on");
  item->n_dims = node->len;
  item->shape = shape;
  return true;
}

/* Bytes from BEGIN to END behind the header. */
static bool
read_range (const Pt2JsonNode *entry, Pt2SafetensorsItem *item, Pt2Status *status)
{
  static const char what[] = "not two integers from 0 on, the first not above the second";
  const Pt2JsonNode *node = pt2_json_get (entry, "data_offsets");
  int64_t begin, end;
  if (node == NULL || node->kind != PT2_JSON_ARRAY || node->len != 2
      || !pt2_json_integer (pt2_json_item (node, 0), &begin) || !pt2_json_integer (pt2_json_item (node, 1), &end)
      || begin < 0 || end < begin)
    return fail_member (status, "data_offsets", what);
  item->offset = (guint64)begin;
  item->nbytes = (guint64)(end - begin);
  return true;
}

/* A dimension of 0 makes it empty, whatever the others would come to. False if they come to too much. */
static bool
count_bits (const Pt2SafetensorsItem *item, guint bits, guint64 *total)
{
  *total = 0;
  for (guint i = 0; i < item->n_dims; i++)
    if (item->shape[i] == 0)
      return true;
  *total = bits;
  for (guint i = 0; i < item->n_dims; i++)
    if (__builtin_mul_overflow (*total, (guint64)item->shape[i], total))
      return false;
  return true;
}

static bool
check_bytes (const Pt2SafetensorsItem *item, guint bits, Pt2Status *status)
{
  guint64 total;
  if (!count_bits (item, bits, &total))
    return pt2_status_fail (status, PT2_ERROR_W021, PT2_NO_OFFSET, "the shape has more elements than 64 bits count");
  if (total % 8 == 0 && total / 8 == item->nbytes)
    return true;
  return pt2_status_fail (status, PT2_ERROR_W021, PT2_NO_OFFSET,
                          "%" G_GUINT64_FORMAT " bytes, the shape has %" G_GUINT64_FORMAT " bits", item->nbytes, total);
}

static bool
read_entry (Pt2Safetensors *file, const Pt2JsonNode *entry, Pt2SafetensorsItem *item, Pt2Status *status)
{
  guint bits = 0;
  if (entry->kind != PT2_JSON_OBJECT)
    return pt2_status_fail (status, PT2_ERROR_W019, PT2_NO_OFFSET, "not an object");
  return read_type (entry, item, &bits, status) && read_shape (file, entry, item, status)
         && read_range (entry, item, status) && check_bytes (item, bits, status);
}

/* ---- all ---- */

static bool
read_metadata (Pt2Safetensors *file, const Pt2JsonNode *node, Pt2Status *status)
{
  if (node->kind != PT2_JSON_OBJECT)
    return pt2_status_fail (status, PT2_ERROR_W022, PT2_NO_OFFSET, "not an object");
  for (uint32_t i = 0; i < node->len; i++)
    if (node->members[i].value.kind != PT2_JSON_STRING)
      {
        pt2_status_fail (status, PT2_ERROR_W022, PT2_NO_OFFSET, "not a text");
        pt2_status_prepend_key (status, node->members[i].key.data, node->members[i].key.len);
        return false;
      }
  file->metadata = node;
  return true;
}

static bool
is_metadata (Pt2String key)
{
  return key.len == strlen (PT2_SAFETENSORS_METADATA) && memcmp (key.data, PT2_SAFETENSORS_METADATA, key.len) == 0;
}

static bool
read_member (Pt2Safetensors *file, const Pt2JsonMember *member, Pt2Status *status)
{
  Pt2SafetensorsItem *item = &file->items[file->n];
  if (is_metadata (member->key))
    return read_metadata (file, &member->value, status);
  *item = (Pt2SafetensorsItem){ .name = member->key };
  if (!read_entry (file, &member->value, item, status))
    return false;
  if (!pt2_text_index_add (&file->index, file->items, sizeof *file->items, file->n))
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "the list of tensors");
  file->n++;
  return true;
}

static bool
read_members (Pt2Safetensors *file, const Pt2JsonNode *root, Pt2Status *status)
{
  file->items = take_memory (file, (size_t)root->len + 1, sizeof *file->items, status);
  if (file->items == NULL)
    return false;
  for (uint32_t i = 0; i < root->len; i++)
    if (!read_member (file, &root->members[i], status))
      {
        pt2_status_prepend_key (status, root->members[i].key.data, root->members[i].key.len);
        return false;
      }
  return true;
}

static int
compare_ranges (uint32_t a, uint32_t b, const void *data)
{
  const Pt2SafetensorsItem *left = (const Pt2SafetensorsItem *)data + a, *right = (const Pt2SafetensorsItem *)data + b;
  if (left->offset != right->offset)
    return left->offset < right->offset ? -1 : 1;
  return (left->nbytes > right->nbytes) - (left->nbytes < right->nbytes);
}

/* One behind the other from 0 on, in whatever order the header has them, and nothing behind the last. */
static bool
check_cover (Pt2Safetensors *file, guint64 room, Pt2Status *status)
{
  uint32_t *order = take_memory (file, (size_t)file->n + 1, sizeof *order, status);
  guint64 end = 0;
  if (order == NULL)
    return false;
  for (uint32_t i = 0; i < file->n; i++)
    order[i] = i;
  pt2_sort (order, file->n, compare_ranges, file->items);
  for (uint32_t i = 0; i < file->n; i++)
    {
      const Pt2SafetensorsItem *item = &file->items[order[i]];
      if (item->offset != end)
        {
          pt2_status_fail (status, PT2_ERROR_W020, PT2_NO_OFFSET,
                           "it begins at %" G_GUINT64_FORMAT ", the one before ends at %" G_GUINT64_FORMAT,
                           item->offset, end);
          pt2_status_prepend_key (status, item->name.data, item->name.len);
          return false;
        }
      end += item->nbytes; /* what read_range() took from 63 bits */
    }
  return end == room
         || pt2_status_fail (status, PT2_ERROR_W020, PT2_NO_OFFSET,
                             "the tensors end at %" G_GUINT64_FORMAT ", there are %" G_GUINT64_FORMAT
                             " bytes behind the header",
                             end, room);
}

static bool
header_length (const uint8_t *data, size_t size, size_t *len, Pt2Status *status)
{
  guint64 number = 0;
  if (size < PT2_SAFETENSORS_LENGTH)
    return pt2_status_fail (status, PT2_ERROR_W017, 0, "the file has %zu bytes", size);
  for (guint i = 0; i < PT2_SAFETENSORS_LENGTH; i++)
    number |= (guint64)data[i] << (8 * i);
  if (number > PT2_SAFETENSORS_HEADER_MOST || number > size - PT2_SAFETENSORS_LENGTH)
    return pt2_status_fail (status, PT2_ERROR_W017, 0,
                            "%" G_GUINT64_FORMAT " bytes, the file has %zu, the format allows %d", number, size,
                            PT2_SAFETENSORS_HEADER_MOST);
  *len = (size_t)number;
  return true;
}

static bool
read_header (Pt2Safetensors *file, const Pt2Limits *limits, Pt2Status *status)
{
  size_t size, len = 0;
  const uint8_t *data = g_bytes_get_data (file->bytes, &size);
  if (!header_length (data, size, &len, status))
    return false;
  const char *text = (const char *)data + PT2_SAFETENSORS_LENGTH;
  if (len == 0 || text[0] != '{')
    return pt2_status_fail (status, PT2_ERROR_W019, PT2_SAFETENSORS_LENGTH, "it does not begin with \"{\"");
  const Pt2JsonNode *root = pt2_json_tree_read (&file->arena, text, len, limits, status);
  if (root == NULL)
    {
      if (status->offset != PT2_NO_OFFSET)
        status->offset += PT2_SAFETENSORS_LENGTH;
      return false;
    }
  if (!read_members (file, root, status) || !check_cover (file, size - PT2_SAFETENSORS_LENGTH - len, status))
    return false;
  for (uint32_t i = 0; i < file->n; i++)
    file->items[i].offset += PT2_SAFETENSORS_LENGTH + len;
  return true;
}

Pt2Safetensors *
pt2_safetensors_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (Pt2Safetensors) file = g_new0 (Pt2Safetensors, 1);
  if (limits == NULL)
    limits = pt2_limits_default ();
  g_atomic_ref_count_init (&file->references);
  file->bytes = g_bytes_ref (bytes);
  pt2_arena_init (&file->arena, limits->memory, 0);
  pt2_text_index_init (&file->index);
  if (read_header (file, limits, &status))
    return g_steal_pointer (&file);
  pt2_status_to_error (&status, error);
  return NULL;
}

Pt2Safetensors *
pt2_safetensors_new_from_file (const char *path, const Pt2Limits *limits, GError **error)
{
  g_autoptr (GBytes) bytes = pt2_map_file (path, error);
  return bytes != NULL ? pt2_safetensors_new_from_bytes (bytes, limits, error) : NULL;
}

/* ---- questions ---- */

const Pt2SafetensorsItem *
pt2_safetensors_get (Pt2Safetensors *file, guint *n)
{
  *n = file->n;
  return file->items;
}

const Pt2SafetensorsItem *
pt2_safetensors_find (Pt2Safetensors *file, const char *name)
{
  size_t len = strlen (name);
  if (len > UINT32_MAX)
    return NULL;
  uint32_t number
      = pt2_text_index_find (&file->index, file->items, sizeof *file->items, (Pt2String){ name, (uint32_t)len });
  return number != PT2_TEXT_INDEX_NONE ? &file->items[number] : NULL;
}

GBytes *
pt2_safetensors_get_bytes (Pt2Safetensors *file, const Pt2SafetensorsItem *item)
{
  return g_bytes_new_from_bytes (file->bytes, (gsize)item->offset, (gsize)item->nbytes);
}

void
pt2_safetensors_foreach_metadata (Pt2Safetensors *file, Pt2MetadataFunc func, gpointer data)
{
  for (uint32_t i = 0; i < pt2_json_length (file->metadata); i++)
    func (file->metadata->members[i].key, file->metadata->members[i].value.text, data);
}
