/* SPDX-License-Identifier: Apache-2.0 */
/* A graph as Python code, as torch.fx writes it. Rules found by experiment with PyTorch 2.15; docs/graph.md. */
#include "python.h"
#include <stdlib.h>
#include <string.h>

static const char *const operators[][2] = {
  { "add", " + " },    { "and_", " & " },    { "div", " / " }, { "eq", " == " },     { "floordiv", " // " },
  { "ge", " >= " },    { "gt", " > " },      { "le", " <= " }, { "lshift", " << " }, { "lt", " < " },
  { "matmul", " @ " }, { "mod", " % " },     { "mul", " * " }, { "ne", " != " },     { "or_", " | " },
  { "pow", " ** " },   { "rshift", " >> " }, { "sub", " - " }, { "truediv", " / " }, { "xor", " ^ " },
};
static const char *const signs[][2] = { { "invert", "~" }, { "neg", "-" }, { "pos", "+" } };

static bool
text_is (Pt2String text, const char *other)
{
  return text.len == strlen (other) && memcmp (text.data, other, text.len) == 0;
}

static bool
text_same (Pt2String a, Pt2String b)
{
  return a.len == b.len && memcmp (a.data, b.data, a.len) == 0;
}

/* The name in the code is made when it is first written: one that the graph allows may be none that code can have. */
void
pt2_fx_put_name (Pt2FxPrinter *printer, const Pt2FxNode *node)
{
  Pt2String *name = &printer->node_names[node->number];
  if (!printer->named[node->number])
    {
      *name = pt2_fx_namespace_name (&printer->names, *name, false);
      printer->named[node->number] = true;
    }
  if (name->data != NULL)
    pt2_fx_put (printer, name->data, name->len);
  else
    printer->no_memory = true;
}

/* ---- arguments and uses ---- */

static bool
can_be_variable (Pt2String name)
{
  return pt2_fx_is_python_identifier (name) && !pt2_fx_name_is_keyword (name);
}

typedef void (*PassedFunc) (Pt2FxPrinter *printer, const Pt2FxPassed *passed, bool first);

static void
foreach_passed (Pt2FxPrinter *printer, PassedFunc func)
{
  bool first = true;
  for (int by_name = 0; by_name < 2; by_name++)
    for (uint32_t i = 0; i < printer->n_passed; i++)
      if ((printer->passed[i].keyword.data != NULL) == by_name)
        {
          func (printer, &printer->passed[i], first);
          first = false;
        }
}

static void
put_passed (Pt2FxPrinter *printer, const Pt2FxPassed *passed, bool first)
{
  pt2_fx_puts (printer, first ? "" : ", ");
  if (passed->keyword.data != NULL)
    {
      printer->unreadable = printer->unreadable || !can_be_variable (passed->keyword);
      pt2_fx_put (printer, passed->keyword.data, passed->keyword.len);
      pt2_fx_puts (printer, " = ");
    }
  pt2_fx_put_value (printer, passed->value, false);
}

/* Code frees a value behind its last use. NODE is met from the last to the first, so what it meets first is last used
 * by it. */
typedef struct
{
  Pt2FxPrinter *printer;
  uint32_t user, tail;
} LastUses;

static gboolean
take_last_use (Pt2FxNode *value, gpointer data)
{
  LastUses *uses = data;
  Pt2FxPrinter *printer = uses->printer;
  if (printer->used[value->number])
    return TRUE;
  printer->used[value->number] = true;
  printer->nodes[value->number] = value;
  *(uses->tail == 0 ? &printer->first_last[uses->user] : &printer->next_last[uses->tail - 1]) = value->number + 1;
  uses->tail = value->number + 1;
  return TRUE;
}

static bool
find_last_uses (Pt2FxPrinter *printer, const Pt2FxNode *user)
{
  LastUses uses = { printer, user->number, 0 };
  if (user->op != PT2_FX_CALL)
    {
      for (uint32_t i = 0; i < user->n_inputs; i++)
        pt2_fx_argument_foreach_node (&user->inputs[i], take_last_use, &uses);
      return true;
    }
  if (!pt2_fx_arrange (printer, user))
    return false;
  for (int by_name = 0; by_name < 2; by_name++)
    for (uint32_t i = 0; i < printer->n_passed; i++)
      if ((printer->passed[i].keyword.data != NULL) == by_name)
        pt2_fx_argument_foreach_node (printer->passed[i].value, take_last_use, &uses);
  return true;
}

/* "; a = b = None" for what is used for the last time, and for what nobody uses at all. */
static void
put_frees (Pt2FxPrinter *printer, const Pt2FxNode *node)
{
  bool unused = !printer->used[node->number];
  uint32_t first = printer->first_last[node->number];
  if (first != 0 || unused)
    {
      pt2_fx_puts (printer, ";  ");
      for (uint32_t at = first; at != 0; at = printer->next_last[at - 1])
        {
          pt2_fx_put_name (printer, printer->nodes[at - 1]);
          pt2_fx_puts (printer, " = ");
        }
      if (unused)
        {
          pt2_fx_put_name (printer, node);
          pt2_fx_puts (printer, " = ");
        }
      pt2_fx_puts (printer, "None");
    }
  pt2_fx_puts (printer, "\n");
}

/* ---- statements ---- */

static const char *
find_operator (const char *const (*table)[2], size_t n, Pt2String name)
{
  for (size_t i = 0; i < n; i++)
    if (text_is (name, table[i][0]))
      return table[i][1];
  return NULL;
}

/* Python's operators are written as such, if they have the arguments for it. */
static bool
put_operator_call (Pt2FxPrinter *printer, const Pt2FxNode *node)
{
  static const char prefix[] = "_operator.";
  Pt2String target = node->source->target,
            name = { target.data + sizeof prefix - 1, target.len - (uint32_t)sizeof prefix + 1 };
  if (target.len < sizeof prefix || memcmp (target.data, prefix, sizeof prefix - 1) != 0)
    return false;
  const char *between = find_operator (operators, G_N_ELEMENTS (operators), name);
  const char *before = find_operator (signs, G_N_ELEMENTS (signs), name);
  if (between != NULL && printer->n_passed >= 2)
    {
      pt2_fx_put_name (printer, node);
      pt2_fx_puts (printer, " = ");
      pt2_fx_put_value (printer, printer->passed[0].value, false);
      pt2_fx_puts (printer, between);
      pt2_fx_put_value (printer, printer->passed[1].value, false);
      return true;
    }
  if (before == NULL || printer->n_passed < 1)
    return false;
  pt2_fx_put_name (printer, node);
  pt2_fx_puts (printer, " = ");
  pt2_fx_puts (printer, before);
  pt2_fx_put_value (printer, printer->passed[0].value, false);
  return true;
}

/* What belongs to torch has its whole name; other functions are globals of the code, with a name of its own making. */
static void
put_function (Pt2FxPrinter *printer, Pt2String target)
{
  static const char torch[] = "torch.";
  if (target.len >= sizeof torch && memcmp (target.data, torch, sizeof torch - 1) == 0)
    {
      pt2_fx_put (printer, target.data, target.len);
      return;
    }
  for (uint32_t i = 0; i < printer->n_globals; i++)
    if (text_same (printer->globals[i][0], target))
      {
        pt2_fx_put (printer, printer->globals[i][1].data, printer->globals[i][1].len);
        return;
      }
  Pt2String name = pt2_fx_namespace_name (&printer->names, target, false);
  if (name.data == NULL)
    {
      printer->no_memory = true;
      return;
    }
  if (printer->n_globals < G_N_ELEMENTS (printer->globals))
    {
      printer->globals[printer->n_globals][0] = target;
      printer->globals[printer->n_globals++][1] = name;
    }
  pt2_fx_put (printer, name.data, name.len);
}

static void
put_call (Pt2FxPrinter *printer, const Pt2FxNode *node)
{
  if (!pt2_fx_arrange (printer, node) || put_operator_call (printer, node))
    return;
  pt2_fx_put_name (printer, node);
  pt2_fx_puts (printer, " = ");
  put_function (printer, node->source->target);
  pt2_fx_puts (printer, "(");
  foreach_passed (printer, put_passed);
  pt2_fx_puts (printer, ")");
}

/* self.NAME, or getattr() for what is no identifier. */
static void
put_attribute (Pt2FxPrinter *printer, Pt2String path)
{
  const char *end = path.data + path.len;
  uint32_t n = 0;
  for (const char *at = path.data, *point; at <= end; at = point + 1)
    {
      point = memchr (at, '.', (size_t)(end - at));
      point = point != NULL ? point : end;
      if (!pt2_fx_is_python_identifier ((Pt2String){ at, (uint32_t)(point - at) }))
        n++;
    }
  for (uint32_t i = 0; i < n; i++)
    pt2_fx_puts (printer, "getattr(");
  pt2_fx_puts (printer, "self");
  for (const char *at = path.data, *point; at <= end; at = point + 1)
    {
      point = memchr (at, '.', (size_t)(end - at));
      point = point != NULL ? point : end;
      bool plain = pt2_fx_is_python_identifier ((Pt2String){ at, (uint32_t)(point - at) });
      pt2_fx_puts (printer, plain ? "." : ", \"");
      pt2_fx_put (printer, at, (size_t)(point - at));
      pt2_fx_puts (printer, plain ? "" : "\")");
    }
}

static void
put_return (Pt2FxPrinter *printer, const Pt2FxNode *node)
{
  pt2_fx_puts (printer, "    return ");
  if (node->graph->returns_bare)
    pt2_fx_put_value (printer, &node->inputs[0], false);
  else
    {
      pt2_fx_puts (printer, "(");
      for (uint32_t i = 0; i < node->n_inputs; i++)
        {
          pt2_fx_puts (printer, i > 0 ? ", " : "");
          pt2_fx_put_value (printer, &node->inputs[i], false);
        }
      pt2_fx_puts (printer, node->n_inputs == 1 ? ",)" : ")");
    }
  pt2_fx_puts (printer, "\n    ");
}

/* An input whose name no variable can have gets another variable. */
static void
put_renamed_input (Pt2FxPrinter *printer, const Pt2FxNode *node)
{
  size_t before = pt2_buffer_len (&printer->out);
  pt2_fx_puts (printer, "    ");
  pt2_fx_put_name (printer, node);
  if (text_same (printer->node_names[node->number], pt2_fx_name (node)))
    {
      printer->out.next = printer->out.data + before;
      return;
    }
  pt2_fx_puts (printer, " = ");
  pt2_fx_put (printer, node->name, node->name_len);
  pt2_fx_puts (printer, "\n");
}

/* Lines that hold the mark torch.fx numbers its lines with go with these marks. */
static void
drop_marked (Pt2FxPrinter *printer, size_t from)
{
  static const char mark[] = "# COUNTER: ";
  const char *line = printer->out.data + from, *end = printer->out.next;
  for (const char *at = line; (at = g_strstr_len (at, end - at, mark)) != NULL;)
    {
      at += sizeof mark - 1;
      if (at < end && g_ascii_isdigit (*at))
        {
          printer->out.next = printer->out.data + from;
          return;
        }
    }
}

static void
put_statement (Pt2FxPrinter *printer, const Pt2FxNode *node)
{
  switch (node->op)
    {
    case PT2_FX_PLACEHOLDER:
      put_renamed_input (printer, node);
      return;
    case PT2_FX_OUTPUT:
      put_return (printer, node);
      return;
    case PT2_FX_GETITEM:
      pt2_fx_puts (printer, "    ");
      pt2_fx_put_name (printer, node);
      pt2_fx_puts (printer, " = ");
      pt2_fx_put_name (printer, node->inputs[0].node);
      pt2_fx_puts (printer, "[");
      pt2_fx_put_value (printer, &(Pt2FxArgument){ .kind = PT2_FX_INT, .integer = node->index }, false);
      pt2_fx_puts (printer, "]");
      break;
    case PT2_FX_SUBGRAPH:
      pt2_fx_puts (printer, "    ");
      pt2_fx_put_name (printer, node);
      pt2_fx_puts (printer, " = ");
      put_attribute (printer, node->subgraph->name);
      break;
    default:
      pt2_fx_puts (printer, "    ");
      put_call (printer, node);
    }
  put_frees (printer, node);
}

static void
put_head (Pt2FxPrinter *printer)
{
  const Pt2FxNode *node = printer->graph->first;
  pt2_fx_puts (printer, "\n\n\ndef forward(");
  if (node->op != PT2_FX_PLACEHOLDER || !text_is (pt2_fx_name (node), "self"))
    pt2_fx_puts (printer, node->op == PT2_FX_PLACEHOLDER ? "self, " : "self");
  for (; node->op == PT2_FX_PLACEHOLDER; node = node->next)
    {
      bool second_self = node->previous != NULL && text_is (pt2_fx_name (node), "self");
      printer->unreadable = printer->unreadable || second_self || !can_be_variable (pt2_fx_name (node));
      pt2_fx_put (printer, node->name, node->name_len);
      pt2_fx_puts (printer, node->next->op == PT2_FX_PLACEHOLDER ? ", " : "");
    }
  pt2_fx_puts (printer, "):\n");
}

/* ---- the whole ---- */

static void *
make_array (Pt2FxPrinter *printer, size_t size)
{
  size_t n = (size_t)printer->graph->n_made + 1;
  void *array = pt2_arena_alloc (&printer->arena, n * size);
  if (array == NULL)
    printer->no_memory = true;
  else
    memset (array, 0, n * size);
  return array;
}

static bool
prepare (Pt2FxPrinter *printer)
{
  printer->node_names = make_array (printer, sizeof *printer->node_names);
  printer->named = make_array (printer, sizeof *printer->named);
  printer->used = make_array (printer, sizeof *printer->used);
  printer->first_last = make_array (printer, sizeof *printer->first_last);
  printer->next_last = make_array (printer, sizeof *printer->next_last);
  printer->nodes = make_array (printer, sizeof *printer->nodes);
  if (printer->no_memory || !pt2_fx_make_names (printer))
    return false;
  for (const Pt2FxNode *node = printer->graph->last; node != NULL; node = node->previous)
    if (!find_last_uses (printer, node))
      return false;
  return true;
}

static void
print (Pt2FxPrinter *printer)
{
  static const char *const taken[] = { "inf", "nan", "NoneType", "torch", "device", "fx_pytree", "pytree" };
  pt2_fx_namespace_init (&printer->names, &printer->arena);
  for (size_t i = 0; i < G_N_ELEMENTS (taken); i++)
    if (!pt2_fx_namespace_take (&printer->names, (Pt2String){ taken[i], (uint32_t)strlen (taken[i]) }))
      printer->no_memory = true;
  put_head (printer);
  for (const Pt2FxNode *node = printer->graph->first; node != NULL && !printer->no_memory; node = node->next)
    {
      size_t from = pt2_buffer_len (&printer->out);
      put_statement (printer, node);
      if (node->op == PT2_FX_CALL)
        drop_marked (printer, from);
    }
  pt2_fx_namespace_clear (&printer->names);
}

/* PyTorch shows an empty module where Python cannot read the code, and then none of its subgraphs. */
static void
print_nothing (Pt2FxPrinter *printer)
{
  printer->out.next = printer->out.data;
  pt2_fx_puts (printer, "\n\n\ndef forward(self):\n    pass\n    ");
}

GBytes *
pt2_fx_graph_print_python (Pt2FxGraph *graph, const Pt2Ops *ops, gboolean *readable, GError **error)
{
  Pt2FxPrinter printer = { .graph = graph, .ops = ops, .out = PT2_BUFFER_INIT };
  pt2_arena_init (&printer.arena, UINT64_MAX, 0);
  if (prepare (&printer))
    print (&printer);
  if (printer.unreadable && !printer.no_memory)
    print_nothing (&printer);
  if (readable != NULL)
    *readable = !printer.unreadable;
  GBytes *bytes = NULL;
  if (printer.no_memory)
    pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  else
    bytes = pt2_buffer_to_bytes (&printer.out);
  pt2_buffer_clear (&printer.out);
  pt2_arena_clear (&printer.arena);
  free (printer.passed);
  return bytes;
}
