/* SPDX-License-Identifier: Apache-2.0 */
#include "pt2-limits.h"
#include "status.h"
#include "text.h"
#include <string.h>

typedef struct
{
  const char *key;
  size_t offset;
  uint64_t most;
  const char *unit;
  const char *meaning;
} LimitInfo;

#define LIMIT(key, field, most, unit, meaning)                                                                         \
  {                                                                                                                    \
    key, offsetof (Pt2Limits, field), most, unit, meaning                                                              \
  }
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

static gboolean
refuse (GError **error, const char *key, const char *value, const char *why)
{
  char key_text[64], value_text[64];
  return pt2_error_set (error, PT2_ERROR_U006, NULL, "%s=%s: %s", pt2_text_escape (key, strlen (key), key_text, 64),
                        pt2_text_escape (value, strlen (value), value_text, 64), why);
}

gboolean
pt2_limits_set (Pt2Limits *limits, const char *key, const char *value, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (limit_table); i++)
    {
      if (strcmp (limit_table[i].key, key) != 0)
        continue;
      uint64_t number;
      if (!parse_size (value, &number))
        return refuse (error, key, value, "expected digits, and K, M, G or T at most behind them");
      if (number > limit_table[i].most)
        return refuse (error, key, value, "that is more than this limit can be");
      memcpy ((char *)limits + limit_table[i].offset, &number, sizeof number);
      return TRUE;
    }
  return refuse (error, key, value, "no limit of that name");
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
