/* SPDX-License-Identifier: Apache-2.0 */
/* libpt2's codecs as the peer of Apache's: turns every file of a folder.
 *
 *   pt2_peer TYPE json|compact json|compact IN-FOLDER OUT-FOLDER
 *
 * From the first form to the second, as a struct TYPE of the schema. What is read from compact is annotated too: the
 * pieces must cover every byte, without a gap.
 */
#include "annotate.h"
#include "codec.h"
#include "folder.h"
#include <string.h>

typedef struct
{
  const Pt2StructInfo *type;
  gboolean from_json, to_json;
} Turn;

static bool
count_piece (const Pt2Piece *piece, void *data)
{
  uint64_t *covered = data;
  bool follows = piece->offset == *covered && piece->len > 0;
  *covered += piece->len;
  return follows;
}

/* False with an error, too, if the pieces leave bytes out. */
static gboolean
annotate_all (const Turn *turn, const char *data, size_t len, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  uint64_t covered = 0;
  if (pt2_compact_annotate (turn->type, data, len, pt2_limits_default (), count_piece, &covered, &status)
      && covered == len)
    return TRUE;
  if (status.code != PT2_ERROR_NONE)
    return pt2_status_to_error (&status, error);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "annotate explains %" G_GUINT64_FORMAT " of %zu bytes",
               covered, len);
  return FALSE;
}

static bool
read_any (const Turn *turn, Pt2Document *document, const char *data, size_t len, Pt2Status *status)
{
  return (turn->from_json ? pt2_json_read : pt2_compact_read) (document, data, len, pt2_limits_default (), status);
}

static bool
write_any (const Turn *turn, const Pt2Document *document, Pt2Buffer *out, Pt2Status *status)
{
  return turn->to_json ? pt2_json_write (document, out, status) : pt2_compact_write (document, out, status);
}

static GByteArray *
turn_document (const Turn *turn, Pt2Document *document, const char *data, size_t len, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer out = PT2_BUFFER_INIT;
  GByteArray *turned = NULL;
  if (read_any (turn, document, data, len, &status) && write_any (turn, document, &out, &status))
    turned = g_byte_array_append (g_byte_array_new (), (const guint8 *)out.data, (guint)pt2_buffer_len (&out));
  else
    pt2_status_to_error (&status, error);
  pt2_buffer_clear (&out);
  return turned;
}

static GByteArray *
turn_bytes (const char *data, gsize len, gpointer user_data, GError **error)
{
  const Turn *turn = user_data;
  Pt2Document document;
  if (!turn->from_json && !annotate_all (turn, data, len, error))
    return NULL;
  pt2_document_init (&document, &pt2_export_schema, turn->type, pt2_limits_default (), len);
  GByteArray *turned = turn_document (turn, &document, data, len, error);
  pt2_document_clear (&document);
  return turned;
}

int
main (int argc, char **argv)
{
  Turn turn = { .type = argc == 6 ? pt2_schema_find_struct (&pt2_export_schema, argv[1]) : NULL };
  if (turn.type == NULL)
    {
      g_printerr ("pt2_peer TYPE json|compact json|compact IN-FOLDER OUT-FOLDER\n");
      return 2;
    }
  turn.from_json = strcmp (argv[2], "json") == 0;
  turn.to_json = strcmp (argv[3], "json") == 0;
  return pt2_peer_turn_folder (argv[4], argv[5], turn_bytes, &turn) == 0 ? 0 : 1;
}
