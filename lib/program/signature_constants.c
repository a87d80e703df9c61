/* SPDX-License-Identifier: Apache-2.0 */
/* The values of constant inputs and outputs, as JSON text. */
#include "buffer.h"
#include "program.h"
#include "value.h"
#include <string.h>

static const Pt2String none = { "null", 4 };

/* Members of the unions that hold a constant, and those that hold one of these or a symbol. */
static const char *const scalars[] = { "as_int", "as_float", "as_string", "as_bool" };
static const char *const symbolic[] = { "as_sym_int", "as_sym_float", "as_sym_bool" };

static bool
is_among (const char *const *names, size_t n, Pt2String name)
{
  for (size_t i = 0; i < n; i++)
    if (strlen (names[i]) == name.len && memcmp (names[i], name.data, name.len) == 0)
      return true;
  return false;
}

static bool
is_scalar (Pt2String name)
{
  return is_among (scalars, G_N_ELEMENTS (scalars), name);
}

static bool
is_symbolic (Pt2String name)
{
  return is_among (symbolic, G_N_ELEMENTS (symbolic), name);
}

static bool
is_none (Pt2String name)
{
  return name.len == strlen ("as_none") && memcmp (name.data, "as_none", name.len) == 0;
}

/* ---- native ---- */

static Pt2String
member_of (Pt2Value value)
{
  const char *name = pt2_value_type (value) == PT2_TYPE_UNION ? pt2_value_member_name (value) : NULL;
  return name != NULL ? (Pt2String){ name, (uint32_t)strlen (name) } : (Pt2String){ "", 0 };
}

static Pt2String
json_of (const Pt2Program *program, Pt2Signature *signature, Pt2Value value)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer text = PT2_BUFFER_INIT;
  Pt2String copy = { NULL, 0 };
  bool fine = pt2_json_write_value (&program->document, value.type, value.data, &text, &status)
              && pt2_buffer_len (&text) <= UINT32_MAX;
  char *memory = fine ? pt2_signature_alloc (signature, pt2_buffer_len (&text)) : NULL;
  if (memory != NULL)
    {
      memcpy (memory, text.data, pt2_buffer_len (&text));
      copy = (Pt2String){ memory, (uint32_t)pt2_buffer_len (&text) };
    }
  pt2_buffer_clear (&text);
  return copy;
}

Pt2String
pt2_signature_constant (const Pt2Program *program, Pt2Signature *signature, Pt2Value value)
{
  Pt2String member = member_of (value);
  if (is_none (member))
    return none;
  if (is_symbolic (member))
    {
      value = pt2_value_member (value);
      member = member_of (value);
    }
  return is_scalar (member) ? json_of (program, signature, pt2_value_member (value)) : (Pt2String){ NULL, 0 };
}

/* ---- JSON trees ---- */

Pt2String
pt2_signature_tree_constant (Pt2String member, const Pt2JsonNode *value)
{
  if (is_none (member))
    return none;
  for (uint32_t i = 0; is_symbolic (member) && i < pt2_json_length (value); i++)
    if (is_scalar (pt2_json_key (value, i)) && pt2_json_item (value, i)->kind != PT2_JSON_NULL)
      return pt2_json_item (value, i)->raw;
  return is_scalar (member) && value->kind != PT2_JSON_NULL ? value->raw : (Pt2String){ NULL, 0 };
}
