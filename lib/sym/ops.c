/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations and the names in it. */
#include "sym_bounds.h"
#include "sym_evaluate.h"
#include "sym_private.h"
#include <string.h>

const SymOpInfo sym_ops[SYM_N_OPS] = {
#define SYM_OP(id, name, least, most, result, binds, major, minor, spelling, evaluate, bound, flags)                   \
  { name,  sizeof name - 1, least, most,  SYM_RESULT_##result,     SYM_PRINT_##spelling,                               \
    flags, binds,           major, minor, sym_evaluate_##evaluate, sym_bound_##bound },
#include "sym_ops.def"
#undef SYM_OP
};

const char *const sym_constant_names[SYM_N_CONSTANTS] = { "nan", "zoo", "pi", "E", "I" };

const char *const sym_assumption_names[SYM_N_ASSUMPTIONS]
    = { "integer", "positive", "nonnegative", "negative", "nonpositive", "real",    "nonzero",      "zero",
        "even",    "odd",      "finite",      "rational", "commutative", "complex", "extended_real" };

typedef struct
{
  const char *name;
  SymOp op;
} Alias;

static const Alias aliases[] = {
  { "Eq", SYM_EQ }, { "Ne", SYM_NE }, { "Lt", SYM_LT }, { "Le", SYM_LE }, { "Gt", SYM_GT }, { "Ge", SYM_GE },
};

/* A perfect hash would save little: names differ in length or first letters. */
SymOp
sym_find_op (const char *name, size_t len)
{
  for (SymOp op = SYM_ADD; op < SYM_N_OPS; op++)
    if (sym_ops[op].name_len == len && memcmp (sym_ops[op].name, name, len) == 0)
      return op;
  for (size_t i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (strlen (aliases[i].name) == len && memcmp (aliases[i].name, name, len) == 0)
      return aliases[i].op;
  return SYM_N_OPS;
}
