/* SPDX-License-Identifier: Apache-2.0 */
/* A program's shape contract: which sizes its inputs may have, and what follows from them.
 *
 * Sizes that are not constant are expressions over symbols (pt2-expr.h). A Pt2Shapes says which symbols a program has,
 * in which ranges, which input dimension defines each, and which guards and run-time assertions hold between them. For
 * given input shapes it solves for the symbols, also through derived sizes such as 2*s17, and gives every other size.
 * docs/shapes.md explains the rules; they are PyTorch's own.
 *
 * Thread rule: a Pt2Shapes does not change once it is made: any number of threads may ask it at once.
 * Since: 1.0
 */
#pragma once

#include "pt2-expr.h"
#include "pt2-program.h"

G_BEGIN_DECLS

/**
 * Pt2Shapes: the contract of one program.
 * Since: 1.0
 */
typedef struct Pt2Shapes Pt2Shapes;

/**
 * Pt2ShapeSymbol:
 * @name: such as "s77"; ends with a NUL
 * @from_input: whether an input defines it; else it is known at run time only, such as the number of nonzero elements
 * @origin: what defines it: "x.shape[0]", "n", "x.shape[0] = 2*s17", the name of a value of the graph; "" if nothing
 * @lower: smallest value, if @has_lower
 * @upper: largest value, if @has_upper
 * @has_lower: whether there is a lower end
 * @has_upper: whether there is an upper end
 * @has_hint: whether it had a value while the program was traced
 * @hint: that value
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String name;
  gboolean from_input;
  Pt2String origin;
  gint64 lower, upper;
  gboolean has_lower, has_upper, has_hint;
  gint64 hint;
} Pt2ShapeSymbol;

/**
 * Pt2ShapeSize: a size that is derived from symbols: its text, and bounds that follow from theirs.
 * Since: 1.0
 */
typedef struct
{
  Pt2String text;
  const Pt2Expr *expr;
  gint64 lower, upper;
  gboolean has_lower, has_upper;
} Pt2ShapeSize;

/**
 * Pt2ShapeDim: a dimension, or an integer that is passed.
 * @expr: (nullable): %NULL if it is the number @value
 * @text: of @expr, as people read it; data %NULL without it
 * @value: the number
 * @symbol: number of the symbol that @expr is; %G_MAXUINT if it is none
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String text;
  const Pt2Expr *expr;
  gint64 value;
  guint symbol;
} Pt2ShapeDim;

/**
 * Pt2ShapeValueKind:
 * @PT2_SHAPE_TENSOR: a tensor; its dimensions
 * @PT2_SHAPE_INTEGER: an integer, or a symbolic one; one dimension that is its value
 * @PT2_SHAPE_OTHER: none of the two
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_SHAPE_TENSOR,
  PT2_SHAPE_INTEGER,
  PT2_SHAPE_OTHER,
} Pt2ShapeValueKind;

/**
 * Pt2ShapeValue: an input that the caller passes, or an output.
 * Since: 1.0
 */
typedef struct
{
  Pt2String name; /* data NULL: a constant output */
  Pt2ShapeValueKind kind;
  const Pt2ShapeDim *dims;
  guint n_dims;
} Pt2ShapeValue;

/**
 * Pt2ShapeGuard:
 * @is_assertion: a node of the graph tests it while it runs; else it stands in the program's list of guards and is
 *   tested before
 * @text: as people read it: "y.shape[0] <= x.shape[0]", "u0 >= 2"
 * @where: field path of the guard's text or of the node
 * @is_checked: %FALSE if it is about something else than shapes, or not understood: it is never said to fail
 *
 * Since: 1.0
 */
typedef struct
{
  gboolean is_assertion;
  Pt2String text;
  Pt2String where;
  gboolean is_checked;
} Pt2ShapeGuard;

/**
 * pt2_shapes_new:
 * @program: a program of any major; kept while the contract lives
 * @limits: (nullable): what its expressions may cost
 *
 * Only the outermost graph counts: what a branch asserts holds where it is taken.
 *
 * Returns: (transfer full) (nullable): the contract; %NULL if a size or range in the program is no expression or a
 *   limit is hit
 * Since: 1.0
 */
PT2_API Pt2Shapes *pt2_shapes_new (Pt2Program *program, const Pt2Limits *limits, GError **error);

/**
 * pt2_shapes_free:
 * @shapes: (nullable): with it go its arrays and expressions
 * Since: 1.0
 */
PT2_API void pt2_shapes_free (Pt2Shapes *shapes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Shapes, pt2_shapes_free)

/**
 * pt2_shapes_get_symbols:
 * Returns: (transfer none) (array length=n): the symbols, those of the inputs first
 * Since: 1.0
 */
PT2_API const Pt2ShapeSymbol *pt2_shapes_get_symbols (const Pt2Shapes *shapes, guint *n);

/**
 * pt2_shapes_get_sizes:
 * Returns: (transfer none) (array length=n): each derived size once
 * Since: 1.0
 */
PT2_API const Pt2ShapeSize *pt2_shapes_get_sizes (const Pt2Shapes *shapes, guint *n);

/**
 * pt2_shapes_get_inputs:
 * Returns: (transfer none) (array length=n): what the caller passes, in order: no parameters, no buffers
 * Since: 1.0
 */
PT2_API const Pt2ShapeValue *pt2_shapes_get_inputs (const Pt2Shapes *shapes, guint *n);

/**
 * pt2_shapes_get_outputs:
 * Returns: (transfer none) (array length=n): all outputs, mutations included
 * Since: 1.0
 */
PT2_API const Pt2ShapeValue *pt2_shapes_get_outputs (const Pt2Shapes *shapes, guint *n);

/**
 * pt2_shapes_get_guards:
 * Returns: (transfer none) (array length=n): the guards, then the assertions in the order of their nodes
 * Since: 1.0
 */
PT2_API const Pt2ShapeGuard *pt2_shapes_get_guards (const Pt2Shapes *shapes, guint *n);

/**
 * Pt2GivenShape: the shape of one input.
 * @name: the input's name
 * @sizes: (array length=n): its sizes; of an integer its value, with @n 1
 *
 * Since: 1.0
 */
typedef struct
{
  const char *name;
  const gint64 *sizes;
  guint n;
} Pt2GivenShape;

/**
 * Pt2ShapeVerdict: what is known of a guard.
 * Since: 1.0
 */
typedef enum
{
  PT2_SHAPE_UNKNOWN, /* it is about what is not known, or is not checked */
  PT2_SHAPE_HOLDS,
  PT2_SHAPE_FAILS,
} Pt2ShapeVerdict;

/**
 * Pt2ShapesAnswer:
 * @fits: no rule is broken, as far as is known
 * @problems: (array length=n_problems): what is broken: %PT2_ERROR_Y013 to %PT2_ERROR_Y018, where says of what
 * @symbols: value of each symbol; kind %PT2_EXPR_NONE: not known
 * @sizes: value of each derived size
 * @inputs: of each input the values of its dimensions: those given, else those that follow
 * @outputs: of each output likewise
 * @guards: what is known of each guard
 *
 * The arrays run beside those of the contract.
 * Since: 1.0
 */
typedef struct
{
  gboolean fits;
  GError *const *problems;
  guint n_problems;
  const Pt2ExprValue *symbols;
  const Pt2ExprValue *sizes;
  const Pt2ExprValue *const *inputs;
  const Pt2ExprValue *const *outputs;
  const Pt2ShapeVerdict *guards;
} Pt2ShapesAnswer;

/**
 * pt2_shapes_solve:
 * @given: (array length=n_given): shapes of inputs; inputs that are left out are not tested
 * @settings: (array length=n_settings): values of symbols
 * @error: %PT2_ERROR_Y011 or %PT2_ERROR_Y012 if there is no symbol or input of a name, or it is named twice
 *
 * Returns: (transfer full) (nullable): what follows
 * Since: 1.0
 */
PT2_API Pt2ShapesAnswer *pt2_shapes_solve (const Pt2Shapes *shapes, const Pt2GivenShape *given, guint n_given,
                                           const Pt2ExprSetting *settings, guint n_settings, GError **error);

/**
 * pt2_shapes_answer_free:
 * @answer: (nullable): lives no longer than its contract
 * Since: 1.0
 */
PT2_API void pt2_shapes_answer_free (Pt2ShapesAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2ShapesAnswer, pt2_shapes_answer_free)

/**
 * pt2_program_check_shapes:
 * @given: (array length=n): shapes of inputs
 * @error: the first rule that is broken
 *
 * For many questions make a Pt2Shapes once.
 *
 * Returns: whether the shapes fit the program, as far as shapes tell
 * Since: 1.0
 */
PT2_API gboolean pt2_program_check_shapes (Pt2Program *program, const Pt2GivenShape *given, guint n, GError **error);

/* ---- as PyTorch's serializer writes expressions ---- */

/**
 * Pt2SymType: which of the schema's unions a value is written as.
 * Since: 1.0
 */
typedef enum
{
  PT2_SYM_TYPE_INT,
  PT2_SYM_TYPE_FLOAT,
  PT2_SYM_TYPE_BOOL,
} Pt2SymType;

/**
 * Pt2SymValue:
 * @text: (nullable): %NULL if the value is concrete; else the expression as the file spells it
 * @value: the concrete value, or the hint; kind %PT2_EXPR_NONE: no hint
 *
 * What goes into a SymInt, SymFloat or SymBool.
 * Since: 1.0
 */
typedef struct
{
  Pt2SymType type;
  char *text;
  Pt2ExprValue value;
} Pt2SymValue;

/**
 * pt2_sym_value_make:
 * @pool: the pool of @expr
 * @hints: (array length=n): what the symbols stood for while tracing; the hint is what @expr gives for them, and there
 *   is none if a symbol has no hint. A SymBool never has one
 * @value: (out caller-allocates): free with pt2_sym_value_clear()
 * @error: %PT2_ERROR_Y010 if @expr is a number where a boolean is meant or the reverse, %PT2_ERROR_Y019 if the number
 *   does not fit the schema's type
 *
 * Returns: %TRUE, or %FALSE on an error
 * Since: 1.0
 */
PT2_API gboolean pt2_sym_value_make (Pt2ExprPool *pool, const Pt2Expr *expr, Pt2SymType type,
                                     const Pt2ExprSetting *hints, guint n, Pt2SymValue *value, GError **error);

/**
 * pt2_sym_value_clear:
 * Frees what @value owns.
 * Since: 1.0
 */
PT2_API void pt2_sym_value_clear (Pt2SymValue *value);

/**
 * pt2_range_make:
 * @bounds: ends of a symbol
 * @range: (out caller-allocates): an infinite end is open, a fraction is rounded inward; its name is empty
 * @error: %PT2_ERROR_Y019 if an end is no number of 64 bits, %PT2_ERROR_Y009 if no integer is left
 *
 * Returns: %TRUE, or %FALSE on an error
 * Since: 1.0
 */
PT2_API gboolean pt2_range_make (const Pt2ExprRange *bounds, Pt2Range *range, GError **error);

G_END_DECLS
