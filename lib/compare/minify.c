/* SPDX-License-Identifier: Apache-2.0 */
/* The shortest names for values, by the means of the canonical form: it knows every place where a value is named. */
#include "canon_private.h"

enum
{
  FIRST_LETTERS = 52,
  OTHER_LETTERS = 36,
  LONGEST_NAME = 8,
};

/* Names that stay, which no value may get. */
typedef struct
{
  Pt2String *names;
  Pt2TextIndex index;
  uint32_t n;
} Kept;

typedef struct
{
  CanonGraph *graph;
  Kept *kept;
} Keeper;

/* Where new names come from. */
typedef struct
{
  Canon *canon;
  const Kept *kept;
  uint32_t next;
} Names;

/* A letter, then capitals and digits: no word of Python's is spelled so. */
static uint32_t
spell (uint32_t number, char out[LONGEST_NAME])
{
  static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static const char others[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  uint32_t len = 0;
  out[len++] = first[number % FIRST_LETTERS];
  for (uint32_t rest = number / FIRST_LETTERS; rest > 0; rest = (rest - 1) / OTHER_LETTERS)
    out[len++] = others[(rest - 1) % OTHER_LETTERS];
  return len;
}

/* ---- names that stay ---- */

static bool
keep (Canon *canon, Kept *kept, Pt2String name)
{
  kept->names[kept->n] = name;
  uint32_t owner = pt2_text_index_claim (&kept->index, kept->names, sizeof *kept->names, kept->n);
  kept->n += owner == kept->n;
  return owner != PT2_TEXT_INDEX_NONE || pt2_status_fail (&canon->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
}

static bool
is_kept (const Kept *kept, Pt2String name)
{
  return pt2_text_index_find (&kept->index, kept->names, sizeof *kept->names, name) != PT2_TEXT_INDEX_NONE;
}

/* Constants of the archive, by their names there. */
static bool
keep_slots (CanonGraph *graph, const CanonSlot *slots, uint32_t n, Kept *kept)
{
  for (uint32_t i = 0; i < n; i++)
    if (slots[i].value == CANON_NONE && slots[i].name != NULL && slots[i].name->len > 0
        && !keep (graph->canon, kept, *slots[i].name))
      return false;
  return true;
}

static bool
keep_entries (CanonGraph *graph, CanonTable table, Kept *kept)
{
  const Pt2TypeInfo *type = canon_table_type (table);
  const Pt2AnyMap *map = (const Pt2AnyMap *)((const char *)graph->graph + canon_tables[table].offset);
  for (uint32_t i = 0; i < map->len; i++)
    {
      Pt2String key = *(const Pt2String *)(const void *)((const char *)map->entries + (size_t)i * type->entry_size);
      if (canon_find (graph, key) == CANON_NONE && !keep (graph->canon, kept, key))
        return false;
    }
  return true;
}

static bool
keep_value (Pt2String *name, CanonTable table, bool hidden, void *data)
{
  Keeper *keeper = data;
  uint32_t value = name != NULL ? canon_find (keeper->graph, *name) : CANON_NONE;
  if (value == CANON_NONE)
    return true;
  keeper->graph->values[value].fresh = *name;
  return keep (keeper->graph->canon, keeper->kept, *name);
}

/* What the caller gives. */
static bool
keep_inputs (CanonGraph *graph, const Pt2InputSpecList *specs, Kept *kept)
{
  Keeper keeper = { graph, kept };
  for (uint32_t i = 0; i < specs->len; i++)
    {
      const Pt2InputSpec *spec = &specs->items[i];
      if (spec->which == PT2_INPUT_SPEC_CONSTANT_INPUT && !keep (graph->canon, kept, spec->constant_input->name))
        return false;
      if (spec->which == PT2_INPUT_SPEC_USER_INPUT
          && !canon_foreach_slot (graph->canon, &spec->user_input->arg, keep_value, &keeper))
        return false;
    }
  return true;
}

static uint64_t
count_kept (const CanonGraph *graph, const Pt2InputSpecList *specs)
{
  uint64_t n = graph->n_outputs + (uint64_t)graph->n_inputs + (specs != NULL ? specs->len : 0);
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    n += graph->nodes[i].n_slots;
  for (int table = 0; table < CANON_N_TABLES; table++)
    n += ((const Pt2AnyMap *)((const char *)graph->graph + canon_tables[table].offset))->len;
  return n;
}

/* SPECS: of the root; NULL: a graph inside. */
static bool
find_kept (CanonGraph *graph, const Pt2InputSpecList *specs, Kept *kept)
{
  kept->names = canon_alloc (graph->canon, count_kept (graph, specs) + 1, sizeof *kept->names);
  bool fine = kept->names != NULL && (specs == NULL || keep_inputs (graph, specs, kept))
              && keep_slots (graph, graph->outputs, graph->n_outputs, kept);
  for (uint32_t i = 0; fine && i < graph->graph->nodes.len; i++)
    fine = keep_slots (graph, graph->nodes[i].slots, graph->nodes[i].n_slots, kept);
  for (int table = 0; fine && table < CANON_N_TABLES; table++)
    fine = keep_entries (graph, (CanonTable)table, kept);
  return fine;
}

/* ---- graphs ---- */

static Pt2String
next_name (Names *names)
{
  char text[LONGEST_NAME];
  uint32_t len;
  do
    len = spell (names->next++, text);
  while (is_kept (names->kept, (Pt2String){ text, len }));
  return pt2_draft_text (names->canon->draft, text, len);
}

/* Nodes have the names of their values where PyTorch gives them those, and a name at all where they had one. */
static void
rename_nodes (CanonGraph *graph, Names *names)
{
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    {
      const CanonNode *node = &graph->nodes[i];
      if (node->node->name.data != NULL)
        node->node->name
            = canon_is_named_like_value (node) ? graph->values[node->first_value].fresh : next_name (names);
    }
}

static void
rename_all (CanonGraph *graph, const Kept *kept)
{
  Names names = { graph->canon, kept, 0 };
  for (uint32_t i = 0; i < graph->n_values; i++)
    if (graph->values[i].fresh.data == NULL)
      graph->values[i].fresh = next_name (&names);
  rename_nodes (graph, &names);
  canon_rename_values (graph);
  for (int table = 0; table < CANON_N_TABLES; table++)
    canon_rename_entries (graph, (CanonTable)table);
}

static bool minify_inner (Canon *canon, Pt2GraphArgument *argument, CanonGraph *inner);

static bool
minify_graph (CanonGraph *graph, const Pt2InputSpecList *specs)
{
  Kept kept = { .n = 0 };
  pt2_text_index_init (&kept.index);
  bool fine = canon_collect (graph) && canon_enter_graphs (graph, minify_inner) && find_kept (graph, specs, &kept);
  if (fine)
    rename_all (graph, &kept);
  pt2_text_index_clear (&kept.index);
  return fine;
}

static bool
minify_inner (Canon *canon, Pt2GraphArgument *argument, CanonGraph *inner)
{
  canon_graph_init (canon, &argument->graph, NULL, inner);
  return minify_graph (inner, NULL);
}

static bool
minify_root (Canon *canon, Pt2GraphModule *module)
{
  CanonRoot root = { &module->module_call_graph, NULL };
  CanonGraph graph;
  canon_graph_init (canon, &module->graph, &root, &graph);
  bool fine = minify_graph (&graph, &module->signature.input_specs) && canon_rename_signature (&graph, module)
              && canon_rename_calls (&graph, module);
  canon_graph_clear (&graph);
  return fine;
}

Pt2Program *
pt2_program_minify (Pt2Program *program, const Pt2Limits *limits, GError **error)
{
  g_autoptr (Pt2Draft) draft = pt2_draft_new (program, PT2_DRAFT_NAMES, limits, error);
  if (draft == NULL)
    return NULL;
  limits = limits != NULL ? limits : pt2_limits_default ();
  Canon canon = { .draft = draft, .status = PT2_STATUS_INIT, .keep_constants = true };
  draft->document.json_flags |= PT2_JSON_SHORT;
  pt2_arena_init (&canon.arena, limits->memory, 0);
  bool fine = minify_root (&canon, &draft->exported->graph_module);
  pt2_arena_clear (&canon.arena);
  if (fine || pt2_draft_failed (draft))
    return pt2_draft_finish (g_steal_pointer (&draft), error);
  pt2_status_to_error (&canon.status, error);
  return NULL;
}
