/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments as members of the schema's Argument, by the rules of PyTorch's serializer.
 *
 * Which member a list becomes is decided by what is in it. What several could
 * hold, and the empty list, becomes what it was in the file; else, if it is
 * empty, what the operator's schema says.
 */
#include "write.h"
#include <string.h>

/* ---- lists ---- */

/* What an item can be in a list of each member. */
enum
{
  ITEM_INT = 1 << 0,
  ITEM_FLOAT = 1 << 1,
  ITEM_BOOL = 1 << 2,
  ITEM_STRING = 1 << 3,
  ITEM_SYM_INT = 1 << 4,
  ITEM_SYM_FLOAT = 1 << 5,
  ITEM_SYM_BOOL = 1 << 6,
  ITEM_TENSOR = 1 << 7,
  ITEM_NONE = 1 << 8,
  ITEM_TENSORS = 1 << 9, /* a list of tensors, or an empty one */
  ITEM_INTS = 1 << 10,
  ITEM_FLOATS = 1 << 11,
  ITEM_EMPTY = 1 << 12,
  ITEM_UNKNOWN = 1 << 13, /* what the file's member has and the schema does not know */
  ITEM_OTHER = 1 << 14,
};

/* In the order in which PyTorch tries them. */
static const struct
{
  uint32_t member;
  uint32_t items;
} list_members[] = {
  { PT2_ARGUMENT_AS_BOOLS, ITEM_BOOL },
  { PT2_ARGUMENT_AS_INTS, ITEM_INT },
  { PT2_ARGUMENT_AS_FLOATS, ITEM_FLOAT },
  { PT2_ARGUMENT_AS_STRINGS, ITEM_STRING },
  { PT2_ARGUMENT_AS_SYM_INTS, ITEM_INT | ITEM_SYM_INT },
  { PT2_ARGUMENT_AS_SYM_FLOATS, ITEM_FLOAT | ITEM_SYM_FLOAT },
  { PT2_ARGUMENT_AS_SYM_BOOLS, ITEM_BOOL | ITEM_SYM_BOOL },
  { PT2_ARGUMENT_AS_TENSORS, ITEM_TENSOR },
  { PT2_ARGUMENT_AS_NESTED_TENSORS, ITEM_TENSORS | ITEM_EMPTY },
  { PT2_ARGUMENT_AS_OPTIONAL_TENSORS, ITEM_TENSOR | ITEM_NONE },
  { PT2_ARGUMENT_AS_INT_LISTS, ITEM_INTS | ITEM_EMPTY },
  { PT2_ARGUMENT_AS_FLOAT_LISTS, ITEM_FLOATS | ITEM_EMPTY },
};

static uint32_t items_of (const Pt2FxArgument *list);

static uint32_t
item_of (const Pt2FxArgument *item)
{
  switch (item->kind)
    {
    case PT2_FX_INT:
      return ITEM_INT;
    case PT2_FX_FLOAT:
      return ITEM_FLOAT;
    case PT2_FX_BOOL:
      return ITEM_BOOL;
    case PT2_FX_STRING:
      return ITEM_STRING;
    case PT2_FX_NONE:
      return ITEM_NONE;
    case PT2_FX_INTS:
      return ITEM_INTS;
    case PT2_FX_FLOATS:
      return ITEM_FLOATS;
    case PT2_FX_UNKNOWN:
      return ITEM_UNKNOWN;
    case PT2_FX_LIST:
      return item->len == 0 ? ITEM_EMPTY : items_of (item) == ITEM_TENSOR ? ITEM_TENSORS : ITEM_OTHER;
    case PT2_FX_NODE:
      break;
    default:
      return ITEM_OTHER;
    }
  switch (item->node->value_kind)
    {
    case PT2_FX_VALUE_SYM_INT:
      return ITEM_SYM_INT;
    case PT2_FX_VALUE_SYM_FLOAT:
      return ITEM_SYM_FLOAT;
    case PT2_FX_VALUE_SYM_BOOL:
      return ITEM_SYM_BOOL;
    default:
      return item->node->op == PT2_FX_SUBGRAPH ? ITEM_OTHER : ITEM_TENSOR;
    }
}

static uint32_t
items_of (const Pt2FxArgument *list)
{
  uint32_t items = 0;
  for (uint32_t i = 0; i < list->len; i++)
    items |= item_of (&list->items[i]);
  return items;
}

/* An empty list is of the kind that the file says, else of the one that the schema says, else of tensors. */
static uint32_t
member_of_empty (const Pt2FxArgument *list, const Pt2OpType *type)
{
  const Pt2OpType *item = type != NULL ? pt2_op_type_list_item (type) : NULL;
  const Pt2OpType *inner = item != NULL ? pt2_op_type_list_item (item) : NULL;
  if (list->member != 0)
    return list->member;
  if (inner != NULL)
    return pt2_op_type_base (inner)->kind == PT2_OP_FLOAT ? PT2_ARGUMENT_AS_FLOAT_LISTS : PT2_ARGUMENT_AS_INT_LISTS;
  switch (item != NULL ? pt2_op_type_base (item)->kind : PT2_OP_TENSOR)
    {
    case PT2_OP_BOOL:
      return PT2_ARGUMENT_AS_BOOLS;
    case PT2_OP_INT:
    case PT2_OP_SYM_INT:
      return PT2_ARGUMENT_AS_INTS;
    case PT2_OP_FLOAT:
      return PT2_ARGUMENT_AS_FLOATS;
    case PT2_OP_STRING:
      return PT2_ARGUMENT_AS_STRINGS;
    default:
      return PT2_ARGUMENT_AS_TENSORS;
    }
}

/* 0 if no member can hold it. */
static uint32_t
member_of_list (const Pt2FxArgument *list, const Pt2OpType *type)
{
  uint32_t items = items_of (list), first = 0;
  if (list->len == 0)
    return member_of_empty (list, type);
  for (size_t i = 0; i < G_N_ELEMENTS (list_members); i++)
    {
      bool own = list_members[i].member == list->member;
      if ((items & ~(list_members[i].items | (own ? ITEM_UNKNOWN : 0u))) != 0)
        continue;
      if (own)
        return list->member;
      first = first == 0 ? list_members[i].member : first;
    }
  return first;
}

static bool
write_sym_item (Writer *writer, const Pt2FxArgument *from, Pt2SymIntArgument *to)
{
  if (from->kind == PT2_FX_UNKNOWN)
    {
      *to = *(const Pt2SymIntArgument *)from->unknown;
      return true;
    }
  to->which = from->kind == PT2_FX_NODE ? PT2_SYM_INT_ARGUMENT_AS_NAME : PT2_SYM_INT_ARGUMENT_AS_INT;
  if (from->kind == PT2_FX_NODE)
    to->as_name = pt2_fx_write_name (writer, from->node);
  else
    to->as_int = from->integer;
  return true;
}

static bool
write_sym_float_item (Writer *writer, const Pt2FxArgument *from, Pt2SymFloatArgument *to)
{
  if (from->kind == PT2_FX_UNKNOWN)
    {
      *to = *(const Pt2SymFloatArgument *)from->unknown;
      return true;
    }
  to->which = from->kind == PT2_FX_NODE ? PT2_SYM_FLOAT_ARGUMENT_AS_NAME : PT2_SYM_FLOAT_ARGUMENT_AS_FLOAT;
  if (from->kind == PT2_FX_NODE)
    to->as_name = pt2_fx_write_name (writer, from->node);
  else
    to->as_float = from->real;
  return true;
}

static bool
write_sym_bool_item (Writer *writer, const Pt2FxArgument *from, Pt2SymBoolArgument *to)
{
  if (from->kind == PT2_FX_UNKNOWN)
    {
      *to = *(const Pt2SymBoolArgument *)from->unknown;
      return true;
    }
  to->which = from->kind == PT2_FX_NODE ? PT2_SYM_BOOL_ARGUMENT_AS_NAME : PT2_SYM_BOOL_ARGUMENT_AS_BOOL;
  if (from->kind == PT2_FX_NODE)
    to->as_name = pt2_fx_write_name (writer, from->node);
  else
    to->as_bool = from->boolean;
  return true;
}

static bool
write_optional_item (Writer *writer, const Pt2FxArgument *from, Pt2OptionalTensorArgument *to)
{
  if (from->kind == PT2_FX_UNKNOWN)
    {
      *to = *(const Pt2OptionalTensorArgument *)from->unknown;
      return true;
    }
  to->which = from->kind == PT2_FX_NODE ? PT2_OPTIONAL_TENSOR_ARGUMENT_AS_TENSOR : PT2_OPTIONAL_TENSOR_ARGUMENT_AS_NONE;
  if (from->kind == PT2_FX_NODE)
    to->as_tensor.name = pt2_fx_write_name (writer, from->node);
  else
    to->as_none = true;
  return true;
}

static bool
write_tensor_item (Writer *writer, const Pt2FxArgument *from, Pt2TensorArgument *to)
{
  to->name = pt2_fx_write_name (writer, from->node);
  return to->name.data != NULL;
}

/* Makes TO, a list, of the items of FROM, each by WRITE. */
#define WRITE_LIST(writer, from, to, write)                                                                            \
  do                                                                                                                   \
    {                                                                                                                  \
      bool list_fine;                                                                                                  \
      (to)->items = pt2_fx_room (writer, (from)->len, sizeof *(to)->items);                                            \
      (to)->len = (from)->len;                                                                                         \
      list_fine = (to)->items != NULL;                                                                                 \
      for (uint32_t i = 0; list_fine && i < (from)->len; i++)                                                          \
        list_fine = write (writer, &(from)->items[i], &(to)->items[i]);                                                \
      return list_fine;                                                                                                \
    }                                                                                                                  \
  while (0)

static bool
write_tensors (Writer *writer, const Pt2FxArgument *from, Pt2TensorArgumentList *to)
{
  WRITE_LIST (writer, from, to, write_tensor_item);
}

static bool
write_int_item (Writer *writer, const Pt2FxArgument *from, int64_t *to)
{
  (void)writer;
  *to = from->integer;
  return true;
}

static bool
write_float_item (Writer *writer, const Pt2FxArgument *from, double *to)
{
  (void)writer;
  *to = from->real;
  return true;
}

static bool
write_bool_item (Writer *writer, const Pt2FxArgument *from, bool *to)
{
  (void)writer;
  *to = from->boolean;
  return true;
}

static bool
write_string_item (Writer *writer, const Pt2FxArgument *from, Pt2String *to)
{
  *to = from->flags & PT2_FX_OWN ? pt2_draft_text (writer->draft, from->text, from->len)
                                 : (Pt2String){ from->text, from->len };
  return to->data != NULL;
}

/* The plain array of LEN items of SIZE bytes that an argument has, where the program may point to it. */
static void *
array_of (Writer *writer, const Pt2FxArgument *from, size_t size)
{
  if (!(from->flags & PT2_FX_OWN) && from->items != NULL)
    return (void *)from->items;
  void *copy = pt2_fx_room (writer, from->len, size);
  if (copy != NULL && from->len > 0)
    memcpy (copy, from->items, from->len * size);
  return copy;
}

static bool
write_ints (Writer *writer, const Pt2FxArgument *from, Pt2I64List *to)
{
  if (from->kind == PT2_FX_LIST && from->len > 0)
    WRITE_LIST (writer, from, to, write_int_item);
  to->items = array_of (writer, from, sizeof *to->items);
  to->len = from->len;
  return to->items != NULL;
}

static bool
write_floats (Writer *writer, const Pt2FxArgument *from, Pt2DoubleList *to)
{
  if (from->kind == PT2_FX_LIST && from->len > 0)
    WRITE_LIST (writer, from, to, write_float_item);
  to->items = array_of (writer, from, sizeof *to->items);
  to->len = from->len;
  return to->items != NULL;
}

static bool
write_bools (Writer *writer, const Pt2FxArgument *from, Pt2BoolList *to)
{
  if (from->kind == PT2_FX_LIST && from->len > 0)
    WRITE_LIST (writer, from, to, write_bool_item);
  to->items = array_of (writer, from, sizeof *to->items);
  to->len = from->len;
  return to->items != NULL;
}

static bool
write_strings (Writer *writer, const Pt2FxArgument *from, Pt2StringList *to)
{
  if (from->kind == PT2_FX_LIST && from->len > 0)
    WRITE_LIST (writer, from, to, write_string_item);
  to->items = array_of (writer, from, sizeof *to->items);
  to->len = from->len;
  for (uint32_t i = 0; (from->flags & PT2_FX_OWN) && to->items != NULL && i < to->len; i++)
    to->items[i] = pt2_draft_text (writer->draft, to->items[i].data, to->items[i].len);
  return to->items != NULL;
}

static bool
write_sym_ints (Writer *writer, const Pt2FxArgument *from, Pt2SymIntArgumentList *to)
{
  WRITE_LIST (writer, from, to, write_sym_item);
}

static bool
write_sym_floats (Writer *writer, const Pt2FxArgument *from, Pt2SymFloatArgumentList *to)
{
  WRITE_LIST (writer, from, to, write_sym_float_item);
}

static bool
write_sym_bools (Writer *writer, const Pt2FxArgument *from, Pt2SymBoolArgumentList *to)
{
  WRITE_LIST (writer, from, to, write_sym_bool_item);
}

static bool
write_optionals (Writer *writer, const Pt2FxArgument *from, Pt2OptionalTensorArgumentList *to)
{
  WRITE_LIST (writer, from, to, write_optional_item);
}

static bool
write_nested (Writer *writer, const Pt2FxArgument *from, Pt2TensorArgumentListList *to)
{
  WRITE_LIST (writer, from, to, write_tensors);
}

static bool
write_int_lists (Writer *writer, const Pt2FxArgument *from, Pt2I64ListList *to)
{
  WRITE_LIST (writer, from, to, write_ints);
}

static bool
write_float_lists (Writer *writer, const Pt2FxArgument *from, Pt2DoubleListList *to)
{
  WRITE_LIST (writer, from, to, write_floats);
}

static bool
write_list (Writer *writer, const Pt2FxArgument *from, uint32_t member, Pt2Argument *to)
{
  to->which = member;
  switch (member)
    {
    case PT2_ARGUMENT_AS_BOOLS:
      return write_bools (writer, from, &to->as_bools);
    case PT2_ARGUMENT_AS_INTS:
      return write_ints (writer, from, &to->as_ints);
    case PT2_ARGUMENT_AS_FLOATS:
      return write_floats (writer, from, &to->as_floats);
    case PT2_ARGUMENT_AS_STRINGS:
      return write_strings (writer, from, &to->as_strings);
    case PT2_ARGUMENT_AS_SYM_INTS:
      return write_sym_ints (writer, from, &to->as_sym_ints);
    case PT2_ARGUMENT_AS_SYM_FLOATS:
      return write_sym_floats (writer, from, &to->as_sym_floats);
    case PT2_ARGUMENT_AS_SYM_BOOLS:
      return write_sym_bools (writer, from, &to->as_sym_bools);
    case PT2_ARGUMENT_AS_TENSORS:
      return write_tensors (writer, from, &to->as_tensors);
    case PT2_ARGUMENT_AS_NESTED_TENSORS:
      return write_nested (writer, from, &to->as_nested_tensors);
    case PT2_ARGUMENT_AS_OPTIONAL_TENSORS:
      return write_optionals (writer, from, &to->as_optional_tensors);
    case PT2_ARGUMENT_AS_INT_LISTS:
      return write_int_lists (writer, from, &to->as_int_lists);
    case PT2_ARGUMENT_AS_FLOAT_LISTS:
      return write_float_lists (writer, from, &to->as_float_lists);
    default:
      pt2_error_set (writer->error, PT2_ERROR_G008, NULL, "%s", "a list of what no list holds together");
      return false;
    }
}

/* ---- one argument ---- */

static bool
write_dict (Writer *writer, const Pt2FxArgument *from, Pt2Argument *to)
{
  Pt2StringToArgumentMapEntry *entries = pt2_fx_room (writer, from->len, sizeof *entries);
  to->which = PT2_ARGUMENT_AS_STRING_TO_ARGUMENT;
  to->as_string_to_argument = (Pt2StringToArgumentMap){ entries, from->len };
  for (uint32_t i = 0; entries != NULL && i < from->len; i++)
    {
      Pt2String key = from->entries[i].key;
      entries[i].key = from->flags & PT2_FX_OWN ? pt2_draft_text (writer->draft, key.data, key.len) : key;
      if (!pt2_fx_write_argument (writer, &from->entries[i].value, NULL, &entries[i].value))
        return false;
    }
  return entries != NULL;
}

static bool
write_complex (Writer *writer, const Pt2FxArgument *from, Pt2Argument *to)
{
  to->which = PT2_ARGUMENT_AS_COMPLEX;
  to->as_complex = array_of (writer, &(Pt2FxArgument){ .flags = from->flags, .len = 1, .complex = from->complex },
                             sizeof *from->complex);
  return to->as_complex != NULL;
}

static bool
write_device (Writer *writer, const Pt2FxArgument *from, Pt2Argument *to)
{
  to->which = PT2_ARGUMENT_AS_DEVICE;
  to->as_device = array_of (writer, &(Pt2FxArgument){ .flags = from->flags, .len = 1, .device = from->device },
                            sizeof *from->device);
  if (to->as_device != NULL && (from->flags & PT2_FX_OWN))
    to->as_device->type = pt2_draft_text (writer->draft, from->device->type.data, from->device->type.len);
  return to->as_device != NULL;
}

/* A union of its own around what could stand there without: as the file has it. */
static bool
write_wrapped (Writer *writer, const Pt2FxArgument *from, Pt2Argument *to)
{
  void *inner = pt2_fx_room (writer, 1, sizeof (Pt2SymIntArgument));
  G_STATIC_ASSERT (sizeof (Pt2OptionalTensorArgument) <= sizeof (Pt2SymIntArgument));
  to->which = from->member;
  to->as_sym_int = inner;
  if (inner == NULL)
    return false;
  switch (from->member)
    {
    case PT2_ARGUMENT_AS_SYM_INT:
      return write_sym_item (writer, from, inner);
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      return write_sym_float_item (writer, from, inner);
    case PT2_ARGUMENT_AS_SYM_BOOL:
      return write_sym_bool_item (writer, from, inner);
    default:
      return write_optional_item (writer, from, inner);
    }
}

/* Is it still what can stand in the union that it was read from? */
static bool
fits_wrapped (const Pt2FxArgument *from)
{
  static const struct
  {
    uint32_t member, items;
  } wrapped[] = {
    { PT2_ARGUMENT_AS_SYM_INT, ITEM_INT | ITEM_SYM_INT | ITEM_UNKNOWN },
    { PT2_ARGUMENT_AS_SYM_FLOAT, ITEM_FLOAT | ITEM_SYM_FLOAT | ITEM_UNKNOWN },
    { PT2_ARGUMENT_AS_SYM_BOOL, ITEM_BOOL | ITEM_SYM_BOOL | ITEM_UNKNOWN },
    { PT2_ARGUMENT_AS_OPTIONAL_TENSOR, ITEM_TENSOR | ITEM_NONE | ITEM_UNKNOWN },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (wrapped); i++)
    if (wrapped[i].member == from->member)
      return (item_of (from) & ~wrapped[i].items) == 0;
  return false;
}

static bool
write_text (Writer *writer, const Pt2FxArgument *from, uint32_t member, Pt2Argument *to)
{
  to->which = member;
  return write_string_item (writer, from, &to->as_string);
}

bool
pt2_fx_write_argument (Writer *writer, const Pt2FxArgument *from, const Pt2OpType *type, Pt2Argument *to)
{
  memset (to, 0, sizeof *to);
  if (fits_wrapped (from))
    return write_wrapped (writer, from, to);
  switch (from->kind)
    {
    case PT2_FX_NODE:
      return pt2_fx_write_value (writer, from->node, to);
    case PT2_FX_NONE:
      to->which = PT2_ARGUMENT_AS_NONE;
      to->as_none = true;
      return true;
    case PT2_FX_BOOL:
      to->which = PT2_ARGUMENT_AS_BOOL;
      to->as_bool = from->boolean;
      return true;
    case PT2_FX_INT:
      to->which = PT2_ARGUMENT_AS_INT;
      to->as_int = from->integer;
      return true;
    case PT2_FX_FLOAT:
      to->which = PT2_ARGUMENT_AS_FLOAT;
      to->as_float = from->real;
      return true;
    case PT2_FX_COMPLEX:
      return write_complex (writer, from, to);
    case PT2_FX_STRING:
      return write_text (writer, from, PT2_ARGUMENT_AS_STRING, to);
    case PT2_FX_OPERATOR:
      return write_text (writer, from, PT2_ARGUMENT_AS_OPERATOR, to);
    case PT2_FX_DTYPE:
      to->which = PT2_ARGUMENT_AS_SCALAR_TYPE;
      to->as_scalar_type = from->number;
      return true;
    case PT2_FX_LAYOUT:
      to->which = PT2_ARGUMENT_AS_LAYOUT;
      to->as_layout = from->number;
      return true;
    case PT2_FX_MEMORY_FORMAT:
      to->which = PT2_ARGUMENT_AS_MEMORY_FORMAT;
      to->as_memory_format = from->number;
      return true;
    case PT2_FX_DEVICE:
      return write_device (writer, from, to);
    case PT2_FX_OBJECT:
      to->which = PT2_ARGUMENT_AS_CUSTOM_OBJ;
      to->as_custom_obj = (Pt2CustomObjArgument *)from->object;
      return true;
    case PT2_FX_BOOLS:
      return write_list (writer, from, PT2_ARGUMENT_AS_BOOLS, to);
    case PT2_FX_INTS:
      return write_list (writer, from, PT2_ARGUMENT_AS_INTS, to);
    case PT2_FX_FLOATS:
      return write_list (writer, from, PT2_ARGUMENT_AS_FLOATS, to);
    case PT2_FX_STRINGS:
      return write_list (writer, from, PT2_ARGUMENT_AS_STRINGS, to);
    case PT2_FX_LIST:
      return write_list (writer, from, member_of_list (from, type), to);
    case PT2_FX_DICT:
      return write_dict (writer, from, to);
    default:
      *to = *(const Pt2Argument *)from->unknown;
      return true;
    }
}
