/* SPDX-License-Identifier: Apache-2.0 */
#include "pt2-limits.h"
#include "status.h"
#include "text.h"
#include <string.h>

typedef enum
{
  NUMBER,
  OPEN,  /* a number, or no rule */
  LEAST, /* a version */
  MOST,  /* a version, or no rule */
} Kind;

typedef struct
{
  const char *key;
  Kind kind;
  size_t offset;
  uint64_t most;
  const char *unit;
  const char *meaning;
} LimitInfo;

#define ITEM(key, kind, field, most, unit, meaning)                                                                    \
  {                                                                                                                    \
    key, kind, offsetof (Pt2Limits, field), most, unit, meaning                                                        \
  }
#define LIMIT(key, field, most, unit, meaning) ITEM (key, NUMBER, field, most, unit, meaning)
#define RULE(key, kind, field, unit, meaning) ITEM (key, kind, field, UINT64_MAX, unit, meaning)
static const LimitInfo limit_table[] = {
  LIMIT ("depth", depth, PT2_LIMIT_DEPTH_MOST, "levels", "nesting of structs, unions, lists and maps in a program"),
  LIMIT ("memory", memory, UINT64_MAX, "bytes", "memory that a loaded program may take, beside its input"),
  LIMIT ("program-size", program_size, UINT64_MAX, "bytes", "one program record, inflated"),
  LIMIT ("records", records, UINT64_MAX, "records", "records in an archive"),
  LIMIT ("name-length", name_length, UINT64_MAX, "bytes", "a record's name"),
  LIMIT ("inflated-size", inflated_size, UINT64_MAX, "bytes", "all records of an archive together, inflated"),
  LIMIT ("inflate-ratio", inflate_ratio, UINT64_MAX, "times", "inflated bytes for each stored byte of a record"),
  LIMIT ("expression-length", expression_length, UINT64_MAX, "bytes", "the text of one symbolic expression"),
  LIMIT ("expression-depth", expression_depth, PT2_LIMIT_DEPTH_MOST, "levels", "nesting of a symbolic expression"),
  LIMIT ("expression-nodes", expression_nodes, UINT64_MAX, "parts",
         "different parts of all symbolic expressions together"),
  LIMIT ("integer-bits", integer_bits, PT2_LIMIT_INTEGER_BITS_MOST, "bits", "an integer in a symbolic expression"),
  RULE ("schema-least", LEAST, schema_least, "version", "schema version of a program, at least"),
  RULE ("schema-most", MOST, schema_most, "version", "schema version of a program, at most"),
  RULE ("torch-least", LEAST, torch_least, "version", "PyTorch that wrote a program, at least"),
  RULE ("torch-most", MOST, torch_most, "version", "PyTorch that wrote a program, at most"),
  RULE ("opset-most", OPEN, opset_most, "number", "operator set of a program, at most, and none but `aten`"),
  RULE ("unknown-parts", OPEN, unknown_parts, "parts", "what the schema does not know in a program"),
};

static const Pt2Limits default_limits = {
  .depth = 1000,
  .memory = UINT64_C (16) << 30,
  .program_size = UINT64_C (4) << 30,
  .records = 1 << 20,
  .name_length = 4096,
  .inflated_size = UINT64_C (1) << 40,
  .inflate_ratio = 1100,
  .expression_length = 1 << 20,
  .expression_depth = 1000,
  .expression_nodes = 1 << 20,
  .integer_bits = 1 << 18,
  .schema_most = PT2_LIMIT_ANY,
  .torch_most = PT2_LIMIT_ANY,
  .opset_most = PT2_LIMIT_ANY,
  .unknown_parts = PT2_LIMIT_ANY,
};

const Pt2Limits *
pt2_limits_default (void)
{
  return &default_limits;
}

static gboolean
parse_size (const char *text, uint64_t *value)
{
  char *end = NULL;
  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  *value = g_ascii_strtoull (text, &end, 10);
  static const char suffixes[] = "KMGT";
  const char *suffix = *end != '\0' ? strchr (suffixes, g_ascii_toupper (*end)) : NULL;
  if (suffix != NULL)
    {
      unsigned shift = 10 * (unsigned)(suffix - suffixes + 1);
      if (*value > UINT64_MAX >> shift)
        return FALSE;
      *value <<= shift;
      end++;
    }
  return *end == '\0' && *value != UINT64_MAX;
}

enum
{
  PART_BITS = 20,
  PART_MOST = (1 << PART_BITS) - 1,
  N_PARTS = 3,
};

/* LEFT_OUT: what stands for a part that is not there. */
static gboolean
parse_version (const char *text, uint64_t left_out, uint64_t *value)
{
  *value = 0;
  for (int i = 0; i < N_PARTS; i++)
    {
      uint64_t part = left_out;
      if (*text != '\0')
        {
          char *end;
          if (!g_ascii_isdigit (*text) || (part = g_ascii_strtoull (text, &end, 10)) > PART_MOST)
            return FALSE;
          text = *end == '.' && i + 1 < N_PARTS && g_ascii_isdigit (end[1]) ? end + 1 : end;
          if (*end != '.' && *end != '\0')
            return FALSE;
        }
      else if (i == 0)
        return FALSE;
      *value = *value << PART_BITS | part;
    }
  return *text == '\0';
}

static gboolean
parse_value (const LimitInfo *info, const char *text, uint64_t *value)
{
  if (info->kind != NUMBER && strcmp (text, "any") == 0)
    {
      *value = info->kind == LEAST ? 0 : PT2_LIMIT_ANY;
      return TRUE;
    }
  if (info->kind == LEAST || info->kind == MOST)
    return parse_version (text, info->kind == LEAST ? 0 : PART_MOST, value);
  return parse_size (text, value);
}

static gboolean
refuse (GError **error, const char *key, const char *value, const char *why)
{
  char key_text[64], value_text[64];
  return pt2_error_set (error, PT2_ERROR_U006, NULL, "%s=%s: %s", pt2_text_escape (key, strlen (key), key_text, 64),
                        pt2_text_escape (value, strlen (value), value_text, 64), why);
}

static const char *const expected[] = {
  [NUMBER] = "expected digits, and K, M, G or T at most behind them",
  [OPEN] = "expected a number, or `any`",
  [LEAST] = "expected a version such as 8.2, or `any`",
  [MOST] = "expected a version such as 8.20, or `any`",
};

gboolean
pt2_limits_set (Pt2Limits *limits, const char *key, const char *value, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (limit_table); i++)
    {
      if (strcmp (limit_table[i].key, key) != 0)
        continue;
      uint64_t number;
      if (!parse_value (&limit_table[i], value, &number))
        return refuse (error, key, value, expected[limit_table[i].kind]);
      if (number > limit_table[i].most)
        return refuse (error, key, value, "that is more than this limit can be");
      memcpy ((char *)limits + limit_table[i].offset, &number, sizeof number);
      return TRUE;
    }
  return refuse (error, key, value, "no limit of that name");
}

static char *
show_version (uint64_t value, uint64_t left_out)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < N_PARTS; i++)
    {
      unsigned shift = (unsigned)((N_PARTS - 1 - i) * PART_BITS);
      uint64_t rest = value & ((UINT64_C (1) << (shift + PART_BITS)) - 1), nothing = 0;
      for (int j = i; j < N_PARTS; j++)
        nothing = nothing << PART_BITS | left_out;
      if (i > 0 && rest == nothing)
        break;
      g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? "." : "", i > 0 ? rest >> shift : value >> shift);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
pt2_limits_get_text (const Pt2Limits *limits, const char *key)
{
  for (size_t i = 0; i < G_N_ELEMENTS (limit_table); i++)
    {
      uint64_t value;
      Kind kind = limit_table[i].kind;
      if (strcmp (limit_table[i].key, key) != 0)
        continue;
      memcpy (&value, (const char *)limits + limit_table[i].offset, sizeof value);
      if (kind != NUMBER && value == (kind == LEAST ? 0 : PT2_LIMIT_ANY))
        return g_strdup ("any");
      if (kind == LEAST || kind == MOST)
        return show_version (value, kind == LEAST ? 0 : PART_MOST);
      return g_strdup_printf ("%" G_GUINT64_FORMAT, value);
    }
  return NULL;
}

void
pt2_limits_foreach (const Pt2Limits *limits, Pt2LimitsFunc func, gpointer data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (limit_table); i++)
    {
      uint64_t value;
      memcpy (&value, (const char *)limits + limit_table[i].offset, sizeof value);
      func (limit_table[i].key, value, limit_table[i].unit, limit_table[i].meaning, data);
    }
}
