/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that fill one field each. */
#include "upgrade_private.h"
#include <string.h>

static bool
index_values (const Pt2StringToTensorMetaMap *values, Pt2TextIndex *index)
{
  for (uint32_t i = 0; i < values->len; i++)
    if (pt2_text_index_claim (index, values->entries, sizeof *values->entries, i) == PT2_TEXT_INDEX_NONE)
      return false;
  return true;
}

/* Whether META had to change. */
static bool
set_gradient (Pt2TensorMeta *meta)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "TensorMeta");
  if (meta->requires_grad)
    return false;
  meta->requires_grad = true;
  pt2_field_bit_set (info, meta,
                     pt2_struct_field_by_name (info, "requires_grad", strlen ("requires_grad"))->present_bit);
  return true;
}

static const Pt2InputToParameterSpec *
trained_parameter (const Pt2Upgrading *upgrading, const Pt2InputSpec *spec)
{
  return spec->which == PT2_INPUT_SPEC_PARAMETER
                 && upgrading->payloads.needs_gradient (spec->parameter->parameter_name, upgrading->payloads.data)
             ? spec->parameter
             : NULL;
}

/* Releases up to 2.4 described parameters mostly as they stood in the traced graph, without gradients. */
int64_t
pt2_upgrade_gradients (Pt2Upgrading *upgrading)
{
  const Pt2InputSpecList *specs = &upgrading->draft->exported->graph_module.signature.input_specs;
  const Pt2StringToTensorMetaMap *values = &upgrading->draft->exported->graph_module.graph.tensor_values;
  int64_t count = 0;
  if (upgrading->payloads.needs_gradient == NULL)
    return 0;
  Pt2TextIndex index;
  pt2_text_index_init (&index);
  upgrading->draft->no_memory |= !index_values (values, &index);
  for (uint32_t i = 0; !upgrading->draft->no_memory && i < specs->len; i++)
    {
      const Pt2InputToParameterSpec *parameter = trained_parameter (upgrading, &specs->items[i]);
      uint32_t at = parameter != NULL
                        ? pt2_text_index_find (&index, values->entries, sizeof *values->entries, parameter->arg.name)
                        : PT2_TEXT_INDEX_NONE;
      count += at != PT2_TEXT_INDEX_NONE && set_gradient (&values->entries[at].value);
    }
  pt2_text_index_clear (&index);
  return count;
}

int64_t
pt2_upgrade_persistence (Pt2Upgrading *upgrading)
{
  static const uint32_t persistent_bit = 1 << 2; /* the third field */
  Pt2InputSpecList *specs = &upgrading->draft->exported->graph_module.signature.input_specs;
  int64_t count = 0;
  for (uint32_t i = 0; i < specs->len; i++)
    {
      Pt2InputToBufferSpec *buffer = specs->items[i].buffer;
      if (specs->items[i].which != PT2_INPUT_SPEC_BUFFER || (buffer->present[0] & persistent_bit))
        continue;
      buffer->persistent = upgrading->payloads.is_constant == NULL
                           || !upgrading->payloads.is_constant (buffer->buffer_name, upgrading->payloads.data);
      buffer->present[0] |= persistent_bit;
      count++;
    }
  return count;
}

/* Major 1 has no dialect: there was one only. */
int64_t
pt2_upgrade_dialect (Pt2Upgrading *upgrading)
{
  Pt2ExportedProgram *program = upgrading->draft->exported;
  Pt2String dialect = pt2_json_text (pt2_json_get (upgrading->tree, "dialect"));
  if (program->verifiers.len > 0)
    return 0;
  Pt2String *verifier = pt2_draft_alloc (upgrading->draft, sizeof *verifier);
  if (verifier == NULL)
    return -1;
  *verifier = dialect.len > 0 ? dialect : pt2_draft_text (upgrading->draft, "ATEN", -1);
  program->verifiers = (Pt2StringList){ verifier, 1 };
  return 1;
}

static Pt2StringList
texts_of (Pt2Draft *draft, const Pt2JsonNode *array)
{
  uint32_t n = pt2_json_length (array);
  Pt2String *texts = pt2_draft_alloc (draft, n * sizeof *texts);
  for (uint32_t i = 0; texts != NULL && i < n; i++)
    texts[i] = pt2_json_text (pt2_json_item (array, i));
  for (uint32_t i = 0; texts != NULL && i < n; i++)
    if (texts[i].data == NULL)
      return (Pt2StringList){ NULL, 0 };
  return (Pt2StringList){ texts, n };
}

/* Only major 6, between two releases, has them: in the program. */
int64_t
pt2_upgrade_forward_names (Pt2Upgrading *upgrading)
{
  const Pt2ModuleCallEntryList *calls = &upgrading->draft->exported->graph_module.module_call_graph;
  const Pt2JsonNode *names = pt2_json_get (upgrading->tree, "forward_arg_names");
  if (pt2_json_length (names) == 0 || calls->len == 0 || calls->items[0].signature == NULL
      || calls->items[0].signature->forward_arg_names.items != NULL)
    return 0;
  calls->items[0].signature->forward_arg_names = texts_of (upgrading->draft, names);
  return calls->items[0].signature->forward_arg_names.items != NULL;
}
