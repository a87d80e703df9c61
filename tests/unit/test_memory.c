/* SPDX-License-Identifier: Apache-2.0 */
/* When the system has no memory left: each allocation of the library fails once, and every time the answer is
 * PT2-L001 or a sound result. The linker sends the library's own malloc, calloc and realloc through here.
 */
#include "codec_help.h"
#include "every_construct.h"
#include "pt2-program.h"
#include "suite.h"
#include "text_index.h"
#include <stdlib.h>

extern const Pt2Schema every_schema;

#define CORPUS_PROGRAM "torch-2.15.0/cond_nested.pt2"

void *__real_malloc (size_t size);
void *__real_calloc (size_t n, size_t size);
void *__real_realloc (void *old, size_t size);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t n, size_t size);
void *__wrap_realloc (void *old, size_t size);

static int which;          /* the allocation that is to fail */
static int countdown = -1; /* until it; below 0: none does */
static bool failed;

/* Only between these two: libcheck allocates too. */
static void
arm (void)
{
  countdown = which;
}

static void
disarm (void)
{
  countdown = -1;
}

static bool
fails (void)
{
  if (countdown < 0 || countdown-- > 0)
    return false;
  failed = true;
  return true;
}

void *
__wrap_malloc (size_t size)
{
  return fails () ? NULL : __real_malloc (size);
}

void *
__wrap_calloc (size_t n, size_t size)
{
  return fails () ? NULL : __real_calloc (n, size);
}

void *
__wrap_realloc (void *old, size_t size)
{
  return fails () ? NULL : __real_realloc (old, size);
}

/* ---- what is tried: PT2_ERROR_NONE, or why it did not work ---- */

typedef Pt2ErrorCode (*Attempt) (void);

static GBytes *compact, *json;

/* A list and maps long enough for tables, scratch blocks and extras. */
static void
make_inputs (void)
{
  enum
  {
    N = 3000,
  };
  EveryLeaf *leaves = g_new0 (EveryLeaf, N);
  EveryI32ToStringMapEntry *entries = g_new0 (EveryI32ToStringMapEntry, N);
  for (int i = 0; i < N; i++)
    {
      leaves[i] = (EveryLeaf){ .name = TEXT ("leaf \"\\n\""), .present = { 3 }, .weight = i };
      entries[i] = (EveryI32ToStringMapEntry){ i, TEXT ("text\n") };
    }
  EveryContainers containers = { .leaves = { leaves, N }, .by_int = { entries, N } };
  Pt2Document document;
  wrap_value (&document, &every_schema, "Containers", &containers);
  compact = write_bytes (pt2_compact_write, &document);
  json = write_bytes (pt2_json_write, &document);
  pt2_document_clear (&document);
  g_free (leaves);
  g_free (entries);
}

static Pt2ErrorCode
try_read (ReadFunc read, GBytes *bytes, const char *type)
{
  Pt2Document document;
  Pt2Status status = PT2_STATUS_INIT;
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  open_document (&document, &every_schema, type, len);
  arm ();
  bool fine = read (&document, data, len, pt2_limits_default (), &status);
  disarm ();
  ck_assert (fine == (status.code == PT2_ERROR_NONE));
  pt2_document_clear (&document);
  return status.code;
}

static Pt2ErrorCode
read_compact (void)
{
  return try_read (pt2_compact_read, compact, "Containers");
}

static Pt2ErrorCode
read_json (void)
{
  return try_read (pt2_json_read, json, "Containers");
}

static Pt2ErrorCode
read_unknown (void)
{
  static const char hex[] = "91 12 15 02 18 01 61 00";
  g_autoptr (GBytes) bytes = bytes_of_hex (hex);
  return try_read (pt2_compact_read, bytes, "Empty");
}

static Pt2ErrorCode
try_write (WriteFunc write)
{
  Pt2Document document;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  must_read (pt2_compact_read, &document, &every_schema, "Containers", compact);
  arm ();
  bool fine = write (&document, &out, &status);
  disarm ();
  ck_assert (fine == (status.code == PT2_ERROR_NONE));
  pt2_buffer_clear (&out);
  pt2_document_clear (&document);
  return status.code;
}

static Pt2ErrorCode
write_compact (void)
{
  return try_write (pt2_compact_write);
}

static Pt2ErrorCode
write_json (void)
{
  return try_write (pt2_json_write);
}

static Pt2ErrorCode
index_texts (void)
{
  Pt2TextIndex index;
  Pt2String texts[40];
  bool fine = true;
  pt2_text_index_init (&index);
  for (uint32_t i = 0; i < G_N_ELEMENTS (texts) && fine; i++)
    {
      texts[i] = (Pt2String){ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", i };
      arm ();
      fine = pt2_text_index_add (&index, texts, sizeof texts[0], i);
      which = countdown;
      disarm ();
      for (uint32_t j = 0; j < i; j++)
        ck_assert_uint_eq (pt2_text_index_find (&index, texts, sizeof texts[0], texts[j]), j);
    }
  pt2_text_index_clear (&index);
  return fine ? PT2_ERROR_NONE : PT2_ERROR_L001;
}

static const Attempt attempts[] = { read_compact, read_json, read_unknown, write_compact, write_json, index_texts };

START_TEST (every_allocation_fails_once)
{
  make_inputs ();
  int n = 0;
  for (failed = true; failed; n++)
    {
      ck_assert_int_lt (n, 1000);
      failed = false;
      which = n;
      Pt2ErrorCode code = attempts[_i]();
      ck_assert_msg (code == PT2_ERROR_NONE || (failed && code == PT2_ERROR_L001), "allocation %d: %s", n,
                     pt2_error_code_id (code));
    }
  ck_assert_int_gt (n, 1); /* it allocates, and in few steps */
  ck_assert_int_lt (n, 60);
  g_bytes_unref (compact);
  g_bytes_unref (json);
}
END_TEST

/* ---- a whole program ---- */

static Pt2ErrorCode
load_and_save (GBytes *bytes)
{
  GError *error = NULL;
  bool honest = true; /* a result or an error, never both or none */
  arm ();
  Pt2Program *program = pt2_program_new_from_bytes (bytes, NULL, &error);
  honest = (program != NULL) == (error == NULL);
  for (int form = PT2_FORM_JSON; program != NULL && form <= PT2_FORM_COMPACT_ZST && error == NULL; form++)
    {
      GBytes *saved = pt2_program_save (program, (Pt2Form)form, &error);
      honest = honest && (saved != NULL) == (error == NULL);
      g_clear_pointer (&saved, g_bytes_unref);
    }
  if (program != NULL)
    {
      guint n;
      pt2_program_get_inputs (program, &n);
      pt2_program_get_outputs (program, &n);
      g_free (pt2_program_count_operators (program, &n));
    }
  disarm ();
  ck_assert (honest);
  Pt2ErrorCode code = error != NULL ? (Pt2ErrorCode)error->code : PT2_ERROR_NONE;
  g_clear_error (&error);
  pt2_program_unref (program);
  return code;
}

START_TEST (a_program_without_memory)
{
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), CORPUS_PROGRAM, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = pt2_program_new_from_file (path, NULL, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (GBytes) bytes = pt2_program_save (program, (Pt2Form)_i, NULL);
  int n = 0;
  for (failed = true; failed; n++)
    {
      ck_assert_int_lt (n, 3000);
      failed = false;
      which = n;
      Pt2ErrorCode code = load_and_save (bytes);
      ck_assert_msg (code == PT2_ERROR_NONE || (failed && code == PT2_ERROR_L001), "allocation %d: %s", n,
                     pt2_error_code_id (code));
    }
  ck_assert_int_gt (n, 5);
}
END_TEST

int
main (void)
{
  const TestCase cases[]
      = { { every_allocation_fails_once, G_N_ELEMENTS (attempts) }, { a_program_without_memory, 3 } };
  return RUN_SUITE ("memory", cases);
}
