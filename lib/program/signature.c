/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs, outputs, ranges and operator sets as people ask for them. */
#include "program.h"
#include "text_index.h"
#include "value.h"
#include <string.h>

static const Pt2SpecKind input_kinds[] = {
  { "user_input", "USER_INPUT", NULL },
  { "parameter", "PARAMETER", "parameter_name" },
  { "buffer", "BUFFER", "buffer_name" },
  { "tensor_constant", "CONSTANT_TENSOR", "tensor_constant_name" },
  { "custom_obj", "CUSTOM_OBJ", "custom_obj_name" },
  { "token", "TOKEN", NULL },
  /* torch makes a user input whose argument is a constant of it */
  { "constant_input", "USER_INPUT", NULL },
};

static const Pt2SpecKind output_kinds[] = {
  { "user_output", "USER_OUTPUT", NULL },
  { "loss_output", "LOSS_OUTPUT", NULL },
  { "buffer_mutation", "BUFFER_MUTATION", "buffer_name" },
  { "parameter_mutation", "PARAMETER_MUTATION", "parameter_name" },
  { "gradient_to_parameter", "GRADIENT_TO_PARAMETER", "parameter_name" },
  { "gradient_to_user_input", "GRADIENT_TO_USER_INPUT", "user_input_name" },
  { "user_input_mutation", "USER_INPUT_MUTATION", "user_input_name" },
  { "token", "TOKEN", NULL },
};

static const Pt2SpecKind *
find_kind (const Pt2SpecKind *kinds, size_t n, const char *member, size_t len)
{
  for (size_t i = 0; i < n; i++)
    if (strlen (kinds[i].member) == len && memcmp (kinds[i].member, member, len) == 0)
      return &kinds[i];
  return NULL;
}

const Pt2SpecKind *
pt2_input_kind (const char *member, size_t len)
{
  return find_kind (input_kinds, G_N_ELEMENTS (input_kinds), member, len);
}

const Pt2SpecKind *
pt2_output_kind (const char *member, size_t len)
{
  return find_kind (output_kinds, G_N_ELEMENTS (output_kinds), member, len);
}

const Pt2Signature *
pt2_program_signature (Pt2Program *program)
{
  if (g_once_init_enter (&program->signature))
    {
      Pt2Signature *signature = g_new0 (Pt2Signature, 1);
      pt2_arena_init (&signature->arena, UINT64_MAX, 0);
      if (program->document.root != NULL)
        pt2_signature_from_native (program, signature);
      else if (program->tree != NULL)
        pt2_signature_from_tree (program, signature);
      pt2_signature_make_views (signature);
      g_once_init_leave (&program->signature, (gsize)signature);
    }
  return (const Pt2Signature *)program->signature;
}

gboolean
pt2_program_make_signature (Pt2Program *program, GError **error)
{
  const Pt2Signature *signature = pt2_program_signature (program);
  return !signature->incomplete || pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "the signature");
}

const Pt2SignatureItem *
pt2_program_get_inputs (Pt2Program *program, guint *n)
{
  const Pt2Signature *signature = pt2_program_signature (program);
  *n = signature->n_inputs;
  return signature->inputs;
}

const Pt2SignatureItem *
pt2_program_get_outputs (Pt2Program *program, guint *n)
{
  const Pt2Signature *signature = pt2_program_signature (program);
  *n = signature->n_outputs;
  return signature->outputs;
}

const Pt2Range *
pt2_program_get_ranges (Pt2Program *program, guint *n)
{
  const Pt2Signature *signature = pt2_program_signature (program);
  *n = signature->n_ranges;
  return signature->ranges;
}

const Pt2OpsetVersion *
pt2_program_get_opsets (Pt2Program *program, guint *n)
{
  const Pt2Signature *signature = pt2_program_signature (program);
  *n = signature->n_opsets;
  return signature->opsets;
}

/* ---- from native values ---- */

/* The values of the graph by name. A shape is made once, however many inputs name its value. */
typedef struct
{
  const Pt2StringToTensorMetaMap *map;
  Pt2TextIndex index;
  const Pt2Dim **shapes; /* of each value; NULL: not made */
} Values;

static void
index_values (Pt2Signature *signature, const Pt2Graph *graph, Values *values)
{
  *values = (Values){ .map = &graph->tensor_values };
  pt2_text_index_init (&values->index);
  size_t bytes = values->map->len * sizeof *values->shapes;
  values->shapes = pt2_signature_alloc (signature, bytes);
  if (values->shapes == NULL)
    return;
  memset (values->shapes, 0, bytes);
  for (uint32_t i = 0; i < values->map->len; i++)
    if (!pt2_text_index_add (&values->index, values->map->entries, sizeof values->map->entries[0], i))
      return;
}

static Pt2Dim
dim_of (const Pt2SymInt *size)
{
  if (size->which == PT2_SYM_INT_AS_EXPR)
    return (Pt2Dim){ size->as_expr->expr_str, 0 };
  return (Pt2Dim){ { NULL, 0 }, size->which == PT2_SYM_INT_AS_INT ? size->as_int : -1 };
}

static const Pt2Dim *
shape_of (Pt2Signature *signature, const Pt2TensorMeta *meta)
{
  Pt2Dim *shape = pt2_signature_alloc (signature, meta->sizes.len * sizeof *shape);
  for (uint32_t i = 0; shape != NULL && i < meta->sizes.len; i++)
    shape[i] = dim_of (&meta->sizes.items[i]);
  return shape;
}

const char *
pt2_scalar_type_name (gint32 number)
{
  const Pt2EnumMember *member = pt2_enum_by_value (pt2_schema_find_enum (&pt2_export_schema, "ScalarType"), number);
  return member != NULL ? member->torch : NULL;
}

static void
describe_tensor (Pt2Signature *signature, Values *values, Pt2SignatureItem *item)
{
  if (item->name.data == NULL)
    return;
  uint32_t at = pt2_text_index_find (&values->index, values->map->entries, sizeof values->map->entries[0], item->name);
  if (at == PT2_TEXT_INDEX_NONE)
    return;
  const Pt2TensorMeta *meta = &values->map->entries[at].value;
  item->dtype = pt2_scalar_type_name (meta->dtype);
  if (values->shapes[at] == NULL)
    values->shapes[at] = shape_of (signature, meta);
  item->shape = values->shapes[at];
  item->n_shape = item->shape != NULL ? meta->sizes.len : 0;
}

/* The name of the value an argument stands for; none for constants. */
static Pt2String
argument_name (Pt2Value argument)
{
  static const char *const paths[] = { "as_tensor.name",
                                       "as_sym_int.as_name",
                                       "as_sym_float.as_name",
                                       "as_sym_bool.as_name",
                                       "as_custom_obj.name",
                                       "name",
                                       "as_optional_tensor.as_tensor.name" };
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      Pt2Value name = pt2_value_path (argument, paths[i]);
      if (pt2_value_is_valid (name))
        return pt2_value_get_string (name);
    }
  return (Pt2String){ NULL, 0 };
}

static void
fill_item (const Pt2Program *program, Pt2Signature *signature, Pt2Value spec, const Pt2SpecKind *kind,
           Pt2SignatureItem *item)
{
  Pt2Value argument = pt2_value_field (spec, "arg"), constant = pt2_value_field (spec, "value");
  item->kind = kind->kind;
  item->name = pt2_value_is_valid (argument) ? argument_name (argument)
                                             : pt2_value_get_string (pt2_value_field (spec, "name"));
  if (kind->target != NULL)
    item->target = pt2_value_get_string (pt2_value_field (spec, kind->target));
  Pt2Value persistent = pt2_value_field (spec, "persistent");
  item->persistent = pt2_value_is_valid (persistent) ? pt2_value_get_bool (persistent) : -1;
  item->constant = pt2_signature_constant (program, signature, pt2_value_is_valid (constant) ? constant : argument);
}

static Pt2SignatureItem *
native_items (const Pt2Program *program, Pt2Signature *signature, Values *values, Pt2Value specs, guint *n,
              const Pt2SpecKind *(*kind_of) (const char *, size_t))
{
  guint len = pt2_value_length (specs);
  Pt2SignatureItem *items = pt2_signature_alloc (signature, len * sizeof *items);
  if (items == NULL)
    return NULL;
  memset (items, 0, len * sizeof *items);
  for (guint i = 0; i < len; i++)
    {
      Pt2Value spec = pt2_value_item (specs, i);
      const char *member = pt2_value_member_name (spec);
      const Pt2SpecKind *kind = member != NULL ? kind_of (member, strlen (member)) : NULL;
      items[i].kind = "UNKNOWN";
      items[i].persistent = -1;
      if (kind != NULL)
        fill_item (program, signature, pt2_value_member (spec), kind, &items[i]);
      describe_tensor (signature, values, &items[i]);
    }
  *n = len;
  return items;
}

void
pt2_signature_from_native (Pt2Program *program, Pt2Signature *signature)
{
  const Pt2ExportedProgram *exported = program->document.root;
  Pt2Value root = pt2_program_get_root (program);
  Values values;
  index_values (signature, &exported->graph_module.graph, &values);
  signature->inputs
      = native_items (program, signature, &values, pt2_value_path (root, "graph_module.signature.input_specs"),
                      &signature->n_inputs, pt2_input_kind);
  signature->outputs
      = native_items (program, signature, &values, pt2_value_path (root, "graph_module.signature.output_specs"),
                      &signature->n_outputs, pt2_output_kind);
  pt2_text_index_clear (&values.index);
  uint32_t n = exported->range_constraints.len;
  signature->ranges = pt2_signature_alloc (signature, n * sizeof *signature->ranges);
  for (uint32_t i = 0; signature->ranges != NULL && i < n; i++, signature->n_ranges++)
    {
      Pt2Value range = pt2_value_item (pt2_value_field (root, "range_constraints"), i);
      Pt2Value min = pt2_value_field (range, "min_val"), max = pt2_value_field (range, "max_val");
      signature->ranges[i] = (Pt2Range){ exported->range_constraints.entries[i].key, pt2_value_get_int (min),
                                         pt2_value_get_int (max), pt2_value_is_valid (min), pt2_value_is_valid (max) };
    }
  n = exported->opset_version.len;
  signature->opsets = pt2_signature_alloc (signature, n * sizeof *signature->opsets);
  for (uint32_t i = 0; signature->opsets != NULL && i < n; i++, signature->n_opsets++)
    signature->opsets[i]
        = (Pt2OpsetVersion){ exported->opset_version.entries[i].key, exported->opset_version.entries[i].value };
}
