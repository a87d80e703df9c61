/* SPDX-License-Identifier: Apache-2.0 */
/* Small zips for tests: built sound, then spoilt byte by byte.
 *
 *   ZipBuilder zip;
 *   zip_begin (&zip);
 *   zip_add (&zip, "r/a", "text", 4, ZIP_DEFLATE);
 *   zip_finish (&zip, ZIP_PLAIN);
 *   zip_put16 (&zip, zip.local[0] + 8, 12);       the local header's method
 *   GBytes *bytes = zip_take (&zip);
 */
#pragma once

#include <glib.h>
#include <string.h>
#include <zlib.h>

enum
{
  ZIP_PLAIN = 0,
  ZIP_DEFLATE = 1,
  ZIP_LATER = 2, /* sizes and CRC in a descriptor, zeros in the local header */
  ZIP_WIDE = 4,  /* zip64: fields in both headers, or zip64 end records */
  ZIP_TORCH = 8, /* as PyTorch writes it: UTF-8 flag, descriptor, payload at a multiple of 64 */
  ZIP_UTF8 = 16,
};

enum
{
  ZIP_BUILDER_MAX = 64
};

typedef struct
{
  GByteArray *out;
  GByteArray *directory;
  guint n;
  size_t local[ZIP_BUILDER_MAX];   /* offset of each local header, */
  size_t data[ZIP_BUILDER_MAX];    /* payload, */
  size_t later[ZIP_BUILDER_MAX];   /* descriptor, */
  size_t central[ZIP_BUILDER_MAX]; /* and, after zip_finish(), central header */
  size_t end64, locator, end;      /* after zip_finish(); 0 if there is none */
} ZipBuilder;

static inline void
zip_append (GByteArray *out, guint64 value, int bytes)
{
  for (int i = 0; i < bytes; i++, value >>= 8)
    g_byte_array_append (out, &(guint8){ (guint8)value }, 1);
}

static inline void
zip_begin (ZipBuilder *zip)
{
  memset (zip, 0, sizeof *zip);
  zip->out = g_byte_array_new ();
  zip->directory = g_byte_array_new ();
}

static inline GByteArray *
zip_pack (const void *data, size_t len, bool deflated)
{
  GByteArray *out = g_byte_array_new ();
  if (!deflated)
    return g_byte_array_append (out, data, (guint)len);
  z_stream stream = { 0 };
  deflateInit2 (&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
  g_byte_array_set_size (out, (guint)deflateBound (&stream, len));
  stream.next_in = (Bytef *)data;
  stream.avail_in = (uInt)len;
  stream.next_out = out->data;
  stream.avail_out = out->len;
  deflate (&stream, Z_FINISH);
  g_byte_array_set_size (out, (guint)stream.total_out);
  deflateEnd (&stream);
  return out;
}

/* Version, flags, method, time, date, CRC and the two sizes: alike in both headers. */
static inline void
zip_common (GByteArray *out, int style, guint32 crc, size_t stored, size_t bytes)
{
  bool wide = style & ZIP_WIDE;
  zip_append (out, wide ? 45 : 20, 2);
  zip_append (out, (style & ZIP_LATER ? 8u : 0u) | (style & ZIP_UTF8 ? 0x800u : 0u), 2);
  zip_append (out, style & ZIP_DEFLATE ? 8 : 0, 2);
  zip_append (out, 0, 4);
  zip_append (out, crc, 4);
  zip_append (out, wide ? 0xffffffff : stored, 4);
  zip_append (out, wide ? 0xffffffff : bytes, 4);
}

static inline void
zip_wide_field (GByteArray *out, int style, size_t stored, size_t bytes)
{
  if ((style & ZIP_WIDE) == 0)
    return;
  zip_append (out, 1, 2);
  zip_append (out, 16, 2);
  zip_append (out, bytes, 8);
  zip_append (out, stored, 8);
}

static inline void
zip_add_local (ZipBuilder *zip, const char *name, size_t name_len, int style, guint32 crc, size_t stored, size_t bytes)
{
  bool later = style & ZIP_LATER;
  size_t wide = style & ZIP_WIDE ? 20 : 0;
  size_t pad = style & ZIP_TORCH ? 4 + (64 - (zip->out->len + 30 + name_len + wide + 4) % 64) % 64 : 0;
  zip->local[zip->n] = zip->out->len;
  zip_append (zip->out, 0x04034b50, 4);
  zip_common (zip->out, style, later ? 0 : crc, later ? 0 : stored, later ? 0 : bytes);
  zip_append (zip->out, name_len, 2);
  zip_append (zip->out, wide + pad, 2);
  g_byte_array_append (zip->out, (const guint8 *)name, (guint)name_len);
  zip_wide_field (zip->out, style, later ? 0 : stored, later ? 0 : bytes);
  if (pad > 0)
    {
      zip_append (zip->out, 'F' | 'B' << 8, 2);
      zip_append (zip->out, pad - 4, 2);
      for (size_t i = 4; i < pad; i++)
        zip_append (zip->out, 'Z', 1);
    }
}

static inline void
zip_add_central (ZipBuilder *zip, const char *name, size_t name_len, int style, guint32 crc, size_t stored,
                 size_t bytes)
{
  GByteArray *out = zip->directory;
  zip->central[zip->n] = out->len;
  zip_append (out, 0x02014b50, 4);
  zip_append (out, 0, 2);
  zip_common (out, style, crc, stored, bytes);
  zip_append (out, name_len, 2);
  zip_append (out, style & ZIP_WIDE ? 20 : 0, 2);
  zip_append (out, 0, 10); /* comment, disk, attributes */
  zip_append (out, zip->local[zip->n], 4);
  g_byte_array_append (out, (const guint8 *)name, (guint)name_len);
  zip_wide_field (out, style, stored, bytes);
}

static inline void
zip_add_len (ZipBuilder *zip, const char *name, size_t name_len, const void *data, size_t len, int style)
{
  g_autoptr (GByteArray) packed = zip_pack (data, len, style & ZIP_DEFLATE);
  guint32 crc = (guint32)crc32_z (0, data, len);
  if (style & ZIP_TORCH)
    style |= ZIP_UTF8 | (len > 0 ? ZIP_LATER : 0);
  zip_add_local (zip, name, name_len, style, crc, packed->len, len);
  zip->data[zip->n] = zip->out->len;
  g_byte_array_append (zip->out, packed->data, packed->len);
  zip->later[zip->n] = zip->out->len;
  if (style & ZIP_LATER)
    {
      zip_append (zip->out, 0x08074b50, 4);
      zip_append (zip->out, crc, 4);
      zip_append (zip->out, packed->len, style & ZIP_WIDE ? 8 : 4);
      zip_append (zip->out, len, style & ZIP_WIDE ? 8 : 4);
    }
  zip_add_central (zip, name, name_len, style, crc, packed->len, len);
  zip->n++;
}

static inline void
zip_add (ZipBuilder *zip, const char *name, const char *text, int style)
{
  zip_add_len (zip, name, strlen (name), text, strlen (text), style);
}

static inline void
zip_finish_wide (ZipBuilder *zip, size_t directory, size_t directory_bytes)
{
  zip->end64 = zip->out->len;
  zip_append (zip->out, 0x06064b50, 4);
  zip_append (zip->out, 44, 8);
  zip_append (zip->out, 0x002d031e, 4);
  zip_append (zip->out, 0, 8); /* disks */
  zip_append (zip->out, zip->n, 8);
  zip_append (zip->out, zip->n, 8);
  zip_append (zip->out, directory_bytes, 8);
  zip_append (zip->out, directory, 8);
  zip->locator = zip->out->len;
  zip_append (zip->out, 0x07064b50, 4);
  zip_append (zip->out, 0, 4);
  zip_append (zip->out, zip->end64, 8);
  zip_append (zip->out, 1, 4);
}

static inline void
zip_finish (ZipBuilder *zip, int style)
{
  size_t directory = zip->out->len, directory_bytes = zip->directory->len;
  for (guint i = 0; i < zip->n; i++)
    zip->central[i] += directory;
  g_byte_array_append (zip->out, zip->directory->data, zip->directory->len);
  if (style & ZIP_WIDE)
    zip_finish_wide (zip, directory, directory_bytes);
  zip->end = zip->out->len;
  zip_append (zip->out, 0x06054b50, 4);
  zip_append (zip->out, 0, 4);
  zip_append (zip->out, zip->n, 2);
  zip_append (zip->out, zip->n, 2);
  zip_append (zip->out, directory_bytes, 4);
  zip_append (zip->out, directory, 4);
  zip_append (zip->out, 0, 2);
  g_clear_pointer (&zip->directory, g_byte_array_unref);
}

static inline void
zip_put (ZipBuilder *zip, size_t offset, guint64 value, int bytes)
{
  for (int i = 0; i < bytes; i++, value >>= 8)
    zip->out->data[offset + (size_t)i] = (guint8)value;
}

static inline void
zip_put16 (ZipBuilder *zip, size_t offset, guint64 value)
{
  zip_put (zip, offset, value, 2);
}

static inline void
zip_put32 (ZipBuilder *zip, size_t offset, guint64 value)
{
  zip_put (zip, offset, value, 4);
}

/* Puts TEXT in front of everything; no offset is changed. */
static inline void
zip_prefix (ZipBuilder *zip, const void *text, size_t len)
{
  g_byte_array_prepend (zip->out, text, (guint)len);
}

static inline void
zip_suffix (ZipBuilder *zip, const void *text, size_t len)
{
  g_byte_array_append (zip->out, text, (guint)len);
}

/* The bytes, in a block of exactly their size so that a sanitizer sees every read past them. */
static inline GBytes *
zip_exact (const void *data, size_t len)
{
  return g_bytes_new_take (g_memdup2 (data, len), len);
}

static inline GBytes *
zip_take (ZipBuilder *zip)
{
  GBytes *bytes = zip_exact (zip->out->data, zip->out->len);
  g_clear_pointer (&zip->directory, g_byte_array_unref);
  g_clear_pointer (&zip->out, g_byte_array_unref);
  return bytes;
}
