/* SPDX-License-Identifier: Apache-2.0 */
/* Types as text, and what the program says of values of them. */
#include "build_private.h"
#include "pt2-tensor.h"
#include <string.h>

enum
{
  MOST_DIMENSIONS = 64,
};

/* `NAME[INSIDE]` or `NAME(INSIDE)`. */
typedef struct
{
  char *name;
  char *inside;
  char bracket;
} TypeText;

static void
clear_type (TypeText *text)
{
  g_free (text->name);
  g_free (text->inside);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TypeText, clear_type)

static gboolean
split_type (Pt2Builder *builder, const char *type, TypeText *text)
{
  g_autofree char *copy = g_strstrip (g_strdup (type));
  gsize len = strlen (copy), start = strcspn (copy, "[(");
  char closing = copy[start] == '[' ? ']' : ')';
  if (start == 0 || start == len || copy[len - 1] != closing || len < start + 2)
    {
      build_fail (builder, PT2_ERROR_B003, "\"%s\"", type);
      return FALSE;
    }
  text->bracket = copy[start];
  text->name = g_strchomp (g_strndup (copy, start));
  text->inside = g_strstrip (g_strndup (copy + start + 1, len - start - 2));
  return TRUE;
}

/* Number of the element type; -1 if there is none. */
static gint
dtype_number (const char *name)
{
  for (gint i = 0; i < 256; i++)
    if (g_strcmp0 (pt2_scalar_type_name (i), name) == 0)
      return i;
  return -1;
}

/* ---- expressions ---- */

/* With what PyTorch assumes of sizes; the printer knows that they are integers. */
static char *
print_expression (Pt2Builder *builder, const Pt2Expr *expr)
{
  g_autofree char *text = pt2_expr_print (expr, PT2_EXPR_SREPR, NULL);
  GString *out = g_string_new (text);
  for (guint i = 0; i < builder->symbols->len; i++)
    {
      const char *name = g_array_index (builder->symbols, BuildSymbol, i).name;
      g_autofree char *bare = g_strdup_printf ("Symbol('%s', integer=True)", name);
      g_autofree char *assumed = g_strdup_printf ("Symbol('%s', positive=True, integer=True)", name);
      g_string_replace (out, bare, assumed, 0);
    }
  return g_string_free (out, FALSE);
}

/* {"as_expr": …}, or for a number what NUMBER_KEY says. FALSE after an error. */
static gboolean
put_expression (GString *out, Pt2Builder *builder, const char *text)
{
  const Pt2Expr *expr = builder->error == NULL ? pt2_expr_parse (builder->pool, text, -1, &builder->error) : NULL;
  expr = expr != NULL ? pt2_expr_normal (builder->pool, expr, &builder->error) : NULL;
  Pt2ExprValue hint = { .kind = PT2_EXPR_NONE };
  if (expr == NULL
      || !pt2_expr_evaluate (expr, (const Pt2ExprSetting *)(void *)builder->hints->data, builder->hints->len, NULL,
                             &hint, &builder->error))
    return FALSE;
  if (strcmp (pt2_expr_get_name (expr), "Integer") == 0 && hint.kind == PT2_EXPR_INTEGER)
    g_string_append_printf (out, "{\"as_int\": %" G_GINT64_FORMAT "}", hint.integer);
  else
    {
      g_autofree char *printed = print_expression (builder, expr);
      g_string_append (out, "{\"as_expr\": {\"expr_str\": ");
      build_put_text (out, printed);
      if (hint.kind == PT2_EXPR_INTEGER)
        g_string_append_printf (out, ", \"hint\": {\"as_int\": %" G_GINT64_FORMAT "}}}", hint.integer);
      else
        g_string_append (out, ", \"hint\": null}}");
    }
  pt2_expr_value_clear (&hint);
  return TRUE;
}

/* ---- tensors ---- */

/* The dimensions between commas that are not in parentheses; NULL after an error. (transfer full) */
static char **
split_dimensions (Pt2Builder *builder, const char *inside)
{
  GPtrArray *dims = g_ptr_array_new ();
  gint nested = 0;
  const char *start = inside;
  for (const char *p = inside; inside[0] != '\0'; p++)
    {
      nested += *p == '(' ? 1 : *p == ')' ? -1 : 0;
      if (*p != '\0' && (*p != ',' || nested > 0))
        continue;
      g_ptr_array_add (dims, g_strstrip (g_strndup (start, (gsize)(p - start))));
      start = p + 1;
      if (*p == '\0')
        break;
    }
  if (dims->len > MOST_DIMENSIONS)
    build_fail (builder, PT2_ERROR_B003, "%u dimensions", dims->len);
  g_ptr_array_add (dims, NULL);
  return (char **)g_ptr_array_free (dims, FALSE);
}

static gboolean
put_sizes (GString *out, Pt2Builder *builder, char **dims)
{
  gboolean fine = TRUE;
  for (guint i = 0; fine && dims[i] != NULL; i++)
    {
      g_string_append (out, i > 0 ? ", " : "");
      fine = put_expression (out, builder, dims[i]);
    }
  return fine;
}

/* Of a contiguous tensor: the product of the sizes behind each. */
static gboolean
put_strides (GString *out, Pt2Builder *builder, char **dims)
{
  gboolean fine = TRUE;
  for (guint i = 0; fine && dims[i] != NULL; i++)
    {
      g_autoptr (GString) product = g_string_new ("1");
      for (guint j = i + 1; dims[j] != NULL; j++)
        g_string_append_printf (product, "*(%s)", dims[j]);
      g_string_append (out, i > 0 ? ", " : "");
      fine = put_expression (out, builder, product->str);
    }
  return fine;
}

static char *
read_tensor (Pt2Builder *builder, const TypeText *text, gboolean gradient)
{
  gint dtype = dtype_number (text->name);
  if (dtype < 0)
    return build_fail (builder, PT2_ERROR_B003, "no elements are called \"%s\"", text->name);
  g_auto (GStrv) dims = split_dimensions (builder, text->inside);
  g_autoptr (GString) out = g_string_new (NULL);
  g_string_append_printf (out, "{\"dtype\": %d, \"sizes\": [", dtype);
  gboolean fine = builder->error == NULL && put_sizes (out, builder, dims);
  g_string_append_printf (out,
                          "], \"requires_grad\": %s, \"device\": {\"type\": \"cpu\", \"index\": null}, \"strides\": [",
                          gradient ? "true" : "false");
  fine = fine && put_strides (out, builder, dims);
  g_string_append (out, "], \"storage_offset\": {\"as_int\": 0}, \"layout\": 7}");
  return fine ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

char *
build_read_type (Pt2Builder *builder, const char *type, gboolean gradient, BuildKind *kind)
{
  static const char *const words[]
      = { [BUILD_SYM_INT] = "int", [BUILD_SYM_FLOAT] = "float", [BUILD_SYM_BOOL] = "bool" };
  g_auto (TypeText) text = { 0 };
  *kind = BUILD_TENSOR;
  if (builder->error != NULL || !split_type (builder, type, &text))
    return NULL;
  if (text.bracket == '[')
    return read_tensor (builder, &text, gradient);
  for (guint i = BUILD_SYM_INT; i < G_N_ELEMENTS (words); i++)
    if (strcmp (text.name, words[i]) == 0)
      {
        GString *out = g_string_new (NULL);
        *kind = i;
        return g_string_free (out, !put_expression (out, builder, text.inside));
      }
  return build_fail (builder, PT2_ERROR_B003, "\"%s\"", type);
}

guint64
build_type_bytes (Pt2Builder *builder, const char *type)
{
  g_auto (TypeText) text = { 0 };
  if (builder->error != NULL || !split_type (builder, type, &text))
    return G_MAXUINT64;
  const Pt2Dtype *dtype = text.bracket == '[' ? pt2_dtype_by_name (text.name) : NULL;
  guint64 bytes = dtype != NULL ? dtype->bytes : 0;
  g_auto (GStrv) dims = split_dimensions (builder, text.inside);
  for (guint i = 0; dims[i] != NULL && dtype != NULL; i++)
    {
      guint64 size;
      if (!g_ascii_string_to_unsigned (dims[i], 10, 0, G_MAXINT64, &size, NULL)
          || !g_uint64_checked_mul (&bytes, bytes, size))
        dtype = NULL;
    }
  if (dtype == NULL)
    build_fail (builder, PT2_ERROR_B003, "a stored tensor of \"%s\"", type);
  return bytes;
}
