/* SPDX-License-Identifier: Apache-2.0 */
/* The program as JSON, and the archive around it. */
#include "build_private.h"
#include "json_text.h"
#include "pt2-archive-writer.h"
#include <string.h>

/* What PyTorch 2.15 writes. */
static const char torch_version[] = "2.15.0";
enum
{
  MINOR = 20,
  ATEN_VERSION = 10,
};

void
build_put_text (GString *out, const char *text)
{
  Pt2Buffer buffer = PT2_BUFFER_INIT;
  if (pt2_json_put (&buffer, text, strlen (text)))
    g_string_append_len (out, buffer.data, (gssize)pt2_buffer_len (&buffer));
  else
    g_string_append (out, "null"); /* not UTF-8: the reader refuses it in a place that must be a text */
  pt2_buffer_clear (&buffer);
}

void
build_put_value (GString *out, const Pt2BuildValue *value)
{
  static const char *const before[BUILD_N_KINDS] = {
    [BUILD_TENSOR] = "{\"as_tensor\": {\"name\": ",          [BUILD_SYM_INT] = "{\"as_sym_int\": {\"as_name\": ",
    [BUILD_SYM_FLOAT] = "{\"as_sym_float\": {\"as_name\": ", [BUILD_SYM_BOOL] = "{\"as_sym_bool\": {\"as_name\": ",
    [BUILD_OBJECT] = "{\"as_custom_obj\": {\"name\": ",
  };
  g_string_append (out, before[value->kind]);
  build_put_text (out, value->name);
  if (value->kind == BUILD_OBJECT)
    {
      g_string_append (out, ", \"class_fqn\": ");
      build_put_text (out, value->class_name);
    }
  g_string_append (out, "}}");
}

/* ---- graphs ---- */

static void
put_table (GString *out, const char *key, const Pt2BuildGraph *graph, BuildKind kind)
{
  gboolean any = FALSE;
  g_string_append_printf (out, ", \"%s\": {", key);
  for (guint i = 0; i < graph->values->len; i++)
    {
      const Pt2BuildValue *value = graph->values->pdata[i];
      if (value->kind != kind)
        continue;
      g_string_append (out, any ? ", " : "");
      build_put_text (out, value->name);
      g_string_append_printf (out, ": %s", value->meta);
      any = TRUE;
    }
  g_string_append_c (out, '}');
}

static void
put_graph_inputs (GString *out, const Pt2BuildGraph *graph)
{
  gboolean any = FALSE;
  BUILD_FOREACH_INPUT (role, i, value, graph)
  {
    g_string_append (out, any ? ", " : "");
    build_put_value (out, value);
    any = TRUE;
  }
}

static void
put_output (GString *out, const Pt2BuildValue *value, gboolean *any)
{
  g_string_append (out, *any ? ", " : "");
  build_put_value (out, value);
  *any = TRUE;
}

/* Tokens first, then mutations, gradients last, as PyTorch demands. */
static void
put_graph_outputs (GString *out, const Pt2BuildGraph *graph)
{
  const Pt2Builder *builder = graph->builder;
  gboolean any = FALSE, root = graph == builder->graphs->pdata[0];
  for (guint i = 0; root && i < builder->tokens->len; i++)
    put_output (out, builder->tokens->pdata[i], &any);
  for (guint i = 0; root && i < builder->mutations->len; i++)
    put_output (out, g_array_index (builder->mutations, BuildMutation, i).value, &any);
  for (guint i = 0; i < graph->outputs->len; i++)
    put_output (out, graph->outputs->pdata[i], &any);
  for (guint i = 0; root && i < builder->gradients->len; i++)
    put_output (out, g_array_index (builder->gradients, BuildMutation, i).value, &any);
}

void
build_put_graph (GString *out, const Pt2BuildGraph *graph)
{
  g_string_append (out, "{\"inputs\": [");
  put_graph_inputs (out, graph);
  g_string_append (out, "], \"outputs\": [");
  put_graph_outputs (out, graph);
  g_string_append_printf (out, "], \"nodes\": [%s]", graph->nodes->str);
  put_table (out, "tensor_values", graph, BUILD_TENSOR);
  put_table (out, "sym_int_values", graph, BUILD_SYM_INT);
  put_table (out, "sym_bool_values", graph, BUILD_SYM_BOOL);
  g_string_append (out, ", \"is_single_tensor_return\": false");
  put_table (out, "custom_obj_values", graph, BUILD_OBJECT);
  put_table (out, "sym_float_values", graph, BUILD_SYM_FLOAT);
  g_string_append_c (out, '}');
}

/* ---- the program ---- */

static void
put_ranges (GString *out, const Pt2Builder *builder)
{
  for (guint i = 0; i < builder->symbols->len; i++)
    {
      const BuildSymbol *symbol = &g_array_index (builder->symbols, BuildSymbol, i);
      g_string_append_printf (out, "%s\"%s\": {\"min_val\": %" G_GINT64_FORMAT ", \"max_val\": ", i > 0 ? ", " : "",
                              symbol->name, symbol->min);
      if (symbol->max == G_MAXINT64)
        g_string_append (out, "null}");
      else
        g_string_append_printf (out, "%" G_GINT64_FORMAT "}", symbol->max);
    }
}

/* PyTorch takes tokens out of what it runs unless the program is of its training dialect. */
static gboolean
has_tokens (Pt2Builder *builder)
{
  const Pt2BuildGraph *root = pt2_build_root (builder);
  for (guint i = 0; i < root->values->len; i++)
    if (((const Pt2BuildValue *)root->values->pdata[i])->role == BUILD_TOKEN)
      return TRUE;
  return FALSE;
}

void
pt2_build_dialect (Pt2Builder *builder, const char *dialect)
{
  g_free (builder->dialect);
  builder->dialect = g_strdup (dialect);
}

static void
put_dialect (GString *out, Pt2Builder *builder)
{
  build_put_text (out, builder->dialect != NULL ? builder->dialect : has_tokens (builder) ? "ATEN" : "TRAINING");
}

static GBytes *
make_text (Pt2Builder *builder)
{
  GString *out = g_string_new ("{\"graph_module\": {\"graph\": ");
  build_put_graph (out, pt2_build_root (builder));
  build_put_signature (out, builder);
  build_put_call_signature (out, builder);
  g_string_append_printf (
      out,
      ", \"metadata\": {}, \"treespec_namedtuple_fields\": {%s}}, \"opset_version\": {\"aten\": %d}, "
      "\"range_constraints\": {",
      builder->tuple_fields->str, ATEN_VERSION);
  put_ranges (out, builder);
  g_string_append_printf (out, "}, \"schema_version\": {\"major\": 8, \"minor\": %d}, \"verifiers\": [", MINOR);
  put_dialect (out, builder);
  g_string_append_printf (out, "], \"torch_version\": \"%s\", \"guards_code\": []}", torch_version);
  return g_string_free_to_bytes (out);
}

Pt2Program *
pt2_builder_finish (Pt2Builder *builder, GError **error)
{
  if (builder->error != NULL || !build_finish_trees (builder))
    {
      g_propagate_error (error, g_error_copy (builder->error));
      return NULL;
    }
  g_autoptr (GBytes) text = make_text (builder);
  return pt2_program_new_from_bytes (text, NULL, error);
}

/* ---- the archive ---- */

static gboolean
add_record (Pt2ArchiveWriter *writer, const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_add (writer, name, source, error);
}

static gboolean
is_weight (const Pt2BuildValue *value)
{
  return value->role == BUILD_PARAMETER || (value->role == BUILD_BUFFER && value->persistent);
}

/* The tensors of one folder, then the record that describes them. */
static gboolean
add_payload (Pt2ArchiveWriter *writer, const Pt2BuildGraph *root, gboolean weights, GError **error)
{
  const char *folder = weights ? "weights" : "constants", *file = weights ? "weight" : "tensor";
  g_autoptr (GString) config = g_string_new ("{\"config\": {");
  guint n = 0;
  for (guint i = 0; i < root->values->len; i++)
    {
      const Pt2BuildValue *value = root->values->pdata[i];
      gboolean object = value->role == BUILD_STORED_OBJECT;
      const char *kind = !object ? file : value->is_python ? "opaque_obj" : "custom_obj";
      if (value->data == NULL || is_weight (value) != weights)
        continue;
      g_autofree char *record = g_strdup_printf ("data/%s/%s_%u", folder, kind, n);
      if (!add_record (writer, record, value->data, error))
        return FALSE;
      g_string_append (config, n > 0 ? ", " : "");
      build_put_text (config, value->fqn);
      g_string_append_printf (
          config, ": {\"path_name\": \"%s_%u\", \"is_param\": %s, \"use_pickle\": %s, \"tensor_meta\": %s}", kind, n++,
          value->role == BUILD_PARAMETER ? "true" : "false", object ? "true" : "false", object ? "null" : value->meta);
    }
  g_string_append (config, "}}");
  g_autofree char *record = g_strdup_printf ("data/%s/model_%s_config.json", folder, folder);
  g_autoptr (GBytes) bytes = g_bytes_new (config->str, config->len);
  return add_record (writer, record, bytes, error);
}

/* The folder of all records is called as the file, without its ending. */
static char *
root_name (const char *path)
{
  char *name = g_path_get_basename (path), *dot = strrchr (name, '.');
  if (dot != NULL && dot != name)
    *dot = '\0';
  return name;
}

gboolean
pt2_builder_save (Pt2Builder *builder, const char *path, Pt2SaveFlags flags, GError **error)
{
  g_autoptr (Pt2Program) program = pt2_builder_finish (builder, error);
  g_autoptr (GBytes) text = program != NULL ? pt2_program_save (program, PT2_FORM_JSON, error) : NULL;
  g_autofree char *name = root_name (path);
  g_autoptr (Pt2ArchiveWriter) writer = text != NULL ? pt2_archive_writer_new (name, error) : NULL;
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  return writer != NULL && add_payload (writer, pt2_build_root (builder), TRUE, error)
         && add_payload (writer, pt2_build_root (builder), FALSE, error)
         && add_record (writer, "models/model.json", text, error)
         /* There are no example inputs, which PyTorch says by an empty record. */
         && add_record (writer, "data/sample_inputs/model.pt", nothing, error)
         && pt2_archive_writer_save (writer, path, flags, NULL, NULL, error);
}
