/* SPDX-License-Identifier: Apache-2.0 */
/* The objects beside a program: what its graph is given that is no tensor, such as packed weights.
 *
 * An archive keeps the bytes of each in a record of its own (archives of PyTorch 2.8 and earlier: in a pickle with all
 * others); the program says its type by name. What the bytes mean only that type's package knows: they are given out
 * as they are, or to the handler that was registered for the type (pt2-extension.h). Nothing of them is unpickled or
 * run here, and objects that nobody asks for stay as they are.
 *
 * Thread rule: a list does not change and may be read from any number of threads; handlers run in the thread that asks.
 * Errors: ids O005, O006, W029, L001, and those of a record.
 * Since: 1.0
 */
#pragma once

#include "pt2-archive-writer.h"
#include "pt2-extension.h"
#include "pt2-tensor.h"

G_BEGIN_DECLS

/**
 * Pt2Object:
 * @fqn: its qualified name; of one that no input stands for, what the program's calls name it
 * @type: what the program calls its type, empty if it does not say
 * @record: (nullable): the record that has its bytes and nothing else; %NULL if there is none
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String fqn;
  Pt2String type;
  const char *record;
} Pt2Object;

/**
 * Pt2Objects: the objects of one program.
 * Since: 1.0
 */
typedef struct _Pt2Objects Pt2Objects;

/**
 * pt2_objects_new:
 * @archive: kept by reference
 * @tensors: of @archive: its items that are no tensors; kept by reference
 * @program: the same program; kept by reference
 * @error: L001
 *
 * In the order of @tensors; then those that the program names and the archive does not have.
 * Returns: (transfer full) (nullable): the list; free with pt2_objects_free()
 * Since: 1.0
 */
PT2_API Pt2Objects *pt2_objects_new (Pt2Archive *archive, Pt2Tensors *tensors, Pt2Program *program, GError **error);
PT2_API void pt2_objects_free (Pt2Objects *objects);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Objects, pt2_objects_free)

/* All of them; they live as long as the list. (array length=n) Since: 1.0 */
PT2_API const Pt2Object *pt2_objects_get (const Pt2Objects *objects, guint *n);
/* The object of that name, or %NULL; in constant time. Since: 1.0 */
PT2_API const Pt2Object *pt2_objects_find (const Pt2Objects *objects, const char *fqn);

/**
 * pt2_objects_read:
 * @object: one of them
 * @error: W029 if it has no record of its own, or what is wrong with that
 *
 * Returns: (transfer full) (nullable): its bytes as the archive has them, their CRC checked
 * Since: 1.0
 */
PT2_API GBytes *pt2_objects_read (const Pt2Objects *objects, const Pt2Object *object, GError **error);

/**
 * pt2_objects_decode:
 * @ops: what is registered
 * @error: O005 if the type is not, O006 with what its handler says, or as of pt2_objects_read()
 *
 * Returns: (transfer full) (nullable): what the handler made of it
 * Since: 1.0
 */
PT2_API gpointer pt2_objects_decode (const Pt2Objects *objects, const Pt2Object *object, const Pt2Ops *ops,
                                     GError **error);

/**
 * pt2_objects_encode:
 * @writer: a list of records that was made from the archive as it is
 * @value: what @object shall be, for the handler of its type
 * @error: O005, O006, W029, or as of pt2_archive_writer_replace()
 *
 * Other bytes for an object.
 * Returns: whether @writer has them
 * Since: 1.0
 */
PT2_API gboolean pt2_objects_encode (const Pt2Objects *objects, const Pt2Object *object, const Pt2Ops *ops,
                                     gconstpointer value, Pt2ArchiveWriter *writer, GError **error);

G_END_DECLS
