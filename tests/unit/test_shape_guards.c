/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/shapes_python: texts of guards are understood as Python means them, or left alone. */
#include "shapes_help.h"
#include "suite.h"

static const struct
{
  const char *text; /* a is [s0, s1], b an integer; a=7,12 and b=3 are given */
  Pt2ShapeVerdict verdict;
} guard_texts[] = {
  { "L['a'].size()[0] == 7", PT2_SHAPE_HOLDS },
  { "L['a'].size()[0] != 7", PT2_SHAPE_FAILS },
  { "7 < L['a'].size()[1]", PT2_SHAPE_HOLDS },
  { "L['b'] >= 4", PT2_SHAPE_FAILS },
  { "1 < L['b'] < 4 <= L['a'].size()[0]", PT2_SHAPE_HOLDS },
  { "1 < L['b'] < 3 <= L['a'].size()[0]", PT2_SHAPE_FAILS },
  { "L['b'] == 1 or L['b'] == 3", PT2_SHAPE_HOLDS },
  { "L['b'] == 1 or L['b'] == 3 and L['b'] == 2", PT2_SHAPE_FAILS },
  { "not L['b'] == 1 and not (L['b'] == 2)", PT2_SHAPE_HOLDS },
  { "(-3) + L['a'].size()[0] == 4", PT2_SHAPE_HOLDS },
  { "L['a'].size()[0] - L['b'] - 1 == 3", PT2_SHAPE_HOLDS },
  { "-L['b'] ** 2 == -9", PT2_SHAPE_HOLDS },
  { "2 ** -1 * 4 == 2", PT2_SHAPE_HOLDS },
  { "2 ** 3 ** 2 == 512", PT2_SHAPE_HOLDS },
  { "2*L['b'] + 3*L['a'].size()[0]*2 == 48", PT2_SHAPE_HOLDS },
  { "((-1)*L['b']) // 2 == -2", PT2_SHAPE_HOLDS },
  { "((-1)*L['b']) % 2 == 1", PT2_SHAPE_HOLDS },
  { "12 % 7 * 2 == 10", PT2_SHAPE_HOLDS },
  { "L['a'].size()[0] / 2 > 3.4", PT2_SHAPE_HOLDS },
  { "L['a'].size()[0] / 2 > 3.5e+0", PT2_SHAPE_FAILS },
  { "torch.sym_float(L['b']) / 2.0 == 1.5", PT2_SHAPE_HOLDS },
  { "torch.sym_max(1, L['b'], 2) == 3", PT2_SHAPE_HOLDS },
  { "min(L['b'], 2) + max(L['b'], 2) == 5", PT2_SHAPE_HOLDS },
  { "abs(1 - L['b']) == 2", PT2_SHAPE_HOLDS },
  { "math.floor(L['b'] / 2) + math.ceil(L['b'] / 2) + math.trunc(1.5) == 4", PT2_SHAPE_HOLDS },
  { "round(2.5) == 2 and round(2.25, 1) == 2.2", PT2_SHAPE_HOLDS },
  { "torch._sym_sqrt(16) == 4.0", PT2_SHAPE_HOLDS },
  { "math.cos(0) == 1.0 and math.log2(8) == 3.0", PT2_SHAPE_HOLDS },
  { "(5 if L['b'] > 2 else 6) == 5", PT2_SHAPE_HOLDS },
  { "(5 if L['b'] > 3 else 6 if L['b'] > 2 else 7) == 6", PT2_SHAPE_HOLDS },
  { "L['b'] & 2 == 2", PT2_SHAPE_HOLDS }, /* unlike in C */
  { "(L['b'] & 2) == 2 and (L['b'] | 4) == 7 and (L['b'] ^ 1) == 2", PT2_SHAPE_HOLDS },
  { "L['b'] << 2 == 12 and L['b'] >> 1 == 1", PT2_SHAPE_HOLDS },
  { "L['b'] < math.inf", PT2_SHAPE_HOLDS },
  { "True", PT2_SHAPE_HOLDS },
  { "L['flat_args'][1] == 3 and L['flat_args'][0].size()[1] == 12", PT2_SHAPE_HOLDS },
  { "L['b'] // 0 == 1", PT2_SHAPE_FAILS }, /* it raises */
  { "L[\\\"b\\\"] == 3", PT2_SHAPE_HOLDS },
  /* not understood, or about something else than shapes */
  { "L['b']", PT2_SHAPE_UNKNOWN },
  { "L['a'] == 3", PT2_SHAPE_UNKNOWN },
  { "L['c'] == 3", PT2_SHAPE_UNKNOWN },
  { "L['a'].size()[2] == 3", PT2_SHAPE_UNKNOWN },
  { "L['a'].size()[0] == 'x'", PT2_SHAPE_UNKNOWN },
  { "L['a'].stride()[0] == 1", PT2_SHAPE_UNKNOWN },
  { "L['a'].size() == 1", PT2_SHAPE_UNKNOWN },
  { "L['b'].size()[0] == 1", PT2_SHAPE_UNKNOWN },
  { "L['flat_args'][2] == 3", PT2_SHAPE_UNKNOWN },
  { "__import__('os').system('true') == 0", PT2_SHAPE_UNKNOWN },
  { "open(3) == 0", PT2_SHAPE_UNKNOWN },
  { "round(1, 2, 3) == 0", PT2_SHAPE_UNKNOWN },
  { "L['b'] == 3)", PT2_SHAPE_UNKNOWN },
  { "(L['b'] == 3", PT2_SHAPE_UNKNOWN },
  { "L['b'] ==", PT2_SHAPE_UNKNOWN },
  { "L['b'", PT2_SHAPE_UNKNOWN },
  { "L[", PT2_SHAPE_UNKNOWN },
  { "not", PT2_SHAPE_UNKNOWN },
  { "1 == 1 andalso", PT2_SHAPE_UNKNOWN },
  { "", PT2_SHAPE_UNKNOWN },
};

START_TEST (guards_are_understood)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", guard_texts[_i].text);
  g_autoptr (Pt2Shapes) shapes = made ("s0,s1;#s2", "", quoted);
  guint n;
  const Pt2ShapeGuard *guards = pt2_shapes_get_guards (shapes, &n);
  ck_assert_uint_eq (n, 1);
  ck_assert_msg (guards[0].is_checked == (guard_texts[_i].verdict != PT2_SHAPE_UNKNOWN), "%s", guard_texts[_i].text);
  if (!guards[0].is_checked)
    MUST_READ (guards[0].text, guard_texts[_i].text);
  g_autoptr (Pt2ShapesAnswer) answer = ask (shapes, "a=7,12 b=3");
  ck_assert_msg (answer->guards[0] == guard_texts[_i].verdict, "%s: %d", guard_texts[_i].text, answer->guards[0]);
  ck_assert_int_eq (answer->fits, guard_texts[_i].verdict != PT2_SHAPE_FAILS);
}
END_TEST

START_TEST (deep_guards_are_left)
{
  enum
  {
    DEEP = 100000
  };
  g_autofree char *open = g_strnfill (DEEP, '('), *close = g_strnfill (DEEP, ')');
  g_autofree char *deep = g_strdup_printf ("\"%s1 == 1%s\"", open, close);
  g_autoptr (Pt2Shapes) shapes = made ("s0", "", deep);
  guint n;
  ck_assert (!pt2_shapes_get_guards (shapes, &n)[0].is_checked);
  /* A long one is no deep one. */
  g_autoptr (GString) sum = g_string_new ("\"1");
  for (guint i = 0; i < 20000; i++)
    g_string_append (sum, " + 1");
  g_string_append (sum, " == 20001\"");
  g_autoptr (Pt2Shapes) others = made ("s0", "", sum->str);
  g_autoptr (Pt2ShapesAnswer) answer = ask (others, "");
  ck_assert_int_eq (answer->guards[0], PT2_SHAPE_HOLDS);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { guards_are_understood, G_N_ELEMENTS (guard_texts) },
    { deep_guards_are_left, 1 },
  };
  return RUN_SUITE ("shape_guards", cases);
}
