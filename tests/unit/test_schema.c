/* SPDX-License-Identifier: Apache-2.0 */
/* lib/schema/schema: the tables of our own IDL agree with themselves, and with what the codecs take for granted. */
#include "pt2-schema.h"
#include "schema.h"
#include "suite.h"
#include <string.h>

extern const Pt2Schema every_schema;
static const Pt2Schema *const schemas[] = { &pt2_export_schema, &every_schema };

static void
check_field (const Pt2StructInfo *info, unsigned index)
{
  const Pt2FieldInfo *field = &info->fields[index];
  const char *name = field->name;
  size_t size = field->flags & PT2_FIELD_POINTER ? sizeof (void *) : field->type->size;
  ck_assert_ptr_eq (pt2_struct_field_by_id (info, field->id), field);
  ck_assert_ptr_eq (pt2_struct_field_by_name (info, name, strlen (name)), field);
  ck_assert_uint_eq (field->name_len, strlen (name));
  ck_assert_uint_eq (field->json_key_len, strlen (field->json_key));
  ck_assert_int_eq (memcmp (field->json_key + 1, name, field->name_len), 0);
  ck_assert_uint_le (field->offset + size, info->size);
  ck_assert_uint_ge (field->since, 1);
  ck_assert_int_eq (!!(field->flags & PT2_FIELD_REQUIRED), info->required >> index & 1);
  ck_assert (field->present_bit == PT2_NO_PRESENT_BIT || field->present_bit == index);
  ck_assert (field->present_bit == PT2_NO_PRESENT_BIT || index < 32u * info->present_words);
  for (unsigned other = 0; other < index && !info->is_union; other++)
    {
      const Pt2FieldInfo *o = &info->fields[other];
      size_t o_size = o->flags & PT2_FIELD_POINTER ? sizeof (void *) : o->type->size;
      ck_assert_msg (o->offset + o_size <= field->offset || field->offset + size <= o->offset, "%s: %s, %s", info->name,
                     o->name, name);
    }
}

START_TEST (tables_agree)
{
  const Pt2Schema *schema = schemas[_i];
  for (unsigned i = 0; i < schema->n_structs; i++)
    {
      const Pt2StructInfo *info = schema->structs[i];
      ck_assert_ptr_eq (pt2_schema_find_struct (schema, info->name), info);
      ck_assert_uint_eq (info->index, i);
      ck_assert_ptr_eq (info->type->record, info);
      ck_assert_uint_eq (info->type->size, info->size);
      ck_assert_uint_le (info->n_fields, 64);
      ck_assert (!info->is_union || info->required == 0);
      for (unsigned f = 0; f < info->n_fields; f++)
        check_field (info, f);
      for (int id = INT16_MIN; id <= INT16_MAX; id++)
        {
          const Pt2FieldInfo *field = pt2_struct_field_by_id (info, id);
          if (field != NULL && field->id != id)
            ck_abort_msg ("%s: id %d gives field %d", info->name, id, field->id);
        }
    }
  for (unsigned i = 0; i < schema->n_enums; i++)
    {
      const Pt2EnumInfo *info = schema->enums[i];
      ck_assert_ptr_eq (pt2_schema_find_enum (schema, info->name), info);
      for (unsigned m = 0; m < info->n_members; m++)
        {
          const Pt2EnumMember *member = &info->members[m];
          ck_assert (m == 0 || info->members[m - 1].value < member->value);
          ck_assert_ptr_eq (pt2_enum_by_value (info, member->value), member);
          ck_assert_ptr_eq (pt2_enum_by_name (info, member->name, strlen (member->name)), member);
        }
    }
}
END_TEST

static unsigned fewest_bytes (const Pt2TypeInfo *type);

/* Header, value, stop. What structs among the members take is not counted: they may be the union again. */
static unsigned
fewest_in_union (const Pt2StructInfo *info)
{
  unsigned least = UINT_MAX;
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2TypeInfo *type = info->fields[i].type;
      bool nothing = type->kind == PT2_KIND_BOOL || type->kind == PT2_KIND_STRUCT || type->kind == PT2_KIND_UNION;
      least = MIN (least, nothing ? 0 : fewest_bytes (type));
    }
  return 2 + least;
}

/* Fewest wire bytes of a value, found from the tables alone. */
static unsigned
fewest_bytes (const Pt2TypeInfo *type)
{
  if (type->kind == PT2_KIND_DOUBLE)
    return 8;
  if (type->kind == PT2_KIND_UNION)
    return fewest_in_union (type->record);
  if (type->kind != PT2_KIND_STRUCT)
    return 1;
  unsigned sum = 1;
  for (unsigned i = 0; i < type->record->n_fields; i++)
    if (type->record->required >> i & 1)
      {
        const Pt2TypeInfo *field = type->record->fields[i].type;
        sum += 1 + (field->kind == PT2_KIND_BOOL ? 0 : fewest_bytes (field));
      }
  return sum;
}

/* A count is held against this number: more than the least would refuse sound bytes. */
START_TEST (fewest_wire_bytes)
{
  for (unsigned i = 0; i < schemas[_i]->n_structs; i++)
    {
      const Pt2StructInfo *info = schemas[_i]->structs[i];
      ck_assert_uint_ge (info->type->min_wire, 1);
      ck_assert_uint_le (info->type->min_wire, fewest_bytes (info->type));
    }
}
END_TEST

/* The arena's budget is a multiple of the input (lib/codec/document.c): no sound input may need more. */
START_TEST (native_bytes_for_each_wire_byte)
{
  enum
  {
    FACTOR = 64, /* half of it: the rest is for unknown fields and unused ends of blocks */
  };
  for (unsigned i = 0; i < schemas[0]->n_structs; i++)
    {
      const Pt2StructInfo *info = schemas[0]->structs[i];
      /* As an item: what its fields point to comes with wire bytes of its own. */
      ck_assert_msg (info->size <= (FACTOR - 8) * info->type->min_wire, "%s: %u bytes for %u", info->name, info->size,
                     info->type->min_wire);
    }
}
END_TEST

START_TEST (own_schema_as_the_facts_say)
{
  ck_assert_uint_eq (pt2_export_schema.n_enums, 4);
  const Pt2EnumInfo *dtype = pt2_schema_find_enum (&pt2_export_schema, "ScalarType");
  ck_assert_str_eq (pt2_enum_by_value (dtype, PT2_SCALAR_TYPE_FLOAT)->torch, "float32");
  ck_assert_str_eq (pt2_enum_by_value (dtype, 13)->torch, "bfloat16");
  const Pt2StructInfo *program = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  ck_assert_str_eq (program->fields[0].name, "graph_module");
  ck_assert_int_eq (pt2_struct_field_by_name (program, "torch_version", 13)->id, 80);
  ck_assert_ptr_null (pt2_struct_field_by_name (program, "torch_versions", 14));
  ck_assert_ptr_null (pt2_struct_field_by_name (program, "torch_versio", 12));
  ck_assert_ptr_null (pt2_struct_field_by_name (program, "", 0));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { tables_agree, G_N_ELEMENTS (schemas) },
    { fewest_wire_bytes, G_N_ELEMENTS (schemas) },
    { native_bytes_for_each_wire_byte, 1 },
    { own_schema_as_the_facts_say, 1 },
  };
  return RUN_SUITE ("schema", cases);
}
