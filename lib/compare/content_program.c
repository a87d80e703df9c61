/* SPDX-License-Identifier: Apache-2.0 */
/* Every value gets a hash of what makes it in place of its name, as in a Merkle tree; with those names nodes need no
 * order, and a graph is the hash of their sorted hashes. docs/content-id.md defines it.
 *
 * It works on a draft, which is never finished: names are written over where they stand, and what was hashed is taken
 * out. */
#include "canon_private.h"
#include "content_program.h"
#include "sort.h"

enum
{
  NAME_LEN = PT2_SHA256_LEN + 4, /* of a value: the hash of its node, and which of its values it is */
};

/* What a graph knows of a node: its hash, and how often its values are used. */
typedef struct
{
  uint8_t digest[PT2_SHA256_LEN];
  uint8_t uses[4];
} Mark;

typedef struct
{
  Canon canon; /* first: what canon_enter_graphs() hands on */
  Pt2Sha256 hash;
  Pt2Buffer bytes; /* of what is hashed next */
  const Pt2StructInfo *node, *graph, *metas[CANON_N_TABLES];
  const Pt2FieldInfo *single; /* is_single_tensor_return: missing is false */
} Content;

/* ---- bytes ---- */

static bool
add_bytes (Content *content, const void *data, size_t len)
{
  if (!pt2_buffer_room (&content->bytes, len))
    return pt2_status_fail (&content->canon.status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  pt2_buffer_put (&content->bytes, data, len);
  return true;
}

static bool
add_record (Content *content, const Pt2StructInfo *info, const void *record)
{
  return pt2_compact_write_record (&content->canon.draft->document, info, record, &content->bytes,
                                   &content->canon.status);
}

static bool
begin (Content *content, const char *what)
{
  content->bytes.next = content->bytes.data;
  return add_bytes (content, what, strlen (what));
}

static void
finish (Content *content, uint8_t digest[PT2_SHA256_LEN])
{
  pt2_sha256_add (&content->hash, content->bytes.data, pt2_buffer_len (&content->bytes));
  pt2_sha256_next (&content->hash, digest);
}

static void
put_number (uint8_t *out, uint32_t number)
{
  uint32_t little = GUINT32_TO_LE (number);
  memcpy (out, &little, sizeof little);
}

/* ---- values ---- */

/* What the tables say of a value. An object has its name there once more. */
static bool
add_meta (Content *content, const CanonValue *value)
{
  const uint8_t table = (uint8_t)value->table;
  if (value->table == CANON_CUSTOM_OBJ)
    {
      Pt2String *name = &((Pt2CustomObjArgument *)(void *)value->meta)->name;
      if (name->len == value->name.len && memcmp (name->data, value->name.data, name->len) == 0)
        name->len = 0;
    }
  return add_bytes (content, &table, 1) && add_record (content, content->metas[table], value->meta);
}

/* Inputs are known by their number; those that stand for one tensor have one. */
static bool
name_inputs (Content *content, CanonGraph *graph)
{
  const uint32_t *classes = graph->root != NULL ? graph->root->classes : NULL;
  uint8_t (*names)[4] = canon_alloc (&content->canon, graph->n_inputs, sizeof *names);
  for (uint32_t i = 0; names != NULL && i < graph->n_inputs; i++)
    {
      put_number (names[i], classes != NULL ? classes[i] : i);
      graph->values[i].fresh = (Pt2String){ (const char *)names[i], sizeof names[i] };
      *graph->values[i].place = graph->values[i].fresh;
    }
  return names != NULL;
}

/* ---- nodes ---- */

static void
use_names (CanonGraph *graph, const CanonSlot *slots, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (slots[i].value != CANON_NONE)
      *slots[i].name = graph->values[slots[i].value].fresh;
}

static uint64_t
head_of (const Mark *mark)
{
  uint64_t head;
  memcpy (&head, mark->digest, sizeof head);
  return GUINT64_FROM_BE (head);
}

static int
by_mark (uint32_t a, uint32_t b, const void *data)
{
  const Mark *one = (const Mark *)data + a, *two = (const Mark *)data + b;
  uint64_t head = head_of (one), other = head_of (two);
  return head != other ? (head < other ? -1 : 1) : memcmp (one, two, sizeof *one);
}

/* The hashes of what must stay before the node without giving it anything. */
static bool
add_effects (Content *content, const CanonGraph *graph, const CanonNode *node, const Mark *marks)
{
  const CanonEffect *effects = graph->effects + node->first_effect;
  uint32_t *order = node->n_effects > 0 ? canon_alloc (&content->canon, node->n_effects, sizeof *order) : NULL;
  if (node->n_effects == 0 || order == NULL)
    return order != NULL || node->n_effects == 0;
  for (uint32_t i = 0; i < node->n_effects; i++)
    order[i] = effects[i].from;
  pt2_sort (order, node->n_effects, by_mark, marks);
  for (uint32_t i = 0; i < node->n_effects; i++)
    if (!add_bytes (content, marks[order[i]].digest, PT2_SHA256_LEN))
      return false;
  return true;
}

static bool
hash_node (Content *content, CanonGraph *graph, uint32_t number, Mark *marks, uint8_t (*names)[NAME_LEN])
{
  CanonNode *node = &graph->nodes[number];
  use_names (graph, node->slots, node->n_slots);
  for (uint32_t i = 0; i < node->n_values; i++)
    graph->values[node->first_value + i].place->len = 0;
  node->node->metadata.len = 0;
  node->node->name = (Pt2String){ NULL, 0 };
  bool fine = begin (content, "pt2h1 node\n") && add_record (content, content->node, node->node);
  for (uint32_t i = 0; fine && i < node->n_values; i++)
    fine = add_meta (content, &graph->values[node->first_value + i]);
  if (!fine || !add_effects (content, graph, node, marks))
    return false;
  finish (content, marks[number].digest);
  for (uint32_t i = 0; i < node->n_values; i++)
    {
      uint8_t *name = names[node->first_value - graph->n_inputs + i];
      memcpy (name, marks[number].digest, PT2_SHA256_LEN);
      put_number (name + PT2_SHA256_LEN, i);
      graph->values[node->first_value + i].fresh = (Pt2String){ (const char *)name, NAME_LEN };
    }
  return true;
}

/* Does every use stand behind the definition? */
static bool
is_in_order (const CanonGraph *graph)
{
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    for (uint32_t s = 0; s < graph->nodes[i].n_slots; s++)
      {
        uint32_t value = graph->nodes[i].slots[s].value;
        if (value != CANON_NONE && graph->values[value].node != CANON_NONE && graph->values[value].node >= i)
          return false;
      }
  return true;
}

static bool
hash_nodes (Content *content, CanonGraph *graph, Mark *marks)
{
  Canon *canon = &content->canon;
  uint8_t (*names)[NAME_LEN] = canon_alloc (canon, graph->n_values - graph->n_inputs, NAME_LEN);
  uint32_t n = graph->graph->nodes.len, ordered = n;
  bool in_order = is_in_order (graph);
  if (names == NULL)
    return false;
  if (!in_order)
    ordered = canon_link_nodes (graph) ? canon_order_topologically (graph) : 0;
  if (canon->status.code == PT2_ERROR_NONE && ordered < n)
    return pt2_status_fail (&canon->status, PT2_ERROR_C005, PT2_NO_OFFSET, "%u of %u nodes", n - ordered, n);
  bool fine = canon->status.code == PT2_ERROR_NONE;
  for (uint32_t i = 0; fine && i < n; i++)
    fine = hash_node (content, graph, in_order ? i : graph->topological[i], marks, names);
  return fine;
}

/* ---- graphs ---- */

static void
count_uses (const CanonGraph *graph, const CanonSlot *slots, uint32_t n, uint32_t *uses)
{
  for (uint32_t i = 0; i < n; i++)
    if (slots[i].value != CANON_NONE && graph->values[slots[i].value].node != CANON_NONE)
      uses[graph->values[slots[i].value].node]++;
}

/* Nodes that make the same of the same are told apart by how often what they give is used. */
static bool
mark_uses (CanonGraph *graph, Mark *marks)
{
  uint32_t n = graph->graph->nodes.len, *uses = canon_alloc (graph->canon, n, sizeof *uses);
  for (uint32_t i = 0; uses != NULL && i < n; i++)
    count_uses (graph, graph->nodes[i].slots, graph->nodes[i].n_slots, uses);
  if (uses != NULL)
    count_uses (graph, graph->outputs, graph->n_outputs, uses);
  for (uint32_t i = 0; uses != NULL && i < n; i++)
    put_number (marks[i].uses, uses[i]);
  return uses != NULL;
}

static uint32_t
count_values (const CanonGraph *graph, CanonTable table)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < graph->n_values; i++)
    n += graph->values[i].table == table;
  return n;
}

/* Leaves in a table what describes no value. */
static bool
drop_described (CanonGraph *graph, CanonTable table)
{
  const Pt2TypeInfo *type = canon_table_type (table);
  Pt2AnyMap *map = (Pt2AnyMap *)((char *)graph->graph + canon_tables[table].offset);
  uint32_t len = map->len;
  map->len = 0;
  if (len == count_values (graph, table))
    return true;
  uint32_t *order = canon_alloc (graph->canon, len, sizeof *order), n = 0;
  if (order == NULL)
    return false;
  for (uint32_t i = 0; i < len; i++)
    if (canon_find (graph, *(const Pt2String *)(const void *)((const char *)map->entries + i * type->entry_size))
        == CANON_NONE)
      order[n++] = i;
  map->len = n;
  return canon_permute (graph->canon, type, map, order)
         && canon_sort (graph->canon, graph->number, canon_tables[table].name, type, map);
}

/* Hashes are even: dealt out by their first bits, few come into one heap. */
static bool
sort_marks (Canon *canon, const Mark *marks, uint32_t n, uint32_t *order)
{
  unsigned bits = MIN (g_bit_storage (n), 20);
  uint32_t n_heaps = 1u << bits, *ends = canon_alloc (canon, (size_t)n_heaps + 1, sizeof *ends);
  if (ends == NULL)
    return false;
  for (uint32_t i = 0; i < n; i++)
    ends[(head_of (&marks[i]) >> (64 - bits)) + 1]++;
  for (uint32_t i = 1; i <= n_heaps; i++)
    ends[i] += ends[i - 1];
  for (uint32_t i = 0; i < n; i++)
    order[ends[head_of (&marks[i]) >> (64 - bits)]++] = i;
  for (uint32_t i = 0, begin = 0; i < n_heaps; begin = ends[i++])
    pt2_sort (order + begin, ends[i] - begin, by_mark, marks);
  return true;
}

static bool
add_marks (Content *content, const Mark *marks, uint32_t n)
{
  uint32_t *order = canon_alloc (&content->canon, n, sizeof *order);
  bool fine = order != NULL && sort_marks (&content->canon, marks, n, order);
  for (uint32_t i = 0; fine && i < n; i++)
    fine = add_bytes (content, &marks[order[i]], sizeof *marks);
  return fine;
}

/* A list or map that is empty where it may be missing for the same counts as missing. */
static void
drop_empty (const Pt2StructInfo *info, void *record)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      Pt2AnyList *list = (Pt2AnyList *)(void *)((char *)record + field->offset); /* a map begins alike */
      const char *missing = field->default_text != NULL ? field->default_text : "";
      if ((strcmp (missing, "[]") == 0 || strcmp (missing, "{}") == 0) && list->len == 0)
        list->items = NULL;
    }
}

static void
empty_graph (Pt2Graph *graph)
{
  graph->inputs.len = graph->outputs.len = 0;
  graph->is_single_tensor_return = false;
  for (int table = 0; table < CANON_N_TABLES; table++)
    ((Pt2AnyMap *)((char *)graph + canon_tables[table].offset))->len = 0;
}

/* What was added of each input. */
typedef struct
{
  const uint32_t *classes;
  const char *bytes;
  size_t *ends;
} Metas;

static Pt2String
meta_at (const Metas *metas, uint32_t i)
{
  size_t begin = i > 0 ? metas->ends[i - 1] : 0;
  return (Pt2String){ metas->bytes + begin, (uint32_t)(metas->ends[i] - begin) };
}

static int
by_class (uint32_t a, uint32_t b, const void *data)
{
  const Metas *metas = data;
  if (metas->classes[a] != metas->classes[b])
    return metas->classes[a] < metas->classes[b] ? -1 : 1;
  return pt2_text_compare (meta_at (metas, a), meta_at (metas, b));
}

/* Those of one class may be described differently: the smaller bytes come first. */
static bool
sort_metas (Content *content, Metas *metas, uint32_t n, size_t begun)
{
  size_t len = pt2_buffer_len (&content->bytes) - begun;
  char *copy = canon_alloc (&content->canon, 1, len);
  uint32_t *order = canon_alloc (&content->canon, n, sizeof *order);
  if (copy == NULL || order == NULL)
    return false;
  metas->bytes = memcpy (copy, content->bytes.data + begun, len);
  for (uint32_t i = 0; i < n; i++)
    order[i] = i;
  pt2_sort (order, n, by_class, metas);
  content->bytes.next = content->bytes.data + begun;
  for (uint32_t i = 0; i < n; i++)
    pt2_buffer_put (&content->bytes, meta_at (metas, order[i]).data, meta_at (metas, order[i]).len);
  return true;
}

static bool
add_inputs (Content *content, const CanonGraph *graph)
{
  uint32_t n = graph->n_inputs;
  size_t begun = pt2_buffer_len (&content->bytes);
  Metas metas = { .classes = graph->root != NULL ? graph->root->classes : NULL,
                  .ends = canon_alloc (&content->canon, n, sizeof *metas.ends) };
  bool fine = metas.ends != NULL;
  for (uint32_t i = 0; fine && i < n; i++)
    {
      fine = add_meta (content, &graph->values[i]);
      metas.ends[i] = pt2_buffer_len (&content->bytes) - begun;
    }
  return fine && (metas.classes == NULL || sort_metas (content, &metas, n, begun));
}

static bool hash_inner (Canon *canon, Pt2GraphArgument *argument, CanonGraph *inner);

static bool
hash_graph (Content *content, CanonGraph *graph, uint8_t digest[PT2_SHA256_LEN])
{
  uint32_t n = graph->graph->nodes.len;
  Mark *marks = canon_alloc (&content->canon, n, sizeof *marks);
  if (marks == NULL || !canon_collect (graph) || !canon_enter_graphs (graph, hash_inner) || !canon_find_effects (graph)
      || !mark_uses (graph, marks) || !name_inputs (content, graph) || !hash_nodes (content, graph, marks))
    return false;
  use_names (graph, graph->outputs, graph->n_outputs);
  for (int table = 0; table < CANON_N_TABLES; table++)
    if (!drop_described (graph, (CanonTable)table))
      return false;
  graph->graph->nodes.len = 0;
  drop_empty (content->graph, graph->graph);
  pt2_field_bit_set (content->graph, graph->graph, content->single->present_bit);
  if (!begin (content, "pt2h1 graph\n") || !add_record (content, content->graph, graph->graph)
      || !add_inputs (content, graph) || !add_marks (content, marks, n))
    return false;
  finish (content, digest);
  empty_graph (graph->graph);
  return true;
}

/* A graph that is an argument is its hash. */
static bool
hash_inner (Canon *canon, Pt2GraphArgument *argument, CanonGraph *inner)
{
  uint8_t *digest = canon_alloc (canon, 1, PT2_SHA256_LEN);
  canon_graph_init (canon, &argument->graph, NULL, inner);
  if (digest == NULL || !hash_graph ((Content *)canon, inner, digest))
    return false;
  argument->name = (Pt2String){ (const char *)digest, PT2_SHA256_LEN };
  return true;
}

/* ---- the program ---- */

static bool
hash_root (Content *content, Pt2ExportedProgram *exported, uint8_t digest[PT2_SHA256_LEN])
{
  Canon *canon = &content->canon;
  Pt2GraphModule *module = &exported->graph_module;
  CanonRoot root = { &module->module_call_graph, NULL };
  CanonGraph graph;
  if (!canon_sort_tables (canon, exported) || !canon_sort_signature (canon, module, &root))
    return false;
  canon_graph_init (canon, &module->graph, &root, &graph);
  bool fine = hash_graph (content, &graph, digest) && canon_rename_signature (&graph, module)
              && canon_rename_calls (&graph, module);
  canon_graph_clear (&graph);
  return fine;
}

/* Which PyTorch wrote the program, after which minor of the schema, is not what the program is. */
static void
forget_writer (Content *content, Pt2ExportedProgram *exported)
{
  exported->torch_version = (Pt2String){ NULL, 0 };
  exported->schema_version.minor = 0;
  exported->graph_module.metadata.len = 0;
  drop_empty (pt2_schema_find_struct (&pt2_export_schema, "GraphModule"), &exported->graph_module);
  drop_empty (content->canon.draft->document.type, exported);
}

static bool
hash_program (Content *content, Pt2ExportedProgram *exported, uint8_t digest[PT2_SHA256_LEN])
{
  if (!hash_root (content, exported, digest))
    return false;
  forget_writer (content, exported);
  if (!begin (content, "pt2h1 program\n") || !add_bytes (content, digest, PT2_SHA256_LEN)
      || !add_record (content, content->canon.draft->document.type, exported))
    return false;
  finish (content, digest);
  return true;
}

static void
find_types (Content *content)
{
  content->node = pt2_schema_find_struct (&pt2_export_schema, "Node");
  content->graph = pt2_schema_find_struct (&pt2_export_schema, "Graph");
  content->single = pt2_struct_field_by_name (content->graph, "is_single_tensor_return", 23);
  for (int table = 0; table < CANON_N_TABLES; table++)
    content->metas[table] = canon_table_type ((CanonTable)table)->element->record;
}

bool
content_program (Pt2Program *program, const Pt2Limits *limits, uint8_t digest[PT2_SHA256_LEN], GError **error)
{
  g_autoptr (Pt2Draft) draft = pt2_draft_new (program, PT2_DRAFT_NAMES, limits, error);
  if (draft == NULL)
    return false;
  draft->document.compact_flags = 0; /* the bytes are the same whatever the program was read from */
  limits = limits != NULL ? limits : pt2_limits_default ();
  Content content = { .canon = { .draft = draft, .status = PT2_STATUS_INIT } };
  content.canon.training = canon_is_training (draft->exported);
  find_types (&content);
  pt2_arena_init (&content.canon.arena, limits->memory, 0);
  bool begun = pt2_sha256_begin (&content.hash);
  bool fine = begun && hash_program (&content, draft->exported, digest) && !pt2_draft_failed (draft);
  uint8_t rest[PT2_SHA256_LEN];
  if (begun)
    pt2_sha256_end (&content.hash, rest);
  pt2_buffer_clear (&content.bytes);
  pt2_buffer_clear (&content.canon.scratch);
  pt2_arena_clear (&content.canon.arena);
  if (fine)
    return true;
  if (content.canon.status.code == PT2_ERROR_NONE)
    pt2_status_fail (&content.canon.status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  pt2_status_to_error (&content.canon.status, error);
  return false;
}
