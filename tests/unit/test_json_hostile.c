/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from those who wish us ill: cut anywhere, changed anywhere, and in shapes that would make a careless reader take
 * the square of its time. Nothing but an error or a value that comes back may follow, and that soon.
 */
#include "json_help.h"
#include "json_tree.h"
#include "suite.h"
#include <time.h>

extern const Pt2Schema every_schema;

/* ---- cut and changed ---- */

static const char program[] = "{\"graph_module\": {\"graph\": {\"inputs\": [{\"as_tensor\": {\"name\": \"x\"}}], "
                              "\"outputs\": [{\"as_none\": true}], "
                              "\"nodes\": [{\"target\": \"t\\u00e9\", \"inputs\": [{\"name\": \"a\", \"arg\": "
                              "{\"as_floats\": [-0.5, \"NaN\", 1e+16]}, "
                              "\"kind\": 1}], \"outputs\": [], \"metadata\": {\"stack\": \"l\\n\"}, "
                              "\"is_hop_single_tensor_return\": null, \"name\": null}], "
                              "\"tensor_values\": {\"x\": {\"dtype\": 7, \"sizes\": [{\"as_int\": 2}, {\"as_expr\": "
                              "{\"expr_str\": \"s0\", \"hint\": "
                              "null}}], \"requires_grad\": false, \"device\": {\"type\": \"cpu\", \"index\": null}, "
                              "\"strides\": [], \"storage_offset\": "
                              "{\"as_int\": 0}, \"layout\": 7}}, \"sym_int_values\": {}, \"sym_bool_values\": {}, "
                              "\"is_single_tensor_return\": false, "
                              "\"custom_obj_values\": {}, \"sym_float_values\": {}}, \"signature\": {\"input_specs\": "
                              "[], \"output_specs\": []}, "
                              "\"module_call_graph\": [], \"metadata\": {}, \"treespec_namedtuple_fields\": {}}, "
                              "\"opset_version\": {\"aten\": 10}, "
                              "\"range_constraints\": {\"s0\": {\"min_val\": 2, \"max_val\": 9223372036854775808}}, "
                              "\"schema_version\": {\"major\": 8, "
                              "\"minor\": 20}, \"verifiers\": [\"TRAINING\"], \"torch_version\": \"2.12\", "
                              "\"guards_code\": [], \"new\": [1, {\"a\": null}]}";

/* The bytes are copied, so that a look beyond their end is seen. True if they are a program. (libcheck's assertions are
 * slow when they hold.) */
static bool
read_copy (const char *data, size_t len, Pt2Document *document, GBytes **bytes)
{
  Pt2Status status = PT2_STATUS_INIT;
  *bytes = g_bytes_new (data, len);
  open_document (document, &pt2_export_schema, "ExportedProgram", len);
  bool fine = pt2_json_read (document, g_bytes_get_data (*bytes, NULL), len, pt2_limits_default (), &status);
  if (fine != (status.code == PT2_ERROR_NONE) || (status.offset > len && status.offset != PT2_NO_OFFSET))
    ck_abort_msg ("%d, %s at %" G_GUINT64_FORMAT, fine, pt2_error_code_id (status.code), status.offset);
  if (!fine)
    {
      pt2_document_clear (document);
      g_clear_pointer (bytes, g_bytes_unref);
    }
  return fine;
}

/* What was read comes out, and comes out the same once more; so it does by way of COMPACT. */
static void
check_stable (const Pt2Document *document, bool by_compact)
{
  g_autoptr (GBytes) text = write_bytes (pt2_json_write, document);
  for (int compact = 0; compact <= by_compact; compact++)
    {
      g_autoptr (GBytes) again = rewrite (&pt2_export_schema, "ExportedProgram", text, compact);
      same_text (again, text, compact ? "by way of compact" : "once more");
    }
}

START_TEST (the_program_is_one)
{
  g_autoptr (GBytes) bytes = g_bytes_new (program, sizeof program - 1);
  for (int compact = 0; compact < 2; compact++)
    {
      g_autoptr (GBytes) again = rewrite (&pt2_export_schema, "ExportedProgram", bytes, compact);
      same_text (again, bytes, compact ? "by way of compact" : "JSON");
    }
}
END_TEST

START_TEST (cut_anywhere)
{
  for (size_t len = 0; len < sizeof program - 1; len++)
    {
      Pt2Document document;
      GBytes *bytes;
      ck_assert_msg (!read_copy (program, len, &document, &bytes), "%zu bytes are a program", len);
    }
}
END_TEST

/* Run _i of 16 takes every 16th byte. */
START_TEST (changed_anywhere)
{
  static const unsigned char few[]
      = { 0, '0', '9', '"', '\\', ',', ':', '{', '}', '[', ']', '-', 'e', ' ', 0x7f, 0x80, 0xff };
  bool quick = g_getenv ("PT2_TEST_QUICK") != NULL;
  char *copy = g_memdup2 (program, sizeof program);
  unsigned sound = 0;
  for (size_t at = (size_t)_i; at < sizeof program - 1; at += 16)
    {
      for (unsigned k = 0; k < (quick ? G_N_ELEMENTS (few) : 256); k++)
        {
          Pt2Document document;
          GBytes *bytes;
          copy[at] = (char)(quick ? few[k] : k);
          if (!read_copy (copy, sizeof program - 1, &document, &bytes))
            continue;
          check_stable (&document, sound++ % 16 == 0);
          pt2_document_clear (&document);
          g_bytes_unref (bytes);
        }
      copy[at] = program[at];
    }
  ck_assert_uint_gt (sound, 100);
  g_free (copy);
}
END_TEST

/* Left out and put in twice. */
START_TEST (bytes_more_or_less)
{
  for (size_t at = 0; at < sizeof program - 1; at++)
    for (int more = 0; more < 2; more++)
      {
        Pt2Document document;
        GBytes *bytes;
        GString *text = g_string_new_len (program, sizeof program - 1);
        if (more)
          g_string_insert_c (text, (gssize)at, program[at]);
        else
          g_string_erase (text, (gssize)at, 1);
        if (read_copy (text->str, text->len, &document, &bytes))
          {
            check_stable (&document, true);
            pt2_document_clear (&document);
            g_bytes_unref (bytes);
          }
        g_string_free (text, TRUE);
      }
}
END_TEST

/* ---- shapes that cost more than they should ---- */

#define MIB ((size_t)1 << 20)

/* PIECE with a number in it for %u, again and again up to a MiB. */
static void
fill (GString *text, const char *before_number, const char *behind_number, size_t most)
{
  for (unsigned i = 0; text->len < most; i++)
    g_string_append_printf (text, "%s%u%s", before_number, i, behind_number);
}

static void
repeat (GString *text, const char *piece, size_t n)
{
  for (size_t i = 0; i < n; i++)
    g_string_append (text, piece);
}

typedef struct
{
  const char *name;
  const char *type; /* of every_schema; NULL: a tree */
  void (*make) (GString *text);
} Shape;

static void
unknown_keys (GString *text)
{
  g_string_append (text, "{\"\": 0");
  fill (text, ",\"", "\":0", MIB);
  g_string_append (text, "}");
}

static void
escaped_keys (GString *text)
{
  g_string_append (text, "{\"\": 0");
  fill (text, ",\"\\n", "\":0", MIB);
  g_string_append (text, "}");
}

static void
owners_of_unknown_keys (GString *text)
{
  g_string_append (text, "{\"many\":[{\"x\":0}");
  while (text->len < MIB)
    g_string_append (text, ",{\"\":0}");
  g_string_append (text, "]}");
}

/* Parts that nobody knows inside many lists, each of which moves what it holds. */
static void
owners_deep_inside (GString *text)
{
  repeat (text, "{\"many\":[", 490);
  g_string_append (text, "{\"x\":0}");
  while (text->len < MIB)
    g_string_append (text, ",{\"\":0}");
  repeat (text, "]}", 490);
}

/* Each level has unknown keys before and behind what is inside. */
static void
unknown_keys_deep_inside (GString *text)
{
  repeat (text, "{\"\":0,\"left\":", 990);
  g_string_append (text, "{\"\": 0");
  fill (text, ",\"", "\":0", MIB);
  g_string_append (text, ",\"leaf\":{\"name\":\"\"},\"children\":[],\"named\":{}}");
  repeat (text, ",\"a\":0,\"leaf\":{\"name\":\"\"},\"children\":[],\"named\":{}}", 990);
}

static void
map_keys (GString *text)
{
  g_string_append (text, "{\"by_text\":{\"\":0");
  fill (text, ",\"", "\":0", MIB);
  g_string_append (text, "}}");
}

static void
many_maps (GString *text)
{
  g_string_append (text, "{\"many\":[{\"unit\":true}");
  while (text->len < MIB)
    g_string_append (text, ",{\"named\":{\"a\":{\"unit\":true},\"b\":{\"unit\":true}}}");
  g_string_append (text, "]}");
}

static void
long_lists_in_lists (GString *text)
{
  g_string_append (text, "{\"nested\":[[]");
  while (text->len < MIB)
    g_string_append (text, ",[0,0,0]");
  g_string_append (text, "]}");
}

static void
a_deep_unknown_value (GString *text)
{
  g_string_append (text, "{\"x\":");
  repeat (text, "[", 900);
  g_string_append (text, "0");
  while (text->len < MIB)
    g_string_append (text, ",[[[[[[[[]]]]]]]]");
  repeat (text, "]", 900);
  g_string_append (text, "}");
}

static void
a_long_unknown_list (GString *text)
{
  g_string_append (text, "{\"x\":[0");
  while (text->len < MIB)
    g_string_append (text, ",0");
  g_string_append (text, "]}");
}

static void
a_long_text (GString *text)
{
  g_string_append (text, "{\"text\":\"");
  while (text->len < MIB)
    g_string_append (text, "\\ud800\\u0000");
  g_string_append (text, "\"}");
}

/* Each text is unescaped into what is left of the arena. */
static void
many_escaped_texts (GString *text)
{
  g_string_append (text, "{\"texts\":[\"\\n\"");
  while (text->len < MIB)
    g_string_append (text, ",\"0123456789012345678901234567890123456789\\n\"");
  g_string_append (text, "]}");
}

static void
texts_of_growing_length (GString *text)
{
  g_string_append (text, "{\"texts\":[\"\"");
  for (unsigned n = 1; text->len < MIB; n += 7)
    g_string_append_printf (text, ",\"\\n%0*d\"", (int)n, 0);
  g_string_append (text, "]}");
}

static void
long_numbers (GString *text)
{
  g_string_append (text, "{\"reals\":[0");
  while (text->len < MIB)
    g_string_append (text,
                     ",0.10000000000000000555111512312578270211815834045410156250000000000000000000000000001e-300");
  g_string_append (text, "]}");
}

static void
one_long_number (GString *text)
{
  g_string_append (text, "{\"real\":0.");
  while (text->len < MIB)
    g_string_append (text, "123456789");
  g_string_append (text, "}");
}

static void
large_integers (GString *text)
{
  g_string_append (text, "{\"many\":[{\"number\":0}");
  while (text->len < MIB)
    g_string_append (text, ",{\"number\":99999999999999999999}");
  g_string_append (text, "]}");
}

static void
blanks (GString *text)
{
  g_string_append (text, "{\"ints\":[0");
  while (text->len < MIB)
    g_string_append (text, "\n\n\n\n\n\n\n,\n\n\n\n\n0");
  g_string_append (text, "]}");
}

static const Shape shapes[] = {
  { "unknown keys", "Empty", unknown_keys },
  { "escaped keys", "Empty", escaped_keys },
  { "owners of unknown keys", "Choice", owners_of_unknown_keys },
  { "owners deep inside", "Choice", owners_deep_inside },
  { "unknown keys deep inside", "Tree", unknown_keys_deep_inside },
  { "map keys", "Containers", map_keys },
  { "many maps", "Choice", many_maps },
  { "long lists in lists", "Containers", long_lists_in_lists },
  { "a deep unknown value", "Empty", a_deep_unknown_value },
  { "a long unknown list", "Empty", a_long_unknown_list },
  { "a long text", "Choice", a_long_text },
  { "many escaped texts", "Containers", many_escaped_texts },
  { "texts of growing length", "Containers", texts_of_growing_length },
  { "long numbers", "Containers", long_numbers },
  { "one long number", "Choice", one_long_number },
  { "large integers", "Choice", large_integers },
  { "blanks", "Containers", blanks },
};

/* A MiB in any shape is read, written, and read from compact: nothing of it takes more than in proportion, which would
 * be minutes. The bound is a thousand times what it takes; time of this process, whatever else the machine does. */
static void
check_time (clock_t start, const Shape *shape, const char *what)
{
  double seconds = (double)(clock () - start) / CLOCKS_PER_SEC;
  ck_assert_msg (seconds < 20, "%s: %s takes %.1f s", shape->name, what, seconds);
}

START_TEST (shapes_are_read_in_time)
{
  const Shape *shape = &shapes[_i];
  GString *string = g_string_new ("");
  Pt2Document document, second;
  shape->make (string);
  g_autoptr (GBytes) text = g_string_free_to_bytes (string);
  clock_t start = clock ();
  must_read_text (&document, &every_schema, shape->type, text);
  check_time (start, shape, "reading");
  start = clock ();
  g_autoptr (GBytes) written = write_bytes (pt2_json_write, &document);
  check_time (start, shape, "writing");
  start = clock ();
  g_autoptr (GBytes) compact = write_bytes (pt2_compact_write, &document);
  check_time (start, shape, "writing compact");
  start = clock ();
  must_read (pt2_compact_read, &second, &every_schema, shape->type, compact);
  check_time (start, shape, "reading compact");
  g_autoptr (GBytes) again = write_bytes (pt2_json_write, &second);
  ck_assert_msg (g_bytes_equal (written, again), "%s changes by way of compact", shape->name);
  pt2_document_clear (&document);
  pt2_document_clear (&second);
}
END_TEST

START_TEST (shapes_are_trees_in_time)
{
  const Shape *shape = &shapes[_i];
  GString *text = g_string_new ("");
  Pt2Arena arena;
  Pt2Status status = PT2_STATUS_INIT;
  shape->make (text);
  pt2_arena_init (&arena, (uint64_t)256 << 20, 0);
  clock_t start = clock ();
  ck_assert_ptr_nonnull (pt2_json_tree_read (&arena, text->str, text->len, pt2_limits_default (), &status));
  check_time (start, shape, "reading a tree");
  pt2_arena_clear (&arena);
  g_string_free (text, TRUE);
}
END_TEST

/* Deeper than anyone may: refused at once. */
START_TEST (abysses)
{
  static const char *const heads[] = { "[", "{\"\":", "{\"inner\":", "{\"many\":[", "{\"named\":{\"\":" };
  for (size_t i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      GString *string = g_string_new ("");
      Pt2Document document;
      Pt2Status status;
      while (string->len < MIB)
        g_string_append (string, heads[i]);
      g_autoptr (GBytes) text = g_string_free_to_bytes (string);
      ck_assert (!read_bytes (pt2_json_read, &document, &every_schema, "Choice", text, &status));
      ck_assert_str_eq (pt2_error_code_id (status.code), i == 0 ? "PT2-J009" : "PT2-L002");
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { the_program_is_one, 1 },
    { cut_anywhere, 1 },
    { changed_anywhere, 16 },
    { bytes_more_or_less, 1 },
    { shapes_are_read_in_time, G_N_ELEMENTS (shapes) },
    { shapes_are_trees_in_time, G_N_ELEMENTS (shapes) },
    { abysses, 1 },
  };
  return RUN_SUITE ("json_hostile", cases);
}
