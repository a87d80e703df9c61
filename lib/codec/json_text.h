/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text, below any schema: scanning, validating, escaping.
 *
 * Readers work on a slice START … END and never look past END. The grammar is
 * that of Python's json module: JSON, and the bare tokens NaN, Infinity and
 * -Infinity. Lone surrogates (`\ud800`) become the three bytes that UTF-8 would
 * give them, and such bytes are written back as the same escape.
 */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "pt2-limits.h"
#include "status.h"
#ifdef __SSE2__
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

/* However high the limit `depth` is set, recursion ends here: the stack is finite. */
enum
{
  PT2_JSON_DEEPEST = PT2_LIMIT_DEPTH_MOST,
};

/* What is wrong with the text, and where. */
typedef struct
{
  Pt2ErrorCode code;
  const char *at;
  const char *detail; /* static text, "" if the summary says all */
} Pt2JsonFault;

/* Behind the blanks at P. */
static inline const char *
pt2_json_blanks (const char *p, const char *end)
{
  while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
    p++;
  return p;
}

static inline uint64_t
pt2_json_load64 (const char *p)
{
  uint64_t word;
  memcpy (&word, p, sizeof word);
  return word;
}

/* Bit 7 of every byte of WORD that is not plain text: quote, backslash, below 0x20, above 0x7f. The
 * lowest such bit is exact, higher ones may be false (a borrow passes through). */
static inline uint64_t
pt2_json_special64 (uint64_t word)
{
  const uint64_t ones = UINT64_C (0x0101010101010101), high = ones << 7;
  uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
  uint64_t control = (word - ones * 0x20) & ~word;
  return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | control | word) & high;
}

#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define PT2_JSON_FIRST64(mask) ((unsigned)__builtin_ctzll (mask) / 8)
#endif

#ifdef __SSE2__
/* One bit for each of the 16 bytes that is not plain text. */
static inline unsigned
pt2_json_special16 (__m128i bytes)
{
  __m128i low = _mm_cmplt_epi8 (bytes, _mm_set1_epi8 (0x20)); /* signed: above 0x7f too */
  __m128i quote = _mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('"'));
  __m128i backslash = _mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('\\'));
  return (unsigned)_mm_movemask_epi8 (_mm_or_si128 (_mm_or_si128 (quote, backslash), low));
}
#endif

static inline bool
pt2_json_is_plain (unsigned char byte)
{
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The first byte at or behind P that is not plain text; END if there is none. */
static inline const char *
pt2_json_plain_run (const char *p, const char *end)
{
#ifdef __SSE2__
  for (; end - p >= 16; p += 16)
    {
      unsigned mask = pt2_json_special16 (_mm_loadu_si128 ((const __m128i *)(const void *)p));
      if (mask != 0)
        return p + __builtin_ctz (mask);
    }
#elif defined(__ARM_NEON) && defined(__aarch64__)
  for (; end - p >= 16; p += 16)
    {
      uint8x16_t bytes = vld1q_u8 ((const uint8_t *)p);
      uint8x16_t odd = vorrq_u8 (vcltzq_s8 (vreinterpretq_s8_u8 (bytes)), vcltq_u8 (bytes, vdupq_n_u8 (0x20)));
      odd = vorrq_u8 (odd, vceqq_u8 (bytes, vdupq_n_u8 ('"')));
      odd = vorrq_u8 (odd, vceqq_u8 (bytes, vdupq_n_u8 ('\\')));
      uint64_t mask = vget_lane_u64 (vreinterpret_u64_u8 (vshrn_n_u16 (vreinterpretq_u16_u8 (odd), 4)), 0);
      if (mask != 0)
        return p + __builtin_ctzll (mask) / 4;
    }
#endif
#ifdef PT2_JSON_FIRST64
  for (; end - p >= 8; p += 8)
    {
      uint64_t mask = pt2_json_special64 (pt2_json_load64 (p));
      if (mask != 0)
        return p + PT2_JSON_FIRST64 (mask);
    }
#endif
  while (p < end && pt2_json_is_plain ((unsigned char)*p))
    p++;
  return p;
}

/* Behind the closing quote of the string whose opening quote is at P, all of it checked; NULL and
 * *FAULT otherwise. *ESCAPED: does it hold a backslash? */
const char *pt2_json_scan_string (const char *p, const char *end, bool *escaped, Pt2JsonFault *fault);

/* The string whose opening quote is at P, as text in *OUT: a slice of the input, or unescaped into
 * ARENA. Returns behind the closing quote; NULL with *FAULT, code L003 standing for "no memory". */
const char *pt2_json_read_string (Pt2Arena *arena, const char *p, const char *end, Pt2String *out, Pt2JsonFault *fault);

/* Behind the number (or bare NaN, Infinity) at P. *INTEGER: has it neither fraction nor exponent? */
const char *pt2_json_scan_number (const char *p, const char *end, bool *integer, Pt2JsonFault *fault);

/* Behind the value at P (which is no blank), all of it checked. DEPTH: levels it may have. */
const char *pt2_json_skip (const char *p, const char *end, uint64_t depth, Pt2JsonFault *fault);

/* Before anything else: no byte order mark, shorter than 4 GiB (lengths have 32 bits). */
bool pt2_json_check_start (const char *data, size_t len, Pt2JsonFault *fault);

/* Says what stands at P: "a string", "an object", …; NULL if no JSON value starts so. Words are whole. */
const char *pt2_json_describe (const char *p, const char *end);

/* Puts *FAULT into STATUS, offset counted from START; returns NULL. */
const void *pt2_json_fail (Pt2Status *status, const char *start, const Pt2JsonFault *fault);

/* What most faults are: the text ends at P, or the byte there is not what DETAIL says it must be. */
Pt2JsonFault pt2_json_unexpected (const char *p, const char *end, const char *detail);

/* The same where a value must stand: the text may end within `true`. */
Pt2JsonFault pt2_json_no_value (const char *p, const char *end);

/* Appends TEXT as Python's json.dumps writes it, quotes included. *FAULT: not UTF-8 (J015), no memory (L001). */
bool pt2_json_write_escaped (Pt2Buffer *out, const char *text, size_t len, Pt2JsonFault *fault);

/* Bit 7 of bytes that json.dumps escapes; only zero or not zero is exact. */
static inline uint64_t
pt2_json_escaped64 (uint64_t word)
{
  const uint64_t ones = UINT64_C (0x0101010101010101);
  return pt2_json_special64 (word) | ((word + ones) & ones << 7);
}

/* Copies LEN bytes from P to OUT (room for LEN); not zero if some of them need escapes. */
static inline uint64_t
pt2_json_copy_short (char *out, const char *p, size_t len)
{
  uint64_t odd = 0;
  if (len >= 8)
    {
      size_t i = 0;
      for (; i + 8 < len; i += 8)
        {
          uint64_t word = pt2_json_load64 (p + i);
          odd |= pt2_json_escaped64 (word);
          memcpy (out + i, &word, 8);
        }
      uint64_t word = pt2_json_load64 (p + len - 8);
      memcpy (out + len - 8, &word, 8);
      return odd | pt2_json_escaped64 (word);
    }
  uint64_t word = 0;
  if (len >= 4)
    {
      uint32_t low, high;
      memcpy (&low, p, 4);
      memcpy (&high, p + len - 4, 4);
      memcpy (out, &low, 4);
      memcpy (out + len - 4, &high, 4);
      word = low | (uint64_t)high << 32;
      return pt2_json_escaped64 (word);
    }
  for (size_t i = 0; i < len; i++)
    {
      odd |= !pt2_json_is_plain ((unsigned char)p[i]) || p[i] == 0x7f;
      out[i] = p[i];
    }
  return odd;
}

/* The same, for the short plain texts that most are. */
static inline bool
pt2_json_write_string (Pt2Buffer *out, const char *text, size_t len, Pt2JsonFault *fault)
{
  if (G_LIKELY (len <= 64) && G_LIKELY (pt2_buffer_room (out, len + 2))
      && G_LIKELY (pt2_json_copy_short (out->next + 1, text, len) == 0))
    {
      out->next[0] = '"';
      out->next[len + 1] = '"';
      out->next += len + 2;
      return true;
    }
  return pt2_json_write_escaped (out, text, len, fault);
}

/* The same where what is wrong does not matter. */
static inline bool
pt2_json_put (Pt2Buffer *out, const char *text, size_t len)
{
  Pt2JsonFault fault;
  return pt2_json_write_string (out, text, len, &fault);
}
