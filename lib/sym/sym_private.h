/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share: the nodes, the pool that owns them, the table of operations.
 *
 * A node is made once and never changes; equal nodes of a pool are one node, so comparing is comparing pointers.
 * A node's arguments have smaller numbers than itself, so going through numbers upward visits arguments first: nothing
 * that walks an expression needs recursion.
 */
#pragma once

#include "pt2-expr.h"
#include "status.h"
#include "sym_number.h"
#include "text_index.h"

typedef enum
{
#define SYM_OP(id, ...) SYM_##id,
#include "sym_ops.def"
#undef SYM_OP
  SYM_N_OPS
} SymOp;

typedef enum
{
  SYM_RESULT_INTEGER,
  SYM_RESULT_REAL,
  SYM_RESULT_BOOLEAN,
  SYM_RESULT_LIKE_ARGS,
} SymResult;

typedef enum
{
  SYM_PRINT_LEAF,
  SYM_PRINT_CALL,
  SYM_PRINT_SUM,
  SYM_PRINT_PRODUCT,
  SYM_PRINT_POWER,
  SYM_PRINT_RELATION,
  SYM_PRINT_BETWEEN,
  SYM_PRINT_NOT,
  SYM_PRINT_FLOORDIV,
  SYM_PRINT_IDENTITY,
  SYM_PRINT_PAIR,
} SymSpelling;

enum
{
  SYM_FOLDS = 1,    /* of literals alone: the normal form is the value */
  SYM_RELATION = 2, /* a comparison */
  SYM_EVEN = 4,     /* takes an even number of arguments */
};

typedef struct SymRange SymRange;
typedef struct SymBounds SymBounds;
typedef bool (*SymEvaluate) (SymCalc *calc, SymOp op, const SymNumber *args, uint32_t n, SymNumber *out);
typedef bool (*SymBound) (SymBounds *bounds, const Pt2Expr *node, const SymRange *args, SymRange *out);

typedef struct
{
  const char *name;
  uint8_t name_len;
  uint8_t least, most;
  uint8_t result; /* SymResult */
  uint8_t spelling;
  uint8_t flags;
  uint16_t binds;
  uint16_t class_major, class_minor;
  SymEvaluate evaluate;
  SymBound bound;
} SymOpInfo;

extern const SymOpInfo sym_ops[SYM_N_OPS];

/* The operation NAME, an alias among them (`Eq`); SYM_N_OPS if there is none. Leaves have no names here. */
SymOp sym_find_op (const char *name, size_t len);

/* Named numbers that are no SymNumber. */
typedef enum
{
  SYM_CONSTANT_NAN,
  SYM_CONSTANT_ZOO,
  SYM_CONSTANT_PI,
  SYM_CONSTANT_E,
  SYM_CONSTANT_I,
  SYM_N_CONSTANTS,
} SymConstant;
extern const char *const sym_constant_names[SYM_N_CONSTANTS];

/* ---- nodes ---- */

/* What a symbol's text says of it. Bits of SymSymbol.is and .is_not. */
typedef enum
{
  SYM_INTEGER,
  SYM_POSITIVE,
  SYM_NONNEGATIVE,
  SYM_NEGATIVE,
  SYM_NONPOSITIVE,
  SYM_REAL,
  SYM_NONZERO,
  SYM_ZERO,
  SYM_EVEN_NUMBER,
  SYM_ODD,
  SYM_FINITE,
  SYM_RATIONAL,
  SYM_COMMUTATIVE,
  SYM_COMPLEX,
  SYM_EXTENDED_REAL,
  SYM_N_ASSUMPTIONS,
} SymAssumption;
extern const char *const sym_assumption_names[SYM_N_ASSUMPTIONS];

/* A name of the pool. In a normal form it stands for the symbol whatever a text assumes of it. */
typedef struct
{
  Pt2String name;              /* first: see text_index.h */
  Pt2String spelled;           /* the assumptions as first spelled; data NULL while none were */
  uint32_t is, is_not;         /* what those say */
  const struct Pt2Expr *plain; /* the symbol without assumptions */
} SymName;

enum
{
  SYM_NODE_INTEGER = 1, /* its value is an integer wherever it has one */
  SYM_NODE_BOOLEAN = 2,
  SYM_NODE_QUOTED = 4,  /* spelled Function('name')(…) */
  SYM_NODE_ASSUMES = 8, /* a symbol with assumptions of its own */
};

struct Pt2Expr
{
  uint32_t number; /* in its pool */
  uint16_t op;
  uint16_t flags;
  uint32_t n_args;
  uint32_t hash;
  uint32_t weight;       /* as SymPy counts nodes: 2 for each, 1 for a float */
  uint16_t depth;        /* 1 for a leaf */
  const Pt2Expr *normal; /* its normal form, once made */
  union
  {
    struct
    {
      struct
      {
      } before; /* a flexible array may not stand alone */
      const Pt2Expr *args[];
    };
    struct
    {
      SymNumber value;    /* NUMBER */
      Pt2String text;     /* floats only: how it was spelled, if not as we spell it */
      uint32_t precision; /* floats only: as spelled; 0 in infix text */
    };
    struct
    {
      SymName *name;
      Pt2String spelled; /* assumptions, when SYM_NODE_ASSUMES */
      uint32_t is, is_not;
    } symbol;
    SymConstant constant;
  };
};

struct Pt2ExprPool
{
  Pt2Arena arena;
  Pt2Limits limits;
  uint64_t key;    /* of the hashes */
  Pt2Expr **slots; /* the hash table */
  size_t n_slots;  /* a power of two */
  uint32_t n_nodes;
  SymName **names;       /* by number */
  Pt2String *name_texts; /* the same, as text_index wants them */
  uint32_t n_names, names_room;
  Pt2TextIndex name_index;
  Pt2Status *status; /* of the call under way */
  SymCalc calc;      /* numbers of the pool */
};

/* A letter of sizes and a number, such as s77: an integer, whatever is said of it. */
bool sym_is_integer_name (Pt2String name);

/* Nodes; NULL with the pool's status set on failure. */
const Pt2Expr *sym_make (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n, uint16_t flags);
const Pt2Expr *sym_make_number (Pt2ExprPool *pool, SymNumber value);
const Pt2Expr *sym_make_literal (Pt2ExprPool *pool, SymNumber value, Pt2String text, uint32_t precision);
const Pt2Expr *sym_make_symbol (Pt2ExprPool *pool, Pt2String name);
/* SPELLED: `positive=True, integer=True`; IS and IS_NOT say the same in bits. */
const Pt2Expr *sym_make_assuming (Pt2ExprPool *pool, Pt2String name, Pt2String spelled, uint32_t is, uint32_t is_not);
const Pt2Expr *sym_make_constant (Pt2ExprPool *pool, SymConstant constant);
/* A calculation whose large numbers are in ARENA. */
SymCalc sym_calc (Pt2Arena *arena, const Pt2Limits *limits);
/* Begins a call: what its numbers may cost, where its errors go. */
void sym_begin (Pt2ExprPool *pool, Pt2Status *status);
/* The status for a calculation that failed; false. */
bool sym_fail (Pt2Status *status, const SymCalc *calc);

static inline const Pt2Expr *
sym_make2 (Pt2ExprPool *pool, SymOp op, const Pt2Expr *a, const Pt2Expr *b)
{
  const Pt2Expr *args[] = { a, b };
  return sym_make (pool, op, args, 2, 0);
}

static inline bool
sym_is_number (const Pt2Expr *node)
{
  return node->op == SYM_NUMBER;
}

static inline bool
sym_is_literal_int (const Pt2Expr *node, int64_t i)
{
  return node->op == SYM_NUMBER && sym_equals_int (node->value, i);
}

/* ---- the room's files ---- */

/* Whether NAME, in infix text, is a symbol and not a word or function. */
bool sym_reads_as_symbol (Pt2String name);
const Pt2Expr *sym_parse (Pt2ExprPool *pool, const char *text, size_t len);
const Pt2Expr *sym_normal (Pt2ExprPool *pool, const Pt2Expr *expr);
/* SymPy's default order of two nodes in normal form. */
int sym_order (const Pt2Expr *a, const Pt2Expr *b);
/* The order of arguments of And, Or, Xor, Max and Min: fewer nodes first. */
int sym_order_by_weight (const Pt2Expr *a, const Pt2Expr *b);

/* The nodes of EXPR in ascending order of their numbers, EXPR last. Free with free(); NULL without memory. */
const Pt2Expr **sym_collect (const Pt2Expr *expr, uint32_t *n);
