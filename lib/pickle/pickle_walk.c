/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over what a pickle made. Values may be shared and may contain themselves, so every walk
 * here goes by ids, keeps its own stack and meets a value once; nothing recurses.
 */
#include "pickle_private.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
  [PT2_PICKLE_NONE] = "none",           [PT2_PICKLE_BOOL] = "bool",     [PT2_PICKLE_INTEGER] = "int",
  [PT2_PICKLE_BIG_INTEGER] = "big-int", [PT2_PICKLE_FLOAT] = "float",   [PT2_PICKLE_COMPLEX] = "complex",
  [PT2_PICKLE_TEXT] = "text",           [PT2_PICKLE_BYTES] = "bytes",   [PT2_PICKLE_TUPLE] = "tuple",
  [PT2_PICKLE_LIST] = "list",           [PT2_PICKLE_SET] = "set",       [PT2_PICKLE_DICT] = "dict",
  [PT2_PICKLE_DTYPE] = "dtype",         [PT2_PICKLE_LAYOUT] = "layout", [PT2_PICKLE_MEMORY_FORMAT] = "memory-format",
  [PT2_PICKLE_QSCHEME] = "qscheme",     [PT2_PICKLE_DEVICE] = "device", [PT2_PICKLE_STORAGE] = "storage",
  [PT2_PICKLE_TENSOR] = "tensor",       [PT2_PICKLE_GLOBAL] = "global", [PT2_PICKLE_OPAQUE] = "opaque",
};

const char *
pt2_pickle_kind_name (Pt2PickleKind kind)
{
  return (size_t)kind < G_N_ELEMENTS (kind_names) ? kind_names[kind] : "?";
}

const Pt2PickleValue *
pt2_pickle_lookup (const Pt2PickleValue *dict, const char *key)
{
  if (dict == NULL || dict->kind != PT2_PICKLE_DICT)
    return NULL;
  for (uint64_t i = 0; i + 1 < dict->items.n; i += 2)
    if (dict->items.at[i]->kind == PT2_PICKLE_TEXT && pickle_text_equals (dict->items.at[i]->text, key))
      return dict->items.at[i + 1];
  return NULL;
}

/* Takes INDEX off the front of ITEMS: the item, or NULL and INDEX less by their number. */
static const Pt2PickleValue *
child_among (Pt2PickleItems items, uint64_t *index)
{
  if (*index < items.n)
    return items.at[*index];
  *index -= items.n;
  return NULL;
}

static const Pt2PickleValue *
child_of_opaque (const Pt2PickleOpaque *opaque, uint64_t *index)
{
  const Pt2PickleValue *parts[3];
  uint64_t n = 0;
  const Pt2PickleValue *all[] = { opaque->callable, opaque->arguments, opaque->keywords };
  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] != NULL)
      parts[n++] = all[i];
  const Pt2PickleValue *child = child_among ((Pt2PickleItems){ parts, n }, index);
  if (child == NULL)
    child = child_among (opaque->items, index);
  return child != NULL ? child : child_among (opaque->pairs, index);
}

const Pt2PickleValue *
pt2_pickle_value_child (const Pt2PickleValue *value, guint64 index)
{
  const Pt2PickleValue *child = NULL;
  switch (value->kind)
    {
    case PT2_PICKLE_TUPLE:
    case PT2_PICKLE_LIST:
    case PT2_PICKLE_SET:
    case PT2_PICKLE_DICT:
      child = child_among (value->items, &index);
      break;
    case PT2_PICKLE_TENSOR:
      child = child_among ((Pt2PickleItems){ &value->tensor->parts, value->tensor->parts != NULL }, &index);
      break;
    case PT2_PICKLE_OPAQUE:
      child = child_of_opaque (value->opaque, &index);
      break;
    default:
      break;
    }
  return child != NULL ? child : child_among ((Pt2PickleItems){ &value->state, value->state != NULL }, &index);
}

/* ---- one walk ---- */

typedef struct
{
  uint64_t size;   /* values that a walk without memory would meet; UINT64_MAX: too many to count */
  uint32_t height; /* levels of nesting below it, itself counted */
  uint8_t phase;   /* 0: not met yet, 1: under way, 2: done */
} Seen;

typedef struct
{
  const Pt2PickleValue *value;
  uint64_t next; /* child */
} Frame;

typedef struct
{
  Seen *seen;
  Frame *frames;
  size_t n, room;
  Pt2PickleFunc func; /* called when a value is met; may be NULL */
  gpointer data;
  bool cyclic;
} Walk;

static bool
enter (Walk *walk, const Pt2PickleValue *value)
{
  if (walk->n == walk->room)
    {
      size_t room = walk->room < 64 ? 64 : 2 * walk->room;
      Frame *frames = g_try_renew (Frame, walk->frames, room);
      if (frames == NULL)
        return false;
      walk->frames = frames;
      walk->room = room;
    }
  walk->frames[walk->n++] = (Frame){ value, 0 };
  walk->seen[value->id] = (Seen){ .size = 1, .height = 1, .phase = 1 };
  if (walk->func != NULL)
    walk->func (value, walk->data);
  return true;
}

/* The child is done: its parent knows its size and height. */
static void
count_child (Walk *walk, const Pt2PickleValue *child)
{
  if (walk->n == 0)
    return;
  Seen *parent = &walk->seen[walk->frames[walk->n - 1].value->id];
  const Seen *seen = &walk->seen[child->id];
  parent->height = MAX (parent->height, seen->height + 1);
  if (__builtin_add_overflow (parent->size, seen->size, &parent->size))
    parent->size = UINT64_MAX;
}

static bool
walk_on (Walk *walk)
{
  Frame *frame = &walk->frames[walk->n - 1];
  const Pt2PickleValue *value = frame->value;
  const Pt2PickleValue *child = pt2_pickle_value_child (value, frame->next++);
  if (child == NULL)
    {
      walk->seen[value->id].phase = 2;
      walk->n--;
      count_child (walk, value);
      return true;
    }
  if (walk->seen[child->id].phase == 0)
    return enter (walk, child);
  if (walk->seen[child->id].phase == 2)
    count_child (walk, child);
  else
    walk->cyclic = true;
  return true;
}

/* Everything below FROM, depth first. What was seen of FROM goes to *TOTAL. L001. */
static bool
walk_all (Pt2Pickle *pickle, const Pt2PickleValue *from, Walk *walk, Seen *total, Pt2Status *status)
{
  walk->seen = g_try_new0 (Seen, (size_t)pickle->n_values + 1);
  bool good = walk->seen != NULL && enter (walk, from);
  while (good && walk->n > 0)
    good = walk_on (walk);
  if (good)
    *total = walk->seen[from->id];
  g_free (walk->seen);
  g_free (walk->frames);
  return good || pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "walking over the pickle");
}

gboolean
pt2_pickle_foreach (Pt2Pickle *pickle, const Pt2PickleValue *from, Pt2PickleFunc func, gpointer data, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Walk walk = { .func = func, .data = data };
  Seen total;
  if (from == NULL)
    from = pickle->value;
  return from == NULL || walk_all (pickle, from, &walk, &total, &status) || pt2_status_to_error (&status, error);
}

gboolean
pt2_pickle_check_tree (Pt2Pickle *pickle, const Pt2PickleValue *from, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Walk walk = { .func = NULL };
  Seen total;
  if (from == NULL)
    from = pickle->value;
  if (from == NULL)
    return TRUE;
  if (!walk_all (pickle, from, &walk, &total, &status))
    return pt2_status_to_error (&status, error);
  if (walk.cyclic)
    pt2_status_fail (&status, PT2_ERROR_I018, PT2_NO_OFFSET, "%s", "");
  else if (total.size > pickle->limits.memory / sizeof (Pt2PickleValue))
    pt2_status_fail (&status, PT2_ERROR_I019, PT2_NO_OFFSET, "%s", "");
  return status.code == PT2_ERROR_NONE || pt2_status_to_error (&status, error);
}

/* ---- what every pickle is checked for ---- */

typedef struct
{
  Pt2TextIndex index;
  Pt2String *keys;
  uint32_t n;
  Pt2PickleKind kind; /* of the keys that are compared */
  Pt2Status *status;
} KeyCheck;

/* The bytes by which keys of KIND are told apart; integers by their own. */
static bool
key_bytes (const Pt2PickleValue *key, Pt2PickleKind kind, Pt2String *bytes)
{
  bool number = kind == PT2_PICKLE_INTEGER;
  if (key->kind != kind)
    return false;
  *bytes = number ? (Pt2String){ (const char *)&key->integer, sizeof key->integer }
                  : (Pt2String){ key->text.data, (uint32_t)MIN (key->text.len, UINT32_MAX) };
  return true;
}

static void
fail_twice (KeyCheck *check, const Pt2PickleValue *key)
{
  char text[128];
  if (check->kind == PT2_PICKLE_INTEGER)
    pt2_status_fail (check->status, PT2_ERROR_I013, PT2_NO_OFFSET, "%" G_GINT64_FORMAT, key->integer);
  else
    pt2_status_fail (check->status, PT2_ERROR_I013, PT2_NO_OFFSET, "\"%s\"",
                     pt2_text_escape (key->text.data, (size_t)MIN (key->text.len, sizeof text), text, sizeof text));
}

static void
check_key (KeyCheck *check, const Pt2PickleValue *key)
{
  Pt2String bytes;
  if (!key_bytes (key, check->kind, &bytes))
    return;
  check->keys[check->n] = bytes;
  uint32_t owner = pt2_text_index_claim (&check->index, check->keys, sizeof *check->keys, check->n);
  if (owner == PT2_TEXT_INDEX_NONE)
    pt2_status_fail (check->status, PT2_ERROR_L001, PT2_NO_OFFSET, "the keys of a dict");
  else if (owner != check->n)
    fail_twice (check, key);
  else
    check->n++;
}

static void
check_dict (const Pt2PickleValue *value, gpointer data)
{
  static const Pt2PickleKind kinds[] = { PT2_PICKLE_TEXT, PT2_PICKLE_BYTES, PT2_PICKLE_INTEGER };
  KeyCheck check = { .status = data };
  if (value->kind != PT2_PICKLE_DICT || value->items.n < 4 || check.status->code != PT2_ERROR_NONE)
    return;
  check.keys = value->items.n / 2 < UINT32_MAX ? g_try_new (Pt2String, value->items.n / 2) : NULL;
  if (check.keys == NULL)
    pt2_status_fail (check.status, PT2_ERROR_L001, PT2_NO_OFFSET, "the keys of a dict");
  for (size_t k = 0; k < G_N_ELEMENTS (kinds) && check.status->code == PT2_ERROR_NONE; k++)
    {
      check.kind = kinds[k];
      check.n = 0;
      pt2_text_index_init (&check.index);
      for (uint64_t i = 0; i < value->items.n && check.status->code == PT2_ERROR_NONE; i += 2)
        check_key (&check, value->items.at[i]);
      pt2_text_index_clear (&check.index);
    }
  g_free (check.keys);
}

bool
pickle_check_values (Pt2Pickle *pickle, Pt2Status *status)
{
  Walk walk = { .func = check_dict, .data = status };
  Seen total;
  uint64_t most = MIN (pickle->limits.depth, PT2_LIMIT_DEPTH_MOST);
  if (!walk_all (pickle, pickle->value, &walk, &total, status) || status->code != PT2_ERROR_NONE)
    return false;
  return total.height <= most
         || pt2_status_fail (status, PT2_ERROR_L002, PT2_NO_OFFSET, "%u levels, limit %" G_GUINT64_FORMAT, total.height,
                             most);
}
