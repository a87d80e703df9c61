/* SPDX-License-Identifier: Apache-2.0 */
#include "annotate.h"
#include "compact_wire.h"
#include "text.h"

typedef struct
{
  Pt2Wire wire;
  GString *path;
  Pt2PieceFunc func;
  void *func_data;
  bool stopped;
} Walk;

static const char *walk_value (Walk *w, const char *p, const Pt2TypeInfo *type, unsigned code);

/* Of a very long path the inner part: paths of thousands of levels on every line would be output without bound. */
static const char *
shown_path (const GString *path)
{
  enum
  {
    LONGEST = 1000,
  };
  return path->len <= LONGEST ? path->str : path->str + path->len - LONGEST;
}

/* Reports START … END; NULL when the caller wants no more. */
static const char *
piece (Walk *w, const char *start, const char *end, const char *what, const char *type, const char *value)
{
  Pt2Piece made
      = { (uint64_t)(start - w->wire.start), (uint64_t)(end - start), shown_path (w->path), what, type, value };
  if (end > start && !w->func (&made, w->func_data))
    {
      w->stopped = true;
      return NULL;
    }
  return end;
}

static const char *
wire_name (unsigned code)
{
  static const char *const names[] = { "stop",   "bool true", "bool false", "i8",  "i16", "i32",    "i64",
                                       "double", "binary",    "list",       "set", "map", "struct", "uuid" };
  return code < G_N_ELEMENTS (names) ? names[code] : "unknown";
}

static size_t
push (Walk *w, const char *text)
{
  size_t before = w->path->len;
  if (before > 0 && text[0] != '[')
    g_string_append_c (w->path, '.');
  g_string_append (w->path, text);
  return before;
}

static const char *
pop (Walk *w, size_t before, const char *p)
{
  /* A fault keeps the path it happened at. */
  if (p != NULL)
    g_string_truncate (w->path, before);
  return p;
}

static const char *
walk_integer (Walk *w, const char *p, const Pt2TypeInfo *type, unsigned code)
{
  uint64_t raw;
  char text[96];
  const char *end = pt2_wire_varint (&w->wire, p, &raw);
  if (end == NULL)
    return NULL;
  int64_t value = pt2_zigzag_decode (raw);
  const Pt2EnumMember *member = NULL;
  if (type != NULL && type->kind == PT2_KIND_ENUM && value == (int32_t)value)
    member = pt2_enum_by_value (type->enumeration, (int32_t)value);
  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT "%s%s", value, member != NULL ? " " : "",
              member != NULL ? member->name : "");
  return piece (w, p, end, "value", type != NULL ? type->name : wire_name (code), text);
}

static const char *
walk_bytes (Walk *w, const char *p, const Pt2TypeInfo *type, unsigned code)
{
  Pt2String bytes = { NULL, 0 };
  char text[256], quoted[260];
  const char *end = pt2_wire_bytes (&w->wire, p, &bytes);
  if (end == NULL)
    return NULL;
  g_snprintf (text, sizeof text, "%u", bytes.len);
  const char *name = type != NULL ? type->name : wire_name (code);
  if (piece (w, p, bytes.data, "length", name, text) == NULL)
    return NULL;
  g_snprintf (quoted, sizeof quoted, "\"%s\"", pt2_text_escape (bytes.data, bytes.len, text, sizeof text));
  return piece (w, bytes.data, end, "value", name, quoted) == NULL ? NULL : end;
}

static const char *
walk_fixed (Walk *w, const char *p, const Pt2TypeInfo *type, unsigned code)
{
  char text[32] = "";
  size_t size = code == PT2_WIRE_DOUBLE ? 8 : code == PT2_WIRE_UUID ? 16 : 1;
  if ((size_t)(w->wire.end - p) < size)
    return pt2_wire_fail (&w->wire, PT2_ERROR_T001, p, "");
  if (code == PT2_WIRE_DOUBLE)
    g_ascii_formatd (text, sizeof text, "%.17g", pt2_wire_double (w->wire.flags, p));
  else if (code == PT2_WIRE_I8)
    g_snprintf (text, sizeof text, "%d", *(const int8_t *)p);
  else if (code <= PT2_WIRE_FALSE)
    g_strlcpy (text, *p == PT2_WIRE_TRUE ? "true" : "false", sizeof text);
  return piece (w, p, p + size, "value", type != NULL ? type->name : wire_name (code), text);
}

static const char *
walk_items (Walk *w, const char *p, const Pt2TypeInfo *type, const Pt2ContainerHeader *header, bool is_map)
{
  for (uint32_t i = 0; i < header->count && p != NULL; i++)
    {
      char index[64];
      g_snprintf (index, sizeof index, "[%u]", i);
      size_t before = push (w, index);
      if (is_map)
        p = walk_value (w, p, type != NULL ? type->key : NULL, header->key);
      if (p != NULL)
        p = walk_value (w, p, type != NULL ? type->element : NULL, header->element);
      p = pop (w, before, p);
    }
  return p;
}

static const char *
walk_container (Walk *w, const char *start, const Pt2TypeInfo *type, unsigned code)
{
  Pt2ContainerHeader header = { 0 };
  char text[64];
  bool is_map = code == PT2_WIRE_MAP;
  const char *p
      = is_map ? pt2_wire_map_header (&w->wire, start, &header) : pt2_wire_list_header (&w->wire, start, &header);
  if (p == NULL)
    return NULL;
  if (is_map && header.count > 0)
    g_snprintf (text, sizeof text, "%u entries of %s to %s", header.count, wire_name (header.key),
                wire_name (header.element));
  else
    g_snprintf (text, sizeof text, "%u %s%s%s", header.count, is_map ? "entries" : "items", is_map ? "" : " of ",
                is_map ? "" : wire_name (header.element));
  p = piece (w, start, p, is_map ? "map header" : "list header", type != NULL ? type->name : wire_name (code), text);
  return p != NULL ? walk_items (w, p, type, &header, is_map) : NULL;
}

static const char *
walk_field (Walk *w, const char *start, const char *p, const Pt2StructInfo *info, Pt2FieldHeader header)
{
  const Pt2FieldInfo *field = info != NULL ? pt2_struct_field_by_id (info, header.id) : NULL;
  char name[32], text[64];
  g_snprintf (name, sizeof name, "#%d", header.id);
  g_snprintf (text, sizeof text, "id %d, %s%s", header.id, wire_name (header.type),
              field != NULL || header.id == PT2_EXTRAS_FIELD_ID ? "" : ", unknown");
  size_t before = push (w, field != NULL ? field->name : name);
  const char *what = info != NULL && info->is_union ? "member header" : "field header";
  p = piece (w, start, p, what, field != NULL ? field->type->name : wire_name (header.type), text);
  /* A field of another type than the schema says is shown as what it is. */
  bool agrees = field != NULL && pt2_wire_same_type (header.type, field->type->wire);
  if (p != NULL && header.type > PT2_WIRE_FALSE)
    p = walk_value (w, p, agrees ? field->type : NULL, header.type);
  return pop (w, before, p);
}

static const char *
walk_struct (Walk *w, const char *p, const Pt2StructInfo *info)
{
  Pt2FieldHeader header = { 0, 0 };
  for (;;)
    {
      const char *start = p;
      p = pt2_wire_field (&w->wire, p, header.id, &header);
      if (p == NULL)
        return NULL;
      if (header.type == PT2_WIRE_STOP)
        return piece (w, start, p, "stop", info != NULL ? info->name : "struct", "");
      if (header.id > INT16_MAX)
        return pt2_wire_fail (&w->wire, PT2_ERROR_T011, start, "a field id has 16 bits");
      p = walk_field (w, start, p, info, header);
      if (p == NULL)
        return NULL;
    }
}

static const char *
walk_nested (Walk *w, const char *p, const Pt2TypeInfo *type, unsigned code)
{
  if (w->wire.depth == 0)
    return pt2_wire_fail (&w->wire, PT2_ERROR_L002, p, "");
  w->wire.depth--;
  if (code == PT2_WIRE_STRUCT)
    p = walk_struct (w, p, type != NULL ? type->record : NULL);
  else
    p = walk_container (w, p, type, code);
  w->wire.depth++;
  return p;
}

/* A value of wire type CODE; TYPE NULL where the schema does not know or does not agree. */
static const char *
walk_value (Walk *w, const char *p, const Pt2TypeInfo *type, unsigned code)
{
  if (type != NULL && !pt2_wire_same_type (code, type->wire))
    type = NULL;
  switch (code)
    {
    case PT2_WIRE_I16:
    case PT2_WIRE_I32:
    case PT2_WIRE_I64:
      return walk_integer (w, p, type, code);
    case PT2_WIRE_BINARY:
      return walk_bytes (w, p, type, code);
    case PT2_WIRE_LIST:
    case PT2_WIRE_SET:
    case PT2_WIRE_MAP:
    case PT2_WIRE_STRUCT:
      return walk_nested (w, p, type, code);
    case PT2_WIRE_UUID:
      if (!(w->wire.flags & PT2_COMPACT_UUID))
        return pt2_wire_fail (&w->wire, PT2_ERROR_T009, p, "");
      /* fall through */
    case PT2_WIRE_TRUE:
    case PT2_WIRE_FALSE:
    case PT2_WIRE_I8:
    case PT2_WIRE_DOUBLE:
      return walk_fixed (w, p, type, code);
    default:
      return pt2_wire_fail (&w->wire, PT2_ERROR_T009, p, "");
    }
}

bool
pt2_compact_annotate (const Pt2StructInfo *info, const char *data, size_t len, const Pt2Limits *limits,
                      Pt2PieceFunc func, void *func_data, Pt2Status *status)
{
  Walk w = { .wire = { data, data + len, status, 0, MIN (limits->depth, PT2_LIMIT_DEPTH_MOST) },
             .func = func,
             .func_data = func_data };
  w.path = g_string_new ("");
  const char *end = walk_struct (&w, data, info);
  if (end != NULL && end != w.wire.end)
    pt2_status_fail (status, PT2_ERROR_T010, (uint64_t)(end - data), "%zu bytes", (size_t)(w.wire.end - end));
  else if (end == NULL && status->code != PT2_ERROR_NONE)
    pt2_status_prepend_path (status, w.path->str);
  g_string_free (w.path, TRUE);
  return w.stopped || status->code == PT2_ERROR_NONE;
}
