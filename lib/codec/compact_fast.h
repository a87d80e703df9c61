/* SPDX-License-Identifier: Apache-2.0 */
/* What the generated readers and writers are made of (gen/readers.py, gen/writers.py): a function each for every
 * struct, straight through its fields.
 *
 * The readers know one spelling, that of Apache's writers: fields in order of id, short headers where they fit, no
 * unknown parts. At anything else, faults and the end of memory included, they stop and say where; the interpreter
 * (compact_read.c) then reads that struct, so it alone decides what is valid and words the errors. Values they read are
 * the interpreter's to the bit: every test of it runs through both. They write every field, so memory need not be
 * zeroed.
 *
 * The writers know documents without unknown parts, and give NULL at whatever else they cannot write, the end of memory
 * included; the interpreter (compact_write.c) then writes the document from its start, and says what is wrong.
 */
#pragma once

#include "buffer.h"
#include "compact_wire.h"
#include "duplicates.h"

struct Pt2FastReader
{
  const char *end;
  const char *stopped; /* where the last one stopped */
  Pt2Arena *arena;
  Pt2KeyTable keys;
  unsigned flags; /* PT2_COMPACT_… */
};

/* Of generated readers: the place behind the value at P, or NULL. DEPTH: levels left. */
static inline const char *
pt2_fast_stop (Pt2FastReader *r, const char *p)
{
  r->stopped = p;
  return NULL;
}

static inline unsigned
pt2_fast_byte (const char *p)
{
  return (unsigned char)*p;
}

const char *pt2_fast_varint_long (Pt2FastReader *r, const char *p, uint64_t *value) __attribute__ ((noinline));

/* Any integer; NULL if it is cut off or too long. */
static inline const char *
pt2_fast_varint (Pt2FastReader *r, const char *p, uint64_t *value)
{
  if (G_LIKELY (p < r->end && (signed char)*p >= 0))
    {
      *value = pt2_fast_byte (p);
      return p + 1;
    }
  if (G_LIKELY (r->end - p >= 2 && (signed char)p[1] >= 0))
    {
      *value = (pt2_fast_byte (p) & 127) | (uint64_t)p[1] << 7;
      return p + 2;
    }
  return pt2_fast_varint_long (r, p, value);
}

static inline const char *
pt2_fast_i64 (Pt2FastReader *r, const char *p, int64_t *out)
{
  uint64_t raw = 0;
  p = pt2_fast_varint (r, p, &raw);
  *out = pt2_zigzag_decode (raw);
  return p;
}

#define PT2_FAST_NARROW(bits)                                                                                          \
  static inline const char *pt2_fast_i##bits (Pt2FastReader *r, const char *p, int##bits##_t *out)                     \
  {                                                                                                                    \
    int64_t value;                                                                                                     \
    const char *next = pt2_fast_i64 (r, p, &value);                                                                    \
    *out = (int##bits##_t)value;                                                                                       \
    return G_LIKELY (value == *out) ? next : pt2_fast_stop (r, p);                                                     \
  }
PT2_FAST_NARROW (32)
PT2_FAST_NARROW (16)
#undef PT2_FAST_NARROW

static inline const char *
pt2_fast_i8 (Pt2FastReader *r, const char *p, int8_t *out)
{
  if (G_UNLIKELY (p >= r->end))
    return pt2_fast_stop (r, p);
  *out = (int8_t)*p;
  return p + 1;
}

/* An item; a field's truth value is in its header. */
static inline const char *
pt2_fast_bool (Pt2FastReader *r, const char *p, bool *out)
{
  if (G_UNLIKELY (p >= r->end) || G_UNLIKELY (pt2_fast_byte (p) > PT2_WIRE_FALSE))
    return pt2_fast_stop (r, p);
  *out = *p == PT2_WIRE_TRUE;
  return p + 1;
}

static inline const char *
pt2_fast_double (Pt2FastReader *r, const char *p, double *out)
{
  if (G_UNLIKELY (r->end - p < 8))
    return pt2_fast_stop (r, p);
  *out = pt2_wire_double (r->flags, p);
  return p + 8;
}

static inline const char *
pt2_fast_count (Pt2FastReader *r, const char *p, uint32_t *count)
{
  uint64_t value;
  const char *next = pt2_fast_varint (r, p, &value);
  if (G_UNLIKELY (next == NULL) || G_UNLIKELY (value > PT2_WIRE_MAX_COUNT))
    return pt2_fast_stop (r, p);
  *count = (uint32_t)value;
  return next;
}

static inline const char *
pt2_fast_text (Pt2FastReader *r, const char *p, Pt2String *out)
{
  uint32_t len;
  const char *data = pt2_fast_count (r, p, &len);
  if (G_UNLIKELY (data == NULL) || G_UNLIKELY (len > (size_t)(r->end - data)))
    return pt2_fast_stop (r, p);
  *out = (Pt2String){ data, len };
  return data + len;
}

/* A struct of one text (HEADER is that field's). */
static inline const char *
pt2_fast_text_struct (Pt2FastReader *r, const char *p, unsigned header, Pt2String *out, uint64_t depth)
{
  if (G_UNLIKELY (depth == 0) || G_UNLIKELY (p >= r->end) || G_UNLIKELY (pt2_fast_byte (p) != header))
    return pt2_fast_stop (r, p);
  const char *next = pt2_fast_text (r, p + 1, out);
  if (G_UNLIKELY (next == NULL))
    return NULL;
  if (G_UNLIKELY (next >= r->end) || G_UNLIKELY (*next != PT2_WIRE_STOP))
    return pt2_fast_stop (r, next);
  return next + 1;
}

/* Bytes of the header at P if it is that of field ID of type CODE, DELTA above the one before it; else 0. */
static inline unsigned
pt2_fast_header (const Pt2FastReader *r, const char *p, unsigned delta, unsigned id, unsigned code)
{
  if (delta <= 15)
    return p < r->end && pt2_fast_byte (p) == (delta << 4 | code);
  unsigned raw = id << 1;
  if (r->end - p < 3 || pt2_fast_byte (p) != code)
    return 0;
  if (raw < 128)
    return pt2_fast_byte (p + 1) == raw ? 2 : 0;
  return raw >> 14 == 0 && pt2_fast_byte (p + 1) == (raw | 128) % 256 && pt2_fast_byte (p + 2) == raw >> 7 ? 3 : 0;
}

/* The header of a union's member. */
static inline const char *
pt2_fast_member (Pt2FastReader *r, const char *p, unsigned *type, unsigned *id)
{
  if (G_UNLIKELY (r->end - p < 3))
    return pt2_fast_stop (r, p);
  unsigned byte = pt2_fast_byte (p), low = pt2_fast_byte (p + 1);
  *type = byte & 15;
  *id = byte >> 4;
  if (*id != 0)
    return p + 1;
  unsigned high = low > 127 ? pt2_fast_byte (p + 2) : 0;
  unsigned raw = (low & 127) | high << 7;
  if (G_UNLIKELY (high > 127) || G_UNLIKELY (raw & 1))
    return pt2_fast_stop (r, p);
  *id = raw >> 1;
  return p + 2 + (low > 127);
}

/* COUNT and room for as many items of WIRE type, each of SIZE bytes and at least MIN_WIRE in the input. */
static inline const char *
pt2_fast_list (Pt2FastReader *r, const char *p, unsigned wire, size_t size, uint32_t min_wire, uint64_t depth,
               void **items, uint32_t *count)
{
  if (G_UNLIKELY (depth == 0) || G_UNLIKELY (p >= r->end))
    return pt2_fast_stop (r, p);
  unsigned byte = pt2_fast_byte (p);
  const char *next = p + 1;
  *count = byte >> 4;
  if (G_UNLIKELY (*count == 15))
    next = pt2_fast_count (r, next, count);
  if (G_UNLIKELY (next == NULL) || (G_UNLIKELY (!pt2_wire_same_type (byte & 15, wire)) && *count > 0)
      || G_UNLIKELY ((uint64_t)*count * min_wire > (uint64_t)(r->end - next)))
    return pt2_fast_stop (r, p);
  *items = pt2_arena_alloc (r->arena, size * *count);
  return G_LIKELY (*items != NULL) ? next : pt2_fast_stop (r, p);
}

/* The same for a map: WIRE is the byte of its key and value types. */
static inline const char *
pt2_fast_map (Pt2FastReader *r, const char *p, unsigned wire, size_t size, uint32_t min_wire, uint64_t depth,
              void **entries, uint32_t *count)
{
  const char *next = depth > 0 ? pt2_fast_count (r, p, count) : NULL;
  if (G_UNLIKELY (next == NULL))
    return pt2_fast_stop (r, p);
  if (*count > 0 && (next >= r->end || pt2_fast_byte (next++) != wire))
    return pt2_fast_stop (r, p);
  if ((uint64_t)*count * min_wire > (uint64_t)(r->end - next))
    return pt2_fast_stop (r, p);
  *entries = pt2_arena_alloc (r->arena, size * *count);
  return G_LIKELY (*entries != NULL) ? next : pt2_fast_stop (r, p);
}

/* P if no key of MAP stands twice. */
static inline const char *
pt2_fast_keys (Pt2FastReader *r, const char *p, const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  if (G_LIKELY (map->len < 2) || pt2_find_duplicate_key (&r->keys, type, map) == PT2_NO_DUPLICATE)
    return p;
  return pt2_fast_stop (r, p);
}

/* For maps with texts as keys: the number of the first of COUNT hashes; 0 if there is no need of them. P or NULL. */
static inline const char *
pt2_fast_hashes (Pt2FastReader *r, const char *p, uint32_t count, size_t *first)
{
  *first = count > PT2_FEW_KEYS ? pt2_key_table_push (&r->keys, count) : 0;
  return G_LIKELY (*first != SIZE_MAX) ? p : pt2_fast_stop (r, p);
}

static inline void
pt2_fast_hash (Pt2FastReader *r, size_t first, uint32_t i, uint32_t count, const Pt2String *key)
{
  if (count > PT2_FEW_KEYS)
    r->keys.hashes[first + i] = pt2_hash_key (key->data, key->len);
}

/* P if no key of MAP, which are hashed, stands twice. */
static inline const char *
pt2_fast_hashed_keys (Pt2FastReader *r, const char *p, const Pt2TypeInfo *type, const Pt2AnyMap *map, size_t first)
{
  if (map->len <= PT2_FEW_KEYS)
    return pt2_fast_keys (r, p, type, map);
  r->keys.n_hashes = first;
  if (pt2_find_duplicate_hash (&r->keys, type, map, r->keys.hashes + first) == PT2_NO_DUPLICATE)
    return p;
  return pt2_fast_stop (r, p);
}

/* ---- writing ---- */

struct Pt2FastWriter
{
  Pt2Buffer out; /* its `next` is behind the times while writing */
  unsigned flags;
};

/* Bytes free where a field or an item begins and behind what is no scalar: a field header (4), the longest scalar or
 * head of a container (10), and stop bytes fit in. gen/writers.py counts with it. */
#define PT2_FAST_ROOM 32

static inline char *
pt2_fast_room (Pt2FastWriter *w, char *p, size_t need)
{
  if (G_LIKELY ((size_t)(w->out.end - p) >= need))
    return p;
  w->out.next = p;
  return pt2_buffer_grow (&w->out, need) ? w->out.next : NULL;
}

static inline char *
pt2_put_varint (char *p, uint64_t value)
{
  while (G_UNLIKELY (value > 127))
    {
      *p++ = (char)(value | 128);
      value >>= 7;
    }
  *p++ = (char)value;
  return p;
}

static inline char *
pt2_put_double (char *p, unsigned flags, double value)
{
  uint64_t bits;
  memcpy (&bits, &value, 8);
  bits = flags & PT2_COMPACT_BIG_ENDIAN_DOUBLES ? GUINT64_TO_BE (bits) : GUINT64_TO_LE (bits);
  memcpy (p, &bits, 8);
  return p + 8;
}

static inline char *
pt2_fast_put_header (char *p, unsigned delta, unsigned id, unsigned code)
{
  if (delta <= 15)
    {
      *p = (char)(delta << 4 | code);
      return p + 1;
    }
  *p = (char)code;
  return pt2_put_varint (p + 1, (uint64_t)id << 1);
}

static inline char *
pt2_fast_put_i64 (Pt2FastWriter *w, char *p, int64_t value)
{
  return pt2_put_varint (p, pt2_zigzag_encode (value));
}
#define pt2_fast_put_i32 pt2_fast_put_i64
#define pt2_fast_put_i16 pt2_fast_put_i64

static inline char *
pt2_fast_put_i8 (Pt2FastWriter *w, char *p, int8_t value)
{
  *p = (char)value;
  return p + 1;
}

static inline char *
pt2_fast_put_double (Pt2FastWriter *w, char *p, double value)
{
  return pt2_put_double (p, w->flags, value);
}

static inline char *
pt2_fast_put_text (Pt2FastWriter *w, char *p, const Pt2String *text)
{
  size_t len = text->len;
  if (G_UNLIKELY (len > PT2_WIRE_MAX_COUNT))
    return NULL;
  p = pt2_fast_room (w, pt2_put_varint (p, len), len + PT2_FAST_ROOM);
  return G_LIKELY (p != NULL) ? pt2_put_bytes (p, text->data, len) : NULL;
}

/* A struct of one text (HEADER is that field's). */
static inline char *
pt2_fast_put_text_struct (Pt2FastWriter *w, char *p, unsigned header, const Pt2String *text)
{
  if (G_LIKELY (text->data != NULL))
    {
      *p = (char)header;
      p = pt2_fast_put_text (w, p + 1, text);
      if (G_UNLIKELY (p == NULL))
        return NULL;
    }
  *p = PT2_WIRE_STOP;
  return pt2_fast_room (w, p + 1, PT2_FAST_ROOM);
}

static inline char *
pt2_fast_put_list (Pt2FastWriter *w, char *p, uint32_t len, unsigned wire)
{
  if (G_UNLIKELY (len > PT2_WIRE_MAX_COUNT))
    return NULL;
  *p++ = (char)((len < 15 ? len << 4 : 0xf0) | wire);
  return pt2_fast_room (w, G_LIKELY (len < 15) ? p : pt2_put_varint (p, len), PT2_FAST_ROOM);
}

/* WIRE is the byte of key and value types. */
static inline char *
pt2_fast_put_map (Pt2FastWriter *w, char *p, uint32_t len, unsigned wire)
{
  if (G_UNLIKELY (len > PT2_WIRE_MAX_COUNT))
    return NULL;
  p = pt2_put_varint (p, len);
  if (len > 0)
    *p++ = (char)wire;
  return pt2_fast_room (w, p, PT2_FAST_ROOM);
}
