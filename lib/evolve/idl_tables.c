/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations into the tables of lib/schema/schema.h. What gen/generate.py decides for our own schema is decided here
 * in the simplest way: every struct and union that is held stands behind a pointer, so that any circle is fine. */
#include "idl.h"
#include <string.h>

typedef struct
{
  Pt2Idl *idl;
  Pt2StructInfo **structs; /* by number of the type; NULL for enums and other names */
  Pt2EnumInfo **enums;
  Pt2Status *status;
} Maker;

typedef struct
{
  const char *name;
  Pt2Kind kind;
  uint8_t wire;
  uint8_t size;
} ScalarRow;

static const ScalarRow scalars[] = {
  { "bool", PT2_KIND_BOOL, PT2_WIRE_TRUE, 1 },
  { "i8", PT2_KIND_I8, PT2_WIRE_I8, 1 },
  { "byte", PT2_KIND_I8, PT2_WIRE_I8, 1 },
  { "i16", PT2_KIND_I16, PT2_WIRE_I16, 2 },
  { "i32", PT2_KIND_I32, PT2_WIRE_I32, 4 },
  { "i64", PT2_KIND_I64, PT2_WIRE_I64, 8 },
  { "double", PT2_KIND_DOUBLE, PT2_WIRE_DOUBLE, 8 },
  { "string", PT2_KIND_STRING, PT2_WIRE_BINARY, 16 },
  { "binary", PT2_KIND_BINARY, PT2_WIRE_BINARY, 16 },
};

static bool
fail (Maker *maker, const char *what, const char *name)
{
  return pt2_status_fail (maker->status, PT2_ERROR_E003, PT2_NO_OFFSET, "%s %s", what, name);
}

static const Pt2IdlType *
type_at (const Maker *maker, guint index)
{
  return &g_array_index (maker->idl->types, Pt2IdlType, index);
}

static const Pt2IdlField *
field_at (const Pt2IdlType *type, guint index)
{
  return &g_array_index (type->fields, Pt2IdlField, index);
}

/* ---- uses of types ---- */

static Pt2TypeInfo *
new_info (Maker *maker, Pt2Kind kind, uint8_t wire, uint32_t size, const char *name)
{
  Pt2TypeInfo *info = pt2_idl_alloc (maker->idl, sizeof *info, maker->status);
  if (info != NULL)
    *info = (Pt2TypeInfo){ .kind = (uint8_t)kind,
                           .op = (uint8_t)kind,
                           .wire = wire,
                           .alignment = (uint8_t)MIN (size, 8),
                           .size = size,
                           .min_wire = kind == PT2_KIND_DOUBLE ? 8 : 1,
                           .name = name };
  return info;
}

static const Pt2TypeInfo *make_use (Maker *maker, const Pt2IdlUse *use, unsigned hops);

static const Pt2TypeInfo *
make_map (Maker *maker, const Pt2IdlUse *use, unsigned hops)
{
  const Pt2TypeInfo *key = make_use (maker, use->key, hops),
                    *element = key != NULL ? make_use (maker, use->element, hops) : NULL;
  if (element == NULL)
    return NULL;
  if (key->kind > PT2_KIND_BINARY)
    return fail (maker, "only numbers, texts and enums can be keys of a map, not", key->name), NULL;
  g_autofree char *name = g_strdup_printf ("map<%s,%s>", key->name, element->name);
  Pt2TypeInfo *info = new_info (maker, PT2_KIND_MAP, PT2_WIRE_MAP, sizeof (Pt2AnyMap),
                                pt2_idl_text (maker->idl, name, strlen (name), maker->status));
  if (info == NULL)
    return NULL;
  info->key = key;
  info->element = element;
  info->key_size = (key->size + 7) & ~7u;
  info->entry_size = (info->key_size + element->size + 7) & ~7u;
  return info;
}

static const Pt2TypeInfo *
make_list (Maker *maker, const Pt2IdlUse *use, unsigned hops)
{
  bool set = strcmp (use->name, "set") == 0;
  const Pt2TypeInfo *element = make_use (maker, use->element, hops);
  if (element == NULL)
    return NULL;
  g_autofree char *name = g_strdup_printf ("%s<%s>", use->name, element->name);
  Pt2TypeInfo *info = new_info (maker, set ? PT2_KIND_SET : PT2_KIND_LIST, set ? PT2_WIRE_SET : PT2_WIRE_LIST,
                                sizeof (Pt2AnyList), pt2_idl_text (maker->idl, name, strlen (name), maker->status));
  if (info != NULL)
    info->element = element;
  return info;
}

static const Pt2TypeInfo *
make_named (Maker *maker, const Pt2IdlUse *use, unsigned hops)
{
  for (guint i = 0; i < maker->idl->types->len; i++)
    {
      if (strcmp (type_at (maker, i)->name, use->name) != 0)
        continue;
      if (maker->structs[i] != NULL)
        return maker->structs[i]->type;
      if (maker->enums[i] == NULL)
        return hops < PT2_IDL_NESTING_MOST ? make_use (maker, type_at (maker, i)->use, hops + 1)
                                           : (fail (maker, "a type that is named by itself:", use->name), NULL);
      Pt2TypeInfo *info = new_info (maker, PT2_KIND_ENUM, PT2_WIRE_I32, 4, use->name);
      if (info != NULL)
        info->enumeration = maker->enums[i];
      return info;
    }
  return fail (maker, "no type is called", use->name), NULL;
}

static const Pt2TypeInfo *
make_use (Maker *maker, const Pt2IdlUse *use, unsigned hops)
{
  if (use == NULL)
    return fail (maker, "no type is given for", "a field"), NULL;
  if (use->key != NULL)
    return make_map (maker, use, hops);
  if (use->element != NULL)
    return make_list (maker, use, hops);
  for (guint i = 0; i < G_N_ELEMENTS (scalars); i++)
    if (strcmp (use->name, scalars[i].name) == 0)
      return new_info (maker, scalars[i].kind, scalars[i].wire, scalars[i].size, scalars[i].name);
  return make_named (maker, use, hops);
}

/* ---- enums ---- */

static bool
fill_enum (Maker *maker, Pt2EnumInfo *info, const Pt2IdlType *type)
{
  Pt2EnumMember *members = pt2_idl_alloc (maker->idl, type->fields->len * sizeof *members, maker->status);
  if (members == NULL)
    return false;
  *info = (Pt2EnumInfo){ .name = type->name, .n_members = (uint16_t)type->fields->len, .members = members, .doc = "" };
  for (guint i = 0; i < type->fields->len; i++)
    {
      const Pt2IdlField *field = field_at (type, i);
      guint at = i;
      for (; at > 0 && members[at - 1].value >= (int32_t)field->number; at--)
        {
          if (members[at - 1].value == (int32_t)field->number)
            return fail (maker, "two members of one value in", type->name);
          members[at] = members[at - 1];
        }
      members[at]
          = (Pt2EnumMember){ .name = field->name, .value = (int32_t)field->number, .since = field->since, .doc = "" };
    }
  return true;
}

/* ---- structs and unions ---- */

static bool
needs_bit (const Pt2FieldInfo *field)
{
  return !(field->flags & PT2_FIELD_POINTER) && field->type->kind <= PT2_KIND_ENUM;
}

static bool
fill_field (Maker *maker, const Pt2IdlType *type, const Pt2IdlField *from, Pt2FieldInfo *field)
{
  g_autofree char *key = g_strdup_printf ("\"%s\": ", from->name);
  size_t name_len = strlen (from->name);
  if (from->number < 1 || from->number > PT2_IDL_ID_MOST || name_len > 1000)
    return fail (maker, "an id or a name that no field can have, in", type->name);
  *field = (Pt2FieldInfo){
    .name = from->name,
    .json_key = pt2_idl_text (maker->idl, key, strlen (key), maker->status),
    .name_len = (uint16_t)name_len,
    .json_key_len = (uint16_t)(name_len + 4),
    .id = (int16_t)from->number,
    .since = from->since,
    .present_bit = PT2_NO_PRESENT_BIT,
    .unit_until = from->unit_until,
    .flags = (uint8_t)((from->required ? PT2_FIELD_REQUIRED : 0) | (from->null_key ? PT2_FIELD_NULL_KEY : 0)),
    .type = make_use (maker, from->use, 0),
    .default_text = from->default_text,
    .doc = "",
  };
  if (field->json_key == NULL || field->type == NULL)
    return false;
  if (field->unit_until != 0 && field->type->kind != PT2_KIND_BOOL)
    return fail (maker, "only a bool can say nothing but that it was chosen:", from->name);
  if (field->type->kind == PT2_KIND_STRUCT || field->type->kind == PT2_KIND_UNION)
    field->flags |= PT2_FIELD_POINTER;
  return true;
}

/* Fields at multiples of 8, behind the words of presence or the choice. */
static void
lay_out (Pt2StructInfo *info, Pt2FieldInfo *fields)
{
  uint32_t at = 8, largest = 0;
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      uint32_t size = fields[i].flags & PT2_FIELD_POINTER ? sizeof (void *) : (fields[i].type->size + 7) & ~7u;
      fields[i].offset = info->is_union ? 8 : at;
      fields[i].present_bit = !info->is_union && needs_bit (&fields[i]) ? (uint16_t)i : PT2_NO_PRESENT_BIT;
      at += size;
      largest = MAX (largest, size);
    }
  info->size = info->is_union ? 8 + largest : at;
  info->alignment = 8;
  info->present_words = info->is_union ? 0 : 2;
}

static bool
fill_keys (Maker *maker, Pt2StructInfo *info, Pt2FieldInfo *fields)
{
  uint8_t *slots = pt2_idl_alloc (maker->idl, PT2_KEY_SLOTS, maker->status);
  for (unsigned i = info->n_fields; slots != NULL && i-- > 0;)
    {
      uint64_t first8;
      const char *key = fields[i].json_key + 1;
      if (fields[i].json_key_len - 1 < 8)
        continue;
      memcpy (&first8, key, 8);
      uint8_t *slot = &slots[PT2_KEY_HASH (GUINT64_FROM_LE (first8))];
      fields[i].next_same_key = *slot;
      *slot = (uint8_t)(i + 1);
    }
  info->key_slot = slots;
  return slots != NULL;
}

static uint8_t
header_of (int delta, uint8_t wire)
{
  return delta > 0 && delta <= 15 ? (uint8_t)(delta << 4 | wire) : PT2_HEADER_NEVER;
}

static bool
fill_wire (Maker *maker, Pt2StructInfo *info)
{
  Pt2WireField *wire = pt2_idl_alloc (maker->idl, (info->n_fields + 1u) * sizeof *wire, maker->status);
  if (wire == NULL)
    return false;
  unsigned n = 0, most = 0;
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      unsigned at = n++;
      for (; at > 0 && wire[at - 1].id >= field->id; at--)
        {
          if (wire[at - 1].id == field->id)
            return fail (maker, "two fields of one id in", info->name);
          wire[at] = wire[at - 1];
        }
      wire[at] = (Pt2WireField){ .op = field->flags & PT2_FIELD_POINTER ? PT2_OP_POINTER : field->type->op,
                                 .index = (uint8_t)i,
                                 .id = field->id,
                                 .wire = field->type->wire,
                                 .offset = field->offset,
                                 .type = field->type };
      most = MAX (most, (unsigned)field->id);
    }
  uint8_t *slots = pt2_idl_alloc (maker->idl, most + 1, maker->status);
  if (slots == NULL)
    return false;
  for (unsigned i = 0; i < n; i++)
    {
      wire[i].header = header_of (wire[i].id - (i > 0 && !info->is_union ? wire[i - 1].id : 0), wire[i].wire);
      wire[i].mask = wire[i].header != PT2_HEADER_NEVER && wire[i].type->kind == PT2_KIND_BOOL ? 0xfc : 0xff;
      slots[wire[i].id] = (uint8_t)(i + 1);
    }
  wire[n] = (Pt2WireField){ .mask = 0xff, .op = PT2_OP_STOP, .index = 63 };
  info->wire = wire;
  info->id_slot = slots;
  info->id_slots = (uint16_t)(n > 0 ? most + 1 : 0);
  return true;
}

static bool
fill_struct (Maker *maker, Pt2StructInfo *info, const Pt2IdlType *type)
{
  Pt2FieldInfo *fields = pt2_idl_alloc (maker->idl, type->fields->len * sizeof *fields, maker->status);
  info->fields = fields;
  info->n_fields = (uint16_t)type->fields->len;
  for (guint i = 0; fields != NULL && i < type->fields->len; i++)
    {
      if (!fill_field (maker, type, field_at (type, i), &fields[i]))
        return false;
      info->required |= fields[i].flags & PT2_FIELD_REQUIRED ? UINT64_C (1) << i : 0;
      info->demanded |= fields[i].flags & (PT2_FIELD_REQUIRED | PT2_FIELD_NULL_KEY) ? UINT64_C (1) << i : 0;
    }
  if (fields == NULL)
    return false;
  lay_out (info, fields);
  return fill_keys (maker, info, fields) && fill_wire (maker, info);
}

/* ---- the whole ---- */

static bool
begin_types (Maker *maker)
{
  Pt2Idl *idl = maker->idl;
  for (guint i = 0; i < idl->types->len; i++)
    {
      const Pt2IdlType *type = type_at (maker, i);
      bool record = type->kind == PT2_KIND_STRUCT || type->kind == PT2_KIND_UNION;
      if (!record && type->kind != PT2_KIND_ENUM && type->use == NULL)
        return fail (maker, "no kind is given for", type->name);
      if (type->kind == PT2_KIND_ENUM
          && (maker->enums[i] = pt2_idl_alloc (idl, sizeof **maker->enums, maker->status)) == NULL)
        return false;
      if (!record)
        continue;
      Pt2StructInfo *info = maker->structs[i] = pt2_idl_alloc (idl, sizeof *info, maker->status);
      if (info == NULL)
        return false;
      *info = (Pt2StructInfo){ .name = type->name,
                               .name_len = (uint16_t)MIN (strlen (type->name), UINT16_MAX),
                               .is_union = type->kind == PT2_KIND_UNION,
                               .index = idl->schema.n_structs,
                               .doc = "" };
      Pt2TypeInfo *own = new_info (maker, type->kind, PT2_WIRE_STRUCT, 8, type->name);
      if (own == NULL)
        return false;
      own->record = info;
      info->type = own;
      idl->schema.n_structs++;
    }
  return true;
}

static bool
finish_types (Maker *maker)
{
  Pt2Idl *idl = maker->idl;
  const Pt2StructInfo **structs = pt2_idl_alloc (idl, (idl->schema.n_structs + 1u) * sizeof *structs, maker->status);
  const Pt2EnumInfo **enums = pt2_idl_alloc (idl, (idl->types->len + 1u) * sizeof *enums, maker->status);
  if (structs == NULL || enums == NULL)
    return false;
  idl->schema.structs = structs;
  idl->schema.enums = enums;
  for (guint i = 0; i < idl->types->len; i++)
    {
      const Pt2IdlType *type = type_at (maker, i);
      if (maker->enums[i] != NULL && !fill_enum (maker, maker->enums[i], type))
        return false;
      if (maker->structs[i] != NULL && !fill_struct (maker, maker->structs[i], type))
        return false;
      if (maker->structs[i] != NULL)
        ((Pt2TypeInfo *)maker->structs[i]->type)->size = maker->structs[i]->size;
      if (maker->enums[i] != NULL)
        enums[idl->schema.n_enums++] = maker->enums[i];
      if (maker->structs[i] != NULL)
        structs[maker->structs[i]->index] = maker->structs[i];
    }
  return true;
}

/* Maps hold their values inline, and were made before every size was known. */
static void
mend_use (const Pt2TypeInfo *type)
{
  for (; type->kind == PT2_KIND_LIST || type->kind == PT2_KIND_SET || type->kind == PT2_KIND_MAP; type = type->element)
    if (type->kind == PT2_KIND_MAP)
      ((Pt2TypeInfo *)type)->entry_size = (type->key_size + type->element->size + 7) & ~7u;
}

bool
pt2_idl_make_tables (Pt2Idl *idl, Pt2Status *status)
{
  guint n = idl->types->len;
  Maker maker = { .idl = idl, .status = status };
  maker.structs = pt2_idl_alloc (idl, (n + 1) * sizeof *maker.structs, status);
  maker.enums = pt2_idl_alloc (idl, (n + 1) * sizeof *maker.enums, status);
  idl->schema.name = idl->name;
  if (maker.structs == NULL || maker.enums == NULL || !begin_types (&maker) || !finish_types (&maker))
    return false;
  for (unsigned s = 0; s < idl->schema.n_structs; s++)
    for (unsigned f = 0; f < idl->schema.structs[s]->n_fields; f++)
      mend_use (idl->schema.structs[s]->fields[f].type);
  return true;
}
