/* SPDX-License-Identifier: Apache-2.0 */
/* New calls, and other operators for calls. */
#include "edit.h"
#include "namespace.h"
#include "text.h"
#include <string.h>

/* ---- names ---- */

static Pt2FxNamespace *
made_names (Pt2FxGraph *graph)
{
  if (graph->made_names != NULL)
    return graph->made_names;
  Pt2FxNamespace *names = pt2_fx_alloc (graph->module, sizeof *names);
  if (names == NULL)
    return NULL;
  pt2_fx_namespace_init (names, &graph->module->arena);
  return graph->made_names = names;
}

/* Names that the file or a user gave are met here one by one. */
bool
pt2_fx_name_new (Pt2FxNode *node, Pt2String candidate)
{
  Pt2FxNode *other;
  Pt2FxNamespace *names = made_names (node->graph);
  Pt2String name = names != NULL ? pt2_fx_namespace_name (names, candidate, false) : (Pt2String){ NULL, 0 };
  while (name.data != NULL)
    {
      node->name = name.data;
      node->name_len = name.len;
      node->flags |= PT2_FX_NAME_OWN | PT2_FX_RENAMED;
      if (pt2_fx_names_add (&node->graph->names, node, &other))
        return true;
      name = other != NULL ? pt2_fx_namespace_name (names, candidate, false) : (Pt2String){ NULL, 0 };
    }
  return false;
}

bool
pt2_fx_name_node (Pt2FxNode *node, const char *name)
{
  Pt2FxModule *module = node->graph->module;
  Pt2FxNode *other;
  if (name == NULL)
    {
      Pt2String candidate = node->op == PT2_FX_CALL ? pt2_fx_target_name (&module->arena, node->source->target, "")
                                                    : (Pt2String){ "getitem", 7 };
      return candidate.data != NULL && pt2_fx_name_new (node, candidate);
    }
  Pt2String own = pt2_fx_own_text (module, name, strlen (name));
  node->name = own.data;
  node->name_len = own.len;
  node->flags |= PT2_FX_NAME_OWN | PT2_FX_RENAMED;
  return own.data != NULL && pt2_fx_names_add (&node->graph->names, node, &other);
}

/* ---- arguments ---- */

static int
find_given (const Pt2FxCall *call, Pt2String name)
{
  for (guint i = 0; i < call->n_arguments; i++)
    if (call->arguments[i].name != NULL && strlen (call->arguments[i].name) == name.len
        && memcmp (call->arguments[i].name, name.data, name.len) == 0)
      return (int)i;
  return -1;
}

static bool
is_parameter (const Pt2OpSchema *schema, Pt2String name)
{
  for (guint i = 0; i < schema->n_arguments; i++)
    if (schema->arguments[i].name.len == name.len && memcmp (schema->arguments[i].name.data, name.data, name.len) == 0)
      return true;
  return false;
}

static bool
wrong_argument (Pt2FxGraph *graph, Pt2String target, const char *what, Pt2String name, GError **error)
{
  char shown_target[80], shown_name[60];
  return pt2_fx_fault (graph, NULL, PT2_ERROR_G012, error, "%s %s %s",
                       pt2_text_escape (target.data, target.len, shown_target, sizeof shown_target), what,
                       pt2_text_escape (name.data, name.len, shown_name, sizeof shown_name));
}

/* Each name is a parameter's and given once, and what has no default is there. */
static bool
check_names (Pt2FxGraph *graph, const Pt2OpSchema *schema, const Pt2String *names, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (!is_parameter (schema, names[i]))
      return wrong_argument (graph, schema->target, "does not take", names[i], error);
  for (guint i = 0; i < schema->n_arguments; i++)
    {
      const Pt2OpArgument *parameter = &schema->arguments[i];
      guint found = 0;
      for (guint j = 0; j < n; j++)
        found += names[j].len == parameter->name.len && memcmp (names[j].data, parameter->name.data, names[j].len) == 0;
      if (found == 0 && parameter->default_text.data == NULL)
        return wrong_argument (graph, schema->target, "needs", parameter->name, error);
      if (found > 1)
        return wrong_argument (graph, schema->target, "is given twice", parameter->name, error);
    }
  return true;
}

static bool
check_call (Pt2FxGraph *graph, const Pt2FxCall *call, const Pt2OpSchema *schema, GError **error)
{
  if (call->name != NULL && !pt2_fx_check_name (graph, call->name, error))
    return false;
  for (guint i = 0; i < call->n_arguments; i++)
    if (!pt2_fx_check_value (graph, &call->arguments[i].value, error))
      return false;
  if (schema == NULL)
    return true;
  g_autofree Pt2String *names = g_try_new (Pt2String, call->n_arguments + 1);
  for (guint i = 0; names != NULL && i < call->n_arguments; i++)
    {
      const char *name = call->arguments[i].name != NULL ? call->arguments[i].name : "";
      names[i] = (Pt2String){ name, (uint32_t)strlen (name) };
    }
  return names != NULL && check_names (graph, schema, names, call->n_arguments, error);
}

static bool
add_input (Pt2FxNode *node, const Pt2FxNamed *given, Pt2ArgumentKind kind)
{
  Pt2FxModule *module = node->graph->module;
  Pt2FxArgument *input = &node->inputs[node->n_inputs];
  Pt2NamedArgument *parameter = &node->source->inputs.items[node->n_inputs];
  const char *name = given->name != NULL ? given->name : "";
  parameter->name = pt2_fx_own_text (module, name, strlen (name));
  if (module->exported->schema_version.minor >= 5)
    {
      parameter->kind = kind;
      parameter->present[0] |= PT2_FX_KIND_FLAG;
    }
  if (parameter->name.data == NULL || !pt2_fx_copy_argument (node, &given->value, input))
    return false;
  input->flags |= PT2_FX_PARAMETER_OWN;
  node->n_inputs++;
  return true;
}

/* By place, up to the first parameter that is left to its default or can only go by name. */
static bool
add_by_schema (Pt2FxNode *node, const Pt2FxCall *call, const Pt2OpSchema *schema)
{
  bool by_place = true;
  for (guint i = 0; i < schema->n_arguments; i++)
    {
      int given = find_given (call, schema->arguments[i].name);
      by_place = by_place && given >= 0 && !schema->arguments[i].keyword_only;
      if (given >= 0
          && !add_input (node, &call->arguments[given],
                         by_place ? PT2_ARGUMENT_KIND_POSITIONAL : PT2_ARGUMENT_KIND_KEYWORD))
        return false;
    }
  return true;
}

static bool
add_inputs (Pt2FxNode *node, Pt2Node *source, const Pt2FxCall *call, const Pt2OpSchema *schema)
{
  Pt2FxModule *module = node->graph->module;
  node->inputs = pt2_fx_alloc (module, call->n_arguments * sizeof *node->inputs);
  Pt2NamedArgument *parameters = pt2_fx_alloc (module, call->n_arguments * sizeof *parameters);
  if (node->inputs == NULL || parameters == NULL)
    return false;
  source->inputs = (Pt2NamedArgumentList){ parameters, call->n_arguments };
  if (schema != NULL)
    return add_by_schema (node, call, schema);
  for (guint i = 0; i < call->n_arguments; i++)
    if (!add_input (node, &call->arguments[i], PT2_ARGUMENT_KIND_POSITIONAL))
      return false;
  return true;
}

/* ---- results ---- */

const void *
pt2_fx_copy_meta (Pt2FxModule *module, const Pt2FxMeta *meta)
{
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    if (pt2_fx_tables[table].kind == meta->kind && meta->meta != NULL)
      return pt2_fx_copy_value (module, table, meta->meta);
  return NULL;
}

static bool
set_results (Pt2FxNode *node, const Pt2FxCall *call)
{
  Pt2FxModule *module = node->graph->module;
  if (call->n_results == 0 && !call->in_list && !call->in_tuple)
    return true;
  if (call->n_results == 1 && !call->in_list && !call->in_tuple)
    {
      node->value_kind = (uint8_t)call->results[0].kind;
      node->value = pt2_fx_copy_meta (module, &call->results[0]);
      node->flags |= PT2_FX_VALUE_OWN;
      return !module->no_memory;
    }
  Pt2FxResult *results = pt2_fx_alloc (module, call->n_results * sizeof *results);
  node->value_kind = call->in_list ? PT2_FX_VALUE_LIST : PT2_FX_VALUE_TUPLE;
  node->value = results;
  node->n_results = call->n_results;
  for (guint i = 0; results != NULL && i < call->n_results; i++)
    {
      results[i].kind = (uint8_t)call->results[i].kind;
      results[i].meta = pt2_fx_copy_meta (module, &call->results[i]);
      results[i].own = 1;
    }
  return !module->no_memory;
}

/* Can the file say of a call of TARGET that what it gives comes so? One result in a tuple is for operators on graphs
 * alone; that it is bare, only a tensor's call of those can say, and that from schema 8.5 on. RESULT is the first, or
 * the only one, of N. */
static bool
can_give (const Pt2FxModule *module, Pt2String target, Pt2FxValueKind kind, Pt2FxValueKind result, uint32_t n)
{
  bool on_graphs = pt2_fx_names_higher_order (target);
  if (kind == PT2_FX_VALUE_LIST)
    return n > 0;
  if (kind == PT2_FX_VALUE_TUPLE)
    return n != 1 || (on_graphs && result != PT2_FX_VALUE_NONE);
  return !on_graphs || kind == PT2_FX_VALUE_NOTHING || kind == PT2_FX_VALUE_NONE
         || (kind == PT2_FX_VALUE_TENSOR && module->exported->schema_version.minor >= 5);
}

static bool
check_results (Pt2FxGraph *graph, const Pt2FxCall *call, GError **error)
{
  const Pt2String target = { call->target, (uint32_t)strlen (call->target) };
  const Pt2FxValueKind result = call->n_results > 0 ? call->results[0].kind : PT2_FX_VALUE_NOTHING;
  const Pt2FxValueKind kind = call->in_list                           ? PT2_FX_VALUE_LIST
                              : call->in_tuple || call->n_results > 1 ? PT2_FX_VALUE_TUPLE
                                                                      : result;
  if (!can_give (graph->module, target, kind, result, call->n_results))
    return pt2_fx_fault (graph, NULL, PT2_ERROR_G013, error, "%u results %s", call->n_results,
                         kind == PT2_FX_VALUE_LIST    ? "in a list"
                         : kind == PT2_FX_VALUE_TUPLE ? "in a tuple"
                                                      : "that are in no tuple");
  for (guint i = 0; i < call->n_results; i++)
    {
      bool fine = call->results[i].kind == PT2_FX_VALUE_NONE && !call->in_list;
      for (Pt2FxTableName table = 0; table < PT2_FX_TABLE_OBJECT; table++) /* PyTorch reads no objects there */
        fine = fine
               || (pt2_fx_tables[table].kind == call->results[i].kind && call->results[i].meta != NULL
                   && (!call->in_list || table == PT2_FX_TABLE_TENSOR));
      if (!fine)
        return pt2_fx_fault (graph, NULL, PT2_ERROR_G013, error, "result %u", i);
    }
  return true;
}

/* ---- calls ---- */

/* NULL in *SCHEMA if none is known; false if a handler of extensions said what is none. */
static bool
find_schema (const Pt2Ops *ops, Pt2String target, const Pt2OpSchema **schema, GError **error)
{
  GError *fault = NULL;
  *schema = ops != NULL ? pt2_ops_lookup (ops, target, &fault) : NULL;
  if (fault != NULL)
    g_propagate_error (error, fault);
  return fault == NULL;
}

static bool
fill_call (Pt2FxNode *node, const Pt2FxCall *call, const Pt2OpSchema *schema)
{
  Pt2FxModule *module = node->graph->module;
  Pt2Node *source = pt2_fx_alloc (module, sizeof *source);
  if (source == NULL)
    return false;
  source->target = pt2_fx_own_text (module, call->target, strlen (call->target));
  const Pt2FxNode *like = call->like != NULL ? pt2_fx_node_get_producer (call->like) : NULL;
  if (like != NULL && like->op == PT2_FX_CALL && like->source != NULL)
    {
      source->metadata = like->source->metadata;
      node->flags |= like->flags & PT2_FX_METADATA_OWN;
    }
  if (source->metadata.entries == NULL)
    source->metadata.entries = pt2_fx_alloc (module, sizeof *source->metadata.entries);
  node->source = source;
  node->flags |= PT2_FX_NEW | PT2_FX_TARGET_OWN;
  return source->target.data != NULL && source->metadata.entries != NULL && set_results (node, call)
         && pt2_fx_name_node (node, call->name) && add_inputs (node, source, call, schema);
}

Pt2FxNode *
pt2_fx_graph_insert_call (Pt2FxGraph *graph, Pt2FxNode *before, const Pt2FxCall *call, const Pt2Ops *ops,
                          GError **error)
{
  Pt2String target = { call->target, (uint32_t)strlen (call->target) };
  const Pt2OpSchema *schema;
  before = before != NULL ? before : graph->output;
  bool fits = before->graph == graph && !(before->flags & PT2_FX_ERASED) && before->op != PT2_FX_PLACEHOLDER;
  if (!fits)
    {
      pt2_fx_fault (graph, NULL, PT2_ERROR_G009, error, "%s", "nothing can stand before that node");
      return NULL;
    }
  if (!find_schema (ops, target, &schema, error) || !check_call (graph, call, schema, error)
      || !check_results (graph, call, error))
    return NULL;
  Pt2FxNode *node = pt2_fx_node_alloc (graph, PT2_FX_CALL);
  bool fine = node != NULL && fill_call (node, call, schema);
  if (fine)
    pt2_fx_link (node, before);
  return pt2_fx_done (graph->module, fine, error) ? node : NULL;
}

/* Behind the call and the getitems that follow it. */
static Pt2FxNode *
place_behind (Pt2FxNode *call)
{
  Pt2FxNode *next = call->next;
  while (next != NULL && next->op == PT2_FX_GETITEM && next->inputs[0].node == call)
    next = next->next;
  return next;
}

Pt2FxNode *
pt2_fx_node_take_result (Pt2FxNode *call, guint index, const char *name, GError **error)
{
  Pt2FxModule *module = call->graph->module;
  Pt2FxUsers users;
  bool has_results = call->value_kind == PT2_FX_VALUE_TUPLE || call->value_kind == PT2_FX_VALUE_LIST;
  if (!has_results || index >= call->n_results || (call->flags & PT2_FX_ERASED))
    {
      pt2_fx_fault (call->graph, NULL, PT2_ERROR_G013, error, "result %u of %.*s", index, (int)MIN (call->name_len, 60),
                    call->name);
      return NULL;
    }
  pt2_fx_users_init (&users, call);
  for (Pt2FxNode *user; (user = pt2_fx_users_next (&users)) != NULL;)
    if (user->op == PT2_FX_GETITEM && user->index == index)
      return user;
  if (name != NULL && !pt2_fx_check_name (call->graph, name, error))
    return NULL;
  const Pt2FxResult *result = (const Pt2FxResult *)call->value + index;
  Pt2FxNode *node = pt2_fx_node_alloc (call->graph, PT2_FX_GETITEM);
  Pt2FxArgument *input = pt2_fx_alloc (module, sizeof *input);
  bool fine = node != NULL && input != NULL && pt2_fx_add_use (node, input, call);
  if (fine)
    {
      node->inputs = input;
      node->n_inputs = 1;
      node->index = index;
      node->value_kind = result->kind;
      node->value = result->meta;
      node->n_results = result->n_items;
      node->flags |= result->own ? PT2_FX_VALUE_OWN : 0;
      fine = pt2_fx_name_node (node, name);
    }
  if (fine)
    pt2_fx_link (node, place_behind (call));
  return pt2_fx_done (module, fine, error) ? node : NULL;
}

gboolean
pt2_fx_node_set_target (Pt2FxNode *node, const char *target, const Pt2Ops *ops, GError **error)
{
  Pt2FxModule *module = node->graph->module;
  Pt2String given = { target, (uint32_t)strlen (target) };
  const Pt2OpSchema *schema;
  bool several = node->value_kind == PT2_FX_VALUE_TUPLE && node->n_results > 0;
  Pt2FxValueKind result = several ? ((const Pt2FxResult *)node->value)->kind : node->value_kind;
  if (node->op != PT2_FX_CALL || (node->flags & PT2_FX_ERASED)
      || !can_give (module, given, node->value_kind, result, node->n_results))
    return wrong_argument (node->graph, given, "cannot be called by", pt2_fx_name (node), error);
  if (!find_schema (ops, given, &schema, error))
    return FALSE;
  if (schema != NULL)
    {
      g_autofree Pt2String *names = g_try_new (Pt2String, node->n_inputs + 1);
      for (uint32_t i = 0; names != NULL && i < node->n_inputs; i++)
        names[i] = pt2_fx_parameter (node, i)->name;
      if (names == NULL || !check_names (node->graph, schema, names, node->n_inputs, error))
        return names != NULL ? FALSE : pt2_fx_no_memory (module, error);
    }
  Pt2String own = pt2_fx_own_text (module, target, given.len);
  Pt2Node *source = own.data != NULL ? pt2_fx_own_source (node) : NULL;
  if (source != NULL)
    {
      source->target = own;
      node->flags |= PT2_FX_TARGET_OWN;
    }
  return pt2_fx_done (module, source != NULL, error);
}
