/* SPDX-License-Identifier: Apache-2.0 */
/* Three fields of a node came inside major 8, and PyTorch reads programs without them. What it takes in their
 * place is what stands here: an older minor does not need it said, a newer one gets it said. */
#include "minors.h"
#include "value.h"
#include <string.h>

static Pt2SettledField
settled (const Pt2MinorChange *change, const char *record, const char *name)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, record);
  const Pt2FieldInfo *field = pt2_struct_field_by_name (info, name, strlen (name));
  return (Pt2SettledField){ info, field, change->from < field->since && change->to >= field->since,
                            change->to < field->since };
}

void
pt2_minor_change_init (Pt2MinorChange *change, Pt2Draft *draft, uint32_t from, uint32_t to)
{
  *change = (Pt2MinorChange){ .from = from, .to = to, .draft = draft };
  change->kind = settled (change, "NamedArgument", "kind");
  change->single_return = settled (change, "Node", "is_hop_single_tensor_return");
  change->name = settled (change, "Node", "name");
}

static bool
is_there (const Pt2SettledField *settled, const void *record)
{
  return pt2_field_present (settled->info, settled->field, record);
}

static void
set_bit (const Pt2SettledField *settled, void *record)
{
  pt2_field_bit_set (settled->info, record, settled->field->present_bit);
}

/* Calls of subgraphs, whose operators have no schema that says how they are called. */
static bool
calls_subgraphs (const Pt2Node *node)
{
  static const char prefix[] = "torch.ops.higher_order.";
  return node->target.len >= sizeof prefix - 1 && memcmp (node->target.data, prefix, sizeof prefix - 1) == 0;
}

/* ---- NamedArgument.kind: an input without a name goes by place, a named one of a subgraph call by name ---- */

static void
settle_kinds (const Pt2SettledField *kind, Pt2Node *node)
{
  bool named = calls_subgraphs (node);
  for (uint32_t i = 0; (kind->comes || kind->goes) && i < node->inputs.len; i++)
    {
      Pt2NamedArgument *input = &node->inputs.items[i];
      if (input->name.len > 0 && !named)
        continue;
      int32_t implied = input->name.len == 0 ? PT2_ARGUMENT_KIND_POSITIONAL : PT2_ARGUMENT_KIND_KEYWORD;
      bool present = is_there (kind, input);
      if (kind->goes && present && input->kind == implied)
        pt2_minor_clear_field (kind->info, input, kind->field);
      if (kind->comes && !present)
        {
          input->kind = implied;
          set_bit (kind, input);
        }
    }
}

/* ---- Node.is_hop_single_tensor_return: before it came, one tensor in a tuple was a list of one tensor ---- */

static bool
gives_one_tensor (const Pt2Node *node)
{
  return node->outputs.len == 1 && node->outputs.items[0].which == PT2_ARGUMENT_AS_TENSOR;
}

static void
put_into_list (Pt2Draft *draft, Pt2Argument *output)
{
  Pt2TensorArgument *item = pt2_draft_alloc (draft, sizeof *item);
  if (item == NULL)
    return;
  *item = output->as_tensor;
  output->which = PT2_ARGUMENT_AS_TENSORS;
  output->as_tensors.items = item;
  output->as_tensors.len = 1;
}

static void
say_single_return (const Pt2SettledField *single, Pt2Node *node)
{
  if (!single->comes || is_there (single, node) || !calls_subgraphs (node))
    return;
  node->is_hop_single_tensor_return = gives_one_tensor (node);
  set_bit (single, node);
}

/* Is there one tensor and does it come in a tuple? Asked while the field that says so is there. */
static bool
gives_tuple_of_one (const Pt2SettledField *single, const Pt2Node *node)
{
  return calls_subgraphs (node) && gives_one_tensor (node) && is_there (single, node)
         && !node->is_hop_single_tensor_return;
}

static void
imply_single_return (const Pt2MinorChange *change, Pt2Node *node)
{
  const Pt2SettledField *single = &change->single_return;
  if (!single->goes || !is_there (single, node) || !calls_subgraphs (node)
      || (!gives_one_tensor (node) && node->is_hop_single_tensor_return))
    return;
  if (gives_tuple_of_one (single, node))
    put_into_list (change->draft, &node->outputs.items[0]);
  pt2_minor_clear_field (single->info, node, single->field);
}

/* ---- Node.name: what comes out alone and bare has the name of its node ---- */

static Pt2String
name_of_output (Pt2Argument *output)
{
  Pt2Value argument = pt2_value_make (pt2_schema_find_struct (&pt2_export_schema, "Argument")->type, output);
  Pt2Value value = pt2_value_member (argument);
  if (pt2_value_type (value) == PT2_TYPE_STRUCT)
    return pt2_value_get_string (pt2_value_field (value, "name"));
  const char *member = pt2_value_member_name (value);
  return member != NULL && strcmp (member, "as_name") == 0 ? pt2_value_get_string (pt2_value_member (value))
                                                           : (Pt2String){ NULL, 0 };
}

static void
settle_name (const Pt2SettledField *name, const Pt2SettledField *single, Pt2Node *node)
{
  if ((!name->comes && !name->goes) || node->outputs.len != 1 || gives_tuple_of_one (single, node))
    return;
  Pt2String implied = name_of_output (&node->outputs.items[0]);
  if (implied.data == NULL)
    return;
  if (name->comes && node->name.data == NULL)
    node->name = implied;
  else if (name->goes && node->name.data != NULL && node->name.len == implied.len
           && memcmp (node->name.data, implied.data, implied.len) == 0)
    pt2_minor_clear_field (name->info, node, name->field);
}

void
pt2_minor_settle_node (const Pt2MinorChange *change, Pt2Node *node)
{
  say_single_return (&change->single_return, node);
  settle_name (&change->name, &change->single_return, node);
  settle_kinds (&change->kind, node);
  imply_single_return (change, node);
}
