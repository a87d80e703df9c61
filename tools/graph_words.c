/* SPDX-License-Identifier: Apache-2.0 */
/* What nodes are called in tables and drawings. */
#include "expression.h"
#include "graph_view.h"
#include <string.h>

static const struct
{
  guint32 which;
  const char *word;
} inputs[] = {
  { PT2_INPUT_SPEC_USER_INPUT, "input" },
  { PT2_INPUT_SPEC_PARAMETER, "parameter" },
  { PT2_INPUT_SPEC_BUFFER, "buffer" },
  { PT2_INPUT_SPEC_TENSOR_CONSTANT, "constant" },
  { PT2_INPUT_SPEC_CUSTOM_OBJ, "object" },
  { PT2_INPUT_SPEC_TOKEN, "token" },
  { PT2_INPUT_SPEC_CONSTANT_INPUT, "constant input" },
};

static const char *
input_word (Pt2FxNode *node)
{
  const Pt2InputSpec *spec = pt2_fx_node_get_input_spec (node);
  for (gsize i = 0; spec != NULL && i < G_N_ELEMENTS (inputs); i++)
    if (spec->which == inputs[i].which)
      return inputs[i].word;
  return "input";
}

char *
graph_view_operator (const ViewNode *node)
{
  static const char before[] = "torch.ops.";
  Pt2String target = pt2_fx_node_get_target (node->node);
  switch (pt2_fx_node_get_op (node->node))
    {
    case PT2_FX_PLACEHOLDER:
      return g_strdup (input_word (node->node));
    case PT2_FX_GETITEM:
      return g_strdup_printf ("[%u]", pt2_fx_node_get_index (node->node));
    case PT2_FX_OUTPUT:
      return g_strdup ("output");
    default:
      break;
    }
  gsize skip
      = target.len > sizeof before && memcmp (target.data, before, sizeof before - 1) == 0 ? sizeof before - 1 : 0;
  return g_strndup (target.data + skip, target.len - skip);
}

static void
append_expression (GString *out, Pt2String expression)
{
  gsize len;
  g_autofree char *text = expression_text (expression, &len);
  g_string_append_len (out, text, (gssize)len);
}

static void
append_tensor (GString *out, const Pt2TensorMeta *meta)
{
  const char *dtype = pt2_scalar_type_name (meta->dtype);
  g_string_append_printf (out, "%s [", dtype != NULL ? dtype : "?");
  for (guint32 i = 0; i < meta->sizes.len; i++)
    {
      const Pt2SymInt *size = &meta->sizes.items[i];
      g_string_append (out, i > 0 ? ", " : "");
      if (size->which == PT2_SYM_INT_AS_INT)
        g_string_append_printf (out, "%" G_GINT64_FORMAT, size->as_int);
      else if (size->which == PT2_SYM_INT_AS_EXPR)
        append_expression (out, size->as_expr->expr_str);
      else
        g_string_append_c (out, '?');
    }
  g_string_append_c (out, ']');
}

static void
append_sym_int (GString *out, const Pt2SymInt *value)
{
  if (value->which == PT2_SYM_INT_AS_INT)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, value->as_int);
  else if (value->which == PT2_SYM_INT_AS_EXPR)
    append_expression (out, value->as_expr->expr_str);
}

char *
graph_view_value (const ViewNode *node)
{
  GString *out = g_string_new (NULL);
  switch (pt2_fx_node_get_value_kind (node->node))
    {
    case PT2_FX_VALUE_TENSOR:
      append_tensor (out, pt2_fx_node_get_tensor (node->node));
      break;
    case PT2_FX_VALUE_SYM_INT:
      append_sym_int (out, pt2_fx_node_get_sym_int (node->node));
      break;
    case PT2_FX_VALUE_SYM_FLOAT:
      if (pt2_fx_node_get_sym_float (node->node)->which == PT2_SYM_FLOAT_AS_EXPR)
        append_expression (out, pt2_fx_node_get_sym_float (node->node)->as_expr->expr_str);
      break;
    case PT2_FX_VALUE_SYM_BOOL:
      if (pt2_fx_node_get_sym_bool (node->node)->which == PT2_SYM_BOOL_AS_EXPR)
        append_expression (out, pt2_fx_node_get_sym_bool (node->node)->as_expr->expr_str);
      break;
    case PT2_FX_VALUE_TUPLE:
    case PT2_FX_VALUE_LIST:
      g_string_append_printf (out, "%u result%s", pt2_fx_node_get_n_results (node->node),
                              pt2_fx_node_get_n_results (node->node) == 1 ? "" : "s");
      break;
    default:
      break;
    }
  return g_string_free (out, FALSE);
}
