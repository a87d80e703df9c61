/* SPDX-License-Identifier: Apache-2.0 */
/* The few fields whose text is more to a comparison than text. Everything else follows from the tables. */
#include "diff_private.h"
#include <string.h>

static const struct
{
  const char *record, *field;
  Pt2DiffRole role;
} known[] = {
  { "TensorArgument", "name", PT2_ROLE_VALUE },
  { "TokenArgument", "name", PT2_ROLE_VALUE },
  { "CustomObjArgument", "name", PT2_ROLE_VALUE },
  { "SymIntArgument", "as_name", PT2_ROLE_VALUE },
  { "SymFloatArgument", "as_name", PT2_ROLE_VALUE },
  { "SymBoolArgument", "as_name", PT2_ROLE_VALUE },
  { "InputToConstantInputSpec", "name", PT2_ROLE_LABEL }, /* no node refers to it */
  { "GradientToUserInputSpec", "user_input_name", PT2_ROLE_VALUE },
  { "UserInputMutationSpec", "user_input_name", PT2_ROLE_VALUE },
  { "GraphArgument", "name", PT2_ROLE_LABEL },
  { "GraphArgument", "graph", PT2_ROLE_GRAPH },
  { "Node", "name", PT2_ROLE_NODE_NAME },
  { "Node", "metadata", PT2_ROLE_NOTES },
  { "SymExpr", "expr_str", PT2_ROLE_EXPRESSION },
};

bool
pt2_diff_roles_init (Pt2DiffRoles *roles)
{
  const Pt2Schema *schema = &pt2_export_schema;
  *roles = (Pt2DiffRoles){ .all = g_try_new0 (uint8_t, G_N_ELEMENTS (known) * 64),
                           .device = pt2_schema_find_struct (schema, "Device") };
  for (size_t i = 0; i < G_N_ELEMENTS (known) && roles->all != NULL; i++)
    {
      const Pt2StructInfo *info = pt2_schema_find_struct (schema, known[i].record);
      const Pt2FieldInfo *field
          = info != NULL ? pt2_struct_field_by_name (info, known[i].field, strlen (known[i].field)) : NULL;
      if (field == NULL || info->index >= G_N_ELEMENTS (roles->fields))
        continue;
      if (roles->fields[info->index] == NULL)
        roles->fields[info->index] = roles->all + i * 64;
      roles->fields[info->index][field - info->fields] = (uint8_t)known[i].role;
    }
  return roles->all != NULL;
}

void
pt2_diff_roles_clear (Pt2DiffRoles *roles)
{
  g_free (roles->all);
  *roles = (Pt2DiffRoles){ .all = NULL };
}

/* ---- names ---- */

void
pt2_diff_names_pair (Pt2DiffNames *names, uint32_t old, uint32_t new)
{
  if (old >= names->n || new >= names->n || names->new_of[old] != PT2_TEXT_ID_NONE
      || names->old_of[new] != PT2_TEXT_ID_NONE)
    return;
  names->new_of[old] = new;
  names->old_of[new] = old;
}

bool
pt2_diff_names_agree (const Pt2DiffNames *names, Pt2String old, Pt2String new)
{
  bool equal = old.len == new.len &&memcmp (old.data, new.data, old.len) == 0;
  uint32_t a = pt2_text_ids_find (&names->ids, old), b = equal ? a : pt2_text_ids_find (&names->ids, new);
  bool a_known = a < names->n && names->new_of[a] != PT2_TEXT_ID_NONE;
  bool b_known = b < names->n && names->old_of[b] != PT2_TEXT_ID_NONE;
  if (a_known && b_known)
    return names->new_of[a] == b;
  return a_known == b_known && old.len == new.len &&memcmp (old.data, new.data, old.len) == 0;
}
