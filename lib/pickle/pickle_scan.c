/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to opcodes: the table, one opcode with its argument, and the argument as text. What an
 * opcode does is no matter here; every read is held against the bytes that are there.
 */
#include "pickle_private.h"
#include "number.h"
#include "text.h"
#include <string.h>

#define PICKLE_OPCODE(byte, opcode_name, argument, shown, step)                                                        \
  [byte] = { .name = #opcode_name, .layout = PICKLE_LAYOUT_##argument, .show = PICKLE_SHOW_##shown },
const PickleOpcodeInfo pickle_opcodes[256] = {
#include "opcodes.def"
};
#undef PICKLE_OPCODE

/* How many bytes each layout has before the bytes it counts, and how they are read. */
typedef struct
{
  uint8_t bytes;
  bool is_signed, big_endian;
  bool counts; /* the number is a length */
} NumberLayout;

static const NumberLayout number_layouts[] = {
  [PICKLE_LAYOUT_U1] = { 1, false, false, false },      [PICKLE_LAYOUT_U2] = { 2, false, false, false },
  [PICKLE_LAYOUT_U4] = { 4, false, false, false },      [PICKLE_LAYOUT_I4] = { 4, true, false, false },
  [PICKLE_LAYOUT_U8] = { 8, false, false, false },      [PICKLE_LAYOUT_F8] = { 8, false, true, false },
  [PICKLE_LAYOUT_BYTES_U1] = { 1, false, false, true }, [PICKLE_LAYOUT_BYTES_U4] = { 4, false, false, true },
  [PICKLE_LAYOUT_BYTES_I4] = { 4, true, false, true },  [PICKLE_LAYOUT_BYTES_U8] = { 8, false, false, true },
};

static uint64_t
load_number (const uint8_t *data, NumberLayout layout)
{
  uint64_t number = 0;
  for (int i = 0; i < layout.bytes; i++)
    number = number << 8 | data[layout.big_endian ? i : layout.bytes - 1 - i];
  if (layout.is_signed)
    number = (uint64_t)(int64_t)(int32_t)number;
  return number;
}

static bool
fail_short (const PickleToken *token, const char *what, Pt2Status *status)
{
  return pt2_status_fail (status, PT2_ERROR_I002, token->offset, "%s", what);
}

static bool
scan_number (PickleScan *scan, PickleToken *token, NumberLayout layout, Pt2Status *status)
{
  if (layout.bytes > scan->size - scan->at)
    return fail_short (token, "inside an argument", status);
  token->number = load_number (scan->data + scan->at, layout);
  scan->at += layout.bytes;
  bool frame = pickle_opcodes[token->code].layout == PICKLE_LAYOUT_U8;
  if ((layout.counts || frame) && token->number > scan->size - scan->at)
    return pt2_status_fail (status, PT2_ERROR_I004, token->offset,
                            "%s of %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " left",
                            pickle_opcodes[token->code].name, token->number, scan->size - scan->at);
  if (!layout.counts)
    return true;
  token->text = (Pt2PickleText){ (const char *)scan->data + scan->at, token->number };
  scan->at += token->number;
  return true;
}

static bool
scan_line (PickleScan *scan, PickleToken *token, Pt2PickleText *line, Pt2Status *status)
{
  const char *start = (const char *)scan->data + scan->at;
  const char *end = memchr (start, '\n', (size_t)(scan->size - scan->at));
  if (end == NULL)
    return fail_short (token, "inside a line", status);
  *line = (Pt2PickleText){ start, (uint64_t)(end - start) };
  scan->at += line->len + 1;
  return true;
}

static bool
scan_argument (PickleScan *scan, PickleToken *token, Pt2Status *status)
{
  switch (pickle_opcodes[token->code].layout)
    {
    case PICKLE_LAYOUT_NOTHING:
      return true;
    case PICKLE_LAYOUT_LINE:
      return scan_line (scan, token, &token->text, status);
    case PICKLE_LAYOUT_TWO_LINES:
      return scan_line (scan, token, &token->text, status) && scan_line (scan, token, &token->second, status);
    default:
      return scan_number (scan, token, number_layouts[pickle_opcodes[token->code].layout], status);
    }
}

bool
pickle_scan_next (PickleScan *scan, PickleToken *token, Pt2Status *status)
{
  *token = (PickleToken){ .offset = scan->at };
  if (scan->at == scan->size)
    return fail_short (token, "before STOP", status);
  token->code = scan->data[scan->at++];
  if (pickle_opcodes[token->code].name == NULL)
    return pt2_status_fail (status, PT2_ERROR_I003, token->offset, "0x%02x", token->code);
  bool good = scan_argument (scan, token, status);
  token->bytes = scan->at - token->offset;
  return good;
}

/* ---- for people ---- */

static void
show_long (Pt2PickleText text, char *out, size_t out_size)
{
  if (text.len > 8)
    {
      size_t used = (size_t)g_snprintf (out, out_size, "%" G_GUINT64_FORMAT " bytes, lowest first: ", text.len);
      for (uint64_t i = 0; i < text.len && used + 8 < out_size; i++)
        used += (size_t)g_snprintf (out + used, out_size - used, "%02x%s", (guint8)text.data[i],
                                    used + 10 >= out_size ? "…" : "");
      return;
    }
  uint64_t number = text.len > 0 && (text.data[text.len - 1] & 0x80) != 0 ? UINT64_MAX : 0;
  for (uint64_t i = text.len; i > 0; i--)
    number = number << 8 | (uint8_t)text.data[i - 1];
  g_snprintf (out, out_size, "%" G_GINT64_FORMAT, (gint64)number);
}

static void
show_double (uint64_t bits, char *out)
{
  double number;
  memcpy (&number, &bits, sizeof number);
  *pt2_number_write_double (number, out) = '\0';
}

/* Only the beginning is looked at: it would be cut anyhow. */
static const char *
show_text (Pt2PickleText text, char *out, size_t out_size)
{
  return pt2_text_escape (text.data, (size_t)MIN (text.len, out_size), out, out_size);
}

static void
show_line (const PickleToken *token, char *out, size_t out_size)
{
  show_text (token->text, out, out_size);
  if (pickle_opcodes[token->code].layout != PICKLE_LAYOUT_TWO_LINES)
    return;
  size_t used = strlen (out);
  if (used + 2 < out_size)
    {
      out[used] = ' ';
      show_text (token->second, out + used + 1, out_size - used - 1);
    }
}

void
pickle_show_argument (const PickleToken *token, char *out, size_t out_size)
{
  out[0] = '\0';
  switch (pickle_opcodes[token->code].show)
    {
    case PICKLE_SHOW_NOTHING:
      break;
    case PICKLE_SHOW_NUMBER:
      g_snprintf (out, out_size, "%" G_GUINT64_FORMAT, token->number);
      break;
    case PICKLE_SHOW_SIGNED:
      g_snprintf (out, out_size, "%" G_GINT64_FORMAT, (gint64)token->number);
      break;
    case PICKLE_SHOW_DOUBLE:
      show_double (token->number, out);
      break;
    case PICKLE_SHOW_LONG:
      show_long (token->text, out, out_size);
      break;
    case PICKLE_SHOW_TEXT:
    case PICKLE_SHOW_BYTES:
      show_text (token->text, out, out_size);
      break;
    case PICKLE_SHOW_LINE:
      show_line (token, out, out_size);
      break;
    }
}
