/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, at which node, and on which line of which source it was written. */
#include "graph.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

/* The last `File "NAME", line N` of a stack trace, as NAME:N. */
static void
source_line (const Pt2Node *source, char out[160])
{
  out[0] = '\0';
  Pt2String trace = { NULL, 0 };
  for (uint32_t i = 0; i < source->metadata.len; i++)
    if (source->metadata.entries[i].key.len == 11
        && memcmp (source->metadata.entries[i].key.data, "stack_trace", 11) == 0)
      trace = source->metadata.entries[i].value;
  static const char mark[] = "File \"", line_mark[] = "\", line ";
  const char *file = NULL, *end = trace.data != NULL ? trace.data + trace.len : NULL;
  for (const char *at = trace.data; at != NULL && at < end; at++)
    if ((size_t)(end - at) >= sizeof mark - 1 && memcmp (at, mark, sizeof mark - 1) == 0)
      file = at + sizeof mark - 1;
  const char *quote = file != NULL ? g_strstr_len (file, end - file, line_mark) : NULL;
  if (quote == NULL)
    return;
  char name[112];
  int digits = 0;
  const char *line = quote + sizeof line_mark - 1;
  while (digits < 12 && line + digits < end && g_ascii_isdigit (line[digits]))
    digits++;
  snprintf (out, 160, " (%s:%.*s)", pt2_text_escape (file, (size_t)(quote - file), name, sizeof name), digits, line);
}

static uint32_t
input_of (const Pt2Node *caller, const Pt2GraphArgument *argument)
{
  for (uint32_t i = 0; i < caller->inputs.len; i++)
    if (caller->inputs.items[i].arg.which == PT2_ARGUMENT_AS_GRAPH && caller->inputs.items[i].arg.as_graph == argument)
      return i;
  return UINT32_MAX;
}

/* Fields from the root to the graph, the innermost last. */
static void
prepend_graph (const Pt2FxGraph *graph, Pt2Status *status)
{
  for (; graph->parent != NULL; graph = graph->parent)
    {
      char step[96];
      const Pt2NodeList *around = graph->parent->source != NULL ? &graph->parent->source->nodes : NULL;
      if (graph->caller == NULL || around == NULL || graph->caller < around->items
          || graph->caller >= around->items + around->len)
        return; /* it was put there since */
      uint32_t node = (uint32_t)(graph->caller - around->items);
      uint32_t input = input_of (graph->caller, graph->argument);
      if (input != UINT32_MAX)
        snprintf (step, sizeof step, "nodes[%u].inputs[%u].arg.as_graph.graph", node, input);
      else
        snprintf (step, sizeof step, "nodes[%u].inputs", node);
      pt2_status_prepend_path (status, step);
    }
  pt2_status_prepend_path (status, "graph_module.graph");
}

bool
pt2_fx_fault (Pt2FxGraph *graph, const Pt2Node *source, Pt2ErrorCode code, GError **error, const char *detail, ...)
{
  Pt2Status status = PT2_STATUS_INIT;
  char text[128], name[80], line[160];
  va_list arguments;
  va_start (arguments, detail);
  vsnprintf (text, sizeof text, detail, arguments);
  va_end (arguments);
  if (source == NULL)
    pt2_status_fail (&status, code, PT2_NO_OFFSET, "%s", text);
  else
    {
      Pt2String shown = source->name.data != NULL ? source->name : source->target;
      source_line (source, line);
      pt2_status_fail (&status, code, PT2_NO_OFFSET, "%s%sin %s%s", text, text[0] != '\0' ? " " : "",
                       pt2_text_escape (shown.data, shown.len, name, sizeof name), line);
      if (graph->source != NULL && source >= graph->source->nodes.items
          && source < graph->source->nodes.items + graph->source->nodes.len)
        {
          pt2_status_prepend_index (&status, (uint64_t)(source - graph->source->nodes.items));
          pt2_status_prepend_field (&status, "nodes", 5);
        }
    }
  prepend_graph (graph, &status);
  return pt2_status_to_error (&status, error);
}
