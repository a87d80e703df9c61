/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"
#include "expression.h"
#include "report.h"
#include "unsafe.h"
#include <string.h>
#include <unistd.h>

/* ---- escaping ---- */

static gsize
append_character (GString *out, const char *text, gsize len)
{
  static const char plain[] = "\n\t\r\\", letters[] = "ntr\\";
  const char *hit = *text != '\0' ? strchr (plain, *text) : NULL;
  if (hit != NULL)
    {
      g_string_append_printf (out, "\\%c", letters[hit - plain]);
      return 1;
    }
  gunichar c = *text != '\0' ? g_utf8_get_char_validated (text, (gssize)len) : 0;
  if ((gint32)c < 0 || (is_unsafe (c) && c < 0x80))
    {
      g_string_append_printf (out, "\\x%02x", (guchar)*text);
      return 1;
    }
  gsize n = (gsize)g_unichar_to_utf8 (c, NULL);
  if (is_unsafe (c))
    g_string_append_printf (out, c > 0xffff ? "\\U%08X" : "\\u%04X", c);
  else
    g_string_append_len (out, text, (gssize)n);
  return n;
}

void
append_escaped (GString *out, const char *text, gsize len)
{
  for (gsize i = 0; i < len;)
    i += append_character (out, text + i, len - i);
}

char *
escaped (const char *text, gssize len)
{
  GString *out = g_string_new (NULL);
  append_escaped (out, text, len < 0 ? strlen (text) : (gsize)len);
  return g_string_free (out, FALSE);
}

/* ---- colour ---- */

static enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;

gboolean
set_color (const char *value, GError **error)
{
  static const char *const names[] = { "auto", "always", "never" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], value) == 0)
      {
        color = i;
        return TRUE;
      }
  g_autofree char *text = escaped (value, -1);
  set_error (error, PT2_ERROR_U002, "--color is auto, always or never, not \"%s\"", text);
  return FALSE;
}

static gboolean
is_set (const char *name)
{
  const char *value = g_getenv (name);
  return value != NULL && value[0] != '\0';
}

static gboolean
has_color (FILE *stream)
{
  if (color != COLOR_AUTO)
    return color == COLOR_ALWAYS;
  return !is_set ("NO_COLOR") && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0 && isatty (fileno (stream));
}

const char *
style_begin (FILE *stream, Style style)
{
  static const char *const sequences[]
      = { [STYLE_PLAIN] = "",         [STYLE_HEADING] = "\033[1m", [STYLE_FAINT] = "\033[2m",
          [STYLE_ALARM] = "\033[31m", [STYLE_OLD] = "\033[31m",    [STYLE_NEW] = "\033[32m" };
  return has_color (stream) ? sequences[style] : "";
}

const char *
style_end (FILE *stream, Style style)
{
  return style != STYLE_PLAIN && has_color (stream) ? "\033[0m" : "";
}

void
print_heading (const char *text)
{
  printf ("%s%s%s\n", style_begin (stdout, STYLE_HEADING), text, style_end (stdout, STYLE_HEADING));
}

/* ---- tables ---- */

void
table_init (Table *table, const Column *columns, guint n_columns, const char *indent)
{
  *table = (Table){ columns, n_columns, indent, g_ptr_array_new_with_free_func (g_free) };
}

void
table_take (Table *table, char *text)
{
  g_ptr_array_add (table->cells, text);
}

void
table_text (Table *table, const char *text, gssize len)
{
  table_take (table, text != NULL ? escaped (text, len) : g_strdup (""));
}

void
table_number (Table *table, guint64 number)
{
  table_take (table, g_strdup_printf ("%" G_GUINT64_FORMAT, number));
}

/* Columns that a terminal gives TEXT. */
static guint
display_width (const char *text)
{
  guint width = 0;
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);
      width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

/* A wider cell pushes the rest of its own row only: one long text does not pad every row. */
enum
{
  WIDEST_COLUMN = 72,
};

static void
measure (const Table *table, guint *widths)
{
  for (guint i = 0; i < table->n_columns; i++)
    widths[i] = table->columns[i].heading != NULL ? display_width (table->columns[i].heading) : 0;
  for (guint i = 0; i < table->cells->len; i++)
    {
      guint width = display_width (table->cells->pdata[i]), *most = &widths[i % table->n_columns];
      *most = MAX (*most, MIN (width, WIDEST_COLUMN));
    }
}

static void
print_blanks (guint n)
{
  printf ("%*s", (int)n, "");
}

/* Blanks are owed until something follows, so that no line ends with them. */
static void
print_row (const Table *table, const guint *widths, char *const *cells, gboolean heading)
{
  guint owed = 0;
  fputs (table->indent, stdout);
  for (guint i = 0; i < table->n_columns; i++)
    {
      const Column *column = &table->columns[i];
      const char *text = heading ? column->heading : cells[i];
      Style style = heading ? STYLE_HEADING : column->style;
      guint width = display_width (text), room = width < widths[i] ? widths[i] - width : 0;
      if (text[0] != '\0')
        {
          print_blanks (owed + (column->right ? room : 0));
          printf ("%s%s%s", style_begin (stdout, style), text, style_end (stdout, style));
          owed = column->right ? 0 : room;
        }
      else
        owed += widths[i];
      owed += widths[i] > 0 ? 2 : 0;
    }
  putchar ('\n');
}

void
table_print (Table *table)
{
  g_autofree guint *widths = g_new (guint, table->n_columns);
  measure (table, widths);
  if (table->columns[0].heading != NULL)
    print_row (table, widths, NULL, TRUE);
  for (guint i = 0; i + table->n_columns <= table->cells->len; i += table->n_columns)
    print_row (table, widths, (char *const *)&table->cells->pdata[i], FALSE);
  g_ptr_array_free (table->cells, TRUE);
}

/* ---- numbers and shapes ---- */

char *
size_text (guint64 bytes)
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  if (bytes < 1024)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " bytes", bytes);
  double number = (double)bytes / 1024;
  guint unit = 0;
  for (; number >= 1023.95 && unit + 1 < G_N_ELEMENTS (units); unit++)
    number /= 1024;
  return g_strdup_printf ("%.1f %s", number, units[unit]);
}

static void
append_expression (GString *out, Pt2String expression)
{
  gsize len;
  g_autofree char *text = expression_text (expression, &len);
  append_escaped (out, text, len);
}

static char *
shape_text (const Pt2SignatureItem *item)
{
  GString *out = g_string_new ("[");
  for (guint i = 0; i < item->n_shape; i++)
    {
      const Pt2Dim *dim = &item->shape[i];
      g_string_append (out, i > 0 ? ", " : "");
      if (dim->expr.data != NULL)
        append_expression (out, dim->expr);
      else
        g_string_append_printf (out, "%" G_GINT64_FORMAT, dim->value);
    }
  g_string_append_c (out, ']');
  return g_string_free (out, FALSE);
}

void
table_item (Table *table, const Pt2SignatureItem *item)
{
  if (item->name.data != NULL)
    table_text (table, item->name.data, item->name.len);
  else
    table_text (table, "(constant)", -1);
  if (item->constant.data != NULL)
    table_text (table, item->constant.data, item->constant.len);
  else
    table_text (table, item->dtype, -1);
  table_take (table, item->shape != NULL ? shape_text (item) : g_strdup (""));
}
