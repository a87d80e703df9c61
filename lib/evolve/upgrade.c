/* SPDX-License-Identifier: Apache-2.0 */
#include "minors.h"
#include "program.h"
#include "pt2-evolve.h"
#include "text.h"
#include "upgrade_archive.h"
#include "upgrade_read.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

G_DEFINE_BOXED_TYPE (Pt2Upgrade, pt2_upgrade, pt2_upgrade_ref, pt2_upgrade_unref)

enum
{
  MAJOR_NOW = 8,
  MINOR_NOW = 20,
  MAX_STEPS = 32,
};

struct _Pt2Upgrade
{
  gatomicrefcount references;
  Pt2Program *program;
  Pt2UpgradeDone done[MAX_STEPS];
  char *notes[MAX_STEPS];
  guint n_done;
  /* In the program's memory: */
  const Pt2Rename *renames;
  uint32_t n_renames;
  const Pt2GraphConstant *constants;
  uint32_t n_constants;
};

static const Pt2UpgradeStep steps[] = {
  { "call-spec", PT2_SCHEMA_AT (2, 0), true, pt2_upgrade_call_spec,
    "the tree specs of the program go to the call signature of its root module" },
  { "signature", PT2_SCHEMA_AT (2, 0), true, pt2_upgrade_signature,
    "tables of input and output names become a spec for each input and output" },
  { "constants", PT2_SCHEMA_AT (2, 0), true, pt2_upgrade_constants,
    "tensors inside the graph become constant inputs and payloads of the archive" },
  { "gradients", PT2_SCHEMA_AT (6, 0), true, pt2_upgrade_gradients,
    "parameters are said to need a gradient where their payloads do" },
  { "user-names", PT2_SCHEMA_AT (2, 0), true, pt2_upgrade_user_names,
    "parameters and buffers get back the names that the user gave them" },
  { "persistence", PT2_SCHEMA_AT (5, 0), true, pt2_upgrade_persistence,
    "buffers are marked as persistent or not, by where their payloads lie" },
  { "dialect", PT2_SCHEMA_AT (7, 0), true, pt2_upgrade_dialect, "the dialect becomes a verifier" },
  { "forward-names", PT2_SCHEMA_AT (7, 0), true, pt2_upgrade_forward_names,
    "the names of the forward function's parameters go to the root's call signature" },
  { "named-tuples", PT2_SCHEMA_AT (7, 0), true, pt2_upgrade_named_tuples,
    "named tuples without a registered name become tuples" },
  { "symbols", PT2_SCHEMA_AT (8, 2), true, pt2_upgrade_symbols,
    "symbolic expressions are spelled with the assumptions on their symbols" },
  { "scans", PT2_SCHEMA_AT (8, 5), false, pt2_upgrade_scans,
    "what is scanned along another dimension than the first, or from the end, is turned before" },
  { "subgraphs", PT2_SCHEMA_AT (8, 5), false, pt2_upgrade_subgraphs,
    "calls of subgraphs follow today's convention for arguments and results" },
  { "operators", PT2_SCHEMA_AT (8, 20), false, pt2_upgrade_operators,
    "operators that were renamed, removed or given other parameters" },
  { "metadata", PT2_SCHEMA_AT (8, 1), true, pt2_upgrade_metadata, "notes on nodes are spelled as they are read today" },
  { "nodes", PT2_SCHEMA_AT (8, 5), false, pt2_upgrade_nodes, "nodes are named and say how they take their arguments" },
};

const Pt2UpgradeStep *
pt2_upgrade_steps (unsigned *n)
{
  G_STATIC_ASSERT (G_N_ELEMENTS (steps) <= MAX_STEPS);
  *n = G_N_ELEMENTS (steps);
  return steps;
}

/* ---- what steps use ---- */

int64_t
pt2_upgrade_refuse (Pt2Upgrading *upgrading, const char *where, const char *format, ...)
{
  char text[300];
  va_list arguments;
  va_start (arguments, format);
  g_vsnprintf (text, sizeof text, format, arguments);
  va_end (arguments);
  pt2_error_set (upgrading->error, PT2_ERROR_V002, where, "%s", text);
  return -1;
}

static bool
visit_graph (Pt2Upgrading *upgrading, Pt2Graph *graph, Pt2UpgradeGraphFunc func, int64_t *count)
{
  if (!func (upgrading, graph, count))
    return false;
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    for (uint32_t j = 0; j < graph->nodes.items[i].inputs.len; j++)
      {
        Pt2Argument *argument = &graph->nodes.items[i].inputs.items[j].arg;
        if (argument->which == PT2_ARGUMENT_AS_GRAPH
            && !visit_graph (upgrading, &argument->as_graph->graph, func, count))
          return false;
      }
  return true;
}

int64_t
pt2_upgrade_graphs (Pt2Upgrading *upgrading, Pt2UpgradeGraphFunc func)
{
  int64_t count = 0;
  return visit_graph (upgrading, &upgrading->draft->exported->graph_module.graph, func, &count) ? count : -1;
}

/* ---- an upgrade ---- */

static bool
run_step (Pt2Upgrade *upgrade, Pt2Upgrading *upgrading, const Pt2UpgradeStep *step)
{
  upgrading->note[0] = '\0';
  int64_t count = step->run (upgrading);
  if (count > 0)
    {
      char *note = upgrade->notes[upgrade->n_done] = g_strdup (upgrading->note);
      upgrade->done[upgrade->n_done++] = (Pt2UpgradeDone){ step->name, step->what, (guint64)count, note };
    }
  return count >= 0 && !pt2_draft_failed (upgrading->draft);
}

void
pt2_upgrade_set_version (Pt2Draft *draft)
{
  Pt2SchemaVersion *version = &draft->exported->schema_version;
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  pt2_field_bit_set (info, draft->exported,
                     pt2_struct_field_by_name (info, "schema_version", strlen ("schema_version"))->present_bit);
  version->major = MAJOR_NOW;
  version->minor = MINOR_NOW;
  version->present[0] = 3; /* both */
  draft->document.minor = MINOR_NOW;
}

Pt2Draft *
pt2_upgrade_open (Pt2Program *program, const Pt2Limits *limits, GError **error)
{
  if (program->document.root != NULL)
    return pt2_draft_new (program, PT2_DRAFT_ALL, limits, error);
  g_autoptr (Pt2Draft) draft = pt2_draft_new (NULL, PT2_DRAFT_ROOT, limits, error);
  if (draft == NULL)
    return NULL;
  Pt2Status status = PT2_STATUS_INIT;
  draft->base = pt2_program_ref (program); /* its texts are used */
  const Pt2OldReader reader = { draft, &status };
  memset (draft->exported, 0, draft->document.type->type->size);
  if (pt2_old_read (&reader, draft->document.type->type, program->tree, draft->exported))
    return g_steal_pointer (&draft);
  if (status.code == PT2_ERROR_NONE)
    pt2_document_no_memory (&draft->document, &status, PT2_NO_OFFSET);
  pt2_status_to_error (&status, error);
  return NULL;
}

/* 0.0 is a test version that PyTorch takes for its own. */
int64_t
pt2_upgrade_version_of (const Pt2Program *program)
{
  return program->major == 0 ? PT2_SCHEMA_AT (MAJOR_NOW, MINOR_NOW) : PT2_SCHEMA_AT (program->major, program->minor);
}

static bool
run_steps (Pt2Upgrade *upgrade, Pt2Upgrading *upgrading)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (steps); i++)
    if (upgrading->version < steps[i].below && (upgrading->tree != NULL || !steps[i].tree)
        && !run_step (upgrade, upgrading, &steps[i]))
      return false;
  return true;
}

/* What younger minors say of programs of major 8, by the rules for minors. What of an older one has no place there
 * any more repeats what stands beside it. */
static bool
follow_newest_minor (Pt2Upgrade *upgrade, const Pt2Upgrading *upgrading)
{
  guint newest = pt2_evolve_newest_minor ();
  if (upgrading->tree != NULL || upgrading->version >= PT2_SCHEMA_AT (8, newest))
    return true;
  g_autoptr (Pt2Program) before = upgrade->program;
  upgrade->program
      = pt2_evolve_to_minor (before, newest, PT2_EVOLVE_LOSSY, upgrading->limits, NULL, NULL, upgrading->error);
  return upgrade->program != NULL;
}

static bool
make_program (Pt2Upgrade *upgrade, Pt2Upgrading *upgrading)
{
  bool fine = run_steps (upgrade, upgrading);
  upgrade->renames = upgrading->renames;
  upgrade->n_renames = upgrading->n_renames;
  upgrade->constants = upgrading->constants;
  upgrade->n_constants = upgrading->n_constants;
  if (!fine && !pt2_draft_failed (upgrading->draft))
    {
      pt2_draft_free (upgrading->draft);
      return false;
    }
  if (upgrading->tree != NULL)
    pt2_upgrade_set_version (upgrading->draft);
  upgrade->program = pt2_draft_finish (upgrading->draft, upgrading->error);
  return upgrade->program != NULL && follow_newest_minor (upgrade, upgrading);
}

Pt2Upgrade *
pt2_upgrade_new (Pt2Program *program, Pt2UpgradeIsConstant is_constant, gpointer data, const Pt2Limits *limits,
                 GError **error)
{
  const Pt2UpgradePayloads payloads = { .is_constant = is_constant, .data = data };
  return pt2_upgrade_new_beside (program, &payloads, limits, error);
}

Pt2Upgrade *
pt2_upgrade_new_beside (Pt2Program *program, const Pt2UpgradePayloads *payloads, const Pt2Limits *limits,
                        GError **error)
{
  limits = limits != NULL ? limits : pt2_limits_default ();
  Pt2Draft *draft = pt2_upgrade_open (program, limits, error);
  if (draft == NULL)
    return NULL;
  Pt2Upgrading upgrading = { .draft = draft,
                             .tree = program->tree,
                             .version = pt2_upgrade_version_of (program),
                             .limits = limits,
                             .payloads = *payloads,
                             .error = error };
  g_autoptr (Pt2Upgrade) upgrade = g_new0 (Pt2Upgrade, 1);
  g_atomic_ref_count_init (&upgrade->references);
  return make_program (upgrade, &upgrading) ? g_steal_pointer (&upgrade) : NULL;
}

Pt2Upgrade *
pt2_upgrade_ref (Pt2Upgrade *upgrade)
{
  g_atomic_ref_count_inc (&upgrade->references);
  return upgrade;
}

void
pt2_upgrade_unref (Pt2Upgrade *upgrade)
{
  if (upgrade == NULL || !g_atomic_ref_count_dec (&upgrade->references))
    return;
  for (guint i = 0; i < upgrade->n_done; i++)
    g_free (upgrade->notes[i]);
  g_clear_pointer (&upgrade->program, pt2_program_unref);
  g_free (upgrade);
}

Pt2Program *
pt2_upgrade_get_program (Pt2Upgrade *upgrade)
{
  return upgrade->program;
}

const Pt2UpgradeDone *
pt2_upgrade_get_done (Pt2Upgrade *upgrade, guint *n)
{
  *n = upgrade->n_done;
  return upgrade->done;
}

const Pt2Rename *
pt2_upgrade_get_renames (const Pt2Upgrade *upgrade, uint32_t *n)
{
  *n = upgrade->n_renames;
  return upgrade->renames;
}

const Pt2GraphConstant *
pt2_upgrade_get_constants (const Pt2Upgrade *upgrade, uint32_t *n)
{
  *n = upgrade->n_constants;
  return upgrade->constants;
}
