/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion: libarchive lists the same archive, and the two lists must be one.
 * libarchive goes through the records in the order of the file.
 */
#include "zip_private.h"
#include "text.h"
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

typedef struct archive Reader;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, archive_read_free)

static bool
fail_here (Pt2Status *status, const char *name, const char *what)
{
  char text[160];
  if (what == NULL)
    what = "libarchive gives no reason";
  pt2_status_fail (status, PT2_ERROR_Z019, PT2_NO_OFFSET, "%s", pt2_text_escape (what, strlen (what), text, 160));
  if (name != NULL)
    pt2_status_set_record (status, name);
  return false;
}

static bool
compare_member (const Pt2Zip *zip, struct archive_entry *member, GHashTable *seen, Pt2Status *status)
{
  const char *name = archive_entry_pathname_utf8 (member);
  if (name == NULL)
    name = archive_entry_pathname (member);
  const Pt2ZipEntry *entry = name != NULL ? pt2_zip_find (zip, name, strlen (name)) : NULL;
  if (entry == NULL)
    return fail_here (status, name, "libarchive lists a record that the directory does not have");
  if (!g_hash_table_add (seen, (gpointer)entry))
    return fail_here (status, name, "libarchive lists it twice");
  if (archive_entry_filetype (member) != (name[strlen (name) - 1] == '/' ? AE_IFDIR : AE_IFREG))
    return fail_here (status, name, "another type of file");
  if (!archive_entry_size_is_set (member) || (uint64_t)archive_entry_size (member) != entry->bytes)
    return fail_here (status, name, "another size");
  return true;
}

static bool
compare_lists (const Pt2Zip *zip, Pt2Status *status)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (Reader) reader = archive_read_new ();
  struct archive_entry *member;
  int result;
  if (reader == NULL)
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "libarchive");
  archive_read_support_format_zip_seekable (reader);
  archive_read_set_options (reader, "zip:hdrcharset=UTF-8");
  if (archive_read_open_memory (reader, zip->data, (size_t)zip->size) != ARCHIVE_OK)
    return fail_here (status, NULL, archive_error_string (reader));
  while ((result = archive_read_next_header (reader, &member)) == ARCHIVE_OK)
    if (!compare_member (zip, member, seen, status))
      return false;
  if (result != ARCHIVE_EOF)
    return fail_here (status, NULL, archive_error_string (reader));
  if (g_hash_table_size (seen) != zip->n_entries)
    return fail_here (status, NULL, "libarchive lists fewer records than the directory has");
  return true;
}

/* libarchive takes names through the thread's locale; plain C would spoil all that is not ASCII. */
bool
pt2_zip_crosscheck (const Pt2Zip *zip, Pt2Status *status)
{
  locale_t utf8 = newlocale (LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  locale_t before = utf8 != (locale_t)0 ? uselocale (utf8) : (locale_t)0;
  bool same = compare_lists (zip, status);
  if (utf8 != (locale_t)0)
    {
      uselocale (before);
      freelocale (utf8);
    }
  return same;
}
