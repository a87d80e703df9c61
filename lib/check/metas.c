/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that describe values: tensors that can be, and names of nodes that are unlike. */
#include "check_private.h"

/* c10's kinds of devices. */
static const char *const devices[]
    = { "cpu",  "cuda", "ipu",  "xpu",    "mkldnn", "opengl", "opencl", "ideep", "hip",           "ve",  "fpga", "ort",
        "maia", "xla",  "lazy", "vulkan", "mps",    "meta",   "hpu",    "mtia",  "privateuseone", "npu", "qpu" };

static bool
check_is_device (Pt2String kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    if (text_is (kind, devices[i]))
      return true;
  return false;
}

bool
check_is_dtype (int32_t dtype)
{
  return (dtype >= PT2_SCALAR_TYPE_BYTE && dtype <= PT2_SCALAR_TYPE_BFLOAT16)
         || (dtype >= PT2_SCALAR_TYPE_UINT16 && dtype <= PT2_SCALAR_TYPE_UINT64);
}

static bool
is_layout (int32_t layout)
{
  return layout > PT2_LAYOUT_UNKNOWN && layout <= PT2_LAYOUT_STRIDED;
}

static bool
is_sound_device (const Pt2Device *device)
{
  bool has_index = (device->present[0] >> 1 & 1) != 0;
  return check_is_device (device->type) && (!has_index || (device->index >= 0 && device->index <= 127));
}

static bool
is_below_zero (const Pt2SymInt *number)
{
  return number->which == PT2_SYM_INT_AS_INT && number->as_int < 0;
}

static const Pt2SymInt *
find_below_zero (const Pt2SymIntList *list)
{
  for (uint32_t i = 0; i < list->len; i++)
    if (is_below_zero (&list->items[i]))
      return &list->items[i];
  return NULL;
}

static bool
has_odd_strides (const Pt2TensorMeta *meta)
{
  return meta->layout == PT2_LAYOUT_STRIDED && meta->strides.len != meta->sizes.len;
}

bool
check_is_sound_meta (const Pt2TensorMeta *meta)
{
  return check_is_dtype (meta->dtype) && is_layout (meta->layout) && is_sound_device (&meta->device)
         && !has_odd_strides (meta) && find_below_zero (&meta->sizes) == NULL
         && find_below_zero (&meta->strides) == NULL && !is_below_zero (&meta->storage_offset);
}

static void
check_device (Check *check, const Pt2Device *device, const char *where)
{
  if (!is_sound_device (device))
    check_add (check, CHECK_P123, where, "\"%s\", number %" G_GINT64_FORMAT, shown (device->type).text, device->index);
}

void
check_tensor_meta (Check *check, const Pt2TensorMeta *meta, const char *where)
{
  const Pt2SymInt *size = find_below_zero (&meta->sizes), *stride = find_below_zero (&meta->strides);
  if (!check_is_dtype (meta->dtype))
    check_add (check, CHECK_P120, where, "ScalarType %d", meta->dtype);
  if (!is_layout (meta->layout))
    check_add (check, CHECK_P120, where, "Layout %d", meta->layout);
  if (has_odd_strides (meta))
    check_add (check, CHECK_P122, where, "%u sizes and %u strides", meta->sizes.len, meta->strides.len);
  if (size != NULL)
    check_add (check, CHECK_P122, where, "a size of %" G_GINT64_FORMAT, size->as_int);
  if (stride != NULL)
    check_add (check, CHECK_P122, where, "a stride of %" G_GINT64_FORMAT, stride->as_int);
  if (is_below_zero (&meta->storage_offset))
    check_add (check, CHECK_P122, where, "a storage offset of %" G_GINT64_FORMAT, meta->storage_offset.as_int);
  check_device (check, &meta->device, where);
}

static void
check_argument_codes (Check *check, const CheckGraph *graph, uint32_t node, uint32_t input)
{
  const Pt2Argument *argument = &graph->graph->nodes.items[node].inputs.items[input].arg;
  bool bad = false;
  int32_t number = 0;
  const char *what = "";
  if (argument->which == PT2_ARGUMENT_AS_SCALAR_TYPE)
    {
      number = argument->as_scalar_type;
      bad = !check_is_dtype (number);
      what = "ScalarType";
    }
  else if (argument->which == PT2_ARGUMENT_AS_LAYOUT)
    {
      number = argument->as_layout;
      bad = !is_layout (number);
      what = "Layout";
    }
  else if (argument->which == PT2_ARGUMENT_AS_MEMORY_FORMAT)
    {
      number = argument->as_memory_format;
      bad = number <= PT2_MEMORY_FORMAT_UNKNOWN || number > PT2_MEMORY_FORMAT_PRESERVEFORMAT;
      what = "MemoryFormat";
    }
  else if (argument->which == PT2_ARGUMENT_AS_DEVICE && !is_sound_device (argument->as_device))
    check_device (check, argument->as_device, place (graph, "nodes[%u].inputs[%u].arg.as_device", node, input).text);
  if (bad)
    check_add (check, CHECK_P120, place (graph, "nodes[%u].inputs[%u].arg", node, input).text, "%s %d", what, number);
}

/* ---- names of nodes ---- */

typedef struct
{
  Pt2String name; /* first, for the index */
  uint32_t node;
} NodeName;

/* A node is mostly called like its value, whose name is one of a kind already. */
static bool
is_called_like_value (const CheckGraph *graph, uint32_t node)
{
  uint32_t first = graph->results_of_node[node];
  return graph->results_of_node[node + 1] == first + 1 && graph->results[first] != NULL
         && text_equal (graph->results[first]->name, graph->graph->nodes.items[node].name);
}

static void
say_repeated (Check *check, const CheckGraph *graph, uint32_t node, uint32_t other)
{
  check_add (check, CHECK_P116, place (graph, "nodes[%u].name", node).text, "%s, as node %u",
             shown (graph->graph->nodes.items[node].name).text, other);
}

static void
check_node_names (Check *check, const CheckGraph *graph)
{
  const Pt2NodeList *nodes = &graph->graph->nodes;
  Pt2TextIndex index;
  NodeName *names = NULL;
  uint32_t n = 0, room = 0;
  pt2_text_index_init (&index);
  for (uint32_t i = 0; i < nodes->len; i++)
    {
      Pt2String name = nodes->items[i].name;
      if (name.data == NULL || is_called_like_value (graph, i))
        continue;
      const CheckValue *value = check_find_value (graph, name);
      uint32_t known = pt2_text_index_find (&index, names, sizeof *names, name);
      bool taken = value != NULL && value->defined != DEFINED_NOWHERE && value->defined != DEFINED_BY_INPUT
                   && value->defined != i + 1 && is_called_like_value (graph, value->defined - 1);
      if (known != PT2_TEXT_INDEX_NONE || taken)
        say_repeated (check, graph, i, known != PT2_TEXT_INDEX_NONE ? names[known].node : value->defined - 1);
      else if (check_grow (check, &names, n, &room, sizeof *names))
        {
          names[n] = (NodeName){ name, i };
          check->no_memory = !pt2_text_index_add (&index, names, sizeof *names, n++) || check->no_memory;
        }
    }
  pt2_text_index_clear (&index);
}

void
check_meta_rules (Check *check, const CheckGraph *graph)
{
  const Pt2Graph *native = graph->graph;
  for (uint32_t i = 0; i < native->tensor_values.len; i++)
    {
      const Pt2StringToTensorMetaMapEntry *entry = &native->tensor_values.entries[i];
      if (!check_is_sound_meta (&entry->value))
        check_tensor_meta (check, &entry->value, place (graph, "tensor_values[\"%s\"]", shown (entry->key).text).text);
    }
  for (uint32_t i = 0; i < native->nodes.len; i++)
    for (uint32_t j = 0; j < native->nodes.items[i].inputs.len; j++)
      check_argument_codes (check, graph, i, j);
  check_node_names (check, graph);
}
