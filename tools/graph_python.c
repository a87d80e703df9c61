/* SPDX-License-Identifier: Apache-2.0 */
/* `graph --format=python`: what PyTorch shows as GraphModule.code. */
#include "graph_show.h"
#include "json_out.h"
#include "report.h"
#include "show.h"
#include <string.h>

/* Code with the marks that could harm a terminal as escapes. Its own backslashes and line ends are no such marks. */
static void
print_code (const char *code, gsize len)
{
  g_autoptr (GString) safe = g_string_sized_new (len);
  for (gsize i = 0; i < len;)
    {
      gsize n = 0;
      while (i + n < len && code[i + n] != '\n' && code[i + n] != '\\')
        n++;
      append_escaped (safe, code + i, n);
      if (i + n < len)
        g_string_append_c (safe, code[i + n]);
      i += n + 1;
    }
  fwrite (safe->str, 1, safe->len, stdout);
}

/* Without the empty lines in front that belong to the place where torch.fx puts the text. */
static void
print_graph (const char *path, GBytes *code)
{
  gsize len;
  const char *text = g_bytes_get_data (code, &len);
  if (path[0] != '\0')
    {
      g_autofree char *safe = escaped (path, -1);
      printf ("\n\n# self.%s\n", safe);
    }
  while (len > 0 && *text == '\n')
    {
      text++;
      len--;
    }
  while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n'))
    len--;
  print_code (text, len);
  printf ("\n");
}

static gboolean
show_graph (Json *json, Pt2FxGraph *graph, const Pt2Ops *ops, gboolean *readable, GError **error)
{
  gsize len;
  g_autofree char *path = pt2_fx_graph_make_path (graph);
  g_autoptr (GBytes) code = pt2_fx_graph_print_python (graph, ops, readable, error);
  if (code == NULL)
    return FALSE;
  if (json == NULL)
    {
      print_graph (path, code);
      return TRUE;
    }
  const char *text = g_bytes_get_data (code, &len);
  json_key (json, path);
  json_text (json, text, (gssize)len);
  return TRUE;
}

/* Is a graph around it among those that PyTorch shows as empty? */
static gboolean
is_hidden (Pt2FxGraph *graph, GHashTable *unreadable)
{
  while ((graph = pt2_fx_graph_get_parent (graph)) != NULL)
    if (g_hash_table_contains (unreadable, graph))
      return TRUE;
  return FALSE;
}

static gboolean
show_all (Json *json, Pt2FxModule *module, const Pt2Ops *ops, GHashTable *unreadable, GError **error)
{
  for (guint i = 0; i < pt2_fx_module_get_n_graphs (module); i++)
    {
      Pt2FxGraph *graph = pt2_fx_module_get_graph (module, i);
      gboolean readable = TRUE;
      if (!pt2_fx_graph_is_attribute (graph) || is_hidden (graph, unreadable))
        continue;
      if (!show_graph (json, graph, ops, &readable, error))
        return FALSE;
      if (!readable)
        g_hash_table_add (unreadable, graph);
    }
  return TRUE;
}

gboolean
graph_python (Pt2FxModule *module, const Pt2Ops *ops, GError **error)
{
  Json json;
  g_autoptr (GHashTable) unreadable = g_hash_table_new (NULL, NULL);
  if (settings.json)
    {
      json_init (&json, stdout);
      json_open (&json, '{');
    }
  gboolean fine = show_all (settings.json ? &json : NULL, module, ops, unreadable, error);
  if (fine && settings.json)
    json_close (&json, '}');
  if (g_hash_table_size (unreadable) > 0)
    note ("%u of the graphs have names or objects that Python cannot read: PyTorch shows them as empty",
          g_hash_table_size (unreadable));
  return fine;
}
