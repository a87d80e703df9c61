/* SPDX-License-Identifier: Apache-2.0 */
/* An archive of an older layout in today's: each program with raw storages and the lists that name them.
 * Storages that tensors share stay shared; what was not shared is not. Bytes of storages pass through as they
 * are, also those outside every view; big-endian ones are turned round, since PyTorch reads raw ones as its own.
 *
 * What is no plain tensor cannot be had out of a pickle without running it: its opcodes are cut out as they are, and
 * where that cannot be it is refused, never dropped.
 */
#include "archive_write.h"
#include "json_text.h"
#include "pickle_cut.h"
#include "tensors_private.h"
#include "text.h"
#include <string.h>

/* The two halves of a program's payloads. */
typedef struct
{
  const char *folder;
  const char *file;   /* and a number: a storage */
  const char *config; /* behind the model's name */
  bool persistent;
} Half;

static const Half halves[] = {
  { "data/weights/", "weight_", "_weights_config.json", true },
  { "data/constants/", "tensor_", "_constants_config.json", false },
};

typedef struct
{
  Pt2ArchiveWriter *writer;
  Pt2Archive *archive;
  Pt2Tensors *tensors; /* of the program at hand */
  const Pt2Tensor *items;
  guint n;
  guint *file_of; /* of each item: number of its storage's file + 1; 0: not written yet */
  guint next[G_N_ELEMENTS (halves)];
  Pt2PickleCutter *cutter; /* of the pickle that was cut from last, */
  const char *cut_record;  /* and its record */
  GError **error;
} Moving;

static int32_t
schema_number (const char *enumeration, const char *torch)
{
  const Pt2EnumInfo *info = pt2_schema_find_enum (&pt2_export_schema, enumeration);
  for (uint16_t i = 0; i < info->n_members; i++)
    if (info->members[i].torch != NULL && strcmp (info->members[i].torch, torch) == 0)
      return info->members[i].value;
  return -1;
}

/* What is more than a view of a storage goes as it is, pickled: subclasses as PyTorch saves them today, and all that
 * it has no form for today (sparse tensors, script objects, whatever else stood in the dictionary), since it opens
 * the file of a constant or a weight with torch.load where the list calls it a pickle. */
static bool
is_pickled (const Pt2Tensor *tensor)
{
  bool raw = tensor->form == PT2_TENSOR_STRIDED || tensor->form == PT2_TENSOR_ABSENT;
  return !raw || tensor->dtype == NULL || tensor->stride == NULL || tensor->device == NULL;
}

static bool
has_meta (const Pt2Tensor *tensor)
{
  return tensor->dtype != NULL && tensor->stride != NULL && schema_number ("ScalarType", tensor->dtype) >= 0;
}

static bool
can_move (Moving *moving, const Pt2Tensor *tensor)
{
  if (tensor->fault != NULL)
    g_propagate_error (moving->error, g_error_copy (tensor->fault));
  return tensor->fault == NULL;
}

/* ---- storages ---- */

/* A copy with the bytes of each unit the other way round. */
static GBytes *
swap_units (GBytes *bytes, guint unit)
{
  size_t len;
  const uint8_t *from = g_bytes_get_data (bytes, &len);
  uint8_t *out = g_try_malloc (len + 1);
  if (out == NULL)
    return NULL;
  for (size_t i = 0; i + unit <= len; i += unit)
    for (guint j = 0; j < unit; j++)
      out[i + j] = from[i + unit - 1 - j];
  return g_bytes_new_take (out, len);
}

static GBytes *
little_endian_storage (Moving *moving, const Pt2Tensor *tensor)
{
  g_autoptr (GBytes) bytes = NULL;
  if (tensor->form == PT2_TENSOR_ABSENT || tensor->storage_bytes == 0)
    return g_bytes_new (NULL, 0);
  bytes = pt2_tensor_get_storage (moving->tensors, tensor, moving->error);
  uint32_t storage = moving->tensors->storage_of[tensor - moving->items];
  const Pt2Dtype *dtype = pt2_dtype_by_name (tensor->dtype);
  if (bytes == NULL || storage == PT2_NO_STORAGE || dtype == NULL || dtype->unit <= 1
      || !moving->tensors->storages[storage].big_endian)
    return g_steal_pointer (&bytes);
  GBytes *turned = swap_units (bytes, dtype->unit);
  if (turned == NULL)
    pt2_error_set (moving->error, PT2_ERROR_L001, tensor->record, "%s", "");
  return turned;
}

/* Names that the archive has already are passed over. */
static bool
write_file (Moving *moving, guint half, GBytes *bytes, guint *number)
{
  g_autofree char *name = NULL;
  do
    {
      g_free (name);
      *number = moving->next[half]++;
      name = g_strdup_printf ("%s%s%u", halves[half].folder, halves[half].file, *number);
    }
  while (pt2_archive_find (moving->archive, name) != NULL);
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_add (moving->writer, name, source, moving->error);
}

static bool
write_storage (Moving *moving, guint half, const Pt2Tensor *tensor, guint *number)
{
  g_autoptr (GBytes) bytes = little_endian_storage (moving, tensor);
  return bytes != NULL && write_file (moving, half, bytes, number);
}

/* The pickle is read and taken apart once for all its tensors. */
static bool
open_cutter (Moving *moving, const char *record)
{
  if (moving->cutter != NULL && strcmp (moving->cut_record, record) == 0)
    return true;
  g_clear_pointer (&moving->cutter, pt2_pickle_cutter_free);
  g_autoptr (GBytes) dictionary = pt2_archive_read (moving->archive, record, moving->error);
  if (dictionary != NULL)
    moving->cutter = pt2_pickle_cutter_new (dictionary, &moving->archive->limits, moving->error);
  moving->cut_record = record;
  return moving->cutter != NULL;
}

static bool
write_pickled (Moving *moving, guint half, const Pt2Tensor *tensor, guint *number)
{
  g_autoptr (GBytes) bytes = NULL;
  if (open_cutter (moving, tensor->record))
    bytes = pt2_pickle_cutter_cut (moving->cutter, tensor->fqn, moving->error);
  return bytes != NULL && write_file (moving, half, bytes, number);
}

/* ---- the list ---- */

static bool
put_dims (Pt2Buffer *out, const gint64 *dims, guint n)
{
  bool fine = pt2_buffer_text (out, "[");
  for (guint i = 0; fine && i < n; i++)
    fine = pt2_buffer_text (out, i > 0 ? ", {\"as_int\": " : "{\"as_int\": ") && pt2_buffer_integer (out, dims[i])
           && pt2_buffer_text (out, "}");
  return fine && pt2_buffer_text (out, "]");
}

/* "cuda:0" as a type and an index. */
static bool
put_device (Pt2Buffer *out, const char *device)
{
  const char *colon = strchr (device, ':');
  size_t len = colon != NULL ? (size_t)(colon - device) : strlen (device);
  return pt2_buffer_text (out, "{\"type\": ") && pt2_json_put (out, device, len)
         && pt2_buffer_text (out, ", \"index\": ") && pt2_buffer_text (out, colon != NULL ? colon + 1 : "null")
         && pt2_buffer_text (out, "}");
}

static bool
put_meta (Pt2Buffer *out, const Pt2Tensor *tensor)
{
  if (!has_meta (tensor))
    return pt2_buffer_text (out, "null");
  return pt2_buffer_text (out, "{\"dtype\": ") && pt2_buffer_integer (out, schema_number ("ScalarType", tensor->dtype))
         && pt2_buffer_text (out, ", \"sizes\": ") && put_dims (out, tensor->shape, tensor->n_dims)
         && pt2_buffer_text (out, ", \"requires_grad\": ")
         && pt2_buffer_text (out, tensor->requires_grad ? "true" : "false") && pt2_buffer_text (out, ", \"device\": ")
         && put_device (out, tensor->device != NULL ? tensor->device : "cpu")
         && pt2_buffer_text (out, ", \"strides\": ") && put_dims (out, tensor->stride, tensor->n_dims)
         && pt2_buffer_text (out, ", \"storage_offset\": {\"as_int\": ")
         && pt2_buffer_integer (out, tensor->storage_offset) && pt2_buffer_text (out, "}, \"layout\": ")
         && pt2_buffer_integer (out, schema_number ("Layout", "strided")) && pt2_buffer_text (out, "}");
}

static bool
put_entry (Pt2Buffer *out, const Pt2Tensor *tensor, const Half *half, guint number, bool first)
{
  char file[32];
  g_snprintf (file, sizeof file, "%s%u", half->file, number);
  return pt2_buffer_text (out, first ? "" : ", ") && pt2_json_put (out, tensor->fqn.data, tensor->fqn.len)
         && pt2_buffer_text (out, ": {\"path_name\": ") && pt2_json_put (out, file, strlen (file))
         && pt2_buffer_text (out, ", \"is_param\": ")
         && pt2_buffer_text (out, tensor->role == PT2_TENSOR_PARAMETER ? "true" : "false")
         && pt2_buffer_text (out, ", \"use_pickle\": ") && pt2_buffer_text (out, is_pickled (tensor) ? "true" : "false")
         && pt2_buffer_text (out, ", \"tensor_meta\": ") && put_meta (out, tensor) && pt2_buffer_text (out, "}");
}

/* ---- a half of a program's payloads ---- */

/* One file never has two types: PyTorch takes the type of all from the first. */
static bool
goes_along (const Moving *moving, const Pt2Tensor *first, guint other)
{
  const Pt2Tensor *tensor = &moving->items[other];
  return moving->file_of[other] == 0 && !is_pickled (tensor) && tensor->persistent == first->persistent
         && strcmp (tensor->dtype, first->dtype) == 0;
}

/* The first member of a file also decides whether the flat tensor requires gradients: those that do not require
 * them go first, since parameters get theirs from their own entry anyway. Storages without bytes are shared by
 * nobody, so they never bring together what differs there. */
static bool
move_group (Moving *moving, guint half, guint first, Pt2Buffer *config, bool *any)
{
  guint number, n;
  const guint *sharing = pt2_tensors_get_sharing (moving->tensors, &moving->items[first], &n);
  const guint *members = n > 0 ? sharing : &first;
  bool fine = write_storage (moving, half, &moving->items[first], &number);
  for (guint i = 0; fine && i < 2 * MAX (n, 1); i++)
    {
      guint member = members[i % MAX (n, 1)];
      const Pt2Tensor *tensor = &moving->items[member];
      if (tensor->requires_grad != (i >= MAX (n, 1)) || !goes_along (moving, &moving->items[first], member))
        continue;
      moving->file_of[member] = number + 1;
      fine = put_entry (config, tensor, &halves[half], number, !*any)
             || pt2_error_set (moving->error, PT2_ERROR_L001, tensor->record, "the list of payloads");
      *any = true;
    }
  return fine;
}

static bool
move_pickled (Moving *moving, guint half, guint item, Pt2Buffer *config, bool *any)
{
  guint number;
  if (!write_pickled (moving, half, &moving->items[item], &number))
    return false;
  moving->file_of[item] = number + 1;
  bool first = !*any;
  *any = true;
  return put_entry (config, &moving->items[item], &halves[half], number, first)
         || pt2_error_set (moving->error, PT2_ERROR_L001, NULL, "the list of payloads");
}

/* Payloads that are pickles come first, as PyTorch has it. */
static bool
move_payloads (Moving *moving, guint half, bool pickled, Pt2Buffer *config, bool *any)
{
  bool fine = true;
  for (guint i = 0; fine && i < moving->n; i++)
    if (moving->items[i].persistent == halves[half].persistent && moving->file_of[i] == 0
        && is_pickled (&moving->items[i]) == pickled)
      fine = pickled ? move_pickled (moving, half, i, config, any) : move_group (moving, half, i, config, any);
  return fine;
}

static bool
add_config (Moving *moving, guint half, const char *model, Pt2Buffer *config)
{
  g_autofree char *name = g_strconcat (halves[half].folder, model, halves[half].config, NULL);
  g_autoptr (GBytes) bytes = pt2_buffer_to_bytes (config);
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_add (moving->writer, name, source, moving->error);
}

static bool
move_half (Moving *moving, guint half, const char *model)
{
  Pt2Buffer config = PT2_BUFFER_INIT;
  bool any = false, fine = pt2_buffer_text (&config, "{\"config\": {");
  fine = fine && move_payloads (moving, half, true, &config, &any) && move_payloads (moving, half, false, &config, &any)
         && pt2_buffer_text (&config, "}}") && add_config (moving, half, model, &config);
  pt2_buffer_clear (&config);
  return fine;
}

/* ---- a program ---- */

static bool
add_record (Moving *moving, const char *name, const Pt2Record *record)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (Pt2Source) source
      = record != NULL ? pt2_source_new_record (moving->archive, record) : pt2_source_new_bytes (nothing);
  return pt2_archive_writer_add (moving->writer, name, source, moving->error);
}

static const Pt2Record *
find_sample_inputs (Moving *moving, const char *name)
{
  return pt2_archive_find (moving->archive,
                           moving->archive->family == PT2_FAMILY_LEGACY ? "serialized_example_inputs.pt" : name);
}

static bool
move_program (Moving *moving, const Pt2Record *record, const char *model)
{
  g_autofree char *program = g_strconcat ("models/", model, ".json", NULL);
  g_autofree char *inputs = g_strconcat ("data/sample_inputs/", model, ".pt", NULL);
  return move_half (moving, 0, model) && move_half (moving, 1, model) && add_record (moving, program, record)
         && add_record (moving, inputs, find_sample_inputs (moving, inputs));
}

static bool
take_program (Moving *moving, guint index)
{
  const char *model = moving->archive->models[index];
  const Pt2Record *record = &moving->archive->records[moving->archive->model_records[index]];
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (moving->archive, model, NULL, moving->error);
  if (tensors == NULL)
    return false;
  const GError *const *faults = pt2_tensors_get_faults (tensors);
  if (faults[0] != NULL)
    {
      g_propagate_error (moving->error, g_error_copy (faults[0]));
      return false;
    }
  moving->tensors = tensors;
  moving->items = pt2_tensors_get (tensors, &moving->n);
  g_autofree guint *file_of = g_try_new0 (guint, (gsize)moving->n + 1);
  moving->file_of = file_of;
  if (file_of == NULL)
    return pt2_error_set (moving->error, PT2_ERROR_L001, NULL, "%s", "");
  for (guint i = 0; i < moving->n; i++)
    if (!can_move (moving, &moving->items[i]))
      return false;
  bool fine = move_program (moving, record, model);
  g_clear_pointer (&moving->cutter, pt2_pickle_cutter_free);
  return fine;
}

/* ---- everything else ---- */

/* What was moved, and what every archive gets anew. */
static bool
is_done_with (const Pt2Record *record, bool listed)
{
  static const char *const roles[] = { "program", "weights", "constants", "weights-config",   "constants-config",
                                       "format",  "version", "byteorder", "serialization-id", "sample-inputs" };
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    if (strcmp (record->role, roles[i]) == 0)
      return true;
  bool payload = strcmp (record->role, "weight") == 0 || strcmp (record->role, "constant") == 0;
  return g_str_has_suffix (record->name, "/") || (payload && listed);
}

/* Some payloads are raw already: the lists that name them have been read, and so have they. */
static bool
has_lists (const Pt2Record *records, guint n)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (records[i].role, "weights-config") == 0 || strcmp (records[i].role, "constants-config") == 0)
      return true;
  return false;
}

static bool
move_others (Moving *moving, bool extra)
{
  static const char old_folder[] = "extra_files/";
  guint n;
  const Pt2Record *records = pt2_archive_get_records (moving->archive, &n);
  bool listed = has_lists (records, n), legacy = moving->archive->family == PT2_FAMILY_LEGACY;
  for (guint i = 0; i < n; i++)
    {
      bool is_extra = strcmp (records[i].role, "extra") == 0;
      if (is_extra != extra || is_done_with (&records[i], listed))
        continue;
      g_autofree char *name = legacy && is_extra ? g_strconcat ("extra/", records[i].name + strlen (old_folder), NULL)
                                                 : g_strdup (records[i].name);
      if (pt2_archive_writer_find (moving->writer, name) == NULL && !add_record (moving, name, &records[i]))
        return false;
    }
  return true;
}

bool
pt2_archive_writer_take_older (Pt2ArchiveWriter *writer, Pt2Archive *archive, GError **error)
{
  Moving moving = { .writer = writer, .archive = archive, .error = error };
  for (guint i = 0; i < archive->n_models; i++)
    if (!take_program (&moving, i))
      return false;
  return move_others (&moving, true) && move_others (&moving, false);
}
