/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a program in place of exporting it again: a field by its path, the devices and weights
 * that it names.
 *
 * What comes out is another program; the one that went in stays as it is. Values are held against the schema, and
 * against nothing else: pt2_check_program() says whether the program is still sound. Nothing here reads files, and no
 * payload is changed; archives also name devices in their lists of payloads: pt2_archive_writer_edit_device(). For
 * changes of nodes see pt2-graph-edit.h.
 *
 * Thread rule: a program is immutable; all functions may be called from any thread.
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

/**
 * pt2_edit_set:
 * @path: where, as pt2_value_path() takes it. Its last step may also name an optional field that is absent, a member
 *   of a union that is not chosen (it will be), or a key that a map does not have (it comes last)
 * @json: one JSON value, spelled as in the JSON of a program of @program's schema. `null` takes an optional field or
 *   the entry of a map away
 * @limits: (nullable): %NULL for the default
 *
 * Returns: (transfer full) (nullable): the changed program. %NULL with P010 (no such place), P011 (the value has
 *   parts that the schema does not know, numbers of more than 64 bits, or would make it a program of another major),
 *   J… (the value does not fit its place), P002 (schema majors 1 to 7), L001 to L003
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_edit_set (Pt2Program *program, const char *path, const char *json, const Pt2Limits *limits,
                                  GError **error);

/**
 * pt2_edit_device:
 * @from: as torch spells it: "cuda:0", or "cuda" for every index and for none
 * @to: the same; without an index the new devices have none
 * @limits: (nullable): %NULL for the default
 * @count: (nullable): how many devices are changed is added to it
 *
 * Every device of the program: of values in the graph and its subgraphs, of arguments, wherever the schema has one.
 * Text is not searched: devices in expressions of Python or in metadata of nodes stay.
 * Returns: (transfer full) (nullable): the changed program; @program itself if it has no such device. %NULL with P012
 *   (not a device), P002 (schema majors 1 to 7), L001 or L003
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_edit_device (Pt2Program *program, const char *from, const char *to, const Pt2Limits *limits,
                                     guint64 *count, GError **error);

/**
 * pt2_edit_rename:
 * @old_name: qualified name of a parameter, buffer or constant
 * @new_name: letters, digits and underscores with points between them; no other has it, and none lies inside it
 * @limits: (nullable): %NULL for the default
 *
 * What the signature calls it, in inputs and in what outputs say of them. Values of the graph and the module call graph
 * keep their names; so do payloads: see pt2_archive_writer_edit_rename().
 * Returns: (transfer full) (nullable): the changed program. %NULL with P014 (there is none), P015 (the new name is
 *   taken, or none), P002 (schema majors 1 to 7), L001 or L003
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_edit_rename (Pt2Program *program, const char *old_name, const char *new_name,
                                     const Pt2Limits *limits, GError **error);

G_END_DECLS
