/* SPDX-License-Identifier: Apache-2.0 */
#include "devices.h"
#include "draft.h"
#include "pt2-edit.h"
#include "text.h"
#include <string.h>

enum
{
  INDEX_MOST = 127, /* PyTorch keeps an index in eight bits */
};

bool
pt2_device_parse (const char *text, Pt2DeviceName *name, GError **error)
{
  char shown[160];
  size_t len = strspn (text, G_CSET_a_2_z G_CSET_DIGITS "_");
  *name = (Pt2DeviceName){ .type = { text, (uint32_t)MIN (len, UINT32_MAX) } };
  name->has_index = text[len] == ':';
  guint64 index = 0;
  if (g_ascii_islower (*text)
      && (name->has_index ? g_ascii_string_to_unsigned (text + len + 1, 10, 0, INDEX_MOST, &index, NULL)
                          : text[len] == '\0'))
    {
      name->index = (int64_t)index;
      return true;
    }
  return pt2_error_set (error, PT2_ERROR_P012, NULL, "\"%s\"",
                        pt2_text_escape (text, strlen (text), shown, sizeof shown));
}

typedef struct
{
  const Pt2StructInfo *device;
  const Pt2FieldInfo *index;
  const Pt2DeviceName *from, *to;
  uint64_t count;
} Walk;

static void walk_value (Walk *walk, const Pt2TypeInfo *type, void *value);

static void
walk_device (Walk *walk, Pt2Device *device)
{
  const Pt2DeviceName *from = walk->from, *to = walk->to;
  bool has_index = pt2_field_present (walk->device, walk->index, device);
  if (device->type.len != from->type.len || memcmp (device->type.data, from->type.data, from->type.len) != 0
      || (from->has_index && (!has_index || device->index != from->index)))
    return;
  walk->count++;
  if (to == NULL)
    return;
  device->type = to->type;
  device->index = to->index;
  device->present[0] &= ~(UINT32_C (1) << walk->index->present_bit);
  if (to->has_index)
    pt2_field_bit_set (walk->device, device, walk->index->present_bit);
}

static void
walk_record (Walk *walk, const Pt2StructInfo *info, void *record)
{
  if (info == walk->device)
    {
      walk_device (walk, record);
      return;
    }
  uint32_t which = info->is_union ? ((const Pt2AnyUnion *)record)->which : 0;
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      if (field->type->kind >= PT2_KIND_STRUCT
          && (info->is_union ? which == (uint32_t)field->id : pt2_field_present (info, field, record)))
        walk_value (walk, field->type, (void *)pt2_field_value (field, record));
    }
}

static void
walk_value (Walk *walk, const Pt2TypeInfo *type, void *value)
{
  if (type->kind < PT2_KIND_LIST)
    {
      if (type->kind >= PT2_KIND_STRUCT)
        walk_record (walk, type->record, value);
      return;
    }
  const Pt2AnyList *list = value;
  bool is_map = type->kind == PT2_KIND_MAP;
  size_t size = is_map ? type->entry_size : type->element->size, at = is_map ? type->key_size : 0;
  if (type->element->kind >= PT2_KIND_STRUCT)
    for (uint32_t i = 0; i < list->len; i++)
      walk_value (walk, type->element, (char *)list->items + i * size + at);
}

uint64_t
pt2_devices_map (const Pt2TypeInfo *type, void *value, const Pt2DeviceName *from, const Pt2DeviceName *to)
{
  const Pt2StructInfo *device = pt2_schema_find_struct (&pt2_export_schema, "Device");
  Walk walk = { device, pt2_struct_field_by_name (device, "index", strlen ("index")), from, to, 0 };
  walk_value (&walk, type, value);
  return walk.count;
}

Pt2Program *
pt2_edit_device (Pt2Program *program, const char *from, const char *to, const Pt2Limits *limits, guint64 *count,
                 GError **error)
{
  Pt2DeviceName old_name, new_name;
  if (!pt2_device_parse (from, &old_name, error) || !pt2_device_parse (to, &new_name, error))
    return NULL;
  Pt2Document *document = &program->document;
  /* Nothing is written to while it only looks. */
  if (document->root != NULL && pt2_devices_map (document->type->type, document->root, &old_name, NULL) == 0)
    return pt2_program_ref (program);
  Pt2Draft *draft = pt2_draft_new (program, PT2_DRAFT_ALL, limits, error);
  if (draft == NULL)
    return NULL;
  new_name.type = pt2_draft_text (draft, new_name.type.data, new_name.type.len);
  uint64_t changed = pt2_devices_map (draft->document.type->type, draft->document.root, &old_name, &new_name);
  Pt2Program *result = pt2_draft_finish (draft, error);
  if (count != NULL && result != NULL)
    *count += changed;
  return result;
}
