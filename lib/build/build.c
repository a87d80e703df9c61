/* SPDX-License-Identifier: Apache-2.0 */
#include "build_private.h"
#include "json_text.h"
#include "namespace.h"
#include "text.h"
#include <string.h>

void
build_take_error (Pt2Builder *builder, GError *error)
{
  if (builder->error == NULL)
    builder->error = error;
  else
    g_error_free (error);
}

void *
build_fail (Pt2Builder *builder, Pt2ErrorCode code, const char *format, ...)
{
  if (builder->error != NULL)
    return NULL;
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *detail = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  char shown[256];
  pt2_error_set (&builder->error, code, NULL, "%s", pt2_text_escape (detail, strlen (detail), shown, sizeof shown));
  return NULL;
}

/* ---- graphs ---- */

static Pt2BuildGraph *
add_graph (Pt2Builder *builder, const char *name)
{
  Pt2BuildGraph *graph = g_new0 (Pt2BuildGraph, 1);
  *graph = (Pt2BuildGraph){ .builder = builder,
                            .name = g_strdup (name),
                            .values = g_ptr_array_new (),
                            .outputs = g_ptr_array_new (),
                            .names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                            .numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                            .nodes = g_string_new (NULL) };
  g_ptr_array_add (builder->graphs, graph);
  return graph;
}

static void
free_value (Pt2BuildValue *value)
{
  g_free (value->name);
  g_free (value->meta);
  g_free (value->fqn);
  g_free (value->class_name);
  g_clear_pointer (&value->data, g_bytes_unref);
  g_free (value);
}

static void
free_graph (gpointer data)
{
  Pt2BuildGraph *graph = data;
  for (guint i = 0; i < graph->values->len; i++)
    free_value (graph->values->pdata[i]);
  g_ptr_array_unref (graph->values);
  g_ptr_array_unref (graph->outputs);
  g_hash_table_destroy (graph->names);
  g_hash_table_destroy (graph->numbers);
  g_string_free (graph->nodes, TRUE);
  g_free (graph->name);
  g_free (graph);
}

Pt2Builder *
pt2_builder_new (const Pt2Ops *ops, GError **error)
{
  g_autoptr (Pt2Builder) builder = g_new0 (Pt2Builder, 1);
  builder->graphs = g_ptr_array_new_with_free_func (free_graph);
  builder->calls = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  builder->symbols = g_array_new (FALSE, FALSE, sizeof (BuildSymbol));
  builder->hints = g_array_new (FALSE, FALSE, sizeof (Pt2ExprSetting));
  builder->mutations = g_array_new (FALSE, FALSE, sizeof (BuildMutation));
  builder->gradients = g_array_new (FALSE, FALSE, sizeof (BuildMutation));
  builder->tokens = g_ptr_array_new ();
  builder->tuple_fields = g_string_new (NULL);
  builder->loss = BUILD_NO_LOSS;
  builder->pool = pt2_expr_pool_new (NULL);
  builder->own_ops = ops == NULL ? pt2_ops_new (NULL, error) : NULL;
  builder->ops = ops != NULL ? ops : builder->own_ops;
  if (builder->ops == NULL)
    return NULL;
  if (builder->pool == NULL)
    {
      pt2_error_set (error, PT2_ERROR_L001, NULL, "for a program");
      return NULL;
    }
  add_graph (builder, "");
  return g_steal_pointer (&builder);
}

void
pt2_builder_free (Pt2Builder *builder)
{
  g_free (builder->dialect);
  g_ptr_array_unref (builder->calls);
  g_ptr_array_unref (builder->graphs);
  for (guint i = 0; i < builder->symbols->len; i++)
    g_free (g_array_index (builder->symbols, BuildSymbol, i).name);
  g_array_unref (builder->symbols);
  g_array_unref (builder->hints);
  g_array_unref (builder->mutations);
  g_array_unref (builder->gradients);
  g_ptr_array_unref (builder->tokens);
  g_string_free (builder->tuple_fields, TRUE);
  build_tree_clear (&builder->takes);
  build_tree_clear (&builder->gives);
  pt2_expr_pool_free (builder->pool);
  pt2_ops_free (builder->own_ops);
  g_clear_error (&builder->error);
  g_free (builder);
}

Pt2BuildGraph *
pt2_build_root (Pt2Builder *builder)
{
  return builder->graphs->pdata[0];
}

Pt2BuildGraph *
pt2_build_subgraph (Pt2Builder *builder, const char *name)
{
  for (guint i = 1; i < builder->graphs->len; i++)
    if (strcmp (((Pt2BuildGraph *)builder->graphs->pdata[i])->name, name) == 0)
      return build_fail (builder, PT2_ERROR_B004, "%s", name);
  return add_graph (builder, name);
}

/* ---- symbols ---- */

void
pt2_build_symbol (Pt2Builder *builder, const char *name, gint64 min, gint64 max, gint64 hint)
{
  gsize digits = name[0] == 's' ? strspn (name + 1, "0123456789") : 0;
  for (guint i = 0; i < builder->symbols->len; i++)
    if (strcmp (g_array_index (builder->symbols, BuildSymbol, i).name, name) == 0)
      build_fail (builder, PT2_ERROR_B004, "%s", name);
  if (digits == 0 || name[1 + digits] != '\0' || min < 0 || min > hint || hint > max)
    build_fail (builder, PT2_ERROR_B003, "symbol %s", name);
  if (builder->error != NULL)
    return;
  BuildSymbol symbol = { g_strdup (name), min, max };
  Pt2ExprSetting setting = { symbol.name, { PT2_EXPR_INTEGER, hint, 0, NULL } };
  g_array_append_val (builder->symbols, symbol);
  g_array_append_val (builder->hints, setting);
}

/* ---- values ---- */

char *
build_free_name (Pt2BuildGraph *graph, const char *name)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (graph->numbers, name));
  char *made = g_strdup (name);
  bool taken = pt2_fx_name_is_reserved ((Pt2String){ name, (guint32)strlen (name) });
  while (taken || g_hash_table_contains (graph->names, made))
    {
      taken = false;
      g_free (made);
      made = g_strdup_printf ("%s_%u", name, ++number);
    }
  if (number > 0)
    g_hash_table_insert (graph->numbers, g_strdup (name), GUINT_TO_POINTER (number));
  return made;
}

/* META is taken; NULL after an error. */
static Pt2BuildValue *
add_of_kind (Pt2BuildGraph *graph, const char *name, BuildRole role, BuildKind kind, char *meta)
{
  Pt2Builder *builder = graph->builder;
  if (g_hash_table_contains (graph->names, name) || name[0] == '\0' || !pt2_text_is_utf8 (name, strlen (name)))
    build_fail (builder, PT2_ERROR_B004, "%s", name);
  if (meta == NULL || builder->error != NULL)
    {
      g_free (meta);
      return NULL;
    }
  Pt2BuildValue *value = g_new0 (Pt2BuildValue, 1);
  *value = (Pt2BuildValue){ .graph = graph, .name = g_strdup (name), .kind = kind, .role = role, .meta = meta };
  g_ptr_array_add (graph->values, value);
  g_hash_table_add (graph->names, g_strdup (name));
  return value;
}

Pt2BuildValue *
build_add_value (Pt2BuildGraph *graph, const char *name, BuildRole role, const char *type)
{
  BuildKind kind;
  char *meta = build_read_type (graph->builder, type, role == BUILD_PARAMETER, &kind);
  if (meta != NULL && role == BUILD_INPUT && kind != BUILD_TENSOR && kind != BUILD_SYM_INT)
    {
      g_free (meta);
      return build_fail (graph->builder, PT2_ERROR_B006, "an input %s of type %s", name, type);
    }
  return add_of_kind (graph, name, role, kind, meta);
}

Pt2BuildValue *
pt2_build_input (Pt2Builder *builder, const char *name, const char *type)
{
  return build_add_value (pt2_build_root (builder), name, BUILD_INPUT, type);
}

Pt2BuildValue *
pt2_build_subgraph_input (Pt2BuildGraph *graph, const char *name, const char *type)
{
  return graph != NULL ? build_add_value (graph, name, BUILD_INPUT, type) : NULL;
}

/* Name of the value of something stored, as PyTorch calls it. (transfer full) */
static char *
name_stored (Pt2Builder *builder, const char *before, const char *fqn)
{
  g_autofree char *name = g_strconcat (before, fqn, NULL);
  g_strdelimit (name, ".", '_');
  for (guint i = 0; i < pt2_build_root (builder)->values->len; i++)
    if (g_strcmp0 (((Pt2BuildValue *)pt2_build_root (builder)->values->pdata[i])->fqn, fqn) == 0)
      build_fail (builder, PT2_ERROR_B004, "%s", fqn);
  return build_free_name (pt2_build_root (builder), name);
}

/* A tensor that is stored. */
static Pt2BuildValue *
add_stored (Pt2Builder *builder, const char *before, const char *fqn, BuildRole role, const char *type, GBytes *data)
{
  guint64 bytes = build_type_bytes (builder, type);
  g_autofree char *name = name_stored (builder, before, fqn);
  if (builder->error == NULL && bytes != g_bytes_get_size (data))
    build_fail (builder, PT2_ERROR_B005, "%s: %s has %" G_GUINT64_FORMAT " bytes, not %zu", fqn, type, bytes,
                g_bytes_get_size (data));
  Pt2BuildValue *value = build_add_value (pt2_build_root (builder), name, role, type);
  if (value == NULL)
    return NULL;
  value->fqn = g_strdup (fqn);
  value->data = g_bytes_ref (data);
  return value;
}

Pt2BuildValue *
pt2_build_parameter (Pt2Builder *builder, const char *fqn, const char *type, GBytes *data)
{
  return add_stored (builder, "p_", fqn, BUILD_PARAMETER, type, data);
}

Pt2BuildValue *
pt2_build_buffer (Pt2Builder *builder, const char *fqn, const char *type, GBytes *data, gboolean persistent)
{
  Pt2BuildValue *value = add_stored (builder, "b_", fqn, BUILD_BUFFER, type, data);
  if (value != NULL)
    value->persistent = persistent;
  return value;
}

Pt2BuildValue *
pt2_build_constant (Pt2Builder *builder, const char *fqn, const char *type, GBytes *data)
{
  return add_stored (builder, "c_", fqn, BUILD_CONSTANT, type, data);
}

Pt2BuildValue *
pt2_build_object (Pt2Builder *builder, const char *fqn, const char *class_name, GBytes *data)
{
  g_autofree char *name = name_stored (builder, "obj_", fqn);
  g_autoptr (GString) meta = g_string_new ("{\"name\": ");
  build_put_text (meta, name);
  g_string_append (meta, ", \"class_fqn\": ");
  build_put_text (meta, class_name);
  g_string_append_c (meta, '}');
  Pt2BuildValue *value = add_of_kind (pt2_build_root (builder), name, BUILD_STORED_OBJECT, BUILD_OBJECT,
                                      g_strndup (meta->str, meta->len));
  if (value == NULL)
    return NULL;
  value->fqn = g_strdup (fqn);
  value->class_name = g_strdup (class_name);
  value->data = g_bytes_ref (data);
  return value;
}

Pt2BuildValue *
pt2_build_object_of_type (Pt2Builder *builder, const char *fqn, const char *class_name, gconstpointer object)
{
  const Pt2String type = { class_name, (guint32)strlen (class_name) };
  const Pt2ObjectHandler *handler = pt2_ops_find_object_type (builder->ops, type);
  GError *fault = NULL;
  if (builder->error != NULL)
    return NULL;
  g_autoptr (GBytes) data = pt2_ops_encode_object (builder->ops, type, object, &fault);
  if (data == NULL)
    {
      build_take_error (builder, fault);
      return NULL;
    }
  Pt2BuildValue *value = pt2_build_object (builder, fqn, class_name, data);
  if (value != NULL)
    value->is_python = handler->is_python;
  return value;
}

/* PyTorch has a tensor without elements stand for a token. */
Pt2BuildValue *
pt2_build_token (Pt2Builder *builder, const char *name)
{
  return build_add_value (pt2_build_root (builder), name, BUILD_TOKEN, "float32[0]");
}

const char *
pt2_build_name (Pt2BuildValue *value)
{
  return value != NULL ? value->name : NULL;
}

Pt2BuildValue *
pt2_build_result (Pt2BuildValue *value, guint index)
{
  if (value == NULL || (value->siblings == NULL && index == 0))
    return value;
  if (value->siblings == NULL || index >= value->siblings->len)
    return build_fail (value->graph->builder, PT2_ERROR_B002, "%s has no result %u", value->name, index);
  return value->siblings->pdata[index];
}

/* ---- outputs ---- */

void
pt2_build_output (Pt2BuildGraph *graph, Pt2BuildValue *value)
{
  if (graph == NULL || value == NULL)
    return;
  if (value->graph != graph || value->kind == BUILD_OBJECT)
    build_fail (graph->builder, PT2_ERROR_B006, "%s", value->name);
  g_ptr_array_add (graph->outputs, value);
}

/* TARGET: a parameter, buffer or input; TAKEN: of it, whether there is one already. */
static void
add_mutation (Pt2Builder *builder, GArray *list, Pt2BuildValue *target, bool *taken, Pt2BuildValue *value)
{
  bool fits = target->role == BUILD_PARAMETER || target->role == BUILD_BUFFER || target->role == BUILD_INPUT;
  if (!fits || target->graph != pt2_build_root (builder) || value->graph != target->graph
      || target->kind != BUILD_TENSOR || value->kind != BUILD_TENSOR || *taken)
    build_fail (builder, PT2_ERROR_B006, "%s", target->name);
  *taken = true;
  BuildMutation mutation = { target, value };
  g_array_append_val (list, mutation);
}

void
pt2_build_gradient (Pt2Builder *builder, Pt2BuildValue *target, Pt2BuildValue *value)
{
  if (target == NULL || value == NULL)
    return;
  if (target->role == BUILD_BUFFER)
    build_fail (builder, PT2_ERROR_B006, "%s", target->name);
  add_mutation (builder, builder->gradients, target, &target->has_gradient, value);
}

void
pt2_build_loss (Pt2Builder *builder, Pt2BuildValue *value)
{
  if (value == NULL)
    return;
  if (builder->loss != BUILD_NO_LOSS || value->kind != BUILD_TENSOR)
    build_fail (builder, PT2_ERROR_B006, "%s", value->name);
  builder->loss = pt2_build_root (builder)->outputs->len;
  pt2_build_output (pt2_build_root (builder), value);
}

void
pt2_build_token_output (Pt2Builder *builder, Pt2BuildValue *token)
{
  if (token == NULL)
    return;
  if (token->graph != pt2_build_root (builder) || token->kind != BUILD_TENSOR)
    build_fail (builder, PT2_ERROR_B006, "%s", token->name);
  g_ptr_array_add (builder->tokens, token);
}

void
pt2_build_mutation (Pt2Builder *builder, Pt2BuildValue *target, Pt2BuildValue *value)
{
  if (target == NULL || value == NULL)
    return;
  add_mutation (builder, builder->mutations, target, &target->is_mutated, value);
}
