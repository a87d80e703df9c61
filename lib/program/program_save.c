/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"
#include "status.h"
#include "text.h"
#include <string.h>
#include <zstd.h>

/* One level for all, so that the same program gives the same bytes. 19 makes gpt-like programs a fifth
 * smaller than the default; larger inputs would wait too long for it. */
enum
{
  LEVEL_SMALL = 19,
  LEVEL_LARGE = 9,
};
#define SMALL ((size_t)8 << 20)

GBytes *
pt2_zstd_compress (GBytes *bytes, GError **error)
{
  size_t len;
  const void *data = g_bytes_get_data (bytes, &len);
  size_t bound = ZSTD_compressBound (len);
  char *out = g_try_malloc (bound);
  if (out == NULL)
    {
      pt2_error_set (error, PT2_ERROR_L001, NULL, "%zu bytes", bound);
      return NULL;
    }
  size_t n = ZSTD_compress (out, bound, data, len, len <= SMALL ? LEVEL_SMALL : LEVEL_LARGE);
  if (ZSTD_isError (n))
    {
      g_free (out);
      pt2_error_set (error, PT2_ERROR_P007, NULL, "%s", ZSTD_getErrorName (n));
      return NULL;
    }
  char *shrunk = g_try_realloc (out, n);
  return g_bytes_new_take (shrunk != NULL ? shrunk : out, n);
}

static bool
check_zstd_limits (uint64_t inflated, size_t len, const Pt2Limits *limits, GError **error)
{
  if (inflated > limits->program_size)
    return pt2_error_set (error, PT2_ERROR_L008, NULL, "%" G_GUINT64_FORMAT " bytes", inflated);
  if (inflated / MAX (limits->inflate_ratio, 1) > len)
    return pt2_error_set (error, PT2_ERROR_L007, NULL, "%zu bytes claim to be %" G_GUINT64_FORMAT, len, inflated);
  return true;
}

/* A frame that does not say its size, as streaming writers make: grows as it goes, within the limits. */
static bool
decompress_stream (const char *data, size_t len, const Pt2Limits *limits, Pt2Buffer *out, GError **error)
{
  ZSTD_DStream *stream = ZSTD_createDStream ();
  ZSTD_inBuffer in = { data, len, 0 };
  size_t left = 1;
  bool fine = stream != NULL;
  while (fine && left != 0)
    {
      fine = pt2_buffer_room (out, ZSTD_DStreamOutSize ());
      if (!fine)
        break;
      ZSTD_outBuffer piece = { out->next, (size_t)(out->end - out->next), 0 };
      left = ZSTD_decompressStream (stream, &piece, &in);
      out->next += piece.pos;
      if (ZSTD_isError (left) || (left != 0 && in.pos == len && piece.pos < piece.size))
        {
          ZSTD_freeDStream (stream);
          return pt2_error_set (error, PT2_ERROR_P005, NULL, "%s",
                                ZSTD_isError (left) ? ZSTD_getErrorName (left) : "cut off");
        }
      if (!check_zstd_limits (pt2_buffer_len (out), len, limits, error))
        {
          ZSTD_freeDStream (stream);
          return false;
        }
    }
  ZSTD_freeDStream (stream);
  if (!fine)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  return in.pos == len || pt2_error_set (error, PT2_ERROR_P005, NULL, "%zu bytes after the frame", len - in.pos);
}

static bool
decompress_known (const char *data, size_t len, uint64_t inflated, Pt2Buffer *out, GError **error)
{
  size_t frame = ZSTD_findFrameCompressedSize (data, len);
  if (ZSTD_isError (frame))
    return pt2_error_set (error, PT2_ERROR_P005, NULL, "%s", ZSTD_getErrorName (frame));
  if (frame != len)
    return pt2_error_set (error, PT2_ERROR_P005, NULL, "%zu bytes after the frame", len - frame);
  if (!pt2_buffer_room (out, (size_t)inflated + 1))
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%" G_GUINT64_FORMAT " bytes", inflated);
  size_t n = ZSTD_decompress (out->next, (size_t)inflated, data, len);
  if (ZSTD_isError (n))
    return pt2_error_set (error, PT2_ERROR_P005, NULL, "%s", ZSTD_getErrorName (n));
  out->next += n;
  return true;
}

GBytes *
pt2_zstd_decompress (GBytes *bytes, const Pt2Limits *limits, GError **error)
{
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  unsigned long long inflated = ZSTD_getFrameContentSize (data, len);
  Pt2Buffer out = PT2_BUFFER_INIT;
  bool fine;
  if (inflated == ZSTD_CONTENTSIZE_ERROR)
    fine = pt2_error_set (error, PT2_ERROR_P005, NULL, "%s", "the frame header is damaged");
  else if (inflated == ZSTD_CONTENTSIZE_UNKNOWN)
    fine = decompress_stream (data, len, limits, &out, error);
  else
    fine = check_zstd_limits (inflated, len, limits, error) && decompress_known (data, len, inflated, &out, error);
  if (fine)
    return pt2_buffer_to_bytes (&out);
  pt2_buffer_clear (&out);
  return NULL;
}

static GBytes *
write_document (Pt2Program *program, bool json, GError **error)
{
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  /* What is written is near the size of what was read: one allocation in most cases. */
  const Pt2Program *read = program;
  while (read->bytes == NULL && read->base != NULL)
    read = read->base;
  size_t guess = read->bytes != NULL ? g_bytes_get_size (read->bytes) : 4096;
  bool from_json = program->form == PT2_FORM_JSON;
  guess = json ? (from_json ? guess + guess / 64 : guess * 3) : (from_json ? guess / 2 : guess);
  if (!pt2_buffer_room (&out, guess + 64))
    pt2_status_fail (&status, PT2_ERROR_L001, PT2_NO_OFFSET, "%zu bytes", guess);
  else if (json ? pt2_json_write (&program->document, &out, &status)
                : pt2_compact_write (&program->document, &out, &status))
    return pt2_buffer_to_bytes (&out);
  pt2_buffer_clear (&out);
  pt2_status_to_error (&status, error);
  return NULL;
}

GBytes *
pt2_program_save (Pt2Program *program, Pt2Form form, GError **error)
{
  if (program->document.root == NULL && form == PT2_FORM_JSON)
    return g_bytes_ref (program->bytes);
  if (program->document.root == NULL)
    {
      pt2_error_set (error, PT2_ERROR_P002, NULL, "schema %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, program->major,
                     program->minor);
      return NULL;
    }
  g_autoptr (GBytes) bytes = write_document (program, form == PT2_FORM_JSON, error);
  if (bytes != NULL && form == PT2_FORM_COMPACT_ZST)
    return pt2_zstd_compress (bytes, error);
  return g_steal_pointer (&bytes);
}

/* Some bytes of TEXT around AT, escaped for a message. */
static const char *
excerpt (const char *text, size_t len, size_t at, char out[96])
{
  size_t from = at > 12 ? at - 12 : 0;
  size_t n = len - from < 32 ? len - from : 32;
  return pt2_text_escape (text + from, n, out, 96);
}

gboolean
pt2_program_check_text (Pt2Program *program, GError **error)
{
  if (program->form != PT2_FORM_JSON || program->document.root == NULL || program->bytes == NULL)
    return TRUE;
  g_autoptr (GBytes) made = write_document (program, true, error);
  if (made == NULL)
    return FALSE;
  if (g_bytes_equal (made, program->bytes))
    return TRUE;
  size_t a_len, b_len, at = 0;
  const char *a = g_bytes_get_data (program->bytes, &a_len), *b = g_bytes_get_data (made, &b_len);
  while (at < a_len && at < b_len && a[at] == b[at])
    at++;
  char a_text[96], b_text[96], where[32];
  g_snprintf (where, sizeof where, "@%zu", at);
  return pt2_error_set (error, PT2_ERROR_P001, where, "the text has \"%s\", PyTorch writes \"%s\"",
                        excerpt (a, a_len, at, a_text), excerpt (b, b_len, at, b_text));
}
