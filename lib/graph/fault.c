/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, at which node, and on which line of which source it was written. */
#include "graph.h"
#include "metadata.h"
#include "text.h"
#include <stdio.h>

/* The innermost frame of a node's stack trace, as NAME:N. */
static void
source_line (const Pt2Node *source, char out[160])
{
  Pt2String rest = { NULL, 0 };
  for (uint32_t i = 0; i < source->metadata.len; i++)
    if (pt2_metadata_form_of (source->metadata.entries[i].key) == PT2_METADATA_STACK_TRACE)
      rest = source->metadata.entries[i].value;
  Pt2SourceFrame frame = { .file = { NULL, 0 } };
  while (pt2_stack_trace_next (&rest, &frame))
    ;
  char name[112];
  out[0] = '\0';
  if (frame.file.data != NULL)
    snprintf (out, 160, " (%s:%" G_GINT64_FORMAT ")",
              pt2_text_escape (frame.file.data, frame.file.len, name, sizeof name), frame.line);
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
