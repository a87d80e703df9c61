/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs and outputs that are put in or taken out, and new subgraphs. */
#include "signature.h"
#include "text.h"
#include <string.h>

static bool
misfit (Pt2FxGraph *graph, GError **error, const char *what, const char *name, size_t len)
{
  char text[80];
  return pt2_fx_fault (graph, NULL, PT2_ERROR_G015, error, "%s %s", what,
                       pt2_text_escape (name, len, text, sizeof text));
}

/* ---- inputs ---- */

/* The order in which PyTorch has the kinds of inputs. */
static guint
rank_of (guint role)
{
  static const guint order[] = { PT2_INPUT_SPEC_TOKEN,           PT2_INPUT_SPEC_PARAMETER,  PT2_INPUT_SPEC_BUFFER,
                                 PT2_INPUT_SPEC_TENSOR_CONSTANT, PT2_INPUT_SPEC_CUSTOM_OBJ, PT2_INPUT_SPEC_USER_INPUT };
  guint rank = 0;
  while (rank < G_N_ELEMENTS (order) - 1 && order[rank] != role)
    rank++;
  return rank;
}

static bool
check_input (Pt2FxGraph *graph, const Pt2FxNewInput *input, GError **error)
{
  bool user = graph->parent != NULL || input->role == PT2_INPUT_SPEC_USER_INPUT;
  bool stored = input->role == PT2_INPUT_SPEC_PARAMETER || input->role == PT2_INPUT_SPEC_BUFFER
                || input->role == PT2_INPUT_SPEC_TENSOR_CONSTANT;
  guint8 kind = (guint8)input->value.kind;
  bool fits = kind == PT2_FX_VALUE_TENSOR || (user && (kind == PT2_FX_VALUE_SYM_INT || kind == PT2_FX_VALUE_OBJECT));
  if (!pt2_fx_check_name (graph, input->name, error))
    return false;
  if (!fits || input->value.meta == NULL)
    return misfit (graph, error, "the value of input", input->name, strlen (input->name));
  if (user)
    return true;
  if (!stored || input->target == NULL || !pt2_text_is_utf8 (input->target, strlen (input->target)))
    return misfit (graph, error, "no name of what is stored for", input->name, strlen (input->name));
  Pt2String target = { input->target, (uint32_t)strlen (input->target) };
  for (const Pt2FxNode *node = graph->first; node->op == PT2_FX_PLACEHOLDER; node = node->next)
    if (node->spec != NULL)
      {
        Pt2String other = pt2_fx_spec_input_target (node->spec);
        if (other.data != NULL && other.len == target.len && memcmp (other.data, target.data, target.len) == 0)
          return misfit (graph, error, "there is an input already for", input->target, target.len);
      }
  return true;
}

/* How many of the inputs that the caller passes go by place. False: the tree spec has not the form of arguments. */
static bool
count_by_place (Pt2FxModule *module, uint32_t *n, GError **error)
{
  const Pt2ModuleCallSignature *call = pt2_fx_root_call (module);
  const Pt2TreeNode *args, *kwargs;
  *n = UINT32_MAX;
  if (call == NULL)
    return true;
  g_autoptr (Pt2TreeSpec) tree = pt2_tree_spec_new (call->in_spec, module->program, NULL, error);
  if (tree == NULL)
    return false;
  if (!pt2_fx_split_arguments (tree, &args, &kwargs))
    return misfit (module->graphs[0], error, "arguments are no pair in", "in_spec", 7);
  *n = args->n_leaves;
  return true;
}

/* The node before which a new input of ROLE stands: behind those of its kind and of kinds before it, but before what
 * the caller passes by name. */
static Pt2FxNode *
place_of_input (Pt2FxGraph *graph, guint role, uint32_t n_by_place)
{
  const Pt2InputSpec *at = graph->module->exported->graph_module.signature.input_specs.items;
  uint32_t leaf = 0;
  Pt2FxNode *place = graph->first;
  for (Pt2FxNode *node = graph->first; node->op == PT2_FX_PLACEHOLDER; node = node->next)
    {
      const Pt2InputSpec *spec = node->spec;
      if (graph->parent != NULL || spec == NULL)
        {
          place = node->next;
          continue;
        }
      bool read = pt2_fx_is_read_input (graph->module, spec);
      for (; read && at < spec; at++)
        leaf += pt2_fx_is_passed (at);
      guint rank = rank_of (spec->which), own = rank_of (role);
      bool by_name = read && pt2_fx_is_passed (spec) && leaf >= n_by_place;
      if (rank <= own && !by_name)
        place = node->next;
    }
  return place;
}

static Pt2InputSpec *
make_input_spec (Pt2FxModule *module, const Pt2FxNewInput *input, Pt2String name)
{
  Pt2String target = input->target != NULL ? pt2_fx_own_text (module, input->target, strlen (input->target)) : name;
  Pt2InputSpec *spec = pt2_fx_alloc (module, sizeof *spec);
  void *inner = pt2_fx_alloc (module, sizeof (Pt2InputToBufferSpec) + sizeof (Pt2UserInputSpec));
  if (spec == NULL || inner == NULL || target.data == NULL)
    return NULL;
  spec->which = input->role;
  switch (input->role)
    {
    case PT2_INPUT_SPEC_PARAMETER:
      spec->parameter = inner;
      *spec->parameter
          = (Pt2InputToParameterSpec){ .arg = { name }, .parameter_name = target, .present = { UINT32_MAX } };
      break;
    case PT2_INPUT_SPEC_BUFFER:
      spec->buffer = inner;
      *spec->buffer = (Pt2InputToBufferSpec){
        .arg = { name }, .buffer_name = target, .persistent = input->persistent, .present = { UINT32_MAX }
      };
      break;
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      spec->tensor_constant = inner;
      *spec->tensor_constant = (Pt2InputToTensorConstantSpec){ .arg = { name },
                                                               .tensor_constant_name = target,
                                                               .present = { UINT32_MAX } };
      break;
    default: /* what it is, is written when a program is made */
      spec->user_input = inner;
      spec->user_input->arg.which = PT2_ARGUMENT_AS_NONE;
      spec->user_input->arg.as_none = true;
    }
  return spec;
}

Pt2FxNode *
pt2_fx_graph_add_input (Pt2FxGraph *graph, const Pt2FxNewInput *input, GError **error)
{
  Pt2FxModule *module = graph->module;
  uint32_t n_by_place = UINT32_MAX;
  bool root = graph->parent == NULL, user = root && input->role == PT2_INPUT_SPEC_USER_INPUT;
  if (!check_input (graph, input, error) || (user && !count_by_place (module, &n_by_place, error)))
    return NULL;
  Pt2FxNode *node = pt2_fx_node_alloc (graph, PT2_FX_PLACEHOLDER);
  bool fine = node != NULL && pt2_fx_name_node (node, input->name);
  if (fine)
    {
      node->value_kind = (uint8_t)input->value.kind;
      node->value = pt2_fx_copy_meta (module, &input->value);
      node->flags |= PT2_FX_VALUE_OWN;
      node->spec = root ? make_input_spec (module, input, pt2_fx_name (node)) : NULL;
      fine = node->value != NULL && (!root || node->spec != NULL);
      pt2_fx_link (node, place_of_input (graph, input->role, n_by_place));
      module->inputs_changed = module->inputs_changed || user;
    }
  return pt2_fx_done (module, fine, error) ? node : NULL;
}

/* ---- outputs ---- */

/* Room for one more. Arrays of this file's own are as long as a power of two. */
static bool
grow_outputs (Pt2FxNode *output)
{
  uint32_t n = output->n_inputs, room = 4;
  if ((output->flags & PT2_FX_NEW) && (n & (n - 1)) != 0)
    return true;
  while (room <= n && room < UINT32_MAX / 2)
    room *= 2;
  Pt2FxArgument *inputs = pt2_fx_alloc (output->graph->module, room * sizeof *inputs);
  const Pt2OutputSpec **specs = pt2_fx_alloc (output->graph->module, room * sizeof *specs);
  if (inputs == NULL || specs == NULL)
    return false;
  if (n > 0)
    {
      memcpy (inputs, output->inputs, n * sizeof *inputs);
      memcpy (specs, output->specs, n * sizeof *specs);
    }
  output->inputs = inputs;
  output->specs = specs;
  output->flags |= PT2_FX_NEW;
  return true;
}

static bool
put_output (Pt2FxGraph *graph, uint32_t at, Pt2FxNode *value, const Pt2FxMadeOutput *made)
{
  Pt2FxNode *output = graph->output;
  Pt2FxArgument input = { .kind = PT2_FX_NODE };
  if (!grow_outputs (output) || !pt2_fx_add_use (output, &input, value))
    return false;
  uint32_t behind = output->n_inputs - at;
  memmove (output->inputs + at + 1, output->inputs + at, behind * sizeof *output->inputs);
  memmove (output->specs + at + 1, output->specs + at, behind * sizeof *output->specs);
  output->inputs[at] = input;
  output->specs[at] = made != NULL ? &made->spec : NULL;
  output->n_inputs++;
  return true;
}

static bool
check_output (Pt2FxGraph *graph, Pt2FxNode *value, GError **error)
{
  const Pt2FxArgument argument = { .kind = PT2_FX_NODE, .node = value };
  if (!pt2_fx_check_value (graph, &argument, error))
    return false;
  if (graph->returns_bare)
    return misfit (graph, error, "one bare value is returned, beside it not", value->name, value->name_len);
  if (value->op == PT2_FX_SUBGRAPH || value->value_kind == PT2_FX_VALUE_OBJECT)
    return misfit (graph, error, "no output can be", value->name, value->name_len);
  return true;
}

gboolean
pt2_fx_graph_add_output (Pt2FxGraph *graph, Pt2FxNode *value, GError **error)
{
  Pt2FxModule *module = graph->module;
  Pt2FxMadeOutput *made = NULL;
  bool root = graph->parent == NULL, fine = true;
  if (!check_output (graph, value, error))
    return FALSE;
  if (root)
    {
      made = pt2_fx_alloc (module, sizeof *made + sizeof *made->spec.user_output);
      fine = made != NULL;
    }
  if (made != NULL)
    {
      made->spec.which = PT2_OUTPUT_SPEC_USER_OUTPUT;
      made->spec.user_output = (Pt2UserOutputSpec *)(made + 1);
      made->spec.user_output->arg.which = PT2_ARGUMENT_AS_NONE;
      module->outputs_changed = true;
    }
  fine = fine && put_output (graph, graph->output->n_inputs, value, made);
  return pt2_fx_done (module, fine, error);
}

gboolean
pt2_fx_graph_remove_output (Pt2FxGraph *graph, guint index, GError **error)
{
  Pt2FxModule *module = graph->module;
  Pt2FxNode *output = graph->output;
  if (index >= output->n_inputs || graph->returns_bare)
    {
      char number[16];
      g_snprintf (number, sizeof number, "%u", index);
      return misfit (graph, error, "there is nothing to take out as output", number, strlen (number));
    }
  const Pt2OutputSpec *spec = graph->parent == NULL ? output->specs[index] : NULL;
  module->outputs_changed = module->outputs_changed || (spec != NULL && pt2_fx_is_given (spec));
  pt2_fx_drop_uses (module, &output->inputs[index]);
  output->n_inputs--;
  uint32_t behind = output->n_inputs - index;
  memmove (output->inputs + index, output->inputs + index + 1, behind * sizeof *output->inputs);
  memmove (output->specs + index, output->specs + index + 1, behind * sizeof *output->specs);
  return pt2_fx_done (module, true, error);
}

/* ---- inputs that a run changes ---- */

/* The specs of the three kinds are the same but for the name of the second field. */
static Pt2FxMadeOutput *
make_mutation (Pt2FxModule *module, Pt2FxNode *input)
{
  static const Pt2String none = { "", 0 };
  Pt2FxMadeOutput *made = pt2_fx_alloc (module, sizeof *made + sizeof *made->spec.user_input_mutation);
  if (made == NULL)
    return NULL;
  made->target = input;
  Pt2UserInputMutationSpec *inner = (Pt2UserInputMutationSpec *)(made + 1);
  *inner = (Pt2UserInputMutationSpec){ .arg = { none }, .user_input_name = none, .present = { UINT32_MAX } };
  G_STATIC_ASSERT (
      sizeof (Pt2BufferMutationSpec) == sizeof *inner && sizeof (Pt2ParameterMutationSpec) == sizeof *inner
      && offsetof (Pt2BufferMutationSpec, buffer_name) == offsetof (Pt2UserInputMutationSpec, user_input_name)
      && offsetof (Pt2ParameterMutationSpec, parameter_name) == offsetof (Pt2UserInputMutationSpec, user_input_name));
  made->spec.user_input_mutation = inner;
  switch (input->spec->which)
    {
    case PT2_INPUT_SPEC_BUFFER:
      made->spec.which = PT2_OUTPUT_SPEC_BUFFER_MUTATION;
      inner->user_input_name = input->spec->buffer->buffer_name;
      break;
    case PT2_INPUT_SPEC_PARAMETER:
      made->spec.which = PT2_OUTPUT_SPEC_PARAMETER_MUTATION;
      inner->user_input_name = input->spec->parameter->parameter_name;
      break;
    default:
      made->spec.which = PT2_OUTPUT_SPEC_USER_INPUT_MUTATION;
    }
  return made;
}

gboolean
pt2_fx_graph_add_mutation (Pt2FxGraph *root, Pt2FxNode *input, Pt2FxNode *value, GError **error)
{
  Pt2FxModule *module = root->module;
  const Pt2FxNode *output = root->output;
  bool fits = root->parent == NULL && input->graph == root && input->op == PT2_FX_PLACEHOLDER
              && !(input->flags & PT2_FX_ERASED) && input->spec != NULL && input->value_kind == PT2_FX_VALUE_TENSOR
              && value->value_kind == PT2_FX_VALUE_TENSOR
              && (input->spec->which == PT2_INPUT_SPEC_BUFFER || input->spec->which == PT2_INPUT_SPEC_PARAMETER
                  || input->spec->which == PT2_INPUT_SPEC_USER_INPUT);
  if (!check_output (root, value, error))
    return FALSE;
  if (!fits || pt2_fx_is_changed (input))
    return misfit (root, error, "no input that a run could change, or one that already has a new value:", input->name,
                   input->name_len);
  uint32_t at = 0;
  while (at < output->n_inputs && (output->specs[at] == NULL || !pt2_fx_is_given (output->specs[at])))
    at++;
  Pt2FxMadeOutput *made = make_mutation (module, input);
  return pt2_fx_done (module, made != NULL && put_output (root, at, value, made), error);
}

/* ---- subgraphs ---- */

Pt2FxGraph *
pt2_fx_graph_add_subgraph (Pt2FxGraph *graph, Pt2FxNode *before, const char *name, GError **error)
{
  Pt2FxModule *module = graph->module;
  before = before != NULL ? before : graph->output;
  if (before->graph != graph || (before->flags & PT2_FX_ERASED) || before->op == PT2_FX_PLACEHOLDER)
    {
      pt2_fx_fault (graph, NULL, PT2_ERROR_G009, error, "%s", "nothing can stand before that node");
      return NULL;
    }
  if (!pt2_fx_check_name (graph, name, error))
    return NULL;
  Pt2FxGraph *inner = pt2_fx_graph_alloc (module, graph, NULL);
  Pt2FxNode *node = inner != NULL ? pt2_fx_node_alloc (graph, PT2_FX_SUBGRAPH) : NULL;
  Pt2FxNode *output = node != NULL ? pt2_fx_node_alloc (inner, PT2_FX_OUTPUT) : NULL;
  if (output == NULL || !pt2_fx_name_node (node, name))
    {
      module->n_graphs -= inner != NULL;
      pt2_fx_done (module, false, error);
      return NULL;
    }
  inner->reference = node;
  inner->output = output;
  inner->name = pt2_fx_name (node);
  inner->name_own = true;
  node->subgraph = inner;
  pt2_fx_name_node (output, "output");
  pt2_fx_link (output, NULL);
  pt2_fx_link (node, before);
  return pt2_fx_done (module, !module->no_memory, error) ? inner : NULL;
}
