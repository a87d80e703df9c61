/* SPDX-License-Identifier: Apache-2.0 */
/* A graph as numbers: for each node what it is without its names, and which names it uses and makes. */
#include "diff_private.h"
#include <string.h>

/* ---- names in a value ---- */

typedef struct
{
  Pt2Diff *diff;
  Pt2DiffNameFunc on_name;
  void *data;
  Pt2Buffer *shape; /* nullable: gets what is no name */
} Walker;

static bool walk (Walker *w, const Pt2TypeInfo *type, const void *value);

static bool
put (Walker *w, const void *data, size_t len)
{
  if (w->shape == NULL)
    return true;
  if (!pt2_buffer_room (w->shape, len + 8))
    return false;
  pt2_buffer_put (w->shape, data, len);
  return true;
}

static bool
put_number (Walker *w, uint32_t number)
{
  return put (w, &number, sizeof number);
}

static bool
put_text (Walker *w, Pt2String text)
{
  return put_number (w, text.len) && put (w, text.data, text.len);
}

static bool
walk_field (Walker *w, const Pt2StructInfo *info, const Pt2FieldInfo *field, const void *record)
{
  const void *value = pt2_field_value (field, record);
  switch (pt2_diff_role (&w->diff->roles, info, (unsigned)(field - info->fields)))
    {
    case PT2_ROLE_VALUE:
      return put_number (w, UINT32_MAX) && (w->on_name == NULL || w->on_name (*(const Pt2String *)value, w->data));
    case PT2_ROLE_PLAIN:
      return put_number (w, (uint32_t)field->id) && walk (w, field->type, value);
    default: /* labels, notes, graphs */
      return true;
    }
}

static bool
walk_record (Walker *w, const Pt2StructInfo *info, const void *record)
{
  if (info == w->diff->roles.device && (w->diff->ignore & PT2_DIFF_IGNORE_DEVICE) != 0)
    return true;
  if (info->is_union)
    {
      uint32_t which = ((const Pt2AnyUnion *)record)->which;
      const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
      return put_number (w, which) && (member == NULL || walk_field (w, info, member, record));
    }
  for (unsigned i = 0; i < info->n_fields; i++)
    if (pt2_field_present (info, &info->fields[i], record) && !walk_field (w, info, &info->fields[i], record))
      return false;
  return true;
}

static bool
walk_items (Walker *w, const Pt2TypeInfo *type, const Pt2AnyList *list)
{
  bool map = type->kind == PT2_KIND_MAP;
  size_t step = map ? type->entry_size : type->element->size, skip = map ? type->key_size : 0;
  const char *item = list->items;
  if (!put_number (w, list->len))
    return false;
  for (uint32_t i = 0; i < list->len; i++, item += step)
    if ((map && !walk (w, type->key, item)) || !walk (w, type->element, item + skip))
      return false;
  return true;
}

/* As deep as the value, which the readers bounded. */
static bool
walk (Walker *w, const Pt2TypeInfo *type, const void *value)
{
  switch (type->kind)
    {
    case PT2_KIND_STRUCT:
    case PT2_KIND_UNION:
      return walk_record (w, type->record, value);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
    case PT2_KIND_MAP:
      return walk_items (w, type, value);
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      return put_text (w, *(const Pt2String *)value);
    default:
      return put (w, value, type->size);
    }
}

bool
pt2_diff_foreach_name (Pt2Diff *diff, const Pt2TypeInfo *type, const void *value, Pt2DiffNameFunc func, void *data)
{
  Walker walker = { diff, func, data, NULL };
  return walk (&walker, type, value);
}

/* ---- a side ---- */

typedef struct
{
  Pt2TextIds *ids;
  uint32_t *numbers;
  size_t n, room;
} Names;

static bool
add_name (Pt2String name, void *data)
{
  Names *names = data;
  if (names->n == names->room)
    {
      size_t room = names->room < 256 ? 256 : names->room * 2;
      uint32_t *grown = room < UINT32_MAX ? g_try_renew (uint32_t, names->numbers, room) : NULL;
      if (grown == NULL)
        return false;
      names->numbers = grown;
      names->room = room;
    }
  uint32_t number = pt2_text_ids_add (names->ids, name);
  names->numbers[names->n++] = number;
  return number != PT2_TEXT_ID_NONE;
}

/* A copy in ARENA, so that what grew can be freed. */
static bool
settle (Names *names, uint32_t **out, Pt2Arena *arena)
{
  *out = pt2_arena_alloc (arena, (names->n + 1) * sizeof **out);
  if (*out != NULL && names->n > 0)
    memcpy (*out, names->numbers, names->n * sizeof **out);
  g_free (names->numbers);
  return *out != NULL;
}

typedef struct
{
  Pt2DiffSide *side;
  Pt2TextIds *shapes;
  Pt2Buffer text;
  Names uses, makes;
  const Pt2TypeInfo *node, *inputs, *outputs;
} Filler;

static bool
fill_node (Pt2Diff *diff, Filler *f, uint32_t i)
{
  const Pt2Node *node = &f->side->graph->nodes.items[i];
  Walker walker = { diff, add_name, &f->uses, &f->text };
  f->side->use_start[i] = (uint32_t)f->uses.n;
  f->side->make_start[i] = (uint32_t)f->makes.n;
  f->side->partner[i] = PT2_UNPAIRED;
  f->side->target[i] = pt2_text_ids_add (f->shapes, node->target);
  f->text.next = f->text.data;
  if (f->side->target[i] == PT2_TEXT_ID_NONE || !put_number (&walker, f->side->target[i])
      || !walk (&walker, f->inputs, &node->inputs))
    return false;
  walker.data = &f->makes;
  if (!walk (&walker, f->outputs, &node->outputs))
    return false;
  f->side->shape[i] = pt2_text_ids_add (f->shapes, (Pt2String){ f->text.data, (uint32_t)pt2_buffer_len (&f->text) });
  return f->side->shape[i] != PT2_TEXT_ID_NONE;
}

/* The names of the graph's outputs, and those of its inputs among the numbers. */
static bool
fill_ends (Pt2Diff *diff, Filler *f)
{
  const Pt2Graph *graph = f->side->graph;
  Names inputs = { .ids = f->uses.ids };
  f->side->use_start[f->side->n] = (uint32_t)f->uses.n;
  f->side->make_start[f->side->n] = (uint32_t)f->makes.n;
  f->side->shape[f->side->n] = f->side->target[f->side->n] = 0;
  f->side->partner[f->side->n] = PT2_UNPAIRED;
  bool fine = pt2_diff_foreach_name (diff, f->outputs, &graph->outputs, add_name, &f->uses)
              && pt2_diff_foreach_name (diff, f->outputs, &graph->inputs, add_name, &inputs);
  f->side->use_start[f->side->n + 1] = (uint32_t)f->uses.n;
  f->side->make_start[f->side->n + 1] = (uint32_t)f->makes.n;
  g_free (inputs.numbers);
  return fine;
}

static const Pt2TypeInfo *
field_type (const char *record, const char *field)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, record);
  return pt2_struct_field_by_name (info, field, strlen (field))->type;
}

static bool
new_arrays (Pt2DiffSide *side, Pt2Arena *arena)
{
  uint32_t **arrays[] = { &side->shape, &side->target, &side->use_start, &side->make_start, &side->partner };
  for (size_t i = 0; i < G_N_ELEMENTS (arrays); i++)
    if ((*arrays[i] = pt2_arena_alloc (arena, ((size_t)side->n + 2) * sizeof (uint32_t))) == NULL)
      return false;
  return true;
}

bool
pt2_diff_side_init (Pt2Diff *diff, Pt2DiffSide *side, const Pt2Graph *graph, Pt2DiffNames *names, Pt2TextIds *shapes,
                    Pt2Arena *arena)
{
  *side = (Pt2DiffSide){ .graph = graph, .n = graph->nodes.len };
  Filler filler = { .side = side,
                    .shapes = shapes,
                    .text = PT2_BUFFER_INIT,
                    .uses = { .ids = &names->ids },
                    .makes = { .ids = &names->ids },
                    .inputs = field_type ("Node", "inputs"),
                    .outputs = field_type ("Node", "outputs") };
  bool fine = new_arrays (side, arena);
  for (uint32_t i = 0; i < side->n && fine; i++)
    fine = fill_node (diff, &filler, i);
  fine = fine && fill_ends (diff, &filler);
  pt2_buffer_clear (&filler.text);
  fine = settle (&filler.uses, &side->uses, arena) && fine;
  fine = settle (&filler.makes, &side->makes, arena) && fine;
  return fine || pt2_diff_no_memory (diff);
}

/* ---- who makes what ---- */

typedef struct
{
  const Pt2DiffNames *names;
  Pt2DiffSide *side;
} Marker;

static bool
mark_input (Pt2String name, void *data)
{
  Marker *marker = data;
  uint32_t number = pt2_text_ids_find (&marker->names->ids, name);
  if (number < marker->names->n)
    marker->side->maker[number] = marker->side->n;
  return true;
}

static bool
mark_makers (Pt2Diff *diff, Pt2DiffSide *side, const Pt2DiffNames *names, Pt2Arena *arena)
{
  Marker marker = { names, side };
  side->maker = pt2_arena_alloc (arena, ((size_t)names->n + 1) * sizeof (uint32_t));
  if (side->maker == NULL)
    return false;
  memset (side->maker, 0xff, names->n * sizeof (uint32_t));
  for (uint32_t i = side->n; i-- > 0;)
    for (uint32_t k = side->make_start[i]; k < side->make_start[i + 1]; k++)
      side->maker[side->makes[k]] = i;
  return pt2_diff_foreach_name (diff, field_type ("Graph", "inputs"), &side->graph->inputs, mark_input, &marker);
}

bool
pt2_diff_sides_ready (Pt2Diff *diff, Pt2DiffSide sides[2], Pt2DiffNames *names, Pt2Arena *arena)
{
  size_t size = ((size_t)names->ids.n + 1) * sizeof (uint32_t);
  names->n = names->ids.n;
  names->new_of = pt2_arena_alloc (arena, size);
  names->old_of = pt2_arena_alloc (arena, size);
  if (names->new_of == NULL || names->old_of == NULL || !mark_makers (diff, &sides[0], names, arena)
      || !mark_makers (diff, &sides[1], names, arena))
    return pt2_diff_no_memory (diff);
  memset (names->new_of, 0xff, size);
  memset (names->old_of, 0xff, size);
  return true;
}
