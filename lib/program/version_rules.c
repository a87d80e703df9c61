/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller takes: the versions that a program says of itself, and what it holds beyond the schema, against the
 * rules among the limits. Without rules, nothing is looked at.
 */
#include "program.h"
#include "text.h"
#include <string.h>

enum
{
  PART_MOST = (1 << 20) - 1, /* of a PT2_LIMIT_VERSION */
};

static uint64_t
clamp_part (int64_t part)
{
  return (uint64_t)CLAMP (part, 0, (int64_t)PART_MOST);
}

static bool
check_schema (const Pt2Program *program, const Pt2Limits *limits, Pt2Status *status)
{
  uint64_t version = PT2_LIMIT_VERSION (clamp_part (program->major), clamp_part (program->minor), 0);
  if (version >= limits->schema_least && version <= limits->schema_most)
    return true;
  return pt2_status_fail (status, PT2_ERROR_L013, PT2_NO_OFFSET, "schema %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT,
                          program->major, program->minor);
}

/* The three numbers that "2.9.0a0+git" begins with; parts that are not there are 0. False if there is no first one. */
static bool
read_release (Pt2String text, uint64_t *version)
{
  uint64_t parts[3] = { 0, 0, 0 };
  uint32_t at = 0;
  for (int i = 0; i < 3 && at < text.len && g_ascii_isdigit (text.data[at]); i++)
    {
      for (; at < text.len && g_ascii_isdigit (text.data[at]); at++)
        parts[i] = MIN (parts[i] * 10 + (uint64_t)(text.data[at] - '0'), (uint64_t)PART_MOST);
      if (at >= text.len || text.data[at] != '.')
        break;
      at++;
    }
  *version = PT2_LIMIT_VERSION (parts[0], parts[1], parts[2]);
  return at > 0;
}

static bool
check_torch (const Pt2Program *program, const Pt2Limits *limits, Pt2Status *status)
{
  char text[96];
  uint64_t version;
  if (limits->torch_least == 0 && limits->torch_most == PT2_LIMIT_ANY)
    return true;
  Pt2String said = program->torch_version;
  if (said.data == NULL || !read_release (said, &version))
    return pt2_status_fail (status, PT2_ERROR_L014, PT2_NO_OFFSET, "it does not say which");
  if (version >= limits->torch_least && version <= limits->torch_most)
    return true;
  return pt2_status_fail (status, PT2_ERROR_L014, PT2_NO_OFFSET, "%s",
                          pt2_text_escape (said.data, said.len, text, sizeof text));
}

static bool
check_opsets (Pt2Program *program, const Pt2Limits *limits, Pt2Status *status)
{
  char text[96];
  guint n;
  if (limits->opset_most == PT2_LIMIT_ANY)
    return true;
  const Pt2OpsetVersion *sets = pt2_program_get_opsets (program, &n);
  for (guint i = 0; i < n; i++)
    if (sets[i].name.len != strlen ("aten") || memcmp (sets[i].name.data, "aten", strlen ("aten")) != 0
        || sets[i].version < 0 || (uint64_t)sets[i].version > limits->opset_most)
      return pt2_status_fail (status, PT2_ERROR_L015, PT2_NO_OFFSET, "%s %" G_GINT64_FORMAT,
                              pt2_text_escape (sets[i].name.data, sets[i].name.len, text, sizeof text),
                              sets[i].version);
  return true;
}

static bool
check_unknown (Pt2Program *program, const Pt2Limits *limits, Pt2Status *status)
{
  guint n = pt2_program_count_unknown (program);
  return n <= limits->unknown_parts || pt2_status_fail (status, PT2_ERROR_L016, PT2_NO_OFFSET, "%u parts", n);
}

bool
pt2_program_check_rules (Pt2Program *program, const Pt2Limits *limits, Pt2Status *status)
{
  return check_schema (program, limits, status) && check_torch (program, limits, status)
         && check_opsets (program, limits, status) && check_unknown (program, limits, status);
}
