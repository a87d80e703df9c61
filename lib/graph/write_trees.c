/* SPDX-License-Identifier: Apache-2.0 */
/* The tree specs of the whole program, in step with the inputs that its caller passes and the outputs that it gets. */
#include "signature.h"
#include "tree_print.h"
#include "write.h"
#include <string.h>

static bool
misfit (Writer *writer, const char *what)
{
  return pt2_fx_fault (writer->module->graphs[0], NULL, PT2_ERROR_G015, writer->error, "%s", what);
}

/* What of a tree goes and comes. */
typedef struct
{
  Pt2TreeSpec *tree;
  uint32_t *gone; /* of the leaves up to each, in the draft's arena */
  uint32_t n_leaves, n_new;
} Turnover;

static void
clear_turnover (Turnover *turnover)
{
  g_clear_pointer (&turnover->tree, pt2_tree_spec_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Turnover, clear_turnover)

/* N_LEAVES values were there when the program was read. */
static bool
begin (Writer *writer, Turnover *turnover, Pt2String spec, uint32_t n_leaves)
{
  turnover->tree = pt2_tree_spec_new (spec, writer->module->program, NULL, writer->error);
  if (turnover->tree == NULL)
    return false;
  if (pt2_tree_spec_get_root (turnover->tree)->n_leaves != n_leaves)
    return misfit (writer, "a tree spec with another number of leaves than the signature");
  turnover->n_leaves = n_leaves;
  turnover->gone = pt2_draft_alloc (writer->draft, ((size_t)n_leaves + 1) * sizeof *turnover->gone);
  for (uint32_t i = 0; turnover->gone != NULL && i < n_leaves; i++)
    turnover->gone[i + 1] = 1;
  return turnover->gone != NULL;
}

/* From "does it go" to "how many go up to here". */
static void
end (Turnover *turnover)
{
  for (uint32_t i = 0; i < turnover->n_leaves; i++)
    turnover->gone[i + 1] += turnover->gone[i];
}

static bool
print (Writer *writer, const Turnover *turnover, Pt2TreeChange *change, Pt2String *to)
{
  Pt2Buffer out = PT2_BUFFER_INIT;
  change->gone = turnover->gone;
  bool fine = pt2_tree_print (&out, pt2_tree_spec_get_root (turnover->tree), change);
  if (fine)
    *to = pt2_draft_text (writer->draft, out.data, (gssize)pt2_buffer_len (&out));
  pt2_buffer_clear (&out);
  if (change->misfit != NULL)
    return misfit (writer, "something is taken out of an object whose type says what is in it");
  return fine && to->data != NULL;
}

/* ---- inputs ---- */

static bool
count_inputs (Writer *writer, Turnover *turnover, Pt2String spec)
{
  const Pt2FxModule *module = writer->module;
  const Pt2InputSpecList *read = &module->exported->graph_module.signature.input_specs;
  uint32_t n = 0, leaf = 0;
  for (uint32_t i = 0; i < read->len; i++)
    n += pt2_fx_is_passed (&read->items[i]);
  if (!begin (writer, turnover, spec, n))
    return false;
  const Pt2InputSpec *at = read->items;
  for (const Pt2FxNode *node = module->graphs[0]->first; node->op == PT2_FX_PLACEHOLDER; node = node->next)
    {
      if (node->spec == NULL || !pt2_fx_is_passed (node->spec))
        continue;
      if (!pt2_fx_is_read_input (module, node->spec))
        {
          turnover->n_new++;
          continue;
        }
      for (; at < node->spec; at++)
        leaf += pt2_fx_is_passed (at);
      turnover->gone[leaf + 1] = 0;
    }
  end (turnover);
  return true;
}

/* What the function calls its arguments: those that are left, and behind the ones by place the new ones. */
static bool
write_argument_names (Writer *writer, const Turnover *turnover, const Pt2TreeNode *args, const Pt2TreeNode *kwargs,
                      Pt2StringList *to)
{
  const Pt2StringList read = *to;
  const Pt2TreeChange change = { .gone = turnover->gone };
  const Pt2FxModule *module = writer->module;
  uint32_t n = args->n_children + kwargs->n_children;
  if (read.len == 0 && n > 0)
    return true;
  if (read.len != n)
    return misfit (writer, "another number of names of arguments than of arguments");
  Pt2String *names = pt2_fx_room (writer, (size_t)n + turnover->n_new, sizeof *names);
  *to = (Pt2StringList){ names, 0 };
  for (uint32_t i = 0; names != NULL && i <= n; i++)
    {
      if (i == args->n_children)
        for (const Pt2FxNode *node = module->graphs[0]->first; node->op == PT2_FX_PLACEHOLDER; node = node->next)
          if (node->spec != NULL && pt2_fx_is_passed (node->spec) && !pt2_fx_is_read_input (module, node->spec))
            names[to->len++] = pt2_fx_write_name (writer, node);
      if (i == n)
        break;
      const Pt2TreeNode *child = i < args->n_children ? &args->children[i] : &kwargs->children[i - args->n_children];
      if (!pt2_tree_is_gone (&change, child))
        names[to->len++] = read.items[i];
    }
  return names != NULL;
}

static bool
write_inputs (Writer *writer, Pt2ModuleCallSignature *to)
{
  g_auto (Turnover) turnover = { .n_new = 0 };
  const Pt2TreeNode *args, *kwargs;
  if (!count_inputs (writer, &turnover, to->in_spec))
    return false;
  if (!pt2_fx_split_arguments (turnover.tree, &args, &kwargs))
    return misfit (writer, "arguments that are no pair");
  Pt2TreeChange change = { .fixed_depth = 2, .grown = args, .n_new = turnover.n_new };
  return print (writer, &turnover, &change, &to->in_spec)
         && write_argument_names (writer, &turnover, args, kwargs, &to->forward_arg_names);
}

/* ---- outputs ---- */

static bool
count_outputs (Writer *writer, Turnover *turnover, Pt2String spec)
{
  const Pt2FxModule *module = writer->module;
  const Pt2OutputSpecList *read = &module->exported->graph_module.signature.output_specs;
  const Pt2FxNode *output = module->graphs[0]->output;
  uint32_t n = 0, leaf = 0;
  for (uint32_t i = 0; i < read->len; i++)
    n += pt2_fx_is_given (&read->items[i]);
  if (!begin (writer, turnover, spec, n))
    return false;
  const Pt2OutputSpec *at = read->items;
  for (uint32_t i = 0; i < output->n_inputs; i++)
    {
      const Pt2OutputSpec *own = output->specs[i];
      if (own == NULL || !pt2_fx_is_given (own))
        continue;
      if (!pt2_fx_is_read_output (module, own))
        {
          turnover->n_new++;
          continue;
        }
      for (; at < own; at++)
        leaf += pt2_fx_is_given (at);
      turnover->gone[leaf + 1] = 0;
    }
  end (turnover);
  return true;
}

/* A tuple or list gets more items; anything else is put into a tuple with them. */
static bool
write_outputs (Writer *writer, Pt2ModuleCallSignature *to)
{
  g_auto (Turnover) turnover = { .n_new = 0 };
  if (!count_outputs (writer, &turnover, to->out_spec))
    return false;
  const Pt2TreeNode *root = pt2_tree_spec_get_root (turnover.tree);
  bool grows = root->kind == PT2_TREE_TUPLE || root->kind == PT2_TREE_LIST;
  Pt2TreeChange change = {
    .fixed_depth = 1, .grown = grows ? root : NULL, .n_new = turnover.n_new, .wrapped = !grows && turnover.n_new > 0
  };
  if (root->kind == PT2_TREE_LEAF && turnover.gone[1] != 0)
    return misfit (writer, "the one bare output is taken out");
  return print (writer, &turnover, &change, &to->out_spec);
}

bool
pt2_fx_write_trees (Writer *writer, Pt2ModuleCallSignature *to)
{
  return (!writer->module->inputs_changed || write_inputs (writer, to))
         && (!writer->module->outputs_changed || write_outputs (writer, to));
}
