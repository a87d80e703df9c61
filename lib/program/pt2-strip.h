/* SPDX-License-Identifier: Apache-2.0 */
/* Taking out what a program computes nothing with: traces, module stacks, notes. And finding what would tell where,
 * by whom and on which machine it was made.
 *
 * A stripped program loads in PyTorch and computes the same. Metadata that is not known here stays. Nothing here reads
 * files; archives are stripped by pt2_archive_writer_strip().
 *
 * Thread rule: a program is immutable; what is stripped is another one. All functions may be called from any thread.
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

/**
 * Pt2StripFlags:
 * @PT2_STRIP_STACK_TRACES: `stack_trace` of the nodes: source lines with file names
 * @PT2_STRIP_MODULE_STACK: `nn_module_stack`: which modules a node was called in. torch.export.unflatten() needs it
 * @PT2_STRIP_SOURCE: `source_fn_stack`, `source_fn`, `torch_fn`, `from_node`: what a node was made from
 * @PT2_STRIP_CUSTOM: `custom` of nodes and of the graph module: whatever the exporter's user annotated
 * @PT2_STRIP_SAMPLE_INPUTS: the inputs that the program was exported with. Archives only
 * @PT2_STRIP_EXTRA: the files that were saved along, `extra/…`. Archives only
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_STRIP_STACK_TRACES = 1 << 0,
  PT2_STRIP_MODULE_STACK = 1 << 1,
  PT2_STRIP_SOURCE = 1 << 2,
  PT2_STRIP_CUSTOM = 1 << 3,
  PT2_STRIP_SAMPLE_INPUTS = 1 << 4,
  PT2_STRIP_EXTRA = 1 << 5,
  PT2_STRIP_ALL_DEBUG = (1 << 6) - 1,
} Pt2StripFlags;

enum
{
  PT2_STRIP_KINDS = 6, /* bits of Pt2StripFlags */
};

/* What was taken out, by the bit of its flag: texts or records, and their bytes (of texts with their keys, as UTF-8).
 * Since: 1.0 */
typedef struct
{
  guint64 count[PT2_STRIP_KINDS];
  guint64 bytes[PT2_STRIP_KINDS];
} Pt2Stripped;

/**
 * pt2_program_strip:
 * @limits: (nullable): %NULL for the default
 * @stripped: (nullable): what goes out is added to it; begin with zeros
 *
 * Every schema major; of majors 1 to 7, which are no structs, the texts are cut out of the JSON and the rest of it
 * stays as it is spelled.
 * Returns: (transfer full) (nullable): a program without it; @program itself if it has none of it. %NULL with L001
 *   or L003
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_program_strip (Pt2Program *program, Pt2StripFlags what, const Pt2Limits *limits,
                                       Pt2Stripped *stripped, GError **error);

/* ---- what is left inside ---- */

typedef enum
{
  PT2_PRIVATE_PATH, /* "path": of a file system: absolute, below a home, of a drive, or in a `File "…"` of a trace */
  PT2_PRIVATE_USER, /* "user": who a home folder belongs to */
  PT2_PRIVATE_HOST, /* "host": of an address user@host or scheme://host */
} Pt2PrivateKind;

PT2_API const char *pt2_private_kind_name (Pt2PrivateKind kind);

/* TEXT: LEN bytes of what was searched, from OFFSET on. Return FALSE to stop. */
typedef gboolean (*Pt2PrivateFunc) (Pt2PrivateKind kind, gsize offset, gsize len, gpointer data);
/**
 * pt2_find_private:
 * @text: any bytes: text, or a file with texts in it
 * @func: (scope call): called in order of the offsets for all that looks like a path or a name of a user or host
 *
 * By appearance: a path that looks like none is not found, and a fraction in a text may look like one.
 * Returns: %FALSE if it was stopped
 * Since: 1.0
 */
PT2_API gboolean pt2_find_private (const char *text, gsize len, Pt2PrivateFunc func, gpointer data);

G_END_DECLS
