/* SPDX-License-Identifier: Apache-2.0 */
/* lib/evolve/idl: schemas that are read at run time, those that are built in, and texts that are no schema. */
#include "idl.h"
#include "pt2-error.h"
#include "suite.h"
#include <string.h>

static Pt2Idl *
must (Pt2Idl *idl, GError *error)
{
  ck_assert_msg (idl != NULL, "%s", error != NULL ? error->message : "");
  return idl;
}

static Pt2Idl *
known (const char *version)
{
  g_autoptr (GError) error = NULL;
  return must (pt2_idl_new_known (version, &error), error);
}

static Pt2Idl *
from_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return must (pt2_idl_new_from_text (bytes, "test", &error), error);
}

/* ---- the tables made here against those of the generator ---- */

static void
same_field (const Pt2StructInfo *info, const Pt2FieldInfo *a, const Pt2FieldInfo *b)
{
  ck_assert_msg (strcmp (a->name, b->name) == 0 && a->id == b->id && strcmp (a->type->name, b->type->name) == 0,
                 "%s.%s", info->name, a->name);
  ck_assert_msg (((a->flags ^ b->flags) & (PT2_FIELD_REQUIRED | PT2_FIELD_NULL_KEY)) == 0, "%s.%s", info->name,
                 a->name);
  ck_assert_msg (g_strcmp0 (a->default_text, b->default_text) == 0, "%s.%s: %s", info->name, a->name, b->default_text);
  ck_assert_str_eq (a->json_key, b->json_key);
  ck_assert_uint_eq (a->next_same_key, b->next_same_key);
}

static void
same_struct (const Pt2StructInfo *a, const Pt2StructInfo *b)
{
  ck_assert_msg (b != NULL && a->is_union == b->is_union && a->n_fields == b->n_fields, "%s", a->name);
  ck_assert (a->required == b->required && a->demanded == b->demanded && a->id_slots == b->id_slots);
  for (unsigned i = 0; i < a->n_fields; i++)
    {
      same_field (a, &a->fields[i], &b->fields[i]);
      ck_assert (a->wire[i].id == b->wire[i].id && a->wire[i].wire == b->wire[i].wire);
      ck_assert_msg (a->wire[i].header == b->wire[i].header && a->wire[i].mask == b->wire[i].mask, "%s", a->name);
    }
  ck_assert_mem_eq (a->key_slot, b->key_slot, a->n_fields > 0 ? PT2_KEY_SLOTS : 0);
  ck_assert_mem_eq (a->id_slot, b->id_slot, a->id_slots);
}

static void
same_schema (const Pt2Schema *a, const Pt2Schema *b)
{
  ck_assert_uint_eq (a->n_structs, b->n_structs);
  ck_assert_uint_eq (a->n_enums, b->n_enums);
  for (unsigned i = 0; i < a->n_structs; i++)
    same_struct (a->structs[i], pt2_schema_find_struct (b, a->structs[i]->name));
  for (unsigned i = 0; i < a->n_enums; i++)
    {
      const Pt2EnumInfo *info = pt2_schema_find_enum (b, a->enums[i]->name);
      ck_assert_uint_eq (info->n_members, a->enums[i]->n_members);
      for (unsigned m = 0; m < info->n_members; m++)
        ck_assert (info->members[m].value == a->enums[i]->members[m].value
                   && strcmp (info->members[m].name, a->enums[i]->members[m].name) == 0);
    }
}

/* What PyTorch 2.15's classes say is what our IDL says. */
START_TEST (newest_is_our_own)
{
  g_autoptr (Pt2Idl) idl = known ("8.20");
  same_schema (&pt2_export_schema, &idl->schema);
}
END_TEST

START_TEST (our_idl_read_here)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("PT2_CORPUS"), "..", "..", "thrift", "export_schema.thrift", NULL);
  g_autofree char *text = NULL;
  ck_assert (g_file_get_contents (path, &text, NULL, NULL));
  g_autoptr (Pt2Idl) idl = from_text (text);
  same_schema (&pt2_export_schema, &idl->schema);
  for (unsigned i = 0; i < idl->schema.n_structs; i++)
    for (unsigned f = 0; f < idl->schema.structs[i]->n_fields; f++)
      {
        const Pt2StructInfo *ours = pt2_schema_find_struct (&pt2_export_schema, idl->schema.structs[i]->name);
        ck_assert_uint_eq (idl->schema.structs[i]->fields[f].since, ours->fields[f].since);
        ck_assert_uint_eq (idl->schema.structs[i]->fields[f].unit_until, ours->fields[f].unit_until);
      }
}
END_TEST

/* Each minor that is built in has what the annotations of our IDL say it had, but for what came and went. */
START_TEST (minors_agree_with_annotations)
{
  unsigned checked = 0;
  for (guint v = 0; v < pt2_history_count (); v++)
    {
      g_autoptr (Pt2Idl) idl = known (pt2_history_name (v));
      for (unsigned s = 0; idl->major == 8 && s < pt2_export_schema.n_structs; s++)
        for (unsigned f = 0; f < pt2_export_schema.structs[s]->n_fields; f++, checked++)
          {
            const Pt2StructInfo *ours = pt2_export_schema.structs[s], *theirs = pt2_idl_struct (idl, ours->name);
            const Pt2FieldInfo *field = &ours->fields[f];
            const Pt2FieldInfo *was
                = theirs != NULL ? pt2_struct_field_by_name (theirs, field->name, field->name_len) : NULL;
            ck_assert_msg ((was != NULL) >= (theirs != NULL && field->since <= idl->minor), "%s: %s.%s", idl->name,
                           ours->name, field->name);
            ck_assert_msg (was == NULL || field->since <= idl->minor, "%s: %s.%s", idl->name, ours->name, field->name);
          }
    }
  ck_assert_uint_gt (checked, 2000);
}
END_TEST

START_TEST (versions_by_name)
{
  static const struct
  {
    const char *asked, *found; /* NULL: E002 */
  } cases[] = {
    { "8.20", "8.20" },       { "torch-2.6", "8.2" }, { "torch-2.6.0+cpu", "8.2" },
    { "torch-2.1.2", "1" },   { "2", "2" },           { "1.0", "1" },
    { "torch-2.15", "8.20" }, { "8.9", "8.8" },       { "8.13", "8.12" },
    { "8.21", NULL },         { "9.1", NULL },        { "torch-1.13", NULL },
    { "torch-2.60", NULL },   { "8.x", NULL },        { "new", NULL },
    { "8.", NULL },           { "6.2", NULL },        { "99999999999999999999", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Idl) idl = pt2_idl_new_known (cases[i].asked, &error);
      ck_assert_msg ((idl != NULL) == (cases[i].found != NULL), "%s", cases[i].asked);
      if (idl != NULL)
        ck_assert_str_eq (pt2_idl_get_name (idl), cases[i].found);
      else
        ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_E002));
    }
}
END_TEST

START_TEST (thrift_of_every_kind)
{
  g_autoptr (Pt2Idl) idl = from_text (
      "namespace * all\n# a comment\nconst i32 SCHEMA_MAJOR = 8; const map<string, i32> m = {'a': 1, \"b\": -2}\n"
      "typedef list<Thing> Things\n/* more */ enum E { A, B = 5, C } (x = 'y')\n"
      "service S extends T { void f (1: i32 a) throws (1: X x), oneway void g () }\n"
      "struct Thing { 1: required i32 a = 7, 2: optional Things & inner }");
  (void)idl;
}
END_TEST

static const char *const refused[] = {
  "struct",
  "struct S { string a }",
  "struct S { 0: string a }",
  "struct S { -1: string a }",
  "struct S { 32767: string a }",
  "struct S { 1: string a 1: i32 b }",
  "struct S { 1: string a 2: i32 a }",
  "struct S { 1: Nothing a }",
  "struct S { 1: map<S, i32> a }",
  "struct S { 1: list<i32 a }",
  "struct S { 1: string a (key = value) }",
  "struct S {} struct S {}",
  "struct S { 1: i32 a = }",
  "struct S { 1: i32 a = [1 }",
  "struct S { 1: i32 a (json.unit = 'always') }",
  "enum E { A = 1, B = 1 }",
  "enum E { A = 99999999999 }",
  "enum E { A = x }",
  "typedef A B typedef B A struct S { 1: A a }",
  "include 'other.thrift'",
  "const string s = 'never closed",
  "service S {",
  "/* never closed",
  "A:\n  kind: thing\n",
  "A:\n  kind: struct\n  fields:\n    x:\n      type: Dict[str]\n",
  "A:\n  kind: struct\n  fields:\n    x:\n      type: List[Nothing]\n",
  "A:\n  kind: enum\n  fields:\n    x: y\n",
  "A:\n  kind: enum\n  fields:\n    x: 1\n    x: 2\n",
  "A:\n  kind: struct\nB: odd\n",
  "A:\n  kind: union\n  fields:\n    x:\n    y:\n      type: int\n",
  "A:\n  kind: union\n  fields:\n   x\n",
};

START_TEST (texts_that_are_no_schema)
{
  const char *text = refused[_i];
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (Pt2Idl) idl = pt2_idl_new_from_text (bytes, "test", &error);
  if (strcmp (text, "/* never closed") == 0)
    {
      ck_assert_ptr_nonnull (idl); /* Thrift's own compiler takes it as well: nothing follows */
      return;
    }
  ck_assert_msg (idl == NULL, "%s", text);
  ck_assert_msg (g_error_matches (error, PT2_ERROR, PT2_ERROR_E003), "%s: %s", text, error->message);
}
END_TEST

START_TEST (texts_beyond_the_limits)
{
  g_autoptr (GString) deep = g_string_new ("struct S { 1: ");
  g_autoptr (GString) many = g_string_new ("struct S { ");
  for (int i = 0; i < 100; i++)
    {
      g_string_append (deep, "list<");
      g_string_append_printf (many, "%d: i32 f%d ", i + 1, i);
    }
  g_string_append (many, "}");
  g_autofree char *large = g_strnfill (PT2_IDL_TEXT_MOST + 1, ' ');
  const char *texts[] = { deep->str, many->str, large, "struct S { 1: string \xff }" };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = g_bytes_new (texts[i], strlen (texts[i]));
      ck_assert_ptr_null (pt2_idl_new_from_text (bytes, "test", &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_E003));
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { newest_is_our_own, 1 },       { our_idl_read_here, 1 },    { minors_agree_with_annotations, 1 },
    { versions_by_name, 1 },        { thrift_of_every_kind, 1 }, { texts_that_are_no_schema, G_N_ELEMENTS (refused) },
    { texts_beyond_the_limits, 1 },
  };
  return RUN_SUITE ("idl", cases);
}
