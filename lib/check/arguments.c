/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments as the rules see them: which names they use, and what they are called. */
#include "check_private.h"

typedef struct
{
  ArgumentNameFunc func;
  gpointer data;
  bool in_list;
} Visit;

static bool
visit (const Visit *visit, Pt2String name, ValueKind kind)
{
  ArgumentName use = { name, kind, visit->in_list };
  return name.data == NULL || visit->func (&use, visit->data);
}

static bool
visit_optional (const Visit *v, const Pt2OptionalTensorArgument *item)
{
  return item->which != PT2_OPTIONAL_TENSOR_ARGUMENT_AS_TENSOR || visit (v, item->as_tensor.name, VALUE_TENSOR);
}

/* The three kinds of symbolic arguments are alike but for their types. */
#define VISIT_SYMBOLS(list, NAME, kind)                                                                                \
  for (uint32_t i = 0; i < (list).len; i++)                                                                            \
    if ((list).items[i].which == PT2_SYM_##NAME##_ARGUMENT_AS_NAME && !visit (v, (list).items[i].as_name, kind))       \
      return false;                                                                                                    \
  return true

static bool
visit_sym_ints (const Visit *v, const Pt2SymIntArgumentList *list)
{
  VISIT_SYMBOLS (*list, INT, VALUE_SYM_INT);
}

static bool
visit_sym_floats (const Visit *v, const Pt2SymFloatArgumentList *list)
{
  VISIT_SYMBOLS (*list, FLOAT, VALUE_SYM_FLOAT);
}

static bool
visit_sym_bools (const Visit *v, const Pt2SymBoolArgumentList *list)
{
  VISIT_SYMBOLS (*list, BOOL, VALUE_SYM_BOOL);
}

static bool
visit_tensors (const Visit *v, const Pt2TensorArgumentList *list)
{
  for (uint32_t i = 0; i < list->len; i++)
    if (!visit (v, list->items[i].name, VALUE_TENSOR))
      return false;
  return true;
}

static bool
visit_list (const Visit *v, const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSORS:
      return visit_tensors (v, &argument->as_tensors);
    case PT2_ARGUMENT_AS_SYM_INTS:
      return visit_sym_ints (v, &argument->as_sym_ints);
    case PT2_ARGUMENT_AS_SYM_FLOATS:
      return visit_sym_floats (v, &argument->as_sym_floats);
    case PT2_ARGUMENT_AS_SYM_BOOLS:
      return visit_sym_bools (v, &argument->as_sym_bools);
    case PT2_ARGUMENT_AS_OPTIONAL_TENSORS:
      for (uint32_t i = 0; i < argument->as_optional_tensors.len; i++)
        if (!visit_optional (v, &argument->as_optional_tensors.items[i]))
          return false;
      return true;
    case PT2_ARGUMENT_AS_NESTED_TENSORS:
      for (uint32_t i = 0; i < argument->as_nested_tensors.len; i++)
        if (!visit_tensors (v, &argument->as_nested_tensors.items[i]))
          return false;
      return true;
    case PT2_ARGUMENT_AS_STRING_TO_ARGUMENT:
      for (uint32_t i = 0; i < argument->as_string_to_argument.len; i++)
        if (!check_foreach_name (&argument->as_string_to_argument.entries[i].value, v->func, v->data))
          return false;
      return true;
    default:
      return true;
    }
}

bool
check_foreach_name (const Pt2Argument *argument, ArgumentNameFunc func, gpointer data)
{
  Visit single = { func, data, false }, list = { func, data, true };
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
      return visit (&single, argument->as_tensor.name, VALUE_TENSOR);
    case PT2_ARGUMENT_AS_SYM_INT:
      return argument->as_sym_int->which != PT2_SYM_INT_ARGUMENT_AS_NAME
             || visit (&single, argument->as_sym_int->as_name, VALUE_SYM_INT);
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      return argument->as_sym_float->which != PT2_SYM_FLOAT_ARGUMENT_AS_NAME
             || visit (&single, argument->as_sym_float->as_name, VALUE_SYM_FLOAT);
    case PT2_ARGUMENT_AS_SYM_BOOL:
      return argument->as_sym_bool->which != PT2_SYM_BOOL_ARGUMENT_AS_NAME
             || visit (&single, argument->as_sym_bool->as_name, VALUE_SYM_BOOL);
    case PT2_ARGUMENT_AS_CUSTOM_OBJ:
      return visit (&single, argument->as_custom_obj->name, VALUE_OBJECT);
    case PT2_ARGUMENT_AS_OPTIONAL_TENSOR:
      return visit_optional (&single, argument->as_optional_tensor);
    default:
      return visit_list (&list, argument);
    }
}

typedef struct
{
  Pt2String name;
  bool several;
} Single;

static bool
take_single (const ArgumentName *name, gpointer data)
{
  Single *single = data;
  single->several = name->in_list;
  single->name = name->name;
  return !name->in_list;
}

Pt2String
check_single_name (const Pt2Argument *argument)
{
  Single single = { { NULL, 0 }, false };
  check_foreach_name (argument, take_single, &single);
  return single.several ? (Pt2String){ NULL, 0 } : single.name;
}

const char *
check_member_name (const Pt2Argument *argument)
{
  static const struct
  {
    uint32_t which;
    const char *name;
  } names[] = {
    { PT2_ARGUMENT_AS_NONE, "as_none" },
    { PT2_ARGUMENT_AS_TENSOR, "as_tensor" },
    { PT2_ARGUMENT_AS_TENSORS, "as_tensors" },
    { PT2_ARGUMENT_AS_INT, "as_int" },
    { PT2_ARGUMENT_AS_INTS, "as_ints" },
    { PT2_ARGUMENT_AS_FLOAT, "as_float" },
    { PT2_ARGUMENT_AS_FLOATS, "as_floats" },
    { PT2_ARGUMENT_AS_STRING, "as_string" },
    { PT2_ARGUMENT_AS_STRINGS, "as_strings" },
    { PT2_ARGUMENT_AS_SYM_INT, "as_sym_int" },
    { PT2_ARGUMENT_AS_SYM_INTS, "as_sym_ints" },
    { PT2_ARGUMENT_AS_SCALAR_TYPE, "as_scalar_type" },
    { PT2_ARGUMENT_AS_MEMORY_FORMAT, "as_memory_format" },
    { PT2_ARGUMENT_AS_LAYOUT, "as_layout" },
    { PT2_ARGUMENT_AS_DEVICE, "as_device" },
    { PT2_ARGUMENT_AS_BOOL, "as_bool" },
    { PT2_ARGUMENT_AS_BOOLS, "as_bools" },
    { PT2_ARGUMENT_AS_SYM_BOOL, "as_sym_bool" },
    { PT2_ARGUMENT_AS_SYM_BOOLS, "as_sym_bools" },
    { PT2_ARGUMENT_AS_GRAPH, "as_graph" },
    { PT2_ARGUMENT_AS_OPTIONAL_TENSORS, "as_optional_tensors" },
    { PT2_ARGUMENT_AS_CUSTOM_OBJ, "as_custom_obj" },
    { PT2_ARGUMENT_AS_OPERATOR, "as_operator" },
    { PT2_ARGUMENT_AS_SYM_FLOAT, "as_sym_float" },
    { PT2_ARGUMENT_AS_SYM_FLOATS, "as_sym_floats" },
    { PT2_ARGUMENT_AS_OPTIONAL_TENSOR, "as_optional_tensor" },
    { PT2_ARGUMENT_AS_COMPLEX, "as_complex" },
    { PT2_ARGUMENT_AS_NESTED_TENSORS, "as_nested_tensors" },
    { PT2_ARGUMENT_AS_INT_LISTS, "as_int_lists" },
    { PT2_ARGUMENT_AS_STRING_TO_ARGUMENT, "as_string_to_argument" },
    { PT2_ARGUMENT_AS_FLOAT_LISTS, "as_float_lists" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].which == argument->which)
      return names[i].name;
  return "a member that is not known";
}

bool
check_is_higher_order (Pt2String target)
{
  return text_begins (target, "torch.ops.higher_order.");
}

const char *
check_kind_name (ValueKind kind)
{
  static const char *const names[] = {
    "nothing", "a tensor", "a symbolic integer", "a symbolic real number", "a symbolic truth value", "an object"
  };
  return names[kind];
}
