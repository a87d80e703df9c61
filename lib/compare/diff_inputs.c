/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs and outputs of two graphs: which belong together, and what differs between those that do. */
#include "diff_private.h"
#include <string.h>

/* ---- what an input is known by ---- */

static bool
first_name (Pt2String name, void *data)
{
  Pt2String *found = data;
  if (found->data == NULL)
    *found = name;
  return true;
}

static Pt2String
name_of (Pt2Diff *diff, const Pt2TypeInfo *type, const void *value)
{
  Pt2String found = { NULL, 0 };
  pt2_diff_foreach_name (diff, type, value, first_name, &found);
  return found;
}

static const Pt2TypeInfo *
list_type (const char *record, const char *field)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, record);
  return pt2_struct_field_by_name (info, field, strlen (field))->type;
}

/* The parameter, buffer, … that a spec means; {NULL, 0} if it means none. */
static Pt2String
target_of (const Pt2StructInfo *specs, const void *spec, const Pt2SpecKind *(*find_kind) (const char *, size_t))
{
  uint32_t which = ((const Pt2AnyUnion *)spec)->which;
  const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (specs, (int)which) : NULL;
  const Pt2SpecKind *kind = member != NULL ? find_kind (member->name, member->name_len) : NULL;
  if (kind == NULL || kind->target == NULL || member->type->kind != PT2_KIND_STRUCT)
    return (Pt2String){ NULL, 0 };
  const Pt2StructInfo *info = member->type->record;
  const void *record = pt2_field_value (member, spec);
  const Pt2FieldInfo *target = pt2_struct_field_by_name (info, kind->target, strlen (kind->target));
  if (target == NULL || target->type->kind != PT2_KIND_STRING || !pt2_field_present (info, target, record))
    return (Pt2String){ NULL, 0 };
  return *(const Pt2String *)pt2_field_value (target, record);
}

/* ---- pairing ---- */

/* One list of inputs or outputs, with what the signature says of each. */
typedef struct
{
  const Pt2AnyList *values; /* of Argument */
  const Pt2AnyList *specs;  /* NULL below the root */
} Ports;

typedef struct
{
  const Pt2TypeInfo *values, *specs;
  const Pt2SpecKind *(*find_kind) (const char *, size_t);
} PortTypes;

static const void *
port_value (const PortTypes *types, const Ports *ports, uint32_t i)
{
  return (const char *)ports->values->items + (size_t)i * types->values->element->size;
}

static const void *
port_spec (const PortTypes *types, const Ports *ports, uint32_t i)
{
  if (ports->specs == NULL || i >= ports->specs->len)
    return NULL;
  return (const char *)ports->specs->items + (size_t)i * types->specs->element->size;
}

static uint32_t
port_which (const PortTypes *types, const Ports *ports, uint32_t i)
{
  const void *spec = port_spec (types, ports, i);
  return spec != NULL ? ((const Pt2AnyUnion *)spec)->which : 0;
}

static Pt2String
port_target (const PortTypes *types, const Ports *ports, uint32_t i)
{
  const void *spec = port_spec (types, ports, i);
  return spec != NULL ? target_of (types->specs->element->record, spec, types->find_kind) : (Pt2String){ NULL, 0 };
}

/* What the new graph calls the value that NAME is in the old one. */
static Pt2String
new_name (const Pt2DiffNames *names, Pt2String name)
{
  uint32_t number = names != NULL && name.data != NULL ? pt2_text_ids_find (&names->ids, name) : PT2_TEXT_ID_NONE;
  if (number == PT2_TEXT_ID_NONE || number >= names->n || names->new_of[number] == PT2_TEXT_ID_NONE)
    return name;
  return names->ids.texts[names->new_of[number]];
}

/* Kind and target, or kind and name, which NAMES (nullable) translates. */
static uint32_t
port_key (Pt2Diff *diff, const PortTypes *types, const Ports *ports, uint32_t i, const Pt2DiffNames *names,
          Pt2TextIds *ids, Pt2Buffer *text)
{
  const void *spec = port_spec (types, ports, i);
  uint32_t which = port_which (types, ports, i);
  Pt2String key = port_target (types, ports, i);
  if (key.data == NULL && spec != NULL)
    key = new_name (names, name_of (diff, types->specs->element, spec));
  if (key.data == NULL)
    key = new_name (names, name_of (diff, types->values->element, port_value (types, ports, i)));
  text->next = text->data;
  if (!pt2_buffer_room (text, (size_t)key.len + 8))
    return PT2_TEXT_ID_NONE;
  pt2_buffer_put (text, &which, sizeof which);
  if (key.len > 0)
    pt2_buffer_put (text, key.data, key.len);
  return pt2_text_ids_add (ids, (Pt2String){ text->data, (uint32_t)pt2_buffer_len (text) });
}

static bool
number_ports (Pt2Diff *diff, const PortTypes *types, const Ports *ports, const Pt2DiffNames *names, Pt2TextIds *ids,
              Pt2Arena *arena, uint32_t **keys, uint32_t **partner)
{
  uint32_t n = ports->values->len;
  Pt2Buffer text = PT2_BUFFER_INIT;
  *keys = pt2_arena_alloc (arena, ((size_t)n + 1) * sizeof **keys);
  *partner = pt2_arena_alloc (arena, ((size_t)n + 1) * sizeof **partner);
  bool fine = *keys != NULL && *partner != NULL;
  for (uint32_t i = 0; i < n && fine; i++)
    {
      (*keys)[i] = port_key (diff, types, ports, i, names, ids, &text);
      fine = (*keys)[i] != PT2_TEXT_ID_NONE;
    }
  pt2_buffer_clear (&text);
  return fine || pt2_diff_no_memory (diff);
}

/* What is left over, by kind and place: if both lists have as many of a kind left. */
static void
pair_rest (const PortTypes *types, const Ports ports[2], uint32_t *partner[2])
{
  const Pt2StructInfo *specs = types->specs->element->record;
  for (unsigned kind = 0; kind <= specs->n_fields; kind++)
    {
      uint32_t which = kind < specs->n_fields ? (uint32_t)specs->fields[kind].id : 0, left[2] = { 0, 0 };
      for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; i < ports[side].values->len; i++)
          left[side] += partner[side][i] == PT2_UNPAIRED && port_which (types, &ports[side], i) == which;
      if (left[0] != left[1])
        continue;
      for (uint32_t i = 0, j = 0; i < ports[0].values->len && left[0] > 0; i++)
        {
          if (partner[0][i] != PT2_UNPAIRED || port_which (types, &ports[0], i) != which)
            continue;
          while (partner[1][j] != PT2_UNPAIRED || port_which (types, &ports[1], j) != which)
            j++;
          partner[0][i] = j;
          partner[1][j] = i;
          left[0]--;
        }
    }
}

static PortTypes
input_types (void)
{
  return (PortTypes){ list_type ("Graph", "inputs"), list_type ("GraphSignature", "input_specs"), pt2_input_kind };
}

static PortTypes
output_types (void)
{
  return (PortTypes){ list_type ("Graph", "outputs"), list_type ("GraphSignature", "output_specs"), pt2_output_kind };
}

static const Pt2GraphSignature *
signature_of (Pt2Program *program)
{
  return &((const Pt2ExportedProgram *)program->document.root)->graph_module.signature;
}

static void
get_ports (Pt2Diff *diff, const Pt2DiffSide sides[2], bool root, bool inputs, Ports ports[2])
{
  for (int side = 0; side < 2; side++)
    {
      const Pt2GraphSignature *signature = signature_of (side == 0 ? diff->old : diff->new);
      const Pt2Graph *graph = sides[side].graph;
      ports[side].values = inputs ? (const Pt2AnyList *)(const void *)&graph->inputs
                                  : (const Pt2AnyList *)(const void *)&graph->outputs;
      ports[side].specs = !root    ? NULL
                          : inputs ? (const Pt2AnyList *)(const void *)&signature->input_specs
                                   : (const Pt2AnyList *)(const void *)&signature->output_specs;
    }
}

/* Pairs the names in two values one by one, as far as both have some. */
static void
pair_names (Pt2Diff *diff, Pt2DiffNames *names, const Pt2TypeInfo *type, const void *old, const void *new)
{
  Pt2String a = name_of (diff, type, old), b = name_of (diff, type, new);
  if (a.data != NULL && b.data != NULL)
    pt2_diff_names_pair (names, pt2_text_ids_find (&names->ids, a), pt2_text_ids_find (&names->ids, b));
}

/* Pairs by key, then by kind and place. NAMES (nullable): translates old names. */
static bool
pair_ports (Pt2Diff *diff, const PortTypes *types, const Ports ports[2], const Pt2DiffNames *names, Pt2Arena *arena,
            uint32_t *partner[2])
{
  Pt2TextIds ids;
  Pt2Align align;
  Pt2KeyedLists lists = { .n = { ports[0].values->len, ports[1].values->len } };
  pt2_text_ids_init (&ids, arena);
  bool fine = number_ports (diff, types, &ports[0], names, &ids, arena, &lists.keys[0], &lists.partner[0])
              && number_ports (diff, types, &ports[1], NULL, &ids, arena, &lists.keys[1], &lists.partner[1])
              && pt2_align_keys (&align, &lists, ids.n, arena);
  pt2_text_ids_clear (&ids);
  if (!fine)
    return pt2_diff_no_memory (diff);
  memcpy (partner, lists.partner, sizeof lists.partner);
  pair_rest (types, ports, partner);
  return true;
}

bool
pt2_diff_match_inputs (Pt2Diff *diff, Pt2DiffSide sides[2], bool root, Pt2DiffNames *names, Pt2Arena *arena,
                       uint32_t *partner[2])
{
  const PortTypes types = input_types ();
  Ports ports[2];
  get_ports (diff, sides, root, true, ports);
  if (!pair_ports (diff, &types, ports, NULL, arena, partner))
    return false;
  for (uint32_t i = 0; i < ports[0].values->len; i++)
    if (partner[0][i] != PT2_UNPAIRED)
      pair_names (diff, names, types.values->element, port_value (&types, &ports[0], i),
                  port_value (&types, &ports[1], partner[0][i]));
  return true;
}

/* ---- comparing ---- */

static const Pt2DiffPath *
graph_module_path (void)
{
  static const Pt2DiffPath path = { .field = "graph_module" };
  return &path;
}

typedef struct
{
  Pt2Diff *diff;
  const PortTypes *types;
  const Ports *ports;
  const char *values_field, *specs_field;
  bool root;
} Comparison;

/* Puts the place outside of graphs while specs are at hand. */
static Pt2DiffPlace
leave_graph (Pt2Diff *diff)
{
  Pt2DiffPlace place = diff->place;
  diff->place.old_prefix = diff->place.new_prefix = "";
  return place;
}

static void
add_port (const Comparison *c, Pt2DiffKind kind, uint32_t i, uint32_t j)
{
  bool old = i != UINT32_MAX;
  const Ports *ports = &c->ports[old ? 0 : 1];
  const void *spec = port_spec (c->types, ports, old ? i : j);
  const Pt2TypeInfo *type = spec != NULL ? c->types->specs->element : c->types->values->element;
  const void *value = spec != NULL ? spec : port_value (c->types, ports, old ? i : j);
  const Pt2DiffPath signature = { .up = graph_module_path (), .field = "signature" };
  const Pt2DiffPath list
      = { .up = spec != NULL ? &signature : NULL, .field = spec != NULL ? c->specs_field : c->values_field };
  const Pt2DiffPath path = { .up = &list, .old_index = i, .new_index = j };
  Pt2DiffPlace place = c->diff->place;
  if (spec != NULL)
    leave_graph (c->diff);
  pt2_diff_add (c->diff, kind, &path, type, old ? value : NULL, old ? NULL : value);
  c->diff->place = place;
}

static void
compare_specs (const Comparison *c, uint32_t i, uint32_t j)
{
  const void *old = port_spec (c->types, &c->ports[0], i), *new = port_spec (c->types, &c->ports[1], j);
  const Pt2TypeInfo *type = c->types->specs->element;
  const Pt2DiffPath signature = { .up = graph_module_path (), .field = "signature" };
  const Pt2DiffPath list = { .up = &signature, .field = c->specs_field };
  const Pt2DiffPath path = { .up = &list, .old_index = i, .new_index = j };
  Pt2DiffPlace place = leave_graph (c->diff);
  if (old != NULL && new != NULL)
    pt2_diff_compare (c->diff, type, old, new, &path);
  else if (old != new)
    pt2_diff_add (c->diff, old != NULL ? PT2_DIFF_REMOVED : PT2_DIFF_ADDED, &path, type, old, new);
  c->diff->place = place;
}

static void
report_name (const Comparison *c, const Pt2DiffPath *path, const void *old, const void *new)
{
  const Pt2TypeInfo *type = c->types->values->element;
  Pt2String a = name_of (c->diff, type, old), b = name_of (c->diff, type, new);
  if (a.data == NULL || b.data == NULL || (c->diff->ignore & PT2_DIFF_IGNORE_NAMES) != 0
      || (a.len == b.len && memcmp (a.data, b.data, a.len) == 0))
    return;
  Pt2String was = pt2_diff_quote (c->diff, a);
  pt2_diff_add_texts (c->diff, PT2_DIFF_RENAMED, path, was, pt2_diff_quote (c->diff, b));
}

/* A pair. What the graph and the signature say alike is told once. */
static void
compare_ports (const Comparison *c, uint32_t i, uint32_t j, bool moved)
{
  const Pt2TypeInfo *type = c->types->values->element;
  const void *old = port_value (c->types, &c->ports[0], i), *new = port_value (c->types, &c->ports[1], j);
  const Pt2DiffPath list = { .field = c->values_field };
  const Pt2DiffPath path = { .up = &list, .old_index = i, .new_index = j };
  if (moved)
    pt2_diff_add (c->diff, PT2_DIFF_MOVED, &path, type, old, new);
  if (c->types->find_kind == pt2_input_kind)
    report_name (c, &path, old, new);
  guint own = c->diff->n_changes;
  pt2_diff_compare (c->diff, type, old, new, &path);
  if (c->root && c->diff->n_changes == own)
    compare_specs (c, i, j);
}

/* Specs behind the last value, in a program whose lists have different lengths. */
static void
compare_more_specs (const Comparison *c)
{
  uint32_t begin = MAX (c->ports[0].values->len, c->ports[1].values->len);
  uint32_t end = MAX (c->ports[0].specs->len, c->ports[1].specs->len);
  for (uint32_t i = begin; i < end && !c->diff->failed; i++)
    compare_specs (c, i, i);
}

static void
compare_lists (const Comparison *c, uint32_t *partner[2], const bool *moved)
{
  for (uint32_t i = 0; i < c->ports[0].values->len && !c->diff->failed; i++)
    if (partner[0][i] == PT2_UNPAIRED)
      add_port (c, PT2_DIFF_REMOVED, i, UINT32_MAX);
    else
      compare_ports (c, i, partner[0][i], moved[i]);
  for (uint32_t j = 0; j < c->ports[1].values->len && !c->diff->failed; j++)
    if (partner[1][j] == PT2_UNPAIRED)
      add_port (c, PT2_DIFF_ADDED, UINT32_MAX, j);
  if (c->root)
    compare_more_specs (c);
}

/* Which of the old list stand elsewhere in the new one. What the caller passes or gets has its place; what is known by
 * its target has one unless order does not count. NULL: no memory. */
static bool *
find_moved (const Comparison *c, uint32_t *partner[2], Pt2Arena *arena)
{
  Pt2Align align;
  uint32_t n = c->ports[0].values->len;
  bool *moved = pt2_arena_alloc (arena, (size_t)n + 1);
  uint32_t *order = pt2_arena_alloc (arena, ((size_t)n + 1) * sizeof *order);
  if (moved == NULL || order == NULL || !pt2_align_init (&align, arena, 0, n))
    {
      pt2_diff_no_memory (c->diff);
      return NULL;
    }
  bool all = (c->diff->ignore & PT2_DIFF_IGNORE_ORDER) == 0;
  for (uint32_t i = 0; i < n; i++)
    order[i] = all || port_target (c->types, &c->ports[0], i).data == NULL ? partner[0][i] : PT2_UNPAIRED;
  pt2_align_longest_run (&align, order, n, moved);
  for (uint32_t i = 0; i < n; i++)
    moved[i] = !moved[i] && order[i] != PT2_UNPAIRED;
  return moved;
}

void
pt2_diff_compare_inputs (Pt2Diff *diff, Pt2DiffSide sides[2], bool root, Pt2Arena *arena, uint32_t *partner[2])
{
  const PortTypes types = input_types ();
  Ports ports[2];
  const Comparison c = { diff, &types, ports, "inputs", "input_specs", root };
  get_ports (diff, sides, root, true, ports);
  bool *moved = find_moved (&c, partner, arena);
  diff->place.part = PT2_DIFF_INPUT;
  if (moved != NULL)
    compare_lists (&c, partner, moved);
}

void
pt2_diff_compare_outputs (Pt2Diff *diff, Pt2DiffSide sides[2], bool root, const Pt2DiffNames *names, Pt2Arena *arena)
{
  const PortTypes types = output_types ();
  Ports ports[2];
  uint32_t *partner[2];
  const Comparison c = { diff, &types, ports, "outputs", "output_specs", root };
  get_ports (diff, sides, root, false, ports);
  bool *moved = pair_ports (diff, &types, ports, names, arena, partner) ? find_moved (&c, partner, arena) : NULL;
  diff->place.part = PT2_DIFF_OUTPUT;
  if (moved != NULL)
    compare_lists (&c, partner, moved);
}
