/* SPDX-License-Identifier: Apache-2.0 */
/* A node on one line, by reflection: what the schema gains later is shown as well. */
#include "diff_show.h"
#include "show.h"
#include <string.h>

enum
{
  MOST_LEVELS = 6, /* of lists and maps in an argument */
  MOST_ITEMS = 64, /* of one list */
  MOST_TEXT = 200, /* bytes of one text */
};

static void append_value (GString *line, Pt2Value value, guint level);

static void
append_text (GString *line, Pt2String text)
{
  append_escaped (line, text.data, MIN (text.len, MOST_TEXT));
  if (text.len > MOST_TEXT)
    g_string_append (line, "…");
}

static void
append_items (GString *line, Pt2Value value, guint level)
{
  guint n = pt2_value_length (value), shown = level < MOST_LEVELS ? MIN (n, MOST_ITEMS) : 0;
  gboolean map = pt2_value_type (value) == PT2_TYPE_MAP;
  g_string_append_c (line, map ? '{' : '[');
  for (guint i = 0; i < shown; i++)
    {
      g_string_append (line, i > 0 ? ", " : "");
      if (map)
        {
          append_value (line, pt2_value_key (value, i), level + 1);
          g_string_append (line, ": ");
        }
      append_value (line, pt2_value_item (value, i), level + 1);
    }
  if (shown < n)
    g_string_append_printf (line, "%s… %u more", shown > 0 ? ", " : "", n - shown);
  g_string_append_c (line, map ? '}' : ']');
}

/* Is it a name or a device's kind, to be shown bare? */
static gboolean
is_bare (const char *field)
{
  return strcmp (field, "name") == 0 || strcmp (field, "as_name") == 0 || strcmp (field, "type") == 0
         || strcmp (field, "as_operator") == 0;
}

static void
append_field (GString *line, const char *name, Pt2Value value, guint level)
{
  if (pt2_value_type (value) == PT2_TYPE_STRING && is_bare (name))
    append_text (line, pt2_value_get_string (value));
  else
    append_value (line, value, level);
}

/* The first field bare, others with their names: `x`, `cuda (index 0)`. */
static void
append_struct (GString *line, Pt2Value value, guint level)
{
  const char *open = " (";
  guint first = 0, n = pt2_value_n_fields (value);
  if (pt2_value_is_valid (pt2_value_field (value, "nodes")))
    {
      g_string_append_printf (line, "%u nodes", pt2_value_length (pt2_value_field (value, "nodes")));
      return;
    }
  while (first < n && !pt2_value_is_valid (pt2_value_field_at (value, first)))
    first++;
  if (first < n)
    append_field (line, pt2_value_field_name (value, first), pt2_value_field_at (value, first), level);
  for (guint i = first + 1; i < n && level < MOST_LEVELS; i++)
    {
      if (!pt2_value_is_valid (pt2_value_field_at (value, i)))
        continue;
      g_string_append_printf (line, "%s%s ", open, pt2_value_field_name (value, i));
      append_field (line, pt2_value_field_name (value, i), pt2_value_field_at (value, i), level + 1);
      open = ", ";
    }
  if (open[0] == ',')
    g_string_append_c (line, ')');
}

static void
append_enum (GString *line, Pt2Value value)
{
  const char *name = pt2_value_enum_torch (value);
  if (name == NULL)
    name = pt2_value_enum_name (value);
  if (name != NULL)
    g_string_append (line, name);
  else
    g_string_append_printf (line, "%" G_GINT64_FORMAT, pt2_value_get_int (value));
}

static void
append_union (GString *line, Pt2Value value, guint level)
{
  const char *name = pt2_value_member_name (value);
  if (name == NULL)
    g_string_append (line, "(unknown)");
  else if (strcmp (name, "as_none") == 0)
    g_string_append (line, "None");
  else
    append_field (line, name, pt2_value_member (value), level);
}

static void
append_double (GString *line, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append (line, g_ascii_formatd (text, sizeof text, "%.15g", value));
  if (g_ascii_strtod (text, NULL) != value && value == value)
    {
      g_string_truncate (line, line->len - strlen (text));
      g_string_append (line, g_ascii_dtostr (text, sizeof text, value));
    }
  if (strpbrk (text, ".einEIN") == NULL)
    g_string_append (line, ".0");
}

static void
append_value (GString *line, Pt2Value value, guint level)
{
  switch (pt2_value_type (value))
    {
    case PT2_TYPE_BOOL:
      g_string_append (line, pt2_value_get_bool (value) ? "True" : "False");
      break;
    case PT2_TYPE_INT:
      g_string_append_printf (line, "%" G_GINT64_FORMAT, pt2_value_get_int (value));
      break;
    case PT2_TYPE_DOUBLE:
      append_double (line, pt2_value_get_double (value));
      break;
    case PT2_TYPE_ENUM:
      append_enum (line, value);
      break;
    case PT2_TYPE_STRING:
    case PT2_TYPE_BINARY:
      g_string_append_c (line, '\'');
      append_text (line, pt2_value_get_string (value));
      g_string_append_c (line, '\'');
      break;
    case PT2_TYPE_STRUCT:
      append_struct (line, value, level);
      break;
    case PT2_TYPE_UNION:
      append_union (line, value, level);
      break;
    case PT2_TYPE_LIST:
    case PT2_TYPE_MAP:
      append_items (line, value, level);
      break;
    default:
      break;
    }
}

static void
append_operator (GString *line, Pt2String target)
{
  static const char usual[] = "torch.ops.";
  gsize skip = strlen (usual);
  if (target.len > skip && memcmp (target.data, usual, skip) == 0)
    target = (Pt2String){ target.data + skip, target.len - (guint32)skip };
  append_text (line, target);
}

void
append_node (GString *line, Pt2Value node)
{
  Pt2Value outputs = pt2_value_field (node, "outputs"), inputs = pt2_value_field (node, "inputs");
  for (guint i = 0; i < MIN (pt2_value_length (outputs), MOST_ITEMS); i++)
    {
      g_string_append (line, i > 0 ? ", " : "");
      append_value (line, pt2_value_item (outputs, i), 0);
    }
  if (pt2_value_length (outputs) > MOST_ITEMS)
    g_string_append (line, ", …");
  g_string_append (line, pt2_value_length (outputs) > 0 ? " = " : "");
  append_operator (line, pt2_value_get_string (pt2_value_field (node, "target")));
  g_string_append_c (line, '(');
  for (guint i = 0; i < MIN (pt2_value_length (inputs), MOST_ITEMS); i++)
    {
      Pt2Value input = pt2_value_item (inputs, i);
      Pt2String name = pt2_value_get_string (pt2_value_field (input, "name"));
      g_string_append (line, i > 0 ? ", " : "");
      append_text (line, name);
      g_string_append (line, name.len > 0 ? "=" : "");
      append_value (line, pt2_value_field (input, "arg"), 0);
    }
  g_string_append (line, pt2_value_length (inputs) > MOST_ITEMS ? ", …)" : ")");
}
