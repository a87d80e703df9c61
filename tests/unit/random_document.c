/* SPDX-License-Identifier: Apache-2.0 */
#include "random_document.h"
#include "old_numbers.h"
#include "value.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum
{
  FUEL = 3000, /* values in all, about */
  DEEPEST = 14,
};

typedef struct
{
  Pt2Document *document;
  uint64_t state;
  uint32_t minor; /* UINT32_MAX: the newest */
  bool extras;
  int fuel;
  unsigned depth;
  unsigned n_keys; /* unknown keys so far */
} Maker;

static void make_value (Maker *m, const Pt2TypeInfo *type, void *out);

uint64_t
random_next (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return z ^ z >> 31;
}

static unsigned
below (Maker *m, unsigned n)
{
  return (unsigned)(random_next (&m->state) % n);
}

static bool
one_in (Maker *m, unsigned n)
{
  return below (m, n) == 0;
}

static void *
reserve (Maker *m, size_t size)
{
  void *memory = pt2_arena_alloc (&m->document->arena, size);
  g_assert (memory != NULL);
  memset (memory, 0, size);
  return memory;
}

/* ---- scalars ---- */

#define PIECE(literal)                                                                                                 \
  {                                                                                                                    \
    (literal), sizeof (literal) - 1                                                                                    \
  }

/* A high surrogate has something behind it: next to a low one it would be another text. */
static const Pt2String pieces[] = {
  PIECE ("a"),
  PIECE ("self"),
  PIECE ("add_1"),
  PIECE ("Symbol('s77', positive=True)"),
  PIECE ("\""),
  PIECE ("\\"),
  PIECE ("/"),
  PIECE ("\n\t\r\b\f"),
  PIECE ("\0"),
  PIECE ("\x1f"),
  PIECE ("\x7f"),
  PIECE ("\xc3\xa9"),
  PIECE ("\xed\xa0\x80."),
  PIECE ("\xed\xbf\xbf"),
  PIECE ("\xef\xbf\xbf"),
  PIECE ("\xf0\x9f\x98\x80"),
  PIECE ("0123456789012345678901234567890123456789012345678901234567890123456789"),
};

static Pt2String
make_text (Maker *m)
{
  Pt2String picked[6];
  unsigned n = below (m, G_N_ELEMENTS (picked) + 1);
  size_t len = 0;
  for (unsigned i = 0; i < n; i++)
    {
      /* Most are plain. */
      picked[i] = pieces[one_in (m, 3) ? below (m, G_N_ELEMENTS (pieces)) : below (m, 4)];
      len += picked[i].len;
    }
  char *text = reserve (m, len), *next = text;
  for (unsigned i = 0; i < n; i++)
    {
      memcpy (next, picked[i].data, picked[i].len);
      next += picked[i].len;
    }
  return (Pt2String){ text, (uint32_t)len };
}

static Pt2String
make_bytes (Maker *m)
{
  uint32_t len = below (m, 10);
  char *bytes = reserve (m, len);
  for (uint32_t i = 0; i < len; i++)
    bytes[i] = (char)random_next (&m->state);
  return (Pt2String){ bytes, len };
}

/* Of any number of bits. */
static int64_t
make_integer (Maker *m)
{
  uint64_t bits = random_next (&m->state);
  return (int64_t)bits >> below (m, 64);
}

static double
make_double (Maker *m)
{
  static const double some[]
      = { 0.0, -0.0, 1.0, -1.5, 0.1, 1e-5, 1e16, 1e22, 1.0 / 3, 5e-324, DBL_MIN, DBL_MAX, INFINITY, -INFINITY, NAN };
  uint64_t bits = random_next (&m->state);
  double value;
  memcpy (&value, &bits, sizeof value);
  return isnan (value) || one_in (m, 2) ? some[below (m, G_N_ELEMENTS (some))] : value;
}

static int32_t
make_enum (Maker *m, const Pt2EnumInfo *info)
{
  int32_t old, value;
  do
    {
      const Pt2EnumMember *member = &info->members[below (m, info->n_members)];
      value = member->value;
      if (one_in (m, 8))
        value = (int32_t)make_integer (m);
      else if (member->since > m->minor)
        continue;
    }
  while (!pt2_number_at_minor (info, m->minor == UINT32_MAX ? 0 : m->minor, value, &old));
  return value;
}

static void
make_scalar (Maker *m, const Pt2TypeInfo *type, void *out)
{
  switch (type->kind)
    {
    case PT2_KIND_BOOL:
      *(bool *)out = one_in (m, 2);
      break;
    case PT2_KIND_I8:
      *(int8_t *)out = (int8_t)make_integer (m);
      break;
    case PT2_KIND_I16:
      *(int16_t *)out = (int16_t)make_integer (m);
      break;
    case PT2_KIND_I32:
      *(int32_t *)out = (int32_t)make_integer (m);
      break;
    case PT2_KIND_I64:
      *(int64_t *)out = make_integer (m);
      break;
    case PT2_KIND_DOUBLE:
      *(double *)out = make_double (m);
      break;
    case PT2_KIND_ENUM:
      *(int32_t *)out = make_enum (m, type->enumeration);
      break;
    case PT2_KIND_STRING:
      *(Pt2String *)out = make_text (m);
      break;
    default:
      *(Pt2String *)out = make_bytes (m);
    }
}

/* ---- what the schema does not know ---- */

static void
add_extra (Maker *m, const Pt2StructInfo *info, void *owner, int after, const char *key)
{
  static const char *const values[] = {
    "null",
    "true",
    "-0",
    "1e400",
    "NaN",
    "123456789012345678901234567890",
    "\"\\ud800 \\u00e9 \\/\"",
    "[]",
    "{}",
    "[1 ,2,\t[ [ ] ]]",
    "{\"b\" : {\"a\": []},\n\"a\":-0.00}",
    "\"\"",
    "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
  };
  const char *raw = values[below (m, G_N_ELEMENTS (values))];
  size_t len = strlen (key);
  Pt2Extra extra = { .origin = PT2_EXTRA_JSON, .after = after, .raw = { raw, (uint32_t)strlen (raw) } };
  extra.key = (Pt2String){ memcpy (reserve (m, len), key, len), (uint32_t)len };
  g_assert (pt2_document_add_extra (m->document, info, owner, &extra));
}

static void
add_unknown_key (Maker *m, const Pt2StructInfo *info, void *owner, int after)
{
  static const char *const spellings[] = { "unknown_", "unknown_\\u00e9", "unknown \xc3\xa9", "_\\\"" };
  char key[48];
  g_snprintf (key, sizeof key, "%s%u", spellings[below (m, G_N_ELEMENTS (spellings))], m->n_keys++);
  add_extra (m, info, owner, after, key);
}

/* An integer that 64 bits do not hold, in the place of FIELD. */
static void
add_large_integer (Maker *m, const Pt2StructInfo *info, void *owner, const Pt2FieldInfo *field)
{
  const char *raw = one_in (m, 2) ? "9223372036854775808" : "-123456789012345678901234567890";
  Pt2Extra extra = { .origin = PT2_EXTRA_JSON,
                     .after = info->is_union ? -1 : (int)(field - info->fields) - 1,
                     .key = { field->name, field->name_len },
                     .raw = { raw, (uint32_t)strlen (raw) } };
  g_assert (pt2_document_add_extra (m->document, info, owner, &extra));
}

static bool
is_large_integer (Maker *m, const Pt2FieldInfo *field)
{
  return m->extras && field->type->kind == PT2_KIND_I64 && one_in (m, 20);
}

/* ---- structs and unions ---- */

static bool
is_of_age (const Maker *m, const Pt2FieldInfo *field)
{
  return field->since <= m->minor;
}

static void
make_field (Maker *m, const Pt2FieldInfo *field, char *record)
{
  void *out = record + field->offset;
  if (field->flags & PT2_FIELD_POINTER)
    out = *(void **)out = reserve (m, field->type->size);
  make_value (m, field->type, out);
}

static bool
is_made (Maker *m, const Pt2FieldInfo *field)
{
  /* JSON writes the default, and what is read from it is there. */
  bool written = field->default_text != NULL && strcmp (field->default_text, "null") != 0;
  if (!is_of_age (m, field))
    return false;
  return (field->flags & PT2_FIELD_REQUIRED) || written || (m->fuel > 0 && !one_in (m, 3));
}

static void
make_struct (Maker *m, const Pt2StructInfo *info, char *out)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      if (m->extras && one_in (m, 40))
        add_unknown_key (m, info, out, (int)below (m, info->n_fields + 1u) - 1);
      if (!is_made (m, field))
        continue;
      if (is_large_integer (m, field))
        {
          add_large_integer (m, info, out, field);
          continue;
        }
      make_field (m, field, out);
      if (field->present_bit != PT2_NO_PRESENT_BIT)
        pt2_field_bit_set (info, out, field->present_bit);
    }
}

/* How sure a value of that type is to end soon. */
static unsigned
weight (const Pt2TypeInfo *type)
{
  return type->kind == PT2_KIND_UNION ? 2 : type->kind == PT2_KIND_STRUCT ? 1 : 0;
}

static const Pt2FieldInfo *
choose_member (Maker *m, const Pt2StructInfo *info)
{
  const Pt2FieldInfo *chosen = NULL;
  bool hurry = m->fuel <= 0 || m->depth >= DEEPEST;
  while (chosen == NULL && !hurry)
    {
      chosen = &info->fields[below (m, info->n_fields)];
      if (!is_of_age (m, chosen))
        chosen = NULL;
    }
  for (unsigned i = 0; i < info->n_fields && hurry; i++)
    if (is_of_age (m, &info->fields[i]) && (chosen == NULL || weight (info->fields[i].type) < weight (chosen->type)))
      chosen = &info->fields[i];
  return chosen;
}

static void
make_union (Maker *m, const Pt2StructInfo *info, char *out)
{
  const Pt2FieldInfo *member = choose_member (m, info);
  bool unknown = m->extras && one_in (m, 40), large = !unknown && is_large_integer (m, member);
  ((Pt2AnyUnion *)out)->which = unknown || large ? PT2_UNKNOWN_MEMBER : (uint32_t)member->id;
  if (unknown)
    add_unknown_key (m, info, out, -1);
  else if (large)
    add_large_integer (m, info, out, member);
  else
    make_field (m, member, out);
}

/* ---- containers ---- */

static uint32_t
make_length (Maker *m)
{
  static const unsigned ranges[] = { 1, 3, 5, 20 };
  if (m->fuel <= 0 || m->depth >= DEEPEST)
    return 0;
  return below (m, ranges[below (m, G_N_ELEMENTS (ranges))]);
}

static void
make_list (Maker *m, const Pt2TypeInfo *type, Pt2AnyList *out)
{
  size_t size = type->element->size;
  out->len = make_length (m);
  out->items = reserve (m, out->len * size);
  for (uint32_t i = 0; i < out->len; i++)
    make_value (m, type->element, (char *)out->items + i * size);
}

/* Key number I of a map: each is another. */
static void
make_key (Maker *m, const Pt2TypeInfo *key, uint32_t i, void *out)
{
  if (key->kind == PT2_KIND_STRING)
    {
      Pt2String text = make_text (m);
      char number[12];
      int n = g_snprintf (number, sizeof number, "%u", i);
      char *all = reserve (m, (size_t)text.len + (size_t)n + 1);
      memcpy (all, text.data, text.len);
      all[text.len] = '_';
      memcpy (all + text.len + 1, number, (size_t)n);
      *(Pt2String *)out = (Pt2String){ all, text.len + (uint32_t)n + 1 };
    }
  else if (key->kind == PT2_KIND_I8)
    *(int8_t *)out = (int8_t)i;
  else if (key->kind == PT2_KIND_I16)
    *(int16_t *)out = (int16_t)(i * 3000);
  else if (key->kind == PT2_KIND_I64)
    *(int64_t *)out = (int64_t)i * INT64_C (-100000000000000000);
  else
    *(int32_t *)out = (int32_t)i * 100000000;
}

static bool
has_json_keys (const Pt2TypeInfo *map)
{
  uint8_t kind = map->key->kind;
  return kind == PT2_KIND_STRING || kind == PT2_KIND_ENUM || (kind >= PT2_KIND_I8 && kind <= PT2_KIND_I64);
}

static void
make_map (Maker *m, const Pt2TypeInfo *type, Pt2AnyMap *out)
{
  out->len = has_json_keys (type) ? make_length (m) : 0;
  out->entries = reserve (m, (size_t)out->len * type->entry_size);
  for (uint32_t i = 0; i < out->len; i++)
    {
      char *entry = (char *)out->entries + (size_t)i * type->entry_size;
      make_key (m, type->key, i, entry);
      make_value (m, type->element, entry + type->key_size);
    }
}

static void
make_value (Maker *m, const Pt2TypeInfo *type, void *out)
{
  m->fuel--;
  m->depth++;
  switch (type->kind)
    {
    case PT2_KIND_STRUCT:
      make_struct (m, type->record, out);
      break;
    case PT2_KIND_UNION:
      make_union (m, type->record, out);
      break;
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
      make_list (m, type, out);
      break;
    case PT2_KIND_MAP:
      make_map (m, type, out);
      break;
    default:
      make_scalar (m, type, out);
    }
  m->depth--;
}

static void
set_number (Pt2Document *document, const char *path, int64_t number)
{
  Pt2Value value = pt2_value_path (pt2_value_make (document->type->type, document->root), path);
  if (pt2_value_is_valid (value))
    *(int64_t *)value.data = number;
}

void
random_document (Pt2Document *document, const RandomOptions *options)
{
  Maker m = { .document = document,
              .state = options->seed,
              .minor = options->minor > 0 ? options->minor : UINT32_MAX,
              .extras = options->extras,
              .fuel = FUEL };
  document->root = reserve (&m, document->type->size);
  make_value (&m, document->type->type, document->root);
  document->minor = options->minor;
  set_number (document, "schema_version.major", 8);
  set_number (document, "schema_version.minor", options->minor);
}
