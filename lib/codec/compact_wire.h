/* SPDX-License-Identifier: Apache-2.0 */
/* The words of Thrift's compact protocol: variable-length integers, zigzag, skipping.
 *
 * Source of the rules: Apache Thrift, doc/specs/thrift-compact-protocol.md. Every
 * function takes the end of the input and never reads at or past it; a failure
 * sets the status and gives NULL.
 */
#pragma once

#include "codec.h"
#include <string.h>

/* Thrift counts and lengths are signed 32-bit numbers. */
#define PT2_WIRE_MAX_COUNT INT32_MAX

typedef struct
{
  const char *start; /* offsets in errors count from here */
  const char *end;
  Pt2Status *status;
  unsigned flags; /* PT2_COMPACT_… */
  uint64_t depth; /* levels left */
} Pt2Wire;

static inline int64_t
pt2_zigzag_decode (uint64_t value)
{
  return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static inline uint64_t
pt2_zigzag_encode (int64_t value)
{
  return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

const char *pt2_wire_fail (const Pt2Wire *wire, Pt2ErrorCode code, const char *at, const char *detail)
    __attribute__ ((cold, noinline));
enum
{
  PT2_WIRE_LONGEST_VARINT = 10,
};

/* Bytes of the number at P; 0 if it is cut off or too long: the tenth byte holds one bit. */
static inline unsigned
pt2_wire_varint_bytes (const char *p, const char *end, uint64_t *value)
{
  uint64_t result = 0;
  unsigned most = end - p < PT2_WIRE_LONGEST_VARINT ? (unsigned)(end - p) : PT2_WIRE_LONGEST_VARINT;
  for (unsigned i = 0; i < most; i++)
    {
      uint64_t byte = (unsigned char)p[i];
      if (i == PT2_WIRE_LONGEST_VARINT - 1 && byte > 1)
        return 0;
      result |= (byte & 127) << (7 * i);
      if (byte < 128)
        {
          *value = result;
          return i + 1;
        }
    }
  return 0;
}

const char *pt2_wire_varint_slow (const Pt2Wire *wire, const char *p, uint64_t *value) __attribute__ ((noinline));

/* Any integer of up to 64 bits. */
static inline const char *
pt2_wire_varint (const Pt2Wire *wire, const char *p, uint64_t *value)
{
  if (G_LIKELY (p < wire->end && (signed char)*p >= 0))
    {
      *value = (unsigned char)*p;
      return p + 1;
    }
  if (G_LIKELY (wire->end - p >= 2 && (signed char)p[1] >= 0))
    {
      *value = ((unsigned char)*p & 127) | (uint64_t)p[1] << 7;
      return p + 2;
    }
  return pt2_wire_varint_slow (wire, p, value);
}

/* A count or length; checked against 31 bits, not against the bytes left. */
static inline const char *
pt2_wire_count (const Pt2Wire *wire, const char *p, uint32_t *count)
{
  uint64_t value;
  const char *next = pt2_wire_varint (wire, p, &value);
  if (G_UNLIKELY (next == NULL || value > PT2_WIRE_MAX_COUNT))
    return next == NULL ? NULL : pt2_wire_fail (wire, PT2_ERROR_T005, p, "");
  *count = (uint32_t)value;
  return next;
}

/* A length and that many bytes. */
static inline const char *
pt2_wire_bytes (const Pt2Wire *wire, const char *p, Pt2String *bytes)
{
  uint32_t len = 0;
  const char *data = pt2_wire_count (wire, p, &len);
  if (G_UNLIKELY (data == NULL || len > (size_t)(wire->end - data)))
    return data == NULL ? NULL : pt2_wire_fail (wire, PT2_ERROR_T005, p, "");
  *bytes = (Pt2String){ data, len };
  return data + len;
}

static inline double
pt2_wire_double (unsigned flags, const char *p)
{
  uint64_t bits;
  memcpy (&bits, p, 8);
  bits = flags & PT2_COMPACT_BIG_ENDIAN_DOUBLES ? GUINT64_FROM_BE (bits) : GUINT64_FROM_LE (bits);
  double value;
  memcpy (&value, &bits, 8);
  return value;
}

typedef struct
{
  int id;
  unsigned type; /* type code; PT2_WIRE_STOP at the end of the struct */
} Pt2FieldHeader;

/* LAST_ID is the id of the field before, 0 at the start of a struct. */
const char *pt2_wire_field_slow (const Pt2Wire *wire, const char *p, int last_id, Pt2FieldHeader *header)
    __attribute__ ((noinline));

/* The short form: a step of 1 to 15 and a type code. A step to the stop code is nothing that a writer makes. */
static inline void
pt2_wire_short_field (unsigned byte, int last_id, Pt2FieldHeader *header)
{
  header->type = (byte & 15) != PT2_WIRE_STOP ? byte & 15 : PT2_WIRE_INVALID;
  header->id = last_id + (int)(byte >> 4);
}

static inline const char *
pt2_wire_field (const Pt2Wire *wire, const char *p, int last_id, Pt2FieldHeader *header)
{
  if (G_UNLIKELY (wire->end - p < 2))
    return pt2_wire_field_slow (wire, p, last_id, header);
  unsigned byte = (unsigned char)*p;
  if (byte >> 4 != 0)
    {
      pt2_wire_short_field (byte, last_id, header);
      return p + 1;
    }
  /* The stop byte, or the long form with an id of more than one byte. */
  if (G_UNLIKELY (byte == PT2_WIRE_STOP || (signed char)p[1] < 0))
    return pt2_wire_field_slow (wire, p, last_id, header);
  header->type = byte;
  header->id = (int)pt2_zigzag_decode ((uint64_t)p[1]);
  return p + 2;
}

typedef struct
{
  uint32_t count;
  unsigned element; /* type codes as spelled; */
  unsigned key;     /* maps only */
} Pt2ContainerHeader;

static inline const char *
pt2_wire_list_header (const Pt2Wire *wire, const char *p, Pt2ContainerHeader *header)
{
  if (G_UNLIKELY (p >= wire->end))
    return pt2_wire_fail (wire, PT2_ERROR_T001, p, "");
  unsigned byte = (unsigned char)*p++;
  header->element = byte & 15;
  header->count = byte >> 4;
  return G_LIKELY (header->count < 15) ? p : pt2_wire_count (wire, p, &header->count);
}

const char *pt2_wire_map_header (const Pt2Wire *wire, const char *p, Pt2ContainerHeader *header);

/* Goes past one value of TYPE (a container's item if IN_CONTAINER: booleans are a byte there). */
const char *pt2_wire_skip (Pt2Wire *wire, const char *p, unsigned type, bool in_container);

/* Do item type codes agree? Booleans may be spelled 1 or 2. */
static inline bool
pt2_wire_same_type (unsigned found, unsigned wanted)
{
  return found == wanted || (wanted == PT2_WIRE_TRUE && found == PT2_WIRE_FALSE);
}
