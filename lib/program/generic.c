/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of schema majors 1–7, from the JSON tree; and tree specs of all. */
#include "program.h"
#include "schema.h"
#include "value.h"
#include <string.h>

static const Pt2String none = { NULL, 0 };

static Pt2String
text_of (const Pt2JsonNode *node)
{
  return node != NULL && node->kind == PT2_JSON_STRING ? node->text : none;
}

/* Majors 1 and 2 write every member of a union and null for those not chosen. */
static const Pt2JsonNode *
chosen_member (const Pt2JsonNode *value, Pt2String *name)
{
  for (uint32_t i = 0; value != NULL && value->kind == PT2_JSON_OBJECT && i < pt2_json_length (value); i++)
    if (pt2_json_item (value, i)->kind != PT2_JSON_NULL)
      {
        *name = pt2_json_key (value, i);
        return pt2_json_item (value, i);
      }
  return NULL;
}

/* The numbers of dtypes have not changed since major 1; there they are wrapped. */
static const char *
dtype_of (const Pt2JsonNode *dtype)
{
  if (dtype != NULL && dtype->kind == PT2_JSON_OBJECT)
    dtype = pt2_json_get (dtype, "type");
  if (dtype == NULL || dtype->kind != PT2_JSON_INT || dtype->integer < 0 || dtype->integer > INT32_MAX)
    return NULL;
  const Pt2EnumInfo *info = pt2_schema_find_enum (&pt2_export_schema, "ScalarType");
  const Pt2EnumMember *member = pt2_enum_by_value (info, (int32_t)dtype->integer);
  return member != NULL ? member->torch : NULL;
}

static Pt2Dim
dim_of (const Pt2JsonNode *size)
{
  const Pt2JsonNode *number = pt2_json_get (size, "as_int");
  if (number != NULL && number->kind == PT2_JSON_INT)
    return (Pt2Dim){ none, number->integer };
  Pt2String text = text_of (pt2_json_get (pt2_json_get (size, "as_expr"), "expr_str"));
  return (Pt2Dim){ text.data != NULL ? text : (Pt2String){ "?", 1 }, 0 };
}

/* The values of the graph. A shape is made once, however many inputs name its value. */
typedef struct
{
  const Pt2JsonNode *map;
  const Pt2Dim **shapes; /* of each member; NULL: not made */
} Values;

static Values
values_of (Pt2Signature *signature, const Pt2JsonNode *graph)
{
  Values values = { pt2_json_get (graph, "tensor_values"), NULL };
  size_t bytes = pt2_json_length (values.map) * sizeof *values.shapes;
  if (values.map == NULL || values.map->kind != PT2_JSON_OBJECT)
    return (Values){ NULL, NULL };
  values.shapes = pt2_signature_alloc (signature, bytes);
  if (values.shapes == NULL)
    return (Values){ NULL, NULL };
  memset (values.shapes, 0, bytes);
  return values;
}

static const Pt2Dim *
shape_of (Pt2Signature *signature, const Pt2JsonNode *sizes)
{
  Pt2Dim *shape = pt2_signature_alloc (signature, pt2_json_length (sizes) * sizeof *shape);
  for (uint32_t i = 0; shape != NULL && i < pt2_json_length (sizes); i++)
    shape[i] = dim_of (pt2_json_item (sizes, i));
  return shape;
}

static void
describe_tensor (Pt2Signature *signature, Values *values, Pt2SignatureItem *item)
{
  if (item->name.data == NULL)
    return;
  const Pt2JsonNode *member = pt2_json_get_len (values->map, item->name.data, item->name.len);
  const Pt2JsonNode *wrapped = pt2_json_get (member, "meta"), *meta = wrapped != NULL ? wrapped : member;
  const Pt2JsonNode *sizes = pt2_json_get (meta, "sizes");
  if (sizes == NULL)
    return;
  /* The node stands in a member of the map. */
  const Pt2Dim **shape = &values->shapes[(const Pt2JsonMember *)((const char *)member - offsetof (Pt2JsonMember, value))
                                         - values->map->members];
  if (*shape == NULL)
    *shape = shape_of (signature, sizes);
  if (*shape == NULL)
    return;
  item->dtype = dtype_of (pt2_json_get (meta, "dtype"));
  item->shape = *shape;
  item->n_shape = pt2_json_length (sizes);
}

static Pt2String
argument_name (const Pt2JsonNode *argument)
{
  Pt2String member = none;
  if (text_of (pt2_json_get (argument, "name")).data != NULL)
    return text_of (pt2_json_get (argument, "name"));
  const Pt2JsonNode *value = chosen_member (argument, &member);
  Pt2String name = text_of (pt2_json_get (value, "name"));
  return name.data != NULL ? name : text_of (pt2_json_get (value, "as_name"));
}

/* What stands where a value's name would; NONE if it is a value. */
static Pt2String
constant_of (const Pt2JsonNode *argument)
{
  Pt2String member = none;
  const Pt2JsonNode *value = chosen_member (argument, &member);
  return value != NULL ? pt2_signature_tree_constant (member, value) : none;
}

static void
fill_item (const Pt2JsonNode *spec, const Pt2SpecKind *(*kind_of) (const char *, size_t), Pt2SignatureItem *item)
{
  Pt2String member = none;
  const Pt2JsonNode *value = chosen_member (spec, &member);
  const Pt2SpecKind *kind = value != NULL ? kind_of (member.data, member.len) : NULL;
  item->kind = "UNKNOWN";
  item->persistent = -1;
  if (kind == NULL)
    return;
  const Pt2JsonNode *argument = pt2_json_get (value, "arg"), *persistent = pt2_json_get (value, "persistent");
  item->kind = kind->kind;
  item->name = argument != NULL ? argument_name (argument) : text_of (pt2_json_get (value, "name"));
  item->constant = constant_of (argument != NULL ? argument : pt2_json_get (value, "value"));
  if (kind->target != NULL)
    item->target = text_of (pt2_json_get (value, kind->target));
  if (persistent != NULL && persistent->kind == PT2_JSON_BOOL)
    item->persistent = persistent->boolean;
}

static Pt2SignatureItem *
spec_items (Pt2Signature *signature, Values *graph_values, const Pt2JsonNode *specs, guint *n,
            const Pt2SpecKind *(*kind_of) (const char *, size_t))
{
  guint len = pt2_json_length (specs);
  Pt2SignatureItem *items = pt2_signature_alloc (signature, len * sizeof *items);
  if (items == NULL)
    return NULL;
  memset (items, 0, len * sizeof *items);
  for (guint i = 0; i < len; i++)
    {
      fill_item (pt2_json_item (specs, i), kind_of, &items[i]);
      describe_tensor (signature, graph_values, &items[i]);
    }
  *n = len;
  return items;
}

/* Major 1 has tables from value name to target instead of specs. */
static void
apply_table (const Pt2JsonNode *table, const char *kind, Pt2SignatureItem *item)
{
  const Pt2JsonNode *target
      = item->name.data != NULL ? pt2_json_get_len (table, item->name.data, item->name.len) : NULL;
  if (target == NULL)
    return;
  item->kind = kind;
  item->target = text_of (target);
}

static Pt2SignatureItem *
table_items (Pt2Signature *signature, Values *graph_values, const Pt2JsonNode *values, guint *n, const Pt2JsonNode *old,
             const char *const (*tables)[2], const char *kind)
{
  guint len = pt2_json_length (values);
  Pt2SignatureItem *items = pt2_signature_alloc (signature, len * sizeof *items);
  if (items == NULL)
    return NULL;
  memset (items, 0, len * sizeof *items);
  for (guint i = 0; i < len; i++)
    {
      items[i].kind = kind;
      items[i].persistent = -1;
      items[i].name = argument_name (pt2_json_item (values, i));
      items[i].constant = constant_of (pt2_json_item (values, i));
      for (guint t = 0; tables[t][0] != NULL; t++)
        apply_table (pt2_json_get (old, tables[t][0]), tables[t][1], &items[i]);
      describe_tensor (signature, graph_values, &items[i]);
    }
  *n = len;
  return items;
}

static void
fill_ranges (Pt2Signature *signature, const Pt2JsonNode *constraints)
{
  guint len = pt2_json_length (constraints);
  signature->ranges = pt2_signature_alloc (signature, len * sizeof *signature->ranges);
  for (guint i = 0; signature->ranges != NULL && i < len; i++, signature->n_ranges++)
    {
      const Pt2JsonNode *range = pt2_json_item (constraints, i);
      const Pt2JsonNode *min = pt2_json_get (range, "min_val"), *max = pt2_json_get (range, "max_val");
      bool has_min = min != NULL && min->kind == PT2_JSON_INT, has_max = max != NULL && max->kind == PT2_JSON_INT;
      signature->ranges[i] = (Pt2Range){ pt2_json_key (constraints, i), has_min ? min->integer : 0,
                                         has_max ? max->integer : 0, has_min, has_max };
    }
}

static void
fill_opsets (Pt2Signature *signature, const Pt2JsonNode *opsets)
{
  guint len = pt2_json_length (opsets);
  signature->opsets = pt2_signature_alloc (signature, len * sizeof *signature->opsets);
  for (guint i = 0; signature->opsets != NULL && i < len; i++)
    if (pt2_json_item (opsets, i)->kind == PT2_JSON_INT)
      signature->opsets[signature->n_opsets++]
          = (Pt2OpsetVersion){ pt2_json_key (opsets, i), pt2_json_item (opsets, i)->integer };
}

void
pt2_signature_from_tree (Pt2Program *program, Pt2Signature *signature)
{
  static const char *const input_tables[][2]
      = { { "inputs_to_parameters", "PARAMETER" }, { "inputs_to_buffers", "BUFFER" }, { NULL, NULL } };
  static const char *const output_tables[][2] = { { "buffers_to_mutate", "BUFFER_MUTATION" }, { NULL, NULL } };
  const Pt2JsonNode *module = pt2_json_get (program->tree, "graph_module");
  const Pt2JsonNode *graph = pt2_json_get (module, "graph"), *old = pt2_json_get (module, "signature");
  const Pt2JsonNode *inputs = pt2_json_get (old, "input_specs"), *outputs = pt2_json_get (old, "output_specs");
  Values values = values_of (signature, graph);
  if (inputs != NULL)
    {
      signature->inputs = spec_items (signature, &values, inputs, &signature->n_inputs, pt2_input_kind);
      signature->outputs = spec_items (signature, &values, outputs, &signature->n_outputs, pt2_output_kind);
    }
  else
    {
      signature->inputs = table_items (signature, &values, pt2_json_get (graph, "inputs"), &signature->n_inputs, old,
                                       input_tables, "USER_INPUT");
      signature->outputs = table_items (signature, &values, pt2_json_get (graph, "outputs"), &signature->n_outputs, old,
                                        output_tables, "USER_OUTPUT");
    }
  fill_ranges (signature, pt2_json_get (program->tree, "range_constraints"));
  fill_opsets (signature, pt2_json_get (program->tree, "opset_version"));
}

/* ---- tree specs ---- */

static void
tree_specs_from_tree (Pt2Program *program, Pt2String *in_spec, Pt2String *out_spec)
{
  const Pt2JsonNode *module = pt2_json_get (program->tree, "graph_module");
  const Pt2JsonNode *calls = pt2_json_get (module, "module_call_graph");
  const Pt2JsonNode *holder = pt2_json_get (module, "call_spec");
  for (uint32_t i = 0; holder == NULL && i < pt2_json_length (calls); i++)
    if (text_of (pt2_json_get (pt2_json_item (calls, i), "fqn")).len == 0)
      holder = pt2_json_get (pt2_json_item (calls, i), "signature");
  *in_spec = text_of (pt2_json_get (holder, "in_spec"));
  *out_spec = text_of (pt2_json_get (holder, "out_spec"));
}

void
pt2_program_get_tree_specs (Pt2Program *program, Pt2String *in_spec, Pt2String *out_spec)
{
  *in_spec = *out_spec = none;
  if (program->tree != NULL)
    {
      tree_specs_from_tree (program, in_spec, out_spec);
      return;
    }
  const Pt2ExportedProgram *exported = program->document.root;
  const Pt2ModuleCallEntryList *calls = &exported->graph_module.module_call_graph;
  for (uint32_t i = 0; i < calls->len; i++)
    if (calls->items[i].fqn.len == 0 && calls->items[i].signature != NULL)
      {
        *in_spec = calls->items[i].signature->in_spec;
        *out_spec = calls->items[i].signature->out_spec;
        return;
      }
}
