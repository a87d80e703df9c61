/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs and outputs of the program: their order, and their names in the signature. */
#include "canon_private.h"
#include "sort.h"

/* ---- the order of inputs and outputs ---- */

enum
{
  N_CLASSES = 7,
};

/* How an input or output is sorted: by class, then by name if it has one, then by number. */
typedef struct
{
  uint32_t class;
  Pt2String name;
  uint32_t number;
  uint64_t head; /* of the name, behind what all of the class have in common */
} Key;

static int
by_key (uint32_t a, uint32_t b, const void *data)
{
  const Key *one = (const Key *)data + a, *two = (const Key *)data + b;
  if (one->class != two->class)
    return one->class < two->class ? -1 : 1;
  if (one->head != two->head)
    return one->head < two->head ? -1 : 1;
  int order = pt2_text_compare (one->name, two->name);
  return order != 0 ? order : (one->number > two->number) - (one->number < two->number);
}

static bool
input_key (Canon *canon, const Pt2InputSpec *spec, Key *key)
{
  *key = (Key){ 5, { "", 0 }, 0 };
  switch (spec->which)
    {
    case PT2_INPUT_SPEC_TOKEN:
      key->class = 0;
      return true;
    case PT2_INPUT_SPEC_PARAMETER:
      *key = (Key){ 1, spec->parameter->parameter_name, 0 };
      return true;
    case PT2_INPUT_SPEC_BUFFER:
      *key = (Key){ 2, spec->buffer->buffer_name, 0 };
      return true;
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      *key = (Key){ 3, spec->tensor_constant->tensor_constant_name, 0 };
      return true;
    case PT2_INPUT_SPEC_CUSTOM_OBJ:
      *key = (Key){ 4, spec->custom_obj->custom_obj_name, 0 };
      return true;
    case PT2_INPUT_SPEC_USER_INPUT:
    case PT2_INPUT_SPEC_CONSTANT_INPUT: /* PyTorch sorts these behind; the caller's arguments would change places */
      return true;
    default:
      return pt2_status_fail (&canon->status, PT2_ERROR_C006, PT2_NO_OFFSET, "%s", "");
    }
}

/* Inputs by name, to say where those stand that outputs go back to. */
typedef struct
{
  Pt2String *names;
  Pt2TextIndex index;
  uint32_t n;
} Inputs;

static bool
output_key (Canon *canon, const Inputs *inputs, const Pt2OutputSpec *spec, Key *key)
{
  *key = (Key){ 4, { "", 0 }, 0 };
  switch (spec->which)
    {
    case PT2_OUTPUT_SPEC_TOKEN:
      key->class = 0;
      return true;
    case PT2_OUTPUT_SPEC_PARAMETER_MUTATION:
      *key = (Key){ 1, spec->parameter_mutation->parameter_name, 0 };
      return true;
    case PT2_OUTPUT_SPEC_BUFFER_MUTATION:
      *key = (Key){ 2, spec->buffer_mutation->buffer_name, 0 };
      return true;
    case PT2_OUTPUT_SPEC_USER_INPUT_MUTATION:
      *key = (Key){ 3, { "", 0 }, 0 };
      key->number = pt2_text_index_find (&inputs->index, inputs->names, sizeof *inputs->names,
                                         spec->user_input_mutation->user_input_name);
      return true;
    case PT2_OUTPUT_SPEC_USER_OUTPUT:
    case PT2_OUTPUT_SPEC_LOSS_OUTPUT:
      return true;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER:
      *key = (Key){ 5, spec->gradient_to_parameter->parameter_name, 0 };
      return true;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_USER_INPUT:
      key->class = 6;
      return true;
    default:
      return pt2_status_fail (&canon->status, PT2_ERROR_C006, PT2_NO_OFFSET, "%s", "");
    }
}

static bool
permute_pairs (Canon *canon, const char *kind, const Key *keys, Pt2ArgumentList *arguments, const char *specs_name,
               void *specs, const uint32_t *order)
{
  const Pt2StructInfo *graph = pt2_schema_find_struct (&pt2_export_schema, "Graph");
  const Pt2StructInfo *signature = pt2_schema_find_struct (&pt2_export_schema, "GraphSignature");
  uint32_t n = arguments->len;
  bool moved = false;
  for (uint32_t i = 0; i < n; i++)
    if (order[i] != i)
      {
        canon_tell (canon,
                    &(Pt2CanonChange){ "moved", kind, 0, keys[order[i]].name, keys[order[i]].name, order[i], i });
        moved = true;
      }
  return !moved
         || (canon_permute (canon, pt2_struct_field_by_name (graph, "inputs", 6)->type, arguments, order)
             && canon_permute (canon, pt2_struct_field_by_name (signature, specs_name, strlen (specs_name))->type,
                               specs, order));
}

static void
fill_heads (Key *keys, uint32_t n)
{
  struct
  {
    Pt2String name;
    uint32_t skip;
  } classes[N_CLASSES] = { 0 };
  for (uint32_t i = 0; i < n; i++)
    {
      if (classes[keys[i].class].name.data == NULL)
        {
          classes[keys[i].class].name = keys[i].name;
          classes[keys[i].class].skip = keys[i].name.len;
        }
      classes[keys[i].class].skip
          = canon_common (classes[keys[i].class].name, keys[i].name, classes[keys[i].class].skip);
    }
  for (uint32_t i = 0; i < n; i++)
    keys[i].head = canon_head (keys[i].name, classes[keys[i].class].skip);
}

static bool
sort_pairs (Canon *canon, const char *kind, Key *keys, Pt2ArgumentList *arguments, const char *specs_name, void *specs)
{
  uint32_t n = arguments->len, *order = canon_alloc (canon, n, sizeof *order);
  if (order == NULL)
    return false;
  for (uint32_t i = 0; i < n; i++)
    order[i] = i;
  fill_heads (keys, n);
  pt2_sort (order, n, by_key, keys);
  return permute_pairs (canon, kind, keys, arguments, specs_name, specs, order);
}

static bool
check_lengths (Canon *canon, const char *what, uint32_t arguments, uint32_t specs)
{
  return arguments == specs
         || pt2_status_fail (&canon->status, PT2_ERROR_C001, PT2_NO_OFFSET, "%u %s, %u specs", arguments, what, specs);
}

static bool
sort_inputs (Canon *canon, Pt2GraphModule *module)
{
  Pt2InputSpecList *specs = &module->signature.input_specs;
  Key *keys = canon_alloc (canon, specs->len, sizeof *keys);
  if (keys == NULL || !check_lengths (canon, "inputs", module->graph.inputs.len, specs->len))
    return false;
  for (uint32_t i = 0; i < specs->len; i++)
    if (!input_key (canon, &specs->items[i], &keys[i]))
      return false;
  return sort_pairs (canon, "input", keys, &module->graph.inputs, "input_specs", specs);
}

static bool
add_input (Pt2String *name, CanonTable table, bool hidden, void *data)
{
  Inputs *inputs = data;
  if (name == NULL)
    return true;
  inputs->names[inputs->n] = *name;
  uint32_t owner = pt2_text_index_claim (&inputs->index, inputs->names, sizeof *name, inputs->n);
  inputs->n += owner == inputs->n;
  return owner != PT2_TEXT_INDEX_NONE;
}

static bool
mutates_inputs (const Pt2OutputSpecList *specs)
{
  for (uint32_t i = 0; i < specs->len; i++)
    if (specs->items[i].which == PT2_OUTPUT_SPEC_USER_INPUT_MUTATION)
      return true;
  return false;
}

static bool
fill_inputs (Canon *canon, Pt2ArgumentList *arguments, Inputs *inputs)
{
  inputs->names = canon_alloc (canon, arguments->len, sizeof *inputs->names);
  for (uint32_t i = 0; inputs->names != NULL && i < arguments->len; i++)
    {
      uint32_t which = arguments->items[i].which; /* an input is one value, or none */
      bool single = which == PT2_ARGUMENT_AS_TENSOR || which == PT2_ARGUMENT_AS_SYM_INT
                    || which == PT2_ARGUMENT_AS_SYM_BOOL || which == PT2_ARGUMENT_AS_SYM_FLOAT
                    || which == PT2_ARGUMENT_AS_CUSTOM_OBJ;
      if (single && !canon_foreach_slot (canon, &arguments->items[i], add_input, inputs))
        return pt2_status_fail (&canon->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
    }
  return inputs->names != NULL;
}

static bool
sort_outputs (Canon *canon, Pt2GraphModule *module)
{
  Pt2OutputSpecList *specs = &module->signature.output_specs;
  Key *keys = canon_alloc (canon, specs->len, sizeof *keys);
  Inputs inputs = { 0 };
  pt2_text_index_init (&inputs.index);
  bool fine = keys != NULL && check_lengths (canon, "outputs", module->graph.outputs.len, specs->len)
              && (!mutates_inputs (specs) || fill_inputs (canon, &module->graph.inputs, &inputs));
  for (uint32_t i = 0; fine && i < specs->len; i++)
    fine = output_key (canon, &inputs, &specs->items[i], &keys[i]);
  pt2_text_index_clear (&inputs.index);
  return fine && sort_pairs (canon, "output", keys, &module->graph.outputs, "output_specs", specs);
}

/* ---- inputs that stand for one tensor ---- */

static bool
count_name (Pt2String *name, CanonTable table, bool hidden, void *data)
{
  *(uint32_t *)data += name != NULL && name->len > 0;
  return true;
}

static bool
same_target (const Key *a, const Key *b)
{
  return a->class == b->class && a->class >= 1 && a->class <= 4 && a->name.len == b->name.len
         && memcmp (a->name.data, b->name.data, a->name.len) == 0;
}

/* Tied weights come in twice, under one name. *CLASSES: for each value of an input, the first of its kind; NULL if all
 * differ. The inputs are sorted. */
static bool
find_classes (Canon *canon, const Pt2GraphModule *module, const uint32_t **classes)
{
  const Pt2InputSpecList *specs = &module->signature.input_specs;
  uint32_t *all = canon_alloc (canon, specs->len, sizeof *all), n = 0;
  bool tied = false, plain = true; /* PyTorch knows no input of several values */
  Key before = { UINT32_MAX, { "", 0 }, 0 };
  for (uint32_t i = 0; all != NULL && i < specs->len; i++)
    {
      Key key;
      uint32_t values = 0;
      if (!input_key (canon, &specs->items[i], &key)
          || !canon_foreach_slot (canon, &module->graph.inputs.items[i], count_name, &values))
        return false;
      bool same = n > 0 && values == 1 && same_target (&before, &key);
      if (values == 1)
        all[n] = same ? all[n - 1] : n;
      n += values == 1;
      tied = tied || same;
      plain = plain && values <= 1;
      before = key;
    }
  *classes = tied && plain ? all : NULL;
  return all != NULL;
}

bool
canon_order_tied (const CanonGraph *graph, Pt2GraphModule *module)
{
  Canon *canon = graph->canon;
  uint32_t n = module->graph.inputs.len, value = 0, *order = canon_alloc (canon, n, sizeof *order);
  Key *keys = canon_alloc (canon, n, sizeof *keys);
  uint32_t *place = canon_alloc (canon, graph->n_inputs, sizeof *place); /* of the value of each rank */
  if (order == NULL || keys == NULL || place == NULL)
    return false;
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t values = 0;
      canon_foreach_slot (canon, &module->graph.inputs.items[i], count_name, &values);
      order[i] = i;
      if (values == 1)
        place[graph->values[value++].rank] = i;
    }
  /* Values change places among those of their class only, so the inputs without a value stay where they are. */
  value = 0;
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t values = 0;
      canon_foreach_slot (canon, &module->graph.inputs.items[i], count_name, &values);
      if (values == 1)
        order[i] = place[value++];
    }
  return permute_pairs (canon, "input", keys, &module->graph.inputs, "input_specs", &module->signature.input_specs,
                        order);
}

bool
canon_sort_signature (Canon *canon, Pt2GraphModule *module, CanonRoot *root)
{
  return sort_inputs (canon, module) && sort_outputs (canon, module) && find_classes (canon, module, &root->classes);
}

/* ---- names ---- */

static bool
rename_known (const CanonGraph *graph, Pt2String *name)
{
  uint32_t value = canon_find (graph, *name);
  if (value == CANON_NONE)
    return canon_fail (graph->canon, PT2_ERROR_C002, *name);
  *name = graph->values[value].fresh;
  return true;
}

static bool
rename_slot (Pt2String *name, CanonTable table, bool hidden, void *data)
{
  const CanonGraph *graph = data;
  uint32_t value = name != NULL ? canon_find (graph, *name) : CANON_NONE;
  if (value != CANON_NONE)
    *name = graph->values[value].fresh;
  else if (name != NULL && canon_is_taken (graph, *name))
    return canon_fail (graph->canon, PT2_ERROR_C007, *name);
  return true;
}

bool
canon_rename_argument (CanonGraph *graph, Pt2Argument *argument)
{
  return canon_foreach_slot (graph->canon, argument, rename_slot, graph);
}

static bool
rename_input_spec (CanonGraph *graph, Pt2InputSpec *spec, uint32_t *constants)
{
  switch (spec->which)
    {
    case PT2_INPUT_SPEC_USER_INPUT:
      return canon_rename_argument (graph, &spec->user_input->arg);
    case PT2_INPUT_SPEC_PARAMETER:
      return rename_known (graph, &spec->parameter->arg.name);
    case PT2_INPUT_SPEC_BUFFER:
      return rename_known (graph, &spec->buffer->arg.name);
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      return rename_known (graph, &spec->tensor_constant->arg.name);
    case PT2_INPUT_SPEC_CUSTOM_OBJ:
      return rename_known (graph, &spec->custom_obj->arg.name);
    case PT2_INPUT_SPEC_TOKEN:
      return rename_known (graph, &spec->token->arg.name);
    default:
      if (graph->canon->keep_constants)
        return true;
      canon_rename (graph, "constant input", &spec->constant_input->name,
                    canon_name (graph->canon, "_c", (*constants)++));
      return true;
    }
}

static bool
rename_output_spec (CanonGraph *graph, Pt2OutputSpec *spec)
{
  switch (spec->which)
    {
    case PT2_OUTPUT_SPEC_USER_OUTPUT:
      return canon_rename_argument (graph, &spec->user_output->arg);
    case PT2_OUTPUT_SPEC_LOSS_OUTPUT:
      return rename_known (graph, &spec->loss_output->arg.name);
    case PT2_OUTPUT_SPEC_BUFFER_MUTATION:
      return rename_known (graph, &spec->buffer_mutation->arg.name);
    case PT2_OUTPUT_SPEC_PARAMETER_MUTATION:
      return rename_known (graph, &spec->parameter_mutation->arg.name);
    case PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER:
      return rename_known (graph, &spec->gradient_to_parameter->arg.name);
    case PT2_OUTPUT_SPEC_GRADIENT_TO_USER_INPUT:
      return rename_known (graph, &spec->gradient_to_user_input->arg.name)
             && rename_known (graph, &spec->gradient_to_user_input->user_input_name);
    case PT2_OUTPUT_SPEC_USER_INPUT_MUTATION:
      return rename_known (graph, &spec->user_input_mutation->arg.name)
             && rename_known (graph, &spec->user_input_mutation->user_input_name);
    default:
      return rename_known (graph, &spec->token->arg.name);
    }
}

bool
canon_rename_signature (CanonGraph *graph, Pt2GraphModule *module)
{
  uint32_t constants = 0;
  for (uint32_t i = 0; i < module->signature.input_specs.len; i++)
    if (!rename_input_spec (graph, &module->signature.input_specs.items[i], &constants))
      return false;
  for (uint32_t i = 0; i < module->signature.output_specs.len; i++)
    if (!rename_output_spec (graph, &module->signature.output_specs.items[i]))
      return false;
  return true;
}
