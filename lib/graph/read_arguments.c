/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments: every member of the schema's Argument as the graph has it. */
#include "read.h"
#include <string.h>

/* What the graph cannot say better than the file: kept as it is. */
static bool
set_unknown (Pt2FxArgument *to, const void *from)
{
  to->kind = PT2_FX_UNKNOWN;
  to->unknown = from;
  return true;
}

static Pt2FxArgument *
make_list (Reader *reader, Pt2FxArgument *to, uint32_t n)
{
  Pt2FxArgument *items = pt2_arena_alloc (&reader->graph->module->arena, (size_t)n * sizeof *items);
  to->kind = PT2_FX_LIST;
  to->len = items != NULL ? n : 0;
  to->items = items;
  if (items == NULL)
    pt2_fx_reader_no_memory (reader);
  else
    memset (items, 0, (size_t)n * sizeof *items);
  return items;
}

static bool
read_sym_int (Reader *reader, const Pt2SymIntArgument *from, Pt2FxArgument *to)
{
  if (from->which == PT2_SYM_INT_ARGUMENT_AS_NAME)
    return pt2_fx_refer (reader, to, from->as_name);
  if (from->which != PT2_SYM_INT_ARGUMENT_AS_INT)
    return set_unknown (to, from);
  to->kind = PT2_FX_INT;
  to->integer = from->as_int;
  return true;
}

static bool
read_sym_float (Reader *reader, const Pt2SymFloatArgument *from, Pt2FxArgument *to)
{
  if (from->which == PT2_SYM_FLOAT_ARGUMENT_AS_NAME)
    return pt2_fx_refer (reader, to, from->as_name);
  if (from->which != PT2_SYM_FLOAT_ARGUMENT_AS_FLOAT)
    return set_unknown (to, from);
  to->kind = PT2_FX_FLOAT;
  to->real = from->as_float;
  return true;
}

static bool
read_sym_bool (Reader *reader, const Pt2SymBoolArgument *from, Pt2FxArgument *to)
{
  if (from->which == PT2_SYM_BOOL_ARGUMENT_AS_NAME)
    return pt2_fx_refer (reader, to, from->as_name);
  if (from->which != PT2_SYM_BOOL_ARGUMENT_AS_BOOL)
    return set_unknown (to, from);
  to->kind = PT2_FX_BOOL;
  to->boolean = from->as_bool;
  return true;
}

static bool
read_optional (Reader *reader, const Pt2OptionalTensorArgument *from, Pt2FxArgument *to)
{
  if (from->which == PT2_OPTIONAL_TENSOR_ARGUMENT_AS_TENSOR)
    return pt2_fx_refer (reader, to, from->as_tensor.name);
  if (from->which != PT2_OPTIONAL_TENSOR_ARGUMENT_AS_NONE)
    return set_unknown (to, from);
  to->kind = PT2_FX_NONE;
  return true;
}

static bool
read_tensor (Reader *reader, const Pt2TensorArgument *from, Pt2FxArgument *to)
{
  return pt2_fx_refer (reader, to, from->name);
}

static bool
read_tensors (Reader *reader, const Pt2TensorArgumentList *from, Pt2FxArgument *to)
{
  Pt2FxArgument *items = make_list (reader, to, from->len);
  for (uint32_t i = 0; items != NULL && i < from->len; i++)
    if (!read_tensor (reader, &from->items[i], &items[i]))
      return false;
  return items != NULL;
}

static bool
read_ints (Reader *reader, const Pt2I64List *from, Pt2FxArgument *to)
{
  (void)reader;
  to->kind = from->len > 0 ? PT2_FX_INTS : PT2_FX_LIST;
  to->len = from->len;
  to->ints = from->items;
  return true;
}

static bool
read_floats (Reader *reader, const Pt2DoubleList *from, Pt2FxArgument *to)
{
  (void)reader;
  to->kind = from->len > 0 ? PT2_FX_FLOATS : PT2_FX_LIST;
  to->len = from->len;
  to->reals = from->items;
  return true;
}

/* A list whose items READ reads. */
#define READ_LIST(reader, read, from, to)                                                                              \
  do                                                                                                                   \
    {                                                                                                                  \
      Pt2FxArgument *list_items = make_list (reader, to, (from)->len);                                                 \
      bool list_fine = list_items != NULL;                                                                             \
      for (uint32_t i = 0; list_fine && i < (from)->len; i++)                                                          \
        list_fine = read (reader, &(from)->items[i], &list_items[i]);                                                  \
      return list_fine;                                                                                                \
    }                                                                                                                  \
  while (0)

static bool
read_sym_ints (Reader *reader, const Pt2SymIntArgumentList *from, Pt2FxArgument *to)
{
  READ_LIST (reader, read_sym_int, from, to);
}

static bool
read_sym_floats (Reader *reader, const Pt2SymFloatArgumentList *from, Pt2FxArgument *to)
{
  READ_LIST (reader, read_sym_float, from, to);
}

static bool
read_sym_bools (Reader *reader, const Pt2SymBoolArgumentList *from, Pt2FxArgument *to)
{
  READ_LIST (reader, read_sym_bool, from, to);
}

static bool
read_optionals (Reader *reader, const Pt2OptionalTensorArgumentList *from, Pt2FxArgument *to)
{
  READ_LIST (reader, read_optional, from, to);
}

static bool
read_nested (Reader *reader, const Pt2TensorArgumentListList *from, Pt2FxArgument *to)
{
  READ_LIST (reader, read_tensors, from, to);
}

static bool
read_int_lists (Reader *reader, const Pt2I64ListList *from, Pt2FxArgument *to)
{
  READ_LIST (reader, read_ints, from, to);
}

static bool
read_float_lists (Reader *reader, const Pt2DoubleListList *from, Pt2FxArgument *to)
{
  READ_LIST (reader, read_floats, from, to);
}

static bool
read_dict (Reader *reader, const Pt2StringToArgumentMap *from, Pt2FxArgument *to)
{
  Pt2FxEntry *entries = pt2_fx_alloc (reader->graph->module, (size_t)from->len * sizeof *entries);
  if (entries == NULL)
    return pt2_fx_reader_no_memory (reader);
  to->kind = PT2_FX_DICT;
  to->len = from->len;
  to->entries = entries;
  for (uint32_t i = 0; i < from->len; i++)
    {
      entries[i].key = from->entries[i].key;
      if (!pt2_fx_read_argument (reader, &from->entries[i].value, &entries[i].value))
        return false;
    }
  return true;
}

/* A graph of its own, and a node before the user that refers to it. */
static bool
read_subgraph (Reader *reader, const Pt2GraphArgument *from, Pt2FxArgument *to)
{
  Pt2FxGraph *graph = reader->graph, *inner = pt2_fx_graph_alloc (graph->module, graph, &from->graph);
  Pt2FxNode *node = pt2_fx_node_alloc (graph, PT2_FX_SUBGRAPH);
  if (inner == NULL || node == NULL)
    return pt2_fx_reader_no_memory (reader);
  inner->name = from->name;
  inner->argument = from;
  inner->caller = reader->source;
  inner->reference = node;
  node->subgraph = inner;
  pt2_fx_link (node, NULL);
  return pt2_fx_read_graph (inner, reader->error) && pt2_fx_name_softly (reader, node, from->name)
         && (pt2_fx_add_use (reader->user, to, node) || pt2_fx_reader_no_memory (reader));
}

static bool
read_object (Reader *reader, const Pt2CustomObjArgument *from, Pt2FxArgument *to)
{
  if (pt2_fx_find_value (reader, from->name) != NULL)
    return pt2_fx_refer (reader, to, from->name);
  to->kind = PT2_FX_OBJECT;
  to->object = from;
  return true;
}

static bool
set_text (Pt2FxArgument *to, Pt2FxKind kind, Pt2String text)
{
  to->kind = kind;
  to->len = text.len;
  to->text = text.data;
  return true;
}

static bool
set_number (Pt2FxArgument *to, Pt2FxKind kind, int32_t number)
{
  to->kind = kind;
  to->number = number;
  return true;
}

static bool
read_list (Reader *reader, const Pt2Argument *from, Pt2FxArgument *to)
{
  switch (from->which)
    {
    case PT2_ARGUMENT_AS_INTS:
      return read_ints (reader, &from->as_ints, to);
    case PT2_ARGUMENT_AS_FLOATS:
      return read_floats (reader, &from->as_floats, to);
    case PT2_ARGUMENT_AS_TENSORS:
      return read_tensors (reader, &from->as_tensors, to);
    case PT2_ARGUMENT_AS_SYM_INTS:
      return read_sym_ints (reader, &from->as_sym_ints, to);
    case PT2_ARGUMENT_AS_SYM_FLOATS:
      return read_sym_floats (reader, &from->as_sym_floats, to);
    case PT2_ARGUMENT_AS_SYM_BOOLS:
      return read_sym_bools (reader, &from->as_sym_bools, to);
    case PT2_ARGUMENT_AS_OPTIONAL_TENSORS:
      return read_optionals (reader, &from->as_optional_tensors, to);
    case PT2_ARGUMENT_AS_NESTED_TENSORS:
      return read_nested (reader, &from->as_nested_tensors, to);
    case PT2_ARGUMENT_AS_INT_LISTS:
      return read_int_lists (reader, &from->as_int_lists, to);
    case PT2_ARGUMENT_AS_FLOAT_LISTS:
      return read_float_lists (reader, &from->as_float_lists, to);
    case PT2_ARGUMENT_AS_STRING_TO_ARGUMENT:
      return read_dict (reader, &from->as_string_to_argument, to);
    case PT2_ARGUMENT_AS_BOOLS:
      to->kind = from->as_bools.len > 0 ? PT2_FX_BOOLS : PT2_FX_LIST;
      to->len = from->as_bools.len;
      to->bools = from->as_bools.items;
      return true;
    case PT2_ARGUMENT_AS_STRINGS:
      to->kind = from->as_strings.len > 0 ? PT2_FX_STRINGS : PT2_FX_LIST;
      to->len = from->as_strings.len;
      to->strings = from->as_strings.items;
      return true;
    default:
      return set_unknown (to, from);
    }
}

static bool
read_member (Reader *reader, const Pt2Argument *from, Pt2FxArgument *to)
{
  switch (from->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
      return pt2_fx_refer (reader, to, from->as_tensor.name);
    case PT2_ARGUMENT_AS_INT:
      to->kind = PT2_FX_INT;
      to->integer = from->as_int;
      return true;
    case PT2_ARGUMENT_AS_FLOAT:
      to->kind = PT2_FX_FLOAT;
      to->real = from->as_float;
      return true;
    case PT2_ARGUMENT_AS_BOOL:
      to->kind = PT2_FX_BOOL;
      to->boolean = from->as_bool;
      return true;
    case PT2_ARGUMENT_AS_NONE:
      to->kind = PT2_FX_NONE;
      return true;
    case PT2_ARGUMENT_AS_STRING:
      return set_text (to, PT2_FX_STRING, from->as_string);
    case PT2_ARGUMENT_AS_OPERATOR:
      return set_text (to, PT2_FX_OPERATOR, from->as_operator);
    case PT2_ARGUMENT_AS_SCALAR_TYPE:
      return set_number (to, PT2_FX_DTYPE, from->as_scalar_type);
    case PT2_ARGUMENT_AS_LAYOUT:
      return set_number (to, PT2_FX_LAYOUT, from->as_layout);
    case PT2_ARGUMENT_AS_MEMORY_FORMAT:
      return set_number (to, PT2_FX_MEMORY_FORMAT, from->as_memory_format);
    case PT2_ARGUMENT_AS_COMPLEX:
      to->kind = PT2_FX_COMPLEX;
      to->complex = from->as_complex;
      return true;
    case PT2_ARGUMENT_AS_DEVICE:
      to->kind = PT2_FX_DEVICE;
      to->device = from->as_device;
      return true;
    case PT2_ARGUMENT_AS_SYM_INT:
      return read_sym_int (reader, from->as_sym_int, to);
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      return read_sym_float (reader, from->as_sym_float, to);
    case PT2_ARGUMENT_AS_SYM_BOOL:
      return read_sym_bool (reader, from->as_sym_bool, to);
    case PT2_ARGUMENT_AS_OPTIONAL_TENSOR:
      return read_optional (reader, from->as_optional_tensor, to);
    case PT2_ARGUMENT_AS_GRAPH:
      return read_subgraph (reader, from->as_graph, to);
    case PT2_ARGUMENT_AS_CUSTOM_OBJ:
      return read_object (reader, from->as_custom_obj, to);
    default:
      return read_list (reader, from, to);
    }
}

bool
pt2_fx_read_argument (Reader *reader, const Pt2Argument *from, Pt2FxArgument *to)
{
  to->member = from->which == PT2_UNKNOWN_MEMBER ? 0 : (uint16_t)from->which;
  return read_member (reader, from, to);
}
