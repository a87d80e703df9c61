/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people: escaped, aligned, with a little colour where the terminal has it.
 * Nothing here prints bytes of a file without escaping them first.
 */
#pragma once

#include "command.h"

/* Appends TEXT so that it can do a terminal no harm: control bytes, invalid UTF-8, marks that
 * reorder or hide text, and the backslash come as escapes. */
void append_escaped (GString *out, const char *text, gsize len);
/* The same as a new string. */
char *escaped (const char *text, gssize len);

typedef enum
{
  STYLE_PLAIN,
  STYLE_HEADING,
  STYLE_FAINT,
  STYLE_ALARM,
  STYLE_OLD, /* what is gone */
  STYLE_NEW, /* what has come */
} Style;

/* --color: "auto", "always" or "never". */
gboolean set_color (const char *value, GError **error);
/* The sequence that begins a style on STREAM; "" where there is no colour. */
const char *style_begin (FILE *stream, Style style);
const char *style_end (FILE *stream, Style style);
void print_heading (const char *text);

/* A table: cells are added row by row, then printed with aligned columns. */
typedef struct
{
  const char *heading; /* NULL in every column: no line of headings */
  gboolean right;      /* aligned to the right */
  Style style;
} Column;

typedef struct
{
  const Column *columns;
  guint n_columns;
  const char *indent;
  GPtrArray *cells;
} Table;

void table_init (Table *table, const Column *columns, guint n_columns, const char *indent);
/* TEXT is escaped; LEN -1: NUL-terminated; NULL gives an empty cell. */
void table_text (Table *table, const char *text, gssize len);
void table_number (Table *table, guint64 number);
/* Text made here, not from a file; takes it over. */
void table_take (Table *table, char *text);
/* Prints to standard output and frees the cells. */
void table_print (Table *table);

/* "512 bytes", "1.5 MiB": (transfer full) */
char *size_text (guint64 bytes);
/* Three cells: name, type of the elements, shape; the last two are empty for what is no tensor. */
void table_item (Table *table, const Pt2SignatureItem *item);
