/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of metadata that are JSON: where nodes come from, and what users note. Written as Python's json.dumps
 * writes it. */
#include "json_text.h"
#include "json_tree.h"
#include "metadata.h"
#include <string.h>

/* TEXT as a JSON string. */
static bool
put_string (Pt2Buffer *out, Pt2String text, bool *bad)
{
  Pt2JsonFault fault = { PT2_ERROR_NONE, NULL, "" };
  bool fine = pt2_json_write_string (out, text.data != NULL ? text.data : "", text.len, &fault);
  *bad = *bad || fault.code == PT2_ERROR_J015;
  return fine;
}

static bool
wrong (Pt2Status *status, Pt2String text, const Pt2JsonNode *at, const char *what)
{
  return pt2_status_fail (status, PT2_ERROR_P017, (uint64_t)(at->raw.data - text.data), "%s", what);
}

/* ---- from_node ---- */

static const struct
{
  const char *key;
  uint32_t offset;
} source_texts[] = {
  { "name", G_STRUCT_OFFSET (Pt2NodeSource, name) },
  { "target", G_STRUCT_OFFSET (Pt2NodeSource, target) },
  { "pass_name", G_STRUCT_OFFSET (Pt2NodeSource, pass_name) },
  { "action", G_STRUCT_OFFSET (Pt2NodeSource, action) },
};

typedef struct
{
  Pt2Arena *arena;
  Pt2String text;
  Pt2Status *status;
} SourceReader;

static bool
is_text (Pt2String text, const char *expected)
{
  return text.len == strlen (expected) && memcmp (text.data, expected, text.len) == 0;
}

static bool
is_known (Pt2String key)
{
  bool known = is_text (key, "graph_id") || is_text (key, "from_node");
  for (unsigned i = 0; i < G_N_ELEMENTS (source_texts); i++)
    known = known || is_text (key, source_texts[i].key);
  return known;
}

static bool
write_member (Pt2Buffer *out, bool first, Pt2String key, Pt2String json, bool *bad)
{
  return (first || pt2_buffer_text (out, ", ")) && put_string (out, key, bad) && pt2_buffer_text (out, ": ")
         && pt2_metadata_put (out, json);
}

/* Members that are not known, as they would stand inside an object. */
static bool
read_more (SourceReader *reader, const Pt2JsonNode *object, Pt2String *more)
{
  Pt2Buffer out = PT2_BUFFER_INIT;
  bool fine = true, bad = false;
  for (uint32_t i = 0; fine && i < object->len; i++)
    if (!is_known (object->members[i].key))
      fine
          = write_member (&out, pt2_buffer_len (&out) == 0, object->members[i].key, object->members[i].value.raw, &bad);
  size_t len = pt2_buffer_len (&out);
  char *copy = fine && len > 0 && len <= UINT32_MAX ? pt2_arena_alloc (reader->arena, len) : NULL;
  if (copy != NULL)
    {
      memcpy (copy, out.data, len);
      *more = (Pt2String){ copy, (uint32_t)len };
    }
  pt2_buffer_clear (&out);
  return (fine && len == 0) || copy != NULL || pt2_metadata_no_memory (reader->arena, reader->status);
}

static bool read_sources (SourceReader *reader, const Pt2JsonNode *list, const Pt2NodeSource **items, guint32 *len);

static bool
read_source (SourceReader *reader, const Pt2JsonNode *object, Pt2NodeSource *source)
{
  *source = (Pt2NodeSource){ .graph_id = -1 };
  if (object->kind != PT2_JSON_OBJECT)
    return wrong (reader->status, reader->text, object, "a source is no object");
  for (unsigned i = 0; i < G_N_ELEMENTS (source_texts); i++)
    {
      const Pt2JsonNode *value = pt2_json_get (object, source_texts[i].key);
      if (value != NULL && value->kind != PT2_JSON_STRING)
        return wrong (reader->status, reader->text, value, "a name that is no text");
      *(Pt2String *)((char *)source + source_texts[i].offset) = pt2_json_text (value);
    }
  const Pt2JsonNode *number = pt2_json_get (object, "graph_id"), *list = pt2_json_get (object, "from_node");
  if (number != NULL && !pt2_json_integer (number, &source->graph_id))
    return wrong (reader->status, reader->text, number, "a graph's number is no integer of 64 bits");
  return read_more (reader, object, &source->more)
         && (list == NULL || read_sources (reader, list, &source->items, &source->len));
}

/* Like PyTorch, passes over `null` in a list, and takes it for an empty one. As deep as the JSON, whose depth its
 * reader bounded. */
static bool
read_sources (SourceReader *reader, const Pt2JsonNode *list, const Pt2NodeSource **items, guint32 *len)
{
  if (list->kind == PT2_JSON_NULL)
    return true;
  if (list->kind != PT2_JSON_ARRAY)
    return wrong (reader->status, reader->text, list, "the sources are no list");
  Pt2NodeSource *sources = pt2_arena_alloc (reader->arena, list->len * sizeof *sources);
  if (sources == NULL)
    return pt2_metadata_no_memory (reader->arena, reader->status);
  *items = sources;
  *len = 0;
  for (uint32_t i = 0; i < list->len; i++)
    if (list->items[i].kind != PT2_JSON_NULL && !read_source (reader, &list->items[i], &sources[(*len)++]))
      return false;
  return true;
}

bool
pt2_metadata_read_from_node (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view, Pt2Status *status)
{
  Pt2Provenance *sources = view;
  SourceReader reader = { arena, text, status };
  const Pt2JsonNode *tree = pt2_json_tree_read (arena, text.data, text.len, limits, status);
  if (tree == NULL)
    return false;
  sources->is_null = tree->kind == PT2_JSON_NULL;
  return read_sources (&reader, tree, &sources->items, &sources->len);
}

typedef struct
{
  Pt2Buffer *out;
  bool *bad;
  unsigned depth;
} SourceWriter;

static bool write_sources (SourceWriter *writer, const Pt2NodeSource *items, guint32 len);

static bool
write_text (SourceWriter *writer, const char *before, Pt2String text)
{
  return pt2_buffer_text (writer->out, before) && put_string (writer->out, text, writer->bad);
}

static bool
write_source (SourceWriter *writer, const Pt2NodeSource *source)
{
  return write_text (writer, "{\"name\": ", source->name) && write_text (writer, ", \"target\": ", source->target)
         && pt2_buffer_text (writer->out, ", \"graph_id\": ") && pt2_buffer_integer (writer->out, source->graph_id)
         && write_text (writer, ", \"pass_name\": ", source->pass_name)
         && write_text (writer, ", \"action\": ", source->action) && pt2_buffer_text (writer->out, ", \"from_node\": ")
         && write_sources (writer, source->items, source->len)
         && (source->more.len == 0
             || (pt2_buffer_text (writer->out, ", ") && pt2_metadata_put (writer->out, source->more)))
         && pt2_buffer_text (writer->out, "}");
}

/* What a caller made may be nested deeper than anybody can read. */
static bool
write_sources (SourceWriter *writer, const Pt2NodeSource *items, guint32 len)
{
  *writer->bad = *writer->bad || writer->depth == PT2_LIMIT_DEPTH_MOST;
  bool fine = !*writer->bad && pt2_buffer_text (writer->out, "[");
  writer->depth++;
  for (guint32 i = 0; fine && i < len; i++)
    fine = (i == 0 || pt2_buffer_text (writer->out, ", ")) && write_source (writer, &items[i]);
  writer->depth--;
  return fine && pt2_buffer_text (writer->out, "]");
}

bool
pt2_metadata_write_from_node (Pt2Buffer *out, const void *view, bool *bad)
{
  const Pt2Provenance *sources = view;
  SourceWriter writer = { out, bad, 0 };
  return sources->is_null ? pt2_buffer_text (out, "null") : write_sources (&writer, sources->items, sources->len);
}

/* ---- custom ---- */

bool
pt2_metadata_read_custom (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view, Pt2Status *status)
{
  Pt2CustomNotes *notes = view;
  const Pt2JsonNode *tree = pt2_json_tree_read (arena, text.data, text.len, limits, status);
  if (tree == NULL)
    return false;
  if (tree->kind != PT2_JSON_OBJECT)
    {
      notes->other = tree->raw;
      return true;
    }
  Pt2CustomNote *items = pt2_arena_alloc (arena, tree->len * sizeof *items);
  if (items == NULL)
    return pt2_metadata_no_memory (arena, status);
  for (uint32_t i = 0; i < tree->len; i++)
    items[i] = (Pt2CustomNote){ tree->members[i].key, tree->members[i].value.raw };
  notes->items = items;
  notes->len = tree->len;
  return true;
}

bool
pt2_metadata_write_custom (Pt2Buffer *out, const void *view, bool *bad)
{
  const Pt2CustomNotes *notes = view;
  if (notes->other.data != NULL)
    return pt2_metadata_put (out, notes->other);
  if (notes->len == 0)
    return true;
  bool fine = pt2_buffer_text (out, "{");
  for (uint32_t i = 0; fine && i < notes->len; i++)
    fine = write_member (out, i == 0, notes->items[i].key, notes->items[i].json, bad);
  return fine && pt2_buffer_text (out, "}");
}
