/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a Pt2Shapes. Everything in it lies in its arena and its pool; nothing changes after pt2_shapes_new(). */
#pragma once

#include "pt2-shapes.h"
#include "shapes_source.h"
#include "text_index.h"

/* An array that grows in the arena. */
#define PT2_SHAPE_ARRAY(Type)                                                                                          \
  struct                                                                                                               \
  {                                                                                                                    \
    Type *items;                                                                                                       \
    guint n, room;                                                                                                     \
  }

/* A text of the program, once. */
typedef struct
{
  Pt2String text; /* as the program spells it; first, for the index */
  const Pt2Expr *expr;
  const Pt2Expr *normal;
  Pt2String shown;
} ShapeText;

/* What an expression needs to be evaluated: its symbols, as numbers of the contract's symbols or, in guards, of the
 * inputs' dimensions. */
typedef struct
{
  const Pt2Expr *expr; /* NULL: not evaluated */
  const guint *ids;
  guint n;
} ShapeFormula;

/* A dimension of an input. */
typedef struct
{
  guint input, dim;
  const Pt2Expr *normal; /* NULL: the number is given */
  ShapeFormula formula;
  const char *source; /* how a guard's expression calls it */
} ShapeEquation;

/* A range constraint. */
typedef struct
{
  Pt2Range range;
  const Pt2Expr *normal;
  ShapeFormula formula;
} ShapeRange;

/* A value of the graph by name. */
typedef struct
{
  Pt2String name; /* first, for the index */
  Pt2Source meta; /* a TensorMeta, or a SymInt, SymFloat, SymBool */
  Pt2ShapeValueKind kind;
  bool seen;    /* as what a node gives */
  guint output; /* number of the first output that it is, + 1; 0: none */
} ShapeEntry;

struct Pt2Shapes
{
  Pt2Arena arena;
  Pt2ExprPool *pool;
  Pt2Program *program;
  Pt2Limits limits;

  PT2_SHAPE_ARRAY (ShapeText) texts;
  PT2_SHAPE_ARRAY (Pt2ShapeSymbol) symbols;
  PT2_SHAPE_ARRAY (Pt2ShapeSize) sizes;
  PT2_SHAPE_ARRAY (Pt2ShapeValue) inputs, outputs;
  PT2_SHAPE_ARRAY (Pt2ShapeGuard) guards;
  PT2_SHAPE_ARRAY (ShapeEquation) equations;
  PT2_SHAPE_ARRAY (ShapeRange) ranges;
  PT2_SHAPE_ARRAY (ShapeEntry) entries;
  Pt2TextIndex text_index, symbol_index, size_index, input_index, entry_index;

  const guint *first_equation;         /* of each input, and one behind the last */
  const ShapeFormula *output_formulas; /* of the dimensions of the outputs */
  const guint *first_output_dim;       /* of each output in them; one that is given out twice has them once */
  guint n_output_dims;
  const ShapeFormula *size_formulas;
  PT2_SHAPE_ARRAY (ShapeFormula) guard_formulas; /* beside the guards; symbols of an assertion, dimensions of others */
};

/* ---- memory ---- */

/* Zeroed. NULL and L001 or L003 on failure. */
void *pt2_shapes_alloc (Pt2Shapes *shapes, gsize n, gsize size, GError **error);
/* A copy that ends with a NUL. */
bool pt2_shapes_copy (Pt2Shapes *shapes, const char *text, gsize len, Pt2String *out, GError **error);
/* Room for one more; the new item is zeroed and not counted yet. */
bool pt2_shapes_grow (Pt2Shapes *shapes, void *items, guint n, guint *room, gsize size, GError **error);
#define PT2_SHAPES_GROW(shapes, array, error)                                                                          \
  pt2_shapes_grow (shapes, &(array).items, (array).n, &(array).room, sizeof *(array).items, error)

/* ---- expressions ---- */

/* Number of the program's text, parsed when it is first asked for; its symbols become the contract's. */
bool pt2_shapes_text (Pt2Shapes *shapes, Pt2String text, const char *where, guint *number, GError **error);
/* Its symbols must be known. */
bool pt2_shapes_formula (Pt2Shapes *shapes, const Pt2Expr *expr, ShapeFormula *formula, GError **error);
guint pt2_shapes_find_symbol (const Pt2Shapes *shapes, Pt2String name);

typedef enum
{
  SHAPE_KNOWN,
  SHAPE_NOT_KNOWN, /* a symbol has no value */
  SHAPE_UNDEFINED, /* ERROR says why */
} ShapeOutcome;

/* Value of FORMULA, whose symbols are called NAME (data, id) and have VALUES. */
typedef const char *(*ShapeNameFunc) (const Pt2Shapes *shapes, guint id);
const char *pt2_shapes_symbol_name (const Pt2Shapes *shapes, guint id);
const char *pt2_shapes_source_name (const Pt2Shapes *shapes, guint id);
ShapeOutcome pt2_shapes_evaluate (const Pt2Shapes *shapes, const ShapeFormula *formula, ShapeNameFunc name,
                                  const Pt2ExprValue *values, Pt2ExprValue *out, GError **error);

/* "x.shape[0]", or "n" for an integer. (transfer full) */
char *pt2_shapes_dim_name (const Pt2ShapeValue *value, guint dim);

/* ---- parts of the contract, each made by a file of its own ---- */

bool pt2_shapes_read_values (Pt2Shapes *shapes, GError **error); /* inputs, outputs, all values of the graph */
bool pt2_shapes_read_nodes (Pt2Shapes *shapes, GError **error);  /* sizes, origins, assertions */
bool pt2_shapes_read_guards (Pt2Shapes *shapes, GError **error); /* the list of guards */
bool pt2_shapes_find_hints (Pt2Shapes *shapes, GError **error);  /* also through derived sizes */
bool pt2_shapes_add_guard (Pt2Shapes *shapes, const Pt2ShapeGuard *guard, const ShapeFormula *formula, GError **error);
ShapeEntry *pt2_shapes_find_entry (const Pt2Shapes *shapes, Pt2String name);
/* A size of SymInt form: *TEXT a number of a text, or G_MAXUINT and *VALUE; false if it is neither, or with ERROR. */
bool pt2_shapes_sym (Pt2Shapes *shapes, Pt2Source sym, const char *where, guint *text, gint64 *value, GError **error);

/* What texts of guards call the inputs. */
typedef struct Pt2ShapePaths Pt2ShapePaths;
Pt2ShapePaths *pt2_shape_paths_new (Pt2Shapes *shapes, GError **error);
typedef enum
{
  SHAPE_STEP_KEY,       /* ['k'] */
  SHAPE_STEP_INDEX,     /* [3] */
  SHAPE_STEP_ATTRIBUTE, /* .k */
} ShapeStepKind;
typedef struct
{
  ShapeStepKind kind;
  Pt2String text;
} ShapeStep;
/* Number of the input, or G_MAXUINT. */
guint pt2_shape_paths_find (const Pt2ShapePaths *paths, const ShapeStep *steps, guint n);
void pt2_shape_paths_free (Pt2ShapePaths *paths);

/* TEXT as a condition on the dimensions of inputs. *CONDITION is NULL if it is not understood, and *SHOWN then TEXT.
 * (transfer full) *SHOWN */
void pt2_shape_guard_parse (Pt2Shapes *shapes, const Pt2ShapePaths *paths, Pt2String text, const Pt2Expr **condition,
                            char **shown);

/* Fills in the symbols that have no value from the given sizes of equations (beside the equations; not given where
 * GIVEN is false). FROM gets the equation that each symbol's value is from, where it is from one. */
typedef struct
{
  Pt2ExprValue *symbols;
  guint *from;
  const gint64 *sizes;
  const bool *given;
  guint failed; /* an equation that no integer solves; G_MAXUINT: none */
} ShapeSystem;
bool pt2_shapes_solve_system (const Pt2Shapes *shapes, ShapeSystem *system, GError **error);
