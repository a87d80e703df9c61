/* SPDX-License-Identifier: Apache-2.0 */
/* A line in the IDL is all that a new field, union member, enum value or struct takes: a copy of our IDL that has
 * grown (grow_schema.py) reads, writes, prints, skips and compares them, and the schema of today carries them through.
 */
#include "annotate.h"
#include "codec_help.h"
#include "grown_schema.h"

extern const Pt2Schema grown_schema;

/* ---- a small program that uses what is new ---- */

static int64_t weights[] = { 1, -200, INT64_MAX };
static GrownGrownDetail detail
    = { .reason = TEXT ("because"), .weights = LIST (weights), .share = 0.25, .present = { -1 } };
static GrownArgument arguments[] = {
  { .which = GROWN_ARGUMENT_AS_GROWN, .as_grown = &detail },
  { .which = GROWN_ARGUMENT_AS_INT, .as_int = 5 },
};
static GrownNamedArgument inputs[] = {
  { .name = TEXT ("self"),
    .arg = { .which = GROWN_ARGUMENT_AS_GROWN, .as_grown = &detail },
    .kind = 1,
    .present = { -1 } },
  { .name = TEXT ("dtype"),
    .arg = { .which = GROWN_ARGUMENT_AS_SCALAR_TYPE, .as_scalar_type = 99 },
    .kind = 2,
    .present = { -1 } },
};
static Pt2String notes[] = { TEXT ("one"), TEXT ("two \"quoted\"") };
static GrownStringToStringMapEntry metadata[] = { { TEXT ("stack"), TEXT ("line") } };
static GrownNode nodes[] = {
  { .target = TEXT ("torch.ops.aten.add.Tensor"),
    .inputs = LIST (inputs),
    .outputs = LIST (arguments),
    .metadata = LIST (metadata),
    .name = TEXT ("add"),
    .grown = &detail,
    .grown_notes = LIST (notes),
    .is_hop_single_tensor_return = true,
    .present = { -1 } },
};

/* PLAIN: a node that uses nothing new. */
static void
make_program (GrownExportedProgram *program, bool plain)
{
  static GrownNode plain_nodes[1];
  plain_nodes[0] = nodes[0];
  plain_nodes[0].inputs.len = 0;
  plain_nodes[0].outputs = (GrownArgumentList){ &arguments[1], 1 };
  plain_nodes[0].grown = NULL;
  plain_nodes[0].grown_notes.items = NULL;
  *program = (GrownExportedProgram){
    .graph_module
    = { .graph = { .inputs = { arguments, 0 },
                   .outputs = { arguments, 0 },
                   .nodes = { plain ? plain_nodes : nodes, 1 },
                   .tensor_values = { (void *)metadata, 0 },
                   .sym_int_values = { (void *)metadata, 0 },
                   .sym_bool_values = { (void *)metadata, 0 },
                   .custom_obj_values = { (void *)metadata, 0 },
                   .sym_float_values = { (void *)metadata, 0 },
                   .is_single_tensor_return = false,
                   .present = { -1 } },
        .signature = { .input_specs = { (void *)arguments, 0 }, .output_specs = { (void *)arguments, 0 } },
        .module_call_graph = { (void *)arguments, 0 },
        .metadata = { metadata, 0 },
        .treespec_namedtuple_fields = { (void *)metadata, 0 },
        .present = { -1 } },
    .opset_version = { (void *)metadata, 0 },
    .range_constraints = { (void *)metadata, 0 },
    .schema_version = { .major = 8, .minor = 21, .present = { -1 } },
    .verifiers = { notes, 0 },
    .torch_version = TEXT ("3.0"),
    .guards_code = { notes, 0 },
    .present = { -1 },
  };
}

typedef struct
{
  ReadFunc read;
  WriteFunc write;
  Pt2ExtraOrigin origin;
} Encoding;
static const Encoding encodings[] = {
  { pt2_compact_read, pt2_compact_write, PT2_EXTRA_COMPACT },
  { pt2_json_read, pt2_json_write, PT2_EXTRA_JSON },
};

static GBytes *
write_grown (WriteFunc write, bool plain)
{
  GrownExportedProgram program;
  Pt2Document made;
  make_program (&program, plain);
  wrap_value (&made, &grown_schema, "ExportedProgram", &program);
  made.minor = 21;
  GBytes *bytes = write_bytes (write, &made);
  pt2_document_clear (&made);
  return bytes;
}

static Pt2Value
root_of (const Pt2Document *document)
{
  return pt2_value_make (document->type->type, document->root);
}

/* ---- the grown schema knows what is new ---- */

START_TEST (new_reads_what_new_wrote)
{
  const Encoding *e = &encodings[_i];
  GrownExportedProgram program;
  Pt2Document made, found;
  make_program (&program, false);
  wrap_value (&made, &grown_schema, "ExportedProgram", &program);
  made.minor = 21;
  g_autoptr (GBytes) bytes = write_bytes (e->write, &made);
  must_read (e->read, &found, &grown_schema, "ExportedProgram", bytes);
  ck_assert (same_values (&made, &found));
  ck_assert_uint_eq (found.n_extras[0] + found.n_extras[1], 0);
  Pt2Value node = pt2_value_path (root_of (&found), "graph_module.graph.nodes[0]");
  Pt2String reason = pt2_value_get_string (pt2_value_path (node, "grown.reason"));
  ck_assert_uint_eq (reason.len, 7);
  ck_assert_int_eq (memcmp (reason.data, "because", 7), 0);
  ck_assert_int_eq (pt2_value_get_int (pt2_value_path (node, "inputs[0].arg.as_grown.weights[1]")), -200);
  ck_assert_uint_eq (pt2_value_length (pt2_value_path (node, "grown_notes")), 2);
  ck_assert_str_eq (pt2_value_enum_torch (pt2_value_path (node, "inputs[1].arg.as_scalar_type")), "grown");
  g_autoptr (GBytes) again = write_bytes (e->write, &found);
  same_bytes (again, bytes, "written again");
  pt2_document_clear (&found);
  pt2_document_clear (&made);
}
END_TEST

START_TEST (comparison_sees_what_is_new)
{
  GrownExportedProgram a, b;
  const Pt2TypeInfo *type = pt2_schema_find_struct (&grown_schema, "ExportedProgram")->type;
  make_program (&a, false);
  make_program (&b, false);
  GrownNode node = nodes[0];
  b.graph_module.graph.nodes.items = &node;
  ck_assert (pt2_native_equal (type, &a, &b));
  GrownGrownDetail other = detail;
  node.grown = &other;
  ck_assert (pt2_native_equal (type, &a, &b));
  other.share = 0.5;
  ck_assert (!pt2_native_equal (type, &a, &b));
  node.grown = &detail;
  node.grown_notes.len = 1;
  ck_assert (!pt2_native_equal (type, &a, &b));
  node.grown_notes.len = 2;
  GrownArgument changed[] = { { .which = GROWN_ARGUMENT_AS_GROWN, .as_grown = &other }, arguments[1] };
  node.outputs.items = changed;
  ck_assert (!pt2_native_equal (type, &a, &b));
}
END_TEST

/* ---- today's schema carries it through ---- */

START_TEST (old_keeps_what_new_wrote)
{
  const Encoding *e = &encodings[_i];
  Pt2Document found;
  g_autoptr (GBytes) bytes = write_grown (e->write, false);
  must_read (e->read, &found, &pt2_export_schema, "ExportedProgram", bytes);
  ck_assert_uint_eq (found.n_extras[e->origin], 4); /* two fields, two members */
  ck_assert_uint_eq (found.n_extras[!e->origin], 0);
  Pt2Value node = pt2_value_path (root_of (&found), "graph_module.graph.nodes[0]");
  ck_assert (pt2_value_is_valid (pt2_value_path (node, "name")));
  Pt2Value unknown = pt2_value_path (node, "inputs[0].arg");
  ck_assert_int_eq (pt2_value_type (unknown), PT2_TYPE_UNION);
  ck_assert_ptr_null (pt2_value_member_name (unknown));
  Pt2Value dtype = pt2_value_path (node, "inputs[1].arg.as_scalar_type");
  ck_assert_int_eq (pt2_value_get_int (dtype), 99);
  ck_assert_ptr_null (pt2_value_enum_name (dtype));
  g_autoptr (GBytes) again = write_bytes (e->write, &found);
  same_bytes (again, bytes, "through today's schema");
  pt2_document_clear (&found);
}
END_TEST

START_TEST (new_reads_what_old_wrote)
{
  const Encoding *e = &encodings[_i];
  Pt2Document old, found;
  g_autoptr (GBytes) plain = write_grown (pt2_compact_write, true);
  must_read (pt2_compact_read, &old, &pt2_export_schema, "ExportedProgram", plain);
  old.minor = 20;
  ck_assert_uint_eq (old.n_extras[0] + old.n_extras[1], 0);
  g_autoptr (GBytes) bytes = write_bytes (e->write, &old);
  must_read (e->read, &found, &grown_schema, "ExportedProgram", bytes);
  found.minor = 20;
  ck_assert_uint_eq (found.n_extras[0] + found.n_extras[1], 0);
  ck_assert (!pt2_value_is_valid (pt2_value_path (root_of (&found), "graph_module.graph.nodes[0].grown")));
  g_autoptr (GBytes) again = write_bytes (e->write, &found);
  same_bytes (again, bytes, "what the older schema wrote");
  pt2_document_clear (&found);
  pt2_document_clear (&old);
}
END_TEST

/* JSON that today's schema cannot name goes through its compact form and comes out as it was. */
START_TEST (json_parts_travel_in_compact)
{
  Pt2Document from_json, from_compact;
  g_autoptr (GBytes) json = write_grown (pt2_json_write, false);
  must_read (pt2_json_read, &from_json, &pt2_export_schema, "ExportedProgram", json);
  g_autoptr (GBytes) compact = write_bytes (pt2_compact_write, &from_json);
  must_read (pt2_compact_read, &from_compact, &pt2_export_schema, "ExportedProgram", compact);
  ck_assert (same_values (&from_json, &from_compact));
  ck_assert_uint_eq (from_compact.n_extras[PT2_EXTRA_JSON], 4);
  g_autoptr (GBytes) again = write_bytes (pt2_json_write, &from_compact);
  same_bytes (again, json, "JSON through compact");
  pt2_document_clear (&from_json);
  pt2_document_clear (&from_compact);
}
END_TEST

/* What travelled so is no longer unknown to a reader whose schema has grown: it reads the parts into their fields. */
START_TEST (new_reads_json_parts_that_old_carried)
{
  GrownExportedProgram program;
  Pt2Document from_json, found, made;
  g_autoptr (GBytes) json = write_grown (pt2_json_write, false);
  must_read (pt2_json_read, &from_json, &pt2_export_schema, "ExportedProgram", json);
  g_autoptr (GBytes) carried = write_bytes (pt2_compact_write, &from_json);
  must_read (pt2_compact_read, &found, &grown_schema, "ExportedProgram", carried);
  ck_assert_uint_eq (found.n_extras[0] + found.n_extras[1], 0);
  make_program (&program, false);
  wrap_value (&made, &grown_schema, "ExportedProgram", &program);
  ck_assert (same_values (&made, &found));
  g_autoptr (GBytes) again = write_bytes (pt2_json_write, &found);
  same_bytes (again, json, "JSON out of what the old schema carried");
  g_autoptr (GBytes) native = write_grown (pt2_compact_write, false);
  g_autoptr (GBytes) compact = write_bytes (pt2_compact_write, &found);
  same_bytes (compact, native, "and its compact form has nothing reserved");
  pt2_document_clear (&made);
  pt2_document_clear (&found);
  pt2_document_clear (&from_json);
}
END_TEST

/* Compact fields without a JSON name: refused by name. */
START_TEST (compact_parts_have_no_json)
{
  Pt2Document found;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (GBytes) bytes = write_grown (pt2_compact_write, false);
  must_read (pt2_compact_read, &found, &pt2_export_schema, "ExportedProgram", bytes);
  ck_assert (!pt2_json_write (&found, &out, &status));
  ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J017");
  ck_assert_str_eq (status.detail, "Node, field id 35");
  ck_assert_str_eq (status.path, "graph_module.graph.nodes[0]");
  pt2_buffer_clear (&out);
  pt2_document_clear (&found);
}
END_TEST

/* ---- printed and skipped ---- */

static bool
append_piece (const Pt2Piece *piece, void *data)
{
  g_string_append_printf (data, "%s|%s|%s|%s\n", piece->path, piece->what, piece->type, piece->value);
  return true;
}

static char *
print (const Pt2Schema *schema, GBytes *bytes)
{
  Pt2Status status = PT2_STATUS_INIT;
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  GString *text = g_string_new ("\n");
  ck_assert (pt2_compact_annotate (pt2_schema_find_struct (schema, "ExportedProgram"), data, len, pt2_limits_default (),
                                   append_piece, text, &status));
  return g_string_free (text, FALSE);
}

START_TEST (printed_by_name_or_number)
{
  g_autoptr (GBytes) bytes = write_grown (pt2_compact_write, false);
  g_autofree char *by_new = print (&grown_schema, bytes), *by_old = print (&pt2_export_schema, bytes);
  static const char *const new_lines[] = {
    "\ngraph_module.graph.nodes[0].grown.reason|value|string|\"because\"\n",
    "\ngraph_module.graph.nodes[0].inputs[0].arg.as_grown.share|value|double|0.25\n",
    "\ngraph_module.graph.nodes[0].grown_notes[1]|value|string|\"two \\\"quoted\\\"\"\n",
    "\ngraph_module.graph.nodes[0].inputs[1].arg.as_scalar_type|value|ScalarType|99 GROWN\n",
  };
  static const char *const old_lines[] = {
    "\ngraph_module.graph.nodes[0].#35|field header|struct|id 35, struct, unknown\n",
    "\ngraph_module.graph.nodes[0].#35.#10|value|binary|\"because\"\n",
    "\ngraph_module.graph.nodes[0].inputs[0].arg.#900|member header|struct|id 900, struct, unknown\n",
    "\ngraph_module.graph.nodes[0].inputs[1].arg.as_scalar_type|value|ScalarType|99\n",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (new_lines); i++)
    {
      ck_assert_msg (strstr (by_new, new_lines[i]) != NULL, "not printed:%s in%s", new_lines[i], by_new);
      ck_assert_msg (strstr (by_old, old_lines[i]) != NULL, "not printed:%s in%s", old_lines[i], by_old);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("grown");
  TCase *tests = tcase_create ("grown");
  tcase_add_loop_test (tests, new_reads_what_new_wrote, 0, 2);
  tcase_add_test (tests, comparison_sees_what_is_new);
  tcase_add_loop_test (tests, old_keeps_what_new_wrote, 0, 2);
  tcase_add_loop_test (tests, new_reads_what_old_wrote, 0, 2);
  tcase_add_test (tests, json_parts_travel_in_compact);
  tcase_add_test (tests, new_reads_json_parts_that_old_carried);
  tcase_add_test (tests, compact_parts_have_no_json);
  tcase_add_test (tests, printed_by_name_or_number);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
