/* SPDX-License-Identifier: Apache-2.0 */
/* A program as a whole: versions, dialects, parts that its schema does not have; then every group of rules. */
#include "check_private.h"

/* The newest schema that this library was made for. */
enum
{
  MAJOR = 8,
  MINOR = 20,
};

static bool
is_version (Pt2String text)
{
  uint32_t digits = 0;
  if (text_is (text, "<=2.4"))
    return true;
  while (digits < text.len && g_ascii_isdigit (text.data[digits]))
    digits++;
  return digits > 0 && digits + 1 < text.len && text.data[digits] == '.' && g_ascii_isdigit (text.data[digits + 1]);
}

static void
check_versions (Check *check)
{
  const Pt2ExportedProgram *exported = check->exported;
  bool aten = false;
  for (uint32_t i = 0; i < exported->opset_version.len; i++)
    aten
        = aten
          || (text_is (exported->opset_version.entries[i].key, "aten") && exported->opset_version.entries[i].value > 0);
  if (!aten)
    check_add (check, CHECK_P124, "opset_version", "%s", "");
  if (exported->torch_version.data != NULL && !is_version (exported->torch_version))
    check_add (check, CHECK_P127, "torch_version", "%s", shown (exported->torch_version).text);
}

static bool
uses_extensions (const Check *check)
{
  for (guint g = 0; g < check->graphs->len; g++)
    {
      const Pt2NodeList *nodes = &((const CheckGraph *)check->graphs->pdata[g])->graph->nodes;
      for (uint32_t i = 0; i < nodes->len; i++)
        if (text_begins (nodes->items[i].target, "#"))
          return true;
    }
  return false;
}

/* A program that calls an extension's operators, in whichever of its graphs, needs the extension's dialect. */
static void
check_dialects (Check *check)
{
  const Pt2StringList *verifiers = &check->exported->verifiers;
  bool extensions = uses_extensions (check);
  for (uint32_t i = 0; i < verifiers->len; i++)
    {
      Pt2String name = verifiers->items[i];
      check->training = check->training || text_is (name, "TRAINING");
      bool own = name.len == 0 || text_is (name, "ATEN") || text_is (name, "TRAINING");
      check->foreign_dialect = check->foreign_dialect || !own;
      check->own_dialect = check->own_dialect || own;
      if (!own && !text_is (name, "EDGE") && !extensions)
        check_add (check, CHECK_P126, place (NULL, "verifiers[%u]", i).text, "%s", shown (name).text);
    }
}

static void
check_unknown_parts (Check *check)
{
  guint n = pt2_program_count_unknown (check->program);
  if (n == 0)
    return;
  if (check->minor <= MINOR)
    check_add (check, CHECK_P121, NULL, "%u, in a file of 8.%" G_GINT64_FORMAT, n, check->minor);
  else
    check_add_not_checked (check, "%u parts of schema 8.%" G_GINT64_FORMAT ", which is newer than 8.%d", n,
                           check->minor, MINOR);
}

static void
check_custom (Check *check)
{
  const Pt2StringToStringMap *metadata = &check->exported->graph_module.metadata;
  char room[96];
  for (uint32_t i = 0; i < metadata->len; i++)
    {
      const char *fault = pt2_metadata_form_of (metadata->entries[i].key) == PT2_METADATA_CUSTOM
                              ? check_metadata_text (check, PT2_METADATA_CUSTOM, metadata->entries[i].value, room)
                              : NULL;
      if (fault != NULL)
        check_add (check, CHECK_P119, "graph_module.metadata[\"custom\"]", "%s", fault);
    }
}

static void
free_graph (gpointer graph)
{
  pt2_text_index_clear (&((CheckGraph *)graph)->index);
}

static void
check_native (Check *check)
{
  check->graphs = g_ptr_array_new_with_free_func (free_graph);
  check_versions (check);
  check_unknown_parts (check);
  check_custom (check);
  const CheckGraph *graph = check_graph_rules (check);
  check_dialects (check);
  if (graph == NULL)
    return;
  check_add_checked (check, "graph");
  check_signature_rules (check, graph);
  check_tree_rules (check, graph);
  check_add_checked (check, "signature");
  check_symbol_rules (check, graph);
  check_add_checked (check, "symbols");
  check_operator_rules (check);
}

void
check_program_rules (Check *check)
{
  int64_t major;
  pt2_program_get_schema_version (check->program, &major, &check->minor);
  check->exported = pt2_program_get_exported_program (check->program);
  check->training = check->foreign_dialect = check->own_dialect = false;
  if (major != MAJOR)
    check_add (check, CHECK_P125, "schema_version", "%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT "%s", major, check->minor,
               major < MAJOR ? "; `pt2 convert --schema=8.20 IN OUT` upgrades it" : "");
  if (check->exported != NULL)
    check_native (check);
  else
    check_add_not_checked (check, "graph, signature, symbols: schema major %" G_GINT64_FORMAT, major);
  check_program_security (check);
}
