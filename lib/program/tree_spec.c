/* SPDX-License-Identifier: Apache-2.0 */
/* Tree specs as objects: leaves by number, paths, and the text again. */
#include "tree_print.h"
#include "tree_read.h"
#include <string.h>

struct Pt2TreeSpec
{
  Pt2Arena arena;
  Pt2TreeNode root;
  const Pt2TreeNode **leaves;
};

/* No deeper than the text was. */
static void
collect_leaves (const Pt2TreeNode *node, const Pt2TreeNode **leaves)
{
  if (node->kind == PT2_TREE_LEAF)
    leaves[node->first_leaf] = node;
  for (guint i = 0; i < node->n_children; i++)
    collect_leaves (&node->children[i], leaves);
}

static bool
no_memory (Pt2TreeSpec *spec, Pt2Status *status)
{
  return pt2_status_fail (status, spec->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET,
                          "a tree spec");
}

static bool
read_spec (Pt2TreeSpec *spec, Pt2String text, Pt2Program *program, const Pt2Limits *limits, Pt2Status *status)
{
  Pt2TreeTuples tuples = { .n = 0 };
  char *copy = pt2_arena_alloc (&spec->arena, text.len);
  if (copy == NULL || (program != NULL && !pt2_tree_tuples_init (&tuples, program, &spec->arena)))
    {
      pt2_tree_tuples_clear (&tuples);
      return no_memory (spec, status);
    }
  memcpy (copy, text.data, text.len);
  bool ok = pt2_tree_read (&spec->arena, (Pt2String){ copy, text.len }, program != NULL ? &tuples : NULL, limits,
                           &spec->root, status);
  pt2_tree_tuples_clear (&tuples);
  if (!ok)
    return false;
  spec->leaves = pt2_arena_alloc (&spec->arena, spec->root.n_leaves * sizeof *spec->leaves);
  if (spec->leaves == NULL)
    return no_memory (spec, status);
  collect_leaves (&spec->root, spec->leaves);
  return true;
}

Pt2TreeSpec *
pt2_tree_spec_new (Pt2String text, Pt2Program *program, const Pt2Limits *limits, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2TreeSpec *spec = g_new0 (Pt2TreeSpec, 1);
  limits = limits != NULL ? limits : pt2_limits_default ();
  pt2_arena_init (&spec->arena, limits->memory, 0);
  if (read_spec (spec, text, program, limits, &status))
    return spec;
  pt2_tree_spec_free (spec);
  pt2_status_to_error (&status, error);
  return NULL;
}

void
pt2_tree_spec_free (Pt2TreeSpec *spec)
{
  pt2_arena_clear (&spec->arena);
  g_free (spec);
}

const Pt2TreeNode *
pt2_tree_spec_get_root (const Pt2TreeSpec *spec)
{
  return &spec->root;
}

const Pt2TreeNode *
pt2_tree_spec_get_leaf (const Pt2TreeSpec *spec, guint leaf)
{
  return leaf < spec->root.n_leaves ? spec->leaves[leaf] : NULL;
}

/* ---- paths ---- */

static void
append_key (GString *path, Pt2String key)
{
  g_string_append (path, "['");
  for (uint32_t i = 0; i < key.len; i++)
    {
      if (key.data[i] == '\'' || key.data[i] == '\\')
        g_string_append_c (path, '\\');
      g_string_append_c (path, key.data[i]);
    }
  g_string_append (path, "']");
}

static void
append_step (GString *path, const Pt2TreeNode *node)
{
  switch (node->step)
    {
    case PT2_TREE_ROOT:
      break;
    case PT2_TREE_INDEX:
      g_string_append_printf (path, "[%u]", node->index);
      break;
    case PT2_TREE_KEY:
      append_key (path, node->name);
      break;
    case PT2_TREE_JSON_KEY:
      g_string_append_c (path, '[');
      g_string_append_len (path, node->name.data, node->name.len);
      g_string_append_c (path, ']');
      break;
    case PT2_TREE_FIELD:
      g_string_append_c (path, '.');
      g_string_append_len (path, node->name.data, node->name.len);
    }
}

/* As deep as the tree, whose depth its reader bounded. */
static void
append_path (GString *path, const Pt2TreeNode *node, const char *root)
{
  static const char *const halves[] = { "args", "kwargs" };
  if (node->parent == NULL)
    {
      g_string_append (path, root != NULL ? root : "");
      return;
    }
  bool half = root == NULL && node->parent->parent == NULL && node->index < G_N_ELEMENTS (halves);
  append_path (path, node->parent, root);
  if (half)
    g_string_append (path, halves[node->index]);
  else
    append_step (path, node);
}

char *
pt2_tree_node_path (const Pt2TreeNode *node, const char *root)
{
  GString *path = g_string_new (NULL);
  append_path (path, node, root);
  return g_string_free (path, FALSE);
}

/* ---- printing ---- */

char *
pt2_tree_spec_print (const Pt2TreeSpec *spec, GError **error)
{
  Pt2Buffer out = PT2_BUFFER_INIT;
  char *text = NULL;
  if (pt2_tree_print (&out, &spec->root, NULL))
    text = g_try_malloc (pt2_buffer_len (&out) + 1);
  if (text != NULL)
    {
      memcpy (text, out.data, pt2_buffer_len (&out));
      text[pt2_buffer_len (&out)] = '\0';
    }
  else
    pt2_error_set (error, PT2_ERROR_L001, NULL, "a tree spec");
  pt2_buffer_clear (&out);
  return text;
}
