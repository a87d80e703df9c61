/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule works with: the dimensions and arguments of a call, and room for what it gives. */
#include "infer.h"

/* An expression of the program, once. */
typedef struct
{
  Pt2String text; /* first, for the index */
  const Pt2Expr *normal;
  bool from_data;
} DimText;

typedef struct
{
  Pt2String name; /* first, for the index */
  InferFunc infer;
} RuleName;

struct Inferences
{
  Check *check;
  Pt2ExprPool *pool;
  DimText *texts;
  uint32_t n_texts, text_room;
  RuleName *rules;
  uint32_t n_rules, rule_room;
  Pt2TextIndex text_index, rule_index;
  TextCache cache;
};

static void
add_rules (Inferences *inferences, const InferRule *rules)
{
  for (; rules->name != NULL; rules++)
    {
      if (!check_grow (inferences->check, &inferences->rules, inferences->n_rules, &inferences->rule_room,
                       sizeof (RuleName)))
        return;
      inferences->rules[inferences->n_rules]
          = (RuleName){ { rules->name, (uint32_t)strlen (rules->name) }, rules->infer };
      if (!pt2_text_index_add (&inferences->rule_index, inferences->rules, sizeof (RuleName), inferences->n_rules++))
        inferences->check->no_memory = true;
    }
}

Inferences *
inferences_new (Check *check)
{
  static const InferRule *const families[]
      = { infer_pointwise_rules, infer_view_rules,  infer_matrix_rules, infer_reduce_rules,
          infer_make_rules,      infer_index_rules, infer_window_rules };
  Inferences *inferences = g_new0 (Inferences, 1);
  inferences->check = check;
  inferences->pool = pt2_expr_pool_new (&check->limits);
  pt2_text_index_init (&inferences->text_index);
  pt2_text_index_init (&inferences->rule_index);
  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    add_rules (inferences, families[i]);
  check->no_memory = check->no_memory || inferences->pool == NULL;
  return inferences;
}

void
inferences_free (Inferences *inferences)
{
  pt2_text_index_clear (&inferences->text_index);
  pt2_text_index_clear (&inferences->rule_index);
  pt2_expr_pool_free (inferences->pool);
  g_free (inferences);
}

/* ---- dimensions ---- */

Dim
dim_unknown (void)
{
  return (Dim){ .kind = DIM_UNKNOWN };
}

Dim
dim_number (int64_t number)
{
  return (Dim){ .kind = DIM_NUMBER, .number = number };
}

bool
dim_is (Dim dim, int64_t number)
{
  return dim.kind == DIM_NUMBER && dim.number == number;
}

bool
dim_same (Dim a, Dim b)
{
  if (a.kind != b.kind || a.kind == DIM_UNKNOWN)
    return false;
  return a.kind == DIM_NUMBER ? a.number == b.number : a.normal == b.normal;
}

bool
dim_apart (Dim a, Dim b)
{
  return a.kind == DIM_NUMBER && b.kind == DIM_NUMBER && a.number != b.number;
}

bool
axis_of (int64_t axis, uint32_t n, uint32_t *out)
{
  int64_t most = MAX ((int64_t)n, 1); /* a tensor without dimensions has one for this */
  if (axis < -most || axis >= most)
    return false;
  *out = (uint32_t)(axis < 0 ? axis + most : axis);
  return true;
}

static bool
has_data_symbol (const Pt2Expr *expr)
{
  guint n;
  bool found = false;
  g_autofree Pt2String *names = pt2_expr_free_symbols (expr, &n);
  for (guint i = 0; i < n; i++)
    found = found || text_begins (names[i], "u") || text_begins (names[i], "zu");
  return found;
}

static Dim
dim_of_expr (const Pt2Expr *normal)
{
  Pt2ExprValue value = { 0 };
  if (normal == NULL)
    return dim_unknown ();
  guint n;
  pt2_expr_get_args (normal, &n);
  if (n == 0 && pt2_expr_get_symbol (normal).data == NULL && pt2_expr_evaluate (normal, NULL, 0, NULL, &value, NULL))
    {
      Dim number = value.kind == PT2_EXPR_INTEGER ? dim_number (value.integer) : dim_unknown ();
      pt2_expr_value_clear (&value);
      return number;
    }
  return (Dim){ .kind = DIM_SYMBOLIC, .normal = normal, .from_data = has_data_symbol (normal) };
}

static Dim
dim_of_text (Inferences *inferences, Pt2String text)
{
  uint32_t *cached = text_cache_at (&inferences->cache, text);
  bool hit = *cached != 0 && text_equal (inferences->texts[*cached - 1].text, text);
  uint32_t at
      = hit ? *cached - 1 : pt2_text_index_find (&inferences->text_index, inferences->texts, sizeof (DimText), text);
  if (at == PT2_TEXT_INDEX_NONE)
    {
      if (inferences->pool == NULL
          || !check_grow (inferences->check, &inferences->texts, inferences->n_texts, &inferences->text_room,
                          sizeof (DimText)))
        return dim_unknown ();
      const Pt2Expr *expr = pt2_expr_parse (inferences->pool, text.data, text.len, NULL);
      const Pt2Expr *normal = expr != NULL ? pt2_expr_normal (inferences->pool, expr, NULL) : NULL;
      at = inferences->n_texts;
      inferences->texts[at] = (DimText){ text, normal, normal != NULL && has_data_symbol (normal) };
      if (!pt2_text_index_add (&inferences->text_index, inferences->texts, sizeof (DimText), inferences->n_texts++))
        inferences->check->no_memory = true;
    }
  *cached = at + 1;
  const DimText *known = &inferences->texts[at];
  if (known->normal == NULL)
    return dim_unknown ();
  return (Dim){ .kind = DIM_SYMBOLIC, .normal = known->normal, .from_data = known->from_data };
}

static Dim
dim_of_sym_int (Inferences *inferences, const Pt2SymInt *size)
{
  if (size->which == PT2_SYM_INT_AS_INT)
    return dim_number (size->as_int);
  return size->which == PT2_SYM_INT_AS_EXPR ? dim_of_text (inferences, size->as_expr->expr_str) : dim_unknown ();
}

static const Pt2Expr *
expr_of (Infer *infer, Dim dim)
{
  Inferences *inferences = infer->operators->inferences;
  if (dim.kind == DIM_NUMBER)
    return pt2_expr_integer (inferences->pool, dim.number, NULL);
  return dim.kind == DIM_SYMBOLIC ? dim.normal : NULL;
}

static Dim
combine (Infer *infer, const char *operation, Dim a, Dim b)
{
  Inferences *inferences = infer->operators->inferences;
  const Pt2Expr *args[] = { expr_of (infer, a), expr_of (infer, b) };
  if (args[0] == NULL || args[1] == NULL)
    return dim_unknown ();
  const Pt2Expr *made = pt2_expr_make (inferences->pool, operation, args, 2, NULL);
  return dim_of_expr (made != NULL ? pt2_expr_normal (inferences->pool, made, NULL) : NULL);
}

Dim
dim_sum (Infer *infer, Dim a, Dim b)
{
  int64_t sum;
  if (a.kind == DIM_NUMBER && b.kind == DIM_NUMBER)
    return __builtin_add_overflow (a.number, b.number, &sum) ? dim_unknown () : dim_number (sum);
  return combine (infer, "Add", a, b);
}

Dim
dim_product (Infer *infer, Dim a, Dim b)
{
  int64_t product;
  if (a.kind == DIM_NUMBER && b.kind == DIM_NUMBER)
    return __builtin_mul_overflow (a.number, b.number, &product) ? dim_unknown () : dim_number (product);
  return combine (infer, "Mul", a, b);
}

/* ---- arguments ---- */

const Pt2Argument *
infer_argument (const Infer *infer, const char *name)
{
  for (uint32_t i = 0; i < infer->node->inputs.len; i++)
    if (text_is (infer->node->inputs.items[i].name, name))
      return &infer->node->inputs.items[i].arg;
  return NULL;
}

bool
infer_is_given (const Infer *infer, const char *name)
{
  const Pt2Argument *argument = infer_argument (infer, name);
  return argument != NULL && argument->which != PT2_ARGUMENT_AS_NONE;
}

/* Made once for each value. */
Shape
infer_shape_of_value (const Infer *infer, CheckValue *value)
{
  if (value == NULL || value->kind != VALUE_TENSOR)
    return (Shape){ 0 };
  if (value->shape != NULL)
    return *value->shape;
  const Pt2TensorMeta *meta = value->meta;
  Shape *shape = check_alloc (infer->check, 1, sizeof *shape);
  Dim *dims = check_alloc (infer->check, meta->sizes.len, sizeof *dims);
  if (shape == NULL || dims == NULL)
    return (Shape){ 0 };
  for (uint32_t i = 0; i < meta->sizes.len; i++)
    dims[i] = dim_of_sym_int (infer->operators->inferences, &meta->sizes.items[i]);
  *shape = (Shape){ meta->dtype, meta->sizes.len <= MOST_DIMS, meta->sizes.len, dims };
  value->shape = shape;
  return *shape;
}

Shape
infer_shape_of (const Infer *infer, Pt2String name)
{
  return infer_shape_of_value (infer, check_find_value (infer->graph, name));
}

Shape
infer_tensor (const Infer *infer, const char *name)
{
  const Pt2Argument *argument = infer_argument (infer, name);
  if (argument == NULL || argument->which != PT2_ARGUMENT_AS_TENSOR)
    return (Shape){ 0 };
  const Pt2NamedArgument *input
      = (const Pt2NamedArgument *)(const void *)((const char *)argument - offsetof (Pt2NamedArgument, arg));
  return infer_shape_of_value (
      infer, check_input_value (infer->graph, infer->number, (uint32_t)(input - infer->node->inputs.items)));
}

bool
infer_int (const Infer *infer, const char *name, int64_t fallback, int64_t *out)
{
  const Pt2Argument *argument = infer_argument (infer, name);
  *out = argument != NULL && argument->which == PT2_ARGUMENT_AS_INT ? argument->as_int : fallback;
  return argument == NULL || argument->which == PT2_ARGUMENT_AS_INT || argument->which == PT2_ARGUMENT_AS_NONE;
}

bool
infer_bool (const Infer *infer, const char *name, bool fallback, bool *out)
{
  const Pt2Argument *argument = infer_argument (infer, name);
  *out = argument != NULL && argument->which == PT2_ARGUMENT_AS_BOOL ? argument->as_bool : fallback;
  return argument == NULL || argument->which == PT2_ARGUMENT_AS_BOOL;
}

Dim
infer_dim_of_name (const Infer *infer, Pt2String name)
{
  const CheckValue *value = check_find_value (infer->graph, name);
  if (value == NULL || value->kind != VALUE_SYM_INT)
    return dim_unknown ();
  return dim_of_sym_int (infer->operators->inferences, value->meta);
}

static Dim
dim_of_argument (const Infer *infer, const Pt2SymIntArgument *argument)
{
  if (argument->which == PT2_SYM_INT_ARGUMENT_AS_INT)
    return dim_number (argument->as_int);
  return infer_dim_of_name (infer, argument->as_name);
}

bool
infer_sizes (const Infer *infer, const char *name, Dim *out, uint32_t *n)
{
  const Pt2Argument *argument = infer_argument (infer, name);
  *n = 0;
  if (argument == NULL)
    return false;
  if (argument->which == PT2_ARGUMENT_AS_INT || argument->which == PT2_ARGUMENT_AS_SYM_INT)
    {
      *n = 1;
      out[0] = argument->which == PT2_ARGUMENT_AS_INT ? dim_number (argument->as_int)
                                                      : dim_of_argument (infer, argument->as_sym_int);
      return true;
    }
  if (argument->which == PT2_ARGUMENT_AS_TENSORS && argument->as_tensors.len == 0)
    return true;
  *n = argument->which == PT2_ARGUMENT_AS_INTS       ? argument->as_ints.len
       : argument->which == PT2_ARGUMENT_AS_SYM_INTS ? argument->as_sym_ints.len
                                                     : MOST_DIMS + 1;
  for (uint32_t i = 0; i < *n && *n <= MOST_DIMS; i++)
    out[i] = argument->which == PT2_ARGUMENT_AS_INTS ? dim_number (argument->as_ints.items[i])
                                                     : dim_of_argument (infer, &argument->as_sym_ints.items[i]);
  return *n <= MOST_DIMS;
}

bool
infer_numbers (const Infer *infer, const char *name, int64_t fallback, uint32_t n, int64_t *out)
{
  Dim dims[MOST_DIMS];
  uint32_t given;
  if (!infer_is_given (infer, name) || (infer_sizes (infer, name, dims, &given) && given == 0))
    {
      for (uint32_t i = 0; i < n; i++)
        out[i] = fallback;
      return true;
    }
  if (!infer_sizes (infer, name, dims, &given) || (given != n && given != 1))
    return false;
  for (uint32_t i = 0; i < n; i++)
    {
      Dim dim = dims[given == 1 ? 0 : i];
      if (dim.kind != DIM_NUMBER)
        return false;
      out[i] = dim.number;
    }
  return true;
}

int32_t
infer_dtype (const Infer *infer, const char *name, int32_t fallback)
{
  const Pt2Argument *argument = infer_argument (infer, name);
  return argument != NULL && argument->which == PT2_ARGUMENT_AS_SCALAR_TYPE ? argument->as_scalar_type : fallback;
}

/* ---- results ---- */

Shape *
infer_result (Infer *infer, uint32_t number, int32_t dtype)
{
  Shape *result = &infer->results[MIN (number, MOST_RESULTS - 1)];
  *result = (Shape){ .dtype = dtype };
  infer->n_results = MAX (infer->n_results, MIN (number + 1, MOST_RESULTS));
  return result;
}

bool
infer_set_dims (Infer *infer, Shape *result, uint32_t n)
{
  if (n > MOST_DIMS)
    return false;
  result->has_shape = true;
  result->n = n;
  result->dims = infer->room[result - infer->results];
  memset (result->dims, 0, n * sizeof *result->dims);
  return true;
}

void
infer_copy_dims (Infer *infer, Shape *result, const Shape *from)
{
  if (from->has_shape && infer_set_dims (infer, result, from->n))
    memcpy (result->dims, from->dims, from->n * sizeof *from->dims);
}

void
infer_misfit (Infer *infer, const char *format, ...)
{
  if (!infer->misfit && check_count (infer->check, CHECK_O120))
    {
      va_list args;
      va_start (args, format);
      g_autofree char *text = g_strdup_vprintf (format, args);
      va_end (args);
      check_tell (infer->check, CHECK_O120, place (infer->graph, "nodes[%u]", infer->number).text, "%s: %s",
                  shown_node (infer->node).text, text);
    }
  infer->misfit = true;
}

static Dim
broadcast_dim (Dim a, Dim b)
{
  if (dim_is (a, 1))
    return b;
  if (dim_is (b, 1) || dim_same (a, b))
    return a;
  return dim_unknown ();
}

bool
infer_broadcast (Infer *infer, Shape *result, const Shape *a, const Shape *b)
{
  Dim dims[MOST_DIMS];
  uint32_t n = MAX (a->n, b->n);
  if (!a->has_shape || !b->has_shape || n > MOST_DIMS)
    return true;
  for (uint32_t i = 0; i < n; i++)
    {
      Dim x = i < a->n ? a->dims[a->n - 1 - i] : dim_number (1), y = i < b->n ? b->dims[b->n - 1 - i] : dim_number (1);
      if (dim_apart (x, y) && x.number != 1 && y.number != 1)
        {
          infer_misfit (infer, "sizes %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " cannot be broadcast", x.number,
                        y.number);
          return false;
        }
      dims[n - 1 - i] = broadcast_dim (x, y);
    }
  if (infer_set_dims (infer, result, n))
    memcpy (result->dims, dims, n * sizeof *dims);
  return true;
}

/* ---- the whole ---- */

InferFunc
inferences_find (const Inferences *inferences, const Pt2OpSchema *schema)
{
  uint32_t at = text_is (schema->space, "aten")
                    ? pt2_text_index_find (&inferences->rule_index, inferences->rules, sizeof (RuleName), schema->name)
                    : PT2_TEXT_INDEX_NONE;
  return at != PT2_TEXT_INDEX_NONE ? inferences->rules[at].infer : NULL;
}

static void
begin (Infer *infer, OperatorCheck *operators, const CheckGraph *graph, uint32_t number)
{
  infer->operators = operators;
  infer->check = operators->check;
  infer->graph = graph;
  infer->number = number;
  infer->node = &graph->graph->nodes.items[number];
  infer->schema = NULL;
  infer->n_results = 0;
  infer->misfit = false;
}

void
infer_function (OperatorCheck *operators, const CheckGraph *graph, uint32_t number)
{
  Infer infer;
  Dim a[MOST_DIMS], b[MOST_DIMS];
  uint32_t n, m;
  begin (&infer, operators, graph, number);
  bool sum = text_is (infer.node->target, "_operator.add"), product = text_is (infer.node->target, "_operator.mul");
  if ((sum || product) && infer_sizes (&infer, "a", a, &n) && infer_sizes (&infer, "b", b, &m) && n == 1 && m == 1)
    infer_check_number (&infer, sum ? dim_sum (&infer, a[0], b[0]) : dim_product (&infer, a[0], b[0]));
}

void
infer_call (OperatorCheck *operators, const CheckGraph *graph, uint32_t number, const TargetFacts *facts)
{
  Infer infer;
  begin (&infer, operators, graph, number);
  infer.schema = facts->schema;
  infer_compare_devices (&infer);
  if (facts->infer == NULL)
    return;
  facts->infer (&infer);
  infer_compare_results (&infer);
}
