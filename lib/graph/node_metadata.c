/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata of nodes: as texts, taken apart, and changed. Nodes that nobody changed share the program's. */
#include "graph.h"
#include "pt2-graph-edit.h"
#include <string.h>

static const Pt2StringToStringMap *
metadata_of (Pt2FxNode *node)
{
  const Pt2FxNode *producer = pt2_fx_node_get_producer (node);
  return producer->op == PT2_FX_CALL && producer->source != NULL ? &producer->source->metadata : NULL;
}

Pt2String
pt2_fx_node_get_metadata (Pt2FxNode *node, const char *key)
{
  const Pt2StringToStringMap *metadata = metadata_of (node);
  size_t len = strlen (key);
  for (uint32_t i = 0; metadata != NULL && i < metadata->len; i++)
    if (metadata->entries[i].key.len == len && memcmp (metadata->entries[i].key.data, key, len) == 0)
      return metadata->entries[i].value;
  return (Pt2String){ NULL, 0 };
}

Pt2Metadata *
pt2_fx_node_make_metadata (Pt2FxNode *node, const Pt2Limits *limits, GError **error)
{
  return pt2_metadata_new (metadata_of (node), limits, error);
}

const Pt2TypeInfo *
pt2_fx_metadata_type (void)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "Node");
  return pt2_struct_field_by_name (info, "metadata", strlen ("metadata"))->type;
}

Pt2Node *
pt2_fx_own_source (Pt2FxNode *call)
{
  if (call->flags & (PT2_FX_NEW | PT2_FX_SOURCE_OWN))
    return (Pt2Node *)call->source;
  Pt2FxChangedSource *own = pt2_fx_alloc (call->graph->module, sizeof *own);
  if (own == NULL)
    return NULL;
  *own = (Pt2FxChangedSource){ *call->source, call->source };
  call->source = &own->node;
  call->flags |= PT2_FX_SOURCE_OWN;
  return &own->node;
}

gboolean
pt2_fx_node_set_metadata (Pt2FxNode *node, const Pt2Metadata *metadata, GError **error)
{
  Pt2FxNode *call = pt2_fx_node_get_producer (node);
  Pt2FxModule *module = call->graph->module;
  Pt2StringToStringMap map;
  if (call->op != PT2_FX_CALL || (call->flags & PT2_FX_ERASED))
    return pt2_fx_fault (call->graph, NULL, PT2_ERROR_G016, error, "%.*s", (int)MIN (node->name_len, 60), node->name);
  if (!pt2_fx_deep_copy (&module->arena, pt2_fx_metadata_type (), &map, pt2_metadata_get_map (metadata)))
    return pt2_fx_no_memory (module, error);
  Pt2Node *source = pt2_fx_own_source (call);
  if (source == NULL)
    return pt2_fx_no_memory (module, error);
  source->metadata = map;
  call->flags |= PT2_FX_METADATA_OWN;
  return TRUE;
}
