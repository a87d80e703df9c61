/* SPDX-License-Identifier: Apache-2.0 */
/* Two programs of the schema's own major: graph by graph, then what stands around the graphs. */
#include "diff_private.h"
#include <string.h>

static const Pt2StructInfo *
struct_info (const char *name)
{
  return pt2_schema_find_struct (&pt2_export_schema, name);
}

/* ---- subgraphs wait until the graph that they are in is done ---- */

void
pt2_diff_queue_graph (Pt2Diff *diff, const Pt2Graph *old, const Pt2Graph *new, const Pt2DiffPath *path)
{
  Pt2DiffPending *pending = pt2_diff_alloc (diff, sizeof *pending);
  if (pending == NULL)
    return;
  *pending = (Pt2DiffPending){ NULL, old, new, pt2_diff_path_text (diff, path, true),
                               pt2_diff_path_text (diff, path, false) };
  *diff->last_pending = pending;
  diff->last_pending = &pending->next;
}

/* ---- nodes ---- */

/* The two graphs at hand. */
typedef struct
{
  Pt2Diff *diff;
  Pt2DiffSide sides[2];
  Pt2DiffNames names;
  Pt2TextIds shapes;
  Pt2Arena arena;
  uint32_t *inputs[2];      /* partners */
  const Pt2FieldInfo *name; /* of Node */
  bool root;
} Graphs;

static Pt2String
label_of (const Graphs *g, int side, uint32_t i)
{
  const Pt2DiffSide *s = &g->sides[side];
  const Pt2Node *node = &s->graph->nodes.items[i];
  if (node->name.data == NULL && s->make_start[i + 1] > s->make_start[i])
    return g->names.ids.texts[s->makes[s->make_start[i]]];
  return node->name;
}

static bool
same_text (Pt2String a, Pt2String b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

/* Does a node, or anything that it makes, have another name? */
static bool
is_renamed (const Graphs *g, uint32_t i, uint32_t j)
{
  const Pt2DiffSide *old = &g->sides[0], *new = &g->sides[1];
  uint32_t n = MIN (old->make_start[i + 1] - old->make_start[i], new->make_start[j + 1] - new->make_start[j]);
  Pt2String a = old->graph->nodes.items[i].name, b = new->graph->nodes.items[j].name;
  if (a.data != NULL && b.data != NULL && !same_text (a, b))
    return true;
  if ((a.data == NULL) != (b.data == NULL)
      && !pt2_diff_is_unsaid (a.data == NULL ? g->diff->old : g->diff->new, g->name))
    return true;
  for (uint32_t k = 0; k < n; k++)
    if (old->makes[old->make_start[i] + k] != new->makes[new->make_start[j] + k])
      return true;
  return false;
}

static void
report_name (const Graphs *g, uint32_t i, uint32_t j, const Pt2DiffPath *path)
{
  Pt2Diff *diff = g->diff;
  if ((diff->ignore & PT2_DIFF_IGNORE_NAMES) != 0 || !is_renamed (g, i, j))
    return;
  Pt2String a = label_of (g, 0, i), b = label_of (g, 1, j);
  /* One of several results may be renamed while the node is not. */
  const Pt2DiffSide *old = &g->sides[0], *new = &g->sides[1];
  for (uint32_t k = 0; same_text (a, b) && old->make_start[i] + k < old->make_start[i + 1]
                       && new->make_start[j] + k < new->make_start[j + 1];
       k++)
    {
      a = g->names.ids.texts[old->makes[old->make_start[i] + k]];
      b = g->names.ids.texts[new->makes[new->make_start[j] + k]];
    }
  if (same_text (a, b))
    { /* only one of them has a name of the node's own */
      a = old->graph->nodes.items[i].name;
      b = new->graph->nodes.items[j].name;
    }
  Pt2String was = a.data != NULL ? pt2_diff_quote (diff, a) : a;
  pt2_diff_add_texts (diff, PT2_DIFF_RENAMED, path, was, b.data != NULL ? pt2_diff_quote (diff, b) : b);
}

static void
compare_row (const Graphs *g, const Pt2DiffRow *row)
{
  Pt2Diff *diff = g->diff;
  const Pt2TypeInfo *type = struct_info ("Node")->type;
  const Pt2DiffPath list = { .field = "nodes" };
  uint32_t i = row->old_node >= 0 ? (uint32_t)row->old_node : UINT32_MAX;
  uint32_t j = row->new_node >= 0 ? (uint32_t)row->new_node : UINT32_MAX;
  if (row->moved && i != UINT32_MAX)
    return; /* told where it stands now */
  bool moved = row->moved;
  if (moved)
    i = g->sides[1].partner[j];
  const Pt2DiffPath path = { .up = &list, .old_index = i, .new_index = j };
  const Pt2Node *old = i != UINT32_MAX ? &g->sides[0].graph->nodes.items[i] : NULL;
  const Pt2Node *new = j != UINT32_MAX ? &g->sides[1].graph->nodes.items[j] : NULL;
  diff->place.old_node = old != NULL ? (gint64)i : -1;
  diff->place.new_node = new != NULL ? (gint64)j : -1;
  diff->place.part = PT2_DIFF_NODE;
  if (old == NULL || new == NULL)
    {
      pt2_diff_add (diff, old == NULL ? PT2_DIFF_ADDED : PT2_DIFF_REMOVED, &path, type, old, new);
      return;
    }
  if (moved && (diff->ignore & PT2_DIFF_IGNORE_ORDER) == 0)
    pt2_diff_add (diff, PT2_DIFF_MOVED, &path, type, old, new);
  report_name (g, i, j, &path);
  pt2_diff_compare_likely (diff, type, old, new, &path);
}

/* Puts the nodes of both graphs in one order. IN_ORDER: by old node, whether it stands where its partner does. */
static guint
make_rows (const Graphs *g, const bool *in_order, Pt2DiffRow *rows)
{
  const Pt2DiffSide *old = &g->sides[0], *new = &g->sides[1];
  uint32_t i = 0, j = 0;
  guint n = 0;
  while (i < old->n || j < new->n)
    {
      bool old_stays = i < old->n && old->partner[i] != PT2_UNPAIRED && in_order[i];
      bool new_stays = j < new->n &&new->partner[j] != PT2_UNPAIRED &&in_order[new->partner[j]];
      if (i < old->n && !old_stays)
        {
          rows[n++] = (Pt2DiffRow){ i, -1, old->partner[i] != PT2_UNPAIRED };
          i++;
        }
      else if (j < new->n && !new_stays)
        {
          rows[n++] = (Pt2DiffRow){ -1, j, new->partner[j] != PT2_UNPAIRED };
          j++;
        }
      else
        rows[n++] = (Pt2DiffRow){ i++, j++, FALSE };
    }
  return n;
}

static bool
add_rows (Graphs *g, Pt2DiffGraph *graph)
{
  Pt2Align align;
  uint32_t n_old = g->sides[0].n, n_new = g->sides[1].n;
  bool *in_order = pt2_arena_alloc (&g->arena, (size_t)n_old + 1);
  Pt2DiffRow *rows = pt2_diff_alloc (g->diff, ((size_t)n_old + n_new) * sizeof *rows);
  if (in_order == NULL || rows == NULL || !pt2_align_init (&align, &g->arena, 0, n_old))
    return pt2_diff_no_memory (g->diff);
  pt2_align_longest_run (&align, g->sides[0].partner, n_old, in_order);
  graph->rows = rows;
  graph->n_rows = make_rows (g, in_order, rows);
  return true;
}

/* ---- tables of values ---- */

static Pt2String
key_at (const Pt2TypeInfo *type, const Pt2AnyMap *map, uint32_t i)
{
  return *(const Pt2String *)(const void *)((const char *)map->entries + (size_t)i * type->entry_size);
}

static const void *
value_at (const Pt2TypeInfo *type, const Pt2AnyMap *map, uint32_t i)
{
  return (const char *)map->entries + (size_t)i * type->entry_size + type->key_size;
}

/* What KEY of side SIDE is called on the other side; KEY itself if nobody makes it, {NULL, 0} if its maker is alone. */
static Pt2String
other_name (const Graphs *g, int side, Pt2String key)
{
  const Pt2DiffNames *names = &g->names;
  uint32_t number = pt2_text_ids_find (&names->ids, key);
  if (number >= names->n)
    return key;
  uint32_t other = side == 0 ? names->new_of[number] : names->old_of[number];
  if (other != PT2_TEXT_ID_NONE)
    return names->ids.texts[other];
  return g->sides[side].maker[number] == PT2_UNPAIRED ? key : (Pt2String){ NULL, 0 };
}

/* The new table while the old one is gone through. */
typedef struct
{
  const Pt2TypeInfo *type;
  const Pt2AnyMap *map;
  Pt2TextIndex index; /* made when an entry is not where it is expected */
  bool indexed;
  bool *matched;
  uint32_t expected;
} Table;

static uint32_t
find_entry (Pt2Diff *diff, Table *table, Pt2String key)
{
  uint32_t j = table->expected;
  if (j >= table->map->len || !same_text (key_at (table->type, table->map, j), key))
    {
      if (!table->indexed)
        pt2_text_index_init (&table->index);
      for (uint32_t i = 0; i < table->map->len && !table->indexed; i++)
        if (!pt2_text_index_add (&table->index, table->map->entries, table->type->entry_size, i))
          pt2_diff_no_memory (diff);
      table->indexed = true;
      j = pt2_text_index_find (&table->index, table->map->entries, table->type->entry_size, key);
    }
  if (j == PT2_TEXT_INDEX_NONE)
    return j;
  table->matched[j] = true;
  table->expected = j + 1;
  return j;
}

static void
compare_old_entries (const Graphs *g, const Pt2AnyMap *old, Table *table, const Pt2DiffPath *list)
{
  const Pt2TypeInfo *type = table->type;
  for (uint32_t i = 0; i < old->len && !g->diff->failed; i++)
    {
      Pt2String key = key_at (type, old, i), other = other_name (g, 0, key);
      const Pt2DiffPath path = { .up = list, .old_key = key, .new_key = other };
      uint32_t j = other.data != NULL ? find_entry (g->diff, table, other) : PT2_TEXT_INDEX_NONE;
      if (j != PT2_TEXT_INDEX_NONE)
        pt2_diff_compare_likely (g->diff, type->element, value_at (type, old, i), value_at (type, table->map, j),
                                 &path);
      else if (other.data != NULL)
        pt2_diff_add (g->diff, PT2_DIFF_REMOVED, &path, type->element, value_at (type, old, i), NULL);
    }
}

static void
compare_table (Graphs *g, const Pt2FieldInfo *field, const Pt2AnyMap *old, const Pt2AnyMap *new)
{
  static const Pt2AnyMap none = { NULL, 0 };
  const Pt2DiffPath list = { .field = field->name };
  Table table = { .type = field->type, .map = new != NULL ? new : &none };
  table.matched = pt2_arena_alloc (&g->arena, (size_t)table.map->len + 1);
  if (table.matched == NULL)
    {
      pt2_diff_no_memory (g->diff);
      return;
    }
  memset (table.matched, 0, table.map->len);
  compare_old_entries (g, old != NULL ? old : &none, &table, &list);
  for (uint32_t j = 0; j < table.map->len && !g->diff->failed; j++)
    {
      Pt2String key = key_at (table.type, table.map, j);
      Pt2String other = table.matched[j] ? (Pt2String){ NULL, 0 } : other_name (g, 1, key);
      const Pt2DiffPath path = { .up = &list, .old_key = other, .new_key = key };
      if (other.data != NULL)
        pt2_diff_add (g->diff, PT2_DIFF_ADDED, &path, table.type->element, NULL, value_at (table.type, table.map, j));
    }
  if (table.indexed)
    pt2_text_index_clear (&table.index);
}

/* ---- a graph ---- */

static const void *
present_value (const Pt2StructInfo *info, unsigned i, const void *record)
{
  const Pt2FieldInfo *field = &info->fields[i];
  return pt2_field_present (info, field, record) ? pt2_field_value (field, record) : NULL;
}

static bool
is_one_of (const char *name, const char *const *list)
{
  for (; *list != NULL; list++)
    if (strcmp (*list, name) == 0)
      return true;
  return false;
}

/* Tables of values, and whatever else a graph has or will have. */
static void
compare_graph_fields (Graphs *g)
{
  static const char *const done[] = { "inputs", "outputs", "nodes", NULL };
  const Pt2StructInfo *info = struct_info ("Graph");
  const Pt2Graph *old = g->sides[0].graph, *new = g->sides[1].graph;
  for (unsigned i = 0; i < info->n_fields && !g->diff->failed; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      bool table = field->type->kind == PT2_KIND_MAP && field->type->key->kind == PT2_KIND_STRING;
      g->diff->place.part = table ? PT2_DIFF_VALUE : PT2_DIFF_OTHER;
      if (table)
        compare_table (g, field, present_value (info, i, old), present_value (info, i, new));
      else if (!is_one_of (field->name, done))
        pt2_diff_compare_field (g->diff, info, i, old, new, NULL);
    }
  pt2_diff_compare_extras (g->diff, info, old, new, NULL);
}

static void
leave_node (Pt2Diff *diff)
{
  diff->place.old_node = diff->place.new_node = -1;
}

/* ---- around the graphs ---- */

static void
compare_parts (Pt2Diff *diff, const char *record, const void *old, const void *new, const Pt2DiffPath *path,
               const char *const *without)
{
  static const struct
  {
    const char *field;
    Pt2DiffPart part;
  } parts[] = {
    { "guards_code", PT2_DIFF_GUARD },     { "module_call_graph", PT2_DIFF_MODULE },
    { "metadata", PT2_DIFF_METADATA },     { "treespec_namedtuple_fields", PT2_DIFF_MODULE },
    { "opset_version", PT2_DIFF_VERSION }, { "schema_version", PT2_DIFF_VERSION },
    { "verifiers", PT2_DIFF_VERSION },     { "torch_version", PT2_DIFF_VERSION },
  };
  const Pt2StructInfo *info = struct_info (record);
  for (unsigned i = 0; i < info->n_fields && !diff->failed; i++)
    {
      diff->place.part = PT2_DIFF_OTHER;
      for (size_t k = 0; k < G_N_ELEMENTS (parts); k++)
        if (strcmp (parts[k].field, info->fields[i].name) == 0)
          diff->place.part = parts[k].part;
      if (!is_one_of (info->fields[i].name, without))
        pt2_diff_compare_field (diff, info, i, old, new, path);
    }
  diff->place.part = PT2_DIFF_OTHER;
  pt2_diff_compare_extras (diff, info, old, new, path);
}

/* The module around the root graph, whose names it uses. */
static void
compare_module (Pt2Diff *diff)
{
  static const char *const of_module[] = { "graph", "signature", NULL };
  static const char *const of_signature[] = { "input_specs", "output_specs", NULL };
  const Pt2ExportedProgram *old = diff->old->document.root, *new = diff->new->document.root;
  const Pt2DiffPath module = { .field = "graph_module" }, signature = { .up = &module, .field = "signature" };
  Pt2DiffPlace place = diff->place;
  diff->place.old_prefix = diff->place.new_prefix = "";
  diff->place.graph = G_MAXUINT;
  compare_parts (diff, "GraphSignature", &old->graph_module.signature, &new->graph_module.signature, &signature,
                 of_signature);
  compare_parts (diff, "GraphModule", &old->graph_module, &new->graph_module, &module, of_module);
  diff->place = place;
}

/* Ranges by symbol, whatever it is called. */
static void
compare_ranges (Pt2Diff *diff, const Pt2StringToRangeConstraintMap *old, const Pt2StringToRangeConstraintMap *new)
{
  const Pt2TypeInfo *type = struct_info ("RangeConstraint")->type;
  const Pt2DiffPath map = { .field = "range_constraints" };
  Pt2TextIndex index;
  bool *matched = pt2_diff_alloc (diff, (size_t) new->len + 1);
  pt2_text_index_init (&index);
  for (uint32_t j = 0; j < new->len &&matched != NULL; j++)
    {
      matched[j] = false;
      if (!pt2_text_index_add (&index, new->entries, sizeof *new->entries, j))
        pt2_diff_no_memory (diff);
    }
  for (uint32_t i = 0; i < old->len && !diff->failed; i++)
    {
      Pt2String key = old->entries[i].key, other = pt2_diff_new_symbol (diff, key);
      const Pt2DiffPath path = { .up = &map, .old_key = key, .new_key = other };
      uint32_t j = pt2_text_index_find (&index, new->entries, sizeof *new->entries, other);
      if (j == PT2_TEXT_INDEX_NONE)
        pt2_diff_add (diff, PT2_DIFF_REMOVED, &path, type, &old->entries[i].value, NULL);
      else
        pt2_diff_compare (diff, type, &old->entries[i].value, &new->entries[j].value, &path);
      if (j != PT2_TEXT_INDEX_NONE)
        matched[j] = true;
    }
  for (uint32_t j = 0; j < new->len && !diff->failed; j++)
    {
      const Pt2DiffPath path = { .up = &map, .old_key = new->entries[j].key, .new_key = new->entries[j].key };
      if (!matched[j])
        pt2_diff_add (diff, PT2_DIFF_ADDED, &path, type, NULL, &new->entries[j].value);
    }
  pt2_text_index_clear (&index);
}

static void
compare_rest (Pt2Diff *diff)
{
  static const char *const done[] = { "graph_module", "range_constraints", NULL };
  const Pt2ExportedProgram *old = diff->old->document.root, *new = diff->new->document.root;
  diff->place = (Pt2DiffPlace){ "", "", NULL, G_MAXUINT, -1, -1, PT2_DIFF_SYMBOL };
  pt2_diff_report_symbols (diff);
  diff->place.part = PT2_DIFF_RANGE;
  compare_ranges (diff, &old->range_constraints, &new->range_constraints);
  compare_parts (diff, "ExportedProgram", old, new, NULL, done);
}

/* ---- all ---- */

static Pt2DiffGraph *
new_graph (Pt2Diff *diff, const Pt2DiffPending *pending)
{
  if (diff->n_graphs == diff->room_graphs)
    {
      guint room = MAX (8, diff->room_graphs * 2);
      Pt2DiffGraph *grown = diff->room_graphs < G_MAXUINT / 4 ? g_try_renew (Pt2DiffGraph, diff->graphs, room) : NULL;
      if (grown == NULL)
        {
          pt2_diff_no_memory (diff);
          return NULL;
        }
      diff->graphs = grown;
      diff->room_graphs = room;
    }
  diff->graphs[diff->n_graphs] = (Pt2DiffGraph){ pending->old_path, pending->new_path, NULL, 0 };
  return &diff->graphs[diff->n_graphs++];
}

static bool
match (Graphs *g)
{
  return pt2_diff_match_inputs (g->diff, g->sides, g->root, &g->names, &g->arena, g->inputs)
         && pt2_diff_match (g->diff, g->sides, &g->names, &g->shapes, &g->arena);
}

static bool
fill_sides (Graphs *g, const Pt2DiffPending *pending)
{
  return pt2_diff_side_init (g->diff, &g->sides[0], pending->old, &g->names, &g->shapes, &g->arena)
         && pt2_diff_side_init (g->diff, &g->sides[1], pending->new, &g->names, &g->shapes, &g->arena)
         && pt2_diff_sides_ready (g->diff, g->sides, &g->names, &g->arena);
}

static void
compare_matched (Graphs *g)
{
  Pt2Diff *diff = g->diff;
  Pt2DiffGraph *graph = &diff->graphs[diff->place.graph];
  pt2_diff_compare_inputs (diff, g->sides, g->root, &g->arena, g->inputs);
  for (guint k = 0; k < graph->n_rows && !diff->failed; k++)
    compare_row (g, &graph->rows[k]);
  leave_node (diff);
  pt2_diff_compare_outputs (diff, g->sides, g->root, &g->names, &g->arena);
  compare_graph_fields (g);
  if (g->root)
    compare_module (diff);
}

static void
compare_graphs (Pt2Diff *diff, const Pt2DiffPending *pending)
{
  Graphs g = { .diff = diff, .root = diff->n_graphs == 0 };
  g.name = pt2_struct_field_by_name (struct_info ("Node"), "name", strlen ("name"));
  Pt2DiffGraph *graph = new_graph (diff, pending);
  if (graph == NULL)
    return;
  pt2_arena_init (&g.arena, diff->limits.memory, 0);
  pt2_text_ids_init (&g.names.ids, NULL);
  pt2_text_ids_init (&g.shapes, &g.arena);
  diff->place
      = (Pt2DiffPlace){ pending->old_path, pending->new_path, &g.names, diff->n_graphs - 1, -1, -1, PT2_DIFF_OTHER };
  if (fill_sides (&g, pending) && match (&g) && add_rows (&g, graph))
    compare_matched (&g);
  pt2_text_ids_clear (&g.names.ids);
  pt2_text_ids_clear (&g.shapes);
  pt2_diff_drop (diff, &g.arena);
}

void
pt2_diff_native (Pt2Diff *diff)
{
  const Pt2ExportedProgram *old = diff->old->document.root, *new = diff->new->document.root;
  static const char path[] = "graph_module.graph";
  Pt2DiffPending root = { NULL, &old->graph_module.graph, &new->graph_module.graph, path, path };
  diff->pending = &root;
  diff->last_pending = &root.next;
  for (Pt2DiffPending *pending = diff->pending; pending != NULL && !diff->failed; pending = pending->next)
    compare_graphs (diff, pending);
  diff->pending = NULL;
  if (!diff->failed)
    compare_rest (diff);
}
