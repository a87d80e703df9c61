/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of file it is, by its bytes alone. A wrong file gets the sentence that helps:
 * a login page saved as model.pt2 is told apart from a truncated download.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "archive_private.h"
#include "json_tree.h"
#include <string.h>
#include <zstd.h>

typedef struct
{
  size_t offset;
  const char *magic;
  size_t len;
  Pt2ErrorCode code;
  const char *what;
} Magic;

#define MAGIC(offset, text, code, what)                                                                                \
  {                                                                                                                    \
    offset, text, sizeof text - 1, PT2_ERROR_##code, what                                                              \
  }
static const Magic magics[] = {
  MAGIC (0, "\x1f\x8b", K005, "gzip"),
  MAGIC (0,
         "\xfd"
         "7zXZ",
         K005, "xz"),
  MAGIC (0, "BZh", K005, "bzip2"),
  MAGIC (0, "7z\xbc\xaf\x27\x1c", K005, "7-Zip"),
  MAGIC (0, "Rar!", K005, "RAR"),
  MAGIC (0, "\x04\x22\x4d\x18", K005, "LZ4"),
  MAGIC (257, "ustar", K009, ""),
  MAGIC (4, "ET12", K013, ""),
  MAGIC (4, "ET13", K013, ""),
  MAGIC (0, "version https://git-lfs", K011, ""),
  MAGIC (0, "GGUF", K010, "GGUF weights"),
  MAGIC (0, "\x89HDF\r\n", K010, "HDF5, such as Keras weights"),
  MAGIC (4, "TFL3", K010, "a TensorFlow Lite model"),
  MAGIC (0,
         "\x7f"
         "ELF",
         K010, "native code (ELF), such as an AOTInductor library outside its package"),
  MAGIC (0, "MZ", K010, "native code (Windows)"),
  MAGIC (0, "\x93NUMPY", K010, "a NumPy array"),
  MAGIC (0, "\x89PNG", K010, "a PNG picture"),
  MAGIC (0, "\xff\xd8\xff", K010, "a JPEG picture"),
  MAGIC (0, "GIF8", K010, "a GIF picture"),
  MAGIC (0, "%PDF", K010, "a PDF document"),
  MAGIC (0, "SQLite format 3", K010, "an SQLite database"),
};

static bool
contains (const uint8_t *data, size_t len, const char *text)
{
  return data != NULL && memmem (data, len, text, strlen (text)) != NULL;
}

static size_t
skip_blanks (const uint8_t *data, size_t len)
{
  size_t i = len >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  while (i < len && (data[i] == ' ' || data[i] == '\t' || data[i] == '\n' || data[i] == '\r'))
    i++;
  return i;
}

/* A program's first key is graph_module where PyTorch wrote it; elsewhere any order may be, which takes a pass. */
static Pt2Sniffed
sniff_json (const uint8_t *data, size_t len)
{
  size_t window = MIN (len, (size_t)64 << 10);
  if (contains (data, window, "\"graph_module\"") || contains (data, window, "\"schema_version\"")
      || contains (data + len - window, window, "\"schema_version\""))
    return (Pt2Sniffed){ PT2_ERROR_NONE, PT2_KIND_OF_FILE_PROGRAM_JSON, "" };
  int64_t major, minor;
  if (pt2_json_peek_version ((const char *)data, len, &major, &minor))
    return (Pt2Sniffed){ PT2_ERROR_NONE, PT2_KIND_OF_FILE_PROGRAM_JSON, "" };
  bool config = contains (data, MIN (len, 32), "\"config\"");
  return (Pt2Sniffed){ .code = PT2_ERROR_K012, .what = config ? "a payload configuration" : "" };
}

/* The format's own limit on the header; a file that was cut inside it is still one. */
#define SAFETENSORS_HEADER_MAX 100000000

static bool
is_safetensors (const uint8_t *data, size_t len)
{
  uint64_t header;
  if (len < 10 || data[8] != '{')
    return false;
  memcpy (&header, data, sizeof header);
  header = GUINT64_FROM_LE (header);
  return header >= 2 && header <= SAFETENSORS_HEADER_MAX;
}

/* Protobuf: field 1 (ir_version) a small number, then the tag of one of ModelProto's next fields. */
static bool
is_onnx (const uint8_t *data, size_t len)
{
  return len >= 3 && data[0] == 0x08 && data[1] >= 1 && data[1] <= 32 && data[2] != 0
         && memchr ("\x12\x1a\x22\x28\x32\x3a\x42\x72", data[2], 8) != NULL;
}

static bool
is_page (const uint8_t *data, size_t len)
{
  size_t at = skip_blanks (data, len);
  if (at + 1 >= len || data[at] != '<')
    return false;
  return data[at + 1] == '!' || data[at + 1] == '?' || g_ascii_isalpha (data[at + 1]);
}

/* A compact program begins with the header of field 10 (graph_module), a struct. */
static bool
is_compact (const uint8_t *data, size_t len)
{
  return len >= 2 && data[0] == 0xac;
}

/* Inflates the first bytes of a zstd frame. What cannot be looked at passes: its reader will say why. */
static Pt2Sniffed
sniff_zstd (const uint8_t *data, size_t len)
{
  uint8_t head[16];
  ZSTD_DStream *stream = ZSTD_createDStream ();
  ZSTD_inBuffer in = { data, len, 0 };
  ZSTD_outBuffer out = { head, sizeof head, 0 };
  size_t left = 1;
  while (stream != NULL && out.pos < out.size && in.pos < in.size && left != 0 && !ZSTD_isError (left))
    left = ZSTD_decompressStream (stream, &out, &in);
  ZSTD_freeDStream (stream);
  if (out.pos > 0 && !is_compact (head, out.pos))
    return (Pt2Sniffed){ .code = PT2_ERROR_K005, .what = "zstd, and no compact program inside" };
  return (Pt2Sniffed){ PT2_ERROR_NONE, PT2_KIND_OF_FILE_PROGRAM_COMPACT, "" };
}

static Pt2Sniffed
sniff_structure (const uint8_t *data, size_t len)
{
  size_t at = skip_blanks (data, len);
  if (is_safetensors (data, len))
    return (Pt2Sniffed){ .code = PT2_ERROR_K006, .what = "" };
  if (is_page (data, len))
    return (Pt2Sniffed){ .code = PT2_ERROR_K004, .what = "" };
  if (at < len && data[at] == '{')
    return sniff_json (data, len);
  if (len >= 4 && memcmp (data, "\x28\xb5\x2f\xfd", 4) == 0)
    return sniff_zstd (data, len);
  if (is_compact (data, len))
    return (Pt2Sniffed){ PT2_ERROR_NONE, PT2_KIND_OF_FILE_PROGRAM_COMPACT, "" };
  if (len >= 2 && data[0] == 0x80 && data[1] >= 2 && data[1] <= 5)
    return (Pt2Sniffed){ .code = PT2_ERROR_K008, .what = "" };
  if (is_onnx (data, len))
    return (Pt2Sniffed){ .code = PT2_ERROR_K007, .what = "" };
  return (Pt2Sniffed){ .code = PT2_ERROR_K002, .what = "" };
}

static Pt2Sniffed
sniff_magic (const uint8_t *data, size_t len)
{
  for (size_t i = 0; i < G_N_ELEMENTS (magics); i++)
    {
      const Magic *m = &magics[i];
      if (len >= m->offset + m->len && memcmp (data + m->offset, m->magic, m->len) == 0)
        return (Pt2Sniffed){ .code = m->code, .what = m->what };
    }
  return sniff_structure (data, len);
}

/* A local header, or the end record of an archive without records. */
static bool
is_zip (const uint8_t *data, size_t len)
{
  return len >= 4 && data[0] == 'P' && data[1] == 'K'
         && ((data[2] == 3 && data[3] == 4) || (data[2] == 5 && data[3] == 6) || (data[2] == 6 && data[3] == 6));
}

Pt2Sniffed
pt2_sniff (GBytes *bytes)
{
  size_t len;
  const uint8_t *data = g_bytes_get_data (bytes, &len);
  if (len == 0)
    return (Pt2Sniffed){ .code = PT2_ERROR_K001, .what = "" };
  return is_zip (data, len) ? (Pt2Sniffed){ .code = PT2_ERROR_K002, .what = "" } : sniff_magic (data, len);
}

Pt2ErrorCode
pt2_kind_refusal (const Pt2Archive *archive)
{
  if (archive->family == PT2_FAMILY_TORCH_SAVE)
    return PT2_ERROR_K015;
  if (archive->family == PT2_FAMILY_TORCH_SCRIPT)
    return PT2_ERROR_K014;
  if (archive->family == PT2_FAMILY_PT2)
    return archive->kind == PT2_KIND_OF_FILE_AOT_INDUCTOR ? PT2_ERROR_K016 : PT2_ERROR_K018;
  return PT2_ERROR_K017;
}

static gboolean
archive_kind (GBytes *bytes, const Pt2Limits *limits, Pt2FileKind *kind, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, limits, error);
  if (archive == NULL)
    return FALSE;
  if (archive->problem.code != PT2_ERROR_NONE)
    return pt2_status_to_error (&archive->problem, error);
  if (archive->kind == PT2_KIND_OF_FILE_TORCH_SCRIPT || archive->kind == PT2_KIND_OF_FILE_OTHER_ARCHIVE)
    return pt2_error_set (error, pt2_kind_refusal (archive), NULL, "%s", "");
  *kind = archive->kind;
  return TRUE;
}

gboolean
pt2_file_kind (GBytes *bytes, const Pt2Limits *limits, Pt2FileKind *kind, GError **error)
{
  Pt2Sniffed sniffed = pt2_sniff (bytes);
  if (sniffed.code != PT2_ERROR_NONE)
    return archive_kind (bytes, limits, kind, error);
  *kind = sniffed.kind;
  return TRUE;
}

const char *
pt2_file_kind_name (Pt2FileKind kind)
{
  static const char *const names[] = {
    [PT2_KIND_OF_FILE_EXPORTED_PROGRAM] = "exported-program",
    [PT2_KIND_OF_FILE_AOT_INDUCTOR] = "aot-inductor",
    [PT2_KIND_OF_FILE_TORCH_SAVE] = "torch-save",
    [PT2_KIND_OF_FILE_PROGRAM_JSON] = "program-json",
    [PT2_KIND_OF_FILE_PROGRAM_COMPACT] = "program-compact",
    [PT2_KIND_OF_FILE_TORCH_SCRIPT] = "torch-script",
    [PT2_KIND_OF_FILE_OTHER_ARCHIVE] = "zip",
  };
  return (guint)kind < G_N_ELEMENTS (names) ? names[kind] : "zip";
}
