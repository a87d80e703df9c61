/* SPDX-License-Identifier: Apache-2.0 */
#include "json_tree.h"
#include "json_scratch.h"
#include "json_text.h"
#include "number.h"
#include "sort.h"
#include "text.h"

enum
{
  FEW = 16, /* objects up to this are searched one by one */
};

typedef struct
{
  Pt2Arena *arena;
  Pt2Scratch scratch;
  const char *start, *end;
  uint64_t depth; /* levels left */
  Pt2JsonFault fault;
} TreeReader;

static const char *read_node (TreeReader *r, const char *p, Pt2JsonNode *node);

static const char *
fail (TreeReader *r, Pt2ErrorCode code, const char *at, const char *detail)
{
  r->fault = (Pt2JsonFault){ code, at, detail };
  return NULL;
}

static const char *
unexpected (TreeReader *r, const char *p, const char *detail)
{
  r->fault = pt2_json_unexpected (p, r->end, detail);
  return NULL;
}

static const char *
no_memory (TreeReader *r, const char *at)
{
  return fail (r, r->arena->out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, at, "");
}

static const char *
read_text (TreeReader *r, const char *p, Pt2String *text)
{
  p = pt2_json_read_string (r->arena, p, r->end, text, &r->fault);
  if (p == NULL && r->fault.code == PT2_ERROR_L003)
    return no_memory (r, r->fault.at);
  return p;
}

/* ---- objects ---- */

static int
compare_members (uint32_t a, uint32_t b, const void *members)
{
  const Pt2JsonMember *all = members;
  return pt2_text_compare (all[a].key, all[b].key);
}

static bool
fail_twice (TreeReader *r, const Pt2JsonNode *node)
{
  fail (r, PT2_ERROR_J012, node->raw.data, "");
  return false;
}

static bool
check_few (TreeReader *r, const Pt2JsonNode *node)
{
  for (uint32_t i = 1; i < node->len; i++)
    for (uint32_t j = 0; j < i; j++)
      if (pt2_text_compare (node->members[i].key, node->members[j].key) == 0)
        return fail_twice (r, &node->members[i].value);
  return true;
}

/* No key twice; large objects get their keys sorted for look-ups. */
static bool
index_object (TreeReader *r, Pt2JsonNode *node)
{
  node->sorted = NULL;
  if (node->len <= FEW)
    return check_few (r, node);
  uint32_t *sorted = pt2_arena_alloc (r->arena, node->len * sizeof *sorted);
  if (sorted == NULL)
    return no_memory (r, r->end) != NULL;
  for (uint32_t i = 0; i < node->len; i++)
    sorted[i] = i;
  pt2_sort (sorted, node->len, compare_members, node->members);
  for (uint32_t i = 1; i < node->len; i++)
    if (compare_members (sorted[i - 1], sorted[i], node->members) == 0)
      return fail_twice (r, &node->members[sorted[i]].value);
  node->sorted = sorted;
  return true;
}

static const char *
read_member (TreeReader *r, const char *p, Pt2JsonMember *member)
{
  if (p >= r->end || *p != '"')
    return unexpected (r, p, "a key must stand here");
  if ((p = read_text (r, p, &member->key)) == NULL)
    return NULL;
  p = pt2_json_blanks (p, r->end);
  if (p >= r->end || *p != ':')
    return unexpected (r, p, "a colon must stand here");
  return read_node (r, pt2_json_blanks (p + 1, r->end), &member->value);
}

/* ---- arrays and objects ---- */

/* The parts of NODE from P on, behind its opening bracket, up to behind the closing one. */
static const char *
read_parts (TreeReader *r, const char *p, Pt2JsonNode *node, Pt2ScratchList *list)
{
  bool object = node->kind == PT2_JSON_OBJECT;
  const char close = object ? '}' : ']';
  p = pt2_json_blanks (p, r->end);
  if (p < r->end && *p == close)
    return p + 1;
  for (;;)
    {
      void *part = pt2_scratch_push (&r->scratch, list, object ? sizeof (Pt2JsonMember) : sizeof (Pt2JsonNode));
      if (part == NULL)
        return no_memory (r, p);
      p = object ? read_member (r, p, part) : read_node (r, p, part);
      if (p == NULL)
        return NULL;
      node->len++;
      p = pt2_json_blanks (p, r->end);
      if (p < r->end && *p == close)
        return p + 1;
      if (p >= r->end || *p != ',')
        return unexpected (r, p, object ? "`,` or `}` must stand here" : "`,` or `]` must stand here");
      p = pt2_json_blanks (p + 1, r->end);
    }
}

static const char *
read_container (TreeReader *r, const char *p, Pt2JsonNode *node)
{
  const char *start = p;
  Pt2ScratchList list;
  if (r->depth == 0)
    return fail (r, PT2_ERROR_L002, p, "");
  r->depth--;
  node->kind = *p == '{' ? PT2_JSON_OBJECT : PT2_JSON_ARRAY;
  pt2_scratch_begin (&r->scratch, &list);
  p = read_parts (r, p + 1, node, &list);
  if (p != NULL)
    {
      size_t size = pt2_scratch_used (&r->scratch, &list);
      void *parts = pt2_arena_alloc (r->arena, size);
      if (parts == NULL)
        return no_memory (r, start);
      if (size > 0)
        memcpy (parts, list.items, size);
      node->items = parts;
    }
  pt2_scratch_end (&r->scratch, &list);
  r->depth++;
  return p != NULL && node->kind == PT2_JSON_OBJECT && !index_object (r, node) ? NULL : p;
}

/* ---- scalars ---- */

static const char *
read_number (TreeReader *r, const char *p, Pt2JsonNode *node)
{
  Pt2NumberText number;
  const char *next = pt2_number_read_json (p, r->end, &number);
  if (next == NULL)
    {
      bool integer;
      /* Says what is wrong with it. */
      if (pt2_json_scan_number (p, r->end, &integer, &r->fault) != NULL)
        fail (r, PT2_ERROR_J006, p, "");
      return NULL;
    }
  switch (number.kind)
    {
    case PT2_NUMBER_I64:
      node->kind = PT2_JSON_INT;
      node->integer = number.i64;
      break;
    case PT2_NUMBER_DOUBLE:
      node->kind = PT2_JSON_DOUBLE;
      node->number = number.number;
      break;
    default:
      node->kind = PT2_JSON_BIGINT;
    }
  return next;
}

static const char *
read_node (TreeReader *r, const char *p, Pt2JsonNode *node)
{
  const char *start = p;
  const char *found = pt2_json_describe (p, r->end);
  *node = (Pt2JsonNode){ .kind = PT2_JSON_NULL };
  if (found == NULL)
    {
      r->fault = pt2_json_no_value (p, r->end);
      return NULL;
    }
  switch (*p)
    {
    case '{':
    case '[':
      p = read_container (r, p, node);
      break;
    case '"':
      node->kind = PT2_JSON_STRING;
      p = read_text (r, p, &node->text);
      break;
    case 't':
    case 'f':
      node->kind = PT2_JSON_BOOL;
      node->boolean = *p == 't';
      p += strlen (found);
      break;
    case 'n':
      p += strlen (found);
      break;
    default:
      p = read_number (r, p, node);
    }
  if (p != NULL)
    node->raw = (Pt2String){ start, (uint32_t)(p - start) };
  return p;
}

const Pt2JsonNode *
pt2_json_tree_read (Pt2Arena *arena, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  TreeReader r = { .arena = arena, .start = data, .end = data + len, .depth = MIN (limits->depth, PT2_JSON_DEEPEST) };
  if (!pt2_json_check_start (data, len, &r.fault))
    return pt2_json_fail (status, data, &r.fault);
  Pt2JsonNode *root = pt2_arena_alloc (arena, sizeof *root);
  const char *p = root != NULL ? pt2_json_blanks (data, r.end) : no_memory (&r, data);
  pt2_scratch_init (&r.scratch, arena);
  if (p != NULL)
    p = read_node (&r, p, root);
  pt2_scratch_clear (&r.scratch);
  if (p != NULL && (p = pt2_json_blanks (p, r.end)) != r.end)
    p = fail (&r, PT2_ERROR_J008, p, "");
  return p != NULL ? root : pt2_json_fail (status, data, &r.fault);
}

/* ---- look-ups ---- */

uint32_t
pt2_json_length (const Pt2JsonNode *node)
{
  return node != NULL ? node->len : 0;
}

const Pt2JsonNode *
pt2_json_item (const Pt2JsonNode *node, uint32_t index)
{
  if (index >= pt2_json_length (node))
    return NULL;
  return node->kind == PT2_JSON_OBJECT ? &node->members[index].value : &node->items[index];
}

Pt2String
pt2_json_key (const Pt2JsonNode *node, uint32_t index)
{
  if (index >= pt2_json_length (node) || node->kind != PT2_JSON_OBJECT)
    return (Pt2String){ NULL, 0 };
  return node->members[index].key;
}

static const Pt2JsonNode *
find_sorted (const Pt2JsonNode *node, const Pt2String *key)
{
  uint32_t low = 0, high = node->len;
  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;
      const Pt2JsonMember *member = &node->members[node->sorted[middle]];
      int order = pt2_text_compare (member->key, *key);
      if (order == 0)
        return &member->value;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

const Pt2JsonNode *
pt2_json_get_len (const Pt2JsonNode *node, const char *key, size_t len)
{
  if (node == NULL || node->kind != PT2_JSON_OBJECT || len > UINT32_MAX)
    return NULL;
  Pt2String wanted = { key, (uint32_t)len };
  if (node->sorted != NULL)
    return find_sorted (node, &wanted);
  for (uint32_t i = 0; i < node->len; i++)
    if (pt2_text_compare (node->members[i].key, wanted) == 0)
      return &node->members[i].value;
  return NULL;
}

const Pt2JsonNode *
pt2_json_get (const Pt2JsonNode *node, const char *key)
{
  return pt2_json_get_len (node, key, strlen (key));
}

Pt2String
pt2_json_text (const Pt2JsonNode *node)
{
  return node != NULL && node->kind == PT2_JSON_STRING ? node->text : (Pt2String){ NULL, 0 };
}

bool
pt2_json_integer (const Pt2JsonNode *node, int64_t *integer)
{
  if (node == NULL || node->kind != PT2_JSON_INT)
    return false;
  *integer = node->integer;
  return true;
}

/* ---- the schema version alone ---- */

/* The raw value of the top-level key schema_version, blanks before it passed. */
static bool
find_version (const char *p, const char *end, Pt2String *raw)
{
  static const char name[] = "\"schema_version\"";
  Pt2JsonFault fault;
  bool escaped;
  p = pt2_json_blanks (p, end);
  if (p >= end || *p != '{')
    return false;
  do
    {
      const char *key = pt2_json_blanks (p + 1, end);
      if (key >= end || *key != '"' || (p = pt2_json_scan_string (key, end, &escaped, &fault)) == NULL)
        return false;
      bool wanted = p - key == sizeof name - 1 && memcmp (key, name, sizeof name - 1) == 0;
      p = pt2_json_blanks (p, end);
      if (p >= end || *p != ':')
        return false;
      const char *value = pt2_json_blanks (p + 1, end);
      if ((p = pt2_json_skip (value, end, PT2_JSON_DEEPEST, &fault)) == NULL)
        return false;
      *raw = (Pt2String){ value, (uint32_t)(p - value) };
      if (wanted)
        return true;
      p = pt2_json_blanks (p, end);
    }
  while (p < end && *p == ',');
  return false;
}

bool
pt2_json_peek_version (const char *data, size_t len, int64_t *major, int64_t *minor)
{
  Pt2String raw;
  Pt2JsonFault fault;
  if (!pt2_json_check_start (data, len, &fault) || !find_version (data, data + len, &raw))
    return false;
  Pt2Arena arena;
  Pt2Status status = PT2_STATUS_INIT;
  pt2_arena_init (&arena, (uint64_t)raw.len * 64 + 65536, 0);
  const Pt2JsonNode *node = pt2_json_tree_read (&arena, raw.data, raw.len, pt2_limits_default (), &status);
  *minor = 0;
  bool found = pt2_json_integer (node, major)
               || (pt2_json_integer (pt2_json_get (node, "major"), major)
                   && pt2_json_integer (pt2_json_get (node, "minor"), minor));
  pt2_arena_clear (&arena);
  return found;
}
