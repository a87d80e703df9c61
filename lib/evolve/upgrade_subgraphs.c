/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of subgraphs (cond, map, while_loop, scan and the like): what they are called, how they are given their
 * arguments, and how they say what comes out.
 *
 * Results: up to schema 8.4 a call that gave a tuple of one tensor had it as a list of tensors, and one that gave a
 * bare tensor had a tensor. Today both have a tensor, and the call says which it is.
 */
#include "text.h"
#include "upgrade_private.h"
#include <string.h>

static const char higher_order[] = "torch.ops.higher_order.";

enum
{
  HOP_SINGLE_BIT = 1 << 4, /* Node.is_hop_single_tensor_return, its fifth field */
  GRAPH_SINGLE_BIT = 1 << 6,
};

static int64_t
refuse_call (Pt2Upgrading *upgrading, const Pt2Node *node, const char *why)
{
  char text[120];
  pt2_text_escape (node->target.data, node->target.len, text, sizeof text);
  return pt2_upgrade_refuse (upgrading, text, "%s", why);
}

/* ---- names ---- */

static bool
is_subgraph_call (const Pt2Node *node)
{
  return pt2_upgrade_starts (node->target, higher_order);
}

/* `torch.ops.map_impl`, as major 1 has some: no namespace and no overload, so it is no operator. */
static bool
is_bare_call (Pt2String target)
{
  static const char prefix[] = "torch.ops.";
  return pt2_upgrade_starts (target, prefix)
         && memchr (target.data + strlen (prefix), '.', target.len - strlen (prefix)) == NULL;
}

static bool
name_call (Pt2Draft *draft, Pt2Node *node)
{
  if (!is_bare_call (node->target))
    return false;
  uint32_t skipped = (uint32_t)strlen ("torch.ops.");
  node->target = pt2_draft_printf (draft, "%s%.*s", higher_order, (int)(node->target.len - skipped),
                                   node->target.data + skipped);
  return true;
}

/* ---- results ---- */

static void
set_single (Pt2Node *node, bool single)
{
  node->present[0] |= HOP_SINGLE_BIT;
  node->is_hop_single_tensor_return = single;
}

static bool
spread_list (Pt2Draft *draft, Pt2Node *node)
{
  const Pt2TensorArgumentList list = node->outputs.items[0].as_tensors;
  Pt2Argument *outputs = pt2_draft_alloc (draft, list.len * sizeof *outputs);
  for (uint32_t i = 0; outputs != NULL && i < list.len; i++)
    outputs[i] = (Pt2Argument){ .which = PT2_ARGUMENT_AS_TENSOR, .as_tensor = list.items[i] };
  node->outputs = (Pt2ArgumentList){ outputs, list.len };
  return outputs != NULL;
}

static bool
say_results (Pt2Draft *draft, Pt2Node *node)
{
  if ((node->present[0] & HOP_SINGLE_BIT) || node->outputs.len == 0)
    return true;
  bool single = node->outputs.len == 1 && node->outputs.items[0].which == PT2_ARGUMENT_AS_TENSOR;
  set_single (node, single);
  return node->outputs.len != 1 || node->outputs.items[0].which != PT2_ARGUMENT_AS_TENSORS || spread_list (draft, node);
}

/* ---- arguments ---- */

static Pt2Argument *
argument (const Pt2Node *node, uint32_t index)
{
  return index < node->inputs.len ? &node->inputs.items[index].arg : NULL;
}

static bool
is_kind (const Pt2Node *node, uint32_t index, uint32_t which)
{
  return index < node->inputs.len && node->inputs.items[index].arg.which == which;
}

static bool
set_arguments (Pt2Draft *draft, Pt2Node *node, const Pt2Argument *arguments, uint32_t n)
{
  Pt2NamedArgument *inputs = pt2_draft_alloc (draft, n * sizeof *inputs);
  Pt2String none = pt2_draft_text (draft, "", 0);
  for (uint32_t i = 0; inputs != NULL && i < n; i++)
    inputs[i] = (Pt2NamedArgument){ .name = none, .arg = arguments[i], .present = { 1 << 1 } };
  node->inputs = (Pt2NamedArgumentList){ inputs, n };
  return inputs != NULL;
}

static Pt2Argument
no_tensors (Pt2Draft *draft)
{
  return (Pt2Argument){ .which = PT2_ARGUMENT_AS_TENSORS, .as_tensors = { pt2_draft_alloc (draft, 0), 0 } };
}

/* Arguments FROM … TO-1 as one list, if there is a kind of list for them. */
static bool
list_of_symbols (Pt2Draft *draft, const Pt2Node *node, uint32_t from, uint32_t to, Pt2Argument *list)
{
  Pt2SymIntArgument *items = pt2_draft_alloc (draft, (to - from) * sizeof *items);
  for (uint32_t i = from; items != NULL && i < to; i++)
    {
      const Pt2Argument *item = argument (node, i);
      if (item->which == PT2_ARGUMENT_AS_SYM_INT)
        items[i - from] = *item->as_sym_int;
      else if (item->which == PT2_ARGUMENT_AS_INT)
        items[i - from] = (Pt2SymIntArgument){ .which = PT2_SYM_INT_ARGUMENT_AS_INT, .as_int = item->as_int };
      else
        return false;
    }
  *list = (Pt2Argument){ .which = PT2_ARGUMENT_AS_SYM_INTS, .as_sym_ints = { items, to - from } };
  return true;
}

static bool
list_of_tensors (Pt2Draft *draft, const Pt2Node *node, uint32_t from, uint32_t to, Pt2Argument *list)
{
  Pt2TensorArgument *items = pt2_draft_alloc (draft, (to - from) * sizeof *items);
  for (uint32_t i = from; items != NULL && i < to; i++)
    {
      if (argument (node, i)->which != PT2_ARGUMENT_AS_TENSOR)
        return list_of_symbols (draft, node, from, to, list);
      items[i - from] = argument (node, i)->as_tensor;
    }
  *list = (Pt2Argument){ .which = PT2_ARGUMENT_AS_TENSORS, .as_tensors = { items, to - from } };
  return true;
}

/* map_impl (graph, n, *mapped, *others) up to 2.3; (graph, mapped, others) since. */
static int64_t
gather_map (Pt2Upgrading *upgrading, Pt2Node *node)
{
  Pt2Draft *draft = upgrading->draft;
  if (!is_kind (node, 1, PT2_ARGUMENT_AS_INT))
    return 0;
  int64_t n = argument (node, 1)->as_int;
  if (n < 0 || n > node->inputs.len - 2)
    return refuse_call (upgrading, node, "it maps over more arguments than it is given");
  Pt2Argument arguments[3] = { *argument (node, 0) };
  uint32_t middle = 2 + (uint32_t)n;
  if (!list_of_tensors (draft, node, 2, middle, &arguments[1])
      || !list_of_tensors (draft, node, middle, node->inputs.len, &arguments[2]))
    return refuse_call (upgrading, node, "its arguments are tensors and others, and there is no list of both");
  return set_arguments (draft, node, arguments, 3) ? 1 : -1;
}

/* while_loop (condition, body, carried) in 2.3; there is a fourth list since. */
static int64_t
complete_while (Pt2Upgrading *upgrading, Pt2Node *node)
{
  if (node->inputs.len != 3)
    return 0;
  const Pt2Argument arguments[4]
      = { *argument (node, 0), *argument (node, 1), *argument (node, 2), no_tensors (upgrading->draft) };
  return set_arguments (upgrading->draft, node, arguments, 4) ? 1 : -1;
}

/* A scan along another dimension or from the end needs other tensors to scan over: those of `scan` have been turned if
 * that was possible (upgrade_scans.c). */
static bool
is_plain_scan (const Pt2Node *node, uint32_t dimension, uint32_t reverse)
{
  return argument (node, dimension)->as_int == 0 && (reverse == 0 || !argument (node, reverse)->as_bool);
}

/* scan (graph, init, xs, dim, reverse, others) in 2.6; without dim and reverse since. */
static int64_t
shorten_scan (Pt2Upgrading *upgrading, Pt2Node *node)
{
  if (!is_kind (node, 3, PT2_ARGUMENT_AS_INT) || !is_kind (node, 4, PT2_ARGUMENT_AS_BOOL))
    return 0;
  if (!is_plain_scan (node, 3, 4))
    return refuse_call (upgrading, node, "it scans along another dimension than the first, or from the end");
  const Pt2Argument arguments[4] = { *argument (node, 0), *argument (node, 1), *argument (node, 2),
                                     node->inputs.len > 5 ? *argument (node, 5) : no_tensors (upgrading->draft) };
  return set_arguments (upgrading->draft, node, arguments, 4) ? 1 : -1;
}

/* associative_scan (graph, xs, dim) up to 2.6; (graph, xs, others) since. */
static int64_t
shorten_associative_scan (Pt2Upgrading *upgrading, Pt2Node *node)
{
  if (!is_kind (node, 2, PT2_ARGUMENT_AS_INT))
    return 0;
  if (!is_plain_scan (node, 2, 0))
    return refuse_call (upgrading, node, "it scans along another dimension than the first");
  const Pt2Argument arguments[3] = { *argument (node, 0), *argument (node, 1), no_tensors (upgrading->draft) };
  return set_arguments (upgrading->draft, node, arguments, 3) ? 1 : -1;
}

/* Branches give tuples since 2.2: a bare tensor goes into one. */
static int64_t
wrap_branches (Pt2Upgrading *upgrading G_GNUC_UNUSED, Pt2Node *node)
{
  int64_t count = 0;
  for (uint32_t i = 0; i < node->inputs.len; i++)
    if (is_kind (node, i, PT2_ARGUMENT_AS_GRAPH) && argument (node, i)->as_graph->graph.is_single_tensor_return)
      {
        argument (node, i)->as_graph->graph.is_single_tensor_return = false;
        argument (node, i)->as_graph->graph.present[0] |= GRAPH_SINGLE_BIT;
        count++;
      }
  if (count > 0 && (node->present[0] & HOP_SINGLE_BIT))
    set_single (node, false);
  return count;
}

typedef struct
{
  const char *name; /* behind higher_order */
  int64_t (*rewrite) (Pt2Upgrading *upgrading, Pt2Node *node);
} CallRow;

static const CallRow calls[] = {
  { "cond", wrap_branches },        { "map_impl", wrap_branches }, { "map_impl", gather_map },
  { "while_loop", complete_while }, { "scan", shorten_scan },      { "associative_scan", shorten_associative_scan },
};

static int64_t
rewrite_call (Pt2Upgrading *upgrading, Pt2Node *node)
{
  int64_t count = 0, n = 0;
  const Pt2String name
      = { node->target.data + strlen (higher_order), node->target.len - (uint32_t)strlen (higher_order) };
  for (unsigned i = 0; n >= 0 && i < G_N_ELEMENTS (calls); i++)
    if (pt2_upgrade_is (name, calls[i].name))
      {
        n = calls[i].rewrite (upgrading, node);
        count += n;
      }
  return n >= 0 ? count : -1;
}

/* ---- names of subgraphs ---- */

/* PyTorch keeps the subgraphs of a graph by name, and the last one of a name takes the place of those before it. 2.5
 * calls those of different calls by one name. */
typedef struct
{
  Pt2TextIndex index;
  Pt2String *names;
  uint32_t n;
} SubgraphNames;

static bool
claim_name (Pt2Draft *draft, SubgraphNames *names, Pt2GraphArgument *subgraph, uint64_t *number, int64_t *count)
{
  Pt2String name = subgraph->name;
  while (name.data != NULL
         && pt2_text_index_find (&names->index, names->names, sizeof *names->names, name) != PT2_TEXT_INDEX_NONE)
    name = pt2_draft_printf (draft, "%.*s_%" G_GUINT64_FORMAT, (int)MIN (subgraph->name.len, 200), subgraph->name.data,
                             ++*number);
  if (name.data == NULL)
    return false;
  *count += name.data != subgraph->name.data;
  subgraph->name = names->names[names->n] = name;
  return pt2_text_index_add (&names->index, names->names, sizeof *names->names, names->n++);
}

static bool
claim_names (Pt2Draft *draft, SubgraphNames *names, Pt2Graph *graph, int64_t *count)
{
  uint64_t number = 0;
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    for (uint32_t j = 0; j < graph->nodes.items[i].inputs.len; j++)
      {
        Pt2Argument *item = &graph->nodes.items[i].inputs.items[j].arg;
        if (item->which == PT2_ARGUMENT_AS_GRAPH && !claim_name (draft, names, item->as_graph, &number, count))
          return false;
      }
  return true;
}

static uint32_t
count_subgraphs (const Pt2Graph *graph)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    for (uint32_t j = 0; j < graph->nodes.items[i].inputs.len; j++)
      n += graph->nodes.items[i].inputs.items[j].arg.which == PT2_ARGUMENT_AS_GRAPH;
  return n;
}

static bool
name_subgraphs (Pt2Draft *draft, Pt2Graph *graph, int64_t *count)
{
  uint32_t n = count_subgraphs (graph);
  if (n < 2)
    return true;
  SubgraphNames names = { .names = g_try_new (Pt2String, n) };
  pt2_text_index_init (&names.index);
  bool fine = names.names != NULL && claim_names (draft, &names, graph, count);
  pt2_text_index_clear (&names.index);
  g_free (names.names);
  draft->no_memory = draft->no_memory || !fine;
  return fine;
}

static bool
upgrade_graph (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count)
{
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    {
      Pt2Node *node = &graph->nodes.items[i];
      *count += name_call (upgrading->draft, node);
      if (!is_subgraph_call (node))
        continue;
      if (!say_results (upgrading->draft, node))
        return false;
      int64_t n = rewrite_call (upgrading, node);
      if (n < 0)
        return false;
      *count += 1 + n;
    }
  return name_subgraphs (upgrading->draft, graph, count);
}

int64_t
pt2_upgrade_subgraphs (Pt2Upgrading *upgrading)
{
  return pt2_upgrade_graphs (upgrading, upgrade_graph);
}
