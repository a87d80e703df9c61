/* SPDX-License-Identifier: Apache-2.0 */
/* For programs. */
#include "expression.h"
#include "graph_forms.h"
#include "json_out.h"

static const char *const ops[] = {
  [PT2_FX_PLACEHOLDER] = "placeholder", [PT2_FX_CALL] = "call",     [PT2_FX_GETITEM] = "getitem",
  [PT2_FX_SUBGRAPH] = "subgraph",       [PT2_FX_OUTPUT] = "output",
};

static gboolean
put_input (Pt2FxNode *node, gpointer data)
{
  Pt2String name = pt2_fx_node_get_name (node);
  json_text (data, name.data, name.len);
  return TRUE;
}

static void
put_inputs (Json *json, Pt2FxNode *node)
{
  json_key (json, "inputs");
  json_open (json, '[');
  for (guint i = 0; i < pt2_fx_node_get_n_arguments (node); i++)
    pt2_fx_argument_foreach_node (pt2_fx_node_get_argument (node, i), put_input, json);
  json_close (json, ']');
}

static void
put_size (Json *json, const Pt2SymInt *size)
{
  if (size->which == PT2_SYM_INT_AS_INT)
    json_integer (json, size->as_int);
  else if (size->which == PT2_SYM_INT_AS_EXPR)
    {
      gsize len;
      g_autofree char *text = expression_text (size->as_expr->expr_str, &len);
      json_text (json, text, (gssize)len);
    }
  else
    json_null (json);
}

static void
put_value (Json *json, const ViewNode *node)
{
  const Pt2TensorMeta *meta = pt2_fx_node_get_tensor (node->node);
  g_autofree char *value = graph_view_value (node);
  json_member_text (json, "value", value[0] != '\0' ? value : NULL);
  json_member_text (json, "dtype", meta != NULL ? pt2_scalar_type_name (meta->dtype) : NULL);
  json_key (json, "shape");
  if (meta == NULL)
    {
      json_null (json);
      return;
    }
  json_open (json, '[');
  for (guint32 i = 0; i < meta->sizes.len; i++)
    put_size (json, &meta->sizes.items[i]);
  json_close (json, ']');
}

static void
put_node (Json *json, const ViewNode *node)
{
  g_autofree char *source = graph_view_source (node);
  json_open (json, '{');
  json_member_string (json, "name", pt2_fx_node_get_name (node->node));
  json_member_text (json, "op", ops[pt2_fx_node_get_op (node->node)]);
  json_member_string (json, "target", pt2_fx_node_get_target (node->node));
  put_inputs (json, node->node);
  put_value (json, node);
  json_member_text (json, "module", node->module);
  json_member_text (json, "module_type", node->type[0] != '\0' ? node->type : NULL);
  json_member_text (json, "source", source[0] != '\0' ? source : NULL);
  json_close (json, '}');
}

void
graph_json (const GraphView *view)
{
  Json json;
  guint open = G_MAXUINT;
  json_init (&json, stdout);
  json_open (&json, '{');
  for (guint i = 0; i < view->nodes->len; i++)
    {
      const ViewNode *node = &g_array_index (view->nodes, ViewNode, i);
      if (!node->shown)
        continue;
      if (node->graph != open)
        {
          g_autofree char *path = graph_view_path (view, node->graph);
          if (open != G_MAXUINT)
            json_close (&json, ']');
          json_key (&json, path);
          json_open (&json, '[');
          open = node->graph;
        }
      put_node (&json, node);
    }
  if (open != G_MAXUINT)
    json_close (&json, ']');
  json_close (&json, '}');
}
