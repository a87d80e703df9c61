/* SPDX-License-Identifier: Apache-2.0 */
/* Symbolic expressions: what PyTorch writes for sizes, strides, offsets and conditions that are not constant.
 *
 * An expression is read from infix text (`2*s77 + 1`) or from srepr text (`Add(Mul(Integer(2), Symbol('s77'…`), by a
 * grammar and not by running it. It can be printed as it was, brought to its normal form, evaluated exactly, and
 * bounded. docs/symbols.md has the grammar and the meaning of every function.
 *
 * Expressions belong to a pool and live as long as it does; the same expression is the same pointer.
 *
 * Thread rule: a pool is for one thread while it parses or makes expressions; printing, evaluating and looking into
 * expressions change nothing and may be done from any thread.
 * Since: 1.0
 */
#pragma once

#include "pt2-error.h"
#include "pt2-limits.h"

G_BEGIN_DECLS

/**
 * Pt2ExprPool: owns expressions.
 * Since: 1.0
 */
typedef struct Pt2ExprPool Pt2ExprPool;

/**
 * Pt2Expr: an immutable expression of a pool.
 * Since: 1.0
 */
typedef struct Pt2Expr Pt2Expr;

/**
 * Pt2ExprSpelling:
 * @PT2_EXPR_SREPR: as files since torch 2.6 spell it; an expression read from such text prints the same bytes
 * @PT2_EXPR_STR: as torch's `str()` does and files up to torch 2.5 hold; it loses some (`FloorDiv` and `CleanDiv`
 *   look alike, floats have 15 digits)
 * @PT2_EXPR_EXACT: infix for people that reads back as an expression with the same normal form
 * @PT2_EXPR_WRITTEN: srepr as PyTorch's serializer writes it for an expression in normal form: as
 *   @PT2_EXPR_SREPR, but a negative coefficient is two factors, `Mul(Integer(-1), Integer(3), …)`
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_EXPR_SREPR,
  PT2_EXPR_STR,
  PT2_EXPR_EXACT,
  PT2_EXPR_WRITTEN,
} Pt2ExprSpelling;

/**
 * Pt2ExprValueKind:
 * @PT2_EXPR_NONE: no value
 * @PT2_EXPR_INTEGER: @integer
 * @PT2_EXPR_BIG: an integer that needs more than 64 bits: @digits; @number is near it
 * @PT2_EXPR_FRACTION: @digits is `1/3`; @number is the nearest double
 * @PT2_EXPR_FLOAT: @number
 * @PT2_EXPR_BOOLEAN: @integer is 0 or 1
 * @PT2_EXPR_INFINITY: @integer is -1 or 1
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_EXPR_NONE,
  PT2_EXPR_INTEGER,
  PT2_EXPR_BIG,
  PT2_EXPR_FRACTION,
  PT2_EXPR_FLOAT,
  PT2_EXPR_BOOLEAN,
  PT2_EXPR_INFINITY,
} Pt2ExprValueKind;

/**
 * Pt2ExprValue:
 * @kind: what it is, and which of the others hold it
 * @integer: see @kind
 * @number: see @kind
 * @digits: decimal text of BIG and FRACTION, else %NULL
 *
 * A number or boolean: what a symbol stands for, what an expression gives, an end of a range. Free what a function
 * filled in with pt2_expr_value_clear().
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2ExprValueKind kind;
  int64_t integer;
  double number;
  char *digits;
} Pt2ExprValue;

/**
 * Pt2ExprSetting: the value of a symbol.
 * Since: 1.0
 */
typedef struct
{
  const char *name;
  Pt2ExprValue value;
} Pt2ExprSetting;

/**
 * Pt2ExprRange: what is known of a symbol or found of an expression: @lower <= value <= @upper. Open ends are
 *   infinite; a boolean has boolean ends.
 * Since: 1.0
 */
typedef struct
{
  const char *name; /* of the symbol; %NULL in a result */
  Pt2ExprValue lower;
  Pt2ExprValue upper;
} Pt2ExprRange;

/**
 * pt2_expr_pool_new:
 * @limits: (nullable): what its expressions may cost: expression-length, expression-depth, expression-nodes,
 *   integer-bits, memory; %NULL for the defaults
 *
 * Returns: (transfer full) (nullable): a pool; %NULL if the system has no memory
 * Since: 1.0
 */
PT2_API Pt2ExprPool *pt2_expr_pool_new (const Pt2Limits *limits);

/**
 * pt2_expr_pool_free:
 * @pool: (nullable): with it go its expressions
 * Since: 1.0
 */
PT2_API void pt2_expr_pool_free (Pt2ExprPool *pool);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2ExprPool, pt2_expr_pool_free)

/**
 * pt2_expr_parse:
 * @text: infix or srepr text, or a mixture
 * @len: its bytes; -1 if it ends with a NUL
 * @error: %PT2_ERROR_Y001 to %PT2_ERROR_Y006 with the byte offset in the text, or a limit
 *
 * Nothing is simplified: printed in the spelling it came in, the expression has the same bytes.
 *
 * Returns: (transfer none) (nullable): the expression
 * Since: 1.0
 */
PT2_API const Pt2Expr *pt2_expr_parse (Pt2ExprPool *pool, const char *text, gssize len, GError **error);

/**
 * pt2_expr_integer:
 * Returns: (transfer none) (nullable): @value as an expression
 * Since: 1.0
 */
PT2_API const Pt2Expr *pt2_expr_integer (Pt2ExprPool *pool, int64_t value, GError **error);

/**
 * pt2_expr_make:
 * @name: an operation as srepr names it: "Add", "FloorDiv", "StrictLessThan"
 * @args: (array length=n): expressions of @pool
 *
 * Returns: (transfer none) (nullable): the operation on @args, not simplified; %PT2_ERROR_Y002 or %PT2_ERROR_Y003
 *   if there is none of that name or it takes another number of arguments
 * Since: 1.0
 */
PT2_API const Pt2Expr *pt2_expr_make (Pt2ExprPool *pool, const char *name, const Pt2Expr *const *args, guint n,
                                      GError **error);

/**
 * pt2_expr_normal:
 * @expr: an expression of @pool
 *
 * The normal form: spellings that SymPy's automatic simplification makes equal, and those that differ in what they
 * assume of a symbol, have the same one, which is the same pointer. It is its own normal form.
 *
 * Returns: (transfer none) (nullable): the normal form; %PT2_ERROR_L012 if a constant in it has too many digits
 * Since: 1.0
 */
PT2_API const Pt2Expr *pt2_expr_normal (Pt2ExprPool *pool, const Pt2Expr *expr, GError **error);

/**
 * pt2_expr_print:
 * @len: (out) (optional): bytes of the text
 *
 * Returns: (transfer full) (nullable): the text, ends with a NUL; %NULL if the system has no memory
 * Since: 1.0
 */
PT2_API char *pt2_expr_print (const Pt2Expr *expr, Pt2ExprSpelling spelling, gsize *len);

/**
 * pt2_expr_get_name:
 * Returns: (transfer none): the operation as srepr names it; "Symbol", "Integer", "Rational", "Float", "true",
 *   "false", "oo" or "-oo" for leaves
 * Since: 1.0
 */
PT2_API const char *pt2_expr_get_name (const Pt2Expr *expr);

/**
 * pt2_expr_get_args:
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): the arguments; none for leaves
 * Since: 1.0
 */
PT2_API const Pt2Expr *const *pt2_expr_get_args (const Pt2Expr *expr, guint *n);

/**
 * pt2_expr_get_symbol:
 * Returns: the name of a symbol, or an absent string if @expr is none
 * Since: 1.0
 */
PT2_API Pt2String pt2_expr_get_symbol (const Pt2Expr *expr);

/**
 * pt2_expr_is_boolean:
 * Returns: whether the value of @expr is true or false, not a number
 * Since: 1.0
 */
PT2_API gboolean pt2_expr_is_boolean (const Pt2Expr *expr);

/**
 * pt2_expr_is_integer:
 * Returns: whether the value of @expr, if it has one, is known to be an integer; symbols named s…, u… and i… and
 *   those assumed to be integers are
 * Since: 1.0
 */
PT2_API gboolean pt2_expr_is_integer (const Pt2Expr *expr);

/**
 * pt2_expr_free_symbols:
 * @n: (out): how many
 *
 * Returns: (transfer container) (array length=n) (nullable): the names of all symbols in @expr, sorted, each once;
 *   free with g_free(); %NULL if there are none
 * Since: 1.0
 */
PT2_API Pt2String *pt2_expr_free_symbols (const Pt2Expr *expr, guint *n);

/**
 * pt2_expr_evaluate:
 * @settings: (array length=n): values of symbols; other names in it do not matter
 * @limits: (nullable): integer-bits counts
 * @value: (out caller-allocates): the value; kind %PT2_EXPR_NONE on failure
 * @error: %PT2_ERROR_Y007 if the result is undefined, %PT2_ERROR_Y008 if a symbol has no value, %PT2_ERROR_Y010 if a
 *   boolean stands where a number is meant, %PT2_ERROR_L012 if an integer has too many digits
 *
 * Integers and fractions are exact, floats are IEEE doubles; every branch is evaluated.
 *
 * Returns: whether @expr has a value
 * Since: 1.0
 */
PT2_API gboolean pt2_expr_evaluate (const Pt2Expr *expr, const Pt2ExprSetting *settings, guint n,
                                    const Pt2Limits *limits, Pt2ExprValue *value, GError **error);

/**
 * Pt2ExprPlan: an expression made ready to be evaluated many times.
 * Since: 1.0
 */
typedef struct Pt2ExprPlan Pt2ExprPlan;

/**
 * pt2_expr_plan_new:
 * @names: (array length=n): the symbols whose values will be given, in this order
 * @error: %PT2_ERROR_Y008 if @expr has another symbol
 *
 * Returns: (transfer full) (nullable): a plan, which needs no pool any more but for the numbers in @expr: it lives
 *   no longer than @expr
 * Since: 1.0
 */
PT2_API Pt2ExprPlan *pt2_expr_plan_new (const Pt2Expr *expr, const char *const *names, guint n, GError **error);

/**
 * pt2_expr_plan_free:
 * Since: 1.0
 */
PT2_API void pt2_expr_plan_free (Pt2ExprPlan *plan);

/**
 * pt2_expr_plan_nodes:
 * Returns: how many nodes one run evaluates
 * Since: 1.0
 */
PT2_API guint pt2_expr_plan_nodes (const Pt2ExprPlan *plan);

/**
 * pt2_expr_plan_run:
 * @values: integer values of the symbols, in the order of their names
 * @value: (out caller-allocates): as of pt2_expr_evaluate()
 *
 * Not from two threads at once.
 *
 * Returns: whether there is a value
 * Since: 1.0
 */
PT2_API gboolean pt2_expr_plan_run (Pt2ExprPlan *plan, const int64_t *values, Pt2ExprValue *value, GError **error);

/**
 * pt2_expr_bounds:
 * @expr: an expression of @pool
 * @ranges: (array length=n): what is known of symbols; of others, what their text assumes
 * @bounds: (out caller-allocates): every value of @expr inside the ranges lies in it
 * @error: %PT2_ERROR_Y009 if a range is empty
 *
 * Returns: %TRUE, or %FALSE on an error
 * Since: 1.0
 */
PT2_API gboolean pt2_expr_bounds (Pt2ExprPool *pool, const Pt2Expr *expr, const Pt2ExprRange *ranges, guint n,
                                  Pt2ExprRange *bounds, GError **error);

/**
 * Pt2ExprTruth: what the ranges of its symbols say of a condition.
 * Since: 1.0
 */
typedef enum
{
  PT2_EXPR_UNDECIDED,
  PT2_EXPR_ALWAYS,
  PT2_EXPR_NEVER,
} Pt2ExprTruth;

/**
 * pt2_expr_decide:
 * @condition: a boolean expression of @pool
 *
 * Returns: whether @condition holds for all values in the ranges, for none, or neither is known; undecided on an
 *   error as well
 * Since: 1.0
 */
PT2_API Pt2ExprTruth pt2_expr_decide (Pt2ExprPool *pool, const Pt2Expr *condition, const Pt2ExprRange *ranges, guint n,
                                      GError **error);

/**
 * pt2_expr_value_parse:
 * @text: an integer, a fraction, a float, `true` or `false` (`True`, `False`), `oo`, `-oo`
 * @len: its bytes; -1 if it ends with a NUL
 *
 * Returns: whether @text is a value; else %FALSE and %PT2_ERROR_Y005
 * Since: 1.0
 */
PT2_API gboolean pt2_expr_value_parse (const char *text, gssize len, Pt2ExprValue *value, GError **error);

/**
 * pt2_expr_value_clear:
 * Frees what @value owns.
 * Since: 1.0
 */
PT2_API void pt2_expr_value_clear (Pt2ExprValue *value);

G_END_DECLS
