/* SPDX-License-Identifier: Apache-2.0 */
/* Programs without structs here (schema majors 1 to 7, or two of different majors) as JSON trees: members by key, items
 * by the name that they hold first, where lists have different lengths or names. Names are texts here. */
#include "diff_private.h"
#include "json_tree.h"
#include <string.h>

enum
{
  MOST_LEVELS = 8, /* that the name of an item is looked for in */
  MOST_MEMBERS = 64,
};

static bool
same_text (Pt2String a, Pt2String b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

/* ---- what members mean ---- */

static const struct
{
  const char *name;
  Pt2DiffPart part;
  bool is_map;
} members[] = {
  { "nodes", PT2_DIFF_NODE, false },
  { "tensor_values", PT2_DIFF_VALUE, true },
  { "tensor_meta", PT2_DIFF_VALUE, true },
  { "sym_int_values", PT2_DIFF_VALUE, true },
  { "sym_bool_values", PT2_DIFF_VALUE, true },
  { "sym_float_values", PT2_DIFF_VALUE, true },
  { "custom_obj_values", PT2_DIFF_VALUE, true },
  { "script_object_metas", PT2_DIFF_VALUE, true },
  { "inputs", PT2_DIFF_INPUT, false },
  { "input_specs", PT2_DIFF_INPUT, false },
  { "outputs", PT2_DIFF_OUTPUT, false },
  { "output_specs", PT2_DIFF_OUTPUT, false },
  { "range_constraints", PT2_DIFF_RANGE, true },
  { "guards_code", PT2_DIFF_GUARD, false },
  { "module_call_graph", PT2_DIFF_MODULE, false },
  { "call_spec", PT2_DIFF_MODULE, false },
  { "metadata", PT2_DIFF_METADATA, true },
  { "opset_version", PT2_DIFF_VERSION, true },
  { "schema_version", PT2_DIFF_VERSION, false },
  { "torch_version", PT2_DIFF_VERSION, false },
  { "verifiers", PT2_DIFF_VERSION, false },
  { "dialect", PT2_DIFF_VERSION, false },
};

static size_t
find_member (const char *name)
{
  size_t i = 0;
  while (i < G_N_ELEMENTS (members) && (name == NULL || strcmp (members[i].name, name) != 0))
    i++;
  return i;
}

static bool
is_map (const Pt2DiffPath *path)
{
  size_t i = find_member (path != NULL ? path->field : NULL);
  return i < G_N_ELEMENTS (members) && members[i].is_map;
}

static Pt2DiffPart
part_below (Pt2DiffPart part, const char *name)
{
  size_t i = find_member (name);
  if (i == G_N_ELEMENTS (members) || (part != PT2_DIFF_OTHER && members[i].part != PT2_DIFF_METADATA))
    return part;
  return members[i].part;
}

/* Does a member not count? */
static bool
is_ignored (const Pt2Diff *diff, const Pt2DiffPath *path, Pt2String key)
{
  bool note = diff->place.part == PT2_DIFF_METADATA && is_map (path) && diff->place.old_node >= 0;
  if ((diff->ignore & PT2_DIFF_IGNORE_DEBUG) != 0 && note)
    return !same_text (key, (Pt2String){ "custom", 6 });
  return (diff->ignore & PT2_DIFF_IGNORE_DEVICE) != 0 && !is_map (path)
         && (same_text (key, (Pt2String){ "device", 6 }) || same_text (key, (Pt2String){ "as_device", 9 }));
}

/* ---- what an item is known by ---- */

/* The first item or member that is not null: major 1 writes every member of a union. */
static const Pt2JsonNode *
first_item (const Pt2JsonNode *node)
{
  uint32_t i = 0, n = MIN (pt2_json_length (node), MOST_MEMBERS);
  while (i < n && pt2_json_item (node, i)->kind == PT2_JSON_NULL)
    i++;
  return pt2_json_item (node, i);
}

static Pt2String
first_text (const Pt2JsonNode *node)
{
  for (int levels = 0; node != NULL && levels < MOST_LEVELS; levels++)
    {
      if (node->kind == PT2_JSON_STRING)
        return node->text;
      node = first_item (node);
    }
  return (Pt2String){ NULL, 0 };
}

static Pt2String
key_of (const Pt2JsonNode *item)
{
  static const char *const names[] = { "name", "fqn", "outputs" };
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Pt2String text = first_text (pt2_json_get (item, names[i]));
      if (text.data != NULL && text.len > 0)
        return text;
    }
  Pt2String text = first_text (item);
  return text.data != NULL ? text : item->raw;
}

/* ---- comparing ---- */

static void compare (Pt2Diff *diff, const Pt2JsonNode *old, const Pt2JsonNode *new, const Pt2DiffPath *path);

static void
add (Pt2Diff *diff, Pt2DiffKind kind, const Pt2DiffPath *path, const Pt2JsonNode *old, const Pt2JsonNode *new)
{
  Pt2String texts[2] = { { NULL, 0 }, { NULL, 0 } };
  const Pt2JsonNode *nodes[2] = { old, new };
  for (int side = 0; side < 2; side++)
    {
      if (nodes[side] == NULL)
        continue;
      Pt2String raw = nodes[side]->raw;
      char *copy = pt2_diff_alloc (diff, (size_t)raw.len + 1);
      if (copy == NULL)
        return;
      memcpy (copy, raw.data, raw.len);
      copy[raw.len] = '\0';
      texts[side] = (Pt2String){ copy, raw.len };
    }
  pt2_diff_add_texts (diff, kind, path, texts[0], texts[1]);
}

/* The step to a member: a field, or an entry of a map. */
static Pt2DiffPath
member_step (Pt2Diff *diff, Pt2String key, const Pt2DiffPath *path)
{
  if (is_map (path))
    return (Pt2DiffPath){ .up = path, .old_key = key, .new_key = key };
  char *field = pt2_diff_alloc (diff, (size_t)key.len + 1);
  if (field == NULL)
    return (Pt2DiffPath){ .up = path, .old_key = key, .new_key = key };
  memcpy (field, key.data, key.len);
  field[key.len] = '\0';
  return (Pt2DiffPath){ .up = path, .field = field };
}

/* A member of one or both objects; NULL where it is missing. */
static void
compare_member (Pt2Diff *diff, Pt2String key, const Pt2JsonNode *old, const Pt2JsonNode *new, const Pt2DiffPath *path)
{
  if (is_ignored (diff, path, key))
    return;
  const Pt2DiffPath step = member_step (diff, key, path);
  Pt2DiffPart part = diff->place.part;
  diff->place.part = part_below (part, step.field);
  if (old != NULL && new != NULL)
    compare (diff, old, new, &step);
  else
    add (diff, old == NULL ? PT2_DIFF_ADDED : PT2_DIFF_REMOVED, &step, old, new);
  diff->place.part = part;
}

static void
compare_objects (Pt2Diff *diff, const Pt2JsonNode *old, const Pt2JsonNode *new, const Pt2DiffPath *path)
{
  for (uint32_t i = 0; i < old->len && !diff->failed; i++)
    {
      Pt2String key = pt2_json_key (old, i);
      bool same_place = i < new->len &&same_text (pt2_json_key (new, i), key);
      const Pt2JsonNode *other = same_place ? pt2_json_item (new, i) : pt2_json_get_len (new, key.data, key.len);
      compare_member (diff, key, pt2_json_item (old, i), other, path);
    }
  for (uint32_t j = 0; j < new->len && !diff->failed; j++)
    {
      Pt2String key = pt2_json_key (new, j);
      if ((j >= old->len || !same_text (pt2_json_key (old, j), key))
          && pt2_json_get_len (old, key.data, key.len) == NULL)
        compare_member (diff, key, NULL, pt2_json_item (new, j), path);
    }
}

/* An item of one or both lists; NULL where it is missing. */
static void
compare_item (Pt2Diff *diff, const Pt2DiffPath *step, const Pt2JsonNode *old, const Pt2JsonNode *new, bool moved)
{
  bool node = diff->place.part == PT2_DIFF_NODE && diff->place.old_node < 0 && diff->place.new_node < 0;
  if (node)
    {
      diff->place.old_node = old != NULL ? (gint64)step->old_index : -1;
      diff->place.new_node = new != NULL ? (gint64)step->new_index : -1;
    }
  if (moved && (diff->ignore & PT2_DIFF_IGNORE_ORDER) == 0)
    add (diff, PT2_DIFF_MOVED, step, old, new);
  if (old != NULL && new != NULL)
    compare (diff, old, new, step);
  else
    add (diff, old == NULL ? PT2_DIFF_ADDED : PT2_DIFF_REMOVED, step, old, new);
  if (node)
    diff->place.old_node = diff->place.new_node = -1;
}

static bool
number_items (const Pt2JsonNode *nodes[2], Pt2KeyedLists *lists, Pt2Arena *arena, Pt2TextIds *ids)
{
  for (int side = 0; side < 2; side++)
    {
      uint32_t n = lists->n[side] = nodes[side]->len;
      lists->keys[side] = pt2_arena_alloc (arena, ((size_t)n + 1) * sizeof (uint32_t));
      lists->partner[side] = pt2_arena_alloc (arena, ((size_t)n + 1) * sizeof (uint32_t));
      if (lists->keys[side] == NULL || lists->partner[side] == NULL)
        return false;
      for (uint32_t i = 0; i < n; i++)
        {
          lists->keys[side][i] = pt2_text_ids_add (ids, key_of (pt2_json_item (nodes[side], i)));
          if (lists->keys[side][i] == PT2_TEXT_ID_NONE)
            return false;
        }
    }
  return true;
}

static void
compare_paired (Pt2Diff *diff, const Pt2JsonNode *nodes[2], const Pt2KeyedLists *lists, const bool *in_order,
                const Pt2DiffPath *path)
{
  for (uint32_t i = 0; i < lists->n[0] && !diff->failed; i++)
    {
      uint32_t j = lists->partner[0][i];
      const Pt2DiffPath step = { .up = path, .old_index = i, .new_index = j };
      compare_item (diff, &step, pt2_json_item (nodes[0], i), j != PT2_UNPAIRED ? pt2_json_item (nodes[1], j) : NULL,
                    j != PT2_UNPAIRED && !in_order[i]);
    }
  for (uint32_t j = 0; j < lists->n[1] && !diff->failed; j++)
    {
      const Pt2DiffPath step = { .up = path, .old_index = UINT32_MAX, .new_index = j };
      if (lists->partner[1][j] == PT2_UNPAIRED)
        compare_item (diff, &step, NULL, pt2_json_item (nodes[1], j), false);
    }
}

static void
compare_arrays (Pt2Diff *diff, const Pt2JsonNode *old, const Pt2JsonNode *new, const Pt2DiffPath *path)
{
  Pt2Arena arena;
  Pt2TextIds ids;
  Pt2Align align;
  Pt2KeyedLists lists;
  const Pt2JsonNode *nodes[2] = { old, new };
  bool *in_order = NULL;
  pt2_arena_init (&arena, diff->limits.memory, 0);
  pt2_text_ids_init (&ids, NULL);
  if (number_items (nodes, &lists, &arena, &ids) && pt2_align_keys (&align, &lists, ids.n, &arena))
    in_order = pt2_arena_alloc (&arena, (size_t)old->len + 1);
  if (in_order != NULL)
    {
      pt2_align_longest_run (&align, lists.partner[0], old->len, in_order);
      compare_paired (diff, nodes, &lists, in_order, path);
    }
  else
    pt2_diff_no_memory (diff);
  pt2_text_ids_clear (&ids);
  pt2_diff_drop (diff, &arena);
}

static bool
are_plain (const Pt2JsonNode *list)
{
  return list->len == 0 || list->items[0].kind < PT2_JSON_ARRAY;
}

/* As deep as the trees, which their reader bounded. */
static void
compare (Pt2Diff *diff, const Pt2JsonNode *old, const Pt2JsonNode *new, const Pt2DiffPath *path)
{
  if (diff->failed || same_text (old->raw, new->raw))
    return;
  if (old->kind == PT2_JSON_OBJECT && new->kind == PT2_JSON_OBJECT)
    compare_objects (diff, old, new, path);
  else if (old->kind == PT2_JSON_ARRAY && new->kind == PT2_JSON_ARRAY && !(are_plain (old) && are_plain (new)))
    compare_arrays (diff, old, new, path);
  else if (old->kind != PT2_JSON_STRING || new->kind != PT2_JSON_STRING || !same_text (old->text, new->text))
    add (diff, PT2_DIFF_CHANGED, path, old, new);
}

/* ---- trees ---- */

typedef struct
{
  Pt2Arena arena;
  GBytes *bytes;
} Made;

/* The tree of a program; made from its text if it has structs. */
static const Pt2JsonNode *
tree_of (Pt2Diff *diff, Pt2Program *program, Made *made)
{
  Pt2Status status = PT2_STATUS_INIT;
  gsize len;
  if (program->tree != NULL)
    return program->tree;
  made->bytes = pt2_program_save (program, PT2_FORM_JSON, &diff->error);
  if (made->bytes == NULL)
    return NULL;
  const char *text = g_bytes_get_data (made->bytes, &len);
  const Pt2JsonNode *tree = pt2_json_tree_read (&made->arena, text, len, &diff->limits, &status);
  if (tree == NULL)
    pt2_status_to_error (&status, &diff->error);
  return tree;
}

void
pt2_diff_trees (Pt2Diff *diff)
{
  Made made[2] = { { .bytes = NULL }, { .bytes = NULL } };
  pt2_arena_init (&made[0].arena, diff->limits.memory, 0);
  pt2_arena_init (&made[1].arena, diff->limits.memory, 0);
  const Pt2JsonNode *old = tree_of (diff, diff->old, &made[0]);
  const Pt2JsonNode *new = old != NULL ? tree_of (diff, diff->new, &made[1]) : NULL;
  diff->place = (Pt2DiffPlace){ "", "", NULL, G_MAXUINT, -1, -1, PT2_DIFF_OTHER };
  if (new != NULL)
    compare (diff, old, new, NULL);
  for (int side = 0; side < 2; side++)
    {
      pt2_diff_drop (diff, &made[side].arena);
      if (made[side].bytes != NULL)
        g_bytes_unref (made[side].bytes);
    }
}
