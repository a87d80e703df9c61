/* SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"
#include <stdlib.h>

bool
pt2_buffer_grow (Pt2Buffer *buffer, size_t need)
{
  size_t used = pt2_buffer_len (buffer);
  size_t size = (size_t)(buffer->end - buffer->data);
  if (need > SIZE_MAX / 4 - used)
    return false;
  size_t want = size + size / 2 > used + need ? size + size / 2 : used + need;
  want = want < 4096 ? 4096 : want;
  char *data = realloc (buffer->data, want);
  if (data == NULL)
    return false;
  *buffer = (Pt2Buffer){ data, data + used, data + want };
  return true;
}

void
pt2_buffer_clear (Pt2Buffer *buffer)
{
  free (buffer->data);
  *buffer = (Pt2Buffer)PT2_BUFFER_INIT;
}

GBytes *
pt2_buffer_to_bytes (Pt2Buffer *buffer)
{
  size_t len = pt2_buffer_len (buffer);
  GBytes *bytes = g_bytes_new_with_free_func (buffer->data, len, free, buffer->data);
  *buffer = (Pt2Buffer)PT2_BUFFER_INIT;
  return bytes;
}

bool
pt2_buffer_text (Pt2Buffer *buffer, const char *text)
{
  size_t len = strlen (text);
  if (!pt2_buffer_room (buffer, len))
    return false;
  pt2_buffer_put (buffer, text, len);
  return true;
}

bool
pt2_buffer_integer (Pt2Buffer *buffer, int64_t number)
{
  char digits[24];
  g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, number);
  return pt2_buffer_text (buffer, digits);
}
