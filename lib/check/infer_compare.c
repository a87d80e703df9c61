/* SPDX-License-Identifier: Apache-2.0 */
/* Holds what a call gives, by the tables, against what its rule says. */
#include "infer.h"
#include "schema.h"

static const char *
name_of_dtype (int32_t dtype)
{
  const Pt2EnumMember *member = pt2_enum_by_value (pt2_schema_find_enum (&pt2_export_schema, "ScalarType"), dtype);
  return member != NULL && member->torch != NULL ? member->torch : "?";
}

static bool
dtype_fits (int32_t expected, int32_t found)
{
  if (expected == DTYPE_UNKNOWN || expected == found)
    return true;
  return expected == DTYPE_DEFAULT && dtype_is_real (found);
}

/* What is symbolic and data has no part in is written alike wherever it is the same. */
static bool
dim_fits (Dim expected, Dim found)
{
  if (expected.kind == DIM_UNKNOWN || found.kind == DIM_UNKNOWN || expected.from_data || found.from_data)
    return true;
  return dim_same (expected, found);
}

static char *
print_dim (Dim dim)
{
  if (dim.kind == DIM_NUMBER)
    return g_strdup_printf ("%" G_GINT64_FORMAT, dim.number);
  g_autofree char *text = dim.kind == DIM_SYMBOLIC ? pt2_expr_print (dim.normal, PT2_EXPR_STR, NULL) : NULL;
  return g_strdup (text != NULL ? shown_text (text).text : "?");
}

static void
say_type (Infer *infer, const Shape *expected, const CheckValue *value, const Shape *found)
{
  check_add (infer->check, CHECK_O121, place (infer->graph, "tensor_values[\"%s\"]", shown (value->name).text).text,
             "%s of %s is %s, and must be %s", shown (value->name).text, shown (infer->node->target).text,
             name_of_dtype (found->dtype), expected->dtype == DTYPE_DEFAULT ? "real" : name_of_dtype (expected->dtype));
}

/* Of a finding that is counted already. */
static void tell_shape (Infer *infer, const CheckValue *value, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
tell_shape (Infer *infer, const CheckValue *value, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  check_tell (infer->check, CHECK_O122, place (infer->graph, "tensor_values[\"%s\"]", shown (value->name).text).text,
              "%s of %s has %s", shown (value->name).text, shown (infer->node->target).text, text);
}

static void
compare_shape (Infer *infer, const Shape *expected, const CheckValue *value, const Shape *found)
{
  if (infer->graph->loose_shapes || !expected->has_shape || !found->has_shape)
    return;
  if (expected->n != found->n)
    {
      if (check_count (infer->check, CHECK_O122))
        tell_shape (infer, value, "%u dimensions, and must have %u", found->n, expected->n);
      return;
    }
  for (uint32_t i = 0; i < found->n; i++)
    if (!dim_fits (expected->dims[i], found->dims[i]))
      {
        if (!check_count (infer->check, CHECK_O122))
          return;
        g_autofree char *is = print_dim (found->dims[i]), *must = print_dim (expected->dims[i]);
        tell_shape (infer, value, "%s as dimension %u, and must have %s", is, i, must);
        return;
      }
}

/* The results are those of the node in order, lists spread out. */
void
infer_compare_results (Infer *infer)
{
  const CheckGraph *graph = infer->graph;
  uint32_t first = graph->results_of_node[infer->number], end = graph->results_of_node[infer->number + 1];
  bool nones = infer->node->outputs.len > 1 && end - first != infer->node->outputs.len;
  for (uint32_t i = 0; i < infer->n_results && !infer->misfit && first + i < end && !(nones && i > 0); i++)
    {
      CheckValue *value = graph->results[first + i];
      Shape found = infer_shape_of_value (infer, value);
      if (found.dtype == DTYPE_UNKNOWN)
        continue;
      if (!graph->loose_types && !dtype_fits (infer->results[i].dtype, found.dtype))
        say_type (infer, &infer->results[i], value, &found);
      compare_shape (infer, &infer->results[i], value, &found);
    }
}

void
infer_check_number (Infer *infer, Dim expected)
{
  const Pt2ArgumentList *outputs = &infer->node->outputs;
  Pt2String name = outputs->len == 1 ? check_single_name (&outputs->items[0]) : (Pt2String){ NULL, 0 };
  Dim found = name.data != NULL ? infer_dim_of_name (infer, name) : dim_unknown ();
  if (infer->graph->loose_shapes || dim_fits (expected, found))
    return;
  g_autofree char *is = print_dim (found), *must = print_dim (expected);
  check_add (infer->check, CHECK_O122, place (infer->graph, "sym_int_values[\"%s\"]", shown (name).text).text,
             "%s is %s, and must be %s", shown (name).text, is, must);
}

/* ---- devices ---- */

static bool
same_device (const Pt2Device *a, const Pt2Device *b)
{
  return text_equal (a->type, b->type) && a->index == b->index;
}

/* The device of all tensors among VALUES; NULL if there is none, or there are several. */
static const Pt2Device *
common_device (CheckValue *const *values, uint32_t n)
{
  const Pt2Device *common = NULL;
  for (uint32_t i = 0; i < n; i++)
    {
      if (values[i] == NULL || values[i]->kind != VALUE_TENSOR)
        continue;
      const Pt2Device *device = &((const Pt2TensorMeta *)values[i]->meta)->device;
      if (common != NULL && !same_device (common, device))
        return NULL;
      common = device;
    }
  return common;
}

/* What all tensors are on is where the results are, unless the call names a device. */
void
infer_compare_devices (Infer *infer)
{
  const CheckGraph *graph = infer->graph;
  uint32_t first = graph->inputs_of_node[infer->number], end = graph->inputs_of_node[infer->number + 1];
  const uint32_t *uses = graph->uses_of_input, *results = &graph->results_of_node[infer->number];
  const Pt2Device *from = common_device (&graph->uses[uses[first]], uses[end] - uses[first]);
  const Pt2Device *to = common_device (&graph->results[results[0]], results[1] - results[0]);
  if (from == NULL || to == NULL || same_device (from, to))
    return;
  for (uint32_t i = 0; i < infer->node->inputs.len; i++)
    if (infer->node->inputs.items[i].arg.which == PT2_ARGUMENT_AS_DEVICE)
      return;
  check_add (infer->check, CHECK_O123, place (graph, "nodes[%u]", infer->number).text, "%s: from %s to %s",
             shown_node (infer->node).text, shown (from->type).text, shown (to->type).text);
}
