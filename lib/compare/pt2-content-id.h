/* SPDX-License-Identifier: Apache-2.0 */
/* The content id of a model: a number for what it is, whatever file it is in.
 *
 * It is made of a hash of the program, in which values are called by the hashes of what makes them, and of a Merkle
 * tree over the tensors beside it. The container, the encoding, names of values, alignment, order, sharing of storages,
 * debug text and the version of the PyTorch that wrote it do not count. docs/content-id.md says how others can compute
 * it.
 *
 * Thread rule: all functions may be called from any thread.
 * Since: 1.0
 */
#pragma once

#include "pt2-safetensors.h"

G_BEGIN_DECLS

enum
{
  PT2_CONTENT_ID_BYTES = 32,
};

/**
 * Pt2ContentId:
 * @content: of both: what is written behind "pt2h1:"
 * @graph: of the program
 * @weights: of the tensors
 * @n_tensors: in the tree
 * @n_unread: of these, tensors whose elements cannot be had (sparse, quantized, subclasses): type and shape count alone
 *
 * Since: 1.0
 */
typedef struct
{
  guint8 content[PT2_CONTENT_ID_BYTES];
  guint8 graph[PT2_CONTENT_ID_BYTES];
  guint8 weights[PT2_CONTENT_ID_BYTES];
  guint n_tensors;
  guint n_unread;
} Pt2ContentId;

/* One leaf of the tree, in the order of names. */
typedef void (*Pt2ContentFunc) (Pt2String fqn, const guint8 digest[PT2_CONTENT_ID_BYTES], gpointer data);

/**
 * pt2_content_id:
 * @tensors: (nullable): those of the archive that @program is from
 * @weights: (nullable): a safetensors file with them instead; neither: a program by itself, whose tree is empty
 * @n_threads: how many hash the tensors of an archive; 0: as many as there are processors
 * @func: (nullable) (scope call): is told the hash of each tensor
 * @id: (out): the id
 *
 * Reads all elements. Fails with what is wrong with the program (C001 to C007), a list or a tensor, and L….
 * Since: 1.0
 */
PT2_API gboolean pt2_content_id (Pt2Program *program, Pt2Tensors *tensors, Pt2Safetensors *weights, guint n_threads,
                                 const Pt2Limits *limits, Pt2ContentFunc func, gpointer data, Pt2ContentId *id,
                                 GError **error);

/**
 * pt2_content_id_name_left_out:
 * @writer: of a safetensors file
 * @tensors: those that it writes
 *
 * Notes in the file's metadata what counts of tensors that it cannot hold (complex32 and complex128, sparse, quantized,
 * subclasses): under their names "pt2h1 tensor ", type and shape, and the SHA-256 of the elements if they can be had.
 * With it pt2_content_id() gives what it gives for the archive. Reads their elements.
 * Since: 1.0
 */
PT2_API void pt2_content_id_name_left_out (Pt2SafetensorsWriter *writer, Pt2Tensors *tensors);

G_END_DECLS
