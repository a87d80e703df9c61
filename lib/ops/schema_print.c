/* SPDX-License-Identifier: Apache-2.0 */
/* Prints schemas and types as PyTorch prints them. Recursion follows nested types, which the parser bounded. */
#include "ops_private.h"
#include <stdlib.h>

static bool
put_string (Pt2Buffer *out, Pt2String text)
{
  return pt2_buffer_bytes (out, text.data, text.len);
}

static bool
put_items (Pt2Buffer *out, const Pt2OpType *type)
{
  bool ok = pt2_buffer_text (out, "(");
  for (guint i = 0; ok && i < type->n_items; i++)
    ok = (i == 0 || pt2_buffer_text (out, ", ")) && ops_print_type (out, &type->items[i]);
  return ok && pt2_buffer_text (out, ")");
}

static bool
put_list_suffix (Pt2Buffer *out, gint64 size)
{
  char number[32] = "[]";
  if (size >= 0)
    g_snprintf (number, sizeof number, "[%" G_GINT64_FORMAT "]", size);
  return pt2_buffer_text (out, number);
}

static bool
put_without_alias (Pt2Buffer *out, const Pt2OpType *type)
{
  switch (type->kind)
    {
    case PT2_OP_LIST:
      return ops_print_type (out, type->items) && put_list_suffix (out, type->size);
    case PT2_OP_OPTIONAL:
      return ops_print_type (out, type->items) && pt2_buffer_text (out, "?");
    case PT2_OP_TUPLE:
      return put_items (out, type);
    case PT2_OP_DICT:
    case PT2_OP_FUTURE:
    case PT2_OP_AWAIT:
    case PT2_OP_RREF:
    case PT2_OP_UNION:
      return put_string (out, type->name) && put_items (out, type);
    default:
      return put_string (out, type->name);
    }
}

bool
ops_print_type (Pt2Buffer *out, const Pt2OpType *type)
{
  return put_without_alias (out, type)
         && (type->alias.data == NULL
             || (pt2_buffer_text (out, "(") && put_string (out, type->alias) && pt2_buffer_text (out, ")")));
}

static bool
put_argument (Pt2Buffer *out, const Pt2OpArgument *argument)
{
  return ops_print_type (out, &argument->type)
         && (argument->name.data == NULL || (pt2_buffer_text (out, " ") && put_string (out, argument->name)))
         && (argument->default_text.data == NULL
             || (pt2_buffer_text (out, "=") && put_string (out, argument->default_text)));
}

static bool
put_arguments (Pt2Buffer *out, const Pt2OpArgument *arguments, guint n, bool more)
{
  bool ok = true, keyword_only = false;
  for (guint i = 0; ok && i < n; i++)
    {
      ok = i == 0 || pt2_buffer_text (out, ", ");
      if (ok && arguments[i].keyword_only && !keyword_only)
        ok = keyword_only = pt2_buffer_text (out, "*, ");
      ok = ok && put_argument (out, &arguments[i]);
    }
  return ok && (!more || pt2_buffer_text (out, n > 0 ? ", ..." : "..."));
}

/* A lone return needs parentheses only where it begins with one; a lone `...` has none. */
static bool
is_bare_return (const Pt2OpSchema *schema)
{
  if (schema->n_returns == 0)
    return schema->gives_more;
  const Pt2OpType *type = schema->n_returns == 1 ? &schema->returns[0].type : NULL;
  while (type != NULL && (type->kind == PT2_OP_LIST || type->kind == PT2_OP_OPTIONAL))
    type = type->items;
  return type != NULL && type->kind != PT2_OP_TUPLE && !schema->gives_more;
}

/* Programs may call extensions anything: what is not printable ASCII, and what ends a name in a text, is escaped. */
static bool
put_extension_name (Pt2Buffer *out, Pt2String target)
{
  bool ok = true;
  char byte[8];
  for (uint32_t i = 0; ok && i < target.len; i++)
    if (g_ascii_isgraph (target.data[i]) && target.data[i] != '(' && target.data[i] != '\\')
      ok = pt2_buffer_bytes (out, &target.data[i], 1);
    else
      ok = pt2_buffer_bytes (out, byte,
                             (size_t)g_snprintf (byte, sizeof byte, "\\x%02x", (unsigned char)target.data[i]));
  return ok;
}

static bool
put_name (Pt2Buffer *out, const Pt2OpSchema *schema)
{
  if (schema->target.len > 0 && schema->target.data[0] == '#')
    return put_extension_name (out, schema->target);
  return put_string (out, schema->space) && pt2_buffer_text (out, "::") && put_string (out, schema->name)
         && (schema->overload.len == 0 || (pt2_buffer_text (out, ".") && put_string (out, schema->overload)));
}

bool
ops_print_schema (Pt2Buffer *out, const Pt2OpSchema *schema)
{
  bool bare = is_bare_return (schema);
  return put_name (out, schema) && pt2_buffer_text (out, "(")
         && put_arguments (out, schema->arguments, schema->n_arguments, schema->takes_more)
         && pt2_buffer_text (out, bare ? ") -> " : ") -> (")
         && put_arguments (out, schema->returns, schema->n_returns, schema->gives_more)
         && (bare || pt2_buffer_text (out, ")"));
}

char *
pt2_op_type_print (const Pt2OpType *type)
{
  Pt2Buffer out = PT2_BUFFER_INIT;
  char *text = NULL;
  if (ops_print_type (&out, type) && pt2_buffer_bytes (&out, "", 1))
    text = g_try_malloc (pt2_buffer_len (&out));
  if (text != NULL)
    memcpy (text, out.data, pt2_buffer_len (&out));
  pt2_buffer_clear (&out);
  return text;
}
