/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML that PyTorch keeps of its schema: types with kind and fields, indented by two blanks a level, and the
 * version as a list of two numbers. Nothing else of YAML is understood. It has no ids: a field gets the one that its
 * name has in our schema, or one of its own from 1000 on. */
#include "idl.h"
#include <string.h>

enum
{
  FIRST_OWN_ID = 1000,
};

typedef struct
{
  Pt2Idl *idl;
  Pt2Status *status;
  unsigned line;
  Pt2IdlType *type;
  Pt2IdlField *field;
  unsigned n_versions; /* numbers of the version seen; 0 also outside of it */
  bool in_version;
} Yaml;

/* ---- types in Python's words ---- */

static const char *
thrift_name (const char *python)
{
  static const char *const names[][2]
      = { { "str", "string" }, { "int", "i64" }, { "float", "double" }, { "bytes", "binary" } };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (python, names[i][0]) == 0)
      return names[i][1];
  return python;
}

static const Pt2IdlUse *read_use (Yaml *yaml, const char *text, size_t len, unsigned depth);

/* What stands in the brackets of PREFIX[…]; false if TEXT is not of that form. */
static bool
inside (const char **text, size_t *len, const char *prefix)
{
  size_t n = strlen (prefix);
  if (*len < n + 2 || memcmp (*text, prefix, n) != 0 || (*text)[n] != '[' || (*text)[*len - 1] != ']')
    return false;
  *text += n + 1;
  *len -= n + 2;
  return true;
}

static const Pt2IdlUse *
make_use (Yaml *yaml, const char *name, const Pt2IdlUse *key, const Pt2IdlUse *element)
{
  Pt2IdlUse *use = name != NULL ? pt2_idl_alloc (yaml->idl, sizeof *use, yaml->status) : NULL;
  if (use != NULL)
    *use = (Pt2IdlUse){ name, key, element };
  return use;
}

static const Pt2IdlUse *
read_dictionary (Yaml *yaml, const char *text, size_t len, unsigned depth)
{
  const char *comma = memchr (text, ',', len);
  if (comma == NULL || comma + 1 == text + len || comma[1] != ' ')
    return pt2_idl_fail (yaml->status, yaml->line, "no dictionary is", text, len), NULL;
  const Pt2IdlUse *key = read_use (yaml, text, (size_t)(comma - text), depth);
  const Pt2IdlUse *element = key != NULL ? read_use (yaml, comma + 2, (size_t)(text + len - comma - 2), depth) : NULL;
  return element != NULL ? make_use (yaml, "map", key, element) : NULL;
}

static const Pt2IdlUse *
read_use (Yaml *yaml, const char *text, size_t len, unsigned depth)
{
  if (depth > PT2_IDL_NESTING_MOST)
    return pt2_idl_fail (yaml->status, yaml->line, "containers nested too deep", "", 0), NULL;
  if (inside (&text, &len, "List"))
    {
      const Pt2IdlUse *element = read_use (yaml, text, len, depth + 1);
      return element != NULL ? make_use (yaml, "list", NULL, element) : NULL;
    }
  if (inside (&text, &len, "Dict"))
    return read_dictionary (yaml, text, len, depth + 1);
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '_')
      return pt2_idl_fail (yaml->status, yaml->line, "no type is", text, len), NULL;
  const char *name = pt2_idl_text (yaml->idl, text, len, yaml->status);
  return name != NULL ? make_use (yaml, thrift_name (name), NULL, NULL) : NULL;
}

static bool
read_type (Yaml *yaml, const char *text, size_t len)
{
  Pt2IdlField *field = yaml->field;
  bool nullable = inside (&text, &len, "Optional");
  if (len == 9 && memcmp (text, "Tuple[()]", 9) == 0)
    {
      field->unit_until = UINT16_MAX;
      text = "bool";
      len = 4;
    }
  field->null_key = nullable && yaml->type->kind == PT2_KIND_STRUCT;
  field->required = !nullable && yaml->type->kind == PT2_KIND_STRUCT;
  field->use = read_use (yaml, text, len, 0);
  return field->use != NULL;
}

/* ---- values ---- */

static bool
read_default (Yaml *yaml, const char *text, size_t len)
{
  static const char *const words[][2]
      = { { "None", "null" }, { "'False'", "false" }, { "'True'", "true" }, { "'[]'", "[]" }, { "'{}'", "{}" } };
  Pt2IdlField *field = yaml->field;
  g_autofree char *value = g_strndup (text, len), *quoted = g_strdup_printf ("\"%s\"", value);
  const char *json = quoted;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (value, words[i][0]) == 0)
      json = words[i][1];
  field->required = field->null_key = false;
  field->default_text = pt2_idl_text (yaml->idl, json, strlen (json), yaml->status);
  return field->default_text != NULL;
}

static bool
read_number (const char *text, size_t len, int64_t *number)
{
  g_autofree char *word = g_strndup (text, len);
  return g_ascii_string_to_signed (word, 10, INT32_MIN, INT32_MAX, number, NULL);
}

static bool
read_kind (Yaml *yaml, const char *text, size_t len)
{
  static const struct
  {
    const char *word;
    Pt2Kind kind;
  } kinds[] = { { "struct", PT2_KIND_STRUCT }, { "union", PT2_KIND_UNION }, { "enum", PT2_KIND_ENUM } };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (len == strlen (kinds[i].word) && memcmp (text, kinds[i].word, len) == 0)
      {
        yaml->type->kind = kinds[i].kind;
        return true;
      }
  return pt2_idl_fail (yaml->status, yaml->line, "no kind is", text, len);
}

static int64_t
id_of (const Yaml *yaml)
{
  const Pt2StructInfo *ours = pt2_schema_find_struct (&pt2_export_schema, yaml->type->name);
  const Pt2FieldInfo *field
      = ours != NULL ? pt2_struct_field_by_name (ours, yaml->field->name, strlen (yaml->field->name)) : NULL;
  return field != NULL ? field->id : FIRST_OWN_ID + (int64_t)yaml->type->fields->len;
}

static bool
add_field (Yaml *yaml, const char *text, size_t len)
{
  yaml->field
      = pt2_idl_add_field (yaml->type, pt2_idl_text (yaml->idl, text, len, yaml->status), yaml->line, yaml->status);
  if (yaml->field == NULL)
    return false;
  yaml->field->number = id_of (yaml);
  return true;
}

/* ---- lines ---- */

static bool
begins (const char **text, size_t *len, const char *prefix)
{
  size_t n = strlen (prefix);
  if (*len < n || memcmp (*text, prefix, n) != 0)
    return false;
  *text += n;
  *len -= n;
  return true;
}

/* `NAME:` at the left: a type, or the version. */
static bool
read_name (Yaml *yaml, const char *text, size_t len)
{
  yaml->field = NULL;
  yaml->type = NULL;
  yaml->in_version = len == 14 && memcmp (text, "SCHEMA_VERSION", 14) == 0;
  if (yaml->in_version)
    return true;
  const char *name = pt2_idl_text (yaml->idl, text, len, yaml->status);
  yaml->type = pt2_idl_add_type (yaml->idl, PT2_KIND_MAP, name, yaml->line, yaml->status);
  return yaml->type != NULL;
}

static bool
read_version (Yaml *yaml, const char *text, size_t len)
{
  int64_t number;
  if (!read_number (text, len, &number) || yaml->n_versions > 1)
    return pt2_idl_fail (yaml->status, yaml->line, "no version is", text, len);
  *(yaml->n_versions++ == 0 ? &yaml->idl->major : &yaml->idl->minor) = number;
  return true;
}

/* `NAME: NUMBER` of an enum, `NAME:` else. */
static bool
read_field_line (Yaml *yaml, const char *text, size_t len)
{
  const char *colon = memchr (text, ':', len);
  size_t name = colon != NULL ? (size_t)(colon - text) : 0;
  if (name == 0 || text[0] == ' ')
    return pt2_idl_fail (yaml->status, yaml->line, "a field must stand instead of", text, len);
  if (!add_field (yaml, text, name))
    return false;
  if (yaml->type->kind != PT2_KIND_ENUM)
    return name + 1 == len || pt2_idl_fail (yaml->status, yaml->line, "nothing may follow the colon of", text, name);
  if (len > name + 2 && read_number (colon + 2, len - name - 2, &yaml->field->number))
    return true;
  return pt2_idl_fail (yaml->status, yaml->line, "a number must follow", text, name);
}

static bool
read_line (Yaml *yaml, const char *text, size_t len)
{
  if (len == 0 || text[0] == '#' || begins (&text, &len, "TREESPEC_VERSION:"))
    return true;
  if (yaml->in_version && begins (&text, &len, "- "))
    return read_version (yaml, text, len);
  if (text[0] != ' ' && text[len - 1] == ':')
    return read_name (yaml, text, len - 1);
  if (yaml->type != NULL && begins (&text, &len, "  kind: "))
    return read_kind (yaml, text, len);
  if (yaml->type != NULL && len == 9 && memcmp (text, "  fields:", 9) == 0)
    return true;
  if (yaml->field != NULL && begins (&text, &len, "      type: "))
    return read_type (yaml, text, len);
  if (yaml->field != NULL && begins (&text, &len, "      default: "))
    return read_default (yaml, text, len);
  if (yaml->type != NULL && begins (&text, &len, "    "))
    return read_field_line (yaml, text, len);
  return pt2_idl_fail (yaml->status, yaml->line, "no line of PyTorch's YAML is", text, len);
}

bool
pt2_idl_read_yaml (Pt2Idl *idl, const char *text, size_t len, Pt2Status *status)
{
  Yaml yaml = { .idl = idl, .status = status };
  for (const char *end = text + len; text < end;)
    {
      const char *stop = memchr (text, '\n', (size_t)(end - text));
      size_t n = (size_t)((stop != NULL ? stop : end) - text);
      yaml.line++;
      if (!read_line (&yaml, text, n > 0 && text[n - 1] == '\r' ? n - 1 : n))
        return false;
      text += n + (stop != NULL);
    }
  return true;
}
