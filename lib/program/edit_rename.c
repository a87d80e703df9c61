/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters, buffers and constants under other names: what the specs of the signature target. */
#include "draft.h"
#include "pt2-edit.h"
#include "text.h"
#include "value.h"
#include <string.h>

/* Names with points between them, as attributes of modules have. */
static bool
is_qualified_name (const char *text)
{
  size_t len = strlen (text), part = 0;
  for (size_t i = 0; i < len; i++)
    {
      if (text[i] != '.' && text[i] != '_' && !g_ascii_isalnum (text[i]))
        return false;
      if (text[i] == '.' && part == 0)
        return false;
      part = text[i] == '.' ? 0 : part + 1;
    }
  return part > 0 && len <= INT32_MAX;
}

/* Are they one name, or is one a module inside which the other lies? */
static bool
are_in_the_way (Pt2String target, const char *name)
{
  size_t len = strlen (name), least = MIN (len, target.len);
  if (target.data == NULL || memcmp (target.data, name, least) != 0)
    return false;
  return len == target.len || (len < target.len ? target.data[len] : name[target.len]) == '.';
}

static bool
is_name (Pt2String target, const char *name)
{
  return target.data != NULL && target.len == strlen (name) && memcmp (target.data, name, target.len) == 0;
}

static bool
fail (GError **error, Pt2ErrorCode code, const char *name)
{
  char shown[160];
  return pt2_error_set (error, code, NULL, "\"%s\"", pt2_text_escape (name, strlen (name), shown, sizeof shown));
}

static bool
check_names (Pt2Program *program, const char *old_name, const char *new_name, GError **error)
{
  guint n;
  bool found = false, taken = !is_qualified_name (new_name);
  const Pt2SignatureItem *inputs = pt2_program_get_inputs (program, &n);
  for (guint i = 0; i < n; i++)
    {
      bool meant = is_name (inputs[i].target, old_name);
      found = found || meant;
      taken = taken || (!meant && are_in_the_way (inputs[i].target, new_name));
    }
  if (!found)
    return fail (error, PT2_ERROR_P014, old_name);
  return taken ? fail (error, PT2_ERROR_P015, new_name) : true;
}

/* SPECS, a list of unions; names of user inputs are no targets, but values of the graph. */
static void
rename_targets (Pt2Value specs, const Pt2SpecKind *(*kind_of) (const char *, size_t), const char *old_name,
                Pt2String new_name)
{
  for (guint i = 0; i < pt2_value_length (specs); i++)
    {
      Pt2Value spec = pt2_value_item (specs, i);
      const char *member = pt2_value_member_name (spec);
      const Pt2SpecKind *kind = member != NULL ? kind_of (member, strlen (member)) : NULL;
      if (kind == NULL || kind->target == NULL || strcmp (kind->target, "user_input_name") == 0)
        continue;
      Pt2Value target = pt2_value_field (pt2_value_member (spec), kind->target);
      if (is_name (pt2_value_get_string (target), old_name))
        *(Pt2String *)target.data = new_name;
    }
}

Pt2Program *
pt2_edit_rename (Pt2Program *program, const char *old_name, const char *new_name, const Pt2Limits *limits,
                 GError **error)
{
  Pt2Draft *draft = pt2_draft_new (program, PT2_DRAFT_ALL, limits, error);
  if (draft == NULL || !pt2_program_make_signature (program, error)
      || !check_names (program, old_name, new_name, error))
    {
      pt2_draft_free (draft);
      return NULL;
    }
  Pt2String text = pt2_draft_text (draft, new_name, -1);
  Pt2Value root = pt2_value_make (draft->document.type->type, draft->document.root);
  rename_targets (pt2_value_path (root, "graph_module.signature.input_specs"), pt2_input_kind, old_name, text);
  rename_targets (pt2_value_path (root, "graph_module.signature.output_specs"), pt2_output_kind, old_name, text);
  return pt2_draft_finish (draft, error);
}
