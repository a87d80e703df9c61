/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that were renamed, removed, or given other parameters since the program was written. */
#include "graphs.h"
#include "text.h"
#include "upgrade_private.h"
#include <string.h>

typedef enum
{
  TARGET,    /* the operator is TO now */
  PARAMETER, /* the parameter FROM is called TO now */
  DROP_NONE, /* the parameter FROM is gone: fine if it was none */
  ADD_NONE,  /* FROM is a new parameter without a default, behind TO: none does what was done before */
  MODE,      /* a truth value FROM ("some") that is a text TO now: "reduced" or "complete" */
  ON_CPU,    /* on a CPU: the operator is TO now, and takes none of FROM, names with blanks between */
  REMOVED,   /* gone; TO says why */
} Change;

typedef struct
{
  Change change;
  const char *target, *from, *to;
  size_t target_len;
} OperatorRow;

static const OperatorRow rows[] = {
#define PT2_OPERATOR_ROW(change, target, from, to) { change, target, from, to, sizeof (target) - 1 },
#include "upgrade_operators.def"
#undef PT2_OPERATOR_ROW
};

enum
{
  NO_INPUT = UINT32_MAX,
};

static int64_t
refuse (Pt2Upgrading *upgrading, const Pt2Node *node, const char *why, const char *detail)
{
  char target[120];
  pt2_text_escape (node->target.data, node->target.len, target, sizeof target);
  return pt2_upgrade_refuse (upgrading, target, "%s%s", why, detail);
}

/* ---- inputs ---- */

static uint32_t
find_input (const Pt2Node *node, const char *name)
{
  for (uint32_t i = 0; i < node->inputs.len; i++)
    if (pt2_upgrade_is (node->inputs.items[i].name, name))
      return i;
  return NO_INPUT;
}

static bool
is_name_of (const char *names, Pt2String name)
{
  for (const char *at = names; *at != '\0';)
    {
      size_t len = strcspn (at, " ");
      if (len == name.len && memcmp (at, name.data, len) == 0)
        return true;
      at += len + (at[len] == ' ');
    }
  return false;
}

static void
drop_inputs (Pt2Node *node, const char *names)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < node->inputs.len; i++)
    if (!is_name_of (names, node->inputs.items[i].name))
      node->inputs.items[kept++] = node->inputs.items[i];
  node->inputs.len = kept;
}

static int64_t
rename_input (Pt2Upgrading *upgrading, Pt2Node *node, const OperatorRow *row)
{
  uint32_t at = find_input (node, row->from);
  if (at == NO_INPUT)
    return 0;
  node->inputs.items[at].name = pt2_draft_text (upgrading->draft, row->to, -1);
  return 1;
}

static int64_t
drop_none (Pt2Upgrading *upgrading, Pt2Node *node, const OperatorRow *row)
{
  uint32_t at = find_input (node, row->from);
  if (at == NO_INPUT)
    return 0;
  if (node->inputs.items[at].arg.which != PT2_ARGUMENT_AS_NONE)
    return refuse (upgrading, node, "it is given a parameter that is gone: ", row->from);
  drop_inputs (node, row->from);
  return 1;
}

static int64_t
add_none (Pt2Upgrading *upgrading, Pt2Node *node, const OperatorRow *row)
{
  uint32_t n = node->inputs.len, at = find_input (node, row->to);
  if (find_input (node, row->from) != NO_INPUT)
    return 0;
  at = at != NO_INPUT ? at + 1 : n;
  Pt2NamedArgument *inputs = pt2_draft_alloc (upgrading->draft, ((size_t)n + 1) * sizeof *inputs);
  if (inputs == NULL)
    return -1;
  memcpy (inputs, node->inputs.items, at * sizeof *inputs);
  memcpy (inputs + at + 1, node->inputs.items + at, (n - at) * sizeof *inputs);
  inputs[at].name = pt2_draft_text (upgrading->draft, row->from, -1);
  inputs[at].arg = (Pt2Argument){ .which = PT2_ARGUMENT_AS_NONE, .as_none = true };
  node->inputs = (Pt2NamedArgumentList){ inputs, n + 1 };
  return 1;
}

static int64_t
name_mode (Pt2Upgrading *upgrading, Pt2Node *node, const OperatorRow *row)
{
  uint32_t at = find_input (node, row->from);
  if (at == NO_INPUT || node->inputs.items[at].arg.which != PT2_ARGUMENT_AS_BOOL)
    return 0;
  const char *mode = node->inputs.items[at].arg.as_bool ? "reduced" : "complete";
  node->inputs.items[at].name = pt2_draft_text (upgrading->draft, row->to, -1);
  node->inputs.items[at].arg
      = (Pt2Argument){ .which = PT2_ARGUMENT_AS_STRING, .as_string = pt2_draft_text (upgrading->draft, mode, -1) };
  return 1;
}

/* ---- attention on a CPU: 2.1 and 2.2 used the operator that was made for CUDA ---- */

/* The tensors of a graph by name; made when the first one is asked for. */
typedef struct
{
  const Pt2Graph *graph;
  Pt2TextIndex index;
} Tensors;

static bool
index_tensors (Tensors *tensors, const Pt2Graph *graph)
{
  const Pt2StringToTensorMetaMap *values = &graph->tensor_values;
  if (tensors->graph == graph)
    return true;
  pt2_text_index_clear (&tensors->index);
  pt2_text_index_init (&tensors->index);
  tensors->graph = graph;
  for (uint32_t i = 0; i < values->len; i++)
    if (!pt2_text_index_add (&tensors->index, values->entries, sizeof values->entries[0], i))
      return false;
  return true;
}

static bool
is_on_cpu (Pt2Upgrading *upgrading, const Pt2Graph *graph, const Pt2Node *node)
{
  Tensors *tensors = upgrading->step_data;
  const Pt2StringToTensorMetaMap *values = &graph->tensor_values;
  Pt2String name = node->outputs.len > 0 ? pt2_argument_value_name (&node->outputs.items[0]) : (Pt2String){ NULL, 0 };
  if (name.data == NULL)
    return false;
  upgrading->draft->no_memory |= !index_tensors (tensors, graph);
  uint32_t at = pt2_text_index_find (&tensors->index, values->entries, sizeof values->entries[0], name);
  return at != PT2_TEXT_INDEX_NONE && pt2_upgrade_is (values->entries[at].value.device.type, "cpu");
}

enum
{
  FLASH_OUTPUTS = 9,
  CPU_OUTPUTS = 2, /* of the forward operator; both backward operators have three */
};

static int64_t
move_to_cpu (Pt2Upgrading *upgrading, const Pt2Graph *graph, Pt2Node *node, const OperatorRow *row)
{
  if (!is_on_cpu (upgrading, graph, node))
    return 0;
  drop_inputs (node, row->from);
  node->target = pt2_draft_text (upgrading->draft, row->to, -1);
  if (node->outputs.len == FLASH_OUTPUTS)
    node->outputs.len = CPU_OUTPUTS;
  return 1;
}

/* ---- all nodes ---- */

static int64_t
apply (Pt2Upgrading *upgrading, const Pt2Graph *graph, Pt2Node *node, const OperatorRow *row)
{
  switch (row->change)
    {
    case TARGET:
      node->target = pt2_draft_text (upgrading->draft, row->to, -1);
      return 1;
    case PARAMETER:
      return rename_input (upgrading, node, row);
    case DROP_NONE:
      return drop_none (upgrading, node, row);
    case ADD_NONE:
      return add_none (upgrading, node, row);
    case MODE:
      return name_mode (upgrading, node, row);
    case ON_CPU:
      return move_to_cpu (upgrading, graph, node, row);
    default:
      return refuse (upgrading, node, "the operator is gone: ", row->to);
    }
}

static bool
rewrite_node (Pt2Upgrading *upgrading, const Pt2Graph *graph, Pt2Node *node, int64_t *count)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (rows[i].target_len != node->target.len || memcmp (rows[i].target, node->target.data, node->target.len) != 0)
        continue;
      int64_t n = apply (upgrading, graph, node, &rows[i]);
      if (n < 0)
        return false;
      *count += n;
    }
  return true;
}

static bool
rewrite_graph (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count)
{
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    if (!rewrite_node (upgrading, graph, &graph->nodes.items[i], count))
      return false;
  return true;
}

int64_t
pt2_upgrade_operators (Pt2Upgrading *upgrading)
{
  Tensors tensors = { NULL };
  pt2_text_index_init (&tensors.index);
  upgrading->step_data = &tensors;
  int64_t count = pt2_upgrade_graphs (upgrading, rewrite_graph);
  upgrading->step_data = NULL;
  pt2_text_index_clear (&tensors.index);
  return count;
}
