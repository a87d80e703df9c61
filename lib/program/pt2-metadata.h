/* SPDX-License-Identifier: Apache-2.0 */
/* What a program notes beside its nodes: source lines, modules, functions, passes.
 *
 * A node's metadata is a map of texts; PyTorch packs lists and trees into them. Here they are taken apart, each when it
 * is first asked for, and put together again: `stack_trace`, `nn_module_stack`, `source_fn_stack` (in programs of 2.1
 * `source_fn`), `torch_fn`, `from_node`, and `custom`, which a graph module has too. Any other key is text and stays.
 * What was taken apart and is put back unchanged has the same bytes. Nothing here imports, runs or looks for what the
 * texts name.
 *
 * The rules are those of PyTorch 2.15's exporter (torch/_export/serde/serialize.py); docs/graph.md has the forms.
 *
 * Lifetime: what is got belongs to the metadata, and lives until it is freed, also after another value was set.
 * Thread rule: of one thread at a time. Errors: P017, P018, J…, L001 to L003.
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

/**
 * Pt2SourceFrame: one step of a stack trace.
 * @file: the file of source, as the trace spells it; no line end and no `", line ` in it
 * @function: the function that was run; absent if the trace does not say
 * @code: what stands behind it up to the next frame: a line end, the line of source, and the blanks that the next
 *   frame begins with
 * @line: counted from 1; at most 18 digits
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String file;
  Pt2String function;
  Pt2String code;
  gint64 line;
} Pt2SourceFrame;

/**
 * Pt2StackTrace: `stack_trace`: where in the source a node comes from.
 * @items: (array length=len): the outermost first
 * @before: what stands before the first frame; all of a text that has none, such as "NoneType: None"
 *
 * Any text is a trace; each line `File "FILE", line N`, or with `, in FUNCTION` behind it, is a frame.
 * Since: 1.0
 */
typedef struct
{
  const Pt2SourceFrame *items;
  guint32 len;
  Pt2String before;
} Pt2StackTrace;

/**
 * Pt2ModuleFrame: a module whose call a node was traced in.
 * @key: what tells the calls apart: "L__self___layer_0", a second call "L__self___layer_0@1"
 * @path: where the module is: "layer.0"; in programs of 2.1 and 2.2 an expression, "L['self'].layer[0]"
 * @type: its class: "torch.nn.modules.linear.Linear"; may have brackets
 *
 * No `;` in any of them, and commas only inside of round or square brackets, which are closed in @key and @path.
 * Since: 1.0
 */
typedef struct
{
  Pt2String key;
  Pt2String path;
  Pt2String type;
} Pt2ModuleFrame;

/**
 * Pt2ModuleStack: `nn_module_stack`.
 * @items: (array length=len): the outermost first
 * @older: spelled as in programs of schema major 1: `key:(path,type)`. PyTorch 2.15 cannot read that
 *
 * Since: 1.0
 */
typedef struct
{
  const Pt2ModuleFrame *items;
  guint32 len;
  gboolean older;
} Pt2ModuleStack;

/**
 * Pt2SourceFn: a call in the source that a node was traced in.
 * @name: the node of Dynamo's graph: "linear_1"
 * @target: what was called: "torch.nn.modules.linear.Linear", "torch.ops.aten.add.Tensor"
 *
 * No `,` and no `;` in either.
 * Since: 1.0
 */
typedef struct
{
  Pt2String name;
  Pt2String target;
} Pt2SourceFn;

/**
 * Pt2SourceFnStack: `source_fn_stack`, and `source_fn`, which is a stack of one.
 * @items: (array length=len): the outermost first
 *
 * Since: 1.0
 */
typedef struct
{
  const Pt2SourceFn *items;
  guint32 len;
} Pt2SourceFnStack;

/**
 * Pt2NodeSource: which node of an earlier graph a node was made of, and by which pass.
 * @name: its name
 * @target: what it called, as Python prints it: "aten.add.Tensor"
 * @pass_name: what made the new node of it: "ExportedProgram.module()"
 * @action: what the pass did: "create", "replace", several with `+` between them
 * @more: members that PyTorch 2.15 does not have, as the inside of a JSON object; absent if there are none
 * @graph_id: tells graphs of one export apart; -1 if nothing is known of the node
 * @items: (array length=len): what that node was made of in its turn
 *
 * A text that is absent is written as "".
 * Since: 1.0
 */
typedef struct Pt2NodeSource Pt2NodeSource;
struct Pt2NodeSource
{
  Pt2String name;
  Pt2String target;
  Pt2String pass_name;
  Pt2String action;
  Pt2String more;
  gint64 graph_id;
  const Pt2NodeSource *items;
  guint32 len;
};

/**
 * Pt2Provenance: `from_node`.
 * @items: (array length=len): what the node was made of
 * @is_null: the text is `null` and no list
 *
 * Since: 1.0
 */
typedef struct
{
  const Pt2NodeSource *items;
  guint32 len;
  gboolean is_null;
} Pt2Provenance;

/**
 * Pt2CustomNote: one of the notes that users put beside nodes.
 * @key: its name
 * @json: what it says: one JSON value, without blanks around it
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String key;
  Pt2String json;
} Pt2CustomNote;

/**
 * Pt2CustomNotes: `custom`.
 * @items: (array length=len): in the order of the text
 * @other: all of it as JSON, if it is no JSON object; else absent
 *
 * Since: 1.0
 */
typedef struct
{
  const Pt2CustomNote *items;
  guint32 len;
  Pt2String other;
} Pt2CustomNotes;

typedef struct Pt2Metadata Pt2Metadata;

/**
 * pt2_metadata_new:
 * @map: (nullable): the metadata of a node or a graph module; not copied, so its program must live as long; %NULL: none
 * @limits: (nullable): depth bounds `from_node` and `custom`, memory what is taken apart; %NULL for the defaults
 * @error: L001 or L003
 *
 * Returns: (transfer full) (nullable): metadata that may be changed; the map stays as it is
 * Since: 1.0
 */
PT2_API Pt2Metadata *pt2_metadata_new (const Pt2StringToStringMap *map, const Pt2Limits *limits, GError **error);
PT2_API void pt2_metadata_free (Pt2Metadata *metadata);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Metadata, pt2_metadata_free)

/* All keys and texts as they are now, in order; until the next change. */
PT2_API const Pt2StringToStringMap *pt2_metadata_get_map (const Pt2Metadata *metadata);

/* The text of a key; {NULL, 0} if there is none. */
PT2_API Pt2String pt2_metadata_get_text (const Pt2Metadata *metadata, const char *key);

/**
 * pt2_metadata_set_text:
 * @key: any; one of PyTorch's that is new comes where PyTorch has it, others come last
 * @text: UTF-8, copied; absent: the key goes
 * @error: P018 if it is no UTF-8, L001 or L003; nothing has changed then
 *
 * The text is not taken apart: PyTorch may refuse it.
 * Since: 1.0
 */
PT2_API gboolean pt2_metadata_set_text (Pt2Metadata *metadata, const char *key, Pt2String text, GError **error);

/*
 * pt2_metadata_get_…: one key, taken apart. One that is absent or empty is an empty list. Of a stack of functions in a
 * program of 2.1, `source_fn` counts. %NULL with P017 or J… if PyTorch could not read the text either, L001 to L003.
 *
 * pt2_metadata_set_…: puts it together. %NULL: the key goes; so it does for an empty list, but for `from_node`. If the
 * text says the same already, it stays byte for byte. FALSE with P018 if what was written would be read as something
 * else, L001 to L003; nothing has changed then. Since: 1.0
 */
PT2_API const Pt2StackTrace *pt2_metadata_get_stack_trace (Pt2Metadata *metadata, GError **error);
PT2_API gboolean pt2_metadata_set_stack_trace (Pt2Metadata *metadata, const Pt2StackTrace *trace, GError **error);
PT2_API const Pt2ModuleStack *pt2_metadata_get_module_stack (Pt2Metadata *metadata, GError **error);
PT2_API gboolean pt2_metadata_set_module_stack (Pt2Metadata *metadata, const Pt2ModuleStack *stack, GError **error);
PT2_API const Pt2SourceFnStack *pt2_metadata_get_source_fns (Pt2Metadata *metadata, GError **error);
PT2_API gboolean pt2_metadata_set_source_fns (Pt2Metadata *metadata, const Pt2SourceFnStack *stack, GError **error);
/* `torch_fn`: a name for the call, and what was called: "linear_1", "builtin_function_or_method.linear". No `;` in
 * them. */
PT2_API const Pt2StringList *pt2_metadata_get_torch_fn (Pt2Metadata *metadata, GError **error);
PT2_API gboolean pt2_metadata_set_torch_fn (Pt2Metadata *metadata, const Pt2StringList *names, GError **error);
PT2_API const Pt2CustomNotes *pt2_metadata_get_custom (Pt2Metadata *metadata, GError **error);
PT2_API gboolean pt2_metadata_set_custom (Pt2Metadata *metadata, const Pt2CustomNotes *notes, GError **error);
PT2_API const Pt2Provenance *pt2_metadata_get_from_node (Pt2Metadata *metadata, GError **error);
PT2_API gboolean pt2_metadata_set_from_node (Pt2Metadata *metadata, const Pt2Provenance *sources, GError **error);

G_END_DECLS
