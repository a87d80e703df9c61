/* SPDX-License-Identifier: Apache-2.0 */
/* A program's JSON held against the types of a reader, as PyTorch's reader of that version goes through it. */
#include "idl.h"
#include "json_tree.h"
#include "losses.h"
#include <string.h>

typedef struct
{
  Pt2Idl *reader, *own; /* own: of the program's version; NULL if that is not known */
  bool strict;
  Pt2Losses losses;
  GArray *verdicts; /* of Pt2Verdict, by number of the loss */
} Walk;

static void check_value (Walk *walk, const Pt2Place *place, const Pt2TypeInfo *type, const Pt2JsonNode *node);

/* KEY: what is found, one entry each; WHAT is taken over. */
static void
found (Walk *walk, const void *key, Pt2Verdict verdict, const Pt2Place *place, char *what)
{
  guint number = pt2_losses_add (&walk->losses, key, what, 0, place);
  if (number == walk->verdicts->len)
    g_array_append_val (walk->verdicts, verdict);
}

/* ---- enums and scalars ---- */

static void
check_number (Walk *walk, const Pt2Place *place, const Pt2EnumInfo *info, const Pt2JsonNode *node)
{
  int64_t number;
  if (!pt2_json_integer (node, &number) || number < INT32_MIN || number > INT32_MAX)
    {
      found (walk, info, PT2_VERDICT_BREAKS, place, g_strdup_printf ("%s: no number of it", info->name));
      return;
    }
  const Pt2EnumMember *member = pt2_enum_by_value (info, (int32_t)number);
  const Pt2EnumInfo *own = walk->own != NULL ? pt2_schema_find_enum (&walk->own->schema, info->name) : NULL;
  const Pt2EnumMember *meant = own != NULL ? pt2_enum_by_value (own, (int32_t)number) : NULL;
  if (member == NULL)
    found (walk, meant != NULL ? (const void *)meant : own, PT2_VERDICT_BREAKS, place,
           g_strdup_printf ("%s%s%s: no value has the number %d", info->name, meant != NULL ? "." : "",
                            meant != NULL ? meant->name : "", (int)number));
  else if (meant != NULL && strcmp (meant->name, member->name) != 0)
    found (walk, meant, PT2_VERDICT_MISREADS, place,
           g_strdup_printf ("%s.%s: taken for %s", info->name, meant->name, member->name));
}

static bool
fits_scalar (const Pt2TypeInfo *type, const Pt2JsonNode *node)
{
  switch (type->kind)
    {
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      return node->kind == PT2_JSON_STRING;
    case PT2_KIND_BOOL: /* PyTorch never looks at what the members hold that say nothing */
      return node->kind == PT2_JSON_BOOL || (node->kind == PT2_JSON_ARRAY && node->len == 0);
    case PT2_KIND_DOUBLE:
      return node->kind >= PT2_JSON_INT && node->kind <= PT2_JSON_STRING;
    default:
      return node->kind == PT2_JSON_INT || node->kind == PT2_JSON_BIGINT || node->kind == PT2_JSON_DOUBLE;
    }
}

/* ---- structs and unions ---- */

/* One entry for a key that our schema has; the keys that it does not have share one for each struct. */
static void
found_key (Walk *walk, const Pt2Place *place, const Pt2StructInfo *info, Pt2String key)
{
  const Pt2StructInfo *ours = pt2_schema_find_struct (&pt2_export_schema, info->name);
  const Pt2FieldInfo *field = ours != NULL ? pt2_struct_field_by_name (ours, key.data, key.len) : NULL;
  Pt2Status status = PT2_STATUS_INIT;
  if (field != NULL)
    pt2_status_prepend_field (&status, field->name, field->name_len);
  else
    pt2_status_prepend_key (&status, key.data, key.len);
  bool breaks = info->is_union || walk->strict;
  found (walk, field != NULL ? (const void *)field : info, breaks ? PT2_VERDICT_BREAKS : PT2_VERDICT_LOSES, place,
         g_strdup_printf ("%s%s%s: not known, %s", info->name, field != NULL ? "." : "", status.path,
                          breaks ? "refused" : "passed over"));
}

static void
check_members (Walk *walk, const Pt2Place *up, const Pt2StructInfo *info, const Pt2JsonNode *node)
{
  uint64_t seen = 0;
  for (uint32_t i = 0; i < node->len; i++)
    {
      Pt2String key = pt2_json_key (node, i);
      const Pt2JsonNode *value = pt2_json_item (node, i);
      const Pt2FieldInfo *field = pt2_struct_field_by_name (info, key.data, key.len);
      const Pt2Place place = { .up = up, .field = field };
      if (field == NULL)
        {
          found_key (walk, up, info, key);
          continue;
        }
      seen |= UINT64_C (1) << (field - info->fields);
      /* Unions of the first two majors had every key, null but for one. */
      if (value->kind != PT2_JSON_NULL)
        check_value (walk, &place, field->type, value);
      else if (!info->is_union && (field->flags & PT2_FIELD_REQUIRED))
        found (walk, field, PT2_VERDICT_BREAKS, &place, g_strdup_printf ("%s.%s: null", info->name, field->name));
    }
  for (unsigned i = 0; i < info->n_fields; i++)
    if (info->demanded & ~seen & UINT64_C (1) << i)
      found (walk, &info->fields[i], PT2_VERDICT_BREAKS, up,
             g_strdup_printf ("%s.%s: required and missing", info->name, info->fields[i].name));
}

static void
check_record (Walk *walk, const Pt2Place *place, const Pt2StructInfo *info, const Pt2JsonNode *node)
{
  uint32_t chosen = 0;
  for (uint32_t i = 0; node->kind == PT2_JSON_OBJECT && i < node->len; i++)
    chosen += pt2_json_item (node, i)->kind != PT2_JSON_NULL;
  bool old_unions = walk->reader->major <= 2 && walk->reader->major > 0;
  if (node->kind != PT2_JSON_OBJECT || (info->is_union && (chosen != 1 || (!old_unions && node->len != 1))))
    found (walk, info->type, PT2_VERDICT_BREAKS, place, g_strdup_printf ("%s: not of its form", info->name));
  else
    check_members (walk, place, info, node);
}

/* ---- containers ---- */

static void
check_items (Walk *walk, const Pt2Place *up, const Pt2TypeInfo *type, const Pt2JsonNode *node)
{
  bool is_map = type->kind == PT2_KIND_MAP;
  if (node->kind != (is_map ? PT2_JSON_OBJECT : PT2_JSON_ARRAY))
    {
      found (walk, type, PT2_VERDICT_BREAKS, up, g_strdup_printf ("%s: not of its form", type->name));
      return;
    }
  for (uint32_t i = 0; i < node->len; i++)
    {
      Pt2String key = pt2_json_key (node, i);
      const Pt2Place place = { .up = up, .key = is_map ? &key : NULL, .index = i };
      check_value (walk, &place, type->element, pt2_json_item (node, i));
    }
}

static void
check_value (Walk *walk, const Pt2Place *place, const Pt2TypeInfo *type, const Pt2JsonNode *node)
{
  if (type->kind == PT2_KIND_STRUCT || type->kind == PT2_KIND_UNION)
    check_record (walk, place, type->record, node);
  else if (type->kind >= PT2_KIND_LIST)
    check_items (walk, place, type, node);
  else if (type->kind == PT2_KIND_ENUM)
    check_number (walk, place, type->enumeration, node);
  else if (!fits_scalar (type, node))
    found (walk, type, PT2_VERDICT_BREAKS, place, g_strdup_printf ("%s: a value of another type", type->name));
}

/* ---- the whole ---- */

static Pt2Idl *
own_schema (gint64 major, gint64 minor)
{
  g_autofree char *version = g_strdup_printf ("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, major, minor);
  return pt2_idl_new_known (version, NULL);
}

static void
check_program (Walk *walk, const Pt2JsonNode *root, gint64 major, gint64 minor)
{
  static const Pt2FieldInfo version = { .name = "schema_version", .name_len = 14 };
  const Pt2StructInfo *info = pt2_idl_struct (walk->reader, "ExportedProgram");
  const Pt2Place place = { .field = &version };
  /* Major 0 is a version for tests, which readers of 8 take. */
  bool same = major == walk->reader->major || (major == 0 && minor == 0 && walk->reader->major == 8);
  if (!same && walk->reader->major != 0)
    found (walk, &version, PT2_VERDICT_BREAKS, &place,
           g_strdup_printf ("SchemaVersion: major %" G_GINT64_FORMAT ", and the reader takes %" G_GINT64_FORMAT " only",
                            major, walk->reader->major));
  else if (info == NULL)
    found (walk, &version, PT2_VERDICT_BREAKS, NULL, g_strdup ("ExportedProgram: no such type"));
  else
    check_record (walk, NULL, info, root);
}

static Pt2Verdict
report (const Walk *walk, Pt2ReaderFunc func, gpointer data)
{
  Pt2Verdict worst = PT2_VERDICT_SAFE;
  for (guint i = 0; i < walk->verdicts->len; i++)
    {
      const Pt2LossEntry *entry = &g_array_index (walk->losses.entries, Pt2LossEntry, i);
      Pt2Verdict verdict = g_array_index (walk->verdicts, Pt2Verdict, i);
      worst = MAX (worst, verdict);
      if (func != NULL)
        func (&(Pt2ReaderFinding){ verdict, entry->name, entry->where, entry->count }, data);
    }
  return worst;
}

gboolean
pt2_idl_check_program (Pt2Idl *reader, Pt2Program *program, const Pt2Limits *limits, Pt2ReaderFunc func, gpointer data,
                       Pt2Verdict *verdict, GError **error)
{
  g_autoptr (GBytes) text = pt2_program_save (program, PT2_FORM_JSON, error);
  if (text == NULL)
    return FALSE;
  gsize len;
  const char *bytes = g_bytes_get_data (text, &len);
  gint64 major, minor;
  pt2_program_get_schema_version (program, &major, &minor);
  limits = limits != NULL ? limits : pt2_limits_default ();
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Arena arena;
  pt2_arena_init (&arena, limits->memory, 0);
  const Pt2JsonNode *root = pt2_json_tree_read (&arena, bytes, len, limits, &status);
  if (root != NULL)
    {
      g_autoptr (Pt2Idl) own = own_schema (major, minor);
      Walk walk = { .reader = reader, .own = own, .strict = pt2_idl_is_strict (reader) };
      walk.verdicts = g_array_new (FALSE, FALSE, sizeof (Pt2Verdict));
      pt2_losses_init (&walk.losses);
      check_program (&walk, root, major, minor);
      *verdict = report (&walk, func, data);
      pt2_losses_clear (&walk.losses);
      g_array_unref (walk.verdicts);
    }
  pt2_arena_clear (&arena);
  return root != NULL || pt2_status_to_error (&status, error);
}
