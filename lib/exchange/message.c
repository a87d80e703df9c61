/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"
#include "compact_wire.h"
#include <string.h>

enum
{
  PROTOCOL = 0x82,     /* first byte of a compact message */
  VERSION = 1,         /* low five bits of the second; the kind is above them */
  LONGEST_METHOD = 64, /* ours are shorter */
  LONGEST_HEADER = 2 + 10 + 10 + LONGEST_METHOD,
  ROOM = 16, /* a field header, a number, a stop byte */
};

/* ---- reading ---- */

static bool
refuse (Pt2Status *status, uint64_t offset, const char *detail)
{
  return pt2_status_fail (status, PT2_ERROR_X001, offset, "%s", detail);
}

/* The struct around the one field. */
static bool
read_body (Pt2Wire *wire, const char *p, Pt2Message *message)
{
  static const char nothing[] = { PT2_WIRE_STOP };
  Pt2FieldHeader header = { 0 };
  const char *inner = pt2_wire_field (wire, p, 0, &header);
  message->field = -1;
  message->body = (Pt2String){ nothing, 1 };
  if (inner == NULL)
    return false;
  if (header.type == PT2_WIRE_STOP)
    return inner == wire->end || refuse (wire->status, (uint64_t)(inner - wire->start), "bytes after the message");
  if (header.type != PT2_WIRE_STRUCT || wire->end - inner < 2 || wire->end[-1] != PT2_WIRE_STOP)
    return refuse (wire->status, (uint64_t)(p - wire->start), "expected one struct");
  message->field = header.id;
  message->body = (Pt2String){ inner, (uint32_t)(wire->end - inner - 1) };
  return true;
}

bool
pt2_message_read (const char *data, size_t len, Pt2Message *message, Pt2Status *status)
{
  Pt2Wire wire = { .start = data, .end = data + len, .status = status, .depth = 16 };
  uint64_t sequence = 0;
  if (len < 2 || len > INT32_MAX || (unsigned char)data[0] != PROTOCOL || (data[1] & 31) != VERSION)
    return refuse (status, 0, "no message of Thrift's compact protocol");
  message->kind = (Pt2MessageKind)((unsigned char)data[1] >> 5);
  const char *p = pt2_wire_varint (&wire, data + 2, &sequence);
  if (p != NULL)
    p = pt2_wire_bytes (&wire, p, &message->method);
  if (p == NULL)
    return false;
  message->sequence = (int32_t)(uint32_t)sequence;
  if (message->method.len > LONGEST_METHOD || sequence > UINT32_MAX)
    return refuse (status, 2, "no method has such a name or number");
  if (message->kind != PT2_MESSAGE_EXCEPTION)
    return read_body (&wire, p, message);
  message->field = -1;
  message->body = (Pt2String){ p, (uint32_t)(wire.end - p) };
  return true;
}

/* Long data is not copied, so the arena starts small. */
bool
pt2_message_read_struct (Pt2Document *document, const char *type, Pt2String body, Pt2Status *status)
{
  Pt2Document sized;
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_exchange_schema, type);
  pt2_document_init (&sized, &pt2_exchange_schema, info, pt2_limits_default (), body.len);
  pt2_document_init (document, &pt2_exchange_schema, info, pt2_limits_default (), 0);
  document->arena.budget = sized.arena.budget;
  return pt2_compact_read (document, body.data, body.len, pt2_limits_default (), status);
}

Pt2String
pt2_message_exception_text (Pt2String body)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Wire wire = { .start = body.data, .end = body.data + body.len, .status = &status, .depth = 16 };
  Pt2FieldHeader header = { 0 };
  Pt2String text = { NULL, 0 };
  const char *p = pt2_wire_field (&wire, body.data, 0, &header);
  if (p == NULL || header.id != 1 || header.type != PT2_WIRE_BINARY || pt2_wire_bytes (&wire, p, &text) == NULL)
    return (Pt2String){ NULL, 0 };
  return text;
}

/* ---- writing ---- */

static char *
put_varint (char *p, uint64_t value)
{
  for (; value > 127; value >>= 7)
    *p++ = (char)(value | 128);
  *p++ = (char)value;
  return p;
}

/* Room for the frame's length and the message's header; the length is put when it is known. */
static bool
begin (Pt2Buffer *out, Pt2MessageKind kind, int32_t sequence, Pt2String method, Pt2Status *status)
{
  if (method.len > LONGEST_METHOD || !pt2_buffer_room (out, PT2_FRAME_HEADER + LONGEST_HEADER + ROOM))
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "a message");
  char *p = out->next + PT2_FRAME_HEADER;
  *p++ = (char)PROTOCOL;
  *p++ = (char)((unsigned)kind << 5 | VERSION);
  p = put_varint (put_varint (p, (uint32_t)sequence), method.len);
  out->next = pt2_put_bytes (p, method.data, method.len);
  return true;
}

static bool
finish (Pt2Buffer *out, size_t start, Pt2Status *status)
{
  size_t len = pt2_buffer_len (out) - start - PT2_FRAME_HEADER;
  if (len > INT32_MAX)
    return pt2_status_fail (status, PT2_ERROR_T015, PT2_NO_OFFSET, "a message");
  uint32_t frame = GUINT32_TO_BE ((uint32_t)len);
  memcpy (out->data + start, &frame, PT2_FRAME_HEADER);
  return true;
}

bool
pt2_message_write (Pt2Buffer *out, Pt2MessageKind kind, int32_t sequence, Pt2String method, int field, const char *type,
                   const void *record, Pt2Status *status)
{
  size_t start = pt2_buffer_len (out);
  Pt2Document document = { .schema = &pt2_exchange_schema,
                           .type = pt2_schema_find_struct (&pt2_exchange_schema, type),
                           .root = (void *)record };
  if (!begin (out, kind, sequence, method, status))
    return false;
  *out->next++ = (char)(field > 0 ? field << 4 | PT2_WIRE_STRUCT : PT2_WIRE_STRUCT);
  if (field <= 0)
    *out->next++ = (char)pt2_zigzag_encode (field);
  if (!pt2_compact_write (&document, out, status))
    return false;
  if (!pt2_buffer_room (out, 1))
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "a message");
  *out->next++ = PT2_WIRE_STOP;
  return finish (out, start, status);
}

bool
pt2_message_write_exception (Pt2Buffer *out, int32_t sequence, Pt2String method, int32_t kind, const char *text,
                             Pt2Status *status)
{
  size_t start = pt2_buffer_len (out), len = strlen (text);
  if (!begin (out, PT2_MESSAGE_EXCEPTION, sequence, method, status))
    return false;
  if (!pt2_buffer_room (out, len + 2 * ROOM))
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "a message");
  *out->next++ = (char)(1 << 4 | PT2_WIRE_BINARY);
  out->next = put_varint (out->next, len);
  pt2_buffer_put (out, text, len);
  *out->next++ = (char)(1 << 4 | PT2_WIRE_I32);
  out->next = put_varint (out->next, pt2_zigzag_encode (kind));
  *out->next++ = PT2_WIRE_STOP;
  return finish (out, start, status);
}

/* ---- records ---- */

static void
init (const Pt2StructInfo *info, char *record)
{
  for (unsigned i = 0; !info->is_union && i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      if (!(field->flags & PT2_FIELD_REQUIRED))
        continue;
      if (field->present_bit != PT2_NO_PRESENT_BIT)
        pt2_field_bit_set (info, record, field->present_bit);
      /* Required structs cannot hold themselves, so this ends: gen/model.py checks. */
      if (field->type->kind == PT2_KIND_STRUCT && !(field->flags & PT2_FIELD_POINTER))
        init (field->type->record, record + field->offset);
    }
}

void
pt2_record_init (const char *type, void *record)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_exchange_schema, type);
  memset (record, 0, info->size);
  init (info, record);
}

void *
pt2_record_new (Pt2Arena *arena, const char *type, size_t n)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_exchange_schema, type);
  char *records = n <= SIZE_MAX / info->size ? pt2_arena_alloc (arena, n * info->size) : NULL;
  if (records == NULL)
    return NULL;
  memset (records, 0, n * info->size);
  for (size_t i = 0; i < n; i++)
    init (info, records + i * info->size);
  return records;
}

void
pt2_record_mark (const char *type, void *record, const char *field)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_exchange_schema, type);
  const Pt2FieldInfo *found = pt2_struct_field_by_name (info, field, strlen (field));
  pt2_field_bit_set (info, record, found->present_bit);
}

Pt2String
pt2_record_text (const char *text)
{
  text = text != NULL ? text : "";
  return (Pt2String){ text, (uint32_t)strlen (text) };
}

Pt2String
pt2_record_copy (Pt2Arena *arena, const char *text, size_t len)
{
  char *copy = len < UINT32_MAX ? pt2_arena_alloc (arena, len + 1) : NULL;
  if (copy == NULL)
    return (Pt2String){ NULL, 0 };
  memcpy (copy, text, len);
  copy[len] = '\0';
  return (Pt2String){ copy, (uint32_t)len };
}

char *
pt2_record_name (Pt2Arena *arena, Pt2String text)
{
  if (text.data == NULL || memchr (text.data, '\0', text.len) != NULL)
    return NULL;
  return (char *)pt2_record_copy (arena, text.data, text.len).data;
}
