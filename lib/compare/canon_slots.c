/* SPDX-License-Identifier: Apache-2.0 */
#include "canon_private.h"

typedef struct
{
  Canon *canon;
  CanonSlotFunc func;
  void *data;
  bool hidden;
} Walk;

static bool
no_name (const Walk *walk)
{
  return walk->hidden || walk->func (NULL, CANON_TENSOR, false, walk->data);
}

static bool
named (const Walk *walk, Pt2String *name, CanonTable table)
{
  return walk->func (name, table, walk->hidden, walk->data);
}

static bool
unknown (const Walk *walk)
{
  return pt2_status_fail (&walk->canon->status, PT2_ERROR_C006, PT2_NO_OFFSET, "%s", "");
}

/* The three symbolic arguments differ in their structs only: WHICH is the member, NAME stands where one is chosen. */
static bool
symbolic (const Walk *walk, uint32_t which, uint32_t chosen, Pt2String *name, CanonTable table)
{
  if (which == PT2_UNKNOWN_MEMBER)
    return unknown (walk);
  return which == chosen ? named (walk, name, table) : no_name (walk);
}

static bool
sym_int (const Walk *walk, Pt2SymIntArgument *item)
{
  return symbolic (walk, item->which, PT2_SYM_INT_ARGUMENT_AS_NAME, &item->as_name, CANON_SYM_INT);
}

static bool
sym_float (const Walk *walk, Pt2SymFloatArgument *item)
{
  return symbolic (walk, item->which, PT2_SYM_FLOAT_ARGUMENT_AS_NAME, &item->as_name, CANON_SYM_FLOAT);
}

static bool
sym_bool (const Walk *walk, Pt2SymBoolArgument *item)
{
  return symbolic (walk, item->which, PT2_SYM_BOOL_ARGUMENT_AS_NAME, &item->as_name, CANON_SYM_BOOL);
}

static bool
optional_tensor (const Walk *walk, Pt2OptionalTensorArgument *item)
{
  return symbolic (walk, item->which, PT2_OPTIONAL_TENSOR_ARGUMENT_AS_TENSOR, &item->as_tensor.name, CANON_TENSOR);
}

static bool
tensor (const Walk *walk, Pt2TensorArgument *item)
{
  return named (walk, &item->name, CANON_TENSOR);
}

#define EACH(walk, list, function)                                                                                     \
  do                                                                                                                   \
    {                                                                                                                  \
      for (uint32_t i = 0; i < (list).len; i++)                                                                        \
        if (!function (walk, &(list).items[i]))                                                                        \
          return false;                                                                                                \
      return true;                                                                                                     \
    }                                                                                                                  \
  while (0)

static bool
tensors (const Walk *walk, Pt2TensorArgumentList *list)
{
  EACH (walk, *list, tensor);
}

static bool walk_argument (const Walk *walk, Pt2Argument *argument);

static bool
dictionary (const Walk *walk, Pt2StringToArgumentMap *map)
{
  Walk inside = *walk;
  inside.hidden = true;
  for (uint32_t i = 0; i < map->len; i++)
    if (!walk_argument (&inside, &map->entries[i].value))
      return false;
  return no_name (walk);
}

static bool
walk_argument (const Walk *walk, Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
      return tensor (walk, &argument->as_tensor);
    case PT2_ARGUMENT_AS_TENSORS:
      return tensors (walk, &argument->as_tensors);
    case PT2_ARGUMENT_AS_NESTED_TENSORS:
      EACH (walk, argument->as_nested_tensors, tensors);
    case PT2_ARGUMENT_AS_SYM_INT:
      return sym_int (walk, argument->as_sym_int);
    case PT2_ARGUMENT_AS_SYM_INTS:
      EACH (walk, argument->as_sym_ints, sym_int);
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      return sym_float (walk, argument->as_sym_float);
    case PT2_ARGUMENT_AS_SYM_FLOATS:
      EACH (walk, argument->as_sym_floats, sym_float);
    case PT2_ARGUMENT_AS_SYM_BOOL:
      return sym_bool (walk, argument->as_sym_bool);
    case PT2_ARGUMENT_AS_SYM_BOOLS:
      EACH (walk, argument->as_sym_bools, sym_bool);
    case PT2_ARGUMENT_AS_OPTIONAL_TENSOR:
      return optional_tensor (walk, argument->as_optional_tensor);
    case PT2_ARGUMENT_AS_OPTIONAL_TENSORS:
      EACH (walk, argument->as_optional_tensors, optional_tensor);
    case PT2_ARGUMENT_AS_CUSTOM_OBJ:
      return named (walk, &argument->as_custom_obj->name, CANON_CUSTOM_OBJ);
    case PT2_ARGUMENT_AS_STRING_TO_ARGUMENT:
      return dictionary (walk, &argument->as_string_to_argument);
    case PT2_UNKNOWN_MEMBER:
      return unknown (walk);
    default: /* numbers, texts, types, graphs */
      return no_name (walk);
    }
}

bool
canon_foreach_slot (Canon *canon, Pt2Argument *argument, CanonSlotFunc func, void *data)
{
  return walk_argument (&(Walk){ canon, func, data, false }, argument);
}

static bool
walk_graphs (Pt2Argument *argument, bool hidden, CanonGraphFunc func, void *data)
{
  if (argument->which == PT2_ARGUMENT_AS_GRAPH)
    return func (argument->as_graph, hidden, data);
  if (argument->which == PT2_ARGUMENT_AS_STRING_TO_ARGUMENT)
    for (uint32_t i = 0; i < argument->as_string_to_argument.len; i++)
      if (!walk_graphs (&argument->as_string_to_argument.entries[i].value, true, func, data))
        return false;
  return true;
}

bool
canon_foreach_graph (Pt2Argument *argument, CanonGraphFunc func, void *data)
{
  return walk_graphs (argument, false, func, data);
}
