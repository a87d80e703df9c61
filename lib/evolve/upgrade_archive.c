/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of earlier releases as archives of today: lib/archive changes the layout, the programs are upgraded, and the
 * lists of payloads follow where an upgrade gave a payload another name or took a constant out of a graph.
 */
#include "upgrade_archive.h"
#include "archive_source.h"
#include "codec.h"
#include "pt2-tensor.h"
#include "upgrade_constants.h"
#include <string.h>

/* ---- what the payloads tell ---- */

static const Pt2Tensor *
find_payload (Pt2String fqn, gpointer data)
{
  g_autofree char *name = data != NULL ? g_strndup (fqn.data, fqn.len) : NULL;
  return name != NULL ? pt2_tensors_find (data, name) : NULL;
}

static gboolean
lies_among_constants (Pt2String fqn, gpointer data)
{
  const Pt2Tensor *tensor = find_payload (fqn, data);
  return tensor != NULL && !tensor->persistent;
}

static gboolean
needs_gradient (Pt2String fqn, gpointer data)
{
  const Pt2Tensor *tensor = find_payload (fqn, data);
  return tensor != NULL && tensor->form == PT2_TENSOR_STRIDED && tensor->requires_grad;
}

/* Programs of majors 1 to 5 leave open what is asked. */
static Pt2Tensors *
payloads_of (Pt2Archive *archive, const char *model, Pt2Program *program, GError **error)
{
  gint64 major, minor;
  pt2_program_get_schema_version (program, &major, &minor);
  return major > 0 && major < 6 ? pt2_tensors_new (archive, model, NULL, error) : NULL;
}

static Pt2Upgrade *
upgrade_program (Pt2Archive *archive, guint index, GError **error)
{
  const Pt2Record *record = &archive->records[archive->model_records[index]];
  GError *inner = NULL;
  g_autoptr (Pt2Program) program = pt2_archive_load_program (archive, record, error);
  if (program == NULL)
    return NULL;
  g_autoptr (Pt2Tensors) tensors = payloads_of (archive, archive->models[index], program, &inner);
  const Pt2UpgradePayloads payloads = { lies_among_constants, needs_gradient, tensors };
  Pt2Upgrade *upgrade = inner == NULL ? pt2_upgrade_new_beside (program, &payloads, &archive->limits, &inner) : NULL;
  if (upgrade == NULL)
    {
      pt2_error_add_record (inner, record->name);
      g_propagate_error (error, inner);
    }
  return upgrade;
}

/* ---- lists of payloads ---- */

typedef struct
{
  const char *folder;
  const char *file; /* and a number */
  const char *config;
} Half;

static const Half weights = { "data/weights/", "weight_", "_weights_config.json" };
static const Half constants = { "data/constants/", "tensor_", "_constants_config.json" };

typedef struct
{
  Pt2ArchiveWriter *writer;
  Pt2Upgrade *upgrade;
  const char *model;
  const Pt2Limits *limits;
  GError **error;
} Moving;

static bool
replace_record (Moving *moving, const char *name, GBytes *bytes)
{
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_find (moving->writer, name) != NULL
             ? pt2_archive_writer_replace (moving->writer, name, source, moving->error)
             : pt2_archive_writer_add (moving->writer, name, source, moving->error);
}

static bool
fail (Moving *moving, const Pt2Status *status, const char *record)
{
  pt2_status_to_error (status, moving->error);
  if (moving->error != NULL && *moving->error != NULL)
    pt2_error_add_record (*moving->error, record);
  return false;
}

static void
rename_entries (Pt2PayloadConfig *config, const Pt2Rename *renames, const Pt2TextIndex *index)
{
  for (uint32_t i = 0; i < config->config.len; i++)
    {
      uint32_t at = pt2_text_index_find (index, renames, sizeof *renames, config->config.entries[i].key);
      if (at != PT2_TEXT_INDEX_NONE)
        config->config.entries[i].key = renames[at].to;
    }
}

static bool
index_renames (const Pt2Rename *renames, uint32_t n, Pt2TextIndex *index)
{
  for (uint32_t i = 0; i < n; i++)
    if (pt2_text_index_claim (index, renames, sizeof *renames, i) == PT2_TEXT_INDEX_NONE)
      return false;
  return true;
}

static bool
rename_payloads (Moving *moving, Pt2PayloadConfig *config)
{
  uint32_t n;
  const Pt2Rename *renames = pt2_upgrade_get_renames (moving->upgrade, &n);
  Pt2TextIndex index;
  pt2_text_index_init (&index);
  bool fine = index_renames (renames, n, &index);
  if (fine)
    rename_entries (config, renames, &index);
  pt2_text_index_clear (&index);
  return fine || pt2_error_set (moving->error, PT2_ERROR_L001, NULL, "%s", "");
}

/* ---- constants that a graph held ---- */

static GBytes *
read_elements (Pt2Pickle *pickle, const Pt2PickleTensor *tensor, GError **error)
{
  g_autoptr (GBytes) bytes = pt2_pickle_read_storage (pickle, tensor->storage, error);
  if (bytes == NULL || strcmp (pt2_pickle_get_byteorder (pickle), "little") == 0)
    return g_steal_pointer (&bytes);
  pt2_error_set (error, PT2_ERROR_V002, "graph_module.graph.constants", "%s", "the elements are big-endian");
  return NULL;
}

/* A file that the archive does not have yet. */
static char *
new_file (Moving *moving, uint32_t *number)
{
  g_autofree char *record = NULL;
  do
    {
      g_free (record);
      record = g_strdup_printf ("%s%s%u", constants.folder, constants.file, (*number)++);
    }
  while (pt2_archive_writer_find (moving->writer, record) != NULL);
  return g_steal_pointer (&record);
}

static bool
add_constant (Moving *moving, Pt2Draft *draft, const Pt2GraphConstant *constant, uint32_t *number,
              Pt2StringToPayloadMetaMapEntry *entry)
{
  g_autoptr (Pt2Pickle) pickle = pt2_graph_constant_open (constant, moving->limits, moving->error);
  const Pt2PickleTensor *tensor = pickle != NULL ? pt2_graph_constant_tensor (constant, pickle, moving->error) : NULL;
  g_autoptr (GBytes) bytes = tensor != NULL ? read_elements (pickle, tensor, moving->error) : NULL;
  if (bytes == NULL)
    return false;
  g_autofree char *record = new_file (moving, number);
  Pt2TensorMeta *meta = pt2_draft_alloc (draft, sizeof *meta);
  if (meta == NULL || !pt2_graph_constant_meta (draft, tensor, meta))
    return pt2_error_set (moving->error, PT2_ERROR_L001, NULL, "%s", "");
  *entry = (Pt2StringToPayloadMetaMapEntry){
    .key = constant->name,
    .value = { .path_name = pt2_draft_text (draft, record + strlen (constants.folder), -1), .tensor_meta = meta },
  };
  memset (entry->value.present, 0xff, sizeof entry->value.present);
  return replace_record (moving, record, bytes);
}

static bool
add_constants (Moving *moving, Pt2Draft *draft, Pt2PayloadConfig *config)
{
  uint32_t n, number = 0;
  const Pt2GraphConstant *added = pt2_upgrade_get_constants (moving->upgrade, &n);
  Pt2StringToPayloadMetaMapEntry *entries = pt2_draft_alloc (draft, ((size_t)config->config.len + n) * sizeof *entries);
  if (entries == NULL)
    return pt2_error_set (moving->error, PT2_ERROR_L001, NULL, "%s", "");
  if (config->config.len > 0)
    memcpy (entries, config->config.entries, config->config.len * sizeof *entries);
  for (uint32_t i = 0; i < n; i++)
    if (!add_constant (moving, draft, &added[i], &number, &entries[config->config.len + i]))
      return false;
  config->config = (Pt2StringToPayloadMetaMap){ entries, config->config.len + n };
  return true;
}

/* ---- a program's records ---- */

/* The list in RECORD, changed. DRAFT has memory for what is new in it. */
static bool
change_list (Moving *moving, Pt2Document *document, Pt2Draft *draft, const Half *half, const char *record)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer out = PT2_BUFFER_INIT;
  if (!rename_payloads (moving, document->root)
      || (half == &constants && !add_constants (moving, draft, document->root)))
    return false;
  bool fine = pt2_json_write (document, &out, &status);
  g_autoptr (GBytes) bytes = pt2_buffer_to_bytes (&out);
  pt2_buffer_clear (&out);
  return fine ? replace_record (moving, record, bytes) : fail (moving, &status, record);
}

static bool
follow (Moving *moving, const Half *half)
{
  g_autofree char *record = g_strconcat (half->folder, moving->model, half->config, NULL);
  Pt2Source *source = pt2_archive_writer_find (moving->writer, record);
  g_autoptr (GBytes) text = source != NULL ? pt2_source_read (source, moving->error) : NULL;
  g_autoptr (Pt2Draft) draft
      = text != NULL ? pt2_draft_new (NULL, PT2_DRAFT_ROOT, moving->limits, moving->error) : NULL;
  if (draft == NULL)
    return false;
  gsize len;
  const char *data = g_bytes_get_data (text, &len);
  Pt2Document document;
  Pt2Status status = PT2_STATUS_INIT;
  pt2_document_init (&document, &pt2_export_schema, pt2_schema_find_struct (&pt2_export_schema, "PayloadConfig"),
                     moving->limits, len);
  bool fine = pt2_json_read (&document, data, len, moving->limits, &status) || fail (moving, &status, record);
  fine = fine && change_list (moving, &document, draft, half, record);
  pt2_document_clear (&document);
  return fine;
}

static bool
move_program (Moving *moving)
{
  uint32_t n_renames, n_constants;
  pt2_upgrade_get_renames (moving->upgrade, &n_renames);
  pt2_upgrade_get_constants (moving->upgrade, &n_constants);
  g_autoptr (GBytes) text = pt2_program_save (pt2_upgrade_get_program (moving->upgrade), PT2_FORM_JSON, moving->error);
  g_autofree char *record = g_strconcat ("models/", moving->model, ".json", NULL);
  return text != NULL && replace_record (moving, record, text) && (n_renames == 0 || follow (moving, &weights))
         && (n_renames + n_constants == 0 || follow (moving, &constants));
}

static void
free_upgrade (gpointer upgrade)
{
  pt2_upgrade_unref (upgrade);
}

Pt2ArchiveWriter *
pt2_upgrade_archive (Pt2Archive *archive, GPtrArray **upgrades, GError **error)
{
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_TODAY, error);
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (free_upgrade);
  for (guint i = 0; writer != NULL && i < archive->n_models; i++)
    {
      Pt2Upgrade *upgrade = upgrade_program (archive, i, error);
      if (upgrade == NULL)
        return NULL;
      g_ptr_array_add (made, upgrade);
      Moving moving = { writer, upgrade, archive->models[i], &archive->limits, error };
      if (!move_program (&moving))
        return NULL;
    }
  if (upgrades != NULL)
    *upgrades = g_steal_pointer (&made);
  return g_steal_pointer (&writer);
}
