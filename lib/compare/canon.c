/* SPDX-License-Identifier: Apache-2.0 */
/* The program around the root graph: its tables, the calls of modules, what is dropped. */
#include "canon_private.h"

/* ---- calls of modules ---- */

static bool
rename_arguments (CanonGraph *graph, Pt2ArgumentList *arguments)
{
  for (uint32_t i = 0; i < arguments->len; i++)
    if (!canon_rename_argument (graph, &arguments->items[i]))
      return false;
  return true;
}

bool
canon_rename_calls (CanonGraph *graph, Pt2GraphModule *module)
{
  for (uint32_t i = 0; i < module->module_call_graph.len; i++)
    {
      Pt2ModuleCallSignature *signature = module->module_call_graph.items[i].signature;
      if (signature != NULL
          && (!rename_arguments (graph, &signature->inputs) || !rename_arguments (graph, &signature->outputs)))
        return false;
    }
  return true;
}

/* ---- */

static bool
sort_field (Canon *canon, const char *type, const char *field, void *list)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, type);
  return canon_sort (canon, 0, field, pt2_struct_field_by_name (info, field, strlen (field))->type, list);
}

bool
canon_sort_tables (Canon *canon, Pt2ExportedProgram *exported)
{
  Pt2GraphModule *module = &exported->graph_module;
  return sort_field (canon, "ExportedProgram", "opset_version", &exported->opset_version)
         && sort_field (canon, "ExportedProgram", "range_constraints", &exported->range_constraints)
         && sort_field (canon, "ExportedProgram", "guards_code", &exported->guards_code)
         && sort_field (canon, "GraphModule", "module_call_graph", &module->module_call_graph)
         && sort_field (canon, "GraphModule", "treespec_namedtuple_fields", &module->treespec_namedtuple_fields);
}

/* PyTorch checks programs of its other dialects to be without operators that write to what they are given. */
bool
canon_is_training (const Pt2ExportedProgram *exported)
{
  for (uint32_t i = 0; i < exported->verifiers.len; i++)
    if (exported->verifiers.items[i].len == 8 && memcmp (exported->verifiers.items[i].data, "TRAINING", 8) == 0)
      return true;
  return exported->verifiers.len == 0;
}

static void
drop_metadata (Canon *canon, Pt2GraphModule *module)
{
  if (!(canon->flags & PT2_CANON_KEEP_DEBUG))
    {
      canon->dropped += module->metadata.len;
      module->metadata.len = 0;
    }
  if (canon->dropped > 0)
    canon_tell (canon, &(Pt2CanonChange){ "dropped", "metadata", 0, { "", 0 }, { "", 0 }, canon->dropped, 0 });
}

static bool
canonicalize (Canon *canon, Pt2ExportedProgram *exported)
{
  Pt2GraphModule *module = &exported->graph_module;
  CanonGraph graph = { 0 };
  CanonRoot root = { &module->module_call_graph, NULL };
  if (!canon_sort_tables (canon, exported) || !canon_sort_signature (canon, module, &root))
    return false;
  bool fine = canon_graph (canon, &module->graph, &root, &graph) && canon_rename_signature (&graph, module)
              && canon_rename_calls (&graph, module) && (root.classes == NULL || canon_order_tied (&graph, module));
  canon_graph_clear (&graph);
  drop_metadata (canon, module);
  return fine;
}

Pt2Program *
pt2_program_canonicalize (Pt2Program *program, Pt2CanonFlags flags, const Pt2Limits *limits, Pt2CanonFunc func,
                          gpointer data, GError **error)
{
  g_autoptr (Pt2Draft) draft = pt2_draft_new (program, PT2_DRAFT_NAMES, limits, error);
  if (draft == NULL)
    return NULL;
  limits = limits != NULL ? limits : pt2_limits_default ();
  Canon canon = { .draft = draft, .status = PT2_STATUS_INIT, .flags = flags, .func = func, .data = data };
  canon.training = canon_is_training (draft->exported);
  pt2_arena_init (&canon.arena, limits->memory, 0);
  bool fine = canonicalize (&canon, draft->exported);
  pt2_buffer_clear (&canon.scratch);
  pt2_arena_clear (&canon.arena);
  if (fine || pt2_draft_failed (draft))
    return pt2_draft_finish (g_steal_pointer (&draft), error);
  pt2_status_to_error (&canon.status, error);
  return NULL;
}
