/* SPDX-License-Identifier: Apache-2.0 */
/* Tree specs and the module call graph: texts of JSON that say how arguments and results are packed. */
#include "check_private.h"
#include "json_tree.h"
#include "specs.h"

static const char graph_path[] = "graph_module.module_call_graph";

typedef struct
{
  Check *check;
  Pt2Arena arena;
  Place where;
  uint64_t leaves;
  bool broken;
} Tree;

/* What a container's context says of its children. */
typedef enum
{
  CONTEXT_ANY,   /* as many as there are */
  CONTEXT_KEYS,  /* a list of keys as JSON in a text: one for each child */
  CONTEXT_DICT,  /* an object whose member dict_context is the list of keys */
  CONTEXT_NAMED, /* the name of a named tuple */
} ContextKind;

static const struct
{
  const char *type;
  ContextKind context;
} containers[] = {
  { "builtins.tuple", CONTEXT_ANY },           { "builtins.list", CONTEXT_ANY },
  { "builtins.dict", CONTEXT_KEYS },           { "collections.OrderedDict", CONTEXT_KEYS },
  { "collections.defaultdict", CONTEXT_DICT }, { "collections.namedtuple", CONTEXT_NAMED },
  { "collections.deque", CONTEXT_ANY },        { "torch.Size", CONTEXT_ANY },
};

static void
fail_tree (Tree *tree, const char *what)
{
  if (!tree->broken)
    check_add (tree->check, CHECK_S109, tree->where.text, "%s", what);
  tree->broken = true;
}

static const Pt2JsonNode *
read_json (Tree *tree, Pt2String text)
{
  Pt2Status status = PT2_STATUS_INIT;
  return text.data != NULL ? pt2_json_tree_read (&tree->arena, text.data, text.len, &tree->check->limits, &status)
                           : NULL;
}

/* Modules whose import cannot be what somebody meant to smuggle in. */
static bool
is_harmless_module (Pt2String module)
{
  return text_is (module, "builtins") || text_is (module, "collections") || text_begins (module, "torch");
}

static void
check_import (Tree *tree, Pt2String module)
{
  if (module.data != NULL && !is_harmless_module (module))
    check_add (tree->check, CHECK_X110, tree->where.text, "%s", shown (module).text);
}

/* Enum values stand as {"__enum__": true, "fqn": "module:Name", …}, wherever a context has a value. */
static void
find_enums (Tree *tree, const Pt2JsonNode *context)
{
  Pt2String fqn = pt2_json_text (pt2_json_get (context, "fqn"));
  if (pt2_json_get (context, "__enum__") != NULL)
    check_import (tree, fqn.data != NULL ? fqn : (Pt2String){ "?", 1 });
  for (uint32_t i = 0; i < pt2_json_length (context); i++)
    find_enums (tree, pt2_json_item (context, i));
}

static void
check_keys (Tree *tree, const Pt2JsonNode *keys, uint32_t children)
{
  if (keys == NULL || keys->kind != PT2_JSON_ARRAY)
    fail_tree (tree, "a dictionary without its list of keys");
  else if (pt2_json_length (keys) != children)
    fail_tree (tree, "a dictionary has not as many keys as children");
  find_enums (tree, keys);
}

static const Pt2NamedTupleDef *
find_named_tuple (const Tree *tree, Pt2String name)
{
  const Pt2StringToNamedTupleDefMap *known = &tree->check->exported->graph_module.treespec_namedtuple_fields;
  for (uint32_t i = 0; i < known->len; i++)
    if (text_equal (known->entries[i].key, name))
      return &known->entries[i].value;
  return NULL;
}

static void
check_named_tuple (Tree *tree, Pt2String name, uint32_t children)
{
  const Pt2NamedTupleDef *fields = find_named_tuple (tree, name);
  if (fields != NULL && fields->field_names.len != children)
    check_add (tree->check, CHECK_S118, tree->where.text, "%s has %u fields and %u children", shown (name).text,
               fields->field_names.len, children);
  check_add (tree->check, CHECK_S111, tree->where.text, "%s", shown (name).text);
}

static void
check_container_node (Tree *tree, Pt2String type, const Pt2JsonNode *context, uint32_t children)
{
  for (gsize i = 0; i < G_N_ELEMENTS (containers); i++)
    {
      if (!text_is (type, containers[i].type))
        continue;
      if (containers[i].context == CONTEXT_KEYS)
        check_keys (tree, read_json (tree, pt2_json_text (context)), children);
      if (containers[i].context == CONTEXT_DICT)
        {
          check_import (tree, pt2_json_text (pt2_json_get (context, "default_factory_module")));
          const Pt2JsonNode *keys = pt2_json_get (context, "dict_context");
          check_keys (tree,
                      keys != NULL && keys->kind == PT2_JSON_STRING ? read_json (tree, pt2_json_text (keys)) : keys,
                      children);
        }
      if (containers[i].context == CONTEXT_NAMED)
        check_named_tuple (tree, pt2_json_text (context), children);
      return;
    }
  check_add (tree->check, CHECK_S111, tree->where.text, "%s", shown (type).text);
}

/* Recursion is as deep as the JSON, which its reader bounded. */
static void
walk_tree (Tree *tree, const Pt2JsonNode *node)
{
  const Pt2JsonNode *type = pt2_json_get (node, "type"), *children = pt2_json_get (node, "children_spec");
  const Pt2JsonNode *context = pt2_json_get (node, "context");
  if (type == NULL || children == NULL || context == NULL || children->kind != PT2_JSON_ARRAY
      || (type->kind != PT2_JSON_NULL && type->kind != PT2_JSON_STRING))
    {
      fail_tree (tree, "a node has not type, context and children_spec");
      return;
    }
  uint32_t n = pt2_json_length (children);
  if (type->kind == PT2_JSON_NULL)
    {
      if (n > 0 || context->kind != PT2_JSON_NULL)
        fail_tree (tree, "a leaf with context or children");
      tree->leaves++;
      return;
    }
  check_container_node (tree, pt2_json_text (type), context, n);
  for (uint32_t i = 0; i < n; i++)
    walk_tree (tree, pt2_json_item (children, i));
}

/* The root of the tree, or NULL after a finding. */
static const Pt2JsonNode *
open_tree (Tree *tree, Pt2String text)
{
  const Pt2JsonNode *whole = read_json (tree, text), *root = pt2_json_item (whole, 1);
  int64_t protocol = 0;
  if (whole == NULL || whole->kind != PT2_JSON_ARRAY || pt2_json_length (whole) != 2)
    fail_tree (tree, "it is no JSON list of protocol and tree");
  else if (!pt2_json_integer (pt2_json_item (whole, 0), &protocol) || protocol != 1)
    fail_tree (tree, "its protocol is not 1");
  return tree->broken ? NULL : root;
}

typedef struct
{
  uint64_t leaves;
  uint64_t arguments; /* children of the two children of the root */
  bool is_call;       /* the root is a pair of arguments and keywords */
  bool good;
} TreeFacts;

static TreeFacts
check_tree (Check *check, Pt2String text, const char *where)
{
  Tree tree = { .check = check, .where = place (NULL, "%s", where) };
  TreeFacts facts = { 0 };
  pt2_arena_init (&tree.arena, check->limits.memory, text.len);
  const Pt2JsonNode *root = open_tree (&tree, text);
  if (root != NULL)
    walk_tree (&tree, root);
  const Pt2JsonNode *pair = pt2_json_get (root, "children_spec");
  const Pt2JsonNode *keywords = pt2_json_item (pair, 1);
  facts.good = !tree.broken;
  facts.leaves = tree.leaves;
  facts.is_call = text_is (pt2_json_text (pt2_json_get (root, "type")), "builtins.tuple") && pt2_json_length (pair) == 2
                  && text_is (pt2_json_text (pt2_json_get (pt2_json_item (pair, 0), "type")), "builtins.tuple")
                  && text_is (pt2_json_text (pt2_json_get (keywords, "type")), "builtins.dict");
  facts.arguments = (uint64_t)pt2_json_length (pt2_json_get (pt2_json_item (pair, 0), "children_spec"))
                    + pt2_json_length (pt2_json_get (keywords, "children_spec"));
  pt2_arena_clear (&tree.arena);
  return facts;
}

/* ---- the whole program's ---- */

static uint32_t
count_user_inputs (const Check *check)
{
  const Pt2InputSpecList *specs = &check->exported->graph_module.signature.input_specs;
  uint32_t n = 0;
  for (uint32_t i = 0; i < specs->len; i++)
    {
      Spec spec = check_input_spec (&specs->items[i]);
      n += spec_is_user_input (&spec);
    }
  return n;
}

static uint32_t
count_user_outputs (const Check *check)
{
  const Pt2OutputSpecList *specs = &check->exported->graph_module.signature.output_specs;
  uint32_t n = 0;
  for (uint32_t i = 0; i < specs->len; i++)
    {
      Spec spec = check_output_spec (&specs->items[i]);
      n += spec_is_user_output (&spec);
    }
  return n;
}

static void
check_root_trees (Check *check, const Pt2ModuleCallSignature *call, uint32_t number)
{
  Place in = place (NULL, "%s[%u].signature.in_spec", graph_path, number);
  Place out = place (NULL, "%s[%u].signature.out_spec", graph_path, number);
  TreeFacts inputs = check_tree (check, call->in_spec, in.text), outputs = check_tree (check, call->out_spec, out.text);
  if (inputs.good && !inputs.is_call)
    check_add (check, CHECK_S109, in.text, "%s", "it is no pair of arguments and keywords");
  if (inputs.good && inputs.leaves != count_user_inputs (check))
    check_add (check, CHECK_S110, in.text, "%" G_GUINT64_FORMAT " leaves, %u user inputs", inputs.leaves,
               count_user_inputs (check));
  if (outputs.good && outputs.leaves != count_user_outputs (check))
    check_add (check, CHECK_S110, out.text, "%" G_GUINT64_FORMAT " leaves, %u user outputs", outputs.leaves,
               count_user_outputs (check));
  if (inputs.good && call->forward_arg_names.items != NULL && call->forward_arg_names.len != inputs.arguments)
    check_add (check, CHECK_S115, place (NULL, "%s[%u].signature.forward_arg_names", graph_path, number).text,
               "%u names, %" G_GUINT64_FORMAT " arguments", call->forward_arg_names.len, inputs.arguments);
}

/* ---- modules inside ---- */

typedef struct
{
  Check *check;
  const CheckGraph *graph;
  Place where;
} Names;

static bool
check_name (const ArgumentName *name, gpointer data)
{
  const Names *names = data;
  const CheckValue *value = check_find_value (names->graph, name->name);
  if (value == NULL || value->defined == DEFINED_NOWHERE)
    check_add (names->check, CHECK_S113, names->where.text, "%s", shown (name->name).text);
  return true;
}

static void
check_names (Check *check, const CheckGraph *graph, const Pt2ArgumentList *list, uint32_t entry, const char *field)
{
  for (uint32_t i = 0; i < list->len; i++)
    {
      Names names = { check, graph, place (NULL, "%s[%u].signature.%s[%u]", graph_path, entry, field, i) };
      check_foreach_name (&list->items[i], check_name, &names);
    }
}

static void
check_inner_trees (Check *check, const Pt2ModuleCallSignature *call, uint32_t number)
{
  Place in = place (NULL, "%s[%u].signature.in_spec", graph_path, number);
  Place out = place (NULL, "%s[%u].signature.out_spec", graph_path, number);
  TreeFacts inputs = check_tree (check, call->in_spec, in.text), outputs = check_tree (check, call->out_spec, out.text);
  if (inputs.good && inputs.leaves != call->inputs.len)
    check_add (check, CHECK_S110, in.text, "%" G_GUINT64_FORMAT " leaves, %u inputs", inputs.leaves, call->inputs.len);
  if (outputs.good && outputs.leaves != call->outputs.len)
    check_add (check, CHECK_S110, out.text, "%" G_GUINT64_FORMAT " leaves, %u outputs", outputs.leaves,
               call->outputs.len);
}

typedef struct
{
  Pt2String fqn; /* first, for the index */
} ModuleName;

static void
check_repeated (Check *check, const Pt2ModuleCallEntryList *entries)
{
  Pt2TextIndex index;
  ModuleName *names = check_alloc (check, entries->len, sizeof *names);
  pt2_text_index_init (&index);
  for (uint32_t i = 0; names != NULL && i < entries->len; i++)
    {
      names[i].fqn = entries->items[i].fqn;
      if (names[i].fqn.data == NULL)
        continue;
      uint32_t owner = pt2_text_index_claim (&index, names, sizeof *names, i);
      if (owner == PT2_TEXT_INDEX_NONE)
        check->no_memory = true;
      else if (owner != i)
        check_add (check, CHECK_S114, place (NULL, "%s[%u].fqn", graph_path, i).text, "%s", shown (names[i].fqn).text);
    }
  pt2_text_index_clear (&index);
}

void
check_tree_rules (Check *check, const CheckGraph *graph)
{
  const Pt2ModuleCallEntryList *entries = &check->exported->graph_module.module_call_graph;
  bool whole = false;
  for (uint32_t i = 0; i < entries->len; i++)
    {
      const Pt2ModuleCallEntry *entry = &entries->items[i];
      if (entry->signature == NULL)
        continue;
      if (entry->fqn.len == 0 && !whole)
        {
          whole = true;
          check_root_trees (check, entry->signature, i);
        }
      else
        check_inner_trees (check, entry->signature, i);
      check_names (check, graph, &entry->signature->inputs, i, "inputs");
      check_names (check, graph, &entry->signature->outputs, i, "outputs");
    }
  if (!whole)
    check_add (check, CHECK_S112, graph_path, "%s", "");
  check_repeated (check, entries);
}
