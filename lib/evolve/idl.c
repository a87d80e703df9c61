/* SPDX-License-Identifier: Apache-2.0 */
#include "idl.h"
#include "history.h"
#include "text.h"
#include <string.h>

enum
{
  ARENA_MOST = 64 << 20, /* of one schema; its text is 1 MiB at most */
};

void *
pt2_idl_alloc (Pt2Idl *idl, size_t size, Pt2Status *status)
{
  void *memory = pt2_arena_alloc (&idl->arena, size);
  if (memory == NULL)
    pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "%zu bytes", size);
  else
    memset (memory, 0, size);
  return memory;
}

const char *
pt2_idl_text (Pt2Idl *idl, const char *data, size_t len, Pt2Status *status)
{
  char *copy = pt2_idl_alloc (idl, len + 1, status);
  if (copy != NULL)
    memcpy (copy, data, len);
  return copy;
}

bool
pt2_idl_fail (Pt2Status *status, unsigned line, const char *what, const char *detail, size_t len)
{
  char shown[64];
  return pt2_status_fail (status, PT2_ERROR_E003, PT2_NO_OFFSET, "line %u: %s%s%s%s", line, what, len > 0 ? " \"" : "",
                          len > 0 ? pt2_text_escape (detail, len, shown, sizeof shown) : "", len > 0 ? "\"" : "");
}

Pt2IdlType *
pt2_idl_add_type (Pt2Idl *idl, Pt2Kind kind, const char *name, unsigned line, Pt2Status *status)
{
  if (name == NULL)
    return NULL;
  if (idl->types->len >= PT2_IDL_TYPES_MOST)
    return pt2_idl_fail (status, line, "more types than are read", "", 0), NULL;
  for (guint i = 0; i < idl->types->len; i++)
    if (strcmp (g_array_index (idl->types, Pt2IdlType, i).name, name) == 0)
      return pt2_idl_fail (status, line, "a second type called", name, strlen (name)), NULL;
  Pt2IdlType type = { .name = name, .kind = kind, .fields = g_array_new (FALSE, TRUE, sizeof (Pt2IdlField)) };
  g_array_append_val (idl->types, type);
  return &g_array_index (idl->types, Pt2IdlType, idl->types->len - 1);
}

Pt2IdlField *
pt2_idl_add_field (Pt2IdlType *type, const char *name, unsigned line, Pt2Status *status)
{
  guint most = type->kind == PT2_KIND_ENUM ? PT2_IDL_MEMBERS_MOST : PT2_IDL_FIELDS_MOST;
  if (name == NULL)
    return NULL;
  if (type->fields->len >= most)
    return pt2_idl_fail (status, line, "more fields than are read, in", type->name, strlen (type->name)), NULL;
  for (guint i = 0; i < type->fields->len; i++)
    if (strcmp (g_array_index (type->fields, Pt2IdlField, i).name, name) == 0)
      return pt2_idl_fail (status, line, "a second field called", name, strlen (name)), NULL;
  Pt2IdlField field = { .name = name, .since = 1 };
  g_array_append_val (type->fields, field);
  return &g_array_index (type->fields, Pt2IdlField, type->fields->len - 1);
}

static void
clear_type (gpointer data)
{
  g_array_unref (((Pt2IdlType *)data)->fields);
}

static Pt2Idl *
idl_new (void)
{
  Pt2Idl *idl = g_new0 (Pt2Idl, 1);
  g_atomic_ref_count_init (&idl->references);
  pt2_arena_init (&idl->arena, ARENA_MOST, 0);
  idl->types = g_array_new (FALSE, FALSE, sizeof (Pt2IdlType));
  g_array_set_clear_func (idl->types, clear_type);
  idl->name = idl->torch = idl->evidence = "";
  return idl;
}

Pt2Idl *
pt2_idl_ref (Pt2Idl *idl)
{
  g_atomic_ref_count_inc (&idl->references);
  return idl;
}

void
pt2_idl_unref (Pt2Idl *idl)
{
  if (idl == NULL || !g_atomic_ref_count_dec (&idl->references))
    return;
  pt2_arena_clear (&idl->arena);
  g_array_unref (idl->types);
  g_free (idl);
}

/* YAML begins its lines with names and colons; an IDL has braces first. */
static bool
is_yaml (const char *text, size_t len)
{
  const char *kind = g_strstr_len (text, (gssize)len, "\n  kind: ");
  const char *brace = memchr (text, '{', len);
  return kind != NULL && (brace == NULL || kind < brace);
}

static bool
read_text (Pt2Idl *idl, const char *text, size_t len, Pt2Status *status)
{
  if (len > PT2_IDL_TEXT_MOST)
    return pt2_status_fail (status, PT2_ERROR_E003, PT2_NO_OFFSET, "%zu bytes are more than are read", len);
  if (memchr (text, '\0', len) != NULL || !pt2_text_is_utf8 (text, len))
    return pt2_status_fail (status, PT2_ERROR_E003, PT2_NO_OFFSET, "%s", "it is no text");
  bool yaml = is_yaml (text, len);
  idl->numbered = !yaml;
  return (yaml ? pt2_idl_read_yaml (idl, text, len, status) : pt2_idl_read_thrift (idl, text, len, status))
         && pt2_idl_make_tables (idl, status);
}

static Pt2Idl *
idl_new_named (const char *text, size_t len, const char *name, GError **error)
{
  g_autoptr (Pt2Idl) idl = idl_new ();
  Pt2Status status = PT2_STATUS_INIT;
  idl->name = pt2_idl_text (idl, name, strlen (name), &status);
  if (idl->name != NULL && read_text (idl, text, len, &status))
    return g_steal_pointer (&idl);
  pt2_status_to_error (&status, error);
  return NULL;
}

Pt2Idl *
pt2_idl_new_from_text (GBytes *bytes, const char *name, GError **error)
{
  gsize len;
  const char *text = g_bytes_get_data (bytes, &len);
  return idl_new_named (text != NULL ? text : "", len, name, error);
}

/* ---- the versions that are built in ---- */

guint
pt2_history_count (void)
{
  return pt2_history_texts_count;
}

const char *
pt2_history_name (guint index)
{
  return index < pt2_history_texts_count ? pt2_history_texts[index].name : NULL;
}

static Pt2Idl *
known_at (guint index, GError **error)
{
  const Pt2HistoryText *text = &pt2_history_texts[index];
  Pt2Idl *idl = idl_new_named (text->text, text->len, text->name, error);
  if (idl != NULL)
    idl->numbered = idl->major == 8 && idl->minor >= 2;
  return idl;
}

/* Does the release stand in LIST, words apart by blanks? "2.6" and "2.6.0+cpu" are the same release. */
static bool
has_release (const char *list, const char *release)
{
  g_auto (GStrv) words = g_strsplit (list, " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      size_t len = strlen (words[i]);
      if (len > 0 && strncmp (release, words[i], len) == 0 && strchr (".+", release[len]) != NULL)
        return true;
    }
  return false;
}

static Pt2Idl *
known_release (const char *release, GError **error)
{
  for (guint i = pt2_history_texts_count; i-- > 0;)
    {
      Pt2Idl *idl = known_at (i, error);
      if (idl == NULL || has_release (idl->torch, release))
        return idl;
      pt2_idl_unref (idl);
    }
  char shown[64];
  pt2_error_set (error, PT2_ERROR_E002, NULL, "no schema is known of PyTorch %s",
                 pt2_text_escape (release, strlen (release), shown, sizeof shown));
  return NULL;
}

/* 8.9 is what 8.8 was, as far as anybody knows: the newest known minor below stands for one between two known ones. */
static Pt2Idl *
known_version (guint64 major, guint64 minor, GError **error)
{
  int found = -1;
  for (guint i = 0; i < pt2_history_texts_count; i++)
    {
      char *end;
      guint64 its_major = g_ascii_strtoull (pt2_history_texts[i].name, &end, 10);
      guint64 its_minor = *end == '.' ? g_ascii_strtoull (end + 1, NULL, 10) : 0;
      if (its_major == major && (its_minor == minor || (its_minor < minor && major == 8 && minor <= 20)))
        found = (int)i;
    }
  if (found >= 0)
    return known_at ((guint)found, error);
  pt2_error_set (error, PT2_ERROR_E002, NULL, "%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, major, minor);
  return NULL;
}

Pt2Idl *
pt2_idl_new_known (const char *version, GError **error)
{
  char *end, shown[64];
  if (g_str_has_prefix (version, "torch-"))
    return known_release (version + strlen ("torch-"), error);
  if (g_ascii_isdigit (version[0]))
    {
      guint64 major = g_ascii_strtoull (version, &end, 10), minor = 0;
      bool fine = *end == '\0';
      if (*end == '.' && g_ascii_isdigit (end[1]))
        {
          minor = g_ascii_strtoull (end + 1, &end, 10);
          fine = *end == '\0';
        }
      if (fine)
        return known_version (major, minor, error);
    }
  pt2_error_set (error, PT2_ERROR_E002, NULL, "\"%s\"; versions are written 8.7 or torch-2.7",
                 pt2_text_escape (version, strlen (version), shown, sizeof shown));
  return NULL;
}

/* ---- questions ---- */

void
pt2_idl_get_version (Pt2Idl *idl, gint64 *major, gint64 *minor)
{
  *major = idl->major;
  *minor = idl->minor;
}

const char *
pt2_idl_get_name (Pt2Idl *idl)
{
  return idl->name;
}

const char *
pt2_idl_get_torch (Pt2Idl *idl)
{
  return idl->torch;
}

const char *
pt2_idl_get_evidence (Pt2Idl *idl)
{
  return idl->evidence;
}

gboolean
pt2_idl_has_ids (Pt2Idl *idl)
{
  return idl->numbered;
}

const Pt2StructInfo *
pt2_idl_struct (const Pt2Idl *idl, const char *name)
{
  return pt2_schema_find_struct (&idl->schema, name);
}

guint
pt2_idl_count (Pt2Idl *idl)
{
  return idl->schema.n_enums + idl->schema.n_structs;
}

Pt2IdlTypeFacts
pt2_idl_get_type (Pt2Idl *idl, guint index)
{
  Pt2IdlTypeFacts facts = { NULL, "", 0 };
  if (index < idl->schema.n_enums)
    facts = (Pt2IdlTypeFacts){ idl->schema.enums[index]->name, "enum", idl->schema.enums[index]->n_members };
  else if (index - idl->schema.n_enums < idl->schema.n_structs)
    {
      const Pt2StructInfo *info = idl->schema.structs[index - idl->schema.n_enums];
      facts = (Pt2IdlTypeFacts){ info->name, info->is_union ? "union" : "struct", info->n_fields };
    }
  return facts;
}

Pt2IdlFieldFacts
pt2_idl_get_field (Pt2Idl *idl, guint type, guint index)
{
  Pt2IdlFieldFacts facts = { 0 };
  if (index >= pt2_idl_get_type (idl, type).n_fields)
    return facts;
  if (type < idl->schema.n_enums)
    {
      const Pt2EnumMember *member = &idl->schema.enums[type]->members[index];
      return (Pt2IdlFieldFacts){ .name = member->name, .number = member->value };
    }
  const Pt2FieldInfo *field = &idl->schema.structs[type - idl->schema.n_enums]->fields[index];
  return (Pt2IdlFieldFacts){ .name = field->name,
                             .number = field->id,
                             .type = field->type->name,
                             .default_text = field->default_text,
                             .required = (field->flags & PT2_FIELD_REQUIRED) != 0,
                             .null_key = (field->flags & PT2_FIELD_NULL_KEY) != 0,
                             .unit = field->unit_until != 0 };
}
