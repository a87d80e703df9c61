/* SPDX-License-Identifier: Apache-2.0 */
/* lib/ops: schema text is read and printed as PyTorch writes it, operators are found by their targets. */
#include "pt2-extension.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>

static Pt2String
text (const char *literal)
{
  return (Pt2String){ literal, (uint32_t)strlen (literal) };
}

static gboolean
same (Pt2String a, const char *b)
{
  return a.data != NULL && a.len == strlen (b) && memcmp (a.data, b, a.len) == 0;
}

/* The schema in a set of its own; NULL if it is none. The set is never freed: tests are short. */
static const Pt2OpSchema *
read_one (const char *schema, const char *target, GError **error)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 50;
  Pt2Ops *ops = pt2_ops_new (&limits, NULL);
  const Pt2OpSchema *found = pt2_ops_add_text (ops, schema, -1, error) ? pt2_ops_find (ops, text (target)) : NULL;
  static GPtrArray *sets;
  if (sets == NULL)
    sets = g_ptr_array_new ();
  g_ptr_array_add (sets, ops);
  return found;
}

static void
reads_as (const char *schema, const char *printed)
{
  GError *error = NULL;
  const Pt2OpSchema *found = read_one (schema, "torch.ops.s.f.default", &error);
  ck_assert_msg (found != NULL, "%s: %s", schema, error != NULL ? error->message : "not found");
  g_autofree char *got = g_strndup (found->text.data, found->text.len);
  ck_assert_str_eq (got, printed);
}

static void
refuses (const char *schema, Pt2ErrorCode code, const char *expected)
{
  GError *error = NULL;
  ck_assert_ptr_null (read_one (schema, "torch.ops.s.f.default", &error));
  ck_assert_ptr_nonnull (error);
  ck_assert_msg (error->code == (int)code && strstr (error->message, expected) != NULL, "%s: %s", schema,
                 error->message);
  g_error_free (error);
}

static gboolean
is_before (Pt2String a, Pt2String b)
{
  g_autofree char *x = g_strndup (a.data, a.len), *y = g_strndup (b.data, b.len);
  return strcmp (x, y) < 0;
}

/* Each built-in schema is printed as its line, and found by target and by name. */
START_TEST (built_in_ones_print_as_they_are_written)
{
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), "..", "..", "lib", "ops", "operators.txt", NULL);
  g_autofree char *all = NULL;
  ck_assert (g_file_get_contents (path, &all, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (g_strchomp (all), "\n", -1);
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  guint n;
  g_autofree const Pt2OpSchema **schemas = pt2_ops_get_all (ops, &n);
  ck_assert_uint_eq (n, g_strv_length (lines));
  ck_assert_uint_eq (n, 4370);
  for (guint i = 0; i < n; i++)
    {
      const Pt2OpSchema *schema = pt2_ops_find (ops, (Pt2String){ lines[i], (uint32_t)strcspn (lines[i], "(") });
      ck_assert_msg (schema != NULL && same (schema->text, lines[i]), "%s", lines[i]);
      ck_assert_ptr_eq (pt2_ops_find (ops, schema->target), schema);
      ck_assert (i == 0 || is_before (schemas[i - 1]->target, schemas[i]->target));
    }
}
END_TEST

START_TEST (an_operator_says_what_it_takes)
{
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  const Pt2OpSchema *add = pt2_ops_find (ops, text ("torch.ops.aten.add.Tensor"));
  ck_assert (same (add->space, "aten") && same (add->name, "add") && same (add->overload, "Tensor"));
  ck_assert_uint_eq (add->n_arguments, 3);
  ck_assert (same (add->arguments[1].name, "other") && add->arguments[1].type.kind == PT2_OP_TENSOR);
  ck_assert (!add->arguments[1].keyword_only && add->arguments[2].keyword_only);
  ck_assert (same (add->arguments[2].default_text, "1") && add->arguments[2].type.kind == PT2_OP_SCALAR);
  ck_assert_ptr_null (add->arguments[1].default_text.data);
  ck_assert (add->n_returns == 1 && add->returns[0].name.data == NULL && !add->is_mutable);

  const Pt2OpSchema *out = pt2_ops_find (ops, text ("torch.ops.aten.add.out"));
  ck_assert (out->is_mutable && out->arguments[3].type.writes && same (out->arguments[3].type.alias, "a!"));

  const Pt2OpSchema *conv = pt2_ops_find (ops, text ("aten::conv2d.padding"));
  const Pt2OpType *stride = &conv->arguments[3].type, *bias = &conv->arguments[2].type;
  ck_assert (stride->kind == PT2_OP_LIST && stride->size == 2 && same (conv->arguments[3].default_text, "[1, 1]"));
  ck_assert (bias->kind == PT2_OP_OPTIONAL && pt2_op_type_base (bias)->kind == PT2_OP_TENSOR);
  ck_assert (pt2_op_type_list_item (bias) == NULL && pt2_op_type_list_item (stride)->kind == PT2_OP_SYM_INT);
  ck_assert (same (conv->arguments[4].default_text, "\"valid\""));

  const Pt2OpSchema *einsum = pt2_ops_find (ops, text ("torch.ops.aten.einsum.sublist"));
  ck_assert (einsum->takes_more && !einsum->gives_more);
  ck_assert_ptr_null (pt2_ops_find (ops, text ("torch.ops.aten.add")));
  ck_assert_ptr_null (pt2_ops_find (ops, text ("torch.ops.mine.add.default")));
  ck_assert_ptr_null (pt2_ops_find (ops, (Pt2String){ "", 0 }));
}
END_TEST

START_TEST (whatever_the_grammar_has_is_read)
{
  reads_as ("s::f() -> ()", "s::f() -> ()");
  reads_as ("  s :: f( Tensor   x,*,int n = 1 )->Tensor", "s::f(Tensor x, *, int n=1) -> Tensor");
  reads_as ("s::f(...) -> (...)", "s::f(...) -> ...");
  reads_as ("s::f(int a, ...) -> (int x, ...)", "s::f(int a, ...) -> (int x, ...)");
  reads_as ("s::f(Dict(str, Tensor[])? d=None) -> Future(RRef(int))",
            "s::f(Dict(str, Tensor[])? d=None) -> Future(RRef(int))");
  reads_as ("s::f((int, str)[2]?[] p) -> (((int, str)))", "s::f((int, str)[2]?[] p) -> (((int, str)))");
  reads_as ("s::f(Tensor(a -> *)[](b|c!) x) -> Tensor(a)", "s::f(Tensor(a -> *)[](b|c!) x) -> Tensor(a)");
  reads_as ("s::f(Union(int, str) x, a.b.C y) -> ()", "s::f(Union(int, str) x, a.b.C y) -> ()");
  reads_as ("s::f(str a=\"),\\\"(\", int[] b=[[1, -2], []], float c=1.5e-3) -> ()",
            "s::f(str a=\"),\\\"(\", int[] b=[[1, -2], []], float c=1.5e-3) -> ()");
  const Pt2OpSchema *list = read_one ("s::f(Tensor(a!)[] x) -> ()", "s::f", NULL);
  ck_assert (list->is_mutable && !list->arguments[0].type.writes && list->arguments[0].type.items->writes);
  g_autofree char *printed = pt2_op_type_print (&list->arguments[0].type);
  ck_assert_str_eq (printed, "Tensor(a!)[]");
}
END_TEST

START_TEST (what_is_no_schema_is_refused)
{
  refuses ("f(Tensor x) -> Tensor", PT2_ERROR_O001, "expected `::`");
  refuses ("s::f", PT2_ERROR_O001, "expected `(`");
  refuses ("s::f(Tensor) -> Tensor", PT2_ERROR_O001, "the name of an argument");
  refuses ("s::f(Tensor x)", PT2_ERROR_O001, "expected `->`");
  refuses ("s::f(Tensor x) -> Tensor x y", PT2_ERROR_O001, "the end of the schema");
  refuses ("s::f(int x=) -> ()", PT2_ERROR_O001, "a default value");
  refuses ("s::f(int x=[1) -> ()", PT2_ERROR_O001, "`,` or `]`");
  refuses ("s::f(str x=\"a) -> ()", PT2_ERROR_O001, "the end of a text");
  refuses ("s::f(str x=\"\x1b\") -> ()", PT2_ERROR_O001, "a printable character");
  refuses ("s::f(str x=\"\\\x1b\") -> ()", PT2_ERROR_O001, "a printable character");
  refuses ("s::f(..., int x) -> ()", PT2_ERROR_O001, "nothing behind");
  refuses ("s::f(*, *, int x) -> ()", PT2_ERROR_O001, "a type");
  refuses ("s::f(Dict(int) x) -> ()", PT2_ERROR_O001, "as many types");
  refuses ("s::f(int[99999999999999999999] x) -> ()", PT2_ERROR_O001, "a smaller number");
  refuses ("s::f(Tensor() x) -> ()", PT2_ERROR_O001, "an alias annotation");
  refuses ("s::f() -> ()\ns::f() -> ()\ns::f(int x) -> ()", PT2_ERROR_O002, "torch.ops.s.f.default");
}
END_TEST

/* Where the fault is, counted from the start of the text. */
START_TEST (a_fault_has_its_place)
{
  GError *error = NULL;
  ck_assert_ptr_null (read_one ("# mine\n\ns::g() -> ()\r\ns::f(int) -> ()", "s::f", &error));
  ck_assert_str_eq (pt2_error_get_where (error), "@30");
  g_error_free (error);
}
END_TEST

START_TEST (deep_types_stop_at_the_limit)
{
  for (int form = 0; form < 3; form++)
    {
      g_autoptr (GString) schema = g_string_new ("s::f(");
      for (int i = 0; i < 60; i++)
        g_string_append (schema, form == 0 ? "Future(" : form == 1 ? "(" : "");
      g_string_append (schema, "int");
      for (int i = 0; i < 60; i++)
        g_string_append (schema, form < 2 ? ")" : "[]");
      g_string_append (schema, " x) -> ()");
      refuses (schema->str, PT2_ERROR_L002, "depth");
    }
}
END_TEST

START_TEST (memory_is_bounded)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 10000;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (&limits, NULL);
  GError *error = NULL;
  gboolean ok = TRUE;
  for (int i = 0; i < 100 && ok; i++)
    {
      g_autofree char *schema = g_strdup_printf ("s::f%d(Tensor x) -> Tensor", i);
      ok = pt2_ops_add_text (ops, schema, -1, &error);
    }
  ck_assert (!ok && g_error_matches (error, PT2_ERROR, PT2_ERROR_L003));
  g_error_free (error);
}
END_TEST

START_TEST (ones_own_hide_the_built_in)
{
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL), others = pt2_ops_new (NULL, NULL);
  ck_assert (
      pt2_ops_add_text (ops, "aten::relu(Tensor self, int mine) -> Tensor\nmine::x(Tensor y) -> ()\n", -1, NULL));
  ck_assert_uint_eq (pt2_ops_find (ops, text ("aten::relu"))->n_arguments, 2);
  ck_assert_uint_eq (pt2_ops_find (others, text ("aten::relu"))->n_arguments, 1);
  guint n;
  g_autofree const Pt2OpSchema **all = pt2_ops_get_all (ops, &n);
  ck_assert_uint_eq (n, 4371);
  ck_assert_ptr_nonnull (pt2_ops_find (ops, text ("torch.ops.mine.x.default")));
}
END_TEST

START_TEST (extensions_are_registered)
{
  static const char *const wrong[] = { "", "#", "mine:op", "#mine", "#:op", "#mine:", "#mine:a:b", "#mine:\xff" };
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL), others = pt2_ops_new (NULL, NULL);
  ck_assert (
      pt2_ops_add_extension (ops, "#mine:op", "x::y(Tensor self, *, int[] dims=[]) -> (Tensor, Tensor)", &error));
  const Pt2OpSchema *schema = pt2_ops_find (ops, text ("#mine:op"));
  ck_assert_ptr_nonnull (schema);
  ck_assert_uint_eq (schema->n_arguments, 2);
  ck_assert_uint_eq (schema->n_returns, 2);
  ck_assert (schema->target.len == 8 && memcmp (schema->target.data, "#mine:op", 8) == 0);
  ck_assert_ptr_null (pt2_ops_find (ops, text ("x::y")));
  ck_assert_ptr_null (pt2_ops_find (others, text ("#mine:op")));
  ck_assert (
      pt2_ops_add_extension (ops, "#mine:op", "x::y(Tensor self, *, int[] dims=[]) -> (Tensor, Tensor)", &error));
  ck_assert (!pt2_ops_add_extension (ops, "#mine:op", "x::y() -> ()", &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O002));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_clear_error (&error);
      ck_assert (!pt2_ops_add_extension (ops, wrong[i], "x::y() -> ()", &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O001));
    }
  g_clear_error (&error);
  ck_assert (!pt2_ops_add_extension (ops, "#mine:other", "no schema", &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O001));
  ck_assert_ptr_null (pt2_ops_find (ops, text ("#mine:other")));
}
END_TEST

START_TEST (files_are_read)
{
  GError *error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL), *path = g_build_filename (folder, "ops.txt", NULL);
  ck_assert (!pt2_ops_add_file (ops, path, &error) && g_error_matches (error, PT2_ERROR, PT2_ERROR_F001));
  g_clear_error (&error);
  ck_assert (g_file_set_contents (path, "", 0, NULL) && pt2_ops_add_file (ops, path, NULL));
  ck_assert (g_file_set_contents (path, "mine::x() -> ()", -1, NULL) && pt2_ops_add_file (ops, path, NULL));
  ck_assert_ptr_nonnull (pt2_ops_find (ops, text ("mine::x")));
  remove (path);
  remove (folder);
}
END_TEST

START_TEST (targets_say_what_they_are)
{
  ck_assert_int_eq (pt2_op_target_kind (text ("torch.ops.aten.add.Tensor")), PT2_OP_TARGET_OVERLOAD);
  ck_assert_int_eq (pt2_op_target_kind (text ("torch.ops.higher_order.cond")), PT2_OP_TARGET_HIGHER_ORDER);
  ck_assert_int_eq (pt2_op_target_kind (text ("_operator.floordiv")), PT2_OP_TARGET_SYMBOLIC);
  ck_assert_int_eq (pt2_op_target_kind (text ("#mine:op")), PT2_OP_TARGET_EXTENSION);
  ck_assert_int_eq (pt2_op_target_kind (text ("_operator.add_")), PT2_OP_TARGET_OTHER);
  ck_assert_int_eq (pt2_op_target_kind (text ("")), PT2_OP_TARGET_OTHER);
  ck_assert (pt2_op_is_known_higher_order (text ("torch.ops.higher_order.cond")));
  ck_assert_int_eq (pt2_op_target_kind (text ("torch.ops.map_impl")), PT2_OP_TARGET_HIGHER_ORDER);
  ck_assert (pt2_op_is_known_higher_order (text ("torch.ops.map_impl")));
  ck_assert (!pt2_op_is_known_higher_order (text ("torch.ops.higher_order.con")));
  ck_assert (!pt2_op_is_known_higher_order (text ("torch.ops.aten.cond")));
  guint n;
  const char *const *inputs = pt2_op_symbolic_inputs (text ("torch.sym_ite"), &n);
  ck_assert (n == 3 && strcmp (inputs[1], "t") == 0);
  ck_assert (pt2_op_symbolic_inputs (text ("torch.sym"), &n) == NULL && n == 0);
  const char *const *names = pt2_op_higher_order_names (&n);
  for (guint i = 1; i < n; i++)
    ck_assert_str_lt (names[i - 1], names[i]);
}
END_TEST

static gpointer
find_add (gpointer data)
{
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  return (gpointer)pt2_ops_find (ops, text ("torch.ops.aten.add.Tensor"));
}

/* Whoever asks first reads them, once. */
START_TEST (threads_share_the_built_in_ones)
{
  GThread *threads[8];
  gconstpointer found[8];
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("ops", find_add, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    found[i] = g_thread_join (threads[i]);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    ck_assert (found[i] != NULL && found[i] == found[0]);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { built_in_ones_print_as_they_are_written, 1 },
                             { extensions_are_registered, 1 },
                             { an_operator_says_what_it_takes, 1 },
                             { whatever_the_grammar_has_is_read, 1 },
                             { what_is_no_schema_is_refused, 1 },
                             { a_fault_has_its_place, 1 },
                             { deep_types_stop_at_the_limit, 1 },
                             { memory_is_bounded, 1 },
                             { ones_own_hide_the_built_in, 1 },
                             { files_are_read, 1 },
                             { targets_say_what_they_are, 1 },
                             { threads_share_the_built_in_ones, 1 } };
  return RUN_SUITE ("ops", cases);
}
