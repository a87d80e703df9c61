/* SPDX-License-Identifier: Apache-2.0 */
/* Nesting: the limit `depth`, its end whatever the limit says, and what a level costs of the stack. */
#include "codec_help.h"
#include "every_construct.h"
#include "suite.h"
#include <pthread.h>

extern const Pt2Schema every_schema;

typedef struct
{
  const char *type, *head, *middle, *tail;
  unsigned extra; /* levels around and inside those that repeat */
  unsigned each;  /* levels of one repetition */
} Nesting;

static const Nesting nestings[] = {
  { "Choice", "0c 28", "11 00", "00", 1, 1 },             /* unions */
  { "Choice", "79 1c", "11 00", "00", 1, 2 },             /* lists of unions */
  { "Choice", "0b c8 01 01 8c 00", "11 00", "00", 1, 2 }, /* maps of unions */
  { "Empty", "9c", "00", "00", 1, 1 },                    /* unknown structs */
  { "Choice", "9c", "00", "00", 1, 1 },                   /* unknown members */
};

START_TEST (depth_has_a_limit)
{
  const Nesting *nesting = &nestings[_i];
  for (unsigned n = 1; n < 40; n++)
    {
      Pt2Status status;
      Pt2Limits limits = *pt2_limits_default ();
      g_autoptr (GBytes) bytes = nest_compact (nesting->head, nesting->middle, nesting->tail, n);
      limits.depth = n * nesting->each + nesting->extra;
      ck_assert_int_eq (read_compact_limited (&every_schema, nesting->type, bytes, &limits, &status), PT2_ERROR_NONE);
      limits.depth--;
      ck_assert_str_eq (
          pt2_error_code_id (read_compact_limited (&every_schema, nesting->type, bytes, &limits, &status)), "PT2-L002");
    }
}
END_TEST

/* The limit may say what it likes: the stack is finite. */
START_TEST (depth_has_an_end)
{
  const Nesting *nesting = &nestings[_i];
  Pt2Status status;
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = UINT64_MAX;
  unsigned most = (PT2_LIMIT_DEPTH_MOST - nesting->extra) / nesting->each;
  g_autoptr (GBytes) deepest = nest_compact (nesting->head, nesting->middle, nesting->tail, most);
  g_autoptr (GBytes) deeper = nest_compact (nesting->head, nesting->middle, nesting->tail, most + 1);
  g_autoptr (GBytes) abyss = nest_compact (nesting->head, "", "", 1000000);
  ck_assert_int_eq (read_compact_limited (&every_schema, nesting->type, deepest, &limits, &status), PT2_ERROR_NONE);
  ck_assert_int_eq (read_compact_limited (&every_schema, nesting->type, deeper, &limits, &status), PT2_ERROR_L002);
  ck_assert_int_eq (read_compact_limited (&every_schema, nesting->type, abyss, &limits, &status), PT2_ERROR_L002);
  ck_assert_uint_lt (strlen (status.path), sizeof status.path);
}
END_TEST

/* Nested containers that nobody knows. */
/* Headers pile up on the way down before anything else is written: the writer must look for room at each level. */
START_TEST (any_depth_is_written_back)
{
  const Nesting *nesting = &nestings[_i];
  for (unsigned n = 1; n < 400; n++)
    {
      Pt2Document document;
      g_autoptr (GBytes) bytes = nest_compact (nesting->head, nesting->middle, nesting->tail, n);
      must_read (pt2_compact_read, &document, &every_schema, nesting->type, bytes);
      g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
      ck_assert (g_bytes_equal (written, bytes));
      pt2_document_clear (&document);
    }
}
END_TEST

/* ---- stack ---- */

typedef struct
{
  const char *type;
  GBytes *bytes;
} Deep;

/* There and back in both encodings, as deep as any setting allows. */
static __attribute__ ((unused)) void *
there_and_back (void *data)
{
  const Deep *deep = data;
  Pt2Document from_compact, from_json;
  Pt2Limits limits = *pt2_limits_default ();
  Pt2Status status = PT2_STATUS_INIT;
  size_t len;
  const char *bytes = g_bytes_get_data (deep->bytes, &len);
  const Pt2StructInfo *info = pt2_schema_find_struct (&every_schema, deep->type);
  limits.depth = PT2_LIMIT_DEPTH_MOST;
  pt2_document_init (&from_compact, &every_schema, info, &limits, len);
  ck_assert (pt2_compact_read (&from_compact, bytes, len, &limits, &status));
  g_autoptr (GBytes) json = write_bytes (pt2_json_write, &from_compact);
  bytes = g_bytes_get_data (json, &len);
  pt2_document_init (&from_json, &every_schema, info, &limits, len);
  ck_assert (pt2_json_read (&from_json, bytes, len, &limits, &status));
  ck_assert (same_values (&from_compact, &from_json));
  g_autoptr (GBytes) again = write_bytes (pt2_compact_write, &from_json);
  ck_assert (g_bytes_equal (again, deep->bytes));
  pt2_document_clear (&from_compact);
  pt2_document_clear (&from_json);
  return NULL;
}

/* What pt2-limits.h promises: half a KiB for each level. Sanitizers and unoptimised code take more. */
START_TEST (a_level_takes_half_a_kib_of_stack)
{
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
  enum
  {
    KNOWN = 3, /* nestings without unknown parts */
    BASE = 64 << 10,
  };
  for (unsigned i = 0; i < KNOWN; i++)
    {
      const Nesting *nesting = &nestings[i];
      unsigned most = (PT2_LIMIT_DEPTH_MOST - nesting->extra) / nesting->each;
      Deep deep = { nesting->type, nest_compact (nesting->head, nesting->middle, nesting->tail, most) };
      pthread_attr_t attributes;
      pthread_t thread;
      pthread_attr_init (&attributes);
      pthread_attr_setstacksize (&attributes, PT2_LIMIT_DEPTH_MOST * 512 + BASE);
      ck_assert_int_eq (pthread_create (&thread, &attributes, there_and_back, &deep), 0);
      pthread_join (thread, NULL);
      pthread_attr_destroy (&attributes);
      g_bytes_unref (deep.bytes);
    }
#endif
}
END_TEST

START_TEST (unknown_containers_have_depth_too)
{
  Pt2Status status;
  /* Repeated, a list's header is the list's field too: an odd id, a list of lists, and so on. */
  g_autoptr (GBytes) lists = nest_compact ("19", "", "", 100000);
  ck_assert_int_eq (read_compact_limited (&every_schema, "Empty", lists, pt2_limits_default (), &status),
                    PT2_ERROR_L002);
  g_autoptr (GBytes) maps = nest_compact ("1b", "", "", 100000); /* 27 entries, of bool to map, … */
  ck_assert_int_eq (read_compact_limited (&every_schema, "Empty", maps, pt2_limits_default (), &status),
                    PT2_ERROR_L002);
}
END_TEST

/* With less and less memory: L003 until it is enough, then the value. */
int
main (void)
{
  const TestCase cases[] = {
    { depth_has_a_limit, G_N_ELEMENTS (nestings) },
    { depth_has_an_end, G_N_ELEMENTS (nestings) },
    { any_depth_is_written_back, G_N_ELEMENTS (nestings) },
    { a_level_takes_half_a_kib_of_stack, 1 },
    { unknown_containers_have_depth_too, 1 },
  };
  return RUN_SUITE ("depth", cases);
}
