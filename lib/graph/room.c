/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory a graph will take, so that it comes in one piece with little left over. It is an estimate: what is
 * missing is taken when it is missed. */
#include "graph.h"

enum
{
  MOST_LOOKED_AT = 4096, /* calls of a graph; of more, that many in equal distances */
  VALUE = sizeof (Pt2FxArgument),
  USE = sizeof (Pt2FxUse),
};

/* Beyond the argument itself. */
static size_t
bytes_of_argument (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
    case PT2_ARGUMENT_AS_SYM_INT:
    case PT2_ARGUMENT_AS_SYM_FLOAT:
    case PT2_ARGUMENT_AS_SYM_BOOL:
    case PT2_ARGUMENT_AS_OPTIONAL_TENSOR:
      return USE;
    case PT2_ARGUMENT_AS_TENSORS:
      return (size_t)argument->as_tensors.len * (VALUE + USE);
    case PT2_ARGUMENT_AS_OPTIONAL_TENSORS:
      return (size_t)argument->as_optional_tensors.len * (VALUE + USE);
    case PT2_ARGUMENT_AS_SYM_INTS:
      return (size_t)argument->as_sym_ints.len * (VALUE + USE);
    case PT2_ARGUMENT_AS_GRAPH:
      return sizeof (Pt2FxGraph) + sizeof (Pt2FxNode) + USE + pt2_fx_expected_bytes (&argument->as_graph->graph);
    default:
      return 0;
    }
}

/* Of the nodes that come of a call, those that are values are counted elsewhere. */
static size_t
bytes_of_call (const Pt2Node *call)
{
  size_t bytes = call->inputs.len * VALUE, n = call->outputs.len;
  for (uint32_t i = 0; i < call->inputs.len; i++)
    bytes += bytes_of_argument (&call->inputs.items[i].arg);
  if (n == 1 && call->outputs.items[0].which == PT2_ARGUMENT_AS_TENSORS)
    n = call->outputs.items[0].as_tensors.len;
  else if (n == 1)
    return bytes;
  return bytes + sizeof (Pt2FxNode) + n * (VALUE + USE + sizeof (Pt2FxResult));
}

size_t
pt2_fx_expected_bytes (const Pt2Graph *graph)
{
  size_t bytes = 0, n_values = 1, n = graph->nodes.len, step = n / MOST_LOOKED_AT + 1, looked_at = 0;
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    n_values += pt2_fx_table (graph, table)->len;
  for (size_t i = 0; i < n; i += step, looked_at++)
    bytes += bytes_of_call (&graph->nodes.items[i]);
  if (step > 1)
    bytes = (size_t)((double)bytes * (double)n / (double)looked_at);
  return bytes + n_values * sizeof (Pt2FxNode) + graph->outputs.len * (VALUE + USE + sizeof (Pt2OutputSpec *));
}
