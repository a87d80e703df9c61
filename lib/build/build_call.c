/* SPDX-License-Identifier: Apache-2.0 */
/* Calls: arguments are held against the operator's schema and written as PyTorch's serialiser writes them. */
#include "build_private.h"
#include <string.h>

typedef struct
{
  Pt2Builder *builder;
  Pt2BuildGraph *graph;
  const char *target;
  Pt2OpTarget kind;
  const Pt2OpSchema *schema; /* NULL: it has none */
} Call;

static gboolean
misfit (const Call *call, const char *what, const char *name)
{
  build_fail (call->builder, PT2_ERROR_B002, "%s: %s %s", call->target, what, name);
  return FALSE;
}

/* ---- values of arguments ---- */

static gboolean
is_here (const Call *call, const Pt2BuildValue *value)
{
  if (value != NULL && value->graph == call->graph)
    return TRUE;
  build_fail (call->builder, PT2_ERROR_B006, "%s: %s", call->target, value != NULL ? value->name : "none");
  return FALSE;
}

/* Tensors, some of which may be left out. */
static gboolean
put_optional_tensors (GString *out, const Call *call, const Pt2BuildArg *arg)
{
  g_string_append (out, "{\"as_optional_tensors\": [");
  for (guint i = 0; i < arg->n; i++)
    {
      const Pt2BuildValue *value = arg->values[i];
      if (value != NULL && !is_here (call, value))
        return FALSE;
      if (value != NULL && value->kind != BUILD_TENSOR)
        return misfit (call, "a list of different kinds with", value->name);
      g_string_append (out, i > 0 ? ", " : "");
      if (value == NULL)
        g_string_append (out, "{\"as_none\": true}");
      else
        build_put_value (out, value);
    }
  g_string_append (out, "]}");
  return TRUE;
}

static gboolean
has_gap (const Pt2BuildArg *arg)
{
  gboolean gap = FALSE;
  for (guint i = 0; i < arg->n; i++)
    gap = gap || arg->values[i] == NULL;
  return gap;
}

/* Tensors or symbolic integers: the first says which. */
static gboolean
put_values (GString *out, const Call *call, const Pt2BuildArg *arg)
{
  if (has_gap (arg))
    return put_optional_tensors (out, call, arg);
  gboolean tensors = arg->n == 0 || arg->values[0]->kind == BUILD_TENSOR;
  g_string_append (out, tensors ? "{\"as_tensors\": [" : "{\"as_sym_ints\": [");
  for (guint i = 0; i < arg->n; i++)
    {
      const Pt2BuildValue *value = arg->values[i];
      if (!is_here (call, value))
        return FALSE;
      if (value->kind != (tensors ? BUILD_TENSOR : BUILD_SYM_INT))
        return misfit (call, "a list of different kinds with", value->name);
      g_string_append (out, i > 0 ? ", " : "");
      g_string_append (out, tensors ? "{\"name\": " : "{\"as_name\": ");
      build_put_text (out, value->name);
      g_string_append_c (out, '}');
    }
  g_string_append (out, "]}");
  return TRUE;
}

static void
put_ints (GString *out, const Pt2BuildArg *arg)
{
  g_string_append (out, "{\"as_ints\": [");
  for (guint i = 0; i < arg->n; i++)
    g_string_append_printf (out, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", arg->integers[i]);
  g_string_append (out, "]}");
}

/* Numbers, and symbolic integers where VALUES has one. */
static gboolean
put_sizes (GString *out, const Call *call, const Pt2BuildArg *arg)
{
  gboolean symbolic = FALSE;
  for (guint i = 0; i < arg->n; i++)
    symbolic = symbolic || arg->values[i] != NULL;
  g_string_append (out, symbolic ? "{\"as_sym_ints\": [" : "{\"as_ints\": [");
  for (guint i = 0; i < arg->n; i++)
    {
      const Pt2BuildValue *value = arg->values[i];
      g_string_append (out, i > 0 ? ", " : "");
      if (value != NULL && !is_here (call, value))
        return FALSE;
      if (value != NULL && value->kind != BUILD_SYM_INT)
        return misfit (call, "no integer:", value->name);
      if (value == NULL)
        g_string_append_printf (out, symbolic ? "{\"as_int\": %" G_GINT64_FORMAT "}" : "%" G_GINT64_FORMAT,
                                arg->numbers[i]);
      else
        {
          g_string_append (out, "{\"as_name\": ");
          build_put_text (out, value->name);
          g_string_append_c (out, '}');
        }
    }
  g_string_append (out, "]}");
  return TRUE;
}

static void
put_float (GString *out, double real)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_dtostr (text, sizeof text, real);
  g_string_append_printf (out, "{\"as_float\": %s%s}", text, strpbrk (text, ".en") == NULL ? ".0" : "");
}

static gboolean
put_dtype (GString *out, const Call *call, const char *name)
{
  for (gint i = 0; i < 256; i++)
    if (g_strcmp0 (pt2_scalar_type_name (i), name) == 0)
      {
        g_string_append_printf (out, "{\"as_scalar_type\": %d}", i);
        return TRUE;
      }
  return misfit (call, "no type of elements", name);
}

/* A graph may be given to calls of any graph but itself. */
static gboolean
put_graph_argument (GString *out, const Call *call, const Pt2BuildGraph *graph)
{
  if (graph == NULL || graph == call->graph || graph->name[0] == '\0')
    return misfit (call, "no subgraph", graph != NULL ? graph->name : "");
  g_string_append (out, "{\"as_graph\": {\"name\": ");
  build_put_text (out, graph->name);
  g_string_append (out, ", \"graph\": ");
  build_put_graph (out, graph);
  g_string_append (out, "}}");
  return TRUE;
}

static gboolean
put_argument (GString *out, const Call *call, const Pt2BuildArg *arg)
{
  switch (arg->kind)
    {
    case PT2_BUILD_NONE:
      g_string_append (out, "{\"as_none\": true}");
      return TRUE;
    case PT2_BUILD_VALUE:
      if (!is_here (call, arg->value))
        return FALSE;
      build_put_value (out, arg->value);
      return TRUE;
    case PT2_BUILD_INT:
      g_string_append_printf (out, "{\"as_int\": %" G_GINT64_FORMAT "}", arg->integer);
      return TRUE;
    case PT2_BUILD_FLOAT:
      put_float (out, arg->real);
      return TRUE;
    case PT2_BUILD_BOOL:
      g_string_append_printf (out, "{\"as_bool\": %s}", arg->integer != 0 ? "true" : "false");
      return TRUE;
    case PT2_BUILD_TEXT:
      g_string_append (out, "{\"as_string\": ");
      build_put_text (out, arg->text);
      g_string_append_c (out, '}');
      return TRUE;
    case PT2_BUILD_DTYPE:
      return put_dtype (out, call, arg->text);
    case PT2_BUILD_DEVICE:
      g_string_append (out, "{\"as_device\": {\"type\": ");
      build_put_text (out, arg->text);
      g_string_append (out, ", \"index\": null}}");
      return TRUE;
    case PT2_BUILD_GRAPH:
      return put_graph_argument (out, call, arg->graph);
    case PT2_BUILD_VALUES:
      return put_values (out, call, arg);
    case PT2_BUILD_INTS:
      put_ints (out, arg);
      return TRUE;
    case PT2_BUILD_SIZES:
      return put_sizes (out, call, arg);
    case PT2_BUILD_OPERATOR:
      g_string_append (out, "{\"as_operator\": ");
      build_put_text (out, arg->text);
      g_string_append_c (out, '}');
      return TRUE;
    }
  return misfit (call, "an argument of no kind", "");
}

/* ---- which argument of the schema it is ---- */

static gboolean
is_called (Pt2String name, const char *other)
{
  return name.len == strlen (other) && memcmp (name.data, other, name.len) == 0;
}

/* Number of the argument in the schema; -1 if there is none. */
static gint
place_of (const Call *call, const Pt2BuildArg *arg, guint index)
{
  if (arg->name == NULL)
    return index < call->schema->n_arguments && !call->schema->arguments[index].keyword_only ? (gint)index : -1;
  for (guint i = 0; i < call->schema->n_arguments; i++)
    if (is_called (call->schema->arguments[i].name, arg->name))
      return (gint)i;
  return -1;
}

/* By place first, then by name in the schema's order, each once; what has no default must be there. */
static gboolean
check_arguments (const Call *call, const Pt2BuildArg *args, guint n)
{
  gint last = -1;
  g_autofree gboolean *given = g_new0 (gboolean, call->schema->n_arguments);
  for (guint i = 0; i < n; i++)
    {
      gint place = place_of (call, &args[i], i);
      if (place < 0 || place <= last)
        return misfit (
            call, "an argument too many, unknown or out of order:", args[i].name != NULL ? args[i].name : "by place");
      given[place] = TRUE;
      last = place;
    }
  for (guint i = 0; i < call->schema->n_arguments; i++)
    if (!given[i] && call->schema->arguments[i].default_text.data == NULL)
      {
        g_autofree char *name = g_strndup (call->schema->arguments[i].name.data, call->schema->arguments[i].name.len);
        return misfit (call, "nothing is given for", name);
      }
  return TRUE;
}

static gboolean
check_symbolic (const Call *call, const Pt2BuildArg *args, guint n)
{
  guint expected;
  pt2_op_symbolic_inputs ((Pt2String){ call->target, (guint32)strlen (call->target) }, &expected);
  for (guint i = 0; i < n; i++)
    if (args[i].name != NULL)
      return misfit (call, "takes no argument by name:", args[i].name);
  return n == expected || misfit (call, "takes another number of arguments", "");
}

static void
put_argument_name (GString *out, const Call *call, const Pt2BuildArg *arg, guint index)
{
  guint n;
  const char *const *symbolic
      = pt2_op_symbolic_inputs ((Pt2String){ call->target, (guint32)strlen (call->target) }, &n);
  if (symbolic != NULL)
    build_put_text (out, symbolic[index]);
  else if (call->schema == NULL)
    build_put_text (out, arg->name != NULL ? arg->name : "");
  else
    {
      const Pt2OpArgument *argument = &call->schema->arguments[place_of (call, arg, index)];
      g_string_append_printf (out, "\"%.*s\"", (int)argument->name.len, argument->name.data);
    }
}

static gboolean
put_inputs (GString *out, const Call *call, const Pt2BuildArg *args, guint n)
{
  g_string_append (out, ", \"inputs\": [");
  for (guint i = 0; i < n; i++)
    {
      g_string_append (out, i > 0 ? ", {\"name\": " : "{\"name\": ");
      put_argument_name (out, call, &args[i], i);
      g_string_append (out, ", \"arg\": ");
      if (!put_argument (out, call, &args[i]))
        return FALSE;
      g_string_append_printf (out, ", \"kind\": %d}", args[i].name != NULL ? 2 : 1);
    }
  g_string_append_c (out, ']');
  return TRUE;
}

/* ---- results ---- */

/* One list of tensors, as operators such as split give. */
static gboolean
gives_list (const Call *call)
{
  return call->schema != NULL && call->schema->n_returns == 1
         && pt2_op_type_list_item (&call->schema->returns[0].type) != NULL;
}

static gboolean
add_results (const Call *call, const char *name, const char *types, GPtrArray *results)
{
  g_auto (GStrv) parts = types[0] != '\0' ? g_strsplit (types, ";", -1) : g_new0 (char *, 1);
  guint n = g_strv_length (parts);
  gboolean list = gives_list (call);
  /* A lone result is the call and has its name; others are elements of it, which PyTorch calls so. */
  gboolean bare = n == 1 && !list && call->kind != PT2_OP_TARGET_HIGHER_ORDER;
  if (!bare)
    g_hash_table_add (call->graph->names, g_strdup (name));
  if (call->schema != NULL && !list && n != call->schema->n_returns)
    return misfit (call, "gives another number of results than", types);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *made = bare ? g_strdup (name) : build_free_name (call->graph, "getitem");
      Pt2BuildValue *value = build_add_value (call->graph, made, BUILD_RESULT, parts[i]);
      if (value == NULL)
        return FALSE;
      if (list && value->kind != BUILD_TENSOR)
        return misfit (call, "gives a list of tensors, not", parts[i]);
      value->siblings = results;
      value->index = i;
      g_ptr_array_add (results, value);
    }
  return TRUE;
}

static void
put_results (GString *out, const Call *call, GPtrArray *results)
{
  gboolean list = gives_list (call);
  g_string_append (out, list ? ", \"outputs\": [{\"as_tensors\": [" : ", \"outputs\": [");
  for (guint i = 0; i < results->len; i++)
    {
      const Pt2BuildValue *value = results->pdata[i];
      g_string_append (out, i > 0 ? ", " : "");
      if (list)
        {
          g_string_append (out, "{\"name\": ");
          build_put_text (out, value->name);
          g_string_append_c (out, '}');
        }
      else
        build_put_value (out, value);
    }
  g_string_append (out, list ? "]}]" : "]");
}

/* ---- the call ---- */

static gboolean
find_operator (Call *call)
{
  const Pt2String target = { call->target, (guint32)strlen (call->target) };
  GError *fault = NULL;
  call->kind = pt2_op_target_kind (target);
  if (call->kind == PT2_OP_TARGET_OVERLOAD || call->kind == PT2_OP_TARGET_EXTENSION)
    call->schema = pt2_ops_lookup (call->builder->ops, target, &fault);
  if (fault != NULL)
    build_take_error (call->builder, fault);
  else if (call->schema == NULL && call->kind != PT2_OP_TARGET_SYMBOLIC && call->kind != PT2_OP_TARGET_HIGHER_ORDER)
    build_fail (call->builder, PT2_ERROR_B001, "%s", call->target);
  return call->builder->error == NULL;
}

/* "linear" of torch.ops.aten.linear.default, as PyTorch names nodes; "op" of #mine:op. */
static char *
base_name (const Call *call)
{
  if (call->kind == PT2_OP_TARGET_EXTENSION)
    {
      const char *behind = strchr (call->target, ':') + 1;
      g_autofree char *name = g_strconcat (g_ascii_isdigit (behind[0]) ? "_" : "", behind, NULL);
      for (char *p = name; *p != '\0'; p++)
        *p = g_ascii_tolower (*p);
      g_strcanon (name, G_CSET_a_2_z G_CSET_DIGITS "_", '_');
      return build_free_name (call->graph, name);
    }
  g_auto (GStrv) parts = g_strsplit (call->target, ".", -1);
  guint n = g_strv_length (parts);
  guint at = call->kind == PT2_OP_TARGET_OVERLOAD && n >= 2 ? n - 2 : n - 1;
  return build_free_name (call->graph, parts[at]);
}

static gboolean
put_call (GString *out, const Call *call, const char *types, const Pt2BuildArg *args, guint n, GPtrArray *results)
{
  g_autofree char *name = base_name (call);
  gboolean fits = call->kind == PT2_OP_TARGET_SYMBOLIC ? check_symbolic (call, args, n)
                                                       : call->schema == NULL || check_arguments (call, args, n);
  g_string_append (out, "{\"target\": ");
  build_put_text (out, call->target);
  if (!fits || !put_inputs (out, call, args, n) || !add_results (call, name, types, results))
    return FALSE;
  put_results (out, call, results);
  g_string_append_printf (out, ", \"metadata\": {}, \"is_hop_single_tensor_return\": %s, \"name\": ",
                          call->kind == PT2_OP_TARGET_HIGHER_ORDER ? "false" : "null");
  build_put_text (out, name);
  g_string_append_c (out, '}');
  return TRUE;
}

Pt2BuildValue *
pt2_build_call (Pt2BuildGraph *graph, const char *op, const char *types, const Pt2BuildArg *args, guint n)
{
  guint n_symbolic;
  if (graph == NULL || graph->builder->error != NULL)
    return NULL;
  gboolean whole = g_str_has_prefix (op, "torch.ops.") || op[0] == '#'
                   || pt2_op_symbolic_inputs ((Pt2String){ op, (guint32)strlen (op) }, &n_symbolic) != NULL;
  g_autofree char *target = whole ? g_strdup (op) : g_strconcat ("torch.ops.", op, NULL);
  Call call = { graph->builder, graph, target, PT2_OP_TARGET_OTHER, NULL };
  g_autoptr (GString) out = g_string_new (NULL);
  GPtrArray *results = g_ptr_array_new ();
  g_ptr_array_add (graph->builder->calls, results);
  if (!find_operator (&call) || !put_call (out, &call, types, args, n, results))
    return NULL;
  g_string_append (graph->nodes, graph->nodes->len > 0 ? ", " : "");
  g_string_append_len (graph->nodes, out->str, (gssize)out->len);
  return results->len > 0 ? results->pdata[0] : NULL;
}
