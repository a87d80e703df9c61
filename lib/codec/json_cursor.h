/* SPDX-License-Identifier: Apache-2.0 */
/* A place in the JSON text of a document: its faults, its texts and its scalars. Knows types, but no field and no
 * container. Every function takes the place P to read at and returns the place behind what it read, NULL with the
 * status set if it failed.
 */
#pragma once

#include "codec.h"
#include "json_text.h"
#include "number.h"

typedef struct
{
  Pt2Document *document;
  const char *start, *end;
  uint64_t depth; /* levels left */
  Pt2Status *status;
} Pt2JsonCursor;

/* ---- faults: all return NULL ---- */

const char *pt2_cursor_fail (Pt2JsonCursor *c, Pt2ErrorCode code, const char *at, const char *detail)
    __attribute__ ((cold, noinline));
const char *pt2_cursor_fault (Pt2JsonCursor *c, const Pt2JsonFault *fault) __attribute__ ((cold, noinline));
const char *pt2_cursor_unexpected (Pt2JsonCursor *c, const char *p, const char *detail)
    __attribute__ ((cold, noinline));
const char *pt2_cursor_no_memory (Pt2JsonCursor *c, const char *at) __attribute__ ((cold, noinline));
/* What stands at P is none of TYPE: says what was expected and what is there. */
const char *pt2_cursor_fail_type (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type)
    __attribute__ ((cold, noinline));

/* ---- small steps ---- */

static inline bool
pt2_cursor_enter (Pt2JsonCursor *c, const char *p)
{
  if (G_UNLIKELY (c->depth == 0))
    return pt2_cursor_fail (c, PT2_ERROR_L002, p, "") != NULL;
  c->depth--;
  return true;
}

static inline void *
pt2_cursor_reserve (Pt2JsonCursor *c, size_t size)
{
  void *memory = pt2_arena_alloc (&c->document->arena, size);
  if (G_LIKELY (memory != NULL))
    memset (memory, 0, size);
  return memory;
}

static inline const char *
pt2_cursor_text (Pt2JsonCursor *c, const char *p, Pt2String *out)
{
  Pt2JsonFault fault;
  const char *behind = pt2_json_read_string (&c->document->arena, p, c->end, out, &fault);
  return G_LIKELY (behind != NULL) ? behind : pt2_cursor_fault (c, &fault);
}

/* Does the word stand at P? */
static inline bool
pt2_cursor_at_word (const Pt2JsonCursor *c, const char *p, const char *word, size_t len)
{
  return (size_t)(c->end - p) >= len && memcmp (p, word, len) == 0;
}

/* Behind any value, all of it checked. */
const char *pt2_cursor_skip (Pt2JsonCursor *c, const char *p);

/* ---- scalars ---- */

const char *pt2_cursor_bool (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, bool *out);
/* The chosen one among the members of a union; before PyTorch 2.6 its value was an empty list. */
const char *pt2_cursor_unit (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, bool *out);
/* A number, or a text that Python's float() takes: that is how PyTorch writes what JSON cannot. */
const char *pt2_cursor_double (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, double *out);
/* Base64. */
const char *pt2_cursor_binary (Pt2JsonCursor *c, const char *p, Pt2String *out);
/* Any number; TYPE is what was expected. */
const char *pt2_cursor_number (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, Pt2NumberText *number);

/* Small integers, which most are; NULL if it is another number or none. */
static inline const char *
pt2_cursor_short_integer (const Pt2JsonCursor *c, const char *p, int64_t *value)
{
  bool negative = p < c->end && *p == '-';
  const char *at = p + negative;
  uint64_t sum = 0;
  const char *digits = at;
  while (at < c->end && (unsigned char)(*at - '0') < 10 && at - digits < 18)
    sum = sum * 10 + (unsigned char)(*at++ - '0');
  bool odd = at == digits || (*digits == '0' && at - digits > 1) || at >= c->end || *at == '.' || *at == 'e'
             || *at == 'E' || (unsigned char)(*at - '0') < 10;
  *value = negative ? -(int64_t)sum : (int64_t)sum;
  return odd ? NULL : at;
}

/* Into the native integer of TYPE; false if it does not fit. */
static inline bool
pt2_store_integer (const Pt2TypeInfo *type, int64_t value, void *out)
{
  switch (type->kind)
    {
    case PT2_KIND_I64:
      *(int64_t *)out = value;
      return true;
    case PT2_KIND_I16:
      *(int16_t *)out = (int16_t)value;
      return value == (int16_t)value;
    case PT2_KIND_I8:
      *(int8_t *)out = (int8_t)value;
      return value == (int8_t)value;
    default:
      *(int32_t *)out = (int32_t)value;
      return value == (int32_t)value;
    }
}

static inline const char *
pt2_cursor_i64 (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, int64_t *value)
{
  const char *behind = pt2_cursor_short_integer (c, p, value);
  if (G_LIKELY (behind != NULL))
    return behind;
  Pt2NumberText number;
  behind = pt2_cursor_number (c, p, type, &number);
  if (behind == NULL)
    return NULL;
  *value = number.i64;
  if (number.kind == PT2_NUMBER_I64)
    return behind;
  return number.kind == PT2_NUMBER_BIG
             ? pt2_cursor_fail (c, PT2_ERROR_J009, p, "expected an integer of 64 bits, found a larger one")
             : pt2_cursor_fail (c, PT2_ERROR_J009, p, "expected an integer, found a number with a fraction");
}

static inline const char *
pt2_cursor_integer (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, void *out)
{
  int64_t value;
  const char *behind = pt2_cursor_i64 (c, p, type, &value);
  if (G_UNLIKELY (behind == NULL) || G_LIKELY (pt2_store_integer (type, value, out)))
    return behind;
  return pt2_cursor_fail (c, PT2_ERROR_J009, p, "the integer does not fit its type");
}
