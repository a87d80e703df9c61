/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of scan along another dimension than the first, or from the end: today's scan does neither, so the tensors that
 * it scans over are turned before the call. 2.6 stacks what comes out along the first dimension, whatever the one it
 * scans along, and in the order of what went in: results are turned back after a scan from the end, and not moved.
 */
#include "graph_names.h"
#include <string.h>

enum
{
  MAX_RANK = 64, /* of PyTorch's tensors */
  INIT = 1,      /* scan (graph, init, xs, dim, reverse, others) */
  XS = 2,
  DIMENSION = 3,
  REVERSE = 4,
};

static const char permute[] = "torch.ops.aten.permute.default";
static const char flip[] = "torch.ops.aten.flip.default";

typedef struct
{
  Pt2Draft *draft;
  const Pt2StringToTensorMetaMap *metas; /* of the graph as it was */
  Pt2TextIndex index;                    /* of them */
  Pt2GraphNames names;
  uint64_t number; /* of the next name */
  /* The graph as it will be: */
  Pt2NodeList nodes;
  Pt2StringToTensorMetaMap values;
} Turning;

static const Pt2TypeInfo *
type_of (const char *name)
{
  return pt2_schema_find_struct (&pt2_export_schema, name)->type;
}

/* ---- which calls ---- */

static Pt2Argument *
input (const Pt2Node *node, uint32_t index)
{
  return &node->inputs.items[index].arg;
}

static bool
is_turned_scan (const Pt2Node *node)
{
  return pt2_upgrade_is (node->target, "torch.ops.higher_order.scan") && node->inputs.len > REVERSE
         && input (node, INIT)->which == PT2_ARGUMENT_AS_TENSORS && input (node, XS)->which == PT2_ARGUMENT_AS_TENSORS
         && input (node, DIMENSION)->which == PT2_ARGUMENT_AS_INT
         && input (node, REVERSE)->which == PT2_ARGUMENT_AS_BOOL
         && (input (node, DIMENSION)->as_int != 0 || input (node, REVERSE)->as_bool);
}

static const Pt2TensorMeta *
meta_of (const Turning *turning, Pt2String name)
{
  const Pt2StringToTensorMetaMap *metas = turning->metas;
  uint32_t at = pt2_text_index_find (&turning->index, metas->entries, sizeof *metas->entries, name);
  return at != PT2_TEXT_INDEX_NONE ? &metas->entries[at].value : NULL;
}

/* DIMENSION from the front, or -1 if a tensor of this kind has none such. */
static int64_t
dimension_of (const Pt2TensorMeta *meta, int64_t dimension)
{
  if (meta == NULL || meta->sizes.len > MAX_RANK || meta->strides.len != meta->sizes.len)
    return -1;
  int64_t rank = meta->sizes.len, from_front = dimension < 0 && dimension >= -rank ? dimension + rank : dimension;
  return from_front < rank ? from_front : -1;
}

/* A tuple of one tensor comes as a list, and that one is carried: there is always something carried. */
static uint32_t
first_result (const Pt2Node *node)
{
  bool carried_alone = node->outputs.len == 1 && node->outputs.items[0].which == PT2_ARGUMENT_AS_TENSORS
                       && node->outputs.items[0].as_tensors.len <= input (node, INIT)->as_tensors.len;
  return carried_alone ? 1 : input (node, INIT)->as_tensors.len;
}

static bool
can_turn (const Turning *turning, const Pt2Node *node)
{
  if (!is_turned_scan (node))
    return false;
  const Pt2TensorArgumentList *xs = &input (node, XS)->as_tensors;
  bool can = true;
  for (uint32_t i = 0; can && i < xs->len; i++)
    can = dimension_of (meta_of (turning, xs->items[i].name), input (node, DIMENSION)->as_int) >= 0;
  for (uint32_t i = first_result (node); can && i < node->outputs.len && input (node, REVERSE)->as_bool; i++)
    can = node->outputs.items[i].which == PT2_ARGUMENT_AS_TENSOR
          && meta_of (turning, node->outputs.items[i].as_tensor.name) != NULL;
  return can;
}

/* ---- new calls ---- */

/* Where the call stands in the user's model: the notes on CALL that hold for what is put beside it. */
static Pt2StringToStringMap
notes_beside (Pt2Draft *draft, const Pt2Node *call)
{
  Pt2StringToStringMap notes = { pt2_draft_alloc (draft, 2 * sizeof *notes.entries), 0 };
  for (uint32_t i = 0; notes.entries != NULL && notes.len < 2 && i < call->metadata.len; i++)
    if (pt2_upgrade_is (call->metadata.entries[i].key, "stack_trace")
        || pt2_upgrade_is (call->metadata.entries[i].key, "nn_module_stack"))
      notes.entries[notes.len++] = call->metadata.entries[i];
  return notes;
}

static bool
add_call (Turning *turning, const Pt2Node *beside, const char *target, Pt2String from, Pt2I64List dimensions,
          Pt2String to)
{
  static const uint32_t arg_bit = 1 << 1, node_bits = 15; /* target, inputs, outputs, metadata */
  Pt2Draft *draft = turning->draft;
  Pt2NamedArgument *inputs = pt2_draft_alloc (draft, 2 * sizeof *inputs);
  Pt2Argument *output = pt2_draft_alloc (draft, sizeof *output);
  if (inputs == NULL || output == NULL)
    return false;
  inputs[0] = (Pt2NamedArgument){ .name = pt2_draft_text (draft, "self", -1),
                                  .arg = { .which = PT2_ARGUMENT_AS_TENSOR, .as_tensor = { from } },
                                  .present = { arg_bit } };
  inputs[1] = (Pt2NamedArgument){ .name = pt2_draft_text (draft, "dims", -1),
                                  .arg = { .which = PT2_ARGUMENT_AS_INTS, .as_ints = dimensions },
                                  .present = { arg_bit } };
  *output = (Pt2Argument){ .which = PT2_ARGUMENT_AS_TENSOR, .as_tensor = { to } };
  turning->nodes.items[turning->nodes.len++] = (Pt2Node){ .target = pt2_draft_text (draft, target, -1),
                                                          .inputs = { inputs, 2 },
                                                          .outputs = { output, 1 },
                                                          .metadata = notes_beside (draft, beside),
                                                          .present = { node_bits } };
  return !pt2_draft_failed (draft);
}

/* A value more, like META, named after TARGET; NULL: no memory. */
static Pt2StringToTensorMetaMapEntry *
add_value (Turning *turning, const char *target, const Pt2TensorMeta *meta)
{
  Pt2StringToTensorMetaMapEntry *entry = &turning->values.entries[turning->values.len++];
  const Pt2String text = { target, (uint32_t)strlen (target) };
  entry->key = pt2_graph_names_make (turning->draft, &turning->names, text, ++turning->number);
  bool fine = entry->key.data != NULL && pt2_draft_copy (turning->draft, type_of ("TensorMeta"), &entry->value, meta);
  return fine ? entry : NULL;
}

static void
move_to_front (Pt2SymIntList *list, int64_t dimension)
{
  Pt2SymInt moved = list->items[dimension];
  memmove (list->items + 1, list->items, (size_t)dimension * sizeof moved);
  list->items[0] = moved;
}

static Pt2I64List
order_from (Pt2Draft *draft, int64_t dimension, uint32_t rank)
{
  Pt2I64List order = { pt2_draft_alloc (draft, rank * sizeof *order.items), rank };
  for (uint32_t i = 0; order.items != NULL && i < rank; i++)
    order.items[i] = i == 0 ? dimension : i <= dimension ? i - 1 : i;
  return order;
}

static Pt2I64List
only_first (Pt2Draft *draft)
{
  return (Pt2I64List){ pt2_draft_alloc (draft, sizeof (int64_t)), 1 };
}

/* *X with DIMENSION as the first, and *META of that. */
static bool
add_permuted (Turning *turning, const Pt2Node *call, int64_t dimension, Pt2String *x, const Pt2TensorMeta **meta)
{
  Pt2StringToTensorMetaMapEntry *entry = add_value (turning, permute, *meta);
  if (entry == NULL)
    return false;
  Pt2I64List order = order_from (turning->draft, dimension, entry->value.sizes.len);
  if (order.items == NULL || !add_call (turning, call, permute, *x, order, entry->key))
    return false;
  move_to_front (&entry->value.sizes, dimension);
  move_to_front (&entry->value.strides, dimension);
  *x = entry->key;
  *meta = &entry->value;
  return true;
}

/* *X from the end, which is a tensor of its own. */
static bool
add_flipped (Turning *turning, const Pt2Node *call, Pt2String *x, const Pt2TensorMeta *meta)
{
  Pt2StringToTensorMetaMapEntry *entry = add_value (turning, flip, meta);
  if (entry == NULL || !add_call (turning, call, flip, *x, only_first (turning->draft), entry->key))
    return false;
  entry->value.storage_offset = (Pt2SymInt){ .which = PT2_SYM_INT_AS_INT };
  *x = entry->key;
  return true;
}

/* ---- a call ---- */

static bool
turn_operands (Turning *turning, const Pt2Node *call)
{
  const Pt2TensorArgumentList *xs = &input (call, XS)->as_tensors;
  bool fine = true;
  for (uint32_t i = 0; fine && i < xs->len; i++)
    {
      Pt2String *x = &xs->items[i].name;
      const Pt2TensorMeta *meta = meta_of (turning, *x);
      int64_t dimension = dimension_of (meta, input (call, DIMENSION)->as_int);
      fine = (dimension == 0 || add_permuted (turning, call, dimension, x, &meta))
             && (!input (call, REVERSE)->as_bool || add_flipped (turning, call, x, meta));
    }
  return fine;
}

/* A result keeps its name: what comes out of CALL has another. */
static bool
turn_results (Turning *turning, const Pt2Node *call)
{
  bool fine = true;
  for (uint32_t i = first_result (call); fine && i < call->outputs.len; i++)
    {
      Pt2String *y = &call->outputs.items[i].as_tensor.name, name = *y;
      const Pt2StringToTensorMetaMapEntry *entry = add_value (turning, "scan_result", meta_of (turning, name));
      fine = entry != NULL && add_call (turning, call, flip, entry->key, only_first (turning->draft), name);
      if (fine)
        *y = entry->key;
    }
  return fine;
}

static bool
keep_node (Turning *turning, const Pt2Node *node)
{
  Pt2Document *document = &turning->draft->document;
  return pt2_copy_shallow (document, document, type_of ("Node"), &turning->nodes.items[turning->nodes.len++], node);
}

static bool
turn (Turning *turning, Pt2Node *call)
{
  bool reverse = input (call, REVERSE)->as_bool;
  if (!turn_operands (turning, call) || !keep_node (turning, call) || (reverse && !turn_results (turning, call)))
    return false;
  input (call, DIMENSION)->as_int = 0;
  input (call, REVERSE)->as_bool = false;
  return true;
}

/* ---- a graph ---- */

/* How many calls more CALL needs at most: two for each tensor, one for each result. */
static uint64_t
count_more (const Pt2Node *call)
{
  return 2 * (uint64_t)input (call, XS)->as_tensors.len + call->outputs.len;
}

static bool
make_room (Turning *turning, const Pt2Graph *graph, uint64_t more)
{
  const Pt2StringToTensorMetaMap *metas = turning->metas;
  if (graph->nodes.len + more > UINT32_MAX || metas->len + more > UINT32_MAX)
    return false;
  turning->nodes.items = pt2_draft_alloc (turning->draft, (graph->nodes.len + more) * sizeof (Pt2Node));
  Pt2StringToTensorMetaMapEntry *values = turning->values.entries
      = pt2_draft_alloc (turning->draft, (metas->len + more) * sizeof *values);
  if (turning->nodes.items == NULL || values == NULL)
    return false;
  Pt2Document *document = &turning->draft->document;
  const Pt2TypeInfo *type = type_of ("TensorMeta");
  for (uint32_t i = 0; i < metas->len; i++)
    {
      values[i].key = metas->entries[i].key;
      if (!pt2_copy_shallow (document, document, type, &values[i].value, &metas->entries[i].value))
        return false;
    }
  turning->values.len = metas->len;
  return true;
}

static bool
rebuild (Turning *turning, Pt2Graph *graph, int64_t *count)
{
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    {
      Pt2Node *node = &graph->nodes.items[i];
      bool turned = can_turn (turning, node);
      if (!(turned ? turn (turning, node) : keep_node (turning, node)))
        return false;
      *count += turned;
    }
  graph->nodes = turning->nodes;
  graph->tensor_values = turning->values;
  return true;
}

static bool
index_metas (Turning *turning)
{
  const Pt2StringToTensorMetaMap *metas = turning->metas;
  for (uint32_t i = 0; i < metas->len; i++)
    if (pt2_text_index_claim (&turning->index, metas->entries, sizeof *metas->entries, i) == PT2_TEXT_INDEX_NONE)
      return false;
  return true;
}

static bool
turn_scans (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count)
{
  uint64_t more = 0;
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    if (is_turned_scan (&graph->nodes.items[i]))
      more += count_more (&graph->nodes.items[i]);
  if (more == 0)
    return true;
  Turning turning = { .draft = upgrading->draft, .metas = &graph->tensor_values };
  pt2_text_index_init (&turning.index);
  bool fine = pt2_graph_names_init (&turning.names, graph, (uint32_t)MIN (more, UINT32_MAX)) && index_metas (&turning)
              && make_room (&turning, graph, more) && rebuild (&turning, graph, count);
  pt2_graph_names_clear (&turning.names);
  pt2_text_index_clear (&turning.index);
  upgrading->draft->no_memory = upgrading->draft->no_memory || !fine;
  return fine;
}

/* Before 2.6 there is no scan that is saved; nightlies of major 7 have others. */
int64_t
pt2_upgrade_scans (Pt2Upgrading *upgrading)
{
  return upgrading->tree == NULL ? pt2_upgrade_graphs (upgrading, turn_scans) : 0;
}
