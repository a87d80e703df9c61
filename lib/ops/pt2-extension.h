/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of extensions, which programs call by `#NAMESPACE:NAME`, and types of stored objects.
 *
 * PyTorch lets a package register a handler for a type of operators of its own, under a namespace; its exporter then
 * writes a call of one as `#NAMESPACE:NAME`, and asks the handler for names and schemas. Here a handler belongs to a
 * set of operators (Pt2Ops), so nothing is shared that threads could change: whoever is given the set (the builder,
 * changes of graphs, their code as Python, checks) knows the operators like any other. Operators that no handler and
 * no schema is registered for pass through untouched, and so do objects of other types. Nothing of a file is ever run:
 * the callbacks are the caller's.
 *
 * Thread rule: as of pt2-ops.h; the callbacks may run in every thread that reads the set, several at once.
 * Errors: ids O001 to O006, L001, L003.
 * Since: 1.0
 */
#pragma once

#include "pt2-ops.h"

G_BEGIN_DECLS

/**
 * Pt2ExtensionHandler: what is to be known of the operators of one namespace. An operator is the caller's: a pointer
 *   that only the callbacks look behind.
 * @from_name: the operator of that name; %NULL if the namespace has none, which makes it unknown
 * @to_name: its name; (transfer none), must last until the next call of the handler in that thread
 * @make_schema: what it takes and gives, as one line of a text of schemas (pt2_ops_add_text()), whatever that calls
 *   it; (transfer full), freed with g_free(). Asked once for each operator that is called
 *
 * None may be %NULL, and none may add to the set.
 * Since: 1.0
 */
typedef struct
{
  gpointer (*from_name) (const char *name, gpointer data);
  const char *(*to_name) (gpointer op, gpointer data);
  char *(*make_schema) (gpointer op, gpointer data);
} Pt2ExtensionHandler;

/**
 * pt2_ops_add_handler:
 * @space: the namespace: not empty, UTF-8 without a colon; copied
 * @handler: copied
 * @destroy: (nullable): for @data, when the set is freed. On failure it is not called
 * @error: %PT2_ERROR_O001 if @space is no namespace, %PT2_ERROR_O003 if it has a handler, or a limit
 *
 * A schema of the same target that was added by itself goes before what the handler says.
 * Returns: whether it was added
 * Since: 1.0
 */
PT2_API gboolean pt2_ops_add_handler (Pt2Ops *ops, const char *space, const Pt2ExtensionHandler *handler, gpointer data,
                                      GDestroyNotify destroy, GError **error);

/**
 * pt2_ops_add_extension:
 * @target: "#NAMESPACE:NAME", as programs name it; no other colon is in it
 * @schema: what it takes and gives, as one line of a text of schemas; copied. What that calls the operator is not
 *   looked at
 * @error: %PT2_ERROR_O001 if either is no such text, %PT2_ERROR_O002 if the set has another schema of that target, or a
 *   limit
 *
 * A single operator, without a handler. In a text of schemas a line `#NAMESPACE:NAME(Tensor self) -> Tensor` is the
 * same.
 * Returns: whether it was added
 * Since: 1.0
 */
PT2_API gboolean pt2_ops_add_extension (Pt2Ops *ops, const char *target, const char *schema, GError **error);

/**
 * pt2_ops_find_extension:
 * @target: "#NAMESPACE:NAME"
 *
 * Returns: (transfer none) (nullable): the operator, as the handler of its namespace gives it; %NULL if there is none
 * Since: 1.0
 */
PT2_API gpointer pt2_ops_find_extension (const Pt2Ops *ops, Pt2String target);

/**
 * pt2_ops_make_target:
 * @space: a namespace with a handler
 * @op: an operator of it
 * @error: %PT2_ERROR_O003 if @space has no handler, %PT2_ERROR_O004 if its handler gives what is no name: PyTorch
 *   demands texts without a colon
 *
 * Returns: (transfer full) (nullable): "#NAMESPACE:NAME", for pt2_build_call() or pt2_fx_graph_insert_call(); free with
 *   g_free()
 * Since: 1.0
 */
PT2_API char *pt2_ops_make_target (const Pt2Ops *ops, const char *space, gpointer op, GError **error);

/* ---- types of stored objects ---- */

/**
 * Pt2ObjectHandler: how objects of one type are kept in an archive. An object is the caller's: a pointer that only the
 *   callbacks look behind.
 * @decode: the object whose bytes these are; (transfer full) to whoever asked for it. %NULL with an error if they are
 *   none: they come from a file, and are anything
 * @encode: its bytes; (transfer full), %NULL with an error
 * @is_python: the bytes are a pickle of Python (PyTorch: an opaque object), not what torch._C._pickle_save() writes of
 *   a script object
 *
 * Neither callback may be %NULL, and neither may add to the set.
 * Since: 1.0
 */
typedef struct
{
  gpointer (*decode) (GBytes *bytes, gpointer data, GError **error);
  GBytes *(*encode) (gconstpointer object, gpointer data, GError **error);
  gboolean is_python;
} Pt2ObjectHandler;

/**
 * pt2_ops_add_object_type:
 * @name: what programs call the type: "__torch__.torch.classes.quantized.LinearPackedParamsBase"; copied
 * @handler: copied
 * @destroy: (nullable): for @data, when the set is freed. On failure it is not called
 * @error: %PT2_ERROR_O005 if @name is empty, no UTF-8, or registered already, or a limit
 *
 * Objects are then read by pt2_objects_decode() (pt2-object.h) and put into an archive by
 * pt2_build_object_of_type() and pt2_objects_encode().
 * Returns: whether it was added
 * Since: 1.0
 */
PT2_API gboolean pt2_ops_add_object_type (Pt2Ops *ops, const char *name, const Pt2ObjectHandler *handler, gpointer data,
                                          GDestroyNotify destroy, GError **error);
/* What was registered for a type; %NULL: nothing. Lives until the next type is added. Since: 1.0 */
PT2_API const Pt2ObjectHandler *pt2_ops_find_object_type (const Pt2Ops *ops, Pt2String name);

/**
 * pt2_ops_decode_object:
 * @name: of its type
 * @error: %PT2_ERROR_O005 if nobody has registered that, %PT2_ERROR_O006 with what @decode says
 *
 * Returns: (transfer full) (nullable): the caller's object
 * Since: 1.0
 */
PT2_API gpointer pt2_ops_decode_object (const Pt2Ops *ops, Pt2String name, GBytes *bytes, GError **error);
/* The reverse: (transfer full) (nullable). O005, O006. Since: 1.0 */
PT2_API GBytes *pt2_ops_encode_object (const Pt2Ops *ops, Pt2String name, gconstpointer object, GError **error);

G_END_DECLS
