/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a program's tensors: made once from whatever the layout keeps, then only read.
 * Reads lists and pickles, never a raw payload.
 */
#include "tensors_private.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

G_DEFINE_BOXED_TYPE (Pt2Tensors, pt2_tensors, pt2_tensors_ref, pt2_tensors_unref)

static const Pt2PayloadHalf halves[] = {
  { true, "data/weights/", "_weights_config.json", "serialized_state_dict.pt", "serialized_state_dict.json" },
  { false, "data/constants/", "_constants_config.json", "serialized_constants.pt", "serialized_constants.json" },
};

Pt2Tensors *
pt2_tensors_ref (Pt2Tensors *tensors)
{
  g_atomic_ref_count_inc (&tensors->references);
  return tensors;
}

/* What only the making needs. */
static void
clear_scaffold (Pt2Tensors *tensors)
{
  pt2_text_index_clear (&tensors->role_index);
  g_clear_pointer (&tensors->roles, g_free);
  g_clear_pointer (&tensors->storage_of_record, g_free);
}

void
pt2_tensors_unref (Pt2Tensors *tensors)
{
  if (tensors == NULL || !g_atomic_ref_count_dec (&tensors->references))
    return;
  clear_scaffold (tensors);
  for (uint32_t i = 0; i < tensors->n; i++)
    g_clear_error ((GError **)&tensors->items[i].fault);
  g_ptr_array_unref (tensors->faults);
  g_ptr_array_unref (tensors->pickles);
  pt2_text_index_clear (&tensors->index);
  g_free (tensors->items);
  g_free (tensors->storage_of);
  g_free (tensors->storages);
  g_free (tensors->sharing);
  pt2_arena_clear (&tensors->arena);
  pt2_archive_unref (tensors->archive);
  g_free (tensors);
}

/* ---- steps of the making ---- */

static void *
no_memory (Pt2Tensors *tensors)
{
  bool budget = tensors->arena.out_of_budget;
  pt2_status_fail (&tensors->memory, budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET, "the list of tensors");
  return NULL;
}

void *
pt2_tensors_alloc (Pt2Tensors *tensors, size_t n, size_t size)
{
  void *made = n <= SIZE_MAX / size ? pt2_arena_alloc (&tensors->arena, n * size) : NULL;
  return made != NULL ? made : no_memory (tensors);
}

const char *
pt2_tensors_copy_text (Pt2Tensors *tensors, const char *data, size_t len)
{
  char *copy = len < SIZE_MAX ? pt2_tensors_alloc (tensors, len + 1, 1) : NULL;
  if (copy == NULL)
    return NULL;
  memcpy (copy, data, len);
  copy[len] = '\0';
  return copy;
}

/* Room for one more element of SIZE bytes behind N; ROOM is shared by all arrays of one length. */
static bool
grow (void **array, uint32_t room, size_t size)
{
  void *grown = g_try_realloc_n (*array, room, size);
  if (grown != NULL)
    *array = grown;
  return grown != NULL;
}

static bool
make_room (Pt2Tensors *tensors)
{
  if (tensors->n < tensors->room)
    return true;
  uint32_t room = tensors->room < UINT32_MAX / 4 ? 2 * tensors->room + 16 : 0;
  if (room == 0 || !grow ((void **)&tensors->items, room, sizeof *tensors->items)
      || !grow ((void **)&tensors->storage_of, room, sizeof *tensors->storage_of))
    return no_memory (tensors) != NULL;
  tensors->room = room;
  return true;
}

Pt2Tensor *
pt2_tensors_add (Pt2Tensors *tensors, Pt2String fqn)
{
  const char *name = make_room (tensors) ? pt2_tensors_copy_text (tensors, fqn.data, fqn.len) : NULL;
  if (name == NULL)
    return NULL;
  Pt2Tensor *tensor = &tensors->items[tensors->n];
  *tensor = (Pt2Tensor){ .fqn = { name, fqn.len } };
  tensors->storage_of[tensors->n++] = PT2_NO_STORAGE;
  return tensor;
}

uint32_t
pt2_tensors_add_storage (Pt2Tensors *tensors, const Pt2TensorStorage *storage)
{
  if (tensors->n_storages == tensors->storage_room)
    {
      uint32_t room = tensors->storage_room < UINT32_MAX / 4 ? 2 * tensors->storage_room + 16 : 0;
      if (room == 0 || !grow ((void **)&tensors->storages, room, sizeof *tensors->storages))
        {
          no_memory (tensors);
          return PT2_NO_STORAGE;
        }
      tensors->storage_room = room;
    }
  tensors->storages[tensors->n_storages] = *storage;
  return tensors->n_storages++;
}

void
pt2_tensors_add_fault (Pt2Tensors *tensors, const Pt2Status *status)
{
  GError *error = NULL;
  if (status->code == PT2_ERROR_NONE)
    return;
  pt2_status_to_error (status, &error);
  g_ptr_array_add (tensors->faults, error);
}

void
pt2_tensor_set_fault (Pt2Tensor *tensor, const Pt2Status *status)
{
  GError *error = NULL;
  if (status->code == PT2_ERROR_NONE || tensor->fault != NULL)
    return;
  pt2_status_to_error (status, &error);
  tensor->fault = error;
}

/* ---- roles ---- */

static bool
role_of_kind (const char *kind, Pt2TensorRole *role)
{
  static const struct
  {
    const char *kind;
    Pt2TensorRole role;
  } kinds[] = {
    { "PARAMETER", PT2_TENSOR_PARAMETER },
    { "BUFFER", PT2_TENSOR_BUFFER },
    { "CONSTANT_TENSOR", PT2_TENSOR_CONSTANT },
    { "CUSTOM_OBJ", PT2_TENSOR_CUSTOM_OBJECT },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].kind, kind) == 0)
      {
        *role = kinds[i].role;
        return true;
      }
  return false;
}

/* The names alias PROGRAM, which must live while the list is made. */
static bool
learn_roles (Pt2Tensors *tensors, Pt2Program *program)
{
  guint n;
  uint32_t n_roles = 0;
  const Pt2SignatureItem *inputs = pt2_program_get_inputs (program, &n);
  tensors->roles = g_try_new (Pt2PayloadRole, (size_t)n + 1);
  if (tensors->roles == NULL)
    return no_memory (tensors) != NULL;
  for (guint i = 0; i < n; i++)
    {
      Pt2PayloadRole *role = &tensors->roles[n_roles];
      role->fqn = inputs[i].target;
      if (role->fqn.data == NULL || !role_of_kind (inputs[i].kind, &role->role))
        continue;
      uint32_t owner = pt2_text_index_claim (&tensors->role_index, tensors->roles, sizeof *role, n_roles);
      if (owner == PT2_TEXT_INDEX_NONE)
        return no_memory (tensors) != NULL;
      n_roles += owner == n_roles;
    }
  return true;
}

void
pt2_tensors_set_role (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PayloadHalf *half, bool is_parameter)
{
  bool object = tensor->form == PT2_TENSOR_OBJECT;
  uint32_t known = pt2_text_index_find (&tensors->role_index, tensors->roles, sizeof *tensors->roles, tensor->fqn);
  tensor->persistent = half->weights;
  tensor->is_parameter = is_parameter;
  if (known != PT2_TEXT_INDEX_NONE && (tensors->roles[known].role == PT2_TENSOR_CUSTOM_OBJECT) == object)
    tensor->role = tensors->roles[known].role;
  else if (object)
    tensor->role = PT2_TENSOR_CUSTOM_OBJECT;
  else if (is_parameter)
    tensor->role = PT2_TENSOR_PARAMETER;
  else
    tensor->role = half->weights ? PT2_TENSOR_BUFFER : PT2_TENSOR_CONSTANT;
}

/* ---- where the payloads are ---- */

static void
fail_half (Pt2Tensors *tensors, Pt2ErrorCode code, const char *record, const char *what)
{
  Pt2Status status = PT2_STATUS_INIT;
  char text[160];
  pt2_status_fail (&status, code, PT2_NO_OFFSET, "%s", pt2_text_escape (what, strlen (what), text, sizeof text));
  if (record != NULL)
    pt2_status_set_record (&status, record);
  pt2_tensors_add_fault (tensors, &status);
}

/* PyTorch takes the pickle where both are there; so do we, but not in silence. */
static void
read_half (Pt2Tensors *tensors, const Pt2PayloadHalf *half)
{
  bool legacy = tensors->archive->family == PT2_FAMILY_LEGACY;
  g_autofree char *pickle = legacy ? g_strdup (half->legacy) : g_strconcat (half->folder, tensors->model, ".pt", NULL);
  g_autofree char *other
      = legacy ? g_strdup (half->legacy_alias) : g_strconcat (half->folder, tensors->model, half->config, NULL);
  const Pt2Record *first = pt2_archive_find (tensors->archive, pickle);
  const Pt2Record *second = pt2_archive_find (tensors->archive, other);
  if (first != NULL && second != NULL)
    fail_half (tensors, PT2_ERROR_W011, first->name, second->name);
  if (first != NULL)
    pt2_tensors_read_dict (tensors, half, first);
  else if (second != NULL && legacy)
    pt2_tensors_read_dict (tensors, half, second);
  else if (second != NULL)
    pt2_tensors_read_list (tensors, half, second);
  else if (half->weights || !legacy) /* torch 2.1 wrote no constants */
    fail_half (tensors, PT2_ERROR_W008, NULL, legacy ? pickle : other);
}

/* ---- finishing ---- */

static bool
index_names (Pt2Tensors *tensors)
{
  size_t stride = sizeof *tensors->items;
  for (uint32_t i = 0; i < tensors->n; i++)
    {
      Pt2Tensor *tensor = &tensors->items[i];
      if (pt2_text_index_find (&tensors->index, tensors->items, stride, tensor->fqn) != PT2_TEXT_INDEX_NONE)
        {
          /* The other one is in the weights, or before it in one pickle. */
          Pt2Status status = PT2_STATUS_INIT;
          pt2_status_fail (&status, PT2_ERROR_W010, PT2_NO_OFFSET, "%s", "");
          pt2_status_prepend_key (&status, tensor->fqn.data, tensor->fqn.len);
          if (tensor->record != NULL)
            pt2_status_set_record (&status, tensor->record);
          pt2_tensor_set_fault (tensor, &status);
        }
      else if (!pt2_text_index_add (&tensors->index, tensors->items, stride, i))
        return no_memory (tensors) != NULL;
    }
  return true;
}

/* Who shares each storage: counted, then sorted in by number. */
static bool
group (Pt2Tensors *tensors)
{
  guint at = 0;
  tensors->sharing = g_try_new (guint, (size_t)tensors->n + 1);
  if (tensors->sharing == NULL)
    return no_memory (tensors) != NULL;
  for (uint32_t i = 0; i < tensors->n; i++)
    if (tensors->storage_of[i] != PT2_NO_STORAGE)
      tensors->storages[tensors->storage_of[i]].n++;
  for (uint32_t i = 0; i < tensors->n_storages; i++)
    {
      tensors->storages[i].first = at;
      at += tensors->storages[i].n;
      tensors->storages[i].n = 0;
    }
  for (uint32_t i = 0; i < tensors->n; i++)
    if (tensors->storage_of[i] != PT2_NO_STORAGE)
      {
        Pt2TensorStorage *storage = &tensors->storages[tensors->storage_of[i]];
        tensors->sharing[storage->first + storage->n++] = i;
      }
  return true;
}

/* The program, if its signature can be had; what is wrong with it is one of the faults. */
static Pt2Program *
load_program (Pt2Tensors *tensors, const Pt2Record *record)
{
  GError *error = NULL;
  Pt2Program *program = pt2_archive_load_program (tensors->archive, record, &error);
  if (program == NULL)
    g_ptr_array_add (tensors->faults, error);
  return program;
}

static bool
make (Pt2Tensors *tensors, const Pt2Record *record, Pt2Program *program)
{
  g_autoptr (Pt2Program) loaded = program != NULL ? pt2_program_ref (program) : load_program (tensors, record);
  tensors->storage_of_record = g_try_new0 (uint32_t, (size_t)tensors->archive->zip.n_entries + 1);
  if (tensors->storage_of_record == NULL)
    no_memory (tensors);
  else if (loaded == NULL || learn_roles (tensors, loaded))
    for (guint i = 0; i < G_N_ELEMENTS (halves); i++)
      read_half (tensors, &halves[i]);
  bool made = tensors->memory.code == PT2_ERROR_NONE && index_names (tensors) && group (tensors);
  clear_scaffold (tensors);
  g_ptr_array_add (tensors->faults, NULL);
  return made;
}

static void
free_fault (gpointer fault)
{
  if (fault != NULL)
    g_error_free (fault);
}

Pt2Tensors *
pt2_tensors_new (Pt2Archive *archive, const char *model, Pt2Program *program, GError **error)
{
  const Pt2Record *record = pt2_archive_choose_model (archive, model, error);
  if (record == NULL)
    return NULL;
  g_autoptr (Pt2Tensors) tensors = g_new0 (Pt2Tensors, 1);
  g_atomic_ref_count_init (&tensors->references);
  tensors->archive = pt2_archive_ref (archive);
  tensors->model = pt2_archive_model_name (archive, record);
  tensors->faults = g_ptr_array_new_with_free_func (free_fault);
  tensors->pickles = g_ptr_array_new_with_free_func ((GDestroyNotify)pt2_pickle_unref);
  tensors->memory = (Pt2Status)PT2_STATUS_INIT;
  pt2_arena_init (&tensors->arena, archive->limits.memory, 0);
  pt2_text_index_init (&tensors->index);
  pt2_text_index_init (&tensors->role_index);
  if (make (tensors, record, program))
    return g_steal_pointer (&tensors);
  pt2_status_to_error (&tensors->memory, error);
  return NULL;
}

/* ---- questions ---- */

const Pt2Tensor *
pt2_tensors_get (Pt2Tensors *tensors, guint *n)
{
  *n = tensors->n;
  return tensors->items;
}

const Pt2Tensor *
pt2_tensors_find (Pt2Tensors *tensors, const char *fqn)
{
  size_t len = strlen (fqn);
  Pt2String text = { fqn, (uint32_t)len };
  uint32_t i = len <= UINT32_MAX ? pt2_text_index_find (&tensors->index, tensors->items, sizeof *tensors->items, text)
                                 : PT2_TEXT_INDEX_NONE;
  return i != PT2_TEXT_INDEX_NONE ? &tensors->items[i] : NULL;
}

const GError *const *
pt2_tensors_get_faults (Pt2Tensors *tensors)
{
  return (const GError *const *)tensors->faults->pdata;
}

const guint *
pt2_tensors_get_sharing (Pt2Tensors *tensors, const Pt2Tensor *tensor, guint *n)
{
  uint32_t number = tensors->storage_of[tensor - tensors->items];
  *n = 0;
  if (number == PT2_NO_STORAGE || tensors->storages[number].bytes == 0)
    return NULL;
  *n = tensors->storages[number].n;
  return &tensors->sharing[tensors->storages[number].first];
}

static bool
are_alike (const Pt2Tensor *a, const Pt2Tensor *b)
{
  size_t shape = a->n_dims * sizeof *a->shape;
  return a->fault == NULL && b->fault == NULL && a->form == PT2_TENSOR_STRIDED && b->form == PT2_TENSOR_STRIDED
         && g_strcmp0 (a->dtype, b->dtype) == 0 && a->storage_offset == b->storage_offset && a->n_dims == b->n_dims
         && (shape == 0 || (memcmp (a->shape, b->shape, shape) == 0 && memcmp (a->stride, b->stride, shape) == 0));
}

const Pt2Tensor *
pt2_tensors_get_first_alike (Pt2Tensors *tensors, const Pt2Tensor *tensor)
{
  guint n;
  const guint *sharing = pt2_tensors_get_sharing (tensors, tensor, &n);
  /* The first one only: with many views of one storage, comparing all would take their number squared. */
  const Pt2Tensor *first = n > 0 ? &tensors->items[sharing[0]] : tensor;
  return are_alike (first, tensor) ? first : tensor;
}

const char *
pt2_tensor_role_name (Pt2TensorRole role)
{
  static const char *const names[] = {
    [PT2_TENSOR_PARAMETER] = "parameter",
    [PT2_TENSOR_BUFFER] = "buffer",
    [PT2_TENSOR_CONSTANT] = "constant",
    [PT2_TENSOR_CUSTOM_OBJECT] = "custom-object",
  };
  return (guint)role < G_N_ELEMENTS (names) ? names[role] : "?";
}

const char *
pt2_tensor_form_name (Pt2TensorForm form)
{
  static const char *const names[] = {
    [PT2_TENSOR_STRIDED] = "strided",     [PT2_TENSOR_ABSENT] = "absent",       [PT2_TENSOR_LAZY] = "lazy",
    [PT2_TENSOR_SPARSE] = "sparse",       [PT2_TENSOR_QUANTIZED] = "quantized", [PT2_TENSOR_SUBCLASS] = "subclass",
    [PT2_TENSOR_CONVERTED] = "converted", [PT2_TENSOR_OBJECT] = "object",
  };
  return (guint)form < G_N_ELEMENTS (names) ? names[form] : "?";
}

Pt2Pickle *
pt2_archive_read_sample_inputs (Pt2Archive *archive, const char *model, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  GError *inner = NULL;
  const Pt2Record *program = pt2_archive_choose_model (archive, model, error);
  if (program == NULL)
    return NULL;
  g_autofree char *name
      = archive->family == PT2_FAMILY_LEGACY
            ? g_strdup ("serialized_example_inputs.pt")
            : g_strconcat ("data/sample_inputs/", pt2_archive_model_name (archive, program), ".pt", NULL);
  const Pt2Record *record = pt2_archive_find (archive, name);
  if (record == NULL || record->bytes == 0)
    return NULL;
  g_autoptr (GBytes) bytes = pt2_archive_view (archive, record, &status);
  if (bytes == NULL)
    pt2_status_to_error (&status, error);
  Pt2Pickle *pickle = bytes != NULL ? pt2_pickle_new_from_bytes (bytes, &archive->limits, &inner) : NULL;
  if (inner != NULL)
    {
      pt2_error_add_record (inner, record->name);
      g_propagate_error (error, inner);
    }
  return pickle;
}
