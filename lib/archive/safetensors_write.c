/* SPDX-License-Identifier: Apache-2.0 */
/* Plans and writes a safetensors file of the tensors beside a program. Changes no tensor: what the format cannot
 * hold is left out and said so.
 */
#include "json_text.h"
#include "safetensors_private.h"
#include "sink.h"
#include "sort.h"
#include "text.h"
#include <string.h>

struct _Pt2SafetensorsWriter
{
  Pt2Tensors *tensors;
  const Pt2Tensor *items;
  guint n;
  Pt2SafetensorsFate *fates;
  guint *types;    /* of each item: its row in pt2_safetensors_types */
  uint32_t *order; /* items in the order of the file, n_order of them */
  guint n_order;
  GTree *metadata; /* text → text */
};

void
pt2_safetensors_writer_free (Pt2SafetensorsWriter *writer)
{
  if (writer == NULL)
    return;
  for (guint i = 0; writer->fates != NULL && i < writer->n; i++)
    g_clear_error (&writer->fates[i].error);
  g_free (writer->fates);
  g_free (writer->types);
  g_free (writer->order);
  g_tree_unref (writer->metadata);
  pt2_tensors_unref (writer->tensors);
  g_free (writer);
}

const Pt2SafetensorsFate *
pt2_safetensors_writer_get_fates (Pt2SafetensorsWriter *writer)
{
  return writer->fates;
}

void
pt2_safetensors_writer_set_metadata (Pt2SafetensorsWriter *writer, const char *key, const char *value)
{
  g_tree_replace (writer->metadata, g_strdup (key), g_strdup (value));
}

/* ---- what goes in ---- */

static bool
is_possible_name (Pt2String name)
{
  bool reserved
      = name.len == strlen (PT2_SAFETENSORS_METADATA) && memcmp (name.data, PT2_SAFETENSORS_METADATA, name.len) == 0;
  return !reserved && pt2_text_is_utf8 (name.data, name.len);
}

/* Is it in the file at all? If not, its fate says why. */
static void
judge (Pt2SafetensorsWriter *writer, guint number)
{
  const Pt2Tensor *tensor = &writer->items[number];
  Pt2SafetensorsFate *fate = &writer->fates[number];
  char where[200];
  pt2_text_escape (tensor->fqn.data, tensor->fqn.len, where, sizeof where);
  writer->types[number] = pt2_safetensors_type_by_dtype (tensor->dtype);
  if (!pt2_tensor_check_usable (tensor, &fate->error))
    return;
  if (writer->types[number] == pt2_safetensors_n_types)
    pt2_error_set (&fate->error, PT2_ERROR_W023, where, "%s", tensor->dtype);
  else if (!is_possible_name (tensor->fqn))
    pt2_error_set (&fate->error, PT2_ERROR_W024, where, "%s", "");
  else
    fate->kept_as = tensor;
}

static int
compare_numbers (const gint64 *a, const gint64 *b, guint n)
{
  for (guint i = 0; i < n; i++)
    if (a[i] != b[i])
      return a[i] < b[i] ? -1 : 1;
  return 0;
}

/* Zero for the same view of the same storage. */
static int
compare_views (const Pt2SafetensorsWriter *writer, uint32_t a, uint32_t b)
{
  const Pt2Tensor *left = &writer->items[a], *right = &writer->items[b];
  const gint64 heads[2][4] = {
    { writer->tensors->storage_of[a], writer->types[a], left->storage_offset, left->n_dims },
    { writer->tensors->storage_of[b], writer->types[b], right->storage_offset, right->n_dims },
  };
  int order = compare_numbers (heads[0], heads[1], 4);
  if (order == 0)
    order = compare_numbers (left->shape, right->shape, left->n_dims);
  return order != 0 ? order : compare_numbers (left->stride, right->stride, left->n_dims);
}

static int
by_view (uint32_t a, uint32_t b, const void *data)
{
  const Pt2SafetensorsWriter *writer = data;
  int order = compare_views (writer, a, b);
  return order != 0 ? order : pt2_text_compare (writer->items[a].fqn, writer->items[b].fqn);
}

static int
by_place (uint32_t a, uint32_t b, const void *data)
{
  const Pt2SafetensorsWriter *writer = data;
  if (writer->types[a] != writer->types[b])
    return writer->types[a] < writer->types[b] ? -1 : 1;
  return pt2_text_compare (writer->items[a].fqn, writer->items[b].fqn);
}

static void
collect (Pt2SafetensorsWriter *writer)
{
  writer->n_order = 0;
  for (guint i = 0; i < writer->n; i++)
    if (writer->fates[i].kept_as == &writer->items[i])
      writer->order[writer->n_order++] = i;
}

/* Those without bytes have nothing to share. */
static void
join_alike (Pt2SafetensorsWriter *writer)
{
  collect (writer);
  pt2_sort (writer->order, writer->n_order, by_view, writer);
  for (guint i = 1, first = 0; i < writer->n_order; i++)
    {
      uint32_t kept = writer->order[first], item = writer->order[i];
      if (writer->tensors->storage_of[item] == PT2_NO_STORAGE || writer->items[item].nbytes == 0
          || compare_views (writer, kept, item) != 0)
        first = i;
      else
        writer->fates[item].kept_as = &writer->items[kept];
    }
}

/* Where one name stands twice, the file could say one of the two only. */
static bool
check_names (const Pt2SafetensorsWriter *writer, GError **error)
{
  Pt2Tensors *tensors = writer->tensors;
  char where[200];
  for (guint i = 0; i < writer->n; i++)
    {
      Pt2String name = writer->items[i].fqn;
      if (pt2_text_index_find (&tensors->index, tensors->items, sizeof *tensors->items, name) != i)
        return pt2_error_set (error, PT2_ERROR_W010, pt2_text_escape (name.data, name.len, where, sizeof where), "%s",
                              "");
    }
  return true;
}

/* What is at fault would be missing without a word. */
static bool
check_faults (const Pt2SafetensorsWriter *writer, GError **error)
{
  const GError *fault = pt2_tensors_get_faults (writer->tensors)[0];
  for (guint i = 0; fault == NULL && i < writer->n; i++)
    fault = writer->items[i].fault;
  if (fault != NULL && error != NULL)
    *error = g_error_copy (fault);
  return fault == NULL;
}

static gint
compare_keys (gconstpointer a, gconstpointer b, gpointer data)
{
  (void)data;
  return strcmp (a, b);
}

Pt2SafetensorsWriter *
pt2_safetensors_writer_new (Pt2Tensors *tensors, Pt2SafetensorsFlags flags, GError **error)
{
  g_autoptr (Pt2SafetensorsWriter) writer = g_new0 (Pt2SafetensorsWriter, 1);
  writer->tensors = pt2_tensors_ref (tensors);
  writer->items = pt2_tensors_get (tensors, &writer->n);
  writer->metadata = g_tree_new_full (compare_keys, NULL, g_free, g_free);
  pt2_safetensors_writer_set_metadata (writer, "format", "pt");
  if (!check_faults (writer, error) || !check_names (writer, error) || !pt2_tensors_check_cost (tensors, NULL, error))
    return NULL;
  writer->fates = g_try_new0 (Pt2SafetensorsFate, (gsize)writer->n + 1);
  writer->types = g_try_new0 (guint, (gsize)writer->n + 1);
  writer->order = g_try_new (uint32_t, (gsize)writer->n + 1);
  if (writer->fates == NULL || writer->types == NULL || writer->order == NULL)
    {
      pt2_error_set (error, PT2_ERROR_L001, NULL, "the list of tensors");
      return NULL;
    }
  for (guint i = 0; i < writer->n; i++)
    judge (writer, i);
  if (flags != PT2_SAFETENSORS_REPEAT)
    join_alike (writer);
  collect (writer);
  pt2_sort (writer->order, writer->n_order, by_place, writer);
  return g_steal_pointer (&writer);
}

/* ---- the header ---- */

static bool
put_pair (Pt2Buffer *out, const char *key, size_t key_len, const char *value, size_t value_len, bool first)
{
  return pt2_buffer_text (out, first ? "" : ",") && pt2_json_put (out, key, key_len) && pt2_buffer_text (out, ":")
         && pt2_json_put (out, value, value_len);
}

static bool
put_alias (Pt2Buffer *out, const Pt2SafetensorsWriter *writer, guint number)
{
  const Pt2Tensor *kept = writer->fates[number].kept_as, *tensor = &writer->items[number];
  if (kept == NULL || kept == tensor)
    return true;
  g_autofree char *name = g_strndup (tensor->fqn.data, tensor->fqn.len);
  if (strlen (name) == tensor->fqn.len && g_tree_lookup (writer->metadata, name) != NULL)
    return true; /* that key is taken, as in the safetensors library */
  return put_pair (out, tensor->fqn.data, tensor->fqn.len, kept->fqn.data, kept->fqn.len, false);
}

typedef struct
{
  Pt2Buffer *out;
  bool first, fine;
} MetadataWalk;

static gboolean
put_entry (gpointer key, gpointer value, gpointer data)
{
  MetadataWalk *walk = data;
  walk->fine = put_pair (walk->out, key, strlen (key), value, strlen (value), walk->first);
  walk->first = false;
  return !walk->fine;
}

static bool
put_metadata (Pt2Buffer *out, const Pt2SafetensorsWriter *writer)
{
  MetadataWalk walk = { out, true, true };
  bool fine = pt2_buffer_text (out, "\"" PT2_SAFETENSORS_METADATA "\":{");
  if (fine)
    g_tree_foreach (writer->metadata, put_entry, &walk);
  fine = fine && walk.fine;
  for (guint i = 0; fine && i < writer->n; i++)
    fine = put_alias (out, writer, i);
  return fine && pt2_buffer_text (out, "}");
}

static bool
put_tensor (Pt2Buffer *out, const Pt2SafetensorsWriter *writer, guint number, guint64 begin)
{
  const Pt2Tensor *tensor = &writer->items[number];
  bool fine = pt2_buffer_text (out, ",") && pt2_json_put (out, tensor->fqn.data, tensor->fqn.len)
              && pt2_buffer_text (out, ":{\"dtype\":\"")
              && pt2_buffer_text (out, pt2_safetensors_types[writer->types[number]].name)
              && pt2_buffer_text (out, "\",\"shape\":[");
  for (guint i = 0; fine && i < tensor->n_dims; i++)
    fine = pt2_buffer_text (out, i > 0 ? "," : "") && pt2_buffer_integer (out, tensor->shape[i]);
  return fine && pt2_buffer_text (out, "],\"data_offsets\":[") && pt2_buffer_integer (out, (gint64)begin)
         && pt2_buffer_text (out, ",") && pt2_buffer_integer (out, (gint64)(begin + tensor->nbytes))
         && pt2_buffer_text (out, "]}");
}

/* Blanks bring the elements to a multiple of 8. *TOTAL: bytes of them. */
static bool
put_header (Pt2Buffer *out, const Pt2SafetensorsWriter *writer, guint64 *total, Pt2Status *status)
{
  bool fine = pt2_buffer_text (out, "        {") && put_metadata (out, writer);
  *total = 0;
  for (guint i = 0; fine && i < writer->n_order; i++)
    {
      fine = put_tensor (out, writer, writer->order[i], *total);
      if (__builtin_add_overflow (*total, writer->items[writer->order[i]].nbytes, total) || *total > G_MAXINT64)
        return pt2_status_fail (status, PT2_ERROR_W006, PT2_NO_OFFSET, "all tensors together");
    }
  fine = fine && pt2_buffer_text (out, "}");
  while (fine && pt2_buffer_len (out) % 8 != 0)
    fine = pt2_buffer_text (out, " ");
  if (!fine)
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "the header");
  size_t len = pt2_buffer_len (out) - PT2_SAFETENSORS_LENGTH;
  for (guint i = 0; i < PT2_SAFETENSORS_LENGTH; i++)
    out->data[i] = (char)((guint64)len >> (8 * i));
  return len <= PT2_SAFETENSORS_HEADER_MOST
         || pt2_status_fail (status, PT2_ERROR_W018, PT2_NO_OFFSET, "%zu bytes, the format allows %d", len,
                             PT2_SAFETENSORS_HEADER_MOST);
}

/* ---- writing ---- */

typedef struct
{
  Pt2Sink sink;
  Pt2Status *status;
  bool *checked; /* storages whose CRC was held against their bytes */
} Work;

static gboolean
put_piece (gconstpointer piece, gsize len, gpointer data)
{
  Work *work = data;
  return pt2_sink_put (&work->sink, piece, len, work->status);
}

/* Once for a storage: it may have very many views. */
static bool
check_record (Work *work, const Pt2SafetensorsWriter *writer, const Pt2Tensor *tensor, GError **fault)
{
  uint32_t storage = writer->tensors->storage_of[tensor - writer->items];
  if (storage == PT2_NO_STORAGE || work->checked[storage])
    return true;
  work->checked[storage] = true;
  return pt2_tensor_check_record (writer->tensors, tensor, fault);
}

/* False with *FAULT, or with the status of the sink. */
static bool
write_elements (Work *work, const Pt2SafetensorsWriter *writer, GError **fault)
{
  for (guint i = 0; i < writer->n_order; i++)
    {
      const Pt2Tensor *tensor = &writer->items[writer->order[i]];
      if (!check_record (work, writer, tensor, fault)
          || !pt2_tensor_foreach_piece (writer->tensors, tensor, put_piece, work, fault))
        return false;
    }
  return true;
}

static bool
write_all (Work *work, const Pt2SafetensorsWriter *writer, Pt2ProgressFunc progress, gpointer data, GError **fault)
{
  Pt2Buffer header = PT2_BUFFER_INIT;
  guint64 total;
  bool fine = put_header (&header, writer, &total, work->status);
  if (fine)
    {
      pt2_sink_watch (&work->sink, progress, data, pt2_buffer_len (&header) + total);
      fine = pt2_sink_put (&work->sink, header.data, pt2_buffer_len (&header), work->status)
             && write_elements (work, writer, fault) && pt2_sink_finish (&work->sink, work->status);
    }
  pt2_buffer_clear (&header);
  return fine;
}

typedef struct
{
  Pt2SafetensorsWriter *writer;
  Pt2ProgressFunc progress;
  gpointer data;
} Saving;

static bool
write_to (const Saving *saving, int fd, bool flushed, GError **error)
{
  Pt2SafetensorsWriter *writer = saving->writer;
  Pt2Status status = PT2_STATUS_INIT;
  GError *fault = NULL;
  g_autofree bool *checked = g_try_new0 (bool, (gsize)writer->tensors->n_storages + 1);
  Work work = { .status = &status, .checked = checked };
  if (checked == NULL)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "the list of storages");
  if (!pt2_sink_to_fd (&work.sink, fd, &status))
    return pt2_status_to_error (&status, error);
  if (flushed)
    pt2_sink_expect_flush (&work.sink);
  bool fine = write_all (&work, writer, saving->progress, saving->data, &fault);
  pt2_sink_clear (&work.sink);
  if (fine)
    return TRUE;
  if (status.code != PT2_ERROR_NONE) /* which stopped the walk over the pieces */
    {
      g_clear_error (&fault);
      return pt2_status_to_error (&status, error);
    }
  g_propagate_error (error, fault);
  return FALSE;
}

gboolean
pt2_safetensors_writer_write (Pt2SafetensorsWriter *writer, int fd, Pt2ProgressFunc progress, gpointer data,
                              GError **error)
{
  const Saving saving = { writer, progress, data };
  return write_to (&saving, fd, false, error);
}

static gboolean
save_file (int fd, gpointer data, GError **error)
{
  return write_to (data, fd, true, error);
}

gboolean
pt2_safetensors_writer_save (Pt2SafetensorsWriter *writer, const char *path, Pt2SaveFlags flags,
                             Pt2ProgressFunc progress, gpointer data, GError **error)
{
  Saving saving = { writer, progress, data };
  return pt2_save_func (path, flags, save_file, &saving, error);
}
