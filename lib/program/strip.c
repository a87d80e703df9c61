/* SPDX-License-Identifier: Apache-2.0 */
#include "strip.h"
#include "draft.h"
#include "graphs.h"
#include <string.h>

static const struct
{
  const char *key;
  Pt2StripFlags flag;
} rows[] = {
  { "stack_trace", PT2_STRIP_STACK_TRACES },
  { "nn_module_stack", PT2_STRIP_MODULE_STACK },
  { "source_fn_stack", PT2_STRIP_SOURCE },
  { "source_fn", PT2_STRIP_SOURCE },
  { "torch_fn", PT2_STRIP_SOURCE },
  { "from_node", PT2_STRIP_SOURCE },
  { "custom", PT2_STRIP_CUSTOM },
};

static Pt2StripFlags
flag_of (Pt2String key)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    if (key.len == strlen (rows[i].key) && memcmp (key.data, rows[i].key, key.len) == 0)
      return rows[i].flag;
  return 0;
}

bool
pt2_strip_takes (Pt2StripFlags what, Pt2String key, size_t value_len, Pt2Stripped *stripped)
{
  Pt2StripFlags flag = flag_of (key) & what;
  if (flag == 0)
    return false;
  int bit = g_bit_nth_lsf (flag, -1);
  stripped->count[bit]++;
  stripped->bytes[bit] += key.len + value_len;
  return true;
}

typedef struct
{
  Pt2StripFlags what;
  Pt2Stripped stripped;
  bool look; /* only count */
} Strip;

static void
strip_map (Strip *strip, Pt2StringToStringMap *map)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < map->len; i++)
    if (!pt2_strip_takes (strip->what, map->entries[i].key, map->entries[i].value.len, &strip->stripped) && kept++ != i
        && !strip->look)
      map->entries[kept - 1] = map->entries[i];
  if (!strip->look)
    map->len = kept;
}

static bool
strip_graph (Pt2Graph *graph, uint32_t number, void *data)
{
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    strip_map (data, &graph->nodes.items[i].metadata);
  return true;
}

static void
strip_module (Strip *strip, Pt2GraphModule *module)
{
  pt2_graphs_foreach (&module->graph, strip_graph, strip);
  strip_map (strip, &module->metadata);
}

static uint64_t
count_all (const Pt2Stripped *stripped)
{
  uint64_t n = 0;
  for (int i = 0; i < PT2_STRIP_KINDS; i++)
    n += stripped->count[i];
  return n;
}

static Pt2Program *
strip_structs (Pt2Program *program, Strip *strip, const Pt2Limits *limits, GError **error)
{
  /* Nothing is written to while it only looks. */
  strip->look = true;
  strip_module (strip, (Pt2GraphModule *)&pt2_program_get_exported_program (program)->graph_module);
  if (count_all (&strip->stripped) == 0)
    return pt2_program_ref (program);
  Pt2Draft *draft = pt2_draft_new (program, PT2_DRAFT_ALL, limits, error);
  if (draft == NULL)
    return NULL;
  *strip = (Strip){ .what = strip->what };
  strip_module (strip, &draft->exported->graph_module);
  return pt2_draft_finish (draft, error);
}

Pt2Program *
pt2_program_strip (Pt2Program *program, Pt2StripFlags what, const Pt2Limits *limits, Pt2Stripped *stripped,
                   GError **error)
{
  Strip strip = { .what = what };
  Pt2Program *result = program->document.root != NULL ? strip_structs (program, &strip, limits, error)
                                                      : pt2_strip_tree (program, what, limits, &strip.stripped, error);
  for (int i = 0; i < PT2_STRIP_KINDS && stripped != NULL && result != NULL; i++)
    {
      stripped->count[i] += strip.stripped.count[i];
      stripped->bytes[i] += strip.stripped.bytes[i];
    }
  return result;
}
