/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the codecs share: documents from bytes and from hand-made values, and back. Any fault that
 * a test did not ask for ends it.
 */
#pragma once

#include "codec.h"
#include "value.h"
#include <check.h>
#include <string.h>

#define TEXT(literal)                                                                                                  \
  {                                                                                                                    \
    (literal), sizeof (literal) - 1                                                                                    \
  }
#define LIST(...)                                                                                                      \
  {                                                                                                                    \
    __VA_ARGS__, G_N_ELEMENTS (__VA_ARGS__)                                                                            \
  }

/* Bytes of hexadecimal text; anything else but digits stands for nothing. */
static inline GBytes *
bytes_of_hex (const char *hex)
{
  GByteArray *array = g_byte_array_new ();
  for (int high = -1; *hex != '\0'; hex++)
    {
      int digit = g_ascii_xdigit_value (*hex);
      if (digit < 0)
        continue;
      guint8 byte = (guint8)(high * 16 + digit);
      if (high >= 0)
        g_byte_array_append (array, &byte, 1);
      high = high < 0 ? digit : -1;
    }
  return g_byte_array_free_to_bytes (array);
}

static inline char *
hex_of_bytes (GBytes *bytes)
{
  size_t len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  GString *hex = g_string_new ("");
  for (size_t i = 0; i < len; i++)
    g_string_append_printf (hex, "%s%02x", i > 0 ? " " : "", data[i]);
  return g_string_free (hex, FALSE);
}

static inline void
open_document (Pt2Document *document, const Pt2Schema *schema, const char *type, size_t len)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (schema, type);
  ck_assert_msg (info != NULL, "no type %s", type);
  pt2_document_init (document, schema, info, pt2_limits_default (), len);
}

/* A document around a value that the test made and keeps. */
static inline void
wrap_value (Pt2Document *document, const Pt2Schema *schema, const char *type, const void *value)
{
  open_document (document, schema, type, 0);
  document->root = (void *)value;
}

typedef bool (*ReadFunc) (Pt2Document *, const char *, size_t, const Pt2Limits *, Pt2Status *);
typedef bool (*WriteFunc) (const Pt2Document *, Pt2Buffer *, Pt2Status *);

/* False, with *STATUS set and the document cleared, if the bytes are refused. BYTES must outlive the document. */
static inline bool
read_bytes (ReadFunc read, Pt2Document *document, const Pt2Schema *schema, const char *type, GBytes *bytes,
            Pt2Status *status)
{
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  *status = (Pt2Status)PT2_STATUS_INIT;
  open_document (document, schema, type, len);
  if (read (document, data, len, pt2_limits_default (), status))
    {
      ck_assert_int_eq (status->code, PT2_ERROR_NONE);
      return true;
    }
  ck_assert_int_ne (status->code, PT2_ERROR_NONE);
  pt2_document_clear (document);
  return false;
}

static inline void
must_read (ReadFunc read, Pt2Document *document, const Pt2Schema *schema, const char *type, GBytes *bytes)
{
  Pt2Status status;
  ck_assert_msg (read_bytes (read, document, schema, type, bytes, &status), "%s %s at %" G_GUINT64_FORMAT " in %s: %s",
                 type, pt2_error_code_id (status.code), status.offset, status.path, status.detail);
}

static inline GBytes *
write_bytes (WriteFunc write, const Pt2Document *document)
{
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  bool fine = write (document, &out, &status);
  ck_assert_msg (fine, "%s in %s: %s", pt2_error_code_id (status.code), status.path, status.detail);
  return pt2_buffer_to_bytes (&out);
}

static inline void
same_bytes (GBytes *found, GBytes *wanted, const char *what)
{
  g_autofree char *a = hex_of_bytes (found), *b = hex_of_bytes (wanted);
  ck_assert_msg (g_bytes_equal (found, wanted), "%s: found %.4000s\nwanted %.4000s", what, a, b);
}

static inline bool
same_values (const Pt2Document *a, const Pt2Document *b)
{
  return a->type == b->type && pt2_native_equal (a->type->type, a->root, b->root);
}

/* HEAD N times, MIDDLE, TAIL N times. */
static inline GBytes *
nest_compact (const char *head, const char *middle, const char *tail, unsigned n)
{
  GByteArray *all = g_byte_array_new ();
  const char *const parts[] = { head, middle, tail };
  for (unsigned part = 0; part < 3; part++)
    {
      g_autoptr (GBytes) bytes = bytes_of_hex (parts[part]);
      gsize len;
      const guint8 *data = g_bytes_get_data (bytes, &len);
      for (unsigned i = 0; i < (part == 1 ? 1 : n); i++)
        g_byte_array_append (all, data, (guint)len);
    }
  return g_byte_array_free_to_bytes (all);
}

/* Reads compact bytes within LIMITS; what it says. */
static inline Pt2ErrorCode
read_compact_limited (const Pt2Schema *schema, const char *type, GBytes *bytes, const Pt2Limits *limits,
                      Pt2Status *status)
{
  Pt2Document document;
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  *status = (Pt2Status)PT2_STATUS_INIT;
  pt2_document_init (&document, schema, pt2_schema_find_struct (schema, type), limits, len);
  bool fine = pt2_compact_read (&document, data, len, limits, status);
  ck_assert (fine == (status->code == PT2_ERROR_NONE));
  ck_assert_uint_le (pt2_arena_bytes (&document.arena), limits->memory);
  pt2_document_clear (&document);
  return status->code;
}

/* Reading BYTES (SHOWN in the test) as TYPE fails with ID at OFFSET in PATH. */
static inline void
fails_at (ReadFunc read, const Pt2Schema *schema, const char *type, GBytes *bytes, const char *shown, const char *id,
          uint64_t offset, const char *path)
{
  Pt2Document document;
  Pt2Status status;
  ck_assert_msg (!read_bytes (read, &document, schema, type, bytes, &status), "%s: read", shown);
  const char *found = pt2_error_code_id (status.code);
  ck_assert_msg (strcmp (found, id) == 0 && status.offset == offset && strcmp (status.path, path) == 0,
                 "%s %s: found %s @%" G_GUINT64_FORMAT " in `%s` (%s), wanted %s @%" G_GUINT64_FORMAT " in `%s`", type,
                 shown, found, status.offset, status.path, status.detail, id, offset, path);
}

/* Reading BYTES as TYPE fails and says DETAIL. */
static inline void
fails_with (ReadFunc read, const Pt2Schema *schema, const char *type, GBytes *bytes, const char *detail)
{
  Pt2Document document;
  Pt2Status status;
  ck_assert (!read_bytes (read, &document, schema, type, bytes, &status));
  ck_assert_str_eq (status.detail, detail);
}

/* VALUE cannot be written: ID in PATH. */
static inline void
is_refused (WriteFunc write, const Pt2Schema *schema, const char *type, const void *value, const char *id,
            const char *path)
{
  Pt2Document document;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  wrap_value (&document, schema, type, value);
  ck_assert (!write (&document, &out, &status));
  ck_assert_str_eq (pt2_error_code_id (status.code), id);
  ck_assert_str_eq (status.path, path);
  pt2_buffer_clear (&out);
  pt2_document_clear (&document);
}
