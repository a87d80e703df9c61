/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_modules.h"
#include "graph_view.h"
#include <string.h>

/* ---- modules ---- */

static Pt2String
target_of_spec (const Pt2InputSpec *spec)
{
  switch (spec->which)
    {
    case PT2_INPUT_SPEC_PARAMETER:
      return spec->parameter->parameter_name;
    case PT2_INPUT_SPEC_BUFFER:
      return spec->buffer->buffer_name;
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      return spec->tensor_constant->tensor_constant_name;
    case PT2_INPUT_SPEC_CUSTOM_OBJ:
      return spec->custom_obj->custom_obj_name;
    default:
      return (Pt2String){ NULL, 0 };
    }
}

/* What stands before the last dot; "" if there is none. */
static char *
owner_of (Pt2String target)
{
  guint32 len = target.len;
  while (len > 0 && target.data[len - 1] != '.')
    len--;
  return g_strndup (target.data, len > 0 ? len - 1 : 0);
}

/* Programs of PyTorch 2.1 and 2.2 say L['self'].a for a. */
static Pt2String
without_self (Pt2String path)
{
  if (path.len < 3 || memcmp (path.data, "L['", 3) != 0)
    return path;
  const char *end = memchr (path.data, ']', path.len);
  guint32 skip = end != NULL ? (guint32)(end + 1 - path.data) : 0;
  skip += skip > 0 && skip < path.len && path.data[skip] == '.';
  return (Pt2String){ path.data + skip, path.len - skip };
}

static char *
last_name (Pt2String type)
{
  guint32 start = type.len;
  while (start > 0 && type.data[start - 1] != '.')
    start--;
  return g_strndup (type.data + start, type.len - start);
}

char *
graph_module_of (Pt2FxNode *node, char **type)
{
  const Pt2InputSpec *spec = pt2_fx_node_get_input_spec (node);
  Pt2String target = spec != NULL ? target_of_spec (spec) : (Pt2String){ NULL, 0 };
  g_autoptr (Pt2Metadata) metadata = target.data == NULL ? pt2_fx_node_make_metadata (node, NULL, NULL) : NULL;
  const Pt2ModuleStack *stack = metadata != NULL ? pt2_metadata_get_module_stack (metadata, NULL) : NULL;
  if (stack == NULL || stack->len == 0)
    {
      *type = g_strdup ("");
      return target.data != NULL ? owner_of (target) : g_strdup ("");
    }
  const Pt2ModuleFrame *innermost = &stack->items[stack->len - 1];
  Pt2String path = without_self (innermost->path);
  *type = last_name (innermost->type);
  return g_strndup (path.data, path.len);
}

int
graph_module_compare (const char *a, const char *b)
{
  while (*a != '\0' && *a == *b)
    a++, b++;
  if (*a == *b)
    return 0;
  /* A dot ends a part, and so comes before all that goes on. */
  int x = *a == '\0' ? 0 : *a == '.' ? 1 : 2, y = *b == '\0' ? 0 : *b == '.' ? 1 : 2;
  return x != y ? x - y : (guchar)*a - (guchar)*b;
}

/* ---- source ---- */

/* PyTorch's own modules are where people look last. */
static gboolean
is_of_torch (Pt2String file)
{
  return g_strstr_len (file.data, file.len, "/site-packages/torch/") != NULL;
}

/* The innermost frame outside of PyTorch, or of all if there is none. */
static const Pt2SourceFrame *
frame_to_show (const Pt2StackTrace *trace)
{
  const Pt2SourceFrame *best = NULL;
  for (guint32 i = 0; trace != NULL && i < trace->len; i++)
    if (best == NULL || !is_of_torch (trace->items[i].file))
      best = &trace->items[i];
  return best;
}

char *
graph_view_source (const ViewNode *node)
{
  g_autoptr (Pt2Metadata) metadata = pt2_fx_node_make_metadata (node->makes, NULL, NULL);
  const Pt2SourceFrame *frame = frame_to_show (metadata != NULL ? pt2_metadata_get_stack_trace (metadata, NULL) : NULL);
  if (frame == NULL)
    return g_strdup ("");
  const char *end = frame->file.data + frame->file.len, *name = end;
  while (name > frame->file.data && name[-1] != '/' && name[-1] != '\\')
    name--;
  return g_strdup_printf ("%.*s:%" G_GINT64_FORMAT, (int)(end - name), name, frame->line);
}
