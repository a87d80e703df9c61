/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors files: the tensors beside a program written to one, and one read to replace them.
 *
 * Reading holds a file against all that the format demands before it gives out anything; no element is read.
 * Writing gives the bytes that the safetensors library writes: tensors row-major and little-endian whatever
 * their stride, widest types first, then by name.
 *
 * The format knows no two names for one tensor. Names of the same view of the same storage (tied weights) are
 * written once, under the name that comes first by its bytes; the others become metadata, name to name. That is
 * what the library's save_model() does and load_model() expects. Views of one storage that differ are written each.
 *
 * Thread rule: a Pt2Safetensors is immutable, and any number of threads may use it; a Pt2SafetensorsWriter belongs to
 * one thread at a time.
 * Since: 1.0
 */
#pragma once

#include "pt2-archive-writer.h"
#include "pt2-tensor.h"

G_BEGIN_DECLS

/* ---- reading ---- */

#define PT2_TYPE_SAFETENSORS (pt2_safetensors_get_type ())
PT2_API GType pt2_safetensors_get_type (void);
typedef struct _Pt2Safetensors Pt2Safetensors;

/**
 * Pt2SafetensorsItem:
 * @name: not NUL-terminated
 * @type: as the file names it, such as "BF16"
 * @dtype: (nullable): PyTorch's name, such as "bfloat16"; %NULL for the types of 4 and 6 bits, which exported programs
 *   do not have
 * @n_dims: dimensions
 * @shape: (array length=n_dims): elements
 * @offset: bytes from the start of the file to its first
 * @nbytes: bytes of its elements
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String name;
  const char *type;
  const char *dtype;
  guint n_dims;
  const gint64 *shape;
  guint64 offset;
  guint64 nbytes;
} Pt2SafetensorsItem;

/**
 * pt2_safetensors_new_from_file:
 * @path: a file; it is mapped
 * @limits: (nullable): %NULL for the default
 *
 * Fails with W017 (size of the header), J… (the header is no JSON, or names something twice), W019 to W023,
 * L…, and F001 if the file cannot be read.
 * Returns: (transfer full) (nullable): free with pt2_safetensors_unref()
 * Since: 1.0
 */
PT2_API Pt2Safetensors *pt2_safetensors_new_from_file (const char *path, const Pt2Limits *limits, GError **error);
/* The same from memory; BYTES is kept, not copied. Since: 1.0 */
PT2_API Pt2Safetensors *pt2_safetensors_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error);
PT2_API Pt2Safetensors *pt2_safetensors_ref (Pt2Safetensors *file);
PT2_API void pt2_safetensors_unref (Pt2Safetensors *file);

/* In the order of the header. (array length=n) Since: 1.0 */
PT2_API const Pt2SafetensorsItem *pt2_safetensors_get (Pt2Safetensors *file, guint *n);
/* The tensor of that name, or %NULL. Constant time. Since: 1.0 */
PT2_API const Pt2SafetensorsItem *pt2_safetensors_find (Pt2Safetensors *file, const char *name);
/* The elements where they lie in the file: row-major, little-endian. (transfer full) Since: 1.0 */
PT2_API GBytes *pt2_safetensors_get_bytes (Pt2Safetensors *file, const Pt2SafetensorsItem *item);

typedef void (*Pt2MetadataFunc) (Pt2String key, Pt2String value, gpointer data);
/* FUNC is called for each entry of the metadata, in the order of the file. (scope call) Since: 1.0 */
PT2_API void pt2_safetensors_foreach_metadata (Pt2Safetensors *file, Pt2MetadataFunc func, gpointer data);

/* ---- writing ---- */

typedef struct _Pt2SafetensorsWriter Pt2SafetensorsWriter;

/**
 * Pt2SafetensorsFlags:
 * @PT2_SAFETENSORS_PLAIN: tied tensors are written once
 * @PT2_SAFETENSORS_REPEAT: every name gets its elements, tied or not; for readers that want every name, such as
 *   `module.load_state_dict (load_file (path))`
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_SAFETENSORS_PLAIN = 0,
  PT2_SAFETENSORS_REPEAT = 1,
} Pt2SafetensorsFlags;

/**
 * Pt2SafetensorsFate:
 * @kept_as: (nullable): the tensor that is written instead, since it is the same view of the same storage; itself if it
 *   is written; %NULL if it is left out
 * @error: (nullable): why it is left out: W012 or W013 (no elements to be had), W023 (safetensors has no such type:
 *   complex32, complex128), W024 (not its name)
 *
 * Since: 1.0
 */
typedef struct
{
  const Pt2Tensor *kept_as;
  GError *error;
} Pt2SafetensorsFate;

/**
 * pt2_safetensors_writer_new:
 * @tensors: kept by reference
 *
 * Plans a file of all tensors. Fails with the fault of a tensor that has one and with that of a list or pickle that
 * cannot be read, since the file would silently lack tensors; L003 as by pt2_tensors_check_cost().
 * Returns: (transfer full) (nullable): free with pt2_safetensors_writer_free()
 * Since: 1.0
 */
PT2_API Pt2SafetensorsWriter *pt2_safetensors_writer_new (Pt2Tensors *tensors, Pt2SafetensorsFlags flags,
                                                          GError **error);
PT2_API void pt2_safetensors_writer_free (Pt2SafetensorsWriter *writer);
/* What becomes of each tensor of pt2_tensors_get(), in its order; owned by the writer. Since: 1.0 */
PT2_API const Pt2SafetensorsFate *pt2_safetensors_writer_get_fates (Pt2SafetensorsWriter *writer);

/**
 * pt2_safetensors_writer_set_metadata:
 * @key: UTF-8
 * @value: UTF-8
 *
 * Adds to the file's metadata, or changes it; "format" is "pt" from the start. It goes before the names of tied
 * tensors.
 * Since: 1.0
 */
PT2_API void pt2_safetensors_writer_set_metadata (Pt2SafetensorsWriter *writer, const char *key, const char *value);

/**
 * pt2_safetensors_writer_write:
 * @fd: open for writing
 * @progress: (nullable) (scope call): how far it is; may stop it
 *
 * Writes the file from where @fd stands. The CRC of every record is checked before its elements are written.
 * Fails with W018, F002, F006, Z… (a record is damaged) and L001.
 * Since: 1.0
 */
PT2_API gboolean pt2_safetensors_writer_write (Pt2SafetensorsWriter *writer, int fd, Pt2ProgressFunc progress,
                                               gpointer data, GError **error);
/* The same to a file that appears whole or not at all; also F003. Since: 1.0 */
PT2_API gboolean pt2_safetensors_writer_save (Pt2SafetensorsWriter *writer, const char *path, Pt2SaveFlags flags,
                                              Pt2ProgressFunc progress, gpointer data, GError **error);

/* ---- weights from a safetensors file into an archive ---- */

/**
 * pt2_archive_writer_take_weights:
 * @writer: a list of the records of the archive that @tensors come from, with their names
 * @tensors: of one program
 * @weights: their new elements, by name
 * @touched: (out) (optional) (transfer full): for each tensor of @tensors, whether its elements come from @weights,
 *   under its own name or one that shares its storage; free with g_free()
 *
 * Replaces the records of the tensors that @weights names; the others keep theirs. Strides and storage offsets stay as
 * they are, and so do elements of a storage that no name reaches. A storage that another program of the archive
 * uses too changes for both. Storages that are no row-major tensor are put together in memory, one at a time.
 * Fails, and @writer is to be given up then, with W014 (no tensor of that name) or what hides tensors, W025 (another
 * type or shape), W026 (names of one storage given different elements), W027 (in a pickle), W012 or W013, the fault of
 * a tensor, Z017 and L….
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_writer_take_weights (Pt2ArchiveWriter *writer, Pt2Tensors *tensors,
                                                  Pt2Safetensors *weights, gboolean **touched, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Safetensors, pt2_safetensors_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2SafetensorsWriter, pt2_safetensors_writer_free)

G_END_DECLS
