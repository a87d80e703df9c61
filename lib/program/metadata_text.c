/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of metadata that are no JSON: stack traces, and lists with `;` between their entries. */
#define _GNU_SOURCE /* memmem */
#include "metadata.h"
#include <string.h>

bool
pt2_metadata_no_memory (const Pt2Arena *arena, Pt2Status *status)
{
  return pt2_status_fail (status, arena->out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET,
                          "metadata of a node");
}

bool
pt2_metadata_put (Pt2Buffer *out, Pt2String text)
{
  if (!pt2_buffer_room (out, text.len))
    return false;
  if (text.len > 0)
    pt2_buffer_put (out, text.data, text.len);
  return true;
}

/* ---- entries with `;` between them ---- */

/* Splits an entry into the N texts of an item; false if it has another number of them. */
typedef bool (*SplitFunc) (Pt2String entry, Pt2String *texts);

static Pt2String
between (const char *start, const char *end)
{
  return (Pt2String){ start, (uint32_t)(end - start) };
}

/* Splits at the commas that PyTorch counts: those outside of brackets, where it does not ask which bracket closes
 * which. */
static bool
split_at_commas (Pt2String entry, Pt2String *texts, unsigned n)
{
  const char *start = entry.data, *end = entry.data + entry.len;
  unsigned found = 0;
  int64_t depth = 0;
  for (const char *p = start; p < end; p++)
    {
      if (g_ascii_isalnum (*p)) /* most are */
        continue;
      depth += (*p == '[' || *p == '(') - (*p == ']' || *p == ')');
      if (*p != ',' || depth != 0)
        continue;
      if (found + 1 == n)
        return false;
      texts[found++] = between (start, p);
      start = p + 1;
    }
  texts[found++] = between (start, end);
  return found == n;
}

static bool
split_module (Pt2String entry, Pt2String *texts)
{
  return split_at_commas (entry, texts, 3);
}

/* key:(path,type) */
static bool
split_older_module (Pt2String entry, Pt2String *texts)
{
  const char *end = entry.data + entry.len, *colon = entry.len > 0 ? memchr (entry.data, ':', entry.len) : NULL;
  if (colon == NULL || end - colon < 3 || colon[1] != '(' || end[-1] != ')')
    return false;
  texts[0] = between (entry.data, colon);
  return split_at_commas (between (colon + 2, end - 1), texts + 1, 2);
}

static bool
split_function (Pt2String entry, Pt2String *texts)
{
  const char *end = entry.data + entry.len, *comma = entry.len > 0 ? memchr (entry.data, ',', entry.len) : NULL;
  if (comma == NULL || memchr (comma + 1, ',', (size_t)(end - comma - 1)) != NULL)
    return false;
  texts[0] = between (entry.data, comma);
  texts[1] = between (comma + 1, end);
  return true;
}

static bool
split_nothing (Pt2String entry, Pt2String *texts)
{
  texts[0] = entry;
  return true;
}

static uint32_t
count_entries (Pt2String text)
{
  uint32_t n = 1;
  for (uint32_t i = 0; i < text.len; i++)
    n += text.data[i] == ';';
  return n;
}

/* Items of ITEM_SIZE, which are texts and nothing else. *BAD: where the first entry is that SPLIT does not take; NULL
 * with false: no memory. */
static bool
read_entries (Pt2Arena *arena, Pt2String text, size_t item_size, SplitFunc split, Pt2AnyList *list, const char **bad)
{
  const char *end = text.data + text.len;
  const uint32_t n = count_entries (text);
  Pt2String *texts = pt2_arena_alloc (arena, n * item_size);
  *bad = NULL;
  if (texts == NULL)
    return false;
  *list = (Pt2AnyList){ texts, n };
  for (const char *p = text.data; p <= end; texts += item_size / sizeof *texts)
    {
      const char *stop = p < end ? memchr (p, ';', (size_t)(end - p)) : NULL;
      stop = stop != NULL ? stop : end;
      if (!split (between (p, stop), texts))
        {
          *bad = p;
          return false;
        }
      p = stop + 1;
    }
  return true;
}

/* Each item is N texts; BEFORE[i] stands before the i-th of them, BEHIND behind the last. */
static bool
write_entries (Pt2Buffer *out, const Pt2AnyList *list, unsigned n, const char *const *before, const char *behind)
{
  const Pt2String *texts = list->items;
  for (uint32_t i = 0; i < list->len; i++)
    {
      bool fine = i == 0 || pt2_buffer_text (out, ";");
      for (unsigned k = 0; fine && k < n; k++)
        fine = pt2_buffer_text (out, before[k]) && pt2_metadata_put (out, *texts++);
      if (!fine || !pt2_buffer_text (out, behind))
        return false;
    }
  return true;
}

static bool
end_of_read (const Pt2Arena *arena, Pt2String text, bool fine, const char *bad, const char *what, Pt2Status *status)
{
  if (fine)
    return true;
  return bad == NULL ? pt2_metadata_no_memory (arena, status)
                     : pt2_status_fail (status, PT2_ERROR_P017, (uint64_t)(bad - text.data), "%s", what);
}

static bool
read_module_stack (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view, Pt2Status *status)
{
  (void)limits;
  Pt2ModuleStack *stack = view;
  const char *bad, *older_bad;
  bool fine = read_entries (arena, text, sizeof (Pt2ModuleFrame), split_module, view, &bad);
  if (!fine && bad != NULL)
    {
      fine = read_entries (arena, text, sizeof (Pt2ModuleFrame), split_older_module, view, &older_bad);
      stack->older = fine;
    }
  return end_of_read (arena, text, fine, bad, "an entry has not three parts", status);
}

static bool
write_module_stack (Pt2Buffer *out, const void *view, bool *bad)
{
  (void)bad;
  static const char *const today[] = { "", ",", "," }, *const older[] = { "", ":(", "," };
  const Pt2ModuleStack *stack = view;
  return write_entries (out, view, 3, stack->older ? older : today, stack->older ? ")" : "");
}

static bool
read_source_fns (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view, Pt2Status *status)
{
  (void)limits;
  const char *bad;
  bool fine = read_entries (arena, text, sizeof (Pt2SourceFn), split_function, view, &bad);
  return end_of_read (arena, text, fine, bad, "an entry has not two parts", status);
}

static bool
write_source_fns (Pt2Buffer *out, const void *view, bool *bad)
{
  (void)bad;
  static const char *const before[] = { "", "," };
  return write_entries (out, view, 2, before, "");
}

static bool
read_torch_fn (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view, Pt2Status *status)
{
  (void)limits;
  const char *bad;
  bool fine = read_entries (arena, text, sizeof (Pt2String), split_nothing, view, &bad);
  return end_of_read (arena, text, fine, bad, "", status);
}

static bool
write_torch_fn (Pt2Buffer *out, const void *view, bool *bad)
{
  (void)bad;
  static const char *const before[] = { "" };
  return write_entries (out, view, 1, before, "");
}

/* ---- stack traces ---- */

static const char file_mark[] = "File \"", line_mark[] = "\", line ", function_mark[] = ", in ";

enum
{
  MOST_DIGITS = 18, /* of a number of a line: no overflow */
};

static bool
starts_with (const char *p, const char *end, const char *mark)
{
  return (size_t)(end - p) >= strlen (mark) && memcmp (p, mark, strlen (mark)) == 0;
}

/* Is there nothing but blanks before P in its line? */
static bool
begins_line (const char *start, const char *p)
{
  while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
    p--;
  return p == start || p[-1] == '\n';
}

/* Digits as a number prints, so that it is written as it was. */
static const char *
read_line_number (const char *p, const char *end, gint64 *number)
{
  const char *start = p;
  for (*number = 0; p < end && p - start < MOST_DIGITS && g_ascii_isdigit (*p); p++)
    *number = *number * 10 + (*p - '0');
  bool canonical = p > start && (*start != '0' || p == start + 1) && !(p < end && g_ascii_isdigit (*p));
  return canonical ? p : NULL;
}

/* The frame whose mark is at P, in a line that ends at END; where it ends, or NULL. */
static const char *
read_frame (const char *p, const char *end, Pt2SourceFrame *frame)
{
  const char *file = p + sizeof file_mark - 1;
  const char *line = memmem (file, (size_t)(end - file), line_mark, sizeof line_mark - 1);
  if (line == NULL)
    return NULL;
  *frame = (Pt2SourceFrame){ .file = between (file, line) };
  p = read_line_number (line + sizeof line_mark - 1, end, &frame->line);
  if (p == NULL || p == end)
    return p;
  if (!starts_with (p, end, function_mark))
    return NULL;
  frame->function = between (p + sizeof function_mark - 1, end);
  return end;
}

bool
pt2_stack_trace_next (Pt2String *rest, Pt2SourceFrame *frame)
{
  if (rest->len == 0)
    return false;
  const char *start = rest->data, *end = start + rest->len;
  for (const char *p = start; p < end;)
    {
      p = memmem (p, (size_t)(end - p), file_mark, sizeof file_mark - 1);
      if (p == NULL)
        return false;
      const char *line_end = memchr (p, '\n', (size_t)(end - p));
      line_end = line_end != NULL ? line_end : end;
      const char *behind = begins_line (start, p) ? read_frame (p, line_end, frame) : NULL;
      p = line_end; /* a line is looked through once, however many marks it has */
      if (behind == NULL)
        continue;
      *rest = between (behind, end);
      return true;
    }
  return false;
}

static bool
read_stack_trace (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view, Pt2Status *status)
{
  (void)limits;
  Pt2StackTrace *trace = view;
  Pt2SourceFrame frame, *frames;
  Pt2String rest = text;
  uint32_t n = 0;
  while (pt2_stack_trace_next (&rest, &frame))
    n++;
  frames = pt2_arena_alloc (arena, n * sizeof *frames);
  if (frames == NULL)
    return pt2_metadata_no_memory (arena, status);
  Pt2String *open = &trace->before;
  rest = text;
  for (uint32_t i = 0; i < n; i++)
    {
      const char *from = rest.data;
      pt2_stack_trace_next (&rest, &frames[i]);
      *open = between (from, frames[i].file.data - (sizeof file_mark - 1));
      open = &frames[i].code;
    }
  *open = rest;
  trace->items = frames;
  trace->len = n;
  return true;
}

static bool
write_stack_trace (Pt2Buffer *out, const void *view, bool *bad)
{
  (void)bad;
  const Pt2StackTrace *trace = view;
  bool fine = pt2_metadata_put (out, trace->before);
  for (uint32_t i = 0; fine && i < trace->len; i++)
    {
      const Pt2SourceFrame *frame = &trace->items[i];
      fine = pt2_buffer_text (out, file_mark) && pt2_metadata_put (out, frame->file) && pt2_buffer_text (out, line_mark)
             && pt2_buffer_integer (out, frame->line)
             && (frame->function.data == NULL
                 || (pt2_buffer_text (out, function_mark) && pt2_metadata_put (out, frame->function)))
             && pt2_metadata_put (out, frame->code);
    }
  return fine;
}

/* ---- all of them ---- */

const Pt2MetadataFormInfo pt2_metadata_forms[PT2_METADATA_N_FORMS] = {
  { "stack_trace", sizeof (Pt2StackTrace), sizeof (Pt2SourceFrame), 3, read_stack_trace, write_stack_trace },
  { "nn_module_stack", sizeof (Pt2ModuleStack), sizeof (Pt2ModuleFrame), 3, read_module_stack, write_module_stack },
  { "source_fn_stack", sizeof (Pt2SourceFnStack), sizeof (Pt2SourceFn), 2, read_source_fns, write_source_fns },
  { "torch_fn", sizeof (Pt2StringList), sizeof (Pt2String), 1, read_torch_fn, write_torch_fn },
  { "custom", sizeof (Pt2CustomNotes), sizeof (Pt2CustomNote), 2, pt2_metadata_read_custom, pt2_metadata_write_custom },
  { "from_node", sizeof (Pt2Provenance), sizeof (Pt2NodeSource), 0, pt2_metadata_read_from_node,
    pt2_metadata_write_from_node },
};

Pt2MetadataForm
pt2_metadata_form_of (Pt2String key)
{
  Pt2MetadataForm form = 0;
  while (form < PT2_METADATA_N_FORMS
         && (strlen (pt2_metadata_forms[form].key) != key.len
             || memcmp (pt2_metadata_forms[form].key, key.data, key.len) != 0))
    form++;
  return form;
}

bool
pt2_metadata_read (Pt2MetadataForm form, Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view,
                   Pt2Status *status)
{
  const Pt2MetadataFormInfo *info = &pt2_metadata_forms[form];
  memset (view, 0, info->view_size);
  return text.len == 0 || info->read (arena, text, limits, view, status);
}
