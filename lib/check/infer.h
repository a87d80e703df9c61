/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator gives, from what it is given: type of elements and shape, as far as its rule knows. A rule that does
 * not know says so by leaving it unknown; nothing is then compared. Never looks at an element.
 */
#pragma once

#include "operators.h"

typedef enum
{
  DIM_UNKNOWN,
  DIM_NUMBER,
  DIM_SYMBOLIC,
} DimKind;

/* A dimension. */
typedef struct
{
  DimKind kind;
  bool from_data; /* symbolic, with a symbol that data gives: it may equal what does not look like it */
  int64_t number;
  const Pt2Expr *normal;
} Dim;

/* Types that are not in the schema's enum. */
enum
{
  DTYPE_UNKNOWN = 0,
  DTYPE_DEFAULT = -1, /* the default real type, which is whatever the program's author has set */
};

typedef struct Shape
{
  int32_t dtype;
  bool has_shape;
  uint32_t n;
  Dim *dims;
} Shape;

enum
{
  MOST_DIMS = 16,
  MOST_RESULTS = 8,
};

/* One call. */
typedef struct Infer
{
  OperatorCheck *operators;
  Check *check;
  const CheckGraph *graph;
  uint32_t number;
  const Pt2Node *node;
  const Pt2OpSchema *schema;
  Shape results[MOST_RESULTS];
  Dim room[MOST_RESULTS][MOST_DIMS];
  uint32_t n_results;
  bool misfit; /* it was said that the operands do not fit */
} Infer;

typedef void (*InferFunc) (Infer *infer);
typedef struct
{
  const char *name; /* of the operator, without namespace and overload */
  InferFunc infer;
} InferRule;

/* The rules, each family in a file of its own; ends with a NULL name. */
extern const InferRule infer_pointwise_rules[], infer_view_rules[], infer_matrix_rules[], infer_reduce_rules[],
    infer_make_rules[], infer_index_rules[], infer_window_rules[];

/* ---- arguments ---- */

/* NULL if it is not given. */
const Pt2Argument *infer_argument (const Infer *infer, const char *name);
/* Type and shape of a tensor that is given; all unknown if none is. */
Shape infer_tensor (const Infer *infer, const char *name);
Shape infer_shape_of (const Infer *infer, Pt2String name);
Shape infer_shape_of_value (const Infer *infer, CheckValue *value);
/* Of a symbolic integer. */
Dim infer_dim_of_name (const Infer *infer, Pt2String name);
/* False if it is given and no plain number. FALLBACK: the operator's default. */
bool infer_int (const Infer *infer, const char *name, int64_t fallback, int64_t *out);
bool infer_bool (const Infer *infer, const char *name, bool fallback, bool *out);
/* A list of at most MOST_DIMS dimensions, symbolic ones too; false if it is not given or too long. */
bool infer_sizes (const Infer *infer, const char *name, Dim *out, uint32_t *n);
/* The same of plain numbers, repeated to N of them if there is one only. */
bool infer_numbers (const Infer *infer, const char *name, int64_t fallback, uint32_t n, int64_t *out);
/* The type that is asked for, or FALLBACK. */
int32_t infer_dtype (const Infer *infer, const char *name, int32_t fallback);
/* Is it given, and not None? */
bool infer_is_given (const Infer *infer, const char *name);

/* ---- dimensions ---- */

Dim dim_number (int64_t number);
Dim dim_unknown (void);
bool dim_is (Dim dim, int64_t number);
/* Surely the same. */
bool dim_same (Dim a, Dim b);
/* Surely different, whatever symbols stand for. */
bool dim_apart (Dim a, Dim b);
/* AXIS counted from the end if it is below 0; false if there is none of N. */
bool axis_of (int64_t axis, uint32_t n, uint32_t *out);
Dim dim_sum (Infer *infer, Dim a, Dim b);
Dim dim_product (Infer *infer, Dim a, Dim b);

/* ---- results ---- */

/* Result NUMBER, of that type, its shape still unknown. */
Shape *infer_result (Infer *infer, uint32_t number, int32_t dtype);
/* Makes its shape known: N dimensions, all unknown yet. False if that is more than there is room for. */
bool infer_set_dims (Infer *infer, Shape *result, uint32_t n);
void infer_copy_dims (Infer *infer, Shape *result, const Shape *from);
/* The one number that comes out must be EXPECTED. */
void infer_check_number (Infer *infer, Dim expected);
/* The operands can never fit together. */
void infer_misfit (Infer *infer, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The shape that A and B give together, in RESULT. False if they do not fit, which was said. */
bool infer_broadcast (Infer *infer, Shape *result, const Shape *a, const Shape *b);

/* ---- types ---- */

bool dtype_is_real (int32_t dtype);
bool dtype_is_complex (int32_t dtype);
bool dtype_is_integer (int32_t dtype); /* no bool */
/* What arithmetic on these arguments gives: tensors with dimensions go before those without, those before numbers. */
int32_t infer_promoted (const Infer *infer, const char *const *names, uint32_t n);
/* The same for two types of tensors. */
int32_t dtype_promote (int32_t a, int32_t b);
/* Integers become the default real type. */
int32_t dtype_to_real (int32_t dtype);

/* ---- comparing (infer_compare.c) ---- */

void infer_compare_results (Infer *infer);
void infer_compare_devices (Infer *infer);

/* ---- the whole (infer.c) ---- */

typedef struct Inferences Inferences;
Inferences *inferences_new (Check *check);
void inferences_free (Inferences *inferences);
/* The rule of an operator, or NULL. */
InferFunc inferences_find (const Inferences *inferences, const Pt2OpSchema *schema);
/* Sums and products of sizes: the expression of the result is that of the operands together. */
void infer_function (OperatorCheck *operators, const CheckGraph *graph, uint32_t number);
void infer_call (OperatorCheck *operators, const CheckGraph *graph, uint32_t number, const TargetFacts *facts);
