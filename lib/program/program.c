/* SPDX-License-Identifier: Apache-2.0 */
#include "extras.h"
#include "program.h"
#include "text.h"
#include "value.h"
#include <string.h>

G_DEFINE_BOXED_TYPE (Pt2Program, pt2_program, pt2_program_ref, pt2_program_unref)

enum
{
  MAJOR = 8, /* the one that has structs */
};

Pt2Program *
pt2_program_ref (Pt2Program *program)
{
  g_atomic_ref_count_inc (&program->references);
  return program;
}

static void
free_program (Pt2Program *program)
{
  Pt2Signature *signature = (Pt2Signature *)program->signature;
  if (signature != NULL)
    {
      pt2_signature_clear_views (signature);
      pt2_arena_clear (&signature->arena);
      g_free (signature);
    }
  pt2_document_clear (&program->document);
  pt2_arena_clear (&program->tree_arena);
  g_clear_pointer (&program->input, g_bytes_unref);
  g_clear_pointer (&program->bytes, g_bytes_unref);
  g_free (program);
}

/* A program may be the last of many that were made one of the other: no recursion. */
void
pt2_program_unref (Pt2Program *program)
{
  while (program != NULL && g_atomic_ref_count_dec (&program->references))
    {
      Pt2Program *base = program->base;
      free_program (program);
      program = base;
    }
}

static bool
starts_json (const char *data, size_t len)
{
  size_t at = 0;
  /* A byte order mark goes to the JSON reader too: its error says what is wrong. */
  if (len >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    at = 3;
  while (at < len && strchr (" \t\r\n", data[at]) != NULL && data[at] != '\0')
    at++;
  return at < len && (data[at] == '{' || data[at] == '[');
}

static bool
starts_zstd (const char *data, size_t len)
{
  return len >= 4 && memcmp (data, "\x28\xb5\x2f\xfd", 4) == 0;
}

static void
init_document (Pt2Program *program, const Pt2Limits *limits, size_t len)
{
  const Pt2StructInfo *type = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  pt2_document_init (&program->document, &pt2_export_schema, type, limits, len);
}

/* Majors 1–7, whose structs are others: kept as a tree of JSON. */
static bool
read_tree (Pt2Program *program, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  uint64_t budget = len < UINT64_MAX / 128 ? MIN (limits->memory, (uint64_t)len * 64 + 65536) : limits->memory;
  pt2_arena_init (&program->tree_arena, budget, 0);
  program->tree = pt2_json_tree_read (&program->tree_arena, data, len, limits, status);
  return program->tree != NULL;
}

/* Half of a version. */
typedef struct
{
  int64_t number;
  Pt2String large; /* beyond 64 bits: as it is written */
} Part;

static bool
tree_part (const Pt2JsonNode *node, Part *part)
{
  if (node == NULL || (node->kind != PT2_JSON_INT && node->kind != PT2_JSON_BIGINT))
    return false;
  *part = node->kind == PT2_JSON_INT ? (Part){ .number = node->integer } : (Part){ .large = node->raw };
  return true;
}

static bool
tree_version (const Pt2JsonNode *root, Part *major, Part *minor)
{
  const Pt2JsonNode *version = pt2_json_get (root, "schema_version");
  *minor = (Part){ .number = 0 };
  return tree_part (version, major)
         || (tree_part (pt2_json_get (version, "major"), major) && tree_part (pt2_json_get (version, "minor"), minor));
}

/* The reader keeps a number beyond 64 bits beside its field. */
static Part
typed_part (const Pt2Program *program, const char *name, int64_t number)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "SchemaVersion");
  const Pt2ExportedProgram *exported = program->document.root;
  const Pt2Extra *extra = pt2_document_extras (&program->document, info, &exported->schema_version);
  for (; extra != NULL; extra = extra->next)
    if (extra->origin == PT2_EXTRA_JSON && extra->key.len == strlen (name)
        && memcmp (extra->key.data, name, extra->key.len) == 0)
      return (Part){ .large = extra->raw };
  return (Part){ .number = number };
}

enum
{
  PART_TEXT = 64,
};

static void
print_part (const Part *part, char text[PART_TEXT])
{
  if (part->large.data != NULL)
    pt2_text_escape (part->large.data, part->large.len, text, PART_TEXT);
  else
    g_snprintf (text, PART_TEXT, "%" G_GINT64_FORMAT, part->number);
}

static bool
is_known (const Part *major, const Part *minor)
{
  if (major->large.data != NULL || minor->large.data != NULL)
    return false;
  /* Major 0 with minor 0 is a test version that torch reads as its own (schema.md §5). */
  return (major->number >= 1 && major->number <= MAJOR) || (major->number == 0 && minor->number == 0);
}

static bool
set_version (Pt2Program *program, const Part *major, const Part *minor, Pt2Status *status)
{
  char texts[2][PART_TEXT];
  program->major = major->number;
  program->minor = minor->number;
  if (is_known (major, minor))
    return true;
  print_part (major, texts[0]);
  print_part (minor, texts[1]);
  return pt2_status_fail (status, PT2_ERROR_P003, PT2_NO_OFFSET, "schema %s.%s", texts[0], texts[1]);
}

static bool
has_structs (int64_t major)
{
  return major == MAJOR || major == 0;
}

static Pt2String
tree_text (const Pt2JsonNode *node)
{
  return node != NULL && node->kind == PT2_JSON_STRING ? node->text : (Pt2String){ NULL, 0 };
}

/* The typed reader did not take it: is it an older major, or really wrong? STATUS keeps the typed
 * reader's fault unless the tree knows better. */
static bool
read_older (Pt2Program *program, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  Pt2Status tree_status = PT2_STATUS_INIT;
  pt2_document_clear (&program->document);
  if (!read_tree (program, data, len, limits, &tree_status))
    {
      if (status->code == PT2_ERROR_NONE)
        *status = tree_status;
      return false;
    }
  Part major = { .number = 0 }, minor;
  bool versioned = program->tree->kind == PT2_JSON_OBJECT && tree_version (program->tree, &major, &minor);
  if (!versioned && pt2_json_get (program->tree, "graph_module") == NULL)
    {
      *status = (Pt2Status)PT2_STATUS_INIT;
      return pt2_status_fail (status, PT2_ERROR_P004, PT2_NO_OFFSET, "%s", "");
    }
  if (!versioned || (major.large.data == NULL && has_structs (major.number)))
    return false;
  *status = (Pt2Status)PT2_STATUS_INIT;
  program->torch_version = tree_text (pt2_json_get (program->tree, "torch_version"));
  return set_version (program, &major, &minor, status);
}

static bool
take_versions (Pt2Program *program, Pt2Status *status)
{
  const Pt2ExportedProgram *exported = program->document.root;
  const Part major = typed_part (program, "major", exported->schema_version.major);
  const Part minor = typed_part (program, "minor", exported->schema_version.minor);
  program->torch_version = exported->torch_version;
  return set_version (program, &major, &minor, status);
}

static bool
read_json (Pt2Program *program, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  program->form = PT2_FORM_JSON;
  init_document (program, limits, len);
  if (!pt2_json_read (&program->document, data, len, limits, status))
    return read_older (program, data, len, limits, status);
  if (!take_versions (program, status))
    return false;
  /* A small program of an older major may fit today's structs by chance. */
  return has_structs (program->major) || read_older (program, data, len, limits, status);
}

static bool
read_compact (Pt2Program *program, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  init_document (program, limits, len);
  if (!pt2_compact_read (&program->document, data, len, limits, status) || !take_versions (program, status))
    return false;
  if (has_structs (program->major))
    return true;
  return pt2_status_fail (status, PT2_ERROR_P002, PT2_NO_OFFSET, "schema %" G_GINT64_FORMAT, program->major);
}

static bool
load (Pt2Program *program, const Pt2Limits *limits, GError **error)
{
  size_t len;
  const char *data = g_bytes_get_data (program->bytes, &len);
  Pt2Status status = PT2_STATUS_INIT;
  bool fine;
  if (len > limits->program_size)
    fine = pt2_status_fail (&status, PT2_ERROR_L008, PT2_NO_OFFSET, "%zu bytes", len);
  else if (starts_json (data, len))
    fine = read_json (program, data, len, limits, &status);
  else
    fine = read_compact (program, data, len, limits, &status);
  fine = fine && pt2_program_check_rules (program, limits, &status);
  return fine || pt2_status_to_error (&status, error);
}

Pt2Program *
pt2_program_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error)
{
  if (limits == NULL)
    limits = pt2_limits_default ();
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  g_autoptr (Pt2Program) program = g_new0 (Pt2Program, 1);
  g_atomic_ref_count_init (&program->references);
  program->input = g_bytes_ref (bytes);
  program->form = PT2_FORM_COMPACT;
  if (starts_zstd (data, len))
    {
      program->form = PT2_FORM_COMPACT_ZST;
      program->bytes = pt2_zstd_decompress (bytes, limits, error);
    }
  else
    program->bytes = g_bytes_ref (bytes);
  if (program->bytes == NULL || !load (program, limits, error))
    return NULL;
  return g_steal_pointer (&program);
}

Pt2Program *
pt2_program_new_from_document (const Pt2Document *document, Pt2Program *base)
{
  const Pt2ExportedProgram *exported = document->root;
  Pt2Program *program = g_new0 (Pt2Program, 1);
  g_atomic_ref_count_init (&program->references);
  program->base = base != NULL ? pt2_program_ref (base) : NULL;
  program->form = base != NULL ? base->form : PT2_FORM_JSON;
  program->document = *document;
  program->major = exported->schema_version.major;
  program->minor = exported->schema_version.minor;
  program->document.minor = pt2_document_find_minor (document);
  program->torch_version = exported->torch_version;
  return program;
}

Pt2Form
pt2_program_get_form (Pt2Program *program)
{
  return program->form;
}

void
pt2_program_get_schema_version (Pt2Program *program, gint64 *major, gint64 *minor)
{
  *major = program->major;
  *minor = program->minor;
}

Pt2String
pt2_program_get_torch_version (Pt2Program *program)
{
  return program->torch_version;
}

const Pt2ExportedProgram *
pt2_program_get_exported_program (Pt2Program *program)
{
  return program->document.root;
}

Pt2Value
pt2_program_get_root (Pt2Program *program)
{
  return pt2_value_make (program->document.type != NULL ? program->document.type->type : NULL, program->document.root);
}

guint64
pt2_program_get_memory (Pt2Program *program)
{
  return pt2_arena_bytes (&program->document.arena) + pt2_arena_bytes (&program->tree_arena);
}

guint
pt2_program_count_unknown (Pt2Program *program)
{
  return program->document.n_extras[PT2_EXTRA_JSON] + program->document.n_extras[PT2_EXTRA_COMPACT];
}
