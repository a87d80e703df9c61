/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_show.h"
#include "show.h"
#include <string.h>

enum
{
  MOST_VALUE = 400, /* bytes of a value that are shown; -v shows all */
};

/* ---- lines ---- */

void
diff_line (char mark, const char *text)
{
  Style style = mark == '-' ? STYLE_OLD : mark == '+' ? STYLE_NEW : mark == '~' ? STYLE_FAINT : STYLE_PLAIN;
  printf ("%s%c  %s%s\n", style_begin (stdout, style), mark, text, style_end (stdout, style));
}

static void
append_json (GString *line, const char *json)
{
  gsize len = json != NULL ? strlen (json) : 0;
  gsize shown = settings.verbose ? len : MIN (len, MOST_VALUE);
  if (json == NULL)
    g_string_append (line, "nothing");
  /* The text has escapes of its own, which stay as they are. */
  for (gsize i = 0; i < shown;)
    {
      gsize run = strcspn (json + i, "\\");
      append_escaped (line, json + i, MIN (run, shown - i));
      i += run;
      if (i < shown)
        g_string_append_c (line, json[i++]);
    }
  if (shown < len)
    g_string_append_printf (line, "… (%" G_GSIZE_FORMAT " bytes)", len);
}

/* PATH without the graph or node that it begins with. */
static const char *
path_below (const char *path, const char *prefix)
{
  gsize len = prefix != NULL ? strlen (prefix) : 0;
  if (len == 0 || strncmp (path, prefix, len) != 0 || (path[len] != '.' && path[len] != '['))
    return path;
  return path + len + (path[len] == '.');
}

static void
append_place (GString *line, const char *path, const char *prefix)
{
  const char *place = path_below (path, prefix);
  append_escaped (line, place, strlen (place));
}

static void
print_value_line (char mark, const char *path, const char *prefix, const char *json)
{
  g_autoptr (GString) line = g_string_new (NULL);
  append_place (line, path, prefix);
  g_string_append (line, ": ");
  append_json (line, json);
  diff_line (mark, line->str);
}

/* ---- changes outside of nodes ---- */

static void
print_change (const Pt2Change *change, const char *prefix)
{
  g_autoptr (GString) line = g_string_new (NULL);
  switch (change->kind)
    {
    case PT2_DIFF_RENAMED:
    case PT2_DIFF_MOVED:
      append_place (line, change->where, prefix);
      g_string_append (line, ": ");
      if (change->kind == PT2_DIFF_RENAMED)
        {
          append_json (line, change->old_value);
          g_string_append (line, " is now called ");
          append_json (line, change->new_value);
        }
      else
        {
          g_string_append (line, "was ");
          append_place (line, change->old_where, prefix);
        }
      diff_line ('~', line->str);
      break;
    default:
      if (change->kind != PT2_DIFF_ADDED)
        print_value_line ('-', change->old_where, prefix, change->old_value);
      if (change->kind != PT2_DIFF_REMOVED)
        print_value_line ('+', change->where, prefix, change->new_value);
    }
}

static void
print_section (const Pt2DiffGraph *graph, gboolean root, const char *what)
{
  g_autoptr (GString) line = g_string_new ("@@ ");
  g_string_append (line, what);
  if (graph != NULL && !root)
    {
      g_string_append (line, " of ");
      append_escaped (line, graph->new_path, strlen (graph->new_path));
    }
  g_string_append (line, " @@");
  print_heading (line->str);
}

/* ---- nodes ---- */

/* The nodes of one graph while they are printed. */
typedef struct
{
  const Pt2DiffGraph *graph;
  Pt2Value old_nodes, new_nodes;
  const Pt2Change *changes; /* of nodes, in the order of the rows */
  guint n_changes;
  guint *first; /* by row: its first change; one more at the end */
  gboolean root;
} Nodes;

static gboolean
belongs (const Pt2DiffRow *row, const Pt2Change *change)
{
  if (row->moved && row->new_node < 0)
    return FALSE; /* told where the node stands now */
  if (row->new_node >= 0)
    return change->new_node == row->new_node;
  return change->new_node < 0 && change->old_node == row->old_node;
}

static void
find_changes (Nodes *nodes)
{
  guint at = 0;
  nodes->first = g_new (guint, nodes->graph->n_rows + 1);
  for (guint k = 0; k < nodes->graph->n_rows; k++)
    {
      nodes->first[k] = at;
      while (at < nodes->n_changes && belongs (&nodes->graph->rows[k], &nodes->changes[at]))
        at++;
    }
  nodes->first[nodes->graph->n_rows] = at;
}

/* Does a row have anything to show? The old place of a moved node has if the new one has. */
static gboolean
is_changed (const Nodes *nodes, guint row)
{
  return nodes->first[row + 1] > nodes->first[row];
}

static char *
node_text (Pt2Value nodes, gint64 index)
{
  GString *line = g_string_new (NULL);
  append_node (line, pt2_value_item (nodes, (guint)index));
  return g_string_free (line, FALSE);
}

/* What a node's two lines do not show, or show in other words. */
static void
print_details (const Nodes *nodes, guint row)
{
  const Pt2DiffRow *r = &nodes->graph->rows[row];
  g_autofree char *prefix = g_strdup_printf ("%s.nodes[%" G_GINT64_FORMAT "]", nodes->graph->new_path, r->new_node);
  for (guint i = nodes->first[row]; i < nodes->first[row + 1]; i++)
    {
      const Pt2Change *change = &nodes->changes[i];
      g_autoptr (GString) line = g_string_new ("  ");
      if (change->kind == PT2_DIFF_RENAMED && strcmp (change->where, prefix) == 0)
        {
          append_json (line, change->old_value);
          g_string_append (line, " is now called ");
          append_json (line, change->new_value);
        }
      else if (change->kind == PT2_DIFF_MOVED && strcmp (change->where, prefix) == 0)
        g_string_append_printf (line, "was node %" G_GINT64_FORMAT, change->old_node);
      else
        {
          append_place (line, change->where, prefix);
          g_string_append (line, ": ");
          append_json (line, change->old_value);
          g_string_append (line, " -> ");
          append_json (line, change->new_value);
        }
      diff_line ('~', line->str);
    }
}

static void
print_row (const Nodes *nodes, guint row)
{
  const Pt2DiffRow *r = &nodes->graph->rows[row];
  gint64 old_node = r->old_node;
  if (r->moved && r->new_node >= 0 && is_changed (nodes, row))
    old_node = nodes->changes[nodes->first[row]].old_node;
  g_autofree char *old = old_node >= 0 ? node_text (nodes->old_nodes, old_node) : NULL;
  g_autofree char *new = r->new_node >= 0 ? node_text (nodes->new_nodes, r->new_node) : NULL;
  if (r->moved && r->new_node < 0)
    return;
  /* A node that only uses what was renamed is context. */
  if (old != NULL && new != NULL && (!is_changed (nodes, row) || strcmp (old, new) == 0))
    diff_line (' ', new);
  else
    {
      if (old != NULL)
        diff_line ('-', old);
      if (new != NULL)
        diff_line ('+', new);
    }
  if (old != NULL && new != NULL)
    print_details (nodes, row);
}

static void
print_hunk (const Nodes *nodes, guint begin, guint end)
{
  gint64 first = -1, last = -1;
  for (guint k = begin; k < end; k++)
    if (nodes->graph->rows[k].new_node >= 0)
      {
        first = first < 0 ? nodes->graph->rows[k].new_node : first;
        last = nodes->graph->rows[k].new_node;
      }
  g_autofree char *what = first == last
                              ? g_strdup_printf ("node %" G_GINT64_FORMAT, first)
                              : g_strdup_printf ("nodes %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, first, last);
  print_section (nodes->graph, nodes->root, first < 0 ? "nodes" : what);
  for (guint k = begin; k < end; k++)
    print_row (nodes, k);
}

static void
print_hunks (const Nodes *nodes, guint context)
{
  guint n = nodes->graph->n_rows;
  for (guint k = 0; k < n;)
    {
      if (!is_changed (nodes, k))
        {
          k++;
          continue;
        }
      guint begin = k > context ? k - context : 0, last = k;
      for (guint next = k + 1; next < n && next - last <= 2 * context + 1; next++)
        last = is_changed (nodes, next) ? next : last;
      guint end = MIN (n, last + context + 1);
      print_hunk (nodes, begin, end);
      k = end;
    }
}

static Pt2Value
nodes_at (Pt2Program *program, const char *path)
{
  return pt2_value_field (pt2_value_path (pt2_program_get_root (program), path), "nodes");
}

static void
print_nodes (const Differences *differences, const Pt2Change *changes, guint n, guint context)
{
  guint n_graphs;
  const Pt2DiffGraph *graphs = pt2_diff_get_graphs (differences->programs, &n_graphs);
  const Pt2DiffGraph *graph = &graphs[changes[0].graph];
  Nodes nodes = { .graph = graph,
                  .old_nodes = nodes_at (pt2_diff_get_old (differences->programs), graph->old_path),
                  .new_nodes = nodes_at (pt2_diff_get_new (differences->programs), graph->new_path),
                  .changes = changes,
                  .n_changes = n,
                  .root = changes[0].graph == 0 };
  find_changes (&nodes);
  print_hunks (&nodes, context);
  g_free (nodes.first);
}

/* ---- all ---- */

static gboolean
is_at_node (const Pt2Change *change)
{
  return change->graph != G_MAXUINT && (change->old_node >= 0 || change->new_node >= 0);
}

static gboolean
stand_together (const Pt2Change *a, const Pt2Change *b)
{
  return a->graph == b->graph && is_at_node (a) == is_at_node (b) && (is_at_node (a) || a->part == b->part);
}

static void
print_part (const Differences *differences, const Pt2Change *changes, guint n)
{
  guint n_graphs;
  const Pt2DiffGraph *graphs = pt2_diff_get_graphs (differences->programs, &n_graphs);
  const Pt2DiffGraph *graph = changes[0].graph < n_graphs ? &graphs[changes[0].graph] : NULL;
  g_autofree char *what = g_strdup_printf ("%ss", pt2_diff_part_name (changes[0].part));
  print_section (graph, changes[0].graph == 0, changes[0].part == PT2_DIFF_METADATA ? "metadata" : what);
  for (guint i = 0; i < n; i++)
    print_change (&changes[i], graph != NULL ? graph->new_path : NULL);
}

static void
print_name (const char *mark, const char *name)
{
  g_autofree char *shown = escaped (name, -1), *line = g_strdup_printf ("%s %s", mark, shown);
  print_heading (line);
}

void
diff_text (const Differences *differences, guint context)
{
  guint n, end;
  const Pt2Change *changes = pt2_diff_get_changes (differences->programs, &n);
  if (differences_count (differences) == 0)
    return;
  print_name ("---", differences->old_name);
  print_name ("+++", differences->new_name);
  for (guint begin = 0; begin < n; begin = end)
    {
      for (end = begin + 1; end < n && stand_together (&changes[begin], &changes[end]); end++)
        ;
      if (is_at_node (&changes[begin]))
        print_nodes (differences, changes + begin, end - begin, context);
      else
        print_part (differences, changes + begin, end - begin);
    }
  diff_weights_text (differences);
  if (differences_are_renaming (differences))
    printf ("nothing but names differs\n");
}

/* ---- counts ---- */

typedef guint Counts[PT2_DIFF_N_KINDS];

static void
add_counts (Table *table, const char *part, const Counts counts)
{
  g_autoptr (GString) line = g_string_new (NULL);
  for (guint kind = 0; kind < PT2_DIFF_N_KINDS; kind++)
    if (counts[kind] > 0)
      g_string_append_printf (line, "%s%u %s", line->len > 0 ? ", " : "", counts[kind], pt2_diff_kind_name (kind));
  if (line->len == 0)
    return;
  table_text (table, part, -1);
  table_take (table, g_strdup (line->str));
}

void
diff_stat (const Differences *differences)
{
  static const Column columns[] = { { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN } };
  guint n;
  Counts parts[PT2_DIFF_N_PARTS] = { { 0 } }, tensors = { 0 }, records = { 0 };
  const Pt2Change *changes = pt2_diff_get_changes (differences->programs, &n);
  Table table;
  table_init (&table, columns, G_N_ELEMENTS (columns), "");
  for (guint i = 0; i < n; i++)
    parts[changes[i].part][changes[i].kind]++;
  for (guint i = 0; i < differences->n_tensors; i++)
    tensors[differences->tensors[i].kind]++;
  for (guint i = 0; i < differences->n_records; i++)
    records[differences->records[i].kind]++;
  for (guint part = 0; part < PT2_DIFF_N_PARTS; part++)
    add_counts (&table, pt2_diff_part_name (part), parts[part]);
  add_counts (&table, "tensor", tensors);
  add_counts (&table, "record", records);
  add_counts (&table, "layout", (Counts){ differences->old_layout != differences->new_layout });
  table_print (&table);
  if (differences_are_renaming (differences))
    printf ("nothing but names differs\n");
}
