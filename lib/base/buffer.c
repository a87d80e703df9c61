/* SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"
#include <stdlib.h>

void
pt2_buffer_drain (Pt2Buffer *buffer)
{
  buffer->drain (buffer->data, pt2_buffer_len (buffer), buffer->user);
  buffer->next = buffer->data;
}

bool
pt2_buffer_grow (Pt2Buffer *buffer, size_t need)
{
  if (buffer->drain != NULL && buffer->data != NULL)
    pt2_buffer_drain (buffer);
  if ((size_t)(buffer->end - buffer->next) >= need)
    return true;
  size_t used = pt2_buffer_len (buffer);
  size_t size = (size_t)(buffer->end - buffer->data);
  if (need > SIZE_MAX / 4 - used)
    return false;
  size_t want = size + size / 2 > used + need ? size + size / 2 : used + need;
  size_t least = buffer->drain != NULL ? 65536 : 4096;
  want = want < least ? least : want;
  char *data = realloc (buffer->data, want);
  if (data == NULL)
    return false;
  buffer->data = data;
  buffer->next = data + used;
  buffer->end = data + want;
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
pt2_buffer_bytes (Pt2Buffer *buffer, const char *data, size_t len)
{
  if (!pt2_buffer_room (buffer, len))
    return false;
  pt2_buffer_put (buffer, data, len);
  return true;
}

bool
pt2_buffer_text (Pt2Buffer *buffer, const char *text)
{
  return pt2_buffer_bytes (buffer, text, strlen (text));
}

bool
pt2_buffer_integer (Pt2Buffer *buffer, int64_t number)
{
  char digits[24];
  g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, number);
  return pt2_buffer_text (buffer, digits);
}
