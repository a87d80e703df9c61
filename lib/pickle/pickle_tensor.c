/* SPDX-License-Identifier: Apache-2.0 */
/* Storages and tensors as PyTorch's pickles describe them. A view is held against its storage in
 * 64 bits before it becomes a value; the bytes of storages are not looked at here.
 */
#include "pickle_private.h"
#include <string.h>

static const Pt2PickleDtype pickle_dtypes[] = {
  { "float64", 8, 1 },        { "float32", 4, 1 },
  { "float16", 2, 1 },        { "int64", 8, 1 },
  { "int32", 4, 1 },          { "int16", 2, 1 },
  { "int8", 1, 1 },           { "uint8", 1, 1 },
  { "bool", 1, 1 },           { "bfloat16", 2, 1 },
  { "complex128", 16, 1 },    { "complex64", 8, 1 },
  { "qint8", 1, 1 },          { "qint32", 4, 1 },
  { "quint8", 1, 1 },         { "quint4x2", 1, 2 },
  { "quint2x4", 1, 4 },       { "complex32", 4, 1 },
  { "bcomplex32", 4, 1 },     { "uint16", 2, 1 },
  { "uint32", 4, 1 },         { "uint64", 8, 1 },
  { "float8_e4m3fn", 1, 1 },  { "float8_e4m3fnuz", 1, 1 },
  { "float8_e5m2", 1, 1 },    { "float8_e5m2fnuz", 1, 1 },
  { "float8_e8m0fnu", 1, 1 }, { "float4_e2m1fn_x2", 1, 1 },
  { "bits8", 1, 1 },          { "bits16", 2, 1 },
  { "bits1x8", 1, 1 },        { "bits2x4", 1, 1 },
  { "bits4x2", 1, 1 },        { "uint1", 1, 1 },
  { "uint2", 1, 1 },          { "uint3", 1, 1 },
  { "uint4", 1, 1 },          { "uint5", 1, 1 },
  { "uint6", 1, 1 },          { "uint7", 1, 1 },
  { "int1", 1, 1 },           { "int2", 1, 1 },
  { "int3", 1, 1 },           { "int4", 1, 1 },
  { "int5", 1, 1 },           { "int6", 1, 1 },
  { "int7", 1, 1 },
};

const Pt2PickleDtype *
pickle_find_dtype (const char *name, size_t len)
{
  for (size_t i = 0; i < G_N_ELEMENTS (pickle_dtypes); i++)
    if (strlen (pickle_dtypes[i].name) == len && memcmp (pickle_dtypes[i].name, name, len) == 0)
      return &pickle_dtypes[i];
  return NULL;
}

static const Pt2PickleDtype *
dtype_of (const Pt2PickleValue *value)
{
  return pickle_find_dtype (value->text.data, (size_t)value->text.len);
}

/* Of a class of storages; NULL: untyped. */
static const Pt2PickleDtype *
dtype_of_class (const Pt2PickleValue *class)
{
  const char *name = pickle_rule_of (class)->dtype;
  return name != NULL ? pickle_find_dtype (name, strlen (name)) : NULL;
}

/* ---- storages ---- */

static bool
is_text (const Pt2PickleValue *value)
{
  return value->kind == PT2_PICKLE_TEXT || value->kind == PT2_PICKLE_BYTES;
}

/* What a persistent id must be: ("storage", class, key, location, numel), and None for the view of old streams. */
static const char *
fault_of_id (const Pt2PickleItems *id)
{
  const PickleRule *rule = id->n > 1 ? pickle_rule_of (id->at[1]) : NULL;
  if (id->n != 5 && id->n != 6)
    return "not five parts";
  if (rule == NULL || !rule->is_storage)
    return "its class is no class of storages";
  if (!is_text (id->at[2]) || !is_text (id->at[3]) || id->at[2]->text.len > 4096 || id->at[3]->text.len > 4096)
    return "key and location are no short texts";
  if (id->at[4]->kind != PT2_PICKLE_INTEGER || id->at[4]->integer < 0)
    return "its size is no number";
  if (id->n == 6 && id->at[5]->kind != PT2_PICKLE_NONE)
    return "a view of another storage, which only PyTorch before 0.4 wrote";
  return NULL;
}

static Pt2String
short_text (const Pt2PickleValue *value)
{
  return (Pt2String){ value->text.data, (uint32_t)value->text.len };
}

static Pt2PickleStorage *
new_storage (PickleMachine *machine, const Pt2PickleItems *id)
{
  Pt2PickleStorage *storage = pickle_alloc (machine, sizeof *storage);
  if (storage == NULL)
    return NULL;
  const Pt2PickleDtype *dtype = dtype_of_class (id->at[1]);
  *storage = (Pt2PickleStorage){
    .key = short_text (id->at[2]),
    .index = (guint32)machine->pickle->storages.things.n,
    .dtype = dtype,
    .location = short_text (id->at[3]),
    .numel = (uint64_t)id->at[4]->integer,
    .offset = PT2_PICKLE_NO_PLACE,
  };
  if (__builtin_mul_overflow (storage->numel, dtype != NULL ? dtype->bytes : 1, &storage->bytes)
      || storage->bytes > INT64_MAX)
    {
      pickle_fail (machine, PT2_ERROR_I014, "%" G_GUINT64_FORMAT " elements", storage->numel);
      return NULL;
    }
  if (pickle_names_add (&machine->pickle->storages, storage->key, storage))
    return storage;
  pickle_fail_memory (machine);
  return NULL;
}

const Pt2PickleValue *
pickle_storage_of (PickleMachine *machine, const Pt2PickleItems *id)
{
  const char *fault = fault_of_id (id);
  if (fault != NULL)
    {
      pickle_fail (machine, PT2_ERROR_I014, "%s", fault);
      return NULL;
    }
  if (!pickle_charge (machine, id->at[2]->text.len))
    return NULL;
  Pt2PickleStorage *storage = pickle_names_find (&machine->pickle->storages, short_text (id->at[2]));
  if (storage == NULL && (storage = new_storage (machine, id)) == NULL)
    return NULL;
  const Pt2PickleDtype *dtype = dtype_of_class (id->at[1]);
  if (storage->dtype != dtype || storage->numel != (uint64_t)id->at[4]->integer)
    {
      pickle_fail (machine, PT2_ERROR_I015, "%" G_GUINT64_FORMAT " of %s, then %" G_GINT64_FORMAT " of %s",
                   storage->numel, storage->dtype != NULL ? storage->dtype->name : "bytes", id->at[4]->integer,
                   dtype != NULL ? dtype->name : "bytes");
      return NULL;
    }
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_STORAGE);
  if (value != NULL)
    value->storage = storage;
  return value;
}

/* ---- shapes ---- */

static bool
take_integers (PickleMachine *machine, const Pt2PickleValue *from, const gint64 **numbers)
{
  uint64_t n = from->items.n;
  gint64 *out = pickle_alloc (machine, n * sizeof *out);
  for (uint64_t i = 0; out != NULL && i < n; i++)
    {
      out[i] = from->items.at[i]->integer;
      if (out[i] < 0)
        return pickle_fail (machine, PT2_ERROR_I016,
                            "dimension %" G_GUINT64_FORMAT ": a size or stride of %" G_GINT64_FORMAT, i, out[i]);
    }
  *numbers = out;
  return out != NULL;
}

/* Sizes, and strides if there are any; the number of elements. */
static bool
take_shape (PickleMachine *machine, Pt2PickleTensor *tensor, const Pt2PickleValue *sizes, const Pt2PickleValue *strides)
{
  if (sizes->items.n > 4096 || (strides != NULL && strides->items.n != sizes->items.n))
    return pickle_fail (machine, PT2_ERROR_I016, "%" G_GUINT64_FORMAT " sizes", sizes->items.n);
  tensor->n_dims = (guint)sizes->items.n;
  if (!take_integers (machine, sizes, &tensor->sizes)
      || (strides != NULL && !take_integers (machine, strides, &tensor->strides)))
    return false;
  tensor->numel = 1;
  bool empty = false, overflow = false;
  for (guint i = 0; i < tensor->n_dims; i++)
    {
      empty |= tensor->sizes[i] == 0;
      overflow |= __builtin_mul_overflow (tensor->numel, (uint64_t)tensor->sizes[i], &tensor->numel);
    }
  if (empty)
    tensor->numel = 0;
  else if (overflow || tensor->numel > INT64_MAX)
    return pickle_fail (machine, PT2_ERROR_I016, "more elements than 63 bits can count");
  return true;
}

/* One past the last element that the view reaches, counted from the storage's beginning; false if it overflows. */
static bool
find_reach (const Pt2PickleTensor *tensor, uint64_t *reach)
{
  uint64_t last = (uint64_t)tensor->storage_offset;
  for (guint i = 0; i < tensor->n_dims; i++)
    {
      uint64_t step;
      if (__builtin_mul_overflow ((uint64_t)tensor->sizes[i] - 1, (uint64_t)tensor->strides[i], &step)
          || __builtin_add_overflow (last, step, &last))
        return false;
    }
  return !__builtin_add_overflow (last, 1, reach);
}

static bool
check_view (PickleMachine *machine, const Pt2PickleTensor *tensor)
{
  uint64_t reach = 0, bytes;
  if (tensor->storage_offset < 0)
    return pickle_fail (machine, PT2_ERROR_I016, "a storage offset of %" G_GINT64_FORMAT, tensor->storage_offset);
  if (tensor->numel == 0)
    return true; /* PyTorch lets an empty view begin anywhere */
  const Pt2PickleDtype *dtype = tensor->dtype;
  if (!find_reach (tensor, &reach)
      || __builtin_mul_overflow (reach / dtype->per_byte + (reach % dtype->per_byte != 0), dtype->bytes, &bytes)
      || bytes > tensor->storage->bytes)
    return pickle_fail (machine, PT2_ERROR_I016,
                        "it reaches element %" G_GUINT64_FORMAT " of a storage of %" G_GUINT64_FORMAT " bytes", reach,
                        tensor->storage->bytes);
  return true;
}

/* ---- tensors ---- */

static const Pt2PickleValue *
new_tensor (PickleMachine *machine, const Pt2PickleTensor *from)
{
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_TENSOR);
  Pt2PickleTensor *tensor = value != NULL ? pickle_alloc (machine, sizeof *tensor) : NULL;
  if (tensor == NULL)
    return NULL;
  *tensor = *from;
  value->tensor = tensor;
  return value;
}

/* {"conj": True, "neg": True} */
static bool
take_metadata (PickleMachine *machine, Pt2PickleTensor *tensor, const Pt2PickleValue *metadata)
{
  if (metadata->kind == PT2_PICKLE_NONE)
    return true;
  if (metadata->kind != PT2_PICKLE_DICT || metadata->items.n > 16)
    return pickle_fail (machine, PT2_ERROR_I020, "the metadata of a tensor is a %s",
                        pt2_pickle_kind_name (metadata->kind));
  const Pt2PickleValue *conjugate = pt2_pickle_lookup (metadata, "conj"),
                       *negative = pt2_pickle_lookup (metadata, "neg");
  tensor->conjugate = conjugate != NULL && conjugate->kind == PT2_PICKLE_BOOL && conjugate->boolean;
  tensor->negative = negative != NULL && negative->kind == PT2_PICKLE_BOOL && negative->boolean;
  return true;
}

/* A view of at[0] with offset, sizes and strides at[1] to at[3]. */
static const Pt2PickleValue *
build_view (PickleMachine *machine, Pt2PickleTensor *tensor, const Pt2PickleItems *arguments,
            const Pt2PickleValue *metadata)
{
  tensor->storage = arguments->at[0]->storage;
  tensor->layout = "strided";
  tensor->storage_offset = arguments->at[1]->integer;
  if (tensor->dtype == NULL)
    tensor->dtype = tensor->storage->dtype != NULL ? tensor->storage->dtype : pickle_find_dtype ("uint8", 5);
  if (!take_shape (machine, tensor, arguments->at[2], arguments->at[3]) || !check_view (machine, tensor)
      || (metadata != NULL && !take_metadata (machine, tensor, metadata)))
    return NULL;
  return new_tensor (machine, tensor);
}

const Pt2PickleValue *
pickle_build_strided (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleTensor tensor = { .requires_grad = arguments->n > 4 && arguments->at[4]->boolean };
  return build_view (machine, &tensor, arguments, arguments->n > 6 ? arguments->at[6] : NULL);
}

const Pt2PickleValue *
pickle_build_typed (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleTensor tensor = { .requires_grad = arguments->at[4]->boolean, .dtype = dtype_of (arguments->at[6]) };
  return build_view (machine, &tensor, arguments, arguments->n > 7 ? arguments->at[7] : NULL);
}

const Pt2PickleValue *
pickle_build_quantized (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleTensor tensor
      = { .form = PT2_PICKLE_TENSOR_QUANTIZED, .requires_grad = arguments->at[5]->boolean, .parts = arguments->at[4] };
  return build_view (machine, &tensor, arguments, NULL);
}

/* The tensor that is given, made a parameter; of _rebuild_parameter_with_state the last argument is its state. */
const Pt2PickleValue *
pickle_build_parameter (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleTensor tensor = *arguments->at[0]->tensor;
  tensor.is_parameter = true;
  tensor.requires_grad = arguments->n < 2 || arguments->at[1]->boolean;
  Pt2PickleValue *value = (Pt2PickleValue *)new_tensor (machine, &tensor);
  if (value != NULL)
    value->state = arguments->n > 3 ? arguments->at[3] : arguments->at[0]->state;
  return value;
}

const Pt2PickleValue *
pickle_build_meta (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleTensor tensor = { .form = PT2_PICKLE_TENSOR_META,
                             .layout = "strided",
                             .dtype = dtype_of (arguments->at[0]),
                             .requires_grad = arguments->at[3]->boolean };
  return take_shape (machine, &tensor, arguments->at[1], arguments->at[2]) ? new_tensor (machine, &tensor) : NULL;
}

/* Names of constants end with a NUL, whether they stand in a table or among the globals. */
static const char *
layout_of (const Pt2PickleValue *value)
{
  return value->text.data;
}

const Pt2PickleValue *
pickle_build_wrapper (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleTensor tensor = { .form = PT2_PICKLE_TENSOR_WRAPPER,
                             .subclass = arguments->at[0]->global,
                             .dtype = dtype_of (arguments->at[1]),
                             .storage_offset = arguments->at[4]->integer,
                             .layout = layout_of (arguments->at[5]),
                             .requires_grad = arguments->at[7]->boolean };
  return take_shape (machine, &tensor, arguments->at[2], arguments->at[3]) ? new_tensor (machine, &tensor) : NULL;
}

/* COO: (indices, values, size, perhaps whether coalesced); compressed: (indices, indices, values, size). */
const Pt2PickleValue *
pickle_build_sparse (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  const Pt2PickleItems *data = &arguments->at[1]->items;
  Pt2PickleTensor tensor
      = { .form = PT2_PICKLE_TENSOR_SPARSE, .layout = layout_of (arguments->at[0]), .parts = arguments->at[1] };
  uint64_t first = strcmp (tensor.layout, "sparse_coo") == 0 ? 1 : 2; /* where the values stand */
  if (data->n < first + 2 || data->at[first + 1]->kind != PT2_PICKLE_TUPLE)
    {
      pickle_fail (machine, PT2_ERROR_I020, "%s: its data are %" G_GUINT64_FORMAT " parts", rule->name, data->n);
      return NULL;
    }
  const Pt2PickleValue *values = data->at[first], *sizes = data->at[first + 1];
  if (values->kind != PT2_PICKLE_TENSOR || !pickle_charge (machine, sizes->items.n))
    return NULL; /* made of something opaque: opaque */
  tensor.dtype = values->tensor->dtype;
  for (uint64_t i = 0; i < sizes->items.n; i++)
    if (sizes->items.at[i]->kind != PT2_PICKLE_INTEGER)
      {
        pickle_fail (machine, PT2_ERROR_I020, "%s: its size holds a %s", rule->name,
                     pt2_pickle_kind_name (sizes->items.at[i]->kind));
        return NULL;
      }
  return take_shape (machine, &tensor, sizes, NULL) ? new_tensor (machine, &tensor) : NULL;
}

/* (data, dtype, device, requires_grad): what it is made from is kept, its sizes are those of a tensor. */
const Pt2PickleValue *
pickle_build_converted (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  const Pt2PickleValue *data = arguments->at[0];
  Pt2PickleTensor tensor = { .form = PT2_PICKLE_TENSOR_CONVERTED,
                             .layout = "strided",
                             .dtype = dtype_of (arguments->at[1]),
                             .requires_grad = arguments->at[3]->boolean };
  if (data->kind == PT2_PICKLE_TENSOR)
    {
      tensor.n_dims = data->tensor->n_dims;
      tensor.sizes = data->tensor->sizes;
      tensor.numel = data->tensor->numel;
    }
  tensor.parts = pickle_new_items (machine, PT2_PICKLE_TUPLE, *arguments);
  return tensor.parts != NULL ? new_tensor (machine, &tensor) : NULL;
}

/* (JSON of the TensorMeta, whether a parameter) */
const Pt2PickleValue *
pickle_build_fake (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleTensor tensor
      = { .form = PT2_PICKLE_TENSOR_FAKE, .is_parameter = arguments->at[1]->boolean, .parts = arguments->at[0] };
  return new_tensor (machine, &tensor);
}

/* (function, class, arguments, state): what the function builds, with a class and state of its own. */
const Pt2PickleValue *
pickle_build_typed_object (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  const PickleRule *inner = pickle_rule_of (arguments->at[0]);
  const Pt2PickleValue *made = NULL;
  pickle_origin (arguments->at[0])->global.called++; /* by the one that is called here */
  if (inner == NULL || inner->build == NULL || inner->build == pickle_build_typed_object)
    return NULL;
  if (!pickle_apply_rule (machine, inner, &arguments->at[2]->items, &made) || made == NULL
      || made->kind != PT2_PICKLE_TENSOR || made->state != NULL)
    return NULL;
  const PickleRule *class = pickle_rule_of (arguments->at[1]);
  bool parameter = class != NULL && class->build == pickle_build_parameter;
  bool plain = parameter || (class != NULL && class->arguments == NULL && !class->is_storage); /* torch.Tensor */
  Pt2PickleTensor *tensor = (Pt2PickleTensor *)made->tensor;
  tensor->subclass = plain ? NULL : arguments->at[1]->global;
  tensor->is_parameter |= parameter;
  ((Pt2PickleValue *)made)->state = arguments->at[3];
  return made;
}
