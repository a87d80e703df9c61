/* SPDX-License-Identifier: Apache-2.0 */
/* The tensors and objects beside a program: parameters, buffers, constants.
 *
 * They come out of every layout alike: raw storages with a list (torch 2.9 and later), pickled
 * state dictionaries (2.8 and earlier), payloads that are pickles by themselves. What is listed is read
 * from lists and pickles alone; the weights are not touched until bytes are asked for. Nothing is
 * executed: what is no plain tensor is described, not built.
 *
 * A tensor is a view of a storage. Sizes, strides and the storage offset count elements, everything called
 * bytes counts bytes. A view was held against its storage before it is listed as sound: what reaches beyond
 * it, or cannot be, has a fault, and the others are listed all the same.
 *
 * A Pt2Tensors is immutable; all functions may be called from any number of threads at once, except that
 * the callbacks say where they run. Pointers that getters return live as long as the Pt2Tensors.
 * Since: 1.0
 */
#pragma once

#include "pt2-archive.h"
#include "pt2-pickle.h"
#include "pt2-program.h"
#include "pt2-save.h"

G_BEGIN_DECLS

#define PT2_TYPE_TENSORS (pt2_tensors_get_type ())
PT2_API GType pt2_tensors_get_type (void);
typedef struct _Pt2Tensors Pt2Tensors;

/* ---- types of elements ---- */

/**
 * Pt2Dtype:
 * @name: PyTorch's name, such as "float32"
 * @bytes: of an element
 * @unit: bytes that a change of byte order turns round: half an element for complex numbers
 * @numpy: what a `.npy` file says of it, such as "<f4"; %NULL if NumPy has no such type
 *
 * Since: 1.0
 */
typedef struct
{
  const char *name;
  guint bytes;
  guint unit;
  const char *numpy;
} Pt2Dtype;

/* The type of that name, or %NULL: static. Every type of the schema, and no quantised ones. */
PT2_API const Pt2Dtype *pt2_dtype_by_name (const char *name);

/**
 * Pt2DecodeFunc:
 * @element: the bytes of one element, little-endian
 *
 * Returns: its value; integers beyond 2^53 are rounded
 * Since: 1.0
 */
typedef double (*Pt2DecodeFunc) (const guint8 *element);

/**
 * pt2_dtype_get_decoder:
 * @dtype: (nullable): PyTorch's name of a type
 * @is_integer: (out) (optional): whether its values are integers or booleans
 *
 * Returns: (nullable): what decodes elements of that type; %NULL for complex types, which have no order, and for types
 *   that are not known
 * Since: 1.0
 */
PT2_API Pt2DecodeFunc pt2_dtype_get_decoder (const char *dtype, gboolean *is_integer);

/* ---- one tensor ---- */

typedef enum
{
  PT2_TENSOR_PARAMETER,     /* "parameter" */
  PT2_TENSOR_BUFFER,        /* "buffer": persistent or not */
  PT2_TENSOR_CONSTANT,      /* "constant" */
  PT2_TENSOR_CUSTOM_OBJECT, /* "custom-object": no tensor, also an opaque Python object */
} Pt2TensorRole;

typedef enum
{
  PT2_TENSOR_STRIDED,   /* "strided": a view of a storage; the only form whose elements can be had */
  PT2_TENSOR_ABSENT,    /* "absent": a fake or meta tensor: it has elements, but the archive does not hold them */
  PT2_TENSOR_LAZY,      /* "lazy": a view that is to be conjugated or negated when it is used */
  PT2_TENSOR_SPARSE,    /* "sparse" */
  PT2_TENSOR_QUANTIZED, /* "quantized" */
  PT2_TENSOR_SUBCLASS,  /* "subclass": of torch.Tensor; what it holds only its code knows */
  PT2_TENSOR_CONVERTED, /* "converted": of a layout, or from an array, that only PyTorch can convert */
  PT2_TENSOR_OBJECT,    /* "object": no tensor */
} Pt2TensorForm;

/**
 * Pt2Tensor:
 * @fqn: qualified name in the module; not NUL-terminated
 * @dtype: PyTorch's name of the type of its elements; %NULL if it is no tensor or the type is not known
 * @element_bytes: of one element; 0 if not known
 * @n_dims: dimensions
 * @shape: (array length=n_dims): elements; %NULL if it is no tensor
 * @stride: (array length=n_dims): elements; %NULL for what has none
 * @storage_offset: elements of the storage before its first
 * @numel: product of @shape
 * @nbytes: bytes of its elements
 * @device: where PyTorch would put it, such as "cuda:0"; %NULL if it is no tensor
 * @layout: "strided", "sparse_coo" and so on; %NULL if it is no tensor
 * @requires_grad: whether gradients flow into it
 * @is_parameter: the payload itself says that it is a parameter
 * @persistent: it belongs to the state dictionary
 * @pickled: its record is a pickle
 * @record: name of the record that holds it; %NULL if that is missing
 * @storage_bytes: of its storage as the archive holds it
 * @class_name: (nullable): the class of a subclass or an object, escaped
 * @fault: (nullable): why it cannot be used (W…, or an error of its record); the fields above are then as far as known
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String fqn;
  Pt2TensorRole role;
  Pt2TensorForm form;
  const char *dtype;
  guint element_bytes;
  guint n_dims;
  const gint64 *shape;
  const gint64 *stride;
  gint64 storage_offset;
  guint64 numel;
  guint64 nbytes;
  const char *device;
  const char *layout;
  gboolean requires_grad;
  gboolean is_parameter;
  gboolean persistent;
  gboolean pickled;
  const char *record;
  guint64 storage_bytes;
  const char *class_name;
  const GError *fault;
} Pt2Tensor;

PT2_API const char *pt2_tensor_role_name (Pt2TensorRole role);
PT2_API const char *pt2_tensor_form_name (Pt2TensorForm form);

/* ---- all tensors of a program ---- */

/**
 * pt2_tensors_new:
 * @archive: kept by reference
 * @model: (nullable): which program of an archive; as for pt2_archive_choose_model()
 * @program: (nullable): that program, if it is loaded already: its signature says what a parameter, a buffer or a
 *   constant is. %NULL: it is read. If it cannot be read, the lists alone say it
 *
 * Fails only if the archive has no such program, or memory is short. Whatever is wrong with a list or a pickle is
 * in pt2_tensors_get_faults(), with a single tensor in its @fault.
 * Returns: (transfer full) (nullable): the tensors; free with pt2_tensors_unref()
 * Since: 1.0
 */
PT2_API Pt2Tensors *pt2_tensors_new (Pt2Archive *archive, const char *model, Pt2Program *program, GError **error);
PT2_API Pt2Tensors *pt2_tensors_ref (Pt2Tensors *tensors);
PT2_API void pt2_tensors_unref (Pt2Tensors *tensors);

/* In the order of the archive's lists, weights before constants. (array length=n) */
PT2_API const Pt2Tensor *pt2_tensors_get (Pt2Tensors *tensors, guint *n);
/* The tensor of that name, or %NULL. Constant time. A name in the weights goes before one in the constants. */
PT2_API const Pt2Tensor *pt2_tensors_find (Pt2Tensors *tensors, const char *fqn);
/* What hides tensors: lists and pickles that are missing or cannot be read. %NULL-terminated. */
PT2_API const GError *const *pt2_tensors_get_faults (Pt2Tensors *tensors);

/**
 * pt2_tensors_get_sharing:
 * @n: (out): how many
 *
 * The tensors over the same storage as @tensor, itself among them, in the order of the list.
 * Storages without bytes are shared by nobody.
 * Returns: (array length=n) (transfer none): their indices in pt2_tensors_get()
 * Since: 1.0
 */
PT2_API const guint *pt2_tensors_get_sharing (Pt2Tensors *tensors, const Pt2Tensor *tensor, guint *n);

/* The first tensor of the list that is the same view of the same storage as TENSOR: itself, mostly. */
PT2_API const Pt2Tensor *pt2_tensors_get_first_alike (Pt2Tensors *tensors, const Pt2Tensor *tensor);

/* ---- bytes ---- */

/* Are the elements row-major, without gaps, and little-endian where they lie? */
PT2_API gboolean pt2_tensor_is_contiguous (Pt2Tensors *tensors, const Pt2Tensor *tensor);

/**
 * pt2_tensor_get_view:
 *
 * The elements where they lie: part of the mapped file if their record is stored, else of the inflated record.
 * No byte of them is read, so the record's CRC is not checked: pt2_tensor_check_record() does.
 * Returns: (transfer full) (nullable): @nbytes bytes; %NULL with W013 if they are not contiguous, with the tensor's
 *   fault, W012 or W013 if there are none, or with the error of the record
 * Since: 1.0
 */
PT2_API GBytes *pt2_tensor_get_view (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error);

/**
 * pt2_tensor_get_bytes:
 *
 * The elements in row-major order, little-endian, whatever stride and byte order the archive has: a view if
 * pt2_tensor_get_view() can give one, else a copy. L003 for a copy larger than the limit `memory`.
 * Returns: (transfer full) (nullable): @nbytes bytes
 * Since: 1.0
 */
PT2_API GBytes *pt2_tensor_get_bytes (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error);

/**
 * pt2_tensor_get_storage:
 *
 * The whole storage as the archive holds it, also outside the tensor, in the archive's byte order.
 * Returns: (transfer full) (nullable): @storage_bytes bytes
 * Since: 1.0
 */
PT2_API GBytes *pt2_tensor_get_storage (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error);

/* Checks the CRC of the record that holds TENSOR: reads all of it. Z017 if it is wrong. */
PT2_API gboolean pt2_tensor_check_record (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error);

/**
 * Pt2TensorPieceFunc:
 * @piece: some of the elements in row-major order, little-endian; only during the call
 * @len: bytes of it
 *
 * Returns: %FALSE to stop
 * Since: 1.0
 */
typedef gboolean (*Pt2TensorPieceFunc) (gconstpointer piece, gsize len, gpointer data);

/**
 * pt2_tensor_foreach_piece:
 * @func: (scope call): called in this thread with one piece after the other
 *
 * All elements without ever holding a copy of them all: pieces of the mapping of at most 16 MiB where they are
 * contiguous, else small copies.
 * Returns: %FALSE with an error: F006 if @func stopped it
 * Since: 1.0
 */
PT2_API gboolean pt2_tensor_foreach_piece (Pt2Tensors *tensors, const Pt2Tensor *tensor, Pt2TensorPieceFunc func,
                                           gpointer data, GError **error);

/**
 * pt2_tensors_check_cost:
 * @bytes: (out) (optional): of all elements; views that are alike count once
 *
 * What reading every tensor costs. Expanded and overlapping tensors can have far more elements than their storages,
 * and every view of a deflated storage inflates all of it: L003 if what is read beyond each storage once is more
 * than the limit `memory`.
 * Since: 1.0
 */
PT2_API gboolean pt2_tensors_check_cost (Pt2Tensors *tensors, guint64 *bytes, GError **error);

/* ---- SHA-256 ---- */

#define PT2_SHA256_BYTES 32

/**
 * Pt2TensorHash:
 * @known: @digest is set
 * @digest: SHA-256 of the elements in row-major order, little-endian
 * @error: (nullable): why it is not known; %NULL also if the tensor has no elements to be had
 *
 * Since: 1.0
 */
typedef struct
{
  gboolean known;
  guint8 digest[PT2_SHA256_BYTES];
  GError *error;
} Pt2TensorHash;

/* The hash of one tensor, in this thread. */
PT2_API gboolean pt2_tensor_sha256 (Pt2Tensors *tensors, const Pt2Tensor *tensor, guint8 digest[PT2_SHA256_BYTES],
                                    GError **error);

/**
 * pt2_tensors_sha256:
 * @n_threads: how many; 0: as many as there are processors
 * @progress: (nullable) (scope call): called in this thread, several times a second
 *
 * The hashes of all tensors; views that are alike are hashed once. L003 as by pt2_tensors_check_cost().
 * Returns: (transfer full) (nullable): one for each tensor of pt2_tensors_get(), free with pt2_tensor_hashes_free();
 *   %NULL with an error: F006 if @progress stopped it
 * Since: 1.0
 */
PT2_API Pt2TensorHash *pt2_tensors_sha256 (Pt2Tensors *tensors, guint n_threads, Pt2ProgressFunc progress,
                                           gpointer data, GError **error);
PT2_API void pt2_tensor_hashes_free (Pt2Tensors *tensors, Pt2TensorHash *hashes);

/* ---- NumPy ---- */

/**
 * pt2_tensor_npy_header:
 * @note: (out) (optional): what a reader must know, as English text, or %NULL: a type that NumPy has not is written
 *   as the integers of its width (bfloat16, the float8 types), complex32 as pairs of float16
 *
 * The header of a `.npy` file (format 1.0, or 2.0 if it is long) for a C-ordered array; what follows it is
 * the tensor's elements. The bytes are those that numpy.save() writes.
 * Returns: (transfer full) (nullable): %NULL with the tensor's fault, W012 or W013
 * Since: 1.0
 */
PT2_API GBytes *pt2_tensor_npy_header (const Pt2Tensor *tensor, const char **note, GError **error);

/* ---- other payloads ---- */

/**
 * pt2_archive_read_sample_inputs:
 * @model: (nullable): as for pt2_archive_choose_model()
 *
 * The inputs that a program was exported with: a tuple of a tuple of positional arguments and a dict of the others.
 * Returns: (transfer full) (nullable): %NULL without an error if there are none
 * Since: 1.0
 */
PT2_API Pt2Pickle *pt2_archive_read_sample_inputs (Pt2Archive *archive, const char *model, GError **error);

typedef gboolean (*Pt2RecordFunc) (const Pt2Record *record, gpointer data);

/**
 * pt2_archive_foreach_pickle:
 * @func: (scope call): called for each record that PyTorch would unpickle, in the order of the archive; returns
 *   %FALSE to stop
 *
 * Believes the lists beside raw payloads and does not touch those payloads; only payloads that no list tells about
 * are looked at, a page each.
 * Returns: %FALSE with an error of a payload that was looked at
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_foreach_pickle (Pt2Archive *archive, Pt2RecordFunc func, gpointer data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Tensors, pt2_tensors_unref)

G_END_DECLS
