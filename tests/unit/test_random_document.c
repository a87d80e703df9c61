/* SPDX-License-Identifier: Apache-2.0 */
/* Both codecs on documents made up from the schema tables: what goes through them comes back. */
#include "random_document.h"
#include "json_help.h"
#include "suite.h"

extern const Pt2Schema every_schema;

static unsigned
rounds (unsigned all)
{
  return g_getenv ("PT2_TEST_QUICK") != NULL ? all / 10 : all;
}

static void
make (Pt2Document *document, const Pt2Schema *schema, const Pt2StructInfo *info, const RandomOptions *options)
{
  pt2_document_init (document, schema, info, pt2_limits_default (), 1 << 20);
  random_document (document, options);
}

/* DOCUMENT written and read again is the same. */
static void
check_way (const Pt2Document *document, WriteFunc write, ReadFunc read, const char *what)
{
  Pt2Document second;
  g_autoptr (GBytes) bytes = write_bytes (write, document);
  must_read (read, &second, document->schema, document->type->name, bytes);
  if (!same_values (document, &second))
    {
      second.minor = document->minor;
      g_autoptr (GBytes) wanted = write_bytes (pt2_json_write, document);
      g_autoptr (GBytes) found = write_bytes (pt2_json_write, &second);
      same_text (found, wanted, what);
      ck_abort_msg ("%s changes %s", what, document->type->name);
    }
  ck_assert_uint_eq (second.n_extras[PT2_EXTRA_JSON], document->n_extras[PT2_EXTRA_JSON]);
  g_autoptr (GBytes) again = write_bytes (write, &second);
  if (!g_bytes_equal (again, bytes))
    same_bytes (again, bytes, what);
  pt2_document_clear (&second);
}

static void
check_document (const Pt2Schema *schema, const Pt2StructInfo *info, const RandomOptions *options)
{
  Pt2Document document;
  make (&document, schema, info, options);
  check_way (&document, pt2_json_write, pt2_json_read, "JSON");
  check_way (&document, pt2_compact_write, pt2_compact_read, "compact");
  g_autoptr (GBytes) text = write_bytes (pt2_json_write, &document);
  for (int compact = 0; compact < 2; compact++)
    {
      g_autoptr (GBytes) same = rewrite (schema, info->name, text, compact);
      same_text (same, text, compact ? "by way of compact" : "JSON again");
    }
  pt2_document_clear (&document);
}

START_TEST (every_type_of_every_schema)
{
  const Pt2Schema *schema = _i ? &every_schema : &pt2_export_schema;
  for (unsigned i = 0; i < schema->n_structs; i++)
    for (unsigned seed = 0; seed < rounds (60); seed++)
      check_document (schema, schema->structs[i], &(RandomOptions){ .seed = seed });
}
END_TEST

/* Each minor with its own spelling. */
START_TEST (programs_of_every_minor)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  for (unsigned seed = 0; seed < rounds (100); seed++)
    check_document (&pt2_export_schema, info, &(RandomOptions){ .seed = seed, .minor = (uint32_t)_i + 1 });
}
END_TEST

START_TEST (with_what_the_schema_does_not_know)
{
  const Pt2Schema *schema = _i ? &every_schema : &pt2_export_schema;
  for (unsigned i = 0; i < schema->n_structs; i++)
    for (unsigned seed = 0; seed < rounds (60); seed++)
      check_document (schema, schema->structs[i], &(RandomOptions){ .seed = seed, .extras = true });
}
END_TEST

/* The generator reaches what it is for. */
START_TEST (documents_are_of_all_kinds)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  static const char *const wanted[]
      = { "\"as_int\": ", "\"as_graph\": ",       "\"as_none\": false",          "\\ud800.", "\"NaN\"",
          "unknown",      "12345678901234567890", "\"as_string_to_argument\": ", "\\u0000",  "\"kind\": null" };
  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      bool found = false;
      for (unsigned seed = 0; seed < 100 && !found; seed++)
        {
          Pt2Document document;
          make (&document, &pt2_export_schema, info, &(RandomOptions){ .seed = seed, .extras = true });
          g_autoptr (GBytes) text = write_bytes (pt2_json_write, &document);
          gsize len;
          const char *data = g_bytes_get_data (text, &len);
          found = g_strstr_len (data, (gssize)len, wanted[i]) != NULL;
          pt2_document_clear (&document);
        }
      ck_assert_msg (found, "no %s in 100 documents", wanted[i]);
    }
}
END_TEST

START_TEST (the_same_seed_gives_the_same)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  Pt2Document documents[3];
  for (unsigned i = 0; i < 3; i++)
    make (&documents[i], &pt2_export_schema, info, &(RandomOptions){ .seed = 7 + i / 2, .extras = true });
  ck_assert (same_values (&documents[0], &documents[1]));
  ck_assert (!same_values (&documents[0], &documents[2]));
  for (unsigned i = 0; i < 3; i++)
    pt2_document_clear (&documents[i]);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { every_type_of_every_schema, 2 }, { programs_of_every_minor, 20 },     { with_what_the_schema_does_not_know, 2 },
    { documents_are_of_all_kinds, 1 }, { the_same_seed_gives_the_same, 1 },
  };
  return RUN_SUITE ("random_document", cases);
}
