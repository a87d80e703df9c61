/* SPDX-License-Identifier: Apache-2.0 */
#include "compact_wire.h"

const char *
pt2_wire_fail (const Pt2Wire *wire, Pt2ErrorCode code, const char *at, const char *detail)
{
  pt2_status_fail (wire->status, code, (uint64_t)(at - wire->start), "%s", detail);
  return NULL;
}

const char *
pt2_wire_varint_slow (const Pt2Wire *wire, const char *p, uint64_t *value)
{
  unsigned n = pt2_wire_varint_bytes (p, wire->end, value);
  if (G_LIKELY (n > 0))
    return p + n;
  if (wire->end - p < PT2_WIRE_LONGEST_VARINT)
    return pt2_wire_fail (wire, PT2_ERROR_T001, wire->end, "");
  return pt2_wire_fail (wire, PT2_ERROR_T002, p, "");
}

const char *
pt2_wire_field_slow (const Pt2Wire *wire, const char *p, int last_id, Pt2FieldHeader *header)
{
  if (p >= wire->end)
    return pt2_wire_fail (wire, PT2_ERROR_T001, p, "");
  const char *start = p;
  uint64_t value;
  unsigned byte = (unsigned char)*p;
  if (byte >> 4 != 0)
    {
      pt2_wire_short_field (byte, last_id, header);
      return p + 1;
    }
  *header = (Pt2FieldHeader){ last_id, byte };
  if (byte == PT2_WIRE_STOP)
    return p + 1;
  p = pt2_wire_varint (wire, p + 1, &value);
  if (p == NULL)
    return NULL;
  int64_t id = pt2_zigzag_decode (value);
  if (id < INT16_MIN || id > INT16_MAX)
    return pt2_wire_fail (wire, PT2_ERROR_T011, start, "a field id has 16 bits");
  header->id = (int)id;
  return p;
}

const char *
pt2_wire_map_header (const Pt2Wire *wire, const char *p, Pt2ContainerHeader *header)
{
  p = pt2_wire_count (wire, p, &header->count);
  header->key = header->element = PT2_WIRE_STOP;
  if (p == NULL || header->count == 0)
    return p;
  if (p >= wire->end)
    return pt2_wire_fail (wire, PT2_ERROR_T001, p, "");
  header->key = (unsigned char)*p >> 4;
  header->element = (unsigned char)*p & 15;
  return p + 1;
}

static const char *
skip_bytes (const Pt2Wire *wire, const char *p, size_t n)
{
  if ((size_t)(wire->end - p) < n)
    return pt2_wire_fail (wire, PT2_ERROR_T001, p, "");
  return p + n;
}

static const char *
skip_struct (Pt2Wire *wire, const char *p)
{
  Pt2FieldHeader header = { 0, 0 };
  for (;;)
    {
      const char *start = p;
      p = pt2_wire_field (wire, p, header.id, &header);
      if (p == NULL || header.type == PT2_WIRE_STOP)
        return p;
      if (header.id > INT16_MAX)
        return pt2_wire_fail (wire, PT2_ERROR_T011, start, "a field id has 16 bits");
      p = pt2_wire_skip (wire, p, header.type, false);
      if (p == NULL)
        return NULL;
    }
}

static const char *
skip_items (Pt2Wire *wire, const char *p, const Pt2ContainerHeader *header, bool is_map)
{
  /* Every item takes a byte at least, so a count past the bytes left ends by itself. */
  for (uint32_t i = 0; p != NULL && i < header->count; i++)
    {
      if (is_map)
        p = pt2_wire_skip (wire, p, header->key, true);
      if (p != NULL)
        p = pt2_wire_skip (wire, p, header->element, true);
    }
  return p;
}

static const char *
skip_nested (Pt2Wire *wire, const char *p, unsigned type)
{
  Pt2ContainerHeader header = { 0 };
  if (wire->depth == 0)
    return pt2_wire_fail (wire, PT2_ERROR_L002, p, "");
  wire->depth--;
  if (type == PT2_WIRE_STRUCT)
    p = skip_struct (wire, p);
  else
    {
      p = type == PT2_WIRE_MAP ? pt2_wire_map_header (wire, p, &header) : pt2_wire_list_header (wire, p, &header);
      if (p != NULL)
        p = skip_items (wire, p, &header, type == PT2_WIRE_MAP);
    }
  wire->depth++;
  return p;
}

const char *
pt2_wire_skip (Pt2Wire *wire, const char *p, unsigned type, bool in_container)
{
  uint64_t value;
  Pt2String bytes;
  switch (type)
    {
    case PT2_WIRE_TRUE:
    case PT2_WIRE_FALSE:
      return in_container ? skip_bytes (wire, p, 1) : p;
    case PT2_WIRE_I8:
      return skip_bytes (wire, p, 1);
    case PT2_WIRE_I16:
    case PT2_WIRE_I32:
    case PT2_WIRE_I64:
      return pt2_wire_varint (wire, p, &value);
    case PT2_WIRE_DOUBLE:
      return skip_bytes (wire, p, 8);
    case PT2_WIRE_BINARY:
      return pt2_wire_bytes (wire, p, &bytes);
    case PT2_WIRE_LIST:
    case PT2_WIRE_SET:
    case PT2_WIRE_MAP:
    case PT2_WIRE_STRUCT:
      return skip_nested (wire, p, type);
    case PT2_WIRE_UUID:
      if (wire->flags & PT2_COMPACT_UUID)
        return skip_bytes (wire, p, 16);
      /* fall through */
    default:
      return pt2_wire_fail (wire, PT2_ERROR_T009, p, "");
    }
}
