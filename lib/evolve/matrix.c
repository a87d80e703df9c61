/* SPDX-License-Identifier: Apache-2.0 */
/* Values that use every field of one schema, written with it and read with another. Their memory is the arena of the
 * document they are made in. */
#include "codec.h"
#include "idl.h"
#include <string.h>

enum
{
  DEPTH = 24, /* of a made value; required parts of a schema end long before */
};

typedef struct
{
  Pt2Idl *writer, *reader;
  Pt2Encoding encoding;
  Pt2TrialFunc func;
  gpointer data;
  Pt2Status status;
} Trial;

/* ---- making values ---- */

static bool make_value (Pt2Document *document, const Pt2TypeInfo *type, void *out, bool full, unsigned depth);

static void *
zeroed (Pt2Document *document, size_t size)
{
  void *memory = pt2_arena_alloc (&document->arena, size);
  return memory != NULL ? memset (memory, 0, size) : NULL;
}

static bool
make_field (Pt2Document *document, const Pt2StructInfo *info, void *record, const Pt2FieldInfo *field, bool full,
            unsigned depth)
{
  char *at = (char *)record + field->offset;
  if (depth > DEPTH)
    return false;
  if (info->is_union)
    ((Pt2AnyUnion *)record)->which = (uint32_t)field->id;
  else if (field->present_bit != PT2_NO_PRESENT_BIT)
    pt2_field_bit_set (info, record, field->present_bit);
  if (field->flags & PT2_FIELD_POINTER)
    at = *(void **)at = zeroed (document, field->type->size);
  return at != NULL && make_value (document, field->type, at, full, depth + 1);
}

/* What is required of a struct; the first member of a union. */
static bool
make_record (Pt2Document *document, const Pt2StructInfo *info, void *record, unsigned depth)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    if ((info->is_union && i == 0) || (info->fields[i].flags & PT2_FIELD_REQUIRED))
      if (!make_field (document, info, record, &info->fields[i], false, depth))
        return false;
  return true;
}

/* One item if FULL, else none. */
static bool
make_items (Pt2Document *document, const Pt2TypeInfo *type, Pt2AnyList *list, bool full, unsigned depth)
{
  bool is_map = type->kind == PT2_KIND_MAP;
  list->items = zeroed (document, is_map ? type->entry_size : type->element->size);
  list->len = full;
  if (list->items == NULL || !full)
    return list->items != NULL;
  return (!is_map || make_value (document, type->key, list->items, true, depth + 1))
         && make_value (document, type->element, (char *)list->items + (is_map ? type->key_size : 0), true, depth + 1);
}

static bool
make_value (Pt2Document *document, const Pt2TypeInfo *type, void *out, bool full, unsigned depth)
{
  switch (type->kind)
    {
    case PT2_KIND_BOOL:
      *(bool *)out = true;
      return true;
    case PT2_KIND_DOUBLE:
      *(double *)out = 0.5;
      return true;
    case PT2_KIND_ENUM:
      *(int32_t *)out = type->enumeration->n_members > 0 ? type->enumeration->members[0].value : 0;
      return true;
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      *(Pt2String *)out = (Pt2String){ "x", 1 };
      return true;
    case PT2_KIND_STRUCT:
    case PT2_KIND_UNION:
      return make_record (document, type->record, out, depth + 1);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
    case PT2_KIND_MAP:
      return make_items (document, type, out, full, depth);
    default:
      *(char *)out = 1; /* an integer of any width, as bytes were zero */
      return true;
    }
}

/* ---- what came ---- */

/* Of one value: what is refused is not misread any more. */
static Pt2Verdict
together (Pt2Verdict one, Pt2Verdict other)
{
  return one == PT2_VERDICT_BREAKS || other == PT2_VERDICT_BREAKS ? PT2_VERDICT_BREAKS : MAX (one, other);
}

/* THEIRS: the type as the writer has it; NULL if it has none of what was read. */
static Pt2Verdict look_at (const Trial *trial, const Pt2Document *document, const Pt2TypeInfo *theirs,
                           const Pt2TypeInfo *type, const void *value);

static Pt2Verdict
look_at_number (const Trial *trial, const Pt2EnumInfo *theirs, const Pt2EnumInfo *info, int32_t number)
{
  const Pt2EnumMember *is = pt2_enum_by_value (info, number);
  const Pt2EnumMember *meant = theirs != NULL ? pt2_enum_by_value (theirs, number) : NULL;
  if (is == NULL)
    return trial->encoding == PT2_ENCODING_JSON ? PT2_VERDICT_BREAKS : PT2_VERDICT_LOSES;
  return meant == NULL || strcmp (is->name, meant->name) == 0 ? PT2_VERDICT_SAFE : PT2_VERDICT_MISREADS;
}

static Pt2Verdict
look_at_field (const Trial *trial, const Pt2Document *document, const Pt2StructInfo *theirs, const void *record,
               const Pt2FieldInfo *field)
{
  const Pt2FieldInfo *source = NULL; /* whose bytes were read as FIELD */
  if (theirs != NULL)
    source = trial->encoding == PT2_ENCODING_JSON ? pt2_struct_field_by_name (theirs, field->name, field->name_len)
                                                  : pt2_struct_field_by_id (theirs, field->id);
  Pt2Verdict inner
      = look_at (trial, document, source != NULL ? source->type : NULL, field->type, pt2_field_value (field, record));
  /* Under another name it may be what was renamed; it is another field if the reader's name stands for another id. */
  bool other = source != NULL && strcmp (source->name, field->name) != 0
               && pt2_struct_field_by_name (theirs, field->name, field->name_len) != NULL;
  return other ? together (inner, PT2_VERDICT_MISREADS) : inner;
}

/* Reading JSON, PyTorch up to 2.2 wants every key of a union and no other, and since 2.3 a single one. */
static bool
same_members (const Trial *trial, const Pt2StructInfo *theirs, const Pt2StructInfo *info)
{
  bool whole = pt2_idl_has_whole_unions (trial->reader);
  if (trial->encoding != PT2_ENCODING_JSON || theirs == NULL)
    return true;
  if (whole != pt2_idl_has_whole_unions (trial->writer) || (whole && theirs->n_fields != info->n_fields))
    return false;
  bool same = true;
  for (unsigned i = 0; whole && i < info->n_fields; i++)
    same = same && pt2_struct_field_by_name (theirs, info->fields[i].name, info->fields[i].name_len) != NULL;
  return same;
}

static Pt2Verdict
look_at_union (const Trial *trial, const Pt2Document *document, const Pt2StructInfo *theirs, const Pt2StructInfo *info,
               const void *record)
{
  uint32_t which = ((const Pt2AnyUnion *)record)->which;
  const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
  if (member == NULL || !same_members (trial, theirs, info))
    return PT2_VERDICT_BREAKS;
  return look_at_field (trial, document, theirs, record, member);
}

static Pt2Verdict
look_at_struct (const Trial *trial, const Pt2Document *document, const Pt2StructInfo *theirs, const Pt2StructInfo *info,
                const void *record)
{
  Pt2Verdict verdict = PT2_VERDICT_SAFE;
  if (pt2_document_extras (document, info, record) != NULL)
    verdict = trial->encoding == PT2_ENCODING_JSON && pt2_idl_is_strict (trial->reader) ? PT2_VERDICT_BREAKS
                                                                                        : PT2_VERDICT_LOSES;
  for (unsigned i = 0; i < info->n_fields; i++)
    if (pt2_field_present (info, &info->fields[i], record))
      verdict = together (verdict, look_at_field (trial, document, theirs, record, &info->fields[i]));
  return verdict;
}

static Pt2Verdict
look_at (const Trial *trial, const Pt2Document *document, const Pt2TypeInfo *theirs, const Pt2TypeInfo *type,
         const void *value)
{
  const Pt2AnyList *list = value;
  if (theirs != NULL && theirs->kind != type->kind)
    return PT2_VERDICT_MISREADS;
  switch (type->kind)
    {
    case PT2_KIND_ENUM:
      return look_at_number (trial, theirs != NULL ? theirs->enumeration : NULL, type->enumeration,
                             *(const int32_t *)value);
    case PT2_KIND_STRUCT:
      return look_at_struct (trial, document, theirs != NULL ? theirs->record : NULL, type->record, value);
    case PT2_KIND_UNION:
      return look_at_union (trial, document, theirs != NULL ? theirs->record : NULL, type->record, value);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
    case PT2_KIND_MAP:
      return list->len == 0 ? PT2_VERDICT_SAFE
                            : look_at (trial, document, theirs != NULL ? theirs->element : NULL, type->element,
                                       (const char *)list->items + (type->kind == PT2_KIND_MAP ? type->key_size : 0));
    default:
      return PT2_VERDICT_SAFE;
    }
}

/* ---- one value ---- */

static Pt2Verdict
read_back (Trial *trial, const Pt2StructInfo *writer, const Pt2StructInfo *reader, const Pt2Buffer *bytes)
{
  Pt2Document document;
  Pt2Status status = PT2_STATUS_INIT;
  size_t len = pt2_buffer_len (bytes);
  pt2_document_init (&document, &trial->reader->schema, reader, pt2_limits_default (), len);
  document.compact_flags = PT2_COMPACT_INTERPRET;
  document.json_flags = PT2_JSON_UNITS_ANYWHERE;
  bool json = trial->encoding == PT2_ENCODING_JSON;
  bool fine = json ? pt2_json_read (&document, bytes->data, len, pt2_limits_default (), &status)
                   : pt2_compact_read (&document, bytes->data, len, pt2_limits_default (), &status);
  Pt2Verdict verdict
      = fine ? look_at (trial, &document, writer->type, reader->type, document.root) : PT2_VERDICT_BREAKS;
  if (status.code == PT2_ERROR_L001)
    trial->status = status;
  pt2_document_clear (&document);
  return verdict;
}

static bool
write_value (Trial *trial, const Pt2Document *document, Pt2Buffer *bytes)
{
  return trial->encoding == PT2_ENCODING_JSON ? pt2_json_write (document, bytes, &trial->status)
                                              : pt2_compact_write (document, bytes, &trial->status);
}

/* Read as it stands, and told as its writer spells it: whole unions are judged by their members, in same_members(). */
static void
try_value (Trial *trial, Pt2Document *document, const Pt2StructInfo *reader, const char *field, const char *value)
{
  Pt2Buffer bytes = PT2_BUFFER_INIT;
  if (write_value (trial, document, &bytes))
    {
      Pt2Trial told = { .type = document->type->name, .field = field, .value = value };
      told.verdict = read_back (trial, document->type, reader, &bytes);
      bool whole = trial->encoding == PT2_ENCODING_JSON && pt2_idl_has_whole_unions (trial->writer);
      document->json_flags = whole ? PT2_JSON_WHOLE_UNIONS : 0;
      if (whole)
        bytes.next = bytes.data;
      if (!whole || write_value (trial, document, &bytes))
        {
          told.bytes = (const guint8 *)bytes.data;
          told.len = pt2_buffer_len (&bytes);
          trial->func (&told, trial->data);
        }
    }
  pt2_buffer_clear (&bytes);
}

/* The minor of 8 by whose habits the schema writes null. */
static uint32_t
spelling_of (const Pt2Idl *idl)
{
  if (idl->major == 8)
    return (uint32_t)idl->minor;
  return pt2_idl_leaves_nulls_out (idl) ? 1 : PT2_IDL_NULLS_MINOR;
}

static bool
begin (Trial *trial, Pt2Document *document, const Pt2StructInfo *info)
{
  pt2_document_init (document, &trial->writer->schema, info, pt2_limits_default (), 4096);
  document->compact_flags = PT2_COMPACT_INTERPRET; /* no readers and writers were generated for these tables */
  document->minor = spelling_of (trial->writer);
  document->root = zeroed (document, info->size);
  return document->root != NULL && (info->is_union || make_record (document, info, document->root, 0));
}

/* The field once for each value if it is an enum, else once. */
static void
try_field (Trial *trial, const Pt2StructInfo *info, const Pt2FieldInfo *field, const Pt2StructInfo *reader)
{
  const Pt2EnumInfo *numbers = field->type->kind == PT2_KIND_ENUM ? field->type->enumeration : NULL;
  for (unsigned i = 0; i < (numbers != NULL ? numbers->n_members : 1u) && trial->status.code == PT2_ERROR_NONE; i++)
    {
      Pt2Document document;
      if (begin (trial, &document, info) && make_field (&document, info, document.root, field, true, 0))
        {
          if (numbers != NULL)
            *(int32_t *)((char *)document.root + field->offset) = numbers->members[i].value;
          try_value (trial, &document, reader, field->name, numbers != NULL ? numbers->members[i].name : NULL);
        }
      else
        pt2_document_no_memory (&document, &trial->status, PT2_NO_OFFSET);
      pt2_document_clear (&document);
    }
}

gboolean
pt2_idl_try_each (Pt2Idl *writer, Pt2Idl *reader, Pt2Encoding encoding, Pt2TrialFunc func, gpointer data,
                  GError **error)
{
  Trial trial = { writer, reader, encoding, func, data, PT2_STATUS_INIT };
  for (unsigned s = 0; s < writer->schema.n_structs; s++)
    {
      const Pt2StructInfo *info = writer->schema.structs[s], *theirs = pt2_idl_struct (reader, info->name);
      for (unsigned f = 0; theirs != NULL && f < info->n_fields; f++)
        try_field (&trial, info, &info->fields[f], theirs);
    }
  return trial.status.code == PT2_ERROR_NONE || pt2_status_to_error (&trial.status, error);
}

static void
count (const Pt2Trial *trial, gpointer data)
{
  Pt2TrialResult *result = data;
  result->counts[trial->verdict]++;
  if (trial->verdict <= result->worst)
    return;
  result->worst = trial->verdict;
  g_free (result->where);
  result->where = g_strdup_printf ("%s.%s", trial->type, trial->field);
}

gboolean
pt2_idl_try (Pt2Idl *writer, Pt2Idl *reader, Pt2Encoding encoding, Pt2TrialResult *result, GError **error)
{
  *result = (Pt2TrialResult){ .where = g_strdup ("") };
  if (pt2_idl_try_each (writer, reader, encoding, count, result, error))
    return TRUE;
  g_clear_pointer (&result->where, g_free);
  return FALSE;
}
