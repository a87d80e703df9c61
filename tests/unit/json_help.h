/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of JSON share: documents from literal texts, and texts as they are written. */
#pragma once

#include "codec_help.h"

static inline GBytes *
bytes_of_text (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static inline void
must_read_text (Pt2Document *document, const Pt2Schema *schema, const char *type, GBytes *bytes)
{
  must_read (pt2_json_read, document, schema, type, bytes);
}

static inline void
same_text (GBytes *found, GBytes *wanted, const char *what)
{
  gsize found_len, wanted_len;
  const char *a = g_bytes_get_data (found, &found_len), *b = g_bytes_get_data (wanted, &wanted_len);
  ck_assert_msg (g_bytes_equal (found, wanted), "%s:\nfound  %.*s\nwanted %.*s", what, (int)MIN (found_len, 2000), a,
                 (int)MIN (wanted_len, 2000), b);
}

/* BYTES, a document as JSON, as it comes out of the writer; by way of compact if COMPACT. */
static inline GBytes *
rewrite (const Pt2Schema *schema, const char *type, GBytes *bytes, bool compact)
{
  Pt2Document document, second;
  must_read_text (&document, schema, type, bytes);
  if (!compact)
    {
      GBytes *text = write_bytes (pt2_json_write, &document);
      pt2_document_clear (&document);
      return text;
    }
  g_autoptr (GBytes) wire = write_bytes (pt2_compact_write, &document);
  must_read (pt2_compact_read, &second, schema, type, wire);
  GBytes *text = write_bytes (pt2_json_write, &second);
  pt2_document_clear (&document);
  pt2_document_clear (&second);
  return text;
}

/* TEXT comes out as WANTED, directly and by way of compact. */
static inline void
check_rewrite (const Pt2Schema *schema, const char *type, const char *text, const char *wanted)
{
  g_autoptr (GBytes) bytes = bytes_of_text (text);
  g_autoptr (GBytes) expected = bytes_of_text (wanted);
  for (int compact = 0; compact < 2; compact++)
    {
      g_autoptr (GBytes) written = rewrite (schema, type, bytes, compact);
      same_text (written, expected, compact ? "by way of compact" : text);
    }
}
