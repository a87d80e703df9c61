/* SPDX-License-Identifier: Apache-2.0 */
/* `info --json`: every key is always there; what a file of that kind has not is null. */
#include "info.h"
#include "program_json.h"

static void
json_names (Json *json, const char *key, const GPtrArray *names)
{
  json_key (json, key);
  json_open (json, '[');
  for (guint i = 0; i < names->len; i++)
    json_text (json, names->pdata[i], -1);
  json_close (json, ']');
}

static void
json_payload (Json *json, const char *key, const Payload *payload)
{
  json_key (json, key);
  json_open (json, '{');
  json_member_unsigned (json, "count", payload->count);
  json_member_unsigned (json, "bytes", payload->bytes);
  json_member_unsigned (json, "stored_bytes", payload->stored_bytes);
  json_close (json, '}');
}

static void
json_version (Json *json, Pt2Program *program)
{
  gint64 major, minor;
  pt2_program_get_schema_version (program, &major, &minor);
  json_key (json, "schema_version");
  json_open (json, '{');
  json_member_integer (json, "major", major);
  json_member_integer (json, "minor", minor);
  json_close (json, '}');
}

static void
json_opsets (Json *json, Pt2Program *program)
{
  guint n;
  const Pt2OpsetVersion *opsets = pt2_program_get_opsets (program, &n);
  json_key (json, "opset_version");
  json_open (json, '{');
  for (guint i = 0; i < n; i++)
    {
      json_key_len (json, opsets[i].name.data, opsets[i].name.len);
      json_integer (json, opsets[i].version);
    }
  json_close (json, '}');
}

static void
json_archive (Json *json, const Facts *facts)
{
  Pt2Archive *archive = facts->archive;
  json_member_text (json, "kind", pt2_file_kind_name (facts->kind));
  json_member_text (json, "layout", archive != NULL ? pt2_archive_get_layout_name (archive) : NULL);
  json_member_text (json, "archive_version", archive != NULL ? pt2_archive_get_version (archive) : NULL);
  json_member_text (json, "byteorder", archive != NULL ? pt2_archive_get_byteorder (archive) : NULL);
  json_key (json, "models");
  json_open (json, '[');
  const char *const *models = archive != NULL ? pt2_archive_get_models (archive) : NULL;
  for (guint i = 0; models != NULL && models[i] != NULL; i++)
    json_text (json, models[i], -1);
  json_close (json, ']');
  json_member_text (json, "model", facts->model);
}

static void
json_program (Json *json, const Facts *facts)
{
  Pt2Program *program = facts->program;
  guint n;
  json_version (json, program);
  json_member_string (json, "torch_version", pt2_program_get_torch_version (program));
  json_opsets (json, program);
  json_member_unsigned (json, "nodes", facts->nodes);
  json_member_unsigned (json, "operators", facts->operators);
  json_member_unsigned (json, "subgraphs", facts->subgraphs);
  const Pt2SignatureItem *items = pt2_program_get_inputs (program, &n);
  json_key (json, "inputs");
  json_items (json, items, n, ITEMS_SHORT);
  items = pt2_program_get_outputs (program, &n);
  json_key (json, "outputs");
  json_items (json, items, n, ITEMS_SHORT);
  json_key (json, "range_constraints");
  json_ranges (json, program);
  json_payload (json, "weights", &facts->weights);
  json_payload (json, "constants", &facts->constants);
}

static void
json_no_program (Json *json)
{
  static const char *const keys[]
      = { "schema_version", "torch_version", "opset_version",     "nodes",   "operators", "subgraphs",
          "inputs",         "outputs",       "range_constraints", "weights", "constants" };
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    json_member_null (json, keys[i]);
}

/* What the compiler noted beside its code. */
static void
json_compiled (Json *json, const GPtrArray *compiled)
{
  json_key (json, "aot_inductor");
  json_open (json, '[');
  for (guint i = 0; i < compiled->len; i++)
    {
      const AotMetadata *metadata = compiled->pdata[i];
      json_open (json, '{');
      json_member_text (json, "model", metadata->model);
      json_member_text (json, "record", metadata->record->name);
      json_key (json, "metadata");
      if (metadata->pairs == NULL)
        json_null (json);
      else
        {
          json_open (json, '{');
          for (guint k = 0; k + 1 < metadata->pairs->len; k += 2)
            {
              json_key (json, metadata->pairs->pdata[k]);
              json_text (json, metadata->pairs->pdata[k + 1], -1);
            }
          json_close (json, '}');
        }
      json_close (json, '}');
    }
  json_close (json, ']');
}

void
info_json (Json *json, const char *file, const Facts *facts)
{
  json_open (json, '{');
  if (file != NULL)
    json_member_text (json, "file", file);
  json_archive (json, facts);
  if (facts->program != NULL)
    json_program (json, facts);
  else
    json_no_program (json);
  json_member_unsigned (json, "records", facts->n_records);
  json_member_unsigned (json, "bytes", facts->bytes);
  json_names (json, "pickles", facts->pickles);
  json_names (json, "native_code", facts->native_code);
  json_names (json, "extra", facts->extra);
  json_compiled (json, facts->compiled);
  json_close (json, '}');
}
