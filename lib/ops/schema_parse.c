/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the text of one operator schema. The grammar is that of torch.library.define: what it prints for an operator,
 * and what people write by hand, blanks aside. Recursion follows nested types only and is bounded by the depth. */
#include "ops_private.h"
#include "text.h"
#include <string.h>

typedef struct
{
  const char *text; /* where offsets are counted from */
  const char *next, *end;
  Pt2Arena *arena;
  uint64_t depth; /* levels of types left */
  Pt2Status *status;
} Parser;

/* Arguments while their number is not known yet. */
typedef struct ArgumentLink ArgumentLink;
struct ArgumentLink
{
  Pt2OpArgument argument;
  ArgumentLink *next;
};

typedef struct TypeLink TypeLink;
struct TypeLink
{
  Pt2OpType type;
  TypeLink *next;
};

static bool
fail (Parser *parser, const char *expected)
{
  char found[32];
  pt2_text_escape (parser->next, MIN ((size_t)(parser->end - parser->next), 16), found, sizeof found);
  return pt2_status_fail (parser->status, PT2_ERROR_O001, (uint64_t)(parser->next - parser->text),
                          "expected %s, found \"%s\"", expected, found);
}

static void *
alloc (Parser *parser, size_t size)
{
  void *memory = pt2_arena_alloc (parser->arena, size);
  if (memory == NULL)
    pt2_status_fail (parser->status, parser->arena->out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET,
                     "for operator schemas");
  return memory;
}

/* ---- characters and words ---- */

static void
skip_blanks (Parser *parser)
{
  while (parser->next < parser->end && *parser->next == ' ')
    parser->next++;
}

static bool
stands (Parser *parser, const char *mark)
{
  size_t len = strlen (mark);
  skip_blanks (parser);
  return (size_t)(parser->end - parser->next) >= len && memcmp (parser->next, mark, len) == 0;
}

static bool
take (Parser *parser, const char *mark)
{
  bool there = stands (parser, mark);
  if (there)
    parser->next += strlen (mark);
  return there;
}

static bool
demand (Parser *parser, const char *mark, const char *expected)
{
  return take (parser, mark) || fail (parser, expected);
}

static bool
is_word_byte (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* A word's byte, or one of MARKS. */
static bool
is_word_or (char c, const char *marks)
{
  return is_word_byte (c) || (c != '\0' && strchr (marks, c) != NULL);
}

/* A name: letters, digits and `_`, no digit first; with DOTS, several of them joined by dots. */
static Pt2String
take_word (Parser *parser, bool dots)
{
  skip_blanks (parser);
  const char *start = parser->next, *p = start;
  while (p < parser->end && (is_word_byte (*p) || (dots && *p == '.' && p > start)))
    p++;
  if (p == start || g_ascii_isdigit (*start) || p[-1] == '.')
    return (Pt2String){ NULL, 0 };
  parser->next = p;
  return (Pt2String){ start, (uint32_t)(p - start) };
}

/* ---- types ---- */

static const struct
{
  const char *name;
  Pt2OpTypeKind kind;
  bool has_items; /* `Dict(K, V)`: what stands in parentheses are types and no alias annotation */
} type_names[] = {
  { "Tensor", PT2_OP_TENSOR, false },
  { "int", PT2_OP_INT, false },
  { "SymInt", PT2_OP_SYM_INT, false },
  { "float", PT2_OP_FLOAT, false },
  { "SymFloat", PT2_OP_SYM_FLOAT, false },
  { "bool", PT2_OP_BOOL, false },
  { "SymBool", PT2_OP_SYM_BOOL, false },
  { "complex", PT2_OP_COMPLEX, false },
  { "Scalar", PT2_OP_SCALAR, false },
  { "number", PT2_OP_SCALAR, false },
  { "str", PT2_OP_STRING, false },
  { "Device", PT2_OP_DEVICE, false },
  { "ScalarType", PT2_OP_SCALAR_TYPE, false },
  { "Layout", PT2_OP_LAYOUT, false },
  { "MemoryFormat", PT2_OP_MEMORY_FORMAT, false },
  { "Generator", PT2_OP_GENERATOR, false },
  { "Dimname", PT2_OP_DIMNAME, false },
  { "Storage", PT2_OP_STORAGE, false },
  { "Stream", PT2_OP_STREAM, false },
  { "QScheme", PT2_OP_QSCHEME, false },
  { "Any", PT2_OP_ANY, false },
  { "NoneType", PT2_OP_NONE, false },
  { "Dict", PT2_OP_DICT, true },
  { "Future", PT2_OP_FUTURE, true },
  { "Await", PT2_OP_AWAIT, true },
  { "RRef", PT2_OP_RREF, true },
  { "Union", PT2_OP_UNION, true },
};

static bool parse_type (Parser *parser, Pt2OpType *type);

/* The types up to the closing parenthesis, whose opening one is behind. */
static bool
parse_items (Parser *parser, Pt2OpType *type)
{
  TypeLink *first = NULL, **last = &first;
  guint n = 0;
  for (bool more = !take (parser, ")"); more; n++)
    {
      TypeLink *link = alloc (parser, sizeof *link);
      if (link == NULL || !parse_type (parser, &link->type))
        return false;
      link->next = NULL;
      *last = link;
      last = &link->next;
      more = take (parser, ",");
      if (!more && !demand (parser, ")", "`,` or `)`"))
        return false;
    }
  Pt2OpType *items = alloc (parser, n * sizeof *items);
  if (items == NULL)
    return false;
  for (guint i = 0; i < n; i++, first = first->next)
    items[i] = first->type;
  type->items = items;
  type->n_items = n;
  return true;
}

static bool
parse_named_type (Parser *parser, Pt2OpType *type)
{
  type->name = take_word (parser, true);
  if (type->name.data == NULL)
    return fail (parser, "a type");
  type->kind = g_ascii_islower (type->name.data[0]) ? PT2_OP_VARIABLE : PT2_OP_NAMED;
  for (size_t i = 0; i < G_N_ELEMENTS (type_names); i++)
    if (strlen (type_names[i].name) == type->name.len
        && memcmp (type_names[i].name, type->name.data, type->name.len) == 0)
      {
        type->kind = type_names[i].kind;
        if (type_names[i].has_items)
          return demand (parser, "(", "`(`") && parse_items (parser, type)
                 && (type->kind == PT2_OP_UNION || type->n_items == (type->kind == PT2_OP_DICT ? 2 : 1)
                     || fail (parser, "as many types as this one is made of"));
      }
  return true;
}

/* `(a!)`, `(a -> *)`, `(*)`: kept as it is written. */
static bool
parse_alias (Parser *parser, Pt2OpType *type)
{
  if (!take (parser, "("))
    return true;
  const char *start = parser->next;
  while (parser->next < parser->end && is_word_or (*parser->next, " !|*->"))
    parser->next++;
  type->alias = (Pt2String){ start, (uint32_t)(parser->next - start) };
  type->writes = memchr (start, '!', type->alias.len) != NULL;
  if (type->alias.len == 0)
    return fail (parser, "an alias annotation");
  return demand (parser, ")", "`)` behind an alias annotation");
}

/* Makes TYPE a list or optional of what it is. */
static bool
wrap (Parser *parser, Pt2OpType *type, Pt2OpTypeKind kind)
{
  if (parser->depth == 0)
    return pt2_status_fail (parser->status, PT2_ERROR_L002, (uint64_t)(parser->next - parser->text), "a type");
  parser->depth--;
  Pt2OpType *item = alloc (parser, sizeof *item);
  if (item == NULL)
    return false;
  *item = *type;
  *type = (Pt2OpType){ .kind = kind, .size = -1, .n_items = 1, .items = item };
  return true;
}

static bool
parse_list_size (Parser *parser, Pt2OpType *type)
{
  skip_blanks (parser);
  const char *start = parser->next;
  gint64 size = 0;
  for (; parser->next < parser->end && g_ascii_isdigit (*parser->next); parser->next++)
    if (size > G_MAXINT32)
      return fail (parser, "a smaller number");
    else
      size = size * 10 + (*parser->next - '0');
  if (parser->next > start)
    type->size = size;
  return demand (parser, "]", "a number or `]`");
}

/* Lists, optionals and annotations behind a type; from the inside to the outside. */
static bool
parse_suffixes (Parser *parser, Pt2OpType *type)
{
  for (;;)
    if (take (parser, "?"))
      {
        if (!wrap (parser, type, PT2_OP_OPTIONAL))
          return false;
      }
    else if (take (parser, "["))
      {
        if (!wrap (parser, type, PT2_OP_LIST) || !parse_list_size (parser, type) || !parse_alias (parser, type))
          return false;
      }
    else
      return true;
}

static bool
parse_type (Parser *parser, Pt2OpType *type)
{
  *type = (Pt2OpType){ .size = -1 };
  if (parser->depth == 0)
    return pt2_status_fail (parser->status, PT2_ERROR_L002, (uint64_t)(parser->next - parser->text), "a type");
  uint64_t depth = parser->depth--;
  if (take (parser, "("))
    {
      type->kind = PT2_OP_TUPLE;
      if (!parse_items (parser, type))
        return false;
    }
  else if (!parse_named_type (parser, type))
    return false;
  bool ok = parse_alias (parser, type) && parse_suffixes (parser, type);
  parser->depth = depth;
  return ok;
}

/* ---- default values ---- */

static bool
skip_text (Parser *parser)
{
  char quote = *parser->next++;
  for (; parser->next < parser->end; parser->next++)
    if (!g_ascii_isprint (*parser->next))
      return fail (parser, "a printable character of ASCII");
    else if (*parser->next == '\\')
      parser->next += parser->next + 1 < parser->end && g_ascii_isprint (parser->next[1]);
    else if (*parser->next == quote)
      {
        parser->next++;
        return true;
      }
  return fail (parser, "the end of a text");
}

/* A text, number or word. */
static bool
skip_simple_value (Parser *parser)
{
  skip_blanks (parser);
  if (parser->next < parser->end && (*parser->next == '"' || *parser->next == '\''))
    return skip_text (parser);
  const char *start = parser->next;
  while (parser->next < parser->end && is_word_or (*parser->next, "+-."))
    parser->next++;
  return parser->next > start || fail (parser, "a default value");
}

/* Lists in lists too; without recursion. */
static bool
skip_value (Parser *parser)
{
  size_t open = 0;
  do
    {
      while (take (parser, "["))
        open++;
      if (!stands (parser, "]") && !skip_simple_value (parser))
        return false;
      while (open > 0 && take (parser, "]"))
        open--;
    }
  while (open > 0 && demand (parser, ",", "`,` or `]`"));
  return open == 0;
}

static bool
parse_default (Parser *parser, Pt2OpArgument *argument)
{
  if (!take (parser, "="))
    return true;
  skip_blanks (parser);
  const char *start = parser->next;
  if (!skip_value (parser))
    return false;
  argument->default_text = (Pt2String){ start, (uint32_t)(parser->next - start) };
  return true;
}

/* ---- arguments and returns ---- */

typedef struct
{
  ArgumentLink *first, **last;
  guint n;
  bool keyword_only, more;
} Arguments;

static Pt2OpArgument *
add_argument (Parser *parser, Arguments *arguments)
{
  ArgumentLink *link = alloc (parser, sizeof *link);
  if (link == NULL)
    return NULL;
  *link = (ArgumentLink){ .argument.keyword_only = arguments->keyword_only };
  *arguments->last = link;
  arguments->last = &link->next;
  arguments->n++;
  return &link->argument;
}

static bool
parse_argument (Parser *parser, Arguments *arguments)
{
  if (!arguments->keyword_only && take (parser, "*"))
    return arguments->keyword_only = true;
  if (take (parser, "..."))
    return arguments->more = true;
  Pt2OpArgument *argument = add_argument (parser, arguments);
  if (argument == NULL || !parse_type (parser, &argument->type))
    return false;
  argument->name = take_word (parser, false);
  if (argument->name.data == NULL)
    return fail (parser, "the name of an argument");
  return parse_default (parser, argument);
}

static bool
parse_return (Parser *parser, Arguments *arguments)
{
  if (take (parser, "..."))
    return arguments->more = true;
  Pt2OpArgument *argument = add_argument (parser, arguments);
  if (argument == NULL || !parse_type (parser, &argument->type))
    return false;
  argument->name = take_word (parser, false);
  return true;
}

/* What stands between the parentheses, both of which it reads. */
static bool
parse_list (Parser *parser, Arguments *arguments, bool (*parse_one) (Parser *, Arguments *))
{
  if (!demand (parser, "(", "`(`"))
    return false;
  if (take (parser, ")"))
    return true;
  do
    if (arguments->more)
      return fail (parser, "nothing behind `...`");
    else if (!parse_one (parser, arguments))
      return false;
  while (take (parser, ","));
  return demand (parser, ")", "`,` or `)`");
}

static const Pt2OpArgument *
finish_arguments (Parser *parser, const Arguments *arguments)
{
  Pt2OpArgument *array = alloc (parser, arguments->n * sizeof *array);
  const ArgumentLink *link = arguments->first;
  for (guint i = 0; array != NULL && i < arguments->n; i++, link = link->next)
    array[i] = link->argument;
  return array;
}

/* ---- the whole ---- */

/* `#NAMESPACE:NAME`, an operator of an extension: up to the arguments. */
static bool
parse_extension_name (Parser *parser, Pt2OpSchema *schema)
{
  const Pt2String target = ops_first_word ((Pt2String){ parser->next, (uint32_t)(parser->end - parser->next) });
  if (!ops_split_extension (target, &schema->space, &schema->name))
    return fail (parser, "`#NAMESPACE:NAME`");
  schema->target = target;
  schema->overload = (Pt2String){ "", 0 };
  parser->next += target.len;
  return true;
}

static bool
parse_name (Parser *parser, Pt2OpSchema *schema)
{
  if (parser->next < parser->end && *parser->next == '#')
    return parse_extension_name (parser, schema);
  schema->space = take_word (parser, false);
  if (schema->space.data == NULL)
    return fail (parser, "a namespace");
  if (!demand (parser, "::", "`::`"))
    return false;
  schema->name = take_word (parser, false);
  if (schema->name.data == NULL)
    return fail (parser, "the name of an operator");
  schema->overload = (Pt2String){ "", 0 };
  if (take (parser, "."))
    schema->overload = take_word (parser, false);
  return schema->overload.data != NULL || fail (parser, "the name of an overload");
}

static bool
make_target (Parser *parser, Pt2OpSchema *schema)
{
  static const char before[] = "torch.ops.";
  static const Pt2String unnamed = { "default", 7 };
  const Pt2String overload = schema->overload.len > 0 ? schema->overload : unnamed;
  const Pt2String parts[]
      = { { before, sizeof before - 1 }, schema->space, { ".", 1 }, schema->name, { ".", 1 }, overload };
  size_t len = 0;
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    len += parts[i].len;
  char *target = alloc (parser, len), *p = target;
  for (size_t i = 0; target != NULL && i < G_N_ELEMENTS (parts); i++)
    p = pt2_put_bytes (p, parts[i].data, parts[i].len);
  schema->target = (Pt2String){ target, (uint32_t)len };
  return target != NULL;
}

static bool
make_text (Parser *parser, Pt2OpSchema *schema)
{
  Pt2Buffer out = PT2_BUFFER_INIT;
  char *text = NULL;
  if (!ops_print_schema (&out, schema))
    pt2_status_fail (parser->status, PT2_ERROR_L001, PT2_NO_OFFSET, "for operator schemas");
  else if ((text = alloc (parser, pt2_buffer_len (&out))) != NULL)
    {
      pt2_put_bytes (text, out.data, pt2_buffer_len (&out));
      schema->text = (Pt2String){ text, (uint32_t)pt2_buffer_len (&out) };
    }
  pt2_buffer_clear (&out);
  return text != NULL;
}

static bool
parse_returns (Parser *parser, Arguments *returns)
{
  if (!demand (parser, "->", "`->`"))
    return false;
  if (stands (parser, "("))
    return parse_list (parser, returns, parse_return);
  return parse_return (parser, returns);
}

static bool
parse_schema (Parser *parser, Pt2OpSchema *schema)
{
  Arguments arguments = { .last = &arguments.first }, returns = { .last = &returns.first };
  if (!parse_name (parser, schema) || !parse_list (parser, &arguments, parse_argument)
      || !parse_returns (parser, &returns))
    return false;
  skip_blanks (parser);
  if (parser->next < parser->end)
    return fail (parser, "the end of the schema");
  schema->arguments = finish_arguments (parser, &arguments);
  schema->returns = finish_arguments (parser, &returns);
  if (schema->arguments == NULL || schema->returns == NULL)
    return false;
  schema->n_arguments = arguments.n;
  schema->n_returns = returns.n;
  schema->takes_more = arguments.more;
  schema->gives_more = returns.more;
  for (guint i = 0; i < arguments.n; i++)
    for (const Pt2OpType *type = &schema->arguments[i].type; type != NULL;
         type = type->n_items == 1 ? type->items : NULL)
      schema->is_mutable = schema->is_mutable || type->writes;
  return schema->target.data != NULL || make_target (parser, schema);
}

const Pt2OpSchema *
ops_parse (Pt2Arena *arena, const char *text, Pt2String line, uint64_t depth, Pt2Status *status)
{
  return ops_parse_as (arena, (Pt2String){ NULL, 0 }, text, line, depth, status);
}

const Pt2OpSchema *
ops_parse_as (Pt2Arena *arena, Pt2String extension, const char *text, Pt2String line, uint64_t depth, Pt2Status *status)
{
  Parser parser = { text, line.data, line.data + line.len, arena, depth, status };
  Pt2OpSchema *schema = alloc (&parser, sizeof *schema);
  if (schema == NULL)
    return NULL;
  *schema = (Pt2OpSchema){ .text = { NULL, 0 } };
  if (!parse_schema (&parser, schema))
    return NULL;
  if (ops_split_extension (extension, &schema->space, &schema->name))
    {
      schema->target = extension;
      schema->overload = (Pt2String){ "", 0 };
    }
  return make_text (&parser, schema) ? schema : NULL;
}

Pt2String
ops_parse_target (Pt2Arena *arena, Pt2String line, Pt2Status *status)
{
  Parser parser = { line.data, line.data, line.data + line.len, arena, 0, status };
  Pt2OpSchema schema = { .text = { NULL, 0 } };
  return parse_name (&parser, &schema) && make_target (&parser, &schema) ? schema.target : (Pt2String){ NULL, 0 };
}
