/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

static gboolean
turn_file (const char *in, const char *out, Pt2PeerTurn turn, gpointer user_data, GError **error)
{
  g_autofree char *data = NULL;
  gsize len = 0;
  if (!g_file_get_contents (in, &data, &len, error))
    return FALSE;
  /* An exact-size copy, so that a sanitizer sees any read past the end. */
  g_autofree char *exact = g_memdup2 (data, len);
  g_autoptr (GByteArray) turned = turn (exact, len, user_data, error);
  return turned != NULL && g_file_set_contents (out, (const char *)turned->data, turned->len, error);
}

int
pt2_peer_turn_folder (const char *in, const char *out, Pt2PeerTurn turn, gpointer user_data)
{
  g_autoptr (GDir) dir = g_dir_open (in, 0, NULL);
  int failed = 0;
  const char *name;
  if (dir == NULL)
    return -1;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *from = g_build_filename (in, name, NULL);
      g_autofree char *to = g_build_filename (out, name, NULL);
      if (turn_file (from, to, turn, user_data, &error))
        continue;
      g_printerr ("%s: %s\n", from, error != NULL ? error->message : "failed and did not say why");
      failed++;
    }
  return failed;
}
