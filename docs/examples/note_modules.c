/* SPDX-License-Identifier: Apache-2.0 */
/* Notes on each call which module it was traced in, prints what was noted, and saves the program.
 *   cc note_modules.c $(pkg-config --cflags --libs libpt2-1) -o note_modules && ./note_modules model.pt2 noted.json */
#include <pt2.h>
#include <stdio.h>

static gboolean
note_module (Pt2FxNode *node, GError **error)
{
  g_autoptr (Pt2Metadata) metadata = pt2_fx_node_make_metadata (node, NULL, error);
  const Pt2ModuleStack *stack = metadata != NULL ? pt2_metadata_get_module_stack (metadata, error) : NULL;
  if (stack == NULL)
    return FALSE;
  if (stack->len == 0)
    return TRUE;
  const Pt2ModuleFrame *innermost = &stack->items[stack->len - 1];
  g_autofree char *json = g_strdup_printf ("\"%.*s\"", (int)innermost->path.len, innermost->path.data);
  const Pt2CustomNote note = { { "module", 6 }, { json, (guint32)strlen (json) } };
  const Pt2CustomNotes notes = { &note, 1, { NULL, 0 } };
  if (!pt2_metadata_set_custom (metadata, &notes, error) || !pt2_fx_node_set_metadata (node, metadata, error))
    return FALSE;
  const Pt2String name = pt2_fx_node_get_name (node), custom = pt2_fx_node_get_metadata (node, "custom");
  printf ("%.*s: %.*s\n", (int)name.len, name.data, (int)custom.len, custom.data);
  return TRUE;
}

static gboolean
run (const char *from, const char *to, GError **error)
{
  g_autoptr (Pt2Program) program = pt2_program_new_from_file (from, NULL, NULL, error);
  g_autoptr (Pt2FxModule) module = program != NULL ? pt2_fx_module_new (program, NULL, error) : NULL;
  if (module == NULL)
    return FALSE;
  Pt2FxNode *node = pt2_fx_graph_get_first (pt2_fx_module_get_root (module));
  for (; node != NULL; node = pt2_fx_node_get_next (node))
    if (pt2_fx_node_get_op (node) == PT2_FX_CALL && !note_module (node, error))
      return FALSE;
  g_autoptr (Pt2Program) noted = pt2_fx_module_make_program (module, NULL, NULL, error);
  g_autoptr (GBytes) json = noted != NULL ? pt2_program_save (noted, PT2_FORM_JSON, error) : NULL;
  return json != NULL
         && g_file_set_contents (to, g_bytes_get_data (json, NULL), (gssize)g_bytes_get_size (json), error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc == 3 && run (argv[1], argv[2], &error))
    return 0;
  fprintf (stderr, "note_modules: %s\n", error != NULL ? error->message : "give a program and a file to write");
  return 2;
}
