/* SPDX-License-Identifier: Apache-2.0 */
#include "draft.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
pt2_draft_failed (const Pt2Draft *draft)
{
  return draft->no_memory;
}

void *
pt2_draft_alloc (Pt2Draft *draft, size_t size)
{
  void *memory = pt2_arena_alloc (&draft->document.arena, size);
  if (memory == NULL)
    draft->no_memory = true;
  else
    memset (memory, 0, size);
  return memory;
}

Pt2String
pt2_draft_text (Pt2Draft *draft, const char *data, gssize len)
{
  size_t n = len < 0 ? strlen (data) : (size_t)len;
  char *copy = n <= UINT32_MAX ? pt2_draft_alloc (draft, n) : NULL;
  if (copy == NULL)
    {
      draft->no_memory = true;
      return (Pt2String){ NULL, 0 };
    }
  memcpy (copy, data, n);
  return (Pt2String){ copy, (uint32_t)n };
}

Pt2String
pt2_draft_printf (Pt2Draft *draft, const char *format, ...)
{
  va_list arguments, again;
  va_start (arguments, format);
  va_copy (again, arguments);
  int n = vsnprintf (NULL, 0, format, arguments);
  char *text = n >= 0 ? pt2_draft_alloc (draft, (size_t)n + 1) : NULL;
  if (text != NULL)
    vsnprintf (text, (size_t)n + 1, format, again);
  va_end (again);
  va_end (arguments);
  return (Pt2String){ text, text != NULL ? (uint32_t)n : 0 };
}

bool
pt2_draft_copy (Pt2Draft *draft, const Pt2TypeInfo *type, void *to, const void *from)
{
  bool fine = pt2_copy_value (&draft->document, &draft->document, type, to, from);
  draft->no_memory = draft->no_memory || !fine;
  return fine;
}

static void fill_required (Pt2Draft *draft, const Pt2StructInfo *info, void *record);

/* The least that FIELD can be: zero, empty, or a struct of such. */
static void
fill_field (Pt2Draft *draft, const Pt2StructInfo *info, void *record, const Pt2FieldInfo *field)
{
  char *at = (char *)record + field->offset;
  if (field->present_bit != PT2_NO_PRESENT_BIT)
    pt2_field_bit_set (info, record, field->present_bit);
  if (field->flags & PT2_FIELD_POINTER)
    at = *(void **)at = pt2_draft_alloc (draft, field->type->size);
  if (at == NULL)
    return;
  if (field->type->kind == PT2_KIND_STRUCT)
    fill_required (draft, field->type->record, at);
  else if (field->type->kind >= PT2_KIND_STRING && field->type->kind != PT2_KIND_UNION)
    *(void **)at = pt2_draft_alloc (draft, 0); /* texts, lists and maps begin with their pointer */
}

static void
fill_required (Pt2Draft *draft, const Pt2StructInfo *info, void *record)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    if (info->fields[i].flags & PT2_FIELD_REQUIRED)
      fill_field (draft, info, record, &info->fields[i]);
}

static bool
make_root (Pt2Draft *draft, Pt2DraftDepth depth)
{
  Pt2Document *document = &draft->document;
  const Pt2TypeInfo *type = document->type->type;
  document->root = draft->exported = pt2_draft_alloc (draft, type->size);
  if (document->root == NULL)
    return false;
  if (draft->base == NULL)
    {
      fill_required (draft, document->type, document->root);
      return !draft->no_memory;
    }
  const Pt2Document *source = &draft->base->document;
  if (depth == PT2_DRAFT_ALL)
    return pt2_copy_value (document, source, type, document->root, source->root);
  if (depth == PT2_DRAFT_NAMES)
    return pt2_copy_named (document, source, type, pt2_schema_find_struct (&pt2_export_schema, "TensorMeta"),
                           document->root, source->root);
  document->parent = source;
  return pt2_copy_shallow (document, source, type, document->root, source->root);
}

Pt2Draft *
pt2_draft_new (Pt2Program *base, Pt2DraftDepth depth, const Pt2Limits *limits, GError **error)
{
  if (base != NULL && base->document.root == NULL)
    {
      pt2_error_set (error, PT2_ERROR_P002, NULL, "schema %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, base->major,
                     base->minor);
      return NULL;
    }
  if (limits == NULL)
    limits = pt2_limits_default ();
  g_autoptr (Pt2Draft) draft = g_new0 (Pt2Draft, 1);
  const Pt2StructInfo *type = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  /* There is no input that bounds what a draft may take. */
  draft->document = (Pt2Document){ .schema = &pt2_export_schema, .type = type };
  pt2_arena_init (&draft->document.arena, limits->memory, 0);
  if (base != NULL)
    {
      draft->base = pt2_program_ref (base);
      draft->document.minor = base->document.minor;
      draft->document.compact_flags = base->document.compact_flags;
    }
  if (make_root (draft, depth))
    return g_steal_pointer (&draft);
  Pt2Status status = PT2_STATUS_INIT;
  pt2_document_no_memory (&draft->document, &status, PT2_NO_OFFSET);
  pt2_status_to_error (&status, error);
  return NULL;
}

void
pt2_draft_free (Pt2Draft *draft)
{
  if (draft == NULL)
    return;
  pt2_document_clear (&draft->document);
  pt2_program_unref (draft->base);
  g_free (draft);
}

Pt2Program *
pt2_draft_finish (Pt2Draft *draft, GError **error)
{
  Pt2Program *program = NULL;
  if (draft->no_memory)
    {
      Pt2Status status = PT2_STATUS_INIT;
      pt2_document_no_memory (&draft->document, &status, PT2_NO_OFFSET);
      pt2_status_to_error (&status, error);
    }
  else
    {
      program = pt2_program_new_from_document (&draft->document, draft->base);
      draft->document = (Pt2Document){ 0 };
    }
  pt2_draft_free (draft);
  return program;
}
