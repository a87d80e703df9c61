/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "report.h"
#include "schema.h"
#include "show.h"
#include <string.h>

static const char *const encodings[] = { "json", "compact" };

typedef struct
{
  Pt2Idl **schemas;
  guint n;
  Pt2TrialResult *cells; /* by encoding, writer, reader */
} Matrix;

static Pt2TrialResult *
cell (const Matrix *matrix, guint encoding, guint writer, guint reader)
{
  return &matrix->cells[(encoding * matrix->n + writer) * matrix->n + reader];
}

/* "safe", or the worst verdict and how many values had one that is not safe. */
static char *
cell_text (const Pt2TrialResult *result)
{
  guint n
      = result->counts[PT2_VERDICT_LOSES] + result->counts[PT2_VERDICT_BREAKS] + result->counts[PT2_VERDICT_MISREADS];
  return n == 0 ? g_strdup ("safe") : g_strdup_printf ("%s %u", pt2_verdict_name (result->worst), n);
}

static void
print_text (const Matrix *matrix)
{
  for (guint e = 0; e < G_N_ELEMENTS (encodings); e++)
    {
      g_autofree Column *columns = g_new0 (Column, matrix->n + 1);
      Table table;
      printf ("%s%s: written with the row, read with the column\n", e > 0 ? "\n" : "", e == 0 ? "JSON" : "compact");
      table_init (&table, columns, matrix->n + 1, "  ");
      table_text (&table, "", -1);
      for (guint r = 0; r < matrix->n; r++)
        table_text (&table, pt2_idl_get_name (matrix->schemas[r]), -1);
      for (guint w = 0; w < matrix->n; w++)
        {
          table_text (&table, pt2_idl_get_name (matrix->schemas[w]), -1);
          for (guint r = 0; r < matrix->n; r++)
            table_take (&table, cell_text (cell (matrix, e, w, r)));
        }
      table_print (&table);
    }
}

static void
print_json (const Matrix *matrix)
{
  Json json;
  json_init (&json, stdout);
  json_open (&json, '[');
  for (guint i = 0; i < G_N_ELEMENTS (encodings) * matrix->n * matrix->n; i++)
    {
      const Pt2TrialResult *result = &matrix->cells[i];
      json_open (&json, '{');
      json_member_text (&json, "encoding", encodings[i / (matrix->n * matrix->n)]);
      json_member_text (&json, "writer", pt2_idl_get_name (matrix->schemas[i / matrix->n % matrix->n]));
      json_member_text (&json, "reader", pt2_idl_get_name (matrix->schemas[i % matrix->n]));
      json_member_text (&json, "worst", pt2_verdict_name (result->worst));
      json_member_text (&json, "where", result->where);
      for (guint v = 0; v < G_N_ELEMENTS (result->counts); v++)
        json_member_unsigned (&json, pt2_verdict_name ((Pt2Verdict)v), result->counts[v]);
      json_close (&json, '}');
    }
  json_close (&json, ']');
}

/* Names may come from a path: nothing of it may become markup. */
static void
print_html (const Matrix *matrix)
{
  static const char *const colors[] = { "#cfc", "#ffc", "#fcc", "#f9f" };
  printf ("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>Schemas against each other</title>\n");
  for (guint e = 0; e < G_N_ELEMENTS (encodings); e++)
    {
      printf ("<h2>%s: written with the row, read with the column</h2>\n<table border=\"1\">\n<tr><th></th>",
              encodings[e]);
      for (guint r = 0; r < matrix->n; r++)
        {
          g_autofree char *shown = escaped (pt2_idl_get_name (matrix->schemas[r]), -1);
          g_autofree char *name = g_markup_escape_text (shown, -1);
          printf ("<th>%s</th>", name);
        }
      printf ("</tr>\n");
      for (guint w = 0; w < matrix->n; w++)
        {
          g_autofree char *shown = escaped (pt2_idl_get_name (matrix->schemas[w]), -1);
          g_autofree char *name = g_markup_escape_text (shown, -1);
          printf ("<tr><th>%s</th>", name);
          for (guint r = 0; r < matrix->n; r++)
            {
              const Pt2TrialResult *result = cell (matrix, e, w, r);
              g_autofree char *text = cell_text (result), *where = g_markup_escape_text (result->where, -1);
              printf ("<td style=\"background:%s\" title=\"%s\">%s</td>", colors[result->worst], where, text);
            }
          printf ("</tr>\n");
        }
      printf ("</table>\n");
    }
}

static int
fill (Matrix *matrix)
{
  GError *error = NULL;
  for (guint e = 0; e < G_N_ELEMENTS (encodings); e++)
    for (guint w = 0; w < matrix->n; w++)
      for (guint r = 0; r < matrix->n; r++)
        if (!pt2_idl_try (matrix->schemas[w], matrix->schemas[r], (Pt2Encoding)e, cell (matrix, e, w, r), &error))
          return report_trouble (NULL, error);
  return STATUS_FINE;
}

static int
run_matrix (Matrix *matrix, char **operands)
{
  for (guint i = 0; i < matrix->n; i++)
    if ((matrix->schemas[i] = schema_open (operands[i])) == NULL)
      return STATUS_TROUBLE;
  int status = fill (matrix);
  if (status == STATUS_FINE)
    settings.json ? print_json (matrix) : schema_options.html ? print_html (matrix) : print_text (matrix);
  return status;
}

int
schema_matrix (char **operands, int n)
{
  Matrix matrix = { .n = (guint)n };
  gsize n_cells = G_N_ELEMENTS (encodings) * (gsize)n * (gsize)n;
  matrix.schemas = g_new0 (Pt2Idl *, n);
  matrix.cells = g_new0 (Pt2TrialResult, n_cells);
  int status = run_matrix (&matrix, operands);
  for (gsize i = 0; i < n_cells; i++)
    g_free (matrix.cells[i].where);
  for (int i = 0; i < n; i++)
    pt2_idl_unref (matrix.schemas[i]);
  g_free (matrix.cells);
  g_free (matrix.schemas);
  return status;
}
