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

/* The last entry of a module stack: entries stand between `;`. */
static Pt2String
last_entry (Pt2String stack)
{
  guint32 start = stack.len;
  while (start > 0 && stack.data[start - 1] != ';')
    start--;
  return (Pt2String){ stack.data + start, stack.len - start };
}

/* Part NUMBER of an entry `key,path,type`; commas inside brackets do not count. */
static Pt2String
part_of (Pt2String entry, guint number)
{
  guint32 start = 0, at = 0;
  for (gint nested = 0; at < entry.len; at++)
    {
      char c = entry.data[at];
      nested += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
      if (c != ',' || nested > 0)
        continue;
      if (number-- == 0)
        break;
      start = at + 1;
    }
  return number == 0 || at < entry.len ? (Pt2String){ entry.data + start, at - start } : (Pt2String){ "", 0 };
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
  *type = NULL;
  const Pt2InputSpec *spec = pt2_fx_node_get_input_spec (node);
  Pt2String target = spec != NULL ? target_of_spec (spec) : (Pt2String){ NULL, 0 };
  Pt2String stack = pt2_fx_node_get_metadata (node, "nn_module_stack");
  if (target.data != NULL || stack.data == NULL)
    {
      *type = g_strdup ("");
      return target.data != NULL ? owner_of (target) : g_strdup ("");
    }
  Pt2String entry = last_entry (stack), path = without_self (part_of (entry, 1));
  *type = last_name (part_of (entry, 2));
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

typedef struct
{
  Pt2String file;
  Pt2String line;
} Frame;

/* The next line `File "PATH", line N, in F` at or behind *AT; FALSE if there is none. */
static gboolean
next_frame (Pt2String trace, guint32 *at, Frame *frame)
{
  static const char before[] = "File \"", between[] = "\", line ";
  const char *end = trace.data + trace.len;
  const char *file = g_strstr_len (trace.data + *at, end - (trace.data + *at), before);
  if (file == NULL)
    return FALSE;
  file += sizeof before - 1;
  const char *stop = memchr (file, '\n', (gsize)(end - file));
  const char *line = g_strstr_len (file, (stop != NULL ? stop : end) - file, between);
  *at = (guint32)((stop != NULL ? stop : end) - trace.data);
  *frame = (Frame){ { NULL, 0 }, { NULL, 0 } };
  if (line == NULL)
    return TRUE;
  frame->file = (Pt2String){ file, (guint32)(line - file) };
  line += sizeof between - 1;
  const char *digit = line;
  while (digit < end && g_ascii_isdigit (*digit))
    digit++;
  frame->line = (Pt2String){ line, (guint32)(digit - line) };
  return TRUE;
}

/* PyTorch's own modules are where people look last. */
static gboolean
is_of_torch (Pt2String file)
{
  return g_strstr_len (file.data, file.len, "/site-packages/torch/") != NULL;
}

char *
graph_view_source (const ViewNode *node)
{
  Pt2String trace = pt2_fx_node_get_metadata (node->makes, "stack_trace");
  Frame frame, best = { { NULL, 0 }, { NULL, 0 } };
  guint32 at = 0;
  while (trace.data != NULL && next_frame (trace, &at, &frame))
    if (frame.file.data != NULL && (best.file.data == NULL || !is_of_torch (frame.file)))
      best = frame;
  if (best.file.data == NULL)
    return g_strdup ("");
  const char *name = best.file.data + best.file.len;
  while (name > best.file.data && name[-1] != '/' && name[-1] != '\\')
    name--;
  return g_strdup_printf ("%.*s:%.*s", (int)(best.file.data + best.file.len - name), name, (int)best.line.len,
                          best.line.data);
}
