/* SPDX-License-Identifier: Apache-2.0 */
#include "upgrade_constants.h"
#include "text.h"
#include <string.h>

static bool
fail (const Pt2GraphConstant *constant, Pt2ErrorCode code, const char *why, GError **error)
{
  char text[100];
  return pt2_error_set (error, code, "graph_module.graph.constants", "\"%s\" %s",
                        pt2_text_escape (constant->name.data, constant->name.len, text, sizeof text), why);
}

/* ---- the file in it ---- */

Pt2Pickle *
pt2_graph_constant_open (const Pt2GraphConstant *constant, const Pt2Limits *limits, GError **error)
{
  gint state = 0;
  guint save = 0;
  guchar *file = g_try_malloc ((size_t)constant->base64.len / 4 * 3 + 3);
  if (file == NULL)
    {
      fail (constant, PT2_ERROR_L001, "", error);
      return NULL;
    }
  gsize len = g_base64_decode_step (constant->base64.data, constant->base64.len, file, &state, &save);
  g_autoptr (GBytes) bytes = g_bytes_new_take (file, len);
  return pt2_pickle_new_from_bytes (bytes, limits, error);
}

const Pt2PickleTensor *
pt2_graph_constant_tensor (const Pt2GraphConstant *constant, Pt2Pickle *pickle, GError **error)
{
  const Pt2PickleValue *value = pt2_pickle_get_value (pickle);
  const Pt2PickleTensor *tensor = value->kind == PT2_PICKLE_TENSOR ? value->tensor : NULL;
  if (tensor != NULL && tensor->form == PT2_PICKLE_TENSOR_STRIDED && tensor->storage != NULL && tensor->storage->present
      && tensor->subclass == NULL && !tensor->conjugate && !tensor->negative)
    return tensor;
  fail (constant, PT2_ERROR_V002, "is no plain tensor", error);
  return NULL;
}

/* ---- its description ---- */

static int32_t
number_of (const char *enumeration, const char *torch)
{
  const Pt2EnumInfo *info = pt2_schema_find_enum (&pt2_export_schema, enumeration);
  for (uint16_t i = 0; i < info->n_members; i++)
    if (info->members[i].torch != NULL && strcmp (info->members[i].torch, torch) == 0)
      return info->members[i].value;
  return 0; /* UNKNOWN */
}

static bool
take_numbers (Pt2Draft *draft, const gint64 *numbers, guint n, Pt2SymIntList *list)
{
  *list = (Pt2SymIntList){ pt2_draft_alloc (draft, n * sizeof *list->items), n };
  for (guint i = 0; list->items != NULL && i < n; i++)
    list->items[i] = (Pt2SymInt){ .which = PT2_SYM_INT_AS_INT, .as_int = numbers[i] };
  return list->items != NULL;
}

bool
pt2_graph_constant_meta (Pt2Draft *draft, const Pt2PickleTensor *tensor, Pt2TensorMeta *meta)
{
  *meta = (Pt2TensorMeta){ .dtype = number_of ("ScalarType", tensor->dtype->name),
                           .layout = number_of ("Layout", "strided"),
                           .requires_grad = tensor->requires_grad,
                           .device = { .type = pt2_draft_text (draft, "cpu", -1), .present = { 1 } },
                           .storage_offset = { .which = PT2_SYM_INT_AS_INT, .as_int = tensor->storage_offset } };
  memset (meta->present, 0xff, sizeof meta->present);
  return take_numbers (draft, tensor->sizes, tensor->n_dims, &meta->sizes)
         && take_numbers (draft, tensor->strides, tensor->n_dims, &meta->strides);
}

/* ---- the step ---- */

bool
pt2_graph_constant_read (Pt2Upgrading *upgrading, const Pt2GraphConstant *constant, Pt2TensorMeta *meta)
{
  g_autoptr (Pt2Pickle) pickle = pt2_graph_constant_open (constant, upgrading->limits, upgrading->error);
  const Pt2PickleTensor *tensor
      = pickle != NULL ? pt2_graph_constant_tensor (constant, pickle, upgrading->error) : NULL;
  if (tensor == NULL)
    return false;
  if (number_of ("ScalarType", tensor->dtype->name) == 0)
    return fail (constant, PT2_ERROR_V002, "has a type of elements that the schema lacks", upgrading->error);
  return pt2_graph_constant_meta (upgrading->draft, tensor, meta);
}

void *
pt2_list_open_gap (Pt2Draft *draft, const void *items, uint32_t len, size_t item, uint32_t at, uint32_t n)
{
  char *wider = pt2_draft_alloc (draft, ((size_t)len + n) * item);
  if (wider != NULL && at > 0)
    memcpy (wider, items, at * item);
  if (wider != NULL && len > at)
    memcpy (wider + (at + n) * item, (const char *)items + at * item, (len - at) * item);
  return wider;
}

/* Parameters and buffers come before constants, the user's inputs behind them. */
static uint32_t
place_of_constants (const Pt2InputSpecList *specs)
{
  uint32_t at = 0;
  while (at < specs->len && specs->items[at].which != PT2_INPUT_SPEC_USER_INPUT)
    at++;
  return at;
}

static bool
add_constant (Pt2Upgrading *upgrading, const Pt2GraphConstant *constant, Pt2Argument *input, Pt2InputSpec *spec,
              Pt2StringToTensorMetaMapEntry *entry)
{
  entry->key = constant->name;
  if (!pt2_graph_constant_read (upgrading, constant, &entry->value))
    return false;
  *input = (Pt2Argument){ .which = PT2_ARGUMENT_AS_TENSOR, .as_tensor = { constant->name } };
  spec->which = PT2_INPUT_SPEC_TENSOR_CONSTANT;
  spec->tensor_constant = pt2_draft_alloc (upgrading->draft, sizeof *spec->tensor_constant);
  if (spec->tensor_constant == NULL)
    return false;
  *spec->tensor_constant = (Pt2InputToTensorConstantSpec){ .arg = { constant->name },
                                                           .tensor_constant_name = constant->name,
                                                           .present = { 1 } };
  return true;
}

static bool
add_constants (Pt2Upgrading *upgrading)
{
  Pt2Draft *draft = upgrading->draft;
  Pt2Graph *graph = &draft->exported->graph_module.graph;
  Pt2InputSpecList *specs = &draft->exported->graph_module.signature.input_specs;
  uint32_t n = upgrading->n_constants, at = place_of_constants (specs);
  Pt2Argument *inputs = pt2_list_open_gap (draft, graph->inputs.items, graph->inputs.len, sizeof *inputs, at, n);
  Pt2InputSpec *wider = pt2_list_open_gap (draft, specs->items, specs->len, sizeof *wider, at, n);
  Pt2StringToTensorMetaMapEntry *values
      = pt2_list_open_gap (draft, graph->tensor_values.entries, graph->tensor_values.len, sizeof *values, 0, n);
  if (inputs == NULL || wider == NULL || values == NULL)
    return false;
  graph->inputs = (Pt2ArgumentList){ inputs, graph->inputs.len + n };
  *specs = (Pt2InputSpecList){ wider, specs->len + n };
  graph->tensor_values = (Pt2StringToTensorMetaMap){ values, graph->tensor_values.len + n };
  for (uint32_t i = 0; i < n; i++)
    if (!add_constant (upgrading, &upgrading->constants[i], &inputs[at + i], &wider[at + i], &values[i]))
      return false;
  return true;
}

/* Every value of a graph has a name of its own, and payloads too: a constant that took another's would be lost. */
static bool
check_name (Pt2Upgrading *upgrading, const Pt2JsonNode *graph, Pt2String name)
{
  if (pt2_json_get_len (pt2_json_get (graph, "tensor_values"), name.data, name.len) == NULL)
    return true;
  const Pt2GraphConstant constant = { .name = name };
  return fail (&constant, PT2_ERROR_V001, "is the name of a value, too", upgrading->error);
}

/* Of the root graph. */
static bool
take_constants (Pt2Upgrading *upgrading, const Pt2JsonNode *graph, const Pt2JsonNode *table)
{
  for (uint32_t i = 0; i < pt2_json_length (table); i++)
    {
      Pt2GraphConstant *constant = &upgrading->constants[i];
      *constant = (Pt2GraphConstant){ pt2_json_key (table, i), pt2_json_text (pt2_json_item (table, i)) };
      bool fine = constant->base64.data != NULL || fail (constant, PT2_ERROR_V001, "is no text", upgrading->error);
      if (!fine || !check_name (upgrading, graph, constant->name))
        return false;
    }
  return true;
}

int64_t
pt2_upgrade_constants (Pt2Upgrading *upgrading)
{
  const Pt2JsonNode *graph = pt2_json_get (pt2_json_get (upgrading->tree, "graph_module"), "graph");
  const Pt2JsonNode *table = pt2_json_get (graph, "constants");
  table = table != NULL && table->kind == PT2_JSON_OBJECT ? table : NULL;
  int64_t own = pt2_json_length (table), lifted = pt2_lift_count (upgrading, graph);
  if (lifted < 0 || own + lifted == 0)
    return lifted;
  upgrading->constants = pt2_draft_alloc (upgrading->draft, (size_t)(own + lifted) * sizeof *upgrading->constants);
  if (upgrading->constants == NULL)
    return -1;
  upgrading->n_constants = (uint32_t)(own + lifted);
  return take_constants (upgrading, graph, table) && pt2_lift_constants (upgrading, graph, upgrading->constants + own)
                 && add_constants (upgrading)
             ? own + lifted
             : -1;
}
