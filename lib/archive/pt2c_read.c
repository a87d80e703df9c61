/* SPDX-License-Identifier: Apache-2.0 */
/* A record of the original out of a compact archive. What comes out has the size and the CRC that the index
 * names, or it is an error; nothing is guessed. */
#include "pt2c.h"
#include "crc32.h"
#include "text.h"
#include <string.h>

static GBytes *
fail_record (Pt2Status *status, Pt2ErrorCode code, const char *record, const char *what)
{
  char text[160];
  pt2_status_fail (status, code, PT2_NO_OFFSET, "%s", pt2_text_escape (what, strlen (what), text, sizeof text));
  pt2_status_set_record (status, record);
  return NULL;
}

/* ---- programs ---- */

/* The compact bytes of a program. */
static GBytes *
read_compact (const Pt2Archive *archive, const Pt2cRecord *record, Pt2Status *status)
{
  const Pt2Compact *compact = archive->compact;
  uint64_t bytes;
  g_autoptr (GBytes) packed = pt2_zip_read (&compact->container, record->entry, status);
  if (packed == NULL)
    return NULL;
  if (!pt2c_frame_bytes (packed, &bytes))
    return fail_record (status, PT2_ERROR_R010, record->entry->name, "no zstd frame");
  if (bytes > archive->limits.program_size)
    return fail_record (status, PT2_ERROR_L008, record->entry->name, "");
  if (bytes / MAX (archive->limits.inflate_ratio, 1) > record->entry->bytes)
    return fail_record (status, PT2_ERROR_L007, record->entry->name, "");
  return pt2c_decompress (packed, bytes, compact->dictionary, NULL, status);
}

/* PyTorch's text of a program that came in compact. */
static GBytes *
make_text (const Pt2Archive *archive, const Pt2cRecord *record, Pt2Status *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) compact = read_compact (archive, record, status);
  g_autoptr (Pt2Program) program
      = compact != NULL ? pt2_program_new_from_bytes (compact, &archive->limits, &error) : NULL;
  GBytes *text = program != NULL ? pt2_program_save (program, PT2_FORM_JSON, &error) : NULL;
  if (error != NULL)
    fail_record (status, PT2_ERROR_R010, record->entry->name, error->message);
  return text;
}

static GBytes *
read_program (const Pt2Archive *archive, const Pt2cRecord *record, uint64_t bytes, Pt2Status *status)
{
  g_autoptr (GBytes) text = make_text (archive, record, status);
  if (text == NULL || record->patch == NULL)
    return g_steal_pointer (&text);
  g_autoptr (GBytes) patch = pt2_zip_read (&archive->compact->container, record->patch, status);
  return patch != NULL ? pt2c_decompress (patch, bytes, NULL, text, status) : NULL;
}

/* ---- any record ---- */

static GBytes *
read_zstd (const Pt2Archive *archive, const Pt2cRecord *record, uint64_t bytes, Pt2Status *status)
{
  g_autoptr (GBytes) packed = pt2_zip_read (&archive->compact->container, record->entry, status);
  return packed != NULL ? pt2c_decompress (packed, bytes, NULL, NULL, status) : NULL;
}

static GBytes *
read_form (const Pt2Archive *archive, const Pt2cRecord *record, uint64_t bytes, Pt2Status *status)
{
  switch (record->form)
    {
    case PT2C_STORED:
      return pt2_zip_read (&archive->compact->container, record->entry, status);
    case PT2C_ZSTD:
      return read_zstd (archive, record, bytes, status);
    case PT2C_PROGRAM:
      return read_program (archive, record, bytes, status);
    case PT2C_TEXT:
      break;
    }
  return g_bytes_new (record->text.data, record->text.len);
}

static bool
is_sound (const Pt2ZipEntry *entry, GBytes *bytes)
{
  size_t len;
  const void *data = g_bytes_get_data (bytes, &len);
  return len == entry->bytes && (entry->crc32 == 0 || pt2_crc32 (0, data, len) == entry->crc32);
}

GBytes *
pt2c_read (const Pt2Archive *archive, guint number, Pt2Status *status)
{
  const Pt2ZipEntry *entry = &archive->zip.entries[number];
  const Pt2cRecord *record = &archive->compact->records[number];
  g_autoptr (GBytes) bytes = read_form (archive, record, entry->bytes, status);
  if (bytes == NULL)
    {
      if (status->record[0] == '\0')
        pt2_status_set_record (status, entry->name);
      return NULL;
    }
  /* Reading from the container has checked what is stored as it is. */
  if (record->form == PT2C_STORED || is_sound (entry, bytes))
    return g_steal_pointer (&bytes);
  return fail_record (status, PT2_ERROR_R010, entry->name, "its size or its CRC is not the original's");
}

GBytes *
pt2c_read_program (const Pt2Archive *archive, guint number, Pt2Status *status)
{
  const Pt2cRecord *record = &archive->compact->records[number];
  if (record->form == PT2C_PROGRAM && record->patch == NULL)
    return read_compact (archive, record, status);
  return pt2c_read (archive, number, status);
}
