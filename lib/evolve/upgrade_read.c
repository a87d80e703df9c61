/* SPDX-License-Identifier: Apache-2.0 */
#include "upgrade_read.h"
#include "number.h"
#include "text.h"
#include <math.h>
#include <string.h>

/* ---- what an older major spelled otherwise ---- */

/* Keys that only older majors have; the steps read them from the tree, or they say nothing that is still asked. */
typedef struct
{
  const char *record;
  const char *key;
} OldKey;

static const OldKey old_keys[] = {
  { "ExportedProgram", "dialect" },              /* 2 to 6: `verifiers` now */
  { "ExportedProgram", "equality_constraints" }, /* 1: of constraints between inputs, which the traced sizes show */
  { "ExportedProgram", "example_inputs" },       /* 1: always null */
  { "ExportedProgram", "forward_arg_names" },    /* 6: in the root's call signature now */
  { "GraphModule", "call_spec" },                /* 1: the root's call signature now */
  { "Graph", "constants" },                      /* 1: payloads of the archive now */
  { "GraphSignature", "inputs_to_parameters" },  /* 1, as all that follow: `input_specs` and `output_specs` now */
  { "GraphSignature", "inputs_to_buffers" },
  { "GraphSignature", "user_inputs" },
  { "GraphSignature", "user_outputs" },
  { "GraphSignature", "buffers_to_mutate" },
  { "GraphSignature", "backward_signature" },
};

/* Required fields that an older major did not have; a step fills them. */
static const OldKey young_fields[] = {
  { "InputToBufferSpec", "persistent" },   /* since 5 */
  { "ExportedProgram", "schema_version" }, /* 1 and 2: a plain number */
};

/* Numbers of enums that a later major gave another number. */
typedef struct
{
  const char *enumeration;
  int32_t old;
  int32_t now;
} OldNumber;

static const OldNumber old_numbers[] = {
  { "ScalarType", 14, PT2_SCALAR_TYPE_UINT16 }, /* 7.4: UNSIGNED_SHORT */
};

static bool
is_listed (const OldKey *keys, unsigned n, const Pt2StructInfo *info, Pt2String key)
{
  for (unsigned i = 0; i < n; i++)
    if (strcmp (keys[i].record, info->name) == 0 && strlen (keys[i].key) == key.len
        && memcmp (keys[i].key, key.data, key.len) == 0)
      return true;
  return false;
}

static bool
is_old_key (const Pt2StructInfo *info, Pt2String key)
{
  return is_listed (old_keys, G_N_ELEMENTS (old_keys), info, key);
}

static bool
is_young_field (const Pt2StructInfo *info, const Pt2FieldInfo *field)
{
  const Pt2String name = { field->name, field->name_len };
  return is_listed (young_fields, G_N_ELEMENTS (young_fields), info, name);
}

static int32_t
number_now (const Pt2EnumInfo *info, int32_t number)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (old_numbers); i++)
    if (old_numbers[i].old == number && strcmp (old_numbers[i].enumeration, info->name) == 0)
      return old_numbers[i].now;
  return number;
}

/* ---- faults ---- */

static __attribute__ ((cold, noinline)) bool
fail (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node)
{
  char text[80] = "nothing";
  if (node != NULL)
    pt2_text_escape (node->raw.data, node->raw.len, text, sizeof text);
  return pt2_status_fail (reader->status, PT2_ERROR_V001, PT2_NO_OFFSET, "%s stands where a %s belongs", text,
                          type->name);
}

static __attribute__ ((cold, noinline)) bool
fail_in_field (const Pt2OldReader *reader, const Pt2FieldInfo *field)
{
  pt2_status_prepend_field (reader->status, field->name, field->name_len);
  return false;
}

/* ---- scalars ---- */

/* Majors 1 and 2 wrap enums, and 1 truth values, in a struct of one field here and there. */
static const Pt2JsonNode *
unwrapped (const Pt2JsonNode *node)
{
  return node->kind == PT2_JSON_OBJECT && node->len == 1 ? pt2_json_item (node, 0) : node;
}

static bool
read_double (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, double *out)
{
  static const struct
  {
    const char *text;
    double value;
  } words[] = { { "Infinity", INFINITY }, { "-Infinity", -INFINITY }, { "NaN", NAN } };
  if (node->kind == PT2_JSON_DOUBLE)
    *out = node->number;
  else if (node->kind == PT2_JSON_INT)
    *out = (double)node->integer;
  else if (node->kind == PT2_JSON_BIGINT)
    return pt2_number_read_python_float (node->raw.data, node->raw.len, out) || fail (reader, type, node);
  else
    {
      for (unsigned i = 0; node->kind == PT2_JSON_STRING && i < G_N_ELEMENTS (words); i++)
        if (node->text.len == strlen (words[i].text) && memcmp (node->text.data, words[i].text, node->text.len) == 0)
          {
            *out = words[i].value;
            return true;
          }
      return fail (reader, type, node);
    }
  return true;
}

static bool
read_bool (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, bool *out)
{
  node = unwrapped (node);
  if (node->kind == PT2_JSON_BOOL)
    *out = node->boolean;
  else if (node->kind == PT2_JSON_ARRAY && node->len == 0)
    *out = true; /* `[]`: only that it was chosen matters */
  else
    return fail (reader, type, node);
  return true;
}

static bool
read_enum (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, int32_t *out)
{
  node = unwrapped (node);
  if (node->kind != PT2_JSON_INT || node->integer < INT32_MIN || node->integer > INT32_MAX)
    return fail (reader, type, node);
  *out = number_now (type->enumeration, (int32_t)node->integer);
  return true;
}

static bool
read_integer (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, void *out)
{
  int64_t value;
  if (!pt2_json_integer (node, &value))
    return fail (reader, type, node);
  if (type->kind == PT2_KIND_I64)
    *(int64_t *)out = value;
  else if (type->kind == PT2_KIND_I32 && value >= INT32_MIN && value <= INT32_MAX)
    *(int32_t *)out = (int32_t)value;
  else
    return fail (reader, type, node);
  return true;
}

/* ---- containers ---- */

static bool
read_list (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, Pt2AnyList *out)
{
  if (node->kind != PT2_JSON_ARRAY)
    return fail (reader, type, node);
  char *items = pt2_draft_alloc (reader->draft, (size_t)node->len * type->element->size);
  *out = (Pt2AnyList){ items, node->len };
  for (uint32_t i = 0; items != NULL && i < node->len; i++)
    if (!pt2_old_read (reader, type->element, pt2_json_item (node, i), items + (size_t)i * type->element->size))
      {
        pt2_status_prepend_index (reader->status, i);
        return false;
      }
  return items != NULL;
}

static bool
read_map (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, Pt2AnyMap *out)
{
  if (node->kind != PT2_JSON_OBJECT || type->key->kind != PT2_KIND_STRING)
    return fail (reader, type, node);
  char *entry = pt2_draft_alloc (reader->draft, (size_t)node->len * type->entry_size);
  *out = (Pt2AnyMap){ entry, node->len };
  for (uint32_t i = 0; entry != NULL && i < node->len; i++, entry += type->entry_size)
    {
      Pt2String key = pt2_json_key (node, i);
      *(Pt2String *)entry = key;
      if (!pt2_old_read (reader, type->element, pt2_json_item (node, i), entry + type->key_size))
        {
          pt2_status_prepend_key (reader->status, key.data, key.len);
          return false;
        }
    }
  return entry != NULL;
}

/* ---- structs and unions ---- */

/* Memory for the field's value, which may stand behind a pointer, and its mark of presence. */
static void *
open_field (const Pt2OldReader *reader, const Pt2StructInfo *info, const Pt2FieldInfo *field, void *record)
{
  char *at = (char *)record + field->offset;
  if (field->present_bit != PT2_NO_PRESENT_BIT)
    pt2_field_bit_set (info, record, field->present_bit);
  if (field->flags & PT2_FIELD_POINTER)
    at = *(void **)at = pt2_draft_alloc (reader->draft, field->type->size);
  return at;
}

static bool
read_field (const Pt2OldReader *reader, const Pt2StructInfo *info, const Pt2FieldInfo *field, const Pt2JsonNode *node,
            void *record)
{
  void *at = open_field (reader, info, field, record);
  return at != NULL && (pt2_old_read (reader, field->type, node, at) || fail_in_field (reader, field));
}

bool
pt2_old_chosen (const Pt2JsonNode *node, Pt2String *name, const Pt2JsonNode **value)
{
  bool found = false;
  for (uint32_t i = 0; node->kind == PT2_JSON_OBJECT && i < node->len; i++)
    if (pt2_json_item (node, i)->kind != PT2_JSON_NULL)
      {
        if (found)
          return false;
        found = true;
        *name = pt2_json_key (node, i);
        *value = pt2_json_item (node, i);
      }
  return found;
}

static bool
read_union (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, void *out)
{
  const Pt2StructInfo *info = type->record;
  const Pt2FieldInfo *field;
  Pt2String name;
  if (node->kind == PT2_JSON_INT) /* storage_offset up to major 4 */
    field = pt2_struct_field_by_name (info, "as_int", strlen ("as_int"));
  else if (pt2_old_chosen (node, &name, &node))
    field = pt2_struct_field_by_name (info, name.data, name.len);
  else
    return fail (reader, type, node);
  if (field == NULL)
    return fail (reader, type, node);
  ((Pt2AnyUnion *)out)->which = (uint32_t)field->id;
  return read_field (reader, info, field, node, out);
}

/* Ends of a range: what no integer is, or what stood for "no end", is today no end. */
static bool
is_open_end (const Pt2StructInfo *info, const Pt2JsonNode *node)
{
  return strcmp (info->name, "RangeConstraint") == 0
         && (node->kind == PT2_JSON_BIGINT || (node->kind == PT2_JSON_DOUBLE && !isfinite (node->number))
             || (node->kind == PT2_JSON_INT && (node->integer == INT64_MAX || node->integer == INT64_MIN)));
}

static bool
keep_unknown (const Pt2OldReader *reader, const Pt2StructInfo *info, Pt2String key, const Pt2JsonNode *node, int after,
              void *record)
{
  if (is_old_key (info, key))
    return true;
  const Pt2Extra extra = { .origin = PT2_EXTRA_JSON, .after = after, .key = key, .raw = node->raw };
  bool kept = pt2_document_add_extra (&reader->draft->document, info, record, &extra);
  reader->draft->no_memory = reader->draft->no_memory || !kept;
  return kept;
}

/* The value that PyTorch assumes: an empty container, a text, or false. */
static void
fill_default (const Pt2OldReader *reader, const Pt2StructInfo *info, const Pt2FieldInfo *field, void *record)
{
  void *at = (char *)record + field->offset;
  const char *text = field->default_text;
  if (field->type->kind == PT2_KIND_LIST || field->type->kind == PT2_KIND_MAP)
    *(void **)at = pt2_draft_alloc (reader->draft, 0);
  else if (field->type->kind == PT2_KIND_STRING && text != NULL && strlen (text) >= 2)
    *(Pt2String *)at = pt2_draft_text (reader->draft, text + 1, (gssize)strlen (text) - 2);
  else if (field->type->kind == PT2_KIND_BOOL)
    pt2_field_bit_set (info, record, field->present_bit);
}

/* What an older major leaves out is written today. */
static bool
fill_defaults (const Pt2OldReader *reader, const Pt2StructInfo *info, void *record)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      bool defaulted = field->default_text != NULL && strcmp (field->default_text, "null") != 0;
      bool container = field->type->kind == PT2_KIND_LIST || field->type->kind == PT2_KIND_MAP;
      bool required = field->flags & PT2_FIELD_REQUIRED;
      if (pt2_field_present (info, field, record))
        continue;
      if (defaulted || (required && container))
        fill_default (reader, info, field, record);
      else if (required && !is_young_field (info, field))
        return pt2_status_fail (reader->status, PT2_ERROR_V001, PT2_NO_OFFSET, "no `%s` in a %s", field->name,
                                info->name);
    }
  return true;
}

/* All members but INNER. */
static bool
read_members (const Pt2OldReader *reader, const Pt2StructInfo *info, const Pt2JsonNode *node, const Pt2JsonNode *inner,
              void *record)
{
  int after = -1;
  for (uint32_t i = 0; i < node->len; i++)
    {
      Pt2String key = pt2_json_key (node, i);
      const Pt2JsonNode *value = pt2_json_item (node, i);
      const Pt2FieldInfo *field = pt2_struct_field_by_name (info, key.data, key.len);
      if (value == inner)
        continue;
      if (field == NULL && !keep_unknown (reader, info, key, value, after, record))
        return false;
      if (field == NULL)
        continue;
      after = (int)(field - info->fields);
      bool plain_version = value->kind == PT2_JSON_INT && is_young_field (info, field);
      if (value->kind != PT2_JSON_NULL && !plain_version && !is_open_end (info, value)
          && !read_field (reader, info, field, value, record))
        return false;
    }
  return true;
}

static bool
read_struct (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, void *out)
{
  const Pt2StructInfo *info = type->record;
  /* OptionalTensorArgument up to major 3; SymBool in major 1 */
  if (node->kind == PT2_JSON_STRING && (type->op == PT2_OP_TEXT || strcmp (info->name, "SymExpr") == 0))
    return read_field (reader, info, &info->fields[0], node, out);
  if (node->kind != PT2_JSON_OBJECT)
    return fail (reader, type, node);
  /* Major 1 wraps a TensorMeta once more. */
  const Pt2JsonNode *inner = strcmp (info->name, "TensorMeta") == 0 ? pt2_json_get (node, "meta") : NULL;
  if (inner != NULL && inner->kind != PT2_JSON_OBJECT)
    inner = NULL;
  if (!read_members (reader, info, node, inner, out)
      || (inner != NULL && !read_members (reader, info, inner, NULL, out)))
    return false;
  return fill_defaults (reader, info, out);
}

bool
pt2_old_read (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, void *out)
{
  switch (type->kind)
    {
    case PT2_KIND_BOOL:
      return read_bool (reader, type, node, out);
    case PT2_KIND_DOUBLE:
      return read_double (reader, type, node, out);
    case PT2_KIND_ENUM:
      return read_enum (reader, type, node, out);
    case PT2_KIND_STRING:
      *(Pt2String *)out = pt2_json_text (node);
      return node->kind == PT2_JSON_STRING || fail (reader, type, node);
    case PT2_KIND_STRUCT:
      return read_struct (reader, type, node, out);
    case PT2_KIND_UNION:
      return read_union (reader, type, node, out);
    case PT2_KIND_LIST:
      return read_list (reader, type, node, out);
    case PT2_KIND_MAP:
      return read_map (reader, type, node, out);
    default:
      return read_integer (reader, type, node, out);
    }
}
