/* SPDX-License-Identifier: Apache-2.0 */
/* Zstd as the compact archive uses it: frames that say their size, dictionaries, patches against another text.
 * Single-threaded with fixed levels, so the same bytes give the same bytes.
 */
#include "pt2c.h"
#include "archive_source.h"
#include <string.h>
#include <zdict.h>
#include <zstd.h>

enum
{
  LEVEL_SMALL = 19,
  LEVEL_LARGE = 9,
  LEVEL_PAYLOAD = 3,
  WINDOW_MOST = 30,
  TRIAL = 1 << 20, /* of a payload: enough to see whether compressing it is worth the time */
};
#define SMALL ((size_t)8 << 20)
/* Of 100 bytes, so many must be left at most for a payload to be compressed. */
#define WORTH_PERCENT 97
/* Readers refuse what inflates by more than a factor (limit inflate-ratio, 1,100): padding keeps frames below it. */
#define RATIO_MOST 1000

static GBytes *
fail_zstd (Pt2Status *status, const char *what)
{
  pt2_status_fail (status, PT2_ERROR_R010, PT2_NO_OFFSET, "%s", what);
  return NULL;
}

/* ---- reading ---- */

bool
pt2c_frame_bytes (GBytes *data, uint64_t *bytes)
{
  size_t len;
  const char *from = g_bytes_get_data (data, &len);
  unsigned long long found = ZSTD_getFrameContentSize (from, len);
  *bytes = found;
  return found != ZSTD_CONTENTSIZE_ERROR && found != ZSTD_CONTENTSIZE_UNKNOWN && found < G_MAXSSIZE;
}

static size_t
decompress_into (ZSTD_DCtx *context, void *out, size_t room, GBytes *data, GBytes *dictionary, GBytes *prefix)
{
  size_t len, done = 0;
  const void *from = g_bytes_get_data (data, &len);
  if (dictionary != NULL)
    {
      const void *given = g_bytes_get_data (dictionary, &done);
      done = ZSTD_DCtx_loadDictionary (context, given, done);
    }
  else if (prefix != NULL)
    {
      const void *given = g_bytes_get_data (prefix, &done);
      done = ZSTD_DCtx_refPrefix (context, given, done);
    }
  return ZSTD_isError (done) ? done : ZSTD_decompressDCtx (context, out, room, from, len);
}

GBytes *
pt2c_decompress (GBytes *data, uint64_t bytes, GBytes *dictionary, GBytes *prefix, Pt2Status *status)
{
  ZSTD_DCtx *context = ZSTD_createDCtx ();
  char *out = bytes < G_MAXSSIZE ? g_try_malloc ((size_t)bytes + 1) : NULL;
  size_t n = 0;
  if (context != NULL && out != NULL)
    n = decompress_into (context, out, (size_t)bytes, data, dictionary, prefix);
  else
    pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "%" G_GUINT64_FORMAT " bytes", bytes);
  ZSTD_freeDCtx (context);
  if (status->code == PT2_ERROR_NONE && ZSTD_isError (n))
    fail_zstd (status, ZSTD_getErrorName (n));
  else if (status->code == PT2_ERROR_NONE && n != bytes)
    fail_zstd (status, "fewer bytes than its size says");
  if (status->code == PT2_ERROR_NONE)
    return g_bytes_new_take (out, n);
  g_free (out);
  return NULL;
}

/* ---- writing ---- */

static size_t
compress_into (ZSTD_CCtx *context, void *out, size_t room, GBytes *data, GBytes *dictionary, GBytes *prefix)
{
  size_t len, done = 0;
  const void *from = g_bytes_get_data (data, &len);
  ZSTD_CCtx_setParameter (context, ZSTD_c_compressionLevel, len <= SMALL ? LEVEL_SMALL : LEVEL_LARGE);
  if (dictionary != NULL)
    {
      const void *given = g_bytes_get_data (dictionary, &done);
      done = ZSTD_CCtx_loadDictionary (context, given, done);
    }
  else if (prefix != NULL)
    {
      const void *given = g_bytes_get_data (prefix, &done);
      /* The window must reach from the end of the new text to the start of the old one. */
      int window = CLAMP ((int)g_bit_storage (len + done), 10, WINDOW_MOST);
      ZSTD_CCtx_setParameter (context, ZSTD_c_windowLog, window);
      ZSTD_CCtx_setParameter (context, ZSTD_c_enableLongDistanceMatching, len > SMALL);
      done = ZSTD_CCtx_refPrefix (context, given, done);
    }
  return ZSTD_isError (done) ? done : ZSTD_compress2 (context, out, room, from, len);
}

GBytes *
pt2c_compress (GBytes *data, GBytes *dictionary, GBytes *prefix, GError **error)
{
  size_t room = ZSTD_compressBound (g_bytes_get_size (data)), n = 0;
  ZSTD_CCtx *context = ZSTD_createCCtx ();
  char *out = g_try_malloc (room);
  bool fine = context != NULL && out != NULL;
  if (!fine)
    pt2_error_set (error, PT2_ERROR_L001, NULL, "%zu bytes", room);
  else
    n = compress_into (context, out, room, data, dictionary, prefix);
  ZSTD_freeCCtx (context);
  if (fine && ZSTD_isError (n))
    fine = pt2_error_set (error, PT2_ERROR_P007, NULL, "%s", ZSTD_getErrorName (n));
  if (fine)
    {
      char *shrunk = g_try_realloc (out, MAX (n, 1));
      return g_bytes_new_take (shrunk != NULL ? shrunk : out, n);
    }
  g_free (out);
  return NULL;
}

/* ---- dictionaries ---- */

GBytes *
pt2c_train (GPtrArray *samples, size_t room)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autofree size_t *sizes = g_try_new (size_t, (size_t)samples->len + 1);
  if (sizes == NULL)
    return NULL;
  for (guint i = 0; i < samples->len; i++)
    {
      size_t len;
      const guint8 *data = g_bytes_get_data (samples->pdata[i], &len);
      if (len > SMALL || all->len + len > G_MAXUINT / 4)
        return NULL; /* large programs gain nothing by it */
      g_byte_array_append (all, data, (guint)len);
      sizes[i] = len;
    }
  char *out = g_try_malloc (room);
  if (out == NULL)
    return NULL;
  size_t n = ZDICT_trainFromBuffer (out, room, all->data, sizes, samples->len);
  if (!ZDICT_isError (n))
    return g_bytes_new_take (out, n);
  g_free (out);
  return NULL;
}

/* ---- payloads, compressed while they are written ---- */

typedef struct
{
  ZSTD_CCtx *context;
  Pt2ZipWriter *writer;
  char *out;
  size_t room;
} Stream;

static bool
compress_piece (Stream *stream, const void *piece, size_t len, ZSTD_EndDirective directive, Pt2Status *status)
{
  ZSTD_inBuffer in = { piece, len, 0 };
  size_t left = 1;
  while (in.pos < in.size || (directive == ZSTD_e_end && left != 0))
    {
      ZSTD_outBuffer out = { stream->out, stream->room, 0 };
      left = ZSTD_compressStream2 (stream->context, &out, &in, directive);
      if (ZSTD_isError (left))
        return pt2_status_fail (status, PT2_ERROR_P007, PT2_NO_OFFSET, "%s", ZSTD_getErrorName (left));
      if (!pt2_zip_writer_put (stream->writer, stream->out, out.pos, status))
        return false;
    }
  return true;
}

static bool
take_piece (const void *piece, size_t len, gpointer data, Pt2Status *status)
{
  return compress_piece (data, piece, len, ZSTD_e_continue, status);
}

/* A frame that readers skip. */
static bool
put_padding (Pt2ZipWriter *writer, uint64_t bytes, Pt2Status *status)
{
  static const uint8_t zeros[4096];
  uint8_t head[8] = { 0x50, 0x2a, 0x4d, 0x18 };
  bool fine = true;
  while (fine && writer->bytes * RATIO_MOST < bytes)
    {
      uint64_t missing = bytes / RATIO_MOST + 1 - writer->bytes;
      size_t len = (size_t)CLAMP (missing, sizeof head, sizeof zeros) - sizeof head;
      head[4] = (uint8_t)len;
      head[5] = (uint8_t)(len >> 8);
      fine = pt2_zip_writer_put (writer, head, sizeof head, status) && pt2_zip_writer_put (writer, zeros, len, status);
    }
  return fine;
}

static bool
compress_source (Pt2Source *inner, Pt2ZipWriter *writer, GError **fault, Pt2Status *status)
{
  Stream stream = { ZSTD_createCCtx (), writer, g_try_malloc (ZSTD_CStreamOutSize ()), ZSTD_CStreamOutSize () };
  uint64_t bytes = pt2_source_get_bytes (inner);
  bool fine = stream.context != NULL && stream.out != NULL;
  if (!fine)
    pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "zstd");
  else
    {
      ZSTD_CCtx_setParameter (stream.context, ZSTD_c_compressionLevel, LEVEL_PAYLOAD);
      ZSTD_CCtx_setParameter (stream.context, ZSTD_c_checksumFlag, 1);
      ZSTD_CCtx_setPledgedSrcSize (stream.context, bytes);
      fine = pt2_source_foreach (inner, take_piece, &stream, fault, status)
             && compress_piece (&stream, "", 0, ZSTD_e_end, status) && put_padding (writer, bytes, status);
    }
  ZSTD_freeCCtx (stream.context);
  g_free (stream.out);
  return fine;
}

/* The first bytes of a source, as far as ROOM goes. */
typedef struct
{
  char *data;
  size_t len;
} Trial;

static bool
gather_trial (const void *piece, size_t len, gpointer data, Pt2Status *status)
{
  Trial *trial = data;
  size_t n = MIN (len, (size_t)TRIAL - trial->len);
  memcpy (trial->data + trial->len, piece, n);
  trial->len += n;
  return trial->len < TRIAL;
}

static bool
is_worth_it (const Trial *trial)
{
  size_t room = ZSTD_compressBound (trial->len);
  g_autofree char *out = g_try_malloc (room);
  size_t n = out != NULL ? ZSTD_compress (out, room, trial->data, trial->len, LEVEL_PAYLOAD) : room;
  return !ZSTD_isError (n) && n < trial->len / 100 * WORTH_PERCENT;
}

Pt2Source *
pt2c_compressed_source (Pt2Source *inner, bool *compressed, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  GError *fault = NULL;
  uint64_t bytes = pt2_source_get_bytes (inner);
  g_autofree char *data = g_try_malloc (TRIAL);
  Trial trial = { data, 0 };
  *compressed = false;
  if (data == NULL)
    pt2_status_fail (&status, PT2_ERROR_L001, PT2_NO_OFFSET, "zstd");
  else
    pt2_source_foreach (inner, gather_trial, &trial, &fault, &status);
  if (fault != NULL)
    g_propagate_error (error, fault);
  else if (status.code != PT2_ERROR_NONE)
    pt2_status_to_error (&status, error);
  if (fault != NULL || status.code != PT2_ERROR_NONE)
    return NULL;
  *compressed = is_worth_it (&trial);
  /* The bound of a frame, and of the padding of a very small one. */
  uint64_t most = bytes < UINT64_MAX / 2 ? bytes + bytes / 128 + 65536 : UINT64_MAX;
  return *compressed ? pt2_source_new_filter (inner, most, compress_source) : pt2_source_ref (inner);
}
