/* SPDX-License-Identifier: Apache-2.0 */
/* Lifting a subgraph: its nodes take the place of the call that it was for. */
#include "edit.h"
#include <string.h>

typedef struct
{
  Pt2FxNode *call;
  Pt2FxGraph *inner, *outer;
  const Pt2FxArgument **operands; /* what the call passes */
  uint32_t n_operands;
} Lift;

/* Flags and names of regions are no operands, and neither are subgraphs. */
static bool
is_operand (const Pt2FxArgument *argument)
{
  return argument->kind != PT2_FX_STRING && !(argument->kind == PT2_FX_NODE && argument->node->op == PT2_FX_SUBGRAPH);
}

static void
collect (Lift *lift, const Pt2FxArgument *argument, bool count)
{
  if (argument->kind == PT2_FX_LIST)
    for (uint32_t i = 0; i < argument->len; i++)
      collect (lift, &argument->items[i], count);
  else if (is_operand (argument))
    {
      if (!count)
        lift->operands[lift->n_operands] = argument;
      lift->n_operands++;
    }
}

static bool
find_operands (Lift *lift, guint index)
{
  for (int count = 1; count >= 0; count--)
    {
      if (count == 0)
        lift->operands = g_try_new (const Pt2FxArgument *, lift->n_operands + 1);
      if (count == 0 && lift->operands == NULL)
        return false;
      lift->n_operands = 0;
      for (uint32_t i = index + 1; i < lift->call->n_inputs; i++)
        collect (lift, &lift->call->inputs[i], count);
    }
  return true;
}

static bool
fits (const Lift *lift)
{
  uint32_t n = 0;
  for (const Pt2FxNode *node = lift->inner->first; node->op == PT2_FX_PLACEHOLDER; node = node->next)
    n++;
  bool bare = lift->call->value_kind != PT2_FX_VALUE_TUPLE && lift->call->value_kind != PT2_FX_VALUE_LIST;
  uint32_t n_results = bare ? lift->call->value_kind != PT2_FX_VALUE_NOTHING : lift->call->n_results;
  return n == lift->n_operands && n_results == lift->inner->output->n_inputs;
}

/* Every node but inputs and output moves, in order, before the call. A name that is taken there changes, and with it
 * the attribute of a subgraph. */
static bool
move_node (Lift *lift, Pt2FxNode *node)
{
  Pt2FxNode *other;
  Pt2String name = pt2_fx_name (node);
  pt2_fx_names_remove (&lift->inner->names, node);
  pt2_fx_unlink (node);
  node->graph = lift->outer;
  node->number = lift->outer->n_made++;
  pt2_fx_link (node, lift->call);
  if (!pt2_fx_names_add (&lift->outer->names, node, &other) && (other == NULL || !pt2_fx_name_new (node, name)))
    return false;
  if (node->op == PT2_FX_SUBGRAPH)
    {
      node->subgraph->parent = lift->outer;
      node->subgraph->name = pt2_fx_name (node);
      node->subgraph->name_own = (node->flags & PT2_FX_NAME_OWN) != 0;
    }
  return true;
}

static bool
move_nodes (Lift *lift)
{
  for (Pt2FxNode *node = lift->inner->first, *next; node != NULL; node = next)
    {
      next = node->next;
      if (node->op != PT2_FX_PLACEHOLDER && node->op != PT2_FX_OUTPUT && !move_node (lift, node))
        return false;
    }
  return true;
}

static bool
connect_inputs (Lift *lift)
{
  const Pt2FxArgument **operand = lift->operands;
  for (Pt2FxNode *node = lift->inner->first; node->op == PT2_FX_PLACEHOLDER; node = node->next)
    if (!pt2_fx_exchange_uses (node, *operand++, NULL))
      return false;
  return true;
}

/* What the call gave is what the subgraph returned. */
static bool
connect_outputs (Lift *lift)
{
  Pt2FxNode *call = lift->call;
  const Pt2FxArgument *returned = lift->inner->output->inputs;
  if (call->value_kind != PT2_FX_VALUE_TUPLE && call->value_kind != PT2_FX_VALUE_LIST)
    return call->value_kind == PT2_FX_VALUE_NOTHING || pt2_fx_exchange_uses (call, &returned[0], NULL);
  for (guint i = 0; i < call->n_results; i++)
    {
      Pt2FxUsers users;
      Pt2FxNode *user;
      pt2_fx_users_init (&users, call);
      while ((user = pt2_fx_users_next (&users)) != NULL && user->index != i)
        ;
      if (user != NULL && !pt2_fx_exchange_uses (user, &returned[i], NULL))
        return false;
    }
  return true;
}

gboolean
pt2_fx_node_lift_subgraph (Pt2FxNode *call, guint index, GError **error)
{
  Pt2FxModule *module = call->graph->module;
  const Pt2FxArgument *reference = pt2_fx_node_get_argument (call, index);
  Lift lift = { .call = call, .outer = call->graph };
  bool is_graph = call->op == PT2_FX_CALL && reference != NULL && reference->kind == PT2_FX_NODE
                  && reference->node->op == PT2_FX_SUBGRAPH && reference->node->n_uses == 1;
  if (!is_graph)
    return pt2_fx_fault (call->graph, NULL, PT2_ERROR_G014, error, "argument %u is no subgraph of its own", index);
  lift.inner = reference->node->subgraph;
  if (!find_operands (&lift, index))
    return pt2_fx_no_memory (module, error);
  bool fine = fits (&lift);
  if (fine)
    {
      fine = move_nodes (&lift) && connect_inputs (&lift) && connect_outputs (&lift);
      for (uint32_t i = 0; i < lift.inner->output->n_inputs; i++)
        pt2_fx_drop_uses (module, &lift.inner->output->inputs[i]);
      lift.inner->output->n_inputs = 0;
      if (fine)
        pt2_fx_take_out (call);
      fine = pt2_fx_find_shadowed (module) && fine;
      g_free (lift.operands);
      return pt2_fx_done (module, fine, error);
    }
  g_free (lift.operands);
  return pt2_fx_fault (call->graph, NULL, PT2_ERROR_G014, error, "%u operands", lift.n_operands);
}
