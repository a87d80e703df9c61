/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of guards: Python expressions as torch's printer of shape guards writes them. Read by a grammar, never run;
 * what is outside it is kept as text. docs/shapes.md has the grammar. */
#include "shapes_private.h"
#include <string.h>

enum
{
  /* How tightly what stands there binds, as in Python. */
  CHOICE, /* a if c else b */
  OR,
  AND,
  NOT,
  COMPARISON,
  BIT_OR,
  BIT_XOR,
  BIT_AND,
  SHIFT,
  SUM,
  PRODUCT,
  SIGN,
  POWER,
  MOST_STEPS = 64,
};

typedef struct
{
  const char *text; /* longer ones before those that begin them */
  int level;
  const char *name; /* NULL: see make_pair() */
  bool many;        /* any number of arguments */
} Operator;

static const Operator operators[] = {
  { "or", OR, "Or", true },
  { "and", AND, "And", true },
  { "==", COMPARISON, "Equality", false },
  { "!=", COMPARISON, "Unequality", false },
  { "<<", SHIFT, "LShift", false },
  { ">>", SHIFT, "RShift", false },
  { "<=", COMPARISON, "LessThan", false },
  { ">=", COMPARISON, "GreaterThan", false },
  { "<", COMPARISON, "StrictLessThan", false },
  { ">", COMPARISON, "StrictGreaterThan", false },
  { "|", BIT_OR, "BitwiseFn_bitwise_or", false },
  { "^", BIT_XOR, "BitwiseFn_bitwise_xor", false },
  { "&", BIT_AND, "BitwiseFn_bitwise_and", false },
  { "+", SUM, "Add", true },
  { "-", SUM, NULL, false },
  { "**", POWER, "Pow", false },
  { "*", PRODUCT, "Mul", true },
  { "//", PRODUCT, "FloorDiv", false },
  { "/", PRODUCT, NULL, false },
  { "%", PRODUCT, "PythonMod", false },
};

/* What a call is, by the number of its arguments. */
static const struct
{
  const char *text;
  guint n; /* 0: any number */
  const char *name;
} calls[] = {
  { "torch.sym_max", 0, "Max" },
  { "torch.sym_min", 0, "Min" },
  { "max", 0, "Max" },
  { "min", 0, "Min" },
  { "abs", 1, "Abs" },
  { "torch.sym_float", 1, "ToFloat" },
  { "float", 1, "ToFloat" },
  { "math.floor", 1, "floor" },
  { "math.ceil", 1, "ceiling" },
  { "math.trunc", 1, "TruncToInt" },
  { "round", 1, "RoundToInt" },
  { "round", 2, "RoundDecimal" },
  { "torch._sym_sqrt", 1, "OpaqueUnaryFn_sqrt" },
  { "math.sqrt", 1, "OpaqueUnaryFn_sqrt" },
  { "math.cos", 1, "OpaqueUnaryFn_cos" },
  { "math.cosh", 1, "OpaqueUnaryFn_cosh" },
  { "math.acos", 1, "OpaqueUnaryFn_acos" },
  { "math.sin", 1, "OpaqueUnaryFn_sin" },
  { "math.sinh", 1, "OpaqueUnaryFn_sinh" },
  { "math.asin", 1, "OpaqueUnaryFn_asin" },
  { "math.tan", 1, "OpaqueUnaryFn_tan" },
  { "math.tanh", 1, "OpaqueUnaryFn_tanh" },
  { "math.atan", 1, "OpaqueUnaryFn_atan" },
  { "math.log2", 1, "OpaqueUnaryFn_log2" },
};

typedef struct
{
  Pt2Shapes *shapes;
  const Pt2ShapePaths *paths;
  const char *p, *end;
  const char *copied; /* as far as SHOWN has the text */
  GString *shown;
  guint depth;
} Parser;

static const Pt2Expr *parse (Parser *parser, int level);

/* ---- words ---- */

static void
skip_blanks (Parser *parser)
{
  while (parser->p < parser->end && strchr (" \t\n", *parser->p) != NULL && *parser->p != '\0')
    parser->p++;
}

static bool
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* Takes TEXT if it stands there, as a whole word if it is one. */
static bool
take (Parser *parser, const char *text)
{
  gsize len = strlen (text);
  skip_blanks (parser);
  if ((gsize)(parser->end - parser->p) < len || memcmp (parser->p, text, len) != 0)
    return false;
  const char *after = parser->p + len;
  if (is_word (text[len - 1]) && after < parser->end && is_word (*after))
    return false;
  parser->p = after;
  return true;
}

static const Operator *
peek_operator (Parser *parser)
{
  const char *start = parser->p;
  const Operator *found = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (operators) && found == NULL; i++)
    if (take (parser, operators[i].text))
      found = &operators[i];
  parser->p = start;
  return found;
}

static const Pt2Expr *
make (Parser *parser, const char *name, const Pt2Expr *const *args, guint n)
{
  for (guint i = 0; i < n; i++)
    if (args[i] == NULL)
      return NULL;
  return pt2_expr_make (parser->shapes->pool, name, args, n, NULL);
}

static const Pt2Expr *
make_two (Parser *parser, const char *name, const Pt2Expr *a, const Pt2Expr *b)
{
  const Pt2Expr *args[] = { a, b };
  return make (parser, name, args, 2);
}

static const Pt2Expr *
negative (Parser *parser, const Pt2Expr *expr)
{
  return make_two (parser, "Mul", pt2_expr_integer (parser->shapes->pool, -1, NULL), expr);
}

/* ---- inputs ---- */

/* The text between brackets: a key in quotes, without escapes, or a number. */
static bool
take_subscript (Parser *parser, ShapeStep *step)
{
  if (!take (parser, "["))
    return false;
  skip_blanks (parser);
  const char *start = parser->p;
  char quote = start < parser->end ? *start : '\0';
  step->kind = quote == '\'' || quote == '"' ? SHAPE_STEP_KEY : SHAPE_STEP_INDEX;
  if (step->kind == SHAPE_STEP_KEY)
    {
      const char *stop = memchr (start + 1, quote, (gsize)(parser->end - start - 1));
      if (stop == NULL || memchr (start, '\\', (gsize)(stop - start)) != NULL)
        return false;
      step->text = (Pt2String){ start + 1, (uint32_t)(stop - start - 1) };
      parser->p = stop + 1;
      return take (parser, "]");
    }
  while (parser->p < parser->end && g_ascii_isdigit (*parser->p))
    parser->p++;
  step->text = (Pt2String){ start, (uint32_t)(parser->p - start) };
  return step->text.len > 0 && step->text.len < 10 && take (parser, "]");
}

static bool
take_step (Parser *parser, ShapeStep *step)
{
  if (parser->p < parser->end && *parser->p == '[')
    return take_subscript (parser, step);
  const char *start = parser->p + 1;
  if (parser->p >= parser->end || *parser->p != '.')
    return false;
  for (parser->p++; parser->p < parser->end && is_word (*parser->p);)
    parser->p++;
  *step = (ShapeStep){ SHAPE_STEP_ATTRIBUTE, { start, (uint32_t)(parser->p - start) } };
  return parser->p > start;
}

/* Behind the input's name: the dimension, or none for an integer. */
static bool
take_dimension (Parser *parser, const Pt2ShapeValue *value, guint *dim)
{
  ShapeStep step;
  *dim = 0;
  if (value->kind == PT2_SHAPE_INTEGER)
    return true;
  if (value->kind != PT2_SHAPE_TENSOR || !take (parser, ".size()") || !take_subscript (parser, &step)
      || step.kind != SHAPE_STEP_INDEX)
    return false;
  *dim = (guint)g_ascii_strtoull (step.text.data, NULL, 10);
  return *dim < value->n_dims;
}

/* `L` was read; START is where. */
static const Pt2Expr *
parse_source (Parser *parser, const char *start)
{
  ShapeStep steps[MOST_STEPS];
  guint n = 0, dim;
  static const char size[] = ".size()";
  const gsize len = sizeof size - 1;
  while (n < MOST_STEPS && parser->p < parser->end && (*parser->p == '[' || *parser->p == '.')
         && ((gsize)(parser->end - parser->p) < len || memcmp (parser->p, size, len) != 0))
    if (!take_step (parser, &steps[n++]))
      return NULL;
  guint input = pt2_shape_paths_find (parser->paths, steps, n);
  if (input >= parser->shapes->inputs.n || !take_dimension (parser, &parser->shapes->inputs.items[input], &dim))
    return NULL;
  g_autofree char *name = pt2_shapes_dim_name (&parser->shapes->inputs.items[input], dim);
  g_string_append_len (parser->shown, parser->copied, start - parser->copied);
  g_string_append (parser->shown, name);
  parser->copied = parser->p;
  guint number = parser->shapes->first_equation[input] + dim;
  g_autofree char *symbol
      = g_strdup_printf ("Symbol('%s', integer=True)", pt2_shapes_source_name (parser->shapes, number));
  return pt2_expr_parse (parser->shapes->pool, symbol, -1, NULL);
}

/* ---- leaves and calls ---- */

static const Pt2Expr *
parse_number (Parser *parser)
{
  const char *start = parser->p;
  while (parser->p < parser->end
         && (g_ascii_isalnum (*parser->p) || *parser->p == '.'
             || ((*parser->p == '-' || *parser->p == '+') && (parser->p[-1] == 'e' || parser->p[-1] == 'E'))))
    parser->p++;
  return pt2_expr_parse (parser->shapes->pool, start, parser->p - start, NULL);
}

static bool
add_argument (GPtrArray *args, const Pt2Expr *expr)
{
  g_ptr_array_add (args, (gpointer)expr);
  return expr != NULL;
}

static const Pt2Expr *
parse_call (Parser *parser, const char *name, gsize len)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  do
    if (!add_argument (args, parse (parser, CHOICE)))
      return NULL;
  while (take (parser, ","));
  if (!take (parser, ")"))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strlen (calls[i].text) == len && memcmp (calls[i].text, name, len) == 0
        && (calls[i].n == 0 || calls[i].n == args->len))
      return make (parser, calls[i].name, (const Pt2Expr *const *)args->pdata, args->len);
  return NULL;
}

static const Pt2Expr *
parse_name (Parser *parser)
{
  static const char *const constants[][2]
      = { { "True", "true" }, { "False", "false" }, { "math.inf", "oo" }, { "inf", "oo" } };
  const char *start = parser->p;
  if (take (parser, "L") && parser->p < parser->end && *parser->p == '[')
    return parse_source (parser, start);
  parser->p = start;
  while (parser->p < parser->end && (is_word (*parser->p) || *parser->p == '.'))
    parser->p++;
  gsize len = (gsize)(parser->p - start);
  if (len > 0 && take (parser, "("))
    return parse_call (parser, start, len);
  for (gsize i = 0; i < G_N_ELEMENTS (constants); i++)
    if (strlen (constants[i][0]) == len && memcmp (constants[i][0], start, len) == 0)
      return pt2_expr_parse (parser->shapes->pool, constants[i][1], -1, NULL);
  return NULL;
}

static const Pt2Expr *
parse_atom (Parser *parser)
{
  skip_blanks (parser);
  if (take (parser, "("))
    {
      const Pt2Expr *inner = parse (parser, CHOICE);
      return inner != NULL && take (parser, ")") ? inner : NULL;
    }
  if (parser->p < parser->end && (g_ascii_isdigit (*parser->p) || *parser->p == '.'))
    return parse_number (parser);
  return parse_name (parser);
}

/* ---- operators ---- */

static const Pt2Expr *
make_pair (Parser *parser, const Operator *operation, const Pt2Expr *a, const Pt2Expr *b)
{
  if (a == NULL || b == NULL)
    return NULL;
  if (operation->name != NULL)
    return make_two (parser, operation->name, a, b);
  if (operation->level == SUM)
    return make_two (parser, "Add", a, negative (parser, b));
  bool integers = pt2_expr_is_integer (a) && pt2_expr_is_integer (b);
  return make_two (parser, integers ? "IntTrueDiv" : "FloatTrueDiv", a, b);
}

/* a < b < c: each with its neighbour. */
static const Pt2Expr *
parse_comparisons (Parser *parser, const Pt2Expr *left)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  const Operator *operation = peek_operator (parser);
  while (operation != NULL && operation->level == COMPARISON)
    {
      take (parser, operation->text);
      const Pt2Expr *right = parse (parser, COMPARISON + 1);
      if (!add_argument (parts, make_pair (parser, operation, left, right)))
        return NULL;
      left = right;
      operation = peek_operator (parser);
    }
  if (parts->len == 1)
    return parts->pdata[0];
  return make (parser, "And", (const Pt2Expr *const *)parts->pdata, parts->len);
}

/* a + b + c, which is one sum. */
static const Pt2Expr *
parse_many (Parser *parser, const Operator *operation, const Pt2Expr *left)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  g_ptr_array_add (args, (gpointer)left);
  while (peek_operator (parser) == operation)
    {
      take (parser, operation->text);
      if (!add_argument (args, parse (parser, operation->level + 1)))
        return NULL;
    }
  return make (parser, operation->name, (const Pt2Expr *const *)args->pdata, args->len);
}

static const Pt2Expr *
parse_choice (Parser *parser, const Pt2Expr *value)
{
  const Pt2Expr *condition = parse (parser, OR);
  const Pt2Expr *other = condition != NULL && take (parser, "else") ? parse (parser, CHOICE) : NULL;
  const Pt2Expr *args[] = { condition, value, other };
  return make (parser, "Where", args, 3);
}

static const Pt2Expr *
parse_prefix (Parser *parser, int level)
{
  const Pt2Expr *inner;
  skip_blanks (parser);
  if (level <= NOT && take (parser, "not"))
    {
      inner = parse (parser, NOT);
      return make (parser, "Not", &inner, 1);
    }
  if (level <= SIGN && take (parser, "-"))
    return negative (parser, parse (parser, SIGN));
  if (level <= SIGN && take (parser, "+"))
    return parse (parser, SIGN);
  return parse_atom (parser);
}

static const Pt2Expr *
parse_operators (Parser *parser, int level)
{
  const Pt2Expr *left = parse_prefix (parser, level);
  for (const Operator *operation;
       left != NULL && (operation = peek_operator (parser)) != NULL && operation->level >= level;)
    {
      if (operation->level == COMPARISON)
        left = parse_comparisons (parser, left);
      else if (operation->many)
        left = parse_many (parser, operation, left);
      else
        {
          take (parser, operation->text);
          left = make_pair (parser, operation, left,
                            parse (parser, operation->level == POWER ? SIGN : operation->level + 1));
        }
    }
  if (left != NULL && level == CHOICE && take (parser, "if"))
    return parse_choice (parser, left);
  return left;
}

static const Pt2Expr *
parse (Parser *parser, int level)
{
  if (parser->depth >= parser->shapes->limits.expression_depth || parser->depth >= PT2_LIMIT_DEPTH_MOST)
    return NULL;
  parser->depth++;
  const Pt2Expr *expr = parse_operators (parser, level);
  parser->depth--;
  return expr;
}

void
pt2_shape_guard_parse (Pt2Shapes *shapes, const Pt2ShapePaths *paths, Pt2String text, const Pt2Expr **condition,
                       char **shown)
{
  Parser parser
      = { .shapes = shapes, .paths = paths, .p = text.data, .end = text.data + text.len, .copied = text.data };
  *condition = NULL;
  if (text.len <= shapes->limits.expression_length)
    {
      parser.shown = g_string_new (NULL);
      *condition = parse (&parser, CHOICE);
      skip_blanks (&parser);
      if (parser.p < parser.end || *condition == NULL || !pt2_expr_is_boolean (*condition))
        *condition = NULL;
      g_string_append_len (parser.shown, parser.copied, parser.end - parser.copied);
      *shown = g_string_free (parser.shown, *condition == NULL);
    }
  if (*condition == NULL)
    *shown = g_strndup (text.data, text.len);
}
