/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/old_numbers: a program's JSON has the enum numbers of its minor, native values and compact have today's. */
#include "old_numbers.h"
#include "json_help.h"
#include "every_construct.h"
#include "suite.h"

extern const Pt2Schema every_schema;

/* A program of 8.MINOR with ARGUMENTS as inputs of its node. */
static GBytes *
make_program (unsigned minor, const char *arguments)
{
  char *text = g_strdup_printf (
      "{\"graph_module\": {\"graph\": {\"inputs\": [], \"outputs\": [], \"nodes\": [{\"target\": \"t\", \"inputs\": "
      "[%s], \"outputs\": [], \"metadata\": {}%s}], \"tensor_values\": {}, \"sym_int_values\": {}, "
      "\"sym_bool_values\": {}, "
      "\"is_single_tensor_return\": false, \"custom_obj_values\": {}, \"sym_float_values\": {}}, \"signature\": "
      "{\"input_specs\": [], \"output_specs\": []}, \"module_call_graph\": [], \"metadata\": {}%s}, \"opset_version\": "
      "{}, \"range_constraints\": {}, \"schema_version\": {\"major\": 8, \"minor\": %u}, \"verifiers\": [], "
      "\"torch_version\": \"2.7\"}",
      arguments, minor >= 7 ? ", \"is_hop_single_tensor_return\": null" : "",
      minor >= 7 ? ", \"treespec_namedtuple_fields\": {}" : "", minor);
  return g_bytes_new_take (text, strlen (text));
}

#define KIND(number) "{\"name\": \"x\", \"arg\": {\"as_int\": 1}, \"kind\": " number "}"
#define NO_KIND "{\"name\": \"x\", \"arg\": {\"as_int\": 1}}"

static int32_t
kind_of (const Pt2Document *document, unsigned index)
{
  g_autofree char *path = g_strdup_printf ("graph_module.graph.nodes[0].inputs[%u].kind", index);
  return (int32_t)pt2_value_get_int (pt2_value_path (pt2_value_make (document->type->type, document->root), path));
}

START_TEST (kinds_of_each_minor)
{
  static const struct
  {
    unsigned minor;
    const char *text;
    int32_t first, second;
  } cases[] = {
    { 4, KIND ("0") ", " KIND ("1"), 1, 2 }, { 5, KIND ("0") ", " KIND ("1"), 1, 2 },
    { 6, KIND ("1") ", " KIND ("2"), 1, 2 }, { 6, KIND ("0") ", " KIND ("77"), 0, 77 },
    { 7, KIND ("1") ", " KIND ("2"), 1, 2 }, { 3, NO_KIND ", " NO_KIND, 0, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pt2Document document;
      g_autoptr (GBytes) bytes = make_program (cases[i].minor, cases[i].text);
      must_read_text (&document, &pt2_export_schema, "ExportedProgram", bytes);
      ck_assert_uint_eq (document.minor, cases[i].minor);
      ck_assert_int_eq (kind_of (&document, 0), cases[i].first);
      ck_assert_int_eq (kind_of (&document, 1), cases[i].second);
      pt2_document_clear (&document);
      for (int compact = 0; compact < 2; compact++)
        {
          g_autoptr (GBytes) written = rewrite (&pt2_export_schema, "ExportedProgram", bytes, compact);
          same_text (written, bytes, compact ? "by way of compact" : "JSON");
        }
    }
}
END_TEST

START_TEST (numbers_that_the_minor_does_not_have)
{
  static const char *const kinds[] = { KIND ("2"), KIND ("-1"), KIND ("0") ", " KIND ("5") };
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (unsigned minor = 4; minor <= 5; minor++)
      {
        Pt2Document document;
        Pt2Status status;
        g_autoptr (GBytes) bytes = make_program (minor, kinds[i]);
        ck_assert (!read_bytes (pt2_json_read, &document, &pt2_export_schema, "ExportedProgram", bytes, &status));
        ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J016");
        ck_assert_str_eq (status.path, i < 2 ? "graph_module.graph.nodes[0].inputs[0].kind"
                                             : "graph_module.graph.nodes[0].inputs[1].kind");
      }
}
END_TEST

/* UNKNOWN came with 8.6: no older program can say it. */
START_TEST (writing_what_the_minor_does_not_have)
{
  Pt2Document document;
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer out = PT2_BUFFER_INIT;
  g_autoptr (GBytes) bytes = make_program (6, KIND ("0"));
  must_read_text (&document, &pt2_export_schema, "ExportedProgram", bytes);
  document.minor = 5;
  ck_assert (!pt2_json_write (&document, &out, &status));
  ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J016");
  ck_assert_str_eq (status.path, "graph_module.graph.nodes[0].inputs[0].kind");
  ck_assert_str_eq (status.detail, "ArgumentKind 0 in 8.5");
  pt2_buffer_clear (&out);
  pt2_document_clear (&document);
}
END_TEST

/* Today's numbers of old ones, and back; every_construct's Turned was renumbered at 8.4: 0 was LEFT, 1 RIGHT, 2 NONE.
 */
START_TEST (both_ways)
{
  const Pt2EnumInfo *info = pt2_schema_find_enum (&every_schema, "Turned");
  static const int32_t today[] = { 10, 20, 0 };
  int32_t old = -1;
  for (int32_t i = 0; i < 3; i++)
    {
      ck_assert (pt2_number_at_minor (info, 3, today[i], &old) && old == i);
      ck_assert (pt2_number_at_minor (info, 4, today[i], &old) && old == today[i]);
      ck_assert (pt2_number_at_minor (info, 0, today[i], &old) && old == today[i]);
    }
  ck_assert (!pt2_number_at_minor (info, 3, 1, &old));
  ck_assert (pt2_number_at_minor (info, 4, 1, &old) && old == 1);
}
END_TEST

/* Where an enum can stand: a struct's field, and what is inside unions, lists, sets and maps. */
START_TEST (everywhere_in_a_document)
{
  EveryMaybe maybe = { .turned = 1 };
  Pt2Document document;
  Pt2Status status = PT2_STATUS_INIT;
  wrap_value (&document, &every_schema, "Maybe", &maybe);
  maybe.present[0] = 1u << 13;
  document.minor = 3;
  ck_assert (pt2_old_numbers_to_new (&document, &status));
  ck_assert_int_eq (maybe.turned, 20);
  maybe.turned = 3;
  ck_assert (!pt2_old_numbers_to_new (&document, &status));
  ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J016");
  ck_assert_str_eq (status.path, "turned");
  ck_assert_str_eq (status.detail, "Turned 3 in 8.3");
  document.minor = 4;
  ck_assert (pt2_old_numbers_to_new (&document, &status));
  ck_assert_int_eq (maybe.turned, 3);
  pt2_document_clear (&document);
}
END_TEST

/* A path through a map names its key. */
START_TEST (paths_through_maps)
{
  Pt2Document document;
  Pt2Status status;
  static const char argument[]
      = "{\"name\": \"x\", \"arg\": {\"as_string_to_argument\": {\"k\": {\"as_graph\": {\"name\": \"g\", "
        "\"graph\": {\"inputs\": [], \"outputs\": [], \"nodes\": [{\"target\": \"t\", \"inputs\": [" KIND (
            "9") "], \"outputs\": [], \"metadata\": {}}], \"tensor_values\": {}, \"sym_int_values\": {}, "
                 "\"sym_bool_values\": {}}}}}}}";
  g_autoptr (GBytes) bytes = make_program (5, argument);
  ck_assert (!read_bytes (pt2_json_read, &document, &pt2_export_schema, "ExportedProgram", bytes, &status));
  ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J016");
  ck_assert_str_eq (status.path,
                    "graph_module.graph.nodes[0].inputs[0].arg.as_string_to_argument[\"k\"].as_graph.graph.nodes[0]"
                    ".inputs[0].kind");
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { kinds_of_each_minor, 1 },
    { numbers_that_the_minor_does_not_have, 1 },
    { writing_what_the_minor_does_not_have, 1 },
    { both_ways, 1 },
    { everywhere_in_a_document, 1 },
    { paths_through_maps, 1 },
  };
  return RUN_SUITE ("old_numbers", cases);
}
