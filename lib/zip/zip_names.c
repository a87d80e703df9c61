/* SPDX-License-Identifier: Apache-2.0 */
/* Record names: which are allowed, and the index that finds them. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* qsort_r */
#endif
#include "zip_private.h"
#include "text.h"
#include "zip_write.h"
#include <stdlib.h>

/* NULL, or what is wrong with one part between slashes. */
static const char *
component_fault (const char *part, size_t len)
{
  if (len == 0)
    return "an empty part between slashes";
  if (part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.')))
    return "a part that is `.` or `..`";
  return NULL;
}

static const char *
byte_fault (const char *name, size_t len, bool *ascii)
{
  for (size_t i = 0; i < len; i++)
    {
      unsigned char byte = (unsigned char)name[i];
      if (byte < 0x20 || byte == 0x7f)
        return byte == 0 ? "a NUL byte" : "a control character";
      if (byte == '\\')
        return "a backslash";
      *ascii &= byte < 0x80;
    }
  return NULL;
}

static const char *
name_fault (const char *name, size_t len, bool utf8)
{
  bool ascii = true;
  const char *fault = len == 0 ? "it is empty" : byte_fault (name, len, &ascii);
  if (fault != NULL)
    return fault;
  if (name[0] == '/')
    return "it begins with a slash";
  if (len >= 2 && g_ascii_isalpha (name[0]) && name[1] == ':')
    return "it begins with a drive letter";
  if (!ascii && !utf8)
    return "not ASCII, and no mark that it is UTF-8";
  if (!ascii && !pt2_text_is_utf8 (name, len))
    return "not UTF-8";
  for (size_t from = 0, to; from < len && fault == NULL; from = to + 1)
    {
      const char *slash = memchr (name + from, '/', len - from);
      to = slash != NULL ? (size_t)(slash - name) : len;
      fault = component_fault (name + from, to - from);
    }
  return fault;
}

bool
zip_check_name (const Pt2ZipEntry *entry, const char *name, size_t len, Pt2Status *status)
{
  const char *fault = name_fault (name, len, (entry->flags & ZIP_FLAG_UTF8) != 0);
  if (fault == NULL)
    return true;
  char text[128];
  return pt2_status_fail (status, PT2_ERROR_Z011, entry->header, "\"%s\": %s",
                          pt2_text_escape (name, len, text, sizeof text), fault);
}

bool
pt2_zip_check_name (const char *name, size_t len, Pt2Status *status)
{
  const Pt2ZipEntry entry = { .flags = ZIP_FLAG_UTF8, .header = PT2_NO_OFFSET };
  char text[128];
  if (len > 0 && name[len - 1] == '/')
    return pt2_status_fail (status, PT2_ERROR_Z011, PT2_NO_OFFSET, "\"%s\": a folder, not a record",
                            pt2_text_escape (name, len, text, sizeof text));
  return zip_check_name (&entry, name, len, status);
}

/* ---- the index ---- */

/* A name as it counts where archives get unpacked: upper and lower case are one (beyond ASCII by
 * Unicode's rules), and so are `a` and `a/`. */
typedef struct
{
  const char *text;
  size_t len;
  char *owned; /* NULL for ASCII, which is folded byte by byte where it is used */
} FoldedName;

static bool
is_ascii (const char *text, size_t len)
{
  unsigned char all = 0;
  for (size_t i = 0; i < len; i++)
    all |= (unsigned char)text[i];
  return all < 0x80;
}

static FoldedName
fold_name (const char *name, size_t len)
{
  if (len > 0 && name[len - 1] == '/')
    len--;
  if (is_ascii (name, len) || !pt2_text_is_utf8 (name, len))
    return (FoldedName){ name, len, NULL };
  char *folded = g_utf8_casefold (name, (gssize)len);
  return (FoldedName){ folded, strlen (folded), folded };
}

char *
pt2_zip_fold_name (const char *name, size_t len)
{
  FoldedName folded = fold_name (name, len);
  return folded.owned != NULL ? folded.owned : g_ascii_strdown (folded.text, (gssize)folded.len);
}

static void
folded_clear (FoldedName *name)
{
  g_free (name->owned);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoldedName, folded_clear)

/* FNV-1a. Equal hashes only cost comparisons, so no seed is needed. */
static uint64_t
folded_hash (const FoldedName *name)
{
  uint64_t hash = UINT64_C (0xcbf29ce484222325);
  for (size_t i = 0; i < name->len; i++)
    hash = (hash ^ (uint8_t)g_ascii_tolower (name->text[i])) * UINT64_C (0x100000001b3);
  return hash;
}

static int
compare_folded (const FoldedName *a, const FoldedName *b)
{
  int order = g_ascii_strncasecmp (a->text, b->text, MIN (a->len, b->len));
  return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* Where KEY stands to a name of that hash. */
static int
compare_key (const Pt2Zip *zip, const Pt2ZipKey *key, uint64_t hash, const FoldedName *name)
{
  if (key->hash != hash)
    return key->hash < hash ? -1 : 1;
  const Pt2ZipEntry *entry = &zip->entries[key->entry];
  g_auto (FoldedName) own = fold_name (entry->name, entry->name_len);
  return compare_folded (&own, name);
}

static int
compare_names (const Pt2Zip *zip, const Pt2ZipKey *left, const Pt2ZipKey *right)
{
  if (left->hash != right->hash)
    return left->hash < right->hash ? -1 : 1;
  const Pt2ZipEntry *entry = &zip->entries[right->entry];
  g_auto (FoldedName) name = fold_name (entry->name, entry->name_len);
  return compare_key (zip, left, right->hash, &name);
}

static int
compare_keys (const void *a, const void *b, void *zip)
{
  const Pt2ZipKey *left = a, *right = b;
  int order = compare_names (zip, left, right);
  return order != 0 ? order : (left->entry > right->entry) - (left->entry < right->entry);
}

static bool
check_duplicates (const Pt2Zip *zip, Pt2Status *status)
{
  for (uint32_t i = 1; i < zip->n_entries; i++)
    {
      const Pt2ZipKey *a = &zip->keys[i - 1], *b = &zip->keys[i];
      if (compare_names (zip, a, b) != 0)
        continue;
      const Pt2ZipEntry *first = &zip->entries[a->entry], *second = &zip->entries[b->entry];
      char text[128];
      pt2_status_fail (status, PT2_ERROR_Z010, second->header, "also \"%s\" at %" G_GUINT64_FORMAT,
                       pt2_text_escape (first->name, first->name_len, text, sizeof text), first->header);
      pt2_status_set_record (status, second->name);
      return false;
    }
  return true;
}

bool
zip_index_names (Pt2Zip *zip, Pt2Status *status)
{
  zip->keys = g_try_new (Pt2ZipKey, (size_t)zip->n_entries + 1);
  if (zip->keys == NULL)
    return pt2_status_fail (status, PT2_ERROR_L001, zip->directory, "the index of names");
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      const Pt2ZipEntry *entry = &zip->entries[i];
      g_auto (FoldedName) name = fold_name (entry->name, entry->name_len);
      zip->keys[i] = (Pt2ZipKey){ folded_hash (&name), i };
    }
  qsort_r (zip->keys, zip->n_entries, sizeof *zip->keys, compare_keys, zip);
  return check_duplicates (zip, status);
}

bool
pt2_zip_index_entries (Pt2Zip *zip, Pt2Status *status)
{
  return zip_index_names (zip, status);
}

const Pt2ZipEntry *
pt2_zip_find (const Pt2Zip *zip, const char *name, size_t len)
{
  g_auto (FoldedName) folded = fold_name (name, len);
  uint64_t hash = folded_hash (&folded);
  uint32_t low = 0, high = zip->n_entries;
  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;
      const Pt2ZipKey *key = &zip->keys[middle];
      int order = compare_key (zip, key, hash, &folded);
      if (order == 0)
        {
          const Pt2ZipEntry *entry = &zip->entries[key->entry];
          return entry->name_len == len && memcmp (entry->name, name, len) == 0 ? entry : NULL;
        }
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}
