/* SPDX-License-Identifier: Apache-2.0 */
/* Reads tree specs. Recursion is as deep as the text, whose depth the JSON reader bounds. */
#include "tree_read.h"
#include <string.h>

typedef struct
{
  const char *text; /* where offsets are counted from */
  Pt2Arena *arena;
  const Pt2TreeTuples *tuples;
  const Pt2Limits *limits;
  Pt2Status *status;
  guint n_leaves; /* so far */
} Reader;

static bool
fail (Reader *reader, const Pt2JsonNode *node, const char *detail)
{
  uint64_t offset = node != NULL ? (uint64_t)(node->raw.data - reader->text) : PT2_NO_OFFSET;
  return pt2_status_fail (reader->status, PT2_ERROR_P008, offset, "%s", detail);
}

static void *
alloc (Reader *reader, size_t size)
{
  void *memory = pt2_arena_alloc (reader->arena, size);
  if (memory == NULL)
    pt2_status_fail (reader->status, reader->arena->out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET,
                     "a tree spec");
  return memory;
}

static bool
is_text (Pt2String text, const char *other)
{
  return text.len == strlen (other) && memcmp (text.data, other, text.len) == 0;
}

static const struct
{
  const char *name;
  Pt2TreeKind kind;
} types[] = {
  { "builtins.tuple", PT2_TREE_TUPLE },
  { "builtins.list", PT2_TREE_LIST },
  { "builtins.dict", PT2_TREE_DICT },
  { "collections.OrderedDict", PT2_TREE_ORDERED_DICT },
  { "collections.defaultdict", PT2_TREE_DEFAULT_DICT },
  { "collections.namedtuple", PT2_TREE_NAMED_TUPLE },
  { "collections.deque", PT2_TREE_DEQUE },
};

static Pt2TreeKind
kind_of (Pt2String type)
{
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (is_text (type, types[i].name))
      return types[i].kind;
  return PT2_TREE_OTHER;
}

/* ---- what children are called ---- */

/* The JSON document in a context's text; NULL if there is none, which is no fault of its own. */
static const Pt2JsonNode *
document_in (Reader *reader, const Pt2JsonNode *context)
{
  Pt2String text = pt2_json_text (context);
  Pt2Status ignored = PT2_STATUS_INIT;
  return text.data != NULL ? pt2_json_tree_read (reader->arena, text.data, text.len, reader->limits, &ignored) : NULL;
}

static bool
name_by_keys (Reader *reader, const Pt2JsonNode *where, const Pt2JsonNode *keys, Pt2TreeNode *children, guint n)
{
  if (keys == NULL || keys->kind != PT2_JSON_ARRAY || keys->len != n)
    return fail (reader, where, "a dictionary has as many keys as children");
  for (guint i = 0; i < n; i++)
    {
      bool text = keys->items[i].kind == PT2_JSON_STRING;
      children[i].step = text ? PT2_TREE_KEY : PT2_TREE_JSON_KEY;
      children[i].name = text ? keys->items[i].text : keys->items[i].raw;
    }
  return true;
}

/* Does nothing unless FIELDS are N texts. */
static void
name_by_fields (const Pt2JsonNode *fields, Pt2TreeNode *children, guint n)
{
  if (fields == NULL || fields->kind != PT2_JSON_ARRAY || fields->len != n)
    return;
  for (guint i = 0; i < n; i++)
    if (fields->items[i].kind != PT2_JSON_STRING)
      return;
  for (guint i = 0; i < n; i++)
    {
      children[i].step = PT2_TREE_FIELD;
      children[i].name = fields->items[i].text;
    }
}

/* What a named tuple is registered as stands in its context; the program says its fields. Until PyTorch 2.2 the
 * context is an object that holds both. */
static void
name_by_tuple (Reader *reader, const Pt2JsonNode *context, Pt2TreeNode *node, Pt2TreeNode *children, guint n)
{
  const Pt2TreeTuples *tuples = reader->tuples;
  const Pt2JsonNode *class_name = pt2_json_get (context, "class_name");
  Pt2String name = pt2_json_text (class_name != NULL ? class_name : context);
  if (name.data == NULL)
    return;
  node->type = name;
  name_by_fields (pt2_json_get (context, "fields"), children, n);
  uint32_t at = tuples != NULL ? pt2_text_index_find (&tuples->index, tuples->items, sizeof *tuples->items, name)
                               : PT2_TEXT_INDEX_NONE;
  if (class_name != NULL || at == PT2_TEXT_INDEX_NONE || pt2_source_length (tuples->items[at].fields) != n)
    return;
  for (guint i = 0; i < n; i++)
    {
      children[i].name = pt2_source_text (pt2_source_item (tuples->items[at].fields, i));
      children[i].step = children[i].name.data != NULL ? PT2_TREE_FIELD : PT2_TREE_INDEX;
    }
}

/* Dataclasses have their fields in the context: those that are children, then those that were None. */
static void
name_by_dataclass (Reader *reader, const Pt2JsonNode *context, Pt2TreeNode *children, guint n)
{
  const Pt2JsonNode *document = document_in (reader, context);
  if (document != NULL && document->kind == PT2_JSON_ARRAY && document->len == 2
      && document->items[1].kind == PT2_JSON_ARRAY)
    name_by_fields (&document->items[0], children, n);
}

static bool
name_children (Reader *reader, const Pt2JsonNode *where, Pt2TreeNode *node, Pt2TreeNode *children)
{
  const Pt2JsonNode *context = pt2_json_get (where, "context");
  switch (node->kind)
    {
    case PT2_TREE_DICT:
    case PT2_TREE_ORDERED_DICT:
      return name_by_keys (reader, where, document_in (reader, context), children, node->n_children);
    case PT2_TREE_DEFAULT_DICT:
      return name_by_keys (reader, where, pt2_json_get (context, "dict_context"), children, node->n_children);
    case PT2_TREE_NAMED_TUPLE:
      name_by_tuple (reader, context, node, children, node->n_children);
      return true;
    case PT2_TREE_OTHER:
      name_by_dataclass (reader, context, children, node->n_children);
      return true;
    default:
      return true;
    }
}

/* ---- nodes ---- */

static bool read_node (Reader *reader, const Pt2JsonNode *json, Pt2TreeNode *node);

static bool
read_children (Reader *reader, const Pt2JsonNode *json, const Pt2JsonNode *list, Pt2TreeNode *node)
{
  Pt2TreeNode *children = alloc (reader, list->len * sizeof *children);
  if (children == NULL)
    return false;
  for (guint i = 0; i < list->len; i++)
    children[i] = (Pt2TreeNode){ .parent = node, .step = PT2_TREE_INDEX, .index = i };
  node->children = children;
  node->n_children = list->len;
  if (!name_children (reader, json, node, children))
    return false;
  for (guint i = 0; i < list->len; i++)
    if (!read_node (reader, &list->items[i], &children[i]))
      return false;
  return true;
}

static bool
read_node (Reader *reader, const Pt2JsonNode *json, Pt2TreeNode *node)
{
  const Pt2JsonNode *type = pt2_json_get (json, "type"), *context = pt2_json_get (json, "context"),
                    *children = pt2_json_get (json, "children_spec");
  if (type == NULL || context == NULL || children == NULL || json->len != 3 || children->kind != PT2_JSON_ARRAY)
    return fail (reader, json, "a node has type, context and children_spec");
  node->first_leaf = reader->n_leaves;
  node->context = context->raw;
  if (type->kind == PT2_JSON_NULL)
    {
      node->kind = PT2_TREE_LEAF;
      node->n_leaves = 1;
      reader->n_leaves++;
      return (context->kind == PT2_JSON_NULL && children->len == 0)
             || fail (reader, json, "a leaf has neither context nor children");
    }
  node->type = pt2_json_text (type);
  if (node->type.data == NULL)
    return fail (reader, type, "a type is a text or null");
  node->kind = kind_of (node->type);
  if (!read_children (reader, json, children, node))
    return false;
  node->n_leaves = reader->n_leaves - node->first_leaf;
  return true;
}

bool
pt2_tree_read (Pt2Arena *arena, Pt2String text, const Pt2TreeTuples *tuples, const Pt2Limits *limits, Pt2TreeNode *root,
               Pt2Status *status)
{
  Reader reader = { text.data, arena, tuples, limits, status, 0 };
  int64_t protocol;
  const Pt2JsonNode *json = pt2_json_tree_read (arena, text.data, text.len, limits, status);
  if (json == NULL)
    return false;
  if (json->kind != PT2_JSON_ARRAY || json->len != 2 || !pt2_json_integer (&json->items[0], &protocol))
    return fail (&reader, json, "expected the protocol's number and a node");
  if (protocol != 1)
    return pt2_status_fail (status, PT2_ERROR_P009, 0, "%" G_GINT64_FORMAT, protocol);
  *root = (Pt2TreeNode){ .step = PT2_TREE_ROOT };
  return read_node (&reader, &json->items[1], root);
}

/* ---- named tuples ---- */

bool
pt2_tree_tuples_init (Pt2TreeTuples *tuples, Pt2Program *program, Pt2Arena *arena)
{
  static const char *const path[] = { "graph_module", "treespec_namedtuple_fields" };
  Pt2Source table = pt2_source_at (pt2_source_root (program), path, G_N_ELEMENTS (path));
  guint n = pt2_source_length (table);
  *tuples = (Pt2TreeTuples){ .items = pt2_arena_alloc (arena, n * sizeof *tuples->items) };
  pt2_text_index_init (&tuples->index);
  for (guint i = 0; tuples->items != NULL && i < n; i++)
    {
      Pt2String name = pt2_source_key (table, i);
      tuples->items[tuples->n] = (Pt2TreeTuple){ name, pt2_source_get (pt2_source_item (table, i), "field_names") };
      uint32_t owner = pt2_text_index_claim (&tuples->index, tuples->items, sizeof *tuples->items, tuples->n);
      if (owner == PT2_TEXT_INDEX_NONE)
        return false;
      tuples->n += owner == tuples->n;
    }
  return tuples->items != NULL;
}

void
pt2_tree_tuples_clear (Pt2TreeTuples *tuples)
{
  pt2_text_index_clear (&tuples->index);
}
