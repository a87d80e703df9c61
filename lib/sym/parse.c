/* SPDX-License-Identifier: Apache-2.0 */
/* Text to nodes, in one pass and without recursion: operators wait in frames until what stands behind them is known.
 *
 * Nothing is simplified and nothing is run. Infix operators become the nodes that SymPy would print in the same way: a
 * minus is a factor of -1, a quotient a factor with exponent -1 or a fraction.
 */
#include "lex.h"
#include "parse_leaf.h"
#include <stdlib.h>
#include <string.h>

typedef enum
{
  FRAME_GROUP, /* ( */
  FRAME_CALL,
  FRAME_UNARY,
  FRAME_SUM,
  FRAME_PRODUCT,
  FRAME_BINARY,
} FrameKind;

/* How tightly operators bind, as in Python. */
enum
{
  BIND_COMPARE = 1,
  BIND_OR,
  BIND_AND,
  BIND_SUM,
  BIND_PRODUCT,
  BIND_UNARY,
  BIND_POWER,
};

typedef struct
{
  uint8_t kind; /* FrameKind */
  uint8_t bind; /* operators */
  uint16_t op;  /* of a call or a binary operator */
  uint16_t flags;
  int mark;        /* before the operand at hand: '-' of a sum, '/' of a product, a sign */
  uint32_t base;   /* its first operand */
  size_t offset;   /* where it began */
  size_t n_nested; /* of the frames that count as levels */
} Frame;

typedef struct
{
  Pt2ExprPool *pool;
  SymLexer lexer;
  const Pt2Expr **operands;
  uint32_t n_operands, operands_room;
  Frame *frames;
  size_t n_frames, frames_room;
  bool negated; /* the last operand is -x, without brackets around it */
} Parser;

static bool
fail (Parser *parser, Pt2ErrorCode code, const char *expected)
{
  return sym_lex_fail (&parser->lexer, code, expected);
}

static bool
fail_at (Parser *parser, size_t offset, Pt2ErrorCode code, const char *detail)
{
  return pt2_status_fail (parser->lexer.status, code, offset, "%s", detail);
}

static bool
fail_memory (Parser *parser)
{
  return pt2_status_fail (parser->lexer.status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
}

/* ---- stacks ---- */

static bool
push (Parser *parser, const Pt2Expr *node)
{
  if (node == NULL)
    return false;
  if (parser->n_operands == parser->operands_room)
    {
      uint32_t room = parser->operands_room == 0 ? 32 : parser->operands_room * 2;
      const Pt2Expr **operands = realloc (parser->operands, room * sizeof *operands);
      if (operands == NULL)
        return fail_memory (parser);
      parser->operands = operands;
      parser->operands_room = room;
    }
  parser->operands[parser->n_operands++] = node;
  parser->negated = false;
  return true;
}

static Frame *
top (Parser *parser)
{
  return parser->n_frames > 0 ? &parser->frames[parser->n_frames - 1] : NULL;
}

static bool
push_frame (Parser *parser, Frame frame)
{
  bool nests
      = frame.kind == FRAME_GROUP || frame.kind == FRAME_CALL || frame.kind == FRAME_UNARY || frame.bind == BIND_POWER;
  frame.n_nested = nests + (parser->n_frames > 0 ? top (parser)->n_nested : 0);
  if (frame.n_nested > MIN (parser->pool->limits.expression_depth, PT2_LIMIT_DEPTH_MOST))
    return fail_at (parser, frame.offset, PT2_ERROR_L010, "");
  if (parser->n_frames == parser->frames_room)
    {
      size_t room = parser->frames_room == 0 ? 16 : parser->frames_room * 2;
      Frame *frames = realloc (parser->frames, room * sizeof *frames);
      if (frames == NULL)
        return fail_memory (parser);
      parser->frames = frames;
      parser->frames_room = room;
    }
  parser->frames[parser->n_frames++] = frame;
  return true;
}

static const Pt2Expr **
last (Parser *parser)
{
  return &parser->operands[parser->n_operands - 1];
}

/* ---- what infix operators make ---- */

static const Pt2Expr *
literal (Parser *parser, int64_t value)
{
  return sym_make_number (parser->pool, sym_int (value));
}

/* -x: a number negated, the coefficient of a product, or a new factor -1. */
static const Pt2Expr *
negate (Parser *parser, const Pt2Expr *x)
{
  Pt2ExprPool *pool = parser->pool;
  bool product = x->op == SYM_MUL && sym_is_number (x->args[0]);
  const Pt2Expr *number = product ? x->args[0] : x;
  if (!sym_is_number (number) || number->value.kind == SYM_BOOL)
    {
      const Pt2Expr *minus = literal (parser, -1);
      return minus != NULL ? sym_make2 (pool, SYM_MUL, minus, x) : NULL;
    }
  SymNumber value;
  if (!sym_negate (&pool->calc, number->value, &value))
    {
      sym_fail (pool->status, &pool->calc);
      return NULL;
    }
  const Pt2Expr *negative = sym_make_number (pool, value);
  if (!product || negative == NULL)
    return negative;
  if (x->n_args == 2)
    return sym_is_literal_int (negative, 1) ? x->args[1] : sym_make2 (pool, SYM_MUL, negative, x->args[1]);
  const Pt2Expr **args = malloc (x->n_args * sizeof *args);
  if (args == NULL)
    return fail_memory (parser) ? x : NULL;
  memcpy (args, x->args, x->n_args * sizeof *args);
  args[0] = negative;
  uint32_t skip = sym_is_literal_int (negative, 1);
  const Pt2Expr *result = sym_make (pool, SYM_MUL, args + skip, x->n_args - skip, 0);
  free (args);
  return result;
}

static bool
is_exact (const Pt2Expr *node)
{
  return sym_is_number (node) && sym_is_exact (node->value);
}

/* The operand at hand divides the product that begins at operand BASE: by a number, that is a fraction in front. */
static bool
divide (Parser *parser, uint32_t base)
{
  Pt2ExprPool *pool = parser->pool;
  const Pt2Expr *divisor = *last (parser), **first = &parser->operands[base];
  bool begins = is_exact (*first);
  if (is_exact (divisor) && sym_sign (divisor->value) != 0)
    {
      SymNumber value;
      if (!sym_divide (&pool->calc, begins ? (*first)->value : sym_int (1), divisor->value, &value))
        return sym_fail (pool->status, &pool->calc);
      const Pt2Expr *fraction = sym_make_number (pool, value);
      if (fraction == NULL)
        return false;
      if (!begins)
        memmove (first + 1, first, (parser->n_operands - 1 - base) * sizeof *first);
      else
        parser->n_operands--;
      parser->operands[base] = fraction;
      return true;
    }
  const Pt2Expr *minus = literal (parser, -1);
  const Pt2Expr *inverse = minus != NULL ? sym_make2 (pool, SYM_POW, divisor, minus) : NULL;
  if (inverse == NULL)
    return false;
  *last (parser) = inverse;
  if (sym_is_literal_int (*first, 1) && parser->n_operands - base == 2)
    {
      *first = inverse;
      parser->n_operands--;
    }
  return true;
}

/* The operand at hand ends the term of a sum or product. */
static bool
finish_term (Parser *parser, const Frame *frame)
{
  if (frame->mark == '/')
    return divide (parser, frame->base);
  if (frame->mark == '-')
    {
      const Pt2Expr *negative = negate (parser, *last (parser));
      if (negative == NULL)
        return false;
      *last (parser) = negative;
    }
  return true;
}

/* The operands from BASE on become one node. */
static bool
make (Parser *parser, SymOp op, uint32_t base, uint16_t flags)
{
  uint32_t n = parser->n_operands - base;
  const Pt2Expr *node = n == 1 && (op == SYM_ADD || op == SYM_MUL) && flags == 0
                            ? parser->operands[base]
                            : sym_make (parser->pool, op, parser->operands + base, n, flags & SYM_NODE_QUOTED);
  parser->n_operands = base;
  return push (parser, node);
}

static bool
reduce_unary (Parser *parser, const Frame *frame)
{
  if (frame->mark == '+')
    return true;
  if (frame->mark == '~')
    return make (parser, SYM_NOT, parser->n_operands - 1, 0);
  const Pt2Expr *negative = negate (parser, *last (parser));
  parser->n_operands--;
  bool done = push (parser, negative);
  parser->negated = done;
  return done;
}

/* The innermost operator has all its operands. */
static bool
reduce (Parser *parser)
{
  Frame frame = parser->frames[--parser->n_frames];
  switch (frame.kind)
    {
    case FRAME_UNARY:
      return reduce_unary (parser, &frame);
    case FRAME_SUM:
      return finish_term (parser, &frame) && make (parser, SYM_ADD, frame.base, 0);
    case FRAME_PRODUCT:
      return finish_term (parser, &frame) && make (parser, SYM_MUL, frame.base, 0);
    default:
      return make (parser, frame.op, frame.base, 0);
    }
}

/* Reduces what binds at least as tightly as BIND. */
static bool
reduce_to (Parser *parser, int bind)
{
  while (top (parser) != NULL && top (parser)->bind >= bind)
    if (!reduce (parser))
      return false;
  return true;
}

/* ---- operators ---- */

typedef struct
{
  int mark;
  uint8_t kind, bind;
  uint16_t op;
} Operator;

static const Operator operators[] = {
  { '<', FRAME_BINARY, BIND_COMPARE, SYM_LT },
  { '>', FRAME_BINARY, BIND_COMPARE, SYM_GT },
  { SYM_MARK2 ('<', '='), FRAME_BINARY, BIND_COMPARE, SYM_LE },
  { SYM_MARK2 ('>', '='), FRAME_BINARY, BIND_COMPARE, SYM_GE },
  { '|', FRAME_BINARY, BIND_OR, SYM_OR },
  { '&', FRAME_BINARY, BIND_AND, SYM_AND },
  { '+', FRAME_SUM, BIND_SUM, SYM_ADD },
  { '-', FRAME_SUM, BIND_SUM, SYM_ADD },
  { '*', FRAME_PRODUCT, BIND_PRODUCT, SYM_MUL },
  { '/', FRAME_PRODUCT, BIND_PRODUCT, SYM_MUL },
  { SYM_MARK2 ('/', '/'), FRAME_BINARY, BIND_PRODUCT, SYM_FLOORDIV },
  { '%', FRAME_BINARY, BIND_PRODUCT, SYM_PYTHONMOD },
  { SYM_MARK2 ('*', '*'), FRAME_BINARY, BIND_POWER, SYM_POW },
};

static const Operator *
find_operator (int mark)
{
  for (size_t i = 0; i < G_N_ELEMENTS (operators); i++)
    if (operators[i].mark == mark)
      return &operators[i];
  return NULL;
}

/* `-x*y` is a product of three. */
static bool
open_negation (Parser *parser)
{
  const Pt2Expr *product = *last (parser);
  if (!parser->negated || product->op != SYM_MUL || product->n_args != 2 || !sym_is_literal_int (product->args[0], -1))
    return true;
  *last (parser) = product->args[0];
  return push (parser, product->args[1]);
}

/* `a & b & c` is one And. */
static bool
continues (const Frame *frame, const Operator *operator)
{
  bool logic = operator->op == SYM_AND || operator->op == SYM_OR;
  return frame != NULL
         && frame->bind
                == operator->bind && frame->kind == operator->kind && (frame->kind != FRAME_BINARY
                                                                       || (logic && frame->op == operator->op));
}

static bool
take_operator (Parser *parser, const Operator *operator)
{
  size_t offset = parser->lexer.token.offset;
  bool power = operator->bind == BIND_POWER;
  if ((*last (parser))->op == SYM_PAIR)
    return fail (parser, PT2_ERROR_Y001, "a comma or a closing bracket was expected");
  if (!power && !reduce_to (parser, operator->bind + 1))
    return false;
  Frame *frame = top (parser);
  if (continues (frame, operator))
    {
      bool done = frame->kind == FRAME_BINARY || finish_term (parser, frame);
      frame->mark = operator->mark;
      return done;
    }
  /* Python reads `a < b < c` as two comparisons of b, which no file has. */
  if (frame != NULL && frame->bind == BIND_COMPARE && operator->bind == BIND_COMPARE)
    return fail (parser, PT2_ERROR_Y001, "comparisons are not chained");
  /* `a*b//c`: the product ends here. */
  if (frame != NULL && frame->bind == operator->bind && !power && !reduce (parser))
    return false;
  uint32_t base = parser->n_operands - 1;
  if (operator->kind == FRAME_PRODUCT && !open_negation (parser))
    return false;
  return push_frame (parser, (Frame){ .kind = operator->kind,
                                      .bind = operator->bind,
                                      .op = operator->op,
                                      .mark = operator->mark,
                                      .base = base,
                                      .offset = offset });
}

/* ---- brackets ---- */

static bool
check_arguments (Parser *parser, const Frame *call)
{
  const SymOpInfo *info = &sym_ops[call->op];
  uint32_t n = parser->n_operands - call->base;
  if (n < info->least || (info->most != 0 && n > info->most)
      || ((info->flags & SYM_EVEN) != 0 && (n % 2 != 0 || n == 0)))
    return fail_at (parser, call->offset, PT2_ERROR_Y003, info->name);
  for (uint32_t i = call->base; i < parser->n_operands; i++)
    if ((parser->operands[i]->op == SYM_PAIR) != (call->op == SYM_PIECEWISE))
      return fail_at (parser, call->offset, PT2_ERROR_Y001, "pairs of a value and a condition belong into Piecewise");
  return true;
}

/* sqrt(x) is no function of its own. */
static bool
close_sqrt (Parser *parser)
{
  SymNumber half;
  if (!sym_ratio (&parser->pool->calc, sym_int (1), sym_int (2), &half))
    return sym_fail (parser->pool->status, &parser->pool->calc);
  return push (parser, sym_make_number (parser->pool, half)) && make (parser, SYM_POW, parser->n_operands - 2, 0);
}

static bool
close_bracket (Parser *parser)
{
  if (!reduce_to (parser, BIND_COMPARE))
    return false;
  Frame *found = top (parser);
  if (found == NULL)
    return fail (parser, PT2_ERROR_Y001, "an operator or the end was expected");
  Frame frame = *found;
  parser->n_frames--;
  sym_lex (&parser->lexer);
  parser->negated = false;
  if (frame.kind == FRAME_GROUP)
    return (*last (parser))->op != SYM_PAIR
           || fail_at (parser, frame.offset, PT2_ERROR_Y001, "pairs of a value and a condition belong into Piecewise");
  if (!check_arguments (parser, &frame))
    return false;
  if (frame.flags & SYM_PARSE_SQRT)
    return close_sqrt (parser);
  found = top (parser);
  if (frame.op == SYM_PAIR && (found == NULL || found->kind != FRAME_CALL || found->op != SYM_PIECEWISE))
    return fail_at (parser, frame.offset, PT2_ERROR_Y001, "pairs of a value and a condition belong into Piecewise");
  return make (parser, frame.op, frame.base, frame.flags | SYM_PARSE_CALL);
}

static bool
take_comma (Parser *parser)
{
  if (!reduce_to (parser, BIND_COMPARE))
    return false;
  Frame *frame = top (parser);
  if (frame == NULL || frame->kind != FRAME_CALL)
    return fail (parser, PT2_ERROR_Y001, "an operator or a closing bracket was expected");
  parser->negated = false;
  sym_lex (&parser->lexer);
  return true;
}

/* A bracket where an operand may begin: in Piecewise a pair, else a group. */
static bool
open_bracket (Parser *parser)
{
  Frame *frame = top (parser);
  bool pair = frame != NULL && frame->kind == FRAME_CALL && frame->op == SYM_PIECEWISE;
  size_t offset = parser->lexer.token.offset;
  sym_lex (&parser->lexer);
  return push_frame (
      parser,
      (Frame){ .kind = pair ? FRAME_CALL : FRAME_GROUP, .op = SYM_PAIR, .base = parser->n_operands, .offset = offset });
}

/* ---- the text ---- */

static bool
take_unary (Parser *parser, int mark)
{
  size_t offset = parser->lexer.token.offset;
  sym_lex (&parser->lexer);
  return push_frame (parser, (Frame){ .kind = FRAME_UNARY, .bind = BIND_UNARY, .mark = mark, .offset = offset });
}

/* A name: a leaf, or a call whose arguments follow. *OPEN: they follow. */
static bool
take_name (Parser *parser, bool *open)
{
  SymCall call = { .op = SYM_N_OPS };
  size_t offset = parser->lexer.token.offset;
  const Pt2Expr *leaf = NULL;
  if (!sym_parse_name (parser->pool, &parser->lexer, &leaf, &call))
    return false;
  *open = leaf == NULL;
  if (leaf != NULL)
    return push (parser, leaf);
  return push_frame (
      parser,
      (Frame){ .kind = FRAME_CALL, .op = call.op, .flags = call.flags, .base = parser->n_operands, .offset = offset });
}

/* *OPERAND: whether an operand is expected next. */
static bool
take_operand (Parser *parser, bool *operand)
{
  const SymToken token = parser->lexer.token;
  *operand = false;
  if (token.kind == SYM_TOKEN_INTEGER || token.kind == SYM_TOKEN_FLOAT)
    return push (parser, sym_parse_literal (parser->pool, &parser->lexer));
  if (token.kind == SYM_TOKEN_NAME)
    return take_name (parser, operand);
  *operand = true;
  if (token.mark == '(')
    return open_bracket (parser);
  if (token.mark == '-' || token.mark == '+' || token.mark == '~')
    return take_unary (parser, token.mark);
  Frame *frame = top (parser);
  /* A call without arguments. */
  if (token.mark == ')' && frame != NULL && frame->kind == FRAME_CALL && frame->base == parser->n_operands)
    return fail_at (parser, frame->offset, PT2_ERROR_Y003, sym_ops[frame->op].name);
  return fail (parser, token.kind == SYM_TOKEN_TEXT ? PT2_ERROR_Y004 : PT2_ERROR_Y001,
               "a number, a name or a bracket was expected");
}

/* *DONE: the text is over. */
static bool
take_operation (Parser *parser, bool *operand, bool *done)
{
  const SymToken token = parser->lexer.token;
  const Operator *operator= token.kind == SYM_TOKEN_MARK ? find_operator (token.mark) : NULL;
  *operand = operator!= NULL || token.mark == ',';
  if (operator!= NULL)
    {
      if (!take_operator (parser, operator))
        return false;
      sym_lex (&parser->lexer);
      return true;
    }
  if (token.mark == ')')
    return close_bracket (parser);
  if (token.mark == ',')
    return take_comma (parser);
  *done = token.kind == SYM_TOKEN_END;
  if (!*done)
    return fail (parser, PT2_ERROR_Y001, "an operator or the end was expected");
  if (!reduce_to (parser, BIND_COMPARE))
    return false;
  return top (parser) == NULL || fail (parser, PT2_ERROR_Y001, "a closing bracket was expected");
}

static bool
parse_all (Parser *parser)
{
  bool operand = true, done = false;
  sym_lex (&parser->lexer);
  while (!done)
    if (operand ? !take_operand (parser, &operand) : !take_operation (parser, &operand, &done))
      return false;
  return true;
}

const Pt2Expr *
sym_parse (Pt2ExprPool *pool, const char *text, size_t len)
{
  Parser parser = { .pool = pool, .lexer = { text, text, text + len, pool->status, { SYM_TOKEN_END } } };
  const Pt2Expr *result = NULL;
  if (len > pool->limits.expression_length)
    pt2_status_fail (pool->status, PT2_ERROR_L009, PT2_NO_OFFSET, "%zu bytes", len);
  else if (parse_all (&parser))
    result = parser.operands[0];
  else if (pool->status->offset == PT2_NO_OFFSET)
    pool->status->offset = parser.lexer.token.offset;
  free (parser.operands);
  free (parser.frames);
  return result;
}
