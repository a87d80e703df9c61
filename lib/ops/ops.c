/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of schemas: a table of one's own in front of the one that is built in. */
#define _GNU_SOURCE /* memmem */
#include "ops_private.h"
#include "sort.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum
{
  FIRST_ROOM = 64,
  LONGEST_NAME = 1024, /* bytes of a name that is given as in a schema, not as a target */
};

/* ---- tables ---- */

void
ops_table_init (OpTable *table, uint64_t memory)
{
  *table = (OpTable){ .n = 0 };
  pt2_arena_init (&table->arena, memory, 0);
  pt2_text_index_init (&table->index);
}

void
ops_table_clear (OpTable *table)
{
  pt2_arena_clear (&table->arena);
  pt2_text_index_clear (&table->index);
  free (table->entries);
}

const OpEntry *
ops_table_find (const OpTable *table, Pt2String target)
{
  uint32_t number = pt2_text_index_find (&table->index, table->entries, sizeof *table->entries, target);
  return number != PT2_TEXT_INDEX_NONE ? &table->entries[number] : NULL;
}

static bool
room_for_one (OpTable *table)
{
  if (table->n < table->room)
    return true;
  uint32_t room = table->room == 0 ? FIRST_ROOM : table->room * 2;
  OpEntry *entries = room > table->room ? realloc (table->entries, room * sizeof *entries) : NULL;
  if (entries == NULL)
    return false;
  table->entries = entries;
  table->room = room;
  return true;
}

static bool
add_entry (OpTable *table, const OpEntry *entry, uint64_t offset, Pt2Status *status)
{
  if (!room_for_one (table))
    return pt2_status_fail (status, PT2_ERROR_L001, offset, "for operator schemas");
  table->entries[table->n] = *entry;
  if (!pt2_text_index_add (&table->index, table->entries, sizeof *table->entries, table->n))
    return pt2_status_fail (status, PT2_ERROR_L001, offset, "for operator schemas");
  table->n++;
  return true;
}

static bool
add_schema (OpTable *table, const Pt2OpSchema *schema, Pt2String line, uint64_t offset, Pt2Status *status)
{
  const OpEntry *entry = ops_table_find (table, schema->target);
  char name[96];
  if (entry == NULL)
    return add_entry (table, &(OpEntry){ schema->target, line, schema }, offset, status);
  const Pt2String other = entry->schema->text;
  return (other.len == schema->text.len && memcmp (other.data, schema->text.data, other.len) == 0)
         || pt2_status_fail (status, PT2_ERROR_O002, offset, "%s",
                             pt2_text_escape (schema->target.data, schema->target.len, name, sizeof name));
}

static bool
add_line (OpTable *table, const char *text, Pt2String line, uint64_t depth, Pt2Status *status)
{
  const Pt2OpSchema *schema = ops_parse (&table->arena, text, line, depth, status);
  return schema != NULL && add_schema (table, schema, line, (uint64_t)(line.data - text), status);
}

static bool
list_line (OpTable *table, const char *text, Pt2String line, uint64_t depth, Pt2Status *status)
{
  const Pt2String target = ops_parse_target (&table->arena, line, status);
  return target.data != NULL && add_entry (table, &(OpEntry){ target, line, NULL }, 0, status);
}

static const char *
end_of_line (const char *p, const char *end)
{
  const char *found = memchr (p, '\n', (size_t)(end - p));
  return found != NULL ? found : end;
}

/* NULL with L001 or L003. */
static const char *
copy_text (OpTable *table, Pt2String text, Pt2Status *status)
{
  char *copy = pt2_arena_alloc (&table->arena, text.len);
  if (copy == NULL)
    pt2_status_fail (status, table->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET,
                     "for operator schemas");
  else
    memcpy (copy, text.data, text.len);
  return copy;
}

/* `#` begins a remark, unless the name of an extension's operator begins with it. */
static bool
is_comment (Pt2String line)
{
  Pt2String space, name;
  return line.data[0] == '#' && !ops_split_extension (ops_first_word (line), &space, &name);
}

typedef bool (*LineFunc) (OpTable *table, const char *text, Pt2String line, uint64_t depth, Pt2Status *status);

static bool
take_lines (OpTable *table, Pt2String text, LineFunc take, uint64_t depth, Pt2Status *status)
{
  const char *copy = copy_text (table, text, status);
  if (copy == NULL)
    return false;
  const char *end = copy + text.len;
  for (const char *line = copy, *next; line < end; line = next)
    {
      const char *line_end = end_of_line (line, end);
      next = line_end < end ? line_end + 1 : end;
      while (line_end > line && g_ascii_isspace (line_end[-1]))
        line_end--;
      const Pt2String schema = { line, (uint32_t)(line_end - line) };
      if (schema.len > 0 && !is_comment (schema) && !take (table, copy, schema, depth, status))
        return false;
    }
  return true;
}

bool
ops_table_add (OpTable *table, Pt2String text, uint64_t depth, Pt2Status *status)
{
  return take_lines (table, text, add_line, depth, status);
}

const Pt2OpSchema *
ops_table_add_extension (OpTable *table, Pt2String target, Pt2String text, uint64_t depth, Pt2Status *status)
{
  const Pt2String name = { copy_text (table, target, status), target.len };
  const Pt2String line = { name.data != NULL ? copy_text (table, text, status) : NULL, text.len };
  const Pt2OpSchema *schema
      = line.data != NULL ? ops_parse_as (&table->arena, name, line.data, line, depth, status) : NULL;
  return schema != NULL && add_schema (table, schema, line, 0, status) ? schema : NULL;
}

bool
ops_table_list (OpTable *table, Pt2String text, Pt2Status *status)
{
  return take_lines (table, text, list_line, 0, status);
}

/* ---- sets ---- */

Pt2Ops *
pt2_ops_new (const Pt2Limits *limits, GError **error)
{
  const OpTable *shipped = ops_shipped ();
  Pt2Ops *ops = shipped != NULL ? g_try_new0 (Pt2Ops, 1) : NULL;
  if (ops == NULL)
    {
      pt2_error_set (error, PT2_ERROR_L001, NULL, "for the operator schemas");
      return NULL;
    }
  limits = limits != NULL ? limits : pt2_limits_default ();
  ops->shipped = shipped;
  ops->depth = MIN (limits->depth, PT2_LIMIT_DEPTH_MOST);
  ops_table_init (&ops->own, limits->memory);
  ops_table_init (&ops->answers, limits->memory);
  pt2_text_index_init (&ops->spaces.index);
  pt2_text_index_init (&ops->types.index);
  g_mutex_init (&ops->mutex);
  return ops;
}

void
pt2_ops_free (Pt2Ops *ops)
{
  if (ops == NULL)
    return;
  ops_table_clear (&ops->own);
  ops_table_clear (&ops->answers);
  ops_handlers_clear (&ops->spaces);
  ops_handlers_clear (&ops->types);
  g_mutex_clear (&ops->mutex);
  g_free (ops);
}

gboolean
pt2_ops_add_text (Pt2Ops *ops, const char *text, gssize len, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  size_t bytes = len < 0 ? strlen (text) : (size_t)len;
  if (bytes > G_MAXINT32)
    return pt2_error_set (error, PT2_ERROR_L003, NULL, "a text of 2 GiB or more");
  return ops_table_add (&ops->own, (Pt2String){ text, (uint32_t)bytes }, ops->depth, &status)
         || pt2_status_to_error (&status, error);
}

gboolean
pt2_ops_add_file (Pt2Ops *ops, const char *path, GError **error)
{
  GError *cause = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &cause);
  if (file == NULL)
    {
      pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", cause->message);
      g_clear_error (&cause);
      return FALSE;
    }
  const char *text = g_mapped_file_get_contents (file);
  return pt2_ops_add_text (ops, text != NULL ? text : "", (gssize)g_mapped_file_get_length (file), error);
}

/* `aten::add.Tensor` as a target; absent if it is no such name. */
static Pt2String
target_of_name (Pt2String name, char *room)
{
  const char *colons = memmem (name.data, name.len, "::", 2);
  if (colons == NULL || name.len > LONGEST_NAME)
    return (Pt2String){ NULL, 0 };
  const size_t before = (size_t)(colons - name.data), behind = name.len - before - 2;
  char *p = pt2_put_bytes (room, "torch.ops.", 10);
  p = pt2_put_bytes (p, name.data, before);
  *p++ = '.';
  p = pt2_put_bytes (p, colons + 2, behind);
  if (memchr (colons, '.', behind + 2) == NULL)
    p = pt2_put_bytes (p, ".default", 8);
  return (Pt2String){ room, (uint32_t)(p - room) };
}

const Pt2OpSchema *
pt2_ops_lookup (const Pt2Ops *ops, Pt2String target, GError **error)
{
  char room[LONGEST_NAME + 32];
  const bool extension = target.len > 0 && target.data[0] == '#';
  const Pt2String other = target.len > 0 && !extension ? target_of_name (target, room) : (Pt2String){ NULL, 0 };
  if (other.data != NULL)
    target = other;
  const OpEntry *entry = ops->own.n > 0 ? ops_table_find (&ops->own, target) : NULL;
  if (entry != NULL)
    return entry->schema;
  if (extension)
    return ops_ask_handler (ops, target, error);
  entry = ops_table_find (ops->shipped, target);
  return entry != NULL ? ops_shipped_schema (entry) : NULL;
}

const Pt2OpSchema *
pt2_ops_find (const Pt2Ops *ops, Pt2String target)
{
  return pt2_ops_lookup (ops, target, NULL);
}

static int
compare_targets (uint32_t a, uint32_t b, const void *data)
{
  const Pt2OpSchema *const *schemas = data;
  return pt2_text_compare (schemas[a]->target, schemas[b]->target);
}

const Pt2OpSchema **
pt2_ops_get_all (const Pt2Ops *ops, guint *n)
{
  const OpTable *shipped = ops->shipped, *own = &ops->own;
  const size_t most = (size_t)shipped->n + own->n;
  const Pt2OpSchema **all = g_try_new (const Pt2OpSchema *, most), **sorted = g_try_new (const Pt2OpSchema *, most);
  uint32_t *order = g_try_new (uint32_t, most);
  uint32_t count = 0;
  for (uint32_t i = 0; all != NULL && i < own->n; i++)
    all[count++] = own->entries[i].schema;
  for (uint32_t i = 0; all != NULL && i < shipped->n; i++)
    if (own->n == 0 || ops_table_find (own, shipped->entries[i].target) == NULL)
      all[count++] = ops_shipped_schema (&shipped->entries[i]);
  bool ok = all != NULL && sorted != NULL && order != NULL;
  for (uint32_t i = 0; ok && i < count; i++)
    ok = all[i] != NULL;
  for (uint32_t i = 0; ok && i < count; i++)
    order[i] = i;
  if (ok)
    pt2_sort (order, count, compare_targets, all);
  for (uint32_t i = 0; ok && i < count; i++)
    sorted[i] = all[order[i]];
  g_free (order);
  g_free (all);
  *n = ok ? count : 0;
  return ok ? sorted : (g_free (sorted), NULL);
}

/* ---- types ---- */

const Pt2OpType *
pt2_op_type_base (const Pt2OpType *type)
{
  while (type->kind == PT2_OP_LIST || type->kind == PT2_OP_OPTIONAL)
    type = type->items;
  return type;
}

const Pt2OpType *
pt2_op_type_list_item (const Pt2OpType *type)
{
  while (type->kind == PT2_OP_OPTIONAL)
    type = type->items;
  return type->kind == PT2_OP_LIST ? type->items : NULL;
}
