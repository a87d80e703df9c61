/* SPDX-License-Identifier: Apache-2.0 */
#include "canon_operators.h"
#include <string.h>

static const char *const aliases[] = {
#define ALIASES(name) #name,
#define WRITES(name, to)
#define RANDOM(name, unless)
#include "canon_operators.def"
#undef ALIASES
#undef WRITES
#undef RANDOM
};

static const struct
{
  const char *name;
  CanonWritten written;
} writers[] = {
#define ALIASES(name)
#define WRITES(name, to) { #name, CANON_WRITTEN_##to },
#define RANDOM(name, unless)
#include "canon_operators.def"
#undef ALIASES
#undef WRITES
#undef RANDOM
};

static const struct
{
  const char *name;
  const char *unless;
} random_ones[] = {
#define ALIASES(name)
#define WRITES(name, to)
#define RANDOM(name, unless) { #name, unless },
#include "canon_operators.def"
#undef ALIASES
#undef WRITES
#undef RANDOM
};

static bool
is (Pt2String text, const char *word)
{
  return text.len == strlen (word) && memcmp (text.data, word, text.len) == 0;
}

static bool
cut_prefix (Pt2String *text, const char *prefix)
{
  uint32_t len = (uint32_t)strlen (prefix);
  if (text->len < len || memcmp (text->data, prefix, len) != 0)
    return false;
  *text = (Pt2String){ text->data + len, text->len - len };
  return true;
}

/* What stands before the next dot, which goes with it. */
static Pt2String
cut_word (Pt2String *text)
{
  const char *dot = memchr (text->data, '.', text->len);
  uint32_t len = dot != NULL ? (uint32_t)(dot - text->data) : text->len;
  Pt2String word = { text->data, len };
  uint32_t cut = MIN (len + 1, text->len);
  *text = (Pt2String){ text->data + cut, text->len - cut };
  return word;
}

/* add_, __iand__ */
static bool
is_in_place (Pt2String name)
{
  Pt2String rest = name;
  if (name.len > 4 && memcmp (name.data + name.len - 2, "__", 2) == 0)
    return cut_prefix (&rest, "__i") && !is (name, "__is__") && !is (name, "__isnot__");
  return name.len > 1 && name.data[name.len - 1] == '_';
}

/* Overloads whose results go into arguments: `out`, and what they are called where there are several. */
static bool
is_into_arguments (Pt2String overload)
{
  static const char *const words[] = {
    "out", "Out", "grad_input", "values", "dim_max", "dim_min", "max",        "min",           "a",          "U", "L",
    "e",   "X",   "inverse",    "sign",   "result",  "eigvals", "dim_values", "values_stable", "eigenvalues"
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (words); i++)
    if (i < 3 ? g_strstr_len (overload.data, overload.len, words[i]) != NULL : is (overload, words[i]))
      return !is (overload, "dtype_layout") && !is (overload, "output_mask");
  return false;
}

/* PLAIN: the name without the underscore that says "in place". */
static CanonWritten
written_by (Pt2String name, Pt2String plain, Pt2String overload)
{
  if (is_into_arguments (overload))
    return CANON_WRITTEN_ALL;
  for (unsigned i = 0; i < G_N_ELEMENTS (writers); i++)
    if (is (plain, writers[i].name))
      return writers[i].written;
  if (!is_in_place (name))
    return CANON_WRITTEN_NOTHING;
  /* Some of those that begin so write to several. */
  return name.data[0] == '_' && name.data[1] != '_' ? CANON_WRITTEN_ALL : CANON_WRITTEN_FIRST;
}

static bool
does_alias (Pt2String name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (is (name, aliases[i]))
      return true;
  return false;
}

static CanonOperator
aten_operator (Pt2String rest)
{
  Pt2String name = cut_word (&rest), plain = name;
  plain.len -= is_in_place (name);
  CanonOperator result = { .written = written_by (name, plain, rest) };
  result.aliases = result.written != CANON_WRITTEN_NOTHING || does_alias (name);
  for (unsigned i = 0; i < G_N_ELEMENTS (random_ones); i++)
    if (is (plain, random_ones[i].name))
      {
        result.ordered = true;
        result.unless = random_ones[i].unless;
      }
  return result;
}

CanonOperator
canon_operator (Pt2String target, bool training)
{
  static const CanonOperator nothing = { CANON_WRITTEN_NOTHING, false, false, false, NULL };
  const CanonOperator stranger = { .written = training ? CANON_WRITTEN_ALL : CANON_WRITTEN_NOTHING, .aliases = true };
  Pt2String rest = target;
  if (cut_prefix (&rest, "torch.ops.aten."))
    return aten_operator (rest);
  if (cut_prefix (&rest, "torch.ops.quantized_decomposed."))
    return nothing;
  if (cut_prefix (&rest, "torch.ops._c10d_functional.") || cut_prefix (&rest, "torch.ops.c10d."))
    return (CanonOperator){ .written = CANON_WRITTEN_ALL, .aliases = true, .ordered = true };
  if (cut_prefix (&rest, "torch.ops.") || cut_prefix (&rest, "#"))
    return stranger;
  if (cut_prefix (&rest, "_operator.") || cut_prefix (&rest, "math.") || cut_prefix (&rest, "torch.sym_")
      || cut_prefix (&rest, "torch._sym_"))
    return nothing;
  return (CanonOperator){ .state = true };
}
