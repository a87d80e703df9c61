/* SPDX-License-Identifier: Apache-2.0 */
/* A program as JSON, its graph, the program made of it, and that again: the second and third are the same text. Then
 * the code of every graph, and changes wherever they are allowed: what comes out has a graph again. */
#include "graph.h"
#include "pt2-graph-edit.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static Pt2Limits
small_limits (void)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  return limits;
}

/* NULL with an error, or the graph. */
static Pt2FxModule *
graph_of (Pt2Program *program)
{
  const Pt2Limits limits = small_limits ();
  GError *error = NULL;
  Pt2FxModule *module = pt2_fx_module_new (program, &limits, &error);
  if ((module == NULL) == (error == NULL))
    abort ();
  g_clear_error (&error);
  return module;
}

/* Only memory can be missing for it. */
static Pt2Program *
program_of (Pt2FxModule *module, bool changed)
{
  const Pt2Limits limits = small_limits ();
  g_autoptr (GError) error = NULL;
  Pt2Program *program = pt2_fx_module_make_program (module, NULL, &limits, &error);
  if ((program == NULL) == (error == NULL))
    abort ();
  bool fine = program != NULL || changed || g_error_matches (error, PT2_ERROR, PT2_ERROR_L003)
              || g_error_matches (error, PT2_ERROR, PT2_ERROR_L001);
  if (!fine)
    abort ();
  return program;
}

static void
check_same (Pt2Program *program)
{
  g_autoptr (Pt2FxModule) module = graph_of (program);
  g_autoptr (Pt2Program) again = module != NULL ? program_of (module, false) : NULL;
  if (again == NULL)
    return;
  g_autoptr (GBytes) a = pt2_program_save (program, PT2_FORM_JSON, NULL);
  g_autoptr (GBytes) b = pt2_program_save (again, PT2_FORM_JSON, NULL);
  if (a != NULL && (b == NULL || !g_bytes_equal (a, b)))
    abort ();
}

static void
print_code (Pt2FxModule *module)
{
  for (guint i = 0; i < pt2_fx_module_get_n_graphs (module) && i < 8; i++)
    {
      g_autoptr (GBytes) code = pt2_fx_graph_print_python (pt2_fx_module_get_graph (module, i), NULL, NULL, NULL);
      if (code == NULL)
        abort ();
    }
}

/* Which change is tried at a node follows from its place, so that all are over a few seeds. */
static void
change (Pt2FxModule *module, Pt2FxNode *node, guint place)
{
  Pt2FxNode *first = pt2_fx_graph_get_first (pt2_fx_module_get_root (module));
  char name[16];
  g_snprintf (name, sizeof name, "n%u", place);
  const Pt2FxArgument number = pt2_fx_int (place);
  switch (place % 6)
    {
    case 0:
      pt2_fx_node_rename (node, name, NULL);
      break;
    case 1:
      pt2_fx_node_replace_uses (node, first, first, NULL);
      break;
    case 2:
      pt2_fx_node_erase (node, NULL);
      break;
    case 3:
      pt2_fx_node_set_argument (node, place / 6 % 3, &number, NULL);
      break;
    case 4:
      pt2_fx_node_take_result (node, place / 6 % 3, NULL, NULL);
      break;
    default:
      for (guint i = 0; i < 4; i++)
        if (pt2_fx_node_lift_subgraph (node, i, NULL))
          break;
    }
}

static void
change_all (Pt2FxModule *module)
{
  guint place = 0;
  Pt2FxNode *next;
  for (Pt2FxNode *node = pt2_fx_graph_get_first (pt2_fx_module_get_root (module)); node != NULL && place < 500;
       node = next)
    {
      next = pt2_fx_node_get_next (node);
      while (next != NULL && pt2_fx_node_get_op (next) != PT2_FX_CALL)
        next = pt2_fx_node_get_next (next);
      change (module, node, place++);
      if (next != NULL && (next->flags & PT2_FX_ERASED))
        break;
    }
  g_autoptr (Pt2Program) changed = program_of (module, true);
  g_autoptr (Pt2FxModule) again = changed != NULL ? graph_of (changed) : NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const Pt2Limits limits = small_limits ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &limits, NULL);
  if (program == NULL || pt2_program_get_exported_program (program) == NULL)
    return 0;
  g_autoptr (Pt2FxModule) module = graph_of (program);
  g_autoptr (Pt2Program) made = module != NULL ? program_of (module, false) : NULL;
  if (made == NULL)
    return 0;
  check_same (made);
  print_code (module);
  change_all (module);
  return 0;
}
