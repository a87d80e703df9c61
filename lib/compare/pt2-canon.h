/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical form: programs that differ only in the names of values, in the order of what is independent, or in
 * debug text, have the same one.
 *
 * The order is that of PyTorch's own `canonicalize`, which orders nodes by operator and by what they are given, and
 * names values by number; docs/canonical-form.md says where this one goes further so that the result still loads and
 * computes the same. What an outsider knows stays: names of parameters, buffers, modules and symbols, the order of
 * user inputs and outputs. Nothing here reads files.
 *
 * Thread rule: a program is immutable; its canonical form is another one.
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

typedef enum
{
  PT2_CANON_PLAIN = 0,
  PT2_CANON_KEEP_DEBUG = 1, /* metadata of nodes and of the graph module stays; the names in it are not changed */
} Pt2CanonFlags;

/**
 * Pt2CanonChange:
 * @what: "renamed": @before is now @after; "moved": @before, from place @from to place @to; "sorted": the table
 * @before; "dropped": @from texts of metadata
 * @graph: 0 for the root, 1… for subgraphs in their canonical order
 * @kind: "value", "node", "subgraph", "constant input", "input", "output", "module call", "table", "metadata"
 *
 * Valid during the call.
 * Since: 1.0
 */
typedef struct
{
  const char *what;
  const char *kind;
  guint graph;
  Pt2String before, after;
  guint64 from, to;
} Pt2CanonChange;

typedef void (*Pt2CanonFunc) (const Pt2CanonChange *change, gpointer data);

/**
 * pt2_program_canonicalize:
 * @limits: (nullable): %NULL for the default
 * @func: (nullable) (scope call): is told each change
 *
 * Takes time in n log n. Fails with P002 (majors 1 to 7), C001 to C007 (no sound program: PyTorch would not load most
 * of these), L001 and L003.
 * Returns: (transfer full) (nullable): another program, in canonical form
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_program_canonicalize (Pt2Program *program, Pt2CanonFlags flags, const Pt2Limits *limits,
                                              Pt2CanonFunc func, gpointer data, GError **error);

/**
 * pt2_program_minify:
 * @limits: (nullable): %NULL for the default
 *
 * Another spelling of the same program, for the smallest JSON: values have names of one to three letters, and what
 * pt2_program_save() makes of it as JSON has no blanks, and none of the members that a reader assumes when they are
 * missing. Names that a caller knows stay (user inputs, parameters, buffers, constants, modules), and so does all
 * order. A program that was saved and loaded again is spelled as any other.
 *
 * Fails with P002 (majors 1 to 7), C002 to C007 (no sound program), L001 and L003.
 * Returns: (transfer full) (nullable): the program, to be saved
 *
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_program_minify (Pt2Program *program, const Pt2Limits *limits, GError **error);

G_END_DECLS
