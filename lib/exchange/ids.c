/* SPDX-License-Identifier: Apache-2.0 */
#include "ids.h"
#include "pt2-content-id.h"
#include "sha256.h"
#include "status.h"
#include <string.h>

enum
{
  SMALL_FILE = 16 << 20, /* bytes: ids of such a file are worked out whenever it is shown */
  MOST_KNOWN = 1 << 16,  /* ids that are remembered; then all are forgotten */
  PIECE = 4 << 20,       /* bytes hashed before anybody asks whether it is still wanted */
};

G_STATIC_ASSERT (PT2_SHA256_LEN == 32 && PT2_CONTENT_ID_BYTES == 32);

/* Remembered under numbers that only the file system makes, so the order of a tree needs no secret. */
typedef struct
{
  gint64 key[6]; /* device, inode, size, seconds, nanoseconds, index of the model or -1 */
  bool none;     /* it cannot be worked out */
  uint8_t digest[32];
} Entry;

struct Pt2Ids
{
  GMutex lock;
  GTree *known; /* (element-type Entry Entry) */
};

/* ---- what is remembered ---- */

static gint
by_key (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return memcmp (((const Entry *)a)->key, ((const Entry *)b)->key, sizeof ((const Entry *)a)->key);
}

static GTree *
new_tree (void)
{
  return g_tree_new_full (by_key, NULL, g_free, NULL);
}

Pt2Ids *
pt2_ids_new (void)
{
  Pt2Ids *ids = g_new0 (Pt2Ids, 1);
  g_mutex_init (&ids->lock);
  ids->known = new_tree ();
  return ids;
}

void
pt2_ids_free (Pt2Ids *ids)
{
  g_tree_unref (ids->known);
  g_mutex_clear (&ids->lock);
  g_free (ids);
}

static void
fill_key (const Pt2Item *item, const Pt2ShelfModel *model, Entry *entry)
{
  const gint64 key[] = { (gint64)item->device, (gint64)item->inode, (gint64)item->bytes,
                         item->seconds,        item->nanoseconds,   model != NULL ? model - item->models : -1 };
  memcpy (entry->key, key, sizeof key);
}

/* Fills the rest of ENTRY. */
static bool
recall (Pt2Ids *ids, Entry *entry)
{
  g_mutex_lock (&ids->lock);
  const Entry *found = g_tree_lookup (ids->known, entry);
  if (found != NULL)
    *entry = *found;
  g_mutex_unlock (&ids->lock);
  return found != NULL;
}

static void
remember (Pt2Ids *ids, const Entry *entry)
{
  Entry *copy = g_memdup2 (entry, sizeof *entry);
  g_mutex_lock (&ids->lock);
  if (g_tree_nnodes (ids->known) >= MOST_KNOWN)
    {
      g_tree_unref (ids->known);
      ids->known = new_tree ();
    }
  g_tree_replace (ids->known, copy, copy);
  g_mutex_unlock (&ids->lock);
}

/* ---- working out ---- */

static bool
is_over (const gint *cancelled, GError **error)
{
  return cancelled != NULL && g_atomic_int_get (cancelled) != 0
         && !pt2_error_set (error, PT2_ERROR_X007, NULL, "%s", "nobody waits for the answer any more");
}

static bool
hash_bytes (const Pt2Item *item, const gint *cancelled, uint8_t digest[32], GError **error)
{
  Pt2Sha256 hash;
  gsize len;
  if (item->data == NULL)
    return pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", "the file's bytes");
  if (!pt2_sha256_begin (&hash))
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "the SHA-256 of a file");
  const char *data = g_bytes_get_data (item->data, &len);
  bool over = false;
  for (gsize at = 0; at < len && !over; at += PIECE)
    {
      pt2_sha256_add (&hash, data + at, MIN (len - at, (gsize)PIECE));
      over = is_over (cancelled, error);
    }
  pt2_sha256_end (&hash, digest);
  return !over;
}

static bool
hash_content (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, uint8_t digest[32], GError **error)
{
  Pt2ContentId id;
  GError *cause = NULL;
  g_autoptr (Pt2Program) program = pt2_item_program (shelf, item, model, error);
  g_autoptr (Pt2Tensors) tensors = program != NULL ? pt2_item_tensors (shelf, item, model, &cause) : NULL;
  if (cause != NULL)
    g_propagate_error (error, cause);
  if (program == NULL || cause != NULL
      || !pt2_content_id (program, tensors, NULL, 1, pt2_shelf_limits (shelf), NULL, NULL, &id, error))
    return false;
  memcpy (digest, id.content, sizeof id.content);
  return true;
}

/* With the item's lock for ids. What went wrong for good is remembered, too. */
static void
work_out (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, const gint *cancelled, Entry *entry, GError **error)
{
  GError *cause = NULL;
  bool fine = model != NULL ? hash_content (shelf, item, model, entry->digest, &cause)
                            : hash_bytes (item, cancelled, entry->digest, &cause);
  entry->none = !fine;
  if (fine
      || !(g_error_matches (cause, PT2_ERROR, PT2_ERROR_L001) || g_error_matches (cause, PT2_ERROR, PT2_ERROR_X007)))
    remember (pt2_shelf_ids (shelf), entry);
  if (cause != NULL)
    g_propagate_error (error, cause);
}

bool
pt2_item_id (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, Pt2IdEffort effort, const gint *cancelled,
             uint8_t digest[32], GError **error)
{
  Entry entry = { .none = true };
  fill_key (item, model, &entry);
  bool known = recall (pt2_shelf_ids (shelf), &entry), always = effort == PT2_ID_ALWAYS;
  if (known ? entry.none && always : always || (effort == PT2_ID_CHEAP && item->bytes <= SMALL_FILE))
    {
      g_mutex_lock (&item->ids_lock);
      /* What cannot be had is tried again by who wants the reason. */
      if (!recall (pt2_shelf_ids (shelf), &entry) || (entry.none && always))
        work_out (shelf, item, model, cancelled, &entry, always ? error : NULL);
      g_mutex_unlock (&item->ids_lock);
    }
  memcpy (digest, entry.digest, sizeof entry.digest);
  return !entry.none;
}

/* ---- as text ---- */

#define CONTENT "pt2h1:"
#define OF_FILE "sha256:"

void
pt2_id_write (const uint8_t digest[32], char text[PT2_ID_TEXT])
{
  memcpy (text, CONTENT, sizeof CONTENT);
  for (int i = 0; i < 32; i++)
    g_snprintf (text + strlen (CONTENT) + 2 * i, 3, "%02x", digest[i]);
}

static bool
read_hex (const char *text, uint8_t digest[32])
{
  if (strlen (text) != 64)
    return false;
  for (int i = 0; i < 32; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);
      if (high < 0 || low < 0)
        return false;
      digest[i] = (uint8_t)(high << 4 | low);
    }
  return true;
}

bool
pt2_id_read (const char *text, Pt2Id *id)
{
  id->of_file = g_str_has_prefix (text, OF_FILE);
  if (!id->of_file && !g_str_has_prefix (text, CONTENT))
    return false;
  return read_hex (text + strlen (id->of_file ? OF_FILE : CONTENT), id->digest);
}

bool
pt2_item_has_id (Pt2Shelf *shelf, Pt2Item *item, const Pt2Id *id, Pt2IdEffort effort, Pt2ShelfModel **model)
{
  uint8_t digest[32];
  *model = NULL;
  if (id->of_file)
    return pt2_item_id (shelf, item, NULL, effort, NULL, digest, NULL) && memcmp (digest, id->digest, 32) == 0;
  for (guint i = 0; i < item->n_models; i++)
    if (pt2_item_id (shelf, item, &item->models[i], effort, NULL, digest, NULL) && memcmp (digest, id->digest, 32) == 0)
      {
        *model = &item->models[i];
        return true;
      }
  return false;
}
