/* SPDX-License-Identifier: Apache-2.0 */
#include "trees.h"
#include "show.h"
#include <string.h>

/* The last part of a type's name says enough to people: "dict", "samples.Pt". */
static Pt2String
short_type (const Pt2TreeNode *node)
{
  static const char *const builtin[] = { "builtins.", "collections." };
  for (gsize i = 0; i < G_N_ELEMENTS (builtin); i++)
    {
      guint32 len = (guint32)strlen (builtin[i]);
      if (node->kind != PT2_TREE_OTHER && node->kind != PT2_TREE_NAMED_TUPLE && node->type.len > len
          && memcmp (node->type.data, builtin[i], len) == 0)
        return (Pt2String){ node->type.data + len, node->type.len - len };
    }
  return node->type;
}

static Pt2String
leaf_value (const Tree *tree, const Pt2TreeNode *node)
{
  gboolean there = node->kind == PT2_TREE_LEAF && node->first_leaf < tree->n_values;
  return there ? tree->values[node->first_leaf] : (Pt2String){ NULL, 0 };
}

/* ---- as text ---- */

/* As deep as the tree, whose depth its reader bounded. */
static void
add_rows (Table *table, const Tree *tree, const Pt2TreeNode *node)
{
  if (node->parent != NULL || node->kind == PT2_TREE_LEAF || tree->root != NULL)
    {
      g_autofree char *path = pt2_tree_node_path (node, tree->root);
      Pt2String type = node->kind == PT2_TREE_LEAF ? (Pt2String){ "", 0 } : short_type (node);
      Pt2String value = leaf_value (tree, node);
      table_text (table, path, -1);
      table_text (table, type.data, type.len);
      table_text (table, value.data, value.len);
    }
  for (guint i = 0; i < node->n_children; i++)
    add_rows (table, tree, &node->children[i]);
}

void
tree_text (Pt2Program *program, const char *heading, const Tree *tree)
{
  static const Column columns[]
      = { { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_FAINT }, { NULL, FALSE, STYLE_PLAIN } };
  g_autoptr (GError) error = NULL;
  if (tree->spec.data == NULL)
    return;
  print_heading (heading);
  g_autoptr (Pt2TreeSpec) spec = pt2_tree_spec_new (tree->spec, program, &settings.limits, &error);
  if (spec == NULL)
    {
      g_autofree char *text = escaped (tree->spec.data, tree->spec.len);
      printf ("  %s\n  (%s: %s)\n", text, pt2_error_get_id (error), error->message);
      return;
    }
  Table table;
  table_init (&table, columns, G_N_ELEMENTS (columns), "  ");
  add_rows (&table, tree, pt2_tree_spec_get_root (spec));
  table_print (&table);
}

/* ---- as JSON ---- */

static void
json_nodes (Json *json, const Tree *tree, const Pt2TreeNode *node)
{
  g_autofree char *path = pt2_tree_node_path (node, tree->root);
  json_open (json, '{');
  json_member_text (json, "path", path);
  json_member_string (json, "type", node->type);
  json_member_string (json, "value", leaf_value (tree, node));
  json_close (json, '}');
  for (guint i = 0; i < node->n_children; i++)
    json_nodes (json, tree, &node->children[i]);
}

void
tree_json (Json *json, Pt2Program *program, const Tree *tree)
{
  g_autoptr (Pt2TreeSpec) spec
      = tree->spec.data != NULL ? pt2_tree_spec_new (tree->spec, program, &settings.limits, NULL) : NULL;
  if (spec == NULL)
    {
      json_null (json);
      return;
    }
  json_open (json, '[');
  json_nodes (json, tree, pt2_tree_spec_get_root (spec));
  json_close (json, ']');
}

/* ---- what the trees are of ---- */

static Pt2String *
values_of (const Pt2SignatureItem *const *items, guint n)
{
  Pt2String *values = g_new (Pt2String, n);
  for (guint i = 0; i < n; i++)
    values[i] = items[i]->name.data != NULL && items[i]->constant.data == NULL ? items[i]->name : items[i]->constant;
  return values;
}

Tree
tree_of_inputs (Pt2Program *program)
{
  Tree tree = { .root = NULL };
  Pt2String other;
  const Pt2SignatureItem *const *items = pt2_program_get_user_inputs (program, &tree.n_values);
  pt2_program_get_tree_specs (program, &tree.spec, &other);
  tree.values = values_of (items, tree.n_values);
  return tree;
}

Tree
tree_of_outputs (Pt2Program *program)
{
  Tree tree = { .root = "output" };
  Pt2String other;
  const Pt2SignatureItem *const *items = pt2_program_get_user_outputs (program, &tree.n_values);
  pt2_program_get_tree_specs (program, &other, &tree.spec);
  tree.values = values_of (items, tree.n_values);
  return tree;
}

/* ---- modules ---- */

/* The root's call is the program's own signature. */
static gboolean
is_shown (const Pt2ModuleCall *call)
{
  return call->preserved && call->fqn.len > 0;
}

gboolean
module_calls_text (Pt2Program *program, GError **error)
{
  guint n;
  g_autoptr (Pt2ModuleCalls) calls = pt2_module_calls_new (program, error);
  if (calls == NULL)
    return FALSE;
  const Pt2ModuleCall *items = pt2_module_calls_get (calls, &n);
  for (guint i = 0; i < n; i++)
    if (is_shown (&items[i]))
      {
        g_autofree char *fqn = escaped (items[i].fqn.data, items[i].fqn.len);
        g_autofree char *in = g_strconcat ("Inputs of the module ", fqn, NULL),
                        *out = g_strconcat ("Outputs of the module ", fqn, NULL);
        tree_text (program, in, &(Tree){ items[i].in_spec, NULL, items[i].inputs, items[i].n_inputs });
        tree_text (program, out, &(Tree){ items[i].out_spec, "output", items[i].outputs, items[i].n_outputs });
      }
  return TRUE;
}

gboolean
module_calls_json (Json *json, Pt2Program *program, GError **error)
{
  guint n;
  g_autoptr (Pt2ModuleCalls) calls = pt2_module_calls_new (program, error);
  if (calls == NULL)
    return FALSE;
  const Pt2ModuleCall *items = pt2_module_calls_get (calls, &n);
  json_open (json, '[');
  for (guint i = 0; i < n; i++)
    if (is_shown (&items[i]))
      {
        json_open (json, '{');
        json_member_string (json, "fqn", items[i].fqn);
        json_key (json, "in_tree");
        tree_json (json, program, &(Tree){ items[i].in_spec, NULL, items[i].inputs, items[i].n_inputs });
        json_key (json, "out_tree");
        tree_json (json, program, &(Tree){ items[i].out_spec, "output", items[i].outputs, items[i].n_outputs });
        json_close (json, '}');
      }
  json_close (json, ']');
  return TRUE;
}
